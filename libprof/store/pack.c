#include "libprof/store/pack.h"

struct packer {
	struct prof_dict *d;
	struct prof_dict_build *b;
	const struct prof_profile *p;
	struct prof_packed *k;
	struct prof_err *e;
	/* Of each of the profile's ids: what it is in the dictionaries; PROF_NONE: not known yet.
	 */
	uint32_t *str, *func, *loc, *stack, *set;
	PROF_VEC(uint32_t) modules; /* of the profile's mappings */
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
	prof_vec_fini(&k->mem, &k->spare_locs);
	prof_vec_fini(&k->mem, &k->spare_funcs);
}

static int string(struct packer *x, uint32_t id, uint32_t *to)
{
	struct prof_str s = prof_profile_str(x->p, id);
	int rc = 0;

	if (x->str[id] == PROF_NONE)
		rc = prof_strtab_add(&x->d->tables[PROF_STR], s.p, s.len, &x->str[id], x->e);
	*to = x->str[id];
	return rc;
}

/* A string's id as part of the record under way. */
static int put_string(struct packer *x, uint32_t id)
{
	uint32_t to = 0;
	int rc = string(x, id, &to);

	prof_put_uvarint(&x->d->key, to);
	return rc;
}

/* Ends the record in d->key with its variant: base is its id with variant 0. */
static int record_base(struct packer *x, enum prof_series s, uint32_t *base)
{
	prof_put_uvarint(&x->d->key, 0);
	return prof_dict_record(x->d, s, base, x->e);
}

/* The record `base` with the variant that comes next in this build. */
static int next_variant(struct packer *x, enum prof_series s, uint32_t base, uint32_t *id)
{
	struct prof_str bytes = x->d->tables[s].strs.v[base];
	uint32_t *next = s == PROF_FUNC ? &x->b->next_func.v[base] : &x->b->next_loc.v[base];

	if (!*next) {
		*next = 1;
		*id = base;
		return 0;
	}
	prof_buf_put(&x->d->key, bytes.p, bytes.len - 1);
	prof_put_uvarint(&x->d->key, (*next)++);
	return prof_dict_record(x->d, s, id, x->e);
}

/* next_func and next_loc are as long as the dictionary. */
static int reach(struct packer *x, enum prof_series s)
{
	size_t n = x->d->tables[s].strs.n;
	struct prof_dict_build *b = x->b;
	int rc;

	if (s == PROF_FUNC && n > b->next_func.n) {
		rc = prof_vec_reserve(&x->d->mem, &b->next_func, n - b->next_func.n, x->e);
		while (!rc && b->next_func.n < n)
			b->next_func.v[b->next_func.n++] = 0;
		return rc;
	}
	if (s == PROF_LOC && n > b->next_loc.n) {
		rc = prof_vec_reserve(&x->d->mem, &b->next_loc, n - b->next_loc.n, x->e);
		while (!rc && b->next_loc.n < n)
			b->next_loc.v[b->next_loc.n++] = 0;
		return rc;
	}
	return 0;
}

static uint64_t func_hash(uint32_t base, int64_t start_line, uint32_t dup)
{
	return prof_hash_mix(prof_hash_mix(base, (uint64_t)start_line), dup);
}

static uint64_t loc_hash(uint32_t base, uint32_t module, uint64_t address, uint32_t dup)
{
	return prof_hash_mix(prof_hash_mix(base, address), (uint64_t)module << 32 | dup);
}

/* The build's entry, or PROF_NONE. */
static uint32_t find_func(
	const struct prof_dict_build *b, uint32_t base, int64_t start_line, uint32_t dup)
{
	struct prof_index_it it = prof_index_first(
		&b->func_index, func_hash(base, start_line, dup));
	uint32_t i;

	while ((i = prof_index_next(&b->func_index, &it)) != PROF_NONE) {
		const struct prof_build_func *f = &b->funcs.v[i];

		if (f->base == base && f->start_line == start_line && f->dup == dup)
			break;
	}
	return i;
}

