#include <math.h>

#include "libprof/analyse/diff/diff.h"
#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"

enum { MOST_SUMS = 4 };

static void foot(struct diff_writer *w)
{
	if (!w->rc)
		w->rc = prof_report_foot(w->r, &w->b, w->e);
}

/* The smallest change of a function of 5 % of the samples that `times` as much data would show. */
static double shows(const struct prof_diff *d, double times)
{
	const struct diff_side *s = d->sides;
	double mean = 0.05 * (s[0].x + s[1].x) / (double)d->runs.n;
	double weight = (s[0].v + s[1].v) / (s[0].x + s[1].x);
	struct prof_noise_row row = {.df = (double)d->runs.n - 2, .mean = mean / weight};
	struct prof_rates r = {.weight = weight, .drift = diff_drift(d) / times};

	row.chi2 = row.df * prof_noise_at(&d->noise[M_OWN], row.mean);
	r.phi = prof_noise_phi(&d->noise[M_OWN], &row, &r.df);
	r.df *= times;
	for (int i = 0; i < 2; i++) {
		r.x[i] = 0.05 * s[i].x * times;
		r.exposure[i] = s[i].exposure * times;
	}
	return prof_rates_detectable(&r, diff_level(d, M_OWN), DIFF_POWER);
}

static void put_least(struct prof_buf *b, double ratio)
{
	if (isfinite(ratio))
		diff_put_change(b, ratio);
	else
		prof_buf_str(b, "by no change");
}

static void detectable(struct diff_writer *w)
{
	const struct prof_diff *d = w->d;
	double needed;

	if (!d->total.tested || d->verdict == VERDICT_NOT_COMPARABLE)
		return;
	prof_buf_str(&w->b, "What would show: the whole ");
	put_least(&w->b, d->total.detectable);
	prof_buf_str(&w->b, ", a 5 % function ");
	put_least(&w->b, shows(d, 1));
	prof_buf_str(&w->b, "; with 4 times as many runs ");
	put_least(&w->b, shows(d, 4));
	foot(w);
	needed = prof_rates_needed(&d->total.rates, 1 + d->opts.effect, DIFF_Q, DIFF_POWER);
	if (d->verdict != VERDICT_INCONCLUSIVE || !(needed > 1) || !isfinite(needed))
		return;
	prof_buf_str(&w->b, "To see a change of the whole by ");
	prof_buf_double(&w->b, 100 * d->opts.effect, 'g', 3);
	prof_buf_str(&w->b, "%: ");
	prof_buf_double(&w->b, ceil(needed * (double)d->sides[0].runs), 'f', 0);
	prof_buf_str(&w->b, " runs of each side");
	if (d->sides[0].duration_ns) {
		prof_buf_str(&w->b, ", or runs of ");
		prof_fmt_scaled(&w->b,
			(int64_t)(ceil(needed * (double)d->sides[0].duration_ns /
					  (double)d->sides[0].runs / 1e9) *
				  1e9),
			PROF_STR("ns"), PROF_STR("s"));
	}
	foot(w);
}

static struct prof_str version_of(struct prof_str module)
{
	const char *at = memchr(module.p, '@', module.len);

	return at ? (struct prof_str){at + 1, (uint32_t)(module.p + module.len - at - 1)} : module;
}

/* "package main +11% (0.93s → 1.03s)": those that changed, the largest first. */
static void sum_lines(struct diff_writer *w, const char *label, const struct diff_sums *sums)
{
	const struct prof_diff *d = w->d;
	size_t n = 0;

	for (size_t i = 0; i < sums->n && n < MOST_SUMS; i++) {
		const struct diff_sum *s = &sums->v[i];
		struct prof_str name = prof_strtab_get(&d->strings, s->name);

		/* Of so many, none by chance. */
		if (!(s->p * (double)sums->n <= DIFF_Q))
			continue;
		prof_buf_str(&w->b, n++ ? ", " : label);
		diff_put_name(&w->b, name.len ? name : PROF_STR("(own code)"), 40);
		prof_buf_char(&w->b, ' ');
		diff_put_change(&w->b, s->ratio.ratio);
	}
	if (n)
		foot(w);
}

/* Dependencies of another version. */
static void module_lines(struct diff_writer *w)
{
	const struct prof_diff *d = w->d;

	for (size_t i = 0; i < d->modules.n; i++) {
		const struct diff_sum *s = &d->modules.v[i];

		if (!s->module[0] || !s->module[1] || s->module[0] == s->module[1])
			continue;
		prof_buf_str(&w->b, "module ");
		diff_put_name(&w->b, prof_strtab_get(&d->strings, s->module[PROF_OLD]), 50);
		prof_buf_str(&w->b, " → ");
		prof_buf_plain(
			&w->b, version_of(prof_strtab_get(&d->strings, s->module[PROF_NEW])));
		prof_buf_char(&w->b, ' ');
		diff_put_change(&w->b, s->ratio.ratio);
		foot(w);
	}
}

void diff_put_foot(struct diff_writer *w, size_t shown)
{
	const struct prof_diff *d = w->d;
	size_t evidence = 0, changed = 0;

	for (size_t i = 0; i < d->rows.n; i++) {
		const struct diff_row *row = &d->rows.v[i];

		if (row->finding || row->merged || row->explained)
			continue;
		if (row->under != PROF_NONE)
			evidence++;
		else
			changed += row->test[M_FLAT].significant || row->test[M_CUM].significant;
	}
	if (shown < w->changed) {
		prof_buf_printf(&w->b, "and %zu more (-n 0 shows all): ", w->changed - shown);
		if (evidence)
			prof_buf_printf(&w->b, "%zu %s evidence under these, ", evidence,
				evidence == 1 ? "is" : "are");
		if (d->hypotheses[0])
			prof_buf_printf(&w->b,
				changed ? "%zu changed more than noise"
					: "none changed by more than noise",
				changed);
		else
			prof_buf_str(&w->b, "not tested");
		foot(w);
	}
	sum_lines(w, "By package: ", &d->packages);
	module_lines(w);
	detectable(w);
}
