/* Who calls whom, of some rows. A row is `near` a function; a neighbour is the function next to it
 * on a stack, or the next one whose code may have changed, with what both have in common. Where it
 * is asked for, the row's own lines are neighbours, too.
 */
#ifndef PROF_ANALYSE_DIFF_RELATE_H
#define PROF_ANALYSE_DIFF_RELATE_H

#include "libprof/analyse/diff/diff.h"

enum relation { CALLER, CALLEE, NEAR_CALLER, NEAR_CALLEE, LINE, N_RELATIONS };

struct neighbour {
	uint32_t of;
	uint32_t row; /* PROF_NONE: none, as caller of a root, or callee of a leaf; LINE: a line,
			 counted from the function's first */
	enum relation relation;
	double x[2]; /* counts by side */
	uint32_t next; /* neighbour of the same row, or PROF_NONE */
};

struct neighbours {
	struct prof_diff *d;
	uint32_t *first; /* of each row, into v; PROF_NONE: none */
	PROF_VEC(struct neighbour) v;
	struct prof_index index;
};

/* One pass over all samples that hold a row of `of`. diff_neighbours_fini is due whatever it
 * returns. */
int diff_neighbours_init(struct neighbours *n, struct prof_diff *d, const bool *of, bool lines,
	struct prof_err *e) PROF_CHECKED;
void diff_neighbours_fini(struct neighbours *n);

/* What a neighbour is called for a comparison across the sides: functions that are on one side only
 * are equal by their last names.
 */
uint64_t diff_key_of(const struct prof_diff *d, uint32_t row);

/* How far the neighbours of one relation agree, of `old` on the old side and `new` on the new one:
 * the sum of the smaller ones of both shares.
 */
double diff_overlap(const struct neighbours *n, uint32_t old, uint32_t new, enum relation relation);

/* How alike two names are, 0 to 1: same package and receiver, and the edit distance of what is left
 * once the compiler's numbers (.func1, .gowrap2, -range3) are.
 */
double diff_name_similarity(struct prof_str a, struct prof_str b);

#endif
