#include "tests/unit/unit.h"
#include "tests/unit/wire.h"

#include "libprof/analyse/diff/diff.h"

/* A function main.f at line 10 of a file, its closures, and main.z behind it. Of each closure: its
 * number, its first line, the line that is sampled, and how often. All are called by main.walk.
 */
struct closure {
	const char *name;
	int64_t start, line, samples;
};

struct source {
	struct closure closures[4];
	int64_t z; /* the line of main.z */
};

static struct prof_profile *profile_of(const struct source *s)
{
	struct wire_profile desc = {.types = {{"samples", "count"}},
		.functions = {{1, "main.f", "f.go", 10}, {2, "main.z", "f.go", s->z},
			{3, "main.walk", "walk.go", 5}},
		.locations = {{1, {{1, 12}}}, {2, {{2, s->z + 1}}}, {3, {{3, 7}}}},
		.samples = {{{1}, {150}}, {{2, 1}, {300}}, {{3, 1}, {400}}}};
	struct prof_err e = {0};
	struct prof_profile *p;

	for (size_t i = 0; i < COUNT(s->closures) && s->closures[i].name; i++) {
		const struct closure *c = &s->closures[i];

		uint64_t id = 4 + i;

		desc.functions[3 + i] = (struct wire_function){
			.id = id, .name = c->name, .file = "f.go", .start_line = c->start};
		desc.locations[3 + i] = (struct wire_location){
			.id = id, .lines = {{.function = id, .line = c->line}}};
		desc.samples[3 + i] = (struct wire_sample){
			.stack = {id, 3, 1}, .values = {c->samples}};
	}
	p = wire_open(&desc, &e);
	assert_non_null(p);
	return p;
}

/* What became of the rows, as "NAME=OLD NAME", those that are renamed, and "NAME?" where it is open
 * which is which; in the order of the names.
 */
static void assert_closures(const struct source *old, const struct source *new, const char *want)
{
	struct prof_diff_opts opts;
	struct prof_report *report;
	struct prof_err e = {0};
	struct prof_diff *d;
	struct prof_buf b;

	prof_diff_opts_init(&opts);
	assert_ok(prof_diff_new(&opts, &d, &e), &e);
	assert_ok(prof_diff_add(d, PROF_OLD, profile_of(old), "old", &e), &e);
	assert_ok(prof_diff_add(d, PROF_NEW, profile_of(new), "new", &e), &e);
	assert_ok(prof_diff_report(d, &report, &e), &e);
	prof_buf_init(&b, NULL, NULL);
	for (unsigned n = 1; n < 6; n++) {
		char name[32];
		const struct diff_row *row;

		snprintf(name, sizeof(name), "main.f.func%u", n);
		row = diff_row_named(d, prof_str_of(name));
		if (!row)
			continue;
		if (row->among || row->peer != PROF_NONE)
			prof_buf_printf(&b, "func%u%s", n, row->among ? "?" : "=");
		if (row->peer != PROF_NONE)
			prof_buf_str(
				&b, prof_strtab_get(&d->strings, d->rows.v[row->peer].name).p + 7);
		if (row->among || row->peer != PROF_NONE)
			prof_buf_char(&b, ' ');
		assert_false(row->finding);
	}
	assert_buf(&b, want);
	prof_buf_fini(&b);
	prof_report_free(report);
	prof_diff_free(d);
}

static const struct source three = {
	{{"main.f.func1", 12, 13, 6}, {"main.f.func2", 17, 18, 30}, {"main.f.func3", 22, 24, 9}},
	30};

/* First lines tell, whatever few samples say. */
static void test_put_in(void **state)
{
	static const struct source first = {
		{{"main.f.func2", 16, 17, 9}, {"main.f.func3", 21, 22, 24},
			{"main.f.func4", 26, 28, 4}},
		34};
	static const struct source second = {
		{{"main.f.func1", 12, 13, 3}, {"main.f.func3", 23, 24, 41},
			{"main.f.func4", 28, 30, 12}},
		36};
	static const struct source one = {{{"main.f.func1", 12, 13, 21}}, 30};
	static const struct source one_more = {{{"main.f.func2", 16, 17, 9}}, 34};

	(void)state;
	assert_closures(&three, &first, "func2=func1 func3=func2 func4=func3 ");
	assert_closures(&three, &second, "func3=func2 func4=func3 ");
	assert_closures(&one, &one_more, "func2=func1 ");
}

