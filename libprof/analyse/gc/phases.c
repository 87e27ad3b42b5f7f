#include <math.h>

#include "libprof/analyse/gc/gc.h"

enum { MAX_PHASES = 32, ENTER = 3 };

/* How far a live heap may be from its phase's mean: a part of it and some units of rounding. */
struct band {
	double part;
	int64_t bytes;
};

static bool inside(const struct prof_gc_cycle *c, double mean, struct band b)
{
	return c->live_bytes == PROF_ABSENT ||
	       fabs((double)c->live_bytes - mean) <= mean * b.part + (double)b.bytes;
}

static int add_phase(
	struct prof_gc *gc, uint32_t segment, uint32_t first, uint32_t n, struct prof_err *e)
{
	int rc = prof_vec_reserve(&gc->mem, &gc->phases, 1, e);

	if (!rc)
		gc->phases.v[gc->phases.n++] = (struct prof_gc_phase){
			.segment = segment, .first = first, .n = n};
	return rc;
}

/* A phase ends where ENTER cycles running are outside of it. */
static int split(struct prof_gc *gc, uint32_t segment, struct band b, struct prof_err *e)
{
	const struct prof_segment *s = &gc->t->segments.v[segment];
	uint32_t first = s->first_cycle, end = first + s->n_cycles, out = 0, n = 0;
	double sum = 0;
	int rc = 0;

	for (uint32_t i = first; !rc && i < end; i++) {
		const struct prof_gc_cycle *c = &gc->t->cycles.v[i];

		if (!n || inside(c, sum / n, b)) {
			out = 0;
			sum += c->live_bytes == PROF_ABSENT ? 0 : (double)c->live_bytes;
			n++;
			continue;
		}
		if (++out < ENTER)
			continue;
		rc = add_phase(gc, segment, first, i + 1 - out - first, e);
		first = i + 1 - out;
		i = first - 1;
		n = out = 0;
		sum = 0;
	}
	if (!rc && first < end)
		rc = add_phase(gc, segment, first, end - first, e);
	return rc;
}

/* A phase for each window in which cycles began. */
static int split_time(struct prof_gc *gc, uint32_t segment, int64_t window_ns, struct prof_err *e)
{
	const struct prof_segment *s = &gc->t->segments.v[segment];
	const struct prof_gc_cycle *c = &gc->t->cycles.v[s->first_cycle];
	int rc = 0;

	for (uint32_t i = 0, n; !rc && i < s->n_cycles; i += n) {
		int64_t window = c[i].start_ns / window_ns;

		for (n = 1; i + n < s->n_cycles && c[i + n].start_ns / window_ns == window; n++)
			;
		rc = add_phase(gc, segment, s->first_cycle + i, n, e);
	}
	return rc;
}

static int64_t median(int64_t *v, int64_t *room, size_t n)
{
	if (!n)
		return PROF_ABSENT;
	prof_gc_sort(v, room, n);
	return prof_gc_rank(v, n, 0.5);
}

struct scratch {
	int64_t *v, *room;
};

/* The median of a field over the phase's cycles, absent ones left out. */
#define MEDIAN(value) \
	do { \
		n = 0; \
		for (uint32_t i = p->first; i < p->first + p->n; i++) { \
			const struct prof_gc_cycle *c = &gc->t->cycles.v[i]; \
			const struct prof_gc_derived *d = &gc->cycles.v[i]; \
			int64_t value_ = (value); \
\
			(void)c; \
			(void)d; \
			if (value_ != PROF_ABSENT) \
				x.v[n++] = value_; \
		} \
		m = median(x.v, x.room, n); \
	} while (0)

/* Time a byte in units of 2^-20 ns, so that it can be sorted as an integer. */
static int64_t pace(const struct prof_gc_derived *d)
{
	if (d->alloc_bytes == PROF_ABSENT || d->alloc_bytes <= 0 || d->off_ns < 0)
		return PROF_ABSENT;
	return (int64_t)((double)d->off_ns / (double)d->alloc_bytes * 0x1p20);
}

