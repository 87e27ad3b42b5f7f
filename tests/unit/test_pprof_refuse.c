/* What is refused, with its exact offset and message. Each row writes a file; `offset` is where the
 * mark stands in it.
 */
#include "tests/unit/unit.h"
#include "tests/unit/wire.h"

#include "libprof/model/profile.h"

static int64_t mark;

/* The next byte of w is what is wrong. */
static void here(const struct wire *w)
{
	mark = (int64_t)w->n;
}

static void strings(struct wire *w)
{
	wire_field_str(w, 6, "");
	wire_field_str(w, 6, "a");
}

static void types(struct wire *w, int n)
{
	while (n-- > 0)
		wire_field_str(w, 1, "");
}

/* A message with one varint field, its first byte marked. */
static void message(struct wire *w, uint64_t field, uint64_t inner, uint64_t v)
{
	struct wire m = {0};

	wire_field_varint(&m, inner, v);
	here(w);
	wire_field_bytes(w, field, m.p, m.n);
	wire_free(&m);
}

static void values(struct wire *w, uint64_t n)
{
	size_t m;

	here(w);
	m = wire_begin(w, 2);
	while (n-- > 0)
		wire_field_varint(w, 2, 1);
	wire_end(w, m);
}

static void first_string(struct wire *w)
{
	here(w);
	wire_field_str(w, 6, "a");
}

static void two_times(struct wire *w)
{
	strings(w);
	wire_field_varint(w, 9, 1);
	here(w);
	wire_field_varint(w, 9, 2);
}

static void top_wrong_type(struct wire *w)
{
	strings(w);
	wire_tag(w, 10, 2);
	here(w);
}

static void top_group(struct wire *w)
{
	strings(w);
	wire_tag(w, 20, 3);
	here(w);
}

static void field_zero(struct wire *w)
{
	strings(w);
	wire_tag(w, 0, 0);
	here(w);
}

static void field_too_high(struct wire *w)
{
	strings(w);
	wire_tag(w, UINT64_C(1) << 29, 0);
	here(w);
}

static void tag_cut(struct wire *w)
{
	strings(w);
	here(w);
	wire_byte(w, 0x80);
}

static void tag_long(struct wire *w)
{
	strings(w);
	here(w);
	wire_varint_padded(w, 0, 11);
}

static void length_cut(struct wire *w)
{
	strings(w);
	wire_tag(w, 2, 2);
	here(w);
	wire_byte(w, 0x80);
}

static void length_past(struct wire *w)
{
	strings(w);
	wire_tag(w, 2, 2);
	wire_varint(w, 4);
	here(w);
	wire_raw(w, "abc", 3);
}

static void length_huge(struct wire *w)
{
	strings(w);
	wire_tag(w, 6, 2);
	wire_varint(w, UINT64_MAX);
	here(w);
}

static void unknown_past(struct wire *w)
{
	strings(w);
	wire_tag(w, 99, 2);
	wire_varint(w, 1000);
	wire_raw(w, "abc", 3);
	here(w);
}

static void fixed_cut(struct wire *w)
{
	strings(w);
	wire_tag(w, 99, 1);
	here(w);
	wire_raw(w, "1234567", 7);
}

static void sample_group(struct wire *w)
{
	size_t m;

	strings(w);
	m = wire_begin(w, 2);
	wire_tag(w, 9, 3);
	wire_end(w, m);
	here(w);
}

static void sample_ids_cut(struct wire *w)
{
	strings(w);
	wire_raw(w, "\x12\x06\x0a\x04\x01\x02\x03", 7);
	here(w);
	wire_byte(w, 0x80);
}

static void sample_ids_long(struct wire *w)
{
	strings(w);
	wire_raw(w, "\x12\x10\x0a\x0e\x01", 5);
	here(w);
	wire_varint_padded(w, 1, 11);
	wire_raw(w, "\x01\x01", 2);
}

static void sample_sub_past(struct wire *w)
{
	strings(w);
	wire_raw(w, "\x12\x03\x12\x02", 4);
	here(w);
	wire_raw(w, "\x01\x01", 2); /* the second is not the sample's */
}

