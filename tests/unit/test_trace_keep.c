#include "tests/unit/random.h"
#include "tests/unit/unit.h"

#include "libprof/analyse/trace/keep.h"

enum { VALUES = 50000 };

static struct prof_err err;

/* The values of the while from `t` on, as a step should have them; where the next one begins. */
static size_t join(const int64_t (*told)[2], size_t i, int64_t width, struct prof_keep_step *out)
{
	int64_t end = told[i][0] - told[i][0] % width + width;

	*out = (struct prof_keep_step){end - width, told[i][1], told[i][1], told[i][1]};
	for (; i < VALUES && told[i][0] < end; i++) {
		out->least = told[i][1] < out->least ? told[i][1] : out->least;
		out->most = told[i][1] > out->most ? told[i][1] : out->most;
		out->last = told[i][1];
	}
	return i;
}

static void a_long_series_is_told_in_steps(void **state)
{
	static const struct prof_rows_sink sink = {0};
	static int64_t told[VALUES][2];
	const struct prof_keep_series *s;
	struct random_wire random = {.seed = 1};
	struct prof_mem mem = {.limit = SIZE_MAX / 2};
	struct prof_trace_keep x;
	int64_t now = 0;
	size_t at = 0;

	(void)state;
	prof_trace_keep_init(&x, &mem, &sink, false);
	s = &x.series[PROF_METRIC_HEAP_BYTES];
	for (size_t i = 0; i < VALUES; i++) {
		told[i][0] = now += random_below(&random, i % 100 ? 100 : 100000);
		told[i][1] = (int64_t)(2 * random_below(&random, 1000000) + i % 2); /* changes */
		assert_ok(
			prof_keep_metric(&x, PROF_METRIC_HEAP_BYTES, told[i][0], told[i][1], &err),
			&err);
		if (i == 500) { /* as long as there are few each has its own time */
			assert_int_equal(s->steps.n, 501);
			assert_int_equal(s->width, 0);
			assert_int_equal(s->steps.v[500].t, now);
		}
	}
	assert_in_range(s->steps.n, 256, 1024);
	assert_true(s->width > 0);
	for (size_t k = 0; k < s->steps.n; k++) {
		struct prof_keep_step want;

		at = join(told, at, s->width, &want);
		assert_int_equal(s->steps.v[k].t, want.t);
		assert_int_equal(s->steps.v[k].least, want.least);
		assert_int_equal(s->steps.v[k].most, want.most);
		assert_int_equal(s->steps.v[k].last, want.last);
	}
	assert_int_equal(at, VALUES);
	prof_trace_keep_fini(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_long_series_is_told_in_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
