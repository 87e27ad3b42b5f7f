#include "libprof/analyse/stats/steps.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "libprof/analyse/stats/rates.h"
#include "libprof/analyse/stats/season.h"
#include "libprof/analyse/stats/shift.h"

enum { WINDOW = 7, GONE_NIGHTS = 3, DEEPEST = 8 };

#define MAD_TO_SD 1.4826
#define FAR 5.0
#define SURE 0.95
#define WANDERS 2.5
#define LIGHT 0.0005 /* shares: too little to weigh anything */
#define TINY 1e-100 /* a variance, so that none is 0 */
#define LEFT 0.25 /* of a step at the end: it has gone away */

struct finder {
	struct prof_steps *out;
	const struct prof_steps_opts *opts;
	struct prof_mem *mem;
	struct prof_err *e;
	size_t n;
	double *y, *raw, *scratch; /* without days of the week; y: without spikes */
	size_t *first; /* night of each run */
	struct prof_shift_point *points; /* of each run */
	size_t n_runs;
	double s, *variance; /* of a typical night, as a standard deviation; of each */
	struct prof_wander wander;
	size_t tests; /* places where the whole series could be split */
};

static double median_of(struct finder *x, const double *v, size_t n)
{
	memcpy(x->scratch, v, n * sizeof(*v));
	return prof_median(x->scratch, n);
}

/* How much neighbours of one run differ, as a standard deviation of one of them. */
static double night_sd(struct finder *x, const double *y, const uint32_t *run, const double *sd)
{
	size_t n = 0;
	double s = 0;

	for (size_t i = 1; i < x->n; i++)
		if (run[i] == run[i - 1])
			x->scratch[n++] = fabs(y[i] - y[i - 1]);
	if (!n)
		for (size_t i = 1; i < x->n; i++)
			x->scratch[n++] = fabs(y[i] - y[i - 1]);
	if (n)
		s = MAD_TO_SD * prof_median(x->scratch, n) / sqrt(2);
	return sd ? fmax(s, median_of(x, sd, x->n)) : s;
}

/* A night in which less was counted varies by more; one in which more was counts at most four times
 * as much as others, for what nights vary by besides is not known so well.
 */
static void weigh_nights(struct finder *x, const double *sd)
{
	double usual = x->s * x->s, typical = sd ? median_of(x, sd, x->n) : 0;

	for (size_t i = 0; i < x->n; i++) {
		double more = sd ? sd[i] * sd[i] - typical * typical : 0;

		x->variance[i] = fmax(usual + more, usual / 4) + TINY;
	}
}

static void put_back_spikes(struct finder *x, const double *y)
{
	for (size_t i = 0; i < x->n; i++) {
		size_t first = i < WINDOW / 2 ? 0 : i - WINDOW / 2;
		size_t n = x->n < WINDOW ? x->n : WINDOW;
		double m;

		if (first + n > x->n)
			first = x->n - n;
		m = median_of(x, y + first, n);
		x->y[i] = fabs(y[i] - m) > FAR * sqrt(x->variance[i]) ? m : y[i];
	}
}

/* Runs' means, and what their nights alone vary these by. */
static void make_runs(struct finder *x, const uint32_t *run)
{
	for (size_t i = 0; i < x->n; i++) {
		double weight = 1 / x->variance[i];
		struct prof_shift_point *p;

		if (!i || run[i] != run[i - 1])
			x->first[x->n_runs++] = i;
		p = &x->points[x->n_runs - 1];
		p->mean += weight * x->y[i];
		p->time += weight * (double)i;
		p->variance += weight;
	}
	for (size_t k = 0; k < x->n_runs; k++) {
		struct prof_shift_point *p = &x->points[k];

		p->mean /= p->variance;
		p->time /= p->variance;
		p->variance = 1 / p->variance;
	}
}

/* Robust: the standard deviation of one of n neighbours' values, from their differences. */
static double neighbour_sd(struct finder *x, size_t n)
{
	return n ? MAD_TO_SD * prof_median(x->scratch, n) / sqrt(2) : 0;
}

