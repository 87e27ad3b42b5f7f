#include "libprof/store/pack.h"

#include "libprof/store/lookup.h"

struct packer {
	struct prof_lookup c;
	struct prof_dict *d;
	const struct prof_profile *p;
	struct prof_packed *k;
	struct prof_err *e;
	uint32_t *set; /* of each of the profile's sets: PROF_SET, PROF_NONE: not known yet */
};

void prof_packed_init(struct prof_packed *k, uint64_t memory_bytes)
{
	*k = (struct prof_packed){
		.mem = {.limit = memory_bytes > SIZE_MAX / 2 ? SIZE_MAX / 2
							     : (size_t)memory_bytes}};
}

void prof_packed_fini(struct prof_packed *k)
{
	for (size_t t = 0; t < k->values.n; t++)
		prof_vec_fini(&k->mem, &k->values.v[t]);
	prof_vec_fini(&k->mem, &k->values);
	prof_vec_fini(&k->mem, &k->nodes);
	prof_vec_fini(&k->mem, &k->sets);
	prof_vec_fini(&k->mem, &k->sizes);
	prof_vec_fini(&k->mem, &k->order);
	prof_vec_fini(&k->mem, &k->spare_locs);
	prof_vec_fini(&k->mem, &k->spare_funcs);
}

/* A string's id as part of the record under way. */
static int put_string(struct packer *x, uint32_t id)
{
	uint32_t to = 0;
	int rc = prof_lookup_string(&x->c, id, &to);

	prof_put_uvarint(&x->d->key, to);
	return rc;
}

static int label_set(struct packer *x, uint32_t s, uint32_t *id)
{
	const struct prof_profile *p = x->p;
	struct prof_buf *key = &x->d->key;
	int rc;

	if (x->set[s] == PROF_NONE) {
		for (uint32_t i = p->label_start.v[s]; i < p->label_start.v[s + 1]; i++) {
			const struct prof_label *l = &p->labels.v[i];

			if ((rc = put_string(x, l->key)))
				return rc;
			prof_put_uvarint(key, l->is_str);
			if ((rc = put_string(x, l->str)))
				return rc;
			prof_put_varint(key, l->num);
			if ((rc = put_string(x, l->unit)))
				return rc;
		}
		if ((rc = prof_dict_record(x->d, PROF_SET, &x->set[s], x->e)))
			return rc;
	}
	*id = x->set[s];
	return 0;
}

static int put_type(struct packer *x, struct prof_value_type t)
{
	int rc = put_string(x, t.type);

	return rc ? rc : put_string(x, t.unit);
}

static int header(struct packer *x)
{
	const struct prof_profile *p = x->p;
	int rc = 0;

	prof_put_uvarint(&x->d->key, p->types.n);
	for (size_t t = 0; !rc && t < p->types.n; t++)
		rc = put_type(x, p->types.v[t]);
	if (rc || (rc = put_type(x, p->period_type)) || (rc = put_string(x, p->default_type)) ||
		(rc = put_string(x, p->drop_frames)) || (rc = put_string(x, p->keep_frames)) ||
		(rc = put_string(x, p->doc_url)))
		return rc;
	for (size_t i = 0; !rc && i < p->comments.n; i++)
		rc = put_string(x, p->comments.v[i]);
	return rc ? rc : prof_dict_record(x->d, PROF_HEAD, &x->k->head, x->e);
}

static int module(struct packer *x, const struct prof_mapping *m, uint32_t before, uint32_t *id)
{
	int rc;

	if ((rc = put_string(x, m->file)) || (rc = put_string(x, m->build_id)))
		return rc;
	prof_put_uvarint(&x->d->key, before);
	return prof_dict_record(x->d, PROF_MODULE, id, x->e);
}

/* The modules of the profile's mappings: the same file may be mapped several times. */
static int modules(struct packer *x)
{
	const struct prof_profile *p = x->p;
	struct prof_dict *d = x->d;
	PROF_VEC(uint32_t) touched = {0};
	int rc = prof_vec_reserve(&x->k->mem, &x->c.modules, p->mappings.n, x->e);

	if (!rc)
		rc = prof_vec_reserve(&x->k->mem, &touched, p->mappings.n, x->e);
	for (size_t i = 0; !rc && i < p->mappings.n; i++) {
		const struct prof_mapping *m = &p->mappings.v[i];
		uint32_t id, first;

		rc = module(x, m, 0, &first);
		if (!rc && first >= d->module_seen.n)
			rc = prof_vec_reserve(
				&d->mem, &d->module_seen, first + 1 - d->module_seen.n, x->e);
		if (rc)
			break;
		while (d->module_seen.n <= first)
			d->module_seen.v[d->module_seen.n++] = 0;
		touched.v[touched.n++] = first;
		id = first;
		if (d->module_seen.v[first]++)
			rc = module(x, m, d->module_seen.v[first] - 1, &id);
		x->c.modules.v[x->c.modules.n++] = id;
	}
	for (size_t i = 0; i < touched.n; i++)
		d->module_seen.v[touched.v[i]] = 0;
	prof_vec_fini(&x->k->mem, &touched);
	return rc;
}

