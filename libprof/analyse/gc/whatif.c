#include "libprof/analyse/gc/whatif.h"

#include <math.h>

#include "libprof/analyse/gc/rerun.h"
#include "libprof/base/num.h"

/* A part of a run as it was, and what is tried on it. */
struct trial {
	struct prof_gc_steady was;
	double gogc, limit_goal; /* INFINITY: none */
	double other_part; /* what a limit leaves to memory other than the heap; NAN: has none */
	double limit;
};

static bool unlimited(const struct trial *t)
{
	return !isfinite(t->gogc) && !isfinite(t->limit_goal);
}

static struct trial trial_of(const struct prof_gc_whatif *x, const struct prof_gc_steady *part,
	const struct prof_gc_setting *set)
{
	const struct prof_gc_setup *u = &x->gc->setups.v[x->gc->phases.v[part->phase].segment];
	struct trial t = {.was = *part,
		.gogc = set->has_gogc ? set->gogc : (double)u->gogc,
		.other_part = NAN,
		.limit_goal = INFINITY};

	if (!set->has_limit && u->limit_goal_bytes != PROF_ABSENT)
		t.limit_goal = (double)u->limit_goal_bytes;
	if (set->has_limit && isfinite(set->limit_bytes)) {
		t.limit = set->limit_bytes;
		t.other_part = prof_gc_other_part(t.was.mark_ns_per_byte);
		t.limit_goal = prof_gc_limit_goal(t.limit, t.was.stacks, t.other_part);
	}
	if (!set->has_gogc && u->gogc == PROF_ABSENT)
		t.was.n = 0;
	return t;
}

static const struct prof_gc_outcome no_outcome = {.cycles = NAN,
	.period_ns = PROF_ABSENT,
	.peak_bytes = PROF_ABSENT,
	.max_peak_bytes = PROF_ABSENT,
	.period = {NAN, NAN},
	.peak = {NAN, NAN},
	.mean_heap_bytes = NAN,
	.gc_cpu = NAN};

/* What nine of ten errors were under, in logarithms: of a median, and for all of what is allocated
 * being allocated while cycles mark.
 */
#define PERIOD_ERROR 0.15
#define PEAK_ERROR 0.06
#define MARKING_ERROR 0.7

/* What other memory took, of what it is taken to take. */
#define LEAST_OTHER 0.4
#define MOST_OTHER 3

static struct prof_gc_between around(double v, double error)
{
	return (struct prof_gc_between){v * exp(-error), v * exp(error)};
}

static struct prof_gc_between both(struct prof_gc_between a, struct prof_gc_between b)
{
	return (struct prof_gc_between){fmin(a.least, b.least), fmax(a.most, b.most)};
}

struct result {
	struct prof_gc_rerun w;
	struct prof_gc_between period, peak;
};

static struct result at_goal(const struct trial *t, double limit_goal)
{
	struct result r = {.w = prof_gc_rerun(&t->was, t->gogc, limit_goal)};
	double part = fmax(t->was.peak - t->was.start, 0) / fmax(t->was.peak - t->was.live, 1);
	double error = MARKING_ERROR * fmin(fmax(r.w.while_marking, part), 1);

	r.period = around(r.w.period_ns, PERIOD_ERROR + error);
	r.peak = around(r.w.peak, PEAK_ERROR + error);
	return r;
}

static struct result try(const struct trial *t)
{
	struct result r = at_goal(t, t->limit_goal);

	for (int i = 0; i < 2 && !isnan(t->other_part); i++) {
		double part = t->other_part * (i ? MOST_OTHER : LEAST_OTHER);
		struct prof_gc_rerun w = prof_gc_rerun(
			&t->was, t->gogc, prof_gc_limit_goal(t->limit, t->was.stacks, part));

		r.period = both(r.period, (struct prof_gc_between){w.period_ns, w.period_ns});
		r.peak = both(r.peak, (struct prof_gc_between){w.peak, w.peak});
	}
	return r;
}

/* A value, and as how many cycles it comes. */
struct weighed {
	double v, weight;
	struct prof_gc_between between;
};

