#include "libprof/analyse/stats/rates.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "libprof/analyse/stats/dist.h"

enum {
	FEW = 60, /* trials up to which the exact test has its say */
	HALVINGS = 24,
};

/* The new side's share of all, at a ratio of rates. */
static double share_at(const struct prof_rates *r, double ratio)
{
	double new = ratio * r->exposure[1];

	return new / (r->exposure[0] + new);
}

static double trials_of(const struct prof_rates *r, double n)
{
	return n / (r->phi * r->weight);
}

/* Standard deviation of the observed share where the true one is `pi`. */
static double deviation(const struct prof_rates *r, double trials, double pi)
{
	double v = pi * (1 - pi);

	return sqrt(v / trials + v * v * r->drift);
}

static bool counted(const struct prof_rates *r)
{
	return r->x[0] + r->x[1] > 0 && r->exposure[0] > 0 && r->exposure[1] > 0;
}

double prof_rates_test(const struct prof_rates *r)
{
	double n = r->x[0] + r->x[1], pi = share_at(r, 1), trials = trials_of(r, n), t, p;

	if (!counted(r))
		return 1;
	t = fabs(r->x[1] / n - pi) / deviation(r, trials, pi);
	p = 2 * prof_t_cdf(-t, r->df);
	if (trials < FEW) {
		double exact = prof_binomial_midp(
			(int)round(trials * r->x[1] / n), (int)round(trials), pi);

		p = exact > p ? exact : p;
	}
	return p;
}

/* ln(ratio) at a share; infinite at 0 and 1. */
static double log_ratio(const struct prof_rates *r, double share)
{
	return log(share / (1 - share)) + log(r->exposure[0] / r->exposure[1]);
}

static double widened(double bound, double estimate, double t, double drift)
{
	double d = bound - estimate;

	if (!isfinite(d))
		return bound;
	d = sqrt(d * d + t * t * drift);
	return bound < estimate ? estimate - d : estimate + d;
}

struct prof_ratio prof_rates_ratio(const struct prof_rates *r, double t)
{
	double n = r->x[0] + r->x[1];
	double trials = trials_of(r, n), share, middle, half, estimate, centre, low, high;

	if (!counted(r))
		return (struct prof_ratio){NAN, NAN, NAN};
	share = r->x[1] / n;
	middle = (share + t * t / (2 * trials)) / (1 + t * t / trials);
	half = t / (1 + t * t / trials) *
	       sqrt(share * (1 - share) / trials + t * t / (4 * trials * trials));
	estimate = log_ratio(r, share);
	centre = log_ratio(r, middle);
	low = r->x[1] > 0 ? log_ratio(r, fmax(middle - half, 0)) : -INFINITY;
	high = r->x[0] > 0 ? log_ratio(r, fmin(middle + half, 1)) : INFINITY;
	if (isfinite(estimate))
		centre = estimate;
	return (struct prof_ratio){exp(estimate), exp(widened(low, centre, t, r->drift)),
		exp(widened(high, centre, t, r->drift))};
}

/* The probability that a change by `ratio` of the pooled rate is found; `t`: the least that counts.
 */
static double power_at(const struct prof_rates *r, double ratio, double t)
{
	double rate = (r->x[0] + r->x[1]) / (r->exposure[0] + r->exposure[1]);
	double n = rate * (r->exposure[0] + ratio * r->exposure[1]), trials = trials_of(r, n);
	double none = share_at(r, 1), pi = share_at(r, ratio);
	double limit = t * deviation(r, trials, none), sd = deviation(r, trials, pi);

	return prof_t_cdf((pi - none - limit) / sd, r->df) +
	       prof_t_cdf((none - pi - limit) / sd, r->df);
}

double prof_rates_detectable(const struct prof_rates *r, double alpha, double power)
{
	double low = 1, high = 1000, t = prof_t_quantile(1 - alpha / 2, r->df);

	if (!counted(r) || power_at(r, high, t) < power)
		return INFINITY;
	for (int i = 0; i < HALVINGS; i++) {
		double mid = sqrt(low * high);

		if (power_at(r, mid, t) < power)
			low = mid;
		else
			high = mid;
	}
	return high;
}

