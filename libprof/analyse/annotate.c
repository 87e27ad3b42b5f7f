/* What pprof's command line changes in a profile besides its samples. */
#include <stdbool.h>
#include <stdlib.h>

#include "libprof/base/buf.h"
#include "libprof/model/profile.h"

static int add(struct prof_profile *p, const char *text, uint32_t *id, struct prof_err *e)
{
	struct prof_str s = prof_str_of(text);

	return prof_strtab_add(&p->strings, s.p, s.len, id, e);
}

int prof_profile_add_comment(struct prof_profile *p, const char *comment, struct prof_err *e)
{
	uint32_t id;
	int rc = add(p, comment, &id, e);

	if (rc || (rc = prof_vec_reserve(&p->mem, &p->comments, 1, e)))
		return rc;
	p->comments.v[p->comments.n++] = id;
	return 0;
}

int prof_profile_set_binary(
	struct prof_profile *p, const char *path, const char *build_id, struct prof_err *e)
{
	struct prof_mapping *m = p->mappings.v;
	int rc = 0;

	if (!p->mappings.n)
		return 0;
	if (path && *path)
		rc = add(p, path, &m->file, e);
	if (!rc && build_id && !m->build_id)
		rc = add(p, build_id, &m->build_id, e);
	return rc;
}

static int by_id(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Each second and further unit of a key, beside the key. */
struct mixed {
	uint32_t *first; /* unit of each key (string); 0: none yet */
	PROF_VEC(uint64_t) other;
};

static int find_mixed(struct prof_profile *p, struct mixed *x, struct prof_err *e)
{
	for (size_t i = 0; i < p->labels.n; i++) {
		const struct prof_label *l = &p->labels.v[i];
		int rc;

		if (l->is_str || !l->unit)
			continue;
		if (!x->first[l->key])
			x->first[l->key] = l->unit;
		if (x->first[l->key] == l->unit)
			continue;
		if ((rc = prof_vec_reserve(&p->mem, &x->other, 1, e)))
			return rc;
		x->other.v[x->other.n++] = (uint64_t)l->key << 32 | l->unit;
	}
	if (x->other.n)
		qsort(x->other.v, x->other.n, sizeof(*x->other.v), by_id);
	return 0;
}

static void tell_mixed(
	const struct prof_profile *p, const struct mixed *x, prof_note_fn *note, void *ctx)
{
	struct prof_buf b;

	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; i < x->other.n; i++) {
		uint32_t key = (uint32_t)(x->other.v[i] >> 32), unit = (uint32_t)x->other.v[i];
		bool again = i && x->other.v[i - 1] >> 32 == key;

		if (again && x->other.v[i] == x->other.v[i - 1])
			continue;
		if (again)
			prof_buf_printf(&b, ", ");
		else
			prof_buf_printf(&b, "For tag %s used unit %s, also encountered unit(s) ",
				prof_profile_str(p, key).p, prof_profile_str(p, x->first[key]).p);
		prof_buf_printf(&b, "%s", prof_profile_str(p, unit).p);
		if (i + 1 < x->other.n && x->other.v[i + 1] >> 32 == key)
			continue;
		prof_buf_char(&b, '\0');
		if (!b.code)
			note(ctx, b.p);
		b.n = 0;
	}
	prof_buf_fini(&b);
}

int prof_profile_mixed_units(
	struct prof_profile *p, prof_note_fn *note, void *ctx, struct prof_err *e)
{
	size_t n = p->strings.strs.n;
	struct mixed x = {.first = prof_mem_zalloc(&p->mem, n, sizeof(*x.first), e)};
	int rc;

	if (!x.first)
		return e->code;
	rc = find_mixed(p, &x, e);
	if (!rc)
		tell_mixed(p, &x, note, ctx);
	prof_vec_fini(&p->mem, &x.other);
	prof_mem_zfree(&p->mem, x.first, n, sizeof(*x.first));
	return rc;
}
