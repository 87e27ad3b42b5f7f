/* A prefix tree over the nodes of a graph: each node is one path from the root.
 *
 * Stacks are sorted as paths of nodes, so that the tree is gone through in order with no more of it
 * in memory than the path under way: a node whose last path has passed has all of its value, and is
 * kept or only counted.
 */
#include <string.h>

#include "libprof/analyse/graph.h"
#include "libprof/analyse/trim.h"
#include "libprof/base/num.h"

#define INLINED (UINT32_C(1) << 31) /* of a step: into the one before */

enum { FEW = 8 }; /* paths that are sorted by insertion */

/* A stack, from the root. */
struct path {
	size_t first; /* of `steps`, which are nodes of the graph */
	uint32_t n;
	uint32_t sample; /* the first that has it; PROF_NONE: none */
	uint32_t leaf; /* as prof_graph.leaves, of `kept`; until then the next of a list */
	int64_t w, dw;
};

/* A node of the path under way. */
struct level {
	struct prof_node_value v; /* cum of what has passed below */
	uint32_t node;
	uint32_t sample; /* the first that passes here */
	uint32_t slot; /* of `kept`; PROF_NONE: has none yet */
	uint32_t ends, last; /* paths that end here, or below in what is left out: a list */
	bool inlined;
};

struct kept {
	struct prof_node_value v;
	uint32_t node, parent, sample, depth;
	bool inlined;
};

/* A path on its way to its place: its step to sort by next. */
struct entry {
	uint32_t path, step;
};

/* Entries order[lo .. hi) whose steps until `depth` are the same. */
struct range {
	size_t lo, hi;
	uint32_t depth;
	bool loaded; /* they have the steps at that depth */
};

struct build {
	struct prof_graph *g;
	struct prof_mem *mem;
	uint32_t index;
	bool mean;
	struct path *paths; /* of each stack */
	size_t n_paths;
	PROF_VEC(uint32_t) steps;
	PROF_VEC(struct entry) order;
	PROF_VEC(struct range) ranges;
	PROF_VEC(struct level) levels;
	PROF_VEC(struct kept) kept; /* a slot each, parents before children */
	int64_t cutoff; /* 0 or less: all are kept */
	struct prof_err *e;
};

static int add_steps(struct build *b, uint32_t stack, struct path *path)
{
	const struct prof_graph *g = b->g;
	const struct prof_profile *p = g->profile;

	path->first = b->steps.n;
	for (uint32_t k = p->stack_start.v[stack + 1]; k-- > p->stack_start.v[stack];) {
		uint32_t l = p->stack_loc.v[k], first = g->loc_start.v[l],
			 last = g->loc_start.v[l + 1];
		int rc = prof_vec_reserve(b->mem, &b->steps, last - first, b->e);

		if (rc)
			return rc;
		for (uint32_t j = last; j-- > first;)
			b->steps.v[b->steps.n++] = g->node_of.v[j] | (j + 1 != last ? INLINED : 0);
	}
	path->n = (uint32_t)(b->steps.n - path->first);
	return 0;
}

/* What a mean is divided by; a sample counts where its value or this is not 0. */
static int64_t divisor(const struct build *b, size_t sample)
{
	return b->mean ? b->g->profile->values.v[0].v[sample] : 0;
}

/* The samples that count, by stack. Only where all values are positive does a small node have none
 * but small ones below: else all nodes are kept.
 */
static int collect(struct build *b, double fraction)
{
	const struct prof_profile *p = b->g->profile;
	int64_t total = 0;
	bool positive = true;
	int rc = 0;

	for (size_t i = 0; i < b->n_paths; i++)
		b->paths[i].sample = b->paths[i].leaf = PROF_NONE;
	for (size_t i = 0; !rc && i < p->sample_stack.n; i++) {
		int64_t w = p->values.v[b->index].v[i], dw = divisor(b, i);
		struct path *path = &b->paths[p->sample_stack.v[i]];

		if (!w && !dw)
			continue;
		if (path->sample == PROF_NONE) {
			path->sample = (uint32_t)i;
			rc = add_steps(b, p->sample_stack.v[i], path);
			if (!rc && path->n)
				rc = prof_vec_reserve(b->mem, &b->order, 1, b->e);
			if (!rc && path->n)
				b->order.v[b->order.n++].path = p->sample_stack.v[i];
		}
		path->w = prof_add(path->w, w);
		path->dw = prof_add(path->dw, dw);
		positive &= w > 0;
		total = prof_add_sat(total, path->n ? w : 0);
	}
	if (positive && total < INT64_MAX)
		b->cutoff = prof_trim_fraction(total, fraction);
	return rc;
}

