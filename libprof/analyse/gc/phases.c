#include <math.h>
#include <string.h>

#include "libprof/analyse/gc/gc.h"

enum { MAX_PHASES = 32, ENTER = 3 };

/* How far a live heap may be from its phase's mean: a part of it and some units of rounding. */
struct band {
	double part;
	int64_t bytes;
};

static bool inside(int64_t live, double mean, struct band b)
{
	return live == PROF_ABSENT || fabs((double)live - mean) <= mean * b.part + (double)b.bytes;
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

/* A phase ends where ENTER cycles running are outside of it. `live`: of all cycles. */
static int split(struct prof_gc *gc, uint32_t segment, const int64_t *live, struct band b,
	struct prof_err *e)
{
	const struct prof_segment *s = &gc->t->segments.v[segment];
	uint32_t first = s->first_cycle, end = first + s->n_cycles, out = 0, n = 0;
	double sum = 0;
	int rc = 0;

	for (uint32_t i = first; !rc && i < end; i++) {
		if (!n || inside(live[i], sum / n, b)) {
			out = 0;
			sum += live[i] == PROF_ABSENT ? 0 : (double)live[i];
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

/* What a phase has medians of. */
enum { LIVE, GOAL, PEAK, PERIOD, PACE, N_VALUES };

/* Columns of as many values as the longest phase has cycles, absent ones left out; `room` is one
 * more.
 */
struct columns {
	int64_t *v[N_VALUES], *room;
	size_t n[N_VALUES];
};

static void put(struct columns *x, int column, int64_t value)
{
	if (value != PROF_ABSENT)
		x->v[column][x->n[column]++] = value;
}

static int64_t median(struct columns *x, int column)
{
	if (!x->n[column])
		return PROF_ABSENT;
	prof_gc_sort(x->v[column], x->room, x->n[column]);
	return prof_gc_rank(x->v[column], x->n[column], 0.5);
}

/* Time a byte in units of 2^-20 ns, so that it can be sorted as an integer. */
static int64_t pace(const struct prof_gc_derived *d)
{
	if (d->alloc_bytes == PROF_ABSENT || d->alloc_bytes <= 0 || d->off_ns < 0)
		return PROF_ABSENT;
	return (int64_t)((double)d->off_ns / (double)d->alloc_bytes * 0x1p20);
}

static void put_cycle(struct columns *x, const struct prof_gc_cycle *c,
	const struct prof_gc_derived *d, bool first)
{
	put(x, LIVE, c->live_bytes);
	put(x, GOAL, c->goal_bytes);
	put(x, PEAK, c->end_bytes);
	put(x, PERIOD, first ? PROF_ABSENT : d->period_ns);
	put(x, PACE, first ? PROF_ABSENT : pace(d));
}

static void put_medians(struct prof_gc_phase *p, struct columns *x)
{
	int64_t m;

	p->live_bytes = median(x, LIVE);
	p->goal_bytes = median(x, GOAL);
	p->peak_bytes = median(x, PEAK);
	p->max_peak_bytes = x->n[PEAK] ? x->v[PEAK][x->n[PEAK] - 1] : PROF_ABSENT;
	p->period_ns = median(x, PERIOD);
	m = median(x, PACE);
	p->off_ns_per_byte = m == PROF_ABSENT ? NAN : (double)m / 0x1p20;
}

static void describe(struct prof_gc *gc, struct prof_gc_phase *p, struct columns *x)
{
	const struct prof_gc_cycle *first = &gc->t->cycles.v[p->first], *last = first + p->n - 1;
	double cpu = 0, ps = 0, bytes = 0, ns = 0;
	bool segment_start = p->first == gc->t->segments.v[p->segment].first_cycle;

	p->start_ns = segment_start ? 0 : first->start_ns;
	p->end_ns = prof_gc_cycle_end(last);
	p->max_pause_ns = PROF_ABSENT;
	memset(x->n, 0, sizeof(x->n));
	for (uint32_t i = p->first; i < p->first + p->n; i++) {
		const struct prof_gc_cycle *c = &gc->t->cycles.v[i];
		struct prof_gc_derived *d = &gc->cycles.v[i];
		int64_t k = prof_gc_cycle_cpu(c), pause[2];
		int64_t before = i == p->first ? p->start_ns : prof_gc_cycle_end(c - 1);

		d->phase = (uint32_t)(p - gc->phases.v);
		put_cycle(x, c, d, i == p->first);
		for (int n = prof_gc_cycle_pauses(c, pause); n-- > 0;)
			if (pause[n] > p->max_pause_ns)
				p->max_pause_ns = pause[n];
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
	put_medians(p, x);
	p->gc_cpu = ps > 0 ? cpu / ps : NAN;
	p->alloc_rate = ns > 0 ? bytes / ns * 1e9 : NAN;
}

static int describe_all(struct prof_gc *gc, struct prof_err *e)
{
	struct columns x;
	size_t longest = 0;
	int64_t *v;

	for (size_t i = 0; i < gc->phases.n; i++)
		longest = gc->phases.v[i].n > longest ? gc->phases.v[i].n : longest;
	v = prof_mem_zalloc(&gc->mem, (N_VALUES + 1) * longest, sizeof(*v), e);
	if (!v)
		return longest ? PROF_ENOMEM : 0;
	for (int i = 0; i < N_VALUES; i++)
		x.v[i] = v + (size_t)i * longest;
	x.room = v + N_VALUES * longest;
	for (size_t i = 0; i < gc->phases.n; i++)
		describe(gc, &gc->phases.v[i], &x);
	prof_mem_zfree(&gc->mem, v, (N_VALUES + 1) * longest, sizeof(*v));
	return 0;
}

static int split_live(struct prof_gc *gc, struct prof_err *e)
{
	size_t n = gc->cycles.n;
	int64_t *live = prof_mem_zalloc(&gc->mem, n, sizeof(*live), e);
	struct band b = {.part = 0.25};
	int rc = 0;

	if (!live)
		return n ? PROF_ENOMEM : 0;
	for (size_t i = 0; i < n; i++)
		live[i] = gc->t->cycles.v[i].live_bytes;
	/* Wider bands until there are few enough to look at. */
	do {
		gc->phases.n = 0;
		for (uint32_t i = 0; !rc && i < gc->t->segments.n; i++) {
			b.bytes = (int64_t)(b.part * 8 * (1 << 20));
			rc = split(gc, i, live, b, e);
		}
		b.part *= 2;
	} while (!rc && gc->phases.n > MAX_PHASES + gc->t->segments.n && b.part < 1000);
	prof_mem_zfree(&gc->mem, live, n, sizeof(*live));
	return rc;
}

int prof_gc_phases(struct prof_gc *gc, int64_t window_ns, struct prof_err *e)
{
	int rc = window_ns ? 0 : split_live(gc, e);

	for (uint32_t i = 0; window_ns && !rc && i < gc->t->segments.n; i++)
		rc = split_time(gc, i, window_ns, e);
	return rc ? rc : describe_all(gc, e);
}
