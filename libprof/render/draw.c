/* Pictures of a diagram: its DOT is laid out and drawn by graphviz. That keeps state of its own,
 * and what goes wrong in it it would print, if it were let.
 */
#include <graphviz/cgraph.h>
#include <graphviz/gvc.h>
#include <stdio.h>
#include <stdlib.h>

#include "libprof/model/diagram.h"
#include "libprof/render/render.h"

static const char graph_css[] =
#include "libprof/render/web/graph.css.inc"
	;
static const char graph_js[] =
#include "libprof/render/web/graph.js.inc"
	;

static const char *const devices[] = {[PROF_DRAW_SVG] = "svg",
	[PROF_DRAW_PNG] = "png",
	[PROF_DRAW_PDF] = "pdf",
	[PROF_DRAW_PS] = "ps",
	[PROF_DRAW_GIF] = "gif"};

/* The last thing that graphviz had to say, in a line. */
static int fail(struct prof_err *e, const char *what)
{
	char *why = aglasterr();
	int rc;

	if (why && *why) {
		why[strcspn(why, "\n")] = '\0';
		rc = prof_fail(
			e, PROF_EUNSUPPORTED, PROF_NO_OFFSET, "graphviz cannot %s: %s", what, why);
	} else {
		rc = prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET, "graphviz cannot %s", what);
	}
	free(why);
	return rc;
}

/* A string of graphviz's that it does not write to, whatever its types say. */
static char *constant(const char *s)
{
	union {
		const char *in;
		char *out;
	} u = {.in = s};

	return u.out;
}

/* What the picture has and DOT as pprof writes it has not. */
static void set_attributes(Agraph_t *g)
{
	static const struct {
		int kind;
		const char *name, *value;
	} attributes[] = {{AGNODE, "fontname", "Helvetica"}, {AGEDGE, "fontname", "Helvetica"},
		{AGRAPH, "fontname", "Helvetica"}};

	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		agattr(g, attributes[i].kind, constant(attributes[i].name),
			constant(attributes[i].value));
}

/* The ids of what pprof's DOT gives none: without, the legend would get one that a node has. Those
 * of edges are for graph.js.
 */
static int set_ids(Agraph_t *g)
{
	Agraph_t *cluster = agsubg(g, constant("cluster_L"), 0);
	Agnode_t *legend = cluster ? agfstnode(cluster) : NULL;
	struct prof_buf id;
	int rc = 0;

	if (legend)
		agsafeset(legend, constant("id"), constant("legend"), constant(""));
	prof_buf_init(&id, NULL, NULL);
	for (Agnode_t *n = agfstnode(g); n; n = agnxtnode(g, n)) {
		for (Agedge_t *e = agfstout(g, n); e; e = agnxtout(g, e)) {
			id.n = 0;
			prof_buf_printf(&id, "%s.%s", agnameof(n), agnameof(aghead(e)));
			prof_buf_put(&id, "", 1);
			if (id.code)
				rc = id.code;
			else
				agsafeset(e, constant("id"), id.p, constant(""));
		}
	}
	prof_buf_fini(&id);
	return rc;
}

/* The first `what` in s from `at` on, or s.len. */
static uint32_t find(struct prof_str s, uint32_t at, const char *what)
{
	size_t n = strlen(what);

	while (at + n <= s.len) {
		const char *p = memchr(s.p + at, what[0], s.len - at);

		at = p ? (uint32_t)(p - s.p) : s.len;
		if (at + n <= s.len && memcmp(s.p + at, what, n) == 0)
			return at;
		at++;
	}
	return s.len;
}

/* What makes the picture a tool where scripts run. */
static void put_tools(struct prof_buf *b)
{
	prof_buf_str(b, "<style>\n");
	prof_buf_put(b, graph_css, sizeof(graph_css) - 1);
	prof_buf_str(b, "</style>\n<script>");
	prof_buf_put(b, graph_js, sizeof(graph_js) - 1);
	prof_buf_str(b, "</script>\n");
}

/* Graphviz's SVG, without a document type and comments. Titles, which say "N1", get what the
 * tooltip behind them says: they are what is read out.
 */
