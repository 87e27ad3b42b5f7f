#include "tests/unit/unit.h"

#include "libprof/base/hist.h"

static void percentiles_are_within_one_percent(void **state)
{
	struct prof_mem m = {.limit = 1 << 20};
	struct prof_err e = {0};
	struct prof_hist h = {0};

	(void)state;
	assert_true(prof_hist_percentile(&h, 50) == 0);
	for (uint64_t v = 1; v <= 1000000; v++)
		assert_ok(prof_hist_add(&h, &m, v, &e), &e);
	for (int percent = 1; percent <= 99; percent++) {
		double want = 10000.0 * percent, got = (double)prof_hist_percentile(&h, percent);

		assert_true(got > want * 0.99 && got < want * 1.01);
	}
	assert_true(prof_hist_percentile(&h, 100) == 1000000 && h.max == 1000000);
	assert_true(h.count == 1000000 && h.total == UINT64_C(500000500000));
	prof_hist_fini(&h, &m);
	assert_int_equal(m.used, 0);
}

static void ends_of_the_range_fit(void **state)
{
	static const uint64_t values[] = {
		0, 1, 63, 64, 127, 128, (uint64_t)1 << 32, INT64_MAX, UINT64_MAX};
	struct prof_mem m = {.limit = 1 << 20};
	struct prof_err e = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct prof_hist h = {0};
		double got, want = (double)values[i];

		assert_ok(prof_hist_add(&h, &m, values[i], &e), &e);
		got = (double)prof_hist_percentile(&h, 50);
		assert_true(got <= want && got >= want * 0.99);
		prof_hist_fini(&h, &m);
	}
}

static void memory_is_budgeted(void **state)
{
	struct prof_mem m = {.limit = 600};
	struct prof_err e = {0};
	struct prof_hist h = {0};

	(void)state;
	assert_ok(prof_hist_add(&h, &m, 1, &e), &e);
	assert_int_equal(prof_hist_add(&h, &m, 1 << 20, &e), PROF_ELIMIT);
	assert_true(h.count == 1);
	prof_hist_fini(&h, &m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(percentiles_are_within_one_percent),
		cmocka_unit_test(ends_of_the_range_fit),
		cmocka_unit_test(memory_is_budgeted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
