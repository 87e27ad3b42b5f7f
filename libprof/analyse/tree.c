#include <stdlib.h>

#include "libprof/analyse/graph.h"
#include "libprof/analyse/view.h"
#include "libprof/base/num.h"
#include "libprof/base/regex.h"

/* pprof's tree and peek: the trimmed graph, each node between its callers and its callees. */
struct tree {
	struct prof_view v;
	struct prof_regex *re; /* NULL: every node */
	struct prof_report *r;
	struct prof_str *names; /* of each node that is left, in the report's arena */
	struct sorted *edges; /* two ends an edge: as callee's caller and as caller's callee */
	size_t n_edges;
};

/* Edges of a node by |weight|, then by the names of both ends. */
struct sorted {
	uint32_t node, peer; /* whose edge it is; the other end */
	bool out; /* to a callee */
	const struct prof_edge *edge;
	struct prof_str peer_name;
};

static int compare(const void *p, const void *q)
{
	const struct sorted *a = p, *b = q;
	uint64_t x = (uint64_t)prof_abs(a->edge->weight), y = (uint64_t)prof_abs(b->edge->weight);
	int c;

	if (a->node != b->node)
		return a->node < b->node ? -1 : 1;
	if (a->out != b->out)
		return a->out ? 1 : -1;
	if (x != y)
		return x > y ? -1 : 1;
	c = prof_str_cmp(a->peer_name, b->peer_name);
	return c ? c : (a->peer > b->peer) - (a->peer < b->peer);
}

static int name_nodes(struct tree *x)
{
	const struct prof_view *v = &x->v;
	struct prof_buf b;
	int rc = 0;

	x->names = prof_arena_alloc(&x->r->arena, (v->g.nodes.n + 1) * sizeof(*x->names), v->e);
	if (!x->names)
		return v->e->code;
	prof_buf_init(&b, NULL, NULL);
	for (uint32_t n = 0; !rc && n < v->g.nodes.n; n++) {
		if (!v->t.keep[n])
			continue;
		b.n = 0;
		prof_node_name(&v->g, n, &b);
		x->names[n] = (struct prof_str){b.p, (uint32_t)b.n};
		rc = b.code ? prof_nomem(v->e) : prof_report_keep(x->r, &x->names[n], v->e);
	}
	prof_buf_fini(&b);
	return rc;
}

/* Edges between nodes that are left and not under the cut-off, at both of their ends. An end at a
 * node that pprof's graph does not hold (its values cancelled out) has no name and is left out.
 */
static int sort_edges(struct tree *x)
{
	const struct prof_view *v = &x->v;
	bool *shown = calloc(v->g.nodes.n + 1, sizeof(*shown));

	x->edges = calloc(2 * v->g.edges.n + 1, sizeof(*x->edges));
	if (!x->edges || !shown) {
		free(shown);
		return prof_nomem(v->e);
	}
	for (size_t i = 0; i < v->t.order.n; i++)
		shown[v->t.order.v[i]] = true;
	for (size_t i = 0; i < v->g.edges.n; i++) {
		const struct prof_edge *edge = &v->g.edges.v[i];

		if (prof_abs(edge->weight) < v->t.edge_cutoff && shown[edge->dest])
			continue;
		if (shown[edge->dest])
			x->edges[x->n_edges++] = (struct sorted){
				edge->dest, edge->src, false, edge, x->names[edge->src]};
		if (shown[edge->src])
			x->edges[x->n_edges++] = (struct sorted){
				edge->src, edge->dest, true, edge, x->names[edge->dest]};
	}
	free(shown);
	qsort(x->edges, x->n_edges, sizeof(*x->edges), compare);
	return 0;
}

static int add_node(struct tree *x, uint32_t n, const uint32_t *first, int64_t *sum)
{
	struct prof_tree *t = x->r->tree;
	const struct prof_node_value *value = &x->v.g.values[n];
	struct prof_tree_node node = {.name = x->names[n],
		.flat = prof_node_flat(value),
		.cum = prof_node_cum(value),
		.callers = (uint32_t)t->edges.n};
	bool yes = true;
	int rc = x->re ? prof_regex_match(x->re, node.name, &yes, x->v.e) : 0;

	if (rc || !yes)
		return rc;
	*sum = prof_add(*sum, node.flat);
	node.sum = *sum;
	for (size_t i = first[n]; !rc && i < x->n_edges && x->edges[i].node == n; i++) {
		const struct sorted *s = &x->edges[i];

		rc = prof_vec_reserve(&x->r->mem, &t->edges, 1, x->v.e);
		if (rc)
			return rc;
		t->edges.v[t->edges.n++] = (struct prof_tree_edge){
			s->peer_name, s->edge->weight, s->edge->inlined, s->edge->residual};
		node.n_callees += s->out;
		node.n_callers += !s->out;
	}
	rc = prof_vec_reserve(&x->r->mem, &t->nodes, 1, x->v.e);
	if (!rc)
		t->nodes.v[t->nodes.n++] = node;
	return rc;
}

static int add_nodes(struct tree *x)
{
	uint32_t *first = calloc(x->v.g.nodes.n + 1, sizeof(*first));
	int64_t sum = 0;
	int rc = first ? 0 : prof_nomem(x->v.e);

	for (size_t i = x->n_edges; !rc && i-- > 0;)
		first[x->edges[i].node] = (uint32_t)i;
	for (size_t i = 0; !rc && i < x->v.t.order.n; i++)
		rc = add_node(x, x->v.t.order.v[i], first, &sum);
	free(first);
	return rc;
}

static int fill(struct tree *x)
{
	struct prof_err *e = x->v.e;
	int rc;

	x->r->tree = prof_arena_alloc(&x->r->arena, sizeof(*x->r->tree), e);
	if (!x->r->tree)
		return e->code;
	*x->r->tree = (struct prof_tree){.total = x->v.total, .any = x->v.t.order.n > 0};
	if ((rc = prof_view_fields(&x->v, x->r)) || (rc = prof_view_head(&x->v, x->r)) ||
		(rc = name_nodes(x)) || (rc = sort_edges(x)))
		return rc;
	return add_nodes(x);
}

int prof_tree(struct prof_profile *p, const struct prof_view_opts *opts, const char *regex,
	unsigned *missed, struct prof_report **out, struct prof_err *e)
{
	struct prof_view_opts own = *opts;
	struct tree x = {.re = NULL};
	int rc = regex ? prof_regex_new(regex, &x.re, e) : 0;

	if (rc)
		return rc;
	own.no_trim |= regex != NULL;
	if (own.node_count < 0)
		own.node_count = 80;
	rc = prof_view_init(&x.v, p, &own, missed, e);
	if (!rc)
		rc = prof_view_graph(&x.v, false, false, false);
	if (!rc)
		rc = prof_graph_edges(&x.v.g, x.v.index, own.mean, x.v.t.keep, NULL, e);
	if (!rc && !(x.r = prof_report_new(regex ? "prof.peek/1" : "prof.tree/1", e)))
		rc = e->code;
	if (!rc)
		rc = fill(&x);
	if (!rc && regex && !x.r->tree->nodes.n)
		rc = prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"no matches found for regexp: %s", regex);
	free(x.edges);
	prof_view_fini(&x.v);
	prof_regex_free(x.re);
	if (rc)
		prof_report_free(x.r);
	else
		*out = x.r;
	return rc;
}
