#include "libprof/analyse/leak/leak.h"
#include "libprof/model/go_names.h"

#include <stdlib.h>
#include <string.h>

void prof_leak_opts_init(struct prof_leak_opts *opts)
{
	*opts = (struct prof_leak_opts){
		.threshold = 10, .stuck_ns = INT64_C(600000000000), .large = 1000, .built_in = 1};
}

int prof_leak_new(const struct prof_leak_opts *opts, struct prof_leak **out, struct prof_err *e)
{
	struct prof_leak *k = calloc(1, sizeof(*k));
	int rc;

	if (!k)
		return prof_nomem(e);
	k->opts = *opts;
	k->mem.limit = SIZE_MAX / 2; /* less than the inputs, which have budgets */
	prof_index_init(&k->index, &k->mem);
	prof_index_init(&k->tally_index, &k->mem);
	prof_map64_init(&k->alive, &k->mem);
	prof_buf_init(&k->damage, NULL, NULL);
	rc = prof_strtab_init(&k->names, &k->mem, e);
	for (size_t i = 0; !rc && i < opts->n_ignore; i++) {
		struct prof_regex *re = NULL;

		rc = prof_vec_reserve(&k->mem, &k->ignore, 1, e);
		if (!rc)
			rc = prof_regex_new(opts->ignore[i], &re, e);
		if (!rc)
			k->ignore.v[k->ignore.n++] = re;
	}
	if (rc)
		prof_leak_free(k);
	else
		*out = k;
	return rc;
}

void prof_leak_free(struct prof_leak *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->groups.n; i++)
		prof_vec_fini(&k->mem, &k->groups.v[i].counts);
	for (size_t i = 0; i < k->ignore.n; i++)
		prof_regex_free(k->ignore.v[i]);
	prof_vec_fini(&k->mem, &k->ignore);
	prof_vec_fini(&k->mem, &k->gates);
	prof_vec_fini(&k->mem, &k->groups);
	prof_vec_fini(&k->mem, &k->keys);
	prof_vec_fini(&k->mem, &k->frames);
	prof_vec_fini(&k->mem, &k->tallies);
	prof_vec_fini(&k->mem, &k->snapshots);
	prof_vec_fini(&k->mem, &k->waits);
	prof_vec_fini(&k->mem, &k->cycle);
	prof_index_fini(&k->index);
	prof_index_fini(&k->tally_index);
	prof_map64_fini(&k->alive);
	prof_buf_fini(&k->damage);
	prof_strtab_fini(&k->names);
	free(k);
}

const char *prof_leak_damage(const struct prof_leak *k)
{
	return k->damage.n ? k->damage.p : NULL;
}

uint64_t prof_leak_group_hash(
	const struct prof_leak *k, const struct prof_leak_group *g, const uint64_t *key)
{
	uint64_t h = prof_hash_mix(k->any_state ? 0 : g->state, k->any_creator ? 0 : g->creator);

	return prof_hash_mix(
		prof_hash_mix(h, g->label), prof_hash_bytes(key, g->n_key * sizeof(*key)));
}

static bool same_group(const struct prof_leak *k, const struct prof_leak_group *a,
	const struct prof_leak_group *b, const uint64_t *key)
{
	return (k->any_state || a->state == b->state) &&
	       (k->any_creator || a->creator == b->creator) && a->label == b->label &&
	       a->n_key == b->n_key &&
	       (!a->n_key || memcmp(k->keys.v + a->key, key, a->n_key * sizeof(*key)) == 0);
}

uint32_t prof_leak_find(
	const struct prof_leak *k, const struct prof_leak_group *g, const uint64_t *key)
{
	struct prof_index_it it = prof_index_first(&k->index, prof_leak_group_hash(k, g, key));
	uint32_t id;

	while ((id = prof_index_next(&k->index, &it)) != PROF_NONE)
		if (same_group(k, &k->groups.v[id], g, key))
			break;
	return id;
}

