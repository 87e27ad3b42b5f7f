/* What an archive keeps of a trace besides its summary and its collections, in one pass: rows of
 * goroutines, tasks, regions, logs, labels, CPU samples and series (model/rows.h), and a profile of
 * all of its stacks. Times are ns from the trace's start; a stack is the sample of that number in
 * the profile.
 *
 * Goroutines of one entry function and creator are a group. Of a group 10,000 are rows, and of all
 * groups together, past the first hundred of each, as many as are cheap beside the trace's events:
 * of those that come later only what is unfinished, the longest-lived and the longest-waiting. The
 * rest is rolled up into the group's histograms. The group's own numbers count all of them. Where
 * events were lost every goroutine ends, unfinished, and begins anew.
 *
 * Memory is in proportion to what lives at a time, to stacks, strings and groups.
 */
#ifndef PROF_ANALYSE_TRACE_KEEP_H
#define PROF_ANALYSE_TRACE_KEEP_H

#include "libprof/analyse/trace/intervals.h"
#include "libprof/analyse/trace/waits.h"
#include "libprof/base/hist.h"
#include "libprof/base/idmap.h"
#include "libprof/model/profile.h"
#include "libprof/model/rows.h"

/* The profile's columns: CPU samples, then a count and ns of each of the others. They are not
 * called "cpu" and "block": those are kinds of profiles.
 */
enum prof_keep_column {
	PROF_KEEP_SCHED,
	PROF_KEEP_SYNC,
	PROF_KEEP_NET,
	PROF_KEEP_SYSCALL,
	PROF_KEEP_BLOCK,
	PROF_KEEP_RUNNING,
	PROF_KEEP_TIMES, /* how many of them have times */
	PROF_KEEP_CPU = PROF_KEEP_TIMES,
	PROF_KEEP_COLUMNS,
};

struct prof_keep_site {
	int64_t count[PROF_KEEP_COLUMNS];
	int64_t ns[PROF_KEEP_TIMES];
};

/* A goroutine that lives. */
struct prof_keep_life {
	int64_t born; /* PROF_ABSENT: before the trace */
	int64_t by; /* goroutine that created it; PROF_ABSENT */
	int64_t ns[4]; /* running, runnable, waiting, in system calls */
	uint32_t entry, creator; /* strings; 0: not known (yet) */
	uint32_t site; /* stack that created it */
	uint32_t entry_stack;
	uint32_t waits, regions; /* lists; PROF_NONE: empty */
	uint32_t label; /* string; PROF_NONE: not told (yet) */
};

enum { PROF_KEEP_CELLS = 13 }; /* a row of table goroutine */

struct prof_keep_row {
	int64_t v[PROF_KEEP_CELLS];
	int64_t key; /* most stay */
	uint64_t place; /* in the order of their ends */
};

enum { PROF_KEEP_LIFE, PROF_KEEP_WAIT, PROF_KEEP_HEAPS };
enum { PROF_KEEP_HISTS = 5 }; /* lifetime, then as prof_keep_life.ns */

/* What a group of too many needs. */
struct prof_keep_rolled {
	PROF_VEC(struct prof_keep_row) heaps[PROF_KEEP_HEAPS]; /* the least on top */
	struct prof_hist hists[PROF_KEEP_HISTS];
};

struct prof_keep_group {
	uint32_t entry, creator; /* strings */
	uint32_t site; /* stack of the first one's creation */
	uint32_t waits;
	int64_t goroutines, rolled, unfinished, longest, ns[4];
	struct prof_keep_rolled *more; /* NULL: not past the limit */
};

struct prof_keep_region {
	int64_t begin;
	uint64_t task;
	uint32_t name, stack, next;
};

struct prof_keep_task {
	int64_t begin, goroutine;
	uint64_t id, parent;
	uint32_t name, stack;
	uint32_t next; /* of the free ones */
	bool open;
};

