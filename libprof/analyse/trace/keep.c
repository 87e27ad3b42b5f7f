#include "libprof/analyse/trace/keep.h"

#include "libprof/analyse/trace/profile.h"
#include "libprof/analyse/trace/states.h"
#include "libprof/model/timeline.h"

void prof_trace_keep_init(struct prof_trace_keep *x, struct prof_mem *mem,
	const struct prof_rows_sink *sink, bool full)
{
	*x = (struct prof_trace_keep){.mem = mem,
		.sink = *sink,
		.full = full,
		.free_region = PROF_NONE,
		.free_task = PROF_NONE};
	prof_intervals_init(&x->intervals, mem);
	prof_trace_waits_init(&x->waits, mem);
	prof_map64_init(&x->group_of, mem);
	prof_idmap_init(&x->task_of, mem);
}

void prof_trace_keep_fini(struct prof_trace_keep *x)
{
	prof_keep_groups_fini(x);
	prof_intervals_fini(&x->intervals);
	prof_map64_fini(&x->group_of);
	prof_idmap_fini(&x->task_of);
	prof_vec_fini(x->mem, &x->lives);
	prof_trace_waits_fini(&x->waits);
	prof_vec_fini(x->mem, &x->groups);
	prof_vec_fini(x->mem, &x->sites);
	prof_vec_fini(x->mem, &x->reasons);
	prof_vec_fini(x->mem, &x->regions);
	prof_vec_fini(x->mem, &x->tasks);
	for (int i = 0; i <= PROF_METRIC_PROCS; i++)
		prof_vec_fini(x->mem, &x->series[i].steps);
}

static const struct prof_keep_life new_life = {.born = PROF_ABSENT,
	.by = PROF_ABSENT,
	.waits = PROF_NONE,
	.regions = PROF_NONE,
	.label = PROF_NONE};

static int reserve(struct prof_trace_keep *x, const struct prof_trace *t, struct prof_err *e)
{
	size_t lives = t->goroutines.n, stacks = t->stack_start.n, strings = t->strings.strs.n;
	int rc = prof_intervals_reserve(&x->intervals, t, e);

	if (!rc && x->lives.n < lives)
		rc = prof_vec_reserve(x->mem, &x->lives, lives - x->lives.n, e);
	if (!rc && x->sites.n < stacks)
		rc = prof_vec_reserve(x->mem, &x->sites, stacks - x->sites.n, e);
	if (!rc && x->reasons.n < strings)
		rc = prof_vec_reserve(x->mem, &x->reasons, strings - x->reasons.n, e);
	if (rc)
		return rc;
	while (x->lives.n < lives)
		x->lives.v[x->lives.n++] = new_life;
	while (x->sites.n < stacks)
		x->sites.v[x->sites.n++] = (struct prof_keep_site){0};
	while (x->reasons.n < strings)
		x->reasons.v[x->reasons.n++] = 0;
	return 0;
}

static void add_site(
	struct prof_trace_keep *x, uint32_t stack, enum prof_keep_column column, int64_t ns)
{
	x->sites.v[stack].count[column]++;
	x->sites.v[stack].ns[column] += ns;
}

/* Which profile of `go tool trace` waits for a reason belong to, besides all waits. */
static enum prof_keep_column column_of(
	struct prof_trace_keep *x, const struct prof_trace *t, uint32_t reason)
{
	if (!x->reasons.v[reason]) {
		enum prof_trace_profile p = prof_trace_reason_profile(
			prof_strtab_get(&t->strings, reason));

		x->reasons.v[reason] = 1 + (p == PROF_WAITS_NET           ? PROF_KEEP_NET
						   : p == PROF_WAITS_SYNC ? PROF_KEEP_SYNC
									  : PROF_KEEP_BLOCK);
	}
	return (enum prof_keep_column)(x->reasons.v[reason] - 1);
}

