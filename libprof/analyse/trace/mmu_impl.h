/* One step function of utilisation, and the worst windows over it. */
#ifndef PROF_ANALYSE_TRACE_MMU_IMPL_H
#define PROF_ANALYSE_TRACE_MMU_IMPL_H

#include "libprof/analyse/trace/mmu.h"

/* `hold`: steps are kept to be lowered until prof_mmu_series_release. */
void prof_mmu_series_init(struct prof_mmu_series *s, bool hold);
void prof_mmu_series_fini(struct prof_mmu_series *s, struct prof_mem *mem);

/* From `time` on it is `util`; at one time the lowest counts. */
int prof_mmu_series_add(struct prof_mmu_series *s, struct prof_mem *mem, int64_t time, double util,
	struct prof_err *e) PROF_CHECKED;
int prof_mmu_series_release(
	struct prof_mmu_series *s, struct prof_mem *mem, struct prof_err *e) PROF_CHECKED;

/* Ends it; lowers mmu[PROF_MMU_WINDOWS] to what it has. A window longer than the whole is the
 * whole.
 */
int prof_mmu_series_end(struct prof_mmu_series *s, struct prof_mem *mem, int64_t time, double *mmu,
	struct prof_err *e) PROF_CHECKED;

#endif
