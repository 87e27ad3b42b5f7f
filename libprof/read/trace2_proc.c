/* Procs, the phases of GC, and what programs tell. */
#include "libprof/read/trace2_order.h"

/* What a proc's status is in events: in a system call it still counts as running, and one that
 * was left behind in a system call as idle.
 */
static unsigned proc_state(unsigned status)
{
	return status == T2_PROC_LOST                                   ? PROF_P_UNDETERMINED
	       : status == T2_PROC_RUNNING || status == T2_PROC_SYSCALL ? PROF_P_RUNNING
									: PROF_P_IDLE;
}

static void bind_proc(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th, uint32_t p)
{
	th->p = p;
	d->procs.v[p].m = c->m;
}

enum t2_outcome t2_proc_start(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	uint32_t p = prof_idmap_get(&d->proc_of, c->args[0]);
	struct t2_proc *ps = p == PROF_NONE ? NULL : &d->procs.v[p];

	if (!ps || ps->status != T2_PROC_IDLE || !t2_succeeds(d, ps->seq, c->args[1]) ||
		th->p != PROF_NONE)
		return T2_NOT_YET;
	if (t2_refuse(d, c->m == PROF_NONE, "it has no thread"))
		return T2_BROKEN;
	ps->status = T2_PROC_RUNNING;
	ps->seq = t2_seq_at(d, c->args[1]);
	t2_emit_change(d, c, th, p, PROF_P_IDLE, PROF_P_RUNNING);
	bind_proc(d, c, th, p);
	return T2_DONE;
}

enum t2_outcome t2_proc_stop(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	struct t2_proc *ps = th->p == PROF_NONE ? NULL : &d->procs.v[th->p];

	if (!ps || (ps->status != T2_PROC_RUNNING && ps->status != T2_PROC_SYSCALL)) {
		d->why = ps ? "its proc does not run" : "its thread has no proc";
		return T2_BROKEN;
	}
	ps->status = T2_PROC_IDLE;
	t2_emit_change(d, c, th, th->p, PROF_P_RUNNING, PROF_P_IDLE);
	th->p = PROF_NONE;
	return T2_DONE;
}

enum t2_outcome t2_proc_steal(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	uint32_t p = prof_idmap_get(&d->proc_of, c->args[0]), from;
	struct t2_proc *ps = p == PROF_NONE ? NULL : &d->procs.v[p];
	bool abandoned;

	if (!ps || (ps->status != T2_PROC_SYSCALL && ps->status != T2_PROC_ABANDONED) ||
		!t2_succeeds(d, ps->seq, c->args[1]))
		return T2_NOT_YET;
	abandoned = ps->status == T2_PROC_ABANDONED;
	from = prof_idmap_get(&d->thread_of, c->args[2]);
	if (t2_refuse(d, c->m == PROF_NONE, "it has no thread") ||
		t2_refuse(d, !abandoned && (from == PROF_NONE || d->threads.v[from].p != p),
			"the thread it is taken from does not have the proc"))
		return T2_BROKEN;
	ps->status = T2_PROC_IDLE;
	ps->seq = t2_seq_at(d, c->args[1]);
	t2_emit_change(d, c, th, p, abandoned ? PROF_P_IDLE : PROF_P_RUNNING, PROF_P_IDLE);
	if (!abandoned && from != PROF_NONE && d->threads.v[from].p == p)
		d->threads.v[from].p = PROF_NONE;
	return T2_DONE;
}

