#include "libprof/render/html.h"

#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/render/flame_data.h"
#include "libprof/render/flame_layout.h"
#include "libprof/render/palette.h"

static const char css[] =
#include "libprof/render/web/flame.css.inc"
#include "libprof/render/web/tools.css.inc"
#include "libprof/render/web/page.css.inc"
	;
static const char dark_css[] =
#include "libprof/render/web/flame-dark.css.inc"
#include "libprof/render/web/tools-dark.css.inc"
#include "libprof/render/web/page-dark.css.inc"
	;
static const char flame_js[] =
#include "libprof/render/web/flame.js.inc"
	;
static const char page_js[] =
#include "libprof/render/web/page.js.inc"
	;
static const char patterns[] =
#include "libprof/render/web/patterns.svg.inc"
	;
static const char body[] =
#include "libprof/render/web/page.html.inc"
	;

/* What a browser may do with a page: run the scripts that pages have, and nothing else. */
static const char policy[] = "default-src 'none'; base-uri 'none'; form-action 'none'; "
			     "style-src 'unsafe-inline'; script-src 'sha256-"
#include "libprof/render/web/flame.js.sha256.inc"
			     "' 'sha256-"
#include "libprof/render/web/page.js.sha256.inc"
			     "' 'sha256-"
#include "libprof/render/web/table.js.sha256.inc"
			     "'";

/* A sheet that page.js switches by what it is for; before that the system's wish counts. */
static void put_sheet(struct prof_buf *b, const char *for_what, const char *media)
{
	prof_buf_printf(b, "<style data-for=\"%s\" media=\"%s\">\n", for_what, media);
}

/* The colours of boxes, and of the keys in a table. */
static void put_colours(struct prof_buf *b, enum prof_palette palette)
{
	prof_put_palette(b, "p", "fill", palette);
	prof_put_palette(b, "k", "background", palette);
}

static void put_styles(struct prof_buf *b)
{
	static const char by_system[] = "(prefers-color-scheme: dark)";

	prof_buf_str(b, "<style>\n");
	prof_buf_put(b, css, sizeof(css) - 1);
	put_colours(b, PROF_PALETTE_LIGHT);
	prof_buf_str(b, "</style>\n");
	put_sheet(b, "safe", "not all");
	put_colours(b, PROF_PALETTE_SAFE);
	prof_buf_str(b, "</style>\n");
	put_sheet(b, "dark", by_system);
	prof_buf_put(b, dark_css, sizeof(dark_css) - 1);
	put_colours(b, PROF_PALETTE_DARK);
	prof_buf_str(b, "</style>\n");
	put_sheet(b, "dark safe", "not all");
	put_colours(b, PROF_PALETTE_SAFE_DARK);
	prof_buf_str(b, "</style>\n");
}

void prof_html_begin(struct prof_buf *b, struct prof_str title)
{
	prof_buf_str(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n"
			"<meta http-equiv=\"Content-Security-Policy\" content=\"");
	prof_buf_str(b, policy);
	prof_buf_str(
		b, "\" />\n<meta name=\"viewport\" content=\"width=device-width\" />\n<title>");
	prof_buf_xml(b, title);
	prof_buf_str(b, "</title>\n");
	put_styles(b);
	prof_buf_str(b, "</head>\n");
}

void prof_html_end(struct prof_buf *b)
{
	prof_buf_str(b, "</html>\n");
}

static void put_about(const struct prof_flame *f, struct prof_buf *b)
{
	for (size_t i = 0; i < f->head.n; i++) {
		if (prof_str_has_prefix(f->head.v[i], "File: "))
			continue;
		/* Times of two profiles are not told: they are sums. */
		if (f->differential && (prof_str_has_prefix(f->head.v[i], "Time: ") ||
					       prof_str_has_prefix(f->head.v[i], "Duration: ")))
			continue;
		prof_buf_str(b, "<span>");
		prof_buf_xml(b, f->head.v[i]);
		prof_buf_str(b, "</span>");
	}
	if (f->differential)
		prof_buf_str(b, "<span id=\"totals\"></span>");
}

static void put_note(const struct prof_flame *f, struct prof_buf *b)
{
	const struct prof_flame_type *t = &f->types.v[f->type];
	bool any = false;

	for (uint32_t i = 0; i < f->nodes.n && !any; i++)
		for (uint32_t c = 0; c < prof_flame_columns(f); c++)
			any |= prof_flame_rest(f, i, c) > 0;
	if (any) {
		prof_buf_str(b, "Plain grey: boxes under ");
		prof_buf_double(b, f->cut * 100, 'g', 2);
		prof_buf_str(b, "% of the whole, together. ");
	}
	prof_buf_str(b, "Paler, in italics: inlined.");
	if (!t->negative[PROF_NEW])
		return;
	prof_buf_str(b, " Values below 0 are not shown: ");
	prof_flame_value(f, f->type, t->negative[PROF_NEW], b);
	prof_buf_str(b, ".");
}

/* page.html has marks where text goes: @T@ the title, @A@ lines about the profile, @P@ patterns,
 * @N@ a note, @D@ the data.
 */
int prof_html_flame(const struct prof_flame *f, struct prof_buf *b, struct prof_err *e)
{
	int rc;

	for (const char *p = body; *p;) {
		const char *mark = strstr(p, "@");

		prof_buf_put(b, p, mark ? (size_t)(mark - p) : strlen(p));
		if (!mark)
			break;
		switch (mark[1]) {
		case 'T':
			prof_buf_xml(b, f->title);
			break;
		case 'A':
			put_about(f, b);
			break;
		case 'P':
			prof_buf_put(b, patterns, sizeof(patterns) - 1);
			break;
		case 'N':
			put_note(f, b);
			break;
		case 'D':
			rc = prof_flame_data(f, b, e);
			if (rc)
				return rc;
			break;
		}
		p = mark + 3; /* "@X@" */
	}
	prof_buf_str(b, "<script>");
	prof_buf_put(b, flame_js, sizeof(flame_js) - 1);
	prof_buf_str(b, "</script>\n<script>");
	prof_buf_put(b, page_js, sizeof(page_js) - 1);
	prof_buf_str(b, "</script>\n");
	return 0;
}

int prof_flame_html(const struct prof_flame *f, prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct prof_buf b;
	int rc;

	prof_buf_init(&b, write, ctx);
	prof_html_begin(&b, f->title);
	prof_buf_str(&b, "<body class=\"page\">\n");
	rc = prof_html_flame(f, &b, e);
	prof_buf_str(&b, "</body>\n");
	prof_html_end(&b);
	if (!rc)
		rc = prof_buf_done(&b, e);
	prof_buf_fini(&b);
	return rc;
}
