/* Which of a function's closures is which: the compiler numbers them in the order of the source, so
 * that one that is put in, or taken out, gives all behind it another's name.
 *
 * They keep their order, so old and new ones are aligned like two texts, and every alignment has a
 * probability: of a pair speak the lines that were sampled (counted from where the closure begins),
 * whom it calls, who calls it, and what it costs; of the step from one pair to the next, whether
 * numbers and first lines moved on alike. Summed up over all alignments that gives each pair its
 * own (as in a pair hidden Markov model). Few samples say little, and then it stays open.
 */
#ifndef PROF_ANALYSE_DIFF_SIBLINGS_H
#define PROF_ANALYSE_DIFF_SIBLINGS_H

#include "libprof/analyse/diff/relate.h"

enum { SIBLINGS = 32 }; /* most that are aligned: time is the square of their number times BAND */

struct sibling {
	uint32_t row;
	uint64_t number; /* in the order of the source */
};

/* By number. `before`, `after`: how far the code in front of them and behind them moved, in lines;
 * INT64_MIN: not known.
 */
struct siblings {
	struct sibling v[SIBLINGS];
	size_t n;
	int64_t before, after;
	/* Filled in by diff_align: v[k]'s new side was v[was[k]]'s old one, or none's (SIBLINGS),
	 * with that probability. */
	size_t was[SIBLINGS];
	double p[SIBLINGS];
	bool open; /* of a member that matters it is not known which it was */
};

int diff_align(const struct neighbours *near, struct siblings *s, struct prof_err *e) PROF_CHECKED;

#endif
