#include "libprof/store/samples.h"

enum { DIGITS = 256 };

/* Sorts ids by one byte of their keys, which keeps the order of equal ones. */
static void pass(const uint32_t *key, unsigned shift, const uint32_t *from, size_t n, uint32_t *to)
{
	size_t count[DIGITS] = {0}, at = 0;

	for (size_t i = 0; i < n; i++)
		count[key[i] >> shift & (DIGITS - 1)]++;
	for (unsigned d = 0; d < DIGITS; d++) {
		size_t here = count[d];

		count[d] = at;
		at += here;
	}
	for (size_t i = 0; i < n; i++)
		to[count[key[from[i]] >> shift & (DIGITS - 1)]++] = from[i];
}

static uint32_t largest(const uint32_t *v, size_t n)
{
	uint32_t most = 0;

	for (size_t i = 0; i < n; i++)
		most = v[i] > most ? v[i] : most;
	return most;
}

static bool same_place(const struct prof_packed *k, uint32_t a, uint32_t b)
{
	return k->nodes.v[a] == k->nodes.v[b] && k->sets.v[a] == k->sets.v[b];
}

static bool is_sorted(const struct prof_packed *k)
{
	for (uint32_t i = 1; i < k->nodes.n; i++)
		if (k->nodes.v[i] < k->nodes.v[i - 1] ||
			(k->nodes.v[i] == k->nodes.v[i - 1] && k->sets.v[i] < k->sets.v[i - 1]))
			return false;
	return true;
}

/* Whether sample a's values are before b's; of equal ones, the one that the profile has first. */
static bool is_before(const struct prof_packed *k, uint32_t a, uint32_t b)
{
	for (size_t t = 0; t < k->values.n; t++) {
		const int64_t *v = k->values.v[t].v;

		if (v[a] != v[b])
			return v[a] < v[b];
	}
	return a < b;
}

/* Puts sample v[i], below which there is a heap of n, into its place. */
static void sift(const struct prof_packed *k, uint32_t *v, size_t n, size_t i)
{
	uint32_t sample = v[i];
	size_t child;

	while ((child = 2 * i + 1) < n) {
		child += child + 1 < n && is_before(k, v[child], v[child + 1]);
		if (!is_before(k, sample, v[child]))
			break;
		v[i] = v[child];
		i = child;
	}
	v[i] = sample;
}

/* Sorts samples of the same node and set by their values: few, where nobody made them up. */
static void sort_values(const struct prof_packed *k, uint32_t *v, size_t n)
{
	for (size_t i = n / 2; i-- > 0;)
		sift(k, v, n, i);
	while (n-- > 1) {
		uint32_t last = v[n];

		v[n] = v[0];
		v[0] = last;
		sift(k, v, n, 0);
	}
}

static int sort_places(struct prof_packed *k, struct prof_err *e)
{
	const uint32_t *keys[] = {k->sets.v, k->nodes.v};
	size_t n = k->nodes.n;
	uint32_t *other = prof_mem_zalloc(&k->mem, k->order.cap, sizeof(*other), e);

	if (!other)
		return PROF_ENOMEM;
	for (unsigned i = 0; i < 2; i++) {
		uint32_t most = largest(keys[i], n);

		for (unsigned shift = 0; shift < 32 && most >> shift; shift += 8) {
			uint32_t *from = k->order.v;

			pass(keys[i], shift, from, n, other);
			k->order.v = other;
			other = from;
		}
	}
	prof_mem_zfree(&k->mem, other, k->order.cap, sizeof(*other));
	return 0;
}

int prof_samples_sort(struct prof_packed *k, struct prof_err *e)
{
	size_t n = k->nodes.n, first = 0;
	int rc;

	if (k->order.n == n)
		return 0;
	if ((rc = prof_vec_reserve(&k->mem, &k->order, n, e)))
		return rc;
	for (uint32_t i = 0; i < n; i++)
		k->order.v[i] = i;
	if (!is_sorted(k) && (rc = sort_places(k, e)))
		return rc;
	k->order.n = n;
	for (size_t i = 1; i <= n; i++) {
		if (i < n && same_place(k, k->order.v[i], k->order.v[first]))
			continue;
		if (i - first > 1)
			sort_values(k, k->order.v + first, i - first);
		first = i;
	}
	return 0;
}
