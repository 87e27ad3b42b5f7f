#include "libprof/read/pprof_impl.h"

enum {
	LINES_A_BYTE = 64,
	LINES_FREE = 16 << 20, /* whatever the file's size */
};

/* From an index into the file's string table to an interned id. */
static int str(struct prof_pprof *d, uint32_t *s, int64_t at, const char *what)
{
	if (*s < d->strings.n) {
		*s = d->strings.v[*s];
		return 0;
	}
	if (!*s && !d->strings.n)
		return 0; /* a file of nothing but numbers has no strings to point at */
	return prof_fail(d->e, PROF_EFORMAT, at, "%s has string %u, the file has %zu", what, *s,
		d->strings.n);
}

static int value_type(struct prof_pprof *d, struct prof_value_type *t, const char *what)
{
	int rc = str(d, &t->type, d->at, what);

	return rc ? rc : str(d, &t->unit, d->at, what);
}

static int header(struct prof_pprof *d)
{
	struct prof_profile *p = d->p;
	uint32_t *fields[] = {&p->drop_frames, &p->keep_frames, &p->default_type, &p->doc_url};
	int rc;

	for (size_t t = 0; t < p->types.n; t++)
		if ((rc = value_type(d, &p->types.v[t], "sample type")))
			return rc;
	if ((rc = value_type(d, &p->period_type, "period type")))
		return rc;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if ((rc = str(d, fields[i], d->at, "header")))
			return rc;
	for (size_t i = 0; i < p->comments.n; i++)
		if ((rc = str(d, &p->comments.v[i], d->at, "comment")))
			return rc;
	return 0;
}

/* prof_ids_freeze with the offset of the entity that is wrong. */
static int freeze(struct prof_pprof *d, struct prof_ids *ids, const int64_t *at)
{
	struct prof_err err = {0};
	size_t i;
	int rc = prof_ids_freeze(ids, &i, &err);

	return rc ? prof_fail(d->e, rc, at ? at[i] : PROF_NO_OFFSET, "%s", err.msg) : 0;
}

static int mappings(struct prof_pprof *d)
{
	int rc = freeze(d, &d->mappings, d->mapping_at.v);

	for (size_t i = 0; !rc && i < d->p->mappings.n; i++) {
		struct prof_mapping *m = &d->p->mappings.v[i];

		rc = str(d, &m->file, d->mapping_at.v[i], "mapping");
		if (!rc)
			rc = str(d, &m->build_id, d->mapping_at.v[i], "mapping");
	}
	return rc;
}

static int functions(struct prof_pprof *d)
{
	int rc = freeze(d, &d->functions, d->function_at.v);

	for (size_t i = 0; !rc && i < d->p->functions.n; i++) {
		struct prof_function *f = &d->p->functions.v[i];
		int64_t at = d->function_at.v[i];

		if ((rc = str(d, &f->name, at, "function")) ||
			(rc = str(d, &f->system_name, at, "function")))
			return rc;
		rc = str(d, &f->file, at, "function");
	}
	return rc;
}

static int locations(struct prof_pprof *d)
{
	int rc = freeze(d, &d->locations, d->location_at.v);

	for (size_t i = 0; !rc && i < d->p->locations.n; i++) {
		struct prof_location *l = &d->p->locations.v[i];
		uint32_t ref = l->mapping;

		l->id = d->locations.ids.v[i];
		l->mapping = ref ? prof_ids_get(&d->mappings, ref) : PROF_NONE;
		if (ref && l->mapping == PROF_NONE)
			return prof_fail(d->e, PROF_EFORMAT, d->location_at.v[i],
				"location %llu has mapping %llu, which the file has not",
				(unsigned long long)l->id,
				(unsigned long long)prof_ids_name(&d->mappings, ref));
		for (uint32_t k = 0; k < l->n_lines; k++) {
			uint32_t *f = &d->p->lines.v[l->first_line + k].function;

			ref = *f;
			*f = prof_ids_get(&d->functions, ref);
			if (*f == PROF_NONE)
				return prof_fail(d->e, PROF_EFORMAT, d->location_at.v[i],
					"location %llu has function %llu, which the file has not",
					(unsigned long long)l->id,
					(unsigned long long)prof_ids_name(&d->functions, ref));
		}
	}
	return rc;
}

