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
	int64_t edge_cutoff;
};

int prof_trim(struct prof_trimmed *t, const struct prof_graph *g, const struct prof_trim_opts *opts,
	struct prof_err *e) PROF_CHECKED;
void prof_trimmed_fini(struct prof_trimmed *t);

#endif
