#include "libprof/store/capture_tables.h"

#include <stdio.h>
#include <zlib.h>

#include "libprof/base/search.h"
#include "libprof/model/timeline.h"

static int read_names(struct prof_capture_table *x, struct prof_store *s, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	int rc = prof_db_prepare(s->h, "SELECT id FROM name ORDER BY id", &q, e);

	while (!rc && (rc = prof_db_step(q, e)) > 0) {
		rc = prof_vec_reserve(x->mem, &x->names, 1, e);
		if (!rc)
			x->names.v[x->names.n++] = sqlite3_column_int64(q, 0);
	}
	sqlite3_finalize(q);
	return rc;
}

int prof_capture_table_open(struct prof_capture_table *x, struct prof_store *s, int64_t profile,
	enum prof_rows table, struct prof_mem *mem, struct prof_err *e)
{
	const struct prof_rows_table *t = &prof_rows_tables[table];
	const char *place = table == PROF_ROWS_TRANSITION ? "rowid" : "place";
	char sql[120];
	bool has;
	int rc = prof_capture_has_table(s, t->name, &has, e);

	*x = (struct prof_capture_table){
		.table = table, .profile = profile, .mem = mem, .last = INT64_MIN};
	if (rc || !has)
		return rc;
	if (strchr(t->columns, 's'))
		rc = read_names(x, s, e);
	snprintf(sql, sizeof(sql), "SELECT *, %s FROM %s WHERE profile = ?1 ORDER BY %s", place,
		t->name, place);
	if (!rc)
		rc = prof_db_prepare(s->h, sql, &x->q, e);
	if (!rc)
		sqlite3_bind_int64(x->q, 1, profile);
	return rc;
}

void prof_capture_table_fini(struct prof_capture_table *x)
{
	sqlite3_finalize(x->q);
	x->q = NULL;
	if (x->mem)
		prof_vec_fini(x->mem, &x->names);
}

/* The number of a string; 0: it is none of theirs. */
static int64_t number_of(const struct prof_capture_table *x, int64_t name)
{
	size_t at = prof_search_numbers(x->names.v, x->names.n, name);

	return at < x->names.n && x->names.v[at] == name ? (int64_t)at + 1 : 0;
}

static int damaged(const struct prof_capture_table *x, const char *what, struct prof_err *e)
{
	return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET, "is damaged: capture %lld: %s of %s",
		(long long)x->profile, what, prof_rows_tables[x->table].name);
}

/* What a row adds to capture.row_sum. */
static uint64_t row_sum(enum prof_rows table, int64_t place, const int64_t *v)
{
	uint64_t h = prof_hash_mix(table, (uint64_t)place);

	for (const char *c = prof_rows_tables[table].columns; *c; c++)
		h = prof_hash_mix(h, (uint64_t)*v++);
	return h;
}

static int take(struct prof_capture_table *x, int64_t *const *v, size_t i, struct prof_err *e)
{
	const char *columns = prof_rows_tables[x->table].columns;
	int skip = x->table == PROF_ROWS_TRANSITION ? 1 : 2, n = (int)strlen(columns);
	int64_t own[PROF_ROWS_WIDEST], place = sqlite3_column_int64(x->q, skip + n);

	/* Its pages may lead to one another in circles, which no scan of them finds an end of. */
	if (place <= x->last)
		return damaged(x, "rows that are not in order", e);
	x->last = place;
	for (int c = 0; c < n; c++) {
		own[c] = sqlite3_column_type(x->q, c + skip) == SQLITE_NULL
				 ? PROF_ABSENT
				 : sqlite3_column_int64(x->q, c + skip);
		v[c][i] = own[c];
		if (columns[c] == 's' && own[c] != PROF_ABSENT && !(v[c][i] = number_of(x, own[c])))
			return damaged(x, "a string is missing", e);
	}
	if (x->table == PROF_ROWS_TRANSITION)
		place = (int64_t)x->rows;
	x->sum += row_sum(x->table, place, own);
	x->rows++;
	return 0;
}

int prof_capture_table_rows(
	struct prof_capture_table *x, int64_t *const *v, size_t most, size_t *n, struct prof_err *e)
{
	int rc = 1;

	*n = 0;
	while (x->q && *n < most && (rc = prof_db_step(x->q, e)) > 0) {
		rc = take(x, v, *n, e);
		if (rc)
			break;
		rc = 1;
		++*n;
	}
	if (!rc) { /* which would begin anew */
		sqlite3_finalize(x->q);
		x->q = NULL;
	}
	return rc < 0 ? rc : 0;
}

uint32_t prof_capture_name_checksum(int64_t id, struct prof_str text)
{
	uint8_t head[16];
	uLong crc;

	for (unsigned i = 0; i < sizeof(head); i++)
		head[i] = (uint8_t)((i < 8 ? (uint64_t)id : text.len) >> i % 8 * 8);
	crc = crc32(crc32(0, NULL, 0), head, sizeof(head));
	return (uint32_t)(text.len ? crc32(crc, (const Bytef *)text.p, text.len) : crc);
}

int prof_capture_table_strings(struct prof_store *s, struct prof_strtab *out, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	bool has;
	int rc = prof_capture_has_table(s, "name", &has, e);

	if (!rc && has)
		rc = prof_db_prepare(
			s->h, "SELECT id, text, checksum FROM name ORDER BY id", &q, e);
	while (!rc && q && (rc = prof_db_step(q, e)) > 0) {
		int64_t name = sqlite3_column_int64(q, 0);
		struct prof_str text = prof_db_str(q, 1);
		size_t number = out->strs.n;
		uint32_t id;

		rc = prof_strtab_add(out, text.p, text.len, &id, e);
		if (!rc && (id != number || prof_capture_name_checksum(name, text) !=
						    (uint32_t)sqlite3_column_int64(q, 2)))
			rc = prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
				"is damaged: name %lld is not what it was", (long long)name);
	}
	sqlite3_finalize(q);
	return rc;
}
