#include "libprof/analyse/gc/goals.h"
#include "libprof/base/num.h"

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

/* The part kept free is the runtime's (memoryLimitHeapGoal); the rest is what other memory takes in
 * the programs that were measured: some for all, a part of the heap (spans' tails and holes, the
 * runtime's own tables), which is larger where objects are small, that is, where there is much to
 * mark, and stacks, of which up to half are not used.
 */
#define KEPT 0.97
#define OTHER_BYTES ((double)(2 << 20))
#define LEAST_PART 0.025
#define SMALL_OBJECTS_PART 0.08
#define SMALL_OBJECTS_NS_PER_BYTE 0.1
#define STACKS_TAKE (4.0 / 3)

double prof_gc_other_part(double mark_ns_per_byte)
{
	return LEAST_PART + SMALL_OBJECTS_PART * mark_ns_per_byte /
				    (mark_ns_per_byte + SMALL_OBJECTS_NS_PER_BYTE);
}

double prof_gc_limit_goal(double limit, double stacks, double other_part)
{
	double room = limit - OTHER_BYTES - STACKS_TAKE * stacks;
	double goal = KEPT * room / (1 + KEPT * other_part);
	double small = (room - 1048576) / (1 + other_part);

	goal = goal < small ? goal : small;
	return goal > 0 ? goal : 0;
}

double prof_gc_limit_of(double goal, double stacks, double other_part)
{
	double kept = goal / KEPT > goal + 1048576 ? goal / KEPT : goal + 1048576;

	return kept + OTHER_BYTES + STACKS_TAKE * stacks + other_part * goal;
}

static enum prof_gc_why why_goal(const struct prof_gc_cycle *c, const struct prof_segment *s,
	const struct prof_gc_inputs *in, double gogc)
{
	double past = (double)in->goal.lo + (double)in->goal.unit;
	double floor = (double)PROF_GC_FLOOR_BYTES * gogc / 100;

	if (prof_gc_agrees(in, gogc))
		return (double)in->goal.lo <= floor && floor < past ? PROF_WHY_FLOOR
								    : PROF_WHY_LIVE;
	if (past <= prof_gc_goal_of(in, 0, gogc))
		return PROF_WHY_LIMIT;
	/* The goal is then 64 KiB past where the cycle began, or a MiB past the live heap, which
	 * the sweep is left as its distance.
	 */
	if (c->start_bytes != PROF_ABSENT &&
		(double)c->start_bytes + (double)s->size_unit > prof_gc_goal_of(in, 1, gogc) &&
		((double)in->goal.lo <= (double)c->start_bytes + (double)s->size_unit + 65536 ||
			(double)in->goal.lo <= in->live[1] + 1048576))
		return PROF_WHY_LATE;
	return PROF_WHY_OTHER;
}

/* Whether the cycle began before the heap came near the trigger's lowest place. */
static bool began_early(const struct prof_gc_cycle *c, const struct prof_gc_inputs *in)
{
	double live = in->live[0];

	return c->start_bytes != PROF_ABSENT && (double)in->goal.lo > live &&
	       (double)c->start_bytes + 1 < live + 0.69 * ((double)in->goal.lo - live);
}

static enum prof_gc_why why(const struct prof_gc *gc, const struct prof_segment *s, uint32_t k,
	const struct prof_gc_inputs *in, int64_t gogc)
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

/* One goal alone may be under the formula's for many reasons. */
enum { LIMIT_CYCLES = 2 };

/* The memory limit that left a cycle its goal. */
static int64_t limit_behind(
	const struct prof_gc *gc, const struct prof_segment *s, const struct prof_gc_cycle *c)
{
	double live = c[-1].live_bytes > 0 ? (double)c[-1].live_bytes : 1;
	int64_t cpu = prof_gc_cycle_marking(c), stacks = c[-1].stacks_bytes;

	return prof_to_i64(prof_gc_limit_of((double)prof_gc_goal(gc->t, s, c).lo,
		stacks == PROF_ABSENT ? 0 : (double)stacks,
		prof_gc_other_part(cpu == PROF_ABSENT ? 0 : (double)cpu / live)));
}

