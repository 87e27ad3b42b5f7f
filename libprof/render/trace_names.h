/* Go's names of what events are about. */
#ifndef PROF_RENDER_TRACE_NAMES_H
#define PROF_RENDER_TRACE_NAMES_H

#include "libprof/base/buf.h"
#include "libprof/model/trace.h"

extern const char *const prof_trace_kind_names[]; /* by enum prof_trace_kind */
extern const char *const prof_trace_goroutine_states[];
extern const char *const prof_trace_proc_states[];
extern const char *const prof_trace_metric_names[];

/* Of a range event: "stop-the-world (GC mark termination)". */
void prof_trace_range_name(
	struct prof_buf *b, const struct prof_trace *t, const struct prof_trace_event *ev);

#endif
