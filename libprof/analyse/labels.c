#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "libprof/analyse/filter.h"
#include "libprof/base/fmt.h"
#include "libprof/base/regex.h"

int prof_label_units(struct prof_profile *p, uint32_t **units, struct prof_err *e)
{
	size_t n = p->strings.strs.n;
	uint32_t *u, bytes;
	int rc = prof_strtab_add(&p->strings, "bytes", 5, &bytes, e);

	if (rc)
		return rc;
	u = prof_mem_zalloc(&p->mem, n + 2, sizeof(*u), e);
	if (!u)
		return e->code;
	u[0] = (uint32_t)n + 2; /* how many there are, for freeing; no key is "" */
	for (size_t i = 0; i < p->labels.n; i++) {
		const struct prof_label *l = &p->labels.v[i];

		if (!l->is_str && l->key && !u[l->key])
			u[l->key] = l->unit;
	}
	for (size_t i = 0; i < p->labels.n; i++) {
		const struct prof_label *l = &p->labels.v[i];
		struct prof_str key = prof_profile_str(p, l->key);

		if (l->is_str || !l->key || u[l->key])
			continue;
		u[l->key] = prof_str_eq(key, PROF_STR("alignment")) ||
					    prof_str_eq(key, PROF_STR("request"))
				    ? bytes
				    : l->key;
	}
	*units = u;
	return 0;
}

void prof_label_units_free(struct prof_profile *p, uint32_t *units)
{
	if (units)
		prof_mem_zfree(&p->mem, units, units[0], sizeof(*units));
}

/* A tag filter: a range of numbers, or expressions; of one key, or of any. */
struct tag_filter {
	bool given, range, has_least, has_most;
	double least, most;
	struct prof_str unit;
	uint32_t key; /* a string of the profile; 0: any key; PROF_NONE: one that no label has */
	struct prof_regex **re;
	size_t n_re;
};

static void tag_filter_fini(struct tag_filter *f)
{
	for (size_t i = 0; i < f->n_re; i++)
		prof_regex_free(f->re[i]);
	free(f->re);
}

/* The first [+-]?digits[letters] at or behind `from`: where it is, or false. */
struct number {
	uint32_t start, end;
	int64_t value;
	struct prof_str unit;
};

static bool find_number(struct prof_str s, uint32_t from, struct number *n, bool *overflow)
{
	char text[32];
	uint32_t i = from, digits;

	while (i < s.len && !isdigit((unsigned char)s.p[i]))
		i++;
	if (i >= s.len)
		return false;
	n->start = i > from && (s.p[i - 1] == '+' || s.p[i - 1] == '-') ? i - 1 : i;
	while (i < s.len && isdigit((unsigned char)s.p[i]))
		i++;
	digits = i - n->start;
	while (i < s.len && isalpha((unsigned char)s.p[i]))
		i++;
	n->end = i;
	n->unit = (struct prof_str){s.p + n->start + digits, i - n->start - digits};
	*overflow = digits >= sizeof(text);
	if (*overflow)
		return true;
	memcpy(text, s.p + n->start, digits);
	text[digits] = '\0';
	errno = 0;
	n->value = strtoll(text, NULL, 10);
	*overflow = errno != 0;
	return true;
}

/* A unit is known when it belongs to a family or some label of the profile has it. */
static bool known_unit(const struct prof_profile *p, struct prof_str unit)
{
	static const char *const families[] = {"b", "ns", "gcu"};

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (prof_unit_compatible(unit, prof_str_of(families[i])))
			return true;
	for (size_t i = 0; i < p->labels.n; i++)
		if (!p->labels.v[i].is_str &&
			(prof_str_eq(prof_profile_str(p, p->labels.v[i].unit), unit) ||
				prof_str_eq(prof_profile_str(p, p->labels.v[i].key), unit)))
			return true;
	return !unit.len;
}

static int parse_range(const struct prof_profile *p, const char *name, struct prof_str v,
	struct tag_filter *f, struct prof_err *e)
{
	struct number a, b;
	bool over, over_b = false, two;
	struct prof_str unit;

