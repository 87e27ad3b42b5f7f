/* The tree of a flame graph against one that is made without cleverness, from the same stacks. */
#include "tests/unit/unit.h"
#include "tests/unit/random.h"

#include "libprof/base/num.h"
#include "libprof/model/flame.h"
#include "libprof/model/profile.h"
#include "libprof/model/report.h"

enum { MOST_LINES = 80, MOST_DEPTH = 10, SIDES = 2 };

struct line {
	unsigned depth;
	unsigned char fn[MOST_DEPTH]; /* 'a' … */
	bool inlined[MOST_DEPTH];
	int64_t v[SIDES]; /* enum prof_side */
};

struct stacks {
	struct line v[MOST_LINES];
	unsigned n;
};

static void make_stacks(struct stacks *s, struct random_wire *r, unsigned names)
{
	s->n = 1 + random_below(r, MOST_LINES);
	for (unsigned i = 0; i < s->n; i++) {
		struct line *l = &s->v[i];

		l->depth = 2 + random_below(r, MOST_DEPTH - 1);
		for (unsigned k = 0; k < l->depth; k++) {
			l->fn[k] = (unsigned char)('a' + random_below(r, names));
			l->inlined[k] = k && !random_below(r, 4);
		}
		for (int side = 0; side < SIDES; side++)
			l->v[side] = !i || random_below(r, 3) ? 1 + random_below(r, 1000) : 0;
	}
}

static struct prof_profile *open_side(const struct stacks *s, enum prof_side side)
{
	struct prof_err e = {0};
	struct prof_profile *p = NULL;
	struct prof_buf b;

	prof_buf_init(&b, NULL, NULL);
	for (unsigned i = 0; i < s->n; i++) {
		for (unsigned k = 0; k < s->v[i].depth; k++)
			prof_buf_printf(&b, "%s%c%s", k ? ";" : "", s->v[i].fn[k],
				s->v[i].inlined[k] ? "_[i]" : "");
		prof_buf_printf(&b, " %lld\n", (long long)s->v[i].v[side]);
	}
	assert_ok(prof_profile_read(b.p, b.n, NULL, &p, &e), &e);
	prof_buf_fini(&b);
	return p;
}

static struct prof_flame *build(
	struct prof_profile *p, const struct prof_flame_opts *opts, bool free_it)
{
	struct prof_view_opts view;
	struct prof_err e = {0};
	struct prof_flame *f = NULL;

	prof_view_opts_init(&view);
	assert_ok(prof_flame(p, &view, opts, NULL, &f, &e), &e);
	if (free_it)
		prof_profile_free(p);
	return f;
}

static struct prof_flame_opts uncut(void)
{
	struct prof_flame_opts opts;

	prof_flame_opts_init(&opts);
	opts.min_width = 0;
	opts.max_boxes = 0;
	opts.max_rows = -1;
	return opts;
}

/* The path of a node, root first. */
static unsigned path_of(const struct prof_flame *f, uint32_t node, unsigned char *path)
{
	unsigned depth = f->nodes.v[node].depth;

	for (uint32_t i = node; i; i = f->nodes.v[i].parent) {
		struct prof_str name = f->frames.v[f->nodes.v[i].frame].name;

		assert_int_equal(name.len, 1);
		path[f->nodes.v[i].depth - 1] = (unsigned char)name.p[0];
	}
	return depth;
}

static bool begins(const struct line *l, const unsigned char *path, unsigned depth)
{
	return l->depth >= depth && (!depth || memcmp(l->fn, path, depth) == 0);
}

static void naive(const struct stacks *s, const unsigned char *path, unsigned depth,
	enum prof_side side, int64_t *cum, int64_t *self)
{
	*cum = *self = 0;
	for (unsigned i = 0; i < s->n; i++) {
		if (!begins(&s->v[i], path, depth))
			continue;
		*cum += s->v[i].v[side];
		if (s->v[i].depth == depth)
			*self += s->v[i].v[side];
	}
}

