#include <math.h>

#include "libprof/analyse/diff/diff.h"

static void field(struct diff_writer *w, const char *key, struct prof_cell c)
{
	if (!w->rc)
		w->rc = prof_report_field(w->r, key, c, w->e);
}

static struct prof_cell real_or_null(double v)
{
	return isfinite(v) ? prof_cell_real(v) : PROF_NULL_CELL;
}

static struct prof_cell int_or_null(int64_t v)
{
	return v ? prof_cell_int(v) : PROF_NULL_CELL;
}

static struct prof_cell text(const char *s)
{
	return s ? prof_cell_str(prof_str_of(s)) : PROF_NULL_CELL;
}

/* One object a run of the side. */
static struct prof_cell runs(struct diff_writer *w, enum prof_side side)
{
	const struct prof_diff *d = w->d;
	struct prof_cell list = PROF_NULL_CELL, *v;
	size_t n = 0;

	v = prof_arena_alloc(&w->r->arena, d->runs.n * sizeof(*v), w->e);
	if (!v)
		w->rc = PROF_ENOMEM;
	for (size_t i = 0; !w->rc && i < d->runs.n; i++) {
		const struct diff_run *run = &d->runs.v[i];
		struct prof_field f[] = {{"file", prof_cell_str(run->name)},
			{"total", prof_cell_int(run->total)},
			{"samples", prof_cell_int(run->counts)},
			{"time_ns", int_or_null(run->time_ns)},
			{"duration_ns", int_or_null(run->duration_ns)}};

		if (run->side == side)
			w->rc = prof_report_object(w->r, f, 5, &v[n++], w->e);
	}
	if (!w->rc)
		w->rc = prof_report_list(w->r, v, n, &list, w->e);
	return list;
}

static void side_fields(struct diff_writer *w, enum prof_side side, const char *const keys[])
{
	const struct prof_diff *d = w->d;
	const struct diff_side *s = &d->sides[side];
	const struct diff_run *first = d->runs.v;

	while (first->side != side)
		first++;
	field(w, keys[0], prof_cell_str(first->name));
	field(w, keys[1], prof_cell_str(first->binary));
	field(w, keys[2], prof_cell_str(first->build_id));
	field(w, keys[3], int_or_null(s->time_ns));
	field(w, keys[4], int_or_null(s->duration_ns));
	field(w, keys[5], prof_cell_str(first->period_type));
	field(w, keys[6], prof_cell_str(first->period_unit));
	field(w, keys[7], int_or_null(first->period));
	field(w, keys[8], prof_cell_int(s->counts));
	field(w, keys[9], runs(w, side));
}

#define SIDE_KEYS(side) \
	{ \
		side ".file", side ".binary", side ".build_id", side ".time_ns", \
			side ".duration_ns", side ".period_type", side ".period_unit", \
			side ".period", side ".samples", side ".runs" \
	}

static void warnings(struct diff_writer *w)
{
	const struct prof_buf *b = &w->d->warnings;
	struct prof_cell list = PROF_NULL_CELL, v[64];
	size_t n = 0;

	for (size_t i = 0; i < b->n && n < 64; i += strlen(b->p + i) + 1)
		v[n++] = text(b->p + i);
	if (!w->rc)
		w->rc = prof_report_list(w->r, v, n, &list, w->e);
	field(w, "warnings", list);
}

static void sums(struct diff_writer *w, const char *key, const struct diff_sums *of)
{
	const struct prof_diff *d = w->d;
	struct prof_cell list = PROF_NULL_CELL, *v;

	v = prof_arena_alloc(&w->r->arena, (of->n + 1) * sizeof(*v), w->e);
	if (!v)
		w->rc = PROF_ENOMEM;
	for (size_t i = 0; !w->rc && i < of->n; i++) {
		const struct diff_sum *s = &of->v[i];
		struct prof_field f[] = {
			{"name", prof_cell_str(prof_strtab_get(&d->strings, s->name))},
			{"old", prof_cell_int(s->value[PROF_OLD])},
			{"new", prof_cell_int(s->value[PROF_NEW])},
			{"ratio", real_or_null(s->ratio.ratio)},
			{"low", real_or_null(s->ratio.low)}, {"high", real_or_null(s->ratio.high)},
			{"p", real_or_null(s->p)},
			{"old_module",
				prof_cell_str(prof_strtab_get(&d->strings, s->module[PROF_OLD]))},
			{"new_module",
				prof_cell_str(prof_strtab_get(&d->strings, s->module[PROF_NEW]))}};

		w->rc = prof_report_object(w->r, f, 9, &v[i], w->e);
	}
	if (!w->rc)
		w->rc = prof_report_list(w->r, v, of->n, &list, w->e);
	field(w, key, list);
}

static void total(struct diff_writer *w)
{
	const struct diff_test *t = &w->d->total;

	field(w, "total.old", prof_cell_int(w->d->sides[PROF_OLD].total));
	field(w, "total.new", prof_cell_int(w->d->sides[PROF_NEW].total));
	field(w, "total.ratio", real_or_null(t->ratio.ratio));
	field(w, "total.low", real_or_null(t->ratio.low));
	field(w, "total.high", real_or_null(t->ratio.high));
	field(w, "total.p", real_or_null(t->p));
	field(w, "total.rank_p", real_or_null(w->d->rank_p));
	field(w, "total.significant", t->tested ? prof_cell_bool(t->significant) : PROF_NULL_CELL);
	field(w, "total.detectable", real_or_null(t->detectable));
}

static void scale(struct diff_writer *w)
{
	static const char *const methods[] = {
		"unchanged code", "operations", "duration", "total", "none"};
	const struct diff_scaling *s = &w->d->scale;

	field(w, "scale.method", text(methods[s->method]));
	field(w, "scale.factor", real_or_null(s->factor));
	field(w, "scale.unchanged", real_or_null(s->unchanged));
	field(w, "scale.unchanged_share", real_or_null(s->share));
	field(w, "scale.dispersion", real_or_null(w->d->noise[diff_apart(w->d)].floor));
}

void diff_put_fields(struct diff_writer *w)
{
	static const char *const old_keys[] = SIDE_KEYS("old"), *const new_keys[] = SIDE_KEYS(
									"new");
	static const char *const verdicts[] = {
		"unchanged", "regressed", "improved", "inconclusive", "not comparable"};
	const struct prof_diff *d = w->d;
	bool comparable = d->verdict != VERDICT_NOT_COMPARABLE;

	field(w, "verdict", text(verdicts[d->verdict]));
	field(w, "why", text(d->why));
	field(w, "sample_type", prof_cell_str(d->runs.v[0].type));
	field(w, "unit", prof_cell_str(d->unit));
	total(w);
	scale(w);
	field(w, "comparable", prof_cell_bool(comparable));
	field(w, "why_not", comparable ? PROF_NULL_CELL : text(d->why));
	field(w, "normalized",
		d->scale.method == SCALE_TOTAL ? real_or_null(1 / d->scale.factor)
					       : PROF_NULL_CELL);
	if (!w->rc)
		w->rc = prof_gates_field(w->r, w->d->gates.v, w->d->gates.n, w->e);
	warnings(w);
	sums(w, "packages", &d->packages);
	sums(w, "modules", &d->modules);
	side_fields(w, PROF_OLD, old_keys);
	side_fields(w, PROF_NEW, new_keys);
}