static int stacks(struct prof_pprof *d)
{
	struct prof_profile *p = d->p;
	size_t bad = prof_ids_resolve(&d->locations, p->stack_loc.v, p->stack_loc.n), i = 0;

	if (bad == p->stack_loc.n)
		return 0;
	while (p->stack_start.v[i + 1] <= bad)
		i++;
	return prof_fail(d->e, PROF_EFORMAT, d->sample_at.v[i],
		"sample has location %llu, which the file has not",
		(unsigned long long)prof_ids_name(&d->locations, p->stack_loc.v[bad]));
}

/* Where the label sets' first sample stood is not kept: a wrong label is found again by its set. */
static int64_t label_at(const struct prof_pprof *d, size_t label)
{
	for (size_t i = 0; i < d->p->sample_labels.n; i++)
		if (label < d->p->label_start.v[d->p->sample_labels.v[i] + 1])
			return d->sample_at.v[i];
	return PROF_NO_OFFSET;
}

static int labels(struct prof_pprof *d)
{
	struct prof_profile *p = d->p;
	int rc;

	for (size_t i = 0; i < p->labels.n; i++) {
		struct prof_label *l = &p->labels.v[i];
		int64_t at = l->key < d->strings.n && l->str < d->strings.n &&
					     l->unit < d->strings.n
				     ? PROF_NO_OFFSET
				     : label_at(d, i);

		if ((rc = str(d, &l->key, at, "label")) || (rc = str(d, &l->str, at, "label")) ||
			(rc = str(d, &l->unit, at, "label")))
			return rc;
	}
	return 0;
}

static int samples(struct prof_pprof *d)
{
	struct prof_profile *p = d->p;
	int rc;

	if (p->sample_stack.n && p->values.n != p->types.n)
		return prof_fail(d->e, PROF_EFORMAT, d->sample_at.v[0],
			"sample has %zu values, the profile has %zu types", p->values.n,
			p->types.n);
	if (p->sample_stack.n && !p->types.n)
		return prof_fail(
			d->e, PROF_EFORMAT, d->sample_at.v[0], "samples, but no sample types");
	if (!p->sample_stack.n && (rc = prof_profile_columns(p, p->types.n, d->e)))
		return rc;
	return 0;
}

/* Stacks are walked line by line. A few bytes of location with very many lines, used by very many
 * frames, would make that endless: real profiles have less than one line for each byte.
 */
static int check_lines(struct prof_pprof *d)
{
	const struct prof_profile *p = d->p;
	uint64_t longest = 1, limit = LINES_A_BYTE * p->input_bytes + LINES_FREE, sum = 0;

	for (size_t i = 0; i < p->locations.n; i++)
		if (p->locations.v[i].n_lines > longest)
			longest = p->locations.v[i].n_lines;
	if (p->stack_loc.n <= limit / longest)
		return 0;
	for (size_t i = 0; i < p->stack_loc.n && sum <= limit; i++)
		sum += p->locations.v[p->stack_loc.v[i]].n_lines;
	if (sum <= limit)
		return 0;
	return prof_fail(d->e, PROF_ELIMIT, PROF_NO_OFFSET,
		"the stacks have more than %llu lines, %d for each byte of the file",
		(unsigned long long)limit, LINES_A_BYTE);
}

int prof_pprof_resolve(struct prof_pprof *d)
{
	int rc;

	if ((rc = samples(d)) || (rc = header(d)) || (rc = mappings(d)) || (rc = functions(d)) ||
		(rc = locations(d)) || (rc = stacks(d)) || (rc = check_lines(d)))
		return rc;
	return labels(d);
}
