#include <stdlib.h>

#include "libprof/analyse/leak/leak.h"
#include "libprof/base/num.h"
#include "libprof/model/build.h"

/* A moment of a trace on its way to being a snapshot. */
struct shot {
	const struct prof_trace *t;
	const struct prof_trace_moment *m;
	struct prof_err *e;
	struct prof_goroutines *s;
	struct prof_build b;
	struct prof_map64 stacks; /* of the trace -> of the profile */
	PROF_VEC(uint32_t) locations;
};

static int location(struct shot *x, const struct prof_trace_frame *f, uint32_t *id)
{
	struct prof_line line = {.line = f->line < INT64_MAX ? (int64_t)f->line : 0};
	struct prof_str name = prof_strtab_get(&x->t->strings, f->function);
	struct prof_str file = prof_strtab_get(&x->t->strings, f->file);
	uint32_t n, p;
	int rc = prof_build_string(&x->b, name.p, name.len, &n);

	if (!rc)
		rc = prof_build_string(&x->b, file.p, file.len, &p);
	if (!rc)
		rc = prof_build_function(&x->b, n, p, 0, &line.function);
	return rc ? rc : prof_build_location(&x->b, 0, PROF_NONE, &line, 1, id);
}

static int stack_of(struct shot *x, uint32_t stack, uint32_t *id)
{
	const struct prof_trace_frame *frames;
	size_t n = prof_trace_known_stack(x->t, stack, &frames);
	int rc = prof_vec_reserve(&x->s->p->mem, &x->locations, n + 1, x->e);

	*id = prof_map64_get(&x->stacks, stack);
	if (rc || *id != PROF_NONE)
		return rc;
	x->locations.n = 0;
	for (size_t i = 0; !rc && i < n; i++)
		rc = location(x, &frames[i], &x->locations.v[x->locations.n++]);
	if (!rc)
		rc = prof_build_stack(&x->b, x->locations.v, x->locations.n, id);
	return rc ? rc : prof_map64_add(&x->stacks, stack, *id, x->e);
}

