/* Two processes: where more goroutines wait than before, and where fewer. */
#include "libprof/analyse/contention/compare.h"

#include <math.h>
#include <stdlib.h>

#include "libprof/base/num.h"

struct comparing {
	struct contending *x;
	struct prof_contention_changes *out;
	struct prof_index index;
};

/* Holders are compared where no input says who waits. */
static bool is_compared(const struct contending *x, const struct prof_contention_site *s)
{
	bool waiters = false;

	for (int side = x->compared ? PROF_OLD : PROF_NEW; side <= PROF_NEW; side++)
		waiters |= x->sides[side].source != PROF_CONTENTION_DUMP ||
			   x->sides[side].parts[PROF_CONTENTION_DUMP].known;
	return s->holder != waiters;
}

/* The row of a site: those of a name, class and path are one, on whichever list they are. */
static int row_of(struct comparing *c, const struct prof_contention_site *s,
	struct prof_contention_change **out)
{
	struct prof_contention_changes *v = c->out;
	uint64_t path = prof_contention_path(c->x->k, s);
	struct prof_index_it it = prof_index_first(&c->index, prof_hash_mix(path, s->class));
	uint32_t id;
	int rc;

	while ((id = prof_index_next(&c->index, &it)) != PROF_NONE)
		if (v->v[id].path == path && v->v[id].class == s->class)
			break;
	if (id == PROF_NONE) {
		id = (uint32_t)v->n;
		if ((rc = prof_vec_reserve(&c->x->k->mem, v, 1, c->x->e)) ||
			(rc = prof_index_add(
				 &c->index, prof_hash_mix(path, s->class), id, c->x->e)))
			return rc;
		v->v[v->n++] = (struct prof_contention_change){
			.path = path, .class = s->class, .text = s->text};
	}
	*out = &v->v[id];
	return 0;
}

static int add_side(struct comparing *c, enum prof_side side)
{
	const struct prof_contention_sites *sites = &c->x->sides[side];
	int rc = 0;

	for (size_t i = 0; !rc && i < sites->v.n; i++) {
		const struct prof_contention_site *s = &sites->v.v[i];
		struct prof_contention_change *row;
		struct prof_contention_amount *a;

		if (!is_compared(c->x, s))
			continue;
		rc = row_of(c, s, &row);
		if (rc)
			break;
		a = &row->sides[side];
		if (!a->site) {
			a->site = s;
			row->list = s->list;
		}
		a->waiting += s->waiting;
		a->count = prof_add_sat(a->count, s->count);
		a->ns = prof_add_sat(a->ns, s->ns);
		c->out->rates[side] &= !isnan(s->waiting);
	}
	return rc;
}

static double mean(const struct prof_contention_amount *a)
{
	return a->count > 0 ? (double)a->ns / (double)a->count : 0;
}

/* Goroutines more at a time; where that is not known, what waits as long as NEW's are longer than
 * OLD's, as many as they are now.
 */
static double change(
	const struct prof_contention_changes *v, const struct prof_contention_change *r)
{
	const struct prof_contention_amount *old = &r->sides[PROF_OLD], *new = &r->sides[PROF_NEW];

	if (v->by_rate)
		return new->waiting - old->waiting;
	if (!old->count || !new->count)
		return (double)new->ns - (double)old->ns;
	return (mean(new) - mean(old)) * (double)new->count;
}

/* What got worse most, first; what got better most, last. */
static int by_change(const void *pa, const void *pb)
{
	const struct prof_contention_change *a = pa, *b = pb;
	int names;

	if (a->change != b->change)
		return a->change > b->change ? -1 : 1;
	names = prof_str_cmp(a->text, b->text);
	if (names)
		return names;
	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	return a->path < b->path ? -1 : a->path > b->path;
}

int prof_contention_compare(struct contending *x, struct prof_contention_changes *out)
{
	struct comparing c = {.x = x, .out = out};
	int rc;

	*out = (struct prof_contention_changes){.rates = {true, true}};
	prof_index_init(&c.index, &x->k->mem);
	rc = x->compared ? add_side(&c, PROF_OLD) : 0;
	if (!rc)
		rc = add_side(&c, PROF_NEW);
	prof_index_fini(&c.index);
	out->by_rate = out->rates[PROF_OLD] && out->rates[PROF_NEW];
	for (size_t i = 0; !rc && i < out->n; i++)
		out->v[i].change = change(out, &out->v[i]);
	if (!rc && out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_change);
	return rc;
}

void prof_contention_changes_fini(struct contending *x, struct prof_contention_changes *v)
{
	prof_vec_fini(&x->k->mem, v);
}
