#include "libprof/analyse/graph.h"

#include <string.h>

#include "libprof/base/num.h"

/* One stack as "slots", the indices into node_of of all its lines, leaf first. */
struct walk {
	const struct prof_graph *g;
	PROF_VEC(uint32_t) slots; /* slots.n of this stack */
};

/* Most locations have one or two lines: both are written always, and counted when they are there,
 * so that the processor has no branch to guess wrong.
 */
static inline void add_location(struct walk *w, uint32_t l)
{
	uint32_t first = w->g->loc_start.v[l], n = w->g->loc_start.v[l + 1] - first;
	uint32_t *out = w->slots.v + w->slots.n;

	out[0] = first;
	out[1] = first + 1;
	if (n > 2)
		for (uint32_t i = 2; i < n; i++)
			out[i] = first + i;
	w->slots.n += n;
}

static int walk_init(struct walk *w, const struct prof_graph *g, struct prof_err *e)
{
	uint32_t deepest = 0, longest = 1;
	const struct prof_profile *p = g->profile;

	*w = (struct walk){.g = g};
	for (size_t s = 0; s + 1 < p->stack_start.n; s++)
		if (p->stack_start.v[s + 1] - p->stack_start.v[s] > deepest)
			deepest = p->stack_start.v[s + 1] - p->stack_start.v[s];
	for (size_t l = 0; l < p->locations.n; l++)
		if (g->loc_start.v[l + 1] - g->loc_start.v[l] > longest)
			longest = g->loc_start.v[l + 1] - g->loc_start.v[l];
	return prof_vec_reserve(g->mem, &w->slots, (size_t)deepest * longest + 2, e);
}

static void walk_fini(struct walk *w)
{
	prof_vec_fini(w->g->mem, &w->slots);
}

static void walk_stack(struct walk *w, uint32_t stack)
{
	const struct prof_profile *p = w->g->profile;

	w->slots.n = 0;
	for (uint32_t k = p->stack_start.v[stack]; k < p->stack_start.v[stack + 1]; k++)
		add_location(w, p->stack_loc.v[k]);
}

/* A node's sum and the last sample that counted it, plus one. */
struct seen {
	int64_t cum;
	uint32_t epoch;
};

/* Sums one column over the nodes: cum into `seen`, flat by `flat(node)`. */
static void sum_column(struct walk *w, const int64_t *value, const int64_t *also, struct seen *seen,
	struct prof_node_value *values, bool divisor)
{
	const struct prof_profile *p = w->g->profile;
	const uint32_t *node_of = w->g->node_of.v;

	for (size_t i = 0; i < p->sample_stack.n; i++) {
		int64_t v = value[i], *flat;
		uint32_t epoch = (uint32_t)i + 1;

		if (!v && !also[i])
			continue;
		walk_stack(w, p->sample_stack.v[i]);
		for (size_t k = 0; k < w->slots.n; k++) {
			struct seen *s = &seen[node_of[w->slots.v[k]]];

			if (s->epoch == epoch)
				continue;
			s->epoch = epoch;
			s->cum = prof_add(s->cum, v);
		}
		if (!w->slots.n)
			continue;
		flat = divisor ? &values[node_of[w->slots.v[0]]].flat_div
			       : &values[node_of[w->slots.v[0]]].flat;
		*flat = prof_add(*flat, v);
	}
}

int prof_graph_values(struct prof_graph *g, uint32_t index, bool mean, struct prof_err *e)
{
	const struct prof_profile *p = g->profile;
	const int64_t *value = p->values.v[index].v, *div = p->values.v[0].v;
	struct seen *seen = prof_mem_zalloc(g->mem, g->nodes.n, sizeof(*seen), e);
	struct walk w = {.g = g};
	int rc = seen ? walk_init(&w, g, e) : e->code;

	if (rc)
		goto out;
	sum_column(&w, value, value, seen, g->values, false);
	for (size_t n = 0; n < g->nodes.n; n++)
		g->values[n].cum = seen[n].cum;
	if (mean) {
		memset(seen, 0, g->nodes.n * sizeof(*seen));
		sum_column(&w, div, value, seen, g->values, true);
		for (size_t n = 0; n < g->nodes.n; n++)
			g->values[n].cum_div = seen[n].cum;
	}
out:
	walk_fini(&w);
	prof_mem_zfree(g->mem, seen, g->nodes.n, sizeof(*seen));
	return rc;
}

