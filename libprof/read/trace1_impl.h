/* Inside the decoder of traces of go 1.5 to go 1.21 (trace1.h):
 *
 *	trace1_scan.c	the first pass: batches, damage
 *	trace1_tables.c	its tables, ends of system calls, CPU samples
 *	trace1_cursor.c	the next event of a proc
 *	trace1_order.c	what an event requires
 *	trace1_frontier.c	which one comes first
 *	trace1_go.c	what it changes: goroutines
 *	trace1_other.c	procs, ranges, metrics, what programs tell
 *	trace1_view.c	what Go's reader makes of that
 *	trace1.c	the second pass
 */
#ifndef PROF_READ_TRACE1_IMPL_H
#define PROF_READ_TRACE1_IMPL_H

#include "libprof/base/idtable.h"
#include "libprof/base/num.h"
#include "libprof/read/spool.h"
#include "libprof/read/trace1.h"

enum {
	T1_MAX_ARGS = 4, /* behind the time */
	T1_MAX_EVENT = 1 + 10 * (3 + T1_MAX_ARGS), /* bytes, a log's message aside */
	T1_MAX_STRING = 1000000,
	T1_MAX_FRAMES = 1000,
	T1_MAX_STEP = 16, /* events that one of the file may make */
};

/* Ticks that are not between events of one trace: a day and more. */
#define T1_FAR (UINT64_C(1) << 42)

/* How much later than the next batch of their proc events may be: procs go from one CPU to another,
 * whose clocks differ.
 */
#define T1_NEAR (UINT64_C(1) << 25)

/* Records of a proc that follow upon one another. */
struct t1_batch {
	uint64_t offset, end; /* in the file */
	uint64_t ticks, seq; /* what the differences start from */
	uint32_t next; /* of the same proc; PROF_NONE: the last */
	bool goes_on; /* behind lost bytes of the one before: ticks and seq go on, too */
};

/* How events of a type are ordered. */
enum t1_order {
	T1_ANY, /* they require nothing */
	T1_CREATE,
	T1_STATUS, /* of before the trace */
	T1_START,
	T1_START_HERE,
	T1_STOP, /* the goroutine that runs */
	T1_WAKE,
	T1_WAKE_HERE,
	T1_GC,
};

enum t1_proc_status { T1_PROC_NEW, T1_PROC_RUNS, T1_PROC_IDLE };

/* A proc: its next event, and what it is at. */
struct t1_cursor {
	int64_t key; /* by which events are ordered: `ticks`, before go 1.7 `seq` */
	uint64_t ticks, seq;
	uint64_t latest; /* ticks; what is behind cannot be of the batch */
	uint64_t args[T1_MAX_ARGS];
	uint64_t offset; /* of the event */
	uint32_t text; /* a log's message */
	uint32_t target; /* goroutine that the event needs in some state; PROF_NONE */
	uint64_t ready_at; /* d->steps when t1_ready was true last */
	uint8_t type;
	bool samples; /* of no proc: those of d->samples */
	bool waits; /* is in the heap of those that wait */
	bool unknown; /* for a goroutine that was never heard of */
	uint32_t waits_for; /* a goroutine, T1_GC_TARGET */
	uint32_t at; /* in d->waiting */
	uint32_t place; /* in d->available */
	uint32_t later, earlier; /* others that wait for the same */

	uint64_t pid;
	uint32_t p, m, g; /* slots */
	uint32_t g0; /* slot of what runs when no goroutine does; PROF_NONE: not needed yet */
	uint8_t status; /* enum t1_proc_status */
	bool sweep, stw;

	const uint8_t *p_next, *p_end; /* what was read of the batch, and not yet decoded */
	uint64_t read; /* offset of p_end */
	uint8_t *buf;
	size_t cap;
	uint32_t batch, last_batch;
	struct t1_batch from; /* the last one that told its time */
};

static inline struct t1_cursor t1_new_cursor(uint64_t pid)
{
	return (struct t1_cursor){.pid = pid,
		.target = PROF_NONE,
		.p = PROF_NONE,
		.m = PROF_NONE,
		.g = PROF_NONE,
		.g0 = PROF_NONE,
		.batch = PROF_NONE};
}

enum t1_status { T1_DEAD, T1_RUNNABLE, T1_RUNNING, T1_WAITING };

struct t1_goroutine {
	uint64_t seq;
	uint32_t waiting; /* cursors that wait for it */
	uint32_t on; /* cursor of the proc that runs it; PROF_NONE */
	uint32_t regions; /* innermost open one */
	uint32_t syscall_stack;
	uint64_t syscall_ticks; /* when it was called */
	uint8_t status; /* enum t1_status: where the order stands */
	uint8_t state; /* enum prof_goroutine_state: what was told; NOT_EXIST: nothing */
	uint8_t stopped_by; /* type of the event, where it waits */
	bool before; /* was there before the trace */
	bool doubtful; /* only one event named it, which nothing led to */
	bool callback; /* C calls Go in it: ends of its system calls may be untold */
	bool exited; /* the end of its system call was told, at its time */
	bool assist;
};

