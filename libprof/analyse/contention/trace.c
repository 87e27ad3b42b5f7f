#include "libprof/analyse/contention/trace.h"

#include <stdlib.h>

#include "libprof/analyse/contention/contention.h"
#include "libprof/analyse/contention/hold.h"
#include "libprof/analyse/contention/queue.h"
#include "libprof/analyse/trace/intervals.h"
#include "libprof/base/num.h"

/* Where goroutines wait, by stack of the trace and reason. */
struct place {
	uint32_t reason, next; /* next: of the same stack; PROF_NONE */
	uint32_t wait; /* of out->waits */
	uint8_t state; /* enum prof_goroutine_state */
};

/* What is known of a row of out->waits. */
struct kind {
	uint32_t line; /* PROF_NONE: none */
	bool lock;
};

/* What is known of a stack of the trace. */
struct stack {
	uint32_t places; /* first of its list; PROF_NONE */
	uint32_t id; /* as that of somebody who lets others go on; PROF_NONE: not seen as one */
	uint32_t line; /* for what such ones woke somebody */
};

struct prof_contention_watch {
	struct prof_contention *k;
	struct prof_trace *t;
	struct prof_contention_trace *out;
	struct prof_err *e;
	struct prof_trace_opts range;
	size_t limit; /* of k's memory, which the trace's holds for its own */
	PROF_VEC(struct prof_contention_origin) origins; /* by stack of k */
	struct prof_intervals intervals;
	struct prof_lines lines;
	struct prof_holds holds;
	PROF_VEC(struct stack) stacks; /* of the trace */
	PROF_VEC(uint32_t) functions; /* name, a string of the trace -> of k; PROF_NONE */
	PROF_VEC(uint32_t) frames; /* scratch: a stack's, as places of k */
	PROF_VEC(struct place) places;
	PROF_VEC(struct kind) kinds; /* by row of out->waits */
	PROF_VEC(uint32_t) wait_of; /* stack of k -> row of out->waits; PROF_NONE */
	PROF_VEC(uint32_t) waits; /* slot -> the row that it waits in now */
	struct prof_index line_index, pair_index;
	PROF_VEC(uint64_t) line_keys; /* by line */
	int64_t start, end; /* of the trace */
	int64_t from, to; /* what counts of it */
	bool begun;
};

#define FILL(w, vec, len, value) \
	do { \
		int rc_ = (vec)->n >= (len) ? 0 \
					    : prof_vec_reserve(&(w)->k->mem, (vec), \
						      (len) - (vec)->n, (w)->e); \
		if (rc_) \
			return rc_; \
		while ((vec)->n < (len)) \
			(vec)->v[(vec)->n++] = (value); \
	} while (0)

static int reserve(struct prof_contention_watch *w)
{
	const struct stack none = {PROF_NONE, PROF_NONE, PROF_NONE};
	int rc = prof_intervals_reserve(&w->intervals, w->t, w->e);

	if (!rc)
		rc = prof_holds_reserve(&w->holds, w->t->goroutines.n, w->e);
	if (rc)
		return rc;
	FILL(w, &w->stacks, w->t->stack_start.n, none);
	FILL(w, &w->functions, w->t->strings.strs.n, PROF_NONE);
	FILL(w, &w->waits, w->t->goroutines.n, PROF_NONE);
	return 0;
}

/* A stack of the trace as one of k, by what it waits for. */
static int stack_of(
	struct prof_contention_watch *w, uint32_t stack, struct prof_str reason, uint32_t *id)
{
	const struct prof_contention_origin none = {.stack = PROF_NONE};
	uint32_t first = w->t->stack_start.v[stack], end = w->t->stack_start.v[stack + 1];
	int rc;

	/* One frame without an address stands for none. */
	if (end - first == 1 && !w->t->frames.v[first].pc)
		end = first;
	w->frames.n = 0;
	rc = prof_vec_reserve(&w->k->mem, &w->frames, end - first, w->e);
	for (uint32_t i = first; !rc && i < end; i++) {
		const struct prof_trace_frame *f = &w->t->frames.v[i];
		uint32_t *function = &w->functions.v[f->function];
		struct prof_contention_frame frame;

		if (*function == PROF_NONE)
			rc = prof_contention_function(w->k,
				prof_strtab_get(&w->t->strings, f->function),
				prof_strtab_get(&w->t->strings, f->file), function, w->e);
		frame = (struct prof_contention_frame){
			*function, f->line < UINT32_MAX ? (uint32_t)f->line : 0};
		if (!rc)
			rc = prof_contention_place(w->k, frame, &w->frames.v[w->frames.n++], w->e);
	}
	if (!rc)
		rc = prof_contention_stack(
			w->k, w->frames.v, w->frames.n, prof_contention_said(reason), id, w->e);
	if (rc)
		return rc;
	FILL(w, &w->origins, (size_t)*id + 1, none);
	if (w->origins.v[*id].stack == PROF_NONE)
		w->origins.v[*id] = (struct prof_contention_origin){stack, reason};
	return 0;
}

