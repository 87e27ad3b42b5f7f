/* Folded stacks become profiles. */
#include "tests/unit/unit.h"

#include "libprof/model/profile.h"
#include "libprof/read/folded.h"
#include "libprof/read/sniff.h"

static const struct prof_profile *p;
#define S(id) prof_profile_str(p, (id))

static struct prof_profile *opened(const char *text, size_t n)
{
	struct prof_profile *profile = NULL;
	struct prof_err e = {0};

	assert_ok(prof_profile_read(text, n, NULL, &profile, &e), &e);
	assert_null(prof_profile_check(profile));
	return profile;
}

/* "leaf<inlined_into|caller 12" of each sample, a line each. */
static void is(const char *text, const char *want)
{
	struct prof_profile *own = opened(text, strlen(text));
	struct prof_buf b;

	p = own;
	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; i < p->sample_stack.n; i++) {
		uint32_t s = p->sample_stack.v[i];

		for (uint32_t k = p->stack_start.v[s]; k < p->stack_start.v[s + 1]; k++) {
			const struct prof_location *l = &p->locations.v[p->stack_loc.v[k]];

			prof_buf_str(&b, k > p->stack_start.v[s] ? "|" : "");
			for (uint32_t j = 0; j < l->n_lines; j++) {
				const struct prof_function *f =
					&p->functions.v[p->lines.v[l->first_line + j].function];

				prof_buf_str(&b, j ? "<" : "");
				prof_buf_put(&b, S(f->name).p, S(f->name).len);
				assert_int_equal(f->name, f->system_name);
			}
			assert_int_equal(l->address, 0);
			assert_int_equal(l->mapping, PROF_NONE);
		}
		prof_buf_char(&b, ' ');
		prof_buf_i64(&b, p->values.v[0].v[i]);
		prof_buf_char(&b, '\n');
	}
	assert_int_equal(prof_buf_done(&b, NULL), 0);
	assert_buf(&b, want);
	prof_buf_fini(&b);
	prof_profile_free(own);
}

static void fails(const char *text, int code, int64_t offset, const char *msg)
{
	struct prof_profile *none = NULL;
	struct prof_err e = {0};

	assert_int_equal(prof_profile_read(text, strlen(text), NULL, &none, &e), code);
	assert_error(&e, code, offset, msg);
	assert_null(none);
}

static void types_and_ids(void **state)
{
	struct prof_profile *own;

	(void)state;
	p = own = opened("a;b 1\na;b 2\na;c 3", 17);
	assert_int_equal(p->types.n, 1);
	assert_str(S(p->types.v[0].type), "samples");
	assert_str(S(p->types.v[0].unit), "count");
	assert_int_equal(p->locations.n, 3);
	assert_int_equal(p->functions.n, 3);
	assert_int_equal(p->sample_stack.n, 3);
	assert_int_equal(p->sample_stack.v[0], p->sample_stack.v[1]);
	assert_int_equal(p->locations.v[2].id, 3);
	assert_int_equal(p->comments.n, 0);
	assert_int_equal(p->input_bytes, 17);
	prof_profile_free(own);
}

static void stacks(void **state)
{
	(void)state;
	is("main;work;scan 12\nmain;idle 3\n", "scan|work|main 12\nidle|main 3\n");
	is("main;a b\t  c;d[1] \t7 \r\nx;y 1\r\n", "d[1]|a b\t  c|main 7\ny|x 1\n");
	is("swapper-?/0;start_[k];cpu_idle_[k] 2\njava;run_[j];f_[0];g_[1] 1\n",
		"cpu_idle_[k]|start_[k]|swapper-?/0 2\ng_[1]|f_[0]|run_[j]|java 1\n");
	is("\xef\xbb\xbf"
	   "a;b 1",
		"b|a 1\n");
	is("all 5\na;b 1\nc;d 1\n", "all 5\nb|a 1\nd|c 1\n");
	is("a;b 1\nc;d 2\n 4\n", "b|a 1\nd|c 2\n 4\n");
	is("a;;b;; 1\n;c 2\n", "b||a 1\nc| 2\n");
}

static void inlined_frames_join_their_caller(void **state)
{
	(void)state;
	is("a;b_[i];c_[i];d 1\n", "d|c<b<a 1\n");
	is("a;b_[i] 1\na;b 1\n", "b<a 1\nb|a 1\n");
	is("x_[i];a 1\n", "a|x 1\n");
	is("a;_[i];b_[i] 1\n", "b<_[i]|a 1\n");
	is("a;;b_[i] 1\n", "b||a 1\n");
}

static void counts(void **state)
{
	(void)state;
	is("a;b 0\na;b -5\na;b 9223372036854775807\na;b -9223372036854775807\n",
		"b|a 0\nb|a -5\nb|a 9223372036854775807\nb|a -9223372036854775807\n");
	is("a;b 1.4\na;b 1.5\na;b 2.5\na;b 2.50001\na;b 7.\na;b 0.999\na;b -1.5\n",
		"b|a 1\nb|a 2\nb|a 2\nb|a 3\nb|a 7\nb|a 1\nb|a -2\n");
	fails("a;b 1\na;b 9223372036854775808\n", PROF_EFORMAT, 10,
		"a count that does not fit into 64 bits");
	fails("a;b 1\na;b 9223372036854775807.5\n", PROF_EFORMAT, 10,
		"a count that does not fit into 64 bits");
}

