#include <stdlib.h>

#include "libprof/analyse/graph.h"
#include "libprof/analyse/picture.h"
#include "libprof/analyse/short_name.h"
#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"
#include "libprof/model/diagram.h"

/* prof_graph of prof.h: pprof's call graph as a diagram. */
struct chart {
	struct prof_view v;
	struct prof_picture picture;
	struct prof_report *r;
	struct prof_diagram *d;
	struct prof_buf text;
	struct prof_err *e;
};

static int keep_text(struct chart *x, struct prof_str *s)
{
	*s = (struct prof_str){x->text.p, (uint32_t)x->text.n};
	return x->text.code ? prof_nomem(x->e) : prof_report_keep(x->r, s, x->e);
}

/* Where a node is, as the end of its name says it; "" for one that is a whole function. */
static void put_place(struct chart *x, const struct prof_node_info *n)
{
	const struct prof_profile *p = x->v.p;
	struct prof_str file = prof_profile_str(p, n->file);

	file = file.len ? prof_str_base(file) : file;
	if (n->line) {
		prof_buf_put(&x->text, file.p, file.len);
		prof_buf_printf(&x->text, ":%lld", (long long)n->line);
		if (n->column)
			prof_buf_printf(&x->text, ":%lld", (long long)n->column);
	} else if (file.len) {
		prof_buf_put(&x->text, file.p, file.len);
	} else if (n->name) {
		return;
	} else if (n->object) {
		struct prof_str base = prof_str_base(prof_profile_str(p, n->object));

		prof_buf_char(&x->text, '[');
		prof_buf_put(&x->text, base.p, base.len);
		prof_buf_char(&x->text, ']');
	} else {
		prof_buf_str(&x->text, "<unknown>");
	}
}

static int add_node(struct chart *x, uint32_t id)
{
	const struct prof_node_info *info = &x->v.g.nodes.v[id];
	const struct prof_node_value *value = &x->v.g.values[id];
	struct prof_diagram_node n = {.address = info->address,
		.flat = prof_node_flat(value),
		.cum = prof_node_cum(value),
		.first_tag = (uint32_t)x->d->tags.n};
	int rc;

	x->text.n = 0;
	prof_node_name(&x->v.g, id, &x->text);
	if ((rc = keep_text(x, &n.name)))
		return rc;
	x->text.n = 0;
	prof_short_name(prof_profile_str(x->v.p, info->name), &x->text);
	if ((rc = keep_text(x, &n.short_name)))
		return rc;
	x->text.n = 0;
	put_place(x, info);
	if ((rc = keep_text(x, &n.place)) ||
		(rc = prof_vec_reserve(&x->r->mem, &x->d->nodes, 1, x->e)))
		return rc;
	x->d->nodes.v[x->d->nodes.n++] = n;
	return 0;
}

/* Tags of one kind at one place, as they are sorted and shown. */
struct tag {
	struct prof_str name;
	uint32_t labels, label_set;
	int64_t num;
	struct prof_node_value value;
	bool by_flat; /* not by cum */
};

static int compare_tags(const void *p, const void *q)
{
	const struct tag *a = p, *b = q;

	if (!a->by_flat && prof_abs(a->value.cum) != prof_abs(b->value.cum))
		return prof_abs(a->value.cum) > prof_abs(b->value.cum) ? -1 : 1;
	if (prof_abs(a->value.flat) != prof_abs(b->value.flat))
		return prof_abs(a->value.flat) > prof_abs(b->value.flat) ? -1 : 1;
	return prof_str_cmp(a->name, b->name);
}

static int add_tag(struct chart *x, const struct prof_diagram_tag *tag)
{
	int rc = prof_vec_reserve(&x->r->mem, &x->d->tags, 1, x->e);

	if (!rc)
		x->d->tags.v[x->d->tags.n++] = *tag;
	return rc;
}

