#include <math.h>

#include "libprof/analyse/diff/diff.h"

/* How much rows vary from run to run, as so many times Poisson's variance: Pearson's chi2 of each
 * row's runs, each run held against its own total (so that a slow machine, which slows all rows
 * alike, is no dispersion), and all rows' together (stats/noise.h). Where a side has one run only,
 * nothing is to be seen, and what comparisons of equal builds have shown stands for it; more where
 * what is counted depends on when the collector ran, or comes in bursts.
 *
 * What the scheduler does for nobody follows the machine's load and varies by much more, as do
 * locks and wake-ups: such rows are a kind of their own, and of a run's total only the rest is what
 * the other rows are held against, or they would seem to vary by as much the other way.
 */
enum { LEAST_TRIALS = 20, PRIOR_DF = 8 };
#define PHI_FLAT 1.4
#define PHI_CUM 1.2
#define PHI_IN_USE 4.0
#define PHI_EVENTS 3.0
#define PHI_LOAD 2.0
#define LOAD_SD 0.2 /* of what the scheduler does, from run to run */
#define OWN_SD 0.03 /* of a function's own cost, from run to run */
#define OWN_SD_EVENTS 0.25 /* who meets whom at a lock is chance's */

static double single_run_phi(const struct prof_diff *d, enum diff_metric m)
{
	if (diff_is_events(d))
		return PHI_EVENTS;
	if (d->count == COUNT_HEAP && prof_str_has_prefix(d->runs.v[0].type, "inuse"))
		return PHI_IN_USE;
	return m == M_CUM ? PHI_CUM : PHI_FLAT;
}

static bool is_load(const struct diff_row *row, enum diff_metric m, const struct diff_tally *t)
{
	return (m != M_OWN && row->code & CODE_WAITS) || row->load[m] > 0.5 * (t->x[0] + t->x[1]);
}

static const struct prof_noise *noise_of(
	const struct prof_diff *d, enum diff_metric m, size_t row, const struct diff_tally *t)
{
	return is_load(&d->rows.v[row], m, t) ? &d->load_noise[m] : &d->noise[m];
}

static double single_run_slope(const struct prof_diff *d)
{
	if (d->count == COUNT_HEAP) /* the same work allocates the same */
		return 0;
	return diff_is_events(d) ? OWN_SD_EVENTS * OWN_SD_EVENTS : OWN_SD * OWN_SD;
}

struct diff_tally diff_tally(const struct prof_diff *d, enum diff_metric m, size_t row)
{
	struct diff_tally t = {{0, 0}, 0};

	for (size_t i = 0; i < d->runs.n; i++) {
		t.x[d->runs.v[i].side] += diff_x(d, m, row, i);
		t.v += diff_v(d, m, row, i);
	}
	return t;
}

double diff_trials(const struct diff_tally *t)
{
	double n = t->x[0] + t->x[1];

	return t->v > 0 ? n * n / t->v : 0;
}

static struct prof_noise_row noise_row(
	const struct prof_diff *d, enum diff_metric m, size_t row, const struct diff_tally *t)
{
	struct prof_noise_row out = {.mean = diff_trials(t) / (double)d->runs.n};
	double one = t->v / (t->x[0] + t->x[1]), rest = !is_load(&d->rows.v[row], m, t);

	for (int s = 0; s < 2; s++) {
		const struct diff_side *side = &d->sides[s];
		double share = t->x[s] / (side->x - rest * side->load);

		if (t->x[s] <= 0 || side->runs < 2)
			continue;
		out.df += (double)side->runs - 1;
		for (size_t i = 0; i < d->runs.n; i++) {
			const struct diff_run *run = &d->runs.v[i];
			double want = (run->x - rest * run->load) * share, off;

			if ((int)run->side != s || want <= 0)
				continue;
			off = diff_x(d, m, row, i) - want;
			out.chi2 += off * off / (one * want * fmax(1 - share, 0.05));
		}
	}
	return out;
}

