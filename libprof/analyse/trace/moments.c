#include "libprof/analyse/trace/moments.h"

#include "libprof/base/num.h"

void prof_trace_moments_init(
	struct prof_trace_moments *x, struct prof_mem *mem, prof_trace_moment_fn *take, void *ctx)
{
	*x = (struct prof_trace_moments){
		.mem = mem, .take = take, .ctx = ctx, .next = 1, .last_taken = INT64_MIN};
}

void prof_trace_moments_fini(struct prof_trace_moments *x)
{
	prof_vec_fini(x->mem, &x->slots);
	prof_vec_fini(x->mem, &x->waiters);
}

static int reserve(struct prof_trace_moments *x, size_t n, struct prof_err *e)
{
	int rc = n <= x->slots.n ? 0 : prof_vec_reserve(x->mem, &x->slots, n - x->slots.n, e);

	while (!rc && x->slots.n < n)
		x->slots.v[x->slots.n++] = (struct prof_trace_waiter){.state = PROF_G_NOT_EXIST};
	return rc;
}

static void transition(struct prof_trace_moments *x, const struct prof_trace_event *ev)
{
	struct prof_trace_waiter *s;

	if (ev->subject == PROF_TRACE_NONE)
		return;
	s = &x->slots.v[ev->subject];
	if (ev->from == PROF_G_NOT_EXIST)
		*s = (struct prof_trace_waiter){.created = ev->stack};
	/* A status at the start of a generation repeats what is known, or tells what was so. */
	if (ev->from == PROF_G_UNDETERMINED || ev->from == ev->to) {
		if (s->state != ev->to)
			*s = (struct prof_trace_waiter){.created = s->created};
		s->stack = s->stack ? s->stack : ev->subject_stack;
		s->reason = s->reason ? s->reason : ev->name;
	} else {
		s->since = prof_sub(ev->time, x->start);
		s->stack = ev->subject == ev->g ? ev->stack : ev->subject_stack;
		s->reason = ev->name;
	}
	s->state = ev->to;
}

static int take(struct prof_trace_moments *x, const struct prof_trace *t, struct prof_err *e)
{
	struct prof_trace_moment m = {.at = prof_sub(x->now, x->start), .wall = x->wall};
	int rc = 0;

	x->waiters.n = 0;
	for (uint32_t i = 0; !rc && i < x->slots.n; i++) {
		struct prof_trace_waiter w = x->slots.v[i];

		w.slot = i;
		w.id = prof_trace_goroutine(t, i);
		if (w.id <= 0 || (w.state != PROF_G_WAITING && w.state != PROF_G_SYSCALL))
			continue;
		rc = prof_vec_reserve(x->mem, &x->waiters, 1, e);
		if (!rc)
			x->waiters.v[x->waiters.n++] = w;
	}
	m.v = x->waiters.v;
	m.n = x->waiters.n;
	x->last_taken = x->now;
	return rc ? rc : x->take(x->ctx, t, &m, e);
}

/* ns since 1970; what a file claims may be out of any range. */
static int64_t wall_of(const struct prof_trace_clock *c, int64_t time)
{
	int64_t second = (int64_t)((uint64_t)c->wall_s * 1000000000u);

	return prof_add(prof_add(second, c->wall_ns), prof_sub(time, c->time));
}

static int sync_event(struct prof_trace_moments *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	if (!x->generations++) {
		x->start = ev->time;
		if (t->has_clock)
			x->wall = wall_of(&t->clock, ev->time);
		return 0;
	}
	if (x->generations - 1 < x->next)
		return 0;
	x->next *= 2;
	return take(x, t, e);
}

int prof_trace_moments_batch(
	struct prof_trace_moments *x, const struct prof_trace *t, struct prof_err *e)
{
	int rc = reserve(x, t->goroutines.n, e);

	for (size_t i = 0; !rc && i < t->n; i++) {
		const struct prof_trace_event *ev = &t->events[i];

		x->now = ev->time;
		if (ev->kind == PROF_TRACE_GOROUTINE)
			transition(x, ev);
		else if (ev->kind == PROF_TRACE_SYNC)
			rc = sync_event(x, t, ev, e);
	}
	return rc;
}

int prof_trace_moments_end(
	struct prof_trace_moments *x, const struct prof_trace *t, struct prof_err *e)
{
	return x->last_taken == x->now ? 0 : take(x, t, e);
}
