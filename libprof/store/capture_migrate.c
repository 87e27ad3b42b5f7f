/* Archives of versions 3 and 5, which have captures' rows in tables. */
#include <stdio.h>

#include "libprof/store/capture_tables.h"
#include "libprof/store/columns.h"
#include "libprof/store/timeline.h"

static const char begin_script[] = "DROP VIEW IF EXISTS gc_cycles;"
				   "DROP VIEW IF EXISTS pauses;"
				   "DROP VIEW IF EXISTS metrics;"
				   "DROP VIEW IF EXISTS damages;"
				   "DROP VIEW IF EXISTS group_waits;"
				   "DROP VIEW IF EXISTS goroutines;"
				   "DROP VIEW IF EXISTS goroutine_groups;"
				   "DROP VIEW IF EXISTS tasks;"
				   "DROP VIEW IF EXISTS regions;"
				   "DROP VIEW IF EXISTS logs;"
				   "ALTER TABLE capture RENAME TO old_capture;"
				   "ALTER TABLE capture_data RENAME TO old_data;"
#include "sql/timeline.inc"
	;

/* Of one capture. */
struct migration {
	struct prof_store *s;
	bool lost; /* the strings of its rows, or its timeline, cannot be read */
	const struct prof_strtab *names;
	struct prof_capture_writer w;
	int64_t *cells;
};

/* The rows of a table go into pages, but for what the timeline has; transitions stay where they
 * are, and only count.
 */
static int table(struct migration *m, enum prof_rows which, uint64_t *rows, uint64_t *sum,
	struct prof_err *e)
{
	size_t width = strlen(prof_rows_tables[which].columns), n = 0;
	int64_t *v[PROF_ROWS_WIDEST], row[PROF_ROWS_WIDEST];
	bool is_kept = which != PROF_ROWS_TRANSITION && which != PROF_ROWS_GC_CYCLE &&
		       which != PROF_ROWS_PAUSE &&
		       !(which == PROF_ROWS_METRIC && m->w.derived[which]);
	struct prof_capture_table x;
	int rc = prof_capture_table_open(&x, m->s, m->w.profile, which, &m->w.mem, e);

	for (size_t c = 0; c < width; c++)
		v[c] = m->cells + c * PROF_COLUMNS_ROWS;
	while (!rc && !(rc = prof_capture_table_rows(&x, v, PROF_COLUMNS_ROWS, &n, e)) && n) {
		for (size_t i = 0; !rc && is_kept && i < n; i++) {
			for (size_t c = 0; c < width; c++)
				row[c] = v[c][i];
			rc = prof_capture_row(&m->w, which, m->names, row, e);
		}
	}
	*rows += x.rows;
	*sum += x.sum;
	if (which == PROF_ROWS_TRANSITION) {
		m->w.rows += (int64_t)x.rows;
		m->w.sum += x.sum;
	}
	prof_capture_table_fini(&x);
	return rc;
}

/* What is not as it was is left out: a capture without the rows that it says it has is damaged. */
static int tables(struct migration *m, const struct prof_capture *c, struct prof_err *e)
{
	uint64_t rows = 0, sum = 0, before = m->w.sum;
	struct prof_err err = {0};
	int rc = m->lost ? PROF_EFORMAT : 0;

	for (unsigned t = 0; !rc && t < PROF_ROWS_TABLES; t++)
		rc = table(m, (enum prof_rows)t, &rows, &sum, &err);
	if (!rc && (rows != (uint64_t)c->rows || sum != c->sum))
		rc = PROF_EFORMAT;
	else if (!rc)
		rc = prof_capture_put_index(&m->w, &err);
	if (rc != PROF_EFORMAT)
		return rc ? prof_fail(e, rc, err.offset, "%s", err.msg) : 0;
	m->w.rows = c->rows;
	m->w.sum = before;
	return prof_store_run(m->s, "DELETE FROM capture_data WHERE profile = ?1 AND part >= ?2",
		c->profile, PROF_CAPTURE_PARTS, 0, e);
}

/* A timeline as it is kept now; one that cannot be read stays as it is. */
static int put_timeline(struct migration *m, struct prof_str sealed, bool *done, struct prof_err *e)
{
	struct prof_timeline *t = prof_timeline_new(&m->s->limits, e);
	struct prof_err err = {0};
	struct prof_buf raw;
	int rc;

	if (!t)
		return PROF_ENOMEM;
	prof_buf_init(&raw, NULL, NULL);
	rc = prof_capture_unseal(m->s, m->w.profile, PROF_CAPTURE_TIMELINE, 0, sealed, &raw, &err);
	if (!rc)
		rc = prof_timeline_decode(raw.p, raw.n, PROF_STR(""), t, &err);
	*done = !rc;
	if (!rc)
		rc = prof_capture_put_timeline(&m->w, t, &err);
	else if (rc == PROF_EFORMAT)
		m->lost = true;
	prof_buf_fini(&raw);
	prof_timeline_free(t);
	return rc && rc != PROF_EFORMAT ? prof_fail(e, rc, PROF_NO_OFFSET, "%s", err.msg) : 0;
}

