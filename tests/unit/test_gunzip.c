#include "tests/unit/random.h"
#include "tests/unit/unit.h"

#include <sys/mman.h>
#include <zlib.h>

#include "libprof/read/gunzip.h"

/* Inflates all of it, `step` bytes at a time. */
static int inflate_all(const struct wire *w, const struct prof_limits *limits, size_t step,
	struct wire *out, uint64_t *total, struct prof_err *e)
{
	struct prof_limits defaults;
	struct prof_source src;
	struct prof_gunzip *g;
	uint8_t *buf = malloc(step);
	size_t got = 1;
	int rc;

	prof_limits_init(&defaults);
	prof_source_memory(&src, w->p, w->n);
	assert_ok(prof_gunzip_new(&g, &src, limits ? limits : &defaults, src.mem, 0, e), e);
	*total = 0;
	while ((rc = prof_gunzip_read(g, buf, step, &got, e)) == 0 && got) {
		*total += got;
		if (out)
			wire_raw(out, buf, got);
	}
	prof_gunzip_free(g);
	free(buf);
	return rc;
}

static void one_member(void **state)
{
	static const size_t steps[] = {1, 3, 1000, 100000};
	struct wire w = {0};

	(void)state;
	wire_gz(&w, "hello, hello, hello", 19);
	for (size_t i = 0; i < COUNT(steps); i++) {
		struct wire out = {0};
		struct prof_err e = {0};
		uint64_t n;

		assert_ok(inflate_all(&w, NULL, steps[i], &out, &n, &e), &e);
		assert_int_equal(out.n, 19);
		assert_memory_equal(out.p, "hello, hello, hello", 19);
		wire_free(&out);
	}
	wire_free(&w);
	prof_gunzip_free(NULL);
}

static void several_members_are_one_text(void **state)
{
	struct wire w = {0}, out = {0};
	struct prof_err e = {0};
	uint64_t n;

	(void)state;
	wire_gz(&w, "one ", 4);
	wire_gz(&w, "", 0);
	wire_gz(&w, "two ", 4);
	wire_gz(&w, "three", 5);
	wire_gz(&w, "", 0);
	assert_ok(inflate_all(&w, NULL, 7, &out, &n, &e), &e);
	assert_int_equal(out.n, 13);
	assert_memory_equal(out.p, "one two three", 13);
	wire_free(&out);
	wire_free(&w);
}

static void the_head_may_be_read_already(void **state)
{
	struct prof_limits limits;
	struct prof_source src;
	struct prof_gunzip *g;
	struct prof_err e = {0};
	struct wire w = {0};
	uint8_t head[12];
	char buf[64];
	size_t got, n = 0;

	(void)state;
	prof_limits_init(&limits);
	wire_gz(&w, "hello", 5);
	prof_source_memory(&src, w.p, w.n);
	assert_ok(prof_source_read(&src, head, sizeof(head), &got, &e), &e);
	assert_ok(prof_gunzip_new(&g, &src, &limits, head, got, &e), &e);
	do {
		assert_ok(prof_gunzip_read(g, buf + n, sizeof(buf) - n, &got, &e), &e);
		n += got;
	} while (got);
	assert_int_equal(n, 5);
	assert_memory_equal(buf, "hello", 5);
	prof_gunzip_free(g);
	wire_free(&w);
}

/* Only between two members may a file end. */
static void cut_at_every_byte(void **state)
{
	struct wire w = {0};
	size_t border;

	(void)state;
	wire_gz(&w, "some text, some more text", 25);
	border = w.n;
	wire_gz(&w, "a second member", 15);
	for (size_t n = 1; n < w.n; n++) {
		struct wire cut = {.p = w.p, .n = n};
		struct prof_err e = {0};
		uint64_t total;
		int rc = inflate_all(&cut, NULL, 64, NULL, &total, &e);

		if (n == border) {
			assert_ok(rc, &e);
			assert_int_equal(total, 25);
			continue;
		}
		assert_int_equal(rc, PROF_EFORMAT);
		assert_error(&e, PROF_EFORMAT, (int64_t)n, "gzip: the file ends too early");
		assert_true(total <= 40);
	}
	wire_free(&w);
}

