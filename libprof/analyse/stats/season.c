#include "libprof/analyse/stats/season.h"

#include <math.h>
#include <stdlib.h>

enum { WEEK = 7, LEAST_WEEKS = 4 };

#define MOST 4.0 /* what is further from 1 is no traffic, and could not be divided by */

struct weekday {
	double factor, variance;
	size_t n;
};

static unsigned weekday_of(int64_t day)
{
	return (unsigned)((day % WEEK + WEEK) % WEEK);
}

/* Each value over the mean of those of the week around it; NAN where that is 0. sum[n + 1]:
 * scratch.
 */
static void over_the_week(double *ratio, double *sum, const double *y, const int64_t *day, size_t n)
{
	size_t first = 0, end = 0;

	sum[0] = 0;
	for (size_t i = 0; i < n; i++)
		sum[i + 1] = sum[i] + y[i];
	for (size_t i = 0; i < n; i++) {
		double week;

		while (end < n && day[end] - day[i] <= WEEK / 2)
			end++;
		while (day[i] - day[first] > WEEK / 2)
			first++;
		week = sum[end] - sum[first];
		ratio[i] = week > 0 ? y[i] * (double)(end - first) / week : NAN;
	}
}

static int compare(const void *a, const void *b)
{
	double p = *(const double *)a, q = *(const double *)b;

	return (p > q) - (p < q);
}

/* The middle half's mean, and its variance from how far its quarters are apart. */
static struct weekday middle(double *v, size_t n)
{
	struct weekday out = {.factor = 1, .n = n};
	size_t first = n / 4, end = n - n / 4;
	double sum = 0, sd;

	qsort(v, n, sizeof(*v), compare);
	for (size_t i = first; i < end; i++)
		sum += v[i];
	out.factor = sum / (double)(end - first);
	sd = (v[end - 1] - v[first]) / 1.349;
	out.variance = 1.2 * sd * sd / (double)n;
	return out;
}

int prof_season_find(double *factor, const double *y, const int64_t *day, size_t n,
	struct prof_mem *mem, struct prof_err *e)
{
	double *ratio = prof_mem_zalloc(mem, 2 * n + 1, sizeof(*ratio), e), *of_day = ratio + n;
	struct weekday w[WEEK] = {0};
	double chi2 = 0, mean = 0, all = 0, keep;
	unsigned known = 0;

	if (!ratio)
		return PROF_ENOMEM;
	over_the_week(ratio, of_day, y, day, n);
	for (unsigned d = 0; d < WEEK; d++) {
		size_t k = 0;

		for (size_t i = 0; i < n; i++)
			if (weekday_of(day[i]) == d && !isnan(ratio[i]))
				of_day[k++] = ratio[i];
		if (k < LEAST_WEEKS)
			continue;
		w[d] = middle(of_day, k);
		mean += w[d].factor * (double)k;
		all += (double)k;
		known++;
	}
	for (unsigned d = 0; d < WEEK; d++)
		if (w[d].n) {
			double off = w[d].factor / (mean / all) - 1;

			chi2 += off * off / (w[d].variance + 1e-12);
		}
	keep = known > 1 && chi2 > known - 1 ? 1 - (known - 1) / chi2 : 0;
	for (size_t i = 0; i < n; i++) {
		const struct weekday *d = &w[weekday_of(day[i])];

		factor[i] = d->n ? 1 + keep * (d->factor / (mean / all) - 1) : 1;
		factor[i] = fmin(MOST, fmax(1 / MOST, factor[i]));
	}
	prof_mem_zfree(mem, ratio, 2 * n + 1, sizeof(*ratio));
	return 0;
}
