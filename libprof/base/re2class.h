/* Character classes on their way from Go's syntax to PCRE2's, and the text they are written to.
 *
 * Under (?i) Go folds each member before it negates, PCRE2 folds ranges but no properties, and the
 * two disagree on Unicode versions (re2uni.h). A class is therefore collected as one bracketed
 * list of what PCRE2 can be told directly, plus alternatives for the rest:
 *
 *	[a-z\P{Lu}]        ->  ([a-z]|[^\p{Lu}…])
 *	[^a-z\P{Lu}]       ->  ((?![a-z]|[^\p{Lu}…]).)
 */
#ifndef PROF_BASE_RE2CLASS_H
#define PROF_BASE_RE2CLASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROF_RE2_MAX_RUNE 0x10ffffu

/* Growing text with sticky failure; PROF_RE2_TEXT_MAX bytes at most, far more than PCRE2 takes. */
#define PROF_RE2_TEXT_MAX ((size_t)16 << 20)

struct prof_re2_text {
	char *v; /* NUL-terminated once anything was added */
	size_t n, cap;
	bool nomem, too_long;
};

void prof_re2_text_fini(struct prof_re2_text *t);
void prof_re2_text_add(struct prof_re2_text *t, const char *p, size_t n);
void prof_re2_text_puts(struct prof_re2_text *t, const char *s);
void prof_re2_text_insert(struct prof_re2_text *t, size_t at, const char *s);

/* Adds a character as a literal, valid inside and outside of brackets. */
void prof_re2_text_rune(struct prof_re2_text *t, uint32_t c);

struct prof_re2_class {
	bool fold;
	struct prof_re2_text list, others;
	unsigned pieces; /* of others; 1: it needs no group around it */
};

void prof_re2_class_init(struct prof_re2_class *k, bool fold);
void prof_re2_class_fini(struct prof_re2_class *k);
void prof_re2_class_range(struct prof_re2_class *k, uint32_t lo, uint32_t hi);

/* Adds an ASCII class by its POSIX name, or "d", "s", "w"; false: there is none. */
bool prof_re2_class_group(struct prof_re2_class *k, const char *name, size_t len, bool negated);

/* Adds what \p{name} means; false: unknown. */
bool prof_re2_class_property(struct prof_re2_class *k, const char *name, size_t len, bool negated);

/* Whether the text below must stand where PCRE2 ignores case; otherwise it must not. */
bool prof_re2_class_caseless(const struct prof_re2_class *k);
void prof_re2_class_write(const struct prof_re2_class *k, bool negated, struct prof_re2_text *out);

/* Whether PCRE2 may lack a character that c folds to, so that c is to be written as a class. */
bool prof_re2_fold_missing(uint32_t c);

#endif
