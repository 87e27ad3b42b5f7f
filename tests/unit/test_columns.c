#include "tests/unit/random.h"
#include "tests/unit/unit.h"

#include "libprof/base/buf.h"
#include "libprof/model/timeline.h"
#include "libprof/store/columns.h"

enum { WIDTH = 6 };

struct page {
	int64_t cells[WIDTH][PROF_COLUMNS_ROWS], *v[WIDTH];
};

static struct page *new_page(void)
{
	struct page *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	for (size_t c = 0; c < WIDTH; c++)
		p->v[c] = p->cells[c];
	return p;
}

/* Encodes n rows, and wants the same back. Bytes that it took. */
static size_t round_trip_sum(const struct page *p, size_t n, struct prof_columns_sum sum)
{
	struct page *back = new_page();
	struct prof_buf b;
	struct prof_rd r;
	size_t bytes;

	prof_buf_init(&b, NULL, NULL);
	prof_columns_put(&b, p->v, WIDTH, n, sum);
	assert_int_equal(b.code, 0);
	bytes = b.n;
	r = prof_rd_of(b.p, b.n);
	prof_columns_get(&r, back->v, WIDTH, n);
	assert_null(r.why);
	assert_true(r.p == r.end);
	for (size_t c = 0; c < WIDTH; c++)
		assert_true(n == 0 || memcmp(back->v[c], p->v[c], n * sizeof(int64_t)) == 0);
	prof_buf_fini(&b);
	free(back);
	return bytes;
}

static size_t round_trip(const struct page *p, size_t n)
{
	/* One that is the sum of nothing but two others, or none. */
	round_trip_sum(p, n, (struct prof_columns_sum){.column = 1, .parts = 1 << 3 | 1 << 5});
	return round_trip_sum(p, n, (struct prof_columns_sum){0});
}

static void all_numbers_come_back(void **state)
{
	static const int64_t ends[] = {INT64_MAX, INT64_MIN + 1, PROF_ABSENT, 0, -1, 1, 127, 128};
	static const size_t sizes[] = {0, 1, 2, 7, 8, 9, 1000, PROF_COLUMNS_ROWS};
	struct random_wire random = {.seed = 1};
	struct page *p = new_page();

	(void)state;
	for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		for (unsigned holes = 0; holes < 3; holes++) {
			for (size_t i = 0; i < sizes[k]; i++)
				for (size_t c = 0; c < WIDTH; c++)
					p->v[c][i] = random_below(&random, 3) < holes
							     ? PROF_ABSENT
							     : (int64_t)random_number(&random);
			round_trip(p, sizes[k]);
		}
		for (size_t i = 0; i < sizes[k]; i++)
			for (size_t c = 0; c < WIDTH; c++)
				p->v[c][i] = ends[random_below(&random, 8)];
		round_trip(p, sizes[k]);
	}
	free(p);
}

static void what_can_be_foretold_takes_little(void **state)
{
	struct page *p = new_page();
	size_t n = PROF_COLUMNS_ROWS;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		p->v[0][i] = INT64_C(1) << 60;
		p->v[1][i] = PROF_ABSENT;
		p->v[2][i] = (INT64_C(1) << 50) + (int64_t)(i * i) * 1000003;
		p->v[3][i] = p->v[2][i] - 5;
		p->v[4][i] = (int64_t)i;
		p->v[5][i] = i % 2 ? PROF_ABSENT : -3;
	}
	/* Beside v[2]: a byte each of v[3] and v[4]; of v[5] a bit. */
	assert_true(round_trip(p, n) < n * 5 + n + n + n / 8 + 64);
	free(p);
}

/* One begins when another ended, some time later it ends; columns between them may have no number.
 */
