#include <math.h>

#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"
#include "libprof/base/when.h"
#include "libprof/join/trend_metric.h"
#include "libprof/join/trend_steps.h"

enum { SPARK_CELLS = 60 };

struct maker {
	const struct prof_trend *t;
	struct prof_report *r;
	struct prof_buf b;
	struct prof_err *e;
};

static int take(struct maker *m, struct prof_cell *out)
{
	return prof_trend_take(m->r, &m->b, out, m->e);
}

static void put_percent(struct prof_buf *b, double share)
{
	prof_buf_double(b, share * 100, 'f', fabs(share) < 0.1 ? 2 : 1);
	prof_buf_char(b, '%');
}

static void put_change(struct prof_buf *b, const struct prof_step *s, const void *ctx)
{
	(void)ctx;
	put_percent(b, s->before);
	prof_buf_str(b, " → ");
	put_percent(b, s->after);
	if (s->before > 0 && s->after > 0) {
		prof_buf_str(b, s->after < s->before ? " (" : " (+");
		prof_buf_double(b, (s->after / s->before - 1) * 100, 'f', 1);
		prof_buf_str(b, "%)");
	}
}

static const char *kind_of(const struct prof_trend_row *x)
{
	if (x->renamed)
		return "renamed";
	if (x->step.kind == PROF_STEP_DRIFT)
		return "drift";
	if (x->step.kind == PROF_STEP_GONE)
		return "went away";
	if (x->step.after < x->step.before / 20)
		return "gone";
	if (x->step.before < x->step.after / 20)
		return "new";
	return x->step.after > x->step.before ? "regressed" : "improved";
}

static int head(struct maker *m)
{
	const struct prof_trend *t = m->t;
	const struct prof_entry *p = prof_trend_entry(t, &t->nights.v[0]);
	const struct prof_archive_trend_opts *o = t->opts;
	struct prof_str service = prof_catalog_service(&t->s.catalog, p);
	int rc;

	if ((rc = prof_report_field(m->r, "service", prof_cell_str(service), m->e)) ||
		(rc = prof_report_field(m->r, "kind", prof_cell_str(p->kind), m->e)) ||
		(rc = prof_report_field(m->r, "sample_type", prof_cell_str(t->type), m->e)) ||
		(rc = prof_report_field(m->r, "unit", prof_cell_str(t->unit), m->e)) ||
		(rc = prof_report_field(m->r, "func",
			 o->func ? prof_cell_str(prof_str_of(o->func)) : PROF_NULL_CELL, m->e)) ||
		(rc = prof_report_field(m->r, "package",
			 o->package ? prof_cell_str(prof_str_of(o->package)) : PROF_NULL_CELL,
			 m->e)) ||
		(rc = prof_report_field(
			 m->r, "differenced", prof_cell_bool(t->cumulative), m->e)) ||
		(rc = prof_report_field(
			 m->r, "nights", prof_cell_int((int64_t)t->nights.n), m->e)) ||
		(rc = prof_report_field(m->r, "tested", prof_cell_int((int64_t)t->tested), m->e)))
		return rc;
	prof_buf_plain(&m->b, service);
	prof_buf_char(&m->b, ' ');
	prof_buf_plain(&m->b, p->kind);
	prof_buf_str(&m->b, ": ");
	prof_buf_plain(&m->b, t->type);
	if (t->cumulative)
		prof_buf_str(&m->b, " since the night before");
	prof_buf_printf(&m->b, ", %zu nights", t->nights.n);
	if (!o->func && !o->package && t->functions.n)
		prof_buf_printf(&m->b, ", %zu functions", t->tested);
	return prof_report_head(m->r, &m->b, m->e);
}

/* Shares as blocks, several nights in one where there are many. */
static int spark_line(struct maker *m)
{
	static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	const struct prof_trend *t = m->t;
	size_t n = t->nights.n, cells = n < SPARK_CELLS ? n : SPARK_CELLS;
	double low = INFINITY, high = -INFINITY;

	for (size_t i = 0; i < n; i++) {
		low = fmin(low, prof_night_share(&t->nights.v[i]));
		high = fmax(high, prof_night_share(&t->nights.v[i]));
	}
	for (size_t c = 0; c < cells; c++) {
		size_t first = c * n / cells, end = (c + 1) * n / cells;
		double sum = 0, level;

		for (size_t i = first; i < end; i++)
			sum += prof_night_share(&t->nights.v[i]);
		level = high > low ? (sum / (double)(end - first) - low) / (high - low) : 0;
		prof_buf_str(&m->b, blocks[(size_t)fmin(7, floor(level * 8))]);
	}
	prof_buf_str(&m->b, "  ");
	put_percent(&m->b, low);
	prof_buf_str(&m->b, " to ");
	put_percent(&m->b, high);
	return prof_report_head(m->r, &m->b, m->e);
}

