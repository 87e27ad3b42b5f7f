/* Times that cannot be. Each batch says when it was begun, and each event how much later than the
 * one before it is; a bit of that wrong, and all that follows would seem to be as late. A thread's
 * batches follow on one another, so one that does not is known, and so is an event that is later
 * than the next batch of its thread.
 *
 * Where all threads read one clock that never goes back, what one of them lets another do is not
 * later than that is done. Go's runtime notes that a goroutine may run, or waits, before another
 * thread can see it, so that no delay between clock and event can make it look otherwise. (Of procs
 * and ends of system calls it does so behind the fact.)
 */
#include <stdlib.h>

#include "libprof/read/trace2_impl.h"

enum {
	NEAR = 1 << 24, /* ticks, about a second: less of it is no reason to doubt a batch */
	BEHIND = 1 << 20, /* up to which events may seem to be behind their generation's end */
	ONE_CLOCK_NS = 64, /* a tick of CLOCK_MONOTONIC; others are of cores */
	ONE_CLOCK_NEAR = 1 << 14, /* ticks, for both of these: a millisecond */
	ALONE = 1 << 30, /* before all others: a process may stand still for seconds */
};

static uint64_t slack(const struct t2 *d, uint64_t of_cores)
{
	return d->whole_ns == ONE_CLOCK_NS ? ONE_CLOCK_NEAR : of_cores;
}

/* Ticks that are not between the batches of one generation, which the runtime ends each second:
 * over an hour.
 */
#define FAR (UINT64_C(1) << 36)

/* All of them, one way. */
static struct t2_batch *batch(struct t2 *d, size_t i)
{
	return i < d->batches.n ? &d->batches.v[i] : &d->structural.v[i - d->batches.n];
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* A time that most are near to, and the earliest one that is not alone. */
static int witness(struct t2 *d, uint64_t *middle, uint64_t *begin)
{
	size_t n = d->batches.n + d->structural.n;
	uint64_t *times = prof_mem_zalloc(&d->t->mem, n, sizeof(*times), d->e);

	if (!times)
		return d->e ? d->e->code : PROF_ENOMEM;
	for (size_t i = 0; i < n; i++)
		times[i] = batch(d, i)->time;
	qsort(times, n, sizeof(*times), compare);
	*middle = n ? times[n / 2] : 0;
	*begin = n > 2 && times[1] - times[0] >= ALONE ? times[1] : 0;
	prof_mem_zfree(&d->t->mem, times, n, sizeof(*times));
	return 0;
}

static void disbelieve(struct t2_batch *b, struct t2_batch **first, uint64_t *n)
{
	b->timeless = true;
	if (!*first || b->offset < (*first)->offset)
		*first = b;
	++*n;
}

/* Of batches of a thread that do not follow on one another, the one that fits worse. */
static struct t2_batch *worse(
	struct t2 *d, const struct t2_batch *before, struct t2_batch *a, struct t2_batch *b)
{
	const struct t2_batch *next = b->next == PROF_NONE ? NULL : &d->batches.v[b->next];

