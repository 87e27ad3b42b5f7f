#include <math.h>

#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"
#include "libprof/render/chart.h"

enum { WIDTH = 1200, LEFT = 74, RIGHT = 16, TOP = 26, GAP = 44, LINE = 18, TICKS = 5 };

static const char css[] =
#include "libprof/render/web/chart.css.inc"
	;

/* One decimal, which is a ten-millionth of the time. */
static void put_number(struct prof_buf *b, double v)
{
	int64_t tenths = prof_to_i64(round(v * 10));

	if (tenths < 0)
		prof_buf_char(b, '-');
	tenths = prof_abs(tenths);
	prof_buf_i64(b, tenths / 10);
	if (tenths % 10)
		prof_buf_printf(b, ".%d", (int)(tenths % 10));
}

void prof_chart_put_tick(struct prof_buf *b, enum prof_chart_unit unit, double v)
{
	if (unit == PROF_CHART_PART) {
		prof_buf_double(b, v * 100, 'g', 4);
		prof_buf_char(b, '%');
	} else {
		prof_fmt_scaled(b, prof_to_i64(v),
			unit == PROF_CHART_NS ? PROF_STR("ns") : PROF_STR("B"), PROF_STR("auto"));
	}
}

/* 1, 2 or 5 times a power of ten (bytes: of two) that gives about so many ticks. */
static double tick_step(double max, enum prof_chart_unit unit)
{
	double step = max / TICKS, power;

	if (!(step > 0))
		return 1;
	if (unit == PROF_CHART_BYTES)
		return exp2(ceil(log2(step)));
	power = pow(10, floor(log10(step)));
	return step <= power       ? power
	       : step <= 2 * power ? 2 * power
	       : step <= 5 * power ? 5 * power
				   : 10 * power;
}

/* The top of the panel: the first tick that nothing is over. */
static double ceiling(const struct prof_chart_panel *p)
{
	double step = tick_step(p->max, p->unit);

	return p->max > 0 ? ceil(p->max / step) * step : 1;
}

struct scale {
	double x, y; /* units of the picture to one of the value */
	double height;
};

static void put_xy(struct prof_buf *b, struct scale s, double x, double y)
{
	put_number(b, x * s.x);
	prof_buf_char(b, ' ');
	put_number(b, s.height - y * s.y);
}

static void put_line(const struct prof_chart_layer *l, struct scale s, struct prof_buf *b)
{
	bool open = false;

	for (size_t i = 0; i < l->points.n; i++) {
		struct prof_chart_point q = l->points.v[i];

		if (isnan(q.y)) {
			open = false;
			continue;
		}
		prof_buf_char(b, open ? 'L' : 'M');
		put_xy(b, s, q.x, q.y);
		open = true;
	}
}

/* Each y until the next point; AREA down to 0. */
static void put_steps(const struct prof_chart_layer *l, struct scale s, struct prof_buf *b)
{
	bool area = l->kind == PROF_CHART_AREA, open = false;

	for (size_t i = 0; i + 1 < l->points.n; i++) {
		struct prof_chart_point q = l->points.v[i], next = l->points.v[i + 1];

		if (isnan(q.y)) {
			open = false;
			continue;
		}
		if (area || !open) {
			prof_buf_char(b, 'M');
			put_xy(b, s, q.x, area ? 0 : q.y);
		}
		prof_buf_char(b, 'V');
		put_number(b, s.height - q.y * s.y);
		prof_buf_char(b, 'H');
		put_number(b, next.x * s.x);
		if (area) {
			prof_buf_char(b, 'V');
			put_number(b, s.height);
			prof_buf_char(b, 'Z');
		}
		open = true;
	}
}

static void put_sticks(const struct prof_chart_layer *l, struct scale s, struct prof_buf *b)
{
	for (size_t i = 0; i < l->points.n; i++) {
		if (!(l->points.v[i].y > 0))
			continue;
		prof_buf_char(b, 'M');
		put_xy(b, s, l->points.v[i].x, 0);
		prof_buf_char(b, 'V');
		put_number(b, s.height - l->points.v[i].y * s.y);
	}
}

static void put_bands(const struct prof_chart_layer *l, struct scale s, struct prof_buf *b)
{
	for (size_t i = 0; i < l->points.n; i++) {
		prof_buf_char(b, 'M');
		put_number(b, l->points.v[i].x * s.x);
		prof_buf_str(b, " 0V");
		put_number(b, s.height);
		prof_buf_char(b, 'H');
		put_number(b, l->points.v[i].y * s.x);
		prof_buf_str(b, "V0Z");
	}
}

static void put_layer(const struct prof_chart_layer *l, struct scale s, struct prof_buf *b)
{
	if (!l->points.n)
		return;
	prof_buf_printf(b, "<path class=\"%s\" d=\"", l->style);
	switch (l->kind) {
	case PROF_CHART_LINE:
		put_line(l, s, b);
		break;
	case PROF_CHART_STEPS:
	case PROF_CHART_AREA:
		put_steps(l, s, b);
		break;
	case PROF_CHART_STICKS:
		put_sticks(l, s, b);
		break;
	case PROF_CHART_BANDS:
		put_bands(l, s, b);
		break;
	default:
		prof_buf_str(b, "M0 ");
		put_number(b, s.height - l->points.v[0].y * s.y);
		prof_buf_printf(b, "H%d", PROF_CHART_UNITS);
	}
	prof_buf_str(b, "\"/>\n");
}

