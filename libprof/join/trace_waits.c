#include "libprof/join/trace_waits.h"

#include "libprof/store/bytes.h"
#include "libprof/store/hists.h"

enum { VERSION = 1 };

/* Times and counts that sums cannot overflow with. */
#define FARTHEST ((int64_t)1 << 59)

/* Who adds a field adds it here. */
_Static_assert(sizeof(void *) != 8 || (sizeof(struct prof_contention_wait) == 536 &&
					      sizeof(struct prof_contention_pair) == 24 &&
					      sizeof(struct prof_contention_hold) == 632 &&
					      sizeof(struct prof_contention_meanwhile) == 24 &&
					      sizeof(struct prof_contention_queue) == 168),
	"prof_waits_encode");

/* An id, or that there is none. */
static void put_id(struct prof_buf *b, uint32_t id)
{
	prof_put_uvarint(b, id == PROF_NONE ? 0 : (uint64_t)id + 1);
}

static void put_ints(struct prof_buf *b, const int64_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		prof_put_varint(b, v[i]);
}

static void put_waits(struct prof_hists *all, const struct prof_contention_trace *x)
{
	struct prof_buf *b = &all->rest;

	prof_put_uvarint(b, x->waits.n);
	for (size_t i = 0; i < x->waits.n; i++) {
		const struct prof_contention_wait *w = &x->waits.v[i];

		prof_put_uvarint(b, w->stack);
		put_id(b, w->queue);
		prof_put_uvarint(b, w->open);
		prof_put_uvarint(b, w->by_nobody);
		prof_put_varint(b, w->ns);
		prof_hists_put(all, &w->hist);
	}
	prof_put_uvarint(b, x->pairs.n);
	for (size_t i = 0; i < x->pairs.n; i++) {
		const struct prof_contention_pair *p = &x->pairs.v[i];

		prof_put_uvarint(b, p->waiter);
		put_id(b, p->unblocker);
		prof_put_uvarint(b, p->count);
		prof_put_varint(b, p->ns);
	}
}

static void put_holds(struct prof_hists *all, const struct prof_contention_trace *x)
{
	struct prof_buf *b = &all->rest;

	prof_put_uvarint(b, x->holds.n);
	for (size_t i = 0; i < x->holds.n; i++) {
		const struct prof_contention_hold *h = &x->holds.v[i];

		prof_put_uvarint(b, h->waiter);
		prof_put_uvarint(b, h->holder);
		prof_put_uvarint(b, h->count);
		prof_put_uvarint(b, h->exact);
		prof_hists_put(all, &h->hist);
		put_ints(b, h->parts_ns, PROF_HOLD_PARTS);
		prof_put_uvarint(b, h->longest_exact);
		prof_put_varint(b, h->longest_at);
		prof_put_varint(b, h->longest_ns);
		put_ints(b, h->longest_parts_ns, PROF_HOLD_PARTS);
		prof_put_varint(b, h->longest_goroutine);
		put_id(b, h->longest_waited);
		prof_put_varint(b, h->longest_waited_ns);
	}
	prof_put_uvarint(b, x->meanwhile.n);
	for (size_t i = 0; i < x->meanwhile.n; i++) {
		const struct prof_contention_meanwhile *m = &x->meanwhile.v[i];

		prof_put_uvarint(b, m->hold);
		prof_put_uvarint(b, m->stack);
		prof_put_uvarint(b, m->count);
		prof_put_varint(b, m->ns);
	}
}

static void put_queues(struct prof_buf *b, const struct prof_contention_trace *x)
{
	prof_put_uvarint(b, x->steps);
	prof_put_varint(b, x->step_ns);
	prof_put_uvarint(b, x->queues.n);
	for (size_t i = 0; i < x->queues.n; i++) {
		const struct prof_contention_queue *q = &x->queues.v[i];

		put_id(b, q->waiter);
		prof_put_uvarint(b, q->most);
		prof_put_varint(b, q->most_at);
		put_ints(b, q->at_least_ns, PROF_QUEUE_POWERS);
		prof_put_varint(b, q->longest_at);
		prof_put_varint(b, q->longest_ns);
		prof_put_uvarint(b, q->steps != NULL);
		for (uint32_t s = 0; q->steps && s < x->steps; s++) {
			prof_put_varint(b, q->steps[s].ns);
			prof_put_uvarint(b, q->steps[s].most);
		}
	}
}

void prof_waits_encode(const struct prof_contention_watch *w, const struct prof_contention_trace *x,
	struct prof_buf *out)
{
	const struct prof_contention_origin *origins;
	struct prof_hists all;
	struct prof_buf *b = &all.rest;
	size_t n;

