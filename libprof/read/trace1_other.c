/* Procs, ranges, metrics, and what programs tell. */
#include "libprof/read/trace1_take.h"

static uint32_t proc(struct t1 *d, struct t1_cursor *c, unsigned from, unsigned to)
{
	struct prof_trace_event *ev = t1_emit_event(d, c);

	ev->subject = c->p;
	ev->from = (uint8_t)from;
	ev->to = (uint8_t)to;
	return PROF_NONE;
}

/* The world is stopped where a trace begins: what starts later did not run before. */
uint32_t t1_proc_start(struct t1 *d, struct t1_cursor *c)
{
	unsigned from = c->status == T1_PROC_NEW ? PROF_P_NOT_EXIST : PROF_P_IDLE;

	if (c->status == T1_PROC_RUNS) {
		t1_contradicts(d, c, "the proc runs already", true);
		return PROF_NONE;
	}
	c->status = T1_PROC_RUNS;
	c->m = t1_thread_slot(d, c->args[0]);
	return proc(d, c, from, PROF_P_RUNNING);
}

uint32_t t1_proc_stop(struct t1 *d, struct t1_cursor *c)
{
	unsigned from = c->status == T1_PROC_NEW ? PROF_P_UNDETERMINED : PROF_P_RUNNING;

	if (c->status == T1_PROC_IDLE) {
		t1_contradicts(d, c, "the proc does not run", true);
		return PROF_NONE;
	}
	c->status = T1_PROC_IDLE;
	proc(d, c, from, PROF_P_IDLE);
	c->m = PROF_NONE;
	return PROF_NONE;
}

/* Ranges. One that begins in itself, or ends and never began, is left out. */
static struct prof_trace_event *range(
	struct t1 *d, struct t1_cursor *c, enum prof_trace_range what, uint32_t subject)
{
	struct prof_trace_event *ev = t1_emit_event(d, c);

	ev->what = what;
	ev->subject = subject;
	return ev;
}

static bool refused(struct t1 *d, const struct t1_cursor *c, bool bad, const char *why)
{
	if (bad)
		t1_contradicts(d, c, why, true);
	return bad;
}

uint32_t t1_gc_start(struct t1 *d, struct t1_cursor *c)
{
	d->gc_seq = c->args[0] + 1;
	if (refused(d, c, d->gc, "GC runs already"))
		return T1_GC_TARGET;
	d->gc = true;
	t1_set_stack(d, range(d, c, PROF_RANGE_GC_MARK, PROF_TRACE_NONE), c, c->args[1]);
	return T1_GC_TARGET;
}

uint32_t t1_gc_done(struct t1 *d, struct t1_cursor *c)
{
	if (refused(d, c, !d->gc, "GC does not run"))
		return PROF_NONE;
	d->gc = false;
	range(d, c, PROF_RANGE_GC_MARK, PROF_TRACE_NONE);
	return PROF_NONE;
}

/* Before go 1.10 each proc told of its own part in it, and nobody of why. */
static bool stw_is_of_procs(const struct t1 *d)
{
	return d->t->version < 10;
}

uint32_t t1_stw_start(struct t1 *d, struct t1_cursor *c)
{
	const size_t reasons = sizeof(d->stw_reasons) / sizeof(d->stw_reasons[0]);
	uint64_t reason = d->t->version < 21 ? c->args[0] + 1 : c->args[0];
	bool of_procs = stw_is_of_procs(d);
	uint32_t subject;

	if (refused(d, c, of_procs ? c->stw : d->stw_on != PROF_NONE,
		    "the world is stopped already"))
		return PROF_NONE;
	if (of_procs) {
		uint32_t g = c->g;

		c->g = PROF_NONE; /* the proc's own */
		subject = t1_subject(d, c);
		c->g = g;
	} else {
		subject = t1_subject(d, c);
	}
	if (reason >= reasons || (d->t->version < 21 && reason > 2))
		reason = 0;
	if (of_procs)
		c->stw = true;
	else
		d->stw_on = subject;
	d->stw_reason = d->stw_reasons[reason];
	if (subject != PROF_NONE)
		range(d, c, PROF_RANGE_STW, subject)->name = d->stw_reason;
	return PROF_NONE;
}

uint32_t t1_stw_done(struct t1 *d, struct t1_cursor *c)
{
	bool of_procs = stw_is_of_procs(d);
	uint32_t subject = of_procs ? c->g0 : d->stw_on;

	if (refused(d, c, of_procs ? !c->stw : subject == PROF_NONE, "the world is not stopped"))
		return PROF_NONE;
	range(d, c, PROF_RANGE_STW, subject)->name = d->stw_reason;
	c->stw = false;
	if (!of_procs)
		d->stw_on = PROF_NONE;
	return PROF_NONE;
}

