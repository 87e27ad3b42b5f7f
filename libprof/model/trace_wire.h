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

/* Format 1, go 1.5 to go 1.21. */
enum prof_ev1 {
	PROF_EV1_BATCH = 1,
	PROF_EV1_FREQUENCY,
	PROF_EV1_STACK,
	PROF_EV1_GOMAXPROCS,
	PROF_EV1_PROC_START,
	PROF_EV1_PROC_STOP,
	PROF_EV1_GC_START,
	PROF_EV1_GC_DONE,
	PROF_EV1_STW_START,
	PROF_EV1_STW_DONE,
	PROF_EV1_SWEEP_START,
	PROF_EV1_SWEEP_DONE,
	PROF_EV1_GO_CREATE,
	PROF_EV1_GO_START,
	PROF_EV1_GO_END,
	PROF_EV1_GO_STOP,
	PROF_EV1_GO_SCHED,
	PROF_EV1_GO_PREEMPT,
	PROF_EV1_GO_SLEEP,
	PROF_EV1_GO_BLOCK,
	PROF_EV1_GO_UNBLOCK,
	PROF_EV1_GO_BLOCK_SEND,
	PROF_EV1_GO_BLOCK_RECV,
	PROF_EV1_GO_BLOCK_SELECT,
	PROF_EV1_GO_BLOCK_SYNC,
	PROF_EV1_GO_BLOCK_COND,
	PROF_EV1_GO_BLOCK_NET,
	PROF_EV1_GO_SYSCALL,
	PROF_EV1_GO_SYSEXIT,
	PROF_EV1_GO_SYSBLOCK,
	PROF_EV1_GO_WAITING,
	PROF_EV1_GO_IN_SYSCALL,
	PROF_EV1_HEAP_ALLOC,
	PROF_EV1_HEAP_GOAL,
	PROF_EV1_TIMER_GOROUTINE,
	PROF_EV1_FUTILE_WAKEUP,
	/* go 1.7 */
	PROF_EV1_STRING,
	PROF_EV1_GO_START_LOCAL,
	PROF_EV1_GO_UNBLOCK_LOCAL,
	PROF_EV1_GO_SYSEXIT_LOCAL,
	/* go 1.8 */
	PROF_EV1_GO_START_LABEL,
	PROF_EV1_GO_BLOCK_GC,
	/* go 1.9 */
	PROF_EV1_ASSIST_START,
	PROF_EV1_ASSIST_DONE,
	/* go 1.11 */
	PROF_EV1_TASK_CREATE,
	PROF_EV1_TASK_END,
	PROF_EV1_REGION,
	PROF_EV1_LOG,
	/* go 1.19 */
	PROF_EV1_CPU_SAMPLE,
	PROF_EV1_END,
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

/* A record of a file, as it stands there. */
struct prof_wire_record {
	const struct prof_wire *row;
	uint64_t args[5];
	const uint64_t *frames; /* of a stack: pc, function, file and line of each */
	size_t n_frames;
	const uint8_t *data; /* of a string, and of an experiment's batch; NULL: none */
	size_t len;
};

/* How many rows apply to "go 1.VERSION", experiments aside. */
unsigned prof_wire2_count(unsigned version);

/* PROF_EV1_END rows, as go 1.21 has them. Events had less arguments before: seq of GoStart,
 * GoUnblock and GCStart came with go 1.7 (until then a number of all events stood before each time,
 * and GoCreate's new_stack was a pc), bytes of GCSweepDone with go 1.9, STWStart's kind with
 * go 1.10. A log's message stands behind its arguments.
 */
extern const struct prof_wire prof_wire1[];

unsigned prof_wire1_count(unsigned version);

#endif
