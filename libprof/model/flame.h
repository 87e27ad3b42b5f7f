/* A flame graph: the samples' stacks as a prefix tree, cut down to what can be seen, with a table
 * of the rows that weigh most.
 *
 * Nodes stand level by level, the root (no frame) first: a node's children are neighbours, sorted
 * by name, and come after it. A column is a sample type, or in a differential graph a type on one
 * side: prof_flame_column. Of each column a node has
 *
 *	cum	all samples whose stack begins with the node's path
 *	self	those whose stack ends there
 *
 * and cum - self - SUM cum of its children, never negative, is its rest: the children that were cut
 * off for being narrow. Sums stop at INT64_MAX.
 */
#ifndef PROF_MODEL_FLAME_H
#define PROF_MODEL_FLAME_H

#include <stdbool.h>

#include "libprof/base/strtab.h"

/* What a box is called; boxes share them. `name` is what `prof top` calls the row. Strings are cut
 * where nobody reads on.
 */
enum { PROF_FLAME_NAME_BYTES = 2000 };

struct prof_flame_frame {
	struct prof_str name;
	struct prof_str function, file; /* what it is made of; "": not known, or not told apart */
	struct prof_str package; /* "": none */
	int64_t line; /* 0: none */
};

enum prof_flame_inlined { PROF_INLINED_NEVER, PROF_INLINED_SOMETIMES, PROF_INLINED_ALWAYS };

/* In a differential graph: whether a node's change is more than noise, when shares of the total are
 * compared and when values are.
 */
enum prof_flame_changed { PROF_CHANGED_SHARE = 1, PROF_CHANGED_VALUE = 2 };

struct prof_flame_node {
	uint32_t frame; /* PROF_NONE: the root */
	uint32_t parent;
	uint32_t first, n_children;
	uint32_t depth; /* the root's is 0 */
	uint8_t inlined; /* enum prof_flame_inlined */
};

struct prof_flame_type {
	struct prof_str name, unit;
	struct prof_str out_unit; /* which values are shown in; "auto": the largest that fits */
	int64_t total[2]; /* enum prof_side; SUM |value|, also of what filters took away */
	int64_t negative[2]; /* samples below 0, which have no width: left out of the tree */
};

/* A row of `prof top`: flat and cum of each column, at flat[column], cum[column]. */
struct prof_flame_row {
	uint32_t frame;
	const int64_t *flat, *cum;
};

struct prof_flame {
	struct prof_mem mem;
	struct prof_arena arena; /* holds all strings */
	struct prof_flame_opts opts;
	struct prof_str title;
	const char *what; /* boxes are: "function", "file" … */
	PROF_VEC(struct prof_str) head; /* lines about the profile, as above a report */
	bool differential, diff_by_share;
	bool by_cum; /* how the rows are to be sorted at first */
	double ratio; /* which values are multiplied by when they are shown */

	PROF_VEC(struct prof_flame_type) types;
	uint32_t type; /* the one to begin with */
	PROF_VEC(struct prof_flame_frame) frames;
	PROF_VEC(struct prof_flame_node) nodes;
	PROF_VEC(int64_t) values; /* node i: cum of each column, then self of each */
	PROF_VEC(uint8_t) changed; /* node i: enum prof_flame_changed of each type */
	PROF_VEC(struct prof_flame_row) rows;
	uint64_t n_rows; /* before those that weigh least were left out */
	double cut; /* nodes under this part of the root were cut off */
};

static inline uint32_t prof_flame_columns(const struct prof_flame *f)
{
	return (uint32_t)f->types.n * (f->differential ? 2 : 1);
}

static inline uint32_t prof_flame_column(
	const struct prof_flame *f, uint32_t type, enum prof_side side)
{
	return f->differential ? 2 * type + (side == PROF_OLD) : type;
}

static inline int64_t prof_flame_cum(const struct prof_flame *f, uint32_t node, uint32_t column)
{
	return f->values.v[(size_t)node * 2 * prof_flame_columns(f) + column];
}

static inline int64_t prof_flame_self(const struct prof_flame *f, uint32_t node, uint32_t column)
{
	return prof_flame_cum(f, node, prof_flame_columns(f) + column);
}

int64_t prof_flame_rest(const struct prof_flame *f, uint32_t node, uint32_t column);

#endif
