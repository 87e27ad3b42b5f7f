/* How long goroutines and procs were in which state, and what goroutines waited for. */
#ifndef PROF_ANALYSE_TRACE_STATES_H
#define PROF_ANALYSE_TRACE_STATES_H

#include "libprof/analyse/trace/intervals.h"
#include "libprof/base/hist.h"

enum prof_trace_profile {
	PROF_WAITS_NET,
	PROF_WAITS_SYNC,
	PROF_WAITS_SYSCALL,
	PROF_WAITS_SCHED,
	PROF_WAITS_NONE, /* how many there are */
};

/* A reason of waiting. */
struct prof_trace_reason {
	uint32_t name; /* a string */
	uint64_t entered; /* how often */
	enum prof_trace_profile profile; /* that it belongs to */
	struct prof_hist waits; /* ns */
};

struct prof_trace_total {
	uint64_t count;
	int64_t ns;
};

/* By enum prof_trace_profile, what belongs to none of them among them. */
struct prof_trace_callback {
	struct prof_trace_total profiles[PROF_WAITS_NONE + 1];
};

struct prof_trace_states {
	struct prof_mem *mem;
	struct prof_intervals intervals;
	int64_t from, to; /* only what lies between them counts */
	struct prof_hist states[PROF_G_SYSCALL + 1]; /* ns, of intervals; waits are in reasons */
	int64_t waiting_ns;
	PROF_VEC(struct prof_trace_reason) reasons;
	PROF_VEC(uint32_t) reason_of; /* string -> reason; PROF_NONE */
	PROF_VEC(struct prof_interval) procs; /* what they are in; `state`: enum prof_proc_state */
	int64_t proc_ns[PROF_P_IDLE + 1];
	/* As `go tool trace -pprof` counts: intervals that ended, from when they were met, and
	 * none before a goroutine's first run, unless it never ran.
	 */
	struct prof_trace_total profiles[PROF_WAITS_NONE + 1];
	PROF_VEC(struct prof_trace_total) not_run; /* slot -> system calls before its first run */
	/* Of goroutines of cgo callbacks, whose ids come again, Go keeps only the last of an id. */
	struct prof_map64 callback_of; /* id -> callback */
	PROF_VEC(struct prof_trace_callback) callbacks;
	PROF_VEC(uint32_t) callback_at; /* slot -> callback, PROF_NONE */
};

/* from, to: ns on the trace's clock. */
void prof_trace_states_init(
	struct prof_trace_states *x, struct prof_mem *mem, int64_t from, int64_t to);
void prof_trace_states_fini(struct prof_trace_states *x);

/* Before the events of each batch; then each SYNC, GAP, GOROUTINE and PROC of it; then, once, the
 * end.
 */
int prof_trace_states_reserve(
	struct prof_trace_states *x, const struct prof_trace *t, struct prof_err *e) PROF_CHECKED;
int prof_trace_states_event(struct prof_trace_states *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e) PROF_CHECKED;
int prof_trace_states_end(struct prof_trace_states *x, const struct prof_trace *t, int64_t time,
	struct prof_err *e) PROF_CHECKED;

/* Which profile of `go tool trace` waiting for a reason belongs to. */
enum prof_trace_profile prof_trace_reason_profile(struct prof_str reason);

#endif
