/* What goroutines did with their lives: sums over each goroutine's, by the function that it was
 * started with, and the goroutines that did most.
 */
#ifndef PROF_ANALYSE_TRACE_GOROUTINES_H
#define PROF_ANALYSE_TRACE_GOROUTINES_H

#include "libprof/analyse/trace/intervals.h"
#include "libprof/analyse/trace/waits.h"
#include "libprof/base/hist.h"
#include "libprof/model/report.h"

struct prof_trace_life {
	int64_t created, assist_since; /* INT64_MIN: in no assist */
	int64_t ns[PROF_PARTS];
	uint32_t entry; /* a string; 0: not known yet */
	uint32_t waits; /* first of its list; PROF_NONE */
};

/* All goroutines of one function. */
struct prof_trace_group_wait {
	uint32_t reason, next;
	struct prof_hist hist;
};

struct prof_trace_group {
	uint32_t entry; /* a string */
	uint32_t waits; /* first of its list */
	uint64_t count;
	struct prof_hist parts[PROF_PARTS]; /* ns, one value a goroutine */
};

/* A goroutine that is among those that did most. */
struct prof_trace_top {
	int64_t id, created;
	bool ended; /* within the trace */
	struct prof_trace_life life; /* its list of waits is its own */
};

struct prof_trace_lives {
	struct prof_mem *mem;
	struct prof_trace_goroutines_opts opts;
	struct prof_intervals intervals;
	bool begun;
	int64_t start, end, from, to;
	PROF_VEC(struct prof_trace_life) lives; /* by slot */
	struct prof_trace_waits waits;
	PROF_VEC(struct prof_trace_group) groups;
	PROF_VEC(struct prof_trace_group_wait) group_waits;
	PROF_VEC(uint32_t) group_of; /* by string; 0: none, else the group + 1 */
	PROF_VEC(struct prof_trace_top) top; /* a heap, the least on top */
};

/* The function, a string, that a GOROUTINE's goroutine was started with, as far as this event
 * tells; 0: it does not. It is the root of the first stack that a goroutine has.
 */
uint32_t prof_trace_entry(const struct prof_trace *t, const struct prof_trace_event *ev);

void prof_trace_lives_init(struct prof_trace_lives *x, struct prof_mem *mem,
	const struct prof_trace_goroutines_opts *opts);
void prof_trace_lives_fini(struct prof_trace_lives *x);

/* Takes a batch of events, t->events; and, once, the end. */
int prof_trace_lives_batch(
	struct prof_trace_lives *x, const struct prof_trace *t, struct prof_err *e) PROF_CHECKED;
int prof_trace_lives_end(
	struct prof_trace_lives *x, const struct prof_trace *t, struct prof_err *e) PROF_CHECKED;

int prof_trace_lives_report(struct prof_trace_lives *x, const struct prof_trace *t,
	struct prof_report **out, struct prof_err *e) PROF_CHECKED;

#endif
