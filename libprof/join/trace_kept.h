/* The summary of a trace as an archive keeps it: all that its report is made of, as bytes, so that
 * what is printed from an archive is what is printed from the file.
 */
#ifndef PROF_JOIN_TRACE_KEPT_H
#define PROF_JOIN_TRACE_KEPT_H

#include "libprof/analyse/trace/summary.h"
#include "libprof/base/buf.h"
#include "libprof/model/profile.h"

/* Appends a sum that has ended, of a trace that was read to its end, to `out`, which fails by
 * itself; its histograms apart (store/hists.h).
 */
void prof_trace_kept_encode(
	const struct prof_trace_sum *x, const struct prof_trace *t, struct prof_buf *out);

/* A trace with what was encoded, its histograms in their places: it has no events to be read
 * (PROF_EUNSUPPORTED), but a summary. PROF_EFORMAT, PROF_ENOMEM, PROF_ELIMIT.
 */
int prof_trace_kept_decode(const void *p, size_t n, const struct prof_limits *limits,
	struct prof_trace **out, struct prof_err *e) PROF_CHECKED;

/* Gives such a trace its stacks, which are the samples of its profile, in order. */
int prof_trace_kept_stacks(
	struct prof_trace *t, const struct prof_profile *p, struct prof_err *e) PROF_CHECKED;

/* The sum of such a trace; NULL: it is one with events. */
const struct prof_trace_sum *prof_trace_kept_sum(const struct prof_trace *t);

#endif
