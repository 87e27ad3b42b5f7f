/* Samples, stacks and functions as rows. */
#include <stdio.h>
#include <stdlib.h>

#include "libprof/base/escape.h"
#include "libprof/join/sql.h"

enum { PROFILE, SAMPLE, TYPE, UNIT, VALUE, NODE, LEAF, STACK, LABELS, N_SAMPLES };

static struct prof_cell str(struct prof_str s)
{
	return prof_cell_str(s);
}

static struct prof_str function_name(const struct prof_profile *p, uint32_t line)
{
	return prof_profile_str(p, p->functions.v[p->lines.v[line].function].name);
}

/* "root;caller;leaf"; addresses where there are no names. */
static void put_stack(
	const struct prof_profile *p, uint32_t stack, bool leaf_only, struct prof_buf *b)
{
	uint32_t begin = p->stack_start.v[stack], end = p->stack_start.v[stack + 1];

	if (leaf_only && end > begin)
		end = begin + 1;
	for (uint32_t i = end; i > begin; i--) {
		const struct prof_location *l = &p->locations.v[p->stack_loc.v[i - 1]];
		uint32_t lines = leaf_only && l->n_lines ? 1 : l->n_lines;

		if (b->n && lines)
			prof_buf_char(b, ';');
		for (uint32_t k = lines; k > 0; k--) {
			struct prof_str s = function_name(p, l->first_line + k - 1);

			prof_buf_put(b, s.p, s.len);
			if (k > 1)
				prof_buf_char(b, ';');
		}
		if (!lines) {
			prof_buf_str(b, b->n ? ";0x" : "0x");
			prof_buf_hex(b, l->address, 0);
		}
	}
}

static void put_labels(const struct prof_profile *p, uint32_t set, struct prof_buf *b)
{
	prof_buf_char(b, '{');
	for (uint32_t i = p->label_start.v[set]; i < p->label_start.v[set + 1]; i++) {
		const struct prof_label *l = &p->labels.v[i];

		if (i > p->label_start.v[set])
			prof_buf_str(b, ", ");
		prof_buf_json(b, prof_profile_str(p, l->key));
		prof_buf_str(b, ": ");
		if (l->is_str)
			prof_buf_json(b, prof_profile_str(p, l->str));
		else
			prof_buf_i64(b, l->num);
	}
	prof_buf_char(b, '}');
}

/* What the buffer holds, as a cell, where the column is asked for. */
static int take(struct prof_sql_call *c, unsigned column, struct prof_buf *b, struct prof_cell *out)
{
	struct prof_str s = {b->p, (uint32_t)b->n};
	int rc;

	*out = PROF_NULL_CELL;
	if (!(c->used & UINT64_C(1) << column))
		return 0;
	rc = b->code ? prof_nomem(c->e) : prof_report_keep(c->r, &s, c->e);
	*out = prof_cell_str(s);
	b->n = 0;
	return rc;
}

/* The rows of one profile; `nodes` NULL: it is not of the archive. */
static int samples(struct prof_sql_call *c, const struct prof_profile *p, int64_t id,
	const uint32_t *nodes, int64_t service)
{
	struct prof_cell row[N_SAMPLES];
	struct prof_buf b;
	int rc = 0;

	prof_buf_init(&b, NULL, NULL);
	row[PROFILE] = nodes ? prof_cell_int(id) : PROF_NULL_CELL;
	for (size_t i = 0; !rc && i < p->sample_stack.n; i++) {
		uint32_t stack = p->sample_stack.v[i];

		row[SAMPLE] = prof_cell_int((int64_t)i);
		row[NODE] = nodes ? prof_cell_int(service << 32 | nodes[i]) : PROF_NULL_CELL;
		if (c->used & 1 << LEAF)
			put_stack(p, stack, true, &b);
		rc = take(c, LEAF, &b, &row[LEAF]);
		if (c->used & 1 << STACK)
			put_stack(p, stack, false, &b);
		if (!rc)
			rc = take(c, STACK, &b, &row[STACK]);
		if (c->used & 1 << LABELS)
			put_labels(p, p->sample_labels.v[i], &b);
		if (!rc)
			rc = take(c, LABELS, &b, &row[LABELS]);
		for (size_t t = 0; !rc && t < p->types.n; t++) {
			row[TYPE] = str(prof_profile_str(p, p->types.v[t].type));
			row[UNIT] = str(prof_profile_str(p, p->types.v[t].unit));
			row[VALUE] = prof_cell_int(p->values.v[t].v[i]);
			rc = prof_report_row(c->r, row, c->e);
		}
	}
	prof_buf_fini(&b);
	return rc;
}

