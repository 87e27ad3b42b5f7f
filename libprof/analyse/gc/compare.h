/* Figures of a run that gates are about, alone or beside those of an older run.
 *
 * A figure over cycles has a 95 % interval: of a mean from how its cycles vary, of a percentile the
 * order statistics that a binomial puts around it (at least 10 values). Cycles of one run are taken
 * as independent, though programs have phases: of two runs of one build see how far they differ.
 */
#ifndef PROF_ANALYSE_GC_COMPARE_H
#define PROF_ANALYSE_GC_COMPARE_H

#include "libprof/analyse/gc/gc.h"
#include "libprof/model/gate.h"

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

/* The metric of that name, as gates have it ("pause.p99"); PROF_GC_METRICS: none. A value of it as
 * text.
 */
enum prof_gc_metric prof_gc_metric_of(const char *name);
void prof_gc_put_metric(struct prof_buf *b, enum prof_gc_metric metric, double value);

int prof_gc_figures(const struct prof_gc *gc, struct prof_gc_figure out[PROF_GC_METRICS],
	struct prof_err *e) PROF_CHECKED;

/* A gate about one of these: "pause.p99>2ms", "gc_cpu>10%", "peak>+5%". In percent it is about a
 * part as it is, and about the change of anything else; points are about a part's change.
 * PROF_EUSAGE. `text` must outlive the gate.
 */
int prof_gc_gate_parse(struct prof_gate *g, const char *text, struct prof_err *e) PROF_CHECKED;

/* `old` NULL: there is none. A change fails a gate when its interval is beyond the number, too;
 * when only its value is, the data cannot answer.
 */
void prof_gc_gate_decide(
	struct prof_gate *g, const struct prof_gc_figure *old, const struct prof_gc_figure *now);

/* The comparison as a report (schema prof.gc.diff/1). */
int prof_gc_compare(const struct prof_gc *old, const struct prof_gc *now, struct prof_gate *gates,
	size_t n_gates, struct prof_report **out, struct prof_err *e) PROF_CHECKED;

#endif
