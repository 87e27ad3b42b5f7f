#include "libprof/analyse/gc/compare.h"

#include <math.h>

#include "libprof/analyse/gc/object.h"
#include "libprof/analyse/gc/units.h"
#include "libprof/base/fmt.h"

enum { FEW = 10 };

#define Z 1.959963984540054

static const struct {
	const char *name, *title;
	enum prof_gc_unit unit;
	const char *per;
} metrics[] = {
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
	size_t most = 2 * gc->t->cycles.n, n = 0;
	struct prof_mem mem = {.limit = gc->mem.limit};
	int64_t *v = prof_mem_zalloc(&mem, 2 * most, sizeof(*v), e);

	if (!v)
		return e ? e->code : PROF_ENOMEM;
	for (size_t i = 0; i < gc->t->cycles.n; i++) {
		if (gc->t->cycles.v[i].sweep_term_ns != PROF_ABSENT)
			v[n++] = gc->t->cycles.v[i].sweep_term_ns;
		if (gc->t->cycles.v[i].mark_term_ns != PROF_ABSENT)
			v[n++] = gc->t->cycles.v[i].mark_term_ns;
	}
	prof_gc_sort(v, v + most, n);
	out[PROF_METRIC_PAUSE_P50] = quantile(v, n, 0.5);
	out[PROF_METRIC_PAUSE_P95] = quantile(v, n, 0.95);
	out[PROF_METRIC_PAUSE_P99] = quantile(v, n, 0.99);
	out[PROF_METRIC_PAUSE_MAX] = (struct prof_gc_figure){n ? (double)v[n - 1] : NAN, NAN, NAN};
	prof_mem_zfree(&mem, v, 2 * most, sizeof(*v));
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

static int wrong(const char *text, const char *why, struct prof_err *e)
{
	return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET, "gate '%.80s': %s", text, why);
}

/* The metric in front of the operator. */
static int take_metric(struct prof_gc_gate *g, const char *op, struct prof_err *e)
{
	size_t n = (size_t)(op - g->text);

	while (n && g->text[n - 1] == ' ')
		n--;
	for (int i = 0; i < PROF_GC_METRICS; i++)
		if (strlen(metrics[i].name) == n && memcmp(metrics[i].name, g->text, n) == 0) {
			g->metric = (enum prof_gc_metric)i;
			return 0;
		}
	return wrong(g->text,
		"the metric is none of cycles, pause.p50 .p95 .p99 .max, peak, heap, live, "
		"alloc_rate, gc_cpu, assists",
		e);
}

int prof_gc_gate_parse(struct prof_gc_gate *g, const char *text, struct prof_err *e)
{
	const char *op = NULL, *p;
	enum prof_gc_unit unit;
	double sign;
	int rc;

	*g = (struct prof_gc_gate){.text = text};
	while (*text == ' ')
		text++;
	g->text = text;
	for (p = text; *p; p++)
		op = *p == '<' || *p == '>' ? p : op;
	if (!op)
		return wrong(text, "it has neither < nor >", e);
	rc = take_metric(g, op, e);
	if (rc)
		return rc;
	g->above = *op == '>';
	p = op + 1;
	g->equal = *p == '=';
	p += g->equal;
	p += strspn(p, " ");
	sign = *p == '-' ? -1 : 1;
	p += *p == '-' || *p == '+';
	if (!prof_gc_number(&p, &g->number, &unit))
		return wrong(text, "no number stands behind the operator", e);
	g->points = strncmp(p, "pp", 2) == 0 && metrics[g->metric].unit == PROF_GC_UNIT_PART;
	if (g->points) {
		p += 2;
		g->number /= 100;
		unit = PROF_GC_UNIT_PART;
	}
	if (strncmp(p, "/s", 2) == 0 && g->metric == PROF_METRIC_ALLOC)
		p += 2;
	p += strspn(p, " ");
	g->number *= sign;
	g->relative = unit == PROF_GC_UNIT_PART && metrics[g->metric].unit != PROF_GC_UNIT_PART;
	if (*p || (!g->relative && unit != metrics[g->metric].unit))
		return wrong(text, "its unit is not the metric's", e);
	return 0;
}

static bool beyond(const struct prof_gc_gate *g, double v)
{
	if (g->equal && v == g->number)
		return true;
	return g->above ? v > g->number : v < g->number;
}

/* The change, and its interval from those of both sides, which are taken as independent: each limit
 * is as far from the value as both sides' distances to theirs, squared and summed (MOVER); of a
 * ratio so are its logarithms.
 */
static struct prof_gc_figure change_of(
	const struct prof_gc_figure *old, const struct prof_gc_figure *now, bool points)
{
	struct prof_gc_figure f = {NAN, NAN, NAN};

	if (points) {
		f.value = now->value - old->value;
		f.lo = f.value - hypot(now->value - now->lo, old->hi - old->value);
		f.hi = f.value + hypot(now->hi - now->value, old->value - old->lo);
		return f;
	}
	if (!(old->value > 0) || !(now->value >= 0))
		return f;
	f.value = now->value / old->value - 1;
	if (!(now->lo > 0) || !(old->lo > 0))
		return f;
	f.lo = (1 + f.value) * exp(-hypot(log(now->value / now->lo), log(old->hi / old->value))) -
	       1;
	f.hi = (1 + f.value) * exp(hypot(log(now->hi / now->value), log(old->value / old->lo))) - 1;
	return f;
}

