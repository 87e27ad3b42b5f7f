/* Captures go with their profiles, and are looked at. */
#include <stdarg.h>
#include <stdio.h>

#include "libprof/model/timeline.h"
#include "libprof/store/capture.h"

static int have(struct prof_store *s, bool has[PROF_CAPTURE_SETS], struct prof_err *e)
{
	int rc = 0;

	for (unsigned i = 0; !rc && i < PROF_CAPTURE_SETS; i++)
		rc = prof_capture_has(s, (enum prof_capture_set)i, &has[i], e);
	return rc;
}

int prof_capture_remove(struct prof_store *s, int64_t profile, struct prof_err *e)
{
	bool has[PROF_CAPTURE_SETS];
	char sql[80];
	int rc = have(s, has, e);

	if (rc || !has[PROF_CAPTURE_TIMELINES])
		return rc;
	for (unsigned i = 0; !rc && i < PROF_ROWS_TABLES; i++) {
		if (!has[prof_capture_set_of((enum prof_rows)i)])
			continue;
		snprintf(sql, sizeof(sql), "DELETE FROM %s WHERE profile = ?1",
			prof_rows_tables[i].name);
		rc = prof_store_run(s, sql, profile, 0, 0, e);
	}
	if (!rc)
		rc = prof_store_run(
			s, "DELETE FROM capture_data WHERE profile = ?1", profile, 0, 0, e);
	return rc ? rc
		  : prof_store_run(s, "DELETE FROM capture WHERE profile = ?1", profile, 0, 0, e);
}

/* "SELECT column FROM table" of each column of names, joined by UNION. */
static void put_used(struct prof_buf *b, const bool has[PROF_CAPTURE_SETS], sqlite3 *h)
{
	const char *joint = "";

	for (unsigned i = 0; i < PROF_ROWS_TABLES; i++) {
		const struct prof_rows_table *t = &prof_rows_tables[i];
		int skip = i == PROF_ROWS_TRANSITION ? 1 : 2;
		sqlite3_stmt *q = NULL;
		char sql[80];

		if (!has[prof_capture_set_of((enum prof_rows)i)])
			continue;
		snprintf(sql, sizeof(sql), "SELECT * FROM %s", t->name);
		if (sqlite3_prepare_v2(h, sql, -1, &q, NULL) != SQLITE_OK)
			continue;
		for (int c = 0; t->columns[c]; c++) {
			if (t->columns[c] != 's')
				continue;
			prof_buf_printf(b, "%sSELECT %s FROM %s WHERE %s IS NOT NULL", joint,
				sqlite3_column_name(q, c + skip), t->name,
				sqlite3_column_name(q, c + skip));
			joint = " UNION ";
		}
		sqlite3_finalize(q);
	}
}

int prof_capture_tidy(struct prof_store *s, struct prof_err *e)
{
	bool has[PROF_CAPTURE_SETS];
	struct prof_buf b;
	int rc = have(s, has, e);

	if (rc || !has[PROF_CAPTURE_TIMELINES])
		return rc;
	prof_buf_init(&b, NULL, NULL);
	prof_buf_str(&b, "DELETE FROM name WHERE id NOT IN (");
	put_used(&b, has, s->h);
	prof_buf_char(&b, ')');
	rc = prof_buf_done(&b, e);
	if (!rc)
		rc = prof_db_exec(s->h, b.p, e);
	prof_buf_fini(&b);
	return rc;
}

struct verifier {
	struct prof_store *s;
	prof_store_problem_fn *problem;
	void *ctx;
	int stopped;
};

static void PROF_PRINTF(2, 3) tell(struct verifier *v, const char *fmt, ...)
{
	char line[320];
	va_list ap;

	if (v->stopped)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	v->stopped = v->problem(v->ctx, line);
}

/* A table's pages may lead to one another in circles, which no scan of them finds an end of in good
 * time: what comes by its key is asked whether it comes after what was before. */
