#include "libprof/analyse/sides.h"

#include "libprof/analyse/graph.h"
#include "libprof/base/num.h"

/* Gives every type a second column, of zeros. */
static int double_columns(struct prof_profile *p, struct prof_err *e)
{
	size_t n = p->types.n, samples = p->sample_stack.n;
	int rc;

	if ((rc = prof_vec_reserve(&p->mem, &p->types, n, e)) ||
		(rc = prof_vec_reserve(&p->mem, &p->values, n, e)))
		return rc;
	for (size_t t = 0; t < n; t++) {
		struct prof_column *c = &p->values.v[p->values.n];

		*c = (struct prof_column){0};
		p->types.v[p->types.n++] = p->types.v[t];
		p->values.n++;
		rc = prof_vec_reserve(&p->mem, c, samples, e);
		if (rc)
			return rc;
		if (samples)
			memset(c->v, 0, samples * sizeof(*c->v));
		c->n = samples;
	}
	return 0;
}

/* The set of labels without the one that marks the base. */
static int unmarked_set(struct prof_profile *p, uint32_t set, uint32_t *out, struct prof_err *e)
{
	PROF_VEC(struct prof_label) left = {0};
	uint32_t first = p->label_start.v[set], last = p->label_start.v[set + 1];
	int rc = prof_vec_reserve(&p->mem, &left, last - first, e);

	for (uint32_t i = first; !rc && i < last; i++)
		if (!prof_is_base_label(p, &p->labels.v[i]))
			left.v[left.n++] = p->labels.v[i];
	if (!rc)
		rc = prof_profile_label_set(p, left.v, left.n, out, e);
	prof_vec_fini(&p->mem, &left);
	return rc;
}

int prof_split_sides(struct prof_profile *p, bool *split, struct prof_err *e)
{
	size_t n_sets = p->label_start.n - 1, n = p->types.n;
	uint32_t *to = prof_mem_zalloc(&p->mem, n_sets, sizeof(*to), e);
	int rc = to ? 0 : e->code;

	for (uint32_t s = 0; !rc && s < n_sets; s++) {
		to[s] = PROF_NONE;
		if (!prof_is_base(p, s))
			continue;
		*split = true;
		rc = unmarked_set(p, s, &to[s], e);
	}
	if (!rc && *split)
		rc = double_columns(p, e);
	for (size_t i = 0; !rc && *split && i < p->sample_stack.n; i++) {
		uint32_t set = to[p->sample_labels.v[i]];

		if (set == PROF_NONE)
			continue;
		p->sample_labels.v[i] = set;
		for (size_t t = 0; t < n; t++) {
			p->values.v[n + t].v[i] = prof_sub(0, p->values.v[t].v[i]);
			p->values.v[t].v[i] = 0;
		}
	}
	prof_mem_zfree(&p->mem, to, n_sets, sizeof(*to));
	return rc;
}
