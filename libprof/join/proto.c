/* pprof's proto and topproto: what a report leaves of a profile, and the rows of top, as profiles.
 */
#include "libprof/analyse/filter.h"
#include "libprof/analyse/view.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"
#include "libprof/model/build.h"

static void scale_values(struct prof_profile *p, double ratio)
{
	for (size_t t = 0; t < p->values.n; t++)
		for (size_t i = 0; i < p->values.v[t].n; i++)
			p->values.v[t].v[i] = prof_to_i64((double)p->values.v[t].v[i] * ratio);
}

/* Only the function that holds the address is left of each location. */
static void drop_inlined(struct prof_profile *p, bool columns)
{
	for (size_t i = 0; i < p->locations.n; i++) {
		struct prof_location *l = &p->locations.v[i];

		if (l->n_lines > 1) {
			l->first_line += l->n_lines - 1;
			l->n_lines = 1;
		}
	}
	for (size_t i = 0; !columns && i < p->lines.n; i++)
		p->lines.v[i].column = 0;
	for (size_t i = 0; i < p->mappings.n; i++)
		p->mappings.v[i].has &= ~(unsigned)PROF_HAS_INLINE_FRAMES;
}

int prof_proto(struct prof_profile *p, const struct prof_view_opts *opts, unsigned *missed,
	prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct prof_view v;
	int rc = prof_view_init(&v, p, opts, missed, e);

	if (!rc && v.ratio > 0 && v.ratio != 1)
		scale_values(p, v.ratio);
	if (!rc && opts->no_inlines)
		drop_inlined(p, opts->show_columns);
	prof_view_fini(&v);
	return rc ? rc : prof_profile_write(p, PROF_WRITE_GZIP, write, ctx, e);
}

static int copy(struct prof_build *b, const struct prof_profile *p, uint32_t id, uint32_t *to)
{
	struct prof_str s = prof_profile_str(p, id);

	return prof_build_string(b, s.p, s.len, to);
}

static int header(struct prof_build *b, const struct prof_view *v)
{
	const struct prof_profile *p = v->p;
	uint32_t cum, flat, unit;
	int rc;

	if ((rc = prof_build_text(b, "cum", &cum)) || (rc = prof_build_text(b, "flat", &flat)) ||
		(rc = prof_build_string(b, v->out_unit.p, v->out_unit.len, &unit)) ||
		(rc = prof_vec_reserve(&b->p->mem, &b->p->types, 2, v->e)) ||
		(rc = copy(b, p, p->period_type.type, &b->p->period_type.type)) ||
		(rc = copy(b, p, p->period_type.unit, &b->p->period_type.unit)))
		return rc;
	b->p->types.v[b->p->types.n++] = (struct prof_value_type){cum, unit};
	b->p->types.v[b->p->types.n++] = (struct prof_value_type){flat, unit};
	b->p->time_ns = p->time_ns;
	b->p->duration_ns = p->duration_ns;
	b->p->period = p->period;
	return prof_profile_columns(b->p, 2, v->e);
}

/* A row's values are whole numbers of the unit that top would show: what pprof does. */
static int add_row(struct prof_build *b, const struct prof_view *v, uint32_t n)
{
	const struct prof_node_info *info = &v->g.nodes.v[n];
	struct prof_line line = {.line = info->line, .column = info->column};
	struct prof_str unit;
	uint32_t name, file, location, stack;
	int64_t values[2];
	int rc;

	values[0] = prof_to_i64(
		prof_unit_scale(prof_node_cum(&v->g.values[n]), v->unit, v->out_unit, &unit));
	values[1] = prof_to_i64(
		prof_unit_scale(prof_node_flat(&v->g.values[n]), v->unit, v->out_unit, &unit));
	if ((rc = copy(b, v->p, info->name, &name)) || (rc = copy(b, v->p, info->file, &file)) ||
		(rc = prof_build_function(b, name, file, info->start_line, &line.function)) ||
		(rc = prof_build_location(b, info->address, PROF_NONE, &line, 1, &location)) ||
		(rc = prof_build_stack(b, &location, 1, &stack)))
		return rc;
	return prof_build_sample(b, stack, 0, values);
}

static int build(struct prof_view *v, struct prof_profile **out)
{
	struct prof_limits limits;
	struct prof_build b;
	struct prof_profile *p;
	int rc;

	prof_limits_init(&limits);
	p = prof_profile_new(&limits, v->e);
	if (!p)
		return v->e->code;
	prof_build_init(&b, p, &limits, v->e);
	rc = header(&b, v);
	for (size_t i = 0; !rc && i < v->t.order.n; i++)
		rc = add_row(&b, v, v->t.order.v[i]);
	prof_build_fini(&b);
	for (size_t i = 0; i < p->functions.n; i++)
		p->functions.v[i].system_name = 0; /* a row has none */
	if (rc)
		prof_profile_free(p);
	else
		*out = p;
	return rc;
}

int prof_topproto(struct prof_profile *p, const struct prof_view_opts *opts, unsigned *missed,
	prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct prof_profile *rows = NULL;
	struct prof_view v;
	int rc = prof_view_init(&v, p, opts, missed, e);

	if (!rc)
		rc = prof_view_graph(&v, false, false, false);
	if (!rc)
		rc = build(&v, &rows);
	prof_view_fini(&v);
	if (!rc)
		rc = prof_profile_write(rows, PROF_WRITE_GZIP, write, ctx, e);
	prof_profile_free(rows);
	return rc;
}
