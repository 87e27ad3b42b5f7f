#include "libprof/model/rows.h"

/* died = born + running + runnable + waiting + syscall: its states tile a goroutine's life. */
enum { DIED = 3, BORN_AND_STATES = 1 << 2 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 };

const struct prof_rows_table prof_rows_tables[PROF_ROWS_TABLES] = {
	[PROF_ROWS_DAMAGE] = {.name = "damage", .columns = "iis"},
	[PROF_ROWS_GC_CYCLE] = {.name = "gc_cycle", .columns = "iiiiiiiiiiiiiiiiiiis"},
	[PROF_ROWS_PAUSE] = {.name = "pause", .columns = "iiiis"},
	[PROF_ROWS_METRIC] = {.name = "metric", .columns = "isiiii"},
	[PROF_ROWS_GROUP] = {.name = "goroutine_group", .columns = "ssiiiiiiiii"},
	[PROF_ROWS_GROUP_WAIT] = {.name = "group_wait", .columns = "isii"},
	[PROF_ROWS_GROUP_HIST] = {.name = "group_histogram", .columns = "iiii"},
	[PROF_ROWS_GOROUTINE] = {.name = "goroutine",
		.columns = "iiiiiiiiiisii",
		.sum = DIED,
		.parts = BORN_AND_STATES},
	[PROF_ROWS_TASK] = {.name = "task", .columns = "iisiiii"},
	[PROF_ROWS_REGION] = {.name = "region", .columns = "iiiisi"},
	[PROF_ROWS_LOG] = {.name = "log", .columns = "iiissi"},
	[PROF_ROWS_LABEL] = {.name = "goroutine_label", .columns = "iis"},
	[PROF_ROWS_CPU_SAMPLE] = {.name = "cpu_sample", .columns = "iiiii"},
	[PROF_ROWS_TRANSITION] = {.name = "transition", .columns = "iiiiisiiii"},
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
