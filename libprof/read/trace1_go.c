/* Goroutines: events that change them, in the order found. Where what an event requires is not so,
 * as events before it are lost, it is made so by an event of its own (type 0: the file has none),
 * so that whoever follows states never sees one jump.
 */
#include "libprof/read/trace1_take.h"

/* Tells of a change. */
static struct prof_trace_event *change(
	struct t1 *d, const struct t1_cursor *c, uint32_t g, unsigned to)
{
	struct prof_trace_event *ev = t1_emit_event(d, c);
	struct t1_goroutine *gs = &d->goroutines.v[g];

	ev->subject = g;
	ev->from = gs->state;
	ev->to = (uint8_t)to;
	gs->state = (uint8_t)to;
	return ev;
}

static void become_slow(struct t1 *d, const struct t1_cursor *c, uint32_t g, unsigned state)
{
	struct t1_goroutine *gs = &d->goroutines.v[g];
	struct prof_trace_event *ev;

	if (gs->state == PROF_G_NOT_EXIST) {
		gs->state = PROF_G_UNDETERMINED;
		gs->doubtful = true;
	}
	ev = t1_emit(d, NULL, 0, t1_ns(d, c->ticks));
	ev->kind = PROF_TRACE_GOROUTINE;
	ev->subject = g;
	ev->from = gs->state;
	ev->to = (uint8_t)state;
	gs->state = (uint8_t)state;
	gs->exited = false;
}

/* Makes a goroutine's state the one that the event at hand goes from. */
static inline void become(struct t1 *d, const struct t1_cursor *c, uint32_t g, unsigned state)
{
	if (d->goroutines.v[g].state != state)
		become_slow(d, c, g, state);
}

/* Tracing begins with the creation of all goroutines that are there, each followed by what it waits
 * in, if it does. The others look as if they were created then, in Go's tools, too.
 */
void t1_tell_named(struct t1 *d)
{
	uint32_t g = d->named;
	struct prof_trace_event *ev = t1_emit(
		d, NULL, PROF_EV1_GO_CREATE, t1_ns(d, d->named_ticks));

	ev->args[0] = (uint64_t)d->t->goroutines.v[g];
	ev->subject = g;
	ev->from = PROF_G_NOT_EXIST;
	ev->to = d->goroutines.v[g].state = PROF_G_RUNNABLE;
	ev->subject_stack = d->named_stack;
	d->t->goroutine_count++;
	d->named = PROF_NONE;
}

static void tell_waiting(struct t1 *d, const struct t1_cursor *c, uint32_t g, unsigned state)
{
	struct prof_trace_event *ev = t1_emit_event(d, c);

	ev->subject = g;
	ev->from = PROF_G_UNDETERMINED;
	ev->to = d->goroutines.v[g].state = (uint8_t)state;
	ev->subject_stack = d->named_stack;
	d->t->goroutine_count++;
	d->named = PROF_NONE;
}

/* The goroutine that an event names. One that nothing led to counts when it is named again: a
 * flipped bit makes an id of its own.
 */
static uint32_t name(struct t1 *d, const struct t1_cursor *c)
{
	uint32_t g = t1_named(d, c);

	if (g != PROF_NONE && d->goroutines.v[g].doubtful) {
		d->goroutines.v[g].doubtful = false;
		d->t->goroutine_count++;
	}
	return g;
}

/* The procs do not run it. */
static void unbind(struct t1 *d, uint32_t g)
{
	struct t1_goroutine *gs = &d->goroutines.v[g];

	if (gs->on != PROF_NONE)
		d->cursors.v[gs->on].g = PROF_NONE;
	gs->on = PROF_NONE;
}

/* Where a goroutine starts: before go 1.7 the pc itself is there. Frames have the pc behind a call,
 * as all others.
 */
static uint32_t start_stack(struct t1 *d, const struct t1_cursor *c)
{
	struct prof_trace_frame frame = {.pc = c->args[1] + 1};
	uint32_t stack = 0;
	int rc;

	if (!d->old)
		return t1_stack(d, c->args[1], c->offset);
	rc = t1_name_frame(d, &frame);
	if (!rc)
		rc = prof_trace_add_stack(d->t, &frame, 1, &stack, d->e);
	d->rc = d->rc ? d->rc : rc;
	return stack;
}

