/* Expected answers are those of regexp.Compile and MatchString of Go 1.27. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "libprof/base/re2check.h"
#include "libprof/base/regex.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int ask(const char *pattern, const char *p, size_t len, struct prof_err *e)
{
	struct prof_str s = {p, (uint32_t)len};
	struct prof_regex *re;
	bool yes = false;
	int rc = prof_regex_new(pattern, &re, e);

	if (rc)
		return rc;
	rc = prof_regex_match(re, s, &yes, e);
	prof_regex_free(re);
	return rc ? rc : yes;
}

static const struct {
	const char *pattern, *subject;
	int expected;
} matches[] = {
	{"", "", 1},
	{"", "a", 1},
	{"^runtime\\.(malloc|gc)", "runtime.mallocgc", 1},
	{"^runtime\\.(malloc|gc)", "my.runtime.gc", 0},
	{"b", "abc", 1},
	{"^\\s$", " ", 1},
	{"^\\s$", "\013", 0},
	{"^\\s$", "\014", 1},
	{"^\\s$", "\302\205", 0},
	{"^\\v$", "\013", 1},
	{"^\\v$", "\n", 0},
	{"^\\S$", "\013", 1},
	{"a$", "a", 1},
	{"a$", "a\n", 0},
	{"(?m)a$", "a\nb", 1},
	{"(?m)a$", "a\015\n", 0},
	{"(?m)^$", "a\n", 1},
	{"(?m)^$", "a", 0},
	{"(?m)^b", "a\nb", 1},
	{"^b", "a\nb", 0},
	{"a\\z", "a", 1},
	{"a\\z", "a\n", 0},
	{"(?m)a\\z", "a\n", 0},
	{"a.b", "a\nb", 0},
	{"a.b", "a\015b", 1},
	{"a.b", "a\342\200\250b", 1},
	{"(?s)a.b", "a\nb", 1},
	{"(?s:a.b)c.d", "a\nbc\nd", 0},
	{"(?s:a.b)c.d", "a\nbcxd", 1},
	{"[^a]", "\n", 1},
	{"(?U)^a+$", "aaa", 1},
	{"(?U)a+?b", "aab", 1},
	{"a{", "a{", 1},
	{"a{", "a", 0},
	{"^a{,5}$", "a{,5}", 1},
	{"^a{,5}$", "aaa", 0},
	{"^{a}$", "{a}", 1},
	{"^a{1$", "a{1", 1},
	{"^a{01}$", "a{01}", 1},
	{"^a{01}$", "a", 0},
	{"^a{2}?$", "aa", 1},
	{"^a{0}$", "", 1},
	{"^a{0}$", "a", 0},
	{"^a{2,3}$", "a", 0},
	{"^a{2,3}$", "aaa", 1},
	{"^a{2,3}$", "aaaa", 0},
	{"^(?:a{31}){32}$", "a", 0},
	{"^(a{0}b){2,}$", "bb", 1},
	{"^^*a$*", "a", 1},
	{"\\b+a", "a", 1},
	{"^a(?i)*$", "aaa", 1},
	{"^a(?i)*$", "A", 0},
	{"^a*(?i)*b$", "aaB", 1},
	{"^\\Qa.\\E*$", "a...", 1},
	{"^\\Qa.\\E*$", "ab", 0},
	{"\\Q*\\", "*\\", 1},
	{"^a*\\Q\\E+$", "aa", 1},
	{"\\Q(?=a)\\E", "(?=a)", 1},
	{"(?i)^k$", "K", 1},
	{"(?i)^k$", "\342\204\252", 1},
	{"(?i)^k$", "k", 1},
	{"(?i)^s$", "\305\277", 1},
	{"(?i)\303\237", "\341\272\236", 1},
	{"(?i)\303\237", "SS", 0},
	{"(?i)\316\243", "\317\202", 1},
	{"(?i)i", "\304\260", 0},
	{"(?i)i", "\304\261", 0},
	{"(?i)\316\220", "\316\220", 1},
	{"(?i)^[\357\254\205]$", "\357\254\206", 1},
	{"(?i)\\x{10d50}", "\360\220\265\260", 1},
	{"(?i)[^k]", "\342\204\252", 0},
	{"(?i)[^k]", "x", 1},
	{"(a(?i)b|c)d", "ABd", 0},
	{"(a(?i)b|c)d", "aBd", 1},
	{"(a(?i)b|c)d", "Cd", 1},
	{"(a(?i)b|c)d", "CD", 0},
	{"a(?i:b)c", "aBc", 1},
	{"a(?i:b)c", "aBC", 0},
	{"(?i)a(?-i)b", "Ab", 1},
	{"(?i)a(?-i)b", "AB", 0},
	{"(?i:a(?-i:b)c)d", "AbCd", 1},
	{"(?i:a(?-i:b)c)d", "ABCd", 0},
	{"(?i:a(?-i:b)c)d", "AbCD", 0},
	{"^\\w$", "\303\251", 0},
	{"^\\w$", "_", 1},
	{"^\\w$", "\342\204\252", 0},
	{"(?i)^\\w$", "\342\204\252", 1},
	{"(?i)^\\w$", "\305\277", 1},
	{"(?i)^\\w$", "\303\251", 0},
	{"(?i)^\\W$", "\342\204\252", 0},
	{"(?i)^\\W$", "-", 1},
	{"(?i)^[\\Wk]$", "\342\204\252", 1},
	{"(?i)^[\\Wk]$", "\305\277", 0},
	{"^\\d$", "\331\243", 0},
	{"\303\251\\b", "\303\251", 0},
	{"\303\251\\b", "\303\251a", 1},
	{"\\Ba", "ba", 1},
	{"\\Ba", "a", 0},
	{"^[[:word:]]+$", "a_9", 1},
	{"^[[:word:]]+$", "\303\251", 0},
	{"^[[:^alpha:]]$", "1", 1},
	{"^[[:^alpha:]]$", "a", 0},
	{"^[[:^alpha:]]$", "\303\251", 1},
	{"(?i)^[[:upper:]]$", "a", 1},
	{"(?i)^[[:upper:]]$", "\305\277", 1},
	{"(?i)^[[:upper:]]$", "1", 0},
	{"^[[:space:]]$", "\013", 1},
	{"^[^[:^digit:]x]$", "1", 1},
	{"^[^[:^digit:]x]$", "x", 0},
	{"^[^[:^digit:]x]$", "a", 0},
	{"^[[:alpha]$", ":", 1},
	{"^[[:alpha]$", "b", 0},
	{"^[[:alpha]$", "[", 1},
	{"^[]a]$", "]", 1},
	{"^[]a]$", "a", 1},
	{"^[^]a]$", "b", 1},
	{"^[^]a]$", "]", 0},
	{"^[a-]$", "-", 1},
	{"^[-a]$", "-", 1},
	{"^[\\d-z]$", "-", 1},
	{"^[\\d-z]$", "5", 1},
	{"^[\\d-z]$", "m", 0},
	{"^[--0]$", ".", 1},
	{"^[--0]$", "+", 0},
	{"^[\\]\\-\\\\]$", "\\", 1},
	{"^[\\]\\-\\\\]$", "-", 1},
	{"^[[a]$", "[", 1},
	{"^[a&&b]$", "&", 1},
	{"^[\\x{41}-\\103\\t]$", "C", 1},
	{"^[\\x{41}-\\103\\t]$", "\011", 1},
	{"^[^\\x00-\\x{10FFFF}]", "a", 0},
	{"^\\pL$", "\303\251", 1},
	{"^\\pL$", "1", 0},
	{"^\\p{Greek}$", "\316\261", 1},
	{"^\\p{Greek}$", "a", 0},
	{"^\\p{^Greek}$", "a", 1},
	{"^\\P{Greek}$", "\316\261", 0},
	{"^\\P{^Greek}$", "\316\261", 1},
	{"^\\p{old italic}$", "\360\220\214\200", 1},
	{"^\\p{Garay}$", "\360\220\265\220", 1},
	{"^\\P{Kawi}$", "\360\221\274\204", 0},
	{"^\\p{Lu}$", "a", 0},
	{"^\\p{Lu}$", "A", 1},
	{"(?i)^\\p{Lu}$", "a", 1},
	{"(?i)^\\p{Lu}$", "\304\270", 0},
	{"(?i)^\\p{Lu}$", "\302\252", 0},
	{"(?i)^[^\\p{Ll}]$", "A", 0},
	{"(?i)^[^\\p{Ll}]$", "1", 1},
	{"(?i)^[\\P{Lu}k]$", "\342\204\252", 1},
	{"(?i)^[\\P{Lu}k]$", "a", 0},
	{"(?i)^[\\P{Lu}k]$", "1", 1},
	{"^\\p{Common}$", "\341\263\220", 0},
	{"^\\p{Common}$", "1", 1},
	{"^\\p{Cn}$", "\360\237\253\251", 0},
	{"^\\p{Cn}$", "\315\270", 1},
	{"^\\p{Lo}$", "\312\225", 1},
	{"^\\p{Lo}$", "\360\262\216\260", 1},
	{"^[^\\p{Cn}]$", "\360\237\253\251", 1},
	{"^\\p{Any}\\P{Any}?$", "a", 1},
	{"^\\p{Uppercase_Letter}$", "A", 1},
	{"(?i)^\\p{ascii}$", "\305\277", 1},
	{"(?i)^\\p{ascii}$", "\303\251", 0},
	{"^\\p{LC}$", "\307\205", 1},
	{"^\\p{LC}$", "\302\252", 0},
	{"^\\p{Assigned}$", "a", 1},
	{"^\\x41\\x{42}\\103\\a?\\f?$", "ABC", 1},
	{"^\\x{10FFFF}$", "\364\217\277\277", 1},
	{"^\\08$", "8", 0},
	{"^\\.\\_\\-\\\"\\<\\ $", "._-\"< ", 1},
	{"\\x{d800}", "x", 0},
	{"^\\777$", "\307\277", 1},
	{"(?P<n>a)(?<n>b)", "ab", 1},
	{"(?P<1>a)(?<a_very_long_name_of_more_than_32_chars>b)", "ab", 1},
	{"(?)a(?:)", "a", 1},
	{"(?i-s:A.)", "ab", 1},
	{"(?i-s:A.)", "a\n", 0},
	{"()", "", 1},
	{"a||b", "", 1},
	{"^(?:|a)+$", "aaa", 1},
	{"^(|a)*b$", "aab", 1},
	{"x]}", "x]}", 1},
	{"#a b", "#a b", 1},
	{"#a b", "#ab", 0},
	{"^~/%&,;:@!'=<>$", "~/%&,;:@!'=<>", 1},
};

static void test_matches(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(matches); i++) {
		struct prof_err e = {0};
		int rc = ask(
			matches[i].pattern, matches[i].subject, strlen(matches[i].subject), &e);

		if (rc != matches[i].expected)
			fail_msg("row %zu: \"%s\" on \"%s\": %d %s", i, matches[i].pattern,
				matches[i].subject, rc, e.msg);
	}
}

static const struct {
	const char *pattern, *why; /* NULL: any */
} refused[] = {
	{"a(?=b)", "look-ahead"},
	{"a(?!b)", "look-ahead"},
	{"(?<=a)b", "look-behind"},
	{"(?<!a)b", "look-behind"},
	{"(a)\\1", "back-ref"},
	{"(?P<n>a)\\k<n>", "back-ref"},
	{"\\g1", "back-ref"},
	{"(?P<n>a)(?P=n)", "back-ref"},
	{"a*+", "possessive"},
	{"a++", "possessive"},
	{"a?+", "possessive"},
	{"a{2}+", "possessive"},
	{"a**", "doubled"},
	{"a*{2}", "doubled"},
	{"a{2}{3}", "doubled"},
	{"a*?\?", NULL},
	{"(?>a)", "atomic"},
	{"(*FAIL)", "verbs"},
	{"(?(1)a)", "conditional"},
	{"(?R)", "recursion"},
	{"(?1)", "recursion"},
	{"(?&n)", "recursion"},
	{"(?P>n)", "recursion"},
	{"(?#c)", "comments"},
	{"(?|a)", "branch"},
	{"a{1001}", "count"},
	{"a{1,1001}", "count"},
	{"a{2,1}", "count"},
	{"a{99999999999999}", "count"},
	{"((a{100}){10}){2}", "1000"},
	{"(?:a{2,}b{501}){2}", "1000"},
	{"*a", "nothing to repeat"},
	{"(+a)", "nothing to repeat"},
	{"a|?", "nothing to repeat"},
	{"(?i)*", "nothing to repeat"},
	{"{2}", NULL},
	{"\\Q\\E*", NULL},
	{"(a", NULL},
	{"a)", "unexpected )"},
	{"[a", "missing ]"},
	{"[]", "missing ]"},
	{"[^]", NULL},
	{"[z-a]", "range"},
	{"[a-\\d]", NULL},
	{"[[:foo:]]", "unknown class"},
	{"[[:d:]]", NULL},
	{"[[::]]", NULL},
	{"[\\b]", "escape"},
	{"[\\Qa\\E]", "escape"},
	{"\\Z", "escape"},
	{"\\G", "escape"},
	{"\\K", "escape"},
	{"\\R", "escape"},
	{"\\X", "escape"},
	{"\\h", "escape"},
	{"\\H", "escape"},
	{"\\N", "escape"},
	{"\\e", "escape"},
	{"\\cA", "escape"},
	{"\\C", "escape"},
	{"\\E", "escape"},
	{"\\u0041", "escape"},
	{"\\\303\251", "escape"},
	{"\\8", NULL},
	{"a\\", "trailing"},
	{"\\x", "escape"},
	{"\\x4", "escape"},
	{"\\x{}", "escape"},
	{"\\x{110000}", "escape"},
	{"\\x{4", "escape"},
	{"\\p", NULL},
	{"\\p{", NULL},
	{"\\p{}", NULL},
	{"\\p{Foo}", "Unicode class"},
	{"\\p{Grek}", NULL},
	{"\\p{L&}", NULL},
	{"\\p{Alphabetic}", NULL},
	{"(?x)a", "flags"},
	{"(?i-)", NULL},
	{"(?-)", NULL},
	{"(?i", NULL},
	{"(?P<>a)", "name"},
	{"(?P<a b>c)", "name"},
	{"(?P<a", "name"},
	{"(?<\303\251>a)", "name"},
	{"(?'n'a)", "name"},
	{"\377", "invalid UTF-8"},
	{"[\355\240\200]", "invalid UTF-8"},
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct prof_err e = {0};
		int rc = ask(refused[i].pattern, "", 0, &e);

		if (rc != PROF_EUSAGE || strncmp(e.msg, "expression \"", 12) != 0 ||
			strchr(e.msg, '\n') || (refused[i].why && !strstr(e.msg, refused[i].why)))
			fail_msg("row %zu: \"%s\": %d %s", i, refused[i].pattern, rc, e.msg);
	}
}

