#include "libprof/store/capture.h"

#include <stdio.h>
#include <zlib.h>

#include "libprof/model/timeline.h"
#include "libprof/store/columns.h"
#include "libprof/store/timeline.h"
#include "libprof/store/timeline_rows.h"

static const char tables_script[] =
#include "sql/timeline.inc"
	;

enum {
	STRINGS_FIRST = 8 << 10, /* bytes of strings beside the index */
	STRINGS_PAGE = 32 << 10,
	SMALL_PAGE = 4 << 10, /* one that stands in the index */
};

int prof_capture_has_table(struct prof_store *s, const char *name, bool *has, struct prof_err *e)
{
	char sql[120];
	int64_t n = 0;
	int rc;

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM sqlite_schema WHERE name = '%s'", name);
	rc = prof_db_int(s->h, sql, 0, &n, e);
	*has = n > 0;
	return rc;
}

int prof_capture_has(struct prof_store *s, bool *has, struct prof_err *e)
{
	return prof_capture_has_table(s, "capture", has, e);
}

/* Within the transaction that the first capture comes in. */
static int make_tables(struct prof_store *s, struct prof_err *e)
{
	char version[48];
	bool has;
	int rc = prof_capture_has(s, &has, e);

	if (!rc && !has)
		rc = prof_db_exec(s->h, tables_script, e);
	snprintf(version, sizeof(version), "PRAGMA user_version = %d", PROF_DB_VERSION);
	return rc ? rc : prof_db_exec(s->h, version, e);
}

int prof_capture_writer_init(
	struct prof_capture_writer *w, struct prof_store *s, int64_t profile, struct prof_err *e)
{
	*w = (struct prof_capture_writer){
		.s = s, .sealer = &s->hard, .profile = profile, .mem = {.limit = SIZE_MAX / 2}};
	prof_who_writer_init(&w->who, &w->mem);
	return prof_strtab_init(&w->own, &w->mem, e);
}

int prof_capture_begin(struct prof_capture_writer *w, struct prof_store *s, struct prof_err *e)
{
	int rc = prof_capture_writer_init(w, s, s->next_id, e);

	if (!rc)
		rc = prof_db_exec(s->h, "SAVEPOINT capture", e);
	return rc ? rc : make_tables(s, e);
}

