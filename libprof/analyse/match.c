#include "libprof/analyse/match.h"

#include <string.h>

enum { UNKNOWN, NO, YES };

/* Whether string `id` matches, from `memo` where it was asked before. */
static int ask(struct prof_match *m, uint8_t *memo, uint32_t id, bool *yes, struct prof_err *e)
{
	int rc;

	if (memo[id] == UNKNOWN) {
		rc = prof_regex_match(m->re, prof_profile_str(m->p, id), yes, e);
		if (rc)
			return rc;
		memo[id] = *yes ? YES : NO;
	}
	*yes = memo[id] == YES;
	return 0;
}

static int begin(
	struct prof_match *m, struct prof_profile *p, const char *pattern, struct prof_err *e)
{
	int rc;

	*m = (struct prof_match){.p = p};
	if (!pattern || !*pattern)
		return 0;
	rc = prof_regex_new(pattern, &m->re, e);
	if (rc)
		return rc;
	m->function = prof_mem_zalloc(&p->mem, p->functions.n, sizeof(bool), e);
	m->mapping = prof_mem_zalloc(&p->mem, p->mappings.n, sizeof(bool), e);
	return m->function && m->mapping ? 0 : e->code;
}

int prof_match_init(
	struct prof_match *m, struct prof_profile *p, const char *pattern, struct prof_err *e)
{
	size_t n = p->strings.strs.n;
	uint8_t *memo;
	int rc = begin(m, p, pattern, e);

	if (rc || !m->re)
		return rc;
	memo = prof_mem_zalloc(&p->mem, n, 1, e);
	if (!memo)
		return e->code;
	for (size_t i = 0; !rc && i < p->functions.n; i++) {
		rc = ask(m, memo, p->functions.v[i].name, &m->function[i], e);
		if (!rc && !m->function[i])
			rc = ask(m, memo, p->functions.v[i].file, &m->function[i], e);
	}
	for (size_t i = 0; !rc && i < p->mappings.n; i++)
		rc = ask(m, memo, p->mappings.v[i].file, &m->mapping[i], e);
	prof_mem_zfree(&p->mem, memo, n, 1);
	return rc;
}

static struct prof_str simplify(struct prof_str s)
{
	static const char *const reserved[] = {"(anonymous namespace)", "operator()"};

	if (prof_str_has_prefix(s, "."))
		s = (struct prof_str){s.p + 1, s.len - 1};
	for (uint32_t i = 0; i < s.len; i++) {
		struct prof_str rest = {s.p + i, s.len - i};

		if (prof_str_has_prefix(rest, reserved[0]))
			i += (uint32_t)strlen(reserved[0]) - 1;
		else if (prof_str_has_prefix(rest, reserved[1]))
			i += (uint32_t)strlen(reserved[1]) - 1;
		else if (s.p[i] == '(')
			return (struct prof_str){s.p, i};
	}
	return s;
}

int prof_match_init_simple(
	struct prof_match *m, struct prof_profile *p, const char *pattern, struct prof_err *e)
{
	int rc = begin(m, p, pattern, e);

	for (size_t i = 0; !rc && m->re && i < p->functions.n; i++) {
		uint32_t name = p->functions.v[i].name;

		if (name)
			rc = prof_regex_match(
				m->re, simplify(prof_profile_str(p, name)), &m->function[i], e);
	}
	return rc;
}

void prof_match_fini(struct prof_match *m)
{
	if (!m->re)
		return;
	prof_mem_zfree(&m->p->mem, m->function, m->p->functions.n, sizeof(bool));
	prof_mem_zfree(&m->p->mem, m->mapping, m->p->mappings.n, sizeof(bool));
	prof_regex_free(m->re);
	m->re = NULL;
}

bool prof_match_mapping(const struct prof_match *m, const struct prof_location *l)
{
	return l->mapping != PROF_NONE && m->mapping[l->mapping];
}

bool prof_match_location(const struct prof_match *m, const struct prof_location *l)
{
	for (uint32_t i = 0; i < l->n_lines; i++)
		if (prof_match_line(m, &m->p->lines.v[l->first_line + i]))
			return true;
	return prof_match_mapping(m, l);
}
