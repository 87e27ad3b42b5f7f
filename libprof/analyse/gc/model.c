#include <math.h>

#include "libprof/analyse/gc/gc.h"

enum { MAX_GOGC = 2000 };

/* What stacks and globals of most programs come to, which traces do not tell. */
#define UNKNOWN_ROOTS_BYTES 1048576

/* What the runtime waits for at most (forcegcperiod), but for a little. */
#define PERIODIC_NS (INT64_C(119) * 1000000000)

const char *prof_gc_why_name(enum prof_gc_why why)
{
	static const char *const names[] = {
		[PROF_WHY_UNKNOWN] = "",
		[PROF_WHY_LIVE] = "live heap",
		[PROF_WHY_FLOOR] = "floor",
		[PROF_WHY_LIMIT] = "limit",
		[PROF_WHY_LATE] = "late",
		[PROF_WHY_FORCED] = "forced",
		[PROF_WHY_LEAK_CHECK] = "leak check",
		[PROF_WHY_PERIODIC] = "2 minutes",
		[PROF_WHY_OTHER] = "other",
	};

	return names[why];
}

double prof_gc_formula(double live, double stacks, double globals, double gogc)
{
	double goal = live + (live + stacks + globals) * gogc / 100;
	double floor = (double)PROF_GC_FLOOR_BYTES * gogc / 100;

	return goal > floor ? goal : floor;
}

/* The part kept free is the runtime's (memoryLimitHeapGoal); the rest is what stacks, spans' tails
 * and the runtime's own tables take in the programs that were measured.
 */
#define KEPT 0.97
#define OTHER_BYTES ((double)(2 << 20))
#define OTHER_PART 0.025

double prof_gc_limit_goal(double limit)
{
	double room = limit - OTHER_BYTES;
	double goal = KEPT * room / (1 + KEPT * OTHER_PART);
	double small = (room - 1048576) / (1 + OTHER_PART);

	goal = goal < small ? goal : small;
	return goal > 0 ? goal : 0;
}

double prof_gc_limit_of(double goal)
{
	double kept = goal / KEPT > goal + 1048576 ? goal / KEPT : goal + 1048576;

	return kept + OTHER_BYTES + OTHER_PART * goal;
}

/* What a goal is made of: the least and the most that rounding leaves open. */
struct inputs {
	double live[2], roots[2]; /* roots: live + stacks + globals */
	struct prof_gc_size goal;
	bool known;
};

static struct inputs inputs_of(const struct prof_gc *gc, const struct prof_segment *s, uint32_t k)
{
	const struct prof_gc_cycle *c = &gc->t->cycles.v[s->first_cycle + k];
	struct inputs in = {.goal = prof_gc_goal(gc->t, s, c)};
	double unit = (double)s->size_unit;

	in.known = in.goal.lo != PROF_ABSENT;
	/* The very first goal is the floor. */
	if (!k) {
		in.known = in.known && c->n == 1;
		return in;
	}
	if (c[-1].live_bytes == PROF_ABSENT) {
		in.known = false;
		return in;
	}
	in.live[0] = (double)c[-1].live_bytes;
	in.live[1] = in.live[0] + unit;
	in.roots[0] = in.live[0];
	in.roots[1] = in.live[1];
	if (c[-1].stacks_bytes != PROF_ABSENT && c[-1].globals_bytes != PROF_ABSENT) {
		double more = (double)c[-1].stacks_bytes + (double)c[-1].globals_bytes;

		in.roots[0] += more;
		in.roots[1] += more + 2 * unit;
	} else if (gc->t->sources.v[s->source].kind == PROF_TIMELINE_TRACE) {
		in.roots[1] += UNKNOWN_ROOTS_BYTES;
	}
	return in;
}

static double goal_of(const struct inputs *in, int end, double gogc)
{
	return prof_gc_formula(in->live[end], in->roots[end] - in->live[end], 0, gogc);
}

static bool agrees(const struct inputs *in, double gogc)
{
	return goal_of(in, 1, gogc) >= (double)in->goal.lo &&
	       goal_of(in, 0, gogc) < (double)in->goal.lo + (double)in->goal.unit;
}

static bool reaches(const struct inputs *in, int gogc)
{
	return goal_of(in, 1, gogc) >= (double)in->goal.lo;
}

static bool passes(const struct inputs *in, int gogc)
{
	return goal_of(in, 0, gogc) >= (double)in->goal.lo + (double)in->goal.unit;
}

