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

static bool is_sorted(const struct prof_packed *k)
{
	for (size_t i = 1; i < k->nodes.n; i++)
		if (k->nodes.v[i] < k->nodes.v[i - 1] ||
			(k->nodes.v[i] == k->nodes.v[i - 1] && k->sets.v[i] < k->sets.v[i - 1]))
			return false;
	return true;
}

int prof_samples_sort(struct prof_packed *k, struct prof_err *e)
{
	const uint32_t *keys[] = {k->sets.v, k->nodes.v};
	size_t n = k->nodes.n;
	uint32_t *other;
	int rc;

	if (k->order.n == n)
		return 0;
	if ((rc = prof_vec_reserve(&k->mem, &k->order, n, e)))
		return rc;
	for (; k->order.n < n; k->order.n++)
		k->order.v[k->order.n] = (uint32_t)k->order.n;
	if (is_sorted(k))
		return 0;
	other = prof_mem_zalloc(&k->mem, k->order.cap, sizeof(*other), e);
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
