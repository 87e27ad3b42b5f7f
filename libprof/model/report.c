#include "libprof/model/report.h"

#include <stdlib.h>

#include "libprof/base/fmt.h"
#include "libprof/base/num.h"
#include "libprof/model/diagram.h"

struct prof_report *prof_report_new(const char *schema, struct prof_err *e)
{
	struct prof_report *r = calloc(1, sizeof(*r));

	if (!r) {
		prof_nomem(e);
		return NULL;
	}
	/* A report is smaller than the input it came from, which had a budget. */
	r->mem.limit = SIZE_MAX / 2;
	r->schema = schema;
	prof_arena_init(&r->arena, &r->mem);
	return r;
}

static void free_part(struct prof_report *r)
{
	if (r->tree) {
		prof_vec_fini(&r->mem, &r->tree->nodes);
		prof_vec_fini(&r->mem, &r->tree->edges);
	}
	prof_diagram_fini(r);
	prof_vec_fini(&r->mem, &r->fields);
	prof_vec_fini(&r->mem, &r->head);
	prof_vec_fini(&r->mem, &r->foot);
	prof_vec_fini(&r->mem, &r->cells);
	prof_vec_fini(&r->mem, &r->notes);
	prof_arena_fini(&r->arena);
}

void prof_report_free(struct prof_report *r)
{
	while (r) {
		struct prof_report *next = r->next;

		free_part(r);
		free(r);
		r = next;
	}
}

struct prof_report *prof_report_part(struct prof_report *r, struct prof_err *e)
{
	struct prof_report *part = prof_report_new(r->schema, e);

	while (r->next)
		r = r->next;
	r->next = part;
	return part;
}

const struct prof_cell *prof_report_cells(
	const struct prof_report *r, size_t row, struct prof_cell *room)
{
	if (!r->pull)
		return &r->cells.v[row * r->n_columns];
	r->pull(r->rows, row, room);
	return room;
}

const char *prof_report_damage(const struct prof_report *r)
{
	return r->damage.len ? r->damage.p : NULL;
}

int prof_report_keep(struct prof_report *r, struct prof_str *s, struct prof_err *e)
{
	s->p = prof_arena_dup(&r->arena, s->p, s->len, e);
	return s->p ? 0 : PROF_ENOMEM;
}

static int keep(struct prof_report *r, struct prof_cell *c, struct prof_err *e)
{
	return c->kind == PROF_CELL_STR ? prof_report_keep(r, &c->s, e) : 0;
}

int prof_report_field(
	struct prof_report *r, const char *key, struct prof_cell value, struct prof_err *e)
{
	int rc = prof_vec_reserve(&r->mem, &r->fields, 1, e);

	if (!rc)
		rc = keep(r, &value, e);
	if (!rc)
		r->fields.v[r->fields.n++] = (struct prof_field){key, value};
	return rc;
}

int prof_report_list(struct prof_report *r, const struct prof_cell *cells, size_t n,
	struct prof_cell *out, struct prof_err *e)
{
	struct prof_cell *v = prof_arena_alloc(&r->arena, (n ? n : 1) * sizeof(*v), e);
	int rc = v ? 0 : PROF_ENOMEM;

	for (size_t i = 0; !rc && i < n; i++) {
		v[i] = cells[i];
		rc = keep(r, &v[i], e);
	}
	if (!rc)
		*out = (struct prof_cell){.kind = PROF_CELL_LIST, .list = {v, n}};
	return rc;
}

int prof_report_object(struct prof_report *r, const struct prof_field *fields, size_t n,
	struct prof_cell *out, struct prof_err *e)
{
	struct prof_field *v = prof_arena_alloc(&r->arena, (n ? n : 1) * sizeof(*v), e);
	int rc = v ? 0 : PROF_ENOMEM;

	for (size_t i = 0; !rc && i < n; i++) {
		v[i] = fields[i];
		rc = keep(r, &v[i].value, e);
	}
	if (!rc)
		*out = (struct prof_cell){.kind = PROF_CELL_OBJECT, .object = {v, n}};
	return rc;
}

int prof_report_row(struct prof_report *r, const struct prof_cell *cells, struct prof_err *e)
{
	int rc = prof_vec_reserve(&r->mem, &r->cells, r->n_columns, e);

	for (size_t i = 0; !rc && i < r->n_columns; i++) {
		struct prof_cell c = cells[i];

		rc = keep(r, &c, e);
		r->cells.v[r->cells.n + i] = c;
	}
	if (rc)
		return rc;
	r->cells.n += r->n_columns;
	r->n_rows++;
	return 0;
}

static int take_line(
	struct prof_report *r, struct prof_buf *b, struct prof_str *line, struct prof_err *e)
{
	if (b->code)
		return prof_nomem(e);
	line->p = prof_arena_dup(&r->arena, b->p, b->n, e);
	line->len = (uint32_t)b->n;
	b->n = 0;
	return line->p ? 0 : PROF_ENOMEM;
}

int prof_report_note(struct prof_report *r, struct prof_buf *b, struct prof_err *e)
{
	struct prof_note note = {.row = r->n_rows - 1};
	int rc = prof_vec_reserve(&r->mem, &r->notes, 1, e);

	if (!rc)
		rc = take_line(r, b, &note.text, e);
	if (!rc)
		r->notes.v[r->notes.n++] = note;
	return rc;
}

int prof_report_headline(struct prof_report *r, struct prof_buf *b, struct prof_err *e)
{
	return take_line(r, b, &r->headline, e);
}

int prof_report_head(struct prof_report *r, struct prof_buf *b, struct prof_err *e)
{
	int rc = prof_vec_reserve(&r->mem, &r->head, 1, e);

	if (!rc)
		rc = take_line(r, b, &r->head.v[r->head.n], e);
	r->head.n += !rc;
	return rc;
}

int prof_report_foot(struct prof_report *r, struct prof_buf *b, struct prof_err *e)
{
	int rc = prof_vec_reserve(&r->mem, &r->foot, 1, e);

	if (!rc)
		rc = take_line(r, b, &r->foot.v[r->foot.n], e);
	r->foot.n += !rc;
	return rc;
}

struct prof_str prof_report_unit(
	int64_t least, int64_t most, struct prof_str unit, bool integers_only)
{
	const struct prof_str minimum = PROF_STR("minimum");
	struct prof_str small, large;

	prof_unit_scale(least, unit, minimum, &small);
	prof_unit_scale(most, unit, minimum, &large);
	/* Compared as Go does, where 100 * least may wrap. */
	least = (int64_t)((uint64_t)least * 100);
	if (!prof_str_eq(small, large) && least < most && !integers_only)
		prof_unit_scale(least, unit, minimum, &small);
	return small.len ? small : unit;
}