static void label_wrong_type(struct wire *w)
{
	strings(w);
	wire_raw(w, "\x12\x04\x1a\x02\x0a", 5);
	here(w);
	wire_byte(w, 0);
}

static void line_wrong_type(struct wire *w)
{
	strings(w);
	wire_raw(w, "\x22\x04\x22\x02\x12", 5);
	here(w);
	wire_byte(w, 0);
}

static void type_wrong_type(struct wire *w)
{
	strings(w);
	wire_raw(w, "\x0a\x02\x0a", 3);
	here(w);
	wire_byte(w, 0);
}

static void mapping_wrong_type(struct wire *w)
{
	strings(w);
	wire_raw(w, "\x1a\x02\x0d", 3);
	here(w);
	wire_byte(w, 0);
}

static void function_index(struct wire *w)
{
	strings(w);
	wire_raw(w, "\x2a\x06\x10", 3);
	wire_varint(w, UINT32_MAX);
	here(w);
}

static void comments_cut(struct wire *w)
{
	strings(w);
	wire_raw(w, "\x6a\x02\x01", 3);
	here(w);
	wire_byte(w, 0x80);
	wire_raw(w, "\x50\x01", 2);
}

static void comment_index(struct wire *w)
{
	strings(w);
	wire_field_varint(w, 13, 2);
	mark = (int64_t)w->n; /* nobody knows where: the end */
}

static void type_index(struct wire *w)
{
	strings(w);
	message(w, 1, 2, 9);
	mark = (int64_t)w->n; /* nobody knows where: the end */
}

static void period_index(struct wire *w)
{
	strings(w);
	message(w, 11, 1, 2);
	mark = (int64_t)w->n; /* nobody knows where: the end */
}

static void header_index(struct wire *w)
{
	strings(w);
	wire_field_varint(w, 15, 2);
	mark = (int64_t)w->n; /* nobody knows where: the end */
}

static void no_strings(struct wire *w)
{
	wire_field_varint(w, 14, 1);
	mark = (int64_t)w->n; /* nobody knows where: the end */
}

static void mapping_index(struct wire *w)
{
	size_t m;

	strings(w);
	here(w);
	m = wire_begin(w, 3);
	wire_field_varint(w, 1, 1);
	wire_field_varint(w, 6, 2);
	wire_end(w, m);
}

static void function_file(struct wire *w)
{
	size_t m;

	strings(w);
	here(w);
	m = wire_begin(w, 5);
	wire_field_varint(w, 1, 1);
	wire_field_varint(w, 4, 7);
	wire_end(w, m);
}

static void label_index(struct wire *w)
{
	size_t m;
	int64_t at;

	strings(w);
	types(w, 1);
	values(w, 1);
	here(w);
	at = mark;
	m = wire_begin(w, 2);
	wire_field_varint(w, 2, 1);
	message(w, 3, 4, 5);
	wire_end(w, m);
	values(w, 1);
	mark = at;
}

static void id_zero(struct wire *w)
{
	strings(w);
	message(w, 4, 1, 1);
	message(w, 4, 3, 1);
}

static void function_zero(struct wire *w)
{
	strings(w);
	message(w, 5, 5, 1);
}

static void mapping_zero(struct wire *w)
{
	strings(w);
	message(w, 3, 1, 0);
}

static void id_twice(struct wire *w)
{
	strings(w);
	message(w, 5, 1, 1);
	message(w, 5, 1, 2);
	message(w, 5, 1, 1);
}

static void mapping_missing(struct wire *w)
{
	size_t m;

	strings(w);
	message(w, 3, 1, 1);
	here(w);
	m = wire_begin(w, 4);
	wire_field_varint(w, 1, 1);
	wire_field_varint(w, 2, UINT64_C(1) << 33);
	wire_end(w, m);
}

