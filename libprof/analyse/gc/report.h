/* A run's cycles as a report: summary, findings, other settings, a row a cycle or a part of the run
 * (schema prof.gc/1).
 */
#ifndef PROF_ANALYSE_GC_REPORT_H
#define PROF_ANALYSE_GC_REPORT_H

#include "libprof/analyse/gc/findings.h"
#include "libprof/analyse/gc/whatif.h"

struct prof_gc_report_opts {
	struct prof_gc_thresholds thresholds;
	const struct prof_gc_setting *settings; /* to try */
	size_t n_settings;
	int64_t row_count; /* see prof_gc_opts */
	bool gogc_given;
};

/* *out refers to gc. */
int prof_gc_make_report(const struct prof_gc *gc, const struct prof_gc_report_opts *opts,
	struct prof_report **out, struct prof_err *e) PROF_CHECKED;

#endif
