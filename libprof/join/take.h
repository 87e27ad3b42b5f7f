/* Captures of goroutines of any kind, handed on: every dump of a text, a profile, a trace. What
 * prof leak and prof contention read.
 */
#ifndef PROF_JOIN_TAKE_H
#define PROF_JOIN_TAKE_H

#include "libprof/model/goroutine.h"
#include "libprof/model/trace.h"
#include "libprof/read/input.h"

struct prof_taker {
	void *ctx;
	const char *path;
	const char *wanted; /* what else there might be: "neither a profile …" */
	struct prof_buf
		*damage; /* what was damaged is told here: "PATH: WHAT; PATH: WHAT", or "" */
	/* A dump, or a profile of any kind: s->p alone. */
	int (*goroutines)(void *ctx, const struct prof_goroutines *s, struct prof_err *e);
	int (*trace)(void *ctx, struct prof_trace *t, struct prof_err *e);
};

/* All that an open input holds; a text without goroutines is PROF_EFORMAT. */
int prof_take_input(
	const struct prof_taker *x, struct prof_input *in, struct prof_err *e) PROF_CHECKED;

/* Parts of it: goroutines stay the caller's, a trace is freed. Damage of a trace is known when it
 * was read.
 */
int prof_take_goroutines(const struct prof_taker *x, const struct prof_goroutines *s,
	struct prof_err *e) PROF_CHECKED;
int prof_take_trace(
	const struct prof_taker *x, struct prof_trace *t, struct prof_err *e) PROF_CHECKED;

/* Tells what is damaged in a trace that was read otherwise. */
int prof_take_damage(
	const struct prof_taker *x, const struct prof_trace *t, struct prof_err *e) PROF_CHECKED;

#endif
