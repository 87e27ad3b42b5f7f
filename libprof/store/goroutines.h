/* The side table of a goroutine dump as bytes, before they are sealed: what its profile does not
 * have. Samples are told by their places, which the profile keeps; a go statement's location by
 * what it is, for locations come back in another order.
 */
#ifndef PROF_STORE_GOROUTINES_H
#define PROF_STORE_GOROUTINES_H

#include "libprof/base/buf.h"
#include "libprof/model/goroutine.h"

/* Appends to `out`, which fails by itself. */
void prof_goroutines_encode(const struct prof_goroutines *s, struct prof_buf *out);

/* Fills s->g, s->args, s->asleep and s->earlier, and the damage of s->p, the profile, which was
 * loaded. PROF_EFORMAT, PROF_ENOMEM, PROF_ELIMIT.
 */
int prof_goroutines_decode(
	const void *p, size_t n, struct prof_goroutines *s, struct prof_err *e) PROF_CHECKED;

/* The damage alone, which is lent; "": there is none. */
int prof_goroutines_damage(
	const void *p, size_t n, struct prof_str *out, struct prof_err *e) PROF_CHECKED;

#endif
