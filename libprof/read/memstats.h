/* Decoder of what stands below a debug=1 heap or allocs profile: the process's runtime.MemStats
 * (runtime/pprof, writeHeapInternal), Go 1.5 to 1.27.
 *
 *	# runtime.MemStats
 *	# HeapAlloc = 13631488
 *	# Stack = 360448 / 360448
 *	# PauseNs = [28453 112157 … 0]		256 values: of cycle n at (n - 1) % 256
 *	# PauseEnd = [1795272471250641344 … 0]	Unix time
 *	# NumGC = 34
 *	# GCCPUFraction = 0.027433289810855386
 *
 * Lines are read by name, in any order; those with other names are passed over, and a line whose
 * value is not what its name takes is counted as unreadable.
 */
#ifndef PROF_READ_MEMSTATS_H
#define PROF_READ_MEMSTATS_H

#include "libprof/model/timeline.h"
#include "libprof/read/input.h"

/* Reads all of `in` into `t` as one more source and a snapshot of it. PROF_EUNSUPPORTED: there are
 * no MemStats (Go writes them below heap and allocs profiles only).
 */
int prof_memstats_read(struct prof_input *in, struct prof_str name, struct prof_timeline *t,
	struct prof_err *e) PROF_CHECKED;

#endif
