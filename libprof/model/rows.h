/* What an archive keeps of traces, logs and dumps, as rows of numbers and strings: who makes them
 * and who writes them agree on this. sql/timeline.sql, sql/trace.sql and sql/transition.sql say
 * what the columns mean.
 */
#ifndef PROF_MODEL_ROWS_H
#define PROF_MODEL_ROWS_H

#include "libprof/base/strtab.h"

enum prof_rows {
	/* Of traces and logs. */
	PROF_ROWS_DAMAGE,
	PROF_ROWS_GC_CYCLE,
	PROF_ROWS_PAUSE,
	PROF_ROWS_METRIC,
	/* Of traces. */
	PROF_ROWS_GROUP,
	PROF_ROWS_GROUP_WAIT,
	PROF_ROWS_GROUP_HIST,
	PROF_ROWS_GOROUTINE,
	PROF_ROWS_TASK,
	PROF_ROWS_REGION,
	PROF_ROWS_LOG,
	PROF_ROWS_LABEL,
	PROF_ROWS_CPU_SAMPLE,
	/* Of traces that are kept in full. */
	PROF_ROWS_TRANSITION,
	PROF_ROWS_TABLES, /* how many there are */
};

enum { PROF_ROWS_WIDEST = 20 };

struct prof_rows_table {
	const char *name; /* of the table */
	const char *columns; /* a letter each: 'i' a number, 's' a string */
};

extern const struct prof_rows_table prof_rows_tables[PROF_ROWS_TABLES];

/* Takes rows: a number a column, of a string its id in `strings`; PROF_ABSENT (model/timeline.h):
 * none.
 */
struct prof_rows_sink {
	int (*row)(void *ctx, enum prof_rows table, const struct prof_strtab *strings,
		const int64_t *v, struct prof_err *e);
	void *ctx;
};

#endif
