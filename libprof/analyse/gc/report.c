#include "libprof/analyse/gc/report.h"

#include <math.h>

#include "libprof/analyse/gc/cycles.h"
#include "libprof/analyse/gc/object.h"
#include "libprof/analyse/gc/snapshots.h"
#include "libprof/analyse/gc/tables.h"
#include "libprof/analyse/gc/units.h"
#include "libprof/analyse/gc/who_report.h"
#include "libprof/base/escape.h"

struct maker {
	const struct prof_gc *gc;
	const struct prof_gc_report_opts *opts;
	struct prof_report *r;
	struct prof_buf b; /* a line of text */
	PROF_VEC(struct prof_cell) list; /* of r's memory */
	struct prof_err *e;
};

static int add_object(struct maker *m, const struct prof_object *o)
{
	int rc = prof_vec_reserve(&m->r->mem, &m->list, 1, m->e);

	if (!rc)
		rc = prof_report_object(m->r, o->v, o->n, &m->list.v[m->list.n], m->e);
	m->list.n += !rc;
	return rc;
}

/* The objects added since the last list, as a field. */
static int put_list(struct maker *m, const char *key)
{
	struct prof_cell cell;
	int rc = prof_report_list(m->r, m->list.v, m->list.n, &cell, m->e);

	m->list.n = 0;
	return rc ? rc : prof_report_field(m->r, key, cell, m->e);
}

static int put_object(struct maker *m, const char *key, const struct prof_object *o)
{
	struct prof_cell cell;
	int rc = prof_report_object(m->r, o->v, o->n, &cell, m->e);

	return rc ? rc : prof_report_field(m->r, key, cell, m->e);
}

static int put_sources(struct maker *m)
{
	static const char *const kinds[] = {[PROF_TIMELINE_LOG] = "GODEBUG log",
		[PROF_TIMELINE_TRACE] = "execution trace",
		[PROF_TIMELINE_HEAP] = "heap profile"};
	const struct prof_timeline *t = m->gc->t;
	int rc = 0;

	for (size_t i = 0; !rc && i < t->sources.n; i++) {
		const struct prof_timeline_source *s = &t->sources.v[i];
		bool bad = s->unreadable > 0, log = s->kind == PROF_TIMELINE_LOG;
		struct prof_object o = {0};

		prof_object_put(&o, "name", prof_cell_str(s->name));
		prof_object_text(&o, "kind", kinds[s->kind]);
		prof_gc_put_int(
			&o, "lines", s->kind == PROF_TIMELINE_TRACE ? PROF_ABSENT : s->lines);
		prof_gc_put_int(&o, "gc_lines", log ? s->gc_lines : PROF_ABSENT);
		prof_gc_put_int(&o, "pacer_lines", log ? s->pacer_lines : PROF_ABSENT);
		prof_gc_put_int(&o, "scav_lines", log ? s->scav_lines : PROF_ABSENT);
		prof_gc_put_int(&o, "sched_lines", log ? s->sched_lines : PROF_ABSENT);
		prof_gc_put_int(&o, "scan_lines", log ? s->scan_lines : PROF_ABSENT);
		prof_gc_put_int(&o, "detail_lines", log ? s->detail_lines : PROF_ABSENT);
		prof_gc_put_int(&o, "other_lines", log ? s->other_lines : PROF_ABSENT);
		prof_gc_put_int(&o, "unreadable_lines", s->unreadable);
		prof_gc_put_int(
			&o, "first_unreadable_line", bad ? s->first_unreadable_line : PROF_ABSENT);
		prof_object_put(&o, "first_unreadable",
			bad ? prof_cell_str(s->first_unreadable) : PROF_NULL_CELL);
		rc = add_object(m, &o);
	}
	return rc ? rc : put_list(m, "sources");
}

/* {"1us": …} of a trace; null of a log. */
static int utilisation(struct maker *m, const struct prof_segment *s, struct prof_cell *out)
{
	struct prof_object o = {0};

	*out = PROF_NULL_CELL;
	if (isnan(s->utilisation[0]))
		return 0;
	for (int i = 0; i < PROF_TIMELINE_WINDOWS; i++)
		prof_object_real(&o, prof_timeline_window_names[i], s->utilisation[i]);
	return prof_report_object(m->r, o.v, o.n, out, m->e);
}