static void put_svg(struct prof_buf *b, struct prof_str s)
{
	static const char title[] = "<title>", tip[] = "<a xlink:title=\"";
	uint32_t at = find(s, 0, "<svg");

	prof_buf_str(b, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n");
	for (uint32_t line, next, from; at < s.len; at = line) {
		struct prof_str rest = {s.p + at, s.len - at};

		line = find(s, at, prof_str_has_prefix(rest, "<!--") ? "-->\n" : "\n");
		line = find(s, line, "\n");
		line += line < s.len;
		if (prof_str_has_prefix(rest, "<!--"))
			continue;
		next = find(s, line, "\n");
		from = find((struct prof_str){s.p, next}, line, tip);
		if (prof_str_has_prefix(rest, title) && from < next) {
			from += (uint32_t)sizeof(tip) - 1;
			prof_buf_str(b, title);
			prof_buf_put(b, s.p + from, find(s, from, "\"") - from);
			prof_buf_str(b, "</title>\n");
			continue;
		}
		if (prof_str_has_prefix(rest, "</svg>"))
			put_tools(b);
		prof_buf_put(b, s.p + at, line - at);
	}
}

/* The time of day goes into a PDF, which makes the same picture another file; here it is 1970. */
static void clear_date(char *bytes, size_t n)
{
	static const char key[] = "/CreationDate (D:", date[] = "19700101000000";
	struct prof_str s = {bytes, n < UINT32_MAX ? (uint32_t)n : 0};
	uint32_t at = find(s, 0, key) + (uint32_t)sizeof(key) - 1;

	if (at + sizeof(date) - 1 <= s.len)
		memcpy(bytes + at, date, sizeof(date) - 1);
}

static int render(
	GVC_t *gvc, Agraph_t *g, enum prof_drawing as, struct prof_buf *b, struct prof_err *e)
{
	char *bytes = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&bytes, &n);
	int rc = f ? gvRender(gvc, g, devices[as], f) : 0;

	if (!f || fclose(f) != 0)
		rc = prof_nomem(e);
	else if (rc || !n)
		rc = fail(e, "draw the graph");
	if (!rc && as == PROF_DRAW_PDF)
		clear_date(bytes, n);
	if (!rc && as == PROF_DRAW_SVG && n <= UINT32_MAX)
		put_svg(b, (struct prof_str){bytes, (uint32_t)n});
	else if (!rc)
		prof_buf_put(b, bytes, n);
	free(bytes);
	return rc;
}

static int draw(const char *dot, enum prof_drawing as, struct prof_buf *b, struct prof_err *e)
{
	GVC_t *gvc = gvContext();
	Agraph_t *g = gvc ? agmemread(dot) : NULL;
	int rc = PROF_ENOMEM;

	if (!gvc)
		return prof_nomem(e);
	if (!g) {
		rc = fail(e, "read the graph");
	} else {
		set_attributes(g);
		if (set_ids(g)) {
			rc = prof_nomem(e);
		} else if (gvLayout(gvc, g, "dot") != 0) {
			rc = fail(e, "lay out the graph");
		} else {
			rc = render(gvc, g, as, b, e);
			gvFreeLayout(gvc, g);
		}
		agclose(g);
	}
	gvFreeContext(gvc);
	return rc;
}

int prof_report_draw(const struct prof_report *r, enum prof_drawing as, size_t max_nodes,
	prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct prof_buf text, out;
	size_t n;
	int rc;

	if (!r->diagram)
		return prof_fail(
			e, PROF_EUNSUPPORTED, PROF_NO_OFFSET, "a %s is no call graph", r->schema);
	n = r->diagram->nodes.n + r->diagram->tags.n;
	if (max_nodes && n > max_nodes)
		return prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET,
			"the graph has %zu nodes, more than the %zu that are laid out", n,
			max_nodes);
	agseterr(AGMAX);
	prof_buf_init(&text, NULL, NULL);
	prof_buf_init(&out, write, ctx);
	prof_render_dot(r, &text);
	rc = prof_buf_done(&text, e);
	if (!rc)
		rc = draw(text.p, as, &out, e);
	if (!rc)
		rc = prof_buf_done(&out, e);
	prof_buf_fini(&text);
	prof_buf_fini(&out);
	return rc;
}
