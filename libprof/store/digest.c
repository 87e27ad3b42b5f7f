/* SHA-256 is nettle's: small, in Debian, and with the processor's instructions for it. */
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

#include "libprof/store/samples.h"

_Static_assert(SHA256_DIGEST_SIZE == 32, "prof_samples_digest");

/* A sample: how many numbers follow, its node and set, its values. */
enum { WIDTH, NODE, VALUES };

static int by_content(const void *a, const void *b)
{
	const int64_t *p = a, *q = b;

	for (int64_t i = 1; i <= p[WIDTH]; i++)
		if (p[i] != q[i])
			return p[i] < q[i] ? -1 : 1;
	return 0;
}

/* Numbers on their way into the hash, low byte first. */
struct hasher {
	struct sha256_ctx sha;
	size_t n;
	uint8_t bytes[4096];
};

static void flush(struct hasher *h)
{
	sha256_update(&h->sha, h->n, h->bytes);
	h->n = 0;
}

static void hash(struct hasher *h, uint64_t v)
{
	const uint8_t bytes[8] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16),
		(uint8_t)(v >> 24), (uint8_t)(v >> 32), (uint8_t)(v >> 40), (uint8_t)(v >> 48),
		(uint8_t)(v >> 56)};

	if (h->n == sizeof(h->bytes))
		flush(h);
	memcpy(h->bytes + h->n, bytes, 8);
	h->n += 8;
}

static void hash_ids(struct hasher *h, const uint32_t *v, size_t n)
{
	hash(h, n);
	for (size_t i = 0; i < n; i++)
		hash(h, v[i]);
}

/* The samples' rows, in an order that only depends on what is in them. */
static void fill(const struct prof_packed *k, int64_t *rows, size_t width)
{
	size_t n = k->nodes.n, first = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t sample = k->order.v[i];
		int64_t *row = rows + i * width;

		row[WIDTH] = (int64_t)width - 1;
		row[NODE] = (int64_t)((uint64_t)k->nodes.v[sample] << 32 | k->sets.v[sample]);
		for (size_t t = 0; t < k->values.n; t++)
			row[VALUES + t] = k->values.v[t].v[sample];
	}
	for (size_t i = 1; i <= n; i++) {
		if (i < n && rows[i * width + NODE] == rows[first * width + NODE])
			continue;
		if (i - first > 1)
			qsort(rows + first * width, i - first, width * sizeof(*rows), by_content);
		first = i;
	}
}

int prof_samples_digest(struct prof_packed *k, uint8_t sha256[32], struct prof_err *e)
{
	const uint64_t head[] = {k->build, k->head, k->maps, (uint64_t)k->time_ns,
		(uint64_t)k->duration_ns, (uint64_t)k->period, k->unknown_fields, k->values.n,
		k->nodes.n};
	size_t n = k->nodes.n, width = VALUES + k->values.n;
	struct hasher h = {.n = 0};
	int64_t *rows;
	int rc = prof_samples_sort(k, e);

	if (rc)
		return rc;
	rows = prof_mem_zalloc(&k->mem, n, width * sizeof(*rows), e);
	if (!rows)
		return PROF_ENOMEM;
	fill(k, rows, width);
	sha256_init(&h.sha);
	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		hash(&h, head[i]);
	for (size_t i = 0; i < n; i++)
		for (size_t c = NODE; c < width; c++)
			hash(&h, (uint64_t)rows[i * width + c]);
	hash_ids(&h, k->spare_locs.v, k->spare_locs.n);
	hash_ids(&h, k->spare_funcs.v, k->spare_funcs.n);
	flush(&h);
	sha256_digest(&h.sha, 32, sha256);
	prof_mem_zfree(&k->mem, rows, n, width * sizeof(*rows));
	return 0;
}