enum { RESIDUAL = 1, CALLED = 2 };

/* Building edges. A call site nearly always calls one function, so the edge that a slot's line had
 * last is nearly always the next one too; an index over the edges finds the others. What each frame
 * touches stands in arrays of its own, to stay in the cache.
 */
struct edges {
	struct prof_graph *g;
	struct prof_index index;
	uint32_t *last; /* of each slot, as caller: the edge, or PROF_NONE */
	PROF_VEC(uint32_t) dest;
	PROF_VEC(uint32_t) epoch; /* the last sample that counted it, plus one */
	PROF_VEC(int64_t) weight;
	PROF_VEC(uint8_t) flags;
};

static void edges_fini(struct edges *x)
{
	prof_mem_zfree(x->g->mem, x->last, x->g->node_of.n, sizeof(*x->last));
	prof_vec_fini(x->g->mem, &x->dest);
	prof_vec_fini(x->g->mem, &x->epoch);
	prof_vec_fini(x->g->mem, &x->weight);
	prof_vec_fini(x->g->mem, &x->flags);
	prof_index_fini(&x->index);
}

static int add_edge(struct edges *x, uint64_t hash, uint32_t src, uint32_t dest, struct prof_err *e)
{
	struct prof_graph *g = x->g;
	int rc;

	if ((rc = prof_vec_reserve(g->mem, &g->edges, 1, e)) ||
		(rc = prof_vec_reserve(g->mem, &x->dest, 1, e)) ||
		(rc = prof_vec_reserve(g->mem, &x->epoch, 1, e)) ||
		(rc = prof_vec_reserve(g->mem, &x->weight, 1, e)) ||
		(rc = prof_vec_reserve(g->mem, &x->flags, 1, e)) ||
		(rc = prof_index_add(&x->index, hash, (uint32_t)g->edges.n, e)))
		return rc;
	g->edges.v[g->edges.n++] = (struct prof_edge){.src = src, .dest = dest};
	x->dest.v[x->dest.n++] = dest;
	x->epoch.v[x->epoch.n++] = 0;
	x->weight.v[x->weight.n++] = 0;
	x->flags.v[x->flags.n++] = 0;
	return 0;
}

/* The edge from the line at `slot` to the node `dest`. */
static int find_edge(
	struct edges *x, uint32_t slot, uint32_t dest, uint32_t *id, struct prof_err *e)
{
	struct prof_graph *g = x->g;
	uint32_t src = g->node_of.v[slot];
	uint64_t hash = prof_hash_mix(0, (uint64_t)src << 32 | dest);
	struct prof_index_it it = prof_index_first(&x->index, hash);
	int rc;

	while ((*id = prof_index_next(&x->index, &it)) != PROF_NONE)
		if (g->edges.v[*id].src == src && g->edges.v[*id].dest == dest)
			break;
	if (*id == PROF_NONE) {
		*id = (uint32_t)g->edges.n;
		rc = add_edge(x, hash, src, dest, e);
		if (rc)
			return rc;
	}
	x->last[slot] = *id;
	return 0;
}

/* The edges of the stack that `w` holds, root to leaf, between slots that are kept. A slot that is
 * a location's last line was called, the others were inlined.
 */
static int stack_edges(struct edges *x, const struct walk *w, const bool *keep_slot,
	const bool *is_last, uint32_t epoch, int64_t v, struct prof_err *e)
{
	const uint32_t *node_of = x->g->node_of.v;
	size_t parent = w->slots.n, k = w->slots.n;
	int rc;

	while (k-- > 0) {
		uint32_t slot = w->slots.v[k], dest = node_of[slot], from, id;

		if (!keep_slot[slot])
			continue;
		from = parent < w->slots.n ? w->slots.v[parent] : PROF_NONE;
		if (from != PROF_NONE && node_of[from] != dest) {
			id = x->last[from];
			if ((id == PROF_NONE || x->dest.v[id] != dest) &&
				(rc = find_edge(x, from, dest, &id, e)))
				return rc;
			if (x->epoch.v[id] != epoch) {
				x->epoch.v[id] = epoch;
				x->weight.v[id] = prof_add(x->weight.v[id], v);
				x->flags.v[id] |= (uint8_t)((parent != k + 1 ? RESIDUAL : 0) |
							    (is_last[slot] ? CALLED : 0));
			}
		}
		parent = k;
	}
	return 0;
}

