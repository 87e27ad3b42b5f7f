/* The source lines of the functions that match an expression, and what each costs.
 *
 * A routine is a function in a file; its lines are those that samples hit. Cum is exact: a sample
 * counts once a routine and once a line, however often these stand in its stack (pprof's header is
 * the sum over the lines, which counts a recursion's samples again at each of its lines).
 *
 *	routines by name, then file; lines of a routine ascending
 *
 * Where one name has files, what it has without a file is left out, as in pprof.
 */
#ifndef PROF_ANALYSE_SOURCE_LINES_H
#define PROF_ANALYSE_SOURCE_LINES_H

#include "libprof/base/regex.h"
#include "libprof/model/graph.h"

struct prof_source_line {
	int64_t line; /* 0: not known */
	int64_t flat, cum;
};

struct prof_source_routine {
	uint32_t name, file; /* strings of the profile; file 0: none is known */
	int64_t flat, cum;
	int64_t begin, end; /* what to show: from the function's first line, or five before, on */
	uint32_t first_line, n_lines;
};

struct prof_source_lines {
	struct prof_mem *mem;
	PROF_VEC(struct prof_source_routine) routines;
	PROF_VEC(struct prof_source_line) lines;
};

/* From a graph by line whose values are those of the column `index`. Nodes without a value are left
 * out; with `drop_negative` also those with flat < 0, or flat == 0 and cum < 0.
 * prof_source_lines_fini is due whatever it returns.
 */
int prof_source_lines_build(struct prof_source_lines *s, const struct prof_graph *g,
	struct prof_regex *re, uint32_t index, bool drop_negative, struct prof_err *e) PROF_CHECKED;
void prof_source_lines_fini(struct prof_source_lines *s);

#endif
