/* Captures that are more than a profile: execution traces, logs of the collector, goroutine dumps.
 * One has the id of its profile; sql/timeline.sql is its tables, which an archive has from the
 * first capture on. Rows are pages of capture_data, as store/capture_index.h has them.
 *
 *	prof_capture_begin(&w, s, e)			between prof_store_begin and _commit
 *		prof_capture_row(&w, table, strings, v, e)	any number
 *		prof_capture_put(&w, PROF_CAPTURE_SUMMARY, bytes, n, e)
 *	prof_capture_end(&w, &capture, e)
 *	prof_store_insert(s, &item, e)				its profile
 *	prof_capture_fini(&w)
 *
 * What fails, or is known already, is given up with prof_capture_undo, which leaves the rest of the
 * transaction as it was.
 */
#ifndef PROF_STORE_CAPTURE_H
#define PROF_STORE_CAPTURE_H

#include "libprof/model/timeline.h"
#include "libprof/store/capture_index.h"
#include "libprof/store/store.h"
#include "libprof/store/transition_index.h"

enum prof_capture_part {
	PROF_CAPTURE_SUMMARY,
	PROF_CAPTURE_TIMELINE,
	PROF_CAPTURE_GOROUTINES,
	PROF_CAPTURE_MOMENTS,
	PROF_CAPTURE_WAITS,
	PROF_CAPTURE_PARTS, /* that reports are made of; others, as store/capture_index.h has them:
			     */
	PROF_CAPTURE_INDEX = PROF_CAPTURE_PARTS,
	PROF_CAPTURE_TIMES,
	PROF_CAPTURE_WHO,
	PROF_CAPTURE_STRINGS,
	PROF_CAPTURE_ROWS = 16, /* + enum prof_rows */
};

struct prof_capture {
	int64_t profile; /* profile.id */
	struct prof_str kind, format;
	bool complete;
	int64_t damages;
	int64_t rows; /* in all tables */
	uint64_t sum; /* of the checksums of its blobs */
};

struct prof_capture_writer {
	struct prof_store *s;
	struct prof_sealer *sealer;
	int64_t profile;
	sqlite3_stmt *put; /* made when first used */
	int64_t rows;
	uint64_t sum;
	struct prof_mem mem;
	uint64_t written[PROF_ROWS_TABLES]; /* rows; of pages those that are in the archive */
	bool derived[PROF_ROWS_TABLES]; /* rows that are none of pages */
	PROF_VEC(int64_t) cells[PROF_ROWS_TABLES]; /* of the others, row by row */
	int64_t *columns; /* of one page */
	struct prof_strtab own; /* strings of the rows */
	const struct prof_strtab *strings; /* that these are of; by string: */
	PROF_VEC(uint32_t) ids; /* in `own`; PROF_NONE: not looked up */
	struct prof_times times; /* of pages of transitions */
	struct prof_who_writer who;
};

/* Makes a writer, which writes nothing by itself, of the capture of any profile; and begins that of
 * the profile that is inserted next.
 */
int prof_capture_writer_init(struct prof_capture_writer *w, struct prof_store *s, int64_t profile,
	struct prof_err *e) PROF_CHECKED;
int prof_capture_begin(
	struct prof_capture_writer *w, struct prof_store *s, struct prof_err *e) PROF_CHECKED;

/* Blobs shall take as little room as can be, though they take longer to be written and read. */
void prof_capture_squeeze(struct prof_capture_writer *w);

/* A row function as struct prof_rows_sink has it; `w` is a writer. */
int prof_capture_row(void *w, enum prof_rows table, const struct prof_strtab *strings,
	const int64_t *v, struct prof_err *e);

int prof_capture_put(struct prof_capture_writer *w, enum prof_capture_part part, const void *p,
	size_t n, struct prof_err *e) PROF_CHECKED;

/* Puts a timeline, whose rows of cycles, pauses and metrics are the capture's from then on. */
int prof_capture_put_timeline(
	struct prof_capture_writer *w, struct prof_timeline *t, struct prof_err *e) PROF_CHECKED;

/* Writes what rows are left, and the index, where tables without rows in the writer are as in
 * `before`; NULL: without any. Then writes the capture's own row: kind, format, complete, damages.
 */
