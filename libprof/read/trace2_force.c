/* What an event requires and is not known is made true, each change by an event of its own (type 0:
 * the file has none), so that whoever follows states never sees one jump.
 */
#include <stdio.h>

#include "libprof/read/trace2_order.h"

/* A goroutine goes to a state, off the thread that runs it. */
static void set_goroutine(struct t2 *d, const struct t2_cursor *c, uint32_t g, unsigned to)
{
	struct t2_goroutine *gs = &d->goroutines.v[g];
	struct prof_trace_event *ev;

	if (gs->state == to)
		return;
	ev = t2_emit(d, 0, c->time, c->m, PROF_NONE, PROF_NONE);
	ev->kind = PROF_TRACE_GOROUTINE;
	ev->subject = g;
	ev->from = gs->state;
	ev->to = (uint8_t)to;
	gs->state = (uint8_t)to;
	if (to == PROF_G_NOT_EXIST)
		t2_end_goroutine(d, g);
}

static void set_proc(struct t2 *d, const struct t2_cursor *c, uint32_t p, enum t2_proc_status to)
{
	static const uint8_t states[] = {
		PROF_P_UNDETERMINED, PROF_P_RUNNING, PROF_P_IDLE, PROF_P_RUNNING, PROF_P_IDLE};
	struct t2_proc *ps = &d->procs.v[p];
	struct prof_trace_event *ev;

	if (states[ps->status] != states[to]) {
		ev = t2_emit(d, 0, c->time, c->m, PROF_NONE, PROF_NONE);
		ev->kind = PROF_TRACE_PROC;
		ev->subject = p;
		ev->from = states[ps->status];
		ev->to = states[to];
	}
	ps->status = (uint8_t)to;
}

/* No thread has the goroutine, or the proc, any longer. Bindings are looked for only here: many
 * threads at once in a damaged trace cost what d->tries allows.
 */
static void unbind(struct t2 *d, uint32_t g, uint32_t p)
{
	for (size_t i = 0; i < d->threads.n; i++) {
		if (g != PROF_NONE && d->threads.v[i].g == g)
			d->threads.v[i].g = PROF_NONE;
		if (p != PROF_NONE && d->threads.v[i].p == p)
			d->threads.v[i].p = PROF_NONE;
	}
	d->tries -= d->tries < d->threads.n ? d->tries : d->threads.n;
}

/* The goroutine that an event names, in the state and at the step before it. */
static void prepare_named(struct t2 *d, const struct t2_cursor *c, unsigned state)
{
	uint32_t g = t2_goroutine_slot(d, c->args[0]);

	if (g == PROF_NONE)
		return;
	if (d->goroutines.v[g].state == PROF_G_RUNNING ||
		d->goroutines.v[g].state == PROF_G_SYSCALL)
		unbind(d, g, PROF_NONE);
	set_goroutine(d, c, g, state);
	d->goroutines.v[g].seq = t2_seq_at(d, c->args[1] - 1);
}

/* The thread's own goroutine, in a state. */
static void prepare_own(struct t2 *d, const struct t2_cursor *c, unsigned state)
{
	uint32_t g = c->m == PROF_NONE ? PROF_NONE : d->threads.v[c->m].g;

	if (g != PROF_NONE && d->goroutines.v[g].state == PROF_G_NOT_EXIST)
		d->threads.v[c->m].g = PROF_NONE;
	else if (g != PROF_NONE)
		set_goroutine(d, c, g, state);
}

/* The thread has no goroutine: the one that it has has stopped in an event that is lost. */
static void release_own(struct t2 *d, const struct t2_cursor *c)
{
	prepare_own(d, c, PROF_G_RUNNABLE);
	if (c->m != PROF_NONE)
		d->threads.v[c->m].g = PROF_NONE;
}

static void release_own_proc(struct t2 *d, const struct t2_cursor *c)
{
	uint32_t p = c->m == PROF_NONE ? PROF_NONE : d->threads.v[c->m].p;

	if (p == PROF_NONE)
		return;
	set_proc(d, c, p, T2_PROC_IDLE);
	d->threads.v[c->m].p = PROF_NONE;
}

