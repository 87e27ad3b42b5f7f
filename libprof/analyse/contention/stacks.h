/* Functions, places and stacks of all inputs, classified as they come in: what a stack waits for
 * (the class), the frame of the program that waits (the site), and the list that shape tells.
 *
 * A stack is a list of places, leaf first. A place is what one address stands for: a frame, and in
 * profiles those of functions inlined there, innermost first. Inputs differ in that: stacks are
 * equal when their frames are.
 *
 *	struct prof_contention_walk w = prof_contention_walk(k, s);
 *
 *	while ((f = prof_contention_next(k, &w)))	leaf first
 */
#ifndef PROF_ANALYSE_CONTENTION_STACKS_H
#define PROF_ANALYSE_CONTENTION_STACKS_H

#include <stdbool.h>

#include "libprof/base/strtab.h"

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
	/* Said of a stack: for the network, by a goroutine that an accept loop started. */
	PROF_WAIT_ACCEPTED,
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

struct prof_contention_function {
	uint32_t name, file; /* strings of k->names */
	uint8_t class; /* enum prof_wait_class that this function tells; PROF_WAIT_CLASSES: none
			*/
	bool weak; /* its class counts where no function below tells one */
	bool plumbing; /* of sync, runtime …: never a site while others are there */
	bool passes; /* plumbing where bytes are read or written: net, io … */
	bool wraps_lock; /* a method that does no more than take or release a lock */
	bool library; /* of Go's standard library */
	bool hidden; /* the runtime's, and wrappers that the compiler makes */
	bool closure;
	bool unlocks;
	bool runtime_lock; /* takes or releases the runtime's own locks, as part of something else
			    */
	uint8_t facts; /* enum prof_contention_fact of places with it */
	uint64_t asked, matched; /* patterns.c: bits of patterns */
	uint32_t owner, package; /* strings */
};

struct prof_contention_frame {
	uint32_t function; /* of k->functions */
	uint32_t line; /* 0: not told */
};

struct prof_contention_place {
	uint32_t first, n; /* frames of k->frames; a place that nothing is known of has none */
};

/* What is to be known of all places of a stack: bits. */
enum prof_contention_fact {
	PROF_PLACE_KNOWN = 1, /* has a frame */
	PROF_PLACE_MAIN = 2, /* main.main */
	PROF_PLACE_PATTERN = 4, /* a pattern of stacks matches a function */
	PROF_PLACE_SHOWN = 8, /* a function is not hidden */
};

struct prof_contention_stack {
	uint32_t first, n; /* of k->stack_places, leaf first */
	uint32_t site_place; /* index of the site's place below n */
	uint32_t site; /* the site's frame, of k->frames; PROF_NONE: there are no frames */
	enum prof_wait_class class : 5;
	enum prof_wait_class said : 5; /* what the input says, beside its frames */
	enum prof_wait_list list : 2; /* by shape alone */
	unsigned why : 8; /* it is on that list: prof_contention_why */
	/* A select, or a connection, at the top of its goroutine: of who has work, or has none. */
	bool undecided : 1;
	bool unlocks : 1; /* the stack of somebody who lets others go on */
};

struct prof_contention;

/* What dumps call states, and the tracer reasons, as a class. */
enum prof_wait_class prof_contention_said(struct prof_str state);

/* The id of a function; of a place that is one frame. */
int prof_contention_function(struct prof_contention *k, struct prof_str name, struct prof_str file,
	uint32_t *id, struct prof_err *e) PROF_CHECKED;
int prof_contention_place(struct prof_contention *k, struct prof_contention_frame frame,
	uint32_t *id, struct prof_err *e) PROF_CHECKED;

/* Appends a place of n lines, whose frames were appended to k->frames. */
int prof_contention_add_place(struct prof_contention *k, size_t n, struct prof_err *e) PROF_CHECKED;

/* The id of a stack, by what the input says that it waits for (OTHER: nothing). */
int prof_contention_stack(struct prof_contention *k, const uint32_t *places, size_t n,
	enum prof_wait_class said, uint32_t *id, struct prof_err *e) PROF_CHECKED;

/* The same as a new one, without a look whether it is there, of places that are in k->stack_places;
 * equal ones become one when another input comes.
 */
int prof_contention_new_stack(
	struct prof_contention *k, uint32_t first, uint32_t n, struct prof_err *e) PROF_CHECKED;

/* String: the type or package that the stack's lock belongs to; 0: not told. */
uint32_t prof_contention_owner(
	const struct prof_contention *k, const struct prof_contention_stack *s);
const char *prof_contention_why(
	const struct prof_contention *k, const struct prof_contention_stack *s);

/* The package of a function's name: "net/http" of "net/http.(*conn).serve". */
struct prof_str prof_contention_package(struct prof_str name);

extern const char *const prof_wait_class_names[]; /* "mutex" … */
extern const char *const prof_wait_list_names[]; /* "contention" … */

#endif
