#include "tests/unit/unit.h"

#include <math.h>

#include "libprof/analyse/stats/dist.h"
#include "libprof/analyse/stats/ranks.h"
#include "libprof/analyse/stats/rates.h"
#include "libprof/analyse/stats/noise.h"

#define assert_near(got, want, relative) \
	assert_true(fabs((got) - (double)(want)) <= (relative)*fabs((double)(want)) + 1e-300)

/* Tabulated values (NIST's and R's). */
static void normal(void **state)
{
	(void)state;
	assert_near(prof_normal_cdf(0), 0.5, 1e-15);
	assert_near(prof_normal_cdf(1.959963984540054), 0.975, 1e-12);
	assert_near(prof_normal_cdf(-5), 2.866515718791939e-07, 1e-10);
	assert_near(prof_normal_quantile(0.975), 1.959963984540054, 1e-12);
	assert_near(prof_normal_quantile(0.001), -3.090232306167813, 1e-12);
	assert_near(prof_normal_quantile(1e-10), -6.361340902404056, 1e-11);
	for (double p = 0.0005; p < 1; p += 0.0313)
		assert_near(prof_normal_cdf(prof_normal_quantile(p)), p, 1e-12);
}

static void incomplete_beta(void **state)
{
	(void)state;
	assert_near(prof_beta_inc(2, 3, 0.5), 0.6875, 1e-13);
	assert_near(prof_beta_inc(1, 1, 0.3), 0.3, 1e-13);
	assert_near(prof_beta_inc(0.5, 0.5, 0.25), 1.0 / 3, 1e-12);
	assert_near(prof_beta_inc(10, 10, 0.5), 0.5, 1e-12);
	assert_near(prof_beta_inc(5, 0.5, 0.2), 1 - prof_beta_inc(0.5, 5, 0.8), 1e-9);
	assert_true(prof_beta_inc(2, 3, 0) == 0 && prof_beta_inc(2, 3, 1) == 1);
}

static void student(void **state)
{
	(void)state;
	assert_near(prof_t_quantile(0.975, 1), 12.706204736432095, 1e-9);
	assert_near(prof_t_quantile(0.995, 5), 4.032142983557536, 1e-9);
	assert_near(prof_t_quantile(0.975, 10), 2.228138851964939, 1e-9);
	assert_near(prof_t_quantile(0.9995, 16), 4.014996327184054, 1e-9);
	assert_near(prof_t_quantile(0.025, 10), -2.228138851964939, 1e-9);
	assert_near(prof_t_quantile(0.975, INFINITY), 1.959963984540054, 1e-12);
	assert_near(prof_t_cdf(2.228138851964939, 10), 0.975, 1e-11);
	assert_near(prof_t_cdf(-20, 3), 0.000136, 0.02);
	assert_near(prof_t_cdf(1, 1), 0.75, 1e-12);
}

static void mid_p(void **state)
{
	(void)state;
	/* 1 of 10 at 1/2: 2 * (1 + 10 / 2) / 1024 */
	assert_near(prof_binomial_midp(1, 10, 0.5), 12.0 / 1024, 1e-12);
	assert_near(prof_binomial_midp(9, 10, 0.5), 12.0 / 1024, 1e-12);
	assert_near(prof_binomial_midp(0, 3, 0.25), 0.421875, 1e-12);
	assert_near(prof_binomial_midp(5, 10, 0.5), 1, 1e-12);
	assert_near(prof_binomial_midp(0, 0, 0.5), 1, 1e-12);
}

static void false_discovery_rate(void **state)
{
	/* Benjamini and Hochberg's own example (1995), of 15. */
	static const double p[] = {0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
		NAN, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000};
	double q[16];
	size_t order[16], found = 0;

	(void)state;
	prof_fdr(p, q, order, 16);
	assert_near(q[0], 0.0015, 1e-12);
	assert_near(q[3], 0.035625, 1e-12);
	assert_near(q[4], 0.0603, 1e-12);
	assert_true(isnan(q[8]));
	assert_near(q[15], 1, 1e-12);
	for (size_t i = 0; i < 16; i++)
		found += q[i] <= 0.05;
	assert_int_equal(found, 4);
	prof_fdr(p + 8, q, order, 1);
	assert_true(isnan(q[0]));
}

