#include "libprof/analyse/view.h"

#include "libprof/analyse/filter.h"
#include "libprof/analyse/graph.h"
#include "libprof/analyse/head.h"
#include "libprof/analyse/nodes.h"
#include "libprof/analyse/source_trim.h"
#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"

void prof_view_opts_init(struct prof_view_opts *opts)
{
	*opts = (struct prof_view_opts){.node_count = -1,
		.node_fraction = 0.005,
		.edge_fraction = 0.001,
		.unit = "minimum",
		.divide_by = 1};
}

static int filter(struct prof_view *v, unsigned *missed)
{
	unsigned more;
	int rc = prof_filter(v->p, &v->opts.filter, &more, v->e);

	if (missed && !rc)
		*missed |= more;
	return rc;
}

int prof_view_init(struct prof_view *v, struct prof_profile *p, const struct prof_view_opts *opts,
	unsigned *missed, struct prof_err *e)
{
	unsigned none = 0;
	int rc;

	*v = (struct prof_view){.p = p, .opts = *opts, .e = e};
	missed = missed ? missed : &none;
	*missed = 0;
	if (opts->divide_by == 0)
		return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET, "zero divisor specified");
	if ((rc = prof_profile_sample_index(p, opts->sample_index, &v->index, e)) ||
		(rc = prof_label_units(p, &v->label_units, e)) ||
		(rc = prof_add_label_frames(
			 p, opts->tag_root, opts->tag_leaf, opts->unit, missed, e)) ||
		(opts->relative_percentages && (rc = filter(v, missed))))
		return rc;
	v->total = prof_graph_total(p, v->index, opts->mean);
	v->unit = prof_profile_str(p, p->types.v[v->index].unit);
	v->out_unit = prof_str_of(opts->unit);
	v->ratio = 1 / opts->divide_by;
	if (opts->no_trim)
		v->opts.node_count = 0, v->opts.node_fraction = v->opts.edge_fraction = 0;
	return opts->relative_percentages ? 0 : filter(v, missed);
}

void prof_view_fini(struct prof_view *v)
{
	prof_trimmed_fini(&v->t);
	prof_graph_fini(&v->g);
	prof_label_units_free(v->p, v->label_units);
}

int prof_view_nodes(struct prof_view *v, bool objects)
{
	struct prof_nodes_opts nodes = {.by = v->opts.by,
		.no_inlines = v->opts.no_inlines,
		.show_columns = v->opts.show_columns,
		.split_by_object = true,
		.objects = objects,
		.untrimmed = v->untrimmed};

	return prof_nodes_build(&v->g, v->p, &nodes, v->e);
}

/* pprof's selectOutputUnit. */
void prof_view_choose_unit(struct prof_view *v, bool integers)
{
	int64_t least = 0, most = v->total;

	if (!prof_str_eq(v->out_unit, PROF_STR("minimum")) || !v->t.order.n)
		return;
	for (size_t i = 0; i < v->t.order.n; i++) {
		const struct prof_node_value *n = &v->g.values[v->t.order.v[i]];
		int64_t a = prof_abs(prof_node_flat(n));

		if (!a)
			a = prof_abs(prof_node_cum(n));
		if (a > 0 && (!least || a < least))
			least = a;
	}
	if (!least)
		least = most;
	if (v->ratio > 0 && v->ratio != 1) {
		least = prof_to_i64((double)least * v->ratio);
		most = prof_to_i64((double)most * v->ratio);
	}
	v->out_unit = prof_report_unit(least, most, v->unit, integers);
}

int prof_view_values(struct prof_view *v, bool objects, bool tree, double fraction)
{
	int rc = prof_source_trim_files(v->p, v->opts.trim_path, v->opts.source_path, v->e);

	if (rc || (rc = prof_view_nodes(v, objects)))
		return rc;
	return tree ? prof_graph_calltree(&v->g, v->index, v->opts.mean, fraction, v->e)
		    : prof_graph_values(&v->g, v->index, v->opts.mean, v->e);
}

