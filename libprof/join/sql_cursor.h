/* Behind the tables that join/sql_rows.h has: their cursors, in the two ways that rows are found.
 */
#ifndef PROF_JOIN_SQL_CURSOR_H
#define PROF_JOIN_SQL_CURSOR_H

#include "libprof/join/sql.h"
#include "libprof/join/sql_held.h"
#include "libprof/join/sql_rows.h"

enum { PROF_SQL_CAPTURES = 50 }; /* that the planner expects */

struct prof_rows_module {
	const struct prof_shown_table *t;
	struct prof_sql *sql;
};

struct prof_rows_vtab {
	sqlite3_vtab base;
	const struct prof_rows_module *m;
};

/* Which rows of a table are asked for, in sql_find.c. */
struct prof_find {
	int key; /* column that rows are looked up by; -1: none */
	int64_t value; /* of theirs */
	struct prof_capture_rows rows; /* of which the cursor is in a page, where it streams */
	bool streams;
	const struct prof_held_key *hit, *hits_end; /* those with the key's value, where held */
	bool hits;
};

/* Which transitions are asked for, in sql_transitions.c. */
struct prof_find_transitions {
	int64_t low, high; /* of t_ns */
	int64_t value[PROF_TRANSITION_COLUMNS]; /* of the columns below */
	uint8_t columns[PROF_TRANSITION_COLUMNS], n; /* that have one value */
	bool by_goroutine; /* the first of the values is the goroutine's */
	bool chains; /* by which rows of a page are found: where it is asked for again */
	int64_t who; /* pages have this goroutine, where one is given */
	bool has_who;
	struct prof_transition_page *page; /* NULL: none yet */
	uint32_t number; /* of the next page */
};

struct prof_rows_cursor {
	sqlite3_vtab_cursor base;
	struct prof_store *store;
	struct prof_held *held; /* the capture that it is or was at; NULL: none yet */
	uint64_t used; /* bits of the columns that are asked for */
	bool all; /* captures, not one */
	bool end;
	int64_t *const *v; /* rows that it is in */
	size_t first, n, at; /* at: the row, less first */
	union {
		struct prof_find find;
		struct prof_find_transitions transitions;
	};
};

/* The table, and what guards its connection. */
const struct prof_shown_table *prof_rows_table(const struct prof_rows_cursor *c);
struct prof_db_guard *prof_rows_guard(const struct prof_rows_cursor *c);

/* Ends a method with an error. */
int prof_rows_fail(sqlite3_vtab *base, int rc, const struct prof_err *e);

/* An integer that a value is equal to, where there is one. */
bool prof_rows_whole(sqlite3_value *v, int64_t *out);

/* The number of the state that a value names; PROF_ABSENT: none. */
int64_t prof_rows_state(sqlite3_value *v);

/* Plans to look at one profile, argument `*next`, or at all of them: whether it is one. */
bool prof_rows_plan_profile(const struct prof_shown_table *t, sqlite3_index_info *x, int *next);

/* Whether rows come in the order that is asked for, where they come by profile, then by place and
 * in the order of column `by` (-1: none).
 */
bool prof_rows_in_order(
	const struct prof_shown_table *t, const sqlite3_index_info *x, bool given, int by);

/* The columns that are asked for, for xFilter. */
int prof_rows_plan_used(sqlite3_index_info *x);

/* To a capture, of which what the columns need is made sure of. A profile without one is none. */
int prof_rows_enter(struct prof_rows_cursor *c, int64_t profile, struct prof_err *e) PROF_CHECKED;

/* The next capture's profile: 1, or 0 behind the last. */
int prof_rows_next_capture(
	struct prof_rows_cursor *c, int64_t *profile, struct prof_err *e) PROF_CHECKED;

/* From the start: of all captures. */
void prof_rows_rewind(struct prof_rows_cursor *c);

/* The ways. `stop` lets go of what a cursor holds. */
struct prof_rows_way {
	int (*best_index)(sqlite3_vtab *base, sqlite3_index_info *x);
	int (*filter)(sqlite3_vtab_cursor *base, int index, const char *used, int argc,
		sqlite3_value **argv);
	int (*next)(sqlite3_vtab_cursor *base);
	void (*stop)(struct prof_rows_cursor *c);
};

extern const struct prof_rows_way prof_rows_find, prof_rows_find_transitions;

#endif