static uint32_t find_loc(const struct prof_dict_build *b, uint32_t base, uint32_t module,
	uint64_t address, uint32_t dup)
{
	struct prof_index_it it = prof_index_first(
		&b->loc_index, loc_hash(base, module, address, dup));
	uint32_t i;

	while ((i = prof_index_next(&b->loc_index, &it)) != PROF_NONE) {
		const struct prof_build_loc *l = &b->locs.v[i];

		if (l->base == base && l->module == module && l->address == address &&
			l->dup == dup)
			break;
	}
	return i;
}

static int add_func(struct packer *x, struct prof_build_func f, uint32_t *at)
{
	struct prof_dict_build *b = x->b;
	int rc = prof_vec_reserve(&x->d->mem, &b->funcs, 1, x->e);

	if (rc || (rc = reach(x, PROF_FUNC)) ||
		(rc = next_variant(x, PROF_FUNC, f.base, &f.func)) ||
		(rc = prof_index_add(&b->func_index, func_hash(f.base, f.start_line, f.dup),
			 (uint32_t)b->funcs.n, x->e)))
		return rc;
	*at = (uint32_t)b->funcs.n;
	b->funcs.v[b->funcs.n++] = f;
	return 0;
}

static int add_loc(struct packer *x, struct prof_build_loc l, uint32_t *at)
{
	struct prof_dict_build *b = x->b;
	int rc = prof_vec_reserve(&x->d->mem, &b->locs, 1, x->e);

	if (rc || (rc = reach(x, PROF_LOC)) || (rc = next_variant(x, PROF_LOC, l.base, &l.loc)) ||
		(rc = prof_index_add(&b->loc_index, loc_hash(l.base, l.module, l.address, l.dup),
			 (uint32_t)b->locs.n, x->e)))
		return rc;
	*at = (uint32_t)b->locs.n;
	b->locs.v[b->locs.n++] = l;
	return 0;
}

static int function(struct packer *x, uint32_t i, uint32_t *func)
{
	const struct prof_function *f = &x->p->functions.v[i];
	struct prof_build_func new = {.start_line = f->start_line};
	uint32_t name, system_name = 0, at, dup;
	int rc;

	if (x->func[i] != PROF_NONE) {
		*func = x->func[i];
		return 0;
	}
	if ((rc = string(x, f->name, &name)) || (rc = string(x, f->system_name, &system_name)))
		return rc;
	prof_put_uvarint(&x->d->key, name);
	prof_put_varint(&x->d->key, (int64_t)system_name - name);
	if ((rc = put_string(x, f->file)) || (rc = record_base(x, PROF_FUNC, &new.base)))
		return rc;
	at = find_func(x->b, new.base, f->start_line, 0);
	if (at != PROF_NONE && x->b->funcs.v[at].stamp == x->d->stamp) {
		/* The profile has it twice. */
		new.dup = dup = ++x->b->funcs.v[at].dups;
		at = find_func(x->b, new.base, f->start_line, dup);
	}
	if (at == PROF_NONE && (rc = add_func(x, new, &at)))
		return rc;
	if (!new.dup) {
		x->b->funcs.v[at].stamp = x->d->stamp;
		x->b->funcs.v[at].dups = 0;
	}
	*func = x->func[i] = x->b->funcs.v[at].func;
	return 0;
}

/* The record of location l, without a variant, into d->key. */
static int loc_base(struct packer *x, const struct prof_location *l, uint32_t *base)
{
	const struct prof_line *lines = l->n_lines ? x->p->lines.v + l->first_line : NULL;
	uint32_t func;
	int rc;

	for (uint32_t i = 0; i < l->n_lines; i++)
		if ((rc = function(x, lines[i].function, &func)))
			return rc;
	prof_put_uvarint(&x->d->key, (uint64_t)l->n_lines << 1 | l->folded);
	for (uint32_t i = 0; i < l->n_lines; i++) {
		uint64_t start = (uint64_t)x->p->functions.v[lines[i].function].start_line;

		prof_put_uvarint(&x->d->key, x->func[lines[i].function]);
		prof_put_varint(&x->d->key, (int64_t)((uint64_t)lines[i].line - start));
		prof_put_varint(&x->d->key, lines[i].column);
	}
	return record_base(x, PROF_LOC, base);
}