	prof_hists_init(&all);
	origins = prof_contention_origins(w, &n);
	prof_put_uvarint(b, VERSION);
	prof_put_varint(b, x->ns);
	prof_put_varint(b, x->wall_ns);
	prof_put_uvarint(b, x->can);
	prof_put_uvarint(b, x->version);
	prof_put_uvarint(b, n);
	for (size_t i = 0; i < n; i++) {
		put_id(b, origins[i].stack);
		if (origins[i].stack != PROF_NONE)
			prof_put_str(b, origins[i].reason);
	}
	put_queues(b, x);
	put_waits(&all, x);
	put_holds(&all, x);
	prof_hists_end(&all, out);
}

struct decoder {
	struct prof_rd r;
	struct prof_contention *k;
	struct prof_trace *t;
	struct prof_contention_trace *x;
	PROF_VEC(uint32_t) stacks; /* of the bytes -> of k; PROF_NONE: it is not of the trace */
	struct prof_err *e;
	int rc;
};

static int64_t get_int(struct decoder *d)
{
	int64_t v = prof_rd_varint(&d->r);

	if (v > FARTHEST || v < -FARTHEST)
		prof_rd_fail(&d->r, "a number is out of range");
	return d->r.why ? 0 : v;
}

static uint64_t get_count(struct decoder *d)
{
	uint64_t v = prof_rd_uvarint(&d->r);

	if (v > (uint64_t)FARTHEST)
		prof_rd_fail(&d->r, "a number is out of range");
	return d->r.why ? 0 : v;
}

static void get_ints(struct decoder *d, int64_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		v[i] = get_int(d);
}

static uint32_t get_id(struct decoder *d, size_t limit)
{
	uint32_t id = prof_rd_id(&d->r, limit + 1);

	return id ? id - 1 : PROF_NONE;
}

static uint32_t get_stack(struct decoder *d)
{
	uint32_t id = prof_rd_id(&d->r, d->stacks.n);

	if (!d->r.why && d->stacks.v[id] == PROF_NONE)
		prof_rd_fail(&d->r, "a stack that is not the trace's");
	return d->r.why ? 0 : d->stacks.v[id];
}

static uint32_t get_some_stack(struct decoder *d)
{
	uint32_t id = get_id(d, d->stacks.n);

	return id == PROF_NONE || d->r.why ? PROF_NONE : d->stacks.v[id];
}

static void get_stacks(struct decoder *d)
{
	uint64_t n = prof_rd_count(&d->r, 1);
	struct prof_contention_watch *w;

	d->rc = prof_contention_watch_new(d->k, d->t, NULL, d->x, &w, d->e);
	if (d->rc)
		return;
	d->rc = prof_vec_reserve(&d->t->mem, &d->stacks, n, d->e);
	for (; !d->rc && !d->r.why && n; n--) {
		uint32_t stack = get_id(d, d->t->stack_start.n - 1), id = PROF_NONE;
		struct prof_str reason;

		if (stack != PROF_NONE && !d->r.why) {
			reason = prof_rd_str(&d->r);
			d->rc = prof_contention_watch_stack(w, stack, reason, &id, d->e);
		}
		d->stacks.v[d->stacks.n++] = id;
	}
	prof_contention_watch_free(w);
}

/* Room for one more in a list; false: there is none, or the bytes are damaged. */
#define MORE(d, list) \
	(!(d)->rc && !(d)->r.why && !((d)->rc = prof_vec_reserve(&(d)->k->mem, (list), 1, (d)->e)))

static void get_waits(struct decoder *d)
{
	struct prof_contention_trace *x = d->x;

	for (uint64_t n = prof_rd_count(&d->r, 9); n && MORE(d, &x->waits); n--) {
		struct prof_contention_wait *w = &x->waits.v[x->waits.n++];

		*w = (struct prof_contention_wait){.stack = get_stack(d)};
		w->queue = get_id(d, x->queues.n);
		w->open = get_count(d);
		w->by_nobody = get_count(d);
		w->ns = get_int(d);
		d->rc = prof_rd_hist(&d->r, &w->hist, &d->k->mem, d->e);
		w->count = w->hist.count;
		if (w->count > (uint64_t)FARTHEST || !(w->count + w->open))
			prof_rd_fail(&d->r, "waits that nobody waited");
	}
	for (uint64_t n = prof_rd_count(&d->r, 4); n && MORE(d, &x->pairs); n--) {
		struct prof_contention_pair *p = &x->pairs.v[x->pairs.n++];

		*p = (struct prof_contention_pair){.waiter = get_stack(d)};
		p->unblocker = get_some_stack(d);
		p->count = get_count(d);
		p->ns = get_int(d);
	}
}

