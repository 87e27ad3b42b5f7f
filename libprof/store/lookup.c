#include "libprof/store/lookup.h"

enum { BLOCK = 32, SHARED = 4, MOST_NODES = 1 << 14 }; /* to begin with */

int prof_lookup_string(struct prof_lookup *c, uint32_t id, uint32_t *to)
{
	struct prof_strtab *t = &c->d->tables[PROF_STR];
	struct prof_str s = prof_profile_str(c->p, id);
	uint32_t next = c->last_str + 1;
	int rc = 0;

	if (c->str[id] == PROF_NONE) {
		if (next < t->strs.n && prof_str_eq(t->strs.v[next], s))
			c->str[id] = next;
		else
			rc = prof_strtab_add(t, s.p, s.len, &c->str[id], c->e);
		c->last_str = c->str[id];
	}
	*to = c->str[id];
	return rc;
}

/* Whether the profile's string is that one: then it need not be looked up. */
static bool is_string(struct prof_lookup *c, uint32_t id, uint32_t want)
{
	if (c->str[id] != PROF_NONE)
		return c->str[id] == want;
	if (!prof_str_eq(prof_dict_str(c->d, want), prof_profile_str(c->p, id)))
		return false;
	c->str[id] = c->last_str = want;
	return true;
}

/* Whether the profile's function is that entry of the build, which `func` names. */
static bool is_function(struct prof_lookup *c, uint32_t id, uint32_t func, uint32_t at)
{
	const struct prof_function *f = &c->p->functions.v[id];
	const struct prof_dict_func *names = &c->d->funcs.v[func];
	struct prof_build_func *x;

	if (c->func[id] != PROF_NONE)
		return c->func[id] == at;
	if (at == PROF_NONE)
		return false;
	x = &c->b->funcs.v[at];
	if (x->start_line != f->start_line || x->dup || x->stamp == c->d->stamp ||
		!is_string(c, f->name, names->name) ||
		!is_string(c, f->system_name, names->system_name) ||
		!is_string(c, f->file, names->file))
		return false;
	x->stamp = c->d->stamp;
	x->dups = 0;
	c->func[id] = at;
	return true;
}

/* The place in the build of a function of the profile. */
static int function(struct prof_lookup *c, uint32_t id, uint32_t *to)
{
	const struct prof_function *f = &c->p->functions.v[id];
	struct prof_build_func new = {.start_line = f->start_line};
	struct prof_dict_func names = {0};
	uint32_t at;
	int rc;

	*to = c->func[id];
	if (*to != PROF_NONE)
		return 0;
	if ((rc = prof_lookup_string(c, f->name, &names.name)) ||
		(rc = prof_lookup_string(c, f->system_name, &names.system_name)) ||
		(rc = prof_lookup_string(c, f->file, &names.file)))
		return rc;
	at = prof_code_find_func(c->d, c->b, &names, &new);
	if (at != PROF_NONE && c->b->funcs.v[at].stamp == c->d->stamp) {
		/* The profile has it twice. */
		new.dup = ++c->b->funcs.v[at].dups;
		at = prof_code_find_func(c->d, c->b, &names, &new);
	}
	if (at == PROF_NONE && (rc = prof_code_add_func(c->d, c->b, &names, new, &at, c->e)))
		return rc;
	if (!new.dup) {
		c->b->funcs.v[at].stamp = c->d->stamp;
		c->b->funcs.v[at].dups = 0;
	}
	*to = c->func[id] = at;
	return 0;
}

int prof_lookup_function(struct prof_lookup *c, uint32_t id, uint32_t *to)
{
	uint32_t at;
	int rc = function(c, id, &at);

	if (!rc)
		*to = c->b->funcs.v[at].func;
	return rc;
}

static int64_t rel_line(const struct prof_profile *p, const struct prof_line *l)
{
	return (int64_t)((uint64_t)l->line - (uint64_t)p->functions.v[l->function].start_line);
}

/* Where a location stands in its build: its module and address. */
static struct prof_build_loc placed(const struct prof_lookup *c, const struct prof_location *l)
{
	struct prof_build_loc x = {.address = l->address};

	if (l->mapping != PROF_NONE) {
		x.module = c->modules.v[l->mapping];
		x.address -= c->p->mappings.v[l->mapping].start;
	}
	return x;
}

/* Whether the profile's location is that entry of the build, at whose address it is. */
static bool is_location(struct prof_lookup *c, const struct prof_location *l, uint32_t at)
{
	const struct prof_dict_build *b = c->b;
	struct prof_build_loc *x = &b->locs.v[at];
	const struct prof_dict_loc *known = &c->d->locs.v[x->loc];

	if (x->stamp == c->d->stamp || known->n_lines != l->n_lines || known->folded != l->folded)
		return false;
	for (uint32_t k = 0; k < l->n_lines; k++) {
		const struct prof_line *line = &c->p->lines.v[l->first_line + k];
		const struct prof_dict_line *want = &c->d->lines.v[known->first_line + k];

		if (want->rel_line != rel_line(c->p, line) || want->column != line->column ||
			!is_function(
				c, line->function, want->func, b->line_funcs.v[x->line_funcs + k]))
			return false;
	}
	x->stamp = c->d->stamp;
	x->dups = 0;
	return true;
}