static int put_segments(struct maker *m)
{
	const struct prof_timeline *t = m->gc->t;
	struct prof_cell worst;
	int rc = 0;

	for (size_t i = 0; !rc && i < t->segments.n; i++) {
		const struct prof_segment *s = &t->segments.v[i];
		const struct prof_gc_setup *u = &m->gc->setups.v[i];
		struct prof_object o = {0};

		prof_gc_put_int(&o, "source", s->source);
		prof_gc_put_int(&o, "cycles", s->n_cycles);
		prof_gc_put_int(&o, "lost_cycles", s->lost_cycles);
		prof_gc_put_int(&o, "origin_unix_ns", s->wall_ns);
		prof_gc_put_int(&o, "end_ns", s->end_ns);
		prof_gc_put_int(&o, "size_unit_bytes", s->size_unit);
		prof_gc_put_int(&o, "gogc", u->gogc);
		prof_gc_put_int(&o, "memory_limit_bytes", u->limit_bytes);
		rc = utilisation(m, s, &worst);
		prof_object_put(&o, "least_mutator_utilisation", worst);
		if (!rc)
			rc = add_object(m, &o);
	}
	return rc ? rc : put_list(m, "segments");
}

static int put_summary(struct maker *m)
{
	const struct prof_gc_totals *x = &m->gc->total;
	struct prof_object o = {0}, q = {0};
	struct prof_cell pauses;
	int rc;

	prof_gc_put_int(&q, "count", (int64_t)x->pauses.n);
	prof_gc_put_int(&q, "total_ns", x->pause_ns);
	prof_gc_put_int(&q, "p50_ns", x->pauses.p50);
	prof_gc_put_int(&q, "p95_ns", x->pauses.p95);
	prof_gc_put_int(&q, "p99_ns", x->pauses.p99);
	prof_gc_put_int(&q, "max_ns", x->pauses.max);
	rc = prof_report_object(m->r, q.v, q.n, &pauses, m->e);
	if (rc)
		return rc;
	prof_gc_put_int(&o, "cycles", (int64_t)m->gc->cycles.n);
	prof_gc_put_int(&o, "forced", (int64_t)x->forced);
	prof_gc_put_int(&o, "wall_ns", x->wall_ns);
	prof_object_real(&o, "gc_cpu_fraction", x->gc_cpu);
	prof_object_real(&o, "assist_share", x->assist_share);
	prof_gc_put_int(&o, "gc_cpu_ns", x->cpu_cycles ? x->cpu_ns : PROF_ABSENT);
	prof_gc_put_int(&o, "assist_cpu_ns", x->cpu_cycles ? x->assist_ns : PROF_ABSENT);
	prof_gc_put_int(&o, "idle_cpu_ns", x->cpu_cycles ? x->idle_ns : PROF_ABSENT);
	prof_object_put(&o, "pauses", pauses);
	prof_gc_put_int(&o, "min_live_bytes", x->min_live_bytes);
	prof_gc_put_int(&o, "max_live_bytes", x->max_live_bytes);
	prof_gc_put_int(&o, "max_peak_bytes", x->max_peak_bytes);
	prof_object_real(&o, "mean_heap_bytes", x->mean_heap_bytes);
	prof_gc_put_int(&o, "allocated_bytes", x->alloc_wall_ns ? x->alloc_bytes : PROF_ABSENT);
	prof_object_real(&o, "allocated_bytes_per_second",
		x->alloc_wall_ns ? (double)x->alloc_bytes / (double)x->alloc_wall_ns * 1e9 : NAN);
	return put_object(m, "summary", &o);
}

/* How far what-if is off for the run itself. */
static int errors(const struct prof_gc *gc, double *period, double *peak, struct prof_err *e)
{
	struct prof_gc_whatif x;
	int rc = prof_gc_whatif_begin(gc, &x, e);

	if (rc)
		return rc;
	rc = prof_gc_whatif_error(&x, period, peak, e);
	prof_gc_whatif_end(&x);
	return rc;
}

