#include "libprof/store/sum.h"

#include "libprof/base/num.h"

void prof_sum_init(struct prof_sum *s, const struct prof_dict *d, uint64_t memory_bytes)
{
	*s = (struct prof_sum){.d = d};
	prof_packed_init(&s->packed, memory_bytes);
	prof_index_init(&s->rows, &s->packed.mem);
}

/* Rows for the nodes that there are now. */
static int reach(struct prof_sum *s, struct prof_err *e)
{
	size_t n = s->d->nodes.n;
	int rc = s->row.n < n ? prof_vec_reserve(&s->packed.mem, &s->row, n - s->row.n, e) : 0;

	while (!rc && s->row.n < n)
		s->row.v[s->row.n++] = PROF_NONE;
	return rc;
}

void prof_sum_fini(struct prof_sum *s)
{
	prof_vec_fini(&s->packed.mem, &s->row);
	prof_index_fini(&s->rows);
	prof_packed_fini(&s->packed);
}

static int begin(struct prof_sum *s, const struct prof_packed *k, struct prof_err *e)
{
	struct prof_packed *to = &s->packed;
	int rc = prof_vec_reserve(&to->mem, &to->values, k->values.n, e);

	while (!rc && to->values.n < k->values.n)
		to->values.v[to->values.n++] = (struct prof_column){0};
	to->build = k->build;
	to->head = k->head;
	to->maps = k->maps;
	to->period = k->period;
	return rc;
}

static int add_row(
	struct prof_sum *s, uint32_t node, uint32_t set, uint32_t *row, struct prof_err *e)
{
	struct prof_packed *to = &s->packed;
	int rc;

	if (to->nodes.n >= PROF_NONE - 1)
		return prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET, "too many stacks");
	if ((rc = prof_vec_reserve(&to->mem, &to->nodes, 1, e)) ||
		(rc = prof_vec_reserve(&to->mem, &to->sets, 1, e)))
		return rc;
	for (size_t t = 0; t < to->values.n; t++) {
		struct prof_column *c = &to->values.v[t];

		if ((rc = prof_vec_reserve(&to->mem, c, 1, e)))
			return rc;
		c->v[c->n++] = 0;
	}
	*row = (uint32_t)to->nodes.n;
	to->nodes.v[to->nodes.n++] = node;
	to->sets.v[to->sets.n++] = set;
	return 0;
}

static int find_row(
	struct prof_sum *s, uint32_t node, uint32_t set, uint32_t *row, struct prof_err *e)
{
	uint64_t hash;
	struct prof_index_it it;
	int rc;

	if (!set) {
		*row = s->row.v[node];
		if (*row != PROF_NONE)
			return 0;
		rc = add_row(s, node, set, row, e);
		s->row.v[node] = *row;
		return rc;
	}
	hash = prof_hash_mix(set, node);
	it = prof_index_first(&s->rows, hash);
	while ((*row = prof_index_next(&s->rows, &it)) != PROF_NONE)
		if (s->packed.nodes.v[*row] == node && s->packed.sets.v[*row] == set)
			return 0;
	rc = add_row(s, node, set, row, e);
	return rc ? rc : prof_index_add(&s->rows, hash, *row, e);
}

static bool is_zero(const struct prof_packed *k, size_t i)
{
	for (size_t t = 0; t < k->values.n; t++)
		if (k->values.v[t].v[i])
			return false;
	return true;
}

int prof_sum_add(struct prof_sum *s, const struct prof_packed *k, struct prof_err *e)
{
	struct prof_packed *to = &s->packed;
	int rc = s->profiles ? 0 : begin(s, k, e);

	if (!rc)
		rc = reach(s, e);
	if (!rc && k->values.n != to->values.n)
		rc = prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
			"is damaged: its columns are not its types");
	for (size_t i = 0; !rc && i < k->nodes.n; i++) {
		uint32_t row = 0;

		if (is_zero(k, i))
			continue;
		if (k->nodes.v[i] >= s->row.n)
			return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
				"is damaged: a sample is out of range");
		rc = find_row(s, k->nodes.v[i], k->sets.v[i], &row, e);
		for (size_t t = 0; !rc && t < to->values.n; t++)
			to->values.v[t].v[row] = prof_add(
				to->values.v[t].v[row], k->values.v[t].v[i]);
	}
	if (!to->time_ns || k->time_ns < to->time_ns)
		to->time_ns = k->time_ns;
	to->duration_ns = prof_add(to->duration_ns, k->duration_ns);
	to->period = k->period > to->period ? k->period : to->period;
	to->unknown_fields += k->unknown_fields;
	s->profiles++;
	return rc;
}

void prof_sum_end(struct prof_sum *s)
{
	struct prof_packed *k = &s->packed;
	size_t kept = 0;

	for (size_t i = 0; i < k->nodes.n; i++) {
		if (is_zero(k, i))
			continue;
		k->nodes.v[kept] = k->nodes.v[i];
		k->sets.v[kept] = k->sets.v[i];
		for (size_t t = 0; t < k->values.n; t++)
			k->values.v[t].v[kept] = k->values.v[t].v[i];
		kept++;
	}
	k->nodes.n = k->sets.n = kept;
	for (size_t t = 0; t < k->values.n; t++)
		k->values.v[t].n = kept;
}
