/* Shared by the files that look for findings: findings.c for costs and the log, findings_goals.c
 * for heap and goals.
 */
#ifndef PROF_ANALYSE_GC_FINDINGS_IMPL_H
#define PROF_ANALYSE_GC_FINDINGS_IMPL_H

#include "libprof/analyse/gc/findings.h"

struct prof_gc_look {
	const struct prof_gc *gc;
	const double *limit;
	prof_gc_found_fn *found;
	void *ctx;
	struct prof_err *e;
	struct prof_buf b; /* the text of the next one */
	int rc;
};

/* What a finding is about: counted while the cycles are gone through. */
struct prof_gc_some {
	int64_t n;
	uint32_t first, last, worst; /* cycles */
	double most;
};

void prof_gc_count(struct prof_gc_some *s, uint32_t cycle, double how_much);

/* Hands on what x->b holds, and empties it. `about` may be NULL. */
void prof_gc_emit(struct prof_gc_look *x, const char *id, enum prof_gc_severity severity,
	const char *metric, double seen, double limit, const struct prof_gc_some *about);

/* "cycle 12", and "cycle 12 to cycle 20", into x->b. */
void prof_gc_name_cycle(struct prof_gc_look *x, uint32_t cycle);
void prof_gc_name_cycles(struct prof_gc_look *x, const struct prof_gc_some *s);

void prof_gc_look_at_heap(struct prof_gc_look *x);
void prof_gc_look_at_cycles(struct prof_gc_look *x);

#endif
