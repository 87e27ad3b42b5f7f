/* The grammar of gates, their units, and what they say. */
#include "tests/unit/unit.h"

#include <math.h>

#include "libprof/model/gate.h"

static struct prof_gate gate(const char *text)
{
	struct prof_err e = {0};
	struct prof_gate g;

	assert_int_equal(prof_gate_parse(&g, text, &e), 0);
	return g;
}

static void parts_of_the_text(void **state)
{
	struct prof_gate g = gate(" func:net/http.* >= -10.25 % ");

	(void)state;
	assert_str(g.text, "func:net/http.* >= -10.25 %");
	assert_str(g.metric, "func");
	assert_str(g.regex, "net/http.*");
	assert_str(g.unit, "%");
	assert_true(g.above && g.equal);
	assert_true(g.number == -10.25);
	assert_true(isnan(g.value));
	assert_int_equal(g.outcome, PROF_GATE_SKIPPED);

	/* The comparison is the last of them: an expression may have its own. */
	g = gate("func:(?P<x>a)<+5pp");
	assert_str(g.regex, "(?P<x>a)");
	assert_true(!g.above && !g.equal && g.number == 5);
	assert_true(prof_gate_is_points(&g) && !prof_gate_is_percent(&g));

	g = gate("total<3");
	assert_true(!g.regex.p);
	assert_str(g.unit, "");
	assert_true(prof_gate_metric_is(&g, "total") && !prof_gate_metric_is(&g, "tota"));
}

static void what_makes_no_sense(void **state)
{
	static const char *const wrong[] = {"", " ", "total", "total>", "total>ms",
		"total>=", "total>.", "total>-", "total> %"};
	struct prof_gate g;
	char long_number[500];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct prof_err e = {0};

		assert_int_equal(prof_gate_parse(&g, wrong[i], &e), PROF_EUSAGE);
		assert_ptr_equal(strstr(e.msg, "gate '"), e.msg);
	}
	memset(long_number, '9', sizeof(long_number));
	memcpy(long_number, "total>", 6);
	long_number[sizeof(long_number) - 1] = '\0';
	assert_int_equal(prof_gate_parse(&g, long_number, NULL), PROF_EUSAGE);
}

static void units_convert(void **state)
{
	static const struct {
		const char *gate, *unit;
		double size; /* 0: none */
	} cases[] = {{"x>1ms", "ns", 1e6}, {"x>1ms", "nanoseconds", 1e6}, {"x>1 us", "ns", 1e3},
		{"x>1m", "ns", 60e9}, {"x>1min", "ms", 60e3}, {"x>1h", "s", 3600}, {"x>1", "ns", 1},
		{"x>1ns", "s", 1e-9}, {"x>1MiB", "bytes", 0x1p20}, {"x>1MB", "B", 0x1p20},
		{"x>1GB/s", "B/s", 0x1p30}, {"x>1GB", "B/s", 0x1p30}, {"x>1B/s", "B", 0},
		{"x>1ms", "B", 0}, {"x>1ms", "", 0}, {"x>1%", "ns", 0},
		{"x>1widgets", "widgets", 1}, {"x>1widgets", "count", 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct prof_gate g = gate(cases[i].gate);
		double size;
		bool has = prof_gate_unit(&g, prof_str_of(cases[i].unit), &size);

		assert_int_equal(has, cases[i].size > 0);
		if (has)
			assert_true(fabs(size - cases[i].size) <= 1e-15 * cases[i].size);
	}
}

static void comparisons(void **state)
{
	struct prof_gate above = gate("x>2"), least = gate("x>=2"), below = gate("x<2");

	(void)state;
	assert_true(prof_gate_beyond(&above, 3) && !prof_gate_beyond(&above, 2));
	assert_true(prof_gate_beyond(&least, 2) && !prof_gate_beyond(&least, 1));
	assert_true(prof_gate_beyond(&below, 1) && !prof_gate_beyond(&below, 2));
	assert_false(prof_gate_beyond(&least, NAN));
}

static void the_worst_outcome_stands(void **state)
{
	struct prof_gate v[] = {gate("a>1"), gate("b>1"), gate("c>1")};

	(void)state;
	assert_int_equal(prof_gates_outcome(v, 3), PROF_GATE_PASSES);
	v[0].outcome = PROF_GATE_OPEN;
	v[1].outcome = PROF_GATE_FAILS;
	v[1].warn = true;
	assert_int_equal(prof_gates_outcome(v, 3), PROF_GATE_OPEN);
	v[1].warn = false;
	assert_int_equal(prof_gates_outcome(v, 3), PROF_GATE_FAILS);
}

static void expressions(void **state)
{
	struct prof_gate g = gate("func: ^main\\. > 1"), none = gate("func>1"),
			 bad = gate("func:(>1");
	struct prof_err e = {0};
	struct prof_regex *re;
	bool yes;

	(void)state;
	assert_int_equal(prof_gate_regex(&g, &re, &e), 0);
	assert_int_equal(prof_regex_match(re, PROF_STR("main.f"), &yes, &e), 0);
	assert_true(yes);
	prof_regex_free(re);
	assert_int_equal(prof_gate_regex(&none, &re, &e), 0);
	assert_null(re);
	assert_int_equal(prof_gate_regex(&bad, &re, &e), PROF_EUSAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_of_the_text),
		cmocka_unit_test(what_makes_no_sense),
		cmocka_unit_test(units_convert),
		cmocka_unit_test(comparisons),
		cmocka_unit_test(the_worst_outcome_stands),
		cmocka_unit_test(expressions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
