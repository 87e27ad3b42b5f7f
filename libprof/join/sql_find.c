/* Rows of captures' tables but for transitions. What is asked for once is read page by page; what
 * is asked for again, as joins do, is held whole.
 */
#include <stdlib.h>

#include "libprof/join/sql_cursor.h"
#include "libprof/model/timeline.h"

/* xBestIndex tells xFilter: bit 0, a profile is given; above, the column to look rows up by, plus
 * one; 0: none.
 */
enum { GIVEN = 1, KEY_SHIFT = 1 };

static int best_index(sqlite3_vtab *base, sqlite3_index_info *x)
{
	const struct prof_shown_table *t = ((struct prof_rows_vtab *)base)->m->t;
	int key = -1, next = 1;
	bool given = prof_rows_plan_profile(t, x, &next);

	for (int i = 0; given && i < x->nConstraint; i++) {
		int column = x->aConstraint[i].iColumn;

		if (x->aConstraint[i].usable && column >= 0 &&
			x->aConstraint[i].op == SQLITE_INDEX_CONSTRAINT_EQ &&
			t->columns[column].key && (key < 0 || column < x->aConstraint[key].iColumn))
			key = i;
	}
	x->idxNum = given ? GIVEN : 0;
	x->estimatedRows = given ? t->expected : t->expected * PROF_SQL_CAPTURES;
	x->estimatedCost = (double)x->estimatedRows;
	if (key >= 0) {
		x->aConstraintUsage[key].argvIndex = next;
		x->aConstraintUsage[key].omit = 1;
		x->idxNum |= (x->aConstraint[key].iColumn + 1) << KEY_SHIFT;
		x->estimatedRows = 1 + t->expected / 100;
		x->estimatedCost = (double)x->estimatedRows + 1;
	}
	x->orderByConsumed = x->nOrderBy > 0 && prof_rows_in_order(t, x, given, -1);
	return prof_rows_plan_used(x);
}

static void stop(struct prof_rows_cursor *c)
{
	if (c->find.streams)
		prof_capture_rows_fini(&c->find.rows);
	c->find.streams = c->find.hits = c->end = false;
	c->n = c->at = c->first = 0;
}

/* Rows of a table that is held: all, or those with the key's value. */
static int take_held(
	struct prof_rows_cursor *c, const struct prof_shown_table *t, struct prof_err *e)
{
	struct prof_held_table *x = &c->held->tables[t->rows];
	int rc = prof_held_keep(c->held, t->rows, e);

	if (rc)
		return rc;
	c->v = x->v;
	c->first = 0;
	c->n = x->n;
	if (c->find.key < 0)
		return 0;
	if (t->columns[c->find.key].what == PROF_SHOW_PLACE) {
		c->at = (uint64_t)c->find.value < x->n ? (size_t)c->find.value : x->n;
		c->n = c->at < x->n ? c->at + 1 : x->n;
		return 0;
	}
	c->find.hits = true;
	return prof_held_find(c->held, t->rows, t->columns[c->find.key].a, c->find.value,
		&c->find.hit, &c->find.hits_end, e);
}

/* To the beginning of a capture. */
static int enter(struct prof_rows_cursor *c, int64_t profile, struct prof_err *e)
{
	const struct prof_shown_table *t = prof_rows_table(c);
	int rc = prof_rows_enter(c, profile, e);

	if (rc || !c->held->there)
		return rc;
	if (c->held->tables[t->rows].asked++)
		return take_held(c, t, e);
	c->find.streams = true;
	prof_db_guard_start(prof_rows_guard(c));
	rc = prof_capture_rows_open(&c->find.rows, c->store, profile, t->rows, e);
	prof_db_guard_stop(prof_rows_guard(c));
	return rc;
}

/* Whether a row has the key's value. */
static bool is_asked(const struct prof_rows_cursor *c, const struct prof_shown_table *t)
{
	const struct prof_shown_column *k = &t->columns[c->find.key < 0 ? 0 : c->find.key];

	if (c->find.key < 0)
		return true;
	return k->what == PROF_SHOW_PLACE
		       ? (uint64_t)c->find.value == c->first + c->at
		       : c->v[k->a][c->at] == c->find.value && c->find.value != PROF_ABSENT;
}

/* The next page of a capture: 1, or 0 behind its last. */
static int next_page(
	struct prof_rows_cursor *c, const struct prof_shown_table *t, struct prof_err *e)
{
	struct prof_db_guard *guard = prof_rows_guard(c);
	int rc;

	if (!c->find.streams)
		return 0;
	prof_db_guard_start(guard);
	rc = prof_capture_rows_next(&c->find.rows, e);
	prof_db_guard_stop(guard);
	if (rc > 0 && prof_held_check(c->held, t->rows, c->find.rows.v, c->find.rows.n, e))
		rc = e->code;
	if (rc > 0) {
		c->v = c->find.rows.v;
		c->first = c->find.rows.first;
		c->n = c->find.rows.n;
		c->at = 0;
	}
	return rc;
}

/* To the next row that is asked for, from the one that it is at on. */
static int settle(struct prof_rows_cursor *c, struct prof_err *e)
{
	const struct prof_shown_table *t = prof_rows_table(c);
	int64_t profile;
	int rc = 1;

	while (rc > 0) {
		if (c->find.hits) {
			if (c->find.hit < c->find.hits_end) {
				c->at = c->find.hit->row;
				return 0;
			}
		} else {
			while (c->at < c->n && !is_asked(c, t))
				c->at++;
			if (c->at < c->n)
				return 0;
			if ((rc = next_page(c, t, e)) != 0)
				continue;
		}
		stop(c);
		rc = c->all ? prof_rows_next_capture(c, &profile, e) : 0;
		if (rc > 0 && enter(c, profile, e))
			rc = e->code;
		c->end = !rc;
	}
	return rc;
}

static int filter(
	sqlite3_vtab_cursor *base, int index, const char *used, int argc, sqlite3_value **argv)
{
	struct prof_rows_cursor *c = (struct prof_rows_cursor *)base;
	struct prof_err e = {.offset = -1};
	int64_t profile = 0;
	int rc = 0;

	stop(c);
	c->used = strtoull(used, NULL, 10);
	c->all = !(index & GIVEN);
	c->find.key = (index >> KEY_SHIFT) - 1;
	if ((!c->all && !prof_rows_whole(argv[0], &profile)) ||
		(c->find.key >= 0 && !prof_rows_whole(argv[argc - 1], &c->find.value))) {
		c->end = true;
		return SQLITE_OK;
	}
	if (c->all)
		prof_rows_rewind(c);
	else
		rc = enter(c, profile, &e);
	if (!rc)
		rc = settle(c, &e);
	return rc ? prof_rows_fail(base->pVtab, rc, &e) : SQLITE_OK;
}

static int next(sqlite3_vtab_cursor *base)
{
	struct prof_rows_cursor *c = (struct prof_rows_cursor *)base;
	struct prof_err e = {.offset = -1};
	int rc;

	if (c->find.hits)
		c->find.hit++;
	else
		c->at++;
	rc = settle(c, &e);
	return rc ? prof_rows_fail(base->pVtab, rc, &e) : SQLITE_OK;
}

const struct prof_rows_way prof_rows_find = {best_index, filter, next, stop};
