/* The collector's cycles as a chart: heap with goal, trigger and limit; pauses; CPU. Runs stand
 * beside one another. Of more than `most` cycles those are shown that hold the extremes of their
 * neighbours: the largest peak and goal, the smallest live heap, the longest pause, the most CPU.
 */
#ifndef PROF_ANALYSE_GC_CHART_H
#define PROF_ANALYSE_GC_CHART_H

#include "libprof/analyse/gc/gc.h"
#include "libprof/model/chart.h"

/* `labels`: with a text for each cycle. The caller owns *out. */
int prof_gc_chart(const struct prof_gc *gc, size_t most, bool labels, struct prof_chart **out,
	struct prof_err *e) PROF_CHECKED;

#endif
