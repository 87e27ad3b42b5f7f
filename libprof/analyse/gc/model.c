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

/* The range of GOGC that agrees with a cycle: goals grow with it. */
static bool range_of(const struct inputs *in, int *from, int *to)
{
	int lo = 0, hi = MAX_GOGC + 1;

	/* The least for which the largest goal reaches the one seen, */
	while (lo < hi) {
		int mid = (lo + hi) / 2;

		if (goal_of(in, 1, mid) >= (double)in->goal.lo)
			hi = mid;
		else
			lo = mid + 1;
	}
	*from = lo;
	/* and the first for which the smallest is past it. */
	for (hi = MAX_GOGC + 1; lo < hi;) {
		int mid = (lo + hi) / 2;

		if (goal_of(in, 0, mid) >= (double)in->goal.lo + (double)in->goal.unit)
			hi = mid;
		else
			lo = mid + 1;
	}
	*to = lo - 1;
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

/* Each cycle votes for the values of GOGC that would have given its goal. */
static void collect(struct prof_gc *gc, struct votes *v)
{
	int from, to;

	*v = (struct votes){.first_from = 1, .first_to = MAX_GOGC};
	for (size_t i = 0; i < gc->t->segments.n; i++) {
		const struct prof_segment *s = &gc->t->segments.v[i];

		for (uint32_t k = 0; k < s->n_cycles; k++) {
			struct inputs in = inputs_of(gc, s, k);

			gc->gogc_of += in.known;
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
	for (int g = 1; g <= MAX_GOGC; g++)
		v->of[g] += v->of[g - 1];
}

/* Goals over the formula's. Those under it are a limit's; these nothing explains but another GOGC.
 */
static size_t above(const struct prof_gc *gc, int gogc)
{
	size_t n = 0;

	for (size_t i = 0; i < gc->t->segments.n; i++) {
		const struct prof_segment *s = &gc->t->segments.v[i];

		for (uint32_t k = 0; k < s->n_cycles; k++) {
			struct inputs in = inputs_of(gc, s, k);

			n += in.known && goal_of(&in, 1, gogc) < (double)in.goal.lo;
		}
	}
	return n;
}

static void infer_gogc(struct prof_gc *gc)
{
	struct votes v;
	int64_t best;
	int from = 1, to = MAX_GOGC, g;

	gc->gogc = gc->gogc_from = gc->gogc_to = PROF_ABSENT;
	collect(gc, &v);
	/* The very first goal is the floor, which no limit lowers; a limit that holds on one live
	 * heap for long would else look like a lower GOGC.
	 */
	if (v.first_from <= v.first_to &&
		(size_t)most(&v, v.first_from, v.first_to) * 4 >= gc->gogc_of) {
		from = v.first_from;
		to = v.first_to;
	}
	best = most(&v, from, to);
	g = roundest(&v, from, to, best);
	/* A few cycles, or a small part of those that have to agree, is chance. */
	if (best < 3 || above(gc, g) > 3 * (size_t)best)
		return;
	gc->gogc = gc->gogc_from = gc->gogc_to = g;
	while (gc->gogc_from > from && v.of[gc->gogc_from - 1] == best)
		gc->gogc_from--;
	while (gc->gogc_to < to && v.of[gc->gogc_to + 1] == best)
		gc->gogc_to++;
}

static enum prof_gc_why why_goal(
	const struct prof_gc *gc, const struct prof_segment *s, uint32_t k, const struct inputs *in)
{
	const struct prof_gc_cycle *c = &gc->t->cycles.v[s->first_cycle + k];
	double gogc = (double)gc->gogc, past = (double)in->goal.lo + (double)in->goal.unit;
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

static enum prof_gc_why why(
	const struct prof_gc *gc, const struct prof_segment *s, uint32_t k, const struct inputs *in)
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
	if (!in->known || gc->gogc == PROF_ABSENT)
		return PROF_WHY_UNKNOWN;
	return why_goal(gc, s, k, in);
}

static int limit_goal(struct prof_gc *gc, struct prof_err *e)
{
	size_t n = 0;
	int64_t *v = prof_mem_zalloc(&gc->mem, 2 * gc->cycles.n, sizeof(*v), e);

	gc->limit_goal_bytes = PROF_ABSENT;
	if (!v)
		return e ? e->code : PROF_ENOMEM;
	for (size_t i = 0; i < gc->t->segments.n; i++) {
		const struct prof_segment *s = &gc->t->segments.v[i];

		for (uint32_t k = 0; k < s->n_cycles; k++)
			if (gc->cycles.v[s->first_cycle + k].why == PROF_WHY_LIMIT)
				v[n++] = prof_gc_goal(
					gc->t, s, &gc->t->cycles.v[s->first_cycle + k])
						 .lo;
	}
	prof_gc_sort(v, v + gc->cycles.n, n);
	if (n)
		gc->limit_goal_bytes = prof_gc_rank(v, n, 0.5);
	prof_mem_zfree(&gc->mem, v, 2 * gc->cycles.n, sizeof(*v));
	return 0;
}

int prof_gc_model(struct prof_gc *gc, int64_t gogc, struct prof_err *e)
{
	infer_gogc(gc);
	if (gogc != PROF_ABSENT)
		gc->gogc = gogc;
	gc->gogc_agree = 0;
	for (size_t i = 0; i < gc->t->segments.n; i++) {
		const struct prof_segment *s = &gc->t->segments.v[i];

		for (uint32_t k = 0; k < s->n_cycles; k++) {
			struct prof_gc_derived *d = &gc->cycles.v[s->first_cycle + k];
			struct inputs in = inputs_of(gc, s, k);

			d->why = (uint8_t)why(gc, s, k, &in);
			if (!in.known || gc->gogc == PROF_ABSENT)
				continue;
			d->predicted_goal_bytes = (int64_t)((goal_of(&in, 0, (double)gc->gogc) +
								    goal_of(&in, 1,
									    (double)gc->gogc)) /
							    2);
			gc->gogc_agree += agrees(&in, (double)gc->gogc);
		}
	}
	return limit_goal(gc, e);
}
