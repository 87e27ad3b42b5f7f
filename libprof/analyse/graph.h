/* Builds a call graph with pprof's arithmetic (its newGraph). For each sample with a non-zero
 * value: cum goes to each of its nodes once, flat to the leaf's, and each pair of neighbours gets
 * its edge's weight once. Where nodes are left out (`keep`), edges go over them and are residual,
 * and a sample whose leaf is left out gives no flat at all.
 *
 * Dense arrays by location and an epoch mark a sample: no look-up by name and no allocation a
 * frame.
 */
#ifndef PROF_ANALYSE_GRAPH_H
#define PROF_ANALYSE_GRAPH_H

#include "libprof/model/graph.h"

/* Fills g->values from the column `index`; `mean` also sums column 0 into the divisors. */
int prof_graph_values(
	struct prof_graph *g, uint32_t index, bool mean, struct prof_err *e) PROF_CHECKED;

/* Fills g->edges with those between the nodes i with keep[i], in the order of first occurrence;
 * with `want` only those into nodes with want[i].
 */
int prof_graph_edges(struct prof_graph *g, uint32_t index, bool mean, const bool *keep,
	const bool *want, struct prof_err *e) PROF_CHECKED;

/* Instead of prof_graph_values and _edges: makes a tree of it, whose nodes are the paths from the
 * root, with values and edges (pprof's -call_tree). g->loc_start and g->node_of have no meaning
 * after that. Nodes under a fraction of SUM flat are left out and counted where none below them can
 * be larger, that is, where no value is negative; 0: none is.
 */
int prof_graph_calltree(struct prof_graph *g, uint32_t index, bool mean, double fraction,
	struct prof_err *e) PROF_CHECKED;

/* Whether a label, or one of a set, marks a sample of the base in what pprof's -diff_base made. */
bool prof_is_base_label(const struct prof_profile *p, const struct prof_label *l);
bool prof_is_base(const struct prof_profile *p, uint32_t set);

/* SUM |value| over all samples, each once whether it has frames or not; in a profile with samples
 * labelled pprof::base over these alone if that is not 0. With `mean` divided by column 0's sum.
 */
int64_t prof_graph_total(const struct prof_profile *p, uint32_t index, bool mean);

#endif
