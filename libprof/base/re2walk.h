/* Inside of the translator: its state, and what the walk over the pattern (re2check.c) and the
 * reading of single characters and classes (re2atom.c) share. Functions that return int give 0 or
 * an error, unless they say otherwise.
 */
#ifndef PROF_BASE_RE2WALK_H
#define PROF_BASE_RE2WALK_H

#include "libprof/base/re2check.h"
#include "libprof/base/re2class.h"

/* Bounds as Go has them: of a count and of the product of nested ones, of the tree's height. */
#define PROF_RE2_MAX_REPEAT 1000
#define PROF_RE2_MAX_HEIGHT 1000

enum prof_re2_node_kind {
	PROF_RE2_EMPTY,
	PROF_RE2_LITERAL,
	PROF_RE2_CLASS,
	PROF_RE2_ASSERTION,
	PROF_RE2_CONCAT,
	PROF_RE2_ALTERNATE,
	PROF_RE2_REPEAT,
	PROF_RE2_CAPTURE
};

/* A part of the expression, and where its translation starts. */
struct prof_re2_node {
	enum prof_re2_node_kind kind;
	bool fold; /* PROF_RE2_LITERAL: under (?i) */
	bool several; /* PROF_RE2_LITERAL: of more than one character */
	bool bare; /* PCRE2 wants a group around it before it can be repeated */
	unsigned height; /* of Go's syntax tree */
	unsigned repeat; /* product of the nested counts, at most PROF_RE2_MAX_REPEAT */
	size_t start;
};

/* Nodes put together; Go's tree is flat, a concatenation holds no concatenations. */
struct prof_re2_sequence {
	size_t n;
	struct prof_re2_node tail; /* the newest, n > 0 */
	unsigned height, repeat;
};

/* An open group; the outermost one is the expression. */
struct prof_re2_group {
	struct prof_re2_sequence branch, branches;
	struct prof_re2_node last; /* of the branch, still open to repetition */
	bool has_last;
	bool capture, fold, multiline, dotall, out_fold; /* to go back to at the end */
	size_t start;
};

struct prof_re2_walk {
	const char *pattern, *p, *end;
	struct prof_err *e;
	struct prof_re2_text out;
	struct prof_re2_group *groups, *g; /* g: the innermost open one */
	size_t depth;
	bool fold, multiline, dotall; /* flags of the pattern at p */
	bool out_fold; /* whether PCRE2 ignores case at the end of out */
	bool after_repeat, repeated; /* the step before, this step was a repetition */
};

/* Fails with `why` about the pattern; refuse_at also shows the len bytes at p. */
int prof_re2_refuse(struct prof_re2_walk *w, const char *why) __attribute__((cold));
int prof_re2_refuse_at(struct prof_re2_walk *w, const char *why, const char *p, size_t len)
	__attribute__((cold));

/* The bytes from w->p on: how many, and whether they begin with s. */
size_t prof_re2_left(const struct prof_re2_walk *w);
bool prof_re2_at(const struct prof_re2_walk *w, const char *s);

bool prof_re2_is_alnum(char c);

/* Adds a part of the syntax tree whose translation stands in w->out from x.start on. */
int prof_re2_add_node(struct prof_re2_walk *w, struct prof_re2_node x) PROF_CHECKED;

/* Adds a character; adds a zero-width assertion by its PCRE2 text. */
int prof_re2_add_literal(struct prof_re2_walk *w, uint32_t c) PROF_CHECKED;
int prof_re2_add_assertion(struct prof_re2_walk *w, const char *text) PROF_CHECKED;

/* Reads what begins with the backslash or the [ at w->p. */
int prof_re2_backslash(struct prof_re2_walk *w) PROF_CHECKED;
int prof_re2_bracket(struct prof_re2_walk *w) PROF_CHECKED;

#endif