	if (!find_number(v, 0, &a, &over))
		return 0;
	two = find_number(v, a.end, &b, &over_b);
	if (two) {
		if (a.start || v.p[a.end] != ':' || b.start != a.end + 1 || b.end != v.len)
			return 0;
	} else if (a.start == 0 && a.end == v.len) {
		f->has_least = f->has_most = true;
	} else if (a.start == 0 && a.end + 1 == v.len && v.p[a.end] == ':') {
		f->has_least = true;
	} else if (a.start == 1 && a.end == v.len && v.p[0] == ':') {
		f->has_most = true;
	} else {
		return 0;
	}
	if (over || over_b)
		return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
			"%s: a number is too large in '%.60s'", name, v.p);
	if (!known_unit(p, a.unit) || (two && !known_unit(p, b.unit)))
		return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
			"%s: '%.60s' is a range with an unknown unit", name, v.p);
	f->range = true;
	f->least = f->most = prof_unit_scale(a.value, a.unit, a.unit, &f->unit);
	if (!two)
		return 0;
	f->has_least = f->has_most = true;
	f->most = prof_unit_scale(b.value, b.unit, f->unit, &unit);
	f->range = prof_str_eq(unit, f->unit);
	return 0;
}

static int parse_expressions(struct tag_filter *f, struct prof_str v, struct prof_err *e)
{
	char *text = strndup(v.p, v.len), *part = text;
	int rc = 0;

	f->re = calloc((size_t)v.len + 1, sizeof(*f->re));
	if (!text || !f->re)
		rc = prof_nomem(e);
	while (!rc && part) {
		char *comma = strchr(part, ',');

		if (comma)
			*comma = '\0';
		rc = prof_regex_new(part, &f->re[f->n_re], e);
		f->n_re += !rc;
		part = comma ? comma + 1 : NULL;
	}
	free(text);
	return rc;
}

static int tag_filter_init(struct prof_profile *p, const char *name, const char *text,
	struct tag_filter *f, struct prof_err *e)
{
	struct prof_str v = prof_str_of(text ? text : "");
	const char *eq = v.len ? memchr(v.p, '=', v.len) : NULL;
	int rc;

	*f = (struct tag_filter){0};
	if (!v.len)
		return 0;
	f->given = true;
	if (eq) {
		struct prof_str key = {v.p, (uint32_t)(eq - v.p)};

		if (key.len)
			f->key = prof_strtab_find(&p->strings, key);
		v = (struct prof_str){eq + 1, v.len - key.len - 1};
	}
	rc = parse_range(p, name, v, f, e);
	return rc || f->range ? rc : parse_expressions(f, v, e);
}

static bool in_range(const struct prof_profile *p, const struct tag_filter *f,
	const uint32_t *units, const struct prof_label *l)
{
	struct prof_str unit;
	double v;

	if (l->is_str || !prof_label_counts(l) || (f->key && l->key != f->key))
		return false;
	v = prof_unit_scale(
		l->num, l->key ? prof_profile_str(p, units[l->key]) : PROF_STR(""), f->unit, &unit);
	return prof_str_eq(unit, f->unit) && (!f->has_least || v >= f->least) &&
	       (!f->has_most || v <= f->most);
}

/* "key:value", which an expression without a key is matched against. */
static int match_pair(struct prof_profile *p, struct prof_regex *re, const struct prof_label *l,
	bool with_key, bool *yes, struct prof_err *e)
{
	struct prof_str key = prof_profile_str(p, l->key), value = prof_profile_str(p, l->str);
	struct prof_buf b;
	int rc;

	if (!with_key)
		return prof_regex_match(re, value, yes, e);
	prof_buf_init(&b, NULL, NULL);
	prof_buf_put(&b, key.p, key.len);
	prof_buf_char(&b, ':');
	prof_buf_put(&b, value.p, value.len);
	rc = prof_buf_done(&b, e);
	if (!rc)
		rc = prof_regex_match(re, (struct prof_str){b.p, (uint32_t)b.n}, yes, e);
	prof_buf_fini(&b);
	return rc;
}

/* Whether a label of the set matches expression i. */
static int any_label(struct prof_profile *p, const struct tag_filter *f, size_t i, uint32_t set,
	bool *yes, struct prof_err *e)
{
	int rc = 0;

	*yes = false;
	for (uint32_t k = p->label_start.v[set]; !rc && !*yes && k < p->label_start.v[set + 1];
		k++) {
		const struct prof_label *l = &p->labels.v[k];

		if (l->is_str && (!f->key || l->key == f->key))
			rc = match_pair(p, f->re[i], l, !f->key, yes, e);
	}
	return rc;
}

/* Without a key every expression must match some label, with one any of them will do. */
static int set_matches(struct prof_profile *p, const struct tag_filter *f, const uint32_t *units,
	uint32_t set, bool *yes, struct prof_err *e)
{
	int rc = 0;

	*yes = false;
	for (uint32_t k = p->label_start.v[set]; f->range && k < p->label_start.v[set + 1]; k++)
		*yes |= in_range(p, f, units, &p->labels.v[k]);
	for (size_t i = 0; !rc && !f->range && i < f->n_re; i++) {
		rc = any_label(p, f, i, set, yes, e);
		if (*yes == (f->key != 0))
			break;
	}
	return rc;
}