/* Of the rows that follow the load, or of all others. */
static void fit(struct prof_diff *d, enum diff_metric m, bool load, struct prof_noise_row *rows)
{
	struct prof_noise *noise = load ? &d->load_noise[m] : &d->noise[m];
	size_t n = 0;

	/* Delays have tests of their own. */
	for (size_t i = 0; d->count != COUNT_DELAY && i < d->rows.n; i++) {
		struct diff_tally t = diff_tally(d, m, i);

		if (diff_trials(&t) < LEAST_TRIALS || d->rows.v[i].merged ||
			is_load(&d->rows.v[i], m, &t) != load)
			continue;
		rows[n] = noise_row(d, m, i, &t);
		n += rows[n].df > 0;
	}
	if (load)
		prof_noise_init(noise, PHI_LOAD, LOAD_SD * LOAD_SD, PRIOR_DF);
	else
		prof_noise_init(noise, single_run_phi(d, m), single_run_slope(d), PRIOR_DF);
	prof_noise_fit(noise, rows, n);
	/* They are few, and almost the same samples. */
	if (load)
		noise->df = fmin(noise->df, PRIOR_DF);
}

int diff_dispersion(struct prof_diff *d, struct prof_err *e)
{
	struct prof_noise_row *rows = prof_mem_zalloc(&d->mem, d->rows.n, sizeof(*rows), e);

	if (!rows)
		return e->code;
	for (int m = 0; m < N_METRICS; m++)
		for (int load = 0; load < 2; load++)
			fit(d, (enum diff_metric)m, load, rows);
	prof_mem_zfree(&d->mem, rows, d->rows.n, sizeof(*rows));
	return 0;
}

double diff_drift(const struct prof_diff *d)
{
	double counts = d->scale.counts, speed = d->scale.speed;

	if (d->scale.by_speed)
		return isfinite(counts) ? speed * counts / (speed + counts) : speed;
	return counts;
}

void diff_rates(const struct prof_diff *d, enum diff_metric m, size_t row, struct prof_rates *r)
{
	struct diff_tally t = diff_tally(d, m, row);
	struct prof_noise_row s = noise_row(d, m, row, &t);

	*r = (struct prof_rates){.x = {t.x[0], t.x[1]},
		.exposure = {d->sides[0].exposure, d->sides[1].exposure},
		.weight = t.v / (t.x[0] + t.x[1]),
		.drift = diff_drift(d)};
	r->phi = prof_noise_phi(noise_of(d, m, row, &t), &s, &r->df);
}

void diff_sum_add(const struct prof_diff *d, size_t row, struct diff_sum_test *sum)
{
	struct prof_rates x;

	diff_rates(d, M_OWN, row, &x);
	if (!sum->n++) {
		sum->rates = x;
		return;
	}
	for (int s = 0; s < 2; s++)
		sum->rates.x[s] += x.x[s];
	sum->rates.phi = fmax(sum->rates.phi, x.phi);
	sum->rates.weight = fmax(sum->rates.weight, x.weight);
}

/* What the sum of all rows varies by, each by itself. */
static double whole_phi(const struct prof_diff *d)
{
	double v = 0, phi = 0;
	enum diff_metric m = diff_apart(d);

	for (size_t i = 0; i < d->rows.n; i++) {
		struct diff_tally t = diff_tally(d, m, i);

		v += t.v;
		phi += t.v *
		       prof_noise_at(noise_of(d, m, i, &t), diff_trials(&t) / (double)d->runs.n);
	}
	return v > 0 ? fmax(1, phi / v) : 1;
}

/* Code that was found unchanged is part of the whole: what varies in both, the factor takes off. Of
 * ln(whole / factor) that leaves what the speed is not known by, and of the counts' variance what
 * is elsewhere; but the whole is never known better than by its own counts. Speed that only few
 * runs tell of is known less well than these.
 */
void diff_rates_of_whole(const struct prof_diff *d, struct prof_rates *r)
{
	const struct diff_side *s = d->sides;
	double drift = diff_drift(d), shared = 0, counts = 0, left = drift, speed;

	*r = (struct prof_rates){.x = {s[0].x, s[1].x},
		.exposure = {s[0].exposure, s[1].exposure},
		.weight = (s[0].v + s[1].v) / (s[0].x + s[1].x),
		.phi = whole_phi(d),
		.df = PRIOR_DF + (double)d->runs.n - 2};
	for (int i = 0; i < 2; i++)
		counts += r->phi * s[i].v / (s[i].x * s[i].x);
	if (d->scale.shared > 0 && isfinite(d->scale.counts)) {
		shared = d->scale.shared;
		left = drift * (1 - 2 * shared) + shared * d->scale.counts - counts;
	}
	r->drift = fmax(0, left);
	if (!d->scale.by_speed)
		return;
	speed = drift * drift / d->scale.speed;
	counts = fmax(counts + r->drift - speed, 0);
	r->df = (speed + counts) * (speed + counts) /
		(speed * speed / d->scale.speed_df + counts * counts / r->df);
}
