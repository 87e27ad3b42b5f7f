/* What the collector did, and why: everything that reports, charts and comparisons of a timeline's
 * cycles share. A struct prof_gc is derived from a timeline once (prof_gc_derive) and only read
 * after that.
 *
 * The goal's formula (runtime/mgcpacer.go, commit and heapGoalInternal; Go < 1.18: without stacks
 * and globals):
 *
 *	goal = live + (live + stacks + globals) * GOGC/100	of the cycle before,
 *	at least 4 MiB * GOGC/100 (the floor),
 *	at most what GOMEMLIMIT leaves for the heap, but not less than live
 *
 * A log rounds its sizes down, so a goal agrees with the formula when some sizes within the
 * rounding give it.
 */
#ifndef PROF_ANALYSE_GC_GC_H
#define PROF_ANALYSE_GC_GC_H

#include "libprof/model/report.h"
#include "libprof/model/timeline.h"

#define PROF_GC_FLOOR_BYTES ((int64_t)4 << 20)

/* What set a cycle's goal, or began it. */
enum prof_gc_why {
	PROF_WHY_UNKNOWN, /* sizes or GOGC are not known */
	PROF_WHY_LIVE, /* the formula */
	PROF_WHY_FLOOR,
	PROF_WHY_LIMIT, /* the memory limit: the goal is below the formula's */
	PROF_WHY_LATE, /* the heap outgrew the goal before marking began, which raised it */
	PROF_WHY_FORCED,
	PROF_WHY_LEAK_CHECK,
	PROF_WHY_PERIODIC, /* two minutes after the one before */
	PROF_WHY_OTHER, /* not the formula's: GOGC was changed? */
	PROF_WHY_COUNT,
};

const char *prof_gc_why_name(enum prof_gc_why why);

struct prof_gc_derived {
	int64_t period_ns; /* since the start of the cycle before; PROF_ABSENT for a first one */
	int64_t off_ns; /* without collecting, before it */
	int64_t alloc_bytes; /* allocated in off_ns */
	int64_t predicted_goal_bytes; /* in the middle of what rounding leaves open */
	double gc_cpu; /* its CPU in that of GOMAXPROCS since the cycle before ended; or NAN */
	uint32_t phase;
	uint8_t why; /* enum prof_gc_why */
};

/* Cycles that follow one another on a live heap of about one size. */
struct prof_gc_phase {
	uint32_t segment, first, n; /* cycles */
	int64_t start_ns, end_ns;
	int64_t live_bytes, goal_bytes, period_ns; /* medians; PROF_ABSENT */
	int64_t peak_bytes, max_peak_bytes; /* median, largest */
	int64_t max_pause_ns;
	double gc_cpu; /* NAN: not known */
	double alloc_rate; /* bytes a second, all there were in all the time */
	double off_ns_per_byte; /* median over cycles, between collections: the program's pace */
};

/* Of p: order statistics of n values; all PROF_ABSENT for n == 0. */
struct prof_gc_quantiles {
	size_t n;
	int64_t p50, p95, p99, max;
};

struct prof_gc_totals {
	int64_t wall_ns; /* of all segments */
	size_t cpu_cycles; /* whose CPU is known: */
	int64_t cpu_ns, assist_ns, marking_ns, idle_ns; /* marking: assists and workers */
	double gc_cpu; /* part of all Ps' time; NAN */
	double assist_share; /* of marking; NAN */
	struct prof_gc_quantiles pauses;
	uint32_t longest_pause; /* its cycle */
	int64_t pause_ns; /* all together */
	int64_t min_live_bytes, max_live_bytes, max_peak_bytes;
	double mean_heap_bytes; /* over time */
	int64_t alloc_bytes; /* from first to last cycle */
	int64_t alloc_wall_ns; /* in this time */
	size_t forced, why[PROF_WHY_COUNT];
};

