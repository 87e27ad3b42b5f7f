#include "libprof/store/capture_index.h"

#include "libprof/model/timeline.h"
#include "libprof/store/bytes.h"
#include "libprof/store/columns.h"
#include "libprof/store/seal.h"
#include "libprof/store/transition_index.h"

enum { TABLES_7 = PROF_ROWS_TRANSITION, STATES = 6 };

static void put_sub(struct prof_buf *out, const struct prof_rd *sub)
{
	prof_put_uvarint(out, prof_rd_left(sub));
	prof_buf_put(out, (const char *)sub->p, prof_rd_left(sub));
}

void prof_capture_index_put(const struct prof_capture_index *x, struct prof_buf *out)
{
	prof_put_uvarint(out, PROF_ROWS_TABLES);
	for (unsigned t = 0; t < PROF_ROWS_TABLES; t++)
		prof_put_uvarint(out, x->rows[t] << 1 | x->derived[t]);
	prof_put_uvarint(out, x->strings);
	put_sub(out, &x->first);
	for (unsigned t = 0; t < PROF_ROWS_TABLES; t++)
		put_sub(out, &x->last[t]);
}

void prof_capture_index_get(struct prof_rd *r, struct prof_capture_index *out)
{
	uint64_t tables = prof_rd_uvarint(r);

	*out = (struct prof_capture_index){0};
	if (tables != PROF_ROWS_TABLES && tables != TABLES_7)
		prof_rd_fail(r, "it is of other tables");
	for (unsigned t = 0; !r->why && t < tables; t++) {
		uint64_t rows = prof_rd_uvarint(r);

		out->rows[t] = rows >> 1;
		out->derived[t] = rows & 1;
	}
	out->strings = prof_rd_id(r, PROF_NONE);
	out->first = prof_rd_sub(r, prof_rd_uvarint(r));
	for (unsigned t = 0; !r->why && t < tables; t++)
		out->last[t] = prof_rd_sub(r, prof_rd_uvarint(r));
	prof_rd_end(r, "more than it says");
}

void prof_capture_page_put(enum prof_rows table, int64_t *const *v, size_t n, struct prof_buf *out)
{
	const struct prof_rows_table *t = &prof_rows_tables[table];
	const struct prof_columns_sum sum = {t->sum, t->parts};

	prof_put_uvarint(out, n);
	prof_columns_put(out, v, strlen(t->columns), n, sum);
}

static void check_strings(struct prof_rd *r, const int64_t *v, size_t n, uint64_t strings)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] != PROF_ABSENT && (uint64_t)v[i] > strings)
			prof_rd_fail(r, "a string is missing");
}

static void check_transitions(struct prof_rd *r, int64_t *const *v, size_t n)
{
	const int64_t *t = v[PROF_TRANSITION_T_NS], *old = v[PROF_TRANSITION_OLD],
		      *new = v[PROF_TRANSITION_NEW];

	for (size_t i = 0; i < n; i++) {
		if (t[i] == PROF_ABSENT || v[PROF_TRANSITION_GOROUTINE][i] == PROF_ABSENT)
			prof_rd_fail(r, "a transition of nobody, or at no time");
		if (i && t[i] < t[i - 1])
			prof_rd_fail(r, "rows are not in the order of time");
		if ((uint64_t)old[i] >= STATES || (uint64_t) new[i] >= STATES)
			prof_rd_fail(r, "a state that is none");
	}
}

void prof_capture_page_get(
	struct prof_rd *r, enum prof_rows table, uint64_t strings, int64_t *const *v, size_t *n)
{
	const char *columns = prof_rows_tables[table].columns;

	*n = prof_rd_id(r, PROF_COLUMNS_ROWS + 1);
	if (!*n)
		prof_rd_fail(r, "a page without rows");
	prof_columns_get(r, v, strlen(columns), *n);
	prof_rd_end(r, "more than it says");
	for (size_t c = 0; !r->why && columns[c]; c++)
		if (columns[c] == 's')
			check_strings(r, v[c], *n, strings);
	if (!r->why && table == PROF_ROWS_TRANSITION)
		check_transitions(r, v, *n);
	*n = r->why ? 0 : *n;
}

size_t prof_capture_strings_put(
	const struct prof_strtab *strings, size_t first, size_t bytes, struct prof_buf *out)
{
	size_t from = out->n, i = first;

	while (i < strings->strs.n && out->n - from < bytes && !out->code)
		prof_put_str(out, strings->strs.v[i++]);
	return i;
}

int prof_capture_strings_get(struct prof_rd *r, struct prof_strtab *out, struct prof_err *e)
{
	int rc = 0;

	while (!rc && r->p < r->end) {
		struct prof_str s = prof_rd_str(r);
		size_t number = out->strs.n;
		uint32_t id;

		if (r->why)
			break;
		rc = prof_strtab_add(out, s.p, s.len, &id, e);
		if (!rc && id != number)
			prof_rd_fail(r, "a string is there twice");
	}
	return rc;
}
