/* What the profiles of one service share: its dictionaries and its tree of stacks, in memory.
 *
 * A dictionary is a list of different records; a record's place is its id, and id 0 is the empty
 * record ("", no location, no labels, no mappings). Records are bytes, of varints but for strings:
 *
 *	PROF_STR	the string
 *	PROF_FUNC	name, system name - name, file, variant
 *	PROF_LOC	lines * 2 + folded, then a line: function, line - the function's start line,
 *			column; variant
 *	PROF_SET	a set of labels; a label: key, string?, string, number, unit
 *	PROF_HEAD	types, period type, default type, drop and keep frames, doc URL, comments
 *	PROF_MODULE	mapped file, build id, how many of the same stood before it in the profile
 *	PROF_MAPS	a profile's mappings; one: module, start, limit, offset, has
 *
 * Differences are signed varints, all else that is not a count or an id too. Stacks are paths of a
 * tree: a node is its parent and a location, node 0 is the root of all.
 *
 * A nightly build moves lines and addresses, not the code: so records hold neither. A build knows
 * the start line of each of its functions and module and address (from the mapping's start) of each
 * of its locations. Two that only differ in these are told apart by `variant`: 0, 1, 2 … in the
 * order in which a build came across them; so the next build's stacks are mostly the nodes that are
 * there already. What a profile holds twice, field by field, is told apart by `dup`, likewise.
 */
#ifndef PROF_STORE_DICT_H
#define PROF_STORE_DICT_H

#include "libprof/model/profile.h"
#include "libprof/store/seal.h"

enum prof_series {
	PROF_STR,
	PROF_FUNC,
	PROF_LOC,
	PROF_SET,
	PROF_HEAD,
	PROF_MODULE,
	PROF_MAPS,
	PROF_TABLES, /* how many there are */
	PROF_NODE = PROF_TABLES, /* the tree */
	PROF_BUILD_FUNC, /* of one build: start lines */
	PROF_BUILD_LOC, /* of one build: modules and addresses */
	PROF_SERIES,
};

struct prof_node {
	uint32_t parent, loc; /* parent < the node's own id, but for the root */
};

struct prof_dict_func {
	uint32_t name, system_name, file; /* PROF_STR */
	uint32_t variant;
};

struct prof_dict_line {
	uint32_t func;
	int64_t rel_line, column;
};

struct prof_dict_loc {
	uint32_t first_line, n_lines;
	uint32_t variant;
	bool folded;
};

/* stamp and dups belong to the profile under way. */
struct prof_build_func {
	uint32_t func, dup, stamp, dups;
	int64_t start_line;
};

struct prof_build_loc {
	uint32_t loc, dup, stamp, dups;
	uint32_t module;
	uint32_t line_funcs; /* where in the build's its lines begin, once that is indexed */
	uint64_t address; /* from the start of its mapping */
};

/* How many variants a build has of each record, by the id of the one with variant 0; in pages, NULL
 * where it has none.
 */
enum { PROF_VARIANTS = 1024 };
struct prof_variants {
	uint32_t **v;
	size_t n, cap;
};

struct prof_dict_build {
	PROF_VEC(struct prof_build_func) funcs;
	PROF_VEC(struct prof_build_loc) locs;
	/* Begun by prof_code_index: */
	struct prof_index func_index;
	struct prof_index at; /* of `locs`, by module and address: of each a few */
	struct prof_index crowded; /* of the others, by all that is known of them */
	struct prof_variants func_variants, loc_variants;
	PROF_VEC(uint32_t) line_funcs; /* of the lines of each of `locs`: the place in `funcs` */
	bool indexed;
	bool twins; /* an entry has a dup that is not 0 */
};

struct prof_dict {
	struct prof_mem mem;
	struct prof_strtab tables[PROF_TABLES]; /* none of PROF_FUNC and PROF_LOC, which follow */
	PROF_VEC(struct prof_dict_func) funcs;
	PROF_VEC(struct prof_dict_loc) locs;
	PROF_VEC(struct prof_dict_line) lines;
	PROF_VEC(struct prof_node) nodes;
	/* Of the first so many, which prof_dict_index makes all: what was loaded is not looked up
	 * in before something is added.
	 */
	struct prof_index func_index, loc_index, node_index;
	size_t indexed_funcs, indexed_locs, indexed_nodes;
	/* What was found last: what came behind it when it was new is likely to come behind it
	 * again, and nearer than a hash table is.
	 */
	uint32_t last_func, last_loc;
	PROF_VEC(struct prof_dict_build *) builds;
	uint32_t stamp; /* of the last profile that was packed */
	PROF_VEC(uint32_t) module_seen; /* scratch, all 0 */
	struct prof_buf key; /* scratch */
};

