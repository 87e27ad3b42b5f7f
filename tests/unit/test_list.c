#include "tests/unit/unit.h"
#include "tests/unit/wire.h"

#include "libprof/analyse/graph.h"
#include "libprof/analyse/nodes.h"
#include "libprof/analyse/source_lines.h"

/* "name file flat cum [begin,end]: line=flat/cum …" of each routine, separated by "; ". */
static void assert_lines(
	const struct wire_profile *desc, const char *pattern, bool drop_negative, const char *want)
{
	struct prof_nodes_opts nodes = {.by = PROF_BY_LINE, .objects = true};
	struct prof_err e = {0};
	struct prof_profile *p = wire_open(desc, &e);
	struct prof_graph g;
	struct prof_source_lines s;
	struct prof_regex *re;
	struct prof_buf b;

	assert_non_null(p);
	assert_ok(prof_regex_new(pattern, &re, &e), &e);
	assert_ok(prof_nodes_build(&g, p, &nodes, &e), &e);
	assert_ok(prof_graph_values(&g, 0, false, &e), &e);
	assert_ok(prof_source_lines_build(&s, &g, re, 0, drop_negative, &e), &e);
	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; i < s.routines.n; i++) {
		const struct prof_source_routine *r = &s.routines.v[i];

		prof_buf_printf(&b, "%s%s %s %lld %lld [%lld,%lld]:", i ? "; " : "",
			prof_profile_str(p, r->name).p, prof_profile_str(p, r->file).p,
			(long long)r->flat, (long long)r->cum, (long long)r->begin,
			(long long)r->end);
		for (uint32_t k = 0; k < r->n_lines; k++) {
			const struct prof_source_line *l = &s.lines.v[r->first_line + k];

			prof_buf_printf(&b, " %lld=%lld/%lld", (long long)l->line,
				(long long)l->flat, (long long)l->cum);
		}
	}
	assert_buf(&b, want);
	prof_buf_fini(&b);
	prof_source_lines_fini(&s);
	prof_graph_fini(&g);
	prof_regex_free(re);
	prof_profile_free(p);
}

static void a_recursion_counts_once(void **state)
{
	/* f:12 <- f:11 <- f:11 <- main:5; pprof's header says 14. */
	static const struct wire_profile desc = {.types = {{"n", "count"}},
		.samples = {{{1, 2, 2, 3}, {7}}},
		.locations = {{1, {{1, 12}}}, {2, {{1, 11}}}, {3, {{2, 5}}}},
		.functions = {{1, "f", "f.go", 10}, {2, "main", "f.go", 1}}};

	(void)state;
	assert_lines(&desc, ".", false,
		"f f.go 7 7 [10,17]: 11=0/7 12=7/7; main f.go 0 7 [1,10]: 5=0/7");
	assert_lines(&desc, "^f$", false, "f f.go 7 7 [10,17]: 11=0/7 12=7/7");
	assert_lines(&desc, "f\\.go", false, "");
}

static void inlined_lines_count_once(void **state)
{
	static const struct wire_profile desc = {.types = {{"n", "count"}},
		.samples = {{{1}, {3}}, {{2, 1}, {4}}},
		.locations = {{1, {{1, 12}, {1, 13}, {2, 5}}}, {2, {{1, 13}}}},
		.functions = {{1, "f", "f.go", 10}, {2, "main", "f.go", 1}}};

	(void)state;
	assert_lines(&desc, "f", false, "f f.go 7 7 [10,18]: 12=3/7 13=4/7");
}

static void one_line_of_two_binaries_is_one_line(void **state)
{
	static const struct wire_profile desc = {.types = {{"n", "count"}},
		.samples = {{{1, 2}, {3}}, {{2}, {4}}},
		.mappings = {{1, "/bin/a", .start = 1, .limit = 2},
			{2, "/bin/b", .start = 3, .limit = 4}},
		.locations = {{1, {{1, 12}}, 1, 1}, {2, {{2, 12}}, 2, 3}},
		.functions = {{1, "f", "f.go", 10}, {2, "f", "f.go", 8}}};

	(void)state;
	assert_lines(&desc, "f", false, "f f.go 7 7 [8,17]: 12=7/7");
}

static void without_a_start_line_five_lines_are_shown(void **state)
{
	static const struct wire_profile desc = {.types = {{"n", "count"}},
		.samples = {{{1}, {1}}, {{2}, {2}}, {{3}, {4}}},
		.locations = {{1, {{1, 40}}}, {2, {{1, 20}}}, {3, {{2, 3}}}},
		.functions = {{1, "f", "f.go"}, {2, "g", "f.go"}}};

	(void)state;
	assert_lines(
		&desc, ".", false, "f f.go 3 3 [15,45]: 20=2/2 40=1/1; g f.go 4 4 [-2,8]: 3=4/4");
}

static void sorted_by_name_then_file(void **state)
{
	static const struct wire_profile desc = {.types = {{"n", "count"}},
		.samples = {{{1}, {1}}, {{2}, {2}}, {{3}, {4}}, {{4}, {8}}, {{5}, {16}}},
		.locations = {{1, {{1, 2}}}, {2, {{2, 2}}}, {3, {{3, 2}}}, {4, {{4, 2}}},
			{5, {{5, 2}}}},
		.functions = {{1, "b", "y.go", 1}, {2, "b", "x.go", 1}, {3, "a", "z.go", 1},
			{4, "b", NULL, 1}, {5, "c", NULL, 1}}};

	(void)state;
	/* What b has without a file is left out, as in pprof; c has nothing else. */
	assert_lines(&desc, ".", false,
		"a z.go 4 4 [1,7]: 2=4/4; b x.go 2 2 [1,7]: 2=2/2; b y.go 1 1 [1,7]: 2=1/1; "
		"c  16 16 [1,7]: 2=16/16");
}

static void nodes_without_a_value_are_no_match(void **state)
{
	static const struct wire_profile desc = {.types = {{"n", "count"}},
		.samples = {{{1}, {5}}, {{1}, {-5}}, {{2, 3}, {-3}}, {{3}, {1}}},
		.locations = {{1, {{1, 2}}}, {2, {{2, 2}}}, {3, {{2, 3}}}},
		.functions = {{1, "gone", "f.go", 1}, {2, "f", "f.go", 1}}};

	(void)state;
	assert_lines(&desc, ".", false, "f f.go -2 -2 [1,8]: 2=-3/-3 3=1/-2");
	assert_lines(&desc, ".", true, "f f.go 1 -2 [1,8]: 3=1/-2");
}

static void locations_without_a_line_have_no_name(void **state)
{
	static const struct wire_profile desc = {
		.types = {{"n", "count"}}, .samples = {{{1}, {5}}}, .locations = {{1}}};

	(void)state;
	assert_lines(&desc, ".", false, "");
	assert_lines(&desc, ".*", false, "  5 5 [-5,5]: 0=5/5");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recursion_counts_once),
		cmocka_unit_test(inlined_lines_count_once),
		cmocka_unit_test(one_line_of_two_binaries_is_one_line),
		cmocka_unit_test(without_a_start_line_five_lines_are_shown),
		cmocka_unit_test(sorted_by_name_then_file),
		cmocka_unit_test(nodes_without_a_value_are_no_match),
		cmocka_unit_test(locations_without_a_line_have_no_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
