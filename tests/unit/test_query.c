/* Which of an archive's entries a query means. */
#include <unistd.h>

#include "libprof/store/query.h"
#include "tests/unit/unit.h"

static struct prof_err err;

/* n entries of so many services and two kinds, each of them as late as the one before, or later. */
static void make(struct prof_catalog *c, size_t n, size_t services)
{
	*c = (struct prof_catalog){.mem = {.limit = SIZE_MAX / 2}};
	assert_ok(prof_strtab_init(&c->strings, &c->mem, &err), &err);
	assert_ok(prof_vec_reserve(&c->mem, &c->entries, n, &err), &err);
	for (size_t i = 0; i < n; i++) {
		size_t service = i * 7919 % services;
		char name[24];
		int len = snprintf(name, sizeof(name), "s%zu", service);
		uint32_t id;

		assert_ok(prof_strtab_add(&c->strings, name, (size_t)len, &id, &err), &err);
		c->entries.v[c->entries.n++] = (struct prof_entry){.id = (int64_t)i + 1,
			.service_id = (int64_t)service,
			.service = prof_strtab_get(&c->strings, id),
			.kind = i % 3 ? PROF_STR("cpu") : PROF_STR("heap"),
			.time_ns = (int64_t)i / 2 + 1};
	}
}

static bool in_a_row(const struct prof_entry *a, const struct prof_entry *b)
{
	return prof_str_eq(a->service, b->service) && prof_str_eq(a->kind, b->kind);
}

static size_t latest(struct prof_catalog *c, uint32_t *out)
{
	struct prof_query q;
	size_t n;

	assert_ok(prof_query_parse(&q, "latest", &err), &err);
	assert_ok(prof_query_match(&q, c, out, &n, &err), &err);
	prof_query_fini(&q);
	return n;
}

static void next_and_latest(void **state)
{
	uint32_t v[100], next[100];

	(void)state;
	for (size_t n = 0; n <= 100; n += 4) {
		struct prof_catalog c;
		size_t newest = 0, found;

		make(&c, n, n / 8 + 1);
		for (uint32_t i = 0; i < n; i++)
			v[i] = i;
		assert_ok(prof_query_next(&c, v, n, next, &err), &err);
		for (size_t i = 0; i < n; i++) {
			size_t k = i + 1;

			while (k < n && !in_a_row(&c.entries.v[i], &c.entries.v[k]))
				k++;
			assert_int_equal(next[i], k);
			v[newest] = (uint32_t)i;
			newest += k == n;
		}
		if (n) {
			uint32_t out[100];

			found = latest(&c, out);
			assert_int_equal(found, newest);
			assert_memory_equal(out, v, newest * sizeof(*v));
		}
		prof_catalog_fini(&c);
	}
}

/* In time that does not grow with the square of how many they are. */
static void many_services(void **state)
{
	enum { MANY = 200000 };
	uint32_t *out = calloc(MANY, sizeof(*out));
	struct prof_catalog c;

	(void)state;
	assert_non_null(out);
	make(&c, MANY, MANY);
	alarm(20);
	assert_int_equal(latest(&c, out), MANY);
	alarm(0);
	prof_catalog_fini(&c);
	free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(next_and_latest),
		cmocka_unit_test(many_services),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
