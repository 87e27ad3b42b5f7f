/* A tree report as pprof's text. */
#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/render/render.h"

static const char separator[] =
	"----------------------------------------------------------+-------------\n";
static const char legend[] =
	"      flat  flat%   sum%        cum   cum%   calls calls% + context \t \t \n";

/* The report, and room for one value's text: a unit's name is as long as its file wants it. */
struct tree {
	const struct prof_report *r;
	struct prof_buf cell;
};

/* A value right-aligned. */
static void put_value(struct tree *t, struct prof_buf *b, int64_t v, size_t width)
{
	size_t shown;

	t->cell.n = 0;
	prof_fmt_value(&t->cell, v, t->r->ratio, t->r->unit, t->r->out_unit);
	shown = prof_plain_width((struct prof_str){t->cell.p, (uint32_t)t->cell.n});
	prof_buf_fill(b, ' ', shown < width ? width - shown : 0);
	prof_buf_put(b, t->cell.p, t->cell.n);
}

static void put_edges(struct tree *t, const struct prof_tree_node *n, uint32_t from, uint32_t count,
	struct prof_buf *b)
{
	for (uint32_t i = from; i < from + count; i++) {
		const struct prof_tree_edge *e = &t->r->tree->edges.v[i];

		put_value(t, b, e->weight, 50);
		prof_buf_char(b, ' ');
		prof_fmt_percent(b, e->weight, n->cum);
		prof_buf_str(b, " |   ");
		prof_buf_plain(b, e->peer);
		prof_buf_str(b, e->inlined ? " (inline)\n" : "\n");
	}
}

void prof_render_tree(const struct prof_report *r, struct prof_buf *b)
{
	const struct prof_tree *tree = r->tree;
	struct tree t = {.r = r};

	prof_buf_init(&t.cell, NULL, NULL);
	prof_buf_str(b, separator);
	prof_buf_str(b, legend);
	for (size_t i = 0; i < tree->nodes.n; i++) {
		const struct prof_tree_node *n = &tree->nodes.v[i];

		prof_buf_str(b, separator);
		put_edges(&t, n, n->callers, n->n_callers, b);
		put_value(&t, b, n->flat, 10);
		prof_buf_char(b, ' ');
		prof_fmt_percent(b, n->flat, tree->total);
		prof_buf_char(b, ' ');
		prof_fmt_percent(b, n->sum, tree->total);
		prof_buf_char(b, ' ');
		put_value(&t, b, n->cum, 10);
		prof_buf_char(b, ' ');
		prof_fmt_percent(b, n->cum, tree->total);
		prof_buf_str(b, "                | ");
		prof_buf_plain(b, n->name);
		prof_buf_char(b, '\n');
		put_edges(&t, n, n->callers + n->n_callers, n->n_callees, b);
	}
	if (tree->any)
		prof_buf_str(b, separator);
	if (t.cell.code)
		b->code = PROF_ENOMEM;
	prof_buf_fini(&t.cell);
}

static void json_edges(const struct prof_report *r, const char *key, const char *peer,
	uint32_t from, uint32_t count, struct prof_buf *b)
{
	prof_buf_printf(b, ", \"%s\": [", key);
	for (uint32_t i = from; i < from + count; i++) {
		const struct prof_tree_edge *e = &r->tree->edges.v[i];

		prof_buf_printf(b, "%s{\"%s\": ", i > from ? ", " : "", peer);
		prof_buf_json(b, e->peer);
		prof_buf_printf(b, ", \"weight\": %lld, \"inlined\": %s, \"residual\": %s}",
			(long long)e->weight, e->inlined ? "true" : "false",
			e->residual ? "true" : "false");
	}
	prof_buf_char(b, ']');
}

void prof_render_tree_json(const struct prof_report *r, struct prof_buf *b)
{
	const struct prof_tree *t = r->tree;

	prof_buf_str(b, ",\n\"rows\": [");
	for (size_t i = 0; i < t->nodes.n; i++) {
		const struct prof_tree_node *n = &t->nodes.v[i];

		prof_buf_str(b, i ? ",\n{\"name\": " : "\n{\"name\": ");
		prof_buf_json(b, n->name);
		prof_buf_printf(b, ", \"flat\": %lld, \"cum\": %lld", (long long)n->flat,
			(long long)n->cum);
		json_edges(r, "callers", "name", n->callers, n->n_callers, b);
		json_edges(r, "callees", "name", n->callers + n->n_callers, n->n_callees, b);
		prof_buf_char(b, '}');
	}
	prof_buf_str(b, t->nodes.n ? "\n]" : "]");
}
