#include "libprof/store/code.h"

#include <string.h>

enum { CROWD = 8 };

/* The variant that a build's next entry of record `base` has. */
static int next_variant(struct prof_dict *d, struct prof_variants *used, uint32_t base,
	uint32_t *variant, struct prof_err *e)
{
	uint32_t page = base / PROF_VARIANTS;
	int rc;

	if (page >= used->n) {
		rc = prof_vec_reserve(&d->mem, used, page + 1 - used->n, e);
		if (rc)
			return rc;
		while (used->n <= page)
			used->v[used->n++] = NULL;
	}
	if (!used->v[page])
		used->v[page] = prof_mem_zalloc(&d->mem, PROF_VARIANTS, sizeof(uint32_t), e);
	if (!used->v[page])
		return PROF_ENOMEM;
	*variant = used->v[page][base % PROF_VARIANTS]++;
	return 0;
}

/* The function with the variant that comes next in this build. */
static int next_func(struct prof_dict *d, struct prof_dict_build *b, struct prof_dict_func f,
	uint32_t *id, struct prof_err *e)
{
	int rc;

	f.variant = 0;
	if ((rc = prof_dict_add_func(d, &f, id, e)) ||
		(rc = next_variant(d, &b->func_variants, *id, &f.variant, e)))
		return rc;
	return f.variant ? prof_dict_add_func(d, &f, id, e) : 0;
}

static int next_loc(struct prof_dict *d, struct prof_dict_build *b, struct prof_dict_loc l,
	const struct prof_dict_line *lines, uint32_t *id, struct prof_err *e)
{
	int rc;

	l.variant = 0;
	if ((rc = prof_dict_add_loc(d, &l, lines, id, e)) ||
		(rc = next_variant(d, &b->loc_variants, *id, &l.variant, e)))
		return rc;
	return l.variant ? prof_dict_add_loc(d, &l, lines, id, e) : 0;
}

static uint64_t func_hash(const struct prof_dict_func *f, const struct prof_build_func *x)
{
	uint64_t h = prof_hash_mix(
		(uint64_t)f->name << 32 | f->file, (uint64_t)f->system_name << 32 | x->dup);

	return prof_hash_mix(h, (uint64_t)x->start_line);
}

uint32_t prof_code_find_func(const struct prof_dict *d, const struct prof_dict_build *b,
	const struct prof_dict_func *f, const struct prof_build_func *like)
{
	struct prof_index_it it = prof_index_first(&b->func_index, func_hash(f, like));
	uint32_t i;

	while ((i = prof_index_next(&b->func_index, &it)) != PROF_NONE) {
		const struct prof_build_func *x = &b->funcs.v[i];
		const struct prof_dict_func *names = &d->funcs.v[x->func];

		if (x->start_line == like->start_line && x->dup == like->dup &&
			names->name == f->name && names->system_name == f->system_name &&
			names->file == f->file)
			return i;
	}
	return PROF_NONE;
}

int prof_code_add_func(struct prof_dict *d, struct prof_dict_build *b,
	const struct prof_dict_func *f, struct prof_build_func new, uint32_t *at,
	struct prof_err *e)
{
	int rc = prof_vec_reserve(&d->mem, &b->funcs, 1, e);

	*at = (uint32_t)b->funcs.n;
	if (rc || (rc = next_func(d, b, *f, &new.func, e)) ||
		(rc = prof_index_add(&b->func_index, func_hash(f, &new), *at, e)))
		return rc;
	b->funcs.v[b->funcs.n++] = new;
	b->twins |= new.dup != 0;
	return 0;
}

static uint64_t loc_hash(const struct prof_build_loc *x, const struct prof_dict_loc *l,
	const struct prof_dict_line *lines)
{
	uint64_t h = prof_hash_mix(
		prof_code_hash(x), (uint64_t)x->dup << 32 | (l->n_lines << 1 | l->folded));

	for (uint32_t i = 0; i < l->n_lines; i++) {
		h = prof_hash_mix(h, (uint64_t)lines[i].column << 32 ^ lines[i].func);
		h = prof_hash_mix(h, (uint64_t)lines[i].rel_line);
	}
	return h;
}

static bool same_lines(const struct prof_dict_line *a, const struct prof_dict_line *b, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (!prof_dict_same_line(&a[i], &b[i]))
			return false;
	return true;
}

static bool is_loc(const struct prof_dict *d, const struct prof_build_loc *x,
	const struct prof_dict_loc *l, const struct prof_dict_line *lines,
	const struct prof_build_loc *like)
{
	const struct prof_dict_loc *known = &d->locs.v[x->loc];

	return x->address == like->address && x->module == like->module && x->dup == like->dup &&
	       known->n_lines == l->n_lines && known->folded == l->folded &&
	       same_lines(prof_dict_lines(d, known), lines, l->n_lines);
}

uint32_t prof_code_find_loc(const struct prof_dict *d, const struct prof_dict_build *b,
	const struct prof_dict_loc *l, const struct prof_dict_line *lines,
	const struct prof_build_loc *like)
{
	struct prof_index_it it = prof_index_first(&b->at, prof_code_hash(like));
	unsigned there = 0;
	uint32_t i;

	for (; (i = prof_index_next(&b->at, &it)) != PROF_NONE; there++)
		if (is_loc(d, &b->locs.v[i], l, lines, like))
			return i;
	if (there < CROWD)
		return PROF_NONE;
	it = prof_index_first(&b->crowded, loc_hash(like, l, lines));
	while ((i = prof_index_next(&b->crowded, &it)) != PROF_NONE)
		if (is_loc(d, &b->locs.v[i], l, lines, like))
			return i;
	return PROF_NONE;
}

