/* What is true of the events of any trace, whatever its bytes: slots, strings and stacks exist,
 * times go on, states follow upon one another. And of the waits in it: who waited let somebody go
 * on or was cut off, holds are made of parts, no more stand in line than wait.
 */
#ifndef PROF_TESTS_TRACE_CHECK_H
#define PROF_TESTS_TRACE_CHECK_H

#include <string.h>

#include "libprof/analyse/contention/contention.h"
#include "libprof/model/trace.h"
#include "tests/fuzz/fuzz.h"

struct follow {
	PROF_VEC(uint8_t) goroutines;
	struct prof_mem mem;
	int64_t last;
	uint64_t events;
	unsigned last_kind;
};

static void check_slot(uint32_t slot, size_t n)
{
	must(slot == PROF_TRACE_NONE || slot < n);
}

/* Who was never heard of, or not since a gap, comes as undetermined. */
static void check_goroutine(struct follow *f, const struct prof_trace_event *ev)
{
	uint8_t *state;

	must(ev->from <= PROF_G_SYSCALL && ev->to <= PROF_G_SYSCALL);
	while (f->goroutines.n <= ev->subject) {
		must(prof_vec_reserve(&f->mem, &f->goroutines, 1, NULL) == 0);
		f->goroutines.v[f->goroutines.n++] = PROF_G_NOT_EXIST;
	}
	state = &f->goroutines.v[ev->subject];
	must(ev->from == *state || (*state <= PROF_G_NOT_EXIST && ev->from <= PROF_G_NOT_EXIST));
	*state = ev->to;
}

/* What is true of each event whatever those before it are, but for their time. */
static void check_alone(
	struct follow *f, const struct prof_trace *t, const struct prof_trace_event *ev)
{
	const struct prof_trace_frame *frames;
	size_t n, len;

	must(ev->time > f->last || (!f->events && ev->time >= f->last));
	must(f->events++ || ev->kind == PROF_TRACE_SYNC);
	must(ev->kind <= PROF_TRACE_EXPERIMENT);
	f->last = ev->time;
	f->last_kind = ev->kind;
	check_slot(ev->g, t->goroutines.n);
	check_slot(ev->p, t->procs.n);
	check_slot(ev->m, t->threads.n);
	must(ev->name < t->strings.strs.n && ev->text < t->strings.strs.n);
	prof_trace_string(t, ev->name, &len);
	must(ev->stack + (size_t)1 < t->stack_start.n &&
		ev->subject_stack + (size_t)1 < t->stack_start.n);
	n = prof_trace_stack(t, ev->stack, &frames);
	for (size_t i = 0; i < n; i++)
		must(frames[i].function < t->strings.strs.n && frames[i].file < t->strings.strs.n);
	if (ev->kind == PROF_TRACE_GOROUTINE)
		must(ev->subject < t->goroutines.n);
	if (ev->kind == PROF_TRACE_PROC)
		must(ev->subject < t->procs.n && ev->from <= PROF_P_IDLE && ev->to <= PROF_P_IDLE);
}

static void check(struct follow *f, const struct prof_trace *t, const struct prof_trace_event *ev)
{
	check_alone(f, t, ev);
	if (ev->kind == PROF_TRACE_GOROUTINE)
		check_goroutine(f, ev);
	if (ev->kind == PROF_TRACE_GAP) {
		for (size_t i = 0; i < f->goroutines.n; i++)
			if (f->goroutines.v[i] != PROF_G_NOT_EXIST)
				f->goroutines.v[i] = PROF_G_UNDETERMINED;
	}
}

static void check_contention(const struct prof_contention_trace *x)
{
	uint64_t waits = 0, pairs = 0;

	for (size_t i = 0; i < x->waits.n; i++) {
		const struct prof_contention_wait *w = &x->waits.v[i];

		waits += w->count + w->open;
		must(w->hist.count == w->count && w->ns >= 0);
		must(w->queue == PROF_NONE || w->queue < x->queues.n);
	}
	for (size_t i = 0; i < x->pairs.n; i++)
		pairs += x->pairs.v[i].count;
	must(pairs <= waits);
	for (size_t i = 0; i < x->holds.n; i++)
		must(x->holds.v[i].hist.count == x->holds.v[i].count &&
			x->holds.v[i].exact <= x->holds.v[i].count &&
			(int64_t)x->holds.v[i].hist.max == x->holds.v[i].longest_ns);
	for (size_t i = 0; i < x->meanwhile.n; i++)
		must(x->meanwhile.v[i].hold < x->holds.n);
	must(x->steps <= PROF_QUEUE_STEPS);
	for (size_t i = 0; i < x->queues.n; i++)
		must(x->queues.v[i].longest_ns <= x->queues.v[i].at_least_ns[1] &&
			x->queues.v[i].at_least_ns[1] <= x->queues.v[i].at_least_ns[0]);
}

/* Who waits in a trace that can be read. */
static void check_waits(const void *data, size_t size, const struct prof_limits *limits)
{
	struct prof_contention_trace x = {.ns = 0};
	struct prof_contention_opts opts;
	struct prof_contention *k;
	struct prof_err e = {0};
	struct prof_trace *t;
	int rc;

	prof_contention_opts_init(&opts);
	must(prof_contention_new(&opts, &k, &e) == 0);
	must(prof_trace_read(data, size, limits, &t, &e) == 0);
	rc = prof_contention_take_trace(k, t, NULL, &x, &e);
	must(rc ? rc == e.code && e.msg[0] : 1);
	if (!rc)
		check_contention(&x);
	prof_contention_trace_fini(k, &x);
	prof_contention_free(k);
	prof_trace_free(t);
}

/* The same trace in the events that Go's reader makes of it. */
static void check_as_go(const void *data, size_t size, const struct prof_limits *limits)
{
	struct follow f = {.last = INT64_MIN};
	const struct prof_trace_event *ev;
	struct prof_err e = {0};
	struct prof_trace *t;
	int rc;

	must(prof_trace_read(data, size, limits, &t, &e) == 0);
	t->as_go = true;
	while ((rc = prof_trace_next(t, &ev, &e)) > 0)
		check_alone(&f, t, ev);
	must(rc ? rc == e.code && e.msg[0] : f.last_kind == PROF_TRACE_SYNC && f.events > 1);
	prof_trace_free(t);
}

/* Reads a trace to its end. */
static void check_trace(const void *data, size_t size)
{
	struct follow f = {.last = 0, .mem = {.limit = SIZE_MAX}};
	const struct prof_trace_damage *damage;
	const struct prof_trace_event *ev;
	struct prof_limits limits;
	struct prof_err e = {0};
	struct prof_trace *t;
	int rc;

	prof_limits_init(&limits);
	limits.memory_bytes = limits.inflated_bytes = 64 << 20;
	rc = prof_trace_read(data, size, &limits, &t, &e);
	if (rc) {
		must(rc == e.code && e.msg[0] && e.offset >= -1);
		return;
	}
	while ((rc = prof_trace_next(t, &ev, &e)) > 0)
		check(&f, t, ev);
	must(rc ? rc == e.code && e.msg[0] : f.last_kind == PROF_TRACE_SYNC && f.events > 1);
	for (size_t i = 0, n = prof_trace_damage(t, &damage); i < n; i++)
		must(damage[i].what[0] && damage[i].offset >= 0);
	prof_vec_fini(&f.mem, &f.goroutines);
	if (t->version < 22)
		check_as_go(data, size, &limits);
	prof_trace_free(t);
	check_waits(data, size, &limits);
}

#endif
