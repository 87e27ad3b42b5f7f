#include "libprof/store/records.h"

#include "libprof/store/columns.h"
#include "libprof/store/seal.h"

/* Room for the columns of n records. */
static bool make_columns(struct prof_buf *cells, int64_t **v, size_t width, size_t n)
{
	int64_t *p;

	cells->n = 0;
	if (!prof_buf_room(cells, width * n * sizeof(*p) + 1))
		return false;
	p = (void *)cells->p;
	for (size_t c = 0; c < width; c++)
		v[c] = p + c * n;
	return true;
}

static size_t least(uint64_t n)
{
	return n < PROF_COLUMNS_ROWS ? (size_t)n : PROF_COLUMNS_ROWS;
}

void prof_records_put(struct prof_buf *out, const struct prof_buf *plain, size_t n, size_t width)
{
	struct prof_rd r = prof_rd_of(plain->p, plain->n);
	int64_t *v[PROF_RECORDS_WIDEST];
	struct prof_buf cells, columns;

	prof_buf_init(&cells, NULL, NULL);
	prof_buf_init(&columns, NULL, NULL);
	for (size_t left = n, some = least(n); some; left -= some, some = least(left)) {
		if (!make_columns(&cells, v, width, some))
			break;
		for (size_t i = 0; i < some; i++)
			for (size_t c = 0; c < width; c++)
				v[c][i] = prof_rd_varint(&r);
		prof_columns_put(&columns, v, width, some, (struct prof_columns_sum){0});
	}
	prof_put_uvarint(out, n);
	prof_put_uvarint(out, columns.n);
	prof_buf_put(out, columns.p, columns.n);
	if (plain->code || cells.code || columns.code)
		out->code = PROF_ENOMEM;
	prof_buf_fini(&cells);
	prof_buf_fini(&columns);
}

void prof_records_init(struct prof_records *x, struct prof_rd *r, size_t width)
{
	*x = (struct prof_records){.width = width, .left = prof_rd_uvarint(r)};
	x->from = prof_rd_sub(r, prof_rd_uvarint(r));
	prof_buf_init(&x->cells, NULL, NULL);
	prof_buf_init(&x->plain, NULL, NULL);
}

void prof_records_fini(struct prof_records *x)
{
	prof_buf_fini(&x->cells);
	prof_buf_fini(&x->plain);
}

/* The next records as varints. */
static void refill(struct prof_records *x)
{
	int64_t *v[PROF_RECORDS_WIDEST];
	size_t n = least(x->left);

	x->row = (struct prof_rd){0};
	if (!n) {
		prof_rd_fail(&x->row, "fewer records than it says");
		return;
	}
	x->left -= n;
	if (!make_columns(&x->cells, v, x->width, n)) {
		prof_rd_fail(&x->row, "more records than there is memory for");
		return;
	}
	prof_columns_get(&x->from, v, x->width, n);
	x->plain.n = 0;
	for (size_t i = 0; !x->from.why && i < n; i++)
		for (size_t c = 0; c < x->width; c++)
			prof_put_varint(&x->plain, v[c][i]);
	x->row = prof_rd_of(x->plain.p, x->plain.n);
	if (x->from.why || x->plain.code)
		prof_rd_fail(&x->row, x->from.why ? x->from.why : "no memory for records");
}

struct prof_rd *prof_records_next(struct prof_records *x)
{
	if (x->row.p == x->row.end && !x->row.why)
		refill(x);
	return &x->row;
}
