#include "libprof/analyse/nodes.h"

struct build {
	struct prof_graph *g;
	struct prof_profile *p;
	const struct prof_nodes_opts *opts;
	struct prof_err *e;
	struct prof_index index;
	uint32_t *name, *file; /* of each function, as the granularity shows them */
};

struct prof_str prof_go_package(struct prof_str s)
{
	uint32_t i, slash = 0;

	/* Type arguments and receivers may hold paths of their own: stop before them. */
	for (i = 0; i < s.len && s.p[i] != '[' && s.p[i] != '('; i++)
		if (s.p[i] == '/')
			slash = i + 1;
	for (i = slash; i < s.len; i++)
		if (s.p[i] == '.')
			return (struct prof_str){s.p, i};
	return PROF_STR("");
}

/* Go's filepath.Clean into b: no "." and "..", no doubled or trailing slash. */
static void clean_path(struct prof_str s, struct prof_buf *b)
{
	bool rooted = s.len && s.p[0] == '/';
	size_t floor; /* ".." never goes back behind this */
	uint32_t i = rooted;

	b->n = 0;
	if (rooted)
		prof_buf_char(b, '/');
	floor = b->n;
	while (i < s.len) {
		uint32_t end = i;

		while (end < s.len && s.p[end] != '/')
			end++;
		if (end - i == 2 && s.p[i] == '.' && s.p[i + 1] == '.') {
			if (b->n > floor) {
				while (b->n > floor && b->p[b->n - 1] != '/')
					b->n--;
				if (b->n > floor)
					b->n--;
			} else if (!rooted) {
				if (b->n)
					prof_buf_char(b, '/');
				prof_buf_str(b, "..");
				floor = b->n;
			}
		} else if (end > i && !(end - i == 1 && s.p[i] == '.')) {
			if (b->n != (size_t)rooted)
				prof_buf_char(b, '/');
			prof_buf_put(b, s.p + i, end - i);
		}
		i = end + 1;
	}
	if (!b->n)
		prof_buf_char(b, '.');
}

static bool is_clean(struct prof_str s)
{
	for (uint32_t i = 0; i < s.len; i++)
		if (s.p[i] == '/' || i == 0) {
			uint32_t next = s.p[i] == '/' ? i + 1 : i;

			if (next == s.len || s.p[next] == '.' || s.p[next] == '/')
				return s.len == 1 && s.p[0] == '/';
		}
	return true;
}

/* The name that a report shows for a file. */
static int shown_file(struct build *b, uint32_t id, struct prof_buf *text, uint32_t *out)
{
	static const char *const trimmed[] = {"/proc/self/cwd/./", "/proc/self/cwd/"};
	struct prof_str s = prof_profile_str(b->p, id);
	bool cut = false;

	for (int i = 0; i < 2 && !cut && !b->opts->untrimmed; i++) {
		if (prof_str_has_prefix(s, trimmed[i])) {
			uint32_t n = (uint32_t)strlen(trimmed[i]);

			s = (struct prof_str){s.p + n, s.len - n};
			cut = true;
		}
	}
	*out = id;
	if (!s.len)
		*out = 0;
	if (!s.len || (!cut && is_clean(s)))
		return 0;
	clean_path(s, text);
	if (text->code)
		return prof_nomem(b->e);
	return prof_strtab_add(&b->p->strings, text->p, text->n, out, b->e);
}

static int shown_functions(struct build *b)
{
	struct prof_profile *p = b->p;
	enum prof_granularity by = b->opts->by;
	struct prof_buf text;
	int rc = 0;

	prof_buf_init(&text, NULL, NULL);
	for (size_t i = 0; !rc && i < p->functions.n; i++) {
		const struct prof_function *f = &p->functions.v[i];

		if (by == PROF_BY_PACKAGE) {
			struct prof_str s = prof_go_package(prof_profile_str(p, f->name));

			rc = prof_strtab_add(&p->strings, s.p, s.len, &b->name[i], b->e);
		} else if (by != PROF_BY_FILE) {
			b->name[i] = f->name;
		}
		if (!rc && by != PROF_BY_PACKAGE && by != PROF_BY_FUNCTION)
			rc = shown_file(b, f->file, &text, &b->file[i]);
	}
	prof_buf_fini(&text);
	return rc;
}

static uint64_t info_hash(const struct prof_node_info *n)
{
	uint64_t h = prof_hash_mix(n->address, (uint64_t)n->name << 32 | n->file);

	h = prof_hash_mix(h, (uint64_t)n->line << 32 ^ n->object);
	return prof_hash_mix(h, (uint64_t)n->column << 32 ^ (uint64_t)n->start_line);
}

