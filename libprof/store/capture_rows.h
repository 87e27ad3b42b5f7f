/* Rows of one table of one capture, in their order, a page at a time, as columns.
 *
 *	struct prof_capture_rows r;
 *	rc = prof_capture_rows_open(&r, s, profile, PROF_ROWS_GOROUTINE, e);
 *	while (!rc && (rc = prof_capture_rows_next(&r, e)) > 0)
 *		for (rc = 0; i < r.n; i++)
 *			… r.v[column][i] …
 *	prof_capture_rows_fini(&r);
 */
#ifndef PROF_STORE_CAPTURE_ROWS_H
#define PROF_STORE_CAPTURE_ROWS_H

#include "libprof/store/capture_tables.h"
#include "libprof/store/timeline_rows.h"

struct prof_capture_rows {
	size_t first; /* of the page: number of its first row within the capture */
	size_t n; /* rows of the page */
	int64_t *v[PROF_ROWS_WIDEST]; /* a column each; PROF_ABSENT: none; a string: its number */

	/* Private. */
	struct prof_store *s;
	int64_t profile;
	enum prof_rows table;
	struct prof_mem mem;
	int64_t *cells;
	struct prof_buf index_bytes, page;
	struct prof_capture_index index;
	sqlite3_stmt *q; /* pages */
	struct prof_timeline *t; /* that rows are derived from */
	struct prof_timeline_rows derived;
	struct prof_strtab strings; /* the capture's */
	PROF_VEC(uint32_t) numbers; /* of the timeline's strings; PROF_NONE: not looked up */
	bool is_table; /* rows are those of a table of an archive before version 7 */
	struct prof_capture_table old;
};

/* Of a profile without a capture, or a table that it has no rows of, there are no pages. To be
 * ended with fini whatever comes of it.
 */
int prof_capture_rows_open(struct prof_capture_rows *r, struct prof_store *s, int64_t profile,
	enum prof_rows table, struct prof_err *e) PROF_CHECKED;

/* 1: a page, valid until the next; 0: there are no more; < 0: PROF_EFORMAT where it is damaged. */
int prof_capture_rows_next(struct prof_capture_rows *r, struct prof_err *e) PROF_CHECKED;
void prof_capture_rows_fini(struct prof_capture_rows *r);

/* The strings of a capture: a string's number in its rows is its id in *out, which is initialised
 * already and empty.
 */
int prof_capture_strings(struct prof_store *s, int64_t profile, struct prof_strtab *out,
	struct prof_err *e) PROF_CHECKED;

/* The index of a capture; all 0 where it has no rows. What it refers to is in `buf`, which was
 * initialised.
 */
int prof_capture_index_read(struct prof_store *s, int64_t profile, struct prof_buf *buf,
	struct prof_capture_index *out, struct prof_err *e) PROF_CHECKED;

#endif
