#include "libprof/read/godebug.h"

#include <stddef.h>
#include <string.h>

#include "libprof/read/godebug_lines.h"
#include "libprof/read/godebug_runs.h"

enum { SHOWN_BYTES = 200 };

struct reader {
	struct prof_timeline *t;
	struct prof_timeline_source *source;
	struct prof_err *e;
	struct prof_godebug_line line;
	struct prof_gc_pacing pending; /* of the cycle that comes next */
	bool has_pending;
	struct prof_godebug_runs runs;
	struct prof_godebug_run *last; /* of the line before; NULL: none yet */
	size_t first_cycle; /* of the source */
	PROF_VEC(uint32_t) segment_of; /* its cycles */
};

/* The run of the line, which may begin with it. */
static int find_run(struct reader *r, const struct prof_godebug_mark *m)
{
	int rc;

	r->last = prof_godebug_run_of(&r->runs, m);
	if (r->last)
		return 0;
	rc = prof_timeline_add_segment(r->t, 1 << 20, r->e);
	if (!rc)
		r->last = prof_godebug_run_begin(&r->runs, m, (uint32_t)(r->t->segments.n - 1));
	return rc;
}

/* Whether what the pacer said is of this cycle, where there are several processes. */
static bool is_of(const struct reader *r, const struct prof_gc_cycle *c)
{
	const struct prof_gc_pacing *p = &r->pending;

	return r->runs.n < 2 || p->trigger_bytes == PROF_ABSENT || p->end_bytes == PROF_ABSENT ||
	       (p->trigger_bytes >> 20 == c->start_bytes >> 20 &&
		       p->end_bytes >> 20 == c->end_bytes >> 20);
}

static int add_cycle(struct reader *r)
{
	struct prof_gc_cycle *c = &r->line.cycle;
	struct prof_godebug_mark m = {c->n, c->start_ns, prof_gc_cycle_end(c), c->start_bytes,
		c->live_bytes, c->goal_bytes};
	struct prof_gc_pacing *pacing;
	int64_t before;
	int rc = prof_vec_reserve(&r->t->mem, &r->segment_of, 1, r->e);

	if (!rc)
		rc = find_run(r, &m);
	if (!rc && r->has_pending && is_of(r, c)) {
		rc = prof_timeline_pacing(r->t, c, &pacing, r->e);
		if (!rc)
			*pacing = r->pending;
		r->has_pending = false;
	}
	if (rc)
		return rc;
	before = r->last->last_cycle == PROF_NONE ? c->n - 1
						  : r->t->cycles.v[r->last->last_cycle].n;
	r->t->segments.v[r->last->segment].lost_cycles += c->n - before - 1;
	r->last->last_cycle = (uint32_t)r->t->cycles.n;
	r->segment_of.v[r->segment_of.n++] = r->last->segment;
	rc = prof_timeline_add_cycle(r->t, c, r->e);
	prof_gc_cycle_init(c);
	return rc;
}

static void set(int64_t *to, int64_t from)
{
	if (from != PROF_ABSENT)
		*to = from;
}

static void merge_pacing(struct prof_gc_pacing *to, const struct prof_gc_pacing *from)
{
	if (from->assist_ratio == from->assist_ratio)
		to->assist_ratio = from->assist_ratio;
	if (from->fractional_goal == from->fractional_goal)
		to->fractional_goal = from->fractional_goal;
	if (from->cons_mark == from->cons_mark)
		to->cons_mark = from->cons_mark;
	set(&to->dedicated_workers, from->dedicated_workers);
	set(&to->cpu_percent, from->cpu_percent);
	set(&to->heap_work_bytes, from->heap_work_bytes);
	set(&to->stack_work_bytes, from->stack_work_bytes);
	set(&to->globals_work_bytes, from->globals_work_bytes);
	set(&to->expected_work_bytes, from->expected_work_bytes);
	set(&to->trigger_bytes, from->trigger_bytes);
	set(&to->end_bytes, from->end_bytes);
	set(&to->goal_bytes, from->goal_bytes);
	set(&to->swept_pages, from->swept_pages);
	set(&to->sweep_allocated_bytes, from->sweep_allocated_bytes);
	set(&to->scan_objects, from->scan_objects);
	set(&to->scan_spans, from->scan_spans);
	set(&to->released_bytes, from->released_bytes);
	set(&to->util_percent, from->util_percent);
	to->controller_reset = to->controller_reset || from->controller_reset;
	if (from->scavenged_bytes == PROF_ABSENT)
		return;
	if (to->scavenged_bytes == PROF_ABSENT)
		to->scavenged_bytes = 0;
	if (to->scavenged_bytes < INT64_MAX / 4)
		to->scavenged_bytes += from->scavenged_bytes;
}

static struct prof_gc_pacing *pending(struct reader *r)
{
	if (!r->has_pending)
		prof_gc_pacing_init(&r->pending);
	r->has_pending = true;
	return &r->pending;
}

