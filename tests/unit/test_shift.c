/* Shifts in series that wander, against the same regression with the covariance written out and
 * factored; days of the week.
 */
#include "tests/unit/unit.h"

#include <math.h>

#include "libprof/analyse/stats/dist.h"
#include "libprof/analyse/stats/rates.h"
#include "libprof/analyse/stats/season.h"
#include "libprof/analyse/stats/shift.h"
#include "tests/unit/noise.h"

static void assert_close(double got, double want, double apart)
{
	if (!(fabs(got - want) <= apart))
		fail_msg("%.12g is not %.12g", got, want);
}

enum { N = 30, FIRST = 2, END = 28 };

static struct prof_mem mem = {.limit = SIZE_MAX / 2};

/* L of a covariance L L'. */
struct dense {
	double l[N][N], log_det;
};

static void factor(struct dense *d, const struct prof_shift_point *v, double sd, double nights)
{
	d->log_det = 0;
	for (int i = 0; i < N; i++)
		for (int j = 0; j <= i; j++) {
			double s = sd * sd * exp(-fabs(v[i].time - v[j].time) / nights) +
				   (i == j ? v[i].variance : 0);

			for (int k = 0; k < j; k++)
				s -= d->l[i][k] * d->l[j][k];
			d->l[i][j] = i == j ? sqrt(s) : s / d->l[j][j];
			d->log_det += i == j ? log(s) : 0;
		}
}

static void whiten(const struct dense *d, double *x)
{
	for (int i = 0; i < N; i++) {
		for (int k = 0; k < i; k++)
			x[i] -= d->l[i][k] * x[k];
		x[i] /= d->l[i][i];
	}
}

static double product(const double *x, const double *y)
{
	double sum = 0;

	for (int i = 0; i < N; i++)
		sum += x[i] * y[i];
	return sum;
}

/* Takes out of y what it has of x, which it gives the part of. */
static double take_out(double *y, const double *x)
{
	double part = product(x, y) / product(x, x);

	for (int i = 0; i < N; i++)
		y[i] -= part * x[i];
	return part;
}

/* A covariance alone is thought possible: number `g`, of this standard deviation and memory. */
static void against_dense(size_t g, double sd, double nights)
{
	struct prof_wander w = {.chance = {[0] = 0}};
	struct prof_shift_point v[N];
	struct prof_err e = {0};
	struct prof_shift s;
	static struct dense d;
	double one[N], y[N], level = 0, none, best = INFINITY, shift = 0, sum = 0;
	double rest[N], t;
	size_t at = 0;

	for (int i = 0; i < N; i++) {
		v[i] = (struct prof_shift_point){.mean = 5 + (i >= 12 ? 0.6 : 0) + 0.3 * normal(),
			.variance = 0.05 + 0.1 * uniform(),
			.time = 3 * i + uniform()};
		level += v[i].mean / N;
	}
	w.chance[g] = 1;
	assert_ok(prof_shift_find(&s, v, N, FIRST, END, &w, &mem, &e), &e);

	factor(&d, v, sd * level, nights);
	for (int i = 0; i < N; i++) {
		one[i] = 1;
		y[i] = v[i].mean;
	}
	whiten(&d, one);
	whiten(&d, y);
	take_out(y, one);
	none = product(y, y);
	for (size_t k = FIRST; k < END; k++) {
		double h[N], r[N], part;

		for (size_t i = 0; i < N; i++) {
			h[i] = i >= k;
			r[i] = y[i];
		}
		whiten(&d, h);
		take_out(h, one);
		part = take_out(r, h);
		rest[k] = product(r, r);
		if (rest[k] < best) {
			best = rest[k];
			shift = part;
			at = k;
		}
	}
	for (size_t k = FIRST; k < END; k++)
		sum += pow(best / rest[k], (N - 1) / 2.0);
	assert_int_equal(s.at, at);
	for (size_t k = 0; k < N; k++) {
		double want = k < FIRST || k >= END ? 0 : pow(best / rest[k], (N - 1) / 2.0) / sum;

		assert_close(v[k].chance, want, 1e-9);
	}
	assert_close(s.after - s.before, shift, 1e-9);
	t = sqrt((N - 2) * (none / best - 1));
	assert_close(s.p,
		2 * prof_t_cdf(-t, fmin(N - 2, 4 + 4 * fmin((double)at, (double)(N - at)))), 1e-9);
}

static void regression(void **state)
{
	(void)state;
	seed = 11;
	for (int i = 0; i < 5; i++) {
		against_dense(0, 0, 1);
		against_dense(4, 0.02, 10);
		against_dense(20, 0.3, 30);
		against_dense(38, 0.1, 300);
	}
}

