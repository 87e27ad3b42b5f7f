/* Who works for the collector, and who waits for it: mark assists, sweeps, marking by workers, and
 * stops of the world, by goroutine and by the function that goroutines were started with.
 *
 * A stop of the world delays the goroutines that ran when it began, or could have run, but not the
 * one that stopped it.
 */
#ifndef PROF_ANALYSE_GC_WHO_H
#define PROF_ANALYSE_GC_WHO_H

#include "libprof/model/timeline.h"
#include "libprof/model/trace.h"

enum { PROF_GC_TOP = 20 }; /* goroutines that are kept by themselves */

/* A goroutine, by slot. */
struct prof_gc_member {
	struct prof_gc_share share; /* its name: the trace's string */
	int64_t assist_since; /* PROF_ABSENT: it does not assist */
	int64_t clock; /* of stops, when it began to run or could; PROF_ABSENT: it cannot */
};

struct prof_gc_sweeper {
	int64_t since; /* PROF_ABSENT: its proc does not sweep */
	uint32_t g;
};

struct prof_gc_who {
	struct prof_mem *mem;
	int64_t stopped_ns; /* by stops that are over */
	int64_t stop_begin; /* of the one that is on; PROF_ABSENT */
	PROF_VEC(struct prof_gc_member) members;
	PROF_VEC(struct prof_gc_sweeper) sweepers; /* by proc */
	PROF_VEC(struct prof_gc_share) functions;
	PROF_VEC(uint32_t) function_of; /* by the trace's string: function + 1; 0: none */
	struct prof_gc_share top[PROF_GC_TOP];
	size_t n_top;
};

void prof_gc_who_init(struct prof_gc_who *x, struct prof_mem *mem);
void prof_gc_who_fini(struct prof_gc_who *x);

/* Before the events of each batch; then each GOROUTINE, RANGE and GAP of it, and what a worker
 * marked; and, once, the end: adds to the timeline's shares.
 */
int prof_gc_who_reserve(
	struct prof_gc_who *x, const struct prof_trace *trace, struct prof_err *e) PROF_CHECKED;
int prof_gc_who_event(struct prof_gc_who *x, const struct prof_trace *trace,
	const struct prof_trace_event *ev, struct prof_err *e) PROF_CHECKED;
static inline void prof_gc_who_marked(struct prof_gc_who *x, size_t slot, int64_t ns)
{
	x->members.v[slot].share.mark_ns += ns;
}
int prof_gc_who_end(struct prof_gc_who *x, const struct prof_trace *trace, int64_t now,
	struct prof_timeline *t, struct prof_err *e) PROF_CHECKED;

#endif
