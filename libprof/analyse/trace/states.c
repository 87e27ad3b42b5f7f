#include "libprof/analyse/trace/states.h"

#include <string.h>

void prof_trace_states_init(
	struct prof_trace_states *x, struct prof_mem *mem, int64_t from, int64_t to)
{
	*x = (struct prof_trace_states){.mem = mem, .from = from, .to = to};
	prof_intervals_init(&x->intervals, mem);
	prof_map64_init(&x->callback_of, mem);
}

void prof_trace_states_fini(struct prof_trace_states *x)
{
	prof_intervals_fini(&x->intervals);
	for (int i = 0; i <= PROF_G_SYSCALL; i++)
		prof_hist_fini(&x->states[i], x->mem);
	for (size_t i = 0; i < x->reasons.n; i++)
		prof_hist_fini(&x->reasons.v[i].waits, x->mem);
	prof_vec_fini(x->mem, &x->reasons);
	prof_vec_fini(x->mem, &x->reason_of);
	prof_vec_fini(x->mem, &x->procs);
	prof_vec_fini(x->mem, &x->not_run);
	prof_map64_fini(&x->callback_of);
	prof_vec_fini(x->mem, &x->callbacks);
	prof_vec_fini(x->mem, &x->callback_at);
}

enum prof_trace_profile prof_trace_reason_profile(struct prof_str reason)
{
	if (prof_str_eq(reason, PROF_STR("network")))
		return PROF_WAITS_NET;
	if (prof_str_contains(reason, "chan") || prof_str_contains(reason, "sync") ||
		prof_str_contains(reason, "select"))
		return PROF_WAITS_SYNC;
	return PROF_WAITS_NONE;
}

int prof_trace_states_reserve(
	struct prof_trace_states *x, const struct prof_trace *t, struct prof_err *e)
{
	int rc = prof_intervals_reserve(&x->intervals, t, e);

	if (!rc && x->not_run.n < t->goroutines.n)
		rc = prof_vec_reserve(x->mem, &x->not_run, t->goroutines.n - x->not_run.n, e);
	if (!rc && x->callback_at.n < t->goroutines.n)
		rc = prof_vec_reserve(
			x->mem, &x->callback_at, t->goroutines.n - x->callback_at.n, e);
	if (!rc && x->procs.n < t->procs.n)
		rc = prof_vec_reserve(x->mem, &x->procs, t->procs.n - x->procs.n, e);
	if (rc)
		return rc;
	while (x->not_run.n < t->goroutines.n)
		x->not_run.v[x->not_run.n++] = (struct prof_trace_total){0};
	while (x->callback_at.n < t->goroutines.n)
		x->callback_at.v[x->callback_at.n++] = PROF_NONE;
	while (x->procs.n < t->procs.n)
		x->procs.v[x->procs.n++] = (struct prof_interval){.state = PROF_P_UNDETERMINED};
	return 0;
}

/* The reason by a string's id, made when it is new. */
static int reason_of(struct prof_trace_states *x, const struct prof_trace *t, uint32_t name,
	struct prof_trace_reason **out, struct prof_err *e)
{
	int rc;

	if (x->reason_of.n <= name) {
		rc = prof_vec_reserve(x->mem, &x->reason_of, name + (size_t)1 - x->reason_of.n, e);
		if (rc)
			return rc;
		while (x->reason_of.n <= name)
			x->reason_of.v[x->reason_of.n++] = PROF_NONE;
	}
	if (x->reason_of.v[name] == PROF_NONE) {
		rc = prof_vec_reserve(x->mem, &x->reasons, 1, e);
		if (rc)
			return rc;
		x->reason_of.v[name] = (uint32_t)x->reasons.n;
		x->reasons.v[x->reasons.n++] = (struct prof_trace_reason){.name = name,
			.profile = prof_trace_reason_profile(prof_strtab_get(&t->strings, name))};
	}
	*out = &x->reasons.v[x->reason_of.v[name]];
	return 0;
}

/* How much of [begin, end) counts; -1: none. */
static int64_t clip(const struct prof_trace_states *x, int64_t begin, int64_t end)
{
	begin = begin > x->from ? begin : x->from;
	end = end < x->to ? end : x->to;
	return end >= begin ? end - begin : -1;
}

/* A goroutine was created: by a cgo callback, or not. */
static int set_callback(struct prof_trace_states *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	uint64_t id = (uint64_t)t->goroutines.v[ev->subject];
	uint32_t i;
	int rc;

	x->callback_at.v[ev->subject] = PROF_NONE;
	if (ev->to != PROF_G_SYSCALL)
		return 0;
	i = prof_map64_get(&x->callback_of, id);
	if (i == PROF_NONE) {
		i = (uint32_t)x->callbacks.n;
		rc = prof_vec_reserve(x->mem, &x->callbacks, 1, e);
		if (!rc)
			rc = prof_map64_add(&x->callback_of, id, i, e);
		if (rc)
			return rc;
		x->callbacks.n++;
	}
	x->callbacks.v[i] = (struct prof_trace_callback){0};
	x->callback_at.v[ev->subject] = i;
	return 0;
}

/* Where what belongs to a goroutine is summed up. */
static struct prof_trace_total *profiles_of(struct prof_trace_states *x, uint32_t g)
{
	uint32_t i = x->callback_at.v[g];

