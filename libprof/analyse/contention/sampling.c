/* At which rates a profile was sampled, which it does not say: its numbers do, where there are
 * enough. */
#include "libprof/analyse/contention/contention.h"
#include "libprof/base/num.h"

/* Recovers the fraction of a mutex profile, whose counts are multiples of it. That they are so by
 * chance is the less likely the more there are, and the larger it is.
 */
static void find_fraction(struct prof_contention_input *in, int64_t period)
{
	const double sure = 10000;
	uint64_t all = 0;
	double chances = 1;
	size_t used = 0;

	for (size_t i = 0; i < in->counts.n; i++) {
		all = prof_gcd(all, (uint64_t)prof_abs(in->counts.v[i]));
		used += in->counts.v[i] != 0;
	}
	for (size_t i = 0; i < used && chances < sure; i++)
		chances *= (double)all;
	if (period > 1)
		in->fraction = period;
	else if (chances >= sure || all == 1)
		in->fraction = (int64_t)all;
}

/* The round number that Go made this of, which makes cycles of a rate, and ns of those, and rounds
 * down; 0: none.
 */
static int64_t round_rate(int64_t ns)
{
	int64_t unit = 1, round;

	while (ns / unit >= 100)
		unit *= 10;
	round = ns % unit ? (ns / unit + 1) * unit : ns;
	return ns >= 1000 && round - ns <= round / 10000 ? round : 0;
}

/* Whether so many stacks have multiples of it that it is not by chance. Those count whose mean wait
 * is not longer: they have short waits, and if no others, whole multiples.
 */
static bool is_rate(const struct prof_contention_input *in, int64_t rate)
{
	const double unlikely = 0.001;
	double expected = 0, chance = 1;
	int64_t hits = -1; /* one is the rate itself */

	for (size_t i = 0; i < in->delays.n; i++) {
		int64_t ns = in->delays.v[i], count = in->counts.v[i], times, off;

		/* Of many times the rate anything is a multiple, nearly. */
		if (ns < rate || count < 1 || ns / count > rate || ns / rate > rate / 100)
			continue;
		times = ns / rate + (ns % rate > rate / 2);
		off = prof_abs(ns - times * rate);
		expected += 2.0 * (double)(times + 1) / (double)rate;
		hits += off <= times;
	}
	for (int64_t i = 1; i <= hits && chance >= unlikely; i++)
		chance *= expected / (double)i;
	return hits > 0 && chance < unlikely;
}

/* Recovers the rate of a block profile (SetBlockProfileRate): a wait that is shorter counts, when
 * it is taken at all, as one of this length, so no stack has less. What the smallest one has is the
 * rate where it is a round number, which people set, or where others have multiples of it.
 */
static void find_rate(struct prof_contention_input *in)
{
	int64_t least = INT64_MAX;

	for (size_t i = 0; i < in->delays.n; i++)
		if (in->delays.v[i] > 0 && in->delays.v[i] < least)
			least = in->delays.v[i];
	if (least == INT64_MAX)
		return;
	in->rate_ns = round_rate(least);
	if (!in->rate_ns && least >= 1000 && is_rate(in, least))
		in->rate_ns = least;
	in->rate_most_ns = in->rate_ns ? in->rate_ns : least;
}

void prof_contention_sampling(struct prof_contention_input *in, int64_t period)
{
	if (in->kind == PROF_CONTENTION_MUTEX)
		find_fraction(in, period);
	else
		find_rate(in);
}
