/* Parts of prof_archive_trend_metric: trend_metric.c has a row a night, trend_entries.c a row an
 * entry function.
 */
#ifndef PROF_JOIN_TREND_METRIC_H
#define PROF_JOIN_TREND_METRIC_H

#include "libprof/join/trend.h"

/* Tells how many goroutines a night has by the function that they were started with, a function
 * perhaps in several pieces. PROF_EUNSUPPORTED: it tells of none.
 */
typedef int prof_trend_count_fn(
	void *ctx, struct prof_str entry, double goroutines, struct prof_err *e);
int prof_trend_goroutines(struct prof_trend *t, const struct prof_night *n,
	prof_trend_count_fn *count, void *ctx, struct prof_err *e) PROF_CHECKED;

const char *prof_trend_kind(const struct prof_step *s);

/* What stands in `b`, which is emptied, as a cell. */
int prof_trend_take(struct prof_report *r, struct prof_buf *b, struct prof_cell *out,
	struct prof_err *e) PROF_CHECKED;

/* Goroutines of the nights that were listed, by the functions that they were started with. */
int prof_trend_entries(
	struct prof_trend *t, struct prof_report **out, struct prof_err *e) PROF_CHECKED;

#endif
