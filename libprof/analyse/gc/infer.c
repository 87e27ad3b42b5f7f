#include <math.h>

#include "libprof/analyse/gc/goals.h"

enum { MAX_GOGC = 2000 };

/* What stacks and globals of most programs come to, which traces do not tell. */
#define UNKNOWN_ROOTS_BYTES 1048576

struct prof_gc_inputs prof_gc_inputs(
	const struct prof_gc *gc, const struct prof_segment *s, uint32_t k, double stacks_part)
{
	const struct prof_gc_cycle *c = &gc->t->cycles.v[s->first_cycle + k];
	struct prof_gc_inputs in = {.goal = prof_gc_goal(gc->t, s, c)};
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
		in.roots[0] += (double)c[-1].stacks_bytes * stacks_part +
			       (double)c[-1].globals_bytes;
		in.roots[1] += ((double)c[-1].stacks_bytes + unit) * stacks_part +
			       (double)c[-1].globals_bytes + unit;
	} else if (gc->t->sources.v[s->source].kind == PROF_TIMELINE_TRACE) {
		in.roots[1] += UNKNOWN_ROOTS_BYTES;
	}
	return in;
}

bool prof_gc_agrees(const struct prof_gc_inputs *in, double gogc)
{
	return prof_gc_goal_of(in, 1, gogc) >= (double)in->goal.lo &&
	       prof_gc_goal_of(in, 0, gogc) < (double)in->goal.lo + (double)in->goal.unit;
}

static bool reaches(const struct prof_gc_inputs *in, int gogc)
{
	return prof_gc_goal_of(in, 1, gogc) >= (double)in->goal.lo;
}

static bool passes(const struct prof_gc_inputs *in, int gogc)
{
	return prof_gc_goal_of(in, 0, gogc) >= (double)in->goal.lo + (double)in->goal.unit;
}

static int clamped(double v)
{
	return v > MAX_GOGC + 1 ? MAX_GOGC + 1 : v > 0 ? (int)v : 0;
}

/* The least GOGC at which a goal on this end's sizes is `goal` or more, but for what computing it
 * rounds: by the formula, or by the floor.
 */
static int least(const struct prof_gc_inputs *in, int end, double goal)
{
	double by_live = 100 * (goal - in->live[end]) / in->roots[end];
	double by_floor = 100 * goal / (double)PROF_GC_FLOOR_BYTES;

	return clamped(ceil(in->roots[end] > 0 && by_live < by_floor ? by_live : by_floor));
}

/* The range of GOGC that agrees with a cycle: goals grow with it, so that it begins at the least
 * for which the largest goal reaches the one seen, and ends before the smallest is past it.
 */
static bool range_of(const struct prof_gc_inputs *in, int *from, int *to)
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
		struct prof_gc_inputs in = prof_gc_inputs(gc, s, k, 1);

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

static void count(struct votes *v)
{
	for (int g = 1; g <= MAX_GOGC; g++)
		v->of[g] += v->of[g - 1];
}

/* What the votes between two values come to: `gogc` PROF_ABSENT: nothing. */
static struct prof_gc_setup elect(const struct votes *v, int from, int to, int64_t enough)
{
	struct prof_gc_setup u = {.gogc = PROF_ABSENT,
		.gogc_from = PROF_ABSENT,
		.gogc_to = PROF_ABSENT,
		.stacks_part = 1,
		.limit_goal_bytes = PROF_ABSENT,
		.limit_bytes = PROF_ABSENT};
	int64_t best = most(v, from, to);

	if (best < enough)
		return u;
	u.gogc = u.gogc_from = u.gogc_to = roundest(v, from, to, best);
	u.votes = (size_t)best;
	while (u.gogc_from > from && v->of[u.gogc_from - 1] == best)
		u.gogc_from--;
	while (u.gogc_to < to && v->of[u.gogc_to + 1] == best)
		u.gogc_to++;
	return u;
}

/* Cycles that have to agree before it is more than chance. */
enum { ENOUGH = 3 };

static struct prof_gc_setup elect_any(const struct votes *v)
{
	return elect(v, 1, MAX_GOGC, ENOUGH);
}

/* Of short runs: what their first goals, the floor, agree with goes before what few more say. */
static struct prof_gc_setup elect_first(const struct votes *v)
{
	if (v->first_from <= v->first_to &&
		most(v, v->first_from, v->first_to) * 4 >= most(v, 1, MAX_GOGC))
		return elect(v, v->first_from, v->first_to, ENOUGH);
	return elect_any(v);
}

static void forget(struct prof_gc_setup *u)
{
	u->gogc = u->gogc_from = u->gogc_to = PROF_ABSENT;
}

/* Goals over the formula's. Those under it are a limit's; these nothing explains but another GOGC.
 */
static size_t above(
	const struct prof_gc *gc, const struct prof_segment *s, const struct prof_gc_setup *u)
{
	size_t n = 0;

	for (uint32_t k = 0; k < s->n_cycles; k++) {
		struct prof_gc_inputs in = prof_gc_inputs(gc, s, k, u->stacks_part);

		n += in.known && prof_gc_goal_of(&in, 1, (double)u->gogc) < (double)in.goal.lo;
	}
	return n;
}

/* A limit's goals lie close together whatever is live, the formula's follow the live heap; and
 * Go 1.19's logs print what stacks take, of which the formula takes what is used. Each way to
 * explain a run has a setting, and a distance of its goals from what it says.
 */
struct way {
	struct prof_gc_setup u;
	double limit_goal; /* INFINITY: none */
};