/* A series in a bounded number of steps. Where there are more values, those of a while of `width`
 * ns are one: `t` is when that begins, and they are told by their least, most and last.
 */
struct prof_keep_step {
	int64_t t, least, most, last;
};

struct prof_keep_series {
	PROF_VEC(struct prof_keep_step) steps;
	int64_t width; /* ns of a step; 0: each value has its own */
};

struct prof_trace_keep {
	struct prof_mem *mem;
	struct prof_rows_sink sink;
	bool full; /* transitions, too */
	bool all; /* every goroutine is a row; set behind prof_trace_keep_init */
	struct prof_intervals intervals;
	bool begun;
	int64_t start, end;
	uint64_t ended; /* goroutines */
	uint64_t rows, events; /* goroutines that became rows at once; events so far */
	PROF_VEC(struct prof_keep_life) lives; /* by slot */
	struct prof_trace_waits waits;
	PROF_VEC(struct prof_keep_group) groups;
	struct prof_map64 group_of; /* entry, creator */
	PROF_VEC(struct prof_keep_site) sites; /* by stack */
	PROF_VEC(uint8_t) reasons; /* by string: 1 + the column of waits for it; 0: not known */
	PROF_VEC(struct prof_keep_region) regions; /* open ones */
	uint32_t free_region;
	PROF_VEC(struct prof_keep_task) tasks; /* open ones, and free places */
	uint32_t free_task;
	struct prof_idmap task_of; /* place of an open task by its id */
	struct prof_keep_series series[PROF_METRIC_PROCS + 1];
};

void prof_trace_keep_init(struct prof_trace_keep *x, struct prof_mem *mem,
	const struct prof_rows_sink *sink, bool full);
void prof_trace_keep_fini(struct prof_trace_keep *x);

/* Takes a batch of events, t->events; and, once, the end: the profile, all its stacks. */
int prof_trace_keep_batch(
	struct prof_trace_keep *x, const struct prof_trace *t, struct prof_err *e) PROF_CHECKED;
int prof_trace_keep_end(
	struct prof_trace_keep *x, struct prof_trace *t, struct prof_err *e) PROF_CHECKED;
int prof_trace_keep_profile(const struct prof_trace_keep *x, const struct prof_trace *t,
	unsigned columns, struct prof_profile **out, struct prof_err *e) PROF_CHECKED;

/* The columns that a list like "sched,sync" names, as bits 1 << enum prof_keep_column; NULL: all.
 * PROF_EUSAGE.
 */
int prof_trace_keep_choose(const char *list, unsigned *columns, struct prof_err *e) PROF_CHECKED;

/* The sample type of the profile that --profile calls `name`; NULL: there is none. */
const char *prof_trace_keep_type(const char *name);

/* Whether a profile is one that prof_trace_keep_profile made. */
bool prof_trace_keep_made(const struct prof_profile *p);

/* Parts, in keep_*.c. */
int prof_keep_goroutine(struct prof_trace_keep *x, const struct prof_trace *t,
	const struct prof_interval *end, bool finished, struct prof_err *e) PROF_CHECKED;
int prof_keep_groups(
	struct prof_trace_keep *x, const struct prof_trace *t, struct prof_err *e) PROF_CHECKED;
void prof_keep_groups_fini(struct prof_trace_keep *x);
int prof_keep_user_event(struct prof_trace_keep *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e) PROF_CHECKED;
int prof_keep_end_regions(struct prof_trace_keep *x, const struct prof_trace *t, uint32_t slot,
	struct prof_err *e) PROF_CHECKED;
int prof_keep_end_tasks(
	struct prof_trace_keep *x, const struct prof_trace *t, struct prof_err *e) PROF_CHECKED;
int prof_keep_metric(struct prof_trace_keep *x, int which, int64_t time, int64_t value,
	struct prof_err *e) PROF_CHECKED;
int prof_keep_metrics(
	struct prof_trace_keep *x, struct prof_trace *t, struct prof_err *e) PROF_CHECKED;

#endif