static void line_function(struct wire *w, uint64_t id)
{
	size_t m;
	int64_t at;

	strings(w);
	message(w, 5, 1, 1);
	here(w);
	at = mark;
	m = wire_begin(w, 4);
	wire_field_varint(w, 1, 1);
	message(w, 4, 1, id);
	wire_end(w, m);
	mark = at;
}

static void function_missing(struct wire *w)
{
	line_function(w, 2);
}

static void line_without_function(struct wire *w)
{
	line_function(w, 0);
}

static void location_missing(struct wire *w)
{
	static const uint64_t good[] = {1, 1, 1}, bad[] = {1, 1, 12345678901};
	size_t m;

	strings(w);
	types(w, 1);
	message(w, 4, 1, 1);
	for (int i = 0; i < 3; i++) {
		if (i == 1)
			here(w);
		m = wire_begin(w, 2);
		wire_packed(w, 1, i == 1 ? bad : good, 3);
		wire_field_varint(w, 2, 1);
		wire_end(w, m);
	}
}

static void location_zero(struct wire *w)
{
	size_t m;

	strings(w);
	types(w, 1);
	here(w);
	m = wire_begin(w, 2);
	wire_field_varint(w, 1, 0);
	wire_field_varint(w, 2, 1);
	wire_end(w, m);
}

static void too_few_values(struct wire *w)
{
	int64_t at;

	strings(w);
	types(w, 2);
	values(w, 1);
	at = mark;
	values(w, 1);
	mark = at;
}

static void other_values(struct wire *w)
{
	strings(w);
	types(w, 2);
	values(w, 2);
	values(w, 3);
}

static void no_types(struct wire *w)
{
	strings(w);
	values(w, 0);
}

static const struct {
	void (*write)(struct wire *w);
	const char *why;
} rows[] = {
	{first_string, "string_table[0] is not empty"},
	{two_times, "two profiles, one behind the other"},
	{top_wrong_type, "a field has the wrong wire type"},
	{top_group, "unknown wire type"},
	{field_zero, "illegal field number"},
	{field_too_high, "illegal field number"},
	{tag_cut, "ends inside a varint"},
	{tag_long, "varint is longer than 64 bits"},
	{length_cut, "ends inside a varint"},
	{length_past, "a length leads past the end"},
	{length_huge, "a length leads past the end"},
	{unknown_past, "a length leads 997 bytes past the end"},
	{fixed_cut, "a length leads past the end"},
	{sample_group, "sample: unknown wire type"},
	{sample_ids_cut, "sample: ends inside a varint"},
	{sample_ids_long, "sample: varint is longer than 64 bits"},
	{sample_sub_past, "sample: a length leads past the end"},
	{label_wrong_type, "label: a field has the wrong wire type"},
	{line_wrong_type, "line: a field has the wrong wire type"},
	{type_wrong_type, "value type: a field has the wrong wire type"},
	{mapping_wrong_type, "mapping: a field has the wrong wire type"},
	{function_index, "function: string index out of range"},
	{comments_cut, "ends inside a varint"},
	{comment_index, "comment has string 2, the file has 2"},
	{type_index, "sample type has string 9, the file has 2"},
	{period_index, "period type has string 2, the file has 2"},
	{header_index, "header has string 2, the file has 2"},
	{no_strings, "header has string 1, the file has 0"},
	{mapping_index, "mapping has string 2, the file has 2"},
	{function_file, "function has string 7, the file has 2"},
	{label_index, "label has string 5, the file has 2"},
	{id_zero, "location with the reserved id 0"},
	{function_zero, "function with the reserved id 0"},
	{mapping_zero, "mapping with the reserved id 0"},
	{id_twice, "two functions have the id 1"},
	{mapping_missing, "location 1 has mapping 8589934592, which the file has not"},
	{function_missing, "location 1 has function 2, which the file has not"},
	{line_without_function, "location 1 has function 0, which the file has not"},
	{location_missing, "sample has location 12345678901, which the file has not"},
	{location_zero, "sample has location 0, which the file has not"},
	{too_few_values, "sample has 1 values, the profile has 2 types"},
	{other_values, "sample has 3 values, those before it 2"},
	{no_types, "samples, but no sample types"},
};