void prof_gc_gate_decide(
	struct prof_gc_gate *g, const struct prof_gc_figure *old, const struct prof_gc_figure *now)
{
	struct prof_gc_figure f = now[g->metric];
	double near;

	g->answer = PROF_GC_NO_ANSWER;
	g->seen = NAN;
	if (g->relative || g->points) {
		if (!old)
			return;
		f = change_of(&old[g->metric], &now[g->metric], g->points);
	}
	g->seen = f.value;
	if (isnan(f.value))
		return;
	g->answer = beyond(g, f.value) ? PROF_GC_FAILS : PROF_GC_PASSES;
	/* Changes of statistics are to be more than chance; what one run did is what it did. */
	near = g->above ? f.lo : f.hi;
	if (g->answer == PROF_GC_FAILS && (g->relative || g->points) && !isnan(near) &&
		!beyond(g, near))
		g->answer = PROF_GC_NO_ANSWER;
}

static void put_value(struct prof_buf *b, enum prof_gc_metric m, double v)
{
	if (isnan(v)) {
		prof_buf_char(b, '-');
		return;
	}
	switch (metrics[m].unit) {
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
	prof_buf_str(b, metrics[m].per);
}

static const char *const answers[] = {"passes", "cannot be answered", "fails"};

static int put_gate(struct prof_report *r, const struct prof_gc_gate *g, struct prof_cell *out,
	struct prof_buf *b, struct prof_err *e)
{
	struct prof_gc_object o = {0};
	int rc;

	prof_gc_put_str(&o, "gate", prof_str_of(g->text));
	prof_gc_put(&o, "warn", prof_cell_bool(g->warn));
	prof_gc_put_str(&o, "metric", prof_str_of(metrics[g->metric].name));
	prof_gc_put_real(&o, "seen", g->seen);
	prof_gc_put_real(&o, "limit", g->number);
	prof_gc_put_str(&o, "answer",
		prof_str_of(g->answer == PROF_GC_NO_ANSWER ? "inconclusive" : answers[g->answer]));
	rc = prof_report_object(r, o.v, o.n, out, e);
	if (rc || g->answer == PROF_GC_PASSES)
		return rc;
	prof_buf_printf(b, "%s  %s: %s", g->warn ? "warn" : "gate", g->text, answers[g->answer]);
	prof_buf_str(b, ", ");
	if (g->points && !isnan(g->seen)) {
		prof_buf_double(b, g->seen * 100, 'f', 2);
		prof_buf_str(b, "pp");
	} else if (g->relative || g->points)
		prof_gc_put_part(b, g->seen);
	else
		put_value(b, g->metric, g->seen);
	return prof_report_head(r, b, e);
}

int prof_gc_add_gates(
	struct prof_report *r, const struct prof_gc_gate *gates, size_t n, struct prof_err *e)
{
	PROF_VEC(struct prof_cell) list = {0};
	struct prof_cell cell;
	struct prof_buf b;
	int rc = prof_vec_reserve(&r->mem, &list, n + 1, e);

	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; !rc && i < n; i++)
		rc = put_gate(r, &gates[i], &list.v[list.n++], &b, e);
	if (!rc)
		rc = prof_report_list(r, list.v, list.n, &cell, e);
	if (!rc)
		rc = prof_report_field(r, "gates", cell, e);
	prof_vec_fini(&r->mem, &list);
	prof_buf_fini(&b);
	return rc;
}

static const struct prof_table_column columns[] = {
	{.key = "metric"},
	{.title = "", .left = true},
	{.key = "old.value"},
	{.key = "old.lo"},
	{.key = "old.hi"},
	{.key = "new.value"},
	{.key = "new.lo"},
	{.key = "new.hi"},
	{.key = "change"},
	{.key = "change_lo"},
	{.key = "change_hi"},
	{.key = "significant"},
	{.title = "old", .gap = 2},
	{.title = "new", .gap = 2},
	{.title = "change", .gap = 2},
	{.title = "95 %", .gap = 2},
	{.title = "", .gap = 2, .left = true},
};

static void put_change(struct prof_buf *b, double v)
{
	if (v > 0)
		prof_buf_char(b, '+');
	prof_gc_put_part(b, v);
}

static int text_cell(
	struct prof_report *r, struct prof_buf *b, struct prof_cell *out, struct prof_err *e)
{
	struct prof_str s = {b->p, (uint32_t)b->n};
	int rc = b->code ? prof_nomem(e) : prof_report_keep(r, &s, e);

	*out = prof_cell_str(s);
	b->n = 0;
	return rc;
}

