#include "libprof/analyse/contention/hold.h"

#include "libprof/analyse/contention/contention.h"
#include "libprof/base/num.h"

enum { FIRST_STEPS = 8, MOST_STEPS = 128 };

void prof_holds_init(struct prof_holds *x, struct prof_contention *k, struct prof_lines *lines)
{
	*x = (struct prof_holds){.k = k, .mem = &k->mem, .lines = lines};
	prof_index_init(&x->hold_index, x->mem);
	prof_index_init(&x->meanwhile_index, x->mem);
}

static void free_steps(struct prof_holds *x, struct prof_holder *h)
{
	prof_mem_zfree(x->mem, h->steps, h->cap, sizeof(*h->steps));
}

void prof_holds_fini(struct prof_holds *x)
{
	for (size_t i = 0; i < x->holders.n; i++)
		if (x->holders.v[i].steps)
			free_steps(x, &x->holders.v[i]);
	prof_vec_fini(x->mem, &x->holders);
	prof_vec_fini(x->mem, &x->held);
	prof_vec_fini(x->mem, &x->locking);
	prof_index_fini(&x->hold_index);
	prof_index_fini(&x->meanwhile_index);
}

static void forget_holder(struct prof_holder *h)
{
	h->n = 0;
	h->woken = PROF_NONE;
	for (int i = 0; i < PROF_HOLDER_LOCKS; i++)
		h->got[i].line = PROF_NONE;
}

static const struct prof_held nobody = {
	.since = INT64_MIN, .unlocked = INT64_MIN, .woken = PROF_NONE};

int prof_holds_reserve(struct prof_holds *x, size_t goroutines, struct prof_err *e)
{
	size_t lines = x->lines->lines.n;
	int rc = 0;

	if (x->holders.n < goroutines)
		rc = prof_vec_reserve(x->mem, &x->holders, goroutines - x->holders.n, e);
	if (!rc && x->held.n < lines)
		rc = prof_vec_reserve(x->mem, &x->held, lines - x->held.n, e);
	if (rc)
		return rc;
	while (x->holders.n < goroutines) {
		x->holders.v[x->holders.n] = (struct prof_holder){.steps = NULL};
		forget_holder(&x->holders.v[x->holders.n++]);
	}
	while (x->held.n < lines)
		x->held.v[x->held.n++] = nobody;
	return 0;
}

void prof_holds_begin(struct prof_holds *x, uint32_t g)
{
	forget_holder(&x->holders.v[g]);
}

void prof_holds_forget(struct prof_holds *x)
{
	for (size_t i = 0; i < x->holders.n; i++)
		forget_holder(&x->holders.v[i]);
	for (size_t i = 0; i < x->held.n; i++)
		x->held.v[i] = nobody;
}

void prof_holds_merge(struct prof_holds *x, uint32_t a, uint32_t b)
{
	struct prof_held *into = &x->held.v[a < b ? a : b], *from = &x->held.v[a < b ? b : a];

	if (from->since > into->since)
		into->since = from->since;
	if (from->unlocked > into->unlocked)
		into->unlocked = from->unlocked;
	*from = nobody;
}

/* When it got through a line, which it then has no longer, and where; INT64_MIN: that is not
 * known.
 */
static int64_t take_got(struct prof_holds *x, struct prof_holder *h, uint32_t line, uint32_t *stack)
{
	for (int i = 0; i < PROF_HOLDER_LOCKS && h->got[i].line != PROF_NONE; i++) {
		int64_t at = h->got[i].at;

		*stack = h->got[i].stack;
		if (prof_lines_find(x->lines, h->got[i].line) != line)
			continue;
		for (; i + 1 < PROF_HOLDER_LOCKS; i++)
			h->got[i] = h->got[i + 1];
		h->got[i].line = PROF_NONE;
		return at;
	}
	return INT64_MIN;
}

static void put_got(struct prof_holds *x, struct prof_holder *h, uint32_t line, int64_t at)
{
	uint32_t stack;

	take_got(x, h, line, &stack);
	for (int i = PROF_HOLDER_LOCKS - 1; i > 0; i--)
		h->got[i] = h->got[i - 1];
	h->got[0].line = line;
	h->got[0].stack = h->woken_stack;
	h->got[0].at = at;
}

