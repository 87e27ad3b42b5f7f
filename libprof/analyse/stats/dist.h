/* Distributions: what tests and intervals need of them, and no more. Doubles in, doubles out, to
 * some 1e-10 relative in the range that is used; nothing allocates or fails.
 */
#ifndef PROF_ANALYSE_STATS_DIST_H
#define PROF_ANALYSE_STATS_DIST_H

/* P(Z <= z) of the standard normal, and its inverse (0 < p < 1; Acklam's rational approximation
 * with one step of Halley's method).
 */
double prof_normal_cdf(double z);
double prof_normal_quantile(double p);

/* The regularised incomplete beta function I_x(a, b), a, b > 0 (Lentz's continued fraction). */
double prof_beta_inc(double a, double b, double x);

/* Student's t with df > 0 degrees of freedom; df may be INFINITY. */
double prof_t_cdf(double t, double df);
double prof_t_quantile(double p, double df);

/* Two-sided mid-p of x successes in n trials of probability p: twice the smaller tail, of whose
 * first term only half counts; at most 1. For small n: its time is proportional to n.
 */
double prof_binomial_midp(int x, int n, double p);

#endif
