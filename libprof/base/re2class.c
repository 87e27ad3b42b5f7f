#include "libprof/base/re2class.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "libprof/base/re2uni.h"

/* From 10.40 a bare script name also stands for script extensions, which Go does not look at. */
#if PCRE2_MAJOR > 10 || PCRE2_MINOR >= 40
#define SCRIPT_PREFIX "sc:"
#else
#define SCRIPT_PREFIX ""
#endif

/* Outside of these nothing folds. PCRE2 folds a range character by character, 5 ms for all. */
#define FIRST_FOLDING 0x41u
#define LAST_FOLDING 0x1e943u

void prof_re2_text_fini(struct prof_re2_text *t)
{
	free(t->v);
	*t = (struct prof_re2_text){0};
}

static bool reserve(struct prof_re2_text *t, size_t n)
{
	size_t cap = t->cap ? t->cap : 64;
	char *v;

	if (t->nomem || t->too_long)
		return false;
	if (n >= PROF_RE2_TEXT_MAX - t->n) {
		t->too_long = true;
		return false;
	}
	if (t->cap > t->n + n)
		return true;
	while (cap <= t->n + n)
		cap *= 2;
	v = realloc(t->v, cap);
	if (!v) {
		t->nomem = true;
		return false;
	}
	t->v = v;
	t->cap = cap;
	return true;
}

static void insert(struct prof_re2_text *t, size_t at, const char *p, size_t n)
{
	if (!reserve(t, n))
		return;
	memmove(t->v + at + n, t->v + at, t->n - at);
	memcpy(t->v + at, p, n);
	t->n += n;
	t->v[t->n] = 0;
}

void prof_re2_text_add(struct prof_re2_text *t, const char *p, size_t n)
{
	insert(t, t->n, p, n);
}

void prof_re2_text_puts(struct prof_re2_text *t, const char *s)
{
	prof_re2_text_add(t, s, strlen(s));
}

void prof_re2_text_insert(struct prof_re2_text *t, size_t at, const char *s)
{
	insert(t, at, s, strlen(s));
}

static bool is_word(uint32_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '_';
}

void prof_re2_text_rune(struct prof_re2_text *t, uint32_t c)
{
	char s[16];

	if (is_word(c))
		snprintf(s, sizeof(s), "%c", (int)c);
	else if (c > ' ' && c < 0x7f)
		snprintf(s, sizeof(s), "\\%c", (int)c);
	else
		snprintf(s, sizeof(s), "\\x{%x}", (unsigned)c);
	prof_re2_text_puts(t, s);
}

static void add_range(struct prof_re2_text *t, uint32_t lo, uint32_t hi)
{
	prof_re2_text_rune(t, lo);
	if (hi == lo)
		return;
	if (hi > lo + 1)
		prof_re2_text_puts(t, "-");
	prof_re2_text_rune(t, hi);
}

void prof_re2_class_init(struct prof_re2_class *k, bool fold)
{
	*k = (struct prof_re2_class){.fold = fold};
}

void prof_re2_class_fini(struct prof_re2_class *k)
{
	prof_re2_text_fini(&k->list);
	prof_re2_text_fini(&k->others);
}

/* Adds what folds to members of from..from+(hi-lo), which correspond to lo..hi. */
static void add_partners(
	struct prof_re2_text *t, uint32_t lo, uint32_t hi, uint32_t from, uint32_t to, uint32_t len)
{
	uint32_t first = lo > from ? lo : from;
	uint32_t last = hi < from + len ? hi : from + len;

	if (first <= last)
		add_range(t, first - from + to, last - from + to);
}

/* Starts the next alternative. */
static struct prof_re2_text *other(struct prof_re2_class *k)
{
	if (k->pieces++)
		prof_re2_text_puts(&k->others, "|");
	return &k->others;
}