/* Adds b to a, which stays. */
static int join(struct prof_leak *k, struct prof_leak_group *a, struct prof_leak_group *b,
	struct prof_err *e)
{
	size_t i = 0;
	int rc = prof_vec_reserve(&k->mem, &a->counts, b->counts.n, e);

	if (rc)
		return rc;
	for (size_t j = 0; j < b->counts.n; j++) {
		struct prof_leak_count c = b->counts.v[j];

		while (i < a->counts.n && a->counts.v[i].snapshot < c.snapshot)
			i++;
		if (i < a->counts.n && a->counts.v[i].snapshot == c.snapshot) {
			a->counts.v[i].n += c.n;
			a->counts.v[i].leaked += c.leaked;
			continue;
		}
		memmove(a->counts.v + i + 1, a->counts.v + i,
			(a->counts.n - i) * sizeof(*a->counts.v));
		a->counts.v[i] = c;
		a->counts.n++;
	}
	a->wait_ns = b->wait_ns > a->wait_ns ? b->wait_ns : a->wait_ns;
	a->stack_bytes = b->counts.v[b->counts.n - 1].snapshot == k->snapshots.n - 1
				 ? a->stack_bytes + b->stack_bytes
				 : a->stack_bytes;
	a->before += b->before;
	a->survived += b->survived;
	a->creator = a->creator ? a->creator : b->creator;
	a->created_at = a->created_at.function ? a->created_at : b->created_at;
	if (b->class == PROF_GO_NEVER || a->class == PROF_GO_UNKNOWN) {
		a->class = b->class;
		a->shown_state = b->shown_state;
	}
	if (b->n_example && b->example_count > a->example_count) {
		a->example = b->example;
		a->n_example = b->n_example;
		a->example_count = b->example_count;
	}
	return 0;
}

static uint32_t root(const struct prof_leak *k, uint32_t group)
{
	return k->groups.v[group].merged == PROF_NONE ? group : k->groups.v[group].merged;
}

/* Groups that differ only in what not all snapshots tell become one. */
static int merge(struct prof_leak *k, struct prof_err *e)
{
	bool all = true, any = k->some_creators;
	int rc = 0;

	for (size_t i = 0; i < k->snapshots.n; i++) {
		all &= k->snapshots.v[i].creators;
		any |= k->snapshots.v[i].creators;
		k->any_state |= k->snapshots.v[i].vague;
	}
	k->any_creator = any && !all && k->opts.by != PROF_LEAK_BY_CREATOR;
	if (!k->any_creator && !k->any_state)
		return 0;
	prof_index_fini(&k->index);
	for (uint32_t i = 0; !rc && i < k->groups.n; i++) {
		struct prof_leak_group *g = &k->groups.v[i];
		const uint64_t *key = k->keys.v ? k->keys.v + g->key : NULL;
		uint32_t first = prof_leak_find(k, g, key);

		if (first == PROF_NONE) {
			rc = prof_index_add(&k->index, prof_leak_group_hash(k, g, key), i, e);
			continue;
		}
		g->merged = first;
		rc = join(k, &k->groups.v[first], g, e);
	}
	for (size_t i = 0; i < k->waits.n; i++)
		k->waits.v[i].group = root(k, k->waits.v[i].group);
	for (size_t i = 0; i < k->tallies.n; i++)
		k->tallies.v[i].group = root(k, k->tallies.v[i].group);
	return rc;
}

static int by_group(const void *pa, const void *pb)
{
	const struct prof_leak_tally *a = pa, *b = pb;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->value < b->value ? -1 : a->value > b->value;
}

int prof_leak_end(struct prof_leak *k, struct prof_err *e)
{
	int rc = merge(k, e);

	if (!rc && k->tallies.n)
		qsort(k->tallies.v, k->tallies.n, sizeof(*k->tallies.v), by_group);
	return rc;
}

const struct prof_leak_frame *prof_leak_site(
	const struct prof_leak *k, const struct prof_leak_frame *frames, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!prof_go_is_library(prof_strtab_get(&k->names, frames[i].function)))
			return &frames[i];
	return n ? &frames[n - 1] : NULL;
}
