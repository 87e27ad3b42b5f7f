#include "libprof/analyse/trace/ranges.h"

void prof_trace_ranges_init(
	struct prof_trace_ranges *x, struct prof_mem *mem, int64_t from, int64_t to)
{
	*x = (struct prof_trace_ranges){
		.mem = mem, .from = from, .to = to, .gc = PROF_RANGE_CLOSED};
	prof_map64_init(&x->stw_of, mem);
}

void prof_trace_ranges_fini(struct prof_trace_ranges *x)
{
	for (int i = 0; i <= PROF_RANGE_STW; i++)
		prof_hist_fini(&x->kinds[i], x->mem);
	for (size_t i = 0; i < x->stw.n; i++)
		prof_hist_fini(&x->stw.v[i].hist, x->mem);
	prof_vec_fini(x->mem, &x->stw);
	prof_map64_fini(&x->stw_of);
	prof_vec_fini(x->mem, &x->assists);
	prof_vec_fini(x->mem, &x->stops);
	prof_vec_fini(x->mem, &x->sweeps);
}

int prof_trace_ranges_reserve(
	struct prof_trace_ranges *x, const struct prof_trace *t, struct prof_err *e)
{
	size_t n = t->goroutines.n;
	int rc = 0;

	if (x->assists.n < n) {
		rc = prof_vec_reserve(x->mem, &x->assists, n - x->assists.n, e);
		if (!rc)
			rc = prof_vec_reserve(x->mem, &x->stops, n - x->stops.n, e);
	}
	if (!rc && x->sweeps.n < t->procs.n)
		rc = prof_vec_reserve(x->mem, &x->sweeps, t->procs.n - x->sweeps.n, e);
	if (rc)
		return rc;
	for (; x->assists.n < n; x->assists.n++, x->stops.n++)
		x->assists.v[x->assists.n] = x->stops.v[x->stops.n] = PROF_RANGE_CLOSED;
	while (x->sweeps.n < t->procs.n)
		x->sweeps.v[x->sweeps.n++] = PROF_RANGE_CLOSED;
	return 0;
}

/* Where it is kept when the event's range began; NULL where the event does not say on whom. */
static int64_t *began(struct prof_trace_ranges *x, const struct prof_trace_event *ev)
{
	if (ev->what == PROF_RANGE_GC_MARK)
		return &x->gc;
	if (ev->subject == PROF_TRACE_NONE)
		return NULL;
	if (ev->what == PROF_RANGE_GC_SWEEP)
		return &x->sweeps.v[ev->subject];
	return ev->what == PROF_RANGE_STW ? &x->stops.v[ev->subject] : &x->assists.v[ev->subject];
}

static int add_stop(struct prof_trace_ranges *x, uint32_t reason, uint64_t ns, struct prof_err *e)
{
	uint32_t i = prof_map64_get(&x->stw_of, reason);
	int rc;

	if (i == PROF_NONE) {
		i = (uint32_t)x->stw.n;
		rc = prof_vec_reserve(x->mem, &x->stw, 1, e);
		if (!rc)
			rc = prof_map64_add(&x->stw_of, reason, i, e);
		if (rc)
			return rc;
		x->stw.v[x->stw.n++] = (struct prof_trace_stw){.reason = reason};
	}
	return prof_hist_add(&x->stw.v[i].hist, x->mem, ns, e);
}

static int end_range(struct prof_trace_ranges *x, const struct prof_trace_event *ev, int64_t begin,
	struct prof_err *e)
{
	int64_t end = ev->time;
	int rc;

	if (begin == PROF_RANGE_CLOSED)
		begin = x->start;
	if (end < x->from || end >= x->to)
		return 0;
	begin = begin > x->from ? begin : x->from;
	rc = prof_hist_add(&x->kinds[ev->what], x->mem, (uint64_t)(end - begin), e);
	if (!rc && ev->what == PROF_RANGE_STW)
		rc = add_stop(x, ev->name, (uint64_t)(end - begin), e);
	return rc;
}

static void close_all(struct prof_trace_ranges *x)
{
	x->gc = PROF_RANGE_CLOSED;
	for (size_t i = 0; i < x->assists.n; i++)
		x->assists.v[i] = x->stops.v[i] = PROF_RANGE_CLOSED;
	for (size_t i = 0; i < x->sweeps.n; i++)
		x->sweeps.v[i] = PROF_RANGE_CLOSED;
	x->begun = false;
}

int prof_trace_ranges_event(
	struct prof_trace_ranges *x, const struct prof_trace_event *ev, struct prof_err *e)
{
	int64_t *at, begin;

	if (ev->kind == PROF_TRACE_SYNC) {
		if (!x->begun)
			x->start = ev->time;
		x->begun = true;
		return 0;
	}
	if (ev->kind == PROF_TRACE_GAP) {
		close_all(x);
		return 0;
	}
	at = began(x, ev);
	if (!at)
		return 0;
	if (ev->kind == PROF_TRACE_RANGE_END) {
		begin = *at;
		*at = PROF_RANGE_CLOSED;
		return end_range(x, ev, begin, e);
	}
	if (ev->kind == PROF_TRACE_RANGE_BEGIN)
		*at = ev->time;
	else if (*at == PROF_RANGE_CLOSED)
		*at = x->start;
	return 0;
}
