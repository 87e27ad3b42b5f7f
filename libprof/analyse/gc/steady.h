/* Cycles of a part of a run as if they were all alike: what what-if gives other settings.
 *
 * Sizes and CPU times are means of the middle half of the cycles, which neither a log's rounding
 * nor an odd cycle moves much; the period and the marking's wall time are medians, as reports have
 * them. Where the live heap of a part swings, cycles are alike only on about one live heap: they
 * fall into groups by doublings of it.
 */
#ifndef PROF_ANALYSE_GC_STEADY_H
#define PROF_ANALYSE_GC_STEADY_H

#include "libprof/analyse/gc/gc.h"

enum { PROF_GC_GROUPS = 17 };

struct prof_gc_steady {
	uint32_t phase;
	unsigned group;
	size_t n; /* cycles that it is made of; 0: only sums are set */
	double live, roots; /* bytes that set the goal; roots: stacks and globals */
	double stacks; /* what they take */
	double black; /* of live: allocated while the cycle before marked */
	double goal, start, peak;
	double largest; /* peak */
	double wanted; /* the runway that the pacer asks for */
	double period_ns, marking_ns; /* marking: with its pauses */
	double all_periods_ns; /* together */
	/* CPU in a cycle's marking: of all Ps; of workers, idle ones too; of assists. All 0: not
	 * known.
	 */
	double all_ns, worker_ns, assist_ns;
	double mark_ns_per_byte; /* workers' and assists', of what was live */
	/* Sums over cycles whose CPU is known, others than these n too: their CPU, all Ps' time. */
	double cpu_ns, other_cpu_ns, ps_ns;
};

/* Whether the cycle began because of the heap, and all that it takes is known. */
bool prof_gc_is_steady(const struct prof_gc *gc, const struct prof_segment *s, uint32_t at);

/* The group of a cycle; the middle one for cycles that are made into none. */
unsigned prof_gc_group(const struct prof_gc *gc, const struct prof_gc_phase *p, uint32_t at);

/* One group, which has `count` cycles. */
int prof_gc_steady(const struct prof_gc *gc, uint32_t phase, unsigned group, size_t count,
	struct prof_gc_steady *out, struct prof_err *e) PROF_CHECKED;

#endif
