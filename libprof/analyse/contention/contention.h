/* Who waits, who holds, how long. Every input of one process fills the same few tables:
 *
 *	block profile	 waits	(stack -> contentions, delay)		the side that waited
 *	mutex profile	 holds	(stack -> contentions, delay)		the side that unlocked
 *	goroutine dump	 present (stack -> goroutines waiting now)
 *	trace		 struct prof_contention_trace: waits one by one, who ended them, holds,
 *queues
 *
 * over one set of interned functions, frames and stacks, which stacks.c classifies as they come
 * in: what is waited for (the class), and the frame of the program that waits (the site). Sites,
 * lists, matches of holders with waiters and rates are derived when all inputs are in (derive.c).
 *
 * Times are ns. Delay in ns per ns of time watched is the mean number of goroutines that wait
 * (Little's law), which is also what a dump counts: so all inputs compare.
 */
#ifndef PROF_ANALYSE_CONTENTION_H
#define PROF_ANALYSE_CONTENTION_H

#include "libprof/analyse/contention/trace.h"
#include "libprof/base/regex.h"
#include "libprof/model/gate.h"
#include "libprof/model/goroutine.h"
#include "libprof/model/report.h"

/* What is waited for. */
enum prof_wait_class {
	PROF_WAIT_OTHER, /* not told */
	PROF_WAIT_MUTEX,
	PROF_WAIT_READ_LOCK, /* of an RWMutex */
	PROF_WAIT_WRITE_LOCK,
	PROF_WAIT_SEND,
	PROF_WAIT_RECEIVE,
	PROF_WAIT_SELECT,
	PROF_WAIT_COND,
	PROF_WAIT_GROUP,
	PROF_WAIT_SEMAPHORE,
	PROF_WAIT_RUNTIME_LOCK,
	PROF_WAIT_NETWORK,
	PROF_WAIT_SYSCALL,
	PROF_WAIT_SLEEP,
	PROF_WAIT_ASSIST, /* for the collector */
	PROF_WAIT_SYSTEM, /* the runtime's own goroutines */
	PROF_WAIT_CLASSES,
};

static inline bool prof_wait_is_lock(unsigned class)
{
	return class == PROF_WAIT_MUTEX || class == PROF_WAIT_READ_LOCK ||
	       class == PROF_WAIT_WRITE_LOCK || class == PROF_WAIT_RUNTIME_LOCK;
}

enum prof_wait_list {
	PROF_WAITS_CONTENTION, /* for a lock that somebody holds */
	PROF_WAITS_BACKPRESSURE, /* for the slow other side of a channel or connection */
	PROF_WAITS_IDLE, /* for work to come */
	PROF_WAIT_LISTS,
};

/* stacks.c */

struct prof_contention_frame {
	uint32_t function; /* of k->functions */
	uint32_t line; /* 0: not told */
};

struct prof_contention_function {
	uint32_t name, file; /* strings of k->names */
	uint8_t class; /* enum prof_wait_class that this function tells; PROF_WAIT_CLASSES: none
			*/
	bool plumbing; /* of sync, runtime …: never a site while others are there */
	bool passes; /* plumbing where bytes are read or written: net, io … */
	bool wraps_lock; /* a method that does no more than take or release a lock */
	bool library; /* of Go's standard library */
	bool hidden; /* the runtime's, and wrappers that the compiler makes */
	bool closure;
	bool unlocks;
	uint64_t asked, matched; /* patterns.c: bits of patterns */
	uint32_t owner, package; /* strings */
};

struct prof_contention_stack {
	uint32_t first, n; /* frames of k->frames, leaf first */
	uint32_t site; /* index of the site's frame below n; n where there are no frames */
	uint32_t owner; /* string: the type or package that the lock belongs to; 0: not told */
	uint8_t class; /* enum prof_wait_class */
	uint8_t said; /* enum prof_wait_class: what the input says, beside its frames */
	uint8_t list; /* enum prof_wait_list: by shape alone */
	bool undecided; /* a select at the top of its goroutine: of a sender, or of a worker */
	bool unlocks; /* the stack of somebody who lets others go on */
	const char *why; /* it is on that list */
};

/* patterns.c: what tells a list by the names of functions. */
enum prof_contention_where {
	PROF_PATTERN_STACK, /* any frame */
	PROF_PATTERN_SITE,
	PROF_PATTERN_TOP, /* the site, of an undecided stack */
	PROF_PATTERN_WHERES,
};

