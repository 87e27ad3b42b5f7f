#include "libprof/analyse/stats/shift.h"

#include <math.h>

#include "libprof/analyse/stats/dist.h"

/* Standard deviations of the wander, as parts of the level; nights after which 1/e is left of it.
 */
static const double reach[] = {0.007, 0.01, 0.014, 0.02, 0.03, 0.045, 0.07, 0.1, 0.15, 0.3};
static const double memory[] = {10, 30, 100, 300};

enum { REACHES = sizeof(reach) / sizeof(reach[0]), MEMORIES = sizeof(memory) / sizeof(memory[0]) };
enum { GRID = PROF_WANDERS };
_Static_assert(GRID == 1 + REACHES * MEMORIES, "none, and each of either");

enum { ROUNDS = 30, TAIL = 4 };
#define PRIOR_ROWS 0.05 /* what knowing nothing is worth */
#define LEAST 1e-300 /* squares */
#define NEGLIGIBLE 1e-9 /* chances of a covariance that is not looked at */
#define SHIFTS 0.05 /* how many series shift, when how they wander is learnt */

/* Regressors: the level, time; and the series. */
enum { ONE, TIME, MEAN, INPUTS };

/* A point in the filter of one covariance. */
struct point {
	double weight; /* 1 / variance of the innovation */
	double rest, in; /* what the next one expects of what was expected here; of what is here */
	double own[INPUTS]; /* innovations by weight */
	double sum[INPUTS]; /* SUM over k >= this of S^-1 x */
	double square; /* h' S^-1 h of the shift h that is 1 from here on */
};

/* Inner products by S^-1. */
struct products {
	double log_det, x[INPUTS][INPUTS];
};

struct finder {
	struct prof_shift *out;
	struct prof_shift_point *v;
	size_t n, first, end;
	double level;
	struct point *points;
	double *kept; /* a row of n a memory: what a point keeps of the wander of the one before */
	/* Of each covariance: its likelihood's logarithm but for what is left of the squares; and
	 * that: without a shift, with a slope, with a shift at each place (a row of n).
	 */
	double base[GRID], none[GRID], line[GRID], *shift;
};

static void filter(struct finder *x, double wander, const double *kept, struct products *to)
{
	double at[INPUTS] = {0}, spread = wander, product = 1;

	*to = (struct products){0};
	for (size_t k = 0; k < x->n; k++) {
		const struct prof_shift_point *v = &x->v[k];
		const double in[INPUTS] = {[ONE] = 1, [TIME] = v->time, [MEAN] = v->mean};
		struct point *p = &x->points[k];
		double f = spread + v->variance, weight = 1 / f, gain = spread * weight;
		double keep = k + 1 < x->n ? kept[k + 1] : 0;

		for (int i = 0; i < INPUTS; i++) {
			double off = in[i] - at[i];

			p->own[i] = off * weight;
			at[i] = keep * (at[i] + gain * off);
			for (int j = 0; j <= i; j++)
				to->x[i][j] += off * p->own[j];
		}
		p->weight = weight;
		p->rest = keep * (1 - gain);
		p->in = keep * gain;
		product *= f / x->v[0].variance;
		if (!(product < 1e200 && product > 1e-200)) { /* a logarithm now and then */
			to->log_det += log(product);
			product = 1;
		}
		spread = keep * keep * (spread * (1 - gain)) + wander * (1 - keep * keep);
	}
	to->log_det += log(product);
	for (int i = 0; i < INPUTS; i++)
		for (int j = i + 1; j < INPUTS; j++)
			to->x[i][j] = to->x[j][i];
}

/* The adjoint of the filter: S^-1 x from the innovations, summed from the end; and the cost of a
 * shift's innovations, a quadratic in what the filter expects: a e^2 + b e + c.
 */
static void smooth(struct finder *x)
{
	double adjoint[INPUTS] = {0}, sum[INPUTS] = {0}, a = 0, b = 0, c = 0;

	for (size_t k = x->n; k-- > 0;) {
		struct point *p = &x->points[k];
		double rest = p->rest, in = p->in;

		for (int i = 0; i < INPUTS; i++) {
			sum[i] += p->own[i] + adjoint[i] * in;
			p->sum[i] = sum[i];
			adjoint[i] = adjoint[i] * rest - p->own[i];
		}
		/* The next one expects rest * e + in. */
		c += a * in * in + b * in + p->weight;
		b = 2 * a * rest * in + b * rest - 2 * p->weight;
		a = a * rest * rest + p->weight;
		p->square = c;
	}
}

static double without_level(const struct products *s, int i, int j)
{
	return s->x[i][j] - s->x[i][ONE] * s->x[ONE][j] / s->x[ONE][ONE];
}

/* Of a shift at k: the regression's sum of squares and product with the series. */
static void at_place(
	const struct finder *x, const struct products *s, size_t k, double *square, double *product)
{
	const struct point *p = &x->points[k];
	double level = p->sum[ONE] / s->x[ONE][ONE];

	*square = p->square - p->sum[ONE] * level;
	*product = p->sum[MEAN] - s->x[ONE][MEAN] * level;
}