/* A state belongs to the stack that it was entered with, running to the one that it ended with. */
static int add(struct prof_trace_keep *x, const struct prof_trace *t,
	const struct prof_interval *iv, uint32_t end_stack, struct prof_err *e)
{
	struct prof_keep_life *life = &x->lives.v[iv->g];
	int64_t ns = iv->end - iv->begin;
	enum prof_keep_column column;

	switch (iv->state) {
	case PROF_G_RUNNING:
		life->ns[0] += ns;
		add_site(x, end_stack ? end_stack : life->entry_stack, PROF_KEEP_RUNNING, ns);
		return 0;
	case PROF_G_RUNNABLE:
		life->ns[1] += ns;
		add_site(x, iv->stack, PROF_KEEP_SCHED, ns);
		return 0;
	case PROF_G_WAITING:
		life->ns[2] += ns;
		column = column_of(x, t, iv->reason);
		if (column != PROF_KEEP_BLOCK)
			add_site(x, iv->stack, column, ns);
		add_site(x, iv->stack, PROF_KEEP_BLOCK, ns);
		return prof_trace_waits_add(&x->waits, &life->waits, iv->reason, 1, ns, e);
	case PROF_G_SYSCALL:
		life->ns[3] += ns;
		add_site(x, iv->stack, PROF_KEEP_SYSCALL, ns);
		return 0;
	default:
		return 0;
	}
}

/* The function that a goroutine was started with: on the root of its first own stack. */
static void find_entry(
	struct prof_keep_life *life, const struct prof_trace *t, const struct prof_trace_event *ev)
{
	bool own = ev->g == ev->subject || ev->from <= PROF_G_NOT_EXIST;
	const struct prof_trace_frame *f;
	size_t n;

	if (life->entry || !own || ev->type == PROF_EV_GO_UNBLOCK)
		return;
	n = prof_trace_stack(t, ev->subject_stack, &f);
	if (n)
		life->entry = f[n - 1].function;
}

static void begin_life(
	struct prof_trace_keep *x, const struct prof_trace *t, const struct prof_trace_event *ev)
{
	struct prof_keep_life *life = &x->lives.v[ev->subject];
	const struct prof_trace_frame *f;

	life->entry_stack = ev->from == PROF_G_NOT_EXIST ? ev->subject_stack : 0;
	if (ev->from != PROF_G_NOT_EXIST)
		return;
	life->born = ev->time - x->start;
	life->site = ev->stack;
	if (prof_trace_stack(t, ev->stack, &f))
		life->creator = f[0].function;
	if (ev->g != PROF_TRACE_NONE && ev->g != ev->subject)
		life->by = t->goroutines.v[ev->g];
}

static int64_t id_or_absent(int64_t id, bool known)
{
	return known ? id : PROF_ABSENT;
}

static int transition(struct prof_trace_keep *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, const struct prof_interval *last, struct prof_err *e)
{
	bool other = ev->g != PROF_TRACE_NONE && ev->g != ev->subject;
	bool on_proc = ev->p != PROF_TRACE_NONE, on_thread = ev->m != PROF_TRACE_NONE;
	const int64_t v[] = {ev->time - x->start, t->goroutines.v[ev->subject], ev->from, ev->to,
		last ? last->end - last->begin : PROF_ABSENT, id_or_absent(ev->name, ev->name != 0),
		id_or_absent(ev->stack, ev->stack != 0),
		other ? t->goroutines.v[ev->g] : PROF_ABSENT,
		on_proc ? t->procs.v[ev->p] : PROF_ABSENT,
		on_thread ? t->threads.v[ev->m] : PROF_ABSENT};

	return x->sink.row(x->sink.ctx, PROF_ROWS_TRANSITION, &t->strings, v, e);
}

static int end_life(struct prof_trace_keep *x, const struct prof_trace *t,
	const struct prof_interval *last, bool finished, struct prof_err *e)
{
	int rc = prof_keep_end_regions(x, t, last->g, e);

	if (!rc)
		rc = prof_keep_goroutine(x, t, last, finished, e);
	x->lives.v[last->g] = new_life;
	return rc;
}

static int goroutine_event(struct prof_trace_keep *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	const struct prof_interval *iv = prof_intervals_leave(&x->intervals, ev);
	int rc = iv ? add(x, t, iv, ev->stack, e) : 0;

	if (!rc && x->full && ev->from != ev->to)
		rc = transition(x, t, ev, iv, e);
	prof_intervals_enter(&x->intervals, ev);
	if (ev->from <= PROF_G_NOT_EXIST)
		begin_life(x, t, ev);
	find_entry(&x->lives.v[ev->subject], t, ev);
	if (!rc && ev->to == PROF_G_NOT_EXIST) {
		struct prof_interval last = {.g = ev->subject, .end = ev->time};

		rc = end_life(x, t, &last, true, e);
	}
	return rc;
}

