/* The fields of a timeline that are kept, in their order: for timeline.c and timeline_read.c. */
#ifndef PROF_STORE_TIMELINE_FIELDS_H
#define PROF_STORE_TIMELINE_FIELDS_H

#include "libprof/model/timeline.h"

/* The second has MemStats, too; in the third records are kept as columns. */
enum { FIRST_VERSION = 1, WITH_MEMSTATS = 2, VERSION = 3 };
enum { PACING_WIDTH = 20, CYCLE_WIDTH = 22, RANGE_WIDTH = 5, POINT_WIDTH = 2, SHARE_WIDTH = 12 };

/* Who adds a field adds it here. */
_Static_assert(
	sizeof(void *) != 8 ||
		(sizeof(struct prof_timeline_source) == 120 && sizeof(struct prof_segment) == 128 &&
			sizeof(struct prof_gc_cycle) == 168 &&
			sizeof(struct prof_gc_pacing) == 160 &&
			sizeof(struct prof_gc_share) == 88 && sizeof(struct prof_memstats) == 4232),
	"prof_timeline_encode");

/* The integers of each kind of record, in their order. */
#define SOURCE_INTS(s) \
	{ \
		&(s)->lines, &(s)->gc_lines, &(s)->pacer_lines, &(s)->scav_lines, \
			&(s)->sched_lines, &(s)->scan_lines, &(s)->detail_lines, \
			&(s)->other_lines, &(s)->unreadable, &(s)->first_unreadable_line \
	}
#define CYCLE_INTS(c) \
	{ \
		&(c)->n, &(c)->start_ns, &(c)->sweep_term_ns, &(c)->mark_ns, &(c)->mark_term_ns, \
			&(c)->both_pauses_ns, &(c)->sweep_term_cpu_ns, &(c)->mark_term_cpu_ns, \
			&(c)->assist_cpu_ns, &(c)->dedicated_cpu_ns, &(c)->fractional_cpu_ns, \
			&(c)->idle_cpu_ns, &(c)->start_bytes, &(c)->end_bytes, &(c)->live_bytes, \
			&(c)->goal_bytes, &(c)->stacks_bytes, &(c)->globals_bytes \
	}
#define PACING_INTS(p) \
	{ \
		&(p)->dedicated_workers, &(p)->cpu_percent, &(p)->heap_work_bytes, \
			&(p)->stack_work_bytes, &(p)->globals_work_bytes, \
			&(p)->expected_work_bytes, &(p)->trigger_bytes, &(p)->end_bytes, \
			&(p)->goal_bytes, &(p)->swept_pages, &(p)->sweep_allocated_bytes, \
			&(p)->scan_objects, &(p)->scan_spans, &(p)->scavenged_bytes, \
			&(p)->released_bytes, &(p)->util_percent \
	}
#define SHARE_INTS(s) \
	{ \
		&(s)->goroutine, &(s)->assist_ns, &(s)->sweep_ns, &(s)->mark_ns, &(s)->delayed_ns, \
			&(s)->swept_bytes, &(s)->reclaimed_bytes \
	}
#define MEMSTATS_INTS(s) \
	{ \
		&(s)->n_gc, &(s)->n_forced, &(s)->last_gc_unix_ns, &(s)->heap_bytes, \
			&(s)->next_goal_bytes, &(s)->heap_objects, &(s)->total_alloc_bytes, \
			&(s)->mallocs, &(s)->frees, &(s)->heap_in_use_bytes, \
			&(s)->heap_idle_bytes, &(s)->heap_released_bytes, &(s)->stacks_bytes, \
			&(s)->sys_bytes, &(s)->max_rss_bytes \
	}
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

#endif
