/* Inside the decoder of traces of go 1.22 and later (trace2.h):
 *
 *	trace2_batch.c	the batches of one generation, out of the file
 *	trace2_tables.c	its strings, stacks, CPU samples and clocks
 *	trace2_times.c	which times can be
 *	trace2_memory.c	what GODEBUG=traceallocfree=1 adds
 *	trace2_order.c	what an event requires, and what it changes
 *	trace2_force.c	makes true what an event requires and is not known
 *	trace2.c	the next event of each thread, and which of them comes first
 */
#ifndef PROF_READ_TRACE2_IMPL_H
#define PROF_READ_TRACE2_IMPL_H

#include "libprof/base/idtable.h"
#include "libprof/base/num.h"
#include "libprof/read/trace2.h"

enum {
	T2_MAX_BATCH = 64 << 10,
	T2_MAX_ARGS = 4, /* behind the time */
	T2_MAX_EVENT = 1 + 10 * (1 + T2_MAX_ARGS), /* bytes */
	T2_MAX_FRAMES = 128,
	T2_MAX_STRING = 1024,
	T2_FIXED_STRINGS = 23, /* ids below it mean the same in every generation */
	/* Events that one step may make: the three of a coroutine switch, and what damage adds. */
	T2_MAX_STEP = 16,
};

#define T2_NO_THREAD UINT64_MAX

/* A batch of the generation at hand; T2_MAX_EVENT bytes behind it may be read, too. */
struct t2_batch {
	const uint8_t *p;
	uint64_t time, latest; /* in ticks, of its beginning; its events are not behind `latest` */
	int64_t offset; /* of p, in the file */
	uint32_t len;
	uint32_t next; /* of the same thread; PROF_NONE: the last */
	bool timeless; /* its time cannot be */
};

/* The next event of a thread. */
struct t2_cursor {
	int64_t time, latest; /* ns; what is behind `latest` cannot be */
	uint64_t args[T2_MAX_ARGS];
	const uint8_t *at; /* where the event stands in the batch */
	const uint8_t *p, *end; /* behind it */
	uint32_t m; /* slot, PROF_NONE: no thread */
	uint32_t batch, last_batch;
	uint8_t type;
};

/* Its place among those of all threads. */
struct t2_next {
	int64_t time;
	uint32_t cursor;
};

/* Go's counter of a goroutine's or a proc's steps, valid in one generation. */
struct t2_seq {
	uint64_t n;
	uint64_t generation;
};

struct t2_goroutine {
	struct t2_seq seq;
	uint32_t m; /* the thread that it was last said to be on; PROF_NONE */
	uint32_t regions; /* innermost open one, an index into t2.regions */
	uint32_t stw; /* reason of the stop-the-world it is in, a string; PROF_NONE */
	uint8_t state; /* enum prof_goroutine_state; NOT_EXIST: the slot is free */
	bool assist;
	bool from_cgo; /* a callback made it: its id may come again */
};

enum t2_proc_status {
	T2_PROC_LOST, /* not known */
	T2_PROC_RUNNING,
	T2_PROC_IDLE,
	T2_PROC_SYSCALL,
	T2_PROC_ABANDONED, /* in a system call whose thread has gone */
};

struct t2_proc {
	struct t2_seq seq;
	uint32_t m; /* the thread that took it last; its own while that one's p says so */
	uint8_t status; /* enum t2_proc_status */
	bool sweep;
};

struct t2_thread {
	uint32_t g, p;
	bool seen; /* has had an event, or a goroutine said to be on it */
};

struct t2_region {
	uint64_t task;
	uint32_t name, outer;
};

struct t2_task {
	uint64_t parent;
	uint32_t name;
};

struct t2_sample {
	uint64_t args[T2_MAX_ARGS]; /* m, p, g, stack as in the file */
	int64_t time; /* ticks until the generation is whole, then ns */
	uint32_t order;
};

struct t2_chunk {
	uint8_t *p;
	size_t n, cap;
};

enum t2_gc { T2_GC_UNKNOWN, T2_GC_OFF, T2_GC_ON };

struct t2 {
	struct prof_trace *t;
	struct prof_input *in;

	/* The generation that is at hand. */
	uint64_t generation; /* 0: none yet */
	bool first; /* states may be met that nobody told of before */
	PROF_VEC(struct t2_batch) batches; /* of events */
	PROF_VEC(struct t2_batch) structural;
	PROF_VEC(struct t2_batch) memory; /* of GODEBUG=traceallocfree=1 */
	PROF_VEC(struct t2_chunk) chunks;
	size_t chunk; /* the one that is being filled */
	PROF_VEC(struct t2_cursor) cursors; /* one a thread, in order of first appearance */
	struct prof_idmap cursor_of; /* thread id -> cursor */
	uint64_t min_time; /* ticks */
	double ns_per_tick; /* 0: the generation does not say */
	uint32_t whole_ns; /* the same, where it is a small whole number; else 0 */
	struct prof_idtable strings, stacks; /* of the generation -> of the trace */
	uint32_t fixed[T2_FIXED_STRINGS]; /* strings of the ids below; PROF_NONE */
	PROF_VEC(struct t2_sample) samples;
	size_t sample; /* the next */
	PROF_VEC(struct t2_next) heap; /* cursors by time */
	void *keys; /* n_keys of what the heap is sorted by */
	size_t n_keys;
	uint64_t tries; /* left before an order is taken for broken */

