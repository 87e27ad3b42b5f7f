/* The tables that people read: other settings, and the run by cycles or parts. */
#ifndef PROF_ANALYSE_GC_TABLES_H
#define PROF_ANALYSE_GC_TABLES_H

#include "libprof/analyse/gc/report.h"

/* The part "what_if": a row a setting, and below it one a part of the run that has 5 cycles or
 * more. The first row is the run as it was. Nothing without settings.
 */
int prof_gc_add_settings(const struct prof_gc *gc, const struct prof_gc_report_opts *opts,
	struct prof_report *r, struct prof_err *e) PROF_CHECKED;

/* Text only: rows of cycles, or of parts where cycles are too many for row_count -1. */
int prof_gc_add_table(const struct prof_gc *gc, int64_t row_count, struct prof_report *r,
	struct prof_err *e) PROF_CHECKED;

#endif
