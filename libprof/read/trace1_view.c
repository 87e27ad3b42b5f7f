/* What Go's reader makes of a trace of before go 1.22 (go 1.27, internal/trace): events of the
 * types of go 1.22, as one generation. Our own events know of no less, and these differ from them
 * in that
 *
 *	- goroutines and procs of before the trace come from Undetermined, at their first event, or,
 *	  where there is no other, at the first Gomaxprocs, which is not told;
 *	- the first start of a proc is its status;
 *	- system calls that do not block take 1 ns; those that do begin at GoSysCall. Whether one
 *	  does the next event of the goroutine says, and that may be a CPU sample, which says no;
 *	- what happens away from procs is on made-up ones;
 *	- goroutines are on themselves as they start;
 *	- tasks without a parent have none at their begin and 0 at their end;
 *	- of each two events of one time the second is 1 ns later, of those that are told.
 *
 * Goroutines of before the trace of which nothing else is told come in the order of a map there,
 * here in that of their creation.
 */
#include <stdlib.h>

#include "libprof/read/trace1_impl.h"

enum { TIMER_PROC = 1000001, NETPOLL_PROC, SYSCALL_PROC, GC_PROC };

/* Event types that only change their names. */
static const uint8_t types[PROF_EV1_END] = {
	[PROF_EV1_GOMAXPROCS] = PROF_EV_PROCS_CHANGE,
	[PROF_EV1_PROC_START] = PROF_EV_PROC_START,
	[PROF_EV1_PROC_STOP] = PROF_EV_PROC_STOP,
	[PROF_EV1_GC_START] = PROF_EV_GC_BEGIN,
	[PROF_EV1_GC_DONE] = PROF_EV_GC_END,
	[PROF_EV1_STW_START] = PROF_EV_STW_BEGIN,
	[PROF_EV1_STW_DONE] = PROF_EV_STW_END,
	[PROF_EV1_SWEEP_START] = PROF_EV_GC_SWEEP_BEGIN,
	[PROF_EV1_SWEEP_DONE] = PROF_EV_GC_SWEEP_END,
	[PROF_EV1_GO_CREATE] = PROF_EV_GO_CREATE,
	[PROF_EV1_GO_START] = PROF_EV_GO_START,
	[PROF_EV1_GO_END] = PROF_EV_GO_DESTROY,
	[PROF_EV1_GO_STOP] = PROF_EV_GO_BLOCK,
	[PROF_EV1_GO_SCHED] = PROF_EV_GO_STOP,
	[PROF_EV1_GO_PREEMPT] = PROF_EV_GO_STOP,
	[PROF_EV1_GO_SLEEP] = PROF_EV_GO_BLOCK,
	[PROF_EV1_GO_BLOCK] = PROF_EV_GO_BLOCK,
	[PROF_EV1_GO_UNBLOCK] = PROF_EV_GO_UNBLOCK,
	[PROF_EV1_GO_BLOCK_SEND] = PROF_EV_GO_BLOCK,
	[PROF_EV1_GO_BLOCK_RECV] = PROF_EV_GO_BLOCK,
	[PROF_EV1_GO_BLOCK_SELECT] = PROF_EV_GO_BLOCK,
	[PROF_EV1_GO_BLOCK_SYNC] = PROF_EV_GO_BLOCK,
	[PROF_EV1_GO_BLOCK_COND] = PROF_EV_GO_BLOCK,
	[PROF_EV1_GO_BLOCK_NET] = PROF_EV_GO_BLOCK,
	[PROF_EV1_GO_SYSCALL] = PROF_EV_GO_SYSCALL_BEGIN,
	[PROF_EV1_GO_SYSEXIT] = PROF_EV_GO_SYSCALL_END_BLOCKED,
	[PROF_EV1_GO_WAITING] = PROF_EV_GO_STATUS,
	[PROF_EV1_GO_IN_SYSCALL] = PROF_EV_GO_STATUS,
	[PROF_EV1_HEAP_ALLOC] = PROF_EV_HEAP_ALLOC,
	[PROF_EV1_HEAP_GOAL] = PROF_EV_HEAP_GOAL,
	[PROF_EV1_GO_START_LOCAL] = PROF_EV_GO_START,
	[PROF_EV1_GO_UNBLOCK_LOCAL] = PROF_EV_GO_UNBLOCK,
	[PROF_EV1_GO_SYSEXIT_LOCAL] = PROF_EV_GO_SYSCALL_END_BLOCKED,
	[PROF_EV1_GO_START_LABEL] = PROF_EV_GO_START,
	[PROF_EV1_GO_BLOCK_GC] = PROF_EV_GO_BLOCK,
	[PROF_EV1_ASSIST_START] = PROF_EV_GC_ASSIST_BEGIN,
	[PROF_EV1_ASSIST_DONE] = PROF_EV_GC_ASSIST_END,
	[PROF_EV1_TASK_CREATE] = PROF_EV_TASK_BEGIN,
	[PROF_EV1_TASK_END] = PROF_EV_TASK_END,
	[PROF_EV1_REGION] = PROF_EV_REGION_BEGIN,
	[PROF_EV1_LOG] = PROF_EV_LOG,
	[PROF_EV1_CPU_SAMPLE] = PROF_EV_CPU_SAMPLE,
};

