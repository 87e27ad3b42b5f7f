/* Shared by the files that tell what prof_leak found: report.c judges and sorts the groups,
 * json.c and text.c put them into the report.
 */
#ifndef PROF_ANALYSE_LEAK_REPORT_H
#define PROF_ANALYSE_LEAK_REPORT_H

#include "libprof/analyse/leak/leak.h"

struct leak_row {
	const struct prof_leak_group *g;
	int64_t *counts; /* one a snapshot shown */
	struct prof_leak_judged judged;
	struct prof_leak_cause cause;
	bool large, in_text;
};

struct leaks {
	struct prof_leak *k;
	struct prof_report *r;
	struct prof_err *e;
	struct prof_buf b;
	uint32_t *shown; /* the snapshots that have a column */
	size_t n; /* of them; at least 1 */
	int64_t *times; /* of each, when `timed` */
	bool timed;
	struct leak_row *rows;
	int64_t *counts;
	size_t n_rows;
	bool any_in_text;
	int64_t ignored; /* goroutines of the last snapshot in groups that are left out */
};

static inline struct prof_str leak_str(const struct leaks *x, uint32_t id)
{
	return prof_strtab_get(&x->k->names, id);
}

static inline const struct prof_leak_frame *leak_example(
	const struct leaks *x, const struct prof_leak_group *g)
{
	return g->n_example ? x->k->frames.v + g->example : NULL;
}

/* Whether an expression matches one of the group's functions, or its creator. */
int prof_leak_matches(const struct leaks *x, const struct prof_leak_group *g, struct prof_regex *re,
	bool *yes) PROF_CHECKED;

/* gates.c: what the gates say of the groups. */
int prof_leak_decide(struct leaks *x) PROF_CHECKED;

extern const char *const prof_leak_verdicts[]; /* by enum prof_leak_verdict */

/* The labels most of the group's goroutines of the last snapshot have, at most `max`, the most
 * frequent first; those that less than a third have are left out. Returns how many.
 */
size_t prof_leak_labels(const struct leaks *x, const struct prof_leak_group *g,
	struct prof_leak_tally *out, size_t max);

int prof_leak_fields(struct leaks *x) PROF_CHECKED;
int prof_leak_text(struct leaks *x) PROF_CHECKED;

#endif
