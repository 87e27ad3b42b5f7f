#include "libprof/base/goquote.h"
#include "libprof/render/trace_events.h"
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

static void put_u64(struct prof_buf *b, const char *before, uint64_t v)
{
	prof_buf_str(b, before);
	prof_buf_u64(b, v);
}

static void put_quoted(struct prof_buf *b, const char *before, struct prof_str s)
{
	prof_buf_str(b, before);
	prof_buf_go_quote(b, s);
}

static void put_stack(struct prof_trace_writer *w, const char *title, uint32_t id)
{
	const struct prof_trace_frame *f;
	size_t n = prof_trace_stack(w->t, id, &f);

	prof_buf_char(w->b, '\n');
	prof_buf_str(w->b, title);
	prof_buf_str(w->b, "=\n");
	for (size_t i = 0; i < n; i++) {
		struct prof_str function = string(w, f[i].function), file = string(w, f[i].file);

		prof_buf_char(w->b, '\t');
		prof_buf_put(w->b, function.p, function.len);
		prof_buf_str(w->b, " @ 0x");
		prof_buf_hex(w->b, f[i].pc, 1);
		prof_buf_str(w->b, "\n\t\t");
		prof_buf_put(w->b, file.p, file.len);
		put_u64(w->b, ":", f[i].line);
		prof_buf_char(w->b, '\n');
	}
}

static void put_transition(struct prof_trace_writer *w, const struct prof_trace_event *ev)
{
	bool proc = ev->kind == PROF_TRACE_PROC;
	const char *const *names = proc ? prof_trace_proc_states : prof_trace_goroutine_states;
	bool creates = ev->type == PROF_EV_GO_CREATE || ev->type == PROF_EV_GO_CREATE_BLOCKED;
	bool own = ev->type == PROF_EV_GO_STOP || ev->type == PROF_EV_GO_BLOCK ||
		   ev->type == PROF_EV_GO_SYSCALL_BEGIN || ev->type == PROF_EV_GO_STATUS_STACK;

	put_i64(w->b, proc ? " ProcID=" : " GoID=",
		proc ? prof_trace_proc(w->t, ev->subject)
		     : prof_trace_goroutine(w->t, ev->subject));
	prof_buf_char(w->b, ' ');
	prof_buf_str(w->b, names[ev->from]);
	prof_buf_str(w->b, "->");
	prof_buf_str(w->b, names[ev->to]);
	put_quoted(w->b, " Reason=", string(w, ev->name));
	if (creates || (own && ev->stack))
		put_stack(w, "TransitionStack", ev->subject_stack);
}

static void put_range(struct prof_trace_writer *w, const struct prof_trace_event *ev)
{
	struct prof_buf name;

	prof_buf_init(&name, NULL, NULL);
	prof_trace_range_name(&name, w->t, ev);
	put_quoted(w->b, " Name=", (struct prof_str){name.p, (uint32_t)name.n});
	prof_buf_fini(&name);
	if (ev->what == PROF_RANGE_GC_MARK)
		prof_buf_str(w->b, " Scope=None");
	else if (ev->what == PROF_RANGE_GC_SWEEP)
		put_i64(w->b, " Scope=Proc(", prof_trace_proc(w->t, ev->subject));
	else
		put_i64(w->b, " Scope=Goroutine(", prof_trace_goroutine(w->t, ev->subject));
	if (ev->what != PROF_RANGE_GC_MARK)
		prof_buf_char(w->b, ')');
	if (ev->kind != PROF_TRACE_RANGE_END)
		return;
	prof_buf_str(w->b, " Attributes=[");
	if (ev->what == PROF_RANGE_GC_SWEEP) {
		put_u64(w->b, "\"bytes swept\"=Value{Uint64(", ev->args[0]);
		put_u64(w->b, ")} \"bytes reclaimed\"=Value{Uint64(", ev->args[1]);
		prof_buf_str(w->b, ")}");
	}
	prof_buf_char(w->b, ']');
}

static void put_experiment(struct prof_trace_writer *w, const struct prof_trace_event *ev)
{
	const char *name = strchr(prof_trace_event_args(w->t, ev), ' ');

	prof_buf_str(w->b, " Name=");
	prof_buf_str(w->b, prof_trace_event_name(w->t, ev));
	prof_buf_str(w->b, " Args=[");
	for (int i = 0; name && i < 4; i++) {
		const char *end = strchr(++name, ' ');

		prof_buf_str(w->b, i ? ", " : "");
		prof_buf_put(w->b, name, end ? (size_t)(end - name) : strlen(name));
		put_u64(w->b, "=Value{Uint64(", ev->args[i]);
		prof_buf_str(w->b, ")}");
		name = end;
	}
	prof_buf_char(w->b, ']');
}

/* Days since 1970 as a date of the Gregorian calendar (Howard Hinnant's civil_from_days). */
static void put_date(struct prof_buf *b, int64_t days)
{
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	int64_t month = mp < 10 ? mp + 3 : mp - 9;

	prof_buf_printf(b, "%04lld-%02d-%02d", (long long)(yoe + era * 400 + (month <= 2)),
		(int)month, (int)(doy - (153 * mp + 2) / 5 + 1));
}

