/* pprof's list: the source of the functions that match, each line with what it costs. The text
 * stands in the report's head; its rows, for programs, are the lines that samples hit.
 */
#include "libprof/analyse/graph.h"
#include "libprof/analyse/source_lines.h"
#include "libprof/analyse/source_trim.h"
#include "libprof/analyse/view.h"
#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"
#include "libprof/join/source_find.h"

enum { C_FUNCTION, C_FILE, C_LINE, C_FLAT, C_CUM, C_SOURCE, N_COLUMNS };

static const struct prof_table_column columns[N_COLUMNS] = {
	[C_FUNCTION] = {.key = "function"},
	[C_FILE] = {.key = "file"},
	[C_LINE] = {.key = "line"},
	[C_FLAT] = {.key = "flat"},
	[C_CUM] = {.key = "cum"},
	[C_SOURCE] = {.key = "source", .optional = true},
};

struct list {
	struct prof_view v;
	struct prof_source_lines lines;
	struct prof_source_find find;
	struct prof_report *r;
	bool *told; /* of each file (string), that it was not found */
	size_t n_told;
	struct prof_buf b, cell;
};

/* "%10s ", a value that is 0 being a dot where `dots`. */
static void put_value(struct list *x, int64_t value, bool dots)
{
	size_t width;

	x->cell.n = 0;
	if (dots && !value)
		prof_buf_char(&x->cell, '.');
	else
		prof_view_put(&x->v, &x->cell, value);
	width = prof_plain_width((struct prof_str){x->cell.p, (uint32_t)x->cell.n});
	prof_buf_fill(&x->b, ' ', width < 10 ? 10 - width : 0);
	prof_buf_plain(&x->b, (struct prof_str){x->cell.p, (uint32_t)x->cell.n});
	prof_buf_char(&x->b, ' ');
}

/* Source as it is but for control characters; tabs stay. */
static void put_source(struct prof_buf *b, struct prof_str s)
{
	for (;;) {
		const char *tab = s.len ? memchr(s.p, '\t', s.len) : NULL;
		uint32_t n = tab ? (uint32_t)(tab - s.p) : s.len;

		prof_buf_plain(b, (struct prof_str){s.p, n});
		if (!tab)
			return;
		prof_buf_char(b, '\t');
		s = (struct prof_str){s.p + n + 1, s.len - n - 1};
	}
}

static int end_line(struct list *x)
{
	return x->cell.code ? prof_nomem(x->v.e) : prof_report_head(x->r, &x->b, x->v.e);
}

static int add_line(struct list *x, int64_t line, int64_t flat, int64_t cum, struct prof_str source)
{
	put_value(x, flat, true);
	put_value(x, cum, true);
	prof_buf_printf(&x->b, "%6lld:", (long long)line);
	put_source(&x->b, source);
	return end_line(x);
}

/* Every line between `begin` and `end` that the file has. */
static int add_source(
	struct list *x, const struct prof_source_routine *r, const struct prof_source_text *text)
{
	const struct prof_source_line *l = x->lines.lines.v + r->first_line, *last = l + r->n_lines;
	struct prof_str source;
	int rc = 0;

	for (int64_t i = r->begin < 1 ? 1 : r->begin;
		!rc && i <= r->end && prof_source_text_line(text, i, &source); i++) {
		while (l < last && l->line < i)
			l++;
		if (l < last && l->line == i)
			rc = add_line(x, i, l->flat, l->cum, source);
		else
			rc = add_line(x, i, 0, 0, source);
	}
	return rc;
}

/* The lines that samples hit, without their text. */
static int add_numbers(struct list *x, const struct prof_source_routine *r, struct prof_str file)
{
	int rc = 0;

	if (!x->told[r->file]) {
		x->told[r->file] = true;
		prof_buf_str(&x->b, " no source: looked in ");
		prof_source_find_places(&x->find, file, &x->b);
		rc = end_line(x);
	}
	for (uint32_t i = 0; !rc && i < r->n_lines; i++) {
		const struct prof_source_line *l = &x->lines.lines.v[r->first_line + i];

		rc = add_line(x, l->line, l->flat, l->cum, PROF_STR(""));
	}
	return rc;
}

static int add_rows(
	struct list *x, const struct prof_source_routine *r, const struct prof_source_text *text)
{
	const struct prof_profile *p = x->v.p;
	struct prof_str source;
	int rc = 0;

