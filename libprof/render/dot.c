/* A diagram in DOT: byte for byte what pprof writes for the same graph, where names have nothing in
 * them that means something in DOT.
 */
#include <math.h>

#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"
#include "libprof/model/diagram.h"
#include "libprof/render/render.h"

struct dot {
	const struct prof_report *r;
	const struct prof_diagram *d;
	struct prof_buf *b;
	struct prof_buf value; /* the value under way */
	double most_flat;
};

static struct prof_str str_of(const struct prof_buf *b)
{
	return (struct prof_str){b->p, (uint32_t)b->n};
}

static void put(struct dot *x, const char *s)
{
	prof_buf_str(x->b, s);
}

/* x->value, for as often as it is needed. */
static void set_value(struct dot *x, int64_t v)
{
	x->value.n = 0;
	prof_fmt_value(&x->value, v, x->r->ratio, x->r->unit, x->r->out_unit);
}

static void put_value(struct dot *x)
{
	prof_buf_dot(x->b, str_of(&x->value));
}

static void put_share(struct dot *x, int64_t v)
{
	put(x, " (");
	prof_fmt_share(x->b, v, x->d->total);
	put(x, ")");
}

/* Red for much, green for saved, grey for little. `score` is a part of the total: 1 for all of it,
 * under 0 for savings. Backgrounds are light, lines dark.
 */
static void put_color(struct dot *x, int64_t v, bool background)
{
	const double value = background ? 0.93 : 0.7;
	double saturation = background ? 0.1 : 1.0, red = value, green = value, blue;
	double score = (double)v / (double)prof_abs(x->d->total);

	if (!isnan(score))
		score = score < -1 ? -1 : score > 1 ? 1 : score;
	if (fabs(score) < 0.2)
		saturation *= fabs(score) / 0.2; /* else little would be yellow */
	if (score < 0)
		red = value * (1 + saturation * -pow(-score, 0.3));
	else
		green = value * (1 - saturation * (score > 0 ? pow(score, 0.3) : score));
	blue = value * (1 - saturation);
	prof_buf_printf(x->b, "#%02x%02x%02x", (unsigned)prof_to_i64(red * 255) & 0xff,
		(unsigned)prof_to_i64(green * 255) & 0xff,
		(unsigned)prof_to_i64(blue * 255) & 0xff);
}

static void put_legend(struct dot *x)
{
	const struct prof_report *r = x->r;

	if (!r->head.n)
		return;
	put(x, "subgraph cluster_L { \"");
	prof_buf_dot(x->b, r->head.v[0]);
	put(x, "\" [shape=box fontsize=16 label=\"");
	for (size_t i = 0; i < r->head.n; i++) {
		prof_buf_dot(x->b, r->head.v[i]);
		put(x, "\\l");
	}
	put(x, "\\lSee https://git.io/JfYMW for how to read the graph\\l\"");
	if (x->d->title.len) {
		put(x, " tooltip=\"");
		prof_buf_dot(x->b, x->d->title);
		put(x, "\"");
	}
	put(x, "] }\n");
}

/* A name over several lines: broken at each "." and "::", which go; "[...]" stays together. */
static void put_broken(struct dot *x, struct prof_str s)
{
	uint32_t done = 0;

	for (uint32_t i = 0; i < s.len; i++) {
		struct prof_str rest = {s.p + i, s.len - i};
		const char *by = NULL;
		uint32_t n = 1;

		if (prof_str_has_prefix(rest, "[...]")) {
			by = "[…]";
			n = 5;
		} else if (prof_str_has_prefix(rest, "::")) {
			by = "\\n";
			n = 2;
		} else if (*rest.p == '.') {
			by = "\\n";
		}
		if (!by)
			continue;
		prof_buf_dot(x->b, (struct prof_str){s.p + done, i - done});
		put(x, by);
		i += n - 1;
		done = i + 1;
	}
	prof_buf_dot(x->b, (struct prof_str){s.p + done, s.len - done});
}

static void put_node_label(struct dot *x, const struct prof_diagram_node *n)
{
	if (n->address) {
		prof_buf_hex(x->b, n->address, 16);
		put(x, "\\n");
	}
	if (n->short_name.len) {
		put_broken(x, n->short_name);
		put(x, "\\n");
	}
	if (n->place.len) {
		prof_buf_dot(x->b, n->place);
		put(x, "\\n");
	}
	set_value(x, n->flat);
	if (n->flat) {
		put_value(x);
		put_share(x, n->flat);
	} else {
		put(x, "0");
	}
	if (n->cum == n->flat)
		return;
	put(x, n->flat ? "\\nof " : " of ");
	set_value(x, n->cum);
	put_value(x);
	put_share(x, n->cum);
}

static void put_node(struct dot *x, size_t i)
{
	const struct prof_diagram_node *n = &x->d->nodes.v[i];
	double flat = (double)prof_abs(n->flat);
	int size = 8;

	if (flat > 0 && flat <= x->most_flat) /* the least integer has no magnitude */
		size += (int)ceil(16 * sqrt(flat / x->most_flat));
	prof_buf_printf(x->b, "N%zu [label=\"", i + 1);
	put_node_label(x, n);
	prof_buf_printf(x->b, "\" id=\"node%zu\" fontsize=%d shape=box tooltip=\"", i + 1, size);
	prof_buf_dot(x->b, n->name);
	put(x, " (");
	put_value(x);
	put(x, ")\" color=\"");
	put_color(x, n->cum, false);
	put(x, "\" fillcolor=\"");
	put_color(x, n->cum, true);
	put(x, "\"]\n");
}

