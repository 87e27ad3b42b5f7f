#include "tests/unit/unit.h"

#include "libprof/model/build.h"

struct built {
	struct prof_err e;
	struct prof_limits limits;
	struct prof_profile *p;
	struct prof_build b;
};

static int set_up(void **state)
{
	static const char *const types[][2] = {{"samples", "count"}, {"cpu", "nanoseconds"}};
	struct built *x = calloc(1, sizeof(*x));

	assert_non_null(x);
	prof_limits_init(&x->limits);
	x->p = prof_profile_new(&x->limits, &x->e);
	assert_non_null(x->p);
	prof_build_init(&x->b, x->p, &x->limits, &x->e);
	assert_ok(prof_build_types(&x->b, types, 2), &x->e);
	*state = x;
	return 0;
}

static int tear_down(void **state)
{
	struct built *x = *state;

	assert_null(prof_profile_check(x->p));
	prof_build_fini(&x->b);
	prof_profile_free(x->p);
	free(x);
	return 0;
}

static void equal_things_have_one_id(void **state)
{
	struct built *x = *state;

	for (int round = 0; round < 2; round++) {
		uint32_t name, file, f[4], l[6], s[4];
		struct prof_line lines[3];

		assert_ok(prof_build_text(&x->b, "main.f", &name), &x->e);
		assert_ok(prof_build_text(&x->b, "f.go", &file), &x->e);
		assert_ok(prof_build_function(&x->b, name, file, 0, &f[0]), &x->e);
		assert_ok(prof_build_function(&x->b, name, file, 1, &f[1]), &x->e);
		assert_ok(prof_build_function(&x->b, file, file, 0, &f[2]), &x->e);
		assert_ok(prof_build_function(&x->b, name, 0, 0, &f[3]), &x->e);
		for (uint32_t i = 0; i < 4; i++)
			assert_int_equal(f[i], i);
		lines[0] = (struct prof_line){.function = 0, .line = 1};
		lines[1] = (struct prof_line){.function = 1, .line = 1};
		lines[2] = (struct prof_line){.function = 0, .line = 1, .column = 1};
		assert_ok(prof_build_location(&x->b, 7, PROF_NONE, NULL, 0, &l[0]), &x->e);
		assert_ok(prof_build_location(&x->b, 8, PROF_NONE, NULL, 0, &l[1]), &x->e);
		assert_ok(prof_build_location(&x->b, 7, PROF_NONE, lines, 1, &l[2]), &x->e);
		assert_ok(prof_build_location(&x->b, 7, PROF_NONE, lines, 2, &l[3]), &x->e);
		assert_ok(prof_build_location(&x->b, 7, PROF_NONE, lines + 1, 1, &l[4]), &x->e);
		assert_ok(prof_build_location(&x->b, 7, PROF_NONE, lines + 2, 1, &l[5]), &x->e);
		for (uint32_t i = 0; i < 6; i++)
			assert_int_equal(l[i], i);
		assert_ok(prof_build_stack(&x->b, l, 3, &s[0]), &x->e);
		assert_ok(prof_build_stack(&x->b, l, 2, &s[1]), &x->e);
		assert_ok(prof_build_stack(&x->b, NULL, 0, &s[2]), &x->e);
		assert_ok(prof_build_stack(&x->b, l + 1, 2, &s[3]), &x->e);
		for (uint32_t i = 0; i < 4; i++)
			assert_int_equal(s[i], i);
		assert_ok(prof_build_sample(&x->b, s[0], 0, (const int64_t[]){1, -2}), &x->e);
	}
	assert_int_equal(x->p->functions.n, 4);
	assert_int_equal(x->p->functions.v[1].system_name, x->p->functions.v[1].name);
	assert_int_equal(x->p->functions.v[1].start_line, 1);
	assert_int_equal(x->p->locations.n, 6);
	assert_int_equal(x->p->locations.v[5].id, 6);
	assert_int_equal(x->p->lines.n, 5);
	assert_int_equal(x->p->stack_loc.n, 7);
	/* Samples are rows. */
	assert_int_equal(x->p->sample_stack.n, 2);
	assert_int_equal(x->p->values.v[1].v[1], -2);
}

static void mappings_keep_apart(void **state)
{
	struct built *x = *state;
	const struct prof_mapping m = {.start = 1, .limit = 9};
	uint32_t id, a, b;

	assert_ok(prof_build_mapping(&x->b, &m, &id), &x->e);
	assert_int_equal(id, 0);
	assert_ok(prof_build_mapping(&x->b, &m, &id), &x->e);
	assert_int_equal(id, 1);
	assert_int_equal(x->p->mappings.v[1].id, 2);
	assert_ok(prof_build_location(&x->b, 5, 0, NULL, 0, &a), &x->e);
	assert_ok(prof_build_location(&x->b, 5, 1, NULL, 0, &b), &x->e);
	assert_int_not_equal(a, b);
}

static void thousands_of_each(void **state)
{
	struct built *x = *state;

	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < 30000; i++) {
			struct prof_line line = {.line = i};
			uint32_t location, stack;

			assert_ok(prof_build_function(&x->b, 0, 0, i, &line.function), &x->e);
			assert_int_equal(line.function, i);
			assert_ok(prof_build_location(&x->b, i, PROF_NONE, &line, 1, &location),
				&x->e);
			assert_int_equal(location, i);
			assert_ok(prof_build_stack(&x->b, &location, 1, &stack), &x->e);
			assert_int_equal(stack, i);
		}
	}
}

static void limits_hold(void **state)
{
	struct built *x = *state;
	uint32_t id;

	x->limits.string_bytes = 3;
	assert_ok(prof_build_text(&x->b, "abc", &id), &x->e);
	assert_int_equal(prof_build_text(&x->b, "abcd", &id), PROF_ELIMIT);
	assert_error(
		&x->e, PROF_ELIMIT, PROF_NO_OFFSET, "a string of 4 bytes, more than the 3 allowed");
	x->e = (struct prof_err){0};
	x->limits.strings = x->p->strings.strs.n;
	assert_int_equal(prof_build_text(&x->b, "new", &id), PROF_ELIMIT);
	assert_error(&x->e, PROF_ELIMIT, PROF_NO_OFFSET, "too many strings");
	x->e = (struct prof_err){0};
	x->p->mem.limit = x->p->mem.used;
	for (uint64_t i = 0; !x->e.code; i++)
		if (prof_build_location(&x->b, i, PROF_NONE, NULL, 0, &id))
			assert_int_equal(x->e.code, PROF_ELIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(equal_things_have_one_id, set_up, tear_down),
		cmocka_unit_test_setup_teardown(mappings_keep_apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(thousands_of_each, set_up, tear_down),
		cmocka_unit_test_setup_teardown(limits_hold, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