/* Sums over the parts that could be tried. */
struct tally {
	double tried, cycles, few, many; /* as it was; then, at the longest periods, the shortest */
	double ns, area;
	double cpu, ps; /* of all cycles where it is known */
	struct prof_gc_between largest;
	struct weighed period[PROF_GC_GROUPS], peak[PROF_GC_GROUPS]; /* of one phase */
	size_t n;
};

static void tally_trial(
	const struct trial *t, const struct result *r, struct tally *x, struct prof_gc_outcome *out)
{
	double n = (double)t->was.n, ns = n * t->was.period_ns, then = ns / r->w.period_ns;
	double more = t->was.largest / fmax(t->was.peak, 1);
	int64_t largest = prof_to_i64(more * r->w.peak);

	x->tried += n;
	x->cycles += then;
	x->few += ns / r->period.most;
	x->many += ns / r->period.least;
	x->ns += t->was.all_periods_ns;
	x->area += t->was.all_periods_ns * (r->w.live + r->w.start) / 2;
	if (x->n < PROF_GC_GROUPS) {
		x->period[x->n] = (struct weighed){r->w.period_ns, then, r->period};
		x->peak[x->n++] = (struct weighed){r->w.peak, then, r->peak};
	}
	out->over_limit = out->over_limit || r->w.over_limit;
	if (largest <= out->max_peak_bytes)
		return;
	out->max_peak_bytes = largest;
	x->largest = (struct prof_gc_between){more * r->peak.least, more * r->peak.most};
}

static void tally_part(const struct prof_gc_whatif *all, const struct prof_gc_steady *part,
	const struct prof_gc_setting *set, struct tally *x, struct prof_gc_outcome *out)
{
	struct trial t = trial_of(all, part, set);
	double factor = 1;

	if (t.was.n && unlimited(&t)) {
		out->unbounded = true;
	} else if (t.was.n) {
		struct result r = try(&t);

		tally_trial(&t, &r, x, out);
		factor = r.w.cpu * t.was.period_ns / r.w.period_ns;
	}
	x->cpu += part->cpu_ns * factor + part->other_cpu_ns;
	x->ps += part->ps_ns;
}

/* The one below which half of the cycles are. */
static struct weighed median_of(struct weighed *v, size_t n)
{
	double half = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		struct weighed x = v[i];
		size_t k = i;

		half += x.weight / 2;
		for (; k && v[k - 1].v > x.v; k--)
			v[k] = v[k - 1];
		v[k] = x;
	}
	for (i = 0; i + 1 < n && v[i].weight < half; i++)
		half -= v[i].weight;
	return v[i];
}

static void conclude_phase(struct tally *x, struct prof_gc_outcome *out)
{
	struct weighed period = median_of(x->period, x->n), peak = median_of(x->peak, x->n);

	out->period_ns = prof_to_i64(period.v);
	out->period = period.between;
	out->peak_bytes = prof_to_i64(peak.v);
	out->peak = peak.between;
}

static void conclude(struct tally *x, bool one_phase, struct prof_gc_outcome *out)
{
	out->period_ns = prof_to_i64(x->ns / x->cycles);
	out->period = (struct prof_gc_between){x->ns / x->many, x->ns / x->few};
	out->peak = x->largest;
	out->mean_heap_bytes = x->area / x->ns;
	out->gc_cpu = x->ps > 0 ? fmin(x->cpu / x->ps, 1) : NAN;
	if (one_phase)
		conclude_phase(x, out);
}

static int add_parts(struct prof_gc_whatif *w, uint32_t phase, struct prof_err *e)
{
	const struct prof_gc_phase *p = &w->gc->phases.v[phase];
	size_t count[PROF_GC_GROUPS] = {0};
	int rc = prof_vec_reserve(&w->mem, &w->parts, PROF_GC_GROUPS, e);

	for (uint32_t at = p->first; at < p->first + p->n; at++)
		count[prof_gc_group(w->gc, p, at)]++;
	for (unsigned i = 0; !rc && i < PROF_GC_GROUPS; i++)
		if (count[i])
			rc = prof_gc_steady(
				w->gc, phase, i, count[i], &w->parts.v[w->parts.n++], e);
	return rc;
}

