/* A flame graph in formats that are never cut, written while the tree is walked or the stacks
 * sorted. */
#include "libprof/analyse/aggregate.h"
#include "libprof/analyse/flame/flame.h"
#include "libprof/base/escape.h"
#include "libprof/render/profile/folded.h"

struct json {
	struct prof_flame_input x;
	struct prof_buf b;
	uint32_t *frame; /* of each node of the graph, from 1; 0: in no stack */
};

static void put_value(struct json *j, const int64_t *v)
{
	if (!j->x.differential) {
		prof_buf_i64(&j->b, v[0]);
		return;
	}
	prof_buf_str(&j->b, "{\"old\": ");
	prof_buf_i64(&j->b, v[1]);
	prof_buf_str(&j->b, ", \"new\": ");
	prof_buf_i64(&j->b, v[0]);
	prof_buf_char(&j->b, '}');
}

static int put_node(void *ctx, const struct prof_flame_step *s, struct prof_err *e)
{
	static const char *const inlined[] = {"false", "\"sometimes\"", "true"};
	struct json *j = ctx;

	if (s->node == PROF_NONE)
		prof_buf_str(&j->b, "\n{\"parent\": null, \"frame\": null");
	else
		prof_buf_printf(&j->b, ",\n{\"parent\": %u, \"frame\": %u", s->parent,
			j->frame[s->node] - 1);
	prof_buf_printf(&j->b, ", \"inlined\": %s, \"cum\": ", inlined[s->inlined]);
	put_value(j, s->cum);
	prof_buf_str(&j->b, ", \"self\": ");
	put_value(j, s->self);
	prof_buf_char(&j->b, '}');
	return j->b.code ? prof_buf_done(&j->b, e) : 0;
}

static void put_part(struct json *j, const char *key, struct prof_str s)
{
	if (!s.len)
		return;
	prof_buf_printf(&j->b, ", \"%s\": ", key);
	prof_buf_json(&j->b, s);
}

static void mark(struct json *j, uint32_t stack)
{
	const struct prof_graph *g = &j->x.v.g;
	const struct prof_profile *p = g->profile;

	for (uint32_t k = p->stack_start.v[stack]; k < p->stack_start.v[stack + 1]; k++) {
		uint32_t l = p->stack_loc.v[k];

		for (uint32_t i = g->loc_start.v[l]; i < g->loc_start.v[l + 1]; i++)
			j->frame[g->node_of.v[i]] = 1;
	}
}

/* The frames that stacks with values have. */
static void put_frames(struct json *j)
{
	const struct prof_profile *p = j->x.v.p;
	uint32_t n = 0;

	for (size_t i = 0; i < p->sample_stack.n; i++)
		for (uint32_t c = 0; c < j->x.n_columns; c++)
			if (prof_flame_values(&j->x, c)[i])
				mark(j, p->sample_stack.v[i]);
	prof_buf_str(&j->b, ",\n\"frames\": [");
	for (uint32_t i = 0; i < j->x.v.g.nodes.n; i++) {
		struct prof_flame_frame f;

		if (!j->frame[i])
			continue;
		f = prof_flame_frame_of(&j->x, i);
		prof_buf_str(&j->b, n ? ",\n{\"name\": " : "\n{\"name\": ");
		prof_buf_json(&j->b, f.name);
		put_part(j, "package", f.package);
		if (f.file.len || f.line)
			put_part(j, "function", f.function);
		put_part(j, "file", f.file);
		if (f.line) {
			prof_buf_str(&j->b, ", \"line\": ");
			prof_buf_i64(&j->b, f.line);
		}
		prof_buf_char(&j->b, '}');
		j->frame[i] = ++n;
	}
	prof_buf_str(&j->b, "],\n\"nodes\": [");
}

static int put_json(struct json *j, struct prof_err *e)
{
	const int64_t *columns[2];
	const struct prof_value_type *t = &j->x.v.p->types.v[j->x.column[0]];
	struct prof_flame_walk w = {.graph = &j->x.v.g,
		.rank = j->x.rank,
		.columns = columns,
		.n_columns = j->x.n_columns,
		.collapse = prof_flame_collapses(&j->x)};
	int rc;

	for (uint32_t c = 0; c < j->x.n_columns; c++)
		columns[c] = prof_flame_values(&j->x, c);
	prof_buf_str(&j->b, "{\"schema\": \"prof.flame/1\",\n\"sample_type\": ");
	prof_buf_json(&j->b, prof_profile_str(j->x.v.p, t->type));
	prof_buf_str(&j->b, ",\n\"unit\": ");
	prof_buf_json(&j->b, prof_profile_str(j->x.v.p, t->unit));
	prof_buf_str(&j->b, ",\n\"total\": ");
	put_value(j, j->x.total);
	put_frames(j);
	rc = prof_flame_walk(&w, put_node, j, e);
	if (rc)
		return rc;
	prof_buf_str(&j->b, "\n]}\n");
	return prof_buf_done(&j->b, e);
}

