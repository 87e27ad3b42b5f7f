#include "libprof/analyse/flame/flame.h"

#include <math.h>
#include <stdlib.h>

#include "libprof/analyse/head.h"
#include "libprof/analyse/spread.h"
#include "libprof/base/num.h"

enum { MAX_BOXES = 3000, MAX_ROWS = 500, WIDTH = 1200 };

#define NOISE 1.96 /* standard deviations: by chance beyond it once in twenty times */
#define ROUNDING 1e-12 /* of shares */

struct build {
	struct prof_flame *f;
	struct prof_flame_input *x;
	uint32_t *frame_of; /* of each node of the graph: its frame, or PROF_NONE */
	double **spread; /* of each column and sample; NULL: one side only */
	double *root_spread; /* of each column */
	struct prof_flame_walk walk;
	PROF_VEC(double) widths; /* of the nodes so far that are among the widest opts.max_boxes */
	struct prof_err *e;
};

void prof_flame_opts_init(struct prof_flame_opts *opts)
{
	*opts = (struct prof_flame_opts){.min_width = 1.0 / (10 * WIDTH),
		.max_boxes = MAX_BOXES,
		.max_rows = MAX_ROWS,
		.width_px = WIDTH,
		.width = PROF_WIDTH_NEW,
		.normalize = -1};
}

static int keep_str(struct prof_flame *f, struct prof_str *s, struct prof_err *e)
{
	s->len = s->len < PROF_FLAME_NAME_BYTES ? s->len : PROF_FLAME_NAME_BYTES;
	s->p = prof_arena_dup(&f->arena, s->len ? s->p : "", s->len, e);
	return s->p ? 0 : e->code;
}

int prof_flame_add_frame(struct prof_flame *f, const struct prof_flame_input *x, uint32_t node,
	uint32_t *frame_of, struct prof_err *e)
{
	struct prof_flame_frame frame;
	int rc;

	if (frame_of[node] != PROF_NONE)
		return 0;
	frame = prof_flame_frame_of(x, node);
	if ((rc = prof_vec_reserve(&f->mem, &f->frames, 1, e)) ||
		(rc = keep_str(f, &frame.name, e)) || (rc = keep_str(f, &frame.function, e)) ||
		(rc = keep_str(f, &frame.file, e)) || (rc = keep_str(f, &frame.package, e)))
		return rc;
	frame_of[node] = (uint32_t)f->frames.n;
	f->frames.v[f->frames.n++] = frame;
	return 0;
}

/* Whether sides are compared by shares. */
static bool by_share(const struct prof_flame_opts *o)
{
	int64_t old = o->duration_ns[PROF_OLD], new = o->duration_ns[PROF_NEW];

	if (o->normalize >= 0)
		return o->normalize;
	return old > 0 && new > 0 &&
	       fabs((double)old - (double)new) > 0.05 * (double)(old > new ? old : new);
}

/* The variance of a node's share of the root: that of a part of a sum. */
static double share_spread(double part, double spread, double root, double root_spread)
{
	double share = part / root, rest = root_spread > spread ? root_spread - spread : 0;

	return ((1 - share) * (1 - share) * spread + share * share * rest) / (root * root);
}

/* enum prof_flame_changed of a node in a type. */
static uint8_t changed(const struct build *b, const struct prof_flame_step *s, uint32_t type)
{
	uint32_t c = 2 * type;
	double new = (double)s->cum[c], old = (double)s->cum[c + 1];
	double n = (double)b->x->total[c], o = (double)b->x->total[c + 1];
	uint8_t bits = 0;

	if (fabs(new - old) > NOISE * sqrt(s->spread[c] + s->spread[c + 1]))
		bits |= PROF_CHANGED_VALUE;
	if (n > 0 && o > 0 &&
		fabs(new / n - old / o) >
			ROUNDING +
				NOISE * sqrt(share_spread(new, s->spread[c], n, b->root_spread[c]) +
						share_spread(old, s->spread[c + 1], o,
							b->root_spread[c + 1])))
		bits |= PROF_CHANGED_SHARE;
	return bits;
}

static double part_of_root(const struct prof_flame *f, uint32_t node)
{
	double most = 0;

	for (uint32_t c = 0; c < prof_flame_columns(f); c++) {
		double root = (double)prof_flame_cum(f, 0, c);
		double part = root > 0 ? (double)prof_flame_cum(f, node, c) / root : 0;

		most = part > most ? part : most;
	}
	return most;
}

