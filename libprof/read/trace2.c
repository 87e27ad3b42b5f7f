#include "libprof/read/trace2.h"

#include <string.h>

#include <stdlib.h>

#include "libprof/read/trace2_impl.h"

enum {
	TRIES_PER_EVENT = 64,
	HEAP_ENDS = 3, /* behind the heap, later than all: where the first one's children may be */
	SMALL_SORT = 12, /* Go sorts so few by insertion, which keeps the order of equal times */
};

/* At most ten bytes are read, of those that may be; none that are sensible are longer. */
static uint64_t long_varint(const uint8_t **p)
{
	const uint8_t *q = *p;
	uint64_t v = *q & 0x7f;

	for (unsigned shift = 7; *q++ >= 0x80; shift += 7) {
		if (shift > 63) {
			*p = q + T2_MAX_EVENT; /* past any end */
			return 0;
		}
		v |= (uint64_t)(*q & 0x7f) << shift;
	}
	*p = q;
	return v;
}

/* Nearly all have three bytes at most. */
static inline uint64_t varint(const uint8_t **p)
{
	const uint8_t *q = *p;
	uint32_t v = q[0];

	if (v < 0x80) {
		*p = q + 1;
		return v;
	}
	v += ((uint32_t)q[1] << 7) - 0x80;
	if (q[1] < 0x80) {
		*p = q + 2;
		return v;
	}
	v += ((uint32_t)q[2] << 14) - (0x80 << 7);
	if (q[2] < 0x80) {
		*p = q + 3;
		return v;
	}
	return long_varint(p);
}

/* Gives up the rest of a cursor's batch. */
static int damaged_batch(struct t2 *d, struct t2_cursor *c, const char *why)
{
	const struct t2_batch *b = &d->batches.v[c->batch];
	int64_t offset = b->offset + (c->at - b->p);
	size_t lost = (size_t)(b->p + b->len - c->at);

	c->p = c->end;
	return prof_trace_damaged(d->t, offset, d->generation, d->e,
		"%s: the last %zu of %u bytes of a batch are lost", why, lost, b->len);
}

/* Makes c->batch the next one that has bytes, from c->batch on: false when there is none. */
static bool open_batch(struct t2 *d, struct t2_cursor *c, uint32_t batch)
{
	for (; batch != PROF_NONE; batch = d->batches.v[batch].next) {
		const struct t2_batch *b = &d->batches.v[batch];

		if (!b->len)
			continue;
		c->batch = batch;
		c->p = b->p;
		c->end = b->p + b->len;
		if (!b->timeless)
			c->time = t2_ns(d, b->time);
		c->latest = b->latest == UINT64_MAX ? INT64_MAX : t2_ns(d, b->latest);
		return true;
	}
	return false;
}

/* The event at c->at would be later than it can be: it is taken to be of the time of that before
 * it, `time`.
 */
static int64_t too_late(struct t2 *d, const struct t2_cursor *c, int64_t time)
{
	const struct t2_batch *b = &d->batches.v[c->batch];

	/* Where the batch's own time is a guess, so is that of its events. */
	if (!b->timeless && !d->late++)
		d->late_offset = b->offset + (c->at - b->p);
	return time;
}

/* Decodes the event that stands at c->p; false where none does, as behind the last one of a batch,
 * where there are zeros.
 */
static inline bool decode(struct t2 *d, struct t2_cursor *c)
{
	const uint8_t *p = c->p;
	unsigned n = t2_n_args[*p];
	uint64_t ticks;
	int64_t time;

	c->at = p;
	c->type = *p++;
	ticks = varint(&p);
	for (unsigned i = 0; i + 1 < n; i++)
		c->args[i] = varint(&p);
	if (!n || p > c->end)
		return false;
	time = prof_add(c->time, t2_ns(d, ticks));
	c->time = (uint64_t)time <= (uint64_t)c->latest ? time : too_late(d, c, c->time);
	c->p = p;
	return true;
}

/* Where none stands there: the next one, of another batch. False at the thread's last one, and when
 * something failed (d->rc).
 */