static void put(struct t1 *d, struct prof_trace_event ev, unsigned type)
{
	ev.type = (uint8_t)type;
	if (ev.time <= d->last)
		ev.time = d->last + 1;
	d->last = ev.time;
	d->t->events[d->t->n++] = ev;
}

static uint64_t id_of(const struct t1 *d, uint32_t g)
{
	return (uint64_t)d->t->goroutines.v[g];
}

/* Goroutines of before the trace. */

static void remember(struct t1 *d, uint64_t id)
{
	struct t1_view *w = &d->view;

	if (prof_idmap_get(&w->there_at, id) != PROF_NONE)
		return;
	d->rc = prof_vec_reserve(&d->t->mem, &w->there, 1, d->e);
	if (!d->rc)
		d->rc = prof_idmap_add(&w->there_at, id, (uint32_t)w->there.n, d->e);
	if (!d->rc)
		w->there.v[w->there.n++] = id;
}

static void forget(struct t1 *d, uint64_t id)
{
	if (prof_idmap_get(&d->view.there_at, id) != PROF_NONE)
		prof_idmap_remove(&d->view.there_at, id);
}

/* The one that is left there first. */
bool t1_view_tell_left(struct t1 *d)
{
	struct t1_view *w = &d->view;
	struct prof_trace_event ev = {.time = w->begun_at,
		.kind = PROF_TRACE_GOROUTINE,
		.m = PROF_NONE,
		.p = PROF_NONE,
		.g = PROF_NONE,
		.from = PROF_G_UNDETERMINED,
		.to = PROF_G_RUNNABLE};

	while (w->begun && w->left < w->there.n) {
		size_t i = w->left++;

		if (prof_idmap_get(&w->there_at, w->there.v[i]) != i)
			continue;
		ev.subject = t1_goroutine_slot(d, w->there.v[i]);
		if (ev.subject != PROF_NONE)
			put(d, ev, PROF_EV_GO_STATUS);
		return true;
	}
	return false;
}

static void tell_create(struct t1 *d, const struct prof_trace_event *e)
{
	if (d->view.begun)
		put(d, *e, PROF_EV_GO_CREATE);
	else
		remember(d, id_of(d, e->subject));
}

static void tell_status(struct t1 *d, struct prof_trace_event e)
{
	forget(d, id_of(d, e.subject));
	e.from = PROF_G_UNDETERMINED;
	e.g = e.subject;
	put(d, e, PROF_EV_GO_STATUS);
}

/* Where Go takes the thread of a proc that has none to be 0. */
static uint32_t thread(struct t1 *d, const struct prof_trace_event *e)
{
	return e->m == PROF_NONE ? t1_thread_slot(d, 0) : e->m;
}

static void tell_start(struct t1 *d, struct prof_trace_event e)
{
	if (e.type == PROF_EV1_GO_START_LABEL) {
		e.m = thread(d, &e);
	} else if (!d->view.begun) {
		tell_status(d, e);
		return;
	}
	e.g = e.subject;
	put(d, e, PROF_EV_GO_START);
}

/* Whether a goroutine's next sample is before a time. */
static bool is_sampled(const struct t1 *d, uint64_t g, uint64_t ticks)
{
	const struct t1_view_sample *v = d->view.samples.v;
	size_t low = 0, high = d->view.samples.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (v[mid].g < g || (v[mid].g == g && v[mid].at < d->view.told))
			low = mid + 1;
		else
			high = mid;
	}
	return low < d->view.samples.n && v[low].g == g &&
	       (int64_t)(d->samples.v[v[low].at].ticks - ticks) < 0;
}

static void tell_syscall(struct t1 *d, struct prof_trace_event e, const struct t1_cursor *c)
{
	bool blocks = c && c->type == PROF_EV1_GO_SYSBLOCK && c->g == e.subject &&
		      !is_sampled(d, id_of(d, e.subject), c->ticks);

	e.to = PROF_G_SYSCALL;
	if (!blocks)
		e.m = thread(d, &e);
	put(d, e, PROF_EV_GO_SYSCALL_BEGIN);
	if (blocks)
		return;
	e.time++;
	e.from = PROF_G_SYSCALL;
	e.to = PROF_G_RUNNING;
	e.stack = e.subject_stack = 0;
	put(d, e, PROF_EV_GO_SYSCALL_END);
}

static void tell_on(struct t1 *d, struct prof_trace_event e, unsigned proc)
{
	e.p = t1_proc_slot(d, proc);
	e.m = PROF_NONE;
	put(d, e, types[e.type]);
}