/* A step to compare by; less than any: the path has ended. */
static uint32_t step(const struct build *b, uint32_t path, uint32_t depth)
{
	const struct path *p = &b->paths[path];

	return depth < p->n ? (b->steps.v[p->first + depth] & ~INLINED) + 1 : 0;
}

static int compare(const struct build *b, struct entry x, struct entry y, uint32_t depth)
{
	while (x.step == y.step && x.step) {
		depth++;
		x.step = step(b, x.path, depth);
		y.step = step(b, y.path, depth);
	}
	return (x.step > y.step) - (x.step < y.step);
}

static void insert(struct build *b, struct range r)
{
	struct entry *v = b->order.v;

	for (size_t i = r.lo + 1; i < r.hi; i++) {
		struct entry x = v[i];
		size_t at = i;

		for (; at > r.lo && compare(b, x, v[at - 1], r.depth) < 0; at--)
			v[at] = v[at - 1];
		v[at] = x;
	}
}

static int later(struct build *b, size_t lo, size_t hi, uint32_t depth, bool loaded)
{
	int rc = hi - lo > 1 ? prof_vec_reserve(b->mem, &b->ranges, 1, b->e) : 0;

	if (!rc && hi - lo > 1)
		b->ranges.v[b->ranges.n++] = (struct range){lo, hi, depth, loaded};
	return rc;
}

/* Splits a range in three by the step of one of it. */
static int split(struct build *b, struct range r, uint64_t random)
{
	struct entry *v = b->order.v;
	uint32_t pivot = v[r.lo + random % (r.hi - r.lo)].step;
	size_t less = r.lo, at = r.lo, more = r.hi;
	int rc;

	while (at < more) {
		struct entry x = v[at];
		size_t to = x.step < pivot ? less++ : x.step > pivot ? --more : at;

		v[at] = v[to];
		v[to] = x;
		at += x.step <= pivot;
	}
	if ((rc = later(b, r.lo, less, r.depth, true)) ||
		(rc = later(b, more, r.hi, r.depth, true)))
		return rc;
	return pivot ? later(b, less, more, r.depth + 1, false) : 0;
}

/* Quicksort a step at a time (Bentley and Sedgewick). Each step is fetched once, those of many
 * paths at a time: they are all over the memory.
 */
static int sort(struct build *b)
{
	uint64_t random = 0;
	int rc = later(b, 0, b->order.n, 0, false);

	while (!rc && b->ranges.n) {
		struct range r = b->ranges.v[--b->ranges.n];

		for (size_t i = r.lo; !r.loaded && i < r.hi; i++)
			b->order.v[i].step = step(b, b->order.v[i].path, r.depth);
		random = prof_hash_mix(random, r.lo);
		if (r.hi - r.lo <= FEW)
			insert(b, r);
		else
			rc = split(b, r, random);
	}
	return rc;
}

/* Slots for the lowest level and those above it. */
static int take_slots(struct build *b)
{
	size_t top = b->levels.n;
	int rc = 0;

	while (top > 0 && b->levels.v[top - 1].slot == PROF_NONE)
		top--;
	for (; !rc && top < b->levels.n; top++) {
		rc = prof_vec_reserve(b->mem, &b->kept, 1, b->e);
		if (!rc && b->kept.n >= PROF_LEAF_ABOVE - 1)
			rc = prof_fail(b->e, PROF_ELIMIT, PROF_NO_OFFSET, "more than 2^31 paths");
		if (!rc)
			b->levels.v[top].slot = (uint32_t)b->kept.n++;
	}
	return rc;
}

static int keep(struct build *b)
{
	uint32_t depth = (uint32_t)b->levels.n - 1, next;
	struct level *l = &b->levels.v[depth];
	int rc = take_slots(b);

	if (rc)
		return rc;
	b->kept.v[l->slot] = (struct kept){.v = l->v,
		.node = l->node,
		.parent = depth ? l[-1].slot : PROF_NONE,
		.sample = l->sample,
		.depth = depth,
		.inlined = l->inlined};
	for (uint32_t i = l->ends; i != PROF_NONE; i = next) {
		next = b->paths[i].leaf;
		b->paths[i].leaf = l->slot | (b->paths[i].n > depth + 1 ? PROF_LEAF_ABOVE : 0);
	}
	return 0;
}

