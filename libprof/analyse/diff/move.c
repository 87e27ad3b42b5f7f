#include <math.h>

#include "libprof/analyse/diff/relate.h"
#include "libprof/analyse/stats/rates.h"

/* Cost that only moved. A function's own cost fell and a neighbour's rose (or the other way round),
 * and both together did not change: code went from one to the other. Neighbours are who calls it
 * and whom it calls; and functions with a caller in common if one of the two is on one side only,
 * which is what splitting up or joining functions looks like. Two functions that were there before
 * and still are, and don't call each other, changed each for itself.
 *
 * What is inlined is one piece of code with the function that holds it, and which of the two a
 * line's cost is counted for is the compiler's choice. If both cost more, or both less, there is
 * one finding, the one that changed by more.
 */
#define INLINED 0.9 /* of a function's samples */
#define LINKED 0.5 /* of them, in that one caller */
#define CHANGED 0.3 /* p of the other's change: not a toss */
#define LEAST_KEPT 0.5 /* of the smaller change that the other must make good */

enum {
	MOST = 256, /* findings that are looked at: time is their number squared */
	NEIGHBOURS = 64, /* of each */
};

struct moves {
	struct prof_diff *d;
	struct neighbours n;
};

/* Change of own, in old counts. */
static double change_of(const struct prof_diff *d, size_t row)
{
	return diff_side_x(d, M_OWN, row, PROF_NEW) / d->scale.factor -
	       diff_side_x(d, M_OWN, row, PROF_OLD);
}

static bool one_sided(const struct diff_row *row)
{
	return !row->present[PROF_OLD] || !row->present[PROF_NEW];
}

static bool calls(const struct neighbours *n, uint32_t a, uint32_t b)
{
	for (uint32_t i = n->first[a]; i != PROF_NONE; i = n->v.v[i].next)
		if (n->v.v[i].row == b)
			return true;
	return false;
}

static bool common_caller(const struct neighbours *n, uint32_t a, uint32_t b)
{
	unsigned left = NEIGHBOURS;

	for (uint32_t i = n->first[a]; i != PROF_NONE && left-- > 0; i = n->v.v[i].next) {
		const struct neighbour *x = &n->v.v[i];
		unsigned others = NEIGHBOURS;

		if (x->relation != NEAR_CALLER || x->row == PROF_NONE)
			continue;
		for (uint32_t k = n->first[b]; k != PROF_NONE && others-- > 0; k = n->v.v[k].next)
			if (n->v.v[k].relation == NEAR_CALLER && n->v.v[k].row == x->row)
				return true;
	}
	return false;
}

static bool related(const struct moves *m, uint32_t a, uint32_t b)
{
	const struct diff_row *rows = m->d->rows.v;

	if (calls(&m->n, a, b) || calls(&m->n, b, a))
		return true;
	return (one_sided(&rows[a]) || one_sided(&rows[b])) && common_caller(&m->n, a, b);
}

/* p of the own costs of both, taken as one. */
static double together(const struct prof_diff *d, uint32_t a, uint32_t b)
{
	struct diff_sum_test sum = {.n = 0};

	diff_sum_add(d, a, &sum);
	diff_sum_add(d, b, &sum);
	return prof_rates_test(&sum.rates);
}

static bool moved(const struct moves *m, uint32_t a, uint32_t b)
{
	double x = change_of(m->d, a), y = change_of(m->d, b);

	if (x * y >= 0 || fmin(fabs(x), fabs(y)) < LEAST_KEPT * fmax(fabs(x), fabs(y)))
		return false;
	return related(m, a, b) && together(m->d, a, b) > DIFF_NOT_CHANGED;
}

static void mark(struct prof_diff *d, uint32_t a, uint32_t b)
{
	for (int i = 0; i < 2; i++) {
		struct diff_row *row = &d->rows.v[i ? b : a];

		row->kind = KIND_MOVED;
		row->finding = false;
		row->peer = i ? a : b;
	}
}

/* The best partner: the one with which least is left. */
static void find_moves(struct moves *m, const uint32_t *found, size_t n)
{
	struct prof_diff *d = m->d;

	for (size_t i = 0; i < n; i++) {
		uint32_t a = found[i], best = PROF_NONE;
		double left = INFINITY;

		if (change_of(d, a) >= 0)
			continue;
		for (size_t k = 0; k < n; k++) {
			double rest = fabs(change_of(d, a) + change_of(d, found[k]));

			if (d->rows.v[found[k]].finding && rest < left && moved(m, a, found[k])) {
				best = found[k];
				left = rest;
			}
		}
		if (best != PROF_NONE)
			mark(d, a, best);
	}
}

/* Whether a finding's change is rather that of its neighbour: inlined one into the other. */
static bool is_part(const struct moves *m, uint32_t a, const struct neighbour *to)
{
	const struct prof_diff *d = m->d;
	uint32_t b = to->row, callee = to->relation == CALLEE ? b : a;
	double x, y;

	if ((to->relation != CALLER && to->relation != CALLEE) || b == PROF_NONE || b == a ||
		!diff_may_change(d, b) || !(d->rows.v[b].test[M_OWN].p <= CHANGED))
		return false;
	x = change_of(d, a);
	y = change_of(d, b);
	return x * y > 0 && fabs(y) > fabs(x) && diff_inlined(d, callee, PROF_NEW) >= INLINED &&
	       to->x[PROF_NEW] >= LINKED * diff_side_x(d, M_CUM, callee, PROF_NEW);
}

static void find_parts(struct moves *m, const uint32_t *found, size_t n)
{
	struct prof_diff *d = m->d;

	for (size_t i = 0; i < n; i++) {
		struct diff_row *row = &d->rows.v[found[i]], *whole;
		uint32_t best = PROF_NONE;

		for (uint32_t k = m->n.first[found[i]]; k != PROF_NONE; k = m->n.v.v[k].next)
			if (row->finding && is_part(m, found[i], &m->n.v.v[k]) &&
				(best == PROF_NONE || fabs(change_of(d, m->n.v.v[k].row)) >
							      fabs(change_of(d, best))))
				best = m->n.v.v[k].row;
		if (best == PROF_NONE)
			continue;
		whole = &d->rows.v[best];
		row->finding = false;
		row->under = best;
		if (whole->finding || together(d, found[i], best) > DIFF_NOT_CHANGED)
			continue;
		whole->finding = true;
		whole->kind = row->kind == KIND_IMPROVED || row->kind == KIND_GONE ? KIND_IMPROVED
										   : KIND_REGRESSED;
	}
}

int diff_moves(struct prof_diff *d, struct prof_err *e)
{
	struct moves m = {.d = d};
	uint32_t found[MOST];
	bool *of;
	size_t n = 0;
	int rc;

	if (d->opts.by != PROF_BY_FUNCTION || d->count == COUNT_EXACT || d->count == COUNT_DELAY)
		return 0;
	of = prof_mem_zalloc(&d->mem, d->rows.n, sizeof(*of), e);
	if (!of)
		return e->code;
	for (uint32_t i = 0; i < d->rows.n && n < MOST; i++)
		if (d->rows.v[i].finding)
			of[found[n++] = i] = true;
	rc = n ? diff_neighbours_init(&m.n, d, of, false, e) : 0;
	if (!rc && n) {
		find_moves(&m, found, n);
		find_parts(&m, found, n);
	}
	if (m.n.d)
		diff_neighbours_fini(&m.n);
	prof_mem_zfree(&d->mem, of, d->rows.n, sizeof(*of));
	return rc;
}
