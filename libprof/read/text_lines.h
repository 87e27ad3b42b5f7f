/* Lines of any length out of an input, and the few tokens that text profiles are made of.
 *
 *	while ((rc = prof_text_next(in, &l, e)) > 0)
 *		if (prof_text_int(&l, &count) && prof_text_take(&l, " @"))
 *			…
 *
 * A line is a cursor: what is taken moves `p` towards `end`, what does not fit moves nothing. Its
 * bytes stay where they are until the next line is asked for. Line ends are \n or \r\n.
 */
#ifndef PROF_READ_TEXT_LINES_H
#define PROF_READ_TEXT_LINES_H

#include <string.h>

#include "libprof/base/strtab.h"
#include "libprof/read/input.h"

struct prof_text_line {
	const char *p, *end; /* left of it; without the line end */
	const char *start;
	int64_t at; /* offset of `start` */
	bool cut; /* the input ends without a line end */
};

/* 1, 0 at the end, or an error. A byte order mark in front of the input is no part of a line. */
int prof_text_next(
	struct prof_input *in, struct prof_text_line *l, struct prof_err *e) PROF_CHECKED;

/* The offset of l->p. */
static inline int64_t prof_text_offset(const struct prof_text_line *l)
{
	return l->at + (l->p - l->start);
}

/* Skips blanks: true when there was one, or nothing is left. */
bool prof_text_blanks(struct prof_text_line *l);

/* Nothing but blanks is left. */
bool prof_text_ended(const struct prof_text_line *l);

/* Inline, so that constants are compared without a call. */
static inline bool prof_text_starts(const struct prof_text_line *l, const char *with)
{
	size_t n = strlen(with);

	return (size_t)(l->end - l->p) >= n && memcmp(l->p, with, n) == 0;
}

static inline bool prof_text_take(struct prof_text_line *l, const char *text)
{
	if (!prof_text_starts(l, text))
		return false;
	l->p += strlen(text);
	return true;
}

bool prof_text_holds(const struct prof_text_line *l, const char *text);

/* Numbers, which must fit: decimal with or without a sign, hexadecimal without and with 0x. */
bool prof_text_int(struct prof_text_line *l, int64_t *v);
bool prof_text_hex(struct prof_text_line *l, uint64_t *v);
bool prof_text_0x(struct prof_text_line *l, uint64_t *v);

/* A real number as Go writes it: "+1.332166e+000", "1.1446393", "NaN", "-Inf". */
bool prof_text_real(struct prof_text_line *l, double *v);

/* What stands in front of the next blank. */
struct prof_text_line prof_text_word(struct prof_text_line *l);

static inline bool prof_text_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static inline bool prof_text_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

#endif
