#include "libprof/render/trace_events.h"

#include "libprof/base/escape.h"
#include "libprof/render/trace_names.h"

static struct prof_str string(const struct prof_trace_writer *w, uint32_t id)
{
	return prof_strtab_get(&w->t->strings, id);
}

static void put_i64(struct prof_buf *b, const char *before, int64_t v)
{
	prof_buf_str(b, before);
	prof_buf_i64(b, v);
}

static void put_plain(struct prof_buf *b, const char *before, struct prof_str s)
{
	if (!s.len)
		return;
	prof_buf_str(b, before);
	prof_buf_plain(b, s);
}

/* "  0.000123456 M7 P0 G1 GoStart" … */
static void put_context(struct prof_trace_writer *w, const struct prof_trace_event *ev)
{
	const char *name = prof_trace_event_name(w->t, ev);
	int64_t ns = ev->time - w->start;
	size_t at = w->b->n;

	prof_buf_printf(
		w->b, "%4lld.%09lld", (long long)(ns / 1000000000), (long long)(ns % 1000000000));
	if (ev->m != PROF_TRACE_NONE)
		put_i64(w->b, "  M", prof_trace_thread(w->t, ev->m));
	if (ev->p != PROF_TRACE_NONE)
		put_i64(w->b, "  P", prof_trace_proc(w->t, ev->p));
	if (ev->g != PROF_TRACE_NONE)
		put_i64(w->b, "  G", prof_trace_goroutine(w->t, ev->g));
	if (w->b->n > at && w->b->n - at < 38)
		prof_buf_fill(w->b, ' ', 38 - (w->b->n - at));
	prof_buf_str(w->b, "  ");
	at = w->b->n;
	prof_buf_str(w->b, *name ? name : prof_trace_kind_names[ev->kind]);
	if (w->b->n > at && w->b->n - at < 18)
		prof_buf_fill(w->b, ' ', 18 - (w->b->n - at));
}

static void put_transition(struct prof_trace_writer *w, const struct prof_trace_event *ev)
{
	bool proc = ev->kind == PROF_TRACE_PROC;
	const char *const *names = proc ? prof_trace_proc_states : prof_trace_goroutine_states;

	put_i64(w->b, proc ? "  P" : "  G",
		proc ? prof_trace_proc(w->t, ev->subject)
		     : prof_trace_goroutine(w->t, ev->subject));
	prof_buf_char(w->b, ' ');
	prof_buf_str(w->b, names[ev->from]);
	prof_buf_str(w->b, " -> ");
	prof_buf_str(w->b, names[ev->to]);
	if (!ev->name)
		return;
	put_plain(w->b, " (", string(w, ev->name));
	prof_buf_char(w->b, ')');
}

static void put_memory(struct prof_trace_writer *w, const struct prof_trace_event *ev)
{
	struct prof_trace_memory m;

	if (!prof_trace_memory(w->t, ev, &m))
		return;
	prof_buf_printf(w->b, "  0x%llx", (unsigned long long)m.address);
	if (m.bytes) {
		put_i64(w->b, "  ", (int64_t)m.bytes);
		prof_buf_str(w->b, " bytes");
	}
	put_plain(w->b, "  ", string(w, m.type));
}

static void put_details(struct prof_trace_writer *w, const struct prof_trace_event *ev)
{
	switch (ev->kind) {
	case PROF_TRACE_GOROUTINE:
	case PROF_TRACE_PROC:
		put_transition(w, ev);
		break;
	case PROF_TRACE_RANGE_BEGIN:
	case PROF_TRACE_RANGE_ACTIVE:
	case PROF_TRACE_RANGE_END:
		prof_buf_str(w->b, "  ");
		prof_trace_range_name(w->b, w->t, ev);
		break;
	case PROF_TRACE_METRIC:
		prof_buf_str(w->b, "  ");
		prof_buf_str(w->b, prof_trace_metric_names[ev->what]);
		put_i64(w->b, " = ", (int64_t)ev->args[0]);
		break;
	case PROF_TRACE_TASK_BEGIN:
	case PROF_TRACE_TASK_END:
	case PROF_TRACE_REGION_BEGIN:
	case PROF_TRACE_REGION_END:
	case PROF_TRACE_LOG:
		put_i64(w->b, "  task ", (int64_t)ev->args[0]);
		put_plain(w->b, " ", string(w, ev->name));
		put_plain(w->b, ": ", string(w, ev->text));
		break;
	case PROF_TRACE_LABEL:
		put_plain(w->b, "  ", string(w, ev->name));
		break;
	case PROF_TRACE_EXPERIMENT:
		put_memory(w, ev);
		break;
	default:
		break;
	}
}