static int location(struct packer *x, uint32_t i, uint32_t *loc)
{
	const struct prof_location *l = &x->p->locations.v[i];
	struct prof_build_loc new = {.address = l->address};
	uint32_t at;
	int rc;

	if (x->loc[i] != PROF_NONE) {
		*loc = x->loc[i];
		return 0;
	}
	if (l->mapping != PROF_NONE) {
		new.module = x->modules.v[l->mapping];
		new.address -= x->p->mappings.v[l->mapping].start;
	}
	if ((rc = loc_base(x, l, &new.base)))
		return rc;
	at = find_loc(x->b, new.base, new.module, new.address, 0);
	if (at != PROF_NONE && x->b->locs.v[at].stamp == x->d->stamp) {
		new.dup = ++x->b->locs.v[at].dups;
		at = find_loc(x->b, new.base, new.module, new.address, new.dup);
	}
	if (at == PROF_NONE && (rc = add_loc(x, new, &at)))
		return rc;
	if (!new.dup) {
		x->b->locs.v[at].stamp = x->d->stamp;
		x->b->locs.v[at].dups = 0;
	}
	*loc = x->loc[i] = x->b->locs.v[at].loc;
	return 0;
}

static uint64_t node_hash(struct prof_node n)
{
	return prof_hash_mix(0, (uint64_t)n.parent << 32 | n.loc);
}

static int child(struct packer *x, struct prof_node want, uint32_t *id)
{
	struct prof_dict *d = x->d;
	uint64_t hash = node_hash(want);
	struct prof_index_it it = prof_index_first(&d->node_index, hash);
	int rc;

	while ((*id = prof_index_next(&d->node_index, &it)) != PROF_NONE)
		if (d->nodes.v[*id].parent == want.parent && d->nodes.v[*id].loc == want.loc)
			return 0;
	if (d->nodes.n >= PROF_NONE - 1)
		return prof_fail(x->e, PROF_ELIMIT, PROF_NO_OFFSET, "too many stacks");
	*id = (uint32_t)d->nodes.n;
	if ((rc = prof_vec_reserve(&d->mem, &d->nodes, 1, x->e)) ||
		(rc = prof_index_add(&d->node_index, hash, *id, x->e)))
		return rc;
	d->nodes.v[d->nodes.n++] = want;
	d->indexed_nodes = d->nodes.n;
	return 0;
}

static int stack(struct packer *x, uint32_t s, uint32_t *node)
{
	uint32_t begin = x->p->stack_start.v[s], loc;
	int rc = 0;

	*node = 0;
	if (x->stack[s] == PROF_NONE) {
		for (uint32_t i = x->p->stack_start.v[s + 1]; !rc && i > begin; i--) {
			rc = location(x, x->p->stack_loc.v[i - 1], &loc);
			if (!rc)
				rc = child(x, (struct prof_node){*node, loc}, node);
		}
		x->stack[s] = *node;
	}
	*node = x->stack[s];
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
	int rc = prof_vec_reserve(&x->k->mem, &x->modules, p->mappings.n, x->e);

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
		x->modules.v[x->modules.n++] = id;
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

		prof_put_uvarint(&x->d->key, x->modules.v[i]);
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
		(rc = prof_vec_reserve(&k->mem, &k->sets, n, x->e)))
		return rc;
	for (size_t i = 0; i < n; i++)
		if ((rc = stack(x, p->sample_stack.v[i], &k->nodes.v[i])) ||
			(rc = label_set(x, p->sample_labels.v[i], &k->sets.v[i])))
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
		if (x->loc[i] != PROF_NONE)
			continue;
		if ((rc = location(x, i, &id)) ||
			(rc = prof_vec_reserve(&k->mem, &k->spare_locs, 1, x->e)))
			return rc;
		k->spare_locs.v[k->spare_locs.n++] = id;
	}
	for (uint32_t i = 0; i < p->functions.n; i++) {
		if (x->func[i] != PROF_NONE)
			continue;
		if ((rc = function(x, i, &id)) ||
			(rc = prof_vec_reserve(&k->mem, &k->spare_funcs, 1, x->e)))
			return rc;
		k->spare_funcs.v[k->spare_funcs.n++] = id;
	}
	return 0;
}