int prof_gc_whatif_begin(const struct prof_gc *gc, struct prof_gc_whatif *out, struct prof_err *e)
{
	int rc;

	*out = (struct prof_gc_whatif){.gc = gc, .mem = {.limit = gc->mem.limit}};
	rc = prof_vec_reserve(&out->mem, &out->first, gc->phases.n + 1, e);
	for (uint32_t i = 0; !rc && i < gc->phases.n; i++) {
		out->first.v[out->first.n++] = (uint32_t)out->parts.n;
		rc = add_parts(out, i, e);
	}
	if (rc)
		prof_gc_whatif_end(out);
	else
		out->first.v[out->first.n++] = (uint32_t)out->parts.n;
	return rc;
}

void prof_gc_whatif_end(struct prof_gc_whatif *w)
{
	prof_vec_fini(&w->mem, &w->parts);
	prof_vec_fini(&w->mem, &w->first);
}

int prof_gc_whatif(const struct prof_gc_whatif *w, const struct prof_gc_phase *phase,
	const struct prof_gc_setting *set, struct prof_gc_outcome *out, struct prof_err *e)
{
	size_t from = phase ? (size_t)(phase - w->gc->phases.v) : 0;
	size_t to = phase ? from + 1 : w->gc->phases.n;
	struct tally x = {0};

	*out = no_outcome;
	for (size_t i = w->first.v[from]; i < w->first.v[to]; i++)
		tally_part(w, &w->parts.v[i], set, &x, out);
	if (out->unbounded) {
		*out = no_outcome;
		out->unbounded = true;
		return 0;
	}
	if (!(x.cycles > 0))
		return prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"too few cycles with known sizes to tell what other settings would do");
	out->cycles = x.cycles + (phase ? (double)phase->n : (double)w->gc->cycles.n) - x.tried;
	conclude(&x, phase != NULL, out);
	return 0;
}

static double median_error(int64_t *v, int64_t *room, size_t n)
{
	if (!n)
		return NAN;
	prof_gc_sort(v, room, n);
	return (double)prof_gc_rank(v, n, 0.5) / 0x1p40;
}

/* A relative error as an integer, which can be sorted; what rounding leaves open is none. */
static int64_t error_of(double would, struct prof_gc_size was)
{
	double off = fabs(would - prof_gc_mid(was)) - (double)(was.unit - 1) / 2;

	return prof_to_i64(fmax(off, 0) / fmax(prof_gc_mid(was), 1) * 0x1p40);
}

int prof_gc_whatif_error(
	const struct prof_gc_whatif *x, double *period, double *peak, struct prof_err *e)
{
	static const struct prof_gc_setting same = {0};
	const struct prof_gc *gc = x->gc;
	size_t most = gc->cycles.n, n = 0;
	struct prof_mem mem = {.limit = gc->mem.limit};
	int64_t *v = prof_mem_zalloc(&mem, 3 * most, sizeof(*v), e);

	if (!v)
		return e ? e->code : PROF_ENOMEM;
	for (size_t i = 0; i < x->parts.n; i++) {
		const struct prof_gc_steady *part = &x->parts.v[i];
		const struct prof_gc_phase *p = &gc->phases.v[part->phase];
		const struct prof_segment *s = &gc->t->segments.v[p->segment];
		struct trial t = trial_of(x, part, &same);
		struct prof_gc_rerun w;

		if (!t.was.n)
			continue;
		w = prof_gc_rerun(&t.was, t.gogc, t.limit_goal);
		for (uint32_t at = p->first; at < p->first + p->n; at++) {
			if (!prof_gc_is_steady(gc, s, at) ||
				prof_gc_group(gc, p, at) != part->group)
				continue;
			v[n] = error_of(
				w.period_ns, (struct prof_gc_size){gc->cycles.v[at].period_ns, 1});
			v[most + n++] = error_of(
				w.peak, prof_gc_peak(gc->t, s, &gc->t->cycles.v[at]));
		}
	}
	*period = median_error(v, v + 2 * most, n);
	*peak = median_error(v + most, v + 2 * most, n);
	prof_mem_zfree(&mem, v, 3 * most, sizeof(*v));
	return 0;
}
