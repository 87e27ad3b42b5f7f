#include "libprof/join/archive_capture.h"

#include <stdio.h>

#include "libprof/analyse/gc/trace.h"
#include "libprof/analyse/trace/keep.h"
#include "libprof/join/trace_kept.h"
#include "libprof/join/trace_moments.h"
#include "libprof/join/trace_waits.h"
#include "libprof/read/trace.h"
#include "libprof/store/timeline.h"

/* Of a trace's file, about, for a transition. */
enum { BYTES = 6, ZIPPED_BYTES = 2 };

/* Whether the capture that is being written goes in: where it is known it is undone. */
static int insert(struct prof_capture_writer *w, struct prof_store_item *item,
	const struct prof_capture *c, struct prof_err *e)
{
	int64_t id = 0;
	int rc = prof_capture_digest(w->s, w->profile, item->content, e);

	if (!rc)
		rc = prof_store_find(w->s, item->content, &id, e);
	if (!rc)
		rc = id ? prof_capture_undo(w, e) : prof_capture_end(w, c, e);
	return rc ? rc : prof_store_insert(w->s, item, e);
}

/* What is wrong with the file alone is undone; after another error the transaction is given up. */
static int finish(struct prof_capture_writer *w, int rc)
{
	struct prof_err err = {0};

	if ((rc == PROF_EFORMAT || rc == PROF_ELIMIT || rc == PROF_EUNSUPPORTED) &&
		prof_capture_undo(w, &err))
		rc = PROF_ESQL;
	prof_capture_fini(w);
	return rc;
}

/* What was encoded into `b`, which is ended. */
static int put_part(struct prof_capture_writer *w, enum prof_capture_part part, struct prof_buf *b,
	struct prof_err *e)
{
	int rc = b->code ? prof_nomem(e) : prof_capture_put(w, part, b->p, b->n, e);

	prof_buf_fini(b);
	return rc;
}

static int put_timeline(
	struct prof_capture_writer *w, const struct prof_timeline *t, struct prof_err *e)
{
	struct prof_buf b;

	prof_buf_init(&b, NULL, NULL);
	prof_timeline_encode(t, &b);
	return put_part(w, PROF_CAPTURE_TIMELINE, &b, e);
}

/* Rows out of a timeline, whatever it is of. */
struct timeline_rows {
	struct prof_capture_writer *w;
	struct prof_timeline *t;
	struct prof_err *e;
	uint32_t reasons[PROF_GC_NOT_TOLD + 1], pauses[2];
};

static int row(struct timeline_rows *x, enum prof_rows table, const int64_t *v)
{
	return prof_capture_row(x->w, table, &x->t->strings, v, x->e);
}

static int cycle(struct timeline_rows *x, int64_t segment, const struct prof_gc_cycle *c)
{
	const int64_t v[] = {segment, c->n, c->start_ns, c->sweep_term_ns, c->mark_ns,
		c->mark_term_ns, c->sweep_term_cpu_ns, c->mark_term_cpu_ns, c->assist_cpu_ns,
		c->dedicated_cpu_ns, c->fractional_cpu_ns, c->idle_cpu_ns, c->start_bytes,
		c->end_bytes, c->live_bytes, c->goal_bytes, c->stacks_bytes, c->globals_bytes,
		c->procs ? c->procs : PROF_ABSENT,
		c->reason == PROF_GC_NOT_TOLD ? PROF_ABSENT : x->reasons[c->reason]};

	return row(x, PROF_ROWS_GC_CYCLE, v);
}

static int pause(struct timeline_rows *x, int64_t segment, int64_t start, int64_t ns,
	int64_t goroutine, uint32_t reason)
{
	const int64_t v[] = {segment, start, ns, goroutine, reason ? reason : PROF_ABSENT};

	return start == PROF_ABSENT || ns == PROF_ABSENT ? 0 : row(x, PROF_ROWS_PAUSE, v);
}

/* A log tells of a cycle's pauses where a trace has them as ranges. */
static int pauses(struct timeline_rows *x, int64_t segment, const struct prof_gc_cycle *c)
{
	int rc = pause(x, segment, c->start_ns, c->sweep_term_ns, PROF_ABSENT, x->pauses[0]);

	return rc ? rc
		  : pause(x, segment,
			    prof_known_sum(
				    c->start_ns, prof_known_sum(c->sweep_term_ns, c->mark_ns)),
			    c->mark_term_ns, PROF_ABSENT, x->pauses[1]);
}

