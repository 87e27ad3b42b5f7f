/* Which locks goroutines of the last dump wait for at a site: by address, where it is told. */
#include <stdlib.h>

#include "libprof/analyse/contention/report.h"
#include "libprof/base/escape.h"
#include "libprof/base/num.h"

enum { LOCKS = 3 }; /* of a site, in a line */

static int by_lock(const void *pa, const void *pb)
{
	const struct prof_contention_grip *a = pa, *b = pb;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return a->object < b->object ? -1 : a->object > b->object;
}

/* What most wait for, first. */
static int by_waiters(const void *pa, const void *pb)
{
	const struct prof_contention_grip *a = pa, *b = pb;

	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	return by_lock(pa, pb);
}

int prof_contention_locks_now(struct contending *x, const struct prof_contention_sites *sites,
	const struct prof_contention_site *s, struct prof_contention_grip **out, size_t *n)
{
	const struct prof_contention_part *dumps = &sites->parts[PROF_CONTENTION_DUMP];
	struct prof_contention_grip *v;
	size_t all = 0;

	*n = 0;
	*out = NULL;
	if (!dumps->known || s->holder || !prof_wait_is_lock(s->class))
		return 0;
	for (size_t i = 0; i < x->k->grips.n; i++)
		all += x->k->grips.v[i].input == dumps->last &&
		       sites->site_of[x->k->grips.v[i].waiter] == s - sites->v.v;
	if (!all)
		return 0;
	v = prof_arena_alloc(&x->r->arena, all * sizeof(*v), x->e);
	if (!v)
		return x->e->code;
	all = 0;
	for (size_t i = 0; i < x->k->grips.n; i++)
		if (x->k->grips.v[i].input == dumps->last &&
			sites->site_of[x->k->grips.v[i].waiter] == s - sites->v.v)
			v[all++] = x->k->grips.v[i];
	qsort(v, all, sizeof(*v), by_lock);
	for (size_t i = 0; i < all; i++) {
		if (*n && by_lock(&v[*n - 1], &v[i]) == 0)
			v[*n - 1].n = prof_add_sat(v[*n - 1].n, v[i].n);
		else
			v[(*n)++] = v[i];
	}
	qsort(v, *n, sizeof(*v), by_waiters);
	*out = v;
	return 0;
}

/* "0xc000012010 (main.cache+16)" */
static void put_lock(struct contending *x, const struct prof_contention_grip *g)
{
	struct prof_str owner = prof_contention_name(
		x->k, prof_contention_owner(x->k, &x->k->stacks.v[g->waiter]));

	prof_buf_printf(&x->b, g->address ? "%#llx" : "one of %#llx",
		(unsigned long long)(g->address ? g->address : g->object));
	if (!g->object || !owner.len)
		return;
	prof_buf_str(&x->b, " (");
	prof_contention_put_owner(&x->b, owner);
	if (g->address)
		prof_buf_printf(&x->b, "+%llu", (unsigned long long)(g->address - g->object));
	prof_buf_char(&x->b, ')');
}

/* "    now 41 wait for 3 locks: 20 for 0xc000012010 (main.cache+16), …" */
static int put_locks(
	struct prof_contention_table *t, const struct prof_contention_grip *v, size_t n)
{
	struct contending *x = t->x;
	int64_t all = 0;

	for (size_t i = 0; i < n; i++)
		all = prof_add_sat(all, v[i].n);
	if (all < 2)
		return 0;
	prof_buf_printf(&x->b, "    now %lld wait for ", (long long)all);
	if (n > 1)
		prof_buf_printf(&x->b, "%zu locks: ", n);
	else if (v[0].address)
		prof_buf_str(&x->b, "one lock, ");
	for (size_t i = 0; i < n && i < LOCKS; i++) {
		prof_buf_str(&x->b, i ? ", " : "");
		if (n > 1)
			prof_buf_printf(&x->b, "%lld for ", (long long)v[i].n);
		put_lock(x, &v[i]);
	}
	prof_buf_str(&x->b, n > LOCKS ? " …" : "");
	return prof_report_note(t->r, &x->b, x->e);
}

/* Who has the lock. */
static int put_holder(struct prof_contention_table *t, const struct prof_contention_grip *h)
{
	struct contending *x = t->x;
	struct prof_contention_site holder = {.stack = h->holder};
	const struct prof_contention_frame *f = prof_contention_site_frame(x, &holder);
	const struct prof_contention_function *fn = &x->k->functions.v[f->function];

	prof_buf_printf(&x->b, "    now held by goroutine %llu, it seems: in ",
		(unsigned long long)h->goroutine);
	prof_buf_plain(&x->b, prof_contention_name(x->k, fn->name));
	prof_buf_char(&x->b, ' ');
	prof_buf_plain(&x->b, prof_str_base(prof_contention_name(x->k, fn->file)));
	prof_buf_printf(&x->b, ":%u", f->line);
	if (x->k->stacks.v[h->holder].class != PROF_WAIT_OTHER)
		prof_buf_printf(&x->b, ", which itself waits: %s",
			prof_wait_class_names[x->k->stacks.v[h->holder].class]);
	return prof_report_note(t->r, &x->b, x->e);
}

int prof_contention_put_now(struct prof_contention_table *t, const struct prof_contention_site *s)
{
	struct prof_contention_grip *v;
	size_t n, i = 0;
	int rc = prof_contention_locks_now(t->x, t->sites, s, &v, &n);

	if (!rc && n)
		rc = put_locks(t, v, n);
	while (i < n && v[i].holder == PROF_NONE)
		i++;
	return rc || i == n ? rc : put_holder(t, &v[i]);
}
