#include "libprof/analyse/leak/leak.h"

#include <math.h>
#include <stdlib.h>

enum { SLOPE_POINTS = 64 };

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Theil and Sen's slope: the median over all pairs, which single odd snapshots don't move. */
static double slope(const int64_t *counts, const int64_t *times, size_t n)
{
	double pairs[SLOPE_POINTS * (SLOPE_POINTS - 1) / 2];
	size_t step = (n + SLOPE_POINTS - 1) / SLOPE_POINTS, m = 0;

	for (size_t i = 0; i < n; i += step)
		for (size_t j = i + step; j < n; j += step)
			pairs[m++] = (double)(counts[j] - counts[i]) /
				     ((double)(times[j] - times[i]) / 6e10);
	qsort(pairs, m, sizeof(*pairs), compare);
	return m ? m % 2 ? pairs[m / 2] : (pairs[m / 2 - 1] + pairs[m / 2]) / 2 : NAN;
}

/* Why a growth is no leak; NULL: it looks like one.
 *
 * A leak only ever adds: what the counts lose on the way is at most a tenth of what they gain. It
 * goes on: the last third of the time has at least a quarter of the average rate, where a pool that
 * fills up has levelled off. It is of use to nobody: those that were there stay there, while a load
 * that rises has others each time.
 */
static const char *no_leak(const struct prof_leak_opts *o, const struct prof_leak_group *g,
	const int64_t *c, const int64_t *times, size_t n)
{
	int64_t gained = 0, lost = 0, growth = c[n - 1] - c[0];
	size_t late = 2 * (n - 1) / 3;
	double part;

	if (growth < o->threshold || growth <= 0)
		return "";
	for (size_t i = 1; i < n; i++) {
		gained += c[i] > c[i - 1] ? c[i] - c[i - 1] : 0;
		lost += c[i] < c[i - 1] ? c[i - 1] - c[i] : 0;
	}
	if (growth < c[0] / (n > 2 ? 10 : 1))
		return "grows by little";
	if (lost > gained / 10)
		return "goes up and down";
	if (g->before >= 4 && g->survived < g->before / 2)
		return "is of other goroutines each time: load";
	if (n < 3)
		return NULL;
	part = times ? (double)(times[n - 1] - times[late]) / (double)(times[n - 1] - times[0])
		     : (double)(n - 1 - late) / (double)(n - 1);
	return (double)(c[n - 1] - c[late]) < 0.25 * part * (double)growth ? "levels off" : NULL;
}

static bool is_stuck(
	const struct prof_leak_opts *o, const struct prof_leak_group *g, const int64_t *c, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (c[i] != c[0])
			return false;
	return g->wait_ns >= o->stuck_ns && o->stuck_ns > 0 &&
	       g->survived >= g->before - g->before / 2;
}

/* None but in the last snapshot. */
static bool all_new(const int64_t *c, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++)
		if (c[i])
			return false;
	return true;
}

struct prof_leak_judged prof_leak_judge(const struct prof_leak_opts *opts,
	const struct prof_leak_group *g, const int64_t *counts, const int64_t *times, size_t n)
{
	struct prof_leak_judged j = {.verdict = PROF_LEAK_STABLE,
		.per_minute = NAN,
		.first = counts[0],
		.last = counts[n - 1],
		.growth = counts[n - 1] - counts[0]};

	if (times && n > 1)
		j.per_minute = slope(counts, times, n);
	for (size_t i = 0; i < g->counts.n; i++)
		if (g->counts.v[i].leaked && counts[n - 1])
			j.verdict = PROF_LEAKED;
	if (n > 1 && !counts[n - 1])
		j.verdict = PROF_LEAK_GONE;
	if (j.verdict != PROF_LEAK_STABLE)
		return j;
	/* What is there for the first time has not grown yet; but of two snapshots nothing more can
	 * be asked for. */
	j.why = n > 1 ? no_leak(opts, g, counts, times, n) : "";
	if (!j.why && (n == 2 || !all_new(counts, n)))
		j.verdict = PROF_LEAKING;
	else if (n > 1 && all_new(counts, n))
		j.verdict = PROF_LEAK_NEW;
	else if (is_stuck(opts, g, counts, n))
		j.verdict = PROF_STUCK;
	if (j.why && !*j.why)
		j.why = NULL;
	return j;
}