	/* What the events so far have made true. */
	struct prof_idmap goroutine_of, proc_of, thread_of, task_of; /* ids -> slots */
	PROF_VEC(struct t2_goroutine) goroutines;
	PROF_VEC(struct t2_proc) procs;
	PROF_VEC(struct t2_thread) threads;
	PROF_VEC(struct t2_region) regions;
	PROF_VEC(struct t2_task) tasks;
	PROF_VEC(uint32_t) free_goroutines, ended; /* ended: free with the next batch of events */
	uint32_t free_region, free_task;
	struct prof_idmap callbacks; /* ids of goroutines of cgo callbacks that ended */
	struct prof_idmap *maps[6]; /* all of these */
	enum t2_gc gc;
	uint64_t gc_seq;
	int64_t last; /* time of the last event */
	uint64_t syncs;

	bool dump_ended; /* t->dump_count is complete */

	/* Damage. */
	bool force; /* the event at hand is taken whatever it requires */
	const char *why; /* it cannot be */
	uint64_t forced, dropped, late, early, unknown_ids; /* events, ids in this generation */
	/* Of the generation; of the first such event. */
	int64_t offset, forced_offset, late_offset, early_offset;
	int64_t early_by; /* ns, the most */
	char forced_first[120];
	bool gap, after_gap; /* events were lost before the generation that is next, at hand */
	size_t lost; /* goroutines from here on may have ended in a gap */
	bool ready; /* the generation is read, and not begun */
	bool done;
	struct prof_err *e; /* of the call at hand */
	int rc; /* what failed in it and is no damage: memory, a limit, the file */
};

/* Reads the batches of the next generation: 1, 0 when there is none, or an error. */
int t2_read_generation(struct t2 *d) PROF_CHECKED;

/* Counts a batch of the file for t->dump_count; NULL: one whose data is not kept. */
int t2_count_dump(struct t2 *d, uint8_t type, const struct t2_batch *b) PROF_CHECKED;

/* Reads its tables, into d->strings … d->ns_per_tick. */
int t2_read_tables(struct t2 *d) PROF_CHECKED;

/* Likewise those of types of memory, and its layout, into d->t. */
int t2_read_memory(struct t2 *d) PROF_CHECKED;

/* Which of the generation's times can be; behind the tables. Of the batches it sets `timeless` and
 * `latest`.
 */
int t2_check_times(struct t2 *d) PROF_CHECKED;

/* The event at heap[i] has been taken before earlier ones: counts those that it let come, though
 * they seem to be long before it.
 */
void t2_check_early(struct t2 *d, size_t i);

/* The trace's ids of strings and stacks of the generation. */
uint32_t t2_string(struct t2 *d, uint64_t id);
uint32_t t2_stack_slow(struct t2 *d, uint64_t id);

static inline uint32_t t2_stack(struct t2 *d, uint64_t id)
{
	if (id < d->stacks.dense.n && d->stacks.dense.v[id] != PROF_NONE)
		return d->stacks.dense.v[id];
	return t2_stack_slow(d, id);
}

static inline int64_t t2_ns(const struct t2 *d, uint64_t ticks)
{
	/* The same without a detour: a tick is a whole number of ns nearly everywhere. */
	if (ticks >> 32 == 0 && d->whole_ns)
		return (int64_t)(ticks * d->whole_ns);
	return prof_to_i64((double)ticks * d->ns_per_tick);
}

enum t2_outcome {
	T2_BROKEN = -1, /* contradicts what is known: d->why */
	T2_NOT_YET = 0, /* another thread's event comes first */
	T2_DONE = 1, /* is in the queue */
};

/* How many arguments an event has, its time among them; 0: it stands in no batch of events. */
extern const uint8_t t2_n_args[PROF_TRACE_WIRE_TYPES];

/* Takes the event at a cursor if what it requires is true. */
enum t2_outcome t2_advance(struct t2 *d, const struct t2_cursor *c);

/* Takes it in any case, or drops it where nothing can be made of it. */
void t2_force(struct t2 *d, const struct t2_cursor *c);

/* The slots of ids, made when they are new; PROF_NONE when memory fails, with d->rc set. A new
 * goroutine's state is PROF_G_UNDETERMINED, a new proc's T2_PROC_LOST.
 */
uint32_t t2_goroutine_slot(struct t2 *d, uint64_t id);
uint32_t t2_proc_slot(struct t2 *d, uint64_t id);
uint32_t t2_thread_slot(struct t2 *d, uint64_t id);
void t2_end_goroutine(struct t2 *d, uint32_t slot);

/* Appends an event in the context (m, p, g); T2_MAX_STEP of them fit in one step. Times never stand
 * still, as in Go's reader.
 */
static inline struct prof_trace_event *t2_emit(
	struct t2 *d, unsigned type, int64_t time, uint32_t m, uint32_t p, uint32_t g)
{
	struct prof_trace_event *ev = &d->t->events[d->t->n++];

	*ev = (struct prof_trace_event){
		.time = time > d->last ? time : d->last + 1,
		.kind = prof_wire2[type].kind,
		.type = (uint8_t)type,
		.m = m,
		.p = p,
		.g = g,
		.subject = PROF_TRACE_NONE,
	};
	d->last = ev->time;
	return ev;
}

#endif
