/* Moments of a trace as an archive keeps them (analyse/trace/moments.h): which goroutines wait,
 * each with its id, stack, state, reason, since when, and the stack that created it. Stacks are
 * those of the trace, which the archive keeps as the samples of its profile, in order; of a moment
 * that follows another only what differs is kept.
 */
#ifndef PROF_JOIN_TRACE_MOMENTS_H
#define PROF_JOIN_TRACE_MOMENTS_H

#include "libprof/analyse/trace/moments.h"
#include "libprof/base/buf.h"

/* On their way in. */
struct prof_moments_writer {
	struct prof_mem *mem;
	struct prof_buf out; /* what is to be kept; fails by itself */
	PROF_VEC(struct prof_trace_waiter) last; /* the moment before */
	struct prof_map64 reasons; /* string of the trace -> which it is of those that were used */
	uint32_t n_reasons;
};

void prof_moments_writer_init(struct prof_moments_writer *w, struct prof_mem *mem);
void prof_moments_writer_fini(struct prof_moments_writer *w);

/* A prof_trace_moment_fn; `w` is a writer. */
int prof_moments_write(
	void *w, const struct prof_trace *t, const struct prof_trace_moment *m, struct prof_err *e);

/* Hands them to `take`, in order. `t` is a trace out of an archive with its stacks
 * (prof_trace_kept_stacks). PROF_EFORMAT, PROF_ENOMEM, PROF_ELIMIT, or what `take` returns.
 */
int prof_moments_read(const void *bytes, size_t n, struct prof_trace *t, prof_trace_moment_fn *take,
	void *ctx, struct prof_err *e) PROF_CHECKED;

#endif
