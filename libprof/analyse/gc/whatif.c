#include "libprof/analyse/gc/whatif.h"

#include <math.h>

#include "libprof/analyse/gc/units.h"
#include "libprof/base/num.h"

/* "gogc" takes a plain number, "gomemlimit" a size (a plain number is bytes). */
static bool take_value(const char **s, bool is_limit, double *v)
{
	enum prof_gc_unit unit;

	if (strncmp(*s, "off", 3) == 0) {
		*s += 3;
		*v = INFINITY;
		return true;
	}
	return prof_gc_number(s, v, &unit) &&
	       (unit == PROF_GC_UNIT_NONE || (is_limit && unit == PROF_GC_UNIT_SIZE) ||
		       (!is_limit && unit == PROF_GC_UNIT_PART)) &&
	       *v >= 1 && *v < 1e18;
}

struct values {
	double v[PROF_GC_MAX_SETTINGS];
	size_t n;
};

static bool take_values(const char **s, bool is_limit, struct values *out)
{
	for (out->n = 0; out->n < PROF_GC_MAX_SETTINGS; (*s)++) {
		if (!take_value(s, is_limit, &out->v[out->n++]))
			return false;
		if (**s != ',')
			return true;
	}
	return false;
}

int prof_gc_settings(const char *text, struct prof_gc_setting *out, size_t *n, struct prof_err *e)
{
	struct values gogc = {.v = {NAN}}, limit = {.v = {NAN}};
	const char *s = text;
	bool good = true;

	for (bool more = true; good && more; s += more) {
		if (!gogc.n && strncmp(s, "gogc=", 5) == 0) {
			s += 5;
			good = take_values(&s, false, &gogc);
		} else if (!limit.n && strncmp(s, "gomemlimit=", 11) == 0) {
			s += 11;
			good = take_values(&s, true, &limit);
		} else {
			good = false;
		}
		more = *s == '+';
	}
	if (!good || *s)
		return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
			"what-if takes gogc=N,… and gomemlimit=SIZE,…, joined by +, not '%.80s'",
			text);
	*n = 0;
	for (size_t i = 0; i < (gogc.n ? gogc.n : 1); i++)
		for (size_t k = 0; k < (limit.n ? limit.n : 1); k++) {
			if (*n == PROF_GC_MAX_SETTINGS)
				return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
					"more than %d settings to try", PROF_GC_MAX_SETTINGS);
			out[(*n)++] = (struct prof_gc_setting){.gogc = gogc.v[i],
				.limit_bytes = limit.v[k],
				.has_gogc = gogc.n > 0,
				.has_limit = limit.n > 0};
		}
	return 0;
}

/* A cycle as the settings would have it. */
struct would {
	double alloc, period_ns, peak, start, live; /* alloc: until it begins */
	double times; /* so many instead of one */
	bool over_limit;
};

static double limited_to(const struct prof_gc_setup *u, const struct prof_gc_setting *set)
{
	if (set->has_limit)
		return isfinite(set->limit_bytes) ? prof_gc_limit_goal(set->limit_bytes) : INFINITY;
	return u->limit_goal_bytes == PROF_ABSENT ? INFINITY : (double)u->limit_goal_bytes;
}

