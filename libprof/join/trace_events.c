#include <stdlib.h>

#include "libprof/base/regex.h"
#include "libprof/join/archive_open.h"
#include "libprof/read/trace_wire.h"
#include "libprof/render/trace_events.h"
#include "libprof/render/trace_names.h"

struct filter {
	const struct prof_trace_events_opts *opts;
	struct prof_regex *kind, *focus;
	struct prof_mem mem;
	/* By stack: 0: not looked at yet, 1: no function matches, 2: one does. By event type
	 * likewise. */
	PROF_VEC(uint8_t) stacks;
	uint8_t types[PROF_TRACE_WIRE_TYPES], kinds[PROF_TRACE_EXPERIMENT + 1];
};

void prof_trace_events_opts_init(struct prof_trace_events_opts *opts)
{
	*opts = (struct prof_trace_events_opts){.goroutine = -1, .proc = -1, .thread = -1};
	prof_trace_opts_init(&opts->range);
}

static int compile(const char *pattern, struct prof_regex **out, struct prof_err *e)
{
	*out = NULL;
	return pattern && *pattern ? prof_regex_new(pattern, out, e) : 0;
}

/* Whether one of two names matches; known[0 .. 1] remember. */
static int match_kind(struct filter *f, const struct prof_trace *t,
	const struct prof_trace_event *ev, bool *yes, struct prof_err *e)
{
	uint8_t *by_type = &f->types[ev->type], *by_kind = &f->kinds[ev->kind];
	bool is = false;
	int rc = 0;

	if (!*by_type) {
		rc = prof_regex_match(f->kind, prof_str_of(prof_trace_event_name(t, ev)), &is, e);
		*by_type = is && ev->type ? 2 : 1;
	}
	if (!rc && !*by_kind) {
		rc = prof_regex_match(
			f->kind, prof_str_of(prof_trace_kind_names[ev->kind]), &is, e);
		*by_kind = is ? 2 : 1;
	}
	*yes = *by_type > 1 || *by_kind > 1;
	return rc;
}

static int match_stack(
	struct filter *f, const struct prof_trace *t, uint32_t stack, bool *yes, struct prof_err *e)
{
	const struct prof_trace_frame *frames;
	size_t n = prof_trace_stack(t, stack, &frames), stacks = t->stack_start.n;
	bool is = false;
	int rc = 0;

	if (f->stacks.n < stacks) {
		rc = prof_vec_reserve(&f->mem, &f->stacks, stacks - f->stacks.n, e);
		if (rc)
			return rc;
		memset(f->stacks.v + f->stacks.n, 0, stacks - f->stacks.n);
		f->stacks.n = stacks;
	}
	if (!f->stacks.v[stack]) {
		for (size_t i = 0; !rc && !is && i < n; i++)
			rc = prof_regex_match(
				f->focus, prof_strtab_get(&t->strings, frames[i].function), &is, e);
		f->stacks.v[stack] = is ? 2 : 1;
	}
	*yes = f->stacks.v[stack] > 1;
	return rc;
}

/* On it, or about it. */
static bool is_of(
	const struct filter *f, const struct prof_trace *t, const struct prof_trace_event *ev)
{
	const struct prof_trace_events_opts *o = f->opts;
	bool on_proc = ev->kind == PROF_TRACE_PROC ||
		       (ev->kind >= PROF_TRACE_RANGE_BEGIN && ev->kind <= PROF_TRACE_RANGE_END &&
			       ev->what == PROF_RANGE_GC_SWEEP);

	if (o->goroutine >= 0 && prof_trace_goroutine(t, ev->g) != o->goroutine &&
		(on_proc || prof_trace_goroutine(t, ev->subject) != o->goroutine))
		return false;
	if (o->proc >= 0 && prof_trace_proc(t, ev->p) != o->proc &&
		(!on_proc || prof_trace_proc(t, ev->subject) != o->proc))
		return false;
	return o->thread < 0 || prof_trace_thread(t, ev->m) == o->thread;
}