static int segment(struct timeline_rows *x, uint32_t i)
{
	const struct prof_segment *s = &x->t->segments.v[i];
	bool is_log = x->t->sources.v[s->source].kind != PROF_TIMELINE_TRACE;
	int rc = 0;

	for (uint32_t k = 0; !rc && k < s->n_cycles; k++) {
		rc = cycle(x, i, &x->t->cycles.v[s->first_cycle + k]);
		if (!rc && is_log)
			rc = pauses(x, i, &x->t->cycles.v[s->first_cycle + k]);
	}
	for (uint32_t k = 0; !rc && k < s->n_ranges; k++) {
		const struct prof_range *r = &x->t->ranges.v[s->first_range + k];

		if (r->kind == PROF_RANGE_STW)
			rc = pause(
				x, i, r->start_ns, r->end_ns - r->start_ns, r->goroutine, r->name);
	}
	return rc;
}

/* The series of a log; those of a trace come with its events. */
static int series(struct timeline_rows *x, const struct prof_timeline_series *s)
{
	uint32_t name;
	int rc = prof_strtab_add(&x->t->strings, s->name, strlen(s->name), &name, x->e);

	for (size_t i = 0; !rc && i < s->points.n; i++) {
		const int64_t value = s->points.v[i].value;
		const int64_t v[] = {s->segment, name, s->points.v[i].t_ns, value, value, value};

		rc = row(x, PROF_ROWS_METRIC, v);
	}
	return rc;
}

/* What a process's memory was like, at a time that is not told. */
static int memstats(struct timeline_rows *x, const struct prof_memstats *s)
{
	const struct {
		const char *name; /* as runtime.MemStats has it */
		int64_t value;
	} list[] = {{"NumGC", s->n_gc}, {"NumForcedGC", s->n_forced}, {"HeapAlloc", s->heap_bytes},
		{"NextGC", s->next_goal_bytes}, {"HeapObjects", s->heap_objects},
		{"TotalAlloc", s->total_alloc_bytes}, {"Mallocs", s->mallocs}, {"Frees", s->frees},
		{"HeapInuse", s->heap_in_use_bytes}, {"HeapIdle", s->heap_idle_bytes},
		{"HeapReleased", s->heap_released_bytes}, {"StackInuse", s->stacks_bytes},
		{"Sys", s->sys_bytes}, {"MaxRSS", s->max_rss_bytes}};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(list) / sizeof(list[0]); i++) {
		int64_t value = list[i].value;
		uint32_t name;

		rc = prof_strtab_add(
			&x->t->strings, list[i].name, strlen(list[i].name), &name, x->e);
		if (!rc && value != PROF_ABSENT)
			rc = row(x, PROF_ROWS_METRIC,
				(const int64_t[]){
					PROF_ABSENT, name, PROF_ABSENT, value, value, value});
	}
	return rc;
}

static int timeline(struct prof_capture_writer *w, struct prof_timeline *t, struct prof_err *e)
{
	static const char *const reasons[] = {[PROF_GC_HEAP] = "heap",
		[PROF_GC_FORCED] = "forced",
		[PROF_GC_LEAK_CHECK] = "leak check",
		[PROF_GC_PERIODIC] = "periodic"};
	static const char *const names[] = {"GC sweep termination", "GC mark termination"};
	struct timeline_rows x = {.w = w, .t = t, .e = e};
	int rc = 0;

	for (int i = 0; !rc && i <= PROF_GC_PERIODIC; i++)
		rc = prof_strtab_add(&t->strings, reasons[i], strlen(reasons[i]), &x.reasons[i], e);
	for (int i = 0; !rc && i < 2; i++)
		rc = prof_strtab_add(&t->strings, names[i], strlen(names[i]), &x.pauses[i], e);
	for (uint32_t i = 0; !rc && i < t->segments.n; i++)
		rc = segment(&x, i);
	for (size_t i = 0; !rc && i < t->series.n; i++)
		if (t->sources.v[t->segments.v[t->series.v[i].segment].source].kind !=
			PROF_TIMELINE_TRACE)
			rc = series(&x, &t->series.v[i]);
	for (size_t i = 0; !rc && i < t->memstats.n; i++)
		rc = memstats(&x, &t->memstats.v[i]);
	return rc;
}