struct prof_trim_opts prof_view_trim_opts(const struct prof_view *v)
{
	return (struct prof_trim_opts){.cum = v->opts.cum,
		.drop_negative = v->opts.drop_negative,
		.node_count = v->opts.node_count,
		.node_fraction = v->opts.node_fraction,
		.edge_fraction = v->opts.edge_fraction};
}

int prof_view_graph(struct prof_view *v, bool objects, bool integers, bool tree)
{
	struct prof_trim_opts trim = prof_view_trim_opts(v);
	int rc = prof_view_values(v, objects, tree, 0);

	if (!rc)
		rc = prof_trim(&v->t, &v->g, &trim, v->e);
	if (!rc)
		prof_view_choose_unit(v, integers);
	return rc;
}

static struct prof_head head_of(const struct prof_view *v)
{
	return (struct prof_head){.profile = v->p,
		.index = v->index,
		.mean = v->opts.mean,
		.compact = v->opts.compact && !v->whole_head,
		.time_text = v->opts.time_text,
		.filter = &v->opts.filter,
		.total = v->total};
}

static int take_units(const struct prof_view *v, struct prof_report *r)
{
	int rc;

	r->unit = v->unit;
	r->out_unit = v->out_unit;
	r->ratio = v->ratio;
	rc = prof_report_keep(r, &r->unit, v->e);
	return rc ? rc : prof_report_keep(r, &r->out_unit, v->e);
}

int prof_view_fields(const struct prof_view *v, struct prof_report *r)
{
	struct prof_str type = prof_profile_str(v->p, v->p->types.v[v->index].type);
	int rc;

	if ((rc = prof_report_field(r, "sample_type", prof_cell_str(type), v->e)) ||
		(rc = prof_report_field(r, "unit", prof_cell_str(v->unit), v->e)))
		return rc;
	return prof_report_field(r, "total", prof_cell_int(v->total), v->e);
}

/* "checkout: cpu 3.49s" */
static int put_headline(const struct prof_view *v, struct prof_report *r)
{
	const struct prof_profile *p = v->p;
	struct prof_buf b;
	int rc;

	prof_buf_init(&b, NULL, NULL);
	if (p->mappings.n && p->mappings.v[0].file) {
		prof_buf_plain(&b, prof_str_base(prof_profile_str(p, p->mappings.v[0].file)));
		prof_buf_str(&b, ": ");
	}
	prof_buf_plain(&b, prof_profile_str(p, p->types.v[v->index].type));
	prof_buf_char(&b, ' ');
	prof_view_put(v, &b, v->total);
	rc = prof_report_headline(r, &b, v->e);
	prof_buf_fini(&b);
	return rc;
}

int prof_view_head(const struct prof_view *v, struct prof_report *r)
{
	struct prof_head h = head_of(v);
	int rc = take_units(v, r);

	h.shows_part = true;
	h.shown_nodes = v->t.order.n;
	h.nodes = v->t.before_count;
	h.dropped_nodes = v->t.dropped;
	h.node_fraction = v->opts.node_fraction;
	h.dropped_edges = v->dropped_edges;
	h.edge_fraction = v->opts.edge_fraction;
	for (size_t i = 0; i < v->t.order.n; i++)
		h.shown = prof_add(h.shown, prof_node_flat(&v->g.values[v->t.order.v[i]]));
	if (!rc)
		rc = put_headline(v, r);
	return rc ? rc : prof_head_report(&h, r, v->e);
}

int prof_view_profile_head(const struct prof_view *v, struct prof_report *r)
{
	struct prof_head h = head_of(v);
	int rc = take_units(v, r);

	h.compact = false;
	if (!rc)
		rc = put_headline(v, r);
	return rc ? rc : prof_head_report(&h, r, v->e);
}

void prof_view_put(const struct prof_view *v, struct prof_buf *b, int64_t value)
{
	prof_fmt_value(b, value, v->ratio, v->unit, v->out_unit);
}