/* `next`: of the cycle that comes, else of the one that was. */
static int add_pacing(struct reader *r, bool next)
{
	struct prof_gc_pacing *pacing;
	int rc = 0;

	if (next || !r->last || r->last->last_cycle == PROF_NONE)
		pacing = pending(r);
	else
		rc = prof_timeline_pacing(
			r->t, &r->t->cycles.v[r->last->last_cycle], &pacing, r->e);
	if (!rc)
		merge_pacing(pacing, &r->line.pacing);
	prof_gc_pacing_init(&r->line.pacing);
	return rc;
}

static int add_sched(struct reader *r)
{
	static const struct {
		const char *name;
		size_t at;
	} series[] = {
		{"GOMAXPROCS", offsetof(struct prof_godebug_sched, gomaxprocs)},
		{"idle Ps", offsetof(struct prof_godebug_sched, idleprocs)},
		{"threads", offsetof(struct prof_godebug_sched, threads)},
		{"runnable goroutines", offsetof(struct prof_godebug_sched, runqueue)},
	};
	const struct prof_godebug_sched *s = &r->line.sched;
	struct prof_godebug_mark m = {.start_ns = s->t_ns, .end_ns = s->t_ns};
	int rc = find_run(r, &m);

	for (uint32_t i = 0; !rc && i < sizeof(series) / sizeof(series[0]); i++) {
		int64_t v;

		if (!i && r->last->series == PROF_NONE)
			r->last->series = (uint32_t)r->t->series.n;
		if (r->t->series.n == r->last->series + i)
			rc = prof_timeline_add_series(
				r->t, r->last->segment, series[i].name, "count", r->e);
		memcpy(&v, (const char *)s + series[i].at, sizeof(v));
		if (!rc)
			rc = prof_timeline_add_point(r->t, r->last->series + i, s->t_ns, v, r->e);
	}
	return rc;
}

static int add_unreadable(struct reader *r, const struct prof_text_line *l)
{
	size_t n = (size_t)(l->end - l->start);
	uint32_t id;
	int rc;

	/* What was read of it is not to show up elsewhere. */
	prof_gc_cycle_init(&r->line.cycle);
	prof_gc_pacing_init(&r->line.pacing);
	if (r->source->unreadable++)
		return 0;
	rc = prof_strtab_add(
		&r->t->strings, l->start, n < SHOWN_BYTES ? n : SHOWN_BYTES, &id, r->e);
	if (rc)
		return rc;
	r->source->first_unreadable = prof_strtab_get(&r->t->strings, id);
	r->source->first_unreadable_line = r->source->lines;
	return 0;
}

static int add_record(struct reader *r, enum prof_godebug_sort sort, const struct prof_text_line *l)
{
	switch (sort) {
	case PROF_GODEBUG_GC:
		r->source->gc_lines++;
		return add_cycle(r);
	case PROF_GODEBUG_ASSIST:
	case PROF_GODEBUG_WORK:
		r->source->pacer_lines++;
		return add_pacing(r, true);
	case PROF_GODEBUG_SWEEP:
		r->source->pacer_lines++;
		return add_pacing(r, false);
	case PROF_GODEBUG_SCAV:
		r->source->scav_lines++;
		return add_pacing(r, false);
	case PROF_GODEBUG_SCAN:
		r->source->scan_lines++;
		return add_pacing(r, false);
	case PROF_GODEBUG_SCHED:
		r->source->sched_lines++;
		return add_sched(r);
	case PROF_GODEBUG_UNREADABLE:
		return add_unreadable(r, l);
	case PROF_GODEBUG_DETAIL:
		r->source->detail_lines++;
		return 0;
	default:
		return 0;
	}
}

int prof_godebug_read(
	struct prof_input *in, struct prof_str name, struct prof_timeline *t, struct prof_err *e)
{
	struct reader r = {.t = t, .e = e};
	struct prof_text_line l;
	enum prof_godebug_sort sort;
	int rc = prof_timeline_add_source(t, name, PROF_TIMELINE_LOG, e), more = 1;

	if (rc)
		return rc;
	r.source = &t->sources.v[t->sources.n - 1];
	r.first_cycle = t->cycles.n;
	prof_gc_cycle_init(&r.line.cycle);
	prof_gc_pacing_init(&r.line.pacing);
	while (!rc && (more = prof_text_next(in, &l, e)) > 0) {
		bool any = false;

		r.source->lines++;
		while (!rc && (sort = prof_godebug_next(&l, &r.line)) != PROF_GODEBUG_NONE) {
			rc = add_record(&r, sort, &l);
			any = true;
		}
		r.source->other_lines += !any;
	}
	if (!rc && !more)
		rc = prof_timeline_order_cycles(t, r.first_cycle, r.segment_of.v, e);
	prof_vec_fini(&t->mem, &r.segment_of);
	return more < 0 ? more : rc;
}

bool prof_godebug_is(const uint8_t *p, size_t n)
{
	const char *at = (const char *)p, *end = at + n;
	struct prof_godebug_line line;

	prof_gc_cycle_init(&line.cycle);
	prof_gc_pacing_init(&line.pacing);
	while (at < end) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));
		struct prof_text_line l = {.p = at, .start = at, .end = nl ? nl : end};
		enum prof_godebug_sort sort;

		while ((sort = prof_godebug_next(&l, &line)) != PROF_GODEBUG_NONE)
			if (sort != PROF_GODEBUG_DETAIL)
				return true;
		at = l.end + 1;
	}
	return false;
}