/* Asks each label set once, then drops the samples that are not focused, or ignored. */
static int focus_labels(struct prof_profile *p, const struct tag_filter f[2], const uint32_t *units,
	unsigned *missed, struct prof_err *e)
{
	size_t sets = p->label_start.n - 1, n = p->sample_stack.n;
	bool *hit[2] = {NULL, NULL}, *dead = prof_mem_zalloc(&p->mem, n, sizeof(*dead), e);
	int rc = dead ? 0 : e->code;

	for (int k = 0; !rc && k < 2; k++) {
		hit[k] = prof_mem_zalloc(&p->mem, sets, sizeof(bool), e);
		if (!hit[k])
			rc = e->code;
		for (uint32_t s = 0; !rc && f[k].given && s < sets; s++)
			rc = set_matches(p, &f[k], units, s, &hit[k][s], e);
	}
	*missed |= (f[0].given ? PROF_MISS_TAG_FOCUS : 0u) |
		   (f[1].given ? PROF_MISS_TAG_IGNORE : 0u);
	for (size_t i = 0; !rc && i < n; i++) {
		uint32_t s = p->sample_labels.v[i];

		if (hit[0][s])
			*missed &= ~(unsigned)PROF_MISS_TAG_FOCUS;
		if (hit[1][s])
			*missed &= ~(unsigned)PROF_MISS_TAG_IGNORE;
		dead[i] = (f[0].given && !hit[0][s]) || hit[1][s];
	}
	if (!rc)
		prof_drop_samples(p, dead);
	prof_mem_zfree(&p->mem, hit[0], sets, sizeof(bool));
	prof_mem_zfree(&p->mem, hit[1], sets, sizeof(bool));
	prof_mem_zfree(&p->mem, dead, n, sizeof(*dead));
	return rc;
}

/* Takes labels out of their sets, in place. The index over the sets is of no use after that. */
static int show_labels(struct prof_profile *p, struct prof_regex *show, struct prof_regex *hide,
	unsigned *missed, struct prof_err *e)
{
	uint32_t out = 0, from = 0;
	int rc = 0;

	prof_index_fini(&p->label_index);
	for (size_t s = 0; s + 1 < p->label_start.n; s++) {
		uint32_t to = p->label_start.v[s + 1];

		p->label_start.v[s] = out;
		for (; !rc && from < to; from++) {
			struct prof_str key = prof_profile_str(p, p->labels.v[from].key);
			bool shown = true, hidden = false;

			if (show)
				rc = prof_regex_match(show, key, &shown, e);
			if (!rc && hide)
				rc = prof_regex_match(hide, key, &hidden, e);
			if (shown)
				*missed &= ~(unsigned)PROF_MISS_TAG_SHOW;
			if (hidden)
				*missed &= ~(unsigned)PROF_MISS_TAG_HIDE;
			if (shown && !hidden)
				p->labels.v[out++] = p->labels.v[from];
		}
		from = to;
	}
	p->label_start.v[p->label_start.n - 1] = out;
	p->labels.n = out;
	return rc;
}

int prof_filter_labels(
	struct prof_profile *p, const struct prof_filter *f, unsigned *missed, struct prof_err *e)
{
	struct tag_filter t[2] = {{0}, {0}};
	struct prof_regex *show = NULL, *hide = NULL;
	uint32_t *units = NULL;
	int rc;

	if ((rc = tag_filter_init(p, "tagfocus", f->tag_focus, &t[0], e)) ||
		(rc = tag_filter_init(p, "tagignore", f->tag_ignore, &t[1], e)))
		goto out;
	*missed |= (t[0].range ? PROF_RANGE_TAG_FOCUS : 0u) |
		   (t[1].range ? PROF_RANGE_TAG_IGNORE : 0u);
	if ((t[0].given || t[1].given) && ((rc = prof_label_units(p, &units, e)) ||
						  (rc = focus_labels(p, t, units, missed, e))))
		goto out;
	if (f->tag_show && *f->tag_show && (rc = prof_regex_new(f->tag_show, &show, e)))
		goto out;
	if (f->tag_hide && *f->tag_hide && (rc = prof_regex_new(f->tag_hide, &hide, e)))
		goto out;
	*missed |= (show ? PROF_MISS_TAG_SHOW : 0u) | (hide ? PROF_MISS_TAG_HIDE : 0u);
	if (show || hide)
		rc = show_labels(p, show, hide, missed, e);
out:
	prof_label_units_free(p, units);
	tag_filter_fini(&t[0]);
	tag_filter_fini(&t[1]);
	prof_regex_free(show);
	prof_regex_free(hide);
	return rc;
}
