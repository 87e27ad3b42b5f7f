#include "tests/unit/unit.h"

#include "libprof/base/escape.h"

#define REPLACED "\xef\xbf\xbd"

struct row {
	const char *in;
	uint32_t n; /* 0: to the NUL */
	const char *out;
};

static struct prof_str str_of(const struct row *r)
{
	return (struct prof_str){r->in, r->n ? r->n : (uint32_t)strlen(r->in)};
}

static const struct row json[] = {
	{"", 0, "\"\""},
	{"main.main", 0, "\"main.main\""},
	{"say \"hi\"\\", 0, "\"say \\\"hi\\\"\\\\\""},
	{"\b\f\n\r\t", 0, "\"\\b\\f\\n\\r\\t\""},
	{"\x01\x1f\x7f", 0, "\"\\u0001\\u001f\\u007f\""},
	{"a\0b", 3, "\"a\\u0000b\""},
	{"h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", 0,
		"\"h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\""},
	{"</script>", 0, "\"</script>\""},
	{"\xff", 0, "\"" REPLACED "\""},
	{"a\x80\x80z", 0, "\"a" REPLACED REPLACED "z\""},
	{"\xc3", 0, "\"" REPLACED "\""}, /* cut */
	{"\xe2\x82", 0, "\"" REPLACED REPLACED "\""},
	{"\xc0\xaf", 0, "\"" REPLACED REPLACED "\""}, /* longer than need be */
	{"\xe0\x80\xaf", 0, "\"" REPLACED REPLACED REPLACED "\""},
	{"\xf0\x80\x80\xaf", 0, "\"" REPLACED REPLACED REPLACED REPLACED "\""},
	{"\xed\xa0\x80", 0, "\"" REPLACED REPLACED REPLACED "\""}, /* a surrogate */
	{"\xf4\x90\x80\x80", 0, "\"" REPLACED REPLACED REPLACED REPLACED "\""},
	{"\xf5\x80\x80\x80", 0, "\"" REPLACED REPLACED REPLACED REPLACED "\""},
	{"\xc3\x28", 0, "\"" REPLACED "(\""},
	{"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf", 0,
		"\"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\""},
};

static const struct row plain[] = {
	{"", 0, ""},
	{"main.(*T).run \"x\" \\", 0, "main.(*T).run \"x\" \\"},
	{"\x1b[31mred", 0, "\\x1b[31mred"},
	{"a\nb\r\t", 0, "a\\x0ab\\x0d\\x09"},
	{"a\0b", 3, "a\\x00b"},
	{"\x7f", 0, "\\x7f"},
	{"\xc2\x9b"
	 "2J",
		0, "\\u{9b}2J"}, /* C1: CSI in one character */
	{"\xc2\xa0", 0, "\xc2\xa0"},
	{"\xe2\x80\x8b\xe2\x80\x8f", 0, "\\u{200b}\\u{200f}"},
	{"\xe2\x80\x90", 0, "\xe2\x80\x90"},
	{"\xe2\x80\xaa\xe2\x80\xae", 0, "\\u{202a}\\u{202e}"},
	{"\xe2\x81\xa0\xe2\x81\xa9", 0, "\\u{2060}\\u{2069}"},
	{"\xef\xbb\xbfx", 0, "\\u{feff}x"},
	{"\xff\xc3", 0, "\\xff\\xc3"},
	{"\xed\xa0\x80", 0, "\\xed\\xa0\\x80"},
	{"h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 0, "h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
};

/* What Markdown makes of these was looked at with cmark-gfm. */
static const struct row md_code[] = {
	{"", 0, ""},
	{"main.(*T).run", 0, "`main.(*T).run`"},
	{"@you #1 <b> </details> -->", 0, "`@you #1 <b> </details> -->`"},
	{"a\nb", 0, "`a\\x0ab`"},
	{"a|b", 0, "<code>a&#124;b</code>"},
	{"a`b", 0, "<code>a&#96;b</code>"},
	{"|h\xc3\xa9_\xff\n`", 0, "<code>&#124;h\xc3\xa9&#95;\\xff\\x0a&#96;</code>"},
	{"<i>*x*\\|", 0, "<code>&#60;i&#62;&#42;x&#42;&#92;&#124;</code>"},
};

static const struct row md_prose[] = {
	{"", 0, ""},
	{"cpu: 3.09s → 3.49s, +0.40s (+12.9%)", 0, "cpu: 3.09s → 3.49s, +0.40s (+12.9%)"},
	{"alloc_space of *all*", 0, "`alloc_space` of `*all*`"},
	{"a  b ", 0, "a  b"},
	{"@you #1 GH-1 www.x.y http://x a|b", 0,
		"`@you` `#1` `GH-1` `www.x.y` `http://x` <code>a&#124;b</code>"},
	{"a\x1b[b \xe2\x80\xae", 0, "`a\\x1b[b` \\u{202e}"},
	{"a\0b", 3, "`a\\x00b`"},
};

static void json_strings(void **state)
{
	struct prof_buf b;

	(void)state;
	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; i < COUNT(json); i++) {
		prof_buf_json(&b, str_of(&json[i]));
		assert_buf(&b, json[i].out);
	}
	prof_buf_fini(&b);
}