/* Adds what runs vary by more than their nights. */
static void weigh_runs(struct finder *x)
{
	double tau2 = 0, mean = 0;
	size_t n = 0;

	for (size_t k = 1; k < x->n_runs; k++)
		x->scratch[n++] = fabs(x->points[k].mean - x->points[k - 1].mean);
	if (n) {
		double sd = neighbour_sd(x, n);

		n = 0;
		for (size_t k = 0; k < x->n_runs; k++)
			x->scratch[n++] = x->points[k].variance;
		tau2 = fmax(0, sd * sd - prof_median(x->scratch, n));
	}
	for (size_t k = 0; k < x->n_runs; k++)
		mean += x->points[k].mean / (double)x->n_runs;
	for (size_t k = 0; k < x->n_runs; k++) /* and something, where nothing varies */
		x->points[k].variance += tau2 + 1e-12 * mean * mean;
}

/* Runs [first, end) that a split may begin with: enough nights on either side. */
static void places(const struct finder *x, size_t *first, size_t *end)
{
	size_t begin = x->first[*first];
	size_t last = *end < x->n_runs ? x->first[*end] : x->n;

	while (*first < *end && x->first[*first] - begin < x->opts->least)
		++*first;
	while (*end > *first && last - x->first[*end - 1] < x->opts->least)
		--*end;
}

static int best_split(struct finder *x, size_t first, size_t end, struct prof_shift *out)
{
	size_t begin = first, last = end;

	places(x, &begin, &last);
	return prof_shift_find(out, x->points + first, end - first, begin - first, last - first,
		&x->wander, x->mem, x->e);
}

/* The last nights are back where they were before. */
static bool went_away(const struct finder *x, const struct prof_shift *s, size_t end)
{
	size_t last = end == x->n_runs ? x->n : x->first[end];
	double middle = (s->before + s->after) / 2;
	size_t back = 0;

	if (end != x->n_runs)
		return false;
	for (size_t i = last; i > 0 && back < GONE_NIGHTS; i--, back++)
		if ((x->y[i - 1] - middle) * (s->after - middle) > 0 ||
			fabs(x->y[i - 1] - s->before) > 1.96 * x->s)
			return false;
	return back == GONE_NIGHTS;
}

/* The likeliest places of a split of runs [first, end), until it is hardly anywhere else. */
static void list_places(struct finder *x, size_t first, size_t end, struct prof_step *step)
{
	double sum = 0;

	for (; step->n_places < PROF_STEP_PLACES && sum < SURE; step->n_places++) {
		size_t best = first;

		for (size_t k = first; k < end; k++)
			if (x->points[k].chance > x->points[best].chance)
				best = k;
		if (!(x->points[best].chance > 0))
			break;
		step->place[step->n_places] = (struct prof_place){
			x->first[best], x->points[best].chance};
		sum += x->points[best].chance;
		x->points[best].chance = 0;
	}
}

static int keep(struct finder *x, struct prof_step step)
{
	int rc = prof_vec_reserve(x->mem, &x->out->v, 1, x->e);

	if (!rc)
		x->out->v.v[x->out->v.n++] = step;
	return rc;
}

/* By itself, and next to what levels usually wander by. */
static bool is_large(const struct finder *x, double before, double after)
{
	double low = fmin(fabs(before), fabs(after)), change = fabs(after - before);

	return change >= x->opts->effect * low && change >= x->opts->least_change &&
	       change >= WANDERS * x->wander.sd * (fabs(before) + fabs(after)) / 2;
}

