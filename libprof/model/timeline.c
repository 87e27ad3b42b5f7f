#include "libprof/model/timeline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const prof_timeline_window_names[PROF_TIMELINE_WINDOWS] = {
	"1us", "10us", "100us", "1ms", "10ms", "100ms", "1s"};

struct prof_timeline *prof_timeline_new(const struct prof_limits *limits, struct prof_err *e)
{
	struct prof_timeline *t = calloc(1, sizeof(*t));
	struct prof_limits defaults;

	if (!t) {
		prof_nomem(e);
		return NULL;
	}
	prof_limits_init(&defaults);
	t->mem.limit = (size_t)(limits ? limits : &defaults)->memory_bytes;
	if (prof_strtab_init(&t->strings, &t->mem, e)) {
		prof_timeline_free(t);
		return NULL;
	}
	return t;
}

void prof_timeline_free(struct prof_timeline *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->series.n; i++)
		prof_vec_fini(&t->mem, &t->series.v[i].points);
	prof_vec_fini(&t->mem, &t->series);
	prof_vec_fini(&t->mem, &t->memstats);
	prof_vec_fini(&t->mem, &t->shares);
	prof_vec_fini(&t->mem, &t->ranges);
	prof_vec_fini(&t->mem, &t->pacing);
	prof_vec_fini(&t->mem, &t->cycles);
	prof_vec_fini(&t->mem, &t->segments);
	prof_vec_fini(&t->mem, &t->sources);
	prof_strtab_fini(&t->strings);
	free(t);
}

int prof_timeline_add_source(struct prof_timeline *t, struct prof_str name,
	enum prof_timeline_kind kind, struct prof_err *e)
{
	uint32_t id;
	int rc = prof_vec_reserve(&t->mem, &t->sources, 1, e);

	if (!rc)
		rc = prof_strtab_add(&t->strings, name.p, name.len, &id, e);
	if (rc)
		return rc;
	t->sources.v[t->sources.n++] = (struct prof_timeline_source){
		.name = prof_strtab_get(&t->strings, id), .kind = kind};
	return 0;
}

int prof_timeline_add_segment(struct prof_timeline *t, int64_t size_unit, struct prof_err *e)
{
	int rc = prof_vec_reserve(&t->mem, &t->segments, 1, e);

	if (rc)
		return rc;
	t->segments.v[t->segments.n++] = (struct prof_segment){
		.source = (uint32_t)(t->sources.n - 1),
		.first_cycle = (uint32_t)t->cycles.n,
		.first_range = (uint32_t)t->ranges.n,
		.size_unit = size_unit,
		.wall_ns = PROF_ABSENT,
		.forced = PROF_ABSENT,
	};
	for (int i = 0; i < PROF_TIMELINE_WINDOWS; i++)
		t->segments.v[t->segments.n - 1].utilisation[i] = NAN;
	return 0;
}

static void reaches(struct prof_segment *s, int64_t t_ns)
{
	s->end_ns = t_ns > s->end_ns ? t_ns : s->end_ns;
}

int prof_timeline_add_cycle(
	struct prof_timeline *t, const struct prof_gc_cycle *c, struct prof_err *e)
{
	struct prof_segment *s = &t->segments.v[t->segments.n - 1];
	int rc = prof_vec_reserve(&t->mem, &t->cycles, 1, e);

	if (rc)
		return rc;
	if (t->cycles.n >= PROF_NONE)
		return prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET, "more than 2^32 cycles");
	t->cycles.v[t->cycles.n++] = *c;
	s->n_cycles++;
	reaches(s, prof_gc_cycle_end(c));
	return 0;
}

int prof_timeline_add_range(struct prof_timeline *t, const struct prof_range *r, struct prof_err *e)
{
	struct prof_segment *s = &t->segments.v[t->segments.n - 1];
	int rc = prof_vec_reserve(&t->mem, &t->ranges, 1, e);

	if (rc)
		return rc;
	t->ranges.v[t->ranges.n++] = *r;
	s->n_ranges++;
	reaches(s, r->end_ns);
	return 0;
}

int prof_timeline_pacing(struct prof_timeline *t, struct prof_gc_cycle *c,
	struct prof_gc_pacing **out, struct prof_err *e)
{
	int rc;

