#include <stdlib.h>

#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/render/render.h"

/* A text table is written cell by cell into `line`, whose width counts characters, not bytes. */
struct table {
	const struct prof_report *r;
	unsigned *width; /* of each column */
	struct prof_buf cell;
};

static void put_signed(struct prof_buf *b, double v, int decimals, const char *unit)
{
	if (v > 0)
		prof_buf_char(b, '+');
	prof_buf_double(b, v, 'f', decimals);
	prof_buf_str(b, unit);
}

static void put_value(const struct prof_report *r, int64_t v, struct prof_buf *b)
{
	prof_fmt_value(b, v, r->ratio, r->unit, r->out_unit);
}

void prof_render_cell(const struct prof_report *r, const struct prof_table_column *col,
	const struct prof_cell *c, struct prof_buf *b)
{
	b->n = 0;
	switch (c->kind) {
	case PROF_CELL_NULL:
	case PROF_CELL_LIST:
	case PROF_CELL_OBJECT:
		break;
	case PROF_CELL_BOOL:
		prof_buf_str(b, c->b ? "yes" : "no");
		break;
	case PROF_CELL_UINT:
		prof_buf_printf(b, "%016llx", (unsigned long long)c->u);
		break;
	case PROF_CELL_STR:
		prof_buf_plain(b, c->s);
		break;
	case PROF_CELL_REAL:
		if (col->form == PROF_FORM_REAL_PERCENT)
			put_signed(b, c->f, 1, "%");
		else if (col->form == PROF_FORM_REAL_POINTS)
			put_signed(b, c->f, 2, "pp");
		else
			prof_buf_double(b, c->f, 'g', 6);
		break;
	case PROF_CELL_INT:
		if (col->form == PROF_FORM_PERCENT) {
			prof_fmt_percent(b, c->i, col->of);
		} else if (col->form == PROF_FORM_UNIT) {
			put_value(r, c->i, b);
		} else if (col->form == PROF_FORM_CHANGE) {
			if (c->i > 0)
				prof_buf_char(b, '+');
			put_value(r, c->i, b);
		} else {
			prof_buf_i64(b, c->i);
		}
	}
}

static size_t shown_width(const struct prof_buf *b)
{
	return prof_plain_width((struct prof_str){b->p, (uint32_t)b->n});
}

static void measure(struct table *t)
{
	const struct prof_report *r = t->r;

	for (size_t i = 0; i < r->n_columns; i++) {
		const struct prof_table_column *col = &r->columns[i];

		t->width[i] = col->width;
		if (col->width || !col->title || (col->left && i + 1 == r->n_columns))
			continue;
		t->width[i] = (unsigned)strlen(col->title);
		for (size_t row = 0; row < r->n_rows; row++) {
			size_t w;

			prof_render_cell(r, col, &r->cells.v[row * r->n_columns + i], &t->cell);
			w = shown_width(&t->cell);
			if (w > t->width[i])
				t->width[i] = (unsigned)w;
		}
	}
}

/* Blanks before a column; none before the first that text shows. */
static unsigned gap_before(const struct prof_report *r, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (r->columns[k].title)
			return r->columns[i].gap ? r->columns[i].gap : 1;
	return 0;
}

/* "------ flat ------" over the columns of each group, where there is one. */
static void put_groups(struct table *t, struct prof_buf *b)
{
	const struct prof_report *r = t->r;
	size_t owed = 0, name;
	bool any = false;

	for (size_t i = 0; i < r->n_columns; i++) {
		const char *group = r->columns[i].group;
		size_t width;

		if (!r->columns[i].title)
			continue;
		owed += gap_before(r, i);
		width = t->width[i];
		if (!group) {
			owed += width;
			continue;
		}
		while (i + 1 < r->n_columns && r->columns[i + 1].group &&
			strcmp(r->columns[i + 1].group, group) == 0)
			if (r->columns[++i].title)
				width += gap_before(r, i) + t->width[i];
		name = strlen(group) + 2;
		prof_buf_fill(b, ' ', owed);
		prof_buf_fill(b, '-', width > name ? (width - name) / 2 : 0);
		prof_buf_printf(b, " %s ", group);
		prof_buf_fill(b, '-', width > name ? width - name - (width - name) / 2 : 0);
		owed = 0;
		any = true;
	}
	if (any)
		prof_buf_char(b, '\n');
}