static int64_t marking(const struct prof_gc_cycle *c)
{
	return prof_gc_cycle_end(c) - c->start_ns;
}

static void describe(struct prof_gc *gc, struct prof_gc_phase *p, struct scratch x)
{
	const struct prof_gc_cycle *first = &gc->t->cycles.v[p->first], *last = first + p->n - 1;
	double cpu = 0, ps = 0, bytes = 0, ns = 0;
	bool segment_start = p->first == gc->t->segments.v[p->segment].first_cycle;
	size_t n;
	int64_t m;

	p->start_ns = segment_start ? 0 : first->start_ns;
	p->end_ns = prof_gc_cycle_end(last);
	MEDIAN(c->live_bytes);
	p->live_bytes = m;
	MEDIAN(c->goal_bytes);
	p->goal_bytes = m;
	MEDIAN(c->end_bytes);
	p->peak_bytes = m;
	p->max_peak_bytes = n ? x.v[n - 1] : PROF_ABSENT;
	MEDIAN(i > p->first ? d->period_ns : PROF_ABSENT);
	p->period_ns = m;
	MEDIAN(i > p->first ? pace(d) : PROF_ABSENT);
	p->off_ns_per_byte = m == PROF_ABSENT ? NAN : (double)m / 0x1p20;
	MEDIAN(marking(c));
	p->marking_ns = m;
	p->max_pause_ns = PROF_ABSENT;
	for (uint32_t i = p->first; i < p->first + p->n; i++) {
		const struct prof_gc_cycle *c = &gc->t->cycles.v[i];
		const struct prof_gc_derived *d = &gc->cycles.v[i];
		int64_t k = prof_gc_cycle_cpu(c);
		int64_t before = i == p->first ? p->start_ns : prof_gc_cycle_end(c - 1);
		int64_t pause[2];

		gc->cycles.v[i].phase = (uint32_t)(p - gc->phases.v);
		for (int n_pauses = prof_gc_cycle_pauses(c, pause); n_pauses-- > 0;)
			if (pause[n_pauses] > p->max_pause_ns)
				p->max_pause_ns = pause[n_pauses];
		if (k != PROF_ABSENT && c->procs) {
			cpu += (double)k;
			ps += (double)(prof_gc_cycle_end(c) - before) * c->procs;
		}
		if (i == p->first || d->alloc_bytes == PROF_ABSENT)
			continue;
		bytes += (double)d->alloc_bytes;
		if (c[-1].end_bytes > c[-1].start_bytes)
			bytes += (double)(c[-1].end_bytes - c[-1].start_bytes);
		ns += (double)d->period_ns;
	}
	p->gc_cpu = ps > 0 ? cpu / ps : NAN;
	p->alloc_rate = ns > 0 ? bytes / ns * 1e9 : NAN;
}

int prof_gc_phases(struct prof_gc *gc, int64_t window_ns, struct prof_err *e)
{
	size_t n = gc->cycles.n;
	struct band b = {.part = 0.25};
	struct scratch x;
	int64_t *v;
	int rc = 0;

	/* Wider bands until there are few enough to look at. */
	do {
		gc->phases.n = 0;
		for (uint32_t i = 0; !rc && i < gc->t->segments.n; i++) {
			b.bytes = (int64_t)(b.part * 8 * (1 << 20));
			rc = window_ns ? split_time(gc, i, window_ns, e) : split(gc, i, b, e);
		}
		b.part *= 2;
	} while (!rc && !window_ns && gc->phases.n > MAX_PHASES + gc->t->segments.n &&
		 b.part < 1000);
	if (rc)
		return rc;
	v = prof_mem_zalloc(&gc->mem, 2 * n, sizeof(*v), e);
	if (!v)
		return e ? e->code : PROF_ENOMEM;
	x = (struct scratch){v, v + n};
	for (size_t i = 0; i < gc->phases.n; i++)
		describe(gc, &gc->phases.v[i], x);
	prof_mem_zfree(&gc->mem, v, 2 * n, sizeof(*v));
	return 0;
}
