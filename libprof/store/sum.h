/* Sums of samples of several profiles of one service, straight from their nodes and sets of labels:
 * what is equal in all of them is looked at once, not once a profile.
 */
#ifndef PROF_STORE_SUM_H
#define PROF_STORE_SUM_H

#include "libprof/store/pack.h"

struct prof_sum {
	/* The sum, with build, head and maps of the first, the earliest time, all durations, the
	 * longest period.
	 */
	struct prof_packed packed;
	const struct prof_dict *d;
	PROF_VEC(uint32_t) row; /* of each node, with no labels; PROF_NONE: none yet */
	struct prof_index rows; /* of the others */
	size_t profiles;
};

void prof_sum_init(struct prof_sum *s, const struct prof_dict *d, uint64_t memory_bytes);
void prof_sum_fini(struct prof_sum *s);

/* Adds a profile that has the head of the first. PROF_EFORMAT when it does not fit the
 * dictionaries.
 */
int prof_sum_add(struct prof_sum *s, const struct prof_packed *k, struct prof_err *e) PROF_CHECKED;

/* Takes rows away whose sums are all 0; nothing can be added then. */
void prof_sum_end(struct prof_sum *s);

#endif
