#include "libprof/analyse/gc/compare.h"

#include <math.h>
#include <stdio.h>

#include "libprof/analyse/gc/object.h"
#include "libprof/analyse/gc/units.h"
#include "libprof/base/fmt.h"

/* The metric that a gate is about, or PROF_GC_METRICS. */
static enum prof_gc_metric metric_of(const struct prof_gate *g)
{
	int m = 0;

	while (m < PROF_GC_METRICS && !prof_gate_metric_is(g, prof_gc_metrics[m].name))
		m++;
	return (enum prof_gc_metric)m;
}

/* How a metric's value becomes the gate's: a change, in percent of the old value or in points; else
 * `size` is that of the gate's unit.
 */
struct meaning {
	enum prof_gc_metric metric;
	bool relative, points;
	double size;
};

static bool meaning_of(const struct prof_gate *g, struct meaning *m)
{
	static const char *const units[] = {[PROF_GC_UNIT_NONE] = "",
		[PROF_GC_UNIT_TIME] = "ns",
		[PROF_GC_UNIT_SIZE] = "B",
		[PROF_GC_UNIT_PART] = ""};
	char unit[8];
	bool part;

	*m = (struct meaning){.metric = metric_of(g)};
	part = prof_gc_metrics[m->metric].unit == PROF_GC_UNIT_PART;
	m->points = part && prof_gate_is_points(g);
	m->relative = !part && prof_gate_is_percent(g);
	m->size = 0.01;
	if (m->relative || part)
		return m->relative || m->points || prof_gate_is_percent(g);
	snprintf(unit, sizeof(unit), "%s%s", units[prof_gc_metrics[m->metric].unit],
		prof_gc_metrics[m->metric].per);
	return (g->unit.len || !*unit) && prof_gate_unit(g, prof_str_of(unit), &m->size);
}

int prof_gc_gate_parse(struct prof_gate *g, const char *text, struct prof_err *e)
{
	struct meaning m;
	int rc = prof_gate_parse(g, text, e);

	if (rc)
		return rc;
	if (metric_of(g) == PROF_GC_METRICS)
		return prof_gate_wrong(g,
			"the metric is none of cycles, pause.p50 .p95 .p99 .max, peak, heap, live, "
			"alloc_rate, gc_cpu, assists",
			e);
	if (g->regex.p)
		return prof_gate_wrong(g, "there is nothing that an expression could choose", e);
	return meaning_of(g, &m) ? 0 : prof_gate_wrong(g, "its unit is not the metric's", e);
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
	struct prof_gate *g, const struct prof_gc_figure *old, const struct prof_gc_figure *now)
{
	struct prof_gc_figure f;
	struct meaning m;
	double near;

	g->outcome = PROF_GATE_OPEN;
	g->value = NAN;
	if (!meaning_of(g, &m))
		return;
	f = now[m.metric];
	g->change = m.relative || m.points;
	if (g->change) {
		if (!old)
			return;
		f = change_of(&old[m.metric], &now[m.metric], m.points);
	}
	if (isnan(f.value))
		return;
	g->value = f.value / m.size;
	g->outcome = prof_gate_beyond(g, g->value) ? PROF_GATE_FAILS : PROF_GATE_PASSES;
	/* Changes of statistics are to be more than chance; what one run did is what it did. */
	near = (g->above ? f.lo : f.hi) / m.size;
	if (g->outcome == PROF_GATE_FAILS && g->change && !isnan(near) &&
		!prof_gate_beyond(g, near))
		g->outcome = PROF_GATE_OPEN;
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
	struct prof_cell c[] = {prof_cell_str(prof_str_of(prof_gc_metrics[m].name)),
		prof_cell_str(prof_str_of(prof_gc_metrics[m].title)), prof_gc_real(old->value),
		prof_gc_real(old->lo), prof_gc_real(old->hi), prof_gc_real(now->value),
		prof_gc_real(now->lo), prof_gc_real(now->hi), prof_gc_real(f.value),
		prof_gc_real(f.lo), prof_gc_real(f.hi),
		known ? prof_cell_bool(sure) : PROF_NULL_CELL, PROF_NULL_CELL, PROF_NULL_CELL,
		PROF_NULL_CELL, PROF_NULL_CELL, PROF_NULL_CELL};
	int rc;

	prof_gc_put_metric(b, (enum prof_gc_metric)m, old->value);
	rc = text_cell(r, b, &c[12], e);
	prof_gc_put_metric(b, (enum prof_gc_metric)m, now->value);
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
	if (gc->least_gogc != PROF_ABSENT) {
		prof_buf_str(b, ", GOGC ");
		prof_gc_put_gogc(b, gc);
	}
	return prof_report_head(r, b, e);
}

/* "GC CPU 0.81% → 1.15%, pause p99 …" */
static int put_headline(struct prof_report *r, const struct prof_gc_figure *old,
	const struct prof_gc_figure *now, struct prof_buf *b, struct prof_err *e)
{
	static const enum prof_gc_metric told[] = {
		PROF_METRIC_GC_CPU, PROF_METRIC_PAUSE_P99, PROF_METRIC_PEAK};

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		prof_buf_printf(b, "%s%s ", i ? ", " : "", prof_gc_metrics[told[i]].title);
		prof_gc_put_metric(b, told[i], old[told[i]].value);
		prof_buf_str(b, " \xe2\x86\x92 ");
		prof_gc_put_metric(b, told[i], now[told[i]].value);
	}
	return prof_report_headline(r, b, e);
}

static int compare(struct prof_report *r, const struct prof_gc *old, const struct prof_gc *now,
	struct prof_gate *gates, size_t n_gates, struct prof_buf *b, struct prof_err *e)
{
	struct prof_gc_figure was[PROF_GC_METRICS], is[PROF_GC_METRICS];
	int rc = prof_gc_figures(old, was, e);

	if (!rc)
		rc = prof_gc_figures(now, is, e);
	for (size_t i = 0; !rc && i < n_gates; i++)
		prof_gc_gate_decide(&gates[i], was, is);
	if (!rc)
		rc = prof_gates_field(r, gates, n_gates, e);
	if (!rc)
		rc = prof_gates_head(r, gates, n_gates, e);
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

int prof_gc_compare(const struct prof_gc *old, const struct prof_gc *now, struct prof_gate *gates,
	size_t n_gates, struct prof_report **out, struct prof_err *e)
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
