#include <stdio.h>
#include <stdlib.h>

#include "libprof/analyse/flame/flame.h"
#include "libprof/analyse/graph.h"
#include "libprof/analyse/nodes.h"
#include "libprof/analyse/sides.h"

/* Which columns are shown. After prof_split_sides a profile of n types has OLD's columns from n on.
 */
static int choose_columns(struct prof_flame_input *x, uint32_t index, uint32_t n)
{
	uint32_t sides = x->differential ? 2 : 1;

	x->n_types = x->opts->all_types ? n : 1;
	x->type = x->opts->all_types ? index : 0;
	x->n_columns = x->n_types * sides;
	x->column = prof_mem_zalloc(x->mem, x->n_columns, sizeof(*x->column), x->e);
	x->total = prof_mem_zalloc(x->mem, x->n_columns, sizeof(*x->total), x->e);
	if (!x->column || !x->total)
		return x->e->code;
	for (uint32_t c = 0; c < x->n_columns; c++)
		x->column[c] = (x->opts->all_types ? c / sides : index) + c % sides * n;
	return 0;
}

static void add_totals(struct prof_flame_input *x)
{
	for (uint32_t c = 0; c < x->n_columns; c++)
		x->total[c] = prof_graph_total(x->v.p, x->column[c], false);
}

int prof_flame_input_init(struct prof_flame_input *x, struct prof_profile *p,
	const struct prof_view_opts *view, const struct prof_flame_opts *opts, unsigned *missed,
	struct prof_err *e)
{
	struct prof_view_opts v = *view;
	uint32_t index, n = (uint32_t)p->types.n;
	int rc;

	*x = (struct prof_flame_input){
		.v.p = p, .opts = opts, .e = e, .mem = &p->mem, .differential = opts->differential};
	prof_arena_init(&x->arena, &p->mem);
	if (view->mean)
		return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
			"a mean is no sum of parts: it has no flame graph");
	if ((rc = prof_profile_sample_index(p, view->sample_index, &index, e)) ||
		(rc = prof_split_sides(p, &x->differential, e)) ||
		(rc = choose_columns(x, index, n)))
		return rc;
	snprintf(x->index, sizeof(x->index), "%u", index);
	v.sample_index = x->index;
	if (!v.relative_percentages)
		add_totals(x);
	rc = prof_view_init(&x->v, p, &v, missed, e);
	if (!rc && v.relative_percentages)
		add_totals(x);
	return rc;
}

void prof_flame_input_fini(struct prof_flame_input *x)
{
	size_t n = x->v.g.nodes.n;

	prof_mem_zfree(x->mem, x->column, x->n_columns, sizeof(*x->column));
	prof_mem_zfree(x->mem, x->total, x->n_columns, sizeof(*x->total));
	prof_mem_zfree(x->mem, x->text, n, sizeof(*x->text));
	prof_mem_zfree(x->mem, x->rank, n, sizeof(*x->rank));
	prof_arena_fini(&x->arena);
	prof_view_fini(&x->v);
}

struct ranked {
	struct prof_str text;
	uint32_t node;
};

static int compare_ranked(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	int c = prof_str_cmp(x->text, y->text);

	return c ? c : (x->node > y->node) - (x->node < y->node);
}

static int rank_texts(struct prof_flame_input *x)
{
	uint32_t n = (uint32_t)x->v.g.nodes.n;
	struct ranked *all = prof_mem_zalloc(x->mem, n, sizeof(*all), x->e);

	if (!all)
		return x->e->code;
	for (uint32_t i = 0; i < n; i++)
		all[i] = (struct ranked){x->text[i], i};
	qsort(all, n, sizeof(*all), compare_ranked);
	for (uint32_t i = 0; i < n; i++)
		x->rank[all[i].node] = i;
	prof_mem_zfree(x->mem, all, n, sizeof(*all));
	return 0;
}

int prof_flame_input_nodes(struct prof_flame_input *x)
{
	const struct prof_graph *g = &x->v.g;
	struct prof_nodes_opts whole = {.by = x->v.opts.by, .no_inlines = x->v.opts.no_inlines};
	struct prof_buf b;
	int rc;

	/* pprof's rows of files and packages are apart by where their functions begin. */
	rc = prof_flame_collapses(x) ? prof_nodes_build(&x->v.g, x->v.p, &whole, x->e)
				     : prof_view_nodes(&x->v, false);
	if (rc)
		return rc;
	x->text = prof_mem_zalloc(x->mem, g->nodes.n, sizeof(*x->text), x->e);
	x->rank = prof_mem_zalloc(x->mem, g->nodes.n, sizeof(*x->rank), x->e);
	if (!x->text || !x->rank)
		return x->e->code;
	prof_buf_init(&b, NULL, NULL);
	for (uint32_t i = 0; !rc && i < g->nodes.n; i++) {
		const struct prof_node_info *info = &g->nodes.v[i];

		if (info->name && !info->file && !info->line && !info->address) {
			x->text[i] = prof_profile_str(g->profile, info->name);
			continue;
		}
		b.n = 0;
		prof_node_name(g, i, &b);
		rc = b.code ? prof_nomem(x->e) : 0;
		if (!rc)
			x->text[i].p = prof_arena_dup(&x->arena, b.p, b.n, x->e);
		x->text[i].len = (uint32_t)b.n;
		rc = rc || x->text[i].p ? rc : x->e->code;
	}
	prof_buf_fini(&b);
	return rc ? rc : rank_texts(x);
}

bool prof_flame_collapses(const struct prof_flame_input *x)
{
	return x->v.opts.by == PROF_BY_FILE || x->v.opts.by == PROF_BY_PACKAGE;
}

struct prof_flame_frame prof_flame_frame_of(const struct prof_flame_input *x, uint32_t node)
{
	const struct prof_node_info *info = &x->v.g.nodes.v[node];
	struct prof_str name = prof_profile_str(x->v.p, info->name);
	struct prof_flame_frame f = {.name = x->text[node],
		.function = name,
		.file = prof_profile_str(x->v.p, info->file),
		.line = info->line};

	if (x->v.opts.by == PROF_BY_PACKAGE) {
		f.package = name;
	} else if (info->name) {
		f.package = prof_go_package(name);
	} else if (f.file.len) {
		uint32_t n = f.file.len;

		while (n && f.file.p[n - 1] != '/')
			n--;
		f.package = (struct prof_str){f.file.p, n ? n - 1 : 0}; /* a package is a folder */
	}
	return f;
}
