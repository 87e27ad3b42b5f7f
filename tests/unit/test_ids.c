#include "tests/unit/unit.h"

#include "libprof/read/ids.h"

#define HUGE_ID (UINT64_C(1) << 40)

/* The ids in the order of a file, and references to them written before or after. */
struct ids {
	struct prof_mem mem;
	struct prof_ids x;
	struct prof_err e;
};

static void begin(struct ids *t, const uint64_t *ids, size_t n)
{
	*t = (struct ids){.mem.limit = 64 << 20};
	prof_ids_init(&t->x, &t->mem, "thing");
	for (size_t i = 0; i < n; i++)
		assert_ok(prof_ids_add(&t->x, ids[i], &t->e), &t->e);
}

static void finish(struct ids *t)
{
	prof_ids_fini(&t->x);
	assert_int_equal(t->mem.used, 0);
}

static uint32_t ref(struct ids *t, uint64_t id)
{
	uint32_t r = PROF_NONE;

	assert_ok(prof_ids_ref(&t->x, id, &r, &t->e), &t->e);
	return r;
}

/* References are taken before the ids are known, as in files. */
static void check(const uint64_t *ids, size_t n, const uint64_t *unknown, size_t n_unknown)
{
	struct ids t;
	uint32_t *refs = calloc(n + 1, sizeof(*refs)), missing[8];
	size_t bad;

	begin(&t, NULL, 0);
	for (size_t i = 0; i < n; i++)
		refs[i] = ref(&t, ids[i]);
	for (size_t i = 0; i < n_unknown; i++)
		missing[i] = ref(&t, unknown[i]);
	for (size_t i = 0; i < n; i++)
		assert_ok(prof_ids_add(&t.x, ids[i], &t.e), &t.e);
	assert_ok(prof_ids_freeze(&t.x, &bad, &t.e), &t.e);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(prof_ids_get(&t.x, refs[i]), i);
		assert_true(prof_ids_name(&t.x, refs[i]) == ids[i]);
	}
	for (size_t i = 0; i < n_unknown; i++) {
		assert_int_equal(prof_ids_get(&t.x, missing[i]), PROF_NONE);
		assert_true(prof_ids_name(&t.x, missing[i]) == unknown[i]);
		refs[n] = missing[i];
		assert_int_equal(prof_ids_resolve(&t.x, refs, n + 1), n);
		for (size_t k = 0; k < n; k++)
			refs[k] = ref(&t, ids[k]);
	}
	assert_int_equal(prof_ids_resolve(&t.x, refs, n), n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(refs[i], i);
	free(refs);
	finish(&t);
}

static void dense_ids(void **state)
{
	static const uint64_t ids[] = {1, 2, 3, 4, 5}, unknown[] = {0, 6, 7, HUGE_ID, UINT64_MAX};

	(void)state;
	check(ids, COUNT(ids), unknown, COUNT(unknown));
	check(NULL, 0, unknown, COUNT(unknown));
}

static void ids_in_another_order(void **state)
{
	static const uint64_t ids[] = {5, 1, 4, 2, 3}, unknown[] = {0, 6, HUGE_ID};

	(void)state;
	check(ids, COUNT(ids), unknown, COUNT(unknown));
}

static void ids_with_gaps(void **state)
{
	static const uint64_t ids[] = {10, 20, 4000, 30}, unknown[] = {0, 11, 4001, 5000};

	(void)state;
	check(ids, COUNT(ids), unknown, COUNT(unknown));
}

static void sparse_ids(void **state)
{
	static const uint64_t ids[] = {7, 1000000, 123456789, INT32_MAX},
			      unknown[] = {0, 8, INT32_MAX - 1, UINT64_C(1) << 31};

	(void)state;
	check(ids, COUNT(ids), unknown, COUNT(unknown));
}

static void huge_ids(void **state)
{
	static const uint64_t ids[] = {UINT64_MAX, 1, UINT64_C(1) << 31, UINT32_MAX, HUGE_ID,
		(UINT64_C(1) << 31) - 1, UINT64_MAX - 1},
			      unknown[] = {0, 2, HUGE_ID + 1, UINT64_C(1) << 63};

	(void)state;
	check(ids, COUNT(ids), unknown, COUNT(unknown));
}

static void many_ids_of_all_sizes(void **state)
{
	enum { N = 30000 };
	uint64_t *ids = malloc(N * sizeof(*ids)), seed = 1;

	(void)state;
	for (size_t i = 0; i < N; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		ids[i] = (seed >> seed % 60) << 16 | (i + 1);
	}
	check(ids, N, NULL, 0);
	for (size_t i = 0; i < N; i++)
		ids[i] = N - i;
	check(ids, N, NULL, 0);
	for (size_t i = 0; i < N; i++)
		ids[i] = (i + 1) * 4096;
	check(ids, N, NULL, 0);
	free(ids);
}

static void wrong_ids(void **state)
{
	static const struct {
		uint64_t ids[4];
		size_t bad;
		const char *why;
	} rows[] = {
		{{1, 2, 0, 3}, 2, "thing with the reserved id 0"},
		{{0, 1, 2, 3}, 0, "thing with the reserved id 0"},
		{{1, 2, 1, 3}, 2, "two things have the id 1"},
		{{9999999, 5, 6, 9999999}, 3, "two things have the id 9999999"},
		{{HUGE_ID, HUGE_ID, 1, 2}, 1, "two things have the id 1099511627776"},
		{{5, UINT64_MAX, 6, UINT64_MAX}, 3, "two things have the id 18446744073709551615"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ids t;
		size_t bad;

		begin(&t, rows[i].ids, 4);
		assert_int_equal(prof_ids_freeze(&t.x, &bad, &t.e), PROF_EFORMAT);
		assert_error(&t.e, PROF_EFORMAT, PROF_NO_OFFSET, rows[i].why);
		assert_int_equal(bad, rows[i].bad);
		finish(&t);
	}
}

static void a_huge_id_twice_is_one_reference(void **state)
{
	struct ids t;

	(void)state;
	begin(&t, NULL, 0);
	assert_int_equal(ref(&t, HUGE_ID), ref(&t, HUGE_ID));
	assert_int_not_equal(ref(&t, HUGE_ID), ref(&t, HUGE_ID + 1));
	assert_true(ref(&t, (UINT64_C(1) << 31) - 1) == INT32_MAX);
	finish(&t);
}

/* A few ids must not make a table of gigabytes. */
static void tables_are_no_larger_than_they_pay(void **state)
{
	static const uint64_t ids[] = {1, 3, INT32_MAX - 1};
	struct ids t;
	size_t bad;

	(void)state;
	begin(&t, ids, COUNT(ids));
	assert_ok(prof_ids_freeze(&t.x, &bad, &t.e), &t.e);
	assert_true(t.mem.used < 16 << 10);
	finish(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dense_ids),
		cmocka_unit_test(ids_in_another_order),
		cmocka_unit_test(ids_with_gaps),
		cmocka_unit_test(sparse_ids),
		cmocka_unit_test(huge_ids),
		cmocka_unit_test(many_ids_of_all_sizes),
		cmocka_unit_test(wrong_ids),
		cmocka_unit_test(a_huge_id_twice_is_one_reference),
		cmocka_unit_test(tables_are_no_larger_than_they_pay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
