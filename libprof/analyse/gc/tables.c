#include "libprof/analyse/gc/tables.h"

#include <math.h>

#include "libprof/analyse/gc/object.h"
#include "libprof/analyse/gc/units.h"
#include "libprof/base/fmt.h"

enum { FEW_CYCLES = 60, PART_CYCLES = 5, MOST_CELLS = 32 };

/* A row under construction: each text goes to the report when it is put. */
struct row {
	struct prof_report *r;
	struct prof_buf b;
	struct prof_cell cells[MOST_CELLS];
	size_t n;
	int64_t size_unit; /* of the run that is shown */
	bool ends_only; /* likewise */
	struct prof_err *e;
	int rc;
};

static void put(struct row *w, struct prof_cell c)
{
	w->cells[w->n++] = c;
}

/* What `b` holds becomes the next cell. */
static void end_cell(struct row *w)
{
	struct prof_str s = {w->b.p, (uint32_t)w->b.n};

	if (!w->rc && w->b.code)
		w->rc = prof_nomem(w->e);
	if (!w->rc)
		w->rc = prof_report_keep(w->r, &s, w->e);
	put(w, prof_cell_str(s));
	w->b.n = 0;
}

static void put_ns(struct row *w, int64_t ns)
{
	prof_gc_put_ns(&w->b, ns);
	end_cell(w);
}

/* A log's 0 MB is something all the same. */
static void put_size(struct row *w, int64_t bytes)
{
	if (!bytes && w->size_unit > 1)
		prof_buf_str(&w->b, "<1MB");
	else
		prof_gc_put_bytes(&w->b, bytes);
}

static void put_bytes(struct row *w, int64_t bytes)
{
	put_size(w, bytes);
	end_cell(w);
}

static void put_part(struct row *w, double part)
{
	prof_gc_put_part(&w->b, part);
	end_cell(w);
}

static void put_str(struct row *w, const char *s)
{
	prof_buf_str(&w->b, s);
	end_cell(w);
}

static int end_row(struct row *w)
{
	if (!w->rc)
		w->rc = prof_report_row(w->r, w->cells, w->e);
	w->n = 0;
	return w->rc;
}

static const struct prof_table_column cycle_columns[] = {
	{.title = "cycle"},
	{.title = "start", .gap = 2},
	{.title = "every", .gap = 2},
	{.title = "start", .group = "heap", .gap = 2},
	{.title = "peak", .group = "heap"},
	{.title = "live", .group = "heap"},
	{.title = "goal", .gap = 2},
	{.title = "pauses", .gap = 2},
	{.title = "mark", .gap = 2},
	{.title = "assist", .gap = 2},
	{.title = "GC CPU", .gap = 2},
	{.title = "why", .gap = 2, .left = true},
};

static void put_cycle(const struct prof_gc *gc, size_t at, struct row *w)
{
	const struct prof_gc_cycle *c = &gc->t->cycles.v[at];
	const struct prof_gc_derived *d = &gc->cycles.v[at];
	int64_t marking = prof_gc_cycle_marking(c);

	put(w, prof_gc_int(c->n));
	prof_buf_str(&w->b, w->ends_only ? "\xe2\x89\xa4" : "");
	put_ns(w, c->start_ns);
	put_ns(w, d->period_ns);
	put_bytes(w, c->start_bytes);
	put_bytes(w, c->end_bytes);
	put_bytes(w, c->live_bytes);
	put_bytes(w, c->goal_bytes);
	prof_gc_put_pauses(&w->b, c);
	end_cell(w);
	put_ns(w, c->mark_ns);
	put_part(w, marking > 0 ? (double)c->assist_cpu_ns / (double)marking : NAN);
	put_part(w, d->gc_cpu);
	put_str(w, prof_gc_why_name(d->why));
}

static const struct prof_table_column part_columns[] = {
	{.title = "from"},
	{.title = "to", .gap = 2},
	{.title = "cycles", .gap = 2},
	{.title = "every", .gap = 2},
	{.title = "live", .group = "heap", .gap = 2},
	{.title = "peak", .group = "heap"},
	{.title = "goal", .group = "heap"},
	{.title = "allocated", .gap = 2},
	{.title = "GC CPU", .gap = 2},
	{.title = "longest pause", .gap = 2},
};

static void put_phase(const struct prof_gc_phase *p, struct row *w)
{
	put_ns(w, p->start_ns);
	put_ns(w, p->end_ns);
	put(w, prof_cell_int(p->n));
	put_ns(w, p->period_ns);
	put_bytes(w, p->live_bytes);
	put_bytes(w, p->peak_bytes);
	put_bytes(w, p->goal_bytes);
	prof_gc_put_rate(&w->b, p->alloc_rate);
	end_cell(w);
	put_part(w, p->gc_cpu);
	put_ns(w, p->max_pause_ns);
}

static int end_foot(struct row *w)
{
	return w->rc ? w->rc : prof_report_foot(w->r, &w->b, w->e);
}

