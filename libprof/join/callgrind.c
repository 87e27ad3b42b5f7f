/* pprof's callgrind format, for KCachegrind: nodes are addresses, names are compressed by number,
 * addresses relative to the node before where that is shorter.
 */
#include <stdlib.h>
#include <string.h>

#include "libprof/analyse/graph.h"
#include "libprof/analyse/view.h"
#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"

/* Names are written once, with a number, and by the number after that. 0: not yet. */
struct numbers {
	uint32_t *of;
	size_t n;
	uint32_t last;
};

struct shown {
	struct prof_str text; /* the function, told apart from others of its name */
	struct prof_str name; /* the printable one, by which edges are sorted */
	uint32_t number; /* index into `names` */
};

struct callgrind {
	struct prof_view v;
	struct numbers objects, files, names; /* by string */
	struct shown *shown; /* of each node */
	struct prof_arena arena;
	struct out *outs; /* edges by caller, heaviest first */
	size_t n_outs;
	struct prof_buf b;
};

struct out {
	uint32_t src, dest;
	int64_t weight;
	struct prof_str name; /* the callee's printable one */
};

static int compare_outs(const void *p, const void *q)
{
	const struct out *a = p, *b = q;
	uint64_t x = (uint64_t)prof_abs(a->weight), y = (uint64_t)prof_abs(b->weight);
	int c;

	if (a->src != b->src)
		return a->src < b->src ? -1 : 1;
	if (x != y)
		return x > y ? -1 : 1;
	c = prof_str_cmp(a->name, b->name);
	return c ? c : (a->dest > b->dest) - (a->dest < b->dest);
}

static void put_name(
	struct callgrind *x, const char *key, struct numbers *t, uint32_t i, struct prof_str s)
{
	bool new = !t->of[i];

	prof_buf_str(&x->b, key);
	if (s.len) {
		if (new)
			t->of[i] = ++t->last;
		prof_buf_char(&x->b, '(');
		prof_buf_u64(&x->b, t->of[i]);
		prof_buf_char(&x->b, ')');
		if (new) {
			prof_buf_char(&x->b, ' ');
			prof_buf_plain(&x->b, s);
		}
	}
	prof_buf_char(&x->b, '\n');
}

static size_t decimals(uint64_t v)
{
	size_t n = 1;

	while (v /= 10)
		n++;
	return n;
}

static size_t hex_digits(uint64_t v)
{
	size_t n = 1;

	while (v >>= 4)
		n++;
	return n;
}

/* "*" where nothing changed, "+12" or "-12" where that is shorter than the address itself. */
static void put_address(struct callgrind *x, const struct prof_node_info *prev, uint64_t address)
{
	uint64_t ahead = prev ? address - prev->address : 0;
	bool back = (int64_t)ahead < 0;
	uint64_t distance = back ? 0 - ahead : ahead;

	if (prev && !ahead) {
		prof_buf_char(&x->b, '*');
	} else if (prev && 1 + decimals(distance) < 2 + hex_digits(address)) {
		prof_buf_char(&x->b, back ? '-' : '+');
		prof_buf_u64(&x->b, distance);
	} else {
		prof_buf_str(&x->b, "0x");
		prof_buf_hex(&x->b, address, 1);
	}
}

static int64_t whole(const struct callgrind *x, int64_t v)
{
	struct prof_str unit;

	return prof_to_i64(prof_unit_scale(v, x->v.unit, x->v.out_unit, &unit));
}

/* Functions of one name and file in different binaries, from different lines or (in a call tree)
 * under different callers get " [i/n]", i in the order in which they are shown first.
 */
struct group {
	uint32_t name, file, object, parent;
	int64_t start_line, column;
	uint32_t order, first; /* of this node; of the group's first one */
};

#define BY(field) \
	if (a->field != b->field) \
	return a->field < b->field ? -1 : 1

static int compare_groups(const void *p, const void *q)
{
	const struct group *a = p, *b = q;

	BY(name);
	BY(file);
	BY(object);
	BY(start_line);
	BY(parent);
	BY(column);
	return (a->order > b->order) - (a->order < b->order);
}

static int compare_first(const void *p, const void *q)
{
	const struct group *a = p, *b = q;

	BY(name);
	BY(file);
	BY(first);
	return (a->order > b->order) - (a->order < b->order);
}

static bool same_group(const struct group *a, const struct group *b)
{
	return a->name == b->name && a->file == b->file && a->object == b->object &&
	       a->parent == b->parent && a->start_line == b->start_line && a->column == b->column;
}