/* What dumps call what the tracer says; NULL: the stack tells. */
static const struct prof_go_state *state_of(const struct shot *x, const struct prof_trace_waiter *w)
{
	static const char *const names[][2] = {{"network", "IO wait"}, {"select", "select"},
		{"chan send", "chan send"}, {"chan receive", "chan receive"}, {"sleep", "sleep"},
		{"sync.(*Cond).Wait", "sync.Cond.Wait"}, {"forever", "select (no cases)"},
		{"GC background sweeper wait", "GC sweep wait"},
		{"GC background worker idle", "GC worker (idle)"},
		{"system goroutine wait", "force gc (idle)"},
		{"wait until GC ends", "wait for GC cycle"},
		{"GC mark assist wait for work", "GC assist wait"}};
	struct prof_str reason = prof_strtab_get(&x->t->strings, w->reason);
	const struct prof_go_state *state = NULL;
	const struct prof_trace_frame *frames;
	size_t n = prof_trace_known_stack(x->t, w->stack, &frames);

	if (w->state == PROF_G_SYSCALL)
		return prof_go_state_of(PROF_STR("syscall"));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (prof_str_eq(reason, prof_str_of(names[i][0])))
			return prof_go_state_of(prof_str_of(names[i][1]));
	for (size_t i = 0; !state && i < n; i++)
		state = prof_go_state_in(prof_strtab_get(&x->t->strings, frames[i].function));
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
static const struct prof_trace_frame *creator_of(
	const struct shot *x, const struct prof_trace_waiter *w)
{
	const struct prof_trace_frame *frames;

	return w->created && prof_trace_known_stack(x->t, w->created, &frames) ? frames : NULL;
}

static int labels(struct shot *x, const struct prof_trace_waiter *w, uint32_t *set)
{
	struct prof_label l[3] = {0};
	const struct prof_trace_frame *creator = creator_of(x, w);
	size_t n = 0;
	int rc = text_label(x, PROF_LABEL_STATE, prof_str_of(state_of(x, w)->name), l, &n);

	if (!rc && x->m->at > w->since) {
		l[n].num = prof_sub(x->m->at, w->since);
		rc = prof_build_text(&x->b, PROF_LABEL_WAIT, &l[n].key);
		if (!rc)
			rc = prof_build_text(&x->b, "nanoseconds", &l[n].unit);
		n++;
	}
	if (!rc && creator)
		rc = text_label(x, PROF_LABEL_CREATOR,
			prof_strtab_get(&x->t->strings, creator->function), l, &n);
	return rc ? rc : prof_profile_label_set(x->s->p, l, n, set, x->e);
}

static int goroutine(struct shot *x, const struct prof_trace_waiter *w)
{
	struct prof_goroutine g = {.id = (uint64_t)w->id, .created_at = PROF_NONE};
	const int64_t one = 1;
	uint32_t stack, set;
	int rc;

	if ((rc = stack_of(x, w->stack, &stack)) || (rc = labels(x, w, &set)))
		return rc;
	if (creator_of(x, w))
		rc = location(x, creator_of(x, w), &g.created_at);
	if (!rc)
		rc = prof_vec_reserve(&x->s->p->mem, &x->s->g, 1, x->e);
	g.sample = (uint32_t)x->s->p->sample_stack.n;
	if (!rc)
		rc = prof_build_sample(&x->b, stack, set, &one);
	if (!rc)
		x->s->g.v[x->s->g.n++] = g;
	return rc;
}

static int build(struct shot *x)
{
	static const char *const types[][2] = {{"goroutine", "count"}};
	int rc;

	prof_build_init(&x->b, x->s->p, &x->t->limits, x->e);
	prof_map64_init(&x->stacks, &x->s->p->mem);
	rc = prof_build_types(&x->b, types, 1);
	for (size_t i = 0; !rc && i < x->m->n; i++)
		rc = goroutine(x, &x->m->v[i]);
	prof_vec_fini(&x->s->p->mem, &x->locations);
	prof_map64_fini(&x->stacks);
	prof_build_fini(&x->b);
	x->s->p->time_ns = prof_add(x->m->wall ? x->m->wall : 1, x->m->at);
	return rc;
}

int prof_leak_take_moment(struct prof_leak *k, const struct prof_trace *t,
	const struct prof_trace_moment *m, const char *name, struct prof_err *e)
{
	struct shot x = {.t = t, .m = m, .e = e, .s = calloc(1, sizeof(*x.s))};
	int rc;

	if (!x.s)
		return prof_nomem(e);
	x.s->p = prof_profile_new(&t->limits, e);
	if (!x.s->p) {
		free(x.s);
		return e->code;
	}
	rc = build(&x);
	if (!rc)
		rc = prof_leak_take(k, x.s, name, m->at, e);
	if (!rc) {
		/* Of who was there before the trace it does not tell who created it. */
		k->snapshots.v[k->snapshots.n - 1].creators = false;
		k->some_creators = true;
	}
	prof_goroutines_free(x.s);
	return rc;
}

void prof_leak_end_moments(struct prof_leak *k, size_t first, int64_t file_ns)
{
	int64_t end = k->snapshots.n > first ? k->snapshots.v[k->snapshots.n - 1].file_ns : 0;

	for (size_t i = first; i < k->snapshots.n; i++) {
		struct prof_leak_snapshot *s = &k->snapshots.v[i];

		s->file_ns = file_ns ? prof_sub(file_ns, prof_sub(end, s->file_ns)) : 0;
	}
}

struct watch {
	struct prof_leak *k;
	const char *name;
};

static int take(void *ctx, const struct prof_trace *t, const struct prof_trace_moment *m,
	struct prof_err *e)
{
	struct watch *w = ctx;

	return prof_leak_take_moment(w->k, t, m, w->name, e);
}

int prof_leak_take_trace(struct prof_leak *k, struct prof_trace *t, const char *name,
	int64_t file_ns, struct prof_err *e)
{
	struct watch w = {.k = k, .name = name};
	struct prof_trace_moments x;
	size_t first = k->snapshots.n;
	int rc;

	prof_trace_moments_init(&x, &k->mem, take, &w);
	while ((rc = prof_trace_fill(t, e)) > 0)
		if ((rc = prof_trace_moments_batch(&x, t, e)))
			break;
	if (!rc)
		rc = prof_trace_moments_end(&x, t, e);
	prof_trace_moments_fini(&x);
	prof_leak_end_moments(k, first, file_ns);
	return rc;
}
