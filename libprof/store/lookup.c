#include "libprof/store/lookup.h"

int prof_lookup_string(struct prof_lookup *c, uint32_t id, uint32_t *to)
{
	struct prof_strtab *t = &c->d->tables[PROF_STR];
	struct prof_str s = prof_profile_str(c->p, id);
	uint32_t next = c->last_str + 1;
	int rc = 0;

	if (c->str[id] == PROF_NONE) {
		if (next < t->strs.n && prof_str_eq(t->strs.v[next], s))
			c->str[id] = next;
		else
			rc = prof_strtab_add(t, s.p, s.len, &c->str[id], c->e);
		c->last_str = c->str[id];
	}
	*to = c->str[id];
	return rc;
}

/* next_func and next_loc are as long as the dictionary. */
static int reach(struct prof_lookup *c, enum prof_series s)
{
	size_t n = c->d->tables[s].strs.n;
	struct prof_dict_build *b = c->b;
	int rc = 0;

	if (s == PROF_FUNC && n > b->next_func.n) {
		rc = prof_vec_reserve(&c->d->mem, &b->next_func, n - b->next_func.n, c->e);
		while (!rc && b->next_func.n < n)
			b->next_func.v[b->next_func.n++] = 0;
	}
	if (s == PROF_LOC && n > b->next_loc.n) {
		rc = prof_vec_reserve(&c->d->mem, &b->next_loc, n - b->next_loc.n, c->e);
		while (!rc && b->next_loc.n < n)
			b->next_loc.v[b->next_loc.n++] = 0;
	}
	return rc;
}

/* The record in d->key, which lacks its variant, with the one that comes next in this build. */
static int next_variant(struct prof_lookup *c, enum prof_series s, uint32_t *id)
{
	struct prof_buf *key = &c->d->key;
	struct prof_str bytes;
	uint32_t base, *next;
	int rc;

	prof_put_uvarint(key, 0);
	if ((rc = prof_dict_record(c->d, s, &base, c->e)) || (rc = reach(c, s)))
		return rc;
	next = s == PROF_FUNC ? &c->b->next_func.v[base] : &c->b->next_loc.v[base];
	*id = base;
	if (!(*next)++)
		return 0;
	bytes = c->d->tables[s].strs.v[base];
	prof_buf_put(key, bytes.p, bytes.len - 1);
	prof_put_uvarint(key, *next - 1);
	return prof_dict_record(c->d, s, id, c->e);
}

static bool same_func(const struct prof_dict_func *a, const struct prof_dict_func *b)
{
	return a->name == b->name && a->system_name == b->system_name && a->file == b->file;
}

static uint64_t func_hash(const struct prof_dict_func *f, const struct prof_build_func *of_build)
{
	uint64_t h = prof_hash_mix(
		(uint64_t)f->name << 32 | f->file, (uint64_t)f->system_name << 32 | of_build->dup);

	return prof_hash_mix(h, (uint64_t)of_build->start_line);
}

/* Whether the build's entry i is the same in all but its variant. */
static bool is_func(const struct prof_lookup *c, uint32_t i, const struct prof_dict_func *f,
	const struct prof_build_func *of_build)
{
	const struct prof_build_func *x = &c->b->funcs.v[i];

	return x->start_line == of_build->start_line && x->dup == of_build->dup &&
	       same_func(&c->d->funcs.v[x->func], f);
}

/* The build's entry, or PROF_NONE. */
static uint32_t find_func(struct prof_lookup *c, const struct prof_dict_func *f,
	const struct prof_build_func *of_build)
{
	const struct prof_dict_build *b = c->b;
	struct prof_index_it it;
	uint32_t i = c->last_func + 1;

	if (i < b->funcs.n && is_func(c, i, f, of_build))
		return c->last_func = i;
	it = prof_index_first(&b->func_index, func_hash(f, of_build));
	while ((i = prof_index_next(&b->func_index, &it)) != PROF_NONE)
		if (is_func(c, i, f, of_build))
			return c->last_func = i;
	return PROF_NONE;
}

static int add_func(struct prof_lookup *c, const struct prof_dict_func *f,
	struct prof_build_func new, uint32_t *at)
{
	struct prof_dict_build *b = c->b;
	int rc = prof_vec_reserve(&c->d->mem, &b->funcs, 1, c->e);

	prof_put_uvarint(&c->d->key, f->name);
	prof_put_varint(&c->d->key, (int64_t)f->system_name - f->name);
	prof_put_uvarint(&c->d->key, f->file);
	if (rc || (rc = next_variant(c, PROF_FUNC, &new.func)) ||
		(rc = prof_index_add(
			 &b->func_index, func_hash(f, &new), (uint32_t)b->funcs.n, c->e)))
		return rc;
	c->last_func = *at = (uint32_t)b->funcs.n;
	b->funcs.v[b->funcs.n++] = new;
	return 0;
}