static int mappings(struct packer *x)
{
	const struct prof_profile *p = x->p;
	int rc = modules(x);

	for (size_t i = 0; !rc && i < p->mappings.n; i++) {
		const struct prof_mapping *m = &p->mappings.v[i];

		prof_put_uvarint(&x->d->key, x->c.modules.v[i]);
		prof_put_uvarint(&x->d->key, m->start);
		prof_put_uvarint(&x->d->key, m->limit - m->start);
		prof_put_uvarint(&x->d->key, m->offset);
		prof_put_uvarint(&x->d->key, m->has);
	}
	return rc ? rc : prof_dict_record(x->d, PROF_MAPS, &x->k->maps, x->e);
}

static int samples(struct packer *x)
{
	const struct prof_profile *p = x->p;
	struct prof_packed *k = x->k;
	size_t n = p->sample_stack.n;
	int rc;

	if ((rc = prof_vec_reserve(&k->mem, &k->nodes, n, x->e)) ||
		(rc = prof_vec_reserve(&k->mem, &k->sets, n, x->e)) ||
		(rc = prof_lookup_stacks(&x->c, p->sample_stack.v, n, k->nodes.v)))
		return rc;
	for (size_t i = 0; i < n; i++)
		if ((rc = label_set(x, p->sample_labels.v[i], &k->sets.v[i])))
			return rc;
	k->nodes.n = k->sets.n = n;
	return 0;
}

/* Locations and functions that no sample needs are kept all the same. */
static int spares(struct packer *x)
{
	struct prof_packed *k = x->k;
	const struct prof_profile *p = x->p;
	uint32_t id;
	int rc;

	for (uint32_t i = 0; i < p->locations.n; i++) {
		if (x->c.used[i])
			continue;
		if ((rc = prof_lookup_location(&x->c, i, &id)) ||
			(rc = prof_vec_reserve(&k->mem, &k->spare_locs, 1, x->e)))
			return rc;
		k->spare_locs.v[k->spare_locs.n++] = id;
	}
	for (uint32_t i = 0; i < p->functions.n; i++) {
		if (x->c.func[i] != PROF_NONE)
			continue;
		if ((rc = prof_lookup_function(&x->c, i, &id)) ||
			(rc = prof_vec_reserve(&k->mem, &k->spare_funcs, 1, x->e)))
			return rc;
		k->spare_funcs.v[k->spare_funcs.n++] = id;
	}
	return 0;
}

/* Moves what is charged along with the columns. */
int prof_move_columns(struct prof_mem *from, struct prof_column *v, size_t n, struct prof_mem *to,
	struct prof_column *out, struct prof_err *e)
{
	for (size_t t = 0; t < n; t++) {
		size_t bytes = v[t].cap * sizeof(*v[t].v);

		if (bytes > to->limit - to->used)
			return prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET,
				"needs more than the %zu bytes of memory allowed", to->limit);
		to->used += bytes;
		from->used -= bytes;
		out[t] = v[t];
		v[t] = (struct prof_column){0};
	}
	return 0;
}

static int columns(struct packer *x)
{
	int rc = prof_vec_reserve(&x->k->mem, &x->k->values, x->p->values.n, x->e);

	for (size_t t = 0; !rc && t < x->p->values.n; t++)
		x->k->values.v[x->k->values.n++] = (struct prof_column){0};
	return rc;
}

/* The parts, when the dictionaries are ready to be looked up in. */
static int parts(struct packer *x)
{
	int rc;

	if ((rc = columns(x)) || (rc = header(x)) || (rc = mappings(x)))
		return rc;
	prof_lookup_known(&x->c);
	rc = samples(x);
	return rc ? rc : spares(x);
}

int prof_pack(struct prof_dict *d, uint32_t build, struct prof_profile *p, struct prof_packed *k,
	struct prof_err *e)
{
	struct packer x = {.d = d, .p = p, .k = k, .e = e};
	size_t sets = p->label_start.n;
	int rc = prof_lookup_init(&x.c, d, build, p, &k->mem, e);

	k->build = build;
	k->time_ns = p->time_ns;
	k->duration_ns = p->duration_ns;
	k->period = p->period;
	k->unknown_fields = p->unknown_fields;
	if (!rc && !(x.set = prof_mem_zalloc(&k->mem, sets, sizeof(*x.set), e)))
		rc = PROF_ENOMEM;
	for (size_t i = 0; !rc && i < sets; i++)
		x.set[i] = PROF_NONE;
	if (!rc)
		rc = parts(&x);
	if (!rc)
		rc = prof_move_columns(&p->mem, p->values.v, p->values.n, &k->mem, k->values.v, e);
	prof_mem_zfree(&k->mem, x.set, sets, sizeof(*x.set));
	prof_lookup_fini(&x.c);
	return rc;
}
