/* Goroutines. */
#include "libprof/read/trace2_order.h"

enum t2_outcome t2_go_create(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	unsigned to = c->type == PROF_EV_GO_CREATE ? PROF_G_RUNNABLE : PROF_G_WAITING;
	struct prof_trace_event *ev;
	uint32_t g;

	if (t2_needs_proc(d, th))
		return T2_BROKEN;
	if (t2_refuse(d, th->g != PROF_NONE && d->goroutines.v[th->g].state != PROF_G_RUNNING,
		    "what creates the goroutine does not run") ||
		t2_refuse(d, prof_idmap_get(&d->goroutine_of, c->args[0]) != PROF_NONE,
			"the goroutine is there already"))
		return T2_BROKEN;
	g = t2_goroutine_slot(d, c->args[0]);
	if (g == PROF_NONE)
		return T2_BROKEN;
	d->goroutines.v[g].state = (uint8_t)to;
	d->goroutines.v[g].seq = t2_seq_at(d, 0);
	ev = t2_emit_change(d, c, th, g, PROF_G_NOT_EXIST, to);
	ev->stack = t2_stack(d, c->args[2]);
	ev->subject_stack = t2_stack(d, c->args[1]);
	return T2_DONE;
}

enum t2_outcome t2_go_start(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	uint32_t g = prof_idmap_get(&d->goroutine_of, c->args[0]);
	struct t2_goroutine *gs = g == PROF_NONE ? NULL : &d->goroutines.v[g];

	if (!gs || gs->state != PROF_G_RUNNABLE || !t2_succeeds(d, gs->seq, c->args[1]))
		return T2_NOT_YET;
	if (t2_needs_proc(d, th) ||
		t2_refuse(d, th->g != PROF_NONE, "its thread runs another goroutine"))
		return T2_BROKEN;
	gs->state = PROF_G_RUNNING;
	gs->seq = t2_seq_at(d, c->args[1]);
	t2_emit_change(d, c, th, g, PROF_G_RUNNABLE, PROF_G_RUNNING);
	gs->m = c->m;
	th->g = g;
	return T2_DONE;
}

enum t2_outcome t2_go_unblock(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	uint32_t g = prof_idmap_get(&d->goroutine_of, c->args[0]);
	struct t2_goroutine *gs = g == PROF_NONE ? NULL : &d->goroutines.v[g];
	struct prof_trace_event *ev;

	if (!gs || gs->state != PROF_G_WAITING || !t2_succeeds(d, gs->seq, c->args[1]))
		return T2_NOT_YET;
	gs->state = PROF_G_RUNNABLE;
	gs->seq = t2_seq_at(d, c->args[1]);
	ev = t2_emit_change(d, c, th, g, PROF_G_WAITING, PROF_G_RUNNABLE);
	ev->stack = t2_stack(d, c->args[2]);
	return T2_DONE;
}

/* GoStop, GoBlock. */
enum t2_outcome t2_go_stop(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	unsigned to = c->type == PROF_EV_GO_STOP ? PROF_G_RUNNABLE : PROF_G_WAITING;
	struct t2_goroutine *gs;
	struct prof_trace_event *ev;

	if (t2_needs_all(d, th) || !(gs = t2_needs_goroutine(d, th, PROF_G_RUNNING)))
		return T2_BROKEN;
	gs->state = (uint8_t)to;
	ev = t2_emit_change(d, c, th, th->g, PROF_G_RUNNING, to);
	ev->name = t2_string(d, c->args[0]);
	t2_set_stack(d, ev, c->args[1]);
	th->g = PROF_NONE;
	return T2_DONE;
}

enum t2_outcome t2_go_destroy(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	if (t2_needs_all(d, th) || !t2_needs_goroutine(d, th, PROF_G_RUNNING))
		return T2_BROKEN;
	t2_emit_change(d, c, th, th->g, PROF_G_RUNNING, PROF_G_NOT_EXIST);
	t2_end_goroutine(d, th->g);
	th->g = PROF_NONE;
	return T2_DONE;
}

/* A coroutine switch is three events: the other goroutine is unblocked, this one blocks or ends,
 * the other one starts.
 */
