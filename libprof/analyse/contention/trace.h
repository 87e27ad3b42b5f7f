/* What an execution trace tells of waiting, which profiles only sum up: each single wait and who
 * ended it; how long locks were held while others waited for them, and what their holders did
 * meanwhile; how many stood in line, and when.
 *
 * Stacks are those of struct prof_contention, times are ns, moments count from the trace's start.
 */
#ifndef PROF_ANALYSE_CONTENTION_TRACE_H
#define PROF_ANALYSE_CONTENTION_TRACE_H

#include "libprof/base/hist.h"
#include "libprof/model/trace.h"

struct prof_contention;

struct prof_contention_wait { /* goroutines that waited at one stack for one reason */
	uint32_t stack;
	uint32_t queue; /* that they stood in; PROF_NONE: none */
	uint64_t count; /* waits that began and ended within the trace */
	uint64_t open; /* waits that were cut by its start or end, or a gap in it */
	uint64_t by_nobody; /* ended by no goroutine: a timer, the network, the runtime */
	int64_t ns; /* of all of them, of those that were cut the parts within */
	struct prof_hist hist; /* ns, of those that were not */
};

struct prof_contention_pair { /* waits at one stack that one stack ended */
	uint32_t waiter, unblocker; /* unblocker PROF_NONE: no goroutine, or not known where */
	uint64_t count;
	int64_t ns; /* waited */
};

/* For how long a lock was held while others waited for it, by the unlocks that let one go on. From
 * when its holder got it, where that is seen (the holder was woken up for it, and the one who got
 * it next waited already); else from when it is known to have held it, which is at least as long.
 */
enum prof_hold_part {
	PROF_HOLD_RAN,
	PROF_HOLD_RUNNABLE, /* without a proc */
	PROF_HOLD_SYSCALL,
	PROF_HOLD_WAITED,
	PROF_HOLD_PARTS
};

struct prof_contention_hold { /* holds that ended at one stack and let waiters of another go on */
	uint32_t waiter, holder;
	uint64_t count, exact; /* exact: those whose begin was seen */
	struct prof_hist hist; /* ns */
	/* What the holders did meanwhile, all together; may be less than they held, for of long
	 * ones not all is kept.
	 */
	int64_t parts_ns[PROF_HOLD_PARTS];
	/* The longest one. */
	bool longest_exact;
	int64_t longest_at, longest_ns; /* at: when it began */
	int64_t longest_parts_ns[PROF_HOLD_PARTS];
	int64_t longest_goroutine; /* id of who held */
	/* Stack: where it waited itself, or was in a system call, longest; PROF_NONE: nowhere. */
	uint32_t longest_waited;
	int64_t longest_waited_ns;
};

/* Where holders waited, or were in a system call, while they held. */
struct prof_contention_meanwhile {
	uint32_t hold, stack; /* hold: of holds */
	uint64_t count;
	int64_t ns;
};

/* How many waited at a time for one lock, which are those whom the same unlocks wake; for other
 * things, at one site.
 */
enum {
	PROF_QUEUE_STEPS = 60, /* at most */
	PROF_QUEUE_POWERS = 16,
};

struct prof_contention_queue_step {
	int64_t ns; /* waited by all: divided by the step's length, how many did on average */
	uint32_t most;
};

struct prof_contention_queue {
	uint32_t waiter; /* a stack: who came first; PROF_NONE: nobody did while it counted */
	uint32_t most;
	int64_t most_at;
	int64_t at_least_ns[PROF_QUEUE_POWERS]; /* how long 2^i or more waited */
	int64_t longest_at, longest_ns; /* the longest stretch in which always two or more did */
	struct prof_contention_queue_step *steps; /* NULL: there never were two */
};

struct prof_contention_trace {
	int64_t ns; /* how long it is, or the part of it that counts */
	int64_t wall_ns; /* of its start, since 1970; 0: not told */
	unsigned can; /* enum prof_trace_can */
	unsigned version;
	PROF_VEC(struct prof_contention_wait) waits;
	PROF_VEC(struct prof_contention_pair) pairs;
	PROF_VEC(struct prof_contention_hold) holds; /* of locks only */
	PROF_VEC(struct prof_contention_meanwhile) meanwhile;
	PROF_VEC(struct prof_contention_queue) queues;
	uint32_t steps; /* of each queue */
	int64_t step_ns; /* the length of one */
};

/* Reads `t` to its end; memory is in proportion to distinct stacks and live goroutines, and within
 * the trace's limit. `out` begins all zero and is k's: prof_contention_trace_fini frees it, also
 * after an error. `range` may be NULL.
 */
int prof_contention_take_trace(struct prof_contention *k, struct prof_trace *t,
	const struct prof_trace_opts *range, struct prof_contention_trace *out,
	struct prof_err *e) PROF_CHECKED;
/* The same in steps, for one pass that serves others, too: a batch of t at a time, and the end. */
struct prof_contention_watch;
int prof_contention_watch_new(struct prof_contention *k, struct prof_trace *t,
	const struct prof_trace_opts *range, struct prof_contention_trace *out,
	struct prof_contention_watch **watch, struct prof_err *e) PROF_CHECKED;
int prof_contention_watch_batch(struct prof_contention_watch *w, struct prof_err *e) PROF_CHECKED;
int prof_contention_watch_end(struct prof_contention_watch *w, struct prof_err *e) PROF_CHECKED;
void prof_contention_watch_free(struct prof_contention_watch *w);

/* Which stack of the trace a stack of k is, and what goroutines were said to wait for there, by the
 * stacks of k that the trace gave it; stack PROF_NONE: it is not of the trace. And the stack of k
 * for such a pair.
 */
struct prof_contention_origin {
	uint32_t stack;
	struct prof_str reason;
};

const struct prof_contention_origin *prof_contention_origins(
	const struct prof_contention_watch *w, size_t *n);
int prof_contention_watch_stack(struct prof_contention_watch *w, uint32_t stack,
	struct prof_str reason, uint32_t *id, struct prof_err *e) PROF_CHECKED;

/* A trace that was read, and prof_contention_take_trace, as a further input of k, which owns it. */
struct prof_contention_input;
int prof_contention_push_trace(struct prof_contention *k, struct prof_contention_trace *x,
	struct prof_contention_input in, struct prof_err *e) PROF_CHECKED;
int prof_contention_add_trace(struct prof_contention *k, struct prof_trace *t,
	struct prof_contention_input in, struct prof_err *e) PROF_CHECKED;

void prof_contention_trace_fini(struct prof_contention *k, struct prof_contention_trace *t);

#endif
