#include "libprof/analyse/diff/siblings.h"

#include <math.h>

/* Natural logarithms of odds throughout. */
#define SURE 0.9 /* the probability from which something is known */
#define P_REWRITTEN 0.15 /* that a closure's lines tell nothing, as they were written anew */
#define P_CALLED_ELSE 0.1 /* nor who calls it */
#define P_GONE 0.05 /* that it is on one side only */
#define P_DEARER 0.15 /* that its cost changed by more than what is usual */
#define USUAL_SD 0.3 /* of ln(cost) from build to build; where it is another, UNUSUAL_SD */
#define UNUSUAL_SD 1.2
#define ANY_SD 2.0 /* of two closures that have nothing to do with each other */
#define PRIOR 0.5 /* of each line and neighbour */
#define OVERDISPERSION 1.4
#define MOST_TRIALS 200.0 /* that count as so many */
#define LINES (-3.4) /* of one number of lines among those that code may grow by */
#define EDITED (-1.6) /* that code between two closures did */
#define NUMBERED (-2.3) /* that closures were put in, or taken out */
#define REPLACED (-3.0) /* one by another */
#define SAME_LINES (-2.0) /* that those put in add no lines */
#define LESS_LINES (-6.0) /* that they make them less, or those taken out more */

enum {
	BAND = 12, /* places that a closure may move by */
	MOST_PAIRS = SIBLINGS * (2 * BAND + 1),
	KINDS = 64, /* of neighbours that are looked at */
	LEAST_TRIALS = 8, /* of a member, to leave all open */
};

/* What a row was sampled with on one side, by one relation, in trials. */
struct kinds {
	uint64_t key[KINDS];
	double x[KINDS], sum;
	size_t n;
};

struct pair {
	size_t old, new; /* members */
	double odds; /* of being the same, against both being of their side only */
	double forth, back; /* of all alignments up to it, and from it on */
	int64_t shift; /* of its first line; INT64_MIN: not known */
	int64_t number; /* new less old */
};

/* Relations that are looked at. */
enum { OF_CALLEE, OF_CALLER, OF_LINE, N_KINDS };

struct align {
	const struct neighbours *near;
	struct siblings *s;
	struct pair pairs[MOST_PAIRS];
	size_t n;
	struct kinds kinds[SIBLINGS][2][N_KINDS];
	size_t present[SIBLINGS + 1][2]; /* members in front of one that are on a side */
};

static double add_logs(double a, double b)
{
	double high = fmax(a, b), low = fmin(a, b);

	return isinf(low) ? high : high + log1p(exp(low - high));
}

/* log(p e^a + (1 - p) e^b) */
static double mixed(double p, double a, double b)
{
	return add_logs(log(p) + a, log(1 - p) + b);
}

/* What one trial of a row is. */
static double one_of(const struct prof_diff *d, uint32_t row)
{
	struct diff_tally t = diff_tally(d, M_CUM, row);
	double n = diff_trials(&t);

	return n > 0 ? (t.x[0] + t.x[1]) / n : 1;
}

static double trials(const struct prof_diff *d, uint32_t row, enum prof_side side)
{
	return diff_side_x(d, M_CUM, row, side) / one_of(d, row);
}

static void take_kinds(const struct neighbours *near, uint32_t row, enum relation relation,
	enum prof_side side, struct kinds *out)
{
	double one = OVERDISPERSION * one_of(near->d, row), most;

	out->n = 0;
	out->sum = 0;
	for (uint32_t i = near->first[row]; i != PROF_NONE && out->n < KINDS;
		i = near->v.v[i].next) {
		const struct neighbour *at = &near->v.v[i];

		if (at->relation != relation || at->x[side] <= 0)
			continue;
		out->key[out->n] = relation == LINE ? at->row : diff_key_of(near->d, at->row);
		out->x[out->n] = at->x[side] / one;
		out->sum += out->x[out->n++];
	}
	most = out->sum > MOST_TRIALS ? MOST_TRIALS / out->sum : 1;
	for (size_t i = 0; i < out->n; i++)
		out->x[i] *= most;
	out->sum *= most;
}

/* Of one kind with n trials among all, Dirichlet's prior taken off. */
static double seen(double n)
{
	return lgamma(PRIOR + n) - lgamma(PRIOR);
}

static double seen_all(double n, size_t kinds)
{
	return lgamma(PRIOR * (double)kinds) - lgamma(PRIOR * (double)kinds + n);
}

