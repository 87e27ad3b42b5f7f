#include "libprof/render/trace_names.h"

const char *const prof_trace_kind_names[] = {
	[PROF_TRACE_SYNC] = "Sync",
	[PROF_TRACE_GAP] = "Gap",
	[PROF_TRACE_GOROUTINE] = "StateTransition",
	[PROF_TRACE_PROC] = "StateTransition",
	[PROF_TRACE_RANGE_BEGIN] = "RangeBegin",
	[PROF_TRACE_RANGE_ACTIVE] = "RangeActive",
	[PROF_TRACE_RANGE_END] = "RangeEnd",
	[PROF_TRACE_METRIC] = "Metric",
	[PROF_TRACE_TASK_BEGIN] = "TaskBegin",
	[PROF_TRACE_TASK_END] = "TaskEnd",
	[PROF_TRACE_REGION_BEGIN] = "RegionBegin",
	[PROF_TRACE_REGION_END] = "RegionEnd",
	[PROF_TRACE_LOG] = "Log",
	[PROF_TRACE_LABEL] = "Label",
	[PROF_TRACE_CPU_SAMPLE] = "StackSample",
	[PROF_TRACE_EXPERIMENT] = "Experimental",
};

const char *const prof_trace_goroutine_states[] = {
	"Undetermined", "NotExist", "Runnable", "Running", "Waiting", "Syscall"};

const char *const prof_trace_proc_states[] = {"Undetermined", "NotExist", "Running", "Idle"};

const char *const prof_trace_metric_names[] = {
	"/memory/classes/heap/objects:bytes", "/gc/heap/goal:bytes", "/sched/gomaxprocs:threads"};

void prof_trace_range_name(
	struct prof_buf *b, const struct prof_trace *t, const struct prof_trace_event *ev)
{
	static const char *const names[] = {
		"GC concurrent mark phase", "GC incremental sweep", "GC mark assist"};
	struct prof_str reason = prof_strtab_get(&t->strings, ev->name);

	if (ev->what != PROF_RANGE_STW) {
		prof_buf_str(b, names[ev->what]);
		return;
	}
	prof_buf_str(b, "stop-the-world (");
	prof_buf_put(b, reason.p, reason.len);
	prof_buf_char(b, ')');
}
