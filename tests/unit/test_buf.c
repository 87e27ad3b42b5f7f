#include "tests/unit/unit.h"

/* A sink that keeps what it gets, and fails once `fail_at` calls were made. */
struct sink {
	char *text;
	size_t n, calls, largest, fail_at;
};

static int sink(void *ctx, const char *p, size_t n)
{
	struct sink *s = ctx;

	if (++s->calls == s->fail_at)
		return 1;
	s->text = realloc(s->text, s->n + n + 1);
	assert_non_null(s->text);
	memcpy(s->text + s->n, p, n);
	s->n += n;
	if (n > s->largest)
		s->largest = n;
	return 0;
}

static void text_grows(void **state)
{
	struct prof_buf b;
	struct prof_err e = {0};

	(void)state;
	prof_buf_init(&b, NULL, NULL);
	assert_ok(prof_buf_done(&b, &e), &e);
	assert_string_equal(b.p, "");
	prof_buf_str(&b, "a");
	prof_buf_char(&b, 'b');
	prof_buf_put(&b, "c\0d", 3);
	prof_buf_fill(&b, ' ', 2);
	prof_buf_printf(&b, "%d%s", 5, "x");
	assert_ok(prof_buf_done(&b, &e), &e);
	assert_memory_equal(b.p, "abc\0d  5x\0", 10);
	assert_int_equal(b.n, 9);
	prof_buf_fini(&b);
}

static void numbers_to_the_ends(void **state)
{
	struct prof_buf b;

	(void)state;
	prof_buf_init(&b, NULL, NULL);
	prof_buf_u64(&b, 0);
	assert_buf(&b, "0");
	prof_buf_u64(&b, UINT64_MAX);
	assert_buf(&b, "18446744073709551615");
	prof_buf_i64(&b, INT64_MIN);
	assert_buf(&b, "-9223372036854775808");
	prof_buf_i64(&b, INT64_MAX);
	assert_buf(&b, "9223372036854775807");
	prof_buf_i64(&b, -1);
	assert_buf(&b, "-1");
	prof_buf_fini(&b);
}

static void pieces_of_any_size_grow_it(void **state)
{
	struct prof_buf b;
	size_t want = 0;

	(void)state;
	prof_buf_init(&b, NULL, NULL);
	for (size_t n = 0; n < 5000; n += 7, want += n) {
		prof_buf_fill(&b, (char)('a' + n % 26), n);
		if (n)
			assert_int_equal(b.p[b.n - 1], 'a' + n % 26);
		prof_buf_printf(&b, "%*s", 7, "x");
	}
	assert_int_equal(b.code, 0);
	assert_int_equal(b.n, want);
	prof_buf_fini(&b);
}

static void a_sink_gets_everything_in_pieces(void **state)
{
	struct sink s = {0};
	struct prof_buf b;
	struct prof_err e = {0};

	(void)state;
	prof_buf_init(&b, sink, &s);
	for (int i = 0; i < 100000; i++)
		prof_buf_printf(&b, "%06d\n", i);
	assert_true(s.calls > 5);
	assert_true(s.largest < (size_t)1 << 18);
	assert_ok(prof_buf_done(&b, &e), &e);
	assert_int_equal(s.n, 700000);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(strtol(s.text + 7 * i, NULL, 10), i);
	assert_true(b.cap < (size_t)1 << 20);
	prof_buf_fini(&b);
	free(s.text);
}

static void a_sink_may_get_one_large_piece(void **state)
{
	struct sink s = {0};
	struct prof_buf b;
	struct prof_err e = {0};

	(void)state;
	prof_buf_init(&b, sink, &s);
	prof_buf_str(&b, "begin");
	prof_buf_fill(&b, 'x', 1 << 20);
	prof_buf_str(&b, "end");
	assert_ok(prof_buf_done(&b, &e), &e);
	assert_int_equal(s.n, (1 << 20) + 8);
	assert_memory_equal(s.text + s.n - 4, "xend", 4);
	prof_buf_fini(&b);
	free(s.text);
}

static void nothing_written_nothing_flushed(void **state)
{
	struct sink s = {0};
	struct prof_buf b;
	struct prof_err e = {0};

	(void)state;
	prof_buf_init(&b, sink, &s);
	assert_ok(prof_buf_done(&b, &e), &e);
	assert_int_equal(s.calls, 0);
	prof_buf_fini(&b);
}

static void a_failing_sink_fails_once(void **state)
{
	(void)state;
	for (size_t at = 1; at <= 3; at++) {
		struct sink s = {.fail_at = at};
		struct prof_buf b;
		struct prof_err e = {0};

		prof_buf_init(&b, sink, &s);
		for (int i = 0; i < 100000; i++)
			prof_buf_str(&b, "0123456789");
		assert_int_equal(b.code, PROF_EIO);
		assert_int_equal(s.calls, at); /* never asked again */
		assert_true(b.cap < (size_t)1 << 20);
		assert_int_equal(prof_buf_done(&b, &e), PROF_EIO);
		assert_error(&e, PROF_EIO, PROF_NO_OFFSET, "cannot write the output");
		prof_buf_fini(&b);
		free(s.text);
	}
}

static void a_failure_of_the_last_flush_counts(void **state)
{
	struct sink s = {.fail_at = 1};
	struct prof_buf b;
	struct prof_err e = {0};

	(void)state;
	prof_buf_init(&b, sink, &s);
	prof_buf_str(&b, "x");
	assert_int_equal(b.code, 0);
	assert_int_equal(prof_buf_done(&b, &e), PROF_EIO);
	prof_buf_fini(&b);
}

static void too_much_at_once_is_out_of_memory(void **state)
{
	struct prof_buf b;
	struct prof_err e = {0};

	(void)state;
	prof_buf_init(&b, NULL, NULL);
	assert_false(prof_buf_room(&b, (size_t)1 << 30));
	assert_int_equal(b.code, PROF_ENOMEM);
	prof_buf_str(&b, "x");
	prof_buf_printf(&b, "%d", 1);
	prof_buf_fill(&b, ' ', 9);
	assert_int_equal(b.n, 0);
	assert_int_equal(prof_buf_done(&b, &e), PROF_ENOMEM);
	assert_error(&e, PROF_ENOMEM, PROF_NO_OFFSET, "out of memory");
	prof_buf_fini(&b);
}

/* Bit by bit, too; the gigabyte is only claimed here. */
static void text_stops_at_a_gigabyte(void **state)
{
	struct prof_buf b = {.p = malloc(16), .n = ((size_t)1 << 30) - 1, .cap = (size_t)1 << 30};

	(void)state;
	assert_false(prof_buf_room(&b, 1));
	assert_int_equal(b.code, PROF_ENOMEM);
	prof_buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_grows),
		cmocka_unit_test(numbers_to_the_ends),
		cmocka_unit_test(pieces_of_any_size_grow_it),
		cmocka_unit_test(a_sink_gets_everything_in_pieces),
		cmocka_unit_test(a_sink_may_get_one_large_piece),
		cmocka_unit_test(nothing_written_nothing_flushed),
		cmocka_unit_test(a_failing_sink_fails_once),
		cmocka_unit_test(a_failure_of_the_last_flush_counts),
		cmocka_unit_test(too_much_at_once_is_out_of_memory),
		cmocka_unit_test(text_stops_at_a_gigabyte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