static struct prof_holder_step *step(const struct prof_holder *h, uint32_t i)
{
	return &h->steps[i & (h->cap - 1)];
}

/* More steps are kept of a goroutine. */
static int grow(struct prof_holds *x, struct prof_holder *h, uint32_t cap, struct prof_err *e)
{
	struct prof_holder_step *v = prof_mem_zalloc(x->mem, cap, sizeof(*v), e);

	if (!v)
		return e->code;
	for (uint32_t i = h->n > h->cap ? h->n - h->cap : 0; i < h->n; i++)
		v[i & (cap - 1)] = *step(h, i);
	if (h->steps)
		free_steps(x, h);
	h->steps = v;
	h->cap = cap;
	return 0;
}

/* The function that waits, or unlocks, at a stack. */
static uint32_t site_of(const struct prof_holds *x, uint32_t stack)
{
	const struct prof_contention_stack *s = &x->k->stacks.v[stack];

	return x->k->frames.v[s->site].function;
}

/* It begins to wait for a lock. */
static int queue_up(struct prof_holds *x, uint32_t g, const struct prof_holder_step *s,
	uint32_t line, struct prof_err *e)
{
	struct prof_held *held = &x->held.v[line];
	uint32_t function = site_of(x, s->stack), stack;
	int rc = x->locking.n > function ? 0
					 : prof_vec_reserve(x->mem, &x->locking,
						   function + (size_t)1 - x->locking.n, e);

	if (rc)
		return rc;
	while (x->locking.n <= function)
		x->locking.v[x->locking.n++] = false;
	x->locking.v[function] = true;
	take_got(x, &x->holders.v[g], line, &stack);
	if (held->since == INT64_MIN || held->woken == g)
		held->since = s->begin;
	if (held->woken == g)
		held->woken = PROF_NONE;
	return 0;
}

int prof_holds_step(struct prof_holds *x, uint32_t g, struct prof_holder_step s, uint32_t line,
	struct prof_err *e)
{
	struct prof_holder *h = &x->holders.v[g];
	int rc;

	if (s.state == PROF_G_RUNNING && h->woken != PROF_NONE) {
		put_got(x, h, prof_lines_find(x->lines, h->woken), s.begin);
		h->woken = PROF_NONE;
	}
	rc = line != PROF_NONE ? queue_up(x, g, &s, line, e) : 0;
	if (!rc && !h->cap)
		rc = grow(x, h, FIRST_STEPS, e);
	if (rc)
		return rc;
	*step(h, h->n++) = s;
	/* Numbers of steps stay far from where they would wrap. */
	if (h->n == UINT32_MAX)
		h->n = h->cap + (h->n & (h->cap - 1));
	return 0;
}

/* Since when it has not been running that was not at `time`; `time` where it was. */
static int64_t stopped_since(const struct prof_holder *h, int64_t time)
{
	uint32_t oldest = h->n > h->cap ? h->n - h->cap : 0, i = h->n;
	int64_t since = time;

	while (i > oldest && step(h, i - 1)->begin > time)
		i--;
	for (; i > oldest && step(h, i - 1)->state != PROF_G_RUNNING; i--)
		since = step(h, i - 1)->begin;
	return since;
}

static int hold_of(struct prof_holds *x, const struct prof_unlock *u,
	struct prof_contention_trace *out, uint32_t *id, struct prof_err *e)
{
	uint64_t hash = prof_hash_mix(prof_hash_mix(1, u->waiter), u->holder);
	struct prof_index_it it = prof_index_first(&x->hold_index, hash);
	int rc;

	while ((*id = prof_index_next(&x->hold_index, &it)) != PROF_NONE)
		if (out->holds.v[*id].waiter == u->waiter && out->holds.v[*id].holder == u->holder)
			return 0;
	*id = (uint32_t)out->holds.n;
	rc = prof_vec_reserve(x->mem, &out->holds, 1, e);
	if (!rc)
		rc = prof_index_add(&x->hold_index, hash, *id, e);
	if (!rc)
		out->holds.v[out->holds.n++] = (struct prof_contention_hold){.waiter = u->waiter,
			.holder = u->holder,
			.longest_ns = -1,
			.longest_waited = PROF_NONE};
	return rc;
}

