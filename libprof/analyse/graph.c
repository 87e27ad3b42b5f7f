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
 * known whether they are there, so that the processor has no branch to guess wrong. How many there
 * are (3: that or more) stands in the upper bits of the second.
 */
struct first_nodes {
	uint32_t node[2];
};

enum { COUNT_SHIFT = 30, NODE_BITS = (1 << COUNT_SHIFT) - 1 };

struct columns {
	const struct prof_graph *g;
	struct first_nodes *first; /* of each location */
	PROF_VEC(uint32_t) nodes; /* of the stack under way, leaf first */
};

static int columns_init(struct columns *c, const struct prof_graph *g, struct prof_err *e)
{
	size_t n = g->profile->locations.n;

	*c = (struct columns){.g = g};
	if (g->nodes.n > NODE_BITS)
		return prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET, "more than 2^30 rows");
	c->first = prof_mem_zalloc(g->mem, n, sizeof(*c->first), e);
	for (size_t l = 0; c->first && l < n; l++) {
		uint32_t start = g->loc_start.v[l], lines = g->loc_start.v[l + 1] - start;

		for (uint32_t i = 0; i < 2 && i < lines; i++)
			c->first[l].node[i] = g->node_of.v[start + i];
		c->first[l].node[1] |= (lines < 3 ? lines : 3) << COUNT_SHIFT;
	}
	return c->first ? 0 : e->code;
}

static void columns_fini(struct columns *c)
{
	prof_mem_zfree(c->g->mem, c->first, c->g->profile->locations.n, sizeof(*c->first));
	prof_vec_fini(c->g->mem, &c->nodes);
}

/* Room for two nodes a frame was made before; a location with more makes room for them and the
 * rest. */
static int more_nodes(struct columns *c, uint32_t l, uint32_t frames_left, struct prof_err *e)
{
	const struct prof_graph *g = c->g;
	uint32_t start = g->loc_start.v[l], n = g->loc_start.v[l + 1] - start;
	int rc = prof_vec_reserve(g->mem, &c->nodes, (size_t)n + 2 * (size_t)frames_left + 2, e);

	if (rc)
		return rc;
	memcpy(c->nodes.v + c->nodes.n, g->node_of.v + start, n * sizeof(*c->nodes.v));
	c->nodes.n += n;
	return 0;
}

static int stack_nodes(struct columns *c, uint32_t begin, uint32_t end, struct prof_err *e)
{
	const uint32_t *loc = c->g->profile->stack_loc.v;
	const struct first_nodes *first = c->first;
	size_t n = 0;
	uint32_t *out;
	int rc;

	c->nodes.n = 0;
	rc = prof_vec_reserve(c->g->mem, &c->nodes, 2 * (size_t)(end - begin) + 2, e);
	if (rc)
		return rc;
	out = c->nodes.v;
	for (uint32_t k = begin; k < end; k++) {
		struct first_nodes f = first[loc[k]];
		uint32_t lines = f.node[1] >> COUNT_SHIFT;

		out[n] = f.node[0];
		out[n + 1] = f.node[1] & NODE_BITS;
		n += lines;
		if (lines == 3) {
			c->nodes.n = n - lines;
			rc = more_nodes(c, loc[k], end - k, e);
			if (rc)
				return rc;
			out = c->nodes.v;
			n = c->nodes.n;
		}
	}
	c->nodes.n = n;
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
 * location.
 *
 * The edges are one open-addressed table with all that is counted in the slot itself. It is far
 * larger than a cache, so a stack's slots are asked for together, before the first of them is
 * needed.
 */
enum {
	WANTED = 1 << 31, /* edges into this node are asked for */
	CALLED = 1 << 30, /* the last line of its location: called, not inlined */
	GAP_CALLER = 1 << 29, /* the line next to it on the caller's side is left out */
	GAP_CALLEE = 1 << 28, /* the one on the callee's side */
	NODE = (1 << 28) - 1,
};

enum { RESIDUAL = 1, NOT_INLINED = 2 };

enum {
	FIRST_BITS = 12,
	MAX_RUN = 4096, /* as in base/hash.c: no chance, but somebody's work */
};

#define NO_KEY UINT64_MAX

struct slot {
	uint64_t key; /* caller << 32 | callee, or NO_KEY */
	int64_t weight, weight_div;
	uint32_t epoch; /* the last sample that counted it, plus one */
	uint32_t flags;
};

struct place {
	uint32_t line, frame; /* of `kept`; which of the stack's locations */
};

struct pair {
	uint64_t key;
	size_t slot; /* where to look first */
	uint32_t flags;
};

struct edges {
	struct prof_graph *g;
	uint32_t *start, *kept;
	struct slot *slots;
	unsigned bits; /* 2^bits slots, n of them used */
	size_t n;
	PROF_VEC(struct place) stack;
	PROF_VEC(struct pair) pairs;
};

static size_t first_slot(const struct edges *x, uint64_t key)
{
	return (size_t)(key * 0x9e3779b97f4a7c15u >> (64 - x->bits));
}

static int resize_slots(struct edges *x, unsigned bits, struct prof_err *e)
{
	size_t n = (size_t)1 << bits, old_n = x->slots ? (size_t)1 << x->bits : 0;
	struct slot *old = x->slots;

	x->slots = prof_mem_resize(x->g->mem, NULL, 0, n * sizeof(*x->slots), e);
	if (!x->slots) {
		x->slots = old;
		return e->code;
	}
	x->bits = bits;
	memset(x->slots, 0xff, n * sizeof(*x->slots));
	for (size_t i = 0; i < old_n; i++) {
		size_t at = first_slot(x, old[i].key);

		if (old[i].key == NO_KEY)
			continue;
		while (x->slots[at].key != NO_KEY)
			at = (at + 1) & (n - 1);
		x->slots[at] = old[i];
	}
	if (old)
		prof_mem_free(x->g->mem, old, old_n * sizeof(*old));
	return 0;
}

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
	*x = (struct edges){.g = g};
	if (g->nodes.n > NODE)
		return prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET, "more than 2^28 rows");
	x->start = prof_mem_zalloc(g->mem, g->loc_start.n, sizeof(*x->start), e);
	x->kept = prof_mem_zalloc(g->mem, g->node_of.n + 2, sizeof(*x->kept), e);
	if (!x->start || !x->kept)
		return e->code;
	keep_lines(x, keep, want);
	return resize_slots(x, FIRST_BITS, e);
}

