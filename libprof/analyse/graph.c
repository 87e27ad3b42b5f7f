#include "libprof/analyse/graph.h"

#include <string.h>

#include "libprof/base/num.h"

/* Where sums of one column over the nodes are made: arrays of their own, so that what is touched
 * for every frame stays in the cache.
 */
struct sums {
	int64_t *cum;
	uint32_t *epoch; /* the last sample that counted the node, plus one */
};

static inline void count(const struct sums *s, uint32_t node, uint32_t epoch, int64_t v)
{
	if (s->epoch[node] == epoch)
		return;
	s->epoch[node] = epoch;
	s->cum[node] = prof_add(s->cum[node], v);
}

/* The nodes of a location, the first two in place: most have no more. Both are copied before it is
 * known whether they are there, so that the processor has no branch to guess wrong.
 */
struct first_nodes {
	uint32_t node[2];
};

struct columns {
	const struct prof_graph *g;
	struct first_nodes *first; /* of each location */
	PROF_VEC(uint32_t) nodes; /* of the stack under way, leaf first */
};

static int columns_init(struct columns *c, const struct prof_graph *g, struct prof_err *e)
{
	size_t n = g->profile->locations.n;

	*c = (struct columns){.g = g, .first = prof_mem_zalloc(g->mem, n, sizeof(*c->first), e)};
	for (size_t l = 0; c->first && l < n; l++) {
		uint32_t start = g->loc_start.v[l], lines = g->loc_start.v[l + 1] - start;

		for (uint32_t i = 0; i < 2 && i < lines; i++)
			c->first[l].node[i] = g->node_of.v[start + i];
	}
	return c->first ? 0 : e->code;
}

static void columns_fini(struct columns *c)
{
	prof_mem_zfree(c->g->mem, c->first, c->g->profile->locations.n, sizeof(*c->first));
	prof_vec_fini(c->g->mem, &c->nodes);
}

static int stack_nodes(struct columns *c, uint32_t begin, uint32_t end, struct prof_err *e)
{
	const struct prof_graph *g = c->g;
	const uint32_t *loc = g->profile->stack_loc.v;

	c->nodes.n = 0;
	for (uint32_t k = begin; k < end; k++) {
		uint32_t start = g->loc_start.v[loc[k]], n = g->loc_start.v[loc[k] + 1] - start;

		if (c->nodes.cap - c->nodes.n < (size_t)n + 2) {
			int rc = prof_vec_reserve(g->mem, &c->nodes, (size_t)n + 2, e);

			if (rc)
				return rc;
		}
		memcpy(c->nodes.v + c->nodes.n, &c->first[loc[k]], sizeof(*c->first));
		for (uint32_t i = 2; i < n; i++)
			c->nodes.v[c->nodes.n + i] = g->node_of.v[start + i];
		c->nodes.n += n;
	}
	return 0;
}

static int sum_column(struct columns *c, const int64_t *value, const int64_t *also,
	const struct sums *s, bool divisor, struct prof_err *e)
{
	const struct prof_profile *p = c->g->profile;

	for (size_t i = 0; i < p->sample_stack.n; i++) {
		uint32_t stack = p->sample_stack.v[i];
		int64_t v = value[i], *flat;
		struct prof_node_value *leaf;
		int rc;

		if (!v && !also[i])
			continue;
		rc = stack_nodes(c, p->stack_start.v[stack], p->stack_start.v[stack + 1], e);
		if (rc)
			return rc;
		for (size_t k = 0; k < c->nodes.n; k++)
			count(s, c->nodes.v[k], (uint32_t)i + 1, v);
		if (!c->nodes.n)
			continue;
		leaf = &c->g->values[c->nodes.v[0]];
		flat = divisor ? &leaf->flat_div : &leaf->flat;
		*flat = prof_add(*flat, v);
	}
	return 0;
}

int prof_graph_values(struct prof_graph *g, uint32_t index, bool mean, struct prof_err *e)
{
	const struct prof_profile *p = g->profile;
	const int64_t *value = p->values.v[index].v, *div = p->values.v[0].v;
	size_t n = g->nodes.n;
	struct sums s = {
		.cum = prof_mem_zalloc(g->mem, n, sizeof(*s.cum), e),
		.epoch = prof_mem_zalloc(g->mem, n, sizeof(*s.epoch), e),
	};
	struct columns c;
	int rc = columns_init(&c, g, e);

	if (!rc && !(s.cum && s.epoch))
		rc = e->code;
	if (!rc)
		rc = sum_column(&c, value, mean ? div : value, &s, false, e);
	for (size_t i = 0; !rc && i < n; i++)
		g->values[i].cum = s.cum[i];
	if (!rc && mean) {
		memset(s.cum, 0, n * sizeof(*s.cum));
		memset(s.epoch, 0, n * sizeof(*s.epoch));
		rc = sum_column(&c, div, value, &s, true, e);
		for (size_t i = 0; !rc && i < n; i++)
			g->values[i].cum_div = s.cum[i];
	}
	columns_fini(&c);
	prof_mem_zfree(g->mem, s.cum, n, sizeof(*s.cum));
	prof_mem_zfree(g->mem, s.epoch, n, sizeof(*s.epoch));
	return rc;
}