int prof_dict_init(struct prof_dict *d, uint64_t memory_bytes, struct prof_err *e) PROF_CHECKED;
void prof_dict_fini(struct prof_dict *d);

/* Appends an empty build; its index is builds.n - 1. */
int prof_dict_add_build(struct prof_dict *d, struct prof_err *e) PROF_CHECKED;

/* How many entries a series has; `build` counts for the last two only. */
size_t prof_dict_count(const struct prof_dict *d, enum prof_series s, uint32_t build);

/* Pages: entries `first` and what follows, up to some tens of KiB, as bytes appended to `out`. *n:
 * how many went in; *full: whether no other will ever be added to this page.
 */
int prof_dict_encode(const struct prof_dict *d, enum prof_series s, uint32_t build, size_t first,
	struct prof_buf *out, size_t *n, bool *full, struct prof_err *e) PROF_CHECKED;

/* "functions", "stacks" … for messages. */
const char *prof_dict_name(enum prof_series s);

/* Appends what prof_dict_encode wrote. Ids are checked by the two that follow. */
int prof_dict_decode(struct prof_dict *d, enum prof_series s, uint32_t build, const void *p,
	size_t len, struct prof_err *e) PROF_CHECKED;

/* To be called when all pages are in, before anything else: every id in range, every record whole;
 * PROF_EFORMAT otherwise. The second is for what builds have of their own, behind the first.
 */
int prof_dict_ready(struct prof_dict *d, struct prof_err *e) PROF_CHECKED;
int prof_dict_builds_ready(struct prof_dict *d, struct prof_err *e) PROF_CHECKED;

/* Makes the hash tables of functions, locations and stacks whole. PROF_EFORMAT where something that
 * was decoded stands twice.
 */
int prof_dict_index(struct prof_dict *d, struct prof_err *e) PROF_CHECKED;

/* Of the path to a node: of that to its parent, and its location. One multiplication a step: stacks
 * have many.
 */
static inline uint64_t prof_node_hash(uint64_t parent, uint32_t loc)
{
	return ((parent << 5 | parent >> 59) ^ loc) * 0x9e3779b97f4a7c15u;
}

/* The id of a function or location (whose first_line does not count), which is added when it is
 * new. Behind prof_dict_index.
 */
int prof_dict_add_func(struct prof_dict *d, const struct prof_dict_func *f, uint32_t *id,
	struct prof_err *e) PROF_CHECKED;
int prof_dict_add_loc(struct prof_dict *d, const struct prof_dict_loc *l,
	const struct prof_dict_line *lines, uint32_t *id, struct prof_err *e) PROF_CHECKED;

/* The id of the record in d->key, which is emptied; a new one is added. */
int prof_dict_record(
	struct prof_dict *d, enum prof_series s, uint32_t *id, struct prof_err *e) PROF_CHECKED;

static inline bool prof_dict_same_line(
	const struct prof_dict_line *a, const struct prof_dict_line *b)
{
	return a->func == b->func && a->rel_line == b->rel_line && a->column == b->column;
}

/* NULL: it has none. */
static inline const struct prof_dict_line *prof_dict_lines(
	const struct prof_dict *d, const struct prof_dict_loc *l)
{
	return l->n_lines ? d->lines.v + l->first_line : NULL;
}

static inline struct prof_str prof_dict_str(const struct prof_dict *d, uint32_t id)
{
	return d->tables[PROF_STR].strs.v[id];
}

/* A cursor over a record. */
static inline struct prof_rd prof_dict_read(
	const struct prof_dict *d, enum prof_series s, uint32_t id)
{
	struct prof_str bytes = d->tables[s].strs.v[id];

	return prof_rd_of(bytes.p, bytes.len);
}

#endif