/* A number in the unit of another, which here is always the same one. */
static double in_unit(const struct chart *x, int64_t num)
{
	struct prof_str unit = x->picture.tags.unit, shown;

	return prof_unit_scale(num, unit, unit, &shown);
}

/* Sizes that are near one another share a tag: "8B..64B". */
struct group {
	int64_t first, least, most;
	struct prof_node_value value;
	uint32_t n;
};

static void join_group(const struct chart *x, struct group *g, const struct tag *t)
{
	if (g->n++ == 0) {
		g->first = g->least = g->most = t->num;
		g->value = t->value;
		return;
	}
	if (prof_to_i64(in_unit(x, t->num)) < g->least)
		g->least = t->num;
	if (prof_to_i64(in_unit(x, t->num)) > g->most)
		g->most = t->num;
	g->value.flat = prof_add(g->value.flat, t->value.flat);
	g->value.flat_div = prof_add(g->value.flat_div, t->value.flat_div);
	g->value.cum = prof_add(g->value.cum, t->value.cum);
	g->value.cum_div = prof_add(g->value.cum_div, t->value.cum_div);
}

/* The heaviest sizes stand for the others, each for those next to it; then they are sorted anew. */
static int collapse(struct chart *x, struct tag *tags, size_t *n)
{
	const struct prof_str automatic = PROF_STR("auto");
	struct group groups[PROF_NODE_TAGS] = {{0}};
	int rc = 0;

	if (*n <= PROF_NODE_TAGS)
		return 0;
	for (size_t i = 0; i < *n; i++) {
		size_t nearest = i;
		double distance = 0;

		for (size_t k = 0; i >= PROF_NODE_TAGS && k < PROF_NODE_TAGS; k++) {
			double d = fabs(in_unit(x, groups[k].first) - (double)tags[i].num);

			if (!k || d < distance) {
				nearest = k;
				distance = d;
			}
		}
		join_group(x, &groups[nearest], &tags[i]);
	}
	*n = PROF_NODE_TAGS;
	for (size_t k = 0; !rc && k < PROF_NODE_TAGS; k++) {
		const struct group *g = &groups[k];

		x->text.n = 0;
		prof_fmt_scaled(&x->text, g->least, x->picture.tags.unit, automatic);
		if (g->n > 1) {
			prof_buf_str(&x->text, "..");
			prof_fmt_scaled(&x->text, g->most, x->picture.tags.unit, automatic);
		}
		tags[k].value = (struct prof_node_value){
			.flat = prof_node_flat(&g->value), .cum = prof_node_cum(&g->value)};
		rc = keep_text(x, &tags[k].name);
	}
	qsort(tags, *n, sizeof(*tags), compare_tags);
	return rc;
}

/* The sizes among `all` that go with `labels`, below the tag `under`; room holds as many. */
static int add_sizes(struct chart *x, const struct prof_node_tag *all, size_t n_all,
	uint32_t labels, uint32_t under, bool by_flat, struct tag *room)
{
	size_t n = 0;
	int rc;

	for (size_t i = 0; i < n_all; i++)
		if (all[i].labels == labels && all[i].size != PROF_NONE)
			room[n++] = (struct tag){
				.name = prof_strtab_get(&x->picture.tags.strings, all[i].size),
				.num = all[i].num,
				.value = all[i].value,
				.by_flat = by_flat};
	if (n)
		qsort(room, n, sizeof(*room), compare_tags);
	rc = collapse(x, room, &n);
	for (uint32_t i = 0; !rc && i < n; i++) {
		int64_t flat = prof_node_flat(&room[i].value), cum = prof_node_cum(&room[i].value);
		bool is_flat = by_flat || flat == cum;
		struct prof_diagram_tag tag = {.name = room[i].name,
			.value = is_flat ? flat : cum,
			.under = under,
			.number = i,
			.is_size = true,
			.callees_too = !is_flat};

		rc = prof_report_keep(x->r, &tag.name, x->e);
		if (!rc && tag.value)
			rc = add_tag(x, &tag);
	}
	return rc;
}