/* All paths with samples, each once: their widths, and how many there are. */
static unsigned naive_widths(const struct stacks *s, bool both, double *width)
{
	static struct line seen[MOST_LINES * MOST_DEPTH + 1];
	int64_t root[SIDES], cum, self;
	unsigned n = 0;

	for (int side = 0; side < SIDES; side++)
		naive(s, s->v[0].fn, 0, (enum prof_side)side, &root[side], &self);
	for (unsigned i = 0; i < s->n; i++) {
		for (unsigned d = 0; d <= s->v[i].depth; d++) {
			double most = 0;
			unsigned k;

			if (!s->v[i].v[PROF_NEW] && !(both && s->v[i].v[PROF_OLD]))
				continue;
			for (k = 0; k < n; k++)
				if (seen[k].depth == d && begins(&seen[k], s->v[i].fn, d))
					break;
			if (k < n)
				continue;
			for (int side = both ? PROF_OLD : PROF_NEW; side < SIDES; side++) {
				double w;

				naive(s, s->v[i].fn, d, (enum prof_side)side, &cum, &self);
				w = root[side] ? (double)cum / (double)root[side] : 0;
				most = w > most ? w : most;
			}
			seen[n] = s->v[i];
			seen[n].depth = d;
			width[n++] = most;
		}
	}
	return n;
}

/* Every node has its path's sums; children are sorted, behind their parents, and add up. */
static void check_tree(const struct prof_flame *f, const struct stacks *s)
{
	unsigned char path[MOST_DEPTH];

	for (uint32_t i = 0; i < f->nodes.n; i++) {
		const struct prof_flame_node *n = &f->nodes.v[i];
		unsigned depth = path_of(f, i, path);

		for (int side = f->differential ? PROF_OLD : PROF_NEW; side < SIDES; side++) {
			uint32_t c = prof_flame_column(f, 0, (enum prof_side)side);
			int64_t cum, self,
				sum = prof_flame_self(f, i, c) + prof_flame_rest(f, i, c);

			naive(s, path, depth, (enum prof_side)side, &cum, &self);
			assert_int_equal(prof_flame_cum(f, i, c), cum);
			assert_int_equal(prof_flame_self(f, i, c), self);
			for (uint32_t k = n->first; k < n->first + n->n_children; k++)
				sum += prof_flame_cum(f, k, c);
			assert_int_equal(sum, cum);
		}
		for (uint32_t k = n->first; k < n->first + n->n_children; k++) {
			assert_true(k > i && k < f->nodes.n);
			assert_int_equal(f->nodes.v[k].parent, i);
			if (k > n->first)
				assert_true(prof_str_cmp(f->frames.v[f->nodes.v[k - 1].frame].name,
						    f->frames.v[f->nodes.v[k].frame].name) < 0);
		}
	}
}

static int compare_doubles(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x < *y) - (*x > *y);
}

static double width_in(const struct prof_flame *f, uint32_t node)
{
	double most = 0;

	for (uint32_t c = 0; c < prof_flame_columns(f); c++) {
		double root = (double)prof_flame_cum(f, 0, c);
		double w = root > 0 ? (double)prof_flame_cum(f, node, c) / root : 0;

		most = w > most ? w : most;
	}
	return most;
}

/* The nodes that are left are the widest of all. */
static void check_cut(const struct prof_flame *f, const struct stacks *s, size_t want)
{
	static double all[MOST_LINES * MOST_DEPTH + 1], left[MOST_LINES * MOST_DEPTH + 1];
	unsigned n = naive_widths(s, f->differential, all);

	qsort(all, n, sizeof(*all), compare_doubles);
	assert_int_equal(f->nodes.n, want);
	for (uint32_t i = 0; i < f->nodes.n; i++)
		left[i] = width_in(f, i);
	qsort(left, f->nodes.n, sizeof(*left), compare_doubles);
	for (uint32_t i = 0; i < f->nodes.n; i++)
		assert_true(left[i] == all[i]);
}

static struct prof_profile *open_stacks(const struct stacks *s, bool differential)
{
	struct prof_profile *new = open_side(s, PROF_NEW), *old, *p = NULL;
	struct prof_err e = {0};

	if (!differential)
		return new;
	old = open_side(s, PROF_OLD);
	assert_ok(prof_combine(&new, 1, &old, 1, 1, 0, &p, &e), &e);
	return p;
}

static void the_tree_is_that_of_all_stacks(void **state)
{
	struct random_wire r = {.seed = 1};

	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		static double all[MOST_LINES * MOST_DEPTH + 1];
		struct prof_flame_opts opts = uncut();
		struct prof_flame *f;
		struct stacks s;
		size_t n, wide = 0;

		opts.differential = i % 2;
		make_stacks(&s, &r, 1 + i % 5);
		f = build(open_stacks(&s, opts.differential), &opts, true);
		n = naive_widths(&s, opts.differential, all);
		check_tree(f, &s);
		if (f->nodes.n > 1)
			check_cut(f, &s, n);
		prof_flame_free(f);

		opts.min_width = random_below(&r, 100) / 1000.0;
		for (size_t k = 0; k < n; k++)
			wide += all[k] > 0 && all[k] >= opts.min_width;
		f = build(open_stacks(&s, opts.differential), &opts, true);
		check_tree(f, &s);
		if (n > 1 && opts.min_width > 0)
			check_cut(f, &s, wide);
		prof_flame_free(f);

		opts.min_width = 0;
		opts.max_boxes = 1 + random_below(&r, 40);
		f = build(open_stacks(&s, opts.differential), &opts, true);
		check_tree(f, &s);
		if (n > 1)
			check_cut(f, &s, n < (size_t)opts.max_boxes ? n : (size_t)opts.max_boxes);
		prof_flame_free(f);
	}
}