static void medians(void **state)
{
	double odd[] = {5, -1, 3}, even[] = {4, 1, 3, 2};
	static const double v[] = {10, 1, 5}, weight[] = {1, 1, 5};
	size_t order[3];

	(void)state;
	assert_near(prof_median(odd, 3), 3, 0);
	assert_near(prof_median(even, 4), 2.5, 0);
	assert_near(prof_weighted_median(v, weight, order, 3), 5, 0);
	assert_true(isnan(prof_weighted_median(v, weight, order, 0)));
}

static const struct prof_rates even_rates = {
	.x = {100, 100}, .exposure = {1, 1}, .weight = 1, .phi = 1, .df = INFINITY};

static void the_interval_is_the_test(void **state)
{
	(void)state;
	for (int b = 60; b < 180; b += 7)
		for (int drift = 0; drift < 2; drift++) {
			struct prof_rates r = even_rates;
			double p, t;
			struct prof_ratio c;

			r.x[1] = b;
			r.exposure[1] = 1.1;
			r.df = 12;
			r.drift = drift * 0.01;
			p = prof_rates_test(&r);
			t = prof_t_quantile(1 - p / 2, r.df);
			c = prof_rates_ratio(&r, t);
			/* At the level of its own p the interval ends at no change. */
			assert_near(b / 1.1 > 100 ? c.low : c.high, 1, drift ? 0.02 : 1e-6);
			assert_near(c.ratio, b / 110.0, 1e-12);
			assert_true(c.low < c.ratio && c.ratio < c.high);
		}
}

static void nothing_on_a_side(void **state)
{
	struct prof_rates r = even_rates;
	struct prof_ratio c;

	(void)state;
	r.x[0] = 0;
	c = prof_rates_ratio(&r, 1.96);
	assert_true(isinf(c.ratio) && isinf(c.high) && c.low > 10);
	assert_true(prof_rates_test(&r) < 1e-9);
	r.x[1] = 0;
	assert_true(isnan(prof_rates_ratio(&r, 1.96).ratio));
	assert_true(prof_rates_test(&r) == 1);
	assert_true(isinf(prof_rates_detectable(&r, 0.05, 0.9)));
	assert_true(isinf(prof_rates_needed(&r, 2, 0.05, 0.9)));
}

static void few_samples_need_the_exact_test(void **state)
{
	struct prof_rates r = even_rates;

	(void)state;
	r.x[0] = 1;
	r.x[1] = 7;
	/* Never less than the exact mid-p, which is 2 * (1 + 8 / 2) / 256. */
	assert_true(prof_rates_test(&r) >= 10.0 / 256 - 1e-12);
}

/* A small generator, so that the same numbers come everywhere. */
static double uniform(uint64_t *s)
{
	*s = *s * 6364136223846793005u + 1442695040888963407u;
	return ((double)(*s >> 11) + 0.5) / 9007199254740992.0;
}

static double poisson(uint64_t *s, double mean)
{
	double limit = exp(-mean), product = uniform(s);
	int n = 0;

	for (; product > limit; n++)
		product *= uniform(s);
	return n;
}

/* The share of `trials` pairs of Poisson counts that the test calls at alpha. */
static double found(double mean, double ratio, double alpha, int trials, uint64_t *seed)
{
	int n = 0;

	for (int i = 0; i < trials; i++) {
		struct prof_rates r = even_rates;

		r.x[0] = poisson(seed, mean);
		r.x[1] = poisson(seed, mean * ratio);
		n += prof_rates_test(&r) <= alpha;
	}
	return (double)n / trials;
}

