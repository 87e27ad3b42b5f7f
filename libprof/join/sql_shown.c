/* The tables that sql/ documents, column by column. */
#include <stdbool.h>
#include <stddef.h>

#include "libprof/join/sql_rows.h"

#define PROFILE \
	{ \
		PROF_SHOW_PROFILE, 0, 0, false \
	}
#define PLACE \
	{ \
		PROF_SHOW_PLACE, 0, 0, false \
	}
#define NUMBER(a) \
	{ \
		PROF_SHOW_NUMBER, a, 0, false \
	}
#define KEY(a) \
	{ \
		PROF_SHOW_NUMBER, a, 0, true \
	}
#define STRING(a) \
	{ \
		PROF_SHOW_STRING, a, 0, false \
	}
#define ENTRY \
	{ \
		PROF_SHOW_ENTRY, 0, 0, false \
	}
#define CREATOR \
	{ \
		PROF_SHOW_CREATOR, 0, 0, false \
	}
#define DURATION(a, b) \
	{ \
		PROF_SHOW_DURATION, a, b, false \
	}

const struct prof_shown_table prof_shown_tables[] = {
	{"damages",
#include "sql/damages.inc"
		, PROF_ROWS_DAMAGE, 1, 4, {PROFILE, NUMBER(0), NUMBER(1), STRING(2)}},
	{"gc_cycles",
#include "sql/gc_cycles.inc"
		, PROF_ROWS_GC_CYCLE, 200, 21,
		{PROFILE, PLACE, NUMBER(0), KEY(1), NUMBER(2), NUMBER(3), NUMBER(4), NUMBER(5),
			NUMBER(8), NUMBER(9), NUMBER(10), NUMBER(11),
			{PROF_SHOW_GC_CPU, 0, 0, false}, NUMBER(12), NUMBER(13), NUMBER(14),
			NUMBER(15), NUMBER(16), NUMBER(17), NUMBER(18), STRING(19)}},
	{"pauses",
#include "sql/pauses.inc"
		, PROF_ROWS_PAUSE, 500, 7,
		{PROFILE, PLACE, NUMBER(0), NUMBER(1), NUMBER(2), KEY(3), STRING(4)}},
	{"metrics",
#include "sql/metrics.inc"
		, PROF_ROWS_METRIC, 1000, 7,
		{PROFILE, NUMBER(0), STRING(1), NUMBER(2), NUMBER(3), NUMBER(4), NUMBER(5)}},
	{"goroutine_groups",
#include "sql/goroutine_groups.inc"
		, PROF_ROWS_GROUP, 100, 13,
		{PROFILE, {PROF_SHOW_PLACE, 0, 0, true}, STRING(0), STRING(1), KEY(2), NUMBER(3),
			NUMBER(4), NUMBER(5), NUMBER(6), NUMBER(7), NUMBER(8), NUMBER(9),
			NUMBER(10)}},
	{"group_waits",
#include "sql/group_waits.inc"
		, PROF_ROWS_GROUP_WAIT, 300, 7,
		{PROFILE, ENTRY, CREATOR, STRING(1), NUMBER(2), NUMBER(3), KEY(0)}},
	{"group_histograms",
#include "sql/group_histograms.inc"
		, PROF_ROWS_GROUP_HIST, 300, 7,
		{PROFILE, ENTRY, CREATOR, {PROF_SHOW_TIME, 1, 0, false}, NUMBER(2), NUMBER(3),
			KEY(0)}},
	{"goroutines",
#include "sql/goroutines.inc"
		, PROF_ROWS_GOROUTINE, 10000, 16,
		{PROFILE, KEY(0), ENTRY, CREATOR, KEY(8), NUMBER(2), NUMBER(3), NUMBER(4),
			NUMBER(5), NUMBER(6), NUMBER(7), {PROF_SHOW_STATE, 9, 0, false}, STRING(10),
			KEY(11), NUMBER(12), KEY(1)}},
	{"tasks",
#include "sql/tasks.inc"
		, PROF_ROWS_TASK, 1000, 9,
		{PROFILE, KEY(0), KEY(1), STRING(2), NUMBER(3), NUMBER(4), DURATION(3, 4), KEY(5),
			KEY(6)}},
	{"regions",
#include "sql/regions.inc"
		, PROF_ROWS_REGION, 10000, 8,
		{PROFILE, KEY(3), STRING(4), NUMBER(0), NUMBER(1), DURATION(0, 1), KEY(2), KEY(5)}},
	{"logs",
#include "sql/logs.inc"
		, PROF_ROWS_LOG, 1000, 7,
		{PROFILE, NUMBER(0), KEY(1), KEY(2), STRING(3), STRING(4), KEY(5)}},
	{"goroutine_labels",
#include "sql/goroutine_labels.inc"
		, PROF_ROWS_LABEL, 1000, 4, {PROFILE, NUMBER(0), KEY(1), STRING(2)}},
	{"cpu_samples",
#include "sql/cpu_samples.inc"
		, PROF_ROWS_CPU_SAMPLE, 10000, 6,
		{PROFILE, NUMBER(0), KEY(1), KEY(2), KEY(3), KEY(4)}},
	{"transitions",
#include "sql/transitions.inc"
		, PROF_ROWS_TRANSITION, 1000000, 11,
		{PROFILE, NUMBER(0), NUMBER(1), {PROF_SHOW_ANY_STATE, 2, 0, false},
			{PROF_SHOW_ANY_STATE, 3, 0, false}, NUMBER(4), STRING(5), NUMBER(6),
			NUMBER(7), NUMBER(8), NUMBER(9)}},
	{0},
};
