#include "libprof/base/fmt.h"
#include "libprof/join/archive_open.h"
#include "libprof/model/report.h"
#include "libprof/store/capture_rows.h"

enum { C_WHAT, C_ENTRIES, C_BYTES, C_SHARE, N_COLUMNS };
enum { SAMPLES = 100, RAW = 101 }; /* in stats.sql */

static const char *name_of(int64_t what)
{
	static const char *const names[PROF_SERIES] = {"strings", "functions", "locations",
		"label sets", "headers", "modules", "mappings", "stacks", "start lines",
		"addresses"};

	if (what >= 0 && what < PROF_SERIES)
		return names[what];
	return what == SAMPLES ? "samples" : what == RAW ? "whole files" : "unknown";
}

struct stats {
	struct prof_store *s;
	struct prof_report *r;
	struct prof_buf b;
	struct prof_err *e;
	int64_t file, blobs;
};

static int row(struct stats *x, const char *what, struct prof_cell entries, int64_t bytes)
{
	const struct prof_cell c[N_COLUMNS] = {prof_cell_str(prof_str_of(what)), entries,
		prof_cell_int(bytes), prof_cell_int(bytes)};

	return prof_report_row(x->r, c, x->e);
}

static const char select_stats[] =
#include "sql/stats.inc"
	;

static int blobs(struct stats *x)
{
	sqlite3_stmt *q = NULL;
	int rc = prof_db_prepare(x->s->h, select_stats, &q, x->e);

	while (!rc && (rc = prof_db_step(q, x->e)) > 0) {
		int64_t bytes = sqlite3_column_int64(q, 2);

		x->blobs += bytes;
		rc = bytes ? row(x, name_of(sqlite3_column_int64(q, 0)),
				     prof_cell_int(sqlite3_column_int64(q, 1)), bytes)
			   : 0;
	}
	sqlite3_finalize(q);
	return rc;
}

/* How many rows there are: in tables, as they were before; transitions; others. */
struct rows {
	int64_t in_tables, transitions, others;
};

/* Blobs of captures: what reports are made of, rows, transitions with what finds them. */
static int capture_blobs(struct stats *x, const struct rows *n)
{
	static const char *const names[] = {
		"summaries, timelines, goroutines", "rows of traces and logs", "transitions"};
	sqlite3_stmt *q = NULL;
	int rc = prof_db_prepare(x->s->h,
		"SELECT CASE WHEN part < ?1 THEN 0 WHEN part IN (?2, ?3, ?4) THEN 2 ELSE 1 END, "
		"count(profile), sum(length(data)) FROM capture_data GROUP BY 1 ORDER BY 1",
		&q, x->e);

	if (!rc) {
		sqlite3_bind_int64(q, 1, PROF_CAPTURE_PARTS);
		sqlite3_bind_int64(q, 2, PROF_CAPTURE_TIMES);
		sqlite3_bind_int64(q, 3, PROF_CAPTURE_WHO);
		sqlite3_bind_int64(q, 4, PROF_CAPTURE_ROWS + PROF_ROWS_TRANSITION);
	}
	while (!rc && (rc = prof_db_step(q, x->e)) > 0) {
		int what = sqlite3_column_int(q, 0);
		const int64_t entries[] = {sqlite3_column_int64(q, 1), n->others, n->transitions};
		int64_t bytes = sqlite3_column_int64(q, 2);

		x->blobs += bytes;
		rc = row(x, names[what], prof_cell_int(entries[what]), bytes);
	}
	sqlite3_finalize(q);
	return rc;
}

static int count_transitions(struct stats *x, int64_t *n)
{
	sqlite3_stmt *q = NULL;
	struct prof_buf b;
	int rc = prof_db_prepare(x->s->h, "SELECT profile FROM capture WHERE complete", &q, x->e);

	prof_buf_init(&b, NULL, NULL);
	while (!rc && (rc = prof_db_step(q, x->e)) > 0) {
		struct prof_capture_index index;

		rc = prof_capture_index_read(x->s, sqlite3_column_int64(q, 0), &b, &index, x->e);
		*n = (int64_t)((uint64_t)*n + index.rows[PROF_ROWS_TRANSITION]);
	}
	sqlite3_finalize(q);
	prof_buf_fini(&b);
	return rc;
}

