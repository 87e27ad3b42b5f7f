/* A tree report as pprof's text. */
#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"
#include "libprof/render/render.h"

static const char separator[] =
	"----------------------------------------------------------+-------------\n";
static const char legend[] =
	"      flat  flat%   sum%        cum   cum%   calls calls% + context \t \t \n";

/* A value right-aligned. */
static void put_value(const struct prof_report *r, struct prof_buf *b, int64_t v, size_t width)
{
	char text[64];
	struct prof_buf t = {.p = text, .cap = sizeof(text)};

	if (r->ratio > 0 && r->ratio != 1)
		v = prof_to_i64((double)v * r->ratio);
	prof_fmt_scaled(&t, v, r->unit, r->out_unit.len < 32 ? r->out_unit : PROF_STR("auto"));
	width = prof_plain_width((struct prof_str){t.p, (uint32_t)t.n}) < width
			? width - prof_plain_width((struct prof_str){t.p, (uint32_t)t.n})
			: 0;
	prof_buf_fill(b, ' ', width);
	prof_buf_put(b, t.p, t.n);
}

static void put_edges(const struct prof_report *r, const struct prof_tree_node *n, uint32_t from,
	uint32_t count, struct prof_buf *b)
{
	for (uint32_t i = from; i < from + count; i++) {
		const struct prof_tree_edge *e = &r->tree->edges.v[i];

		put_value(r, b, e->weight, 50);
		prof_buf_char(b, ' ');
		prof_fmt_percent(b, e->weight, n->cum);
		prof_buf_str(b, " |   ");
		prof_buf_plain(b, e->peer);
		prof_buf_str(b, e->inlined ? " (inline)\n" : "\n");
	}
}

void prof_render_tree(const struct prof_report *r, struct prof_buf *b)
{
	const struct prof_tree *t = r->tree;

	prof_buf_str(b, separator);
	prof_buf_str(b, legend);
	for (size_t i = 0; i < t->nodes.n; i++) {
		const struct prof_tree_node *n = &t->nodes.v[i];

		prof_buf_str(b, separator);
		put_edges(r, n, n->callers, n->n_callers, b);
		put_value(r, b, n->flat, 10);
		prof_buf_char(b, ' ');
		prof_fmt_percent(b, n->flat, t->total);
		prof_buf_char(b, ' ');
		prof_fmt_percent(b, n->sum, t->total);
		prof_buf_char(b, ' ');
		put_value(r, b, n->cum, 10);
		prof_buf_char(b, ' ');
		prof_fmt_percent(b, n->cum, t->total);
		prof_buf_str(b, "                | ");
		prof_buf_plain(b, n->name);
		prof_buf_char(b, '\n');
		put_edges(r, n, n->callers + n->n_callers, n->n_callees, b);
	}
	if (t->any)
		prof_buf_str(b, separator);
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
