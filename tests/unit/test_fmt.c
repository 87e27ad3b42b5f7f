/* Expected texts are those of pprof's package measurement (Go 1.27). */
#include "tests/unit/unit.h"

#include <locale.h>
#include <math.h>

#include "libprof/base/fmt.h"
#include "libprof/model/report.h"

static const struct {
	int64_t v;
	const char *from, *to, *label;
} scaled[] = {
	/* time */
	{0, "nanoseconds", "auto", "0"}, {1, "nanoseconds", "auto", "1ns"},
	{999, "ns", "auto", "999ns"}, {1000, "ns", "auto", "1us"}, {1500, "ns", "auto", "1.50us"},
	{999999, "ns", "auto", "1000us"}, {1234567, "nanosecond", "auto", "1.23ms"},
	{1500000000, "nanoseconds", "auto", "1.50s"}, {2000000000, "nanoseconds", "auto", "2s"},
	{INT64_C(3599000000000), "nanoseconds", "auto", "3599s"}, /* no minutes */
	{INT64_C(3600000000000), "nanoseconds", "auto", "1hrs"},
	{INT64_C(5400000000000), "nanoseconds", "minimum", "1.50hrs"},
	{-1500000000, "nanoseconds", "auto", "-1.50s"}, {1500, "ms", "s", "1.50s"},
	{3, "seconds", "ns", "3000000000ns"}, {2, "hours", "s", "7200s"},
	{1, "hr", "ms", "3600000ms"}, {5, "microseconds", "ns", "5000ns"},
	{5, "\xce\xbcss", "ns", "5000ns"},
	{5, "\xce\xbcs", "ns", "5ns"}, /* three bytes: loses its s, in pprof too */
	{7, "US", "NS", "7000ns"}, {1, "sec", "milliseconds", "1000ms"}, {1, "ns", "s", "0"},
	{4, "ms", "s", "0"}, {5, "ms", "s", "0.01s"},
	/* memory: factors of 1024 */
	{1, "bytes", "auto", "1B"}, {1023, "b", "auto", "1023B"}, {1024, "byte", "auto", "1kB"},
	{4100000, "bytes", "auto", "3.91MB"}, {65536000, "bytes", "auto", "62.50MB"},
	{INT64_C(1) << 30, "bytes", "auto", "1GB"}, {INT64_C(1) << 40, "bytes", "auto", "1TB"},
	{INT64_C(3) << 50, "bytes", "auto", "3PB"}, {2048, "kB", "MB", "2MB"},
	{1, "megabytes", "kilobyte", "1024kB"}, {1, "gbyte", "mb", "1024MB"},
	{1, "tb", "GB", "1024GB"}, {1, "petabyte", "terabytes", "1024TB"},
	/* a foreign or unknown unit gives the family's own */
	{1500000000, "nanoseconds", "MB", "1.50s"},
	{1500000000, "nanoseconds", "nonsense", "1.50s"}, {2048, "bytes", "ms", "2048B"},
	/* GCU */
	{1, "GCU", "auto", "1GCU"}, {1500, "gcu", "auto", "1.50k*GCU"},
	{3, "nanogcu", "auto", "3n*GCU"}, {5, "microgcu", "minimum", "5u*GCU"},
	{7, "milligcu", "auto", "7m*GCU"}, {1, "petagcu", "auto", "1P*GCU"},
	{1, "teragcu", "gigagcu", "1000G*GCU"}, {1, "megagcu", "kilogcu", "1000k*GCU"},
	/* what is no known unit stays, under the name asked for */
	{42, "count", "count", "42"}, {42, "samples", "sample", "42"},
	{42, "objects", "unit", "42"}, {42, "objects", "minimum", "42"},
	{42, "objects", "auto", "42"}, {42, "objects", "objects", "42objects"},
	{42, "objects", "s", "42s"}, {-42, "objects", "auto", "-42"},
	{0, "objects", "objects", "0"},
	{INT64_MAX, "objects", "auto", "9223372036854775808"}, /* a double by then */
};

static void values_with_units(void **state)
{
	struct prof_buf b;

	(void)state;
	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; i < COUNT(scaled); i++) {
		prof_fmt_scaled(
			&b, scaled[i].v, prof_str_of(scaled[i].from), prof_str_of(scaled[i].to));
		assert_buf(&b, scaled[i].label);
	}
	prof_buf_fini(&b);
}

static void the_least_integer_has_no_opposite(void **state)
{
	struct prof_str unit;
	struct prof_buf b;

	(void)state;
	assert_true(prof_unit_scale(INT64_MIN, PROF_STR("ns"), PROF_STR("s"), &unit) < -9.2e9);
	assert_str(unit, "s");
	prof_buf_init(&b, NULL, NULL);
	/* autoScale finds nothing that gives at least 1. */
	prof_fmt_scaled(&b, INT64_MIN, PROF_STR("ns"), PROF_STR("auto"));
	assert_buf(&b, "-9223372036.85s");
	prof_buf_fini(&b);
}

