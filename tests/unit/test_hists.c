/* Histograms that are kept apart come back into their blob, byte for byte. */
#include "tests/unit/random.h"
#include "tests/unit/unit.h"

#include "libprof/store/bytes.h"
#include "libprof/store/hists.h"

static struct prof_err err;
static struct prof_mem mem = {.limit = 1 << 24};

/* Both ways to write the same. */
struct blob {
	struct prof_hists apart;
	struct prof_buf plain;
};

static void init(struct blob *x)
{
	prof_hists_init(&x->apart);
	prof_buf_init(&x->plain, NULL, NULL);
}

static void put(struct blob *x, uint64_t v)
{
	prof_put_uvarint(&x->apart.rest, v);
	prof_put_uvarint(&x->plain, v);
}

static void put_hist(struct blob *x, const struct prof_hist *h)
{
	prof_hists_put(&x->apart, h);
	prof_put_hist(&x->plain, h);
}

/* How many bytes it takes with the histograms apart. */
static size_t check(struct blob *x)
{
	struct prof_buf b, back;
	size_t bytes;

	prof_buf_init(&b, NULL, NULL);
	prof_buf_init(&back, NULL, NULL);
	prof_hists_end(&x->apart, &b);
	assert_int_equal(b.code, 0);
	assert_true(prof_hists_are_apart(b.p, b.n));
	assert_ok(prof_hists_join(b.p, b.n, &mem, &back, &err), &err);
	assert_int_equal(back.n, x->plain.n);
	assert_memory_equal(back.p, x->plain.p, back.n);
	bytes = b.n;
	prof_buf_fini(&b);
	prof_buf_fini(&back);
	prof_buf_fini(&x->plain);
	return bytes;
}

static void add(struct prof_hist *h, uint64_t v)
{
	assert_ok(prof_hist_add(h, &mem, v, &err), &err);
}

static void blobs_come_back(void **state)
{
	struct random_wire random = {.seed = 1};

	(void)state;
	for (unsigned k = 0; k < 300; k++) {
		struct blob x;

		init(&x);
		for (unsigned n = random_below(&random, 5); n; n--) {
			struct prof_hist h = {0};

			for (unsigned i = random_below(&random, 20); i; i--)
				put(&x, random_number(&random));
			for (unsigned i = random_below(&random, 300); i; i--)
				add(&h, random_number(&random));
			put_hist(&x, &h);
			prof_hist_fini(&h, &mem);
		}
		for (unsigned i = random_below(&random, 20); i; i--)
			put(&x, random_number(&random));
		check(&x);
	}
}

static void ends_of_buckets_come_back(void **state)
{
	struct prof_hist h = {0};
	struct blob x;

	(void)state;
	init(&x);
	put(&x, 1);
	put_hist(&x, &h); /* empty */
	add(&h, UINT64_MAX);
	put_hist(&x, &h);
	add(&h, 0);
	put_hist(&x, &h);
	for (unsigned shift = 0; shift < 64; shift++) {
		add(&h, (uint64_t)1 << shift);
		add(&h, ((uint64_t)1 << shift) - 1);
	}
	put_hist(&x, &h);
	check(&x);
	prof_hist_fini(&h, &mem);
}

static void one_value_takes_little(void **state)
{
	struct prof_hist h = {0};
	struct blob x;

	(void)state;
	init(&x);
	add(&h, (uint64_t)1 << 40);
	for (unsigned i = 0; i < 100; i++)
		put_hist(&x, &h);
	/* Places; gaps of two bytes, and an end; counts; and that nothing is above the guess. */
	assert_int_equal(check(&x), 1 + (1 + 100) + (2 + 300) + (1 + 100) + (2 + 200));
	prof_hist_fini(&h, &mem);
}

static void hostile_blobs_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *why; /* NULL: it is good */
	} all[] = {
		{"\0\0\0\0\0rest", 9, NULL},
		{"\0\1\0\1\0\0\0rest", 11, NULL}, /* an empty one */
		{"\0\1\0\2\1\0\1\1\2\0\0", 11, NULL}, /* a 0 */
		{"\0", 1, "ends"},
		{"\0\1\5\1\0\0\0rest", 11, "past the end"}, /* behind the rest */
		{"\0\1\0\0\0\0", 6, "without its buckets"}, /* no gaps */
		{"\0\1\0\2\1\0\0\2\0\0", 10, "cannot be"}, /* no count */
		{"\0\1\0\2\1\0\1\0\2\0\0", 11, "cannot be"}, /* a count of nothing */
		{"\0\1\0\2\1\0\1\1\0", 9, "without its buckets"}, /* no top */
		{"\0\1\0\3\xc1\x1d\0\1\1\2\0\0", 12, "cannot be"}, /* behind all buckets */
		{"\0\1\0\3\xc0\x1d\0\1\1\2\0\0", 12, NULL}, /* in the last one */
		{"\0\1\0\4\xc0\x1d\1\0\2\1\1\2\0\0", 14, "cannot be"},
		{"\0\0\1\0\0\0rest", 10, "more or less"}, /* gaps of no histogram */
		{"\0\0\0\1\1\0rest", 10, "more or less"},
		{"\0\0\0\0\1\0rest", 10, "more or less"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		struct prof_err e = {0};
		struct prof_buf out;
		int rc;

		prof_buf_init(&out, NULL, NULL);
		rc = prof_hists_join(all[i].bytes, all[i].n, &mem, &out, &e);
		assert_int_equal(rc, all[i].why ? PROF_EFORMAT : 0);
		if (all[i].why && !strstr(e.msg, all[i].why))
			fail_msg("%zu: %s", i, e.msg);
		prof_buf_fini(&out);
	}
}

/* Few bytes that would be many. */
static void memory_is_bounded(void **state)
{
	static const struct prof_mem little = {.limit = 10000};
	struct prof_err e = {0};
	struct prof_hist h = {0};
	struct prof_buf b, out;
	struct blob x;

	(void)state;
	init(&x);
	add(&h, 1000000);
	for (unsigned i = 0; i < 1000; i++)
		put_hist(&x, &h);
	prof_buf_init(&b, NULL, NULL);
	prof_buf_init(&out, NULL, NULL);
	prof_hists_end(&x.apart, &b);
	assert_true(b.n < 10000 && x.plain.n > 20000);
	assert_int_equal(prof_hists_join(b.p, b.n, &little, &out, &e), PROF_ELIMIT);
	assert_true(out.n < 20000);
	prof_buf_fini(&b);
	prof_buf_fini(&out);
	prof_buf_fini(&x.plain);
	prof_hist_fini(&h, &mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blobs_come_back),
		cmocka_unit_test(ends_of_buckets_come_back),
		cmocka_unit_test(one_value_takes_little),
		cmocka_unit_test(hostile_blobs_are_refused),
		cmocka_unit_test(memory_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
