#include "libprof/analyse/gc/trace.h"

#include <math.h>

#include "libprof/base/num.h"

void prof_gc_trace_init(struct prof_gc_trace *x, struct prof_mem *mem, struct prof_timeline *t)
{
	*x = (struct prof_gc_trace){.mem = mem,
		.t = t,
		.origin = PROF_ABSENT,
		.stop_begin = PROF_ABSENT,
		.heap = PROF_ABSENT,
		.goal = PROF_ABSENT,
		.heap_before_stop = PROF_ABSENT,
		.next_n = PROF_ABSENT};
	prof_trace_mmu_init(&x->mmu, mem, 0, INT64_MAX);
	prof_gc_who_init(&x->who, mem);
}

void prof_gc_trace_fini(struct prof_gc_trace *x)
{
	prof_vec_fini(x->mem, &x->goroutines);
	prof_vec_fini(x->mem, &x->busy);
	prof_trace_mmu_fini(&x->mmu);
	prof_gc_who_fini(&x->who);
}

static struct prof_str string_of(const struct prof_trace *trace, uint32_t id)
{
	size_t len;
	const char *p = prof_trace_string(trace, id, &len);

	return (struct prof_str){p, (uint32_t)len};
}

static int reserve(struct prof_gc_trace *x, const struct prof_trace *trace, struct prof_err *e)
{
	size_t n = trace->goroutines.n;
	int rc = 0;

	if (x->goroutines.n < n)
		rc = prof_vec_reserve(x->mem, &x->goroutines, n - x->goroutines.n, e);
	/* Each is listed once at most. */
	if (!rc && x->busy.cap < n)
		rc = prof_vec_reserve(x->mem, &x->busy, n - x->busy.n, e);
	while (!rc && x->goroutines.n < n)
		x->goroutines.v[x->goroutines.n++] = (struct prof_gc_worker){.since = PROF_ABSENT};
	if (!rc)
		rc = prof_gc_who_reserve(&x->who, trace, e);
	return rc ? rc : prof_trace_mmu_reserve(&x->mmu, trace, e);
}

/* Books what the goroutine did up to now. */
static void book(struct prof_gc_trace *x, struct prof_gc_worker *w, int64_t now)
{
	if (w->since == PROF_ABSENT)
		return;
	if (x->marking && (w->assists || w->kind)) {
		int64_t ns = now - (w->since > x->mark_begin ? w->since : x->mark_begin);

		x->work[w->assists ? 0 : w->kind] += ns;
		if (!w->assists)
			prof_gc_who_marked(&x->who, (size_t)(w - x->goroutines.v), ns);
	}
	w->since = now;
}

/* Lists a goroutine that does something for the collector. There is room: see reserve. */
static void list(struct prof_gc_trace *x, uint32_t slot)
{
	if (!x->goroutines.v[slot].listed)
		x->busy.v[x->busy.n++] = slot;
	x->goroutines.v[slot].listed = true;
}

/* Books what all of them did, and forgets those that no longer do. */
static void book_all(struct prof_gc_trace *x, int64_t now)
{
	size_t left = 0;

	for (size_t i = 0; i < x->busy.n; i++) {
		struct prof_gc_worker *w = &x->goroutines.v[x->busy.v[i]];

		book(x, w, now);
		w->listed = w->assists || w->kind;
		if (w->listed)
			x->busy.v[left++] = x->busy.v[i];
	}
	x->busy.n = left;
}

static bool calls(const struct prof_trace *trace, uint32_t stack, const char *function)
{
	const struct prof_trace_frame *frames;
	size_t n = prof_trace_stack(trace, stack, &frames);

	for (size_t i = 0; i < n; i++)
		if (prof_str_has_prefix(string_of(trace, frames[i].function), function))
			return true;
	return false;
}

/* A goroutine that the first cycle of all creates: it starts at runtime.gcBgMarkWorker, since 1.23
 * at a wrapper in runtime.gcBgMarkStartWorkers.
 */
static bool is_mark_worker(const struct prof_trace *trace, uint32_t stack)
{
	return calls(trace, stack, "runtime.gcBgMark");
}

static enum prof_gc_reason reason_of(const struct prof_trace *trace, uint32_t stack)
{
	if (calls(trace, stack, "runtime_goroutineLeakGC") ||
		calls(trace, stack, "runtime/pprof.runtime_goroutineLeakGC"))
		return PROF_GC_LEAK_CHECK;
	if (calls(trace, stack, "runtime.GC") || calls(trace, stack, "runtime/debug.freeOSMemory"))
		return PROF_GC_FORCED;
	return calls(trace, stack, "runtime.forcegchelper") ? PROF_GC_PERIODIC : PROF_GC_HEAP;
}

static void goroutine(
	struct prof_gc_trace *x, const struct prof_trace *trace, const struct prof_trace_event *ev)
{
	struct prof_gc_worker *w = &x->goroutines.v[ev->subject];

