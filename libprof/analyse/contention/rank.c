/* What sites weigh, and their order. */
#include <math.h>
#include <stdlib.h>

#include "libprof/analyse/contention/sites.h"
#include "libprof/base/num.h"

enum {
	/* A select whose other side is not told: so many waits, this short on average, are of
	 * somebody who has work; long ones are of somebody who has none.
	 */
	BUSY_WAITS = 100,
	BUSY_NS = 5 * 1000 * 1000,
};

int64_t prof_contention_weight(const struct prof_contention_sites *x, uint32_t stack)
{
	static const uint8_t kinds[] = {PROF_CONTENTION_BLOCK, PROF_CONTENTION_MUTEX,
		PROF_CONTENTION_TRACE, PROF_CONTENTION_DUMP};
	int64_t ns = 0;

	for (int i = 0; !ns && i < 3; i++)
		ns = prof_contention_sample_of(x, kinds[i], stack).ns;
	return ns ? ns : prof_contention_sample_of(x, PROF_CONTENTION_DUMP, stack).count;
}

/* A connection at the top of its goroutine: idle where most of the waiting is by those whose waits
 * neither began nor ended in the trace.
 */
static void decide_network(struct prof_contention_site *s)
{
	int64_t whole = s->hist ? (int64_t)s->hist->total : 0;

	s->list = PROF_WAITS_BACKPRESSURE;
	if (s->trace_ns && prof_sub(s->trace_ns, whole) > s->trace_ns / 2) {
		s->list = PROF_WAITS_IDLE;
		s->why = "connections that nobody used while the trace was taken";
	}
}

/* A select at the top of its goroutine, of which no name tells whether it waits for work or for
 * somebody to take its work: who wakes it up does, else how long its waits are.
 */
static void decide(const struct prof_contention_sites *x, struct prof_contention_site *s)
{
	int64_t count = s->count ? s->count : s->trace_count;
	int64_t ns = s->count ? s->ns : s->trace_ns;

	s->list = PROF_WAITS_IDLE;
	s->why = "waits for work at the top of its goroutine";
	if (s->receivers > s->senders) {
		s->list = PROF_WAITS_BACKPRESSURE;
		s->why = "receivers wake it up: it sends";
	} else if (s->senders > s->receivers) {
		s->why = "senders wake it up: it waits for work";
	} else if (s->trace_count && s->by_nobody > s->trace_count / 2) {
		s->why = "timers or the network wake it up";
	} else if (x->source != PROF_CONTENTION_DUMP && count >= BUSY_WAITS &&
		   ns / count < BUSY_NS) {
		s->list = PROF_WAITS_BACKPRESSURE;
		s->why = "many short waits: the other side is at work, too";
	}
}

/* Goroutines that wait there at a time; NAN: how long the inputs watched is not known. */
static double rate(const struct prof_contention_part *p, int64_t ns)
{
	return p->known && p->interval_ns > 0 ? (double)ns / (double)p->interval_ns : NAN;
}

static void find_rates(struct prof_contention_sites *x)
{
	const struct prof_contention_part *dumps = &x->parts[PROF_CONTENTION_DUMP];

	for (size_t i = 0; i < x->v.n; i++) {
		struct prof_contention_site *s = &x->v.v[i];

		s->source = s->holder ? PROF_CONTENTION_MUTEX : (uint8_t)x->source;
		if (!s->ns && !s->count && s->trace_count) {
			s->source = PROF_CONTENTION_TRACE;
			s->ns = s->trace_ns;
			s->count = s->trace_count;
		}
		if (!s->ns && !s->count && dumps->known)
			s->source = PROF_CONTENTION_DUMP;
		if (s->source != PROF_CONTENTION_DUMP) {
			s->waiting = rate(&x->parts[s->source], s->ns);
			continue;
		}
		s->waiting = (double)s->present / (double)dumps->n;
		s->ns = s->count = 0;
	}
}

/* What sites are ranked by: goroutines waiting where that is known of all, else delay; what only a
 * dump shows has none, and comes last then.
 */
static void find_ranks(struct prof_contention_sites *x)
{
	bool waiters = x->source != PROF_CONTENTION_DUMP || x->parts[PROF_CONTENTION_DUMP].known;

	x->by_rate = true;
	for (size_t i = 0; i < x->v.n; i++)
		x->by_rate &= !isnan(x->v.v[i].waiting) || (x->v.v[i].holder && waiters);
	for (size_t i = 0; i < x->v.n; i++) {
		struct prof_contention_site *s = &x->v.v[i];

		s->text = s->name ? prof_contention_name(x->k, s->name) : PROF_STR("(no stack)");
		s->rank = x->by_rate                          ? isnan(s->waiting) ? 0 : s->waiting
			  : s->source == PROF_CONTENTION_DUMP ? -1 / (1 + s->waiting)
							      : (double)s->ns;
		if (s->holder && waiters)
			continue;
		x->ns[s->list] = prof_add_sat(x->ns[s->list], s->ns);
		x->waiting[s->list] += s->waiting;
	}
}

