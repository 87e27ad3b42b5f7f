#include "libprof/analyse/stats/noise.h"

#include <math.h>

enum {
	ROUNDS = 30,
	PRIOR_ROWS = 8, /* what the prior df is worth */
};
#define OUTLIER 3.0 /* standard deviations beyond which a row counts as if it were there */

void prof_noise_init(struct prof_noise *s, double floor, double slope, double df)
{
	*s = (struct prof_noise){.floor = floor, .slope = slope, .df = df};
}

double prof_noise_at(const struct prof_noise *s, double mean)
{
	return s->floor + s->slope * mean;
}

/* Least squares of chi2 / df on the mean, weighted by what the last round says of its variance
 * (2 phi^2 / df), with floor >= 1 and slope >= 0; what was known before is one more row, where
 * little is counted.
 */
static void fit_line(struct prof_noise *s, const struct prof_noise *prior,
	const struct prof_noise_row *rows, size_t n)
{
	double w = prior->df / (prior->floor * prior->floor), wr = w * prior->floor;
	double wm = 0, wmm = 0, wrm = 0, det;

	for (size_t i = 0; i < n; i++) {
		double df = rows[i].df, m = rows[i].mean, phi = prof_noise_at(s, m), r, weight;

		if (!(df > 0))
			continue;
		r = fmin(rows[i].chi2 / df, phi * (1 + OUTLIER * sqrt(2 / df)));
		weight = df / (phi * phi);
		w += weight;
		wm += weight * m;
		wmm += weight * m * m;
		wr += weight * r;
		wrm += weight * r * m;
	}
	det = w * wmm - wm * wm;
	s->slope = det > 1e-9 * w * wmm ? (w * wrm - wm * wr) / det : 0;
	s->floor = (wr - s->slope * wm) / w;
	if (s->slope <= 0)
		*s = (struct prof_noise){.floor = wr / w, .df = s->df, .all_df = s->all_df};
	if (s->floor < 1) {
		s->floor = 1;
		s->slope = wmm > 0 ? fmax(0, (wrm - wm) / wmm) : 0;
	}
}

/* Squared variation of an F distribution with df and d0 degrees of freedom, and d0 of one. */
static double variation_of(double df, double d0)
{
	return isfinite(d0) ? 2 * (df + d0 - 2) / (df * (d0 - 4)) : 2 / df;
}

static double df_of(double df, double variation)
{
	double over = variation * df - 2;

	return over > 1e-6 ? (2 * df - 4 + 4 * variation * df) / over : INFINITY;
}

void prof_noise_fit(struct prof_noise *s, const struct prof_noise_row *rows, size_t n)
{
	const struct prof_noise prior = *s;
	double sum = 0, count = 0, df;

	s->all_df = 0;
	for (size_t i = 0; i < n; i++)
		if (rows[i].df > 0) {
			s->all_df += rows[i].df;
			count++;
		}
	if (count <= 0)
		return;
	s->floor = 1;
	s->slope = 0;
	for (int round = 0; round < ROUNDS; round++)
		fit_line(s, &prior, rows, n);
	for (size_t i = 0; i < n; i++) {
		double off = rows[i].chi2 / rows[i].df / prof_noise_at(s, rows[i].mean) - 1;

		if (rows[i].df > 0)
			sum += off * off;
	}
	df = s->all_df / count;
	s->df = df_of(df, (sum + PRIOR_ROWS * variation_of(df, prior.df)) / (count + PRIOR_ROWS));
}

double prof_noise_phi(const struct prof_noise *s, const struct prof_noise_row *row, double *df)
{
	double expected = prof_noise_at(s, row->mean);

	*df = s->df + row->df;
	if (s->all_df > 0)
		*df = fmin(*df, fmax(s->all_df, row->df));
	if (isfinite(s->df))
		expected = (s->df * expected + row->chi2) / (s->df + row->df);
	return fmax(1, expected);
}
