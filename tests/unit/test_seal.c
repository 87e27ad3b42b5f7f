/* What is sealed comes back, whatever it is compressed by; what is not as it was does not. */
#include <lzma.h>

#include "tests/unit/random.h"
#include "tests/unit/unit.h"

#include "libprof/store/seal.h"

enum { STORED, DEFLATED, LZMA, HEAD = 5, LAST = 5, LONGEST = 2 * PROF_SEAL_LZMA_MOST };

static const struct prof_seal_context place = {{1, 2, 3, 'T'}};
static const struct prof_mem any = {.limit = SIZE_MAX / 2};

struct seals {
	struct prof_sealer fast, hard, tight;
	struct prof_buf sealed, back;
	char *bytes;
};

static void begin(struct seals *x)
{
	*x = (struct seals){.hard = {.effort = PROF_SEAL_HARD},
		.tight = {.effort = PROF_SEAL_TIGHT},
		.bytes = malloc(LONGEST)};
	assert_non_null(x->bytes);
	prof_buf_init(&x->sealed, NULL, NULL);
	prof_buf_init(&x->back, NULL, NULL);
}

static void end(struct seals *x)
{
	prof_sealer_fini(&x->fast);
	prof_sealer_fini(&x->hard);
	prof_sealer_fini(&x->tight);
	prof_buf_fini(&x->sealed);
	prof_buf_fini(&x->back);
	free(x->bytes);
}

static void seal(struct seals *x, struct prof_sealer *s, size_t n)
{
	struct prof_err e = {0};

	x->sealed.n = 0;
	assert_ok(prof_seal(s, &place, x->bytes, n, &x->sealed, &e), &e);
}

static int unseal(struct seals *x, size_t n, struct prof_err *e)
{
	*e = (struct prof_err){0};
	return prof_unseal(&x->fast, &place, x->sealed.p, n, &any, &x->back, e);
}

/* Bytes out of an alphabet: of 1, all the same; of 256, such as nothing compresses. */
static void fill(struct seals *x, unsigned alphabet)
{
	struct random_wire random = {.seed = alphabet};

	for (size_t i = 0; i < LONGEST; i++)
		x->bytes[i] = (char)random_below(&random, alphabet);
}

static void all_comes_back(void **state)
{
	static const size_t sizes[] = {
		0, 1, 2, 100, 5000, PROF_SEAL_LZMA_MOST, PROF_SEAL_LZMA_MOST + 1, LONGEST};
	static const unsigned alphabets[] = {1, 2, 50, 256};
	struct seals x;

	(void)state;
	begin(&x);
	for (size_t a = 0; a < COUNT(alphabets); a++) {
		fill(&x, alphabets[a]);
		for (size_t i = 0; i < COUNT(sizes); i++) {
			struct prof_sealer *const sealers[] = {&x.fast, &x.hard, &x.tight};

			for (size_t k = 0; k < COUNT(sealers); k++) {
				struct prof_err e;

				seal(&x, sealers[k], sizes[i]);
				assert_true(x.sealed.n <= sizes[i] + HEAD + 3);
				assert_ok(unseal(&x, x.sealed.n, &e), &e);
				assert_int_equal(x.back.n, sizes[i]);
				assert_memory_equal(x.back.p, x.bytes, sizes[i]);
			}
		}
	}
	end(&x);
}

static void each_is_compressed_as_it_should_be(void **state)
{
	struct seals x;

	(void)state;
	begin(&x);
	fill(&x, 50);
	seal(&x, &x.fast, 5000);
	assert_int_equal(x.sealed.p[0], DEFLATED);
	seal(&x, &x.hard, 5000);
	assert_int_equal(x.sealed.p[0], DEFLATED);
	seal(&x, &x.tight, PROF_SEAL_LZMA_MOST);
	assert_int_equal(x.sealed.p[0], LZMA);
	seal(&x, &x.tight, PROF_SEAL_LZMA_MOST + 1);
	assert_int_equal(x.sealed.p[0], DEFLATED);
	fill(&x, 256);
	seal(&x, &x.tight, 5000);
	assert_int_equal(x.sealed.p[0], STORED);
	end(&x);
}

