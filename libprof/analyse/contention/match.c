/* Which unlocks let which waiters go on. A mutex profile has the stacks of who unlocked, a block
 * profile those of who waited, and neither names the lock: that both are in methods of one type, or
 * in one function, is what tells it. A trace saw who woke whom.
 */
#include <stdlib.h>

#include "libprof/analyse/contention/sites.h"
#include "libprof/base/num.h"

enum {
	MOST_WAITERS = 16, /* of one holder, found by names: those that wait most */
	FEW = 10, /* numbers under this do not tell */
};

#define SEVERAL (PROF_NONE - 1)

/* A waiter under what it could be found by. */
struct ref {
	uint32_t kind, key, site; /* key: string */
};

struct matching {
	struct prof_contention_sites *x;
	struct prof_contention *k;
	/* By kind, key, rank of the site: of owners, callers, packages. */
	struct ref *refs[PROF_MATCH_PACKAGE + 1];
	size_t n;
	bool *seen; /* by site: a trace saw whom it wakes */
	struct prof_err *e;
};

static uint32_t kind_of(uint8_t class)
{
	return class == PROF_WAIT_WRITE_LOCK ? PROF_WAIT_READ_LOCK : class;
}

static uint32_t key_of(const struct prof_contention *k, const struct prof_contention_site *s,
	enum prof_contention_how how)
{
	return how == PROF_MATCH_OWNER    ? prof_contention_owner(k, &k->stacks.v[s->stack])
	       : how == PROF_MATCH_CALLER ? s->caller
					  : s->package;
}

static int compare(const void *pa, const void *pb)
{
	const struct ref *a = pa, *b = pb;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->site < b->site ? -1 : a->site > b->site;
}

static int index_waiters(struct matching *m)
{
	const struct prof_contention_sites *x = m->x;

	for (int how = PROF_MATCH_OWNER; how <= PROF_MATCH_PACKAGE; how++) {
		m->refs[how] = malloc((x->v.n + 1) * sizeof(*m->refs[how]));
		if (!m->refs[how])
			return prof_nomem(m->e);
		m->n = 0;
		for (uint32_t i = 0; i < x->v.n; i++) {
			const struct prof_contention_site *s = &x->v.v[i];

			if (!s->holder && prof_wait_is_lock(s->class) &&
				s->class != PROF_WAIT_RUNTIME_LOCK)
				m->refs[how][m->n++] = (struct ref){kind_of(s->class),
					key_of(m->k, s, (enum prof_contention_how)how), i};
		}
		if (m->n)
			qsort(m->refs[how], m->n, sizeof(*m->refs[how]), compare);
	}
	return 0;
}

static int add(struct matching *m, struct prof_contention_match match)
{
	int rc = prof_vec_reserve(&m->k->mem, &m->x->matches, 1, m->e);

	if (!rc)
		m->x->matches.v[m->x->matches.n++] = match;
	return rc;
}

/* What the traces saw, a row a pair of stacks at first. */
static int add_seen(struct matching *m)
{
	struct prof_contention_sites *x = m->x;
	int rc = 0;

	for (size_t t = 0; t < m->k->inputs.n; t++) {
		const struct prof_contention_input *in = &m->k->inputs.v[t];

		if (in->kind != PROF_CONTENTION_TRACE || in->side != x->side)
			continue;
		for (size_t i = 0; !rc && i < m->k->traces.v[in->trace].pairs.n; i++) {
			const struct prof_contention_pair *p =
				&m->k->traces.v[in->trace].pairs.v[i];
			uint32_t holder = p->unblocker == PROF_NONE ? PROF_NONE
								    : x->site_of[p->unblocker];

			if (holder == PROF_NONE || !x->v.v[holder].holder ||
				!prof_wait_is_lock(m->k->stacks.v[p->waiter].class))
				continue;
			m->seen[holder] = true;
			rc = add(m, (struct prof_contention_match){.holder = holder,
					    .waiter = x->site_of[p->waiter],
					    .how = PROF_MATCH_SEEN,
					    .count = (int64_t)p->count,
					    .ns = p->ns});
		}
	}
	return rc;
}