static int add_meanwhile(struct prof_holds *x, struct prof_contention_trace *out, uint32_t hold,
	uint32_t stack, int64_t ns, struct prof_err *e)
{
	uint64_t hash = prof_hash_mix(prof_hash_mix(2, hold), stack);
	struct prof_index_it it = prof_index_first(&x->meanwhile_index, hash);
	struct prof_contention_meanwhile *m;
	uint32_t id;
	int rc;

	while ((id = prof_index_next(&x->meanwhile_index, &it)) != PROF_NONE)
		if (out->meanwhile.v[id].hold == hold && out->meanwhile.v[id].stack == stack)
			break;
	if (id == PROF_NONE) {
		id = (uint32_t)out->meanwhile.n;
		rc = prof_vec_reserve(x->mem, &out->meanwhile, 1, e);
		if (!rc)
			rc = prof_index_add(&x->meanwhile_index, hash, id, e);
		if (rc)
			return rc;
		out->meanwhile.v[out->meanwhile.n++] = (struct prof_contention_meanwhile){
			.hold = hold, .stack = stack};
	}
	m = &out->meanwhile.v[id];
	m->count++;
	m->ns = prof_add_sat(m->ns, ns);
	return 0;
}

/* What a goroutine did in a time that ends now. */
struct doings {
	int64_t parts_ns[PROF_HOLD_PARTS];
	bool known; /* all of it */
	uint32_t n;
	struct {
		uint32_t stack;
		int64_t ns;
	} at[FIRST_STEPS]; /* where it waited; of more places the first ones, from the end */
};

static void look_back(const struct prof_holder *h, int64_t begin, int64_t end, struct doings *d)
{
	static const uint8_t part_of[] = {[PROF_G_RUNNING] = PROF_HOLD_RAN,
		[PROF_G_RUNNABLE] = PROF_HOLD_RUNNABLE,
		[PROF_G_SYSCALL] = PROF_HOLD_SYSCALL,
		[PROF_G_WAITING] = PROF_HOLD_WAITED};
	uint32_t oldest = h->n > h->cap ? h->n - h->cap : 0;

	*d = (struct doings){.known = false};
	for (uint32_t i = h->n; i > oldest && !d->known; i--) {
		const struct prof_holder_step *s = step(h, i - 1);
		int64_t from = s->begin > begin ? s->begin : begin;
		int64_t ns = prof_sub(end, from);
		uint32_t j = 0;

		d->known = s->begin <= begin;
		end = s->begin;
		d->parts_ns[part_of[s->state]] = prof_add(d->parts_ns[part_of[s->state]], ns);
		if (s->stack == PROF_NONE)
			continue;
		while (j < d->n && d->at[j].stack != s->stack)
			j++;
		if (j == FIRST_STEPS)
			continue;
		d->n += j == d->n;
		d->at[j].stack = s->stack;
		d->at[j].ns = prof_add(d->at[j].ns, ns);
	}
}

static int add_hold(struct prof_holds *x, const struct prof_unlock *u, int64_t begin, bool exact,
	struct prof_contention_trace *out, struct prof_err *e)
{
	struct prof_holder *h = &x->holders.v[u->g];
	int64_t ns = prof_sub(u->time, begin);
	struct prof_contention_hold *hold;
	struct doings d;
	uint32_t id;
	int rc = hold_of(x, u, out, &id, e);

	if (rc)
		return rc;
	hold = &out->holds.v[id];
	look_back(h, begin, u->time, &d);
	for (uint32_t i = 0; !rc && i < d.n; i++)
		rc = add_meanwhile(x, out, id, d.at[i].stack, d.at[i].ns, e);
	if (!rc && !d.known && h->n > h->cap && h->cap < MOST_STEPS)
		rc = grow(x, h, h->cap * 4, e); /* for the next time */
	if (!rc)
		rc = prof_hist_add(&hold->hist, x->mem, (uint64_t)ns, e);
	hold->count++;
	hold->exact += exact;
	for (int i = 0; i < PROF_HOLD_PARTS; i++)
		hold->parts_ns[i] = prof_add_sat(hold->parts_ns[i], d.parts_ns[i]);
	if (ns <= hold->longest_ns)
		return rc;
	hold->longest_ns = ns;
	hold->longest_exact = exact;
	hold->longest_at = prof_sub(begin, u->from);
	hold->longest_goroutine = u->goroutine;
	hold->longest_waited = PROF_NONE;
	hold->longest_waited_ns = 0;
	for (int i = 0; i < PROF_HOLD_PARTS; i++)
		hold->longest_parts_ns[i] = d.parts_ns[i];
	for (uint32_t i = 0; i < d.n; i++)
		if (d.at[i].ns > hold->longest_waited_ns) {
			hold->longest_waited = d.at[i].stack;
			hold->longest_waited_ns = d.at[i].ns;
		}
	return rc;
}

