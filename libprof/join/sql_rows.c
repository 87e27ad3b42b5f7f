/* Rows of captures as virtual tables of SQLite. A cursor goes through one capture after another, or
 * is at one. It reads what it is asked for once page by page; what it is asked for again, as joins
 * do, is held whole.
 */
#include <stdlib.h>

#include "libprof/join/sql.h"
#include "libprof/join/sql_held.h"
#include "libprof/join/sql_rows.h"
#include "libprof/model/timeline.h"

enum { CAPTURES = 50 }; /* that the planner expects */

/* xBestIndex tells xFilter: bit 0, a profile is given; above, the column to look rows up by, plus
 * one; 0: none.
 */
enum { GIVEN = 1, KEY_SHIFT = 1 };

struct module {
	const struct prof_shown_table *t;
	struct prof_sql *sql;
};

struct table {
	sqlite3_vtab base;
	const struct module *m;
};

struct cursor {
	sqlite3_vtab_cursor base;
	struct prof_store *store;
	struct prof_held *held; /* the capture that it is or was at; NULL: none yet */
	uint64_t used; /* bits of the columns that are asked for */
	bool all; /* captures, not one */
	bool end;
	int key; /* column that rows are looked up by; -1: none */
	int64_t value; /* of theirs */

	/* Rows that it is in: of a page of `rows`, or of a table that is held. */
	struct prof_capture_rows rows;
	bool streams;
	int64_t *const *v;
	size_t first, n, at; /* at: the row, less first */
	const struct prof_held_key *hit, *hits_end; /* those with the key's value, where held */
	bool hits;
};

static int connect(
	sqlite3 *h, void *aux, int argc, const char *const *argv, sqlite3_vtab **out, char **why)
{
	const struct module *m = aux;
	struct table *t;
	int rc = sqlite3_declare_vtab(h, m->t->schema);

	(void)argc;
	(void)argv;
	(void)why;
	if (rc == SQLITE_OK)
		rc = sqlite3_vtab_config(h, SQLITE_VTAB_INNOCUOUS);
	if (rc != SQLITE_OK)
		return rc;
	t = sqlite3_malloc(sizeof(*t));
	if (!t)
		return SQLITE_NOMEM;
	*t = (struct table){.m = m};
	*out = &t->base;
	return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *t)
{
	sqlite3_free(t);
	return SQLITE_OK;
}

/* Rows come by profile and place, which is what rowids count by. */
static bool in_order(const struct prof_shown_table *t, const sqlite3_index_info *x, bool given)
{
	for (int i = 0; i < x->nOrderBy; i++) {
		int column = x->aOrderBy[i].iColumn;
		bool profile = column >= 0 && t->columns[column].what == PROF_SHOW_PROFILE;

		if (x->aOrderBy[i].desc)
			return false;
		if (column < 0 || (given && t->columns[column].what == PROF_SHOW_PLACE))
			return true;
		if (!profile)
			return false;
		given = true;
	}
	return true;
}

