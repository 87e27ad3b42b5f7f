/* From Go's regular expressions (RE2 syntax as regexp.Compile takes it) to PCRE2's.
 *
 * One pass refuses what Go refuses (look-around, back-references, possessive and doubled
 * repetition, atomic groups, verbs, conditionals, recursion, comments, counts above 1000, escapes
 * and flags Go does not have, …) and writes an expression that matches the same strings in PCRE2.
 * It is exact for *whether* a string matches and keeps nothing that only matters for *where*:
 * groups do not capture, names are dropped, everything is greedy.
 *
 * The result is to be compiled with PCRE2_UTF | PCRE2_DOTALL | PCRE2_MULTILINE |
 * PCRE2_ALT_CIRCUMFLEX | PCRE2_NO_AUTO_CAPTURE, without PCRE2_UCP, newline LF,
 * PCRE2_EXTRA_ALLOW_SURROGATE_ESCAPES. Only the case flag is written inline; (?m) and (?s) choose
 * between ^ and \A, $ and \z, . and \N.
 *
 * Nesting is bounded: 1000 groups, and a syntax tree 1000 high, as in Go.
 */
#ifndef PROF_BASE_RE2CHECK_H
#define PROF_BASE_RE2CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "libprof/base/err.h"

#define PROF_RE2_NESTING 1000

/* Translates len bytes at `pattern`; *out is NUL-terminated ASCII, to be freed with free().
 * 0, PROF_EUSAGE (Go refuses it, too), PROF_ELIMIT (the result is longer than 16 MiB), PROF_ENOMEM.
 */
int prof_re2_translate(
	const char *pattern, size_t len, char **out, struct prof_err *e) PROF_CHECKED;

/* prof_fail with `expression "…": ` in front; a long pattern is cut, odd bytes are escaped. */
int prof_re2_fail(struct prof_err *e, int code, const char *pattern, size_t len, const char *fmt,
	...) PROF_PRINTF(5, 6) __attribute__((cold));

/* Decodes the UTF-8 character at p: its length, or 0 when there is none (a byte that is invalid by
 * itself, a surrogate, too long or too short an encoding) or len is 0.
 */
size_t prof_re2_decode(const char *p, size_t len, uint32_t *c);

#endif