static void each_refusal(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct prof_err e = {0};
		struct prof_profile *p = NULL;
		struct wire w = {0};

		rows[i].write(&w);
		assert_int_equal(prof_profile_read(w.p, w.n, NULL, &p, &e), PROF_EFORMAT);
		assert_null(p);
		if (strcmp(e.msg, rows[i].why) != 0 || e.offset != mark) {
			print_error("row %zu: \"%s\" at %lld, not \"%s\" at %lld\n", i, e.msg,
				(long long)e.offset, rows[i].why, (long long)mark);
			wrong++;
		}
		wire_free(&w);
	}
	assert_int_equal(wrong, 0);
}

static void strings_are_limited(void **state)
{
	struct prof_limits limits;
	struct prof_profile *p = NULL;
	struct prof_err e = {0};
	struct wire w = {0};

	(void)state;
	strings(&w);
	here(&w);
	wire_field_str(&w, 6, "abcdef");
	prof_limits_init(&limits);
	limits.string_bytes = 5;
	assert_int_equal(prof_profile_read(w.p, w.n, &limits, &p, &e), PROF_ELIMIT);
	assert_error(&e, PROF_ELIMIT, mark, "a string is longer than allowed (--limit string=…)");
	limits.string_bytes = 6;
	limits.strings = 2;
	e = (struct prof_err){0};
	assert_int_equal(prof_profile_read(w.p, w.n, &limits, &p, &e), PROF_ELIMIT);
	assert_error(&e, PROF_ELIMIT, mark, "more strings than allowed (--limit strings=…)");
	limits.strings = 3;
	e = (struct prof_err){0};
	assert_ok(prof_profile_read(w.p, w.n, &limits, &p, &e), &e);
	prof_profile_free(p);
	wire_free(&w);
}

/* 100,000 frames at a location of 100,000 lines: half a megabyte that would take ten thousand
 * million steps. */
static void lines_of_all_stacks_are_limited(void **state)
{
	enum { MANY = 100000 };
	struct prof_profile *p = NULL;
	struct prof_err e = {0};
	struct wire w = {0};
	size_t m, k;

	(void)state;
	strings(&w);
	m = wire_begin(&w, 1);
	wire_end(&w, m);
	m = wire_begin(&w, 2);
	k = wire_begin(&w, 1);
	for (int i = 0; i < MANY; i++)
		wire_byte(&w, 1);
	wire_end(&w, k);
	wire_field_varint(&w, 2, 1);
	wire_end(&w, m);
	m = wire_begin(&w, 4);
	wire_field_varint(&w, 1, 1);
	for (int i = 0; i < MANY; i++) {
		k = wire_begin(&w, 4);
		wire_field_varint(&w, 1, 1);
		wire_end(&w, k);
	}
	wire_end(&w, m);
	m = wire_begin(&w, 5);
	wire_field_varint(&w, 1, 1);
	wire_end(&w, m);
	assert_int_equal(prof_profile_read(w.p, w.n, NULL, &p, &e), PROF_ELIMIT);
	assert_non_null(strstr(e.msg, "64 for each byte of the file"));
	wire_free(&w);
}

static void labels_of_a_sample_are_limited(void **state)
{
	struct prof_profile *p = NULL;
	struct prof_err e = {0};
	struct wire w = {0};
	size_t m;

	(void)state;
	strings(&w);
	types(&w, 1);
	here(&w);
	m = wire_begin(&w, 2);
	wire_field_varint(&w, 2, 1);
	for (int i = 0; i < (1 << 16) + 1; i++)
		wire_field_str(&w, 3, "");
	wire_end(&w, m);
	assert_int_equal(prof_profile_read(w.p, w.n, NULL, &p, &e), PROF_ELIMIT);
	assert_error(&e, PROF_ELIMIT, mark, "a sample has more than 65536 labels");
	wire_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_refusal),
		cmocka_unit_test(strings_are_limited),
		cmocka_unit_test(lines_of_all_stacks_are_limited),
		cmocka_unit_test(labels_of_a_sample_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
