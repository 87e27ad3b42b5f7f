/* The changes of one series: lines of text, and the list "steps" of JSON. */
#include <math.h>

#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/when.h"
#include "libprof/join/trend_steps.h"

enum { BUILD_CHARS = 12, MOST_ALSO = 10 };

struct maker {
	const struct prof_trend *t;
	const struct prof_trend_words *words;
	struct prof_report *r;
	struct prof_buf b;
	struct prof_err *e;
};

void prof_trend_put_build(struct prof_buf *b, const struct prof_trend *t, size_t night)
{
	struct prof_str s = prof_trend_build(t, &t->nights.v[night]);

	if (s.len > BUILD_CHARS)
		s.len = BUILD_CHARS;
	prof_buf_plain(b, s);
}

void prof_trend_put_chance(struct prof_buf *b, double chance)
{
	prof_buf_double(b, fmax(1, floor(chance * 100)), 'f', 0);
	prof_buf_char(b, '%');
}

void prof_trend_put_others(
	struct prof_buf *b, const struct prof_trend *t, const struct prof_step *s)
{
	for (size_t i = 1; i < s->n_places; i++) {
		prof_buf_str(b, i > 1 ? ", " : "");
		prof_trend_put_build(b, t, s->place[i].at);
		prof_buf_char(b, ' ');
		prof_trend_put_chance(b, s->place[i].chance);
	}
}

bool prof_trend_is_with(const struct prof_step *a, const struct prof_step *b)
{
	if (a->kind == PROF_STEP_DRIFT || b->kind == PROF_STEP_DRIFT)
		return false;
	for (size_t i = 0; i < a->n_places; i++)
		if (a->place[i].at == b->at)
			return true;
	for (size_t i = 0; i < b->n_places; i++)
		if (b->place[i].at == a->at)
			return true;
	return false;
}

int prof_trend_likely(const struct prof_trend *t, const struct prof_step *s, struct prof_report *r,
	struct prof_cell *out, struct prof_err *e)
{
	struct prof_cell list[PROF_STEP_PLACES];
	int rc = 0;

	for (size_t i = 0; !rc && i < s->n_places; i++) {
		const struct prof_night *n = &t->nights.v[s->place[i].at];
		const struct prof_field fields[] = {
			{"id", prof_cell_int(prof_trend_entry(t, n)->id)},
			{"build", prof_cell_str(prof_trend_build(t, n))},
			{"chance", prof_cell_real(s->place[i].chance)}};

		rc = prof_report_object(r, fields, sizeof(fields) / sizeof(fields[0]), &list[i], e);
	}
	return rc ? rc : prof_report_list(r, list, s->n_places, out, e);
}

/* The night of a change, its build, and other functions that changed with it. */
static int object(struct maker *m, const struct prof_trend_row *x, struct prof_cell *out)
{
	const struct prof_trend *t = m->t;
	const struct prof_night *n = &t->nights.v[x->step.at];
	const struct prof_entry *p = prof_trend_entry(t, n);
	struct prof_cell also[MOST_ALSO], list, likely;
	size_t k = 0;
	int rc;

	for (size_t i = 0; i < t->functions.n && k < MOST_ALSO; i++)
		if (!t->functions.v[i].asked &&
			prof_trend_is_with(&t->functions.v[i].step, &x->step))
			also[k++] = prof_cell_str(t->functions.v[i].name);
	rc = prof_report_list(m->r, also, k, &list, m->e);
	if (!rc)
		rc = prof_trend_likely(t, &x->step, m->r, &likely, m->e);
	if (rc)
		return rc;
	const struct prof_field fields[] = {{"kind", prof_cell_str(prof_str_of(m->words->kind(x)))},
		{"id", prof_cell_int(p->id)},
		{"time_ns", p->time_ns ? prof_cell_int(p->time_ns) : PROF_NULL_CELL},
		{"build", prof_cell_str(prof_trend_build(t, n))},
		{"build_id", prof_cell_str(p->build_id)}, {"likely", likely},
		{"before", prof_cell_real(x->step.before)},
		{"after", prof_cell_real(x->step.after)}, {"p", prof_cell_real(x->step.p)},
		{"also", list}};

	return prof_report_object(m->r, fields, sizeof(fields) / sizeof(fields[0]), out, m->e);
}

static void put_also(struct maker *m, const struct prof_trend_row *x)
{
	const struct prof_trend *t = m->t;
	size_t also = 0;

	for (size_t i = 0; i < t->functions.n && also < MOST_ALSO; i++) {
		const struct prof_trend_row *f = &t->functions.v[i];

		if (f->asked || !prof_trend_is_with(&f->step, &x->step))
			continue;
		prof_buf_str(&m->b, also++ ? ", " : "; changed with it: ");
		prof_buf_plain(&m->b, f->name);
		prof_buf_char(&m->b, ' ');
		m->words->change(&m->b, &f->step, m->words->ctx);
	}
}

static int line(struct maker *m, const struct prof_trend_row *x)
{
	const struct prof_trend *t = m->t;
	const struct prof_entry *p = prof_trend_entry(t, &t->nights.v[x->step.at]);
	const struct prof_step *s = &x->step;

	prof_buf_str(&m->b, m->words->kind(x));
	prof_buf_str(&m->b, s->kind == PROF_STEP_DRIFT ? " since " : " at ");
	prof_when_put(&m->b, p->time_ns);
	if (s->kind != PROF_STEP_DRIFT) {
		prof_buf_str(&m->b, ", first build ");
		prof_trend_put_build(&m->b, t, s->at);
		prof_buf_printf(&m->b, " (id %lld", (long long)p->id);
		if (s->n_places > 1) {
			prof_buf_str(&m->b, "; ");
			prof_trend_put_chance(&m->b, s->place[0].chance);
			prof_buf_str(&m->b, ", or ");
			prof_trend_put_others(&m->b, t, s);
		}
		prof_buf_char(&m->b, ')');
	}
	prof_buf_str(&m->b, ": ");
	m->words->change(&m->b, s, m->words->ctx);
	prof_buf_str(&m->b, ", p ");
	prof_buf_double(&m->b, s->p, 'g', 2);
	put_also(m, x);
	return prof_report_head(m->r, &m->b, m->e);
}

int prof_trend_put_steps(const struct prof_trend *t, const struct prof_trend_words *words,
	struct prof_report *r, struct prof_err *e)
{
	struct maker m = {.t = t, .words = words, .r = r, .e = e};
	PROF_VEC(struct prof_cell) list = {0};
	struct prof_cell cell;
	int rc = prof_vec_reserve(&r->mem, &list, t->steps.n, e);

	prof_buf_init(&m.b, NULL, NULL);
	for (size_t i = 0; !rc && i < t->steps.n; i++) {
		rc = object(&m, &t->steps.v[i], &list.v[list.n++]);
		if (!rc)
			rc = line(&m, &t->steps.v[i]);
	}
	if (!rc && !t->steps.n) {
		prof_buf_str(&m.b, "no change that is sure");
		rc = prof_report_head(r, &m.b, e);
	}
	if (!rc)
		rc = prof_report_list(r, list.v, list.n, &cell, e);
	if (!rc)
		rc = prof_report_field(r, "steps", cell, e);
	prof_vec_fini(&r->mem, &list);
	prof_buf_fini(&m.b);
	return rc;
}
