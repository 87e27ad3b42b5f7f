/* Where transitions are: what finds the pages of a time and of a goroutine, before it is sealed.
 * Pages have PROF_COLUMNS_ROWS rows but for the last, and rows are in the order of time.
 *
 *	PROF_CAPTURE_TIMES	how many pages there are; when the first row of each is: signed
 *				differences
 *	PROF_CAPTURE_WHO	who is in PROF_WHO_PAGES pages, or in those that are left: whose
 *				state changes in one, or who changes somebody's; place: the number
 *				of their first row
 *		how many goroutines there are; their ids, ascending: signed differences; in how many
 *		pages each is; which ones these are, of each: differences, from -1
 */
#ifndef PROF_STORE_TRANSITION_INDEX_H
#define PROF_STORE_TRANSITION_INDEX_H

#include "libprof/base/buf.h"
#include "libprof/base/cursor.h"
#include "libprof/base/idmap.h"

enum { PROF_WHO_PAGES = 256 };

/* Columns of transitions (model/rows.h). */
enum prof_transition_column {
	PROF_TRANSITION_T_NS,
	PROF_TRANSITION_GOROUTINE,
	PROF_TRANSITION_OLD,
	PROF_TRANSITION_NEW,
	PROF_TRANSITION_ACTOR = 7,
	PROF_TRANSITION_COLUMNS = 10,
};

struct prof_times { /* a vector */
	int64_t *v;
	size_t n, cap;
};

void prof_times_put(const struct prof_times *t, struct prof_buf *out);

/* Reads what prof_times_put wrote into an empty `out`; what cannot be fails the cursor. */
int prof_times_get(struct prof_rd *r, struct prof_mem *mem, struct prof_times *out,
	struct prof_err *e) PROF_CHECKED;

/* A goroutine, on the way in. */
struct prof_who_seen {
	int64_t id;
	uint32_t pages; /* it is in so many */
	uint32_t last; /* of these */
	uint32_t at; /* places of them, once they are sorted */
};

struct prof_who_pair {
	uint32_t seen;
	uint8_t page;
};

struct prof_who_writer {
	struct prof_mem *mem;
	struct prof_idmap place; /* id -> place among those seen */
	PROF_VEC(struct prof_who_seen) seen;
	PROF_VEC(struct prof_who_pair) pairs; /* page by page */
	uint32_t pages;
};

void prof_who_writer_init(struct prof_who_writer *w, struct prof_mem *mem);
void prof_who_writer_fini(struct prof_who_writer *w);

/* Takes the next page: who is in its n rows. Behind PROF_WHO_PAGES of them they are to be put. */
int prof_who_add(
	struct prof_who_writer *w, int64_t *const *v, size_t n, struct prof_err *e) PROF_CHECKED;

/* Appends who was in the pages, and begins anew; `out` fails by itself. */
int prof_who_put(struct prof_who_writer *w, struct prof_buf *out, struct prof_err *e) PROF_CHECKED;

/* Who is in some pages; all zero: nobody. */
struct prof_who {
	PROF_VEC(int64_t) ids;
	PROF_VEC(uint32_t) ends; /* of their pages, by goroutine */
	PROF_VEC(uint8_t) pages;
};

/* Reads what prof_who_put wrote of so many pages into an empty `out`, which is to be ended whatever
 * comes of it; what cannot be fails the cursor.
 */
int prof_who_get(struct prof_rd *r, struct prof_mem *mem, uint32_t pages, struct prof_who *out,
	struct prof_err *e) PROF_CHECKED;
void prof_who_fini(struct prof_who *x, struct prof_mem *mem);

/* The first page that a goroutine is in, from that one on; PROF_NONE: it is in none. */
uint32_t prof_who_page(const struct prof_who *x, int64_t id, uint32_t from);

#endif