static void test_message(void **state)
{
	struct prof_err e = {0};

	(void)state;
	assert_int_equal(ask("a(?=b)", "", 0, &e), PROF_EUSAGE);
	assert_string_equal(e.msg, "expression \"a(?=b)\": look-ahead is not supported");
	e = (struct prof_err){0};
	assert_int_equal(ask("a\n\xff", "", 0, &e), PROF_EUSAGE);
	assert_string_equal(e.msg, "expression \"a\\x0a\\xff\": invalid UTF-8");
}

/* Strings are bytes: NUL is a character, each invalid byte is one U+FFFD. */
static void test_bytes(void **state)
{
	struct prof_err e = {0};

	(void)state;
	assert_int_equal(ask("^a\\x00b$", "a\0b", 3, &e), 1);
	assert_int_equal(ask("^a..b$",
				 "a\xc3\x28"
				 "b",
				 4, &e),
		1);
	assert_int_equal(ask("^\\x{fffd}{3}$", "\xed\xa0\x80", 3, &e), 1);
	assert_int_equal(ask("^.$", "\xc3\xa9", 2, &e), 1);
	assert_int_equal(ask("^[^a]{4}$", "\xf4\x90\x80\x80", 4, &e), 1);
	assert_int_equal(ask("^$", NULL, 0, &e), 1);
	assert_int_equal(e.code, 0);
}

