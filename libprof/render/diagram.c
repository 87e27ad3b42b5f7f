/* A diagram as JSON; render/dot.c has it in DOT. */
#include "libprof/base/escape.h"
#include "libprof/model/diagram.h"
#include "libprof/render/render.h"

static void put_tag(const struct prof_diagram_tag *t, uint32_t first_tag, struct prof_buf *b)
{
	prof_buf_str(b, "{\"name\": ");
	prof_buf_json(b, t->name);
	prof_buf_printf(b, ", \"value\": %lld, \"size\": %s, \"callees_too\": %s, \"under\": ",
		(long long)t->value, t->is_size ? "true" : "false",
		t->callees_too ? "true" : "false");
	if (t->under == PROF_NONE)
		prof_buf_str(b, "null}");
	else
		prof_buf_printf(b, "%u}", t->under - first_tag);
}

static void put_node(const struct prof_diagram *d, size_t i, struct prof_buf *b)
{
	const struct prof_diagram_node *n = &d->nodes.v[i];

	prof_buf_printf(b, "{\"id\": %zu, \"name\": ", i + 1);
	prof_buf_json(b, n->name);
	prof_buf_printf(
		b, ", \"flat\": %lld, \"cum\": %lld", (long long)n->flat, (long long)n->cum);
	for (uint32_t k = 0; k < n->n_tags; k++) {
		prof_buf_str(b, k ? ", " : ", \"tags\": [");
		put_tag(&d->tags.v[n->first_tag + k], n->first_tag, b);
	}
	prof_buf_str(b, n->n_tags ? "]}" : "}");
}

void prof_render_diagram_json(const struct prof_report *r, struct prof_buf *b)
{
	const struct prof_diagram *d = r->diagram;

	prof_buf_str(b, ",\n\"nodes\": [");
	for (size_t i = 0; i < d->nodes.n; i++) {
		prof_buf_str(b, i ? ",\n" : "\n");
		put_node(d, i, b);
	}
	prof_buf_str(b, d->nodes.n ? "\n],\n\"edges\": [" : "],\n\"edges\": [");
	for (size_t i = 0; i < d->edges.n; i++) {
		const struct prof_diagram_edge *e = &d->edges.v[i];

		prof_buf_printf(b,
			"%s{\"caller\": %u, \"callee\": %u, \"weight\": %lld, \"inlined\": %s, "
			"\"residual\": %s}",
			i ? ",\n" : "\n", e->src + 1, e->dest + 1, (long long)e->weight,
			e->inlined ? "true" : "false", e->residual ? "true" : "false");
	}
	prof_buf_str(b, d->edges.n ? "\n]" : "]");
}
