/* Which event comes first. Of the next events of all procs those that can come now are in a heap by
 * time; the others wait for what they require. Of equal times Go's reader takes the one that its
 * heap has on top, and here it is the same one: procs become ready in the order in which they stand
 * among those that are not in the heap, and when one leaves them the last takes its place. (There
 * procs start in the order of a map, that is from any of them; here by first appearance.)
 */
#include "libprof/read/trace1_impl.h"

enum {
	TRIES_PER_EVENT = 64,
	MAX_WOKEN = 16, /* procs that become ready at once, in the right order */
};

/* The heap of the ready ones: only the one on top leaves it. */
static inline void push_ready(struct t1 *d, uint32_t cursor, int64_t due)
{
	struct t1_node *v = d->ready.v;
	size_t i = d->ready.n++;

	for (; i && due < v[(i - 1) / 2].due; i = (i - 1) / 2)
		v[i] = v[(i - 1) / 2];
	v[i] = (struct t1_node){due, cursor};
}

static inline void pop_ready(struct t1 *d)
{
	struct t1_node *v = d->ready.v, last = v[d->ready.n - 1];
	size_t n = --d->ready.n, i = 0, child;

	for (; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && v[child + 1].due < v[child].due)
			child++;
		if (v[child].due >= last.due)
			break;
		v[i] = v[child];
	}
	v[i] = last;
}

/* The heap of those that wait. */
static void set_waiting(struct t1 *d, size_t i, struct t1_node node)
{
	d->waiting.v[i] = node;
	d->cursors.v[node.cursor].at = (uint32_t)i;
}

/* Puts a node that comes to stand at i where it belongs. */
static void settle_waiting(struct t1 *d, size_t i, struct t1_node node)
{
	struct t1_node *v = d->waiting.v;
	size_t n = d->waiting.n, child;

	for (; i && node.due < v[(i - 1) / 2].due; i = (i - 1) / 2)
		set_waiting(d, i, v[(i - 1) / 2]);
	for (; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && v[child + 1].due < v[child].due)
			child++;
		if (v[child].due >= node.due)
			break;
		set_waiting(d, i, v[child]);
	}
	set_waiting(d, i, node);
}

static void remove_waiting(struct t1 *d, uint32_t cursor)
{
	uint32_t at = d->cursors.v[cursor].at;
	struct t1_node last = d->waiting.v[--d->waiting.n];

	if (at < d->waiting.n)
		settle_waiting(d, at, last);
}

/* Those that are not in the heap of the ready ones. */
static void add_available(struct t1 *d, uint32_t cursor)
{
	d->cursors.v[cursor].place = (uint32_t)d->available.n;
	d->available.v[d->available.n++] = cursor;
}

static void remove_available(struct t1 *d, uint32_t cursor)
{
	uint32_t place = d->cursors.v[cursor].place, last = d->available.v[--d->available.n];

	d->available.v[place] = last;
	d->cursors.v[last].place = place;
}

/* Cursors that wait for the same make a list. */
static uint32_t *waiting_for(struct t1 *d, uint32_t target)
{
	return target == T1_GC_TARGET ? &d->gc_waiting : &d->goroutines.v[target].waiting;
}

/* One of those available waits for its target. */
static void park(struct t1 *d, uint32_t cursor)
{
	struct t1_cursor *c = &d->cursors.v[cursor];
	uint32_t *first;

	if (c->target == PROF_NONE)
		c->target = t1_goroutine_slot(d, c->args[0]);
	if (c->target == PROF_NONE)
		return;
	c->waits_for = c->target;
	first = waiting_for(d, c->waits_for);
	c->earlier = PROF_NONE;
	c->later = *first;
	if (c->later != PROF_NONE)
		d->cursors.v[c->later].earlier = cursor;
	*first = cursor;
	c->waits = true;
	d->waiting.n++;
	settle_waiting(d, d->waiting.n - 1,
		(struct t1_node){c->unknown ? c->key : prof_add(c->key, d->patience), cursor});
}

static void unpark(struct t1 *d, uint32_t cursor)
{
	struct t1_cursor *c = &d->cursors.v[cursor];

	remove_waiting(d, cursor);
	if (c->earlier != PROF_NONE)
		d->cursors.v[c->earlier].later = c->later;
	else
		*waiting_for(d, c->waits_for) = c->later;
	if (c->later != PROF_NONE)
		d->cursors.v[c->later].earlier = c->earlier;
	c->waits = false;
}

/* Behind lost bytes a proc's clock is a guess: what it waited for was before it. */
static void correct_clock(struct t1 *d, struct t1_cursor *c)
{
	if (d->old || !d->batches.v[c->batch].goes_on || (int64_t)(c->ticks - d->last_ticks) >= 0)
		return;
	c->ticks = d->last_ticks;
	c->key = (int64_t)c->ticks;
}

