/* Transitions as a table: pages are found by time and by who is in them, and what a statement asks
 * for again is kept.
 */
#include <stdlib.h>

#include "libprof/join/sql_cursor.h"
#include "libprof/model/timeline.h"

/* xBestIndex tells xFilter which arguments there are, in this order: a profile; when (exactly; or
 * at the earliest and at the latest); above, which columns of the rows have one value.
 */
enum { GIVEN = 1, AT = 2, SINCE = 4, UNTIL = 8, VALUE_SHIFT = 4 };

/* What a condition leaves of the rows, for the planner. */
enum { OF_RANGE = 4, OF_GOROUTINE = 1000, OF_OTHERS = 3 };

/* The column of the rows that one of the table shows as it is; -1: none. */
static int row_column(const struct prof_shown_table *t, int column)
{
	const struct prof_shown_column *x = &t->columns[column < 0 ? 0 : column];

	return x->what == PROF_SHOW_NUMBER || x->what == PROF_SHOW_ANY_STATE ? x->a : -1;
}

/* Whether a condition on a column can be looked at here: texts may be compared in other ways. */
static bool is_usable(const struct prof_shown_table *t, sqlite3_index_info *x, int i)
{
	int column = x->aConstraint[i].iColumn;

	if (!x->aConstraint[i].usable || row_column(t, column) < 0)
		return false;
	return t->columns[column].what != PROF_SHOW_ANY_STATE ||
	       !strcmp(sqlite3_vtab_collation(x, i), "BINARY");
}

/* The conditions that bound the time. SQLite looks at them again: a bound may be no integer. */
static void plan_time(const struct prof_shown_table *t, sqlite3_index_info *x, int *next)
{
	int bounds[] = {-1, -1, -1};

	for (int i = 0; i < x->nConstraint; i++) {
		unsigned char op = x->aConstraint[i].op;

		if (!is_usable(t, x, i) ||
			row_column(t, x->aConstraint[i].iColumn) != PROF_TRANSITION_T_NS)
			continue;
		if (op == SQLITE_INDEX_CONSTRAINT_EQ)
			bounds[0] = i;
		else if (op == SQLITE_INDEX_CONSTRAINT_GT || op == SQLITE_INDEX_CONSTRAINT_GE)
			bounds[1] = i;
		else if (op == SQLITE_INDEX_CONSTRAINT_LT || op == SQLITE_INDEX_CONSTRAINT_LE)
			bounds[2] = i;
	}
	for (int k = 0; k < 3; k++) {
		if (bounds[k] < 0 || (k && bounds[0] >= 0))
			continue;
		x->aConstraintUsage[bounds[k]].argvIndex = (*next)++;
		x->idxNum |= AT << k;
		x->estimatedRows = k ? x->estimatedRows / OF_RANGE : 1;
		x->estimatedCost = (double)x->estimatedRows;
	}
}

static void plan_values(const struct prof_shown_table *t, sqlite3_index_info *x, int *next)
{
	int places[PROF_TRANSITION_COLUMNS] = {0};

	for (int i = 0; i < x->nConstraint; i++)
		if (is_usable(t, x, i) && x->aConstraint[i].op == SQLITE_INDEX_CONSTRAINT_EQ)
			places[row_column(t, x->aConstraint[i].iColumn)] = i + 1;
	for (int c = PROF_TRANSITION_GOROUTINE; c < PROF_TRANSITION_COLUMNS; c++) {
		bool is_who = c == PROF_TRANSITION_GOROUTINE || c == PROF_TRANSITION_ACTOR;

		if (!places[c])
			continue;
		x->aConstraintUsage[places[c] - 1].argvIndex = (*next)++;
		x->aConstraintUsage[places[c] - 1].omit = 1;
		x->idxNum |= 1 << (VALUE_SHIFT + c);
		x->estimatedRows /= is_who ? OF_GOROUTINE : OF_OTHERS;
		if (is_who)
			x->estimatedCost /= OF_GOROUTINE / 2;
	}
}

static int best_index(sqlite3_vtab *base, sqlite3_index_info *x)
{
	const struct prof_shown_table *t = ((struct prof_rows_vtab *)base)->m->t;
	int next = 1;
	bool given = prof_rows_plan_profile(t, x, &next);

	x->idxNum = given ? GIVEN : 0;
	x->estimatedRows = given ? t->expected : (int64_t)t->expected * PROF_SQL_CAPTURES;
	x->estimatedCost = (double)x->estimatedRows;
	plan_time(t, x, &next);
	plan_values(t, x, &next);
	x->estimatedRows++;
	x->estimatedCost++;
	x->orderByConsumed = x->nOrderBy > 0 &&
			     prof_rows_in_order(t, x, given, 1 + PROF_TRANSITION_T_NS);
	return prof_rows_plan_used(x);
}

static void leave_page(struct prof_rows_cursor *c)
{
	prof_transitions_give_back(c->transitions.page);
	c->transitions.page = NULL;
	c->n = c->at = c->first = 0;
}

static void stop(struct prof_rows_cursor *c)
{
	leave_page(c);
	c->end = false;
}

static bool is_asked(const struct prof_rows_cursor *c)
{
	const struct prof_find_transitions *f = &c->transitions;

	for (unsigned i = 0; i < f->n; i++)
		if (c->v[f->columns[i]][c->at] != f->value[i])
			return false;
	return true;
}

/* The first row of a page that is not before the earliest time. */
static size_t first_row(const struct prof_transition_page *page, int64_t low)
{
	const int64_t *t = page->v[PROF_TRANSITION_T_NS];
	size_t first = 0, end = page->n;

	while (first < end) {
		size_t at = first + (end - first) / 2;

		if (t[at] < low)
			first = at + 1;
		else
			end = at;
	}
	return first;
}