enum t2_outcome t2_proc_status(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	unsigned status = c->args[1] > T2_PROC_ABANDONED ? 0 : (unsigned)c->args[1], from;
	uint32_t p = t2_proc_slot(d, c->args[0]);
	struct t2_thread context = *th;
	uint32_t m = c->m;
	struct prof_trace_event *ev;
	struct t2_proc *ps;
	bool known;

	if (!status)
		d->why = "no such status";
	if (!status || p == PROF_NONE)
		return T2_BROKEN;
	ps = &d->procs.v[p];
	known = ps->status != T2_PROC_LOST;
	from = known ? proc_state(ps->status) : d->first ? PROF_P_UNDETERMINED : PROF_P_NOT_EXIST;
	if (known && status == T2_PROC_ABANDONED && ps->status == T2_PROC_SYSCALL) {
		/* About to be stolen: told by another thread than the one that it is bound to. */
		m = ps->m;
		if (t2_refuse(d, m == PROF_NONE || d->threads.v[m].p != p,
			    "a proc about to be stolen belongs to no thread"))
			return T2_BROKEN;
		context = m == PROF_NONE ? context : d->threads.v[m];
		context.p = p;
		from = PROF_P_RUNNING;
		status = T2_PROC_SYSCALL;
	} else {
		if (t2_refuse(d, known && ps->status != status, "the proc has another status"))
			return T2_BROKEN;
	}
	ps->status = (uint8_t)status;
	ps->seq = t2_seq_at(d, 0);
	ev = t2_emit_change(d, c, &context, p, from, proc_state(status));
	ev->m = m;
	if (c->args[1] == T2_PROC_RUNNING || c->args[1] == T2_PROC_SYSCALL)
		bind_proc(d, c, th, p);
	return T2_DONE;
}

/* Ranges. */

static struct prof_trace_event *emit_range(struct t2 *d, const struct t2_cursor *c,
	struct t2_thread *th, enum prof_trace_range what, uint32_t subject)
{
	struct prof_trace_event *ev = t2_emit_event(d, c, th);

	ev->what = what;
	ev->subject = subject;
	return ev;
}

/* Begins and ends of GC are counted over all generations. */
enum t2_outcome t2_gc_active(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	if (d->first ? t2_refuse(d, d->gc != T2_GC_UNKNOWN, "GC was seen before") : false)
		return T2_BROKEN;
	if (!d->first && c->args[0] != d->gc_seq + 1)
		return T2_NOT_YET;
	if (!d->first &&
		(t2_refuse(d, d->gc != T2_GC_ON, "GC does not run") || t2_needs_all(d, th)))
		return T2_BROKEN;
	d->gc = T2_GC_ON;
	d->gc_seq = c->args[0];
	emit_range(d, c, th, PROF_RANGE_GC_MARK, PROF_TRACE_NONE);
	return T2_DONE;
}

enum t2_outcome t2_gc_begin(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	if (d->gc != T2_GC_UNKNOWN) {
		if (c->args[0] != d->gc_seq + 1)
			return T2_NOT_YET;
		if (t2_refuse(d, d->gc == T2_GC_ON, "GC runs already") || t2_needs_all(d, th))
			return T2_BROKEN;
	}
	d->gc = T2_GC_ON;
	d->gc_seq = c->args[0];
	t2_set_stack(d, emit_range(d, c, th, PROF_RANGE_GC_MARK, PROF_TRACE_NONE), c->args[1]);
	return T2_DONE;
}

enum t2_outcome t2_gc_end(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	if (c->args[0] != d->gc_seq + 1)
		return T2_NOT_YET;
	if (t2_refuse(d, d->gc != T2_GC_ON, "GC does not run") || t2_needs_all(d, th))
		return T2_BROKEN;
	d->gc = T2_GC_OFF;
	d->gc_seq = c->args[0];
	emit_range(d, c, th, PROF_RANGE_GC_MARK, PROF_TRACE_NONE);
	return T2_DONE;
}

/* Sweeps are on procs. */
enum t2_outcome t2_sweep_active(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	uint32_t p = prof_idmap_get(&d->proc_of, c->args[0]);

	if (p == PROF_NONE) {
		d->why = "the proc is not known";
		return T2_BROKEN;
	}
	if (t2_refuse(d, d->procs.v[p].sweep == d->first, "the sweep contradicts what was before"))
		return T2_BROKEN;
	d->procs.v[p].sweep = true;
	emit_range(d, c, th, PROF_RANGE_GC_SWEEP, p);
	return T2_DONE;
}

