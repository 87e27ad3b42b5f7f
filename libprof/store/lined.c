#include "libprof/store/lined.h"

#include <string.h>

enum { TURNS = 4 };

static int join_modules(struct prof_lined *x, struct prof_err *e)
{
	const struct prof_dict *d = x->d;
	size_t n = d->tables[PROF_MODULE].strs.n, files = d->tables[PROF_STR].strs.n;
	struct prof_mem *mem = &x->to.mem;
	uint32_t *first = prof_mem_zalloc(mem, files, sizeof(*first), e);

	x->module = prof_mem_zalloc(mem, n, sizeof(*x->module), e);
	for (uint32_t i = 1; first && x->module && i < n; i++) {
		struct prof_rd r = prof_dict_read(d, PROF_MODULE, i);
		uint32_t *of_file = &first[prof_rd_id(&r, files)];

		if (!*of_file)
			*of_file = i;
		x->module[i] = *of_file;
	}
	prof_mem_zfree(mem, first, files, sizeof(*first));
	return first && x->module ? 0 : PROF_ENOMEM;
}

int prof_lined_init(
	struct prof_lined *x, const struct prof_dict *d, uint64_t memory_bytes, struct prof_err *e)
{
	struct prof_mem *mem = &x->to.mem;
	int rc;

	*x = (struct prof_lined){.d = d};
	if ((rc = prof_dict_init(&x->to, memory_bytes, e)))
		return rc;
	for (unsigned t = 0; t < PROF_TABLES; t++) {
		prof_strtab_fini(&x->to.tables[t]);
		x->to.tables[t] = d->tables[t];
	}
	x->start_line = prof_mem_zalloc(mem, d->funcs.n, sizeof(*x->start_line), e);
	x->loc_module = prof_mem_zalloc(mem, d->locs.n, sizeof(*x->loc_module), e);
	x->funcs = prof_mem_zalloc(mem, d->funcs.n, sizeof(*x->funcs), e);
	x->locs = prof_mem_zalloc(mem, d->locs.n, sizeof(*x->locs), e);
	x->nodes = prof_mem_zalloc(mem, d->nodes.n, sizeof(*x->nodes), e);
	if (!x->start_line || !x->loc_module || !x->funcs || !x->locs || !x->nodes)
		return PROF_ENOMEM;
	memset(x->loc_module, 0xff, d->locs.n * sizeof(*x->loc_module));
	if ((rc = join_modules(x, e)) || (rc = prof_dict_add_build(&x->to, e)))
		return rc;
	x->code = x->to.builds.v[0];
	return prof_code_index(&x->to, x->code, e);
}

void prof_lined_fini(struct prof_lined *x)
{
	const struct prof_dict *d = x->d;
	struct prof_mem *mem = &x->to.mem;

	if (!d)
		return;
	prof_mem_zfree(mem, x->start_line, d->funcs.n, sizeof(*x->start_line));
	prof_mem_zfree(mem, x->loc_module, d->locs.n, sizeof(*x->loc_module));
	prof_mem_zfree(mem, x->funcs, d->funcs.n, sizeof(*x->funcs));
	prof_mem_zfree(mem, x->locs, d->locs.n, sizeof(*x->locs));
	prof_mem_zfree(mem, x->nodes, d->nodes.n, sizeof(*x->nodes));
	prof_mem_zfree(mem, x->module, d->tables[PROF_MODULE].strs.n, sizeof(*x->module));
	prof_vec_fini(mem, &x->older);
	prof_vec_fini(mem, &x->path);
	prof_vec_fini(mem, &x->lines);
	prof_vec_fini(mem, &x->line_funcs);
	memset(x->to.tables, 0, sizeof(x->to.tables)); /* which are not ours */
	prof_dict_fini(&x->to);
}

static int damaged(const char *what, struct prof_err *e)
{
	return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET, "is damaged: %s", what);
}

/* Samples of another build follow. */
static int begin_build(struct prof_lined *x, uint32_t build, struct prof_err *e)
{
	const struct prof_dict_build *b;

	if (build >= x->d->builds.n)
		return damaged("its build is out of range", e);
	b = x->d->builds.v[build];
	x->build = build;
	x->stamp++;
	for (size_t i = 0; i < b->funcs.n; i++)
		x->start_line[b->funcs.v[i].func] = b->funcs.v[i].start_line;
	for (size_t i = 0; i < b->locs.n; i++) {
		uint32_t module = x->module[b->locs.v[i].module];
		uint32_t *at = &x->loc_module[b->locs.v[i].loc];

		x->unlike |= *at != PROF_NONE && *at != module;
		*at = module;
	}
	return 0;
}

static int function(struct prof_lined *x, uint32_t id, uint32_t *to, struct prof_err *e)
{
	const struct prof_dict_func *f = &x->d->funcs.v[id];
	const struct prof_build_func new = {.start_line = x->start_line[id]};
	struct prof_lined_id *known = &x->funcs[id];
	int rc = 0;

	if (known->stamp != x->stamp &&
		(!known->stamp || x->code->funcs.v[known->to].start_line != new.start_line)) {
		x->unlike |= !f->name;
		known->to = prof_code_find_func(&x->to, x->code, f, &new);
		if (known->to == PROF_NONE)
			rc = prof_code_add_func(&x->to, x->code, f, new, &known->to, e);
	}
	known->stamp = x->stamp;
	*to = known->to;
	return rc;
}

