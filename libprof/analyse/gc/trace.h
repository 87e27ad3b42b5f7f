/* A trace's collections as a segment of a timeline, with the meaning that gctrace's lines have:
 *
 *	start			the first pause ("GC sweep termination") begins
 *	sweep_term, mark_term	the two pauses; marking is what lies between them
 *	start, end, live	the heap's last size before the first pause, before the second,
 *				in it
 *	goal			the last one before the second pause
 *	assist			goroutines while they run in a mark assist
 *	dedicated, …		workers while they run, by the label they have
 *
 * CPU of a pause is that of all Ps (GOMAXPROCS). Cycles are numbered where the trace shows that the
 * first one is the program's first: the mark workers are created in it. A cycle whose begin or end
 * the trace does not have is left out. Stacks and globals are not known.
 */
#ifndef PROF_ANALYSE_GC_TRACE_H
#define PROF_ANALYSE_GC_TRACE_H

#include "libprof/analyse/gc/who.h"
#include "libprof/analyse/trace/mmu.h"
#include "libprof/model/timeline.h"
#include "libprof/model/trace.h"

/* What a goroutine does for the collector. */
struct prof_gc_worker {
	int64_t since; /* when it began what it does; PROF_ABSENT: it does not run */
	uint8_t kind; /* of a worker: enum prof_gc_work */
	bool assists, listed;
};

enum prof_gc_work { PROF_GC_NO_WORK, PROF_GC_DEDICATED, PROF_GC_FRACTIONAL, PROF_GC_IDLE };

struct prof_gc_trace {
	struct prof_mem *mem;
	struct prof_timeline *t;
	struct prof_trace_mmu mmu;
	struct prof_gc_who who;
	int64_t origin; /* PROF_ABSENT: before the first event */
	struct prof_gc_cycle cycle; /* the one that is open */
	bool marking, ending; /* ending: only its second pause is left */
	int64_t mark_begin, now; /* now: of the last event */
	int64_t stop_begin; /* of the stop of the world that is on; PROF_ABSENT */
	int64_t heap, goal, heap_before_stop; /* the last known */
	int64_t work[PROF_GC_IDLE +
		     1]; /* ns in the open cycle, by enum prof_gc_work; [0]: assists */
	int32_t procs;
	int64_t created; /* mark workers up to the first cycle's end */
	bool any; /* a cycle has ended, or was lost */
	int64_t next_n; /* the next cycle's number; PROF_ABSENT: not known */
	PROF_VEC(struct prof_gc_worker) goroutines; /* by slot */
	PROF_VEC(uint32_t) busy; /* slots of those that assist, or are workers */
};

void prof_gc_trace_init(struct prof_gc_trace *x, struct prof_mem *mem, struct prof_timeline *t);
void prof_gc_trace_fini(struct prof_gc_trace *x);

/* Takes a batch of events, trace->events; and, once, the end. */
int prof_gc_trace_batch(
	struct prof_gc_trace *x, const struct prof_trace *trace, struct prof_err *e) PROF_CHECKED;
int prof_gc_trace_end(
	struct prof_gc_trace *x, const struct prof_trace *trace, struct prof_err *e) PROF_CHECKED;

#endif
