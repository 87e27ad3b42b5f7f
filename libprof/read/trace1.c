#include "libprof/read/trace1.h"

#include <stdio.h>
#include <stdlib.h>

#include "libprof/read/trace1_take.h"

enum {
	TRIES_PER_EVENT = 64,
	/* How long an event waits for others that should have been before it. Where the file is
	 * whole they may come late, by a clock that lags behind; else they are lost.
	 */
	PATIENCE_NS = 1000000,
	DAMAGED_PATIENCE_NS = 50000,
};

static t1_handler *const handlers[PROF_EV1_END] = {
	[PROF_EV1_GOMAXPROCS] = t1_metric,
	[PROF_EV1_PROC_START] = t1_proc_start,
	[PROF_EV1_PROC_STOP] = t1_proc_stop,
	[PROF_EV1_GC_START] = t1_gc_start,
	[PROF_EV1_GC_DONE] = t1_gc_done,
	[PROF_EV1_STW_START] = t1_stw_start,
	[PROF_EV1_STW_DONE] = t1_stw_done,
	[PROF_EV1_SWEEP_START] = t1_sweep_start,
	[PROF_EV1_SWEEP_DONE] = t1_sweep_done,
	[PROF_EV1_GO_CREATE] = t1_go_create,
	[PROF_EV1_GO_START] = t1_go_start,
	[PROF_EV1_GO_END] = t1_go_end,
	[PROF_EV1_GO_STOP] = t1_go_stop,
	[PROF_EV1_GO_SCHED] = t1_go_stop,
	[PROF_EV1_GO_PREEMPT] = t1_go_stop,
	[PROF_EV1_GO_SLEEP] = t1_go_stop,
	[PROF_EV1_GO_BLOCK] = t1_go_stop,
	[PROF_EV1_GO_UNBLOCK] = t1_go_wake,
	[PROF_EV1_GO_BLOCK_SEND] = t1_go_stop,
	[PROF_EV1_GO_BLOCK_RECV] = t1_go_stop,
	[PROF_EV1_GO_BLOCK_SELECT] = t1_go_stop,
	[PROF_EV1_GO_BLOCK_SYNC] = t1_go_stop,
	[PROF_EV1_GO_BLOCK_COND] = t1_go_stop,
	[PROF_EV1_GO_BLOCK_NET] = t1_go_stop,
	[PROF_EV1_GO_SYSCALL] = t1_go_syscall,
	[PROF_EV1_GO_SYSEXIT] = t1_go_wake,
	[PROF_EV1_GO_SYSBLOCK] = t1_go_sysblock,
	[PROF_EV1_GO_WAITING] = t1_go_status,
	[PROF_EV1_GO_IN_SYSCALL] = t1_go_status,
	[PROF_EV1_HEAP_ALLOC] = t1_metric,
	[PROF_EV1_HEAP_GOAL] = t1_metric,
	[PROF_EV1_FUTILE_WAKEUP] = t1_go_futile,
	[PROF_EV1_GO_START_LOCAL] = t1_go_start,
	[PROF_EV1_GO_UNBLOCK_LOCAL] = t1_go_wake,
	[PROF_EV1_GO_SYSEXIT_LOCAL] = t1_go_wake,
	[PROF_EV1_GO_START_LABEL] = t1_go_start,
	[PROF_EV1_GO_BLOCK_GC] = t1_go_stop,
	[PROF_EV1_ASSIST_START] = t1_assist_start,
	[PROF_EV1_ASSIST_DONE] = t1_assist_done,
	[PROF_EV1_TASK_CREATE] = t1_task_create,
	[PROF_EV1_TASK_END] = t1_task_end,
	[PROF_EV1_REGION] = t1_region,
	[PROF_EV1_LOG] = t1_log,
};

void t1_contradicts(struct t1 *d, const struct t1_cursor *c, const char *why, bool dropped)
{
	if (!d->forced++) {
		d->forced_offset = c->offset;
		snprintf(d->forced_first, sizeof(d->forced_first), "%s: %s",
			prof_wire1[c->type].name, why);
	}
	d->dropped += dropped;
}

/* Heaps. Of equal keys the proc that appeared first comes first. */
static inline bool is_before(struct t1_node a, struct t1_node b)
{
	return a.due != b.due ? a.due < b.due : a.cursor < b.cursor;
}

