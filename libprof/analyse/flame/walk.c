#include "libprof/analyse/flame/walk.h"

#include <stdlib.h>

#include "libprof/base/num.h"
#include "libprof/model/flame.h"

enum { AHEAD = 16 }; /* entries whose next location is asked for before it is needed */

/* A sample on its way to the leaf: `left` lines of the location at stack_loc[at] are to come, then
 * the locations at - 1 … end.
 */
struct entry {
	uint32_t at, end, left;
	uint32_t child; /* of the node under way: where it goes next */
};

/* A node of the level: entries [begin, begin + n). */
struct pending {
	uint32_t node, parent, begin, n;
	bool always, sometimes; /* inlined */
	bool keep;
};

/* Values travel with their samples: fetched from their columns they would cost a miss each. */
struct level {
	PROF_VEC(struct entry) entries;
	int64_t *value; /* n_columns an entry */
	double *value_spread; /* likewise, or NULL */
	PROF_VEC(struct pending) nodes;
	PROF_VEC(int64_t) cum; /* n_columns a node */
	PROF_VEC(double) spread; /* likewise */
};

struct walk {
	const struct prof_flame_walk *w;
	struct prof_mem *mem;
	struct prof_err *e;
	struct level now, next;
	uint32_t *slot; /* of each node of the graph: which child of the node under way it is … */
	uint32_t *epoch; /* … if this is the number of that node plus one */
	PROF_VEC(uint64_t) order; /* the children that are kept: rank << 32 | number, sorted */
	struct level kids; /* all children of the node under way, without entries */
	int64_t *root, *self; /* of each column */
	uint32_t visited, depth;
};

/* The next node on a sample's way, or PROF_NONE at its end. */
static inline uint32_t next_node(const struct prof_graph *g, struct entry *x, bool *inlined)
{
	const uint32_t *loc = g->profile->stack_loc.v, *start = g->loc_start.v;

	*inlined = x->left > 0;
	while (!x->left) {
		if (x->at == x->end)
			return PROF_NONE;
		x->at--;
		x->left = start[loc[x->at] + 1] - start[loc[x->at]];
	}
	return g->node_of.v[start[loc[x->at]] + --x->left];
}

static int reserve_node(struct walk *k, struct level *l)
{
	int rc;

	if ((rc = prof_vec_reserve(k->mem, &l->nodes, 1, k->e)) ||
		(rc = prof_vec_reserve(k->mem, &l->cum, k->w->n_columns, k->e)))
		return rc;
	return k->w->spread ? prof_vec_reserve(k->mem, &l->spread, k->w->n_columns, k->e) : 0;
}

static void level_clear(struct level *l)
{
	l->entries.n = l->nodes.n = l->cum.n = l->spread.n = 0;
}

static void level_fini(struct walk *k, struct level *l)
{
	struct prof_mem *mem = k->mem;
	size_t n = k->w->graph->profile->sample_stack.n * k->w->n_columns;

	prof_mem_zfree(mem, l->value, n, sizeof(*l->value));
	prof_mem_zfree(mem, l->value_spread, n, sizeof(*l->value_spread));
	prof_vec_fini(mem, &l->entries);
	prof_vec_fini(mem, &l->nodes);
	prof_vec_fini(mem, &l->cum);
	prof_vec_fini(mem, &l->spread);
}

/* A child without samples as yet. */
static int add_child(struct walk *k, uint32_t node, uint32_t parent)
{
	struct level *l = &k->kids;
	int rc = reserve_node(k, l);

	if (rc)
		return rc;
	k->epoch[node] = parent + 1;
	k->slot[node] = (uint32_t)l->nodes.n;
	l->nodes.v[l->nodes.n++] = (struct pending){.node = node, .parent = parent, .always = true};
	for (uint32_t c = 0; c < k->w->n_columns; c++)
		l->cum.v[l->cum.n++] = 0;
	for (uint32_t c = 0; k->w->spread && c < k->w->n_columns; c++)
		l->spread.v[l->spread.n++] = 0;
	return 0;
}

static inline void add_values(const struct walk *k, uint32_t entry, int64_t *sum, double *spread)
{
	uint32_t n = k->w->n_columns;
	const int64_t *v = k->now.value + (size_t)entry * n;

	for (uint32_t c = 0; c < n; c++)
		sum[c] = prof_add_sat(sum[c], v[c]);
	if (spread)
		for (uint32_t c = 0; c < n; c++)
			spread[c] += k->now.value_spread[(size_t)entry * n + c];
}

