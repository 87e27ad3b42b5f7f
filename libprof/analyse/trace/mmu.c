#include "libprof/analyse/trace/mmu.h"

#include "libprof/analyse/trace/mmu_impl.h"

enum {
	SET_STW,
	SET_MARK, /* and background workers, assists */
	SET_SWEEP, /* and sweeps */
	SET_PROC, /* SET_MARK of each proc */
	MAX_PROCS = 1024, /* more are not looked at */
	MAX_SERIES = 1 << 16, /* GOMAXPROCS changes no more often than that makes */
};

const char *const prof_mmu_set_names[PROF_MMU_SETS] = {"stw", "stw|background|assist",
	"stw|background|assist|sweep", "stw|background|assist|perProc"};

void prof_trace_mmu_init(struct prof_trace_mmu *x, struct prof_mem *mem, int64_t from, int64_t to)
{
	*x = (struct prof_trace_mmu){.mem = mem, .from = from, .to = to};
	for (int i = 0; i < PROF_MMU_SETS; i++)
		for (int j = 0; j < PROF_MMU_WINDOWS; j++)
			x->mmu[i][j] = 1;
	for (int i = 0; i < SET_PROC; i++)
		prof_mmu_series_init(&x->sets[i], i > SET_STW);
}

void prof_trace_mmu_fini(struct prof_trace_mmu *x)
{
	for (int i = 0; i < SET_PROC; i++)
		prof_mmu_series_fini(&x->sets[i], x->mem);
	for (size_t i = 0; i < x->series.n; i++)
		prof_mmu_series_fini(&x->series.v[i], x->mem);
	prof_vec_fini(x->mem, &x->series);
	prof_vec_fini(x->mem, &x->procs);
	prof_vec_fini(x->mem, &x->history);
	prof_vec_fini(x->mem, &x->goroutines);
}

int prof_trace_mmu_reserve(struct prof_trace_mmu *x, const struct prof_trace *t, struct prof_err *e)
{
	int rc;

	if (x->goroutines.n >= t->goroutines.n)
		return 0;
	rc = prof_vec_reserve(x->mem, &x->goroutines, t->goroutines.n - x->goroutines.n, e);
	while (!rc && x->goroutines.n < t->goroutines.n)
		x->goroutines.v[x->goroutines.n++] = 0;
	return rc;
}

static int64_t clamp(const struct prof_trace_mmu *x, int64_t time)
{
	time = time < x->to ? time : x->to;
	return time > x->from ? time : x->from;
}

static double set_util(const struct prof_trace_mmu *x, int set)
{
	uint64_t busy = x->stw ? x->procs_count : x->busy[set];

	return 1 - (double)busy / (double)x->procs_count;
}

/* A time outside of [from, to) adds nothing but the state that it leaves. */
static int add(struct prof_trace_mmu *x, struct prof_mmu_series *s, int64_t time, double util,
	struct prof_err *e)
{
	if (time >= x->to)
		return 0;
	return prof_mmu_series_add(s, x->mem, clamp(x, time), util, e);
}

/* The utilisation after an event that may have changed it. */
static int update(struct prof_trace_mmu *x, int64_t time, struct prof_err *e)
{
	int rc = 0;

	for (int i = 0; !rc && i < SET_PROC; i++)
		rc = add(x, &x->sets[i], time, set_util(x, i), e);
	return rc;
}

static int update_proc(
	struct prof_trace_mmu *x, struct prof_mmu_proc *p, int64_t time, struct prof_err *e)
{
	return add(x, &x->series.v[p->series], time, x->stw || p->gc[SET_PROC] > 0 ? 0 : 1, e);
}

static int update_procs(struct prof_trace_mmu *x, int64_t time, struct prof_err *e)
{
	int rc = 0;

	for (uint64_t i = 0; !rc && i < x->procs_count; i++)
		rc = update_proc(x, &x->procs.v[i], time, e);
	return rc;
}

/* The proc that an event is on; NULL: none that counts. */
static struct prof_mmu_proc *proc_of(
	struct prof_trace_mmu *x, const struct prof_trace *t, uint32_t slot)
{
	int64_t id = slot == PROF_TRACE_NONE ? -1 : t->procs.v[slot];

