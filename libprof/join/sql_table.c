/* A function as a virtual table of SQLite: its arguments are hidden columns that must be given. */
#include <stdio.h>
#include <stdlib.h>

#include "libprof/join/sql.h"

const struct prof_sql_function prof_sql_functions[] = {
	{"prof_samples",
#include "sql/prof_samples.inc"
		, 9, 1, 1, false, NULL, prof_sql_samples, prof_sql_end_samples},
	{"prof_file",
#include "sql/prof_file.inc"
		, 9, 1, 1, true, prof_sql_file, NULL, NULL},
	{"prof_stack",
#include "sql/prof_stack.inc"
		, 7, 2, 1, false, prof_sql_stack, NULL, NULL},
	{"prof_functions",
#include "sql/prof_functions.inc"
		, 4, 1, 0, false, prof_sql_functions_of, NULL, NULL},
	{"prof_top",
#include "sql/prof_top.inc"
		, 6, 2, 1, false, prof_sql_top, NULL, NULL},
	{"prof_flame",
#include "sql/prof_flame.inc"
		, 7, 2, 1, false, prof_sql_flame, NULL, NULL},
	{"prof_diff",
#include "sql/prof_diff.inc"
		, 8, 3, 2, false, prof_sql_diff, NULL, NULL},
	{"prof_gc",
#include "sql/prof_gc.inc"
		, 20, 1, 1, true, prof_sql_gc, NULL, NULL},
	{"prof_events",
#include "sql/prof_events.inc"
		, 13, 1, 1, true, NULL, prof_sql_events, prof_sql_end_trace},
	{"prof_transitions",
#include "sql/prof_transitions.inc"
		, 10, 1, 1, true, NULL, prof_sql_transitions, prof_sql_end_trace},
	{"prof_goroutines",
#include "sql/prof_goroutines.inc"
		, 14, 1, 1, true, NULL, prof_sql_goroutines, prof_sql_end_trace},
	{0},
};

/* What a module knows: its function and what all of the connection share. */
struct module {
	const struct prof_sql_function *f;
	struct prof_sql *sql;
};

struct table {
	sqlite3_vtab base;
	const struct module *m;
};

enum { MOST_ARGS = 3 };

struct cursor {
	sqlite3_vtab_cursor base;
	struct prof_report *r;
	sqlite3_value *args[MOST_ARGS];
	size_t row;
	uint64_t used;
	/* Of rows that come in parts: */
	void *state;
	size_t before; /* rows of the parts before */
	bool more;
};

static int connect(
	sqlite3 *h, void *aux, int argc, const char *const *argv, sqlite3_vtab **out, char **why)
{
	const struct module *m = aux;
	struct table *t;
	int rc = sqlite3_declare_vtab(h, m->f->schema);

	(void)argc;
	(void)argv;
	(void)why;
	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_vtab_config(
		h, m->f->reads_files ? SQLITE_VTAB_DIRECTONLY : SQLITE_VTAB_INNOCUOUS);
	t = rc == SQLITE_OK ? sqlite3_malloc(sizeof(*t)) : NULL;
	if (!t)
		return rc != SQLITE_OK ? rc : SQLITE_NOMEM;
	*t = (struct table){.m = m};
	*out = &t->base;
	return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *t)
{
	sqlite3_free(t);
	return SQLITE_OK;
}

/* Bits 0 …: which arguments are given, in the order of xFilter's values; idxStr: columns asked for.
 */
