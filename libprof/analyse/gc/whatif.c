#include "libprof/analyse/gc/whatif.h"

#include <math.h>

#include "libprof/analyse/gc/rerun.h"
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

struct tally {
	double times, period, cpu, ps, area, ns;
	int64_t *period_v, *peak_v, *room;
	size_t n;
};

static void tally_cycle(struct tally *x, const struct prof_gc *gc, uint32_t at, uint32_t first,
	const struct prof_gc_rerun *w)
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
		struct prof_gc_rerun w;

		if (!prof_gc_can_rerun(gc, s, at, set)) {
			tally_cycle(x, gc, at, s->first_cycle, NULL);
			continue;
		}
		w = prof_gc_rerun(gc, s, at, set);
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
						     !isfinite(prof_gc_limited_to(u, set))};
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
			struct prof_gc_rerun w;

			if (!prof_gc_can_rerun(gc, s, at, &same) || was <= 0)
				continue;
			w = prof_gc_rerun(gc, s, at, &same);
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