static void what_follows_the_row_before_takes_little(void **state)
{
	struct random_wire random = {.seed = 5};
	struct page *p = new_page();
	int64_t t = INT64_C(1) << 50;
	size_t n = PROF_COLUMNS_ROWS;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		p->v[0][i] = t + 5;
		p->v[1][i] = i % 3 ? t + 7 : PROF_ABSENT;
		p->v[2][i] = PROF_ABSENT;
		p->v[3][i] = t + 9; /* as the first, by the last */
		p->v[4][i] = 1;
		t += (int64_t)(random_next(&random) >> 24);
		p->v[5][i] = t;
	}
	/* Six bytes a row of v[5], a byte of v[0], v[1] and v[3], and a bit. */
	assert_true(round_trip(p, n) < n * 6 + 3 * n + n / 8 + 64);
	free(p);
}

/* About: a unit itself is told, too. */
static void multiples_of_a_unit_take_as_little_as_small_numbers(void **state)
{
	static const int64_t units[] = {1, 3, 1000, 1000000007, INT64_C(3) << 53};
	struct page *p = new_page();
	size_t n = PROF_COLUMNS_ROWS, small = 0;

	(void)state;
	for (size_t k = 0; k < sizeof(units) / sizeof(units[0]); k++) {
		struct random_wire random = {.seed = 3};

		for (size_t i = 0; i < n; i++)
			for (size_t c = 0; c < WIDTH; c++)
				p->v[c][i] = units[k] * ((int64_t)random_below(&random, 300) - 99);
		if (k == 0)
			small = round_trip(p, n);
		else
			assert_in_range(round_trip(p, n), 1, small + small / 100);
	}
	free(p);
}

static void a_sum_takes_little(void **state)
{
	const struct prof_columns_sum sum = {.column = 1, .parts = 1 << 0 | 1 << 3 | 1 << 4};
	struct random_wire random = {.seed = 3};
	struct page *p = new_page();
	size_t n = 1000, with;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		for (size_t c = 0; c < WIDTH; c++)
			p->v[c][i] = (int64_t)random_below(&random, 1 << 20);
		p->v[1][i] = p->v[0][i] + p->v[3][i] + p->v[4][i] + (int64_t)(i % 3) - 1;
		p->v[2][i] = p->v[1][i]; /* which is not told by a column that is not there yet */
		if (i % 10 == 0)
			p->v[1][i] = PROF_ABSENT;
		if (i % 10 == 1) { /* a part that is none counts 0 */
			p->v[1][i] -= p->v[4][i];
			p->v[4][i] = PROF_ABSENT;
		}
	}
	with = round_trip_sum(p, n, sum);
	assert_true(with < round_trip_sum(p, n, (struct prof_columns_sum){0}));
	assert_true(with < 3 * n * 5 + n + n / 8 * 3 + 64);
	free(p);
}

static const char *why(const char *bytes, size_t len, size_t width, size_t n)
{
	struct page *p = new_page();
	struct prof_rd r = prof_rd_of(bytes, len);

	prof_columns_get(&r, p->v, width, n);
	free(p);
	return r.why;
}

