#include <stdlib.h>

#include "libprof/analyse/diff_impl.h"
#include "libprof/analyse/graph.h"
#include "libprof/analyse/nodes.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"

void prof_diff_opts_init(struct prof_diff_opts *opts)
{
	*opts = (struct prof_diff_opts){.row_count = 30};
}

int prof_diff_new(const struct prof_diff_opts *opts, struct prof_diff **out, struct prof_err *e)
{
	struct prof_diff *d = calloc(1, sizeof(*d));
	int rc;

	if (!d)
		return prof_nomem(e);
	d->mem.limit = SIZE_MAX / 2; /* smaller than the profiles, which have budgets */
	d->opts = *opts;
	prof_index_init(&d->index, &d->mem);
	rc = prof_strtab_init(&d->strings, &d->mem, e);
	if (rc)
		prof_diff_free(d);
	else
		*out = d;
	return rc;
}

void prof_diff_free(struct prof_diff *d)
{
	if (!d)
		return;
	prof_vec_fini(&d->mem, &d->rows);
	prof_index_fini(&d->index);
	prof_strtab_fini(&d->strings);
	free(d);
}

static int own(struct prof_diff *d, struct prof_str s, struct prof_str *out, struct prof_err *e)
{
	uint32_t id;
	int rc = prof_strtab_add(&d->strings, s.p, s.len, &id, e);

	if (!rc)
		*out = prof_strtab_get(&d->strings, id);
	return rc;
}

/* A row's key is what it is called: it means the same in both profiles. */
static int find_row(struct prof_diff *d, struct prof_str text, uint32_t *row, struct prof_err *e)
{
	uint32_t before = (uint32_t)d->strings.strs.n, id;
	int rc = prof_strtab_add(&d->strings, text.p, text.len, &id, e);
	struct prof_index_it it;
	uint64_t hash;

	if (rc)
		return rc;
	hash = prof_hash_mix(0, id);
	it = prof_index_first(&d->index, hash);
	while (id < before && (*row = prof_index_next(&d->index, &it)) != PROF_NONE)
		if (d->rows.v[*row].text == id)
			return 0;
	*row = (uint32_t)d->rows.n;
	if ((rc = prof_vec_reserve(&d->mem, &d->rows, 1, e)) ||
		(rc = prof_index_add(&d->index, hash, *row, e)))
		return rc;
	d->rows.v[d->rows.n++] = (struct diff_row){.text = id};
	return 0;
}

static int take_node(struct prof_diff *d, enum prof_side side, const struct prof_graph *g,
	uint32_t n, struct prof_buf *b, struct prof_err *e)
{
	const struct prof_node_info *info = &g->nodes.v[n];
	const struct prof_node_value *v = &g->values[n];
	struct prof_str name = prof_profile_str(g->profile, info->name);
	struct prof_str file = prof_profile_str(g->profile, info->file);
	struct diff_row *row;
	uint32_t i;
	int rc;

	if (!v->flat && !v->cum)
		return 0;
	b->n = 0;
	prof_node_name(g, n, b);
	if (b->code)
		return prof_nomem(e);
	rc = find_row(d, (struct prof_str){b->p, (uint32_t)b->n}, &i, e);
	if (rc)
		return rc;
	row = &d->rows.v[i];
	if (!row->name && (rc = prof_strtab_add(&d->strings, name.p, name.len, &row->name, e)))
		return rc;
	if (!row->file && (rc = prof_strtab_add(&d->strings, file.p, file.len, &row->file, e)))
		return rc;
	row->line = info->line;
	row->flat[side] = prof_add(row->flat[side], v->flat);
	row->cum[side] = prof_add(row->cum[side], v->cum);
	row->present[side] = true;
	return 0;
}

static int take_values(
	struct prof_diff *d, enum prof_side side, struct prof_profile *p, struct prof_err *e)
{
	struct prof_nodes_opts by = {.by = d->opts.by};
	struct prof_graph g;
	struct prof_buf b;
	int rc = prof_nodes_build(&g, p, &by, e);

	if (rc)
		return rc;
	prof_buf_init(&b, NULL, NULL);
	rc = prof_graph_values(&g, d->sides[side].index, false, e);
	for (uint32_t n = 0; !rc && n < g.nodes.n; n++)
		rc = take_node(d, side, &g, n, &b, e);
	prof_buf_fini(&b);
	prof_graph_fini(&g);
	return rc;
}

/* OLD's column of NEW's type. The index is looked up by name: the same kind of profile may have its
 * columns in another order.
 */
static int choose_type(
	struct prof_diff *d, enum prof_side side, struct prof_profile *p, struct prof_err *e)
{
	struct diff_side *s = &d->sides[side];
	const struct diff_side *new = &d->sides[PROF_NEW];
	int rc;

