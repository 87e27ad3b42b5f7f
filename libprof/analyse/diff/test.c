#include "libprof/analyse/diff/diff.h"

#include <math.h>

#include "libprof/analyse/stats/dist.h"
#include "libprof/analyse/stats/ranks.h"

/* Tests of every row and of the whole; what they take counts to vary by is dispersion.c's. */
enum { LEAST_TRIALS = 20 }; /* of a row, over both sides, to be tested */

/* Delays: means of the runs' logs, Welch's t. */
static void test_delays(
	const struct prof_diff *d, enum diff_metric m, size_t row, struct diff_test *t)
{
	double mean[2] = {0, 0}, var[2] = {0, 0}, se, df, diff, width;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < d->runs.n; i++) {
			const struct diff_run *run = &d->runs.v[i];
			double k = (double)d->sides[run->side].runs;
			double x = log(1 + diff_x(d, m, row, i));

			if (!pass)
				mean[run->side] += x / k;
			else
				var[run->side] += (x - mean[run->side]) * (x - mean[run->side]) /
						  (k - 1) / k;
		}
	se = sqrt(var[0] + var[1]);
	diff = mean[1] - mean[0] - log(d->sides[1].exposure / (double)d->sides[1].runs) +
	       log(d->sides[0].exposure / (double)d->sides[0].runs);
	df = (var[0] + var[1]) * (var[0] + var[1]) /
	     (var[0] * var[0] / ((double)d->sides[0].runs - 1) +
		     var[1] * var[1] / ((double)d->sides[1].runs - 1));
	if (!(se > 0) || !isfinite(df))
		return;
	width = prof_t_quantile(0.5 + DIFF_LEVEL / 2, df) * se;
	t->tested = true;
	t->p = 2 * prof_t_cdf(-fabs(diff) / se, df);
	t->ratio = (struct prof_ratio){exp(diff), exp(diff - width), exp(diff + width)};
	t->detectable = exp((prof_t_quantile(1 - DIFF_Q / 20, df) + 1.28) * se);
}

double diff_quantile(struct prof_diff *d, double df)
{
	struct diff_quantile *q = d->quantiles;

	for (size_t i = 0; i < DIFF_QUANTILES; i++)
		if (q[i].df == df)
			return q[i].t;
	q += d->next_quantile++ % DIFF_QUANTILES;
	*q = (struct diff_quantile){df, prof_t_quantile(0.5 + DIFF_LEVEL / 2, df)};
	return q->t;
}

static void test_row(struct prof_diff *d, enum diff_metric m, size_t row, struct diff_test *t)
{
	struct diff_tally sums = diff_tally(d, m, row);

	*t = (struct diff_test){.p = NAN, .q = NAN, .ratio = {NAN, NAN, NAN}, .detectable = NAN};
	if (d->count == COUNT_NONE || d->count == COUNT_EXACT) {
		const int64_t *v = d->rows.v[row].value[m];

		if (v[PROF_OLD] > 0 && v[PROF_NEW] >= 0)
			t->ratio.ratio = (double)v[PROF_NEW] / (double)v[PROF_OLD] /
					 d->scale.factor;
		else if (v[PROF_NEW] > 0 && !v[PROF_OLD])
			t->ratio.ratio = INFINITY;
		return;
	}
	if (sums.v <= 0)
		return;
	if (d->count == COUNT_DELAY) {
		if (d->sides[0].runs >= DIFF_DELAY_RUNS && d->sides[1].runs >= DIFF_DELAY_RUNS)
			test_delays(d, m, row, t);
		return;
	}
	diff_rates(d, m, row, &t->rates);
	t->ratio = prof_rates_ratio(&t->rates, diff_quantile(d, t->rates.df));
	t->tested = diff_trials(&sums) >= LEAST_TRIALS && !(d->rows.v[row].code & CODE_PREEMPT);
	if (t->tested)
		t->p = prof_rates_test(&t->rates);
}

