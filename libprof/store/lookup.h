/* The code that a profile names, in terms of its service's dictionaries: each of the profile's ids
 * is looked up once. What is known is found by ids alone; only what is new becomes a record.
 */
#ifndef PROF_STORE_LOOKUP_H
#define PROF_STORE_LOOKUP_H

#include "libprof/store/code.h"

struct prof_lookup_step {
	uint32_t id; /* of the profile's location */
	uint64_t hash; /* of the path up to there */
};

struct prof_lookup {
	struct prof_dict *d;
	struct prof_dict_build *b;
	const struct prof_profile *p;
	struct prof_mem *mem; /* of what follows */
	struct prof_err *e;
	/* Of each of the profile's ids: what it is in the dictionaries, of functions: in the build;
	 * PROF_NONE: not known yet.
	 */
	uint32_t *str, *func, *loc;
	/* The string that was found last: what came behind it when it was new is likely to come
	 * behind it again.
	 */
	uint32_t last_str;
	bool *used; /* of each of the profile's locations: it was asked for */
	PROF_VEC(struct prof_dict_line) lines; /* of the location that is looked up */
	PROF_VEC(uint32_t) line_funcs; /* likewise: the places of their functions in the build */
	PROF_VEC(uint32_t) modules; /* of the profile's mappings: filled by the caller */
	/* The stack before, root first: the one that was hashed, and the one that was found. */
	PROF_VEC(struct prof_lookup_step) path;
	PROF_VEC(uint32_t) nodes; /* of so many as `path` had; n does not count */
};

/* Begins a profile of the dictionaries' build `build`; prof_lookup_fini ends it, also after an
 * error.
 */
int prof_lookup_init(struct prof_lookup *c, struct prof_dict *d, uint32_t build,
	const struct prof_profile *p, struct prof_mem *mem, struct prof_err *e) PROF_CHECKED;
void prof_lookup_fini(struct prof_lookup *c);

/* Finds the locations that the build has already, all at once: faster than one by one. */
void prof_lookup_known(struct prof_lookup *c);

/* PROF_STR, PROF_FUNC and PROF_LOC of the profile's strings, functions and locations; what is new
 * is added.
 */
int prof_lookup_string(struct prof_lookup *c, uint32_t id, uint32_t *to) PROF_CHECKED;
int prof_lookup_function(struct prof_lookup *c, uint32_t id, uint32_t *to) PROF_CHECKED;
int prof_lookup_location(struct prof_lookup *c, uint32_t id, uint32_t *to) PROF_CHECKED;

/* PROF_NODE of n of the profile's stacks; what is new is added. */
int prof_lookup_stacks(
	struct prof_lookup *c, const uint32_t *ids, size_t n, uint32_t *to) PROF_CHECKED;

#endif
