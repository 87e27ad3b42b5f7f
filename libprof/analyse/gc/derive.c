#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "libprof/analyse/gc/gc.h"
#include "libprof/base/num.h"

enum { FEW = 64 };

/* Byte d of v. The sign's bit turned over sorts negative numbers first. */
static unsigned digit(int64_t v, unsigned d)
{
	return (unsigned)(((uint64_t)v ^ (uint64_t)1 << 63) >> 8 * d & 0xff);
}

static void sort_few(int64_t *v, size_t n)
{
	for (size_t i = 1, k; i < n; i++) {
		int64_t x = v[i];

		for (k = i; k && v[k - 1] > x; k--)
			v[k] = v[k - 1];
		v[k] = x;
	}
}

static void sort_many(int64_t *v, int64_t *room, size_t n)
{
	size_t start[8][256] = {{0}};
	int64_t *from = v, *to = room;

	for (size_t i = 0; i < n; i++)
		for (unsigned d = 0; d < 8; d++)
			start[d][digit(v[i], d)]++;
	for (unsigned d = 0; d < 8; d++) {
		if (n && start[d][digit(from[0], d)] == n)
			continue;
		for (size_t i = 0, sum = 0; i < 256; i++) {
			size_t here = start[d][i];

			start[d][i] = sum;
			sum += here;
		}
		for (size_t i = 0; i < n; i++)
			to[start[d][digit(from[i], d)]++] = from[i];
		from = to;
		to = from == v ? room : v;
	}
	if (from != v)
		memcpy(v, from, n * sizeof(*v));
}

void prof_gc_sort(int64_t *v, int64_t *room, size_t n)
{
	if (n <= FEW)
		sort_few(v, n);
	else
		sort_many(v, room, n);
}

int64_t prof_gc_rank(const int64_t *v, size_t n, double q)
{
	size_t i = (size_t)ceil(q * (double)n);

	return v[i ? i - 1 : 0];
}

static struct prof_gc_size exact_or(const struct prof_timeline *t, const struct prof_segment *s,
	const struct prof_gc_cycle *c, size_t field, int64_t rounded)
{
	int64_t v = PROF_ABSENT;

	if (c->pacing != PROF_NONE)
		memcpy(&v, (const char *)&t->pacing.v[c->pacing] + field, sizeof(v));
	if (v != PROF_ABSENT)
		return (struct prof_gc_size){v, 1};
	return (struct prof_gc_size){rounded, s->size_unit};
}

struct prof_gc_size prof_gc_goal(
	const struct prof_timeline *t, const struct prof_segment *s, const struct prof_gc_cycle *c)
{
	return exact_or(t, s, c, offsetof(struct prof_gc_pacing, goal_bytes), c->goal_bytes);
}

struct prof_gc_size prof_gc_trigger(
	const struct prof_timeline *t, const struct prof_segment *s, const struct prof_gc_cycle *c)
{
	return exact_or(t, s, c, offsetof(struct prof_gc_pacing, trigger_bytes), c->start_bytes);
}

struct prof_gc_size prof_gc_peak(
	const struct prof_timeline *t, const struct prof_segment *s, const struct prof_gc_cycle *c)
{
	return exact_or(t, s, c, offsetof(struct prof_gc_pacing, end_bytes), c->end_bytes);
}

static void derive_cycle(struct prof_gc *gc, const struct prof_segment *s, uint32_t k)
{
	const struct prof_gc_cycle *c = &gc->t->cycles.v[s->first_cycle + k];
	struct prof_gc_derived *d = &gc->cycles.v[s->first_cycle + k];
	int64_t before = k ? prof_gc_cycle_end(c - 1) : 0, cpu = prof_gc_cycle_cpu(c);
	int64_t wall = prof_gc_cycle_end(c) - before;

	*d = (struct prof_gc_derived){.period_ns = PROF_ABSENT,
		.off_ns = PROF_ABSENT,
		.alloc_bytes = PROF_ABSENT,
		.predicted_goal_bytes = PROF_ABSENT,
		.gc_cpu = NAN};
	if (cpu != PROF_ABSENT && wall > 0 && c->procs > 0)
		d->gc_cpu = (double)cpu / ((double)wall * c->procs);
	/* A log's start is cut to a millisecond; the parts are not. */
	if (d->gc_cpu > 1)
		d->gc_cpu = 1;
	if (!k)
		return;
	d->period_ns = c->start_ns - c[-1].start_ns;
	d->off_ns = c->start_ns > before ? c->start_ns - before : 0;
	if (c->start_bytes != PROF_ABSENT && c[-1].live_bytes != PROF_ABSENT)
		d->alloc_bytes = c->start_bytes > c[-1].live_bytes
					 ? c->start_bytes - c[-1].live_bytes
					 : 0;
}