static int passes(struct filter *f, const struct prof_trace *t, const struct prof_trace_event *ev,
	int64_t start, bool *yes, struct prof_err *e)
{
	int64_t at = ev->time - start;
	int rc;

	*yes = at >= f->opts->range.from && (f->opts->range.to < 0 || at < f->opts->range.to) &&
	       is_of(f, t, ev);
	if (*yes && f->kind) {
		rc = match_kind(f, t, ev, yes, e);
		if (rc)
			return rc;
	}
	if (!*yes || !f->focus)
		return 0;
	rc = match_stack(f, t, ev->stack, yes, e);
	if (!rc && !*yes && ev->subject_stack != ev->stack)
		rc = match_stack(f, t, ev->subject_stack, yes, e);
	return rc;
}

static int write_all(struct filter *f, struct prof_trace *t, struct prof_trace_writer *w,
	enum prof_trace_format format, struct prof_err *e)
{
	static void (*const put[])(struct prof_trace_writer *, const struct prof_trace_event *) = {
		[PROF_TRACE_TEXT] = prof_render_event_text,
		[PROF_TRACE_JSON] = prof_render_event_json,
		[PROF_TRACE_PARSED] = prof_render_event_parsed};
	bool begun = false;
	int rc;

	while ((rc = prof_trace_fill(t, e)) > 0) {
		if (!begun) {
			w->start = t->events[0].time;
			if (format == PROF_TRACE_JSON)
				prof_render_events_json_begin(w);
		}
		begun = true;
		for (size_t i = 0; i < t->n; i++) {
			bool yes;

			rc = passes(f, t, &t->events[i], w->start, &yes, e);
			if (rc)
				return rc;
			if (yes)
				put[format](w, &t->events[i]);
		}
		if (w->b->code)
			return 0; /* told by prof_buf_done */
	}
	if (!rc && format == PROF_TRACE_JSON)
		prof_render_events_json_end(w);
	return rc;
}

int prof_trace_events(struct prof_trace *t, const struct prof_trace_events_opts *opts,
	enum prof_trace_format format, prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct filter f = {.opts = opts, .mem.limit = SIZE_MAX / 2};
	struct prof_trace_writer w = {.t = t, .utc_offset = opts->utc_offset};
	struct prof_buf b;
	int rc, done;

	t->as_go = format == PROF_TRACE_PARSED;
	prof_buf_init(&b, write, ctx);
	w.b = &b;
	rc = compile(opts->kind, &f.kind, e);
	if (!rc)
		rc = compile(opts->focus, &f.focus, e);
	if (!rc)
		rc = write_all(&f, t, &w, format, e);
	done = prof_buf_done(&b, e);
	prof_buf_fini(&b);
	prof_regex_free(f.kind);
	prof_regex_free(f.focus);
	prof_vec_fini(&f.mem, &f.stacks);
	return rc ? rc : done;
}

static int write_wire(struct prof_input *in, struct prof_buf *b, struct prof_err *e)
{
	struct prof_wire_reader r;
	struct prof_wire_record record;
	int rc = prof_wire_open(&r, in, e);

	if (rc)
		return rc;
	while (!b->code && (rc = prof_wire_next(&r, &record, e)) > 0)
		prof_render_wire(b, &record);
	prof_wire_close(&r);
	return rc < 0 ? rc : 0;
}

int prof_trace_wire(const char *path, const struct prof_limits *limits, prof_write_fn *write,
	void *ctx, struct prof_err *e)
{
	size_t query_at = prof_query_at(path), n = 0;
	struct prof_input in;
	void *bytes = NULL;
	struct prof_buf b;
	int done, rc = query_at ? prof_selection_raw(path, query_at, limits, &bytes, &n, e) : 1;

	if (!rc)
		rc = prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"only of one trace whose file was kept (archive add --keep-raw)");
	if (rc > 0)
		rc = bytes ? prof_input_memory(&in, bytes, n, limits, e)
			   : prof_input_open(&in, path, limits, e);
	if (rc) {
		free(bytes);
		return rc;
	}
	prof_buf_init(&b, write, ctx);
	rc = write_wire(&in, &b, e);
	done = prof_buf_done(&b, e);
	prof_buf_fini(&b);
	prof_input_close(&in);
	free(bytes);
	return rc ? rc : done;
}