static int put_model(struct maker *m)
{
	const struct prof_gc *gc = m->gc;
	struct prof_object o = {0}, w = {0};
	struct prof_cell why;
	double period = NAN, peak = NAN;
	int rc;

	for (int i = PROF_WHY_LIVE; i < PROF_WHY_COUNT; i++)
		prof_gc_put_int(
			&w, prof_gc_why_name((enum prof_gc_why)i), (int64_t)gc->total.why[i]);
	rc = prof_report_object(m->r, w.v, w.n, &why, m->e);
	if (!rc && m->opts->n_settings)
		rc = errors(gc, &period, &peak, m->e);
	if (rc)
		return rc;
	prof_gc_put_int(&o, "gogc", gc->all.gogc);
	prof_object_put(&o, "gogc_inferred", prof_cell_bool(!m->opts->gogc_given));
	prof_gc_put_int(&o, "gogc_least", gc->all.gogc_from);
	prof_gc_put_int(&o, "gogc_most", gc->all.gogc_to);
	prof_gc_put_int(&o, "goals", (int64_t)gc->all.goals);
	prof_gc_put_int(&o, "goals_by_formula",
		gc->least_gogc == PROF_ABSENT ? PROF_ABSENT : (int64_t)gc->all.agree);
	prof_gc_put_int(&o, "limit_goal_bytes", gc->all.limit_goal_bytes);
	prof_gc_put_int(&o, "memory_limit_bytes", gc->all.limit_bytes);
	prof_object_put(&o, "why", why);
	prof_object_real(&o, "period_error", period);
	prof_object_real(&o, "peak_error", peak);
	return put_object(m, "model", &o);
}

static int put_phases(struct maker *m)
{
	const struct prof_gc *gc = m->gc;
	int rc = 0;

	for (size_t i = 0; !rc && i < gc->phases.n; i++) {
		const struct prof_gc_phase *p = &gc->phases.v[i];
		struct prof_object o = {0};

		prof_gc_put_int(&o, "segment", p->segment);
		prof_gc_put_int(&o, "start_ns", p->start_ns);
		prof_gc_put_int(&o, "end_ns", p->end_ns);
		prof_gc_put_int(&o, "cycles", p->n);
		prof_gc_put_int(&o, "period_ns", p->period_ns);
		prof_gc_put_int(&o, "live_bytes", p->live_bytes);
		prof_gc_put_int(&o, "peak_bytes", p->peak_bytes);
		prof_gc_put_int(&o, "max_peak_bytes", p->max_peak_bytes);
		prof_gc_put_int(&o, "goal_bytes", p->goal_bytes);
		prof_object_real(&o, "allocated_bytes_per_second", p->alloc_rate);
		prof_object_real(&o, "ns_per_allocated_byte", p->off_ns_per_byte);
		prof_object_real(&o, "gc_cpu_fraction", p->gc_cpu);
		prof_gc_put_int(&o, "max_pause_ns", p->max_pause_ns);
		rc = add_object(m, &o);
	}
	return rc ? rc : put_list(m, "phases");
}

/* "  note  floor  …": one of the findings, as text and in the list. */
static int put_finding(void *ctx, const struct prof_gc_finding *f, struct prof_err *e)
{
	struct maker *m = ctx;
	struct prof_object o = {0}, ev = {0};
	struct prof_cell evidence;
	const char *severity = prof_gc_severity_name(f->severity);
	int rc;

	if (f->metric)
		prof_object_real(&ev, f->metric, f->seen);
	prof_object_real(&ev, "threshold", f->limit);
	prof_gc_put_int(&ev, "cycles", f->cycles);
	prof_gc_put_int(&ev, "first_cycle", f->first);
	prof_gc_put_int(&ev, "last_cycle", f->last);
	rc = prof_report_object(m->r, ev.v, ev.n, &evidence, e);
	if (rc)
		return rc;
	prof_object_text(&o, "id", f->id);
	prof_object_text(&o, "severity", severity);
	prof_object_put(&o, "text", prof_cell_str(f->text));
	prof_object_put(&o, "evidence", evidence);
	rc = add_object(m, &o);
	if (rc)
		return rc;
	if (!m->list.n || m->list.n == 1)
		rc = prof_report_head(m->r, &m->b, e);
	if (rc)
		return rc;
	prof_buf_printf(&m->b, "%s  %-11s ", severity, f->id);
	prof_buf_plain(&m->b, f->text);
	return prof_report_head(m->r, &m->b, e);
}

