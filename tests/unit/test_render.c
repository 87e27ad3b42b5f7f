#include "tests/unit/unit.h"

#include <math.h>

#include "libprof/base/escape.h"
#include "libprof/render/render.h"

static struct prof_report *report(const struct prof_table_column *columns, size_t n)
{
	struct prof_err e = {0};
	struct prof_report *r = prof_report_new("test/1", &e);

	assert_non_null(r);
	r->columns = columns;
	r->n_columns = n;
	return r;
}

#define ROW(r, ...) \
	do { \
		struct prof_err e_ = {0}; \
		assert_ok(prof_report_row(r, (struct prof_cell[]){__VA_ARGS__}, &e_), &e_); \
	} while (0)
#define TEXT(s) prof_cell_str(prof_str_of(s))
#define INT(v) prof_cell_int(v)

static void assert_text(struct prof_report *r, const char *want)
{
	struct prof_buf b;

	prof_buf_init(&b, NULL, NULL);
	prof_render_text(r, &b);
	assert_buf(&b, want);
	prof_buf_fini(&b);
	prof_report_free(r);
}

static void assert_json(struct prof_report *r, const char *want)
{
	struct prof_buf b;

	prof_buf_init(&b, NULL, NULL);
	prof_render_json(r, &b);
	assert_buf(&b, want);
	prof_buf_fini(&b);
	prof_report_free(r);
}

static void columns_are_as_wide_as_needed(void **state)
{
	static const struct prof_table_column columns[] = {
		{.title = "name", .left = true}, {.title = "n"}, {.title = "kind", .left = true}};
	struct prof_report *r = report(columns, 3);

	(void)state;
	ROW(r, TEXT("a"), INT(1), TEXT("x"));
	ROW(r, TEXT("longer"), INT(-12345), TEXT("something"));
	ROW(r, PROF_NULL_CELL, INT(7), PROF_NULL_CELL);
	ROW(r, TEXT("b"), PROF_NULL_CELL, PROF_NULL_CELL);
	assert_text(r, "name        n kind\n"
		       "a           1 x\n"
		       "longer -12345 something\n"
		       "            7\n"
		       "b\n");
}

static void notes_stand_below_their_rows(void **state)
{
	static const struct prof_table_column columns[] = {{.key = "n", .title = "n"}};
	struct prof_report *r = report(columns, 1);
	struct prof_err e = {0};
	struct prof_buf b;

	(void)state;
	prof_buf_init(&b, NULL, NULL);
	ROW(r, INT(1));
	ROW(r, INT(2));
	prof_buf_str(&b, "  first");
	assert_ok(prof_report_note(r, &b, &e), &e);
	prof_buf_str(&b, "  second");
	assert_ok(prof_report_note(r, &b, &e), &e);
	ROW(r, INT(3));
	prof_buf_fini(&b);
	assert_text(r, "n\n1\n2\n  first\n  second\n3\n");
}

static void json_has_lists_and_objects(void **state)
{
	static const struct prof_table_column columns[] = {{.key = "path"}, {.key = "f.x"}};
	struct prof_report *r = report(columns, 2);
	struct prof_err e = {0};
	char name[] = "main.f";
	struct prof_cell list, object, frames[] = {TEXT(name), INT(7), PROF_NULL_CELL};
	struct prof_field fields[] = {{"name", TEXT(name)}, {"frames", PROF_NULL_CELL}};

	(void)state;
	assert_ok(prof_report_list(r, frames, 3, &list, &e), &e);
	fields[1].value = list;
	assert_ok(prof_report_object(r, fields, 2, &object, &e), &e);
	name[0] = '!';
	ROW(r, list, object);
	assert_ok(prof_report_list(r, NULL, 0, &list, &e), &e);
	assert_ok(prof_report_object(r, NULL, 0, &object, &e), &e);
	ROW(r, list, object);
	assert_json(r, "{\"schema\": \"test/1\",\n\"rows\": [\n"
		       "{\"path\": [\"main.f\", 7, null], \"f\": {\"x\": "
		       "{\"name\": \"main.f\", \"frames\": [\"main.f\", 7, null]}}},\n"
		       "{\"path\": [], \"f\": {\"x\": {}}}\n]}\n");
}