static bool is_lock(unsigned class)
{
	return class == PROF_WAIT_MUTEX || class == PROF_WAIT_READ_LOCK ||
	       class == PROF_WAIT_WRITE_LOCK;
}

static bool has_line(unsigned class)
{
	return is_lock(class) || class == PROF_WAIT_SEND || class == PROF_WAIT_RECEIVE ||
	       class == PROF_WAIT_SELECT || class == PROF_WAIT_SEMAPHORE || class == PROF_WAIT_COND;
}

/* The line in which those stand that wait at a stack: of its site and class. */
static int line_of(struct prof_contention_watch *w, uint32_t stack, uint32_t *line)
{
	const struct prof_contention_stack *s = &w->k->stacks.v[stack];
	struct prof_index_it it;
	uint64_t key;
	int rc;

	*line = PROF_NONE;
	if (!has_line(s->class) || s->site == PROF_NONE)
		return 0;
	key = (uint64_t)w->k->frames.v[s->site].function << 8 | s->class;
	it = prof_index_first(&w->line_index, prof_hash_mix(1, key));
	while ((*line = prof_index_next(&w->line_index, &it)) != PROF_NONE)
		if (w->line_keys.v[*line] == key)
			return 0;
	rc = prof_vec_reserve(&w->k->mem, &w->line_keys, 1, w->e);
	if (!rc)
		rc = prof_lines_add(&w->lines, line, w->e);
	if (!rc)
		rc = prof_index_add(&w->line_index, prof_hash_mix(1, key), *line, w->e);
	if (!rc)
		w->line_keys.v[w->line_keys.n++] = key;
	return rc ? rc : prof_holds_reserve(&w->holds, 0, w->e);
}

/* The row of those that wait at a stack of k. */
static int wait_of(struct prof_contention_watch *w, uint32_t stack, uint32_t *row)
{
	struct prof_mem *mem = &w->k->mem;
	struct kind kind = {.lock = is_lock(w->k->stacks.v[stack].class)};
	int rc;

	FILL(w, &w->wait_of, (size_t)stack + 1, PROF_NONE);
	*row = w->wait_of.v[stack];
	if (*row != PROF_NONE)
		return 0;
	rc = line_of(w, stack, &kind.line);
	if (!rc)
		rc = prof_vec_reserve(mem, &w->out->waits, 1, w->e);
	if (!rc)
		rc = prof_vec_reserve(mem, &w->kinds, 1, w->e);
	if (rc)
		return rc;
	*row = w->wait_of.v[stack] = (uint32_t)w->out->waits.n;
	w->kinds.v[w->kinds.n++] = kind;
	w->out->waits.v[w->out->waits.n++] = (struct prof_contention_wait){
		.stack = stack, .queue = kind.line};
	return 0;
}

/* The row of those that wait at a stack of the trace for a reason. */
static int place_of(struct prof_contention_watch *w, uint32_t stack, uint32_t reason, uint8_t state,
	uint32_t *row)
{
	struct place p = {.reason = reason, .state = state};
	struct prof_str text = prof_strtab_get(&w->t->strings, reason);
	uint32_t id;
	int rc;

	for (uint32_t i = w->stacks.v[stack].places; i != PROF_NONE; i = w->places.v[i].next)
		if (w->places.v[i].reason == reason && w->places.v[i].state == state) {
			*row = w->places.v[i].wait;
			return 0;
		}
	rc = stack_of(w, stack, state == PROF_G_SYSCALL ? PROF_STR("syscall") : text, &id);
	if (!rc)
		rc = wait_of(w, id, &p.wait);
	if (!rc)
		rc = prof_vec_reserve(&w->k->mem, &w->places, 1, w->e);
	if (rc)
		return rc;
	p.next = w->stacks.v[stack].places;
	w->stacks.v[stack].places = (uint32_t)w->places.n;
	w->places.v[w->places.n++] = p;
	*row = p.wait;
	return 0;
}

