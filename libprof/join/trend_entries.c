/* Goroutines by the function that they were started with, each night by night: how many there are
 * at a trace's end, or in a goroutine profile or dump, and of which that changed.
 */
#include <math.h>
#include <stdlib.h>

#include "libprof/analyse/stats/rates.h"
#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"
#include "libprof/base/when.h"
#include "libprof/join/trend_metric.h"
#include "libprof/join/trend_steps.h"

enum {
	C_NAME,
	C_KIND,
	C_SINCE,
	C_ID,
	C_TIME_NS,
	C_BUILD,
	C_BUILD_NAME,
	C_CHANGE,
	C_BEFORE,
	C_AFTER,
	C_Q_TEXT,
	C_Q,
	C_LEAST,
	C_MOST,
	C_LAST,
	C_TITLE,
	N_COLUMNS
};

static const struct prof_table_column columns[N_COLUMNS] = {
	[C_NAME] = {.key = "name"},
	[C_KIND] = {.key = "kind", .title = "what", .left = true},
	[C_SINCE] = {.title = "since", .left = true},
	[C_ID] = {.key = "id"},
	[C_TIME_NS] = {.key = "time_ns"},
	[C_BUILD] = {.title = "build", .left = true, .is_name = true},
	[C_BUILD_NAME] = {.key = "build"},
	[C_CHANGE] = {.title = "goroutines", .left = true},
	[C_BEFORE] = {.key = "before"},
	[C_AFTER] = {.key = "after"},
	[C_Q_TEXT] = {.title = "q"},
	[C_Q] = {.key = "q"},
	[C_LEAST] = {.key = "least", .title = "least"},
	[C_MOST] = {.key = "most", .title = "most"},
	[C_LAST] = {.key = "last", .title = "last"},
	[C_TITLE] = {.title = "started with", .left = true, .is_name = true},
};

/* An entry function. */
struct row {
	struct prof_str name;
	struct prof_steps steps;
	double q; /* NAN: it never changed, or cannot be tested */
	double least, most, last;
};

struct maker {
	struct prof_trend *t;
	struct prof_strtab names; /* a row each */
	PROF_VEC(double) values; /* a row of nights each */
	size_t night;
	struct row *rows;
	size_t tested;
	struct prof_report *r;
	struct prof_buf b;
	struct prof_err *e;
};

static int count(void *ctx, struct prof_str entry, double goroutines, struct prof_err *e)
{
	struct maker *m = ctx;
	size_t nights = m->t->nights.n, before = m->names.strs.n;
	uint32_t id;
	int rc = prof_strtab_add(&m->names, entry.p, entry.len, &id, e);

	if (!rc && m->names.strs.n > before)
		rc = prof_vec_reserve(&m->t->mem, &m->values, nights, e);
	if (rc)
		return rc;
	for (size_t i = 0; m->names.strs.n > before && i < nights; i++)
		m->values.v[m->values.n++] = 0;
	m->values.v[id * nights + m->night] += goroutines;
	return 0;
}

static int read_nights(struct maker *m)
{
	size_t nights = m->t->nights.n;
	int rc = prof_strtab_init(&m->names, &m->t->mem, m->e);

	if (!rc)
		rc = prof_vec_reserve(&m->t->mem, &m->values, nights, m->e);
	for (size_t i = 0; !rc && i < nights; i++) /* of those without a name */
		m->values.v[m->values.n++] = 0;
	for (; !rc && m->night < nights; m->night++)
		rc = prof_trend_goroutines(m->t, &m->t->nights.v[m->night], count, m, m->e);
	return rc;
}

static int look_at(struct maker *m, size_t i)
{
	size_t nights = m->t->nights.n;
	const double *y = &m->values.v[i * nights];
	struct row *row = &m->rows[i];
	int rc = 0;

	*row = (struct row){.name = prof_strtab_get(&m->names, (uint32_t)i),
		.q = NAN,
		.least = y[0],
		.most = y[0],
		.last = y[nights - 1]};
	for (size_t k = 1; k < nights; k++) {
		row->least = fmin(row->least, y[k]);
		row->most = fmax(row->most, y[k]);
	}
	if (row->least < row->most)
		rc = prof_trend_steps(m->t, y, NULL, 0, &row->steps, m->e);
	return rc;
}

