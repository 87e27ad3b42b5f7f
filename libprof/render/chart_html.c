#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/render/chart.h"

static const char css[] =
#include "libprof/render/web/chart.css.inc"
#include "libprof/render/web/chart-page.css.inc"
	;
static const char js[] =
#include "libprof/render/web/chart.js.inc"
	;

/* What a browser may do with the page: run the script above, and nothing else. */
static const char policy[] = "default-src 'none'; base-uri 'none'; form-action 'none'; "
			     "style-src 'unsafe-inline'; script-src 'sha256-"
#include "libprof/render/web/chart.js.sha256.inc"
			     "'";

/* JSON in a script element: nothing in it may end the element. */
static void put_safe_json(struct prof_buf *b, struct prof_str s)
{
	struct prof_buf text;

	prof_buf_init(&text, NULL, NULL);
	prof_buf_json(&text, s);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '<' || text.p[i] == '>' || text.p[i] == '&')
			prof_buf_printf(b, "\\u%04x", (unsigned)text.p[i]);
		else
			prof_buf_char(b, text.p[i]);
	}
	if (text.code)
		b->code = text.code;
	prof_buf_fini(&text);
}

/* {"end": ns, "labels": [[x, "text"], …]} */
static void put_data(const struct prof_chart *c, struct prof_buf *b)
{
	prof_buf_str(b, "<script type=\"application/json\" id=\"data\">{\"end\": ");
	prof_buf_double(b, c->end_ns, 'f', 0);
	prof_buf_str(b, ", \"labels\": [");
	for (size_t i = 0; i < c->labels.n; i++) {
		prof_buf_str(b, i ? ",\n[" : "\n[");
		prof_buf_double(b, c->labels.v[i].x / c->end_ns * PROF_CHART_UNITS, 'f', 1);
		prof_buf_str(b, ", ");
		put_safe_json(b, c->labels.v[i].text);
		prof_buf_char(b, ']');
	}
	prof_buf_str(b, "]}</script>\n");
}

static void put_page(const struct prof_chart *c, struct prof_buf *b)
{
	prof_buf_str(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n"
			"<meta http-equiv=\"Content-Security-Policy\" content=\"");
	prof_buf_str(b, policy);
	prof_buf_str(
		b, "\" />\n<meta name=\"viewport\" content=\"width=device-width\" />\n<title>");
	prof_buf_xml(b, c->title);
	prof_buf_str(b, "</title>\n<style>\n");
	prof_buf_put(b, css, sizeof(css) - 1);
	prof_buf_str(b, "</style>\n</head>\n<body>\n<h1>");
	prof_buf_xml(b, c->title);
	prof_buf_str(b, "</h1>\n");
	for (size_t i = 0; i < c->about.n; i++) {
		prof_buf_str(b, "<p class=\"about\">");
		prof_buf_xml(b, c->about.v[i]);
		prof_buf_str(b, "</p>\n");
	}
	prof_buf_str(b, "<div class=\"scroll\">\n");
	prof_chart_put_svg(c, false, b);
	prof_buf_str(b,
		"</div>\n<p class=\"keys\"><kbd>wheel</kbd> or drag zooms, <kbd>shift</kbd> + drag "
		"or <kbd>←</kbd> <kbd>→</kbd> moves, <kbd>+</kbd> <kbd>-</kbd> zoom, "
		"<kbd>esc</kbd> shows all</p>\n"
		"<pre id=\"tip\" class=\"tip\" hidden=\"\"></pre>\n");
	put_data(c, b);
	prof_buf_str(b, "<script>");
	prof_buf_put(b, js, sizeof(js) - 1);
	prof_buf_str(b, "</script>\n</body>\n</html>\n");
}

int prof_chart_html(const struct prof_chart *c, prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct prof_buf b;
	int rc;

	prof_buf_init(&b, write, ctx);
	put_page(c, &b);
	rc = prof_buf_done(&b, e);
	prof_buf_fini(&b);
	return rc;
}
