#include "tests/unit/unit.h"
#include "tests/unit/wire.h"

#include "libprof/analyse/graph.h"
#include "libprof/analyse/nodes.h"
#include "libprof/analyse/trim.h"

/* Four leaves and a root: flat 700, 250, 49, -99 and 0, S = 900. */
static const struct wire_profile desc = {.types = {{"n", "count"}},
	.samples = {{{1, 5}, {700}}, {{2, 5}, {250}}, {{3, 5}, {49}}, {{4, 5}, {-99}}},
	.locations = {{1, {{1}}}, {2, {{2}}}, {3, {{3}}}, {4, {{4}}}, {5, {{5}}}, {6, {{6}}}},
	.functions = {{1, "a"}, {2, "b"}, {3, "c"}, {4, "d"}, {5, "root"}, {6, "unused"}}};

/* The names that are left, in order, then those an edge may end at. */
static void assert_trim(struct prof_trim_opts opts, const char *order, const char *keep,
	size_t dropped, size_t before, int64_t cutoff)
{
	struct prof_nodes_opts nodes = {.by = PROF_BY_FUNCTION};
	struct prof_err e = {0};
	struct prof_profile *p = wire_open(&desc, &e);
	struct prof_graph g;
	struct prof_trimmed t;
	struct prof_buf b;

	assert_non_null(p);
	assert_ok(prof_nodes_build(&g, p, &nodes, &e), &e);
	assert_ok(prof_graph_values(&g, 0, false, &e), &e);
	assert_ok(prof_trim(&t, &g, &opts, &e), &e);
	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; i < t.order.n; i++)
		prof_buf_char(&b, prof_profile_str(p, g.nodes.v[t.order.v[i]].name).p[0]);
	assert_buf(&b, order);
	for (size_t i = 0; i < g.nodes.n; i++)
		if (t.keep[i])
			prof_buf_char(&b, prof_profile_str(p, g.nodes.v[i].name).p[0]);
	assert_buf(&b, keep);
	assert_int_equal(t.dropped, dropped);
	assert_int_equal(t.before_count, before);
	assert_int_equal(t.edge_cutoff, cutoff);
	prof_buf_fini(&b);
	prof_trimmed_fini(&t);
	prof_graph_fini(&g);
	prof_profile_free(p);
}

static void nothing_asked_nothing_dropped(void **state)
{
	(void)state;
	/* Nodes without any value never are in the order; edges may end at them. */
	assert_trim((struct prof_trim_opts){0}, "abdcr", "abcdru", 0, 5, 0);
	assert_trim((struct prof_trim_opts){.cum = true}, "rabdc", "abcdru", 0, 5, 0);
}

static void fractions_are_of_the_sum_of_flat(void **state)
{
	(void)state;
	/* |int64(900 * 0.055)| is 49: c just stays. */
	assert_trim((struct prof_trim_opts){.node_fraction = 0.055, .edge_fraction = 0.1}, "abdcr",
		"abcdru", 0, 5, 90);
	assert_trim((struct prof_trim_opts){.node_fraction = 0.056}, "abdr", "abdr", 1, 4, 0);
	assert_trim((struct prof_trim_opts){.node_fraction = 0.5}, "ar", "ar", 3, 2, 0);
	assert_trim((struct prof_trim_opts){.node_fraction = 5}, "", "", 5, 0, 0);
	assert_trim((struct prof_trim_opts){.node_fraction = -0.056}, "abdr", "abdr", 1, 4, 0);
}

static void counts_come_after_fractions(void **state)
{
	(void)state;
	assert_trim((struct prof_trim_opts){.node_count = 2}, "ab", "ab", 0, 5, 0);
	assert_trim((struct prof_trim_opts){.node_count = 5}, "abdcr", "abcdru", 0, 5, 0);
	assert_trim((struct prof_trim_opts){.node_count = INT64_MAX}, "abdcr", "abcdru", 0, 5, 0);
	assert_trim((struct prof_trim_opts){.node_count = 3, .node_fraction = 0.056, .cum = true},
		"rab", "abr", 1, 4, 0);
}

static void negative_nodes_can_be_dropped(void **state)
{
	(void)state;
	/* S without d is 999. */
	assert_trim((struct prof_trim_opts){.drop_negative = true, .edge_fraction = 1}, "abcr",
		"abcdru", 0, 4, 999);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_asked_nothing_dropped),
		cmocka_unit_test(fractions_are_of_the_sum_of_flat),
		cmocka_unit_test(counts_come_after_fractions),
		cmocka_unit_test(negative_nodes_can_be_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
