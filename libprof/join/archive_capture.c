#include "libprof/join/archive_capture.h"

#include <stdio.h>

#include "libprof/analyse/gc/trace.h"
#include "libprof/analyse/trace/keep.h"
#include "libprof/join/trace_kept.h"
#include "libprof/join/trace_moments.h"
#include "libprof/join/trace_waits.h"
#include "libprof/read/trace.h"

/* Of a trace, about: its bytes for one of its file. */
enum { UNZIPPED = 3 };

/* Of traces of fewer bytes what is kept is a larger part, and read in no time. */
enum { SMALL_TRACE = 1 << 20 };

/* Whether the capture that is being written goes in: where it is known it is undone. */
static int insert(struct prof_capture_writer *w, struct prof_store_item *item,
	const struct prof_capture *c, struct prof_err *e)
{
	int64_t id = 0;
	int rc = prof_capture_digest(w->s, w->profile, item->content, e);

	if (!rc)
		rc = prof_store_find(w->s, item->content, prof_store_told(item), &id, e);
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
		rc = prof_capture_put_timeline(w, x->t, e);
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

	if (rc || (rc = put_damage(w, x, t, damage, e)) || (rc = put_parts(w, x, t, e)) ||
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
	uint64_t bytes = item->file_bytes * (in->gzipped ? UNZIPPED : 1);
	struct prof_capture_writer w;
	struct prof_trace *t = NULL;
	struct pass x = {0};
	int rc = prof_capture_begin(&w, s, e);

	*damage = (struct prof_err){0};
	if (bytes < SMALL_TRACE)
		prof_capture_squeeze(&w);
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
	int rc = prof_capture_begin(&w, s, e);

	for (size_t i = 0; log && i < log->sources.n; i++)
		c.damages += log->sources.v[i].unreadable;
	if (text->dump) {
		snprintf(format, sizeof(format), "dump %llu of %llu",
			(unsigned long long)text->dump, (unsigned long long)text->dumps);
		c.format = prof_str_of(format);
	}
	if (!rc && log)
		rc = prof_capture_put_timeline(&w, log, e);
	if (!rc && text->goroutines->n)
		rc = prof_capture_put(
			&w, PROF_CAPTURE_GOROUTINES, text->goroutines->p, text->goroutines->n, e);
	if (!rc)
		rc = insert(&w, item, &c, e);
	return finish(&w, rc);
}
