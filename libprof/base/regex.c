#include "libprof/base/regex.h"

#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "libprof/base/re2check.h"

/* Backtracking steps from one starting point; past these the other matcher is cheaper. */
#ifndef PROF_REGEX_STEPS
#define PROF_REGEX_STEPS 20000
#endif
#define HEAP_KIB (64 * 1024)

/* The other matcher takes one pass, and for each character time that grows with the square of the
 * states it is in: six ints of work space each. This bounds characters times states squared.
 */
#define ALL_STEPS 1e9
#define INTS_PER_STATE 6
#define WORKSPACE_FIRST ((size_t)1 << 12)

/* Groups of the pattern, around repetitions and around classes, all of them nested. */
#define PARENS (2 * PROF_RE2_NESTING + 8)

struct prof_regex {
	char *pattern, *text; /* the translation */
	pcre2_code *code, *all_code; /* all_code: made when first needed */
	pcre2_match_context *context, *all_context;
	pcre2_match_data *data;
	int *workspace; /* of workspace_count ints */
	size_t workspace_count;
	char *clean; /* a copy of the string without invalid UTF-8 */
	size_t clean_bytes;
};

/* Compiles `text`; `more` are further options. */
static int compile(const struct prof_regex *re, const char *text, uint32_t more, pcre2_code **out,
	struct prof_err *e)
{
	pcre2_compile_context *c = pcre2_compile_context_create(NULL);
	const uint32_t options = more | PCRE2_UTF | PCRE2_DOTALL | PCRE2_MULTILINE |
				 PCRE2_ALT_CIRCUMFLEX | PCRE2_NO_AUTO_CAPTURE | PCRE2_DUPNAMES |
				 PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C;
	PCRE2_SIZE offset;
	char why[96];
	int code;

	if (!c)
		return prof_nomem(e);
	pcre2_set_newline(c, PCRE2_NEWLINE_LF);
	pcre2_set_parens_nest_limit(c, PARENS);
	pcre2_set_compile_extra_options(c, PCRE2_EXTRA_ALLOW_SURROGATE_ESCAPES);
	*out = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, options, &code, &offset, c);
	pcre2_compile_context_free(c);
	if (*out)
		return 0;
	if (code == PCRE2_ERROR_HEAP_FAILED)
		return prof_nomem(e);
	/* What is left are PCRE2's limits: the translation is well-formed. */
	pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof(why));
	return prof_re2_fail(e, PROF_ELIMIT, re->pattern, strlen(re->pattern), "%s", why);
}

int prof_regex_new(const char *pattern, struct prof_regex **out, struct prof_err *e)
{
	struct prof_regex *re = calloc(1, sizeof(*re));
	size_t len = strlen(pattern);
	int rc;

	if (!re)
		return prof_nomem(e);
	rc = prof_re2_translate(pattern, len, &re->text, e);
	if (rc)
		goto out;
	re->pattern = malloc(len + 1);
	re->context = pcre2_match_context_create(NULL);
	re->all_context = pcre2_match_context_create(NULL);
	re->data = pcre2_match_data_create(1, NULL);
	if (!re->pattern || !re->context || !re->all_context || !re->data) {
		rc = prof_nomem(e);
		goto out;
	}
	memcpy(re->pattern, pattern, len + 1);
	pcre2_set_match_limit(re->context, PROF_REGEX_STEPS);
	pcre2_set_depth_limit(re->context, PROF_REGEX_STEPS);
	pcre2_set_heap_limit(re->context, HEAP_KIB);
	pcre2_set_heap_limit(re->all_context, HEAP_KIB);
	rc = compile(re, re->text, 0, &re->code, e);
out:
	if (rc)
		prof_regex_free(re);
	else
		*out = re;
	return rc;
}

void prof_regex_free(struct prof_regex *re)
{
	if (!re)
		return;
	pcre2_match_data_free(re->data);
	pcre2_match_context_free(re->context);
	pcre2_match_context_free(re->all_context);
	pcre2_code_free(re->code);
	pcre2_code_free(re->all_code);
	free(re->workspace);
	free(re->clean);
	free(re->pattern);
	free(re->text);
	free(re);
}

/* How many of the first bytes are valid UTF-8. */
static size_t valid_prefix(struct prof_str s)
{
	size_t n = 0, used;
	uint32_t c;

	while (n < s.len) {
		used = (unsigned char)s.p[n] < 0x80 ? 1 : prof_re2_decode(s.p + n, s.len - n, &c);
		if (!used)
			break;
		n += used;
	}
	return n;
}

/* Copies s to re->clean with U+FFFD for each invalid byte; the first `valid` ones are good. */
static int clean(
	struct prof_regex *re, struct prof_str s, size_t valid, size_t *len, struct prof_err *e)
{
	size_t need = valid + 3 * (s.len - valid), n = valid, used;
	uint32_t c;
	char *p;

	if (need > re->clean_bytes) {
		p = realloc(re->clean, need);
		if (!p)
			return prof_nomem(e);
		re->clean = p;
		re->clean_bytes = need;
	}
	memcpy(re->clean, s.p, valid);
	for (size_t i = valid; i < s.len; i += used ? used : 1) {
		used = prof_re2_decode(s.p + i, s.len - i, &c);
		memcpy(re->clean + n, used ? s.p + i : "\xef\xbf\xbd", used ? used : 3);
		n += used ? used : 3;
	}
	*len = n;
	return 0;
}

