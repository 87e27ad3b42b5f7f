#include "libprof/analyse/gc/who.h"

#include <stdlib.h>

#include "libprof/analyse/trace/goroutines.h"
#include "libprof/base/num.h"

void prof_gc_who_init(struct prof_gc_who *x, struct prof_mem *mem)
{
	*x = (struct prof_gc_who){.mem = mem, .stop_begin = PROF_ABSENT};
}

void prof_gc_who_fini(struct prof_gc_who *x)
{
	prof_vec_fini(x->mem, &x->members);
	prof_vec_fini(x->mem, &x->sweepers);
	prof_vec_fini(x->mem, &x->functions);
	prof_vec_fini(x->mem, &x->function_of);
}

static struct prof_gc_member nobody(void)
{
	return (struct prof_gc_member){.assist_since = PROF_ABSENT, .clock = PROF_ABSENT};
}

int prof_gc_who_reserve(struct prof_gc_who *x, const struct prof_trace *trace, struct prof_err *e)
{
	size_t n = trace->goroutines.n, procs = trace->procs.n, strings = trace->strings.strs.n;
	int rc = 0;

	if (x->members.n < n)
		rc = prof_vec_reserve(x->mem, &x->members, n - x->members.n, e);
	if (!rc && x->sweepers.n < procs)
		rc = prof_vec_reserve(x->mem, &x->sweepers, procs - x->sweepers.n, e);
	if (!rc && x->function_of.n < strings)
		rc = prof_vec_reserve(x->mem, &x->function_of, strings - x->function_of.n, e);
	if (rc)
		return rc;
	while (x->members.n < n)
		x->members.v[x->members.n++] = nobody();
	while (x->sweepers.n < procs)
		x->sweepers.v[x->sweepers.n++] = (struct prof_gc_sweeper){.since = PROF_ABSENT};
	while (x->function_of.n < strings)
		x->function_of.v[x->function_of.n++] = 0;
	return 0;
}

/* How long the world stood still up to now. */
static int64_t clock_at(const struct prof_gc_who *x, int64_t now)
{
	return x->stopped_ns + (x->stop_begin == PROF_ABSENT ? 0 : now - x->stop_begin);
}

static int64_t cost(const struct prof_gc_share *s)
{
	return prof_add_sat(
		prof_add_sat(s->assist_ns, s->sweep_ns), prof_add_sat(s->mark_ns, s->delayed_ns));
}

static void add_share(struct prof_gc_share *to, const struct prof_gc_share *s)
{
	to->goroutines++;
	to->assists += s->assists;
	to->sweeps += s->sweeps;
	to->assist_ns = prof_add_sat(to->assist_ns, s->assist_ns);
	to->sweep_ns = prof_add_sat(to->sweep_ns, s->sweep_ns);
	to->mark_ns = prof_add_sat(to->mark_ns, s->mark_ns);
	to->delayed_ns = prof_add_sat(to->delayed_ns, s->delayed_ns);
	to->swept_bytes = prof_add_sat(to->swept_bytes, s->swept_bytes);
	to->reclaimed_bytes = prof_add_sat(to->reclaimed_bytes, s->reclaimed_bytes);
}

/* Among the goroutines with the largest cost, of equal ones those that came first. */
static void keep(struct prof_gc_who *x, const struct prof_gc_share *s)
{
	size_t least = 0;

	if (x->n_top < PROF_GC_TOP) {
		x->top[x->n_top++] = *s;
		return;
	}
	for (size_t i = 1; i < PROF_GC_TOP; i++)
		if (cost(&x->top[i]) < cost(&x->top[least]))
			least = i;
	if (cost(s) > cost(&x->top[least]))
		x->top[least] = *s;
}

/* The goroutine is gone, or the trace is at its end. */
static int leave(
	struct prof_gc_who *x, const struct prof_trace *trace, uint32_t slot, struct prof_err *e)
{
	struct prof_gc_share *s = &x->members.v[slot].share;
	uint32_t *at = &x->function_of.v[s->name];
	int rc;

	if (!cost(s) && !s->assists && !s->sweeps)
		return 0;
	if (!*at) {
		rc = prof_vec_reserve(x->mem, &x->functions, 1, e);
		if (rc)
			return rc;
		x->functions.v[x->functions.n++] = (struct prof_gc_share){
			.name = s->name, .goroutine = PROF_ABSENT};
		*at = (uint32_t)x->functions.n;
	}
	s->goroutine = prof_trace_goroutine(trace, slot);
	s->goroutines = 1;
	add_share(&x->functions.v[*at - 1], s);
	keep(x, s);
	return 0;
}

static bool can_run(unsigned state)
{
	return state == PROF_G_RUNNING || state == PROF_G_RUNNABLE;
}

static void book_delay(struct prof_gc_who *x, struct prof_gc_member *m, int64_t now)
{
	if (m->clock != PROF_ABSENT)
		m->share.delayed_ns += clock_at(x, now) - m->clock;
	m->clock = PROF_ABSENT;
}

static void end_assist(struct prof_gc_member *m, int64_t now)
{
	if (m->assist_since != PROF_ABSENT) {
		m->share.assists++;
		m->share.assist_ns += now - m->assist_since;
	}
	m->assist_since = PROF_ABSENT;
}

