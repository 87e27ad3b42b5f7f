/* pprof's callgrind format, for KCachegrind: nodes are addresses, names are compressed by number,
 * addresses relative to the node before where that is shorter.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "libprof/analyse/graph.h"
#include "libprof/analyse/view.h"
#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"
#include "libprof/join/stream.h"

struct callgrind {
	struct prof_view v;
	struct prof_strtab objects, files, names; /* ids are the numbers */
	struct prof_str
		*shown; /* of each node: its name, told apart from others of the same name */
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

static int put_name(struct callgrind *x, const char *key, struct prof_strtab *t, struct prof_str s)
{
	uint32_t before = (uint32_t)t->strs.n, id;
	int rc = prof_strtab_add(t, s.p, s.len, &id, x->v.e);

	prof_buf_str(&x->b, key);
	if (!rc && s.len) {
		prof_buf_printf(&x->b, "(%u)", id);
		if (id >= before) {
			prof_buf_char(&x->b, ' ');
			prof_buf_plain(&x->b, s);
		}
	}
	prof_buf_char(&x->b, '\n');
	return rc;
}

static void put_address(struct callgrind *x, const struct prof_node_info *prev, uint64_t address)
{
	char absolute[24], relative[24];
	int n = snprintf(absolute, sizeof(absolute), "0x%" PRIx64, address), m;

	if (prev && prev->address == address) {
		prof_buf_char(&x->b, '*');
		return;
	}
	if (prev) {
		m = snprintf(relative, sizeof(relative), "%+" PRId64,
			(int64_t)(address - prev->address));
		if (m < n) {
			prof_buf_str(&x->b, relative);
			return;
		}
	}
	prof_buf_str(&x->b, absolute);
}

static int64_t whole(const struct callgrind *x, int64_t v)
{
	struct prof_str unit;

	return prof_to_i64(prof_unit_scale(v, x->v.unit, x->v.out_unit, &unit));
}

/* Functions of one name and file in different binaries or from different lines get " [i/n]". */
struct group {
	uint32_t name, file, object, parent; /* parent: in a call tree */
	int64_t start_line;
	uint32_t order; /* of the node that stood first for it */
};

