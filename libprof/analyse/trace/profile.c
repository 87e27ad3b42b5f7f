#include "libprof/analyse/trace/profile.h"

#include <string.h>

#include "libprof/base/buf.h"

enum { RUNNING, SCHED, SYNC, NET, SYSCALL, CPU, BLOCK, ASSIST, SWEEP, STW, N_KINDS };

static const char *const kind_names[N_KINDS] = {
	"running", "sched", "sync", "net", "syscall", "cpu", "block", "assist", "sweep", "stw"};

static const uint8_t kind_states[N_KINDS] = {[RUNNING] = PROF_G_RUNNING,
	[SCHED] = PROF_G_RUNNABLE,
	[SYNC] = PROF_G_WAITING,
	[NET] = PROF_G_WAITING,
	[SYSCALL] = PROF_G_SYSCALL,
	[BLOCK] = PROF_G_WAITING};

static bool is_of_ranges(const struct prof_trace_folding *x)
{
	return x->kind >= ASSIST;
}

void prof_trace_profile_opts_init(struct prof_trace_profile_opts *opts)
{
	*opts = (struct prof_trace_profile_opts){.profile = NULL};
	prof_trace_opts_init(&opts->range);
}

int prof_trace_folding_init(struct prof_trace_folding *x, struct prof_mem *mem,
	const struct prof_trace_profile_opts *opts, struct prof_err *e)
{
	*x = (struct prof_trace_folding){.mem = mem, .opts = *opts};
	prof_intervals_init(&x->intervals, mem);
	for (x->kind = 0; opts->profile && x->kind < N_KINDS; x->kind++)
		if (strcmp(opts->profile, kind_names[x->kind]) == 0)
			break;
	if (x->kind == N_KINDS)
		return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
			"a trace has no profile '%s' (running, sched, sync, net, syscall, cpu, "
			"block, assist, sweep, stw)",
			opts->profile);
	prof_range_sites_init(&x->ranges, mem,
		x->kind == SWEEP ? PROF_RANGE_GC_SWEEP
		: x->kind == STW ? PROF_RANGE_STW
				 : PROF_RANGE_GC_ASSIST);
	return 0;
}

void prof_trace_folding_fini(struct prof_trace_folding *x)
{
	prof_intervals_fini(&x->intervals);
	prof_range_sites_fini(&x->ranges);
	prof_vec_fini(x->mem, &x->sites);
	prof_vec_fini(x->mem, &x->reasons);
	prof_vec_fini(x->mem, &x->entries);
	prof_vec_fini(x->mem, &x->not_run);
	prof_vec_fini(x->mem, &x->not_run_stack);
}

/* Makes a vector n long, its new elements all zero. */
#define GROW(x, vec, len, e) \
	((vec)->n >= (len) ? 0 \
			   : grow((x)->mem, (vec), sizeof(*(vec)->v), (len), \
				     prof_vec_reserve((x)->mem, (vec), (len) - (vec)->n, (e))))

static int grow(struct prof_mem *mem, void *vec, size_t size, size_t n, int rc)
{
	struct {
		char *v;
		size_t n, cap;
	} *any = vec;

	(void)mem;
	if (rc)
		return rc;
	memset(any->v + any->n * size, 0, (n - any->n) * size);
	any->n = n;
	return 0;
}

static int reserve(struct prof_trace_folding *x, const struct prof_trace *t, struct prof_err *e)
{
	size_t goroutines = t->goroutines.n, stacks = t->stack_start.n;
	int rc = prof_intervals_reserve(&x->intervals, t, e);

	if (is_of_ranges(x))
		return rc ? rc : prof_range_sites_reserve(&x->ranges, t, e);
	if (!rc)
		rc = GROW(x, &x->sites, stacks, e);
	if (!rc)
		rc = GROW(x, &x->reasons, t->strings.strs.n, e);
	if (!rc)
		rc = GROW(x, &x->entries, goroutines, e);
	if (!rc)
		rc = GROW(x, &x->not_run, goroutines, e);
	return rc ? rc : GROW(x, &x->not_run_stack, goroutines, e);
}

