#include <stdlib.h>
#include "tests/unit/unit.h"
#include "tests/unit/wire.h"

#include "libprof/analyse/graph.h"
#include "libprof/analyse/nodes.h"

/* A graph of functions as text: "name flat/cum" lines, then "caller>callee weight" with "residual"
 * and "inline". `leave_out` names nodes that are not kept.
 */
static int compare_edges(const void *p, const void *q)
{
	const struct prof_edge *a = p, *b = q;

	if (a->src != b->src)
		return a->src < b->src ? -1 : 1;
	return (a->dest > b->dest) - (a->dest < b->dest);
}

static void assert_graph(const struct wire_profile *desc, uint32_t index, bool mean,
	const char *leave_out, const char *want)
{
	struct prof_nodes_opts opts = {.by = PROF_BY_FUNCTION};
	struct prof_err e = {0};
	struct prof_profile *p = wire_open(desc, &e);
	struct prof_graph g;
	struct prof_buf b;
	bool keep[16], all[16];

	assert_non_null(p);
	assert_ok(prof_nodes_build(&g, p, &opts, &e), &e);
	assert_ok(prof_graph_values(&g, index, mean, &e), &e);
	prof_buf_init(&b, NULL, NULL);
	for (uint32_t i = 0; i < g.nodes.n; i++) {
		const struct prof_node_value *v = &g.values[i];
		struct prof_str name = prof_profile_str(p, g.nodes.v[i].name);

		keep[i] = !name.len || !strchr(leave_out, name.p[0]);
		all[i] = true;
		prof_buf_printf(&b, "%s %lld/%lld", name.p, (long long)v->flat, (long long)v->cum);
		if (mean)
			prof_buf_printf(
				&b, " by %lld/%lld", (long long)v->flat_div, (long long)v->cum_div);
		prof_buf_char(&b, '\n');
	}
	assert_ok(prof_graph_edges(&g, index, mean, keep, all, &e), &e);
	if (g.edges.n)
		qsort(g.edges.v, g.edges.n, sizeof(*g.edges.v), compare_edges);
	for (size_t i = 0; i < g.edges.n; i++) {
		const struct prof_edge *x = &g.edges.v[i];

		prof_buf_printf(&b, "%s>%s %lld", prof_profile_str(p, g.nodes.v[x->src].name).p,
			prof_profile_str(p, g.nodes.v[x->dest].name).p, (long long)x->weight);
		if (mean)
			prof_buf_printf(&b, " by %lld", (long long)x->weight_div);
		prof_buf_printf(
			&b, "%s%s\n", x->residual ? " residual" : "", x->inlined ? " inline" : "");
	}
	assert_buf(&b, want);
	prof_buf_fini(&b);
	prof_graph_fini(&g);
	prof_profile_free(p);
}

#define FUNCTIONS .functions = {{1, "a"}, {2, "b"}, {3, "c"}, {4, "d"}}
#define LOCATIONS \
	.locations = {{1, {{1}}}, {2, {{2}}}, {3, {{3}}}, {4, {{4}}}, {5, {{2}, {1}}}, \
		{6, {{3}, {2}, {1}}}, {7, {{0}}}}

static void flat_is_the_leafs(void **state)
{
	static const struct wire_profile desc = {.types = {{"n", "count"}, {"m", "count"}},
		.samples = {{{2, 1}, {3, 30}}, {{1}, {4, 40}}, {{3, 2, 1}, {5, 50}}},
		LOCATIONS,
		FUNCTIONS};

	(void)state;
	assert_graph(&desc, 0, false, "", "a 4/12\nb 3/8\nc 5/5\nd 0/0\n 0/0\na>b 8\nb>c 5\n");
	assert_graph(
		&desc, 1, false, "", "a 40/120\nb 30/80\nc 50/50\nd 0/0\n 0/0\na>b 80\nb>c 50\n");
}

static void recursion_counts_once(void **state)
{
	static const struct wire_profile desc = {.types = {{"n", "count"}},
		.samples = {{{1, 1, 1}, {2}}, {{2, 1, 2, 1}, {10}}, {{1, 2, 1}, {100}}},
		LOCATIONS,
		FUNCTIONS};

	(void)state;
	/* No edge from a node to itself; each pair once a sample. */
	assert_graph(
		&desc, 0, false, "", "a 102/112\nb 10/110\nc 0/0\nd 0/0\n 0/0\na>b 110\nb>a 110\n");
}

static void inlined_lines_are_edges(void **state)
{
	static const struct wire_profile desc = {.types = {{"n", "count"}},
		.samples = {{{6, 4}, {1}}, {{5, 4}, {10}}, {{3, 2}, {100}}},
		LOCATIONS,
		FUNCTIONS};

	(void)state;
	/* b is inlined into a twice and c into b once; b calls c once, too. */
	assert_graph(&desc, 0, false, "",
		"a 0/11\nb 10/111\nc 101/101\nd 0/11\n 0/0\n"
		"a>b 11 inline\nb>c 101\nd>a 11\n");
}