/* Runs [first, end): left side, step, right side, in the order of time. */
static int look(struct finder *x, size_t first, size_t end, unsigned depth)
{
	struct prof_shift s;
	struct prof_step step;
	size_t at;
	double p;
	int rc = best_split(x, first, end, &s);

	p = fmin(1, (double)x->tests * fmin(s.p, s.line_p));
	if (!depth)
		x->out->p = p;
	if (rc || !s.at || p > x->opts->alpha)
		return rc;
	if (s.line_p < s.p)
		return is_large(x, s.low, s.high)
			       ? keep(x, (struct prof_step){.kind = PROF_STEP_DRIFT,
						 .at = x->first[first],
						 .before = s.low,
						 .after = s.high,
						 .p = p})
			       : 0;
	if (!is_large(x, s.before, s.after))
		return 0;
	at = first + s.at;
	step = (struct prof_step){.kind = went_away(x, &s, end) ? PROF_STEP_GONE : PROF_STEP,
		.at = x->first[at],
		.before = s.before,
		.after = s.after,
		.p = p};
	list_places(x, first, end, &step);
	if (depth < DEEPEST && (rc = look(x, first, at, depth + 1)))
		return rc;
	rc = keep(x, step);
	return rc || depth == DEEPEST ? rc : look(x, at, end, depth + 1);
}

/* After all splits are known, a step's sides reach to the next ones, which may have undone it. */
static void settle(struct finder *x)
{
	struct prof_step *v = x->out->v.v;
	double last = 0;

	for (size_t i = 0; i < x->out->v.n; i++) {
		size_t begin = i ? v[i - 1].at : 0;
		size_t end = i + 1 < x->out->v.n ? v[i + 1].at : x->n;
		double sum[2] = {0, 0};

		if (v[i].kind == PROF_STEP_DRIFT)
			continue;
		for (size_t k = begin; k < end; k++)
			sum[k >= v[i].at] += x->y[k];
		if (v[i].at > begin)
			v[i].before = sum[0] / (double)(v[i].at - begin);
		v[i].after = sum[1] / (double)(end - v[i].at);
		last = v[i].after;
	}
	for (size_t i = 0; i < x->out->v.n; i++)
		if (v[i].kind == PROF_STEP &&
			(last - v[i].before) / (v[i].after - v[i].before) < LEFT)
			v[i].kind = PROF_STEP_GONE;
}

/* Without what they differ by from one day of the week to the next. */
static int take_values(struct finder *x, const struct prof_nightly *series)
{
	double *factor = x->scratch;
	int rc = 0;

	for (size_t i = 0; i < x->n; i++)
		factor[i] = 1;
	if (series->day)
		rc = prof_season_find(factor, series->y, series->day, x->n, x->mem, x->e);
	for (size_t i = 0; i < x->n; i++)
		x->y[i] = series->y[i] / factor[i];
	return rc;
}

static void drop(struct finder *x)
{
	size_t n = x->n;

	prof_mem_zfree(x->mem, x->y, n, sizeof(*x->y));
	prof_mem_zfree(x->mem, x->raw, n, sizeof(*x->raw));
	prof_mem_zfree(x->mem, x->variance, n, sizeof(*x->variance));
	prof_mem_zfree(x->mem, x->scratch, n, sizeof(*x->scratch));
	prof_mem_zfree(x->mem, x->first, n, sizeof(*x->first));
	prof_mem_zfree(x->mem, x->points, n, sizeof(*x->points));
}

/* Runs with their means and noise; drop() in any case. */
static int prepare(struct finder *x, const struct prof_nightly *series)
{
	size_t n = x->n = series->n;
	int rc = PROF_ENOMEM;

	x->y = prof_mem_zalloc(x->mem, n, sizeof(*x->y), x->e);
	x->raw = prof_mem_zalloc(x->mem, n, sizeof(*x->raw), x->e);
	x->variance = prof_mem_zalloc(x->mem, n, sizeof(*x->variance), x->e);
	x->scratch = prof_mem_zalloc(x->mem, n, sizeof(*x->scratch), x->e);
	x->first = prof_mem_zalloc(x->mem, n, sizeof(*x->first), x->e);
	x->points = prof_mem_zalloc(x->mem, n, sizeof(*x->points), x->e);
	if (x->y && x->raw && x->variance && x->scratch && x->first && x->points)
		rc = take_values(x, series);
	if (rc)
		return rc;
	memcpy(x->raw, x->y, n * sizeof(*x->raw));
	x->s = night_sd(x, x->raw, series->run, series->sd);
	weigh_nights(x, series->sd);
	put_back_spikes(x, x->raw);
	make_runs(x, series->run);
	weigh_runs(x);
	x->tests = x->n_runs - 1;
	return 0;
}