enum t2_outcome t2_go_switch(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	bool ends = c->type == PROF_EV_GO_SWITCH_DESTROY;
	uint32_t g = prof_idmap_get(&d->goroutine_of, c->args[0]);
	struct t2_goroutine *self, *gs = g == PROF_NONE ? NULL : &d->goroutines.v[g];
	struct prof_trace_event *ev;

	if (t2_needs_all(d, th) || !(self = t2_needs_goroutine(d, th, PROF_G_RUNNING)))
		return T2_BROKEN;
	if (!gs || gs->state != PROF_G_WAITING || !t2_succeeds(d, gs->seq, c->args[1]))
		return T2_NOT_YET;
	t2_emit_change(d, c, th, g, PROF_G_WAITING, PROF_G_RUNNABLE);
	ev = t2_emit(d, ends ? PROF_EV_GO_DESTROY : PROF_EV_GO_BLOCK, c->time, c->m, th->p, th->g);
	ev->subject = th->g;
	ev->from = PROF_G_RUNNING;
	ev->to = ends ? PROF_G_NOT_EXIST : PROF_G_WAITING;
	if (ends)
		t2_end_goroutine(d, th->g);
	else
		self->state = PROF_G_WAITING;
	gs->state = PROF_G_RUNNING;
	gs->seq = t2_seq_at(d, c->args[1]);
	ev = t2_emit(d, PROF_EV_GO_START, c->time, c->m, th->p, PROF_NONE);
	memcpy(ev->args, c->args, sizeof(ev->args));
	ev->subject = g;
	ev->from = PROF_G_RUNNABLE;
	ev->to = PROF_G_RUNNING;
	gs->m = c->m;
	th->g = g;
	return T2_DONE;
}

enum t2_outcome t2_go_syscall_begin(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	struct t2_goroutine *gs;
	struct t2_proc *ps = NULL;

	if (t2_needs_all(d, th) || !(gs = t2_needs_goroutine(d, th, PROF_G_RUNNING)))
		return T2_BROKEN;
	if (th->p != PROF_NONE) {
		ps = &d->procs.v[th->p];
		if (t2_refuse(d, !t2_succeeds(d, ps->seq, c->args[0]),
			    "its proc's sequence number does not follow"))
			return T2_BROKEN;
		ps->status = T2_PROC_SYSCALL;
		ps->seq = t2_seq_at(d, c->args[0]);
	}
	gs->state = PROF_G_SYSCALL;
	t2_set_stack(
		d, t2_emit_change(d, c, th, th->g, PROF_G_RUNNING, PROF_G_SYSCALL), c->args[1]);
	return T2_DONE;
}

enum t2_outcome t2_go_syscall_end(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	struct t2_goroutine *gs;

	if (t2_needs_all(d, th) || !(gs = t2_needs_goroutine(d, th, PROF_G_SYSCALL)))
		return T2_BROKEN;
	if (th->p != PROF_NONE) {
		if (t2_refuse(d, d->procs.v[th->p].status != T2_PROC_SYSCALL,
			    "its proc is in no system call"))
			return T2_BROKEN;
		d->procs.v[th->p].status = T2_PROC_RUNNING;
	}
	gs->state = PROF_G_RUNNING;
	t2_emit_change(d, c, th, th->g, PROF_G_SYSCALL, PROF_G_RUNNING);
	return T2_DONE;
}

enum t2_outcome t2_go_syscall_end_blocked(
	struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	struct t2_goroutine *gs;

	/* It says that the proc was lost: by an event that must come first. */
	if (th->p != PROF_NONE && d->procs.v[th->p].status == T2_PROC_SYSCALL)
		return T2_NOT_YET;
	if (!(gs = t2_needs_goroutine(d, th, PROF_G_SYSCALL)))
		return T2_BROKEN;
	gs->state = PROF_G_RUNNABLE;
	t2_emit_change(d, c, th, th->g, PROF_G_SYSCALL, PROF_G_RUNNABLE);
	th->g = PROF_NONE;
	return T2_DONE;
}

/* A cgo callback gets a goroutine, which is "in a system call" from the start. */
enum t2_outcome t2_go_create_syscall(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	uint32_t g;

	if (t2_refuse(d, c->m == PROF_NONE, "it has no thread") ||
		t2_refuse(d, th->g != PROF_NONE, "its thread has a goroutine") ||
		t2_refuse(d, prof_idmap_get(&d->goroutine_of, c->args[0]) != PROF_NONE,
			"the goroutine is there already"))
		return T2_BROKEN;
	g = t2_goroutine_slot(d, c->args[0]);
	if (g == PROF_NONE)
		return T2_BROKEN;
	d->goroutines.v[g].state = PROF_G_SYSCALL;
	d->goroutines.v[g].seq = t2_seq_at(d, 0);
	d->goroutines.v[g].from_cgo = true;
	d->goroutines.v[g].m = c->m;
	t2_emit_change(d, c, th, g, PROF_G_NOT_EXIST, PROF_G_SYSCALL);
	th->g = g;
	return T2_DONE;
}

