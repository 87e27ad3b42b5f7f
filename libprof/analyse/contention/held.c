#include "libprof/analyse/contention/held.h"

#include <stdlib.h>

#include "libprof/analyse/contention/sites.h"
#include "libprof/base/num.h"

struct gathering {
	struct prof_contention_facts *x;
	const struct prof_contention_sites *sites;
	struct prof_contention *k;
	struct prof_index held, elsewhere;
	PROF_VEC(uint32_t) row_of; /* hold of the trace at hand -> row; PROF_NONE */
	struct prof_err *e;
};

const struct prof_contention_frame *prof_contention_stack_frame(
	const struct prof_contention *k, uint32_t stack)
{
	const struct prof_contention_stack *s = &k->stacks.v[stack];

	return s->site != PROF_NONE ? &k->frames.v[s->site] : NULL;
}

double prof_contention_line_mean(const struct prof_contention_line *l, uint32_t step)
{
	const struct prof_contention_trace *t = l->trace;
	bool last = step + 1 == t->steps;
	int64_t ns = last ? t->ns - step * t->step_ns : t->step_ns;

	return ns > 0 ? (double)l->queue->steps[step].ns / (double)ns : 0;
}

static int held_of(struct gathering *g, uint32_t holder, uint32_t waiter, uint32_t *id)
{
	struct prof_contention_facts *x = g->x;
	uint64_t hash = prof_hash_mix(prof_hash_mix(1, holder), waiter);
	struct prof_index_it it = prof_index_first(&g->held, hash);
	int rc;

	while ((*id = prof_index_next(&g->held, &it)) != PROF_NONE)
		if (x->held.v[*id].holder == holder && x->held.v[*id].waiter == waiter)
			return 0;
	*id = (uint32_t)x->held.n;
	rc = prof_vec_reserve(x->mem, &x->held, 1, g->e);
	if (!rc)
		rc = prof_index_add(&g->held, hash, *id, g->e);
	if (!rc)
		x->held.v[x->held.n++] = (struct prof_contention_held){
			.holder = holder, .waiter = waiter};
	return rc;
}

static int add_hold(struct gathering *g, const struct prof_contention_hold *h, uint32_t *id)
{
	struct prof_contention_held *to;
	uint32_t holder = g->sites->site_of[h->holder], waiter = g->sites->site_of[h->waiter];
	int rc;

	*id = PROF_NONE;
	if (holder == PROF_NONE || waiter == PROF_NONE)
		return 0;
	rc = held_of(g, holder, waiter, id);
	if (rc)
		return rc;
	to = &g->x->held.v[*id];
	to->count += h->count;
	to->exact += h->exact;
	for (int i = 0; i < PROF_HOLD_PARTS; i++)
		to->parts_ns[i] = prof_add_sat(to->parts_ns[i], h->parts_ns[i]);
	if (!to->longest || h->longest_ns > to->longest->longest_ns)
		to->longest = h;
	return prof_hist_merge(&to->hist, g->x->mem, &h->hist, g->e);
}

/* Stacks of one function and class are one place. */
static int add_meanwhile(struct gathering *g, const struct prof_contention_meanwhile *m)
{
	struct prof_contention_facts *x = g->x;
	const struct prof_contention_frame *f = prof_contention_stack_frame(g->k, m->stack);
	enum prof_wait_class class = g->k->stacks.v[m->stack].class;
	uint32_t held = g->row_of.v[m->hold], function = f ? f->function : PROF_NONE, id;
	uint64_t hash = prof_hash_mix(prof_hash_mix(held, function), class);
	struct prof_index_it it = prof_index_first(&g->elsewhere, hash);
	int rc;

	if (held == PROF_NONE)
		return 0;
	while ((id = prof_index_next(&g->elsewhere, &it)) != PROF_NONE) {
		const struct prof_contention_elsewhere *v = &x->elsewhere.v[id];
		const struct prof_contention_frame *w = prof_contention_stack_frame(g->k, v->stack);

		if (v->held == held && g->k->stacks.v[v->stack].class == class &&
			(w ? w->function : PROF_NONE) == function)
			break;
	}
	if (id == PROF_NONE) {
		id = (uint32_t)x->elsewhere.n;
		rc = prof_vec_reserve(x->mem, &x->elsewhere, 1, g->e);
		if (!rc)
			rc = prof_index_add(&g->elsewhere, hash, id, g->e);
		if (rc)
			return rc;
		x->elsewhere.v[x->elsewhere.n++] = (struct prof_contention_elsewhere){
			.held = held, .stack = m->stack};
	}
	x->elsewhere.v[id].count += m->count;
	x->elsewhere.v[id].ns = prof_add_sat(x->elsewhere.v[id].ns, m->ns);
	return 0;
}

static int add_line(struct gathering *g, const struct prof_contention_trace *t,
	const struct prof_contention_queue *q)
{
	uint32_t site = q->waiter == PROF_NONE ? PROF_NONE : g->sites->site_of[q->waiter];
	int rc;

	if (q->most < 2 || site == PROF_NONE)
		return 0;
	rc = prof_vec_reserve(g->x->mem, &g->x->lines, 1, g->e);
	if (!rc)
		g->x->lines.v[g->x->lines.n++] = (struct prof_contention_line){q, t, site};
	return rc;
}

