#include "libprof/analyse/picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "libprof/analyse/graph.h"
#include "libprof/base/num.h"

/* Paths are looked for along so many edges in all; a graph that is more tangled than that keeps
 * edges that it could do without.
 */
static const uint64_t search_budget = UINT64_C(1) << 28;

struct trimmer {
	struct prof_picture *p;
	struct prof_view *v;
	struct prof_graph *g;
	struct prof_trimmed *t;
	struct prof_err *e;
	bool tree;
	int64_t *score; /* of each node */
	uint32_t *first; /* the edges into node n are by_dest[first[n] .. first[n + 1]) */
	uint32_t *by_dest;
	size_t n_by_dest;
};

/* Go's math.Log2: exact for powers of two. */
static double log2_of(double v)
{
	int exponent;
	double part = frexp(v, &exponent);

	if (part == 0.5)
		return exponent - 1;
	return log(part) * 1.442695040888963407359924681001892137 + exponent;
}

/* What the edges of one direction of a node come to. */
struct entropy {
	int64_t total;
	double sum;
	uint32_t n;
};

static double part_entropy(int64_t weight, int64_t total)
{
	double part = (double)prof_abs(weight) / (double)total;

	return -part * log2_of(part);
}

/* How much the edges of a node branch, which is 1 where there are none, times its cum. */
static int64_t score_of(
	const struct prof_node_value *v, const struct entropy *in, const struct entropy *out)
{
	double score = in->n ? in->sum : 1;
	double part = out->sum;

	if (out->n && out->total && v->flat > 0)
		part += part_entropy(v->flat, out->total);
	score += out->n ? part : 1;
	return prof_add(prof_to_i64(score * (double)v->cum), v->flat);
}

static int score_nodes(struct trimmer *x)
{
	const struct prof_graph *g = x->g;
	size_t n = g->nodes.n;
	struct entropy *in = prof_mem_zalloc(g->mem, n, sizeof(*in), x->e);
	struct entropy *out = prof_mem_zalloc(g->mem, n, sizeof(*out), x->e);
	int rc = in && out ? 0 : x->e->code;

	for (size_t i = 0; !rc && i < n; i++)
		out[i].total = g->values[i].flat;
	for (size_t i = 0; !rc && i < g->edges.n; i++) {
		const struct prof_edge *edge = &g->edges.v[i];
		int64_t w = edge->weight > 0 ? edge->weight : 0;

		in[edge->dest].total = prof_add(in[edge->dest].total, w);
		out[edge->src].total = prof_add(out[edge->src].total, w);
	}
	for (size_t i = 0; !rc && i < g->edges.n; i++) {
		const struct prof_edge *edge = &g->edges.v[i];
		struct entropy *to = &in[edge->dest], *from = &out[edge->src];

		to->n++;
		from->n++;
		if (to->total)
			to->sum += part_entropy(edge->weight, to->total);
		if (from->total)
			from->sum += part_entropy(edge->weight, from->total);
	}
	for (size_t i = 0; !rc && i < n; i++)
		x->score[i] = score_of(&g->values[i], &in[i], &out[i]);
	prof_mem_zfree(g->mem, in, n, sizeof(*in));
	prof_mem_zfree(g->mem, out, n, sizeof(*out));
	return rc;
}

static int sort_nodes(struct trimmer *x)
{
	int rc = score_nodes(x);

	return rc ? rc : prof_trim_sort(x->t, x->g, true, x->score, x->e);
}

static bool is_left_out(const struct trimmer *x, uint32_t node)
{
	return !x->t->keep[node] && prof_trim_counts(&x->g->values[node], x->v->opts.drop_negative);
}

/* Edges of a tree over the nodes that were left out: each from the nearest node above that was not,
 * as long as an edge leads there. Nodes whose values cancelled out were never in pprof's list of
 * nodes, from which it leaves some out: edges end there.
 */
