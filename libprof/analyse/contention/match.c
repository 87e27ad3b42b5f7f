/* Which unlocks let which waiters go on. A mutex profile has the stacks of who unlocked, a block
 * profile those of who waited, and neither names the lock: that both are in methods of one type, or
 * in one function, is what tells it. A trace saw who woke whom.
 */
#include <stdlib.h>

#include "libprof/analyse/contention/sites.h"
#include "libprof/base/num.h"

enum { MOST_WAITERS = 16 }; /* of one holder, found by names: those that wait most */

/* A waiter under what it could be found by. */
struct ref {
	uint32_t kind, key, site; /* key: string */
};

struct matching {
	struct prof_contention_sites *x;
	struct prof_contention *k;
	struct ref *refs[PROF_MATCHES]; /* by kind, key, rank of the site */
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
	return how == PROF_MATCH_OWNER    ? k->stacks.v[s->stack].owner
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

	for (int how = PROF_MATCH_OWNER; how < PROF_MATCHES; how++) {
		m->refs[how] = malloc((x->v.n + 1) * sizeof(*m->refs[how]));
		if (!m->refs[how])
			return prof_nomem(m->e);
		m->n = 0;
		for (uint32_t i = 0; i < x->v.n; i++) {
			const struct prof_contention_site *s = &x->v.v[i];

			if (!s->holder && prof_wait_is_lock(s->class))
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

/* The waiters that have the holder's key, as far as that tells anything. */
static int find(struct matching *m, uint32_t holder, enum prof_contention_how how, bool *any)
{
	const struct prof_contention_site *h = &m->x->v.v[holder];
	struct ref want = {kind_of(h->class), key_of(m->k, h, how), 0};
	const struct ref *refs = m->refs[how];
	/* The last reader lets a writer go on, and no other reader. */
	bool writers = m->k->stacks.v[h->stack].class == PROF_WAIT_WRITE_LOCK;
	size_t from = 0, to = m->n, n = 0;
	int rc = 0;

	*any = false;
	if (!want.key)
		return 0;
	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (compare(&refs[mid], &want) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	while (n <= MOST_WAITERS && from + n < m->n && refs[from + n].kind == want.kind &&
		refs[from + n].key == want.key)
		n++;
	if (how == PROF_MATCH_PACKAGE && n != 1)
		return 0;
	n = n < MOST_WAITERS ? n : MOST_WAITERS;
	for (size_t i = 0; !rc && i < n; i++) {
		uint32_t waiter = refs[from + i].site;

		if (writers && m->x->v.v[waiter].class != PROF_WAIT_WRITE_LOCK &&
			m->k->opts.by != PROF_CONTENTION_BY_LOCK)
			continue;
		rc = add(m, (struct prof_contention_match){
				    .holder = holder, .waiter = waiter, .how = (uint8_t)how});
		*any = true;
	}
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
	int rc;

	m.seen = calloc(x->v.n + 1, sizeof(*m.seen));
	rc = m.seen ? index_waiters(&m) : prof_nomem(e);
	if (!rc)
		rc = add_seen(&m);
	for (uint32_t i = 0; !rc && i < x->v.n; i++) {
		bool any = m.seen[i];

		for (int how = PROF_MATCH_OWNER;
			x->v.v[i].holder && !any && !rc && how < PROF_MATCHES; how++)
			rc = find(&m, i, (enum prof_contention_how)how, &any);
	}
	if (!rc)
		settle(x);
	for (int how = 0; how < PROF_MATCHES; how++)
		free(m.refs[how]);
	free(m.seen);
	return rc;
}