static void test_taken_out(void **state)
{
	static const struct source first = {
		{{"main.f.func1", 13, 14, 25}, {"main.f.func2", 18, 20, 8}}, 26};

	(void)state;
	assert_closures(&three, &first, "func1=func2 func2=func3 func3=func1 ");
}

/* Nothing was put in: code in front of them, or in between, grew. */
static void test_kept(void **state)
{
	static const struct source moved = {
		{{"main.f.func1", 15, 16, 2}, {"main.f.func2", 20, 21, 36},
			{"main.f.func3", 25, 27, 7}},
		33};
	static const struct source grown = {
		{{"main.f.func1", 12, 13, 3}, {"main.f.func2", 17, 18, 28},
			{"main.f.func3", 25, 27, 10}},
		33};
	static const struct source fewer = {{{"main.f.func2", 17, 18, 30}}, 30};

	(void)state;
	assert_closures(&three, &three, "");
	assert_closures(&three, &moved, "");
	assert_closures(&three, &grown, "");
	assert_closures(&three, &fewer, "");
}

/* Three that are alike in all, one of them put in: more probably not behind both others. */
static void test_open(void **state)
{
	static const struct source two = {
		{{"main.f.func1", 0, 0, 20}, {"main.f.func2", 0, 0, 20}}, 30};
	static const struct source more = {{{"main.f.func1", 0, 0, 20}, {"main.f.func2", 0, 0, 20},
						   {"main.f.func3", 0, 0, 20}},
		30};

	(void)state;
	assert_closures(&two, &more, "func1? func2? func3?func2 ");
}

/* main.add is inlined into main.sum, and counted where the compiler puts its lines. */
static struct prof_profile *inlined(int64_t sum, int64_t add, int64_t rest)
{
	struct wire_profile desc = {.types = {{"samples", "count"}},
		.functions = {{1, "main.sum", "s.go", 10}, {2, "main.add", "s.go", 20},
			{3, "main.rest", "s.go", 30}},
		.locations = {{1, {{1, 12}}}, {2, {{2, 21}, {1, 13}}}, {3, {{3, 31}}}},
		.samples = {{{1}, {sum}}, {{2}, {add}}, {{3}, {rest}}}};
	struct prof_err e = {0};
	struct prof_profile *p = wire_open(&desc, &e);

	assert_non_null(p);
	return p;
}

static void assert_finding(
	struct prof_profile *old, struct prof_profile *new, const char *name, const char *under)
{
	struct prof_diff_opts opts;
	struct prof_report *report;
	struct prof_err e = {0};
	struct prof_diff *d;

	prof_diff_opts_init(&opts);
	opts.ops[0] = opts.ops[1] = 1;
	assert_ok(prof_diff_new(&opts, &d, &e), &e);
	assert_ok(prof_diff_add(d, PROF_OLD, old, "old", &e), &e);
	assert_ok(prof_diff_add(d, PROF_NEW, new, "new", &e), &e);
	assert_ok(prof_diff_report(d, &report, &e), &e);
	for (size_t i = 0; i < d->rows.n; i++) {
		const struct diff_row *row = &d->rows.v[i];
		struct prof_str text = prof_strtab_get(&d->strings, row->text);

		assert_int_equal(row->finding, prof_str_eq(text, prof_str_of(name)));
		if (prof_str_eq(text, prof_str_of(under)))
			assert_ptr_equal(
				&d->rows.v[row->under], diff_row_named(d, prof_str_of(name)));
	}
	prof_report_free(report);
	prof_diff_free(d);
}

static void test_inlined(void **state)
{
	(void)state;
	assert_finding(inlined(300, 3000, 9000), inlined(900, 5000, 9000), "main.add", "main.sum");
	assert_finding(inlined(300, 3000, 9000), inlined(2000, 4000, 9000), "main.sum", "main.add");
	assert_finding(inlined(300, 3000, 9000), inlined(900, 3000, 9000), "main.sum", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put_in),
		cmocka_unit_test(test_taken_out),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_inlined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
