#include "libprof/analyse/gc/rerun.h"

#include <math.h>

double prof_gc_limited_to(const struct prof_gc_setup *u, const struct prof_gc_setting *set)
{
	if (set->has_limit)
		return isfinite(set->limit_bytes) ? prof_gc_limit_goal(set->limit_bytes) : INFINITY;
	return u->limit_goal_bytes == PROF_ABSENT ? INFINITY : (double)u->limit_goal_bytes;
}

bool prof_gc_can_rerun(const struct prof_gc *gc, const struct prof_segment *s, uint32_t at,
	const struct prof_gc_setting *set)
{
	const struct prof_gc_cycle *c = &gc->t->cycles.v[at];
	const struct prof_gc_derived *d = &gc->cycles.v[at];
	bool knows_goal = set->has_gogc || gc->setups.v[s - gc->t->segments.v].gogc != PROF_ABSENT;

	return at > s->first_cycle && knows_goal && d->alloc_bytes != PROF_ABSENT &&
	       d->alloc_bytes > 0 && c->goal_bytes != PROF_ABSENT && c->end_bytes != PROF_ABSENT &&
	       d->why != PROF_WHY_FORCED && d->why != PROF_WHY_LEAK_CHECK &&
	       d->why != PROF_WHY_PERIODIC && isfinite(gc->phases.v[d->phase].off_ns_per_byte);
}

/* The goal that a cycle on `live` bytes has. */
static double goal_under(const struct prof_gc_setup *u, const struct prof_gc_cycle *before,
	double live, const struct prof_gc_setting *set, bool *over_limit)
{
	double gogc = set->has_gogc ? set->gogc : (double)u->gogc,
	       limit = prof_gc_limited_to(u, set);
	double stacks = before->stacks_bytes == PROF_ABSENT ? 0 : (double)before->stacks_bytes;
	double globals = before->globals_bytes == PROF_ABSENT ? 0 : (double)before->globals_bytes;
	double goal = isfinite(gogc) ? prof_gc_formula(live, stacks, globals, gogc) : INFINITY;

	*over_limit = false;
	if (limit < goal) {
		*over_limit = live >= limit;
		goal = limit > live ? limit : live;
	}
	return goal;
}

/* Where in what rounding leaves open the cycle's own goal was: nearest to the formula's. */
static double own_goal(const struct prof_gc *gc, const struct prof_segment *s,
	const struct prof_gc_setup *u, const struct prof_gc_cycle *c, double live)
{
	static const struct prof_gc_setting same = {0};
	struct prof_gc_size seen = prof_gc_goal(gc->t, s, c);
	bool ignored;
	double goal;

	if (u->gogc == PROF_ABSENT)
		return prof_gc_mid(seen);
	goal = goal_under(u, c - 1, live, &same, &ignored);
	if (goal < (double)seen.lo)
		return (double)seen.lo;
	if (goal > (double)seen.lo + (double)seen.unit - 1)
		return (double)seen.lo + (double)seen.unit - 1;
	return goal;
}

/* The part of the Ps that marks without assists (runtime/mgcpacer.go). */
#define BACKGROUND 0.25

/* How early the pacer begins at most, of the room between live heap and goal. */
#define MOST_RUNWAY (19.0 / 64)

/* A cycle's marking as it was. */
struct marking {
	double allocated; /* by the program, meanwhile */
	double natural; /* what that had been without assists */
	double runway; /* from its start to the goal */
	double wanted; /* the runway that the pacer wanted, where the goal left room for it */
	double most; /* the runway is at most this part of the room */
	double part; /* of the Ps; NAN: not known */
};

/* The program allocates in what marking leaves of the Ps. So, for one heap to mark, what is
 * allocated is as (1 - part) / part.
 */
static double odds(double part)
{
	return part / (1 - part);
}

