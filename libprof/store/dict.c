#include "libprof/store/dict.h"

#include <stdlib.h>
#include <string.h>

int prof_dict_init(struct prof_dict *d, uint64_t memory_bytes, struct prof_err *e)
{
	int rc = 0;

	*d = (struct prof_dict){
		.mem = {.limit = memory_bytes > SIZE_MAX / 2 ? SIZE_MAX / 2
							     : (size_t)memory_bytes}};
	prof_index_init(&d->func_index, &d->mem);
	prof_index_init(&d->loc_index, &d->mem);
	prof_index_init(&d->node_index, &d->mem);
	prof_buf_init(&d->key, NULL, NULL);
	for (unsigned t = 0; !rc && t < PROF_TABLES; t++)
		rc = prof_strtab_init(&d->tables[t], &d->mem, e);
	if (rc || (rc = prof_vec_reserve(&d->mem, &d->nodes, 1, e)) ||
		(rc = prof_vec_reserve(&d->mem, &d->funcs, 1, e)) ||
		(rc = prof_vec_reserve(&d->mem, &d->locs, 1, e))) {
		prof_dict_fini(d);
		return rc;
	}
	d->nodes.v[d->nodes.n++] = (struct prof_node){0, 0};
	d->funcs.v[d->funcs.n++] = (struct prof_dict_func){0};
	d->locs.v[d->locs.n++] = (struct prof_dict_loc){0};
	d->indexed_funcs = d->indexed_locs = d->indexed_nodes = 1;
	return 0;
}

static void free_variants(struct prof_dict *d, struct prof_variants *used)
{
	for (size_t i = 0; i < used->n; i++)
		prof_mem_zfree(&d->mem, used->v[i], PROF_VARIANTS, sizeof(**used->v));
	prof_vec_fini(&d->mem, used);
}

static void free_build(struct prof_dict *d, struct prof_dict_build *b)
{
	prof_vec_fini(&d->mem, &b->funcs);
	prof_vec_fini(&d->mem, &b->locs);
	free_variants(d, &b->func_variants);
	free_variants(d, &b->loc_variants);
	prof_vec_fini(&d->mem, &b->line_funcs);
	if (b->indexed) {
		prof_index_fini(&b->func_index);
		prof_index_fini(&b->at);
		prof_index_fini(&b->crowded);
	}
	prof_mem_zfree(&d->mem, b, 1, sizeof(*b));
}

void prof_dict_fini(struct prof_dict *d)
{
	for (size_t i = 0; i < d->builds.n; i++)
		free_build(d, d->builds.v[i]);
	prof_vec_fini(&d->mem, &d->builds);
	for (unsigned t = 0; t < PROF_TABLES; t++)
		prof_strtab_fini(&d->tables[t]);
	prof_vec_fini(&d->mem, &d->funcs);
	prof_vec_fini(&d->mem, &d->locs);
	prof_vec_fini(&d->mem, &d->lines);
	prof_vec_fini(&d->mem, &d->nodes);
	prof_vec_fini(&d->mem, &d->module_seen);
	if (d->node_index.mem) {
		prof_index_fini(&d->func_index);
		prof_index_fini(&d->loc_index);
		prof_index_fini(&d->node_index);
	}
	prof_buf_fini(&d->key);
}

int prof_dict_add_build(struct prof_dict *d, struct prof_err *e)
{
	int rc = prof_vec_reserve(&d->mem, &d->builds, 1, e);
	struct prof_dict_build *b;

	if (rc)
		return rc;
	b = prof_mem_zalloc(&d->mem, 1, sizeof(*b), e);
	if (!b)
		return PROF_ENOMEM;
	d->builds.v[d->builds.n++] = b;
	return 0;
}

size_t prof_dict_count(const struct prof_dict *d, enum prof_series s, uint32_t build)
{
	switch (s) {
	case PROF_FUNC:
		return d->funcs.n;
	case PROF_LOC:
		return d->locs.n;
	case PROF_NODE:
		return d->nodes.n;
	case PROF_BUILD_FUNC:
		return d->builds.v[build]->funcs.n;
	case PROF_BUILD_LOC:
		return d->builds.v[build]->locs.n;
	default:
		return d->tables[s].strs.n;
	}
}

static uint64_t func_hash(const struct prof_dict_func *f)
{
	uint64_t h = prof_hash_mix((uint64_t)f->name << 32 | f->file, f->system_name);

	return prof_hash_mix(h, f->variant);
}

