/* Rows of numbers as columns, before they are sealed. A column is
 *
 *	byte	how its numbers are told, below; with 0x80 where some rows have none, with 0x40
 *		where all differences are multiples of a unit (a log rounds to microseconds)
 *	bitmap	only with 0x80: a bit a row, the lowest first, 1: it has a number
 *	unit	only with 0x40: a varint
 *	the rest	COLUMN_SAME: the number, a signed varint; COLUMN_ABSENT: nothing;
 *		else of each row that has a number the difference to what it is told by, in
 *		units, as signed varints in planes: the first byte of each, then the second byte
 *		of those that have one, …
 *
 * COLUMN_SUM, which one column of a page can be: the sum of others, so all but its first byte
 * stands behind the last column: which they are, as the bits of a varint, then as above.
 *
 * A number is told by 0, by the one before it in its column, by that of another column in its row,
 * or by that of a column behind its own in the row before: many a thing begins when another ended.
 * Alike bytes stand together that way, and a compressor finds them. What is least is found out for
 * each column of each page.
 */
#ifndef PROF_STORE_COLUMNS_H
#define PROF_STORE_COLUMNS_H

#include "libprof/base/buf.h"
#include "libprof/base/cursor.h"

enum { PROF_COLUMNS_ROWS = 4096, PROF_COLUMNS_WIDEST = 32 }; /* at most, of a page */

/* A column that may be the sum of others, of some of the first 32, which are bits; no parts: there
 * is none.
 */
struct prof_columns_sum {
	uint32_t column, parts;
};

/* Appends n <= PROF_COLUMNS_ROWS rows of width <= PROF_COLUMNS_WIDEST numbers: v[c][i] is row i's
 * number of column c; PROF_ABSENT (model/timeline.h): none. `out` fails by itself.
 */
void prof_columns_put(struct prof_buf *out, int64_t *const *v, size_t width, size_t n,
	struct prof_columns_sum sum);

/* Reads n <= PROF_COLUMNS_ROWS rows into v; what cannot be fails the cursor. */
void prof_columns_get(struct prof_rd *r, int64_t *const *v, size_t width, size_t n);

#endif
