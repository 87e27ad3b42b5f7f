/* SQL over an archive, for `prof sql` and for the loadable extension: table-valued functions
 * (sql/prof_*.sql documents them), and the rows of captures as tables (join/sql_rows.h).
 *
 * Each function makes its rows into a report, all at once or part by part, and hands them out one
 * by one.
 */
#ifndef PROF_JOIN_SQL_H
#define PROF_JOIN_SQL_H

#include "libprof/join/archive_open.h"
#include "libprof/model/report.h"

struct prof_held;

/* What the functions and tables of one connection share. */
struct prof_sql {
	sqlite3 *h;
	struct prof_db_guard *guard; /* NULL: the program that loads us guards */
	unsigned modules; /* that share it */
	struct prof_limits limits;
	struct prof_store *store; /* NULL: not looked at yet */
	int64_t data_version, changes; /* that the store has seen */
	struct prof_held *held; /* what a cursor was at last; NULL: none is there any more */
};

/* One call. Arguments that were not given are NULL. */
struct prof_sql_call {
	struct prof_sql *sql;
	sqlite3_value *const *args;
	uint64_t used; /* bits of the columns that are asked for */
	struct prof_report *r; /* its n_columns is set */
	struct prof_err *e;
};

struct prof_sql_function {
	const char *name;
	const char *schema; /* of sql/, with the arguments as hidden columns behind the others */
	unsigned columns, args, required;
	bool reads_files;
	int (*fill)(struct prof_sql_call *c);
	/* In place of it, for rows that are too many to be kept: appends some; 1: there may be
	 * more, 0: these were the last. *state is NULL at first; `end` frees it (of NULL, too).
	 */
	int (*more)(struct prof_sql_call *c, void **state);
	void (*end)(void *state);
};

extern const struct prof_sql_function prof_sql_functions[]; /* ended by a name NULL */

/* Adds the functions and tables to a connection, each call of which `guard` watches, where there is
 * one. 0 or PROF_E…
 */
int prof_sql_register(sqlite3 *h, struct prof_db_guard *guard, const struct prof_limits *limits,
	struct prof_err *e) PROF_CHECKED;

/* Behind it: the tables, and one module that needs `sql` less. */
int prof_sql_register_rows(struct prof_sql *sql, struct prof_err *e) PROF_CHECKED;
void prof_sql_drop(struct prof_sql *sql);

/* The archive of the connection, as it is now. */
int prof_sql_store(struct prof_sql *sql, struct prof_store **out, struct prof_err *e) PROF_CHECKED;

/* The profiles that an argument names: none for NULL. */
int prof_sql_select(sqlite3_value *ids, struct prof_store *store, struct prof_selection *s,
	struct prof_err *e) PROF_CHECKED;

/* The same merged, as prof_selection_merge; *out is NULL where there are none. */
int prof_sql_merged(struct prof_sql *sql, sqlite3_value *ids, enum prof_granularity by,
	struct prof_profile **out, struct prof_err *e) PROF_CHECKED;

/* An argument as text; NULL where there is none. */
const char *prof_sql_text(sqlite3_value *v);

/* The functions, in sql_samples.c and sql_reports.c. */
int prof_sql_samples(struct prof_sql_call *c, void **state);
void prof_sql_end_samples(void *state);
int prof_sql_file(struct prof_sql_call *c);
int prof_sql_stack(struct prof_sql_call *c);
int prof_sql_functions_of(struct prof_sql_call *c);
int prof_sql_top(struct prof_sql_call *c);
int prof_sql_flame(struct prof_sql_call *c);
int prof_sql_diff(struct prof_sql_call *c);

/* Likewise over traces and logs that are files, in sql_trace.c. */
int prof_sql_gc(struct prof_sql_call *c);
int prof_sql_events(struct prof_sql_call *c, void **state);
int prof_sql_transitions(struct prof_sql_call *c, void **state);
int prof_sql_goroutines(struct prof_sql_call *c, void **state);
void prof_sql_end_trace(void *state);

#endif
