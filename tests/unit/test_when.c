/* Times as people and paths write them. */
#include <string.h>

#include "libprof/base/when.h"
#include "tests/unit/unit.h"

#define DAY INT64_C(86400000000000)
#define HOUR INT64_C(3600000000000)

static const int64_t NIGHT = 20778 * DAY; /* 2026-11-21 */

static void test_times(void **state)
{
	static const struct {
		const char *text;
		int64_t since_night_ns;
	} times[] = {
		{"2026-11-21", 0},
		{"20261121", 0},
		{"2026/11/21", 0},
		{"2026-11-21T03", 3 * HOUR},
		{"2026-11-21T03:30", 7 * HOUR / 2},
		{"2026-11-21 03:00:01", 3 * HOUR + 1000000000},
		{"2026-11-21_03-00-00", 3 * HOUR},
		{"20261121T030000Z", 3 * HOUR},
		{"20261121030000", 3 * HOUR},
		{"2026-11-21T03:00:00+01:00", 2 * HOUR},
		{"2026-11-21T03:00:00.5-0030", 7 * HOUR / 2 + 500000000},
		{"1795219200", 0},
		{"1795219200001", 1000000},
		{"1795219200000001", 1000},
		{"1795219200000000001", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		int64_t ns = -1;

		if (!prof_when_parse(prof_str_of(times[i].text), &ns) ||
			ns - NIGHT != times[i].since_night_ns)
			fail_msg("%s is %lld ns after midnight", times[i].text,
				(long long)(ns - NIGHT));
	}
}

static void test_no_times(void **state)
{
	static const char *const texts[] = {"", "0", "-1", "now", "2026", "2026-11", "2026-13-01",
		"2026-02-29", "2026-11-21T24", "2026-11-21T", "2026-11-21T3", "2026-11-21T03:60",
		" 2026-11-21", "2026-11-21x", "2026-1121", "9999-01-01", "99999999999999999999",
		"1795219200.5"};
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (prof_when_parse(prof_str_of(texts[i]), &ns))
			fail_msg("\"%s\" is taken for %lld", texts[i], (long long)ns);
}

static void test_spans(void **state)
{
	int64_t ns;

	(void)state;
	assert_true(prof_when_parse_span(PROF_STR("1d12h"), &ns));
	assert_int_equal(ns, DAY + 12 * HOUR);
	assert_true(prof_when_parse_span(PROF_STR("2w"), &ns));
	assert_int_equal(ns, 14 * DAY);
	assert_true(prof_when_parse_span(PROF_STR("292y"), &ns));
	assert_false(prof_when_parse_span(PROF_STR("293y"), &ns));
	assert_false(prof_when_parse_span(PROF_STR(""), &ns));
	assert_false(prof_when_parse_span(PROF_STR("12"), &ns));
	assert_false(prof_when_parse_span(PROF_STR("d"), &ns));
	assert_false(prof_when_parse_span(PROF_STR("-1d"), &ns));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_no_times),
		cmocka_unit_test(test_spans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
