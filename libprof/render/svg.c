/* A flame graph as an SVG. Everything is drawn in plain elements, for viewers without scripts (and
 * for what shows pictures only); where scripts run, libprof/render/web/picture.js draws it anew
 * from the data that comes along and makes it a tool.
 */
#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/render/flame_data.h"
#include "libprof/render/flame_layout.h"
#include "libprof/render/palette.h"

static const char flame_css[] =
#include "libprof/render/web/flame.css.inc"
	;
static const char flame_dark_css[] =
#include "libprof/render/web/flame-dark.css.inc"
	;
static const char tools_css[] =
#include "libprof/render/web/tools.css.inc"
	;
static const char tools_dark_css[] =
#include "libprof/render/web/tools-dark.css.inc"
	;
static const char flame_js[] =
#include "libprof/render/web/flame.js.inc"
	;
static const char picture_js[] =
#include "libprof/render/web/picture.js.inc"
	;
static const char patterns[] =
#include "libprof/render/web/patterns.svg.inc"
	;

enum {
	PAD = 10,
	ROW = 17,
	TOP = 54, /* title and a line about the profile; a legend takes LEGEND more */
	LEGEND = 20,
	BELOW = 26, /* a line of remarks */
	LEAST_WIDTH = 400,
};

#define LEAST_BOX .5 /* narrower ones are not drawn, px; of what was cut off, LEAST_REST */
#define LEAST_REST 1

#define CHAR_WIDTH 6.62 /* of the fonts that flame.css asks for, at 11 px */
#define SMALL_CHAR 5.9 /* of the sans-serif one, on the wide side */

struct svg {
	const struct prof_flame *f;
	struct prof_flame_layout l;
	struct prof_buf *b;
	struct prof_buf text; /* scratch */
	double inner; /* width of the root, px */
	unsigned top, height;
	uint32_t depth; /* of the deepest box that is drawn */
};

static void put_px(struct prof_buf *b, double v)
{
	prof_buf_double(b, v, 'f', 1);
}

static void put_text(struct prof_buf *b, const struct prof_buf *text)
{
	prof_buf_xml(b, (struct prof_str){text->p ? text->p : "", (uint32_t)text->n});
}

static double y_of(const struct svg *s, uint32_t depth)
{
	return s->top + ROW * (double)(s->f->opts.inverted ? depth : s->depth - depth);
}

static void put_rect(struct svg *s, double x, uint32_t depth, double w)
{
	struct prof_buf *b = s->b;

	prof_buf_str(b, "\" x=\"");
	put_px(b, PAD + x * s->inner);
	prof_buf_str(b, "\" y=\"");
	prof_buf_u64(b, (uint64_t)y_of(s, depth));
	prof_buf_str(b, "\" width=\"");
	put_px(b, w > 2 ? w - .5 : w);
	prof_buf_printf(b, "\" height=\"%d\"", ROW - 1);
}

static void put_label(struct svg *s, uint32_t i, double x, double w)
{
	const struct prof_flame_node *n = &s->f->nodes.v[i];
	const struct prof_flame_frame root = {
		.name = s->f->title, .function = PROF_STR(""), .file = PROF_STR("")};

	s->text.n = 0;
	prof_flame_label(n->frame == PROF_NONE ? &root : &s->f->frames.v[n->frame],
		w < 5 ? 0 : (unsigned)((w - 5) / CHAR_WIDTH), &s->text);
	if (!s->text.n)
		return;
	prof_buf_str(s->b, "<text");
	if (n->inlined == PROF_INLINED_ALWAYS)
		prof_buf_str(s->b, " class=\"i\"");
	prof_buf_str(s->b, " x=\"");
	put_px(s->b, PAD + x * s->inner + 3);
	prof_buf_str(s->b, "\" y=\"");
	prof_buf_u64(s->b, (uint64_t)y_of(s, n->depth) + 12);
	prof_buf_str(s->b, "\">");
	put_text(s->b, &s->text);
	prof_buf_str(s->b, "</text>");
}

/* A title's lines as they are shown when one points at a box. */
static void put_title(struct svg *s, uint32_t i)
{
	size_t from = 0;

	s->text.n = 0;
	prof_flame_details(s->f, i, &s->text);
	prof_buf_str(s->b, "><title>");
	for (size_t k = 0; k <= s->text.n; k++) {
		if (k < s->text.n && s->text.p[k] != '\n')
			continue;
		prof_buf_xml(s->b, (struct prof_str){s->text.p + from, (uint32_t)(k - from)});
		if (k < s->text.n)
			prof_buf_char(s->b, '\n');
		from = k + 1;
	}
	prof_buf_str(s->b, "</title></rect>");
}