static void false_alarms_are_as_promised(void **state)
{
	static const double means[] = {5, 12, 40, 150, 500};
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < 5; i++) {
		double rate = found(means[i], 1, 0.05, 4000, &seed);

		assert_true(rate <= 0.06);
		assert_true(rate >= (means[i] < 10 ? 0.01 : 0.035));
	}
}

static void power_is_as_predicted(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (double mean = 60; mean < 600; mean *= 2)
		for (double alpha = 0.05; alpha > 0.0005; alpha /= 10) {
			struct prof_rates r = even_rates;
			double ratio, got;

			r.x[0] = r.x[1] = mean;
			ratio = prof_rates_detectable(&r, alpha, 0.9);
			assert_near(prof_rates_needed(&r, ratio, alpha, 0.9), 1, 1e-4);
			got = found(mean, ratio, alpha, 1500, &seed);
			assert_true(got > 0.81 && got < 0.96);
		}
}

static void more_data_shows_less(void **state)
{
	struct prof_rates r = even_rates, more = even_rates;
	double times = prof_rates_needed(&r, 1.2, 0.05, 0.9);

	(void)state;
	assert_true(times > 3 && times < 8);
	for (int s = 0; s < 2; s++) {
		more.x[s] *= times;
		more.exposure[s] *= times;
	}
	assert_near(prof_rates_detectable(&more, 0.05, 0.9), 1.2, 1e-3);
	assert_near(prof_rates_needed(&more, 1.5, 0.05, 0.9), 1, 1e-3);
}

static double rank_p(const double *x, size_t first, size_t n)
{
	struct prof_mem mem = {.limit = 1 << 24};
	struct prof_err e = {0};
	double p;

	assert_int_equal(prof_rank_test(&mem, x, first, n, &p, &e), 0);
	assert_int_equal(mem.used, 0);
	return p;
}

static void ranks(void **state)
{
	static const double apart[] = {1, 2, 3, 4, 15, 16, 17, 18};
	static const double mixed[] = {1, 4, 5, 8, 2, 3, 6, 7};
	static const double ties[] = {1, 1, 2, 2, 2, 3};
	double many[PROF_RANKS_MOST + 1] = {0};

	(void)state;
	assert_near(rank_p(apart, 4, 8), 2.0 / 70, 1e-12);
	assert_near(rank_p(apart, 1, 8), 2.0 / 8, 1e-12);
	assert_near(rank_p(mixed, 4, 8), 1, 1e-12);
	/* Of the 20 choices of 3 of the ranks 1.5 1.5 4 4 4 6, 6 are as far from 10.5 as 7 is. */
	assert_near(rank_p(ties, 3, 6), 0.3, 1e-12);
	assert_true(isnan(rank_p(apart, 0, 8)) && isnan(rank_p(apart, 8, 8)));
	assert_true(isnan(rank_p(many, 50, PROF_RANKS_MOST + 1)));
	assert_near(rank_p(many, 50, PROF_RANKS_MOST), 1, 1e-9);
}

enum { NOISE_ROWS = 60, NOISE_RUNS = 10 };

/* Rows of Poisson counts, means from 10 on; each run's rate is off by up to `own` of it, and of
 * every fourth row by `wild`.
 */
static void noisy_rows(struct prof_noise_row *rows, double own, double wild, uint64_t *seed)
{
	for (int i = 0; i < NOISE_ROWS; i++) {
		double mean = 10 * pow(30, (double)i / NOISE_ROWS), x[NOISE_RUNS], sum = 0;

		rows[i] = (struct prof_noise_row){.df = NOISE_RUNS - 1};
		for (int k = 0; k < NOISE_RUNS; k++) {
			double by = i % 4 ? own : fmax(own, wild);

			x[k] = poisson(seed, mean * (1 + by * (2 * uniform(seed) - 1)));
			sum += x[k];
		}
		rows[i].mean = sum / NOISE_RUNS;
		for (int k = 0; k < NOISE_RUNS; k++)
			rows[i].chi2 += (x[k] - rows[i].mean) * (x[k] - rows[i].mean) /
					rows[i].mean;
	}
}

