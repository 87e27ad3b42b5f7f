#include "tests/unit/unit.h"
#include "tests/unit/wire.h"

#include "libprof/model/profile.h"

static struct prof_profile *empty(void)
{
	struct prof_err e = {0};
	struct prof_limits limits;
	struct prof_profile *p;

	prof_limits_init(&limits);
	p = prof_profile_new(&limits, &e);
	assert_non_null(p);
	return p;
}

static void a_new_profile_is_consistent(void **state)
{
	struct prof_profile *p = empty();

	(void)state;
	assert_null(prof_profile_check(p));
	assert_int_equal(p->stack_start.n, 1);
	assert_int_equal(p->label_start.n, 2);
	assert_str(prof_profile_str(p, 0), "");
	assert_int_equal(prof_profile_time(p), 0);
	prof_profile_free(p);
	prof_profile_free(NULL);
}

static void a_new_profile_needs_memory(void **state)
{
	struct prof_limits limits = {.memory_bytes = 100};
	struct prof_err e = {0};

	(void)state;
	assert_null(prof_profile_new(&limits, &e));
	assert_int_equal(e.code, PROF_ELIMIT);
}

static void equal_label_sets_are_one(void **state)
{
	const struct prof_label a = {.key = 1, .str = 2, .is_str = true},
				b = {.key = 1, .num = 2, .unit = 3};
	const struct prof_label sets[][2] = {{a, b}, {b, a}, {a, a}, {b, b}};
	struct prof_profile *p = empty();
	struct prof_err e = {0};
	uint32_t id;

	(void)state;
	assert_ok(prof_profile_label_set(p, NULL, 0, &id, &e), &e);
	assert_int_equal(id, 0);
	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < COUNT(sets); i++) {
			assert_ok(prof_profile_label_set(p, sets[i], 2, &id, &e), &e);
			assert_int_equal(id, i + 1);
		}
		assert_ok(prof_profile_label_set(p, &a, 1, &id, &e), &e);
		assert_int_equal(id, 5);
	}
	assert_int_equal(p->label_start.n, 7);
	assert_int_equal(p->label_start.v[2], 2);
	assert_int_equal(p->labels.n, 9);
	prof_profile_free(p);
}

static void every_part_of_a_label_counts(void **state)
{
	const struct prof_label l[] = {{.key = 1, .str = 2, .is_str = true},
		{.key = 2, .str = 2, .is_str = true}, {.key = 1, .str = 3, .is_str = true},
		{.key = 1, .str = 2, .unit = 4, .is_str = true},
		{.key = 1, .str = 2, .num = 1, .is_str = true}, {.key = 1, .str = 2}, {.key = 1},
		{.key = 1, .num = -1}, {.key = 1, .num = INT64_MIN}};
	struct prof_profile *p = empty();
	struct prof_err e = {0};
	uint32_t id;

	(void)state;
	for (uint32_t i = 0; i < COUNT(l); i++) {
		assert_ok(prof_profile_label_set(p, &l[i], 1, &id, &e), &e);
		assert_int_equal(id, i + 1);
	}
	prof_profile_free(p);
}

static void thousands_of_label_sets(void **state)
{
	struct prof_profile *p = empty();
	struct prof_err e = {0};
	uint32_t id;

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < 20000; i++) {
			struct prof_label l = {.key = 1, .num = i};

			assert_ok(prof_profile_label_set(p, &l, 1, &id, &e), &e);
			assert_int_equal(id, i + 1);
		}
	}
	prof_profile_free(p);
}

static const struct {
	const char *want;
	uint32_t index;
	const char *error;
} indices[] = {
	{NULL, 3, NULL},
	{"", 3, NULL},
	{"0", 0, NULL},
	{"3", 3, NULL},
	{"4", 0, "sample_index 4 is outside the range [0..3]"},
	{"-1", 0, "sample_index -1 is outside the range [0..3]"},
	{"99999999999999999999", 0,
		"sample_index 99999999999999999999 is outside the range [0..3]"},
	{"space", 1, NULL},
	{"inuse_space", 1, NULL},
	{"inuse_objects", 0, NULL},
	{"inuse_odd", 2, NULL},
	{"odd", 0, "sample_index \"odd\" must be one of: [objects space inuse_odd cpu]"},
	{"alloc_space", 0,
		"sample_index \"alloc_space\" must be one of: [objects space inuse_odd cpu]"},
	{"1x", 0, "sample_index \"1x\" must be one of: [objects space inuse_odd cpu]"},
	{"CPU", 0, "sample_index \"CPU\" must be one of: [objects space inuse_odd cpu]"},
};