void prof_capture_squeeze(struct prof_capture_writer *w)
{
	w->sealer = &w->s->tight;
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

uint64_t prof_capture_blob_sum(int64_t part, int64_t place, struct prof_str sealed)
{
	uint64_t h = prof_hash_mix((uint64_t)part, (uint64_t)place);

	return prof_hash_mix(h, prof_sealed_crc(sealed.p, sealed.len));
}

uint32_t prof_capture_checksum(const struct prof_capture *c)
{
	uLong crc = add_str(add_str(crc32(0, NULL, 0), c->kind), c->format);

	crc = add_int(add_int(add_int(crc, c->profile), c->complete), c->damages);
	return (uint32_t)add_int(add_int(crc, c->rows), (int64_t)c->sum);
}

/* Makes room to keep what a table's strings are here. */
static int reserve(
	struct prof_capture_writer *w, const struct prof_strtab *strings, struct prof_err *e)
{
	size_t n = strings->strs.n;
	int rc;

	if (w->strings != strings)
		w->ids.n = 0;
	w->strings = strings;
	if (w->ids.n >= n)
		return 0;
	rc = prof_vec_reserve(&w->mem, &w->ids, n - w->ids.n, e);
	while (!rc && w->ids.n < n)
		w->ids.v[w->ids.n++] = PROF_NONE;
	return rc;
}

struct prof_seal_context prof_capture_context(int64_t profile, int64_t part, int64_t place)
{
	return (struct prof_seal_context){
		{(uint64_t)profile, (uint64_t)part, (uint64_t)place, 'C'}};
}

/* Which there are millions of: they are not worth much time. */
static bool is_of_transitions(int64_t part)
{
	return part == PROF_CAPTURE_WHO ||
	       part == PROF_CAPTURE_ROWS + (int64_t)PROF_ROWS_TRANSITION;
}

int prof_capture_put_blob(struct prof_capture_writer *w, int64_t part, int64_t place, const void *p,
	size_t n, struct prof_err *e)
{
	const struct prof_seal_context context = prof_capture_context(w->profile, part, place);
	struct prof_buf sealed;
	int rc = w->put ? 0
			: prof_db_prepare(w->s->h,
				  "INSERT INTO capture_data VALUES(?1, ?2, ?3, ?4)", &w->put, e);

	prof_buf_init(&sealed, NULL, NULL);
	if (!rc)
		rc = prof_seal(is_of_transitions(part) ? &w->s->sealer : w->sealer, &context, p, n,
			&sealed, e);
	if (!rc) {
		sqlite3_bind_int64(w->put, 1, w->profile);
		sqlite3_bind_int64(w->put, 2, part);
		sqlite3_bind_int64(w->put, 3, place);
		sqlite3_bind_blob64(w->put, 4, sealed.p, sealed.n, SQLITE_STATIC);
		w->sum += prof_capture_blob_sum(
			part, place, (struct prof_str){sealed.p, (uint32_t)sealed.n});
		rc = prof_db_run(w->put, e);
		sqlite3_clear_bindings(w->put);
	}
	prof_buf_fini(&sealed);
	return rc;
}

int prof_capture_put(struct prof_capture_writer *w, enum prof_capture_part part, const void *p,
	size_t n, struct prof_err *e)
{
	return prof_capture_put_blob(w, part, 0, p, n, e);
}

/* Who is in the pages that were added, and from which one on. */
static int put_who(struct prof_capture_writer *w, struct prof_err *e)
{
	int64_t first = (int64_t)(w->times.n - w->who.pages) * PROF_COLUMNS_ROWS;
	struct prof_buf b;
	int rc;

	prof_buf_init(&b, NULL, NULL);
	rc = prof_who_put(&w->who, &b, e);
	if (!rc)
		rc = b.code ? prof_nomem(e)
			    : prof_capture_put_blob(w, PROF_CAPTURE_WHO, first, b.p, b.n, e);
	prof_buf_fini(&b);
	return rc;
}

/* What finds a page of transitions. */
static int find_by(struct prof_capture_writer *w, int64_t *const *v, size_t n, struct prof_err *e)
{
	int rc = prof_vec_reserve(&w->mem, &w->times, 1, e);

	if (rc)
		return rc;
	w->times.v[w->times.n++] = v[PROF_TRANSITION_T_NS][0];
	rc = prof_who_add(&w->who, v, n, e);
	return rc || w->who.pages < PROF_WHO_PAGES ? rc : put_who(w, e);
}

static int put_times(struct prof_capture_writer *w, struct prof_err *e)
{
	struct prof_buf b;
	int rc = w->who.pages ? put_who(w, e) : 0;

	if (rc || !w->times.n)
		return rc;
	prof_buf_init(&b, NULL, NULL);
	prof_times_put(&w->times, &b);
	rc = b.code ? prof_nomem(e) : prof_capture_put(w, PROF_CAPTURE_TIMES, b.p, b.n, e);
	prof_buf_fini(&b);
	return rc;
}

/* Encodes the rows of a table that are not written yet. */
static int encode_page(struct prof_capture_writer *w, enum prof_rows table, struct prof_buf *out,
	struct prof_err *e)
{
	size_t width = strlen(prof_rows_tables[table].columns), n = w->cells[table].n / width;
	int64_t *v[PROF_ROWS_WIDEST];

	if (!w->columns)
		w->columns = prof_mem_zalloc(
			&w->mem, PROF_ROWS_WIDEST * PROF_COLUMNS_ROWS, sizeof(*w->columns), e);
	if (!w->columns)
		return PROF_ENOMEM;
	for (size_t c = 0; c < width; c++) {
		v[c] = w->columns + c * PROF_COLUMNS_ROWS;
		for (size_t i = 0; i < n; i++)
			v[c][i] = w->cells[table].v[i * width + c];
	}
	prof_capture_page_put(table, v, n, out);
	if (out->code)
		return prof_nomem(e);
	return table == PROF_ROWS_TRANSITION ? find_by(w, v, n, e) : 0;
}

static int put_page(struct prof_capture_writer *w, enum prof_rows table,
	const struct prof_buf *page, struct prof_err *e)
{
	size_t width = strlen(prof_rows_tables[table].columns);
	int rc = prof_capture_put_blob(w, PROF_CAPTURE_ROWS + (int64_t)table,
		(int64_t)w->written[table], page->p, page->n, e);

	w->written[table] += w->cells[table].n / width;
	w->cells[table].n = 0;
	return rc;
}

static int full_page(struct prof_capture_writer *w, enum prof_rows table, struct prof_err *e)
{
	struct prof_buf page;
	int rc;

	prof_buf_init(&page, NULL, NULL);
	rc = encode_page(w, table, &page, e);
	if (!rc)
		rc = put_page(w, table, &page, e);
	prof_buf_fini(&page);
	return rc;
}

/* The cells of a row with the capture's own strings. */
static int own_cells(struct prof_capture_writer *w, const char *columns,
	const struct prof_strtab *strings, const int64_t *v, int64_t *to, struct prof_err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && columns[i]; i++) {
		to[i] = v[i];
		if (columns[i] != 's' || v[i] == PROF_ABSENT || (rc = reserve(w, strings, e)))
			continue;
		if (w->ids.v[v[i]] == PROF_NONE)
			rc = prof_strtab_add(&w->own, strings->strs.v[v[i]].p,
				strings->strs.v[v[i]].len, &w->ids.v[v[i]], e);
		to[i] = rc ? 0 : w->ids.v[v[i]];
	}
	return rc;
}