/* Entry i of the build, which is not found yet. */
static int index_entry(struct prof_dict_build *b, uint32_t i, const struct prof_build_loc *x,
	const struct prof_dict_loc *l, const struct prof_dict_line *lines, struct prof_err *e)
{
	uint64_t hash = prof_code_hash(x);
	struct prof_index_it it = prof_index_first(&b->at, hash);
	unsigned there = 0;

	while (there < CROWD && prof_index_next(&b->at, &it) != PROF_NONE)
		there++;
	return there < CROWD ? prof_index_add(&b->at, hash, i, e)
			     : prof_index_add(&b->crowded, loc_hash(x, l, lines), i, e);
}

int prof_code_add_loc(struct prof_dict *d, struct prof_dict_build *b, const struct prof_dict_loc *l,
	const struct prof_dict_line *lines, struct prof_build_loc new, const uint32_t *funcs,
	uint32_t *at, struct prof_err *e)
{
	int rc;

	*at = (uint32_t)b->locs.n;
	new.line_funcs = (uint32_t)b->line_funcs.n;
	if ((rc = prof_vec_reserve(&d->mem, &b->locs, 1, e)) ||
		(rc = prof_vec_reserve(&d->mem, &b->line_funcs, l->n_lines, e)) ||
		(rc = next_loc(d, b, *l, lines, &new.loc, e)) ||
		(rc = index_entry(b, *at, &new, l, lines, e)))
		return rc;
	b->locs.v[b->locs.n++] = new;
	for (uint32_t i = 0; i < l->n_lines; i++)
		b->line_funcs.v[b->line_funcs.n++] = funcs[i];
	b->twins |= new.dup != 0;
	return 0;
}

/* Of each of the dictionary's functions its place in the build. */
static int places(
	struct prof_dict *d, const struct prof_dict_build *b, uint32_t **out, struct prof_err *e)
{
	size_t n = d->funcs.n;
	uint32_t *place = prof_mem_resize(&d->mem, NULL, 0, n * sizeof(*place), e);

	*out = place;
	if (!place)
		return PROF_ENOMEM;
	memset(place, 0xff, n * sizeof(*place));
	for (uint32_t i = 0; i < b->funcs.n; i++)
		place[b->funcs.v[i].func] = i;
	return 0;
}

static int index_func(
	struct prof_dict *d, struct prof_dict_build *b, uint32_t i, struct prof_err *e)
{
	const struct prof_build_func *x = &b->funcs.v[i];
	struct prof_dict_func f = d->funcs.v[x->func];
	uint32_t base, variant;
	int rc = prof_index_add(&b->func_index, func_hash(&f, x), i, e);

	b->twins |= x->dup != 0;
	f.variant = 0;
	if (!rc)
		rc = prof_dict_add_func(d, &f, &base, e);
	return rc ? rc : next_variant(d, &b->func_variants, base, &variant, e);
}

static int index_loc(struct prof_dict *d, struct prof_dict_build *b, uint32_t i,
	const uint32_t *place, struct prof_err *e)
{
	struct prof_build_loc *x = &b->locs.v[i];
	struct prof_dict_loc l = d->locs.v[x->loc];
	uint32_t base, variant;
	int rc = prof_vec_reserve(&d->mem, &b->line_funcs, l.n_lines, e);

	if (!rc)
		rc = prof_vec_reserve(&d->mem, &d->lines, l.n_lines, e); /* nothing moves below */
	if (!rc)
		rc = index_entry(b, i, x, &l, prof_dict_lines(d, &l), e);
	if (rc)
		return rc;
	b->twins |= x->dup != 0;
	x->line_funcs = (uint32_t)b->line_funcs.n;
	for (uint32_t k = 0; k < l.n_lines; k++)
		b->line_funcs.v[b->line_funcs.n++] = place[d->lines.v[l.first_line + k].func];
	l.variant = 0;
	rc = prof_dict_add_loc(d, &l, prof_dict_lines(d, &l), &base, e);
	return rc ? rc : next_variant(d, &b->loc_variants, base, &variant, e);
}

int prof_code_index(struct prof_dict *d, struct prof_dict_build *b, struct prof_err *e)
{
	size_t n = d->funcs.n;
	uint32_t *place;
	int rc = 0;

	if (b->indexed)
		return 0;
	b->indexed = true;
	prof_index_init(&b->func_index, &d->mem);
	prof_index_init(&b->at, &d->mem);
	prof_index_init(&b->crowded, &d->mem);
	if ((rc = places(d, b, &place, e)))
		return rc;
	for (uint32_t i = 0; !rc && i < b->funcs.n; i++)
		rc = index_func(d, b, i, e);
	for (uint32_t i = 0; !rc && i < b->locs.n; i++)
		rc = index_loc(d, b, i, place, e);
	prof_mem_free(&d->mem, place, n * sizeof(*place));
	return rc;
}