/* The hash tables over what was loaded are made when the first profile comes. */
static int index_nodes(struct packer *x)
{
	struct prof_dict *d = x->d;
	int rc = 0;

	for (; !rc && d->indexed_nodes < d->nodes.n; d->indexed_nodes++)
		rc = prof_index_add(&d->node_index, node_hash(d->nodes.v[d->indexed_nodes]),
			(uint32_t)d->indexed_nodes, x->e);
	return rc;
}

/* The id of record `id` with variant 0. */
static int base_of(struct packer *x, enum prof_series s, uint32_t id, uint32_t *base)
{
	struct prof_str bytes = x->d->tables[s].strs.v[id];
	uint32_t len = bytes.len - 1;

	while (len && (uint8_t)bytes.p[len - 1] >= 0x80)
		len--;
	prof_buf_put(&x->d->key, bytes.p, len);
	return record_base(x, s, base);
}

static int index_build(struct packer *x)
{
	struct prof_dict_build *b = x->b;
	int rc = 0;

	if (b->indexed)
		return 0;
	b->indexed = true;
	prof_index_init(&b->func_index, &x->d->mem);
	prof_index_init(&b->loc_index, &x->d->mem);
	for (size_t i = 0; !rc && i < b->funcs.n; i++) {
		struct prof_build_func *f = &b->funcs.v[i];

		if ((rc = base_of(x, PROF_FUNC, f->func, &f->base)) || (rc = reach(x, PROF_FUNC)))
			break;
		b->next_func.v[f->base]++;
		rc = prof_index_add(&b->func_index, func_hash(f->base, f->start_line, f->dup),
			(uint32_t)i, x->e);
	}
	for (size_t i = 0; !rc && i < b->locs.n; i++) {
		struct prof_build_loc *l = &b->locs.v[i];

		if ((rc = base_of(x, PROF_LOC, l->loc, &l->base)) || (rc = reach(x, PROF_LOC)))
			break;
		b->next_loc.v[l->base]++;
		rc = prof_index_add(&b->loc_index, loc_hash(l->base, l->module, l->address, l->dup),
			(uint32_t)i, x->e);
	}
	return rc;
}

static uint32_t *unknown(struct packer *x, size_t n)
{
	uint32_t *v = prof_mem_resize(&x->k->mem, NULL, 0, (n + 1) * sizeof(*v), x->e);

	for (size_t i = 0; v && i < n; i++)
		v[i] = PROF_NONE;
	return v;
}

static void forget(struct packer *x, uint32_t *v, size_t n)
{
	if (v)
		prof_mem_free(&x->k->mem, v, (n + 1) * sizeof(*v));
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

int prof_pack(struct prof_dict *d, uint32_t build, struct prof_profile *p, struct prof_packed *k,
	struct prof_err *e)
{
	struct packer x = {.d = d, .b = d->builds.v[build], .p = p, .k = k, .e = e};
	int rc = PROF_ENOMEM;

	d->stamp++;
	d->key.n = 0;
	k->build = build;
	k->time_ns = p->time_ns;
	k->duration_ns = p->duration_ns;
	k->period = p->period;
	k->unknown_fields = p->unknown_fields;
	x.str = unknown(&x, p->strings.strs.n);
	x.func = unknown(&x, p->functions.n);
	x.loc = unknown(&x, p->locations.n);
	x.stack = unknown(&x, p->stack_start.n);
	x.set = unknown(&x, p->label_start.n);
	if (x.str && x.func && x.loc && x.stack && x.set && !(rc = columns(&x)) &&
		!(rc = index_nodes(&x)) && !(rc = index_build(&x)) && !(rc = header(&x)) &&
		!(rc = mappings(&x)) && !(rc = samples(&x)) && !(rc = spares(&x)))
		rc = prof_move_columns(&p->mem, p->values.v, p->values.n, &k->mem, k->values.v, e);
	forget(&x, x.str, p->strings.strs.n);
	forget(&x, x.func, p->functions.n);
	forget(&x, x.loc, p->locations.n);
	forget(&x, x.stack, p->stack_start.n);
	forget(&x, x.set, p->label_start.n);
	prof_vec_fini(&k->mem, &x.modules);
	return rc;
}
