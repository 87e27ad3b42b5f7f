#include "libprof/analyse/stats/steps.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "libprof/analyse/stats/dist.h"
#include "libprof/analyse/stats/rates.h"

enum { WINDOW = 7, GONE_NIGHTS = 3, DEEPEST = 8, MOST_LAGS = 16, PARTS = 12 };

#define MAD_TO_SD 1.4826
#define FAR 4.0

struct run {
	size_t first, n;
	double mean, weight; /* weight: 1 / variance of the mean */
};

struct finder {
	struct prof_steps *out;
	const struct prof_steps_opts *opts;
	struct prof_mem *mem;
	struct prof_err *e;
	size_t n;
	double *y, *scratch; /* y: without spikes */
	struct run *runs;
	size_t n_runs;
	double s;
	double *level; /* of each run, without wandering: that of its side of the splits so far */
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
	if (sd) {
		double least = median_of(x, sd, x->n);

		s = s > least ? s : least;
	}
	return s;
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
		x->y[i] = fabs(y[i] - m) > FAR * x->s ? m : y[i];
	}
}

static void make_runs(struct finder *x, const uint32_t *run)
{
	for (size_t i = 0; i < x->n; i++) {
		struct run *r = &x->runs[x->n_runs - 1];

		if (!i || run[i] != run[i - 1]) {
			r = &x->runs[x->n_runs++];
			*r = (struct run){.first = i};
		}
		r->mean += x->y[i];
		r->n++;
	}
	for (size_t k = 0; k < x->n_runs; k++)
		x->runs[k].mean /= (double)x->runs[k].n;
}

/* Robust: the standard deviation of one of n neighbours' values, from their differences. */
static double neighbour_sd(struct finder *x, size_t n)
{
	return n ? MAD_TO_SD * prof_median(x->scratch, n) / sqrt(2) : 0;
}

/* What runs vary by, more than their nights; then their weights. */
static void weigh_runs(struct finder *x)
{
	double tau2 = 0, night = x->s * x->s;
	size_t n = 0;

	for (size_t k = 1; k < x->n_runs; k++)
		x->scratch[n++] = fabs(x->runs[k].mean - x->runs[k - 1].mean);
	if (n) {
		double sd = neighbour_sd(x, n);

		n = 0;
		for (size_t k = 0; k < x->n_runs; k++)
			x->scratch[n++] = night / (double)x->runs[k].n;
		tau2 = sd * sd - prof_median(x->scratch, n);
	}
	if (tau2 < 0)
		tau2 = 0;
	for (size_t k = 0; k < x->n_runs; k++)
		x->runs[k].weight = 1 / (tau2 + night / (double)x->runs[k].n + 1e-300);
}

/* Sums over runs [first, end). */
struct sums {
	double w, wy, wyy, wt, wtt, wty;
	size_t nights;
};

static struct sums add_up(const struct finder *x, size_t first, size_t end)
{
	struct sums s = {0};

	for (size_t k = first; k < end; k++) {
		const struct run *r = &x->runs[k];
		double t = (double)r->first + (double)(r->n - 1) / 2;

		s.w += r->weight;
		s.wy += r->weight * r->mean;
		s.wyy += r->weight * r->mean * r->mean;
		s.wt += r->weight * t;
		s.wtt += r->weight * t * t;
		s.wty += r->weight * t * r->mean;
		s.nights += r->n;
	}
	return s;
}

static double rest(const struct sums *s)
{
	return s->w > 0 ? s->wyy - s->wy * s->wy / s->w : 0;
}

/* What a straight line leaves of it. */
static double rest_of_line(const struct sums *s, double *slope)
{
	double tt = s->wtt - s->wt * s->wt / s->w, ty = s->wty - s->wt * s->wy / s->w;

	*slope = tt > 0 ? ty / tt : 0;
	return rest(s) - (tt > 0 ? ty * ty / tt : 0);
}

struct split {
	size_t at; /* the run that begins the right side; 0: none */
	double t, before, after, rest;
};

static struct split best_split(const struct finder *x, size_t first, size_t end)
{
	struct split best = {0};
	struct sums all = add_up(x, first, end), left = {0};