/* A part as it is: its seal is of the same place. */
static int put_part(struct migration *m, int64_t part, struct prof_str sealed, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	int rc = prof_db_prepare(m->s->h, "INSERT INTO capture_data VALUES(?1, ?2, 0, ?3)", &q, e);

	if (!rc) {
		sqlite3_bind_int64(q, 1, m->w.profile);
		sqlite3_bind_int64(q, 2, part);
		sqlite3_bind_blob64(q, 3, sealed.p, sealed.len, SQLITE_STATIC);
		rc = prof_db_run(q, e);
	}
	sqlite3_finalize(q);
	m->w.sum += prof_capture_blob_sum(part, 0, sealed);
	return rc;
}

static int parts(struct migration *m, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	int rc = prof_db_prepare(m->s->h,
		"SELECT part, data FROM old_data WHERE profile = ?1 AND part < ?2 ORDER BY part",
		&q, e);

	if (!rc) {
		sqlite3_bind_int64(q, 1, m->w.profile);
		sqlite3_bind_int64(q, 2, PROF_CAPTURE_PARTS);
	}
	while (!rc && (rc = prof_db_step(q, e)) > 0) {
		int64_t part = sqlite3_column_int64(q, 0);
		struct prof_str sealed = prof_db_str(q, 1);
		bool done = false;

		rc = part == PROF_CAPTURE_TIMELINE ? put_timeline(m, sealed, &done, e) : 0;
		if (!rc && !done)
			rc = put_part(m, part, sealed, e);
	}
	sqlite3_finalize(q);
	return rc;
}

static int capture(struct prof_store *s, const struct prof_strtab *names, bool lost,
	sqlite3_stmt *q, struct prof_err *e)
{
	struct prof_capture c;
	struct migration m = {.s = s, .names = names, .lost = lost};
	bool whole = prof_capture_of_row(q, &c);
	int rc = prof_capture_writer_init(&m.w, s, c.profile, e);

	if (!rc && !(m.cells = prof_mem_zalloc(
			     &m.w.mem, PROF_ROWS_WIDEST * PROF_COLUMNS_ROWS, sizeof(*m.cells), e)))
		rc = PROF_ENOMEM;
	if (!rc)
		rc = parts(&m, e);
	if (!rc)
		rc = tables(&m, &c, e);
	c.rows = m.w.rows;
	c.sum = m.w.sum;
	if (!rc)
		rc = prof_capture_put_row(s, &c, e);
	if (!rc && !whole) /* which is told as before */
		rc = prof_store_run(s, "UPDATE capture SET checksum = -1 WHERE profile = ?1",
			c.profile, 0, 0, e);
	prof_mem_zfree(&m.w.mem, m.cells, PROF_ROWS_WIDEST * PROF_COLUMNS_ROWS, sizeof(*m.cells));
	prof_capture_fini(&m.w);
	return rc;
}

static int captures(struct prof_store *s, struct prof_err *e)
{
	struct prof_mem mem = {.limit = SIZE_MAX / 2};
	struct prof_strtab names;
	struct prof_err err = {0};
	sqlite3_stmt *q = NULL;
	bool lost;
	int rc = prof_strtab_init(&names, &mem, &err);

	if (!rc)
		rc = prof_capture_table_strings(s, &names, &err);
	lost = rc == PROF_EFORMAT;
	if (rc && !lost)
		rc = prof_fail(e, rc, PROF_NO_OFFSET, "%s", err.msg);
	else
		rc = prof_db_prepare(s->h, "SELECT * FROM old_capture ORDER BY profile", &q, e);
	while (!rc && (rc = prof_db_step(q, e)) > 0)
		rc = capture(s, &names, lost, q, e);
	sqlite3_finalize(q);
	prof_strtab_fini(&names);
	return rc;
}

static int drop_tables(struct prof_store *s, struct prof_err *e)
{
	char sql[80];
	bool transitions;
	int rc = prof_db_exec(s->h, "DROP TABLE old_capture; DROP TABLE old_data", e);

	for (unsigned t = 0; !rc && t < PROF_CAPTURE_TABLES; t++) {
		snprintf(sql, sizeof(sql), "DROP TABLE IF EXISTS %s", prof_rows_tables[t].name);
		rc = prof_db_exec(s->h, sql, e);
	}
	if (!rc)
		rc = prof_capture_has(s, PROF_CAPTURE_TRANSITIONS, &transitions, e);
	if (rc)
		return rc;
	return transitions ? prof_capture_tidy(s, e) : prof_db_exec(s->h, "DROP TABLE name", e);
}

int prof_capture_migrate(struct prof_store *s, struct prof_err *e)
{
	int rc = prof_db_exec(s->h, begin_script, e);

	if (!rc)
		rc = captures(s, e);
	return rc ? rc : drop_tables(s, e);
}
