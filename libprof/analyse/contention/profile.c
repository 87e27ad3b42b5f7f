/* Where goroutines wait as a profile, for what shows profiles: flame graphs. The list that a stack
 * is on stands as its root.
 */
#include "libprof/analyse/contention/sites.h"
#include "libprof/model/build.h"

struct building {
	struct prof_contention *k;
	const struct prof_contention_sites *sites;
	struct prof_build b;
	uint32_t roots[PROF_WAIT_LISTS]; /* locations */
	PROF_VEC(uint32_t) stack;
	struct prof_err *e;
};

static int location(
	struct building *x, struct prof_str name, struct prof_str file, uint32_t at, uint32_t *out)
{
	struct prof_line line = {.line = at};
	uint32_t n, f;
	int rc = prof_build_string(&x->b, name.p, name.len, &n);

	if (!rc)
		rc = prof_build_string(&x->b, file.p, file.len, &f);
	if (!rc)
		rc = prof_build_function(&x->b, n, f, 0, &line.function);
	return rc ? rc : prof_build_location(&x->b, 0, PROF_NONE, &line, 1, out);
}

static int add(struct building *x, uint32_t id, const int64_t *values)
{
	const struct prof_contention_stack *s = &x->k->stacks.v[id];
	uint32_t list = x->sites->v.v[x->sites->site_of[id]].list, stack;
	struct prof_contention_walk w = prof_contention_walk(s);
	size_t depth = prof_contention_depth(x->k, w);
	const struct prof_contention_frame *f;
	int rc = prof_vec_reserve(&x->b.p->mem, &x->stack, depth + 2, x->e);

	x->stack.n = 0;
	if (!rc && !depth)
		rc = location(
			x, PROF_STR("[no stack]"), PROF_STR(""), 0, &x->stack.v[x->stack.n++]);
	while (!rc && (f = prof_contention_next(x->k, &w))) {
		const struct prof_contention_function *fn = prof_contention_function_of(x->k, f);

		rc = location(x, prof_contention_name(x->k, fn->name),
			prof_contention_name(x->k, fn->file), f->line, &x->stack.v[x->stack.n++]);
	}
	if (rc)
		return rc;
	x->stack.v[x->stack.n++] = x->roots[list];
	rc = prof_build_stack(&x->b, x->stack.v, x->stack.n, &stack);
	return rc ? rc : prof_build_sample(&x->b, stack, 0, values);
}

/* Who waits, and where nothing tells that, who unlocks. */
static int add_all(struct building *x, bool goroutines)
{
	const struct prof_contention_sites *s = x->sites;
	bool waiters = false;
	int rc = 0;

	for (size_t i = 0; i < s->v.n; i++)
		waiters |= !s->v.v[i].holder;
	for (uint32_t i = 0; !rc && i < x->k->stacks.n; i++) {
		const struct prof_contention_site *site = s->site_of[i] == PROF_NONE
								  ? NULL
								  : &s->v.v[s->site_of[i]];
		struct prof_contention_sample v;
		int64_t values[2];

		if (!site || (site->holder && waiters) ||
			(site->list == PROF_WAITS_IDLE && !x->k->opts.idle) ||
			(site->source == PROF_CONTENTION_DUMP) != goroutines)
			continue;
		v = prof_contention_sample_of(s, (enum prof_contention_kind)site->source, i);
		if (!v.count && !v.ns)
			continue;
		values[0] = v.count;
		values[1] = v.ns;
		rc = add(x, i, values);
	}
	return rc;
}

static int build(struct building *x)
{
	static const char *const waits[][2] = {{"contentions", "count"}, {"delay", "nanoseconds"}};
	static const char *const present[][2] = {{"goroutine", "count"}};
	static const char *const lists[] = {"[locks]", "[the other side]", "[idle]"};
	bool goroutines = x->sites->source == PROF_CONTENTION_DUMP &&
			  x->sites->parts[PROF_CONTENTION_DUMP].known;
	int rc = prof_build_types(&x->b, goroutines ? present : waits, goroutines ? 1 : 2);

	for (int i = 0; !rc && i < PROF_WAIT_LISTS; i++)
		rc = location(x, prof_str_of(lists[i]), PROF_STR(""), 0, &x->roots[i]);
	return rc ? rc : add_all(x, goroutines);
}

int prof_contention_profile(struct prof_contention *k, enum prof_side side,
	struct prof_profile **out, struct prof_err *e)
{
	struct prof_contention_sites sites = {.k = NULL};
	struct building x = {.k = k, .sites = &sites, .e = e};
	struct prof_limits limits;
	struct prof_profile *p;
	int rc;

	prof_limits_init(&limits);
	p = prof_profile_new(&limits, e);
	if (!p)
		return e ? e->code : PROF_ENOMEM;
	prof_build_init(&x.b, p, &limits, e);
	rc = prof_contention_sites_init(&sites, k, side, e);
	if (!rc)
		rc = build(&x);
	if (!rc)
		p->duration_ns = sites.parts[sites.source].interval_ns;
	prof_vec_fini(&p->mem, &x.stack);
	prof_build_fini(&x.b);
	prof_contention_sites_fini(&sites);
	if (rc)
		prof_profile_free(p);
	else
		*out = p;
	return rc;
}