struct t1_region {
	uint64_t task;
	uint32_t name, outer;
};

struct t1_task {
	uint64_t parent;
	uint32_t name;
};

/* The end of a system call, at its time: key, and behind it (seq) or (ticks), as by key. */
struct t1_exit {
	int64_t key;
	uint64_t other, g;
};

struct t1_sample {
	uint64_t ticks, p, g, stack;
	uint32_t order;
};

/* Cursors, the one whose event comes first on top. */
struct t1_node {
	int64_t due;
	uint32_t cursor;
};

struct t1_view_sample {
	uint64_t g;
	size_t at; /* in d->samples */
};

/* Where the view of Go's reader stands (trace1_view.c). */
struct t1_view {
	PROF_VEC(struct t1_view_sample) samples; /* by goroutine and time */
	size_t told; /* samples, by time */
	struct prof_idmap timers; /* ids of goroutines that run timers */
	PROF_VEC(uint64_t) there; /* ids of goroutines of before the trace, by creation */
	struct prof_idmap there_at; /* of those of which nothing else was told: id -> there */
	size_t left; /* the next one to be told at the end of its begin */
	bool begun; /* the first Gomaxprocs was there */
	int64_t begun_at; /* ns */
};

struct t1 {
	struct prof_trace *t;
	struct prof_input *in;
	struct prof_spool spool;
	bool old; /* before go 1.7 */
	uint8_t n_args[64]; /* numbers of a record, by type; 0: there is none of it */
	bool is_event[64]; /* types that stand at cursors */

	/* Of the first pass. */
	PROF_VEC(struct t1_batch) batches;
	PROF_VEC(struct t1_cursor) cursors; /* one a proc, by first appearance */
	struct prof_idmap cursor_of; /* proc id -> cursor */
	struct prof_idtable strings, stacks; /* of the file -> of the trace */
	PROF_VEC(struct t1_exit) exits; /* by key */
	PROF_VEC(struct t1_sample) samples; /* by time */
	double ns_per_tick; /* 0: not known yet */
	uint32_t reasons[64]; /* strings of why goroutines stop, by type */
	uint32_t stw_reasons[17];

	/* Where the second one stands. */
	PROF_VEC(struct t1_node) ready, waiting; /* heaps */
	PROF_VEC(uint32_t) available; /* cursors that are not in `ready` and not at their end */
	size_t exit, sample; /* the next */
	int64_t next_exit; /* its key */
	uint64_t base, last_ticks; /* of the first event, the latest */
	int64_t last; /* ns, of the last event that was told */
	uint64_t gc_seq;
	uint32_t gc_waiting; /* cursors that wait for GC */
	uint64_t steps; /* events so far */
	uint64_t tries; /* left before waiting cursors are let wait */
	int64_t patience; /* how long a cursor waits, in ticks of the others' events */
	struct prof_idmap ended_ids; /* of goroutines, since events contradicted others */
	struct prof_idmap goroutine_of, proc_of, thread_of, task_of; /* ids -> slots */
	PROF_VEC(struct t1_goroutine) goroutines;
	PROF_VEC(struct t1_region) regions;
	PROF_VEC(struct t1_task) tasks;
	PROF_VEC(uint32_t) free_goroutines, ended; /* ended: free with the next batch of events */
	/* The goroutine of before the trace that was named last, and what it is at is not known
	 * yet; PROF_NONE.
	 */
	uint32_t named, named_stack;
	uint64_t named_ticks;
	uint32_t free_region, free_task;
	uint32_t stw_on, stw_reason; /* the world is stopped; on: PROF_NONE: no */
	bool gc;
	bool begun; /* the first pass is done */
	bool settled; /* all goroutines of before the trace are named */
	uint64_t syncs;

	/* Damage. */
	uint64_t forced, dropped, skewed, unknown_ids; /* events, ids */
	uint64_t forced_offset, skewed_offset, unknown_offset; /* of the first */
	uint64_t skew; /* ticks, the most */
	uint64_t excused; /* ticks up to which events come late as others were waited for */
	char forced_first[120];
	bool done;
	struct t1_view view;
	struct prof_err *e; /* of the call at hand */
	int rc; /* what failed in it and is no damage */
};

#define T1_GC_TARGET (PROF_NONE - 1)

/* The first pass. */
int t1_scan(struct t1 *d) PROF_CHECKED;

/* The next event of a cursor, the first one of it: false behind its last, and when something failed
 * (d->rc).
 */
bool t1_next(struct t1 *d, struct t1_cursor *c);
bool t1_open(struct t1 *d, struct t1_cursor *c);

/* Before go 1.7 frames have no names: the pc in hex tells them apart. */
int t1_name_frame(struct t1 *d, struct prof_trace_frame *f) PROF_CHECKED;

