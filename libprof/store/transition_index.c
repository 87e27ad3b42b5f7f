#include "libprof/store/transition_index.h"

#include <stdlib.h>

#include "libprof/base/search.h"
#include "libprof/model/timeline.h"
#include "libprof/store/seal.h"

void prof_times_put(const struct prof_times *t, struct prof_buf *out)
{
	uint64_t last = 0;

	prof_put_uvarint(out, t->n);
	for (size_t i = 0; i < t->n; i++) {
		prof_put_varint(out, (int64_t)((uint64_t)t->v[i] - last));
		last = (uint64_t)t->v[i];
	}
}

int prof_times_get(
	struct prof_rd *r, struct prof_mem *mem, struct prof_times *out, struct prof_err *e)
{
	uint64_t n = prof_rd_count(r, 1), last = 0;
	int rc = prof_vec_reserve(mem, out, n, e);

	while (!rc && !r->why && out->n < n) {
		last += (uint64_t)prof_rd_varint(r);
		if (out->n && (int64_t)last < out->v[out->n - 1])
			prof_rd_fail(r, "pages are not in the order of time");
		out->v[out->n++] = (int64_t)last;
	}
	prof_rd_end(r, "more than it says");
	return rc;
}

void prof_who_writer_init(struct prof_who_writer *w, struct prof_mem *mem)
{
	*w = (struct prof_who_writer){.mem = mem};
	prof_idmap_init(&w->place, mem);
}

void prof_who_writer_fini(struct prof_who_writer *w)
{
	if (!w->mem)
		return;
	prof_idmap_fini(&w->place);
	prof_vec_fini(w->mem, &w->seen);
	prof_vec_fini(w->mem, &w->pairs);
}

static int see(struct prof_who_writer *w, int64_t id, struct prof_err *e)
{
	uint32_t place = prof_idmap_get(&w->place, (uint64_t)id);
	int rc = 0;

	if (place == PROF_NONE) {
		place = (uint32_t)w->seen.n;
		rc = prof_vec_reserve(w->mem, &w->seen, 1, e);
		if (!rc)
			rc = prof_idmap_add(&w->place, (uint64_t)id, place, e);
		if (rc)
			return rc;
		w->seen.v[w->seen.n++] = (struct prof_who_seen){.id = id, .last = PROF_NONE};
	}
	if (w->seen.v[place].last == w->pages)
		return 0;
	rc = prof_vec_reserve(w->mem, &w->pairs, 1, e);
	if (rc)
		return rc;
	w->pairs.v[w->pairs.n++] = (struct prof_who_pair){place, (uint8_t)w->pages};
	w->seen.v[place].last = w->pages;
	w->seen.v[place].pages++;
	return 0;
}

int prof_who_add(struct prof_who_writer *w, int64_t *const *v, size_t n, struct prof_err *e)
{
	const int64_t *ids = v[PROF_TRANSITION_GOROUTINE], *actors = v[PROF_TRANSITION_ACTOR];
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++) {
		rc = see(w, ids[i], e);
		if (!rc && actors[i] != PROF_ABSENT)
			rc = see(w, actors[i], e);
	}
	w->pages++;
	return rc;
}

static int by_id(const void *a, const void *b)
{
	const struct prof_who_seen *const *p = a, *const *q = b;

	return ((*p)->id > (*q)->id) - ((*p)->id < (*q)->id);
}

/* Goroutines in order, and the pages of each. */
static void put_sorted(struct prof_who_writer *w, struct prof_who_seen **sorted, uint8_t *pages,
	struct prof_buf *out)
{
	uint64_t last = 0;
	uint32_t at = 0;

	for (size_t i = 0; i < w->seen.n; i++) {
		prof_put_varint(out, (int64_t)((uint64_t)sorted[i]->id - last));
		last = (uint64_t)sorted[i]->id;
		sorted[i]->at = at;
		at += sorted[i]->pages;
	}
	for (size_t i = 0; i < w->seen.n; i++)
		prof_put_uvarint(out, sorted[i]->pages);
	for (size_t i = 0; i < w->pairs.n; i++)
		pages[w->seen.v[w->pairs.v[i].seen].at++] = w->pairs.v[i].page;
	for (size_t i = 0, k = 0; i < w->seen.n; i++)
		for (int before = -1; k < sorted[i]->at; before = pages[k++])
			prof_put_uvarint(out, (uint64_t)(pages[k] - before));
}