static void put_box(struct svg *s, uint32_t i)
{
	const struct prof_flame_node *n = &s->f->nodes.v[i];
	double w = s->l.w[i] * s->inner, rest = s->l.rest[i] * s->inner;

	if (w < LEAST_BOX)
		return;
	prof_buf_str(s->b, "<rect class=\"");
	prof_flame_class(s->f, i, s->b);
	if (prof_flame_one_sided(s->f, i))
		prof_buf_str(s->b, " h");
	if (n->inlined == PROF_INLINED_ALWAYS)
		prof_buf_str(s->b, " i");
	put_rect(s, s->l.x[i], n->depth, w);
	put_title(s, i);
	put_label(s, i, s->l.x[i], w);
	prof_buf_char(s->b, '\n');
	if (rest < LEAST_REST)
		return;
	prof_buf_str(s->b, "<rect class=\"r");
	put_rect(s, s->l.x[i] + s->l.kids[i], n->depth + 1, rest);
	prof_buf_str(s->b, "/>\n");
}

static void find_depth(struct svg *s)
{
	for (uint32_t i = 0; i < s->f->nodes.n; i++) {
		uint32_t depth = s->f->nodes.v[i].depth + (s->l.rest[i] * s->inner >= LEAST_REST);

		if (s->l.w[i] * s->inner >= LEAST_BOX && depth > s->depth)
			s->depth = depth;
	}
}

/* A line of text that ends where the picture does. */
static void put_line(struct svg *s, const char *class, double x, unsigned y, double char_width)
{
	size_t most = (size_t)((s->inner - x) / char_width), end = 0;
	struct prof_str line = {s->text.p ? s->text.p : "", (uint32_t)s->text.n};

	for (size_t n = 0; end < line.len && n < most; n++) {
		uint32_t c;
		unsigned len = prof_utf8_at(line.p + end, line.len - end, &c);

		end += len ? len : 1;
	}
	prof_buf_printf(s->b, "<text class=\"%s\" x=\"", class);
	put_px(s->b, PAD + x);
	prof_buf_printf(s->b, "\" y=\"%u\">", y);
	prof_buf_xml(s->b, (struct prof_str){line.p, (uint32_t)end});
	prof_buf_str(s->b, end < line.len ? "\xe2\x80\xa6</text>\n" : "</text>\n");
}

static void separate(struct svg *s)
{
	if (s->text.n)
		prof_buf_str(&s->text, " \xc2\xb7 ");
}

/* Both totals, and what boxes show of them. */
static void add_totals(struct svg *s)
{
	static const char *const widths[] = {"new", "old", "the larger"};
	const struct prof_flame *f = s->f;
	const struct prof_flame_type *t = &f->types.v[f->type];
	double old = (double)t->total[PROF_OLD], new = (double)t->total[PROF_NEW];

	separate(s);
	prof_flame_value(f, f->type, t->total[PROF_OLD], &s->text);
	prof_buf_str(&s->text, " \xe2\x86\x92 ");
	prof_flame_value(f, f->type, t->total[PROF_NEW], &s->text);
	if (old > 0) {
		prof_buf_str(&s->text, new < old ? " (" : " (+");
		prof_buf_double(&s->text, (new / old - 1) * 100, 'f', 1);
		prof_buf_str(&s->text, "%)");
	}
	prof_buf_printf(&s->text, " \xc2\xb7 compared: %s \xc2\xb7 widths: %s",
		f->diff_by_share ? "shares of the total" : "values", widths[f->opts.width]);
}

/* The lines about the profile in one. Times of two profiles are not told: they are sums. */
static void put_about(struct svg *s)
{
	const struct prof_flame *f = s->f;

	s->text.n = 0;
	for (size_t i = 0; i < f->head.n; i++) {
		struct prof_str line = f->head.v[i];

		if (prof_str_has_prefix(line, "File: ") || prof_str_has_prefix(line, "Build ID: "))
			continue;
		if (f->differential && (prof_str_has_prefix(line, "Time: ") ||
					       prof_str_has_prefix(line, "Duration: ")))
			continue;
		while (line.len && *line.p == ' ')
			line = (struct prof_str){line.p + 1, line.len - 1};
		separate(s);
		prof_buf_put(&s->text, line.p, line.len);
	}
	if (f->differential)
		add_totals(s);
	put_line(s, "sub", 0, 43, SMALL_CHAR);
}

static void swatch(struct svg *s, double *x, const char *const *classes, const char *name)
{
	for (; *classes; classes++) {
		prof_buf_printf(s->b, "<rect class=\"%s\" x=\"", *classes);
		put_px(s->b, PAD + *x);
		prof_buf_str(s->b, "\" y=\"54\" width=\"11\" height=\"11\"/>");
		*x += 12;
	}
	s->text.n = 0;
	prof_buf_str(&s->text, name);
	put_line(s, "sub", *x + 4, 64, SMALL_CHAR);
	*x += 4 + SMALL_CHAR * (double)strlen(name) + 12;
}

