#include "libprof/analyse/diff/diff.h"

#include <math.h>

/* A finding of a change to more, or to less. */
static bool finding(const struct diff_row *row, bool more)
{
	return row->finding && (row->test[M_OWN].ratio.ratio > 1) == more;
}

/* Exact counts: what is there is what there is. */
static enum diff_verdict exact(const struct prof_diff *d)
{
	double old = (double)d->sides[PROF_OLD].total * d->scale.factor;
	double new = (double)d->sides[PROF_NEW].total;

	return new > old ? VERDICT_REGRESSED : new < old ? VERDICT_IMPROVED : VERDICT_UNCHANGED;
}

static enum diff_verdict tested(struct prof_diff *d)
{
	bool worse = false, better = false;

	for (size_t i = 0; i < d->rows.n; i++) {
		worse |= finding(&d->rows.v[i], true);
		better |= finding(&d->rows.v[i], false);
	}
	if (d->total.significant)
		return d->total.ratio.ratio > 1 ? VERDICT_REGRESSED : VERDICT_IMPROVED;
	if (worse || better) {
		d->why = worse ? "a function regressed; the whole did not change by more than noise"
			       : "a function improved; the whole did not change by more than noise";
		return worse ? VERDICT_REGRESSED : VERDICT_IMPROVED;
	}
	if (d->total.p <= DIFF_Q) {
		d->why = "the whole changed, but runs of both sides overlap";
		return VERDICT_INCONCLUSIVE;
	}
	if (d->total.tested && d->total.detectable <= 1 + d->opts.effect)
		return VERDICT_UNCHANGED;
	d->why = "too few samples to tell";
	return VERDICT_INCONCLUSIVE;
}

void diff_verdict(struct prof_diff *d)
{
	if (d->verdict == VERDICT_NOT_COMPARABLE)
		return;
	if (d->count == COUNT_EXACT) {
		d->verdict = exact(d);
		return;
	}
	if (d->count != COUNT_NONE && (d->total.tested || d->count == COUNT_DELAY)) {
		d->verdict = tested(d);
		return;
	}
	d->verdict = VERDICT_INCONCLUSIVE;
	if (d->count == COUNT_NONE)
		d->why = "nothing in the profiles says how often was counted";
	else if (d->scale.method == SCALE_UNCHANGED)
		d->why = "no code has enough samples on both sides to tell what did not change";
	else
		d->why = "shares alone say nothing about the whole";
}