static bool same_func(const struct prof_dict_func *a, const struct prof_dict_func *b)
{
	return a->name == b->name && a->system_name == b->system_name && a->file == b->file &&
	       a->variant == b->variant;
}

static uint64_t loc_hash(const struct prof_dict_loc *l, const struct prof_dict_line *lines)
{
	uint64_t h = prof_hash_mix(
		(uint64_t)l->n_lines << 1 | l->folded, (uint64_t)l->variant << 32 | 1);

	for (uint32_t i = 0; i < l->n_lines; i++) {
		h = prof_hash_mix(h, (uint64_t)lines[i].column << 32 ^ lines[i].func);
		h = prof_hash_mix(h, (uint64_t)lines[i].rel_line);
	}
	return h;
}

static bool same_loc(const struct prof_dict *d, const struct prof_dict_loc *a,
	const struct prof_dict_loc *b, const struct prof_dict_line *lines)
{
	const struct prof_dict_line *of_a = prof_dict_lines(d, a);

	if (a->n_lines != b->n_lines || a->variant != b->variant || a->folded != b->folded)
		return false;
	for (uint32_t i = 0; i < a->n_lines; i++)
		if (!prof_dict_same_line(&of_a[i], &lines[i]))
			return false;
	return true;
}

static uint32_t find_func(const struct prof_dict *d, const struct prof_dict_func *f, uint64_t hash)
{
	struct prof_index_it it = prof_index_first(&d->func_index, hash);
	uint32_t id;

	while ((id = prof_index_next(&d->func_index, &it)) != PROF_NONE)
		if (same_func(&d->funcs.v[id], f))
			return id;
	return PROF_NONE;
}

static uint32_t find_loc(const struct prof_dict *d, const struct prof_dict_loc *l,
	const struct prof_dict_line *lines, uint64_t hash)
{
	struct prof_index_it it = prof_index_first(&d->loc_index, hash);
	uint32_t id;

	while ((id = prof_index_next(&d->loc_index, &it)) != PROF_NONE)
		if (same_loc(d, &d->locs.v[id], l, lines))
			return id;
	return PROF_NONE;
}

int prof_dict_add_func(
	struct prof_dict *d, const struct prof_dict_func *f, uint32_t *id, struct prof_err *e)
{
	uint64_t hash = 0;
	int rc;

	*id = d->last_func + 1;
	if (*id >= d->funcs.n || !same_func(&d->funcs.v[*id], f)) {
		hash = func_hash(f);
		*id = find_func(d, f, hash);
	}
	if (*id != PROF_NONE) {
		d->last_func = *id;
		return 0;
	}
	if (d->funcs.n >= PROF_NONE)
		return prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET, "too many functions");
	*id = (uint32_t)d->funcs.n;
	if ((rc = prof_vec_reserve(&d->mem, &d->funcs, 1, e)) ||
		(rc = prof_index_add(&d->func_index, hash, *id, e)))
		return rc;
	d->last_func = *id;
	d->funcs.v[d->funcs.n++] = *f;
	d->indexed_funcs = d->funcs.n;
	return 0;
}

int prof_dict_add_loc(struct prof_dict *d, const struct prof_dict_loc *l,
	const struct prof_dict_line *lines, uint32_t *id, struct prof_err *e)
{
	uint64_t hash = 0;
	struct prof_dict_loc *new;
	int rc;

	*id = d->last_loc + 1;
	if (*id >= d->locs.n || !same_loc(d, &d->locs.v[*id], l, lines)) {
		hash = loc_hash(l, lines);
		*id = find_loc(d, l, lines, hash);
	}
	if (*id != PROF_NONE) {
		d->last_loc = *id;
		return 0;
	}
	if (d->locs.n >= PROF_NONE || d->lines.n + l->n_lines >= PROF_NONE)
		return prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET, "too many locations");
	*id = (uint32_t)d->locs.n;
	if ((rc = prof_vec_reserve(&d->mem, &d->locs, 1, e)) ||
		(rc = prof_vec_reserve(&d->mem, &d->lines, l->n_lines, e)) ||
		(rc = prof_index_add(&d->loc_index, hash, *id, e)))
		return rc;
	d->last_loc = *id;
	new = &d->locs.v[d->locs.n++];
	*new = *l;
	new->first_line = (uint32_t)d->lines.n;
	for (uint32_t i = 0; i < l->n_lines; i++)
		d->lines.v[d->lines.n++] = lines[i];
	d->indexed_locs = d->locs.n;
	return 0;
}

