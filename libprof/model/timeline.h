/* What happened when: garbage collections, ranges and sampled series of one or more runs, whatever
 * they were read from (a GODEBUG log, an execution trace).
 *
 * A segment is one run of one process with a clock of its own: nothing relates the times of two
 * segments. A log in which cycle numbers begin anew has several. Cycles, ranges and points are in
 * the order of their segments, and by time within one.
 *
 * Sources differ in what they carry. What is not known is PROF_ABSENT (numbers) or NAN (reals),
 * never 0. Times are ns from the segment's origin (a log: when the runtime began; a trace: its
 * first event; heap profiles: the end of the first cycle). A log rounds: sizes down to
 * segment->size_unit, starts down to 1 ms, lengths and CPU times to about three digits.
 */
#ifndef PROF_MODEL_TIMELINE_H
#define PROF_MODEL_TIMELINE_H

#include "libprof/base/strtab.h"

#define PROF_ABSENT INT64_MIN

enum prof_timeline_kind {
	PROF_TIMELINE_LOG, /* GODEBUG=gctrace=1 and its relatives */
	PROF_TIMELINE_TRACE,
	PROF_TIMELINE_HEAP, /* the MemStats below a debug=1 heap profile */
};

/* Windows of mutator utilisation: 1us, 10us … 1s. */
enum { PROF_TIMELINE_WINDOWS = 7 };
extern const char *const prof_timeline_window_names[PROF_TIMELINE_WINDOWS];

/* A file, and how well it could be read. */
struct prof_timeline_source {
	struct prof_str name; /* as the user calls it */
	enum prof_timeline_kind kind;
	int64_t lines; /* of a log: all; of them of each sort: */
	int64_t gc_lines, pacer_lines, scav_lines, sched_lines, scan_lines, detail_lines;
	int64_t other_lines; /* the application's */
	int64_t unreadable; /* begin like one of the runtime's, but cannot be read */
	int64_t first_unreadable_line; /* counted from 1 */
	struct prof_str first_unreadable; /* at most 200 bytes of it */
};

struct prof_segment {
	uint32_t source;
	uint32_t first_cycle, n_cycles, first_range, n_ranges;
	int64_t size_unit; /* sizes are multiples of it, rounded down: 1 MiB in a log */
	int64_t lost_cycles; /* numbers that are missing between those that are there */
	int64_t end_ns; /* the last thing that is known of it */
	int64_t wall_ns; /* of its origin, since 1970 */
	int64_t forced; /* cycles, where that is not known of each; else PROF_ABSENT */
	bool ends_only; /* cycles' start_ns are when they ended: nobody knows when they began */
	/* The program's part of the Ps in the worst window of each length; NAN: not known. */
	double utilisation[PROF_TIMELINE_WINDOWS];
};

/* What made the collector run, where the source tells. */
enum prof_gc_reason {
	PROF_GC_HEAP, /* the heap reached the trigger, or two minutes had gone by */
	PROF_GC_FORCED, /* runtime.GC, debug.FreeOSMemory */
	PROF_GC_LEAK_CHECK, /* a goroutineleak profile */
	PROF_GC_PERIODIC, /* two minutes had gone by */
	PROF_GC_NOT_TOLD,
};

/* The two pauses of a cycle stop the world; marking runs beside the program in between. */
struct prof_gc_cycle {
	int64_t n; /* the runtime's count, from 1 */
	int64_t start_ns;
	int64_t sweep_term_ns, mark_ns, mark_term_ns; /* wall: pause, marking, pause */
	int64_t both_pauses_ns; /* where the source has no more than their sum */
	int64_t sweep_term_cpu_ns, mark_term_cpu_ns; /* pauses: of all Ps that stood still */
	int64_t assist_cpu_ns; /* marking by goroutines that allocate */
	int64_t dedicated_cpu_ns; /* by workers; in logs with the fractional ones' */
	int64_t fractional_cpu_ns;
	int64_t idle_cpu_ns; /* by workers on Ps that had nothing else to do */
	int64_t start_bytes; /* heap when it began */
	int64_t end_bytes; /* heap when marking ended: the peak */
	int64_t live_bytes; /* of it marked */
	int64_t goal_bytes; /* where marking was to end */
	int64_t stacks_bytes, globals_bytes; /* that count towards the goal, Go >= 1.18 */
	int32_t procs; /* GOMAXPROCS; 0: not known */
	double running_cpu; /* GC's part of all CPU since the start */
	uint32_t pacing; /* index, or PROF_NONE */
	uint8_t reason; /* enum prof_gc_reason */
};