static int goroutine(struct prof_gc_who *x, const struct prof_trace *trace,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	struct prof_gc_member *m = &x->members.v[ev->subject];
	int rc = 0;

	if (ev->from <= PROF_G_NOT_EXIST)
		*m = nobody();
	if (!m->share.name)
		m->share.name = prof_trace_entry(trace, ev);
	book_delay(x, m, ev->time);
	if (can_run(ev->to))
		m->clock = clock_at(x, ev->time);
	if (ev->to == PROF_G_NOT_EXIST) {
		end_assist(m, ev->time);
		rc = leave(x, trace, ev->subject, e);
		*m = nobody();
	}
	return rc;
}

static void sweep(struct prof_gc_who *x, const struct prof_trace_event *ev)
{
	struct prof_gc_sweeper *s = &x->sweepers.v[ev->subject];
	struct prof_gc_share *share;

	if (ev->kind != PROF_TRACE_RANGE_END) {
		if (ev->kind == PROF_TRACE_RANGE_BEGIN || s->since == PROF_ABSENT)
			*s = (struct prof_gc_sweeper){ev->time, ev->g};
		return;
	}
	if (s->since == PROF_ABSENT || s->g == PROF_TRACE_NONE)
		s->g = ev->g;
	if (s->since != PROF_ABSENT && s->g != PROF_TRACE_NONE) {
		share = &x->members.v[s->g].share;
		share->sweeps++;
		share->sweep_ns += ev->time - s->since;
		share->swept_bytes = prof_add_sat(
			share->swept_bytes, (int64_t)(ev->args[0] & INT64_MAX));
		share->reclaimed_bytes = prof_add_sat(
			share->reclaimed_bytes, (int64_t)(ev->args[1] & INT64_MAX));
	}
	s->since = PROF_ABSENT;
}

static void stop(struct prof_gc_who *x, const struct prof_trace_event *ev)
{
	int64_t ns;

	if (ev->kind == PROF_TRACE_RANGE_BEGIN && x->stop_begin == PROF_ABSENT)
		x->stop_begin = ev->time;
	if (ev->kind != PROF_TRACE_RANGE_END || x->stop_begin == PROF_ABSENT)
		return;
	ns = ev->time - x->stop_begin;
	/* Who stops the world goes on. */
	if (ev->subject != PROF_TRACE_NONE && x->members.v[ev->subject].clock != PROF_ABSENT)
		x->members.v[ev->subject].clock += ns;
	x->stopped_ns += ns;
	x->stop_begin = PROF_ABSENT;
}

static void gap(struct prof_gc_who *x)
{
	x->stop_begin = PROF_ABSENT;
	for (size_t i = 0; i < x->members.n; i++)
		x->members.v[i].assist_since = x->members.v[i].clock = PROF_ABSENT;
	for (size_t i = 0; i < x->sweepers.n; i++)
		x->sweepers.v[i].since = PROF_ABSENT;
}

int prof_gc_who_event(struct prof_gc_who *x, const struct prof_trace *trace,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	if (ev->kind == PROF_TRACE_GOROUTINE)
		return goroutine(x, trace, ev, e);
	if (ev->kind == PROF_TRACE_GAP) {
		gap(x);
	} else if (ev->what == PROF_RANGE_STW) {
		stop(x, ev);
	} else if (ev->subject == PROF_TRACE_NONE) {
		return 0;
	} else if (ev->what == PROF_RANGE_GC_SWEEP) {
		sweep(x, ev);
	} else if (ev->what == PROF_RANGE_GC_ASSIST) {
		struct prof_gc_member *m = &x->members.v[ev->subject];

		if (ev->kind == PROF_TRACE_RANGE_END)
			end_assist(m, ev->time);
		else if (m->assist_since == PROF_ABSENT)
			m->assist_since = ev->time;
	}
	return 0;
}

/* The most expensive first. */
static int compare(const void *a, const void *b)
{
	const struct prof_gc_share *x = a, *y = b;

	if (cost(x) != cost(y))
		return cost(x) > cost(y) ? -1 : 1;
	if (x->goroutine != y->goroutine)
		return x->goroutine < y->goroutine ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

/* Names become the timeline's. */
static int hand_over(const struct prof_trace *trace, struct prof_gc_share *v, size_t n,
	struct prof_timeline *t, struct prof_err *e)
{
	int rc = prof_vec_reserve(&t->mem, &t->shares, n, e);

	if (n)
		qsort(v, n, sizeof(*v), compare);
	for (size_t i = 0; !rc && i < n; i++) {
		struct prof_str name = prof_strtab_get(&trace->strings, v[i].name);

		rc = prof_strtab_add(&t->strings, name.p, name.len, &v[i].name, e);
		v[i].segment = (uint32_t)(t->segments.n - 1);
		if (!rc)
			t->shares.v[t->shares.n++] = v[i];
	}
	return rc;
}

int prof_gc_who_end(struct prof_gc_who *x, const struct prof_trace *trace, int64_t now,
	struct prof_timeline *t, struct prof_err *e)
{
	int rc = 0;

	for (uint32_t i = 0; !rc && i < x->members.n; i++) {
		struct prof_gc_member *m = &x->members.v[i];

		book_delay(x, m, now);
		end_assist(m, now);
		rc = leave(x, trace, i, e);
	}
	if (!rc)
		rc = hand_over(trace, x->functions.v, x->functions.n, t, e);
	return rc ? rc : hand_over(trace, x->top, x->n_top, t, e);
}