/* Building edges. Of each stack only the lines that are kept are looked at: location l's are
 * kept[start[l] .. start[l + 1]), a node each with bits that say how the line stands in its
 * location. What a frame touches is little and stands together, for this loop lives in the cache or
 * waits.
 *
 * A call site nearly always calls one function, so the edge that a line had last is nearly always
 * the next one too; an index over the edges finds the others.
 */
enum {
	WANTED = 1 << 31, /* edges into this node are asked for */
	CALLED = 1 << 30, /* the last line of its location: called, not inlined */
	GAP_CALLER = 1 << 29, /* the line next to it on the caller's side is left out */
	GAP_CALLEE = 1 << 28, /* the one on the callee's side */
	NODE = (1 << 28) - 1,
};

struct last_edge {
	uint32_t edge, dest;
};

struct place {
	uint32_t kept, frame; /* index into `kept`; which of the stack's locations */
};

enum { RESIDUAL = 1, NOT_INLINED = 2 };

struct tally {
	int64_t weight;
	uint32_t epoch; /* the last sample that counted the edge, plus one */
	uint32_t flags;
};

struct edges {
	struct prof_graph *g;
	struct prof_index index;
	uint32_t *start, *kept;
	struct last_edge *last; /* of each kept line, as caller */
	size_t n_slots;
	PROF_VEC(struct place) stack;
	PROF_VEC(struct place) pairs; /* caller, callee, caller, callee … */
	PROF_VEC(struct tally) tally; /* of each edge */
};

static void keep_lines(struct edges *x, const bool *keep, const bool *want)
{
	const struct prof_graph *g = x->g;
	const uint32_t *node = g->node_of.v;
	uint32_t n = 0;

	for (size_t l = 0; l + 1 < g->loc_start.n; l++) {
		uint32_t first = g->loc_start.v[l], last = g->loc_start.v[l + 1];

		x->start[l] = n;
		for (uint32_t j = first; j < last; j++) {
			if (!keep[node[j]])
				continue;
			x->kept[n++] = node[j] | (!want || want[node[j]] ? (uint32_t)WANTED : 0) |
				       (j + 1 == last ? CALLED : 0) |
				       (j + 1 < last && !keep[node[j + 1]] ? GAP_CALLER : 0) |
				       (j > first && !keep[node[j - 1]] ? GAP_CALLEE : 0);
		}
	}
	x->start[g->loc_start.n - 1] = n;
}

static int edges_init(struct edges *x, struct prof_graph *g, const bool *keep, const bool *want,
	struct prof_err *e)
{
	*x = (struct edges){.g = g, .n_slots = g->node_of.n + 1};
	prof_index_init(&x->index, g->mem);
	if (g->nodes.n > NODE)
		return prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET, "more than 2^28 rows");
	x->start = prof_mem_zalloc(g->mem, g->loc_start.n, sizeof(*x->start), e);
	x->kept = prof_mem_zalloc(g->mem, x->n_slots, sizeof(*x->kept), e);
	x->last = prof_mem_zalloc(g->mem, x->n_slots, sizeof(*x->last), e);
	if (!x->start || !x->kept || !x->last)
		return e->code;
	memset(x->last, 0xff, x->n_slots * sizeof(*x->last));
	keep_lines(x, keep, want);
	return 0;
}

static void edges_fini(struct edges *x)
{
	struct prof_mem *mem = x->g->mem;

	prof_mem_zfree(mem, x->start, x->g->loc_start.n, sizeof(*x->start));
	prof_mem_zfree(mem, x->kept, x->n_slots, sizeof(*x->kept));
	prof_mem_zfree(mem, x->last, x->n_slots, sizeof(*x->last));
	prof_vec_fini(mem, &x->stack);
	prof_vec_fini(mem, &x->pairs);
	prof_vec_fini(mem, &x->tally);
	prof_index_fini(&x->index);
}

/* The kept lines of a stack, leaf first. The one or none that most locations have is written before
 * it is known to be there: no branch to guess wrong.
 */
static int keep_stack(struct edges *x, uint32_t begin, uint32_t end, struct prof_err *e)
{
	const uint32_t *loc = x->g->profile->stack_loc.v;

	x->stack.n = 0;
	for (uint32_t k = begin; k < end; k++) {
		uint32_t j = x->start[loc[k]], n = x->start[loc[k] + 1] - j;
		struct place *out;

		if (x->stack.cap - x->stack.n < (size_t)n + 2) {
			int rc = prof_vec_reserve(x->g->mem, &x->stack, (size_t)n + 2, e);

			if (rc)
				return rc;
		}
		out = x->stack.v + x->stack.n;
		out[0] = (struct place){j, k};
		out[1] = (struct place){j + 1, k};
		for (uint32_t i = 2; i < n; i++)
			out[i] = (struct place){j + i, k};
		x->stack.n += n;
	}
	return 0;
}

