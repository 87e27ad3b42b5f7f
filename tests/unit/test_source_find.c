#include "tests/unit/unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "libprof/analyse/source_trim.h"
#include "libprof/join/source_find.h"

static char root[] = "/tmp/prof-source-XXXXXX";

/* A file under the test's own directory, which is the current one; its folders are made. */
static void put(const char *path, const char *text)
{
	char dir[200];
	FILE *f;

	for (const char *s = strchr(path, '/'); s; s = strchr(s + 1, '/')) {
		snprintf(dir, sizeof(dir), "%.*s", (int)(s - path), path);
		mkdir(dir, 0777);
	}
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void expect(const char *source_path, const char *trim_path, struct prof_str name,
	const char *first_line)
{
	struct prof_mem mem = {.limit = 1 << 20};
	struct prof_err e = {0};
	struct prof_source_find f;
	const struct prof_source_text *text, *again;
	struct prof_str line = PROF_STR("(none)");

	assert_ok(prof_source_find_init(&f, &mem, source_path, trim_path, &e), &e);
	assert_ok(prof_source_find(&f, 7, name, &text, &e), &e);
	assert_ok(prof_source_find(&f, 7, PROF_STR("asked already"), &again, &e), &e);
	assert_ptr_equal(text, again);
	prof_source_text_line(text, 1, &line);
	assert_str(line, first_line);
	prof_source_find_fini(&f);
	assert_int_equal(mem.used, 0);
}

#define found(source_path, name, line) expect(source_path, NULL, PROF_STR(name), line)
#define missing(source_path, name) expect(source_path, NULL, PROF_STR(name), "(none)")

static void trimmed(
	const char *path, const char *trim_path, const char *source_path, const char *want)
{
	assert_str(prof_source_trim(prof_str_of(path), trim_path, source_path), want);
}

static void names_are_trimmed_as_in_pprof(void **state)
{
	(void)state;
	trimmed("/proc/self/cwd/./a.go", NULL, NULL, "a.go");
	trimmed("/proc/self/cwd/a.go", "", "", "a.go");
	trimmed("/r/p/my/foo/a.go", "", "/l/my", "foo/a.go");
	trimmed("/r/p/my/foo/my/a.go", "", "/l/x:/l/my/", "foo/my/a.go");
	trimmed("/r/my/a.go", "/r", "/l/my", "my/a.go");
	trimmed("/r/my/a.go", "/r/:/x", "/l/my", "my/a.go");
	trimmed("/rr/my/a.go", "/r", "/l/my", "/rr/my/a.go");
	trimmed("/r/my/a.go", "x::/r", NULL, "r/my/a.go");
	trimmed("/r/my/", "/r/my", NULL, "");
	trimmed("/r/my", "/r/my", NULL, "/r/my");
	trimmed("a//b", NULL, "/", "a//b");
	trimmed("a///b", NULL, "/", "b");
	trimmed("", NULL, "a", "");
}

static void pprofs_places(void **state)
{
	char absolute[200];

	(void)state;
	put("top.go", "top");
	put("x/a/b.go", "b");
	put("y/z/a/b.go", "zb");
	found(NULL, "x/a/b.go", "b");
	found("x", "a/b.go", "b");
	found("none:y/z:x", "a/b.go", "zb");
	found(NULL, "top.go", "top");
	found("x", "top.go", "top");
	missing("y/z", "no.go");
	snprintf(absolute, sizeof(absolute), "%s/y/z", root);
	found(absolute, "top.go", "top");
	found(absolute, "../z/a/b.go", "zb");
	found(absolute, "../../top.go", "top");
	found(absolute, "/far/away/z/a/b.go", "zb");
	expect("x", "/far", PROF_STR("/far/a/b.go"), "b");
	missing("y", "/far/a/b.go");
	missing("x", "");
	missing("x", "a");
}

static void standard_library(void **state)
{
	(void)state;
	put("go/src/runtime/proc.go", "proc");
	put("go/src/vendor/golang.org/x/n.go", "n");
	put("go/src/main.go", "not this");
	found("go", "runtime/proc.go", "proc");
	found("go", "/usr/local/go/src/runtime/proc.go", "proc");
	found("go/src", "/usr/local/go/src/runtime/proc.go", "proc");
	found("go/src/runtime", "/usr/local/go/src/runtime/proc.go", "proc");
	found("go",
		"/root/go/pkg/mod/golang.org/toolchain@v0.0.1-go1.27.0.linux-amd64/src/runtime/"
		"proc.go",
		"proc");
	found("go", "vendor/golang.org/x/n.go", "n");
	missing("go", "main.go");
}

static void modules(void **state)
{
	(void)state;
	put("cache/ex.org/!up/m@v1.2/k/a.go", "cached");
	put("gopath/pkg/mod/ex.org/!up/m@v1.2/k/a.go", "pkgmod");
	put("app/go.mod", "// app\nmodule ex.org/app // the app\n\ngo 1.27\n");
	put("app/main.go", "main");
	put("app/vendor/ex.org/Up/m/k/a.go", "vendored");
	found("cache", "ex.org/Up/m@v1.2/k/a.go", "cached");
	found("cache", "/root/go/pkg/mod/ex.org/Up/m@v1.2/k/a.go", "cached");
	found("cache", "/root/go/pkg/mod/ex.org/!up/m@v1.2/k/a.go", "cached");
	found("gopath", "ex.org/Up/m@v1.2/k/a.go", "pkgmod");
	found("app", "ex.org/Up/m@v1.2/k/a.go", "vendored");
	found("app", "/ci/app2/vendor/ex.org/Up/m/k/a.go", "vendored");
	found("app", "ex.org/app/main.go", "main");
	found("app", "ex.org/app@v1/main.go", "main");
	missing("app", "ex.org/app2/main.go");
	missing("cache", "ex.org/Up/m@v1.3/k/a.go");
}

static void only_regular_files(void **state)
{
	FILE *f;

	(void)state;
	mkdir("odd", 0777);
	assert_int_equal(mkfifo("odd/pipe.go", 0666), 0);
	assert_int_equal(symlink("/dev/zero", "odd/zero.go"), 0);
	put("odd/a.go", "a");
	missing("odd", "pipe.go");
	missing("odd", "zero.go");
	missing("odd", "/dev/zero");
	missing("odd", "/dev/stdin");
	missing("odd", "a.go\0.go");
	found("odd", "/proc/self/status", "(none)");
	f = fopen("odd/big.go", "w");
	assert_non_null(f);
	assert_int_equal(ftruncate(fileno(f), (64 << 20) + 1), 0);
	fclose(f);
	missing("odd", "big.go");
}

static void too_large_for_the_budget(void **state)
{
	struct prof_mem mem = {.limit = 1 << 12};
	struct prof_err e = {0};
	struct prof_source_find f;
	const struct prof_source_text *text;
	FILE *file = fopen("large.go", "w");

	(void)state;
	assert_non_null(file);
	assert_int_equal(ftruncate(fileno(file), 1 << 13), 0);
	fclose(file);
	assert_ok(prof_source_find_init(&f, &mem, ".", NULL, &e), &e);
	assert_int_equal(prof_source_find(&f, 1, PROF_STR("large.go"), &text, &e), PROF_ELIMIT);
	prof_source_find_fini(&f);
	assert_int_equal(mem.used, 0);
}

static void lines_end_as_gos_scanner_has_them(void **state)
{
	static const char *const want[] = {"one", "", "three\rx", "four"};
	struct prof_mem mem = {.limit = 1 << 20};
	struct prof_err e = {0};
	struct prof_source_find f;
	const struct prof_source_text *text;
	struct prof_str line;

	(void)state;
	put("lines.go", "one\r\n\nthree\rx\nfour");
	put("empty.go", "");
	put("ended.go", "a\n");
	assert_ok(prof_source_find_init(&f, &mem, ".", NULL, &e), &e);
	assert_ok(prof_source_find(&f, 1, PROF_STR("lines.go"), &text, &e), &e);
	for (size_t i = 0; i < COUNT(want); i++) {
		assert_true(prof_source_text_line(text, (int64_t)i + 1, &line));
		assert_str(line, want[i]);
	}
	assert_false(prof_source_text_line(text, 0, &line));
	assert_false(prof_source_text_line(text, 5, &line));
	assert_false(prof_source_text_line(text, INT64_MAX, &line));
	assert_false(prof_source_text_line(text, INT64_MIN, &line));
	assert_ok(prof_source_find(&f, 2, PROF_STR("empty.go"), &text, &e), &e);
	assert_true(text->found);
	assert_false(prof_source_text_line(text, 1, &line));
	assert_ok(prof_source_find(&f, 3, PROF_STR("ended.go"), &text, &e), &e);
	assert_true(prof_source_text_line(text, 1, &line));
	assert_str(line, "a");
	assert_false(prof_source_text_line(text, 2, &line));
	prof_source_find_fini(&f);
}

static void places_are_told(void **state)
{
	static const struct {
		const char *source_path, *path, *want;
	} rows[] = {
		{NULL, "a.go", "."},
		{NULL, "/x/a.go", "/x/a.go, ."},
		{"p:q/", "a.go", "p, q/"},
		{"p::q", "/x/a\n.go", "/x/a\\x0a.go, p, ., q"},
		{"/l/x", "/x/a.go", "/l/x"},
	};
	struct prof_mem mem = {.limit = 1 << 20};
	struct prof_err e = {0};
	struct prof_source_find f;
	struct prof_buf b;

	(void)state;
	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_ok(prof_source_find_init(&f, &mem, rows[i].source_path, NULL, &e), &e);
		prof_source_find_places(&f, prof_str_of(rows[i].path), &b);
		assert_buf(&b, rows[i].want);
		prof_source_find_fini(&f);
	}
	prof_buf_fini(&b);
}

static int enter(void **state)
{
	(void)state;
	return mkdtemp(root) && chdir(root) == 0 ? 0 : -1;
}

static int leave(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	return chdir("/") == 0 ? system(command) : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_trimmed_as_in_pprof),
		cmocka_unit_test(pprofs_places),
		cmocka_unit_test(standard_library),
		cmocka_unit_test(modules),
		cmocka_unit_test(only_regular_files),
		cmocka_unit_test(too_large_for_the_budget),
		cmocka_unit_test(lines_end_as_gos_scanner_has_them),
		cmocka_unit_test(places_are_told),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