/* One line: `row` SIZE_MAX is the titles. Blanks are owed, not written, so that none ends a line.
 */
static void put_line(struct table *t, size_t row, struct prof_buf *b)
{
	const struct prof_report *r = t->r;
	size_t owed = 0;

	for (size_t i = 0; i < r->n_columns; i++) {
		const struct prof_table_column *col = &r->columns[i];
		size_t width, pad;

		if (!col->title)
			continue;
		owed += gap_before(r, i);
		t->cell.n = 0;
		if (row == SIZE_MAX)
			prof_buf_str(&t->cell, col->title);
		else
			prof_render_cell(r, col, &r->cells.v[row * r->n_columns + i], &t->cell);
		width = shown_width(&t->cell);
		pad = width < t->width[i] ? t->width[i] - width : 0;
		if (!width) {
			owed += pad;
			continue;
		}
		prof_buf_fill(b, ' ', owed + (col->left ? 0 : pad));
		prof_buf_put(b, t->cell.p, t->cell.n);
		owed = col->left ? pad : 0;
	}
	prof_buf_char(b, '\n');
}

static void put_rows(struct table *t, struct prof_buf *b)
{
	const struct prof_report *r = t->r;
	size_t note = 0;

	for (size_t row = 0; row < r->n_rows; row++) {
		put_line(t, row, b);
		for (; note < r->notes.n && r->notes.v[note].row == row; note++) {
			prof_buf_put(b, r->notes.v[note].text.p, r->notes.v[note].text.len);
			prof_buf_char(b, '\n');
		}
	}
}

bool prof_render_has_titles(const struct prof_report *r)
{
	for (size_t i = 0; i < r->n_columns; i++)
		if (r->columns[i].title)
			return true;
	return false;
}

static void put_part(const struct prof_report *r, struct prof_buf *b)
{
	struct table t = {.r = r};

	for (size_t i = 0; i < r->head.n; i++) {
		prof_buf_put(b, r->head.v[i].p, r->head.v[i].len);
		prof_buf_char(b, '\n');
	}
	if (r->tree)
		prof_render_tree(r, b);
	if (prof_render_has_titles(r)) {
		prof_buf_init(&t.cell, NULL, NULL);
		t.width = calloc(r->n_columns, sizeof(*t.width));
		if (t.width) {
			measure(&t);
			put_groups(&t, b);
			put_line(&t, SIZE_MAX, b);
			put_rows(&t, b);
		}
		if (!t.width || t.cell.code)
			b->code = PROF_ENOMEM;
		free(t.width);
		prof_buf_fini(&t.cell);
	}
	for (size_t i = 0; i < r->foot.n; i++) {
		prof_buf_put(b, r->foot.v[i].p, r->foot.v[i].len);
		prof_buf_char(b, '\n');
	}
}

void prof_render_text(const struct prof_report *r, struct prof_buf *b)
{
	bool any = false;

	for (; r; r = r->next) {
		bool empty = !r->head.n && !r->foot.n && !r->tree && !prof_render_has_titles(r);

		if (any && !empty)
			prof_buf_char(b, '\n');
		any = any || !empty;
		put_part(r, b);
	}
}

int prof_report_text(
	const struct prof_report *r, prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct prof_buf b;
	int rc;

	prof_buf_init(&b, write, ctx);
	prof_render_text(r, &b);
	rc = prof_buf_done(&b, e);
	prof_buf_fini(&b);
	return rc;
}