	if (ev->from <= PROF_G_NOT_EXIST)
		*w = (struct prof_gc_worker){.since = PROF_ABSENT, .listed = w->listed};
	book(x, w, ev->time);
	w->since = ev->to == PROF_G_RUNNING ? ev->time : PROF_ABSENT;
	if (ev->from == PROF_G_NOT_EXIST && !x->any)
		x->created += is_mark_worker(trace, ev->subject_stack);
}

static void label(
	struct prof_gc_trace *x, const struct prof_trace *trace, const struct prof_trace_event *ev)
{
	struct prof_str name = string_of(trace, ev->name);
	struct prof_gc_worker *w = &x->goroutines.v[ev->subject];

	book(x, w, ev->time);
	w->kind = prof_str_eq(name, PROF_STR("GC (dedicated)"))    ? PROF_GC_DEDICATED
		  : prof_str_eq(name, PROF_STR("GC (fractional)")) ? PROF_GC_FRACTIONAL
		  : prof_str_eq(name, PROF_STR("GC (idle)"))       ? PROF_GC_IDLE
								   : PROF_GC_NO_WORK;
	if (w->kind)
		list(x, ev->subject);
}

static void drop_cycle(struct prof_gc_trace *x)
{
	x->marking = x->ending = false;
	x->any = true;
	x->stop_begin = PROF_ABSENT;
}

static int64_t since_origin(const struct prof_gc_trace *x, int64_t time)
{
	return time - x->origin;
}

static void begin_mark(struct prof_gc_trace *x, int64_t now, enum prof_gc_reason reason)
{
	struct prof_gc_cycle *c = &x->cycle;
	bool stopped = x->stop_begin != PROF_ABSENT;

	prof_gc_cycle_init(c);
	c->reason = (uint8_t)reason;
	c->start_ns = since_origin(x, stopped ? x->stop_begin : now);
	c->start_bytes = stopped ? x->heap_before_stop : x->heap;
	x->mark_begin = now;
	x->marking = true;
	x->ending = false;
	for (int i = 0; i <= PROF_GC_IDLE; i++)
		x->work[i] = 0;
}

static int end_cycle(struct prof_gc_trace *x, struct prof_err *e)
{
	struct prof_gc_cycle *c = &x->cycle;

	x->ending = false;
	c->procs = x->procs;
	c->assist_cpu_ns = x->work[0];
	c->dedicated_cpu_ns = x->work[PROF_GC_DEDICATED];
	c->fractional_cpu_ns = x->work[PROF_GC_FRACTIONAL];
	c->idle_cpu_ns = x->work[PROF_GC_IDLE];
	if (c->sweep_term_ns != PROF_ABSENT && x->procs)
		c->sweep_term_cpu_ns = c->sweep_term_ns * x->procs;
	if (c->mark_term_ns != PROF_ABSENT && x->procs)
		c->mark_term_cpu_ns = c->mark_term_ns * x->procs;
	c->live_bytes = x->heap;
	if (!x->any && x->created && x->created >= x->procs)
		x->next_n = 1;
	x->any = true;
	c->n = x->next_n;
	x->next_n = prof_known_sum(x->next_n, 1);
	return prof_timeline_add_cycle(x->t, c, e);
}

/* The second pause begins before marking ends, and ends behind it. */
static int end_mark(struct prof_gc_trace *x, int64_t now, struct prof_err *e)
{
	struct prof_gc_cycle *c = &x->cycle;

	book_all(x, now);
	x->marking = false;
	x->ending = x->stop_begin != PROF_ABSENT;
	c->mark_ns = (x->ending ? x->stop_begin : now) - x->mark_begin;
	c->end_bytes = x->ending ? x->heap_before_stop : x->heap;
	if (x->ending)
		return 0;
	c->goal_bytes = x->goal;
	return end_cycle(x, e);
}

static int end_stop(struct prof_gc_trace *x, const struct prof_trace *trace,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	struct prof_range r = {.kind = PROF_RANGE_STW,
		.start_ns = since_origin(x, x->stop_begin),
		.end_ns = since_origin(x, ev->time),
		.goroutine = ev->subject == PROF_TRACE_NONE
				     ? PROF_ABSENT
				     : prof_trace_goroutine(trace, ev->subject)};
	struct prof_str name = string_of(trace, ev->name);
	int64_t ns = ev->time - x->stop_begin;
	int rc = prof_strtab_add(&x->t->strings, name.p, name.len, &r.name, e);

	if (!rc)
		rc = prof_timeline_add_range(x->t, &r, e);
	x->stop_begin = PROF_ABSENT;
	if (!rc && x->marking && x->cycle.sweep_term_ns == PROF_ABSENT &&
		!prof_str_eq(name, PROF_STR("GC mark termination"))) {
		x->cycle.sweep_term_ns = ns;
		x->cycle.start_ns = r.start_ns;
		x->cycle.start_bytes = x->heap_before_stop;
		x->mark_begin = ev->time;
	} else if (!rc && x->ending) {
		x->cycle.mark_term_ns = ns;
		rc = end_cycle(x, e);
	}
	return rc;
}

