#include "libprof/read/dump_header.h"

#include <string.h>

#include "libprof/model/goroutine.h"

/* Decimal, which must fit 64 bits. */
static bool number(struct prof_text_line *l, uint64_t *v)
{
	int64_t n;

	if (l->p == l->end || !prof_text_is_digit(*l->p) || !prof_text_int(l, &n))
		return false;
	*v = (uint64_t)n;
	return true;
}

/* "gp=0x… m=nil mp=0x…" in front of the bracket. */
static bool machine(struct prof_text_line *l)
{
	static const char *const keys[] = {" gp=", " m=", " mp="};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!prof_text_take(l, keys[i]))
			continue;
		while (l->p < l->end && !prof_text_is_blank(*l->p))
			l->p++;
	}
	return prof_text_take(l, " [");
}

/* Moves l behind the brace that ends labels, quoted text passed over; false: there is none. */
static bool pass_labels(struct prof_text_line *l)
{
	bool quoted = false;

	for (; l->p < l->end; l->p++) {
		if (*l->p == '\\' && quoted && l->end - l->p > 1)
			l->p++;
		else if (*l->p == '"')
			quoted = !quoted;
		else if (*l->p == '}' && !quoted)
			return true;
	}
	return false;
}

static bool braces(struct prof_text_line *l, struct prof_dump_header *h)
{
	h->labels = *l;
	if (!pass_labels(l))
		return false;
	h->labels.end = l->p++;
	return true;
}

static bool ends_in(struct prof_str *s, const char *with)
{
	size_t n = strlen(with);

	if (s->len < n || memcmp(s->p + s->len - n, with, n) != 0)
		return false;
	s->len -= (uint32_t)n;
	return true;
}

static void status(struct prof_dump_header *h)
{
	static const struct {
		const char *text;
		unsigned flag;
	} marks[] = {{" (leaked)", PROF_G_LEAKED}, {" (scan)", PROF_G_SCAN},
		{" (durable)", PROF_G_DURABLE}, {" (synctest)", PROF_G_DURABLE}};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (ends_in(&h->status, marks[i].text)) {
			h->flags |= marks[i].flag;
			i = (size_t)-1; /* from the start: they stand in any order */
		}
	if (h->status.len == 6 && memcmp(h->status.p, "leaked", 6) == 0)
		h->flags |= PROF_G_LEAKED;
}

/* One of the parts behind the status, `l` covering just it. */
static void part(struct prof_text_line l, struct prof_dump_header *h)
{
	uint64_t n;

	if (number(&l, &n)) {
		if (prof_text_take(&l, " minute"))
			h->minutes = n < INT32_MAX ? (int32_t)n : INT32_MAX;
	} else if (prof_text_starts(&l, "locked to thread")) {
		h->flags |= PROF_G_LOCKED;
	} else if (prof_text_take(&l, "synctest bubble ") ||
		   prof_text_take(&l, "synctest group ")) {
		if (number(&l, &n))
			h->bubble = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
	}
}

/* What is in the brackets; l is then behind them. */
static bool brackets(struct prof_text_line *l, struct prof_dump_header *h)
{
	struct prof_text_line piece = *l;
	bool first = true;

	for (; l->p < l->end; l->p++) {
		bool labels = prof_text_starts(l, " labels:{");

		if (*l->p != ']' && *l->p != ',' && !labels)
			continue;
		piece.end = l->p;
		if (first)
			h->status = (struct prof_str){piece.p, (uint32_t)(piece.end - piece.p)};
		else
			part(piece, h);
		first = false;
		if (labels) {
			l->p += strlen(" labels:{");
			if (!braces(l, h))
				return false;
		}
		if (l->p == l->end)
			return false;
		if (*l->p == ']') {
			l->p++;
			return h->status.len > 0;
		}
		if (!prof_text_starts(l, ", "))
			return false;
		piece.p = l->p + 2;
	}
	return false;
}

static bool header_at(struct prof_text_line l, struct prof_dump_header *h)
{
	*h = (struct prof_dump_header){.start = l.p};
	if (!prof_text_take(&l, "goroutine ") || !number(&l, &h->id) || !machine(&l) ||
		!brackets(&l, h))
		return false;
	if (prof_text_take(&l, " {") && !braces(&l, h))
		return false;
	if (!prof_text_take(&l, ":") || !prof_text_ended(&l))
		return false;
	status(h);
	return true;
}