static int add_suffix(struct callgrind *x, struct shown *s, size_t i, size_t n)
{
	struct prof_strtab *strings = &x->v.p->strings;
	struct prof_buf b;
	int rc;

	prof_buf_init(&b, NULL, NULL);
	prof_buf_put(&b, s->text.p, s->text.len);
	prof_buf_printf(&b, " [%zu/%zu]", i, n);
	rc = b.code ? prof_nomem(x->v.e) : prof_strtab_add(strings, b.p, b.n, &s->number, x->v.e);
	if (!rc)
		s->text = prof_strtab_get(strings, s->number);
	prof_buf_fini(&b);
	return rc;
}

/* The nodes g[0 .. n) of one name and file, sorted by compare_first. */
static int name_run(struct callgrind *x, const struct group *g, size_t n)
{
	size_t groups = 0, i = 0;
	int rc = 0;

	for (size_t k = 0; k < n; k++)
		groups += !k || g[k].first != g[k - 1].first;
	for (size_t k = 0; !rc && groups > 1 && k < n; k++) {
		i += !k || g[k].first != g[k - 1].first;
		rc = add_suffix(x, &x->shown[x->v.t.order.v[g[k].order]], i, groups);
	}
	return rc;
}

static int name_nodes(struct callgrind *x)
{
	const struct prof_view *v = &x->v;
	struct group *g = calloc(v->t.order.n + 1, sizeof(*g));
	size_t n = v->t.order.n, end;
	int rc = g ? 0 : prof_nomem(v->e);

	for (uint32_t i = 0; !rc && i < n; i++) {
		uint32_t node = v->t.order.v[i];
		const struct prof_node_info *info = &v->g.nodes.v[node];

		x->shown[node].text = prof_profile_str(v->p, info->name);
		x->shown[node].number = info->name;
		g[i] = (struct group){info->name, info->file, info->object,
			v->g.parents.n ? v->g.parents.v[node] : 0, info->start_line,
			info->address || info->line ? 0 : info->column, i, i};
	}
	if (!rc)
		qsort(g, n, sizeof(*g), compare_groups);
	for (size_t i = 1; !rc && i < n; i++)
		if (same_group(&g[i], &g[i - 1]))
			g[i].first = g[i - 1].first;
	if (!rc)
		qsort(g, n, sizeof(*g), compare_first);
	for (size_t i = 0; !rc && i < n; i = end) {
		for (end = i; end < n && g[end].name == g[i].name && g[end].file == g[i].file;
			end++)
			;
		rc = name_run(x, g + i, end - i);
	}
	free(g);
	return rc;
}

/* A node's printable name, made at its first use. */
static int printable(struct callgrind *x, uint32_t node, struct prof_buf *b, struct prof_str *name)
{
	struct shown *s = &x->shown[node];

	if (!s->name.p) {
		b->n = 0;
		prof_node_name(&x->v.g, node, b);
		s->name.p = b->code ? NULL : prof_arena_dup(&x->arena, b->p, b->n, x->v.e);
		s->name.len = (uint32_t)b->n;
	}
	*name = s->name;
	return s->name.p ? 0 : PROF_ENOMEM;
}

static int sort_outs(struct callgrind *x)
{
	const struct prof_graph *g = &x->v.g;
	struct prof_buf b;
	int rc = 0;

	x->outs = calloc(g->edges.n + 1, sizeof(*x->outs));
	if (!x->outs)
		return prof_nomem(x->v.e);
	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; !rc && i < g->edges.n; i++) {
		const struct prof_edge *e = &g->edges.v[i];
		struct out *o = &x->outs[x->n_outs];

		*o = (struct out){e->src, e->dest, e->weight, {NULL, 0}};
		rc = printable(x, e->dest, &b, &o->name);
		x->n_outs++;
	}
	prof_buf_fini(&b);
	if (!rc)
		qsort(x->outs, x->n_outs, sizeof(*x->outs), compare_outs);
	return rc;
}

static void put_calls(struct callgrind *x, uint32_t node, const uint32_t *first,
	const struct prof_node_info *prev)
{
	const struct prof_profile *p = x->v.p;

	for (size_t i = first[node]; i < x->n_outs && x->outs[i].src == node; i++) {
		const struct out *o = &x->outs[i];
		const struct prof_node_info *to = &x->v.g.nodes.v[o->dest];
		const struct shown *s = &x->shown[o->dest];

		put_name(x, "cfl=", &x->files, to->file, prof_profile_str(p, to->file));
		put_name(x, "cfn=", &x->names, s->number, s->text);
		prof_buf_str(&x->b, "calls=0 ");
		put_address(x, prev, to->address);
		prof_buf_char(&x->b, ' ');
		prof_buf_i64(&x->b, to->line);
		prof_buf_str(&x->b, "\n* * ");
		prof_buf_i64(&x->b, whole(x, o->weight));
		prof_buf_char(&x->b, '\n');
	}
}

