/* Gates on a run's figures, alone or beside those of an older run, and the comparison of two. */
#ifndef PROF_ANALYSE_GC_COMPARE_H
#define PROF_ANALYSE_GC_COMPARE_H

#include "libprof/analyse/gc/figures.h"
#include "libprof/model/gate.h"

/* A gate about a figure: "pause.p99>2ms", "gc_cpu>10%", "peak>+5%". In percent it is about a
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
