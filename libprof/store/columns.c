#include "libprof/store/columns.h"

#include <math.h>

#include "libprof/model/timeline.h"
#include "libprof/store/seal.h"

/* How numbers are told. COLUMN_BESIDE + c: by those of column c, 0 where it has none: of columns
 * before this one in the same row, of those behind it in the row before. COLUMN_SUM: by the sum of
 * any others, 0 where they have none.
 */
enum {
	COLUMN_ABSENT,
	COLUMN_SAME,
	COLUMN_PLAIN,
	COLUMN_STEP,
	COLUMN_BESIDE,
	COLUMN_SUM = 0x3f,
	COLUMN_UNIT = 0x40,
	COLUMN_HOLES = 0x80,
};
enum { SAMPLE_ROWS = 128 }; /* that a choice is made by: of more it is hardly another */
enum { PART = 256, NEW_BYTE = 6 * PART }; /* of a bit; what a byte takes when it first comes */

struct choice {
	unsigned how;
	uint32_t parts; /* of COLUMN_SUM */
	bool holes, units; /* some rows have none; all are multiples of a unit */
};

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

static int64_t sum_of(int64_t *const *v, uint32_t parts, size_t row)
{
	int64_t sum = 0;

	for (; parts; parts &= parts - 1) {
		int64_t part = v[__builtin_ctz(parts)][row];

		sum = plus(sum, part == PROF_ABSENT ? 0 : part);
	}
	return sum;
}

/* The number of column k that one of column c in some row is told by. */
static inline int64_t beside(int64_t *const *v, size_t c, size_t k, size_t row)
{
	int64_t x;

	if (k > c && !row)
		return 0;
	x = v[k][k > c ? row - 1 : row];
	return x == PROF_ABSENT ? 0 : x;
}

/* What the i-th number of column c is told by. */
static inline int64_t base_of(
	int64_t *const *v, size_t c, struct choice x, const struct present *rows, size_t i)
{
	switch (x.how) {
	case COLUMN_PLAIN:
		return 0;
	case COLUMN_STEP:
		return i ? v[c][rows->row[i - 1]] : 0;
	case COLUMN_SUM:
		return sum_of(v, x.parts, rows->row[i]);
	default:
		return beside(v, c, x.how - COLUMN_BESIDE, rows->row[i]);
	}
}