/* The level above gets the paths that ended at this one, or at none. */
static void leave_out(struct build *b)
{
	struct level *l = &b->levels.v[b->levels.n - 1], *above = b->levels.n > 1 ? l - 1 : NULL;
	uint32_t next;

	b->g->left_out++;
	b->g->left_out_flat = prof_add(b->g->left_out_flat, l->v.flat);
	if (above && l->ends != PROF_NONE) {
		b->paths[l->last].leaf = above->ends;
		above->last = above->ends == PROF_NONE ? l->last : above->last;
		above->ends = l->ends;
	}
	for (uint32_t i = above ? PROF_NONE : l->ends; i != PROF_NONE; i = next) {
		next = b->paths[i].leaf;
		b->paths[i].leaf = PROF_NONE;
	}
}

/* All has passed the lowest level. */
static int pop(struct build *b)
{
	struct level *l = &b->levels.v[b->levels.n - 1], *above = b->levels.n > 1 ? l - 1 : NULL;
	int rc = 0;

	if (b->cutoff <= 0 || prof_abs(l->v.cum) >= b->cutoff)
		rc = keep(b);
	else
		leave_out(b);
	if (above) {
		above->v.cum = prof_add(above->v.cum, l->v.cum);
		above->v.cum_div = prof_add(above->v.cum_div, l->v.cum_div);
		above->sample = l->sample < above->sample ? l->sample : above->sample;
	}
	b->levels.n--;
	return rc;
}

/* Goes on to the next path: only steps that it shares stay. */
static int pass(struct build *b, uint32_t id)
{
	struct path *p = &b->paths[id];
	const uint32_t *steps = b->steps.v + p->first;
	struct level *l;
	uint32_t same = 0;
	int rc = 0;

	while (same < p->n && same < b->levels.n &&
		b->levels.v[same].node == (steps[same] & ~INLINED))
		same++;
	while (!rc && b->levels.n > same)
		rc = pop(b);
	if (!rc)
		rc = prof_vec_reserve(b->mem, &b->levels, p->n - same, b->e);
	if (rc)
		return rc;
	for (uint32_t i = same; i < p->n; i++)
		b->levels.v[b->levels.n++] = (struct level){.node = steps[i] & ~INLINED,
			.sample = p->sample,
			.slot = PROF_NONE,
			.ends = PROF_NONE,
			.inlined = true};
	for (uint32_t i = 0; i < p->n; i++)
		b->levels.v[i].inlined &= (steps[i] & INLINED) != 0;
	l = &b->levels.v[p->n - 1];
	l->sample = p->sample < l->sample ? p->sample : l->sample;
	l->v.flat = prof_add(l->v.flat, p->w);
	l->v.flat_div = prof_add(l->v.flat_div, p->dw);
	l->v.cum = prof_add(l->v.cum, p->w);
	l->v.cum_div = prof_add(l->v.cum_div, p->dw);
	p->leaf = l->ends;
	l->last = l->ends == PROF_NONE ? id : l->last;
	l->ends = id;
	return 0;
}

static int walk(struct build *b)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < b->order.n; i++)
		rc = pass(b, b->order.v[i].path);
	while (!rc && b->levels.n)
		rc = pop(b);
	return rc;
}

/* Numbers of nodes in the order in which samples come to them, from the root: those that a sample
 * is the first to come to are the end of its path. `first` is for one more than there are samples.
 */
static void number(const struct build *b, uint32_t *first, uint32_t *depth, uint32_t *number_of)
{
	size_t samples = b->g->profile->sample_stack.n;

	memset(first, 0, (samples + 1) * sizeof(*first));
	memset(depth, 0xff, (samples + 1) * sizeof(*depth));
	for (size_t i = 0; i < b->kept.n; i++) {
		const struct kept *k = &b->kept.v[i];

		first[k->sample + 1]++;
		depth[k->sample] = k->depth < depth[k->sample] ? k->depth : depth[k->sample];
	}
	for (size_t i = 0; i < samples; i++)
		first[i + 1] += first[i];
	for (size_t i = 0; i < b->kept.n; i++) {
		const struct kept *k = &b->kept.v[i];

		number_of[i] = first[k->sample] + k->depth - depth[k->sample];
	}
}