enum {
	N_ID,
	N_TIME,
	N_TIME_NS,
	N_BUILD,
	N_BUILD_ID,
	N_TEXT,
	N_VALUE,
	N_TOTAL,
	N_SHARE,
	N_SHARE_TEXT,
	N_RATE,
	N_RATE_TEXT,
	N_COLUMNS
};

static const struct prof_table_column night_columns[N_COLUMNS] = {
	[N_TIME] = {.title = "time", .left = true},
	[N_ID] = {.key = "id", .title = "id"},
	[N_TIME_NS] = {.key = "time_ns"},
	[N_BUILD] = {.title = "build", .left = true, .is_name = true},
	[N_BUILD_ID] = {.key = "build"},
	[N_TEXT] = {.title = "value"},
	[N_VALUE] = {.key = "value"},
	[N_TOTAL] = {.key = "total"},
	[N_SHARE_TEXT] = {.title = "share"},
	[N_SHARE] = {.key = "share"},
	[N_RATE_TEXT] = {.title = "per second", .detail = true},
	[N_RATE] = {.key = "per_second"},
};

static int night_row(struct maker *m, const struct prof_night *n)
{
	const struct prof_trend *t = m->t;
	const struct prof_entry *p = prof_trend_entry(t, n);
	struct prof_cell c[N_COLUMNS];
	int rc;

	c[N_ID] = prof_cell_int(p->id);
	c[N_TIME_NS] = p->time_ns ? prof_cell_int(p->time_ns) : PROF_NULL_CELL;
	c[N_BUILD_ID] = prof_cell_str(prof_trend_build(t, n));
	c[N_VALUE] = prof_cell_int(prof_to_i64(n->value));
	c[N_TOTAL] = prof_cell_int(prof_to_i64(n->total));
	c[N_SHARE] = n->total > 0 ? prof_cell_real(prof_night_share(n)) : PROF_NULL_CELL;
	c[N_RATE] = n->seconds > 0 ? prof_cell_real(n->value / n->seconds) : PROF_NULL_CELL;
	prof_when_put(&m->b, p->time_ns);
	if ((rc = take(m, &c[N_TIME])))
		return rc;
	prof_trend_put_build(&m->b, t, (size_t)(n - t->nights.v));
	if ((rc = take(m, &c[N_BUILD])))
		return rc;
	prof_fmt_scaled(&m->b, prof_to_i64(n->value), t->unit, PROF_STR("auto"));
	if ((rc = take(m, &c[N_TEXT])))
		return rc;
	put_percent(&m->b, prof_night_share(n));
	if ((rc = take(m, &c[N_SHARE_TEXT])))
		return rc;
	if (n->seconds > 0)
		prof_fmt_scaled(
			&m->b, prof_to_i64(n->value / n->seconds), t->unit, PROF_STR("auto"));
	rc = take(m, &c[N_RATE_TEXT]);
	return rc ? rc : prof_report_row(m->r, c, m->e);
}

enum {
	F_NAME,
	F_KIND,
	F_ID,
	F_TIME,
	F_TIME_NS,
	F_BUILD,
	F_BUILD_NAME,
	F_CHANCE,
	F_LIKELY,
	F_CHANGE,
	F_BEFORE,
	F_AFTER,
	F_Q,
	F_Q_TEXT,
	F_WITH,
	F_TITLE,
	N_FUNCTION_COLUMNS
};

static const struct prof_table_column function_columns[N_FUNCTION_COLUMNS] = {
	[F_NAME] = {.key = "name"},
	[F_KIND] = {.key = "kind", .title = "what", .left = true},
	[F_ID] = {.key = "id", .title = "id", .detail = true},
	[F_TIME] = {.title = "since", .left = true},
	[F_TIME_NS] = {.key = "time_ns"},
	[F_BUILD] = {.title = "build", .left = true, .is_name = true},
	[F_BUILD_NAME] = {.key = "build"},
	[F_CHANCE] = {.key = "chance"},
	[F_LIKELY] = {.key = "likely", .nested = true},
	[F_CHANGE] = {.title = "share of all", .left = true},
	[F_BEFORE] = {.key = "before"},
	[F_AFTER] = {.key = "after"},
	[F_Q] = {.key = "q"},
	[F_Q_TEXT] = {.title = "q"},
	[F_WITH] = {.key = "renamed"},
	[F_TITLE] = {.title = "function", .left = true, .is_name = true},
};

