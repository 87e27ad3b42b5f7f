/* Log-linear histograms: percentiles of durations within 1 %, in memory that does not grow with
 * their number. Each power of two is divided into 64 buckets of one width; a bucket stands for its
 * middle. Values are not negative; the largest one is kept exactly.
 */
#ifndef PROF_BASE_HIST_H
#define PROF_BASE_HIST_H

#include <stdint.h>

#include "libprof/base/mem.h"

enum {
	PROF_HIST_BITS = 6,
	PROF_HIST_WIDTH = 1 << PROF_HIST_BITS,
	PROF_HIST_OCTAVES = 64 - PROF_HIST_BITS + 1, /* the first one has the values below WIDTH */
};

struct prof_hist {
	uint64_t count, total; /* total wraps */
	uint64_t max;
	uint64_t *octaves[PROF_HIST_OCTAVES]; /* PROF_HIST_WIDTH counts each; NULL: none */
};

void prof_hist_fini(struct prof_hist *h, struct prof_mem *mem);

/* Behind prof_hist_add: the counts of an octave that has none yet; NULL with `e` set. */
uint64_t *prof_hist_octave(
	struct prof_hist *h, struct prof_mem *mem, unsigned octave, struct prof_err *e);

/* The least value of a bucket, of all octaves' one after another, and the one in its middle. */
static inline uint64_t prof_hist_least(unsigned bucket)
{
	unsigned octave = bucket / PROF_HIST_WIDTH;
	uint64_t i = bucket % PROF_HIST_WIDTH;

	return octave ? (PROF_HIST_WIDTH + i) << (octave - 1) : i;
}

static inline uint64_t prof_hist_middle(unsigned bucket)
{
	unsigned octave = bucket / PROF_HIST_WIDTH;

	return prof_hist_least(bucket) + (octave ? ((uint64_t)1 << (octave - 1)) / 2 : 0);
}

static inline int prof_hist_add(
	struct prof_hist *h, struct prof_mem *mem, uint64_t v, struct prof_err *e)
{
	unsigned shift = 63 - PROF_HIST_BITS - (unsigned)__builtin_clzll(v | PROF_HIST_WIDTH);
	uint64_t bucket = ((uint64_t)shift << PROF_HIST_BITS) + (v >> shift); /* of all octaves */
	unsigned octave = (unsigned)(bucket >> PROF_HIST_BITS);
	uint64_t *counts = h->octaves[octave];

	if (!counts && !(counts = prof_hist_octave(h, mem, octave, e)))
		return e ? e->code : PROF_ENOMEM;
	counts[bucket & (PROF_HIST_WIDTH - 1)]++;
	h->count++;
	h->total += v;
	h->max = v > h->max ? v : h->max;
	return 0;
}

/* Adds all that `from` holds. */
int prof_hist_merge(struct prof_hist *h, struct prof_mem *mem, const struct prof_hist *from,
	struct prof_err *e) PROF_CHECKED;

/* The least value that at least `percent` of all do not exceed (nearest rank); 0 of none. */
uint64_t prof_hist_percentile(const struct prof_hist *h, double percent);

#endif