	return id >= 0 && (uint64_t)id < x->procs_count ? &x->procs.v[id] : NULL;
}

static void count(struct prof_trace_mmu *x, struct prof_mmu_proc *p, int set, int by)
{
	bool before = p->gc[set] > 0;

	p->gc[set] += by;
	x->busy[set] += (p->gc[set] > 0) - before;
}

/* The collector begins or ends work on a proc, which the sets of a mask count. */
static int change(struct prof_trace_mmu *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, unsigned sets, int by, struct prof_err *e)
{
	struct prof_mmu_proc *p = proc_of(x, t, ev->p);
	int rc;

	if (!p)
		return 0;
	for (int i = 0; i < PROF_MMU_SETS; i++)
		if (sets & 1U << i)
			count(x, p, i, by);
	rc = update(x, ev->time, e);
	if (!rc && sets & 1U << SET_PROC)
		rc = update_proc(x, p, ev->time, e);
	return rc;
}

#define MARK_SETS (1U << SET_MARK | 1U << SET_SWEEP | 1U << SET_PROC)

/* Whose work a goroutine with these flags does. */
static unsigned sets_of(uint8_t flags)
{
	if (flags & PROF_MMU_ASSISTS)
		return MARK_SETS;
	if (!(flags & PROF_MMU_WORKER))
		return 0;
	return flags & PROF_MMU_DEDICATED ? MARK_SETS & ~(1U << SET_PROC) : MARK_SETS;
}

int prof_trace_mmu_runs(struct prof_trace_mmu *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	bool before = ev->from == PROF_G_RUNNING || ev->from == PROF_G_SYSCALL;
	bool after = ev->to == PROF_G_RUNNING || ev->to == PROF_G_SYSCALL;

	if (before == after)
		return 0;
	return change(x, t, ev, sets_of(x->goroutines.v[ev->subject]), after ? 1 : -1, e);
}

/* GOMAXPROCS: series of procs that go end, those that come begin. */
static int set_procs(struct prof_trace_mmu *x, int64_t time, uint64_t n, struct prof_err *e)
{
	int rc = 0;

	n = n < MAX_PROCS && x->series.n < MAX_SERIES ? n : 0;
	for (; !rc && x->procs_count > n; x->procs_count--) {
		struct prof_mmu_proc *p = &x->procs.v[x->procs_count - 1];

		for (int i = 0; i < PROF_MMU_SETS; i++)
			x->busy[i] -= p->gc[i] > 0;
		rc = prof_mmu_series_end(
			&x->series.v[p->series], x->mem, clamp(x, time), x->mmu[SET_PROC], e);
	}
	if (!rc)
		rc = prof_vec_reserve(x->mem, &x->procs, n, e);
	for (; !rc && x->procs_count < n; x->procs_count++) {
		rc = prof_vec_reserve(x->mem, &x->series, 1, e);
		if (rc)
			return rc;
		x->procs.v[x->procs_count] = (struct prof_mmu_proc){
			.series = (uint32_t)x->series.n};
		prof_mmu_series_init(&x->series.v[x->series.n++], false);
		rc = add(x, &x->series.v[x->series.n - 1], time, 1, e);
	}
	if (!rc && (!x->history.n || x->history.v[x->history.n - 1].n != n) && x->sets[1].hold) {
		rc = prof_vec_reserve(x->mem, &x->history, 1, e);
		if (!rc)
			x->history.v[x->history.n++] = (struct prof_mmu_procs){time, n};
	}
	return rc;
}

/* Something was going on since the trace began, which is learnt only now: a proc less in each step
 * until now.
 */
static void lower(struct prof_trace_mmu *x, struct prof_mmu_series *s)
{
	size_t at = 0;

	for (size_t i = 0; i < s->held.n; i++) {
		struct prof_mmu_step *step = &s->held.v[i];

		while (at + 1 < x->history.n && x->history.v[at + 1].time < step->time)
			at++;
		step->util -= 1 / (double)x->history.v[at].n;
		step->util = step->util < 0 ? 0 : step->util;
	}
}