/* The medians of the goals that a limit set, and of the limit, of the segments [from, to). `room`
 * has two values a cycle.
 */
static void put_limit(
	const struct prof_gc *gc, size_t from, size_t to, int64_t *room, struct prof_gc_setup *out)
{
	out->limit_goal_bytes = out->limit_bytes = PROF_ABSENT;
	for (int pass = 0; pass < 2; pass++) {
		int64_t *to_set = pass ? &out->limit_bytes : &out->limit_goal_bytes;
		size_t n = 0;

		for (size_t i = from; i < to; i++) {
			const struct prof_segment *s = &gc->t->segments.v[i];

			for (uint32_t k = 1; k < s->n_cycles; k++) {
				const struct prof_gc_cycle *c =
					&gc->t->cycles.v[s->first_cycle + k];

				if (gc->cycles.v[s->first_cycle + k].why == PROF_WHY_LIMIT)
					room[n++] = pass ? limit_behind(gc, s, c)
							 : prof_gc_goal(gc->t, s, c).lo;
			}
		}
		if (n < LIMIT_CYCLES)
			return;
		prof_gc_sort(room, room + n, n);
		*to_set = prof_gc_rank(room, n, 0.5);
	}
}

static void explain(struct prof_gc *gc, size_t segment)
{
	const struct prof_segment *s = &gc->t->segments.v[segment];
	struct prof_gc_setup *u = &gc->setups.v[segment];

	u->goals = u->agree = 0;
	for (uint32_t k = 0; k < s->n_cycles; k++) {
		struct prof_gc_derived *d = &gc->cycles.v[s->first_cycle + k];
		struct prof_gc_inputs in = prof_gc_inputs(gc, s, k, u->stacks_part);
		double goal[2];

		d->why = (uint8_t)why(gc, s, k, &in, u->gogc);
		u->goals += in.known;
		if (!in.known || u->gogc == PROF_ABSENT)
			continue;
		goal[0] = prof_gc_goal_of(&in, 0, (double)u->gogc);
		goal[1] = prof_gc_goal_of(&in, 1, (double)u->gogc);
		d->predicted_goal_bytes = (int64_t)((goal[0] + goal[1]) / 2);
		u->agree += prof_gc_agrees(&in, (double)u->gogc);
	}
}

/* Too few goals are under the formula's for a limit. */
static void take_back(struct prof_gc *gc, size_t segment)
{
	const struct prof_segment *s = &gc->t->segments.v[segment];

	for (uint32_t i = s->first_cycle; i < s->first_cycle + s->n_cycles; i++)
		if (gc->cycles.v[i].why == PROF_WHY_LIMIT)
			gc->cycles.v[i].why = PROF_WHY_OTHER;
}

/* What holds of all runs. */
static void sum_up(struct prof_gc *gc)
{
	struct prof_gc_setup all = {.gogc = PROF_ABSENT,
		.gogc_from = PROF_ABSENT,
		.gogc_to = PROF_ABSENT,
		.stacks_part = 1,
		.limit_goal_bytes = gc->all.limit_goal_bytes,
		.limit_bytes = gc->all.limit_bytes};

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
	rc = prof_gc_infer(gc, e);
	if (rc)
		return rc;
	v = prof_mem_zalloc(&gc->mem, room, sizeof(*v), e);
	if (!v)
		return e ? e->code : PROF_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (gogc != PROF_ABSENT)
			gc->setups.v[i].gogc = gogc;
		explain(gc, i);
		put_limit(gc, i, i + 1, v, &gc->setups.v[i]);
		if (gc->setups.v[i].limit_goal_bytes == PROF_ABSENT)
			take_back(gc, i);
	}
	put_limit(gc, 0, n, v, &gc->all);
	prof_mem_zfree(&gc->mem, v, room, sizeof(*v));
	sum_up(gc);
	return 0;
}
