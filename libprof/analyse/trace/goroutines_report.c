#include <stdlib.h>

#include "libprof/analyse/trace/goroutines.h"

enum { F_FUNCTION, F_SYSTEM, F_WHAT, F_REASON, F_COUNT, F_TOTAL, F_P50, F_P95, F_P99, F_MAX, F_N };

static const struct prof_table_column function_columns[F_N] = {
	[F_FUNCTION] = {.key = "function", .title = "started with", .left = true},
	[F_SYSTEM] = {.key = "system"},
	[F_WHAT] = {.key = "what", .title = "what", .left = true, .gap = 2},
	[F_REASON] = {.key = "reason", .title = "why", .left = true, .gap = 2},
	[F_COUNT] = {.key = "goroutines", .title = "goroutines", .gap = 2},
	[F_TOTAL] = {.key = "total_ns", .title = "total", .form = PROF_FORM_UNIT, .gap = 2},
	[F_P50] = {.key = "p50_ns", .title = "p50", .form = PROF_FORM_UNIT, .gap = 2},
	[F_P95] = {.key = "p95_ns", .title = "p95", .form = PROF_FORM_UNIT, .gap = 2},
	[F_P99] = {.key = "p99_ns", .title = "p99", .form = PROF_FORM_UNIT, .gap = 2},
	[F_MAX] = {.key = "max_ns", .title = "max", .form = PROF_FORM_UNIT, .gap = 2},
};

enum { G_ID, G_FUNCTION, G_CREATED, G_ENDED, G_PARTS, G_BLOCK = G_PARTS + PROF_PARTS, G_N };

static const struct prof_table_column goroutine_columns[G_N] = {
	[G_ID] = {.key = "goroutine", .title = "goroutine"},
	[G_FUNCTION] = {.key = "function", .title = "started with", .left = true, .gap = 2},
	[G_CREATED] = {.key = "created_ns", .title = "created", .form = PROF_FORM_UNIT, .gap = 2},
	[G_ENDED] = {.key = "ended", .title = "ended", .gap = 2},
	[G_PARTS + PROF_PART_TOTAL] = {.key = "total_ns",
		.title = "total",
		.form = PROF_FORM_UNIT,
		.gap = 2},
	[G_PARTS + PROF_PART_RUNNING] = {.key = "running_ns",
		.title = "running",
		.form = PROF_FORM_UNIT,
		.gap = 2},
	[G_PARTS + PROF_PART_RUNNABLE] = {.key = "runnable_ns",
		.title = "runnable",
		.form = PROF_FORM_UNIT,
		.gap = 2},
	[G_PARTS + PROF_PART_SYSCALL] = {.key = "syscall_ns",
		.title = "syscall",
		.form = PROF_FORM_UNIT,
		.gap = 2},
	[G_PARTS + PROF_PART_BLOCK] = {.key = "waiting_ns",
		.title = "waiting",
		.form = PROF_FORM_UNIT,
		.gap = 2},
	[G_PARTS + PROF_PART_ASSIST] = {.key = "gc_assist_ns",
		.title = "assist",
		.form = PROF_FORM_UNIT,
		.gap = 2},
	[G_BLOCK] = {.key = "block"},
};

static const char *const part_names[PROF_PARTS] = {
	"total", "running", "runnable", "system call", "waiting", "GC assist"};

struct making {
	struct prof_trace_lives *x;
	const struct prof_trace *t;
	struct prof_report *r;
	struct prof_err *e;
	int rc;
};

static struct prof_str string(const struct making *m, uint32_t id, const char *none)
{
	struct prof_str s = prof_strtab_get(&m->t->strings, id);

	return s.len ? s : prof_str_of(none);
}

/* As Go's runtime and tools have it. */
static bool is_system(struct prof_str entry)
{
	return !entry.len || (prof_str_has_prefix(entry, "runtime.") &&
				     !prof_str_eq(entry, PROF_STR("runtime.main")));
}

static void function_row(struct making *m, const struct prof_trace_group *g, const char *what,
	const char *reason, const struct prof_hist *h)
{
	struct prof_str entry = prof_strtab_get(&m->t->strings, g->entry);
	struct prof_cell cells[F_N] = {
		[F_FUNCTION] = prof_cell_str(string(m, g->entry, "(no stack was seen)")),
		[F_SYSTEM] = prof_cell_bool(is_system(entry)),
		[F_WHAT] = prof_cell_str(prof_str_of(what)),
		[F_REASON] = prof_cell_str(prof_str_of(reason)),
		[F_COUNT] = prof_cell_int((int64_t)h->count),
		[F_TOTAL] = prof_cell_int((int64_t)h->total),
		[F_P50] = prof_cell_int((int64_t)prof_hist_percentile(h, 50)),
		[F_P95] = prof_cell_int((int64_t)prof_hist_percentile(h, 95)),
		[F_P99] = prof_cell_int((int64_t)prof_hist_percentile(h, 99)),
		[F_MAX] = prof_cell_int((int64_t)h->max),
	};

	if (!m->rc && h->total)
		m->rc = prof_report_row(m->r, cells, m->e);
}