static int compare_lines(const void *p, const void *q)
{
	return prof_str_cmp(*(const struct prof_str *)p, *(const struct prof_str *)q);
}

/* "key:value" a line. */
static int name_labels(struct chart *x, uint32_t set, struct prof_str *name)
{
	const struct prof_profile *p = x->v.p;
	uint32_t begin = p->label_start.v[set], end = p->label_start.v[set + 1];
	struct prof_str *line = calloc(end - begin + 1, sizeof(*line));
	size_t n = 0;
	int rc = line ? 0 : prof_nomem(x->e);

	for (uint32_t i = begin; !rc && i < end; i++) {
		const struct prof_label *l = &p->labels.v[i];
		struct prof_str key = prof_profile_str(p, l->key), s = prof_profile_str(p, l->str);

		if (!l->is_str || prof_str_eq(key, PROF_STR("pprof::base")))
			continue;
		x->text.n = 0;
		prof_buf_put(&x->text, key.p, key.len);
		prof_buf_char(&x->text, ':');
		prof_buf_put(&x->text, s.p, s.len);
		rc = keep_text(x, &line[n++]);
	}
	if (!rc && n)
		qsort(line, n, sizeof(*line), compare_lines);
	x->text.n = 0;
	for (size_t i = 0; !rc && i < n; i++) {
		if (i)
			prof_buf_char(&x->text, '\n');
		prof_buf_plain(&x->text, line[i]);
	}
	free(line);
	return rc ? rc : keep_text(x, name);
}

/* At nodes with callees tags have what is flat, at others also what those left out have. */
static int add_tags(struct chart *x, uint32_t id)
{
	size_t first, n_all = prof_node_tags_of(&x->picture.tags, id, &first), n = 0;
	const struct prof_node_tag *all = n_all ? &x->picture.tags.tags.v[first] : NULL;
	bool by_flat = x->picture.n_out[id] > 0;
	struct tag *tags = calloc(2 * n_all + 1, sizeof(*tags));
	int rc = tags ? 0 : prof_nomem(x->e);

	for (size_t i = 0; !rc && i < n_all; i++)
		if (all[i].size == PROF_NONE)
			tags[n++] = (struct tag){
				.name = prof_strtab_get(&x->picture.tags.strings, all[i].labels),
				.labels = all[i].labels,
				.label_set = all[i].label_set,
				.value = all[i].value,
				.by_flat = by_flat};
	if (!rc && n)
		qsort(tags, n, sizeof(*tags), compare_tags);
	for (uint32_t i = 0; !rc && i < n && i < PROF_NODE_TAGS; i++) {
		struct prof_diagram_tag tag = {.value = by_flat ? prof_node_flat(&tags[i].value)
								: prof_node_cum(&tags[i].value),
			.under = PROF_NONE,
			.number = i};
		uint32_t at = (uint32_t)x->d->tags.n;

		if (!tag.value)
			continue;
		if ((rc = name_labels(x, tags[i].label_set, &tag.name)) || (rc = add_tag(x, &tag)))
			break;
		rc = add_sizes(x, all, n_all, tags[i].labels, at, by_flat, tags + n_all);
	}
	if (!rc)
		rc = add_sizes(x, all, n_all, 0, PROF_NONE, by_flat, tags + n_all);
	free(tags);
	return rc;
}

static int compare_edges(const struct prof_diagram *d, const struct prof_diagram_edge *a,
	const struct prof_diagram_edge *b)
{
	int c = prof_str_cmp(d->nodes.v[a->src].name, d->nodes.v[b->src].name);

	if (!c)
		c = prof_str_cmp(d->nodes.v[a->dest].name, d->nodes.v[b->dest].name);
	if (!c)
		c = (a->src > b->src) - (a->src < b->src);
	return c ? c : (a->dest > b->dest) - (a->dest < b->dest);
}

/* An edge, and what it is sorted by before its names: its weight, no mean. */
struct sorted {
	const struct prof_diagram *d;
	uint64_t weight;
	struct prof_diagram_edge edge;
};