/* Puts the tree in the place of the graph's nodes; roots have no edge. */
static int replace(struct build *b, const uint32_t *number_of)
{
	struct prof_graph *g = b->g;
	size_t n = b->kept.n, edges = 0;
	struct prof_node_value *values = prof_mem_zalloc(g->mem, n, sizeof(*values), b->e);
	PROF_VEC(struct prof_node_info) nodes = {0};
	int rc = values ? prof_vec_reserve(g->mem, &nodes, n, b->e) : b->e->code;

	if (rc || (rc = prof_vec_reserve(g->mem, &g->edges, n, b->e)) ||
		(rc = prof_vec_reserve(g->mem, &g->parents, n, b->e))) {
		prof_vec_fini(g->mem, &nodes);
		prof_mem_zfree(g->mem, values, n, sizeof(*values));
		return rc;
	}
	for (size_t i = 0; i < n; i++) {
		const struct kept *k = &b->kept.v[i];
		uint32_t at = number_of[i];

		nodes.v[at] = g->nodes.v[k->node];
		values[at] = k->v;
		g->parents.v[at] = k->parent == PROF_NONE ? PROF_NONE : number_of[k->parent];
		g->edges.v[at] = (struct prof_edge){.src = g->parents.v[at],
			.dest = at,
			.weight = k->v.cum,
			.weight_div = k->v.cum_div,
			.inlined = k->inlined};
	}
	for (size_t i = 0; i < n; i++)
		if (g->edges.v[i].src != PROF_NONE)
			g->edges.v[edges++] = g->edges.v[i];
	prof_mem_zfree(g->mem, g->values, g->nodes.n, sizeof(*g->values));
	prof_vec_fini(g->mem, &g->nodes);
	nodes.n = g->parents.n = n;
	memcpy(&g->nodes, &nodes, sizeof(g->nodes));
	g->edges.n = edges;
	g->values = values;
	return 0;
}

static void set_leaves(const struct build *b, const uint32_t *number_of)
{
	struct prof_graph *g = b->g;
	const struct prof_profile *p = g->profile;

	for (size_t i = 0; i < p->sample_stack.n; i++) {
		uint32_t leaf = b->paths[p->sample_stack.v[i]].leaf;

		if (!p->values.v[b->index].v[i] && !divisor(b, i))
			leaf = PROF_NONE;
		g->leaves.v[i] = leaf == PROF_NONE ? leaf
						   : number_of[leaf & ~PROF_LEAF_ABOVE] |
							     (leaf & PROF_LEAF_ABOVE);
	}
	g->leaves.n = p->sample_stack.n;
}

static int finish(struct build *b)
{
	size_t samples = b->g->profile->sample_stack.n;
	uint32_t *first = prof_mem_zalloc(b->mem, samples + 1, sizeof(*first), b->e);
	uint32_t *depth = first ? prof_mem_zalloc(b->mem, samples + 1, sizeof(*depth), b->e) : NULL;
	uint32_t *number_of = depth ? prof_mem_zalloc(b->mem, b->kept.n, sizeof(*number_of), b->e)
				    : NULL;
	int rc = number_of ? prof_vec_reserve(b->mem, &b->g->leaves, samples, b->e) : b->e->code;

	if (!rc) {
		number(b, first, depth, number_of);
		rc = replace(b, number_of);
	}
	if (!rc)
		set_leaves(b, number_of);
	prof_mem_zfree(b->mem, first, samples + 1, sizeof(*first));
	prof_mem_zfree(b->mem, depth, samples + 1, sizeof(*depth));
	prof_mem_zfree(b->mem, number_of, b->kept.n, sizeof(*number_of));
	return rc;
}

int prof_graph_calltree(
	struct prof_graph *g, uint32_t index, bool mean, double fraction, struct prof_err *e)
{
	struct build b = {.g = g,
		.mem = g->mem,
		.index = index,
		.mean = mean,
		.n_paths = g->profile->stack_start.n - 1,
		.e = e};
	int rc;

	b.paths = prof_mem_zalloc(b.mem, b.n_paths, sizeof(*b.paths), e);
	rc = b.paths ? collect(&b, fraction) : e->code;
	if (!rc)
		rc = sort(&b);
	if (!rc)
		rc = walk(&b);
	prof_vec_fini(b.mem, &b.steps);
	if (!rc)
		rc = finish(&b);
	prof_mem_zfree(b.mem, b.paths, b.n_paths, sizeof(*b.paths));
	prof_vec_fini(b.mem, &b.steps);
	prof_vec_fini(b.mem, &b.order);
	prof_vec_fini(b.mem, &b.ranges);
	prof_vec_fini(b.mem, &b.levels);
	prof_vec_fini(b.mem, &b.kept);
	return rc;
}