/* q of all that can be tested; one that is not sure has no steps. */
static int test(struct maker *m)
{
	size_t n = m->names.strs.n;
	double *p = prof_mem_zalloc(&m->t->mem, 2 * n, sizeof(*p), m->e);
	size_t *order = prof_mem_zalloc(&m->t->mem, n, sizeof(*order), m->e);
	int rc = p && order ? 0 : PROF_ENOMEM;

	for (size_t i = 0; !rc && i < n; i++) {
		bool tested = m->rows[i].least < m->rows[i].most;

		p[i] = tested ? m->rows[i].steps.p : NAN;
		m->tested += tested;
	}
	if (!rc)
		prof_fdr(p, p + n, order, n);
	for (size_t i = 0; !rc && i < n; i++) {
		m->rows[i].q = p[n + i];
		if (!(p[n + i] <= m->t->opts->alpha))
			m->rows[i].steps.v.n = 0;
	}
	prof_mem_zfree(&m->t->mem, p, 2 * n, sizeof(*p));
	prof_mem_zfree(&m->t->mem, order, n, sizeof(*order));
	return rc;
}

/* The last change of a row; NULL: none is sure. */
static const struct prof_step *change(const struct row *x)
{
	return x->steps.v.n ? &x->steps.v.v[x->steps.v.n - 1] : NULL;
}

/* Beyond this nobody doubts. */
#define SURE 1e-6

/* What is sure goes first, by how sure and how large it is; then what varied most. */
static int compare(const void *pa, const void *pb)
{
	const struct row *a = pa, *b = pb;
	const struct prof_step *s = change(a), *t = change(b);
	double da = s ? fabs(s->after - s->before) : a->most - a->least;
	double db = t ? fabs(t->after - t->before) : b->most - b->least;

	if (!s != !t)
		return s ? -1 : 1;
	if (s && fmax(a->q, SURE) != fmax(b->q, SURE))
		return a->q < b->q ? -1 : 1;
	if (da != db)
		return da > db ? -1 : 1;
	if (a->last != b->last)
		return a->last > b->last ? -1 : 1;
	return prof_str_cmp(a->name, b->name);
}

static int take(struct maker *m, struct prof_cell *out)
{
	return prof_trend_take(m->r, &m->b, out, m->e);
}

static int put_row(struct maker *m, const struct row *x)
{
	struct prof_cell c[N_COLUMNS] = {
		[C_NAME] = x->name.len ? prof_cell_str(x->name) : PROF_NULL_CELL,
		[C_TITLE] = prof_cell_str(x->name.len ? x->name : PROF_STR("not known")),
		[C_Q] = isnan(x->q) ? PROF_NULL_CELL : prof_cell_real(x->q),
		[C_LEAST] = prof_cell_int(prof_to_i64(x->least)),
		[C_MOST] = prof_cell_int(prof_to_i64(x->most)),
		[C_LAST] = prof_cell_int(prof_to_i64(x->last))};
	const struct prof_step *s = change(x);
	const struct prof_night *n = s ? &m->t->nights.v[s->at] : NULL;
	int rc;

	c[C_KIND] = c[C_ID] = c[C_TIME_NS] = c[C_BUILD_NAME] = c[C_BEFORE] = c[C_AFTER] =
		PROF_NULL_CELL;
	if (s) {
		const struct prof_entry *p = prof_trend_entry(m->t, n);

		c[C_KIND] = prof_cell_str(prof_str_of(prof_trend_kind(s)));
		c[C_ID] = prof_cell_int(p->id);
		c[C_TIME_NS] = p->time_ns ? prof_cell_int(p->time_ns) : PROF_NULL_CELL;
		c[C_BUILD_NAME] = prof_cell_str(prof_trend_build(m->t, n));
		c[C_BEFORE] = prof_cell_real(s->before);
		c[C_AFTER] = prof_cell_real(s->after);
		prof_when_put(&m->b, p->time_ns);
	}
	if ((rc = take(m, &c[C_SINCE])))
		return rc;
	if (s)
		prof_trend_put_build(&m->b, m->t, s->at);
	if ((rc = take(m, &c[C_BUILD])))
		return rc;
	if (s) {
		prof_buf_double(&m->b, s->before, 'g', 4);
		prof_buf_str(&m->b, " → ");
		prof_buf_double(&m->b, s->after, 'g', 4);
	}
	if ((rc = take(m, &c[C_CHANGE])))
		return rc;
	if (!isnan(x->q))
		prof_buf_double(&m->b, x->q, 'g', 2);
	rc = take(m, &c[C_Q_TEXT]);
	return rc ? rc : prof_report_row(m->r, c, m->e);
}

