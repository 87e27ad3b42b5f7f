/* Call trees of random profiles against a tree that is built path by path. */
#include "tests/unit/unit.h"
#include "tests/unit/random.h"

#include "libprof/analyse/graph.h"
#include "libprof/analyse/nodes.h"
#include "libprof/analyse/trim.h"
#include "libprof/model/build.h"

enum { NAMES = 6, LOCATIONS = 12, SAMPLES = 120, DEEPEST = 9, MOST = SAMPLES * DEEPEST * 3 };

static struct prof_err err;

static void good(int rc)
{
	if (rc)
		fail_msg("%s", err.msg);
}

/* Stacks of few functions, some inlined, so that many begin alike; labels make samples of one stack
 * differ.
 */
static struct prof_profile *made(uint64_t seed, bool signs)
{
	static const char *const types[][2] = {{"samples", "count"}};
	struct random_wire r = {.seed = seed};
	struct prof_limits limits;
	uint32_t locations[LOCATIONS], functions[NAMES];
	struct prof_profile *p;
	struct prof_build b;

	prof_limits_init(&limits);
	p = prof_profile_new(&limits, &err);
	assert_non_null(p);
	prof_build_init(&b, p, &limits, &err);
	good(prof_build_types(&b, types, 1));
	for (unsigned i = 0; i < NAMES; i++) {
		const char name[] = {(char)('a' + i), '\0'};
		uint32_t id;

		good(prof_build_text(&b, name, &id));
		good(prof_build_function(&b, id, 0, 0, &functions[i]));
	}
	for (unsigned i = 0; i < LOCATIONS; i++) {
		struct prof_line lines[3] = {{0}};
		uint32_t n = random_below(&r, 4);

		for (uint32_t k = 0; k < n; k++)
			lines[k].function = functions[random_below(&r, NAMES)];
		good(prof_build_location(&b, i + 1, PROF_NONE, lines, n, &locations[i]));
	}
	for (unsigned i = 0; i < SAMPLES; i++) {
		uint32_t stack[DEEPEST], id, n = random_below(&r, DEEPEST + 1);
		int64_t v = 1 + random_below(&r, 50);

		for (uint32_t k = 0; k < n; k++)
			stack[k] = locations[random_below(&r, k + 2 < n ? LOCATIONS : 2)];
		if (signs && !random_below(&r, 3))
			v = random_below(&r, 3) ? -v : 0;
		good(prof_build_stack(&b, stack, n, &id));
		good(prof_build_sample(&b, id, 0, &v));
	}
	prof_build_fini(&b);
	return p;
}

struct node {
	uint32_t parent, of;
	int64_t flat, cum;
	bool inlined;
};

struct tree {
	struct node v[MOST];
	uint32_t n, leaves[SAMPLES];
	int64_t total;
};

static uint32_t step(struct tree *t, uint32_t parent, uint32_t of)
{
	for (uint32_t i = 0; i < t->n; i++)
		if (t->v[i].parent == parent && t->v[i].of == of)
			return i;
	t->v[t->n] = (struct node){.parent = parent, .of = of, .inlined = true};
	return t->n++;
}

static void build(struct tree *t, const struct prof_graph *g)
{
	const struct prof_profile *p = g->profile;

	t->n = 0;
	t->total = 0;
	for (size_t i = 0; i < p->sample_stack.n; i++) {
		uint32_t s = p->sample_stack.v[i], at = PROF_NONE;
		int64_t v = p->values.v[0].v[i];

		for (uint32_t k = p->stack_start.v[s + 1]; v && k-- > p->stack_start.v[s];) {
			uint32_t l = p->stack_loc.v[k], last = g->loc_start.v[l + 1];

			for (uint32_t j = last; j-- > g->loc_start.v[l];) {
				at = step(t, at, g->node_of.v[j]);
				t->v[at].cum += v;
				t->v[at].inlined &= j + 1 != last;
			}
		}
		if (at != PROF_NONE)
			t->v[at].flat += v;
		t->total += at != PROF_NONE ? v : 0;
		t->leaves[i] = at;
	}
}

static void compare(const struct prof_graph *g, const struct prof_graph *whole,
	const struct tree *t, int64_t cutoff)
{
	uint32_t number[MOST], n = 0, edges = 0;
	int64_t flat = 0;

	for (uint32_t i = 0; i < t->n; i++) {
		const struct node *x = &t->v[i];

		number[i] = PROF_NONE;
		if (x->cum < cutoff) {
			flat += x->flat;
			continue;
		}
		number[i] = n;
		assert_true(n < g->nodes.n);
		assert_int_equal(g->nodes.v[n].name, whole->nodes.v[x->of].name);
		assert_int_equal(g->values[n].flat, x->flat);
		assert_int_equal(g->values[n].cum, x->cum);
		assert_int_equal(
			g->parents.v[n], x->parent == PROF_NONE ? PROF_NONE : number[x->parent]);
		if (x->parent != PROF_NONE) {
			const struct prof_edge *edge = &g->edges.v[edges++];

			assert_int_equal(edge->src, number[x->parent]);
			assert_int_equal(edge->dest, n);
			assert_int_equal(edge->weight, x->cum);
			assert_int_equal(edge->inlined, x->inlined);
		}
		n++;
	}
	assert_int_equal(g->nodes.n, n);
	assert_int_equal(g->edges.n, edges);
	assert_int_equal(g->left_out, t->n - n);
	assert_int_equal(g->left_out_flat, flat);
	for (uint32_t i = 0; i < SAMPLES; i++) {
		uint32_t at = t->leaves[i], above = 0;

		while (at != PROF_NONE && number[at] == PROF_NONE) {
			at = t->v[at].parent;
			above = PROF_LEAF_ABOVE;
		}
		assert_int_equal(
			g->leaves.v[i], at == PROF_NONE ? PROF_NONE : (number[at] | above));
	}
}

static void trees(bool signs)
{
	static const double fractions[] = {0, 0.01, 0.05, 0.4, 2};
	static struct tree t;

	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct prof_profile *p = made(seed, signs);
		const struct prof_nodes_opts opts = {.by = PROF_BY_FUNCTION};
		struct prof_graph whole = {0};

		good(prof_nodes_build(&whole, p, &opts, &err));
		build(&t, &whole);
		for (size_t i = 0; i < COUNT(fractions); i++) {
			struct prof_graph g = {0};

			good(prof_nodes_build(&g, p, &opts, &err));
			good(prof_graph_calltree(&g, 0, false, fractions[i], &err));
			/* With both signs all is kept: small nodes may stand above large ones. */
			compare(&g, &whole, &t,
				signs ? INT64_MIN : prof_trim_fraction(t.total, fractions[i]));
			prof_graph_fini(&g);
		}
		prof_graph_fini(&whole);
		prof_profile_free(p);
	}
}

static void small_nodes_are_left_out(void **state)
{
	(void)state;
	trees(false);
}

static void of_both_signs_none_is(void **state)
{
	(void)state;
	trees(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_nodes_are_left_out),
		cmocka_unit_test(of_both_signs_none_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