static int clamped(double v)
{
	return v > MAX_GOGC + 1 ? MAX_GOGC + 1 : v > 0 ? (int)v : 0;
}

/* The least GOGC at which a goal on this end's sizes is `goal` or more, but for what computing it
 * rounds: by the formula, or by the floor.
 */
static int least(const struct inputs *in, int end, double goal)
{
	double by_live = 100 * (goal - in->live[end]) / in->roots[end];
	double by_floor = 100 * goal / (double)PROF_GC_FLOOR_BYTES;

	return clamped(ceil(in->roots[end] > 0 && by_live < by_floor ? by_live : by_floor));
}

/* The range of GOGC that agrees with a cycle: goals grow with it, so that it begins at the least
 * for which the largest goal reaches the one seen, and ends before the smallest is past it.
 */
static bool range_of(const struct inputs *in, int *from, int *to)
{
	int lo = least(in, 1, (double)in->goal.lo);
	int hi = least(in, 0, (double)in->goal.lo + (double)in->goal.unit);

	while (lo > 0 && reaches(in, lo - 1))
		lo--;
	while (lo <= MAX_GOGC && !reaches(in, lo))
		lo++;
	while (hi > 0 && passes(in, hi - 1))
		hi--;
	while (hi <= MAX_GOGC && !passes(in, hi))
		hi++;
	*from = lo;
	*to = hi - 1;
	return *from <= *to && *to > 0;
}

struct votes {
	int64_t of[MAX_GOGC + 3]; /* by value: cycles that agree */
	int first_from, first_to; /* what the very first cycles of the runs agree with */
	size_t n; /* cycles whose sizes are known */
};

static int64_t most(const struct votes *v, int from, int to)
{
	int64_t best = 0;

	for (int g = from; g <= to; g++)
		best = v->of[g] > best ? v->of[g] : best;
	return best;
}

/* Of the values that most cycles agree with: a rounder one is likelier to be what someone set. */
static int roundest(const struct votes *v, int from, int to, int64_t best)
{
	static const int steps[] = {100, 50, 25, 10, 5, 1};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		for (int g = steps[i]; g <= to; g += steps[i])
			if (g >= from && v->of[g] == best)
				return g;
	return 0;
}

static void begin_votes(struct votes *v)
{
	*v = (struct votes){.first_from = 1, .first_to = MAX_GOGC};
}

/* Each cycle votes for the values of GOGC that would have given its goal: where they begin, and
 * where they end.
 */
static void collect(const struct prof_gc *gc, const struct prof_segment *s, struct votes *v)
{
	int from, to;

	for (uint32_t k = 0; k < s->n_cycles; k++) {
		struct inputs in = inputs_of(gc, s, k);

		v->n += in.known;
		if (!in.known || !range_of(&in, &from, &to))
			continue;
		v->of[from]++;
		v->of[to + 1]--;
		if (!k && from > v->first_from)
			v->first_from = from;
		if (!k && to < v->first_to)
			v->first_to = to;
	}
}

/* What the votes come to: `from` PROF_ABSENT: nothing. */
static struct prof_gc_setup elect(struct votes *v)
{
	struct prof_gc_setup u = {.gogc = PROF_ABSENT,
		.gogc_from = PROF_ABSENT,
		.gogc_to = PROF_ABSENT,
		.limit_goal_bytes = PROF_ABSENT};
	int from = 1, to = MAX_GOGC;
	int64_t best;

	for (int g = 1; g <= MAX_GOGC; g++)
		v->of[g] += v->of[g - 1];
	/* The very first goal is the floor, which no limit lowers; a limit that holds on one live
	 * heap for long would else look like a lower GOGC.
	 */
	if (v->first_from <= v->first_to &&
		(size_t)most(v, v->first_from, v->first_to) * 4 >= v->n) {
		from = v->first_from;
		to = v->first_to;
	}
	best = most(v, from, to);
	if (best < 3)
		return u;
	u.gogc = u.gogc_from = u.gogc_to = roundest(v, from, to, best);
	u.votes = (size_t)best;
	while (u.gogc_from > from && v->of[u.gogc_from - 1] == best)
		u.gogc_from--;
	while (u.gogc_to < to && v->of[u.gogc_to + 1] == best)
		u.gogc_to++;
	return u;
}

/* Goals over the formula's. Those under it are a limit's; these nothing explains but another GOGC.
 */
