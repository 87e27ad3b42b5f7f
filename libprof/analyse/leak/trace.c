#include <stdlib.h>

#include "libprof/analyse/leak/leak.h"
#include "libprof/base/num.h"
#include "libprof/model/build.h"
#include "libprof/model/trace.h"

/* What an execution trace shows of goroutines that wait, at its end and at moments before: where a
 * generation of it ends, for only then is known what all of them do. Of those moments the first,
 * the second, the fourth … are taken, so that a trace of any length gives a few.
 */
struct slot {
	int64_t since; /* when it came into its state; the trace's start where it was in it before
			*/
	uint32_t stack, reason; /* of the trace: where and why it waits */
	uint32_t created; /* the stack of who started it; 0: before the trace */
	uint8_t state; /* enum prof_goroutine_state */
};

struct watch {
	struct prof_leak *k;
	struct prof_trace *t;
	const char *name;
	struct prof_err *e;
	PROF_VEC(struct slot) slots;
	int64_t start, now;
	int64_t wall; /* of `start`, since 1970; 0: not told */
	uint64_t generations, next; /* ends of generations so far; the next one that is taken */
	size_t first; /* snapshot of this trace */
	int64_t last_taken;
};

/* A snapshot under construction. */
struct shot {
	struct prof_goroutines *s;
	struct prof_build b;
	struct prof_map64 stacks; /* of the trace -> of the profile */
	PROF_VEC(uint32_t) locations;
};

static int slot_of(struct watch *w, uint32_t i, struct slot **out)
{
	while (w->slots.n <= i) {
		int rc = prof_vec_reserve(&w->k->mem, &w->slots, 1, w->e);

		if (rc)
			return rc;
		w->slots.v[w->slots.n++] = (struct slot){.state = PROF_G_NOT_EXIST};
	}
	*out = &w->slots.v[i];
	return 0;
}

static int transition(struct watch *w, const struct prof_trace_event *ev)
{
	struct slot *s;
	int rc;

	if (ev->subject == PROF_TRACE_NONE)
		return 0;
	rc = slot_of(w, ev->subject, &s);
	if (rc)
		return rc;
	if (ev->from == PROF_G_NOT_EXIST)
		*s = (struct slot){.created = ev->stack};
	/* A status at the start of a generation repeats what is known, or tells what was so. */
	if (ev->from == PROF_G_UNDETERMINED || ev->from == ev->to) {
		if (s->state != ev->to)
			*s = (struct slot){.since = w->start, .created = s->created};
		s->stack = s->stack ? s->stack : ev->subject_stack;
		s->reason = s->reason ? s->reason : ev->name;
	} else {
		s->since = ev->time;
		s->stack = ev->subject == ev->g ? ev->stack : ev->subject_stack;
		s->reason = ev->name;
	}
	s->state = ev->to;
	return 0;
}

static int location(struct watch *w, struct shot *x, const struct prof_trace_frame *f, uint32_t *id)
{
	struct prof_line line = {.line = f->line < INT64_MAX ? (int64_t)f->line : 0};
	struct prof_str name = prof_strtab_get(&w->t->strings, f->function);
	struct prof_str file = prof_strtab_get(&w->t->strings, f->file);
	uint32_t n, p;
	int rc = prof_build_string(&x->b, name.p, name.len, &n);

	if (!rc)
		rc = prof_build_string(&x->b, file.p, file.len, &p);
	if (!rc)
		rc = prof_build_function(&x->b, n, p, 0, &line.function);
	return rc ? rc : prof_build_location(&x->b, 0, PROF_NONE, &line, 1, id);
}