/* What wanders is no shift once it is known to wander; what many series say is learnt. */
static void learns(void **state)
{
	static double tell[60][PROF_WANDERS];
	struct prof_shift_point v[120];
	struct prof_err e = {0};
	struct prof_wander w;
	double reach[4] = {0};

	(void)state;
	seed = 5;
	for (int r = 0; r < 60; r++) {
		double wander = 0.03 * normal();

		for (int i = 0; i < 120; i++) {
			wander = exp(-0.1) * wander + 0.03 * sqrt(1 - exp(-0.2)) * normal();
			v[i] = (struct prof_shift_point){
				.mean = 1 + wander + (r % 10 == 0 && i >= 60 ? 0.2 : 0) +
					0.03 * normal(),
				.variance = 0.03 * 0.03,
				.time = 3.0 * i};
		}
		assert_ok(prof_wander_row(tell[r], v, 120, &mem, &e), &e);
	}
	prof_wander_learn(&w, tell[0], 60);
	for (int g = 1; g < PROF_WANDERS; g++) /* which is 0.03 over 30 nights */
		reach[(g - 1) % 10 < 3 ? 0 : (g - 1) % 10 <= 5 ? 1 : 2] += w.chance[g];
	reach[3] = w.chance[0];
	assert_true(reach[1] > 0.9);
	assert_true(w.chance[15] > 0.3);
	assert_close(w.sd, 0.03, 0.005);
	assert_true(reach[0] + reach[2] + reach[3] < 0.1);
}

/* Too few points, or none where a shift may be; nothing varies. */
static void little(void **state)
{
	struct prof_shift_point v[N];
	struct prof_err e = {0};
	struct prof_wander w;
	struct prof_shift s;

	(void)state;
	prof_wander_init(&w);
	for (int i = 0; i < N; i++)
		v[i] = (struct prof_shift_point){.mean = 2, .variance = 1e-12, .time = i};
	for (size_t n = 0; n < 3; n++) {
		assert_ok(prof_shift_find(&s, v, n, 0, n, &w, &mem, &e), &e);
		assert_int_equal(s.at, 0);
		assert_true(s.p >= 1 && s.line_p >= 1);
	}
	assert_ok(prof_shift_find(&s, v, N, 5, 5, &w, &mem, &e), &e);
	assert_int_equal(s.at, 0);
	assert_ok(prof_shift_find(&s, v, N, FIRST, END, &w, &mem, &e), &e);
	assert_true(s.p > 0.5 && s.line_p > 0.5);
	for (int i = 20; i < N; i++)
		v[i].mean = 3;
	assert_ok(prof_shift_find(&s, v, N, FIRST, END, &w, &mem, &e), &e);
	assert_int_equal(s.at, 20);
	assert_true(s.p < 1e-20);
	assert_close(s.before, 2, 1e-6);
	assert_close(s.after, 3, 1e-6);
}

/* Weekends of 60 % in a year of noise; the same without them; and fewer than four weeks. */
static void weekdays(void **state)
{
	double y[364], f[364];
	struct prof_err e = {0};
	int64_t day[364];

	(void)state;
	for (int weekends = 0; weekends < 2; weekends++) {
		seed = 9;
		for (int i = 0; i < 364; i++) {
			day[i] = i - 100; /* 5 and 6 of a week */
			y[i] = (i >= 200 ? 1.3 : 1) * (1 + 0.1 * normal()) *
			       (weekends && ((i - 100 + 700) % 7 >= 5) ? 0.6 : 1);
		}
		assert_ok(prof_season_find(f, y, day, 364, &mem, &e), &e);
		for (int i = 0; i < 364; i++) {
			bool off = (i - 100 + 700) % 7 >= 5;
			double want = weekends ? (off ? 0.6 : 1) * 7 / 6.2 : 1;

			assert_close(f[i], want, weekends ? 0.05 : 0.03);
		}
		assert_ok(prof_season_find(f, y, day, 21, &mem, &e), &e);
		for (int i = 0; i < 21; i++)
			assert_close(f[i], 1, 0);
	}
	assert_ok(prof_season_find(f, y, day, 0, &mem, &e), &e);
	for (int i = 0; i < 364; i++) {
		y[i] = 0;
		day[i] = 3; /* all at once */
	}
	assert_ok(prof_season_find(f, y, day, 364, &mem, &e), &e);
	for (int i = 0; i < 364; i++)
		assert_close(f[i], 1, 0);
}

static int increasing(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void median(void **state)
{
	double v[64], w[64];

	(void)state;
	seed = 2;
	for (size_t n = 1; n <= 64; n++)
		for (int kinds = 1; kinds < 40; kinds += 6) {
			for (size_t i = 0; i < n; i++)
				v[i] = w[i] = floor(uniform() * kinds);
			qsort(w, n, sizeof(*w), increasing);
			assert_close(prof_median(v, n), (w[n / 2] + w[(n - 1) / 2]) / 2, 0);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(regression),
		cmocka_unit_test(learns),
		cmocka_unit_test(little),
		cmocka_unit_test(weekdays),
		cmocka_unit_test(median),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
