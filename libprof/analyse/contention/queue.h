/* How many goroutines stand in line, over time. Lines merge when it turns out that they are for the
 * same lock.
 *
 * How long a trace is is not known before its end: the steps of the time series double when it
 * becomes longer than 2 * PROF_QUEUE_STEPS of them.
 */
#ifndef PROF_ANALYSE_CONTENTION_QUEUE_H
#define PROF_ANALYSE_CONTENTION_QUEUE_H

#include <stdbool.h>

#include "libprof/analyse/contention/trace.h"

struct prof_waiting_line {
	uint32_t into; /* the line that it merged into; itself: none */
	uint32_t waiting; /* now */
	int64_t since; /* when it became so many */
	int64_t crowded_since; /* when it became two or more */
	struct prof_contention_queue sum; /* its steps: 2 * PROF_QUEUE_STEPS */
};

struct prof_lines {
	struct prof_mem *mem;
	int64_t from, to; /* what counts, on the trace's clock */
	int64_t step_ns;
	PROF_VEC(struct prof_waiting_line) lines;
};

void prof_lines_init(struct prof_lines *x, struct prof_mem *mem);
void prof_lines_fini(struct prof_lines *x);

int prof_lines_add(struct prof_lines *x, uint32_t *id, struct prof_err *e) PROF_CHECKED;

/* The line that a line is now. */
static inline uint32_t prof_lines_find(struct prof_lines *x, uint32_t id)
{
	struct prof_waiting_line *v = x->lines.v;

	while (v[id].into != id) {
		v[id].into = v[v[id].into].into;
		id = v[id].into;
	}
	return id;
}

int prof_lines_merge(struct prof_lines *x, uint32_t a, uint32_t b, int64_t time,
	struct prof_err *e) PROF_CHECKED;

/* One more waits, or one less. Time does not go back. */
int prof_lines_join(
	struct prof_lines *x, uint32_t id, int64_t time, struct prof_err *e) PROF_CHECKED;
int prof_lines_leave(
	struct prof_lines *x, uint32_t id, int64_t time, struct prof_err *e) PROF_CHECKED;

/* What all came to: nobody waits any more at `end`. *queue_of (of x->lines.n, the caller's to free
 * with prof_mem_zfree) says which queue a line became. Queues have no waiter yet.
 */
int prof_lines_end(struct prof_lines *x, int64_t end, struct prof_contention_trace *out,
	uint32_t **queue_of, struct prof_err *e) PROF_CHECKED;

#endif
