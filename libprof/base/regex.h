/* Regular expressions with Go's syntax and meaning (package regexp, as regexp.Compile takes them),
 * for the question whether a string matches anywhere.
 *
 *	struct prof_regex *re;
 *	bool yes;
 *
 *	if (prof_regex_new("^runtime\\.(malloc|gc)", &re, e) == 0 &&
 *	    prof_regex_match(re, name, &yes, e) == 0)
 *		...
 *	prof_regex_free(re);
 *
 * PCRE2 matches what re2check.h translates. Strings are bytes: as in Go, each byte that is not part
 * of valid UTF-8 counts as one U+FFFD. PCRE2 backtracks, so steps and memory are limited; a match
 * that passes them is tried once more with PCRE2's slower matcher that does not backtrack.
 *
 * One expression must not be used by two threads at a time (it owns the match's work space).
 */
#ifndef PROF_BASE_REGEX_H
#define PROF_BASE_REGEX_H

#include <stdbool.h>

#include "libprof/base/strtab.h"

struct prof_regex;

/* 0; PROF_EUSAGE: Go would refuse `pattern`, too; PROF_ELIMIT: fine for Go, too large for PCRE2;
 * PROF_ENOMEM. The message names the expression.
 */
int prof_regex_new(const char *pattern, struct prof_regex **out, struct prof_err *e) PROF_CHECKED;
void prof_regex_free(struct prof_regex *re);

/* Sets *matched. 0, PROF_ELIMIT (names the expression) or PROF_ENOMEM. */
int prof_regex_match(
	struct prof_regex *re, struct prof_str s, bool *matched, struct prof_err *e) PROF_CHECKED;

/* Takes a group (?P<name>…) that took part in a match; non-zero stops. */
typedef int prof_regex_group_fn(void *ctx, const char *name, struct prof_str value);

/* prof_regex_match that hands over the named groups of the first match, by name. Returns what
 * `group` stopped with, or as prof_regex_match; groups with names of more than 32 characters are
 * passed over.
 */
int prof_regex_groups(struct prof_regex *re, struct prof_str s, bool *matched,
	prof_regex_group_fn *group, void *ctx, struct prof_err *e) PROF_CHECKED;
bool prof_regex_has_groups(const struct prof_regex *re); /* named ones */

#endif
