/* What an archive keeps of traces, logs and dumps, as rows of numbers and strings: who makes them,
 * who writes them and who shows them agree on this. Columns, in their order; what they mean is said
 * in sql/ (goroutines.sql …), where SQL shows them:
 *
 *	damage		offset, generation, what
 *	gc_cycle	segment, n, start_ns, sweep_term_ns, mark_ns, mark_term_ns,
 *			sweep_term_cpu_ns, mark_term_cpu_ns, assist_cpu_ns, dedicated_cpu_ns,
 *			fractional_cpu_ns, idle_cpu_ns, start_bytes, end_bytes, live_bytes,
 *			goal_bytes, stacks_bytes, globals_bytes, procs, reason
 *	pause		segment, start_ns, duration_ns, goroutine, reason
 *	metric		segment, name, t_ns, least, most, last
 *	goroutine_group	entry, creator, stack, goroutines, rolled, unfinished, running_ns,
 *			runnable_ns, waiting_ns, syscall_ns, longest_ns
 *	group_wait	group, reason, waits, waiting_ns
 *	group_histogram	group, what (0 lifetime, 1 running, 2 runnable, 3 waiting, 4 system
 *			calls), at_least_ns, goroutines
 *	goroutine	id, group, born_ns, died_ns, running_ns, runnable_ns, waiting_ns,
 *			syscall_ns, created_by, state (2 runnable, 3 running, 4 waiting, 5 in a
 *			system call), reason, stack, since_ns
 *	task		id, parent, type, begin_ns, end_ns, goroutine, stack
 *	region		begin_ns, end_ns, goroutine, task, type, stack
 *	log		t_ns, goroutine, task, category, message, stack
 *	goroutine_label	t_ns, goroutine, label; where it changes
 *	cpu_sample	t_ns, goroutine, thread, proc, stack
 *	transition	t_ns, goroutine, old, new, duration_ns, reason, stack, actor, proc, thread
 *
 * A group is the place of its row among the capture's goroutine_group.
 */
#ifndef PROF_MODEL_ROWS_H
#define PROF_MODEL_ROWS_H

#include "libprof/base/strtab.h"

enum prof_rows {
	/* Of traces and logs. */
	PROF_ROWS_DAMAGE,
	PROF_ROWS_GC_CYCLE,
	PROF_ROWS_PAUSE,
	PROF_ROWS_METRIC,
	/* Of traces. */
	PROF_ROWS_GROUP,
	PROF_ROWS_GROUP_WAIT,
	PROF_ROWS_GROUP_HIST,
	PROF_ROWS_GOROUTINE,
	PROF_ROWS_TASK,
	PROF_ROWS_REGION,
	PROF_ROWS_LOG,
	PROF_ROWS_LABEL,
	PROF_ROWS_CPU_SAMPLE,
	/* Of traces that are kept in full. */
	PROF_ROWS_TRANSITION,
	PROF_ROWS_TABLES, /* how many there are */
};

enum { PROF_ROWS_WIDEST = 20 };

struct prof_rows_table {
	const char *name; /* of the table */
	const char *columns; /* a letter each: 'i' a number, 's' a string */
	uint32_t sum; /* a column that is mostly the sum of others, of `parts` as bits; no parts: */
	uint32_t parts; /* there is none */
};

extern const struct prof_rows_table prof_rows_tables[PROF_ROWS_TABLES];

/* The column of a row's group; -1: rows of that table have none. */
int prof_rows_group(enum prof_rows table);

/* Takes rows: a number a column, of a string its id in `strings`; PROF_ABSENT (model/timeline.h):
 * none.
 */
struct prof_rows_sink {
	int (*row)(void *ctx, enum prof_rows table, const struct prof_strtab *strings,
		const int64_t *v, struct prof_err *e);
	void *ctx;
};

#endif
