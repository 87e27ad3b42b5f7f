/* All analyses that a summary of a trace shows, over one pass. */
#ifndef PROF_ANALYSE_TRACE_SUMMARY_H
#define PROF_ANALYSE_TRACE_SUMMARY_H

#include "libprof/analyse/trace/annotations.h"
#include "libprof/analyse/trace/mmu.h"
#include "libprof/analyse/trace/ranges.h"
#include "libprof/analyse/trace/states.h"
#include "libprof/model/report.h"

struct prof_trace_gauge {
	uint64_t samples, min, max, last;
};

struct prof_trace_sum {
	struct prof_mem *mem;
	struct prof_trace_opts opts;
	struct prof_trace_states states;
	struct prof_trace_ranges ranges;
	struct prof_trace_mmu mmu;
	struct prof_trace_annotations annotations;
	struct prof_trace_gauge metrics[PROF_METRIC_PROCS + 1];
	uint64_t events, tasks, regions, logs, cpu_samples;
	int64_t from, to; /* on the trace's clock */
	bool begun;
	int64_t start, end; /* of the trace */
};

void prof_trace_sum_init(
	struct prof_trace_sum *x, struct prof_mem *mem, const struct prof_trace_opts *opts);
void prof_trace_sum_fini(struct prof_trace_sum *x);

/* Takes a batch of events, t->events; and, once, the end. */
int prof_trace_sum_batch(
	struct prof_trace_sum *x, const struct prof_trace *t, struct prof_err *e) PROF_CHECKED;
int prof_trace_sum_end(
	struct prof_trace_sum *x, const struct prof_trace *t, struct prof_err *e) PROF_CHECKED;

/* What they found. */
int prof_trace_sum_report(const struct prof_trace_sum *x, const struct prof_trace *t,
	struct prof_report **out, struct prof_err *e) PROF_CHECKED;

#endif