static void hostile_columns_are_refused(void **state)
{
	(void)state;
	assert_non_null(why("", 0, 1, 1)); /* nothing */
	assert_non_null(why("\x04\x01", 2, 1, 1)); /* beside itself */
	assert_non_null(why("\x02\x01\x05\x01", 4, 2, 1)); /* likewise */
	assert_null(why("\x02\x01\x04\x01", 4, 2, 1));
	assert_null(why("\x05\x01\x04\x01", 4, 2, 1)); /* each by the other */
	assert_non_null(why("\x06\x01\x04\x01", 4, 2, 1)); /* by one that is not there */
	assert_non_null(why("\x7e\x01", 2, 1, 1));
	assert_non_null(why("\x3f", 1, 1, 1)); /* a sum of nothing said */
	assert_non_null(why("\x3f\x02\x01", 3, 1, 1)); /* of a column that is not there */
	assert_null(why("\x3f\x02\x01\x02\x01", 5, 2, 1));
	assert_non_null(why("\x3f\x3f\x02\x01\x01\x01", 6, 2, 1)); /* two */
	assert_non_null(why("\x80\xff", 2, 1, 4)); /* rows that have a number of none */
	assert_non_null(why("\x01", 1, 1, 1)); /* the same as nothing */
	assert_non_null(why("\x02\x01\x01", 3, 1, 4)); /* fewer than it should have */
	assert_non_null(why("\x82\x0f\x01\x01\x01", 5, 1, 4)); /* likewise */
	assert_null(why("\x82\x07\x01\x01\x01", 5, 1, 4));
	assert_null(why("\x82\xff\x01\x01\x01\x01", 6, 1, 4)); /* bits of no rows are nothing */
	assert_non_null(why("\x82", 1, 1, 4)); /* no bitmap */
	assert_non_null(why("\x02\x81\x81\x81", 4, 1, 2)); /* no end */
	assert_null(why("\x42\x03\x01\x02", 4, 1, 2));
	assert_non_null(why("\x42", 1, 1, 1)); /* no unit */
	assert_non_null(why("\x40\x03", 2, 1, 1)); /* a unit of nothing */
	assert_non_null(why("\x41\x03\x01", 3, 1, 1)); /* or of what is there once */
	assert_non_null(why("\x02\x81\x81\x81\x81\x81\x81\x81\x81\x81\x02", 11, 1, 1));
	assert_non_null(why("\x02\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x01", 12, 1, 1));
	assert_null(why("\x02\x81\x81\x81\x81\x81\x81\x81\x81\x81\x01", 11, 1, 1));
}

/* The bytes of three columns that are told by one another. */
static void columns_wait_for_one_another(void **state)
{
	static const char bytes[] =
		"\x06\x02\x04\x06" /* 1, 2, 3 more than the last in the row before */
		"\x84\x05\x14\x28" /* 10, none, 20 more than the first */
		"\x05\x02\x02\x01"; /* 1, 1, -1 more than the second */
	static const int64_t want[3][3] = {{1, 11, 12}, {14, PROF_ABSENT, 1}, {4, 24, 23}};
	struct page *p = new_page();
	struct prof_rd r = prof_rd_of(bytes, sizeof(bytes) - 1);

	(void)state;
	prof_columns_get(&r, p->v, 3, 3);
	assert_null(r.why);
	assert_true(r.p == r.end);
	for (size_t i = 0; i < 3; i++)
		for (size_t c = 0; c < 3; c++)
			assert_int_equal(p->v[c][i], want[i][c]);
	free(p);
}

/* Whatever they are: what is read can be written again. */
static void any_bytes_are_read_or_refused(void **state)
{
	struct random_wire random = {.seed = 2};
	struct page *p = new_page();
	size_t read = 0;

	(void)state;
	for (unsigned k = 0; k < 200000; k++) {
		size_t len = random_below(&random, 60), n = random_below(&random, 6);
		char bytes[60];
		struct prof_rd r;

		for (size_t i = 0; i < len; i++) /* many are kinds of columns, and small numbers */
			bytes[i] = (char)(random_below(&random, 4)   ? random_below(&random, 10)
					  : random_below(&random, 8) ? random_below(&random, 256)
								     : 0x3f);
		r = prof_rd_of(bytes, len);
		prof_columns_get(&r, p->v, WIDTH, n);
		if (r.why)
			continue;
		round_trip(p, n);
		read++;
	}
	assert_true(read > 1000);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_numbers_come_back),
		cmocka_unit_test(what_can_be_foretold_takes_little),
		cmocka_unit_test(what_follows_the_row_before_takes_little),
		cmocka_unit_test(multiples_of_a_unit_take_as_little_as_small_numbers),
		cmocka_unit_test(a_sum_takes_little),
		cmocka_unit_test(columns_wait_for_one_another),
		cmocka_unit_test(hostile_columns_are_refused),
		cmocka_unit_test(any_bytes_are_read_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
