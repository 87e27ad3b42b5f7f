/* The fields of a timeline that are kept, in their order: for timeline.c and timeline_read.c. */
#ifndef PROF_STORE_TIMELINE_FIELDS_H
#define PROF_STORE_TIMELINE_FIELDS_H

#include "libprof/model/timeline.h"

#define FARTHEST ((int64_t)1 << 59) /* times and sizes that sums cannot overflow with */

/* The second has MemStats, too; in the third records are kept as columns; in the fourth pauses are
 * told by their cycles. A new one makes other digests (prof_capture_digest), and needs another
 * PROF_DB_VERSION, from which on they are.
 */
enum { FIRST_VERSION = 1, WITH_MEMSTATS = 2, IN_COLUMNS = 3, BY_CYCLES = 4, VERSION = BY_CYCLES };
enum { PACING_WIDTH = 20, CYCLE_WIDTH = 22, POINT_WIDTH = 2, SHARE_WIDTH = 12 };
enum { RANGE_WIDTH = 6, PLAIN_RANGE_WIDTH = 5 }; /* and until the third version */

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
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What a pause takes of the CPU when so many Ps stand still, or all that the cycle has: what is
 * kept is the difference to it. In a trace there is none, in a log what is rounded.
 */
static inline int64_t pause_cpu(const struct prof_gc_cycle *c, int64_t pause_ns, int64_t stopped)
{
	int64_t cpu, ps = c->procs < stopped ? c->procs : stopped;

	if (pause_ns == PROF_ABSENT || ps <= 0 || __builtin_mul_overflow(pause_ns, ps, &cpu))
		return 0;
	return cpu <= FARTHEST && cpu >= -FARTHEST ? cpu : 0;
}

/* The pauses of a segment's cycles, one after another: what its ranges are told by. */
struct pauses {
	const struct prof_gc_cycle *cycles;
	uint64_t n, at; /* two of each, known or not */
	int64_t start_ns, end_ns; /* of the one that has_pause found */
};

static inline struct pauses pauses_of(const struct prof_timeline *t, const struct prof_segment *s)
{
	const struct prof_gc_cycle *first = s->n_cycles ? &t->cycles.v[s->first_cycle] : NULL;

	return (struct pauses){.cycles = first, .n = 2 * (uint64_t)s->n_cycles};
}

/* Goes to the next one that is known, if there is any. */
static inline bool has_pause(struct pauses *x)
{
	for (; x->at < x->n; x->at++)
		if (prof_gc_cycle_pause(&x->cycles[x->at / 2], x->at % 2, &x->start_ns, &x->end_ns))
			return true;
	return false;
}

/* Goes to the next one that begins at `start_ns` or later; how many are before it. */
static inline uint64_t pass_pauses(struct pauses *x, int64_t start_ns)
{
	uint64_t passed = 0;

	for (; has_pause(x) && x->start_ns < start_ns; x->at++)
		passed++;
	return passed;
}

#endif
