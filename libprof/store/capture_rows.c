#include "libprof/store/capture_rows.h"

#include "libprof/store/columns.h"
#include "libprof/store/timeline.h"

static size_t least(uint64_t n)
{
	return n < PROF_COLUMNS_ROWS ? (size_t)n : PROF_COLUMNS_ROWS;
}

static int damaged(const struct prof_capture_rows *r, const char *what, struct prof_err *e)
{
	return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET, "is damaged: capture %lld: %s: %s",
		(long long)r->profile, prof_rows_tables[r->table].name, what);
}

int prof_capture_index_read(struct prof_store *s, int64_t profile, struct prof_buf *buf,
	struct prof_capture_index *out, struct prof_err *e)
{
	struct prof_mem mem = {.limit = SIZE_MAX / 2};
	struct prof_capture c = {0};
	struct prof_strtab strings;
	struct prof_rd r;
	int rc = prof_strtab_init(&strings, &mem, e);

	*out = (struct prof_capture_index){0};
	if (!rc)
		rc = prof_capture_find(s, profile, &strings, &c, e);
	prof_strtab_fini(&strings);
	if (rc <= 0 || !c.rows)
		return rc < 0 ? rc : 0;
	rc = prof_capture_blob(s, profile, PROF_CAPTURE_INDEX, 0, buf, e);
	if (!rc)
		return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
			"is damaged: capture %lld lacks its rows", (long long)profile);
	if (rc < 0)
		return rc;
	r = prof_rd_of(buf->p, buf->n);
	prof_capture_index_get(&r, out);
	return r.why ? prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
			       "is damaged: capture %lld: index of its rows: %s",
			       (long long)profile, r.why)
		     : 0;
}

static int open_derived(struct prof_capture_rows *r, struct prof_err *e)
{
	int rc;

	r->t = prof_timeline_new(&r->s->limits, e);
	if (!r->t)
		return PROF_ENOMEM;
	rc = prof_capture_get(r->s, r->profile, PROF_CAPTURE_TIMELINE, &r->page, e);
	if (!rc)
		rc = prof_timeline_decode(r->page.p, r->page.n, PROF_STR(""), r->t, e);
	if (!rc)
		rc = prof_timeline_rows_init(&r->derived, r->t, r->table, e);
	if (!rc)
		rc = prof_strtab_init(&r->strings, &r->mem, e);
	return rc ? rc : prof_capture_strings(r->s, r->profile, &r->strings, e);
}

static int open_pages(struct prof_capture_rows *r, struct prof_err *e)
{
	struct prof_store *s = r->s;
	int rc = prof_capture_index_read(s, r->profile, &r->index_bytes, &r->index, e);

	if (rc || !r->index.rows[r->table])
		return rc;
	if (r->index.derived[r->table])
		return open_derived(r, e);
	rc = prof_db_prepare(s->h,
		"SELECT place, data FROM capture_data WHERE profile = ?1 AND part = ?2 ORDER BY "
		"place",
		&r->q, e);
	if (!rc) {
		sqlite3_bind_int64(r->q, 1, r->profile);
		sqlite3_bind_int64(r->q, 2, PROF_CAPTURE_ROWS + (int64_t)r->table);
	}
	return rc;
}

int prof_capture_rows_open(struct prof_capture_rows *r, struct prof_store *s, int64_t profile,
	enum prof_rows table, struct prof_err *e)
{
	size_t width = strlen(prof_rows_tables[table].columns);
	int rc;

	*r = (struct prof_capture_rows){.s = s,
		.profile = profile,
		.table = table,
		.mem = {.limit = (size_t)s->limits.memory_bytes}};
	prof_buf_init(&r->index_bytes, NULL, NULL);
	prof_buf_init(&r->page, NULL, NULL);
	rc = prof_capture_is_old(s, &r->is_table, e);
	if (rc)
		return rc;
	r->cells = prof_mem_zalloc(&r->mem, width * PROF_COLUMNS_ROWS, sizeof(*r->cells), e);
	if (!r->cells)
		return PROF_ENOMEM;
	for (size_t c = 0; c < width; c++)
		r->v[c] = r->cells + c * PROF_COLUMNS_ROWS;
	return r->is_table ? prof_capture_table_open(&r->old, s, profile, table, &r->mem, e)
			   : open_pages(r, e);
}

/* The bytes of the page that begins with row r->first. */
static int find_page(struct prof_capture_rows *r, struct prof_rd *out, struct prof_err *e)
{
	int64_t place;
	int rc = prof_db_step(r->q, e);

	if (rc < 0)
		return rc;
	if (!rc) {
		*out = r->index.last[r->table];
		r->index.last[r->table] = (struct prof_rd){0};
		return out->p < out->end ? 0 : damaged(r, "rows are missing", e);
	}
	place = sqlite3_column_int64(r->q, 0);
	if (place != (int64_t)r->first)
		return damaged(r, "pages do not follow one another", e);
	rc = prof_capture_unseal(r->s, r->profile, PROF_CAPTURE_ROWS + (int64_t)r->table, place,
		prof_db_str(r->q, 1), &r->page, e);
	if (!rc)
		*out = prof_rd_of(r->page.p, r->page.n);
	return rc;
}

