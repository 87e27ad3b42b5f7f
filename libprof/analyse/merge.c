/* Merging by pprof's keys (its merge.go), which make addresses comparable between runs: a mapping
 * is its size rounded to pages, its file offset and its build id, else its file; a location its
 * address from the start of its mapping, its lines (columns too, of which pprof forgets all but the
 * last) and its folded flag; a function its names, file and start line; a sample its stack and its
 * labels, sorted by key. What no sample uses is left behind; entities are numbered in the order of
 * their first use, but for the first mapping of the first profile that has one, which is the main
 * binary.
 */
#include "libprof/analyse/merge.h"
#include "libprof/analyse/filter.h"

#include <stdlib.h>
#include <string.h>

#include "libprof/base/fmt.h"
#include "libprof/base/num.h"

struct merge {
	struct prof_profile *out;
	struct prof_err *e;
	struct prof_index mappings, functions, locations, stacks, samples;
	/* Of the profile under way: what its ids are in `out`, PROF_NONE while not yet known. */
	const struct prof_profile *in;
	uint32_t *str, *map, *fun, *loc;
	uint64_t *shift; /* of each mapping: what to add to its addresses */
	PROF_VEC(uint32_t) stack;
	PROF_VEC(struct prof_label) labels;
	PROF_VEC(struct prof_line) lines;
};

static int map_string(struct merge *m, uint32_t id, uint32_t *to)
{
	struct prof_str s = prof_profile_str(m->in, id);
	int rc = 0;

	if (m->str[id] == PROF_NONE)
		rc = prof_strtab_add(&m->out->strings, s.p, s.len, &m->str[id], m->e);
	*to = m->str[id];
	return rc;
}

static uint64_t rounded_size(const struct prof_mapping *x)
{
	return (x->limit - x->start + 0xfff) & ~UINT64_C(0xfff);
}

static uint32_t mapping_name(const struct prof_mapping *x)
{
	return x->build_id ? x->build_id : x->file;
}

static int map_mapping(struct merge *m, uint32_t id)
{
	struct prof_profile *out = m->out;
	struct prof_mapping x = m->in->mappings.v[id];
	struct prof_index_it it;
	uint64_t hash;
	uint32_t at;
	int rc;

	if (m->map[id] != PROF_NONE)
		return 0;
	if ((rc = map_string(m, x.file, &x.file)) || (rc = map_string(m, x.build_id, &x.build_id)))
		return rc;
	hash = prof_hash_mix(prof_hash_mix(rounded_size(&x), x.offset), mapping_name(&x));
	it = prof_index_first(&m->mappings, hash);
	while ((at = prof_index_next(&m->mappings, &it)) != PROF_NONE) {
		const struct prof_mapping *y = &out->mappings.v[at];

		if (rounded_size(y) == rounded_size(&x) && y->offset == x.offset &&
			mapping_name(y) == mapping_name(&x)) {
			m->map[id] = at;
			m->shift[id] = y->start - x.start;
			return 0;
		}
	}
	at = (uint32_t)out->mappings.n;
	x.id = at + 1;
	if ((rc = prof_vec_reserve(&out->mem, &out->mappings, 1, m->e)) ||
		(rc = prof_index_add(&m->mappings, hash, at, m->e)))
		return rc;
	out->mappings.v[out->mappings.n++] = x;
	m->map[id] = at;
	m->shift[id] = 0;
	return 0;
}

static int map_function(struct merge *m, uint32_t id)
{
	struct prof_profile *out = m->out;
	struct prof_function f = m->in->functions.v[id];
	struct prof_index_it it;
	uint64_t hash;
	uint32_t at;
	int rc;

	if (m->fun[id] != PROF_NONE)
		return 0;
	if ((rc = map_string(m, f.name, &f.name)) ||
		(rc = map_string(m, f.system_name, &f.system_name)) ||
		(rc = map_string(m, f.file, &f.file)))
		return rc;
	hash = prof_hash_mix((uint64_t)f.name << 32 | f.file, (uint64_t)f.start_line);
	hash = prof_hash_mix(hash, f.system_name);
	it = prof_index_first(&m->functions, hash);
	while ((at = prof_index_next(&m->functions, &it)) != PROF_NONE) {
		const struct prof_function *g = &out->functions.v[at];

		if (g->name == f.name && g->file == f.file && g->system_name == f.system_name &&
			g->start_line == f.start_line)
			break;
	}
	if (at == PROF_NONE) {
		at = (uint32_t)out->functions.n;
		if ((rc = prof_vec_reserve(&out->mem, &out->functions, 1, m->e)) ||
			(rc = prof_index_add(&m->functions, hash, at, m->e)))
			return rc;
		out->functions.v[out->functions.n++] = f;
	}
	m->fun[id] = at;
	return 0;
}

