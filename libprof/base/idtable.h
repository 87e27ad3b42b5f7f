/* From the ids that a file gives its strings and stacks to dense ones: for ids that count up, and a
 * few that are made up.
 */
#ifndef PROF_BASE_IDTABLE_H
#define PROF_BASE_IDTABLE_H

#include "libprof/base/idmap.h"

#define PROF_IDTABLE_DENSE (UINT32_C(1) << 20) /* ids from here on are few */

struct prof_idtable {
	struct prof_mem *mem;
	PROF_VEC(uint32_t) dense; /* PROF_NONE: absent */
	struct prof_idmap sparse;
};

void prof_idtable_init(struct prof_idtable *t, struct prof_mem *mem);
void prof_idtable_fini(struct prof_idtable *t);

/* Removes all; keeps the memory. */
void prof_idtable_clear(struct prof_idtable *t);

/* Sets the value of an id that has none; it is not PROF_NONE. */
int prof_idtable_set(
	struct prof_idtable *t, uint64_t id, uint32_t value, struct prof_err *e) PROF_CHECKED;

/* The value of an id, or PROF_NONE. */
static inline uint32_t prof_idtable_get(const struct prof_idtable *t, uint64_t id)
{
	if (id < t->dense.n)
		return t->dense.v[id];
	return id < PROF_IDTABLE_DENSE ? PROF_NONE : prof_idmap_get(&t->sparse, id);
}

#endif
