/* Damaged files: cut at every byte, one byte changed, one length changed. Nothing crashes, what is
 * accepted is consistent, and a cut file is accepted only where a shorter one would be whole.
 */
#include "tests/unit/unit.h"
#include "tests/unit/wire.h"

#include "libprof/model/profile.h"

/* 0 when it was accepted, else its error; whatever is accepted must be consistent. */
static int try(const void *bytes, size_t n, struct prof_err *e)
{
	void *copy = malloc(n ? n : 1); /* exactly n bytes, for sanitizers */
	struct prof_profile *p = NULL;
	int rc;

	assert_non_null(copy);
	if (n)
		memcpy(copy, bytes, n);
	*e = (struct prof_err){0};
	rc = prof_profile_read(copy, n, NULL, &p, e);
	if (!rc)
		assert_null(prof_profile_check(p));
	else
		assert_null(p);
	prof_profile_free(p);
	free(copy);
	return rc;
}

/* Where the top-level fields of `w` end: 1 at each border. */
static uint8_t *borders(const struct wire *w)
{
	uint8_t *b = calloc(w->n + 1, 1);
	size_t i = 0;

	assert_non_null(b);
	b[0] = 1;
	while (i < w->n) {
		unsigned type = w->p[i] & 7;
		uint64_t v = 0;
		unsigned shift = 0;

		i++; /* all tags are of one byte */
		do
			v |= (uint64_t)(w->p[i] & 0x7f) << shift, shift += 7;
		while (w->p[i++] & 0x80);
		i += type == 2 ? (size_t)v : 0;
		b[i] = 1;
	}
	assert_int_equal(i, w->n);
	return b;
}

/* In Go's order the strings come late: nothing but the whole is good, but for the header behind
 * them, each field of which may be missing.
 */
static void cut_at_every_byte(void **state)
{
	struct wire parts[WIRE_PARTS], w = {0};
	struct prof_err e;
	uint8_t *border;
	size_t before_header;
	unsigned accepted = 0;

	(void)state;
	wire_profile_parts(parts, &wire_example);
	wire_profile(&w, &wire_example);
	border = borders(&w);
	before_header = w.n - parts[WIRE_HEADER].n;
	for (size_t n = 0; n <= w.n; n++) {
		int rc = try(w.p, n, &e);

		if (rc == 0) {
			accepted++;
			assert_true(border[n]);
			/* Only strings of the header alone may be missing. */
			assert_true(n >= before_header - parts[WIRE_STRINGS].n / 2);
			continue;
		}
		assert_int_equal(rc, PROF_EFORMAT);
		assert_int_not_equal(e.msg[0], 0);
		assert_in_range(e.offset + 1, 0, n + 1);
		if (n >= before_header)
			assert_false(border[n]);
	}
	assert_true(accepted >= 10);
	free(border);
	wire_parts_free(parts);
	wire_free(&w);
}

/* With the strings first a file may end behind the types, or behind everything but comments. */
static void cut_with_strings_first(void **state)
{
	static const enum wire_part order[] = {WIRE_STRINGS, WIRE_FUNCTIONS, WIRE_MAPPINGS,
		WIRE_LOCATIONS, WIRE_TYPES, WIRE_SAMPLES, WIRE_HEADER};
	struct wire parts[WIRE_PARTS], w = {0};
	struct prof_err e;
	uint8_t *border;
	size_t types_end;

	(void)state;
	wire_profile_parts(parts, &wire_example);
	for (size_t i = 0; i < WIRE_PARTS; i++)
		wire_raw(&w, parts[order[i]].p, parts[order[i]].n);
	types_end = w.n - parts[WIRE_HEADER].n - parts[WIRE_SAMPLES].n;
	border = borders(&w);
	for (size_t n = 1; n <= w.n; n++) {
		int rc = try(w.p, n, &e);

		/* Every whole prefix stands for itself here. */
		if ((rc == 0) != border[n])
			fail_msg("cut at %zu (types end at %zu): %d %s", n, types_end, rc, e.msg);
	}
	free(border);
	wire_parts_free(parts);
	wire_free(&w);
}

static void cut_gzip_is_never_accepted(void **state)
{
	struct wire w = {0}, gz = {0};
	struct prof_err e;

	(void)state;
	wire_profile(&w, &wire_example);
	wire_gz(&gz, w.p, w.n);
	for (size_t n = 0; n < gz.n; n++) {
		assert_int_equal(try(gz.p, n, &e), PROF_EFORMAT);
		if (n >= 2)
			assert_memory_equal(e.msg, "gzip: ", 6);
	}
	assert_int_equal(try(gz.p, gz.n, &e), 0);
	wire_free(&w);
	wire_free(&gz);
}

static void every_byte_to_every_value(void **state)
{
	struct wire w = {0};
	struct prof_err e;
	unsigned refused = 0, accepted = 0;

	(void)state;
	wire_profile(&w, &wire_example);
	for (size_t i = 0; i < w.n; i++) {
		uint8_t was = w.p[i];

		for (unsigned v = 0; v < 256; v++) {
			w.p[i] = (uint8_t)v;
			if (try(w.p, w.n, &e))
				refused++;
			else
				accepted++;
		}
		w.p[i] = was;
	}
	assert_true(refused > 10000 && accepted > 10000);
	wire_free(&w);
}

/* A byte left out or put in moves all that follows. */
static void a_byte_more_or_less(void **state)
{
	struct wire w = {0}, x = {0};
	struct prof_err e;

	(void)state;
	wire_profile(&w, &wire_example);
	for (size_t i = 0; i < w.n; i++) {
		static const uint8_t more[] = {0x00, 0x01, 0x7f, 0x80, 0xff};

		x.n = 0;
		wire_raw(&x, w.p, i);
		wire_raw(&x, w.p + i + 1, w.n - i - 1);
		(void)try(x.p, x.n, &e);
		for (size_t k = 0; k < sizeof(more); k++) {
			x.n = 0;
			wire_raw(&x, w.p, i);
			wire_byte(&x, more[k]);
			wire_raw(&x, w.p + i, w.n - i);
			(void)try(x.p, x.n, &e);
		}
	}
	wire_free(&w);
	wire_free(&x);
}

/* Two whole files, one behind the other, are two profiles. */
static void two_files_are_refused(void **state)
{
	struct wire w = {0};
	struct prof_err e;

	(void)state;
	wire_profile(&w, &wire_example);
	wire_profile(&w, &wire_example);
	assert_int_equal(try(w.p, w.n, &e), PROF_EFORMAT);
	wire_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(cut_with_strings_first),
		cmocka_unit_test(cut_gzip_is_never_accepted),
		cmocka_unit_test(every_byte_to_every_value),
		cmocka_unit_test(a_byte_more_or_less),
		cmocka_unit_test(two_files_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
