#include <math.h>
#include <stdlib.h>

#include "libprof/analyse/diff/diff.h"

/* Where a finding's change comes in and where it goes, from the samples that are own to it.
 *
 * Upwards: its callers as a tree of counts; from the finding on, the caller that carries CARRIES of
 * the change, as far as there is one. Downwards: the functions below it, each counted once a
 * sample. Rows that are significant themselves and stand on either are evidence under the finding.
 */
#define CARRIES 0.8
#define LEAST_PART 0.2 /* of a finding's change, to be told */
#define SAME_PART 0.1 /* two parts so near are one chain of calls */
enum { MOST_PARTS = 3 };

struct branch {
	uint32_t finding, parent, row; /* parent: branch, or PROF_NONE for what is below */
	uint32_t child, next; /* branch: the first child; of the same parent */
	double x[2];
};

struct paths {
	struct prof_diff *d;
	PROF_VEC(struct branch) v;
	uint32_t *first; /* of each row that is a finding: the first branch below it */
	uint32_t collector; /* its row, or PROF_NONE */
	uint32_t *epoch,
		now; /* of each row: the last stack that it was seen in below the finding */
	struct prof_index index;
};

static int branch(struct paths *p, uint32_t finding, uint32_t parent, uint32_t row,
	enum prof_side side, double x, uint32_t *id, struct prof_err *e)
{
	uint64_t hash = prof_hash_mix((uint64_t)finding << 32 | parent, row);
	struct prof_index_it it = prof_index_first(&p->index, hash);
	uint32_t *link;
	int rc;

	while ((*id = prof_index_next(&p->index, &it)) != PROF_NONE) {
		struct branch *b = &p->v.v[*id];

		if (b->finding == finding && b->parent == parent && b->row == row) {
			b->x[side] += x;
			return 0;
		}
	}
	*id = (uint32_t)p->v.n;
	if ((rc = prof_vec_reserve(&p->d->mem, &p->v, 1, e)) ||
		(rc = prof_index_add(&p->index, hash, *id, e)))
		return rc;
	link = parent == PROF_NONE ? &p->first[finding] : &p->v.v[parent].child;
	p->v.v[p->v.n++] = (struct branch){.finding = finding,
		.parent = parent,
		.row = row,
		.child = PROF_NONE,
		.next = *link};
	*link = *id;
	p->v.v[*id].x[side] = x;
	return 0;
}

/* `finding` stands for itself as the root of its callers: a branch of parent PROF_NONE, too. */
static int take_sample(struct paths *p, const struct diff_run *run, size_t sample, uint32_t finding,
	struct prof_err *e)
{
	struct diff_frames f = diff_frames(run, sample);
	uint32_t row, at = PROF_NONE, id;
	double x = run->weight[sample];
	int rc = 0;

	p->now++;
	while (!rc && diff_next_frame(&f, &row)) {
		row = diff_row_now(p->d, run, row);
		if (at == PROF_NONE) {
			bool here = row == finding;

			if (p->epoch[row] == p->now)
				continue;
			p->epoch[row] = p->now;
			rc = branch(p, finding, PROF_NONE, row, run->side, x, &id, e);
			if (!rc && here)
				at = id;
		} else {
			rc = branch(p, finding, at, row, run->side, x, &at, e);
		}
	}
	return rc;
}

static double change_of(const struct prof_diff *d, const struct branch *b)
{
	return b->x[PROF_NEW] / d->scale.factor - b->x[PROF_OLD];
}

static uint32_t heaviest(const struct paths *p, uint32_t parent, double all)
{
	uint32_t best = PROF_NONE;
	double most = CARRIES;

	for (uint32_t i = p->v.v[parent].child; i != PROF_NONE; i = p->v.v[i].next) {
		double part = change_of(p->d, &p->v.v[i]) / all;

		if (part < most)
			continue;
		most = part;
		best = i;
	}
	return best;
}

static int walk_up(
	struct paths *p, struct diff_row *row, uint32_t at, double all, struct prof_err *e)
{
	struct prof_diff *d = p->d;

	row->path_first = (uint32_t)d->paths.n;
	while ((at = heaviest(p, at, all)) != PROF_NONE) {
		int rc = prof_vec_reserve(&d->mem, &d->paths, 1, e);

		if (rc)
			return rc;
		d->paths.v[d->paths.n++] = p->v.v[at].row;
	}
	row->path_n = (uint32_t)(d->paths.n - row->path_first);
	return 0;
}

