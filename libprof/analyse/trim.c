#include "libprof/analyse/trim.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "libprof/base/num.h"

/* What a node is sorted by. Ties end with the text that Go prints for the whole node, so that the
 * order is total.
 */
struct item {
	const struct prof_graph *g;
	uint64_t major, minor; /* |flat|, |cum| or the other way round */
	struct prof_str name;
	uint32_t node;
};

/* Go compares absolute values as signed, where the least integer has none. */
static uint64_t magnitude(int64_t v)
{
	return (uint64_t)prof_abs(v) ^ UINT64_C(1) << 63;
}

static void put(struct prof_buf *b, const struct prof_graph *g, uint32_t id)
{
	struct prof_str s = prof_profile_str(g->profile, id);

	prof_buf_put(b, s.p, s.len);
}

/* Go's fmt.Sprint of a NodeInfo: {Name OrigName Address File StartLine Lineno Columnno Objfile}. */
static void put_info(const struct item *x, struct prof_buf *b)
{
	const struct prof_node_info *n = &x->g->nodes.v[x->node];

	put(b, x->g, n->name);
	prof_buf_printf(b, "  %" PRIu64 " ", n->address);
	put(b, x->g, n->file);
	prof_buf_printf(
		b, " %" PRId64 " %" PRId64 " %" PRId64 " ", n->start_line, n->line, n->column);
	put(b, x->g, n->object);
}

static int compare_info(const struct item *a, const struct item *b)
{
	struct prof_buf x, y;
	int c;

	prof_buf_init(&x, NULL, NULL);
	prof_buf_init(&y, NULL, NULL);
	put_info(a, &x);
	put_info(b, &y);
	c = prof_str_cmp(
		(struct prof_str){x.p, (uint32_t)x.n}, (struct prof_str){y.p, (uint32_t)y.n});
	prof_buf_fini(&x);
	prof_buf_fini(&y);
	return c ? c : (a->node > b->node) - (a->node < b->node);
}

static int compare_items(const void *p, const void *q)
{
	const struct item *a = p, *b = q;
	uint64_t x = a->g->nodes.v[a->node].address, y = b->g->nodes.v[b->node].address;
	int c;

	if (a->major != b->major)
		return a->major > b->major ? -1 : 1;
	if (x && y && x != y)
		return x < y ? -1 : 1;
	c = prof_str_cmp(a->name, b->name);
	if (c)
		return c;
	if (a->minor != b->minor)
		return a->minor > b->minor ? -1 : 1;
	return compare_info(a, b);
}

static int name_items(struct item *items, size_t n, struct prof_arena *arena, struct prof_err *e)
{
	struct prof_buf b;
	int rc = 0;

	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; !rc && i < n; i++) {
		const struct prof_node_info *info = &items[i].g->nodes.v[items[i].node];

		if (info->name && !info->address && !info->file && !info->line) {
			items[i].name = prof_profile_str(items[i].g->profile, info->name);
			continue;
		}
		b.n = 0;
		prof_node_name(items[i].g, items[i].node, &b);
		items[i].name.p = b.code ? NULL : prof_arena_dup(arena, b.p, b.n, e);
		items[i].name.len = (uint32_t)b.n;
		if (!items[i].name.p)
			rc = b.code ? prof_nomem(e) : e->code;
	}
	prof_buf_fini(&b);
	return rc;
}

int prof_trim_sort(struct prof_trimmed *t, const struct prof_graph *g, bool cum,
	const int64_t *score, struct prof_err *e)
{
	size_t n = t->order.n;
	struct item *items = prof_mem_zalloc(t->mem, n, sizeof(*items), e);
	struct prof_arena arena;
	int rc;

	if (!items)
		return e->code;
	prof_arena_init(&arena, t->mem);
	for (size_t i = 0; i < n; i++) {
		uint32_t node = t->order.v[i];
		uint64_t flat = magnitude(g->values[node].flat);
		uint64_t other = magnitude(score ? score[node] : g->values[node].cum);

		items[i] = (struct item){.g = g,
			.major = cum || score ? other : flat,
			.minor = cum || score ? flat : other,
			.node = node};
	}
	rc = name_items(items, n, &arena, e);
	if (!rc) {
		qsort(items, n, sizeof(*items), compare_items);
		for (size_t i = 0; i < n; i++)
			t->order.v[i] = items[i].node;
	}
	prof_mem_zfree(t->mem, items, n, sizeof(*items));
	prof_arena_fini(&arena);
	return rc;
}

bool prof_trim_counts(const struct prof_node_value *v, bool drop_negative)
{
	if (!v->flat && !v->cum)
		return false;
	return !drop_negative || v->flat > 0 || (v->flat == 0 && v->cum >= 0);
}

/* Only the nodes left are kept: a later edge goes over the others. */
static void keep_order(struct prof_trimmed *t)
{
	memset(t->keep, 0, t->n_nodes);
	for (size_t i = 0; i < t->order.n; i++)
		t->keep[t->order.v[i]] = true;
}

int64_t prof_trim_fraction(int64_t total, double fraction)
{
	return prof_abs(prof_to_i64((double)total * fraction));
}

void prof_trim_first(struct prof_trimmed *t, size_t n)
{
	t->order.n = n;
	keep_order(t);
}

int prof_trim_cutoff(struct prof_trimmed *t, const struct prof_graph *g,
	const struct prof_trim_opts *opts, struct prof_err *e)
{
	int64_t total = g->left_out_flat;
	size_t n = 0;
	int rc;

	*t = (struct prof_trimmed){.mem = g->mem, .n_nodes = g->nodes.n};
	t->keep = prof_mem_zalloc(t->mem, g->nodes.n, sizeof(*t->keep), e);
	rc = t->keep ? prof_vec_reserve(t->mem, &t->order, g->nodes.n, e) : e->code;
	if (rc)
		return rc;
	memset(t->keep, 1, g->nodes.n);
	for (uint32_t i = 0; i < g->nodes.n; i++) {
		if (!prof_trim_counts(&g->values[i], opts->drop_negative))
			continue;
		t->order.v[t->order.n++] = i;
		total = prof_add(total, g->values[i].flat);
	}
	t->node_cutoff = prof_trim_fraction(total, opts->node_fraction);
	t->edge_cutoff = prof_trim_fraction(total, opts->edge_fraction);
	for (size_t i = 0; i < t->order.n; i++)
		if (t->node_cutoff <= 0 || prof_abs(g->values[t->order.v[i]].cum) >= t->node_cutoff)
			t->order.v[n++] = t->order.v[i];
	t->dropped = t->order.n - n + g->left_out;
	t->before_count = t->order.n = n;
	if (t->dropped)
		keep_order(t);
	return 0;
}

int prof_trim(struct prof_trimmed *t, const struct prof_graph *g, const struct prof_trim_opts *opts,
	struct prof_err *e)
{
	int rc = prof_trim_cutoff(t, g, opts, e);

	if (!rc)
		rc = prof_trim_sort(t, g, opts->cum, NULL, e);
	if (!rc && opts->node_count > 0 && (uint64_t)opts->node_count < t->order.n)
		prof_trim_first(t, (size_t)opts->node_count);
	return rc;
}

void prof_trimmed_fini(struct prof_trimmed *t)
{
	if (!t->mem)
		return;
	prof_mem_zfree(t->mem, t->keep, t->n_nodes, sizeof(*t->keep));
	prof_vec_fini(t->mem, &t->order);
	t->keep = NULL;
}
