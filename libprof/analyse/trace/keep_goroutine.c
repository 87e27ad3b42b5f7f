/* Goroutines as rows, and as groups where they are too many. */
#include <stdlib.h>
#include <string.h>

#include "libprof/analyse/trace/keep.h"
#include "libprof/model/timeline.h"

enum {
	/* Rows of a group that are kept in any case, and at most; of all of them as many as are
	 * cheap: where a row takes some 4 to 8 bytes and an event 4 to 7, less than 5 % of the
	 * trace.
	 */
	FIRST_ROWS = 100,
	MOST_ROWS = 10000,
	FREE_ROWS = 1000,
	EVENTS_A_ROW = 25,
	MOST_REMARKABLE = 100, /* past these, of each sort */
	FINE_BITS = PROF_HIST_BITS - 3, /* 8 steps a power of two in table group_histogram */
};

void prof_keep_groups_fini(struct prof_trace_keep *x)
{
	for (size_t i = 0; i < x->groups.n; i++) {
		struct prof_keep_rolled *m = x->groups.v[i].more;

		if (!m)
			continue;
		for (int h = 0; h < PROF_KEEP_HEAPS; h++)
			prof_vec_fini(x->mem, &m->heaps[h]);
		for (int h = 0; h < PROF_KEEP_HISTS; h++)
			prof_hist_fini(&m->hists[h], x->mem);
		prof_mem_zfree(x->mem, m, 1, sizeof(*m));
	}
}

static int group_of(struct prof_trace_keep *x, const struct prof_keep_life *life, uint32_t *out,
	struct prof_err *e)
{
	uint64_t key = (uint64_t)life->entry << 32 | life->creator;
	int rc;

	*out = prof_map64_get(&x->group_of, key);
	if (*out != PROF_NONE)
		return 0;
	rc = prof_vec_reserve(x->mem, &x->groups, 1, e);
	if (!rc)
		rc = prof_map64_add(&x->group_of, key, (uint32_t)x->groups.n, e);
	if (rc)
		return rc;
	*out = (uint32_t)x->groups.n;
	x->groups.v[x->groups.n++] = (struct prof_keep_group){.entry = life->entry,
		.creator = life->creator,
		.site = life->site,
		.waits = PROF_NONE};
	return 0;
}

static bool is_less(const struct prof_keep_row *a, const struct prof_keep_row *b)
{
	return a->key != b->key ? a->key < b->key : a->place > b->place;
}

static void sift_down(struct prof_keep_row *v, size_t n)
{
	for (size_t i = 0;;) {
		size_t least = i;
		struct prof_keep_row swap;

		for (size_t k = 2 * i + 1; k <= 2 * i + 2 && k < n; k++)
			if (is_less(&v[k], &v[least]))
				least = k;
		if (least == i)
			return;
		swap = v[i];
		v[i] = v[least];
		v[least] = swap;
		i = least;
	}
}

static void sift_up(struct prof_keep_row *v, size_t i)
{
	while (i && is_less(&v[i], &v[(i - 1) / 2])) {
		struct prof_keep_row swap = v[i];

		v[i] = v[(i - 1) / 2];
		v[(i - 1) / 2] = swap;
		i = (i - 1) / 2;
	}
}

/* Keeps the row in a heap, if it is among the most. Else, or of what it drives out: *r, and true.
 */
static int remains(struct prof_trace_keep *x, struct prof_keep_rolled *m, int heap,
	struct prof_keep_row *r, bool *rest, struct prof_err *e)
{
	struct prof_keep_row *v;
	int rc;

	r->key = heap == PROF_KEEP_LIFE ? r->v[3] - r->v[2] : r->v[6];
	*rest = m->heaps[heap].n == MOST_REMARKABLE;
	if (!*rest) {
		rc = prof_vec_reserve(x->mem, &m->heaps[heap], 1, e);
		if (rc)
			return rc;
		m->heaps[heap].v[m->heaps[heap].n++] = *r;
		sift_up(m->heaps[heap].v, m->heaps[heap].n - 1);
		return 0;
	}
	v = m->heaps[heap].v;
	if (is_less(&v[0], r)) {
		struct prof_keep_row least = v[0];

		v[0] = *r;
		sift_down(v, MOST_REMARKABLE);
		*r = least;
	}
	return 0;
}

/* One past the limit, which has ended: among the most, or rolled up. */
static int roll_up(struct prof_trace_keep *x, struct prof_keep_group *g, struct prof_keep_row *r,
	struct prof_err *e)
{
	bool rest = true;
	int rc = 0;

	if (!g->more && !(g->more = prof_mem_zalloc(x->mem, 1, sizeof(*g->more), e)))
		return e ? e->code : PROF_ENOMEM;
	/* Where it was born is not known of what was there before the trace: it lived longest. */
	if (r->v[2] == PROF_ABSENT)
		return x->sink.row(x->sink.ctx, PROF_ROWS_GOROUTINE, NULL, r->v, e);
	for (int heap = 0; !rc && rest && heap < PROF_KEEP_HEAPS; heap++)
		rc = remains(x, g->more, heap, r, &rest, e);
	if (rc || !rest)
		return rc;
	g->rolled++;
	rc = prof_hist_add(&g->more->hists[0], x->mem, (uint64_t)(r->v[3] - r->v[2]), e);
	for (int i = 0; !rc && i < 4; i++)
		rc = prof_hist_add(&g->more->hists[i + 1], x->mem, (uint64_t)r->v[4 + i], e);
	return rc;
}