/* All that looks at a trace in the one pass. */
struct pass {
	struct prof_mem mem;
	struct prof_trace_sum sum;
	struct prof_trace_keep keep;
	struct prof_gc_trace gc;
	struct prof_trace_moments moments;
	struct prof_moments_writer waiters;
	struct prof_contention *contention;
	struct prof_contention_trace waits;
	struct prof_contention_watch *watch;
	struct prof_timeline *t;
};

static int pass_init(struct pass *x, struct prof_trace *t, struct prof_capture_writer *w,
	bool complete, struct prof_err *e)
{
	const struct prof_rows_sink sink = {.row = prof_capture_row, .ctx = w};
	struct prof_contention_opts waits;
	struct prof_trace_opts opts;
	int rc;

	*x = (struct pass){.mem = {.limit = (size_t)t->limits.memory_bytes}};
	x->t = prof_timeline_new(&t->limits, e);
	if (!x->t)
		return PROF_ENOMEM;
	prof_trace_opts_init(&opts);
	prof_trace_sum_init(&x->sum, &x->mem, &opts);
	prof_trace_keep_init(&x->keep, &x->mem, &sink, complete);
	x->keep.all = complete;
	prof_gc_trace_init(&x->gc, &x->t->mem, x->t);
	prof_moments_writer_init(&x->waiters, &x->mem);
	prof_trace_moments_init(&x->moments, &x->mem, prof_moments_write, &x->waiters);
	prof_contention_opts_init(&waits);
	rc = prof_contention_new(&waits, &x->contention, e);
	if (!rc)
		rc = prof_contention_watch_new(x->contention, t, &opts, &x->waits, &x->watch, e);
	return rc ? rc : prof_timeline_add_source(x->t, PROF_STR(""), PROF_TIMELINE_TRACE, e);
}

static void pass_fini(struct pass *x)
{
	if (!x->t)
		return;
	prof_trace_sum_fini(&x->sum);
	prof_trace_keep_fini(&x->keep);
	prof_gc_trace_fini(&x->gc);
	prof_trace_moments_fini(&x->moments);
	prof_moments_writer_fini(&x->waiters);
	prof_contention_watch_free(x->watch);
	if (x->contention)
		prof_contention_trace_fini(x->contention, &x->waits);
	prof_contention_free(x->contention);
	prof_timeline_free(x->t);
}

static int read_all(struct pass *x, struct prof_trace *t, struct prof_err *e)
{
	int rc;

	while ((rc = prof_trace_fill(t, e)) > 0)
		if ((rc = prof_trace_sum_batch(&x->sum, t, e)) ||
			(rc = prof_trace_keep_batch(&x->keep, t, e)) ||
			(rc = prof_gc_trace_batch(&x->gc, t, e)) ||
			(rc = prof_trace_moments_batch(&x->moments, t, e)) ||
			(rc = prof_contention_watch_batch(x->watch, e)))
			break;
	if (!rc)
		rc = prof_trace_sum_end(&x->sum, t, e);
	if (!rc)
		rc = prof_trace_keep_end(&x->keep, t, e);
	if (!rc)
		rc = prof_trace_moments_end(&x->moments, t, e);
	if (!rc)
		rc = prof_contention_watch_end(x->watch, e);
	return rc ? rc : prof_gc_trace_end(&x->gc, t, e);
}

static int put_parts(struct prof_capture_writer *w, const struct pass *x,
	const struct prof_trace *t, struct prof_err *e)
{
	struct prof_buf b;
	int rc;

	prof_buf_init(&b, NULL, NULL);
	prof_trace_kept_encode(&x->sum, t, &b);
	rc = put_part(w, PROF_CAPTURE_SUMMARY, &b, e);
	if (!rc)
		rc = put_timeline(w, x->t, e);
	if (!rc)
		rc = prof_capture_put(
			w, PROF_CAPTURE_MOMENTS, x->waiters.out.p, x->waiters.out.n, e);
	if (rc)
		return rc;
	prof_buf_init(&b, NULL, NULL);
	prof_waits_encode(x->watch, &x->waits, &b);
	return put_part(w, PROF_CAPTURE_WAITS, &b, e);
}

/* The places as rows, and the first of them in the timeline's source, as prof_gc has it. */
static int put_damage(struct prof_capture_writer *w, struct pass *x, struct prof_trace *t,
	struct prof_err *damage, struct prof_err *e)
{
	struct prof_timeline_source *s = &x->t->sources.v[0];
	int rc = 0;