uint32_t t1_go_create(struct t1 *d, struct t1_cursor *c)
{
	uint32_t g = name(d, c), stack = start_stack(d, c);
	struct prof_trace_event *ev;

	if (g == PROF_NONE)
		return g;
	if (d->goroutines.v[g].status != T1_DEAD) {
		become(d, c, g, PROF_G_NOT_EXIST);
		t1_end_goroutine(d, g);
		g = t1_goroutine_slot(d, c->args[0]);
		if (g == PROF_NONE)
			return g;
	}
	d->goroutines.v[g].status = T1_RUNNABLE;
	d->goroutines.v[g].seq = 1;
	if (!d->settled) {
		d->goroutines.v[g].before = true;
		d->named = g;
		d->named_stack = stack;
		d->named_ticks = c->ticks;
		return g;
	}
	d->t->goroutine_count += prof_idmap_get(&d->ended_ids, c->args[0]) == PROF_NONE;
	ev = change(d, c, g, PROF_G_RUNNABLE);
	ev->stack = t1_stack(d, c->args[2], c->offset);
	ev->subject_stack = stack;
	return g;
}

/* GoWaiting, GoInSyscall. */
uint32_t t1_go_status(struct t1 *d, struct t1_cursor *c)
{
	bool syscall = c->type == PROF_EV1_GO_IN_SYSCALL;
	unsigned to = syscall ? PROF_G_SYSCALL : PROF_G_WAITING;
	uint32_t g = name(d, c);
	struct t1_goroutine *gs;

	if (g == PROF_NONE)
		return g;
	gs = &d->goroutines.v[g];
	gs->status = T1_WAITING;
	gs->seq = 2;
	gs->syscall_stack = 0;
	gs->callback = syscall && d->settled;
	if (d->named == g)
		tell_waiting(d, c, g, to);
	else
		become(d, c, g, to);
	return g;
}

uint32_t t1_go_start(struct t1 *d, struct t1_cursor *c)
{
	uint32_t g = name(d, c);
	struct t1_goroutine *gs;
	struct prof_trace_event *ev;

	if (g == PROF_NONE)
		return g;
	if (c->g != PROF_NONE && c->g != g) {
		t1_contradicts(d, c, "its proc runs another goroutine", false);
		d->goroutines.v[c->g].status = T1_RUNNABLE;
		become(d, c, c->g, PROF_G_RUNNABLE);
		unbind(d, c->g);
	}
	unbind(d, g);
	c->g = PROF_NONE;
	gs = &d->goroutines.v[g];
	if (gs->callback && gs->status == T1_WAITING)
		t1_contradicts(d, c, "a callback from C begins untold", false);
	gs->seq = c->type == PROF_EV1_GO_START_LOCAL ? gs->seq + 1 : c->args[1] + 1;
	gs->status = T1_RUNNING;
	become(d, c, g, PROF_G_RUNNABLE);
	change(d, c, g, PROF_G_RUNNING);
	gs->on = (uint32_t)(c - d->cursors.v);
	c->g = g;
	if (c->type == PROF_EV1_GO_START_LABEL) {
		ev = t1_emit_event(d, c);
		ev->kind = PROF_TRACE_LABEL;
		ev->subject = g;
		ev->name = t1_string(d, c->args[2], c->offset);
	}
	return g;
}

/* The goroutine that runs on the proc; PROF_NONE: none does, and the event is left out. */
static uint32_t running(struct t1 *d, struct t1_cursor *c)
{
	if (c->g == PROF_NONE)
		t1_contradicts(d, c, "its proc runs no goroutine", true);
	else
		become(d, c, c->g, PROF_G_RUNNING);
	return c->g;
}

uint32_t t1_go_end(struct t1 *d, struct t1_cursor *c)
{
	uint32_t g = running(d, c);

	if (g == PROF_NONE)
		return g;
	change(d, c, g, PROF_G_NOT_EXIST);
	t1_end_goroutine(d, g);
	c->g = PROF_NONE;
	return g;
}

