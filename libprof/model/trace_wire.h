/* The events of execution traces, as the files have them: one table a wire format, append-only, so
 * that a version is how much of it applies.
 */
#ifndef PROF_MODEL_TRACE_WIRE_H
#define PROF_MODEL_TRACE_WIRE_H

#include <stddef.h>
#include <stdint.h>

/* Format 2, go 1.22 and later. */
enum prof_ev {
	PROF_EV_EVENT_BATCH = 1,
	PROF_EV_STACKS,
	PROF_EV_STACK,
	PROF_EV_STRINGS,
	PROF_EV_STRING,
	PROF_EV_CPU_SAMPLES,
	PROF_EV_CPU_SAMPLE,
	PROF_EV_FREQUENCY,
	PROF_EV_PROCS_CHANGE,
	PROF_EV_PROC_START,
	PROF_EV_PROC_STOP,
	PROF_EV_PROC_STEAL,
	PROF_EV_PROC_STATUS,
	PROF_EV_GO_CREATE,
	PROF_EV_GO_CREATE_SYSCALL,
	PROF_EV_GO_START,
	PROF_EV_GO_DESTROY,
	PROF_EV_GO_DESTROY_SYSCALL,
	PROF_EV_GO_STOP,
	PROF_EV_GO_BLOCK,
	PROF_EV_GO_UNBLOCK,
	PROF_EV_GO_SYSCALL_BEGIN,
	PROF_EV_GO_SYSCALL_END,
	PROF_EV_GO_SYSCALL_END_BLOCKED,
	PROF_EV_GO_STATUS,
	PROF_EV_STW_BEGIN,
	PROF_EV_STW_END,
	PROF_EV_GC_ACTIVE,
	PROF_EV_GC_BEGIN,
	PROF_EV_GC_END,
	PROF_EV_GC_SWEEP_ACTIVE,
	PROF_EV_GC_SWEEP_BEGIN,
	PROF_EV_GC_SWEEP_END,
	PROF_EV_GC_ASSIST_ACTIVE,
	PROF_EV_GC_ASSIST_BEGIN,
	PROF_EV_GC_ASSIST_END,
	PROF_EV_HEAP_ALLOC,
	PROF_EV_HEAP_GOAL,
	PROF_EV_GO_LABEL,
	PROF_EV_TASK_BEGIN,
	PROF_EV_TASK_END,
	PROF_EV_REGION_BEGIN,
	PROF_EV_REGION_END,
	PROF_EV_LOG,
	/* go 1.23 */
	PROF_EV_GO_SWITCH,
	PROF_EV_GO_SWITCH_DESTROY,
	PROF_EV_GO_CREATE_BLOCKED,
	PROF_EV_GO_STATUS_STACK,
	PROF_EV_EXPERIMENTAL_BATCH,
	/* go 1.25 */
	PROF_EV_SYNC,
	PROF_EV_CLOCK_SNAPSHOT,
	/* go 1.26 */
	PROF_EV_END_OF_GENERATION,
	/* Of experiments, which programs switch on with GODEBUG: these, traceallocfree=1. */
	PROF_EV_SPAN = 128,
	PROF_EV_SPAN_ALLOC,
	PROF_EV_SPAN_FREE,
	PROF_EV_HEAP_OBJECT,
	PROF_EV_HEAP_OBJECT_ALLOC,
	PROF_EV_HEAP_OBJECT_FREE,
	PROF_EV_GOROUTINE_STACK,
	PROF_EV_GOROUTINE_STACK_ALLOC,
	PROF_EV_GOROUTINE_STACK_FREE,
	PROF_EV_END,
};

struct prof_wire {
	const char *name; /* NULL: no such event */
	const char *args; /* names, by blanks; of a timed event the first is the time, "dt" */
	uint8_t n_args;
	uint8_t kind; /* enum prof_trace_kind of what it becomes */
	uint8_t timed; /* stands in event batches */
	/* Which arguments, 1 the first one behind the time; 0: none. */
	uint8_t stack, subject_stack, string, string2;
};

/* PROF_EV_END rows. */
extern const struct prof_wire prof_wire2[];

/* How many rows apply to "go 1.VERSION", experiments aside. */
unsigned prof_wire2_count(unsigned version);

#endif