int prof_flame_json(struct prof_profile *p, const struct prof_view_opts *view,
	const struct prof_flame_opts *opts, unsigned *missed, prof_write_fn *write, void *ctx,
	struct prof_err *e)
{
	struct prof_flame_opts one = *opts;
	struct json j = {.frame = NULL};
	int rc;

	one.all_types = 0;
	prof_buf_init(&j.b, write, ctx);
	rc = prof_flame_input_init(&j.x, p, view, &one, missed, e);
	if (!rc)
		rc = prof_flame_input_nodes(&j.x);
	if (!rc) {
		j.frame = prof_mem_zalloc(&p->mem, j.x.v.g.nodes.n, sizeof(*j.frame), e);
		rc = j.frame ? put_json(&j, e) : e->code;
	}
	prof_mem_zfree(&p->mem, j.frame, j.x.v.g.nodes.n, sizeof(*j.frame));
	prof_flame_input_fini(&j.x);
	prof_buf_fini(&j.b);
	return rc;
}

/* Makes the stacks those of the granularity; *flags are the writers'. */
static int aggregate(struct prof_flame_input *x, struct prof_profile *p, unsigned *flags)
{
	enum prof_granularity by = x->v.opts.by;
	int rc;

	*flags = by == PROF_BY_LINE ? PROF_WRITE_LINES : 0;
	if ((by == PROF_BY_FUNCTION || by == PROF_BY_LINE) && !x->v.opts.no_inlines &&
		!x->v.opts.show_columns)
		return 0; /* the writers know these */
	*flags = 0;
	rc = prof_flame_input_nodes(x);
	return rc ? rc : prof_aggregate(p, &x->v.g, x->text, prof_flame_collapses(x), x->e);
}

int prof_flame_folded(struct prof_profile *p, const struct prof_view_opts *view,
	const struct prof_flame_opts *opts, unsigned *missed, prof_write_fn *write, void *ctx,
	struct prof_err *e)
{
	struct prof_flame_opts one = *opts;
	struct prof_flame_input x;
	unsigned flags;
	int rc;

	one.all_types = 0;
	rc = prof_flame_input_init(&x, p, view, &one, missed, e);
	if (!rc)
		rc = aggregate(&x, p, &flags);
	if (!rc)
		rc = prof_folded_write(p, x.column[0], x.differential ? x.column[1] : PROF_NONE,
			flags, write, ctx, e);
	prof_flame_input_fini(&x);
	return rc;
}

/* Types of two sides have the same names: "cpu (new)", "cpu (old)". */
static int name_sides(struct prof_profile *p, struct prof_err *e)
{
	struct prof_buf b;
	int rc = 0;

	prof_buf_init(&b, NULL, NULL);
	for (size_t t = 0; !rc && t < p->types.n; t++) {
		struct prof_str name = prof_profile_str(p, p->types.v[t].type);

		b.n = 0;
		prof_buf_put(&b, name.p, name.len);
		prof_buf_str(&b, t < p->types.n / 2 ? " (new)" : " (old)");
		rc = b.code ? prof_nomem(e)
			    : prof_strtab_add(&p->strings, b.p, b.n, &p->types.v[t].type, e);
	}
	prof_buf_fini(&b);
	return rc;
}

int prof_flame_speedscope(struct prof_profile *p, const struct prof_view_opts *view,
	const struct prof_flame_opts *opts, unsigned *missed, prof_write_fn *write, void *ctx,
	struct prof_err *e)
{
	struct prof_flame_input x;
	unsigned flags;
	int rc = prof_flame_input_init(&x, p, view, opts, missed, e);

	if (!rc)
		rc = aggregate(&x, p, &flags);
	if (!rc && x.differential)
		rc = name_sides(p, e);
	if (!rc)
		rc = prof_profile_speedscope(p, x.index, flags, write, ctx, e);
	prof_flame_input_fini(&x);
	return rc;
}