static void put_text(struct prof_buf *b, const char *class, double x, double y)
{
	prof_buf_printf(b, "<text class=\"%s\" x=\"", class);
	put_number(b, x);
	prof_buf_str(b, "\" y=\"");
	put_number(b, y);
	prof_buf_str(b, "\">");
}

static void put_key(const struct prof_chart_panel *p, double y, struct prof_buf *b)
{
	double x = WIDTH - RIGHT;

	/* From the right, so that the last one ends with the panel. */
	for (size_t i = p->n_layers; i-- > 0;) {
		const struct prof_chart_layer *l = &p->layers[i];
		bool filled = l->kind == PROF_CHART_AREA || l->kind == PROF_CHART_BANDS;

		if (!l->points.n)
			continue;
		put_text(b, "key", x, y - 8);
		prof_buf_xml(b, prof_str_of(l->name));
		prof_buf_str(b, "</text>\n");
		x -= (double)strlen(l->name) * 6.4 + 6;
		prof_buf_printf(b, "<path class=\"%s\" d=\"M", l->style);
		put_number(b, x - 22);
		prof_buf_char(b, ' ');
		put_number(b, filled ? y - 17 : y - 12);
		prof_buf_str(b, filled ? "h22v9h-22Z\"/>\n" : "h22\"/>\n");
		x -= 22 + 14;
	}
}

static void put_grid(const struct prof_chart_panel *p, double y, struct prof_buf *b)
{
	double top = ceiling(p), step = tick_step(p->max, p->unit);

	for (int i = 0; i * step <= top * 1.0001; i++) {
		double at = y + p->height - i * step / top * p->height;

		prof_buf_printf(b, "<path class=\"grid\" d=\"M%d ", LEFT);
		put_number(b, at);
		prof_buf_printf(b, "H%d\"/>", WIDTH - RIGHT);
		put_text(b, "ytick", LEFT - 6, at + 4);
		prof_chart_put_tick(b, p->unit, i * step);
		prof_buf_str(b, "</text>\n");
	}
}

static void put_panel(
	const struct prof_chart *c, const struct prof_chart_panel *p, double y, struct prof_buf *b)
{
	struct scale s = {.x = PROF_CHART_UNITS / c->end_ns,
		.y = p->height / ceiling(p),
		.height = p->height};

	put_text(b, "panel", LEFT, y - 8);
	prof_buf_xml(b, prof_str_of(p->title));
	prof_buf_str(b, "</text>\n");
	put_key(p, y, b);
	put_grid(p, y, b);
	prof_buf_printf(b, "<svg class=\"plot\" x=\"%d\" y=\"", LEFT);
	put_number(b, y);
	prof_buf_printf(b,
		"\" width=\"%d\" height=\"%u\" viewBox=\"0 0 %d %u\" "
		"preserveAspectRatio=\"none\">\n",
		WIDTH - LEFT - RIGHT, p->height, PROF_CHART_UNITS, p->height);
	for (size_t i = 0; i < p->n_layers; i++)
		put_layer(&p->layers[i], s, b);
	prof_buf_str(b, "</svg>\n");
}

/* Ticks of time below the last panel; a page makes its own as it zooms. */
static void put_times(const struct prof_chart *c, double y, struct prof_buf *b)
{
	double step = tick_step(c->end_ns, PROF_CHART_NS) / 2;

	prof_buf_str(b, "<g id=\"times\">");
	for (int i = 0; i * step <= c->end_ns; i++) {
		put_text(b, "xtick", LEFT + i * step / c->end_ns * (WIDTH - LEFT - RIGHT), y + 16);
		prof_chart_put_tick(b, PROF_CHART_NS, i * step);
		prof_buf_str(b, "</text>");
	}
	prof_buf_str(b, "</g>\n");
}

void prof_chart_put_svg(const struct prof_chart *c, bool alone, struct prof_buf *b)
{
	double y = TOP + (alone ? LINE * (1 + (double)c->about.n) : 0), height = y;

	for (size_t i = 0; i < c->n_panels; i++)
		height += c->panels[i].height + GAP;
	prof_buf_printf(b,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"chart\" class=\"chart\" "
		"viewBox=\"0 0 %d %d\"",
		WIDTH, (int)height);
	if (alone)
		prof_buf_printf(b, " width=\"%d\" height=\"%d\"", WIDTH, (int)height);
	prof_buf_str(b, ">\n");
	if (alone) {
		prof_buf_str(b, "<style>");
		prof_buf_put(b, css, sizeof(css) - 1);
		prof_buf_str(
			b, "</style>\n<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n");
		put_text(b, "title", LEFT, LINE);
		prof_buf_xml(b, c->title);
		prof_buf_str(b, "</text>\n");
		for (size_t i = 0; i < c->about.n; i++) {
			put_text(b, "about", LEFT, LINE * (2 + (double)i));
			prof_buf_xml(b, c->about.v[i]);
			prof_buf_str(b, "</text>\n");
		}
	}
	for (size_t i = 0; i < c->n_panels; i++) {
		put_panel(c, &c->panels[i], y, b);
		y += c->panels[i].height + GAP;
	}
	put_times(c, y - GAP, b);
	prof_buf_str(b, "</svg>\n");
}

int prof_chart_svg(const struct prof_chart *c, prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct prof_buf b;
	int rc;

	prof_buf_init(&b, write, ctx);
	prof_buf_str(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	prof_chart_put_svg(c, true, &b);
	rc = prof_buf_done(&b, e);
	prof_buf_fini(&b);
	return rc;
}
