/* GC's phases, mark assists, sweeps and stops of the world: how many and how long. Those that ended
 * within the trace; one that began before it counts from the trace's start.
 */
#ifndef PROF_ANALYSE_TRACE_RANGES_H
#define PROF_ANALYSE_TRACE_RANGES_H

#include "libprof/base/hist.h"
#include "libprof/model/trace.h"

struct prof_trace_stw {
	uint32_t reason; /* a string */
	struct prof_hist hist; /* ns */
};

struct prof_trace_ranges {
	struct prof_mem *mem;
	int64_t from, to; /* those that ended between them count, with what lies there */
	struct prof_hist kinds[PROF_RANGE_STW + 1]; /* ns, by enum prof_trace_range */
	PROF_VEC(struct prof_trace_stw) stw; /* one a reason */
	struct prof_map64 stw_of;
	int64_t start; /* of the trace, or of what follows a gap */
	bool begun;
	/* When those that are open began, PROF_RANGE_CLOSED: none. */
	int64_t gc;
	PROF_VEC(int64_t) assists; /* by goroutine */
	PROF_VEC(int64_t) stops; /* by goroutine */
	PROF_VEC(int64_t) sweeps; /* by proc */
};

#define PROF_RANGE_CLOSED INT64_MIN

void prof_trace_ranges_init(
	struct prof_trace_ranges *x, struct prof_mem *mem, int64_t from, int64_t to);
void prof_trace_ranges_fini(struct prof_trace_ranges *x);

/* Before the events of each batch; then each SYNC, GAP and RANGE of it. */
int prof_trace_ranges_reserve(
	struct prof_trace_ranges *x, const struct prof_trace *t, struct prof_err *e) PROF_CHECKED;
int prof_trace_ranges_event(struct prof_trace_ranges *x, const struct prof_trace_event *ev,
	struct prof_err *e) PROF_CHECKED;

#endif