void prof_render_event_text(struct prof_trace_writer *w, const struct prof_trace_event *ev)
{
	const struct prof_trace_frame *f;

	put_context(w, ev);
	put_details(w, ev);
	if (prof_trace_stack(w->t, ev->stack, &f)) {
		put_plain(w->b, "  at ", string(w, f->function));
		if (f->file) { /* before go 1.7 there is none */
			put_plain(w->b, " ", prof_str_base(string(w, f->file)));
			put_i64(w->b, ":", (int64_t)f->line);
		}
	}
	while (w->b->n && w->b->p[w->b->n - 1] == ' ')
		w->b->n--;
	prof_buf_char(w->b, '\n');
	w->written++;
}

/* JSON. */

static void key(struct prof_buf *b, const char *name)
{
	prof_buf_str(b, ", \"");
	prof_buf_str(b, name);
	prof_buf_str(b, "\": ");
}

static void put_string(struct prof_buf *b, const char *name, struct prof_str s)
{
	key(b, name);
	prof_buf_json(b, s);
}

static void put_number(struct prof_buf *b, const char *name, uint64_t v)
{
	key(b, name);
	prof_buf_u64(b, v);
}

/* An id of the file; none is null. */
static void put_id(struct prof_buf *b, const char *name, uint32_t slot, int64_t id)
{
	key(b, name);
	if (slot == PROF_TRACE_NONE)
		prof_buf_str(b, "null");
	else
		prof_buf_i64(b, id);
}

static void put_json_stack(struct prof_trace_writer *w, const char *name, uint32_t id)
{
	const struct prof_trace_frame *f;
	size_t n = prof_trace_stack(w->t, id, &f);

	key(w->b, name);
	prof_buf_char(w->b, '[');
	for (size_t i = 0; i < n; i++) {
		prof_buf_str(w->b, i ? ", {\"function\": " : "{\"function\": ");
		prof_buf_json(w->b, string(w, f[i].function));
		put_string(w->b, "file", string(w, f[i].file));
		put_number(w->b, "line", f[i].line);
		prof_buf_char(w->b, '}');
	}
	prof_buf_char(w->b, ']');
}

/* What the file says behind the event's time, by its own names. */
static void put_json_args(struct prof_trace_writer *w, const struct prof_trace_event *ev)
{
	const char *name = strchr(prof_trace_event_args(w->t, ev), ' ');

	key(w->b, "args");
	prof_buf_char(w->b, '{');
	for (int i = 0; name && i < 4; i++) {
		size_t len = strcspn(++name, " ");

		prof_buf_json(w->b, (struct prof_str){name, (uint32_t)len});
		prof_buf_str(w->b, ": ");
		prof_buf_u64(w->b, ev->args[i]);
		name = name[len] ? name + len : NULL;
		prof_buf_str(w->b, name && i < 3 ? ", " : "");
	}
	prof_buf_char(w->b, '}');
}

static void put_json_memory(struct prof_trace_writer *w, const struct prof_trace_event *ev)
{
	static const char *const what[] = {"span", "object", "stack"};
	static const char *const change[] = {"exists", "alloc", "free"};
	struct prof_trace_memory m;

	if (!prof_trace_memory(w->t, ev, &m))
		return;
	put_string(w->b, "memory", prof_str_of(what[m.what]));
	put_string(w->b, "change", prof_str_of(change[m.change]));
	put_number(w->b, "address", m.address);
	put_number(w->b, "bytes", m.bytes);
	put_string(w->b, "type", string(w, m.type));
}

static void put_json_transition(struct prof_trace_writer *w, const struct prof_trace_event *ev)
{
	bool proc = ev->kind == PROF_TRACE_PROC;
	const char *const *names = proc ? prof_trace_proc_states : prof_trace_goroutine_states;

	if (proc)
		put_id(w->b, "proc", ev->subject, prof_trace_proc(w->t, ev->subject));
	else
		put_id(w->b, "goroutine", ev->subject, prof_trace_goroutine(w->t, ev->subject));
	put_string(w->b, "from", prof_str_of(names[ev->from]));
	put_string(w->b, "to", prof_str_of(names[ev->to]));
	if (!proc)
		put_string(w->b, "reason", string(w, ev->name));
	if (ev->subject_stack != ev->stack)
		put_json_stack(w, "subject_stack", ev->subject_stack);
}

