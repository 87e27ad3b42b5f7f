#include "libprof/analyse/leak/leak.h"

#include <stdlib.h>
#include <string.h>

/* Who holds a lock, as far as a dump shows it. A goroutine that waits has the lock's address as the
 * argument of sync.(*Mutex).lockSlow or the like. The lock is mostly part of what its caller is a
 * method of. So a goroutine that has either address among its arguments, and does not wait for this
 * lock itself, is likely to hold it; it is told only where there is just one. (Since 1.17 arguments
 * come in registers, and a dump has what was last spilled of them: it may have none, or an old
 * one.)
 */
enum { OBJECT_BYTES = 4096, MIN_ADDRESS = 4096, MAX_LOCKS = 4096 };

struct lock {
	uint64_t address, object; /* object: of which it is part; 0: not known */
	uint32_t holder; /* index of a goroutine; PROF_NONE: none, or several */
	bool several;
};

struct locks {
	struct prof_leak *k;
	const struct prof_goroutines *s;
	struct prof_err *e;
	PROF_VEC(struct lock) locks;
	struct prof_index by_address; /* of lock and object -> lock */
	uint32_t *wanted; /* by each goroutine: its lock, or PROF_NONE */
};

/* The next number in hexadecimal of [*p, end) that can be an address; 0: none. */
static uint64_t next_address(const char **p, const char *end)
{
	const char *s = *p;

	while (end - s > 2) {
		uint64_t v = 0;

		if (s[0] != '0' || s[1] != 'x') {
			s++;
			continue;
		}
		for (s += 2; s < end; s++) {
			char c = *s;

			if (c >= '0' && c <= '9')
				v = v << 4 | (uint64_t)(c - '0');
			else if (c >= 'a' && c <= 'f')
				v = v << 4 | (uint64_t)(c - 'a' + 10);
			else
				break;
		}
		if (v >= MIN_ADDRESS) {
			*p = s;
			return v;
		}
	}
	*p = end;
	return 0;
}

static bool takes_lock(struct prof_str f)
{
	return prof_str_has_prefix(f, "sync.(*Mutex).") ||
	       prof_str_has_prefix(f, "sync.(*RWMutex).") ||
	       prof_str_has_prefix(f, "internal/sync.(*Mutex).");
}

/* The function of the i-th frame of the goroutine's stack, counted as its lines are. */
static bool frame_name(const struct locks *x, const struct prof_goroutine *g, uint32_t *loc,
	uint32_t *line, struct prof_str *name)
{
	const struct prof_profile *p = x->s->p;
	uint32_t stack = p->sample_stack.v[g->sample];
	const struct prof_location *l;

	if (p->stack_start.v[stack] + *loc >= p->stack_start.v[stack + 1])
		return false;
	l = &p->locations.v[p->stack_loc.v[p->stack_start.v[stack] + *loc]];
	*name = prof_profile_str(
		p, p->functions.v[p->lines.v[l->first_line + *line].function].name);
	if (++*line >= l->n_lines) {
		*line = 0;
		++*loc;
	}
	return true;
}

/* The lock that the goroutine waits for: the last address that functions which take locks have, and
 * the first of their caller.
 */
static struct lock find_lock(const struct locks *x, const struct prof_goroutine *g)
{
	struct lock lock = {.holder = PROF_NONE};
	uint32_t loc = 0, line = 0;
	const char *p, *end;
	struct prof_str name;

	if (!g->n_args)
		return lock;
	p = x->s->args.v + g->args;
	end = p + g->n_args;
	while (p < end && frame_name(x, g, &loc, &line, &name)) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *s = p;
		uint64_t v;

		if (!nl)
			break;
		p = nl + 1;
		v = next_address(&s, nl);
		if (takes_lock(name)) {
			lock.address = v ? v : lock.address;
		} else if (lock.address) {
			if (v <= lock.address && lock.address - v < OBJECT_BYTES)
				lock.object = v;
			break;
		}
	}
	return lock;
}

static int want(struct locks *x, uint32_t i)
{
	struct lock lock = find_lock(x, &x->s->g.v[i]);
	uint64_t hash = prof_hash_mix(0, lock.address);
	struct prof_index_it it = prof_index_first(&x->by_address, hash);
	uint32_t id;
	int rc;

	if (!lock.address)
		return 0;
	while ((id = prof_index_next(&x->by_address, &it)) != PROF_NONE)
		if (x->locks.v[id].address == lock.address)
			break;
	if (id == PROF_NONE) {
		id = (uint32_t)x->locks.n;
		if (id == MAX_LOCKS)
			return 0;
		if ((rc = prof_vec_reserve(&x->k->mem, &x->locks, 1, x->e)) ||
			(rc = prof_index_add(&x->by_address, hash, id, x->e)))
			return rc;
		if (lock.object && lock.object != lock.address &&
			(rc = prof_index_add(
				 &x->by_address, prof_hash_mix(0, lock.object), id, x->e)))
			return rc;
		x->locks.v[x->locks.n++] = lock;
	}
	x->wanted[i] = id;
	return 0;
}

