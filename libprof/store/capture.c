#include "libprof/store/capture.h"

#include <stdio.h>
#include <zlib.h>

#include "libprof/model/timeline.h"

static const char *const scripts[PROF_CAPTURE_SETS] = {
#include "sql/timeline.inc"
	,
#include "sql/trace.inc"
	,
#include "sql/transition.inc"
};

/* A table that each set has. */
static const char *const witnesses[PROF_CAPTURE_SETS] = {"capture", "goroutine", "transition"};

#define TRANSITION_INDEX "transition_goroutine"

enum prof_capture_set prof_capture_set_of(enum prof_rows table)
{
	return table == PROF_ROWS_TRANSITION ? PROF_CAPTURE_TRANSITIONS
	       : table >= PROF_ROWS_GROUP    ? PROF_CAPTURE_TRACES
					     : PROF_CAPTURE_TIMELINES;
}

int prof_capture_has(struct prof_store *s, enum prof_capture_set set, bool *has, struct prof_err *e)
{
	char sql[120];
	int64_t n = 0;
	int rc;

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM sqlite_schema WHERE name = '%s'",
		witnesses[set]);
	rc = prof_db_int(s->h, sql, 0, &n, e);
	*has = n > 0;
	return rc;
}

/* Within the transaction that the first capture comes in. */
static int make_tables(struct prof_store *s, enum prof_capture_set last, struct prof_err *e)
{
	char version[48];
	int rc = 0;

	for (unsigned set = 0; !rc && set <= last; set++) {
		bool has;

		rc = prof_capture_has(s, (enum prof_capture_set)set, &has, e);
		if (!rc && !has)
			rc = prof_db_exec(s->h, scripts[set], e);
	}
	snprintf(version, sizeof(version), "PRAGMA user_version = %d", PROF_DB_VERSION);
	return rc ? rc : prof_db_exec(s->h, version, e);
}

int prof_capture_begin(struct prof_capture_writer *w, struct prof_store *s,
	enum prof_capture_set set, struct prof_err *e)
{
	int rc;

	*w = (struct prof_capture_writer){
		.s = s, .profile = s->next_id, .mem = {.limit = SIZE_MAX / 2}};
	rc = prof_db_exec(s->h, "SAVEPOINT capture", e);
	return rc ? rc : make_tables(s, set, e);
}

int prof_capture_expect(struct prof_capture_writer *w, uint64_t transitions, struct prof_err *e)
{
	int64_t there = 0;
	int rc = prof_db_int(
		w->s->h, "SELECT coalesce(max(rowid), 0) FROM transition", 0, &there, e);

	if (rc || transitions / 2 < (uint64_t)there)
		return rc;
	return prof_db_exec(w->s->h, "DROP INDEX IF EXISTS " TRANSITION_INDEX, e);
}

uint64_t prof_capture_row_sum(enum prof_rows table, int64_t place, const int64_t *v)
{
	uint64_t h = prof_hash_mix(table, (uint64_t)place);

	for (const char *c = prof_rows_tables[table].columns; *c; c++)
		h = prof_hash_mix(h, (uint64_t)*v++);
	return h;
}

static uLong add_int(uLong crc, int64_t v)
{
	uint8_t bytes[8];

	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (uint8_t)((uint64_t)v >> 8 * i);
	return crc32(crc, bytes, sizeof(bytes));
}

static uLong add_str(uLong crc, struct prof_str s)
{
	crc = add_int(crc, s.len);
	return s.len ? crc32(crc, (const Bytef *)s.p, s.len) : crc;
}

uint32_t prof_capture_checksum(const struct prof_capture *c, int64_t rows, uint64_t sum)
{
	uLong crc = add_str(add_str(crc32(0, NULL, 0), c->kind), c->format);

	crc = add_int(add_int(add_int(crc, c->profile), c->complete), c->damages);
	return (uint32_t)add_int(add_int(crc, rows), (int64_t)sum);
}

