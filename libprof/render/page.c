/* A report as a page of HTML that needs nothing but itself, with a flame graph where one is given.
 */
#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/render/html.h"
#include "libprof/render/render.h"

static const char report_css[] =
#include "libprof/render/web/report.css.inc"
	;
static const char table_js[] =
#include "libprof/render/web/table.js.inc"
	;

enum { NAME_BYTES = 2000 }; /* of a name that is longer more is not of use to anybody */

struct page {
	const struct prof_report *r;
	struct prof_buf *b;
	struct prof_buf cell;
	bool can_search; /* there is a flame graph, which names can be looked up in */
	bool part; /* behind the first table, which alone is narrowed, and its names looked up */
};

static void put(struct page *p, const char *s)
{
	prof_buf_str(p->b, s);
}

static void put_lines(struct page *p, const struct prof_str *lines, size_t n)
{
	while (n && !lines[n - 1].len)
		n--;
	put(p, "<pre>");
	for (size_t i = 0; i < n; i++) {
		prof_buf_xml(p->b, lines[i]);
		put(p, "\n");
	}
	put(p, "</pre>\n");
}

/* The titles of neighbours of one group have its name above them. */
static void put_groups(struct page *p)
{
	const struct prof_report *r = p->r;
	bool any = false;

	for (size_t i = 0; i < r->n_columns; i++)
		any |= r->columns[i].title && r->columns[i].group;
	if (!any)
		return;
	put(p, "<tr>");
	for (size_t i = 0; i < r->n_columns; i++) {
		const char *group = r->columns[i].group;
		unsigned n = 1;

		if (!r->columns[i].title)
			continue;
		while (group && i + 1 < r->n_columns && r->columns[i + 1].group &&
			strcmp(r->columns[i + 1].group, group) == 0)
			n += r->columns[++i].title != NULL;
		prof_buf_printf(p->b, group ? "<th class=\"group\" colspan=\"%u\">" : "<th>", n);
		put(p, group ? group : "");
		put(p, "</th>");
	}
	put(p, "</tr>\n");
}

static void put_heads(struct page *p)
{
	put(p, "<thead>\n");
	put_groups(p);
	put(p, "<tr>");
	for (size_t i = 0; i < p->r->n_columns; i++) {
		const struct prof_table_column *col = &p->r->columns[i];

		if (!col->title)
			continue;
		put(p, "<th data-column=\"\"");
		put(p, col->left ? " class=\"left\">" : ">");
		put(p, "<button type=\"button\">");
		prof_buf_xml(p->b, prof_str_of(col->title));
		put(p, "</button></th>");
	}
	put(p, "</tr>\n</thead>\n");
}

/* What a number is sorted by, and the colour of a change. */
static void put_number(
	struct page *p, const struct prof_table_column *col, const struct prof_cell *c)
{
	bool change = col->form == PROF_FORM_CHANGE || col->form == PROF_FORM_REAL_PERCENT ||
		      col->form == PROF_FORM_REAL_POINTS;
	double v = c->kind == PROF_CELL_INT    ? (double)c->i
		   : c->kind == PROF_CELL_UINT ? (double)c->u
					       : c->f;

	put(p, "<td data-v=\"");
	prof_buf_double(p->b, v, 'g', 17);
	put(p, !change || v == 0 ? "\">" : v > 0 ? "\" class=\"up\">" : "\" class=\"down\">");
}

static struct prof_str cut(struct prof_str s)
{
	return (struct prof_str){s.p, s.len < NAME_BYTES ? s.len : NAME_BYTES};
}

/* What a name may be short for: the row's "name". */
static struct prof_str full_name(const struct prof_report *r, size_t row, struct prof_str shown)
{
	for (size_t i = 0; i < r->n_columns; i++) {
		const struct prof_cell *c = &r->cells.v[row * r->n_columns + i];

		if (r->columns[i].key && strcmp(r->columns[i].key, "name") == 0 &&
			c->kind == PROF_CELL_STR)
			return c->s;
	}
	return shown;
}

static void put_name(struct page *p, size_t row, struct prof_str s)
{
	put(p, "<td class=\"name\" title=\"");
	prof_buf_xml(p->b, cut(full_name(p->r, row, s)));
	put(p, p->can_search && !p->part ? "\"><button type=\"button\">" : "\">");
	prof_buf_xml(p->b, cut(s));
	put(p, p->can_search && !p->part ? "</button>" : "");
}

static void put_cell(struct page *p, size_t row, size_t column)
{
	const struct prof_table_column *col = &p->r->columns[column];
	const struct prof_cell *c = &p->r->cells.v[row * p->r->n_columns + column];

	if (col->is_name && c->kind == PROF_CELL_STR) {
		put_name(p, row, c->s);
		return;
	}
	if (c->kind == PROF_CELL_INT || c->kind == PROF_CELL_UINT || c->kind == PROF_CELL_REAL)
		put_number(p, col, c);
	else
		put(p, col->left ? "<td class=\"left\">" : "<td>");
	prof_render_cell(p->r, col, c, &p->cell);
	prof_buf_xml(p->b, (struct prof_str){p->cell.p, (uint32_t)p->cell.n});
}

/* Text has blanks in front of it, to stand below a column. */
static void put_note(struct page *p, struct prof_str s)
{
	while (s.len && *s.p == ' ') {
		s.p++;
		s.len--;
	}
	put(p, "<div class=\"remark\">");
	prof_buf_xml(p->b, s);
	put(p, "</div>");
}