/* Goroutine i has `v` among its arguments: which locks may it hold? */
static void may_hold(struct locks *x, uint32_t i, uint64_t v)
{
	struct prof_index_it it = prof_index_first(&x->by_address, prof_hash_mix(0, v));
	uint32_t id;

	while ((id = prof_index_next(&x->by_address, &it)) != PROF_NONE) {
		struct lock *l = &x->locks.v[id];

		if ((l->address != v && l->object != v) || x->wanted[i] == id)
			continue;
		l->several |= l->holder != PROF_NONE && l->holder != i;
		l->holder = i;
	}
}

static void scan(struct locks *x)
{
	for (uint32_t i = 0; i < x->s->g.n; i++) {
		const struct prof_goroutine *g = &x->s->g.v[i];
		const char *p, *end;
		uint64_t v;

		if (!g->n_args)
			continue;
		p = x->s->args.v + g->args;
		end = p + g->n_args;
		while ((v = next_address(&p, end)))
			may_hold(x, i, v);
	}
}

/* Who holds what goroutine i wants. */
static uint32_t holder(const struct locks *x, uint32_t i)
{
	const struct lock *l = x->wanted[i] == PROF_NONE ? NULL : &x->locks.v[x->wanted[i]];

	return l && !l->several ? l->holder : PROF_NONE;
}

/* A ring of goroutines that hold what the next one wants, if there is one. */
static int find_cycle(struct locks *x)
{
	struct prof_leak *k = x->k;
	uint32_t n = (uint32_t)x->s->g.n, *seen = calloc(n + 1, sizeof(*seen)), at;
	int rc = seen ? 0 : prof_nomem(x->e);

	for (uint32_t i = 0; !rc && !k->cycle.n && i < n; i++) {
		for (at = i; at != PROF_NONE && !seen[at]; at = holder(x, at))
			seen[at] = i + 1;
		if (at == PROF_NONE || seen[at] != i + 1)
			continue;
		for (uint32_t g = at; !rc && (g != at || !k->cycle.n); g = holder(x, g)) {
			rc = prof_vec_reserve(&k->mem, &k->cycle, 1, x->e);
			if (!rc)
				k->cycle.v[k->cycle.n++] = x->s->g.v[g].id;
		}
	}
	free(seen);
	return rc;
}

/* Keeps one wait a lock and group. */
static int keep(struct locks *x, const uint32_t *groups)
{
	struct prof_leak *k = x->k;
	int rc = 0;

	for (uint32_t i = 0; !rc && i < x->s->g.n && k->waits.n < MAX_LOCKS; i++) {
		uint32_t h = holder(x, i), group = groups[x->s->g.v[i].sample], n, first;
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

/* Whether the goroutine waits for a lock. */
static bool waits(const struct prof_goroutines *s, const struct prof_goroutine *g)
{
	const struct prof_profile *p = s->p;
	uint32_t set = p->sample_labels.v[g->sample];

	for (uint32_t i = p->label_start.v[set]; i < p->label_start.v[set + 1]; i++) {
		const struct prof_label *l = &p->labels.v[i];
		const struct prof_go_state *state;

		if (!prof_str_eq(prof_profile_str(p, l->key), PROF_STR(PROF_LABEL_STATE)))
			continue;
		state = prof_go_state_of(prof_profile_str(p, l->str));
		return state && state->class == PROF_GO_MUTEX;
	}
	return false;
}

int prof_leak_locks(struct prof_leak *k, const struct prof_goroutines *s, const uint32_t *groups,
	struct prof_err *e)
{
	struct locks x = {.k = k, .s = s, .e = e};
	int rc = 0;

	k->waits.n = k->cycle.n = 0;
	prof_index_init(&x.by_address, &k->mem);
	x.wanted = malloc((s->g.n + 1) * sizeof(*x.wanted));
	if (!x.wanted)
		return prof_nomem(e);
	memset(x.wanted, 0xff, (s->g.n + 1) * sizeof(*x.wanted));
	for (uint32_t i = 0; !rc && i < s->g.n; i++)
		if (waits(s, &s->g.v[i]))
			rc = want(&x, i);
	if (!rc && x.locks.n) {
		scan(&x);
		rc = find_cycle(&x);
		if (!rc)
			rc = keep(&x, groups);
	}
	prof_vec_fini(&k->mem, &x.locks);
	prof_index_fini(&x.by_address);
	free(x.wanted);
	return rc;
}
