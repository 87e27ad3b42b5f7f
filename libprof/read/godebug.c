#include "libprof/read/godebug.h"

#include <string.h>

#include "libprof/read/godebug_lines.h"

enum { SHOWN_BYTES = 200 };

struct reader {
	struct prof_timeline *t;
	struct prof_timeline_source *source;
	struct prof_err *e;
	struct prof_godebug_line line;
	struct prof_gc_pacing pending; /* of the cycle that comes next */
	bool has_pending;
	bool has_segment;
	int64_t last_n, last_start_ns, last_sched_ns; /* of the segment; 0: none yet */
};

static int begin_segment(struct reader *r)
{
	r->last_n = r->last_start_ns = r->last_sched_ns = 0;
	r->has_segment = true;
	return prof_timeline_add_segment(r->t, 1 << 20, r->e);
}

static int add_cycle(struct reader *r)
{
	struct prof_gc_cycle *c = &r->line.cycle;
	struct prof_gc_pacing *pacing;
	int rc = 0;

	if (!r->has_segment || c->n <= r->last_n || c->start_ns < r->last_start_ns)
		rc = begin_segment(r);
	if (!rc && r->has_pending) {
		rc = prof_timeline_pacing(r->t, c, &pacing, r->e);
		if (!rc)
			*pacing = r->pending;
	}
	if (rc)
		return rc;
	if (r->last_n)
		r->t->segments.v[r->t->segments.n - 1].lost_cycles += c->n - r->last_n - 1;
	r->has_pending = false;
	r->last_n = c->n;
	r->last_start_ns = c->start_ns;
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

	if (next || !r->last_n)
		pacing = pending(r);
	else
		rc = prof_timeline_pacing(r->t, &r->t->cycles.v[r->t->cycles.n - 1], &pacing, r->e);
	if (!rc)
		merge_pacing(pacing, &r->line.pacing);
	prof_gc_pacing_init(&r->line.pacing);
	return rc;
}

static int add_sched(struct reader *r)
{
	const struct prof_godebug_sched *s = &r->line.sched;
	int rc = 0;

	if (!r->has_segment || s->t_ns < r->last_sched_ns)
		rc = begin_segment(r);
	r->last_sched_ns = s->t_ns;
	if (!rc)
		rc = prof_timeline_point(r->t, "GOMAXPROCS", "count", s->t_ns, s->gomaxprocs, r->e);
	if (!rc)
		rc = prof_timeline_point(r->t, "idle Ps", "count", s->t_ns, s->idleprocs, r->e);
	if (!rc)
		rc = prof_timeline_point(r->t, "threads", "count", s->t_ns, s->threads, r->e);
	if (!rc)
		rc = prof_timeline_point(
			r->t, "runnable goroutines", "count", s->t_ns, s->runqueue, r->e);
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