static int join_tree(struct trimmer *x)
{
	struct above {
		uint32_t node; /* PROF_NONE: none */
		bool inlined;
	} * above;
	struct prof_graph *g = x->g;
	size_t n = 0;

	above = prof_mem_zalloc(g->mem, g->nodes.n, sizeof(*above), x->e);
	if (!above)
		return x->e->code;
	for (size_t i = 0; i < g->nodes.n; i++)
		above[i].node = PROF_NONE;
	/* Edges are in the order of their ends, and a node stands behind those above it. */
	for (size_t i = 0; i < g->edges.n; i++) {
		struct prof_edge edge = g->edges.v[i];

		if (is_left_out(x, edge.src)) {
			edge.residual = true;
			edge.inlined &= above[edge.src].inlined;
			edge.src = above[edge.src].node;
		}
		if (is_left_out(x, edge.dest)) {
			above[edge.dest].node = edge.src;
			above[edge.dest].inlined = edge.inlined;
		} else if (edge.src != PROF_NONE) {
			g->edges.v[n++] = edge;
		}
	}
	g->edges.n = n;
	prof_mem_zfree(g->mem, above, g->nodes.n, sizeof(*above));
	return 0;
}

/* After a change of what is kept. */
static int rebuild_edges(struct trimmer *x)
{
	if (x->tree)
		return join_tree(x);
	return prof_graph_edges(x->g, x->v->index, x->v->opts.mean, x->t->keep, NULL, x->e);
}

/* Edges under the cut-off go, into nodes that are shown. Returns how many did. */
static size_t drop_edges(struct trimmer *x)
{
	struct prof_graph *g = x->g;
	bool *shown = calloc(g->nodes.n + 1, sizeof(*shown));
	size_t n = 0, dropped;

	if (!shown)
		return SIZE_MAX;
	for (size_t i = 0; i < x->t->order.n; i++)
		shown[x->t->order.v[i]] = true;
	for (size_t i = 0; i < g->edges.n; i++)
		if (prof_abs(g->edges.v[i].weight) >= x->t->edge_cutoff ||
			!shown[g->edges.v[i].dest])
			g->edges.v[n++] = g->edges.v[i];
	free(shown);
	dropped = g->edges.n - n;
	g->edges.n = n;
	return dropped;
}

/* The tags of the first n nodes of the order. */
static int find_tags(struct trimmer *x, size_t n)
{
	const struct prof_graph *g = x->g;
	bool *want = prof_mem_zalloc(g->mem, g->nodes.n, sizeof(*want), x->e);
	struct prof_node_tags_opts opts = {.index = x->v->index,
		.mean = x->v->opts.mean,
		.want = want,
		.keep = x->t->keep,
		.label_units = x->v->label_units,
		.unit = x->v->opts.unit,
		.cutoff = x->t->node_cutoff};
	int rc;

	if (!want)
		return x->e->code;
	for (size_t i = 0; i < n && i < x->t->order.n; i++)
		want[x->t->order.v[i]] = true;
	prof_node_tags_fini(&x->p->tags);
	rc = prof_node_tags(&x->p->tags, g, &opts, x->e);
	prof_mem_zfree(g->mem, want, g->nodes.n, sizeof(*want));
	return rc;
}

/* How many of the sorted nodes are shown where `limit` of nodes and tags may be. */
static size_t count_nodes(const struct trimmer *x, size_t limit)
{
	size_t count = 0, first;

	for (size_t i = 0; i < x->t->order.n; i++) {
		size_t n = prof_node_tags_of(&x->p->tags, x->t->order.v[i], &first), flat = 0;

		for (size_t k = first; k < first + n && flat < PROF_NODE_TAGS; k++)
			flat += x->p->tags.tags.v[k].value.flat != 0;
		count += flat + 1;
		if (count >= limit)
			return i + 1;
	}
	return limit < x->t->order.n ? limit : x->t->order.n;
}

/* As in pprof, edges that go here are told nowhere where all nodes stay. Tags are those of the
 * nodes that may stay, and of those that do.
 */
