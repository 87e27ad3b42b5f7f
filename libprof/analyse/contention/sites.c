/* From stacks to sites: those of one function (package, lock …), class and list are one. */
#include "libprof/analyse/contention/sites.h"

#include <math.h>
#include <stdlib.h>

#include "libprof/base/num.h"

/* Sites that there is room for at once, as far as there are stacks: what is not used is not
 * touched. */
enum { MOST_ROOM = 1 << 16 };

/* What tells a name's sites apart, which are looked through for each stack: so they are small. */
struct link {
	uint32_t next; /* another site of the name; PROF_NONE */
	uint8_t class, list;
	bool holder;
};

struct grouping {
	struct prof_contention_sites *x;
	struct prof_contention *k;
	struct prof_index index; /* by stack: of all that is above the site, too */
	uint32_t *of_name; /* else the last site of a name; PROF_NONE */
	PROF_VEC(struct link) links; /* by site */
	struct prof_err *e;
};

/* Stacks that let others go on are holders; a mutex profile has no others. */
static bool is_holder(const struct prof_contention_sites *x, uint32_t stack)
{
	struct prof_contention_sample mutex = prof_contention_sample_of(
		x, PROF_CONTENTION_MUTEX, stack);

	return x->k->stacks.v[stack].unlocks || mutex.count || mutex.ns;
}

/* Read and write side of an RWMutex are one lock. */
static uint8_t lock_kind(uint8_t class)
{
	return class == PROF_WAIT_WRITE_LOCK ? PROF_WAIT_READ_LOCK : class;
}

/* The string that names the stack's site. */
static uint32_t name_of(const struct prof_contention *k, const struct prof_contention_stack *s)
{
	const struct prof_contention_function *fn = prof_contention_site_function(k, s);

	if (!fn)
		return 0;
	if (k->opts.by == PROF_CONTENTION_BY_PACKAGE)
		return fn->package;
	if (k->opts.by == PROF_CONTENTION_BY_LOCK && prof_wait_is_lock(s->class))
		return prof_contention_owner(k, s);
	return fn->name;
}

/* The next one that all inputs show; NULL: none. */
static const struct prof_contention_function *next_shown(
	const struct prof_contention *k, struct prof_contention_walk *w)
{
	const struct prof_contention_frame *f;

	while ((f = prof_contention_next(k, w)))
		if (!prof_contention_function_of(k, f)->hidden)
			return prof_contention_function_of(k, f);
	return NULL;
}

static uint32_t caller_of(const struct prof_contention *k, const struct prof_contention_stack *s)
{
	struct prof_contention_walk w = prof_contention_walk_site(k, s);
	const struct prof_contention_function *fn;

	(void)prof_contention_next(k, &w);
	fn = next_shown(k, &w);
	return fn ? fn->name : 0;
}

/* Equal functions from the site to the root, but for what not all inputs show. */
static bool same_path(const struct prof_contention *k, const struct prof_contention_stack *a,
	const struct prof_contention_stack *b)
{
	struct prof_contention_walk x = prof_contention_walk_site(k, a);
	struct prof_contention_walk y = prof_contention_walk_site(k, b);
	const struct prof_contention_function *f, *g;

	do {
		f = next_shown(k, &x);
		g = next_shown(k, &y);
		if (!f || !g)
			return f == g;
	} while (f->name == g->name);
	return false;
}

static uint64_t path_of(const struct prof_contention *k, uint32_t name, bool holder, uint32_t stack)
{
	struct prof_contention_walk w = prof_contention_walk_site(k, &k->stacks.v[stack]);
	uint64_t h = prof_hash_mix(name, holder);
	const struct prof_contention_function *fn;

	while (k->opts.by == PROF_CONTENTION_BY_STACK && (fn = next_shown(k, &w)))
		h = prof_hash_mix(h, fn->name);
	return h;
}

uint64_t prof_contention_path(const struct prof_contention *k, const struct prof_contention_site *s)
{
	return path_of(k, s->name, s->holder, s->stack);
}

/* A site that may be there already. */
struct key {
	uint32_t name, stack;
	uint8_t class, list;
	bool holder;
};

/* PROF_NONE: there is none yet. */
static uint32_t find_by_stack(const struct grouping *g, const struct key *key, uint64_t hash)
{
	struct prof_index_it it = prof_index_first(&g->index, hash);
	uint32_t id;

	while ((id = prof_index_next(&g->index, &it)) != PROF_NONE) {
		const struct prof_contention_site *s = &g->x->v.v[id];

		if (s->name == key->name && s->class == key->class && s->list == key->list &&
			s->holder == key->holder &&
			same_path(g->k, &g->k->stacks.v[s->stack], &g->k->stacks.v[key->stack]))
			break;
	}
	return id;
}

static uint32_t find_by_name(const struct grouping *g, const struct key *key)
{
	uint32_t id = g->of_name[key->name];

	for (; id != PROF_NONE; id = g->links.v[id].next) {
		const struct link *l = &g->links.v[id];

		if (l->class == key->class && l->list == key->list && l->holder == key->holder)
			break;
	}
	return id;
}

static int add_site(struct grouping *g, const struct key *key, uint64_t hash)
{
	const struct prof_contention_stack *s = &g->k->stacks.v[key->stack];
	const struct prof_contention_function *fn = prof_contention_site_function(g->k, s);
	uint32_t id = (uint32_t)g->x->v.n;
	int rc = prof_vec_reserve(&g->k->mem, &g->x->v, 1, g->e);

	if (!rc)
		rc = g->of_name ? prof_vec_reserve(&g->k->mem, &g->links, 1, g->e)
				: prof_index_add(&g->index, hash, id, g->e);
	if (rc)
		return rc;
	g->x->v.v[g->x->v.n++] = (struct prof_contention_site){.name = key->name,
		.stack = key->stack,
		.class = key->class,
		.list = key->list,
		.holder = key->holder,
		.package = fn ? fn->package : 0,
		.caller = caller_of(g->k, s),
		.cum_ns = -1,
		.waiting = NAN};
	if (g->of_name) {
		g->links.v[g->links.n++] = (struct link){
			g->of_name[key->name], key->class, key->list, key->holder};
		g->of_name[key->name] = id;
	}
	return 0;
}

