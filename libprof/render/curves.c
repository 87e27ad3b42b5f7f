/* Counts over time as an SVG: lines, two axes, a legend with every name in full. */
#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/model/bars.h"
#include "libprof/model/curves.h"
#include "libprof/render/render.h"

enum {
	WIDTH = 960,
	LEFT = 64,
	RIGHT = 24,
	TOP = 44,
	HEIGHT = 260, /* of the drawing area */
	AXIS = 34,
	ROW = 20, /* of the legend */
	NAME_BYTES = 110,
};

static const char style[] =
	"<style>text{font:13px system-ui,sans-serif;fill:#222}.t{font-size:15px;font-weight:600}"
	".a{fill:#666;font-size:12px}.g{stroke:#ddd}.l{fill:none;stroke-width:2}"
	".bad{stroke:#c62828}.warn{stroke:#e08600}.note{stroke:#1565c0}.plain{stroke:#8a8a8a}"
	".p{fill:#fff;stroke-width:2}"
	"@media (prefers-color-scheme:dark){text{fill:#ddd}.a{fill:#999}.g{stroke:#444}"
	".bad{stroke:#ef5350}.warn{stroke:#ffa726}.note{stroke:#64b5f6}.p{fill:#222}}</style>\n";

static const char *const tones[] = {"bad", "warn", "note", "plain"};

/* Lines of one tone differ in how they are dashed. */
static const char *const dashes[] = {"", " stroke-dasharray=\"7 3\"", " stroke-dasharray=\"2 3\"",
	" stroke-dasharray=\"9 3 2 3\""};

struct drawing {
	const struct prof_curves *s;
	struct prof_buf *b;
	int64_t top; /* the value at the upper edge */
};

/* 1, 2 or 5 times a power of ten, so that about four of them reach v. */
static int64_t tick(int64_t v)
{
	int64_t step = 1;

	for (int i = 0; v / step > 4; i++)
		step = i % 3 == 1 ? step / 2 * 5 : step * 2;
	return step;
}

static double x_of(const struct drawing *c, size_t i)
{
	const struct prof_curves *s = c->s;
	double part = s->n < 2 ? 0.5 : (double)i / (double)(s->n - 1);

	if (s->times && s->n > 1)
		part = (double)(s->times[i] - s->times[0]) /
		       (double)(s->times[s->n - 1] - s->times[0]);
	return LEFT + part * (WIDTH - LEFT - RIGHT);
}

static double y_of(const struct drawing *c, int64_t v)
{
	return TOP + HEIGHT - (double)v / (double)c->top * HEIGHT;
}

static void put_px(struct drawing *c, double v)
{
	prof_buf_double(c->b, v, 'f', 1);
}

static void put_value(struct drawing *c, int64_t v)
{
	if (c->s->scale > 1)
		prof_buf_double(c->b, (double)v / c->s->scale, 'g', 6);
	else
		prof_buf_i64(c->b, v);
}

static void put_grid(struct drawing *c)
{
	int64_t step = tick(c->top);

	for (int64_t v = 0; v <= c->top; v += step) {
		prof_buf_printf(
			c->b, "<line class=\"g\" x1=\"%d\" x2=\"%d\" y1=\"", LEFT, WIDTH - RIGHT);
		put_px(c, y_of(c, v));
		prof_buf_str(c->b, "\" y2=\"");
		put_px(c, y_of(c, v));
		prof_buf_printf(
			c->b, "\" /><text class=\"a\" text-anchor=\"end\" x=\"%d\" y=\"", LEFT - 8);
		put_px(c, y_of(c, v) + 4);
		prof_buf_str(c->b, "\">");
		put_value(c, v);
		prof_buf_str(c->b, "</text>\n");
		if (v > INT64_MAX - step)
			break;
	}
}

/* The first and the last point have a mark; the last one's is the span. */
static void put_span(struct drawing *c)
{
	const struct prof_curves *s = c->s;
	int y = TOP + HEIGHT + 20;

	prof_buf_printf(c->b, "<text class=\"a\" x=\"%d\" y=\"%d\">", LEFT, y);
	prof_buf_str(c->b, s->no_last ? "start" : s->n < 2 ? "one snapshot" : "first");
	prof_buf_printf(c->b, "</text><text class=\"a\" text-anchor=\"end\" x=\"%d\" y=\"%d\">",
		WIDTH - RIGHT, y);
	if (s->span.len) {
		prof_buf_char(c->b, '+');
		prof_buf_xml(c->b, s->span);
	} else if (s->n > 1) {
		prof_buf_printf(c->b, "snapshot %zu", s->n);
	}
	prof_buf_str(c->b, "</text>\n");
}