static void edges_go_over_what_is_left_out(void **state)
{
	static const struct wire_profile desc = {.types = {{"n", "count"}},
		.samples = {{{3, 2, 1}, {1}}, {{4, 3, 1}, {10}}, {{2, 1}, {100}}},
		LOCATIONS,
		FUNCTIONS};

	(void)state;
	assert_graph(&desc, 0, false, "",
		"a 0/111\nb 100/101\nc 1/11\nd 10/10\n 0/0\na>b 101\na>c 10\nb>c 1\nc>d 10\n");
	assert_graph(&desc, 0, false, "b",
		"a 0/111\nb 100/101\nc 1/11\nd 10/10\n 0/0\na>c 11 residual\nc>d 10\n");
	assert_graph(&desc, 0, false, "bc",
		"a 0/111\nb 100/101\nc 1/11\nd 10/10\n 0/0\na>d 10 residual\n");
	assert_graph(
		&desc, 0, false, "a", "a 0/111\nb 100/101\nc 1/11\nd 10/10\n 0/0\nb>c 1\nc>d 10\n");
}

static void means_have_divisors(void **state)
{
	static const struct wire_profile desc = {.types = {{"n", "count"}, {"t", "ns"}},
		.samples = {{{2, 1}, {3, 30}}, {{1}, {4, 0}}, {{3, 1}, {0, 50}}, {{4, 1}, {0, 0}}},
		LOCATIONS,
		FUNCTIONS};

	(void)state;
	/* A sample without value, but with a count, counts for the divisor. */
	assert_graph(&desc, 1, true, "",
		"a 0/80 by 4/7\nb 30/30 by 3/3\nc 50/50 by 0/0\nd 0/0 by 0/0\n 0/0 by 0/0\n"
		"a>b 30 by 3\na>c 50 by 0\n");
}

static void samples_without_value_make_no_edges(void **state)
{
	static const struct wire_profile desc = {.types = {{"n", "count"}},
		.samples = {{{2, 1}, {0}}, {{0}, {7}}, {{3, 1}, {-5}}, {{7, 1}, {1}}},
		LOCATIONS,
		FUNCTIONS};

	(void)state;
	assert_graph(&desc, 0, false, "", "a 0/-4\nb 0/0\nc -5/-5\nd 0/0\n 1/1\na>c -5\na> 1\n");
}

static void sums_wrap(void **state)
{
	static const struct wire_profile desc = {.types = {{"n", "count"}},
		.samples = {{{2, 1}, {INT64_MAX}}, {{2, 1}, {1}}},
		LOCATIONS,
		FUNCTIONS};

	(void)state;
	assert_graph(&desc, 0, false, "",
		"a 0/-9223372036854775808\n"
		"b -9223372036854775808/-9223372036854775808\nc 0/0\nd 0/0\n 0/0\n"
		"a>b -9223372036854775808\n");
}

static int64_t total(const struct wire_profile *desc, uint32_t index, bool mean)
{
	struct prof_err e = {0};
	struct prof_profile *p = wire_open(desc, &e);
	int64_t t;

	assert_non_null(p);
	t = prof_graph_total(p, index, mean);
	prof_profile_free(p);
	return t;
}

static void totals(void **state)
{
	static const struct wire_profile
		plain = {.types = {{"n", "count"}, {"t", "ns"}},
			.samples = {{{2}, {3, 30}}, {{0}, {4, -40}}, {{1}, {-2, 5}}},
			LOCATIONS,
			FUNCTIONS},
		base = {.types = {{"n", "count"}, {"t", "ns"}},
			.samples = {{{2}, {3, 30}},
				{{1}, {-2, -5}, {{"x", "y"}, {"pprof::base", "true"}}},
				{{1}, {-1, -6}, {{"pprof::base", "true"}}},
				{{1}, {9, 9}, {{"pprof::base", "false"}}}},
			LOCATIONS,
			FUNCTIONS},
		none = {.types = {{"n", "count"}}};

	(void)state;
	assert_int_equal(total(&plain, 0, false), 9);
	assert_int_equal(total(&plain, 1, false), 75);
	assert_int_equal(total(&plain, 1, true), 15); /* 75 by 3 + 4 - 2 */
	assert_int_equal(total(&base, 0, false), 3);
	assert_int_equal(total(&base, 1, false), 11);
	assert_int_equal(total(&base, 1, true), -3);
	assert_int_equal(total(&none, 0, false), 0);
	assert_int_equal(total(&none, 0, true), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flat_is_the_leafs),
		cmocka_unit_test(recursion_counts_once),
		cmocka_unit_test(inlined_lines_are_edges),
		cmocka_unit_test(edges_go_over_what_is_left_out),
		cmocka_unit_test(means_have_divisors),
		cmocka_unit_test(samples_without_value_make_no_edges),
		cmocka_unit_test(sums_wrap),
		cmocka_unit_test(totals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