/* That both sides' kinds are drawn from one distribution, against one each. */
static double same_kinds(const struct kinds *a, const struct kinds *b)
{
	size_t kinds = a->n + b->n + 2;
	double odds = 0;

	if (!a->n || !b->n)
		return 0;
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++) {
			if (a->key[i] != b->key[k])
				continue;
			kinds--;
			odds += seen(a->x[i] + b->x[k]) - seen(a->x[i]) - seen(b->x[k]);
		}
	return odds + seen_all(a->sum + b->sum, kinds) - seen_all(a->sum, kinds) -
	       seen_all(b->sum, kinds);
}

/* Of a normal distribution with that variance, but for a constant. */
static double normal(double x, double variance)
{
	return -0.5 * (x * x / variance + log(variance));
}

static double same_cost(const struct prof_diff *d, uint32_t old, uint32_t new)
{
	double a = trials(d, old, PROF_OLD) + 0.5, b = trials(d, new, PROF_NEW) + 0.5;
	double v = OVERDISPERSION * (1 / a + 1 / b);
	double change = log(b / d->sides[PROF_NEW].x * one_of(d, new)) -
			log(a / d->sides[PROF_OLD].x * one_of(d, old));

	return mixed(P_DEARER, normal(change, UNUSUAL_SD * UNUSUAL_SD + v),
		       normal(change, USUAL_SD * USUAL_SD + v)) -
	       normal(change, ANY_SD * ANY_SD + v);
}

/* That nothing of a row is seen on the other side. */
static double alone(const struct prof_diff *d, uint32_t row, enum prof_side side)
{
	double other = d->sides[!side].x / d->sides[side].x;

	return mixed(P_GONE, 0, -trials(d, row, side) * other / OVERDISPERSION);
}

static double same(const struct align *a, size_t old, size_t new)
{
	const struct prof_diff *d = a->near->d;
	const struct kinds *x = a->kinds[old][PROF_OLD], *y = a->kinds[new][PROF_NEW];
	uint32_t from = a->s->v[old].row, to = a->s->v[new].row;
	double callee = same_kinds(&x[OF_CALLEE], &y[OF_CALLEE]), content = callee;

	if (d->rows.v[from].start[PROF_OLD] && d->rows.v[to].start[PROF_NEW])
		content = mixed(P_REWRITTEN, callee, same_kinds(&x[OF_LINE], &y[OF_LINE]));
	return fmax(content, log(P_GONE)) +
	       mixed(P_CALLED_ELSE, 0, same_kinds(&x[OF_CALLER], &y[OF_CALLER])) +
	       same_cost(d, from, to) - alone(d, from, PROF_OLD) - alone(d, to, PROF_NEW);
}

static void take_member(struct align *a, size_t i)
{
	static const enum relation relations[N_KINDS] = {CALLEE, CALLER, LINE};
	uint32_t row = a->s->v[i].row;

	for (int side = 0; side < 2; side++) {
		a->present[i + 1][side] = a->present[i][side] +
					  a->near->d->rows.v[row].present[side];
		for (int k = 0; k < N_KINDS; k++)
			take_kinds(a->near, row, relations[k], (enum prof_side)side,
				&a->kinds[i][side][k]);
	}
}

static void make_pairs(struct align *a)
{
	const struct siblings *s = a->s;
	const struct diff_row *rows = a->near->d->rows.v;

	for (size_t i = 0; i < s->n; i++)
		for (size_t k = i > BAND ? i - BAND : 0; k < s->n && k <= i + BAND; k++) {
			const struct diff_row *old = &rows[s->v[i].row], *new = &rows[s->v[k].row];
			struct pair *p = &a->pairs[a->n];

			if (!old->present[PROF_OLD] || !new->present[PROF_NEW])
				continue;
			*p = (struct pair){.old = i,
				.new = k,
				.shift = INT64_MIN,
				.number = (int64_t)(s->v[k].number - s->v[i].number)};
			if (old->start[PROF_OLD] && new->start[PROF_NEW])
				p->shift = new->start[PROF_NEW] - old->start[PROF_OLD];
			p->odds = same(a, i, k);
			a->n++;
		}
}

/* From code that moved by `from` lines to code that moved by `to`, `put_in` closures (as their
 * numbers say) being new in between; `replaced`: on both sides some are left out.
 */