/* What traces, logs and dumps have besides their profiles. */
static int captures(struct stats *x, struct rows *n)
{
	int64_t all = 0;
	bool has, old, table;
	int rc = prof_capture_has(x->s, &has, x->e);

	if (rc || !has)
		return rc;
	if ((rc = prof_capture_is_old(x->s, &old, x->e)) ||
		(rc = prof_capture_has_table(x->s, "transition", &table, x->e)) ||
		(rc = prof_db_int(x->s->h, "SELECT sum(row_count) FROM capture", 0, &all, x->e)))
		return rc;
	if (old)
		n->in_tables = all;
	else if (table)
		rc = prof_db_int(
			x->s->h, "SELECT count(profile) FROM transition", 0, &n->in_tables, x->e);
	else
		rc = count_transitions(x, &n->transitions);
	n->others = all - n->in_tables - n->transitions;
	x->r->n_columns = N_COLUMNS;
	return rc ? rc : capture_blobs(x, n);
}

static int all(struct stats *x)
{
	int64_t profiles = 0, services = 0, builds = 0, files = 0, page = 0, pages = 0, unused = 0;
	struct rows rows = {0};
	const struct {
		const char *sql;
		int64_t *out;
	} numbers[] = {/* of a column: a bare count(*) is one step, which cannot be guarded */
		{"SELECT count(id) FROM profile", &profiles},
		{"SELECT count(id) FROM service", &services},
		{"SELECT count(id) FROM build", &builds},
		{"SELECT sum(file_bytes) FROM profile", &files}, {"PRAGMA page_size", &page},
		{"PRAGMA page_count", &pages}, {"PRAGMA freelist_count", &unused}};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(numbers) / sizeof(numbers[0]); i++)
		rc = prof_db_int(x->s->h, numbers[i].sql, 0, numbers[i].out, x->e);
	if (!rc)
		rc = prof_catalog_check(x->s->h, profiles, x->e);
	rc = rc ? rc : captures(x, &rows);
	x->file = page * pages;
	x->r->n_columns = N_COLUMNS;
	if (rc || (rc = blobs(x)) ||
		(rc = row(x, "rows and SQLite's own",
			 rows.in_tables ? prof_cell_int(rows.in_tables) : PROF_NULL_CELL,
			 x->file - x->blobs - unused * page)) ||
		(unused && (rc = row(x, "free", PROF_NULL_CELL, unused * page))) ||
		(rc = prof_report_field(x->r, "profiles", prof_cell_int(profiles), x->e)) ||
		(rc = prof_report_field(x->r, "services", prof_cell_int(services), x->e)) ||
		(rc = prof_report_field(x->r, "builds", prof_cell_int(builds), x->e)) ||
		(rc = prof_report_field(x->r, "bytes", prof_cell_int(x->file), x->e)) ||
		(rc = prof_report_field(x->r, "file_bytes", prof_cell_int(files), x->e)))
		return rc;
	prof_buf_printf(&x->b, "%lld profiles of %lld services, %lld builds: %lld bytes",
		(long long)profiles, (long long)services, (long long)builds, (long long)x->file);
	if (files) {
		prof_buf_str(&x->b, ", ");
		prof_buf_double(&x->b, (double)x->file / (double)files, 'f', 3);
		prof_buf_printf(&x->b, " of the %lld of their files", (long long)files);
	}
	return prof_report_head(x->r, &x->b, x->e);
}

int prof_archive_stats(const char *db, const struct prof_limits *limits, struct prof_report **out,
	struct prof_err *e)
{
	struct stats x = {.e = e};
	struct prof_table_column *columns;
	int rc = prof_store_open(&x.s, db, PROF_DB_READ, false, limits, e);

	if (rc)
		return rc;
	prof_buf_init(&x.b, NULL, NULL);
	x.r = prof_report_new("prof.archive.stats/1", e);
	columns = x.r ? prof_arena_alloc(&x.r->arena, N_COLUMNS * sizeof(*columns), e) : NULL;
	if (columns) {
		columns[C_WHAT] = (struct prof_table_column){
			.key = "what", .title = "what", .left = true};
		columns[C_ENTRIES] = (struct prof_table_column){
			.key = "entries", .title = "entries"};
		columns[C_BYTES] = (struct prof_table_column){.key = "bytes", .title = "bytes"};
		columns[C_SHARE] = (struct prof_table_column){
			.title = "share", .form = PROF_FORM_PERCENT};
		x.r->columns = columns;
	}
	rc = columns ? all(&x) : PROF_ENOMEM;
	if (columns)
		columns[C_SHARE].of = x.file;
	prof_buf_fini(&x.b);
	prof_store_close(x.s);
	if (rc)
		prof_report_free(x.r);
	else
		*out = x.r;
	return rc;
}
