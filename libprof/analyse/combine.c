#include <stdlib.h>

#include "libprof/analyse/merge.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"

/* One merge under way: which columns of each profile become which of the result, at what ratio. */
struct plan {
	struct prof_profile *const *list;
	size_t n, types;
	uint32_t *type; /* n rows of `types` columns */
	double *ratio; /* likewise */
	uint32_t *finest; /* of each type: the profile whose unit it takes */
	size_t period_from; /* the profile whose period unit is taken */
	struct prof_err *e;
};

static struct prof_str type_name(const struct prof_profile *p, size_t t)
{
	return prof_profile_str(p, p->types.v[t].type);
}

static struct prof_str type_unit(const struct prof_profile *p, size_t t)
{
	return prof_profile_str(p, p->types.v[t].unit);
}

static uint32_t find_type(const struct prof_profile *p, struct prof_str name)
{
	for (uint32_t t = 0; t < p->types.n; t++)
		if (prof_str_eq(type_name(p, t), name))
			return t;
	return PROF_NONE;
}

static bool in_all(const struct plan *x, struct prof_str name)
{
	for (size_t i = 1; i < x->n; i++)
		if (find_type(x->list[i], name) == PROF_NONE)
			return false;
	return true;
}

static bool is_finer(struct prof_str a, struct prof_str b)
{
	struct prof_str unit;

	return prof_unit_scale(1, a, b, &unit) < 1;
}

static double unit_ratio(struct prof_str from, struct prof_str to)
{
	struct prof_str unit;

	return prof_str_eq(from, to) ? 1 : prof_unit_scale(1, from, to, &unit);
}

/* Column t of the result: its column in each profile, and the finest unit that they use. */
static int plan_type(struct plan *x, size_t t, uint32_t first_type)
{
	struct prof_str name = type_name(x->list[0], first_type), unit;

	x->finest[t] = 0;
	unit = type_unit(x->list[0], first_type);
	for (size_t i = 0; i < x->n; i++) {
		uint32_t at = find_type(x->list[i], name);
		struct prof_str u = type_unit(x->list[i], at);

		x->type[i * x->types + t] = at;
		if (!prof_unit_compatible(u, unit))
			return prof_fail(x->e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
				"cannot be merged: %.40s is in %.30s and in %.30s", name.p, unit.p,
				u.p);
		if (is_finer(u, unit)) {
			unit = u;
			x->finest[t] = (uint32_t)i;
		}
	}
	for (size_t i = 0; i < x->n; i++)
		x->ratio[i * x->types + t] = unit_ratio(
			type_unit(x->list[i], x->type[i * x->types + t]), unit);
	return 0;
}

static int plan_period(struct plan *x)
{
	for (size_t i = 1; i < x->n; i++) {
		const struct prof_profile *a = x->list[0], *b = x->list[i];
		struct prof_str best = prof_profile_str(
			x->list[x->period_from], x->list[x->period_from]->period_type.unit);
		struct prof_str unit = prof_profile_str(b, b->period_type.unit);

		if (!prof_str_eq(prof_profile_str(a, a->period_type.type),
			    prof_profile_str(b, b->period_type.type)) ||
			!prof_unit_compatible(best, unit))
			return prof_fail(x->e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
				"cannot be merged: period types %.40s %.20s and %.40s %.20s",
				prof_profile_str(a, a->period_type.type).p, best.p,
				prof_profile_str(b, b->period_type.type).p, unit.p);
		if (is_finer(unit, best))
			x->period_from = i;
	}
	return 0;
}

static int plan_init(struct plan *x)
{
	const struct prof_profile *first = x->list[0];
	size_t t = 0;
	int rc;

	for (uint32_t i = 0; i < first->types.n; i++)
		x->types += in_all(x, type_name(first, i));
	if (!x->types)
		return prof_fail(x->e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"cannot be merged: no sample type is in all of the profiles");
	x->type = calloc(x->n * x->types, sizeof(*x->type));
	x->ratio = calloc(x->n * x->types, sizeof(*x->ratio));
	x->finest = calloc(x->types, sizeof(*x->finest));
	if (!x->type || !x->ratio || !x->finest)
		return prof_nomem(x->e);
	for (uint32_t i = 0; i < first->types.n; i++)
		if (in_all(x, type_name(first, i)) && (rc = plan_type(x, t++, i)))
			return rc;
	return plan_period(x);
}

static void plan_fini(struct plan *x)
{
	free(x->type);
	free(x->ratio);
	free(x->finest);
}

static int copy_string(struct prof_profile *out, const struct prof_profile *in, uint32_t id,
	uint32_t *to, struct prof_err *e)
{
	struct prof_str s = prof_profile_str(in, id);

	return prof_strtab_add(&out->strings, s.p, s.len, to, e);
}

