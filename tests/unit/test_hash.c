#include "tests/unit/unit.h"

#include "libprof/base/strtab.h"

static void bytes_hash_by_content_and_length(void **state)
{
	char a[40], b[41];

	(void)state;
	for (size_t n = 0; n <= 33; n++) {
		memset(a, 'q', sizeof(a));
		memset(b, 'q', sizeof(b));
		assert_true(prof_hash_bytes(a, n) == prof_hash_bytes(b + 1, n));
		assert_true(prof_hash_bytes(a, n) != prof_hash_bytes(a, n + 1));
		for (size_t i = 0; i < n; i++) {
			b[i + 1] ^= 1;
			assert_true(prof_hash_bytes(a, n) != prof_hash_bytes(b + 1, n));
			b[i + 1] ^= 1;
		}
	}
	/* Zeros count, too. */
	assert_true(prof_hash_bytes("\0\0", 1) != prof_hash_bytes("\0\0", 2));
}

static void an_index_finds_all_of_a_hash(void **state)
{
	struct prof_mem m = {.limit = 1 << 20};
	struct prof_err e = {0};
	struct prof_index x;
	struct prof_index_it it;
	unsigned seen = 0;
	uint32_t id;

	(void)state;
	prof_index_init(&x, &m);
	it = prof_index_first(&x, 7);
	assert_int_equal(prof_index_next(&x, &it), PROF_NONE);
	for (uint32_t i = 0; i < 1000; i++)
		assert_ok(prof_index_add(&x, i % 100, i, &e), &e);
	it = prof_index_first(&x, 42);
	while ((id = prof_index_next(&x, &it)) != PROF_NONE) {
		assert_int_equal(id % 100, 42);
		seen |= 1u << id / 100;
	}
	assert_int_equal(seen, 0x3ff);
	it = prof_index_first(&x, 100);
	assert_int_equal(prof_index_next(&x, &it), PROF_NONE);
	prof_index_fini(&x);
	assert_int_equal(m.used, 0);
}

static void made_collisions_end(void **state)
{
	struct prof_mem m = {.limit = 1 << 20};
	struct prof_err e = {0};
	struct prof_index x;
	uint32_t n = 0;

	(void)state;
	prof_index_init(&x, &m);
	while (n < 10000 && prof_index_add(&x, 12345, n, &e) == 0)
		n++;
	assert_in_range(n, 4096, 4097);
	assert_int_equal(e.code, PROF_ELIMIT);
	e = (struct prof_err){0};
	assert_ok(prof_index_add(&x, 0x7fff0000, n, &e), &e); /* others still may */
	prof_index_fini(&x);
}

static void an_index_obeys_the_budget(void **state)
{
	struct prof_mem m = {.limit = 2000};
	struct prof_err e = {0};
	struct prof_index x;
	uint32_t n = 0;

	(void)state;
	prof_index_init(&x, &m);
	while (prof_index_add(&x, n * 77, n, &e) == 0)
		n++;
	assert_int_equal(e.code, PROF_ELIMIT);
	assert_true(m.used <= 2000);
	for (uint32_t i = 0; i < n; i++) { /* what was there is there */
		struct prof_index_it it = prof_index_first(&x, i * 77);

		assert_int_equal(prof_index_next(&x, &it), i);
	}
	prof_index_fini(&x);
	assert_int_equal(m.used, 0);
}

static void maps_keep_any_key(void **state)
{
	static const uint64_t keys[] = {0, 1, UINT32_MAX, UINT64_C(1) << 32, INT64_MAX,
		UINT64_C(1) << 63, UINT64_MAX - 1, UINT64_MAX};
	struct prof_mem m = {.limit = 1 << 20};
	struct prof_err e = {0};
	struct prof_map64 map;

	(void)state;
	prof_map64_init(&map, &m);
	for (uint32_t i = 0; i < COUNT(keys); i++) {
		assert_int_equal(prof_map64_get(&map, keys[i]), PROF_NONE);
		assert_ok(prof_map64_add(&map, keys[i], i * 3, &e), &e);
	}
	for (uint32_t i = 0; i < COUNT(keys); i++)
		assert_int_equal(prof_map64_get(&map, keys[i]), i * 3);
	assert_int_equal(prof_map64_get(&map, 2), PROF_NONE);
	prof_map64_fini(&map);
	assert_int_equal(m.used, 0);
}