/* The lines of a location of `in`, with functions of `out`, into m->lines. */
static int map_lines(struct merge *m, const struct prof_location *l)
{
	int rc = prof_vec_reserve(&m->out->mem, &m->lines, l->n_lines, m->e);

	m->lines.n = 0;
	for (uint32_t i = 0; !rc && i < l->n_lines; i++) {
		struct prof_line line = m->in->lines.v[l->first_line + i];

		rc = map_function(m, line.function);
		line.function = m->fun[line.function];
		m->lines.v[m->lines.n++] = line;
	}
	return rc;
}

static uint64_t location_hash(const struct merge *m, const struct prof_location *l, uint64_t base)
{
	uint64_t h = prof_hash_mix(l->address - base, (uint64_t)l->mapping << 1 | l->folded);

	for (size_t i = 0; i < m->lines.n; i++) {
		h = prof_hash_mix(h, m->lines.v[i].function);
		h = prof_hash_mix(
			h, (uint64_t)m->lines.v[i].line << 20 ^ (uint64_t)m->lines.v[i].column);
	}
	return h;
}

static bool same_location(
	const struct merge *m, const struct prof_location *a, const struct prof_location *b)
{
	const struct prof_line *lines = m->out->lines.v + a->first_line;

	if (a->address != b->address || a->mapping != b->mapping || a->folded != b->folded ||
		a->n_lines != m->lines.n)
		return false;
	for (uint32_t i = 0; i < a->n_lines; i++)
		if (lines[i].function != m->lines.v[i].function ||
			lines[i].line != m->lines.v[i].line ||
			lines[i].column != m->lines.v[i].column)
			return false;
	return true;
}

static int add_location(struct merge *m, struct prof_location *l, uint64_t hash, uint32_t at)
{
	struct prof_profile *out = m->out;
	int rc;

	l->id = (uint64_t)at + 1;
	l->first_line = (uint32_t)out->lines.n;
	l->n_lines = (uint32_t)m->lines.n;
	if ((rc = prof_vec_reserve(&out->mem, &out->locations, 1, m->e)) ||
		(rc = prof_vec_reserve(&out->mem, &out->lines, m->lines.n, m->e)) ||
		(rc = prof_index_add(&m->locations, hash, at, m->e)))
		return rc;
	if (m->lines.n)
		memcpy(out->lines.v + out->lines.n, m->lines.v, m->lines.n * sizeof(*m->lines.v));
	out->lines.n += m->lines.n;
	out->locations.v[out->locations.n++] = *l;
	return 0;
}

static int map_location(struct merge *m, uint32_t id)
{
	struct prof_location l = m->in->locations.v[id];
	struct prof_index_it it;
	uint64_t hash, base = 0;
	uint32_t at;
	int rc;

	if (m->loc[id] != PROF_NONE)
		return 0;
	if (l.mapping != PROF_NONE) {
		rc = map_mapping(m, l.mapping);
		if (rc)
			return rc;
		l.address += m->shift[l.mapping];
		l.mapping = m->map[l.mapping];
		base = m->out->mappings.v[l.mapping].start;
	}
	rc = map_lines(m, &l);
	if (rc)
		return rc;
	hash = location_hash(m, &l, base);
	it = prof_index_first(&m->locations, hash);
	while ((at = prof_index_next(&m->locations, &it)) != PROF_NONE)
		if (same_location(m, &m->out->locations.v[at], &l))
			break;
	if (at == PROF_NONE) {
		at = (uint32_t)m->out->locations.n;
		rc = add_location(m, &l, hash, at);
	}
	m->loc[id] = at;
	return rc;
}

