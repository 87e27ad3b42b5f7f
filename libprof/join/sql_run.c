/* Statements over an archive, and their rows as a table, CSV or JSON. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/join/sql.h"
#include "libprof/join/sql_rows.h"

#define ONLY_READING "only reading is allowed here (--write allows more)"

struct prof_sql_session {
	sqlite3 *h;
	struct prof_db_guard guard; /* of what functions do; statements are the user's */
	enum prof_db_mode mode;
};

/* Rows on their way out. */
struct sink {
	sqlite3_stmt *q;
	enum prof_sql_format format;
	struct prof_buf b;
	struct prof_report *r; /* PROF_SQL_TABLE */
	struct prof_table_column *columns;
	int n;
	uint64_t rows;
	struct prof_err *e;
};

static int touch(sqlite3 *h, const char *table, struct prof_err *e)
{
	char sql[80];
	sqlite3_stmt *q = NULL;
	int rc;

	snprintf(sql, sizeof(sql), "SELECT 1 FROM %s", table);
	rc = prof_db_prepare(h, sql, &q, e);
	sqlite3_finalize(q);
	return rc;
}

/* Brings an older archive up to date. */
static int update(sqlite3 *h, const struct prof_limits *limits, struct prof_err *e)
{
	struct prof_store *s;
	int rc = prof_store_borrow(&s, h, limits, e);

	if (rc)
		return rc;
	rc = prof_store_begin(s, e);
	if (!rc)
		rc = prof_store_commit(s, e);
	prof_store_close(s);
	return rc;
}

int prof_sql_open(const char *db, int write, const struct prof_limits *limits,
	struct prof_sql_session **out, struct prof_err *e)
{
	struct prof_sql_session *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return prof_nomem(e);
	s->mode = write ? PROF_DB_WRITE : PROF_DB_READ;
	rc = prof_db_open(db, s->mode, false, &s->guard, &s->h, e);
	if (!rc && write)
		rc = update(s->h, limits, e);
	if (!rc && !write) /* each statement sees the state of its own time */
		rc = prof_db_exec(s->h, "COMMIT", e);
	if (!rc)
		rc = prof_sql_register(s->h, &s->guard, limits, e);
	/* SQLite declares a function's table when it is first used, which only_read would forbid.
	 */
	for (const struct prof_sql_function *f = prof_sql_functions; !rc && f->name; f++)
		rc = touch(s->h, f->name, e);
	for (const struct prof_shown_table *t = prof_shown_tables; !rc && t->name; t++)
		rc = touch(s->h, t->name, e);
	if (!rc && write)
		sqlite3_limit(s->h, SQLITE_LIMIT_ATTACHED, 10);
	if (!rc)
		sqlite3_limit(s->h, SQLITE_LIMIT_LENGTH, PROF_DB_LONGEST);
	prof_db_guard_stop(&s->guard);
	if (rc)
		prof_sql_close(s);
	else
		*out = s;
	return rc;
}

void prof_sql_close(struct prof_sql_session *s)
{
	if (s)
		prof_db_close(s->h, s->mode);
	free(s);
}

int prof_sql_complete(const char *text)
{
	return sqlite3_complete(text);
}

const char *prof_sql_schema(void)
{
	return
#include "sql/tables.inc"
		"\n"
#include "sql/views.inc"
		"\n"
#include "sql/timeline.inc"
		"\n"
		"-- Tables that prof and its extension show: rows of captures. A stack is the "
		"sample\n"
		"-- of that number in the capture's profile (prof_samples), a goroutine its id in "
		"the\n"
		"-- program. Times are ns from the start of the capture; NULL: not known, or none."
		"\n\n"
#include "sql/gc_cycles.inc"
		"\n"
#include "sql/pauses.inc"
		"\n"
#include "sql/metrics.inc"
		"\n"
#include "sql/goroutine_groups.inc"
		"\n"
#include "sql/group_waits.inc"
		"\n"
#include "sql/group_histograms.inc"
		"\n"
#include "sql/goroutines.inc"
		"\n"
#include "sql/tasks.inc"
		"\n"
#include "sql/regions.inc"
		"\n"
#include "sql/logs.inc"
		"\n"
#include "sql/goroutine_labels.inc"
		"\n"
#include "sql/cpu_samples.inc"
		"\n"
#include "sql/transitions.inc"
		"\n"
#include "sql/damages.inc"
		"\n-- Functions of prof and of its extension: tables that take arguments.\n\n"
#include "sql/prof_samples.inc"
		"\n"
#include "sql/prof_stack.inc"
		"\n"
#include "sql/prof_functions.inc"
		"\n"
#include "sql/prof_top.inc"
		"\n"
#include "sql/prof_flame.inc"
		"\n"
#include "sql/prof_diff.inc"
		"\n"
#include "sql/prof_file.inc"
		"\n"
#include "sql/prof_gc.inc"
		"\n"
#include "sql/prof_goroutines.inc"
		"\n"
#include "sql/prof_transitions.inc"
		"\n"
#include "sql/prof_events.inc"
		;
}

