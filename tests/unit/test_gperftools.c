#include "tests/unit/unit.h"
#include "tests/unit/wire.h"

#include "libprof/model/profile.h"
#include "libprof/read/gperftools.h"

static void words(struct wire *w, unsigned bytes, bool big, const uint64_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (unsigned k = 0; k < bytes; k++)
			wire_byte(w, v[i] >> 8 * (big ? bytes - 1 - k : k) & 0xff);
}

#define WORDS(w, ...) \
	words((w), bytes, big, (const uint64_t[]){__VA_ARGS__}, \
		COUNT(((const uint64_t[]){__VA_ARGS__})))
#define EACH_FORM \
	for (unsigned bytes = 4; bytes <= 8; bytes += 4) \
		for (int big = 0; big < 2; big++)

static struct prof_profile *decode(const struct wire *w, struct prof_err *e)
{
	struct prof_profile *p = NULL;

	*e = (struct prof_err){0};
	if (prof_profile_read(w->p, w->n, NULL, &p, e))
		return NULL;
	assert_null(prof_profile_check(p));
	return p;
}

/* "2,20@ 10 20": values and addresses of each sample, a line each. Empties w. */
static void assert_stacks(struct wire *w, const char *want)
{
	struct prof_err e;
	struct prof_profile *p = decode(w, &e);
	struct prof_buf b;

	if (!p)
		fail_msg("%d at %lld: %s", e.code, (long long)e.offset, e.msg);
	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; i < p->sample_stack.n; i++) {
		uint32_t s = p->sample_stack.v[i];

		prof_buf_printf(&b, "%lld,%lld@", (long long)p->values.v[0].v[i],
			(long long)p->values.v[1].v[i]);
		for (uint32_t k = p->stack_start.v[s]; k < p->stack_start.v[s + 1]; k++)
			prof_buf_printf(&b, " %llx",
				(unsigned long long)p->locations.v[p->stack_loc.v[k]].address);
		prof_buf_char(&b, '\n');
	}
	assert_buf(&b, want);
	prof_buf_fini(&b);
	prof_profile_free(p);
	w->n = 0;
}

static void words_of_any_size_and_order(void **state)
{
	static const char maps[] = "00400000-00500000 r-xp 00000000 fe:01 9 /bin/x\n\nwhat\n";

	(void)state;
	EACH_FORM
	{
		struct prof_err e;
		struct prof_profile *p;
		struct wire w = {0};

		WORDS(&w, 0, 3, 0, 10000, 0, 2, 3, 0x400010, 0x400020, 0x400030);
		WORDS(&w, 1, 2, 0x400011, 0x700020, 0, 1, 0);
		wire_raw(&w, maps, sizeof(maps) - 1);
		assert_true(prof_gperftools_is_cpu(w.p, w.n));
		p = decode(&w, &e);
		assert_non_null(p);
		assert_str(prof_profile_str(p, p->types.v[0].type), "samples");
		assert_str(prof_profile_str(p, p->types.v[0].unit), "count");
		assert_str(prof_profile_str(p, p->types.v[1].type), "cpu");
		assert_str(prof_profile_str(p, p->period_type.unit), "nanoseconds");
		assert_int_equal(p->period, 10000000);
		assert_int_equal(p->mappings.n, 2);
		assert_str(prof_profile_str(p, p->mappings.v[0].file), "/bin/x");
		assert_int_equal(p->locations.v[0].mapping, 0);
		assert_int_equal(p->locations.v[4].mapping, 1);
		assert_int_equal(p->unknown_fields, 1);
		assert_int_equal(p->comments.n, 0);
		assert_true(prof_str_has_prefix(
			prof_profile_str(p, p->drop_frames), "ProfileData::Add|"));
		prof_profile_free(p);
		assert_stacks(&w, "2,20000000@ 400010 40001f 40002f\n1,10000000@ 400011 70001f\n");
		wire_free(&w);
	}
}

static void header(struct wire *w, unsigned bytes, bool big)
{
	WORDS(w, 0, 3, 0, 1, 0);
}

