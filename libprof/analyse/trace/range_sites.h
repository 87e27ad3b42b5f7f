/* Mark assists, sweeps or stops of the world by the stack on which they began: for a profile of
 * them. A range counts with what of it lies between `from` and `to`, one that is open at the end up
 * to there; what began before the trace began on no stack.
 */
#ifndef PROF_ANALYSE_TRACE_RANGE_SITES_H
#define PROF_ANALYSE_TRACE_RANGE_SITES_H

#include "libprof/model/trace.h"

struct prof_range_site {
	uint32_t stack, name; /* name: a string, why the world stopped */
	uint64_t count;
	int64_t ns;
	int64_t swept_bytes, reclaimed_bytes;
};

struct prof_open_range {
	int64_t begin; /* PROF_RANGE_NONE: it is not open */
	uint32_t stack, name;
};

#define PROF_RANGE_NONE INT64_MIN

struct prof_range_sites {
	struct prof_mem *mem;
	enum prof_trace_range kind;
	int64_t from, to;
	PROF_VEC(struct prof_open_range) open; /* by goroutine; sweeps: by proc */
	PROF_VEC(struct prof_range_site) sites;
	struct prof_map64 site_of; /* stack and name -> site */
	int64_t start; /* of the trace, or of what follows a gap */
};

void prof_range_sites_init(
	struct prof_range_sites *x, struct prof_mem *mem, enum prof_trace_range kind);
void prof_range_sites_fini(struct prof_range_sites *x);

/* Before the events of each batch; then each that is a range; SYNC with the trace's start and GAP,
 * which ends all ranges, as the end does.
 */
int prof_range_sites_reserve(
	struct prof_range_sites *x, const struct prof_trace *t, struct prof_err *e) PROF_CHECKED;
int prof_range_sites_event(struct prof_range_sites *x, const struct prof_trace_event *ev,
	struct prof_err *e) PROF_CHECKED;
int prof_range_sites_close(
	struct prof_range_sites *x, int64_t time, struct prof_err *e) PROF_CHECKED;

#endif