/* Whether waits for a reason belong to the profile. */
static bool belongs(struct prof_trace_folding *x, const struct prof_trace *t, uint32_t reason)
{
	enum prof_trace_profile profile;

	if (x->kind == BLOCK)
		return true;
	if (!x->reasons.v[reason]) {
		profile = prof_trace_reason_profile(prof_strtab_get(&t->strings, reason));
		x->reasons.v[reason] = 1 + (profile == (x->kind == NET ? PROF_WAITS_NET
								       : PROF_WAITS_SYNC));
	}
	return x->reasons.v[reason] > 1;
}

static void add_site(struct prof_trace_folding *x, uint32_t stack, uint64_t count, int64_t ns)
{
	x->sites.v[stack].count += count;
	x->sites.v[stack].ns += ns;
}

/* Go counts from when it met the goroutine, what ended, and nothing before a first run. */
static void add_go(struct prof_trace_folding *x, const struct prof_interval *iv, int64_t ns)
{
	if (iv->open || ns <= 0)
		return;
	if (iv->ran) {
		add_site(x, iv->stack, 1, ns);
	} else {
		x->not_run.v[iv->g].count++;
		x->not_run.v[iv->g].ns += ns;
		x->not_run_stack.v[iv->g] = iv->stack;
	}
}

static void add(struct prof_trace_folding *x, const struct prof_trace *t,
	const struct prof_interval *iv, uint32_t end_stack)
{
	int64_t begin = x->opts.go_compatible ? iv->seen : iv->begin, end = iv->end;

	if (iv->state != kind_states[x->kind] ||
		(iv->state == PROF_G_WAITING && !belongs(x, t, iv->reason)))
		return;
	begin = begin > x->from ? begin : x->from;
	end = end < x->to ? end : x->to;
	if (end < begin)
		return;
	if (x->kind == RUNNING)
		add_site(x, end_stack ? end_stack : x->entries.v[iv->g], 1, end - begin);
	else if (x->opts.go_compatible)
		add_go(x, iv, end - begin);
	else
		add_site(x, iv->stack, 1, end - begin);
}

static void settle(struct prof_trace_folding *x, uint32_t g, bool ran)
{
	if (!ran)
		add_site(x, x->not_run_stack.v[g], x->not_run.v[g].count, x->not_run.v[g].ns);
	x->not_run.v[g] = (struct prof_trace_site){0};
}

static void goroutine_event(
	struct prof_trace_folding *x, const struct prof_trace *t, const struct prof_trace_event *ev)
{
	const struct prof_interval *iv = prof_intervals_leave(&x->intervals, ev);
	bool ran = iv && iv->ran;

	if (iv)
		add(x, t, iv, ev->stack);
	prof_intervals_enter(&x->intervals, ev);
	if (ev->from == PROF_G_NOT_EXIST)
		x->entries.v[ev->subject] = ev->subject_stack;
	else if (ev->from == PROF_G_UNDETERMINED)
		x->entries.v[ev->subject] = 0;
	if (ev->to == PROF_G_NOT_EXIST)
		settle(x, ev->subject, ran);
	else if (ev->to == PROF_G_RUNNING)
		settle(x, ev->subject, true);
}

static int64_t later(int64_t start, int64_t ns)
{
	return ns > INT64_MAX - start ? INT64_MAX : start + ns;
}

static void sync_event(struct prof_trace_folding *x, const struct prof_trace_event *ev)
{
	if (!x->begun) {
		x->begun = true;
		x->start = ev->time;
		x->from = later(ev->time, x->opts.range.from);
		x->to = x->opts.range.to < 0 ? INT64_MAX : later(ev->time, x->opts.range.to);
		x->ranges.from = x->from;
		x->ranges.to = x->to;
		x->ranges.start = ev->time;
	}
	x->end = ev->time;
	prof_intervals_sync(&x->intervals, ev->time);
}

