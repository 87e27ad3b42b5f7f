/* SHA-256 is nettle's: small, in Debian, and with the processor's instructions for it. */
#include <nettle/sha2.h>
#include <stdlib.h>

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

static void hash(struct sha256_ctx *sha, uint64_t v)
{
	uint8_t bytes[8];

	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(v >> 8 * i);
	sha256_update(sha, sizeof(bytes), bytes);
}

static void hash_ids(struct sha256_ctx *sha, const uint32_t *v, size_t n)
{
	hash(sha, n);
	for (size_t i = 0; i < n; i++)
		hash(sha, v[i]);
}

int prof_samples_digest(struct prof_packed *k, uint8_t sha256[32], struct prof_err *e)
{
	const uint64_t head[] = {k->build, k->head, k->maps, (uint64_t)k->time_ns,
		(uint64_t)k->duration_ns, (uint64_t)k->period, k->unknown_fields, k->values.n,
		k->nodes.n};
	size_t n = k->nodes.n, width = VALUES + k->values.n;
	int64_t *rows = prof_mem_zalloc(&k->mem, n, width * sizeof(*rows), e);
	struct sha256_ctx sha;

	if (!rows)
		return e->code;
	for (size_t i = 0; i < n; i++) {
		int64_t *row = rows + i * width;

		row[WIDTH] = (int64_t)width - 1;
		row[NODE] = (int64_t)((uint64_t)k->nodes.v[i] << 32 | k->sets.v[i]);
		for (size_t t = 0; t < k->values.n; t++)
			row[VALUES + t] = k->values.v[t].v[i];
	}
	qsort(rows, n, width * sizeof(*rows), by_content);
	sha256_init(&sha);
	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		hash(&sha, head[i]);
	for (size_t i = 0; i < n; i++)
		for (size_t c = NODE; c < width; c++)
			hash(&sha, (uint64_t)rows[i * width + c]);
	hash_ids(&sha, k->spare_locs.v, k->spare_locs.n);
	hash_ids(&sha, k->spare_funcs.v, k->spare_funcs.n);
	sha256_digest(&sha, 32, sha256);
	prof_mem_zfree(&k->mem, rows, n, width * sizeof(*rows));
	return 0;
}