static int close_all(
	struct prof_trace_keep *x, const struct prof_trace *t, int64_t time, struct prof_err *e)
{
	int rc = 0;

	while (!rc && prof_intervals_close(&x->intervals, time)) {
		const struct prof_interval *last = &x->intervals.last;

		rc = add(x, t, last, last->stack, e);
		if (!rc)
			rc = end_life(x, t, last, false, e);
	}
	return rc;
}

static int cpu_sample(struct prof_trace_keep *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	const int64_t v[] = {ev->time - x->start,
		ev->g != PROF_TRACE_NONE ? t->goroutines.v[ev->g] : PROF_ABSENT,
		ev->m != PROF_TRACE_NONE ? t->threads.v[ev->m] : PROF_ABSENT,
		ev->p != PROF_TRACE_NONE ? t->procs.v[ev->p] : PROF_ABSENT,
		id_or_absent(ev->stack, ev->stack != 0)};

	x->sites.v[ev->stack].count[PROF_KEEP_CPU]++;
	return x->sink.row(x->sink.ctx, PROF_ROWS_CPU_SAMPLE, &t->strings, v, e);
}

static void sync_event(struct prof_trace_keep *x, const struct prof_trace_event *ev)
{
	if (!x->begun)
		x->start = ev->time;
	x->begun = true;
	x->end = ev->time;
	prof_intervals_sync(&x->intervals, ev->time);
}

static int event(struct prof_trace_keep *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	switch (ev->kind) {
	case PROF_TRACE_GOROUTINE:
		return goroutine_event(x, t, ev, e);
	case PROF_TRACE_GAP:
		return close_all(x, t, ev->time, e);
	case PROF_TRACE_SYNC:
		sync_event(x, ev);
		return 0;
	case PROF_TRACE_METRIC:
		return prof_keep_metric(x, (int)ev->what, ev->time - x->start,
			ev->args[0] < INT64_MAX ? (int64_t)ev->args[0] : INT64_MAX, e);
	case PROF_TRACE_CPU_SAMPLE:
		return cpu_sample(x, t, ev, e);
	case PROF_TRACE_TASK_BEGIN:
	case PROF_TRACE_TASK_END:
	case PROF_TRACE_REGION_BEGIN:
	case PROF_TRACE_REGION_END:
	case PROF_TRACE_LOG:
	case PROF_TRACE_LABEL:
		return prof_keep_user_event(x, t, ev, e);
	default:
		return 0;
	}
}

int prof_trace_keep_batch(struct prof_trace_keep *x, const struct prof_trace *t, struct prof_err *e)
{
	int rc = reserve(x, t, e);

	for (size_t i = 0; !rc && i < t->n; i++) {
		x->events++;
		rc = event(x, t, &t->events[i], e);
	}
	return rc;
}

int prof_trace_keep_end(struct prof_trace_keep *x, struct prof_trace *t, struct prof_err *e)
{
	int rc = reserve(x, t, e); /* stacks and strings of what was lost */

	if (!rc)
		rc = close_all(x, t, x->end, e);
	if (!rc)
		rc = prof_keep_end_tasks(x, t, e);
	if (!rc)
		rc = prof_keep_groups(x, t, e);
	return rc ? rc : prof_keep_metrics(x, t, e);
}

/* What --profile calls them, and the types of their values. */
static const struct {
	const char *name, *type, *count;
} columns_of[PROF_KEEP_COLUMNS] = {
	[PROF_KEEP_SCHED] = {"sched", "sched", "sched_count"},
	[PROF_KEEP_SYNC] = {"sync", "sync", "sync_count"},
	[PROF_KEEP_NET] = {"net", "net", "net_count"},
	[PROF_KEEP_SYSCALL] = {"syscall", "syscall", "syscall_count"},
	[PROF_KEEP_BLOCK] = {"block", "blocked", "blocked_count"},
	[PROF_KEEP_RUNNING] = {"running", "running", "running_count"},
	[PROF_KEEP_CPU] = {"cpu", "cpu_samples", "cpu_samples"},
};

/* The column that the first len bytes of `name` are; PROF_KEEP_COLUMNS: none. */
static int column(const char *name, size_t len)
{
	int c = 0;

	while (c < PROF_KEEP_COLUMNS &&
		(strncmp(columns_of[c].name, name, len) != 0 || columns_of[c].name[len] != '\0'))
		c++;
	return c;
}