static int range(struct prof_trace_mmu *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	bool active = ev->kind == PROF_TRACE_RANGE_ACTIVE;
	int by = ev->kind == PROF_TRACE_RANGE_END ? -1 : 1;
	uint8_t *flags;

	if (active && x->syncs > 1)
		return 0;
	if (ev->what == PROF_RANGE_GC_SWEEP) {
		if (active)
			lower(x, &x->sets[SET_SWEEP]);
		return change(x, t, ev, 1U << SET_SWEEP, by, e);
	}
	flags = ev->subject == PROF_TRACE_NONE ? NULL : &x->goroutines.v[ev->subject];
	if (!flags)
		return 0;
	if (active && ev->g != PROF_TRACE_NONE && x->goroutines.v[ev->g] & PROF_MMU_EXECUTES) {
		lower(x, &x->sets[SET_MARK]);
		lower(x, &x->sets[SET_SWEEP]);
	}
	*flags = (uint8_t)(by > 0 ? *flags | PROF_MMU_ASSISTS : *flags & ~PROF_MMU_ASSISTS);
	return change(x, t, ev, MARK_SETS, by, e);
}

static bool is_gc(const struct prof_trace *t, uint32_t name)
{
	struct prof_str s = prof_strtab_get(&t->strings, name);

	for (uint32_t i = 0; i + 1 < s.len; i++)
		if (s.p[i] == 'G' && s.p[i + 1] == 'C')
			return true;
	return false;
}

static int stop_world(struct prof_trace_mmu *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	int rc;

	if (!is_gc(t, ev->name))
		return 0;
	if (ev->kind == PROF_TRACE_RANGE_END)
		x->stw -= x->stw > 0;
	else
		x->stw++;
	rc = update(x, ev->time, e);
	return rc ? rc : update_procs(x, ev->time, e);
}

/* A worker of the collector says what it is, each time that it starts. */
static int label(struct prof_trace_mmu *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	struct prof_str s = prof_strtab_get(&t->strings, ev->name);
	uint8_t flags = PROF_MMU_WORKER;

	if (!prof_str_has_prefix(s, "GC ") || prof_str_eq(s, PROF_STR("GC (idle)")) ||
		ev->subject == PROF_TRACE_NONE)
		return 0;
	if (prof_str_eq(s, PROF_STR("GC (dedicated)")))
		flags |= PROF_MMU_DEDICATED;
	x->goroutines.v[ev->subject] |= flags;
	return change(x, t, ev, sets_of(flags), 1, e);
}

int prof_trace_mmu_event(struct prof_trace_mmu *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	int rc = 0;

	if (ev->kind == PROF_TRACE_SYNC && ++x->syncs == 2)
		for (int i = 0; !rc && i < SET_PROC; i++)
			rc = prof_mmu_series_release(&x->sets[i], x->mem, e);
	if (!rc && ev->kind == PROF_TRACE_METRIC && ev->what == PROF_METRIC_PROCS) {
		rc = set_procs(x, ev->time, ev->args[0], e);
		if (!rc && x->procs_count)
			rc = update(x, ev->time, e);
	}
	if (rc || !x->procs_count)
		return rc;
	switch (ev->kind) {
	case PROF_TRACE_GOROUTINE:
		return prof_trace_mmu_goroutine(x, t, ev, e);
	case PROF_TRACE_RANGE_BEGIN:
	case PROF_TRACE_RANGE_ACTIVE:
	case PROF_TRACE_RANGE_END:
		if (ev->what == PROF_RANGE_GC_MARK)
			return 0;
		return ev->what == PROF_RANGE_STW ? stop_world(x, t, ev, e) : range(x, t, ev, e);
	case PROF_TRACE_LABEL:
		return label(x, t, ev, e);
	default:
		return 0;
	}
}

int prof_trace_mmu_end(struct prof_trace_mmu *x, int64_t time, struct prof_err *e)
{
	int rc = 0;

	time = clamp(x, time);
	for (int i = 0; !rc && i < SET_PROC; i++)
		if (x->procs_count)
			rc = prof_mmu_series_end(&x->sets[i], x->mem, time, x->mmu[i], e);
	for (size_t i = 0; !rc && i < x->series.n; i++) {
		struct prof_mmu_series *s = &x->series.v[i];

		if (!s->ended)
			rc = prof_mmu_series_end(s, x->mem, time, x->mmu[SET_PROC], e);
	}
	return rc;
}