static const struct {
	int64_t v, total;
	const char *text;
} percents[] = {
	{0, 100, "    0%"},
	{5, 0, "    0%"},
	{0, 0, "    0%"},
	{1, 1, "  100%"},
	{9995, 10000, "  100%"},
	{9994, 10000, "99.94%"},
	{10005, 10000, "  100%"},
	{10006, 10000, "100.06%"},
	{20000, 100, "20000.00%"},
	{1234, 10000, "12.34%"},
	{1, 100, " 1.00%"},
	{99, 10000, " 0.99%"},
	{5, 1000, "  0.5%"},
	{1, 1000, "  0.1%"},
	{123, 1000000, "0.012%"},
	{1, 1000000000, "1e-07%"},
	{-5, 13, "38.46%"}, /* no sign */
	{5, -13, "38.46%"},
	{INT64_MIN, INT64_MIN, "  100%"},
};

static void percentages(void **state)
{
	struct prof_buf b;

	(void)state;
	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; i < COUNT(percents); i++) {
		prof_fmt_percent(&b, percents[i].v, percents[i].total);
		assert_buf(&b, percents[i].text);
	}
	prof_buf_fini(&b);
}

static void which_units_go_together(void **state)
{
	static const struct {
		const char *a, *b;
		bool yes;
	} rows[] = {{"ns", "seconds", true}, {"bytes", "MB", true}, {"bytes", "ns", false},
		{"count", "count", true}, {"count", "objects", false}, {"", "", true},
		{"GCU", "nanogcu", true}, {"s", "S", true}, {"ss", "s", false}, {"min", "s", false},
		{"nanosecondsss", "ns", false}, {"a_unit_with_a_very_long_name", "b", false}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(
			prof_unit_compatible(prof_str_of(rows[i].a), prof_str_of(rows[i].b)),
			rows[i].yes);
	/* A NUL ends no name. */
	assert_false(prof_unit_compatible((struct prof_str){"s\0x", 3}, PROF_STR("s")));
}

static void one_unit_for_a_report(void **state)
{
	static const struct {
		int64_t least, most;
		const char *unit;
		bool integers;
		const char *out;
	} rows[] = {
		{1500000000, 9000000000, "nanoseconds", false, "s"},
		{5000000, 9000000000, "nanoseconds", false, "ms"}, /* 500 ms */
		{50000000, 9000000000, "nanoseconds", false, "s"}, /* 5 s */
		{50000000, 9000000000, "nanoseconds", true, "ms"},
		{0, 9000, "nanoseconds", false, "s"}, /* nothing to fit: the default */
		{2, 2048, "bytes", false, "B"},
		{1024, 5 << 20, "bytes", false, "kB"},
		{3, 400, "count", false, "count"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_str(prof_report_unit(rows[i].least, rows[i].most, prof_str_of(rows[i].unit),
				   rows[i].integers),
			rows[i].out);
}

static void doubles_without_a_locale(void **state)
{
	static const char *const locales[] = {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8", "C"};
	struct prof_buf b;

	(void)state;
	for (size_t i = 0; i < COUNT(locales); i++)
		if (setlocale(LC_ALL, locales[i]))
			break;
	prof_buf_init(&b, NULL, NULL);
	prof_buf_double(&b, 1.5, 'f', 2);
	assert_buf(&b, "1.50");
	prof_buf_double(&b, -0.000123, 'g', 2);
	assert_buf(&b, "-0.00012");
	prof_buf_double(&b, 1e300, 'f', 1);
	assert_int_equal(b.n, 303);
	b.n = 0;
	prof_buf_double(&b, 12345.678, 'e', 3);
	assert_buf(&b, "1.235e+04");
	prof_buf_double(&b, 0.1, 'g', 17);
	assert_buf(&b, "0.10000000000000001");
	prof_buf_double(&b, -1e308, 'f', 32);
	assert_int_equal(b.n, 1 + 309 + 1 + 32);
	b.n = 0;
	prof_buf_double(&b, INFINITY, 'f', 2);
	assert_buf(&b, "inf");
	prof_buf_fini(&b);
	setlocale(LC_ALL, "C");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_with_units),
		cmocka_unit_test(the_least_integer_has_no_opposite),
		cmocka_unit_test(percentages),
		cmocka_unit_test(which_units_go_together),
		cmocka_unit_test(one_unit_for_a_report),
		cmocka_unit_test(doubles_without_a_locale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