int prof_trace_keep_choose(const char *list, unsigned *columns, struct prof_err *e)
{
	*columns = list ? 0 : (1u << PROF_KEEP_COLUMNS) - 1;
	while (list) {
		size_t len = strcspn(list, ",");
		int c = column(list, len);

		if (!len || c == PROF_KEEP_COLUMNS)
			return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
				"an archive keeps no profile '%.*s' of a trace (running, sched, "
				"sync, net, syscall, block or cpu)",
				len > 40 ? 40 : (int)len, list);
		*columns |= 1u << c;
		list = list[len] ? list + len + 1 : NULL;
	}
	return 0;
}

const char *prof_trace_keep_type(const char *name)
{
	int c = column(name, strlen(name));

	return c < PROF_KEEP_COLUMNS ? columns_of[c].type : NULL;
}

static bool is_type(struct prof_str type)
{
	for (int c = 0; c < PROF_KEEP_COLUMNS; c++)
		if (prof_str_eq(type, prof_str_of(columns_of[c].type)) ||
			prof_str_eq(type, prof_str_of(columns_of[c].count)))
			return true;
	return false;
}

bool prof_trace_keep_made(const struct prof_profile *p)
{
	for (size_t i = 0; i < p->types.n; i++)
		if (!is_type(prof_profile_str(p, p->types.v[i].type)))
			return false;
	return p->types.n && p->default_type && is_type(prof_profile_str(p, p->default_type));
}

/* CPU samples, then a count and the ns of each of the others; running is what counts, where it is
 * there.
 */
static int build_types(struct prof_build *b, unsigned columns)
{
	const char *types[PROF_KEEP_TIMES * 2 + 1][2];
	const char *first = columns_of[PROF_KEEP_CPU].type;
	size_t n = 0;
	int rc;

	if (columns >> PROF_KEEP_CPU & 1) {
		types[n][0] = columns_of[PROF_KEEP_CPU].count;
		types[n++][1] = "count";
	}
	for (int c = PROF_KEEP_TIMES; c-- > 0;)
		if (columns >> c & 1)
			first = columns_of[c].type;
	for (int c = 0; c < PROF_KEEP_TIMES; c++) {
		if (!(columns >> c & 1))
			continue;
		types[n][0] = columns_of[c].count;
		types[n++][1] = "count";
		types[n][0] = columns_of[c].type;
		types[n++][1] = "nanoseconds";
	}
	if (columns >> PROF_KEEP_RUNNING & 1)
		first = columns_of[PROF_KEEP_RUNNING].type;
	rc = prof_build_types(b, types, n);
	return rc ? rc : prof_build_text(b, first, &b->p->default_type);
}

static int build(struct prof_build *b, const struct prof_trace_keep *x, const struct prof_trace *t,
	unsigned columns)
{
	int rc = build_types(b, columns);

	for (uint32_t i = 0; !rc && i + 1 < t->stack_start.n; i++) {
		const struct prof_keep_site *s = &x->sites.v[i];
		int64_t values[PROF_KEEP_TIMES * 2 + 1];
		size_t n = 0;
		uint32_t stack;

		if (columns >> PROF_KEEP_CPU & 1)
			values[n++] = s->count[PROF_KEEP_CPU];
		for (int c = 0; c < PROF_KEEP_TIMES; c++) {
			if (!(columns >> c & 1))
				continue;
			values[n++] = s->count[c];
			values[n++] = s->ns[c];
		}
		rc = prof_trace_build_stack(b, t, i, &stack);
		if (!rc)
			rc = prof_build_sample(b, stack, 0, values);
	}
	return rc;
}

int prof_trace_keep_profile(const struct prof_trace_keep *x, const struct prof_trace *t,
	unsigned columns, struct prof_profile **out, struct prof_err *e)
{
	struct prof_profile *p = prof_profile_new(&t->limits, e);
	struct prof_build b;
	int rc;

	if (!p)
		return e ? e->code : PROF_ENOMEM;
	prof_build_init(&b, p, &t->limits, e);
	rc = build(&b, x, t, columns);
	prof_build_fini(&b);
	if (rc) {
		prof_profile_free(p);
		return rc;
	}
	p->duration_ns = x->end - x->start;
	p->time_ns = prof_trace_wall_time(t, x->start);
	*out = p;
	return 0;
}