static int compare_sorted(const void *p, const void *q)
{
	const struct sorted *a = p, *b = q;

	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	return compare_edges(a->d, &a->edge, &b->edge);
}

static int64_t mean_weight(const struct prof_edge *e)
{
	return e->weight_div ? prof_div(e->weight, e->weight_div) : e->weight;
}

/* Edges to nodes whose values cancelled out have nowhere to go. */
static int add_edges(struct chart *x)
{
	const struct prof_graph *g = &x->v.g;
	uint32_t *number = malloc((g->nodes.n + 1) * sizeof(*number));
	struct sorted *edges = calloc(g->edges.n + 1, sizeof(*edges));
	size_t n = 0;
	int rc = number && edges ? prof_vec_reserve(&x->r->mem, &x->d->edges, g->edges.n, x->e)
				 : prof_nomem(x->e);

	if (!rc)
		memset(number, 0xff, (g->nodes.n + 1) * sizeof(*number));
	for (size_t i = 0; !rc && i < x->v.t.order.n; i++)
		number[x->v.t.order.v[i]] = (uint32_t)i;
	for (size_t i = 0; !rc && i < g->edges.n; i++) {
		const struct prof_edge *e = &g->edges.v[i];

		if (number[e->src] != PROF_NONE && number[e->dest] != PROF_NONE)
			edges[n++] = (struct sorted){x->d, (uint64_t)prof_abs(e->weight),
				{number[e->src], number[e->dest], mean_weight(e), e->inlined,
					e->residual}};
	}
	if (!rc)
		qsort(edges, n, sizeof(*edges), compare_sorted);
	for (size_t i = 0; !rc && i < n; i++)
		x->d->edges.v[x->d->edges.n++] = edges[i].edge;
	free(number);
	free(edges);
	return rc;
}

static int fill(struct chart *x)
{
	const struct prof_profile *p = x->v.p;
	int rc;

	if ((rc = prof_diagram_new(x->r, x->e)) || (rc = prof_view_fields(&x->v, x->r)) ||
		(rc = prof_view_head(&x->v, x->r)))
		return rc;
	x->d = x->r->diagram;
	x->d->total = x->v.total;
	if (p->mappings.n && p->mappings.v[0].file) {
		x->d->title = prof_str_base(prof_profile_str(p, p->mappings.v[0].file));
		rc = prof_report_keep(x->r, &x->d->title, x->e);
	}
	for (size_t i = 0; !rc && i < x->v.t.order.n; i++) {
		rc = add_node(x, x->v.t.order.v[i]);
		if (!rc)
			rc = add_tags(x, x->v.t.order.v[i]);
		if (!rc)
			x->d->nodes.v[i].n_tags = (uint32_t)x->d->tags.n -
						  x->d->nodes.v[i].first_tag;
	}
	return rc ? rc : add_edges(x);
}

int prof_graph(struct prof_profile *p, const struct prof_view_opts *opts, unsigned *missed,
	struct prof_report **out, struct prof_err *e)
{
	struct prof_view_opts own = *opts;
	struct chart x = {.e = e};
	int rc;

	if (own.node_count < 0)
		own.node_count = 80;
	prof_buf_init(&x.text, NULL, NULL);
	rc = prof_view_init(&x.v, p, &own, missed, e);
	x.v.whole_head = true;
	if (!rc)
		rc = prof_view_values(&x.v, false, own.call_tree, x.v.opts.node_fraction);
	if (!rc)
		rc = prof_picture(&x.picture, &x.v, own.call_tree);
	if (!rc) {
		prof_view_choose_unit(&x.v, false);
		x.r = prof_report_new("prof.graph/1", e);
		rc = x.r ? fill(&x) : e->code;
	}
	prof_picture_fini(&x.picture);
	prof_view_fini(&x.v);
	prof_buf_fini(&x.text);
	if (rc)
		prof_report_free(x.r);
	else
		*out = x.r;
	return rc;
}
