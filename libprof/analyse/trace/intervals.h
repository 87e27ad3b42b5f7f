/* From transitions to intervals: how long a goroutine was in which state, and why. What analyses
 * of traces share.
 *
 *	prof_intervals_event(&x, ev) for each event; when it returns true, x.last is an interval
 *	that ended with it.
 *
 * A goroutine that is met in a state rather than created was in it since the trace began (or since
 * the gap in it); `seen` is when it was met. What is open at the trace's end is closed by
 * prof_intervals_close, one goroutine at a time.
 */
#ifndef PROF_ANALYSE_TRACE_INTERVALS_H
#define PROF_ANALYSE_TRACE_INTERVALS_H

#include "libprof/model/trace.h"

struct prof_interval {
	int64_t begin, seen, end; /* ns */
	uint32_t g; /* slot */
	uint32_t reason; /* why it was entered, a string */
	uint32_t stack; /* of the event that entered it */
	uint8_t state; /* enum prof_goroutine_state */
	bool open; /* cut by the end of the trace, or a gap */
	bool ran; /* the goroutine had run before it ended */
};

struct prof_intervals {
	struct prof_mem *mem;
	PROF_VEC(struct prof_interval) now; /* slot -> what it is in; NOT_EXIST: not there */
	int64_t start; /* of the trace, or of what follows a gap */
	struct prof_interval last; /* of prof_intervals_close */
	uint32_t closing; /* prof_intervals_close stands here */
	bool begun;
};

void prof_intervals_init(struct prof_intervals *x, struct prof_mem *mem);
void prof_intervals_fini(struct prof_intervals *x);

/* Room for the slots of a trace; before the events of each batch. */
int prof_intervals_reserve(
	struct prof_intervals *x, const struct prof_trace *t, struct prof_err *e) PROF_CHECKED;

/* The next goroutine's open interval, ended at `end`, into x->last; false when there is none. */
bool prof_intervals_close(struct prof_intervals *x, int64_t end);

/* At a PROF_TRACE_SYNC. */
static inline void prof_intervals_sync(struct prof_intervals *x, int64_t time)
{
	if (!x->begun)
		x->start = time;
	x->begun = true;
}

/* The interval that a PROF_TRACE_GOROUTINE event ends, until prof_intervals_enter; NULL: none. */
static inline const struct prof_interval *prof_intervals_leave(
	struct prof_intervals *x, const struct prof_trace_event *ev)
{
	struct prof_interval *now = &x->now.v[ev->subject];

	now->end = ev->time;
	return ev->from > PROF_G_NOT_EXIST && ev->from != ev->to ? now : NULL;
}

/* Begins the interval that it begins. */
static inline void prof_intervals_enter(struct prof_intervals *x, const struct prof_trace_event *ev)
{
	struct prof_interval *now = &x->now.v[ev->subject];

	if (ev->from == ev->to)
		return;
	now->begin = ev->from == PROF_G_UNDETERMINED ? x->start : ev->time;
	now->seen = ev->time;
	now->g = ev->subject;
	now->reason = ev->name;
	now->stack = ev->stack;
	now->state = ev->to;
	now->ran = (ev->from > PROF_G_NOT_EXIST && now->ran) || ev->to == PROF_G_RUNNING;
}

#endif
