/* Traces and logs of the collector as rows, out of files. Those of a trace come in parts, so that
 * it may be of any length.
 */
#include <stdlib.h>

#include "libprof/analyse/trace/keep.h"
#include "libprof/join/open.h"
#include "libprof/join/sql.h"
#include "libprof/model/timeline.h"

enum { PART_ROWS = 1024 };

/* A trace that is being read. */
struct reading {
	struct prof_trace *t;
	struct prof_mem mem;
	struct prof_trace_keep keep; /* where `keeps` */
	bool keeps, begun, ended;
	int64_t start;
	struct prof_buf b;
	struct prof_sql_call *c; /* the call under way */
};

static const char *const states[] = {[PROF_G_UNDETERMINED] = "unknown",
	[PROF_G_NOT_EXIST] = "none",
	[PROF_G_RUNNABLE] = "runnable",
	[PROF_G_RUNNING] = "running",
	[PROF_G_WAITING] = "waiting",
	[PROF_G_SYSCALL] = "system call"};
static const char *const proc_states[] = {[PROF_P_UNDETERMINED] = "unknown",
	[PROF_P_NOT_EXIST] = "none",
	[PROF_P_RUNNING] = "running",
	[PROF_P_IDLE] = "idle"};
static const char *const kinds[] = {[PROF_TRACE_SYNC] = "sync",
	[PROF_TRACE_GAP] = "gap",
	[PROF_TRACE_GOROUTINE] = "goroutine",
	[PROF_TRACE_PROC] = "proc",
	[PROF_TRACE_RANGE_BEGIN] = "range",
	[PROF_TRACE_RANGE_ACTIVE] = "range",
	[PROF_TRACE_RANGE_END] = "range",
	[PROF_TRACE_METRIC] = "metric",
	[PROF_TRACE_TASK_BEGIN] = "task",
	[PROF_TRACE_TASK_END] = "task",
	[PROF_TRACE_REGION_BEGIN] = "region",
	[PROF_TRACE_REGION_END] = "region",
	[PROF_TRACE_LOG] = "log",
	[PROF_TRACE_LABEL] = "label",
	[PROF_TRACE_CPU_SAMPLE] = "sample",
	[PROF_TRACE_EXPERIMENT] = "experiment"};

static struct prof_cell number(int64_t v)
{
	return v == PROF_ABSENT ? PROF_NULL_CELL : prof_cell_int(v);
}

static struct prof_cell constant(const char *s)
{
	return prof_cell_str(prof_str_of(s));
}

static struct prof_cell string(const struct reading *x, int64_t id)
{
	return id == PROF_ABSENT || !id
		       ? PROF_NULL_CELL
		       : prof_cell_str(prof_strtab_get(&x->t->strings, (uint32_t)id));
}

/* "root;caller;leaf", valid until the next, where the column is asked for. */
static struct prof_cell stack(struct reading *x, unsigned column, int64_t id)
{
	const struct prof_trace_frame *f;
	size_t n;

	if (id == PROF_ABSENT || !id || !(x->c->used & UINT64_C(1) << column))
		return PROF_NULL_CELL;
	n = prof_trace_stack(x->t, (uint32_t)id, &f);
	x->b.n = 0;
	for (size_t i = n; i > 0; i--) {
		struct prof_str s = prof_strtab_get(&x->t->strings, f[i - 1].function);

		prof_buf_put(&x->b, s.p, s.len);
		if (i > 1)
			prof_buf_char(&x->b, ';');
	}
	return x->b.n ? prof_cell_str((struct prof_str){x->b.p, (uint32_t)x->b.n}) : PROF_NULL_CELL;
}

static int put(struct reading *x, const struct prof_cell *cells, struct prof_err *e)
{
	return x->b.code ? prof_nomem(e) : prof_report_row(x->c->r, cells, e);
}

static int put_transition(struct reading *x, const int64_t *v, struct prof_err *e)
{
	const struct prof_cell cells[] = {number(v[0]), number(v[1]), constant(states[v[2]]),
		constant(states[v[3]]), number(v[4]), string(x, v[5]), stack(x, 6, v[6]),
		number(v[7]), number(v[8]), number(v[9])};

	return put(x, cells, e);
}

