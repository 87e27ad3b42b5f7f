#include "libprof/analyse/diff/diff.h"

#include "libprof/base/fmt.h"
#include "libprof/base/num.h"

static double period_of(const struct diff_run *run)
{
	struct prof_str unit;

	return prof_unit_scale(run->period, run->period_unit, PROF_STR("auto"), &unit);
}

/* Why two runs cannot be compared, or NULL. */
static const char *incomparable(const struct diff_run *a, const struct diff_run *b)
{
	if (!prof_str_eq(a->period_type, b->period_type))
		return "they were sampled by different events";
	if (period_of(a) != period_of(b))
		return "they were sampled at different rates";
	return NULL;
}

static bool differ(int64_t a, int64_t b)
{
	return a && b && (double)prof_abs(a - b) > 0.05 * (double)(a > b ? a : b);
}

static int64_t mean_duration(const struct diff_side *s)
{
	return s->runs ? s->duration_ns / (int64_t)s->runs : 0;
}

void diff_guard(struct prof_diff *d)
{
	const struct diff_side *old = &d->sides[PROF_OLD], *new = &d->sides[PROF_NEW];
	int64_t samples[2] = {0, 0};

	for (size_t i = 0; i < d->runs.n; i++)
		samples[d->runs.v[i].side] += d->runs.v[i].samples;
	if (!samples[0] && !samples[1])
		d->why = "neither profile has a sample";
	else if (!samples[0] || !samples[1])
		d->why = samples[0] ? "the new profile has no samples"
				    : "the old profile has no samples";
	for (size_t i = 1; !d->why && i < d->runs.n; i++)
		d->why = incomparable(&d->runs.v[0], &d->runs.v[i]);
	if (d->why)
		d->verdict = VERDICT_NOT_COMPARABLE;
	if (d->scale.method == SCALE_UNCHANGED && d->count == COUNT_NONE &&
		differ(mean_duration(old), mean_duration(new)))
		diff_warn(d, "durations differ: values compare if both did the same work, shares "
			     "(--normalize) if they ran under the same load");
	if (old->time_ns && new->time_ns &&new->time_ns < old->time_ns)
		diff_warn(d, "the new side was taken before the old one: swapped?");
}
