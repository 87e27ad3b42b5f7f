#include <stdlib.h>
#include <string.h>

#include "libprof/analyse/filter.h"
#include "libprof/base/fmt.h"

/* Pseudo frames of labels' values. Keys come outermost first; the frames of a label set are made
 * once, in the order in which samples need them, so that locations get the ids that pprof gives
 * them. Every sample gets a stack of its own, for samples of one stack may differ in labels.
 */
struct interned {
	struct prof_index index; /* over the locations that were made */
	uint64_t next_id;
};

struct frames {
	struct prof_profile *p;
	struct prof_str keys[64];
	size_t n_keys;
	uint32_t *made; /* n_keys locations of each label set, leaf first */
	bool matched;
};

static void split_keys(struct frames *f, const char *list)
{
	const char *p = list ? list : "";

	while (*p && f->n_keys < sizeof(f->keys) / sizeof(f->keys[0])) {
		uint32_t n = (uint32_t)strcspn(p, ",");

		if (n)
			f->keys[f->n_keys++] = (struct prof_str){p, n};
		p += n + (p[n] == ',');
	}
}

/* Values of a key as pprof joins them: strings, then numbers in `unit`, or plain where none has a
 * unit. */
static size_t put_values(
	struct frames *f, uint32_t set, uint32_t key, struct prof_str unit, struct prof_buf *b)
{
	const struct prof_profile *p = f->p;
	uint32_t begin = p->label_start.v[set], end = p->label_start.v[set + 1];
	bool units = false;
	size_t n = 0;

	for (uint32_t k = begin; k < end; k++)
		units |= p->labels.v[k].key == key && p->labels.v[k].unit;
	for (int numbers = 0; numbers < 2; numbers++) {
		for (uint32_t k = begin; k < end; k++) {
			const struct prof_label *l = &p->labels.v[k];
			struct prof_str s = prof_profile_str(p, l->str);

			if (l->key != key || l->is_str == numbers || !prof_label_counts(l))
				continue;
			if (n++)
				prof_buf_char(b, ',');
			if (l->is_str)
				prof_buf_put(b, s.p, s.len);
			else
				prof_fmt_scaled(b, l->num, prof_profile_str(p, l->unit),
					units ? unit : PROF_STR(""));
		}
	}
	return n;
}

/* The location of a function `name` in a file named like the key, made at its first use. */
static int intern_location(struct prof_profile *p, struct interned *in, uint32_t name,
	uint32_t file, uint32_t *to, struct prof_err *e)
{
	uint64_t hash = prof_hash_mix(name, file);
	struct prof_index_it it = prof_index_first(&in->index, hash);
	int rc;

	while ((*to = prof_index_next(&in->index, &it)) != PROF_NONE) {
		const struct prof_function *g =
			&p->functions.v[p->lines.v[p->locations.v[*to].first_line].function];

		if (g->name == name && g->file == file)
			return 0;
	}
	*to = (uint32_t)p->locations.n;
	if ((rc = prof_vec_reserve(&p->mem, &p->functions, 1, e)) ||
		(rc = prof_vec_reserve(&p->mem, &p->lines, 1, e)) ||
		(rc = prof_vec_reserve(&p->mem, &p->locations, 1, e)) ||
		(rc = prof_index_add(&in->index, hash, *to, e)))
		return rc;
	p->locations.v[p->locations.n++] = (struct prof_location){.id = in->next_id++,
		.mapping = PROF_NONE,
		.first_line = (uint32_t)p->lines.n,
		.n_lines = 1};
	p->lines.v[p->lines.n++] = (struct prof_line){.function = (uint32_t)p->functions.n};
	p->functions.v[p->functions.n++] = (struct prof_function){.name = name, .file = file};
	return 0;
}

static int frames_init(
	struct frames *f, struct prof_profile *p, const char *list, struct prof_err *e)
{
	*f = (struct frames){.p = p};
	split_keys(f, list);
	f->made = prof_mem_zalloc(&p->mem, (p->label_start.n - 1) * f->n_keys, sizeof(*f->made), e);
	return f->made ? 0 : e->code;
}

static void frames_fini(struct frames *f)
{
	if (f->p)
		prof_mem_zfree(&f->p->mem, f->made, (f->p->label_start.n - 1) * f->n_keys,
			sizeof(*f->made));
}