static bool is_next(
	struct verifier *v, const char *table, int64_t profile, int64_t key, int64_t *last)
{
	if (key <= *last) {
		tell(v, "capture %lld: rows of %s are not in order", (long long)profile, table);
		return false;
	}
	*last = key;
	return true;
}

/* What the rows of one capture in one table add up to. */
static int sum_rows(struct verifier *v, enum prof_rows table, int64_t profile, int64_t *rows,
	uint64_t *sum, struct prof_err *e)
{
	const struct prof_rows_table *t = &prof_rows_tables[table];
	int skip = table == PROF_ROWS_TRANSITION ? 1 : 2, n = (int)strlen(t->columns);
	int64_t values[PROF_ROWS_WIDEST], place = 0, last = INT64_MIN;
	sqlite3_stmt *q = NULL;
	char sql[100];
	int rc;

	snprintf(sql, sizeof(sql), "SELECT *, %s FROM %s WHERE profile = ?1 ORDER BY %s",
		skip == 1 ? "rowid" : "place", t->name, skip == 1 ? "rowid" : "place");
	rc = prof_db_prepare(v->s->h, sql, &q, e);
	if (!rc)
		sqlite3_bind_int64(q, 1, profile);
	while (!rc && (rc = prof_db_step(q, e)) > 0) {
		rc = 0;
		if (!is_next(v, t->name, profile,
			    sqlite3_column_int64(q, sqlite3_column_count(q) - 1), &last))
			break;
		for (int i = 0; i < n; i++)
			values[i] = sqlite3_column_type(q, i + skip) == SQLITE_NULL
					    ? PROF_ABSENT
					    : sqlite3_column_int64(q, i + skip);
		*sum += prof_capture_row_sum(
			table, skip == 1 ? place++ : sqlite3_column_int64(q, 1), values);
		++*rows;
	}
	sqlite3_finalize(q);
	return rc;
}

static int check_data(struct verifier *v, int64_t profile, struct prof_err *e)
{
	int64_t last = INT64_MIN;
	sqlite3_stmt *q = NULL;
	struct prof_buf raw;
	int rc = prof_db_prepare(
		v->s->h, "SELECT part FROM capture_data WHERE profile = ?1 ORDER BY part", &q, e);

	if (!rc)
		sqlite3_bind_int64(q, 1, profile);
	prof_buf_init(&raw, NULL, NULL);
	while (!rc && (rc = prof_db_step(q, e)) > 0) {
		struct prof_err err = {0};
		int64_t part = sqlite3_column_int64(q, 0);

		rc = 0;
		if (!is_next(v, "capture_data", profile, part, &last))
			break;
		rc = prof_capture_get(v->s, profile, (enum prof_capture_part)part, &raw, &err);
		if (rc == PROF_EFORMAT || rc == PROF_ELIMIT)
			tell(v, "capture %lld %s", (long long)profile, err.msg);
		else if (rc)
			rc = prof_fail(e, rc, PROF_NO_OFFSET, "%s", err.msg);
		rc = rc == PROF_EFORMAT || rc == PROF_ELIMIT ? 0 : rc;
	}
	sqlite3_finalize(q);
	prof_buf_fini(&raw);
	return rc;
}

static int check_capture(
	struct verifier *v, sqlite3_stmt *q, const bool has[PROF_CAPTURE_SETS], struct prof_err *e)
{
	const struct prof_capture c = {.profile = sqlite3_column_int64(q, 0),
		.kind = prof_db_str(q, 1),
		.format = prof_db_str(q, 2),
		.complete = sqlite3_column_int64(q, 3) != 0,
		.damages = sqlite3_column_int64(q, 4)};
	int64_t said = sqlite3_column_int64(q, 5), rows = 0;
	uint64_t said_sum = (uint64_t)sqlite3_column_int64(q, 6), sum = 0;
	int rc = 0;

