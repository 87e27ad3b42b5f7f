#include "libprof/model/flame.h"

#include <stdlib.h>

int64_t prof_flame_rest(const struct prof_flame *f, uint32_t node, uint32_t column)
{
	const struct prof_flame_node *n = &f->nodes.v[node];
	int64_t rest = prof_flame_cum(f, node, column) - prof_flame_self(f, node, column);

	for (uint32_t i = n->first; rest > 0 && i < n->first + n->n_children; i++)
		rest -= prof_flame_cum(f, i, column);
	return rest > 0 ? rest : 0; /* below 0 where a sum stopped at INT64_MAX */
}

void prof_flame_free(struct prof_flame *f)
{
	if (!f)
		return;
	prof_vec_fini(&f->mem, &f->head);
	prof_vec_fini(&f->mem, &f->types);
	prof_vec_fini(&f->mem, &f->frames);
	prof_vec_fini(&f->mem, &f->nodes);
	prof_vec_fini(&f->mem, &f->values);
	prof_vec_fini(&f->mem, &f->changed);
	prof_vec_fini(&f->mem, &f->rows);
	prof_arena_fini(&f->arena);
	free(f);
}
