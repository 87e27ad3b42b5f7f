/* Captures go with their profiles, and are looked at. */
#include <stdarg.h>
#include <stdio.h>

#include "libprof/store/capture_rows.h"
#include "libprof/store/columns.h"

int prof_capture_remove(struct prof_store *s, int64_t profile, struct prof_err *e)
{
	bool has;
	int rc = prof_capture_has(s, &has, e);

	if (!rc && has)
		rc = prof_store_run(s, "DELETE FROM capture WHERE profile = ?1", profile, 0, 0, e);
	if (!rc && has)
		rc = prof_store_run(
			s, "DELETE FROM capture_data WHERE profile = ?1", profile, 0, 0, e);
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

/* Whether a failure is what the archive says wrong. */
static int judge(
	struct verifier *v, int rc, const struct prof_err *err, int64_t profile, struct prof_err *e)
{
	char line[320];

	if (rc != PROF_EFORMAT && rc != PROF_ELIMIT)
		return rc < 0 ? prof_fail(e, rc, PROF_NO_OFFSET, "%s", err->msg) : 0;
	prof_store_problem_line(line, sizeof(line), "capture", profile, err->msg);
	tell(v, "%s", line);
	return 0;
}

/* A table's pages may lead to one another in circles, which no scan of them finds an end of in good
 * time: what comes by its key is asked whether it comes after what was before.
 */
static bool is_next(struct verifier *v, const char *table, int64_t profile, int64_t major,
	int64_t minor, int64_t last[2])
{
	if (major < last[0] || (major == last[0] && minor <= last[1])) {
		tell(v, "capture %lld: rows of %s are not in order", (long long)profile, table);
		return false;
	}
	last[0] = major;
	last[1] = minor;
	return true;
}

/* Each page of a table can be read. */
static int check_rows(struct verifier *v, enum prof_rows table, int64_t profile, struct prof_err *e)
{
	struct prof_capture_rows r;
	struct prof_err err = {0};
	int rc = prof_capture_rows_open(&r, v->s, profile, table, &err);

	while (!rc && (rc = prof_capture_rows_next(&r, &err)) > 0)
		rc = 0;
	prof_capture_rows_fini(&r);
	return judge(v, rc, &err, profile, e);
}

/* What the rows of one capture in a table add up to, which are no pages. */
static int sum_table(
	struct verifier *v, enum prof_rows table, struct prof_capture *found, struct prof_err *e)
{
	struct prof_mem mem = {.limit = (size_t)v->s->limits.memory_bytes};
	int64_t *cells = prof_mem_zalloc(
		&mem, PROF_ROWS_WIDEST * PROF_COLUMNS_ROWS, sizeof(*cells), e);
	int64_t *columns[PROF_ROWS_WIDEST];
	struct prof_capture_table x;
	struct prof_err err = {0};
	size_t n;
	int rc;

	if (!cells)
		return e->code;
	for (size_t c = 0; c < PROF_ROWS_WIDEST; c++)
		columns[c] = cells + c * PROF_COLUMNS_ROWS;
	rc = prof_capture_table_open(&x, v->s, found->profile, table, &mem, &err);
	while (!rc && !(rc = prof_capture_table_rows(&x, columns, PROF_COLUMNS_ROWS, &n, &err)) &&
		n)
		;
	found->rows += (int64_t)x.rows;
	found->sum += x.sum;
	prof_capture_table_fini(&x);
	prof_mem_zfree(&mem, cells, PROF_ROWS_WIDEST * PROF_COLUMNS_ROWS, sizeof(*cells));
	return judge(v, rc, &err, found->profile, e);
}

/* Each blob is whole; and what they add up to. */
static int check_data(struct verifier *v, bool old, struct prof_capture *found, struct prof_err *e)
{
	int64_t last[2] = {INT64_MIN, 0}, profile = found->profile;
	sqlite3_stmt *q = NULL;
	struct prof_buf raw;
	int rc = prof_db_prepare(v->s->h,
		old ? "SELECT part, 0, data FROM capture_data WHERE profile = ?1 ORDER BY part"
		    : "SELECT part, place, data FROM capture_data WHERE profile = ?1 ORDER BY "
		      "part, place",
		&q, e);

	if (!rc)
		sqlite3_bind_int64(q, 1, profile);
	prof_buf_init(&raw, NULL, NULL);
	while (!rc && (rc = prof_db_step(q, e)) > 0) {
		int64_t part = sqlite3_column_int64(q, 0), place = sqlite3_column_int64(q, 1);
		struct prof_str data = prof_db_str(q, 2);
		struct prof_err err = {0};

		rc = 0;
		if (!is_next(v, "capture_data", profile, part, place, last))
			break;
		rc = prof_capture_unseal(v->s, profile, part, place, data, &raw, &err);
		rc = judge(v, rc, &err, profile, e);
		if (!old)
			found->sum += prof_capture_blob_sum(part, place, data);
	}
	sqlite3_finalize(q);
	prof_buf_fini(&raw);
	return rc;
}

static int check_strings(struct verifier *v, int64_t profile, struct prof_err *e)
{
	struct prof_mem mem = {.limit = (size_t)v->s->limits.memory_bytes};
	struct prof_err err = {0};
	struct prof_strtab strings;
	int rc = prof_strtab_init(&strings, &mem, &err);

	if (!rc)
		rc = prof_capture_strings(v->s, profile, &strings, &err);
	prof_strtab_fini(&strings);
	return judge(v, rc, &err, profile, e);
}

/* What finds transitions is what they give. */
struct finding {
	struct prof_mem mem;
	struct prof_times times;
	struct prof_who_writer who;
	struct prof_buf made, kept;
};

/* Whether a blob is as it was made. */
static int compare(struct prof_store *s, int64_t profile, enum prof_capture_part part,
	int64_t place, struct finding *f, struct prof_err *e)
{
	int rc = f->made.code ? prof_nomem(e)
			      : prof_capture_blob(s, profile, part, place, &f->kept, e);

	if (rc < 0 || (rc && f->kept.n == f->made.n && !memcmp(f->kept.p, f->made.p, f->made.n)))
		return rc < 0 ? rc : 0;
	return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
		"is damaged: its transitions are not where they should be");
}