/* The texts of why goroutines stop and the world does. */
int t1_add_reasons(struct t1 *d) PROF_CHECKED;

/* The frontier: opens all cursors; the one whose event comes next, which then is taken out of it
 * (false: it cannot come after all), handled, and put back with its next event, where it has one,
 * `target` being what has changed or PROF_NONE.
 */
int t1_frontier_open(struct t1 *d) PROF_CHECKED;
uint32_t t1_frontier_first(const struct t1 *d);
bool t1_frontier_claim(struct t1 *d, uint32_t cursor);
void t1_frontier_next(struct t1 *d, uint32_t cursor, bool more, uint32_t target);

/* The view of Go's reader: puts what it tells in place of the events from n on, whose times are not
 * yet made to differ; d->last becomes `last` or later. `c`: the cursor whose event they are, at its
 * next one; NULL: it has none, or they are of no cursor.
 */
int t1_view_open(struct t1 *d) PROF_CHECKED;
void t1_view_tell(struct t1 *d, size_t n, int64_t last, const struct t1_cursor *c);
/* Of goroutines of before the trace, what is left to be told of one: false when nothing is. */
bool t1_view_tell_left(struct t1 *d);
void t1_view_close(struct t1 *d);

/* Whether the event at a cursor can come now. c->target is what it waits for where not. */
bool t1_ready(struct t1 *d, struct t1_cursor *c);

/* The trace's ids of strings and stacks of the file. */
uint32_t t1_string(struct t1 *d, uint64_t id, uint64_t offset);
uint32_t t1_stack_slow(struct t1 *d, uint64_t id, uint64_t offset);

static inline uint32_t t1_stack(struct t1 *d, uint64_t id, uint64_t offset)
{
	if (id < d->stacks.dense.n && d->stacks.dense.v[id] != PROF_NONE)
		return d->stacks.dense.v[id];
	return t1_stack_slow(d, id, offset);
}

/* Slots of ids, made when they are new; PROF_NONE when memory fails, with d->rc set. */
uint32_t t1_goroutine_slot(struct t1 *d, uint64_t id);
uint32_t t1_proc_slot(struct t1 *d, uint64_t id);
uint32_t t1_thread_slot(struct t1 *d, uint64_t id);
void t1_end_goroutine(struct t1 *d, uint32_t slot);

/* The goroutine args[0]: c->target may be it already. A slot that no id leads to is dead. */
static inline bool t1_is_named(const struct t1 *d, const struct t1_cursor *c, uint32_t g)
{
	return g < d->goroutines.n && (uint64_t)d->t->goroutines.v[g] == c->args[0] &&
	       d->goroutines.v[g].status != T1_DEAD;
}

static inline uint32_t t1_named(struct t1 *d, const struct t1_cursor *c)
{
	return t1_is_named(d, c, c->target) ? c->target : t1_goroutine_slot(d, c->args[0]);
}

/* The subject of what a proc does: its goroutine, else that of its system stack. */
uint32_t t1_subject(struct t1 *d, struct t1_cursor *c);

/* Notes that an event contradicts those before it, and whether it is left out for that. */
void t1_contradicts(struct t1 *d, const struct t1_cursor *c, const char *why, bool dropped);

/* Tells of the goroutine d->named that it is runnable. */
void t1_tell_named(struct t1 *d);

/* The end of a goroutine's system call, where it is in one. */
void t1_take_exit(struct t1 *d, const struct t1_exit *x);

static inline int64_t t1_ns(const struct t1 *d, uint64_t ticks)
{
	return prof_to_i64((double)(int64_t)(ticks - d->base) * d->ns_per_tick);
}

/* Appends an event; T1_MAX_STEP of them fit in one step. Times never stand still, as in Go's
 * reader. `c` NULL: of no proc.
 */
static inline struct prof_trace_event *t1_emit(
	struct t1 *d, const struct t1_cursor *c, unsigned type, int64_t time)
{
	struct prof_trace_event *ev = &d->t->events[d->t->n++];

	*ev = (struct prof_trace_event){
		.time = time > d->last ? time : d->last + 1,
		.kind = prof_wire1[type].kind,
		.type = (uint8_t)type,
		.m = c ? c->m : PROF_NONE,
		.p = c ? c->p : PROF_NONE,
		.g = c ? c->g : PROF_NONE,
		.subject = PROF_TRACE_NONE,
	};
	if (c)
		memcpy(ev->args, c->args, sizeof(ev->args));
	d->last = ev->time;
	return ev;
}

/* The event at a cursor. */
static inline struct prof_trace_event *t1_emit_event(struct t1 *d, const struct t1_cursor *c)
{
	return t1_emit(d, c, c->type, t1_ns(d, c->ticks));
}

static inline void t1_set_stack(
	struct t1 *d, struct prof_trace_event *ev, const struct t1_cursor *c, uint64_t id)
{
	ev->stack = ev->subject_stack = t1_stack(d, id, c->offset);
}

#endif
