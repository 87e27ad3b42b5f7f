/* Which nodes, edges and tags of a graph a picture shows, by what pprof does for its pictures
 * beyond prof_trim: nodes are taken by how much their edges branch, those with tags count for more
 * than one, and edges that go over left-out nodes give way to paths that don't.
 */
#ifndef PROF_ANALYSE_PICTURE_H
#define PROF_ANALYSE_PICTURE_H

#include "libprof/analyse/node_tags.h"
#include "libprof/analyse/view.h"

enum { PROF_NODE_TAGS = 4 }; /* at most so many of a kind at a node */

struct prof_picture {
	struct prof_view *v;
	struct prof_node_tags tags; /* of the nodes in v->t.order */
	size_t *n_out; /* of each node: its edges left, also those to nodes that are not shown */
};

/* Of a view that has its values (prof_view_values). The nodes are v->t.order, the edges v->g.edges,
 * v->dropped_edges is set. `tree`: the graph is a call tree.
 */
int prof_picture(struct prof_picture *p, struct prof_view *v, bool tree) PROF_CHECKED;
void prof_picture_fini(struct prof_picture *p);

#endif
