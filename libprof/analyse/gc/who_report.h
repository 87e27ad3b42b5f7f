/* The parts of the report that tell of pauses by reason, and of goroutines. */
#ifndef PROF_ANALYSE_GC_WHO_REPORT_H
#define PROF_ANALYSE_GC_WHO_REPORT_H

#include "libprof/analyse/gc/gc.h"

/* "stops": why the world stopped, and for how long; from logs the collector's two pauses. */
int prof_gc_add_stops(
	const struct prof_gc *gc, struct prof_report *r, struct prof_err *e) PROF_CHECKED;

/* "functions" and "goroutines": who worked for the collector and who waited for it. Nothing where
 * the source does not tell.
 */
int prof_gc_add_shares(
	const struct prof_gc *gc, struct prof_report *r, struct prof_err *e) PROF_CHECKED;

#endif
