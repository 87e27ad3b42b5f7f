#include <stdlib.h>

#include "libprof/analyse/trace/summary.h"
#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"

enum { C_WHAT, C_NAME, C_COUNT, C_TOTAL, C_P50, C_P95, C_P99, C_MAX, N_COLUMNS };

static const struct prof_table_column columns[N_COLUMNS] = {
	[C_WHAT] = {.key = "what", .title = "what", .left = true},
	[C_NAME] = {.key = "name", .title = "why", .left = true, .gap = 2},
	[C_COUNT] = {.key = "count", .title = "count", .gap = 2},
	[C_TOTAL] = {.key = "total_ns", .title = "total", .form = PROF_FORM_UNIT, .gap = 2},
	[C_P50] = {.key = "p50_ns", .title = "p50", .form = PROF_FORM_UNIT, .gap = 2},
	[C_P95] = {.key = "p95_ns", .title = "p95", .form = PROF_FORM_UNIT, .gap = 2},
	[C_P99] = {.key = "p99_ns", .title = "p99", .form = PROF_FORM_UNIT, .gap = 2},
	[C_MAX] = {.key = "max_ns", .title = "max", .form = PROF_FORM_UNIT, .gap = 2},
};

static const char *const metric_names[] = {
	[PROF_METRIC_HEAP_BYTES] = "/memory/classes/heap/objects:bytes",
	[PROF_METRIC_HEAP_GOAL] = "/gc/heap/goal:bytes",
	[PROF_METRIC_PROCS] = "/sched/gomaxprocs:threads",
};
static const char *const range_names[] = {
	[PROF_RANGE_GC_MARK] = "GC concurrent mark phase",
	[PROF_RANGE_GC_SWEEP] = "GC incremental sweep",
	[PROF_RANGE_GC_ASSIST] = "GC mark assist",
};
static const char *const state_names[] = {[PROF_G_RUNNABLE] = "Runnable",
	[PROF_G_RUNNING] = "Running",
	[PROF_G_WAITING] = "Waiting",
	[PROF_G_SYSCALL] = "Syscall"};
static const char *const profile_names[] = {[PROF_WAITS_NET] = "net",
	[PROF_WAITS_SYNC] = "sync",
	[PROF_WAITS_SYSCALL] = "syscall",
	[PROF_WAITS_SCHED] = "sched"};

/* A report being made: the fields of the object at hand are collected in `fields`. */
struct making {
	const struct prof_trace_sum *x;
	const struct prof_trace *t;
	struct prof_report *r;
	struct prof_err *e;
	struct prof_mem mem;
	PROF_VEC(struct prof_field) fields;
	struct prof_buf b;
	int rc;
};

static void top(struct making *m, const char *key, struct prof_cell value)
{
	if (!m->rc)
		m->rc = prof_report_field(m->r, key, value, m->e);
}

/* A member of the object at hand. */
static void put(struct making *m, const char *key, struct prof_cell value)
{
	if (!m->rc)
		m->rc = prof_vec_reserve(&m->mem, &m->fields, 1, m->e);
	if (!m->rc)
		m->fields.v[m->fields.n++] = (struct prof_field){key, value};
}

static void put_int(struct making *m, const char *key, uint64_t v)
{
	put(m, key, prof_cell_int((int64_t)v));
}

/* Ends the object whose members are those from `since` on. */
static struct prof_cell end_object(struct making *m, size_t since)
{
	struct prof_cell c = PROF_NULL_CELL;

	if (!m->rc)
		m->rc = prof_report_object(
			m->r, m->fields.v + since, m->fields.n - since, &c, m->e);
	m->fields.n = since;
	return c;
}

/* A key that is no constant. */
static const char *key_of(
	struct making *m, const char *before, struct prof_str s, const char *after)
{
	struct prof_str key;

	m->b.n = 0;
	prof_buf_str(&m->b, before);
	prof_buf_put(&m->b, s.p, s.len);
	prof_buf_str(&m->b, after);
	if (!m->rc && m->b.code)
		m->rc = prof_nomem(m->e);
	key = (struct prof_str){m->b.p, (uint32_t)m->b.n};
	if (!m->rc)
		m->rc = prof_report_keep(m->r, &key, m->e);
	m->b.n = 0;
	return m->rc ? "" : key.p;
}

