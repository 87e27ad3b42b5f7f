#include "tests/unit/unit.h"

static void tells_code_offset_and_message(void **state)
{
	struct prof_err e = {0};

	(void)state;
	assert_int_equal(prof_fail(&e, PROF_EFORMAT, 17, "a %d %s", 5, "x"), PROF_EFORMAT);
	assert_error(&e, PROF_EFORMAT, 17, "a 5 x");
}

static void first_failure_stays(void **state)
{
	struct prof_err e = {0};

	(void)state;
	prof_fail(&e, PROF_ELIMIT, 3, "first");
	assert_int_equal(prof_fail(&e, PROF_EIO, 4, "second"), PROF_EIO);
	assert_error(&e, PROF_ELIMIT, 3, "first");
	assert_int_equal(prof_nomem(&e), PROF_ENOMEM);
	assert_error(&e, PROF_ELIMIT, 3, "first");
}

static void can_be_used_again_after_clearing(void **state)
{
	struct prof_err e = {0};

	(void)state;
	prof_fail(&e, PROF_ELIMIT, 3, "first");
	e = (struct prof_err){0};
	prof_nomem(&e);
	assert_error(&e, PROF_ENOMEM, PROF_NO_OFFSET, "out of memory");
}

static void nobody_need_listen(void **state)
{
	(void)state;
	assert_int_equal(prof_fail(NULL, PROF_EUSAGE, 0, "%s", "x"), PROF_EUSAGE);
	assert_int_equal(prof_nomem(NULL), PROF_ENOMEM);
}

static void long_messages_are_cut(void **state)
{
	struct prof_err e = {0};
	char text[1000];

	(void)state;
	memset(text, 'y', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	prof_fail(&e, PROF_EIO, 0, "%s", text);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	assert_int_equal(strspn(e.msg, "y"), sizeof(e.msg) - 1);
}

static void limits_have_their_documented_defaults(void **state)
{
	struct prof_limits l;

	(void)state;
	prof_limits_init(&l);
	assert_int_equal(l.memory_bytes, UINT64_C(4) << 30);
	assert_int_equal(l.inflated_bytes, UINT64_C(16) << 30);
	assert_int_equal(l.inflate_ratio, 200);
	assert_int_equal(l.strings, 64 << 20);
	assert_int_equal(l.string_bytes, 16 << 20);
	assert_string_equal(prof_version(), PROF_VERSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_code_offset_and_message),
		cmocka_unit_test(first_failure_stays),
		cmocka_unit_test(can_be_used_again_after_clearing),
		cmocka_unit_test(nobody_need_listen),
		cmocka_unit_test(long_messages_are_cut),
		cmocka_unit_test(limits_have_their_documented_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