static int put_findings(struct maker *m)
{
	int rc = prof_gc_findings(m->gc, &m->opts->thresholds, put_finding, m, m->e);

	return rc ? rc : put_list(m, "findings");
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void put_procs(struct maker *m)
{
	const struct prof_timeline *t = m->gc->t;
	int32_t least = INT32_MAX, most = 0;

	for (size_t i = 0; i < t->cycles.n; i++) {
		int32_t p = t->cycles.v[i].procs;

		if (p && p < least)
			least = p;
		most = p > most ? p : most;
	}
	if (!most)
		return;
	prof_buf_printf(&m->b, least == most ? ", %d P" : ", %d to %d P", least, most);
}

/* "113 cycles in 1.71s, 4 P, GOGC 100 (inferred: 107 of 113 goals agree)" */
static int head_run(struct maker *m)
{
	const struct prof_gc *gc = m->gc;
	size_t runs = gc->t->segments.n;

	prof_buf_printf(&m->b, "%zu cycle%s in ", gc->cycles.n, plural(gc->cycles.n));
	prof_gc_put_ns(&m->b, gc->total.wall_ns);
	if (runs > 1)
		prof_buf_printf(&m->b, " of %zu runs", runs);
	put_procs(m);
	if (gc->least_gogc == PROF_ABSENT) {
		prof_buf_str(&m->b, ", GOGC cannot be told from the goals");
	} else {
		prof_buf_str(&m->b, ", GOGC ");
		prof_gc_put_gogc(&m->b, gc);
		prof_buf_printf(&m->b,
			m->opts->gogc_given ? " (%zu of %zu goals agree)"
					    : " (inferred: %zu of %zu goals agree)",
			gc->all.agree, gc->all.goals);
	}
	if (gc->all.limit_goal_bytes != PROF_ABSENT) {
		prof_buf_str(&m->b, ", GOMEMLIMIT about ");
		prof_gc_put_bytes(&m->b, gc->all.limit_bytes);
	}
	return prof_report_head(m->r, &m->b, m->e);
}

static int head_costs(struct maker *m)
{
	const struct prof_gc_totals *x = &m->gc->total;
	bool ends_only = m->gc->t->segments.v[0].ends_only;

	prof_buf_str(&m->b, "GC CPU ");
	prof_gc_put_part(&m->b, x->gc_cpu);
	if (x->marking_ns) {
		prof_buf_str(&m->b, ", assists ");
		prof_gc_put_part(&m->b, x->assist_share);
		prof_buf_str(&m->b, " of marking");
	}
	prof_buf_str(&m->b,
		ends_only ? " since the start   both pauses of a cycle p50 " : "   pauses p50 ");
	prof_gc_put_ns(&m->b, x->pauses.p50);
	prof_buf_str(&m->b, "  p95 ");
	prof_gc_put_ns(&m->b, x->pauses.p95);
	prof_buf_str(&m->b, "  p99 ");
	prof_gc_put_ns(&m->b, x->pauses.p99);
	prof_buf_str(&m->b, "  max ");
	prof_gc_put_ns(&m->b, x->pauses.max);
	if (x->pauses.n && m->gc->t->cycles.v[x->longest_pause].n != PROF_ABSENT)
		prof_buf_printf(
			&m->b, " (cycle %lld)", (long long)m->gc->t->cycles.v[x->longest_pause].n);
	return prof_report_head(m->r, &m->b, m->e);
}

static int head_heap(struct maker *m)
{
	const struct prof_gc_totals *x = &m->gc->total;

	if (x->max_live_bytes == PROF_ABSENT && x->max_peak_bytes == PROF_ABSENT)
		return 0;
	prof_buf_str(&m->b, "live heap ");
	if (!x->min_live_bytes && m->gc->t->segments.v[0].size_unit > 1)
		prof_buf_str(&m->b, "<1MB");
	else
		prof_gc_put_bytes(&m->b, x->min_live_bytes);
	prof_buf_str(&m->b, " to ");
	prof_gc_put_bytes(&m->b, x->max_live_bytes);
	prof_buf_str(&m->b, ", peak ");
	prof_gc_put_bytes(&m->b, x->max_peak_bytes);
	if (x->alloc_wall_ns) {
		prof_buf_str(&m->b, ", allocated ");
		prof_gc_put_bytes(&m->b, x->alloc_bytes);
		prof_buf_str(&m->b, " (");
		prof_gc_put_rate(&m->b, (double)x->alloc_bytes / (double)x->alloc_wall_ns * 1e9);
		prof_buf_char(&m->b, ')');
	}
	return prof_report_head(m->r, &m->b, m->e);
}

/* "mutator utilisation, worst 1us 0.00%, … 1s 95%" */
static int head_utilisation(struct maker *m)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < m->gc->t->segments.n; i++) {
		const struct prof_segment *s = &m->gc->t->segments.v[i];

		if (isnan(s->utilisation[0]))
			continue;
		prof_buf_str(&m->b, "mutator utilisation, worst");
		for (int k = 0; k < PROF_TIMELINE_WINDOWS; k++) {
			prof_buf_printf(
				&m->b, "%s %s ", k ? " " : "", prof_timeline_window_names[k]);
			prof_gc_put_part(&m->b, s->utilisation[k]);
		}
		rc = prof_report_head(m->r, &m->b, m->e);
	}
	return rc;
}

