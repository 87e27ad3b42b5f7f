/* One cycle under other settings: what what-if tries on each. */
#ifndef PROF_ANALYSE_GC_RERUN_H
#define PROF_ANALYSE_GC_RERUN_H

#include "libprof/analyse/gc/whatif.h"

struct prof_gc_rerun {
	double live; /* before it */
	double alloc, start; /* until it begins, and the heap then */
	double period_ns, peak;
	double times; /* so many instead of one, in the same time */
	bool over_limit;
};

/* Whether the cycle began because of the heap, and all that it takes is known. */
bool prof_gc_can_rerun(const struct prof_gc *gc, const struct prof_segment *s, uint32_t at,
	const struct prof_gc_setting *set);

/* Of such a cycle. */
struct prof_gc_rerun prof_gc_rerun(const struct prof_gc *gc, const struct prof_segment *s,
	uint32_t at, const struct prof_gc_setting *set);

/* What a limit leaves for the heap: the setting's, else the run's; INFINITY. */
double prof_gc_limited_to(const struct prof_gc_setup *u, const struct prof_gc_setting *set);

#endif
