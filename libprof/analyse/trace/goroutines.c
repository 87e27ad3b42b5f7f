#include "libprof/analyse/trace/goroutines.h"

void prof_trace_goroutines_opts_init(struct prof_trace_goroutines_opts *opts)
{
	*opts = (struct prof_trace_goroutines_opts){.sort = PROF_PART_RUNNING, .row_count = -1};
	prof_trace_opts_init(&opts->range);
}

void prof_trace_lives_init(struct prof_trace_lives *x, struct prof_mem *mem,
	const struct prof_trace_goroutines_opts *opts)
{
	*x = (struct prof_trace_lives){.mem = mem, .opts = *opts};
	prof_trace_waits_init(&x->waits, mem);
	prof_intervals_init(&x->intervals, mem);
}

void prof_trace_lives_fini(struct prof_trace_lives *x)
{
	prof_intervals_fini(&x->intervals);
	for (size_t i = 0; i < x->groups.n; i++)
		for (int j = 0; j < PROF_PARTS; j++)
			prof_hist_fini(&x->groups.v[i].parts[j], x->mem);
	for (size_t i = 0; i < x->group_waits.n; i++)
		prof_hist_fini(&x->group_waits.v[i].hist, x->mem);
	prof_vec_fini(x->mem, &x->lives);
	prof_trace_waits_fini(&x->waits);
	prof_vec_fini(x->mem, &x->groups);
	prof_vec_fini(x->mem, &x->group_waits);
	prof_vec_fini(x->mem, &x->group_of);
	prof_vec_fini(x->mem, &x->top);
}

static int reserve(struct prof_trace_lives *x, const struct prof_trace *t, struct prof_err *e)
{
	size_t goroutines = t->goroutines.n, strings = t->strings.strs.n;
	int rc = prof_intervals_reserve(&x->intervals, t, e);

	if (!rc && x->lives.n < goroutines)
		rc = prof_vec_reserve(x->mem, &x->lives, goroutines - x->lives.n, e);
	if (!rc && x->group_of.n < strings)
		rc = prof_vec_reserve(x->mem, &x->group_of, strings - x->group_of.n, e);
	if (rc)
		return rc;
	while (x->lives.n < goroutines)
		x->lives.v[x->lives.n++] = (struct prof_trace_life){
			.assist_since = INT64_MIN, .waits = PROF_NONE};
	while (x->group_of.n < strings)
		x->group_of.v[x->group_of.n++] = 0;
	return 0;
}

static int64_t clip(const struct prof_trace_lives *x, int64_t begin, int64_t end)
{
	begin = begin > x->from ? begin : x->from;
	end = end < x->to ? end : x->to;
	return end > begin ? end - begin : 0;
}

static int add(struct prof_trace_lives *x, const struct prof_interval *iv, struct prof_err *e)
{
	static const uint8_t parts[] = {[PROF_G_RUNNABLE] = PROF_PART_RUNNABLE,
		[PROF_G_RUNNING] = PROF_PART_RUNNING,
		[PROF_G_WAITING] = PROF_PART_BLOCK,
		[PROF_G_SYSCALL] = PROF_PART_SYSCALL};
	struct prof_trace_life *life = &x->lives.v[iv->g];
	int64_t ns = clip(x, iv->begin, iv->end);

	life->ns[parts[iv->state]] += ns;
	return iv->state == PROF_G_WAITING
		       ? prof_trace_waits_add(&x->waits, &life->waits, iv->reason, 1, ns, e)
		       : 0;
}

/* The group of a function, made when it is new. */
static int group_of(struct prof_trace_lives *x, uint32_t entry, struct prof_trace_group **out,
	struct prof_err *e)
{
	int rc;

	if (!x->group_of.v[entry]) {
		rc = prof_vec_reserve(x->mem, &x->groups, 1, e);
		if (rc)
			return rc;
		x->groups.v[x->groups.n++] = (struct prof_trace_group){
			.entry = entry, .waits = PROF_NONE};
		x->group_of.v[entry] = (uint32_t)x->groups.n;
	}
	*out = &x->groups.v[x->group_of.v[entry] - 1];
	return 0;
}