static int twice(const char *what, struct prof_err *e)
{
	return prof_fail(
		e, PROF_EFORMAT, PROF_NO_OFFSET, "is damaged: %s: a record stands twice", what);
}

static int index_nodes(struct prof_dict *d, struct prof_err *e)
{
	size_t n = d->nodes.n;
	uint64_t *hash;
	int rc = 0;

	if (d->indexed_nodes == n)
		return 0;
	hash = prof_mem_zalloc(&d->mem, n, sizeof(*hash), e);
	if (!hash)
		return PROF_ENOMEM;
	for (uint32_t i = 1; !rc && i < n; i++) {
		hash[i] = prof_node_hash(hash[d->nodes.v[i].parent], d->nodes.v[i].loc);
		if (i >= d->indexed_nodes)
			rc = prof_index_add(&d->node_index, hash[i], i, e);
	}
	d->indexed_nodes = n;
	prof_mem_zfree(&d->mem, hash, n, sizeof(*hash));
	return rc;
}

int prof_dict_index(struct prof_dict *d, struct prof_err *e)
{
	int rc = 0;

	for (; !rc && d->indexed_funcs < d->funcs.n; d->indexed_funcs++) {
		const struct prof_dict_func *f = &d->funcs.v[d->indexed_funcs];
		uint64_t hash = func_hash(f);

		if (find_func(d, f, hash) != PROF_NONE)
			return twice("functions", e);
		rc = prof_index_add(&d->func_index, hash, (uint32_t)d->indexed_funcs, e);
	}
	for (; !rc && d->indexed_locs < d->locs.n; d->indexed_locs++) {
		const struct prof_dict_loc *l = &d->locs.v[d->indexed_locs];
		const struct prof_dict_line *lines = prof_dict_lines(d, l);
		uint64_t hash = loc_hash(l, lines);

		if (find_loc(d, l, lines, hash) != PROF_NONE)
			return twice("locations", e);
		rc = prof_index_add(&d->loc_index, hash, (uint32_t)d->indexed_locs, e);
	}
	return rc ? rc : index_nodes(d, e);
}

static int out_of_range(const char *what, struct prof_err *e)
{
	return prof_fail(
		e, PROF_EFORMAT, PROF_NO_OFFSET, "is damaged: %s: an id is out of range", what);
}

static int check_build(
	const struct prof_dict *d, const struct prof_dict_build *b, struct prof_err *e)
{
	for (size_t i = 0; i < b->funcs.n; i++)
		if (!b->funcs.v[i].func || b->funcs.v[i].func >= d->funcs.n)
			return out_of_range("start lines", e);
	for (size_t i = 0; i < b->locs.n; i++)
		if (!b->locs.v[i].loc || b->locs.v[i].loc >= d->locs.n ||
			b->locs.v[i].module >= d->tables[PROF_MODULE].strs.n)
			return out_of_range("addresses", e);
	return 0;
}

int prof_dict_ready(struct prof_dict *d, struct prof_err *e)
{
	size_t strings = d->tables[PROF_STR].strs.n;

	for (size_t i = 1; i < d->funcs.n; i++)
		if (d->funcs.v[i].name >= strings || d->funcs.v[i].system_name >= strings ||
			d->funcs.v[i].file >= strings)
			return out_of_range("functions", e);
	for (size_t i = 0; i < d->lines.n; i++)
		if (!d->lines.v[i].func || d->lines.v[i].func >= d->funcs.n)
			return out_of_range("locations", e);
	for (size_t i = 1; i < d->nodes.n; i++)
		if (!d->nodes.v[i].loc || d->nodes.v[i].loc >= d->locs.n)
			return out_of_range("stacks", e);
	return 0;
}

int prof_dict_builds_ready(struct prof_dict *d, struct prof_err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < d->builds.n; i++)
		rc = check_build(d, d->builds.v[i], e);
	return rc;
}

int prof_dict_record(struct prof_dict *d, enum prof_series s, uint32_t *id, struct prof_err *e)
{
	int rc;

	if (d->key.code)
		return prof_nomem(e);
	rc = prof_strtab_add(&d->tables[s], d->key.p, d->key.n, id, e);
	d->key.n = 0;
	return rc;
}