static void fixed_widths_and_gaps(void **state)
{
	static const struct prof_table_column columns[] = {{.title = "v", .width = 5},
		{.title = "p", .width = 4, .gap = 3}, {.title = "", .left = true, .gap = 2}};
	struct prof_report *r = report(columns, 3);

	(void)state;
	ROW(r, INT(1), INT(2), TEXT("n"));
	ROW(r, INT(1234567), INT(2), TEXT("wide")); /* pushes the rest, as pprof */
	assert_text(r, "    v      p\n"
		       "    1      2  n\n"
		       "1234567      2  wide\n");
}

static void width_counts_characters(void **state)
{
	static const struct prof_table_column columns[] = {
		{.title = "s", .left = true}, {.title = "n"}};
	struct prof_report *r = report(columns, 2);

	(void)state;
	ROW(r, TEXT("h\xc3\xa9\xe2\x82\xac"), INT(1));
	ROW(r, TEXT("\xff"), INT(2));
	ROW(r, TEXT("abcd"), INT(3));
	assert_text(r, "s    n\n"
		       "h\xc3\xa9\xe2\x82\xac  1\n"
		       "\\xff 2\n"
		       "abcd 3\n");
}

static void forms_of_numbers(void **state)
{
	static const struct prof_table_column columns[] = {{.title = "plain"},
		{.title = "unit", .form = PROF_FORM_UNIT},
		{.title = "change", .form = PROF_FORM_CHANGE},
		{.title = "part", .form = PROF_FORM_PERCENT, .of = 2000000}, {.title = "real"},
		{.title = "relative", .form = PROF_FORM_REAL_PERCENT},
		{.title = "points", .form = PROF_FORM_REAL_POINTS}, {.title = "address"},
		{.title = "yes"}};
	struct prof_report *r = report(columns, 9);

	(void)state;
	r->unit = PROF_STR("nanoseconds");
	r->out_unit = PROF_STR("ms");
	ROW(r, INT(1500000), INT(1500000), INT(1500000), INT(1500000), prof_cell_real(0.25),
		prof_cell_real(12.34), prof_cell_real(1.234), prof_cell_uint(0x4a0),
		prof_cell_bool(true));
	ROW(r, INT(0), INT(0), INT(0), INT(0), prof_cell_real(0), prof_cell_real(0),
		prof_cell_real(0), prof_cell_uint(UINT64_MAX), prof_cell_bool(false));
	ROW(r, INT(-1500000), INT(-1500000), INT(-1500000), INT(-1500000), prof_cell_real(-1e9),
		prof_cell_real(-12.34), prof_cell_real(-1.234), PROF_NULL_CELL, PROF_NULL_CELL);
	assert_text(r,
		"   plain    unit  change   part   real relative  points          address yes\n"
		" 1500000  1.50ms +1.50ms 75.00%   0.25   +12.3% +1.23pp 00000000000004a0 yes\n"
		"       0       0       0     0%      0     0.0%  0.00pp ffffffffffffffff  no\n"
		"-1500000 -1.50ms -1.50ms 75.00% -1e+09   -12.3% -1.23pp\n");
}

static void a_ratio_scales_values(void **state)
{
	static const struct prof_table_column columns[] = {
		{.title = "unit", .form = PROF_FORM_UNIT}, {.title = "plain"}};
	struct prof_report *r = report(columns, 2);

	(void)state;
	r->unit = PROF_STR("count");
	r->out_unit = PROF_STR("count");
	r->ratio = 0.1;
	ROW(r, INT(99), INT(99));
	assert_text(r, "unit plain\n   9    99\n"); /* truncated, as pprof */
}

static void head_table_foot(void **state)
{
	static const struct prof_table_column columns[] = {{.title = "t"}, {.key = "json only"}};
	struct prof_report *r = report(columns, 2);
	struct prof_err e = {0};
	struct prof_buf b;

	(void)state;
	prof_buf_init(&b, NULL, NULL);
	prof_buf_str(&b, "head");
	assert_ok(prof_report_head(r, &b, &e), &e);
	assert_ok(prof_report_foot(r, &b, &e), &e);
	prof_buf_str(&b, "foot");
	assert_ok(prof_report_foot(r, &b, &e), &e);
	prof_buf_fini(&b);
	ROW(r, INT(1), INT(2));
	assert_text(r, "head\nt\n1\n\nfoot\n");
}

