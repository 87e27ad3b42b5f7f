#include "libprof/store/pack.h"

struct unpacker {
	const struct prof_dict *d;
	const uint32_t *builds; /* that the samples are of */
	size_t n_builds;
	bool functions; /* only they count */
	bool unlike; /* but builds differ by more than where they stand */
	struct prof_packed *k;
	struct prof_profile *p;
	struct prof_err *e;
	/* Of each of the dictionaries' ids: what it is in the profile; PROF_NONE: not there yet. */
	uint32_t *str, *func, *loc, *node, *set, *module;
	/* Where the builds have them; NULL: nowhere. */
	const struct prof_build_func **build_func;
	const struct prof_build_loc **build_loc;
	PROF_VEC(uint32_t) path;
};

static int damaged(struct unpacker *x, const char *what)
{
	return prof_fail(x->e, PROF_EFORMAT, PROF_NO_OFFSET, "is damaged: %s", what);
}

static int string(struct unpacker *x, uint32_t id, uint32_t *to)
{
	struct prof_str s = prof_dict_str(x->d, id);
	int rc = 0;

	if (x->str[id] == PROF_NONE)
		rc = prof_strtab_add(&x->p->strings, s.p, s.len, &x->str[id], x->e);
	*to = x->str[id];
	return rc;
}

/* A string of a record that is not taken apart yet. */
static int read_string(struct unpacker *x, struct prof_rd *r, uint32_t *to)
{
	return string(x, prof_rd_id(r, x->d->tables[PROF_STR].strs.n), to);
}

static int read_type(struct unpacker *x, struct prof_rd *r, struct prof_value_type *t)
{
	int rc = read_string(x, r, &t->type);

	return rc ? rc : read_string(x, r, &t->unit);
}

static int header(struct unpacker *x, uint32_t id)
{
	struct prof_profile *p = x->p;
	struct prof_rd r;
	size_t types;
	int rc;

	if (id >= x->d->tables[PROF_HEAD].strs.n)
		return damaged(x, "its header is out of range");
	r = prof_dict_read(x->d, PROF_HEAD, id);
	types = (size_t)prof_rd_count(&r, 2);
	if ((rc = prof_vec_reserve(&p->mem, &p->types, types, x->e)))
		return rc;
	for (p->types.n = 0; p->types.n < types; p->types.n++)
		if ((rc = read_type(x, &r, &p->types.v[p->types.n])))
			return rc;
	if ((rc = read_type(x, &r, &p->period_type)) ||
		(rc = read_string(x, &r, &p->default_type)) ||
		(rc = read_string(x, &r, &p->drop_frames)) ||
		(rc = read_string(x, &r, &p->keep_frames)) ||
		(rc = read_string(x, &r, &p->doc_url)))
		return rc;
	while (!rc && r.p < r.end) {
		rc = prof_vec_reserve(&p->mem, &p->comments, 1, x->e);
		if (!rc)
			rc = read_string(x, &r, &p->comments.v[p->comments.n++]);
	}
	if (!rc && r.why)
		return damaged(x, r.why);
	return rc;
}

static int module(struct unpacker *x, uint32_t id, struct prof_mapping *m)
{
	struct prof_rd r = prof_dict_read(x->d, PROF_MODULE, id);
	int rc = read_string(x, &r, &m->file);

	if (!rc)
		rc = read_string(x, &r, &m->build_id);
	prof_rd_uvarint(&r);
	return !rc && (r.why || r.p != r.end) ? damaged(x, "a module") : rc;
}

static int mappings(struct unpacker *x)
{
	struct prof_profile *p = x->p;
	struct prof_rd r;
	int rc = 0;

	if (x->k->maps >= x->d->tables[PROF_MAPS].strs.n)
		return damaged(x, "its mappings are out of range");
	r = prof_dict_read(x->d, PROF_MAPS, x->k->maps);
	while (!rc && r.p < r.end) {
		struct prof_mapping m = {.id = p->mappings.n + 1};
		uint32_t id = prof_rd_id(&r, x->d->tables[PROF_MODULE].strs.n);

		m.start = prof_rd_uvarint(&r);
		m.limit = m.start + prof_rd_uvarint(&r);
		m.offset = prof_rd_uvarint(&r);
		m.has = (unsigned)prof_rd_id(&r, 16);
		if (r.why || !id)
			return damaged(x, "its mappings");
		rc = prof_vec_reserve(&p->mem, &p->mappings, 1, x->e);
		if (!rc)
			rc = module(x, id, &m);
		if (rc)
			break;
		x->module[id] = (uint32_t)p->mappings.n;
		p->mappings.v[p->mappings.n++] = m;
	}
	return rc;
}

