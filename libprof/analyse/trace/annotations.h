/* What programs tell of themselves: how long tasks took, and regions, by type. As in
 * `go tool trace`, what began before the trace counts from its start; what does not end, to the end
 * of the trace, a region to that of its goroutine.
 */
#ifndef PROF_ANALYSE_TRACE_ANNOTATIONS_H
#define PROF_ANALYSE_TRACE_ANNOTATIONS_H

#include "libprof/base/hist.h"
#include "libprof/base/idmap.h"
#include "libprof/model/trace.h"

enum prof_annotation { PROF_ANNOTATION_TASK, PROF_ANNOTATION_REGION, PROF_ANNOTATIONS };

struct prof_annotation_type {
	uint32_t name; /* a string */
	struct prof_hist hist; /* ns */
};

/* One that has begun. */
struct prof_annotation_open {
	int64_t begin; /* INT64_MIN: the place is free */
	uint64_t task;
	uint32_t type; /* PROF_NONE: not said, or not known */
	uint32_t next; /* of the goroutine's, outwards; of the free places */
};

struct prof_trace_annotations {
	struct prof_mem *mem;
	int64_t from, to; /* only what lies between them counts */
	int64_t start; /* of the trace, or of what follows a gap */
	bool begun;
	PROF_VEC(struct prof_annotation_type) types[PROF_ANNOTATIONS];
	struct prof_map64 type_of[PROF_ANNOTATIONS]; /* string -> type */
	PROF_VEC(struct prof_annotation_open) open[PROF_ANNOTATIONS];
	uint32_t free[PROF_ANNOTATIONS];
	struct prof_idmap task_of; /* id -> open task */
	PROF_VEC(uint32_t) innermost; /* slot -> open region; PROF_NONE */
};

/* from, to: ns on the trace's clock. */
void prof_trace_annotations_init(
	struct prof_trace_annotations *x, struct prof_mem *mem, int64_t from, int64_t to);
void prof_trace_annotations_fini(struct prof_trace_annotations *x);

/* Before the events of each batch; then each SYNC, GAP, TASK and REGION of it, and each goroutine's
 * end; then, once, the end.
 */
int prof_trace_annotations_reserve(struct prof_trace_annotations *x, const struct prof_trace *t,
	struct prof_err *e) PROF_CHECKED;
int prof_trace_annotations_event(struct prof_trace_annotations *x,
	const struct prof_trace_event *ev, struct prof_err *e) PROF_CHECKED;
int prof_trace_annotations_end(
	struct prof_trace_annotations *x, int64_t time, struct prof_err *e) PROF_CHECKED;

#endif