static void noise_of_poisson_is_one(void **state)
{
	struct prof_noise_row rows[NOISE_ROWS];
	struct prof_noise s;
	uint64_t seed = 3;
	double df;

	(void)state;
	noisy_rows(rows, 0, 0, &seed);
	prof_noise_init(&s, 1.4, 0, 8);
	prof_noise_fit(&s, rows, NOISE_ROWS);
	assert_true(s.floor >= 1 && s.floor < 1.1);
	assert_true(s.slope < 0.002);
	assert_true(s.df > 20); /* rows don't differ: one learns from the others */
	assert_near(s.all_df, NOISE_ROWS * (NOISE_RUNS - 1), 1e-12);
	for (int i = 0; i < NOISE_ROWS; i++) {
		double phi = prof_noise_phi(&s, &rows[i], &df);

		assert_true(phi >= 1 && phi < 1.5);
		assert_true(df > 28 && df <= s.all_df);
	}
}

/* Uniform on +- a has the variance a^2 / 3. */
static void noise_grows_with_the_mean(void **state)
{
	struct prof_noise_row rows[NOISE_ROWS];
	struct prof_noise s;
	uint64_t seed = 4;

	(void)state;
	noisy_rows(rows, 0.3, 0, &seed);
	prof_noise_init(&s, 1.4, 0, 8);
	prof_noise_fit(&s, rows, NOISE_ROWS);
	assert_near(s.slope, 0.03, 0.25);
	assert_true(s.floor >= 1 && s.floor < 1.5);
	assert_near(prof_noise_at(&s, 200), 1 + 200 * 0.03, 0.25);
}

static void wild_rows_are_told_from_others(void **state)
{
	struct prof_noise_row rows[NOISE_ROWS];
	struct prof_noise s;
	uint64_t seed = 5;
	double df, wild, tame;

	(void)state;
	noisy_rows(rows, 0, 0.6, &seed);
	prof_noise_init(&s, 1.4, 0, 8);
	prof_noise_fit(&s, rows, NOISE_ROWS);
	assert_true(s.df < 10);
	wild = prof_noise_phi(&s, &rows[NOISE_ROWS - 4], &df);
	tame = prof_noise_phi(&s, &rows[NOISE_ROWS - 3], &df);
	assert_true(wild > 2 * tame);
}

static void noise_of_nothing_is_what_was_known(void **state)
{
	struct prof_noise_row none = {.mean = 50}, few = {.chi2 = 30, .df = 1, .mean = 50};
	struct prof_noise s;
	double df;

	(void)state;
	prof_noise_init(&s, 1.4, 0.001, 8);
	prof_noise_fit(&s, &none, 1);
	assert_near(prof_noise_phi(&s, &none, &df), 1.45, 1e-12);
	assert_near(df, 8, 1e-12);
	prof_noise_fit(&s, &few, 1);
	assert_true(s.floor >= 1 && isfinite(s.floor) && s.df > 4);
	assert_true(prof_noise_phi(&s, &few, &df) >= 1 && df >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(normal),
		cmocka_unit_test(incomplete_beta),
		cmocka_unit_test(student),
		cmocka_unit_test(mid_p),
		cmocka_unit_test(false_discovery_rate),
		cmocka_unit_test(medians),
		cmocka_unit_test(the_interval_is_the_test),
		cmocka_unit_test(nothing_on_a_side),
		cmocka_unit_test(few_samples_need_the_exact_test),
		cmocka_unit_test(false_alarms_are_as_promised),
		cmocka_unit_test(power_is_as_predicted),
		cmocka_unit_test(more_data_shows_less),
		cmocka_unit_test(ranks),
		cmocka_unit_test(noise_of_poisson_is_one),
		cmocka_unit_test(noise_grows_with_the_mean),
		cmocka_unit_test(wild_rows_are_told_from_others),
		cmocka_unit_test(noise_of_nothing_is_what_was_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