/* The site of a stack, a new one where there is none yet. */
static int find_site(struct grouping *g, uint32_t stack, uint32_t *id)
{
	const struct prof_contention_stack *s = &g->k->stacks.v[stack];
	struct key key = {.name = name_of(g->k, s),
		.stack = stack,
		.class = (uint8_t)s->class,
		.list = s->undecided ? PROF_WAIT_UNDECIDED : (uint8_t)s->list,
		.holder = is_holder(g->x, stack)};
	uint64_t hash = 0;

	if (key.holder)
		key.list = PROF_WAITS_CONTENTION;
	if (g->k->opts.by == PROF_CONTENTION_BY_LOCK)
		key.class = lock_kind(key.class);
	if (!g->of_name)
		hash = prof_hash_mix(path_of(g->k, key.name, key.holder, stack),
			(uint64_t)key.class << 8 | key.list);
	*id = g->of_name ? find_by_name(g, &key) : find_by_stack(g, &key, hash);
	if (*id != PROF_NONE)
		return 0;
	*id = (uint32_t)g->x->v.n;
	return add_site(g, &key, hash);
}

static void add_trace_sums(struct prof_contention_site *site, struct prof_contention_sample s)
{
	site->trace_count = prof_add_sat(site->trace_count, s.count);
	site->trace_ns = prof_add_sat(site->trace_ns, s.ns);
}

static void add_present(struct prof_contention_site *site, struct prof_contention_sample s)
{
	site->present = prof_add_sat(site->present, s.count);
	site->now_ns = s.ns > site->now_ns ? s.ns : site->now_ns;
}

static void add_stack(struct prof_contention_sites *x, uint32_t stack)
{
	struct prof_contention_site *site = &x->v.v[x->site_of[stack]];
	enum prof_contention_kind source = site->holder ? PROF_CONTENTION_MUTEX : x->source;
	struct prof_contention_sample main = prof_contention_sample_of(x, source, stack);
	int64_t weight = prof_contention_weight(x, stack);

	site->count = prof_add_sat(site->count, main.count);
	site->ns = prof_add_sat(site->ns, main.ns);
	if (x->parts[PROF_CONTENTION_TRACE].counts)
		add_trace_sums(site, prof_contention_sample_of(x, PROF_CONTENTION_TRACE, stack));
	if (x->parts[PROF_CONTENTION_DUMP].counts)
		add_present(site, prof_contention_sample_of(x, PROF_CONTENTION_DUMP, stack));
	if (!site->n_members++ || weight > site->weight) {
		site->stack = stack;
		site->weight = weight;
	}
}

/* Every stack that an input has something of. */
static int group(struct grouping *g)
{
	struct prof_contention_sites *x = g->x;
	size_t n = g->k->stacks.n, room = n < MOST_ROOM ? n : MOST_ROOM;
	int rc = prof_vec_reserve(&g->k->mem, &x->v, room, g->e);

	for (uint32_t i = 0; !rc && i < n; i++) {
		bool any = false;

		for (int kind = 0; kind < PROF_CONTENTION_KINDS; kind++)
			any |= x->parts[kind].counts &&
			       (x->parts[kind].counts[i] || x->parts[kind].delays[i]);
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
		uint8_t class = p->unblocker == PROF_NONE
					? PROF_WAIT_OTHER
					: (uint8_t)x->k->stacks.v[p->unblocker].class;

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
			if (!s->hist &&
				!(s->hist = prof_mem_zalloc(&k->mem, 1, sizeof(*s->hist), e)))
				rc = e ? e->code : PROF_ENOMEM;
			if (!rc)
				rc = prof_hist_merge(s->hist, &k->mem, &w->hist, e);
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
	for (size_t i = 0; i < in->stacks.n; i++)
		if (x->site_of[in->stacks.v[i]] != PROF_NONE) {
			struct prof_contention_site *s = &x->v.v[x->site_of[in->stacks.v[i]]];

			s->now = prof_add_sat(s->now, in->counts.v[i]);
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

/* Names are ids, and few: their sites are found without a search. */
static int init_names(struct grouping *g)
{
	size_t bytes = (g->k->names.strs.n + 1) * sizeof(*g->of_name);

	if (g->k->opts.by == PROF_CONTENTION_BY_STACK)
		return 0;
	g->of_name = malloc(bytes);
	if (!g->of_name)
		return prof_nomem(g->e);
	memset(g->of_name, 0xff, bytes);
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
	rc = init_names(&g);
	if (!rc)
		rc = derive(&g);
	prof_vec_fini(&k->mem, &g.links);
	free(g.of_name);
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
		if (x->parts[i].own) {
			free(x->parts[i].counts);
			free(x->parts[i].delays);
		}
	for (size_t i = 0; i < x->v.n; i++)
		if (x->v.v[i].hist) {
			prof_hist_fini(x->v.v[i].hist, &x->k->mem);
			prof_mem_zfree(&x->k->mem, x->v.v[i].hist, 1, sizeof(*x->v.v[i].hist));
		}
	prof_vec_fini(&x->k->mem, &x->v);
	prof_vec_fini(&x->k->mem, &x->matches);
	free(x->members);
	free(x->site_of);
}
