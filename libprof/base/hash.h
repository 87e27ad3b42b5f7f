/* Hashing, and an index from hashes to dense ids: the one hash table of the library.
 *
 * The index stores only (hash, id); the records and what makes two of them equal stay with the
 * user, so strings, label sets and graph nodes share it:
 *
 *	struct prof_index_it it = prof_index_first(x, hash);
 *	for (id = prof_index_next(x, &it); id != PROF_NONE; id = prof_index_next(x, &it))
 *		if (same(&records[id], key))
 *			return id;
 *	prof_index_add(x, hash, new_id, e);
 *
 * Hashes are not seeded: tables are bounded by the input's size and probing is by a mixed 32-bit
 * hash; strings that collide on purpose cost time in proportion to their number squared only past
 * the limit that `prof_index_add` puts on the length of a run (PROF_ELIMIT).
 */
#ifndef PROF_BASE_HASH_H
#define PROF_BASE_HASH_H

#include <stdint.h>

#include "libprof/base/mem.h"

#define PROF_NONE UINT32_MAX

uint64_t prof_hash_bytes(const void *p, size_t len);

static inline uint64_t prof_hash_mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15u;
	h = (h ^ h >> 32) * 0xd6e8feb86659fd93u;
	return h ^ h >> 29;
}

struct prof_index_slot {
	uint32_t hash, id;
};

struct prof_index {
	struct prof_mem *mem;
	struct prof_index_slot *slots;
	uint32_t mask, n; /* mask + 1 slots, n of them used */
};

struct prof_index_it {
	uint32_t pos, hash;
};

void prof_index_init(struct prof_index *x, struct prof_mem *mem);
void prof_index_fini(struct prof_index *x);

/* Makes room for so many more at once. */
int prof_index_reserve(struct prof_index *x, size_t more, struct prof_err *e) PROF_CHECKED;
int prof_index_add(
	struct prof_index *x, uint64_t hash, uint32_t id, struct prof_err *e) PROF_CHECKED;

static inline uint32_t prof_index_fold(uint64_t hash)
{
	return (uint32_t)(hash ^ hash >> 32);
}

static inline struct prof_index_it prof_index_first(const struct prof_index *x, uint64_t hash)
{
	uint32_t h = prof_index_fold(hash);

	return (struct prof_index_it){.pos = h & x->mask, .hash = h};
}

/* The next id with the iterator's hash, or PROF_NONE. */
static inline uint32_t prof_index_next(const struct prof_index *x, struct prof_index_it *it)
{
	while (x->slots && x->slots[it->pos].id != PROF_NONE) {
		struct prof_index_slot s = x->slots[it->pos];

		it->pos = (it->pos + 1) & x->mask;
		if (s.hash == it->hash)
			return s.id;
	}
	return PROF_NONE;
}

/* uint64_t -> uint32_t, for the sparse ids of files. */
struct prof_map64 {
	struct prof_index index;
	PROF_VEC(uint64_t) keys;
	PROF_VEC(uint32_t) values;
};

void prof_map64_init(struct prof_map64 *m, struct prof_mem *mem);
void prof_map64_fini(struct prof_map64 *m);

/* The value of `key`, or PROF_NONE. */
uint32_t prof_map64_get(const struct prof_map64 *m, uint64_t key);

/* Adds a key that is not there yet. */
int prof_map64_add(
	struct prof_map64 *m, uint64_t key, uint32_t value, struct prof_err *e) PROF_CHECKED;

#endif