/* What the check of a block of locations will look at is asked for in steps, from one thing to
 * what it points at: memory is slow, but brings many things at a time.
 */
static void ask_for(const struct prof_lookup *c, const uint32_t *at, size_t n)
{
	const struct prof_dict *d = c->d;
	const struct prof_dict_build *b = c->b;
	const struct prof_build_func *funcs[BLOCK];
	size_t n_funcs = 0;

	for (size_t i = 0; i < n; i++) {
		prof_prefetch(&d->locs.v[b->locs.v[at[i]].loc]);
		if (b->line_funcs.n)
			prof_prefetch(&b->line_funcs.v[b->locs.v[at[i]].line_funcs]);
	}
	for (size_t i = 0; i < n; i++) {
		const struct prof_build_loc *x = &b->locs.v[at[i]];

		if (!d->locs.v[x->loc].n_lines)
			continue;
		prof_prefetch(&d->lines.v[d->locs.v[x->loc].first_line]);
		if (b->line_funcs.v[x->line_funcs] == PROF_NONE)
			continue;
		funcs[n_funcs] = &b->funcs.v[b->line_funcs.v[x->line_funcs]];
		prof_prefetch(funcs[n_funcs++]);
	}
	for (size_t i = 0; i < n_funcs; i++)
		prof_prefetch(&d->funcs.v[funcs[i]->func]);
	for (size_t i = 0; i < n_funcs; i++)
		prof_prefetch(&d->tables[PROF_STR].strs.v[d->funcs.v[funcs[i]->func].name]);
	for (size_t i = 0; i < n_funcs; i++)
		prof_prefetch(prof_dict_str(d, d->funcs.v[funcs[i]->func].name).p);
}

/* n of the profile's locations, at most BLOCK. */
static void known_block(struct prof_lookup *c, uint32_t first, size_t n)
{
	const struct prof_dict_build *b = c->b;
	struct prof_build_loc want[BLOCK];
	struct prof_index_it it[BLOCK];
	uint32_t at[BLOCK], id[BLOCK];
	size_t some = 0, likely = 0;

	for (size_t i = 0; i < n; i++) {
		want[i] = placed(c, &c->p->locations.v[first + i]);
		it[i] = prof_index_first(&b->at, prof_code_hash(&want[i]));
		prof_prefetch(&b->at.slots[it[i].pos]);
	}
	for (size_t i = 0; i < n; i++) {
		at[some] = prof_index_next(&b->at, &it[i]);
		id[some] = (uint32_t)i;
		if (at[some] != PROF_NONE)
			prof_prefetch(&b->locs.v[at[some++]]);
	}
	for (size_t i = 0; i < some; i++) {
		const struct prof_build_loc *x = &b->locs.v[at[i]], *like = &want[id[i]];

		at[likely] = at[i];
		id[likely] = first + id[i];
		likely += x->address == like->address && x->module == like->module && !x->dup;
	}
	ask_for(c, at, likely);
	for (size_t i = 0; i < likely; i++)
		if (is_location(c, &c->p->locations.v[id[i]], at[i]))
			c->loc[id[i]] = b->locs.v[at[i]].loc;
}

/* What the build has at the address of a location is compared with what the profile has: so most
 * are known without a look into any table of strings, functions or lines.
 */
void prof_lookup_known(struct prof_lookup *c)
{
	const struct prof_dict_build *b = c->b;

	if (!b->at.slots || b->twins)
		return;
	for (size_t first = 0; first < c->p->locations.n; first += BLOCK) {
		size_t left = c->p->locations.n - first;

		known_block(c, (uint32_t)first, left < BLOCK ? left : BLOCK);
	}
}

/* The lines of a location of the profile, into c->lines, and their functions' places. */
static int take_lines(struct prof_lookup *c, const struct prof_location *l)
{
	int rc;

	c->lines.n = c->line_funcs.n = 0;
	if ((rc = prof_vec_reserve(c->mem, &c->lines, l->n_lines, c->e)) ||
		(rc = prof_vec_reserve(c->mem, &c->line_funcs, l->n_lines, c->e)))
		return rc;
	for (uint32_t i = 0; i < l->n_lines; i++) {
		const struct prof_line *line = &c->p->lines.v[l->first_line + i];
		uint32_t at;

		if ((rc = function(c, line->function, &at)))
			return rc;
		c->line_funcs.v[c->line_funcs.n++] = at;
		c->lines.v[c->lines.n++] = (struct prof_dict_line){.func = c->b->funcs.v[at].func,
			.rel_line = rel_line(c->p, line),
			.column = line->column};
	}
	return 0;
}