static int compare_widths(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x < *y) - (*x > *y);
}

/* Once as many nodes as will stay are as wide as this one, nobody needs to look at narrower ones.
 */
static int raise_least(struct build *b, double width)
{
	size_t most = (size_t)b->f->opts.max_boxes;
	int rc = prof_vec_reserve(&b->f->mem, &b->widths, 1, b->e);

	if (rc || b->f->opts.max_boxes <= 0)
		return rc;
	b->widths.v[b->widths.n++] = width;
	if (b->widths.n < 2 * most)
		return 0;
	qsort(b->widths.v, b->widths.n, sizeof(*b->widths.v), compare_widths);
	b->widths.n = most;
	if (b->walk.least < b->widths.v[most - 1])
		b->walk.least = b->widths.v[most - 1];
	return 0;
}

static int add_node(void *ctx, const struct prof_flame_step *s, struct prof_err *e)
{
	struct build *b = ctx;
	struct prof_flame *f = b->f;
	uint32_t n = b->x->n_columns;
	int rc;

	if ((rc = prof_vec_reserve(&f->mem, &f->nodes, 1, e)) ||
		(rc = prof_vec_reserve(&f->mem, &f->values, 2 * n, e)) ||
		(rc = prof_vec_reserve(&f->mem, &f->changed, b->x->n_types, e)))
		return rc;
	/* Frames come later, when it is known which nodes stay: until then the graph's node. */
	f->nodes.v[f->nodes.n++] = (struct prof_flame_node){.frame = s->node,
		.parent = s->parent,
		.first = s->first,
		.n_children = s->n_children,
		.depth = s->depth,
		.inlined = s->inlined};
	memcpy(f->values.v + f->values.n, s->cum, n * sizeof(*s->cum));
	memcpy(f->values.v + f->values.n + n, s->self, n * sizeof(*s->self));
	f->values.n += 2 * n;
	if (s->spread && s->node == PROF_NONE)
		memcpy(b->root_spread, s->spread, n * sizeof(*s->spread));
	for (uint32_t t = 0; t < b->x->n_types; t++)
		f->changed.v[f->changed.n++] = s->spread ? changed(b, s, t) : 0;
	return raise_least(b, part_of_root(f, (uint32_t)f->nodes.n - 1));
}

static int make_spread(struct build *b)
{
	struct prof_flame_input *x = b->x;
	size_t n = x->v.p->sample_stack.n;
	uint32_t types = (uint32_t)x->v.p->types.n / 2;

	b->spread = prof_mem_zalloc(x->mem, x->n_columns, sizeof(*b->spread), b->e);
	b->root_spread = prof_mem_zalloc(x->mem, x->n_columns, sizeof(*b->root_spread), b->e);
	if (!b->spread || !b->root_spread)
		return b->e->code;
	for (uint32_t c = 0; c < x->n_columns; c++) {
		uint32_t column = x->column[c];

		b->spread[c] = prof_mem_zalloc(x->mem, n, sizeof(**b->spread), b->e);
		if (!b->spread[c])
			return b->e->code;
		prof_spread(x->v.p, column % types, types, column - column % types, b->spread[c]);
	}
	return 0;
}

static void free_spread(struct build *b)
{
	for (uint32_t c = 0; b->spread && c < b->x->n_columns; c++)
		prof_mem_zfree(
			b->x->mem, b->spread[c], b->x->v.p->sample_stack.n, sizeof(**b->spread));
	prof_mem_zfree(b->x->mem, b->spread, b->x->n_columns, sizeof(*b->spread));
	prof_mem_zfree(b->x->mem, b->root_spread, b->x->n_columns, sizeof(*b->root_spread));
}

/* What is below 0 has no width. */
static void drop_negative(struct build *b)
{
	for (uint32_t c = 0; c < b->x->n_columns; c++) {
		int64_t *v = prof_flame_values(b->x, c), sum = 0;

		for (size_t i = 0; i < b->x->v.p->sample_stack.n; i++) {
			if (v[i] >= 0)
				continue;
			sum = prof_add_sat(sum, v[i]);
			v[i] = 0;
		}
		b->f->types.v[prof_flame_type_of(b->x, c)].negative[prof_flame_side_of(b->x, c)] =
			sum;
	}
}