/* Whether a stack is within the call of the function that another one's site is in. */
static bool within(const struct prof_contention *k, uint32_t stack, uint32_t site)
{
	const struct prof_contention_stack *s = &k->stacks.v[stack], *c = &k->stacks.v[site];
	struct prof_contention_walk below, w = prof_contention_walk(s);
	uint32_t n = prof_contention_depth(k, w);
	uint32_t depth = prof_contention_depth(k, prof_contention_walk_site(k, c));
	const struct prof_contention_frame *f, *g;

	if (n < depth || !depth)
		return false;
	for (; n > depth; n--)
		(void)prof_contention_next(k, &w);
	below = prof_contention_walk_site(k, c);
	for (bool first = true; (g = prof_contention_next(k, &below)); first = false) {
		f = prof_contention_next(k, &w);
		if (!f || f->function != g->function || (!first && f->line != g->line))
			return false;
	}
	return true;
}

/* Since when it has been within the call that `site` is in, of the time since `begin`. */
static int64_t within_since(
	const struct prof_holds *x, const struct prof_holder *h, uint32_t site, int64_t begin)
{
	uint32_t oldest = h->n > h->cap ? h->n - h->cap : 0;
	int64_t end = INT64_MAX;

	for (uint32_t i = h->n; i > oldest && end > begin; i--) {
		const struct prof_holder_step *s = step(h, i - 1);

		if (s->stack != PROF_NONE && x->k->stacks.v[s->stack].site != PROF_NONE &&
			!within(x->k, s->stack, site))
			return end;
		end = s->begin;
	}
	return begin;
}

/* Since when the lock has surely been held that is given back; INT64_MIN: that is not known. */
static int64_t held_since(struct prof_holds *x, const struct prof_unlock *u, bool *exact)
{
	const struct prof_held *held = &x->held.v[u->line];
	struct prof_holder *h = &x->holders.v[u->g];
	uint32_t lock = PROF_NONE, function;
	int64_t got = take_got(x, h, u->line, &lock), since;

	if (got != INT64_MIN) {
		since = u->waiting_since <= got ? got : stopped_since(h, u->waiting_since);
		since = since > got ? since : got;
		if (within(x->k, u->holder, lock) && within(x->k, lock, u->holder))
			since = within_since(x, h, lock, since);
		*exact = since == got;
		return since;
	}
	if (held->since == INT64_MIN)
		return INT64_MIN;
	since = held->since > u->waiting_since ? held->since : u->waiting_since;
	since = stopped_since(h, since);
	since = since > held->unlocked ? since : held->unlocked;
	function = site_of(x, u->holder);
	return function < x->locking.n && x->locking.v[function]
		       ? within_since(x, h, u->holder, since)
		       : since;
}

int prof_holds_unlock(struct prof_holds *x, const struct prof_unlock *u,
	struct prof_contention_trace *out, struct prof_err *e)
{
	struct prof_held *held = &x->held.v[u->line];
	int64_t begin = INT64_MIN;
	bool exact = false;
	int rc = 0;

	/* One unlock may wake several readers: since the first of them nobody has begun to wait. */
	if (u->g != PROF_NONE)
		begin = held_since(x, u, &exact);
	if (begin != INT64_MIN && prof_sub(u->time, begin) >= 0)
		rc = add_hold(x, u, begin, exact, out, e);
	held->since = INT64_MIN;
	held->unlocked = u->time;
	held->woken = u->woken;
	x->holders.v[u->woken].woken = u->line;
	x->holders.v[u->woken].woken_stack = u->waiter;
	return rc;
}