/* What zlib makes of it: the oracle. */
static int zlib_inflate(const struct wire *w, uint8_t *out, size_t cap, size_t *n)
{
	z_stream z = {.next_in = w->p, .avail_in = (uInt)w->n};
	int rc;

	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	z.next_out = out;
	z.avail_out = (uInt)cap;
	rc = inflate(&z, Z_FINISH);
	*n = z.total_out;
	inflateEnd(&z);
	return rc;
}

/* One member of text as repetitive as chance has it, of any level, strategy and header. */
static void random_member(struct random_wire *r, struct wire *w)
{
	static uint8_t text[20000], packed[40000];
	uint8_t extra[300] = {7};
	gz_header head = {.extra = random_below(r, 2) ? extra : NULL,
		.extra_len = random_below(r, sizeof(extra)),
		.name = random_below(r, 2) ? (Bytef *)text + sizeof(text) - 20 : NULL,
		.comment = random_below(r, 2) ? (Bytef *)text + sizeof(text) - 9 : NULL,
		.hcrc = (int)random_below(r, 2)};
	size_t n = random_below(r, sizeof(text) - 20), back = 1 + random_below(r, 60);
	z_stream z = {.next_in = text, .avail_in = (uInt)n};

	for (size_t i = 0; i < n; i++)
		text[i] = i >= back && random_below(r, 9) ? text[i - back]
							  : (uint8_t)random_next(r);
	memcpy(text + sizeof(text) - 20, "a name", 7);
	memcpy(text + sizeof(text) - 9, "remark", 7);
	assert_int_equal(deflateInit2(&z, (int)random_below(r, 10), Z_DEFLATED, 15 + 16,
				 1 + (int)random_below(r, 9), (int)random_below(r, 5)),
		Z_OK);
	if (random_below(r, 2))
		deflateSetHeader(&z, &head);
	z.next_out = packed;
	z.avail_out = sizeof(packed);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	wire_raw(w, packed, z.total_out);
	deflateEnd(&z);
}

/* Neither a sanitizer nor a debugger sees into ISA-L's assembly: a page behind the output that
 * nobody may touch does.
 */
static void zlib_says_the_same(void **state)
{
	enum { CAP = 1 << 16, PAGE = 1 << 16 };
	struct random_wire r = {.seed = 11};
	struct prof_limits limits;
	uint8_t *want = malloc(CAP), *got = malloc(CAP);
	uint8_t *map = aligned_alloc(PAGE, 2 * PAGE);
	unsigned whole = 0, bad = 0;

	(void)state;
	prof_limits_init(&limits);
	assert_int_equal(mprotect(map + PAGE, PAGE, PROT_NONE), 0);
	for (unsigned k = 0; k < 3000; k++) {
		size_t cap = 1 + random_below(&r, k % 2 ? 40 : 9000), n = 0, some = 1, zn;
		struct prof_source src;
		struct prof_gunzip *g;
		struct prof_err e = {0};
		struct wire w = {0};
		int zrc, rc = 0;

		random_member(&r, &w);
		for (unsigned m = random_below(&r, 3); m; m--)
			w.p[random_below(&r, (unsigned)w.n)] ^= (uint8_t)(1u
									  << random_below(&r, 8));
		if (!random_below(&r, 4))
			w.n = random_below(&r, (unsigned)w.n) + 1;
		prof_source_memory(&src, w.p, w.n);
		assert_ok(prof_gunzip_new(&g, &src, &limits, src.mem, 0, &e), &e);
		while (!rc && some && n < CAP / 2) {
			rc = prof_gunzip_read(g, map + PAGE - cap, cap, &some, &e);
			if (!rc) {
				memcpy(got + n, map + PAGE - cap, some);
				n += some;
			}
		}
		zrc = zlib_inflate(&w, want, CAP, &zn);
		if (zrc == Z_STREAM_END) {
			assert_ok(rc, &e);
			assert_int_equal(n, zn);
			whole++;
		} else {
			bad += rc != 0;
		}
		assert_memory_equal(got, want, n < zn ? n : zn);
		prof_gunzip_free(g);
		wire_free(&w);
	}
	assert_true(whole > 500 && bad > 1500);
	assert_int_equal(mprotect(map + PAGE, PAGE, PROT_READ | PROT_WRITE), 0);
	free(map);
	free(want);
	free(got);
}