static void put_hist(struct making *m, const char *key, const struct prof_hist *h)
{
	size_t since = m->fields.n;

	put_int(m, "count", h->count);
	put_int(m, "total_ns", h->total);
	put_int(m, "max_ns", h->max);
	put(m, key, end_object(m, since));
}

static void row(struct making *m, const char *what, struct prof_str name, uint64_t n,
	const struct prof_hist *h)
{
	struct prof_cell cells[N_COLUMNS] = {
		[C_WHAT] = prof_cell_str(prof_str_of(what)),
		[C_NAME] = prof_cell_str(name),
		[C_COUNT] = prof_cell_int((int64_t)n),
		[C_TOTAL] = prof_cell_int((int64_t)h->total),
		[C_P50] = prof_cell_int((int64_t)prof_hist_percentile(h, 50)),
		[C_P95] = prof_cell_int((int64_t)prof_hist_percentile(h, 95)),
		[C_P99] = prof_cell_int((int64_t)prof_hist_percentile(h, 99)),
		[C_MAX] = prof_cell_int((int64_t)h->max),
	};

	if (!m->rc && h->count)
		m->rc = prof_report_row(m->r, cells, m->e);
}

static struct prof_str string(const struct making *m, uint32_t id)
{
	return prof_strtab_get(&m->t->strings, id);
}

/* Longest waits first. */
static int by_total(const void *a, const void *b)
{
	const struct prof_trace_reason *const *x = a, *const *y = b;

	if ((*x)->waits.total != (*y)->waits.total)
		return (*x)->waits.total > (*y)->waits.total ? -1 : 1;
	return (*x)->name < (*y)->name ? -1 : (*x)->name > (*y)->name;
}

static void waits(struct making *m)
{
	const struct prof_trace_states *st = &m->x->states;
	const struct prof_trace_reason **list;
	size_t since = m->fields.n, n = st->reasons.n, size = sizeof(*list);

	list = m->rc ? NULL : prof_mem_zalloc(&m->mem, n, size, m->e);
	if (!list) {
		m->rc = m->rc ? m->rc : PROF_ENOMEM;
		return;
	}
	for (size_t i = 0; i < n; i++)
		list[i] = &st->reasons.v[i];
	if (n)
		qsort(list, n, size, by_total);
	for (size_t i = 0; i < n; i++) {
		struct prof_str name = string(m, list[i]->name);
		size_t inner = m->fields.n;

		row(m, "waiting", name.len ? name : PROF_STR("(not said)"), list[i]->entered,
			&list[i]->waits);
		put_int(m, "count", list[i]->entered);
		put_int(m, "total_ns", list[i]->waits.total);
		put(m, key_of(m, "", name, ""), end_object(m, inner));
	}
	prof_mem_zfree(&m->mem, list, n, size);
	top(m, "block", end_object(m, since));
}

static void states(struct making *m)
{
	static const char *const proc_names[] = {
		[PROF_P_RUNNING] = "Running", [PROF_P_IDLE] = "Idle"};
	static const char *const row_names[] = {[PROF_G_RUNNABLE] = "runnable",
		[PROF_G_RUNNING] = "running",
		[PROF_G_SYSCALL] = "system call"};
	static const uint8_t order[] = {PROF_G_RUNNING, PROF_G_RUNNABLE, PROF_G_SYSCALL};
	const struct prof_trace_states *st = &m->x->states;

	for (int i = PROF_G_RUNNABLE; i <= PROF_G_SYSCALL; i++)
		put_int(m, state_names[i],
			i == PROF_G_WAITING ? (uint64_t)st->waiting_ns : st->states[i].total);
	top(m, "goroutine_state_ns", end_object(m, 0));
	for (int i = PROF_P_RUNNING; i <= PROF_P_IDLE; i++)
		put(m, proc_names[i], prof_cell_int(st->proc_ns[i]));
	top(m, "proc_state_ns", end_object(m, 0));
	for (size_t i = 0; i < sizeof(order); i++)
		row(m, row_names[order[i]], PROF_STR(""), st->states[order[i]].count,
			&st->states[order[i]]);
	waits(m);
	for (int i = 0; i < PROF_WAITS_NONE; i++) {
		put_int(m, "count", st->profiles[i].count);
		put(m, "total_ns", prof_cell_int(st->profiles[i].ns));
		put(m, profile_names[i], end_object(m, (size_t)i));
	}
	top(m, "profiles", end_object(m, 0));
}

