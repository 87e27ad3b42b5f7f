/* Who ended waits for the other side, as traces saw it: who receives what is sent, and sends what
 * is received; who gives back what a select waits for.
 */
#include <stdlib.h>

#include "libprof/analyse/contention/report.h"
#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"
#include "libprof/base/search.h"

enum { ENDERS = 2 }; /* of a site, in a line, of more than 1 % of its waits each */

struct finding {
	struct prof_contention_facts *x;
	const struct prof_contention_sites *sites;
	struct prof_err *e;
};

static int by_function(const void *pa, const void *pb)
{
	const struct prof_contention_ender *a = pa, *b = pb;

	if (a->waiter != b->waiter)
		return a->waiter < b->waiter ? -1 : 1;
	if (a->function != b->function)
		return a->function < b->function ? -1 : 1;
	return a->class < b->class ? -1 : a->class > b->class;
}

/* Of a site who ended most, first. */
static int by_count(const void *pa, const void *pb)
{
	const struct prof_contention_ender *a = pa, *b = pb;

	if (a->waiter != b->waiter)
		return a->waiter < b->waiter ? -1 : 1;
	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	return by_function(pa, pb);
}

static int add_pairs(struct finding *f, const struct prof_contention_trace *t)
{
	const struct prof_contention *k = f->sites->k;
	int rc = 0;

	for (size_t i = 0; !rc && i < t->pairs.n; i++) {
		const struct prof_contention_pair *p = &t->pairs.v[i];
		const struct prof_contention_stack *s;

		if (p->unblocker == PROF_NONE || prof_wait_is_lock(k->stacks.v[p->waiter].class))
			continue;
		s = &k->stacks.v[p->unblocker];
		if (s->site == PROF_NONE)
			continue;
		rc = prof_vec_reserve(f->x->mem, &f->x->enders, 1, f->e);
		if (!rc)
			f->x->enders.v[f->x->enders.n++] = (struct prof_contention_ender){
				.waiter = f->sites->site_of[p->waiter],
				.stack = p->unblocker,
				.function = k->frames.v[s->site].function,
				.class = (uint8_t)s->class,
				.count = (int64_t)p->count,
				.ns = p->ns};
	}
	return rc;
}

int prof_contention_enders_find(struct prof_contention_facts *x,
	const struct prof_contention_sites *sites, struct prof_err *e)
{
	struct finding f = {x, sites, e};
	const struct prof_contention *k = sites->k;
	struct prof_contention_ender *v;
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; !rc && i < k->inputs.n; i++)
		if (k->inputs.v[i].kind == PROF_CONTENTION_TRACE &&
			k->inputs.v[i].side == sites->side)
			rc = add_pairs(&f, &k->traces.v[k->inputs.v[i].trace]);
	v = x->enders.v;
	if (!rc && x->enders.n)
		qsort(v, x->enders.n, sizeof(*v), by_function);
	for (size_t i = 0; i < x->enders.n; i++) {
		if (!n || by_function(&v[n - 1], &v[i])) {
			v[n++] = v[i];
			continue;
		}
		v[n - 1].count = prof_add_sat(v[n - 1].count, v[i].count);
		v[n - 1].ns = prof_add_sat(v[n - 1].ns, v[i].ns);
	}
	x->enders.n = n;
	if (!rc && n)
		qsort(v, n, sizeof(*v), by_count);
	return rc;
}

const struct prof_contention_ender *prof_contention_enders_of(
	const struct prof_contention_facts *x, uint32_t site, size_t *n)
{
	size_t from = prof_vec_search(x->enders, waiter, site);

	*n = 0;
	while (from + *n < x->enders.n && x->enders.v[from + *n].waiter == site)
		++*n;
	return *n ? &x->enders.v[from] : NULL;
}

/* "    ended by main.consume main.go:87 (chan receive) 98%, …" */
int prof_contention_put_enders(
	struct prof_contention_table *t, const struct prof_contention_site *s)
{
	struct contending *x = t->x;
	const struct prof_contention_ender *v;
	int64_t all = s->trace_count;
	size_t n;

	if (t->sites != &x->sides[PROF_NEW] || s->list != PROF_WAITS_BACKPRESSURE || all <= 0)
		return 0;
	v = prof_contention_enders_of(&x->facts, (uint32_t)(s - t->sites->v.v), &n);
	if (!n || v[0].count <= all / 100)
		return 0;
	prof_buf_str(&x->b, "    ended by ");
	for (size_t i = 0; i < n && i < ENDERS && v[i].count > all / 100; i++) {
		struct prof_contention_site ender = {.stack = v[i].stack,
			.text = prof_contention_name(x->k, x->k->functions.v[v[i].function].name)};

		prof_buf_str(&x->b, i ? ", " : "");
		prof_contention_put_frame(x, &ender);
		if (v[i].class != PROF_WAIT_OTHER)
			prof_buf_printf(&x->b, " (%s)", prof_wait_class_names[v[i].class]);
		prof_buf_char(&x->b, ' ');
		prof_buf_double(&x->b, (double)v[i].count / (double)all * 100, 'f', 0);
		prof_buf_char(&x->b, '%');
	}
	prof_buf_str(&x->b, n > ENDERS ? ", …" : "");
	return prof_report_note(t->r, &x->b, x->e);
}
