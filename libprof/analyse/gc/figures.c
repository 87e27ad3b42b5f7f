#include "libprof/analyse/gc/figures.h"

#include <math.h>
#include <string.h>

enum { FEW = 10 };

#define Z 1.959963984540054

const struct prof_gc_metric_info prof_gc_metrics[PROF_GC_METRICS] = {
	[PROF_METRIC_CYCLES] = {"cycles", "cycles a second", PROF_GC_UNIT_NONE, ""},
	[PROF_METRIC_PAUSE_P50] = {"pause.p50", "pause p50", PROF_GC_UNIT_TIME, ""},
	[PROF_METRIC_PAUSE_P95] = {"pause.p95", "pause p95", PROF_GC_UNIT_TIME, ""},
	[PROF_METRIC_PAUSE_P99] = {"pause.p99", "pause p99", PROF_GC_UNIT_TIME, ""},
	[PROF_METRIC_PAUSE_MAX] = {"pause.max", "longest pause", PROF_GC_UNIT_TIME, ""},
	[PROF_METRIC_PEAK] = {"peak", "peak heap", PROF_GC_UNIT_SIZE, ""},
	[PROF_METRIC_HEAP] = {"heap", "mean heap", PROF_GC_UNIT_SIZE, ""},
	[PROF_METRIC_LIVE] = {"live", "largest live heap", PROF_GC_UNIT_SIZE, ""},
	[PROF_METRIC_ALLOC] = {"alloc_rate", "allocation", PROF_GC_UNIT_SIZE, "/s"},
	[PROF_METRIC_GC_CPU] = {"gc_cpu", "GC CPU", PROF_GC_UNIT_PART, ""},
	[PROF_METRIC_ASSISTS] = {"assists", "assists of marking", PROF_GC_UNIT_PART, ""},
};

/* A ratio of sums over cycles, with the interval that its linearised residuals give. */
struct ratio {
	double top, under, n;
};

typedef bool parts_fn(const struct prof_gc *gc, size_t at, double *top, double *under);

static struct prof_gc_figure ratio_of(const struct prof_gc *gc, parts_fn *parts)
{
	struct ratio sum = {0};
	double t, u, squares = 0, r, half;

	for (size_t i = 0; i < gc->cycles.n; i++)
		if (parts(gc, i, &t, &u)) {
			sum.top += t;
			sum.under += u;
			sum.n++;
		}
	if (!(sum.under > 0))
		return (struct prof_gc_figure){NAN, NAN, NAN};
	r = sum.top / sum.under;
	if (sum.n < FEW)
		return (struct prof_gc_figure){r, NAN, NAN};
	for (size_t i = 0; i < gc->cycles.n; i++)
		if (parts(gc, i, &t, &u))
			squares += (t - r * u) * (t - r * u);
	half = Z * sqrt(squares * sum.n / (sum.n - 1)) / sum.under;
	return (struct prof_gc_figure){r, r > half ? r - half : 0, r + half};
}

static bool cycle_parts(const struct prof_gc *gc, size_t at, double *top, double *under)
{
	*top = 1;
	*under = (double)gc->cycles.v[at].period_ns / 1e9;
	return gc->cycles.v[at].period_ns != PROF_ABSENT;
}

static bool alloc_parts(const struct prof_gc *gc, size_t at, double *top, double *under)
{
	const struct prof_gc_derived *d = &gc->cycles.v[at];
	const struct prof_gc_cycle *c = &gc->t->cycles.v[at];

	if (d->alloc_bytes == PROF_ABSENT || d->period_ns == PROF_ABSENT)
		return false;
	*top = (double)d->alloc_bytes;
	if (c[-1].end_bytes > c[-1].start_bytes && c[-1].start_bytes != PROF_ABSENT)
		*top += (double)(c[-1].end_bytes - c[-1].start_bytes);
	*under = (double)d->period_ns / 1e9;
	return true;
}

static bool heap_parts(const struct prof_gc *gc, size_t at, double *top, double *under)
{
	const struct prof_gc_derived *d = &gc->cycles.v[at];
	const struct prof_gc_cycle *c = &gc->t->cycles.v[at];

	if (d->alloc_bytes == PROF_ABSENT)
		return false;
	*under = (double)d->off_ns;
	*top = *under * ((double)c[-1].live_bytes + (double)c->start_bytes) / 2;
	return true;
}

