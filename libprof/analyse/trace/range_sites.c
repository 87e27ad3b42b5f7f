#include "libprof/analyse/trace/range_sites.h"

#include "libprof/base/num.h"

void prof_range_sites_init(
	struct prof_range_sites *x, struct prof_mem *mem, enum prof_trace_range kind)
{
	*x = (struct prof_range_sites){.mem = mem, .kind = kind, .to = INT64_MAX};
	prof_map64_init(&x->site_of, mem);
}

void prof_range_sites_fini(struct prof_range_sites *x)
{
	prof_vec_fini(x->mem, &x->open);
	prof_vec_fini(x->mem, &x->sites);
	prof_map64_fini(&x->site_of);
}

int prof_range_sites_reserve(
	struct prof_range_sites *x, const struct prof_trace *t, struct prof_err *e)
{
	size_t n = x->kind == PROF_RANGE_GC_SWEEP ? t->procs.n : t->goroutines.n;
	int rc = x->open.n < n ? prof_vec_reserve(x->mem, &x->open, n - x->open.n, e) : 0;

	while (!rc && x->open.n < n)
		x->open.v[x->open.n++] = (struct prof_open_range){.begin = PROF_RANGE_NONE};
	return rc;
}

static int find_site(struct prof_range_sites *x, const struct prof_open_range *r,
	struct prof_range_site **out, struct prof_err *e)
{
	uint64_t key = (uint64_t)r->stack << 32 | r->name;
	uint32_t i = prof_map64_get(&x->site_of, key);
	int rc;

	if (i == PROF_NONE) {
		i = (uint32_t)x->sites.n;
		rc = prof_vec_reserve(x->mem, &x->sites, 1, e);
		if (!rc)
			rc = prof_map64_add(&x->site_of, key, i, e);
		if (rc)
			return rc;
		x->sites.v[x->sites.n++] = (struct prof_range_site){
			.stack = r->stack, .name = r->name};
	}
	*out = &x->sites.v[i];
	return 0;
}

/* Bytes of a sweep, `args` of its end, count where that is in time. */
static int end_range(struct prof_range_sites *x, struct prof_open_range *r, int64_t end,
	const uint64_t *args, struct prof_err *e)
{
	int64_t from = r->begin > x->from ? r->begin : x->from, to = end < x->to ? end : x->to;
	struct prof_range_site *s;
	int rc = 0;

	if (to >= from)
		rc = find_site(x, r, &s, e);
	r->begin = PROF_RANGE_NONE;
	if (rc || to < from)
		return rc;
	s->count++;
	s->ns += to - from;
	if (args && x->kind == PROF_RANGE_GC_SWEEP && end <= x->to) {
		s->swept_bytes = prof_add_sat(s->swept_bytes, (int64_t)(args[0] & INT64_MAX));
		s->reclaimed_bytes = prof_add_sat(
			s->reclaimed_bytes, (int64_t)(args[1] & INT64_MAX));
	}
	return 0;
}

int prof_range_sites_event(
	struct prof_range_sites *x, const struct prof_trace_event *ev, struct prof_err *e)
{
	struct prof_open_range *r;

	if (ev->what != x->kind || ev->subject == PROF_TRACE_NONE)
		return 0;
	r = &x->open.v[ev->subject];
	if (ev->kind == PROF_TRACE_RANGE_BEGIN)
		*r = (struct prof_open_range){ev->time, ev->stack, ev->name};
	else if (r->begin == PROF_RANGE_NONE)
		*r = (struct prof_open_range){x->start, 0, ev->name};
	return ev->kind == PROF_TRACE_RANGE_END ? end_range(x, r, ev->time, ev->args, e) : 0;
}

int prof_range_sites_close(struct prof_range_sites *x, int64_t time, struct prof_err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < x->open.n; i++)
		if (x->open.v[i].begin != PROF_RANGE_NONE)
			rc = end_range(x, &x->open.v[i], time, NULL, e);
	return rc;
}
