/* What takes events of a type (trace1_impl.h). Each returns what has changed: a goroutine,
 * T1_GC_TARGET, or PROF_NONE.
 */
#ifndef PROF_READ_TRACE1_TAKE_H
#define PROF_READ_TRACE1_TAKE_H

#include "libprof/read/trace1_impl.h"

typedef uint32_t t1_handler(struct t1 *d, struct t1_cursor *c);

t1_handler t1_go_create, t1_go_status, t1_go_start, t1_go_end, t1_go_stop, t1_go_syscall,
	t1_go_sysblock, t1_go_wake, t1_go_futile;
t1_handler t1_proc_start, t1_proc_stop, t1_gc_start, t1_gc_done, t1_stw_start, t1_stw_done,
	t1_sweep_start, t1_sweep_done, t1_assist_start, t1_assist_done;
t1_handler t1_metric, t1_task_create, t1_task_end, t1_region, t1_log;

#endif