/* One column over all stacks; the second one, for means, finds every edge there already. */
static int edge_column(struct edges *x, struct walk *w, const int64_t *value, const int64_t *also,
	const bool *keep_slot, const bool *is_last, struct prof_err *e)
{
	const struct prof_profile *p = x->g->profile;
	int rc = 0;

	for (size_t i = 0; !rc && i < p->sample_stack.n; i++) {
		if (!value[i] && !also[i])
			continue;
		walk_stack(w, p->sample_stack.v[i]);
		rc = stack_edges(x, w, keep_slot, is_last, (uint32_t)i + 1, value[i], e);
	}
	return rc;
}

static int fill_edges(struct edges *x, struct walk *w, uint32_t index, bool mean,
	const bool *keep_slot, const bool *is_last, struct prof_err *e)
{
	struct prof_graph *g = x->g;
	const int64_t *value = g->profile->values.v[index].v, *div = g->profile->values.v[0].v;
	int rc = edge_column(x, w, value, mean ? div : value, keep_slot, is_last, e);

	for (size_t i = 0; !rc && i < g->edges.n; i++) {
		g->edges.v[i].weight = x->weight.v[i];
		g->edges.v[i].residual = x->flags.v[i] & RESIDUAL;
		g->edges.v[i].inlined = !(x->flags.v[i] & CALLED);
		x->weight.v[i] = 0;
		x->epoch.v[i] = 0;
	}
	if (!rc && mean)
		rc = edge_column(x, w, div, value, keep_slot, is_last, e);
	for (size_t i = 0; !rc && mean && i < g->edges.n; i++)
		g->edges.v[i].weight_div = x->weight.v[i];
	return rc;
}

int prof_graph_edges(
	struct prof_graph *g, uint32_t index, bool mean, const bool *keep, struct prof_err *e)
{
	size_t slots = g->node_of.n;
	struct edges x = {.g = g};
	struct walk w = {.g = g};
	bool *keep_slot = prof_mem_zalloc(g->mem, slots, sizeof(*keep_slot), e);
	bool *is_last = prof_mem_zalloc(g->mem, slots, sizeof(*is_last), e);
	int rc;

	g->edges.n = 0;
	prof_index_init(&x.index, g->mem);
	x.last = prof_mem_zalloc(g->mem, slots, sizeof(*x.last), e);
	rc = x.last && keep_slot && is_last ? walk_init(&w, g, e) : e->code;
	if (!rc) {
		memset(x.last, 0xff, slots * sizeof(*x.last));
		for (size_t j = 0; j < slots; j++)
			keep_slot[j] = keep[g->node_of.v[j]];
		for (size_t l = 0; l + 1 < g->loc_start.n; l++)
			if (g->loc_start.v[l + 1] > g->loc_start.v[l])
				is_last[g->loc_start.v[l + 1] - 1] = true;
		rc = fill_edges(&x, &w, index, mean, keep_slot, is_last, e);
	}
	prof_mem_zfree(g->mem, keep_slot, slots, sizeof(*keep_slot));
	prof_mem_zfree(g->mem, is_last, slots, sizeof(*is_last));
	walk_fini(&w);
	edges_fini(&x);
	return rc;
}

/* Which label sets mark a sample of the base in a profile that pprof wrote with -diff_base. */
static bool is_base(const struct prof_profile *p, uint32_t set)
{
	for (uint32_t i = p->label_start.v[set]; i < p->label_start.v[set + 1]; i++) {
		const struct prof_label *l = &p->labels.v[i];

		if (l->is_str &&
			prof_str_eq(prof_profile_str(p, l->key), PROF_STR("pprof::base")) &&
			prof_str_eq(prof_profile_str(p, l->str), PROF_STR("true")))
			return true;
	}
	return false;
}

int64_t prof_graph_total(const struct prof_profile *p, uint32_t index, bool mean)
{
	int64_t total = 0, base = 0, div = 0, base_div = 0;

	for (size_t i = 0; i < p->sample_stack.n; i++) {
		int64_t v = p->values.v[index].v[i], d = mean ? p->values.v[0].v[i] : 0;

		total = prof_add(total, prof_abs(v));
		div = prof_add(div, d);
		if (p->sample_labels.v[i] && is_base(p, p->sample_labels.v[i])) {
			base = prof_add(base, prof_abs(v));
			base_div = prof_add(base_div, d);
		}
	}
	if (base > 0) {
		total = base;
		div = base_div;
	}
	return div ? prof_div(total, div) : total;
}
