#include "libprof/analyse/diff/diff.h"

#include <math.h>

/* What both sides are counted per.
 *
 * Without operations or seconds: samples of code that did not change. Shares alone would not do,
 * for what a function gains all others lose. A unit is a row's flat count, or of a package's rows
 * that are too small the sum. Starting at the weighted median of the units' log ratios, those that
 * lie within noise of it are summed up, which gives a better one; and so on until it stays.
 *
 * With operations or seconds the same is asked of code near a ratio of 1: that machines, and one
 * machine at different times, are not equally fast. How much they differ is what the totals of one
 * side's runs say; within that, unchanged code tells what it was this time, and beyond, it has
 * changed.
 */
enum {
	LEAST_TRIALS = 20, /* of a unit */
	ROUNDS = 20,
	SPEED_DF = 4, /* what the guess below is worth */
};
#define WITHIN 2.5 /* standard deviations */
#define SPEED_SD 0.05 /* of a run's speed, before its runs were seen */
#define SPEED_SD_EXACT 0.02 /* allocations don't depend on it */
#define TOTAL_SD 0.1 /* of what the whole changed by, as a log, before it was looked at */
#define ENOUGH 0.2 /* of all samples, for unchanged code to be believed */

struct units {
	size_t n;
	double *x[2], *v;
	double all[2]; /* of the samples, all units or not */
	double *ratio, *weight; /* ln(new / old), 1 / its variance */
	size_t *order;
};

static double sum_of(const double *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i];
	return sum;
}

static void add_unit(struct units *u, size_t at, const double x[2], double v)
{
	u->x[0][at] += x[0];
	u->x[1][at] += x[1];
	u->v[at] += v;
}

/* Where only a part is compared, by the names of all functions. */
static void fill_whole(struct prof_diff *d, struct units *u)
{
	for (size_t i = 0; i < d->whole.n; i++) {
		const struct diff_whole *w = &d->whole.v[i];

		for (int s = 0; s < 2; s++)
			u->all[s] += w->x[s];
		if (w->x[0] > 0 && w->x[1] > 0 &&
			!(diff_code_of(prof_strtab_get(&d->strings, (uint32_t)i)) & CODE_RUNTIME))
			add_unit(u, i, w->x, w->v);
	}
}

/* Rows first, then the rest of each package; empty ones are dropped by `ready`. */
static void fill(struct prof_diff *d, struct units *u)
{
	/* Contentions are all in locks: whose they are tells more. */
	bool events = d->count == COUNT_EVENTS || d->count == COUNT_DELAY;
	enum diff_metric m = events ? M_OWN : M_FLAT;
	size_t rows = d->rows.n;

	for (size_t i = 0; i < rows; i++) {
		const struct diff_row *row = &d->rows.v[i];
		double x[2] = {diff_side_x(d, m, i, PROF_OLD), diff_side_x(d, m, i, PROF_NEW)};
		double v = sum_of(d->v[m] + i * d->runs.n, d->runs.n);
		bool large = v > 0 && (x[0] + x[1]) * (x[0] + x[1]) >= LEAST_TRIALS * v;

		/* What is on one side only says nothing about a factor, and what the runtime does
		 * is as much as others ask for. */
		if (row->present[PROF_OLD] && row->present[PROF_NEW] &&
			(events || !(row->code & CODE_RUNTIME)))
			add_unit(u, large ? i : rows + row->package, x, v);
	}
}

static void ready(struct units *u, double phi)
{
	size_t n = 0;

	for (size_t i = 0; i < u->n; i++) {
		double a = u->x[0][i], b = u->x[1][i], w;

		if (a + b <= 0 || (a + b) * (a + b) < LEAST_TRIALS * u->v[i])
			continue;
		w = u->v[i] / (a + b); /* variance of one of x */
		u->x[0][n] = a;
		u->x[1][n] = b;
		u->v[n] = u->v[i];
		u->ratio[n] = log((b + w / 2) / (a + w / 2));
		u->weight[n] = 1 / (phi * w * (1 / (a + w / 2) + 1 / (b + w / 2)));
		n++;
	}
	u->n = n;
}