static double distance(const struct prof_gc *gc, const struct prof_segment *s, const struct way *w)
{
	double sum = 0;

	for (uint32_t k = 1; k < s->n_cycles; k++) {
		struct prof_gc_inputs in = prof_gc_inputs(gc, s, k, w->u.stacks_part);
		double goal[2], seen = prof_gc_mid(in.goal), off;

		if (!in.known)
			continue;
		for (int i = 0; i < 2; i++)
			goal[i] = fmin(prof_gc_goal_of(&in, i, (double)w->u.gogc),
				fmax(w->limit_goal, in.live[i]));
		off = seen < goal[0] ? goal[0] - seen : seen > goal[1] ? seen - goal[1] : 0;
		off -= (double)in.goal.unit / 2;
		sum += off > 0 ? fmin(off / seen, 1) : 0;
	}
	return sum;
}

/* The median of one value a cycle of `v`, which has room for two each. */
static int64_t median(int64_t *v, size_t n)
{
	prof_gc_sort(v, v + n, n);
	return prof_gc_rank(v, n, 0.5);
}

/* The goals that are below the formula's are all a limit's. */
static void by_limit(
	const struct prof_gc *gc, const struct prof_segment *s, struct way *w, int64_t *room)
{
	size_t n = 0;

	for (uint32_t k = 1; k < s->n_cycles; k++) {
		struct prof_gc_inputs in = prof_gc_inputs(gc, s, k, 1);

		if (in.known && passes(&in, (int)w->u.gogc))
			room[n++] = in.goal.lo;
	}
	w->limit_goal = n ? (double)median(room, n) : INFINITY;
}

/* Stacks that use less are made smaller. */
#define LEAST_USED 0.25

/* They have a part of the stacks, the same in all cycles. */
static void by_stacks(
	const struct prof_gc *gc, const struct prof_segment *s, struct way *w, int64_t *room)
{
	size_t n = 0;
	double part;

	for (uint32_t k = 1; k < s->n_cycles; k++) {
		const struct prof_gc_cycle *before = &gc->t->cycles.v[s->first_cycle + k - 1];
		struct prof_gc_inputs in = prof_gc_inputs(gc, s, k, 0);
		double stacks = (double)before->stacks_bytes, half = (double)s->size_unit / 2;

		if (!in.known || before->stacks_bytes == PROF_ABSENT || stacks < in.live[0] / 4)
			continue;
		stacks += half;
		room[n++] = (int64_t)(((prof_gc_mid(in.goal) - in.live[0] - half) * 100 /
						      (double)w->u.gogc -
					      in.roots[0] - half) /
				      stacks * 0x1p20);
	}
	part = n * 2 >= s->n_cycles ? (double)median(room, n) / 0x1p20 : 1;
	if (part >= LEAST_USED && part < 1)
		w->u.stacks_part = part;
}

/* The first goal of all is the floor, which neither a limit nor stacks change: where it speaks for
 * another GOGC than the rest does, something else is behind the rest, or GOGC was changed, which is
 * taken to be where it explains clearly more.
 */
static struct prof_gc_setup by_first(const struct prof_gc *gc, const struct prof_segment *s,
	const struct votes *v, struct prof_gc_setup any, int64_t *room)
{
	struct way changed = {any, INFINITY}, way[2];
	double d[2];
	int best;

	if (v->first_from > v->first_to || (v->first_from == 1 && v->first_to == MAX_GOGC))
		return any;
	if (any.gogc >= v->first_from && any.gogc <= v->first_to)
		return elect(v, v->first_from, v->first_to, ENOUGH);
	way[0] = way[1] = (struct way){elect(v, v->first_from, v->first_to, 1), INFINITY};
	if (way[0].u.gogc == PROF_ABSENT)
		return any;
	by_limit(gc, s, &way[0], room);
	by_stacks(gc, s, &way[1], room);
	d[0] = distance(gc, s, &way[0]);
	d[1] = distance(gc, s, &way[1]);
	best = d[1] < d[0];
	if (any.gogc != PROF_ABSENT &&
		d[best] > 1.1 * distance(gc, s, &changed) + 0.01 * s->n_cycles)
		return any;
	return way[best].u;
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
	count(v);
	u = elect_first(v);
	for (size_t i = first; u.votes && i < end; i++)
		if (gc->t->segments.v[i].n_cycles < ALONE)
			n_above += above(gc, &gc->t->segments.v[i], &u);
	if (n_above > ENOUGH * u.votes)
		forget(&u);
	for (size_t i = first; i < end; i++)
		if (gc->t->segments.v[i].n_cycles < ALONE)
			gc->setups.v[i] = u;
}

int prof_gc_infer(struct prof_gc *gc, struct prof_err *e)
{
	size_t n = 2 * gc->cycles.n;
	int64_t *room = prof_mem_zalloc(&gc->mem, n, sizeof(*room), e);
	struct votes v;

	if (!room)
		return e ? e->code : PROF_ENOMEM;
	for (size_t i = 0; i < gc->t->segments.n; i++) {
		const struct prof_segment *s = &gc->t->segments.v[i];
		struct prof_gc_setup *u = &gc->setups.v[i];

		if (!i || s->source != s[-1].source)
			infer_together(gc, i, &v);
		if (s->n_cycles < ALONE)
			continue;
		begin_votes(&v);
		collect(gc, s, &v);
		count(&v);
		*u = by_first(gc, s, &v, elect_any(&v), room);
		if (u->votes && above(gc, s, u) > ENOUGH * u->votes)
			forget(u);
	}
	prof_mem_zfree(&gc->mem, room, n, sizeof(*room));
	return 0;
}