static int function(struct unpacker *x, uint32_t id, uint32_t *to)
{
	const struct prof_dict_func *f = &x->d->funcs.v[id];
	struct prof_profile *p = x->p;
	struct prof_function new = {0};
	int rc;

	if (x->func[id] == PROF_NONE) {
		if (!x->build_func[id])
			return damaged(x, "a function that its build has not");
		new.start_line = x->build_func[id]->start_line;
		x->unlike |= !f->name;
		if ((rc = string(x, f->name, &new.name)) ||
			(rc = string(x, f->system_name, &new.system_name)) ||
			(rc = string(x, f->file, &new.file)) ||
			(rc = prof_vec_reserve(&p->mem, &p->functions, 1, x->e)))
			return rc;
		x->func[id] = (uint32_t)p->functions.n;
		p->functions.v[p->functions.n++] = new;
	}
	*to = x->func[id];
	return 0;
}

static int add_location(struct unpacker *x, uint32_t id)
{
	const struct prof_dict_loc *l = &x->d->locs.v[id];
	const struct prof_build_loc *b = x->build_loc[id];
	struct prof_profile *p = x->p;
	struct prof_location new = {.id = p->locations.n + 1,
		.address = b->address,
		.mapping = PROF_NONE,
		.first_line = (uint32_t)p->lines.n,
		.n_lines = l->n_lines,
		.folded = l->folded};
	int rc;

	if (b->module) {
		new.mapping = x->module[b->module];
		if (new.mapping == PROF_NONE && !x->functions)
			return damaged(x, "a location of a mapping that it has not");
		if (new.mapping == PROF_NONE)
			x->unlike = true;
		else
			new.address += p->mappings.v[new.mapping].start;
	}
	x->unlike |= !l->n_lines;
	if (l->n_lines >= PROF_NONE - p->lines.n)
		return damaged(x, "too many lines");
	if ((rc = prof_vec_reserve(&p->mem, &p->lines, l->n_lines, x->e)) ||
		(rc = prof_vec_reserve(&p->mem, &p->locations, 1, x->e)))
		return rc;
	for (uint32_t i = 0; i < l->n_lines; i++) {
		const struct prof_dict_line *from = &x->d->lines.v[l->first_line + i];
		struct prof_line *to = &p->lines.v[p->lines.n];

		to->column = from->column;
		if ((rc = function(x, from->func, &to->function)))
			return rc;
		to->line = (int64_t)((uint64_t)p->functions.v[to->function].start_line +
				     (uint64_t)from->rel_line);
		p->lines.n++;
	}
	x->loc[id] = (uint32_t)p->locations.n;
	p->locations.v[p->locations.n++] = new;
	return 0;
}

static int location(struct unpacker *x, uint32_t id, uint32_t *to)
{
	int rc = 0;

	if (x->loc[id] == PROF_NONE)
		rc = x->build_loc[id] ? add_location(x, id)
				      : damaged(x, "a location that its build has not");
	*to = x->loc[id];
	return rc;
}

static int stack(struct unpacker *x, uint32_t node, uint32_t *to)
{
	struct prof_profile *p = x->p;
	int rc;

	if (x->node[node] != PROF_NONE) {
		*to = x->node[node];
		return 0;
	}
	for (uint32_t n = node; n; n = x->d->nodes.v[n].parent) {
		if (p->stack_loc.n >= PROF_NONE - 1)
			return damaged(x, "too many stacks");
		if ((rc = prof_vec_reserve(&p->mem, &p->stack_loc, 1, x->e)) ||
			(rc = location(x, x->d->nodes.v[n].loc, &p->stack_loc.v[p->stack_loc.n])))
			return rc;
		p->stack_loc.n++;
	}
	rc = prof_vec_reserve(&p->mem, &p->stack_start, 1, x->e);
	if (rc)
		return rc;
	*to = x->node[node] = (uint32_t)p->stack_start.n - 1;
	p->stack_start.v[p->stack_start.n++] = (uint32_t)p->stack_loc.n;
	return 0;
}