uint32_t t1_sweep_start(struct t1 *d, struct t1_cursor *c)
{
	if (refused(d, c, c->sweep, "its proc sweeps already"))
		return PROF_NONE;
	c->sweep = true;
	t1_set_stack(d, range(d, c, PROF_RANGE_GC_SWEEP, c->p), c, c->args[0]);
	return PROF_NONE;
}

uint32_t t1_sweep_done(struct t1 *d, struct t1_cursor *c)
{
	if (refused(d, c, !c->sweep, "its proc does not sweep"))
		return PROF_NONE;
	c->sweep = false;
	range(d, c, PROF_RANGE_GC_SWEEP, c->p);
	return PROF_NONE;
}

uint32_t t1_assist_start(struct t1 *d, struct t1_cursor *c)
{
	if (refused(d, c, c->g == PROF_NONE, "its proc runs no goroutine") ||
		refused(d, c, d->goroutines.v[c->g].assist, "its goroutine assists already"))
		return PROF_NONE;
	d->goroutines.v[c->g].assist = true;
	t1_set_stack(d, range(d, c, PROF_RANGE_GC_ASSIST, c->g), c, c->args[0]);
	return PROF_NONE;
}

/* One may have begun before the trace. */
uint32_t t1_assist_done(struct t1 *d, struct t1_cursor *c)
{
	struct t1_goroutine *gs = c->g == PROF_NONE ? NULL : &d->goroutines.v[c->g];

	if (refused(d, c, !gs || (!gs->assist && !gs->before), "its goroutine does not assist"))
		return PROF_NONE;
	gs->assist = gs->before = false;
	range(d, c, PROF_RANGE_GC_ASSIST, c->g);
	return PROF_NONE;
}

/* Gomaxprocs, HeapAlloc, HeapGoal. */
uint32_t t1_metric(struct t1 *d, struct t1_cursor *c)
{
	struct prof_trace_event *ev = t1_emit_event(d, c);

	ev->what = c->type == PROF_EV1_GOMAXPROCS   ? PROF_METRIC_PROCS
		   : c->type == PROF_EV1_HEAP_ALLOC ? PROF_METRIC_HEAP_BYTES
						    : PROF_METRIC_HEAP_GOAL;
	if (c->type == PROF_EV1_GOMAXPROCS)
		t1_set_stack(d, ev, c, c->args[1]);
	return PROF_NONE;
}

/* A list of free elements goes through what an element would point on to. */
static uint32_t new_task(struct t1 *d)
{
	uint32_t i = d->free_task;

	if (i != PROF_NONE) {
		d->free_task = d->tasks.v[i].name;
		return i;
	}
	d->rc = prof_vec_reserve(&d->t->mem, &d->tasks, 1, d->e);
	return d->rc ? PROF_NONE : (uint32_t)d->tasks.n++;
}

uint32_t t1_task_create(struct t1 *d, struct t1_cursor *c)
{
	uint32_t i = prof_idmap_get(&d->task_of, c->args[0]);
	struct t1_task task = {.parent = c->args[1] ? c->args[1] : PROF_TRACE_NO_TASK};
	struct prof_trace_event *ev;

	if (i != PROF_NONE) {
		t1_contradicts(d, c, "the task has begun already", false);
	} else {
		i = new_task(d);
		if (i == PROF_NONE)
			return PROF_NONE;
		d->rc = prof_idmap_add(&d->task_of, c->args[0], i, d->e);
		if (d->rc)
			return PROF_NONE;
	}
	task.name = t1_string(d, c->args[2], c->offset);
	d->tasks.v[i] = task;
	ev = t1_emit_event(d, c);
	ev->name = task.name;
	ev->args[1] = task.parent;
	t1_set_stack(d, ev, c, c->args[3]);
	return PROF_NONE;
}

uint32_t t1_task_end(struct t1 *d, struct t1_cursor *c)
{
	uint32_t i = prof_idmap_get(&d->task_of, c->args[0]);
	struct t1_task task = {.parent = PROF_TRACE_NO_TASK};
	struct prof_trace_event *ev;

	if (i != PROF_NONE) {
		task = d->tasks.v[i];
		prof_idmap_remove(&d->task_of, c->args[0]);
		d->tasks.v[i].name = d->free_task;
		d->free_task = i;
	}
	ev = t1_emit_event(d, c);
	ev->name = task.name;
	ev->args[1] = task.parent;
	ev->args[2] = i != PROF_NONE; /* its begin is known */
	t1_set_stack(d, ev, c, c->args[1]);
	return PROF_NONE;
}

