/* The ids that a file gives its mappings, functions and locations, and references to them that are
 * read before what they refer to. A reference is kept in 32 bits: the id itself when it is below
 * 2^31, else the number of a large id in a side table. prof_ids_resolve turns references into dense
 * indices once all ids are known.
 */
#ifndef PROF_READ_IDS_H
#define PROF_READ_IDS_H

#include <stdbool.h>

#include "libprof/base/hash.h"

struct prof_ids {
	const char *what; /* "location" … for messages */
	struct prof_mem *mem;
	PROF_VEC(uint64_t) ids; /* of the entities, in file order */
	struct prof_map64 large; /* large ids -> their number */
	struct prof_map64 sparse; /* reference -> dense index, when `table` would be too large */
	uint32_t *table; /* reference -> dense index, table_n entries */
	size_t table_n;
	bool in_order; /* ids are 1, 2, 3 … */
};

void prof_ids_init(struct prof_ids *x, struct prof_mem *mem, const char *what);
void prof_ids_fini(struct prof_ids *x);

/* An entity's own id. Order of calls is the dense order. */
int prof_ids_add(struct prof_ids *x, uint64_t id, struct prof_err *e) PROF_CHECKED;

/* Encodes a reference whose id does not fit: PROF_LIMIT past 2^31 different ones. */
int prof_ids_large(struct prof_ids *x, uint64_t id, uint32_t *ref, struct prof_err *e) PROF_CHECKED;

static inline int prof_ids_ref(struct prof_ids *x, uint64_t id, uint32_t *ref, struct prof_err *e)
{
	*ref = (uint32_t)id;
	return id < 1u << 31 ? 0 : prof_ids_large(x, id, ref, e);
}

/* After the last id: checks that none is 0 and none stands twice. *bad is the dense index of the
 * one that is wrong.
 */
int prof_ids_freeze(struct prof_ids *x, size_t *bad, struct prof_err *e) PROF_CHECKED;

/* The dense index of a reference, or PROF_NONE. */
uint32_t prof_ids_get(const struct prof_ids *x, uint32_t ref);

/* Resolves n references in place; n when all lead somewhere, else the first that does not. */
size_t prof_ids_resolve(const struct prof_ids *x, uint32_t *refs, size_t n);

/* The id that a reference stood for, for messages. */
uint64_t prof_ids_name(const struct prof_ids *x, uint32_t ref);

#endif
