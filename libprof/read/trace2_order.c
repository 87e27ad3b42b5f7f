#include "libprof/read/trace2_order.h"

static t2_handler *const handlers[PROF_EV_END] = {
	[PROF_EV_PROCS_CHANGE] = t2_procs_change,
	[PROF_EV_PROC_START] = t2_proc_start,
	[PROF_EV_PROC_STOP] = t2_proc_stop,
	[PROF_EV_PROC_STEAL] = t2_proc_steal,
	[PROF_EV_PROC_STATUS] = t2_proc_status,
	[PROF_EV_GO_CREATE] = t2_go_create,
	[PROF_EV_GO_CREATE_SYSCALL] = t2_go_create_syscall,
	[PROF_EV_GO_START] = t2_go_start,
	[PROF_EV_GO_DESTROY] = t2_go_destroy,
	[PROF_EV_GO_DESTROY_SYSCALL] = t2_go_destroy_syscall,
	[PROF_EV_GO_STOP] = t2_go_stop,
	[PROF_EV_GO_BLOCK] = t2_go_stop,
	[PROF_EV_GO_UNBLOCK] = t2_go_unblock,
	[PROF_EV_GO_SYSCALL_BEGIN] = t2_go_syscall_begin,
	[PROF_EV_GO_SYSCALL_END] = t2_go_syscall_end,
	[PROF_EV_GO_SYSCALL_END_BLOCKED] = t2_go_syscall_end_blocked,
	[PROF_EV_GO_STATUS] = t2_go_status,
	[PROF_EV_STW_BEGIN] = t2_stw_begin,
	[PROF_EV_STW_END] = t2_stw_end,
	[PROF_EV_GC_ACTIVE] = t2_gc_active,
	[PROF_EV_GC_BEGIN] = t2_gc_begin,
	[PROF_EV_GC_END] = t2_gc_end,
	[PROF_EV_GC_SWEEP_ACTIVE] = t2_sweep_active,
	[PROF_EV_GC_SWEEP_BEGIN] = t2_sweep_begin,
	[PROF_EV_GC_SWEEP_END] = t2_sweep_end,
	[PROF_EV_GC_ASSIST_ACTIVE] = t2_assist_active,
	[PROF_EV_GC_ASSIST_BEGIN] = t2_assist_begin,
	[PROF_EV_GC_ASSIST_END] = t2_assist_end,
	[PROF_EV_HEAP_ALLOC] = t2_heap_metric,
	[PROF_EV_HEAP_GOAL] = t2_heap_metric,
	[PROF_EV_GO_LABEL] = t2_label,
	[PROF_EV_TASK_BEGIN] = t2_task_begin,
	[PROF_EV_TASK_END] = t2_task_end,
	[PROF_EV_REGION_BEGIN] = t2_region_begin,
	[PROF_EV_REGION_END] = t2_region_end,
	[PROF_EV_LOG] = t2_log,
	[PROF_EV_GO_SWITCH] = t2_go_switch,
	[PROF_EV_GO_SWITCH_DESTROY] = t2_go_switch,
	[PROF_EV_GO_CREATE_BLOCKED] = t2_go_create,
	[PROF_EV_GO_STATUS_STACK] = t2_go_status,
	[PROF_EV_SPAN] = t2_experiment,
	[PROF_EV_SPAN_ALLOC] = t2_experiment,
	[PROF_EV_SPAN_FREE] = t2_experiment,
	[PROF_EV_HEAP_OBJECT] = t2_experiment,
	[PROF_EV_HEAP_OBJECT_ALLOC] = t2_experiment,
	[PROF_EV_HEAP_OBJECT_FREE] = t2_experiment,
	[PROF_EV_GOROUTINE_STACK] = t2_experiment,
	[PROF_EV_GOROUTINE_STACK_ALLOC] = t2_experiment,
	[PROF_EV_GOROUTINE_STACK_FREE] = t2_experiment,
};

const uint8_t t2_n_args[PROF_TRACE_WIRE_TYPES] = {
	[PROF_EV_PROCS_CHANGE] = 3,
	[PROF_EV_PROC_START] = 3,
	[PROF_EV_PROC_STOP] = 1,
	[PROF_EV_PROC_STEAL] = 4,
	[PROF_EV_PROC_STATUS] = 3,
	[PROF_EV_GO_CREATE] = 4,
	[PROF_EV_GO_CREATE_SYSCALL] = 2,
	[PROF_EV_GO_START] = 3,
	[PROF_EV_GO_DESTROY] = 1,
	[PROF_EV_GO_DESTROY_SYSCALL] = 1,
	[PROF_EV_GO_STOP] = 3,
	[PROF_EV_GO_BLOCK] = 3,
	[PROF_EV_GO_UNBLOCK] = 4,
	[PROF_EV_GO_SYSCALL_BEGIN] = 3,
	[PROF_EV_GO_SYSCALL_END] = 1,
	[PROF_EV_GO_SYSCALL_END_BLOCKED] = 1,
	[PROF_EV_GO_STATUS] = 4,
	[PROF_EV_STW_BEGIN] = 3,
	[PROF_EV_STW_END] = 1,
	[PROF_EV_GC_ACTIVE] = 2,
	[PROF_EV_GC_BEGIN] = 3,
	[PROF_EV_GC_END] = 2,
	[PROF_EV_GC_SWEEP_ACTIVE] = 2,
	[PROF_EV_GC_SWEEP_BEGIN] = 2,
	[PROF_EV_GC_SWEEP_END] = 3,
	[PROF_EV_GC_ASSIST_ACTIVE] = 2,
	[PROF_EV_GC_ASSIST_BEGIN] = 2,
	[PROF_EV_GC_ASSIST_END] = 1,
	[PROF_EV_HEAP_ALLOC] = 2,
	[PROF_EV_HEAP_GOAL] = 2,
	[PROF_EV_GO_LABEL] = 2,
	[PROF_EV_TASK_BEGIN] = 5,
	[PROF_EV_TASK_END] = 3,
	[PROF_EV_REGION_BEGIN] = 4,
	[PROF_EV_REGION_END] = 4,
	[PROF_EV_LOG] = 5,
	[PROF_EV_GO_SWITCH] = 3,
	[PROF_EV_GO_SWITCH_DESTROY] = 3,
	[PROF_EV_GO_CREATE_BLOCKED] = 4,
	[PROF_EV_GO_STATUS_STACK] = 5,
	[PROF_EV_SPAN] = 4,
	[PROF_EV_SPAN_ALLOC] = 4,
	[PROF_EV_SPAN_FREE] = 2,
	[PROF_EV_HEAP_OBJECT] = 3,
	[PROF_EV_HEAP_OBJECT_ALLOC] = 3,
	[PROF_EV_HEAP_OBJECT_FREE] = 2,
	[PROF_EV_GOROUTINE_STACK] = 3,
	[PROF_EV_GOROUTINE_STACK_ALLOC] = 3,
	[PROF_EV_GOROUTINE_STACK_FREE] = 2,
};

