#include "tests/unit/unit.h"

#include "libprof/base/cursor.h"

static const char ends[] = "ends inside a varint";
static const char longer[] = "varint is longer than 64 bits";
static const char past[] = "a length leads past the end";

static const struct {
	const char *bytes;
	size_t n;
	uint64_t value;
	const char *why;
} varints[] = {
	{"", 0, 0, ends},
	{"\0", 1, 0, NULL},
	{"\x7f", 1, 127, NULL},
	{"\x80", 1, 0, ends},
	{"\x80\x01", 2, 128, NULL},
	{"\xac\x02", 2, 300, NULL},
	{"\x80\x00", 2, 0, NULL}, /* longer than need be: allowed */
	{"\x81\x80\x80\x80\x80\x80\x80\x80\x80\x00", 10, 1, NULL},
	{"\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 9, INT64_MAX, NULL},
	{"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 10, UINT64_C(1) << 63, NULL},
	{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, UINT64_MAX, NULL},
	{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10, 0, longer},
	{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81", 10, 0, longer},
	{"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11, 0, longer},
	{"\xff\xff\xff\xff\xff\xff\xff\xff\xff", 9, 0, ends},
};

static void varints_of_every_length(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(varints); i++) {
		struct prof_rd r = prof_rd_of(varints[i].bytes, varints[i].n);

		assert_int_equal(prof_rd_uvarint(&r), varints[i].value);
		if (varints[i].why) {
			assert_string_equal(r.why, varints[i].why);
			assert_ptr_equal(r.p, r.base); /* where the bad one starts */
		} else {
			assert_null(r.why);
		}
		assert_int_equal(prof_rd_left(&r), 0);
	}
}

static void every_bit_comes_through(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 64; bit++) {
		uint64_t v = (UINT64_C(1) << bit) | 1, rest = v;
		uint8_t bytes[10];
		size_t n = 0;
		struct prof_rd r;

		for (; rest >= 0x80; rest >>= 7)
			bytes[n++] = (uint8_t)(rest | 0x80);
		bytes[n++] = (uint8_t)rest;
		r = prof_rd_of(bytes, n);
		assert_true(prof_rd_uvarint(&r) == v);
		for (size_t cut = 0; cut < n; cut++) {
			r = prof_rd_of(bytes, cut);
			assert_int_equal(prof_rd_uvarint(&r), 0);
			assert_string_equal(r.why, ends);
		}
	}
}

static void the_first_failure_sticks(void **state)
{
	struct prof_rd r = prof_rd_of("\x05\x80", 2);

	(void)state;
	assert_int_equal(prof_rd_uvarint(&r), 5);
	assert_int_equal(prof_rd_uvarint(&r), 0);
	assert_int_equal(r.p - r.base, 1);
	assert_null(prof_rd_bytes(&r, 1));
	assert_int_equal(prof_rd_uvarint(&r), 0);
	assert_string_equal(r.why, ends);
	assert_int_equal(r.p - r.base, 1);
	prof_rd_fail(&r, "other");
	assert_string_equal(r.why, ends);
}

static void bytes_stay_inside(void **state)
{
	struct prof_rd r = prof_rd_of("abc", 3);

	(void)state;
	assert_memory_equal(prof_rd_bytes(&r, 2), "ab", 2);
	assert_non_null(prof_rd_bytes(&r, 0));
	assert_int_equal(prof_rd_left(&r), 1);
	assert_null(prof_rd_bytes(&r, 2));
	assert_string_equal(r.why, past);
	r = prof_rd_of("abc", 3);
	assert_null(prof_rd_bytes(&r, UINT64_MAX));
	assert_string_equal(r.why, past);
	r = prof_rd_of("abc", 3);
	assert_null(prof_rd_bytes(&r, (uint64_t)1 << 32));
	assert_string_equal(r.why, past);
}

static void sub_cursors_cannot_leave(void **state)
{
	struct prof_rd r = prof_rd_of("\x01\x02\x83\x04\x05", 5), s;

	(void)state;
	prof_rd_uvarint(&r);
	s = prof_rd_sub(&r, 2);
	assert_int_equal(r.p - r.base, 3);
	assert_int_equal(prof_rd_uvarint(&s), 2);
	assert_int_equal(prof_rd_uvarint(&s), 0);
	assert_string_equal(s.why, ends);
	assert_null(r.why);
	assert_int_equal(prof_rd_uvarint(&r), 4);
	s = prof_rd_sub(&r, 2);
	assert_string_equal(r.why, past);
	assert_int_equal(prof_rd_left(&s), 0);
	assert_null(s.why);
}

static void nothing_is_a_cursor_too(void **state)
{
	struct prof_rd r = prof_rd_of(NULL, 0);

	(void)state;
	assert_int_equal(prof_rd_left(&r), 0);
	assert_int_equal(prof_rd_uvarint(&r), 0);
	assert_string_equal(r.why, ends);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(varints_of_every_length),
		cmocka_unit_test(every_bit_comes_through),
		cmocka_unit_test(the_first_failure_sticks),
		cmocka_unit_test(bytes_stay_inside),
		cmocka_unit_test(sub_cursors_cannot_leave),
		cmocka_unit_test(nothing_is_a_cursor_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
