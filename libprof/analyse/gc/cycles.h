/* The cycles as the rows of a report, for programs: made when they are asked for. */
#ifndef PROF_ANALYSE_GC_CYCLES_H
#define PROF_ANALYSE_GC_CYCLES_H

#include "libprof/analyse/gc/gc.h"

/* Adds the part whose rows are "cycles". */
int prof_gc_add_cycles(
	const struct prof_gc *gc, struct prof_report *r, struct prof_err *e) PROF_CHECKED;

#endif