static int add_group_wait(struct prof_trace_lives *x, struct prof_trace_group *g, uint32_t reason,
	int64_t ns, struct prof_err *e)
{
	uint32_t i = g->waits;
	int rc;

	while (i != PROF_NONE && x->group_waits.v[i].reason != reason)
		i = x->group_waits.v[i].next;
	if (i == PROF_NONE) {
		rc = prof_vec_reserve(x->mem, &x->group_waits, 1, e);
		if (rc)
			return rc;
		i = (uint32_t)x->group_waits.n++;
		x->group_waits.v[i] = (struct prof_trace_group_wait){
			.reason = reason, .next = g->waits};
		g->waits = i;
	}
	return prof_hist_add(&x->group_waits.v[i].hist, x->mem, (uint64_t)ns, e);
}

/* Whether `a` did less than `b`: the later one of equals. */
static bool is_less(const struct prof_trace_lives *x, const struct prof_trace_top *a,
	const struct prof_trace_top *b)
{
	int64_t m = a->life.ns[x->opts.sort], n = b->life.ns[x->opts.sort];

	return m != n ? m < n : a->id != b->id ? a->id > b->id : a->created > b->created;
}

static void swap(struct prof_trace_top *a, struct prof_trace_top *b)
{
	struct prof_trace_top c = *a;

	*a = *b;
	*b = c;
}

static void sift_down(struct prof_trace_lives *x, size_t n, size_t i)
{
	struct prof_trace_top *v = x->top.v;

	for (size_t child; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && is_less(x, &v[child + 1], &v[child]))
			child++;
		if (!is_less(x, &v[child], &v[i]))
			return;
		swap(&v[child], &v[i]);
	}
}