struct ranked {
	const struct prof_contention_site *site;
	double rank;
	uint32_t id; /* in the order in which sites were met */
	uint8_t list;
};

static int by_rank(const void *pa, const void *pb)
{
	const struct ranked *x = pa, *y = pb;
	const struct prof_contention_site *a = x->site, *b = y->site;
	int names;

	if (x->list != y->list)
		return x->list < y->list ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank > y->rank ? -1 : 1;
	if (a->holder != b->holder)
		return a->holder ? 1 : -1;
	names = prof_str_cmp(a->text, b->text);
	if (names)
		return names;
	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* Site i becomes site to[i]; `to` is used up. */
static void permute(struct prof_contention_site *v, uint32_t *to, size_t n)
{
	for (uint32_t i = 0; i < n; i++)
		while (to[i] != i) {
			uint32_t at = to[i];
			struct prof_contention_site s = v[at];

			v[at] = v[i];
			v[i] = s;
			to[i] = to[at];
			to[at] = at;
		}
}

static int sort(struct prof_contention_sites *x, struct prof_err *e)
{
	size_t n = x->v.n;
	struct ranked *order = malloc((n + 1) * sizeof(*order));
	uint32_t *to = malloc((n + 1) * sizeof(*to));
	int rc = order && to ? 0 : prof_nomem(e);

	for (uint32_t i = 0; !rc && i < n; i++)
		order[i] = (struct ranked){&x->v.v[i], x->v.v[i].rank, i, x->v.v[i].list};
	if (!rc && n)
		qsort(order, n, sizeof(*order), by_rank);
	for (uint32_t i = 0; !rc && i < n; i++)
		to[order[i].id] = i;
	for (size_t i = 0; !rc && i < x->k->stacks.n; i++)
		if (x->site_of[i] != PROF_NONE)
			x->site_of[i] = to[x->site_of[i]];
	if (!rc)
		permute(x->v.v, to, n);
	free(order);
	free(to);
	return rc;
}

/* The stacks of each site. */
static int find_members(struct prof_contention_sites *x, struct prof_err *e)
{
	uint32_t n = 0;

	x->members = malloc((x->k->stacks.n + 1) * sizeof(*x->members));
	if (!x->members)
		return prof_nomem(e);
	for (size_t i = 0; i < x->v.n; i++) {
		x->v.v[i].members = n;
		n += x->v.v[i].n_members;
		x->v.v[i].n_members = 0;
	}
	for (uint32_t i = 0; i < x->k->stacks.n; i++)
		if (x->site_of[i] != PROF_NONE) {
			struct prof_contention_site *s = &x->v.v[x->site_of[i]];

			x->members[s->members + s->n_members++] = i;
		}
	x->n_members = n;
	return 0;
}

/* Whether a stack comes before another of its site. */
static bool is_before(const struct prof_contention_sites *x, uint32_t a, uint32_t b)
{
	int64_t wa = prof_contention_weight(x, a), wb = prof_contention_weight(x, b);

	return wa != wb ? wa > wb : a < b;
}

const uint32_t *prof_contention_heaviest(
	const struct prof_contention_sites *x, const struct prof_contention_site *s, uint32_t *n)
{
	uint32_t *v = x->members + s->members;
	bool *sorted = &x->v.v[s - x->v.v].sorted;

	*n = s->n_members < PROF_CONTENTION_HEAVIEST ? s->n_members : PROF_CONTENTION_HEAVIEST;
	for (uint32_t i = 1; !*sorted && i < s->n_members; i++) {
		uint32_t last = i < PROF_CONTENTION_HEAVIEST ? i : PROF_CONTENTION_HEAVIEST - 1;
		uint32_t stack = v[i], at = last;

		if (i != last && !is_before(x, stack, v[last]))
			continue;
		v[i] = v[last];
		while (at && is_before(x, stack, v[at - 1])) {
			v[at] = v[at - 1];
			at--;
		}
		v[at] = stack;
	}
	*sorted = true;
	return v;
}

struct cum {
	int64_t ns[PROF_WAIT_LISTS];
	uint32_t last; /* stack that was counted */
};

struct cums {
	struct prof_contention_sites *x;
	uint32_t *of_name; /* string -> cum; 0: nobody asks */
	uint8_t *asked; /* by place: of a function that somebody asks for */
	struct cum *v;
};

static uint32_t name_of(const struct prof_contention *k, uint32_t frame)
{
	const struct prof_contention_function *fn = &k->functions.v[k->frames.v[frame].function];

	return k->opts.by == PROF_CONTENTION_BY_PACKAGE ? fn->package : fn->name;
}

/* What a stack of a list adds to what goes through the functions, or packages, of a place, from a
 * frame of it on.
 */
static void add_place(const struct cums *c, uint32_t place, uint32_t from, uint32_t stack,
	uint8_t list, int64_t ns)
{
	const struct prof_contention *k = c->x->k;
	const struct prof_contention_place *p = &k->places.v[place];

	for (uint32_t f = from; f < p->first + p->n; f++) {
		struct cum *cum = &c->v[c->of_name[name_of(k, f)]];

		if (cum->last == stack + 1)
			continue;
		cum->last = stack + 1;
		cum->ns[list] = prof_add_sat(cum->ns[list], ns);
	}
}

static void add_cums(const struct cums *c)
{
	const struct prof_contention_sites *x = c->x;
	const struct prof_contention *k = x->k;

	for (uint32_t i = 0; i < k->stacks.n; i++) {
		const struct prof_contention_stack *s = &k->stacks.v[i];
		const struct prof_contention_site *site = x->site_of[i] == PROF_NONE
								  ? NULL
								  : &x->v.v[x->site_of[i]];
		const uint32_t *places;
		int64_t ns;

		if (!site || site->holder || site->source == PROF_CONTENTION_DUMP ||
			s->site == PROF_NONE)
			continue;
		ns = prof_contention_sample_of(x, (enum prof_contention_kind)site->source, i).ns;
		if (!ns)
			continue;
		places = k->stack_places.v + s->first;
		if (c->asked[places[s->site_place]])
			add_place(c, places[s->site_place], s->site, i, site->list, ns);
		for (uint32_t p = s->site_place + 1; p < s->n; p++)
			if (c->asked[places[p]])
				add_place(c, places[p], k->places.v[places[p]].first, i, site->list,
					ns);
	}
}

static bool has_cum(const struct prof_contention_site *s)
{
	return !s->holder && s->source != PROF_CONTENTION_DUMP;
}

/* The names that are asked for: of all sites, in text of those that are shown. */
static void ask(const struct cums *c)
{
	const struct prof_contention *k = c->x->k;
	int64_t most = k->opts.only_text ? k->opts.row_count : 0, n = 0;
	uint32_t cums = 0;

	for (size_t i = 0; i < c->x->v.n; i++) {
		const struct prof_contention_site *s = &c->x->v.v[i];

		n = i && s->list == s[-1].list ? n + has_cum(s) : has_cum(s);
		if (has_cum(s) && (!most || n <= most) && !c->of_name[s->name])
			c->of_name[s->name] = ++cums;
	}
	for (size_t i = 0; i < k->places.n; i++)
		for (uint32_t f = 0; f < k->places.v[i].n; f++)
			c->asked[i] |= c->of_name[name_of(k, k->places.v[i].first + f)] != 0;
}

/* What goes through the functions, or packages, of sites, of the stacks of their lists. */
static int find_cums(struct prof_contention_sites *x, struct prof_err *e)
{
	struct prof_contention *k = x->k;
	struct cums c = {.x = x};
	int rc = 0;

	if (k->opts.by != PROF_CONTENTION_BY_FUNCTION && k->opts.by != PROF_CONTENTION_BY_PACKAGE)
		return 0;
	c.of_name = calloc(k->names.strs.n + 1, sizeof(*c.of_name));
	c.asked = calloc(k->places.n + 1, sizeof(*c.asked));
	c.v = calloc(x->v.n + 1, sizeof(*c.v));
	if (c.of_name && c.asked && c.v) {
		ask(&c);
		add_cums(&c);
	} else {
		rc = prof_nomem(e);
	}
	for (size_t i = 0; !rc && i < x->v.n; i++) {
		struct prof_contention_site *s = &x->v.v[i];

		if (has_cum(s) && c.of_name[s->name])
			s->cum_ns = c.v[c.of_name[s->name]].ns[s->list];
	}
	free(c.of_name);
	free(c.asked);
	free(c.v);
	return rc;
}

int prof_contention_rank(struct prof_contention_sites *x, struct prof_err *e)
{
	int rc;

	for (size_t i = 0; i < x->v.n; i++) {
		struct prof_contention_site *s = &x->v.v[i];

		s->why = prof_contention_why(x->k, &x->k->stacks.v[s->stack]);
		if (s->list == PROF_WAIT_UNDECIDED && s->class == PROF_WAIT_NETWORK)
			decide_network(s);
		else if (s->list == PROF_WAIT_UNDECIDED)
			decide(x, s);
	}
	find_rates(x);
	find_ranks(x);
	rc = sort(x, e);
	if (!rc)
		rc = find_members(x, e);
	return rc ? rc : find_cums(x, e);
}
