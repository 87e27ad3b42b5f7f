/* What other settings would have done to the run that was seen.
 *
 * Each cycle keeps how fast the program allocates, what it holds, and the CPU that marking takes;
 *the goal comes from the formula with the new settings. Marking begins a runway before the goal,
 *which the pacer chooses so that a quarter of the Ps can mark in time: it stays as it was, but for
 *its largest part of the room (runtime/mgcpacer.go: commit, trigger). Where it is cut, assists mark
 * faster and let the program allocate less meanwhile. What is allocated while marking counts as
 *live.
 *
 *	live'       = live + (allocated while marking)' - (allocated while marking)
 *	allocated'  = goal' - runway' - live'
 *	peak'       = live' + allocated' + (allocated while marking)'
 *	period'     = allocated' * the time that a byte took, + marking'
 *	cycles'     = period / period', and as much of its CPU
 *
 * The program is taken to allocate as fast as before in the CPU that it has. A limit leaves the
 *heap what is not taken by other memory (prof_gc_limit_of).
 */
#ifndef PROF_ANALYSE_GC_WHATIF_H
#define PROF_ANALYSE_GC_WHATIF_H

#include "libprof/analyse/gc/gc.h"

struct prof_gc_setting {
	double gogc; /* percent; INFINITY: off */
	double limit_bytes; /* INFINITY: none */
	bool has_gogc, has_limit; /* else as in the run */
};

/* The settings that "gogc=50,200+gomemlimit=1GiB" lists: all combinations. At most 64. PROF_EUSAGE.
 */
enum { PROF_GC_MAX_SETTINGS = 64 };
int prof_gc_settings(
	const char *text, struct prof_gc_setting *out, size_t *n, struct prof_err *e) PROF_CHECKED;

struct prof_gc_outcome {
	double cycles; /* in the same time; INFINITY: one after the other */
	int64_t period_ns, peak_bytes, max_peak_bytes; /* medians, largest */
	double mean_heap_bytes;
	double gc_cpu;
	bool over_limit; /* the live heap is more than the limit leaves */
	bool unbounded; /* neither GOGC nor a limit ends the growth: no figures */
};

/* Of one phase, or (phase NULL) the whole run. PROF_EUNSUPPORTED where sizes or GOGC are not known.
 */
int prof_gc_whatif(const struct prof_gc *gc, const struct prof_gc_phase *phase,
	const struct prof_gc_setting *setting, struct prof_gc_outcome *out,
	struct prof_err *e) PROF_CHECKED;

/* What the same calculation says of the run itself, against what was seen: the median over cycles
 * of the relative error in period and in peak. NAN where there is nothing to compare.
 */
int prof_gc_whatif_error(
	const struct prof_gc *gc, double *period, double *peak, struct prof_err *e) PROF_CHECKED;

#endif