/* The callback is over. Its thread may go, too, and its id come again: the proc is left to whoever
 * takes it.
 */
enum t2_outcome t2_go_destroy_syscall(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	struct prof_trace_event *ev;

	if (!t2_needs_goroutine(d, th, PROF_G_SYSCALL))
		return T2_BROKEN;
	if (th->p != PROF_NONE) {
		if (t2_refuse(d, d->procs.v[th->p].status != T2_PROC_SYSCALL,
			    "its proc is in no system call"))
			return T2_BROKEN;
		d->procs.v[th->p].status = T2_PROC_ABANDONED;
		ev = t2_emit(d, PROF_EV_PROC_STEAL, c->time, c->m, th->p, th->g);
		ev->subject = th->p;
		ev->from = PROF_P_RUNNING;
		ev->to = PROF_P_IDLE;
		ev->args[0] = (uint64_t)d->t->procs.v[th->p];
	}
	t2_emit_change(d, c, th, th->g, PROF_G_SYSCALL, PROF_G_NOT_EXIST);
	t2_end_goroutine(d, th->g);
	th->g = th->p = PROF_NONE;
	return T2_DONE;
}

/* A thread has a goroutine, and no other has it: a status may say what contradicts what was before.
 */
static void bind(struct t2 *d, uint32_t g, uint32_t m)
{
	uint32_t before = d->goroutines.v[g].m;

	if (before != PROF_NONE && d->threads.v[before].g == g)
		d->threads.v[before].g = PROF_NONE;
	d->goroutines.v[g].m = m;
	d->threads.v[m].g = g;
}

/* In a system call on another thread, which may have had no event yet. */
static enum t2_outcome status_elsewhere(
	struct t2 *d, uint32_t g, uint64_t thread, uint32_t *m, uint32_t *context)
{
	uint32_t slot = t2_thread_slot(d, thread);
	struct t2_thread *other;

	if (slot == PROF_NONE)
		return T2_BROKEN;
	other = &d->threads.v[slot];
	if (t2_refuse(d, other->seen && other->g != g, "its thread has another goroutine"))
		return T2_BROKEN;
	*m = slot;
	*context = other->seen ? g : *context;
	bind(d, g, slot);
	other->seen = true;
	return T2_DONE;
}

enum t2_outcome t2_go_status(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	static const uint8_t states[] = {PROF_G_UNDETERMINED, PROF_G_RUNNABLE, PROF_G_RUNNING,
		PROF_G_SYSCALL, PROF_G_WAITING};
	uint32_t g = prof_idmap_get(&d->goroutine_of, c->args[0]), m = c->m, context = th->g;
	bool known = g != PROF_NONE && d->goroutines.v[g].state != PROF_G_UNDETERMINED;
	bool here = c->m != PROF_NONE && d->t->threads.v[c->m] == (int64_t)c->args[1];
	struct prof_trace_event *ev;
	unsigned to, from;

	if (!c->args[2] || c->args[2] >= sizeof(states)) {
		d->why = "no such state";
		return T2_BROKEN;
	}
	to = states[c->args[2]];
	if (t2_refuse(d, known ? d->goroutines.v[g].state != to : !d->first,
		    known ? "the goroutine is in another state" : "the goroutine is not known") ||
		t2_refuse(d, to == PROF_G_SYSCALL && c->args[1] == T2_NO_THREAD,
			"in a system call without a thread") ||
		t2_refuse(d, to == PROF_G_SYSCALL && here && !d->first && th->g != g,
			"its thread has another goroutine"))
		return T2_BROKEN;
	if (!known)
		g = t2_goroutine_slot(d, c->args[0]);
	if (g == PROF_NONE)
		return T2_BROKEN;
	from = known ? d->goroutines.v[g].state : PROF_G_UNDETERMINED;
	if (to == PROF_G_SYSCALL && !here && c->args[1] != T2_NO_THREAD &&
		status_elsewhere(d, g, c->args[1], &m, &context) != T2_DONE)
		return T2_BROKEN;
	if (c->m != PROF_NONE)
		th = &d->threads.v[c->m]; /* they may have moved */
	d->goroutines.v[g].state = (uint8_t)to;
	d->goroutines.v[g].seq = t2_seq_at(d, 0);
	ev = t2_emit_change(d, c, th, g, from, to);
	ev->m = m;
	ev->g = context;
	if (c->type == PROF_EV_GO_STATUS_STACK)
		t2_set_stack(d, ev, c->args[3]);
	if (c->m != PROF_NONE && (to == PROF_G_RUNNING || (to == PROF_G_SYSCALL && here)))
		bind(d, g, c->m);
	return T2_DONE;
}
