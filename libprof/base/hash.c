#include "libprof/base/hash.h"

#include <string.h>

enum {
	MIN_SLOTS = 64,
	/* At half load a run this long does not happen by chance: somebody made it. */
	MAX_RUN = 4096,
};

uint64_t prof_hash_bytes(const void *p, size_t len)
{
	const uint8_t *b = p;
	uint64_t h = len * 0x9e3779b97f4a7c15u, v;

	for (; len >= 8; b += 8, len -= 8) {
		memcpy(&v, b, 8);
		h = prof_hash_mix(h, v);
	}
	if (len) {
		v = 0;
		memcpy(&v, b, len);
		h = prof_hash_mix(h, v);
	}
	return prof_hash_mix(h, h >> 32);
}

void prof_index_init(struct prof_index *x, struct prof_mem *mem)
{
	*x = (struct prof_index){.mem = mem};
}

void prof_index_fini(struct prof_index *x)
{
	if (x->slots)
		prof_mem_free(x->mem, x->slots, ((size_t)x->mask + 1) * sizeof(*x->slots));
	x->slots = NULL;
	x->mask = x->n = 0;
}

static void place(struct prof_index_slot *slots, uint32_t mask, struct prof_index_slot s)
{
	uint32_t pos = s.hash & mask;

	while (slots[pos].id != PROF_NONE)
		pos = (pos + 1) & mask;
	slots[pos] = s;
}

static int resize(struct prof_index *x, size_t n, struct prof_err *e)
{
	size_t old_n = x->slots ? (size_t)x->mask + 1 : 0;
	struct prof_index_slot *slots;

	if (n > (size_t)1 << 31)
		return prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET, "too many distinct entries");
	slots = prof_mem_resize(x->mem, NULL, 0, n * sizeof(*slots), e);
	if (!slots)
		return e ? e->code : PROF_ENOMEM;
	memset(slots, 0xff, n * sizeof(*slots));
	for (size_t i = 0; i < old_n; i++)
		if (x->slots[i].id != PROF_NONE)
			place(slots, (uint32_t)n - 1, x->slots[i]);
	if (x->slots)
		prof_mem_free(x->mem, x->slots, old_n * sizeof(*slots));
	x->slots = slots;
	x->mask = (uint32_t)n - 1;
	return 0;
}

int prof_index_reserve(struct prof_index *x, size_t more, struct prof_err *e)
{
	size_t n = MIN_SLOTS;

	while (n <= (size_t)1 << 31 && n / 2 < x->n + more)
		n *= 2;
	return x->slots && n <= (size_t)x->mask + 1 ? 0 : resize(x, n, e);
}

int prof_index_add(struct prof_index *x, uint64_t hash, uint32_t id, struct prof_err *e)
{
	struct prof_index_slot s = {.hash = prof_index_fold(hash), .id = id};
	uint32_t pos, run = 0;
	int rc;

	if (!x->slots || x->n > x->mask / 2) {
		rc = resize(x, x->slots ? ((size_t)x->mask + 1) * 2 : MIN_SLOTS, e);
		if (rc)
			return rc;
	}
	for (pos = s.hash & x->mask; x->slots[pos].id != PROF_NONE; pos = (pos + 1) & x->mask)
		if (++run > MAX_RUN)
			return prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET,
				"more than %d entries were made to collide in a hash table",
				MAX_RUN);
	x->slots[pos] = s;
	x->n++;
	return 0;
}

void prof_map64_init(struct prof_map64 *m, struct prof_mem *mem)
{
	*m = (struct prof_map64){0};
	prof_index_init(&m->index, mem);
}

void prof_map64_fini(struct prof_map64 *m)
{
	prof_vec_fini(m->index.mem, &m->keys);
	prof_vec_fini(m->index.mem, &m->values);
	prof_index_fini(&m->index);
}

uint32_t prof_map64_get(const struct prof_map64 *m, uint64_t key)
{
	struct prof_index_it it = prof_index_first(&m->index, prof_hash_mix(0, key));
	uint32_t i;

	while ((i = prof_index_next(&m->index, &it)) != PROF_NONE)
		if (m->keys.v[i] == key)
			return m->values.v[i];
	return PROF_NONE;
}

int prof_map64_add(struct prof_map64 *m, uint64_t key, uint32_t value, struct prof_err *e)
{
	struct prof_mem *mem = m->index.mem;
	int rc;

	if ((rc = prof_vec_reserve(mem, &m->keys, 1, e)) ||
		(rc = prof_vec_reserve(mem, &m->values, 1, e)) ||
		(rc = prof_index_add(&m->index, prof_hash_mix(0, key), (uint32_t)m->keys.n, e)))
		return rc;
	m->keys.v[m->keys.n++] = key;
	m->values.v[m->values.n++] = value;
	return 0;
}
