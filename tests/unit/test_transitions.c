/* Transitions are found as a scan of all of them would find them, by whatever conditions; and what
 * finds them is checked against them.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "tests/unit/archive_dir.h"
#include "tests/unit/random.h"

#include "libprof/join/sql.h"
#include "libprof/model/timeline.h"
#include "libprof/store/transitions.h"

enum { GOROUTINES = 700, ROWS = 5 * PROF_COLUMNS_ROWS + 77, STATEMENTS = 200, MOST_TEXT = 400 };

static struct prof_err err;
static const struct prof_capture kind = {.kind = {"trace", 5}, .format = {"", 0}, .complete = true};

/* Goroutines come and go: most are in few pages, some in all. */
static int64_t some_goroutine(struct random_wire *r, size_t row)
{
	if (!random_below(r, 8))
		return random_below(r, 5);
	return (int64_t)(row / 300) + random_below(r, 9);
}

static void fill(struct random_wire *r, size_t row, int64_t *v)
{
	const int64_t some[] = {(int64_t)row * 10 + random_below(r, 10), some_goroutine(r, row),
		random_below(r, 6), random_below(r, 6),
		random_below(r, 5) ? random_below(r, 50) : PROF_ABSENT,
		random_below(r, 3) ? random_below(r, 3) : PROF_ABSENT, (int64_t)random_number(r),
		random_below(r, 3) ? PROF_ABSENT : some_goroutine(r, row), random_below(r, 4),
		random_below(r, 2) ? 4711 : PROF_ABSENT};

	memcpy(v, some, sizeof(some));
}

static int64_t write_capture(struct prof_store *s, size_t rows, uint64_t seed)
{
	struct prof_mem mem = {.limit = SIZE_MAX / 2};
	struct random_wire random = {.seed = seed};
	struct prof_capture_writer w;
	struct prof_strtab strings;
	int64_t v[PROF_ROWS_WIDEST];
	uint32_t id;

	assert_ok(prof_strtab_init(&strings, &mem, &err), &err);
	assert_ok(prof_strtab_add(&strings, "sleep", 5, &id, &err), &err);
	assert_ok(prof_strtab_add(&strings, "select", 6, &id, &err), &err);
	assert_ok(prof_capture_begin(&w, s, &err), &err);
	for (size_t i = 0; i < rows; i++) {
		fill(&random, i, v);
		assert_ok(prof_capture_row(&w, PROF_ROWS_TRANSITION, &strings, v, &err), &err);
	}
	assert_ok(prof_capture_end(&w, &kind, &err), &err);
	prof_capture_fini(&w);
	prof_strtab_fini(&strings);
	return s->next_id++;
}

static struct prof_store *new_store(void)
{
	struct prof_store *s;

	unlink(path);
	assert_ok(prof_store_open(&s, path, PROF_DB_CREATE, false, NULL, &err), &err);
	assert_ok(prof_store_begin(s, &err), &err);
	return s;
}

