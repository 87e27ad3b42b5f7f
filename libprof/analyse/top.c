#include "libprof/analyse/graph.h"
#include "libprof/analyse/head.h"
#include "libprof/analyse/nodes.h"
#include "libprof/analyse/trim.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"

/* pprof's row is "%10s %5s%% %5s%% %10s %5s%%  name (inline)". */
enum {
	C_FLAT,
	C_FLAT_PART,
	C_SUM,
	C_CUM,
	C_CUM_PART,
	C_TEXT,
	C_MARK,
	C_NAME,
	C_FILE,
	C_LINE,
	C_ADDRESS,
	C_INLINED,
	C_PARTLY,
	N_COLUMNS
};

static const struct prof_table_column columns[N_COLUMNS] = {
	[C_FLAT] = {.key = "flat", .title = "flat", .form = PROF_FORM_UNIT, .width = 10},
	[C_FLAT_PART] = {.title = "flat%", .form = PROF_FORM_PERCENT, .width = 6},
	[C_SUM] = {.title = "sum%", .form = PROF_FORM_PERCENT, .width = 6},
	[C_CUM] = {.key = "cum", .title = "cum", .form = PROF_FORM_UNIT, .width = 10},
	[C_CUM_PART] = {.title = "cum%", .form = PROF_FORM_PERCENT, .width = 6},
	[C_TEXT] = {.title = "", .left = true, .width = 1, .gap = 2},
	[C_MARK] = {.title = "", .left = true},
	[C_NAME] = {.key = "name"},
	[C_FILE] = {.key = "file", .optional = true},
	[C_LINE] = {.key = "line", .optional = true},
	[C_ADDRESS] = {.key = "address", .optional = true},
	[C_INLINED] = {.key = "inlined", .optional = true},
	[C_PARTLY] = {.key = "partly_inlined", .optional = true},
};

enum mark { MARK_NONE, MARK_INLINE, MARK_PARTIAL };

/* Everything of one call, and what it must give back. */
struct top {
	struct prof_profile *p;
	const struct prof_top_opts *opts;
	struct prof_err *e;
	uint32_t index;
	int64_t total;
	struct prof_graph g;
	struct prof_trimmed t;
	uint8_t *marks; /* enum mark of each node */
	struct prof_report *r;
	struct prof_table_column *columns;
};

void prof_top_opts_init(struct prof_top_opts *opts)
{
	*opts = (struct prof_top_opts){
		.node_fraction = 0.005, .edge_fraction = 0.001, .unit = "minimum", .divide_by = 1};
}

/* The nodes that are shown and can have a mark: those that stand in a line that was inlined. */
static bool find_candidates(const struct top *x, bool *want)
{
	const struct prof_graph *g = &x->g;
	bool any = false;

	for (size_t l = 0; l + 1 < g->loc_start.n; l++) {
		for (uint32_t j = g->loc_start.v[l]; j + 1 < g->loc_start.v[l + 1]; j++) {
			uint32_t n = g->node_of.v[j];

			want[n] = x->t.keep[n];
			any |= want[n];
		}
	}
	return any;
}

/* A row is marked by the edges into it that are not under the cut-off: all inlined, or some. */
static int mark_inlined(struct top *x)
{
	struct prof_graph *g = &x->g;
	bool *plain = prof_mem_zalloc(g->mem, g->nodes.n, sizeof(*plain), x->e);
	bool *want = prof_mem_zalloc(g->mem, g->nodes.n, sizeof(*want), x->e);
	int rc = 0;

	x->marks = prof_mem_zalloc(g->mem, g->nodes.n, 1, x->e);
	if (!plain || !want || !x->marks)
		rc = x->e->code;
	else if (find_candidates(x, want))
		rc = prof_graph_edges(g, x->index, x->opts->mean, x->t.keep, want, x->e);
	for (size_t i = 0; !rc && i < g->edges.n; i++) {
		const struct prof_edge *edge = &g->edges.v[i];

		if (prof_abs(edge->weight) < x->t.edge_cutoff)
			continue;
		if (edge->inlined)
			x->marks[edge->dest] = MARK_INLINE;
		else
			plain[edge->dest] = true;
	}
	for (size_t n = 0; !rc && n < g->nodes.n; n++)
		if (x->marks[n] == MARK_INLINE && plain[n])
			x->marks[n] = MARK_PARTIAL;
	prof_mem_zfree(g->mem, want, g->nodes.n, sizeof(*want));
	prof_mem_zfree(g->mem, plain, g->nodes.n, sizeof(*plain));
	return rc;
}

/* The unit of all values, the total included. */
static void choose_unit(struct top *x)
{
	struct prof_report *r = x->r;
	int64_t least = 0, most = x->total;

	r->unit = prof_profile_str(x->p, x->p->types.v[x->index].unit);
	r->out_unit = prof_str_of(x->opts->unit);
	r->ratio = 1 / x->opts->divide_by;
	if (!prof_str_eq(r->out_unit, PROF_STR("minimum")) || !x->t.order.n)
		return;
	for (size_t i = 0; i < x->t.order.n; i++) {
		const struct prof_node_value *v = &x->g.values[x->t.order.v[i]];
		int64_t a = prof_abs(prof_node_flat(v));

		if (!a)
			a = prof_abs(prof_node_cum(v));
		if (a > 0 && (!least || a < least))
			least = a;
	}
	if (!least)
		least = most;
	if (r->ratio > 0 && r->ratio != 1) {
		least = prof_to_i64((double)least * r->ratio);
		most = prof_to_i64((double)most * r->ratio);
	}
	r->out_unit = prof_report_unit(least, most, r->unit, false);
}

