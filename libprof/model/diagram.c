#include "libprof/model/diagram.h"

int prof_diagram_new(struct prof_report *r, struct prof_err *e)
{
	r->diagram = prof_arena_alloc(&r->arena, sizeof(*r->diagram), e);
	if (!r->diagram)
		return e->code;
	*r->diagram = (struct prof_diagram){.total = 0};
	return 0;
}

void prof_diagram_fini(struct prof_report *r)
{
	if (!r->diagram)
		return;
	prof_vec_fini(&r->mem, &r->diagram->nodes);
	prof_vec_fini(&r->mem, &r->diagram->edges);
	prof_vec_fini(&r->mem, &r->diagram->tags);
}