/* The wander's variance, and what is kept of it. */
static double covariance(const struct finder *x, size_t g, const double **kept)
{
	double sd = g ? reach[(g - 1) % REACHES] * x->level : 0;

	*kept = x->kept + (g ? (g - 1) / REACHES : 0) * x->n;
	return sd * sd;
}

static void try_covariance(struct finder *x, size_t g)
{
	struct products s;
	const double *kept;
	double none, slope, line, wander = covariance(x, g, &kept);

	filter(x, wander, kept, &s);
	smooth(x);
	none = without_level(&s, MEAN, MEAN);
	slope = without_level(&s, TIME, TIME);
	line = without_level(&s, TIME, MEAN);
	x->base[g] = -s.log_det / 2 - log(s.x[ONE][ONE]) / 2;
	x->none[g] = fmax(none, LEAST);
	x->line[g] = fmax(slope > 0 ? none - line * line / slope : none, LEAST);
	for (size_t k = x->first; k < x->end; k++) {
		double square, product;

		at_place(x, &s, k, &square, &product);
		x->shift[g * x->n + k] = fmax(
			square > 0 ? none - product * product / square : none, LEAST);
	}
}

/* Restricted: of what the level leaves. */
static double likelihood(const struct finder *x, size_t g, double rest)
{
	return x->base[g] - ((double)x->n - 1) / 2 * log(rest);
}

static int try_all(
	struct finder *x, const struct prof_wander *w, struct prof_mem *mem, struct prof_err *e)
{
	x->points = prof_mem_zalloc(mem, x->n, sizeof(*x->points), e);
	x->kept = prof_mem_zalloc(mem, MEMORIES * x->n, sizeof(*x->kept), e);
	x->shift = prof_mem_zalloc(mem, GRID * x->n, sizeof(*x->shift), e);
	if (!x->points || !x->kept || !x->shift)
		return PROF_ENOMEM;
	for (size_t i = 0; i < MEMORIES; i++)
		for (size_t k = 1; k < x->n; k++)
			x->kept[i * x->n + k] = exp((x->v[k - 1].time - x->v[k].time) / memory[i]);
	for (size_t k = 0; k < x->n; k++)
		x->level += fabs(x->v[k].mean) / (double)x->n;
	for (size_t g = 0; g < GRID; g++)
		if (w->chance[g] > NEGLIGIBLE)
			try_covariance(x, g);
	return 0;
}

static void drop(struct finder *x, struct prof_mem *mem)
{
	prof_mem_zfree(mem, x->points, x->n, sizeof(*x->points));
	prof_mem_zfree(mem, x->kept, MEMORIES * x->n, sizeof(*x->kept));
	prof_mem_zfree(mem, x->shift, GRID * x->n, sizeof(*x->shift));
}

/* The logarithm of a likelihood over all covariances; `rest` of each, `step` apart. */
static double over_all(
	const struct finder *x, const struct prof_wander *w, const double *rest, size_t step)
{
	double v[GRID], top = -INFINITY, sum = 0;

	for (size_t g = 0; g < GRID; g++) {
		v[g] = w->chance[g] > NEGLIGIBLE ? likelihood(x, g, rest[g * step]) : -INFINITY;
		top = fmax(top, v[g]);
	}
	for (size_t g = 0; g < GRID; g++)
		sum += w->chance[g] * exp(v[g] - top);
	return top + log(sum);
}

/* Student's t as the ratio of likelihoods has it. Noise has tails, as if of 6 degrees of freedom,
 * which get thinner in a mean of many: the side of fewer points has `few`.
 */
static double p_of(const struct finder *x, double with, double without, size_t few)
{
	double df = (double)x->n - 2, ratio = fmax(0, 2 * (with - without));
	double t = sqrt(df * expm1(ratio / (df + 1)));

	return df > 0 ? 2 * prof_t_cdf(-t, fmin(df, TAIL + 4 * (double)few)) : 1;
}

/* The chance of each place, and the likeliest. */
static double place(struct finder *x, const struct prof_wander *w)
{
	struct prof_shift *out = x->out;
	double best = -INFINITY, all = 0;

	for (size_t k = x->first; k < x->end; k++) {
		x->v[k].chance = over_all(x, w, x->shift + k, x->n);
		if (x->v[k].chance > best) {
			best = x->v[k].chance;
			out->at = k;
		}
	}
	for (size_t k = x->first; k < x->end; k++)
		all += x->v[k].chance = exp(x->v[k].chance - best);
	for (size_t k = x->first; k < x->end; k++)
		x->v[k].chance /= all;
	return best;
}

