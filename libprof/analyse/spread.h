/* How much the values of a sampled profile would differ from run to run by chance alone.
 *
 * A value v that n events add up to has about the variance v² / n (events of like size, Poisson's
 * number of them). n is the profile's own count, its first column, where that is one ("samples",
 * "contentions"). In a heap profile counts are scaled up: with a mean size s and a rate R one in
 * 1 / p objects was seen, p = 1 - exp(-s / R), so that n = count × p, and what is certain (p near
 * 1) does not vary. Counts that nothing samples (goroutines) are exact: 0.
 */
#ifndef PROF_ANALYSE_SPREAD_H
#define PROF_ANALYSE_SPREAD_H

#include "libprof/model/profile.h"

/* Variances of the values of type `type`, where `n_types` columns are of one side and the column of
 * the type is `shift` further on. `out` has one a sample.
 */
void prof_spread(
	const struct prof_profile *p, uint32_t type, uint32_t n_types, uint32_t shift, double *out);

#endif