	if (next && !next->timeless)
		return next->time >= a->time ? b : a;
	return before && before->time > b->time ? b : a;
}

/* A thread's batches, from the first one. */
static void follow(struct t2 *d, uint32_t at, struct t2_batch **first, uint64_t *n)
{
	struct t2_batch *before = NULL, *last = NULL;
	uint64_t near = slack(d, NEAR);

	for (; at != PROF_NONE; at = d->batches.v[at].next) {
		struct t2_batch *b = &d->batches.v[at], *bad;

		if (b->timeless)
			continue;
		if (last && b->time < last->time && last->time - b->time >= near) {
			bad = worse(d, before, last, b);
			disbelieve(bad, first, n);
			if (bad == b)
				continue;
		} else {
			before = last;
		}
		last = b;
	}
}

/* Until when its events can be, of each: the next one's time, and behind the last `end`. */
static void bound(struct t2 *d, uint32_t at, uint64_t end)
{
	for (uint32_t open = at, next; open != PROF_NONE; open = next) {
		struct t2_batch *b = &d->batches.v[open];

		next = b->next;
		while (next != PROF_NONE && d->batches.v[next].timeless)
			next = d->batches.v[next].next;
		b->latest = next == PROF_NONE ? end : d->batches.v[next].time;
		if (!b->timeless && b->latest < b->time)
			b->latest = UINT64_MAX;
		for (uint32_t i = b->next; i != next; i = d->batches.v[i].next)
			d->batches.v[i].latest = b->latest;
	}
}

/* Stacks are written when the generation ends, behind all of its events: when that was, where a
 * single batch at most contradicts it; else UINT64_MAX.
 */
static uint64_t end_of(const struct t2 *d)
{
	uint64_t end = 0, behind = 0;

	for (size_t i = 0; i < d->structural.n; i++) {
		const struct t2_batch *b = &d->structural.v[i];

		if (!b->timeless && *b->p == PROF_EV_STACKS && b->time > end)
			end = b->time;
	}
	for (size_t i = 0; i < d->batches.n; i++)
		behind += !d->batches.v[i].timeless && d->batches.v[i].time > end;
	return end && end < UINT64_MAX - BEHIND && behind < 2 ? end + slack(d, BEHIND) : UINT64_MAX;
}

int t2_check_times(struct t2 *d)
{
	size_t all = d->batches.n + d->structural.n;
	uint64_t middle = 0, begin = 0, end, n = 0;
	struct t2_batch *first = NULL;
	int rc = witness(d, &middle, &begin);

	if (rc)
		return rc;
	for (size_t i = 0; i < all; i++) {
		uint64_t time = batch(d, i)->time;

		if (time < begin || (time > middle ? time - middle : middle - time) >= FAR)
			disbelieve(batch(d, i), &first, &n);
	}
	end = end_of(d);
	for (size_t i = 0; i < d->batches.n; i++)
		if (!d->batches.v[i].timeless && d->batches.v[i].time > end)
			disbelieve(&d->batches.v[i], &first, &n);
	for (size_t i = 0; i < d->cursors.n; i++)
		follow(d, d->cursors.v[i].batch, &first, &n);
	for (size_t i = 0; i < d->cursors.n; i++)
		bound(d, d->cursors.v[i].batch, end);
	if (!n)
		return 0;
	d->min_time = UINT64_MAX;
	for (size_t i = 0; i < all; i++)
		if (!batch(d, i)->timeless && batch(d, i)->time < d->min_time)
			d->min_time = batch(d, i)->time;
	return prof_trace_damaged(d->t, first->offset, d->generation, d->e,
		"%llu batches are of times that cannot be: they go on where their threads stand",
		(unsigned long long)n);
}

/* Whether an event waits for a goroutine to be as it is now. */
static bool is_let_by(const struct t2 *d, const struct t2_cursor *c, uint32_t g)
{
	const struct t2_goroutine *gs = &d->goroutines.v[g];

	return ((c->type == PROF_EV_GO_START && gs->state == PROF_G_RUNNABLE) ||
		       (c->type == PROF_EV_GO_UNBLOCK && gs->state == PROF_G_WAITING)) &&
	       c->args[0] == (uint64_t)d->t->goroutines.v[g] &&
	       gs->seq.generation == d->generation && c->args[1] == gs->seq.n + 1;
}

void t2_check_early(struct t2 *d, size_t i)
{
	const struct t2_cursor *x = &d->cursors.v[d->heap.v[i].cursor];
	uint32_t g = d->t->events[d->t->n - 1].subject;

	if (d->whole_ns != ONE_CLOCK_NS || d->batches.v[x->batch].timeless)
		return;
	if (x->type != PROF_EV_GO_UNBLOCK && x->type != PROF_EV_GO_BLOCK &&
		x->type != PROF_EV_GO_STOP && x->type != PROF_EV_GO_CREATE &&
		x->type != PROF_EV_GO_CREATE_BLOCKED)
		return;
	for (size_t j = 0; j < i; j++) {
		const struct t2_cursor *c = &d->cursors.v[d->heap.v[j].cursor];
		const struct t2_batch *b = &d->batches.v[c->batch];
		int64_t by = x->time - c->time;

		if (by < ONE_CLOCK_NEAR * ONE_CLOCK_NS)
			return;
		if (b->timeless || !is_let_by(d, c, g))
			continue;
		if (!d->early++)
			d->early_offset = b->offset + (c->at - b->p);
		if (by > d->early_by)
			d->early_by = by;
	}
}
