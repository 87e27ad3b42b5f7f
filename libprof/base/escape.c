#include "libprof/base/escape.h"

#include <stdio.h>

unsigned prof_utf8_at(const char *p, size_t len, uint32_t *c)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *u = (const unsigned char *)p;
	unsigned n;

	if (!len)
		return 0;
	if (u[0] < 0x80) {
		*c = u[0];
		return 1;
	}
	n = u[0] >= 0xf0 && u[0] <= 0xf4  ? 4
	    : u[0] >= 0xe0 && u[0] < 0xf0 ? 3
	    : u[0] >= 0xc2 && u[0] < 0xe0 ? 2
					  : 0;
	if (!n || n > len)
		return 0;
	*c = u[0] & (0xffu >> (n + 1));
	for (unsigned i = 1; i < n; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (u[i] & 0x3f);
	}
	if (*c < least[n] || *c > 0x10ffff || (*c >= 0xd800 && *c < 0xe000))
		return 0;
	return n;
}

static void json_control(struct prof_buf *b, uint32_t c)
{
	static const char short_forms[] = "\bb\ff\nn\rr\tt\"\"\\\\";

	for (const char *f = short_forms; *f; f += 2) {
		if ((uint32_t)*f == c) {
			prof_buf_char(b, '\\');
			prof_buf_char(b, f[1]);
			return;
		}
	}
	prof_buf_printf(b, "\\u%04x", c);
}

void prof_buf_json(struct prof_buf *b, struct prof_str s)
{
	uint32_t c, done = 0;

	prof_buf_char(b, '"');
	for (uint32_t i = 0; i < s.len;) {
		unsigned n = prof_utf8_at(s.p + i, s.len - i, &c);

		if (n && c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) {
			i += n;
			continue;
		}
		prof_buf_put(b, s.p + done, i - done);
		if (n)
			json_control(b, c);
		else
			prof_buf_str(b, "\xef\xbf\xbd");
		i += n ? n : 1;
		done = i;
	}
	prof_buf_put(b, s.p + done, s.len - done);
	prof_buf_char(b, '"');
}

static bool unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) || c == 0x61c ||
	       c == 0xfeff;
}

/* How a syntax writes what it does not take as it is. */
struct syntax {
	const char *special; /* ASCII characters … */
	const char *const *text; /* … and what stands for each of them */
	const char *backslash; /* of what is shown as \xNN */
	bool xml;
};

/* Text that is safe to look at, written in a syntax. */
static void put_shown(struct prof_buf *b, struct prof_str s, const struct syntax *x)
{
	uint32_t c, done = 0;

	for (uint32_t i = 0; i < s.len;) {
		unsigned n = prof_utf8_at(s.p + i, s.len - i, &c);
		bool shown = !n || unsafe(c) || (x->xml && (c == 0xfffe || c == 0xffff));
		const char *special = shown || c >= 0x80 ? NULL : strchr(x->special, (int)c);

		if (!shown && !special) {
			i += n;
			continue;
		}
		prof_buf_put(b, s.p + done, i - done);
		if (special)
			prof_buf_str(b, x->text[special - x->special]);
		else if (n > 1)
			prof_buf_printf(b, "%su{%x}", x->backslash, c);
		else
			prof_buf_printf(b, "%sx%02x", x->backslash, (unsigned char)s.p[i]);
		i += n ? n : 1;
		done = i;
	}
	if (done < s.len)
		prof_buf_put(b, s.p + done, s.len - done);
}

void prof_buf_plain(struct prof_buf *b, struct prof_str s)
{
	static const struct syntax plain = {.special = "", .backslash = "\\"};

	put_shown(b, s, &plain);
}

