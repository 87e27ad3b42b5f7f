#include "libprof/read/trace1.h"

#include <stdio.h>
#include <stdlib.h>

#include "libprof/read/trace1_take.h"

enum {
	/* How long an event waits for others that should have been before it. Where the file is
	 * whole they may come late, by a clock that lags behind; else they are lost.
	 */
	PATIENCE_NS = 1000000,
	DAMAGED_PATIENCE_NS = 50000,
};

static t1_handler take_sample;

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
	[PROF_EV1_CPU_SAMPLE] = take_sample,
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

/* A sample of its own clock, so to speak: it is told where its time is. */
static uint32_t take_sample(struct t1 *d, struct t1_cursor *c)
{
	struct prof_trace_event *ev = t1_emit_event(d, c);
	uint32_t g = c->args[2] ? prof_idmap_get(&d->goroutine_of, c->args[2]) : PROF_NONE;

	ev->p = t1_proc_slot(d, c->args[1]);
	if (g != PROF_NONE && d->goroutines.v[g].state != PROF_G_NOT_EXIST)
		ev->g = g;
	t1_set_stack(d, ev, c, c->args[3]);
	return PROF_NONE;
}

/* The end of a system call that is to come next. */
static void look_exit(struct t1 *d)
{
	d->next_exit = d->exit < d->exits.n ? d->exits.v[d->exit].key : INT64_MAX;
}

static bool take_exit(struct t1 *d)
{
	if (d->exit == d->exits.n)
		return false;
	t1_take_exit(d, &d->exits.v[d->exit++]);
	look_exit(d);
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

	if (c->type == PROF_EV1_GO_SYSEXIT || c->type == PROF_EV1_GO_SYSEXIT_LOCAL ||
		c->type == PROF_EV1_CPU_SAMPLE)
		return false;
	if (c->type != PROF_EV1_GO_UNBLOCK && c->type != PROF_EV1_GO_UNBLOCK_LOCAL)
		return true;
	g = prof_idmap_get(&d->goroutine_of, c->args[0]);
	return g == PROF_NONE || d->goroutines.v[g].stopped_by != PROF_EV1_GO_BLOCK_NET;
}

/* Before an event is taken. */
static void look_around(struct t1 *d, const struct t1_cursor *c)
{
	if (d->named != PROF_NONE && !is_of_named(d, c))
		t1_tell_named(d);
	/* The goroutine that traces goes on when all are named. */
	d->settled |= c->type == PROF_EV1_GO_START || c->type == PROF_EV1_GO_START_LOCAL ||
		      c->type == PROF_EV1_GO_START_LABEL || c->type == PROF_EV1_GOMAXPROCS;
	check_time(d, c);
}

static inline uint32_t take(struct t1 *d, struct t1_cursor *c)
{
	if (c->p == PROF_NONE && is_of_proc(d, c))
		c->p = t1_proc_slot(d, c->pid);
	return handlers[c->type](d, c);
}

/* One event of the file, or the end of a system call. The cursor that goes on behind it; NULL: none
 * does.
 */
static const struct t1_cursor *step(struct t1 *d)
{
	uint32_t cursor = t1_frontier_first(d), target;
	struct t1_cursor *c = &d->cursors.v[cursor];
	bool more;

	if (c->key > d->next_exit) {
		take_exit(d);
		return NULL;
	}
	if (!t1_frontier_claim(d, cursor))
		return NULL;
	if (c->type != PROF_EV1_CPU_SAMPLE)
		look_around(d, c);
	d->steps++;
	target = take(d, c);
	if (d->rc)
		return NULL;
	more = t1_next(d, c);
	t1_frontier_next(d, cursor, more, target);
	return more ? c : NULL;
}

/* Samples have no order among events but by time: those of all procs are one of their own. */
static int add_sample_cursor(struct t1 *d)
{
	int rc = prof_vec_reserve(&d->t->mem, &d->cursors, 1, d->e);

	if (rc)
		return rc;
	d->cursors.v[d->cursors.n] = t1_new_cursor(UINT64_MAX);
	d->cursors.v[d->cursors.n++].samples = true;
	return 0;
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
	struct prof_trace *t = d->t;
	struct prof_err damaged;
	int rc = prof_spool_open(&d->spool, d->in, &d->t->mem, &damaged, d->e);

	if (!rc && damaged.code)
		rc = prof_trace_damaged(d->t, damaged.offset, 0, d->e, "%s", damaged.msg);
	if (!rc)
		rc = t1_add_reasons(d);
	if (!rc)
		rc = t1_scan(d);
	if (!rc)
		rc = add_sample_cursor(d);
	if (!rc)
		rc = t1_frontier_open(d);
	if (!rc && t->as_go)
		rc = t1_view_open(d);
	if (rc)
		return rc;
	if (!d->ready.n && !d->waiting.n) {
		damage = d->t->damage.v;
		return prof_fail(d->e, PROF_EFORMAT,
			damage ? damage->offset : (int64_t)d->spool.size, "%s",
			damage ? damage->what : "a trace without events");
	}
	d->base = d->cursors.v[t1_frontier_first(d)].ticks;
	d->patience = prof_to_i64(
		(d->t->damage.n ? DAMAGED_PATIENCE_NS : PATIENCE_NS) / d->ns_per_tick);
	d->last_ticks = d->excused = d->base;
	d->last = t->as_go ? -2 : -1;
	look_exit(d);
	sync(d, d->last);
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

/* false: there is nothing more. */
static bool advance(struct t1 *d, const struct t1_cursor **c)
{
	*c = NULL;
	if (d->ready.n || d->waiting.n)
		*c = step(d);
	else if (d->named != PROF_NONE)
		t1_tell_named(d);
	else
		return take_exit(d);
	return true;
}

/* What it tells is told as Go's reader does. */
static bool advance_as_go(struct t1 *d)
{
	const struct t1_cursor *c;
	size_t n = d->t->n;
	int64_t last = d->last;

	if (t1_view_tell_left(d))
		return true;
	d->last = INT64_MIN; /* times as they are */
	if (!advance(d, &c)) {
		d->last = last;
		return false;
	}
	t1_view_tell(d, n, last, c);
	return true;
}

static int fill(struct prof_trace *t, struct prof_err *e)
{
	struct t1 *d = t->decoder;
	const struct t1_cursor *c;

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
	while (t->n + T1_MAX_STEP <= PROF_TRACE_BATCH && !d->rc)
		if (!(t->as_go ? advance_as_go(d) : advance(d, &c)))
			break;
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
	prof_vec_fini(mem, &d->ready);
	prof_vec_fini(mem, &d->waiting);
	prof_vec_fini(mem, &d->available);
	prof_vec_fini(mem, &d->goroutines);
	prof_vec_fini(mem, &d->regions);
	prof_vec_fini(mem, &d->tasks);
	prof_vec_fini(mem, &d->free_goroutines);
	prof_vec_fini(mem, &d->ended);
	t1_view_close(d);
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
		d->is_event[i] = d->n_args[i] && handlers[i] && i != PROF_EV1_CPU_SAMPLE;
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
	prof_idmap_init(&d->view.timers, &t->mem);
	prof_idmap_init(&d->view.there_at, &t->mem);
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
