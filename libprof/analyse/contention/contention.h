/* Who waits, who holds, how long. Every input of one process fills the same few tables:
 *
 *	block profile	 waits	(stack -> contentions, delay)		the side that waited
 *	mutex profile	 holds	(stack -> contentions, delay)		the side that unlocked
 *	goroutine dump	 present (stack -> goroutines waiting now)
 *	trace		 waits one by one, who ended them, holds, queues
 *
 * over one set of functions, places and stacks (stacks.h), classified as they come in. Sites,
 * lists, matches of holders with waiters and rates are derived when all inputs are in (sites.h).
 *
 * Times are ns. Delay in ns per ns of time watched is the mean number of goroutines that wait
 * (Little's law), which is also what a dump counts: so all inputs compare.
 */
#ifndef PROF_ANALYSE_CONTENTION_H
#define PROF_ANALYSE_CONTENTION_H

#include "libprof/analyse/contention/stacks.h"
#include "libprof/analyse/contention/trace.h"
#include "libprof/base/regex.h"
#include "libprof/model/gate.h"
#include "libprof/model/goroutine.h"
#include "libprof/model/report.h"

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

/* What an input was. */
enum prof_contention_kind {
	PROF_CONTENTION_BLOCK,
	PROF_CONTENTION_MUTEX,
	PROF_CONTENTION_DUMP,
	PROF_CONTENTION_TRACE,
	PROF_CONTENTION_KINDS,
};

struct prof_contention_sample {
	int64_t count,
		ns; /* of a dump: goroutines, and for how long the first of them has waited */
};

struct prof_contention_input {
	uint32_t name, binary, build_id; /* strings; 0: not told */
	uint64_t process; /* where the kernel put the vdso, at random for each; 0: not told */
	uint8_t kind, side; /* enum prof_contention_kind, prof_side */
	int64_t time_ns, file_ns; /* since 1970; 0: not told */
	int64_t duration_ns; /* of what it covers; 0: since the program's start, or not told */
	/* Samples, of a stack each, by column; all stacks in turn where `stacks` is empty. */
	PROF_VEC(uint32_t) stacks;
	struct prof_column counts, delays;
	uint32_t trace; /* of k->traces */
	int64_t count, ns; /* sums over the file's samples */
	int64_t fraction; /* a mutex profile's counts are multiples of it */
	int64_t rate_ns; /* of a block profile: shorter waits are sampled; 0: not known */
	int64_t rate_most_ns; /* it is no more than that; 0: not known */
};

/* Goroutines of a dump that wait at a stack for one lock. */
struct prof_contention_grip {
	uint32_t input, waiter; /* waiter: stack */
	int64_t n;
	uint64_t address, object; /* as struct prof_lock has them */
	uint32_t holder; /* stack of who seems to hold it; PROF_NONE: not known */
	uint64_t goroutine; /* his id */
};

struct prof_contention {
	struct prof_contention_opts opts;
	struct prof_mem mem;
	struct prof_strtab names;
	PROF_VEC(struct prof_contention_function) functions;
	PROF_VEC(struct prof_contention_frame) frames;
	PROF_VEC(struct prof_contention_place) places;
	PROF_VEC(uint8_t) facts; /* of places: enum prof_contention_fact */
	PROF_VEC(uint32_t) stack_places;
	PROF_VEC(struct prof_contention_stack) stacks;
	bool indexed; /* by stack_index */
	PROF_VEC(struct prof_contention_input) inputs;
	PROF_VEC(struct prof_contention_grip) grips;
	PROF_VEC(struct prof_contention_trace) traces;
	PROF_VEC(struct prof_contention_pattern) patterns; /* the user's, then those built in */
	bool built_in_patterns; /* are there, and `about`: the patterns' bits, of sites and stacks
				 */
	uint64_t about[PROF_WAIT_CLASSES][2][2]; /* by class, undecided, whether of any frame */
	uint64_t of_stacks; /* patterns of any frame */
	PROF_VEC(struct prof_gate) gates;
	struct prof_index function_index, place_index, stack_index;
	struct prof_buf damage, room;
};

void prof_contention_input_fini(struct prof_contention *k, struct prof_contention_input *in);

static inline struct prof_str prof_contention_name(const struct prof_contention *k, uint32_t id)
{
	return prof_strtab_get(&k->names, id);
}

/* From a frame of a stack towards its root. */
struct prof_contention_walk {
	uint32_t place, end; /* of k->stack_places: the next one */
	uint32_t frame, last; /* of k->frames: those of this one */
};

static inline struct prof_contention_walk prof_contention_walk(
	const struct prof_contention_stack *s)
{
	return (struct prof_contention_walk){s->first, s->first + s->n, 0, 0};
}

/* From the site on. */
static inline struct prof_contention_walk prof_contention_walk_site(
	const struct prof_contention *k, const struct prof_contention_stack *s)
{
	uint32_t at = s->first + s->site_place;
	const struct prof_contention_place *p;

	if (s->site == PROF_NONE)
		return (struct prof_contention_walk){0, 0, 0, 0};
	p = &k->places.v[k->stack_places.v[at]];
	return (struct prof_contention_walk){at + 1, s->first + s->n, s->site, p->first + p->n};
}

/* NULL behind the last one. */
static inline const struct prof_contention_frame *prof_contention_next(
	const struct prof_contention *k, struct prof_contention_walk *w)
{
	while (w->frame == w->last) {
		const struct prof_contention_place *p;

		if (w->place == w->end)
			return NULL;
		p = &k->places.v[k->stack_places.v[w->place++]];
		w->frame = p->first;
		w->last = p->first + p->n;
	}
	return &k->frames.v[w->frame++];
}

/* Frames that are left. */
static inline uint32_t prof_contention_depth(
	const struct prof_contention *k, struct prof_contention_walk w)
{
	uint32_t n = w.last - w.frame;

	for (uint32_t i = w.place; i < w.end; i++)
		n += k->places.v[k->stack_places.v[i]].n;
	return n;
}

static inline const struct prof_contention_function *prof_contention_function_of(
	const struct prof_contention *k, const struct prof_contention_frame *f)
{
	return &k->functions.v[f->function];
}

/* The site's function; NULL: the stack has no frames. */
static inline const struct prof_contention_function *prof_contention_site_function(
	const struct prof_contention *k, const struct prof_contention_stack *s)
{
	return s->site == PROF_NONE ? NULL : prof_contention_function_of(k, &k->frames.v[s->site]);
}

/* patterns.c: asks the patterns of stacks about a function, once. No patterns can be added after.
 */
int prof_contention_ask_patterns(
	struct prof_contention *k, uint32_t function, struct prof_err *e) PROF_CHECKED;
/* The first pattern that tells the stack's list; PROF_NONE: none does. `facts`: of its places. */
int prof_contention_match_pattern(struct prof_contention *k, const struct prof_contention_stack *s,
	unsigned facts, unsigned *pattern, struct prof_err *e) PROF_CHECKED;

/* sampling.c: finds the fraction of a mutex profile, whose period is that of the file, or the rate
 * of a block profile, from the input's columns.
 */
void prof_contention_sampling(struct prof_contention_input *in, int64_t period);

/* take.c: the samples of a profile: block or mutex by what is on top of its stacks; or goroutines.
 * `in` has what the file says besides; `s` is NULL, or the goroutines that p is of. Of a block or
 * mutex profile the stacks and values may be taken out, so it is of no use after.
 */
int prof_contention_take(struct prof_contention *k, struct prof_profile *p,
	const struct prof_goroutines *s, struct prof_contention_input in,
	struct prof_err *e) PROF_CHECKED;

#endif