void prof_buf_xml(struct prof_buf *b, struct prof_str s)
{
	static const char *const text[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&#39;"};
	static const struct syntax xml = {"<>&\"'", text, "\\", true};

	put_shown(b, s, &xml);
}

void prof_buf_script(struct prof_buf *b, struct prof_str s)
{
	static const char *const text[] = {
		"\\u003c", "\\u003e", "\\u0026", "\\u0027", "\\\"", "\\\\"};
	static const struct syntax script = {"<>&'\"\\", text, "\\\\", true};

	prof_buf_char(b, '"');
	put_shown(b, s, &script);
	prof_buf_char(b, '"');
}

static bool is_word(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Whether what graphviz takes for a reference to a character stands at p. */
static bool is_reference(const char *p, size_t len)
{
	size_t i = 1;

	if (len > 1 && p[1] == '#')
		i++;
	while (i < len && is_word((unsigned char)p[i]))
		i++;
	return i > 1 && i < len && p[i] == ';';
}

void prof_buf_dot(struct prof_buf *b, struct prof_str s)
{
	uint32_t c, n = 0;

	for (uint32_t i = 0; i < s.len; i += n ? n : 1) {
		n = prof_utf8_at(s.p + i, s.len - i, &c);
		if (n == 1 && (c == '"' || c == '\\')) {
			prof_buf_char(b, '\\');
			prof_buf_char(b, (char)c);
		} else if (n == 1 && c == '\n') {
			prof_buf_str(b, "\\l");
		} else if (n == 1 && c == '&' && is_reference(s.p + i, s.len - i)) {
			prof_buf_str(b, "&amp;");
		} else if (n && !unsafe(c)) {
			prof_buf_put(b, s.p + i, n);
		} else {
			prof_buf_char(b, '\\'); /* before the backslash of what follows */
			prof_buf_plain(b, (struct prof_str){s.p + i, n ? n : 1});
		}
	}
}

/* A code span knows no escapes, and a '|' in one would still end a table's cell. What holds one of
 * the two is HTML's, with all punctuation as references.
 */
void prof_buf_md_code(struct prof_buf *b, struct prof_str s)
{
	uint32_t done = 0;

	if (!s.len)
		return;
	if (!memchr(s.p, '`', s.len) && !memchr(s.p, '|', s.len)) {
		prof_buf_char(b, '`');
		prof_buf_plain(b, s);
		prof_buf_char(b, '`');
		return;
	}
	prof_buf_str(b, "<code>");
	for (uint32_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c >= 0x7f || is_word(c))
			continue;
		prof_buf_plain(b, (struct prof_str){s.p + done, i - done});
		prof_buf_printf(b, "&#%u;", c);
		done = i + 1;
	}
	prof_buf_plain(b, (struct prof_str){s.p + done, s.len - done});
	prof_buf_str(b, "</code>");
}

static bool is_prose(struct prof_str word)
{
	for (uint32_t i = 0; i < word.len; i++) {
		unsigned char c = (unsigned char)word.p[i];

		if (c < 0x80 && !is_word(c) && !(c && strchr(".,:;()+-%'?", c)))
			return false;
	}
	return !prof_str_has_prefix(word, "www.") && !prof_str_has_prefix(word, "GH-");
}

void prof_buf_md_prose(struct prof_buf *b, struct prof_str s)
{
	for (uint32_t i = 0, end; i < s.len; i = end + 1) {
		struct prof_str word;

		for (end = i; end < s.len && s.p[end] != ' '; end++)
			;
		word = (struct prof_str){s.p + i, end - i};
		if (i)
			prof_buf_char(b, ' ');
		if (is_prose(word))
			prof_buf_plain(b, word);
		else
			prof_buf_md_code(b, word);
	}
}

size_t prof_plain_width(struct prof_str s)
{
	size_t width = 0;
	uint32_t c;

	for (uint32_t i = 0; i < s.len;) {
		unsigned n = prof_utf8_at(s.p + i, s.len - i, &c);

		if (n && !unsafe(c))
			width++;
		else if (n > 1)
			width += (size_t)snprintf(NULL, 0, "\\u{%x}", c);
		else
			width += 4;
		i += n ? n : 1;
	}
	return width;
}
