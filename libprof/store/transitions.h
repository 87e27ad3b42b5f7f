/* The transitions of a capture, page by page in any order, for who looks for some of them. Pages
 * are kept as long as there is room: joins ask for the same ones again and again.
 */
#ifndef PROF_STORE_TRANSITIONS_H
#define PROF_STORE_TRANSITIONS_H

#include "libprof/store/capture_rows.h"
#include "libprof/store/columns.h"

struct prof_transition_page {
	uint32_t number, n; /* rows */
	int64_t *v[PROF_TRANSITION_COLUMNS]; /* as struct prof_capture_rows has them */

	/* Private. */
	unsigned users;
	uint64_t asked; /* when it was at last */
	bool chained; /* rows by goroutine: */
	uint16_t first[2 * PROF_COLUMNS_ROWS], next[PROF_COLUMNS_ROWS];
	int64_t cells[PROF_TRANSITION_COLUMNS * PROF_COLUMNS_ROWS];
};

struct prof_transitions {
	uint64_t rows;
	uint32_t pages;
	bool keeps; /* as many pages as an eighth of the memory has room for; else a few */

	/* Private. */
	struct prof_store *s;
	struct prof_db_guard *guard;
	int64_t profile;
	struct prof_mem *mem;
	struct prof_capture_index index;
	struct prof_buf index_bytes, bytes;
	struct prof_times times; /* of the pages' first rows */
	PROF_VEC(struct prof_who) who; /* of each PROF_WHO_PAGES pages, once it is asked for */
	PROF_VEC(struct prof_transition_page *) pool;
	PROF_VEC(struct prof_transition_page *) at; /* by number; NULL: it is not in the pool */
	uint64_t clock;
};

/* Of a capture without transitions there are no pages. `guard` watches what is read; NULL: none. To
 * be ended with fini whatever comes of it. PROF_EFORMAT where it is damaged, as below.
 */
int prof_transitions_init(struct prof_transitions *x, struct prof_store *s,
	struct prof_db_guard *guard, int64_t profile, struct prof_mem *mem,
	struct prof_err *e) PROF_CHECKED;
void prof_transitions_fini(struct prof_transitions *x);

/* The page in which the first row is that is not before a time: the one before it begins earlier.
 */
uint32_t prof_transitions_since(const struct prof_transitions *x, int64_t t_ns);

/* Moves *number on to the first page that a goroutine is in; x->pages: there is none. */
int prof_transitions_with(
	struct prof_transitions *x, int64_t id, uint32_t *number, struct prof_err *e) PROF_CHECKED;

/* A page, which stays until it is given back. */
int prof_transitions_page(struct prof_transitions *x, uint32_t number,
	struct prof_transition_page **out, struct prof_err *e) PROF_CHECKED;
void prof_transitions_give_back(struct prof_transition_page *page);

/* The first row of a goroutine in a page, and the next one of the same; PROF_NONE: there is none.
 */
uint32_t prof_transition_first(struct prof_transition_page *page, int64_t id);
uint32_t prof_transition_next(const struct prof_transition_page *page, uint32_t row);

#endif