static int compare_who(struct prof_store *s, int64_t profile, struct finding *f, struct prof_err *e)
{
	size_t first = f->times.n - f->who.pages;
	int rc;

	f->made.n = 0;
	rc = prof_who_put(&f->who, &f->made, e);
	return rc ? rc
		  : compare(s, profile, PROF_CAPTURE_WHO, (int64_t)(first * PROF_COLUMNS_ROWS), f,
			    e);
}

static int find_pages(
	struct prof_store *s, struct prof_capture_rows *r, struct finding *f, struct prof_err *e)
{
	int rc;

	while ((rc = prof_capture_rows_next(r, e)) > 0) {
		rc = prof_vec_reserve(&f->mem, &f->times, 1, e);
		if (rc || (rc = prof_who_add(&f->who, r->v, r->n, e)))
			break;
		f->times.v[f->times.n++] = r->v[PROF_TRANSITION_T_NS][0];
		if (f->who.pages == PROF_WHO_PAGES && (rc = compare_who(s, r->profile, f, e)))
			break;
	}
	if (!rc && f->who.pages)
		rc = compare_who(s, r->profile, f, e);
	if (rc)
		return rc;
	f->made.n = 0;
	prof_times_put(&f->times, &f->made);
	return compare(s, r->profile, PROF_CAPTURE_TIMES, 0, f, e);
}

static int check_finding(struct verifier *v, int64_t profile, struct prof_err *e)
{
	struct finding f = {.mem = {.limit = (size_t)v->s->limits.memory_bytes}};
	struct prof_capture_rows r;
	struct prof_err err = {0};
	int rc;

	prof_who_writer_init(&f.who, &f.mem);
	prof_buf_init(&f.made, NULL, NULL);
	prof_buf_init(&f.kept, NULL, NULL);
	rc = prof_capture_rows_open(&r, v->s, profile, PROF_ROWS_TRANSITION, &err);
	if (!rc)
		rc = find_pages(v->s, &r, &f, &err);
	prof_capture_rows_fini(&r);
	prof_vec_fini(&f.mem, &f.times);
	prof_who_writer_fini(&f.who);
	prof_buf_fini(&f.made);
	prof_buf_fini(&f.kept);
	return judge(v, rc, &err, profile, e);
}