static int label_set(struct unpacker *x, uint32_t id, uint32_t *to)
{
	struct prof_rd r = prof_dict_read(x->d, PROF_SET, id);
	PROF_VEC(struct prof_label) labels = {0};
	int rc = 0;

	while (!rc && x->set[id] == PROF_NONE && r.p < r.end) {
		struct prof_label l = {0};

		if ((rc = read_string(x, &r, &l.key)))
			break;
		l.is_str = prof_rd_id(&r, 2);
		if ((rc = read_string(x, &r, &l.str)))
			break;
		l.num = prof_rd_varint(&r);
		if ((rc = read_string(x, &r, &l.unit)) ||
			(rc = prof_vec_reserve(&x->p->mem, &labels, 1, x->e)))
			break;
		labels.v[labels.n++] = l;
	}
	if (!rc && r.why)
		rc = damaged(x, r.why);
	if (!rc && x->set[id] == PROF_NONE)
		rc = prof_profile_label_set(x->p, labels.v, labels.n, &x->set[id], x->e);
	prof_vec_fini(&x->p->mem, &labels);
	*to = x->set[id];
	return rc;
}

static int samples(struct unpacker *x)
{
	struct prof_packed *k = x->k;
	struct prof_profile *p = x->p;
	size_t n = k->nodes.n;
	int rc;

	if (k->values.n != p->types.n)
		return damaged(x, "its columns are not its types");
	if ((rc = prof_vec_reserve(&p->mem, &p->sample_stack, n, x->e)) ||
		(rc = prof_vec_reserve(&p->mem, &p->sample_labels, n, x->e)) ||
		(rc = prof_profile_columns(p, k->values.n, x->e)))
		return rc;
	for (size_t i = 0; i < n; i++) {
		if (k->nodes.v[i] >= x->d->nodes.n || k->sets.v[i] >= x->d->tables[PROF_SET].strs.n)
			return damaged(x, "a sample is out of range");
		if ((rc = stack(x, k->nodes.v[i], &p->sample_stack.v[i])) ||
			(rc = label_set(x, k->sets.v[i], &p->sample_labels.v[i])))
			return rc;
	}
	p->sample_stack.n = p->sample_labels.n = n;
	return prof_move_columns(&k->mem, k->values.v, k->values.n, &p->mem, p->values.v, x->e);
}

static int spares(struct unpacker *x)
{
	uint32_t to;
	int rc;

	for (size_t i = 0; i < x->k->spare_locs.n; i++) {
		if (x->k->spare_locs.v[i] >= x->d->locs.n)
			return damaged(x, "a location is out of range");
		if ((rc = location(x, x->k->spare_locs.v[i], &to)))
			return rc;
	}
	for (size_t i = 0; i < x->k->spare_funcs.n; i++) {
		if (x->k->spare_funcs.v[i] >= x->d->funcs.n)
			return damaged(x, "a function is out of range");
		if ((rc = function(x, x->k->spare_funcs.v[i], &to)))
			return rc;
	}
	return 0;
}

/* n ids, all unknown; charged to the profile while it is made. */
static int unknown(struct unpacker *x, uint32_t **v, size_t n)
{
	*v = prof_mem_resize(&x->p->mem, NULL, 0, (n + 1) * sizeof(**v), x->e);
	for (size_t i = 0; *v && i < n; i++)
		(*v)[i] = PROF_NONE;
	return *v ? 0 : PROF_ENOMEM;
}

static void forget(struct unpacker *x, uint32_t *v, size_t n)
{
	if (v)
		prof_mem_free(&x->p->mem, v, (n + 1) * sizeof(*v));
}

static int begin(struct unpacker *x)
{
	const struct prof_dict *d = x->d;
	struct prof_mem *mem = &x->p->mem;

	x->build_func = prof_mem_zalloc(mem, d->funcs.n, sizeof(*x->build_func), x->e);
	x->build_loc = prof_mem_zalloc(mem, d->locs.n, sizeof(*x->build_loc), x->e);
	return !x->build_func || !x->build_loc || unknown(x, &x->str, d->tables[PROF_STR].strs.n) ||
	       unknown(x, &x->func, d->funcs.n) || unknown(x, &x->loc, d->locs.n) ||
	       unknown(x, &x->node, d->nodes.n) ||
	       unknown(x, &x->set, d->tables[PROF_SET].strs.n) ||
	       unknown(x, &x->module, d->tables[PROF_MODULE].strs.n);
}