static void a_changed_byte_is_found(void **state)
{
	static const char text[] = "some text, some more text, no end of text";
	struct wire w = {0};

	(void)state;
	wire_gz(&w, text, sizeof(text));
	for (size_t i = 0; i < w.n; i++) {
		struct wire out = {0};
		struct prof_err e = {0};
		uint64_t total;

		if (i >= 4 && i < 10)
			continue; /* time, flags, system: nothing checks these */
		w.p[i] ^= 0xff;
		if (inflate_all(&w, NULL, 64, &out, &total, &e) == 0)
			fail_msg("byte %zu may be anything", i);
		assert_int_equal(e.code, PROF_EFORMAT);
		assert_in_range(e.offset, 0, w.n);
		assert_memory_equal(e.msg, "gzip: ", 6);
		w.p[i] ^= 0xff;
		wire_free(&out);
	}
	wire_free(&w);
}

static void garbage_behind_is_refused(void **state)
{
	static const char *const garbage[] = {"x", "garbage", "\x1f\x8b\x08garbage", "\x1f"};

	(void)state;
	for (size_t i = 0; i < COUNT(garbage); i++) {
		struct wire w = {0}, out = {0};
		struct prof_err e = {0};
		uint64_t total;

		wire_gz(&w, "text", 4);
		wire_raw(&w, garbage[i], strlen(garbage[i]));
		assert_int_equal(inflate_all(&w, NULL, 64, &out, &total, &e), PROF_EFORMAT);
		assert_int_equal(total, 4); /* what was whole came out */
		wire_free(&w);
		wire_free(&out);
	}
}

static void inflated_bytes_are_limited(void **state)
{
	struct prof_limits limits;
	struct wire w = {0}, zeros = {0};
	struct prof_err e = {0};
	uint64_t total;

	(void)state;
	for (int i = 0; i < 100000; i++)
		wire_byte(&zeros, 0);
	wire_gz(&w, zeros.p, zeros.n);
	wire_gz(&w, zeros.p, zeros.n);
	prof_limits_init(&limits);
	limits.inflated_bytes = 200000;
	assert_ok(inflate_all(&w, &limits, 4096, NULL, &total, &e), &e);
	assert_int_equal(total, 200000);
	limits.inflated_bytes = 199999;
	assert_int_equal(inflate_all(&w, &limits, 4096, NULL, &total, &e), PROF_ELIMIT);
	assert_string_equal(e.msg, "gzip: inflates to more than 199999 bytes (--limit inflated=…)");
	assert_in_range(e.offset, 1, w.n);
	wire_free(&w);
	wire_free(&zeros);
}

static void the_ratio_is_limited_past_256_mib(void **state)
{
	struct prof_limits limits;
	struct wire w = {0}, zeros = {0};
	struct prof_err e = {0};
	uint64_t total;

	(void)state;
	for (int i = 0; i < 4 << 20; i++)
		wire_byte(&zeros, 0);
	wire_gz(&w, zeros.p, zeros.n);
	prof_limits_init(&limits);
	assert_ok(inflate_all(&w, &limits, 1 << 20, NULL, &total, &e), &e);
	assert_int_equal(total, 4 << 20); /* some 1000 times, but little */
	for (size_t n = w.n, i = 0; i < 65; i++) { /* 264 MiB in all */
		struct wire member = {0};

		wire_raw(&member, w.p, n);
		wire_raw(&w, member.p, n);
		wire_free(&member);
	}
	assert_int_equal(inflate_all(&w, &limits, 1 << 20, NULL, &total, &e), PROF_ELIMIT);
	assert_int_equal(total, 256 << 20);
	assert_string_equal(
		e.msg, "gzip: inflates to more than 200 times its size (--limit ratio=…)");
	e = (struct prof_err){0};
	limits.inflate_ratio = 2000;
	assert_ok(inflate_all(&w, &limits, 1 << 20, NULL, &total, &e), &e);
	assert_int_equal(total, 264 << 20);
	wire_free(&w);
	wire_free(&zeros);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_member),
		cmocka_unit_test(several_members_are_one_text),
		cmocka_unit_test(the_head_may_be_read_already),
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(zlib_says_the_same),
		cmocka_unit_test(a_changed_byte_is_found),
		cmocka_unit_test(garbage_behind_is_refused),
		cmocka_unit_test(inflated_bytes_are_limited),
		cmocka_unit_test(the_ratio_is_limited_past_256_mib),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