static int best_index(sqlite3_vtab *base, sqlite3_index_info *x)
{
	const struct prof_sql_function *f = ((struct table *)base)->m->f;
	int place[MOST_ARGS] = {-1, -1, -1}, given = 0, next = 1;
	bool unusable = false;

	for (int i = 0; i < x->nConstraint; i++) {
		int arg = x->aConstraint[i].iColumn - (int)f->columns;

		if (arg < 0 || arg >= (int)f->args ||
			x->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
			continue;
		if (x->aConstraint[i].usable)
			place[arg] = i;
		else
			unusable = true;
	}
	for (int arg = 0; arg < (int)f->args; arg++) {
		if (place[arg] < 0)
			continue;
		given |= 1 << arg;
		x->aConstraintUsage[place[arg]].argvIndex = next++;
		x->aConstraintUsage[place[arg]].omit = 1;
	}
	if (unusable)
		return SQLITE_CONSTRAINT;
	x->idxNum = given;
	x->idxStr = sqlite3_mprintf("%llu", (unsigned long long)x->colUsed);
	x->needToFreeIdxStr = 1;
	x->estimatedCost = 1e6;
	x->estimatedRows = 1000;
	return x->idxStr ? SQLITE_OK : SQLITE_NOMEM;
}

static int open_cursor(sqlite3_vtab *t, sqlite3_vtab_cursor **out)
{
	struct cursor *c = sqlite3_malloc(sizeof(*c));

	(void)t;
	if (!c)
		return SQLITE_NOMEM;
	*c = (struct cursor){0};
	*out = &c->base;
	return SQLITE_OK;
}

static void clear(struct cursor *c)
{
	const struct prof_sql_function *f = ((struct table *)c->base.pVtab)->m->f;

	prof_report_free(c->r);
	c->r = NULL;
	c->row = c->before = 0;
	c->more = false;
	if (f->end)
		f->end(c->state);
	c->state = NULL;
	for (unsigned i = 0; i < MOST_ARGS; i++) {
		sqlite3_value_free(c->args[i]);
		c->args[i] = NULL;
	}
}

static int close_cursor(sqlite3_vtab_cursor *base)
{
	clear((struct cursor *)base);
	sqlite3_free(base);
	return SQLITE_OK;
}

static int fail(struct table *t, int rc, const struct prof_err *e)
{
	sqlite3_free(t->base.zErrMsg);
	t->base.zErrMsg = sqlite3_mprintf("%s: %s", t->m->f->name, e->msg);
	return rc == PROF_ENOMEM ? SQLITE_NOMEM : SQLITE_ERROR;
}

/* The next part that has rows, in place of the one before. */
static int next_part(struct table *t, struct cursor *c, struct prof_err *e)
{
	struct prof_sql_call call = {.sql = t->m->sql, .args = c->args, .used = c->used, .e = e};
	int rc = 1;

	do {
		c->before += c->r->n_rows;
		prof_report_free(c->r);
		c->r = call.r = prof_report_new(t->m->f->name, e);
		if (!c->r)
			return PROF_ENOMEM;
		c->r->n_columns = t->m->f->columns;
		c->row = 0;
		rc = t->m->f->more(&call, &c->state);
	} while (rc > 0 && !c->r->n_rows);
	c->more = rc > 0;
	return rc < 0 ? rc : 0;
}

/* Rows of a call, or the next of them, while the work for them is counted. */
static int make_rows(struct table *t, struct cursor *c, struct prof_sql_call *call)
{
	struct prof_sql *sql = t->m->sql;
	int rc;

	prof_db_guard_start(sql->guard);
	rc = t->m->f->more ? next_part(t, c, call->e) : t->m->f->fill(call);
	if (sql->store)
		prof_store_idle(sql->store);
	prof_db_guard_stop(sql->guard);
	return rc;
}

static int filter(
	sqlite3_vtab_cursor *base, int given, const char *used, int argc, sqlite3_value **argv)
{
	struct cursor *c = (struct cursor *)base;
	struct table *t = (struct table *)base->pVtab;
	const struct prof_sql_function *f = t->m->f;
	struct prof_err e = {.offset = -1};
	struct prof_sql_call call = {.sql = t->m->sql, .e = &e};
	int rc = 0, next = 0;

	clear(c);
	for (unsigned i = 0; i < f->args && next < argc; i++)
		if (given & 1 << i && !(c->args[i] = sqlite3_value_dup(argv[next++])))
			return SQLITE_NOMEM;
	for (unsigned i = 0; i < f->required; i++)
		if (!c->args[i])
			rc = prof_fail(&e, PROF_EUSAGE, PROF_NO_OFFSET, "needs %u argument%s",
				f->required, f->required > 1 ? "s" : "");
	call.args = c->args;
	call.used = c->used = strtoull(used, NULL, 10);
	if (!rc && !(c->r = call.r = prof_report_new(f->name, &e)))
		rc = PROF_ENOMEM;
	if (!rc) {
		c->r->n_columns = f->columns;
		rc = make_rows(t, c, &call);
	}
	return rc ? fail(t, rc, &e) : SQLITE_OK;
}

static int next(sqlite3_vtab_cursor *base)
{
	struct cursor *c = (struct cursor *)base;
	struct table *t = (struct table *)base->pVtab;
	struct prof_err e = {.offset = -1};
	struct prof_sql_call call = {.e = &e};
	int rc = 0;

	if (++c->row == c->r->n_rows && c->more)
		rc = make_rows(t, c, &call);
	return rc ? fail(t, rc, &e) : SQLITE_OK;
}

static int eof(sqlite3_vtab_cursor *base)
{
	const struct cursor *c = (struct cursor *)base;

	return !c->r || c->row >= c->r->n_rows;
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *out, int i)
{
	const struct cursor *c = (struct cursor *)base;
	const struct prof_cell *cell;
	size_t arg = (size_t)i - c->r->n_columns;

	if ((size_t)i >= c->r->n_columns) {
		if (arg < MOST_ARGS && c->args[arg])
			sqlite3_result_value(out, c->args[arg]);
		return SQLITE_OK;
	}
	cell = &c->r->cells.v[c->row * c->r->n_columns + (size_t)i];
	switch (cell->kind) {
	case PROF_CELL_BOOL:
		sqlite3_result_int(out, cell->b);
		break;
	case PROF_CELL_INT:
		sqlite3_result_int64(out, cell->i);
		break;
	case PROF_CELL_UINT:
		sqlite3_result_int64(out, (int64_t)cell->u);
		break;
	case PROF_CELL_REAL:
		sqlite3_result_double(out, cell->f);
		break;
	case PROF_CELL_STR:
		sqlite3_result_text64(out, cell->s.p, cell->s.len, SQLITE_TRANSIENT, SQLITE_UTF8);
		break;
	default:
		sqlite3_result_null(out);
	}
	return SQLITE_OK;
}

static int rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
	const struct cursor *c = (struct cursor *)base;

	*out = (int64_t)(c->before + c->row) + 1;
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

void prof_sql_drop(struct prof_sql *sql)
{
	if (--sql->modules)
		return;
	prof_store_close(sql->store);
	free(sql);
}

static void drop(void *aux)
{
	struct module *m = aux;

	prof_sql_drop(m->sql);
	free(m);
}

static int register_functions(struct prof_sql *sql, struct prof_err *e)
{
	for (const struct prof_sql_function *f = prof_sql_functions; f->name; f++) {
		struct module *m = malloc(sizeof(*m));

		if (!m)
			return prof_nomem(e);
		*m = (struct module){f, sql};
		sql->modules++;
		/* What fails has dropped it. */
		if (sqlite3_create_module_v2(sql->h, f->name, &methods, m, drop) != SQLITE_OK)
			return prof_nomem(e);
	}
	return 0;
}

int prof_sql_register(sqlite3 *h, struct prof_db_guard *guard, const struct prof_limits *limits,
	struct prof_err *e)
{
	struct prof_sql *sql = calloc(1, sizeof(*sql));
	int rc;

	if (!sql)
		return prof_nomem(e);
	sql->h = h;
	sql->guard = guard;
	if (limits)
		sql->limits = *limits;
	else
		prof_limits_init(&sql->limits);
	sql->modules = 1; /* ours, until all are there */
	rc = register_functions(sql, e);
	if (!rc)
		rc = prof_sql_register_rows(sql, e);
	prof_sql_drop(sql);
	return rc;
}

const char *prof_sql_text(sqlite3_value *v)
{
	return v && sqlite3_value_type(v) != SQLITE_NULL ? (const char *)sqlite3_value_text(v)
							 : NULL;
}

int prof_sql_store(struct prof_sql *sql, struct prof_store **out, struct prof_err *e)
{
	int64_t version = 0, changes = sqlite3_total_changes(sql->h);
	int rc;

	if (!sql->store && ((rc = prof_db_check(sql->h, e)) ||
				   (rc = prof_store_borrow(&sql->store, sql->h, &sql->limits, e))))
		return rc;
	rc = prof_db_int(sql->h, "PRAGMA data_version", 0, &version, e);
	if (rc)
		return rc;
	if (version != sql->data_version || changes != sql->changes) {
		prof_store_forget_services(sql->store);
		sql->held = NULL; /* cursors that are there still have it */
	}
	sql->data_version = version;
	sql->changes = changes;
	*out = sql->store;
	return 0;
}