static int samples_of(struct prof_sql_call *c, struct prof_store *s, const struct prof_entry *x)
{
	struct prof_store_service *service;
	struct prof_packed k;
	struct prof_profile *p;
	int rc = prof_store_service(s, x->service_id, &service, c->e);

	if (rc)
		return rc;
	prof_packed_init(&k, s->limits.memory_bytes);
	rc = prof_store_samples(s, x, service, &k, c->e);
	if (!rc)
		rc = prof_unpack(&service->dict, &k, &s->limits, &p, c->e);
	if (!rc) {
		rc = samples(c, p, x->id, k.nodes.v, x->service_id);
		prof_profile_free(p);
	}
	prof_packed_fini(&k);
	return rc;
}

/* Profiles on their way to being rows, one at a time. */
struct samples {
	struct prof_selection s;
	size_t done;
};

int prof_sql_samples(struct prof_sql_call *c, void **state)
{
	struct samples *x = *state;
	struct prof_store *store;
	int rc = prof_sql_store(c->sql, &store, c->e);

	if (!rc && !x) {
		*state = x = calloc(1, sizeof(*x));
		rc = x ? prof_sql_select(c->args[0], store, &x->s, c->e) : prof_nomem(c->e);
	}
	if (rc || x->done == x->s.n)
		return rc;
	rc = samples_of(c, store, &x->s.catalog.entries.v[x->s.v[x->done++]]);
	return rc ? rc : x->done < x->s.n;
}

void prof_sql_end_samples(void *state)
{
	struct samples *x = state;

	if (x)
		prof_selection_fini(&x->s);
	free(x);
}

int prof_sql_file(struct prof_sql_call *c)
{
	const char *path = prof_sql_text(c->args[0]);
	struct prof_profile *p;
	int rc;

	if (!path)
		return 0;
	rc = prof_profile_open(path, &c->sql->limits, &p, c->e);
	if (rc)
		return rc;
	rc = samples(c, p, 0, NULL, 0);
	prof_profile_free(p);
	return rc;
}

/* What a build says about a location and a function, by looking through it. */
static const struct prof_build_loc *find_loc(const struct prof_dict_build *b, uint32_t loc)
{
	for (size_t i = 0; b && i < b->locs.n; i++)
		if (b->locs.v[i].loc == loc)
			return &b->locs.v[i];
	return NULL;
}

static const struct prof_build_func *find_func(const struct prof_dict_build *b, uint32_t func)
{
	for (size_t i = 0; b && i < b->funcs.n; i++)
		if (b->funcs.v[i].func == func)
			return &b->funcs.v[i];
	return NULL;
}

static int frames(struct prof_sql_call *c, const struct prof_dict *d,
	const struct prof_dict_build *b, uint32_t loc, int64_t *depth)
{
	const struct prof_dict_loc *l = &d->locs.v[loc];
	const struct prof_build_loc *at = find_loc(b, loc);
	int rc = 0;

	for (uint32_t i = 0; !rc && i < (l->n_lines ? l->n_lines : 1); i++) {
		struct prof_cell row[7] = {prof_cell_int((*depth)++)};

		if (l->n_lines) {
			const struct prof_dict_line *line = &d->lines.v[l->first_line + i];
			const struct prof_dict_func *f = &d->funcs.v[line->func];
			const struct prof_build_func *start = find_func(b, line->func);

			row[1] = str(prof_dict_str(d, f->name));
			row[2] = str(prof_dict_str(d, f->file));
			row[3] = prof_cell_int(line->rel_line);
			if (start)
				row[4] = prof_cell_int((int64_t)((uint64_t)line->rel_line +
								 (uint64_t)start->start_line));
		}
		if (at)
			row[5] = prof_cell_uint(at->address);
		row[6] = prof_cell_bool(i + 1 < l->n_lines);
		rc = prof_report_row(c->r, row, c->e);
	}
	return rc;
}