/* Books a wait; *ns: how much of it counts, under 0: nothing. */
static int add_wait(
	struct prof_contention_watch *w, const struct prof_interval *iv, uint32_t row, int64_t *ns)
{
	struct prof_contention_wait *wait = &w->out->waits.v[row];
	int64_t begin = iv->begin > w->from ? iv->begin : w->from;
	int64_t end = iv->end < w->to ? iv->end : w->to;

	*ns = end >= begin ? prof_sub(end, begin) : -1;
	if (*ns < 0)
		return 0;
	wait->ns = prof_add_sat(wait->ns, *ns);
	if (iv->open || iv->seen != begin || iv->end != end) {
		wait->open++;
		return 0;
	}
	wait->count++;
	return prof_hist_add(&wait->hist, &w->k->mem, (uint64_t)*ns, w->e);
}

static int add_pair(
	struct prof_contention_watch *w, uint32_t waiter, uint32_t unblocker, int64_t ns)
{
	uint64_t hash = prof_hash_mix(prof_hash_mix(1, waiter), unblocker);
	struct prof_index_it it = prof_index_first(&w->pair_index, hash);
	struct prof_contention_pair *p;
	uint32_t id;
	int rc;

	while ((id = prof_index_next(&w->pair_index, &it)) != PROF_NONE)
		if (w->out->pairs.v[id].waiter == waiter &&
			w->out->pairs.v[id].unblocker == unblocker)
			break;
	if (id == PROF_NONE) {
		id = (uint32_t)w->out->pairs.n;
		rc = prof_vec_reserve(&w->k->mem, &w->out->pairs, 1, w->e);
		if (!rc)
			rc = prof_index_add(&w->pair_index, hash, id, w->e);
		if (rc)
			return rc;
		w->out->pairs.v[w->out->pairs.n++] = (struct prof_contention_pair){
			.waiter = waiter, .unblocker = unblocker};
	}
	p = &w->out->pairs.v[id];
	p->count++;
	p->ns = prof_add_sat(p->ns, ns);
	return 0;
}

/* Somebody who waited for a lock goes on. */
static int unlocked(struct prof_contention_watch *w, const struct prof_trace_event *ev,
	const struct prof_interval *iv, uint32_t row, uint32_t unblocker)
{
	struct stack *s = &w->stacks.v[ev->stack];
	uint32_t line = w->kinds.v[row].line;
	struct prof_unlock u = {.g = ev->g == PROF_TRACE_NONE ? PROF_NONE : ev->g,
		.woken = ev->subject,
		.holder = unblocker,
		.waiter = w->out->waits.v[row].stack,
		.waiting_since = iv->begin,
		.time = ev->time,
		.from = w->from};
	int rc;

	if (unblocker == PROF_NONE || !w->k->stacks.v[unblocker].unlocks)
		return 0;
	if (s->line == PROF_NONE) {
		s->line = line;
	} else {
		uint32_t a = prof_lines_find(&w->lines, s->line);
		uint32_t b = prof_lines_find(&w->lines, line);

		if (a != b) {
			rc = prof_lines_merge(&w->lines, a, b, ev->time, w->e);
			if (rc)
				return rc;
			prof_holds_merge(&w->holds, a, b);
		}
	}
	if (u.g != PROF_NONE)
		u.goroutine = prof_trace_goroutine(w->t, u.g);
	u.line = prof_lines_find(&w->lines, line);
	return ev->time >= w->from && ev->time < w->to
		       ? prof_holds_unlock(&w->holds, &u, w->out, w->e)
		       : 0;
}

