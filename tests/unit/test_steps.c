/* Steps in made-up years: 365 nights, a build every few nights, functions whose shares drift and
 * are counted in samples that vary more than by chance. Planted are +20 % on a function of 5 %, +50
 * % on one of 1 %, a drift, a spike of two nights and a rename.
 */
#include "tests/unit/unit.h"

#include <math.h>

#include "libprof/analyse/stats/rates.h"
#include "libprof/analyse/stats/steps.h"
#include "tests/unit/noise.h"

enum { NIGHTS = 365, FUNCTIONS = 60, YEARS = 60, SAMPLES = 6000 };

/* What is planted in which function; the others have nothing. */
enum { LARGE, SMALL, DRIFT, SPIKE, OLD_NAME, NEW_NAME, PLAIN };

struct year {
	uint32_t run[NIGHTS];
	double share[FUNCTIONS][NIGHTS], sd[FUNCTIONS][NIGHTS];
	size_t step[2], rename; /* nights */
};

/* The first night of a build somewhere in the middle of the year. */
static size_t some_build(const struct year *y)
{
	size_t i = 40 + (size_t)(uniform() * (NIGHTS - 80));

	while (y->run[i] == y->run[i - 1])
		i++;
	return i;
}

static double weight(const struct year *y, int f, size_t night)
{
	static const double base[] = {0.05, 0.01, 0.03, 0.02, 0.03, 0.03};
	double w = f < PLAIN ? base[f] : 0.12 / (1 + f - PLAIN);

	if (f <= SMALL && night >= y->step[f])
		w *= f == LARGE ? 1.2 : 1.5;
	if (f == DRIFT)
		w *= 1 + 0.6 * (double)night / NIGHTS;
	if (f == SPIKE && (night == 200 || night == 201))
		w *= 3;
	if ((f == OLD_NAME && night >= y->rename) || (f == NEW_NAME && night < y->rename))
		w = 0;
	return w;
}

static void make_year(struct year *y)
{
	static double drift[FUNCTIONS];
	size_t left = 0;

	for (size_t i = 0; i < NIGHTS; i++, left--) {
		y->run[i] = i ? y->run[i - 1] + !left : 0;
		if (!left)
			left = 2 + (size_t)(uniform() * 4);
	}
	for (size_t k = 0; k < 2; k++)
		y->step[k] = some_build(y);
	y->rename = some_build(y);
	for (int f = 0; f < FUNCTIONS; f++)
		drift[f] = 0;
	for (size_t i = 0; i < NIGHTS; i++) {
		double sum = 0, w[FUNCTIONS];

		for (int f = 0; f < FUNCTIONS; f++) {
			/* Weights wander, within some 2 %. */
			drift[f] = 0.95 * drift[f] + 0.006 * normal();
			w[f] = weight(y, f, i) * exp(drift[f]);
			sum += w[f];
		}
		for (int f = 0; f < FUNCTIONS; f++) {
			double p = w[f] / sum, sd = sqrt(p * (1 - p) / SAMPLES);

			y->share[f][i] = fmax(0, p + 1.15 * sd * normal());
			y->sd[f][i] = sd;
		}
	}
}

struct score {
	size_t steps, found, exact, years, clean, spikes;
};

static void judge(struct year *y, struct score *s)
{
	struct prof_mem mem = {.limit = SIZE_MAX / 2};
	struct prof_steps_opts opts = {0.05, 0.1, 0.002, 3, NULL};
	static double tell[FUNCTIONS][PROF_WANDERS];
	struct prof_wander wander;
	struct prof_steps steps[FUNCTIONS];
	double p[FUNCTIONS], q[FUNCTIONS];
	size_t order[FUNCTIONS];
	struct prof_err e = {0};
	double factor[NIGHTS];
	bool clean = true;

	assert_ok(prof_steps_scale(y->share[0], FUNCTIONS, NIGHTS, NIGHTS, factor, &mem, &e), &e);
	for (int f = 0; f < FUNCTIONS; f++)
		for (size_t i = 0; i < NIGHTS; i++)
			y->share[f][i] /= factor[i];
	for (int f = 0; f < FUNCTIONS; f++) {
		const struct prof_nightly v = {y->share[f], y->sd[f], y->run, NULL, NIGHTS};

		assert_ok(prof_steps_wander(tell[f], &v, &mem, &e), &e);
	}
	prof_wander_learn(&wander, tell[0], FUNCTIONS);
	opts.wander = &wander;
	for (int f = 0; f < FUNCTIONS; f++) {
		const struct prof_nightly v = {y->share[f], y->sd[f], y->run, NULL, NIGHTS};

		assert_ok(prof_steps_find(&steps[f], &v, &opts, &mem, &e), &e);
		p[f] = steps[f].p;
	}
	prof_fdr(p, q, order, FUNCTIONS);
	for (int f = 0; f < FUNCTIONS; f++) {
		size_t at = f <= SMALL ? y->step[f] : y->rename, n = 0;

		for (size_t k = 0; q[f] <= 0.05 && k < steps[f].v.n; k++)
			if (steps[f].v.v[k].kind == PROF_STEP) {
				n++;
				if (f <= SMALL || f == OLD_NAME || f == NEW_NAME)
					s->exact += steps[f].v.v[k].at == at;
			}
		if (f <= SMALL || f == OLD_NAME || f == NEW_NAME) {
			s->steps++;
			s->found += n > 0;
		} else if (f == SPIKE) {
			s->spikes += n > 0;
		} else if (f != DRIFT) {
			clean = clean && !n;
		}
		prof_steps_fini(&steps[f], &mem);
	}
	s->years++;
	s->clean += clean;
}

