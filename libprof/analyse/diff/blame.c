#include <math.h>

#include "libprof/analyse/diff/diff.h"

/* Whose work the collector's is: it is for who allocates. A change of both is one finding, not two.
 */
#define GUILTY 0.25 /* p of who allocates more, where the collector is known to work more */
enum { LEAST_TRIALS = 8 }; /* of a kind of allocation, to be compared */

/* By how much a finding tells why the collector works more, or less: it allocates that much more,
 * clearly; or (`content`) it changed the same way and allocates, so that what it allocates may have
 * changed: how much of it are pointers, how long it lives. 0: it tells nothing.
 */
static double blame(const struct prof_diff *d, uint32_t i, bool more, bool content)
{
	const struct diff_row *row = &d->rows.v[i];
	double old = row->alloc[PROF_OLD] * d->scale.factor, new = row->alloc[PROF_NEW];
	double z = (new - old) / sqrt(new + old * d->scale.factor + 1);

	if (!row->finding || row->code & CODE_COLLECTOR)
		return 0;
	if (!content)
		return (z > 0) == more && fabs(z) >= 1 ? fabs(new - old) : 0;
	if ((row->test[M_OWN].ratio.ratio > 1) != more || old + new <= 0)
		return 0;
	return fabs(diff_share(d, M_OWN, i, PROF_NEW) - diff_share(d, M_OWN, i, PROF_OLD));
}

/* p of the samples in which a row allocates, if it allocates more, or less; else 1. */
static double allocs_p(const struct prof_diff *d, uint32_t i, bool more)
{
	const struct diff_row *row = &d->rows.v[i];
	struct prof_rates r = row->test[M_OWN].rates;

	r.x[PROF_OLD] = row->alloc[PROF_OLD];
	r.x[PROF_NEW] = row->alloc[PROF_NEW];
	if ((row->alloc[PROF_NEW] > row->alloc[PROF_OLD] * d->scale.factor) != more ||
		(row->test[M_OWN].ratio.ratio > 1) != more)
		return 1;
	return prof_rates_test(&r);
}

/* Where no finding tells why the collector works more: who clearly allocates more. */
static uint32_t find_allocator(const struct prof_diff *d, bool more)
{
	uint32_t best = PROF_NONE, of = 0;
	double least = 1;

	for (uint32_t i = 0; i < d->rows.n; i++) {
		const struct diff_row *row = &d->rows.v[i];
		double p;

		if (!row->test[M_OWN].tested || row->merged || row->code & CODE_RUNTIME ||
			row->alloc[PROF_OLD] + row->alloc[PROF_NEW] <= 0)
			continue;
		of++;
		p = allocs_p(d, i, more);
		if (p < least) {
			least = p;
			best = i;
		}
	}
	return least * of <= GUILTY ? best : PROF_NONE;
}

/* What a function allocates, by which of the allocator's functions serves it: they go by size, and
 * by whether there are pointers.
 */
struct kind {
	uint32_t owner, by; /* rows */
	double x[2];
};

struct kinds {
	struct prof_index index;
	PROF_VEC(struct kind) v;
};

/* The outermost of them that says more than that it is an allocation. */
static uint32_t kind_of(const struct prof_diff *d, const struct diff_run *run, size_t sample)
{
	struct diff_frames f = diff_frames(run, sample);
	uint32_t row, by = PROF_NONE;

	while (diff_next_frame(&f, &row) && row != run->owner[sample])
		if (d->rows.v[row].code & CODE_ALLOC &&
			!prof_str_eq(prof_strtab_get(&d->strings, d->rows.v[row].name),
				PROF_STR("runtime.mallocgc")))
			by = row;
	return by;
}

