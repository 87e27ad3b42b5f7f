#include <math.h>
#include <stdlib.h>

#include "libprof/analyse/diff/relate.h"

/* Renamed functions: one is gone, another is new, and they are alike.
 *
 *	score = 0.3 callers + 0.3 callees + 0.2 cost + 0.2 name
 *
 * Callers and callees: how far the shares of samples that each takes part in agree (the sum of the
 * smaller ones), a leaf's own samples being a callee, too. Neighbours that are themselves gone or
 * new count as equal by their last names, so that a renamed package finds itself. Cost: the smaller
 * through the larger one, per what both sides are counted per.
 */
#define LEAST_SCORE 0.6
#define LEAST_COST 0.33 /* unless the names are alike */
#define ALIKE_NAMES 0.75
enum {
	LEAST_COUNT = 8, /* trials, so that a function is not missing by chance */
	MOST = 128, /* candidates of a side, those that cost most: time is their product */
	NEIGHBOURS = 64, /* of a row that are looked at */
};

struct candidate {
	uint32_t row;
	double x; /* cum, relative to its side */
};

struct match {
	uint32_t old, new;
	double score;
};

static int by_cost(const void *p, const void *q)
{
	const struct candidate *a = p, *b = q;

	if (a->x != b->x)
		return a->x > b->x ? -1 : 1;
	return a->row < b->row ? -1 : 1;
}

static size_t candidates(const struct prof_diff *d, enum prof_side side, struct candidate *out)
{
	size_t n = 0;

	for (uint32_t i = 0; i < d->rows.n; i++) {
		const struct diff_row *row = &d->rows.v[i];
		struct diff_tally t = diff_tally(d, M_CUM, i);

		if (!row->present[side] || row->present[!side] || !row->name ||
			row->code & (CODE_SAME | CODE_RUNTIME) || diff_trials(&t) < LEAST_COUNT)
			continue;
		out[n++] = (struct candidate){
			.row = i, .x = diff_side_x(d, M_CUM, i, side) / d->sides[side].x};
	}
	qsort(out, n, sizeof(*out), by_cost);
	return n < MOST ? n : MOST;
}

uint64_t diff_key_of(const struct prof_diff *d, uint32_t row)
{
	const struct diff_row *r;
	struct prof_str name;
	uint32_t at;

	if (row == PROF_NONE)
		return PROF_NONE;
	r = &d->rows.v[row];
	if (r->present[PROF_OLD] && r->present[PROF_NEW])
		return row;
	name = prof_strtab_get(&d->strings, r->name);
	at = name.len;
	while (at && name.p[at - 1] != '.')
		at--;
	return prof_hash_bytes(name.p + at, name.len - at) | (uint64_t)1 << 63;
}

/* Whether the scan of a row's neighbours goes on. */
static bool more(uint32_t i, unsigned *left)
{
	return i != PROF_NONE && (*left)-- > 0;
}

static double sum_of(
	const struct neighbours *n, uint32_t row, enum relation relation, enum prof_side side)
{
	unsigned left = NEIGHBOURS;
	double sum = 0;

	for (uint32_t i = n->first[row]; more(i, &left); i = n->v.v[i].next)
		if (n->v.v[i].relation == relation)
			sum += n->v.v[i].x[side];
	return sum;
}

double diff_overlap(const struct neighbours *n, uint32_t a, uint32_t b, enum relation relation)
{
	double old = sum_of(n, a, relation, PROF_OLD), new = sum_of(n, b, relation, PROF_NEW);
	unsigned left = NEIGHBOURS, others;
	double common = 0;

	if (old <= 0 || new <= 0)
		return 0;
	for (uint32_t i = n->first[a]; more(i, &left); i = n->v.v[i].next) {
		const struct neighbour *x = &n->v.v[i];
		uint64_t key = x->relation == relation ? diff_key_of(n->d, x->row) : 0;

		others = NEIGHBOURS;
		for (uint32_t k = n->first[b]; x->relation == relation && more(k, &others);
			k = n->v.v[k].next) {
			const struct neighbour *y = &n->v.v[k];

			if (y->relation == relation && key == diff_key_of(n->d, y->row))
				common += fmin(x->x[PROF_OLD] / old, y->x[PROF_NEW] / new);
		}
	}
	return common;
}

