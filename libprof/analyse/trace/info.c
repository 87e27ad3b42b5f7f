#include "libprof/analyse/trace/info.h"

#include "libprof/analyse/info.h"
#include "libprof/base/fmt.h"

/* What this version of traces tells, in words. */
static void tells(struct prof_info *x, const struct prof_trace *t)
{
	static const struct {
		unsigned can;
		const char *what;
	} all[] = {{PROF_CAN_STATUSES, "states before the trace"}, {PROF_CAN_THREADS, "threads"},
		{PROF_CAN_SYSCALL_ENDS, "ends of system calls"},
		{PROF_CAN_STOP_REASONS, "why the world was stopped"},
		{PROF_CAN_ASSISTS, "mark assists"}, {PROF_CAN_TASKS, "tasks"},
		{PROF_CAN_CPU_SAMPLES, "CPU samples"}, {PROF_CAN_MONOTONIC, "monotonic time"},
		{PROF_CAN_WALL_CLOCK, "wall time"}};
	struct prof_cell cells[sizeof(all) / sizeof(all[0])], list;
	size_t n = 0;

	prof_buf_printf(&x->b, "%-10s ", "can tell");
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!(t->can & all[i].can))
			continue;
		prof_buf_str(&x->b, n ? ", " : "");
		prof_buf_str(&x->b, all[i].what);
		cells[n++] = prof_cell_str(prof_str_of(all[i].what));
	}
	prof_info_head(x);
	if (!x->rc)
		x->rc = prof_report_list(x->r, cells, n, &list, x->e);
	if (!x->rc)
		prof_info_field(x, "can_tell", list);
}

static void damage(struct prof_info *x, const struct prof_trace *t)
{
	const struct prof_trace_damage *list;
	size_t n = prof_trace_damage(t, &list);

	prof_info_field(x, "damages", prof_cell_int((int64_t)(n + t->damage_left_out)));
	if (!n || x->rc)
		return;
	prof_buf_printf(&x->b, "offset %lld: %s", (long long)list[0].offset, list[0].what);
	if (n > 1)
		prof_buf_printf(&x->b, " (and %zu more)", n - 1);
	x->r->damage = (struct prof_str){x->b.p, (uint32_t)x->b.n};
	x->rc = prof_report_keep(x->r, &x->r->damage, x->e);
	x->b.n = 0;
}

static void counts(struct prof_info *x, const struct prof_trace *t, uint64_t events, int64_t ns)
{
	bool threads = t->can & PROF_CAN_THREADS;

	prof_info_field(x, "duration_ns", prof_cell_int(ns));
	prof_buf_printf(&x->b, "%-10s ", "duration");
	prof_fmt_scaled(&x->b, ns, PROF_STR("ns"), PROF_STR("auto"));
	prof_info_head(x);
	prof_info_field(x, "events", prof_cell_int((int64_t)events));
	prof_info_field(x, "goroutines", prof_cell_int((int64_t)t->goroutine_count));
	prof_info_field(x, "procs", prof_cell_int((int64_t)t->procs.n));
	prof_info_field(
		x, "threads", threads ? prof_cell_int((int64_t)t->threads.n) : PROF_NULL_CELL);
	prof_info_field(x, "generations",
		threads ? prof_cell_int((int64_t)t->generations) : PROF_NULL_CELL);
	prof_info_field(x, "stacks", prof_cell_int((int64_t)t->stack_start.n - 2));
	prof_info_field(x, "strings", prof_cell_int((int64_t)t->strings.strs.n - 1));
	prof_buf_printf(&x->b, "%-10s %llu events, %llu goroutines, %zu procs", "holds",
		(unsigned long long)events, (unsigned long long)t->goroutine_count, t->procs.n);
	if (threads)
		prof_buf_printf(&x->b, ", %zu threads, %llu generations", t->threads.n,
			(unsigned long long)t->generations);
	prof_buf_printf(&x->b, ", %zu stacks", t->stack_start.n - 2);
	prof_info_head(x);
}

/* Reads all events: how many, and how long they took. */
static int read_all(struct prof_trace *t, uint64_t *events, int64_t *ns, struct prof_err *e)
{
	int64_t first = 0;
	int rc;

	*events = 0;
	*ns = 0;
	while ((rc = prof_trace_fill(t, e)) > 0) {
		if (!*events)
			first = t->events[0].time;
		*events += t->n;
		*ns = t->events[t->n - 1].time - first;
	}
	return rc;
}

int prof_info_trace(struct prof_trace *t, const char *name, bool gzipped, struct prof_report **out,
	struct prof_err *e)
{
	struct prof_info x;
	uint64_t events;
	int64_t ns;
	int rc = read_all(t, &events, &ns, e);

	if (!rc)
		rc = prof_info_begin(&x, name, e);
	if (rc)
		return rc;
	prof_info_text(&x, "kind", "kind", PROF_STR("execution trace"));
	prof_info_text(&x, "version", "version", prof_str_of(t->header));
	prof_info_field(&x, "gzip", prof_cell_bool(gzipped));
	counts(&x, t, events, ns);
	tells(&x, t);
	damage(&x, t);
	return prof_info_end(&x, out);
}
