#include "libprof/analyse/gc/steady.h"

#include <math.h>

#include "libprof/base/num.h"

bool prof_gc_is_steady(const struct prof_gc *gc, const struct prof_segment *s, uint32_t at)
{
	const struct prof_gc_cycle *c = &gc->t->cycles.v[at];
	const struct prof_gc_derived *d = &gc->cycles.v[at];

	return at > s->first_cycle && d->alloc_bytes != PROF_ABSENT && d->alloc_bytes > 0 &&
	       d->period_ns > 0 && c->goal_bytes != PROF_ABSENT && c->end_bytes != PROF_ABSENT &&
	       d->why != PROF_WHY_FORCED && d->why != PROF_WHY_LEAK_CHECK &&
	       d->why != PROF_WHY_PERIODIC;
}

unsigned prof_gc_group(const struct prof_gc *gc, const struct prof_gc_phase *p, uint32_t at)
{
	const struct prof_segment *s = &gc->t->segments.v[p->segment];
	int middle = PROF_GC_GROUPS / 2, doublings;
	double live, usual;

	if (!prof_gc_is_steady(gc, s, at) || p->live_bytes == PROF_ABSENT)
		return (unsigned)middle;
	live = (double)gc->t->cycles.v[at - 1].live_bytes + (double)s->size_unit;
	usual = (double)p->live_bytes + (double)s->size_unit;
	/* To the nearest, so that a phase that keeps to its median is one group. */
	doublings = ilogb(live / usual * 1.4142135623730951);
	doublings = doublings < -middle ? -middle : doublings > middle ? middle : doublings;
	return (unsigned)(middle + doublings);
}

/* CPU of all Ps while the cycle marked; 0: not known. */
static double all_cpu(const struct prof_gc_cycle *c)
{
	return prof_gc_cycle_marking(c) == PROF_ABSENT || c->mark_ns == PROF_ABSENT
		       ? 0
		       : (double)c->mark_ns * c->procs;
}

static double idle_cpu(const struct prof_gc_cycle *c)
{
	return c->idle_cpu_ns == PROF_ABSENT ? 0 : (double)c->idle_cpu_ns;
}

/* What workers take of all Ps without assists, and what they are meant to leave. */
#define BACKGROUND 0.25
#define MOST_CPU 0.95

/* What the pacer makes of a cycle (endCycle, commit): the runway on which a quarter of the Ps would
 * have marked as much in time.
 */
static double runway_after(const struct prof_gc_cycle *c)
{
	double all = all_cpu(c), part;

	if (c->end_bytes == PROF_ABSENT || c->start_bytes == PROF_ABSENT ||
		c->end_bytes <= c->start_bytes || !(all > 0))
		return 0;
	part = BACKGROUND + (double)c->assist_cpu_ns / all;
	part = part < MOST_CPU ? part : MOST_CPU;
	return (double)(c->end_bytes - c->start_bytes) * (part + idle_cpu(c) / all) / (1 - part) *
	       (1 - BACKGROUND) / BACKGROUND;
}

/* It goes by the largest of the last ones. */
enum { LAST = 5 };

static double wanted_by(const struct prof_gc *gc, const struct prof_segment *s, uint32_t at)
{
	double most = 0;

	for (uint32_t i = at; i > s->first_cycle && at - i < LAST; i--)
		most = fmax(most, runway_after(&gc->t->cycles.v[i - 1]));
	return most;
}

/* What the middle of is looked for. */
enum {
	LIVE,
	ROOTS,
	STACKS,
	BLACK,
	GOAL,
	START,
	PEAK,
	WANTED,
	PERIOD,
	MARKING,
	ALL,
	WORKER,
	ASSIST,
	N_COLUMNS
};

struct columns {
	int64_t *v; /* N_COLUMNS + 1 of `most` values; the last is room to sort in */
	size_t most, n;
};

static int64_t known(int64_t v)
{
	return v == PROF_ABSENT ? 0 : v;
}

static void put(struct columns *x, int column, double v)
{
	x->v[(size_t)column * x->most + x->n] = prof_to_i64(v);
}

/* Where in what rounding leaves open the goal was: nearest to the formula's. */
static double goal_of(const struct prof_gc *gc, const struct prof_segment *s, uint32_t at)
{
	struct prof_gc_size seen = prof_gc_goal(gc->t, s, &gc->t->cycles.v[at]);
	int64_t formula = gc->cycles.v[at].predicted_goal_bytes;
	double most = (double)seen.lo + (double)seen.unit - 1;

	return formula == PROF_ABSENT ? prof_gc_mid(seen)
				      : fmin(fmax((double)formula, (double)seen.lo), most);
}