/* What stands in the blob is what a .lzma file has behind its head. */
static void lzma_is_what_it_is_documented_to_be(void **state)
{
	const uint8_t head[13] = {
		0 * 45 + 0 * 9 + 1, 0, 0, PROF_SEAL_LZMA_MOST >> 16, 0, 5000 & 0xff, 5000 >> 8};
	uint8_t file[13 + 5000], out[5000];
	lzma_stream s = LZMA_STREAM_INIT;
	size_t n;
	struct seals x;

	(void)state;
	begin(&x);
	fill(&x, 20);
	seal(&x, &x.tight, sizeof(out));
	n = x.sealed.n - HEAD - 2;
	memcpy(file, head, sizeof(head));
	memcpy(file + sizeof(head), x.sealed.p + HEAD + 2, n);
	assert_int_equal(lzma_alone_decoder(&s, UINT64_MAX), LZMA_OK);
	s.next_in = file;
	s.avail_in = sizeof(head) + n;
	s.next_out = out;
	s.avail_out = sizeof(out);
	assert_int_equal(lzma_code(&s, LZMA_FINISH), LZMA_STREAM_END);
	assert_int_equal(s.avail_in + s.avail_out, 0);
	assert_memory_equal(out, x.bytes, sizeof(out));
	lzma_end(&s);
	end(&x);
}

/* Any bit flipped (but for the last ones, which may tell nothing), cut anywhere, or with a byte
 * more.
 */
static void damage_is_found(void **state)
{
	static const struct prof_seal_context elsewhere = {{1, 2, 4, 'T'}};
	struct seals x;
	struct prof_err e = {0};

	(void)state;
	begin(&x);
	fill(&x, 20);
	for (unsigned k = 0; k < 2; k++) {
		struct prof_sealer *s = k ? &x.tight : &x.fast;

		seal(&x, s, 2000);
		for (size_t bit = 0; bit < x.sealed.n * 8; bit++) {
			x.sealed.p[bit / 8] ^= (char)(1 << bit % 8);
			if (bit < (x.sealed.n - LAST) * 8 || unseal(&x, x.sealed.n, &e) != 0)
				assert_int_equal(unseal(&x, x.sealed.n, &e), PROF_EFORMAT);
			else
				assert_memory_equal(x.back.p, x.bytes, 2000);
			x.sealed.p[bit / 8] ^= (char)(1 << bit % 8);
		}
		for (size_t n = 0; n < x.sealed.n; n++)
			assert_int_equal(unseal(&x, n, &e), PROF_EFORMAT);
		prof_buf_char(&x.sealed, 0);
		assert_int_equal(unseal(&x, x.sealed.n, &e), PROF_EFORMAT);
		assert_ok(unseal(&x, x.sealed.n - 1, &e), &e);
		assert_int_equal(
			prof_unseal(s, &elsewhere, x.sealed.p, x.sealed.n - 1, &any, &x.back, &e),
			PROF_EFORMAT);
	}
	end(&x);
}

/* Lengths that are more than can be are refused before there is room for them. */
static void lengths_have_limits(void **state)
{
	const struct prof_mem little = {.limit = 1000};
	struct seals x;
	struct prof_err e = {0};

	(void)state;
	begin(&x);
	fill(&x, 1);
	for (uint8_t method = STORED; method <= LZMA; method++) {
		x.sealed.n = 0;
		prof_buf_char(&x.sealed, (char)method);
		prof_buf_put(&x.sealed, "crc.", 4);
		prof_put_uvarint(&x.sealed, method == LZMA ? PROF_SEAL_LZMA_MOST + 1 : 1 << 29);
		prof_buf_put(&x.sealed, x.bytes, 100);
		assert_int_equal(unseal(&x, x.sealed.n, &e), PROF_EFORMAT);
		assert_string_equal(e.msg, "not a sealed blob");
	}
	seal(&x, &x.tight, 1001);
	e = (struct prof_err){0};
	assert_int_equal(prof_unseal(&x.fast, &place, x.sealed.p, x.sealed.n, &little, &x.back, &e),
		PROF_ELIMIT);
	end(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_comes_back),
		cmocka_unit_test(each_is_compressed_as_it_should_be),
		cmocka_unit_test(lzma_is_what_it_is_documented_to_be),
		cmocka_unit_test(damage_is_found),
		cmocka_unit_test(lengths_have_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
