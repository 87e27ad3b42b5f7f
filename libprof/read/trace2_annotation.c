/* Metrics, and what programs tell: tasks, regions, logs. */
#include "libprof/read/trace2_order.h"

enum t2_outcome t2_procs_change(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	struct prof_trace_event *ev;

	if (t2_needs_all(d, th))
		return T2_BROKEN;
	ev = t2_emit_event(d, c, th);
	ev->what = PROF_METRIC_PROCS;
	t2_set_stack(d, ev, c->args[1]);
	return T2_DONE;
}

enum t2_outcome t2_heap_metric(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	if (t2_needs_proc(d, th))
		return T2_BROKEN;
	t2_emit_event(d, c, th)->what = c->type == PROF_EV_HEAP_ALLOC ? PROF_METRIC_HEAP_BYTES
								      : PROF_METRIC_HEAP_GOAL;
	return T2_DONE;
}

enum t2_outcome t2_label(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	struct prof_trace_event *ev;

	if (t2_needs_all(d, th))
		return T2_BROKEN;
	ev = t2_emit_event(d, c, th);
	ev->subject = th->g;
	ev->name = t2_string(d, c->args[0]);
	return T2_DONE;
}

enum t2_outcome t2_log(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	struct prof_trace_event *ev;

	if (t2_needs_all(d, th))
		return T2_BROKEN;
	ev = t2_emit_event(d, c, th);
	ev->name = t2_string(d, c->args[1]);
	ev->text = t2_string(d, c->args[2]);
	t2_set_stack(d, ev, c->args[3]);
	return T2_DONE;
}

/* A list of free elements goes through what an element would point on to. */
static uint32_t new_task(struct t2 *d)
{
	uint32_t i = d->free_task;
	int rc;

	if (i != PROF_NONE) {
		d->free_task = d->tasks.v[i].name;
		return i;
	}
	rc = prof_vec_reserve(&d->t->mem, &d->tasks, 1, d->e);
	d->rc = d->rc ? d->rc : rc;
	return rc ? PROF_NONE : (uint32_t)d->tasks.n++;
}

enum t2_outcome t2_task_begin(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	struct prof_trace_event *ev;
	struct t2_task task = {.parent = c->args[1] ? c->args[1] : PROF_TRACE_NO_TASK};
	uint32_t i = prof_idmap_get(&d->task_of, c->args[0]);

	if (t2_refuse(d, i != PROF_NONE, "the task has begun already") || t2_needs_all(d, th))
		return T2_BROKEN;
	task.name = t2_string(d, c->args[2]);
	if (i == PROF_NONE) {
		i = new_task(d);
		if (i == PROF_NONE)
			return T2_BROKEN;
		d->rc = prof_idmap_add(&d->task_of, c->args[0], i, d->e);
		if (d->rc)
			return T2_BROKEN;
	}
	d->tasks.v[i] = task;
	ev = t2_emit_event(d, c, th);
	ev->name = task.name;
	ev->args[1] = task.parent;
	t2_set_stack(d, ev, c->args[3]);
	return T2_DONE;
}

enum t2_outcome t2_task_end(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	uint32_t i = prof_idmap_get(&d->task_of, c->args[0]);
	struct t2_task task = {.parent = PROF_TRACE_NO_TASK};
	struct prof_trace_event *ev;

	if (t2_needs_all(d, th))
		return T2_BROKEN;
	if (i != PROF_NONE) {
		task = d->tasks.v[i];
		prof_idmap_remove(&d->task_of, c->args[0]);
		d->tasks.v[i].name = d->free_task;
		d->free_task = i;
	}
	ev = t2_emit_event(d, c, th);
	ev->name = task.name;
	ev->args[1] = task.parent;
	t2_set_stack(d, ev, c->args[1]);
	return T2_DONE;
}

static struct prof_trace_event *emit_region(
	struct t2 *d, const struct t2_cursor *c, const struct t2_thread *th, uint32_t name)
{
	struct prof_trace_event *ev = t2_emit_event(d, c, th);

	ev->subject = th->g;
	ev->name = name;
	t2_set_stack(d, ev, c->args[2]);
	return ev;
}

enum t2_outcome t2_region_begin(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	uint32_t i = d->free_region, name;

	if (t2_needs_all(d, th))
		return T2_BROKEN;
	name = t2_string(d, c->args[1]);
	if (th->g != PROF_NONE) {
		if (i != PROF_NONE) {
			d->free_region = d->regions.v[i].outer;
		} else {
			d->rc = prof_vec_reserve(&d->t->mem, &d->regions, 1, d->e);
			if (d->rc)
				return T2_BROKEN;
			i = (uint32_t)d->regions.n++;
		}
		d->regions.v[i] = (struct t2_region){
			c->args[0], name, d->goroutines.v[th->g].regions};
		d->goroutines.v[th->g].regions = i;
	}
	emit_region(d, c, th, name);
	return T2_DONE;
}

/* Regions nest. One that began before the trace is not known; its end is all the same. */
enum t2_outcome t2_region_end(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	struct t2_goroutine *gs;
	struct t2_region *r;
	uint32_t name, i;

	if (t2_needs_all(d, th))
		return T2_BROKEN;
	name = t2_string(d, c->args[1]);
	gs = th->g == PROF_NONE ? NULL : &d->goroutines.v[th->g];
	if (gs && gs->regions != PROF_NONE) {
		i = gs->regions;
		r = &d->regions.v[i];
		if (t2_refuse(d, r->task != c->args[0] || r->name != name,
			    "it is not the innermost region that ends"))
			return T2_BROKEN;
		gs->regions = r->outer;
		r->outer = d->free_region;
		d->free_region = i;
	}
	emit_region(d, c, th, name);
	return T2_DONE;
}