	if (prof_capture_checksum(&c, said, said_sum) != (uint32_t)sqlite3_column_int64(q, 7))
		tell(v, "capture %lld: the checksum of its row is wrong", (long long)c.profile);
	for (unsigned i = 0; !rc && i < PROF_ROWS_TABLES; i++)
		if (has[prof_capture_set_of((enum prof_rows)i)])
			rc = sum_rows(v, (enum prof_rows)i, c.profile, &rows, &sum, e);
	if (!rc && (rows != said || sum != said_sum))
		tell(v, "capture %lld: its rows are not those that it had", (long long)c.profile);
	return rc ? rc : check_data(v, c.profile, e);
}

/* Names that rows have and table name has not. */
static int check_missing_names(
	struct verifier *v, const bool has[PROF_CAPTURE_SETS], struct prof_err *e)
{
	struct prof_buf b;
	int64_t n = 0;
	int rc;

	prof_buf_init(&b, NULL, NULL);
	prof_buf_str(&b, "WITH used(id) AS (");
	put_used(&b, has, v->s->h);
	prof_buf_str(&b, ") SELECT count(*) FROM used WHERE id NOT IN (SELECT id FROM name)");
	rc = prof_buf_done(&b, e);
	if (!rc)
		rc = prof_db_int(v->s->h, b.p, 0, &n, e);
	prof_buf_fini(&b);
	if (!rc && n)
		tell(v, "%lld names are missing", (long long)n);
	return rc;
}

static int check_names(struct verifier *v, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	int rc = prof_db_prepare(v->s->h, "SELECT id, text, checksum FROM name", &q, e);

	while (!rc && (rc = prof_db_step(q, e)) > 0) {
		int64_t id = sqlite3_column_int64(q, 0);

		if (prof_capture_name_checksum(id, prof_db_str(q, 1)) !=
			(uint32_t)sqlite3_column_int64(q, 2))
			tell(v, "name %lld: its checksum is wrong", (long long)id);
		rc = 0;
	}
	sqlite3_finalize(q);
	return rc;
}

/* Rows that belong to nothing. */
static int check_strays(struct verifier *v, const bool has[PROF_CAPTURE_SETS], struct prof_err *e)
{
	char sql[120];
	int64_t n = 0;
	int rc = prof_db_int(v->s->h,
		"SELECT count(*) FROM capture WHERE profile NOT IN (SELECT id FROM profile)", 0, &n,
		e);

	if (!rc && n)
		tell(v, "%lld captures without a profile", (long long)n);
	for (int i = -1; !rc && i < PROF_ROWS_TABLES; i++) {
		const char *name = i < 0 ? "capture_data" : prof_rows_tables[i].name;

		if (i >= 0 && !has[prof_capture_set_of((enum prof_rows)i)])
			continue;
		snprintf(sql, sizeof(sql),
			"SELECT count(*) FROM %s WHERE profile NOT IN (SELECT profile FROM "
			"capture)",
			name);
		rc = prof_db_int(v->s->h, sql, 0, &n, e);
		if (!rc && n)
			tell(v, "%lld rows of %s without a capture", (long long)n, name);
	}
	return rc;
}

int prof_capture_verify(
	struct prof_store *s, prof_store_problem_fn *problem, void *ctx, struct prof_err *e)
{
	struct verifier v = {.s = s, .problem = problem, .ctx = ctx};
	bool has[PROF_CAPTURE_SETS];
	int64_t last = INT64_MIN;
	sqlite3_stmt *q = NULL;
	int rc = have(s, has, e);

	if (rc || !has[PROF_CAPTURE_TIMELINES])
		return rc;
	rc = check_strays(&v, has, e);
	if (!rc)
		rc = check_names(&v, e);
	if (!rc)
		rc = check_missing_names(&v, has, e);
	if (!rc)
		rc = prof_db_prepare(s->h, "SELECT * FROM capture ORDER BY profile", &q, e);
	while (!rc && !v.stopped && (rc = prof_db_step(q, e)) > 0) {
		int64_t profile = sqlite3_column_int64(q, 0);

		if (!is_next(&v, "capture", profile, profile, &last)) {
			rc = 0;
			break;
		}
		rc = check_capture(&v, q, has, e);
	}
	sqlite3_finalize(q);
	return rc;
}
