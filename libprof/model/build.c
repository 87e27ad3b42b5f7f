#include "libprof/model/build.h"

#include <string.h>

void prof_build_init(struct prof_build *b, struct prof_profile *p, const struct prof_limits *limits,
	struct prof_err *e)
{
	*b = (struct prof_build){.p = p, .limits = limits, .e = e};
	prof_index_init(&b->functions, &p->mem);
	prof_index_init(&b->locations, &p->mem);
	prof_index_init(&b->stacks, &p->mem);
}

void prof_build_fini(struct prof_build *b)
{
	prof_index_fini(&b->functions);
	prof_index_fini(&b->locations);
	prof_index_fini(&b->stacks);
}

static int too_many(struct prof_build *b, const char *what)
{
	return prof_fail(b->e, PROF_ELIMIT, PROF_NO_OFFSET, "too many %s", what);
}

int prof_build_types(struct prof_build *b, const char *const (*types)[2], size_t n)
{
	struct prof_profile *p = b->p;
	int rc = prof_vec_reserve(&p->mem, &p->types, n, b->e);

	for (size_t t = 0; !rc && t < n; t++) {
		struct prof_value_type v;

		rc = prof_build_text(b, types[t][0], &v.type);
		if (!rc)
			rc = prof_build_text(b, types[t][1], &v.unit);
		if (!rc)
			p->types.v[p->types.n++] = v;
	}
	return rc ? rc : prof_profile_columns(p, n, b->e);
}

int prof_build_string(struct prof_build *b, const char *s, size_t len, uint32_t *id)
{
	if (len > b->limits->string_bytes)
		return prof_fail(b->e, PROF_ELIMIT, PROF_NO_OFFSET,
			"a string of %zu bytes, more than the %llu allowed", len,
			(unsigned long long)b->limits->string_bytes);
	if (b->p->strings.strs.n >= b->limits->strings)
		return too_many(b, "strings");
	return prof_strtab_add(&b->p->strings, s, len, id, b->e);
}

int prof_build_text(struct prof_build *b, const char *s, uint32_t *id)
{
	return prof_build_string(b, s, strlen(s), id);
}

int prof_build_comment(struct prof_build *b, const char *text)
{
	struct prof_profile *p = b->p;
	int rc = prof_vec_reserve(&p->mem, &p->comments, 1, b->e);

	if (!rc)
		rc = prof_build_text(b, text, &p->comments.v[p->comments.n]);
	if (!rc)
		p->comments.n++;
	return rc;
}

int prof_build_mapping(struct prof_build *b, const struct prof_mapping *m, uint32_t *id)
{
	struct prof_profile *p = b->p;
	int rc;

	if (p->mappings.n >= PROF_NONE)
		return too_many(b, "mappings");
	rc = prof_vec_reserve(&p->mem, &p->mappings, 1, b->e);
	if (rc)
		return rc;
	*id = (uint32_t)p->mappings.n;
	p->mappings.v[p->mappings.n++] = *m;
	p->mappings.v[*id].id = (uint64_t)*id + 1;
	return 0;
}

int prof_build_function(
	struct prof_build *b, uint32_t name, uint32_t file, int64_t start_line, uint32_t *id)
{
	struct prof_profile *p = b->p;
	uint64_t hash = prof_hash_mix(
		prof_hash_mix(0, (uint64_t)name << 32 | file), (uint64_t)start_line);
	struct prof_index_it it = prof_index_first(&b->functions, hash);
	int rc;

	while ((*id = prof_index_next(&b->functions, &it)) != PROF_NONE) {
		const struct prof_function *f = &p->functions.v[*id];

		if (f->name == name && f->file == file && f->start_line == start_line)
			return 0;
	}
	if (p->functions.n >= PROF_NONE)
		return too_many(b, "functions");
	*id = (uint32_t)p->functions.n;
	if ((rc = prof_vec_reserve(&p->mem, &p->functions, 1, b->e)) ||
		(rc = prof_index_add(&b->functions, hash, *id, b->e)))
		return rc;
	p->functions.v[p->functions.n++] = (struct prof_function){
		.name = name, .system_name = name, .file = file, .start_line = start_line};
	return 0;
}