/* Where the waiters of a kind and key begin in refs[how]; n: there are none. */
static size_t first_of(
	const struct matching *m, enum prof_contention_how how, uint32_t kind, uint32_t key)
{
	const struct ref *refs = m->refs[how], want = {kind, key, 0};
	size_t from = 0, to = m->n;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (compare(&refs[mid], &want) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from < m->n && refs[from].kind == kind && refs[from].key == key ? from : m->n;
}

/* The waiters that have the holder's key, as far as that tells anything. */
static int find(struct matching *m, uint32_t holder, enum prof_contention_how how, bool *any)
{
	const struct prof_contention_site *h = &m->x->v.v[holder];
	uint32_t kind = kind_of(h->class), key = key_of(m->k, h, how);
	const struct ref *refs = m->refs[how];
	/* Who lets readers of an RWMutex go on does not let writers, and the other way round. */
	bool sides = m->k->opts.by != PROF_CONTENTION_BY_LOCK;
	size_t from = key ? first_of(m, how, kind, key) : m->n, n = 0;
	int rc = 0;

	*any = false;
	while (n <= MOST_WAITERS && from + n < m->n && refs[from + n].kind == kind &&
		refs[from + n].key == key)
		n++;
	if (how == PROF_MATCH_PACKAGE && n != 1)
		return 0;
	n = n < MOST_WAITERS ? n : MOST_WAITERS;
	for (size_t i = 0; !rc && i < n; i++) {
		uint32_t waiter = refs[from + i].site;

		if (sides && m->x->v.v[waiter].class != h->class)
			continue;
		rc = add(m, (struct prof_contention_match){
				    .holder = holder, .waiter = waiter, .how = (uint8_t)how});
		*any = true;
	}
	return rc;
}

/* For each waiter's place in refs[PROF_MATCH_PACKAGE], at the first of a package: the only one that
 * waits oftener than those matched with it unlock; PROF_NONE: none, or several.
 */
static void find_short(const struct matching *m, const int64_t *covered, uint32_t *only)
{
	const struct ref *refs = m->refs[PROF_MATCH_PACKAGE];

	for (size_t i = 0, first = 0; i < m->n; i++) {
		const struct prof_contention_site *s = &m->x->v.v[refs[i].site];

		if (refs[i].kind != refs[first].kind || refs[i].key != refs[first].key)
			first = i;
		if (i == first)
			only[first] = PROF_NONE;
		if (s->count >= FEW && s->count / 5 * 4 > covered[refs[i].site])
			only[first] = only[first] == PROF_NONE ? refs[i].site : SEVERAL;
	}
}

/* Each wait is ended by one unlock, so both sides of a lock have numbers alike: who unlocks much
 * oftener than those matched with it wait lets others go on, too. Where a package has just one site
 * that waits oftener than it is explained, that is who.
 */
static int add_by_amount(struct matching *m)
{
	const struct prof_contention_sites *x = m->x;
	const struct prof_contention_part *block = &x->parts[PROF_CONTENTION_BLOCK];
	const struct prof_contention_part *mutex = &x->parts[PROF_CONTENTION_MUTEX];
	int64_t *covered = calloc(x->v.n + 1, sizeof(*covered));
	uint32_t *only = malloc((m->n + 1) * sizeof(*only));
	size_t n = x->matches.n;
	int rc = covered && only ? 0 : prof_nomem(m->e);

	if (rc || !block->known || !mutex->known || block->since_start != mutex->since_start)
		goto out;
	for (size_t i = 0; i < n; i++) {
		const struct prof_contention_match *v = &x->matches.v[i];

		covered[v->holder] = prof_add_sat(covered[v->holder], x->v.v[v->waiter].count);
		covered[v->waiter] = prof_add_sat(covered[v->waiter], x->v.v[v->holder].count);
	}
	find_short(m, covered, only);
	for (uint32_t i = 0; !rc && i < x->v.n; i++) {
		const struct prof_contention_site *h = &x->v.v[i];
		size_t at;

		if (!h->holder || m->seen[i] || h->count < FEW || h->count / 2 <= covered[i])
			continue;
		at = first_of(m, PROF_MATCH_PACKAGE, kind_of(h->class), h->package);
		if (at < m->n && only[at] < SEVERAL)
			rc = add(m,
				(struct prof_contention_match){
					.holder = i, .waiter = only[at], .how = PROF_MATCH_AMOUNT});
	}
out:
	free(covered);
	free(only);
	return rc;
}

/* The waiter that ranks first, then the surest, then the holder. */
static int by_waiter(const void *pa, const void *pb)
{
	const struct prof_contention_match *a = pa, *b = pb;

	if (a->waiter != b->waiter)
		return a->waiter < b->waiter ? -1 : 1;
	if (a->how != b->how)
		return a->how < b->how ? -1 : 1;
	return a->holder < b->holder ? -1 : a->holder > b->holder;
}

/* Sorts; rows of the same two sites become one. */
static void settle(struct prof_contention_sites *x)
{
	struct prof_contention_match *v = x->matches.v;
	size_t n = 0;

	if (x->matches.n)
		qsort(v, x->matches.n, sizeof(*v), by_waiter);
	for (size_t i = 0; i < x->matches.n; i++) {
		if (n && by_waiter(&v[n - 1], &v[i]) == 0) {
			v[n - 1].count = prof_add_sat(v[n - 1].count, v[i].count);
			v[n - 1].ns = prof_add_sat(v[n - 1].ns, v[i].ns);
			continue;
		}
		v[n++] = v[i];
	}
	x->matches.n = n;
	for (size_t i = 0; i < n; i++) {
		x->v.v[v[i].holder].n_matches++;
		x->v.v[v[i].waiter].n_matches++;
	}
}

int prof_contention_match(struct prof_contention_sites *x, struct prof_err *e)
{
	struct matching m = {.x = x, .k = x->k, .e = e};
	bool holders = false;
	int rc;

	for (size_t i = 0; !holders && i < x->v.n; i++)
		holders = x->v.v[i].holder;
	if (!holders)
		return 0;
	m.seen = calloc(x->v.n + 1, sizeof(*m.seen));
	rc = m.seen ? index_waiters(&m) : prof_nomem(e);
	if (!rc)
		rc = add_seen(&m);
	for (uint32_t i = 0; !rc && i < x->v.n; i++) {
		bool any = m.seen[i];

		for (int how = PROF_MATCH_OWNER;
			x->v.v[i].holder && !any && !rc && how <= PROF_MATCH_PACKAGE; how++)
			rc = find(&m, i, (enum prof_contention_how)how, &any);
	}
	if (!rc)
		rc = add_by_amount(&m);
	if (!rc)
		settle(x);
	for (int how = 0; how <= PROF_MATCH_PACKAGE; how++)
		free(m.refs[how]);
	free(m.seen);
	return rc;
}
