/* Rows of captures as tables of SQL: what each of them shows. */
#ifndef PROF_JOIN_SQL_ROWS_H
#define PROF_JOIN_SQL_ROWS_H

#include <stdint.h>

#include "libprof/model/rows.h"

/* Where a value comes from; a and b are columns of the rows. */
enum prof_shown {
	PROF_SHOW_PROFILE,
	PROF_SHOW_PLACE, /* of the row within its capture */
	PROF_SHOW_NUMBER, /* a */
	PROF_SHOW_STRING, /* a */
	PROF_SHOW_STATE, /* of a goroutine that is there: a */
	PROF_SHOW_ANY_STATE, /* a */
	PROF_SHOW_TIME, /* which one a histogram is of: a */
	PROF_SHOW_ENTRY, /* of the row's group */
	PROF_SHOW_CREATOR, /* likewise */
	PROF_SHOW_DURATION, /* from a to b */
	PROF_SHOW_GC_CPU, /* that a cycle cost */
};

enum { PROF_SHOWN_MOST = 21 };

struct prof_shown_column {
	uint8_t what; /* enum prof_shown */
	uint8_t a, b;
	bool key; /* rows are looked up by it */
};

struct prof_shown_table {
	const char *name;
	const char *schema; /* of sql/ */
	enum prof_rows rows;
	unsigned expected; /* rows of one capture, for the planner */
	unsigned n;
	struct prof_shown_column columns[PROF_SHOWN_MOST];
};

extern const struct prof_shown_table prof_shown_tables[]; /* ended by a name NULL */

#endif
