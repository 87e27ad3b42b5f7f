#include "libprof/store/transitions.h"

#include "libprof/base/search.h"
#include "libprof/model/timeline.h"

enum { FEW = 4, SHARE = 8, NO_ROW = UINT16_MAX };

static int damaged(const struct prof_transitions *x, const char *what, struct prof_err *e)
{
	return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
		"is damaged: capture %lld: transition: %s", (long long)x->profile, what);
}

/* The blob of a part that must be there. */
static int read_blob(struct prof_transitions *x, int64_t part, int64_t place, struct prof_rd *out,
	struct prof_err *e)
{
	int rc;

	prof_db_guard_start(x->guard);
	rc = prof_capture_blob(x->s, x->profile, part, place, &x->bytes, e);
	prof_db_guard_stop(x->guard);
	*out = prof_rd_of(x->bytes.p, x->bytes.n);
	if (rc > 0)
		return 0;
	return rc ? rc : damaged(x, "rows are missing", e);
}

static int read_times(struct prof_transitions *x, struct prof_err *e)
{
	struct prof_rd r;
	int rc = read_blob(x, PROF_CAPTURE_TIMES, 0, &r, e);

	if (!rc)
		rc = prof_times_get(&r, x->mem, &x->times, e);
	if (rc)
		return rc;
	if (!r.why && x->times.n != x->rows / PROF_COLUMNS_ROWS + !!(x->rows % PROF_COLUMNS_ROWS))
		r.why = "another number of pages than there are";
	return r.why ? damaged(x, r.why, e) : 0;
}

int prof_transitions_init(struct prof_transitions *x, struct prof_store *s,
	struct prof_db_guard *guard, int64_t profile, struct prof_mem *mem, struct prof_err *e)
{
	int rc;

	*x = (struct prof_transitions){.s = s, .guard = guard, .profile = profile, .mem = mem};
	prof_buf_init(&x->index_bytes, NULL, NULL);
	prof_buf_init(&x->bytes, NULL, NULL);
	prof_db_guard_start(guard);
	rc = prof_capture_index_read(s, profile, &x->index_bytes, &x->index, e);
	prof_db_guard_stop(guard);
	x->rows = rc ? 0 : x->index.rows[PROF_ROWS_TRANSITION];
	if (rc || !x->rows)
		return rc;
	rc = read_times(x, e);
	if (!rc)
		rc = prof_vec_reserve(mem, &x->at, x->times.n, e);
	if (!rc)
		rc = prof_vec_reserve(mem, &x->who, x->times.n / PROF_WHO_PAGES + 1, e);
	if (rc)
		return rc;
	x->pages = (uint32_t)x->times.n;
	while (x->at.n < x->pages)
		x->at.v[x->at.n++] = NULL;
	for (uint32_t first = 0; first < x->pages; first += PROF_WHO_PAGES)
		x->who.v[x->who.n++] = (struct prof_who){0};
	return 0;
}

void prof_transitions_fini(struct prof_transitions *x)
{
	if (!x->mem)
		return;
	for (size_t i = 0; i < x->who.n; i++)
		prof_who_fini(&x->who.v[i], x->mem);
	for (size_t i = 0; i < x->pool.n; i++)
		prof_mem_zfree(x->mem, x->pool.v[i], 1, sizeof(*x->pool.v[i]));
	prof_vec_fini(x->mem, &x->who);
	prof_vec_fini(x->mem, &x->pool);
	prof_vec_fini(x->mem, &x->at);
	prof_vec_fini(x->mem, &x->times);
	prof_buf_fini(&x->index_bytes);
	prof_buf_fini(&x->bytes);
}

uint32_t prof_transitions_since(const struct prof_transitions *x, int64_t t_ns)
{
	size_t page = prof_search_numbers(x->times.v, x->pages, t_ns);

	return page ? (uint32_t)page - 1 : 0;
}

static int read_who(struct prof_transitions *x, uint32_t group, struct prof_err *e)
{
	uint32_t first = group * PROF_WHO_PAGES, pages = x->pages - first;
	struct prof_rd r;
	int rc = read_blob(x, PROF_CAPTURE_WHO, (int64_t)first * PROF_COLUMNS_ROWS, &r, e);

	if (!rc)
		rc = prof_who_get(&r, x->mem, pages < PROF_WHO_PAGES ? pages : PROF_WHO_PAGES,
			&x->who.v[group], e);
	if (rc || r.why)
		prof_who_fini(&x->who.v[group], x->mem);
	return !rc && r.why ? damaged(x, r.why, e) : rc;
}