int prof_capture_put_index(struct prof_capture_writer *w, const struct prof_capture_index *before,
	struct prof_err *e) PROF_CHECKED;
int prof_capture_end(struct prof_capture_writer *w, const struct prof_capture *c,
	struct prof_err *e) PROF_CHECKED;
int prof_capture_undo(struct prof_capture_writer *w, struct prof_err *e) PROF_CHECKED;
void prof_capture_fini(struct prof_capture_writer *w);

/* Whether the archive has a table; those of captures. */
int prof_capture_has_table(
	struct prof_store *s, const char *name, bool *has, struct prof_err *e) PROF_CHECKED;
int prof_capture_has(struct prof_store *s, bool *has, struct prof_err *e) PROF_CHECKED;

/* A row of table capture, all of its columns, whose strings are the statement's; false: its
 * checksum is wrong.
 */
bool prof_capture_of_row(sqlite3_stmt *q, struct prof_capture *out);

/* The capture of a profile: 1, or 0 where it is a profile alone. Strings are kept in `strings`.
 * PROF_EFORMAT when its row is damaged.
 */
int prof_capture_find(struct prof_store *s, int64_t profile, struct prof_strtab *strings,
	struct prof_capture *out, struct prof_err *e) PROF_CHECKED;

/* The first capture of a profile behind that one: 1, or 0 where there is none. */
int prof_capture_next(
	struct prof_store *s, int64_t after, int64_t *profile, struct prof_err *e) PROF_CHECKED;

/* A part's bytes, one of the first PROF_CAPTURE_PARTS, which replace what `out` holds; histograms
 * that are kept apart (store/hists.h) are in their places.
 * PROF_EUNSUPPORTED where there is none, PROF_EFORMAT where there should be one, or it is damaged.
 */
int prof_capture_get(struct prof_store *s, int64_t profile, enum prof_capture_part part,
	struct prof_buf *out, struct prof_err *e) PROF_CHECKED;

/* Any blob: 1, or 0 where there is none. PROF_EFORMAT when it is damaged. */
int prof_capture_blob(struct prof_store *s, int64_t profile, int64_t part, int64_t place,
	struct prof_buf *out, struct prof_err *e) PROF_CHECKED;

/* The contents of such a blob as table capture_data has it. */
int prof_capture_unseal(struct prof_store *s, int64_t profile, int64_t part, int64_t place,
	struct prof_str sealed, struct prof_buf *out, struct prof_err *e) PROF_CHECKED;

/* What a profile's digest becomes by what the capture holds besides; in an archive of this version
 * with its timeline as it is kept now, whatever it was kept as.
 */
int prof_capture_digest(
	struct prof_store *s, int64_t profile, uint8_t sha256[32], struct prof_err *e) PROF_CHECKED;

/* Removes a profile's capture, if it has one. */
int prof_capture_remove(struct prof_store *s, int64_t profile, struct prof_err *e) PROF_CHECKED;

/* prof_store_verify of captures. */
int prof_capture_verify(struct prof_store *s, prof_store_problem_fn *problem, void *ctx,
	struct prof_err *e) PROF_CHECKED;

/* What a sealed blob adds to capture.row_sum. */
uint64_t prof_capture_blob_sum(int64_t part, int64_t place, struct prof_str sealed);

/* Behind the functions above: the checksum of a capture's row, what a blob is sealed with. */
uint32_t prof_capture_checksum(const struct prof_capture *c);
struct prof_seal_context prof_capture_context(int64_t profile, int64_t part, int64_t place);

/* Seals and writes a blob; what its place is the part says. Writes the capture's row. */
int prof_capture_put_blob(struct prof_capture_writer *w, int64_t part, int64_t place, const void *p,
	size_t n, struct prof_err *e) PROF_CHECKED;
int prof_capture_put_row(
	struct prof_store *s, const struct prof_capture *c, struct prof_err *e) PROF_CHECKED;

/* Whether captures' rows are in tables: before version 7. */
int prof_capture_is_old(struct prof_store *s, bool *old, struct prof_err *e) PROF_CHECKED;

/* Captures of an older version become such of this one, in the transaction that is open. */
int prof_capture_migrate(struct prof_store *s, int64_t from, struct prof_err *e) PROF_CHECKED;

#endif
