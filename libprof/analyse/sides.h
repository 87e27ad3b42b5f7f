/* A profile that is NEW less OLD (prof_combine with diff_base, or what pprof wrote with -diff_base)
 * as two sides: its T columns become 2 T, first NEW's, then OLD's as positive values, and the label
 * that told the samples apart goes.
 */
#ifndef PROF_ANALYSE_SIDES_H
#define PROF_ANALYSE_SIDES_H

#include "libprof/model/profile.h"

/* *split: in, whether to do so where no sample is of a base, too; out, whether it was done. */
int prof_split_sides(struct prof_profile *p, bool *split, struct prof_err *e) PROF_CHECKED;

#endif
