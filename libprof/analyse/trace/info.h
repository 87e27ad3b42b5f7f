/* What a trace is. */
#ifndef PROF_ANALYSE_TRACE_INFO_H
#define PROF_ANALYSE_TRACE_INFO_H

#include "libprof/model/report.h"
#include "libprof/model/trace.h"

/* Reads the trace to its end. */
int prof_info_trace(struct prof_trace *t, const char *name, bool gzipped, struct prof_report **out,
	struct prof_err *e) PROF_CHECKED;

#endif