static void get_hold(struct decoder *d, struct prof_contention_hold *h)
{
	*h = (struct prof_contention_hold){.waiter = get_stack(d)};
	h->holder = get_stack(d);
	h->count = get_count(d);
	h->exact = get_count(d);
	d->rc = prof_rd_hist(&d->r, &h->hist, &d->k->mem, d->e);
	if (!h->count || h->exact > h->count || h->hist.count != h->count)
		prof_rd_fail(&d->r, "holds that do not add up");
	get_ints(d, h->parts_ns, PROF_HOLD_PARTS);
	h->longest_exact = prof_rd_uvarint(&d->r) != 0;
	h->longest_at = get_int(d);
	h->longest_ns = get_int(d);
	get_ints(d, h->longest_parts_ns, PROF_HOLD_PARTS);
	h->longest_goroutine = prof_rd_varint(&d->r);
	h->longest_waited = get_some_stack(d);
	h->longest_waited_ns = get_int(d);
}

static void get_holds(struct decoder *d)
{
	struct prof_contention_trace *x = d->x;

	for (uint64_t n = prof_rd_count(&d->r, 22); n && MORE(d, &x->holds); n--)
		get_hold(d, &x->holds.v[x->holds.n++]);
	for (uint64_t n = prof_rd_count(&d->r, 4); n && MORE(d, &x->meanwhile); n--) {
		struct prof_contention_meanwhile *m = &x->meanwhile.v[x->meanwhile.n++];

		m->hold = prof_rd_id(&d->r, x->holds.n);
		m->stack = get_stack(d);
		m->count = get_count(d);
		m->ns = get_int(d);
	}
}

static void get_queue(struct decoder *d, struct prof_contention_queue *q)
{
	*q = (struct prof_contention_queue){.waiter = get_some_stack(d)};
	q->most = (uint32_t)get_count(d);
	q->most_at = get_int(d);
	get_ints(d, q->at_least_ns, PROF_QUEUE_POWERS);
	q->longest_at = get_int(d);
	q->longest_ns = get_int(d);
	if (!prof_rd_uvarint(&d->r))
		return;
	q->steps = prof_mem_zalloc(&d->k->mem, PROF_QUEUE_STEPS, sizeof(*q->steps), d->e);
	if (!q->steps)
		d->rc = d->e->code;
	for (uint32_t s = 0; q->steps && s < d->x->steps; s++) {
		q->steps[s].ns = get_int(d);
		q->steps[s].most = (uint32_t)get_count(d);
	}
}

static void get_queues(struct decoder *d)
{
	struct prof_contention_trace *x = d->x;

	x->steps = prof_rd_id(&d->r, PROF_QUEUE_STEPS + 1);
	x->step_ns = get_int(d);
	if (x->step_ns < 0 || (x->steps && !x->step_ns))
		prof_rd_fail(&d->r, "steps without a length");
	for (uint64_t n = prof_rd_count(&d->r, 22); n && MORE(d, &x->queues); n--)
		get_queue(d, &x->queues.v[x->queues.n++]);
}

int prof_waits_decode(const void *p, size_t n, struct prof_contention *k, struct prof_trace *t,
	struct prof_contention_trace *x, struct prof_err *e)
{
	struct prof_err none = {0};
	struct decoder d = {.r = prof_rd_of(p, n), .k = k, .t = t, .x = x, .e = e ? e : &none};

	if (prof_rd_uvarint(&d.r) != VERSION)
		prof_rd_fail(&d.r, "waits of another version");
	x->ns = get_int(&d);
	x->wall_ns = prof_rd_varint(&d.r);
	x->can = (unsigned)prof_rd_uvarint(&d.r);
	x->version = (unsigned)prof_rd_uvarint(&d.r);
	if (x->ns < 0)
		prof_rd_fail(&d.r, "an end before the start");
	get_stacks(&d);
	get_queues(&d);
	get_waits(&d);
	get_holds(&d);
	if (!d.rc)
		prof_rd_end(&d.r, "bytes behind its end");
	if (!d.rc && d.r.why)
		d.rc = prof_fail(d.e, PROF_EFORMAT, PROF_NO_OFFSET,
			"is damaged: a trace's waits: %s", d.r.why);
	prof_vec_fini(&t->mem, &d.stacks);
	return d.rc;
}