static void add_bytes(struct prof_gc_totals *sum, const struct prof_gc_cycle *c)
{
	if (c->live_bytes != PROF_ABSENT) {
		if (sum->min_live_bytes == PROF_ABSENT || c->live_bytes < sum->min_live_bytes)
			sum->min_live_bytes = c->live_bytes;
		if (c->live_bytes > sum->max_live_bytes)
			sum->max_live_bytes = c->live_bytes;
	}
	if (c->end_bytes != PROF_ABSENT && c->end_bytes > sum->max_peak_bytes)
		sum->max_peak_bytes = c->end_bytes;
}

struct sums {
	double ps_ns, cpu_ns; /* of what both are known */
	double heap_area, heap_ns;
};

static void add_cycle(struct prof_gc *gc, const struct prof_segment *s, uint32_t k, struct sums *x)
{
	struct prof_gc_totals *sum = &gc->total;
	const struct prof_gc_cycle *c = &gc->t->cycles.v[s->first_cycle + k];
	const struct prof_gc_derived *d = &gc->cycles.v[s->first_cycle + k];
	int64_t cpu = prof_gc_cycle_cpu(c), end = prof_gc_cycle_end(c);
	int64_t before = k ? prof_gc_cycle_end(c - 1) : 0;

	add_bytes(sum, c);
	sum->forced += s->forced == PROF_ABSENT && c->reason == PROF_GC_FORCED;
	if (cpu != PROF_ABSENT) {
		sum->cpu_cycles++;
		sum->cpu_ns = prof_add_sat(sum->cpu_ns, cpu);
		sum->assist_ns = prof_add_sat(sum->assist_ns, c->assist_cpu_ns);
		sum->marking_ns = prof_add_sat(sum->marking_ns, prof_gc_cycle_marking(c));
		if (c->idle_cpu_ns != PROF_ABSENT)
			sum->idle_ns = prof_add_sat(sum->idle_ns, c->idle_cpu_ns);
		if (c->procs) {
			x->cpu_ns += (double)cpu;
			x->ps_ns += (double)(end > before ? end - before : 0) * c->procs;
		}
	}
	if (!k)
		return;
	if (d->alloc_bytes != PROF_ABSENT) {
		sum->alloc_bytes = prof_add_sat(sum->alloc_bytes, d->alloc_bytes);
		if (c[-1].end_bytes != PROF_ABSENT && c[-1].end_bytes > c[-1].start_bytes)
			sum->alloc_bytes = prof_add_sat(
				sum->alloc_bytes, c[-1].end_bytes - c[-1].start_bytes);
		sum->alloc_wall_ns = prof_add_sat(sum->alloc_wall_ns, d->period_ns);
		/* From live to the start of the next one in a straight line. */
		x->heap_area += (double)d->off_ns *
				((double)c[-1].live_bytes + (double)c->start_bytes) / 2;
		x->heap_ns += (double)d->off_ns;
	}
}

int prof_gc_pauses(const struct prof_timeline *t, struct prof_mem *mem, struct prof_gc_values *out,
	struct prof_err *e)
{
	size_t most = 2 * t->cycles.n;

	*out = (struct prof_gc_values){.cap = 2 * most};
	out->v = prof_mem_zalloc(mem, out->cap, sizeof(*out->v), e);
	if (!out->v)
		return e ? e->code : PROF_ENOMEM;
	for (size_t i = 0; i < t->cycles.n; i++)
		out->n += (size_t)prof_gc_cycle_pauses(&t->cycles.v[i], out->v + out->n);
	prof_gc_sort(out->v, out->v + most, out->n);
	return 0;
}

void prof_gc_values_fini(struct prof_mem *mem, struct prof_gc_values *x)
{
	prof_mem_zfree(mem, x->v, x->cap, sizeof(*x->v));
}

