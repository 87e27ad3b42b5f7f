/* What stands out in a timeline's cycles, each with its evidence and the threshold that it passed.
 */
#ifndef PROF_ANALYSE_GC_FINDINGS_H
#define PROF_ANALYSE_GC_FINDINGS_H

#include "libprof/analyse/gc/gc.h"

enum prof_gc_severity { PROF_GC_NOTE, PROF_GC_WARN };

const char *prof_gc_severity_name(enum prof_gc_severity s);

/* Thresholds, by the name of an option's value: "pause=1ms". */
enum prof_gc_threshold {
	PROF_GC_PAUSE, /* ns */
	PROF_GC_CPU, /* part of all CPU */
	PROF_GC_CPU_HIGH,
	PROF_GC_ASSIST, /* part of marking */
	PROF_GC_OFTEN, /* ns between cycles at the floor */
	PROF_GC_OVERSHOOT, /* part of the goal */
	PROF_GC_FORCED_CYCLES, /* part of all cycles */
	PROF_GC_LEAK, /* growth of the live heap from first to last tenth */
	PROF_GC_MODEL, /* part of the cycles that may differ from the formula */
	PROF_GC_LIMITER, /* GC's part of CPU at which the runtime stops assisting */
	PROF_GC_HEADROOM, /* goal over live under a limit, part of live */
	PROF_GC_STW_OTHER, /* ns of pauses that are not the collector's */
	PROF_GC_THRESHOLDS,
};

struct prof_gc_thresholds {
	double v[PROF_GC_THRESHOLDS];
};

void prof_gc_thresholds_init(struct prof_gc_thresholds *t);

/* "NAME=VALUE" with the unit that the threshold has; PROF_EUSAGE. */
int prof_gc_threshold_set(
	struct prof_gc_thresholds *t, const char *text, struct prof_err *e) PROF_CHECKED;

struct prof_gc_finding {
	const char *id;
	enum prof_gc_severity severity;
	struct prof_str text; /* in the report's arena */
	const char *metric; /* what `seen` is: "longest_ns"; NULL: the number of cycles */
	double seen, limit; /* NAN: has none */
	int64_t cycles; /* how many it is about; PROF_ABSENT: all */
	int64_t first, last; /* the runtime's numbers of the first and last of them; PROF_ABSENT */
};

/* Calls `found` for each, the most severe first. Stops when it returns non-zero, with that. */
typedef int prof_gc_found_fn(void *ctx, const struct prof_gc_finding *f, struct prof_err *e);
int prof_gc_findings(const struct prof_gc *gc, const struct prof_gc_thresholds *limits,
	prof_gc_found_fn *found, void *ctx, struct prof_err *e) PROF_CHECKED;

#endif