int prof_capture_row(void *ctx, enum prof_rows table, const struct prof_strtab *strings,
	const int64_t *v, struct prof_err *e)
{
	const char *columns = prof_rows_tables[table].columns;
	struct prof_capture_writer *w = ctx;
	size_t width = strlen(columns);
	int rc;

	w->rows++;
	rc = prof_vec_reserve(&w->mem, &w->cells[table], width, e);
	if (rc)
		return rc;
	rc = own_cells(w, columns, strings, v, w->cells[table].v + w->cells[table].n, e);
	if (rc)
		return rc;
	w->cells[table].n += width;
	return w->cells[table].n == width * PROF_COLUMNS_ROWS ? full_page(w, table, e) : 0;
}

/* Rows that are made again from the timeline: they count, and their strings are kept. */
static int count_derived(struct prof_capture_writer *w, struct prof_timeline *t,
	enum prof_rows table, struct prof_err *e)
{
	const char *columns = prof_rows_tables[table].columns;
	int64_t v[PROF_ROWS_WIDEST], own[PROF_ROWS_WIDEST];
	struct prof_timeline_rows x;
	int rc = prof_timeline_rows_init(&x, t, table, e);

	while (!rc && (rc = prof_timeline_rows_next(&x, v, e)) > 0) {
		rc = own_cells(w, columns, &t->strings, v, own, e);
		w->written[table]++;
		w->rows++;
		w->derived[table] = true;
	}
	return rc;
}

int prof_capture_put_timeline(
	struct prof_capture_writer *w, struct prof_timeline *t, struct prof_err *e)
{
	static const enum prof_rows tables[] = {
		PROF_ROWS_GC_CYCLE, PROF_ROWS_PAUSE, PROF_ROWS_METRIC};
	struct prof_buf b;
	int rc;

	prof_buf_init(&b, NULL, NULL);
	prof_timeline_encode(t, &b);
	rc = b.code ? prof_nomem(e) : prof_capture_put(w, PROF_CAPTURE_TIMELINE, b.p, b.n, e);
	prof_buf_fini(&b);
	for (size_t i = 0; !rc && i < sizeof(tables) / sizeof(tables[0]); i++)
		rc = count_derived(w, t, tables[i], e);
	return rc;
}

/* The last page of each table: into `small` where it is that, else into the archive. */
static int last_pages(struct prof_capture_writer *w, struct prof_capture_index *x,
	struct prof_buf *small, struct prof_err *e)
{
	size_t ends[PROF_ROWS_TABLES], from = 0;
	int rc = 0;

	for (unsigned t = 0; !rc && t < PROF_ROWS_TABLES; t++) {
		size_t begin = small->n, width = strlen(prof_rows_tables[t].columns);

		if (w->written[t] || w->cells[t].n) {
			x->rows[t] = w->written[t] + w->cells[t].n / width;
			x->derived[t] = w->derived[t];
		}
		if (w->cells[t].n)
			rc = encode_page(w, (enum prof_rows)t, small, e);
		if (!rc && small->n - begin > SMALL_PAGE) {
			const struct prof_buf large = {
				.p = small->p + begin, .n = small->n - begin};

			rc = put_page(w, (enum prof_rows)t, &large, e);
			small->n = begin;
		}
		ends[t] = small->n;
	}
	for (unsigned t = 0; !rc && t < PROF_ROWS_TABLES; from = ends[t++])
		if (ends[t] > from)
			x->last[t] = prof_rd_of(small->p + from, ends[t] - from);
	return rc;
}

