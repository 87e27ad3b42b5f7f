/* Who waits for what another goroutine holds, and whether that goes round in a ring. */
#include <stdlib.h>

#include "libprof/analyse/leak/leak.h"
#include "libprof/analyse/locks.h"

enum { MAX_WAITS = 4096 };

struct holding {
	struct prof_leak *k;
	const struct prof_goroutines *s;
	struct prof_locks locks;
	struct prof_err *e;
};

/* A ring of goroutines that hold what the next one wants, if there is one. */
static int find_cycle(struct holding *x)
{
	struct prof_leak *k = x->k;
	uint32_t n = (uint32_t)x->s->g.n, *seen = calloc(n + 1, sizeof(*seen)), at;
	int rc = seen ? 0 : prof_nomem(x->e);

	for (uint32_t i = 0; !rc && !k->cycle.n && i < n; i++) {
		for (at = i; at != PROF_NONE && !seen[at]; at = prof_locks_holder(&x->locks, at))
			seen[at] = i + 1;
		if (at == PROF_NONE || seen[at] != i + 1)
			continue;
		for (uint32_t g = at; !rc && (g != at || !k->cycle.n);
			g = prof_locks_holder(&x->locks, g)) {
			rc = prof_vec_reserve(&k->mem, &k->cycle, 1, x->e);
			if (!rc)
				k->cycle.v[k->cycle.n++] = x->s->g.v[g].id;
		}
	}
	free(seen);
	return rc;
}

/* Keeps one wait a lock and group. */
static int keep(struct holding *x, const uint32_t *groups)
{
	struct prof_leak *k = x->k;
	int rc = 0;

	for (uint32_t i = 0; !rc && i < x->s->g.n && k->waits.n < MAX_WAITS; i++) {
		uint32_t h = prof_locks_holder(&x->locks, i), group = groups[x->s->g.v[i].sample],
			 n, first;
		const struct prof_goroutine *g;

		if (h == PROF_NONE || group == PROF_NONE)
			continue;
		if (k->waits.n && k->waits.v[k->waits.n - 1].group == group &&
			k->waits.v[k->waits.n - 1].holder == x->s->g.v[h].id)
			continue;
		g = &x->s->g.v[h];
		rc = prof_vec_reserve(&k->mem, &k->waits, 1, x->e);
		if (!rc)
			rc = prof_leak_add_frames(
				k, x->s->p, x->s->p->sample_stack.v[g->sample], &first, &n, x->e);
		if (!rc)
			k->waits.v[k->waits.n++] = (struct prof_leak_wait){
				.waiter = x->s->g.v[i].id,
				.holder = g->id,
				.group = group,
				.frame = first,
				.n_frames = n};
	}
	return rc;
}

int prof_leak_locks(struct prof_leak *k, const struct prof_goroutines *s, const uint32_t *groups,
	struct prof_err *e)
{
	struct holding x = {.k = k, .s = s, .e = e};
	int rc = prof_locks_find(&x.locks, s, &k->mem, e);

	k->waits.n = k->cycle.n = 0;
	if (!rc && x.locks.v.n) {
		rc = find_cycle(&x);
		if (!rc)
			rc = keep(&x, groups);
	}
	prof_locks_fini(&x.locks);
	return rc;
}
