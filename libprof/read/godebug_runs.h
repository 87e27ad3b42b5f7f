/* Which of several processes a line of a GODEBUG log is of, where they write to one.
 *
 * Lines tell the time since their process began, and cycles are counted: so a cycle belongs to a
 * run whose last one has a lower number and an earlier start. Where several do, times decide: a
 * log's lines are in the order in which they were written, and what passed for one process passed
 * for all. A cycle that belongs to none begins a run.
 */
#ifndef PROF_READ_GODEBUG_RUNS_H
#define PROF_READ_GODEBUG_RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The process of an earlier line. The longest silent one is forgotten for a new one. */
struct prof_godebug_run {
	uint32_t segment;
	uint32_t series; /* the first of its series; PROF_NONE: has none */
	int64_t last_n, last_start_ns; /* cycle; 0: none yet */
	int64_t last_sched_ns;
	int64_t last_ns, at_ns; /* its last line: by its clock, and by the log's */
	int64_t last_live_bytes, last_goal_bytes;
	uint32_t last_cycle; /* index; PROF_NONE */
};

enum { PROF_GODEBUG_RUNS = 64 };

struct prof_godebug_runs {
	struct prof_godebug_run v[PROF_GODEBUG_RUNS];
	size_t n;
	int64_t now_ns; /* by the log's clock, which begins at 0 */
};

/* What a line tells: a cycle's number, start and end, or (n 0) the time of a SCHED line. */
struct prof_godebug_mark {
	int64_t n, start_ns, end_ns;
	int64_t start_bytes, live_bytes, goal_bytes;
};

/* The run that the line is of, its last line set to this; NULL: begins another. */
struct prof_godebug_run *prof_godebug_run_of(
	struct prof_godebug_runs *runs, const struct prof_godebug_mark *m);

/* The run that begins with the line. */
struct prof_godebug_run *prof_godebug_run_begin(
	struct prof_godebug_runs *runs, const struct prof_godebug_mark *m, uint32_t segment);

#endif
