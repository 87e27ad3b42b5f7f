#include "tests/unit/unit.h"

#include "libprof/base/arena.h"

static void resize_charges_the_difference(void **state)
{
	struct prof_mem m = {.limit = 1000};
	struct prof_err e = {0};
	char *p = prof_mem_resize(&m, NULL, 0, 600, &e), *q;

	(void)state;
	assert_non_null(p);
	assert_int_equal(m.used, 600);
	memset(p, 'a', 600);
	p = prof_mem_resize(&m, p, 600, 1000, &e);
	assert_non_null(p);
	assert_int_equal(m.used, 1000);
	assert_int_equal(p[599], 'a');
	p = prof_mem_resize(&m, p, 1000, 100, &e);
	assert_non_null(p);
	assert_int_equal(m.used, 100);
	q = prof_mem_resize(&m, NULL, 0, 900, &e);
	assert_non_null(q);
	prof_mem_free(&m, q, 900);
	prof_mem_free(&m, p, 100);
	assert_int_equal(m.used, 0);
	assert_int_equal(e.code, 0);
}

static void past_the_budget_nothing_changes(void **state)
{
	struct prof_mem m = {.limit = 1000};
	struct prof_err e = {0};
	char *p = prof_mem_resize(&m, NULL, 0, 600, &e);

	(void)state;
	p[0] = 'a';
	assert_null(prof_mem_resize(&m, NULL, 0, 401, &e));
	assert_int_equal(e.code, PROF_ELIMIT);
	assert_null(prof_mem_resize(&m, p, 600, 1001, &e));
	assert_null(prof_mem_resize(&m, NULL, 0, SIZE_MAX, &e));
	assert_int_equal(m.used, 600);
	assert_int_equal(p[0], 'a');
	prof_mem_free(&m, p, 600);
}

static void the_message_names_the_limit(void **state)
{
	struct prof_mem m = {.limit = (size_t)3 << 20};
	struct prof_err e = {0};

	(void)state;
	assert_null(prof_mem_resize(&m, NULL, 0, (size_t)4 << 20, &e));
	assert_error(&e, PROF_ELIMIT, PROF_NO_OFFSET,
		"needs more than the 3145728 bytes of memory allowed (--limit memory=…)");
}

static void zeroed_arrays(void **state)
{
	struct prof_mem m = {.limit = 1 << 20};
	struct prof_err e = {0};
	uint64_t *a = prof_mem_zalloc(&m, 100, sizeof(*a), &e);
	char *none = prof_mem_zalloc(&m, 0, 8, &e);

	(void)state;
	assert_non_null(a);
	for (int i = 0; i < 100; i++)
		assert_int_equal(a[i], 0);
	assert_non_null(none);
	prof_mem_zfree(&m, none, 0, 8);
	prof_mem_zfree(&m, a, 100, sizeof(*a));
	prof_mem_zfree(&m, NULL, 100, sizeof(*a));
	assert_int_equal(m.used, 0);
}

static void a_product_that_overflows_is_refused(void **state)
{
	struct prof_mem m = {.limit = SIZE_MAX / 4};
	struct prof_err e = {0};

	(void)state;
	assert_null(prof_mem_zalloc(&m, SIZE_MAX / 8 + 2, 8, &e));
	assert_int_equal(e.code, PROF_ELIMIT);
	assert_int_equal(m.used, 0);
}

static void vectors_grow_and_keep(void **state)
{
	struct prof_mem m = {.limit = 1 << 20};
	struct prof_err e = {0};
	PROF_VEC(uint32_t) v = {0};

	(void)state;
	for (uint32_t i = 0; i < 10000; i++) {
		assert_ok(prof_vec_reserve(&m, &v, 1, &e), &e);
		v.v[v.n++] = i;
	}
	for (uint32_t i = 0; i < 10000; i++)
		assert_int_equal(v.v[i], i);
	assert_int_equal(m.used, v.cap * sizeof(*v.v));
	assert_ok(prof_vec_reserve(&m, &v, 5000, &e), &e);
	assert_true(v.cap >= 15000);
	prof_vec_fini(&m, &v);
	assert_null(v.v);
	assert_int_equal(v.n + v.cap + m.used, 0);
}

