#include <math.h>
#include <stdlib.h>

#include "libprof/analyse/diff/relate.h"

/* Closures renumbered. The compiler calls them PARENT.func1, PARENT.func2 … in the order of the
 * source, so that one that is put in, or taken out, gives all behind it another's name. They keep
 * their order, so the old ones are aligned with the new ones like two texts; the alignment counts
 * where it is clearly better than taking the names at their word.
 *
 * The old runs' counts then move to the row of the new name. Old closures that are left without a
 * partner get the rows that are left; their old name says who they were.
 */
#define ALIKE 0.6 /* least score of a pair */
#define BETTER \
	0.3 /* by which the alignment must beat the names, a pair's score being at most 1 \
	     */
enum {
	MOST = 16, /* closures of a function that are looked at */
	LEAST_COUNT = 8, /* trials of a row */
};

struct member {
	uint32_t row;
	unsigned number;
};

struct group {
	struct member v[MOST];
	size_t n;
};

/* "main.f" of "main.f.func3", and the 3; not of "main.f.func3.1". */
static struct prof_str parent_of(struct prof_str name, unsigned *number)
{
	static const char *const kinds[] = {".func", ".gowrap", ".deferwrap"};
	uint32_t end = name.len;

	*number = 0;
	for (unsigned place = 1;
		end && name.p[end - 1] >= '0' && name.p[end - 1] <= '9' && place < 10000;
		place *= 10)
		*number += place * (unsigned)(name.p[--end] - '0');
	for (size_t i = 0; end < name.len && i < sizeof(kinds) / sizeof(*kinds); i++) {
		uint32_t n = (uint32_t)strlen(kinds[i]);

		if (end > n && !memcmp(name.p + end - n, kinds[i], n))
			return (struct prof_str){name.p, end}; /* the kind tells groups apart */
	}
	return PROF_STR("");
}

static double trials(const struct prof_diff *d, size_t row)
{
	double x = 0, v = 0;

	for (size_t i = 0; i < d->runs.n; i++) {
		x += diff_x(d, M_CUM, row, i);
		v += diff_v(d, M_CUM, row, i);
	}
	return v > 0 ? x * x / v : 0;
}

static double cost(const struct prof_diff *d, uint32_t row, enum prof_side side)
{
	return diff_side_x(d, M_CUM, row, side) / d->sides[side].x;
}

/* How alike the old function of one name and the new one of another are. */
static double alike(const struct neighbours *n, uint32_t old, uint32_t new)
{
	double a = cost(n->d, old, PROF_OLD), b = cost(n->d, new, PROF_NEW);

	if (a <= 0 || b <= 0)
		return 0;
	return 0.2 * diff_overlap(n, old, new, CALLER) + 0.4 * diff_overlap(n, old, new, CALLEE) +
	       0.4 * fmin(a, b) / fmax(a, b);
}

/* partner[k]: which old member the new one k was, or MOST. Returns the sum of scores. */
static double align(double score[MOST][MOST], size_t n, size_t partner[MOST])
{
	double best[MOST + 1][MOST + 1] = {{0}};
	size_t i = n, k = n;

	for (i = 1; i <= n; i++)
		for (k = 1; k <= n; k++) {
			double pair = score[i - 1][k - 1] >= ALIKE
					      ? best[i - 1][k - 1] + score[i - 1][k - 1]
					      : -1;

			best[i][k] = fmax(pair, fmax(best[i - 1][k], best[i][k - 1]));
		}
	for (k = 0; k < n; k++)
		partner[k] = MOST;
	for (i = n, k = n; i && k;) {
		if (score[i - 1][k - 1] >= ALIKE &&
			best[i][k] == best[i - 1][k - 1] + score[i - 1][k - 1])
			partner[--k] = --i;
		else if (best[i][k] == best[i - 1][k])
			i--;
		else
			k--;
	}
	return best[n][n];
}

/* A row's old side, taken out. */
struct old_side {
	int64_t value[N_METRICS], start;
	double alloc;
	bool present;
	double *x, *v; /* [metric * runs + run] */
};

static void take_out(struct prof_diff *d, uint32_t row, struct old_side *out)
{
	struct diff_row *r = &d->rows.v[row];
	size_t runs = d->runs.n;

	for (int m = 0; m < N_METRICS; m++) {
		out->value[m] = r->value[m][PROF_OLD];
		r->value[m][PROF_OLD] = 0;
		for (size_t i = 0; i < runs; i++) {
			size_t at = row * runs + i, to = (size_t)m * runs + i;

			if (d->runs.v[i].side != PROF_OLD)
				continue;
			out->x[to] = d->x[m][at];
			out->v[to] = d->v[m][at];
			d->x[m][at] = d->v[m][at] = 0;
		}
	}
	out->start = r->start[PROF_OLD];
	out->alloc = r->alloc[PROF_OLD];
	out->present = r->present[PROF_OLD];
	r->start[PROF_OLD] = 0;
	r->alloc[PROF_OLD] = 0;
	r->present[PROF_OLD] = false;
}

static void put_in(struct prof_diff *d, uint32_t row, const struct old_side *in)
{
	struct diff_row *r = &d->rows.v[row];
	size_t runs = d->runs.n;

	for (int m = 0; m < N_METRICS; m++) {
		r->value[m][PROF_OLD] = in->value[m];
		for (size_t i = 0; i < runs; i++) {
			if (d->runs.v[i].side != PROF_OLD)
				continue;
			d->v[m][row * runs + i] = in->v[(size_t)m * runs + i];
			d->x[m][row * runs + i] = in->x[(size_t)m * runs + i];
		}
	}
	r->start[PROF_OLD] = in->start;
	r->alloc[PROF_OLD] = in->alloc;
	r->present[PROF_OLD] = in->present;
}