/* What gcpacertrace, scavtrace and gctrace=2 add to a cycle. */
struct prof_gc_pacing {
	double assist_ratio; /* scan work a byte allocated, when marking began */
	int64_t dedicated_workers;
	double fractional_goal;
	int64_t cpu_percent; /* of GOMAXPROCS while marking; 25 is meant */
	int64_t heap_work_bytes, stack_work_bytes, globals_work_bytes, expected_work_bytes;
	int64_t trigger_bytes, end_bytes, goal_bytes; /* exact */
	double cons_mark; /* allocation to marking, a CPU second each */
	int64_t swept_pages, sweep_allocated_bytes; /* by the time the sweep was done */
	int64_t scan_objects, scan_spans;
	int64_t scavenged_bytes; /* given back to the system until the next cycle */
	int64_t released_bytes; /* not held from the system at that time */
	int64_t util_percent; /* heap in use to heap held */
	bool controller_reset;
};

/* What a process's runtime.MemStats were at a time that nobody wrote down: behind the end of its
 * last cycle, before that of the next.
 */
enum { PROF_MEMSTATS_RING = 256 };
struct prof_memstats {
	uint32_t source, segment; /* segment: PROF_NONE while it belongs to none */
	int64_t n_gc, n_forced, last_gc_unix_ns;
	double gc_cpu; /* GC's part of all CPU since the start */
	int64_t heap_bytes, next_goal_bytes; /* INT64_MAX: there will be none */
	int64_t heap_objects, total_alloc_bytes, mallocs, frees;
	int64_t heap_in_use_bytes, heap_idle_bytes, heap_released_bytes, stacks_bytes, sys_bytes;
	int64_t max_rss_bytes;
	/* Of cycle n at (n - 1) % 256: both pauses together, and when the second one was over. 0:
	 * not known.
	 */
	int64_t pause_ns[PROF_MEMSTATS_RING], pause_end_unix_ns[PROF_MEMSTATS_RING];
};

/* Something that lasted, on one goroutine or everywhere. */
struct prof_range {
	enum prof_trace_range kind;
	uint32_t name; /* string: why the world stopped */
	int64_t start_ns, end_ns;
	int64_t goroutine; /* PROF_ABSENT: none */
};

/* What a goroutine, or all that were started with one function, did for the collector and lost to
 * it.
 */
struct prof_gc_share {
	uint32_t segment, name; /* name: of the function, a string */
	int64_t goroutine; /* its id; PROF_ABSENT: all of the function */
	uint64_t goroutines, assists, sweeps;
	int64_t assist_ns, sweep_ns; /* from begin to end */
	int64_t mark_ns; /* as a worker */
	int64_t delayed_ns; /* while the world stood still and it could have run */
	int64_t swept_bytes, reclaimed_bytes;
};

struct prof_point {
	int64_t t_ns, value;
};

/* A number that was sampled, or that holds until its next point. */
struct prof_timeline_series {
	const char *name, *unit; /* "GOMAXPROCS", "count" */
	uint32_t segment;
	PROF_VEC(struct prof_point) points;
};

struct prof_timeline {
	struct prof_mem mem;
	struct prof_strtab strings;
	PROF_VEC(struct prof_timeline_source) sources;
	PROF_VEC(struct prof_segment) segments;
	PROF_VEC(struct prof_gc_cycle) cycles;
	PROF_VEC(struct prof_gc_pacing) pacing;
	PROF_VEC(struct prof_range) ranges;
	PROF_VEC(struct prof_timeline_series) series;
	PROF_VEC(struct prof_memstats) memstats;
	PROF_VEC(struct prof_gc_share) shares; /* of a segment functions, then goroutines */
};

struct prof_timeline *prof_timeline_new(const struct prof_limits *limits, struct prof_err *e);
void prof_timeline_free(struct prof_timeline *t);

/* Starts a source, which becomes the last one; its name is copied. */
int prof_timeline_add_source(struct prof_timeline *t, struct prof_str name,
	enum prof_timeline_kind kind, struct prof_err *e) PROF_CHECKED;

/* Starts a segment of the last source. */
int prof_timeline_add_segment(
	struct prof_timeline *t, int64_t size_unit, struct prof_err *e) PROF_CHECKED;

/* Appends to the last segment. */
int prof_timeline_add_cycle(
	struct prof_timeline *t, const struct prof_gc_cycle *c, struct prof_err *e) PROF_CHECKED;