static int add_trace(struct gathering *g, const struct prof_contention_trace *t)
{
	int rc = 0;

	g->row_of.n = 0;
	rc = prof_vec_reserve(g->x->mem, &g->row_of, t->holds.n + 1, g->e);
	for (size_t i = 0; !rc && i < t->holds.n; i++)
		rc = add_hold(g, &t->holds.v[i], &g->row_of.v[g->row_of.n++]);
	for (size_t i = 0; !rc && i < t->meanwhile.n; i++)
		rc = add_meanwhile(g, &t->meanwhile.v[i]);
	for (size_t i = 0; !rc && i < t->queues.n; i++)
		rc = add_line(g, t, &t->queues.v[i]);
	return rc;
}

static int by_held(const void *pa, const void *pb)
{
	const struct prof_contention_held *a = pa, *b = pb;

	if (a->hist.total != b->hist.total)
		return a->hist.total > b->hist.total ? -1 : 1;
	if (a->waiter != b->waiter)
		return a->waiter < b->waiter ? -1 : 1;
	return a->holder < b->holder ? -1 : a->holder > b->holder;
}

static int by_row(const void *pa, const void *pb)
{
	const struct prof_contention_elsewhere *a = pa, *b = pb;

	if (a->held != b->held)
		return a->held < b->held ? -1 : 1;
	if (a->ns != b->ns)
		return a->ns > b->ns ? -1 : 1;
	return a->stack < b->stack ? -1 : a->stack > b->stack;
}

static int by_crowd(const void *pa, const void *pb)
{
	const struct prof_contention_line *a = pa, *b = pb;
	int64_t x = a->queue->at_least_ns[1], y = b->queue->at_least_ns[1];

	if (x != y)
		return x > y ? -1 : 1;
	if (a->site != b->site)
		return a->site < b->site ? -1 : 1;
	if (a->queue->most != b->queue->most)
		return a->queue->most > b->queue->most ? -1 : 1;
	return a->queue->most_at < b->queue->most_at ? -1 : a->queue->most_at > b->queue->most_at;
}

/* Sorts all, and gives each row its places. */
static int settle(struct gathering *g)
{
	struct prof_contention_facts *x = g->x;
	uint32_t *now = malloc((x->held.n + 1) * sizeof(*now));

	if (!now)
		return prof_nomem(g->e);
	for (uint32_t i = 0; i < x->held.n; i++)
		x->held.v[i].elsewhere = i; /* its number before */
	if (x->held.n)
		qsort(x->held.v, x->held.n, sizeof(*x->held.v), by_held);
	for (uint32_t i = 0; i < x->held.n; i++) {
		now[x->held.v[i].elsewhere] = i;
		x->held.v[i].elsewhere = 0;
	}
	for (size_t i = 0; i < x->elsewhere.n; i++)
		x->elsewhere.v[i].held = now[x->elsewhere.v[i].held];
	free(now);
	if (x->elsewhere.n)
		qsort(x->elsewhere.v, x->elsewhere.n, sizeof(*x->elsewhere.v), by_row);
	for (uint32_t i = 0; i < x->elsewhere.n; i++) {
		struct prof_contention_held *h = &x->held.v[x->elsewhere.v[i].held];

		h->elsewhere = h->n_elsewhere ? h->elsewhere : i;
		h->n_elsewhere++;
	}
	if (x->lines.n)
		qsort(x->lines.v, x->lines.n, sizeof(*x->lines.v), by_crowd);
	return 0;
}

int prof_contention_facts_init(struct prof_contention_facts *x,
	const struct prof_contention_sites *sites, struct prof_err *e)
{
	struct gathering g = {.x = x, .sites = sites, .k = sites->k, .e = e};
	int rc = 0;

	x->mem = &g.k->mem;
	prof_index_init(&g.held, x->mem);
	prof_index_init(&g.elsewhere, x->mem);
	for (size_t i = 0; !rc && i < g.k->inputs.n; i++) {
		const struct prof_contention_input *in = &g.k->inputs.v[i];

		if (in->kind == PROF_CONTENTION_TRACE && in->side == sites->side)
			rc = add_trace(&g, &g.k->traces.v[in->trace]);
	}
	if (!rc)
		rc = settle(&g);
	if (!rc)
		rc = prof_contention_enders_find(x, sites, e);
	prof_index_fini(&g.held);
	prof_index_fini(&g.elsewhere);
	prof_vec_fini(x->mem, &g.row_of);
	return rc;
}

void prof_contention_facts_fini(struct prof_contention_facts *x)
{
	if (!x->mem)
		return;
	for (size_t i = 0; i < x->held.n; i++)
		prof_hist_fini(&x->held.v[i].hist, x->mem);
	prof_vec_fini(x->mem, &x->held);
	prof_vec_fini(x->mem, &x->elsewhere);
	prof_vec_fini(x->mem, &x->lines);
	prof_vec_fini(x->mem, &x->enders);
}