static bool info_eq(const struct prof_node_info *a, const struct prof_node_info *b)
{
	return a->name == b->name && a->file == b->file && a->line == b->line &&
	       a->address == b->address && a->object == b->object &&
	       a->start_line == b->start_line && a->column == b->column;
}

static int add_node(struct build *b, const struct prof_node_info *info)
{
	struct prof_graph *g = b->g;
	uint64_t hash = info_hash(info);
	struct prof_index_it it = prof_index_first(&b->index, hash);
	uint32_t id;
	int rc;

	while ((id = prof_index_next(&b->index, &it)) != PROF_NONE)
		if (info_eq(&g->nodes.v[id], info))
			break;
	if (id == PROF_NONE) {
		id = (uint32_t)g->nodes.n;
		if ((rc = prof_vec_reserve(g->mem, &g->nodes, 1, b->e)) ||
			(rc = prof_index_add(&b->index, hash, id, b->e)))
			return rc;
		g->nodes.v[g->nodes.n++] = *info;
	}
	rc = prof_vec_reserve(g->mem, &g->node_of, 1, b->e);
	if (!rc)
		g->node_of.v[g->node_of.n++] = id;
	return rc;
}

static struct prof_node_info line_info(
	const struct build *b, const struct prof_location *l, const struct prof_line *ln)
{
	enum prof_granularity by = b->opts->by;
	bool lines = by == PROF_BY_LINE || by == PROF_BY_ADDRESS;
	/* pprof leaves a profile as it is, columns and all, for addresses with inlines. */
	bool columns = b->opts->show_columns || (by == PROF_BY_ADDRESS && !b->opts->no_inlines);
	struct prof_node_info n = {.name = b->name[ln->function], .file = b->file[ln->function]};

	if (by == PROF_BY_ADDRESS)
		n.address = l->address;
	if (lines) {
		n.line = ln->line;
		n.column = columns ? ln->column : 0;
	}
	if (b->opts->objects || (b->opts->split_by_object && !n.name)) {
		n.object = l->mapping == PROF_NONE ? 0 : b->p->mappings.v[l->mapping].file;
		n.start_line = b->p->functions.v[ln->function].start_line;
	}
	return n;
}

static int add_location(struct build *b, const struct prof_location *l)
{
	uint32_t first = b->opts->no_inlines && l->n_lines ? l->n_lines - 1 : 0;
	int rc = 0;

	if (!l->n_lines) {
		struct prof_node_info n = {
			.address = b->opts->by == PROF_BY_ADDRESS ? l->address : 0,
			.object = l->mapping == PROF_NONE ? 0 : b->p->mappings.v[l->mapping].file,
		};

		return add_node(b, &n);
	}
	for (uint32_t k = first; !rc && k < l->n_lines; k++) {
		struct prof_node_info n = line_info(b, l, &b->p->lines.v[l->first_line + k]);

		rc = add_node(b, &n);
	}
	return rc;
}

int prof_nodes_build(struct prof_graph *g, struct prof_profile *p,
	const struct prof_nodes_opts *opts, struct prof_err *e)
{
	struct build b = {.g = g, .p = p, .opts = opts, .e = e};
	size_t nf = p->functions.n;
	int rc = PROF_ENOMEM;

	*g = (struct prof_graph){.profile = p, .mem = &p->mem};
	prof_index_init(&b.index, &p->mem);
	b.name = prof_mem_zalloc(&p->mem, nf, sizeof(*b.name), e);
	b.file = prof_mem_zalloc(&p->mem, nf, sizeof(*b.file), e);
	if (!b.name || !b.file)
		goto out;
	rc = shown_functions(&b);
	if (!rc)
		rc = prof_vec_reserve(g->mem, &g->loc_start, p->locations.n + 1, e);
	for (size_t i = 0; !rc && i < p->locations.n; i++) {
		g->loc_start.v[g->loc_start.n++] = (uint32_t)g->node_of.n;
		rc = add_location(&b, &p->locations.v[i]);
	}
	if (!rc)
		g->loc_start.v[g->loc_start.n++] = (uint32_t)g->node_of.n;
	if (!rc)
		g->values = prof_mem_zalloc(g->mem, g->nodes.n, sizeof(*g->values), e);
	if (!rc && !g->values)
		rc = e->code;
out:
	prof_mem_zfree(&p->mem, b.name, nf, sizeof(*b.name));
	prof_mem_zfree(&p->mem, b.file, nf, sizeof(*b.file));
	prof_index_fini(&b.index);
	if (rc)
		prof_graph_fini(g);
	return rc;
}
