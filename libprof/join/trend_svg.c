/* A trend as a chart: shares by night, the levels between changes, a mark at each. */
#include <math.h>

#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"
#include "libprof/base/when.h"
#include "libprof/join/trend_steps.h"

enum { MOST_TITLES = 2000, DATE = 10, SECOND = 19 };

#define TWO_DAYS INT64_C(172800000000000)
#define CHAR 6.6 /* about the width of one */

struct frame {
	double left, top, width, height, high; /* shares from 0 to high */
	size_t n;
};

static double x_at(const struct frame *f, double night)
{
	return f->left + f->width * (f->n > 1 ? night / (double)(f->n - 1) : 0.5);
}

static double y_at(const struct frame *f, double share)
{
	return f->top + f->height * (1 - (f->high > 0 ? share / f->high : 0));
}

static void put(struct prof_buf *b, double v)
{
	prof_buf_double(b, v, 'f', 1);
}

static void attribute(struct prof_buf *b, const char *name, double v)
{
	prof_buf_char(b, ' ');
	prof_buf_str(b, name);
	prof_buf_str(b, "=\"");
	put(b, v);
	prof_buf_char(b, '"');
}

static void line(struct prof_buf *b, const char *class, double x1, double y1, double x2, double y2)
{
	prof_buf_str(b, "<line class=\"");
	prof_buf_str(b, class);
	prof_buf_char(b, '"');
	attribute(b, "x1", x1);
	attribute(b, "y1", y1);
	attribute(b, "x2", x2);
	attribute(b, "y2", y2);
	prof_buf_str(b, "/>\n");
}

static void put_text(struct prof_buf *b, struct prof_str s)
{
	for (uint32_t i = 0; i < s.len; i++) {
		if (s.p[i] == '<')
			prof_buf_str(b, "&lt;");
		else if (s.p[i] == '&')
			prof_buf_str(b, "&amp;");
		else
			prof_buf_char(b, s.p[i]);
	}
}

/* Text of a plain string, at a place; `anchor`: start, middle or end. */
static void label(struct prof_buf *b, double x, double y, const char *anchor, struct prof_str s)
{
	struct prof_buf plain;

	prof_buf_init(&plain, NULL, NULL);
	prof_buf_plain(&plain, s);
	prof_buf_str(b, "<text text-anchor=\"");
	prof_buf_str(b, anchor);
	prof_buf_char(b, '"');
	attribute(b, "x", x);
	attribute(b, "y", y);
	prof_buf_char(b, '>');
	put_text(b, (struct prof_str){plain.p, (uint32_t)plain.n});
	prof_buf_str(b, "</text>\n");
	if (plain.code)
		b->code = plain.code;
	prof_buf_fini(&plain);
}

static void polyline(struct prof_buf *b, const struct prof_trend *t, const struct frame *f)
{
	prof_buf_str(b, "<polyline class=\"share\" points=\"");
	for (size_t i = 0; i < t->nights.n; i++) {
		if (i)
			prof_buf_char(b, ' ');
		put(b, x_at(f, (double)i));
		prof_buf_char(b, ',');
		put(b, y_at(f, prof_night_share(&t->nights.v[i])));
	}
	prof_buf_str(b, "\"/>\n");
}

static void levels(struct prof_buf *b, const struct prof_trend *t, const struct frame *f)
{
	for (size_t i = 0; i < t->steps.n; i++) {
		const struct prof_step *s = &t->steps.v[i].step;
		size_t first = i ? t->steps.v[i - 1].step.at : 0;
		size_t end = i + 1 < t->steps.n ? t->steps.v[i + 1].step.at : t->nights.n;
		double x = x_at(f, (double)s->at - 0.5);

		if (s->kind == PROF_STEP_DRIFT) {
			line(b, "level", x_at(f, (double)s->at), y_at(f, s->before),
				x_at(f, (double)end - 1), y_at(f, s->after));
			continue;
		}
		line(b, "level", x_at(f, (double)first), y_at(f, s->before), x, y_at(f, s->before));
		line(b, "step", x, f->top, x, f->top + f->height);
		line(b, "level", x, y_at(f, s->after), x_at(f, (double)end - 1), y_at(f, s->after));
	}
}

/* What the pointer tells of each night: its share is hard to read off a line. */
static void nights(struct prof_buf *b, const struct prof_trend *t, const struct frame *f)
{
	double width = f->width / (double)t->nights.n;

	for (size_t i = 0; i < t->nights.n && i < MOST_TITLES; i++) {
		const struct prof_night *n = &t->nights.v[i];
		struct prof_buf s;

		prof_buf_init(&s, NULL, NULL);
		prof_when_put(&s, prof_trend_entry(t, n)->time_ns);
		prof_buf_str(&s, ", build ");
		prof_trend_put_build(&s, t, i);
		prof_buf_printf(&s, ", id %lld: ", (long long)prof_trend_entry(t, n)->id);
		prof_buf_double(&s, prof_night_share(n) * 100, 'g', 3);
		prof_buf_char(&s, '%');
		prof_buf_str(b, "<rect class=\"night\"");
		attribute(b, "x", x_at(f, (double)i) - width / 2);
		attribute(b, "y", f->top);
		attribute(b, "width", width);
		attribute(b, "height", f->height);
		prof_buf_str(b, "><title>");
		put_text(b, (struct prof_str){s.p, (uint32_t)s.n});
		prof_buf_str(b, "</title></rect>\n");
		if (s.code)
			b->code = s.code;
		prof_buf_fini(&s);
	}
}