static sqlite3_stmt *ask(sqlite3 *h, const char *sql)
{
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(h, sql, -1, &q, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		fail_msg("%s: %s", sql, sqlite3_errmsg(h));
	return q;
}

/* A value to compare a number with, near to those that there are. */
static void put_value(struct random_wire *r, uint64_t near, struct prof_buf *b)
{
	switch (random_below(r, 12)) {
	case 0:
		prof_buf_printf(b, "%lld.5", (long long)near);
		break;
	case 1:
		prof_buf_printf(b, "'%lld'", (long long)near);
		break;
	case 2:
		prof_buf_str(b, random_below(r, 2) ? "NULL" : "'x'");
		break;
	case 3:
		prof_buf_str(b, random_below(r, 2) ? "1e300" : "-9223372036854775808");
		break;
	default:
		prof_buf_printf(b, "%lld", (long long)near);
	}
}

static void put_condition(struct random_wire *r, struct prof_buf *b)
{
	static const char *const ops[] = {"<", "<=", ">", ">=", "=", "IS", "<>"};
	static const char *const names[] = {"'running'", "'RUNNING'", "'none'", "'system call'",
		"NULL", "'x'", "3", "'unknown' COLLATE nocase", "x'72756e6e696e67'"};
	uint64_t time = random_below(r, ROWS * 10);

	switch (random_below(r, 6)) {
	case 0:
		prof_buf_printf(b, "t_ns %s ", ops[random_below(r, 7)]);
		put_value(r, time, b);
		break;
	case 1:
		prof_buf_str(b, "t_ns BETWEEN ");
		put_value(r, time, b);
		prof_buf_str(b, " AND ");
		put_value(r, time + random_below(r, 90000), b);
		break;
	case 2:
		prof_buf_printf(b, "%s %s ", random_below(r, 2) ? "goroutine" : "actor",
			ops[random_below(r, 7)]);
		put_value(r, random_below(r, GOROUTINES / 8), b);
		break;
	case 3:
		prof_buf_printf(b, "goroutine IN (%u, %u, NULL, 3)", random_below(r, 90),
			random_below(r, 90));
		break;
	case 4:
		prof_buf_printf(b, "%s %s %s", random_below(r, 2) ? "old" : "new",
			ops[random_below(r, 7)], names[random_below(r, 9)]);
		break;
	default:
		prof_buf_printf(b, "%s %s ", random_below(r, 2) ? "duration_ns" : "proc",
			ops[random_below(r, 7)]);
		put_value(r, random_below(r, 4), b);
	}
}

/* The rows of a table with conditions, all of them or the first. */
static void put_select(struct prof_buf *b, const char *table, const char *conditions)
{
	b->n = 0;
	prof_buf_printf(b,
		"SELECT count(*), group_concat(quote(t_ns) || ',' || quote(goroutine) || ',' || "
		"old || ',' || new || ',' || quote(duration_ns) || ',' || quote(reason) || ',' || "
		"quote(stack) || ',' || quote(actor) || ',' || quote(proc) || quote(thread)) "
		"FROM (SELECT * FROM %s WHERE %s)",
		table, conditions);
	prof_buf_char(b, '\0');
}

static void compare(sqlite3 *h, const char *conditions, uint64_t *found)
{
	struct prof_buf sql;
	sqlite3_stmt *a, *b;

	prof_buf_init(&sql, NULL, NULL);
	put_select(&sql, "transitions", conditions);
	a = ask(h, sql.p);
	put_select(&sql, "copy", conditions);
	b = ask(h, sql.p);
	if (sqlite3_column_int64(a, 0) != sqlite3_column_int64(b, 0) ||
		!prof_str_eq(prof_db_str(a, 1), prof_db_str(b, 1)))
		fail_msg("%lld rows, not %lld: %s", sqlite3_column_int64(a, 0),
			sqlite3_column_int64(b, 0), conditions);
	*found += (uint64_t)sqlite3_column_int64(a, 0);
	sqlite3_finalize(a);
	sqlite3_finalize(b);
	prof_buf_fini(&sql);
}

static void conditions_find_what_a_scan_finds(void **state)
{
	struct random_wire random = {.seed = 7};
	struct prof_store *s = new_store();
	uint64_t found = 0;
	struct prof_buf b;

	(void)state;
	for (uint64_t i = 0; i < 3; i++)
		write_capture(s, i == 1 ? 3 : ROWS, i);
	prof_db_guard_stop(&s->guard); /* statements here are as large as they are */
	assert_ok(prof_sql_register(s->h, NULL, NULL, &err), &err);
	assert_ok(prof_db_exec(s->h, "CREATE TEMP TABLE copy AS SELECT * FROM transitions", &err),
		&err);
	prof_buf_init(&b, NULL, NULL);
	for (int i = 0; i < STATEMENTS; i++) {
		unsigned order = random_below(&random, 4);

		b.n = 0;
		prof_buf_printf(&b, random_below(&random, 3) ? "profile = %u" : "profile >= %u",
			1 + random_below(&random, 3));
		for (unsigned n = 1 + random_below(&random, 3); n--;) {
			prof_buf_str(&b, " AND ");
			put_condition(&random, &b);
		}
		prof_buf_str(&b, order == 0   ? " ORDER BY profile, t_ns LIMIT 100"
				 : order == 1 ? " ORDER BY profile, t_ns DESC LIMIT 100"
				 : order == 2 ? " ORDER BY t_ns, profile, goroutine LIMIT 100"
					      : " ORDER BY profile, t_ns");
		prof_buf_char(&b, '\0');
		compare(s->h, b.p, &found);
	}
	assert_true(found > STATEMENTS);
	prof_buf_fini(&b);
	prof_store_close(s);
}

static void joins_find_what_a_scan_finds(void **state)
{
	static const char join[] =
		"SELECT count(*), sum(a.t_ns * 3 + b.t_ns), total(a.stack * b.t_ns) FROM %s a "
		"JOIN %s b ON b.profile = a.profile AND b.goroutine = a.%s AND b.t_ns > a.t_ns "
		"AND b.t_ns < a.t_ns + 30000 WHERE a.new = 'running' AND a.profile = 1";
	struct prof_store *s = new_store();
	char sql[MOST_TEXT];

	(void)state;
	write_capture(s, ROWS, 11);
	prof_db_guard_stop(&s->guard); /* statements here are as large as they are */
	assert_ok(prof_sql_register(s->h, NULL, NULL, &err), &err);
	assert_ok(prof_db_exec(s->h,
			  "CREATE TEMP TABLE copy AS SELECT * FROM transitions; "
			  "CREATE INDEX temp.i ON copy(goroutine, t_ns)",
			  &err),
		&err);
	for (int actor = 0; actor < 2; actor++) {
		const char *by = actor ? "actor" : "goroutine";
		sqlite3_stmt *a, *b;

		snprintf(sql, sizeof(sql), join, "transitions", "transitions", by);
		a = ask(s->h, sql);
		snprintf(sql, sizeof(sql), join, "copy", "copy", by);
		b = ask(s->h, sql);
		assert_true(sqlite3_column_int64(a, 0) > 100);
		for (int i = 0; i < 3; i++)
			assert_true(sqlite3_column_double(a, i) == sqlite3_column_double(b, i));
		sqlite3_finalize(a);
		sqlite3_finalize(b);
	}
	prof_store_close(s);
}

/* A goroutine's rows by the pages that it is said to be in; whether all of these have it. */
static size_t rows_of(struct prof_transitions *x, int64_t id, size_t *pages)
{
	size_t n = 0;

	*pages = 0;
	for (uint32_t number = 0;; number++) {
		struct prof_transition_page *page;
		bool there = false;

		assert_ok(prof_transitions_with(x, id, &number, &err), &err);
		if (number == x->pages)
			return n;
		assert_ok(prof_transitions_page(x, number, &page, &err), &err);
		for (uint32_t i = prof_transition_first(page, id); i != PROF_NONE;
			i = prof_transition_next(page, i), n++)
			assert_true(page->v[PROF_TRANSITION_GOROUTINE][i] == id);
		for (uint32_t i = 0; i < page->n; i++)
			there |= page->v[PROF_TRANSITION_GOROUTINE][i] == id ||
				 page->v[PROF_TRANSITION_ACTOR][i] == id;
		assert_true(there);
		prof_transitions_give_back(page);
		++*pages;
	}
}

/* Of more pages than are found by one blob, and than are kept. */
static void goroutines_are_found_in_many_pages(void **state)
{
	enum { MANY = (PROF_WHO_PAGES + 3) * PROF_COLUMNS_ROWS };
	struct prof_mem mem = {.limit = SIZE_MAX / 2};
	struct random_wire random = {.seed = 3};
	struct prof_store *s = new_store();
	struct prof_transitions x;
	size_t rows[8] = {0}, pages;
	int64_t id = write_capture(s, MANY, 3), v[PROF_ROWS_WIDEST];

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		fill(&random, i, v);
		for (size_t k = 0; k < 8; k++)
			rows[k] += v[1] == (int64_t)(k < 4 ? k : k * 500);
	}
	assert_ok(prof_transitions_init(&x, s, NULL, id, &mem, &err), &err);
	assert_int_equal(x.pages, PROF_WHO_PAGES + 3);
	for (size_t k = 0; k < 8; k++) {
		assert_int_equal(rows_of(&x, (int64_t)(k < 4 ? k : k * 500), &pages), rows[k]);
		assert_int_equal(pages == x.pages, k < 4);
	}
	assert_int_equal(rows_of(&x, 1 << 30, &pages) + pages, 0);
	assert_int_equal(x.pool.n, 4);
	for (int64_t t = -5; t < MANY * INT64_C(10); t += 39999) {
		uint32_t at = prof_transitions_since(&x, t);

		assert_true(!at || x.times.v[at] < t);
		assert_true(at + 1 == x.pages || x.times.v[at + 1] >= t);
	}
	prof_transitions_fini(&x);
	assert_int_equal(mem.used, 0);
	prof_store_close(s);
}