/* The build of the profile that the second argument names, where there is one. */
static int build_of(struct prof_sql_call *c, struct prof_store *store, int64_t service,
	const struct prof_store_service *v, const struct prof_dict_build **out)
{
	struct prof_catalog catalog;
	int rc;

	*out = NULL;
	if (!prof_sql_text(c->args[1]))
		return 0;
	rc = prof_catalog_read(&catalog, store->h, sqlite3_value_int64(c->args[1]),
		store->limits.memory_bytes, c->e);
	if (!rc && (catalog.entries.n != 1 || catalog.entries.v[0].service_id != service ||
			   catalog.entries.v[0].build >= v->dict.builds.n))
		rc = prof_fail(c->e, PROF_EUSAGE, PROF_NO_OFFSET,
			"no profile of that id has such a stack");
	if (!rc)
		*out = v->dict.builds.v[catalog.entries.v[0].build];
	prof_catalog_fini(&catalog);
	return rc;
}

/* The service of a node, whose number may be any. */
static int find_service(struct prof_sql_call *c, struct prof_store *store, int64_t id,
	struct prof_store_service **out)
{
	char sql[80];
	int64_t is = 0;
	int rc;

	snprintf(sql, sizeof(sql), "SELECT 1 FROM service WHERE id = %lld", (long long)id);
	rc = prof_db_int(store->h, sql, 0, &is, c->e);
	if (!rc && !is)
		rc = prof_fail(c->e, PROF_EUSAGE, PROF_NO_OFFSET, "there is no such stack");
	return rc ? rc : prof_store_service(store, id, out, c->e);
}

int prof_sql_stack(struct prof_sql_call *c)
{
	int64_t id = sqlite3_value_int64(c->args[0]), service = id >> 32, depth = 0;
	uint32_t node = (uint32_t)id;
	const struct prof_dict_build *build;
	struct prof_store_service *v;
	struct prof_store *store;
	int rc;

	if (!prof_sql_text(c->args[0]))
		return 0;
	if ((rc = prof_sql_store(c->sql, &store, c->e)) ||
		(rc = find_service(c, store, service, &v)) ||
		(rc = build_of(c, store, service, v, &build)))
		return rc;
	if (node >= v->dict.nodes.n)
		return prof_fail(c->e, PROF_EUSAGE, PROF_NO_OFFSET, "there is no such stack");
	for (; !rc && node; node = v->dict.nodes.v[node].parent)
		rc = frames(c, &v->dict, build, v->dict.nodes.v[node].loc, &depth);
	return rc;
}

static int functions(
	struct prof_sql_call *c, struct prof_store *store, int64_t id, struct prof_str service)
{
	struct prof_store_service *v;
	int rc = prof_store_service(store, id, &v, c->e);

	for (uint32_t i = 1; !rc && i < v->dict.funcs.n; i++) {
		const struct prof_dict_func *f = &v->dict.funcs.v[i];
		const struct prof_cell row[] = {str(service), str(prof_dict_str(&v->dict, f->name)),
			str(prof_dict_str(&v->dict, f->system_name)),
			str(prof_dict_str(&v->dict, f->file))};

		rc = prof_report_row(c->r, row, c->e);
	}
	return rc;
}

static int by_service(const void *a, const void *b)
{
	const struct prof_entry *p = a, *q = b;

	return (p->service_id > q->service_id) - (p->service_id < q->service_id);
}

/* Services as the catalog has them, whose names are checked with its rows. */
int prof_sql_functions_of(struct prof_sql_call *c)
{
	const char *name = prof_sql_text(c->args[0]);
	struct prof_catalog catalog = {0};
	struct prof_store *store;
	int rc = prof_sql_store(c->sql, &store, c->e);

	if (rc)
		return rc;
	rc = prof_catalog_read(&catalog, store->h, 0, store->limits.memory_bytes, c->e);
	if (!rc && catalog.entries.n)
		qsort(catalog.entries.v, catalog.entries.n, sizeof(*catalog.entries.v), by_service);
	for (size_t i = 0; !rc && i < catalog.entries.n; i++) {
		const struct prof_entry *x = &catalog.entries.v[i];

		if ((i && x->service_id == x[-1].service_id) ||
			(name && !prof_str_eq(x->service, prof_str_of(name))))
			continue;
		rc = functions(c, store, x->service_id, x->service);
	}
	prof_catalog_fini(&catalog);
	return rc;
}