static int put_row(struct prof_report *r, int m, const struct prof_gc_figure *old,
	const struct prof_gc_figure *now, struct prof_buf *b, struct prof_err *e)
{
	struct prof_gc_figure f = change_of(old, now, false);
	bool known = !isnan(f.lo), sure = known && (f.lo > 0 || f.hi < 0);
	struct prof_cell c[] = {prof_cell_str(prof_str_of(metrics[m].name)),
		prof_cell_str(prof_str_of(metrics[m].title)), prof_gc_real(old->value),
		prof_gc_real(old->lo), prof_gc_real(old->hi), prof_gc_real(now->value),
		prof_gc_real(now->lo), prof_gc_real(now->hi), prof_gc_real(f.value),
		prof_gc_real(f.lo), prof_gc_real(f.hi),
		known ? prof_cell_bool(sure) : PROF_NULL_CELL, PROF_NULL_CELL, PROF_NULL_CELL,
		PROF_NULL_CELL, PROF_NULL_CELL, PROF_NULL_CELL};
	int rc;

	put_value(b, (enum prof_gc_metric)m, old->value);
	rc = text_cell(r, b, &c[12], e);
	put_value(b, (enum prof_gc_metric)m, now->value);
	if (!rc)
		rc = text_cell(r, b, &c[13], e);
	put_change(b, f.value);
	if (!rc)
		rc = text_cell(r, b, &c[14], e);
	if (known) {
		put_change(b, f.lo);
		prof_buf_str(b, "\xe2\x80\xa6");
		put_change(b, f.hi);
	}
	if (!rc)
		rc = text_cell(r, b, &c[15], e);
	c[16] = prof_cell_str(sure ? PROF_STR("more than chance") : PROF_STR(""));
	return rc ? rc : prof_report_row(r, c, e);
}

static int put_side(struct prof_report *r, const char *side, const struct prof_gc *gc,
	struct prof_buf *b, struct prof_err *e)
{
	prof_buf_printf(b, "%s  ", side);
	for (size_t i = 0; i < gc->t->sources.n; i++) {
		prof_buf_str(b, i ? ", " : "");
		prof_buf_put(b, gc->t->sources.v[i].name.p, gc->t->sources.v[i].name.len);
	}
	prof_buf_printf(b, ": %zu cycles in ", gc->cycles.n);
	prof_gc_put_ns(b, gc->total.wall_ns);
	if (gc->gogc != PROF_ABSENT)
		prof_buf_printf(b, ", GOGC %lld", (long long)gc->gogc);
	return prof_report_head(r, b, e);
}

/* "GC CPU 0.81% → 1.15%, pause p99 …" */
static int put_headline(struct prof_report *r, const struct prof_gc_figure *old,
	const struct prof_gc_figure *now, struct prof_buf *b, struct prof_err *e)
{
	static const enum prof_gc_metric told[] = {
		PROF_METRIC_GC_CPU, PROF_METRIC_PAUSE_P99, PROF_METRIC_PEAK};

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		prof_buf_printf(b, "%s%s ", i ? ", " : "", metrics[told[i]].title);
		put_value(b, told[i], old[told[i]].value);
		prof_buf_str(b, " \xe2\x86\x92 ");
		put_value(b, told[i], now[told[i]].value);
	}
	return prof_report_headline(r, b, e);
}

static int compare(struct prof_report *r, const struct prof_gc *old, const struct prof_gc *now,
	struct prof_gc_gate *gates, size_t n_gates, struct prof_buf *b, struct prof_err *e)
{
	struct prof_gc_figure was[PROF_GC_METRICS], is[PROF_GC_METRICS];
	int rc = prof_gc_figures(old, was, e);

	if (!rc)
		rc = prof_gc_figures(now, is, e);
	for (size_t i = 0; !rc && i < n_gates; i++)
		prof_gc_gate_decide(&gates[i], was, is);
	if (!rc)
		rc = prof_gc_add_gates(r, gates, n_gates, e);
	if (!rc)
		rc = put_headline(r, was, is, b, e);
	if (!rc)
		rc = put_side(r, "old", old, b, e);
	if (!rc)
		rc = put_side(r, "new", now, b, e);
	if (!rc)
		rc = prof_report_head(r, b, e);
	for (int i = 0; !rc && i < PROF_GC_METRICS; i++)
		rc = put_row(r, i, &was[i], &is[i], b, e);
	return rc;
}

int prof_gc_compare(const struct prof_gc *old, const struct prof_gc *now,
	struct prof_gc_gate *gates, size_t n_gates, struct prof_report **out, struct prof_err *e)
{
	struct prof_report *r = prof_report_new("prof.gc.diff/1", e);
	struct prof_buf b;
	int rc;

	if (!r)
		return PROF_ENOMEM;
	r->columns = columns;
	r->n_columns = sizeof(columns) / sizeof(columns[0]);
	r->rows_key = "metrics";
	prof_buf_init(&b, NULL, NULL);
	rc = compare(r, old, now, gates, n_gates, &b, e);
	prof_buf_fini(&b);
	if (rc)
		prof_report_free(r);
	else
		*out = r;
	return rc;
}
