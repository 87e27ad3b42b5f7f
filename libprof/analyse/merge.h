/* Several profiles into one, and bases subtracted (prof_combine of prof.h). merge.c joins entities
 * by their keys; combine.c decides on types, units, signs and the header.
 */
#ifndef PROF_ANALYSE_MERGE_H
#define PROF_ANALYSE_MERGE_H

#include "libprof/model/profile.h"

/* One profile of a merge. type[t] and ratio[t]: the column of it that becomes column t of the
 * result, and what its values are multiplied by (rounded half away from zero; 1: left exact).
 */
struct prof_merge_part {
	const struct prof_profile *profile;
	const uint32_t *type;
	const double *ratio;
	bool mark_base; /* its samples get the label pprof::base=true */
};

/* Adds the parts to `out`, which has its types and columns and is else empty. Samples that are all
 * zero are left out; those that add up to zero stay.
 */
int prof_merge_parts(struct prof_profile *out, const struct prof_merge_part *parts, size_t n,
	struct prof_err *e) PROF_CHECKED;

#endif
