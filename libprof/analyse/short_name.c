#include "libprof/analyse/short_name.h"

/* The forms are pprof's expressions, each read from left to right at a position `at`; a function
 * returns where what it knows ends, or NO.
 */
enum { NO = UINT32_MAX };

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* \w */
static bool is_word(char c)
{
	return is_upper(c) || is_lower(c) || is_digit(c) || c == '_';
}

static uint32_t skip_words(struct prof_str s, uint32_t at, const char *more)
{
	while (at < s.len && (is_word(s.p[at]) || (s.p[at] && strchr(more, s.p[at]))))
		at++;
	return at;
}

static bool stands(struct prof_str s, uint32_t at, const char *what)
{
	return at <= s.len && prof_str_has_prefix((struct prof_str){s.p + at, s.len - at}, what);
}

/* ^(.*?)/v(?:[2-9]|[1-9][0-9]+)([./].*)$: *from and *to are around the version. */
static bool find_version(struct prof_str s, uint32_t *from, uint32_t *to)
{
	if (s.len && memchr(s.p, '\n', s.len))
		return false;
	for (uint32_t i = 0; i + 3 < s.len; i++) {
		uint32_t end = i + 2;

		if (s.p[i] != '/' || s.p[i + 1] != 'v' || s.p[end] == '0')
			continue;
		while (end < s.len && is_digit(s.p[end]))
			end++;
		if (end == i + 2 || (end == i + 3 && s.p[i + 2] == '1'))
			continue;
		if (stands(s, end, ".") || stands(s, end, "/")) {
			*from = i;
			*to = end;
			return true;
		}
	}
	return false;
}

/* The first `c` at or behind `at`, or the end; `last`, which was asked for before, is not passed
 * over again.
 */
static uint32_t next(struct prof_str s, uint32_t at, char c, uint32_t last)
{
	const char *p;

	if (last >= at)
		return last;
	p = at < s.len ? memchr(s.p + at, c, s.len - at) : NULL;
	return p ? (uint32_t)(p - s.p) : s.len;
}

/* ^(?:[\w\-\.]+\/)+([^.]+\..+), of as many parts of a path as leave such a symbol, which ends at a
 * line's end.
 */
static struct prof_str go_name(struct prof_str s)
{
	struct prof_str found = {NULL, 0};

	for (uint32_t at = 0, dot = 0, line = 0;;) {
		uint32_t end = skip_words(s, at, "-.");

		if (end == at || !stands(s, end, "/"))
			return found;
		at = end + 1;
		dot = next(s, at, '.', dot);
		line = next(s, dot + 1, '\n', line);
		if (dot > at && line > dot + 1)
			found = (struct prof_str){s.p + at, line - at};
	}
}

/* ^(?:[a-z]\w*\.)*([A-Z][\w\$]*\.(?:<init>|[a-z][\w\$]*(?:\$\d+)?))(?:(?:\()|$) */
static struct prof_str java_name(struct prof_str s)
{
	const struct prof_str none = {NULL, 0};
	uint32_t at = 0, end;

	while (at < s.len && is_lower(s.p[at])) {
		end = skip_words(s, at, "");
		if (!stands(s, end, "."))
			return none;
		at = end + 1;
	}
	if (at >= s.len || !is_upper(s.p[at]))
		return none;
	end = skip_words(s, at, "$");
	if (!stands(s, end, "."))
		return none;
	end++;
	if (stands(s, end, "<init>"))
		end += 6;
	else if (end < s.len && is_lower(s.p[end]))
		end = skip_words(s, end, "$");
	else
		return none;
	if (end < s.len && s.p[end] != '(')
		return none;
	return (struct prof_str){s.p + at, end - at};
}

/* _*[A-Z]\w*::~?[_a-zA-Z]\w*(?:<.*>)? */
static uint32_t cpp_method(struct prof_str s, uint32_t at)
{
	uint32_t close = NO;

	while (stands(s, at, "_"))
		at++;
	if (at >= s.len || !is_upper(s.p[at]))
		return NO;
	at = skip_words(s, at, "");
	if (!stands(s, at, "::"))
		return NO;
	at += 2;
	at += stands(s, at, "~");
	if (at >= s.len || !is_word(s.p[at]) || is_digit(s.p[at]))
		return NO;
	at = skip_words(s, at, "");
	if (stands(s, at, "<"))
		for (uint32_t i = at; i < s.len && s.p[i] != '\n'; i++)
			if (s.p[i] == '>')
				close = i + 1;
	return close != NO ? close : at;
}

/* ^(?:[_a-zA-Z]\w*::)+ and a method: of as many namespaces as leave one. */
static struct prof_str cpp_name(struct prof_str s)
{
	struct prof_str found = {NULL, 0};

	for (uint32_t at = 0; at < s.len && is_word(s.p[at]) && !is_digit(s.p[at]);) {
		uint32_t end = skip_words(s, at, "");

		if (!stands(s, end, "::"))
			break;
		at = end + 2;
		end = cpp_method(s, at);
		if (end != NO)
			found = (struct prof_str){s.p + at, end - at};
	}
	return found;
}

static struct prof_str without_prefixes(struct prof_str s)
{
	struct prof_str found = go_name(s);

	if (!found.p)
		found = java_name(s);
	if (!found.p)
		found = cpp_name(s);
	return found.p ? found : s;
}

void prof_short_name(struct prof_str name, struct prof_buf *b)
{
	static const char anonymous[] = "(anonymous namespace)::";
	struct prof_buf joined;
	uint32_t from, to;

	if (prof_str_has_prefix(name, anonymous)) {
		name.p += sizeof(anonymous) - 1;
		name.len -= (uint32_t)sizeof(anonymous) - 1;
	}
	prof_buf_init(&joined, NULL, NULL);
	if (find_version(name, &from, &to)) {
		prof_buf_put(&joined, name.p, from);
		prof_buf_put(&joined, name.p + to, name.len - to);
		name = (struct prof_str){joined.p, (uint32_t)joined.n};
	}
	name = without_prefixes(name);
	prof_buf_put(b, name.p, name.len);
	if (joined.code)
		b->code = joined.code;
	prof_buf_fini(&joined);
}