int prof_lookup_function(struct prof_lookup *c, uint32_t id, uint32_t *to)
{
	const struct prof_function *f = &c->p->functions.v[id];
	struct prof_build_func new = {.start_line = f->start_line};
	struct prof_dict_func names;
	uint32_t at;
	int rc;

	if (c->func[id] != PROF_NONE) {
		*to = c->func[id];
		return 0;
	}
	if ((rc = prof_lookup_string(c, f->name, &names.name)) ||
		(rc = prof_lookup_string(c, f->system_name, &names.system_name)) ||
		(rc = prof_lookup_string(c, f->file, &names.file)))
		return rc;
	at = find_func(c, &names, &new);
	if (at != PROF_NONE && c->b->funcs.v[at].stamp == c->d->stamp) {
		/* The profile has it twice. */
		new.dup = ++c->b->funcs.v[at].dups;
		at = find_func(c, &names, &new);
	}
	if (at == PROF_NONE && (rc = add_func(c, &names, new, &at)))
		return rc;
	if (!new.dup) {
		c->b->funcs.v[at].stamp = c->d->stamp;
		c->b->funcs.v[at].dups = 0;
	}
	*to = c->func[id] = c->b->funcs.v[at].func;
	return 0;
}

static int64_t rel_line(const struct prof_profile *p, const struct prof_line *l)
{
	return (int64_t)((uint64_t)l->line - (uint64_t)p->functions.v[l->function].start_line);
}

static uint64_t loc_hash_begin(const struct prof_build_loc *x, uint32_t n_lines, bool folded)
{
	uint64_t h = prof_hash_mix(x->address, (uint64_t)x->module << 32 | x->dup);

	return prof_hash_mix(h, (uint64_t)n_lines << 1 | folded);
}

static uint64_t loc_hash_line(uint64_t h, const struct prof_dict_line *l)
{
	h = prof_hash_mix(h, (uint64_t)l->column << 32 ^ l->func);
	return prof_hash_mix(h, (uint64_t)l->rel_line);
}

/* A line of the profile, whose function is known already. */
static struct prof_dict_line dict_line(const struct prof_lookup *c, const struct prof_line *l)
{
	return (struct prof_dict_line){
		.func = c->func[l->function], .rel_line = rel_line(c->p, l), .column = l->column};
}

static uint64_t loc_hash(
	const struct prof_lookup *c, const struct prof_location *l, const struct prof_build_loc *x)
{
	uint64_t h = loc_hash_begin(x, l->n_lines, l->folded);

	for (uint32_t i = 0; i < l->n_lines; i++) {
		struct prof_dict_line line = dict_line(c, &c->p->lines.v[l->first_line + i]);

		h = loc_hash_line(h, &line);
	}
	return h;
}

static bool same_lines(
	const struct prof_lookup *c, const struct prof_location *l, const struct prof_dict_loc *x)
{
	if (x->n_lines != l->n_lines || x->folded != l->folded)
		return false;
	for (uint32_t i = 0; i < l->n_lines; i++) {
		struct prof_dict_line a = dict_line(c, &c->p->lines.v[l->first_line + i]);
		const struct prof_dict_line *b = &c->d->lines.v[x->first_line + i];

		if (a.func != b->func || a.rel_line != b->rel_line || a.column != b->column)
			return false;
	}
	return true;
}

static bool is_loc(const struct prof_lookup *c, uint32_t i, const struct prof_location *l,
	const struct prof_build_loc *of_build)
{
	const struct prof_build_loc *x = &c->b->locs.v[i];

	return x->address == of_build->address && x->module == of_build->module &&
	       x->dup == of_build->dup && same_lines(c, l, &c->d->locs.v[x->loc]);
}

/* The build's entry, or PROF_NONE. */
static uint32_t find_loc(
	struct prof_lookup *c, const struct prof_location *l, const struct prof_build_loc *of_build)
{
	const struct prof_dict_build *b = c->b;
	struct prof_index_it it;
	uint32_t i = c->last_loc + 1;

	if (i < b->locs.n && is_loc(c, i, l, of_build))
		return c->last_loc = i;
	it = prof_index_first(&b->loc_index, loc_hash(c, l, of_build));
	while ((i = prof_index_next(&b->loc_index, &it)) != PROF_NONE)
		if (is_loc(c, i, l, of_build))
			return c->last_loc = i;
	return PROF_NONE;
}

