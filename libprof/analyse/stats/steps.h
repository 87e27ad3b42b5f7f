/* Where a series of nightly values changed for good.
 *
 * What days of the week differ by is taken out (season.h). Nights come in runs, of one build each;
 * code changes between them, so a step is looked for there alone. Within a run values vary by s
 * (from differences of neighbours, at least what counting gives: sd), and runs vary by tau more
 * than that (from differences of neighbouring runs' means). Both are medians, so that steps and
 * spikes do not count; single nights far from those around them (Hampel's filter: 5 s from the
 * median of 7) are put back to it first, so that a spike of up to three nights is none.
 *
 * A split of the runs is tested against levels that wander without one (shift.h), its p times the
 * number of places where it could have been. It stands where p <= alpha and the change is large
 * enough, by itself and as 2.5 standard deviations of what levels usually wander by; then both
 * sides are looked at again. A slope that fits better than the best step is a drift; a step that a
 * later one undid, or whose last three nights are back where it was, has gone away.
 */
#ifndef PROF_ANALYSE_STATS_STEPS_H
#define PROF_ANALYSE_STATS_STEPS_H

#include <stddef.h>
#include <stdint.h>

#include "libprof/analyse/stats/shift.h"
#include "libprof/base/mem.h"

enum { PROF_STEP_PLACES = 5 };

struct prof_place {
	size_t at; /* night */
	double chance; /* that the step is there, given that there is one */
};

enum prof_step_kind { PROF_STEP, PROF_STEP_DRIFT, PROF_STEP_GONE };

struct prof_step {
	enum prof_step_kind kind;
	size_t at; /* the first night that is different; of a drift: where it begins */
	double before, after; /* means; of a drift: at its ends */
	double p; /* two-sided, for all the places */
	/* Of a step: where it may be, the likeliest first, to 95 % together if they are so few. */
	struct prof_place place[PROF_STEP_PLACES];
	size_t n_places;
};

struct prof_steps_opts {
	double alpha, effect; /* 0.05, 0.1 */
	double least_change; /* of the values themselves */
	size_t least; /* nights on either side: 3 */
	const struct prof_wander *wander; /* what is known of it; NULL: nothing */
};

struct prof_steps {
	PROF_VEC(struct prof_step) v; /* by place */
	double p; /* of the best split of all, whether it stands or not; 1: none */
};

/* n nights: values >= 0, what counting alone varies them by (NULL: not known), rising numbers of
 * their runs and days (NULL: not known).
 */
struct prof_nightly {
	const double *y, *sd;
	const uint32_t *run;
	const int64_t *day;
	size_t n;
};

/* 0 or PROF_ENOMEM. */
int prof_steps_find(struct prof_steps *out, const struct prof_nightly *series,
	const struct prof_steps_opts *opts, struct prof_mem *mem, struct prof_err *e) PROF_CHECKED;

/* row[PROF_WANDERS]: what one series tells of how such series wander, for prof_wander_learn. */
int prof_steps_wander(double *row, const struct prof_nightly *series, struct prof_mem *mem,
	struct prof_err *e) PROF_CHECKED;
void prof_steps_fini(struct prof_steps *s, struct prof_mem *mem);

/* How much unchanged code takes each night, 1 being usual: shares add up to 1, so that one function
 * that grows makes all others shrink. The mean of the middle half of the shares by their own
 * medians over the nights, weighted by these. `share`: a row of n nights for each of `rows`
 * functions, `stride` apart. Divide by factor[n].
 */
int prof_steps_scale(const double *share, size_t rows, size_t stride, size_t n, double *factor,
	struct prof_mem *mem, struct prof_err *e) PROF_CHECKED;

#endif
