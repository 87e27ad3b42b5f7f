/* Events of a trace as lines of text, as JSON and as Go's own tool prints them. */
#ifndef PROF_RENDER_TRACE_EVENTS_H
#define PROF_RENDER_TRACE_EVENTS_H

#include "libprof/base/buf.h"
#include "libprof/model/trace.h"

struct prof_trace_writer {
	struct prof_buf *b;
	const struct prof_trace *t;
	int64_t start; /* of the trace; times are shown from there */
	uint64_t written;
	/* Seconds to add to UTC for the user's zone; NULL: none. */
	int (*utc_offset)(int64_t unix_seconds);
};

/* One line. */
void prof_render_event_text(struct prof_trace_writer *w, const struct prof_trace_event *ev);

/* A document of schema prof.trace.events/1, in three parts. */
void prof_render_events_json_begin(struct prof_trace_writer *w);
void prof_render_event_json(struct prof_trace_writer *w, const struct prof_trace_event *ev);
void prof_render_events_json_end(struct prof_trace_writer *w);

/* As `go tool trace -d=parsed`. */
void prof_render_event_parsed(struct prof_trace_writer *w, const struct prof_trace_event *ev);

/* A record of the file as `go tool trace -d=wire`. */
void prof_render_wire(struct prof_buf *b, const struct prof_wire_record *record);

#endif