static int head(struct maker *m, size_t rows, size_t changed)
{
	const struct prof_entry *p = prof_trend_entry(m->t, &m->t->nights.v[0]);
	struct prof_str service = prof_catalog_service(&m->t->s.catalog, p);
	const struct prof_field fields[] = {{"service", prof_cell_str(service)},
		{"kind", prof_cell_str(p->kind)},
		{"nights", prof_cell_int((int64_t)m->t->nights.n)},
		{"tested", prof_cell_int((int64_t)m->tested)}};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(fields) / sizeof(fields[0]); i++)
		rc = prof_report_field(m->r, fields[i].key, fields[i].value, m->e);
	if (rc)
		return rc;
	prof_buf_plain(&m->b, service);
	prof_buf_str(&m->b, service.len ? " " : "");
	prof_buf_plain(&m->b, p->kind);
	prof_buf_printf(&m->b,
		": goroutines, %zu nights, %zu functions that they were started with",
		m->t->nights.n, rows);
	rc = prof_report_head(m->r, &m->b, m->e);
	if (!rc && !changed) {
		prof_buf_str(&m->b, "no change that is sure");
		rc = prof_report_head(m->r, &m->b, m->e);
	}
	return rc ? rc : prof_report_head(m->r, &m->b, m->e); /* an empty line */
}

static int report(struct maker *m)
{
	size_t n = m->names.strs.n, rows = 0, changed = 0;
	int rc;

	m->r = prof_report_new("prof.archive.trend.goroutines/1", m->e);
	if (!m->r)
		return PROF_ENOMEM;
	m->r->columns = columns;
	m->r->n_columns = N_COLUMNS;
	for (size_t i = 0; i < n; i++) {
		rows += m->rows[i].most > 0;
		changed += change(&m->rows[i]) != NULL;
	}
	qsort(m->rows, n, sizeof(*m->rows), compare);
	rc = head(m, rows, changed);
	for (size_t i = 0; !rc && i < n; i++)
		if (m->rows[i].most > 0)
			rc = put_row(m, &m->rows[i]);
	return rc;
}

int prof_trend_entries(struct prof_trend *t, struct prof_report **out, struct prof_err *e)
{
	struct maker m = {.t = t, .e = e};
	int rc;

	prof_buf_init(&m.b, NULL, NULL);
	rc = prof_trend_calendar(t, e);
	if (!rc)
		rc = read_nights(&m);
	if (!rc && !(m.rows = prof_mem_zalloc(&t->mem, m.names.strs.n, sizeof(*m.rows), e)))
		rc = PROF_ENOMEM;
	for (size_t i = 0; !rc && i < m.names.strs.n; i++)
		rc = look_at(&m, i);
	if (!rc)
		rc = test(&m);
	if (!rc)
		rc = report(&m);
	if (rc)
		prof_report_free(m.r);
	else
		*out = m.r;
	for (size_t i = 0; m.rows && i < m.names.strs.n; i++)
		prof_steps_fini(&m.rows[i].steps, &t->mem);
	if (m.rows)
		prof_mem_zfree(&t->mem, m.rows, m.names.strs.n, sizeof(*m.rows));
	prof_vec_fini(&t->mem, &m.values);
	prof_strtab_fini(&m.names);
	prof_buf_fini(&m.b);
	return rc;
}