static bool cpu_parts(const struct prof_gc *gc, size_t at, double *top, double *under)
{
	int64_t cpu = prof_gc_cycle_cpu(&gc->t->cycles.v[at]);

	*top = (double)cpu;
	*under = (double)gc->cycles.v[at].period_ns * gc->t->cycles.v[at].procs;
	return cpu != PROF_ABSENT && gc->cycles.v[at].period_ns != PROF_ABSENT && *under > 0;
}

static bool assist_parts(const struct prof_gc *gc, size_t at, double *top, double *under)
{
	int64_t marking = prof_gc_cycle_marking(&gc->t->cycles.v[at]);

	*top = (double)gc->t->cycles.v[at].assist_cpu_ns;
	*under = (double)marking;
	return marking != PROF_ABSENT;
}

/* Order statistics around the q-quantile of n sorted values. */
static struct prof_gc_figure quantile(const int64_t *v, size_t n, double q)
{
	double half = Z * sqrt((double)n * q * (1 - q));
	double lo = floor((double)n * q - half), hi = ceil((double)n * q + half) + 1;
	struct prof_gc_figure f = {NAN, NAN, NAN};

	if (!n)
		return f;
	f.value = (double)prof_gc_rank(v, n, q);
	/* The largest values bound nothing from above. */
	if (n < FEW || lo < 1 || hi > (double)n)
		return f;
	f.lo = (double)v[(size_t)lo - 1];
	f.hi = (double)v[(size_t)hi - 1];
	return f;
}

static int pauses(const struct prof_gc *gc, struct prof_gc_figure *out, struct prof_err *e)
{
	struct prof_mem mem = {.limit = gc->mem.limit};
	struct prof_gc_values x;
	int rc = prof_gc_pauses(gc->t, &mem, &x, e);

	if (rc)
		return rc;
	out[PROF_METRIC_PAUSE_P50] = quantile(x.v, x.n, 0.5);
	out[PROF_METRIC_PAUSE_P95] = quantile(x.v, x.n, 0.95);
	out[PROF_METRIC_PAUSE_P99] = quantile(x.v, x.n, 0.99);
	out[PROF_METRIC_PAUSE_MAX] = (struct prof_gc_figure){
		x.n ? (double)x.v[x.n - 1] : NAN, NAN, NAN};
	prof_gc_values_fini(&mem, &x);
	return 0;
}

static struct prof_gc_figure exact(int64_t v)
{
	return (struct prof_gc_figure){v == PROF_ABSENT ? NAN : (double)v, NAN, NAN};
}

int prof_gc_figures(
	const struct prof_gc *gc, struct prof_gc_figure out[PROF_GC_METRICS], struct prof_err *e)
{
	out[PROF_METRIC_CYCLES] = ratio_of(gc, cycle_parts);
	out[PROF_METRIC_ALLOC] = ratio_of(gc, alloc_parts);
	out[PROF_METRIC_HEAP] = ratio_of(gc, heap_parts);
	out[PROF_METRIC_GC_CPU] = ratio_of(gc, cpu_parts);
	/* Of all cycles, as the summary has it: the first one, too. */
	out[PROF_METRIC_GC_CPU].value = gc->total.gc_cpu;
	out[PROF_METRIC_ASSISTS] = ratio_of(gc, assist_parts);
	out[PROF_METRIC_PEAK] = exact(gc->total.max_peak_bytes);
	out[PROF_METRIC_LIVE] = exact(gc->total.max_live_bytes);
	return pauses(gc, out, e);
}

void prof_gc_put_metric(struct prof_buf *b, enum prof_gc_metric m, double v)
{
	if (isnan(v)) {
		prof_buf_char(b, '-');
		return;
	}
	switch (prof_gc_metrics[m].unit) {
	case PROF_GC_UNIT_TIME:
		prof_gc_put_ns(b, (int64_t)v);
		break;
	case PROF_GC_UNIT_SIZE:
		prof_gc_put_bytes(b, (int64_t)v);
		break;
	case PROF_GC_UNIT_PART:
		prof_gc_put_part(b, v);
		break;
	default:
		prof_gc_put_number(b, v);
	}
	prof_buf_str(b, prof_gc_metrics[m].per);
}

enum prof_gc_metric prof_gc_metric_of(const char *name)
{
	unsigned i = 0;

	while (i < PROF_GC_METRICS && strcmp(prof_gc_metrics[i].name, name) != 0)
		i++;
	return (enum prof_gc_metric)i;
}
