/* The code that a profile names, in terms of its service's dictionaries: each of the profile's ids
 * is looked up once. What is known is found by ids alone; only what is new becomes a record.
 */
#ifndef PROF_STORE_LOOKUP_H
#define PROF_STORE_LOOKUP_H

#include "libprof/store/dict.h"

struct prof_lookup_step {
	uint32_t loc, node;
};

struct prof_lookup {
	struct prof_dict *d;
	struct prof_dict_build *b;
	const struct prof_profile *p;
	struct prof_mem *mem; /* of what follows */
	struct prof_err *e;
	/* Of each of the profile's ids: what it is in the dictionaries; PROF_NONE: not known yet.
	 */
	uint32_t *str, *func, *loc, *stack;
	/* What was found last, in the dictionary or the build: what came behind it when it was new
	 * is likely to come behind it again, and nearer than a hash table is.
	 */
	uint32_t last_str, last_func, last_loc;
	PROF_VEC(uint32_t) modules; /* of the profile's mappings: filled by the caller */
	/* The stack before, root first: locations of the profile, and the nodes they led to. */
	PROF_VEC(struct prof_lookup_step) path;
};

/* Begins a profile of the dictionaries' build `build`; prof_lookup_fini ends it, also after an
 * error.
 */
int prof_lookup_init(struct prof_lookup *c, struct prof_dict *d, uint32_t build,
	const struct prof_profile *p, struct prof_mem *mem, struct prof_err *e) PROF_CHECKED;
void prof_lookup_fini(struct prof_lookup *c);

/* PROF_STR, PROF_FUNC, PROF_LOC and PROF_NODE of the profile's strings, functions, locations and
 * stacks; what is new is added.
 */
int prof_lookup_string(struct prof_lookup *c, uint32_t id, uint32_t *to) PROF_CHECKED;
int prof_lookup_function(struct prof_lookup *c, uint32_t id, uint32_t *to) PROF_CHECKED;
int prof_lookup_location(struct prof_lookup *c, uint32_t id, uint32_t *to) PROF_CHECKED;
int prof_lookup_stack(struct prof_lookup *c, uint32_t id, uint32_t *to) PROF_CHECKED;

#endif