static void what_is_no_stack_is_told(void **state)
{
	static const char text[] =
		"# a comment\na;b 1\n\nWARNING: 3 lost\na;b\na;b 2\na;b .5\na;b 12x\n"
		"a;b;c 3\na;b 1\na;b 1\na;b 1\n";
	struct prof_profile *own;

	(void)state;
	is(text, "b|a 1\nb|a 2\nc|b|a 3\nb|a 1\nb|a 1\nb|a 1\n");
	p = own = opened(text, sizeof(text) - 1);
	assert_int_equal(p->unknown_fields, 4);
	assert_int_equal(p->comments.n, 1);
	assert_str(S(p->comments.v[0]),
		"skipped lines that are no folded stacks: 4, the first at offset 19");
	prof_profile_free(own);
}

static void two_counts(void **state)
{
	(void)state;
	fails("a;b 1 2\na;c 0 3\n", PROF_EUNSUPPORTED, PROF_NO_OFFSET,
		"folded stacks with two counts each: compare the two profiles instead (prof diff)");
	is("a;worker 3 2\na;c 3\n", "worker 3|a 2\nc|a 3\n");
}

static enum prof_kind kind_of(const char *text, size_t n)
{
	struct prof_input in;
	struct prof_err e = {0};
	enum prof_kind kind = PROF_KIND_UNKNOWN;

	assert_ok(prof_input_memory(&in, text, n, NULL, &e), &e);
	assert_ok(prof_sniff(&in, &kind, &e), &e);
	prof_input_close(&in);
	return kind;
}

static void recognised_by_content(void **state)
{
	static const char *const no[] = {"a;b\n", "a b 3\nc 4\n", "3\n", "a;b 1\nx\ny\n",
		"# a;b 1;\n", "x,y;z,3\n", "goroutine profile: total 3\n"};
	static const char *const yes[] = {
		"a;b 3", "a;b 3\nidle 4\na;c 1\n", "#c\n\n\na;b 1\n", "a;b 1\nWARNING\n"};
	struct prof_buf b;

	(void)state;
	for (size_t i = 0; i < COUNT(no); i++)
		assert_int_not_equal(kind_of(no[i], strlen(no[i])), PROF_KIND_FOLDED);
	/* One half is not most. */
	assert_int_equal(kind_of(yes[3], strlen(yes[3])), PROF_KIND_UNKNOWN);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(kind_of(yes[i], strlen(yes[i])), PROF_KIND_FOLDED);
	/* Lines that are longer than what is looked at first, and a last one cut off there. */
	prof_buf_init(&b, NULL, NULL);
	for (int i = 0; i < 40; i++) {
		for (int k = 0; k < 300; k++)
			prof_buf_str(&b, "frame;");
		prof_buf_str(&b, "leaf 1\n");
	}
	assert_int_equal(b.code, 0);
	assert_int_equal(kind_of(b.p, b.n), PROF_KIND_FOLDED);
	prof_buf_fini(&b);
}

static void nothing_of_use(void **state)
{
	static const char text[] = "nothing\nat all\n";
	struct prof_input in;
	struct prof_profile *none = NULL;
	struct prof_err e = {0};

	(void)state;
	assert_ok(prof_input_memory(&in, text, sizeof(text) - 1, NULL, &e), &e);
	assert_int_equal(prof_folded_decode(&in, &none, &e), PROF_EFORMAT);
	assert_error(&e, PROF_EFORMAT, 0, "no line is a folded stack");
	prof_input_close(&in);
}

static void within_limits(void **state)
{
	struct prof_limits limits;
	struct prof_profile *none = NULL;
	struct prof_err e = {0};

	(void)state;
	prof_limits_init(&limits);
	limits.string_bytes = 3;
	assert_int_equal(prof_profile_read("a;frame 1\n", 10, &limits, &none, &e), PROF_ELIMIT);
	prof_limits_init(&limits);
	limits.strings = 4;
	e = (struct prof_err){0};
	assert_int_equal(prof_profile_read("a;b;c;d 1\n", 10, &limits, &none, &e), PROF_ELIMIT);
	assert_null(none);
}

static void a_line_of_many_frames(void **state)
{
	struct prof_buf b;
	struct prof_profile *own;

	(void)state;
	prof_buf_init(&b, NULL, NULL);
	prof_buf_str(&b, "a;b 1\n");
	for (int i = 0; i < 300000; i++)
		prof_buf_str(&b, "f;g_[i];");
	prof_buf_str(&b, "leaf 1\n");
	assert_int_equal(b.code, 0);
	p = own = opened(b.p, b.n);
	assert_int_equal(p->stack_loc.n, 2 + 300001);
	assert_int_equal(p->locations.n, 4);
	prof_profile_free(own);
	prof_buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_and_ids),
		cmocka_unit_test(stacks),
		cmocka_unit_test(inlined_frames_join_their_caller),
		cmocka_unit_test(counts),
		cmocka_unit_test(what_is_no_stack_is_told),
		cmocka_unit_test(two_counts),
		cmocka_unit_test(recognised_by_content),
		cmocka_unit_test(nothing_of_use),
		cmocka_unit_test(within_limits),
		cmocka_unit_test(a_line_of_many_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
