/* Granularity: which lines of which locations are one node. Done once a report, so that building a
 * graph needs no look-up by name: a frame's nodes are found by its location's index.
 */
#ifndef PROF_ANALYSE_NODES_H
#define PROF_ANALYSE_NODES_H

#include "libprof/model/graph.h"

struct prof_nodes_opts {
	enum prof_granularity by;
	bool no_inlines; /* keep only the function that holds the address */
	bool show_columns; /* columns count at granularities with lines */
	bool split_by_object; /* as pprof: nodes without a name are apart by object and start line
			       */
	bool objects; /* all nodes are */
	bool untrimmed; /* files keep /proc/self/cwd/ */
};

/* Begins `g` over `p`, which gains the cleaned file names' strings. */
int prof_nodes_build(struct prof_graph *g, struct prof_profile *p,
	const struct prof_nodes_opts *opts, struct prof_err *e) PROF_CHECKED;

/* The package of a Go symbol: "net/http" of "net/http.(*conn).serve"; "" when there is none. */
struct prof_str prof_go_package(struct prof_str symbol);

#endif
