/* Rows of captures as virtual tables of SQLite. A cursor goes through one capture after another, or
 * is at one.
 */
#include <stdlib.h>

#include "libprof/join/sql_cursor.h"
#include "libprof/model/timeline.h"
#include "libprof/model/trace.h"

static const char *const states[] = {
	"unknown", "none", "runnable", "running", "waiting", "system call"};

enum { STATES = sizeof(states) / sizeof(states[0]) };

const struct prof_shown_table *prof_rows_table(const struct prof_rows_cursor *c)
{
	return ((const struct prof_rows_vtab *)c->base.pVtab)->m->t;
}

struct prof_db_guard *prof_rows_guard(const struct prof_rows_cursor *c)
{
	return ((const struct prof_rows_vtab *)c->base.pVtab)->m->sql->guard;
}

int64_t prof_rows_state(sqlite3_value *v)
{
	for (int64_t i = 0; sqlite3_value_type(v) == SQLITE_TEXT && i < STATES; i++)
		if (!strcmp((const char *)sqlite3_value_text(v), states[i]))
			return i;
	return PROF_ABSENT;
}

static const struct prof_rows_way *way_of(const struct prof_shown_table *t)
{
	return t->rows == PROF_ROWS_TRANSITION ? &prof_rows_find_transitions : &prof_rows_find;
}

static int connect(
	sqlite3 *h, void *aux, int argc, const char *const *argv, sqlite3_vtab **out, char **why)
{
	const struct prof_rows_module *m = aux;
	struct prof_rows_vtab *t;
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
	*t = (struct prof_rows_vtab){.m = m};
	*out = &t->base;
	return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *t)
{
	sqlite3_free(t);
	return SQLITE_OK;
}

static int best_index(sqlite3_vtab *base, sqlite3_index_info *x)
{
	return way_of(((struct prof_rows_vtab *)base)->m->t)->best_index(base, x);
}

bool prof_rows_in_order(
	const struct prof_shown_table *t, const sqlite3_index_info *x, bool given, int by)
{
	for (int i = 0; i < x->nOrderBy; i++) {
		int column = x->aOrderBy[i].iColumn;
		bool profile = column >= 0 && t->columns[column].what == PROF_SHOW_PROFILE;

		if (x->aOrderBy[i].desc)
			return false;
		if (column < 0 || (given && t->columns[column].what == PROF_SHOW_PLACE))
			return true;
		if (given && column == by)
			return i + 1 == x->nOrderBy;
		if (!profile)
			return false;
		given = true;
	}
	return true;
}

bool prof_rows_plan_profile(const struct prof_shown_table *t, sqlite3_index_info *x, int *next)
{
	for (int i = x->nConstraint; i--;) {
		const struct sqlite3_index_constraint *k = &x->aConstraint[i];

		if (!k->usable || k->iColumn < 0 || k->op != SQLITE_INDEX_CONSTRAINT_EQ ||
			t->columns[k->iColumn].what != PROF_SHOW_PROFILE)
			continue;
		x->aConstraintUsage[i].argvIndex = (*next)++;
		x->aConstraintUsage[i].omit = 1;
		return true;
	}
	return false;
}

int prof_rows_plan_used(sqlite3_index_info *x)
{
	x->idxStr = sqlite3_mprintf("%llu", (unsigned long long)x->colUsed);
	x->needToFreeIdxStr = 1;
	return x->idxStr ? SQLITE_OK : SQLITE_NOMEM;
}

