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

static struct trial trial_of(
	const struct prof_gc_whatif *x, size_t phase, const struct prof_gc_setting *set)
{
	const struct prof_gc_setup *u = &x->gc->setups.v[x->gc->phases.v[phase].segment];
	struct trial t = {.was = x->parts.v[phase],
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

/* Sums over the phases that could be tried. */
struct tally {
	double others; /* cycles that stay as they were */
	double cycles, few, many; /* the rest, at the periods found, the longest, the shortest */
	double ns, area;
	double cpu, ps; /* of all cycles where it is known */
	struct prof_gc_between peak, max_peak;
};

static void take_peaks(const struct prof_gc_steady *was, const struct result *r, struct tally *x,
	struct prof_gc_outcome *out)
{
	double more = was->largest / fmax(was->peak, 1);
	int64_t largest = prof_to_i64(more * r->w.peak);

	out->peak_bytes = prof_to_i64(r->w.peak);
	x->peak = r->peak;
	if (largest <= out->max_peak_bytes)
		return;
	out->max_peak_bytes = largest;
	x->max_peak = (struct prof_gc_between){more * r->peak.least, more * r->peak.most};
}

static void tally_trial(
	const struct trial *t, const struct result *r, struct tally *x, struct prof_gc_outcome *out)
{
	double n = (double)t->was.n, ns = n * t->was.period_ns;

	x->cycles += ns / r->w.period_ns;
	x->few += ns / r->period.most;
	x->many += ns / r->period.least;
	x->ns += ns;
	x->area += ns * (r->w.live + r->w.start) / 2;
	out->over_limit = out->over_limit || r->w.over_limit;
	take_peaks(&t->was, r, x, out);
}

static void tally_phase(const struct prof_gc_whatif *all, size_t phase,
	const struct prof_gc_setting *set, struct tally *x, struct prof_gc_outcome *out)
{
	struct trial t = trial_of(all, phase, set);
	double factor = 1;

	x->others += (double)all->gc->phases.v[phase].n - (double)t.was.n;
	if (t.was.n && unlimited(&t)) {
		out->unbounded = true;
	} else if (t.was.n) {
		struct result r = try(&t);

		tally_trial(&t, &r, x, out);
		factor = r.w.cpu * t.was.period_ns / r.w.period_ns;
	}
	x->cpu += t.was.cpu_ns * factor + t.was.other_cpu_ns;
	x->ps += t.was.ps_ns;
}

static void conclude(const struct tally *x, bool one_phase, struct prof_gc_outcome *out)
{
	out->cycles = x->others + x->cycles;
	out->period_ns = prof_to_i64(x->ns / x->cycles);
	out->period = (struct prof_gc_between){x->ns / x->many, x->ns / x->few};
	out->peak = one_phase ? x->peak : x->max_peak;
	if (!one_phase)
		out->peak_bytes = PROF_ABSENT;
	out->mean_heap_bytes = x->area / x->ns;
	out->gc_cpu = x->ps > 0 ? fmin(x->cpu / x->ps, 1) : NAN;
}

int prof_gc_whatif_begin(const struct prof_gc *gc, struct prof_gc_whatif *out, struct prof_err *e)
{
	int rc;

	*out = (struct prof_gc_whatif){.gc = gc, .mem = {.limit = gc->mem.limit}};
	rc = prof_vec_reserve(&out->mem, &out->parts, gc->phases.n + 1, e);
	for (size_t i = 0; !rc && i < gc->phases.n; i++)
		rc = prof_gc_steady(gc, &gc->phases.v[i], &out->parts.v[out->parts.n++], e);
	if (rc)
		prof_gc_whatif_end(out);
	return rc;
}

void prof_gc_whatif_end(struct prof_gc_whatif *w)
{
	prof_vec_fini(&w->mem, &w->parts);
}

int prof_gc_whatif(const struct prof_gc_whatif *w, const struct prof_gc_phase *phase,
	const struct prof_gc_setting *set, struct prof_gc_outcome *out, struct prof_err *e)
{
	size_t from = phase ? (size_t)(phase - w->gc->phases.v) : 0;
	size_t to = phase ? from + 1 : w->gc->phases.n;
	struct tally x = {0};

	*out = no_outcome;
	for (size_t i = from; i < to; i++)
		tally_phase(w, i, set, &x, out);
	if (out->unbounded) {
		*out = no_outcome;
		out->unbounded = true;
		return 0;
	}
	if (!(x.cycles > 0))
		return prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"too few cycles with known sizes to tell what other settings would do");
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
	for (size_t i = 0; i < gc->phases.n; i++) {
		const struct prof_gc_phase *p = &gc->phases.v[i];
		const struct prof_segment *s = &gc->t->segments.v[p->segment];
		struct trial t = trial_of(x, i, &same);
		struct prof_gc_rerun w;

		if (!t.was.n)
			continue;
		w = prof_gc_rerun(&t.was, t.gogc, t.limit_goal);
		for (uint32_t at = p->first; at < p->first + p->n; at++) {
			if (!prof_gc_is_steady(gc, s, at))
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
