/* Rows of captures in archives before version 7, where each kind of them has a table, and strings
 * are rows of table name; and transitions in those of version 7.
 */
#ifndef PROF_STORE_CAPTURE_TABLES_H
#define PROF_STORE_CAPTURE_TABLES_H

#include "libprof/store/capture.h"

/* A table's rows of one capture. */
struct prof_capture_table {
	enum prof_rows table;
	int64_t profile;
	struct prof_mem *mem;
	sqlite3_stmt *q;
	PROF_VEC(int64_t) names; /* number of a string, less 1 -> name.id */
	int64_t last; /* place of the row before */
	uint64_t rows, sum; /* so far, as capture.row_count and capture.row_sum count them */
};

/* To be ended with fini whatever comes of it. */
int prof_capture_table_open(struct prof_capture_table *x, struct prof_store *s, int64_t profile,
	enum prof_rows table, struct prof_mem *mem, struct prof_err *e) PROF_CHECKED;
void prof_capture_table_fini(struct prof_capture_table *x);

/* The next `most` rows, or what is left; v[column][row]. A string: its number. PROF_EFORMAT. */
int prof_capture_table_rows(struct prof_capture_table *x, int64_t *const *v, size_t most, size_t *n,
	struct prof_err *e) PROF_CHECKED;

/* All strings, of whatever capture, by their numbers. */
int prof_capture_table_strings(
	struct prof_store *s, struct prof_strtab *out, struct prof_err *e) PROF_CHECKED;

/* The checksum of a row of table name. */
uint32_t prof_capture_name_checksum(int64_t id, struct prof_str text);

#endif
