/* Wilcoxon's rank sum test (Mann and Whitney's U), exact and with ties: what two groups say that
 * are taken at their order only, so that it holds however their values are distributed.
 */
#ifndef PROF_ANALYSE_STATS_RANKS_H
#define PROF_ANALYSE_STATS_RANKS_H

#include <stddef.h>

#include "libprof/base/mem.h"
#include "libprof/prof.h"

enum { PROF_RANKS_MOST = 100 }; /* values of both groups together */

/* *p: two-sided, of the n values at x of which the first `first` are one group; NAN where a group
 * is empty or there are too many.
 */
int prof_rank_test(struct prof_mem *mem, const double *x, size_t first, size_t n, double *p,
	struct prof_err *e) PROF_CHECKED;

#endif
