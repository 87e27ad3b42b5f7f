#include <math.h>
#include <stdlib.h>

#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/render/render.h"

static void put_value(struct prof_buf *b, const struct prof_cell *c);

static void put_list(struct prof_buf *b, struct prof_cell_list list)
{
	prof_buf_char(b, '[');
	for (size_t i = 0; i < list.n; i++) {
		prof_buf_str(b, i ? ", " : "");
		put_value(b, &list.v[i]);
	}
	prof_buf_char(b, ']');
}

static void put_object(struct prof_buf *b, struct prof_cell_object object)
{
	prof_buf_char(b, '{');
	for (size_t i = 0; i < object.n; i++) {
		prof_buf_str(b, i ? ", " : "");
		prof_buf_json(b, prof_str_of(object.v[i].key));
		prof_buf_str(b, ": ");
		put_value(b, &object.v[i].value);
	}
	prof_buf_char(b, '}');
}

bool prof_render_number(struct prof_buf *b, const struct prof_cell *c)
{
	switch (c->kind) {
	case PROF_CELL_BOOL:
		prof_buf_str(b, c->b ? "true" : "false");
		return true;
	case PROF_CELL_INT:
		prof_buf_i64(b, c->i);
		return true;
	case PROF_CELL_UINT:
		prof_buf_u64(b, c->u);
		return true;
	case PROF_CELL_REAL:
		if (isfinite(c->f))
			prof_buf_double(b, c->f, 'g', 17);
		return isfinite(c->f);
	default:
		return false;
	}
}

static void put_value(struct prof_buf *b, const struct prof_cell *c)
{
	if (c->kind == PROF_CELL_STR)
		prof_buf_json(b, c->s);
	else if (c->kind == PROF_CELL_LIST)
		put_list(b, c->list);
	else if (c->kind == PROF_CELL_OBJECT)
		put_object(b, c->object);
	else if (!prof_render_number(b, c))
		prof_buf_str(b, "null");
}

/* Members of an object whose keys may nest: "flat.old", "flat.new" share {"flat": {…}}. `open` is
 * the group that is open, its name as long as its key is the start of the next one's.
 */
struct members {
	struct prof_buf *b;
	const char *open;
	size_t open_len;
	const char *between;
	bool any;
};

static void close_group(struct members *m)
{
	if (m->open)
		prof_buf_char(m->b, '}');
	m->open = NULL;
}

static void member(struct members *m, const char *key, const struct prof_cell *c)
{
	const char *dot = strchr(key, '.');
	size_t n = dot ? (size_t)(dot - key) : 0;
	bool same = dot && m->open && m->open_len == n && memcmp(m->open, key, n) == 0;

	if (!same)
		close_group(m);
	if (m->any)
		prof_buf_str(m->b, same ? ", " : m->between);
	m->any = true;
	if (dot && !same) {
		prof_buf_json(m->b, (struct prof_str){key, (uint32_t)n});
		prof_buf_str(m->b, ": {");
		m->open = key;
		m->open_len = n;
	}
	prof_buf_json(m->b, prof_str_of(dot ? dot + 1 : key));
	prof_buf_str(m->b, ": ");
	put_value(m->b, c);
}

static void put_row(const struct prof_report *r, const struct prof_cell *cells, struct prof_buf *b)
{
	struct members m = {.b = b, .between = ", "};

	prof_buf_char(b, '{');
	for (size_t i = 0; i < r->n_columns; i++) {
		const struct prof_cell *c = &cells[i];
		const struct prof_table_column *col = &r->columns[i];

		if (col->key && !(col->optional && c->kind == PROF_CELL_NULL))
			member(&m, col->key, c);
	}
	close_group(&m);
	prof_buf_char(b, '}');
}

static bool has_keys(const struct prof_report *r)
{
	for (size_t i = 0; i < r->n_columns; i++)
		if (r->columns[i].key)
			return true;
	return false;
}

static void put_rows(const struct prof_report *r, struct prof_buf *b)
{
	struct prof_cell *room = calloc(r->n_columns, sizeof(*room));

	if (!room) {
		b->code = PROF_ENOMEM;
		return;
	}
	prof_buf_str(b, ",\n");
	prof_buf_json(b, prof_str_of(r->rows_key ? r->rows_key : "rows"));
	prof_buf_str(b, ": [");
	for (size_t row = 0; row < r->n_rows; row++) {
		prof_buf_str(b, row ? ",\n" : "\n");
		put_row(r, prof_report_cells(r, row, room), b);
	}
	prof_buf_str(b, r->n_rows ? "\n]" : "]");
	free(room);
}

void prof_render_json(const struct prof_report *r, struct prof_buf *b)
{
	struct members m = {.b = b, .between = ",\n", .any = true};

	prof_buf_str(b, "{\"schema\": ");
	prof_buf_json(b, prof_str_of(r->schema));
	for (; r; r = r->next) {
		for (size_t i = 0; i < r->fields.n; i++)
			member(&m, r->fields.v[i].key, &r->fields.v[i].value);
		close_group(&m);
		if (r->tree)
			prof_render_tree_json(r, b);
		if (r->diagram)
			prof_render_diagram_json(r, b);
		if (has_keys(r))
			put_rows(r, b);
	}
	prof_buf_str(b, "}\n");
}

int prof_report_json(
	const struct prof_report *r, prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct prof_buf b;
	int rc;

	prof_buf_init(&b, write, ctx);
	prof_render_json(r, &b);
	rc = prof_buf_done(&b, e);
	prof_buf_fini(&b);
	return rc;
}
