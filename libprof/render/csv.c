#include <stdlib.h>

#include "libprof/render/render.h"

/* RFC 4180: quoted where it has to be. A field that a spreadsheet would take for a formula is
 * quoted too, behind an apostrophe.
 */
static void put_str(struct prof_buf *b, struct prof_str s)
{
	bool formula = s.len && strchr("=+-@\t\r", s.p[0]) && s.p[0];
	bool quote = formula;

	for (uint32_t i = 0; !quote && i < s.len; i++)
		quote = s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r';
	if (!quote) {
		prof_buf_put(b, s.p, s.len);
		return;
	}
	prof_buf_str(b, formula ? "\"'" : "\"");
	for (uint32_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"')
			prof_buf_char(b, '"');
		prof_buf_char(b, s.p[i]);
	}
	prof_buf_char(b, '"');
}

/* Lists and objects have no place in a table. */
static bool is_flat(const struct prof_table_column *col)
{
	return col->key && !col->nested;
}

static void put_table(const struct prof_report *r, struct prof_cell *room, struct prof_buf *b)
{
	const char *between = "";

	for (size_t i = 0; i < r->n_columns; i++) {
		if (!is_flat(&r->columns[i]))
			continue;
		prof_buf_str(b, between);
		put_str(b, prof_str_of(r->columns[i].key));
		between = ",";
	}
	prof_buf_str(b, "\r\n");
	for (size_t row = 0; row < r->n_rows; row++) {
		const struct prof_cell *cells = prof_report_cells(r, row, room);

		between = "";
		for (size_t i = 0; i < r->n_columns; i++) {
			if (!is_flat(&r->columns[i]))
				continue;
			prof_buf_str(b, between);
			if (cells[i].kind == PROF_CELL_STR)
				put_str(b, cells[i].s);
			else
				prof_render_number(b, &cells[i]);
			between = ",";
		}
		prof_buf_str(b, "\r\n");
	}
}

int prof_report_csv(
	const struct prof_report *r, prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct prof_cell *room;
	struct prof_buf b;
	int rc;

	while (r->next && !r->csv)
		r = r->next;
	room = calloc(r->n_columns ? r->n_columns : 1, sizeof(*room));
	if (!room)
		return prof_nomem(e);
	prof_buf_init(&b, write, ctx);
	put_table(r, room, &b);
	rc = prof_buf_done(&b, e);
	prof_buf_fini(&b);
	free(room);
	return rc;
}