static int stack_of(struct watch *w, struct shot *x, uint32_t stack, uint32_t *id)
{
	struct prof_mem *mem = &x->s->p->mem;
	uint32_t from = w->t->stack_start.v[stack], to = w->t->stack_start.v[stack + 1];
	int rc = prof_vec_reserve(mem, &x->locations, to - from + 1, w->e);

	*id = prof_map64_get(&x->stacks, stack);
	if (rc || *id != PROF_NONE)
		return rc;
	x->locations.n = 0;
	for (uint32_t i = from; !rc && i < to; i++)
		rc = location(w, x, &w->t->frames.v[i], &x->locations.v[x->locations.n++]);
	if (!rc)
		rc = prof_build_stack(&x->b, x->locations.v, x->locations.n, id);
	return rc ? rc : prof_map64_add(&x->stacks, stack, *id, w->e);
}

/* What dumps call what the tracer says; NULL: the stack tells. */
static const struct prof_go_state *state_of(const struct watch *w, const struct slot *s)
{
	static const char *const names[][2] = {{"network", "IO wait"}, {"select", "select"},
		{"chan send", "chan send"}, {"chan receive", "chan receive"}, {"sleep", "sleep"},
		{"sync.(*Cond).Wait", "sync.Cond.Wait"}, {"forever", "select (no cases)"},
		{"GC background sweeper wait", "GC sweep wait"},
		{"GC background worker idle", "GC worker (idle)"},
		{"system goroutine wait", "force gc (idle)"},
		{"wait until GC ends", "wait for GC cycle"},
		{"GC mark assist wait for work", "GC assist wait"}};
	struct prof_str reason = prof_strtab_get(&w->t->strings, s->reason);
	const struct prof_go_state *state = NULL;

	if (s->state == PROF_G_SYSCALL)
		return prof_go_state_of(PROF_STR("syscall"));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (prof_str_eq(reason, prof_str_of(names[i][0])))
			return prof_go_state_of(prof_str_of(names[i][1]));
	for (uint32_t i = w->t->stack_start.v[s->stack];
		!state && i < w->t->stack_start.v[s->stack + 1]; i++)
		state = prof_go_state_in(
			prof_strtab_get(&w->t->strings, w->t->frames.v[i].function));
	return state ? state : prof_go_state_of(PROF_STR("waiting"));
}

static int text_label(
	struct shot *x, const char *key, struct prof_str value, struct prof_label *l, size_t *n)
{
	int rc = prof_build_text(&x->b, key, &l[*n].key);

	l[*n].is_str = true;
	if (!rc)
		rc = prof_build_string(&x->b, value.p, value.len, &l[*n].str);
	*n += !rc;
	return rc;
}

/* The frame with the go statement; NULL: not known. */
static const struct prof_trace_frame *creator_of(const struct watch *w, const struct slot *s)
{
	const uint32_t *start = w->t->stack_start.v + s->created;

	return s->created && start[0] < start[1] ? &w->t->frames.v[start[0]] : NULL;
}

static int labels(struct watch *w, struct shot *x, const struct slot *s, uint32_t *set)
{
	struct prof_label l[3] = {0};
	const struct prof_trace_frame *creator = creator_of(w, s);
	size_t n = 0;
	int rc = text_label(x, PROF_LABEL_STATE, prof_str_of(state_of(w, s)->name), l, &n);

	if (!rc && w->now > s->since) {
		l[n].num = prof_sub(w->now, s->since);
		rc = prof_build_text(&x->b, PROF_LABEL_WAIT, &l[n].key);
		if (!rc)
			rc = prof_build_text(&x->b, "nanoseconds", &l[n].unit);
		n++;
	}
	if (!rc && creator)
		rc = text_label(x, PROF_LABEL_CREATOR,
			prof_strtab_get(&w->t->strings, creator->function), l, &n);
	return rc ? rc : prof_profile_label_set(x->s->p, l, n, set, w->e);
}