static void sample_index_by_pprofs_rules(void **state)
{
	static const struct wire_profile desc = {.types = {{"objects", "count"}, {"space", "bytes"},
							 {"inuse_odd", "count"}, {"cpu", "ns"}}};
	struct prof_err e = {0};
	struct prof_profile *p = wire_open(&desc, &e);
	uint32_t index;

	(void)state;
	assert_non_null(p);
	for (size_t i = 0; i < COUNT(indices); i++) {
		e = (struct prof_err){0};
		if (indices[i].error) {
			assert_int_equal(prof_profile_sample_index(p, indices[i].want, &index, &e),
				PROF_EUSAGE);
			assert_error(&e, PROF_EUSAGE, PROF_NO_OFFSET, indices[i].error);
		} else {
			assert_ok(prof_profile_sample_index(p, indices[i].want, &index, &e), &e);
			assert_int_equal(index, indices[i].index);
		}
	}
	prof_profile_free(p);
}

static void the_default_type_is_the_files(void **state)
{
	struct wire_profile desc = {
		.types = {{"a", "x"}, {"b", "x"}, {"a", "y"}}, .default_type = "a"};
	struct prof_err e = {0};
	struct prof_profile *p = wire_open(&desc, &e);
	uint32_t index;

	(void)state;
	assert_non_null(p);
	assert_ok(prof_profile_sample_index(p, NULL, &index, &e), &e);
	assert_int_equal(index, 0);
	prof_profile_free(p);
	desc.default_type = "none of them";
	p = wire_open(&desc, &e);
	assert_non_null(p);
	assert_ok(prof_profile_sample_index(p, "", &index, &e), &e);
	assert_int_equal(index, 2);
	prof_profile_free(p);
}

static void no_types_no_index(void **state)
{
	struct prof_profile *p = empty();
	struct prof_err e = {0};
	uint32_t index;

	(void)state;
	assert_int_equal(prof_profile_sample_index(p, NULL, &index, &e), PROF_EFORMAT);
	assert_error(&e, PROF_EFORMAT, PROF_NO_OFFSET, "the profile has no sample types");
	prof_profile_free(p);
}

/* Each array of a good profile broken in turn. */
static void check_finds_what_is_out_of_range(void **state)
{
	struct prof_err e = {0};
	struct prof_profile *p = wire_open(&wire_example, &e);
	char was[sizeof(size_t)];

	(void)state;
	assert_non_null(p);
	assert_null(prof_profile_check(p));
#define BROKEN(lvalue, value, what) \
	do { \
		memcpy(was, &(lvalue), sizeof(lvalue)); \
		(lvalue) = (value); \
		assert_non_null(prof_profile_check(p)); \
		assert_string_equal(prof_profile_check(p), what); \
		memcpy(&(lvalue), was, sizeof(lvalue)); \
		assert_null(prof_profile_check(p)); \
	} while (0)
	BROKEN(p->sample_stack.v[3], 4, "sample out of range");
	BROKEN(p->sample_labels.v[0], 3, "sample out of range");
	BROKEN(p->sample_labels.n, 3, "label column of another length");
	BROKEN(p->values.n, 1, "not one column a type");
	BROKEN(p->values.v[1].n, 3, "value column of another length");
	BROKEN(p->stack_start.v[2], 1, "stack offsets fall");
	BROKEN(p->stack_start.v[4], 99, "offsets do not end where the array does");
	BROKEN(p->label_start.v[3], 2, "offsets do not end where the array does");
	BROKEN(p->stack_loc.v[0], 4, "location out of range");
	BROKEN(p->locations.v[3].mapping, 2, "mapping out of range");
	BROKEN(p->locations.v[2].n_lines, 2, "lines out of range");
	BROKEN(p->locations.v[2].first_line, UINT32_MAX, "lines out of range");
	BROKEN(p->lines.v[0].function, 4, "function out of range");
	BROKEN(p->functions.v[0].name, 999, "function's string out of range");
	BROKEN(p->labels.v[0].str, 999, "label's string out of range");
#undef BROKEN
	prof_profile_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_profile_is_consistent),
		cmocka_unit_test(a_new_profile_needs_memory),
		cmocka_unit_test(equal_label_sets_are_one),
		cmocka_unit_test(every_part_of_a_label_counts),
		cmocka_unit_test(thousands_of_label_sets),
		cmocka_unit_test(sample_index_by_pprofs_rules),
		cmocka_unit_test(the_default_type_is_the_files),
		cmocka_unit_test(no_types_no_index),
		cmocka_unit_test(check_finds_what_is_out_of_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
