#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/render/render.h"

enum {
	TABLE_ROWS = 10, /* the rest is in what is folded away */
	NAME_BYTES = 160, /* of a name in the table */
	TEXT_BYTES = 50000, /* folded away: GitHub takes comments of 65536 characters */
};

struct markdown {
	const struct prof_report *r;
	struct prof_buf cell;
	struct prof_buf *b;
};

static struct prof_str str_of(const struct prof_buf *b)
{
	return (struct prof_str){b->p, (uint32_t)b->n};
}

/* What tells this comment from others, in characters that cannot end an HTML comment. */
static void put_marker(struct markdown *m)
{
	const struct prof_report *r = m->r;

	prof_buf_printf(m->b, "<!-- %s", r->schema);
	for (size_t i = 0; i < r->fields.n; i++) {
		const struct prof_field *f = &r->fields.v[i];

		if (strcmp(f->key, "sample_type") != 0 || f->value.kind != PROF_CELL_STR)
			continue;
		prof_buf_char(m->b, ' ');
		for (uint32_t k = 0; k < f->value.s.len && k < 80; k++) {
			unsigned char c = (unsigned char)f->value.s.p[k];
			bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
				    (c >= 'A' && c <= 'Z');

			prof_buf_char(m->b, word ? (char)c : '_');
		}
	}
	prof_buf_str(m->b, " -->\n");
}

/* A long name without its middle: both ends tell more. */
static struct prof_str shorten(struct prof_str s, char *room)
{
	const uint32_t end = NAME_BYTES / 2;
	uint32_t from, to = end;

	if (s.len <= NAME_BYTES)
		return s;
	from = s.len - end;
	while (to && ((unsigned char)s.p[to] & 0xc0) == 0x80)
		to--;
	while (from < s.len && ((unsigned char)s.p[from] & 0xc0) == 0x80)
		from++;
	memcpy(room, s.p, to);
	memcpy(room + to, "…", 3);
	memcpy(room + to + 3, s.p + from, s.len - from);
	return (struct prof_str){room, to + 3 + s.len - from};
}

static void put_cell(
	struct markdown *m, const struct prof_table_column *col, const struct prof_cell *c)
{
	char room[NAME_BYTES + 3];
	struct prof_str s;

	if (col->is_name && c->kind == PROF_CELL_STR) {
		prof_buf_md_code(m->b, shorten(c->s, room));
		return;
	}
	prof_render_cell(m->r, col, c, &m->cell);
	s = str_of(&m->cell);
	while (s.len && *s.p == ' ') {
		s.p++;
		s.len--;
	}
	prof_buf_md_prose(m->b, shorten(s, room));
}

/* A column that has neither a title nor, in the rows shown, anything to say is left out. */
static bool is_shown(struct markdown *m, size_t i)
{
	const struct prof_report *r = m->r;
	const struct prof_table_column *col = &r->columns[i];

	if (!col->title || col->detail || *col->title)
		return col->title && !col->detail;
	for (size_t row = 0; row < r->n_rows && row < TABLE_ROWS; row++) {
		prof_render_cell(r, col, &r->cells.v[row * r->n_columns + i], &m->cell);
		if (m->cell.n)
			return true;
	}
	return false;
}

static void put_titles(struct markdown *m)
{
	const struct prof_report *r = m->r;
	const char *group = NULL;

	for (size_t i = 0; i < r->n_columns; i++) {
		const struct prof_table_column *col = &r->columns[i];

		if (!is_shown(m, i))
			continue;
		prof_buf_str(m->b, "| ");
		if (col->group && (!group || strcmp(group, col->group) != 0)) {
			prof_buf_str(m->b, col->group);
			prof_buf_char(m->b, ' ');
		}
		group = col->group;
		prof_buf_str(m->b, col->title);
		prof_buf_char(m->b, ' ');
	}
	prof_buf_str(m->b, "|\n");
	for (size_t i = 0; i < r->n_columns; i++)
		if (is_shown(m, i))
			prof_buf_str(m->b, r->columns[i].left ? "| :-- " : "| --: ");
	prof_buf_str(m->b, "|\n");
}

static void put_table(struct markdown *m)
{
	const struct prof_report *r = m->r;

	prof_buf_char(m->b, '\n');
	put_titles(m);
	for (size_t row = 0; row < r->n_rows && row < TABLE_ROWS; row++) {
		for (size_t i = 0; i < r->n_columns; i++) {
			if (!is_shown(m, i))
				continue;
			prof_buf_str(m->b, "| ");
			put_cell(m, &r->columns[i], &r->cells.v[row * r->n_columns + i]);
			prof_buf_char(m->b, ' ');
		}
		prof_buf_str(m->b, "|\n");
	}
	if (r->n_rows > TABLE_ROWS)
		prof_buf_printf(m->b, "\n%zu more below.\n", r->n_rows - TABLE_ROWS);
}

/* A fence is longer than any run of backticks inside. */
static void put_fence(struct prof_buf *b, struct prof_str text)
{
	size_t run = 0, most = 2;

	for (uint32_t i = 0; i < text.len; i++) {
		run = text.p[i] == '`' ? run + 1 : 0;
		most = run > most ? run : most;
	}
	prof_buf_fill(b, '`', most + 1);
	prof_buf_char(b, '\n');
}

static void put_details(struct markdown *m)
{
	struct prof_buf text;
	struct prof_str s;
	size_t cut = 0;

	prof_buf_init(&text, NULL, NULL);
	prof_render_text(m->r, &text);
	s = str_of(&text);
	if (s.len > TEXT_BYTES) {
		for (s.len = TEXT_BYTES; s.len && s.p[s.len - 1] != '\n'; s.len--)
			;
		for (size_t i = s.len; i < text.n; i++)
			cut += text.p[i] == '\n';
	}
	prof_buf_str(m->b, "\n<details><summary>Details</summary>\n\n");
	put_fence(m->b, s);
	prof_buf_put(m->b, s.p, s.len);
	put_fence(m->b, s);
	if (cut)
		prof_buf_printf(m->b, "\n%zu more lines are left out here.\n", cut);
	prof_buf_str(m->b, "\n</details>\n");
	if (text.code)
		m->b->code = text.code;
	prof_buf_fini(&text);
}

void prof_render_markdown(const struct prof_report *r, struct prof_buf *b)
{
	struct markdown m = {.r = r, .b = b};

	prof_buf_init(&m.cell, NULL, NULL);
	put_marker(&m);
	if (r->headline.len) {
		prof_buf_str(b, "### ");
		prof_buf_md_prose(b, r->headline);
		prof_buf_char(b, '\n');
	}
	if (!r->tree && r->n_rows && prof_render_has_titles(r))
		put_table(&m);
	put_details(&m);
	if (m.cell.code)
		b->code = m.cell.code;
	prof_buf_fini(&m.cell);
}

int prof_report_markdown(
	const struct prof_report *r, prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct prof_buf b;
	int rc;

	prof_buf_init(&b, write, ctx);
	prof_render_markdown(r, &b);
	rc = prof_buf_done(&b, e);
	prof_buf_fini(&b);
	return rc;
}
