/* What a build knows of the functions and locations of its service: start lines, modules,
 * addresses, and which is which. Entries are found by all that a profile says of them.
 */
#ifndef PROF_STORE_CODE_H
#define PROF_STORE_CODE_H

#include "libprof/store/dict.h"

/* To be called before all below: a build that was loaded has no tables yet. Behind
 * prof_dict_index.
 */
int prof_code_index(
	struct prof_dict *d, struct prof_dict_build *b, struct prof_err *e) PROF_CHECKED;

/* The place in b->funcs of the function with those names, and the start line and dup of `like`, or
 * PROF_NONE.
 */
uint32_t prof_code_find_func(const struct prof_dict *d, const struct prof_dict_build *b,
	const struct prof_dict_func *f, const struct prof_build_func *like);

/* The place in b->locs of the location with those lines (l->first_line does not count), and the
 * module, address and dup of `like`, or PROF_NONE.
 */
uint32_t prof_code_find_loc(const struct prof_dict *d, const struct prof_dict_build *b,
	const struct prof_dict_loc *l, const struct prof_dict_line *lines,
	const struct prof_build_loc *like);

/* Add what was not found, and what is new of it to the dictionaries. `funcs`: the places in
 * b->funcs of the lines' functions.
 */
int prof_code_add_func(struct prof_dict *d, struct prof_dict_build *b,
	const struct prof_dict_func *f, struct prof_build_func new, uint32_t *at,
	struct prof_err *e) PROF_CHECKED;
int prof_code_add_loc(struct prof_dict *d, struct prof_dict_build *b, const struct prof_dict_loc *l,
	const struct prof_dict_line *lines, struct prof_build_loc new, const uint32_t *funcs,
	uint32_t *at, struct prof_err *e) PROF_CHECKED;

/* What b->at goes by: where an entry stands. */
static inline uint64_t prof_code_hash(const struct prof_build_loc *x)
{
	return prof_hash_mix(x->address, x->module);
}

#endif