static struct marking marking_of(
	const struct prof_gc_cycle *c, double start, double peak, double goal, double room)
{
	int64_t cpu = prof_gc_cycle_marking(c);
	struct marking m = {.allocated = peak > start ? peak - start : 0,
		.runway = goal - start,
		.most = MOST_RUNWAY,
		.part = NAN};

	m.natural = m.allocated;
	m.wanted = m.runway;
	if (cpu > 0 && c->mark_ns > 0 && c->procs > 0) {
		m.part = (double)cpu / ((double)c->mark_ns * c->procs);
		m.part = m.part < BACKGROUND ? BACKGROUND : m.part > 0.9 ? 0.9 : m.part;
		m.natural = m.allocated * odds(m.part) / odds(BACKGROUND);
	}
	/* It began as early as it may: the pacer wants to have finished without assists. */
	if (room > 0 && m.runway >= MOST_RUNWAY * room) {
		m.most = m.runway / room;
		m.wanted = m.natural > m.runway ? m.natural : m.runway;
	}
	return m;
}

/* What is allocated during marking that begins `runway` before the goal: assists see to it that it
 * fits.
 */
static double allocated_with(const struct marking *m, double runway)
{
	double own = m->natural < m->runway ? m->natural : m->runway;
	double then = m->natural < runway ? m->natural : runway;

	return own > 0 && then > 0 ? m->allocated * then / own : m->allocated;
}

/* How much longer marking takes then. */
static double longer(const struct marking *m, double allocated)
{
	double part;

	if (isnan(m->part) || !(allocated > 0) || !(m->allocated > 0))
		return 1;
	part = odds(m->part) * m->allocated / allocated;
	part = part / (1 + part);
	return m->part / (part > BACKGROUND ? part : BACKGROUND);
}

enum { ROUNDS = 40 };

/* What is allocated while the cycle before marks counts as live, whatever becomes of it, and what
 * is live sets the goal: so both are found in rounds.
 */
struct prof_gc_rerun prof_gc_rerun(const struct prof_gc *gc, const struct prof_segment *s,
	uint32_t at, const struct prof_gc_setting *set)
{
	const struct prof_gc_cycle *c = &gc->t->cycles.v[at];
	const struct prof_gc_phase *p = &gc->phases.v[gc->cycles.v[at].phase];
	const struct prof_gc_setup *u = &gc->setups.v[s - gc->t->segments.v];
	double live = (double)c[-1].live_bytes + (double)(s->size_unit - 1) / 2;
	double goal = own_goal(gc, s, u, c, live);
	struct marking m = marking_of(c, prof_gc_mid(prof_gc_trigger(gc->t, s, c)),
		prof_gc_mid(prof_gc_peak(gc->t, s, c)), goal, goal - live);
	double black = c[-1].start_bytes != PROF_ABSENT && c[-1].end_bytes > c[-1].start_bytes
			       ? (double)(c[-1].end_bytes - c[-1].start_bytes)
			       : 0;
	double new_goal = goal, runway = m.runway, allocated = m.allocated, was = -1;
	struct prof_gc_rerun w = {.live = live};

	for (int i = 0; i < ROUNDS && fabs(w.live - was) > 4096; i++) {
		double most;

		new_goal = goal_under(u, c - 1, w.live, set, &w.over_limit);
		most = m.most * (new_goal - w.live);
		runway = m.wanted < most ? m.wanted : most;
		allocated = allocated_with(&m, runway);
		was = w.live;
		if (m.allocated > 0)
			w.live = live + black * (allocated / m.allocated - 1);
		w.live = w.live > 0 ? w.live : 0;
	}
	w.alloc = new_goal - runway - w.live;
	if (!(w.alloc >= 65536))
		w.alloc = 65536;
	w.start = w.live + w.alloc;
	w.peak = w.start + allocated;
	w.period_ns = w.alloc * p->off_ns_per_byte + (double)p->marking_ns * longer(&m, allocated);
	w.times = ((double)gc->cycles.v[at].alloc_bytes * p->off_ns_per_byte +
			  (double)p->marking_ns) /
		  w.period_ns;
	return w;
}
