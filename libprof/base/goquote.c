#include "libprof/base/goquote.h"

#include <string.h>

#include "libprof/base/escape.h"

/* Characters from U+0080 on that Go does not take for printable: controls, blanks but for the
 * ASCII one, marks of direction, and what is for private use.
 */
static bool is_printable(uint32_t c)
{
	static const uint32_t ranges[][2] = {{0x80, 0xa0}, {0xad, 0xad}, {0x600, 0x605},
		{0x61c, 0x61c}, {0x6dd, 0x6dd}, {0x70f, 0x70f}, {0x1680, 0x1680}, {0x180e, 0x180e},
		{0x2000, 0x200f}, {0x2028, 0x202f}, {0x205f, 0x206f}, {0x3000, 0x3000},
		{0xd800, 0xf8ff}, {0xfeff, 0xfeff}, {0xfff0, 0xfffb}, {0xfffe, 0xffff},
		{0xe0000, 0xe007f}, {0xf0000, 0x10ffff}};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return false;
	return true;
}

static void put_ascii(struct prof_buf *b, char c)
{
	static const char from[] = "\a\b\f\n\r\t\v\\\"", to[] = "abfnrtv\\\"";
	const char *at = c ? strchr(from, c) : NULL;

	if (at) {
		prof_buf_char(b, '\\');
		prof_buf_char(b, to[at - from]);
	} else if (c < 0x20 || c == 0x7f) {
		prof_buf_printf(b, "\\x%02x", (unsigned)(unsigned char)c);
	} else {
		prof_buf_char(b, c);
	}
}

void prof_buf_go_quote(struct prof_buf *b, struct prof_str s)
{
	prof_buf_char(b, '"');
	for (uint32_t i = 0; i < s.len;) {
		uint32_t c = 0;
		unsigned n;

		if ((unsigned char)s.p[i] < 0x80) {
			put_ascii(b, s.p[i++]);
			continue;
		}
		n = prof_utf8_at(s.p + i, s.len - i, &c);
		if (!n)
			prof_buf_printf(b, "\\x%02x", (unsigned)(unsigned char)s.p[i]);
		else if (is_printable(c))
			prof_buf_put(b, s.p + i, n);
		else
			prof_buf_printf(b, c < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned)c);
		i += n ? n : 1;
	}
	prof_buf_char(b, '"');
}
