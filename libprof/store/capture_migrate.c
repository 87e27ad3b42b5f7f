/* Archives of versions 3 and 5, which have captures' rows in tables, and of version 7, which has
 * their transitions so.
 */
#include <stdio.h>

#include "libprof/store/capture_rows.h"
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
				   "DROP VIEW IF EXISTS transitions;"
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

/* The rows of a table go into pages, but for what the timeline has. */
static int table(struct migration *m, enum prof_rows which, uint64_t *rows, uint64_t *sum,
	struct prof_err *e)
{
	size_t width = strlen(prof_rows_tables[which].columns), n = 0;
	int64_t *v[PROF_ROWS_WIDEST], row[PROF_ROWS_WIDEST];
	bool is_kept = which != PROF_ROWS_GC_CYCLE && which != PROF_ROWS_PAUSE &&
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
		rc = prof_capture_put_index(&m->w, NULL, &err);
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

static int migration_init(struct migration *m, struct prof_store *s,
	const struct prof_strtab *names, bool lost, int64_t profile, struct prof_err *e)
{
	int rc;

	*m = (struct migration){.s = s, .names = names, .lost = lost};
	rc = prof_capture_writer_init(&m->w, s, profile, e);
	if (!rc && !(m->cells = prof_mem_zalloc(&m->w.mem, PROF_ROWS_WIDEST * PROF_COLUMNS_ROWS,
			     sizeof(*m->cells), e)))
		rc = e->code;
	return rc;
}

static void migration_fini(struct migration *m)
{
	prof_mem_zfree(
		&m->w.mem, m->cells, PROF_ROWS_WIDEST * PROF_COLUMNS_ROWS, sizeof(*m->cells));
	prof_capture_fini(&m->w);
}

static int capture(struct prof_store *s, const struct prof_strtab *names, bool lost,
	sqlite3_stmt *q, struct prof_err *e)
{
	struct prof_capture c;
	struct migration m;
	bool whole = prof_capture_of_row(q, &c);
	int rc = migration_init(&m, s, names, lost, c.profile, e);

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
	migration_fini(&m);
	return rc;
}

/* What the blobs of a capture add up to: those that stay, and those that transitions change. */
static int sum_blobs(
	struct prof_store *s, int64_t profile, uint64_t *stay, uint64_t *change, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	int rc = prof_db_prepare(
		s->h, "SELECT part, place, data FROM capture_data WHERE profile = ?1", &q, e);

	if (!rc)
		sqlite3_bind_int64(q, 1, profile);
	*stay = *change = 0;
	while (!rc && (rc = prof_db_step(q, e)) > 0) {
		int64_t part = sqlite3_column_int64(q, 0);
		bool changes = part == PROF_CAPTURE_INDEX || part == PROF_CAPTURE_STRINGS;

		*(changes ? change : stay) += prof_capture_blob_sum(
			part, sqlite3_column_int64(q, 1), prof_db_str(q, 2));
		rc = 0;
	}
	sqlite3_finalize(q);
	return rc;
}

static int remove_parts(struct prof_store *s, int64_t profile, enum prof_capture_part a, int64_t b,
	struct prof_err *e)
{
	return prof_store_run(s, "DELETE FROM capture_data WHERE profile = ?1 AND part IN (?2, ?3)",
		profile, a, b, e);
}

/* Its transitions become pages beside the rows that it has; PROF_EFORMAT: they are not those that
 * it had.
 */
static int page_transitions(struct migration *m, struct prof_capture *c,
	const struct prof_capture_index *x, struct prof_err *e)
{
	uint64_t rows = 0, own = 0, stay, change;
	int rc = sum_blobs(m->s, c->profile, &stay, &change, e);

	if (!rc)
		rc = m->lost ? PROF_EFORMAT : prof_capture_strings(m->s, c->profile, &m->w.own, e);
	if (!rc)
		rc = table(m, PROF_ROWS_TRANSITION, &rows, &own, e);
	for (unsigned t = 0; t < PROF_ROWS_TABLES; t++)
		rows += x->rows[t];
	if (!rc && (rows != (uint64_t)c->rows || stay + change + own != c->sum))
		rc = PROF_EFORMAT;
	if (rc || !m->w.rows)
		return rc;
	rc = remove_parts(m->s, c->profile, PROF_CAPTURE_INDEX, PROF_CAPTURE_STRINGS, e);
	if (!rc)
		rc = prof_capture_put_index(&m->w, x, e);
	c->sum = stay + m->w.sum;
	return rc;
}

/* Transitions that are not as they were are left out: the index says that there should be some. */
static int leave_out(struct migration *m, struct prof_capture_index *x, struct prof_err *e)
{
	int64_t profile = m->w.profile;
	struct prof_buf b;
	int rc = remove_parts(
		m->s, profile, PROF_CAPTURE_WHO, PROF_CAPTURE_ROWS + PROF_ROWS_TRANSITION, e);

	if (!rc)
		rc = remove_parts(m->s, profile, PROF_CAPTURE_INDEX, PROF_CAPTURE_INDEX, e);
	x->rows[PROF_ROWS_TRANSITION] = 1;
	prof_buf_init(&b, NULL, NULL);
	prof_capture_index_put(x, &b);
	if (!rc)
		rc = b.code ? prof_nomem(e)
			    : prof_capture_put(&m->w, PROF_CAPTURE_INDEX, b.p, b.n, e);
	prof_buf_fini(&b);
	return rc;
}

/* Of a capture of version 7. */
static int transitions(struct prof_store *s, const struct prof_strtab *names, bool lost,
	sqlite3_stmt *q, struct prof_err *e)
{
	struct prof_capture_index x;
	struct prof_capture c;
	struct migration m;
	struct prof_err err = {0};
	struct prof_buf b;
	int rc;

	if (!prof_capture_of_row(q, &c) || !c.complete)
		return 0;
	prof_buf_init(&b, NULL, NULL);
	rc = migration_init(&m, s, names, lost, c.profile, &err);
	if (!rc && !(rc = prof_capture_index_read(s, c.profile, &b, &x, &err))) {
		rc = page_transitions(&m, &c, &x, &err);
		if (!rc)
			rc = prof_store_run(s,
				"UPDATE capture SET row_sum = ?1, checksum = ?2 WHERE profile = ?3",
				(int64_t)c.sum, prof_capture_checksum(&c), c.profile, &err);
		else if (rc == PROF_EFORMAT)
			rc = leave_out(&m, &x, &err);
	}
	migration_fini(&m);
	prof_buf_fini(&b);
	return rc && rc != PROF_EFORMAT ? prof_fail(e, rc, PROF_NO_OFFSET, "%s", err.msg) : 0;
}

/* Does it with each capture that a statement gives, and with the strings that rows have. */
static int captures(struct prof_store *s, const char *select,
	int (*each)(struct prof_store *s, const struct prof_strtab *names, bool lost,
		sqlite3_stmt *q, struct prof_err *e),
	struct prof_err *e)
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
		rc = prof_db_prepare(s->h, select, &q, e);
	while (!rc && (rc = prof_db_step(q, e)) > 0)
		rc = each(s, &names, lost, q, e);
	sqlite3_finalize(q);
	prof_strtab_fini(&names);
	return rc;
}