	for (size_t k = first + 1; k < end; k++) {
		const struct run *r = &x->runs[k - 1];
		struct sums right;
		double a, b, t;

		left.w += r->weight;
		left.wy += r->weight * r->mean;
		left.wyy += r->weight * r->mean * r->mean;
		left.nights += r->n;
		right = (struct sums){.w = all.w - left.w,
			.wy = all.wy - left.wy,
			.wyy = all.wyy - left.wyy,
			.nights = all.nights - left.nights};
		if (left.nights < x->opts->least || right.nights < x->opts->least)
			continue;
		a = left.wy / left.w;
		b = right.wy / right.w;
		t = fabs(b - a) / sqrt(1 / left.w + 1 / right.w);
		if (t > best.t)
			best = (struct split){k, t, a, b, rest(&left) + rest(&right)};
	}
	return best;
}

/* A stretch of runs: their weights, and what they are over the levels of a split. */
struct stretch {
	double w, wr;
};

static void add_run(const struct finder *x, struct stretch *to, const struct split *s, size_t first,
	size_t end, size_t k, double sign)
{
	const struct run *r = &x->runs[k];
	double level = k < first || k >= end ? x->level[k] : k < s->at ? s->before : s->after;

	to->w += sign * r->weight;
	to->wr += sign * r->weight * (r->mean - level);
}

/* How far the mean of a twelfth of the series wanders from that of the next one without a step, as
 * a standard deviation of one of them: from all such neighbours, around the levels of a split of
 * runs [first, end), so that the step itself does not count.
 */
static double wander_around(struct finder *x, const struct split *s, size_t first, size_t end)
{
	size_t part = x->n_runs / PARTS, n = 0;
	struct stretch left = {0}, right = {0};

	if (part < 2)
		return 0;
	for (size_t k = 0; k < part; k++) {
		add_run(x, &left, s, first, end, k, 1);
		add_run(x, &right, s, first, end, part + k, 1);
	}
	for (size_t at = part;; at++) {
		x->scratch[n++] = fabs(right.wr / right.w - left.wr / left.w);
		if (at + part >= x->n_runs)
			break;
		add_run(x, &left, s, first, end, at - part, -1);
		add_run(x, &left, s, first, end, at, 1);
		add_run(x, &right, s, first, end, at, -1);
		add_run(x, &right, s, first, end, at + part, 1);
	}
	return neighbour_sd(x, n);
}

/* What the runs vary by beyond their weights, around the levels of a split: as a whole, and for
 * means over many of them, which wander together (Newey and West's long-run variance).
 */
struct spread {
	double whole, wander;
};

static struct spread spread_around(
	struct finder *x, const struct split *s, size_t first, size_t end)
{
	size_t n = end - first, lags = n / 4 < MOST_LAGS ? n / 4 : MOST_LAGS;
	struct spread out = {1, 1};
	double sum = 0, none = 0, squares = 0;

	for (size_t k = first; k < end; k++) {
		double r = x->runs[k].mean - (k < s->at ? s->before : s->after);

		x->scratch[k - first] = r;
		squares += x->runs[k].weight * r * r;
	}
	for (size_t lag = 0; lag <= lags; lag++) {
		double product = 0;

		for (size_t k = lag; k < n; k++)
			product += x->scratch[k] * x->scratch[k - lag];
		if (!lag)
			none = product;
		else
			sum += 2 * (1 - (double)lag / (double)(lags + 1)) * product;
	}
	if (n > 2)
		out.whole = fmax(1, squares / (double)(n - 2));
	if (none > 0 && sum > 0)
		out.wander = 1 + sum / none;
	return out;
}

/* Two-sided, for all the places where the series could be split. */
static double p_of(struct finder *x, const struct split *s, size_t first, size_t end)
{
	double df = (double)x->n_runs - 2, p;
	struct spread more;

	if (!s->at || df < 1)
		return 1;
	more = spread_around(x, s, first, end);
	df = fmax(1, (double)x->n_runs / more.wander - 2);
	p = 2 * prof_t_cdf(-s->t / sqrt(more.whole * more.wander), df) * (double)x->tests;
	return p < 1 ? p : 1;
}