int prof_who_put(struct prof_who_writer *w, struct prof_buf *out, struct prof_err *e)
{
	struct prof_who_seen **sorted = prof_mem_zalloc(w->mem, w->seen.n, sizeof(*sorted), e);
	uint8_t *pages = prof_mem_zalloc(w->mem, w->pairs.n, 1, e);

	if (sorted && pages) {
		for (size_t i = 0; i < w->seen.n; i++)
			sorted[i] = &w->seen.v[i];
		qsort(sorted, w->seen.n, sizeof(*sorted), by_id);
		prof_put_uvarint(out, w->seen.n);
		put_sorted(w, sorted, pages, out);
	}
	prof_mem_zfree(w->mem, sorted, w->seen.n, sizeof(*sorted));
	prof_mem_zfree(w->mem, pages, w->pairs.n, 1);
	prof_idmap_clear(&w->place);
	w->seen.n = w->pairs.n = 0;
	w->pages = 0;
	return sorted && pages ? 0 : e->code;
}

static void get_ids(struct prof_rd *r, uint64_t n, struct prof_who *out)
{
	uint64_t last = 0;

	while (out->ids.n < n && !r->why) {
		last += (uint64_t)prof_rd_varint(r);
		if (out->ids.n && (int64_t)last <= out->ids.v[out->ids.n - 1])
			prof_rd_fail(r, "goroutines are not in order");
		out->ids.v[out->ids.n++] = (int64_t)last;
	}
	for (uint64_t all = 0; out->ends.n < n && !r->why;) {
		uint64_t pages = prof_rd_uvarint(r);

		all += pages;
		if (!pages || pages > PROF_WHO_PAGES || all > PROF_NONE)
			prof_rd_fail(r, "a goroutine in more pages than there are");
		out->ends.v[out->ends.n++] = (uint32_t)all;
	}
}

int prof_who_get(struct prof_rd *r, struct prof_mem *mem, uint32_t pages, struct prof_who *out,
	struct prof_err *e)
{
	uint64_t n = prof_rd_count(r, 3), all;
	int rc = prof_vec_reserve(mem, &out->ids, n, e);

	if (!n)
		prof_rd_fail(r, "pages with nobody in them");
	if (!rc)
		rc = prof_vec_reserve(mem, &out->ends, n, e);
	if (rc)
		return rc;
	get_ids(r, n, out);
	all = n && !r->why ? out->ends.v[n - 1] : 0;
	if (all > prof_rd_left(r))
		prof_rd_fail(r, "goroutines in more pages than follow");
	else
		rc = prof_vec_reserve(mem, &out->pages, all, e);
	for (size_t i = 0; !rc && !r->why && i < n; i++) {
		uint64_t page = UINT64_MAX; /* -1 */

		while (out->pages.n < out->ends.v[i]) {
			uint64_t step = prof_rd_uvarint(r);

			page += step;
			if (!step || step > pages || page >= pages) {
				prof_rd_fail(r, "a goroutine in a page that is not there");
				break;
			}
			out->pages.v[out->pages.n++] = (uint8_t)page;
		}
	}
	prof_rd_end(r, "more than it says");
	return rc;
}

void prof_who_fini(struct prof_who *x, struct prof_mem *mem)
{
	prof_vec_fini(mem, &x->ids);
	prof_vec_fini(mem, &x->ends);
	prof_vec_fini(mem, &x->pages);
}

uint32_t prof_who_page(const struct prof_who *x, int64_t id, uint32_t from)
{
	size_t at = prof_search_numbers(x->ids.v, x->ids.n, id);

	if (at == x->ids.n || x->ids.v[at] != id)
		return PROF_NONE;
	for (uint32_t i = at ? x->ends.v[at - 1] : 0; i < x->ends.v[at]; i++)
		if (x->pages.v[i] >= from)
			return x->pages.v[i];
	return PROF_NONE;
}