/* What a statement may do that was not allowed to write. */
static int only_read(void *ctx, int action, const char *a, const char *b, const char *schema,
	const char *trigger)
{
	static const char *const pragmas[] = {"application_id", "data_version", "function_list",
		"index_info", "index_list", "index_xinfo", "integrity_check", "freelist_count",
		"page_count", "page_size", "quick_check", "table_info", "table_list", "table_xinfo",
		"user_version", "journal_mode", "compile_options", "module_list"};
	static const char *const with_argument[] = {"index_info", "index_list", "index_xinfo",
		"integrity_check", "quick_check", "table_info", "table_list", "table_xinfo"};

	(void)ctx;
	(void)schema;
	(void)trigger;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_FUNCTION:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_PRAGMA:
		for (size_t i = 0; b && i < sizeof(with_argument) / sizeof(with_argument[0]); i++)
			if (!strcmp(a, with_argument[i]))
				return SQLITE_OK;
		for (size_t i = 0; !b && i < sizeof(pragmas) / sizeof(pragmas[0]); i++)
			if (!strcmp(a, pragmas[i]))
				return SQLITE_OK;
		return SQLITE_DENY;
	default:
		return SQLITE_DENY;
	}
}

static void put_real(struct prof_buf *b, double v)
{
	size_t at = b->n;

	prof_buf_double(b, v, 'g', 15);
	if (b->code)
		return;
	prof_buf_char(b, '\0');
	b->n--;
	if (strtod(b->p + at, NULL) != v) {
		b->n = at;
		prof_buf_double(b, v, 'g', 17);
	}
}

static void put_hex(struct prof_buf *b, struct prof_str s)
{
	for (uint32_t i = 0; i < s.len; i++)
		prof_buf_hex(b, (uint8_t)s.p[i], 2);
}

/* A value as text, without quotes. */
static void put_value(struct sink *x, int i, struct prof_buf *b)
{
	struct prof_str s;

	switch (sqlite3_column_type(x->q, i)) {
	case SQLITE_INTEGER:
		prof_buf_i64(b, sqlite3_column_int64(x->q, i));
		break;
	case SQLITE_FLOAT:
		put_real(b, sqlite3_column_double(x->q, i));
		break;
	case SQLITE_BLOB:
		put_hex(b, prof_db_str(x->q, i));
		break;
	case SQLITE_NULL:
		break;
	default:
		s = prof_db_str(x->q, i);
		prof_buf_put(b, s.p, s.len);
	}
}

static void put_csv(struct prof_buf *b, struct prof_str s)
{
	bool quote = !s.len;

	for (uint32_t i = 0; i < s.len; i++)
		quote |= strchr(",\"\r\n", s.p[i]) != NULL;
	if (!quote) {
		prof_buf_put(b, s.p, s.len);
		return;
	}
	prof_buf_char(b, '"');
	for (uint32_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"')
			prof_buf_char(b, '"');
		prof_buf_char(b, s.p[i]);
	}
	prof_buf_char(b, '"');
}

static void csv_row(struct sink *x)
{
	struct prof_buf v;

	prof_buf_init(&v, NULL, NULL);
	for (int i = 0; i < x->n; i++, v.n = 0) {
		if (i)
			prof_buf_char(&x->b, ',');
		put_value(x, i, &v);
		if (sqlite3_column_type(x->q, i) != SQLITE_NULL)
			put_csv(&x->b, (struct prof_str){v.p ? v.p : "", (uint32_t)v.n});
	}
	prof_buf_str(&x->b, "\r\n");
	if (v.code)
		x->b.code = v.code;
	prof_buf_fini(&v);
}

static void json_row(struct sink *x)
{
	prof_buf_str(&x->b, x->rows ? ",\n{" : "\n{");
	for (int i = 0; i < x->n; i++) {
		int type = sqlite3_column_type(x->q, i);

		if (i)
			prof_buf_str(&x->b, ", ");
		prof_buf_json(&x->b, prof_str_of(sqlite3_column_name(x->q, i)));
		prof_buf_str(&x->b, ": ");
		if (type == SQLITE_NULL ||
			(type == SQLITE_FLOAT && !isfinite(sqlite3_column_double(x->q, i)))) {
			prof_buf_str(&x->b, "null");
		} else if (type == SQLITE_TEXT) {
			prof_buf_json(&x->b, prof_db_str(x->q, i));
		} else {
			if (type == SQLITE_BLOB)
				prof_buf_char(&x->b, '"');
			put_value(x, i, &x->b);
			if (type == SQLITE_BLOB)
				prof_buf_char(&x->b, '"');
		}
	}
	prof_buf_char(&x->b, '}');
}