static void tell_unblock(struct t1 *d, const struct prof_trace_event *e)
{
	if (d->goroutines.v[e->subject].stopped_by == PROF_EV1_GO_BLOCK_NET)
		tell_on(d, *e, NETPOLL_PROC);
	else if (e->g != PROF_NONE && prof_idmap_get(&d->view.timers, id_of(d, e->g)) != PROF_NONE)
		tell_on(d, *e, TIMER_PROC);
	else
		put(d, *e, PROF_EV_GO_UNBLOCK);
}

static void tell_proc(struct t1 *d, struct prof_trace_event e)
{
	bool first = e.from == PROF_P_NOT_EXIST || e.from == PROF_P_UNDETERMINED;

	if (first)
		e.from = PROF_P_UNDETERMINED;
	put(d, e, first ? PROF_EV_PROC_STATUS : types[e.type]);
}

static void tell_sample(struct t1 *d, struct prof_trace_event e)
{
	d->view.told++;
	e.args[0] = UINT64_MAX; /* no thread */
	e.args[1] = (uint64_t)(int32_t)e.args[1];
	put(d, e, PROF_EV_CPU_SAMPLE);
}

static void tell(struct t1 *d, struct prof_trace_event e, const struct t1_cursor *c)
{
	switch (e.type) {
	case PROF_EV1_GOMAXPROCS:
		if (d->view.begun) {
			put(d, e, PROF_EV_PROCS_CHANGE);
		} else {
			d->view.begun = true;
			d->view.begun_at = e.time;
		}
		break;
	case PROF_EV1_PROC_START:
	case PROF_EV1_PROC_STOP:
		tell_proc(d, e);
		break;
	case PROF_EV1_GC_START:
		tell_on(d, e, GC_PROC);
		break;
	case PROF_EV1_STW_START:
	case PROF_EV1_STW_DONE:
		e.subject = e.g;
		put(d, e, types[e.type]);
		break;
	case PROF_EV1_GO_CREATE:
		tell_create(d, &e);
		break;
	case PROF_EV1_GO_WAITING:
	case PROF_EV1_GO_IN_SYSCALL:
		tell_status(d, e);
		break;
	case PROF_EV1_GO_START:
	case PROF_EV1_GO_START_LOCAL:
		tell_start(d, e);
		break;
	case PROF_EV1_GO_START_LABEL:
		if (e.kind == PROF_TRACE_LABEL) {
			e.m = thread(d, &e);
			put(d, e, PROF_EV_GO_LABEL);
		} else {
			tell_start(d, e);
		}
		break;
	case PROF_EV1_GO_SYSCALL:
		tell_syscall(d, e, c);
		break;
	case PROF_EV1_GO_SYSBLOCK:
	case PROF_EV1_FUTILE_WAKEUP:
		break;
	case PROF_EV1_GO_SYSEXIT:
	case PROF_EV1_GO_SYSEXIT_LOCAL:
		e.g = e.subject;
		tell_on(d, e, SYSCALL_PROC);
		break;
	case PROF_EV1_GO_UNBLOCK:
	case PROF_EV1_GO_UNBLOCK_LOCAL:
		tell_unblock(d, &e);
		break;
	case PROF_EV1_TASK_END:
		if (e.args[2] && e.args[1] == PROF_TRACE_NO_TASK)
			e.args[1] = 0;
		put(d, e, PROF_EV_TASK_END);
		break;
	case PROF_EV1_REGION:
		put(d, e,
			e.kind == PROF_TRACE_REGION_BEGIN ? PROF_EV_REGION_BEGIN
							  : PROF_EV_REGION_END);
		break;
	case PROF_EV1_CPU_SAMPLE:
		tell_sample(d, e);
		break;
	default:
		put(d, e, types[e.type]);
		break;
	}
}

void t1_view_tell(struct t1 *d, size_t n, int64_t last, const struct t1_cursor *c)
{
	struct prof_trace_event evs[T1_MAX_STEP];
	size_t count = d->t->n - n;

	memcpy(evs, d->t->events + n, count * sizeof(*evs));
	d->t->n = n;
	d->last = last;
	for (size_t i = 0; i < count && !d->rc; i++)
		tell(d, evs[i], c);
}

static int by_goroutine(const void *a, const void *b)
{
	const struct t1_view_sample *x = a, *y = b;

	if (x->g != y->g)
		return x->g < y->g ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

int t1_view_open(struct t1 *d)
{
	struct t1_view *w = &d->view;
	int rc = prof_vec_reserve(&d->t->mem, &w->samples, d->samples.n, d->e);

	if (rc)
		return rc;
	for (size_t i = 0; i < d->samples.n; i++)
		w->samples.v[i] = (struct t1_view_sample){d->samples.v[i].g, i};
	w->samples.n = d->samples.n;
	if (w->samples.n)
		qsort(w->samples.v, w->samples.n, sizeof(*w->samples.v), by_goroutine);
	d->t->wire = prof_wire2;
	return 0;
}

void t1_view_close(struct t1 *d)
{
	prof_vec_fini(&d->t->mem, &d->view.samples);
	prof_vec_fini(&d->t->mem, &d->view.there);
	prof_idmap_fini(&d->view.there_at);
	prof_idmap_fini(&d->view.timers);
}