void prof_re2_class_range(struct prof_re2_class *k, uint32_t lo, uint32_t hi)
{
	struct prof_re2_text *o;

	if (k->fold && lo <= FIRST_FOLDING && hi >= LAST_FOLDING) {
		o = other(k);
		prof_re2_text_puts(o, "[");
		add_range(o, lo, hi);
		prof_re2_text_puts(o, "]");
		return;
	}
	add_range(&k->list, lo, hi);
	for (size_t i = 0; k->fold && i < prof_re2_pair_count; i++) {
		const struct prof_re2_pair *p = &prof_re2_pairs[i];

		add_partners(&k->list, lo, hi, p->lo, p->lo + p->by, p->hi - p->lo);
		add_partners(&k->list, lo, hi, p->lo + p->by, p->lo, p->hi - p->lo);
	}
}

bool prof_re2_fold_missing(uint32_t c)
{
	for (size_t i = 0; i < prof_re2_pair_count; i++) {
		const struct prof_re2_pair *p = &prof_re2_pairs[i];

		if ((c >= p->lo && c <= p->hi) || (c >= p->lo + p->by && c <= p->hi + p->by))
			return true;
	}
	return false;
}

/* ASCII classes as sorted pairs lo hi. */
static const struct {
	const char *name, *pairs;
	unsigned char n;
} groups[] = {
	{"d", "09", 1},
	{"s", "\t\n\f\r  ", 3},
	{"w", "09AZ__az", 4},
	{"alnum", "09AZaz", 3},
	{"alpha", "AZaz", 2},
	{"ascii", "\0\x7f", 1},
	{"blank", "\t\t  ", 2},
	{"cntrl", "\0\x1f\x7f\x7f", 2},
	{"digit", "09", 1},
	{"graph", "!~", 1},
	{"lower", "az", 1},
	{"print", " ~", 1},
	{"punct", "!/:@[`{~", 4},
	{"space", "\t\r  ", 2},
	{"upper", "AZ", 1},
	{"word", "09AZ__az", 4},
	{"xdigit", "09AFaf", 3},
};

static void add_group(struct prof_re2_text *t, const char *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_range(t, (unsigned char)pairs[2 * i], (unsigned char)pairs[2 * i + 1]);
}

static void add_complement(struct prof_re2_text *t, const char *pairs, size_t n)
{
	uint32_t next = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char lo = (unsigned char)pairs[2 * i];

		if (lo > next)
			add_range(t, next, lo - 1u);
		next = (unsigned char)pairs[2 * i + 1] + 1u;
	}
	add_range(t, next, PROF_RE2_MAX_RUNE);
}

bool prof_re2_class_group(struct prof_re2_class *k, const char *name, size_t len, bool negated)
{
	struct prof_re2_text *o;
	size_t i = 0, n = sizeof(groups) / sizeof(groups[0]);

	while (i < n && (strlen(groups[i].name) != len || memcmp(groups[i].name, name, len) != 0))
		i++;
	if (i == n)
		return false;
	if (!negated) {
		add_group(&k->list, groups[i].pairs, groups[i].n);
	} else if (!k->fold) {
		add_complement(&k->list, groups[i].pairs, groups[i].n);
	} else { /* fold first: (?i)\W excludes the Kelvin sign */
		o = other(k);
		prof_re2_text_puts(o, "(?i:[^");
		add_group(o, groups[i].pairs, groups[i].n);
		prof_re2_text_puts(o, "])");
	}
	return true;
}

/* Whether a category or script has the new characters of row r, or (`was`) had them before. */
static bool covers(const struct prof_re2_property *p, const struct prof_re2_new *r, bool was)
{
	const char *c = was ? (r->was ? r->was : "Cn") : r->category;

	switch (p->kind) {
	case PROF_RE2_CATEGORY:
		if (!strcmp(p->name, "LC"))
			return c[0] == 'L' && (c[1] == 'u' || c[1] == 'l' || c[1] == 't');
		return c[0] == p->name[0] && (!p->name[1] || c[1] == p->name[1]);
	case PROF_RE2_SCRIPT:
	case PROF_RE2_NEW_SCRIPT:
		return (!was || r->was) && !strcmp(p->name, r->script);
	default:
		return false;
	}
}

/* The characters that PCRE2 may lack in p (`more`) or wrongly have; how many ranges. */
static size_t add_news(struct prof_re2_text *t, const struct prof_re2_property *p, bool more)
{
	size_t n = 0;

	for (size_t i = 0; i < prof_re2_new_count; i++) {
		const struct prof_re2_new *r = &prof_re2_new[i];

		if (covers(p, r, more) || !covers(p, r, !more))
			continue;
		add_range(t, r->lo, r->hi);
		n++;
	}
	return n;
}

