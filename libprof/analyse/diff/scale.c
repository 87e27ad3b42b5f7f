#include <math.h>

#include "libprof/analyse/diff/diff.h"
#include "libprof/analyse/nodes.h"

/* What both sides are counted per.
 *
 * Without operations or seconds: samples of code that did not change. Shares alone would not do,
 * for what a function gains all others lose. A unit is what was sampled in one function, or in the
 * runtime for it, or of a package's functions that are too small the sum. Starting at the weighted
 * median of the units' log ratios, those that lie within noise of it are summed up, which gives a
 * better one; and so on until it stays.
 *
 * How long goroutines waited in code that did not change depends on all others that want the lock:
 * of delays, what tells is how often they waited.
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
	NOISE_DF = 6, /* and that on how unchanged code varies */
};
#define ASK_OWNER (PROF_NONE - 1)
#define WITHIN 2.5 /* standard deviations */
#define ALIKE_SD 0.1 /* of units' ratios, for the median: no function decides by its size alone */
#define SPEED_SD 0.08 /* of a run's speed, before its runs were seen */
#define SPEED_SD_EXACT 0.02 /* allocations don't depend on it */
#define SHARED 2.0 /* by what more than its functions do, before its runs were seen */
#define DISAGREE 0.05 /* of ln(factor), to be worth a warning */
#define ENOUGH 0.2 /* of all samples, for unchanged code to be believed */

struct unit {
	double x[2], v;
	double ratio, var; /* ln(new / old), and its variance */
	double noise; /* the variance of its counts, runs' included */
	uint32_t at; /* the unit where it counts: itself, or its package's */
	bool agrees;
};

/* By row: what is its own, and what the runtime does for it (of a part of a profile, of which more
 * is known than its rows: by name, a string); then packages, by string.
 */
struct units {
	struct prof_diff *d;
	struct unit *v;
	size_t n, packages; /* in all; where packages begin */
	double all[2]; /* of the samples, all units or not */
	uint32_t *leaf[2], *owner[2]; /* by row and side: a unit, PROF_NONE or ASK_OWNER */
	uint32_t *told; /* units that say something */
	size_t n_told;
	double *ratio, *weight; /* of these */
	size_t *order;
};

/* A sample's unit: the function where it was taken, or who asked for it where that is the runtime
 * (or a lock, as in all contentions). None where nobody has, as with the collector's work, and in
 * allocation, whose cost depends on when that was; nor where the function is on one side only,
 * which says nothing about a factor. `side`: that of the run whose sample it is.
 */
static uint32_t unit_of_row(
	const struct prof_diff *d, enum prof_side side, uint32_t row, bool owner, uint32_t rest)
{
	const struct diff_row *r = &d->rows.v[row];

	if (side == PROF_OLD && r->now != PROF_NONE)
		r = &d->rows.v[row = r->now];
	if (!diff_is_events(d) && r->code & CODE_RUNTIME)
		return owner ? PROF_NONE : ASK_OWNER;
	if (diff_is_events(d) && !owner)
		return ASK_OWNER;
	return r->present[PROF_OLD] && r->present[PROF_NEW] ? row + rest : PROF_NONE;
}

static void find_units(struct units *u)
{
	uint32_t rows = (uint32_t)u->d->rows.n;

	for (int side = 0; side < 2; side++)
		for (uint32_t i = 0; i < rows; i++) {
			u->leaf[side][i] = unit_of_row(u->d, side, i, false, 0);
			u->owner[side][i] = unit_of_row(u->d, side, i, true, rows);
		}
}

static inline uint32_t unit_of(const struct units *u, const struct diff_run *run, size_t sample)
{
	uint32_t unit = PROF_NONE;

	if (run->leaf[sample] != PROF_NONE)
		unit = u->leaf[run->side][run->leaf[sample]];
	return unit == ASK_OWNER ? u->owner[run->side][run->owner[sample]] : unit;
}

static void add_to(struct unit *u, const double x[2], double v)
{
	u->x[0] += x[0];
	u->x[1] += x[1];
	u->v += v;
}

/* Where only a part is compared, by the names of all functions. */
static void fill_whole(struct units *u)
{
	struct prof_diff *d = u->d;

	for (size_t i = 0; i < d->whole.n; i++) {
		const struct diff_whole *w = &d->whole.v[i];

		for (int s = 0; s < 2; s++)
			u->all[s] += w->x[s];
		if (w->x[0] > 0 && w->x[1] > 0 &&
			!(diff_code_of(d, prof_strtab_get(&d->strings, (uint32_t)i)) &
				CODE_RUNTIME))
			add_to(&u->v[i], w->x, w->v);
	}
}