int prof_rows_fail(sqlite3_vtab *base, int rc, const struct prof_err *e)
{
	static const char damaged[] = "is damaged: ";
	bool is_damaged = !strncmp(e->msg, damaged, sizeof(damaged) - 1);

	sqlite3_free(base->zErrMsg);
	base->zErrMsg = sqlite3_mprintf("%s: %s", ((struct prof_rows_vtab *)base)->m->t->name,
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
	struct prof_sql *sql = ((struct prof_rows_vtab *)base)->m->sql;
	struct prof_err e = {.offset = -1};
	struct prof_rows_cursor *c;
	struct prof_store *store;
	int rc;

	prof_db_guard_start(sql->guard);
	rc = prof_sql_store(sql, &store, &e);
	prof_db_guard_stop(sql->guard);
	if (rc)
		return prof_rows_fail(base, rc, &e);
	c = sqlite3_malloc(sizeof(*c));
	if (!c)
		return SQLITE_NOMEM;
	*c = (struct prof_rows_cursor){.store = store, .held = hold(sql->held)};
	*out = &c->base;
	return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *base)
{
	struct prof_rows_cursor *c = (struct prof_rows_cursor *)base;

	way_of(prof_rows_table(c))->stop(c);
	let_go(((struct prof_rows_vtab *)base->pVtab)->m->sql, c->held);
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

int prof_rows_enter(struct prof_rows_cursor *c, int64_t profile, struct prof_err *e)
{
	struct prof_sql *sql = ((const struct prof_rows_vtab *)c->base.pVtab)->m->sql;
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
	return c->held->there ? need(c->held, prof_rows_table(c), c->used, e) : 0;
}

int prof_rows_next_capture(struct prof_rows_cursor *c, int64_t *profile, struct prof_err *e)
{
	struct prof_db_guard *guard = prof_rows_guard(c);
	int rc;

	prof_db_guard_start(guard);
	rc = prof_capture_next(c->store, c->held ? c->held->profile : INT64_MIN, profile, e);
	prof_db_guard_stop(guard);
	return rc;
}

void prof_rows_rewind(struct prof_rows_cursor *c)
{
	let_go(((struct prof_rows_vtab *)c->base.pVtab)->m->sql, c->held);
	c->held = NULL;
}

bool prof_rows_whole(sqlite3_value *v, int64_t *out)
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
	const struct prof_rows_way *way = way_of(
		prof_rows_table((const struct prof_rows_cursor *)base));

	return way->filter(base, index, used, argc, argv);
}

static int next(sqlite3_vtab_cursor *base)
{
	return way_of(prof_rows_table((const struct prof_rows_cursor *)base))->next(base);
}

static int eof(sqlite3_vtab_cursor *base)
{
	return ((struct prof_rows_cursor *)base)->end;
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

static void put_group(
	sqlite3_context *out, const struct prof_rows_cursor *c, enum prof_rows rows, bool entry)
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
static void put_gc_cpu(sqlite3_context *out, const struct prof_rows_cursor *c)
{
	int64_t fractional = c->v[10][c->at];
	const int64_t parts[] = {c->v[6][c->at], c->v[7][c->at], c->v[8][c->at], c->v[9][c->at],
		fractional == PROF_ABSENT ? 0 : fractional};

	put_sum(out, parts, sizeof(parts) / sizeof(parts[0]));
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *out, int i)
{
	static const char *const times[] = {
		"lifetime", "running", "runnable", "waiting", "system call"};
	const struct prof_rows_cursor *c = (const struct prof_rows_cursor *)base;
	const struct prof_shown_table *t = prof_rows_table(c);
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
		if (c->v[x->a][c->at] > PROF_G_NOT_EXIST)
			put_name(out, states, STATES, c->v[x->a][c->at]);
		break;
	case PROF_SHOW_ANY_STATE:
		put_name(out, states, STATES, c->v[x->a][c->at]);
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
	const struct prof_rows_cursor *c = (const struct prof_rows_cursor *)base;

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
	struct prof_rows_module *m = aux;

	prof_sql_drop(m->sql);
	free(m);
}

int prof_sql_register_rows(struct prof_sql *sql, struct prof_err *e)
{
	for (const struct prof_shown_table *t = prof_shown_tables; t->name; t++) {
		struct prof_rows_module *m = malloc(sizeof(*m));

		if (!m)
			return prof_nomem(e);
		*m = (struct prof_rows_module){t, sql};
		sql->modules++;
		if (sqlite3_create_module_v2(sql->h, t->name, &methods, m, drop) != SQLITE_OK)
			return prof_nomem(e);
	}
	return 0;
}
