#include "libprof/store/bytes.h"

#include <string.h>

struct prof_str prof_rd_str(struct prof_rd *r)
{
	uint64_t len = prof_rd_uvarint(r);
	const uint8_t *p = prof_rd_bytes(r, len);

	return p ? (struct prof_str){(const char *)p, (uint32_t)len} : PROF_STR("");
}

void prof_put_real(struct prof_buf *b, double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	prof_put_uvarint(b, bits);
}

double prof_rd_real(struct prof_rd *r)
{
	uint64_t bits = prof_rd_uvarint(r);
	double v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

void prof_put_hist(struct prof_buf *b, const struct prof_hist *h)
{
	prof_put_uvarint(b, h->count);
	prof_put_uvarint(b, h->total);
	prof_put_uvarint(b, h->max);
	for (unsigned i = 0; i < PROF_HIST_OCTAVES; i++) {
		if (!h->octaves[i])
			continue;
		prof_put_uvarint(b, i + 1);
		for (unsigned k = 0; k < PROF_HIST_WIDTH; k++)
			prof_put_uvarint(b, h->octaves[i][k]);
	}
	prof_put_uvarint(b, 0);
}

int prof_rd_hist(struct prof_rd *r, struct prof_hist *h, struct prof_mem *mem, struct prof_err *e)
{
	uint64_t octave, sum = 0;

	h->count = prof_rd_uvarint(r);
	h->total = prof_rd_uvarint(r);
	h->max = prof_rd_uvarint(r);
	while ((octave = prof_rd_id(r, PROF_HIST_OCTAVES + 1))) {
		uint64_t *counts = h->octaves[octave - 1];

		if (counts)
			prof_rd_fail(r, "a histogram has an octave twice");
		else
			counts = prof_hist_octave(h, mem, (unsigned)octave - 1, e);
		if (!counts)
			return e ? e->code : PROF_ENOMEM;
		for (unsigned i = 0; i < PROF_HIST_WIDTH; i++)
			sum += counts[i] = prof_rd_uvarint(r);
	}
	if (sum != h->count)
		prof_rd_fail(r, "a histogram does not add up");
	return 0;
}