/* Behind (nearly) each leaf stands the handler of the signal, and what called that. */
static void the_handler_is_left_out(void **state)
{
	(void)state;
	EACH_FORM
	{
		struct wire w = {0};

		header(&w, bytes, big);
		WORDS(&w, 1, 4, 0x10, 0x21, 0x31, 0x41, 1, 4, 0x11, 0x21, 0x31, 0x51);
		WORDS(&w, 1, 3, 0x12, 0x21, 0x31, 0, 1, 0);
		assert_stacks(&w, "1,1000@ 10 40\n1,1000@ 11 50\n1,1000@ 12\n");
		/* One that has it not is enough among three, one in 32 is not. */
		header(&w, bytes, big);
		WORDS(&w, 1, 2, 0x10, 0x21, 1, 2, 0x11, 0x21, 1, 2, 0x12, 0x31, 0, 1, 0);
		assert_stacks(&w, "1,1000@ 10 20\n1,1000@ 11 20\n1,1000@ 12 30\n");
		header(&w, bytes, big);
		for (uint64_t i = 0; i < 31; i++)
			WORDS(&w, 1, 2, 0x10, 0x21);
		WORDS(&w, 1, 2, 0x10, 0x31, 0, 1, 0);
		{
			struct prof_err e;
			struct prof_profile *p = decode(&w, &e);

			assert_non_null(p);
			assert_int_equal(p->sample_stack.n, 32);
			assert_int_equal(p->stack_start.n, 3);
			assert_int_equal(p->stack_start.v[1], 1);
			assert_int_equal(p->stack_start.v[2], 3);
			prof_profile_free(p);
		}
		wire_free(&w);
	}
}

static void a_leaf_that_stands_twice_is_one(void **state)
{
	(void)state;
	EACH_FORM
	{
		struct wire w = {0};

		header(&w, bytes, big);
		WORDS(&w, 1, 3, 0x10, 0x10, 0x31, 5, 1, 0x10, 1, 0, 1, 2, 0x10, 0x12, 0, 1, 0);
		assert_stacks(&w, "1,1000@ 10 30\n5,5000@ 10\n1,1000@\n1,1000@ 10 11\n");
		wire_free(&w);
	}
}

static void a_cut_file_is_told_of_or_refused(void **state)
{
	(void)state;
	EACH_FORM
	{
		struct prof_err e;
		struct prof_profile *p;
		struct wire w = {0};

		WORDS(&w, 0, 3, 0, 10000, 0, 2, 3, 0x10, 0x20, 0x30);
		p = decode(&w, &e);
		assert_non_null(p);
		assert_int_equal(p->comments.n, 1);
		assert_str(prof_profile_str(p, p->comments.v[0]),
			"the file has no end mark: cut off?");
		prof_profile_free(p);
		for (size_t n = w.n - 1; n > 5 * bytes; n--) {
			w.n = n;
			assert_null(decode(&w, &e));
			assert_error(&e, PROF_EFORMAT, (int64_t)(n / bytes * bytes),
				"ends inside a stack");
		}
		/* A length that the file does not have costs nothing. */
		w.n = 5 * bytes;
		WORDS(&w, 1, bytes == 4 ? UINT32_MAX : UINT64_MAX, 0x10);
		assert_null(decode(&w, &e));
		assert_error(&e, PROF_EFORMAT, (int64_t)w.n, "ends inside a stack");
		wire_free(&w);
	}
}

static void other_headers_are_others(void **state)
{
	static const uint64_t no[][5] = {{1, 3, 0, 1, 0}, {0, 2, 0, 1, 0}, {0, 3, 2, 1, 0},
		{0, 3, 0, 0, 0}, {0, 3, 0, 1, 1}};

	(void)state;
	EACH_FORM
	{
		struct prof_err e;
		struct wire w = {0};

		for (size_t i = 0; i < COUNT(no); i++) {
			w.n = 0;
			words(&w, bytes, big, no[i], 5);
			assert_false(prof_gperftools_is_cpu(w.p, w.n));
		}
		w.n = 0;
		header(&w, bytes, big);
		assert_false(prof_gperftools_is_cpu(w.p, w.n - 1));
		assert_true(prof_gperftools_is_cpu(w.p, w.n));
		w.n = 0;
		WORDS(&w, 0, 3, 1, 1, 0);
		assert_null(decode(&w, &e));
		assert_error(&e, PROF_EUNSUPPORTED, 0, "a CPU profile of a Java program");
		wire_free(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_any_size_and_order),
		cmocka_unit_test(the_handler_is_left_out),
		cmocka_unit_test(a_leaf_that_stands_twice_is_one),
		cmocka_unit_test(a_cut_file_is_told_of_or_refused),
		cmocka_unit_test(other_headers_are_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
