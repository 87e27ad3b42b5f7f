/* Minimum mutator utilisation: how little of the procs' time was the program's own, in the worst
 * window of a length. What counts as the collector's is a set of flags, as in `go tool trace`:
 *
 *	stw		stops of the world for GC: all procs
 *	background	mark workers that are not idle ones
 *	assist, sweep	what goroutines do on the way
 *	perProc		each proc on its own, the worst counts; dedicated workers don't
 *
 * Utilisation is a step function. The worst window of a length begins or ends at a step, so each
 * step is looked at twice, when it comes and when it leaves; steps are kept as long as the longest
 * window reaches back.
 */
#ifndef PROF_ANALYSE_TRACE_MMU_H
#define PROF_ANALYSE_TRACE_MMU_H

#include "libprof/model/trace.h"

enum { PROF_MMU_SETS = 4, PROF_MMU_WINDOWS = 7 };

/* By set and window. */
extern const char *const prof_mmu_set_names[PROF_MMU_SETS];
extern const char *const prof_mmu_window_names[PROF_MMU_WINDOWS];

/* Utilisation from a time on. */
struct prof_mmu_step {
	int64_t time;
	double util;
	double sum; /* ns of utilisation before it */
};

struct prof_mmu_window {
	size_t end_at; /* the step before the start of the window that ends now */
	size_t next,
		next_at; /* the next step that a window is to begin at; the step before its end */
	double min;
};

struct prof_mmu_series {
	PROF_VEC(struct prof_mmu_step) steps;
	PROF_VEC(struct prof_mmu_step) held; /* steps that may still be lowered; no sums */
	bool hold, ended;
	int64_t start;
	uint64_t n; /* of steps, ever */
	struct prof_mmu_window windows[PROF_MMU_WINDOWS];
};

struct prof_mmu_proc {
	int gc[PROF_MMU_SETS]; /* > 0: it does the collector's work */
	uint32_t series; /* of perProc */
	bool there;
};

struct prof_mmu_procs {
	int64_t time;
	uint64_t n;
};

struct prof_trace_mmu {
	struct prof_mem *mem;
	int64_t from, to;
	uint64_t procs_count; /* GOMAXPROCS; 0: not known yet */
	unsigned syncs;
	unsigned stw;
	uint64_t busy[PROF_MMU_SETS]; /* procs that do the collector's work */
	PROF_VEC(struct prof_mmu_proc) procs; /* by the id of the proc, which is under GOMAXPROCS */
	PROF_VEC(struct prof_mmu_procs) history; /* of GOMAXPROCS, in the first generation */
	PROF_VEC(uint8_t) goroutines; /* flags of goroutines */
	struct prof_mmu_series sets[PROF_MMU_SETS - 1];
	PROF_VEC(struct prof_mmu_series) series; /* perProc's */
	double mmu[PROF_MMU_SETS][PROF_MMU_WINDOWS]; /* after the end; 1: nothing is known */
};

enum {
	PROF_MMU_ASSISTS = 1,
	PROF_MMU_WORKER = 2,
	PROF_MMU_DEDICATED = 4,
	PROF_MMU_EXECUTES = 8,
};

void prof_trace_mmu_init(struct prof_trace_mmu *x, struct prof_mem *mem, int64_t from, int64_t to);
void prof_trace_mmu_fini(struct prof_trace_mmu *x);

/* Before the events of each batch; then all of it but PROC, tasks, regions and logs; then the end.
 */
int prof_trace_mmu_reserve(
	struct prof_trace_mmu *x, const struct prof_trace *t, struct prof_err *e) PROF_CHECKED;
int prof_trace_mmu_event(struct prof_trace_mmu *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e) PROF_CHECKED;
int prof_trace_mmu_end(struct prof_trace_mmu *x, int64_t time, struct prof_err *e) PROF_CHECKED;

/* Behind prof_trace_mmu_goroutine. */
int prof_trace_mmu_runs(struct prof_trace_mmu *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e) PROF_CHECKED;

/* A GOROUTINE event: few of them are of the collector's. */
static inline int prof_trace_mmu_goroutine(struct prof_trace_mmu *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	uint8_t *flags = &x->goroutines.v[ev->subject];
	bool executes = ev->to == PROF_G_RUNNING || ev->to == PROF_G_SYSCALL;
	int rc = 0;

	if (ev->from <= PROF_G_NOT_EXIST)
		*flags = 0;
	else if (*flags & ~PROF_MMU_EXECUTES)
		rc = prof_trace_mmu_runs(x, t, ev, e);
	*flags = (uint8_t)((*flags & ~PROF_MMU_EXECUTES) | (executes ? PROF_MMU_EXECUTES : 0));
	return rc;
}

#endif
