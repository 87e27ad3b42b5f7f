/* Figures of a run that gates, comparisons and trends are about.
 *
 * A figure over cycles has a 95 % interval: of a mean from how its cycles vary, of a percentile the
 * order statistics that a binomial puts around it (at least 10 values). Cycles of one run are taken
 * as independent, though programs have phases: of two runs of one build see how far they differ.
 */
#ifndef PROF_ANALYSE_GC_FIGURES_H
#define PROF_ANALYSE_GC_FIGURES_H

#include "libprof/analyse/gc/units.h"

enum prof_gc_metric {
	PROF_METRIC_CYCLES, /* a second */
	PROF_METRIC_PAUSE_P50,
	PROF_METRIC_PAUSE_P95,
	PROF_METRIC_PAUSE_P99,
	PROF_METRIC_PAUSE_MAX,
	PROF_METRIC_PEAK,
	PROF_METRIC_HEAP, /* mean over time */
	PROF_METRIC_LIVE, /* largest */
	PROF_METRIC_ALLOC, /* bytes a second */
	PROF_METRIC_GC_CPU,
	PROF_METRIC_ASSISTS, /* part of marking */
	PROF_GC_METRICS,
};

struct prof_gc_figure {
	double value; /* NAN: not known */
	double lo, hi; /* NAN: exact, or too few cycles */
};

struct prof_gc_metric_info {
	const char *name; /* as gates have it: "pause.p99" */
	const char *title;
	enum prof_gc_unit unit;
	const char *per; /* "/s" */
};
extern const struct prof_gc_metric_info prof_gc_metrics[PROF_GC_METRICS];

/* The metric of that name; PROF_GC_METRICS: none. A value of it as text. */
enum prof_gc_metric prof_gc_metric_of(const char *name);
void prof_gc_put_metric(struct prof_buf *b, enum prof_gc_metric metric, double value);

int prof_gc_figures(const struct prof_gc *gc, struct prof_gc_figure out[PROF_GC_METRICS],
	struct prof_err *e) PROF_CHECKED;

#endif
