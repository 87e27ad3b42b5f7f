#include "libprof/base/re2walk.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

size_t prof_re2_decode(const char *p, size_t len, uint32_t *c)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char b = len ? (unsigned char)*p : 0;
	size_t n = b < 0x80 ? 1 : b < 0xc0 ? 0 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : b < 0xf8 ? 4 : 0;

	if (!n || n > len)
		return 0;
	*c = n == 1 ? b : b & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if (((unsigned char)p[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | ((unsigned char)p[i] & 0x3f);
	}
	if (*c < least[n] || *c > PROF_RE2_MAX_RUNE || (*c >= 0xd800 && *c <= 0xdfff))
		return 0;
	return n;
}

/* Copies the pattern for a message: cut at `size`, invalid and control bytes as \x.. */
static void quote(char *to, size_t size, const char *p, size_t len)
{
	size_t n = 0, used;
	uint32_t c;

	for (; len; p += used, len -= used) {
		used = prof_re2_decode(p, len, &c);
		if (n + 8 > size) {
			memcpy(to + n, "...", 3);
			n += 3;
			break;
		}
		if (!used || c < ' ' || c == 0x7f) {
			n += (size_t)snprintf(to + n, 5, "\\x%02x", (unsigned)(unsigned char)*p);
			used = 1;
		} else {
			memcpy(to + n, p, used);
			n += used;
		}
	}
	to[n] = 0;
}

int prof_re2_fail(
	struct prof_err *e, int code, const char *pattern, size_t len, const char *fmt, ...)
{
	char quoted[128], why[96];
	va_list ap;

	quote(quoted, sizeof(quoted), pattern, len);
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return prof_fail(e, code, PROF_NO_OFFSET, "expression \"%s\": %s", quoted, why);
}

int prof_re2_refuse(struct prof_re2_walk *w, const char *why)
{
	return prof_re2_fail(
		w->e, PROF_EUSAGE, w->pattern, (size_t)(w->end - w->pattern), "%s", why);
}

/* refuse, with the len bytes at p as the culprit. */
int prof_re2_refuse_at(struct prof_re2_walk *w, const char *why, const char *p, size_t len)
{
	char what[48];

	quote(what, sizeof(what), p, len);
	return prof_re2_fail(w->e, PROF_EUSAGE, w->pattern, (size_t)(w->end - w->pattern),
		"%s \"%s\"", why, what);
}

size_t prof_re2_left(const struct prof_re2_walk *w)
{
	return (size_t)(w->end - w->p);
}

bool prof_re2_at(const struct prof_re2_walk *w, const char *s)
{
	size_t n = strlen(s);

	return prof_re2_left(w) >= n && !memcmp(w->p, s, n);
}

/* Pieces of the translation. */

static void case_state(struct prof_re2_walk *w, bool fold)
{
	if (w->out_fold != fold)
		prof_re2_text_puts(&w->out, fold ? "(?i)" : "(?-i)");
	w->out_fold = fold;
}

int prof_re2_add_assertion(struct prof_re2_walk *w, const char *text)
{
	size_t start = w->out.n;

	prof_re2_text_puts(&w->out, text);
	return prof_re2_add_node(w, (struct prof_re2_node){PROF_RE2_ASSERTION, .bare = true,
					    .height = 1, .repeat = 1, .start = start});
}

static int add_class(struct prof_re2_walk *w, const struct prof_re2_class *k, bool negated)
{
	size_t start;

	case_state(w, prof_re2_class_caseless(k));
	start = w->out.n;
	prof_re2_class_write(k, negated, &w->out);
	return prof_re2_add_node(w,
		(struct prof_re2_node){PROF_RE2_CLASS, .height = 1, .repeat = 1, .start = start});
}

int prof_re2_add_literal(struct prof_re2_walk *w, uint32_t c)
{
	struct prof_re2_class k;
	size_t start;
	int rc;

	if (w->fold && prof_re2_fold_missing(c)) {
		prof_re2_class_init(&k, true);
		prof_re2_class_range(&k, c, c);
		rc = add_class(w, &k, false);
		prof_re2_class_fini(&k);
		return rc;
	}
	if (c >= 0x80 || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
		case_state(w, w->fold);
	start = w->out.n;
	prof_re2_text_rune(&w->out, c);
	return prof_re2_add_node(w, (struct prof_re2_node){PROF_RE2_LITERAL, w->fold, .height = 1,
					    .repeat = 1, .start = start});
}

/* Escapes. */

bool prof_re2_is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* \xhh and \x{h…} with w->p behind the x; false: neither. */
static bool hex(struct prof_re2_walk *w, uint32_t *c)
{
	const char *p = w->p;
	bool braces = p < w->end && *p == '{';
	size_t digits = 0;

	*c = 0;
	for (p += braces; p < w->end && (braces || digits < 2); p++, digits++) {
		int d = hex_digit(*p);

		if (d < 0)
			break;
		*c = *c * 16 + (uint32_t)d;
		if (*c > PROF_RE2_MAX_RUNE)
			return false;
	}
	if (braces ? !digits || p == w->end || *p != '}' : digits != 2)
		return false;
	w->p = p + braces;
	return true;
}

/* \0, \12, \123 with w->p behind the first digit; a single other digit is a back-reference. */
static bool octal(struct prof_re2_walk *w, uint32_t *c)
{
	bool more = w->p < w->end && *w->p >= '0' && *w->p <= '7';

	if (*c > '7' || (*c != '0' && !more))
		return false;
	*c -= '0';
	for (int i = 1; i < 3 && w->p < w->end && *w->p >= '0' && *w->p <= '7'; i++)
		*c = *c * 8 + (uint32_t)(*w->p++ - '0');
	return true;
}

/* The character that the escape at w->p stands for. */
static int escape(struct prof_re2_walk *w, uint32_t *c)
{
	static const char from[] = "afnrtv", to[] = "\a\f\n\r\t\v";
	const char *start = w->p++, *s;
	size_t n = prof_re2_decode(w->p, prof_re2_left(w), c);
	bool ok = n == 1;

	if (!n)
		return prof_re2_refuse(w, "trailing backslash");
	w->p += n;
	if (*c >= '0' && *c <= '9') {
		ok = octal(w, c);
		if (!ok)
			return prof_re2_refuse(w, "back-references are not supported");
	} else if (*c == 'k' || *c == 'g') {
		return prof_re2_refuse(w, "back-references are not supported");
	} else if (*c == 'x') {
		ok = hex(w, c);
	} else if (n == 1 && prof_re2_is_alnum((char)*c)) {
		s = strchr(from, (int)*c);
		ok = s != NULL;
		*c = ok ? (unsigned char)to[s - from] : 0;
	}
	return ok ? 0 : prof_re2_refuse_at(w, "unknown escape", start, (size_t)(w->p - start));
}

/* \p… at w->p. */
static int property(struct prof_re2_walk *w, struct prof_re2_class *k)
{
	const char *start = w->p, *name = start + 2, *end;
	bool negated = start[1] == 'P';
	uint32_t c;
	size_t n = prof_re2_decode(name, (size_t)(w->end - name), &c);

	end = name + n;
	w->p = end;
	if (n && *name == '{') {
		end = memchr(name, '}', (size_t)(w->end - name));
		if (!end)
			return prof_re2_refuse(w, "missing } after \\p{");
		name++;
		w->p = end + 1;
	}
	if (name < end && *name == '^') {
		negated = !negated;
		name++;
	}
	if (!prof_re2_class_property(k, name, (size_t)(end - name), negated))
		return prof_re2_refuse_at(
			w, "unknown Unicode class", start, (size_t)(w->p - start));
	return 0;
}

/* A class escape (\d, \pL, …) at w->p: 1 when there was one, 0 or an error. */
static int class_escape(struct prof_re2_walk *w, struct prof_re2_class *k)
{
	char c = prof_re2_left(w) >= 2 && *w->p == '\\' ? w->p[1] : 0, name;
	int rc;

	if (c == 'p' || c == 'P') {
		rc = property(w, k);
		return rc ? rc : 1;
	}
	if (!c || !strchr("dDsSwW", c))
		return 0;
	name = (char)(c | 0x20);
	prof_re2_class_group(k, &name, 1, c != name);
	w->p += 2;
	return 1;
}

/* Bracketed classes. */

/* [:name:] at w->p: 1 when there was one, 0 or an error. */
static int posix_class(struct prof_re2_walk *w, struct prof_re2_class *k)
{
	const char *name = w->p + 2, *end;
	bool negated;

	if (prof_re2_left(w) < 3 || !prof_re2_at(w, "[:"))
		return 0;
	for (end = name; end + 1 < w->end && (end[0] != ':' || end[1] != ']'); end++)
		;
	if (end + 1 >= w->end)
		return 0;
	negated = *name == '^';
	name += negated;
	/* "d" and the like are ours, not POSIX's */
	if (end - name < 2 || !prof_re2_class_group(k, name, (size_t)(end - name), negated))
		return prof_re2_refuse_at(w, "unknown class", w->p, (size_t)(end + 2 - w->p));
	w->p = end + 2;
	return 1;
}

static int class_char(struct prof_re2_walk *w, uint32_t *c)
{
	if (w->p == w->end)
		return prof_re2_refuse(w, "missing ]");
	if (*w->p == '\\')
		return escape(w, c);
	w->p += prof_re2_decode(w->p, prof_re2_left(w), c);
	return 0;
}

static int class_range(struct prof_re2_walk *w, struct prof_re2_class *k)
{
	const char *start = w->p;
	uint32_t lo, hi;
	int rc = class_char(w, &lo);

	if (rc)
		return rc;
	hi = lo;
	if (prof_re2_left(w) >= 2 && w->p[0] == '-' && w->p[1] != ']') {
		w->p++;
		rc = class_char(w, &hi);
		if (rc)
			return rc;
		if (hi < lo)
			return prof_re2_refuse_at(w, "bad range", start, (size_t)(w->p - start));
	}
	prof_re2_class_range(k, lo, hi);
	return 0;
}

int prof_re2_bracket(struct prof_re2_walk *w)
{
	struct prof_re2_class k;
	bool negated, first = true;
	int rc = 0;

	prof_re2_class_init(&k, w->fold);
	w->p++;
	negated = w->p < w->end && *w->p == '^';
	w->p += negated;
	for (; rc >= 0 && (w->p == w->end || *w->p != ']' || first); first = false) {
		rc = posix_class(w, &k);
		if (!rc)
			rc = class_escape(w, &k);
		if (!rc)
			rc = class_range(w, &k);
	}
	if (rc >= 0) {
		w->p++;
		rc = add_class(w, &k, negated);
	}
	prof_re2_class_fini(&k);
	return rc;
}

/* \Q…\E: repetition behind it is for the last character. */
static int quoted(struct prof_re2_walk *w)
{
	uint32_t c;
	int rc = 0;

	w->p += 2;
	while (!rc && w->p < w->end && !prof_re2_at(w, "\\E")) {
		w->p += prof_re2_decode(w->p, prof_re2_left(w), &c);
		rc = prof_re2_add_literal(w, c);
	}
	if (w->p < w->end)
		w->p += 2;
	return rc;
}

int prof_re2_backslash(struct prof_re2_walk *w)
{
	char next = prof_re2_left(w) >= 2 ? w->p[1] : 0;
	char assertion[3] = {'\\', next, 0};
	struct prof_re2_class k;
	uint32_t c;
	int rc;

	if (next == 'Q')
		return quoted(w);
	if (next && strchr("AbBz", next)) {
		w->p += 2;
		return prof_re2_add_assertion(w, assertion);
	}
	prof_re2_class_init(&k, w->fold);
	rc = class_escape(w, &k);
	if (rc > 0)
		rc = add_class(w, &k, false);
	else if (!rc && !(rc = escape(w, &c)))
		rc = prof_re2_add_literal(w, c);
	prof_re2_class_fini(&k);
	return rc;
}
