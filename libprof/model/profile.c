#include "libprof/model/profile.h"

#include <stdio.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct prof_profile *prof_profile_new(const struct prof_limits *limits, struct prof_err *e)
{
	struct prof_profile *p = calloc(1, sizeof(*p));

	if (!p) {
		prof_nomem(e);
		return NULL;
	}
	p->mem.limit = limits->memory_bytes > SIZE_MAX / 2 ? SIZE_MAX / 2
							   : (size_t)limits->memory_bytes;
	prof_index_init(&p->label_index, &p->mem);
	if (prof_strtab_init(&p->strings, &p->mem, e) ||
		prof_vec_reserve(&p->mem, &p->stack_start, 1, e) ||
		prof_vec_reserve(&p->mem, &p->label_start, 2, e)) {
		prof_profile_free(p);
		return NULL;
	}
	p->stack_start.v[p->stack_start.n++] = 0;
	p->label_start.v[p->label_start.n++] = 0;
	p->label_start.v[p->label_start.n++] = 0;
	return p;
}

void prof_profile_free(struct prof_profile *p)
{
	if (!p)
		return;
	for (size_t t = 0; t < p->values.n; t++)
		prof_vec_fini(&p->mem, &p->values.v[t]);
	prof_vec_fini(&p->mem, &p->values);
	prof_vec_fini(&p->mem, &p->types);
	prof_vec_fini(&p->mem, &p->sample_stack);
	prof_vec_fini(&p->mem, &p->sample_labels);
	prof_vec_fini(&p->mem, &p->stack_start);
	prof_vec_fini(&p->mem, &p->stack_loc);
	prof_vec_fini(&p->mem, &p->label_start);
	prof_vec_fini(&p->mem, &p->labels);
	prof_index_fini(&p->label_index);
	prof_vec_fini(&p->mem, &p->mappings);
	prof_vec_fini(&p->mem, &p->locations);
	prof_vec_fini(&p->mem, &p->lines);
	prof_vec_fini(&p->mem, &p->functions);
	prof_vec_fini(&p->mem, &p->comments);
	prof_strtab_fini(&p->strings);
	free(p);
}

int prof_profile_columns(struct prof_profile *p, size_t n, struct prof_err *e)
{
	int rc = prof_vec_reserve(&p->mem, &p->values, n, e);

	for (size_t t = 0; !rc && t < n; t++)
		p->values.v[p->values.n++] = (struct prof_column){0};
	return rc;
}

int64_t prof_profile_time(const struct prof_profile *p)
{
	return p->time_ns;
}

int64_t prof_profile_duration(const struct prof_profile *p)
{
	return p->duration_ns;
}

static uint64_t label_hash(const struct prof_label *labels, size_t n)
{
	uint64_t h = n;

	for (size_t i = 0; i < n; i++) {
		const struct prof_label *l = &labels[i];

		h = prof_hash_mix(h, (uint64_t)l->key << 32 | l->str);
		h = prof_hash_mix(h, (uint64_t)l->unit << 1 | l->is_str);
		h = prof_hash_mix(h, (uint64_t)l->num);
	}
	return h;
}

static bool same_labels(const struct prof_label *a, const struct prof_label *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i].key != b[i].key || a[i].str != b[i].str || a[i].unit != b[i].unit ||
			a[i].is_str != b[i].is_str || a[i].num != b[i].num)
			return false;
	return true;
}

int prof_profile_label_set(struct prof_profile *p, const struct prof_label *labels, size_t n,
	uint32_t *id, struct prof_err *e)
{
	uint64_t hash = label_hash(labels, n);
	struct prof_index_it it = prof_index_first(&p->label_index, hash);
	int rc;

	*id = 0;
	if (!n)
		return 0;
	while ((*id = prof_index_next(&p->label_index, &it)) != PROF_NONE) {
		uint32_t start = p->label_start.v[*id];

		if (p->label_start.v[*id + 1] - start == n &&
			same_labels(p->labels.v + start, labels, n))
			return 0;
	}
	if (p->labels.n + n >= PROF_NONE)
		return prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET, "too many labels");
	*id = (uint32_t)p->label_start.n - 1;
	if ((rc = prof_vec_reserve(&p->mem, &p->labels, n, e)) ||
		(rc = prof_vec_reserve(&p->mem, &p->label_start, 1, e)) ||
		(rc = prof_index_add(&p->label_index, hash, *id, e)))
		return rc;
	memcpy(p->labels.v + p->labels.n, labels, n * sizeof(*labels));
	p->labels.n += n;
	p->label_start.v[p->label_start.n++] = (uint32_t)p->labels.n;
	return 0;
}

