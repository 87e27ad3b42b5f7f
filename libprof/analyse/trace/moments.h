/* Goroutines that wait, or are in a system call, at moments of a trace: where a generation of it
 * ends, for only then is known what all of them do, and at its end. Of the ends of generations the
 * first, the second, the fourth … count, so that a trace of any length has a few moments.
 */
#ifndef PROF_ANALYSE_TRACE_MOMENTS_H
#define PROF_ANALYSE_TRACE_MOMENTS_H

#include "libprof/model/trace.h"

enum { PROF_TRACE_MOST_MOMENTS = 65 }; /* of 2^64 generations, and the end */

struct prof_trace_waiter {
	uint32_t slot;
	uint32_t stack, reason; /* where and why it waits */
	uint32_t created; /* the stack of who started it; 0: before the trace */
	int64_t id;
	int64_t since; /* ns from the trace's start; of one that was met waiting 0 */
	uint8_t state; /* enum prof_goroutine_state */
};

struct prof_trace_moment {
	int64_t at; /* ns from the trace's start */
	int64_t wall; /* the start, ns since 1970; 0: not told */
	const struct prof_trace_waiter *v; /* by slot */
	size_t n;
};

/* Takes a moment, which is lent; stacks and strings are those of the trace. */
typedef int prof_trace_moment_fn(void *ctx, const struct prof_trace *t,
	const struct prof_trace_moment *m, struct prof_err *e);

struct prof_trace_moments {
	struct prof_mem *mem;
	prof_trace_moment_fn *take;
	void *ctx;
	PROF_VEC(struct prof_trace_waiter) slots, waiters;
	int64_t start, now;
	int64_t wall; /* of `start`, since 1970; 0: not told */
	uint64_t generations, next; /* ends of generations so far; the next one that is taken */
	int64_t last_taken;
};

void prof_trace_moments_init(
	struct prof_trace_moments *x, struct prof_mem *mem, prof_trace_moment_fn *take, void *ctx);
void prof_trace_moments_fini(struct prof_trace_moments *x);

/* Takes a batch of events, t->events; and, once, the end. */
int prof_trace_moments_batch(
	struct prof_trace_moments *x, const struct prof_trace *t, struct prof_err *e) PROF_CHECKED;
int prof_trace_moments_end(
	struct prof_trace_moments *x, const struct prof_trace *t, struct prof_err *e) PROF_CHECKED;

#endif