static void prepare_proc(struct t2 *d, const struct t2_cursor *c, enum t2_proc_status status)
{
	uint32_t p = t2_proc_slot(d, c->args[0]);

	if (p == PROF_NONE)
		return;
	unbind(d, PROF_NONE, p);
	set_proc(d, c, p, status);
	d->procs.v[p].seq = t2_seq_at(d, c->args[1] - 1);
}

/* A goroutine that is to be created ends first where it is there. */
static void end_named(struct t2 *d, const struct t2_cursor *c)
{
	uint32_t g = prof_idmap_get(&d->goroutine_of, c->args[0]);

	if (g == PROF_NONE)
		return;
	unbind(d, g, PROF_NONE);
	set_goroutine(d, c, g, PROF_G_NOT_EXIST);
}

static void prepare_status(struct t2 *d, const struct t2_cursor *c)
{
	uint32_t g = prof_idmap_get(&d->goroutine_of, c->args[0]);

	if (g != PROF_NONE && d->goroutines.v[g].state != PROF_G_UNDETERMINED) {
		unbind(d, g, PROF_NONE);
		set_goroutine(d, c, g, PROF_G_UNDETERMINED);
	}
}

static void prepare(struct t2 *d, const struct t2_cursor *c)
{
	switch (c->type) {
	case PROF_EV_GO_START:
		prepare_named(d, c, PROF_G_RUNNABLE);
		release_own(d, c);
		break;
	case PROF_EV_GO_UNBLOCK:
		prepare_named(d, c, PROF_G_WAITING);
		break;
	case PROF_EV_GO_SWITCH:
	case PROF_EV_GO_SWITCH_DESTROY:
		prepare_own(d, c, PROF_G_RUNNING);
		prepare_named(d, c, PROF_G_WAITING);
		break;
	case PROF_EV_GO_CREATE:
	case PROF_EV_GO_CREATE_BLOCKED:
		end_named(d, c);
		prepare_own(d, c, PROF_G_RUNNING);
		break;
	case PROF_EV_GO_CREATE_SYSCALL:
		end_named(d, c);
		release_own(d, c);
		break;
	case PROF_EV_GO_STOP:
	case PROF_EV_GO_BLOCK:
	case PROF_EV_GO_DESTROY:
	case PROF_EV_GO_SYSCALL_BEGIN:
		prepare_own(d, c, PROF_G_RUNNING);
		break;
	case PROF_EV_GO_SYSCALL_END:
	case PROF_EV_GO_DESTROY_SYSCALL:
		prepare_own(d, c, PROF_G_SYSCALL);
		break;
	case PROF_EV_GO_SYSCALL_END_BLOCKED:
		prepare_own(d, c, PROF_G_SYSCALL);
		release_own_proc(d, c);
		break;
	case PROF_EV_GO_STATUS:
	case PROF_EV_GO_STATUS_STACK:
		prepare_status(d, c);
		break;
	case PROF_EV_PROC_START:
		release_own_proc(d, c);
		prepare_proc(d, c, T2_PROC_IDLE);
		break;
	case PROF_EV_PROC_STEAL:
		prepare_proc(d, c, T2_PROC_SYSCALL);
		break;
	case PROF_EV_GC_ACTIVE:
	case PROF_EV_GC_BEGIN:
	case PROF_EV_GC_END:
		d->gc_seq = c->args[0] - 1;
		break;
	default:
		break;
	}
}

void t2_force(struct t2 *d, const struct t2_cursor *c)
{
	const char *why = d->why ? d->why : "no order of events makes it possible";
	bool taken;

	d->force = true;
	prepare(d, c);
	taken = !d->rc && t2_advance(d, c) == T2_DONE;
	d->force = false;
	if (!d->forced++) {
		d->forced_offset = d->batches.v[c->batch].offset +
				   (c->at - d->batches.v[c->batch].p);
		snprintf(d->forced_first, sizeof(d->forced_first), "%s: %s",
			prof_wire2[c->type].name, why);
	}
	d->dropped += !taken;
}
