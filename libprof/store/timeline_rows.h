/* Rows of tables gc_cycle, pause and metric out of a timeline: they are not kept besides. */
#ifndef PROF_STORE_TIMELINE_ROWS_H
#define PROF_STORE_TIMELINE_ROWS_H

#include "libprof/model/rows.h"
#include "libprof/model/timeline.h"

struct prof_timeline_rows {
	struct prof_timeline *t;
	enum prof_rows table;
	uint32_t reasons[PROF_GC_NOT_TOLD + 1], pauses[2]; /* strings */
	uint32_t list; /* segment, series or MemStats that is under way */
	uint64_t at; /* in it */
	uint32_t name; /* of a series that is under way */
};

/* Adds what strings rows may have to those of the timeline. */
int prof_timeline_rows_init(struct prof_timeline_rows *x, struct prof_timeline *t,
	enum prof_rows table, struct prof_err *e) PROF_CHECKED;

/* The next row of the table: 1, or 0 where there are no more. Strings are the timeline's. A series
 * of a trace is none of them: its steps come with the events.
 */
int prof_timeline_rows_next(
	struct prof_timeline_rows *x, int64_t *v, struct prof_err *e) PROF_CHECKED;

#endif
