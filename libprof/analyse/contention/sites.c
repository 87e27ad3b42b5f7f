/* From stacks to sites: those of one function (package, lock …), class and list are one. */
#include "libprof/analyse/contention/sites.h"

#include <math.h>
#include <stdlib.h>

#include "libprof/base/num.h"

struct grouping {
	struct prof_contention_sites *x;
	struct prof_contention *k;
	struct prof_index index;
	struct prof_err *e;
};

static const struct prof_contention_function *function_at(
	const struct prof_contention *k, const struct prof_contention_stack *s, uint32_t i)
{
	return &k->functions.v[k->frames.v[s->first + i].function];
}

/* Stacks that let others go on are holders; a mutex profile has no others. */
static bool is_holder(const struct prof_contention_sites *x, uint32_t stack)
{
	const struct prof_contention_sample *mutex = x->parts[PROF_CONTENTION_MUTEX].by_stack;

	return x->k->stacks.v[stack].unlocks || (mutex && (mutex[stack].count || mutex[stack].ns));
}

/* Read and write side of an RWMutex are one lock. */
static uint8_t lock_kind(uint8_t class)
{
	return class == PROF_WAIT_WRITE_LOCK ? PROF_WAIT_READ_LOCK : class;
}

/* The string that names the stack's site. */
static uint32_t name_of(const struct prof_contention *k, const struct prof_contention_stack *s)
{
	if (!s->n)
		return 0;
	if (k->opts.by == PROF_CONTENTION_BY_PACKAGE)
		return function_at(k, s, s->site)->package;
	if (k->opts.by == PROF_CONTENTION_BY_LOCK && prof_wait_is_lock(s->class))
		return s->owner;
	return function_at(k, s, s->site)->name;
}

static uint32_t caller_of(const struct prof_contention *k, const struct prof_contention_stack *s)
{
	for (uint32_t i = s->site + 1; i < s->n; i++)
		if (!function_at(k, s, i)->hidden)
			return function_at(k, s, i)->name;
	return 0;
}

/* Equal functions from the site to the root, but for what not all inputs show. */
static bool same_path(const struct prof_contention *k, const struct prof_contention_stack *a,
	const struct prof_contention_stack *b)
{
	uint32_t i = a->site, j = b->site;

	for (;; i++, j++) {
		while (i < a->n && function_at(k, a, i)->hidden)
			i++;
		while (j < b->n && function_at(k, b, j)->hidden)
			j++;
		if (i >= a->n || j >= b->n)
			return i >= a->n && j >= b->n;
		if (function_at(k, a, i)->name != function_at(k, b, j)->name)
			return false;
	}
}

uint64_t prof_contention_path(
	const struct prof_contention *k, const struct prof_contention_site *site)
{
	const struct prof_contention_stack *s = &k->stacks.v[site->stack];
	uint64_t h = prof_hash_mix(site->name, site->holder);

	for (uint32_t i = s->site; k->opts.by == PROF_CONTENTION_BY_STACK && i < s->n; i++)
		if (!function_at(k, s, i)->hidden)
			h = prof_hash_mix(h, function_at(k, s, i)->name);
	return h;
}

static uint64_t hash_of(const struct prof_contention *k, const struct prof_contention_site *site)
{
	return prof_hash_mix(
		prof_contention_path(k, site), (uint64_t)site->class << 8 | site->list);
}

static bool same_site(const struct prof_contention *k, const struct prof_contention_site *a,
	const struct prof_contention_site *b)
{
	return a->name == b->name && a->class == b->class && a->list == b->list &&
	       a->holder == b->holder &&
	       (k->opts.by != PROF_CONTENTION_BY_STACK ||
		       same_path(k, &k->stacks.v[a->stack], &k->stacks.v[b->stack]));
}

