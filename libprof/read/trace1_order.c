/* What events require. Goroutines carry sequence numbers: an event that starts or unblocks one on
 * another proc than it was on last says which step of it that is; on the same proc the order of its
 * events does.
 */
#include "libprof/read/trace1_impl.h"

enum { MAX_ENDED_IDS = 1 << 20 };

static const uint8_t orders[PROF_EV1_END] = {
	[PROF_EV1_GC_START] = T1_GC,
	[PROF_EV1_GO_CREATE] = T1_CREATE,
	[PROF_EV1_GO_START] = T1_START,
	[PROF_EV1_GO_SCHED] = T1_STOP,
	[PROF_EV1_GO_PREEMPT] = T1_STOP,
	[PROF_EV1_GO_SLEEP] = T1_STOP,
	[PROF_EV1_GO_BLOCK] = T1_STOP,
	[PROF_EV1_GO_UNBLOCK] = T1_WAKE,
	[PROF_EV1_GO_BLOCK_SEND] = T1_STOP,
	[PROF_EV1_GO_BLOCK_RECV] = T1_STOP,
	[PROF_EV1_GO_BLOCK_SELECT] = T1_STOP,
	[PROF_EV1_GO_BLOCK_SYNC] = T1_STOP,
	[PROF_EV1_GO_BLOCK_COND] = T1_STOP,
	[PROF_EV1_GO_BLOCK_NET] = T1_STOP,
	[PROF_EV1_GO_SYSEXIT] = T1_WAKE,
	[PROF_EV1_GO_SYSBLOCK] = T1_STOP,
	[PROF_EV1_GO_WAITING] = T1_STATUS,
	[PROF_EV1_GO_IN_SYSCALL] = T1_STATUS,
	[PROF_EV1_GO_START_LOCAL] = T1_START_HERE,
	[PROF_EV1_GO_UNBLOCK_LOCAL] = T1_WAKE_HERE,
	[PROF_EV1_GO_SYSEXIT_LOCAL] = T1_WAKE_HERE,
	[PROF_EV1_GO_START_LABEL] = T1_START,
	[PROF_EV1_GO_BLOCK_GC] = T1_STOP,
};

bool t1_ready(struct t1 *d, struct t1_cursor *c)
{
	static const struct t1_goroutine nobody;
	const struct t1_goroutine *gs;
	enum t1_order order = orders[c->type];

	c->unknown = false;
	if (d->old || order == T1_ANY)
		return true;
	if (order == T1_GC) {
		c->target = T1_GC_TARGET;
		return d->gc_seq == c->args[0];
	}
	if (order == T1_STOP) {
		c->target = c->g;
		return c->g == PROF_NONE || d->goroutines.v[c->g].status == T1_RUNNING;
	}
	if (!t1_is_named(d, c, c->target))
		c->target = prof_idmap_get(&d->goroutine_of, c->args[0]);
	gs = c->target == PROF_NONE ? &nobody : &d->goroutines.v[c->target];
	c->unknown = c->type == PROF_EV1_GO_SYSEXIT && gs->status == T1_DEAD;
	switch (order) {
	case T1_CREATE:
		return gs->status == T1_DEAD;
	case T1_STATUS:
		return gs->status == T1_RUNNABLE && gs->seq == 1;
	case T1_START:
		return gs->status == T1_RUNNABLE && gs->seq == c->args[1];
	case T1_START_HERE:
		return gs->status == T1_RUNNABLE || (gs->callback && gs->status == T1_WAITING);
	case T1_WAKE:
		return gs->status == T1_WAITING && gs->seq == c->args[1];
	default:
		return gs->status == T1_WAITING;
	}
}

static uint32_t failed(struct t1 *d, int rc)
{
	d->rc = d->rc ? d->rc : rc;
	return PROF_NONE;
}

/* A slot that no id leads to. */
static uint32_t new_slot(struct t1 *d, uint64_t id)
{
	uint32_t slot;
	int rc;

	if (d->free_goroutines.n) {
		slot = d->free_goroutines.v[--d->free_goroutines.n];
	} else {
		slot = (uint32_t)d->goroutines.n;
		rc = prof_vec_reserve(&d->t->mem, &d->goroutines, 1, d->e);
		if (!rc)
			rc = prof_vec_reserve(&d->t->mem, &d->t->goroutines, 1, d->e);
		if (rc)
			return failed(d, rc);
		d->goroutines.n = d->t->goroutines.n = slot + 1;
	}
	d->goroutines.v[slot] = (struct t1_goroutine){.state = PROF_G_NOT_EXIST,
		.waiting = PROF_NONE,
		.on = PROF_NONE,
		.regions = PROF_NONE};
	d->t->goroutines.v[slot] = (int64_t)id;
	return slot;
}