static uint64_t location_hash(
	uint64_t address, uint32_t mapping, const struct prof_line *lines, size_t n)
{
	uint64_t h = prof_hash_mix(prof_hash_mix(mapping, address), n);

	for (size_t i = 0; i < n; i++) {
		h = prof_hash_mix(h, lines[i].function);
		h = prof_hash_mix(h, (uint64_t)lines[i].line);
		h = prof_hash_mix(h, (uint64_t)lines[i].column);
	}
	return h;
}

static bool same_lines(const struct prof_line *a, const struct prof_line *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i].function != b[i].function || a[i].line != b[i].line ||
			a[i].column != b[i].column)
			return false;
	return true;
}

int prof_build_location(struct prof_build *b, uint64_t address, uint32_t mapping,
	const struct prof_line *lines, size_t n, uint32_t *id)
{
	struct prof_profile *p = b->p;
	uint64_t hash = location_hash(address, mapping, lines, n);
	struct prof_index_it it = prof_index_first(&b->locations, hash);
	int rc;

	while ((*id = prof_index_next(&b->locations, &it)) != PROF_NONE) {
		const struct prof_location *l = &p->locations.v[*id];

		if (l->address == address && l->mapping == mapping && l->n_lines == n &&
			(!n || same_lines(p->lines.v + l->first_line, lines, n)))
			return 0;
	}
	if (p->locations.n >= PROF_NONE || n >= PROF_NONE - p->lines.n)
		return too_many(b, "locations");
	*id = (uint32_t)p->locations.n;
	if ((rc = prof_vec_reserve(&p->mem, &p->locations, 1, b->e)) ||
		(rc = prof_vec_reserve(&p->mem, &p->lines, n, b->e)) ||
		(rc = prof_index_add(&b->locations, hash, *id, b->e)))
		return rc;
	p->locations.v[p->locations.n++] = (struct prof_location){.id = (uint64_t)*id + 1,
		.address = address,
		.mapping = mapping,
		.first_line = (uint32_t)p->lines.n,
		.n_lines = (uint32_t)n};
	for (size_t i = 0; i < n; i++)
		p->lines.v[p->lines.n++] = lines[i];
	return 0;
}

int prof_build_stack(struct prof_build *b, const uint32_t *locations, size_t n, uint32_t *id)
{
	struct prof_profile *p = b->p;
	uint64_t hash = prof_hash_bytes(locations, n * sizeof(*locations));
	struct prof_index_it it = prof_index_first(&b->stacks, hash);
	int rc;

	while ((*id = prof_index_next(&b->stacks, &it)) != PROF_NONE) {
		uint32_t start = p->stack_start.v[*id];

		if (p->stack_start.v[*id + 1] - start == n &&
			(!n || memcmp(p->stack_loc.v + start, locations, n * sizeof(*locations)) ==
					0))
			return 0;
	}
	if (p->stack_start.n >= PROF_NONE || n >= PROF_NONE - p->stack_loc.n)
		return too_many(b, "stacks");
	*id = (uint32_t)p->stack_start.n - 1;
	if ((rc = prof_vec_reserve(&p->mem, &p->stack_loc, n, b->e)) ||
		(rc = prof_vec_reserve(&p->mem, &p->stack_start, 1, b->e)) ||
		(rc = prof_index_add(&b->stacks, hash, *id, b->e)))
		return rc;
	for (size_t i = 0; i < n; i++)
		p->stack_loc.v[p->stack_loc.n++] = locations[i];
	p->stack_start.v[p->stack_start.n++] = (uint32_t)p->stack_loc.n;
	return 0;
}

int prof_build_sample(struct prof_build *b, uint32_t stack, uint32_t labels, const int64_t *values)
{
	struct prof_profile *p = b->p;
	int rc;

	if ((rc = prof_vec_reserve(&p->mem, &p->sample_stack, 1, b->e)) ||
		(rc = prof_vec_reserve(&p->mem, &p->sample_labels, 1, b->e)))
		return rc;
	for (size_t t = 0; t < p->values.n; t++) {
		rc = prof_vec_reserve(&p->mem, &p->values.v[t], 1, b->e);
		if (rc)
			return rc;
	}
	for (size_t t = 0; t < p->values.n; t++)
		p->values.v[t].v[p->values.v[t].n++] = values[t];
	p->sample_stack.v[p->sample_stack.n++] = stack;
	p->sample_labels.v[p->sample_labels.n++] = labels;
	return 0;
}
