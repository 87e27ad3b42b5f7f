/* Cycles under other settings: what what-if does with each part of a run.
 *
 * What the program keeps, how fast it allocates and what there is to mark stay as they were.
 *
 *	live'    = live - black + (allocated while marking)'	which all counts as live
 *	goal'    = by the formula, or what the limit leaves
 *	runway'  = the one that the pacer asks for, at least 3/64 of the room between live and goal
 *		   or 4 MiB, at most 19/64 of it (runtime/mgcpacer.go: trigger)
 *	start'   = goal' - runway'
 *	peak'    = start' + (allocated while marking)'
 *	period'  = (start' - live') * the time that a byte took + marking'
 *
 * While a cycle marks, workers have a part of the Ps and the program the rest: so, without assists,
 * it allocates a natural amount. Where the runway is shorter than that, assists see to it that
 * marking ends within; they do a worker's work in 1.7 times its CPU (measured; they do it by bits,
 * and count what they wait meanwhile). With w: workers' part of the Ps, and all CPU times:
 *
 *	all = program + workers + assists, workers = w * all, work = workers + 0.6 * assists
 */
#ifndef PROF_ANALYSE_GC_RERUN_H
#define PROF_ANALYSE_GC_RERUN_H

#include "libprof/analyse/gc/steady.h"

struct prof_gc_rerun {
	double live, goal, start, peak; /* bytes */
	double period_ns;
	double cpu; /* of a cycle, in that of the cycles that were seen */
	double while_marking; /* part of what is allocated */
	bool over_limit; /* the live heap is more than the limit leaves */
};

/* gogc and what a limit leaves for the heap; INFINITY: none, but not both. */
struct prof_gc_rerun prof_gc_rerun(const struct prof_gc_steady *s, double gogc, double limit_goal);

#endif