static void put_node(struct callgrind *x, uint32_t n, const struct prof_node_info *prev)
{
	const struct prof_profile *p = x->v.p;
	const struct prof_node_info *info = &x->v.g.nodes.v[n];

	if (!prev || info->object != prev->object || info->file != prev->file ||
		info->name != prev->name) {
		prof_buf_char(&x->b, '\n');
		put_name(x, "ob=", &x->objects, info->object, prof_profile_str(p, info->object));
		put_name(x, "fl=", &x->files, info->file, prof_profile_str(p, info->file));
		put_name(x, "fn=", &x->names, info->name, prof_profile_str(p, info->name));
	}
	put_address(x, prev, info->address);
	prof_buf_char(&x->b, ' ');
	prof_buf_i64(&x->b, info->line);
	prof_buf_char(&x->b, ' ');
	prof_buf_i64(&x->b, whole(x, prof_node_flat(&x->v.g.values[n])));
	prof_buf_char(&x->b, '\n');
}

static int print(struct callgrind *x)
{
	const struct prof_view *v = &x->v;
	const struct prof_node_info *prev = NULL;
	uint32_t *first = calloc(v->g.nodes.n + 1, sizeof(*first));

	if (!first)
		return prof_nomem(v->e);
	memset(first, 0xff, v->g.nodes.n * sizeof(*first));
	for (size_t i = x->n_outs; i-- > 0;)
		first[x->outs[i].src] = (uint32_t)i;
	prof_buf_str(&x->b, "positions: instr line\nevents: ");
	prof_buf_str(&x->b, v->opts.mean ? "mean_" : "");
	prof_buf_plain(&x->b, prof_profile_str(v->p, v->p->types.v[v->index].type));
	prof_buf_char(&x->b, '(');
	prof_buf_plain(&x->b, v->out_unit);
	prof_buf_str(&x->b, ")\n");
	for (size_t i = 0; i < v->t.order.n; i++) {
		uint32_t n = v->t.order.v[i];

		put_node(x, n, prev);
		put_calls(x, n, first, prev);
		prev = &v->g.nodes.v[n];
	}
	free(first);
	return prof_buf_done(&x->b, v->e);
}

static int numbers_init(struct callgrind *x, struct numbers *t, size_t n)
{
	t->n = n;
	t->of = prof_mem_zalloc(&x->v.p->mem, n, sizeof(*t->of), x->v.e);
	return t->of ? 0 : x->v.e->code;
}

static void numbers_fini(struct callgrind *x, struct numbers *t)
{
	prof_mem_zfree(&x->v.p->mem, t->of, t->n, sizeof(*t->of));
}

static int init(struct callgrind *x, struct prof_profile *p)
{
	int rc;

	x->shown = prof_mem_zalloc(&p->mem, x->v.g.nodes.n, sizeof(*x->shown), x->v.e);
	if (!x->shown)
		return x->v.e->code;
	rc = name_nodes(x); /* which adds strings */
	if (!rc)
		rc = numbers_init(x, &x->objects, p->strings.strs.n);
	if (!rc)
		rc = numbers_init(x, &x->files, p->strings.strs.n);
	return rc ? rc : numbers_init(x, &x->names, p->strings.strs.n);
}

int prof_callgrind(struct prof_profile *p, const struct prof_view_opts *opts, unsigned *missed,
	prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct callgrind x = {.shown = NULL};
	struct prof_view_opts own = *opts;
	int rc;

	own.by = PROF_BY_ADDRESS;
	own.no_trim = 1;
	prof_buf_init(&x.b, write, ctx);
	prof_arena_init(&x.arena, &p->mem);
	rc = prof_view_init(&x.v, p, &own, missed, e);
	if (!rc)
		rc = prof_view_graph(&x.v, true, true, own.call_tree);
	if (!rc && !own.call_tree)
		rc = prof_graph_edges(&x.v.g, x.v.index, own.mean, x.v.t.keep, NULL, e);
	if (!rc)
		rc = init(&x, p);
	if (!rc)
		rc = sort_outs(&x);
	if (!rc)
		rc = print(&x);
	free(x.outs);
	prof_mem_zfree(&p->mem, x.shown, x.v.g.nodes.n, sizeof(*x.shown));
	numbers_fini(&x, &x.objects);
	numbers_fini(&x, &x.files);
	numbers_fini(&x, &x.names);
	prof_arena_fini(&x.arena);
	prof_buf_fini(&x.b);
	prof_view_fini(&x.v);
	return rc;
}
