#include "libprof/store/columns.h"

#include "libprof/model/timeline.h"
#include "libprof/store/seal.h"

/* How numbers are told. COLUMN_BESIDE + c: by those of column c, 0 where it has none; columns that
 * are told so come behind it.
 */
enum {
	COLUMN_ABSENT,
	COLUMN_SAME,
	COLUMN_PLAIN,
	COLUMN_STEP,
	COLUMN_BESIDE,
	COLUMN_UNIT = 0x40,
	COLUMN_HOLES = 0x80,
};
enum { SAMPLE_ROWS = 512 }; /* that a choice is made by */

/* The rows of a page that have a number in a column. */
struct present {
	uint16_t row[PROF_COLUMNS_ROWS];
	size_t n;
};

static int64_t minus(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a - (uint64_t)b);
}

static int64_t plus(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

/* What the i-th number of column c is told by. */
static inline int64_t base_of(
	int64_t *const *v, size_t c, unsigned how, const struct present *rows, size_t i)
{
	int64_t beside;

	if (how == COLUMN_PLAIN)
		return 0;
	if (how == COLUMN_STEP)
		return i ? v[c][rows->row[i - 1]] : 0;
	beside = v[how - COLUMN_BESIDE][rows->row[i]];
	return beside == PROF_ABSENT ? 0 : beside;
}

static inline uint64_t told(
	int64_t *const *v, size_t c, unsigned how, const struct present *rows, size_t i)
{
	return prof_zigzag(minus(v[c][rows->row[i]], base_of(v, c, how, rows, i)));
}

/* Significant bits, where at most `most` are wanted. */
static size_t bits_of(
	int64_t *const *v, size_t c, unsigned how, const struct present *rows, size_t most)
{
	size_t step = rows->n / SAMPLE_ROWS + 1, bits = 0;

	for (size_t i = 0; i < rows->n && bits <= most; i += step)
		bits += 64 - (unsigned)__builtin_clzll(told(v, c, how, rows, i) | 1);
	return bits;
}

static unsigned choose(int64_t *const *v, size_t c, const struct present *rows)
{
	unsigned best = COLUMN_PLAIN;
	size_t least = SIZE_MAX, i = 1;

	if (!rows->n)
		return COLUMN_ABSENT;
	while (i < rows->n && v[c][rows->row[i]] == v[c][rows->row[0]])
		i++;
	if (i == rows->n)
		return COLUMN_SAME;
	for (unsigned how = COLUMN_PLAIN; how < COLUMN_BESIDE + c; how++) {
		size_t bits = bits_of(v, c, how, rows, least);

		if (bits < least) {
			least = bits;
			best = how;
		}
	}
	return best;
}

/* What all the numbers, which are told as signed varints are, are multiples of; 1 where that is a
 * power of two: a compressor finds those.
 */
static uint64_t unit_of(const uint64_t *u, size_t n)
{
	uint64_t unit = 0;

	for (size_t i = 0; i < n && (!unit || unit & (unit - 1)); i++) {
		uint64_t rest = (u[i] >> 1) + (u[i] & 1);

		while (rest) {
			uint64_t swap = unit % rest;

			unit = rest;
			rest = swap;
		}
	}
	return unit & (unit - 1) ? unit : 1;
}

static void put_planes(struct prof_buf *out, uint64_t *u, size_t n)
{
	while (n) {
		size_t longer = 0;

		for (size_t i = 0; i < n; i++) {
			prof_buf_char(out, (char)(u[i] < 0x80 ? u[i] : (u[i] & 0x7f) | 0x80));
			if (u[i] >= 0x80)
				u[longer++] = u[i] >> 7;
		}
		n = longer;
	}
}

static void put_bitmap(struct prof_buf *out, const struct present *rows, size_t n)
{
	uint8_t bits[PROF_COLUMNS_ROWS / 8] = {0};

	for (size_t i = 0; i < rows->n; i++)
		bits[rows->row[i] / 8] |= (uint8_t)(1 << rows->row[i] % 8);
	prof_buf_put(out, (const char *)bits, (n + 7) / 8);
}

static void put_column(struct prof_buf *out, int64_t *const *v, size_t c, size_t n)
{
	uint64_t u[PROF_COLUMNS_ROWS], unit = 1;
	struct present rows;
	bool holes;
	unsigned how;

	rows.n = 0;
	for (size_t i = 0; i < n; i++)
		if (v[c][i] != PROF_ABSENT)
			rows.row[rows.n++] = (uint16_t)i;
	how = choose(v, c, &rows);
	if (how >= COLUMN_PLAIN) {
		for (size_t i = 0; i < rows.n; i++)
			u[i] = told(v, c, how, &rows, i);
		unit = unit_of(u, rows.n);
	}
	holes = rows.n && rows.n < n;
	prof_buf_char(out, (char)(how | (holes ? COLUMN_HOLES : 0) | (unit > 1 ? COLUMN_UNIT : 0)));
	if (holes)
		put_bitmap(out, &rows, n);
	if (how == COLUMN_SAME)
		prof_put_varint(out, v[c][rows.row[0]]);
	if (how < COLUMN_PLAIN)
		return;
	if (unit > 1) {
		prof_put_uvarint(out, unit);
		for (size_t i = 0; i < rows.n; i++)
			u[i] = prof_zigzag(prof_unzigzag(u[i]) / (int64_t)unit);
	}
	put_planes(out, u, rows.n);
}

void prof_columns_put(struct prof_buf *out, int64_t *const *v, size_t width, size_t n)
{
	for (size_t c = 0; c < width; c++)
		put_column(out, v, c, n);
}

static void get_planes(struct prof_rd *r, uint64_t *u, size_t n)
{
	uint16_t which[PROF_COLUMNS_ROWS];
	const uint8_t *p = prof_rd_bytes(r, n);
	size_t more = 0;

	for (size_t i = 0; p && i < n; i++) {
		u[i] = p[i] & 0x7f;
		if (p[i] >= 0x80)
			which[more++] = (uint16_t)i;
	}
	for (unsigned shift = 7; p && more; shift += 7) {
		size_t longer = 0;

		p = prof_rd_bytes(r, more);
		for (size_t k = 0; p && k < more; k++) {
			if (shift == 63 && p[k] > 1) {
				prof_rd_fail(r, "varint is longer than 64 bits");
				return;
			}
			u[which[k]] |= (uint64_t)(p[k] & 0x7f) << shift;
			if (p[k] >= 0x80)
				which[longer++] = which[k];
		}
		more = longer;
	}
}

static void get_bitmap(struct prof_rd *r, struct present *rows, size_t n)
{
	const uint8_t *bits = prof_rd_bytes(r, (n + 7) / 8);

	rows->n = 0;
	for (size_t i = 0; bits && i < n; i++)
		if (bits[i / 8] >> i % 8 & 1)
			rows->row[rows->n++] = (uint16_t)i;
}

static void get_column(struct prof_rd *r, int64_t *const *v, size_t c, size_t n)
{
	const uint8_t *first = prof_rd_bytes(r, 1);
	unsigned how = first ? *first & (COLUMN_UNIT - 1) : COLUMN_ABSENT;
	bool holes = first && *first & COLUMN_HOLES, units = first && *first & COLUMN_UNIT;
	uint64_t u[PROF_COLUMNS_ROWS], unit;
	struct present rows;
	int64_t same;

	rows.n = how == COLUMN_ABSENT ? 0 : n;
	for (size_t i = 0; i < n; i++) {
		v[c][i] = PROF_ABSENT;
		rows.row[i] = (uint16_t)i;
	}
	if (how >= COLUMN_BESIDE + c || (how == COLUMN_ABSENT && holes) ||
		(how < COLUMN_PLAIN && units))
		prof_rd_fail(r, "a column of an unknown kind");
	if (r->why)
		return;
	if (holes)
		get_bitmap(r, &rows, n);
	same = how == COLUMN_SAME ? prof_rd_varint(r) : 0;
	unit = units ? prof_rd_uvarint(r) : 1;
	if (how >= COLUMN_PLAIN)
		get_planes(r, u, rows.n);
	for (size_t i = 0; !r->why && i < rows.n; i++)
		v[c][rows.row[i]] = how == COLUMN_SAME
					    ? same
					    : plus((int64_t)((uint64_t)prof_unzigzag(u[i]) * unit),
						      base_of(v, c, how, &rows, i));
}

void prof_columns_get(struct prof_rd *r, int64_t *const *v, size_t width, size_t n)
{
	for (size_t c = 0; !r->why && c < width; c++)
		get_column(r, v, c, n);
}