/* "key:value" a line, centered. */
static void put_lines(struct dot *x, struct prof_str s)
{
	uint32_t done = 0;

	for (uint32_t i = 0; i <= s.len; i++) {
		if (i < s.len && s.p[i] != '\n')
			continue;
		if (done)
			put(x, "\\n");
		prof_buf_dot(x->b, (struct prof_str){s.p + done, i - done});
		done = i + 1;
	}
}

/* What a tag of node `node` hangs at: "N1", "N1_0". */
static void put_tag_root(struct dot *x, size_t node, const struct prof_diagram_tag *t)
{
	prof_buf_printf(x->b, "N%zu", node + 1);
	if (t->under != PROF_NONE)
		prof_buf_printf(x->b, "_%u", x->d->tags.v[t->under].number);
}

/* "N1_0"; of a size "NN1_0", "NN1_0_0". */
static void put_tag_id(struct dot *x, size_t node, const struct prof_diagram_tag *t)
{
	if (t->is_size)
		put(x, "N");
	put_tag_root(x, node, t);
	prof_buf_printf(x->b, "_%u", t->number);
}

static void put_tag(struct dot *x, size_t node, const struct prof_diagram_tag *t)
{
	set_value(x, t->value);
	put_tag_id(x, node, t);
	put(x, " [label = \"");
	put_lines(x, t->name);
	put(x, "\" id=\"");
	put_tag_id(x, node, t);
	put(x, "\" fontsize=8 shape=box3d tooltip=\"");
	put_value(x);
	put(x, "\"]\n");
	put_tag_root(x, node, t);
	put(x, " -> ");
	put_tag_id(x, node, t);
	put(x, " [label=\" ");
	put_value(x);
	put(x, "\" weight=100 tooltip=\"");
	put_value(x);
	put(x, "\" labeltooltip=\"");
	put_value(x);
	put(x, t->callees_too ? "\" style=\"dotted\"]\n" : "\"]\n");
}

/* |weight| in parts of the total, `parts` of them at most. Wraps as Go's integers do. */
static unsigned part_of_total(const struct dot *x, int64_t weight, unsigned parts)
{
	int64_t product = (int64_t)((uint64_t)weight * parts);
	int64_t n = prof_abs(prof_div(product, x->d->total));

	return n < parts ? (unsigned)n : parts;
}

static void put_edge_name(struct dot *x, const struct prof_diagram_edge *e)
{
	put(x, "\"");
	prof_buf_dot(x->b, x->d->nodes.v[e->src].name);
	put(x, e->residual ? " ... " : " -> ");
	prof_buf_dot(x->b, x->d->nodes.v[e->dest].name);
	put(x, " (");
	put_value(x);
	put(x, ")\"");
}

static void put_edge(struct dot *x, const struct prof_diagram_edge *e)
{
	set_value(x, e->weight);
	prof_buf_printf(x->b, "N%u -> N%u [label=\" ", e->src + 1, e->dest + 1);
	put_value(x);
	put(x, e->inlined ? "\\n (inline)\"" : "\"");
	if (x->d->total) {
		unsigned weight = part_of_total(x, e->weight, 100);
		unsigned width = part_of_total(x, e->weight, 5);

		if (weight)
			prof_buf_printf(x->b, " weight=%u", 1 + weight);
		if (width)
			prof_buf_printf(x->b, " penwidth=%u", 1 + width);
		put(x, " color=\"");
		put_color(x, e->weight, false);
		put(x, "\"");
	}
	put(x, " tooltip=");
	put_edge_name(x, e);
	put(x, " labeltooltip=");
	put_edge_name(x, e);
	if (e->residual)
		put(x, " style=\"dotted\"");
	if (x->d->nodes.v[e->src].n_tags)
		put(x, " minlen=2");
	put(x, "]\n");
}

void prof_render_dot(const struct prof_report *r, struct prof_buf *b)
{
	const struct prof_diagram *d = r->diagram;
	struct dot x = {.r = r, .d = d, .b = b};

	prof_buf_init(&x.value, NULL, NULL);
	for (size_t i = 0; i < d->nodes.n; i++) {
		double flat = (double)prof_abs(d->nodes.v[i].flat);

		x.most_flat = !i || flat > x.most_flat ? flat : x.most_flat;
	}
	put(&x, "digraph \"");
	prof_buf_dot(b, d->title.len ? d->title : PROF_STR("unnamed"));
	put(&x, "\" {\nnode [style=filled fillcolor=\"#f8f8f8\"]\n");
	put_legend(&x);
	for (size_t i = 0; i < d->nodes.n; i++) {
		const struct prof_diagram_node *n = &d->nodes.v[i];

		put_node(&x, i);
		for (uint32_t k = n->first_tag; k < n->first_tag + n->n_tags; k++)
			put_tag(&x, i, &d->tags.v[k]);
	}
	for (size_t i = 0; i < d->edges.n; i++)
		put_edge(&x, &d->edges.v[i]);
	put(&x, "}\n");
	if (x.value.code)
		b->code = PROF_ENOMEM;
	prof_buf_fini(&x.value);
}

int prof_report_dot(
	const struct prof_report *r, prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct prof_buf b;
	int rc;

	if (!r->diagram)
		return prof_fail(
			e, PROF_EUNSUPPORTED, PROF_NO_OFFSET, "a %s is no call graph", r->schema);
	prof_buf_init(&b, write, ctx);
	prof_render_dot(r, &b);
	rc = prof_buf_done(&b, e);
	prof_buf_fini(&b);
	return rc;
}