/* The number that a string of the timeline has in the capture. */
static int number_of(struct prof_capture_rows *r, int64_t string, int64_t *out, struct prof_err *e)
{
	const struct prof_strtab *strings = &r->t->strings;
	uint32_t *number;
	int rc = r->numbers.n < strings->strs.n
			 ? prof_vec_reserve(&r->mem, &r->numbers, strings->strs.n - r->numbers.n, e)
			 : 0;

	while (!rc && r->numbers.n < strings->strs.n)
		r->numbers.v[r->numbers.n++] = PROF_NONE;
	if (rc)
		return rc;
	number = &r->numbers.v[string];
	if (*number == PROF_NONE)
		*number = prof_strtab_find(&r->strings, strings->strs.v[string]);
	*out = *number;
	return *number == PROF_NONE ? damaged(r, "a string is missing", e) : 0;
}

/* The next rows out of the timeline. */
static int derive(struct prof_capture_rows *r, struct prof_err *e)
{
	const char *columns = prof_rows_tables[r->table].columns;
	int64_t v[PROF_ROWS_WIDEST];
	int rc = 1;

	while (r->n < PROF_COLUMNS_ROWS && (rc = prof_timeline_rows_next(&r->derived, v, e)) > 0) {
		for (size_t c = 0; rc > 0 && columns[c]; c++) {
			if (columns[c] == 's' && v[c] != PROF_ABSENT &&
				number_of(r, v[c], &v[c], e))
				return PROF_EFORMAT;
			r->v[c][r->n] = v[c];
		}
		r->n++;
	}
	if (rc >= 0 && r->n != least(r->index.rows[r->table] - r->first))
		return damaged(r, "another number of rows than there are", e);
	return rc < 0 ? rc : 1;
}

int prof_capture_rows_next(struct prof_capture_rows *r, struct prof_err *e)
{
	struct prof_rd page;
	int rc;

	r->first += r->n;
	r->n = 0;
	if (r->is_table) {
		rc = prof_capture_table_rows(&r->old, r->v, PROF_COLUMNS_ROWS, &r->n, e);
		return rc ? rc : r->n > 0;
	}
	if (r->first == r->index.rows[r->table])
		return 0;
	if (r->t)
		return derive(r, e);
	rc = find_page(r, &page, e);
	if (rc)
		return rc;
	prof_capture_page_get(&page, r->table, r->index.strings, r->v, &r->n);
	if (!page.why && r->n > r->index.rows[r->table] - r->first)
		page.why = "more rows than there are";
	return page.why ? damaged(r, page.why, e) : 1;
}

void prof_capture_rows_fini(struct prof_capture_rows *r)
{
	sqlite3_finalize(r->q);
	r->q = NULL;
	prof_capture_table_fini(&r->old);
	prof_timeline_free(r->t);
	prof_vec_fini(&r->mem, &r->numbers);
	prof_strtab_fini(&r->strings);
	prof_buf_fini(&r->index_bytes);
	prof_buf_fini(&r->page);
	prof_mem_zfree(&r->mem, r->cells,
		strlen(prof_rows_tables[r->table].columns) * PROF_COLUMNS_ROWS, sizeof(*r->cells));
	r->cells = NULL;
}

static int add_strings(
	int64_t profile, struct prof_rd *r, struct prof_strtab *out, struct prof_err *e)
{
	int rc = prof_capture_strings_get(r, out, e);

	return !rc && r->why ? prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
				       "is damaged: capture %lld: strings: %s", (long long)profile,
				       r->why)
			     : rc;
}

int prof_capture_strings(
	struct prof_store *s, int64_t profile, struct prof_strtab *out, struct prof_err *e)
{
	struct prof_capture_index x;
	struct prof_buf b;
	bool old;
	int rc = prof_capture_is_old(s, &old, e);

	if (rc || old)
		return rc ? rc : prof_capture_table_strings(s, out, e);
	prof_buf_init(&b, NULL, NULL);
	rc = prof_capture_index_read(s, profile, &b, &x, e);
	if (!rc)
		rc = add_strings(profile, &x.first, out, e);
	while (!rc && out->strs.n <= x.strings) {
		struct prof_rd r;

		rc = prof_capture_blob(
			s, profile, PROF_CAPTURE_STRINGS, (int64_t)out->strs.n, &b, e);
		r = prof_rd_of(b.p, b.n);
		if (rc == 0 || (rc > 0 && !b.n))
			rc = prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
				"is damaged: capture %lld lacks strings", (long long)profile);
		else if (rc > 0)
			rc = add_strings(profile, &r, out, e);
	}
	if (!rc && out->strs.n != x.strings + 1)
		rc = prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
			"is damaged: capture %lld: strings: more than it says", (long long)profile);
	prof_buf_fini(&b);
	return rc;
}
