#include "libprof/model/chart.h"

#include <stdlib.h>

struct prof_chart *prof_chart_new(struct prof_err *e)
{
	struct prof_chart *c = calloc(1, sizeof(*c));

	if (!c) {
		prof_nomem(e);
		return NULL;
	}
	/* A chart is smaller than what it shows, which had a budget. */
	c->mem.limit = SIZE_MAX / 2;
	prof_arena_init(&c->arena, &c->mem);
	return c;
}

void prof_chart_free(struct prof_chart *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_panels; i++)
		for (size_t k = 0; k < c->panels[i].n_layers; k++)
			prof_vec_fini(&c->mem, &c->panels[i].layers[k].points);
	prof_vec_fini(&c->mem, &c->about);
	prof_vec_fini(&c->mem, &c->labels);
	prof_arena_fini(&c->arena);
	free(c);
}

struct prof_chart_panel *prof_chart_panel(
	struct prof_chart *c, const char *title, enum prof_chart_unit unit, unsigned height)
{
	struct prof_chart_panel *p = &c->panels[c->n_panels++];

	*p = (struct prof_chart_panel){.title = title, .unit = unit, .height = height};
	return p;
}

struct prof_chart_layer *prof_chart_layer(
	struct prof_chart_panel *p, enum prof_chart_kind kind, const char *name, const char *style)
{
	struct prof_chart_layer *l = &p->layers[p->n_layers++];

	*l = (struct prof_chart_layer){.kind = kind, .name = name, .style = style};
	return l;
}

int prof_chart_point(struct prof_chart *c, struct prof_chart_panel *p, struct prof_chart_layer *l,
	double x, double y, struct prof_err *e)
{
	int rc = prof_vec_reserve(&c->mem, &l->points, 1, e);

	if (rc)
		return rc;
	l->points.v[l->points.n++] = (struct prof_chart_point){x, y};
	if (l->kind != PROF_CHART_BANDS && y > p->max)
		p->max = y;
	return 0;
}

static int keep(struct prof_chart *c, struct prof_str *s, struct prof_err *e)
{
	s->p = prof_arena_dup(&c->arena, s->p, s->len, e);
	return s->p ? 0 : PROF_ENOMEM;
}

int prof_chart_about(struct prof_chart *c, struct prof_str text, struct prof_err *e)
{
	int rc = prof_vec_reserve(&c->mem, &c->about, 1, e);

	if (!rc)
		rc = keep(c, &text, e);
	if (!rc)
		c->about.v[c->about.n++] = text;
	return rc;
}

int prof_chart_label(struct prof_chart *c, double x, struct prof_str text, struct prof_err *e)
{
	int rc = prof_vec_reserve(&c->mem, &c->labels, 1, e);

	if (!rc)
		rc = keep(c, &text, e);
	if (!rc)
		c->labels.v[c->labels.n++] = (struct prof_chart_label){x, text};
	return rc;
}