struct order {
	uint64_t total;
	uint32_t group;
};

static int by_total(const void *a, const void *b)
{
	const struct order *x = a, *y = b;

	if (x->total != y->total)
		return x->total > y->total ? -1 : 1;
	return x->group < y->group ? -1 : x->group > y->group;
}

static void waits_of(struct making *m, const struct prof_trace_group *g)
{
	for (uint32_t i = g->waits; i != PROF_NONE; i = m->x->group_waits.v[i].next)
		function_row(m, g, "waiting",
			string(m, m->x->group_waits.v[i].reason, "(not said)").p,
			&m->x->group_waits.v[i].hist);
}

static void functions(struct making *m)
{
	const struct prof_trace_lives *x = m->x;
	struct prof_mem mem = {.limit = SIZE_MAX / 2};
	struct order *list = prof_mem_zalloc(&mem, x->groups.n, sizeof(*list), m->e);
	size_t n = x->groups.n, most = x->opts.row_count > 0 ? (size_t)x->opts.row_count : n;

	m->r->columns = function_columns;
	m->r->n_columns = F_N;
	if (!list) {
		m->rc = PROF_ENOMEM;
		return;
	}
	for (uint32_t i = 0; i < n; i++)
		list[i] = (struct order){x->groups.v[i].parts[x->opts.sort].total, i};
	if (n)
		qsort(list, n, sizeof(*list), by_total);
	for (size_t i = 0; i < n && i < most; i++) {
		const struct prof_trace_group *g = &x->groups.v[list[i].group];

		for (int part = 0; part < PROF_PARTS; part++)
			if (part == PROF_PART_BLOCK)
				waits_of(m, g);
			else
				function_row(m, g, part_names[part], "", &g->parts[part]);
	}
	prof_mem_zfree(&mem, list, x->groups.n, sizeof(*list));
}

/* {"chan receive": 120, …} */
static struct prof_cell waits_object(struct making *m, const struct prof_trace_life *life)
{
	struct prof_mem mem = {.limit = SIZE_MAX / 2};
	PROF_VEC(struct prof_field) fields = {0};
	struct prof_cell c = PROF_NULL_CELL;

	for (uint32_t i = life->waits; !m->rc && i != PROF_NONE; i = m->x->waits.v.v[i].next) {
		struct prof_str key = prof_strtab_get(&m->t->strings, m->x->waits.v.v[i].reason);

		m->rc = prof_vec_reserve(&mem, &fields, 1, m->e);
		if (!m->rc)
			m->rc = prof_report_keep(m->r, &key, m->e);
		if (!m->rc)
			fields.v[fields.n++] = (struct prof_field){
				key.p, prof_cell_int(m->x->waits.v.v[i].ns)};
	}
	if (!m->rc)
		m->rc = prof_report_object(m->r, fields.v, fields.n, &c, m->e);
	prof_vec_fini(&mem, &fields);
	return c;
}

static void goroutines(struct making *m)
{
	const struct prof_trace_lives *x = m->x;

	m->r->columns = goroutine_columns;
	m->r->n_columns = G_N;
	for (size_t i = 0; !m->rc && i < x->top.n; i++) {
		const struct prof_trace_top *g = &x->top.v[i];
		struct prof_cell cells[G_N] = {
			[G_ID] = prof_cell_int(g->id),
			[G_FUNCTION] = prof_cell_str(
				string(m, g->life.entry, "(no stack was seen)")),
			[G_CREATED] = prof_cell_int(g->created - x->start),
			[G_ENDED] = prof_cell_bool(g->ended),
		};

		for (int part = 0; part < PROF_PARTS; part++)
			cells[G_PARTS + part] = prof_cell_int(g->life.ns[part]);
		cells[G_BLOCK] = waits_object(m, &g->life);
		if (!m->rc)
			m->rc = prof_report_row(m->r, cells, m->e);
	}
}

int prof_trace_lives_report(struct prof_trace_lives *x, const struct prof_trace *t,
	struct prof_report **out, struct prof_err *e)
{
	struct making m = {.x = x, .t = t, .e = e};

	m.r = prof_report_new("prof.trace.goroutines/1", e);
	if (!m.r)
		return PROF_ENOMEM;
	m.r->unit = PROF_STR("ns");
	m.r->out_unit = PROF_STR("auto");
	m.rc = prof_report_field(m.r, "goroutines", prof_cell_int((int64_t)t->goroutine_count), e);
	if (!m.rc)
		m.rc = prof_report_field(m.r, "functions", prof_cell_int((int64_t)x->groups.n), e);
	if (!m.rc && x->opts.each)
		goroutines(&m);
	else if (!m.rc)
		functions(&m);
	if (m.rc) {
		prof_report_free(m.r);
		return m.rc;
	}
	*out = m.r;
	return 0;
}