static inline uint64_t told(
	int64_t *const *v, size_t c, struct choice x, const struct present *rows, size_t i)
{
	return prof_zigzag(minus(v[c][rows->row[i]], base_of(v, c, x, rows, i)));
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

/* Numbers that are told as signed varints in units. */
static void in_units(uint64_t *u, size_t n, uint64_t unit)
{
	for (size_t i = 0; unit > 1 && i < n; i++)
		u[i] = prof_zigzag(prof_unzigzag(u[i]) / (int64_t)unit);
}

/* What one more byte adds to a sum of k log2 k over how many there are of each, in parts of a bit;
 * k: how many there were.
 */
static void entropy_init(uint32_t *more)
{
	double sum = 0;

	for (size_t k = 0; k < SAMPLE_ROWS; k++) {
		double next = (double)(k + 1) * log2((double)(k + 1));

		more[k] = (uint32_t)lround((next - sum) * PART);
		sum = next;
	}
}

/* About what numbers take, in parts of a bit: of the first byte of each its entropy, of what
 * follows all bits. Fewer bits alone would not do: a compressor finds what comes often.
 */
static int64_t cost_of(int64_t *const *v, size_t c, struct choice x, const struct present *rows,
	const uint32_t *more)
{
	size_t step = rows->n / SAMPLE_ROWS + 1, n = 0;
	uint64_t u[SAMPLE_ROWS] = {0};
	uint8_t counts[256] = {0};
	int64_t cost = 0;

	for (size_t i = 0; i < rows->n; i += step)
		u[n++] = told(v, c, x, rows, i);
	in_units(u, n, unit_of(u, n));
	for (size_t i = 0; i < n; i++) {
		uint8_t byte = (uint8_t)u[i];

		if (u[i] >= 0x80) {
			cost += (57 - __builtin_clzll(u[i])) * PART;
			byte |= 0x80;
		}
		cost += counts[byte] ? 0 : NEW_BYTE;
		cost += (int64_t)more[i] - more[counts[byte]++];
	}
	return cost;
}

/* The least of what a column can be told by, other than `but`. */
static struct choice choose(int64_t *const *v, size_t width, size_t c, const struct present *rows,
	uint32_t parts, unsigned but, const uint32_t *more)
{
	struct choice best = {.how = COLUMN_PLAIN}, x = {.how = COLUMN_SUM, .parts = parts};
	int64_t least = INT64_MAX;
	size_t i = 1;

	if (!rows->n)
		return (struct choice){.how = COLUMN_ABSENT};
	while (i < rows->n && v[c][rows->row[i]] == v[c][rows->row[0]])
		i++;
	if (i == rows->n)
		return (struct choice){.how = COLUMN_SAME};
	if (parts) {
		least = cost_of(v, c, x, rows, more);
		best = x;
	}
	for (x.how = COLUMN_PLAIN; x.how < COLUMN_BESIDE + width; x.how++) {
		int64_t cost = x.how == but || x.how == COLUMN_BESIDE + c
				       ? INT64_MAX
				       : cost_of(v, c, x, rows, more);

		if (cost < least) {
			least = cost;
			best = x;
		}
	}
	return best;
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

/* A column under way. */
struct column {
	struct choice x;
	struct present rows;
	uint64_t u[PROF_COLUMNS_ROWS]; /* what is told of each of the rows, in units */
	uint64_t unit;
};

static void tell(struct column *k, int64_t *const *v, size_t c)
{
	if (k->x.how < COLUMN_PLAIN)
		return;
	for (size_t i = 0; i < k->rows.n; i++)
		k->u[i] = told(v, c, k->x, &k->rows, i);
	k->unit = unit_of(k->u, k->rows.n);
	k->x.units = k->unit > 1;
	in_units(k->u, k->rows.n, k->unit);
}

static void find_present(const int64_t *v, size_t n, struct present *rows)
{
	rows->n = 0;
	for (size_t i = 0; i < n; i++)
		if (v[i] != PROF_ABSENT)
			rows->row[rows->n++] = (uint16_t)i;
}

static void put_rest(struct prof_buf *out, int64_t *const *v, size_t c, size_t n, struct column *k)
{
	if (k->x.how == COLUMN_SUM)
		prof_put_uvarint(out, k->x.parts);
	if (k->x.holes)
		put_bitmap(out, &k->rows, n);
	if (k->x.units)
		prof_put_uvarint(out, k->unit);
	if (k->x.how == COLUMN_SAME)
		prof_put_varint(out, v[c][k->rows.row[0]]);
	if (k->x.how >= COLUMN_PLAIN)
		put_planes(out, k->u, k->rows.n);
}

void prof_columns_put(struct prof_buf *out, int64_t *const *v, size_t width, size_t n,
	struct prof_columns_sum sum)
{
	uint32_t more[SAMPLE_ROWS];
	struct choice later = {0};
	struct column k;

	entropy_init(more);
	for (size_t c = 0; c < width; c++) {
		bool is_sum = sum.parts && c == sum.column;
		bool may_be_later = sum.parts && (c < sum.column || later.how == COLUMN_SUM);

		find_present(v[c], n, &k.rows);
		k.x = choose(v, width, c, &k.rows, is_sum ? sum.parts : 0,
			may_be_later ? COLUMN_BESIDE + sum.column : COLUMN_ABSENT, more);
		k.x.holes = k.rows.n && k.rows.n < n;
		tell(&k, v, c);
		prof_buf_char(out, (char)(k.x.how | (k.x.holes ? COLUMN_HOLES : 0) |
					   (k.x.units ? COLUMN_UNIT : 0)));
		if (k.x.how == COLUMN_SUM)
			later = k.x;
		else
			put_rest(out, v, c, n, &k);
	}
	if (later.how != COLUMN_SUM)
		return;
	k.x = later;
	find_present(v[sum.column], n, &k.rows);
	tell(&k, v, sum.column);
	put_rest(out, v, sum.column, n, &k);
}

static void get_planes(struct prof_rd *r, uint64_t *u, size_t n)
{
	uint16_t which[PROF_COLUMNS_ROWS];
	const uint8_t *p = prof_rd_bytes(r, n);
	size_t more = 0;

	for (size_t i = 0; p && i < n; i++) {
		u[i] = p[i] & 0x7f;
		which[more] = (uint16_t)i;
		more += p[i] >> 7;
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

static void get_bitmap(const uint8_t *bits, struct present *rows, size_t n)
{
	rows->n = 0;
	for (size_t i = 0; i < n; i++)
		if (bits[i / 8] >> i % 8 & 1)
			rows->row[rows->n++] = (uint16_t)i;
}

/* Columns told by what stands in the row before, or by such: they hold differences until all that
 * they are told by is there.
 */
struct waiting {
	size_t n;
	struct {
		size_t column, by;
		const uint8_t *bits; /* NULL: each row has a number */
	} v[PROF_COLUMNS_WIDEST];
};

static bool must_wait(const struct waiting *w, size_t c, unsigned how)
{
	bool found = how > COLUMN_BESIDE + c;

	if (how == COLUMN_SUM)
		return false;
	for (size_t k = 0; k < w->n; k++)
		found |= how == COLUMN_BESIDE + w->v[k].column;
	return found;
}

static void set_absent(int64_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		v[i] = PROF_ABSENT;
}

/* The numbers that are told as signed varints. */
static void untold(uint64_t *u, size_t n, uint64_t unit, bool steps)
{
	uint64_t last = 0;

	for (size_t i = 0; i < n; i++)
		u[i] = (uint64_t)prof_unzigzag(u[i]) * unit;
	for (size_t i = 0; steps && i < n; i++)
		last = u[i] += last;
}

static void set_numbers(int64_t *const *v, size_t c, struct choice x, const struct present *rows,
	const uint64_t *u, bool is_whole)
{
	if (is_whole)
		for (size_t i = 0; i < rows->n; i++)
			v[c][rows->row[i]] = (int64_t)u[i];
	else
		for (size_t i = 0; i < rows->n; i++)
			v[c][rows->row[i]] = plus((int64_t)u[i], base_of(v, c, x, rows, i));
}

static void get_rest(struct prof_rd *r, int64_t *const *v, size_t c, size_t width, size_t n,
	struct choice x, struct waiting *w)
{
	bool waits = must_wait(w, c, x.how);
	const uint8_t *bits = NULL;
	uint64_t u[PROF_COLUMNS_ROWS], unit;
	struct present rows;
	int64_t same;

	rows.n = x.how == COLUMN_ABSENT ? 0 : n;
	for (size_t i = 0; i < n; i++)
		rows.row[i] = (uint16_t)i;
	if (x.how == COLUMN_ABSENT || x.holes)
		set_absent(v[c], n);
	if (x.how == COLUMN_SUM)
		x.parts = prof_rd_id(r, UINT64_C(1) << (width < 31 ? width : 31));
	if (x.holes && (bits = prof_rd_bytes(r, (n + 7) / 8)))
		get_bitmap(bits, &rows, n);
	unit = x.units ? prof_rd_uvarint(r) : 1;
	same = x.how == COLUMN_SAME ? prof_rd_varint(r) : 0;
	if (x.how >= COLUMN_PLAIN)
		get_planes(r, u, rows.n);
	if (waits) {
		w->v[w->n].column = c;
		w->v[w->n].by = x.how - COLUMN_BESIDE;
		w->v[w->n++].bits = bits;
	}
	if (r->why)
		return;
	if (x.how == COLUMN_SAME) {
		for (size_t i = 0; i < rows.n; i++)
			v[c][rows.row[i]] = same;
		return;
	}
	untold(u, rows.n, unit, x.how == COLUMN_STEP);
	set_numbers(v, c, x, &rows, u, waits || x.how <= COLUMN_STEP);
}

/* What differences are told by, row by row. */
static void end_waiting(const struct waiting *w, int64_t *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < w->n; k++) {
			const uint8_t *bits = w->v[k].bits;
			size_t c = w->v[k].column;

			if (!bits || bits[i / 8] >> i % 8 & 1)
				v[c][i] = plus(v[c][i], beside(v, c, w->v[k].by, i));
		}
	}
}

/* What is told by a sum waits until all others are there. */
void prof_columns_get(struct prof_rd *r, int64_t *const *v, size_t width, size_t n)
{
	struct choice x = {0}, later = {0};
	struct waiting w;
	size_t sum = 0;

	w.n = 0;
	for (size_t c = 0; !r->why && c < width; c++) {
		const uint8_t *first = prof_rd_bytes(r, 1);

		if (!first)
			return;
		x.how = *first & (COLUMN_UNIT - 1U);
		x.units = *first & COLUMN_UNIT;
		x.holes = *first & COLUMN_HOLES;
		if (x.how == COLUMN_SUM && later.how != COLUMN_SUM) {
			sum = c;
			later = x;
			set_absent(v[c], n);
		} else if (x.how >= COLUMN_BESIDE + width || x.how == COLUMN_BESIDE + c ||
			   (x.how == COLUMN_ABSENT && x.holes) ||
			   (x.how < COLUMN_PLAIN && x.units)) {
			prof_rd_fail(r, "a column of an unknown kind");
		} else {
			get_rest(r, v, c, width, n, x, &w);
		}
	}
	if (!r->why && w.n)
		end_waiting(&w, v, n);
	if (later.how == COLUMN_SUM && !r->why)
		get_rest(r, v, sum, width, n, later, &w);
}
