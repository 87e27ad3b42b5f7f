#include "libprof/store/timeline_rows.h"

#include <string.h>

int prof_timeline_rows_init(struct prof_timeline_rows *x, struct prof_timeline *t,
	enum prof_rows table, struct prof_err *e)
{
	static const char *const reasons[] = {[PROF_GC_HEAP] = "heap",
		[PROF_GC_FORCED] = "forced",
		[PROF_GC_LEAK_CHECK] = "leak check",
		[PROF_GC_PERIODIC] = "periodic"};
	static const char *const pauses[] = {"GC sweep termination", "GC mark termination"};
	int rc = 0;

	*x = (struct prof_timeline_rows){.t = t, .table = table};
	for (int i = 0; !rc && i <= PROF_GC_PERIODIC; i++)
		rc = prof_strtab_add(
			&t->strings, reasons[i], strlen(reasons[i]), &x->reasons[i], e);
	for (int i = 0; !rc && i < 2; i++)
		rc = prof_strtab_add(&t->strings, pauses[i], strlen(pauses[i]), &x->pauses[i], e);
	return rc;
}

static bool is_trace(const struct prof_timeline *t, uint32_t segment)
{
	return t->sources.v[t->segments.v[segment].source].kind == PROF_TIMELINE_TRACE;
}

static void cycle(const struct prof_timeline_rows *x, const struct prof_gc_cycle *c, int64_t *v)
{
	const int64_t row[] = {x->list, c->n, c->start_ns, c->sweep_term_ns, c->mark_ns,
		c->mark_term_ns, c->sweep_term_cpu_ns, c->mark_term_cpu_ns, c->assist_cpu_ns,
		c->dedicated_cpu_ns, c->fractional_cpu_ns, c->idle_cpu_ns, c->start_bytes,
		c->end_bytes, c->live_bytes, c->goal_bytes, c->stacks_bytes, c->globals_bytes,
		c->procs ? c->procs : PROF_ABSENT,
		c->reason == PROF_GC_NOT_TOLD ? PROF_ABSENT : x->reasons[c->reason]};

	memcpy(v, row, sizeof(row));
}

static int next_cycle(struct prof_timeline_rows *x, int64_t *v)
{
	for (; x->list < x->t->segments.n; x->list++, x->at = 0) {
		const struct prof_segment *s = &x->t->segments.v[x->list];

		if (x->at < s->n_cycles) {
			cycle(x, &x->t->cycles.v[s->first_cycle + x->at++], v);
			return 1;
		}
	}
	return 0;
}

static bool pause(const struct prof_timeline_rows *x, int64_t start, int64_t ns, int64_t goroutine,
	uint32_t reason, int64_t *v)
{
	const int64_t row[] = {x->list, start, ns, goroutine, reason ? reason : PROF_ABSENT};

	if (start == PROF_ABSENT || ns == PROF_ABSENT)
		return false;
	memcpy(v, row, sizeof(row));
	return true;
}

/* The first or the second one of a cycle, which a log tells of where a trace has them as ranges. */
static bool pause_of_cycle(const struct prof_timeline_rows *x, const struct prof_gc_cycle *c,
	unsigned which, int64_t *v)
{
	int64_t start, end;

	return prof_gc_cycle_pause(c, which, &start, &end) &&
	       pause(x, start, end - start, PROF_ABSENT, x->pauses[which], v);
}

/* Of a log, pauses of cycles come first. */
static bool pause_of(
	const struct prof_timeline_rows *x, const struct prof_segment *s, uint64_t i, int64_t *v)
{
	uint64_t of_cycles = is_trace(x->t, x->list) ? 0 : 2 * (uint64_t)s->n_cycles;
	const struct prof_range *r;

	if (i < of_cycles)
		return pause_of_cycle(
			x, &x->t->cycles.v[s->first_cycle + i / 2], (unsigned)(i % 2), v);
	r = &x->t->ranges.v[s->first_range + i - of_cycles];
	return r->kind == PROF_RANGE_STW &&
	       pause(x, r->start_ns, r->end_ns - r->start_ns, r->goroutine, r->name, v);
}

static int next_pause(struct prof_timeline_rows *x, int64_t *v)
{
	for (; x->list < x->t->segments.n; x->list++, x->at = 0) {
		const struct prof_segment *s = &x->t->segments.v[x->list];
		uint64_t n = (is_trace(x->t, x->list) ? 0 : 2 * (uint64_t)s->n_cycles) +
			     s->n_ranges;

		while (x->at < n)
			if (pause_of(x, s, x->at++, v))
				return 1;
	}
	return 0;
}

static int name(struct prof_timeline_rows *x, const char *text, struct prof_err *e)
{
	return prof_strtab_add(&x->t->strings, text, strlen(text), &x->name, e);
}

/* A point of a series of a log. */
static int next_point(struct prof_timeline_rows *x, int64_t *v, struct prof_err *e)
{
	for (; x->list < x->t->series.n; x->list++, x->at = 0) {
		const struct prof_timeline_series *s = &x->t->series.v[x->list];
		const struct prof_point *p;
		int rc;

		if (is_trace(x->t, s->segment) || x->at == s->points.n)
			continue;
		if (!x->at && (rc = name(x, s->name, e)))
			return rc;
		p = &s->points.v[x->at++];
		memcpy(v,
			(const int64_t[]){
				s->segment, x->name, p->t_ns, p->value, p->value, p->value},
			6 * sizeof(*v));
		return 1;
	}
	return 0;
}

/* What a process's memory was like, at a time that is not told. */
static int next_memstats(struct prof_timeline_rows *x, int64_t *v, struct prof_err *e)
{
	for (; x->list - x->t->series.n < x->t->memstats.n; x->list++, x->at = 0) {
		const struct prof_memstats *s = &x->t->memstats.v[x->list - x->t->series.n];
		const struct {
			const char *name; /* as runtime.MemStats has it */
			int64_t value;
		} all[] = {{"NumGC", s->n_gc}, {"NumForcedGC", s->n_forced},
			{"HeapAlloc", s->heap_bytes}, {"NextGC", s->next_goal_bytes},
			{"HeapObjects", s->heap_objects}, {"TotalAlloc", s->total_alloc_bytes},
			{"Mallocs", s->mallocs}, {"Frees", s->frees},
			{"HeapInuse", s->heap_in_use_bytes}, {"HeapIdle", s->heap_idle_bytes},
			{"HeapReleased", s->heap_released_bytes}, {"StackInuse", s->stacks_bytes},
			{"Sys", s->sys_bytes}, {"MaxRSS", s->max_rss_bytes}};

		while (x->at < sizeof(all) / sizeof(all[0])) {
			int64_t value = all[x->at].value;
			int rc;

			if (value == PROF_ABSENT) {
				x->at++;
				continue;
			}
			if ((rc = name(x, all[x->at++].name, e)))
				return rc;
			memcpy(v,
				(const int64_t[]){
					PROF_ABSENT, x->name, PROF_ABSENT, value, value, value},
				6 * sizeof(*v));
			return 1;
		}
	}
	return 0;
}

int prof_timeline_rows_next(struct prof_timeline_rows *x, int64_t *v, struct prof_err *e)
{
	int rc;

	switch (x->table) {
	case PROF_ROWS_GC_CYCLE:
		return next_cycle(x, v);
	case PROF_ROWS_PAUSE:
		return next_pause(x, v);
	case PROF_ROWS_METRIC:
		rc = next_point(x, v, e);
		return rc ? rc : next_memstats(x, v, e);
	default:
		return 0;
	}
}