/* Finds the children of a node of the level, and what each weighs. */
static int find_children(struct walk *k, const struct pending *p)
{
	const uint32_t *loc = k->w->graph->profile->stack_loc.v;
	uint32_t n = k->w->n_columns;

	for (uint32_t i = p->begin; i < p->begin + p->n; i++) {
		struct entry *x = &k->now.entries.v[i];
		struct pending *kid;
		uint32_t node;
		bool inlined;
		int rc;

		if (i + AHEAD < k->now.entries.n)
			prof_prefetch(&loc[k->now.entries.v[i + AHEAD].at]);
		do
			node = next_node(k->w->graph, x, &inlined);
		while (k->w->collapse && node == p->node && node != PROF_NONE);
		if (node == PROF_NONE) {
			x->child = PROF_NONE;
			add_values(k, i, k->self, NULL);
			continue;
		}
		if (k->epoch[node] != k->visited + 1 && (rc = add_child(k, node, k->visited)))
			return rc;
		x->child = k->slot[node];
		kid = &k->kids.nodes.v[x->child];
		kid->n++;
		kid->always &= inlined;
		kid->sometimes |= inlined;
		add_values(k, i, k->kids.cum.v + (size_t)x->child * n,
			k->w->spread ? k->kids.spread.v + (size_t)x->child * n : NULL);
	}
	return 0;
}

static bool is_wide(const struct walk *k, const int64_t *cum)
{
	if (k->w->least <= 0)
		return true;
	for (uint32_t c = 0; c < k->w->n_columns; c++)
		if (cum[c] > 0 && (double)cum[c] / (double)k->root[c] >= k->w->least)
			return true;
	return false;
}