int prof_lookup_location(struct prof_lookup *c, uint32_t id, uint32_t *to)
{
	const struct prof_location *l = &c->p->locations.v[id];
	const struct prof_dict_loc lines = {.n_lines = l->n_lines, .folded = l->folded};
	struct prof_dict_build *b = c->b;
	struct prof_build_loc new;
	uint32_t at;
	int rc;

	c->used[id] = true;
	*to = c->loc[id];
	if (*to != PROF_NONE)
		return 0;
	new = placed(c, l);
	if ((rc = take_lines(c, l)))
		return rc;
	at = prof_code_find_loc(c->d, b, &lines, c->lines.v, &new);
	if (at != PROF_NONE && b->locs.v[at].stamp == c->d->stamp) {
		new.dup = ++b->locs.v[at].dups;
		at = prof_code_find_loc(c->d, b, &lines, c->lines.v, &new);
	}
	if (at == PROF_NONE && (rc = prof_code_add_loc(c->d, b, &lines, c->lines.v, new,
					c->line_funcs.v, &at, c->e)))
		return rc;
	if (!new.dup) {
		b->locs.v[at].stamp = c->d->stamp;
		b->locs.v[at].dups = 0;
	}
	*to = c->loc[id] = b->locs.v[at].loc;
	return 0;
}

static uint32_t *unknown(struct prof_lookup *c, size_t n)
{
	uint32_t *v = prof_mem_resize(c->mem, NULL, 0, (n + 1) * sizeof(*v), c->e);

	if (v)
		memset(v, 0xff, n * sizeof(*v));
	return v;
}

static void forget(struct prof_lookup *c, uint32_t *v, size_t n)
{
	if (v)
		prof_mem_free(c->mem, v, (n + 1) * sizeof(*v));
}

/* The first profile of a service, or of a build, brings most of what they will ever have. */
static int expect(struct prof_lookup *c)
{
	const struct prof_profile *p = c->p;
	size_t locs = p->locations.n, funcs = p->functions.n;
	size_t frames = p->stack_loc.n / SHARED, nodes = frames < MOST_NODES ? frames : MOST_NODES;
	struct prof_dict *d = c->d;
	struct prof_dict_build *b = c->b;
	struct prof_mem *mem = &d->mem;
	int rc = 0;

	if (d->locs.n == 1 &&
		((rc = prof_strtab_reserve(&d->tables[PROF_STR], p->strings.strs.n, c->e)) ||
			(rc = prof_vec_reserve(mem, &d->funcs, funcs, c->e)) ||
			(rc = prof_index_reserve(&d->func_index, funcs, c->e)) ||
			(rc = prof_vec_reserve(mem, &d->locs, locs, c->e)) ||
			(rc = prof_vec_reserve(mem, &d->lines, p->lines.n, c->e)) ||
			(rc = prof_index_reserve(&d->loc_index, locs, c->e)) ||
			(rc = prof_vec_reserve(mem, &d->nodes, nodes, c->e)) ||
			(rc = prof_index_reserve(&d->node_index, nodes, c->e))))
		return rc;
	if (!b->locs.n && ((rc = prof_vec_reserve(mem, &b->funcs, funcs, c->e)) ||
				  (rc = prof_index_reserve(&b->func_index, funcs, c->e)) ||
				  (rc = prof_vec_reserve(mem, &b->locs, locs, c->e)) ||
				  (rc = prof_vec_reserve(mem, &b->line_funcs, p->lines.n, c->e))))
		return rc;
	return b->locs.n ? 0 : prof_index_reserve(&b->at, locs, c->e);
}

int prof_lookup_init(struct prof_lookup *c, struct prof_dict *d, uint32_t build,
	const struct prof_profile *p, struct prof_mem *mem, struct prof_err *e)
{
	*c = (struct prof_lookup){.d = d, .b = d->builds.v[build], .p = p, .mem = mem, .e = e};
	int rc;

	d->stamp++;
	d->key.n = 0;
	if (!(c->str = unknown(c, p->strings.strs.n)) || !(c->func = unknown(c, p->functions.n)) ||
		!(c->loc = unknown(c, p->locations.n)))
		return PROF_ENOMEM;
	c->used = prof_mem_zalloc(mem, p->locations.n, sizeof(*c->used), e);
	if (!c->used)
		return PROF_ENOMEM;
	if ((rc = prof_dict_index(d, e)) || (rc = prof_code_index(d, c->b, e)))
		return rc;
	return expect(c);
}

void prof_lookup_fini(struct prof_lookup *c)
{
	forget(c, c->str, c->p->strings.strs.n);
	forget(c, c->func, c->p->functions.n);
	forget(c, c->loc, c->p->locations.n);
	prof_mem_zfree(c->mem, c->used, c->p->locations.n, sizeof(*c->used));
	prof_vec_fini(c->mem, &c->modules);
	prof_vec_fini(c->mem, &c->lines);
	prof_vec_fini(c->mem, &c->line_funcs);
	prof_vec_fini(c->mem, &c->path);
	prof_vec_fini(c->mem, &c->nodes);
}
