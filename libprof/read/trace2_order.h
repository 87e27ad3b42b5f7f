/* Putting events in order (trace2_impl.h): what the handlers of event types share.
 *
 * The rules are those of Go's scheduler: a goroutine that starts was runnable, the world that is
 * started was stopped. An event whose rule is not true yet waits for those of other threads; how
 * often a goroutine was started or unblocked and a proc was taken is counted in the events (seq),
 * so that it cannot be taken too early whatever the clocks say.
 */
#ifndef PROF_READ_TRACE2_ORDER_H
#define PROF_READ_TRACE2_ORDER_H

#include "libprof/read/trace2_impl.h"

/* What takes events of a type. */
typedef enum t2_outcome t2_handler(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th);

t2_handler t2_go_create, t2_go_start, t2_go_unblock, t2_go_stop, t2_go_destroy, t2_go_switch,
	t2_go_syscall_begin, t2_go_syscall_end, t2_go_syscall_end_blocked, t2_go_create_syscall,
	t2_go_destroy_syscall, t2_go_status;
t2_handler t2_proc_start, t2_proc_stop, t2_proc_steal, t2_proc_status;
t2_handler t2_gc_active, t2_gc_begin, t2_gc_end, t2_sweep_active, t2_sweep_begin, t2_sweep_end,
	t2_assist_active, t2_assist_begin, t2_assist_end, t2_stw_begin, t2_stw_end;
t2_handler t2_procs_change, t2_heap_metric, t2_label, t2_task_begin, t2_task_end, t2_region_begin,
	t2_region_end, t2_log, t2_experiment;

/* Whether a condition that no other thread's event can change stops the event at hand. */
static inline bool t2_refuse(struct t2 *d, bool bad, const char *why)
{
	if (!bad || d->force)
		return false;
	d->why = why;
	return true;
}

static inline bool t2_needs_proc(struct t2 *d, const struct t2_thread *th)
{
	return t2_refuse(d, th->p == PROF_NONE, "its thread has no proc");
}

/* That a goroutine runs user code. */
static inline bool t2_needs_all(struct t2 *d, const struct t2_thread *th)
{
	return t2_refuse(d, th->p == PROF_NONE || th->g == PROF_NONE,
		"its thread has no proc or no goroutine");
}

/* Its goroutine, in a state; NULL: not. */
static inline struct t2_goroutine *t2_needs_goroutine(
	struct t2 *d, const struct t2_thread *th, enum prof_goroutine_state state)
{
	if (th->g != PROF_NONE && d->goroutines.v[th->g].state == state)
		return &d->goroutines.v[th->g];
	d->why = th->g == PROF_NONE ? "its thread has no goroutine"
				    : "its goroutine is in another state";
	return NULL;
}

static inline struct t2_seq t2_seq_at(const struct t2 *d, uint64_t n)
{
	return (struct t2_seq){n, d->generation};
}

static inline bool t2_succeeds(const struct t2 *d, struct t2_seq last, uint64_t n)
{
	return last.generation == d->generation && n == last.n + 1;
}

/* An event of a thread with its context before it. */
static inline struct prof_trace_event *t2_emit_event(
	struct t2 *d, const struct t2_cursor *c, const struct t2_thread *th)
{
	struct prof_trace_event *ev = t2_emit(d, c->type, c->time, c->m, th->p, th->g);

	memcpy(ev->args, c->args, sizeof(ev->args));
	return ev;
}

static inline struct prof_trace_event *t2_emit_change(struct t2 *d, const struct t2_cursor *c,
	const struct t2_thread *th, uint32_t subject, unsigned from, unsigned to)
{
	struct prof_trace_event *ev = t2_emit_event(d, c, th);

	ev->subject = subject;
	ev->from = (uint8_t)from;
	ev->to = (uint8_t)to;
	return ev;
}

static inline void t2_set_stack(struct t2 *d, struct prof_trace_event *ev, uint64_t id)
{
	ev->stack = ev->subject_stack = t2_stack(d, id);
}

#endif