	if (c->pacing == PROF_NONE) {
		rc = prof_vec_reserve(&t->mem, &t->pacing, 1, e);
		if (rc)
			return rc;
		prof_gc_pacing_init(&t->pacing.v[t->pacing.n]);
		c->pacing = (uint32_t)t->pacing.n++;
	}
	*out = &t->pacing.v[c->pacing];
	return 0;
}

int prof_timeline_add_series(struct prof_timeline *t, uint32_t segment, const char *name,
	const char *unit, struct prof_err *e)
{
	int rc = prof_vec_reserve(&t->mem, &t->series, 1, e);

	if (!rc)
		t->series.v[t->series.n++] = (struct prof_timeline_series){
			.name = name, .unit = unit, .segment = segment};
	return rc;
}

int prof_timeline_add_point(
	struct prof_timeline *t, uint32_t series, int64_t t_ns, int64_t value, struct prof_err *e)
{
	struct prof_timeline_series *s = &t->series.v[series];
	int rc = prof_vec_reserve(&t->mem, &s->points, 1, e);

	if (rc)
		return rc;
	s->points.v[s->points.n++] = (struct prof_point){t_ns, value};
	reaches(&t->segments.v[s->segment], t_ns);
	return 0;
}

/* The last segment's series of that name; their number: there is none. A segment has a handful. */
static size_t find_series(const struct prof_timeline *t, const char *name)
{
	for (size_t i = t->series.n; i-- > 0 && t->series.v[i].segment == t->segments.n - 1;)
		if (t->series.v[i].name == name)
			return i;
	return t->series.n;
}

int prof_timeline_point(struct prof_timeline *t, const char *name, const char *unit, int64_t t_ns,
	int64_t value, struct prof_err *e)
{
	size_t i = find_series(t, name);
	int rc = 0;

	if (i == t->series.n)
		rc = prof_timeline_add_series(t, (uint32_t)(t->segments.n - 1), name, unit, e);
	return rc ? rc : prof_timeline_add_point(t, (uint32_t)i, t_ns, value, e);
}

/* Where the cycles of each segment from `from` on begin. */
static void place(struct prof_timeline *t, size_t from, size_t first, const uint32_t *segment_of)
{
	for (size_t i = from; i < t->segments.n; i++) {
		t->segments.v[i].n_cycles = 0;
		t->segments.v[i].end_ns = 0;
	}
	for (size_t i = first; i < t->cycles.n; i++)
		t->segments.v[segment_of[i - first]].n_cycles++;
	for (size_t i = from; i < t->segments.n; i++) {
		t->segments.v[i].first_cycle = (uint32_t)first;
		first += t->segments.v[i].n_cycles;
		t->segments.v[i].n_cycles = 0;
	}
}

static void reach_all(struct prof_timeline *t)
{
	for (size_t i = 0; i < t->series.n; i++) {
		const struct prof_timeline_series *s = &t->series.v[i];

		if (s->points.n)
			reaches(&t->segments.v[s->segment], s->points.v[s->points.n - 1].t_ns);
	}
}

int prof_timeline_order_cycles(
	struct prof_timeline *t, size_t first, const uint32_t *segment_of, struct prof_err *e)
{
	size_t from = t->segments.n, n = t->cycles.n - first;
	struct prof_gc_cycle *was;

	while (from && t->segments.v[from - 1].source == t->sources.n - 1)
		from--;
	if (!n || t->segments.n - from < 2)
		return 0;
	was = prof_mem_zalloc(&t->mem, n, sizeof(*was), e);
	if (!was)
		return e ? e->code : PROF_ENOMEM;
	memcpy(was, t->cycles.v + first, n * sizeof(*was));
	place(t, from, first, segment_of);
	for (size_t i = 0; i < n; i++) {
		struct prof_segment *s = &t->segments.v[segment_of[i]];

		t->cycles.v[s->first_cycle + s->n_cycles++] = was[i];
		reaches(s, prof_gc_cycle_end(&was[i]));
	}
	reach_all(t);
	prof_mem_zfree(&t->mem, was, n, sizeof(*was));
	return 0;
}