static int limit_nodes(struct trimmer *x)
{
	size_t limit, n;
	int rc;

	if (x->v->opts.node_count <= 0)
		return 0;
	limit = (uint64_t)x->v->opts.node_count < x->t->order.n ? (size_t)x->v->opts.node_count
								: x->t->order.n;
	rc = find_tags(x, limit);
	if (rc)
		return rc;
	if (drop_edges(x) == SIZE_MAX)
		return prof_nomem(x->e);
	n = count_nodes(x, (size_t)x->v->opts.node_count);
	if (n == x->t->order.n)
		return 0;
	prof_trim_first(x->t, n);
	rc = rebuild_edges(x);
	return rc ? rc : sort_nodes(x);
}

/* Edges into one node, heaviest first. */
struct incoming {
	uint64_t weight;
	struct prof_str src;
	uint32_t edge, src_node;
};

static int compare_incoming(const void *p, const void *q)
{
	const struct incoming *a = p, *b = q;
	int c;

	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	c = prof_str_cmp(a->src, b->src);
	return c ? c : (a->src_node > b->src_node) - (a->src_node < b->src_node);
}

static int index_by_dest(struct trimmer *x)
{
	const struct prof_graph *g = x->g;
	uint32_t *fill;

	x->first = prof_mem_zalloc(g->mem, g->nodes.n + 2, sizeof(*x->first), x->e);
	x->n_by_dest = g->edges.n;
	x->by_dest = prof_mem_zalloc(g->mem, g->edges.n, sizeof(*x->by_dest), x->e);
	if (!x->first || !x->by_dest)
		return x->e->code;
	for (size_t i = 0; i < g->edges.n; i++)
		x->first[g->edges.v[i].dest + 2]++;
	fill = x->first + 1;
	for (size_t i = 1; i <= g->nodes.n; i++)
		fill[i] += fill[i - 1];
	for (size_t i = 0; i < g->edges.n; i++)
		x->by_dest[fill[g->edges.v[i].dest]++] = (uint32_t)i;
	return 0;
}

struct search {
	uint32_t *seen, *queue; /* seen: of each node, the last search that did, plus one */
	uint32_t round;
	uint64_t steps;
	bool *gone; /* of each edge */
};

/* Whether the edge's end can be reached from its start without it. */
static bool is_redundant(const struct trimmer *x, struct search *s, uint32_t edge)
{
	const struct prof_edge *edges = x->g->edges.v;
	uint32_t src = edges[edge].src, n = 1;

	s->queue[0] = edges[edge].dest;
	s->seen[s->queue[0]] = ++s->round;
	for (uint32_t at = 0; at < n; at++) {
		uint32_t node = s->queue[at];

		for (uint32_t k = x->first[node]; k < x->first[node + 1]; k++) {
			uint32_t i = x->by_dest[k], from = edges[i].src;

			if (++s->steps > search_budget)
				return false;
			if (i == edge || s->gone[i] || s->seen[from] == s->round)
				continue;
			if (from == src)
				return true;
			s->seen[from] = s->round;
			s->queue[n++] = from;
		}
	}
	return false;
}

/* The edges into a node, lightest first, as long as they are residual. */
static int thin_out(struct trimmer *x, struct search *s, uint32_t node, struct prof_arena *arena)
{
	uint32_t n = x->first[node + 1] - x->first[node];
	struct incoming *in = calloc(n + 1, sizeof(*in));
	struct prof_buf name;
	int rc = in ? 0 : prof_nomem(x->e);

	prof_buf_init(&name, NULL, NULL);
	for (uint32_t k = 0; !rc && k < n; k++) {
		uint32_t i = x->by_dest[x->first[node] + k];
		const struct prof_edge *edge = &x->g->edges.v[i];

		name.n = 0;
		prof_node_name(x->g, edge->src, &name);
		in[k] = (struct incoming){.weight = (uint64_t)prof_abs(edge->weight),
			.src = {prof_arena_dup(arena, name.p, name.n, x->e), (uint32_t)name.n},
			.edge = i,
			.src_node = edge->src};
		if (name.code || !in[k].src.p)
			rc = name.code ? prof_nomem(x->e) : x->e->code;
	}
	prof_buf_fini(&name);
	if (!rc)
		qsort(in, n, sizeof(*in), compare_incoming);
	for (uint32_t k = n; !rc && k-- > 0 && x->g->edges.v[in[k].edge].residual;)
		s->gone[in[k].edge] = is_redundant(x, s, in[k].edge);
	free(in);
	return rc;
}

