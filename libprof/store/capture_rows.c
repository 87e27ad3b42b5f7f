#include "libprof/store/capture_rows.h"

#include <stdio.h>

#include "libprof/model/timeline.h"

enum { PAGE_ROWS = 4096 };

static int read_names(struct prof_capture_rows *r, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	int rc = prof_db_prepare(r->s->h, "SELECT id FROM name ORDER BY id", &q, e);

	while (!rc && (rc = prof_db_step(q, e)) > 0) {
		rc = prof_vec_reserve(&r->mem, &r->names, 1, e);
		if (!rc)
			r->names.v[r->names.n++] = sqlite3_column_int64(q, 0);
	}
	sqlite3_finalize(q);
	return rc;
}

int prof_capture_rows_open(struct prof_capture_rows *r, struct prof_store *s, int64_t profile,
	enum prof_rows table, struct prof_err *e)
{
	const char *columns = prof_rows_tables[table].columns;
	char sql[100];
	bool has;
	int rc = prof_capture_has(s, prof_capture_set_of(table), &has, e);

	*r = (struct prof_capture_rows){.s = s,
		.profile = profile,
		.table = table,
		.mem = {.limit = (size_t)s->limits.memory_bytes}};
	if (rc || !has)
		return rc;
	r->cells = prof_mem_zalloc(&r->mem, strlen(columns) * PAGE_ROWS, sizeof(*r->cells), e);
	if (!r->cells)
		return e->code;
	for (size_t i = 0; columns[i]; i++)
		r->v[i] = r->cells + i * PAGE_ROWS;
	if (strchr(columns, 's') && (rc = read_names(r, e)))
		return rc;
	snprintf(sql, sizeof(sql), "SELECT * FROM %s WHERE profile = ?1 ORDER BY %s",
		prof_rows_tables[table].name, table == PROF_ROWS_TRANSITION ? "rowid" : "place");
	rc = prof_db_prepare(s->h, sql, &r->q, e);
	if (!rc)
		sqlite3_bind_int64(r->q, 1, profile);
	return rc;
}

/* The number of a string; 0: it is none of theirs. */
static int64_t number_of(const struct prof_capture_rows *r, int64_t name)
{
	size_t low = 0, high = r->names.n;

	while (low < high) {
		size_t at = low + (high - low) / 2;

		if (r->names.v[at] < name)
			low = at + 1;
		else
			high = at;
	}
	return low < r->names.n && r->names.v[low] == name ? (int64_t)low + 1 : 0;
}

static int take(struct prof_capture_rows *r, struct prof_err *e)
{
	const char *columns = prof_rows_tables[r->table].columns;
	int skip = r->table == PROF_ROWS_TRANSITION ? 1 : 2;

	for (int i = 0; columns[i]; i++) {
		int64_t v = PROF_ABSENT;

		if (sqlite3_column_type(r->q, i + skip) != SQLITE_NULL)
			v = sqlite3_column_int64(r->q, i + skip);
		if (columns[i] == 's' && v != PROF_ABSENT && !(v = number_of(r, v)))
			return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
				"is damaged: capture %lld: a string that %s has is not there",
				(long long)r->profile, prof_rows_tables[r->table].name);
		r->v[i][r->n] = v;
	}
	r->n++;
	return 0;
}

int prof_capture_rows_next(struct prof_capture_rows *r, struct prof_err *e)
{
	int rc = 1;

	r->first += r->n;
	r->n = 0;
	while (r->q && rc > 0 && r->n < PAGE_ROWS && (rc = prof_db_step(r->q, e)) > 0)
		rc = take(r, e) ? e->code : 1;
	if (rc < 0)
		return rc;
	if (!rc) {
		sqlite3_finalize(r->q);
		r->q = NULL;
	}
	return r->n > 0;
}

void prof_capture_rows_fini(struct prof_capture_rows *r)
{
	sqlite3_finalize(r->q);
	r->q = NULL;
	prof_vec_fini(&r->mem, &r->names);
	if (r->cells)
		prof_mem_zfree(&r->mem, r->cells,
			strlen(prof_rows_tables[r->table].columns) * PAGE_ROWS, sizeof(*r->cells));
	r->cells = NULL;
}

int prof_capture_strings(
	struct prof_store *s, int64_t profile, struct prof_strtab *out, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	bool has;
	int rc = prof_capture_has(s, PROF_CAPTURE_TIMELINES, &has, e);

	if (!rc && has)
		rc = prof_db_prepare(s->h, "SELECT text FROM name ORDER BY id", &q, e);
	while (!rc && q && (rc = prof_db_step(q, e)) > 0) {
		struct prof_str text = prof_db_str(q, 0);
		size_t number = out->strs.n;
		uint32_t id;

		rc = prof_strtab_add(out, text.p, text.len, &id, e);
		if (!rc && id != number)
			rc = prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
				"is damaged: capture %lld: a string is there twice",
				(long long)profile);
	}
	sqlite3_finalize(q);
	return rc;
}
