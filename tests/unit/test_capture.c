/* Rows of captures come back as they went in, whatever they are, and what is missing of them is
 * told.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "tests/unit/archive_dir.h"
#include "tests/unit/random.h"

#include "libprof/store/capture_rows.h"
#include "libprof/store/columns.h"

static struct prof_err err;
static const struct prof_capture kind = {.kind = {"trace", 5}, .format = {"", 0}};

static struct prof_store *new_store(void)
{
	struct prof_store *s;

	unlink(path);
	assert_ok(prof_store_open(&s, path, PROF_DB_CREATE, false, NULL, &err), &err);
	assert_ok(prof_store_begin(s, &err), &err);
	return s;
}

/* Row i of a table, the same for the same i. */
static void fill(enum prof_rows table, size_t i, const struct prof_strtab *strings, int64_t *v)
{
	const char *columns = prof_rows_tables[table].columns;
	struct random_wire random = {.seed = i * PROF_ROWS_TABLES + table};

	for (size_t c = 0; columns[c]; c++) {
		v[c] = (int64_t)random_number(&random);
		if (columns[c] == 's') /* each of them, in an order of its own */
			v[c] = (int64_t)((i * 7919 + c) % strings->strs.n);
		if (!random_below(&random, 4))
			v[c] = PROF_ABSENT;
	}
	if (table == PROF_ROWS_TRANSITION) {
		v[PROF_TRANSITION_T_NS] = (int64_t)i * 7 - 10000;
		v[PROF_TRANSITION_GOROUTINE] = random_below(&random, 300);
		v[PROF_TRANSITION_OLD] = random_below(&random, 6);
		v[PROF_TRANSITION_NEW] = random_below(&random, 6);
	}
}

static const size_t counts[PROF_ROWS_TABLES] = {[PROF_ROWS_DAMAGE] = 1,
	[PROF_ROWS_GROUP] = 3,
	[PROF_ROWS_GROUP_WAIT] = PROF_COLUMNS_ROWS,
	[PROF_ROWS_GROUP_HIST] = PROF_COLUMNS_ROWS + 1,
	[PROF_ROWS_GOROUTINE] = 3 * PROF_COLUMNS_ROWS - 1,
	[PROF_ROWS_LOG] = 9000,
	[PROF_ROWS_TRANSITION] = 3 * PROF_COLUMNS_ROWS + 500};

static void init_strings(struct prof_strtab *t, struct prof_mem *mem, size_t n)
{
	char text[64];
	uint32_t id;

	assert_ok(prof_strtab_init(t, mem, &err), &err);
	for (size_t i = 0; i < n; i++) {
		size_t len = (size_t)snprintf(text, sizeof(text), "message %zu of a program", i);

		assert_ok(prof_strtab_add(t, text, len, &id, &err), &err);
	}
}

static void put_timeline(struct prof_capture_writer *w)
{
	struct prof_timeline *t = prof_timeline_new(&w->s->limits, &err);
	struct prof_range stop = {
		.kind = PROF_RANGE_STW, .start_ns = 5, .end_ns = 9, .goroutine = 1};
	struct prof_gc_cycle c;

	assert_non_null(t);
	assert_ok(prof_timeline_add_source(t, PROF_STR(""), PROF_TIMELINE_TRACE, &err), &err);
	assert_ok(prof_timeline_add_segment(t, 1, &err), &err);
	prof_gc_cycle_init(&c);
	for (int i = 0; i < PROF_COLUMNS_ROWS + 5; i++) {
		c.n = i + 1;
		c.start_ns = i * INT64_C(1000);
		c.reason = i % 2 ? PROF_GC_HEAP : PROF_GC_NOT_TOLD;
		assert_ok(prof_timeline_add_cycle(t, &c, &err), &err);
	}
	assert_ok(prof_strtab_add(&t->strings, "stop", 4, &stop.name, &err), &err);
	assert_ok(prof_timeline_add_range(t, &stop, &err), &err);
	assert_ok(prof_capture_put_timeline(w, t, &err), &err);
	prof_timeline_free(t);
}

static int64_t write_capture(struct prof_store *s, const struct prof_strtab *strings)
{
	struct prof_capture_writer w;
	int64_t v[PROF_ROWS_WIDEST];

	assert_ok(prof_capture_begin(&w, s, &err), &err);
	put_timeline(&w);
	for (unsigned t = 0; t < PROF_ROWS_TABLES; t++)
		for (size_t i = 0; i < counts[t]; i++) {
			fill((enum prof_rows)t, i, strings, v);
			assert_ok(prof_capture_row(&w, (enum prof_rows)t, strings, v, &err), &err);
		}
	assert_ok(prof_capture_end(&w, &kind, &err), &err);
	prof_capture_fini(&w);
	return s->next_id;
}