/* Hypotheses: a function's flat and its cum are one where it calls nothing, and so are the cums of
 * functions that only stand in the same stacks. Each is tested once, so that how deep a program
 * nests does not decide what is found.
 */
struct family {
	struct prof_diff *d;
	struct prof_index index; /* over hypotheses, by their counts */
	PROF_VEC(uint64_t) counts; /* metric << 32 | row, where they are to be seen */
	double *p, *q;
	size_t *order;
};

static uint64_t hash_counts(const double *x, size_t n)
{
	return prof_hash_bytes(x, n * sizeof(*x));
}

static int hypothesis(
	struct family *f, enum diff_metric m, size_t row, uint32_t *id, struct prof_err *e)
{
	struct prof_diff *d = f->d;
	const double *x = d->x[m] + row * d->runs.n;
	uint64_t hash = hash_counts(x, d->runs.n);
	struct prof_index_it it = prof_index_first(&f->index, hash);
	int rc;

	while ((*id = prof_index_next(&f->index, &it)) != PROF_NONE) {
		uint64_t at = f->counts.v[*id];

		if (!memcmp(x, d->x[at >> 32] + (at & UINT32_MAX) * d->runs.n,
			    d->runs.n * sizeof(*x)))
			return 0;
	}
	*id = (uint32_t)f->counts.n;
	if ((rc = prof_vec_reserve(&d->mem, &f->counts, 1, e)) ||
		(rc = prof_index_add(&f->index, hash, *id, e)))
		return rc;
	f->counts.v[f->counts.n++] = (uint64_t)m << 32 | row;
	f->p[*id] = d->rows.v[row].test[m].p;
	return 0;
}

/* One family of hypotheses: the metrics from `first` to `last`. */
static int adjust(struct prof_diff *d, enum diff_metric first, enum diff_metric last, double *p,
	double *q, size_t *order, struct prof_err *e)
{
	struct family f = {.d = d, .p = p, .q = q, .order = order};
	int rc = 0;

	prof_index_init(&f.index, &d->mem);
	for (int pass = 0; !rc && pass < 2; pass++) {
		for (size_t i = 0; !rc && i < d->rows.n; i++)
			for (int m = (int)first; !rc && m <= (int)last; m++) {
				struct diff_test *t = &d->rows.v[i].test[m];
				uint32_t id;

				if (!t->tested || d->rows.v[i].merged)
					continue;
				rc = hypothesis(&f, (enum diff_metric)m, i, &id, e);
				if (!rc && pass)
					t->q = q[id];
			}
		if (!rc && !pass)
			prof_fdr(p, q, order, f.counts.n);
	}
	d->hypotheses[last == M_OWN] = f.counts.n;
	d->found[last == M_OWN] = 0;
	for (size_t i = 0; i < f.counts.n; i++)
		d->found[last == M_OWN] += q[i] <= DIFF_Q;
	prof_vec_fini(&d->mem, &f.counts);
	prof_index_fini(&f.index);
	return rc;
}

double diff_level(const struct prof_diff *d, enum diff_metric m)
{
	size_t found = d->found[m == M_OWN], of = d->hypotheses[m == M_OWN];

	return DIFF_Q * (double)(found ? found : 1) / (double)(of ? of : 1);
}

double diff_detectable(const struct prof_diff *d, enum diff_metric m, const struct diff_test *t)
{
	if (!t->tested || d->count == COUNT_DELAY)
		return INFINITY;
	return prof_rates_detectable(&t->rates, diff_level(d, m), DIFF_POWER);
}

static void finish(struct prof_diff *d, enum diff_metric m)
{
	for (size_t i = 0; i < d->rows.n; i++) {
		struct diff_row *row = &d->rows.v[i];
		struct diff_test *t = &row->test[m];

		if (t->tested)
			t->significant = t->q <= DIFF_Q;
		else if (d->count == COUNT_EXACT)
			t->significant = row->value[m][PROF_OLD] != row->value[m][PROF_NEW];
	}
}