static int map_stack(struct merge *m, uint32_t stack, uint32_t *to)
{
	struct prof_profile *out = m->out;
	uint32_t begin = m->in->stack_start.v[stack], n = m->in->stack_start.v[stack + 1] - begin;
	struct prof_index_it it;
	uint64_t hash;
	int rc = prof_vec_reserve(&out->mem, &m->stack, n + 1, m->e);

	for (uint32_t i = 0; !rc && i < n; i++) {
		uint32_t l = m->in->stack_loc.v[begin + i];

		rc = map_location(m, l);
		m->stack.v[i] = m->loc[l];
	}
	if (rc)
		return rc;
	hash = prof_hash_bytes(m->stack.v, n * sizeof(*m->stack.v));
	it = prof_index_first(&m->stacks, hash);
	while ((*to = prof_index_next(&m->stacks, &it)) != PROF_NONE) {
		uint32_t start = out->stack_start.v[*to];

		if (out->stack_start.v[*to + 1] - start == n &&
			(!n || !memcmp(out->stack_loc.v + start, m->stack.v,
				       n * sizeof(*m->stack.v))))
			return 0;
	}
	*to = (uint32_t)out->stack_start.n - 1;
	if (out->stack_loc.n + n >= PROF_NONE)
		return prof_fail(m->e, PROF_ELIMIT, PROF_NO_OFFSET, "more than 2^32 frames");
	if ((rc = prof_vec_reserve(&out->mem, &out->stack_loc, n, m->e)) ||
		(rc = prof_vec_reserve(&out->mem, &out->stack_start, 1, m->e)) ||
		(rc = prof_index_add(&m->stacks, hash, *to, m->e)))
		return rc;
	if (n)
		memcpy(out->stack_loc.v + out->stack_loc.n, m->stack.v, n * sizeof(*m->stack.v));
	out->stack_loc.n += n;
	out->stack_start.v[out->stack_start.n++] = (uint32_t)out->stack_loc.n;
	return 0;
}

/* Strings first, then numbers, each by key; values of one key keep their order. */
static bool label_before(
	const struct merge *m, const struct prof_label *a, const struct prof_label *b)
{
	if (a->is_str != b->is_str)
		return a->is_str;
	return prof_str_cmp(prof_profile_str(m->out, a->key), prof_profile_str(m->out, b->key)) < 0;
}

static int map_labels(struct merge *m, uint32_t set, uint32_t base_label, uint32_t *to)
{
	const struct prof_profile *in = m->in;
	int rc;

	m->labels.n = 0;
	for (uint32_t i = in->label_start.v[set]; i < in->label_start.v[set + 1]; i++) {
		struct prof_label l = in->labels.v[i];
		size_t at;

		if (!prof_label_counts(&l))
			continue;
		if ((rc = map_string(m, l.key, &l.key)) || (rc = map_string(m, l.str, &l.str)) ||
			(rc = map_string(m, l.unit, &l.unit)) ||
			(rc = prof_vec_reserve(&m->out->mem, &m->labels, 1, m->e)))
			return rc;
		if (base_label && l.is_str && l.key == base_label)
			continue;
		for (at = m->labels.n++; at > 0 && label_before(m, &l, &m->labels.v[at - 1]); at--)
			m->labels.v[at] = m->labels.v[at - 1];
		m->labels.v[at] = l;
	}
	if (base_label) {
		struct prof_label l = {.key = base_label, .is_str = true};
		size_t at;

		if ((rc = prof_strtab_add(&m->out->strings, "true", 4, &l.str, m->e)) ||
			(rc = prof_vec_reserve(&m->out->mem, &m->labels, 1, m->e)))
			return rc;
		for (at = m->labels.n++; at > 0 && label_before(m, &l, &m->labels.v[at - 1]); at--)
			m->labels.v[at] = m->labels.v[at - 1];
		m->labels.v[at] = l;
	}
	return prof_profile_label_set(m->out, m->labels.v, m->labels.n, to, m->e);
}

static int add_sample(struct merge *m, uint32_t stack, uint32_t set, uint32_t *to)
{
	struct prof_profile *out = m->out;
	uint64_t hash = prof_hash_mix(0, (uint64_t)stack << 32 | set);
	struct prof_index_it it = prof_index_first(&m->samples, hash);
	int rc;

	while ((*to = prof_index_next(&m->samples, &it)) != PROF_NONE)
		if (out->sample_stack.v[*to] == stack && out->sample_labels.v[*to] == set)
			return 0;
	*to = (uint32_t)out->sample_stack.n;
	if ((rc = prof_vec_reserve(&out->mem, &out->sample_stack, 1, m->e)) ||
		(rc = prof_vec_reserve(&out->mem, &out->sample_labels, 1, m->e)) ||
		(rc = prof_index_add(&m->samples, hash, *to, m->e)))
		return rc;
	for (size_t t = 0; t < out->values.n; t++) {
		rc = prof_vec_reserve(&out->mem, &out->values.v[t], 1, m->e);
		if (rc)
			return rc;
		out->values.v[t].v[out->values.v[t].n++] = 0;
	}
	out->sample_stack.v[out->sample_stack.n++] = stack;
	out->sample_labels.v[out->sample_labels.n++] = set;
	return 0;
}