static int bad_index(const struct prof_profile *p, const char *name, struct prof_err *e)
{
	char text[160];
	size_t n = 0;

	for (size_t t = 0; t < p->types.n && n < sizeof(text) - 1; t++) {
		struct prof_str s = prof_profile_str(p, p->types.v[t].type);
		int k = snprintf(text + n, sizeof(text) - n, "%s%.*s", t ? " " : "", (int)s.len,
			s.p ? s.p : "");

		n += k > 0 ? (size_t)k : 0;
	}
	return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
		"sample_index \"%.40s\" must be one of: [%s]", name, n ? text : "");
}

const char *prof_profile_damage(const struct prof_profile *p)
{
	return p->damage ? prof_profile_str(p, p->damage).p : NULL;
}

int prof_profile_sample_index(
	const struct prof_profile *p, const char *name, uint32_t *index, struct prof_err *e)
{
	struct prof_str want = prof_str_of(name ? name : ""), no_inuse = want;
	char *end;
	long number;

	if (!p->types.n)
		return prof_fail(
			e, PROF_EFORMAT, PROF_NO_OFFSET, "the profile has no sample types");
	*index = (uint32_t)p->types.n - 1;
	if (!want.len) {
		for (uint32_t t = 0; p->default_type && t < p->types.n; t++) {
			if (p->types.v[t].type == p->default_type) {
				*index = t;
				break;
			}
		}
		return 0;
	}
	number = strtol(name, &end, 10);
	if (!*end && !isspace((unsigned char)*name)) {
		if (number < 0 || (size_t)number >= p->types.n)
			return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
				"sample_index %.40s is outside the range [0..%zu]", name,
				p->types.n - 1);
		*index = (uint32_t)number;
		return 0;
	}
	if (prof_str_has_prefix(want, "inuse_"))
		no_inuse = (struct prof_str){want.p + 6, want.len - 6};
	for (uint32_t t = 0; t < p->types.n; t++) {
		struct prof_str s = prof_profile_str(p, p->types.v[t].type);

		if (prof_str_eq(s, want) || prof_str_eq(s, no_inuse)) {
			*index = t;
			return 0;
		}
	}
	return bad_index(p, name, e);
}

static const char *check_samples(const struct prof_profile *p)
{
	size_t n = p->sample_stack.n, stacks = p->stack_start.n - 1, sets = p->label_start.n - 1;

	if (n && !p->types.n)
		return "samples without types";
	if (p->sample_labels.n != n)
		return "label column of another length";
	if (p->values.n != p->types.n)
		return "not one column a type";
	for (size_t t = 0; t < p->types.n; t++)
		if (p->values.v[t].n != n)
			return "value column of another length";
	for (size_t i = 0; i < n; i++)
		if (p->sample_stack.v[i] >= stacks || p->sample_labels.v[i] >= sets)
			return "sample out of range";
	if (p->stack_start.v[stacks] > p->stack_loc.n || p->label_start.v[sets] != p->labels.n)
		return "offsets do not end where the array does";
	for (size_t i = 0; i < stacks; i++)
		if (p->stack_start.v[i] > p->stack_start.v[i + 1])
			return "stack offsets fall";
	for (size_t i = 0; i < p->stack_loc.n; i++)
		if (p->stack_loc.v[i] >= p->locations.n)
			return "location out of range";
	return NULL;
}

const char *prof_profile_check(const struct prof_profile *p)
{
	size_t strs = p->strings.strs.n;

	for (size_t i = 0; i < p->locations.n; i++) {
		const struct prof_location *l = &p->locations.v[i];

		if (l->mapping != PROF_NONE && l->mapping >= p->mappings.n)
			return "mapping out of range";
		if ((uint64_t)l->first_line + l->n_lines > p->lines.n)
			return "lines out of range";
	}
	for (size_t i = 0; i < p->lines.n; i++)
		if (p->lines.v[i].function >= p->functions.n)
			return "function out of range";
	for (size_t i = 0; i < p->functions.n; i++) {
		const struct prof_function *f = &p->functions.v[i];

		if (f->name >= strs || f->system_name >= strs || f->file >= strs)
			return "function's string out of range";
	}
	for (size_t i = 0; i < p->labels.n; i++) {
		const struct prof_label *l = &p->labels.v[i];

		if (l->key >= strs || l->str >= strs || l->unit >= strs)
			return "label's string out of range";
	}
	return check_samples(p);
}