static void put_cycle(
	const struct prof_gc *gc, const struct prof_segment *s, uint32_t at, struct columns *x)
{
	const struct prof_gc_cycle *c = &gc->t->cycles.v[at], *before = c - 1;
	double part = gc->setups.v[s - gc->t->segments.v].stacks_part;
	double all = all_cpu(c), half = (double)(s->size_unit - 1) / 2, goal = goal_of(gc, s, at);

	put(x, LIVE, (double)before->live_bytes + half);
	put(x, STACKS, (double)known(before->stacks_bytes));
	put(x, ROOTS,
		(double)known(before->stacks_bytes) * part + (double)known(before->globals_bytes));
	put(x, BLACK, fmax(0, (double)before->end_bytes - (double)before->start_bytes));
	put(x, GOAL, goal);
	put(x, START, fmin(prof_gc_mid(prof_gc_trigger(gc->t, s, c)), goal));
	put(x, PEAK, prof_gc_mid(prof_gc_peak(gc->t, s, c)));
	put(x, WANTED, wanted_by(gc, s, at));
	put(x, PERIOD, (double)gc->cycles.v[at].period_ns);
	put(x, MARKING, (double)(prof_gc_cycle_end(before) - before->start_ns));
	put(x, ALL, all);
	put(x, WORKER,
		all > 0 ? (double)(prof_gc_cycle_marking(c) - c->assist_cpu_ns) + idle_cpu(c) : 0);
	put(x, ASSIST, all > 0 ? (double)c->assist_cpu_ns : 0);
	x->n++;
}

static int64_t *sorted(struct columns *x, int column)
{
	int64_t *v = x->v + (size_t)column * x->most;

	prof_gc_sort(v, x->v + N_COLUMNS * x->most, x->n);
	return v;
}

static double middle(struct columns *x, int column)
{
	const int64_t *v = sorted(x, column);
	size_t cut = x->n / 4;
	double sum = 0;

	for (size_t i = cut; i < x->n - cut; i++)
		sum += (double)v[i];
	return sum / (double)(x->n - 2 * cut);
}

static double median(struct columns *x, int column)
{
	return (double)prof_gc_rank(sorted(x, column), x->n, 0.5);
}

/* So many cycles tell enough of a group; of more, every second, third… is looked at. */
enum { LOOKED_AT = 4096 };

static void conclude(struct columns *x, struct prof_gc_steady *out)
{
	if (!x->n)
		return;
	out->live = middle(x, LIVE);
	out->roots = middle(x, ROOTS);
	out->stacks = middle(x, STACKS);
	out->black = middle(x, BLACK);
	out->goal = middle(x, GOAL);
	out->start = middle(x, START);
	out->peak = middle(x, PEAK);
	out->largest = (double)prof_gc_rank(sorted(x, PEAK), x->n, 1);
	out->wanted = middle(x, WANTED);
	out->period_ns = median(x, PERIOD);
	out->marking_ns = fmin(median(x, MARKING), out->period_ns);
	out->all_ns = middle(x, ALL);
	out->worker_ns = middle(x, WORKER);
	out->assist_ns = middle(x, ASSIST);
	out->mark_ns_per_byte = (out->worker_ns + out->assist_ns) / fmax(out->live, 1);
}

static void add_cpu(const struct prof_gc *gc, uint32_t at, double *cpu, double *ps)
{
	const struct prof_gc_cycle *c = &gc->t->cycles.v[at];
	int64_t took = prof_gc_cycle_cpu(c), period = gc->cycles.v[at].period_ns;

	if (took == PROF_ABSENT || period == PROF_ABSENT || !c->procs)
		return;
	*cpu += (double)took;
	*ps += (double)period * c->procs;
}

int prof_gc_steady(const struct prof_gc *gc, uint32_t phase, unsigned group, size_t count,
	struct prof_gc_steady *out, struct prof_err *e)
{
	const struct prof_gc_phase *p = &gc->phases.v[phase];
	const struct prof_segment *s = &gc->t->segments.v[p->segment];
	struct prof_mem mem = {.limit = gc->mem.limit};
	size_t step = count / LOOKED_AT + 1;
	struct columns x = {.most = count / step + 1};
	size_t room = (N_COLUMNS + 1) * x.most;

	x.v = prof_mem_zalloc(&mem, room, sizeof(*x.v), e);
	if (!x.v)
		return e ? e->code : PROF_ENOMEM;
	*out = (struct prof_gc_steady){.phase = phase, .group = group};
	for (uint32_t at = p->first; at < p->first + p->n; at++) {
		bool steady = prof_gc_is_steady(gc, s, at);

		if (prof_gc_group(gc, p, at) != group)
			continue;
		add_cpu(gc, at, steady ? &out->cpu_ns : &out->other_cpu_ns, &out->ps_ns);
		if (!steady)
			continue;
		out->all_periods_ns += (double)gc->cycles.v[at].period_ns;
		if (out->n++ % step == 0)
			put_cycle(gc, s, at, &x);
	}
	conclude(&x, out);
	prof_mem_zfree(&mem, x.v, room, sizeof(*x.v));
	return 0;
}