/* A goroutine waits no longer, because of an event. */
static int leave(struct prof_contention_watch *w, const struct prof_interval *iv,
	const struct prof_trace_event *ev)
{
	uint32_t row = w->waits.v[iv->g], unblocker = PROF_NONE;
	uint32_t line = w->kinds.v[row].line;
	int64_t ns;
	int rc = add_wait(w, iv, row, &ns);

	w->waits.v[iv->g] = PROF_NONE;
	if (!rc && line != PROF_NONE)
		rc = prof_lines_leave(&w->lines, line, ev->time, w->e);
	if (rc || iv->state != PROF_G_WAITING)
		return rc;
	if (ev->g != PROF_TRACE_NONE && ev->g != iv->g && ev->stack && ev->to == PROF_G_RUNNABLE) {
		struct stack *s = &w->stacks.v[ev->stack];

		if (s->id == PROF_NONE)
			rc = stack_of(w, ev->stack, PROF_STR(""), &s->id);
		unblocker = s->id;
	}
	if (!rc && w->kinds.v[row].lock && line != PROF_NONE)
		rc = unlocked(w, ev, iv, row, unblocker);
	if (rc || ns < 0)
		return rc;
	w->out->waits.v[row].by_nobody += unblocker == PROF_NONE;
	return add_pair(w, w->out->waits.v[row].stack, unblocker, ns);
}

/* A goroutine comes into a state. */
static int enter(struct prof_contention_watch *w, const struct prof_trace_event *ev)
{
	struct prof_holder_step step = {.begin = ev->time, .stack = PROF_NONE, .state = ev->to};
	uint32_t row, line = PROF_NONE;
	bool lock = false;
	int rc = 0;

	if (ev->to == PROF_G_WAITING || ev->to == PROF_G_SYSCALL) {
		rc = place_of(w, ev->stack, ev->name, ev->to, &row);
		if (rc)
			return rc;
		w->waits.v[ev->subject] = row;
		step.stack = w->out->waits.v[row].stack;
		line = w->kinds.v[row].line;
		lock = w->kinds.v[row].lock;
	}
	if (line != PROF_NONE)
		rc = prof_lines_join(&w->lines, line, ev->time, w->e);
	if (rc || ev->to <= PROF_G_NOT_EXIST)
		return rc;
	line = lock && line != PROF_NONE ? prof_lines_find(&w->lines, line) : PROF_NONE;
	return prof_holds_step(&w->holds, ev->subject, step, line, w->e);
}

static int transition(struct prof_contention_watch *w, const struct prof_trace_event *ev)
{
	const struct prof_interval *iv = prof_intervals_leave(&w->intervals, ev);
	int rc = 0;

	if (iv && w->waits.v[iv->g] != PROF_NONE)
		rc = leave(w, iv, ev);
	prof_intervals_enter(&w->intervals, ev);
	if (rc || ev->from == ev->to)
		return rc;
	if (ev->from <= PROF_G_NOT_EXIST) {
		w->waits.v[ev->subject] = PROF_NONE;
		prof_holds_begin(&w->holds, ev->subject);
	}
	return enter(w, ev);
}

/* The trace ends, or nothing is known about anybody any more. */
static int close_all(struct prof_contention_watch *w, int64_t time)
{
	while (prof_intervals_close(&w->intervals, time)) {
		const struct prof_interval *iv = &w->intervals.last;
		uint32_t row = w->waits.v[iv->g];
		int64_t ns;
		int rc = 0;

		if (row == PROF_NONE)
			continue;
		w->waits.v[iv->g] = PROF_NONE;
		rc = add_wait(w, iv, row, &ns);
		if (!rc && w->kinds.v[row].line != PROF_NONE)
			rc = prof_lines_leave(&w->lines, w->kinds.v[row].line, time, w->e);
		if (rc)
			return rc;
	}
	prof_holds_forget(&w->holds);
	return 0;
}

static int64_t later(int64_t start, int64_t ns)
{
	return ns > INT64_MAX - start ? INT64_MAX : start + ns;
}

/* ns since 1970; what a file claims may be out of any range. */
static int64_t wall_of(const struct prof_trace_clock *c, int64_t time)
{
	int64_t second = (int64_t)((uint64_t)c->wall_s * 1000000000u);

	return prof_add(prof_add(second, c->wall_ns), prof_sub(time, c->time));
}

static void sync_event(struct prof_contention_watch *w, const struct prof_trace_event *ev)
{
	prof_intervals_sync(&w->intervals, ev->time);
	w->end = ev->time;
	if (w->begun)
		return;
	w->begun = true;
	w->start = ev->time;
	w->from = w->lines.from = later(ev->time, w->range.from);
	w->to = w->lines.to = w->range.to < 0 ? INT64_MAX : later(ev->time, w->range.to);
	if (w->t->has_clock)
		w->out->wall_ns = wall_of(&w->t->clock, w->from);
}