/* The rows are those of prof top, and the first level is all that has a stack. */
static void rows_and_root_are_those_of_top(void **state)
{
	struct random_wire r = {.seed = 2};

	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		struct prof_flame_opts opts = uncut();
		struct prof_view_opts view;
		struct prof_err e = {0};
		struct prof_profile *p;
		struct prof_report *top;
		struct prof_flame *f;
		struct stacks s;
		int64_t sum = 0;

		make_stacks(&s, &r, 5);
		p = open_side(&s, PROF_NEW);
		f = build(p, &opts, true);
		p = open_side(&s, PROF_NEW);
		prof_view_opts_init(&view);
		view.no_trim = 1;
		assert_ok(prof_top(p, &view, NULL, &top, &e), &e);
		assert_int_equal(f->rows.n, top->n_rows);
		assert_int_equal(f->n_rows, top->n_rows);
		for (size_t row = 0; row < top->n_rows; row++) {
			const struct prof_cell *c = &top->cells.v[row * top->n_columns];
			bool found = false;

			for (size_t k = 0; k < f->rows.n; k++) {
				const struct prof_flame_row *x = &f->rows.v[k];

				if (!prof_str_eq(f->frames.v[x->frame].name, c[5].s))
					continue;
				found = true;
				assert_int_equal(x->flat[0], c[0].i);
				assert_int_equal(x->cum[0], c[3].i);
			}
			assert_true(found);
		}
		for (uint32_t k = f->nodes.v[0].first; k < 1 + f->nodes.v[0].n_children; k++)
			sum += prof_flame_cum(f, k, 0);
		assert_int_equal(sum, prof_flame_cum(f, 0, 0));
		assert_int_equal(sum, f->types.v[0].total[PROF_NEW]);
		prof_report_free(top);
		prof_profile_free(p);
		prof_flame_free(f);
	}
}

static void inlined_frames_are_marked(void **state)
{
	static const char text[] = "a;b_[i];c 1\na;b;c_[i] 2\na;d_[i] 3\n";
	struct prof_flame_opts opts = uncut();
	struct prof_err e = {0};
	struct prof_profile *p;
	struct prof_flame *f;

	(void)state;
	assert_ok(prof_profile_read(text, sizeof(text) - 1, NULL, &p, &e), &e);
	f = build(p, &opts, true);
	assert_int_equal(f->nodes.n, 5); /* root, a, b, d, c */
	assert_int_equal(f->nodes.v[1].inlined, PROF_INLINED_NEVER);
	assert_int_equal(f->nodes.v[2].inlined, PROF_INLINED_SOMETIMES);
	assert_int_equal(f->nodes.v[3].inlined, PROF_INLINED_ALWAYS);
	assert_int_equal(f->nodes.v[4].inlined, PROF_INLINED_SOMETIMES);
	prof_flame_free(f);
}

static void packages_and_files_collapse(void **state)
{
	static const char text[] = "m.a;m.b;x/y.c;x/y.d;m.e 7\n";
	struct prof_flame_opts opts = uncut();
	struct prof_view_opts view;
	struct prof_err e = {0};
	struct prof_profile *p;
	struct prof_flame *f;

	(void)state;
	prof_view_opts_init(&view);
	view.by = PROF_BY_PACKAGE;
	assert_ok(prof_profile_read(text, sizeof(text) - 1, NULL, &p, &e), &e);
	assert_ok(prof_flame(p, &view, &opts, NULL, &f, &e), &e);
	assert_int_equal(f->nodes.n, 4);
	assert_str(f->frames.v[f->nodes.v[1].frame].name, "m");
	assert_str(f->frames.v[f->nodes.v[2].frame].name, "x/y");
	assert_str(f->frames.v[f->nodes.v[3].frame].name, "m");
	assert_int_equal(prof_flame_self(f, 3, 0), 7);
	prof_flame_free(f);
	prof_profile_free(p);
}