int prof_gc_add_table(
	const struct prof_gc *gc, int64_t row_count, struct prof_report *r, struct prof_err *e)
{
	struct row w = {.r = prof_report_part(r, e),
		.size_unit = gc->t->segments.v[0].size_unit,
		.ends_only = gc->t->segments.v[0].ends_only,
		.e = e};
	size_t n = gc->cycles.n, most = row_count > 0 ? (size_t)row_count : n;
	bool parts = row_count < 0 && n > FEW_CYCLES;

	if (!w.r)
		return PROF_ENOMEM;
	prof_buf_init(&w.b, NULL, NULL);
	w.r->columns = parts ? part_columns : cycle_columns;
	w.r->n_columns = parts ? sizeof(part_columns) / sizeof(part_columns[0])
			       : sizeof(cycle_columns) / sizeof(cycle_columns[0]);
	for (size_t i = 0; parts && !w.rc && i < gc->phases.n; i++) {
		put_phase(&gc->phases.v[i], &w);
		end_row(&w);
	}
	for (size_t i = 0; !parts && !w.rc && i < n && i < most; i++) {
		put_cycle(gc, i, &w);
		end_row(&w);
	}
	if (parts)
		prof_buf_printf(&w.b,
			"medians of the cycles of each part; -n 0 has a row for each of the "
			"%zu cycles",
			n);
	else if (n > most)
		prof_buf_printf(&w.b, "and %zu more cycles", n - most);
	if (w.b.n)
		w.rc = end_foot(&w);
	prof_buf_fini(&w.b);
	return w.rc;
}

static const struct prof_table_column setting_columns[] = {
	{.key = "setting"},
	{.key = "start_ns"},
	{.key = "end_ns"},
	{.key = "cycles"},
	{.key = "period_ns"},
	{.key = "peak_bytes"},
	{.key = "max_peak_bytes"},
	{.key = "mean_heap_bytes"},
	{.key = "gc_cpu_fraction"},
	{.key = "over_limit"},
	{.key = "period_least_ns"},
	{.key = "period_most_ns"},
	{.key = "peak_least_bytes"},
	{.key = "peak_most_bytes"},
	{.title = "setting", .left = true},
	{.title = "part of the run", .gap = 2, .left = true},
	{.title = "cycles", .gap = 2},
	{.title = "every", .gap = 2},
	{.title = "", .gap = 1},
	{.title = "peak", .group = "heap", .gap = 2},
	{.title = "largest", .group = "heap"},
	{.title = "", .group = "heap", .gap = 1},
	{.title = "mean", .group = "heap"},
	{.title = "GC CPU", .gap = 2},
	{.title = "", .gap = 2, .left = true},
};
_Static_assert(
	sizeof(setting_columns) / sizeof(setting_columns[0]) <= MOST_CELLS, "the widest table");

static void put_setting(struct row *w, const struct prof_gc_setting *set)
{
	if (!set)
		prof_buf_str(&w->b, "as it was");
	if (set && set->has_gogc) {
		prof_buf_str(&w->b, "gogc=");
		if (isfinite(set->gogc))
			prof_buf_double(&w->b, set->gogc, 'g', 6);
		else
			prof_buf_str(&w->b, "off");
	}
	if (set && set->has_limit) {
		prof_buf_str(&w->b, set->has_gogc ? "+gomemlimit=" : "gomemlimit=");
		if (isfinite(set->limit_bytes))
			prof_gc_put_bytes(&w->b, (int64_t)set->limit_bytes);
		else
			prof_buf_str(&w->b, "off");
	}
	end_cell(w);
}

/* The farther end, as a part. */
static void put_between(struct row *w, struct prof_gc_between b, double v)
{
	if (isfinite(b.most) && v > 0)
		prof_buf_printf(&w->b, "±%.0f%%", 100 * fmax(b.most / v - 1, 1 - b.least / v));
	end_cell(w);
}

static int put_outcome(struct row *w, const struct prof_gc_setting *set,
	const struct prof_gc_phase *phase, const struct prof_gc_outcome *o)
{
	int64_t cycles = o->unbounded ? PROF_ABSENT : (int64_t)(o->cycles + 0.5);

	put_setting(w, set);
	put(w, phase ? prof_cell_int(phase->start_ns) : PROF_NULL_CELL);
	put(w, phase ? prof_cell_int(phase->end_ns) : PROF_NULL_CELL);
	put(w, prof_gc_int(cycles));
	put(w, prof_gc_int(o->period_ns));
	put(w, prof_gc_int(o->peak_bytes));
	put(w, prof_gc_int(o->max_peak_bytes));
	put(w, prof_gc_real(o->mean_heap_bytes));
	put(w, prof_gc_real(o->gc_cpu));
	put(w, prof_cell_bool(o->over_limit));
	put(w, prof_gc_real(o->period.least));
	put(w, prof_gc_real(o->period.most));
	put(w, prof_gc_real(o->peak.least));
	put(w, prof_gc_real(o->peak.most));
	put_setting(w, set);
	if (phase) {
		prof_buf_str(&w->b, "live ");
		put_size(w, phase->live_bytes);
		prof_buf_str(&w->b, ", from ");
		prof_gc_put_ns(&w->b, phase->start_ns);
	}
	end_cell(w);
	put(w, prof_gc_int(cycles));
	put_ns(w, o->period_ns);
	put_between(w, o->period, (double)o->period_ns);
	put_bytes(w, o->peak_bytes);
	put_bytes(w, o->max_peak_bytes);
	put_between(w, o->peak, (double)(phase ? o->peak_bytes : o->max_peak_bytes));
	put_bytes(w, isfinite(o->mean_heap_bytes) ? (int64_t)o->mean_heap_bytes : PROF_ABSENT);
	put_part(w, o->gc_cpu);
	put_str(w, o->unbounded    ? "nothing ends its growth"
		   : o->over_limit ? "live heap over the limit: one cycle after the other"
				   : "");
	return end_row(w);
}

