/* Reports as rows. */
#include "libprof/analyse/graph.h"
#include "libprof/analyse/nodes.h"
#include "libprof/join/sql.h"

int prof_sql_select(
	sqlite3_value *ids, struct prof_store *store, struct prof_selection *s, struct prof_err *e)
{
	const char *query = prof_sql_text(ids);

	*s = (struct prof_selection){0};
	return query ? prof_selection_of(s, store, query, false, e) : 0;
}

int prof_sql_merged(struct prof_sql *sql, sqlite3_value *ids, enum prof_granularity by,
	struct prof_profile **out, struct prof_err *e)
{
	struct prof_selection s = {0};
	struct prof_store *store;
	int rc = prof_sql_store(sql, &store, e);

	*out = NULL;
	if (rc)
		return rc;
	rc = prof_sql_select(ids, store, &s, e);
	if (!rc && s.n)
		rc = prof_selection_merge(&s, by, out, e);
	prof_selection_fini(&s);
	return rc;
}

/* The place of a column by its key. */
static size_t column(const struct prof_report *r, const char *key)
{
	size_t i = 0;

	while (i < r->n_columns && (!r->columns[i].key || strcmp(r->columns[i].key, key) != 0))
		i++;
	return i;
}

static struct prof_cell cell(const struct prof_report *r, size_t row, size_t at)
{
	return at < r->n_columns ? r->cells.v[row * r->n_columns + at] : PROF_NULL_CELL;
}

static struct prof_cell field(const struct prof_report *r, const char *key)
{
	for (size_t i = 0; i < r->fields.n; i++)
		if (strcmp(r->fields.v[i].key, key) == 0)
			return r->fields.v[i].value;
	return PROF_NULL_CELL;
}

int prof_sql_top(struct prof_sql_call *c)
{
	struct prof_view_opts opts;
	struct prof_profile *p;
	struct prof_report *top;
	int rc = prof_sql_merged(c->sql, c->args[0], PROF_BY_FUNCTION, &p, c->e);

	if (rc || !p)
		return rc;
	prof_view_opts_init(&opts);
	opts.sample_index = prof_sql_text(c->args[1]);
	opts.node_count = 0;
	opts.node_fraction = 0;
	rc = prof_top(p, &opts, NULL, &top, c->e);
	prof_profile_free(p);
	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < top->n_rows; i++) {
		const struct prof_cell row[] = {cell(top, i, column(top, "name")),
			cell(top, i, column(top, "flat")), cell(top, i, column(top, "cum")),
			field(top, "total"), field(top, "sample_type"), field(top, "unit")};

		rc = prof_report_row(c->r, row, c->e);
	}
	prof_report_free(top);
	return rc;
}

/* Takes over both profiles. */
static int compare(struct prof_profile *p[2], const struct prof_diff_opts *opts,
	struct prof_report **out, struct prof_err *e)
{
	struct prof_diff *d;
	int rc = prof_diff_new(opts, &d, e);

	if (rc)
		return rc;
	rc = prof_diff_add(d, PROF_NEW, p[1], "new", e);
	p[1] = NULL;
	if (!rc) {
		rc = prof_diff_add(d, PROF_OLD, p[0], "old", e);
		p[0] = NULL;
	}
	if (!rc)
		rc = prof_diff_report(d, out, e);
	prof_diff_free(d);
	return rc;
}

int prof_sql_diff(struct prof_sql_call *c)
{
	struct prof_profile *p[2] = {NULL, NULL};
	struct prof_report *diff = NULL;
	struct prof_diff_opts opts;
	int rc = prof_sql_merged(c->sql, c->args[0], PROF_BY_ADDRESS, &p[0], c->e);

	if (!rc)
		rc = prof_sql_merged(c->sql, c->args[1], PROF_BY_ADDRESS, &p[1], c->e);
	prof_diff_opts_init(&opts);
	opts.sample_index = prof_sql_text(c->args[2]);
	opts.row_count = 0;
	if (!rc && p[0] && p[1])
		rc = compare(p, &opts, &diff, c->e);
	for (size_t i = 0; !rc && diff && i < diff->n_rows; i++) {
		static const char *const keys[] = {"name", "flat.old", "flat.new", "flat.change",
			"cum.old", "cum.new", "cum.change"};
		struct prof_cell row[8];

		for (size_t k = 0; k < 7; k++)
			row[k] = cell(diff, i, column(diff, keys[k]));
		row[7] = field(diff, "unit");
		rc = prof_report_row(c->r, row, c->e);
	}
	prof_report_free(diff);
	prof_profile_free(p[0]);
	prof_profile_free(p[1]);
	return rc;
}

/* How many callers are above node i of a call tree. */
static int64_t depth(const struct prof_graph *g, uint32_t i)
{
	int64_t n = 0;

	for (i = g->parents.v[i]; i != PROF_NONE; i = g->parents.v[i])
		n++;
	return n;
}

static int flame_rows(struct prof_sql_call *c, const struct prof_graph *g, struct prof_str unit)
{
	int rc = 0;

	for (uint32_t i = 0; !rc && i < g->nodes.n; i++) {
		const struct prof_node_info *info = &g->nodes.v[i];
		uint32_t parent = g->parents.v[i];
		const struct prof_cell row[] = {prof_cell_int((int64_t)i + 1),
			parent == PROF_NONE ? PROF_NULL_CELL : prof_cell_int((int64_t)parent + 1),
			c->used & 4 ? prof_cell_int(depth(g, i)) : PROF_NULL_CELL,
			prof_cell_str(prof_profile_str(g->profile, info->name)),
			prof_cell_int(g->values[i].flat), prof_cell_int(g->values[i].cum),
			prof_cell_str(unit)};

		rc = prof_report_row(c->r, row, c->e);
	}
	return rc;
}

int prof_sql_flame(struct prof_sql_call *c)
{
	const struct prof_nodes_opts opts = {.by = PROF_BY_FUNCTION};
	struct prof_graph g = {0};
	struct prof_profile *p;
	uint32_t index;
	int rc = prof_sql_merged(c->sql, c->args[0], PROF_BY_FUNCTION, &p, c->e);

	if (rc || !p)
		return rc;
	rc = prof_profile_sample_index(p, prof_sql_text(c->args[1]), &index, c->e);
	if (!rc)
		rc = prof_nodes_build(&g, p, &opts, c->e);
	if (!rc)
		rc = prof_graph_calltree(&g, index, false, 0, c->e);
	if (!rc)
		rc = flame_rows(c, &g, prof_profile_str(p, p->types.v[index].unit));
	prof_graph_fini(&g);
	prof_profile_free(p);
	return rc;
}