static enum t2_outcome sweep(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th,
	bool begins, struct prof_trace_event **ev)
{
	if (t2_needs_proc(d, th))
		return T2_BROKEN;
	if (th->p != PROF_NONE) {
		if (t2_refuse(d, d->procs.v[th->p].sweep == begins,
			    begins ? "its proc sweeps already" : "its proc does not sweep"))
			return T2_BROKEN;
		d->procs.v[th->p].sweep = begins;
	}
	*ev = emit_range(d, c, th, PROF_RANGE_GC_SWEEP, th->p);
	return T2_DONE;
}

enum t2_outcome t2_sweep_begin(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	struct prof_trace_event *ev;

	if (sweep(d, c, th, true, &ev) != T2_DONE)
		return T2_BROKEN;
	t2_set_stack(d, ev, c->args[0]);
	return T2_DONE;
}

enum t2_outcome t2_sweep_end(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	struct prof_trace_event *ev;

	return sweep(d, c, th, false, &ev);
}

/* Mark assists and stopping the world are on goroutines. */
enum t2_outcome t2_assist_active(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	uint32_t g = prof_idmap_get(&d->goroutine_of, c->args[0]);

	if (g == PROF_NONE || d->goroutines.v[g].state == PROF_G_UNDETERMINED) {
		d->why = "the goroutine is not known";
		return T2_BROKEN;
	}
	if (t2_refuse(d, d->goroutines.v[g].assist == d->first,
		    "the assist contradicts what was before"))
		return T2_BROKEN;
	d->goroutines.v[g].assist = true;
	emit_range(d, c, th, PROF_RANGE_GC_ASSIST, g);
	return T2_DONE;
}

static enum t2_outcome assist(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th,
	bool begins, struct prof_trace_event **ev)
{
	if (t2_needs_all(d, th))
		return T2_BROKEN;
	if (th->g != PROF_NONE) {
		if (t2_refuse(d, d->goroutines.v[th->g].assist == begins,
			    begins ? "its goroutine assists already"
				   : "its goroutine does not assist"))
			return T2_BROKEN;
		d->goroutines.v[th->g].assist = begins;
	}
	*ev = emit_range(d, c, th, PROF_RANGE_GC_ASSIST, th->g);
	return T2_DONE;
}

enum t2_outcome t2_assist_begin(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	struct prof_trace_event *ev;

	if (assist(d, c, th, true, &ev) != T2_DONE)
		return T2_BROKEN;
	t2_set_stack(d, ev, c->args[0]);
	return T2_DONE;
}

enum t2_outcome t2_assist_end(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	struct prof_trace_event *ev;

	return assist(d, c, th, false, &ev);
}

enum t2_outcome t2_stw_begin(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	struct prof_trace_event *ev;
	uint32_t reason;

	if (t2_needs_all(d, th) ||
		t2_refuse(d, th->g != PROF_NONE && d->goroutines.v[th->g].stw != PROF_NONE,
			"its goroutine has stopped the world already"))
		return T2_BROKEN;
	reason = t2_string(d, c->args[0]);
	if (th->g != PROF_NONE)
		d->goroutines.v[th->g].stw = reason;
	ev = emit_range(d, c, th, PROF_RANGE_STW, th->g);
	ev->name = reason;
	t2_set_stack(d, ev, c->args[1]);
	return T2_DONE;
}

enum t2_outcome t2_stw_end(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	struct t2_goroutine *gs = th->g == PROF_NONE ? NULL : &d->goroutines.v[th->g];

	if (!gs || gs->stw == PROF_NONE) {
		d->why = "its goroutine has not stopped the world";
		return T2_BROKEN;
	}
	emit_range(d, c, th, PROF_RANGE_STW, th->g)->name = gs->stw;
	gs->stw = PROF_NONE;
	return T2_DONE;
}
