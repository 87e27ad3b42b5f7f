#include <string.h>

#include "libprof/analyse/graph.h"
#include "libprof/base/num.h"

/* A prefix tree over the nodes of a graph: each node is one path from the root. */
struct build {
	struct prof_graph *g;
	PROF_VEC(struct prof_node_info) nodes;
	PROF_VEC(struct prof_node_value) values;
	PROF_VEC(struct prof_edge) edges;
	PROF_VEC(uint32_t) parents;
	PROF_VEC(uint32_t) from; /* the graph's node that each stands for */
	struct prof_index index;
	struct prof_err *e;
};

static int add(struct build *b, uint64_t hash, uint32_t parent, uint32_t node)
{
	struct prof_mem *mem = b->g->mem;
	struct prof_edge edge = {.src = parent, .dest = (uint32_t)b->nodes.n, .inlined = true};
	int rc;

	if (b->nodes.n >= PROF_NONE - 1)
		return prof_fail(b->e, PROF_ELIMIT, PROF_NO_OFFSET, "more than 2^32 paths");
	if ((rc = prof_vec_reserve(mem, &b->nodes, 1, b->e)) ||
		(rc = prof_vec_reserve(mem, &b->values, 1, b->e)) ||
		(rc = prof_vec_reserve(mem, &b->edges, 1, b->e)) ||
		(rc = prof_vec_reserve(mem, &b->parents, 1, b->e)) ||
		(rc = prof_vec_reserve(mem, &b->from, 1, b->e)) ||
		(rc = prof_index_add(&b->index, hash, (uint32_t)b->nodes.n, b->e)))
		return rc;
	b->values.v[b->values.n++] = (struct prof_node_value){0};
	b->edges.v[b->edges.n++] = edge;
	b->parents.v[b->parents.n++] = parent;
	b->from.v[b->from.n++] = node;
	b->nodes.v[b->nodes.n++] = b->g->nodes.v[node];
	return 0;
}

/* The child of `parent` (PROF_NONE: a root) that stands for `node`, made where it is new. */
static int child(struct build *b, uint32_t parent, uint32_t node, uint32_t *to)
{
	uint64_t hash = prof_hash_mix(0, (uint64_t)parent << 32 | node);
	struct prof_index_it it = prof_index_first(&b->index, hash);

	while ((*to = prof_index_next(&b->index, &it)) != PROF_NONE)
		if (b->parents.v[*to] == parent && b->from.v[*to] == node)
			return 0;
	*to = (uint32_t)b->nodes.n;
	return add(b, hash, parent, node);
}

/* The node of the sample's leaf is left in *leaf. */
static int add_stack(struct build *b, uint32_t stack, int64_t w, int64_t dw, uint32_t *leaf)
{
	const struct prof_graph *g = b->g;
	const struct prof_profile *p = g->profile;
	uint32_t at = PROF_NONE;

	for (uint32_t k = p->stack_start.v[stack + 1]; k-- > p->stack_start.v[stack];) {
		uint32_t l = p->stack_loc.v[k], last = g->loc_start.v[l + 1];

		for (uint32_t j = last; j-- > g->loc_start.v[l];) {
			struct prof_edge *edge;
			int rc = child(b, at, g->node_of.v[j], &at);

			if (rc)
				return rc;
			b->values.v[at].cum = prof_add(b->values.v[at].cum, w);
			b->values.v[at].cum_div = prof_add(b->values.v[at].cum_div, dw);
			edge = &b->edges.v[at];
			edge->weight = prof_add(edge->weight, w);
			edge->weight_div = prof_add(edge->weight_div, dw);
			edge->inlined &= j + 1 != last;
		}
	}
	if (at != PROF_NONE) {
		b->values.v[at].flat = prof_add(b->values.v[at].flat, w);
		b->values.v[at].flat_div = prof_add(b->values.v[at].flat_div, dw);
	}
	*leaf = at;
	return 0;
}

/* Puts the tree in the place of the graph's nodes; roots have no edge. */
static int replace(struct build *b)
{
	struct prof_graph *g = b->g;
	struct prof_node_value *values = prof_mem_zalloc(g->mem, b->nodes.n, sizeof(*values), b->e);
	size_t n = 0;

	if (!values)
		return b->e->code;
	if (b->nodes.n)
		memcpy(values, b->values.v, b->nodes.n * sizeof(*values));
	for (size_t i = 0; i < b->edges.n; i++)
		if (b->edges.v[i].src != PROF_NONE)
			b->edges.v[n++] = b->edges.v[i];
	b->edges.n = n;
	prof_mem_zfree(g->mem, g->values, g->nodes.n, sizeof(*g->values));
	prof_vec_fini(g->mem, &g->nodes);
	prof_vec_fini(g->mem, &g->edges);
	g->values = values;
	memcpy(&g->nodes, &b->nodes, sizeof(g->nodes));
	memcpy(&g->edges, &b->edges, sizeof(g->edges));
	memcpy(&g->parents, &b->parents, sizeof(g->parents));
	memset(&b->nodes, 0, sizeof(b->nodes));
	memset(&b->edges, 0, sizeof(b->edges));
	memset(&b->parents, 0, sizeof(b->parents));
	return 0;
}

int prof_graph_calltree(struct prof_graph *g, uint32_t index, bool mean, struct prof_err *e)
{
	const struct prof_profile *p = g->profile;
	struct build b = {.g = g, .e = e};
	int rc = prof_vec_reserve(g->mem, &g->leaves, p->sample_stack.n, e);

	prof_index_init(&b.index, g->mem);
	for (size_t i = 0; !rc && i < p->sample_stack.n; i++) {
		int64_t w = p->values.v[index].v[i], dw = mean ? p->values.v[0].v[i] : 0;
		uint32_t leaf = PROF_NONE;

		if (w || dw)
			rc = add_stack(&b, p->sample_stack.v[i], w, dw, &leaf);
		g->leaves.v[g->leaves.n++] = leaf;
	}
	if (!rc)
		rc = replace(&b);
	prof_vec_fini(g->mem, &b.nodes);
	prof_vec_fini(g->mem, &b.values);
	prof_vec_fini(g->mem, &b.edges);
	prof_vec_fini(g->mem, &b.parents);
	prof_vec_fini(g->mem, &b.from);
	prof_index_fini(&b.index);
	return rc;
}