static int add_row(struct top *x, uint32_t n, int64_t sum, struct prof_buf *b)
{
	static const char *const marks[] = {"", "(inline)", "(partial-inline)"};
	const struct prof_node_info *info = &x->g.nodes.v[n];
	int64_t flat = prof_node_flat(&x->g.values[n]), cum = prof_node_cum(&x->g.values[n]);
	enum mark mark = x->marks[n];
	struct prof_cell c[N_COLUMNS] = {0};
	struct prof_str shown;

	b->n = 0;
	prof_node_name(&x->g, n, b);
	if (b->code)
		return prof_nomem(x->e);
	shown = (struct prof_str){b->p, (uint32_t)b->n};
	c[C_FLAT] = c[C_FLAT_PART] = prof_cell_int(flat);
	c[C_SUM] = prof_cell_int(sum);
	c[C_CUM] = c[C_CUM_PART] = prof_cell_int(cum);
	c[C_TEXT] = prof_cell_str(shown);
	c[C_MARK] = prof_cell_str(prof_str_of(marks[mark]));
	c[C_NAME] = prof_cell_str(info->name ? prof_profile_str(x->p, info->name) : shown);
	if (info->file)
		c[C_FILE] = prof_cell_str(prof_profile_str(x->p, info->file));
	if (info->line)
		c[C_LINE] = prof_cell_int(info->line);
	if (info->address)
		c[C_ADDRESS] = prof_cell_uint(info->address);
	if (mark == MARK_INLINE)
		c[C_INLINED] = prof_cell_bool(true);
	if (mark == MARK_PARTIAL)
		c[C_PARTLY] = prof_cell_bool(true);
	return prof_report_row(x->r, c, x->e);
}

static int add_rows(struct top *x)
{
	struct prof_buf b;
	int64_t sum = 0;
	int rc = 0;

	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; !rc && i < x->t.order.n; i++) {
		uint32_t n = x->t.order.v[i];

		sum = prof_add(sum, prof_node_flat(&x->g.values[n]));
		rc = add_row(x, n, sum, &b);
	}
	prof_buf_fini(&b);
	return rc;
}

static int add_head(struct top *x)
{
	struct prof_head h = {
		.profile = x->p,
		.index = x->index,
		.mean = x->opts->mean,
		.compact = x->opts->compact,
		.time_text = x->opts->time_text,
		.total = x->total,
		.shown_nodes = x->t.order.n,
		.nodes = x->t.before_count,
		.dropped_nodes = x->t.dropped,
		.node_fraction = x->opts->node_fraction,
	};

	for (size_t i = 0; i < x->t.order.n; i++)
		h.shown = prof_add(h.shown, prof_node_flat(&x->g.values[x->t.order.v[i]]));
	return prof_head_report(&h, x->r, x->e);
}

static int fill(struct top *x)
{
	struct prof_value_type type;
	int rc;

	x->columns = prof_arena_alloc(&x->r->arena, sizeof(columns), x->e);
	if (!x->columns)
		return x->e->code;
	memcpy(x->columns, columns, sizeof(columns));
	x->columns[C_FLAT_PART].of = x->columns[C_SUM].of = x->columns[C_CUM_PART].of = x->total;
	x->r->columns = x->columns;
	x->r->n_columns = N_COLUMNS;
	choose_unit(x);
	if ((rc = prof_report_keep(x->r, &x->r->unit, x->e)) ||
		(rc = prof_report_keep(x->r, &x->r->out_unit, x->e)))
		return rc;
	type = x->p->types.v[x->index];
	if ((rc = prof_report_field(x->r, "sample_type",
		     prof_cell_str(prof_profile_str(x->p, type.type)), x->e)) ||
		(rc = prof_report_field(x->r, "unit", prof_cell_str(x->r->unit), x->e)) ||
		(rc = prof_report_field(x->r, "total", prof_cell_int(x->total), x->e)) ||
		(rc = add_head(x)))
		return rc;
	return add_rows(x);
}

int prof_top(struct prof_profile *p, const struct prof_top_opts *opts, struct prof_report **out,
	struct prof_err *e)
{
	struct top x = {.p = p, .opts = opts, .e = e};
	struct prof_nodes_opts nodes = {.by = opts->by,
		.no_inlines = opts->no_inlines,
		.show_columns = opts->show_columns,
		.split_by_object = true};
	struct prof_trim_opts trim = {.cum = opts->cum,
		.drop_negative = opts->drop_negative,
		.node_count = opts->node_count,
		.node_fraction = opts->node_fraction,
		.edge_fraction = opts->edge_fraction};
	int rc = prof_profile_sample_index(p, opts->sample_index, &x.index, e);

	if (rc)
		return rc;
	x.total = prof_graph_total(p, x.index, opts->mean);
	x.r = prof_report_new("prof.top/1", e);
	if (!x.r || (rc = prof_nodes_build(&x.g, p, &nodes, e)) ||
		(rc = prof_graph_values(&x.g, x.index, opts->mean, e)) ||
		(rc = prof_trim(&x.t, &x.g, &trim, e)) || (rc = mark_inlined(&x)))
		goto out;
	rc = fill(&x);
out:
	prof_mem_zfree(&p->mem, x.marks, x.g.nodes.n, 1);
	prof_trimmed_fini(&x.t);
	prof_graph_fini(&x.g);
	if (rc || !x.r) {
		prof_report_free(x.r);
		return rc ? rc : e->code;
	}
	*out = x.r;
	return 0;
}