int prof_steps_find(struct prof_steps *out, const struct prof_nightly *series,
	const struct prof_steps_opts *opts, struct prof_mem *mem, struct prof_err *e)
{
	struct finder x = {.out = out, .opts = opts, .mem = mem, .e = e};
	int rc;

	*out = (struct prof_steps){.p = 1};
	if (series->n < 2 * opts->least)
		return 0;
	if (opts->wander)
		x.wander = *opts->wander;
	else
		prof_wander_init(&x.wander);
	rc = prepare(&x, series);
	if (!rc && x.n_runs > 1)
		rc = look(&x, 0, x.n_runs, 0);
	if (!rc)
		settle(&x);
	drop(&x);
	return rc;
}

int prof_steps_wander(
	double *row, const struct prof_nightly *series, struct prof_mem *mem, struct prof_err *e)
{
	struct finder x = {.mem = mem, .e = e};
	int rc = prepare(&x, series);

	if (!rc)
		rc = prof_wander_row(row, x.points, x.n_runs, mem, e);
	drop(&x);
	return rc;
}

void prof_steps_fini(struct prof_steps *s, struct prof_mem *mem)
{
	prof_vec_fini(mem, &s->v);
}

/* The mean of the middle half by weight: as robust as this needs, and steadier than the median. */
static double middle_mean(const double *v, const double *weight, size_t *order, size_t n)
{
	double sum = 0, part = 0, so_far = 0, out = 0;

	for (size_t i = 0; i < n; i++)
		sum += weight[i];
	if (!(sum > 0))
		return 1;
	prof_weighted_median(v, weight, order, n); /* sorts */
	for (size_t i = 0; i < n; i++) {
		double w = weight[order[i]];
		double low = fmax(so_far, sum / 4), high = fmin(so_far + w, sum * 3 / 4);

		so_far += w;
		if (high > low) {
			out += v[order[i]] * (high - low);
			part += high - low;
		}
	}
	return out > 0 ? out / part : 1;
}

/* The median of shares >= 0; 0 at once where half of them are. */
static double usual_share(const double *share, double *scratch, size_t n)
{
	size_t some = 0;

	for (size_t i = 0; i < n; i++)
		some += share[i] > 0;
	if (2 * some <= n)
		return 0;
	memcpy(scratch, share, n * sizeof(*scratch));
	return prof_median(scratch, n);
}

int prof_steps_scale(const double *share, size_t rows, size_t stride, size_t n, double *factor,
	struct prof_mem *mem, struct prof_err *e)
{
	double *usual = prof_mem_zalloc(mem, rows, sizeof(*usual), e);
	double *ratio = prof_mem_zalloc(mem, rows + n, sizeof(*ratio), e);
	size_t *order = prof_mem_zalloc(mem, rows, sizeof(*order), e);
	size_t *row = prof_mem_zalloc(mem, rows, sizeof(*row), e), kept = 0;
	bool ok = usual && ratio && order && row;

	for (size_t r = 0; ok && r < rows; r++) {
		usual[kept] = usual_share(share + r * stride, ratio, n);
		row[kept] = r;
		kept += usual[kept] > LIGHT;
	}
	for (size_t i = 0; ok && i < n; i++) {
		for (size_t k = 0; k < kept; k++)
			ratio[k] = share[row[k] * stride + i] / usual[k];
		factor[i] = middle_mean(ratio, usual, order, kept);
	}
	prof_mem_zfree(mem, usual, rows, sizeof(*usual));
	prof_mem_zfree(mem, ratio, rows + n, sizeof(*ratio));
	prof_mem_zfree(mem, order, rows, sizeof(*order));
	prof_mem_zfree(mem, row, rows, sizeof(*row));
	return ok ? 0 : PROF_ENOMEM;
}
