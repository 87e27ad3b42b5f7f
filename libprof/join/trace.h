/* Traces as profiles. */
#ifndef PROF_JOIN_TRACE_H
#define PROF_JOIN_TRACE_H

#include "libprof/model/profile.h"
#include "libprof/read/input.h"

/* Reads `in`, which holds a trace; opts NULL: the defaults. */
int prof_profile_of_trace(struct prof_input *in, const struct prof_trace_profile_opts *opts,
	struct prof_profile **out, struct prof_err *e) PROF_CHECKED;

#endif
