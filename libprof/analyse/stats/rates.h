/* Two sums of counted things, and whether their rates differ.
 *
 *	x		what was counted on either side, in any unit
 *	exposure	what it is compared per: operations, seconds, samples of unchanged code
 *	weight		variance of one unit of x were it Poisson
 *	phi, df		how much more than that it varies from run to run; how well this is known
 *	drift		variance of ln(exposure[1] / exposure[0]), where they are estimates
 *
 * The weight of samples is 1; that of a sampled value (bytes of a heap profile) is
 * SUM n w^2 / SUM n w over its samples of weight w.
 *
 * Given n = x[0] + x[1], x[1] is a binomial share of it: pi = 1 / (1 + exposure[0] / exposure[1])
 * if nothing changed (the conditional test of two Poisson rates), n divided by phi * weight being
 * the number of trials. The test is the score test with Student's t, the interval Wilson's, which
 * is the same test turned round: the ratio 1 is outside of the interval of level 1 - p just when
 * the test gives less than p. Where few trials are left the exact mid-p test holds, too.
 */
#ifndef PROF_ANALYSE_STATS_RATES_H
#define PROF_ANALYSE_STATS_RATES_H

#include <stddef.h>

struct prof_rates {
	double x[2], exposure[2];
	double weight, phi, df, drift;
};

struct prof_ratio {
	double ratio, low, high; /* new rate / old rate; high may be INFINITY, and ratio */
};

/* Two-sided p; 1 where nothing was counted. */
double prof_rates_test(const struct prof_rates *r);

/* The change with its interval; `t`: Student's quantile of its level at r->df, which a caller with
 * many rows has at hand. NAN where nothing was counted.
 */
struct prof_ratio prof_rates_ratio(const struct prof_rates *r, double t);

/* The ratio > 1 that is found with probability `power`; INFINITY: none under 1000. */
double prof_rates_detectable(const struct prof_rates *r, double alpha, double power);

/* How many times as much must be counted (and as many runs made) for a change by `ratio` to be
 * found with probability `power`: at least 1; INFINITY where even 1e6 times would not do.
 */
double prof_rates_needed(const struct prof_rates *r, double ratio, double alpha, double power);

/* Benjamini and Hochberg's adjusted p values: the share of false alarms among all that are at or
 * below. p NAN: not tested, q is NAN. `order` is scratch for n ids.
 */
void prof_fdr(const double *p, double *q, size_t *order, size_t n);

/* The median of n > 0 values, which are reordered. */
double prof_median(double *v, size_t n);

/* The same, of values that count by their weights (`order` is scratch). */
double prof_weighted_median(const double *v, const double *weight, size_t *order, size_t n);

#endif
