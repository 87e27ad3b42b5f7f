/* Which nodes of a graph a report shows, by pprof's newTrimmedGraph: those with |cum| of at least a
 * fraction of SUM flat, sorted, the first so many of them.
 */
#ifndef PROF_ANALYSE_TRIM_H
#define PROF_ANALYSE_TRIM_H

#include "libprof/model/graph.h"

struct prof_trim_opts {
	bool cum; /* sort by it */
	bool drop_negative; /* nodes with flat < 0, or flat == 0 and cum < 0 */
	int64_t node_count; /* 0: no limit */
	double node_fraction; /* of SUM flat, for nodes; edge_fraction for edges */
	double edge_fraction;
};

struct prof_trimmed {
	struct prof_mem *mem;
	PROF_VEC(uint32_t) order; /* the nodes left, sorted */
	bool *keep; /* of each node of the graph: an edge may end there */
	size_t n_nodes; /* of the graph */
	size_t dropped; /* nodes under the cut-off */
	size_t before_count; /* nodes before node_count was applied */
	int64_t node_cutoff, edge_cutoff; /* 0 or less: none */
};

int prof_trim(struct prof_trimmed *t, const struct prof_graph *g, const struct prof_trim_opts *opts,
	struct prof_err *e) PROF_CHECKED;
void prof_trimmed_fini(struct prof_trimmed *t);

/* The least |cum| of nodes that a fraction of the total leaves. */
int64_t prof_trim_fraction(int64_t total, double fraction);

/* Whether a node is one at all: its values have not cancelled out, or are negative and dropped. */
bool prof_trim_counts(const struct prof_node_value *v, bool drop_negative);

/* The steps of it, for what trims otherwise. The nodes at or over the cut-off, in no order; those
 * that a call tree is without are among the dropped ones:
 */
int prof_trim_cutoff(struct prof_trimmed *t, const struct prof_graph *g,
	const struct prof_trim_opts *opts, struct prof_err *e) PROF_CHECKED;
/* Sorts them by |flat|, then |cum|; or by |cum|, then |flat|; with `score`, which has one of each
 * node of the graph, by that in the place of cum.
 */
int prof_trim_sort(struct prof_trimmed *t, const struct prof_graph *g, bool cum,
	const int64_t *score, struct prof_err *e) PROF_CHECKED;
/* Leaves the first n. */
void prof_trim_first(struct prof_trimmed *t, size_t n);

#endif
