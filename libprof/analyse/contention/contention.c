#include "libprof/analyse/contention/contention.h"

#include <stdlib.h>

void prof_contention_opts_init(struct prof_contention_opts *opts)
{
	*opts = (struct prof_contention_opts){.row_count = 10, .to = -1};
}

int prof_contention_new(
	const struct prof_contention_opts *opts, struct prof_contention **out, struct prof_err *e)
{
	struct prof_contention *k = calloc(1, sizeof(*k));
	int rc;

	if (!k)
		return prof_nomem(e);
	k->opts = *opts;
	k->mem.limit = SIZE_MAX / 2; /* less than the inputs, which have budgets */
	prof_index_init(&k->function_index, &k->mem);
	prof_index_init(&k->place_index, &k->mem);
	prof_index_init(&k->stack_index, &k->mem);
	prof_buf_init(&k->damage, NULL, NULL);
	prof_buf_init(&k->room, NULL, NULL);
	rc = prof_strtab_init(&k->names, &k->mem, e);
	if (rc)
		prof_contention_free(k);
	else
		*out = k;
	return rc;
}

void prof_contention_input_fini(struct prof_contention *k, struct prof_contention_input *in)
{
	prof_vec_fini(&k->mem, &in->stacks);
	prof_vec_fini(&k->mem, &in->counts);
	prof_vec_fini(&k->mem, &in->delays);
}

void prof_contention_free(struct prof_contention *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->traces.n; i++)
		prof_contention_trace_fini(k, &k->traces.v[i]);
	for (size_t i = 0; i < k->patterns.n; i++)
		prof_regex_free(k->patterns.v[i].re);
	for (size_t i = 0; i < k->inputs.n; i++)
		prof_contention_input_fini(k, &k->inputs.v[i]);
	prof_vec_fini(&k->mem, &k->functions);
	prof_vec_fini(&k->mem, &k->frames);
	prof_vec_fini(&k->mem, &k->places);
	prof_vec_fini(&k->mem, &k->facts);
	prof_vec_fini(&k->mem, &k->stack_places);
	prof_vec_fini(&k->mem, &k->stacks);
	prof_vec_fini(&k->mem, &k->inputs);
	prof_vec_fini(&k->mem, &k->grips);
	prof_vec_fini(&k->mem, &k->traces);
	prof_vec_fini(&k->mem, &k->patterns);
	prof_vec_fini(&k->mem, &k->gates);
	prof_index_fini(&k->function_index);
	prof_index_fini(&k->place_index);
	prof_index_fini(&k->stack_index);
	prof_buf_fini(&k->damage);
	prof_buf_fini(&k->room);
	prof_strtab_fini(&k->names);
	free(k);
}

const char *prof_contention_damage(const struct prof_contention *k)
{
	return k->damage.n ? k->damage.p : NULL;
}
