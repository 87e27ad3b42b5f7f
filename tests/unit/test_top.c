/* Trimming, the lines above a report, and top as a whole, through what it prints. */
#include "tests/unit/unit.h"
#include "tests/unit/wire.h"

#include "libprof/analyse/head.h"

static int append(void *ctx, const char *p, size_t n)
{
	prof_buf_put(ctx, p, n);
	return 0;
}

static void assert_top(
	const struct wire_profile *desc, const struct prof_view_opts *opts, const char *want)
{
	struct prof_err e = {0};
	struct prof_profile *p = wire_open(desc, &e);
	struct prof_report *r = NULL;
	struct prof_buf b;

	assert_non_null(p);
	prof_buf_init(&b, NULL, NULL);
	assert_ok(prof_top(p, opts, NULL, &r, &e), &e);
	assert_ok(prof_report_text(r, append, &b, &e), &e);
	assert_null(prof_profile_check(p));
	assert_buf(&b, want);
	prof_buf_fini(&b);
	prof_report_free(r);
	prof_profile_free(p);
}

static struct prof_view_opts compact(void)
{
	struct prof_view_opts opts;

	prof_view_opts_init(&opts);
	opts.compact = 1;
	return opts;
}

#define TITLES "      flat  flat%   sum%        cum   cum%\n"

static void the_whole_report(void **state)
{
	struct prof_view_opts opts;

	(void)state;
	prof_view_opts_init(&opts);
	opts.sample_index = "cpu";
	assert_top(&wire_example, &opts,
		"File: shop\n"
		"Build ID: b01d\n"
		"made by hand\n"
		"Type: cpu\n"
		"Doc: https://example.org/doc\n"
		"Time: 2023-11-14 22:13:20 UTC\n"
		"Duration: 2s, Total samples = 100ms ( 5.00%)\n"
		"Showing nodes accounting for 100ms, 100% of 100ms total\n" TITLES
		"      60ms 60.00% 60.00%       60ms 60.00%  runtime.mallocgc\n"
		"      30ms 30.00% 90.00%       80ms 80.00%  shop/cart.scan (inline)\n"
		"      10ms 10.00%   100%       10ms 10.00%  [[vdso]]\n"
		"         0     0%   100%       90ms 90.00%  main.main\n"
		"         0     0%   100%       80ms 80.00%  shop/cart.(*Cart).work\n");
}

#define LEAVES \
	.locations = {{1, {{1}}}, {2, {{2}}}, {3, {{3}}}, {4, {{4}}}, {5, {{5}}}}, \
	.functions = {{1, "a"}, {2, "b"}, {3, "c"}, {4, "d"}, {5, "root"}}

static const struct wire_profile leaves = {.types = {{"n", "count"}},
	.samples = {{{1, 5}, {700}}, {{2, 5}, {250}}, {{3, 5}, {49}}, {{4, 5}, {1}}},
	LEAVES};

static void rows_are_sorted_and_cut(void **state)
{
	struct prof_view_opts opts = compact();

	(void)state;
	assert_top(&leaves, &opts,
		"Showing nodes accounting for 999, 99.90% of 1000 total\n"
		"Dropped 1 node (cum <= 5)\n" TITLES
		"       700 70.00% 70.00%        700 70.00%  a\n"
		"       250 25.00% 95.00%        250 25.00%  b\n"
		"        49  4.90% 99.90%         49  4.90%  c\n"
		"         0     0% 99.90%       1000   100%  root\n");
	opts.cum = 1;
	opts.node_count = 2;
	opts.node_fraction = 0;
	assert_top(&leaves, &opts,
		"Showing nodes accounting for 700, 70.00% of 1000 total\n"
		"Showing top 2 nodes out of 5\n" TITLES
		"         0     0%     0%       1000   100%  root\n"
		"       700 70.00% 70.00%        700 70.00%  a\n");
	opts.cum = 0;
	opts.node_count = 0;
	opts.node_fraction = 0.05; /* 50: c is under it */
	assert_top(&leaves, &opts,
		"Showing nodes accounting for 950, 95.00% of 1000 total\n"
		"Dropped 2 nodes (cum <= 50)\n" TITLES
		"       700 70.00% 70.00%        700 70.00%  a\n"
		"       250 25.00% 95.00%        250 25.00%  b\n"
		"         0     0% 95.00%       1000   100%  root\n");
}

static void equal_rows_by_name(void **state)
{
	static const struct wire_profile desc = {.types = {{"n", "count"}},
		.samples = {{{2}, {5}}, {{1}, {-5}}, {{4, 3}, {5}}, {{3}, {5}}},
		LEAVES};
	struct prof_view_opts opts = compact();

	(void)state;
	assert_top(&desc, &opts,
		"Showing nodes accounting for 10, 50.00% of 20 total\n" TITLES
		"        -5 25.00% 25.00%         -5 25.00%  a\n"
		"         5 25.00%     0%          5 25.00%  b\n"
		"         5 25.00% 25.00%         10 50.00%  c\n"
		"         5 25.00% 50.00%          5 25.00%  d\n");
	opts.drop_negative = 1;
	opts.cum = 1;
	assert_top(&desc, &opts,
		"Showing nodes accounting for 15, 75.00% of 20 total\n" TITLES
		"         5 25.00% 25.00%         10 50.00%  c\n"
		"         5 25.00% 50.00%          5 25.00%  b\n"
		"         5 25.00% 75.00%          5 25.00%  d\n");
}

