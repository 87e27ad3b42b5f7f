#include <stdlib.h>

#include "libprof/analyse/flame/flame.h"
#include "libprof/analyse/graph.h"
#include "libprof/base/num.h"

/* Flat and cum of each column and node of the graph. */
struct sums {
	struct prof_flame_input *x;
	int64_t *v; /* node n, column c: flat at v[2 (n * columns + c)], cum behind it */
	bool *keep;
	struct prof_err *e;
};

static int64_t *sum_of(const struct sums *s, uint32_t node, uint32_t column)
{
	return s->v + 2 * ((size_t)node * s->x->n_columns + column);
}

static int sum(struct sums *s)
{
	struct prof_graph *g = &s->x->v.g;

	for (uint32_t c = 0; c < s->x->n_columns; c++) {
		int rc;

		memset(g->values, 0, g->nodes.n * sizeof(*g->values));
		rc = prof_graph_values(g, s->x->column[c], false, s->e);
		if (rc)
			return rc;
		for (uint32_t n = 0; n < g->nodes.n; n++) {
			sum_of(s, n, c)[0] = g->values[n].flat;
			sum_of(s, n, c)[1] = g->values[n].cum;
		}
	}
	return 0;
}

struct weighed {
	uint64_t weight;
	uint32_t rank, node;
};

static int compare_weighed(const void *a, const void *b)
{
	const struct weighed *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return (x->rank > y->rank) - (x->rank < y->rank);
}

/* Keeps the rows that are first by one value of one column. `all` has room for every node. */
static void keep_first(
	struct sums *s, uint32_t column, int which, struct weighed *all, uint32_t most)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->x->v.g.nodes.n; i++) {
		uint64_t w = (uint64_t)prof_abs(sum_of(s, i, column)[which]);

		if (w)
			all[n++] = (struct weighed){w, s->x->rank[i], i};
	}
	if (n > most)
		qsort(all, n, sizeof(*all), compare_weighed);
	for (uint32_t i = 0; i < n && i < most; i++)
		s->keep[all[i].node] = true;
}

static int choose(struct sums *s, uint64_t *n_rows)
{
	uint32_t n = (uint32_t)s->x->v.g.nodes.n;
	int64_t most = s->x->opts->max_rows;
	struct weighed *all = prof_mem_zalloc(s->x->mem, n, sizeof(*all), s->e);

	if (!all)
		return s->e->code;
	for (uint32_t i = 0; i < 2 * s->x->n_columns; i++)
		keep_first(s, i / 2, i % 2, all, most > 0 && most < n ? (uint32_t)most : n);
	*n_rows = 0;
	for (uint32_t i = 0; i < n; i++) {
		bool any = false;

		for (uint32_t c = 0; c < 2 * s->x->n_columns; c++)
			any |= sum_of(s, i, 0)[c] != 0;
		*n_rows += any;
	}
	prof_mem_zfree(s->x->mem, all, n, sizeof(*all));
	return 0;
}

static int add_row(struct prof_flame *f, struct sums *s, uint32_t node, uint32_t *frame_of)
{
	uint32_t n = s->x->n_columns;
	int64_t *flat = prof_arena_alloc(&f->arena, 2 * n * sizeof(*flat), s->e), *cum = flat + n;
	int rc;

	if (!flat || (rc = prof_vec_reserve(&f->mem, &f->rows, 1, s->e)) ||
		(rc = prof_flame_add_frame(f, s->x, node, frame_of, s->e)))
		return s->e->code;
	for (uint32_t c = 0; c < n; c++) {
		flat[c] = sum_of(s, node, c)[0];
		cum[c] = sum_of(s, node, c)[1];
	}
	f->rows.v[f->rows.n++] = (struct prof_flame_row){frame_of[node], flat, cum};
	return 0;
}

int prof_flame_rows(
	struct prof_flame *f, struct prof_flame_input *x, uint32_t *frame_of, struct prof_err *e)
{
	uint32_t n = (uint32_t)x->v.g.nodes.n;
	size_t size = 2 * x->n_columns * sizeof(int64_t);
	struct sums s = {.x = x, .e = e};
	int rc;

	s.v = prof_mem_zalloc(x->mem, n, size, e);
	s.keep = prof_mem_zalloc(x->mem, n, sizeof(*s.keep), e);
	rc = s.v && s.keep ? sum(&s) : e->code;
	if (!rc)
		rc = choose(&s, &f->n_rows);
	for (uint32_t i = 0; !rc && i < n; i++)
		if (s.keep[i])
			rc = add_row(f, &s, i, frame_of);
	prof_mem_zfree(x->mem, s.v, n, size);
	prof_mem_zfree(x->mem, s.keep, n, sizeof(*s.keep));
	return rc;
}
