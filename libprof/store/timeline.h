/* A timeline as bytes, before they are sealed: all of it, to the bit. */
#ifndef PROF_STORE_TIMELINE_H
#define PROF_STORE_TIMELINE_H

#include "libprof/base/buf.h"
#include "libprof/model/timeline.h"

/* Appends to `out`, which fails by itself. */
void prof_timeline_encode(const struct prof_timeline *t, struct prof_buf *out);

/* Whether it was encoded as prof_timeline_encode does, not as an older version of it did. */
bool prof_timeline_is_new(const void *p, size_t n);

/* Appends what was encoded to a timeline, which may hold others already; its sources get the name
 * `as`. PROF_EFORMAT, PROF_ENOMEM, PROF_ELIMIT.
 */
int prof_timeline_decode(const void *p, size_t n, struct prof_str as, struct prof_timeline *t,
	struct prof_err *e) PROF_CHECKED;

#endif