/* Whether the cycle began because of the heap, and all that it takes is known. */
static bool can_tell(const struct prof_gc *gc, const struct prof_segment *s, uint32_t at,
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
	double gogc = set->has_gogc ? set->gogc : (double)u->gogc, limit = limited_to(u, set);
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

static struct would rerun(const struct prof_gc *gc, const struct prof_segment *s, uint32_t at,
	const struct prof_gc_setting *set)
{
	const struct prof_gc_cycle *c = &gc->t->cycles.v[at];
	const struct prof_gc_phase *p = &gc->phases.v[gc->cycles.v[at].phase];
	const struct prof_gc_setup *u = &gc->setups.v[s - gc->t->segments.v];
	double live = (double)c[-1].live_bytes + (double)(s->size_unit - 1) / 2;
	double goal = own_goal(gc, s, u, c, live),
	       start = prof_gc_mid(prof_gc_trigger(gc->t, s, c));
	double runway = goal - start, new_goal;
	struct would w = {.live = live};

	new_goal = goal_under(u, c - 1, live, set, &w.over_limit);
	/* The trigger is never below 0.7 of the way. */
	if (runway > 0.3 * (new_goal - live))
		runway = 0.3 * (new_goal - live);
	w.alloc = new_goal - runway - live;
	if (!(w.alloc >= 65536))
		w.alloc = 65536;
	w.start = live + w.alloc;
	w.peak = new_goal + (prof_gc_mid(prof_gc_peak(gc->t, s, c)) - goal);
	w.period_ns = w.alloc * p->off_ns_per_byte + (double)p->marking_ns;
	w.times = (double)gc->cycles.v[at].alloc_bytes / w.alloc;
	return w;
}

struct tally {
	double times, period, cpu, ps, area, ns;
	int64_t *period_v, *peak_v, *room;
	size_t n;
};

static void tally_cycle(struct tally *x, const struct prof_gc *gc, uint32_t at, uint32_t first,
	const struct would *w)
{
	const struct prof_gc_cycle *c = &gc->t->cycles.v[at];
	int64_t cpu = prof_gc_cycle_cpu(c), period = gc->cycles.v[at].period_ns;

	x->times += w ? w->times : 1;
	if (cpu != PROF_ABSENT && period != PROF_ABSENT && at > first && c->procs) {
		x->cpu += (double)cpu * (w ? w->times : 1);
		x->ps += (double)period * c->procs;
	}
	if (!w)
		return;
	x->period += w->times * w->period_ns;
	x->area += w->times * w->period_ns * (w->live + w->start) / 2;
	x->ns += w->times;
	x->period_v[x->n] = prof_to_i64(w->period_ns);
	x->peak_v[x->n++] = prof_to_i64(w->peak);
}

static void conclude(struct tally *x, bool one_phase, struct prof_gc_outcome *out)
{
	out->cycles = x->times;
	prof_gc_sort(x->peak_v, x->room, x->n);
	out->peak_bytes = one_phase ? prof_gc_rank(x->peak_v, x->n, 0.5) : PROF_ABSENT;
	out->max_peak_bytes = x->peak_v[x->n - 1];
	out->period_ns = prof_to_i64(x->period / x->ns);
	if (one_phase) {
		prof_gc_sort(x->period_v, x->room, x->n);
		out->period_ns = prof_gc_rank(x->period_v, x->n, 0.5);
	}
	out->mean_heap_bytes = x->period > 0 ? x->area / x->period : NAN;
	out->gc_cpu = x->ps > 0 ? x->cpu / x->ps : NAN;
	if (out->gc_cpu > 1)
		out->gc_cpu = 1;
}

static bool tally_range(struct tally *x, const struct prof_gc *gc, const struct prof_segment *s,
	uint32_t from, uint32_t to, const struct prof_gc_setting *set)
{
	bool over_limit = false;

	for (uint32_t at = from; at < to; at++) {
		struct would w;

		if (!can_tell(gc, s, at, set)) {
			tally_cycle(x, gc, at, s->first_cycle, NULL);
			continue;
		}
		w = rerun(gc, s, at, set);
		over_limit = over_limit || w.over_limit;
		tally_cycle(x, gc, at, s->first_cycle, &w);
	}
	return over_limit;
}

int prof_gc_whatif(const struct prof_gc *gc, const struct prof_gc_phase *phase,
	const struct prof_gc_setting *set, struct prof_gc_outcome *out, struct prof_err *e)
{
	size_t most = phase ? phase->n : gc->cycles.n;
	struct prof_mem mem = {.limit = gc->mem.limit};
	int64_t *v = prof_mem_zalloc(&mem, 3 * most, sizeof(*v), e);
	struct tally x = {.period_v = v, .peak_v = v + most, .room = v + 2 * most};
	const struct prof_gc_setup *u = phase ? &gc->setups.v[phase->segment] : &gc->all;
	int rc = 0;

	if (!v)
		return e ? e->code : PROF_ENOMEM;
	*out = (struct prof_gc_outcome){.unbounded = set->has_gogc && !isfinite(set->gogc) &&
						     !isfinite(limited_to(u, set))};
	if (phase)
		out->over_limit = tally_range(&x, gc, &gc->t->segments.v[phase->segment],
			phase->first, phase->first + phase->n, set);
	for (size_t i = 0; !phase && i < gc->t->segments.n; i++) {
		const struct prof_segment *s = &gc->t->segments.v[i];

		if (tally_range(&x, gc, s, s->first_cycle, s->first_cycle + s->n_cycles, set))
			out->over_limit = true;
	}
	if (out->unbounded)
		*out = (struct prof_gc_outcome){.period_ns = PROF_ABSENT,
			.peak_bytes = PROF_ABSENT,
			.max_peak_bytes = PROF_ABSENT,
			.mean_heap_bytes = NAN,
			.gc_cpu = NAN,
			.cycles = NAN,
			.unbounded = true};
	else if (x.n)
		conclude(&x, phase != NULL, out);
	else
		rc = prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"too few cycles with known sizes to tell what other settings would do");
	prof_mem_zfree(&mem, v, 3 * most, sizeof(*v));
	return rc;
}

static double median_error(int64_t *v, int64_t *room, size_t n)
{
	if (!n)
		return NAN;
	prof_gc_sort(v, room, n);
	return (double)prof_gc_rank(v, n, 0.5) / 0x1p40;
}

/* A relative error as an integer, which can be sorted. */
static int64_t error_of(double would, double was)
{
	return prof_to_i64(fabs(would - was) / was * 0x1p40);
}

int prof_gc_whatif_error(const struct prof_gc *gc, double *period, double *peak, struct prof_err *e)
{
	static const struct prof_gc_setting same = {0};
	size_t most = gc->cycles.n, n = 0;
	struct prof_mem mem = {.limit = gc->mem.limit};
	int64_t *v = prof_mem_zalloc(&mem, 3 * most, sizeof(*v), e);

	if (!v)
		return e ? e->code : PROF_ENOMEM;
	for (size_t i = 0; i < gc->t->segments.n; i++) {
		const struct prof_segment *s = &gc->t->segments.v[i];

		for (uint32_t at = s->first_cycle; at < s->first_cycle + s->n_cycles; at++) {
			double was = (double)gc->cycles.v[at].period_ns;
			struct would w;

			if (!can_tell(gc, s, at, &same) || was <= 0)
				continue;
			w = rerun(gc, s, at, &same);
			v[n] = error_of(w.period_ns, was);
			v[most + n++] = error_of(
				w.peak, prof_gc_mid(prof_gc_peak(gc->t, s, &gc->t->cycles.v[at])));
		}
	}
	*period = median_error(v, v + 2 * most, n);
	*peak = median_error(v + most, v + 2 * most, n);
	prof_mem_zfree(&mem, v, 3 * most, sizeof(*v));
	return 0;
}
