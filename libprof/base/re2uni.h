/* What Go's package regexp knows about Unicode where PCRE2 may know something else: the names of
 * general categories and scripts that \p{…} accepts, what (?i) adds to a category or script, and
 * the characters that Unicode 15 to 17 added (Go 1.27 has version 17, PCRE2 10.42 has version 14).
 *
 * The tables say how PCRE2 10.40 or later is to be corrected; a later PCRE2 that has the newer
 * Unicode data is corrected to what it already knows.
 */
#ifndef PROF_BASE_RE2UNI_H
#define PROF_BASE_RE2UNI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* lo, lo + step, …, hi */
struct prof_re2_range {
	uint32_t lo, hi, step;
};

struct prof_re2_ranges {
	const struct prof_re2_range *v;
	size_t n;
};

/* Characters that Unicode 14 did not have, or (`was` set) had in another category. */
struct prof_re2_new {
	uint32_t lo, hi;
	const char *category, *script, *was;
};

extern const struct prof_re2_new prof_re2_new[];
extern const size_t prof_re2_new_count;

/* c folds to c + by, and back: pairs missing in PCRE2 10.42. */
struct prof_re2_pair {
	uint32_t lo, hi, by;
};

extern const struct prof_re2_pair prof_re2_pairs[];
extern const size_t prof_re2_pair_count;

enum prof_re2_kind {
	PROF_RE2_ANY,
	PROF_RE2_ASCII,
	PROF_RE2_ASSIGNED,
	PROF_RE2_CATEGORY,
	PROF_RE2_SCRIPT,
	PROF_RE2_NEW_SCRIPT, /* not in Unicode 14: only what prof_re2_new says */
};

struct prof_re2_property {
	enum prof_re2_kind kind;
	const char *name; /* of the category ("Lu") or script ("Old_Italic") */
	struct prof_re2_ranges folded; /* what (?i) adds */
};

/* Finds a property by the name between the braces; case, '_', '-' and ' ' do not matter. */
bool prof_re2_property_find(const char *name, size_t len, struct prof_re2_property *out);

#endif
