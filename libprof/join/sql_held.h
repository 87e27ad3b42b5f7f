/* What is decoded of the capture that statements are at: cursors share it as long as one of them is
 * there. Its strings, the functions of its groups, and the tables that are asked for again and
 * again, each whole and in order by a column where rows are looked for by one.
 */
#ifndef PROF_JOIN_SQL_HELD_H
#define PROF_JOIN_SQL_HELD_H

#include "libprof/store/transitions.h"

struct prof_held_group {
	int64_t entry, creator; /* strings; PROF_ABSENT: none */
};

/* A row by the value of a column. */
struct prof_held_key {
	int64_t value;
	uint32_t row;
};

struct prof_held_table {
	unsigned asked; /* how often its rows were asked for */
	bool kept;
	PROF_VEC(int64_t) columns[PROF_ROWS_WIDEST];
	PROF_VEC(struct prof_held_key) keys[PROF_ROWS_WIDEST]; /* by value and row; none: not yet */
	size_t n; /* once it is kept: rows */
	int64_t *v[PROF_ROWS_WIDEST]; /* likewise: a column each, as struct prof_capture_rows has
					 them */
};

struct prof_held {
	unsigned refs;
	struct prof_store *store;
	struct prof_db_guard *guard; /* of what is read for it; NULL: none */
	int64_t profile;
	bool there; /* the profile has a capture */
	bool has_strings, has_groups;
	struct prof_mem mem;
	struct prof_strtab strings;
	PROF_VEC(struct prof_held_group) groups;
	struct prof_held_table tables[PROF_ROWS_TABLES];
	bool has_transitions;
	struct prof_transitions transitions; /* once they are asked for, which are not kept whole */
};

/* With one reference. PROF_EFORMAT where the capture's row is damaged. */
int prof_held_new(struct prof_store *s, struct prof_db_guard *guard, int64_t profile,
	struct prof_held **out, struct prof_err *e) PROF_CHECKED;

/* Takes a reference back; frees with the last one, and tells. Of NULL, too. */
bool prof_held_drop(struct prof_held *h);

/* Makes sure of the strings; of the groups and the strings. */
int prof_held_strings(struct prof_held *h, struct prof_err *e) PROF_CHECKED;
int prof_held_groups(struct prof_held *h, struct prof_err *e) PROF_CHECKED;

/* Makes ready what finds transitions, of which pages are kept from the second time on. */
int prof_held_transitions(struct prof_held *h, struct prof_err *e) PROF_CHECKED;

/* Whether the strings and groups that rows name are there, where they are at hand: PROF_EFORMAT.
 * Columns that are no strings or groups are whatever numbers they are.
 */
int prof_held_check(const struct prof_held *h, enum prof_rows table, int64_t *const *v, size_t n,
	struct prof_err *e) PROF_CHECKED;

/* Makes sure of a whole table, looked at as prof_held_check does. */
int prof_held_keep(struct prof_held *h, enum prof_rows table, struct prof_err *e) PROF_CHECKED;

/* Rows of a kept table that have a value in a column, in their order. */
int prof_held_find(struct prof_held *h, enum prof_rows table, unsigned column, int64_t value,
	const struct prof_held_key **first, const struct prof_held_key **end,
	struct prof_err *e) PROF_CHECKED;

#endif
