/* From the sparse 64-bit ids of files to dense ones, for ids that come and go: entries can be
 * removed, and memory is that of the most that were there at one time.
 *
 * Consecutive ids, the usual ones, spread evenly. Ids that collide on purpose meet PROF_ELIMIT.
 */
#ifndef PROF_BASE_IDMAP_H
#define PROF_BASE_IDMAP_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "libprof/base/hash.h"

struct prof_idmap_slot {
	uint64_t key;
	uint32_t value; /* PROF_NONE: free */
};

struct prof_idmap {
	struct prof_mem *mem;
	struct prof_idmap_slot *slots;
	uint32_t n, mask; /* entries; mask + 1 slots */
	unsigned shift;
};

void prof_idmap_init(struct prof_idmap *m, struct prof_mem *mem);
void prof_idmap_fini(struct prof_idmap *m);

/* Adds a key that is not there; `value` is not PROF_NONE. */
int prof_idmap_add(
	struct prof_idmap *m, uint64_t key, uint32_t value, struct prof_err *e) PROF_CHECKED;

/* Removes a key that may be there. */
void prof_idmap_remove(struct prof_idmap *m, uint64_t key);

/* Removes all; keeps the memory. */
void prof_idmap_clear(struct prof_idmap *m);

static inline uint32_t prof_idmap_place(const struct prof_idmap *m, uint64_t key)
{
	return (uint32_t)(key * 0x9e3779b97f4a7c15u >> m->shift);
}

/* The value of a key, or PROF_NONE. */
static inline uint32_t prof_idmap_get(const struct prof_idmap *m, uint64_t key)
{
	if (!m->n)
		return PROF_NONE;
	for (uint32_t i = prof_idmap_place(m, key);; i = (i + 1) & m->mask)
		if (m->slots[i].key == key || m->slots[i].value == PROF_NONE)
			return m->slots[i].value;
}

#endif
