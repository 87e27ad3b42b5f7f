#include "libprof/base/re2walk.h"

#include <stdlib.h>
#include <string.h>

/* The syntax tree, as far as its height and counts go. */

static void append(
	struct prof_re2_sequence *s, const struct prof_re2_node *x, enum prof_re2_node_kind op)
{
	unsigned height = x->kind == op ? x->height - 1 : x->height;
	bool letter = x->kind == PROF_RE2_LITERAL ||
		      (op == PROF_RE2_ALTERNATE && x->kind == PROF_RE2_CLASS);
	bool joins = s->n && letter &&
		     (op == PROF_RE2_ALTERNATE ? !x->several && !s->tail.several
					       : x->fold == s->tail.fold) &&
		     (s->tail.kind == PROF_RE2_LITERAL ||
			     (op == PROF_RE2_ALTERNATE && s->tail.kind == PROF_RE2_CLASS));

	if (height > s->height)
		s->height = height;
	if (x->repeat > s->repeat)
		s->repeat = x->repeat;
	if (!joins)
		s->n += x->kind == op ? 2 : 1;
	s->tail = *x;
	s->tail.several |= joins && op == PROF_RE2_CONCAT;
}

static struct prof_re2_node joined(const struct prof_re2_sequence *s, enum prof_re2_node_kind op)
{
	struct prof_re2_node x = {.kind = PROF_RE2_EMPTY, .height = 1, .repeat = 1};

	if (s->n == 1)
		return s->tail;
	if (s->n > 1)
		x = (struct prof_re2_node){
			.kind = op, .height = s->height + 1, .repeat = s->repeat};
	return x;
}

int prof_re2_add_node(struct prof_re2_walk *w, struct prof_re2_node x)
{
	struct prof_re2_group *g = w->g;

	if (x.height > PROF_RE2_MAX_HEIGHT)
		return prof_re2_refuse(w, "nests too deeply");
	if (g->has_last)
		append(&g->branch, &g->last, PROF_RE2_CONCAT);
	g->last = x;
	g->has_last = true;
	return 0;
}

static int end_branch(struct prof_re2_walk *w)
{
	struct prof_re2_group *g = w->g;
	struct prof_re2_node x;

	if (g->has_last)
		append(&g->branch, &g->last, PROF_RE2_CONCAT);
	g->has_last = false;
	x = joined(&g->branch, PROF_RE2_CONCAT);
	g->branch = (struct prof_re2_sequence){0};
	append(&g->branches, &x, PROF_RE2_ALTERNATE);
	return x.height > PROF_RE2_MAX_HEIGHT ? prof_re2_refuse(w, "nests too deeply") : 0;
}

/* Groups. */

static int open_group(struct prof_re2_walk *w, bool capture)
{
	if (w->depth == PROF_RE2_NESTING)
		return prof_re2_refuse(w, "nests too deeply");
	w->g = &w->groups[++w->depth];
	*w->g = (struct prof_re2_group){
		.capture = capture,
		.fold = w->fold,
		.multiline = w->multiline,
		.dotall = w->dotall,
		.out_fold = w->out_fold,
		.start = w->out.n,
	};
	prof_re2_text_puts(&w->out, "("); /* PCRE2 allows only 500 (?: in each other */
	return 0;
}

static int close_group(struct prof_re2_walk *w)
{
	struct prof_re2_group *g = w->g;
	struct prof_re2_node x;
	int rc;

	if (!w->depth)
		return prof_re2_refuse(w, "unexpected )");
	rc = end_branch(w);
	if (rc)
		return rc;
	x = joined(&g->branches, PROF_RE2_ALTERNATE);
	if (g->capture)
		x = (struct prof_re2_node){
			PROF_RE2_CAPTURE, .height = x.height + 1, .repeat = x.repeat};
	x.start = g->start;
	x.bare = false;
	w->fold = g->fold;
	w->multiline = g->multiline;
	w->dotall = g->dotall;
	w->out_fold = g->out_fold;
	prof_re2_text_puts(&w->out, ")");
	w->g = &w->groups[--w->depth];
	return prof_re2_add_node(w, x);
}

enum { PCRE2_NAME = 32 }; /* the longest name of a group that PCRE2 takes */

/* Behind "(?P<" or "(?<"; a name may come twice. */
static int named_group(struct prof_re2_walk *w, size_t skip)
{
	const char *name = w->p + skip, *p = name;
	int rc;

	while (p < w->end && (prof_re2_is_alnum(*p) || *p == '_'))
		p++;
	if (p == w->end || *p != '>' || p == name)
		return prof_re2_refuse(w, "bad name of a group");
	w->p = p + 1;
	rc = open_group(w, true);
	if (rc || p - name > PCRE2_NAME || (*name >= '0' && *name <= '9'))
		return rc;
	prof_re2_text_puts(&w->out, "?<");
	prof_re2_text_add(&w->out, name, (size_t)(p - name));
	prof_re2_text_puts(&w->out, ">");
	return 0;
}