static int build_tree(struct build *b)
{
	struct prof_flame_input *x = b->x;
	const int64_t **columns = prof_mem_zalloc(x->mem, x->n_columns, sizeof(*columns), b->e);
	int rc = columns ? 0 : b->e->code;

	for (uint32_t c = 0; !rc && c < x->n_columns; c++)
		columns[c] = prof_flame_values(x, c);
	if (!rc && x->differential)
		rc = make_spread(b);
	b->walk = (struct prof_flame_walk){.graph = &x->v.g,
		.rank = x->rank,
		.columns = columns,
		.n_columns = x->n_columns,
		.spread = (const double *const *)b->spread,
		.least = x->opts->min_width,
		.collapse = prof_flame_collapses(x)};
	if (!rc)
		rc = prof_flame_walk(&b->walk, add_node, b, b->e);
	prof_vec_fini(&b->f->mem, &b->widths);
	prof_mem_zfree(x->mem, columns, x->n_columns, sizeof(*columns));
	free_spread(b);
	return rc;
}

struct wide {
	double width;
	uint32_t node;
};

/* The widest first; a parent, no narrower, comes before its children. */
static int compare_wide(const void *a, const void *b)
{
	const struct wide *x = a, *y = b;

	if (x->width != y->width)
		return x->width > y->width ? -1 : 1;
	return (x->node > y->node) - (x->node < y->node);
}

/* Moves the nodes with keep[i] together; children stay neighbours, as they were. */
static void compact(struct prof_flame *f, const bool *keep, uint32_t *to)
{
	size_t per_node = 2 * (size_t)prof_flame_columns(f), types = f->types.n;
	uint32_t n = 0;

	for (uint32_t i = 0; i < f->nodes.n; i++) {
		struct prof_flame_node x = f->nodes.v[i];

		if (!keep[i])
			continue;
		to[i] = n;
		if (i)
			x.parent = to[x.parent];
		x.n_children = 0;
		f->nodes.v[n] = x;
		memmove(f->values.v + n * per_node, f->values.v + i * per_node,
			per_node * sizeof(*f->values.v));
		memmove(f->changed.v + n * types, f->changed.v + i * types, types);
		if (n && !f->nodes.v[x.parent].n_children++)
			f->nodes.v[x.parent].first = n;
		n++;
	}
	f->nodes.n = n;
	f->values.n = n * per_node;
	f->changed.n = n * types;
}

/* Leaves the widest opts.max_boxes nodes. */
static int cut(struct build *b)
{
	struct prof_flame *f = b->f;
	size_t n = f->nodes.n, most = (size_t)f->opts.max_boxes;
	struct wide *all;
	bool *keep;
	uint32_t *to;
	int rc = 0;

	f->cut = f->opts.min_width;
	if (f->opts.max_boxes <= 0 || n <= most)
		return 0;
	all = prof_mem_zalloc(&f->mem, n, sizeof(*all), b->e);
	keep = prof_mem_zalloc(&f->mem, n, sizeof(*keep), b->e);
	to = prof_mem_zalloc(&f->mem, n, sizeof(*to), b->e);
	if (all && keep && to) {
		for (uint32_t i = 0; i < n; i++)
			all[i] = (struct wide){part_of_root(f, i), i};
		qsort(all, n, sizeof(*all), compare_wide);
		for (size_t i = 0; i < most; i++)
			keep[all[i].node] = true;
		f->cut = all[most - 1].width;
		compact(f, keep, to);
	} else {
		rc = b->e->code;
	}
	prof_mem_zfree(&f->mem, all, n, sizeof(*all));
	prof_mem_zfree(&f->mem, keep, n, sizeof(*keep));
	prof_mem_zfree(&f->mem, to, n, sizeof(*to));
	return rc;
}

static int name_nodes(struct build *b)
{
	int rc = 0;

	for (uint32_t i = 1; !rc && i < b->f->nodes.n; i++) {
		uint32_t *frame = &b->f->nodes.v[i].frame;
		uint32_t node = *frame;

		rc = prof_flame_add_frame(b->f, b->x, node, b->frame_of, b->e);
		*frame = b->frame_of[node];
	}
	return rc;
}