/* The factor at which the units near it agree, from `start` on; *drift: its variance as a log;
 * *share: of the samples of all units. `window`: variance of what the factor itself may be off.
 */
static double agree(const struct units *u, double start, double window, double phi, double *drift,
	double *share)
{
	double at = start, all = sum_of(u->x[0], u->n) + sum_of(u->x[1], u->n);

	*drift = INFINITY;
	*share = 0;
	for (int round = 0; round < ROUNDS; round++) {
		double x[2] = {0, 0}, v = 0, next;

		for (size_t i = 0; i < u->n; i++) {
			double off = u->ratio[i] - (round ? at : start);

			if (off * off > WITHIN * WITHIN * (1 / u->weight[i] + window))
				continue;
			x[0] += u->x[0][i];
			x[1] += u->x[1][i];
			v += u->v[i];
		}
		if (x[0] <= 0 || x[1] <= 0)
			return start;
		next = log(x[1] / x[0]);
		*drift = phi * v / (x[0] + x[1]) * (1 / x[0] + 1 / x[1]);
		*share = (x[0] + x[1]) / all;
		window = *drift;
		if (fabs(next - at) < 1e-9)
			break;
		at = next;
	}
	return at;
}

/* Variance of the ln of a run's total beyond that of counting, from runs of one side. */
static double speed_variance(const struct prof_diff *d, double phi, double *df)
{
	double prior = d->count == COUNT_HEAP ? SPEED_SD_EXACT : SPEED_SD, sum = 0, counted = 0;
	size_t n = 0;

	for (size_t s = 0; s < 2; s++) {
		double mean = 0;
		size_t k = d->sides[s].runs;

		for (size_t i = 0; i < d->runs.n; i++)
			if (d->runs.v[i].side == s && d->runs.v[i].x > 0)
				mean += log(d->runs.v[i].x) / (double)k;
		for (size_t i = 0; i < d->runs.n; i++) {
			const struct diff_run *run = &d->runs.v[i];

			if (run->side != s || run->x <= 0)
				continue;
			sum += (log(run->x) - mean) * (log(run->x) - mean);
			counted += phi * run->v / (run->x * run->x);
		}
		n += k - 1;
	}
	*df = (double)(n + SPEED_DF);
	sum -= counted * (double)n / (double)d->runs.n;
	return (SPEED_DF * prior * prior + fmax(sum, 0)) / *df;
}

static int units_init(struct prof_diff *d, struct units *u, struct prof_err *e)
{
	u->n = d->rows.n + d->strings.strs.n;
	for (int s = 0; s < 2; s++)
		u->x[s] = prof_mem_zalloc(&d->mem, u->n, sizeof(double), e);
	u->v = prof_mem_zalloc(&d->mem, u->n, sizeof(double), e);
	u->ratio = prof_mem_zalloc(&d->mem, u->n, sizeof(double), e);
	u->weight = prof_mem_zalloc(&d->mem, u->n, sizeof(double), e);
	u->order = prof_mem_zalloc(&d->mem, u->n, sizeof(size_t), e);
	return u->x[0] && u->x[1] && u->v && u->ratio && u->weight && u->order ? 0 : e->code;
}

static void units_fini(struct prof_diff *d, struct units *u)
{
	size_t n = d->rows.n + d->strings.strs.n;

	for (int s = 0; s < 2; s++)
		prof_mem_zfree(&d->mem, u->x[s], n, sizeof(double));
	prof_mem_zfree(&d->mem, u->v, n, sizeof(double));
	prof_mem_zfree(&d->mem, u->ratio, n, sizeof(double));
	prof_mem_zfree(&d->mem, u->weight, n, sizeof(double));
	prof_mem_zfree(&d->mem, u->order, n, sizeof(size_t));
}

