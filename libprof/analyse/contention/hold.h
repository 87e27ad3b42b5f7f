/* Who held a lock, since when, and what it did meanwhile. Traces don't tell who takes a lock that
 * is free; they tell who waits, who lets whom go on, and what every goroutine is doing. From these
 * it follows that
 *
 * - who was woken up for a lock and does not wait for it again has got it, when it ran;
 * - who waits for a lock at a moment shows that it is held then;
 * - while somebody waits, hardly anyone gives a lock back without waking somebody up: so of two
 *   unlocks that wake somebody, the later one's goroutine has held it from when somebody began to
 *   wait after the earlier one; and who held it while it was not running has held it since it ran;
 * - where one function locks and unlocks, who is outside of it holds nothing.
 *
 * A stack does not say which lock it is for: of many that one stack locks (a shard each) the
 * holds may be told shorter than they were.
 */
#ifndef PROF_ANALYSE_CONTENTION_HOLD_H
#define PROF_ANALYSE_CONTENTION_HOLD_H

#include <stdbool.h>

#include "libprof/analyse/contention/queue.h"
#include "libprof/base/hash.h"

enum { PROF_HOLDER_LOCKS = 4 };

struct prof_holder_step {
	int64_t begin;
	uint32_t stack; /* where it waits, or is in a system call; PROF_NONE */
	uint8_t state; /* enum prof_goroutine_state */
};

/* A goroutine, by slot. */
struct prof_holder {
	struct prof_holder_step *steps; /* a ring of `cap`, a power of 2 */
	uint32_t n, cap; /* n: all that there were */
	uint32_t woken; /* line that it was woken from, until it runs; PROF_NONE */
	uint32_t woken_stack; /* where it waited there */
	struct {
		uint32_t line; /* that it has got through, last first; PROF_NONE */
		uint32_t stack; /* where it waited there */
		int64_t at;
	} got[PROF_HOLDER_LOCKS];
};

/* A line for a lock, by its number. */
struct prof_held {
	int64_t since; /* somebody has waited since then, after the last unlock that woke somebody;
			* INT64_MIN: nobody */
	int64_t unlocked; /* when that was */
	uint32_t woken; /* slot: who was; PROF_NONE */
};

struct prof_holds {
	struct prof_contention *k;
	struct prof_mem *mem; /* k's */
	struct prof_lines *lines;
	PROF_VEC(struct prof_holder) holders;
	PROF_VEC(struct prof_held) held;
	PROF_VEC(bool) locking; /* function of k -> somebody waited in it for a lock */
	struct prof_index hold_index, meanwhile_index;
};

struct prof_unlock { /* that woke somebody up */
	uint32_t line; /* found with prof_lines_find */
	uint32_t g, woken; /* slots */
	int64_t goroutine; /* id of g */
	uint32_t holder, waiter; /* stacks: of the unlock, and where it waited that goes on */
	int64_t waiting_since, time;
	int64_t from; /* times are told from here */
};

/* `lines` are borrowed: what merges there is one lock here. */
void prof_holds_init(struct prof_holds *x, struct prof_contention *k, struct prof_lines *lines);
void prof_holds_fini(struct prof_holds *x);

/* Room for so many goroutines and for all lines; before they are named. */
int prof_holds_reserve(struct prof_holds *x, size_t goroutines, struct prof_err *e) PROF_CHECKED;

/* A goroutine begins its life; or nothing is known about it any more. */
void prof_holds_begin(struct prof_holds *x, uint32_t g);
/* Nothing is known about any lock any more. */
void prof_holds_forget(struct prof_holds *x);

/* Two lines have merged. */
void prof_holds_merge(struct prof_holds *x, uint32_t a, uint32_t b);

/* It comes into a state; `line`: of the lock that it begins to wait for, found with
 * prof_lines_find; else PROF_NONE.
 */
int prof_holds_step(struct prof_holds *x, uint32_t g, struct prof_holder_step s, uint32_t line,
	struct prof_err *e) PROF_CHECKED;

/* Before the step of the one who is woken up. */
int prof_holds_unlock(struct prof_holds *x, const struct prof_unlock *u,
	struct prof_contention_trace *out, struct prof_err *e) PROF_CHECKED;

#endif