static void vectors_refuse_what_does_not_fit(void **state)
{
	struct prof_mem m = {.limit = 400};
	struct prof_err e = {0};
	PROF_VEC(uint32_t) v = {0};

	(void)state;
	assert_ok(prof_vec_reserve(&m, &v, 100, &e), &e);
	v.n = 100;
	v.v[99] = 7;
	assert_int_equal(prof_vec_reserve(&m, &v, 1, &e), PROF_ELIMIT);
	assert_int_equal(prof_vec_reserve(&m, &v, 1, NULL), PROF_ENOMEM);
	assert_int_equal(v.cap, 100);
	assert_int_equal(v.v[99], 7);
	e = (struct prof_err){0};
	assert_int_equal(prof_vec_reserve(&m, &v, SIZE_MAX / 2, &e), PROF_ENOMEM);
	assert_int_equal(v.cap, 100);
	prof_vec_fini(&m, &v);
}

static void arena_blocks_are_aligned_and_apart(void **state)
{
	struct prof_mem m = {.limit = (size_t)64 << 20};
	struct prof_arena a;
	char *block[200];

	(void)state;
	prof_arena_init(&a, &m);
	for (int i = 0; i < 200; i++) {
		size_t n = (size_t)i * 37 % 1000 + 1;

		assert_non_null(prof_arena_dup(&a, "x", (size_t)(i & 1), NULL));
		block[i] = prof_arena_alloc(&a, n, NULL);
		assert_non_null(block[i]);
		assert_int_equal((uintptr_t)block[i] % _Alignof(max_align_t), 0);
		memset(block[i], i, n);
	}
	for (int i = 0; i < 200; i++)
		for (size_t k = 0; k < (size_t)i * 37 % 1000 + 1; k++)
			assert_int_equal((unsigned char)block[i][k], i);
	prof_arena_fini(&a);
	assert_int_equal(m.used, 0);
}

static void a_large_block_leaves_the_chunk_in_use(void **state)
{
	struct prof_mem m = {.limit = (size_t)64 << 20};
	struct prof_arena a;
	char *first, *second;

	(void)state;
	prof_arena_init(&a, &m);
	first = prof_arena_dup(&a, "one", 3, NULL);
	memset(prof_arena_alloc(&a, 1 << 20, NULL), 1, 1 << 20);
	second = prof_arena_dup(&a, "two", 3, NULL);
	assert_ptr_equal(second, first + 4);
	assert_string_equal(first, "one");
	assert_string_equal(second, "two");
	prof_arena_fini(&a);
	assert_int_equal(m.used, 0);
}

static void arena_copies_bytes_with_nuls(void **state)
{
	struct prof_mem m = {.limit = 1 << 20};
	struct prof_arena a;
	char *s;

	(void)state;
	prof_arena_init(&a, &m);
	s = prof_arena_dup(&a, "a\0b", 3, NULL);
	assert_memory_equal(s, "a\0b\0", 4);
	s = prof_arena_dup(&a, NULL, 0, NULL);
	assert_string_equal(s, "");
	prof_arena_fini(&a);
}

static void arena_obeys_the_budget(void **state)
{
	struct prof_mem m = {.limit = 200 << 10};
	struct prof_err e = {0};
	struct prof_arena a;
	size_t n = 0;

	(void)state;
	prof_arena_init(&a, &m);
	while (prof_arena_alloc(&a, 1000, &e))
		n++;
	assert_int_equal(e.code, PROF_ELIMIT);
	assert_in_range(n, 150, 204);
	assert_true(m.used <= m.limit);
	e = (struct prof_err){0};
	assert_null(prof_arena_alloc(&a, SIZE_MAX / 2, &e));
	assert_null(prof_arena_dup(&a, "", SIZE_MAX, &e));
	assert_int_equal(e.code, PROF_ENOMEM);
	prof_arena_fini(&a);
	assert_int_equal(m.used, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resize_charges_the_difference),
		cmocka_unit_test(past_the_budget_nothing_changes),
		cmocka_unit_test(the_message_names_the_limit),
		cmocka_unit_test(zeroed_arrays),
		cmocka_unit_test(a_product_that_overflows_is_refused),
		cmocka_unit_test(vectors_grow_and_keep),
		cmocka_unit_test(vectors_refuse_what_does_not_fit),
		cmocka_unit_test(arena_blocks_are_aligned_and_apart),
		cmocka_unit_test(a_large_block_leaves_the_chunk_in_use),
		cmocka_unit_test(arena_copies_bytes_with_nuls),
		cmocka_unit_test(arena_obeys_the_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