static void begin_stop(struct prof_gc_trace *x, int64_t now)
{
	x->stop_begin = now;
	x->heap_before_stop = x->heap;
	/* What the pause makes of it is the next cycle's. */
	if (x->marking)
		x->cycle.goal_bytes = x->goal;
}

static int range(struct prof_gc_trace *x, const struct prof_trace *trace,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	bool ends = ev->kind == PROF_TRACE_RANGE_END;

	if (ev->what == PROF_RANGE_GC_MARK) {
		if (ends && x->marking)
			return end_mark(x, ev->time, e);
		if (ev->kind == PROF_TRACE_RANGE_BEGIN)
			begin_mark(x, ev->time, reason_of(trace, ev->stack));
	} else if (ev->what == PROF_RANGE_STW) {
		if (ends && x->stop_begin != PROF_ABSENT)
			return end_stop(x, trace, ev, e);
		if (ev->kind == PROF_TRACE_RANGE_BEGIN)
			begin_stop(x, ev->time);
	} else if (ev->what == PROF_RANGE_GC_ASSIST && ev->subject != PROF_TRACE_NONE) {
		book(x, &x->goroutines.v[ev->subject], ev->time);
		x->goroutines.v[ev->subject].assists = !ends;
		if (!ends)
			list(x, ev->subject);
	}
	return 0;
}

static int metric(struct prof_gc_trace *x, const struct prof_trace_event *ev, struct prof_err *e)
{
	int64_t v = ev->args[0] < (uint64_t)1 << 59 ? (int64_t)ev->args[0] : PROF_ABSENT;

	if (ev->what == PROF_METRIC_HEAP_BYTES) {
		x->heap = v;
	} else if (ev->what == PROF_METRIC_HEAP_GOAL) {
		x->goal = v ? v : PROF_ABSENT;
	} else if (v >= 0 && v < 1 << 20 && v != x->procs) {
		x->procs = (int32_t)v;
		return prof_timeline_point(
			x->t, "GOMAXPROCS", "count", since_origin(x, ev->time), v, e);
	}
	return 0;
}

static int event(struct prof_gc_trace *x, const struct prof_trace *trace,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	int rc;

	switch (ev->kind) {
	case PROF_TRACE_GOROUTINE:
		goroutine(x, trace, ev);
		rc = prof_gc_who_event(&x->who, trace, ev, e);
		return rc ? rc : prof_trace_mmu_goroutine(&x->mmu, trace, ev, e);
	case PROF_TRACE_GAP:
		drop_cycle(x);
		x->next_n = PROF_ABSENT;
		rc = prof_gc_who_event(&x->who, trace, ev, e);
		return rc ? rc : prof_trace_mmu_event(&x->mmu, trace, ev, e);
	case PROF_TRACE_LABEL:
		if (ev->subject != PROF_TRACE_NONE)
			label(x, trace, ev);
		return prof_trace_mmu_event(&x->mmu, trace, ev, e);
	case PROF_TRACE_RANGE_BEGIN:
	case PROF_TRACE_RANGE_ACTIVE:
	case PROF_TRACE_RANGE_END:
		rc = range(x, trace, ev, e);
		if (!rc)
			rc = prof_gc_who_event(&x->who, trace, ev, e);
		return rc ? rc : prof_trace_mmu_event(&x->mmu, trace, ev, e);
	case PROF_TRACE_METRIC:
		rc = metric(x, ev, e);
		return rc || ev->what != PROF_METRIC_PROCS
			       ? rc
			       : prof_trace_mmu_event(&x->mmu, trace, ev, e);
	case PROF_TRACE_SYNC:
		return prof_trace_mmu_event(&x->mmu, trace, ev, e);
	default:
		return 0;
	}
}

int prof_gc_trace_batch(struct prof_gc_trace *x, const struct prof_trace *trace, struct prof_err *e)
{
	int rc = reserve(x, trace, e);

	for (size_t i = 0; !rc && i < trace->n; i++) {
		const struct prof_trace_event *ev = &trace->events[i];

		if (x->origin == PROF_ABSENT) {
			x->origin = x->mmu.from = ev->time;
			rc = prof_timeline_add_segment(x->t, 1, e);
		}
		if (!rc)
			rc = event(x, trace, ev, e);
		x->now = ev->time;
	}
	return rc;
}

int prof_gc_trace_end(struct prof_gc_trace *x, const struct prof_trace *trace, struct prof_err *e)
{
	struct prof_segment *s;
	int rc;

	if (x->origin == PROF_ABSENT)
		return prof_timeline_add_segment(x->t, 1, e);
	book_all(x, x->now);
	rc = prof_gc_who_end(&x->who, trace, x->now, x->t, e);
	if (!rc)
		rc = prof_trace_mmu_end(&x->mmu, x->now, e);
	if (rc)
		return rc;
	s = &x->t->segments.v[x->t->segments.n - 1];
	s->end_ns = since_origin(x, x->now);
	for (int i = 0; i < PROF_TIMELINE_WINDOWS; i++)
		s->utilisation[i] = x->mmu.mmu[1][i]; /* stw|background|assist */
	return 0;
}
