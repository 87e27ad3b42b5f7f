#include <string.h>

#include "libprof/analyse/contention/contention.h"
#include "libprof/base/escape.h"

static const char *const built_in[] = {
#include "libprof/analyse/contention/patterns.txt.inc"
};

static const char *const wheres[] = {
	[PROF_PATTERN_STACK] = "stack", [PROF_PATTERN_SITE] = "site", [PROF_PATTERN_TOP] = "top"};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The next word of *s, which goes behind it. */
static struct prof_str word(struct prof_str *s)
{
	struct prof_str w;

	while (s->len && is_blank(*s->p)) {
		s->p++;
		s->len--;
	}
	w = (struct prof_str){s->p, 0};
	while (w.len < s->len && !is_blank(w.p[w.len]))
		w.len++;
	s->p += w.len;
	s->len -= w.len;
	return w;
}

static struct prof_str trimmed(struct prof_str s)
{
	while (s.len && is_blank(*s.p)) {
		s.p++;
		s.len--;
	}
	while (s.len && is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

/* "chan-send" is "chan send". */
static bool is_class(struct prof_str s, const char *name)
{
	if (s.len != strlen(name))
		return false;
	for (uint32_t i = 0; i < s.len; i++)
		if (s.p[i] != name[i] && !(s.p[i] == '-' && name[i] == ' '))
			return false;
	return true;
}

static int refuse(struct prof_str line, const char *why, struct prof_err *e)
{
	struct prof_buf b;

	prof_buf_init(&b, NULL, NULL);
	prof_buf_plain(&b, line.len > 80 ? (struct prof_str){line.p, 80} : line);
	prof_buf_char(&b, '\0');
	(void)prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET, "'%s': %s", b.code ? "?" : b.p, why);
	prof_buf_fini(&b);
	return PROF_EUSAGE;
}

/* "  # why" at the end. */
static struct prof_str cut_why(struct prof_str *s)
{
	for (uint32_t i = 0; i + 4 <= s->len; i++)
		if (memcmp(s->p + i, "  # ", 4) == 0) {
			struct prof_str why = {s->p + i + 4, s->len - i - 4};

			s->len = i;
			return trimmed(why);
		}
	return PROF_STR("as a pattern says");
}

/* What names that match begin with, as far as that is plain: "a.(" of "^a\.\((b|c)". Compiling an
 * expression takes longer than reading a small profile, and few are needed.
 */
static int find_beginning(
	struct prof_contention *k, struct prof_contention_pattern *p, struct prof_err *e)
{
	struct prof_str s = prof_contention_name(k, p->text);
	char plain[64];
	size_t n = 0;
	int depth = 0;

