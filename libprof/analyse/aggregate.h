/* A profile at a graph's granularity, for writers that know functions and lines only: what the
 * graph's nodes are called become the functions, one a location.
 */
#ifndef PROF_ANALYSE_AGGREGATE_H
#define PROF_ANALYSE_AGGREGATE_H

#include "libprof/model/graph.h"

/* `p` is the graph's profile, whose locations the graph no longer fits after that; text[i]: the
 * name of node i. `collapse`: equal neighbours of a stack become one frame.
 */
int prof_aggregate(struct prof_profile *p, const struct prof_graph *g, const struct prof_str *text,
	bool collapse, struct prof_err *e) PROF_CHECKED;

#endif