int prof_timeline_add_range(
	struct prof_timeline *t, const struct prof_range *r, struct prof_err *e) PROF_CHECKED;

/* The pacing of a cycle, made when there is none yet. Valid until the next is made. */
int prof_timeline_pacing(struct prof_timeline *t, struct prof_gc_cycle *c,
	struct prof_gc_pacing **out, struct prof_err *e) PROF_CHECKED;

/* A point of the last segment's series of that name, which is made when there is none yet. Name and
 * unit are constants.
 */
int prof_timeline_point(struct prof_timeline *t, const char *name, const char *unit, int64_t t_ns,
	int64_t value, struct prof_err *e) PROF_CHECKED;

/* A series of any segment, without points, as the last one; and a point of one. */
int prof_timeline_add_series(struct prof_timeline *t, uint32_t segment, const char *name,
	const char *unit, struct prof_err *e) PROF_CHECKED;
int prof_timeline_add_point(struct prof_timeline *t, uint32_t series, int64_t t_ns, int64_t value,
	struct prof_err *e) PROF_CHECKED;

/* Gives each of the last source's cycles, which begin with `first`, to its segment: for segments
 * that were written into one another. Within each they are in the order of their times.
 */
int prof_timeline_order_cycles(struct prof_timeline *t, size_t first, const uint32_t *segment_of,
	struct prof_err *e) PROF_CHECKED;

/* All fields absent. */
void prof_gc_cycle_init(struct prof_gc_cycle *c);
void prof_gc_pacing_init(struct prof_gc_pacing *p);
void prof_memstats_init(struct prof_memstats *s);

/* a + b where both are known. */
static inline int64_t prof_known_sum(int64_t a, int64_t b)
{
	return a == PROF_ABSENT || b == PROF_ABSENT ? PROF_ABSENT : a + b;
}

/* When the cycle's marking was over, the second pause with it; start_ns where lengths are absent.
 */
static inline int64_t prof_gc_cycle_end(const struct prof_gc_cycle *c)
{
	int64_t end = c->start_ns;

	end += c->sweep_term_ns == PROF_ABSENT ? 0 : c->sweep_term_ns;
	end += c->mark_ns == PROF_ABSENT ? 0 : c->mark_ns;
	return end + (c->mark_term_ns == PROF_ABSENT ? 0 : c->mark_term_ns);
}

/* When a pause, the first (0) or the second one (1), began and ended; false: that is not known. */
static inline bool prof_gc_cycle_pause(
	const struct prof_gc_cycle *c, unsigned which, int64_t *start_ns, int64_t *end_ns)
{
	int64_t marked = prof_known_sum(c->start_ns, prof_known_sum(c->sweep_term_ns, c->mark_ns));

	*start_ns = which ? marked : c->start_ns;
	*end_ns = prof_known_sum(*start_ns, which ? c->mark_term_ns : c->sweep_term_ns);
	return *end_ns != PROF_ABSENT;
}

/* The cycle's pauses as far as they are known: none, both together, or both. Returns how many. */
static inline int prof_gc_cycle_pauses(const struct prof_gc_cycle *c, int64_t out[2])
{
	int n = 0;

	if (c->sweep_term_ns != PROF_ABSENT)
		out[n++] = c->sweep_term_ns;
	if (c->mark_term_ns != PROF_ABSENT)
		out[n++] = c->mark_term_ns;
	if (!n && c->both_pauses_ns != PROF_ABSENT)
		out[n++] = c->both_pauses_ns;
	return n;
}

/* CPU of marking: assists and workers, idle ones not. PROF_ABSENT when a part is. */
static inline int64_t prof_gc_cycle_marking(const struct prof_gc_cycle *c)
{
	int64_t marking = prof_known_sum(c->assist_cpu_ns, c->dedicated_cpu_ns);

	return c->fractional_cpu_ns == PROF_ABSENT ? marking
						   : prof_known_sum(marking, c->fractional_cpu_ns);
}

/* CPU that the cycle took: pauses, assists and workers, idle ones not (they use what nobody wants).
 * PROF_ABSENT when a part is.
 */
static inline int64_t prof_gc_cycle_cpu(const struct prof_gc_cycle *c)
{
	int64_t pauses = prof_known_sum(c->sweep_term_cpu_ns, c->mark_term_cpu_ns);

	return prof_known_sum(pauses, prof_gc_cycle_marking(c));
}

/* What does not hold of a timeline's indexes and order, for tests; NULL: all does. */
const char *prof_timeline_check(const struct prof_timeline *t);

#endif