static int pause_quantiles(struct prof_gc *gc, struct prof_err *e)
{
	struct prof_gc_quantiles *q = &gc->total.pauses;
	struct prof_gc_values x;
	int rc = prof_gc_pauses(gc->t, &gc->mem, &x, e);

	*q = (struct prof_gc_quantiles){.n = rc ? 0 : x.n,
		.p50 = PROF_ABSENT,
		.p95 = PROF_ABSENT,
		.p99 = PROF_ABSENT,
		.max = PROF_ABSENT};
	if (rc)
		return rc;
	if (x.n) {
		q->p50 = prof_gc_rank(x.v, x.n, 0.5);
		q->p95 = prof_gc_rank(x.v, x.n, 0.95);
		q->p99 = prof_gc_rank(x.v, x.n, 0.99);
		q->max = x.v[x.n - 1];
	}
	prof_gc_values_fini(&gc->mem, &x);
	for (size_t i = gc->t->cycles.n; i-- > 0;) {
		int64_t pause[2];
		int of = prof_gc_cycle_pauses(&gc->t->cycles.v[i], pause);

		for (int k = 0; k < of; k++) {
			gc->total.pause_ns = prof_add_sat(gc->total.pause_ns, pause[k]);
			if (pause[k] == q->max)
				gc->total.longest_pause = (uint32_t)i;
		}
	}
	return 0;
}

/* What MemStats say of all the CPU since the program began, where cycles tell nothing of theirs. */
static double cpu_since_start(const struct prof_timeline *t)
{
	const struct prof_memstats *last = NULL;

	for (size_t i = 0; i < t->memstats.n; i++)
		if (t->memstats.v[i].segment != PROF_NONE &&
			(!last || t->memstats.v[i].n_gc > last->n_gc))
			last = &t->memstats.v[i];
	return last && t->segments.n == 1 ? last->gc_cpu : NAN;
}

static int totals(struct prof_gc *gc, struct prof_err *e)
{
	struct prof_gc_totals *sum = &gc->total;
	struct sums x = {0};

	sum->min_live_bytes = sum->max_live_bytes = sum->max_peak_bytes = PROF_ABSENT;
	for (size_t i = 0; i < gc->t->segments.n; i++) {
		const struct prof_segment *s = &gc->t->segments.v[i];

		sum->wall_ns = prof_add_sat(sum->wall_ns, s->end_ns);
		sum->forced += s->forced == PROF_ABSENT ? 0 : (size_t)s->forced;
		for (uint32_t k = 0; k < s->n_cycles; k++)
			add_cycle(gc, s, k, &x);
	}
	sum->gc_cpu = x.ps_ns > 0 ? x.cpu_ns / x.ps_ns : cpu_since_start(gc->t);
	sum->assist_share = sum->marking_ns > 0 ? (double)sum->assist_ns / (double)sum->marking_ns
						: NAN;
	sum->mean_heap_bytes = x.heap_ns > 0 ? x.heap_area / x.heap_ns : NAN;
	for (size_t i = 0; i < gc->cycles.n; i++)
		sum->why[gc->cycles.v[i].why]++;
	return pause_quantiles(gc, e);
}

int prof_gc_derive(const struct prof_timeline *t, int64_t gogc, int64_t window_ns,
	struct prof_gc **out, struct prof_err *e)
{
	struct prof_gc *gc = calloc(1, sizeof(*gc));
	int rc;

	if (!gc)
		return prof_nomem(e);
	gc->t = t;
	gc->mem.limit = t->mem.limit;
	rc = prof_vec_reserve(&gc->mem, &gc->cycles, t->cycles.n + 1, e);
	if (!rc) {
		gc->cycles.n = t->cycles.n;
		for (size_t i = 0; i < t->segments.n; i++)
			for (uint32_t k = 0; k < t->segments.v[i].n_cycles; k++)
				derive_cycle(gc, &t->segments.v[i], k);
		rc = prof_gc_model(gc, gogc, e);
	}
	if (!rc)
		rc = totals(gc, e);
	if (!rc)
		rc = prof_gc_phases(gc, window_ns, e);
	if (rc)
		prof_gc_drop(gc);
	else
		*out = gc;
	return rc;
}

void prof_gc_drop(struct prof_gc *gc)
{
	if (!gc)
		return;
	prof_vec_fini(&gc->mem, &gc->phases);
	prof_vec_fini(&gc->mem, &gc->setups);
	prof_vec_fini(&gc->mem, &gc->cycles);
	free(gc);
}