static int add_edge(struct edges *x, uint64_t hash, uint32_t src, uint32_t dest, struct prof_err *e)
{
	struct prof_graph *g = x->g;
	int rc;

	if ((rc = prof_vec_reserve(g->mem, &g->edges, 1, e)) ||
		(rc = prof_vec_reserve(g->mem, &x->tally, 1, e)) ||
		(rc = prof_index_add(&x->index, hash, (uint32_t)g->edges.n, e)))
		return rc;
	g->edges.v[g->edges.n++] = (struct prof_edge){.src = src, .dest = dest};
	x->tally.v[x->tally.n++] = (struct tally){0};
	return 0;
}

/* Makes last[from] the edge from that line's node to `dest`. */
static int find_edge(struct edges *x, uint32_t from, uint32_t dest, struct prof_err *e)
{
	struct prof_graph *g = x->g;
	uint32_t src = x->kept[from] & NODE, id;
	uint64_t hash = prof_hash_mix(0, (uint64_t)src << 32 | dest);
	struct prof_index_it it = prof_index_first(&x->index, hash);
	int rc = 0;

	while ((id = prof_index_next(&x->index, &it)) != PROF_NONE)
		if (g->edges.v[id].src == src && g->edges.v[id].dest == dest)
			break;
	if (id == PROF_NONE) {
		id = (uint32_t)g->edges.n;
		rc = add_edge(x, hash, src, dest, e);
	}
	x->last[from] = (struct last_edge){id, dest};
	return rc;
}

/* Whether a line between caller and callee was left out. */
static bool is_residual(const struct edges *x, struct place from, struct place to)
{
	if (from.frame == to.frame)
		return (x->kept[to.kept] & GAP_CALLER) != 0;
	return from.frame - to.frame > 1 || (x->kept[to.kept] & GAP_CALLER) ||
	       (x->kept[from.kept] & GAP_CALLEE);
}

/* The neighbours in the stack whose edge is asked for, likewise written before that is known. */
static int pair_up(struct edges *x, struct prof_err *e)
{
	int rc;

	x->pairs.n = 0;
	if (x->pairs.cap < 2 * x->stack.n + 2 &&
		(rc = prof_vec_reserve(x->g->mem, &x->pairs, 2 * x->stack.n + 2, e)))
		return rc;
	for (size_t k = x->stack.n; k-- > 1;) {
		struct place from = x->stack.v[k], to = x->stack.v[k - 1];
		uint32_t caller = x->kept[from.kept], callee = x->kept[to.kept];

		x->pairs.v[x->pairs.n] = from;
		x->pairs.v[x->pairs.n + 1] = to;
		x->pairs.n += 2 * ((callee >> 31) & (((caller ^ callee) & NODE) != 0));
	}
	return 0;
}

static int count_stack(struct edges *x, uint32_t epoch, int64_t v, struct prof_err *e)
{
	int rc = pair_up(x, e);

	for (size_t k = 0; !rc && k < x->pairs.n; k += 2) {
		struct place from = x->pairs.v[k], to = x->pairs.v[k + 1];
		uint32_t line = x->kept[to.kept];
		struct tally *t;

		if (x->last[from.kept].dest != (line & NODE) &&
			(rc = find_edge(x, from.kept, line & NODE, e)))
			break;
		t = &x->tally.v[x->last[from.kept].edge];
		if (t->epoch == epoch)
			continue;
		t->epoch = epoch;
		t->weight = prof_add(t->weight, v);
		t->flags |= (is_residual(x, from, to) ? RESIDUAL : 0u) |
			    (line & CALLED ? NOT_INLINED : 0u);
	}
	return rc;
}

/* One column over all stacks; the second one, for means, finds every edge there already. */
static int edge_column(
	struct edges *x, const int64_t *value, const int64_t *also, struct prof_err *e)
{
	const struct prof_profile *p = x->g->profile;
	int rc = 0;

	for (size_t i = 0; !rc && i < p->sample_stack.n; i++) {
		uint32_t s = p->sample_stack.v[i];

		if (!value[i] && !also[i])
			continue;
		rc = keep_stack(x, p->stack_start.v[s], p->stack_start.v[s + 1], e);
		if (!rc)
			rc = count_stack(x, (uint32_t)i + 1, value[i], e);
	}
	return rc;
}

int prof_graph_edges(struct prof_graph *g, uint32_t index, bool mean, const bool *keep,
	const bool *want, struct prof_err *e)
{
	const int64_t *value = g->profile->values.v[index].v, *div = g->profile->values.v[0].v;
	struct edges x;
	int rc = edges_init(&x, g, keep, want, e);

	g->edges.n = 0;
	if (!rc)
		rc = edge_column(&x, value, mean ? div : value, e);
	for (size_t i = 0; !rc && i < g->edges.n; i++) {
		g->edges.v[i].weight = x.tally.v[i].weight;
		g->edges.v[i].residual = x.tally.v[i].flags & RESIDUAL;
		g->edges.v[i].inlined = !(x.tally.v[i].flags & NOT_INLINED);
		x.tally.v[i] = (struct tally){0};
	}
	if (!rc && mean)
		rc = edge_column(&x, div, value, e);
	for (size_t i = 0; !rc && mean && i < g->edges.n; i++)
		g->edges.v[i].weight_div = x.tally.v[i].weight;
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