static void edges_fini(struct edges *x)
{
	struct prof_mem *mem = x->g->mem;

	prof_mem_zfree(mem, x->start, x->g->loc_start.n, sizeof(*x->start));
	prof_mem_zfree(mem, x->kept, x->g->node_of.n + 2, sizeof(*x->kept));
	if (x->slots)
		prof_mem_free(mem, x->slots, sizeof(*x->slots) << x->bits);
	prof_vec_fini(mem, &x->stack);
	prof_vec_fini(mem, &x->pairs);
}

static int more_places(struct edges *x, uint32_t first, uint32_t n, uint32_t frame,
	uint32_t frames_left, struct prof_err *e)
{
	int rc = prof_vec_reserve(x->g->mem, &x->stack, (size_t)n + 2 * (size_t)frames_left + 2, e);

	for (uint32_t i = 0; !rc && i < n; i++)
		x->stack.v[x->stack.n + i] = (struct place){x->kept[first + i], frame};
	return rc;
}

/* The kept lines of a stack, leaf first; two of each location are written before they are known to
 * be there, as above.
 */
static int keep_stack(struct edges *x, uint32_t begin, uint32_t end, struct prof_err *e)
{
	const uint32_t *loc = x->g->profile->stack_loc.v, *start = x->start, *kept = x->kept;
	struct place *out;
	size_t n = 0;
	int rc;

	x->stack.n = 0;
	rc = prof_vec_reserve(x->g->mem, &x->stack, 2 * (size_t)(end - begin) + 2, e);
	if (rc)
		return rc;
	out = x->stack.v;
	for (uint32_t k = begin; k < end; k++) {
		uint32_t j = start[loc[k]], lines = start[loc[k] + 1] - j;

		out[n] = (struct place){kept[j], k};
		out[n + 1] = (struct place){kept[j + 1], k};
		if (lines > 2) {
			x->stack.n = n;
			rc = more_places(x, j, lines, k, end - k, e);
			if (rc)
				return rc;
			out = x->stack.v;
		}
		n += lines;
	}
	x->stack.n = n;
	return 0;
}

/* Whether a line between caller and callee was left out. */
static bool is_residual(uint32_t caller, uint32_t callee, uint32_t frames)
{
	return (callee & GAP_CALLER) || frames > 1 || (frames && (caller & GAP_CALLEE));
}

/* The neighbours in the stack whose edge is asked for, likewise written before that is known, and
 * their slots fetched.
 */
static int pair_up(struct edges *x, struct prof_err *e)
{
	const struct place *stack = x->stack.v;
	struct pair *out;
	size_t n = 0;
	int rc;

	x->pairs.n = 0;
	rc = prof_vec_reserve(x->g->mem, &x->pairs, x->stack.n + 1, e);
	if (rc)
		return rc;
	out = x->pairs.v;
	for (size_t k = x->stack.n; k-- > 1;) {
		struct place from = stack[k], to = stack[k - 1];
		uint32_t caller = from.line, callee = to.line;
		uint64_t key = (uint64_t)(caller & NODE) << 32 | (callee & NODE);
		size_t slot = first_slot(x, key);

		out[n].key = key;
		out[n].slot = slot;
		out[n].flags = (is_residual(caller, callee, from.frame - to.frame) ? RESIDUAL : 0) |
			       (callee & CALLED ? NOT_INLINED : 0);
		prof_prefetch(&x->slots[slot]);
		n += (callee >> 31) & (((caller ^ callee) & NODE) != 0);
	}
	x->pairs.n = n;
	return 0;
}

