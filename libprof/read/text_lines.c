#include "libprof/read/text_lines.h"

#include <math.h>
#include <string.h>

enum { MORE_BYTES = 64 << 10 };

static int skip_mark(struct prof_input *in, struct prof_err *e)
{
	int rc;

	if (prof_input_offset(in))
		return 0;
	rc = prof_input_fill(in, 3, e);
	if (!rc && in->end - in->p >= 3 && memcmp(in->p, "\xef\xbb\xbf", 3) == 0)
		in->p += 3;
	return rc;
}

int prof_text_next(struct prof_input *in, struct prof_text_line *l, struct prof_err *e)
{
	size_t looked = 0, have;
	const uint8_t *nl = NULL;
	int rc = skip_mark(in, e);

	while (!rc) {
		have = (size_t)(in->end - in->p);
		nl = have > looked ? memchr(in->p + looked, '\n', have - looked) : NULL;
		if (nl || (looked == have && in->eof))
			break;
		looked = have;
		rc = prof_input_fill(in, have + have / 2 + MORE_BYTES, e);
	}
	if (rc)
		return rc;
	if (in->p == in->end)
		return 0;
	l->at = (int64_t)prof_input_offset(in);
	l->start = l->p = (const char *)in->p;
	l->cut = !nl;
	l->end = nl ? (const char *)nl : (const char *)in->end;
	in->p = nl ? nl + 1 : in->end;
	if (l->end > l->p && l->end[-1] == '\r')
		l->end--;
	return 1;
}

bool prof_text_blanks(struct prof_text_line *l)
{
	const char *p = l->p;

	while (l->p < l->end && prof_text_is_blank(*l->p))
		l->p++;
	return l->p > p || l->p == l->end;
}

bool prof_text_ended(const struct prof_text_line *l)
{
	struct prof_text_line copy = *l;

	prof_text_blanks(&copy);
	return copy.p == copy.end;
}

bool prof_text_holds(const struct prof_text_line *l, const char *text)
{
	struct prof_text_line s = *l;

	while (s.p < s.end && (s.p = memchr(s.p, text[0], (size_t)(s.end - s.p)))) {
		if (prof_text_starts(&s, text))
			return true;
		s.p++;
	}
	return false;
}

bool prof_text_int(struct prof_text_line *l, int64_t *v)
{
	const char *p = l->p;
	bool negative = p < l->end && *p == '-';
	uint64_t n = 0, max = negative ? (uint64_t)1 << 63 : INT64_MAX;

	p += negative;
	if (p == l->end || !prof_text_is_digit(*p))
		return false;
	/* 18 digits always fit. */
	for (int i = 0; i < 18 && p < l->end && prof_text_is_digit(*p); i++, p++)
		n = n * 10 + (uint64_t)(*p - '0');
	for (; p < l->end && prof_text_is_digit(*p); p++) {
		uint64_t digit = (uint64_t)(*p - '0');

		if (n > (max - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*v = (int64_t)(negative ? 0 - n : n);
	l->p = p;
	return true;
}

static int hex_digit(char c)
{
	if (prof_text_is_digit(c))
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool prof_text_real(struct prof_text_line *l, double *out)
{
	struct prof_text_line s = *l;
	bool negative = s.p < s.end && *s.p == '-';
	uint64_t mantissa = 0;
	int exponent = 0;
	int64_t e = 0;
	bool fraction = false, any = false;

	if (prof_text_take(&s, "NaN")) {
		*out = NAN;
		l->p = s.p;
		return true;
	}
	s.p += s.p < s.end && (*s.p == '-' || *s.p == '+');
	if (prof_text_take(&s, "Inf")) {
		*out = negative ? -INFINITY : INFINITY;
		l->p = s.p;
		return true;
	}
	for (; s.p < s.end && (prof_text_is_digit(*s.p) || (*s.p == '.' && !fraction)); s.p++) {
		if (*s.p == '.') {
			fraction = true;
			continue;
		}
		any = true;
		if (mantissa < UINT64_C(100000000000000000)) {
			mantissa = mantissa * 10 + (uint64_t)(*s.p - '0');
			exponent -= fraction;
		} else {
			exponent += !fraction;
		}
	}
	if (!any)
		return false;
	if (prof_text_take(&s, "e")) {
		s.p += s.p < s.end && *s.p == '+';
		if (!prof_text_int(&s, &e) || e > 999 || e < -999)
			return false;
	}
	*out = (double)mantissa * pow(10, exponent + (int)e);
	*out = negative ? -*out : *out;
	l->p = s.p;
	return true;
}

bool prof_text_hex(struct prof_text_line *l, uint64_t *v)
{
	const char *p = l->p;
	uint64_t n = 0;

	for (; p < l->end && hex_digit(*p) >= 0; p++) {
		if (n >> 60)
			return false;
		n = n << 4 | (uint64_t)hex_digit(*p);
	}
	if (p == l->p)
		return false;
	*v = n;
	l->p = p;
	return true;
}

bool prof_text_0x(struct prof_text_line *l, uint64_t *v)
{
	struct prof_text_line s = *l;

	if (!prof_text_take(&s, "0x") || !prof_text_hex(&s, v))
		return false;
	l->p = s.p;
	return true;
}

struct prof_text_line prof_text_word(struct prof_text_line *l)
{
	struct prof_text_line w = *l;

	while (l->p < l->end && !prof_text_is_blank(*l->p))
		l->p++;
	w.end = l->p;
	return w;
}