static int add_comments(struct prof_profile *out, const struct prof_profile *in, struct prof_err *e)
{
	for (size_t i = 0; i < in->comments.n; i++) {
		uint32_t id;
		size_t k = 0;
		int rc = copy_string(out, in, in->comments.v[i], &id, e);

		if (!rc)
			rc = prof_vec_reserve(&out->mem, &out->comments, 1, e);
		if (rc)
			return rc;
		while (k < out->comments.n && out->comments.v[k] != id)
			k++;
		if (k == out->comments.n)
			out->comments.v[out->comments.n++] = id;
	}
	return 0;
}

/* The default type that pprof takes: a profile's own where it is among the common ones; where
 * columns were dropped or moved, the first of these.
 */
static int default_type(const struct plan *x, size_t i, struct prof_profile *out)
{
	const struct prof_profile *p = x->list[i];
	struct prof_str name = prof_profile_str(p, p->default_type);
	bool moved = x->types != p->types.n, found = false;

	for (size_t t = 0; t < x->types; t++) {
		moved |= x->type[i * x->types + t] != t;
		found |= prof_str_eq(type_name(p, x->type[i * x->types + t]), name);
	}
	if (moved && !found)
		name = type_name(p, x->type[i * x->types]);
	return prof_strtab_add(&out->strings, name.p, name.len, &out->default_type, x->e);
}

/* pprof's combineHeaders. A time of 0 among the profiles starts the search for the earliest anew.
 */
static int combine_headers(const struct plan *x, struct prof_profile *out)
{
	const struct prof_profile *first = x->list[0], *unit = x->list[x->period_from];
	struct prof_str period_unit = prof_profile_str(unit, unit->period_type.unit), u;
	int rc;

	for (size_t i = 0; i < x->n; i++) {
		const struct prof_profile *p = x->list[i];
		double period = prof_unit_scale(
			p->period, prof_profile_str(p, p->period_type.unit), period_unit, &u);
		int64_t whole = prof_str_eq(prof_profile_str(p, p->period_type.unit), period_unit)
					? p->period
					: prof_to_i64(period);

		if (!out->time_ns || p->time_ns < out->time_ns)
			out->time_ns = p->time_ns;
		out->duration_ns = prof_add(out->duration_ns, p->duration_ns);
		if (!out->period || out->period < whole)
			out->period = whole;
		if ((rc = add_comments(out, p, x->e)) ||
			(!out->default_type && (rc = default_type(x, i, out))) ||
			(!out->doc_url &&
				(rc = copy_string(out, p, p->doc_url, &out->doc_url, x->e))))
			return rc;
		out->unknown_fields += p->unknown_fields;
	}
	if ((rc = copy_string(out, first, first->drop_frames, &out->drop_frames, x->e)) ||
		(rc = copy_string(out, first, first->keep_frames, &out->keep_frames, x->e)) ||
		(rc = copy_string(
			 out, first, first->period_type.type, &out->period_type.type, x->e)))
		return rc;
	return copy_string(out, unit, unit->period_type.unit, &out->period_type.unit, x->e);
}

static int add_types(const struct plan *x, struct prof_profile *out)
{
	int rc = prof_vec_reserve(&out->mem, &out->types, x->types, x->e);

	for (size_t t = 0; !rc && t < x->types; t++) {
		size_t from = x->finest[t];
		const struct prof_profile *p = x->list[from];
		const struct prof_value_type *v = &p->types.v[x->type[from * x->types + t]];
		struct prof_value_type *to = &out->types.v[out->types.n++];

		rc = copy_string(out, p, v->type, &to->type, x->e);
		if (!rc)
			rc = copy_string(out, p, v->unit, &to->unit, x->e);
	}
	return rc ? rc : prof_profile_columns(out, x->types, x->e);
}

static bool has_zero_sample(const struct prof_profile *p)
{
	for (size_t i = 0; i < p->sample_stack.n; i++) {
		bool any = false;

		for (size_t t = 0; t < p->values.n; t++)
			any |= p->values.v[t].v[i] != 0;
		if (!any)
			return true;
	}
	return false;
}

/* How the profiles of one merge are changed on the way; NULL: not. */
struct changes {
	const double *ratio; /* of each type of the result, for profile 0 only */
	bool subtract_last, mark_last;
};

static int merge_once(struct prof_profile *const *list, size_t n, const struct changes *c,
	struct prof_profile **out, struct prof_err *e)
{
	struct plan x = {.list = list, .n = n, .e = e};
	struct prof_merge_part *parts = calloc(n, sizeof(*parts));
	struct prof_profile *p = NULL;
	struct prof_limits limits;
	int rc = parts ? plan_init(&x) : prof_nomem(e);