/* Into the next page that may have such rows: 1, or 0 where there is none. */
static int next_page(struct prof_rows_cursor *c, struct prof_err *e)
{
	struct prof_find_transitions *f = &c->transitions;
	struct prof_transitions *x = &c->held->transitions;
	int rc = 0;

	leave_page(c);
	if (f->has_who)
		rc = prof_transitions_with(x, f->who, &f->number, e);
	if (!rc && f->number < x->pages && x->times.v[f->number] <= f->high)
		rc = prof_transitions_page(x, f->number, &f->page, e);
	if (rc || !f->page)
		return rc;
	c->v = f->page->v;
	c->first = (size_t)f->number++ * PROF_COLUMNS_ROWS;
	c->n = f->page->n;
	c->at = first_row(f->page, f->low);
	if (f->chains) {
		size_t first = c->at;

		c->at = prof_transition_first(f->page, f->value[0]);
		while (c->at < first)
			c->at = prof_transition_next(f->page, (uint32_t)c->at);
	}
	return 1;
}

static void next_row(struct prof_rows_cursor *c)
{
	if (c->transitions.chains)
		c->at = prof_transition_next(c->transitions.page, (uint32_t)c->at);
	else
		c->at++;
}

/* To the beginning of a capture. */
static int enter(struct prof_rows_cursor *c, int64_t profile, struct prof_err *e)
{
	int rc = prof_rows_enter(c, profile, e);

	if (!rc)
		rc = prof_held_transitions(c->held, e);
	if (rc)
		return rc;
	c->transitions.chains = c->transitions.by_goroutine && c->held->transitions.keeps;
	c->transitions.number = prof_transitions_since(&c->held->transitions, c->transitions.low);
	return 0;
}

/* To the next row that is asked for, from the one that it is at on. */
static int settle(struct prof_rows_cursor *c, struct prof_err *e)
{
	const struct prof_find_transitions *f = &c->transitions;
	int64_t profile;
	int rc = 1;

	while (rc > 0) {
		while (c->at < c->n && !is_asked(c))
			next_row(c);
		if (c->at < c->n && c->v[PROF_TRANSITION_T_NS][c->at] <= f->high)
			return 0;
		rc = c->held && c->at >= c->n ? next_page(c, e) : 0;
		if (rc)
			continue;
		stop(c);
		rc = c->all ? prof_rows_next_capture(c, &profile, e) : 0;
		if (rc > 0 && enter(c, profile, e))
			rc = e->code;
		c->end = !rc;
	}
	return rc;
}

/* Bounds of the integers that a value bounds; of what is no number SQLite knows better. */
static void bound(sqlite3_value *v, bool below, bool above, struct prof_find_transitions *f)
{
	int64_t low = INT64_MIN, high = INT64_MAX;

	if (sqlite3_value_numeric_type(v) == SQLITE_INTEGER) {
		low = high = sqlite3_value_int64(v);
	} else if (sqlite3_value_numeric_type(v) == SQLITE_FLOAT) {
		double x = sqlite3_value_double(v);

		if (x > -0x1p62 && x < 0x1p62) {
			low = (int64_t)x - 1;
			high = (int64_t)x + 1;
		}
	}
	if (below)
		f->low = low;
	if (above)
		f->high = high;
}

/* Whether there can be rows that have all of the values. */
static bool take_values(struct prof_find_transitions *f, int index, sqlite3_value **argv)
{
	for (uint8_t c = PROF_TRANSITION_GOROUTINE; c < PROF_TRANSITION_COLUMNS; c++) {
		int64_t *value = &f->value[f->n];
		bool is_state = c == PROF_TRANSITION_OLD || c == PROF_TRANSITION_NEW;

		if (!(index & 1 << (VALUE_SHIFT + c)))
			continue;
		if (is_state)
			*value = prof_rows_state(*argv++);
		else if (!prof_rows_whole(*argv++, value))
			return false;
		if (*value == PROF_ABSENT)
			return false;
		if (!f->has_who && (c == PROF_TRANSITION_GOROUTINE || c == PROF_TRANSITION_ACTOR)) {
			f->has_who = true;
			f->who = *value;
		}
		f->by_goroutine |= c == PROF_TRANSITION_GOROUTINE;
		f->columns[f->n++] = c;
	}
	return true;
}

static int filter(
	sqlite3_vtab_cursor *base, int index, const char *used, int argc, sqlite3_value **argv)
{
	struct prof_rows_cursor *c = (struct prof_rows_cursor *)base;
	struct prof_find_transitions *f = &c->transitions;
	struct prof_err e = {.offset = -1};
	int64_t profile = 0;
	int rc = 0;

	(void)argc;
	stop(c);
	*f = (struct prof_find_transitions){.low = INT64_MIN, .high = INT64_MAX};
	c->used = strtoull(used, NULL, 10);
	c->all = !(index & GIVEN);
	c->end = !c->all && !prof_rows_whole(*argv++, &profile);
	for (int k = AT; k <= UNTIL; k <<= 1)
		if (index & k)
			bound(*argv++, k != UNTIL, k != SINCE, f);
	c->end |= !take_values(f, index, argv);
	if (c->end)
		return SQLITE_OK;
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

	next_row(c);
	rc = settle(c, &e);
	return rc ? prof_rows_fail(base->pVtab, rc, &e) : SQLITE_OK;
}

const struct prof_rows_way prof_rows_find_transitions = {best_index, filter, next, stop};