int prof_contention_watch_batch(struct prof_contention_watch *w, struct prof_err *e)
{
	int rc;

	w->e = e;
	rc = reserve(w);

	for (size_t i = 0; !rc && i < w->t->n; i++) {
		const struct prof_trace_event *ev = &w->t->events[i];

		if (ev->kind == PROF_TRACE_GOROUTINE)
			rc = transition(w, ev);
		else if (ev->kind == PROF_TRACE_SYNC)
			sync_event(w, ev);
		else if (ev->kind == PROF_TRACE_GAP)
			rc = close_all(w, ev->time);
	}
	return rc;
}

/* Rows of which all lies outside of what counts go; a queue is that of the first one that stays. */
static void settle(struct prof_contention_trace *out, const uint32_t *queue_of)
{
	size_t n = 0;

	for (size_t i = 0; i < out->waits.n; i++) {
		struct prof_contention_wait *wait = &out->waits.v[i];

		if (!wait->count && !wait->open)
			continue;
		if (wait->queue != PROF_NONE) {
			wait->queue = queue_of[wait->queue];
			if (out->queues.v[wait->queue].waiter == PROF_NONE)
				out->queues.v[wait->queue].waiter = wait->stack;
		}
		out->waits.v[n++] = *wait;
	}
	out->waits.n = n;
}

int prof_contention_watch_end(struct prof_contention_watch *w, struct prof_err *e)
{
	struct prof_contention_trace *out = w->out;
	int64_t last = w->end < w->to ? w->end : w->to;
	size_t lines = w->lines.lines.n;
	uint32_t *queue_of;
	int rc;

	w->e = e;
	rc = close_all(w, w->end);
	if (!rc)
		rc = prof_lines_end(&w->lines, w->end, out, &queue_of, w->e);
	if (rc)
		return rc;
	settle(out, queue_of);
	prof_mem_zfree(&w->k->mem, queue_of, lines, sizeof(*queue_of));
	out->ns = last > w->from ? prof_sub(last, w->from) : 0;
	out->can = w->t->can;
	out->version = w->t->version;
	return 0;
}

int prof_contention_watch_new(struct prof_contention *k, struct prof_trace *t,
	const struct prof_trace_opts *range, struct prof_contention_trace *out,
	struct prof_contention_watch **watch, struct prof_err *e)
{
	struct prof_contention_watch *w = calloc(1, sizeof(*w));
	size_t room = (size_t)t->limits.memory_bytes;

	if (!w)
		return prof_nomem(e);
	w->k = k;
	w->t = t;
	w->out = out;
	w->range = range ? *range : (struct prof_trace_opts){.to = -1};
	w->limit = k->mem.limit;
	if (room < w->limit - k->mem.used)
		k->mem.limit = k->mem.used + room;
	prof_intervals_init(&w->intervals, &k->mem);
	prof_lines_init(&w->lines, &k->mem);
	prof_holds_init(&w->holds, k, &w->lines);
	prof_index_init(&w->line_index, &k->mem);
	prof_index_init(&w->pair_index, &k->mem);
	*watch = w;
	return 0;
}

void prof_contention_watch_free(struct prof_contention_watch *w)
{
	struct prof_mem *mem;

	if (!w)
		return;
	mem = &w->k->mem;
	mem->limit = w->limit;
	prof_intervals_fini(&w->intervals);
	prof_lines_fini(&w->lines);
	prof_holds_fini(&w->holds);
	prof_vec_fini(mem, &w->origins);
	prof_vec_fini(mem, &w->stacks);
	prof_vec_fini(mem, &w->functions);
	prof_vec_fini(mem, &w->frames);
	prof_vec_fini(mem, &w->places);
	prof_vec_fini(mem, &w->kinds);
	prof_vec_fini(mem, &w->wait_of);
	prof_vec_fini(mem, &w->waits);
	prof_index_fini(&w->line_index);
	prof_index_fini(&w->pair_index);
	prof_vec_fini(mem, &w->line_keys);
	free(w);
}

const struct prof_contention_origin *prof_contention_origins(
	const struct prof_contention_watch *w, size_t *n)
{
	*n = w->origins.n;
	return w->origins.v;
}

int prof_contention_watch_stack(struct prof_contention_watch *w, uint32_t stack,
	struct prof_str reason, uint32_t *id, struct prof_err *e)
{
	int rc;

	w->e = e;
	rc = reserve(w);
	return rc ? rc : stack_of(w, stack, reason, id);
}