bool prof_dump_header(const struct prof_text_line *l, struct prof_dump_header *h)
{
	struct prof_text_line s = *l;

	/* One candidate only: a line in which the first is none has none. */
	while (s.p < s.end && (s.p = memchr(s.p, 'g', (size_t)(s.end - s.p)))) {
		if (prof_text_starts(&s, "goroutine ") && s.end - s.p > 10 &&
			prof_text_is_digit(s.p[10]))
			return header_at(s, h);
		s.p++;
	}
	return false;
}

static int put(struct prof_mem *mem, struct prof_dump_chars *chars, const char *p, size_t n,
	struct prof_err *e)
{
	int rc = prof_vec_reserve(mem, &chars->v, n + 1, e);

	if (rc)
		return rc;
	memcpy(chars->v.v + chars->v.n, p, n);
	chars->v.n += n;
	return 0;
}

static size_t utf8(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* `digits` hexadecimal ones. */
static bool hex(struct prof_text_line *l, unsigned digits, uint32_t *c)
{
	struct prof_text_line s = *l;
	uint64_t v;

	if (s.end - s.p < (ptrdiff_t)digits)
		return false;
	s.end = s.p + digits;
	if (!prof_text_hex(&s, &v) || s.p != s.end || v > 0x10ffff)
		return false;
	*c = (uint32_t)v;
	l->p = s.p;
	return true;
}

int prof_dump_unescape(struct prof_text_line *l, struct prof_mem *mem,
	struct prof_dump_chars *chars, struct prof_err *e)
{
	static const char from[] = "nrtabfv", to[] = "\n\r\t\a\b\f\v";
	char c = *l->p++, out[4];
	const char *known;
	uint32_t code = 0, low;

	if (c != '\\' || l->p == l->end)
		return put(mem, chars, &c, 1, e);
	c = *l->p++;
	known = c ? strchr(from, c) : NULL;
	if (known)
		return put(mem, chars, &to[known - from], 1, e);
	if (c == 'x' && hex(l, 2, &code)) {
		c = (char)code;
		return put(mem, chars, &c, 1, e);
	}
	if ((c == 'u' && hex(l, 4, &code)) || (c == 'U' && hex(l, 8, &code))) {
		/* JSON has characters past the first 65536 as two halves. */
		if (code >= 0xd800 && code < 0xdc00 && prof_text_take(l, "\\u") && hex(l, 4, &low))
			code = 0x10000 + ((code & 0x3ff) << 10 | (low & 0x3ff));
		return put(mem, chars, out, utf8(code, out), e);
	}
	return put(mem, chars, &c, 1, e);
}

/* A key or a value: in quotes, or up to what ends it. */
static int word(struct prof_text_line *l, const char *ends, struct prof_mem *mem,
	struct prof_dump_chars *chars, struct prof_err *e)
{
	int rc = 0;

	if (!prof_text_take(l, "\"")) {
		const char *from = l->p;

		while (l->p < l->end && !strchr(ends, *l->p))
			l->p++;
		return put(mem, chars, from, (size_t)(l->p - from), e);
	}
	while (!rc && l->p < l->end && *l->p != '"')
		rc = prof_dump_unescape(l, mem, chars, e);
	prof_text_take(l, "\"");
	return rc;
}

int prof_dump_label(struct prof_text_line *labels, struct prof_mem *mem,
	struct prof_dump_chars *chars, struct prof_str *key, struct prof_str *value,
	struct prof_err *e)
{
	size_t n;
	int rc;

	prof_text_take(labels, ", ");
	if (labels->p == labels->end)
		return 0;
	chars->v.n = 0;
	rc = word(labels, ":,", mem, chars, e);
	if (rc)
		return rc;
	n = chars->v.n;
	if (!prof_text_take(labels, ": "))
		return 0;
	rc = word(labels, ",", mem, chars, e);
	if (rc)
		return rc;
	*key = (struct prof_str){chars->v.v, (uint32_t)n};
	*value = (struct prof_str){chars->v.v + n, (uint32_t)(chars->v.n - n)};
	return 1;
}