static int put_goroutine(struct reading *x, const int64_t *v, struct prof_err *e)
{
	const struct prof_keep_group *g = &x->keep.groups.v[v[1]];
	const struct prof_cell cells[] = {number(v[0]), string(x, g->entry), string(x, g->creator),
		number(v[8]), number(v[2]), number(v[3]), number(v[4]), number(v[5]), number(v[6]),
		number(v[7]), v[9] == PROF_ABSENT ? PROF_NULL_CELL : constant(states[v[9]]),
		string(x, v[10]), stack(x, 12, v[11]), number(v[12])};

	return put(x, cells, e);
}

static int take_transition(void *ctx, enum prof_rows table, const struct prof_strtab *strings,
	const int64_t *v, struct prof_err *e)
{
	(void)strings;
	return table == PROF_ROWS_TRANSITION ? put_transition(ctx, v, e) : 0;
}

static int take_goroutine(void *ctx, enum prof_rows table, const struct prof_strtab *strings,
	const int64_t *v, struct prof_err *e)
{
	(void)strings;
	return table == PROF_ROWS_GOROUTINE ? put_goroutine(ctx, v, e) : 0;
}

void prof_sql_end_trace(void *state)
{
	struct reading *x = state;

	if (!x)
		return;
	if (x->keeps)
		prof_trace_keep_fini(&x->keep);
	prof_trace_free(x->t);
	prof_buf_fini(&x->b);
	free(x);
}

/* *out is NULL where there is no path. */
static int begin(struct prof_sql_call *c, void **state, struct reading **out)
{
	const char *path = prof_sql_text(c->args[0]);
	struct reading *x = *state;
	int rc;

	*out = x;
	if (x)
		x->c = c;
	if (x || !path)
		return 0;
	x = calloc(1, sizeof(*x));
	if (!x)
		return prof_nomem(c->e);
	rc = prof_trace_open(path, &c->sql->limits, &x->t, c->e);
	if (rc) {
		free(x);
		return rc;
	}
	x->mem.limit = (size_t)c->sql->limits.memory_bytes;
	prof_buf_init(&x->b, NULL, NULL);
	x->c = c;
	*state = *out = x;
	return 0;
}

/* What prof_trace_keep makes of the next events. */
static int keep_more(struct reading *x, struct prof_err *e)
{
	int rc = 1;

	while (rc > 0 && x->c->r->n_rows < PART_ROWS) {
		rc = prof_trace_fill(x->t, e);
		if (rc > 0 && prof_trace_keep_batch(&x->keep, x->t, e))
			rc = e->code;
	}
	if (!rc)
		rc = prof_trace_keep_end(&x->keep, x->t, e);
	return rc;
}

static int keep(struct prof_sql_call *c, void **state,
	int (*row)(void *, enum prof_rows, const struct prof_strtab *, const int64_t *,
		struct prof_err *),
	bool transitions)
{
	struct reading *x;
	int rc = begin(c, state, &x);

	if (rc || !x)
		return rc;
	if (!x->keeps) {
		const struct prof_rows_sink sink = {row, x};

		prof_trace_keep_init(&x->keep, &x->mem, &sink, transitions);
		x->keep.all = x->keeps = true;
	}
	return keep_more(x, c->e);
}

int prof_sql_transitions(struct prof_sql_call *c, void **state)
{
	return keep(c, state, take_transition, true);
}

int prof_sql_goroutines(struct prof_sql_call *c, void **state)
{
	return keep(c, state, take_goroutine, false);
}

static struct prof_cell id_of(const int64_t *ids, uint32_t slot)
{
	return slot == PROF_TRACE_NONE ? PROF_NULL_CELL : prof_cell_int(ids[slot]);
}

/* Of what an event is about, its id. */
static struct prof_cell subject(const struct prof_trace *t, const struct prof_trace_event *ev)
{
	bool range = ev->kind >= PROF_TRACE_RANGE_BEGIN && ev->kind <= PROF_TRACE_RANGE_END;

	if (ev->kind == PROF_TRACE_PROC || (range && ev->what == PROF_RANGE_GC_SWEEP))
		return id_of(t->procs.v, ev->subject);
	if (ev->kind == PROF_TRACE_GOROUTINE || ev->kind == PROF_TRACE_LABEL ||
		(range && ev->what != PROF_RANGE_GC_MARK))
		return id_of(t->goroutines.v, ev->subject);
	return PROF_NULL_CELL;
}

