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
	k->patterns.v[k->patterns.n++] = p;
	return 0;
}

/* Compiling them takes longer than reading a small profile: only those that are asked are. */
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

/* Whether the i-th pattern matches the function's name: asked once of each of the first 64. */
static int matches(
	struct prof_contention *k, size_t i, uint32_t function, bool *yes, struct prof_err *e)
{
	struct prof_contention_function *f = &k->functions.v[function];
	struct prof_contention_pattern *p = &k->patterns.v[i];
	uint64_t bit = i < 64 ? (uint64_t)1 << i : 0;
	int rc;

	*yes = f->matched & bit;
	if (f->asked & bit)
		return 0;
	rc = compile(k, p, e);
	if (!rc)
		rc = prof_regex_match(p->re, prof_contention_name(k, f->name), yes, e);
	f->asked |= bit;
	f->matched |= *yes ? bit : 0;
	return rc;
}

static bool is_about(const struct prof_contention_pattern *p, const struct prof_contention_stack *s)
{
	if (p->where == PROF_PATTERN_TOP && !s->undecided)
		return false;
	return p->class == PROF_WAIT_CLASSES ? !prof_wait_is_lock(s->class) : p->class == s->class;
}

int prof_contention_match_pattern(struct prof_contention *k,
	const struct prof_contention_frame *frames, struct prof_contention_stack *s,
	struct prof_err *e)
{
	int rc = 0;

	if (!k->built_in_patterns)
		rc = add_built_in(k, e);
	for (size_t i = 0; !rc && i < k->patterns.n; i++) {
		const struct prof_contention_pattern *p = &k->patterns.v[i];
		bool all = p->where == PROF_PATTERN_STACK, yes = false;
		uint32_t to = all ? s->n : s->site + 1;

		if (!is_about(p, s))
			continue;
		for (uint32_t f = all ? 0 : s->site; !rc && !yes && f < to; f++)
			rc = matches(k, i, frames[f].function, &yes, e);
		if (!yes)
			continue;
		s->list = p->list;
		s->why = prof_contention_name(k, p->why).p;
		s->undecided = false;
		break;
	}
	return rc;
}