/* Per what the sides are compared by, as a log, less what unchanged code tells of the run. */
static double total_of(const struct prof_diff *d, const struct diff_run *run)
{
	const struct diff_scaling *s = &d->scale;
	double per = s->method == SCALE_OPS        ? d->opts.ops[run->side]
		     : s->method == SCALE_DURATION ? (double)run->duration_ns
						   : 1;
	double part = !s->by_speed          ? 1
		      : isfinite(s->counts) ? s->speed / (s->speed + s->counts)
					    : 0;

	return log(run->x / per) - (part > 0 ? part * log(run->unchanged / per) : 0);
}

static int test_ranks(struct prof_diff *d, struct prof_err *e)
{
	size_t n = d->runs.n, at[2] = {0, d->sides[PROF_OLD].runs};
	bool enough = d->sides[0].runs >= DIFF_RANK_RUNS && d->sides[1].runs >= DIFF_RANK_RUNS;
	double *x;
	int rc;

	d->rank_p = NAN;
	if (!d->total.tested || !enough || d->whole.n)
		return 0;
	x = prof_mem_zalloc(&d->mem, n, sizeof(*x), e);
	if (!x)
		return e->code;
	for (size_t i = 0; i < n; i++)
		x[at[d->runs.v[i].side]++] = total_of(d, &d->runs.v[i]);
	rc = prof_rank_test(&d->mem, x, d->sides[PROF_OLD].runs, n, &d->rank_p, e);
	prof_mem_zfree(&d->mem, x, n, sizeof(*x));
	return rc;
}

/* With runs enough, their order must say so, too: it asks for no law that they follow. */
static void test_total(struct prof_diff *d)
{
	const struct diff_side *s = d->sides;
	struct diff_test *t = &d->total;

	*t = (struct diff_test){.p = NAN, .q = NAN, .ratio = {NAN, NAN, NAN}, .detectable = NAN};
	if (d->count == COUNT_NONE || d->count == COUNT_EXACT || d->count == COUNT_DELAY ||
		s[0].x <= 0 || s[1].x <= 0)
		return;
	diff_rates_of_whole(d, &t->rates);
	t->tested = d->scale.method != SCALE_TOTAL &&
		    (d->scale.method != SCALE_UNCHANGED || d->scale.share > 0);
	t->ratio = prof_rates_ratio(&t->rates, diff_quantile(d, t->rates.df));
	if (!t->tested)
		return;
	t->p = t->q = prof_rates_test(&t->rates);
	t->significant = t->p <= DIFF_Q;
	t->detectable = prof_rates_detectable(&t->rates, DIFF_Q, DIFF_POWER);
}

int diff_tests(struct prof_diff *d, struct prof_err *e)
{
	size_t n = 2 * d->rows.n;
	double *p = prof_mem_zalloc(&d->mem, n, sizeof(*p), e);
	double *q = prof_mem_zalloc(&d->mem, n, sizeof(*q), e);
	size_t *order = prof_mem_zalloc(&d->mem, n, sizeof(*order), e);
	int rc = p && q && order ? 0 : e->code;

	for (size_t i = 0; !rc && i < d->rows.n; i++)
		for (int m = 0; m < N_METRICS; m++)
			test_row(d, (enum diff_metric)m, i, &d->rows.v[i].test[m]);
	if (!rc)
		rc = adjust(d, M_FLAT, M_CUM, p, q, order, e);
	if (!rc)
		rc = adjust(d, M_OWN, M_OWN, p, q, order, e);
	for (int m = 0; !rc && m < N_METRICS; m++)
		finish(d, (enum diff_metric)m);
	if (!rc) {
		test_total(d);
		rc = test_ranks(d, e);
	}
	if (d->rank_p > DIFF_Q)
		d->total.significant = false;
	prof_mem_zfree(&d->mem, p, n, sizeof(*p));
	prof_mem_zfree(&d->mem, q, n, sizeof(*q));
	prof_mem_zfree(&d->mem, order, n, sizeof(*order));
	return rc;
}
