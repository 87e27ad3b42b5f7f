/* What capture_data has of a capture's rows, before it is sealed.
 *
 *	PROF_CAPTURE_INDEX	how many rows of each table there are, and strings; the
 *				first strings; of each table the last page, where that is small
 *	PROF_CAPTURE_TIMES	where transitions are, in captures that have them
 *	PROF_CAPTURE_WHO	(store/transition_index.h)
 *	PROF_CAPTURE_STRINGS	more strings; place: the number of the first
 *	PROF_CAPTURE_ROWS + t	a page of rows of table t; place: the number of its first row
 *
 * Strings are numbered from 1 in the order of their first use, and are there once; 0 is "".
 */
#ifndef PROF_STORE_CAPTURE_INDEX_H
#define PROF_STORE_CAPTURE_INDEX_H

#include "libprof/base/buf.h"
#include "libprof/base/cursor.h"
#include "libprof/model/rows.h"

struct prof_capture_index {
	uint64_t rows[PROF_ROWS_TABLES];
	bool derived[PROF_ROWS_TABLES]; /* from the timeline (store/timeline_rows.h): no pages */
	uint64_t strings;
	struct prof_rd first; /* a page of strings */
	struct prof_rd last[PROF_ROWS_TABLES]; /* empty: it is a blob of its own, or none */
};

/* Appends; `out` fails by itself. What comes first[] and last[] from stays the caller's. */
void prof_capture_index_put(const struct prof_capture_index *x, struct prof_buf *out);

/* Reads all that is left; what cannot be fails the cursor. One of version 7 has no transitions. */
void prof_capture_index_get(struct prof_rd *r, struct prof_capture_index *out);

/* A page of rows: 1 to PROF_COLUMNS_ROWS of them. Strings' numbers are <= `strings`, times of
 * transitions do not go down, and their states are such, or it fails.
 */
void prof_capture_page_put(enum prof_rows table, int64_t *const *v, size_t n, struct prof_buf *out);
void prof_capture_page_get(
	struct prof_rd *r, enum prof_rows table, uint64_t strings, int64_t *const *v, size_t *n);

/* A page of strings: from number `first` on as many as make up about `bytes`; the number of the
 * next. And adds those of a page to a table where its ids are their numbers.
 */
size_t prof_capture_strings_put(
	const struct prof_strtab *strings, size_t first, size_t bytes, struct prof_buf *out);
int prof_capture_strings_get(
	struct prof_rd *r, struct prof_strtab *out, struct prof_err *e) PROF_CHECKED;

#endif