/* The site of a stack, a new one where there is none yet. */
static int find_site(struct grouping *g, uint32_t stack, uint32_t *id)
{
	struct prof_contention_sites *x = g->x;
	const struct prof_contention_stack *s = &g->k->stacks.v[stack];
	struct prof_contention_site site = {.stack = stack,
		.name = name_of(g->k, s),
		.package = s->n ? function_at(g->k, s, s->site)->package : 0,
		.caller = caller_of(g->k, s),
		.class = s->class,
		.list = s->undecided ? PROF_WAIT_UNDECIDED : s->list,
		.why = s->why,
		.holder = is_holder(x, stack),
		.cum_ns = -1,
		.waiting = NAN};
	struct prof_index_it it;
	uint64_t hash;
	int rc;

	if (site.holder)
		site.list = PROF_WAITS_CONTENTION;
	if (g->k->opts.by == PROF_CONTENTION_BY_LOCK)
		site.class = lock_kind(site.class);
	hash = hash_of(g->k, &site);
	it = prof_index_first(&g->index, hash);
	while ((*id = prof_index_next(&g->index, &it)) != PROF_NONE)
		if (same_site(g->k, &x->v.v[*id], &site))
			return 0;
	*id = (uint32_t)x->v.n;
	if ((rc = prof_vec_reserve(&g->k->mem, &x->v, 1, g->e)) ||
		(rc = prof_index_add(&g->index, hash, *id, g->e)))
		return rc;
	x->v.v[x->v.n++] = site;
	return 0;
}

static void add_stack(struct prof_contention_sites *x, uint32_t stack)
{
	struct prof_contention_site *site = &x->v.v[x->site_of[stack]];
	enum prof_contention_kind source = site->holder ? PROF_CONTENTION_MUTEX : x->source;
	struct prof_contention_sample main = prof_contention_sample_of(x, source, stack);
	struct prof_contention_sample trace = prof_contention_sample_of(
		x, PROF_CONTENTION_TRACE, stack);
	struct prof_contention_sample dump = prof_contention_sample_of(
		x, PROF_CONTENTION_DUMP, stack);

	site->n_members++;
	site->count = prof_add_sat(site->count, main.count);
	site->ns = prof_add_sat(site->ns, main.ns);
	site->trace_count = prof_add_sat(site->trace_count, trace.count);
	site->trace_ns = prof_add_sat(site->trace_ns, trace.ns);
	site->now_ns = dump.ns > site->now_ns ? dump.ns : site->now_ns;
	if (prof_contention_weight(x, stack) > prof_contention_weight(x, site->stack)) {
		site->stack = stack;
		site->why = x->k->stacks.v[stack].why;
	}
}

/* Every stack that an input has something of. */
static int group(struct grouping *g)
{
	struct prof_contention_sites *x = g->x;
	size_t n = g->k->stacks.n;
	int rc = 0;

	for (uint32_t i = 0; !rc && i < n; i++) {
		bool any = false;

		for (int kind = 0; kind < PROF_CONTENTION_KINDS; kind++) {
			struct prof_contention_sample s = prof_contention_sample_of(
				x, (enum prof_contention_kind)kind, i);

			any |= s.count || s.ns;
		}
		if (!any)
			continue;
		rc = find_site(g, i, &x->site_of[i]);
		if (!rc)
			add_stack(x, i);
	}
	return rc;
}

/* Stacks that a trace saw to wake others up from locks, which no profile has. */
static int group_unblockers(struct grouping *g)
{
	struct prof_contention_sites *x = g->x;
	int rc = 0;

	for (size_t t = 0; t < g->k->inputs.n; t++) {
		const struct prof_contention_input *in = &g->k->inputs.v[t];

		if (in->kind != PROF_CONTENTION_TRACE || in->side != x->side)
			continue;
		for (size_t i = 0; !rc && i < g->k->traces.v[in->trace].pairs.n; i++) {
			const struct prof_contention_pair *p =
				&g->k->traces.v[in->trace].pairs.v[i];

			if (p->unblocker == PROF_NONE || x->site_of[p->unblocker] != PROF_NONE ||
				!g->k->stacks.v[p->unblocker].unlocks ||
				!prof_wait_is_lock(g->k->stacks.v[p->waiter].class))
				continue;
			rc = find_site(g, p->unblocker, &x->site_of[p->unblocker]);
			if (!rc)
				add_stack(x, p->unblocker);
		}
	}
	return rc;
}

