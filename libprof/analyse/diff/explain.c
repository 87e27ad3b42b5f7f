#include "libprof/analyse/diff/diff.h"

#include <math.h>
#include <stdlib.h>

/* A change that is worth a person's time, besides being none of chance's. */
#define LEAST_SHARE 0.005 /* of the total */
#define LEAST_CHANGE 0.05
enum {
	LEAST_INLINED = 20, /* samples of a side, to tell whether it is inlined */
	LEAST_RUNS = 3,
};

static bool matters(const struct prof_diff *d, const struct diff_row *row, enum diff_metric m)
{
	const struct prof_ratio *r = &row->test[m].ratio;
	size_t i = (size_t)(row - d->rows.v);
	double old = diff_share(d, m, i, PROF_OLD), new = diff_share(d, m, i, PROF_NEW);

	if (!row->test[m].significant)
		return false;
	if (d->count == COUNT_EXACT)
		return true;
	return fabs(new - old) >= LEAST_SHARE && fabs(r->ratio - 1) >= LEAST_CHANGE;
}

static enum diff_kind kind_of(const struct prof_diff *d, const struct diff_row *row)
{
	static const enum diff_metric order[] = {M_OWN, M_CUM, M_FLAT};

	if (!row->present[PROF_OLD] || !row->present[PROF_NEW])
		return row->present[PROF_NEW] ? KIND_NEW : KIND_GONE;
	for (int i = 0; i < 3; i++) {
		const struct diff_test *t = &row->test[order[i]];

		if (!t->significant)
			continue;
		if (d->count == COUNT_EXACT)
			return row->value[order[i]][PROF_NEW] > row->value[order[i]][PROF_OLD]
				       ? KIND_REGRESSED
				       : KIND_IMPROVED;
		return t->ratio.ratio > 1 ? KIND_REGRESSED : KIND_IMPROVED;
	}
	return KIND_UNCHANGED;
}

