/* What functions cost night by night: prof_archive_trend of prof.h. trend.c reads the archive,
 * trend_nights.c knows builds and days, trend_report.c and trend_svg.c show what was found.
 */
#ifndef PROF_JOIN_TREND_H
#define PROF_JOIN_TREND_H

#include "libprof/analyse/stats/steps.h"
#include "libprof/join/archive_open.h"
#include "libprof/model/report.h"

/* A profile that counts. */
struct prof_night {
	uint32_t entry; /* of the catalog */
	uint32_t run; /* nights of one build in a row have the same */
	double value, total; /* of the function asked for, of everything */
	double seconds; /* that it covers; 0: not known */
};

/* A function with its change. */
struct prof_trend_row {
	struct prof_str name;
	struct prof_step step;
	double q;
	const struct prof_str
		*renamed; /* what it was, or is now, called; NULL: it was not renamed */
	bool asked; /* of the functions that were asked for */
};

struct prof_trend {
	struct prof_selection s;
	const struct prof_archive_trend_opts *opts;
	struct prof_mem mem;
	struct prof_arena arena;
	struct prof_str type, unit;
	bool cumulative; /* values since the process began: they were subtracted */
	PROF_VEC(struct prof_night) nights;
	uint32_t *runs; /* of each night */
	int64_t *days;
	double *unchanged; /* what code that did not change takes of each, 1 being usual */
	struct prof_wander wander; /* how shares wander */
	PROF_VEC(struct prof_trend_row) steps; /* of what was asked for, by time */
	PROF_VEC(struct prof_trend_row) functions; /* that changed, surest first */
	size_t tested; /* functions */
	bool unmatched; /* no stack has a function that was asked for */
};

static inline double prof_night_share(const struct prof_night *x)
{
	return x->total > 0 ? x->value / x->total : 0;
}

static inline const struct prof_entry *prof_trend_entry(
	const struct prof_trend *t, const struct prof_night *x)
{
	return &t->s.catalog.entries.v[x->entry];
}

/* Opens the archive and fills t->nights with what is selected: one service, one kind (else
 * PROF_EUSAGE), in the order of time, with their runs of one build. *t is all zero; close in any
 * case.
 */
int prof_trend_open(struct prof_trend *t, const char *db,
	const struct prof_archive_trend_opts *opts, const struct prof_limits *limits,
	struct prof_err *e) PROF_CHECKED;
void prof_trend_close(struct prof_trend *t);

/* Fills t->runs and t->days, when it is settled which nights there are. */
int prof_trend_calendar(struct prof_trend *t, struct prof_err *e) PROF_CHECKED;

/* y >= 0, a value a night; sd: as in steps.h. */
struct prof_nightly prof_trend_nightly(
	const struct prof_trend *t, const double *y, const double *sd);

/* Where y >= 0, a value a night, changed; by at least `least_change`. sd: as in steps.h. */
int prof_trend_steps(struct prof_trend *t, const double *y, const double *sd, double least_change,
	struct prof_steps *out, struct prof_err *e) PROF_CHECKED;

/* The same into t->steps; each one's q is its p. */
int prof_trend_find(
	struct prof_trend *t, const double *y, const double *sd, struct prof_err *e) PROF_CHECKED;

/* The build as people name it: label rev, label build, or the build id. */
struct prof_str prof_trend_build(const struct prof_trend *t, const struct prof_night *x);

#endif
