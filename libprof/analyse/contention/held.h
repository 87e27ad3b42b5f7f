/* What traces tell of holds and of queues, by sites: rows of stacks become rows of sites, those of
 * several traces one.
 */
#ifndef PROF_ANALYSE_CONTENTION_HELD_H
#define PROF_ANALYSE_CONTENTION_HELD_H

#include "libprof/analyse/contention/contention.h"

struct prof_contention_held {
	uint32_t holder, waiter; /* sites */
	uint64_t count, exact; /* as in struct prof_contention_hold */
	struct prof_hist hist;
	int64_t parts_ns[PROF_HOLD_PARTS];
	const struct prof_contention_hold *longest; /* the row that has it */
	uint32_t elsewhere, n_elsewhere; /* of struct prof_contention_facts, longest first */
};

/* Where the holders of a row waited themselves, or were in a system call. */
struct prof_contention_elsewhere {
	uint32_t held; /* the row */
	uint32_t stack; /* one of its site and class */
	uint64_t count;
	int64_t ns;
};

/* A queue that is worth a look: two or more stood in it. */
struct prof_contention_line {
	const struct prof_contention_queue *queue;
	const struct prof_contention_trace *trace;
	uint32_t site; /* of who came first */
};

/* Goroutines of one function that ended waits of a site, which are not for locks. */
struct prof_contention_ender {
	uint32_t waiter; /* site */
	uint32_t stack, function; /* of who ended them: a stack, its site's function */
	uint8_t class; /* enum prof_wait_class: what he did */
	int64_t count, ns;
};

struct prof_contention_facts {
	struct prof_mem *mem;
	PROF_VEC(struct prof_contention_held)
	held; /* those that held longest, all together, first */
	PROF_VEC(struct prof_contention_elsewhere) elsewhere;
	PROF_VEC(struct prof_contention_line) lines; /* those in which two stood longest first */
	PROF_VEC(struct prof_contention_ender) enders; /* by site, who ended most first */
};

/* How many stood in it on average during a step. */
double prof_contention_line_mean(const struct prof_contention_line *l, uint32_t step);

struct prof_contention_sites;

/* Of one side, whose sites are in their order. x is all zero before; _fini frees it in any case. */
int prof_contention_facts_init(struct prof_contention_facts *x,
	const struct prof_contention_sites *sites, struct prof_err *e) PROF_CHECKED;
void prof_contention_facts_fini(struct prof_contention_facts *x);

/* ended.c: fills enders; those of a site. */
int prof_contention_enders_find(struct prof_contention_facts *x,
	const struct prof_contention_sites *sites, struct prof_err *e) PROF_CHECKED;
const struct prof_contention_ender *prof_contention_enders_of(
	const struct prof_contention_facts *x, uint32_t site, size_t *n);

/* The frame that stands for a stack's site; NULL: it has none. */
const struct prof_contention_frame *prof_contention_stack_frame(
	const struct prof_contention *k, uint32_t stack);

#endif