static void fill(struct units *u)
{
	struct prof_diff *d = u->d;
	bool delay = d->count == COUNT_DELAY;

	for (size_t r = 0; r < d->runs.n; r++) {
		const struct diff_run *run = &d->runs.v[r];
		double step = delay ? diff_step(run->p, 0) : 1;

		for (size_t i = 0; i < run->p->sample_stack.n; i++) {
			uint32_t unit = unit_of(u, run, i);
			double x = delay ? fabs((double)run->p->values.v[0].v[i]) : run->weight[i];

			u->all[run->side] += x;
			if (unit == PROF_NONE)
				continue;
			u->v[unit].x[run->side] += x;
			u->v[unit].v += delay ? x * step : run->var[i];
		}
	}
}

static double trials_of(const struct unit *u)
{
	double n = u->x[0] + u->x[1];

	return u->v > 0 ? n * n / u->v : 0;
}

static uint32_t package_of(const struct prof_diff *d, size_t unit)
{
	struct prof_str name;

	if (!d->whole.n)
		return d->rows.v[unit % d->rows.n].package;
	name = prof_go_package(prof_strtab_get(&d->strings, (uint32_t)unit));
	return prof_strtab_find(&d->strings, name);
}

/* What is too small is counted with its package. */
static void pool(struct units *u)
{
	for (size_t i = 0; i < u->n; i++) {
		struct unit *from = &u->v[i];
		uint32_t package;

		from->at = (uint32_t)i;
		if (i >= u->packages || from->v <= 0 || trials_of(from) >= LEAST_TRIALS)
			continue;
		package = package_of(u->d, i);
		if (package == PROF_NONE)
			continue;
		from->at = (uint32_t)u->packages + package;
		add_to(&u->v[from->at], from->x, from->v);
	}
}

static void ready(struct units *u)
{
	const struct prof_noise *noise = &u->d->noise[diff_apart(u->d)];

	for (size_t i = 0; i < u->n; i++) {
		struct unit *unit = &u->v[i];
		double trials = trials_of(unit), a = unit->x[0], b = unit->x[1], w;

		if (unit->at != i || trials < LEAST_TRIALS)
			continue;
		unit->noise = unit->v *
			      fmax(1, prof_noise_at(noise, trials / (double)u->d->runs.n));
		w = unit->noise / (a + b); /* variance of one of x */
		unit->ratio = log((b + w / 2) / (a + w / 2));
		unit->var = w * (1 / (a + w / 2) + 1 / (b + w / 2));
		u->ratio[u->n_told] = unit->ratio;
		u->weight[u->n_told] = 1 / (unit->var + ALIKE_SD * ALIKE_SD);
		u->told[u->n_told++] = (uint32_t)i;
	}
}

/* What one round of `agree` takes together. */
static struct unit together(struct units *u, double at, double window)
{
	struct unit sum = {.v = 0};

	for (size_t i = 0; i < u->n_told; i++) {
		struct unit *unit = &u->v[u->told[i]];
		double off = unit->ratio - at;

		unit->agrees = off * off <= WITHIN * WITHIN * (unit->var + window);
		if (!unit->agrees)
			continue;
		add_to(&sum, unit->x, unit->v);
		sum.noise += unit->noise;
	}
	return sum;
}

/* How much of each run was found unchanged varies by more than its functions do, each by itself,
 * where they vary together: with the machine's load, which the scheduler and the collector feel
 * most, or with how much fits into its caches. By how much more, the runs tell.
 */
static double shared_noise(struct units *u, double phi)
{
	struct prof_diff *d = u->d;
	double x[2] = {0, 0}, chi2 = 0, df = 0, prior = phi;

	for (size_t r = 0; r < d->runs.n; r++) {
		struct diff_run *run = &d->runs.v[r];

		run->unchanged = 0;
		for (size_t i = 0; i < run->p->sample_stack.n; i++) {
			uint32_t unit = unit_of(u, run, i);

			if (unit != PROF_NONE && u->v[u->v[unit].at].agrees)
				run->unchanged += run->weight[i];
		}
		x[run->side] += run->unchanged;
	}
	for (size_t r = 0; r < d->runs.n; r++) {
		const struct diff_run *run = &d->runs.v[r];
		const struct diff_side *side = &d->sides[run->side];
		double share = x[run->side] / side->x, off = run->unchanged - run->x * share;

		if (side->runs < 2 || run->x <= 0 || !(share > 0))
			continue;
		df += 1 - 1 / (double)side->runs;
		chi2 += off * off / (side->v / side->x * run->x * share * fmax(1 - share, 0.05));
	}
	if (d->count == COUNT_SAMPLES)
		prior *= SHARED;
	return fmax(phi, (NOISE_DF * prior + chi2) / (NOISE_DF + df));
}