static bool push_region(struct t1 *d, struct t1_goroutine *gs, struct t1_region r)
{
	uint32_t i = d->free_region;

	r.outer = gs->regions;
	if (i != PROF_NONE) {
		d->free_region = d->regions.v[i].outer;
	} else {
		d->rc = prof_vec_reserve(&d->t->mem, &d->regions, 1, d->e);
		if (d->rc)
			return false;
		i = (uint32_t)d->regions.n++;
	}
	d->regions.v[i] = r;
	gs->regions = i;
	return true;
}

/* Regions nest. One that began before the trace is not known; its end is all the same. */
static void pop_region(
	struct t1 *d, const struct t1_cursor *c, struct t1_goroutine *gs, struct t1_region r)
{
	uint32_t i = gs->regions;
	struct t1_region *open;

	if (i == PROF_NONE)
		return;
	open = &d->regions.v[i];
	if (open->task != r.task || open->name != r.name)
		t1_contradicts(d, c, "it is not the innermost region that ends", false);
	gs->regions = open->outer;
	open->outer = d->free_region;
	d->free_region = i;
}

uint32_t t1_region(struct t1 *d, struct t1_cursor *c)
{
	struct t1_region r = {.task = c->args[0], .name = t1_string(d, c->args[2], c->offset)};
	struct prof_trace_event *ev;

	if (refused(d, c, c->args[1] > 1, "neither begin nor end of a region") ||
		refused(d, c, c->g == PROF_NONE, "its proc runs no goroutine"))
		return PROF_NONE;
	if (c->args[1])
		pop_region(d, c, &d->goroutines.v[c->g], r);
	else if (!push_region(d, &d->goroutines.v[c->g], r))
		return PROF_NONE;
	ev = t1_emit_event(d, c);
	ev->kind = c->args[1] ? PROF_TRACE_REGION_END : PROF_TRACE_REGION_BEGIN;
	ev->subject = c->g;
	ev->name = r.name;
	t1_set_stack(d, ev, c, c->args[3]);
	return PROF_NONE;
}

uint32_t t1_log(struct t1 *d, struct t1_cursor *c)
{
	struct prof_trace_event *ev = t1_emit_event(d, c);

	ev->name = t1_string(d, c->args[1], c->offset);
	ev->text = c->text;
	t1_set_stack(d, ev, c, c->args[2]);
	return PROF_NONE;
}

int t1_add_reasons(struct t1 *d)
{
	static const char *const stops[64] = {
		[PROF_EV1_GO_STOP] = "forever",
		[PROF_EV1_GO_SCHED] = "runtime.Gosched",
		[PROF_EV1_GO_PREEMPT] = "preempted",
		[PROF_EV1_GO_SLEEP] = "sleep",
		[PROF_EV1_GO_BLOCK_SEND] = "chan send",
		[PROF_EV1_GO_BLOCK_RECV] = "chan receive",
		[PROF_EV1_GO_BLOCK_SELECT] = "select",
		[PROF_EV1_GO_BLOCK_SYNC] = "sync",
		[PROF_EV1_GO_BLOCK_COND] = "sync.(*Cond).Wait",
		[PROF_EV1_GO_BLOCK_NET] = "network",
		[PROF_EV1_GO_BLOCK_GC] = "GC mark assist wait for work",
	};
	/* go 1.21's numbers; those before had the first two of them. */
	static const char *const worlds[] = {"", "GC mark termination", "GC sweep termination",
		"write heap dump", "goroutine profile", "goroutine profile cleanup",
		"all goroutine stack trace", "read mem stats", "AllThreadsSyscall", "GOMAXPROCS",
		"start trace", "stop trace", "CountPagesInUse (test)", "ReadMetricsSlow (test)",
		"ReadMemStatsSlow (test)", "PageCachePagesLeaked (test)", "ResetDebugLog (test)"};
	int rc = 0;

	for (size_t i = 0; !rc && i < 64; i++)
		if (stops[i])
			rc = prof_trace_add_string(
				d->t, stops[i], strlen(stops[i]), &d->reasons[i], d->e);
	for (size_t i = 0; !rc && i < sizeof(worlds) / sizeof(worlds[0]); i++)
		rc = prof_trace_add_string(
			d->t, worlds[i], strlen(worlds[i]), &d->stw_reasons[i], d->e);
	return rc;
}
