/* A call graph as a result, as a picture shows it: nodes in the order of their numbers, edges
 * heaviest first, and tags, which hang at nodes or at other tags. Strings are the report's.
 */
#ifndef PROF_MODEL_DIAGRAM_H
#define PROF_MODEL_DIAGRAM_H

#include "libprof/model/report.h"

/* Labels that the samples of a node have. */
struct prof_diagram_tag {
	struct prof_str name; /* "key:value" a line, or a size or a range of sizes: "8B..64B" */
	int64_t value;
	uint32_t under; /* the tag that it hangs at; PROF_NONE: the node */
	uint32_t number; /* among those that hang there; not all of them are shown */
	bool is_size;
	bool callees_too; /* the value is of samples, too, whose leaf is further down */
};

struct prof_diagram_node {
	struct prof_str name; /* as other reports have it */
	struct prof_str short_name,
		place; /* what fits into a box: pprof's short form; file or line */
	uint64_t address; /* 0: none */
	int64_t flat, cum;
	uint32_t first_tag, n_tags;
};

struct prof_diagram_edge {
	uint32_t src, dest; /* nodes */
	int64_t weight;
	bool inlined, residual; /* as struct prof_edge */
};

struct prof_diagram {
	struct prof_str title; /* the binary's name; "": not known */
	int64_t total;
	PROF_VEC(struct prof_diagram_node) nodes;
	PROF_VEC(struct prof_diagram_edge) edges;
	PROF_VEC(struct prof_diagram_tag) tags;
};

/* Gives the report an empty one. */
int prof_diagram_new(struct prof_report *r, struct prof_err *e) PROF_CHECKED;
void prof_diagram_fini(struct prof_report *r);

#endif