static bool same_lines(const struct prof_lined *x, uint32_t loc, uint32_t n)
{
	const struct prof_dict_loc *l = &x->to.locs.v[loc];

	for (uint32_t i = 0; i < n; i++)
		if (!prof_dict_same_line(&x->to.lines.v[l->first_line + i], &x->lines.v[i]))
			return false;
	return true;
}

/* Looks for the lines that are in x->lines now. */
static int find_location(struct prof_lined *x, uint32_t id, uint32_t *to, struct prof_err *e)
{
	const struct prof_dict_loc *l = &x->d->locs.v[id];
	const struct prof_dict_loc lines = {.n_lines = l->n_lines, .folded = l->folded};
	const struct prof_build_loc like = {.module = x->loc_module[id]};
	uint32_t at = prof_code_find_loc(&x->to, x->code, &lines, x->lines.v, &like);
	int rc = 0;

	if (at == PROF_NONE)
		rc = prof_code_add_loc(
			&x->to, x->code, &lines, x->lines.v, like, x->line_funcs.v, &at, e);
	if (!rc)
		*to = x->code->locs.v[at].loc;
	return rc;
}

static int location(struct prof_lined *x, uint32_t id, uint32_t *to, struct prof_err *e)
{
	const struct prof_dict_loc *l = &x->d->locs.v[id];
	struct prof_lined_id *known = &x->locs[id];
	int rc;

	*to = known->to;
	if (known->stamp == x->stamp)
		return 0;
	if (x->loc_module[id] == PROF_NONE)
		return damaged("a location that its build has not", e);
	x->unlike |= !l->n_lines;
	x->lines.n = x->line_funcs.n = 0;
	if ((rc = prof_vec_reserve(&x->to.mem, &x->lines, l->n_lines, e)) ||
		(rc = prof_vec_reserve(&x->to.mem, &x->line_funcs, l->n_lines, e)))
		return rc;
	for (uint32_t i = 0; i < l->n_lines; i++) {
		struct prof_dict_line line = x->d->lines.v[l->first_line + i];
		uint32_t at;

		if ((rc = function(x, line.func, &at, e)))
			return rc;
		line.func = x->code->funcs.v[at].func;
		x->lines.v[x->lines.n++] = line;
		x->line_funcs.v[x->line_funcs.n++] = at;
	}
	if (!known->stamp || !same_lines(x, known->to, l->n_lines))
		rc = find_location(x, id, &known->to, e);
	known->stamp = x->stamp;
	*to = known->to;
	return rc;
}

/* The node with that parent and location among the last few that one of the service's has been: so
 * builds that take turns share theirs. One that comes again later is another node, which costs
 * less than to look for it.
 */
static int node_as(struct prof_lined *x, struct prof_lined_id *known, struct prof_node want,
	struct prof_err *e)
{
	struct prof_dict *d = &x->to;
	uint32_t to = known->to;
	int rc;

	for (unsigned i = 0; to && i < TURNS; i++, to = x->older.v[to]) {
		if (d->nodes.v[to].parent == want.parent && d->nodes.v[to].loc == want.loc) {
			known->to = to;
			return 0;
		}
	}
	if (d->nodes.n >= PROF_NONE - 1)
		return prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET, "too many stacks");
	if ((rc = prof_vec_reserve(&d->mem, &d->nodes, 1, e)) ||
		(rc = prof_vec_reserve(&d->mem, &x->older, d->nodes.n + 1 - x->older.n, e)))
		return rc;
	while (x->older.n < d->nodes.n)
		x->older.v[x->older.n++] = 0;
	x->older.v[x->older.n++] = known->to;
	known->to = (uint32_t)d->nodes.n;
	d->nodes.v[d->nodes.n++] = want;
	return 0;
}

/* A node whose parent's is known. */
static int step(
	struct prof_lined *x, uint32_t id, uint32_t parent, uint32_t *to, struct prof_err *e)
{
	struct prof_lined_id *known = &x->nodes[id];
	struct prof_node want = {.parent = parent};
	int rc = location(x, x->d->nodes.v[id].loc, &want.loc, e);

	if (!rc)
		rc = node_as(x, known, want, e);
	known->stamp = x->stamp;
	*to = known->to;
	return rc;
}

static int node(struct prof_lined *x, uint32_t id, uint32_t *to, struct prof_err *e)
{
	int rc = 0;

	x->path.n = 0;
	for (; id && x->nodes[id].stamp != x->stamp; id = x->d->nodes.v[id].parent) {
		if ((rc = prof_vec_reserve(&x->to.mem, &x->path, 1, e)))
			return rc;
		x->path.v[x->path.n++] = id;
	}
	*to = id ? x->nodes[id].to : 0;
	for (size_t i = x->path.n; !rc && i-- > 0;)
		rc = step(x, x->path.v[i], *to, to, e);
	return rc;
}

int prof_lined_samples(struct prof_lined *x, struct prof_packed *k, struct prof_err *e)
{
	int rc = 0;

	if (!x->stamp || k->build != x->build)
		rc = begin_build(x, k->build, e);
	for (size_t i = 0; !rc && i < k->nodes.n; i++) {
		if (k->nodes.v[i] >= x->d->nodes.n)
			return damaged("a sample is out of range", e);
		rc = node(x, k->nodes.v[i], &k->nodes.v[i], e);
	}
	k->build = 0;
	return rc;
}
