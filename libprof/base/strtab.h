/* Interned strings: equal bytes have the same dense id. Id 0 is the empty string.
 * Strings are bytes, of any encoding and possibly with NULs inside; one more NUL follows each.
 */
#ifndef PROF_BASE_STRTAB_H
#define PROF_BASE_STRTAB_H

#include <stdbool.h>

#include "libprof/base/arena.h"
#include "libprof/base/hash.h"

struct prof_str {
	const char *p;
	uint32_t len;
};

#define PROF_STR(literal) ((struct prof_str){(literal), sizeof(literal) - 1})

struct prof_strtab {
	struct prof_arena arena;
	struct prof_index index;
	PROF_VEC(struct prof_str) strs;
};

/* Interns "" as id 0. */
int prof_strtab_init(struct prof_strtab *t, struct prof_mem *mem, struct prof_err *e) PROF_CHECKED;
void prof_strtab_fini(struct prof_strtab *t);

/* The id of the len bytes at p, which are copied when they are new. */
int prof_strtab_add(struct prof_strtab *t, const char *p, size_t len, uint32_t *id,
	struct prof_err *e) PROF_CHECKED;

/* Makes room for so many more at once. */
int prof_strtab_reserve(struct prof_strtab *t, size_t more, struct prof_err *e) PROF_CHECKED;

/* The id of a string that is there already, or PROF_NONE. */
uint32_t prof_strtab_find(const struct prof_strtab *t, struct prof_str s);

static inline struct prof_str prof_strtab_get(const struct prof_strtab *t, uint32_t id)
{
	return t->strs.v[id];
}

struct prof_str prof_str_of(const char *c);
bool prof_str_eq(struct prof_str a, struct prof_str b);

/* Bytewise order, as Go compares strings. */
int prof_str_cmp(struct prof_str a, struct prof_str b);
bool prof_str_has_prefix(struct prof_str s, const char *prefix);

bool prof_str_contains(struct prof_str s, const char *part);

/* What is behind the last '/', as Go's filepath.Base: "/" for all slashes, "." for "". */
struct prof_str prof_str_base(struct prof_str path);

#endif