static int count_problems(void *ctx, const char *problem)
{
	assert_true(problem[0]);
	++*(int *)ctx;
	return 0;
}

/* Replaces a blob by other contents under a seal of its own. */
static void replace(struct prof_store *s, int64_t part, const struct prof_buf *raw)
{
	const struct prof_seal_context context = prof_capture_context(1, part, 0);
	struct prof_buf sealed;
	sqlite3_stmt *q = NULL;

	prof_buf_init(&sealed, NULL, NULL);
	assert_ok(prof_seal(&s->sealer, &context, raw->p, raw->n, &sealed, &err), &err);
	assert_ok(prof_db_prepare(
			  s->h, "UPDATE capture_data SET data = ?1 WHERE part = ?2", &q, &err),
		&err);
	sqlite3_bind_blob64(q, 1, sealed.p, sealed.n, SQLITE_STATIC);
	sqlite3_bind_int64(q, 2, part);
	assert_ok(prof_db_run(q, &err), &err);
	sqlite3_finalize(q);
	prof_buf_fini(&sealed);
}

/* An index that is well sealed, and of other pages. */
static void what_finds_them_is_checked(void **state)
{
	static const struct {
		int64_t part;
		const char *bytes;
		bool read; /* told when it is read, too */
	} others[] = {{PROF_CAPTURE_WHO, "\1\2\1\1", false}, {PROF_CAPTURE_WHO, "", true},
		{PROF_CAPTURE_WHO, "\2\2\0\1\1\1\1", true}, {PROF_CAPTURE_WHO, "\1\2\7\1\1", true},
		{PROF_CAPTURE_WHO, "\1\2\1\11", true}, {PROF_CAPTURE_TIMES, "\1\2", true},
		{PROF_CAPTURE_TIMES, "\6\0\0\0\0\0\0", true},
		{PROF_CAPTURE_TIMES, "\6\0\0\1\0\0\0", true}};
	struct prof_store *s = new_store();
	int problems = 0;

	(void)state;
	write_capture(s, ROWS, 5);
	assert_ok(prof_capture_verify(s, count_problems, &problems, &err), &err);
	assert_int_equal(problems, 1); /* it has no profile */
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct prof_buf raw = {0};
		struct prof_mem mem = {.limit = SIZE_MAX / 2};
		struct prof_transition_page *page;
		struct prof_transitions x;
		uint32_t number = 0;
		int rc;

		prof_buf_init(&raw, NULL, NULL);
		prof_buf_put(&raw, others[i].bytes,
			others[i].bytes[0] == 6 ? 7 : strlen(others[i].bytes));
		if (i == 2)
			prof_buf_put(&raw, "\0\0", 2);
		assert_ok(prof_db_exec(s->h, "SAVEPOINT change", &err), &err);
		replace(s, others[i].part, &raw);
		problems = 0;
		assert_ok(prof_capture_verify(s, count_problems, &problems, &err), &err);
		assert_true(problems > 1);
		rc = prof_transitions_init(&x, s, NULL, 1, &mem, &err);
		if (!rc)
			rc = prof_transitions_with(&x, 1, &number, &err);
		if (!rc && number < x.pages)
			rc = prof_transitions_page(&x, number, &page, &err);
		assert_true(!rc == !others[i].read);
		err = (struct prof_err){0};
		prof_transitions_fini(&x);
		assert_int_equal(mem.used, 0);
		assert_ok(prof_db_exec(s->h, "ROLLBACK TO change", &err), &err);
		prof_buf_fini(&raw);
	}
	prof_store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions_find_what_a_scan_finds),
		cmocka_unit_test(joins_find_what_a_scan_finds),
		cmocka_unit_test(goroutines_are_found_in_many_pages),
		cmocka_unit_test(what_finds_them_is_checked),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