uint32_t prof_capture_name_checksum(int64_t id, struct prof_str text)
{
	return (uint32_t)add_str(add_int(crc32(0, NULL, 0), id), text);
}

static int add_name(
	struct prof_capture_writer *w, struct prof_str text, int64_t *id, struct prof_err *e)
{
	int rc = w->add_name ? 0
			     : prof_db_prepare(w->s->h,
				       "INSERT INTO name VALUES((SELECT coalesce(max(id), 0) + 1 "
				       "FROM name), ?1, 0) RETURNING id",
				       &w->add_name, e);
	char sql[96];

	if (rc)
		return rc;
	prof_db_bind_str(w->add_name, 1, text);
	rc = prof_db_step(w->add_name, e);
	if (rc > 0)
		*id = sqlite3_column_int64(w->add_name, 0);
	sqlite3_reset(w->add_name);
	if (rc < 0)
		return rc;
	snprintf(sql, sizeof(sql), "UPDATE name SET checksum = %u WHERE id = %lld",
		(unsigned)prof_capture_name_checksum(*id, text), (long long)*id);
	return prof_db_exec(w->s->h, sql, e);
}

static int find_name(
	struct prof_capture_writer *w, struct prof_str text, int64_t *id, struct prof_err *e)
{
	int rc = w->find_name ? 0
			      : prof_db_prepare(w->s->h, "SELECT id FROM name WHERE text = ?1",
					&w->find_name, e);

	if (rc)
		return rc;
	prof_db_bind_str(w->find_name, 1, text);
	rc = prof_db_step(w->find_name, e);
	if (rc > 0)
		*id = sqlite3_column_int64(w->find_name, 0);
	sqlite3_reset(w->find_name);
	return rc ? (rc < 0 ? rc : 0) : add_name(w, text, id, e);
}

/* The name.id of a string, looked up once. */
static int name_of(struct prof_capture_writer *w, const struct prof_strtab *strings, int64_t string,
	int64_t *id, struct prof_err *e)
{
	int rc = 0;

	if (w->strings != strings)
		w->names.n = 0;
	w->strings = strings;
	if (w->names.n < strings->strs.n) {
		rc = prof_vec_reserve(&w->mem, &w->names, strings->strs.n - w->names.n, e);
		while (!rc && w->names.n < strings->strs.n)
			w->names.v[w->names.n++] = 0;
	}
	if (!rc && !w->names.v[string])
		rc = find_name(w, strings->strs.v[string], &w->names.v[string], e);
	if (!rc)
		*id = w->names.v[string];
	return rc;
}

static int prepare(struct prof_capture_writer *w, enum prof_rows table, struct prof_err *e)
{
	struct prof_buf b;
	int rc;

	prof_buf_init(&b, NULL, NULL);
	prof_buf_printf(&b, "INSERT INTO %s VALUES(?1%s", prof_rows_tables[table].name,
		table == PROF_ROWS_TRANSITION ? "" : ", ?2");
	for (size_t i = 0; prof_rows_tables[table].columns[i]; i++)
		prof_buf_printf(&b, ", ?%zu", i + 3);
	prof_buf_char(&b, ')');
	rc = prof_buf_done(&b, e);
	if (!rc)
		rc = prof_db_prepare(w->s->h, b.p, &w->insert[table], e);
	prof_buf_fini(&b);
	return rc;
}