/* The last nights are back where they were before. */
static bool went_away(const struct finder *x, const struct split *s, size_t end)
{
	size_t last = end == x->n_runs ? x->n : x->runs[end].first;
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

static int keep(struct finder *x, struct prof_step step)
{
	int rc = prof_vec_reserve(x->mem, &x->out->v, 1, x->e);

	if (!rc)
		x->out->v.v[x->out->v.n++] = step;
	return rc;
}

static bool is_large(const struct finder *x, double before, double after, double wander)
{
	double base = fabs(before) > fabs(after) ? fabs(after) : fabs(before);

	return fabs(after - before) >= x->opts->effect * base &&
	       fabs(after - before) >= x->opts->least_change &&
	       fabs(after - before) >= FAR * wander;
}

/* Runs [first, end): left side, step, right side, in the order of time. */
static int look(struct finder *x, size_t first, size_t end, unsigned depth)
{
	struct split s = best_split(x, first, end);
	struct sums all = add_up(x, first, end);
	double p = p_of(x, &s, first, end), slope, line = rest_of_line(&all, &slope), wander;
	size_t nights = all.nights, from = x->runs[first].first;
	int rc;

	if (!depth)
		x->out->p = p;
	if (!s.at || p > x->opts->alpha)
		return 0;
	wander = wander_around(x, &s, first, end);
	if (line < s.rest) {
		double mid = all.wy / all.w, half = slope * (double)(nights - 1) / 2;

		return is_large(x, mid - half, mid + half, wander)
			       ? keep(x, (struct prof_step){PROF_STEP_DRIFT, from, mid - half,
						 mid + half, p})
			       : 0;
	}
	if (!is_large(x, s.before, s.after, wander))
		return 0;
	for (size_t k = first; k < end; k++)
		x->level[k] = k < s.at ? s.before : s.after;
	if (depth < DEEPEST && (rc = look(x, first, s.at, depth + 1)))
		return rc;
	rc = keep(x, (struct prof_step){went_away(x, &s, end) ? PROF_STEP_GONE : PROF_STEP,
			     x->runs[s.at].first, s.before, s.after, p});
	return rc || depth == DEEPEST ? rc : look(x, s.at, end, depth + 1);
}

/* After all splits are known, a step's sides reach to the next ones. */
static void settle(struct finder *x)
{
	struct prof_step *v = x->out->v.v;

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
	}
}

int prof_steps_find(struct prof_steps *out, const double *y, const double *sd, const uint32_t *run,
	size_t n, const struct prof_steps_opts *opts, struct prof_mem *mem, struct prof_err *e)
{
	struct finder x = {.out = out, .opts = opts, .mem = mem, .e = e, .n = n};
	int rc = PROF_ENOMEM;

	*out = (struct prof_steps){.p = 1};
	if (n < 2 * opts->least)
		return 0;
	x.y = prof_mem_zalloc(mem, n, sizeof(*x.y), e);
	x.scratch = prof_mem_zalloc(mem, n, sizeof(*x.scratch), e);
	x.runs = prof_mem_zalloc(mem, n, sizeof(*x.runs), e);
	x.level = prof_mem_zalloc(mem, n, sizeof(*x.level), e);
	if (x.y && x.scratch && x.runs && x.level) {
		x.s = night_sd(&x, y, run, sd);
		put_back_spikes(&x, y);
		make_runs(&x, run);
		weigh_runs(&x);
		x.tests = x.n_runs - 1;
		rc = x.n_runs > 1 ? look(&x, 0, x.n_runs, 0) : 0;
		settle(&x);
	}
	prof_mem_zfree(mem, x.y, n, sizeof(*x.y));
	prof_mem_zfree(mem, x.scratch, n, sizeof(*x.scratch));
	prof_mem_zfree(mem, x.runs, n, sizeof(*x.runs));
	prof_mem_zfree(mem, x.level, n, sizeof(*x.level));
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

int prof_steps_scale(const double *share, size_t rows, size_t stride, size_t n, double *factor,
	struct prof_mem *mem, struct prof_err *e)
{
	double *usual = prof_mem_zalloc(mem, rows, sizeof(*usual), e);
	double *ratio = prof_mem_zalloc(mem, rows + n, sizeof(*ratio), e);
	size_t *order = prof_mem_zalloc(mem, rows, sizeof(*order), e);

	for (size_t r = 0; usual && ratio && order && r < rows; r++) {
		memcpy(ratio, share + r * stride, n * sizeof(*ratio));
		usual[r] = n ? prof_median(ratio, n) : 0;
	}
	for (size_t i = 0; usual && ratio && order && i < n; i++) {
		for (size_t r = 0; r < rows; r++)
			ratio[r] = usual[r] > 0 ? share[r * stride + i] / usual[r] : 1;
		factor[i] = middle_mean(ratio, usual, order, rows);
	}
	prof_mem_zfree(mem, usual, rows, sizeof(*usual));
	prof_mem_zfree(mem, ratio, rows + n, sizeof(*ratio));
	prof_mem_zfree(mem, order, rows, sizeof(*order));
	return usual && ratio && order ? 0 : PROF_ENOMEM;
}