static size_t above(const struct prof_gc *gc, const struct prof_segment *s, int64_t gogc)
{
	size_t n = 0;

	for (uint32_t k = 0; k < s->n_cycles; k++) {
		struct inputs in = inputs_of(gc, s, k);

		n += in.known && goal_of(&in, 1, (double)gogc) < (double)in.goal.lo;
	}
	return n;
}

enum { ALONE = 8 }; /* cycles that tell by themselves */

/* Runs of one source that are too short to tell, together. `first`: the first of them. */
static void infer_together(struct prof_gc *gc, size_t first, struct votes *v)
{
	uint32_t source = gc->t->segments.v[first].source;
	struct prof_gc_setup u;
	size_t n_above = 0, end = first;

	begin_votes(v);
	for (; end < gc->t->segments.n && gc->t->segments.v[end].source == source; end++)
		if (gc->t->segments.v[end].n_cycles < ALONE)
			collect(gc, &gc->t->segments.v[end], v);
	u = elect(v);
	for (size_t i = first; u.votes && i < end; i++)
		if (gc->t->segments.v[i].n_cycles < ALONE)
			n_above += above(gc, &gc->t->segments.v[i], u.gogc);
	/* A small part of the cycles that have to agree is chance. */
	if (n_above > 3 * u.votes)
		u.gogc = u.gogc_from = u.gogc_to = PROF_ABSENT;
	for (size_t i = first; i < end; i++)
		if (gc->t->segments.v[i].n_cycles < ALONE)
			gc->setups.v[i] = u;
}

static void infer(struct prof_gc *gc)
{
	struct votes v;

	for (size_t i = 0; i < gc->t->segments.n; i++) {
		const struct prof_segment *s = &gc->t->segments.v[i];
		struct prof_gc_setup *u = &gc->setups.v[i];

		if (!i || s->source != s[-1].source)
			infer_together(gc, i, &v);
		if (s->n_cycles < ALONE)
			continue;
		begin_votes(&v);
		collect(gc, s, &v);
		*u = elect(&v);
		if (u->votes && above(gc, s, u->gogc) > 3 * u->votes)
			u->gogc = u->gogc_from = u->gogc_to = PROF_ABSENT;
	}
}

static enum prof_gc_why why_goal(const struct prof_gc_cycle *c, const struct prof_segment *s,
	const struct inputs *in, double gogc)
{
	double past = (double)in->goal.lo + (double)in->goal.unit;
	double floor = (double)PROF_GC_FLOOR_BYTES * gogc / 100;

	if (agrees(in, gogc))
		return (double)in->goal.lo <= floor && floor < past ? PROF_WHY_FLOOR
								    : PROF_WHY_LIVE;
	if (past <= goal_of(in, 0, gogc))
		return PROF_WHY_LIMIT;
	/* The goal is then 64 KiB past where the cycle began, or a MiB past the live heap, which
	 * the sweep is left as its distance.
	 */
	if (c->start_bytes != PROF_ABSENT &&
		(double)c->start_bytes + (double)s->size_unit > goal_of(in, 1, gogc) &&
		((double)in->goal.lo <= (double)c->start_bytes + (double)s->size_unit + 65536 ||
			(double)in->goal.lo <= in->live[1] + 1048576))
		return PROF_WHY_LATE;
	return PROF_WHY_OTHER;
}

/* Whether the cycle began before the heap came near the trigger's lowest place. */
static bool began_early(const struct prof_gc_cycle *c, const struct inputs *in)
{
	double live = in->live[0];

	return c->start_bytes != PROF_ABSENT && (double)in->goal.lo > live &&
	       (double)c->start_bytes + 1 < live + 0.69 * ((double)in->goal.lo - live);
}

static enum prof_gc_why why(const struct prof_gc *gc, const struct prof_segment *s, uint32_t k,
	const struct inputs *in, int64_t gogc)
{
	uint32_t at = s->first_cycle + k;
	const struct prof_gc_cycle *c = &gc->t->cycles.v[at];

	if (c->reason == PROF_GC_FORCED)
		return PROF_WHY_FORCED;
	if (c->reason == PROF_GC_LEAK_CHECK)
		return PROF_WHY_LEAK_CHECK;
	if (c->reason == PROF_GC_PERIODIC)
		return PROF_WHY_PERIODIC;
	if (k && gc->cycles.v[at].period_ns >= PERIODIC_NS && (!in->known || began_early(c, in)))
		return PROF_WHY_PERIODIC;
	if (!in->known || gogc == PROF_ABSENT)
		return PROF_WHY_UNKNOWN;
	return why_goal(c, s, in, (double)gogc);
}