static inline void set_at(struct t1 *d, struct t1_heap *h, size_t i, struct t1_node node)
{
	h->v.v[i] = node;
	d->cursors.v[node.cursor].at = (uint32_t)i;
}

/* Puts a node that comes to stand at i where it belongs. */
static void settle(struct t1 *d, struct t1_heap *h, size_t i, struct t1_node node)
{
	struct t1_node *v = h->v.v;
	size_t n = h->v.n, child;

	for (; i && is_before(node, v[(i - 1) / 2]); i = (i - 1) / 2)
		set_at(d, h, i, v[(i - 1) / 2]);
	for (; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && is_before(v[child + 1], v[child]))
			child++;
		if (!is_before(v[child], node))
			break;
		set_at(d, h, i, v[child]);
	}
	set_at(d, h, i, node);
}

/* The node on top moves to `due`, behind what it was: mostly it stays there. */
static inline void settle_top(struct t1 *d, struct t1_heap *h, int64_t due)
{
	struct t1_node *v = h->v.v;
	size_t n = h->v.n;

	if ((n < 2 || due < v[1].due) && (n < 3 || due < v[2].due))
		v->due = due;
	else
		settle(d, h, 0, (struct t1_node){due, v->cursor});
}

/* Both have room for all cursors. */
static void put(struct t1 *d, struct t1_heap *h, uint32_t cursor, int64_t due)
{
	h->v.n++;
	settle(d, h, h->v.n - 1, (struct t1_node){due, cursor});
}

static void take_out(struct t1 *d, struct t1_heap *h, uint32_t cursor)
{
	uint32_t at = d->cursors.v[cursor].at;
	struct t1_node last = h->v.v[--h->v.n];

	if (at < h->v.n)
		settle(d, h, at, last);
}

/* Cursors that wait for the same make a list. */
static uint32_t *waiting_for(struct t1 *d, uint32_t target)
{
	return target == T1_GC_TARGET ? &d->gc_waiting : &d->goroutines.v[target].waiting;
}

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
	put(d, &d->waiting, cursor, c->unknown ? c->key : prof_add(c->key, d->patience));
}