static void ranges_event(struct prof_trace_folding *x, const struct prof_trace_event *ev, int *rc,
	struct prof_err *e)
{
	if (ev->kind == PROF_TRACE_RANGE_BEGIN || ev->kind == PROF_TRACE_RANGE_ACTIVE ||
		ev->kind == PROF_TRACE_RANGE_END) {
		*rc = prof_range_sites_event(&x->ranges, ev, e);
	} else if (ev->kind == PROF_TRACE_GAP) {
		*rc = prof_range_sites_close(&x->ranges, x->end, e);
		x->ranges.start = ev->time;
	} else if (ev->kind == PROF_TRACE_SYNC) {
		sync_event(x, ev);
	}
}

static void close_all(struct prof_trace_folding *x, const struct prof_trace *t, int64_t time)
{
	while (prof_intervals_close(&x->intervals, time)) {
		add(x, t, &x->intervals.last, x->intervals.last.stack);
		settle(x, x->intervals.last.g, x->intervals.last.ran);
	}
}

int prof_trace_folding_batch(
	struct prof_trace_folding *x, const struct prof_trace *t, struct prof_err *e)
{
	int rc = reserve(x, t, e);

	for (size_t i = 0; !rc && i < t->n; i++) {
		const struct prof_trace_event *ev = &t->events[i];

		if (is_of_ranges(x))
			ranges_event(x, ev, &rc, e);
		else if (ev->kind == PROF_TRACE_GOROUTINE)
			goroutine_event(x, t, ev);
		else if (ev->kind == PROF_TRACE_SYNC)
			sync_event(x, ev);
		else if (ev->kind == PROF_TRACE_GAP)
			close_all(x, t, ev->time);
		else if (ev->kind == PROF_TRACE_CPU_SAMPLE && x->kind == CPU &&
			 ev->time >= x->from && ev->time < x->to)
			add_site(x, ev->stack, 1, 0);
	}
	return rc;
}

int prof_trace_build_stack(
	struct prof_build *b, const struct prof_trace *t, uint32_t id, uint32_t *out)
{
	static const struct prof_trace_frame none = {0};
	const struct prof_trace_frame *frames;
	size_t n = prof_trace_known_stack(t, id, &frames);
	PROF_VEC(uint32_t) locations = {0};
	bool known = n > 0;
	int rc;

	if (!known) {
		frames = &none;
		n = 1;
	}
	rc = prof_vec_reserve(&b->p->mem, &locations, n, b->e);
	for (size_t i = 0; !rc && i < n; i++) {
		struct prof_line line = {.line = (int64_t)frames[i].line};
		struct prof_str function = prof_strtab_get(&t->strings, frames[i].function);
		struct prof_str file = prof_strtab_get(&t->strings, frames[i].file);
		uint32_t name, in;

		if (!known)
			function = PROF_STR("[no stack]");
		rc = prof_build_string(b, function.p, function.len, &name);
		if (!rc)
			rc = prof_build_string(b, file.p, file.len, &in);
		if (!rc)
			rc = prof_build_function(b, name, in, 0, &line.function);
		if (!rc)
			rc = prof_build_location(
				b, frames[i].pc, PROF_NONE, &line, 1, &locations.v[i]);
	}
	if (!rc)
		rc = prof_build_stack(b, locations.v, n, out);
	prof_vec_fini(&b->p->mem, &locations);
	return rc;
}

static int build(
	struct prof_build *b, const struct prof_trace_folding *x, const struct prof_trace *t)
{
	static const char *const waits[][2] = {{"contentions", "count"}, {"delay", "nanoseconds"}};
	static const char *const running[][2] = {
		{"stretches", "count"}, {"running", "nanoseconds"}};
	static const char *const cpu[][2] = {{"samples", "count"}};
	int rc = prof_build_types(b,
		x->kind == RUNNING ? running
		: x->kind == CPU   ? cpu
				   : waits,
		x->kind == CPU ? 1 : 2);

	for (uint32_t i = 0; !rc && i < x->sites.n; i++) {
		int64_t values[] = {(int64_t)x->sites.v[i].count, x->sites.v[i].ns};
		uint32_t stack;

		if (!values[0])
			continue;
		rc = prof_trace_build_stack(b, t, i, &stack);
		if (!rc)
			rc = prof_build_sample(b, stack, 0, values);
	}
	return rc;
}