static int by_p(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Hochberg's step-up procedure over the own tests: that any of the findings is chance's has at most
 * the probability that q bounds on the average. Who is sent to look at a function wants that. Rows
 * that are too small to be a finding whatever their change is are none of the hypotheses.
 * *level: the largest p that is one.
 */
static int finding_level(struct prof_diff *d, double *level, struct prof_err *e)
{
	size_t n = 0;
	double *p = prof_mem_zalloc(&d->mem, d->rows.n, sizeof(*p), e);
	double least = LEAST_SHARE * fmin(d->sides[0].x, d->sides[1].x);

	*level = 0;
	if (!p)
		return e->code;
	for (size_t i = 0; i < d->rows.n; i++) {
		struct diff_tally t = diff_tally(d, M_OWN, i);

		if (d->rows.v[i].test[M_OWN].tested && !d->rows.v[i].merged &&
			t.x[0] + t.x[1] >= least)
			p[n++] = d->rows.v[i].test[M_OWN].p;
	}
	qsort(p, n, sizeof(*p), by_p);
	for (size_t k = n; k > 0 && *level <= 0; k--)
		if (p[k - 1] * (double)(n - k + 1) <= DIFF_Q)
			*level = p[k - 1];
	prof_mem_zfree(&d->mem, p, d->rows.n, sizeof(*p));
	return 0;
}

void diff_untested(struct prof_diff *d)
{
	const struct diff_test none = {
		.p = NAN, .q = NAN, .ratio = {NAN, NAN, NAN}, .detectable = NAN};

	d->total = none;
	d->scale = (struct diff_scaling){.method = SCALE_NONE, .factor = 1};
	for (size_t i = 0; i < d->rows.n; i++) {
		for (int m = 0; m < N_METRICS; m++)
			d->rows.v[i].test[m] = none;
		d->rows.v[i].kind = kind_of(d, &d->rows.v[i]);
	}
}

/* Closures of which it is open which is which: together they tell whether one of them changed. */
static void settle_open(struct prof_diff *d, uint32_t among)
{
	struct diff_sum_test sum = {.n = 0};

	for (size_t i = 0; i < d->rows.n; i++)
		if (d->rows.v[i].among == among && d->rows.v[i].test[M_OWN].rates.weight > 0)
			diff_sum_add(d, i, &sum);
	if (prof_rates_test(&sum.rates) <= DIFF_NOT_CHANGED)
		return;
	for (size_t i = 0; i < d->rows.n; i++) {
		struct diff_row *row = &d->rows.v[i];

		if (row->among != among || !row->finding)
			continue;
		row->finding = false;
		row->kind = KIND_MOVED;
		row->peer = PROF_NONE;
	}
}

/* All frames of a run, by location. */
static int take_inlining(struct prof_diff *d, const struct diff_run *run, struct prof_err *e)
{
	const struct prof_profile *p = run->p;
	const struct prof_graph *g = &run->g;
	size_t n = p->locations.n;
	double *weight;

	if (g->node_of.n <= n) /* none has a second line */
		return 0;
	weight = prof_mem_zalloc(&d->mem, n, sizeof(*weight), e);
	if (!weight)
		return e->code;
	for (size_t i = 0; i < p->sample_stack.n; i++) {
		uint32_t s = p->sample_stack.v[i];

		for (uint32_t k = p->stack_start.v[s]; k < p->stack_start.v[s + 1]; k++)
			weight[p->stack_loc.v[k]] += run->weight[i];
	}
	for (size_t l = 0; l < n; l++)
		for (uint32_t k = g->loc_start.v[l]; k < g->loc_start.v[l + 1]; k++) {
			uint32_t row = run->row_of[g->node_of.v[k]];

			if (row == PROF_NONE)
				continue;
			row = diff_row_now(d, run, row);
			d->rows.v[row].frames[run->side] += weight[l];
			if (k + 1 < g->loc_start.v[l + 1])
				d->rows.v[row].inlined[run->side] += weight[l];
		}
	prof_mem_zfree(&d->mem, weight, n, sizeof(*weight));
	return 0;
}

int diff_findings(struct prof_diff *d, struct prof_err *e)
{
	double level;
	int rc = finding_level(d, &level, e);

	for (size_t i = 0; !rc && i < d->rows.n; i++) {
		struct diff_row *row = &d->rows.v[i];
		struct diff_test *t = &row->test[M_OWN];

		row->kind = kind_of(d, row);
		row->finding = !row->merged && matters(d, row, M_OWN) &&
			       (!t->tested || t->p <= level);
		if (row->peer != PROF_NONE && !row->merged && !row->finding)
			row->kind = KIND_RENAMED;
	}
	for (size_t i = 0; !rc && i < d->rows.n; i++)
		if (d->rows.v[i].among && d->rows.v[i].finding)
			settle_open(d, d->rows.v[i].among);
	for (size_t i = 0; !rc && d->opts.by == PROF_BY_FUNCTION && i < d->runs.n; i++)
		rc = take_inlining(d, &d->runs.v[i], e);
	return rc;
}

/* Whether a row's share in each run of one side is above that in each of the other. */
static bool set_apart(const struct prof_diff *d, uint32_t row)
{
	double least[2] = {INFINITY, INFINITY}, most[2] = {0, 0};

	if (d->sides[0].runs < LEAST_RUNS || d->sides[1].runs < LEAST_RUNS)
		return false;
	for (size_t i = 0; i < d->runs.n; i++) {
		const struct diff_run *run = &d->runs.v[i];
		double part = run->x > 0 ? diff_x(d, M_OWN, row, i) / run->x : 0;

		least[run->side] = fmin(least[run->side], part);
		most[run->side] = fmax(most[run->side], part);
	}
	return least[0] > most[1] || least[1] > most[0];
}

/* What the scheduler does is for others, too, and depends on the machine's load: a finding only
 * where there is none else, and where no run says otherwise.
 */
static void blame_scheduler(struct prof_diff *d)
{
	uint32_t largest = PROF_NONE;
	double most = 0;

	for (uint32_t i = 0; i < d->rows.n; i++) {
		double change = fabs(
			diff_share(d, M_OWN, i, PROF_NEW) - diff_share(d, M_OWN, i, PROF_OLD));

		if (!d->rows.v[i].finding || diff_schedules(d->rows.v[i].code) || change < most)
			continue;
		most = change;
		largest = i;
	}
	for (uint32_t i = 0; i < d->rows.n; i++) {
		if (!d->rows.v[i].finding || !diff_schedules(d->rows.v[i].code))
			continue;
		d->rows.v[i].under = largest;
		d->rows.v[i].finding = largest == PROF_NONE && set_apart(d, i);
	}
}

/* More or less inlined than it was; the compiler's decision, which callers may feel. */
static bool inlining_changed(const struct prof_diff *d, uint32_t row)
{
	for (int s = 0; s < 2; s++)
		if (diff_side_x(d, M_CUM, row, (enum prof_side)s) < LEAST_INLINED)
			return false;
	return fabs(diff_inlined(d, row, PROF_NEW) - diff_inlined(d, row, PROF_OLD)) > 0.5;
}

int diff_explain(struct prof_diff *d, struct prof_err *e)
{
	int rc = 0;

	if (d->opts.by != PROF_BY_FUNCTION)
		return 0;
	for (uint32_t i = 0; !rc && i < d->rows.n; i++)
		if (d->rows.v[i].finding && d->rows.v[i].code & CODE_COLLECTOR)
			rc = diff_blame_collector(d, i, e);
	if (rc)
		return rc;
	blame_scheduler(d);
	for (uint32_t i = 0; i < d->rows.n; i++) {
		struct diff_row *row = &d->rows.v[i];

		if (!row->finding && (row->kind == KIND_UNCHANGED || row->test[M_OWN].tested) &&
			row->kind != KIND_RENAMED && row->kind != KIND_MOVED &&
			inlining_changed(d, i))
			row->kind = KIND_INLINED;
		row->explained = row->finding || row->kind == KIND_MOVED;
	}
	return diff_paths(d, e);
}
