/* Records of so many varints each, kept as columns (store/columns.h). What writes and reads a
 * record need not know.
 *
 *	prof_put_varint(&plain, x->start), prof_put_uvarint(&plain, x->kind) … of each
 *	prof_records_put(out, &plain, n, 2)
 *
 *	prof_records_init(&x, &r, 2)
 *		one = prof_records_next(&x)
 *		start = prof_rd_varint(one), kind = prof_rd_uvarint(one) …
 *	prof_records_fini(&x)
 */
#ifndef PROF_STORE_RECORDS_H
#define PROF_STORE_RECORDS_H

#include "libprof/base/buf.h"
#include "libprof/base/cursor.h"

enum { PROF_RECORDS_WIDEST = 24 };

/* Appends n records of `width` varints each, which `plain` holds; `out` fails by itself. */
void prof_records_put(struct prof_buf *out, const struct prof_buf *plain, size_t n, size_t width);

struct prof_records {
	struct prof_rd from; /* columns that are not read yet */
	size_t width;
	uint64_t left; /* records, those of `row` not */
	struct prof_buf cells, plain; /* of some records */
	struct prof_rd row; /* in `plain` */
};

/* Takes the records' bytes from `r`. */
void prof_records_init(struct prof_records *x, struct prof_rd *r, size_t width);
void prof_records_fini(struct prof_records *x);

/* A cursor at the next record, which has failed where there is none. What is not read of a record
 * is the next one's.
 */
struct prof_rd *prof_records_next(struct prof_records *x);

#endif