	for (size_t i = 0; !rc && i < t->damage.n; i++) {
		const struct prof_trace_damage *d = &t->damage.v[i];
		int64_t v[] = {d->offset, d->generation ? (int64_t)d->generation : PROF_ABSENT, 0};
		uint32_t what;

		rc = prof_strtab_add(&t->strings, d->what, strlen(d->what), &what, e);
		v[2] = what;
		if (!rc)
			rc = prof_capture_row(w, PROF_ROWS_DAMAGE, &t->strings, v, e);
	}
	s->unreadable = (int64_t)t->damage.n;
	if (rc || !t->damage.n)
		return rc;
	s->first_unreadable = prof_str_of(t->damage.v[0].what);
	damage->code = PROF_EFORMAT;
	damage->offset = t->damage.v[0].offset;
	snprintf(damage->msg, sizeof(damage->msg),
		t->damage.n > 1 ? "%.200s (and %zu more)" : "%.200s", t->damage.v[0].what,
		t->damage.n - 1);
	return 0;
}

static int store_trace(struct prof_capture_writer *w, struct prof_store_item *item, struct pass *x,
	struct prof_trace *t, const struct prof_capture_options *opts, struct prof_err *damage,
	struct prof_err *e)
{
	struct prof_capture c = {.kind = PROF_STR("trace"),
		.format = prof_str_of(t->header),
		.complete = opts->complete};
	struct prof_profile *p;
	int rc = read_all(x, t, e);

	if (rc || (rc = put_damage(w, x, t, damage, e)) || (rc = timeline(w, x->t, e)) ||
		(rc = put_parts(w, x, t, e)) ||
		(rc = prof_trace_keep_profile(&x->keep, t, opts->columns, &p, e)))
		return rc;
	c.damages = (int64_t)t->damage.n;
	item->kind = PROF_STR("trace");
	item->keep_order = PROF_ORDER_ALWAYS; /* rows name samples by their places */
	rc = prof_store_pack(w->s, item, p, e);
	prof_profile_free(p);
	if (!rc)
		rc = prof_store_seal(item, &w->s->sealer, e);
	return rc ? rc : insert(w, item, &c, e);
}

int prof_capture_trace(struct prof_store *s, struct prof_store_item *item, struct prof_input *in,
	const struct prof_capture_options *opts, struct prof_err *damage, struct prof_err *e)
{
	struct prof_capture_writer w;
	struct prof_trace *t = NULL;
	struct pass x = {0};
	int rc = prof_capture_begin(
		&w, s, opts->complete ? PROF_CAPTURE_TRANSITIONS : PROF_CAPTURE_TRACES, e);

	*damage = (struct prof_err){0};
	if (!rc && opts->complete)
		rc = prof_capture_expect(
			&w, item->file_bytes / (in->gzipped ? ZIPPED_BYTES : BYTES), e);
	if (!rc)
		rc = prof_trace_from(in, &t, e);
	if (!rc)
		rc = pass_init(&x, t, &w, opts->complete, e);
	if (!rc)
		rc = store_trace(&w, item, &x, t, opts, damage, e);
	pass_fini(&x);
	rc = finish(&w, rc);
	prof_trace_free(t);
	return rc;
}

int prof_capture_text(struct prof_store *s, struct prof_store_item *item,
	const struct prof_capture_text *text, struct prof_err *e)
{
	struct prof_timeline *log = text->log;
	struct prof_capture c = {.kind = !log              ? PROF_STR("goroutines")
					 : log->memstats.n ? PROF_STR("memstats")
							   : PROF_STR("gctrace"),
		.format = PROF_STR(""),
		.damages = text->damages};
	struct prof_capture_writer w;
	char format[64];
	int rc = prof_capture_begin(&w, s, PROF_CAPTURE_TIMELINES, e);

	for (size_t i = 0; log && i < log->sources.n; i++)
		c.damages += log->sources.v[i].unreadable;
	if (text->dump) {
		snprintf(format, sizeof(format), "dump %llu of %llu",
			(unsigned long long)text->dump, (unsigned long long)text->dumps);
		c.format = prof_str_of(format);
	}
	if (!rc && log)
		rc = put_timeline(&w, log, e);
	if (!rc && log)
		rc = timeline(&w, log, e);
	if (!rc && text->goroutines->n)
		rc = prof_capture_put(
			&w, PROF_CAPTURE_GOROUTINES, text->goroutines->p, text->goroutines->n, e);
	if (!rc)
		rc = insert(&w, item, &c, e);
	return finish(&w, rc);
}