static int add_samples(struct merge *m, const struct prof_merge_part *part)
{
	const struct prof_profile *in = m->in;
	size_t types = m->out->types.n;
	uint32_t base_label = 0, stack, set, to;
	int rc = 0;

	if (part->mark_base)
		rc = prof_strtab_add(&m->out->strings, "pprof::base", 11, &base_label, m->e);
	for (size_t i = 0; !rc && i < in->sample_stack.n; i++) {
		bool any = false;

		for (size_t t = 0; t < types; t++)
			any |= prof_scale(in->values.v[part->type[t]].v[i], part->ratio[t]) != 0;
		if (!any)
			continue;
		if ((rc = map_stack(m, in->sample_stack.v[i], &stack)) ||
			(rc = map_labels(m, in->sample_labels.v[i], base_label, &set)) ||
			(rc = add_sample(m, stack, set, &to)))
			break;
		for (size_t t = 0; t < types; t++) {
			int64_t *v = &m->out->values.v[t].v[to];

			*v = prof_add(
				*v, prof_scale(in->values.v[part->type[t]].v[i], part->ratio[t]));
		}
	}
	return rc;
}

static uint32_t *unknown_ids(struct merge *m, size_t n)
{
	uint32_t *ids = prof_mem_zalloc(&m->out->mem, n, sizeof(*ids), m->e);

	if (ids)
		memset(ids, 0xff, (n ? n : 1) * sizeof(*ids));
	return ids;
}

static int add_part(struct merge *m, const struct prof_merge_part *part)
{
	const struct prof_profile *in = part->profile;
	struct prof_mem *mem = &m->out->mem;
	int rc = 0;

	m->in = in;
	m->str = unknown_ids(m, in->strings.strs.n);
	m->map = unknown_ids(m, in->mappings.n);
	m->fun = unknown_ids(m, in->functions.n);
	m->loc = unknown_ids(m, in->locations.n);
	m->shift = prof_mem_zalloc(mem, in->mappings.n, sizeof(*m->shift), m->e);
	if (!m->str || !m->map || !m->fun || !m->loc || !m->shift)
		rc = m->e->code;
	if (!rc && !m->out->mappings.n && in->mappings.n)
		rc = map_mapping(m, 0);
	if (!rc)
		rc = add_samples(m, part);
	prof_mem_zfree(mem, m->str, in->strings.strs.n, sizeof(*m->str));
	prof_mem_zfree(mem, m->map, in->mappings.n, sizeof(*m->map));
	prof_mem_zfree(mem, m->fun, in->functions.n, sizeof(*m->fun));
	prof_mem_zfree(mem, m->loc, in->locations.n, sizeof(*m->loc));
	prof_mem_zfree(mem, m->shift, in->mappings.n, sizeof(*m->shift));
	return rc;
}

static void merge_fini(struct merge *m)
{
	struct prof_mem *mem = &m->out->mem;

	prof_index_fini(&m->mappings);
	prof_index_fini(&m->functions);
	prof_index_fini(&m->locations);
	prof_index_fini(&m->stacks);
	prof_index_fini(&m->samples);
	prof_vec_fini(mem, &m->stack);
	prof_vec_fini(mem, &m->labels);
	prof_vec_fini(mem, &m->lines);
}

int prof_merge_parts(
	struct prof_profile *out, const struct prof_merge_part *parts, size_t n, struct prof_err *e)
{
	struct merge m = {.out = out, .e = e};
	int rc = 0;

	prof_index_init(&m.mappings, &out->mem);
	prof_index_init(&m.functions, &out->mem);
	prof_index_init(&m.locations, &out->mem);
	prof_index_init(&m.stacks, &out->mem);
	prof_index_init(&m.samples, &out->mem);
	for (size_t i = 0; !rc && i < n; i++)
		rc = add_part(&m, &parts[i]);
	merge_fini(&m);
	return rc;
}