/* What set the goals. */
static int head_why(struct maker *m)
{
	const char *between = "goals set by: ";
	const size_t *why = m->gc->total.why;

	for (int i = PROF_WHY_LIVE; i < PROF_WHY_COUNT; i++) {
		if (!why[i])
			continue;
		prof_buf_printf(
			&m->b, "%s%s %zu", between, prof_gc_why_name((enum prof_gc_why)i), why[i]);
		between = ", ";
	}
	return m->b.n ? prof_report_head(m->r, &m->b, m->e) : 0;
}

static int make(struct maker *m)
{
	int rc = put_sources(m);

	if (!rc)
		rc = put_segments(m);
	if (!rc)
		rc = put_summary(m);
	if (!rc)
		rc = head_run(m);
	if (!rc)
		rc = head_costs(m);
	if (!rc)
		rc = head_heap(m);
	if (!rc)
		rc = head_utilisation(m);
	if (!rc)
		rc = head_why(m);
	if (!rc)
		rc = put_findings(m);
	if (!rc)
		rc = put_model(m);
	if (!rc)
		rc = put_phases(m);
	if (!rc)
		rc = prof_gc_add_settings(m->gc, m->opts, m->r, m->e);
	if (!rc)
		rc = prof_gc_add_snapshots(m->gc->t, m->r, m->e);
	if (!rc)
		rc = prof_gc_add_table(m->gc, m->opts->row_count, m->r, m->e);
	if (!rc)
		rc = prof_gc_add_stops(m->gc, m->r, m->e);
	if (!rc)
		rc = prof_gc_add_shares(m->gc, m->r, m->e);
	if (!rc)
		rc = prof_gc_add_cycles(m->gc, m->r, m->e);
	return rc;
}

int prof_gc_make_report(const struct prof_gc *gc, const struct prof_gc_report_opts *opts,
	struct prof_report **out, struct prof_err *e)
{
	struct maker m = {.gc = gc, .opts = opts, .e = e};
	int rc;

	m.r = prof_report_new("prof.gc/1", e);
	if (!m.r)
		return PROF_ENOMEM;
	prof_buf_init(&m.b, NULL, NULL);
	rc = make(&m);
	prof_vec_fini(&m.r->mem, &m.list);
	prof_buf_fini(&m.b);
	if (rc)
		prof_report_free(m.r);
	else
		*out = m.r;
	return rc;
}