int prof_transitions_with(
	struct prof_transitions *x, int64_t id, uint32_t *number, struct prof_err *e)
{
	while (*number < x->pages) {
		uint32_t group = *number / PROF_WHO_PAGES, first = group * PROF_WHO_PAGES, page;
		int rc = x->who.v[group].ids.n ? 0 : read_who(x, group, e);

		if (rc)
			return rc;
		page = prof_who_page(&x->who.v[group], id, *number - first);
		if (page != PROF_NONE) {
			*number = first + page;
			return 0;
		}
		*number = first + PROF_WHO_PAGES;
	}
	*number = x->pages;
	return 0;
}

/* A page of the pool that nobody uses: a new one where there is room, else the one that was asked
 * for the longest ago.
 */
static int find_room(
	struct prof_transitions *x, struct prof_transition_page **out, struct prof_err *e)
{
	size_t most = x->keeps ? x->mem->limit / SHARE / sizeof(**out) : 0;
	struct prof_transition_page *old = NULL;
	int rc;

	for (size_t i = 0; x->pool.n >= FEW && x->pool.n >= most && i < x->pool.n; i++)
		if (!x->pool.v[i]->users && (!old || x->pool.v[i]->asked < old->asked))
			old = x->pool.v[i];
	if (old) {
		if (x->at.v[old->number] == old)
			x->at.v[old->number] = NULL;
		*out = old;
		return 0;
	}
	rc = prof_vec_reserve(x->mem, &x->pool, 1, e);
	if (rc)
		return rc;
	*out = prof_mem_zalloc(x->mem, 1, sizeof(**out), e);
	if (!*out)
		return e->code;
	x->pool.v[x->pool.n++] = *out;
	for (size_t c = 0; c < PROF_TRANSITION_COLUMNS; c++)
		(*out)->v[c] = (*out)->cells + c * PROF_COLUMNS_ROWS;
	return 0;
}

static int read_page(
	struct prof_transitions *x, struct prof_transition_page *page, struct prof_err *e)
{
	uint64_t first = (uint64_t)page->number * PROF_COLUMNS_ROWS, left = x->rows - first;
	struct prof_rd r = x->index.last[PROF_ROWS_TRANSITION];
	const int64_t *t = page->v[PROF_TRANSITION_T_NS];
	size_t n = 0;
	int rc = 0;

	if (page->number + 1 < x->pages || r.p == r.end)
		rc = read_blob(x, PROF_CAPTURE_ROWS + PROF_ROWS_TRANSITION, (int64_t)first, &r, e);
	if (rc)
		return rc;
	prof_capture_page_get(&r, PROF_ROWS_TRANSITION, x->index.strings, page->v, &n);
	if (!r.why && n != (left < PROF_COLUMNS_ROWS ? left : PROF_COLUMNS_ROWS))
		r.why = "another number of rows than there are";
	if (!r.why &&
		(t[0] != x->times.v[page->number] ||
			(page->number + 1 < x->pages && t[n - 1] > x->times.v[page->number + 1])))
		r.why = "a page is of another time";
	page->n = (uint32_t)n;
	page->chained = false;
	return r.why ? damaged(x, r.why, e) : 0;
}

int prof_transitions_page(struct prof_transitions *x, uint32_t number,
	struct prof_transition_page **out, struct prof_err *e)
{
	struct prof_transition_page *page = x->at.v[number];
	int rc = page ? 0 : find_room(x, &page, e);

	if (!rc && !x->at.v[number]) {
		page->number = number;
		page->asked = 0;
		rc = read_page(x, page, e);
	}
	if (rc)
		return rc;
	x->at.v[number] = page;
	page->asked = ++x->clock;
	page->users++;
	*out = page;
	return 0;
}

void prof_transitions_give_back(struct prof_transition_page *page)
{
	if (page)
		page->users--;
}

/* Where the first row of a goroutine stands, or would. */
static uint16_t *place_of(struct prof_transition_page *page, int64_t id)
{
	enum { PLACES = sizeof(page->first) / sizeof(page->first[0]) };
	const int64_t *ids = page->v[PROF_TRANSITION_GOROUTINE];
	size_t i = prof_hash_mix(0, (uint64_t)id) % PLACES;

	while (page->first[i] != NO_ROW && ids[page->first[i]] != id)
		i = (i + 1) % PLACES;
	return &page->first[i];
}

uint32_t prof_transition_first(struct prof_transition_page *page, int64_t id)
{
	uint16_t row;

	if (!page->chained) {
		memset(page->first, 0xff, sizeof(page->first));
		for (uint32_t i = page->n; i--;) {
			uint16_t *first = place_of(page, page->v[PROF_TRANSITION_GOROUTINE][i]);

			page->next[i] = *first;
			*first = (uint16_t)i;
		}
		page->chained = true;
	}
	row = *place_of(page, id);
	return row == NO_ROW ? PROF_NONE : row;
}

uint32_t prof_transition_next(const struct prof_transition_page *page, uint32_t row)
{
	return page->next[row] == NO_ROW ? PROF_NONE : page->next[row];
}