static int goroutine(struct watch *w, struct shot *x, uint32_t i)
{
	const struct slot *s = &w->slots.v[i];
	struct prof_goroutine g = {.created_at = PROF_NONE};
	int64_t id = prof_trace_goroutine(w->t, i);
	const int64_t one = 1;
	uint32_t stack, set;
	int rc;

	if (id <= 0 || (s->state != PROF_G_WAITING && s->state != PROF_G_SYSCALL))
		return 0;
	g.id = (uint64_t)id;
	if ((rc = stack_of(w, x, s->stack, &stack)) || (rc = labels(w, x, s, &set)))
		return rc;
	if (creator_of(w, s))
		rc = location(w, x, creator_of(w, s), &g.created_at);
	if (!rc)
		rc = prof_vec_reserve(&x->s->p->mem, &x->s->g, 1, w->e);
	g.sample = (uint32_t)x->s->p->sample_stack.n;
	if (!rc)
		rc = prof_build_sample(&x->b, stack, set, &one);
	if (!rc)
		x->s->g.v[x->s->g.n++] = g;
	return rc;
}

static int take(struct watch *w)
{
	static const char *const types[][2] = {{"goroutine", "count"}};
	struct shot x = {.s = calloc(1, sizeof(*x.s))};
	int rc;

	if (!x.s)
		return prof_nomem(w->e);
	x.s->p = prof_profile_new(&w->t->limits, w->e);
	if (!x.s->p) {
		free(x.s);
		return w->e->code;
	}
	prof_build_init(&x.b, x.s->p, &w->t->limits, w->e);
	prof_map64_init(&x.stacks, &x.s->p->mem);
	rc = prof_build_types(&x.b, types, 1);
	for (uint32_t i = 0; !rc && i < w->slots.n; i++)
		rc = goroutine(w, &x, i);
	prof_vec_fini(&x.s->p->mem, &x.locations);
	prof_map64_fini(&x.stacks);
	prof_build_fini(&x.b);
	x.s->p->time_ns = prof_add(w->wall ? w->wall : 1, prof_sub(w->now, w->start));
	if (!rc)
		rc = prof_leak_take(w->k, x.s, w->name, prof_sub(w->now, w->start), w->e);
	if (!rc) {
		/* Of who was there before the trace it does not tell who created it. */
		w->k->snapshots.v[w->k->snapshots.n - 1].creators = false;
		w->k->some_creators = true;
	}
	w->last_taken = w->now;
	prof_goroutines_free(x.s);
	return rc;
}

/* ns since 1970; what a file claims may be out of any range. */
static int64_t wall_of(const struct prof_trace_clock *c, int64_t time)
{
	int64_t second = (int64_t)((uint64_t)c->wall_s * 1000000000u);

	return prof_add(prof_add(second, c->wall_ns), prof_sub(time, c->time));
}

static int event(struct watch *w, const struct prof_trace_event *ev)
{
	w->now = ev->time;
	if (ev->kind == PROF_TRACE_GOROUTINE)
		return transition(w, ev);
	if (ev->kind != PROF_TRACE_SYNC)
		return 0;
	if (!w->generations++) {
		w->start = ev->time;
		if (w->t->has_clock)
			w->wall = wall_of(&w->t->clock, ev->time);
		return 0;
	}
	if (w->generations - 1 < w->next)
		return 0;
	w->next *= 2;
	return take(w);
}

int prof_leak_take_trace(struct prof_leak *k, struct prof_trace *t, const char *name,
	int64_t file_ns, struct prof_err *e)
{
	struct watch w = {.k = k,
		.t = t,
		.name = name,
		.e = e,
		.next = 1,
		.first = k->snapshots.n,
		.last_taken = INT64_MIN};
	int rc;

	do {
		rc = prof_trace_fill(t, e);
		for (size_t i = 0; rc > 0 && i < t->n; i++) {
			int failed = event(&w, &t->events[i]);

			rc = failed ? failed : rc;
		}
	} while (rc > 0);
	if (!rc && w.last_taken != w.now)
		rc = take(&w);
	/* The file was written when the trace ended. */
	for (size_t i = w.first; i < k->snapshots.n; i++) {
		struct prof_leak_snapshot *s = &k->snapshots.v[i];

		s->file_ns = !file_ns ? 0
				      : prof_sub(file_ns,
						prof_sub(prof_sub(w.now, w.start), s->file_ns));
	}
	prof_vec_fini(&k->mem, &w.slots);
	return rc;
}