static void no_columns_no_table(void **state)
{
	struct prof_report *r = report(NULL, 0);
	struct prof_err e = {0};

	(void)state;
	assert_ok(prof_report_field(r, "a", INT(1), &e), &e);
	assert_json(r, "{\"schema\": \"test/1\",\n\"a\": 1}\n");
	assert_text(report(NULL, 0), "");
}

static void json_fields_nest(void **state)
{
	static const char *const keys[] = {"a", "g.x", "g.y", "h.x", "b", "g2.z"};
	struct prof_report *r = report(NULL, 0);
	struct prof_err e = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++)
		assert_ok(prof_report_field(r, keys[i], INT((int64_t)i), &e), &e);
	assert_json(r, "{\"schema\": \"test/1\",\n\"a\": 0,\n\"g\": {\"x\": 1, \"y\": 2},\n"
		       "\"h\": {\"x\": 3},\n\"b\": 4,\n\"g2\": {\"z\": 5}}\n");
}

static void json_rows(void **state)
{
	static const struct prof_table_column columns[] = {{.key = "name"}, {.key = "flat.old"},
		{.key = "flat.new"}, {.title = "text only"}, {.key = "line", .optional = true},
		{.key = "last.one", .optional = true}};
	struct prof_report *r = report(columns, 6);

	(void)state;
	ROW(r, TEXT("f"), INT(1), PROF_NULL_CELL, INT(9), INT(5), INT(6));
	ROW(r, TEXT("\"\n\xff"), INT(INT64_MIN), INT(INT64_MAX), INT(9), PROF_NULL_CELL,
		PROF_NULL_CELL);
	assert_json(r, "{\"schema\": \"test/1\",\n\"rows\": [\n"
		       "{\"name\": \"f\", \"flat\": {\"old\": 1, \"new\": null}, \"line\": 5, "
		       "\"last\": {\"one\": 6}},\n"
		       "{\"name\": \"\\\"\\n\xef\xbf\xbd\", \"flat\": {\"old\": "
		       "-9223372036854775808, \"new\": 9223372036854775807}}\n"
		       "]}\n");
}

static void json_without_rows(void **state)
{
	static const struct prof_table_column columns[] = {{.key = "name"}};

	(void)state;
	assert_json(report(columns, 1), "{\"schema\": \"test/1\",\n\"rows\": []}\n");
}

static void json_values_of_each_kind(void **state)
{
	struct prof_report *r = report(NULL, 0);
	const struct prof_cell cells[] = {prof_cell_bool(true), prof_cell_bool(false),
		prof_cell_uint(UINT64_MAX), prof_cell_real(0.5), prof_cell_real(-1e300),
		prof_cell_real(NAN), prof_cell_real(-INFINITY), PROF_NULL_CELL, TEXT("")};
	struct prof_err e = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(cells); i++)
		assert_ok(prof_report_field(r, "k", cells[i], &e), &e);
	assert_json(r, "{\"schema\": \"test/1\",\n\"k\": true,\n\"k\": false,\n"
		       "\"k\": 18446744073709551615,\n\"k\": 0.5,\n"
		       "\"k\": -1.0000000000000001e+300,\n\"k\": null,\n\"k\": null,\n"
		       "\"k\": null,\n\"k\": \"\"}\n");
}

static int refuse(void *ctx, const char *p, size_t n)
{
	(void)p;
	(void)n;
	++*(int *)ctx;
	return -1;
}

static void assert_markdown(struct prof_report *r, const char *want)
{
	struct prof_buf b;

	prof_buf_init(&b, NULL, NULL);
	prof_render_markdown(r, &b);
	assert_buf(&b, want);
	prof_buf_fini(&b);
	prof_report_free(r);
}