static int compare_groups(const void *p, const void *q)
{
	const struct group *a = p, *b = q;

	if (a->name != b->name)
		return a->name < b->name ? -1 : 1;
	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	if (a->start_line != b->start_line)
		return a->start_line < b->start_line ? -1 : 1;
	if (a->parent != b->parent)
		return a->parent < b->parent ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

static int compare_order(const void *p, const void *q)
{
	const struct group *a = p, *b = q;

	if (a->name != b->name)
		return a->name < b->name ? -1 : 1;
	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

static int shown_name(struct callgrind *x, uint32_t node, size_t i, size_t n)
{
	struct prof_str name = prof_profile_str(x->v.p, x->v.g.nodes.v[node].name);
	struct prof_buf b;
	int rc;

	x->shown[node] = name;
	if (n < 2)
		return 0;
	prof_buf_init(&b, NULL, NULL);
	prof_buf_put(&b, name.p, name.len);
	prof_buf_printf(&b, " [%zu/%zu]", i + 1, n);
	x->shown[node].p = b.code ? NULL : prof_arena_dup(&x->arena, b.p, b.n, x->v.e);
	x->shown[node].len = (uint32_t)b.n;
	rc = x->shown[node].p ? 0 : PROF_ENOMEM;
	prof_buf_fini(&b);
	return rc;
}

static bool same_group(const struct group *a, const struct group *b)
{
	return a->name == b->name && a->file == b->file && a->object == b->object &&
	       a->parent == b->parent && a->start_line == b->start_line;
}

static size_t unique(struct group *g, size_t n)
{
	size_t out = 0;

	for (size_t i = 0; i < n; i++)
		if (!i || !same_group(&g[i], &g[out - 1]))
			g[out++] = g[i];
	return out;
}

static struct group group_of(const struct prof_graph *g, uint32_t node, uint32_t order)
{
	const struct prof_node_info *info = &g->nodes.v[node];

	return (struct group){info->name, info->file, info->object,
		g->parents.n ? g->parents.v[node] : 0, info->start_line, order};
}

/* The groups of a name and file are g[*low .. *end), in the order of their first nodes. */
static void find_groups(const struct group *g, size_t n, struct group key, size_t *low, size_t *end)
{
	size_t high = n;

	key.order = 0;
	*low = 0;
	while (*low < high) {
		size_t mid = (*low + high) / 2;

		if (compare_order(&g[mid], &key) < 0)
			*low = mid + 1;
		else
			high = mid;
	}
	for (*end = *low; *end < n && g[*end].name == key.name && g[*end].file == key.file; ++*end)
		;
}

static int name_nodes(struct callgrind *x)
{
	const struct prof_view *v = &x->v;
	struct group *g = calloc(v->t.order.n + 1, sizeof(*g));
	size_t n = v->t.order.n, low, at, end;
	int rc = g ? 0 : prof_nomem(v->e);

	for (uint32_t i = 0; !rc && i < n; i++)
		g[i] = group_of(&v->g, v->t.order.v[i], i);
	if (!rc) {
		qsort(g, n, sizeof(*g), compare_groups);
		n = unique(g, n);
		qsort(g, n, sizeof(*g), compare_order);
	}
	for (uint32_t i = 0; !rc && i < v->t.order.n; i++) {
		struct group key = group_of(&v->g, v->t.order.v[i], i);

		find_groups(g, n, key, &low, &end);
		for (at = low; at < end && !same_group(&g[at], &key); at++)
			;
		rc = shown_name(x, v->t.order.v[i], at - low, end - low);
	}
	free(g);
	return rc;
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
		const struct prof_node_value *to = &g->values[e->dest];
		struct out *o = &x->outs[x->n_outs];

		if (!to->flat && !to->cum)
			continue;
		b.n = 0;
		prof_node_name(g, e->dest, &b);
		*o = (struct out){e->src, e->dest, e->weight,
			{b.code ? NULL : prof_arena_dup(&x->arena, b.p, b.n, x->v.e),
				(uint32_t)b.n}};
		rc = o->name.p ? 0 : PROF_ENOMEM;
		x->n_outs++;
	}
	prof_buf_fini(&b);
	if (!rc)
		qsort(x->outs, x->n_outs, sizeof(*x->outs), compare_outs);
	return rc;
}

static int put_calls(struct callgrind *x, uint32_t node, const uint32_t *first,
	const struct prof_node_info *prev)
{
	const struct prof_profile *p = x->v.p;
	int rc = 0;

	for (size_t i = first[node]; !rc && i < x->n_outs && x->outs[i].src == node; i++) {
		const struct out *o = &x->outs[i];
		const struct prof_node_info *to = &x->v.g.nodes.v[o->dest];

		rc = put_name(x, "cfl=", &x->files, prof_profile_str(p, to->file));
		if (!rc)
			rc = put_name(x, "cfn=", &x->names, x->shown[o->dest]);
		prof_buf_str(&x->b, "calls=0 ");
		put_address(x, prev, to->address);
		prof_buf_printf(
			&x->b, " %" PRId64 "\n* * %" PRId64 "\n", to->line, whole(x, o->weight));
	}
	return rc;
}

static int print(struct callgrind *x)
{
	const struct prof_view *v = &x->v;
	const struct prof_profile *p = v->p;
	const struct prof_node_info *prev = NULL;
	uint32_t *first = calloc(v->g.nodes.n + 1, sizeof(*first));
	int rc = first ? 0 : prof_nomem(v->e);

	for (size_t i = x->n_outs; !rc && i-- > 0;)
		first[x->outs[i].src] = (uint32_t)i;
	prof_buf_str(&x->b, "positions: instr line\nevents: ");
	prof_buf_str(&x->b, v->opts.mean ? "mean_" : "");
	prof_buf_plain(&x->b, prof_profile_str(p, p->types.v[v->index].type));
	prof_buf_char(&x->b, '(');
	prof_buf_plain(&x->b, v->out_unit);
	prof_buf_str(&x->b, ")\n");
	for (size_t i = 0; !rc && i < v->t.order.n; i++) {
		uint32_t n = v->t.order.v[i];
		const struct prof_node_info *info = &v->g.nodes.v[n];

		if (!prev || info->object != prev->object || info->file != prev->file ||
			info->name != prev->name) {
			prof_buf_char(&x->b, '\n');
			if ((rc = put_name(
				     x, "ob=", &x->objects, prof_profile_str(p, info->object))) ||
				(rc = put_name(
					 x, "fl=", &x->files, prof_profile_str(p, info->file))) ||
				(rc = put_name(
					 x, "fn=", &x->names, prof_profile_str(p, info->name))))
				break;
		}
		put_address(x, prev, info->address);
		prof_buf_printf(&x->b, " %" PRId64 " %" PRId64 "\n", info->line,
			whole(x, prof_node_flat(&v->g.values[n])));
		rc = put_calls(x, n, first, prev);
		prev = info;
	}
	free(first);
	return rc ? rc : prof_buf_done(&x->b, v->e);
}

static int init(struct callgrind *x, struct prof_profile *p)
{
	struct prof_err *e = x->v.e;
	int rc;

	if ((rc = prof_strtab_init(&x->objects, &p->mem, e)) ||
		(rc = prof_strtab_init(&x->files, &p->mem, e)) ||
		(rc = prof_strtab_init(&x->names, &p->mem, e)))
		return rc;
	x->shown = prof_mem_zalloc(&p->mem, x->v.g.nodes.n, sizeof(*x->shown), e);
	return x->shown ? 0 : e->code;
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
		rc = name_nodes(&x);
	if (!rc)
		rc = sort_outs(&x);
	if (!rc)
		rc = print(&x);
	free(x.outs);
	prof_mem_zfree(&p->mem, x.shown, x.v.g.nodes.n, sizeof(*x.shown));
	prof_strtab_fini(&x.objects);
	prof_strtab_fini(&x.files);
	prof_strtab_fini(&x.names);
	prof_arena_fini(&x.arena);
	prof_buf_fini(&x.b);
	prof_view_fini(&x.v);
	return rc;
}
