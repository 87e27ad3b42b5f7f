#include "libprof/analyse/gc/rerun.h"

#include <math.h>

/* The place of the trigger between live heap and goal. */
#define MOST_RUNWAY (19.0 / 64)
#define LEAST_RUNWAY (3.0 / 64)

/* What a cycle is started for at the latest: two minutes after the one before. */
#define PERIODIC_NS 120e9

static double least_runway(double room)
{
	double part = LEAST_RUNWAY * room;

	return part < (double)PROF_GC_FLOOR_BYTES ? part : (double)PROF_GC_FLOOR_BYTES;
}

static double within(double v, double least, double most)
{
	return v < least ? least : v > most ? most : v;
}

/* A cycle's marking as it was. */
struct marking {
	double allocated, natural; /* natural: without assists */
	double runway; /* from its start to the goal */
	double wanted; /* where the goal leaves room for it */
	double least, most; /* parts: of the least runway, of the room */
	double workers; /* part of the Ps; 0: not known */
	double program, work, all; /* CPU */
};

#define ASSIST_WORK 0.6

static void put_cpu(struct marking *m, const struct prof_gc_steady *s)
{
	double assists;

	m->natural = m->allocated;
	if (!(s->all_ns > 0))
		return;
	m->all = s->all_ns;
	m->workers = within(s->worker_ns / m->all, 0.05, 0.9);
	assists = within(s->assist_ns, 0, (0.95 - m->workers) * m->all);
	m->work = m->workers * m->all + ASSIST_WORK * assists;
	m->program = (1 - m->workers) * m->all - assists;
	m->natural *= (1 - m->workers) / m->workers * m->work / m->program;
}

static struct marking marking_of(const struct prof_gc_steady *s)
{
	double room = fmax(s->goal - s->live, 1), runway = fmax(s->goal - s->start, 1);
	struct marking m = {.allocated = fmax(s->peak - s->start, 0),
		.runway = runway,
		.wanted = runway,
		.least = fmin(runway / least_runway(room), 1),
		.most = MOST_RUNWAY};

	put_cpu(&m, s);
	/* Where the runtime bounded it, the pacer wanted more or less. */
	if (runway >= 0.95 * MOST_RUNWAY * room) {
		m.most = fmax(MOST_RUNWAY, runway / room);
		m.wanted = fmax(runway, s->wanted);
	} else if (runway <= 1.1 * least_runway(room)) {
		m.wanted = fmin(runway, s->wanted);
	}
	return m;
}

/* What is allocated while marking that begins `runway` before the goal. */
static double allocated_with(const struct marking *m, double runway)
{
	double was = fmin(m->natural, m->runway), then = fmin(m->natural, runway), used;

	if (m->allocated >= was)
		return then + m->allocated - was;
	/* Marking that ended long before the goal did so for other reasons than the runway. */
	used = within((m->allocated / was - 0.5) / 0.4, 0, 1);
	return used * m->allocated * then / was + (1 - used) * fmin(m->allocated, then);
}

/* How much longer marking takes then. */
static double longer(const struct marking *m, double allocated)
{
	double program, rest = 1 - m->workers;

	if (!(m->workers > 0) || !(m->allocated > 0))
		return 1;
	if (allocated >= m->natural)
		return m->work / m->workers / m->all;
	program = m->program * allocated / m->allocated;
	return (program + m->work / ASSIST_WORK) / (rest + m->workers / ASSIST_WORK) / m->all;
}

static double goal_of(
	const struct prof_gc_steady *s, double live, double gogc, double limit_goal, bool *over)
{
	double goal = isfinite(gogc) ? prof_gc_formula(live, s->roots, 0, gogc) : INFINITY;

	*over = limit_goal < goal && live >= limit_goal;
	if (limit_goal < goal)
		goal = limit_goal > live ? limit_goal : live;
	return goal;
}

/* The CPU that workers and assists take, in what they took. */
static double cpu_of(const struct marking *m, double allocated, double factor)
{
	double was = m->all - m->program, all = m->all * factor, program;

	if (!(m->workers > 0) || !(m->allocated > 0) || !(was > 0))
		return 1;
	program = fmin(m->program * allocated / m->allocated, (1 - m->workers) * all);
	return (all - program) / was;
}

enum { ROUNDS = 60 };

struct prof_gc_rerun prof_gc_rerun(const struct prof_gc_steady *s, double gogc, double limit_goal)
{
	struct marking m = marking_of(s);
	struct prof_gc_rerun w = {.live = s->live};
	double runway = m.runway, allocated = m.allocated, was = -1, factor, alloc;

	/* What is allocated while marking is live for the next cycle, and sets its goal. */
	for (int i = 0; i < ROUNDS && fabs(w.live - was) > 4096; i++) {
		double room;

		w.goal = goal_of(s, w.live, gogc, limit_goal, &w.over_limit);
		room = w.goal - w.live;
		runway = within(m.wanted, m.least * least_runway(room), m.most * room);
		allocated = allocated_with(&m, runway);
		was = w.live;
		w.live += 0.7 * (fmax(s->live - s->black + allocated, 0) - w.live);
	}
	alloc = fmax(w.goal - runway - w.live, 65536);
	factor = longer(&m, allocated);
	w.period_ns = alloc * (s->period_ns - s->marking_ns) / fmax(s->start - s->live, 65536) +
		      s->marking_ns * factor;
	if (w.period_ns > PERIODIC_NS) {
		alloc *= PERIODIC_NS / w.period_ns;
		w.period_ns = PERIODIC_NS;
	}
	w.start = w.live + alloc;
	w.peak = w.start + allocated;
	w.cpu = cpu_of(&m, allocated, factor);
	w.while_marking = allocated / (alloc + allocated);
	return w;
}