/* The run as it was, whole or a part of it. */
static struct prof_gc_outcome as_seen(const struct prof_gc *gc, const struct prof_gc_phase *p)
{
	const struct prof_gc_totals *x = &gc->total;

	if (p)
		return (struct prof_gc_outcome){.cycles = p->n,
			.period_ns = p->period_ns,
			.peak_bytes = p->peak_bytes,
			.max_peak_bytes = p->max_peak_bytes,
			.period = {NAN, NAN},
			.peak = {NAN, NAN},
			.mean_heap_bytes = NAN,
			.gc_cpu = p->gc_cpu};
	return (struct prof_gc_outcome){.cycles = (double)gc->cycles.n,
		.period_ns = gc->cycles.n > gc->t->segments.n && x->alloc_wall_ns
				     ? x->alloc_wall_ns /
					       (int64_t)(gc->cycles.n - gc->t->segments.n)
				     : PROF_ABSENT,
		.peak_bytes = PROF_ABSENT,
		.max_peak_bytes = x->max_peak_bytes,
		.period = {NAN, NAN},
		.peak = {NAN, NAN},
		.mean_heap_bytes = x->mean_heap_bytes,
		.gc_cpu = x->gc_cpu};
}

/* Whether there is something to tell of a part by itself. */
static bool is_told(const struct prof_gc *gc, const struct prof_gc_phase *p)
{
	return gc->phases.n > 1 && p->n >= PART_CYCLES && isfinite(p->off_ns_per_byte);
}

static int put_all(const struct prof_gc_whatif *x, const struct prof_gc_setting *set, struct row *w)
{
	const struct prof_gc *gc = x->gc;
	struct prof_gc_outcome o = as_seen(gc, NULL);
	int rc = set ? prof_gc_whatif(x, NULL, set, &o, w->e) : 0;

	if (!rc)
		rc = put_outcome(w, set, NULL, &o);
	for (size_t i = 0; !rc && i < gc->phases.n; i++) {
		const struct prof_gc_phase *p = &gc->phases.v[i];
		struct prof_err none = {0};

		if (!is_told(gc, p))
			continue;
		o = as_seen(gc, p);
		/* A part may lack what the whole run has. */
		if (set && (prof_gc_whatif(x, p, set, &o, &none) || o.unbounded))
			continue;
		rc = put_outcome(w, set, p, &o);
	}
	return rc;
}

static int put_settings(
	const struct prof_gc_whatif *x, const struct prof_gc_report_opts *opts, struct row *w)
{
	double period, peak;
	int rc = put_all(x, NULL, w);

	for (size_t i = 0; !rc && i < opts->n_settings; i++)
		rc = put_all(x, &opts->settings[i], w);
	if (!rc)
		rc = prof_gc_whatif_error(x, &period, &peak, w->e);
	if (rc)
		return rc;
	prof_buf_str(&w->b,
		"±: where nine of ten runs at this one's pace are; the same calculation "
		"of the run itself is off by ");
	prof_gc_put_part(&w->b, period);
	prof_buf_str(&w->b, " in the period and ");
	prof_gc_put_part(&w->b, peak);
	prof_buf_str(&w->b, " in the peak (medians over cycles)");
	return prof_report_foot(w->r, &w->b, w->e);
}

int prof_gc_add_settings(const struct prof_gc *gc, const struct prof_gc_report_opts *opts,
	struct prof_report *r, struct prof_err *e)
{
	struct row w = {.size_unit = gc->t->segments.v[0].size_unit, .e = e};
	struct prof_gc_whatif x;
	int rc;

	if (!opts->n_settings)
		return 0;
	w.r = prof_report_part(r, e);
	if (!w.r)
		return PROF_ENOMEM;
	rc = prof_gc_whatif_begin(gc, &x, e);
	if (rc)
		return rc;
	prof_buf_init(&w.b, NULL, NULL);
	w.r->columns = setting_columns;
	w.r->n_columns = sizeof(setting_columns) / sizeof(setting_columns[0]);
	w.r->rows_key = "what_if";
	rc = put_settings(&x, opts, &w);
	prof_buf_fini(&w.b);
	prof_gc_whatif_end(&x);
	return rc;
}
