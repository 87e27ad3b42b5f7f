/* Shared by the two files of the comparison: diff.c takes the profiles in and joins their nodes,
 * diff_report.c orders the rows and says what they mean.
 */
#ifndef PROF_ANALYSE_DIFF_IMPL_H
#define PROF_ANALYSE_DIFF_IMPL_H

#include "libprof/model/profile.h"
#include "libprof/model/report.h"

/* A function (file, package, line) on both sides; indices are enum prof_side. */
struct diff_row {
	uint32_t text, name, file; /* strings: what the row is called, and its parts */
	int64_t line;
	int64_t flat[2], cum[2];
	bool present[2];
};

/* What is said about a side. Totals and counts are of the whole profile, before any filter. */
struct diff_side {
	bool added;
	uint32_t index; /* sample type */
	struct prof_str name, binary, build_id, type, unit, period_type, period_unit;
	int64_t time_ns, duration_ns, period;
	int64_t total; /* SUM |value| */
	int64_t samples; /* distinct rows of the file */
	int64_t counts; /* SUM of the first type, where that is a count of its own */
};

struct prof_diff {
	struct prof_mem mem;
	struct prof_diff_opts opts;
	struct prof_strtab strings;
	struct prof_index index; /* over rows, by text */
	PROF_VEC(struct diff_row) rows;
	struct diff_side sides[2];
	unsigned missed[2];
	struct prof_str unit; /* of all values, after prof_diff_scale */
	double normalized; /* what NEW was multiplied by; 1: not */
};

/* Once both sides are in. */
void prof_diff_scale(struct prof_diff *d);

#endif