static int put_strings(struct prof_capture_writer *w, size_t next, struct prof_err *e)
{
	struct prof_buf b;
	int rc = 0;

	prof_buf_init(&b, NULL, NULL);
	while (!rc && next < w->own.strs.n) {
		size_t first = next;

		b.n = 0;
		next = prof_capture_strings_put(&w->own, first, STRINGS_PAGE, &b);
		rc = b.code ? prof_nomem(e)
			    : prof_capture_put_blob(
				      w, PROF_CAPTURE_STRINGS, (int64_t)first, b.p, b.n, e);
	}
	prof_buf_fini(&b);
	return rc;
}

int prof_capture_put_index(
	struct prof_capture_writer *w, const struct prof_capture_index *before, struct prof_err *e)
{
	struct prof_capture_index x = before ? *before : (struct prof_capture_index){0};
	struct prof_buf small, strings, out;
	size_t next;
	int rc;

	if (!w->rows)
		return 0;
	x.strings = w->own.strs.n - 1;
	prof_buf_init(&small, NULL, NULL);
	prof_buf_init(&strings, NULL, NULL);
	prof_buf_init(&out, NULL, NULL);
	rc = last_pages(w, &x, &small, e);
	next = prof_capture_strings_put(&w->own, 1, STRINGS_FIRST, &strings);
	x.first = prof_rd_of(strings.p, strings.n);
	prof_capture_index_put(&x, &out);
	if (!rc && (strings.code || out.code))
		rc = prof_nomem(e);
	if (!rc)
		rc = prof_capture_put_blob(w, PROF_CAPTURE_INDEX, 0, out.p, out.n, e);
	if (!rc)
		rc = put_strings(w, next, e);
	if (!rc)
		rc = put_times(w, e);
	prof_buf_fini(&small);
	prof_buf_fini(&strings);
	prof_buf_fini(&out);
	return rc;
}

int prof_capture_put_row(struct prof_store *s, const struct prof_capture *c, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	int rc = prof_db_prepare(
		s->h, "INSERT INTO capture VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", &q, e);

	if (rc)
		return rc;
	sqlite3_bind_int64(q, 1, c->profile);
	prof_db_bind_str(q, 2, c->kind);
	prof_db_bind_str(q, 3, c->format);
	sqlite3_bind_int64(q, 4, c->complete);
	sqlite3_bind_int64(q, 5, c->damages);
	sqlite3_bind_int64(q, 6, c->rows);
	sqlite3_bind_int64(q, 7, (int64_t)c->sum);
	sqlite3_bind_int64(q, 8, prof_capture_checksum(c));
	rc = prof_db_run(q, e);
	sqlite3_finalize(q);
	return rc;
}

int prof_capture_end(
	struct prof_capture_writer *w, const struct prof_capture *c, struct prof_err *e)
{
	struct prof_capture own = *c;
	int rc = prof_capture_put_index(w, NULL, e);

	own.profile = w->profile;
	own.rows = w->rows;
	own.sum = w->sum;
	if (!rc)
		rc = prof_capture_put_row(w->s, &own, e);
	return rc ? rc : prof_db_exec(w->s->h, "RELEASE capture", e);
}

int prof_capture_undo(struct prof_capture_writer *w, struct prof_err *e)
{
	sqlite3_reset(w->put);
	return prof_db_exec(w->s->h, "ROLLBACK TO capture; RELEASE capture", e);
}

void prof_capture_fini(struct prof_capture_writer *w)
{
	sqlite3_finalize(w->put);
	prof_vec_fini(&w->mem, &w->ids);
	prof_vec_fini(&w->mem, &w->times);
	prof_who_writer_fini(&w->who);
	for (unsigned t = 0; t < PROF_ROWS_TABLES; t++)
		prof_vec_fini(&w->mem, &w->cells[t]);
	prof_mem_zfree(
		&w->mem, w->columns, PROF_ROWS_WIDEST * PROF_COLUMNS_ROWS, sizeof(*w->columns));
	prof_strtab_fini(&w->own);
}