/* Repeats s n times, closes with `end` n times: the caller frees. */
static char *nested(const char *s, const char *end, size_t n)
{
	char *p = calloc(n, strlen(s) + strlen(end) + 1);

	assert_non_null(p);
	for (size_t i = 0; i < n; i++)
		strcat(p + i * strlen(s), s);
	for (size_t i = 0; i < n; i++)
		strcat(p + n * strlen(s) + i * strlen(end), end);
	return p;
}

static void test_nesting(void **state)
{
	static const struct {
		const char *s, *end;
		size_t n;
		int expected;
	} rows[] = {
		{"(", ")", 999, 1},
		{"(", ")", 1000, PROF_EUSAGE},
		{"(", ")*", 499, 1},
		{"(", ")*", 500, PROF_EUSAGE},
		{"(?:", ")*", 999, 1},
		{"(?:", ")*", 1000, PROF_EUSAGE},
		{"(?:a|bc", ")", 499, 0},
		{"(?:a|bc", ")", 501, PROF_EUSAGE},
		{"(?:", ")", 1000, 1},
		{"(?:", ")", 100000, PROF_EUSAGE},
		{"(", "", 100000, PROF_EUSAGE},
		{"|", "", 12345, 1},
		{"a(?i)*(?-i)?", "", 400, 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct prof_err e = {0};
		char *p = nested(rows[i].s, rows[i].end, rows[i].n);
		int rc = ask(p, "", 0, &e);

		free(p);
		if (rc != rows[i].expected)
			fail_msg("row %zu: %d %s", i, rc, e.msg);
	}
}

/* Backtracking without end goes to the other matcher; what PCRE2 cannot hold is a limit. */
static void test_limits(void **state)
{
	struct prof_err e = {0};
	char s[4000], *p;

	(void)state;
	memset(s, 'a', sizeof(s));
	assert_int_equal(ask("^(a*)*b$", s, 200, &e), 0);
	assert_int_equal(ask("^(a|aa)+$", s, 201, &e), 1);
	assert_int_equal(ask("(a|aa)+$b|x", s, sizeof(s), &e), 0);
	assert_int_equal(ask("(a|a?)*c", s, sizeof(s), &e), 0);
	assert_int_equal(ask("(x+x+)+y|(?m)a$", s, sizeof(s), &e), 1);
	assert_int_equal(e.code, 0);
	p = nested("(?:ab?c?d?e?f?g?h?){1000}", "", 100);
	assert_int_equal(ask(p, s, 10, &e), PROF_ELIMIT);
	free(p);
	assert_int_equal(e.code, PROF_ELIMIT);
}

static void test_translation(void **state)
{
	struct prof_err e = {0};
	char *out = NULL;

	(void)state;
	assert_int_equal(prof_re2_translate("(?P<n>a)\\s{,2}\0.", 16, &out, &e), 0);
	assert_string_equal(out, "(?<n>a)[\\x{9}\\x{a}\\x{c}\\x{d}\\x{20}]\\{\\,2\\}\\x{0}\\N");
	free(out);
	out = NULL;
	assert_int_equal(prof_re2_translate("(", 1, &out, &e), PROF_EUSAGE);
	assert_null(out);
	prof_regex_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matches),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_nesting),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_translation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