struct prof_contention_pattern {
	struct prof_regex *re; /* NULL: not compiled yet */
	uint32_t text, why; /* strings */
	uint32_t beginning; /* string: of all names that match; 0: not known */
	uint8_t list; /* enum prof_wait_list */
	uint8_t class; /* enum prof_wait_class; PROF_WAIT_CLASSES: any but locks */
	uint8_t where; /* enum prof_contention_where */
};

/* What an input was, and the rows of k->samples that it gave. */
enum prof_contention_kind {
	PROF_CONTENTION_BLOCK,
	PROF_CONTENTION_MUTEX,
	PROF_CONTENTION_DUMP,
	PROF_CONTENTION_TRACE,
	PROF_CONTENTION_KINDS,
};

struct prof_contention_sample {
	uint32_t stack;
	int64_t count,
		ns; /* of a dump: goroutines, and for how long the first of them has waited */
};

struct prof_contention_input {
	uint32_t name, binary, build_id; /* strings; 0: not told */
	uint64_t process; /* where the kernel put the vdso, at random for each; 0: not told */
	uint8_t kind, side; /* enum prof_contention_kind, prof_side */
	int64_t time_ns, file_ns; /* since 1970; 0: not told */
	int64_t duration_ns; /* of what it covers; 0: since the program's start, or not told */
	uint32_t first, n; /* of k->samples, by stack, each once */
	uint32_t trace; /* of k->traces */
	int64_t count, ns; /* sums over the file's samples */
	int64_t fraction; /* a mutex profile's counts are multiples of it */
	int64_t rate_ns; /* of a block profile: shorter waits are sampled; 0: not known */
};

/* A goroutine of a dump that seems to hold the lock that others wait for at a stack. */
struct prof_contention_grip {
	uint32_t input, waiter, holder; /* stacks: where it is waited for, where the holder is */
	uint64_t goroutine; /* the holder's id */
};

struct prof_contention {
	struct prof_contention_opts opts;
	struct prof_mem mem;
	struct prof_strtab names;
	PROF_VEC(struct prof_contention_function) functions;
	PROF_VEC(struct prof_contention_frame) frames;
	PROF_VEC(struct prof_contention_stack) stacks;
	PROF_VEC(struct prof_contention_sample) samples;
	PROF_VEC(struct prof_contention_input) inputs;
	PROF_VEC(struct prof_contention_grip) grips;
	PROF_VEC(struct prof_contention_trace) traces;
	PROF_VEC(struct prof_contention_pattern) patterns; /* the user's, then those built in */
	bool built_in_patterns; /* are there, and `about`: the patterns' bits, of sites and stacks
				 */
	uint64_t about[PROF_WAIT_CLASSES][2][2]; /* by class, undecided, whether of any frame */
	PROF_VEC(struct prof_gate) gates;
	struct prof_index function_index, stack_index;
	struct prof_buf damage, room;
};

static inline struct prof_str prof_contention_name(const struct prof_contention *k, uint32_t id)
{
	return prof_strtab_get(&k->names, id);
}

/* The id of a function; of a stack, leaf first, classified by its functions and by what the input
 * says that it waits for (a dump's state, a trace's reason; "": nothing).
 */
int prof_contention_function(struct prof_contention *k, struct prof_str name, struct prof_str file,
	uint32_t *id, struct prof_err *e) PROF_CHECKED;
int prof_contention_stack(struct prof_contention *k, const struct prof_contention_frame *frames,
	size_t n, struct prof_str state, uint32_t *id, struct prof_err *e) PROF_CHECKED;

/* The package of a function's name: "net/http" of "net/http.(*conn).serve". */
struct prof_str prof_contention_package(struct prof_str name);

extern const char *const prof_wait_class_names[]; /* "mutex" … */
extern const char *const prof_wait_list_names[]; /* "contention" … */

/* patterns.c: sets the stack's list where a pattern tells one. No patterns can be added after it.
 */
int prof_contention_match_pattern(struct prof_contention *k,
	const struct prof_contention_frame *frames, struct prof_contention_stack *s,
	struct prof_err *e) PROF_CHECKED;

/* take.c: the samples of a profile: block or mutex by what is on top of its stacks; or goroutines.
 * `in` has what the file says besides; `s` is NULL, or the goroutines that p is of.
 */
int prof_contention_take(struct prof_contention *k, const struct prof_profile *p,
	const struct prof_goroutines *s, struct prof_contention_input in,
	struct prof_err *e) PROF_CHECKED;

#endif
