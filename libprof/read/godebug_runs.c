#include "libprof/read/godebug_runs.h"

#include <math.h>

#include "libprof/base/hash.h"
#include "libprof/base/num.h"

/* How late a line may be written; and what a missing one, and a goal of no part of another,
 * count as when runs are compared.
 */
#define LATE_NS ((int64_t)1000000000)
#define LOST_NS ((int64_t)500000000)
#define GOAL_NS 400e6

/* What is live after one cycle is there when the next begins, but for what rounding makes of it. */
static bool may_follow(const struct prof_godebug_run *r, const struct prof_godebug_mark *m)
{
	if (!m->n)
		return m->start_ns >= r->last_sched_ns;
	if (m->n <= r->last_n || m->start_ns < r->last_start_ns)
		return false;
	return m->n > r->last_n + 1 ||
	       m->start_bytes >= r->last_live_bytes - r->last_live_bytes / 16 - (2 << 20);
}

/* When the line was written, by the log's clock. */
static int64_t time_of(const struct prof_godebug_run *r, const struct prof_godebug_mark *m)
{
	return prof_add_sat(r->at_ns, m->end_ns - r->last_ns);
}

static int64_t distance(const struct prof_godebug_runs *runs, const struct prof_godebug_run *r,
	const struct prof_godebug_mark *m)
{
	int64_t off = time_of(r, m) - runs->now_ns;
	int64_t lost = m->n && r->last_n ? m->n - r->last_n - 1 : 0;
	double more = (double)m->goal_bytes, less = (double)r->last_goal_bytes;

	off = prof_add_sat(off < 0 ? -off : off, (lost < 100 ? lost : 100) * LOST_NS);
	if (!m->n || !r->last_n || more + less <= 0)
		return off;
	return prof_add_sat(off, (int64_t)(GOAL_NS * fabs(more - less) / (more + less)));
}

static void take(struct prof_godebug_runs *runs, struct prof_godebug_run *r,
	const struct prof_godebug_mark *m, int64_t at_ns)
{
	if (at_ns > runs->now_ns)
		runs->now_ns = at_ns;
	r->at_ns = at_ns;
	r->last_ns = m->end_ns;
	if (m->n) {
		r->last_n = m->n;
		r->last_start_ns = m->start_ns;
		r->last_live_bytes = m->live_bytes;
		r->last_goal_bytes = m->goal_bytes;
	} else {
		r->last_sched_ns = m->start_ns;
	}
}

struct prof_godebug_run *prof_godebug_run_of(
	struct prof_godebug_runs *runs, const struct prof_godebug_mark *m)
{
	struct prof_godebug_run *best = NULL;
	int64_t least = INT64_MAX;

	for (size_t i = 0; i < runs->n; i++) {
		struct prof_godebug_run *r = &runs->v[i];
		int64_t d;

		if (!may_follow(r, m) || time_of(r, m) < runs->now_ns - LATE_NS)
			continue;
		d = distance(runs, r, m);
		if (d >= least)
			continue;
		least = d;
		best = r;
	}
	if (best)
		take(runs, best, m, time_of(best, m));
	return best;
}

struct prof_godebug_run *prof_godebug_run_begin(
	struct prof_godebug_runs *runs, const struct prof_godebug_mark *m, uint32_t segment)
{
	struct prof_godebug_run *r = &runs->v[0];

	if (runs->n < PROF_GODEBUG_RUNS) {
		r = &runs->v[runs->n++];
	} else {
		for (size_t i = 1; i < runs->n; i++)
			if (runs->v[i].at_ns < r->at_ns)
				r = &runs->v[i];
	}
	*r = (struct prof_godebug_run){
		.segment = segment, .series = PROF_NONE, .last_cycle = PROF_NONE};
	take(runs, r, m, runs->now_ns);
	return r;
}