static double step(int64_t from, int64_t to, int64_t put_in, bool replaced)
{
	double odds = put_in ? NUMBERED : replaced ? REPLACED : 0;
	int64_t grown;

	if (from == INT64_MIN || to == INT64_MIN)
		return odds;
	grown = put_in < 0 ? from - to : to - from;
	if (!put_in)
		return odds + (grown ? (replaced ? 0 : EDITED) + LINES : 0);
	return odds + (grown > 0 ? LINES : grown ? LESS_LINES : SAME_LINES);
}

/* Whether there are members from one to in front of another, neither of them paired. */
static bool between(const struct align *a, size_t from, size_t to, enum prof_side side)
{
	return a->present[to][side] > a->present[from][side];
}

static double from_start(const struct align *a, const struct pair *p)
{
	bool replaced = between(a, 0, p->old, PROF_OLD) && between(a, 0, p->new, PROF_NEW);

	return step(a->s->before, p->shift, p->number, replaced);
}

static double to_end(const struct align *a, const struct pair *p)
{
	bool less = between(a, p->old + 1, a->s->n, PROF_OLD);
	bool more = between(a, p->new + 1, a->s->n, PROF_NEW);

	return step(p->shift, a->s->after, (int64_t)more - (int64_t)less, more && less);
}

static double from_to(const struct align *a, const struct pair *p, const struct pair *q)
{
	bool replaced = between(a, p->old + 1, q->old, PROF_OLD) &&
			between(a, p->new + 1, q->new, PROF_NEW);

	return step(p->shift, q->shift, q->number - p->number, replaced);
}

static bool follows(const struct pair *p, const struct pair *q)
{
	return q->old > p->old && q->new > p->new;
}

/* Of all alignments together. */
static double sum_up(struct align *a)
{
	double all = step(a->s->before, a->s->after, 1, true);

	for (size_t i = 0; i < a->n; i++) {
		struct pair *q = &a->pairs[i];

		q->forth = from_start(a, q);
		for (size_t k = 0; k < i; k++)
			if (follows(&a->pairs[k], q))
				q->forth = add_logs(
					q->forth, a->pairs[k].forth + from_to(a, &a->pairs[k], q));
		q->forth += q->odds;
	}
	for (size_t i = a->n; i-- > 0;) {
		struct pair *p = &a->pairs[i];

		p->back = to_end(a, p);
		all = add_logs(all, p->forth + p->back);
		for (size_t k = i + 1; k < a->n; k++)
			if (follows(p, &a->pairs[k]))
				p->back = add_logs(p->back, from_to(a, p, &a->pairs[k]) +
								    a->pairs[k].odds +
								    a->pairs[k].back);
	}
	return all;
}

static bool is_open(
	const struct align *a, size_t member, enum prof_side side, double best, double some)
{
	return trials(a->near->d, a->s->v[member].row, side) >= LEAST_TRIALS && best < SURE &&
	       1 - some < SURE;
}

/* Pairs that are more probable than not hold together: two of them stand in one alignment. */
static void settle(struct align *a, double all)
{
	struct siblings *s = a->s;
	double some[2][SIBLINGS] = {{0}}, best[2][SIBLINGS] = {{0}};

	for (size_t k = 0; k < s->n; k++) {
		s->was[k] = SIBLINGS;
		s->p[k] = 0;
	}
	for (size_t i = 0; i < a->n; i++) {
		const struct pair *p = &a->pairs[i];
		double is = exp(p->forth + p->back - all);

		some[PROF_OLD][p->old] += is;
		some[PROF_NEW][p->new] += is;
		best[PROF_OLD][p->old] = fmax(best[PROF_OLD][p->old], is);
		best[PROF_NEW][p->new] = fmax(best[PROF_NEW][p->new], is);
		if (is > 0.5) {
			s->was[p->new] = p->old;
			s->p[p->new] = is;
		}
	}
	s->open = false;
	for (size_t k = 0; k < s->n; k++)
		for (int side = 0; side < 2; side++)
			s->open |= is_open(
				a, k, (enum prof_side)side, best[side][k], some[side][k]);
}

int diff_align(const struct neighbours *near, struct siblings *s, struct prof_err *e)
{
	struct prof_mem *mem = &near->d->mem;
	struct align *a = prof_mem_zalloc(mem, 1, sizeof(*a), e);

	if (!a)
		return e->code;
	a->near = near;
	a->s = s;
	for (size_t i = 0; i < s->n; i++)
		take_member(a, i);
	make_pairs(a);
	settle(a, sum_up(a));
	prof_mem_zfree(mem, a, 1, sizeof(*a));
	return 0;
}