static void per_unchanged(struct prof_diff *d, const struct units *u)
{
	struct diff_side *s = d->sides;
	struct diff_scaling *scale = &d->scale;
	double start = u->n ? prof_weighted_median(u->ratio, u->weight, u->order, u->n)
			    : log(s[PROF_NEW].x / s[PROF_OLD].x);
	double at = agree(u, start, 0, d->typical_phi, &scale->drift, &scale->share);

	if (!isfinite(scale->drift))
		scale->drift = d->typical_phi *
			       (s[0].v / (s[0].x * s[0].x) + s[1].v / (s[1].x * s[1].x));
	s[PROF_OLD].exposure = s[PROF_OLD].x;
	s[PROF_NEW].exposure = s[PROF_OLD].x * exp(at);
	scale->factor = exp(at);
	scale->unchanged = 1;
}

/* `per`: operations or seconds of each side. */
static void per_known(struct prof_diff *d, const struct units *u, const double per[2])
{
	struct diff_side *s = d->sides;
	struct diff_scaling *scale = &d->scale;
	double known = log(per[PROF_NEW] / per[PROF_OLD]), off = 0, drift, at;

	at = agree(u, known, scale->speed, d->typical_phi, &drift, &scale->share);
	scale->drift = scale->speed;
	if (scale->share >= ENOUGH) {
		off = (at - known) * scale->speed / (scale->speed + drift);
		scale->drift = scale->speed * drift / (scale->speed + drift);
	}
	s[PROF_OLD].exposure = per[PROF_OLD];
	s[PROF_NEW].exposure = per[PROF_NEW] * exp(off);
	scale->factor = s[PROF_NEW].exposure / s[PROF_OLD].exposure;
	scale->unchanged = exp(off);
}

int diff_scale(struct prof_diff *d, struct prof_err *e)
{
	struct diff_side *s = d->sides;
	struct diff_scaling *scale = &d->scale;
	struct units u = {0};
	double per[2];
	int rc;

	if (d->count == COUNT_EXACT || d->count == COUNT_NONE) {
		if (scale->method == SCALE_UNCHANGED)
			scale->method = SCALE_NONE;
		scale->factor = scale->method == SCALE_TOTAL && s[0].total && s[1].total
					? (double)s[1].total / (double)s[0].total
					: (double)s[1].runs / (double)s[0].runs;
		return 0;
	}
	rc = units_init(d, &u, e);
	if (!rc && s[PROF_OLD].x > 0 && s[PROF_NEW].x > 0) {
		if (d->whole.n) {
			fill_whole(d, &u);
		} else {
			fill(d, &u);
			u.all[PROF_OLD] = s[PROF_OLD].x;
			u.all[PROF_NEW] = s[PROF_NEW].x;
		}
		ready(&u, d->typical_phi);
		scale->speed = speed_variance(d, d->typical_phi, &scale->speed_df) *
			       (1 / (double)s[0].runs + 1 / (double)s[1].runs);
		for (int i = 0; i < 2; i++)
			per[i] = scale->method == SCALE_OPS        ? s[i].ops
				 : scale->method == SCALE_DURATION ? (double)s[i].duration_ns
								   : s[i].x;
		if (scale->method == SCALE_UNCHANGED)
			per_unchanged(d, &u);
		else if (scale->method == SCALE_TOTAL)
			*scale = (struct diff_scaling){.method = SCALE_TOTAL,
				.factor = per[PROF_NEW] / per[PROF_OLD],
				.unchanged = 1,
				.speed_df = scale->speed_df};
		else
			per_known(d, &u, per);
		if (scale->method == SCALE_TOTAL) {
			s[PROF_OLD].exposure = per[PROF_OLD];
			s[PROF_NEW].exposure = per[PROF_NEW];
		}
	}
	units_fini(d, &u);
	return rc;
}