uint32_t t1_goroutine_slot(struct t1 *d, uint64_t id)
{
	uint32_t slot = prof_idmap_get(&d->goroutine_of, id);
	int rc;

	if (slot != PROF_NONE)
		return slot;
	slot = new_slot(d, id);
	if (slot == PROF_NONE)
		return slot;
	rc = prof_idmap_add(&d->goroutine_of, id, slot, d->e);
	return rc ? failed(d, rc) : slot;
}

void t1_end_goroutine(struct t1 *d, uint32_t slot)
{
	struct t1_goroutine *gs = &d->goroutines.v[slot];
	uint32_t waiting = gs->waiting;
	int rc;

	while (gs->regions != PROF_NONE) {
		uint32_t r = gs->regions;

		gs->regions = d->regions.v[r].outer;
		d->regions.v[r].outer = d->free_region;
		d->free_region = r;
	}
	if (gs->on != PROF_NONE)
		d->cursors.v[gs->on].g = PROF_NONE;
	*gs = (struct t1_goroutine){.state = PROF_G_NOT_EXIST,
		.waiting = waiting,
		.on = PROF_NONE,
		.regions = PROF_NONE};
	if (d->forced && d->ended_ids.n < MAX_ENDED_IDS &&
		prof_idmap_get(&d->ended_ids, (uint64_t)d->t->goroutines.v[slot]) == PROF_NONE) {
		rc = prof_idmap_add(&d->ended_ids, (uint64_t)d->t->goroutines.v[slot], 0, d->e);
		if (rc)
			failed(d, rc);
	}
	if (waiting != PROF_NONE) /* its id is spoken of again */
		return;
	prof_idmap_remove(&d->goroutine_of, (uint64_t)d->t->goroutines.v[slot]);
	rc = prof_vec_reserve(&d->t->mem, &d->ended, 1, d->e);
	if (rc)
		failed(d, rc);
	else
		d->ended.v[d->ended.n++] = slot;
}

uint32_t t1_subject(struct t1 *d, struct t1_cursor *c)
{
	if (c->g != PROF_NONE)
		return c->g;
	if (c->g0 == PROF_NONE)
		c->g0 = new_slot(d, 0);
	return c->g0;
}

uint32_t t1_proc_slot(struct t1 *d, uint64_t id)
{
	uint32_t slot = prof_idmap_get(&d->proc_of, id);
	int rc;

	if (slot != PROF_NONE)
		return slot;
	slot = (uint32_t)d->t->procs.n;
	rc = prof_vec_reserve(&d->t->mem, &d->t->procs, 1, d->e);
	if (!rc)
		rc = prof_idmap_add(&d->proc_of, id, slot, d->e);
	if (rc)
		return failed(d, rc);
	d->t->procs.v[d->t->procs.n++] = (int64_t)id;
	return slot;
}

uint32_t t1_thread_slot(struct t1 *d, uint64_t id)
{
	uint32_t slot = prof_idmap_get(&d->thread_of, id);
	int rc;

	if (slot != PROF_NONE)
		return slot;
	slot = (uint32_t)d->t->threads.n;
	rc = prof_vec_reserve(&d->t->mem, &d->t->threads, 1, d->e);
	if (!rc)
		rc = prof_idmap_add(&d->thread_of, id, slot, d->e);
	if (rc)
		return failed(d, rc);
	d->t->threads.v[d->t->threads.n++] = (int64_t)id;
	return slot;
}

uint32_t t1_string(struct t1 *d, uint64_t id, uint64_t offset)
{
	uint32_t s = id ? prof_idtable_get(&d->strings, id) : 0;

	if (s != PROF_NONE)
		return s;
	if (!d->unknown_ids++)
		d->unknown_offset = offset;
	return 0;
}

uint32_t t1_stack_slow(struct t1 *d, uint64_t id, uint64_t offset)
{
	uint32_t s = id ? prof_idtable_get(&d->stacks, id) : 0;
	int rc;

	if (s != PROF_NONE)
		return s;
	rc = prof_trace_add_lost_stack(d->t, &d->stacks, id, &s, d->e);
	if (!d->unknown_ids++)
		d->unknown_offset = offset;
	return rc ? failed(d, rc) : s;
}
