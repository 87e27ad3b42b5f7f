#include "libprof/analyse/aggregate.h"

struct stacks {
	PROF_VEC(uint32_t) start, loc;
};

static int rewrite(struct stacks *to, const struct prof_profile *p, const struct prof_graph *g,
	bool collapse, struct prof_mem *mem, struct prof_err *e)
{
	int rc = prof_vec_reserve(mem, &to->start, p->stack_start.n, e);

	for (size_t s = 0; !rc && s + 1 < p->stack_start.n; s++) {
		size_t begin = to->loc.n;

		to->start.v[to->start.n++] = (uint32_t)begin;
		for (uint32_t k = p->stack_start.v[s]; !rc && k < p->stack_start.v[s + 1]; k++) {
			uint32_t l = p->stack_loc.v[k], j = g->loc_start.v[l];

			for (; !rc && j < g->loc_start.v[l + 1]; j++) {
				uint32_t node = g->node_of.v[j];

				if (collapse && to->loc.n > begin &&
					to->loc.v[to->loc.n - 1] == node)
					continue;
				rc = prof_vec_reserve(mem, &to->loc, 1, e);
				if (!rc)
					to->loc.v[to->loc.n++] = node;
			}
		}
		if (!rc && to->loc.n >= PROF_NONE)
			rc = prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET, "too many frames");
	}
	if (!rc)
		to->start.v[to->start.n++] = (uint32_t)to->loc.n;
	return rc;
}

static int name_functions(
	struct prof_profile *p, const struct prof_str *text, uint32_t n, struct prof_err *e)
{
	int rc;

	p->functions.n = p->lines.n = p->locations.n = 0;
	if ((rc = prof_vec_reserve(&p->mem, &p->functions, n, e)) ||
		(rc = prof_vec_reserve(&p->mem, &p->lines, n, e)) ||
		(rc = prof_vec_reserve(&p->mem, &p->locations, n, e)))
		return rc;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t name;

		rc = prof_strtab_add(&p->strings, text[i].p, text[i].len, &name, e);
		if (rc)
			return rc;
		p->functions.v[p->functions.n++] = (struct prof_function){
			.name = name, .system_name = name};
		p->lines.v[p->lines.n++] = (struct prof_line){.function = i};
		p->locations.v[p->locations.n++] = (struct prof_location){
			.id = i + 1, .mapping = PROF_NONE, .first_line = i, .n_lines = 1};
	}
	return 0;
}

int prof_aggregate(struct prof_profile *p, const struct prof_graph *g, const struct prof_str *text,
	bool collapse, struct prof_err *e)
{
	struct stacks to = {0};
	int rc = rewrite(&to, p, g, collapse, &p->mem, e);

	if (rc) {
		prof_vec_fini(&p->mem, &to.start);
		prof_vec_fini(&p->mem, &to.loc);
		return rc;
	}
	prof_vec_fini(&p->mem, &p->stack_start);
	prof_vec_fini(&p->mem, &p->stack_loc);
	memcpy(&p->stack_start, &to.start, sizeof(p->stack_start));
	memcpy(&p->stack_loc, &to.loc, sizeof(p->stack_loc));
	return name_functions(p, text, (uint32_t)g->nodes.n, e);
}
