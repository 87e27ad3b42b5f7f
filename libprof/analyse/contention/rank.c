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
		int64_t present = 0;

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
		for (uint32_t m = 0; m < s->n_members; m++)
			present = prof_add_sat(
				present, prof_contention_sample_of(x, PROF_CONTENTION_DUMP,
						 x->members[s->members + m])
						 .count);
		s->waiting = (double)present / (double)dumps->n;
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

static int by_rank(const void *pa, const void *pb)
{
	const struct prof_contention_site *a = pa, *b = pb;
	int names;

	if (a->list != b->list)
		return a->list < b->list ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank > b->rank ? -1 : 1;
	if (a->holder != b->holder)
		return a->holder ? 1 : -1;
	names = prof_str_cmp(a->text, b->text);
	if (names)
		return names;
	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

static int sort(struct prof_contention_sites *x, struct prof_err *e)
{
	uint32_t *now = malloc((x->v.n + 1) * sizeof(*now));

	if (!now)
		return prof_nomem(e);
	if (x->v.n)
		qsort(x->v.v, x->v.n, sizeof(*x->v.v), by_rank);
	for (uint32_t i = 0; i < x->v.n; i++)
		now[x->v.v[i].id] = i;
	for (size_t i = 0; i < x->k->stacks.n; i++)
		if (x->site_of[i] != PROF_NONE)
			x->site_of[i] = now[x->site_of[i]];
	free(now);
	return 0;
}

/* Whether a stack comes before another of its site. */
static bool is_before(const struct prof_contention_sites *x, uint32_t a, uint32_t b)
{
	int64_t wa = prof_contention_weight(x, a), wb = prof_contention_weight(x, b);

	return wa != wb ? wa > wb : a < b;
}

/* Moves the PROF_CONTENTION_HEAVIEST that weigh most to the front of n stacks. */
static void select_heaviest(const struct prof_contention_sites *x, uint32_t *v, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++) {
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
	for (size_t i = 0; i < x->v.n; i++)
		select_heaviest(x, x->members + x->v.v[i].members, x->v.v[i].n_members);
	x->n_members = n;
	return 0;
}

struct cum {
	int64_t ns[PROF_WAIT_LISTS];
	uint32_t last; /* stack that was counted */
};

/* What goes through each function, or package, of the stacks of a list. */
static void add_cums(const struct prof_contention_sites *x, struct cum *cums)
{
	const struct prof_contention *k = x->k;
	bool packages = k->opts.by == PROF_CONTENTION_BY_PACKAGE;

	for (uint32_t i = 0; i < k->stacks.n; i++) {
		const struct prof_contention_stack *s = &k->stacks.v[i];
		const struct prof_contention_site *site = x->site_of[i] == PROF_NONE
								  ? NULL
								  : &x->v.v[x->site_of[i]];
		int64_t ns;

		if (!site || site->holder || site->source == PROF_CONTENTION_DUMP)
			continue;
		ns = prof_contention_sample_of(x, (enum prof_contention_kind)site->source, i).ns;
		for (uint32_t f = s->site; ns && f < s->n; f++) {
			const struct prof_contention_function *fn =
				&k->functions.v[k->frames.v[s->first + f].function];
			struct cum *c = &cums[packages ? fn->package : fn->name];

			if (c->last == i + 1)
				continue;
			c->last = i + 1;
			c->ns[site->list] = prof_add_sat(c->ns[site->list], ns);
		}
	}
}

static int find_cums(struct prof_contention_sites *x, struct prof_err *e)
{
	struct prof_contention *k = x->k;
	struct cum *cums;

	if (k->opts.by != PROF_CONTENTION_BY_FUNCTION && k->opts.by != PROF_CONTENTION_BY_PACKAGE)
		return 0;
	cums = calloc(k->names.strs.n + 1, sizeof(*cums));
	if (!cums)
		return prof_nomem(e);
	add_cums(x, cums);
	for (size_t i = 0; i < x->v.n; i++)
		if (!x->v.v[i].holder && x->v.v[i].source != PROF_CONTENTION_DUMP)
			x->v.v[i].cum_ns = cums[x->v.v[i].name].ns[x->v.v[i].list];
	free(cums);
	return 0;
}

int prof_contention_rank(struct prof_contention_sites *x, struct prof_err *e)
{
	int rc;

	for (size_t i = 0; i < x->v.n; i++) {
		x->v.v[i].id = (uint32_t)i;
		if (x->v.v[i].list == PROF_WAIT_UNDECIDED)
			decide(x, &x->v.v[i]);
	}
	rc = find_members(x, e);
	if (rc)
		return rc;
	find_rates(x);
	find_ranks(x);
	rc = find_cums(x, e);
	return rc ? rc : sort(x, e);
}