enum t2_outcome t2_advance(struct t2 *d, const struct t2_cursor *c)
{
	struct t2_thread nobody = {.g = PROF_NONE, .p = PROF_NONE}, *th = &nobody;

	if (c->m != PROF_NONE) {
		th = &d->threads.v[c->m];
		th->seen = true;
	}
	return handlers[c->type](d, c, th);
}

static uint32_t failed(struct t2 *d, int rc)
{
	d->rc = d->rc ? d->rc : rc;
	return PROF_NONE;
}

uint32_t t2_goroutine_slot(struct t2 *d, uint64_t id)
{
	uint32_t slot = prof_idmap_get(&d->goroutine_of, id);
	struct prof_mem *mem = &d->t->mem;
	int rc = 0;

	if (slot != PROF_NONE)
		return slot;
	if (d->free_goroutines.n) {
		slot = d->free_goroutines.v[--d->free_goroutines.n];
	} else {
		slot = (uint32_t)d->goroutines.n;
		rc = prof_vec_reserve(mem, &d->goroutines, 1, d->e);
		if (!rc)
			rc = prof_vec_reserve(mem, &d->t->goroutines, 1, d->e);
		if (rc)
			return failed(d, rc);
		d->goroutines.n = d->t->goroutines.n = slot + 1;
	}
	d->goroutines.v[slot] = (struct t2_goroutine){.state = PROF_G_UNDETERMINED,
		.m = PROF_NONE,
		.regions = PROF_NONE,
		.stw = PROF_NONE};
	d->t->goroutines.v[slot] = (int64_t)id;
	rc = prof_idmap_add(&d->goroutine_of, id, slot, d->e);
	if (rc)
		return failed(d, rc);
	d->t->goroutine_count += prof_idmap_get(&d->callbacks, id) == PROF_NONE;
	return slot;
}

void t2_end_goroutine(struct t2 *d, uint32_t slot)
{
	struct t2_goroutine *gs = &d->goroutines.v[slot];
	uint64_t id = (uint64_t)d->t->goroutines.v[slot];
	int rc = prof_vec_reserve(&d->t->mem, &d->ended, 1, d->e);

	if (!rc && gs->from_cgo && prof_idmap_get(&d->callbacks, id) == PROF_NONE)
		rc = prof_idmap_add(&d->callbacks, id, 0, d->e);
	if (rc) {
		failed(d, rc);
		return;
	}
	while (gs->regions != PROF_NONE) {
		uint32_t r = gs->regions;

		gs->regions = d->regions.v[r].outer;
		d->regions.v[r].outer = d->free_region;
		d->free_region = r;
	}
	gs->state = PROF_G_NOT_EXIST;
	prof_idmap_remove(&d->goroutine_of, id);
	d->ended.v[d->ended.n++] = slot;
}

uint32_t t2_proc_slot(struct t2 *d, uint64_t id)
{
	uint32_t slot = prof_idmap_get(&d->proc_of, id);
	int rc;

	if (slot != PROF_NONE)
		return slot;
	slot = (uint32_t)d->procs.n;
	rc = prof_vec_reserve(&d->t->mem, &d->procs, 1, d->e);
	if (!rc)
		rc = prof_vec_reserve(&d->t->mem, &d->t->procs, 1, d->e);
	if (!rc)
		rc = prof_idmap_add(&d->proc_of, id, slot, d->e);
	if (rc)
		return failed(d, rc);
	d->procs.v[d->procs.n++] = (struct t2_proc){.m = PROF_NONE};
	d->t->procs.v[d->t->procs.n++] = (int64_t)id;
	return slot;
}

uint32_t t2_thread_slot(struct t2 *d, uint64_t id)
{
	uint32_t slot = prof_idmap_get(&d->thread_of, id);
	int rc;

	if (slot != PROF_NONE)
		return slot;
	slot = (uint32_t)d->threads.n;
	rc = prof_vec_reserve(&d->t->mem, &d->threads, 1, d->e);
	if (!rc)
		rc = prof_vec_reserve(&d->t->mem, &d->t->threads, 1, d->e);
	if (!rc)
		rc = prof_idmap_add(&d->thread_of, id, slot, d->e);
	if (rc)
		return failed(d, rc);
	d->threads.v[d->threads.n++] = (struct t2_thread){.g = PROF_NONE, .p = PROF_NONE};
	d->t->threads.v[d->t->threads.n++] = (int64_t)id;
	return slot;
}