/* What the user wanted to say with "(?…", that is not RE2. */
static int refuse_group(struct prof_re2_walk *w)
{
	static const char *const table[][2] = {
		{"(?=", "look-ahead is not supported"},
		{"(?!", "look-ahead is not supported"},
		{"(?<=", "look-behind is not supported"},
		{"(?<!", "look-behind is not supported"},
		{"(?>", "atomic groups are not supported"},
		{"(?#", "comments are not supported"},
		{"(?(", "conditionals are not supported"},
		{"(?|", "branch reset is not supported"},
		{"(?P=", "back-references are not supported"},
		{"(?P>", "recursion is not supported"},
		{"(?&", "recursion is not supported"},
		{"(?R", "recursion is not supported"},
		{"(?'", "bad name of a group"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (prof_re2_at(w, table[i][0]))
			return prof_re2_refuse(w, table[i][1]);
	if (prof_re2_left(w) > 2 && w->p[2] >= '0' && w->p[2] <= '9')
		return prof_re2_refuse(w, "recursion is not supported");
	return prof_re2_refuse_at(
		w, "unknown flags", w->p, prof_re2_left(w) < 6 ? prof_re2_left(w) : 6);
}

/* (?flags) or (?flags:…) */
static int flags(struct prof_re2_walk *w)
{
	bool on = true, seen = false, fold = w->fold, multiline = w->multiline, dotall = w->dotall;
	int rc = 0;

	for (const char *p = w->p + 2; p < w->end; p++) {
		if (*p == '-' && on) {
			on = seen = false;
			continue;
		}
		if ((*p == ':' || *p == ')') && (on || seen)) {
			if (*p == ':')
				rc = open_group(w, false);
			w->fold = fold;
			w->multiline = multiline;
			w->dotall = dotall;
			w->p = p + 1;
			return rc;
		}
		if (*p == 'i')
			fold = on;
		else if (*p == 'm')
			multiline = on;
		else if (*p == 's')
			dotall = on;
		else if (*p != 'U') /* greedy or not: the same strings match */
			break;
		seen = true;
	}
	return refuse_group(w);
}

static int left_paren(struct prof_re2_walk *w)
{
	if (prof_re2_at(w, "(?<=") || prof_re2_at(w, "(?<!"))
		return refuse_group(w);
	if (prof_re2_at(w, "(?P<"))
		return named_group(w, 4);
	if (prof_re2_at(w, "(?<"))
		return named_group(w, 3);
	if (prof_re2_at(w, "(?"))
		return flags(w);
	if (prof_re2_at(w, "(*"))
		return prof_re2_refuse(w, "verbs are not supported");
	w->p++;
	return open_group(w, true);
}

/* Repetition. */

/* A decimal without leading zeros at *p; more than PROF_RE2_MAX_REPEAT is cut to one more. */
static bool count(const struct prof_re2_walk *w, const char **p, int *n)
{
	const char *q = *p;

	if (q == w->end || *q < '0' || *q > '9')
		return false;
	if (*q == '0' && q + 1 < w->end && q[1] >= '0' && q[1] <= '9')
		return false;
	for (*n = 0; q < w->end && *q >= '0' && *q <= '9'; q++)
		if (*n <= PROF_RE2_MAX_REPEAT)
			*n = *n * 10 + (*q - '0');
	if (*n > PROF_RE2_MAX_REPEAT)
		*n = PROF_RE2_MAX_REPEAT + 1;
	*p = q;
	return true;
}

/* {n}, {n,} (max -1) or {n,m} at w->p; false: the brace is a literal. */
static bool counts(const struct prof_re2_walk *w, int *min, int *max, const char **end)
{
	const char *p = w->p + 1;

	if (!count(w, &p, min) || p == w->end)
		return false;
	*max = *min;
	if (*p == ',') {
		p++;
		*max = -1;
		if (p < w->end && *p != '}' && !count(w, &p, max))
			return false;
	}
	if (p == w->end || *p != '}')
		return false;
	*end = p + 1;
	return true;
}

/* The height and counts of `last` with the repetition op (n: its count for the product). */
static int repeat_node(struct prof_re2_walk *w, bool counted, int n)
{
	struct prof_re2_node *x = &w->g->last;

	if (counted && !n)
		x->repeat = 1; /* {0}: what is inside does not count */
	if (n > 0)
		x->repeat *= (unsigned)n;
	if (x->repeat > PROF_RE2_MAX_REPEAT)
		return prof_re2_refuse(w, "repeat count above 1000");
	x->kind = PROF_RE2_REPEAT;
	x->bare = true;
	if (++x->height > PROF_RE2_MAX_HEIGHT)
		return prof_re2_refuse(w, "nests too deeply");
	return 0;
}

/* Applies the repetition at w->p, which ends at `end`. */
static int repeat(struct prof_re2_walk *w, const char *end, int min, int max, bool counted)
{
	struct prof_re2_node *x = &w->g->last;
	const char *op = w->p;
	size_t len = (size_t)(end - op);

	if (w->after_repeat)
		return prof_re2_refuse_at(
			w, "possessive or doubled repetition is not supported:", op - 1, len + 1);
	if (!w->g->has_last)
		return prof_re2_refuse_at(w, "nothing to repeat before", op, len);
	if (x->bare) {
		prof_re2_text_insert(&w->out, x->start, "(");
		prof_re2_text_puts(&w->out, ")");
	}
	prof_re2_text_add(&w->out, op, len);
	w->p = end + (end < w->end && *end == '?');
	w->repeated = true;
	if (max == 0)
		return repeat_node(w, counted, 0);
	return repeat_node(w, false, max < 0 ? min : max);
}

static int brace(struct prof_re2_walk *w)
{
	const char *end;
	int min, max;

	if (!counts(w, &min, &max, &end)) {
		w->p++;
		return prof_re2_add_literal(w, '{');
	}
	if (min > PROF_RE2_MAX_REPEAT || max > PROF_RE2_MAX_REPEAT || (max >= 0 && min > max))
		return prof_re2_refuse_at(w, "bad repeat count", w->p, (size_t)(end - w->p));
	return repeat(w, end, min, max, true);
}

static int dot(struct prof_re2_walk *w)
{
	size_t start = w->out.n;

	w->p++;
	prof_re2_text_puts(&w->out, w->dotall ? "." : "\\N");
	return prof_re2_add_node(w,
		(struct prof_re2_node){PROF_RE2_CLASS, .height = 1, .repeat = 1, .start = start});
}

static int step(struct prof_re2_walk *w)
{
	uint32_t c;
	int rc;

	switch (*w->p) {
	case '(':
		return left_paren(w);
	case ')':
		w->p++;
		return close_group(w);
	case '|':
		w->p++;
		rc = end_branch(w);
		prof_re2_text_puts(&w->out, "|");
		return rc;
	case '^':
		w->p++;
		return prof_re2_add_assertion(w, w->multiline ? "^" : "\\A");
	case '$':
		w->p++;
		return prof_re2_add_assertion(w, w->multiline ? "$" : "\\z");
	case '.':
		return dot(w);
	case '[':
		return prof_re2_bracket(w);
	case '*':
	case '+':
	case '?':
		return repeat(w, w->p + 1, 0, 0, false);
	case '{':
		return brace(w);
	case '\\':
		return prof_re2_backslash(w);
	default:
		w->p += prof_re2_decode(w->p, prof_re2_left(w), &c);
		return prof_re2_add_literal(w, c);
	}
}

static int walk(struct prof_re2_walk *w)
{
	const char *p = w->p;
	struct prof_re2_node x;
	uint32_t c;
	size_t n;
	int rc;

	for (; p < w->end; p += n) {
		n = prof_re2_decode(p, (size_t)(w->end - p), &c);
		if (!n)
			return prof_re2_refuse(w, "invalid UTF-8");
	}
	while (w->p < w->end && !w->out.nomem && !w->out.too_long) {
		w->repeated = false;
		rc = step(w);
		if (rc)
			return rc;
		w->after_repeat = w->repeated;
	}
	if (w->out.nomem || w->out.too_long)
		return 0;
	if (w->depth)
		return prof_re2_refuse(w, "missing )");
	rc = end_branch(w);
	if (rc)
		return rc;
	x = joined(&w->g->branches, PROF_RE2_ALTERNATE);
	return x.height > PROF_RE2_MAX_HEIGHT ? prof_re2_refuse(w, "nests too deeply") : 0;
}

static size_t most_groups(const char *p, size_t len)
{
	size_t n = 1;

	for (size_t i = 0; i < len && n <= PROF_RE2_NESTING; i++)
		n += p[i] == '(';
	return n;
}

int prof_re2_translate(const char *pattern, size_t len, char **out, struct prof_err *e)
{
	struct prof_re2_walk w = {.pattern = pattern, .p = pattern, .end = pattern + len, .e = e};
	int rc;

	w.groups = calloc(most_groups(pattern, len), sizeof(*w.groups));
	if (!w.groups)
		return prof_nomem(e);
	w.g = w.groups;
	prof_re2_text_puts(&w.out, ""); /* out.v is not NULL from here */
	rc = walk(&w);
	if (!rc && w.out.too_long)
		rc = prof_re2_fail(e, PROF_ELIMIT, pattern, len, "too large");
	if (!rc && w.out.nomem)
		rc = prof_nomem(e);
	free(w.groups);
	if (rc) {
		prof_re2_text_fini(&w.out);
		return rc;
	}
	*out = w.out.v;
	return 0;
}
