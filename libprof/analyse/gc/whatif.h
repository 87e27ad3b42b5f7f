/* What other settings would have done to the run that was seen, part by part (rerun.h). */
#ifndef PROF_ANALYSE_GC_WHATIF_H
#define PROF_ANALYSE_GC_WHATIF_H

#include "libprof/analyse/gc/settings.h"
#include "libprof/analyse/gc/steady.h"

/* From the least to the most that is to be expected. */
struct prof_gc_between {
	double least, most;
};

struct prof_gc_outcome {
	double cycles; /* in the same time */
	int64_t period_ns, peak_bytes, max_peak_bytes; /* medians, largest */
	struct prof_gc_between period, peak; /* peak: of a phase the median, of a run the largest */
	double mean_heap_bytes;
	double gc_cpu;
	bool over_limit; /* the live heap is more than the limit leaves */
	bool unbounded; /* neither GOGC nor a limit ends the growth: no figures */
};

/* The parts of a run, to try settings on. The run must outlive it. */
struct prof_gc_whatif {
	const struct prof_gc *gc;
	struct prof_mem mem;
	PROF_VEC(struct prof_gc_steady) parts; /* by phase */
	PROF_VEC(uint32_t) first; /* of them that of each phase, and the end */
};

int prof_gc_whatif_begin(
	const struct prof_gc *gc, struct prof_gc_whatif *out, struct prof_err *e) PROF_CHECKED;
void prof_gc_whatif_end(struct prof_gc_whatif *w);

/* Of one phase, or (phase NULL) the whole run. PROF_EUNSUPPORTED where sizes or GOGC are not known.
 *
 * In nine of ten cases what another run of the program shows, if it runs at this one's pace, is
 * between (measured on programs that the model was not made with). The more of its memory a program
 * allocates while cycles mark the wider that is; of a limit it has what other memory may take.
 */
int prof_gc_whatif(const struct prof_gc_whatif *w, const struct prof_gc_phase *phase,
	const struct prof_gc_setting *setting, struct prof_gc_outcome *out,
	struct prof_err *e) PROF_CHECKED;

/* What the same calculation says of the run itself, against what was seen: the median over cycles
 * of the relative error in period and in peak. NAN where there is nothing to compare.
 */
int prof_gc_whatif_error(const struct prof_gc_whatif *w, double *period, double *peak,
	struct prof_err *e) PROF_CHECKED;

#endif