static int add_loc(struct prof_lookup *c, const struct prof_location *l, struct prof_build_loc new,
	uint32_t *at)
{
	struct prof_dict_build *b = c->b;
	int rc = prof_vec_reserve(&c->d->mem, &b->locs, 1, c->e);

	prof_put_uvarint(&c->d->key, (uint64_t)l->n_lines << 1 | l->folded);
	for (uint32_t i = 0; i < l->n_lines; i++) {
		struct prof_dict_line line = dict_line(c, &c->p->lines.v[l->first_line + i]);

		prof_put_uvarint(&c->d->key, line.func);
		prof_put_varint(&c->d->key, line.rel_line);
		prof_put_varint(&c->d->key, line.column);
	}
	if (rc || (rc = next_variant(c, PROF_LOC, &new.loc)) ||
		(rc = prof_index_add(
			 &b->loc_index, loc_hash(c, l, &new), (uint32_t)b->locs.n, c->e)))
		return rc;
	c->last_loc = *at = (uint32_t)b->locs.n;
	b->locs.v[b->locs.n++] = new;
	return 0;
}

int prof_lookup_location(struct prof_lookup *c, uint32_t id, uint32_t *to)
{
	const struct prof_location *l = &c->p->locations.v[id];
	struct prof_build_loc new = {.address = l->address};
	uint32_t at, func;
	int rc;

	if (c->loc[id] != PROF_NONE) {
		*to = c->loc[id];
		return 0;
	}
	if (l->mapping != PROF_NONE) {
		new.module = c->modules.v[l->mapping];
		new.address -= c->p->mappings.v[l->mapping].start;
	}
	for (uint32_t i = 0; i < l->n_lines; i++)
		if ((rc = prof_lookup_function(
			     c, c->p->lines.v[l->first_line + i].function, &func)))
			return rc;
	at = find_loc(c, l, &new);
	if (at != PROF_NONE && c->b->locs.v[at].stamp == c->d->stamp) {
		new.dup = ++c->b->locs.v[at].dups;
		at = find_loc(c, l, &new);
	}
	if (at == PROF_NONE && (rc = add_loc(c, l, new, &at)))
		return rc;
	if (!new.dup) {
		c->b->locs.v[at].stamp = c->d->stamp;
		c->b->locs.v[at].dups = 0;
	}
	*to = c->loc[id] = c->b->locs.v[at].loc;
	return 0;
}

static uint64_t node_hash(struct prof_node n)
{
	return prof_hash_mix(0, (uint64_t)n.parent << 32 | n.loc);
}

static int child(struct prof_lookup *c, struct prof_node want, uint32_t *id)
{
	struct prof_dict *d = c->d;
	struct prof_index_it it;
	uint64_t hash;
	int rc;

	*id = want.parent + 1;
	if (*id < d->nodes.n && d->nodes.v[*id].parent == want.parent &&
		d->nodes.v[*id].loc == want.loc)
		return 0;
	hash = node_hash(want);
	it = prof_index_first(&d->node_index, hash);
	while ((*id = prof_index_next(&d->node_index, &it)) != PROF_NONE)
		if (d->nodes.v[*id].parent == want.parent && d->nodes.v[*id].loc == want.loc)
			return 0;
	if (d->nodes.n >= PROF_NONE - 1)
		return prof_fail(c->e, PROF_ELIMIT, PROF_NO_OFFSET, "too many stacks");
	*id = (uint32_t)d->nodes.n;
	if ((rc = prof_vec_reserve(&d->mem, &d->nodes, 1, c->e)) ||
		(rc = prof_index_add(&d->node_index, hash, *id, c->e)))
		return rc;
	d->nodes.v[d->nodes.n++] = want;
	d->indexed_nodes = d->nodes.n;
	return 0;
}

/* The frames of the profile's locations from `end` to `begin`, root first: those that the stack
 * before began with are known.
 */
static int walk(struct prof_lookup *c, const uint32_t *begin, const uint32_t *end, uint32_t *node)
{
	size_t depth = (size_t)(end - begin), same = 0;
	int rc = 0;

	c->path.n = c->path.n < depth ? c->path.n : depth;
	while (same < c->path.n && c->path.v[same].loc == end[-1 - (ptrdiff_t)same])
		same++;
	*node = same ? c->path.v[same - 1].node : 0;
	if (depth > c->path.n && (rc = prof_vec_reserve(c->mem, &c->path, depth - c->path.n, c->e)))
		return rc;
	c->path.n = depth;
	for (size_t i = same; !rc && i < depth; i++) {
		uint32_t id = end[-1 - (ptrdiff_t)i], loc = c->loc[id];

		if (loc == PROF_NONE)
			rc = prof_lookup_location(c, id, &loc);
		if (!rc)
			rc = child(c, (struct prof_node){*node, loc}, node);
		c->path.v[i] = (struct prof_lookup_step){id, *node};
	}
	return rc;
}

