#include "libprof/analyse/locks.h"

#include <stdlib.h>
#include <string.h>

enum { OBJECT_BYTES = 4096, MIN_ADDRESS = 4096, MAX_LOCKS = 4096 };

#define SEVERAL (PROF_NONE - 1)

struct finding {
	struct prof_locks *out;
	const struct prof_goroutines *s;
	struct prof_err *e;
	struct prof_index by_address; /* of lock and object -> lock */
};

struct argument {
	uint64_t v; /* 0: none */
	bool sure; /* false: it may be out of date, which newer dumps mark ("0xc000012345?") */
};

/* The next number in hexadecimal of [*p, end) that can be an address. */
static struct argument next_address(const char **p, const char *end)
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
			return (struct argument){v, s == end || *s != '?'};
		}
	}
	*p = end;
	return (struct argument){0, false};
}

static bool takes_lock(struct prof_str f)
{
	return prof_str_has_prefix(f, "sync.(*Mutex).") ||
	       prof_str_has_prefix(f, "sync.(*RWMutex).") ||
	       prof_str_has_prefix(f, "internal/sync.(*Mutex).");
}

/* The function of the i-th frame of the goroutine's stack, counted as its lines are. */
static bool frame_name(const struct finding *x, const struct prof_goroutine *g, uint32_t *loc,
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

/* Its first argument is the object that it is a method of, if that stands first. */
static uint64_t receiver(struct prof_str name, const char *args, const char *end)
{
	bool first = end - args > 2 && args[0] == '0' && args[1] == 'x';
	struct argument a = next_address(&args, end);

	return first && a.sure && prof_str_contains(name, ".(*") ? a.v : 0;
}

/* The lock that the goroutine waits for: the last address that functions which take locks have, and
 * the object that their caller is a method of.
 */
static struct prof_lock find_lock(const struct finding *x, const struct prof_goroutine *g)
{
	struct prof_lock lock = {.holder = PROF_NONE};
	uint32_t loc = 0, line = 0;
	const char *p, *end;
	struct prof_str name;
	bool taken = false;

	if (!g->n_args)
		return lock;
	p = x->s->args.v + g->args;
	end = p + g->n_args;
	while (p < end && frame_name(x, g, &loc, &line, &name)) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *s = p;
		struct argument a;

		if (!nl)
			break;
		p = nl + 1;
		if (takes_lock(name)) {
			taken = true;
			lock.rw |= prof_str_has_prefix(name, "sync.(*RWMutex).");
			a = next_address(&s, nl);
			lock.address = a.sure ? a.v : lock.address;
		} else if (taken) {
			uint64_t object = receiver(name, s, nl);

			if (!lock.address ||
				(object <= lock.address && lock.address - object < OBJECT_BYTES))
				lock.object = object;
			break;
		}
	}
	return lock;
}

static int want(struct finding *x, uint32_t i)
{
	struct prof_lock lock = find_lock(x, &x->s->g.v[i]);
	uint64_t hash = prof_hash_mix(0, lock.address ? lock.address : lock.object);
	struct prof_index_it it = prof_index_first(&x->by_address, hash);
	uint32_t id;
	int rc;

	if (!lock.address && !lock.object)
		return 0;
	while ((id = prof_index_next(&x->by_address, &it)) != PROF_NONE)
		if (x->out->v.v[id].address == lock.address &&
			(lock.address || x->out->v.v[id].object == lock.object))
			break;
	if (id == PROF_NONE) {
		id = (uint32_t)x->out->v.n;
		if (id == MAX_LOCKS)
			return 0;
		if ((rc = prof_vec_reserve(x->out->mem, &x->out->v, 1, x->e)) ||
			(rc = prof_index_add(&x->by_address, hash, id, x->e)))
			return rc;
		if (lock.address && lock.object && lock.object != lock.address &&
			(rc = prof_index_add(
				 &x->by_address, prof_hash_mix(0, lock.object), id, x->e)))
			return rc;
		x->out->v.v[x->out->v.n++] = lock;
	}
	x->out->wanted[i] = id;
	return 0;
}

/* Of an RWMutex some who wait show its address and others only the object. Where one alone of an
 * object is known, they wait for that.
 */
static void merge_rw(struct finding *x)
{
	struct prof_lock *v = x->out->v.v;

	for (uint32_t i = 0; i < x->s->g.n; i++) {
		uint32_t id = x->out->wanted[i], only = PROF_NONE;
		struct prof_index_it it;

		if (id == PROF_NONE || v[id].address || !v[id].rw)
			continue;
		it = prof_index_first(&x->by_address, prof_hash_mix(0, v[id].object));
		for (uint32_t n; (n = prof_index_next(&x->by_address, &it)) != PROF_NONE;)
			if (v[n].rw && v[n].address && v[n].object == v[id].object)
				only = only == PROF_NONE || only == n ? n : SEVERAL;
		if (only < SEVERAL)
			x->out->wanted[i] = only;
	}
}

/* Goroutine i has `v` among its arguments: which locks may it hold? */
static void may_hold(struct finding *x, uint32_t i, uint64_t v)
{
	struct prof_index_it it = prof_index_first(&x->by_address, prof_hash_mix(0, v));
	uint32_t id;

	while ((id = prof_index_next(&x->by_address, &it)) != PROF_NONE) {
		struct prof_lock *l = &x->out->v.v[id];

		if ((l->address != v && l->object != v) || x->out->wanted[i] == id)
			continue;
		l->several |= l->holder != PROF_NONE && l->holder != i;
		l->holder = i;
	}
}

static void scan(struct finding *x)
{
	for (uint32_t i = 0; i < x->s->g.n; i++) {
		const struct prof_goroutine *g = &x->s->g.v[i];
		const char *p, *end;
		struct argument a;

		if (!g->n_args)
			continue;
		p = x->s->args.v + g->args;
		end = p + g->n_args;
		while ((a = next_address(&p, end)).v)
			may_hold(x, i, a.v);
	}
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
		/* Up to Go 1.20 all of package sync is said to wait for a semaphore. */
		return state &&
		       (state->class == PROF_GO_MUTEX || state->class == PROF_GO_SEMAPHORE);
	}
	return false;
}

int prof_locks_find(struct prof_locks *out, const struct prof_goroutines *s, struct prof_mem *mem,
	struct prof_err *e)
{
	struct finding x = {.out = out, .s = s, .e = e};
	int rc = 0;

	out->mem = mem;
	out->n = s->g.n;
	out->wanted = malloc((s->g.n + 1) * sizeof(*out->wanted));
	if (!out->wanted)
		return prof_nomem(e);
	memset(out->wanted, 0xff, (s->g.n + 1) * sizeof(*out->wanted));
	prof_index_init(&x.by_address, mem);
	for (uint32_t i = 0; !rc && i < s->g.n; i++)
		if (waits(s, &s->g.v[i]))
			rc = want(&x, i);
	if (!rc && out->v.n) {
		merge_rw(&x);
		scan(&x);
	}
	for (size_t i = 0; i < out->v.n; i++)
		if (out->v.v[i].several)
			out->v.v[i].holder = PROF_NONE;
	prof_index_fini(&x.by_address);
	return rc;
}

void prof_locks_fini(struct prof_locks *x)
{
	if (x->mem)
		prof_vec_fini(x->mem, &x->v);
	free(x->wanted);
}