static void put_legend(struct svg *s)
{
	static const char *const grown[] = {"u1", "u2", "u3", "u4", NULL};
	static const char *const shrunk[] = {"n1", "n2", "n3", "n4", NULL};
	static const char *const same[] = {"d0", NULL};
	static const char *const hatched[] = {"u4 h", "n4 h", NULL};
	double x = 0;

	swatch(s, &x, shrunk, "shrunk");
	swatch(s, &x, grown, "grown");
	swatch(s, &x, same, "no more than noise");
	swatch(s, &x, hatched, "on one side only");
}

static void put_remarks(struct svg *s)
{
	const struct prof_flame *f = s->f;
	int64_t negative = f->types.v[f->type].negative[PROF_NEW];
	bool any = false;

	s->text.n = 0;
	for (uint32_t i = 0; i < f->nodes.n && !any; i++)
		any = s->l.rest[i] * s->inner >= LEAST_REST;
	if (any) {
		prof_buf_str(&s->text, "plain grey: boxes under ");
		prof_buf_double(&s->text, f->cut * 100, 'g', 2);
		prof_buf_str(&s->text, "% of the whole, together");
	}
	if (negative) {
		separate(s);
		prof_buf_str(&s->text, "values below 0 are not shown: ");
		prof_flame_value(f, f->type, negative, &s->text);
	}
	if (!(s->l.w[0] > 0)) {
		separate(s);
		prof_buf_str(&s->text, "no samples");
	}
	if (s->text.n)
		put_line(s, "sub\" data-foot=\"1", 0, s->height - 10, SMALL_CHAR);
}

static void put_style(struct prof_buf *b)
{
	prof_buf_str(b, "<style>\n");
	prof_buf_put(b, flame_css, sizeof(flame_css) - 1);
	prof_put_palette(b, "p", "fill", PROF_PALETTE_LIGHT);
	prof_buf_put(b, tools_css, sizeof(tools_css) - 1);
	prof_buf_str(b, "@media (prefers-color-scheme: dark) {\n");
	prof_buf_put(b, flame_dark_css, sizeof(flame_dark_css) - 1);
	prof_put_palette(b, "p", "fill", PROF_PALETTE_DARK);
	prof_buf_put(b, tools_dark_css, sizeof(tools_dark_css) - 1);
	prof_buf_str(b, "}\n</style>\n");
}

static void put_picture(struct svg *s)
{
	const struct prof_flame *f = s->f;
	struct prof_buf *b = s->b;
	unsigned width = (unsigned)(s->inner + 2 * PAD);

	prof_buf_printf(b,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" "
		"viewBox=\"0 0 %u %u\">\n<title>",
		width, s->height, width, s->height);
	prof_buf_xml(b, f->title);
	prof_buf_str(b, "</title>\n");
	put_style(b);
	if (f->differential)
		prof_buf_put(b, patterns, sizeof(patterns) - 1);
	prof_buf_str(b, "<rect class=\"bg\" width=\"100%\" height=\"100%\"/>\n");
	s->text.n = 0;
	prof_buf_put(&s->text, f->title.p, f->title.len);
	put_line(s, "title", 0, 25, 8.6);
	put_about(s);
	if (f->differential)
		put_legend(s);
	prof_buf_printf(b, "<g id=\"boxes\" class=\"boxes\" data-y=\"%u\" data-below=\"%d\">\n",
		s->top, BELOW);
	for (uint32_t i = 0; i < f->nodes.n; i++)
		put_box(s, i);
	prof_buf_str(b, "</g>\n");
	put_remarks(s);
}

int prof_flame_svg(const struct prof_flame *f, prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct prof_buf b;
	struct svg s = {.f = f, .b = &b};
	int width = f->opts.width_px > LEAST_WIDTH ? f->opts.width_px : LEAST_WIDTH;
	int rc;

	prof_buf_init(&b, write, ctx);
	prof_buf_init(&s.text, NULL, NULL);
	rc = prof_flame_layout(&s.l, f, e);
	if (!rc) {
		s.inner = width - 2 * PAD;
		s.top = TOP + (f->differential ? LEGEND : 0);
		find_depth(&s);
		s.height = s.top + ROW * (s.depth + 1) + BELOW;
		put_picture(&s);
		prof_buf_str(&b, "<script type=\"application/json\" id=\"data\">");
		rc = prof_flame_data(f, &b, e);
	}
	if (!rc) {
		prof_buf_str(&b, "</script>\n<script>");
		prof_buf_put(&b, flame_js, sizeof(flame_js) - 1);
		prof_buf_put(&b, picture_js, sizeof(picture_js) - 1);
		prof_buf_str(&b, "</script>\n</svg>\n");
		b.code = b.code ? b.code : s.text.code;
		rc = prof_buf_done(&b, e);
	}
	prof_flame_layout_fini(&s.l);
	prof_buf_fini(&s.text);
	prof_buf_fini(&b);
	return rc;
}