	for (uint32_t i = 0; !rc && i < r->n_lines; i++) {
		const struct prof_source_line *l = &x->lines.lines.v[r->first_line + i];
		struct prof_cell c[N_COLUMNS] = {0};

		c[C_FUNCTION] = prof_cell_str(prof_profile_str(p, r->name));
		if (r->file)
			c[C_FILE] = prof_cell_str(prof_profile_str(p, r->file));
		if (l->line)
			c[C_LINE] = prof_cell_int(l->line);
		c[C_FLAT] = prof_cell_int(l->flat);
		c[C_CUM] = prof_cell_int(l->cum);
		if (text && prof_source_text_line(text, l->line, &source))
			c[C_SOURCE] = prof_cell_str(source);
		rc = prof_report_row(x->r, c, x->v.e);
	}
	return rc;
}

static int add_routine(struct list *x, const struct prof_source_routine *r)
{
	struct prof_str name = prof_profile_str(x->v.p, r->name);
	struct prof_str file = prof_profile_str(x->v.p, r->file);
	const struct prof_source_text *text = NULL;
	int rc;

	if (!r->file) {
		prof_buf_str(&x->b, "No source information for ");
		prof_buf_plain(&x->b, name);
		rc = end_line(x);
		return rc ? rc : add_rows(x, r, NULL);
	}
	if ((rc = prof_source_find(&x->find, r->file, file, &text, x->v.e)))
		return rc;
	prof_buf_str(&x->b, "ROUTINE ======================== ");
	prof_buf_plain(&x->b, name);
	prof_buf_str(&x->b, " in ");
	prof_buf_plain(&x->b, file);
	if ((rc = end_line(x)))
		return rc;
	put_value(x, r->flat, false);
	put_value(x, r->cum, false);
	prof_buf_str(&x->b, "(flat, cum) ");
	prof_fmt_percent(&x->b, r->cum, x->v.total);
	prof_buf_str(&x->b, " of Total");
	if ((rc = end_line(x)) ||
		(rc = text->found ? add_source(x, r, text) : add_numbers(x, r, file)))
		return rc;
	return add_rows(x, r, text);
}

static int fill(struct list *x)
{
	int rc;

	x->r->columns = columns;
	x->r->n_columns = N_COLUMNS;
	x->r->mem.limit =
		x->v.p->mem.limit; /* any number of routines may claim the whole of a file */
	x->n_told = x->v.p->strings.strs.n;
	x->told = prof_mem_zalloc(&x->v.p->mem, x->n_told, sizeof(*x->told), x->v.e);
	if (!x->told)
		return x->v.e->code;
	prof_buf_str(&x->b, "Total: ");
	prof_view_put(&x->v, &x->cell, x->v.total);
	prof_buf_plain(&x->b, (struct prof_str){x->cell.p, (uint32_t)x->cell.n});
	if ((rc = prof_view_fields(&x->v, x->r)) || (rc = end_line(x)))
		return rc;
	for (size_t i = 0; !rc && i < x->lines.routines.n; i++)
		rc = add_routine(x, &x->lines.routines.v[i]);
	return rc;
}

static int run(struct list *x, struct prof_regex *re, const char *regex)
{
	struct prof_view *v = &x->v;
	const char *trim_path = v->opts.trim_path, *source_path = v->opts.source_path;
	int rc;

	if ((rc = prof_source_trim_files(v->p, trim_path, source_path, v->e)) ||
		(rc = prof_view_nodes(v, true)) ||
		(rc = prof_graph_values(&v->g, v->index, false, v->e)) ||
		(rc = prof_source_lines_build(
			 &x->lines, &v->g, re, v->index, v->opts.drop_negative, v->e)))
		return rc;
	if (!x->lines.routines.n)
		return prof_fail(v->e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"no matches found for regexp: %s", regex);
	rc = prof_source_find_init(&x->find, &v->p->mem, source_path, trim_path, v->e);
	if (!rc && !(x->r = prof_report_new("prof.list/1", v->e)))
		rc = v->e->code;
	return rc ? rc : fill(x);
}

int prof_list(struct prof_profile *p, const struct prof_view_opts *opts, const char *regex,
	unsigned *missed, struct prof_report **out, struct prof_err *e)
{
	struct prof_view_opts own = *opts;
	struct list x = {.r = NULL};
	struct prof_regex *re;
	int rc = prof_regex_new(regex, &re, e);

	if (rc)
		return rc;
	own.by = PROF_BY_LINE;
	own.no_trim = 1;
	prof_buf_init(&x.b, NULL, NULL);
	prof_buf_init(&x.cell, NULL, NULL);
	rc = prof_view_init(&x.v, p, &own, missed, e);
	if (!rc)
		rc = run(&x, re, regex);
	prof_mem_zfree(&p->mem, x.told, x.n_told, sizeof(*x.told));
	prof_buf_fini(&x.b);
	prof_buf_fini(&x.cell);
	prof_source_find_fini(&x.find);
	prof_source_lines_fini(&x.lines);
	prof_view_fini(&x.v);
	prof_regex_free(re);
	if (rc)
		prof_report_free(x.r);
	else
		*out = x.r;
	return rc;
}