	if (side == PROF_NEW)
		return prof_profile_sample_index(p, d->opts.sample_index, &s->index, e);
	rc = prof_profile_sample_index(p, "0", &s->index, e);
	if (rc)
		return rc;
	for (uint32_t t = 0; t < p->types.n; t++) {
		if (!prof_str_eq(prof_profile_str(p, p->types.v[t].type), new->type))
			continue;
		s->index = t;
		if (prof_unit_compatible(prof_profile_str(p, p->types.v[t].unit), new->unit))
			return 0;
		return prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"not comparable: %.40s is in %.30s here and in %.30s there", new->type.p,
			prof_profile_str(p, p->types.v[t].unit).p, new->unit.p);
	}
	return prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
		"not comparable: it has no sample type %.60s, which the new profile has",
		new->type.p);
}

/* How much was counted: the sum of the first type where that is a count, else the file's samples.
 */
static int64_t counted(const struct prof_profile *p)
{
	int64_t n = 0;

	if (!prof_str_eq(prof_profile_str(p, p->types.v[0].unit), PROF_STR("count")))
		return (int64_t)p->sample_stack.n;
	for (size_t i = 0; i < p->sample_stack.n; i++)
		n = prof_add(n, p->values.v[0].v[i]);
	return n;
}

static int take_header(struct prof_diff *d, enum prof_side side, const struct prof_profile *p,
	const char *name, struct prof_err *e)
{
	struct diff_side *s = &d->sides[side];
	struct prof_value_type type = p->types.v[s->index];
	struct prof_str binary = PROF_STR(""), build = PROF_STR("");
	int rc;

	if (p->mappings.n) {
		binary = prof_str_base(prof_profile_str(p, p->mappings.v[0].file));
		build = prof_profile_str(p, p->mappings.v[0].build_id);
		if (!p->mappings.v[0].file)
			binary = PROF_STR("");
	}
	s->time_ns = p->time_ns;
	s->duration_ns = p->duration_ns;
	s->period = p->period;
	s->total = prof_graph_total(p, s->index, false);
	s->samples = (int64_t)p->sample_stack.n;
	s->counts = counted(p);
	if ((rc = own(d, prof_str_of(name), &s->name, e)) || (rc = own(d, binary, &s->binary, e)) ||
		(rc = own(d, build, &s->build_id, e)) ||
		(rc = own(d, prof_profile_str(p, type.type), &s->type, e)) ||
		(rc = own(d, prof_profile_str(p, type.unit), &s->unit, e)) ||
		(rc = own(d, prof_profile_str(p, p->period_type.type), &s->period_type, e)) ||
		(rc = own(d, prof_profile_str(p, p->period_type.unit), &s->period_unit, e)))
		return rc;
	s->added = true;
	return 0;
}

int prof_diff_add(struct prof_diff *d, enum prof_side side, struct prof_profile *p,
	const char *name, struct prof_err *e)
{
	unsigned missed;
	int rc = choose_type(d, side, p, e);

	if (!rc)
		rc = take_header(d, side, p, name, e);
	if (!rc)
		rc = prof_filter_uninteresting(p, e);
	if (!rc)
		rc = prof_filter(p, &d->opts.filter, &missed, e);
	if (!rc)
		d->missed[side] = missed;
	return rc ? rc : take_values(d, side, p, e);
}

/* pprof scales samples and adds; here NEW is long gone when OLD's total is known, so the sums are
 * scaled: less rounding, not more.
 *
 * Brings both sides to the finer of the two units, and NEW to OLD's total where that is asked for.
 */
void prof_diff_scale(struct prof_diff *d)
{
	struct diff_side *old = &d->sides[PROF_OLD], *new = &d->sides[PROF_NEW];
	struct prof_str unit;
	double to_old = prof_unit_scale(1, new->unit, old->unit, &unit), ratio[2] = {1, 1};

	if (!prof_str_eq(old->unit, new->unit)) {
		if (to_old >= 1)
			ratio[PROF_NEW] = to_old;
		else
			ratio[PROF_OLD] = prof_unit_scale(1, old->unit, new->unit, &unit);
		d->unit = to_old >= 1 ? old->unit : new->unit;
	} else {
		d->unit = old->unit;
	}
	old->total = prof_scale(old->total, ratio[PROF_OLD]);
	new->total = prof_scale(new->total, ratio[PROF_NEW]);
	d->normalized = 1;
	if (d->opts.normalize && old->total && new->total) {
		d->normalized = (double)old->total / (double)new->total;
		ratio[PROF_NEW] *= d->normalized;
		new->total = prof_scale(new->total, d->normalized);
	}
	for (size_t i = 0; i < d->rows.n; i++) {
		struct diff_row *row = &d->rows.v[i];

		for (int s = 0; s < 2; s++) {
			row->flat[s] = prof_scale(row->flat[s], ratio[s]);
			row->cum[s] = prof_scale(row->cum[s], ratio[s]);
		}
	}
}