	if (!s.len || *s.p != '^')
		return 0;
	for (uint32_t i = 0; i < s.len; i++) {
		depth += s.p[i] == '(' ? 1 : s.p[i] == ')' ? -1 : 0;
		i += s.p[i] == '\\';
		if (i < s.len && s.p[i] == '|' && depth <= 0)
			return 0;
	}
	for (uint32_t i = 1; i < s.len && n < sizeof(plain); i++) {
		if (s.p[i] == '\\' && i + 1 < s.len && strchr(".()*+?[]{}|^$\\/", s.p[i + 1]))
			i++;
		else if (strchr(".()*+?[]{}|^$\\", s.p[i]))
			break;
		/* What may be there or not. */
		if (i + 1 < s.len && strchr("*?{", s.p[i + 1]))
			break;
		plain[n++] = s.p[i];
	}
	return prof_strtab_add(&k->names, plain, n, &p->beginning, e);
}

static int add(struct prof_contention *k, struct prof_str line, struct prof_err *e)
{
	struct prof_contention_pattern p = {0};
	struct prof_str rest = line, list = word(&rest), class = word(&rest);
	struct prof_str where = word(&rest), why = cut_why(&rest), text = trimmed(rest);
	int rc;

	while (p.list < PROF_WAIT_LISTS &&
		!prof_str_eq(list, prof_str_of(prof_wait_list_names[p.list])))
		p.list++;
	while (p.class < PROF_WAIT_CLASSES && !is_class(class, prof_wait_class_names[p.class]))
		p.class ++;
	while (p.where < PROF_PATTERN_WHERES && !prof_str_eq(where, prof_str_of(wheres[p.where])))
		p.where++;
	if (p.list == PROF_WAIT_LISTS)
		return refuse(line, "begins with idle, backpressure or contention", e);
	if (p.class == PROF_WAIT_CLASSES && !prof_str_eq(class, PROF_STR("any")))
		return refuse(line, "has no class second (mutex, chan-send … any)", e);
	if (p.where == PROF_PATTERN_WHERES)
		return refuse(line, "has not stack, site or top third", e);
	if (!text.len)
		return refuse(line, "has no expression fourth", e);
	if ((rc = prof_vec_reserve(&k->mem, &k->patterns, 1, e)) ||
		(rc = prof_strtab_add(&k->names, text.p, text.len, &p.text, e)) ||
		(rc = prof_strtab_add(&k->names, why.p, why.len, &p.why, e)))
		return rc;
	rc = find_beginning(k, &p, e);
	if (!rc)
		k->patterns.v[k->patterns.n++] = p;
	return rc;
}

static int compile(
	const struct prof_contention *k, struct prof_contention_pattern *p, struct prof_err *e)
{
	return p->re ? 0 : prof_regex_new(prof_contention_name(k, p->text).p, &p->re, e);
}

int prof_contention_pattern(struct prof_contention *k, const char *line, struct prof_err *e)
{
	struct prof_str s = trimmed(prof_str_of(line));
	int rc;

	if (!s.len || *s.p == '#')
		return 0;
	rc = add(k, s, e);
	return rc ? rc : compile(k, &k->patterns.v[k->patterns.n - 1], e);
}

static int add_built_in(struct prof_contention *k, struct prof_err *e)
{
	int rc = 0;

	k->built_in_patterns = true;
	for (size_t i = 0; !rc && i < sizeof(built_in) / sizeof(built_in[0]); i++)
		rc = add(k, prof_str_of(built_in[i]), e);
	return rc;
}

/* Whether the i-th pattern matches the function's name. */
static int matches(struct prof_contention *k, size_t i, const struct prof_contention_function *f,
	bool *yes, struct prof_err *e)
{
	struct prof_contention_pattern *p = &k->patterns.v[i];
	struct prof_str name = prof_contention_name(k, f->name);
	int rc;

	*yes = false;
	if (p->beginning && !prof_str_has_prefix(name, prof_contention_name(k, p->beginning).p))
		return 0;
	rc = compile(k, p, e);
	return rc ? rc : prof_regex_match(p->re, name, yes, e);
}

static bool is_about(const struct prof_contention_pattern *p, unsigned class, bool undecided)
{
	if (p->where == PROF_PATTERN_TOP && !undecided)
		return false;
	return p->class == PROF_WAIT_CLASSES ? !prof_wait_is_lock(class) : p->class == class;
}

/* The patterns as bits, by what they are about. */
static int begin(struct prof_contention *k, struct prof_err *e)
{
	int rc = add_built_in(k, e);

	if (!rc && k->patterns.n > 64)
		return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
			"%zu patterns are more than there is room for (64 with those built in)",
			k->patterns.n);
	for (size_t i = 0; !rc && i < k->patterns.n; i++) {
		if (k->patterns.v[i].where == PROF_PATTERN_STACK)
			k->of_stacks |= (uint64_t)1 << i;
		for (unsigned class = 0; class < PROF_WAIT_CLASSES; class ++)
			for (int undecided = 0; undecided < 2; undecided++)
				if (is_about(&k->patterns.v[i], class, undecided))
					k->about[class][undecided]
						[k->patterns.v[i].where == PROF_PATTERN_STACK] |=
						(uint64_t)1 << i;
	}
	return rc;
}

/* Adds to *got those of `which` that match the function; each is asked once of it. */
static int ask(struct prof_contention *k, uint32_t function, uint64_t which, uint64_t *got,
	struct prof_err *e)
{
	struct prof_contention_function *f = &k->functions.v[function];
	int rc = 0;

	for (uint64_t left = which & ~f->asked; !rc && left; left &= left - 1) {
		size_t i = (size_t)__builtin_ctzll(left);
		bool yes;

		rc = matches(k, i, f, &yes, e);
		f->matched |= !rc && yes ? (uint64_t)1 << i : 0;
	}
	f->asked |= which;
	*got |= f->matched & which;
	return rc;
}

int prof_contention_ask_patterns(struct prof_contention *k, uint32_t function, struct prof_err *e)
{
	uint64_t got = 0;
	int rc = k->built_in_patterns ? 0 : begin(k, e);

	if (!rc)
		rc = ask(k, function, k->of_stacks, &got, e);
	if (got)
		k->functions.v[function].facts |= PROF_PLACE_PATTERN;
	return rc;
}

int prof_contention_match_pattern(struct prof_contention *k, const struct prof_contention_stack *s,
	unsigned facts, unsigned *pattern, struct prof_err *e)
{
	const uint64_t *about = k->about[s->class][s->undecided];
	struct prof_contention_walk w = prof_contention_walk(s);
	const struct prof_contention_frame *f;
	uint64_t got = 0;
	int rc = about[0] ? ask(k, k->frames.v[s->site].function, about[0], &got, e) : 0;

	while (facts & PROF_PLACE_PATTERN && (f = prof_contention_next(k, &w)))
		got |= prof_contention_function_of(k, f)->matched & about[1];
	*pattern = got ? (unsigned)__builtin_ctzll(got) : PROF_NONE;
	return rc;
}