/* The label set {"reason": why}; 0 where there is none. */
static int reason_label(
	struct prof_build *b, const struct prof_trace *t, uint32_t reason, uint32_t *out)
{
	struct prof_str s = prof_strtab_get(&t->strings, reason);
	struct prof_label l = {.is_str = true};
	int rc;

	*out = 0;
	if (!s.len)
		return 0;
	rc = prof_build_string(b, "reason", 6, &l.key);
	if (!rc)
		rc = prof_build_string(b, s.p, s.len, &l.str);
	return rc ? rc : prof_profile_label_set(b->p, &l, 1, out, b->e);
}

static int build_ranges(
	struct prof_build *b, const struct prof_trace_folding *x, const struct prof_trace *t)
{
	static const char *const assists[][2] = {{"assists", "count"}, {"assist", "nanoseconds"}};
	static const char *const stops[][2] = {{"stops", "count"}, {"stopped", "nanoseconds"}};
	static const char *const sweeps[][2] = {{"sweeps", "count"}, {"swept", "bytes"},
		{"reclaimed", "bytes"}, {"sweep", "nanoseconds"}};
	int rc = prof_build_types(b,
		x->kind == SWEEP ? sweeps
		: x->kind == STW ? stops
				 : assists,
		x->kind == SWEEP ? 4 : 2);

	for (size_t i = 0; !rc && i < x->ranges.sites.n; i++) {
		const struct prof_range_site *s = &x->ranges.sites.v[i];
		int64_t two[] = {(int64_t)s->count, s->ns};
		int64_t four[] = {(int64_t)s->count, s->swept_bytes, s->reclaimed_bytes, s->ns};
		uint32_t stack, labels = 0;

		rc = prof_trace_build_stack(b, t, s->stack, &stack);
		if (!rc && x->kind == STW)
			rc = reason_label(b, t, s->name, &labels);
		if (!rc)
			rc = prof_build_sample(b, stack, labels, x->kind == SWEEP ? four : two);
	}
	return rc;
}

int64_t prof_trace_wall_time(const struct prof_trace *t, int64_t time)
{
	if (!t->has_clock || t->clock.wall_s < 0 || t->clock.wall_s > INT64_MAX / 2000000000)
		return 0;
	return t->clock.wall_s * 1000000000 + t->clock.wall_ns % 1000000000 -
	       (t->clock.time - time);
}

/* What of the trace is lost, as one line; NULL: nothing. */
static int set_damage(struct prof_build *b, const struct prof_trace *t)
{
	const struct prof_trace_damage *list;
	size_t n = prof_trace_damage(t, &list);
	struct prof_buf line;
	int rc;

	if (!n)
		return 0;
	prof_buf_init(&line, NULL, NULL);
	prof_buf_printf(&line, "offset %lld: %s", (long long)list[0].offset, list[0].what);
	if (n > 1)
		prof_buf_printf(&line, " (and %zu more)", n - 1);
	rc = line.code ? prof_nomem(b->e) : prof_build_text(b, line.p, &b->p->damage);
	prof_buf_fini(&line);
	return rc;
}

int prof_trace_folding_end(struct prof_trace_folding *x, const struct prof_trace *t,
	struct prof_profile **out, struct prof_err *e)
{
	struct prof_profile *p;
	struct prof_build b;
	int64_t end;
	int rc = 0;

	if (is_of_ranges(x))
		rc = prof_range_sites_close(&x->ranges, x->end, e);
	else
		close_all(x, t, x->end);
	if (rc)
		return rc;
	p = prof_profile_new(&t->limits, e);
	if (!p)
		return e ? e->code : PROF_ENOMEM;
	prof_build_init(&b, p, &t->limits, e);
	rc = is_of_ranges(x) ? build_ranges(&b, x, t) : build(&b, x, t);
	if (!rc)
		rc = set_damage(&b, t);
	prof_build_fini(&b);
	if (rc) {
		prof_profile_free(p);
		return rc;
	}
	end = x->end < x->to ? x->end : x->to;
	p->duration_ns = end > x->from ? end - x->from : 0;
	p->time_ns = prof_trace_wall_time(t, x->from);
	*out = p;
	return 0;
}