/* What is wrong with the rows of a table; 0: nothing. *n: how many there were. */
static int read_rows(struct prof_store *s, int64_t profile, enum prof_rows table, size_t *n,
	const struct prof_strtab *put, const struct prof_strtab *own)
{
	const char *columns = prof_rows_tables[table].columns;
	int64_t v[PROF_ROWS_WIDEST];
	struct prof_capture_rows r;
	int rc = prof_capture_rows_open(&r, s, profile, table, &err);

	*n = 0;
	while (!rc && (rc = prof_capture_rows_next(&r, &err)) > 0) {
		assert_true(r.n > 0 && r.first == *n);
		rc = 0;
		for (size_t i = 0; put && i < r.n; i++) {
			fill(table, r.first + i, put, v);
			for (size_t c = 0; columns[c]; c++)
				if (columns[c] == 's' && v[c] != PROF_ABSENT)
					assert_true(prof_str_eq(
						own->strs.v[r.v[c][i]], put->strs.v[v[c]]));
				else
					assert_true(r.v[c][i] == v[c]);
		}
		*n += r.n;
	}
	prof_capture_rows_fini(&r);
	return rc;
}

static void rows_come_back(void **state)
{
	struct prof_mem mem = {.limit = SIZE_MAX / 2};
	struct prof_store *s = new_store();
	struct prof_strtab strings, own;
	int64_t id;
	size_t n;

	(void)state;
	init_strings(&strings, &mem, 5000);
	id = write_capture(s, &strings);
	assert_ok(prof_strtab_init(&own, &mem, &err), &err);
	assert_ok(prof_capture_strings(s, id, &own, &err), &err);
	assert_true(own.strs.n > 5000);
	for (unsigned t = 0; t < PROF_ROWS_TABLES; t++) {
		bool derived = t == PROF_ROWS_GC_CYCLE || t == PROF_ROWS_PAUSE;

		assert_ok(read_rows(s, id, (enum prof_rows)t, &n, derived ? NULL : &strings, &own),
			&err);
		assert_int_equal(n, t == PROF_ROWS_GC_CYCLE ? PROF_COLUMNS_ROWS + 5
				    : t == PROF_ROWS_PAUSE  ? 1
							    : counts[t]);
		assert_ok(read_rows(s, id + 1, (enum prof_rows)t, &n, NULL, NULL), &err);
		assert_int_equal(n, 0);
	}
	assert_ok(prof_capture_remove(s, id, &err), &err);
	assert_ok(read_rows(s, id, PROF_ROWS_LOG, &n, NULL, NULL), &err);
	assert_int_equal(n, 0);
	prof_strtab_fini(&own);
	prof_strtab_fini(&strings);
	assert_int_equal(mem.used, 0);
	prof_store_close(s);
}

static void derived_rows_have_their_strings(void **state)
{
	struct prof_mem mem = {.limit = SIZE_MAX / 2};
	struct prof_store *s = new_store();
	struct prof_strtab strings, own;
	struct prof_capture_rows r;
	int64_t id;

	(void)state;
	init_strings(&strings, &mem, 3);
	id = write_capture(s, &strings);
	assert_ok(prof_strtab_init(&own, &mem, &err), &err);
	assert_ok(prof_capture_strings(s, id, &own, &err), &err);
	assert_ok(prof_capture_rows_open(&r, s, id, PROF_ROWS_PAUSE, &err), &err);
	assert_int_equal(prof_capture_rows_next(&r, &err), 1);
	assert_true(r.v[1][0] == 5 && r.v[2][0] == 4 && r.v[3][0] == 1);
	assert_true(prof_str_eq(own.strs.v[r.v[4][0]], PROF_STR("stop")));
	prof_capture_rows_fini(&r);
	assert_ok(prof_capture_rows_open(&r, s, id, PROF_ROWS_GC_CYCLE, &err), &err);
	assert_int_equal(prof_capture_rows_next(&r, &err), 1);
	assert_true(r.v[19][0] == PROF_ABSENT && r.v[1][1] == 2);
	assert_true(prof_str_eq(own.strs.v[r.v[19][1]], PROF_STR("heap")));
	prof_capture_rows_fini(&r);
	prof_strtab_fini(&own);
	prof_strtab_fini(&strings);
	prof_store_close(s);
}

static int count_problems(void *ctx, const char *problem)
{
	assert_true(problem[0]);
	++*(int *)ctx;
	return 0;
}