int prof_lookup_stack(struct prof_lookup *c, uint32_t id, uint32_t *to)
{
	const uint32_t *locs = c->p->stack_loc.v;
	int rc = 0;

	if (c->stack[id] == PROF_NONE) {
		uint32_t begin = c->p->stack_start.v[id], end = c->p->stack_start.v[id + 1];

		*to = 0;
		if (begin < end)
			rc = walk(c, locs + begin, locs + end, to);
		if (!rc)
			c->stack[id] = *to;
		return rc;
	}
	*to = c->stack[id];
	return 0;
}

/* The hash tables over what was loaded are made when the first profile comes. */
static int index_nodes(struct prof_lookup *c)
{
	struct prof_dict *d = c->d;
	int rc = 0;

	for (; !rc && d->indexed_nodes < d->nodes.n; d->indexed_nodes++)
		rc = prof_index_add(&d->node_index, node_hash(d->nodes.v[d->indexed_nodes]),
			(uint32_t)d->indexed_nodes, c->e);
	return rc;
}

/* One more variant of what record `id` is one of. */
static int count_variant(struct prof_lookup *c, enum prof_series s, uint32_t id)
{
	struct prof_str bytes = c->d->tables[s].strs.v[id];
	uint32_t len = bytes.len - 1, base;
	int rc;

	while (len && (uint8_t)bytes.p[len - 1] >= 0x80)
		len--;
	prof_buf_put(&c->d->key, bytes.p, len);
	prof_put_uvarint(&c->d->key, 0);
	if ((rc = prof_dict_record(c->d, s, &base, c->e)) || (rc = reach(c, s)))
		return rc;
	++*(s == PROF_FUNC ? &c->b->next_func.v[base] : &c->b->next_loc.v[base]);
	return 0;
}

static int index_build(struct prof_lookup *c)
{
	struct prof_dict_build *b = c->b;
	int rc = 0;

	if (b->indexed)
		return 0;
	b->indexed = true;
	prof_index_init(&b->func_index, &c->d->mem);
	prof_index_init(&b->loc_index, &c->d->mem);
	for (size_t i = 0; !rc && i < b->funcs.n; i++) {
		const struct prof_build_func *f = &b->funcs.v[i];

		if (!(rc = count_variant(c, PROF_FUNC, f->func)))
			rc = prof_index_add(&b->func_index, func_hash(&c->d->funcs.v[f->func], f),
				(uint32_t)i, c->e);
	}
	for (size_t i = 0; !rc && i < b->locs.n; i++) {
		const struct prof_build_loc *l = &b->locs.v[i];
		const struct prof_dict_loc *x;
		uint64_t h;

		if ((rc = count_variant(c, PROF_LOC, l->loc)))
			break;
		x = &c->d->locs.v[l->loc];
		h = loc_hash_begin(l, x->n_lines, x->folded);
		for (uint32_t k = 0; k < x->n_lines; k++)
			h = loc_hash_line(h, &c->d->lines.v[x->first_line + k]);
		rc = prof_index_add(&b->loc_index, h, (uint32_t)i, c->e);
	}
	return rc;
}

static uint32_t *unknown(struct prof_lookup *c, size_t n)
{
	uint32_t *v = prof_mem_resize(c->mem, NULL, 0, (n + 1) * sizeof(*v), c->e);

	if (v)
		memset(v, 0xff, n * sizeof(*v));
	return v;
}

static void forget(struct prof_lookup *c, uint32_t *v, size_t n)
{
	if (v)
		prof_mem_free(c->mem, v, (n + 1) * sizeof(*v));
}

int prof_lookup_init(struct prof_lookup *c, struct prof_dict *d, uint32_t build,
	const struct prof_profile *p, struct prof_mem *mem, struct prof_err *e)
{
	*c = (struct prof_lookup){.d = d, .b = d->builds.v[build], .p = p, .mem = mem, .e = e};
	int rc;

	d->stamp++;
	d->key.n = 0;
	if (!(c->str = unknown(c, p->strings.strs.n)) || !(c->func = unknown(c, p->functions.n)) ||
		!(c->loc = unknown(c, p->locations.n)) ||
		!(c->stack = unknown(c, p->stack_start.n)))
		return PROF_ENOMEM;
	rc = index_nodes(c);
	return rc ? rc : index_build(c);
}

void prof_lookup_fini(struct prof_lookup *c)
{
	forget(c, c->str, c->p->strings.strs.n);
	forget(c, c->func, c->p->functions.n);
	forget(c, c->loc, c->p->locations.n);
	forget(c, c->stack, c->p->stack_start.n);
	prof_vec_fini(c->mem, &c->modules);
	prof_vec_fini(c->mem, &c->path);
}