/* The factor at which the units near it agree, from `start` on; *drift: its variance as a log;
 * *share: of all samples. `window`: variance of what the start itself may be off.
 */
static double agree(struct units *u, double start, double window, double *drift, double *share)
{
	double at = start;
	struct unit sum = {.v = 0};

	*drift = INFINITY;
	*share = 0;
	for (int round = 0; round < ROUNDS; round++) {
		double n, next;

		sum = together(u, at, window);
		n = sum.x[0] + sum.x[1];
		if (sum.x[0] <= 0 || sum.x[1] <= 0)
			return start;
		next = log(sum.x[1] / sum.x[0]);
		*drift = window = sum.noise / n * (1 / sum.x[0] + 1 / sum.x[1]);
		*share = n / (u->all[0] + u->all[1]);
		if (fabs(next - at) < 1e-9)
			break;
		at = next;
	}
	if (!u->d->whole.n && u->d->count != COUNT_DELAY)
		*drift *= shared_noise(u, sum.noise / sum.v) / (sum.noise / sum.v);
	return at;
}

/* Variance of the ln of a run's total beyond that of counting, from runs of one side. */
static double speed_variance(const struct prof_diff *d, double *df)
{
	double phi = d->noise[diff_apart(d)].floor;
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

/* Memory is freed with the units, whatever was had of it. */
static int units_init(struct units *u, struct prof_diff *d, struct prof_err *e)
{
	*u = (struct units){.d = d, .packages = d->whole.n ? d->whole.n : 2 * d->rows.n};
	u->n = u->packages + d->strings.strs.n;
	for (int side = 0; side < 2; side++) {
		u->leaf[side] = prof_mem_zalloc(&d->mem, d->rows.n, sizeof(uint32_t), e);
		u->owner[side] = prof_mem_zalloc(&d->mem, d->rows.n, sizeof(uint32_t), e);
		if (!u->leaf[side] || !u->owner[side])
			return e->code;
	}
	u->v = prof_mem_zalloc(&d->mem, u->n, sizeof(*u->v), e);
	u->told = prof_mem_zalloc(&d->mem, u->n, sizeof(*u->told), e);
	u->ratio = prof_mem_zalloc(&d->mem, u->n, sizeof(*u->ratio), e);
	u->weight = prof_mem_zalloc(&d->mem, u->n, sizeof(*u->weight), e);
	u->order = prof_mem_zalloc(&d->mem, u->n, sizeof(*u->order), e);
	return u->v && u->told && u->ratio && u->weight && u->order ? 0 : e->code;
}

static void units_fini(struct units *u)
{
	struct prof_mem *mem = &u->d->mem;

	for (int side = 0; side < 2; side++) {
		prof_mem_zfree(mem, u->leaf[side], u->d->rows.n, sizeof(uint32_t));
		prof_mem_zfree(mem, u->owner[side], u->d->rows.n, sizeof(uint32_t));
	}
	prof_mem_zfree(mem, u->v, u->n, sizeof(*u->v));
	prof_mem_zfree(mem, u->told, u->n, sizeof(*u->told));
	prof_mem_zfree(mem, u->ratio, u->n, sizeof(*u->ratio));
	prof_mem_zfree(mem, u->weight, u->n, sizeof(*u->weight));
	prof_mem_zfree(mem, u->order, u->n, sizeof(*u->order));
}

static void per_unchanged(struct units *u)
{
	struct diff_side *s = u->d->sides;
	struct diff_scaling *scale = &u->d->scale;
	double start = log(s[PROF_NEW].x / s[PROF_OLD].x), weight = 0, at;

	for (size_t i = 0; i < u->n_told; i++)
		weight += u->weight[i];
	if (u->n_told)
		start = prof_weighted_median(u->ratio, u->weight, u->order, u->n_told);
	/* A median varies pi / 2 times as much as the mean. */
	at = agree(u, start, 1.5708 / weight, &scale->counts, &scale->share);
	if (!isfinite(scale->counts))
		scale->counts = s[0].v / (s[0].x * s[0].x) + s[1].v / (s[1].x * s[1].x);
	s[PROF_OLD].exposure = s[PROF_OLD].x;
	s[PROF_NEW].exposure = s[PROF_OLD].x * exp(at);
	scale->factor = exp(at);
	scale->unchanged = 1;
}

static double percent(double log_ratio)
{
	return 100 * expm1(log_ratio);
}

/* Runs that did equal work count as much of unchanged code, but for how fast the machine was. */
static void check_equal_runs(struct prof_diff *d)
{
	const struct diff_side *s = d->sides;
	const struct diff_scaling *scale = &d->scale;
	double runs = log((double)s[PROF_NEW].runs / (double)s[PROF_OLD].runs);
	double off = log(scale->factor) - runs;
	double whole = log(s[PROF_NEW].x / s[PROF_OLD].x) - runs;

	if ((d->count != COUNT_SAMPLES && d->count != COUNT_HEAP) ||
		fabs(off) < WITHIN * sqrt(scale->counts + scale->speed) || fabs(off) < DISAGREE)
		return;
	diff_warn(d,
		"unchanged code counts %+.0f%% a run; by it the whole is %+.0f%%, by runs %+.0f%%: "
		"see --ops",
		percent(off), percent(whole - off), percent(whole));
}

/* `per`: operations or seconds of each side. */
static void per_known(struct units *u, const double per[2])
{
	struct diff_side *s = u->d->sides;
	struct diff_scaling *scale = &u->d->scale;
	double known = log(per[PROF_NEW] / per[PROF_OLD]), off = 0, at;

	at = agree(u, known, scale->speed, &scale->counts, &scale->share);
	if (scale->share < ENOUGH || u->d->count == COUNT_DELAY)
		scale->counts = INFINITY;
	else
		off = (at - known) * scale->speed / (scale->speed + scale->counts);
	scale->by_speed = true;
	s[PROF_OLD].exposure = per[PROF_OLD];
	s[PROF_NEW].exposure = per[PROF_NEW] * exp(off);
	scale->factor = s[PROF_NEW].exposure / s[PROF_OLD].exposure;
	scale->unchanged = isfinite(scale->counts) ? exp(off) : NAN;
}

static void per_total(struct prof_diff *d)
{
	struct diff_side *s = d->sides;

	for (int i = 0; i < 2; i++)
		s[i].exposure = s[i].x;
	d->scale.factor = s[PROF_NEW].x / s[PROF_OLD].x;
	d->scale.unchanged = 1;
	d->scale.counts = 0;
}

/* Where nothing is estimated. */
static double plain_factor(const struct prof_diff *d)
{
	const struct diff_side *s = d->sides;

	return d->scale.method == SCALE_TOTAL && s[0].total && s[1].total
		       ? (double)s[1].total / (double)s[0].total
		       : (double)s[1].runs / (double)s[0].runs;
}

/* Of a part that is compared: how much of it is in functions that were found unchanged. */
static double shared_of_part(const struct units *u)
{
	const struct prof_diff *d = u->d;
	double sum = 0;

	for (size_t i = 0; i < d->rows.n; i++) {
		uint32_t name = d->rows.v[i].name;

		if (name >= d->whole.n || !u->v[u->v[name].at].agrees)
			continue;
		for (int s = 0; s < 2; s++)
			sum += diff_side_x(d, M_FLAT, i, (enum prof_side)s);
	}
	return sum / (d->sides[0].x + d->sides[1].x);
}

static void scale_by(struct units *u)
{
	struct prof_diff *d = u->d;
	const struct diff_side *s = d->sides;
	double per[2];

	if (d->whole.n) {
		fill_whole(u);
	} else {
		find_units(u);
		fill(u);
	}
	pool(u);
	ready(u);
	for (int i = 0; i < 2; i++)
		per[i] = d->scale.method == SCALE_OPS ? s[i].ops : (double)s[i].duration_ns;
	if (d->scale.method == SCALE_UNCHANGED) {
		per_unchanged(u);
		check_equal_runs(d);
	} else {
		per_known(u, per);
	}
	d->scale.shared = d->whole.n ? shared_of_part(u) : d->scale.share;
}

int diff_scale(struct prof_diff *d, struct prof_err *e)
{
	const struct diff_side *s = d->sides;
	struct diff_scaling *scale = &d->scale;
	struct units u;
	int rc;

	if (d->count == COUNT_EXACT || d->count == COUNT_NONE) {
		if (scale->method == SCALE_UNCHANGED)
			scale->method = SCALE_NONE;
		scale->factor = plain_factor(d);
		return 0;
	}
	if (s[PROF_OLD].x <= 0 || s[PROF_NEW].x <= 0)
		return 0;
	scale->speed = speed_variance(d, &scale->speed_df) *
		       (1 / (double)s[0].runs + 1 / (double)s[1].runs);
	if (scale->method == SCALE_TOTAL) {
		per_total(d);
		return 0;
	}
	rc = units_init(&u, d, e);
	if (!rc)
		scale_by(&u);
	units_fini(&u);
	return rc;
}