/* GoStop, GoSched, GoPreempt, GoSleep, GoBlock… */
uint32_t t1_go_stop(struct t1 *d, struct t1_cursor *c)
{
	bool goes_on = c->type == PROF_EV1_GO_SCHED || c->type == PROF_EV1_GO_PREEMPT;
	uint32_t g = running(d, c);
	struct prof_trace_event *ev;

	if (g == PROF_NONE)
		return g;
	d->goroutines.v[g].status = goes_on ? T1_RUNNABLE : T1_WAITING;
	d->goroutines.v[g].stopped_by = c->type;
	ev = change(d, c, g, goes_on ? PROF_G_RUNNABLE : PROF_G_WAITING);
	ev->name = d->reasons[c->type];
	t1_set_stack(d, ev, c, c->args[0]);
	unbind(d, g);
	c->g = PROF_NONE;
	return g;
}

/* It may block, or not: its end is told only in the first case. */
uint32_t t1_go_syscall(struct t1 *d, struct t1_cursor *c)
{
	uint32_t g = running(d, c);
	struct prof_trace_event *ev;

	if (g == PROF_NONE)
		return g;
	ev = change(d, c, g, PROF_G_RUNNING);
	t1_set_stack(d, ev, c, c->args[0]);
	d->goroutines.v[g].syscall_stack = ev->stack;
	d->goroutines.v[g].syscall_ticks = c->ticks;
	return PROF_NONE;
}

uint32_t t1_go_sysblock(struct t1 *d, struct t1_cursor *c)
{
	uint32_t g = running(d, c);
	struct t1_goroutine *gs;
	struct prof_trace_event *ev;

	if (g == PROF_NONE)
		return g;
	gs = &d->goroutines.v[g];
	gs->status = T1_WAITING;
	gs->exited = false;
	ev = change(d, c, g, PROF_G_SYSCALL);
	ev->stack = ev->subject_stack = gs->syscall_stack;
	ev->args[0] = (uint64_t)t1_ns(d, gs->syscall_ticks ? gs->syscall_ticks : c->ticks);
	gs->syscall_ticks = 0;
	unbind(d, g);
	c->g = PROF_NONE;
	return g;
}

void t1_take_exit(struct t1 *d, const struct t1_exit *x)
{
	uint32_t g = prof_idmap_get(&d->goroutine_of, x->g);
	uint64_t ticks = d->old ? x->other : (uint64_t)x->key;
	struct t1_goroutine *gs;
	struct prof_trace_event *ev;

	if (g == PROF_NONE)
		return;
	gs = &d->goroutines.v[g];
	if (gs->state != PROF_G_SYSCALL || gs->exited || (!d->old && gs->seq != x->other))
		return;
	ev = t1_emit(d, NULL, PROF_EV1_GO_SYSEXIT, t1_ns(d, ticks));
	ev->args[0] = x->g;
	ev->args[1] = d->old ? (uint64_t)x->key : x->other;
	ev->args[2] = ticks;
	ev->subject = g;
	ev->from = PROF_G_SYSCALL;
	ev->to = gs->state = PROF_G_RUNNABLE;
	gs->exited = true;
}

/* GoUnblock, GoSysExit, which stands where the goroutine runs again. */
uint32_t t1_go_wake(struct t1 *d, struct t1_cursor *c)
{
	bool syscall = c->type == PROF_EV1_GO_SYSEXIT || c->type == PROF_EV1_GO_SYSEXIT_LOCAL;
	bool here = c->type == PROF_EV1_GO_UNBLOCK_LOCAL || c->type == PROF_EV1_GO_SYSEXIT_LOCAL;
	uint32_t g = name(d, c);
	struct t1_goroutine *gs;
	struct prof_trace_event *ev;

	if (g == PROF_NONE)
		return g;
	unbind(d, g);
	gs = &d->goroutines.v[g];
	gs->status = T1_RUNNABLE;
	gs->seq = here ? gs->seq + 1 : c->args[1] + 1;
	if (syscall && gs->exited) {
		gs->exited = false;
		return g;
	}
	become(d, c, g, syscall ? PROF_G_SYSCALL : PROF_G_WAITING);
	ev = change(d, c, g, PROF_G_RUNNABLE);
	if (syscall)
		ev->p = ev->m = ev->g = PROF_NONE;
	else
		t1_set_stack(d, ev, c, c->args[here ? 1 : 2]);
	return g;
}

/* The last wake-up of the goroutine came to nothing: it blocks again. */
uint32_t t1_go_futile(struct t1 *d, struct t1_cursor *c)
{
	uint32_t g = running(d, c);

	if (g != PROF_NONE)
		change(d, c, g, PROF_G_RUNNING);
	return PROF_NONE;
}