static void what_cancels_out_disappears(void **state)
{
	static const struct wire_profile desc = {.types = {{"n", "count"}},
		.samples = {{{1}, {5}}, {{1}, {-5}}, {{0}, {2}}},
		LEAVES};
	struct prof_view_opts opts = compact();

	(void)state;
	assert_top(&desc, &opts, "Showing nodes accounting for 0, 0% of 12 total\n" TITLES);
}

static void marks_of_inlining(void **state)
{
	static const struct wire_profile desc = {.types = {{"n", "count"}},
		.samples = {{{5}, {10}}, {{2, 4}, {1}}, {{6}, {5}}},
		.locations = {{2, {{2}}}, {4, {{4}}}, {5, {{2}, {1}}}, {6, {{3}, {1}}}},
		.functions = {{1, "a"}, {2, "both"}, {3, "inlined"}, {4, "d"}}};
	struct prof_view_opts opts = compact();

	(void)state;
	assert_top(&desc, &opts,
		"Showing nodes accounting for 16, 100% of 16 total\n" TITLES
		"        11 68.75% 68.75%         11 68.75%  both (partial-inline)\n"
		"         5 31.25%   100%          5 31.25%  inlined (inline)\n"
		"         0     0%   100%         15 93.75%  a\n"
		"         0     0%   100%          1  6.25%  d\n");
	opts.no_inlines = 1;
	assert_top(&desc, &opts,
		"Showing nodes accounting for 16, 100% of 16 total\n" TITLES
		"        15 93.75% 93.75%         15 93.75%  a\n"
		"         1  6.25%   100%          1  6.25%  both\n"
		"         0     0%   100%          1  6.25%  d\n");
}

static void means_units_and_divisors(void **state)
{
	static const struct wire_profile desc = {.types = {{"n", "count"}, {"t", "nanoseconds"}},
		.samples = {{{1}, {4, 6000}}, {{2}, {1, 2000}}},
		LEAVES};
	struct prof_view_opts opts = compact();

	(void)state;
	assert_top(&desc, &opts,
		"Showing nodes accounting for 8us, 100% of 8us total\n" TITLES
		"       6us 75.00% 75.00%        6us 75.00%  a\n"
		"       2us 25.00%   100%        2us 25.00%  b\n");
	opts.unit = "ms";
	opts.divide_by = 2;
	assert_top(&desc, &opts,
		"Showing nodes accounting for 0, 100% of 0 total\n" TITLES
		"         0 75.00% 75.00%          0 75.00%  a\n"
		"         0 25.00%   100%          0 25.00%  b\n");
	opts = compact();
	opts.mean = 1;
	assert_top(&desc, &opts,
		"Showing nodes accounting for 3.50us, 218.75% of 1.60us total\n" TITLES
		"    1.50us 93.75% 93.75%     1.50us 93.75%  a\n" /* by raw sums, as pprof */
		"       2us 125.00% 218.75%        2us 125.00%  b\n");
}

static void options_that_do_not_fit(void **state)
{
	struct prof_err e = {0};
	struct prof_profile *p = wire_open(&leaves, &e);
	struct prof_view_opts opts = compact();
	struct prof_report *r = NULL;

	(void)state;
	opts.sample_index = "cpu";
	assert_int_equal(prof_top(p, &opts, NULL, &r, &e), PROF_EUSAGE);
	assert_error(&e, PROF_EUSAGE, PROF_NO_OFFSET, "sample_index \"cpu\" must be one of: [n]");
	assert_null(r);
	prof_profile_free(p);
}

static void hostile_names_are_shown_safely(void **state)
{
	static const struct wire_profile desc = {.types = {{"n\x1b[1m", "count"}},
		.samples = {{{1}, {1}}},
		.mappings = {{1, "/bin/\x07", "id\n"}},
		.locations = {{1, {{1}}}},
		.functions = {{1, "\x1b[31m\xe2\x80\xae"}},
		.comments = {"a\rb"}};
	struct prof_view_opts opts;

	(void)state;
	prof_view_opts_init(&opts);
	assert_top(&desc, &opts,
		"File: \\x07\nBuild ID: id\\x0a\na\\x0db\nType: n\\x1b[1m\n"
		"Showing nodes accounting for 1, 100% of 1 total\n" TITLES
		"         1   100%   100%          1   100%  \\x1b[31m\\u{202e}\n");
}

static void times_in_utc(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} rows[] = {{0, "1970-01-01 00:00:00 UTC"}, {1, "1970-01-01 00:00:00 UTC"},
		{-1, "1969-12-31 23:59:59 UTC"},
		{INT64_C(951782400000000000), "2000-02-29 00:00:00 UTC"},
		{INT64_MAX, "2262-04-11 23:47:16 UTC"}, {INT64_MIN, "1677-09-21 00:12:43 UTC"}};
	struct prof_buf b;

	(void)state;
	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; i < COUNT(rows); i++) {
		prof_put_utc(&b, rows[i].ns);
		assert_buf(&b, rows[i].text);
	}
	prof_buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_report),
		cmocka_unit_test(rows_are_sorted_and_cut),
		cmocka_unit_test(equal_rows_by_name),
		cmocka_unit_test(what_cancels_out_disappears),
		cmocka_unit_test(marks_of_inlining),
		cmocka_unit_test(means_units_and_divisors),
		cmocka_unit_test(options_that_do_not_fit),
		cmocka_unit_test(hostile_names_are_shown_safely),
		cmocka_unit_test(times_in_utc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