static int by_part(const void *p, const void *q)
{
	const struct diff_part *a = p, *b = q;

	if (a->part != b->part)
		return a->part > b->part ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

static int add_part(struct prof_diff *d, uint32_t row, double part, struct prof_err *e)
{
	int rc = prof_vec_reserve(&d->mem, &d->parts, 1, e);

	if (!rc)
		d->parts.v[d->parts.n++] = (struct diff_part){row, part};
	return rc;
}

static double collector_change(const struct paths *p)
{
	return diff_side_x(p->d, M_OWN, p->collector, PROF_NEW) / p->d->scale.factor -
	       diff_side_x(p->d, M_OWN, p->collector, PROF_OLD);
}

/* The parts below, without those that are a chain with one that is listed. */
static int parts(struct paths *p, uint32_t finding, double all, struct prof_err *e)
{
	struct prof_diff *d = p->d;
	struct diff_row *row = &d->rows.v[finding];
	size_t first = d->parts.n, n;
	int rc = 0;

	if (row->code & CODE_COLLECTOR) /* all of it is its work */
		return 0;
	for (uint32_t i = p->first[finding]; !rc && i != PROF_NONE; i = p->v.v[i].next) {
		const struct branch *b = &p->v.v[i];
		double part = change_of(d, b) / all;

		/* Where a signal lands is where the function was. */
		if (b->row != finding && part >= LEAST_PART &&
			!(d->rows.v[b->row].code & CODE_PREEMPT))
			rc = add_part(d, b->row, part, e);
	}
	n = d->parts.n - first;
	if (n)
		qsort(d->parts.v + first, n, sizeof(*d->parts.v), by_part);
	d->parts.n = first;
	for (size_t i = 0; i < n && d->parts.n - first < MOST_PARTS; i++) {
		struct diff_part part = d->parts.v[first + i];

		if (d->parts.n == first || d->parts.v[d->parts.n - 1].part - part.part > SAME_PART)
			d->parts.v[d->parts.n++] = part;
	}
	if (!rc && p->collector != PROF_NONE && d->rows.v[p->collector].under == finding)
		rc = add_part(d, p->collector, collector_change(p) / all, e);
	row->part_first = (uint32_t)first;
	row->part_n = (uint32_t)(d->parts.n - first);
	return rc;
}

/* Rows that changed and stand on a finding's stacks: evidence under that which carries most of it.
 */
static void evidence(struct paths *p, double *carried)
{
	struct prof_diff *d = p->d;

	for (size_t i = 0; i < p->v.n; i++) {
		const struct branch *b = &p->v.v[i];
		struct diff_row *row = &d->rows.v[b->row];
		double change = fabs(change_of(d, b));

		if (b->row == b->finding || row->explained || change <= carried[b->row] ||
			!(row->test[M_FLAT].significant || row->test[M_CUM].significant))
			continue;
		carried[b->row] = change;
		if (!(row->code & CODE_COLLECTOR) || row->under == PROF_NONE)
			row->under = b->finding;
	}
}

static int explain(struct paths *p, struct prof_err *e)
{
	struct prof_diff *d = p->d;
	double *carried = prof_mem_zalloc(&d->mem, d->rows.n, sizeof(*carried), e);
	int rc = carried ? 0 : e->code;

	if (!rc)
		evidence(p, carried);
	for (uint32_t i = 0; !rc && i < p->v.n; i++) {
		const struct branch *b = &p->v.v[i];
		double all = change_of(d, b);

		if (b->parent != PROF_NONE || b->row != b->finding || all == 0)
			continue;
		rc = walk_up(p, &d->rows.v[b->row], i, all, e);
		if (!rc)
			rc = parts(p, b->row, all, e);
	}
	prof_mem_zfree(&d->mem, carried, d->rows.n, sizeof(*carried));
	return rc;
}

int diff_paths(struct prof_diff *d, struct prof_err *e)
{
	struct paths p = {.d = d, .collector = PROF_NONE};
	bool any = false;
	int rc = 0;

	for (uint32_t i = 0; i < d->rows.n; i++) {
		any |= d->rows.v[i].explained;
		if (d->rows.v[i].under != PROF_NONE && d->rows.v[i].code & CODE_COLLECTOR)
			p.collector = i;
	}
	if (!any)
		return 0;
	prof_index_init(&p.index, &d->mem);
	p.first = prof_mem_zalloc(&d->mem, d->rows.n, sizeof(*p.first), e);
	p.epoch = prof_mem_zalloc(&d->mem, d->rows.n, sizeof(*p.epoch), e);
	rc = p.first && p.epoch ? 0 : e->code;
	if (!rc)
		memset(p.first, 0xff, d->rows.n * sizeof(*p.first));
	for (size_t i = 0; !rc && i < d->runs.n; i++) {
		const struct diff_run *run = &d->runs.v[i];

		for (size_t k = 0; !rc && k < run->p->sample_stack.n; k++) {
			uint32_t owner = run->owner[k];

			if (owner == PROF_NONE)
				continue;
			owner = diff_row_now(d, run, owner);
			if (d->rows.v[owner].explained)
				rc = take_sample(&p, run, k, owner, e);
		}
	}
	if (!rc)
		rc = explain(&p, e);
	prof_vec_fini(&d->mem, &p.v);
	prof_mem_zfree(&d->mem, p.epoch, d->rows.n, sizeof(*p.epoch));
	prof_mem_zfree(&d->mem, p.first, d->rows.n, sizeof(*p.first));
	prof_index_fini(&p.index);
	return rc;
}