/* What it was or is called, and the builds that it may be of instead. */
static int function_notes(struct maker *m, const struct prof_trend_row *x)
{
	int rc = 0;

	if (x->renamed) {
		prof_buf_str(&m->b,
			x->step.after > x->step.before ? "          was " : "          now ");
		prof_buf_plain(&m->b, *x->renamed);
		rc = prof_report_note(m->r, &m->b, m->e);
	}
	if (rc || x->step.n_places < 2)
		return rc;
	prof_buf_str(&m->b, "          of this build ");
	prof_trend_put_chance(&m->b, x->step.place[0].chance);
	prof_buf_str(&m->b, ", or of ");
	prof_trend_put_others(&m->b, m->t, &x->step);
	return prof_report_note(m->r, &m->b, m->e);
}

static int function_row(struct maker *m, const struct prof_trend_row *x)
{
	const struct prof_trend *t = m->t;
	const struct prof_night *n = &t->nights.v[x->step.at];
	const struct prof_entry *p = prof_trend_entry(t, n);
	struct prof_cell c[N_FUNCTION_COLUMNS];
	int rc;

	c[F_NAME] = c[F_TITLE] = prof_cell_str(x->name);
	c[F_KIND] = prof_cell_str(prof_str_of(kind_of(x)));
	c[F_ID] = prof_cell_int(p->id);
	c[F_TIME_NS] = p->time_ns ? prof_cell_int(p->time_ns) : PROF_NULL_CELL;
	c[F_BUILD_NAME] = prof_cell_str(prof_trend_build(t, n));
	c[F_CHANCE] = x->step.n_places ? prof_cell_real(x->step.place[0].chance) : PROF_NULL_CELL;
	c[F_BEFORE] = prof_cell_real(x->step.before);
	c[F_AFTER] = prof_cell_real(x->step.after);
	c[F_Q] = prof_cell_real(x->q);
	c[F_WITH] = x->renamed ? prof_cell_str(*x->renamed) : PROF_NULL_CELL;
	prof_when_put(&m->b, p->time_ns);
	if ((rc = take(m, &c[F_TIME])))
		return rc;
	prof_trend_put_build(&m->b, t, x->step.at);
	if ((rc = take(m, &c[F_BUILD])))
		return rc;
	put_change(&m->b, &x->step, NULL);
	if ((rc = take(m, &c[F_CHANGE])))
		return rc;
	prof_buf_double(&m->b, x->q, 'g', 2);
	if ((rc = take(m, &c[F_Q_TEXT])) ||
		(rc = prof_trend_likely(t, &x->step, m->r, &c[F_LIKELY], m->e)) ||
		(rc = prof_report_row(m->r, c, m->e)))
		return rc;
	return function_notes(m, x);
}

static int series(struct maker *m)
{
	const struct prof_trend *t = m->t;
	const struct prof_trend_words words = {.kind = kind_of, .change = put_change};
	int rc = t->nights.n ? spark_line(m) : 0;

	if (!rc)
		rc = prof_trend_put_steps(t, &words, m->r, m->e);
	if (!rc) /* an empty line */
		rc = prof_report_head(m->r, &m->b, m->e);
	m->r->columns = night_columns;
	m->r->n_columns = N_COLUMNS;
	for (size_t i = 0; !rc && i < t->nights.n; i++)
		rc = night_row(m, &t->nights.v[i]);
	return rc;
}

static int functions(struct maker *m)
{
	const struct prof_trend *t = m->t;
	int rc = 0;

	m->r->columns = function_columns;
	m->r->n_columns = N_FUNCTION_COLUMNS;
	for (size_t i = 0; !rc && i < t->functions.n; i++)
		rc = function_row(m, &t->functions.v[i]);
	if (!rc && !t->functions.n) {
		struct prof_cell none;

		m->r->columns = NULL;
		m->r->n_columns = 0;
		if ((rc = prof_report_list(m->r, NULL, 0, &none, m->e)) ||
			(rc = prof_report_field(m->r, "rows", none, m->e)))
			return rc;
		prof_buf_printf(&m->b, "no change that is sure in %zu functions", t->tested);
		rc = prof_report_foot(m->r, &m->b, m->e);
	}
	return rc;
}

int prof_trend_report(const struct prof_trend *t, struct prof_report **out, struct prof_err *e)
{
	struct maker m = {.t = t, .r = prof_report_new("prof.archive.trend/1", e), .e = e};
	int rc;

	if (!m.r)
		return PROF_ENOMEM;
	prof_buf_init(&m.b, NULL, NULL);
	rc = head(&m);
	if (!rc)
		rc = t->opts->func || t->opts->package ? series(&m) : functions(&m);
	prof_buf_fini(&m.b);
	if (rc)
		prof_report_free(m.r);
	else
		*out = m.r;
	return rc;
}