static bool decode_on(struct t2 *d, struct t2_cursor *c)
{
	do {
		if (c->p != c->end) {
			d->rc = damaged_batch(d, c,
				t2_n_args[c->type] ? "an event ends behind its batch"
						   : "no such event");
			if (d->rc)
				return false;
		}
		if (!open_batch(d, c, d->batches.v[c->batch].next))
			return false;
	} while (!decode(d, c));
	return true;
}

static inline bool next_event(struct t2 *d, struct t2_cursor *c)
{
	return decode(d, c) || decode_on(d, c);
}

/* The heap, of cursors by the time of their next events. It is kept just as Go's reader keeps its
 * own, so that events of equal times come in the same order.
 */
static size_t heap_up(struct t2_next *heap, size_t i, struct t2_next at)
{
	for (; i && heap[(i - 1) / 2].time > at.time; i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = at;
	return i;
}

static void heap_down(struct t2_next *heap, size_t n, size_t i, struct t2_next at)
{
	for (;;) {
		size_t child = 2 * i + 1, least = i;
		int64_t time = at.time;

		if (child < n && heap[child].time < time) {
			least = child;
			time = heap[child].time;
		}
		if (child + 1 < n && heap[child + 1].time < time)
			least = child + 1;
		if (least == i)
			break;
		heap[i] = heap[least];
		i = least;
	}
	heap[i] = at;
}

static void heap_remove(struct t2 *d, size_t i)
{
	struct t2_next last;

	for (; i; i = (i - 1) / 2)
		d->heap.v[i] = d->heap.v[(i - 1) / 2];
	last = d->heap.v[--d->heap.n];
	d->heap.v[d->heap.n].time = INT64_MAX;
	heap_down(d->heap.v, d->heap.n, 0, last);
}

/* Goes on behind the event of the cursor at heap[i]. */
static void pass(struct t2 *d, size_t i)
{
	struct t2_next at = {.cursor = d->heap.v[i].cursor};
	struct t2_cursor *c = &d->cursors.v[at.cursor];

	if (!next_event(d, c)) {
		heap_remove(d, i);
		return;
	}
	at.time = c->time;
	if (heap_up(d->heap.v, i, at) == i)
		heap_down(d->heap.v, d->heap.n, i, at);
}

/* The same of the first one, `c`, which often stays the first. */
static inline void pass_first(struct t2 *d, struct t2_cursor *c)
{
	struct t2_next *heap = d->heap.v, at = {.cursor = heap[0].cursor};

	if (!next_event(d, c)) {
		heap_remove(d, 0);
		return;
	}
	at.time = c->time;
	if (heap[1].time < at.time || heap[2].time < at.time)
		heap_down(heap, d->heap.n, 0, at);
	else
		heap[0].time = at.time;
}

struct by_time {
	struct t2_next next;
	uint32_t at;
};

static int compare(const void *a, const void *b)
{
	const struct by_time *x = a, *y = b;

	if (x->next.time != y->next.time)
		return x->next.time < y->next.time ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* Sorts the heap, which leaves it a heap. */
static void sort_heap(struct t2 *d)
{
	struct t2_next *heap = d->heap.v;
	struct by_time *keys = d->keys;
	size_t n = d->heap.n;

	if (n <= SMALL_SORT) {
		for (size_t i = 1; i < n; i++) {
			struct t2_next at = heap[i];
			size_t j = i;

			for (; j && at.time < heap[j - 1].time; j--)
				heap[j] = heap[j - 1];
			heap[j] = at;
		}
		return;
	}
	for (size_t i = 0; i < n; i++)
		keys[i] = (struct by_time){heap[i], (uint32_t)i};
	qsort(keys, n, sizeof(*keys), compare);
	for (size_t i = 0; i < n; i++)
		heap[i] = keys[i].next;
}

/* The cursor whose event comes first is refused. The next one in time that is not refused goes
 * before it; where there is none the trace is broken, and goes on all the same.
 */
static void untangle(struct t2 *d)
{
	const char *why = d->why;
	size_t i = 1, n = d->heap.n;

	if (d->tries >= 2 * n) {
		d->tries -= 2 * n;
		sort_heap(d);
		for (; i < n; i++) {
			const struct t2_cursor *c = &d->cursors.v[d->heap.v[i].cursor];

			if (t2_advance(d, c) == T2_DONE) {
				d->t->wire_count[c->type]++;
				t2_check_early(d, i);
				pass(d, i);
				return;
			}
		}
	}
	d->why = why;
	t2_force(d, &d->cursors.v[d->heap.v[0].cursor]);
	d->t->wire_count[d->cursors.v[d->heap.v[0].cursor].type]++;
	if (!d->rc)
		pass(d, 0);
}

static void emit_sample(struct t2 *d, const struct t2_sample *s)
{
	struct prof_trace_event *ev;
	uint32_t m = PROF_NONE, p = PROF_NONE, g = PROF_NONE;

	if (s->args[0] != T2_NO_THREAD)
		m = t2_thread_slot(d, s->args[0]);
	if (s->args[1] != UINT64_MAX)
		p = t2_proc_slot(d, s->args[1]);
	if (s->args[2])
		g = prof_idmap_get(&d->goroutine_of, s->args[2]);
	ev = t2_emit(d, PROF_EV_CPU_SAMPLE, s->time, m, p, g);
	memcpy(ev->args, s->args, sizeof(ev->args));
	ev->stack = ev->subject_stack = t2_stack(d, s->args[3]);
}

/* Events of the file, while there are any, and room for what one may make. */
static void run(struct t2 *d)
{
	while (d->t->n + T2_MAX_STEP <= PROF_TRACE_BATCH && !d->rc) {
		struct t2_cursor *c = d->heap.n ? &d->cursors.v[d->heap.v[0].cursor] : NULL;

		if (d->sample < d->samples.n && (!c || d->samples.v[d->sample].time < c->time)) {
			emit_sample(d, &d->samples.v[d->sample++]);
			continue;
		}
		if (!c)
			return;
		d->why = NULL;
		d->tries += TRIES_PER_EVENT;
		if (t2_advance(d, c) == T2_DONE) {
			d->t->wire_count[c->type]++;
			pass_first(d, c);
		} else if (!d->rc) {
			untangle(d);
		}
	}
}

/* Behind a gap nothing is known but names. */
static void forget(struct t2 *d)
{
	for (size_t i = 0; i < d->goroutines.n; i++) {
		struct t2_goroutine *gs = &d->goroutines.v[i];

		if (gs->state != PROF_G_NOT_EXIST)
			*gs = (struct t2_goroutine){.state = PROF_G_UNDETERMINED,
				.from_cgo = gs->from_cgo,
				.m = PROF_NONE,
				.regions = PROF_NONE,
				.stw = PROF_NONE};
	}
	for (size_t i = 0; i < d->procs.n; i++)
		d->procs.v[i] = (struct t2_proc){.m = PROF_NONE};
	for (size_t i = 0; i < d->threads.n; i++)
		d->threads.v[i] = (struct t2_thread){.g = PROF_NONE, .p = PROF_NONE};
	d->regions.n = 0;
	d->free_region = PROF_NONE;
	d->gc = T2_GC_UNKNOWN;
}

/* Goroutines that nothing was heard of since a gap have ended in it. */
static void end_lost(struct t2 *d)
{
	for (; d->lost < d->goroutines.n && d->t->n + T2_MAX_STEP <= PROF_TRACE_BATCH; d->lost++) {
		struct prof_trace_event *ev;

		if (d->goroutines.v[d->lost].state != PROF_G_UNDETERMINED)
			continue;
		ev = t2_emit(d, 0, d->last, PROF_NONE, PROF_NONE, PROF_NONE);
		ev->kind = PROF_TRACE_GOROUTINE;
		ev->subject = (uint32_t)d->lost;
		ev->from = PROF_G_UNDETERMINED;
		ev->to = PROF_G_NOT_EXIST;
		t2_end_goroutine(d, (uint32_t)d->lost);
	}
}

/* What was wrong with the events of the generation that ends here. */
static int report(struct t2 *d)
{
	int rc = 0;

	if (d->forced)
		rc = prof_trace_damaged(d->t, d->forced_offset, d->generation, d->e,
			"%llu events contradict those before them, %llu of them are left out; "
			"the first is %s",
			(unsigned long long)d->forced, (unsigned long long)d->dropped,
			d->forced_first);
	if (!rc && d->late)
		rc = prof_trace_damaged(d->t, d->late_offset, d->generation, d->e,
			"%llu events are of times that cannot be: they are taken to come right "
			"behind those before them",
			(unsigned long long)d->late);
	if (!rc && d->early)
		rc = prof_trace_damaged(d->t, d->early_offset, d->generation, d->e,
			"%llu events are earlier than those that let them come, by up to %lld ns: "
			"times of batches are wrong",
			(unsigned long long)d->early, (long long)d->early_by);
	if (!rc && d->unknown_ids)
		rc = prof_trace_damaged(d->t, d->offset, d->generation, d->e,
			"events name strings, stacks or types that no table has, %llu times",
			(unsigned long long)d->unknown_ids);
	d->forced = d->dropped = d->late = d->early = d->unknown_ids = 0;
	d->early_by = 0;
	return rc;
}

/* Makes cursors of the batches that were read. */
static int install(struct t2 *d)
{
	struct prof_mem *mem = &d->t->mem;
	size_t n = d->cursors.n;
	int rc;

	if (d->n_keys < n) {
		prof_mem_zfree(mem, d->keys, d->n_keys, sizeof(struct by_time));
		d->n_keys = 0;
		d->keys = prof_mem_zalloc(mem, n, sizeof(struct by_time), d->e);
		if (!d->keys)
			return d->e ? d->e->code : PROF_ENOMEM;
		d->n_keys = n;
	}
	d->heap.n = 0;
	rc = prof_vec_reserve(mem, &d->heap, n + HEAP_ENDS, d->e);
	for (size_t i = 0; !rc && i < n + HEAP_ENDS; i++)
		d->heap.v[i].time = INT64_MAX;
	for (uint32_t i = 0; !rc && i < n; i++) {
		struct t2_cursor *c = &d->cursors.v[i];

		c->p = c->end = NULL;
		c->time = t2_ns(d, d->min_time);
		if (!open_batch(d, c, c->batch) || !next_event(d, c)) {
			rc = d->rc;
			continue;
		}
		heap_up(d->heap.v, d->heap.n++, (struct t2_next){c->time, i});
	}
	d->t->generations++;
	t2_emit(d, 0, t2_ns(d, d->min_time), PROF_NONE, PROF_NONE, PROF_NONE)->args[0] = ++d->syncs;
	return rc;
}

static int end(struct t2 *d)
{
	const struct prof_trace_damage *first = d->t->damage.v;
	struct prof_trace_event *ev;

	d->done = true;
	if (!d->syncs)
		return prof_fail(d->e, PROF_EFORMAT,
			d->t->damage.n ? first->offset : (int64_t)prof_input_offset(d->in), "%s",
			d->t->damage.n ? first->what : "a trace without events");
	ev = t2_emit(d, 0, d->last, PROF_NONE, PROF_NONE, PROF_NONE);
	ev->args[0] = ++d->syncs;
	ev->args[1] = 1;
	return 1;
}

/* Begins the next generation, with an event: 1, or an error. */
static int next_generation(struct t2 *d)
{
	int rc = d->ready ? 1 : report(d);

	if (rc < 0)
		return rc;
	if (!d->ready) {
		rc = t2_read_generation(d);
		if (rc <= 0)
			return rc ? rc : end(d);
		d->first = !d->syncs || d->gap;
		d->after_gap = d->gap;
		rc = t2_read_tables(d);
		if (!rc)
			rc = t2_check_times(d);
		if (!rc)
			rc = t2_read_memory(d);
		if (rc)
			return rc;
		d->ready = true;
		if (d->gap && d->syncs) {
			d->gap = false;
			forget(d);
			t2_emit(d, 0, d->last, PROF_NONE, PROF_NONE, PROF_NONE)->kind =
				PROF_TRACE_GAP;
			return 1;
		}
		d->gap = false;
	}
	d->ready = false;
	d->lost = d->after_gap ? 0 : SIZE_MAX;
	rc = install(d);
	return rc ? rc : 1;
}

static int fill(struct prof_trace *t, struct prof_err *e)
{
	struct t2 *d = t->decoder;
	int rc;

	if (d->done)
		return 0;
	d->e = e;
	d->rc = prof_vec_reserve(&t->mem, &d->free_goroutines, d->ended.n, e);
	if (d->rc)
		return d->rc;
	while (d->ended.n)
		d->free_goroutines.v[d->free_goroutines.n++] = d->ended.v[--d->ended.n];
	while (t->n + T2_MAX_STEP <= PROF_TRACE_BATCH) {
		if (d->heap.n || d->sample < d->samples.n) {
			run(d);
		} else if (d->lost < d->goroutines.n) {
			end_lost(d);
		} else if (t->n) {
			break;
		} else {
			rc = next_generation(d);
			if (rc <= 0 || d->ready || d->done)
				return rc;
		}
		if (d->rc)
			return d->rc;
	}
	return 1;
}

static void close_decoder(struct prof_trace *t)
{
	struct t2 *d = t->decoder;
	struct prof_mem *mem = &t->mem;

	for (size_t i = 0; i < d->chunks.n; i++)
		prof_mem_free(mem, d->chunks.v[i].p, d->chunks.v[i].cap);
	prof_vec_fini(mem, &d->chunks);
	prof_vec_fini(mem, &d->batches);
	prof_vec_fini(mem, &d->structural);
	prof_vec_fini(mem, &d->memory);
	prof_vec_fini(mem, &d->cursors);
	prof_vec_fini(mem, &d->samples);
	prof_vec_fini(mem, &d->heap);
	prof_mem_zfree(mem, d->keys, d->n_keys, sizeof(struct by_time));
	prof_vec_fini(mem, &d->goroutines);
	prof_vec_fini(mem, &d->procs);
	prof_vec_fini(mem, &d->threads);
	prof_vec_fini(mem, &d->regions);
	prof_vec_fini(mem, &d->tasks);
	prof_vec_fini(mem, &d->free_goroutines);
	prof_vec_fini(mem, &d->ended);
	prof_idtable_fini(&d->strings);
	prof_idtable_fini(&d->stacks);
	for (size_t i = 0; i < sizeof(d->maps) / sizeof(d->maps[0]); i++)
		prof_idmap_fini(d->maps[i]);
	free(d);
}

int prof_trace2_begin(struct prof_trace *t, struct prof_input *in, struct prof_err *e)
{
	struct t2 *d = calloc(1, sizeof(*d));

	if (!d)
		return prof_nomem(e);
	d->t = t;
	d->in = in;
	in->wants_ahead = true;
	d->free_region = d->free_task = PROF_NONE;
	d->lost = SIZE_MAX;
	d->maps[0] = &d->goroutine_of;
	d->maps[1] = &d->proc_of;
	d->maps[2] = &d->thread_of;
	d->maps[3] = &d->task_of;
	d->maps[4] = &d->callbacks;
	d->maps[5] = &d->cursor_of;
	for (size_t i = 0; i < sizeof(d->maps) / sizeof(d->maps[0]); i++)
		prof_idmap_init(d->maps[i], &t->mem);
	prof_idtable_init(&d->strings, &t->mem);
	prof_idtable_init(&d->stacks, &t->mem);
	t->wire = prof_wire2;
	t->can = PROF_CAN_THREADS | PROF_CAN_SYSCALL_ENDS | PROF_CAN_STATUSES |
		 PROF_CAN_STOP_REASONS | PROF_CAN_MONOTONIC | PROF_CAN_TASKS |
		 PROF_CAN_CPU_SAMPLES | PROF_CAN_ASSISTS |
		 (t->version >= 25 ? PROF_CAN_WALL_CLOCK : 0);
	t->fill = fill;
	t->close = close_decoder;
	t->decoder = d;
	return 0;
}