/* Of all tables and the strings: how many cannot be read. */
static int failures(struct prof_store *s, int64_t id)
{
	struct prof_mem mem = {.limit = SIZE_MAX / 2};
	struct prof_strtab own;
	int failed = 0;
	size_t n;

	for (unsigned t = 0; t < PROF_ROWS_TABLES; t++) {
		int rc = read_rows(s, id, (enum prof_rows)t, &n, NULL, NULL);

		assert_true(rc == 0 || (rc == PROF_EFORMAT && strstr(err.msg, "is damaged")));
		failed += rc != 0;
	}
	assert_ok(prof_strtab_init(&own, &mem, &err), &err);
	failed += prof_capture_strings(s, id, &own, &err) != 0;
	prof_strtab_fini(&own);
	err = (struct prof_err){0};
	return failed;
}

static void what_is_missing_is_told(void **state)
{
	static const char *const changes[] = {"DELETE FROM capture_data WHERE part = 5",
		("DELETE FROM capture_data WHERE part = 8 AND place = (SELECT max(place) FROM "
		 "capture_data WHERE part = 8)"),
		"DELETE FROM capture_data WHERE part = 23 AND place = 0",
		"DELETE FROM capture_data WHERE part = 23 AND place = 8192",
		"UPDATE capture_data SET place = place + 1 WHERE part = 23 AND place = 4096",
		"UPDATE capture_data SET part = 24 WHERE part = 23",
		"DELETE FROM capture_data WHERE part = 1",
		"UPDATE capture_data SET data = zeroblob(9) WHERE part = 26",
		"DELETE FROM capture_data WHERE part = 29 AND place = 4096",
		"UPDATE capture_data SET place = place + 1 WHERE part = 29",
		"UPDATE capture SET row_count = row_count + 1", "UPDATE capture SET row_sum = 0"};
	struct prof_mem mem = {.limit = SIZE_MAX / 2};
	struct prof_store *s = new_store();
	struct prof_strtab strings;
	int problems = 0;
	int64_t id;

	(void)state;
	init_strings(&strings, &mem, 5000);
	id = write_capture(s, &strings);
	assert_int_equal(failures(s, id), 0);
	assert_ok(prof_capture_verify(s, count_problems, &problems, &err), &err);
	assert_int_equal(problems, 1); /* it has no profile */
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		assert_ok(prof_db_exec(s->h, "SAVEPOINT change", &err), &err);
		assert_ok(prof_db_exec(s->h, changes[i], &err), &err);
		assert_true(failures(s, id) > 0);
		problems = 0;
		assert_ok(prof_capture_verify(s, count_problems, &problems, &err), &err);
		assert_true(problems > 1);
		assert_ok(prof_db_exec(s->h, "ROLLBACK TO change", &err), &err);
	}
	prof_strtab_fini(&strings);
	prof_store_close(s);
}

/* Whose page it is, and which, stands in the error. */
static void what_is_damaged_is_named(void **state)
{
	static const char *const changes[][2] = {
		{"UPDATE capture_data SET data = zeroblob(9) WHERE part = 8", ": strings from "},
		{"UPDATE capture_data SET data = zeroblob(9) WHERE part = 23 AND place = 4096",
			": rows of goroutine from 4096 on: "}};
	struct prof_mem mem = {.limit = SIZE_MAX / 2};
	struct prof_store *s = new_store();
	struct prof_strtab strings, own;
	char whose[64];
	int64_t id;

	(void)state;
	init_strings(&strings, &mem, 5000);
	id = write_capture(s, &strings);
	snprintf(whose, sizeof(whose), "is damaged: capture %lld: ", (long long)id);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		enum prof_rows table = PROF_ROWS_GOROUTINE;
		size_t n;
		int rc;

		assert_ok(prof_db_exec(s->h, changes[i][0], &err), &err);
		assert_ok(prof_strtab_init(&own, &mem, &err), &err);
		rc = i ? read_rows(s, id, table, &n, NULL, NULL)
		       : prof_capture_strings(s, id, &own, &err);
		assert_int_equal(rc, PROF_EFORMAT);
		assert_memory_equal(err.msg, whose, strlen(whose));
		assert_non_null(strstr(err.msg, changes[i][1]));
		prof_strtab_fini(&own);
		err = (struct prof_err){0};
	}
	prof_strtab_fini(&strings);
	prof_store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_back),
		cmocka_unit_test(derived_rows_have_their_strings),
		cmocka_unit_test(what_is_missing_is_told),
		cmocka_unit_test(what_is_damaged_is_named),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