static int add_types(struct build *b)
{
	struct prof_flame *f = b->f;
	struct prof_flame_input *x = b->x;
	static const char *const what[] = {[PROF_BY_FUNCTION] = "function",
		[PROF_BY_FILE_FUNCTION] = "function",
		[PROF_BY_FILE] = "file",
		[PROF_BY_LINE] = "line",
		[PROF_BY_ADDRESS] = "address",
		[PROF_BY_PACKAGE] = "package"};
	int rc = prof_vec_reserve(&f->mem, &f->types, x->n_types, b->e);

	f->what = what[x->v.opts.by];
	f->differential = x->differential;
	f->diff_by_share = by_share(x->opts);
	f->type = x->type;
	f->ratio = x->v.ratio;
	f->by_cum = x->v.opts.cum;
	for (uint32_t c = 0; !rc && c < x->n_columns; c++) {
		const struct prof_value_type *v = &x->v.p->types.v[x->column[c]];
		struct prof_flame_type *t = &f->types.v[prof_flame_type_of(x, c)];

		if (prof_flame_side_of(x, c) == PROF_OLD) {
			t->total[PROF_OLD] = x->total[c];
			continue;
		}
		*t = (struct prof_flame_type){.name = prof_profile_str(x->v.p, v->type),
			.unit = prof_profile_str(x->v.p, v->unit),
			.out_unit = x->v.out_unit};
		if (prof_str_eq(t->out_unit, PROF_STR("minimum")))
			t->out_unit = PROF_STR("auto");
		t->total[PROF_NEW] = x->total[c];
		if (!(rc = keep_str(f, &t->name, b->e)) && !(rc = keep_str(f, &t->unit, b->e)))
			rc = keep_str(f, &t->out_unit, b->e);
		f->types.n++;
	}
	return rc;
}

static int add_head(struct build *b)
{
	struct prof_flame *f = b->f;
	const struct prof_profile *p = b->x->v.p;
	struct prof_report *r = prof_report_new("", b->e);
	int rc = r ? prof_view_profile_head(&b->x->v, r) : b->e->code;

	if (!rc)
		rc = prof_vec_reserve(&f->mem, &f->head, r->head.n, b->e);
	for (size_t i = 0; !rc && i < r->head.n; i++) {
		struct prof_str line = r->head.v[i];

		rc = keep_str(f, &line, b->e);
		f->head.v[f->head.n++] = line;
	}
	prof_report_free(r);
	f->title = PROF_STR("profile");
	if (f->opts.title)
		f->title = prof_str_of(f->opts.title);
	else if (p->mappings.n && p->mappings.v[0].file)
		f->title = prof_str_base(prof_profile_str(p, p->mappings.v[0].file));
	return rc ? rc : keep_str(f, &f->title, b->e);
}

static int build(struct build *b)
{
	size_t n;
	int rc = prof_flame_input_nodes(b->x);

	n = b->x->v.g.nodes.n;
	if (!rc)
		b->frame_of = prof_mem_zalloc(b->x->mem, n, sizeof(*b->frame_of), b->e);
	if (!rc && !b->frame_of)
		rc = b->e->code;
	if (rc)
		return rc;
	memset(b->frame_of, 0xff, n * sizeof(*b->frame_of));
	if (!(rc = add_types(b)) && !(rc = add_head(b)))
		rc = b->x->opts->max_rows ? prof_flame_rows(b->f, b->x, b->frame_of, b->e) : 0;
	if (!rc) {
		drop_negative(b);
		rc = build_tree(b);
	}
	if (!rc && !(rc = cut(b)))
		rc = name_nodes(b);
	prof_mem_zfree(b->x->mem, b->frame_of, n, sizeof(*b->frame_of));
	return rc;
}

int prof_flame(struct prof_profile *p, const struct prof_view_opts *view,
	const struct prof_flame_opts *opts, unsigned *missed, struct prof_flame **out,
	struct prof_err *e)
{
	struct prof_flame_input x;
	struct build b = {.x = &x, .e = e};
	int rc = prof_flame_input_init(&x, p, view, opts, missed, e);

	if (!rc && !(b.f = calloc(1, sizeof(*b.f))))
		rc = prof_nomem(e);
	if (!rc) {
		b.f->mem.limit = p->mem.limit;
		b.f->opts = *opts;
		prof_arena_init(&b.f->arena, &b.f->mem);
		rc = build(&b);
	}
	prof_flame_input_fini(&x);
	if (rc)
		prof_flame_free(b.f);
	else
		*out = b.f;
	return rc;
}
