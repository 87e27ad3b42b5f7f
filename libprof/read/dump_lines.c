#include "libprof/read/dump_lines.h"

#include <string.h>

/* Takes the string that begins at l->p, up to its quote or the end of the line, apart. */
static int unescape(struct prof_dump_lines *d, struct prof_text_line l, struct prof_err *e)
{
	int rc = 0;

	d->text.v.n = d->pos = 0;
	d->at = l.at;
	while (!rc && l.p < l.end && *l.p != '"')
		rc = prof_dump_unescape(&l, d->mem, &d->text, e);
	return rc;
}

bool prof_dump_embedded(const struct prof_text_line *line, const char **start)
{
	struct prof_text_line l = *line, rest;

	while (l.p < l.end && (l.p = memchr(l.p, 'g', (size_t)(l.end - l.p)))) {
		if (prof_text_starts(&l, "goroutine ") && l.end - l.p > 10 &&
			prof_text_is_digit(l.p[10])) {
			rest = l;
			*start = l.p;
			return prof_text_holds(&rest, ":\\n");
		}
		l.p++;
	}
	return false;
}

/* The next line of what was escaped; false: there is none. */
static bool piece(struct prof_dump_lines *d, struct prof_text_line *l)
{
	size_t left = d->text.v.n - d->pos;
	const char *p, *nl;

	if (!left)
		return false;
	p = d->text.v.v + d->pos;
	nl = memchr(p, '\n', left);
	*l = (struct prof_text_line){
		.p = p, .start = p, .end = nl ? nl : p + left, .at = d->at, .cut = false};
	d->pos += nl ? (size_t)(nl - p) + 1 : left;
	if (l->end > l->p && l->end[-1] == '\r')
		l->end--;
	return true;
}

int prof_dump_line(
	struct prof_dump_lines *d, bool embedded, struct prof_text_line *l, struct prof_err *e)
{
	const char *start;
	int rc;

	if (d->again) {
		d->again = false;
		*l = d->line;
		return 1;
	}
	if (!piece(d, l)) {
		rc = prof_text_next(d->in, l, e);
		if (rc <= 0)
			return rc;
		if (prof_text_take(l, "{\"log\":\"")) {
			rc = unescape(d, *l, e);
			if (!rc && !piece(d, l))
				l->p = l->end;
		} else if (embedded && prof_dump_embedded(l, &start)) {
			l->p = start;
			rc = unescape(d, *l, e);
			if (!rc && !piece(d, l))
				l->p = l->end;
		}
		if (rc < 0)
			return rc;
	}
	d->line = *l;
	return 1;
}

void prof_dump_lines_fini(struct prof_dump_lines *d)
{
	prof_vec_fini(d->mem, &d->text.v);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

void prof_dump_prefix_of(
	const struct prof_text_line *l, const char *header, struct prof_dump_prefix *x)
{
	const char *p = l->p, *word = header;

	*x = (struct prof_dump_prefix){0};
	while (word > p && is_space(word[-1])) {
		word--;
		x->blanks++;
	}
	while (p < word) {
		const char *from;

		while (p < word && is_space(*p))
			p++;
		from = p;
		while (p < word && !is_space(*p))
			p++;
		if (p == from)
			break;
		x->words++;
		x->n_last = (uint32_t)(p - from);
		if (x->n_last > sizeof(x->last))
			x->n_last = sizeof(x->last);
		memcpy(x->last, from, x->n_last);
	}
}

/* Equal but for digits, each run of which is like any other. */
static bool alike(const char *a, const char *a_end, const char *b, const char *b_end)
{
	while (a < a_end && b < b_end) {
		if (prof_text_is_digit(*a) && prof_text_is_digit(*b)) {
			while (a < a_end && prof_text_is_digit(*a))
				a++;
			while (b < b_end && prof_text_is_digit(*b))
				b++;
		} else if (*a++ != *b++) {
			return false;
		}
	}
	return a == a_end;
}

bool prof_dump_strip(const struct prof_dump_prefix *x, struct prof_text_line *l)
{
	const char *p = l->p, *word = p;

	for (uint32_t i = 0; i < x->words; i++) {
		while (p < l->end && is_space(*p))
			p++;
		word = p;
		while (p < l->end && !is_space(*p))
			p++;
		if (p == word)
			return false;
	}
	if (x->words && !alike(x->last, x->last + x->n_last, word, p))
		return false;
	/* A blank line may have lost the blanks behind its prefix. */
	for (uint32_t i = 0; i < x->blanks && p < l->end; i++) {
		if (!is_space(*p))
			return x->words == 0;
		p++;
	}
	l->p = p;
	return true;
}
