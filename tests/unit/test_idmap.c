#include "tests/unit/unit.h"

#include "libprof/base/idmap.h"

/* Against an array that says what is there. */
static void ids_come_and_go(void **state)
{
	struct prof_mem m = {.limit = 1 << 20};
	struct prof_err e = {0};
	struct prof_idmap map;
	uint32_t there[512] = {0}, x = 1, n = 0;

	(void)state;
	prof_idmap_init(&map, &m);
	assert_int_equal(prof_idmap_get(&map, 7), PROF_NONE);
	prof_idmap_remove(&map, 7);
	for (uint32_t step = 1; step < 100000; step++) {
		uint32_t i;

		x = x * 1664525 + 1013904223;
		i = x >> 23;
		/* Ids of all sizes, 0 among them. */
		if (there[i]) {
			prof_idmap_remove(&map, (uint64_t)i << i % 50);
			there[i] = 0;
			n--;
		} else if (prof_idmap_get(&map, (uint64_t)i << i % 50) == PROF_NONE) {
			assert_ok(prof_idmap_add(&map, (uint64_t)i << i % 50, step, &e), &e);
			there[i] = step;
			n++;
		}
		assert_int_equal(map.n, n);
		i = x & 511;
		if (there[i])
			assert_int_equal(prof_idmap_get(&map, (uint64_t)i << i % 50), there[i]);
	}
	prof_idmap_clear(&map);
	assert_int_equal(prof_idmap_get(&map, 0), PROF_NONE);
	prof_idmap_fini(&map);
	assert_int_equal(m.used, 0);
}

static void ids_that_collide_on_purpose_are_refused(void **state)
{
	struct prof_mem m = {.limit = 64 << 20};
	struct prof_err e = {0};
	struct prof_idmap map;
	/* The inverse of the multiplier, so that products are what we like. */
	uint64_t inverse = 1;
	int rc = 0;

	(void)state;
	for (int i = 0; i < 6; i++)
		inverse *= 2 - UINT64_C(0x9e3779b97f4a7c15) * inverse;
	prof_idmap_init(&map, &m);
	for (uint64_t i = 1; !rc && i < 100000; i++)
		rc = prof_idmap_add(&map, i * inverse, 1, &e);
	assert_int_equal(rc, PROF_ELIMIT);
	prof_idmap_fini(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_come_and_go),
		cmocka_unit_test(ids_that_collide_on_purpose_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