/* The median of the goals that a limit set, of the segments [from, to). `room` has two values a
 * cycle.
 */
static int64_t limit_goal(const struct prof_gc *gc, size_t from, size_t to, int64_t *room)
{
	size_t n = 0;

	for (size_t i = from; i < to; i++) {
		const struct prof_segment *s = &gc->t->segments.v[i];

		for (uint32_t k = 0; k < s->n_cycles; k++)
			if (gc->cycles.v[s->first_cycle + k].why == PROF_WHY_LIMIT)
				room[n++] = prof_gc_goal(
					gc->t, s, &gc->t->cycles.v[s->first_cycle + k])
						    .lo;
	}
	if (!n)
		return PROF_ABSENT;
	prof_gc_sort(room, room + n, n);
	return prof_gc_rank(room, n, 0.5);
}

static void explain(struct prof_gc *gc, size_t segment)
{
	const struct prof_segment *s = &gc->t->segments.v[segment];
	struct prof_gc_setup *u = &gc->setups.v[segment];

	u->goals = u->agree = 0;
	for (uint32_t k = 0; k < s->n_cycles; k++) {
		struct prof_gc_derived *d = &gc->cycles.v[s->first_cycle + k];
		struct inputs in = inputs_of(gc, s, k);
		double goal[2];

		d->why = (uint8_t)why(gc, s, k, &in, u->gogc);
		u->goals += in.known;
		if (!in.known || u->gogc == PROF_ABSENT)
			continue;
		goal[0] = goal_of(&in, 0, (double)u->gogc);
		goal[1] = goal_of(&in, 1, (double)u->gogc);
		d->predicted_goal_bytes = (int64_t)((goal[0] + goal[1]) / 2);
		u->agree += agrees(&in, (double)u->gogc);
	}
}

/* What holds of all runs. */
static void sum_up(struct prof_gc *gc)
{
	struct prof_gc_setup all = {.gogc = PROF_ABSENT,
		.gogc_from = PROF_ABSENT,
		.gogc_to = PROF_ABSENT,
		.limit_goal_bytes = gc->all.limit_goal_bytes};

	gc->least_gogc = gc->most_gogc = PROF_ABSENT;
	for (size_t i = 0; i < gc->setups.n; i++) {
		const struct prof_gc_setup *u = &gc->setups.v[i];

		all.goals += u->goals;
		all.agree += u->agree;
		if (u->gogc == PROF_ABSENT)
			continue;
		if (gc->least_gogc == PROF_ABSENT || u->gogc < gc->least_gogc)
			gc->least_gogc = u->gogc;
		if (u->gogc > gc->most_gogc)
			gc->most_gogc = u->gogc;
		if (all.gogc_from == PROF_ABSENT || u->gogc_from > all.gogc_from)
			all.gogc_from = u->gogc_from;
		if (all.gogc_to == PROF_ABSENT || u->gogc_to < all.gogc_to)
			all.gogc_to = u->gogc_to;
	}
	if (gc->least_gogc == gc->most_gogc)
		all.gogc = gc->least_gogc;
	else
		all.gogc_from = all.gogc_to = PROF_ABSENT;
	gc->all = all;
}

int prof_gc_model(struct prof_gc *gc, int64_t gogc, struct prof_err *e)
{
	size_t n = gc->t->segments.n, room = 2 * gc->cycles.n;
	int64_t *v;
	int rc = prof_vec_reserve(&gc->mem, &gc->setups, n + 1, e);

	if (rc)
		return rc;
	gc->setups.n = n;
	infer(gc);
	v = prof_mem_zalloc(&gc->mem, room, sizeof(*v), e);
	if (!v)
		return e ? e->code : PROF_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (gogc != PROF_ABSENT)
			gc->setups.v[i].gogc = gogc;
		explain(gc, i);
		gc->setups.v[i].limit_goal_bytes = limit_goal(gc, i, i + 1, v);
	}
	gc->all.limit_goal_bytes = limit_goal(gc, 0, n, v);
	prof_mem_zfree(&gc->mem, v, room, sizeof(*v));
	sum_up(gc);
	return 0;
}