double prof_rates_needed(const struct prof_rates *r, double ratio, double alpha, double power)
{
	double low = 1, high = 1e6, t = prof_t_quantile(1 - alpha / 2, r->df);

	if (!counted(r))
		return INFINITY;
	for (int i = 0; i < HALVINGS; i++) {
		double mid = i ? sqrt(low * high) : high;
		struct prof_rates more = *r;

		for (int s = 0; s < 2; s++) {
			more.x[s] *= mid;
			more.exposure[s] *= mid;
		}
		more.drift /= mid;
		if (power_at(&more, ratio, t) >= power)
			high = mid;
		else if (!i)
			return INFINITY;
		else
			low = mid;
	}
	return high;
}

/* Heapsort of ids by a key: no allocation, no comparison function with a context. */
static void sift(size_t *id, size_t at, size_t n, const double *key)
{
	for (;;) {
		size_t child = 2 * at + 1, swap;

		if (child >= n)
			return;
		if (child + 1 < n && key[id[child + 1]] > key[id[child]])
			child++;
		if (!(key[id[child]] > key[id[at]]))
			return;
		swap = id[at];
		id[at] = id[child];
		id[child] = swap;
		at = child;
	}
}

static void sort_by(size_t *id, size_t n, const double *key)
{
	for (size_t i = n / 2; i-- > 0;)
		sift(id, i, n, key);
	for (size_t end = n; end-- > 1;) {
		size_t swap = id[0];

		id[0] = id[end];
		id[end] = swap;
		sift(id, 0, end, key);
	}
}

void prof_fdr(const double *p, double *q, size_t *order, size_t n)
{
	size_t tested = 0;
	double least = 1;

	for (size_t i = 0; i < n; i++) {
		q[i] = NAN;
		if (!isnan(p[i]))
			order[tested++] = i;
	}
	sort_by(order, tested, p);
	for (size_t rank = tested; rank > 0; rank--) {
		size_t i = order[rank - 1];
		double v = p[i] * (double)tested / (double)rank;

		least = v < least ? v : least;
		q[i] = least;
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Moves the k-th smallest of n values to v[k], with none greater before it (Hoare's FIND, with the
 * middle of three; what is left after many rounds is sorted).
 */
static void select_nth(double *v, size_t n, size_t k)
{
	size_t low = 0, high = n - 1;

	for (int round = 0; low < high && round < 64; round++) {
		double a = v[low], b = v[low + (high - low) / 2], c = v[high];
		double pivot = fmax(fmin(a, b), fmin(fmax(a, b), c));
		size_t i = low, j = high;

		for (;; i++, j--) {
			while (v[i] < pivot)
				i++;
			while (v[j] > pivot)
				j--;
			if (i >= j)
				break;
			a = v[i];
			v[i] = v[j];
			v[j] = a;
		}
		if (k <= j)
			high = j;
		else
			low = j + 1;
	}
	if (low < high)
		qsort(v + low, high - low + 1, sizeof(*v), compare);
}

double prof_median(double *v, size_t n)
{
	double upper, lower;

	select_nth(v, n, n / 2);
	upper = lower = v[n / 2];
	if (n % 2 == 0) {
		lower = v[0];
		for (size_t i = 1; i < n / 2; i++)
			lower = fmax(lower, v[i]);
	}
	return (lower + upper) / 2;
}

double prof_weighted_median(const double *v, const double *weight, size_t *order, size_t n)
{
	double sum = 0, so_far = 0;

	for (size_t i = 0; i < n; i++) {
		order[i] = i;
		sum += weight[i];
	}
	sort_by(order, n, v);
	for (size_t i = 0; i < n; i++) {
		so_far += weight[order[i]];
		if (so_far >= sum / 2)
			return v[order[i]];
	}
	return n ? v[order[n - 1]] : NAN;
}