static void end(struct unpacker *x)
{
	const struct prof_dict *d = x->d;

	prof_mem_zfree(&x->p->mem, x->build_func, d->funcs.n, sizeof(*x->build_func));
	prof_mem_zfree(&x->p->mem, x->build_loc, d->locs.n, sizeof(*x->build_loc));
	forget(x, x->str, d->tables[PROF_STR].strs.n);
	forget(x, x->func, d->funcs.n);
	forget(x, x->loc, d->locs.n);
	forget(x, x->node, d->nodes.n);
	forget(x, x->set, d->tables[PROF_SET].strs.n);
	forget(x, x->module, d->tables[PROF_MODULE].strs.n);
}

/* PROF_STR of a module's file. */
static uint32_t module_file(const struct unpacker *x, uint32_t id)
{
	struct prof_rd r = prof_dict_read(x->d, PROF_MODULE, id);

	return id ? prof_rd_id(&r, x->d->tables[PROF_STR].strs.n) : 0;
}

static int take_build(struct unpacker *x, uint32_t build)
{
	const struct prof_dict_build *b;

	if (build >= x->d->builds.n)
		return damaged(x, "its build is out of range");
	b = x->d->builds.v[build];
	for (size_t i = 0; i < b->funcs.n; i++)
		if (!x->build_func[b->funcs.v[i].func])
			x->build_func[b->funcs.v[i].func] = &b->funcs.v[i];
	for (size_t i = 0; i < b->locs.n; i++) {
		const struct prof_build_loc *l = &b->locs.v[i], **first = &x->build_loc[l->loc];

		if (!*first)
			*first = l;
		else if (l->module != (*first)->module &&
			 module_file(x, l->module) != module_file(x, (*first)->module))
			x->unlike = true;
	}
	return 0;
}

/* Modules of other builds are where the one of the same file is. */
static int join_modules(struct unpacker *x)
{
	size_t n = x->d->tables[PROF_MODULE].strs.n, files = x->d->tables[PROF_STR].strs.n;
	uint32_t *of_file;

	if (unknown(x, &of_file, files))
		return x->e->code;
	for (uint32_t i = 1; i < n; i++)
		if (x->module[i] != PROF_NONE && of_file[module_file(x, i)] == PROF_NONE)
			of_file[module_file(x, i)] = x->module[i];
	for (uint32_t i = 1; i < n; i++)
		if (x->module[i] == PROF_NONE)
			x->module[i] = of_file[module_file(x, i)];
	forget(x, of_file, files);
	return 0;
}

static int all(struct unpacker *x)
{
	int rc = begin(x) ? x->e->code : 0;

	for (size_t i = 0; !rc && i < x->n_builds; i++)
		rc = take_build(x, x->builds[i]);
	if (rc || (rc = header(x, x->k->head)) || (rc = mappings(x)))
		return rc;
	if ((x->functions && (rc = join_modules(x))) || (rc = samples(x)))
		return rc;
	return spares(x);
}

static int unpack(struct unpacker *x, const struct prof_limits *limits, struct prof_profile **out)
{
	const struct prof_packed *k = x->k;
	int rc;

	x->p = prof_profile_new(limits, x->e);
	if (!x->p)
		return x->e->code;
	rc = all(x);
	end(x);
	x->p->time_ns = k->time_ns;
	x->p->duration_ns = k->duration_ns;
	x->p->period = k->period;
	x->p->unknown_fields = k->unknown_fields;
	*out = NULL;
	if (rc || (x->functions && x->unlike))
		prof_profile_free(x->p);
	else
		*out = x->p;
	return rc;
}

int prof_unpack(const struct prof_dict *d, struct prof_packed *k, const struct prof_limits *limits,
	struct prof_profile **out, struct prof_err *e)
{
	struct prof_err none = {0};
	struct unpacker x = {
		.d = d, .builds = &k->build, .n_builds = 1, .k = k, .e = e ? e : &none};

	return unpack(&x, limits, out);
}

int prof_unpack_functions(const struct prof_dict *d, struct prof_packed *k, const uint32_t *builds,
	size_t n, const struct prof_limits *limits, struct prof_profile **out, struct prof_err *e)
{
	struct prof_err none = {0};
	struct unpacker x = {.d = d,
		.builds = builds,
		.n_builds = n,
		.functions = true,
		.k = k,
		.e = e ? e : &none};

	return unpack(&x, limits, out);
}
