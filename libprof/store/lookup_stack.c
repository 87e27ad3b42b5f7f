/* Stacks as nodes of the tree. A node is found by a hash of the whole path to it: so a stack that
 * is known is found at its leaf, and the way up from there, along nodes that mostly stand in a row,
 * only confirms it. Stacks are looked up in blocks, for memory is slow, but brings many things at a
 * time.
 */
#include "libprof/store/lookup.h"

enum { BLOCK = 16, LINE = 64 / sizeof(struct prof_node) };

/* A stack that is looked up. */
struct stack {
	const uint32_t *end; /* behind its locations, which stand leaf first */
	size_t depth;
	size_t same; /* so many, from the root, are those of the stack before */
	uint64_t hash; /* of the path */
};

static uint32_t loc_at(const struct prof_lookup *c, const struct stack *s, size_t depth)
{
	return c->loc[s->end[-1 - (ptrdiff_t)depth]];
}

/* The hash of the path of stack `id`, whose locations are looked up. */
static int hash_path(struct prof_lookup *c, uint32_t id, struct stack *s)
{
	uint32_t begin = c->p->stack_start.v[id], end = c->p->stack_start.v[id + 1];
	struct prof_lookup_step *path;
	int rc;

	*s = (struct stack){.depth = end - begin};
	if (begin == end) {
		c->path.n = 0;
		return 0;
	}
	s->end = c->p->stack_loc.v + end;
	if (s->depth > c->path.cap &&
		(rc = prof_vec_reserve(c->mem, &c->path, s->depth - c->path.n, c->e)))
		return rc;
	path = c->path.v;
	c->path.n = c->path.n < s->depth ? c->path.n : s->depth;
	s->same = 0;
	while (s->same < c->path.n && path[s->same].id == s->end[-1 - (ptrdiff_t)s->same])
		s->same++;
	s->hash = s->same ? path[s->same - 1].hash : 0;
	for (size_t i = s->same; i < s->depth; i++) {
		uint32_t at = s->end[-1 - (ptrdiff_t)i], loc = c->loc[at];

		c->used[at] = true;
		if (loc == PROF_NONE && (rc = prof_lookup_location(c, at, &loc)))
			return rc;
		s->hash = prof_node_hash(s->hash, loc);
		path[i].id = at;
		path[i].hash = s->hash;
	}
	c->path.n = s->depth;
	return 0;
}

/* Whether the path of node `leaf` is the stack's; c->nodes is filled with it. */
static bool confirm(struct prof_lookup *c, const struct stack *s, uint32_t leaf)
{
	const struct prof_node *nodes = c->d->nodes.v;
	uint32_t node = leaf;

	for (size_t i = s->depth; i-- > s->same; node = nodes[node].parent) {
		if (!node || nodes[node].loc != loc_at(c, s, i))
			return false;
		c->nodes.v[i] = node;
	}
	return node == (s->same ? c->nodes.v[s->same - 1] : 0);
}

static bool find_leaf(struct prof_lookup *c, const struct stack *s)
{
	const struct prof_index *x = &c->d->node_index;
	struct prof_index_it it = prof_index_first(x, s->hash);
	uint32_t leaf;

	while ((leaf = prof_index_next(x, &it)) != PROF_NONE)
		if (confirm(c, s, leaf))
			return true;
	return false;
}

static uint32_t find_child(const struct prof_dict *d, struct prof_node want, uint64_t hash)
{
	struct prof_index_it it = prof_index_first(&d->node_index, hash);
	uint32_t node;

	while ((node = prof_index_next(&d->node_index, &it)) != PROF_NONE)
		if (d->nodes.v[node].parent == want.parent && d->nodes.v[node].loc == want.loc)
			return node;
	return PROF_NONE;
}

static int add_child(struct prof_lookup *c, struct prof_node new, uint64_t hash, uint32_t *node)
{
	struct prof_dict *d = c->d;
	int rc;

	if (d->nodes.n >= PROF_NONE - 1)
		return prof_fail(c->e, PROF_ELIMIT, PROF_NO_OFFSET, "too many stacks");
	*node = (uint32_t)d->nodes.n;
	if ((rc = prof_vec_reserve(&d->mem, &d->nodes, 1, c->e)) ||
		(rc = prof_index_add(&d->node_index, hash, *node, c->e)))
		return rc;
	d->nodes.v[d->nodes.n++] = new;
	d->indexed_nodes = d->nodes.n;
	return 0;
}

/* Follows what is known of a new stack, and adds the rest: below a new node all are. */
static int add_stack(struct prof_lookup *c, const struct stack *s)
{
	uint32_t *nodes = c->nodes.v;
	uint64_t hash = 0;
	bool known = true;
	int rc = 0;

	for (size_t i = 0; !rc && i < s->depth; i++) {
		struct prof_node want = {i ? nodes[i - 1] : 0, loc_at(c, s, i)};

		hash = prof_node_hash(hash, want.loc);
		if (i < s->same)
			continue;
		if (known)
			nodes[i] = find_child(c->d, want, hash);
		known = known && nodes[i] != PROF_NONE;
		if (!known)
			rc = add_child(c, want, hash, &nodes[i]);
	}
	return rc;
}

/* Asks for the nodes that the stacks are likely to end at, and for those before them. */
static void ask_for(const struct prof_lookup *c, const struct stack *v, size_t n)
{
	const struct prof_index *x = &c->d->node_index;

	for (size_t i = 0; x->slots && i < n; i++) {
		uint32_t node = x->slots[prof_index_first(x, v[i].hash).pos].id;

		if (node == PROF_NONE)
			continue;
		prof_prefetch(&c->d->nodes.v[node]);
		prof_prefetch(&c->d->nodes.v[node < LINE ? 0 : node - LINE]);
	}
}

static int block(struct prof_lookup *c, const uint32_t *ids, size_t n, uint32_t *to)
{
	const struct prof_index *x = &c->d->node_index;
	struct stack v[BLOCK];
	int rc = 0;

	for (size_t i = 0; i < n; i++) {
		if ((rc = hash_path(c, ids[i], &v[i])))
			return rc;
		if (x->slots)
			prof_prefetch(&x->slots[prof_index_first(x, v[i].hash).pos]);
	}
	if (c->path.cap > c->nodes.cap &&
		(rc = prof_vec_reserve(c->mem, &c->nodes, c->path.cap, c->e)))
		return rc;
	ask_for(c, v, n);
	for (size_t i = 0; !rc && i < n; i++) {
		if (v[i].depth > v[i].same && !find_leaf(c, &v[i]))
			rc = add_stack(c, &v[i]);
		to[i] = !rc && v[i].depth ? c->nodes.v[v[i].depth - 1] : 0;
	}
	return rc;
}

int prof_lookup_stacks(struct prof_lookup *c, const uint32_t *ids, size_t n, uint32_t *to)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i += BLOCK)
		rc = block(c, ids + i, n - i < BLOCK ? n - i : BLOCK, to + i);
	return rc;
}
