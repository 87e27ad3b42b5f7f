/* What goals tell of a run's settings, from the formula's side. */
#ifndef PROF_ANALYSE_GC_GOALS_H
#define PROF_ANALYSE_GC_GOALS_H

#include "libprof/analyse/gc/gc.h"

/* What a goal is made of: the least and the most that rounding leaves open. */
struct prof_gc_inputs {
	double live[2], roots[2]; /* roots: live + stacks + globals */
	struct prof_gc_size goal;
	bool known;
};

/* Of the k-th cycle of a segment, whose log's stacks count with a part of them. */
struct prof_gc_inputs prof_gc_inputs(
	const struct prof_gc *gc, const struct prof_segment *s, uint32_t k, double stacks_part);

/* The goal for one end of the inputs. */
static inline double prof_gc_goal_of(const struct prof_gc_inputs *in, int end, double gogc)
{
	return prof_gc_formula(in->live[end], in->roots[end] - in->live[end], 0, gogc);
}

/* Whether sizes within the rounding give the goal. */
bool prof_gc_agrees(const struct prof_gc_inputs *in, double gogc);

/* Sets GOGC and the part of the stacks of each run. */
int prof_gc_infer(struct prof_gc *gc, struct prof_err *e) PROF_CHECKED;

#endif