static int renumber(struct prof_diff *d, const struct group *g, const size_t partner[MOST],
	double score[MOST][MOST], struct prof_err *e)
{
	size_t cells = N_METRICS * d->runs.n, to[MOST], next = 0;
	struct old_side old[MOST];
	double *all = prof_mem_zalloc(&d->mem, 2 * MOST * cells, sizeof(*all), e);
	bool used[MOST] = {false};

	if (!all)
		return e->code;
	for (size_t i = 0; i < g->n; i++)
		to[i] = MOST;
	for (size_t k = 0; k < g->n; k++)
		if (partner[k] != MOST) {
			to[partner[k]] = k;
			used[k] = true;
		}
	for (size_t i = 0; i < g->n; i++) {
		old[i].x = all + 2 * i * cells;
		old[i].v = old[i].x + cells;
		take_out(d, g->v[i].row, &old[i]);
	}
	for (size_t i = 0; i < g->n; i++) {
		while (to[i] == MOST && used[next])
			next++;
		if (to[i] == MOST)
			to[i] = next++;
		put_in(d, g->v[to[i]].row, &old[i]);
		d->rows.v[g->v[i].row].now = g->v[to[i]].row;
		if (to[i] == i || !old[i].present)
			continue;
		d->rows.v[g->v[to[i]].row].peer = g->v[i].row;
		d->rows.v[g->v[to[i]].row].score = score[i][to[i]];
	}
	prof_mem_zfree(&d->mem, all, 2 * MOST * cells, sizeof(*all));
	return 0;
}

static int by_number(const void *p, const void *q)
{
	const struct member *a = p, *b = q;

	return (a->number > b->number) - (a->number < b->number);
}

static int renumber_group(struct neighbours *n, struct group *g, struct prof_err *e)
{
	double score[MOST][MOST], names = 0;
	size_t partner[MOST];

	qsort(g->v, g->n, sizeof(*g->v), by_number);
	for (size_t i = 0; i < g->n; i++)
		for (size_t k = 0; k < g->n; k++)
			score[i][k] = alike(n, g->v[i].row, g->v[k].row);
	for (size_t i = 0; i < g->n; i++)
		names += score[i][i];
	if (align(score, g->n, partner) < names + BETTER)
		return 0;
	return renumber(n->d, g, partner, score, e);
}

/* Rows by the string of their parent. */
struct key {
	uint32_t parent, row;
	unsigned number;
};

static int by_parent(const void *p, const void *q)
{
	const struct key *a = p, *b = q;

	if (a->parent != b->parent)
		return a->parent < b->parent ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

static int find_keys(struct prof_diff *d, struct key *keys, size_t *n, struct prof_err *e)
{
	*n = 0;
	for (uint32_t i = 0; i < d->rows.n; i++) {
		struct key key = {.row = i};
		struct prof_str parent = parent_of(
			prof_strtab_get(&d->strings, d->rows.v[i].name), &key.number);
		int rc;

		if (!parent.len || !diff_may_change(d, i) || trials(d, i) < LEAST_COUNT)
			continue;
		rc = prof_strtab_add(&d->strings, parent.p, parent.len, &key.parent, e);
		if (rc)
			return rc;
		keys[(*n)++] = key;
	}
	return 0;
}

/* The group that begins at keys[i], if it is one to look at: there are more, or fewer, than there
 * were, so that one is on one side only. Returns where the next begins.
 */
static size_t group_at(
	const struct prof_diff *d, const struct key *keys, size_t n, size_t i, struct group *g)
{
	size_t end = i;
	bool other = false;

	g->n = 0;
	for (; end < n && keys[end].parent == keys[i].parent; end++) {
		const struct diff_row *row = &d->rows.v[keys[end].row];

		other |= row->present[PROF_OLD] != row->present[PROF_NEW];
		if (g->n < MOST)
			g->v[g->n++] = (struct member){keys[end].row, keys[end].number};
	}
	if (!other || end - i > MOST || end - i < 2)
		g->n = 0;
	return end;
}

static int each_group(struct prof_diff *d, const struct key *keys, size_t n, struct prof_err *e)
{
	bool *of = prof_mem_zalloc(&d->mem, d->rows.n, sizeof(*of), e), any = false;
	struct neighbours near = {.d = d};
	struct group g;
	int rc = of ? 0 : e->code;

	for (size_t i = 0; !rc && i < n;) {
		i = group_at(d, keys, n, i, &g);
		for (size_t k = 0; k < g.n; k++)
			of[g.v[k].row] = any = true;
	}
	if (!rc && any)
		rc = diff_neighbours_init(&near, d, of, e);
	for (size_t i = 0; !rc && any && i < n;) {
		i = group_at(d, keys, n, i, &g);
		if (g.n)
			rc = renumber_group(&near, &g, e);
	}
	if (near.first)
		diff_neighbours_fini(&near);
	prof_mem_zfree(&d->mem, of, d->rows.n, sizeof(*of));
	return rc;
}

int diff_closures(struct prof_diff *d, struct prof_err *e)
{
	struct key *keys;
	size_t n;
	int rc;

	if (d->opts.by != PROF_BY_FUNCTION || d->sides[0].x <= 0 || d->sides[1].x <= 0)
		return 0;
	keys = prof_mem_zalloc(&d->mem, d->rows.n, sizeof(*keys), e);
	if (!keys)
		return e->code;
	rc = find_keys(d, keys, &n, e);
	if (!rc && n > 1) {
		qsort(keys, n, sizeof(*keys), by_parent);
		rc = each_group(d, keys, n, e);
	}
	prof_mem_zfree(&d->mem, keys, d->rows.n, sizeof(*keys));
	return rc;
}
