/* What a flame graph is made of, in whatever format: the profile as the options leave it, as one
 * side or two, the columns to show, and what its nodes are called.
 */
#ifndef PROF_ANALYSE_FLAME_FLAME_H
#define PROF_ANALYSE_FLAME_FLAME_H

#include "libprof/analyse/flame/walk.h"
#include "libprof/analyse/view.h"
#include "libprof/model/flame.h"

struct prof_flame_input {
	struct prof_view v;
	const struct prof_flame_opts *opts;
	struct prof_err *e;
	struct prof_mem *mem; /* the profile's */
	bool differential;
	uint32_t n_types, type; /* that are shown; the one to begin with */
	uint32_t n_columns; /* twice as many where there are two sides */
	uint32_t *column; /* of each: the profile's */
	int64_t *total; /* of each */
	char index[16];
	struct prof_arena arena;
	struct prof_str *text; /* of each node of the graph: what prof top calls it */
	uint32_t *rank; /* likewise: its place in the order of texts */
};

/* prof_flame_input_fini is due whatever it returns. */
int prof_flame_input_init(struct prof_flame_input *x, struct prof_profile *p,
	const struct prof_view_opts *view, const struct prof_flame_opts *opts, unsigned *missed,
	struct prof_err *e) PROF_CHECKED;
void prof_flame_input_fini(struct prof_flame_input *x);

/* The nodes of the granularity, their texts and ranks. */
int prof_flame_input_nodes(struct prof_flame_input *x) PROF_CHECKED;

/* The values of a column. */
static inline int64_t *prof_flame_values(const struct prof_flame_input *x, uint32_t column)
{
	return x->v.p->values.v[x->column[column]].v;
}

/* Whether equal neighbours of a stack are one frame: of packages and files. */
bool prof_flame_collapses(const struct prof_flame_input *x);

/* What a node of the graph is called and is made of; strings are borrowed. */
struct prof_flame_frame prof_flame_frame_of(const struct prof_flame_input *x, uint32_t node);

/* The type of a column, and its side. */
static inline uint32_t prof_flame_type_of(const struct prof_flame_input *x, uint32_t column)
{
	return x->differential ? column / 2 : column;
}

static inline enum prof_side prof_flame_side_of(const struct prof_flame_input *x, uint32_t column)
{
	return x->differential && column % 2 ? PROF_OLD : PROF_NEW;
}

/* The rows of `prof top`, those that weigh most, into f->rows. frame_of[node of the graph] is its
 * frame in `f` or PROF_NONE, for which add_frame then makes one.
 */
int prof_flame_add_frame(struct prof_flame *f, const struct prof_flame_input *x, uint32_t node,
	uint32_t *frame_of, struct prof_err *e) PROF_CHECKED;
int prof_flame_rows(struct prof_flame *f, struct prof_flame_input *x, uint32_t *frame_of,
	struct prof_err *e) PROF_CHECKED;

#endif