static int drop_tables(struct prof_store *s, struct prof_err *e)
{
	char sql[80];
	int rc = 0;

	for (unsigned t = 0; !rc && t < PROF_ROWS_TABLES; t++) {
		snprintf(sql, sizeof(sql), "DROP TABLE IF EXISTS %s", prof_rows_tables[t].name);
		rc = prof_db_exec(s->h, sql, e);
	}
	return rc ? rc : prof_db_exec(s->h, "DROP TABLE IF EXISTS name", e);
}

static int migrate_7(struct prof_store *s, struct prof_err *e)
{
	bool has;
	int rc = prof_capture_has_table(s, "transition", &has, e);

	if (rc || !has)
		return rc;
	s->shrinks = true;
	rc = prof_db_exec(s->h, "DROP VIEW IF EXISTS transitions", e);
	if (!rc)
		rc = captures(s, "SELECT * FROM capture ORDER BY profile", transitions, e);
	return rc ? rc : drop_tables(s, e);
}

int prof_capture_migrate(struct prof_store *s, int64_t from, struct prof_err *e)
{
	int rc;

	if (from == PROF_DB_PAGES)
		return migrate_7(s, e);
	if (from != 3 && from != 5)
		return 0;
	s->shrinks = true;
	rc = prof_db_exec(s->h, begin_script, e);
	if (!rc)
		rc = captures(s, "SELECT * FROM old_capture ORDER BY profile", capture, e);
	if (!rc)
		rc = prof_db_exec(s->h, "DROP TABLE old_capture; DROP TABLE old_data", e);
	return rc ? rc : drop_tables(s, e);
}
