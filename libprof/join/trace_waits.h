/* What prof contention makes of a trace, as an archive keeps it (analyse/contention/trace.h):
 * waits, who ended them, holds, queues. Stacks are those of the trace, which the archive keeps as
 * the samples of its profile, in order.
 */
#ifndef PROF_JOIN_TRACE_WAITS_H
#define PROF_JOIN_TRACE_WAITS_H

#include "libprof/analyse/contention/contention.h"
#include "libprof/base/buf.h"

/* Appends what `w` has seen, and filled x with, to `out`, which fails by itself; histograms apart
 * (store/hists.h).
 */
void prof_waits_encode(const struct prof_contention_watch *w, const struct prof_contention_trace *x,
	struct prof_buf *out);

/* Fills x, all zero and k's, also after an error; histograms are in their places. `t` is a trace
 * out of an archive with its stacks (prof_trace_kept_stacks). PROF_EFORMAT, PROF_ENOMEM,
 * PROF_ELIMIT.
 */
int prof_waits_decode(const void *p, size_t n, struct prof_contention *k, struct prof_trace *t,
	struct prof_contention_trace *x, struct prof_err *e) PROF_CHECKED;

#endif