static void unpark(struct t1 *d, uint32_t cursor)
{
	struct t1_cursor *c = &d->cursors.v[cursor];

	take_out(d, &d->waiting, cursor);
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

/* Something has changed: what waits for it may be able to come. */
static void wake(struct t1 *d, uint32_t target)
{
	uint32_t next;

	for (uint32_t i = *waiting_for(d, target); i != PROF_NONE && d->tries; i = next) {
		next = d->cursors.v[i].later;
		d->tries--;
		if (t1_ready(d, &d->cursors.v[i])) {
			unpark(d, i);
			correct_clock(d, &d->cursors.v[i]);
			put(d, &d->ready, i, d->cursors.v[i].key);
		}
	}
}

/* A cursor with its next event, which is in no heap. */
static void place(struct t1 *d, uint32_t cursor)
{
	struct t1_cursor *c = &d->cursors.v[cursor];

	if (t1_ready(d, c))
		put(d, &d->ready, cursor, c->key);
	else
		park(d, cursor);
}

static void take_sample(struct t1 *d, const struct t1_sample *x)
{
	struct prof_trace_event *ev = t1_emit(d, NULL, PROF_EV1_CPU_SAMPLE, t1_ns(d, x->ticks));
	uint32_t g = x->g ? prof_idmap_get(&d->goroutine_of, x->g) : PROF_NONE;

	ev->p = t1_proc_slot(d, x->p);
	if (g != PROF_NONE && d->goroutines.v[g].state != PROF_G_NOT_EXIST)
		ev->g = g;
	ev->args[0] = x->ticks;
	ev->args[1] = x->p;
	ev->args[2] = x->g;
	ev->args[3] = x->stack;
	ev->stack = ev->subject_stack = t1_stack(d, x->stack, 0);
}

/* Looks where the next ones stand. */
static void look_collected(struct t1 *d)
{
	d->collected = INT64_MAX;
	if (d->exit < d->exits.n)
		d->collected = d->exits.v[d->exit].key;
	if (d->sample < d->samples.n && (int64_t)d->samples.v[d->sample].ticks < d->collected)
		d->collected = (int64_t)d->samples.v[d->sample].ticks;
}

/* The next of what the first pass has collected: false when there is none. */
static bool take_collected(struct t1 *d)
{
	if (d->exit < d->exits.n && d->exits.v[d->exit].key == d->collected)
		t1_take_exit(d, &d->exits.v[d->exit++]);
	else if (d->sample < d->samples.n)
		take_sample(d, &d->samples.v[d->sample++]);
	else
		return false;
	look_collected(d);
	return true;
}

/* Times that go back: clocks of cores that differ, where it is not for having waited in vain. */
static void check_time(struct t1 *d, const struct t1_cursor *c)
{
	int64_t ahead = (int64_t)(c->ticks - d->last_ticks);

	if (ahead >= 0) {
		d->last_ticks = c->ticks;
		return;
	}
	if ((int64_t)(c->ticks - d->excused) < 0 || d->batches.v[c->batch].goes_on)
		return;
	if (!d->skewed++)
		d->skewed_offset = c->offset;
	if (0 - (uint64_t)ahead > d->skew)
		d->skew = 0 - (uint64_t)ahead;
}

/* Whether an event says what a goroutine of before the trace is at. */
static bool is_of_named(const struct t1 *d, const struct t1_cursor *c)
{
	return (c->type == PROF_EV1_GO_WAITING || c->type == PROF_EV1_GO_IN_SYSCALL) &&
	       prof_idmap_get(&d->goroutine_of, c->args[0]) == d->named;
}

/* Whether an event is of its proc, as Go's tools have it: what the netpoller and the ends of system
 * calls do without one is not.
 */
static bool is_of_proc(const struct t1 *d, const struct t1_cursor *c)
{
	uint32_t g;

	if (c->type == PROF_EV1_GO_SYSEXIT || c->type == PROF_EV1_GO_SYSEXIT_LOCAL)
		return false;
	if (c->type != PROF_EV1_GO_UNBLOCK && c->type != PROF_EV1_GO_UNBLOCK_LOCAL)
		return true;
	g = prof_idmap_get(&d->goroutine_of, c->args[0]);
	return g == PROF_NONE || d->goroutines.v[g].stopped_by != PROF_EV1_GO_BLOCK_NET;
}

static inline uint32_t take(struct t1 *d, struct t1_cursor *c)
{
	if (c->p == PROF_NONE && is_of_proc(d, c))
		c->p = t1_proc_slot(d, c->pid);
	return handlers[c->type](d, c);
}

/* The cursor whose event comes next. One that waits is past hope when what it waits for should have
 * been before it: it is not there, as events were lost, or as callbacks from C were not told of
 * before go 1.22. Clocks of cores may differ, though, and it may have been patient too little.
 */
static uint32_t choose(const struct t1 *d)
{
	const struct t1_node *ready = d->ready.v.v, *waiting = d->waiting.v.v;

	if (!d->waiting.v.n || (d->ready.v.n && ready->due <= waiting->due))
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
	c->target = PROF_NONE;
	put(d, &d->ready, cursor, c->key);
}

/* One event of the file, or one that was collected. */
static void step(struct t1 *d)
{
	uint32_t cursor = choose(d), target;
	struct t1_cursor *c = &d->cursors.v[cursor];

	if (c->key > d->collected) {
		take_collected(d);
		return;
	}
	d->tries += TRIES_PER_EVENT;
	if (c->waits) {
		force(d, cursor);
	} else if (c->ready_at != d->steps && !t1_ready(d, c)) {
		take_out(d, &d->ready, cursor);
		park(d, cursor);
		return;
	}
	if (d->named != PROF_NONE && !is_of_named(d, c))
		t1_tell_named(d);
	/* The goroutine that traces goes on when all are named. */
	d->settled |= c->type == PROF_EV1_GO_START || c->type == PROF_EV1_GO_START_LOCAL ||
		      c->type == PROF_EV1_GO_START_LABEL || c->type == PROF_EV1_GOMAXPROCS;
	check_time(d, c);
	d->steps++;
	target = take(d, c);
	if (d->rc)
		return;
	if (!t1_next(d, c)) {
		take_out(d, &d->ready, cursor);
	} else if (t1_ready(d, c)) {
		c->ready_at = d->steps;
		if (c->at)
			settle(d, &d->ready, c->at, (struct t1_node){c->key, cursor});
		else
			settle_top(d, &d->ready, c->key);
	} else {
		take_out(d, &d->ready, cursor);
		park(d, cursor);
	}
	if (target != PROF_NONE)
		wake(d, target);
}

/* Opens all cursors. */
static int install(struct t1 *d)
{
	size_t n = d->cursors.n;
	int rc = prof_vec_reserve(&d->t->mem, &d->ready.v, n, d->e);

	if (!rc)
		rc = prof_vec_reserve(&d->t->mem, &d->waiting.v, n, d->e);
	if (rc)
		return rc;
	for (uint32_t i = 0; !d->rc && i < n; i++)
		if (t1_open(d, &d->cursors.v[i]) && !d->rc)
			place(d, i);
	return d->rc;
}

static struct prof_trace_event *sync(struct t1 *d, int64_t time)
{
	struct prof_trace_event *ev = t1_emit(d, NULL, 0, time);

	ev->kind = PROF_TRACE_SYNC;
	ev->args[0] = ++d->syncs;
	return ev;
}

/* Reads all that the first pass does, and begins with an event: 1, or an error. */
static int begin(struct t1 *d)
{
	const struct prof_trace_damage *damage;
	struct prof_err damaged;
	const struct t1_cursor *c;
	int rc = prof_spool_open(&d->spool, d->in, &d->t->mem, &damaged, d->e);

	if (!rc && damaged.code)
		rc = prof_trace_damaged(d->t, damaged.offset, 0, d->e, "%s", damaged.msg);
	if (!rc)
		rc = t1_add_reasons(d);
	if (!rc)
		rc = t1_scan(d);
	if (!rc)
		rc = install(d);
	if (rc)
		return rc;
	if (!d->ready.v.n && !d->waiting.v.n && !d->samples.n) {
		damage = d->t->damage.v;
		return prof_fail(d->e, PROF_EFORMAT,
			damage ? damage->offset : (int64_t)d->spool.size, "%s",
			damage ? damage->what : "a trace without events");
	}
	if (d->ready.v.n || d->waiting.v.n) {
		c = &d->cursors.v[choose(d)];
		d->base = c->ticks;
	}
	if (d->samples.n && ((int64_t)d->samples.v[0].ticks < (int64_t)d->base || !d->base))
		d->base = d->samples.v[0].ticks;
	d->patience = prof_to_i64(
		(d->t->damage.n ? DAMAGED_PATIENCE_NS : PATIENCE_NS) / d->ns_per_tick);
	d->last_ticks = d->excused = d->base;
	d->last = -1;
	look_collected(d);
	sync(d, 0);
	d->begun = true;
	return 1;
}

/* What was wrong with events. */
static int report(struct t1 *d)
{
	int rc = 0;

	if (d->forced)
		rc = prof_trace_damaged(d->t, (int64_t)d->forced_offset, 0, d->e,
			"%llu events contradict those before them, %llu of them are left out; "
			"the first is %s",
			(unsigned long long)d->forced, (unsigned long long)d->dropped,
			d->forced_first);
	if (!rc && d->skewed)
		rc = prof_trace_damaged(d->t, (int64_t)d->skewed_offset, 0, d->e,
			"time stamps are out of order %llu times, by up to %lld ns: clocks of "
			"cores differ",
			(unsigned long long)d->skewed,
			(long long)prof_to_i64((double)d->skew * d->ns_per_tick));
	if (!rc && d->unknown_ids)
		rc = prof_trace_damaged(d->t, (int64_t)d->unknown_offset, 0, d->e,
			"events name strings or stacks that no table has, %llu times",
			(unsigned long long)d->unknown_ids);
	return rc;
}

static int end(struct t1 *d)
{
	int rc = report(d);

	d->done = true;
	sync(d, d->last);
	return rc ? rc : 1;
}

static int fill(struct prof_trace *t, struct prof_err *e)
{
	struct t1 *d = t->decoder;

	if (d->done)
		return 0;
	d->e = e;
	if (!d->begun)
		return begin(d);
	d->rc = prof_vec_reserve(&t->mem, &d->free_goroutines, d->ended.n, e);
	if (d->rc)
		return d->rc;
	while (d->ended.n)
		d->free_goroutines.v[d->free_goroutines.n++] = d->ended.v[--d->ended.n];
	while (t->n + T1_MAX_STEP <= PROF_TRACE_BATCH && !d->rc) {
		if (d->ready.v.n || d->waiting.v.n)
			step(d);
		else if (d->named != PROF_NONE)
			t1_tell_named(d);
		else if (!take_collected(d))
			break;
	}
	if (d->rc)
		return d->rc;
	return t->n ? 1 : end(d);
}

static void close_decoder(struct prof_trace *t)
{
	struct t1 *d = t->decoder;
	struct prof_mem *mem = &t->mem;

	for (size_t i = 0; i < d->cursors.n; i++)
		prof_mem_free(mem, d->cursors.v[i].buf, d->cursors.v[i].cap);
	prof_vec_fini(mem, &d->cursors);
	prof_vec_fini(mem, &d->batches);
	prof_vec_fini(mem, &d->exits);
	prof_vec_fini(mem, &d->samples);
	prof_vec_fini(mem, &d->ready.v);
	prof_vec_fini(mem, &d->waiting.v);
	prof_vec_fini(mem, &d->goroutines);
	prof_vec_fini(mem, &d->regions);
	prof_vec_fini(mem, &d->tasks);
	prof_vec_fini(mem, &d->free_goroutines);
	prof_vec_fini(mem, &d->ended);
	prof_idtable_fini(&d->strings);
	prof_idtable_fini(&d->stacks);
	prof_idmap_fini(&d->cursor_of);
	prof_idmap_fini(&d->ended_ids);
	prof_idmap_fini(&d->goroutine_of);
	prof_idmap_fini(&d->proc_of);
	prof_idmap_fini(&d->thread_of);
	prof_idmap_fini(&d->task_of);
	prof_spool_close(&d->spool);
	free(d);
}

/* How many numbers records of this version have. */
static void begin_types(struct t1 *d)
{
	unsigned version = d->t->version;

	for (unsigned i = 1; i < prof_wire1_count(version); i++)
		d->n_args[i] = (uint8_t)(prof_wire1[i].n_args + (d->old && prof_wire1[i].timed));
	if (d->old) {
		d->n_args[PROF_EV1_BATCH]++;
		d->n_args[PROF_EV1_FREQUENCY]++;
		d->n_args[PROF_EV1_TIMER_GOROUTINE]++;
		d->n_args[PROF_EV1_GC_START]--;
		d->n_args[PROF_EV1_GO_START]--;
		d->n_args[PROF_EV1_GO_UNBLOCK]--;
	}
	if (version < 9)
		d->n_args[PROF_EV1_SWEEP_DONE] -= 2;
	if (version < 10)
		d->n_args[PROF_EV1_STW_START]--;
	for (unsigned i = 0; i < PROF_EV1_END; i++)
		d->is_event[i] = d->n_args[i] && handlers[i];
}

int prof_trace1_begin(struct prof_trace *t, struct prof_input *in, struct prof_err *e)
{
	struct t1 *d = calloc(1, sizeof(*d));

	if (!d)
		return prof_nomem(e);
	d->t = t;
	d->in = in;
	d->old = t->version < 7;
	d->spool.fd = -1;
	d->spool.mem = &t->mem;
	d->free_region = d->free_task = d->stw_on = d->gc_waiting = d->named = PROF_NONE;
	begin_types(d);
	prof_idtable_init(&d->strings, &t->mem);
	prof_idtable_init(&d->stacks, &t->mem);
	prof_idmap_init(&d->cursor_of, &t->mem);
	prof_idmap_init(&d->ended_ids, &t->mem);
	prof_idmap_init(&d->goroutine_of, &t->mem);
	prof_idmap_init(&d->proc_of, &t->mem);
	prof_idmap_init(&d->thread_of, &t->mem);
	prof_idmap_init(&d->task_of, &t->mem);
	t->wire = prof_wire1;
	t->can = PROF_CAN_STATUSES | (t->version >= 9 ? PROF_CAN_ASSISTS : 0) |
		 (t->version >= 11 ? PROF_CAN_TASKS : 0) |
		 (t->version >= 19 ? PROF_CAN_CPU_SAMPLES : 0) |
		 (t->version >= 10 ? PROF_CAN_STOP_REASONS : 0);
	t->fill = fill;
	t->close = close_decoder;
	t->decoder = d;
	return 0;
}
