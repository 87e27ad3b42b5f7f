#include "libprof/base/hist.h"

#include <math.h>

void prof_hist_fini(struct prof_hist *h, struct prof_mem *mem)
{
	for (int i = 0; i < PROF_HIST_OCTAVES; i++)
		if (h->octaves[i])
			prof_mem_zfree(mem, h->octaves[i], PROF_HIST_WIDTH, sizeof(uint64_t));
	*h = (struct prof_hist){0};
}

uint64_t *prof_hist_octave(
	struct prof_hist *h, struct prof_mem *mem, unsigned octave, struct prof_err *e)
{
	h->octaves[octave] = prof_mem_zalloc(mem, PROF_HIST_WIDTH, sizeof(uint64_t), e);
	return h->octaves[octave];
}

int prof_hist_merge(
	struct prof_hist *h, struct prof_mem *mem, const struct prof_hist *from, struct prof_err *e)
{
	for (unsigned i = 0; i < PROF_HIST_OCTAVES; i++) {
		if (!from->octaves[i])
			continue;
		if (!h->octaves[i] && !prof_hist_octave(h, mem, i, e))
			return e ? e->code : PROF_ENOMEM;
		for (int j = 0; j < PROF_HIST_WIDTH; j++)
			h->octaves[i][j] += from->octaves[i][j];
	}
	h->count += from->count;
	h->total += from->total;
	h->max = from->max > h->max ? from->max : h->max;
	return 0;
}

uint64_t prof_hist_percentile(const struct prof_hist *h, double percent)
{
	double rank = ceil((double)h->count * percent / 100);
	uint64_t before = 0, want = rank < 1 ? 1 : (uint64_t)rank;

	for (int i = 0; i < PROF_HIST_OCTAVES; i++)
		for (int j = 0; h->octaves[i] && j < PROF_HIST_WIDTH; j++) {
			before += h->octaves[i][j];
			if (before >= want) {
				uint64_t v = prof_hist_middle((unsigned)(i * PROF_HIST_WIDTH + j));

				return v < h->max ? v : h->max;
			}
		}
	return h->max;
}