static void put_rows(struct page *p)
{
	const struct prof_report *r = p->r;
	size_t last = r->n_columns, note = 0;

	while (last && !r->columns[last - 1].title)
		last--;
	put(p, "<tbody>\n");
	for (size_t row = 0; row < r->n_rows; row++) {
		put(p, "<tr>");
		for (size_t i = 0; i < last; i++) {
			if (!r->columns[i].title)
				continue;
			put_cell(p, row, i);
			for (; i + 1 == last && note < r->notes.n && r->notes.v[note].row == row;
				note++)
				put_note(p, r->notes.v[note].text);
			put(p, "</td>");
		}
		put(p, "</tr>\n");
	}
	put(p, "</tbody>\n");
}

/* Of several parts the last line before a table, with an empty one before it where there are
 * others, is the table's title; n: there is none.
 */
static size_t title_at(const struct page *p)
{
	const struct prof_report *r = p->r;
	size_t n = r->head.n;

	if (!n || !r->n_columns || (!p->part && (!r->next || n < 2 || r->head.v[n - 2].len)))
		return n;
	return n - 1;
}

static void put_title(struct page *p)
{
	size_t i = title_at(p);

	if (i == p->r->head.n)
		return;
	put(p, "<h2>");
	prof_buf_xml(p->b, p->r->head.v[i]);
	put(p, "</h2>\n");
}

static void put_table(struct page *p)
{
	put(p, "<section class=\"rows\">\n");
	put_title(p);
	put(p, "<div id=\"report-tools\" class=\"tools\" hidden=\"\">"
	       "<input id=\"report-filter\" placeholder=\"rows that match (regexp)\" "
	       "aria-label=\"rows that match\" spellcheck=\"false\" autocomplete=\"off\" />"
	       "<span id=\"report-shown\" aria-live=\"polite\"></span></div>\n"
	       "<table id=\"report-table\">\n");
	put_heads(p);
	put_rows(p);
	put(p, "</table>\n<button id=\"report-more\" type=\"button\" hidden=\"\"></button>\n"
	       "</section>\n");
}

static void put_foot(struct page *p)
{
	if (!p->r->foot.n)
		return;
	put(p, "<div class=\"foot\">\n");
	put_lines(p, p->r->foot.v, p->r->foot.n);
	put(p, "</div>\n");
}

/* What stands behind the first table. */
static void put_part(struct page *p)
{
	const struct prof_report *r = p->r;
	size_t title = title_at(p);

	put(p, "<section class=\"rows\">\n");
	if (title)
		put_lines(p, r->head.v, title);
	put_title(p);
	if (r->n_columns && prof_render_has_titles(r)) {
		put(p, "<table class=\"part\">\n");
		put_heads(p);
		put_rows(p);
		put(p, "</table>\n");
	}
	put(p, "</section>\n");
	put_foot(p);
}

/* A report that is no table is its text. */
static void put_text(struct page *p)
{
	struct prof_buf text;

	prof_buf_init(&text, NULL, NULL);
	prof_render_text(p->r, &text);
	put(p, "<section class=\"rows\"><pre>");
	for (size_t at = 0, end; at < text.n; at = end + 1) {
		for (end = at; end < text.n && text.p[end] != '\n'; end++)
			;
		prof_buf_xml(p->b, (struct prof_str){text.p + at, (uint32_t)(end - at)});
		put(p, "\n");
	}
	put(p, "</pre></section>\n");
	if (text.code)
		p->b->code = text.code;
	prof_buf_fini(&text);
}

static void put_drawings(struct page *p)
{
	const struct prof_report *r = p->r;

	if (!r->bars && !r->curves)
		return;
	put(p, "<section class=\"rows\">\n");
	if (r->bars)
		prof_render_bars(r->bars, p->b);
	if (r->curves)
		prof_render_curves(r->curves, r->bars != NULL, p->b);
	put(p, "</section>\n");
}

static void put_body(struct page *p, struct prof_str title)
{
	const struct prof_report *r = p->r;

	put(p, "<body class=\"report\">\n<style>\n");
	prof_buf_put(p->b, report_css, sizeof(report_css) - 1);
	put(p, "</style>\n<header class=\"top\"><div class=\"grow\"><h1>");
	prof_buf_xml(p->b, title);
	put(p, "</h1></div></header>\n");
	if (r->tree || !prof_render_has_titles(r)) {
		put_text(p);
		put_drawings(p);
		return;
	}
	if (title_at(p)) {
		put(p, "<details open=\"\"><summary>About</summary>\n");
		put_lines(p, r->head.v, title_at(p));
		put(p, "</details>\n");
	}
	put_drawings(p);
	put_table(p);
	put_foot(p);
	p->part = true;
	for (p->r = r->next; p->r; p->r = p->r->next)
		put_part(p);
	p->r = r;
}

int prof_report_html(const struct prof_report *r, const struct prof_flame *flame,
	prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct prof_str title = r->headline.len ? r->headline : prof_str_of(r->schema);
	struct prof_buf b;
	struct page p = {.r = r, .b = &b, .can_search = flame != NULL};
	int rc = 0;

	prof_buf_init(&b, write, ctx);
	prof_buf_init(&p.cell, NULL, NULL);
	prof_html_begin(&b, title);
	put_body(&p, title);
	if (flame) {
		put(&p, "<section class=\"flame\">\n");
		rc = prof_html_flame(flame, &b, e);
		put(&p, "</section>\n");
	}
	put(&p, "<script>");
	prof_buf_put(&b, table_js, sizeof(table_js) - 1);
	put(&p, "</script>\n</body>\n");
	prof_html_end(&b);
	if (p.cell.code)
		b.code = p.cell.code;
	if (!rc)
		rc = prof_buf_done(&b, e);
	prof_buf_fini(&p.cell);
	prof_buf_fini(&b);
	return rc;
}