static bool any_residual(const struct prof_graph *g)
{
	for (size_t i = 0; i < g->edges.n; i++)
		if (g->edges.v[i].residual)
			return true;
	return false;
}

/* A node's edges are looked at in the reverse order of the nodes. A tree has no two paths. */
static int drop_redundant(struct trimmer *x)
{
	struct prof_graph *g = x->g;
	struct search s = {0};
	struct prof_arena arena;
	size_t n = 0;
	int rc;

	if (x->tree || !any_residual(g))
		return 0;
	prof_arena_init(&arena, g->mem);
	s.seen = prof_mem_zalloc(g->mem, g->nodes.n, sizeof(*s.seen), x->e);
	s.queue = prof_mem_zalloc(g->mem, g->nodes.n, sizeof(*s.queue), x->e);
	s.gone = prof_mem_zalloc(g->mem, g->edges.n, sizeof(*s.gone), x->e);
	rc = s.seen && s.queue && s.gone ? index_by_dest(x) : x->e->code;
	for (size_t i = x->t->order.n; !rc && i-- > 0;)
		rc = thin_out(x, &s, x->t->order.v[i], &arena);
	prof_mem_zfree(g->mem, s.seen, g->nodes.n, sizeof(*s.seen));
	prof_mem_zfree(g->mem, s.queue, g->nodes.n, sizeof(*s.queue));
	if (s.gone && !rc) {
		for (size_t i = 0; i < x->n_by_dest; i++)
			if (!s.gone[i])
				g->edges.v[n++] = g->edges.v[i];
		g->edges.n = n;
	}
	prof_mem_zfree(g->mem, s.gone, x->n_by_dest, sizeof(*s.gone));
	prof_arena_fini(&arena);
	return rc;
}

static int trim(struct trimmer *x)
{
	struct prof_trim_opts opts = prof_view_trim_opts(x->v);
	int rc = prof_trim_cutoff(x->t, x->g, &opts, x->e);

	if (!rc && (!x->tree || x->t->dropped))
		rc = rebuild_edges(x);
	x->score = rc ? NULL : prof_mem_zalloc(x->g->mem, x->g->nodes.n, sizeof(*x->score), x->e);
	if (!x->score)
		return x->e->code;
	if ((rc = sort_nodes(x)) || (rc = limit_nodes(x)))
		return rc;
	x->v->dropped_edges = drop_edges(x);
	if (x->v->dropped_edges == SIZE_MAX)
		return prof_nomem(x->e);
	if ((rc = drop_redundant(x)) ||
		(x->v->opts.node_count <= 0 && (rc = find_tags(x, x->t->order.n))))
		return rc;
	for (size_t i = 0; i < x->g->edges.n; i++)
		x->p->n_out[x->g->edges.v[i].src]++;
	return 0;
}

int prof_picture(struct prof_picture *p, struct prof_view *v, bool tree)
{
	struct trimmer x = {.p = p, .v = v, .g = &v->g, .t = &v->t, .e = v->e, .tree = tree};
	int rc;

	*p = (struct prof_picture){.v = v};
	p->n_out = prof_mem_zalloc(v->g.mem, v->g.nodes.n, sizeof(*p->n_out), v->e);
	rc = p->n_out ? trim(&x) : v->e->code;
	prof_mem_zfree(v->g.mem, x.score, v->g.nodes.n, sizeof(*x.score));
	prof_mem_zfree(v->g.mem, x.first, v->g.nodes.n + 2, sizeof(*x.first));
	prof_mem_zfree(v->g.mem, x.by_dest, x.n_by_dest, sizeof(*x.by_dest));
	return rc;
}

void prof_picture_fini(struct prof_picture *p)
{
	if (!p->v)
		return;
	prof_node_tags_fini(&p->tags);
	prof_mem_zfree(p->v->g.mem, p->n_out, p->v->g.nodes.n, sizeof(*p->n_out));
	p->v = NULL;
}
