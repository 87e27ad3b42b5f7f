#include "libprof/read/ids.h"

#include <string.h>

#define LARGE (1u << 31)

void prof_ids_init(struct prof_ids *x, struct prof_mem *mem, const char *what)
{
	*x = (struct prof_ids){.what = what, .mem = mem, .in_order = true};
	prof_map64_init(&x->large, mem);
	prof_map64_init(&x->sparse, mem);
}

void prof_ids_fini(struct prof_ids *x)
{
	prof_vec_fini(x->mem, &x->ids);
	prof_map64_fini(&x->large);
	prof_map64_fini(&x->sparse);
	prof_mem_zfree(x->mem, x->table, x->table_n, sizeof(*x->table));
	x->table = NULL;
}

int prof_ids_add(struct prof_ids *x, uint64_t id, struct prof_err *e)
{
	int rc = prof_vec_reserve(x->mem, &x->ids, 1, e);

	if (rc)
		return rc;
	if (x->ids.n >= LARGE - 1)
		return prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET, "too many %ss", x->what);
	x->ids.v[x->ids.n++] = id;
	x->in_order &= id == x->ids.n;
	return 0;
}

int prof_ids_large(struct prof_ids *x, uint64_t id, uint32_t *ref, struct prof_err *e)
{
	uint32_t number = prof_map64_get(&x->large, id);

	if (number == PROF_NONE) {
		int rc;

		number = (uint32_t)x->large.keys.n;
		if (number >= LARGE - 1)
			return prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET, "too many ids");
		rc = prof_map64_add(&x->large, id, number, e);
		if (rc)
			return rc;
	}
	*ref = LARGE | number;
	return 0;
}

/* A table from ids to indices where the ids are dense enough for one to pay. */
static int make_table(struct prof_ids *x, struct prof_err *e)
{
	uint64_t max = 0;

	for (size_t i = 0; i < x->ids.n; i++)
		if (x->ids.v[i] > max)
			max = x->ids.v[i];
	if (max >= LARGE || max > 8 * (uint64_t)x->ids.n + 4096)
		return 0;
	x->table = prof_mem_resize(x->mem, NULL, 0, (max + 1) * sizeof(*x->table), e);
	if (!x->table)
		return e ? e->code : PROF_ENOMEM;
	x->table_n = (size_t)max + 1;
	memset(x->table, 0xff, x->table_n * sizeof(*x->table));
	return 0;
}

/* Where the index of `ref` is kept; PROF_NONE: not set yet. */
static int set(struct prof_ids *x, uint32_t ref, uint32_t index, bool *twice, struct prof_err *e)
{
	if (x->table) {
		*twice = x->table[ref] != PROF_NONE;
		x->table[ref] = index;
		return 0;
	}
	*twice = prof_map64_get(&x->sparse, ref) != PROF_NONE;
	return *twice ? 0 : prof_map64_add(&x->sparse, ref, index, e);
}

int prof_ids_freeze(struct prof_ids *x, size_t *bad, struct prof_err *e)
{
	int rc;

	*bad = 0;
	if (x->in_order)
		return 0;
	rc = make_table(x, e);
	if (rc)
		return rc;
	for (size_t i = 0; i < x->ids.n; i++) {
		uint64_t id = x->ids.v[i];
		uint32_t ref;
		bool twice;

		*bad = i;
		if (!id)
			return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
				"%s with the reserved id 0", x->what);
		if ((rc = prof_ids_ref(x, id, &ref, e)) ||
			(rc = set(x, ref, (uint32_t)i, &twice, e)))
			return rc;
		if (twice)
			return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
				"two %ss have the id %llu", x->what, (unsigned long long)id);
	}
	return 0;
}

uint32_t prof_ids_get(const struct prof_ids *x, uint32_t ref)
{
	if (x->in_order)
		return ref - 1 < x->ids.n ? ref - 1 : PROF_NONE;
	if (x->table)
		return ref < x->table_n ? x->table[ref] : PROF_NONE;
	return prof_map64_get(&x->sparse, ref);
}

size_t prof_ids_resolve(const struct prof_ids *x, uint32_t *refs, size_t n)
{
	uint32_t over = 0, limit = (uint32_t)x->ids.n;

	if (x->in_order) {
		/* No branch in the loop: it is the longest one that decoding has. */
		for (size_t i = 0; i < n; i++)
			over |= --refs[i] >= limit;
		if (!over)
			return n;
		for (size_t i = 0; i < n; i++)
			refs[i]++;
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t index = prof_ids_get(x, refs[i]);

		if (index == PROF_NONE)
			return i;
		refs[i] = index;
	}
	return n;
}

uint64_t prof_ids_name(const struct prof_ids *x, uint32_t ref)
{
	return ref & LARGE ? x->large.keys.v[ref & ~LARGE] : ref;
}
