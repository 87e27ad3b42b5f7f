/* A call graph: n values a node, nodes and edges in dense arrays.
 *
 * A node is what a granularity makes of a line of a location: a function, a file, a source line, an
 * address. `value` of node i: flat (samples whose leaf it is) and cum (samples in whose stack it
 * stands, each counted once). An edge caller -> callee carries each sample once; a recursion's edge
 * to itself does not exist.
 */
#ifndef PROF_MODEL_GRAPH_H
#define PROF_MODEL_GRAPH_H

#include "libprof/base/buf.h"
#include "libprof/model/profile.h"

/* What tells one node from another; 0 and "" where the granularity leaves it out. */
struct prof_node_info {
	uint32_t name, file, object; /* strings of the profile */
	uint64_t address;
	int64_t start_line, line, column;
};

struct prof_node_value {
	int64_t flat, cum;
	int64_t flat_div, cum_div; /* the same of the first sample type, for means; else 0 */
};

struct prof_edge {
	uint32_t src, dest; /* nodes */
	int64_t weight, weight_div;
	bool residual; /* goes over a node that was left out */
	bool inlined; /* in every occurrence the callee is inlined into the caller */
};

#define PROF_LEAF_ABOVE (UINT32_C(1) << 31)

struct prof_graph {
	const struct prof_profile *profile;
	struct prof_mem *mem;
	PROF_VEC(struct prof_node_info) nodes;
	PROF_VEC(struct prof_edge) edges;
	struct prof_node_value *values; /* one a node */
	PROF_VEC(uint32_t) parents; /* of a call tree: each node's, PROF_NONE: a root; else empty */
	/* Of a call tree: each sample's node; with PROF_LEAF_ABOVE it was left out, and this is the
	 * nearest above it that was not; PROF_NONE: not counted, or all of it left out.
	 */
	PROF_VEC(uint32_t) leaves;
	size_t left_out; /* nodes that a call tree is without, and the sum of their flat */
	int64_t left_out_flat;
	/* Location l is the nodes node_of[loc_start[l] .. loc_start[l + 1]), innermost first. */
	PROF_VEC(uint32_t) loc_start;
	PROF_VEC(uint32_t) node_of;
};

void prof_graph_fini(struct prof_graph *g);

/* What a row of node i is called, as pprof: "[%016x ]name[ file:line[:column]]", "[object]" or
 * "<unknown>".
 */
void prof_node_name(const struct prof_graph *g, uint32_t i, struct prof_buf *b);

/* flat / flat_div and cum / cum_div where these are not 0. */
int64_t prof_node_flat(const struct prof_node_value *v);
int64_t prof_node_cum(const struct prof_node_value *v);

#endif