static size_t characters(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

static void plain_text_and_its_width(void **state)
{
	struct prof_buf b;

	(void)state;
	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; i < COUNT(plain); i++) {
		prof_buf_plain(&b, str_of(&plain[i]));
		assert_buf(&b, plain[i].out);
		assert_int_equal(prof_plain_width(str_of(&plain[i])), characters(plain[i].out));
	}
	prof_buf_fini(&b);
}

static void markdown(void **state)
{
	struct prof_buf b;

	(void)state;
	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; i < COUNT(md_code); i++) {
		prof_buf_md_code(&b, str_of(&md_code[i]));
		assert_buf(&b, md_code[i].out);
	}
	for (size_t i = 0; i < COUNT(md_prose); i++) {
		prof_buf_md_prose(&b, str_of(&md_prose[i]));
		assert_buf(&b, md_prose[i].out);
	}
	prof_buf_fini(&b);
}

/* Whatever the bytes, plain text has no control character and is UTF-8; so is JSON, and Markdown.
 */
static void nothing_unsafe_comes_out(void **state)
{
	struct prof_buf b;
	unsigned seed = 1;

	(void)state;
	prof_buf_init(&b, NULL, NULL);
	for (int round = 0; round < 20000; round++) {
		char in[8];
		uint32_t c;

		for (size_t i = 0; i < sizeof(in); i++) {
			seed = seed * 1103515245 + 12345;
			in[i] = (char)(seed >> 16 | (seed >> 8 & 0x80));
		}
		b.n = 0;
		prof_buf_plain(&b, (struct prof_str){in, sizeof(in)});
		prof_buf_json(&b, (struct prof_str){in, sizeof(in)});
		prof_buf_md_code(&b, (struct prof_str){in, sizeof(in)});
		prof_buf_md_prose(&b, (struct prof_str){in, sizeof(in)});
		for (size_t i = 0; i < b.n;) {
			unsigned n = prof_utf8_at(b.p + i, b.n - i, &c);

			assert_int_not_equal(n, 0);
			assert_true(c >= 0x20 && c != 0x7f);
			i += n;
		}
	}
	prof_buf_fini(&b);
}

static void markup_and_script_take_any_text(void **state)
{
	static const char odd[] =
		"<a href=\"x\">&'\\</script>\x1b\xe2\x80\xae\xe2\x80\xa8\xff\xef\xbf\xbe";
	struct prof_buf b;

	(void)state;
	prof_buf_init(&b, NULL, NULL);
	prof_buf_xml(&b, prof_str_of(odd));
	assert_buf(&b, "&lt;a href=&quot;x&quot;&gt;&amp;&#39;\\&lt;/script&gt;\\x1b\\u{202e}"
		       "\\u{2028}\\xff\\u{fffe}");
	prof_buf_script(&b, prof_str_of(odd));
	assert_buf(&b, "\"\\u003ca href=\\\"x\\\"\\u003e\\u0026\\u0027\\\\\\u003c/script\\u003e"
		       "\\\\x1b\\\\u{202e}\\\\u{2028}\\\\xff\\\\u{fffe}\"");
	prof_buf_fini(&b);
}

static void characters_are_decoded(void **state)
{
	static const struct {
		const char *p;
		unsigned n;
		uint32_t c;
	} rows[] = {{"A", 1, 'A'}, {"\xc2\x80", 2, 0x80}, {"\xdf\xbf", 2, 0x7ff},
		{"\xe0\xa0\x80", 3, 0x800}, {"\xef\xbf\xbf", 3, 0xffff},
		{"\xf0\x90\x80\x80", 4, 0x10000}, {"\xf4\x8f\xbf\xbf", 4, 0x10ffff}};
	uint32_t c = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(prof_utf8_at(rows[i].p, rows[i].n, &c), rows[i].n);
		assert_int_equal(c, rows[i].c);
		assert_int_equal(prof_utf8_at(rows[i].p, rows[i].n - 1, &c), 0);
	}
	assert_int_equal(prof_utf8_at("\xc1\x80", 2, &c), 0);
	assert_int_equal(prof_utf8_at("\x80", 1, &c), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_strings),
		cmocka_unit_test(plain_text_and_its_width),
		cmocka_unit_test(markdown),
		cmocka_unit_test(nothing_unsafe_comes_out),
		cmocka_unit_test(markup_and_script_take_any_text),
		cmocka_unit_test(characters_are_decoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