	prof_limits_init(&limits);
	limits.memory_bytes = list[0]->mem.limit;
	if (!rc && !(p = prof_profile_new(&limits, e)))
		rc = e->code;
	if (!rc)
		rc = add_types(&x, p);
	if (!rc)
		rc = combine_headers(&x, p);
	for (size_t i = 0; !rc && i < n; i++) {
		bool last = i == n - 1;

		for (size_t t = 0; t < x.types; t++) {
			double *ratio = &x.ratio[i * x.types + t];

			if (c && c->ratio && !i)
				*ratio *= c->ratio[t];
			if (c && c->subtract_last && last)
				*ratio = -*ratio;
		}
		parts[i] = (struct prof_merge_part){.profile = list[i],
			.type = x.type + i * x.types,
			.ratio = x.ratio + i * x.types,
			.mark_base = c && c->mark_last && last};
	}
	if (!rc)
		rc = prof_merge_parts(p, parts, n, e);
	plan_fini(&x);
	free(parts);
	if (rc)
		prof_profile_free(p);
	else
		*out = p;
	return rc;
}

/* Merges, and once more where values came out as zero: what only they used is then left behind. */
static int merge(struct prof_profile *const *list, size_t n, const struct changes *c,
	struct prof_profile **out, struct prof_err *e)
{
	struct prof_profile *again;
	int rc = merge_once(list, n, c, out, e);

	if (rc || !has_zero_sample(*out))
		return rc;
	rc = merge_once(out, 1, NULL, &again, e);
	prof_profile_free(*out);
	if (!rc)
		*out = again;
	return rc;
}

static void free_list(struct prof_profile **list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		prof_profile_free(list[i]);
		list[i] = NULL;
	}
}

/* Many into one; a single profile stays as it is, not even compacted. Frees what it merged. */
static int merge_list(
	struct prof_profile **list, size_t n, struct prof_profile **out, struct prof_err *e)
{
	int rc;

	if (n == 1) {
		*out = list[0];
		list[0] = NULL;
		return 0;
	}
	rc = merge(list, n, NULL, out, e);
	free_list(list, n);
	return rc;
}

/* pprof's Normalize: by the ratio of the sums of all values, for each type. */
static int normal_ratios(struct prof_profile *const pair[2], double **ratios, struct prof_err *e)
{
	struct plan x = {.list = pair, .n = 2, .e = e};
	int rc = plan_init(&x);

	*ratios = rc ? NULL : calloc(x.types, sizeof(**ratios));
	if (!rc && !*ratios)
		rc = prof_nomem(e);
	for (size_t t = 0; !rc && t < x.types; t++)
		if (x.types != pair[0]->types.n || x.types != pair[1]->types.n || x.type[t] != t ||
			x.type[x.types + t] != t ||
			!prof_str_eq(type_unit(pair[0], t), type_unit(pair[1], t)))
			rc = prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
				"cannot be normalized: sample types or units differ");
	if (!rc && !prof_str_eq(prof_profile_str(pair[0], pair[0]->period_type.unit),
			   prof_profile_str(pair[1], pair[1]->period_type.unit)))
		rc = prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"cannot be normalized: period types differ");
	for (size_t t = 0; !rc && t < x.types; t++) {
		int64_t sum[2] = {0, 0};

		for (size_t s = 0; s < 2; s++) {
			const struct prof_column *c = &pair[s]->values.v[x.type[s * x.types + t]];

			for (size_t i = 0; i < c->n; i++)
				sum[s] = prof_add(sum[s], c->v[i]);
		}
		(*ratios)[t] = sum[0] ? (double)sum[1] / (double)sum[0] : 0;
	}
	plan_fini(&x);
	return rc;
}

static int add_mapping(struct prof_profile *p, struct prof_err *e)
{
	int rc;

	if (p->mappings.n)
		return 0;
	rc = prof_vec_reserve(&p->mem, &p->mappings, 1, e);
	if (rc)
		return rc;
	p->mappings.v[p->mappings.n++] = (struct prof_mapping){.id = 1};
	for (size_t i = 0; i < p->locations.n; i++)
		p->locations.v[i].mapping = 0;
	return 0;
}

int prof_combine(struct prof_profile **sources, size_t n, struct prof_profile **bases,
	size_t n_bases, int diff_base, int normalize, struct prof_profile **out, struct prof_err *e)
{
	struct prof_profile *pair[2] = {NULL, NULL};
	struct changes c = {.subtract_last = true, .mark_last = diff_base};
	double *ratios = NULL;
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++)
		rc = add_mapping(sources[i], e);
	for (size_t i = 0; !rc && i < n_bases; i++)
		rc = add_mapping(bases[i], e);
	if (!rc)
		rc = merge_list(sources, n, &pair[0], e);
	if (!rc && !n_bases) {
		*out = pair[0];
		return 0;
	}
	if (!rc)
		rc = merge_list(bases, n_bases, &pair[1], e);
	if (!rc && normalize)
		rc = normal_ratios(pair, &ratios, e);
	c.ratio = ratios;
	if (!rc)
		rc = merge(pair, 2, &c, out, e);
	free(ratios);
	prof_profile_free(pair[0]);
	prof_profile_free(pair[1]);
	free_list(sources, n);
	free_list(bases, n_bases);
	return rc;
}