static void ranges(struct making *m)
{
	const struct prof_trace_ranges *ra = &m->x->ranges;

	for (int i = 0; i < PROF_RANGE_STW; i++) {
		if (!ra->kinds[i].count)
			continue;
		put_hist(m, range_names[i], &ra->kinds[i]);
		row(m, range_names[i], PROF_STR(""), ra->kinds[i].count, &ra->kinds[i]);
	}
	for (size_t i = 0; i < ra->stw.n; i++) {
		struct prof_str reason = string(m, ra->stw.v[i].reason);

		put_hist(m, key_of(m, "stop-the-world (", reason, ")"), &ra->stw.v[i].hist);
		row(m, "stop-the-world", reason, ra->stw.v[i].hist.count, &ra->stw.v[i].hist);
	}
	top(m, "ranges", end_object(m, 0));
	put_hist(m, "stw", &ra->kinds[PROF_RANGE_STW]);
	if (!m->rc)
		top(m, "stw", m->fields.v[0].value);
	m->fields.n = 0;
}

/* Tasks and regions, by type. */
static void annotations(struct making *m)
{
	static const char *const names[] = {"task", "region"};

	for (int i = 0; i < PROF_ANNOTATIONS; i++)
		for (size_t j = 0; j < m->x->annotations.types[i].n; j++) {
			const struct prof_annotation_type *type = &m->x->annotations.types[i].v[j];
			struct prof_str name = string(m, type->name);

			if (type->hist.count)
				row(m, names[i], name.len ? name : PROF_STR("(not said)"),
					type->hist.count, &type->hist);
		}
}

static void foot(struct making *m)
{
	if (!m->rc)
		m->rc = prof_report_foot(m->r, &m->b, m->e);
}

static void put_scaled(struct making *m, int64_t v, const char *unit)
{
	prof_fmt_scaled(&m->b, v, prof_str_of(unit), PROF_STR("auto"));
}

static void metrics(struct making *m)
{
	static const char *const titles[] = {"heap", "heap goal", "GOMAXPROCS"};

	m->b.n = 0;
	foot(m);
	for (int i = 0; i <= PROF_METRIC_PROCS; i++) {
		const struct prof_trace_gauge *g = &m->x->metrics[i];
		const char *unit = i == PROF_METRIC_PROCS ? "count" : "B";

		if (!g->samples)
			continue;
		put_int(m, "samples", g->samples);
		put_int(m, "min", g->min);
		put_int(m, "max", g->max);
		put_int(m, "last", g->last);
		put(m, metric_names[i], end_object(m, m->fields.n - 4));
		prof_buf_printf(&m->b, "%-11s ", titles[i]);
		put_scaled(m, (int64_t)g->min, unit);
		prof_buf_str(&m->b, " to ");
		put_scaled(m, (int64_t)g->max, unit);
		prof_buf_str(&m->b, ", at the end ");
		put_scaled(m, (int64_t)g->last, unit);
		foot(m);
	}
	top(m, "metrics", end_object(m, 0));
}

static void utilisation(struct making *m)
{
	const struct prof_trace_mmu *mmu = &m->x->mmu;

	if (!mmu->series.n) {
		top(m, "mmu", end_object(m, 0));
		return;
	}
	foot(m);
	prof_buf_printf(&m->b, "%-30s", "least utilisation in a window");
	for (int j = 0; j < PROF_MMU_WINDOWS; j++)
		prof_buf_printf(&m->b, " %*s", j < 3 ? 7 : 6, prof_mmu_window_names[j]);
	foot(m);
	for (int i = 0; i < PROF_MMU_SETS; i++) {
		prof_buf_printf(&m->b, "%-30s", prof_mmu_set_names[i]);
		for (int j = 0; j < PROF_MMU_WINDOWS; j++) {
			double v = mmu->mmu[i][j];

			put(m, prof_mmu_window_names[j], prof_cell_real(v < 0 ? 0 : v));
			prof_buf_str(&m->b, v < 0.09995 ? "   " : v < 0.9995 ? "  " : " ");
			prof_buf_double(&m->b, v < 0 ? 0 : 100 * v, 'f', 1);
			prof_buf_char(&m->b, '%');
		}
		put(m, prof_mmu_set_names[i], end_object(m, (size_t)i));
		foot(m);
	}
	top(m, "mmu", end_object(m, 0));
}