/* What the goals of a run, or of all, tell of its settings. */
struct prof_gc_setup {
	int64_t gogc; /* percent; PROF_ABSENT: could not be inferred, or not one */
	int64_t gogc_from, gogc_to; /* what agrees with as many cycles */
	size_t votes; /* cycles that it was inferred from */
	size_t goals, agree; /* goals that are known; of them the formula's */
	double stacks_part; /* of the stacks that are told, what counts towards goals */
	int64_t limit_goal_bytes; /* what a limit leaves for the heap, median; PROF_ABSENT */
	int64_t limit_bytes; /* the limit, for what other memory is taken to need */
};

struct prof_gc {
	struct prof_mem mem;
	const struct prof_timeline *t;
	PROF_VEC(struct prof_gc_derived) cycles; /* as t->cycles */
	PROF_VEC(struct prof_gc_phase) phases;
	struct prof_gc_totals total;
	PROF_VEC(struct prof_gc_setup) setups; /* by segment */
	struct prof_gc_setup all; /* what they have in common */
	int64_t least_gogc, most_gogc; /* of the segments; PROF_ABSENT */
};

/* Derives all of it. `gogc` as the user knows it, else PROF_ABSENT; phases are as long as window_ns
 * where that is not 0. The timeline must outlive *out.
 */
int prof_gc_derive(const struct prof_timeline *t, int64_t gogc, int64_t window_ns,
	struct prof_gc **out, struct prof_err *e) PROF_CHECKED;
void prof_gc_drop(struct prof_gc *gc);

/* A size as the source has it: [lo, lo + unit). Exact ones have a unit of 1. */
struct prof_gc_size {
	int64_t lo, unit;
};

/* Exact where gcpacertrace tells; lo PROF_ABSENT: not known. */
struct prof_gc_size prof_gc_goal(
	const struct prof_timeline *t, const struct prof_segment *s, const struct prof_gc_cycle *c);
struct prof_gc_size prof_gc_trigger(
	const struct prof_timeline *t, const struct prof_segment *s, const struct prof_gc_cycle *c);
struct prof_gc_size prof_gc_peak(
	const struct prof_timeline *t, const struct prof_segment *s, const struct prof_gc_cycle *c);

/* The middle of it. */
static inline double prof_gc_mid(struct prof_gc_size s)
{
	return (double)s.lo + (double)(s.unit - 1) / 2;
}

/* The formula without a limit, in bytes; reals, since what-if asks for any. */
double prof_gc_formula(double live, double stacks, double globals, double gogc);

/* What GOMEMLIMIT leaves for the heap, and the limit that leaves so much: 3 % (at least 1 MiB) are
 * kept free; what is not heap is taken to be 2 MiB, 4/3 of what stacks are used, and a part of the
 * heap, 2.5 % for large objects to 10.5 % for small ones, by the CPU that marking a byte takes.
 */
double prof_gc_other_part(double mark_ns_per_byte);
double prof_gc_limit_goal(double limit, double stacks, double other_part);
double prof_gc_limit_of(double goal, double stacks, double other_part);

/* Sets setups, all, the goals' predictions and reasons. Runs of less than a few cycles are taken
 * together with those of the same source. `gogc` as prof_gc_derive has it.
 */
int prof_gc_model(struct prof_gc *gc, int64_t gogc, struct prof_err *e) PROF_CHECKED;
int prof_gc_phases(struct prof_gc *gc, int64_t window_ns, struct prof_err *e) PROF_CHECKED;

/* Sorts by value: linear time for any input. `room` holds n more. */
void prof_gc_sort(int64_t *v, int64_t *room, size_t n);

/* All pauses, sorted; both of a cycle as one where no more is known. */
struct prof_gc_values {
	int64_t *v;
	size_t n, cap;
};
int prof_gc_pauses(const struct prof_timeline *t, struct prof_mem *mem, struct prof_gc_values *out,
	struct prof_err *e) PROF_CHECKED;
void prof_gc_values_fini(struct prof_mem *mem, struct prof_gc_values *x);

/* The nearest rank of v, which is sorted; n > 0. */
int64_t prof_gc_rank(const int64_t *v, size_t n, double q);

#endif