static int make_frames(
	struct frames *f, struct interned *in, uint32_t set, const char *unit, struct prof_err *e)
{
	struct prof_profile *p = f->p;
	struct prof_buf b;
	int rc = 0;

	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; !rc && i < f->n_keys; i++) {
		struct prof_str key = f->keys[f->n_keys - 1 - i];
		uint32_t name, file;

		b.n = 0;
		rc = prof_strtab_add(&p->strings, key.p, key.len, &file, e);
		if (!rc && put_values(f, set, file, prof_str_of(unit), &b))
			f->matched = true;
		if (!rc)
			rc = b.code ? prof_nomem(e)
				    : prof_strtab_add(&p->strings, b.p ? b.p : "", b.n, &name, e);
		if (!rc)
			rc = intern_location(p, in, name, file, &f->made[set * f->n_keys + i], e);
	}
	prof_buf_fini(&b);
	return rc;
}

static int make_all(struct frames *root, struct frames *leaf, const char *unit, struct prof_err *e)
{
	struct prof_profile *p = root->p;
	struct interned in = {.next_id = 1};
	size_t sets = p->label_start.n - 1;
	bool *done = prof_mem_zalloc(&p->mem, sets, sizeof(*done), e);
	int rc = done ? 0 : e->code;

	prof_index_init(&in.index, &p->mem);
	for (size_t i = 0; i < p->locations.n; i++)
		if (p->locations.v[i].id >= in.next_id)
			in.next_id = p->locations.v[i].id + 1;
	for (size_t i = 0; !rc && i < p->sample_labels.n; i++) {
		uint32_t set = p->sample_labels.v[i];

		if (done[set])
			continue;
		done[set] = true;
		rc = make_frames(root, &in, set, unit, e);
		if (!rc)
			rc = make_frames(leaf, &in, set, unit, e);
	}
	prof_index_fini(&in.index);
	prof_mem_zfree(&p->mem, done, sets, sizeof(*done));
	return rc;
}

/* New stacks, one a sample: leaves, the old stack, roots. */
static int rebuild(struct prof_profile *p, const struct frames *root, const struct frames *leaf,
	struct prof_err *e)
{
	PROF_VEC(uint32_t) loc = {0};
	PROF_VEC(uint32_t) start = {0};
	int rc = prof_vec_reserve(&p->mem, &start, p->sample_stack.n + 1, e);
	size_t room = p->sample_stack.n * (root->n_keys + leaf->n_keys);

	for (size_t i = 0; i < p->sample_stack.n; i++)
		room += p->stack_start.v[p->sample_stack.v[i] + 1] -
			p->stack_start.v[p->sample_stack.v[i]];
	if (!rc && room >= PROF_NONE)
		rc = prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET, "more than 2^32 frames");
	if (!rc)
		rc = prof_vec_reserve(&p->mem, &loc, room + 1, e);
	if (rc) {
		prof_vec_fini(&p->mem, &start);
		return rc;
	}
	for (size_t i = 0; i < p->sample_stack.n; i++) {
		uint32_t s = p->sample_stack.v[i], set = p->sample_labels.v[i];

		start.v[start.n++] = (uint32_t)loc.n;
		for (size_t k = 0; k < leaf->n_keys; k++)
			loc.v[loc.n++] = leaf->made[set * leaf->n_keys + k];
		for (uint32_t k = p->stack_start.v[s]; k < p->stack_start.v[s + 1]; k++)
			loc.v[loc.n++] = p->stack_loc.v[k];
		for (size_t k = 0; k < root->n_keys; k++)
			loc.v[loc.n++] = root->made[set * root->n_keys + k];
		p->sample_stack.v[i] = (uint32_t)i;
	}
	start.v[start.n++] = (uint32_t)loc.n;
	prof_vec_fini(&p->mem, &p->stack_loc);
	prof_vec_fini(&p->mem, &p->stack_start);
	p->stack_loc.v = loc.v;
	p->stack_loc.n = loc.n;
	p->stack_loc.cap = loc.cap;
	p->stack_start.v = start.v;
	p->stack_start.n = start.n;
	p->stack_start.cap = start.cap;
	return 0;
}

int prof_add_label_frames(struct prof_profile *p, const char *root, const char *leaf,
	const char *unit, unsigned *missed, struct prof_err *e)
{
	struct frames r = {0}, l = {0};
	int rc;

	if ((!root || !*root) && (!leaf || !*leaf))
		return 0;
	rc = frames_init(&r, p, root, e);
	if (!rc)
		rc = frames_init(&l, p, leaf, e);
	if (!rc)
		rc = make_all(&r, &l, unit, e);
	if (!rc)
		rc = rebuild(p, &r, &l, e);
	if (root && *root && !r.matched)
		*missed |= PROF_MISS_TAG_ROOT;
	if (leaf && *leaf && !l.matched)
		*missed |= PROF_MISS_TAG_LEAF;
	frames_fini(&r);
	frames_fini(&l);
	return rc;
}