static void damage(struct making *m)
{
	const struct prof_trace_damage *list;
	size_t n = prof_trace_damage(m->t, &list), size = sizeof(struct prof_cell);
	struct prof_cell *cells = m->rc ? NULL : prof_mem_zalloc(&m->mem, n, size, m->e),
			 c = PROF_NULL_CELL;

	if (!cells) {
		m->rc = m->rc ? m->rc : PROF_ENOMEM;
		return;
	}
	if (n)
		foot(m);
	for (size_t i = 0; i < n && !m->rc; i++) {
		put(m, "offset", prof_cell_int(list[i].offset));
		put(m, "generation",
			list[i].generation ? prof_cell_int((int64_t)list[i].generation)
					   : PROF_NULL_CELL);
		put(m, "what", prof_cell_str(prof_str_of(list[i].what)));
		cells[i] = end_object(m, 0);
		prof_buf_printf(&m->b, "damaged at offset %lld: %s", (long long)list[i].offset,
			list[i].what);
		foot(m);
	}
	if (!m->rc)
		m->rc = prof_report_list(m->r, cells, n, &c, m->e);
	prof_mem_zfree(&m->mem, cells, n, size);
	top(m, "damage", c);
}

/* What is known only of some versions is null in the others. */
static void known(struct making *m, const char *key, bool is, uint64_t v)
{
	top(m, key, is ? prof_cell_int((int64_t)v) : PROF_NULL_CELL);
}

static void wire_events(struct making *m, const char *key, const uint64_t *count)
{
	for (int i = 0; i < PROF_TRACE_WIRE_TYPES; i++)
		if (count[i])
			put_int(m, m->t->wire[i].name, count[i]);
	top(m, key, end_object(m, 0));
}

static void counts(struct making *m)
{
	const struct prof_trace_sum *x = m->x;
	const struct prof_trace *t = m->t;
	int64_t end = x->end < x->to ? x->end : x->to, ns = end > x->from ? end - x->from : 0;
	bool threads = t->can & PROF_CAN_THREADS;

	top(m, "header", prof_cell_str(prof_str_of(t->header)));
	known(m, "generations", threads, t->generations);
	known(m, "goroutines", true, t->goroutine_count);
	known(m, "procs", true, t->procs.n);
	known(m, "threads", threads, t->threads.n);
	known(m, "duration_ns", true, (uint64_t)ns);
	known(m, "events", true, x->events);
	known(m, "tasks", t->can & PROF_CAN_TASKS, x->tasks);
	known(m, "regions", t->can & PROF_CAN_TASKS, x->regions);
	known(m, "logs", t->can & PROF_CAN_TASKS, x->logs);
	known(m, "cpu_samples", t->can & PROF_CAN_CPU_SAMPLES, x->cpu_samples);
	wire_events(m, "wire_events", t->dump_count ? t->dump_count : t->wire_count);
	wire_events(m, "event_types", t->wire_count);
	prof_buf_printf(&m->b, "%s, ", t->header);
	put_scaled(m, ns, "ns");
	prof_buf_printf(&m->b, ", %llu events", (unsigned long long)x->events);
	if (!m->rc)
		m->rc = prof_report_head(m->r, &m->b, m->e);
	prof_buf_printf(&m->b, "%llu goroutines, %zu procs", (unsigned long long)t->goroutine_count,
		t->procs.n);
	if (threads)
		prof_buf_printf(&m->b, ", %zu threads", t->threads.n);
	if (!m->rc)
		m->rc = prof_report_head(m->r, &m->b, m->e);
	if (!m->rc)
		m->rc = prof_report_head(m->r, &m->b, m->e);
}

int prof_trace_sum_report(const struct prof_trace_sum *x, const struct prof_trace *t,
	struct prof_report **out, struct prof_err *e)
{
	struct making m = {.x = x, .t = t, .e = e, .mem.limit = SIZE_MAX / 2};

	m.r = prof_report_new("prof.trace.summary/1", e);
	if (!m.r)
		return PROF_ENOMEM;
	prof_buf_init(&m.b, NULL, NULL);
	m.r->columns = columns;
	m.r->n_columns = N_COLUMNS;
	m.r->unit = PROF_STR("ns");
	m.r->out_unit = PROF_STR("auto");
	counts(&m);
	states(&m);
	ranges(&m);
	annotations(&m);
	metrics(&m);
	utilisation(&m);
	damage(&m);
	prof_vec_fini(&m.mem, &m.fields);
	prof_buf_fini(&m.b);
	if (m.rc) {
		prof_report_free(m.r);
		return m.rc;
	}
	*out = m.r;
	return 0;
}