static void put_name(struct drawing *c, const struct prof_curve *l)
{
	struct prof_str s = l->name;
	uint32_t whole = s.len;

	s.len = s.len < NAME_BYTES ? s.len : NAME_BYTES;
	prof_buf_xml(c->b, s);
	prof_buf_str(c->b, whole > s.len ? "…" : "");
}

static void put_line(struct drawing *c, size_t i)
{
	const struct prof_curve *l = &c->s->lines[i];
	const char *tone = tones[l->tone], *dash = dashes[i % 4];
	int y = TOP + HEIGHT + AXIS + (int)i * ROW + 14;

	prof_buf_str(c->b, "<g><title>");
	put_name(c, l);
	prof_buf_printf(c->b, "</title><polyline class=\"l %s\"%s points=\"", tone, dash);
	for (size_t p = 0; p < c->s->n; p++) {
		prof_buf_str(c->b, p ? " " : "");
		put_px(c, x_of(c, p));
		prof_buf_char(c->b, ',');
		put_px(c, y_of(c, l->v[p]));
	}
	prof_buf_str(c->b, "\" />");
	for (size_t p = 0; p < c->s->n && c->s->n <= 40 && !c->s->no_last; p++) {
		prof_buf_printf(c->b, "<circle class=\"p %s\" r=\"3\" cx=\"", tone);
		put_px(c, x_of(c, p));
		prof_buf_str(c->b, "\" cy=\"");
		put_px(c, y_of(c, l->v[p]));
		prof_buf_str(c->b, "\" />");
	}
	prof_buf_printf(c->b, "<line class=\"l %s\"%s x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\" />",
		tone, dash, LEFT - 40, LEFT - 8, y - 4, y - 4);
	prof_buf_printf(c->b, "<text x=\"%d\" y=\"%d\">", LEFT, y);
	put_name(c, l);
	prof_buf_str(c->b, "<tspan class=\"a\">  ");
	prof_buf_xml(c->b, l->about);
	if (!c->s->no_last) {
		prof_buf_str(c->b, ", ");
		put_value(c, l->v[c->s->n - 1]);
	}
	prof_buf_str(c->b, "</tspan></text></g>\n");
}

static int height_of(const struct prof_curves *s)
{
	return TOP + HEIGHT + AXIS + (int)s->n_lines * ROW + 8;
}

void prof_render_curves(const struct prof_curves *s, bool titled, struct prof_buf *b)
{
	struct drawing c = {.s = s, .b = b, .top = 1};
	int height = height_of(s);

	for (size_t i = 0; i < s->n_lines; i++)
		for (size_t p = 0; p < s->n; p++)
			c.top = s->lines[i].v[p] > c.top ? s->lines[i].v[p] : c.top;
	prof_buf_printf(b,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"curves\" viewBox=\"0 0 %d %d\" "
		"width=\"%d\" height=\"%d\" role=\"img\">\n",
		WIDTH, height, WIDTH, height);
	prof_buf_str(b, style);
	if (titled) {
		prof_buf_printf(b, "<text class=\"t\" x=\"%d\" y=\"24\">", LEFT);
		prof_buf_xml(b, s->title);
		prof_buf_str(b, "</text>\n");
	}
	put_grid(&c);
	put_span(&c);
	for (size_t i = s->n_lines; i-- > 0;) /* the first on top of the others */
		put_line(&c, i);
	prof_buf_str(b, "</svg>\n");
}

/* One below the other. */
static void put_both(const struct prof_report *r, struct prof_buf *b)
{
	int below = prof_bars_height(r->bars), height = below + height_of(r->curves);

	prof_buf_printf(b,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
		"height=\"%d\">\n",
		WIDTH, height, WIDTH, height);
	prof_render_bars(r->bars, b);
	prof_buf_printf(b, "<g transform=\"translate(0 %d)\">\n", below);
	prof_render_curves(r->curves, true, b);
	prof_buf_str(b, "</g>\n</svg>\n");
}

int prof_report_svg(
	const struct prof_report *r, prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct prof_buf b;
	int rc;

	if (!r->curves && !r->bars)
		return prof_fail(
			e, PROF_EUNSUPPORTED, PROF_NO_OFFSET, "nothing in this report is drawn");
	prof_buf_init(&b, write, ctx);
	prof_buf_str(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	if (r->bars && r->curves)
		put_both(r, &b);
	else if (r->bars)
		prof_render_bars(r->bars, &b);
	else
		prof_render_curves(r->curves, true, &b);
	rc = prof_buf_done(&b, e);
	prof_buf_fini(&b);
	return rc;
}
