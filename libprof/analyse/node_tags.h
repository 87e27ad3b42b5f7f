/* What the samples' labels add up to at the nodes of a graph, as pprof hangs them there: a node has
 * a tag for each set of string labels that its samples carry, and below it (or, for samples without
 * one, at the node) one for each size among their "bytes" labels. Other numbers are not tags.
 */
#ifndef PROF_ANALYSE_NODE_TAGS_H
#define PROF_ANALYSE_NODE_TAGS_H

#include "libprof/model/graph.h"

struct prof_node_tag {
	uint32_t node;
	uint32_t labels; /* a string of prof_node_tags: "key:value"s joined by "\\n"; 0: none */
	uint32_t size; /* a string: the number as text; PROF_NONE: the tag is that of the labels */
	uint32_t label_set; /* one of the profile that has these labels */
	int64_t num; /* of sizes that have one text that of the first sample; in `unit` */
	struct prof_node_value value;
};

struct prof_node_tags {
	struct prof_mem *mem;
	struct prof_strtab strings;
	PROF_VEC(struct prof_node_tag) tags; /* by node, then by labels, then by size, all as ids */
	struct prof_str unit; /* of the sizes */
};

struct prof_node_tags_opts {
	uint32_t index; /* column */
	bool mean;
	const bool *want; /* nodes that are asked for */
	const bool *keep; /* a sample whose leaf is not kept has no flat */
	const uint32_t *label_units;
	const char *unit; /* that sizes are shown in */
	int64_t cutoff; /* tags with |flat| and |cum| under it are left out */
};

int prof_node_tags(struct prof_node_tags *t, const struct prof_graph *g,
	const struct prof_node_tags_opts *opts, struct prof_err *e) PROF_CHECKED;
void prof_node_tags_fini(struct prof_node_tags *t);

/* Which of them are node's: *first, and how many. */
size_t prof_node_tags_of(const struct prof_node_tags *t, uint32_t node, size_t *first);

#endif
