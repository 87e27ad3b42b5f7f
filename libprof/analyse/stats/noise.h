/* How much more than Poisson's law says many counts vary from run to run, told by all of them.
 *
 *	phi(mean) = floor + slope * mean
 *
 * is what a count's variance is divided by its mean. The floor is the sampling's (bursts, signals
 * that come late); the slope is the square of what a function's cost itself varies by, as a part of
 * it, and shows where much is counted. About that line each row has a phi of its own, distributed
 * as `df` over chi-squared of `df` degrees of freedom: the less rows differ, the more one learns
 * from the others (Smyth 2004; here by moments, with a prior that is worth a few rows).
 */
#ifndef PROF_ANALYSE_STATS_NOISE_H
#define PROF_ANALYSE_STATS_NOISE_H

#include <stddef.h>

struct prof_noise {
	double floor, slope;
	double df; /* of the rows' phi about the line; INFINITY: they do not differ */
	double all_df; /* SUM of the rows' */
};

/* Pearson's chi2 of a row's runs, its degrees of freedom, and the mean count of a run. */
struct prof_noise_row {
	double chi2, df, mean;
};

/* Of what is known before anything was counted: phi = `floor`, df = `df`. */
void prof_noise_init(struct prof_noise *s, double floor, double slope, double df);

/* From n rows; those without degrees of freedom don't count. Keeps *s where there are none. */
void prof_noise_fit(struct prof_noise *s, const struct prof_noise_row *rows, size_t n);

double prof_noise_at(const struct prof_noise *s, double mean);

/* A row's phi, at least 1, moderated by what is expected of it; *df: how well it is known. */
double prof_noise_phi(const struct prof_noise *s, const struct prof_noise_row *row, double *df);

#endif
