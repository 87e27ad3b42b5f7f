#include "libprof/analyse/stats/ranks.h"

#include <math.h>

/* Twice the rank of x[i], equal values sharing the mean of theirs. */
static size_t rank_of(const double *x, size_t n, size_t i)
{
	size_t less = 0, same = 0;

	for (size_t k = 0; k < n; k++) {
		less += x[k] < x[i];
		same += x[k] == x[i];
	}
	return 2 * less + same + 1;
}

/* ways[k * (most + 1) + s]: how many choices of k of the values have ranks that sum up to s. */
static void count_ways(double *ways, const double *x, size_t n, size_t first, size_t most)
{
	ways[0] = 1;
	for (size_t i = 0; i < n; i++) {
		size_t rank = rank_of(x, n, i);

		for (size_t k = first; k-- > 0;)
			for (size_t s = most + 1; s-- > rank;)
				ways[(k + 1) * (most + 1) + s] += ways[k * (most + 1) + s - rank];
	}
}

int prof_rank_test(struct prof_mem *mem, const double *x, size_t first, size_t n, double *p,
	struct prof_err *e)
{
	size_t most = n * (n + 1), sum = 0,
	       cells = (first + 1) * (most + 1); /* ranks are doubled */
	double *ways, all = 0, as_far = 0, off;

	*p = NAN;
	if (!first || first >= n || n > PROF_RANKS_MOST)
		return 0;
	ways = prof_mem_zalloc(mem, cells, sizeof(*ways), e);
	if (!ways)
		return e->code;
	count_ways(ways, x, n, first, most);
	for (size_t i = 0; i < first; i++)
		sum += rank_of(x, n, i);
	/* The mean of a choice's sum is first * (n + 1). */
	off = fabs((double)sum - (double)(first * (n + 1)));
	for (size_t s = 0; s <= most; s++) {
		double w = ways[first * (most + 1) + s];

		all += w;
		if (fabs((double)s - (double)(first * (n + 1))) >= off)
			as_far += w;
	}
	prof_mem_zfree(mem, ways, cells, sizeof(*ways));
	*p = as_far / all;
	return 0;
}