/* Cells are text; a column is to the left where its first value is. */
static int table_row(struct sink *x)
{
	struct prof_cell *cells = prof_arena_alloc(
		&x->r->arena, (size_t)x->n * sizeof(*cells), x->e);
	struct prof_buf v;
	int rc = cells ? 0 : PROF_ENOMEM;

	prof_buf_init(&v, NULL, NULL);
	for (int i = 0; !rc && i < x->n; i++, v.n = 0) {
		struct prof_str s;
		int type = sqlite3_column_type(x->q, i);

		if (!x->rows)
			x->columns[i].left = type == SQLITE_TEXT || type == SQLITE_NULL;
		put_value(x, i, &v);
		s = (struct prof_str){v.p ? v.p : "", (uint32_t)v.n};
		rc = v.code ? prof_nomem(x->e) : prof_report_keep(x->r, &s, x->e);
		cells[i] = prof_cell_str(s);
	}
	if (!rc)
		rc = prof_report_row(x->r, cells, x->e);
	prof_buf_fini(&v);
	return rc;
}

static int begin_table(struct sink *x)
{
	x->r = prof_report_new("prof.sql/1", x->e);
	if (!x->r)
		return PROF_ENOMEM;
	x->columns = prof_arena_alloc(&x->r->arena, (size_t)x->n * sizeof(*x->columns), x->e);
	if (!x->columns)
		return PROF_ENOMEM;
	for (int i = 0; i < x->n; i++) {
		struct prof_str name = prof_str_of(sqlite3_column_name(x->q, i));
		int rc = prof_report_keep(x->r, &name, x->e);

		if (rc)
			return rc;
		x->columns[i] = (struct prof_table_column){
			.title = name.p, .left = true, .gap = i ? 2 : 0, .is_name = true};
	}
	x->r->columns = x->columns;
	x->r->n_columns = (size_t)x->n;
	return 0;
}

static int begin(struct sink *x)
{
	if (x->format == PROF_SQL_TABLE)
		return begin_table(x);
	if (x->format == PROF_SQL_JSON) {
		prof_buf_str(&x->b, "{\"schema\": \"prof.sql/1\",\n\"rows\": [");
		return 0;
	}
	for (int i = 0; i < x->n; i++) {
		if (i)
			prof_buf_char(&x->b, ',');
		put_csv(&x->b, prof_str_of(sqlite3_column_name(x->q, i)));
	}
	prof_buf_str(&x->b, "\r\n");
	return 0;
}

static int row(struct sink *x)
{
	int rc = 0;

	if (x->format == PROF_SQL_TABLE)
		rc = table_row(x);
	else if (x->format == PROF_SQL_JSON)
		json_row(x);
	else
		csv_row(x);
	x->rows++;
	return rc ? rc : x->b.code ? prof_buf_done(&x->b, x->e) : 0;
}

static int end(struct sink *x, prof_write_fn *write, void *ctx)
{
	if (x->format == PROF_SQL_TABLE)
		return prof_report_text(x->r, write, ctx, x->e);
	if (x->format == PROF_SQL_JSON)
		prof_buf_str(&x->b, x->rows ? "\n]}\n" : "]}\n");
	return prof_buf_done(&x->b, x->e);
}

/* Runs a statement; one without columns gives no output. */
static int run(sqlite3_stmt *q, enum prof_sql_format format, prof_write_fn *write, void *ctx,
	struct prof_err *e)
{
	struct sink x = {.q = q, .format = format, .n = sqlite3_column_count(q), .e = e};
	int rc = 0;

	prof_buf_init(&x.b, write, ctx);
	if (x.n)
		rc = begin(&x);
	while (!rc && (rc = prof_db_step(q, e)) > 0)
		rc = x.n ? row(&x) : 0;
	if (!rc && x.n)
		rc = end(&x, write, ctx);
	prof_report_free(x.r);
	prof_buf_fini(&x.b);
	return rc;
}

int prof_sql_exec(struct prof_sql_session *s, const char *text, enum prof_sql_format format,
	prof_write_fn *write, void *ctx, struct prof_err *e)
{
	int rc = 0;

	while (!rc && *text) {
		sqlite3_stmt *q = NULL;

		if (s->mode == PROF_DB_READ)
			sqlite3_set_authorizer(s->h, only_read, NULL);
		rc = sqlite3_prepare_v2(s->h, text, -1, &q, &text);
		sqlite3_set_authorizer(s->h, NULL, NULL);
		if (rc == SQLITE_AUTH)
			rc = prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET, ONLY_READING);
		else if (rc != SQLITE_OK)
			rc = prof_fail(e, rc == SQLITE_ERROR ? PROF_EUSAGE : PROF_ESQL,
				PROF_NO_OFFSET, "%s", sqlite3_errmsg(s->h));
		else if (q && s->mode == PROF_DB_READ && !sqlite3_stmt_readonly(q)) /* VACUUM */
			rc = prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET, ONLY_READING);
		else if (q)
			rc = run(q, format, write, ctx, e);
		sqlite3_finalize(q);
	}
	return rc;
}