static double score(
	const struct neighbours *n, const struct candidate *old, const struct candidate *new)
{
	const struct prof_diff *d = n->d;
	double cost = fmin(old->x, new->x) / fmax(old->x, new->x);
	double name = diff_name_similarity(prof_strtab_get(&d->strings, d->rows.v[old->row].name),
		prof_strtab_get(&d->strings, d->rows.v[new->row].name));

	if (cost < LEAST_COST && name < ALIKE_NAMES)
		return 0;
	return 0.3 * diff_overlap(n, old->row, new->row, CALLER) +
	       0.3 * diff_overlap(n, old->row, new->row, CALLEE) + 0.2 * cost + 0.2 * name;
}

static int by_score(const void *p, const void *q)
{
	const struct match *a = p, *b = q;

	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	if (a->old != b->old)
		return a->old < b->old ? -1 : 1;
	return (a->new > b->new) - (a->new < b->new);
}

/* Counts the old name's samples in the new one's row. */
static void merge(struct prof_diff *d, const struct match *m)
{
	struct diff_row *old = &d->rows.v[m->old], *new = &d->rows.v[m->new];
	size_t runs = d->runs.n;

	for (int k = 0; k < N_METRICS; k++) {
		new->value[k][PROF_OLD] = old->value[k][PROF_OLD];
		for (size_t i = 0; i < runs; i++) {
			d->x[k][m->new *runs + i] += d->x[k][m->old * runs + i];
			if (d->v[k] != d->x[k])
				d->v[k][m->new *runs + i] += d->v[k][m->old * runs + i];
		}
	}
	new->alloc[PROF_OLD] = old->alloc[PROF_OLD];
	new->start[PROF_OLD] = old->start[PROF_OLD];
	new->present[PROF_OLD] = true;
	new->peer = m->old;
	new->score = m->score;
	old->merged = true;
	old->now = old->peer = m->new;
}

static int match(struct prof_diff *d, const struct candidate *old, size_t n_old,
	const struct candidate *new, size_t n_new, struct prof_err *e)
{
	bool *of = prof_mem_zalloc(&d->mem, d->rows.n, sizeof(*of), e);
	struct match *matches = prof_mem_zalloc(&d->mem, n_old * n_new, sizeof(*matches), e);
	struct neighbours n = {.d = d};
	size_t found = 0;
	int rc = of && matches ? 0 : e->code;

	for (size_t i = 0; !rc && i < n_old; i++)
		of[old[i].row] = true;
	for (size_t i = 0; !rc && i < n_new; i++)
		of[new[i].row] = true;
	if (!rc)
		rc = diff_neighbours_init(&n, d, of, false, e);
	for (size_t i = 0; !rc && i < n_old; i++)
		for (size_t k = 0; k < n_new; k++) {
			double s = score(&n, &old[i], &new[k]);

			if (s >= LEAST_SCORE)
				matches[found++] = (struct match){old[i].row, new[k].row, s};
		}
	if (!rc)
		qsort(matches, found, sizeof(*matches), by_score);
	for (size_t i = 0; !rc && i < found; i++)
		if (d->rows.v[matches[i].old].peer == PROF_NONE &&
			d->rows.v[matches[i].new].peer == PROF_NONE)
			merge(d, &matches[i]);
	if (n.first)
		diff_neighbours_fini(&n);
	prof_mem_zfree(&d->mem, of, d->rows.n, sizeof(*of));
	prof_mem_zfree(&d->mem, matches, n_old * n_new, sizeof(*matches));
	return rc;
}

int diff_renames(struct prof_diff *d, struct prof_err *e)
{
	struct candidate *c;
	size_t n[2] = {0, 0};
	int rc = 0;

	if (d->opts.by != PROF_BY_FUNCTION || d->sides[0].x <= 0 || d->sides[1].x <= 0)
		return 0;
	c = prof_mem_zalloc(&d->mem, 2 * d->rows.n, sizeof(*c), e);
	if (!c)
		return e->code;
	n[PROF_OLD] = candidates(d, PROF_OLD, c);
	n[PROF_NEW] = candidates(d, PROF_NEW, c + d->rows.n);
	if (n[PROF_OLD] && n[PROF_NEW])
		rc = match(d, c, n[PROF_OLD], c + d->rows.n, n[PROF_NEW], e);
	prof_mem_zfree(&d->mem, c, 2 * d->rows.n, sizeof(*c));
	return rc;
}