int prof_capture_row(void *ctx, enum prof_rows table, const struct prof_strtab *strings,
	const int64_t *v, struct prof_err *e)
{
	struct prof_capture_writer *w = ctx;
	int64_t kept[PROF_ROWS_WIDEST], place = w->places[table]++;
	const char *columns = prof_rows_tables[table].columns;
	int rc = w->insert[table] ? 0 : prepare(w, table, e);
	sqlite3_stmt *q = w->insert[table];

	for (int i = 0; !rc && columns[i]; i++) {
		kept[i] = v[i];
		if (columns[i] == 's' && v[i] != PROF_ABSENT)
			rc = name_of(w, strings, v[i], &kept[i], e);
		if (kept[i] == PROF_ABSENT)
			sqlite3_bind_null(q, i + 3);
		else
			sqlite3_bind_int64(q, i + 3, kept[i]);
	}
	if (rc)
		return rc;
	sqlite3_bind_int64(q, 1, w->profile);
	if (table != PROF_ROWS_TRANSITION)
		sqlite3_bind_int64(q, 2, place);
	w->rows++;
	w->sum += prof_capture_row_sum(table, place, kept);
	return prof_db_run(q, e);
}

struct prof_seal_context prof_capture_context(int64_t profile, int64_t part)
{
	return (struct prof_seal_context){{(uint64_t)profile, (uint64_t)part, 0, 'C'}};
}

int prof_capture_put(struct prof_capture_writer *w, enum prof_capture_part part, const void *p,
	size_t n, struct prof_err *e)
{
	const struct prof_seal_context context = prof_capture_context(w->profile, part);
	struct prof_buf sealed;
	sqlite3_stmt *q = NULL;
	int rc;

	prof_buf_init(&sealed, NULL, NULL);
	rc = prof_seal(&w->s->sealer, &context, p, n, &sealed, e);
	if (!rc)
		rc = prof_db_prepare(w->s->h, "INSERT INTO capture_data VALUES(?1, ?2, ?3)", &q, e);
	if (!rc) {
		sqlite3_bind_int64(q, 1, w->profile);
		sqlite3_bind_int64(q, 2, part);
		sqlite3_bind_blob64(q, 3, sealed.p, sealed.n, SQLITE_STATIC);
		rc = prof_db_run(q, e);
	}
	sqlite3_finalize(q);
	prof_buf_fini(&sealed);
	return rc;
}

static int put_row(struct prof_capture_writer *w, const struct prof_capture *c, struct prof_err *e)
{
	struct prof_capture own = *c;
	sqlite3_stmt *q = NULL;
	int rc = prof_db_prepare(
		w->s->h, "INSERT INTO capture VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", &q, e);

	if (rc)
		return rc;
	own.profile = w->profile;
	sqlite3_bind_int64(q, 1, own.profile);
	prof_db_bind_str(q, 2, own.kind);
	prof_db_bind_str(q, 3, own.format);
	sqlite3_bind_int64(q, 4, own.complete);
	sqlite3_bind_int64(q, 5, own.damages);
	sqlite3_bind_int64(q, 6, w->rows);
	sqlite3_bind_int64(q, 7, (int64_t)w->sum);
	sqlite3_bind_int64(q, 8, prof_capture_checksum(&own, w->rows, w->sum));
	rc = prof_db_run(q, e);
	sqlite3_finalize(q);
	return rc;
}

int prof_capture_end(
	struct prof_capture_writer *w, const struct prof_capture *c, struct prof_err *e)
{
	int rc = put_row(w, c, e);

	if (!rc && c->complete)
		rc = prof_db_exec(w->s->h,
			"CREATE INDEX IF NOT EXISTS " TRANSITION_INDEX
			" ON transition(profile, goroutine)",
			e);
	return rc ? rc : prof_db_exec(w->s->h, "RELEASE capture", e);
}

int prof_capture_undo(struct prof_capture_writer *w, struct prof_err *e)
{
	for (unsigned i = 0; i < PROF_ROWS_TABLES; i++)
		sqlite3_reset(w->insert[i]);
	return prof_db_exec(w->s->h, "ROLLBACK TO capture; RELEASE capture", e);
}

void prof_capture_fini(struct prof_capture_writer *w)
{
	for (unsigned i = 0; i < PROF_ROWS_TABLES; i++)
		sqlite3_finalize(w->insert[i]);
	sqlite3_finalize(w->find_name);
	sqlite3_finalize(w->add_name);
	prof_vec_fini(&w->mem, &w->names);
}