static void years(void **state)
{
	static struct year y;
	struct score s = {0};

	(void)state;
	seed = 1;
	for (int i = 0; i < YEARS; i++) {
		make_year(&y);
		judge(&y, &s);
	}
	print_message("%zu steps, %zu found, %zu at their build; %zu years, %zu without a false "
		      "alarm, %zu spikes taken for steps\n",
		s.steps, s.found, s.exact, s.years, s.clean, s.spikes);
	assert_true(s.exact * 100 >= s.steps * 90);
	assert_true(s.clean * 100 >= s.years * 95);
	assert_int_equal(s.spikes, 0);
}

static void steps_of(const double *v, const uint32_t *run, size_t n, struct prof_steps *out)
{
	const struct prof_nightly series = {v, NULL, run, NULL, n};
	const struct prof_steps_opts opts = {0.05, 0.1, 0.002, 3, NULL};
	static struct prof_mem mem = {.limit = SIZE_MAX / 2};
	struct prof_err e = {0};

	assert_ok(prof_steps_find(out, &series, &opts, &mem, &e), &e);
}

/* Nothing to find in few nights, few builds, or where nothing varies. */
static void nothing(void **state)
{
	static struct prof_mem mem = {.limit = SIZE_MAX / 2};
	double v[60];
	uint32_t run[60];
	struct prof_steps s;

	(void)state;
	for (size_t i = 0; i < 60; i++) {
		v[i] = i < 30 ? 1 : 2;
		run[i] = i >= 30;
	}
	steps_of(v, run, 60, &s); /* two builds: how much builds vary is not known */
	assert_int_equal(s.v.n, 0);
	steps_of(v, run, 5, &s);
	assert_int_equal(s.v.n, 0);
	steps_of(v, run, 0, &s);
	assert_int_equal(s.v.n, 0);
	for (size_t i = 0; i < 60; i++) {
		v[i] = 0.25;
		run[i] = (uint32_t)i;
	}
	steps_of(v, run, 60, &s);
	assert_int_equal(s.v.n, 0);
	prof_steps_fini(&s, &mem);
}

/* A change that is back where it was at the end is told, and is no step. */
static void went_away(void **state)
{
	static struct prof_mem mem = {.limit = SIZE_MAX / 2};
	double v[80];
	uint32_t run[80];
	struct prof_steps s;
	bool step = false;

	(void)state;
	seed = 3;
	for (size_t i = 0; i < 80; i++) {
		v[i] = (i >= 40 && i < 77 ? 0.12 : 0.1) + 0.001 * normal();
		run[i] = (uint32_t)i;
	}
	steps_of(v, run, 80, &s);
	assert_int_not_equal(s.v.n, 0);
	assert_int_equal(s.v.v[0].at, 40);
	for (size_t i = 0; i < s.v.n; i++)
		step |= s.v.v[i].kind == PROF_STEP && s.v.v[i].at > 77;
	assert_false(step);
	prof_steps_fini(&s, &mem);
}

/* Levels of nights [0, 30), [30, 60), [60, 90), builds of two nights. */
static void two_steps(const double *level, enum prof_step_kind first)
{
	static struct prof_mem mem = {.limit = SIZE_MAX / 2};
	double v[90];
	uint32_t run[90];
	struct prof_steps s;

	for (size_t i = 0; i < 90; i++) {
		v[i] = level[i / 30] * (1 + 0.03 * normal());
		run[i] = (uint32_t)i / 2;
	}
	steps_of(v, run, 90, &s);
	assert_int_equal(s.v.n, 2);
	for (size_t k = 0; k < 2; k++) {
		const struct prof_step *step = &s.v.v[k];

		assert_int_equal(step->kind, k ? PROF_STEP : first);
		assert_int_equal(step->at, 30 + 30 * k);
		assert_int_equal(step->place[0].at, step->at);
		assert_true(fabs(step->before - level[k]) < 0.03);
		assert_true(fabs(step->after - level[k + 1]) < 0.03);
	}
	prof_steps_fini(&s, &mem);
}

static void several(void **state)
{
	(void)state;
	seed = 4;
	two_steps((const double[]){1, 1.3, 1.6}, PROF_STEP);
	two_steps((const double[]){1, 1.3, 1}, PROF_STEP_GONE);
	two_steps((const double[]){1, 0.7, 1.2}, PROF_STEP_GONE);
}

/* Two nights in five have a tenth of the samples: known to be worth less, they hide no step. */
static void uneven(void **state)
{
	const struct prof_steps_opts opts = {0.05, 0.1, 0, 3, NULL};
	static struct prof_mem mem = {.limit = SIZE_MAX / 2};
	size_t found = 0, wrong = 0;
	struct prof_err e = {0};

	(void)state;
	seed = 6;
	for (int year = 0; year < 200; year++) {
		double v[90], sd[90];
		uint32_t run[90];
		const struct prof_nightly series = {v, sd, run, NULL, 90};
		struct prof_steps s;

		for (size_t i = 0; i < 90; i++) {
			run[i] = (uint32_t)i / 2;
			sd[i] = sqrt(0.05 / (uniform() < 0.4 ? 300 : 3000));
			v[i] = fmax(0, (year % 2 && i >= 44 ? 0.0625 : 0.05) + sd[i] * normal());
		}
		assert_ok(prof_steps_find(&s, &series, &opts, &mem, &e), &e);
		found += year % 2 && s.v.n == 1 && s.v.v[0].kind == PROF_STEP;
		wrong += year % 2 == 0 && s.v.n > 0;
		prof_steps_fini(&s, &mem);
	}
	assert_true(found >= 95);
	assert_true(wrong <= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(years),
		cmocka_unit_test(nothing),
		cmocka_unit_test(went_away),
		cmocka_unit_test(several),
		cmocka_unit_test(uneven),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