/* A round number at or over v. */
static double round_up(double v)
{
	double scale = pow(10, floor(log10(v > 0 ? v : 1)));

	for (double m = 1; m <= 10; m += m < 2 ? 1 : m < 5 ? 3 : 5)
		if (m * scale >= v)
			return m * scale;
	return v;
}

/* Dates, or the time of day where all is of a day or two. */
static void times(
	struct prof_buf *b, const struct prof_trend *t, const struct frame *f, struct prof_buf *s)
{
	int64_t first = prof_trend_entry(t, &t->nights.v[0])->time_ns;
	int64_t last = prof_trend_entry(t, &t->nights.v[t->nights.n - 1])->time_ns;
	size_t chars = prof_sub(last, first) < TWO_DAYS ? SECOND : DATE;

	for (int i = 0; i <= 4; i++, s->n = 0) {
		size_t n = (t->nights.n - 1) * (size_t)i / 4;

		prof_when_put(s, prof_trend_entry(t, &t->nights.v[n])->time_ns);
		label(b, x_at(f, (double)n), f->top + f->height + 18,
			i == 0   ? "start"
			: i == 4 ? "end"
				 : "middle",
			(struct prof_str){s->p, (uint32_t)(s->n < chars ? s->n : chars)});
	}
}

static void axes(struct prof_buf *b, const struct prof_trend *t, const struct frame *f)
{
	double free = f->left;
	struct prof_buf s;

	prof_buf_init(&s, NULL, NULL);
	for (int i = 0; i <= 4; i++, s.n = 0) {
		double share = f->high * i / 4;

		line(b, "grid", f->left, y_at(f, share), f->left + f->width, y_at(f, share));
		prof_buf_double(&s, share * 100, 'g', 3);
		prof_buf_char(&s, '%');
		label(b, f->left - 6, y_at(f, share) + 4, "end",
			(struct prof_str){s.p, (uint32_t)s.n});
	}
	if (t->nights.n)
		times(b, t, f, &s);
	for (size_t i = 0; i < t->steps.n; i++, s.n = 0) {
		const struct prof_step *step = &t->steps.v[i].step;
		double x = x_at(f, (double)step->at);

		if (step->kind == PROF_STEP_DRIFT)
			continue;
		prof_trend_put_build(&s, t, step->at);
		if (x - (double)s.n * CHAR / 2 < free) /* over another one's */
			continue;
		free = x + (double)(s.n + 1) * CHAR / 2;
		label(b, x, f->top - 4, "middle", (struct prof_str){s.p, (uint32_t)s.n});
	}
	prof_buf_fini(&s);
}

/* What it is the share of what. */
static void title(struct prof_buf *b, const struct prof_trend *t, const struct frame *f)
{
	const struct prof_entry *p = prof_trend_entry(t, &t->nights.v[0]);
	const struct prof_archive_trend_opts *o = t->opts;
	struct prof_buf s;

	prof_buf_init(&s, NULL, NULL);
	prof_buf_str(&s, o->func ? o->func : o->package);
	prof_buf_str(&s, o->flat ? ", flat, as a share of " : ", as a share of ");
	prof_buf_plain(&s, prof_catalog_service(&t->s.catalog, p));
	prof_buf_char(&s, ' ');
	prof_buf_plain(&s, p->kind);
	prof_buf_str(&s, ": ");
	prof_buf_plain(&s, t->type);
	label(b, f->left, 16, "start", (struct prof_str){s.p, (uint32_t)s.n});
	if (s.code)
		b->code = s.code;
	prof_buf_fini(&s);
}

static const char style[] = "<style>text{font:12px sans-serif;fill:#444}.grid{stroke:#ddd}"
			    ".share{fill:none;stroke:#2a6fb0;stroke-width:1.2}"
			    ".level{stroke:#d62728;stroke-width:2}"
			    ".step{stroke:#d62728;stroke-dasharray:3 3}"
			    ".night{fill:transparent}.night:hover{fill:#0001}</style>\n";

int prof_trend_svg(const struct prof_trend *t, int sparkline, prof_write_fn *write, void *ctx,
	struct prof_err *e)
{
	struct frame f = {60, 40, 800, 240, 0, t->nights.n};
	double width = 880, height = 320, high = 0;
	struct prof_buf b;
	int rc;

	if (!t->opts->func && !t->opts->package)
		return prof_fail(
			e, PROF_EUSAGE, PROF_NO_OFFSET, "a chart needs --func or --package");
	for (size_t i = 0; i < t->nights.n; i++)
		high = fmax(high, prof_night_share(&t->nights.v[i]));
	f.high = round_up(high);
	if (sparkline) {
		width = 200;
		height = 30;
		f = (struct frame){2, 2, 196, 26, high, t->nights.n};
	}
	prof_buf_init(&b, write, ctx);
	prof_buf_str(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\"");
	attribute(&b, "width", width);
	attribute(&b, "height", height);
	prof_buf_str(&b, " role=\"img\">\n");
	prof_buf_str(&b, style);
	if (!sparkline) {
		title(&b, t, &f);
		axes(&b, t, &f);
	}
	polyline(&b, t, &f);
	levels(&b, t, &f);
	if (!sparkline)
		nights(&b, t, &f);
	prof_buf_str(&b, "</svg>\n");
	rc = prof_buf_done(&b, e);
	prof_buf_fini(&b);
	return rc;
}
