/* What traces, logs and goroutine profiles count, night by night: prof_archive_trend_metric of
 * prof.h.
 */
#include <math.h>
#include <string.h>

#include "libprof/analyse/gc/compare.h"
#include "libprof/analyse/gc/snapshots.h"
#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/regex.h"
#include "libprof/base/when.h"
#include "libprof/join/trend_metric.h"
#include "libprof/join/trend_steps.h"
#include "libprof/store/capture_rows.h"
#include "libprof/store/timeline.h"

enum { C_TIME, C_ID, C_TIME_NS, C_BUILD, C_BUILD_NAME, C_TEXT, C_VALUE, N_COLUMNS };

static const struct prof_table_column columns[N_COLUMNS] = {
	[C_TIME] = {.title = "time", .left = true},
	[C_ID] = {.key = "id", .title = "id"},
	[C_TIME_NS] = {.key = "time_ns"},
	[C_BUILD] = {.title = "build", .left = true, .is_name = true},
	[C_BUILD_NAME] = {.key = "build"},
	[C_TEXT] = {.title = "value"},
	[C_VALUE] = {.key = "value"},
};

struct maker {
	struct prof_trend t; /* its nights' values are the metric's */
	const char *name;
	enum prof_gc_metric metric; /* PROF_GC_METRICS: goroutines */
	struct prof_regex *func;
	struct prof_report *r;
	struct prof_buf b;
	struct prof_err *e;
};

static int of_collector(struct maker *m, struct prof_night *n)
{
	struct prof_store *s = m->t.s.store;
	struct prof_gc_figure figures[PROF_GC_METRICS];
	struct prof_timeline *t = prof_timeline_new(&s->limits, m->e);
	struct prof_gc *gc = NULL;
	struct prof_buf b;
	int rc;

	if (!t)
		return PROF_ENOMEM;
	prof_buf_init(&b, NULL, NULL);
	rc = prof_capture_get(s, prof_trend_entry(&m->t, n)->id, PROF_CAPTURE_TIMELINE, &b, m->e);
	if (!rc)
		rc = prof_timeline_decode(b.p, b.n, PROF_STR(""), t, m->e);
	if (!rc)
		rc = prof_gc_join_snapshots(t, m->e);
	n->value = NAN;
	if (!rc && t->cycles.n) {
		rc = prof_gc_derive(t, PROF_ABSENT, 0, &gc, m->e);
		if (!rc)
			rc = prof_gc_figures(gc, figures, m->e);
		if (!rc)
			n->value = figures[m->metric].value;
	}
	prof_gc_drop(gc);
	prof_timeline_free(t);
	prof_buf_fini(&b);
	return rc;
}

/* A page of groups: those of their goroutines that are there at the trace's end. */
static int of_groups(const struct prof_capture_rows *r, const struct prof_strtab *strings,
	prof_trend_count_fn *count, void *ctx, struct prof_err *e)
{
	enum { ENTRY = 0, UNFINISHED = 5 };
	int rc = 0;

	for (size_t i = 0; !rc && i < r->n; i++) {
		int64_t entry = r->v[ENTRY][i] == PROF_ABSENT ? 0 : r->v[ENTRY][i];

		if ((uint64_t)entry >= strings->strs.n)
			return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
				"is damaged: a name of goroutines is not there");
		rc = count(ctx, prof_strtab_get(strings, (uint32_t)entry),
			(double)r->v[UNFINISHED][i], e);
	}
	return rc;
}

static int of_trace(struct prof_trend *t, int64_t profile, prof_trend_count_fn *count, void *ctx,
	struct prof_err *e)
{
	struct prof_mem mem = {.limit = t->mem.limit};
	struct prof_capture_rows r;
	struct prof_strtab strings;
	int rc = prof_strtab_init(&strings, &mem, e);

	if (!rc)
		rc = prof_capture_strings(t->s.store, profile, &strings, e);
	if (!rc) {
		rc = prof_capture_rows_open(&r, t->s.store, profile, PROF_ROWS_GROUP, e);
		while (!rc && (rc = prof_capture_rows_next(&r, e)) > 0)
			rc = of_groups(&r, &strings, count, ctx, e);
		prof_capture_rows_fini(&r);
	}
	prof_strtab_fini(&strings);
	return rc;
}

/* The function on a stack's root. */
static struct prof_str root(const struct prof_profile *p, uint32_t stack)
{
	uint32_t end = p->stack_start.v[stack + 1];
	const struct prof_location *l;

