/* The prefix tree of a profile's stacks, one level at a time, root first. The whole tree is never
 * in memory: at any time there are the samples that still have frames to come, sorted by the node
 * of the level they have reached, and the nodes of that level and the next. Nodes under a part of
 * the root are not gone into. Time is in proportion to the frames that are reached.
 */
#ifndef PROF_ANALYSE_FLAME_WALK_H
#define PROF_ANALYSE_FLAME_WALK_H

#include "libprof/model/graph.h"

struct prof_flame_walk {
	const struct prof_graph *graph; /* which nodes a location is */
	const uint32_t *rank; /* of each node of the graph: the order of children */
	const int64_t *const *columns; /* values of the samples */
	uint32_t n_columns;
	const double *const *spread; /* variances of these values, or NULL */
	double least; /* part of the root that a node must reach in one column; 0: all are kept;
			 `visit` may raise it on the way */
	bool collapse; /* a frame equal to its caller is not a frame of its own */
};

/* Nodes are numbered as they are visited, from 0, the root. */
struct prof_flame_step {
	uint32_t node; /* of the graph; PROF_NONE: the root */
	uint32_t parent, depth;
	uint32_t first, n_children; /* their numbers */
	uint8_t inlined; /* enum prof_flame_inlined */
	const int64_t *cum, *self; /* of each column */
	const double *spread;
};

typedef int prof_flame_visit_fn(void *ctx, const struct prof_flame_step *step, struct prof_err *e);

/* Calls `visit` for each node, level by level, children in the order of their parents; stops at the
 * first value that is not 0 and returns it.
 */
int prof_flame_walk(const struct prof_flame_walk *w, prof_flame_visit_fn *visit, void *ctx,
	struct prof_err *e) PROF_CHECKED;

#endif
