/* Whether a series of means that wander has shifted once, and where; or slopes.
 *
 *	mean[k] = level + shift (k >= at) + wander(time[k]) + noise[k]
 *
 * The noise of each is known up to a common factor. Wander is what levels do without a cause: a
 * stationary process that forgets over some time (Ornstein and Uhlenbeck's). How far it goes, and
 * how long it remembers, is not known: all of a grid are tried, by how likely each is: nothing is
 * known, or other series told. A shift must explain more than the wander that fits best without it
 * (a ratio of restricted likelihoods), and where it is gets each place's likelihood, summed over
 * the grid.
 *
 * Each of the grid takes time proportional to n: a Kalman filter and its adjoint give S^-1 x for
 * the covariance S; sums of that over k >= at are all that regression on a shift needs.
 */
#ifndef PROF_ANALYSE_STATS_SHIFT_H
#define PROF_ANALYSE_STATS_SHIFT_H

#include <stddef.h>

#include "libprof/base/mem.h"

struct prof_shift_point {
	double mean, variance; /* variance: of the noise */
	double time; /* nights; rising */
	double chance; /* out: that the shift is here, if there is one; 0 where it may not be */
};

/* None; standard deviations of 0.7 to 30 % of the level, remembered for 10 nights; for 30, 100,
 * 300. */
enum { PROF_WANDERS = 1 + 10 * 4 };

/* How likely each way to wander is. */
struct prof_wander {
	double chance[PROF_WANDERS];
	double sd; /* of what series usually wander by, as a part of their level; 0: not known */
};

struct prof_shift {
	size_t at; /* the first point after it, the likeliest one; 0: none is possible */
	double before, after; /* levels */
	double p; /* two-sided, of a shift at this place */
	double line_p, low, high; /* of a slope instead: p, and the line's ends */
};

/* Of n points; a shift may be at [first, end). */
int prof_shift_find(struct prof_shift *out, struct prof_shift_point *v, size_t n, size_t first,
	size_t end, const struct prof_wander *w, struct prof_mem *mem,
	struct prof_err *e) PROF_CHECKED;

/* What a series tells of how it wanders, whether it shifts or not: row[PROF_WANDERS], relative
 * likelihoods; and what many tell together.
 */
int prof_wander_row(double *row, struct prof_shift_point *v, size_t n, struct prof_mem *mem,
	struct prof_err *e) PROF_CHECKED;
void prof_wander_learn(struct prof_wander *w, const double *rows, size_t n);
void prof_wander_init(struct prof_wander *w); /* knows nothing */

#endif