/* The slot of a pair, made where it is new; the table has room for it. */
static struct slot *find_slot(struct edges *x, const struct pair *pair, struct prof_err *e)
{
	size_t mask = ((size_t)1 << x->bits) - 1, at = pair->slot;

	for (unsigned run = 0; x->slots[at].key != pair->key; at = (at + 1) & mask) {
		if (x->slots[at].key == NO_KEY) {
			x->slots[at] = (struct slot){.key = pair->key};
			x->n++;
			break;
		}
		if (++run > MAX_RUN) {
			prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET,
				"more than %d edges were made to collide in a hash table", MAX_RUN);
			return NULL;
		}
	}
	return &x->slots[at];
}

static int count_stack(struct edges *x, uint32_t epoch, int64_t w, int64_t dw, struct prof_err *e)
{
	int rc = 0;

	while (!rc && (x->n + x->stack.n) * 2 > (size_t)1 << x->bits)
		rc = resize_slots(x, x->bits + 1, e);
	if (!rc)
		rc = pair_up(x, e);
	for (size_t k = 0; !rc && k < x->pairs.n; k++) {
		struct slot *s = find_slot(x, &x->pairs.v[k], e);

		if (!s)
			return e->code;
		if (s->epoch == epoch)
			continue;
		s->epoch = epoch;
		s->weight = prof_add(s->weight, w);
		s->weight_div = prof_add(s->weight_div, dw);
		s->flags |= x->pairs.v[k].flags;
	}
	return rc;
}

/* The order is that of the slots: what was in the file decides on it, and nothing else. */
static int take_edges(struct edges *x, struct prof_err *e)
{
	struct prof_graph *g = x->g;
	int rc = prof_vec_reserve(g->mem, &g->edges, x->n, e);

	for (size_t i = 0; !rc && i >> x->bits == 0; i++) {
		const struct slot *s = &x->slots[i];

		if (s->key != NO_KEY)
			g->edges.v[g->edges.n++] = (struct prof_edge){
				.src = (uint32_t)(s->key >> 32),
				.dest = (uint32_t)s->key,
				.weight = s->weight,
				.weight_div = s->weight_div,
				.residual = s->flags & RESIDUAL,
				.inlined = !(s->flags & NOT_INLINED)};
	}
	return rc;
}

int prof_graph_edges(struct prof_graph *g, uint32_t index, bool mean, const bool *keep,
	const bool *want, struct prof_err *e)
{
	const struct prof_profile *p = g->profile;
	struct edges x;
	int rc = edges_init(&x, g, keep, want, e);

	g->edges.n = 0;
	for (size_t i = 0; !rc && i < p->sample_stack.n; i++) {
		int64_t w = p->values.v[index].v[i], dw = mean ? p->values.v[0].v[i] : 0;
		uint32_t s = p->sample_stack.v[i];

		if (!w && !dw)
			continue;
		rc = keep_stack(&x, p->stack_start.v[s], p->stack_start.v[s + 1], e);
		if (!rc)
			rc = count_stack(&x, (uint32_t)i + 1, w, dw, e);
	}
	if (!rc)
		rc = take_edges(&x, e);
	edges_fini(&x);
	return rc;
}

bool prof_is_base_label(const struct prof_profile *p, const struct prof_label *l)
{
	return l->is_str && prof_str_eq(prof_profile_str(p, l->key), PROF_STR("pprof::base")) &&
	       prof_str_eq(prof_profile_str(p, l->str), PROF_STR("true"));
}

bool prof_is_base(const struct prof_profile *p, uint32_t set)
{
	for (uint32_t i = p->label_start.v[set]; i < p->label_start.v[set + 1]; i++)
		if (prof_is_base_label(p, &p->labels.v[i]))
			return true;
	return false;
}

int64_t prof_graph_total(const struct prof_profile *p, uint32_t index, bool mean)
{
	int64_t total = 0, base = 0, div = 0, base_div = 0;

	for (size_t i = 0; i < p->sample_stack.n; i++) {
		int64_t v = p->values.v[index].v[i], d = mean ? p->values.v[0].v[i] : 0;

		total = prof_add(total, prof_abs(v));
		div = prof_add(div, d);
		if (p->sample_labels.v[i] && prof_is_base(p, p->sample_labels.v[i])) {
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