/* The expression with .* in front, so that one pass finds a match that starts anywhere. */
static int compile_all(struct prof_regex *re, struct prof_err *e)
{
	size_t len = strlen(re->text);
	char *text;
	int rc;

	if (re->all_code)
		return 0;
	text = malloc(len + sizeof(".*()"));
	if (!text)
		return prof_nomem(e);
	memcpy(text, ".*(", 3);
	memcpy(text + 3, re->text, len);
	memcpy(text + 3 + len, ")", 2);
	rc = compile(re, text, PCRE2_ANCHORED, &re->all_code, e);
	free(text);
	return rc;
}

/* The matcher that follows all alternatives at once; the result is one of PCRE2's. */
static int match_all(struct prof_regex *re, const char *p, size_t len)
{
	size_t n = re->workspace_count ? re->workspace_count : WORKSPACE_FIRST;
	int code = PCRE2_ERROR_DFA_WSSIZE, *grown;

	for (; code == PCRE2_ERROR_DFA_WSSIZE; n *= 4) {
		double states = (double)n / INTS_PER_STATE;

		if (n > WORKSPACE_FIRST && states * states * (double)len > ALL_STEPS)
			break;
		if (n > re->workspace_count) {
			grown = realloc(re->workspace, n * sizeof(*grown));
			if (!grown)
				return PCRE2_ERROR_NOMEMORY;
			re->workspace = grown;
			re->workspace_count = n;
		}
		code = pcre2_dfa_match(re->all_code, (PCRE2_SPTR)p, len, 0,
			PCRE2_NO_UTF_CHECK | PCRE2_DFA_SHORTEST, re->data, re->all_context,
			re->workspace, n);
	}
	return code;
}

int prof_regex_match(struct prof_regex *re, struct prof_str s, bool *matched, struct prof_err *e)
{
	const char *p = s.len ? s.p : "";
	size_t len = s.len, valid = valid_prefix(s);
	int code, rc;

	if (valid < s.len) {
		rc = clean(re, s, valid, &len, e);
		if (rc)
			return rc;
		p = re->clean;
	}
	/* Not JIT-compiled: in 10.42 that loses matches, with (?:[\nZ-{]|)\x{3c3}*\{a that of
	 * "s{a". */
	code = pcre2_match(
		re->code, (PCRE2_SPTR)p, len, 0, PCRE2_NO_UTF_CHECK, re->data, re->context);
	if (code == PCRE2_ERROR_MATCHLIMIT || code == PCRE2_ERROR_DEPTHLIMIT ||
		code == PCRE2_ERROR_HEAPLIMIT) {
		rc = compile_all(re, e);
		if (rc)
			return rc;
		code = match_all(re, p, len);
	}
	if (code == PCRE2_ERROR_NOMEMORY)
		return prof_nomem(e);
	if (code < 0 && code != PCRE2_ERROR_NOMATCH)
		return prof_re2_fail(e, PROF_ELIMIT, re->pattern, strlen(re->pattern),
			"takes too many steps or too much memory");
	*matched = code >= 0;
	return 0;
}

static int hand_over(struct prof_regex *re, pcre2_match_data *data, const char *p,
	prof_regex_group_fn *group, void *ctx)
{
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(data);
	uint32_t count = 0, size = 0;
	PCRE2_SPTR names = NULL;
	int rc = 0;

	pcre2_pattern_info(re->code, PCRE2_INFO_NAMECOUNT, &count);
	pcre2_pattern_info(re->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(re->code, PCRE2_INFO_NAMETABLE, &names);
	for (uint32_t i = 0; !rc && i < count; i++, names += size) {
		size_t n = (size_t)names[0] << 8 | names[1];

		if (at[2 * n] != PCRE2_UNSET)
			rc = group(ctx, (const char *)names + 2,
				(struct prof_str){
					p + at[2 * n], (uint32_t)(at[2 * n + 1] - at[2 * n])});
	}
	return rc;
}

int prof_regex_groups(struct prof_regex *re, struct prof_str s, bool *matched,
	prof_regex_group_fn *group, void *ctx, struct prof_err *e)
{
	pcre2_match_data *data = pcre2_match_data_create_from_pattern(re->code, NULL);
	size_t len = s.len, valid = valid_prefix(s);
	const char *p = s.len ? s.p : "";
	int code, rc = data ? 0 : prof_nomem(e);

	if (!rc && valid < s.len) {
		rc = clean(re, s, valid, &len, e);
		p = re->clean;
	}
	if (!rc) {
		code = pcre2_match(
			re->code, (PCRE2_SPTR)p, len, 0, PCRE2_NO_UTF_CHECK, data, re->context);
		*matched = code >= 0;
		if (code >= 0)
			rc = hand_over(re, data, p, group, ctx);
		else if (code != PCRE2_ERROR_NOMATCH)
			rc = prof_re2_fail(e, PROF_ELIMIT, re->pattern, strlen(re->pattern),
				"takes too many steps or too much memory");
	}
	pcre2_match_data_free(data);
	return rc;
}

bool prof_regex_has_groups(const struct prof_regex *re)
{
	uint32_t n = 0;

	return pcre2_pattern_info(re->code, PCRE2_INFO_NAMECOUNT, &n) == 0 && n > 0;
}
