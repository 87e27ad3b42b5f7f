/* Cycles out of the MemStats that several snapshots of one or more processes had. */
#ifndef PROF_ANALYSE_GC_SNAPSHOTS_H
#define PROF_ANALYSE_GC_SNAPSHOTS_H

#include "libprof/analyse/gc/gc.h"

/* Adds a segment a process to the timeline: the cycles whose pauses its snapshots still had, which
 * are the last 256 before each. Snapshots are of one process where the cycles that both know ended
 * at the same time, or, where they know none in common, where all that only grows has grown. They
 * may come in any order.
 *
 * Of a cycle are known its number, its end (the segment's times are ends, see prof_segment), both
 * pauses together; its goal if it was the next one of a snapshot; whether it was forced where all
 * or none between two snapshots were.
 */
int prof_gc_join_snapshots(struct prof_timeline *t, struct prof_err *e) PROF_CHECKED;

/* Adds the part "snapshots" to a report: a row each. Nothing where there are none. */
int prof_gc_add_snapshots(
	const struct prof_timeline *t, struct prof_report *r, struct prof_err *e) PROF_CHECKED;

#endif