static int compare_keys(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Chooses the children to go into, and gives them their places in the next level. */
static int keep_children(struct walk *k)
{
	uint32_t n = k->w->n_columns;
	int rc = prof_vec_reserve(k->mem, &k->order, k->kids.nodes.n, k->e);

	k->order.n = 0;
	for (uint32_t i = 0; !rc && i < k->kids.nodes.n; i++) {
		struct pending *kid = &k->kids.nodes.v[i];

		kid->keep = is_wide(k, k->kids.cum.v + (size_t)i * n);
		if (kid->keep)
			k->order.v[k->order.n++] = (uint64_t)k->w->rank[kid->node] << 32 | i;
	}
	if (rc)
		return rc;
	if (k->order.n > 1)
		qsort(k->order.v, k->order.n, sizeof(*k->order.v), compare_keys);
	for (size_t i = 0; i < k->order.n; i++) {
		size_t number = (uint32_t)k->order.v[i];
		struct pending *kid = &k->kids.nodes.v[number];
		struct level *l = &k->next;

		rc = reserve_node(k, l);
		if (rc)
			return rc;
		kid->begin = (uint32_t)l->entries.n;
		l->entries.n += kid->n; /* room for all was made */
		l->nodes.v[l->nodes.n++] = *kid;
		memcpy(l->cum.v + l->cum.n, k->kids.cum.v + number * n, n * sizeof(*l->cum.v));
		l->cum.n += n;
		if (!k->w->spread)
			continue;
		memcpy(l->spread.v + l->spread.n, k->kids.spread.v + number * n,
			n * sizeof(*l->spread.v));
		l->spread.n += n;
	}
	return 0;
}

static void move_entries(struct walk *k, const struct pending *p)
{
	size_t n = k->w->n_columns, to;

	for (uint32_t i = p->begin; i < p->begin + p->n; i++) {
		const struct entry *x = &k->now.entries.v[i];
		struct pending *kid;

		if (x->child == PROF_NONE)
			continue;
		kid = &k->kids.nodes.v[x->child];
		if (!kid->keep)
			continue;
		to = kid->begin++;
		k->next.entries.v[to] = *x;
		memcpy(k->next.value + to * n, k->now.value + i * n, n * sizeof(*k->now.value));
		if (k->w->spread)
			memcpy(k->next.value_spread + to * n, k->now.value_spread + i * n,
				n * sizeof(*k->now.value_spread));
	}
}

static int split(struct walk *k, size_t i, prof_flame_visit_fn *visit, void *ctx)
{
	const struct pending *p = &k->now.nodes.v[i];
	/* The children's numbers: behind the rest of this level and those found so far. */
	uint32_t first = k->visited + (uint32_t)(k->now.nodes.n - i + k->next.nodes.n);
	struct prof_flame_step step = {.node = p->node,
		.parent = p->parent,
		.depth = k->depth,
		.first = first,
		.inlined = p->always && p->sometimes ? PROF_INLINED_ALWAYS
			   : p->sometimes            ? PROF_INLINED_SOMETIMES
						     : PROF_INLINED_NEVER,
		.cum = k->now.cum.v + i * k->w->n_columns,
		.self = k->self,
		.spread = k->w->spread ? k->now.spread.v + i * k->w->n_columns : NULL};
	int rc;

	level_clear(&k->kids);
	memset(k->self, 0, k->w->n_columns * sizeof(*k->self));
	if ((is_wide(k, step.cum) && (rc = find_children(k, p))) || (rc = keep_children(k)))
		return rc;
	step.n_children = (uint32_t)k->order.n;
	if (step.n_children)
		move_entries(k, p);
	k->visited++;
	return visit(ctx, &step, k->e);
}

/* Room for all samples. */
static int reserve_entries(struct walk *k, struct level *l, size_t samples)
{
	size_t n = samples * k->w->n_columns;
	int rc = prof_vec_reserve(k->mem, &l->entries, samples, k->e);

	if (rc)
		return rc;
	l->value = prof_mem_zalloc(k->mem, n, sizeof(*l->value), k->e);
	if (k->w->spread)
		l->value_spread = prof_mem_zalloc(k->mem, n, sizeof(*l->value_spread), k->e);
	return l->value && (l->value_spread || !k->w->spread) ? 0 : k->e->code;
}

/* All samples that have a value, at the root. */
static int begin(struct walk *k)
{
	const struct prof_profile *p = k->w->graph->profile;
	uint32_t n = k->w->n_columns;
	struct level *l = &k->now;
	int rc;

	if ((rc = reserve_node(k, l)) || (rc = reserve_entries(k, l, p->sample_stack.n)) ||
		(rc = reserve_entries(k, &k->next, p->sample_stack.n)))
		return rc;
	for (uint32_t c = 0; c < n; c++) {
		l->cum.v[c] = 0;
		if (k->w->spread)
			l->spread.v[c] = 0;
	}
	for (uint32_t i = 0; i < p->sample_stack.n; i++) {
		uint32_t s = p->sample_stack.v[i];
		bool any = false;

		for (uint32_t c = 0; c < n; c++)
			any |= k->w->columns[c][i] != 0;
		if (!any)
			continue;
		for (uint32_t c = 0; c < n; c++) {
			l->value[l->entries.n * n + c] = k->w->columns[c][i];
			if (k->w->spread)
				l->value_spread[l->entries.n * n + c] = k->w->spread[c][i];
		}
		add_values(k, (uint32_t)l->entries.n, l->cum.v, k->w->spread ? l->spread.v : NULL);
		l->entries.v[l->entries.n++] = (struct entry){
			.at = p->stack_start.v[s + 1], .end = p->stack_start.v[s]};
	}
	memcpy(k->root, l->cum.v, k->w->n_columns * sizeof(*k->root));
	l->nodes.v[l->nodes.n++] = (struct pending){
		.node = PROF_NONE, .parent = PROF_NONE, .n = (uint32_t)l->entries.n, .keep = true};
	return 0;
}

int prof_flame_walk(
	const struct prof_flame_walk *w, prof_flame_visit_fn *visit, void *ctx, struct prof_err *e)
{
	size_t n = w->graph->nodes.n;
	struct walk k = {.w = w, .mem = w->graph->mem, .e = e};
	int rc;

	k.slot = prof_mem_zalloc(k.mem, n, sizeof(*k.slot), e);
	k.epoch = prof_mem_zalloc(k.mem, n, sizeof(*k.epoch), e);
	k.root = prof_mem_zalloc(k.mem, w->n_columns, sizeof(*k.root), e);
	k.self = prof_mem_zalloc(k.mem, w->n_columns, sizeof(*k.self), e);
	rc = k.slot && k.epoch && k.root && k.self ? begin(&k) : e->code;
	while (!rc && k.now.nodes.n) {
		struct level was;

		for (size_t i = 0; !rc && i < k.now.nodes.n; i++)
			rc = split(&k, i, visit, ctx);
		was = k.now;
		k.now = k.next;
		k.next = was;
		level_clear(&k.next);
		k.depth++;
	}
	level_fini(&k, &k.now);
	level_fini(&k, &k.next);
	level_fini(&k, &k.kids);
	prof_vec_fini(k.mem, &k.order);
	prof_mem_zfree(k.mem, k.slot, n, sizeof(*k.slot));
	prof_mem_zfree(k.mem, k.epoch, n, sizeof(*k.epoch));
	prof_mem_zfree(k.mem, k.root, w->n_columns, sizeof(*k.root));
	prof_mem_zfree(k.mem, k.self, w->n_columns, sizeof(*k.self));
	return rc;
}
