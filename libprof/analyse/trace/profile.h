/* A trace as a profile: what goroutines did in one kind of state, by the stack that says where. A
 * state belongs to the stack of the event that entered it, as in `go tool trace -pprof`; running
 * belongs to the stack on which it ended or, where that event has none (the goroutine's end), to
 * the function that the goroutine was started with. Mark assists, sweeps and stops of the world are
 * profiles by the stack on which they began.
 */
#ifndef PROF_ANALYSE_TRACE_PROFILE_H
#define PROF_ANALYSE_TRACE_PROFILE_H

#include "libprof/analyse/trace/range_sites.h"
#include "libprof/analyse/trace/states.h"
#include "libprof/model/build.h"

struct prof_trace_site {
	uint64_t count;
	int64_t ns;
};

struct prof_trace_folding {
	struct prof_mem *mem;
	struct prof_trace_profile_opts opts;
	int kind; /* enum trace_profile_kind of profile.c */
	struct prof_intervals intervals;
	struct prof_range_sites ranges;
	PROF_VEC(struct prof_trace_site) sites; /* by stack */
	PROF_VEC(uint8_t) reasons; /* by string: whether waits for it belong here; 0: not known */
	PROF_VEC(uint32_t) entries; /* by goroutine: the stack that it was started with */
	PROF_VEC(struct prof_trace_site) not_run; /* by goroutine, Go's way: before its first run */
	PROF_VEC(uint32_t) not_run_stack;
	bool begun;
	int64_t start, end, from, to;
};

/* PROF_EUSAGE for a profile of an unknown name. */
int prof_trace_folding_init(struct prof_trace_folding *x, struct prof_mem *mem,
	const struct prof_trace_profile_opts *opts, struct prof_err *e) PROF_CHECKED;
void prof_trace_folding_fini(struct prof_trace_folding *x);

/* Takes a batch of events, t->events; and, once, the end: the profile. */
int prof_trace_folding_batch(
	struct prof_trace_folding *x, const struct prof_trace *t, struct prof_err *e) PROF_CHECKED;
int prof_trace_folding_end(struct prof_trace_folding *x, const struct prof_trace *t,
	struct prof_profile **out, struct prof_err *e) PROF_CHECKED;

/* A stack of the trace as one of a profile: its locations, leaf first; one of its own where there
 * is none.
 */
int prof_trace_build_stack(
	struct prof_build *b, const struct prof_trace *t, uint32_t id, uint32_t *out) PROF_CHECKED;

/* A time of the trace in ns since 1970 UTC, by the clocks of the last generation; 0: not known. */
int64_t prof_trace_wall_time(const struct prof_trace *t, int64_t time);

#endif