	return i == PROF_NONE ? x->profiles : x->callbacks.v[i].profiles;
}

/* As `go tool trace -pprof` has it. */
static inline void add_profile(struct prof_trace_states *x, const struct prof_interval *iv,
	enum prof_trace_profile profile)
{
	int64_t ns = clip(x, iv->seen, iv->end);
	struct prof_trace_total *total;

	if (iv->open || ns <= 0)
		return;
	if (iv->ran)
		total = &profiles_of(x, iv->g)[profile];
	else if (iv->state == PROF_G_SYSCALL)
		total = &x->not_run.v[iv->g];
	else
		return;
	total->count++;
	total->ns += ns;
}

static inline int add(struct prof_trace_states *x, const struct prof_trace *t,
	const struct prof_interval *iv, struct prof_err *e)
{
	static const uint8_t profiles[] = {[PROF_G_RUNNABLE] = PROF_WAITS_SCHED,
		[PROF_G_RUNNING] = PROF_WAITS_NONE,
		[PROF_G_SYSCALL] = PROF_WAITS_SYSCALL};
	enum prof_trace_profile profile = profiles[iv->state];
	struct prof_hist *hist = &x->states[iv->state];
	int64_t ns = clip(x, iv->begin, iv->end);
	struct prof_trace_reason *reason;
	int rc;

	if (ns < 0)
		return 0;
	if (iv->state == PROF_G_WAITING) {
		rc = reason_of(x, t, iv->reason, &reason, e);
		if (rc)
			return rc;
		hist = &reason->waits;
		profile = reason->profile;
		x->waiting_ns += ns;
	}
	add_profile(x, iv, profile);
	return prof_hist_add(hist, x->mem, (uint64_t)ns, e);
}

/* A goroutine is gone, or never ran before the trace was over: what it did counts. */
static void settle(struct prof_trace_states *x, uint32_t g, bool ran)
{
	if (!ran) {
		struct prof_trace_total *profiles = profiles_of(x, g);

		profiles[PROF_WAITS_SYSCALL].count += x->not_run.v[g].count;
		profiles[PROF_WAITS_SYSCALL].ns += x->not_run.v[g].ns;
	}
	x->not_run.v[g] = (struct prof_trace_total){0};
}

static void proc_event(struct prof_trace_states *x, const struct prof_trace_event *ev)
{
	struct prof_interval *now = &x->procs.v[ev->subject];
	int64_t ns = clip(x, now->begin, ev->time);

	if (now->state > PROF_P_NOT_EXIST && ns > 0)
		x->proc_ns[now->state] += ns;
	now->begin = now->state == PROF_P_UNDETERMINED && ev->from == PROF_P_UNDETERMINED
			     ? x->intervals.start
			     : ev->time;
	now->state = ev->to;
}

static inline int goroutine_event(struct prof_trace_states *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	struct prof_trace_reason *reason;
	const struct prof_interval *iv;
	bool ran;
	int rc = ev->from == PROF_G_NOT_EXIST ? set_callback(x, t, ev, e) : 0;

	iv = prof_intervals_leave(&x->intervals, ev);
	ran = iv && iv->ran;
	if (!rc && iv)
		rc = add(x, t, iv, e);
	prof_intervals_enter(&x->intervals, ev);
	if (rc || ev->from == ev->to)
		return rc;
	if (ev->to == PROF_G_WAITING && ev->time >= x->from && ev->time < x->to) {
		rc = reason_of(x, t, ev->name, &reason, e);
		if (!rc)
			reason->entered++;
	} else if (ev->to == PROF_G_NOT_EXIST || ev->from <= PROF_G_NOT_EXIST) {
		settle(x, ev->subject, ev->to != PROF_G_NOT_EXIST || ran);
	}
	return rc;
}

int prof_trace_states_event(struct prof_trace_states *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	if (ev->kind == PROF_TRACE_GOROUTINE)
		return goroutine_event(x, t, ev, e);
	if (ev->kind == PROF_TRACE_PROC)
		proc_event(x, ev);
	else if (ev->kind == PROF_TRACE_SYNC)
		prof_intervals_sync(&x->intervals, ev->time);
	else if (ev->kind == PROF_TRACE_GAP)
		return prof_trace_states_end(x, t, ev->time, e);
	return 0;
}

int prof_trace_states_end(
	struct prof_trace_states *x, const struct prof_trace *t, int64_t time, struct prof_err *e)
{
	while (prof_intervals_close(&x->intervals, time)) {
		int rc = add(x, t, &x->intervals.last, e);

		if (rc)
			return rc;
		settle(x, x->intervals.last.g, x->intervals.last.ran);
	}
	for (size_t i = 0; i < x->callbacks.n; i++)
		for (int j = 0; j <= PROF_WAITS_NONE; j++) {
			x->profiles[j].count += x->callbacks.v[i].profiles[j].count;
			x->profiles[j].ns += x->callbacks.v[i].profiles[j].ns;
			x->callbacks.v[i].profiles[j] = (struct prof_trace_total){0};
		}
	for (size_t i = 0; i < x->procs.n; i++) {
		struct prof_interval *now = &x->procs.v[i];
		int64_t ns = clip(x, now->begin, time);

		if (now->state > PROF_P_NOT_EXIST && ns > 0)
			x->proc_ns[now->state] += ns;
		now->state = PROF_P_UNDETERMINED;
	}
	return 0;
}