/* Levels and the line, under the covariance that fits the shift best. */
static void measure(struct finder *x, size_t g)
{
	struct prof_shift *out = x->out;
	struct products s;
	const double *kept;
	double wander = covariance(x, g, &kept), square, product, slope, level;

	filter(x, wander, kept, &s);
	smooth(x);
	at_place(x, &s, out->at, &square, &product);
	product = square > 0 ? product / square : 0;
	out->before = (s.x[ONE][MEAN] - product * x->points[out->at].sum[ONE]) / s.x[ONE][ONE];
	out->after = out->before + product;
	slope = without_level(&s, TIME, MEAN) / fmax(without_level(&s, TIME, TIME), 1e-300);
	level = (s.x[ONE][MEAN] - slope * s.x[ONE][TIME]) / s.x[ONE][ONE];
	out->low = level + slope * x->v[0].time;
	out->high = level + slope * x->v[x->n - 1].time;
}

/* The covariance that fits the shift best. */
static size_t best_fit(const struct finder *x, const struct prof_wander *w)
{
	double top = -INFINITY;
	size_t best = 0;

	for (size_t g = 0; g < GRID; g++) {
		double v = w->chance[g] > NEGLIGIBLE
				   ? likelihood(x, g, x->shift[g * x->n + x->out->at]) +
					     log(w->chance[g])
				   : -INFINITY;

		if (v > top) {
			top = v;
			best = g;
		}
	}
	return best;
}

int prof_shift_find(struct prof_shift *out, struct prof_shift_point *v, size_t n, size_t first,
	size_t end, const struct prof_wander *w, struct prof_mem *mem, struct prof_err *e)
{
	struct finder x = {.out = out, .v = v, .n = n, .first = first, .end = end};
	int rc;

	*out = (struct prof_shift){.p = 1, .line_p = 1};
	for (size_t k = 0; k < n; k++)
		v[k].chance = 0;
	if (n < 3 || first >= end)
		return 0;
	rc = try_all(&x, w, mem, e);
	if (!rc) {
		double none = over_all(&x, w, x.none, 1);

		double best = place(&x, w);
		size_t few = out->at < n - out->at ? out->at : n - out->at;

		out->p = p_of(&x, best, none, few);
		out->line_p = p_of(&x, over_all(&x, w, x.line, 1), none, n / 2);
		measure(&x, best_fit(&x, w));
	}
	drop(&x, mem);
	return rc;
}

void prof_wander_init(struct prof_wander *w)
{
	for (size_t g = 0; g < GRID; g++)
		w->chance[g] = 1.0 / GRID;
	w->sd = 0;
}

/* The likelihood with this left of the squares, over that with the least. */
static double over(const struct finder *x, double rest, double least)
{
	double power = ((double)x->n - 1) / 2;

	return (rest / least - 1) * power < 50 ? exp(-power * log(rest / least)) : 0;
}

int prof_wander_row(
	double *row, struct prof_shift_point *v, size_t n, struct prof_mem *mem, struct prof_err *e)
{
	struct finder x = {.v = v, .n = n, .first = 1, .end = n};
	struct prof_wander all;
	double top = -INFINITY;
	int rc;

	prof_wander_init(&all);
	rc = n < 3 ? 0 : try_all(&x, &all, mem, e);
	for (size_t g = 0; !rc && n >= 3 && g < GRID; g++) {
		const double *shift = x.shift + g * n;
		double least = fmin(x.none[g], x.line[g]), sum;

		for (size_t k = 1; k < n; k++)
			least = fmin(least, shift[k]);
		sum = (double)n * over(&x, x.line[g], least);
		for (size_t k = 1; k < n; k++)
			sum += over(&x, shift[k], least);
		row[g] = likelihood(&x, g, least) +
			 log(over(&x, x.none[g], least) + SHIFTS / (double)n * sum);
		top = fmax(top, row[g]);
	}
	for (size_t g = 0; g < GRID; g++)
		row[g] = rc || n < 3 ? 1 : exp(row[g] - top);
	drop(&x, mem);
	return rc;
}

void prof_wander_learn(struct prof_wander *w, const double *rows, size_t n)
{
	prof_wander_init(w);
	for (int round = 0; round < ROUNDS; round++) {
		double next[GRID];

		for (size_t g = 0; g < GRID; g++)
			next[g] = PRIOR_ROWS / GRID;
		for (size_t r = 0; r < n; r++) {
			const double *row = rows + r * GRID;
			double sum = 0;

			for (size_t g = 0; g < GRID; g++)
				sum += row[g] * w->chance[g];
			for (size_t g = 0; g < GRID; g++)
				next[g] += row[g] * w->chance[g] / sum;
		}
		for (size_t g = 0; g < GRID; g++)
			w->chance[g] = next[g] / ((double)n + PRIOR_ROWS);
	}
	for (size_t g = 1; n && g < GRID; g++)
		w->sd += w->chance[g] * reach[(g - 1) % REACHES] * reach[(g - 1) % REACHES];
	w->sd = sqrt(w->sd);
}
