#include "tests/unit/unit.h"
#include "tests/unit/wire.h"

#include "libprof/read/input.h"

enum { LARGEST_WINDOW = 1 << 20 }; /* where no message needs more */

/* Bytes that tell where they stand. */
static uint8_t at(size_t i)
{
	return (uint8_t)(i * 2654435761u >> 13);
}

static uint8_t *pattern(size_t n)
{
	uint8_t *p = malloc(n + 1);

	assert_non_null(p);
	for (size_t i = 0; i < n; i++)
		p[i] = at(i);
	p[0] = 'x'; /* not gzip's first byte */
	return p;
}

static void open_both(struct prof_input *in, const uint8_t *p, size_t n, bool gz, struct wire *w)
{
	struct prof_err e = {0};

	if (gz)
		wire_gz(w, p, n);
	else
		wire_raw(w, p, n);
	assert_ok(prof_input_memory(in, w->p, w->n, NULL, &e), &e);
}

static void windows_of_any_size(void **state)
{
	static const size_t sizes[] = {
		0, 1, 2, 511, 512, 513, 131072, 524287, 524288, 524289, 3000000};

	(void)state;
	for (size_t i = 0; i < COUNT(sizes) * 2; i++) {
		size_t n = sizes[i / 2], pos = 0, step = 1;
		uint8_t *p = pattern(n);
		struct wire w = {0};
		struct prof_input in;
		struct prof_err e = {0};

		open_both(&in, p, n, i & 1, &w);
		while (pos < n) {
			size_t want = step % 70001 < n - pos ? step % 70001 : n - pos;

			assert_ok(prof_input_fill(&in, want, &e), &e);
			assert_true((size_t)(in.end - in.p) >= want);
			assert_memory_equal(in.p, p + pos, want);
			assert_int_equal(prof_input_offset(&in), pos);
			in.p += want;
			pos += want;
			step = step * 7 + 1;
		}
		assert_ok(prof_input_fill(&in, 1, &e), &e);
		assert_ptr_equal(in.p, in.end);
		assert_true(in.eof);
		assert_true(in.cap <= LARGEST_WINDOW);
		prof_input_close(&in);
		prof_input_close(&in);
		wire_free(&w);
		free(p);
	}
}

static void a_message_larger_than_the_window(void **state)
{
	size_t n = 9000000;
	uint8_t *p = pattern(n);

	(void)state;
	for (int gz = 0; gz < 2; gz++) {
		struct wire w = {0};
		struct prof_input in;
		struct prof_err e = {0};

		open_both(&in, p, n, gz, &w);
		assert_ok(prof_input_fill(&in, 10, &e), &e);
		in.p += 10;
		assert_ok(prof_input_fill(&in, 6000000, &e), &e);
		assert_true(in.end - in.p >= 6000000);
		assert_memory_equal(in.p, p + 10, 6000000);
		assert_int_equal(prof_input_offset(&in), 10);
		assert_int_equal(in.mem.used, in.cap);
		in.p += 6000000;
		assert_ok(prof_input_fill(&in, 15000000, &e), &e); /* as much as there is */
		assert_int_equal(in.end - in.p, n - 6000010);
		assert_memory_equal(in.p, p + 6000010, n - 6000010);
		prof_input_close(&in);
		wire_free(&w);
	}
	free(p);
}

/* A length that a file only claims costs nothing. */
static void a_claim_is_not_believed(void **state)
{
	struct prof_input in;
	struct prof_err e = {0};

	(void)state;
	assert_ok(prof_input_memory(&in, "short", 5, NULL, &e), &e);
	assert_ok(prof_input_fill(&in, SIZE_MAX / 2, &e), &e);
	assert_int_equal(in.end - in.p, 5);
	assert_true(in.cap <= LARGEST_WINDOW);
	prof_input_close(&in);
}

static void windows_obey_the_budget(void **state)
{
	struct prof_limits limits;
	uint8_t *p = pattern(3000000);
	struct prof_input in;
	struct prof_err e = {0};

	(void)state;
	prof_limits_init(&limits);
	assert_ok(prof_input_memory(&in, p, 3000000, &limits, &e), &e);
	limits.memory_bytes = in.cap + in.cap / 2;
	prof_input_close(&in);
	assert_ok(prof_input_memory(&in, p, 3000000, &limits, &e), &e);
	assert_ok(prof_input_fill(&in, in.cap, &e), &e);
	assert_int_equal(prof_input_fill(&in, in.cap + 1, &e), PROF_ELIMIT);
	prof_input_close(&in);
	limits.memory_bytes = 1000;
	e = (struct prof_err){0};
	assert_int_equal(prof_input_memory(&in, p, 100, &limits, &e), PROF_ELIMIT);
	free(p);
}

static void skipping(void **state)
{
	size_t n = 4000000;
	uint8_t *p = pattern(n);

	(void)state;
	for (int gz = 0; gz < 2; gz++) {
		struct wire w = {0};
		struct prof_input in;
		struct prof_err e = {0};

		open_both(&in, p, n, gz, &w);
		assert_ok(prof_input_skip(&in, 0, &e), &e);
		assert_ok(prof_input_skip(&in, 3, &e), &e);
		assert_ok(prof_input_skip(&in, 3900000, &e), &e);
		assert_int_equal(prof_input_offset(&in), 3900003);
		assert_ok(prof_input_fill(&in, 1, &e), &e);
		assert_int_equal(*in.p, p[3900003]);
		assert_true(in.cap <= LARGEST_WINDOW); /* what is skipped is not kept */
		assert_ok(prof_input_skip(&in, 99997, &e), &e);
		assert_int_equal(prof_input_skip(&in, 7, &e), PROF_EFORMAT);
		assert_error(&e, PROF_EFORMAT, (int64_t)n, "a length leads 7 bytes past the end");
		prof_input_close(&in);
		wire_free(&w);
	}
	free(p);
}

static void gzip_is_known_by_its_bytes(void **state)
{
	static const uint8_t almost[] = {0x1f, 0x8c, 0, 0};
	struct prof_input in;
	struct prof_err e = {0};

	(void)state;
	assert_ok(prof_input_memory(&in, almost, 4, NULL, &e), &e);
	assert_false(in.gzipped);
	prof_input_close(&in);
	assert_ok(prof_input_memory(&in, "\x1f", 1, NULL, &e), &e);
	assert_false(in.gzipped);
	prof_input_close(&in);
	assert_ok(prof_input_memory(&in, "\x1f\x8b", 2, NULL, &e), &e);
	assert_true(in.gzipped);
	assert_int_equal(prof_input_fill(&in, 1, &e), PROF_EFORMAT);
	assert_error(&e, PROF_EFORMAT, 2, "gzip: the file ends too early");
	prof_input_close(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows_of_any_size),
		cmocka_unit_test(a_message_larger_than_the_window),
		cmocka_unit_test(a_claim_is_not_believed),
		cmocka_unit_test(windows_obey_the_budget),
		cmocka_unit_test(skipping),
		cmocka_unit_test(gzip_is_known_by_its_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