static struct prof_cell value(const struct prof_trace_event *ev)
{
	bool task = ev->kind >= PROF_TRACE_TASK_BEGIN && ev->kind <= PROF_TRACE_LOG;

	if ((ev->kind != PROF_TRACE_METRIC && !task) || (task && ev->args[0] == PROF_TRACE_NO_TASK))
		return PROF_NULL_CELL;
	return prof_cell_int((int64_t)ev->args[0]);
}

static int put_event(struct reading *x, const struct prof_trace_event *ev, struct prof_err *e)
{
	const struct prof_trace *t = x->t;
	const char *const *names = ev->kind == PROF_TRACE_GOROUTINE ? states
				   : ev->kind == PROF_TRACE_PROC    ? proc_states
								    : NULL;
	const char *event = prof_trace_event_name(t, ev);

	if (!x->begun)
		x->start = ev->time;
	x->begun = true;
	const struct prof_cell cells[] = {prof_cell_int(ev->time - x->start),
		event && *event ? constant(event) : PROF_NULL_CELL, constant(kinds[ev->kind]),
		id_of(t->goroutines.v, ev->g), id_of(t->procs.v, ev->p), id_of(t->threads.v, ev->m),
		subject(t, ev), names ? constant(names[ev->from]) : PROF_NULL_CELL,
		names ? constant(names[ev->to]) : PROF_NULL_CELL, string(x, ev->name),
		string(x, ev->text), value(ev), stack(x, 12, ev->stack)};

	return put(x, cells, e);
}

int prof_sql_events(struct prof_sql_call *c, void **state)
{
	struct reading *x;
	int rc = begin(c, state, &x);

	if (rc || !x)
		return rc;
	for (rc = 1; rc > 0 && c->r->n_rows < PART_ROWS;) {
		rc = prof_trace_fill(x->t, c->e);
		for (size_t i = 0; rc > 0 && i < x->t->n; i++)
			if (put_event(x, &x->t->events[i], c->e))
				rc = c->e->code;
	}
	return rc;
}

static int put_cycle(struct prof_sql_call *c, const struct prof_timeline *t, uint32_t segment,
	const struct prof_gc_cycle *k)
{
	static const char *const reasons[] = {[PROF_GC_HEAP] = "heap",
		[PROF_GC_FORCED] = "forced",
		[PROF_GC_LEAK_CHECK] = "leak check",
		[PROF_GC_PERIODIC] = "periodic"};
	const struct prof_cell cells[] = {prof_cell_int(segment), number(k->n), number(k->start_ns),
		number(k->sweep_term_ns), number(k->mark_ns), number(k->mark_term_ns),
		number(k->assist_cpu_ns), number(k->dedicated_cpu_ns), number(k->fractional_cpu_ns),
		number(k->idle_cpu_ns), number(prof_gc_cycle_cpu(k)), number(k->start_bytes),
		number(k->end_bytes), number(k->live_bytes), number(k->goal_bytes),
		number(k->stacks_bytes), number(k->globals_bytes),
		k->procs ? prof_cell_int(k->procs) : PROF_NULL_CELL,
		k->reason == PROF_GC_NOT_TOLD ? PROF_NULL_CELL : constant(reasons[k->reason]),
		prof_cell_str(t->sources.v[t->segments.v[segment].source].name)};

	return prof_report_row(c->r, cells, c->e);
}

int prof_sql_gc(struct prof_sql_call *c)
{
	const char *path = prof_sql_text(c->args[0]);
	struct prof_timeline *t;
	int rc;

	if (!path)
		return 0;
	t = prof_timeline_new(&c->sql->limits, c->e);
	if (!t)
		return PROF_ENOMEM;
	rc = prof_timeline_add_path(t, path, &c->sql->limits, c->e);
	for (uint32_t i = 0; !rc && i < t->segments.n; i++)
		for (uint32_t k = 0; !rc && k < t->segments.v[i].n_cycles; k++)
			rc = put_cycle(c, t, i, &t->cycles.v[t->segments.v[i].first_cycle + k]);
	prof_timeline_free(t);
	return rc;
}