/* The index's rows are all in pages, and count. */
static int check_pages(struct verifier *v, struct prof_capture *found, struct prof_err *e)
{
	struct prof_capture_index x;
	struct prof_err err = {0};
	struct prof_buf b;
	int rc;

	prof_buf_init(&b, NULL, NULL);
	rc = prof_capture_index_read(v->s, found->profile, &b, &x, &err);
	prof_buf_fini(&b);
	if (rc)
		return judge(v, rc, &err, found->profile, e);
	for (unsigned t = 0; !rc && t < PROF_ROWS_TABLES; t++) {
		found->rows = (int64_t)((uint64_t)found->rows + x.rows[t]);
		if (t != PROF_ROWS_TRANSITION)
			rc = check_rows(v, (enum prof_rows)t, found->profile, e);
		else if (x.rows[t])
			rc = check_finding(v, found->profile, e);
	}
	return rc ? rc : check_strings(v, found->profile, e);
}

static int check_capture(struct verifier *v, sqlite3_stmt *q, bool old, struct prof_err *e)
{
	struct prof_capture c, found;
	int rc = 0;

	if (!prof_capture_of_row(q, &c))
		tell(v, "capture %lld: the checksum of its row is wrong", (long long)c.profile);
	found = (struct prof_capture){.profile = c.profile};
	for (unsigned t = old ? 0 : PROF_ROWS_TRANSITION; !rc && t < PROF_ROWS_TABLES; t++)
		rc = sum_table(v, (enum prof_rows)t, &found, e);
	if (!rc)
		rc = check_data(v, old, &found, e);
	if (!rc && !old)
		rc = check_pages(v, &found, e);
	if (!rc && (found.rows != c.rows || found.sum != c.sum))
		tell(v, "capture %lld: its rows are not those that it had", (long long)c.profile);
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

/* Rows of a table that belong to nothing. */
static int check_strays(struct verifier *v, const char *table, const char *owner, const char *id,
	struct prof_err *e)
{
	char sql[160];
	int64_t n = 0;
	int rc;

	snprintf(sql, sizeof(sql),
		"SELECT count(*) FROM %s WHERE profile NOT IN (SELECT %s FROM %s)", table, id,
		owner);
	rc = prof_db_int(v->s->h, sql, 0, &n, e);
	if (!rc && n)
		tell(v, "%lld rows of %s without a %s", (long long)n, table, owner);
	return rc;
}

static int check_all_strays(struct verifier *v, bool old, struct prof_err *e)
{
	int rc = check_strays(v, "capture", "profile", "id", e);

	if (!rc)
		rc = check_strays(v, "capture_data", "capture", "profile", e);
	for (unsigned t = old ? 0 : PROF_ROWS_TRANSITION; !rc && t < PROF_ROWS_TABLES; t++) {
		bool has;

		rc = prof_capture_has_table(v->s, prof_rows_tables[t].name, &has, e);
		if (!rc && has)
			rc = check_strays(v, prof_rows_tables[t].name, "capture", "profile", e);
	}
	return rc;
}

int prof_capture_verify(
	struct prof_store *s, prof_store_problem_fn *problem, void *ctx, struct prof_err *e)
{
	struct verifier v = {.s = s, .problem = problem, .ctx = ctx};
	int64_t last[2] = {INT64_MIN, 0};
	sqlite3_stmt *q = NULL;
	bool has, names, old;
	int rc = prof_capture_has(s, &has, e);

	if (rc || !has)
		return rc;
	if ((rc = prof_capture_is_old(s, &old, e)) ||
		(rc = prof_capture_has_table(s, "name", &names, e)) ||
		(rc = check_all_strays(&v, old, e)))
		return rc;
	if (old || names)
		rc = check_names(&v, e);
	if (!rc)
		rc = prof_db_prepare(s->h, "SELECT * FROM capture ORDER BY profile", &q, e);
	while (!rc && !v.stopped && (rc = prof_db_step(q, e)) > 0) {
		int64_t profile = sqlite3_column_int64(q, 0);

		rc = 0;
		if (!is_next(&v, "capture", profile, profile, 0, last))
			break;
		rc = check_capture(&v, q, old, e);
	}
	sqlite3_finalize(q);
	return rc;
}