	if (end == p->stack_start.v[stack])
		return PROF_STR("");
	l = &p->locations.v[p->stack_loc.v[end - 1]];
	return l->n_lines
		       ? prof_profile_str(p,
				 p->functions.v[p->lines.v[l->first_line + l->n_lines - 1].function]
					 .name)
		       : PROF_STR("");
}

static int of_profile(struct prof_trend *t, const struct prof_entry *x, prof_trend_count_fn *count,
	void *ctx, struct prof_err *e)
{
	struct prof_profile *p;
	int rc = prof_store_load(t->s.store, x, &p, e);

	if (rc)
		return rc;
	for (size_t i = 0; !rc && p->types.n && i < p->sample_stack.n; i++)
		rc = count(ctx, root(p, p->sample_stack.v[i]), (double)p->values.v[0].v[i], e);
	prof_profile_free(p);
	return rc;
}

int prof_trend_goroutines(struct prof_trend *t, const struct prof_night *n,
	prof_trend_count_fn *count, void *ctx, struct prof_err *e)
{
	const struct prof_entry *x = prof_trend_entry(t, n);

	if (prof_str_eq(x->kind, PROF_STR("trace")))
		return of_trace(t, x->id, count, ctx, e);
	if (prof_str_eq(x->kind, PROF_STR("goroutine")) ||
		prof_str_eq(x->kind, PROF_STR("goroutineleak")))
		return of_profile(t, x, count, ctx, e);
	return prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
		"profile %lld tells of no goroutines", (long long)x->id);
}

/* Of all functions, or of those asked for. */
struct sum {
	struct prof_regex *func;
	double goroutines;
};

static int add(void *ctx, struct prof_str entry, double goroutines, struct prof_err *e)
{
	struct sum *sum = ctx;
	bool yes = true;
	int rc = sum->func ? prof_regex_match(sum->func, entry, &yes, e) : 0;

	if (!rc && yes)
		sum->goroutines += goroutines;
	return rc;
}

static int value(struct maker *m, struct prof_night *n)
{
	struct sum sum = {.func = m->func};
	int rc;

	if (m->metric != PROF_GC_METRICS)
		return of_collector(m, n);
	rc = prof_trend_goroutines(&m->t, n, add, &sum, m->e);
	n->value = sum.goroutines;
	return rc;
}

/* Nights of which it is not known go. */
static int values(struct maker *m)
{
	size_t kept = 0;
	int rc = 0;

	for (size_t i = 0; !rc && i < m->t.nights.n; i++) {
		struct prof_night n = m->t.nights.v[i];

		rc = value(m, &n);
		if (!isnan(n.value))
			m->t.nights.v[kept++] = n;
	}
	m->t.nights.n = kept;
	if (!rc && kept)
		rc = prof_trend_calendar(&m->t, m->e);
	if (!rc && !kept)
		rc = prof_fail(m->e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"none of them tells \"%.40s\"", m->name);
	return rc;
}

static int find_steps(struct maker *m)
{
	size_t n = m->t.nights.n;
	double *y = prof_mem_zalloc(&m->t.mem, n, sizeof(*y), m->e);
	int rc;

	if (!y)
		return PROF_ENOMEM;
	for (size_t i = 0; i < n; i++)
		y[i] = m->t.nights.v[i].value;
	rc = prof_trend_find(&m->t, y, NULL, m->e);
	prof_mem_zfree(&m->t.mem, y, n, sizeof(*y));
	return rc;
}

static void put_value(struct prof_buf *b, enum prof_gc_metric metric, double v)
{
	if (metric == PROF_GC_METRICS)
		prof_buf_double(b, v, 'g', 6);
	else
		prof_gc_put_metric(b, metric, v);
}

const char *prof_trend_kind(const struct prof_step *s)
{
	return s->kind == PROF_STEP ? "step" : s->kind == PROF_STEP_DRIFT ? "drift" : "went away";
}

static const char *kind(const struct prof_trend_row *x)
{
	return prof_trend_kind(&x->step);
}

static void put_change(struct prof_buf *b, const struct prof_step *s, const void *metric)
{
	const enum prof_gc_metric *of = metric;

	put_value(b, *of, s->before);
	prof_buf_str(b, " → ");
	put_value(b, *of, s->after);
}