static int best_index(sqlite3_vtab *base, sqlite3_index_info *x)
{
	const struct prof_shown_table *t = ((struct table *)base)->m->t;
	int profile = -1, key = -1, next = 1;

	for (int i = 0; i < x->nConstraint; i++) {
		int column = x->aConstraint[i].iColumn;

		if (!x->aConstraint[i].usable || column < 0 ||
			x->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
			continue;
		if (t->columns[column].what == PROF_SHOW_PROFILE)
			profile = i;
		else if (t->columns[column].key &&
			 (key < 0 || column < x->aConstraint[key].iColumn))
			key = i;
	}
	x->estimatedRows = t->expected;
	if (profile < 0) {
		key = -1;
		x->estimatedRows *= CAPTURES;
	} else {
		x->aConstraintUsage[profile].argvIndex = next++;
		x->aConstraintUsage[profile].omit = 1;
		x->idxNum = GIVEN;
	}
	x->estimatedCost = (double)x->estimatedRows;
	if (key >= 0) {
		x->aConstraintUsage[key].argvIndex = next;
		x->aConstraintUsage[key].omit = 1;
		x->idxNum |= (x->aConstraint[key].iColumn + 1) << KEY_SHIFT;
		x->estimatedRows = 1 + t->expected / 100;
		x->estimatedCost = (double)x->estimatedRows + 1;
	}
	x->orderByConsumed = x->nOrderBy > 0 && in_order(t, x, profile >= 0);
	x->idxStr = sqlite3_mprintf("%llu", (unsigned long long)x->colUsed);
	x->needToFreeIdxStr = 1;
	return x->idxStr ? SQLITE_OK : SQLITE_NOMEM;
}

static int fail(sqlite3_vtab *base, int rc, const struct prof_err *e)
{
	static const char damaged[] = "is damaged: ";
	bool is_damaged = !strncmp(e->msg, damaged, sizeof(damaged) - 1);

	sqlite3_free(base->zErrMsg);
	base->zErrMsg = sqlite3_mprintf("%s: %s", ((struct table *)base)->m->t->name,
		e->msg + (is_damaged ? sizeof(damaged) - 1 : 0)); /* which the status says */
	return rc == PROF_ENOMEM ? SQLITE_NOMEM : is_damaged ? SQLITE_CORRUPT : SQLITE_ERROR;
}

static struct prof_held *hold(struct prof_held *h)
{
	if (h)
		h->refs++;
	return h;
}

static void let_go(struct prof_sql *sql, struct prof_held *h)
{
	if (prof_held_drop(h) && sql->held == h)
		sql->held = NULL;
}

static int open_cursor(sqlite3_vtab *base, sqlite3_vtab_cursor **out)
{
	struct prof_sql *sql = ((struct table *)base)->m->sql;
	struct prof_err e = {.offset = -1};
	struct cursor *c;
	struct prof_store *store;
	int rc;

	prof_db_guard_start(sql->guard);
	rc = prof_sql_store(sql, &store, &e);
	prof_db_guard_stop(sql->guard);
	if (rc)
		return fail(base, rc, &e);
	c = sqlite3_malloc(sizeof(*c));
	if (!c)
		return SQLITE_NOMEM;
	*c = (struct cursor){.store = store, .held = hold(sql->held)};
	*out = &c->base;
	return SQLITE_OK;
}

static void stop(struct cursor *c)
{
	if (c->streams)
		prof_capture_rows_fini(&c->rows);
	c->streams = c->hits = c->end = false;
	c->n = c->at = c->first = 0;
}

static int close_cursor(sqlite3_vtab_cursor *base)
{
	struct cursor *c = (struct cursor *)base;

	stop(c);
	let_go(((struct table *)base->pVtab)->m->sql, c->held);
	sqlite3_free(c);
	return SQLITE_OK;
}

/* What the columns that are asked for need besides the rows. */
static int need(
	struct prof_held *h, const struct prof_shown_table *t, uint64_t used, struct prof_err *e)
{
	bool strings = false, groups = false;
	int rc = 0;

	for (unsigned i = 0; i < t->n; i++) {
		if (!(used & UINT64_C(1) << i))
			continue;
		strings |= t->columns[i].what == PROF_SHOW_STRING;
		groups |= t->columns[i].what == PROF_SHOW_ENTRY ||
			  t->columns[i].what == PROF_SHOW_CREATOR;
	}
	if (strings)
		rc = prof_held_strings(h, e);
	return !rc && groups ? prof_held_groups(h, e) : rc;
}

/* Rows of a table that is held: all, or those with the key's value. */
static int take_held(struct cursor *c, const struct prof_shown_table *t, struct prof_err *e)
{
	struct prof_held_table *x = &c->held->tables[t->rows];
	int rc = prof_held_keep(c->held, t->rows, e);

	if (rc)
		return rc;
	c->v = x->v;
	c->first = 0;
	c->n = x->n;
	if (c->key < 0)
		return 0;
	if (t->columns[c->key].what == PROF_SHOW_PLACE) {
		c->at = (uint64_t)c->value < x->n ? (size_t)c->value : x->n;
		c->n = c->at < x->n ? c->at + 1 : x->n;
		return 0;
	}
	c->hits = true;
	return prof_held_find(
		c->held, t->rows, t->columns[c->key].a, c->value, &c->hit, &c->hits_end, e);
}

/* To the beginning of a capture. */
static int enter(struct cursor *c, int64_t profile, struct prof_err *e)
{
	const struct table *table = (const struct table *)c->base.pVtab;
	const struct prof_shown_table *t = table->m->t;
	struct prof_sql *sql = table->m->sql;
	int rc = 0;

	if (!c->held || c->held->profile != profile) {
		struct prof_held *h = NULL;

		if (sql->held && sql->held->profile == profile)
			h = hold(sql->held);
		else
			rc = prof_held_new(c->store, sql->guard, profile, &h, e);
		if (rc)
			return rc;
		let_go(sql, c->held);
		c->held = sql->held = h;
	}
	if (!c->held->there)
		return 0;
	rc = need(c->held, t, c->used, e);
	if (rc)
		return rc;
	if (c->held->tables[t->rows].asked++)
		return take_held(c, t, e);
	c->streams = true;
	prof_db_guard_start(sql->guard);
	rc = prof_capture_rows_open(&c->rows, c->store, profile, t->rows, e);
	prof_db_guard_stop(sql->guard);
	return rc;
}

/* Whether a row has the key's value. */
static bool is_asked(const struct cursor *c, const struct prof_shown_table *t)
{
	const struct prof_shown_column *k = &t->columns[c->key < 0 ? 0 : c->key];

	if (c->key < 0)
		return true;
	return k->what == PROF_SHOW_PLACE
		       ? (uint64_t)c->value == c->first + c->at
		       : c->v[k->a][c->at] == c->value && c->value != PROF_ABSENT;
}

/* The next page of a capture: 1, or 0 behind its last. */
static int next_page(struct cursor *c, const struct prof_shown_table *t, struct prof_err *e)
{
	struct prof_db_guard *guard = ((const struct table *)c->base.pVtab)->m->sql->guard;
	int rc;

	if (!c->streams)
		return 0;
	prof_db_guard_start(guard);
	rc = prof_capture_rows_next(&c->rows, e);
	prof_db_guard_stop(guard);
	if (rc > 0 && prof_held_check(c->held, t->rows, c->rows.v, c->rows.n, e))
		rc = e->code;
	if (rc > 0) {
		c->v = c->rows.v;
		c->first = c->rows.first;
		c->n = c->rows.n;
		c->at = 0;
	}
	return rc;
}

/* To the beginning of the next capture: 1, or 0 behind the last. */
static int next_capture(struct cursor *c, struct prof_err *e)
{
	struct prof_db_guard *guard = ((const struct table *)c->base.pVtab)->m->sql->guard;
	int64_t profile;
	int rc;

	prof_db_guard_start(guard);
	rc = prof_capture_next(c->store, c->held ? c->held->profile : INT64_MIN, &profile, e);
	prof_db_guard_stop(guard);
	if (rc > 0 && enter(c, profile, e))
		rc = e->code;
	return rc;
}

/* To the next row that is asked for, from the one that it is at on. */
static int settle(struct cursor *c, struct prof_err *e)
{
	const struct prof_shown_table *t = ((const struct table *)c->base.pVtab)->m->t;
	int rc = 1;

	while (rc > 0) {
		if (c->hits) {
			if (c->hit < c->hits_end) {
				c->at = c->hit->row;
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
		rc = c->all ? next_capture(c, e) : 0;
		c->end = !rc;
	}
	return rc;
}

/* An integer that a value is equal to, where there is one. */
static bool whole(sqlite3_value *v, int64_t *out)
{
	double f;

	switch (sqlite3_value_numeric_type(v)) {
	case SQLITE_INTEGER:
		*out = sqlite3_value_int64(v);
		return true;
	case SQLITE_FLOAT:
		f = sqlite3_value_double(v);
		if (!(f >= -0x1p63 && f < 0x1p63) || f != (double)(int64_t)f)
			return false;
		*out = (int64_t)f;
		return true;
	default:
		return false;
	}
}

static int filter(
	sqlite3_vtab_cursor *base, int index, const char *used, int argc, sqlite3_value **argv)
{
	struct cursor *c = (struct cursor *)base;
	struct prof_err e = {.offset = -1};
	int64_t profile = 0;
	int rc = 0;

	stop(c);
	c->used = strtoull(used, NULL, 10);
	c->all = !(index & GIVEN);
	c->key = (index >> KEY_SHIFT) - 1;
	if ((!c->all && !whole(argv[0], &profile)) ||
		(c->key >= 0 && !whole(argv[argc - 1], &c->value))) {
		c->end = true;
		return SQLITE_OK;
	}
	if (c->all) {
		let_go(((struct table *)base->pVtab)->m->sql, c->held);
		c->held = NULL;
	} else {
		rc = enter(c, profile, &e);
	}
	if (!rc)
		rc = settle(c, &e);
	return rc ? fail(base->pVtab, rc, &e) : SQLITE_OK;
}

static int next(sqlite3_vtab_cursor *base)
{
	struct cursor *c = (struct cursor *)base;
	struct prof_err e = {.offset = -1};
	int rc;

	if (c->hits)
		c->hit++;
	else
		c->at++;
	rc = settle(c, &e);
	return rc ? fail(base->pVtab, rc, &e) : SQLITE_OK;
}

static int eof(sqlite3_vtab_cursor *base)
{
	return ((struct cursor *)base)->end;
}

static void put_number(sqlite3_context *out, int64_t v)
{
	if (v != PROF_ABSENT)
		sqlite3_result_int64(out, v);
}

static void put_string(sqlite3_context *out, const struct prof_held *h, int64_t id)
{
	if (id != PROF_ABSENT) {
		struct prof_str s = prof_strtab_get(&h->strings, (uint32_t)id);

		sqlite3_result_text64(out, s.p, s.len, SQLITE_TRANSIENT, SQLITE_UTF8);
	}
}

static void put_name(sqlite3_context *out, const char *const *names, size_t n, int64_t v)
{
	if (v >= 0 && (uint64_t)v < n && names[v])
		sqlite3_result_text(out, names[v], -1, SQLITE_STATIC);
}

static void put_group(sqlite3_context *out, const struct cursor *c, enum prof_rows rows, bool entry)
{
	int64_t group = c->v[prof_rows_group(rows)][c->at];
	const struct prof_held_group *g = &c->held->groups.v[group];

	put_string(out, c->held, entry ? g->entry : g->creator);
}

/* What SQL makes of sums that are too large. */
static void put_sum(sqlite3_context *out, const int64_t *v, size_t n)
{
	double f = 0;
	int64_t sum = 0;
	bool fits = true;

	for (size_t i = 0; i < n; i++) {
		if (v[i] == PROF_ABSENT)
			return;
		f += (double)v[i];
		fits &= !(v[i] > 0 ? sum > INT64_MAX - v[i] : sum < INT64_MIN - v[i]);
		sum = (int64_t)((uint64_t)sum + (uint64_t)v[i]);
	}
	if (fits)
		sqlite3_result_int64(out, sum);
	else
		sqlite3_result_double(out, f);
}

/* Its pauses, assists and workers; a log's dedicated ones have the fractional ones with them. */
static void put_gc_cpu(sqlite3_context *out, const struct cursor *c)
{
	int64_t fractional = c->v[10][c->at];
	const int64_t parts[] = {c->v[6][c->at], c->v[7][c->at], c->v[8][c->at], c->v[9][c->at],
		fractional == PROF_ABSENT ? 0 : fractional};

	put_sum(out, parts, sizeof(parts) / sizeof(parts[0]));
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *out, int i)
{
	static const char *const states[] = {
		[2] = "runnable", [3] = "running", [4] = "waiting", [5] = "system call"};
	static const char *const times[] = {
		"lifetime", "running", "runnable", "waiting", "system call"};
	const struct cursor *c = (const struct cursor *)base;
	const struct prof_shown_table *t = ((const struct table *)base->pVtab)->m->t;
	const struct prof_shown_column *x = &t->columns[i];

	switch ((enum prof_shown)x->what) {
	case PROF_SHOW_PROFILE:
		sqlite3_result_int64(out, c->held->profile);
		break;
	case PROF_SHOW_PLACE:
		sqlite3_result_int64(out, (int64_t)(c->first + c->at));
		break;
	case PROF_SHOW_NUMBER:
		put_number(out, c->v[x->a][c->at]);
		break;
	case PROF_SHOW_STRING:
		put_string(out, c->held, c->v[x->a][c->at]);
		break;
	case PROF_SHOW_STATE:
		put_name(out, states, sizeof(states) / sizeof(states[0]), c->v[x->a][c->at]);
		break;
	case PROF_SHOW_TIME:
		put_name(out, times, sizeof(times) / sizeof(times[0]), c->v[x->a][c->at]);
		break;
	case PROF_SHOW_ENTRY:
	case PROF_SHOW_CREATOR:
		put_group(out, c, t->rows, x->what == PROF_SHOW_ENTRY);
		break;
	case PROF_SHOW_DURATION:
		if (c->v[x->a][c->at] != PROF_ABSENT) {
			const int64_t ends[] = {
				c->v[x->b][c->at], (int64_t)(0 - (uint64_t)c->v[x->a][c->at])};

			put_sum(out, ends, 2);
		}
		break;
	case PROF_SHOW_GC_CPU:
		put_gc_cpu(out, c);
		break;
	}
	return SQLITE_OK;
}

static int rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
	const struct cursor *c = (const struct cursor *)base;

	*out = (int64_t)((uint64_t)c->held->profile << 32 | (uint32_t)(c->first + c->at));
	return SQLITE_OK;
}

static const sqlite3_module methods = {.iVersion = 0,
	.xConnect = connect,
	.xBestIndex = best_index,
	.xDisconnect = disconnect,
	.xOpen = open_cursor,
	.xClose = close_cursor,
	.xFilter = filter,
	.xNext = next,
	.xEof = eof,
	.xColumn = column,
	.xRowid = rowid};

static void drop(void *aux)
{
	struct module *m = aux;

	prof_sql_drop(m->sql);
	free(m);
}

int prof_sql_register_rows(struct prof_sql *sql, struct prof_err *e)
{
	for (const struct prof_shown_table *t = prof_shown_tables; t->name; t++) {
		struct module *m = malloc(sizeof(*m));

		if (!m)
			return prof_nomem(e);
		*m = (struct module){t, sql};
		sql->modules++;
		if (sqlite3_create_module_v2(sql->h, t->name, &methods, m, drop) != SQLITE_OK)
			return prof_nomem(e);
	}
	return 0;
}