static int take_kind(struct prof_diff *d, struct kinds *k, const struct diff_run *run,
	size_t sample, struct prof_err *e)
{
	uint32_t by = kind_of(d, run, sample), id;
	uint32_t owner = diff_row_now(d, run, run->owner[sample]);
	uint64_t hash = prof_hash_mix(owner, by);
	struct prof_index_it it = prof_index_first(&k->index, hash);
	int rc;

	while ((id = prof_index_next(&k->index, &it)) != PROF_NONE)
		if (k->v.v[id].owner == owner && k->v.v[id].by == by)
			break;
	if (id == PROF_NONE) {
		id = (uint32_t)k->v.n;
		if ((rc = prof_vec_reserve(&d->mem, &k->v, 1, e)) ||
			(rc = prof_index_add(&k->index, hash, id, e)))
			return rc;
		k->v.v[k->v.n++] = (struct kind){.owner = owner, .by = by};
	}
	k->v.v[id].x[run->side] += run->weight[sample];
	return 0;
}

static uint32_t clearest(const struct prof_diff *d, const struct kinds *k)
{
	uint32_t best = PROF_NONE, of = 0;
	double least = 1;

	for (size_t i = 0; i < k->v.n; i++) {
		const struct kind *kind = &k->v.v[i];
		const struct diff_row *row = &d->rows.v[kind->owner];
		struct prof_rates r = row->test[M_OWN].rates;
		double p;

		if (!row->test[M_OWN].tested || row->finding || row->code & CODE_RUNTIME ||
			kind->by == PROF_NONE || row->alloc[PROF_OLD] <= 0 ||
			row->alloc[PROF_NEW] <= 0 ||
			kind->x[PROF_OLD] + kind->x[PROF_NEW] < LEAST_TRIALS)
			continue;
		of++;
		for (int s = 0; s < 2; s++) {
			r.x[s] = kind->x[s];
			r.exposure[s] = row->alloc[s]; /* as a part of all that it allocates */
		}
		r.drift = 0;
		p = prof_rates_test(&r);
		if (p < least) {
			least = p;
			best = kind->owner;
		}
	}
	return least * of <= DIFF_Q ? best : PROF_NONE;
}

/* Else who allocates other things than it did. *row: PROF_NONE: none. */
static int find_other_kind(struct prof_diff *d, uint32_t *row, struct prof_err *e)
{
	struct kinds k = {.v = {0}};
	int rc = 0;

	prof_index_init(&k.index, &d->mem);
	for (size_t r = 0; !rc && r < d->runs.n; r++) {
		const struct diff_run *run = &d->runs.v[r];

		for (size_t i = 0; !rc && i < run->p->sample_stack.n; i++)
			if (run->leaf[i] == PROF_NONE && run->owner[i] != PROF_NONE)
				rc = take_kind(d, &k, run, i, e);
	}
	if (!rc)
		*row = clearest(d, &k);
	prof_vec_fini(&d->mem, &k.v);
	prof_index_fini(&k.index);
	return rc;
}

int diff_blame_collector(struct prof_diff *d, uint32_t collector, struct prof_err *e)
{
	bool more = d->rows.v[collector].test[M_OWN].ratio.ratio > 1;
	uint32_t who = PROF_NONE;
	int rc = 0;

	for (int content = 0; content < 2 && who == PROF_NONE; content++) {
		double most = 0;

		for (uint32_t i = 0; i < d->rows.n; i++) {
			double by = blame(d, i, more, content);

			if (by > most) {
				most = by;
				who = i;
			}
		}
	}
	if (who == PROF_NONE && d->count == COUNT_SAMPLES)
		who = find_allocator(d, more);
	if (who == PROF_NONE && d->count == COUNT_SAMPLES)
		rc = find_other_kind(d, &who, e);
	if (rc || who == PROF_NONE)
		return rc;
	d->rows.v[collector].under = who;
	d->rows.v[collector].finding = false;
	if (d->rows.v[who].finding)
		return 0;
	d->rows.v[who].finding = true;
	d->rows.v[who].kind = more ? KIND_REGRESSED : KIND_IMPROVED;
	return 0;
}