/* Ids that are addresses or packed fields differ only in some of their bits. */
static void maps_take_keys_at_any_stride(void **state)
{
	(void)state;
	for (unsigned shift = 0; shift <= 48; shift += 4) {
		struct prof_mem m = {.limit = 16 << 20};
		struct prof_err e = {0};
		struct prof_map64 map;

		prof_map64_init(&map, &m);
		for (uint64_t i = 0; i < 40000; i++)
			if (prof_map64_add(&map, i << shift, (uint32_t)i, &e))
				fail_msg("%u keys at stride 2^%u: %s", (unsigned)i, shift, e.msg);
		for (uint64_t i = 0; i < 40000; i++)
			assert_int_equal(prof_map64_get(&map, i << shift), i);
		prof_map64_fini(&map);
	}
}

static void strings_are_interned(void **state)
{
	struct prof_mem m = {.limit = 4 << 20};
	struct prof_err e = {0};
	struct prof_strtab t;
	char text[16];
	uint32_t id;

	(void)state;
	assert_ok(prof_strtab_init(&t, &m, &e), &e);
	assert_ok(prof_strtab_add(&t, "", 0, &id, &e), &e);
	assert_int_equal(id, 0);
	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 1; i < 5000; i++) {
			int n = snprintf(text, sizeof(text), "s%u", i);

			assert_ok(prof_strtab_add(&t, text, (size_t)n, &id, &e), &e);
			assert_int_equal(id, i);
		}
	}
	assert_str(prof_strtab_get(&t, 4711), "s4711");
	assert_int_equal(prof_strtab_get(&t, 4711).p[5], '\0');
	assert_int_equal(prof_strtab_find(&t, PROF_STR("s17")), 17);
	assert_int_equal(prof_strtab_find(&t, PROF_STR("s5000")), PROF_NONE);
	prof_strtab_fini(&t);
	assert_int_equal(m.used, 0);
}

static void strings_are_bytes(void **state)
{
	struct prof_mem m = {.limit = 1 << 20};
	struct prof_err e = {0};
	struct prof_strtab t;
	uint32_t a, b, c;

	(void)state;
	assert_ok(prof_strtab_init(&t, &m, &e), &e);
	assert_ok(prof_strtab_add(&t, "x\0y", 3, &a, &e), &e);
	assert_ok(prof_strtab_add(&t, "x\0z", 3, &b, &e), &e);
	assert_ok(prof_strtab_add(&t, "x", 1, &c, &e), &e);
	assert_true(a != b && b != c && a != c);
	assert_int_equal(prof_strtab_get(&t, a).len, 3);
	assert_memory_equal(prof_strtab_get(&t, b).p, "x\0z", 4);
	prof_strtab_fini(&t);
}

static int sign(int v)
{
	return (v > 0) - (v < 0);
}

static void string_helpers(void **state)
{
	static const char *const base[][2] = {{"", "."}, {"/", "/"}, {"///", "/"}, {"a", "a"},
		{"/a/b", "b"}, {"/a/b//", "b"}, {"a/", "a"}, {"/x.go", "x.go"}};

	(void)state;
	assert_true(prof_str_eq(PROF_STR("ab"), prof_str_of("ab")));
	assert_false(prof_str_eq(PROF_STR("ab"), PROF_STR("abc")));
	assert_false(prof_str_eq(PROF_STR("ab"), PROF_STR("ac")));
	assert_true(prof_str_eq((struct prof_str){0}, PROF_STR("")));
	assert_int_equal(sign(prof_str_cmp(PROF_STR("a"), PROF_STR("b"))), -1);
	assert_int_equal(sign(prof_str_cmp(PROF_STR("ab"), PROF_STR("a"))), 1);
	assert_int_equal(sign(prof_str_cmp(PROF_STR("Z"), PROF_STR("a"))), -1);
	assert_int_equal(sign(prof_str_cmp(PROF_STR("\xc3"), PROF_STR("z"))), 1); /* unsigned */
	assert_int_equal(prof_str_cmp((struct prof_str){0}, PROF_STR("")), 0);
	assert_true(prof_str_has_prefix(PROF_STR("abc"), "ab"));
	assert_true(prof_str_has_prefix(PROF_STR("abc"), ""));
	assert_false(prof_str_has_prefix(PROF_STR("a"), "ab"));
	for (size_t i = 0; i < COUNT(base); i++)
		assert_str(prof_str_base(prof_str_of(base[i][0])), base[i][1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_hash_by_content_and_length),
		cmocka_unit_test(an_index_finds_all_of_a_hash),
		cmocka_unit_test(made_collisions_end),
		cmocka_unit_test(an_index_obeys_the_budget),
		cmocka_unit_test(maps_keep_any_key),
		cmocka_unit_test(maps_take_keys_at_any_stride),
		cmocka_unit_test(strings_are_interned),
		cmocka_unit_test(strings_are_bytes),
		cmocka_unit_test(string_helpers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