/* RFC 3339 with as many digits of the second as it has. */
static void put_wall(struct prof_trace_writer *w, int64_t s, int64_t ns)
{
	int offset = w->utc_offset ? w->utc_offset(s) : 0;
	int64_t local = s + offset, day = local / 86400, in_day = local % 86400;
	int digits = 9, minutes = (offset < 0 ? -offset : offset) / 60;

	if (in_day < 0) {
		in_day += 86400;
		day--;
	}
	put_date(w->b, day);
	prof_buf_printf(w->b, "T%02d:%02d:%02d", (int)(in_day / 3600), (int)(in_day / 60 % 60),
		(int)(in_day % 60));
	for (; digits && ns % 10 == 0; digits--)
		ns /= 10;
	if (digits)
		prof_buf_printf(w->b, ".%0*lld", digits, (long long)ns);
	if (!offset)
		prof_buf_char(w->b, 'Z');
	else
		prof_buf_printf(
			w->b, "%c%02d:%02d", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

static void put_sync(struct prof_trace_writer *w, const struct prof_trace_event *ev)
{
	struct prof_trace_clock clock;

	put_u64(w->b, " N=", ev->args[0]);
	if (ev->args[1] || !prof_trace_clock(w->t, &clock))
		return;
	put_i64(w->b, " Trace=", clock.time);
	put_u64(w->b, " Mono=", (uint64_t)clock.mono_ns);
	if (clock.wall_s > -((int64_t)1 << 37) && clock.wall_s < (int64_t)1 << 37) {
		prof_buf_str(w->b, " Wall=");
		put_wall(w, clock.wall_s + clock.wall_ns / 1000000000, clock.wall_ns % 1000000000);
	}
}

static void put_details(struct prof_trace_writer *w, const struct prof_trace_event *ev)
{
	switch (ev->kind) {
	case PROF_TRACE_SYNC:
		put_sync(w, ev);
		break;
	case PROF_TRACE_METRIC:
		put_quoted(w->b, " Name=", prof_str_of(prof_trace_metric_names[ev->what]));
		put_u64(w->b, " Value=Value{Uint64(", ev->args[0]);
		prof_buf_str(w->b, ")}");
		break;
	case PROF_TRACE_LABEL:
		put_quoted(w->b, " Label=", string(w, ev->name));
		put_i64(w->b, " Resource=Goroutine(", prof_trace_goroutine(w->t, ev->subject));
		prof_buf_char(w->b, ')');
		break;
	case PROF_TRACE_RANGE_BEGIN:
	case PROF_TRACE_RANGE_ACTIVE:
	case PROF_TRACE_RANGE_END:
		put_range(w, ev);
		break;
	case PROF_TRACE_TASK_BEGIN:
	case PROF_TRACE_TASK_END:
		put_u64(w->b, " ID=", ev->args[0]);
		put_u64(w->b, " Parent=", ev->args[1]);
		put_quoted(w->b, " Type=", string(w, ev->name));
		break;
	case PROF_TRACE_REGION_BEGIN:
	case PROF_TRACE_REGION_END:
		put_u64(w->b, " Task=", ev->args[0]);
		put_quoted(w->b, " Type=", string(w, ev->name));
		break;
	case PROF_TRACE_LOG:
		put_u64(w->b, " Task=", ev->args[0]);
		put_quoted(w->b, " Category=", string(w, ev->name));
		put_quoted(w->b, " Message=", string(w, ev->text));
		break;
	case PROF_TRACE_GOROUTINE:
	case PROF_TRACE_PROC:
		put_transition(w, ev);
		break;
	case PROF_TRACE_EXPERIMENT:
		put_experiment(w, ev);
		break;
	default:
		break;
	}
}

void prof_render_event_parsed(struct prof_trace_writer *w, const struct prof_trace_event *ev)
{
	const struct prof_trace *t = w->t;
	bool sample = ev->kind == PROF_TRACE_CPU_SAMPLE;

	/* A sample's own ids: the goroutine may have gone. */
	put_i64(w->b, "M=", sample ? (int64_t)ev->args[0] : prof_trace_thread(t, ev->m));
	put_i64(w->b, " P=", sample ? (int64_t)ev->args[1] : prof_trace_proc(t, ev->p));
	put_i64(w->b, " G=",
		!sample       ? prof_trace_goroutine(t, ev->g)
		: ev->args[2] ? (int64_t)ev->args[2]
			      : -1);
	prof_buf_char(w->b, ' ');
	prof_buf_str(w->b, prof_trace_kind_names[ev->kind]);
	put_i64(w->b, " Time=", ev->time);
	put_details(w, ev);
	if (ev->stack || sample)
		put_stack(w, "Stack", ev->stack);
	prof_buf_char(w->b, '\n');
	w->written++;
}