/* Whom a trace saw to wake the site's goroutines up: what those were doing tells the other end. */
static void add_wakers(struct prof_contention_sites *x, const struct prof_contention_trace *t)
{
	for (size_t i = 0; i < t->pairs.n; i++) {
		const struct prof_contention_pair *p = &t->pairs.v[i];
		struct prof_contention_site *s = &x->v.v[x->site_of[p->waiter]];
		uint8_t class = p->unblocker == PROF_NONE ? PROF_WAIT_OTHER
							  : x->k->stacks.v[p->unblocker].class;

		if (class == PROF_WAIT_SEND)
			s->senders = prof_add_sat(s->senders, (int64_t)p->count);
		else if (class == PROF_WAIT_RECEIVE)
			s->receivers = prof_add_sat(s->receivers, (int64_t)p->count);
	}
}

/* What traces tell of sites, beside what all inputs do. */
static int add_traces(struct prof_contention_sites *x, struct prof_err *e)
{
	struct prof_contention *k = x->k;
	int rc = 0;

	for (size_t t = 0; t < k->inputs.n; t++) {
		const struct prof_contention_input *in = &k->inputs.v[t];

		if (in->kind != PROF_CONTENTION_TRACE || in->side != x->side)
			continue;
		for (size_t i = 0; !rc && i < k->traces.v[in->trace].waits.n; i++) {
			const struct prof_contention_wait *w = &k->traces.v[in->trace].waits.v[i];
			struct prof_contention_site *s = &x->v.v[x->site_of[w->stack]];

			s->open = prof_add_sat(s->open, (int64_t)w->open);
			s->by_nobody = prof_add_sat(s->by_nobody, (int64_t)w->by_nobody);
			rc = prof_hist_merge(&s->hist, &k->mem, &w->hist, e);
		}
		if (!rc)
			add_wakers(x, &k->traces.v[in->trace]);
	}
	return rc;
}

static void add_last_dump(struct prof_contention_sites *x)
{
	const struct prof_contention_part *p = &x->parts[PROF_CONTENTION_DUMP];
	const struct prof_contention_input *in;

	if (!p->known)
		return;
	in = &x->k->inputs.v[p->last];
	for (uint32_t i = in->first; i < in->first + in->n; i++) {
		const struct prof_contention_sample *from = &x->k->samples.v[i];

		if (x->site_of[from->stack] != PROF_NONE) {
			struct prof_contention_site *s = &x->v.v[x->site_of[from->stack]];

			s->now = prof_add_sat(s->now, from->count);
		}
	}
}

/* Sites of stacks, all but their order. */
static int derive(struct grouping *g)
{
	struct prof_contention_sites *x = g->x;
	int rc = group(g);

	if (!rc)
		rc = group_unblockers(g);
	if (!rc)
		rc = add_traces(x, g->e);
	if (rc)
		return rc;
	add_last_dump(x);
	return 0;
}

int prof_contention_sites_init(struct prof_contention_sites *x, struct prof_contention *k,
	enum prof_side side, struct prof_err *e)
{
	struct grouping g = {.x = x, .k = k, .e = e};
	int rc;

	x->k = k;
	x->side = side;
	rc = prof_contention_window(k, side, x->parts, e);
	if (rc)
		return rc;
	x->source = x->parts[PROF_CONTENTION_BLOCK].known   ? PROF_CONTENTION_BLOCK
		    : x->parts[PROF_CONTENTION_TRACE].known ? PROF_CONTENTION_TRACE
							    : PROF_CONTENTION_DUMP;
	x->site_of = malloc((k->stacks.n + 1) * sizeof(*x->site_of));
	if (!x->site_of)
		return prof_nomem(e);
	memset(x->site_of, 0xff, (k->stacks.n + 1) * sizeof(*x->site_of));
	prof_index_init(&g.index, &k->mem);
	rc = derive(&g);
	prof_index_fini(&g.index);
	if (!rc)
		rc = prof_contention_rank(x, e);
	return rc ? rc : prof_contention_match(x, e);
}

void prof_contention_sites_fini(struct prof_contention_sites *x)
{
	if (!x->k)
		return;
	for (int i = 0; i < PROF_CONTENTION_KINDS; i++)
		free(x->parts[i].by_stack);
	for (size_t i = 0; i < x->v.n; i++)
		prof_hist_fini(&x->v.v[i].hist, &x->k->mem);
	prof_vec_fini(&x->k->mem, &x->v);
	prof_vec_fini(&x->k->mem, &x->matches);
	free(x->members);
	free(x->site_of);
}
