#include "libprof/analyse/graph.h"
#include "libprof/analyse/view.h"
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
	[C_TEXT] = {.title = "", .left = true, .width = 1, .gap = 2, .is_name = true},
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
	struct prof_view v;
	uint8_t *marks; /* enum mark of each node */
	struct prof_report *r;
	struct prof_table_column *columns;
};

/* The nodes that are shown and can have a mark: those that stand in a line that was inlined. */
static bool find_candidates(const struct top *x, bool *want)
{
	const struct prof_graph *g = &x->v.g;
	bool any = false;

	for (size_t l = 0; l + 1 < g->loc_start.n; l++) {
		for (uint32_t j = g->loc_start.v[l]; j + 1 < g->loc_start.v[l + 1]; j++) {
			uint32_t n = g->node_of.v[j];

			want[n] = x->v.t.keep[n];
			any |= want[n];
		}
	}
	return any;
}

/* A row is marked by the edges into it that are not under the cut-off: all inlined, or some. */
static int mark_inlined(struct top *x)
{
	struct prof_graph *g = &x->v.g;
	bool *plain = prof_mem_zalloc(g->mem, g->nodes.n, sizeof(*plain), x->v.e);
	bool *want = prof_mem_zalloc(g->mem, g->nodes.n, sizeof(*want), x->v.e);
	int rc = 0;

	x->marks = prof_mem_zalloc(g->mem, g->nodes.n, 1, x->v.e);
	if (!plain || !want || !x->marks)
		rc = x->v.e->code;
	else if (find_candidates(x, want))
		rc = prof_graph_edges(g, x->v.index, x->v.opts.mean, x->v.t.keep, want, x->v.e);
	for (size_t i = 0; !rc && i < g->edges.n; i++) {
		const struct prof_edge *edge = &g->edges.v[i];

		if (prof_abs(edge->weight) < x->v.t.edge_cutoff)
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

static int add_row(struct top *x, uint32_t n, int64_t sum, struct prof_buf *b)
{
	static const char *const marks[] = {"", "(inline)", "(partial-inline)"};
	const struct prof_node_info *info = &x->v.g.nodes.v[n];
	int64_t flat = prof_node_flat(&x->v.g.values[n]), cum = prof_node_cum(&x->v.g.values[n]);
	enum mark mark = x->marks[n];
	struct prof_cell c[N_COLUMNS] = {0};
	struct prof_str shown;

	b->n = 0;
	prof_node_name(&x->v.g, n, b);
	if (b->code)
		return prof_nomem(x->v.e);
	shown = (struct prof_str){b->p, (uint32_t)b->n};
	c[C_FLAT] = c[C_FLAT_PART] = prof_cell_int(flat);
	c[C_SUM] = prof_cell_int(sum);
	c[C_CUM] = c[C_CUM_PART] = prof_cell_int(cum);
	c[C_TEXT] = prof_cell_str(shown);
	c[C_MARK] = prof_cell_str(prof_str_of(marks[mark]));
	c[C_NAME] = prof_cell_str(info->name ? prof_profile_str(x->v.p, info->name) : shown);
	if (info->file)
		c[C_FILE] = prof_cell_str(prof_profile_str(x->v.p, info->file));
	if (info->line)
		c[C_LINE] = prof_cell_int(info->line);
	if (info->address)
		c[C_ADDRESS] = prof_cell_uint(info->address);
	if (mark == MARK_INLINE)
		c[C_INLINED] = prof_cell_bool(true);
	if (mark == MARK_PARTIAL)
		c[C_PARTLY] = prof_cell_bool(true);
	return prof_report_row(x->r, c, x->v.e);
}

static int add_rows(struct top *x)
{
	struct prof_buf b;
	int64_t sum = 0;
	int rc = 0;

	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; !rc && i < x->v.t.order.n; i++) {
		uint32_t n = x->v.t.order.v[i];

		sum = prof_add(sum, prof_node_flat(&x->v.g.values[n]));
		rc = add_row(x, n, sum, &b);
	}
	prof_buf_fini(&b);
	return rc;
}

static int fill(struct top *x)
{
	struct prof_err *e = x->v.e;
	int rc;

	x->columns = prof_arena_alloc(&x->r->arena, sizeof(columns), e);
	if (!x->columns)
		return e->code;
	memcpy(x->columns, columns, sizeof(columns));
	x->columns[C_FLAT_PART].of = x->columns[C_SUM].of = x->columns[C_CUM_PART].of = x->v.total;
	x->r->columns = x->columns;
	x->r->n_columns = N_COLUMNS;
	if ((rc = prof_view_fields(&x->v, x->r)) || (rc = prof_view_head(&x->v, x->r)))
		return rc;
	return add_rows(x);
}

int prof_top(struct prof_profile *p, const struct prof_view_opts *opts, unsigned *missed,
	struct prof_report **out, struct prof_err *e)
{
	struct top x = {.r = NULL};
	int rc = prof_view_init(&x.v, p, opts, missed, e);

	if (!rc)
		rc = prof_view_graph(&x.v, false, false, false);
	if (!rc)
		rc = mark_inlined(&x);
	if (!rc && !(x.r = prof_report_new("prof.top/1", e)))
		rc = e->code;
	if (!rc)
		rc = fill(&x);
	prof_mem_zfree(&p->mem, x.marks, x.v.g.nodes.n, 1);
	prof_view_fini(&x.v);
	if (rc)
		prof_report_free(x.r);
	else
		*out = x.r;
	return rc;
}