static void add_property(struct prof_re2_text *t, const struct prof_re2_property *p, bool fold)
{
	switch (p->kind) {
	case PROF_RE2_ANY:
		add_range(t, 0, PROF_RE2_MAX_RUNE);
		return;
	case PROF_RE2_ASCII:
		add_range(t, 0, 0x7f);
		break;
	case PROF_RE2_SCRIPT:
		prof_re2_text_puts(t, "\\p{" SCRIPT_PREFIX);
		prof_re2_text_puts(t, p->name);
		prof_re2_text_puts(t, "}");
		break;
	case PROF_RE2_NEW_SCRIPT:
		break;
	default:
		prof_re2_text_puts(t, "\\p{");
		prof_re2_text_puts(t, strcmp(p->name, "LC") ? p->name : "L&");
		prof_re2_text_puts(t, "}");
	}
	add_news(t, p, true);
	for (size_t i = 0; fold && i < p->folded.n; i++)
		for (uint32_t c = p->folded.v[i].lo; c <= p->folded.v[i].hi;
			c += p->folded.v[i].step) {
			if (p->folded.v[i].step == 1) {
				add_range(t, c, p->folded.v[i].hi);
				break;
			}
			prof_re2_text_rune(t, c);
		}
}

/* Adds p as an alternative of its own; `less` lists what PCRE2 wrongly counts in. */
static void add_other(struct prof_re2_class *k, const struct prof_re2_property *p, bool negated,
	const struct prof_re2_text *less)
{
	struct prof_re2_text *o = other(k);

	k->pieces += less->n > 0;
	if (less->n && !negated) {
		prof_re2_text_puts(o, "(?![");
		prof_re2_text_add(o, less->v, less->n);
		prof_re2_text_puts(o, "])");
	}
	prof_re2_text_puts(o, negated ? "[^" : "[");
	add_property(o, p, k->fold);
	prof_re2_text_puts(o, "]");
	if (less->n && negated) {
		prof_re2_text_puts(o, "|[");
		prof_re2_text_add(o, less->v, less->n);
		prof_re2_text_puts(o, "]");
	}
}

bool prof_re2_class_property(struct prof_re2_class *k, const char *name, size_t len, bool negated)
{
	struct prof_re2_property p;
	struct prof_re2_text less = {0};

	if (!prof_re2_property_find(name, len, &p))
		return false;
	if (p.kind == PROF_RE2_ASSIGNED) {
		p = (struct prof_re2_property){.kind = PROF_RE2_CATEGORY, .name = "Cn"};
		negated = !negated;
	}
	add_news(&less, &p, false);
	if (less.nomem)
		k->list.nomem = true;
	if (negated || k->fold || less.n)
		add_other(k, &p, negated, &less);
	else
		add_property(&k->list, &p, false);
	prof_re2_text_fini(&less);
	return true;
}

bool prof_re2_class_caseless(const struct prof_re2_class *k)
{
	return k->fold && !k->pieces;
}

void prof_re2_class_write(const struct prof_re2_class *k, bool negated, struct prof_re2_text *out)
{
	bool wrapped = k->pieces && (negated || k->list.n || k->pieces > 1);

	out->nomem |= k->list.nomem || k->others.nomem;
	out->too_long |= k->list.too_long || k->others.too_long;
	if (wrapped)
		prof_re2_text_puts(out, negated ? "((?!" : "(");
	if (k->list.n) {
		if (wrapped && k->fold)
			prof_re2_text_puts(out, "(?i:");
		prof_re2_text_puts(out, negated && !wrapped ? "[^" : "[");
		prof_re2_text_add(out, k->list.v, k->list.n);
		prof_re2_text_puts(out, wrapped ? (k->fold ? "])|" : "]|") : "]");
	}
	if (k->pieces)
		prof_re2_text_add(out, k->others.v, k->others.n);
	if (wrapped)
		prof_re2_text_puts(out, negated ? ").)" : ")");
}
