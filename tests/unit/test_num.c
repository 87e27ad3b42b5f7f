#include "tests/unit/unit.h"

#include <math.h>

#include "libprof/base/num.h"

static void sums_wrap_as_in_go(void **state)
{
	(void)state;
	assert_int_equal(prof_add(2, 3), 5);
	assert_int_equal(prof_add(-2, 1), -1);
	assert_true(prof_add(INT64_MAX, 1) == INT64_MIN);
	assert_true(prof_add(INT64_MIN, -1) == INT64_MAX);
	assert_int_equal(prof_sub(2, 3), -1);
	assert_true(prof_sub(INT64_MIN, 1) == INT64_MAX);
	assert_true(prof_sub(0, INT64_MIN) == INT64_MIN);
}

static void absolute_values(void **state)
{
	(void)state;
	assert_int_equal(prof_abs(0), 0);
	assert_int_equal(prof_abs(7), 7);
	assert_int_equal(prof_abs(-7), 7);
	assert_true(prof_abs(INT64_MIN + 1) == INT64_MAX);
	assert_true(prof_abs(INT64_MIN) == INT64_MIN);
}

static void division_truncates(void **state)
{
	(void)state;
	assert_int_equal(prof_div(7, 2), 3);
	assert_int_equal(prof_div(-7, 2), -3);
	assert_int_equal(prof_div(7, -2), -3);
	assert_int_equal(prof_div(7, -1), -7);
	assert_true(prof_div(INT64_MIN, -1) == INT64_MIN);
	assert_true(prof_div(INT64_MIN, 1) == INT64_MIN);
}

static void conversion_of_any_double(void **state)
{
	(void)state;
	assert_int_equal(prof_to_i64(2.9), 2);
	assert_int_equal(prof_to_i64(-2.9), -2);
	assert_int_equal(prof_to_i64(-0.0), 0);
	assert_true(prof_to_i64(-0x1p63) == INT64_MIN);
	assert_true(prof_to_i64(0x1p63 - 1024) == INT64_MAX - 1023);
	assert_true(prof_to_i64(0x1p63) == INT64_MIN);
	assert_true(prof_to_i64(-1e300) == INT64_MIN);
	assert_true(prof_to_i64(NAN) == INT64_MIN);
	assert_true(prof_to_i64(INFINITY) == INT64_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_wrap_as_in_go),
		cmocka_unit_test(absolute_values),
		cmocka_unit_test(division_truncates),
		cmocka_unit_test(conversion_of_any_double),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