void prof_gc_cycle_init(struct prof_gc_cycle *c)
{
	*c = (struct prof_gc_cycle){
		.n = PROF_ABSENT,
		.start_ns = 0,
		.sweep_term_ns = PROF_ABSENT,
		.mark_ns = PROF_ABSENT,
		.mark_term_ns = PROF_ABSENT,
		.sweep_term_cpu_ns = PROF_ABSENT,
		.mark_term_cpu_ns = PROF_ABSENT,
		.assist_cpu_ns = PROF_ABSENT,
		.dedicated_cpu_ns = PROF_ABSENT,
		.fractional_cpu_ns = PROF_ABSENT,
		.idle_cpu_ns = PROF_ABSENT,
		.start_bytes = PROF_ABSENT,
		.end_bytes = PROF_ABSENT,
		.live_bytes = PROF_ABSENT,
		.goal_bytes = PROF_ABSENT,
		.stacks_bytes = PROF_ABSENT,
		.globals_bytes = PROF_ABSENT,
		.both_pauses_ns = PROF_ABSENT,
		.running_cpu = NAN,
		.pacing = PROF_NONE,
	};
}

void prof_gc_pacing_init(struct prof_gc_pacing *p)
{
	*p = (struct prof_gc_pacing){
		.assist_ratio = NAN,
		.dedicated_workers = PROF_ABSENT,
		.fractional_goal = NAN,
		.cpu_percent = PROF_ABSENT,
		.heap_work_bytes = PROF_ABSENT,
		.stack_work_bytes = PROF_ABSENT,
		.globals_work_bytes = PROF_ABSENT,
		.expected_work_bytes = PROF_ABSENT,
		.trigger_bytes = PROF_ABSENT,
		.end_bytes = PROF_ABSENT,
		.goal_bytes = PROF_ABSENT,
		.cons_mark = NAN,
		.swept_pages = PROF_ABSENT,
		.sweep_allocated_bytes = PROF_ABSENT,
		.scan_objects = PROF_ABSENT,
		.scan_spans = PROF_ABSENT,
		.scavenged_bytes = PROF_ABSENT,
		.released_bytes = PROF_ABSENT,
		.util_percent = PROF_ABSENT,
	};
}

void prof_memstats_init(struct prof_memstats *s)
{
	*s = (struct prof_memstats){.source = PROF_NONE,
		.segment = PROF_NONE,
		.n_gc = PROF_ABSENT,
		.n_forced = PROF_ABSENT,
		.last_gc_unix_ns = PROF_ABSENT,
		.gc_cpu = NAN,
		.heap_bytes = PROF_ABSENT,
		.next_goal_bytes = PROF_ABSENT,
		.heap_objects = PROF_ABSENT,
		.total_alloc_bytes = PROF_ABSENT,
		.mallocs = PROF_ABSENT,
		.frees = PROF_ABSENT,
		.heap_in_use_bytes = PROF_ABSENT,
		.heap_idle_bytes = PROF_ABSENT,
		.heap_released_bytes = PROF_ABSENT,
		.stacks_bytes = PROF_ABSENT,
		.sys_bytes = PROF_ABSENT,
		.max_rss_bytes = PROF_ABSENT};
}

const char *prof_timeline_check(const struct prof_timeline *t)
{
	size_t cycles = 0, ranges = 0;

	for (size_t i = 0; i < t->segments.n; i++) {
		const struct prof_segment *s = &t->segments.v[i];
		const struct prof_gc_cycle *c = s->n_cycles ? t->cycles.v + s->first_cycle : NULL;

		if (s->source >= t->sources.n)
			return "a segment has no source";
		if (s->first_cycle != cycles || s->first_range != ranges)
			return "segments do not follow one another";
		cycles += s->n_cycles;
		ranges += s->n_ranges;
		if (cycles > t->cycles.n || ranges > t->ranges.n || s->size_unit < 1)
			return "a segment is longer than what there is";
		for (size_t k = 0; k < s->n_cycles; k++) {
			if (k && c[k].start_ns < c[k - 1].start_ns)
				return "cycles are not in order";
			if (c[k].pacing != PROF_NONE && c[k].pacing >= t->pacing.n)
				return "a cycle has no such pacing";
			if (prof_gc_cycle_end(&c[k]) > s->end_ns)
				return "a segment ends before its cycle";
		}
	}
	if (cycles != t->cycles.n || ranges != t->ranges.n)
		return "cycles or ranges of no segment";
	for (size_t i = 0; i < t->series.n; i++)
		if (t->series.v[i].segment >= t->segments.n)
			return "a series has no segment";
	return NULL;
}
