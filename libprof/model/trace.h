/* An execution trace as a stream of events, and the tables that they refer to (prof.h tells what an
 * event is). A decoder fills a struct prof_trace as it goes: it puts events into the queue, in
 * order, and interns strings and stacks, so that equal ones of different generations are one id.
 *
 * Analyses take batches of events rather than one at a time:
 *
 *	while ((rc = prof_trace_fill(t, e)) > 0)
 *		for (size_t i = 0; i < t->n; i++)
 *			… t->events[i] …
 *
 * Slots of goroutines that end within a batch are used anew only in a later one; a PROF_TRACE_SYNC
 * or _GAP is the first event of its batch. Events and what is made of them cost memory in
 * proportion to what lives, not to how many there are.
 */
#ifndef PROF_MODEL_TRACE_H
#define PROF_MODEL_TRACE_H

#include "libprof/base/idtable.h"
#include "libprof/base/strtab.h"
#include "libprof/model/trace_wire.h"

enum {
	PROF_TRACE_BATCH = 256, /* events at most, in t->events */
	PROF_TRACE_WIRE_TYPES = 256,
	PROF_TRACE_DAMAGES = 1000, /* entries that are kept; the rest is counted */
};

/* Of GODEBUG=traceallocfree=1: a type of objects; what ids of memory count from, and by, in bytes.
 */
struct prof_trace_type {
	uint64_t bytes;
	uint32_t name;
};

struct prof_trace_layout {
	uint64_t base, page, object, stack; /* 0: not known */
};

struct prof_trace {
	struct prof_mem mem;
	struct prof_limits limits;
	char header[17]; /* "go 1.23 trace" */
	unsigned version; /* 23 */
	unsigned can; /* enum prof_trace_can */
	const struct prof_wire *wire; /* event types of this format */
	/* Set before the first fill: traces of before go 1.22 are told in the events that Go's own
	 * reader makes of them, of the types of go 1.22.
	 */
	bool as_go;

	/* Tables. */
	struct prof_strtab strings;
	PROF_VEC(uint32_t) stack_start; /* one more than there are stacks */
	PROF_VEC(struct prof_trace_frame) frames;
	struct prof_index stack_index;
	PROF_VEC(int64_t) goroutines; /* slot -> id */
	PROF_VEC(int64_t) procs;
	PROF_VEC(int64_t) threads;
	PROF_VEC(struct prof_trace_damage) damage;
	uint64_t damage_left_out;
	struct prof_arena texts; /* of damage */
	struct prof_trace_clock clock;
	bool has_clock;
	struct prof_trace_layout layout;
	PROF_VEC(struct prof_trace_type) types; /* of the generation */
	struct prof_idtable type_of; /* the file's ids of them */

	/* Counts so far. */
	uint64_t generations, goroutine_count; /* of distinct ids */
	uint64_t wire_count[PROF_TRACE_WIRE_TYPES];
	/* Of what Go's dump of the records shows before it gives up; NULL: it shows all. */
	uint64_t *dump_count;

	/* The batch, and where prof_trace_next stands in it. */
	struct prof_trace_event *events;
	size_t n, at;

	/* Puts the next events into events[0 .. n): 1, 0 at the end, or an error. */
	int (*fill)(struct prof_trace *t, struct prof_err *e);
	void (*close)(struct prof_trace *t); /* frees the decoder; NULL: there is none yet */
	void *decoder;
	/* What the decoder reads, where the trace owns it. */
	void (*close_input)(void *input);
	void *input;
};

/* An empty trace, its tables begun; NULL with `e` set. */
struct prof_trace *prof_trace_new(const struct prof_limits *limits, struct prof_err *e);

static inline int prof_trace_fill(struct prof_trace *t, struct prof_err *e)
{
	t->n = t->at = 0;
	return t->fill(t, e);
}

/* The id of a string, within the limits. */
int prof_trace_add_string(struct prof_trace *t, const void *p, size_t len, uint32_t *id,
	struct prof_err *e) PROF_CHECKED;

/* The id of a stack of n frames, leaf first; 0 when n is 0. */
int prof_trace_add_stack(struct prof_trace *t, const struct prof_trace_frame *frames, size_t n,
	uint32_t *id, struct prof_err *e) PROF_CHECKED;

/* prof_trace_stack, but that of a stack that tells nothing: one frame without a pc. */
size_t prof_trace_known_stack(
	const struct prof_trace *t, uint32_t id, const struct prof_trace_frame **frames);

/* The id of a stack of its own without frames: one whose table is lost is nobody knows what, but
 * the same for the same id of the file. `stacks`: those ids, to which it is added.
 */
int prof_trace_add_lost_stack(struct prof_trace *t, struct prof_idtable *stacks, uint64_t file_id,
	uint32_t *id, struct prof_err *e) PROF_CHECKED;

/* Lists a damage. */
int prof_trace_damaged(struct prof_trace *t, int64_t offset, uint64_t generation,
	struct prof_err *e, const char *fmt, ...) PROF_PRINTF(5, 6) PROF_CHECKED;

#endif
