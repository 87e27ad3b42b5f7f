#include "libprof/store/hists.h"

#include "libprof/store/bytes.h"

enum { APART = 0, BUCKETS = PROF_HIST_OCTAVES * PROF_HIST_WIDTH };

void prof_hists_init(struct prof_hists *x)
{
	struct prof_buf *const all[] = {&x->rest, &x->places, &x->gaps, &x->counts, &x->tops};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		prof_buf_init(all[i], NULL, NULL);
	x->last = 0;
}

/* What a histogram's total is about. */
struct guess {
	uint64_t count, middles;
	unsigned last; /* bucket that is not empty */
};

static void add_bucket(struct guess *g, unsigned bucket, uint64_t count)
{
	g->count += count;
	g->middles += count * prof_hist_middle(bucket);
	g->last = bucket;
}

static uint64_t total_of(const struct guess *g, uint64_t max)
{
	return g->count == 1 ? max : g->middles;
}

static void put_octave(struct prof_hists *x, unsigned first, const uint64_t *counts, unsigned *end,
	struct guess *g)
{
	for (unsigned i = 0; i < PROF_HIST_WIDTH; i++) {
		if (!counts[i])
			continue;
		prof_put_uvarint(&x->gaps, first + i + 1 - *end);
		prof_put_uvarint(&x->counts, counts[i]);
		add_bucket(g, first + i, counts[i]);
		*end = first + i + 1;
	}
}

void prof_hists_put(struct prof_hists *x, const struct prof_hist *h)
{
	struct guess g = {0};
	unsigned end = 0; /* of the last bucket that is not empty */

	prof_put_uvarint(&x->places, x->rest.n - x->last);
	x->last = x->rest.n;
	for (unsigned i = 0; i < PROF_HIST_OCTAVES; i++)
		if (h->octaves[i])
			put_octave(x, i * PROF_HIST_WIDTH, h->octaves[i], &end, &g);
	prof_put_uvarint(&x->gaps, 0);
	if (!end)
		return;
	prof_put_uvarint(&x->tops, h->max - prof_hist_least(g.last));
	prof_put_varint(&x->tops, (int64_t)(h->total - total_of(&g, h->max)));
}

void prof_hists_end(struct prof_hists *x, struct prof_buf *out)
{
	struct prof_buf *const subs[] = {&x->places, &x->gaps, &x->counts, &x->tops};

	prof_put_uvarint(out, APART);
	for (size_t i = 0; i < sizeof(subs) / sizeof(subs[0]); i++) {
		prof_put_uvarint(out, subs[i]->n);
		prof_buf_put(out, subs[i]->p, subs[i]->n);
		if (subs[i]->code)
			out->code = PROF_ENOMEM;
		prof_buf_fini(subs[i]);
	}
	prof_buf_put(out, x->rest.p, x->rest.n);
	if (x->rest.code)
		out->code = PROF_ENOMEM;
	prof_buf_fini(&x->rest);
}

bool prof_hists_are_apart(const void *p, size_t n)
{
	return n && *(const uint8_t *)p == APART;
}

/* Streams that are read at the same time. */
struct apart {
	struct prof_rd places, gaps, counts, tops, rest;
	struct prof_mem mem;
};

/* The next one, into an empty one; what cannot be fails x->rest. */
static int get_hist(struct apart *x, struct prof_hist *h, struct prof_err *e)
{
	struct guess g = {0};
	uint64_t gap, bucket = 0;

	while ((gap = prof_rd_uvarint(&x->gaps)) && !x->counts.why) {
		uint64_t count = prof_rd_uvarint(&x->counts), **counts;

		if (gap > BUCKETS || (bucket += gap) > BUCKETS || !count) {
			prof_rd_fail(&x->rest, "a histogram that cannot be");
			return 0;
		}
		counts = &h->octaves[(bucket - 1) / PROF_HIST_WIDTH];
		if (!*counts &&
			!prof_hist_octave(h, &x->mem, (unsigned)(bucket - 1) / PROF_HIST_WIDTH, e))
			return e ? e->code : PROF_ENOMEM;
		(*counts)[(bucket - 1) % PROF_HIST_WIDTH] = count;
		add_bucket(&g, (unsigned)bucket - 1, count);
	}
	if (bucket) {
		h->max = prof_hist_least(g.last) + prof_rd_uvarint(&x->tops);
		h->total = total_of(&g, h->max) + (uint64_t)prof_rd_varint(&x->tops);
	}
	h->count = g.count;
	if (x->gaps.why || x->counts.why || x->tops.why)
		prof_rd_fail(&x->rest, "a histogram without its buckets");
	return 0;
}

static int join(struct apart *x, struct prof_buf *out, struct prof_err *e)
{
	size_t limit = x->mem.limit;
	int rc = 0;

	while (!rc && x->places.p < x->places.end && !x->rest.why) {
		struct prof_hist h = {0};
		uint64_t n = prof_rd_uvarint(&x->places);
		const uint8_t *p = prof_rd_bytes(&x->rest, n);

		rc = get_hist(x, &h, e);
		if (!rc && !x->rest.why) {
			prof_buf_put(out, (const char *)p, n);
			prof_put_hist(out, &h);
		}
		prof_hist_fini(&h, &x->mem);
		if (!rc && out->n > limit)
			rc = prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET,
				"takes more than %zu bytes of memory", limit);
	}
	prof_buf_put(out, (const char *)x->rest.p, prof_rd_left(&x->rest));
	return rc;
}

int prof_hists_join(const void *p, size_t n, const struct prof_mem *mem, struct prof_buf *out,
	struct prof_err *e)
{
	struct apart x = {.rest = prof_rd_of(p, n), .mem = *mem};
	struct prof_rd *const subs[] = {&x.places, &x.gaps, &x.counts, &x.tops};
	int rc;

	prof_rd_uvarint(&x.rest); /* APART */
	for (size_t i = 0; i < sizeof(subs) / sizeof(subs[0]); i++)
		*subs[i] = prof_rd_sub(&x.rest, prof_rd_uvarint(&x.rest));
	rc = join(&x, out, e);
	for (size_t i = 0; !rc && i < sizeof(subs) / sizeof(subs[0]); i++)
		if (subs[i]->why || prof_rd_left(subs[i]))
			prof_rd_fail(&x.rest, "more or less than its histograms have");
	if (!rc && x.rest.why)
		rc = prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET, "its histograms: %s", x.rest.why);
	return rc || !out->code ? rc : prof_nomem(e);
}