static void put_json_range(struct prof_trace_writer *w, const struct prof_trace_event *ev)
{
	struct prof_buf name;

	prof_buf_init(&name, NULL, NULL);
	prof_trace_range_name(&name, w->t, ev);
	put_string(w->b, "range", (struct prof_str){name.p, (uint32_t)name.n});
	prof_buf_fini(&name);
	if (ev->what == PROF_RANGE_GC_SWEEP)
		put_id(w->b, "proc", ev->subject, prof_trace_proc(w->t, ev->subject));
	else if (ev->what != PROF_RANGE_GC_MARK)
		put_id(w->b, "goroutine", ev->subject, prof_trace_goroutine(w->t, ev->subject));
	if (ev->what == PROF_RANGE_GC_SWEEP && ev->kind == PROF_TRACE_RANGE_END) {
		put_number(w->b, "swept_bytes", ev->args[0]);
		put_number(w->b, "reclaimed_bytes", ev->args[1]);
	}
}

static void put_json_details(struct prof_trace_writer *w, const struct prof_trace_event *ev)
{
	switch (ev->kind) {
	case PROF_TRACE_GOROUTINE:
	case PROF_TRACE_PROC:
		put_json_transition(w, ev);
		break;
	case PROF_TRACE_RANGE_BEGIN:
	case PROF_TRACE_RANGE_ACTIVE:
	case PROF_TRACE_RANGE_END:
		put_json_range(w, ev);
		break;
	case PROF_TRACE_METRIC:
		put_string(w->b, "metric", prof_str_of(prof_trace_metric_names[ev->what]));
		put_number(w->b, "value", ev->args[0]);
		break;
	case PROF_TRACE_TASK_BEGIN:
	case PROF_TRACE_TASK_END:
		put_number(w->b, "task", ev->args[0]);
		key(w->b, "parent");
		if (ev->args[1] == PROF_TRACE_NO_TASK)
			prof_buf_str(w->b, "null");
		else
			prof_buf_u64(w->b, ev->args[1]);
		put_string(w->b, "type", string(w, ev->name));
		break;
	case PROF_TRACE_REGION_BEGIN:
	case PROF_TRACE_REGION_END:
		put_number(w->b, "task", ev->args[0]);
		put_string(w->b, "type", string(w, ev->name));
		break;
	case PROF_TRACE_LOG:
		put_number(w->b, "task", ev->args[0]);
		put_string(w->b, "category", string(w, ev->name));
		put_string(w->b, "message", string(w, ev->text));
		break;
	case PROF_TRACE_LABEL:
		put_string(w->b, "label", string(w, ev->name));
		break;
	case PROF_TRACE_EXPERIMENT:
		put_json_args(w, ev);
		put_json_memory(w, ev);
		break;
	default:
		break;
	}
}

void prof_render_events_json_begin(struct prof_trace_writer *w)
{
	prof_buf_str(w->b, "{\"schema\": \"prof.trace.events/1\"");
	put_string(w->b, "header", prof_str_of(w->t->header));
	prof_buf_str(w->b, ",\n\"rows\": [");
}

void prof_render_event_json(struct prof_trace_writer *w, const struct prof_trace_event *ev)
{
	prof_buf_str(w->b, w->written++ ? ",\n{\"time_ns\": " : "\n{\"time_ns\": ");
	prof_buf_i64(w->b, ev->time - w->start);
	put_string(w->b, "kind", prof_str_of(prof_trace_kind_names[ev->kind]));
	put_string(w->b, "event", prof_str_of(prof_trace_event_name(w->t, ev)));
	put_id(w->b, "m", ev->m, prof_trace_thread(w->t, ev->m));
	put_id(w->b, "p", ev->p, prof_trace_proc(w->t, ev->p));
	put_id(w->b, "g", ev->g, prof_trace_goroutine(w->t, ev->g));
	put_json_details(w, ev);
	put_json_stack(w, "stack", ev->stack);
	prof_buf_char(w->b, '}');
}

void prof_render_events_json_end(struct prof_trace_writer *w)
{
	const struct prof_trace_damage *list;
	size_t n = prof_trace_damage(w->t, &list);

	prof_buf_str(w->b, "\n],\n\"damage\": [");
	for (size_t i = 0; i < n; i++) {
		prof_buf_str(w->b, i ? ",\n{\"offset\": " : "\n{\"offset\": ");
		prof_buf_i64(w->b, list[i].offset);
		put_number(w->b, "generation", list[i].generation);
		put_string(w->b, "what", prof_str_of(list[i].what));
		prof_buf_char(w->b, '}');
	}
	prof_buf_str(w->b, "]}\n");
}