static void markdown_has_the_main_columns(void **state)
{
	static const struct prof_table_column columns[] = {{.title = "old", .group = "flat"},
		{.title = "new", .group = "flat"}, {.title = "cum", .detail = true},
		{.title = "", .left = true}, {.key = "key"},
		{.title = "name", .left = true, .is_name = true}};
	struct prof_report *r = report(columns, 6);
	struct prof_err e = {0};
	struct prof_buf b;

	(void)state;
	prof_buf_init(&b, NULL, NULL);
	prof_buf_str(&b, "cpu: *worse*");
	assert_ok(prof_report_headline(r, &b, &e), &e);
	assert_ok(prof_report_field(r, "sample_type", TEXT("-->x"), &e), &e);
	ROW(r, INT(1), INT(2), INT(3), PROF_NULL_CELL, INT(4), TEXT("a|b"));
	ROW(r, INT(1), INT(2), INT(3), PROF_NULL_CELL, INT(4), TEXT("```"));
	assert_markdown(r, "<!-- test/1 ___x -->\n"
			   "### cpu: `*worse*`\n"
			   "\n"
			   "| flat old | new | name |\n"
			   "| --: | --: | :-- |\n"
			   "| 1 | 2 | <code>a&#124;b</code> |\n"
			   "| 1 | 2 | <code>&#96;&#96;&#96;</code> |\n"
			   "\n<details><summary>Details</summary>\n\n"
			   "````\n"
			   " flat -\n"
			   "old new cum  name\n"
			   "  1   2   3  a|b\n"
			   "  1   2   3  ```\n"
			   "````\n"
			   "\n</details>\n");
	prof_buf_fini(&b);
}

/* However long a report and its names, a comment is not. */
static void markdown_is_short(void **state)
{
	static const struct prof_table_column columns[] = {
		{.title = "name", .left = true, .is_name = true}};
	struct prof_report *r = report(columns, 1);
	static char name[3001];
	struct prof_buf b;

	(void)state;
	for (size_t i = 0; i + 3 < sizeof(name); i += 3)
		memcpy(name + i, "\xe2\x82\xac", 3);
	for (int i = 0; i < 100; i++)
		ROW(r, TEXT(name));
	prof_buf_init(&b, NULL, NULL);
	prof_render_markdown(r, &b);
	assert_int_equal(b.code, 0);
	assert_in_range(b.n, 45000, 60000);
	prof_buf_char(&b, '\0');
	assert_non_null(strstr(b.p, "\n90 more below.\n"));
	assert_non_null(strstr(b.p, "```\n\n84 more lines are left out here.\n\n</details>\n"));
	for (size_t i = 0; i + 1 < b.n;) {
		uint32_t c;
		unsigned n = prof_utf8_at(b.p + i, b.n - i, &c);

		assert_int_not_equal(n, 0); /* no name is cut within a character */
		i += n;
	}
	prof_buf_fini(&b);
	prof_report_free(r);
}

static void a_failing_writer_is_an_error(void **state)
{
	static const struct prof_table_column columns[] = {{.title = "t", .key = "t"}};
	struct prof_report *r = report(columns, 1);
	struct prof_err e = {0};
	int calls = 0;

	(void)state;
	ROW(r, INT(1));
	assert_int_equal(prof_report_text(r, refuse, &calls, &e), PROF_EIO);
	assert_error(&e, PROF_EIO, PROF_NO_OFFSET, "cannot write the output");
	assert_int_equal(prof_report_json(r, refuse, &calls, NULL), PROF_EIO);
	assert_int_equal(calls, 2);
	prof_report_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_as_wide_as_needed),
		cmocka_unit_test(notes_stand_below_their_rows),
		cmocka_unit_test(json_has_lists_and_objects),
		cmocka_unit_test(fixed_widths_and_gaps),
		cmocka_unit_test(width_counts_characters),
		cmocka_unit_test(forms_of_numbers),
		cmocka_unit_test(a_ratio_scales_values),
		cmocka_unit_test(head_table_foot),
		cmocka_unit_test(no_columns_no_table),
		cmocka_unit_test(json_fields_nest),
		cmocka_unit_test(json_rows),
		cmocka_unit_test(json_without_rows),
		cmocka_unit_test(json_values_of_each_kind),
		cmocka_unit_test(markdown_has_the_main_columns),
		cmocka_unit_test(markdown_is_short),
		cmocka_unit_test(a_failing_writer_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
