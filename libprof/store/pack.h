/* A profile in terms of its service's dictionaries: what is left is a node, a set of labels and the
 * values of each sample, and the ids of the rest.
 */
#ifndef PROF_STORE_PACK_H
#define PROF_STORE_PACK_H

#include "libprof/store/dict.h"

struct prof_packed {
	struct prof_mem mem;
	uint32_t build; /* index of the dictionaries' builds */
	uint32_t head, maps; /* PROF_HEAD, PROF_MAPS */
	int64_t time_ns, duration_ns, period; /* as the profile has them */
	uint64_t unknown_fields;
	PROF_VEC(uint32_t) nodes; /* one a sample */
	PROF_VEC(uint32_t) sets; /* PROF_SET, likewise */
	PROF_VEC(struct prof_column) values; /* one column a type, likewise */
	PROF_VEC(int64_t) sizes; /* likewise: prof_samples_sizes */
	PROF_VEC(uint32_t) order; /* the samples by node, then set: prof_samples_sort */
	PROF_VEC(uint32_t) spare_locs; /* PROF_LOC: in the profile, but in none of its stacks */
	PROF_VEC(uint32_t) spare_funcs; /* PROF_FUNC: in the profile, but in no location */
	bool sorted; /* samples are in the order of their nodes, which was not the profile's */
};

void prof_packed_init(struct prof_packed *k, uint64_t memory_bytes);
void prof_packed_fini(struct prof_packed *k);

/* Adds what is new in `p`, a profile of build `build`, to the dictionaries; its value columns go
 * over to *k (and are empty in p). PROF_ENOMEM, PROF_ELIMIT; what was added until then stays, to no
 * harm.
 */
int prof_pack(struct prof_dict *d, uint32_t build, struct prof_profile *p, struct prof_packed *k,
	struct prof_err *e) PROF_CHECKED;

/* The profile that was packed: equal, but for ids, for the order of locations and functions, and
 * for the order of samples where k->sorted. Takes over the value columns of *k. PROF_EFORMAT when k
 * does not fit the dictionaries.
 */
int prof_unpack(const struct prof_dict *d, struct prof_packed *k, const struct prof_limits *limits,
	struct prof_profile **out, struct prof_err *e) PROF_CHECKED;

/* The same for samples of several builds, whose functions count and not where they stood: lines and
 * addresses are those of the first of `builds` that has the code, mappings those of k->maps. *out
 * is NULL where a build could be told from another by more than that: code without names, files
 * that are called differently.
 */
int prof_unpack_functions(const struct prof_dict *d, struct prof_packed *k, const uint32_t *builds,
	size_t n, const struct prof_limits *limits, struct prof_profile **out,
	struct prof_err *e) PROF_CHECKED;

/* Moves n columns, and what they are charged for, from one owner to another. */
int prof_move_columns(struct prof_mem *from, struct prof_column *v, size_t n, struct prof_mem *to,
	struct prof_column *out, struct prof_err *e) PROF_CHECKED;

#endif