/* Keeps a goroutine if it is among those that did most. */
static int keep(struct prof_trace_lives *x, struct prof_trace_top *g, struct prof_err *e)
{
	size_t limit = x->opts.row_count > 0 ? (size_t)x->opts.row_count : SIZE_MAX, i;
	int rc;

	if (x->top.n >= limit) {
		if (is_less(x, g, &x->top.v[0])) {
			prof_trace_waits_free(&x->waits, &g->life.waits);
			return 0;
		}
		prof_trace_waits_free(&x->waits, &x->top.v[0].life.waits);
		x->top.v[0] = *g;
		sift_down(x, x->top.n, 0);
		return 0;
	}
	rc = prof_vec_reserve(x->mem, &x->top, 1, e);
	if (rc)
		return rc;
	i = x->top.n++;
	x->top.v[i] = *g;
	for (; i && is_less(x, &x->top.v[i], &x->top.v[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&x->top.v[i], &x->top.v[(i - 1) / 2]);
	return 0;
}

/* A goroutine's life is over, or the trace of it. */
static int end_life(struct prof_trace_lives *x, const struct prof_trace *t, uint32_t slot,
	int64_t time, bool ended, struct prof_err *e)
{
	struct prof_trace_life *life = &x->lives.v[slot];
	struct prof_trace_group *g;
	int rc = 0;

	if (life->assist_since != INT64_MIN)
		life->ns[PROF_PART_ASSIST] += clip(x, life->assist_since, time);
	life->ns[PROF_PART_TOTAL] = clip(x, life->created, time);
	if (life->created < x->to && time >= x->from)
		rc = group_of(x, life->entry, &g, e);
	else
		g = NULL;
	if (!rc && g) {
		g->count++;
		for (int i = 0; !rc && i < PROF_PARTS; i++)
			rc = prof_hist_add(&g->parts[i], x->mem, (uint64_t)life->ns[i], e);
		for (uint32_t i = life->waits; !rc && i != PROF_NONE; i = x->waits.v.v[i].next)
			rc = add_group_wait(x, g, x->waits.v.v[i].reason, x->waits.v.v[i].ns, e);
	}
	if (!rc && g && x->opts.each) {
		struct prof_trace_top top = {t->goroutines.v[slot], life->created, ended, *life};

		rc = keep(x, &top, e);
	} else {
		prof_trace_waits_free(&x->waits, &life->waits);
	}
	*life = (struct prof_trace_life){.assist_since = INT64_MIN, .waits = PROF_NONE};
	return rc;
}

uint32_t prof_trace_entry(const struct prof_trace *t, const struct prof_trace_event *ev)
{
	bool own = ev->g == ev->subject || ev->from <= PROF_G_NOT_EXIST;
	const struct prof_trace_frame *f;
	size_t n;

	if (!own || ev->type == PROF_EV_GO_UNBLOCK)
		return 0;
	n = prof_trace_stack(t, ev->subject_stack, &f);
	return n ? f[n - 1].function : 0;
}

static int goroutine_event(struct prof_trace_lives *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	const struct prof_interval *iv = prof_intervals_leave(&x->intervals, ev);
	int rc = iv ? add(x, iv, e) : 0;

	prof_intervals_enter(&x->intervals, ev);
	if (ev->from <= PROF_G_NOT_EXIST)
		x->lives.v[ev->subject].created = ev->from == PROF_G_NOT_EXIST ? ev->time
									       : x->intervals.start;
	if (!x->lives.v[ev->subject].entry)
		x->lives.v[ev->subject].entry = prof_trace_entry(t, ev);
	if (!rc && ev->to == PROF_G_NOT_EXIST)
		rc = end_life(x, t, ev->subject, ev->time, true, e);
	return rc;
}

static void assist_event(struct prof_trace_lives *x, const struct prof_trace_event *ev)
{
	struct prof_trace_life *life;

	if (ev->what != PROF_RANGE_GC_ASSIST || ev->subject == PROF_TRACE_NONE)
		return;
	life = &x->lives.v[ev->subject];
	if (ev->kind == PROF_TRACE_RANGE_END) {
		if (life->assist_since != INT64_MIN)
			life->ns[PROF_PART_ASSIST] += clip(x, life->assist_since, ev->time);
		life->assist_since = INT64_MIN;
	} else if (life->assist_since == INT64_MIN) {
		life->assist_since = ev->kind == PROF_TRACE_RANGE_BEGIN ? ev->time
									: x->intervals.start;
	}
}

static int close_all(
	struct prof_trace_lives *x, const struct prof_trace *t, int64_t time, struct prof_err *e)
{
	int rc = 0;

	while (!rc && prof_intervals_close(&x->intervals, time)) {
		rc = add(x, &x->intervals.last, e);
		if (!rc)
			rc = end_life(x, t, x->intervals.last.g, time, false, e);
	}
	return rc;
}

static int64_t later(int64_t start, int64_t ns)
{
	return ns > INT64_MAX - start ? INT64_MAX : start + ns;
}

int prof_trace_lives_batch(
	struct prof_trace_lives *x, const struct prof_trace *t, struct prof_err *e)
{
	int rc = reserve(x, t, e);

	for (size_t i = 0; !rc && i < t->n; i++) {
		const struct prof_trace_event *ev = &t->events[i];

		if (ev->kind == PROF_TRACE_GOROUTINE) {
			rc = goroutine_event(x, t, ev, e);
		} else if (ev->kind >= PROF_TRACE_RANGE_BEGIN && ev->kind <= PROF_TRACE_RANGE_END) {
			assist_event(x, ev);
		} else if (ev->kind == PROF_TRACE_GAP) {
			rc = close_all(x, t, ev->time, e);
		} else if (ev->kind == PROF_TRACE_SYNC) {
			if (!x->begun) {
				x->begun = true;
				x->start = ev->time;
				x->from = later(ev->time, x->opts.range.from);
				x->to = x->opts.range.to < 0 ? INT64_MAX
							     : later(ev->time, x->opts.range.to);
			}
			x->end = ev->time;
			prof_intervals_sync(&x->intervals, ev->time);
		}
	}
	return rc;
}

int prof_trace_lives_end(struct prof_trace_lives *x, const struct prof_trace *t, struct prof_err *e)
{
	int rc = close_all(x, t, x->end, e);

	/* Most first. */
	for (size_t n = x->top.n; n > 1; n--) {
		swap(&x->top.v[0], &x->top.v[n - 1]);
		sift_down(x, n - 1, 0);
	}
	return rc;
}