/* One of those available is ready, or at its end. */
static void admit(struct t1 *d, uint32_t cursor, bool ended)
{
	struct t1_cursor *c = &d->cursors.v[cursor];

	remove_available(d, cursor);
	if (c->waits) {
		unpark(d, cursor);
		correct_clock(d, c);
	}
	if (!ended)
		push_ready(d, cursor, c->key);
}

int t1_frontier_open(struct t1 *d)
{
	uint32_t n = (uint32_t)d->cursors.n, i = 0;
	int rc = prof_vec_reserve(&d->t->mem, &d->ready, n, d->e);

	if (!rc)
		rc = prof_vec_reserve(&d->t->mem, &d->waiting, n, d->e);
	if (!rc)
		rc = prof_vec_reserve(&d->t->mem, &d->available, n, d->e);
	if (rc)
		return rc;
	while (i < n)
		add_available(d, i++);
	i = 0;
	while (!d->rc && i < d->available.n) {
		uint32_t cursor = d->available.v[i];
		bool more = t1_open(d, &d->cursors.v[cursor]);

		if (!more || t1_ready(d, &d->cursors.v[cursor]))
			admit(d, cursor, !more);
		else
			park(d, d->available.v[i++]);
	}
	return d->rc;
}

/* One that waits is past hope when what it waits for should have been before it: it is not there,
 * as events were lost, or as callbacks from C were not told of before go 1.22. Clocks of cores may
 * differ, though, and it may have been patient too little.
 */
uint32_t t1_frontier_first(const struct t1 *d)
{
	const struct t1_node *ready = d->ready.v, *waiting = d->waiting.v;

	if (!d->waiting.n || (d->ready.n && ready->due <= waiting->due))
		return ready->cursor;
	return waiting->cursor;
}

/* Takes a cursor out of those that wait, whatever it waits for. */
static void force(struct t1 *d, uint32_t cursor)
{
	struct t1_cursor *c = &d->cursors.v[cursor];
	const struct t1_goroutine *gs = c->waits_for == T1_GC_TARGET
						? NULL
						: &d->goroutines.v[c->waits_for];

	/* The goroutine is past that step: somebody else was forced too early. */
	if (gs && (c->type == PROF_EV1_GO_START || c->type == PROF_EV1_GO_UNBLOCK) &&
		gs->seq > c->args[1] && d->patience < INT64_MAX / 8)
		d->patience = d->patience * 4 + 1;
	t1_contradicts(d, c,
		c->unknown ? "of a goroutine never heard of, such as a callback from C"
			   : "no order of events makes it possible",
		false);
	d->excused = d->last_ticks;
	unpark(d, cursor);
	remove_available(d, cursor);
	c->target = PROF_NONE;
}

bool t1_frontier_claim(struct t1 *d, uint32_t cursor)
{
	struct t1_cursor *c = &d->cursors.v[cursor];

	d->tries += TRIES_PER_EVENT;
	if (c->waits) {
		force(d, cursor);
		return true;
	}
	pop_ready(d);
	if (c->ready_at == d->steps || t1_ready(d, c))
		return true;
	add_available(d, cursor);
	park(d, cursor);
	return false;
}

/* Those that waited for what has changed, and can come now, up to `max` of them; the others are
 * admitted at once.
 */
static size_t wake(struct t1 *d, uint32_t target, uint32_t *woken, size_t max)
{
	uint32_t i = target == PROF_NONE ? PROF_NONE : *waiting_for(d, target), next;
	size_t n = 0;

	for (; i != PROF_NONE && d->tries; i = next) {
		next = d->cursors.v[i].later;
		d->tries--;
		if (!t1_ready(d, &d->cursors.v[i]))
			continue;
		if (n < max)
			woken[n++] = i;
		else
			admit(d, i, false);
	}
	return n;
}

void t1_frontier_next(struct t1 *d, uint32_t cursor, bool more, uint32_t target)
{
	struct t1_cursor *c = &d->cursors.v[cursor];
	bool ready = more && t1_ready(d, c);
	uint32_t woken[MAX_WOKEN + 1];
	size_t n, first;

	if (ready)
		c->ready_at = d->steps;
	n = wake(d, target, woken, MAX_WOKEN);
	if (!n && ready) {
		push_ready(d, cursor, c->key);
		return;
	}
	if (!more && !n)
		return;
	add_available(d, cursor);
	if (more && !ready)
		park(d, cursor);
	else
		woken[n++] = cursor;
	for (; n; woken[first] = woken[--n]) {
		first = 0;
		for (size_t i = 1; i < n; i++)
			if (d->cursors.v[woken[i]].place < d->cursors.v[woken[first]].place)
				first = i;
		admit(d, woken[first], !more && woken[first] == cursor);
	}
}