static int head(struct maker *m)
{
	const struct prof_entry *p = prof_trend_entry(&m->t, &m->t.nights.v[0]);
	const char *func = m->t.opts->func;
	const struct prof_field fields[] = {{"service", prof_cell_str(p->service)},
		{"kind", prof_cell_str(p->kind)}, {"metric", prof_cell_str(prof_str_of(m->name))},
		{"func", func ? prof_cell_str(prof_str_of(func)) : PROF_NULL_CELL},
		{"nights", prof_cell_int((int64_t)m->t.nights.n)}};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(fields) / sizeof(fields[0]); i++)
		rc = prof_report_field(m->r, fields[i].key, fields[i].value, m->e);
	prof_buf_plain(&m->b, p->service);
	prof_buf_str(&m->b, p->service.len ? " " : "");
	prof_buf_plain(&m->b, p->kind);
	prof_buf_printf(&m->b, ": %s, %zu nights", m->name, m->t.nights.n);
	return rc ? rc : prof_report_head(m->r, &m->b, m->e);
}

int prof_trend_take(
	struct prof_report *r, struct prof_buf *b, struct prof_cell *out, struct prof_err *e)
{
	struct prof_str s = {b->p, (uint32_t)b->n};
	int rc = b->code ? prof_nomem(e) : prof_report_keep(r, &s, e);

	*out = prof_cell_str(s);
	b->n = 0;
	return rc;
}

static int take(struct maker *m, struct prof_cell *out)
{
	return prof_trend_take(m->r, &m->b, out, m->e);
}

static int night(struct maker *m, const struct prof_night *n)
{
	const struct prof_entry *p = prof_trend_entry(&m->t, n);
	struct prof_cell c[N_COLUMNS] = {[C_ID] = prof_cell_int(p->id),
		[C_TIME_NS] = p->time_ns ? prof_cell_int(p->time_ns) : PROF_NULL_CELL,
		[C_BUILD_NAME] = prof_cell_str(prof_trend_build(&m->t, n)),
		[C_VALUE] = prof_cell_real(n->value)};
	int rc;

	prof_when_put(&m->b, p->time_ns);
	if ((rc = take(m, &c[C_TIME])))
		return rc;
	prof_trend_put_build(&m->b, &m->t, (size_t)(n - m->t.nights.v));
	if ((rc = take(m, &c[C_BUILD])))
		return rc;
	put_value(&m->b, m->metric, n->value);
	rc = take(m, &c[C_TEXT]);
	return rc ? rc : prof_report_row(m->r, c, m->e);
}

static int report(struct maker *m)
{
	const struct prof_trend_words words = {
		.kind = kind, .change = put_change, .ctx = &m->metric};
	int rc;

	m->r = prof_report_new("prof.archive.trend.metric/1", m->e);
	if (!m->r)
		return PROF_ENOMEM;
	m->r->columns = columns;
	m->r->n_columns = N_COLUMNS;
	rc = head(m);
	if (!rc)
		rc = prof_trend_put_steps(&m->t, &words, m->r, m->e);
	if (!rc)
		rc = prof_report_head(m->r, &m->b, m->e); /* an empty line */
	for (size_t i = 0; !rc && i < m->t.nights.n; i++)
		rc = night(m, &m->t.nights.v[i]);
	return rc;
}

int prof_archive_trend_metric(const char *db, const struct prof_archive_trend_opts *opts,
	const char *metric, const struct prof_limits *limits, struct prof_report **out,
	struct prof_err *e)
{
	struct maker m = {.name = metric, .metric = prof_gc_metric_of(metric), .e = e};
	int rc = 0;

	prof_buf_init(&m.b, NULL, NULL);
	if (m.metric == PROF_GC_METRICS && strcmp(metric, "goroutines") != 0)
		return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
			"there is no metric \"%.40s\" (goroutines, pause.p99, gc_cpu, live, peak, "
			"heap, alloc_rate, assists, cycles …)",
			metric);
	if (opts->all && m.metric != PROF_GC_METRICS)
		return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
			"only \"goroutines\" has a row a function (--all), not \"%.40s\"", metric);
	if (opts->func)
		rc = prof_regex_new(opts->func, &m.func, e);
	if (!rc)
		rc = prof_trend_open(&m.t, db, opts, limits, e);
	if (!rc && opts->all)
		rc = prof_trend_entries(&m.t, &m.r, e);
	if (!rc && !opts->all)
		rc = values(&m);
	if (!rc && !opts->all)
		rc = find_steps(&m);
	if (!rc && !opts->all)
		rc = report(&m);
	if (rc)
		prof_report_free(m.r);
	else
		*out = m.r;
	prof_trend_close(&m.t);
	prof_regex_free(m.func);
	prof_buf_fini(&m.b);
	return rc;
}