/* Whether one that has ended, which its group counts already, is one too many. */
static bool is_too_much(const struct prof_trace_keep *x, const struct prof_keep_group *g)
{
	int64_t rows = g->goroutines - 1 - g->rolled;

	return !x->all && rows >= FIRST_ROWS &&
	       (rows >= MOST_ROWS || x->rows >= FREE_ROWS + x->events / EVENTS_A_ROW);
}

/* Moves a goroutine's waits to its group. */
static int move_waits(
	struct prof_trace_keep *x, struct prof_keep_life *life, uint32_t group, struct prof_err *e)
{
	int rc = 0;

	for (uint32_t i = life->waits; !rc && i != PROF_NONE; i = x->waits.v.v[i].next) {
		struct prof_trace_wait w = x->waits.v.v[i];

		rc = prof_trace_waits_add(
			&x->waits, &x->groups.v[group].waits, w.reason, w.count, w.ns, e);
	}
	prof_trace_waits_free(&x->waits, &life->waits);
	return rc;
}

int prof_keep_goroutine(struct prof_trace_keep *x, const struct prof_trace *t,
	const struct prof_interval *last, bool finished, struct prof_err *e)
{
	struct prof_keep_life *life = &x->lives.v[last->g];
	struct prof_keep_row r = {.place = x->ended++};
	struct prof_keep_group *g;
	uint32_t group;
	int64_t ns;
	int rc = group_of(x, life, &group, e);

	if (!rc)
		rc = move_waits(x, life, group, e);
	if (rc)
		return rc;
	g = &x->groups.v[group];
	ns = last->end - x->start - (life->born == PROF_ABSENT ? 0 : life->born);
	g->goroutines++;
	g->unfinished += !finished;
	g->longest = ns > g->longest ? ns : g->longest;
	for (int i = 0; i < 4; i++)
		g->ns[i] += life->ns[i];
	memcpy(r.v,
		(const int64_t[PROF_KEEP_CELLS]){t->goroutines.v[last->g], group, life->born,
			finished ? last->end - x->start : PROF_ABSENT, life->ns[0], life->ns[1],
			life->ns[2], life->ns[3], life->by, finished ? PROF_ABSENT : last->state,
			finished || !last->reason ? PROF_ABSENT : last->reason,
			finished || !last->stack ? PROF_ABSENT : last->stack,
			finished ? PROF_ABSENT : last->begin - x->start},
		sizeof(r.v));
	if (finished && is_too_much(x, g))
		return roll_up(x, g, &r, e);
	x->rows++;
	return x->sink.row(x->sink.ctx, PROF_ROWS_GOROUTINE, &t->strings, r.v, e);
}

static int by_place(const void *a, const void *b)
{
	const struct prof_keep_row *p = a, *q = b;

	return p->place < q->place ? -1 : p->place > q->place;
}

/* The rows of one part of a group's histograms. */
static int histogram(struct prof_trace_keep *x, int64_t group, int what, const struct prof_hist *h,
	struct prof_err *e)
{
	int rc = 0;

	for (unsigned octave = 0; octave < PROF_HIST_OCTAVES; octave++) {
		const uint64_t *counts = h->octaves[octave];

		for (uint64_t i = 0; !rc && counts && i < PROF_HIST_WIDTH; i += 1 << FINE_BITS) {
			uint64_t low = octave ? (PROF_HIST_WIDTH + i) << (octave - 1) : i;
			int64_t v[] = {group, what, (int64_t)low, 0};

			for (unsigned k = 0; k < 1 << FINE_BITS; k++)
				v[3] += (int64_t)counts[i + k];
			if (v[3])
				rc = x->sink.row(x->sink.ctx, PROF_ROWS_GROUP_HIST, NULL, v, e);
		}
	}
	return rc;
}

static int remarkable(
	struct prof_trace_keep *x, uint32_t group, struct prof_keep_rolled *m, struct prof_err *e)
{
	int rc = 0;

	for (int heap = 0; heap < PROF_KEEP_HEAPS; heap++) {
		if (m->heaps[heap].n)
			qsort(m->heaps[heap].v, m->heaps[heap].n, sizeof(m->heaps[heap].v[0]),
				by_place);
		for (size_t i = 0; !rc && i < m->heaps[heap].n; i++)
			rc = x->sink.row(
				x->sink.ctx, PROF_ROWS_GOROUTINE, NULL, m->heaps[heap].v[i].v, e);
	}
	for (int i = 0; !rc && i < PROF_KEEP_HISTS; i++)
		rc = histogram(x, group, i, &m->hists[i], e);
	return rc;
}

int prof_keep_groups(struct prof_trace_keep *x, const struct prof_trace *t, struct prof_err *e)
{
	int rc = 0;

	for (uint32_t i = 0; !rc && i < x->groups.n; i++) {
		const struct prof_keep_group *g = &x->groups.v[i];
		const int64_t v[] = {g->entry ? g->entry : PROF_ABSENT,
			g->creator ? g->creator : PROF_ABSENT, g->site ? g->site : PROF_ABSENT,
			g->goroutines, g->rolled, g->unfinished, g->ns[0], g->ns[1], g->ns[2],
			g->ns[3], g->longest};

		if (g->more)
			rc = remarkable(x, i, g->more, e);
		if (!rc)
			rc = x->sink.row(x->sink.ctx, PROF_ROWS_GROUP, &t->strings, v, e);
		for (uint32_t w = g->waits; !rc && w != PROF_NONE; w = x->waits.v.v[w].next) {
			const int64_t wait[] = {i,
				x->waits.v.v[w].reason ? x->waits.v.v[w].reason : PROF_ABSENT,
				x->waits.v.v[w].count, x->waits.v.v[w].ns};

			rc = x->sink.row(x->sink.ctx, PROF_ROWS_GROUP_WAIT, &t->strings, wait, e);
		}
	}
	return rc;
}
