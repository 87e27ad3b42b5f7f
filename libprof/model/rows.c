#include "libprof/model/rows.h"

const struct prof_rows_table prof_rows_tables[PROF_ROWS_TABLES] = {
	[PROF_ROWS_DAMAGE] = {"damage", "iis"},
	[PROF_ROWS_GC_CYCLE] = {"gc_cycle", "iiiiiiiiiiiiiiiiiiis"},
	[PROF_ROWS_PAUSE] = {"pause", "iiiis"},
	[PROF_ROWS_METRIC] = {"metric", "isiiii"},
	[PROF_ROWS_GROUP] = {"goroutine_group", "ssiiiiiiiii"},
	[PROF_ROWS_GROUP_WAIT] = {"group_wait", "isii"},
	[PROF_ROWS_GROUP_HIST] = {"group_histogram", "iiii"},
	[PROF_ROWS_GOROUTINE] = {"goroutine", "iiiiiiiiiisii"},
	[PROF_ROWS_TASK] = {"task", "iisiiii"},
	[PROF_ROWS_REGION] = {"region", "iiiisi"},
	[PROF_ROWS_LOG] = {"log", "iiissi"},
	[PROF_ROWS_LABEL] = {"goroutine_label", "iis"},
	[PROF_ROWS_CPU_SAMPLE] = {"cpu_sample", "iiiii"},
	[PROF_ROWS_TRANSITION] = {"transition", "iiiiisiiii"},
};

int prof_rows_group(enum prof_rows table)
{
	switch (table) {
	case PROF_ROWS_GROUP_WAIT:
	case PROF_ROWS_GROUP_HIST:
		return 0;
	case PROF_ROWS_GOROUTINE:
		return 1;
	default:
		return -1;
	}
}