/* Values of any size and sign: nothing wraps, no part is larger than the whole. */
static void odd_values_stay_in_their_parents(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 500; seed++) {
		struct prof_flame_opts opts = uncut();
		struct prof_err e = {0};
		struct prof_profile *p;
		struct prof_flame *f;
		struct wire w = {0};

		opts.all_types = 1;
		opts.differential = seed % 2;
		random_profile(&w, seed);
		if (prof_profile_read(w.p, w.n, NULL, &p, &e)) {
			wire_free(&w);
			continue;
		}
		wire_free(&w);
		f = build(p, &opts, false);
		assert_null(prof_profile_check(p));
		prof_profile_free(p);
		for (uint32_t i = 1; i < f->nodes.n; i++) {
			uint32_t parent = f->nodes.v[i].parent;

			for (uint32_t c = 0; c < prof_flame_columns(f); c++) {
				assert_true(prof_flame_cum(f, i, c) >= 0);
				assert_true(
					prof_flame_cum(f, i, c) <= prof_flame_cum(f, parent, c));
				assert_true(prof_flame_rest(f, i, c) >= 0);
			}
		}
		prof_flame_free(f);
	}
}

static void what_is_on_one_side_stays(void **state)
{
	static const char before[] = "a;gone 50\na;same 100\n", after[] = "a;new 60\na;same 101\n";
	struct prof_flame_opts opts = uncut();
	struct prof_profile *old, *new, *p;
	struct prof_err e = {0};
	struct prof_flame *f;

	(void)state;
	assert_ok(prof_profile_read(before, sizeof(before) - 1, NULL, &old, &e), &e);
	assert_ok(prof_profile_read(after, sizeof(after) - 1, NULL, &new, &e), &e);
	assert_ok(prof_combine(&new, 1, &old, 1, 1, 0, &p, &e), &e);
	f = build(p, &opts, true);
	assert_true(f->differential);
	assert_int_equal(f->types.n, 1);
	assert_int_equal(f->types.v[0].total[PROF_OLD], 150);
	assert_int_equal(f->types.v[0].total[PROF_NEW], 161);
	assert_int_equal(f->nodes.n, 5);
	assert_int_equal(prof_flame_cum(f, 2, prof_flame_column(f, 0, PROF_OLD)), 50); /* gone */
	assert_int_equal(prof_flame_cum(f, 2, prof_flame_column(f, 0, PROF_NEW)), 0);
	assert_int_equal(prof_flame_cum(f, 3, prof_flame_column(f, 0, PROF_NEW)), 60); /* new */
	prof_flame_free(f);
}

/* Counts that were sampled differ by chance, in proportion to their roots; exact ones do not. */
static void noise_is_told_from_change(void **state)
{
	static const struct {
		int64_t old, new;
		bool change;
	} of[] = {{100, 110, false}, {100, 200, true}, {4, 1, false}, {0, 3, false}, {0, 6, true},
		{10000, 10100, false}, {10000, 10500, true}};

	(void)state;
	for (size_t i = 0; i < COUNT(of); i++) {
		struct wire_profile side[2];
		struct prof_flame_opts opts = uncut();
		struct prof_profile *p[2], *both;
		struct prof_err e = {0};
		struct prof_flame *f;

		for (int s = 0; s < 2; s++) {
			int64_t n = s == PROF_OLD ? of[i].old : of[i].new;

			side[s] = (struct wire_profile){
				.types = {{"samples", "count"}, {"cpu", "nanoseconds"}},
				.samples = {{{1}, {n, n * 1000}}, {{2}, {20000, 20000000}}},
				.locations = {{1, {{1}}}, {2, {{2}}}},
				.functions = {{1, "x"}, {2, "y"}}};
			p[s] = wire_open(&side[s], &e);
			assert_non_null(p[s]);
		}
		assert_ok(prof_combine(&p[PROF_NEW], 1, &p[PROF_OLD], 1, 1, 0, &both, &e), &e);
		f = build(both, &opts, true);
		assert_int_equal(f->changed.v[1], of[i].change ? 3 : 0);
		assert_int_equal(f->changed.v[2] & PROF_CHANGED_VALUE, 0);
		prof_flame_free(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tree_is_that_of_all_stacks),
		cmocka_unit_test(rows_and_root_are_those_of_top),
		cmocka_unit_test(inlined_frames_are_marked),
		cmocka_unit_test(packages_and_files_collapse),
		cmocka_unit_test(odd_values_stay_in_their_parents),
		cmocka_unit_test(what_is_on_one_side_stays),
		cmocka_unit_test(noise_is_told_from_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
