/* Folded stacks of a column (prof_profile_folded of prof.h), or of two: "stack old new", as
 * difffolded.pl writes them.
 */
#ifndef PROF_RENDER_PROFILE_FOLDED_H
#define PROF_RENDER_PROFILE_FOLDED_H

#include "libprof/model/profile.h"

/* `old`: the column of the first count, or PROF_NONE. */
int prof_folded_write(const struct prof_profile *p, uint32_t column, uint32_t old, unsigned flags,
	prof_write_fn *write, void *ctx, struct prof_err *e) PROF_CHECKED;

#endif
