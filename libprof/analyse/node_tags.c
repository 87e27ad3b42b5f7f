#include "libprof/analyse/node_tags.h"

#include <stdlib.h>

#include "libprof/analyse/filter.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"
#include "libprof/base/search.h"

/* Samples of one class have the same labels, as far as tags go: a text, and "bytes" numbers. */
struct class
{
	uint32_t labels, label_set;
	uint32_t first_num, n_nums;
	uint32_t first_sample, n_samples; /* of `samples` */
};

struct num {
	int64_t value;
	uint32_t size; /* its text */
};

struct tagger {
	struct prof_node_tags *t;
	const struct prof_graph *g;
	const struct prof_profile *p;
	const struct prof_node_tags_opts *opts;
	struct prof_err *e;
	PROF_VEC(struct class) classes;
	PROF_VEC(struct num) nums;
	PROF_VEC(uint32_t) samples; /* by class, in the file's order */
	PROF_VEC(uint32_t) firsts; /* of each tag: the sample that `num` is from */
	PROF_VEC(uint32_t) touched; /* nodes that have sums of the class under way */
	uint32_t *class_of; /* of each label set; PROF_NONE: no tags */
	struct prof_node_value *sums; /* one a node */
	uint32_t *seen; /* of each node: the sample that counted it last, plus one */
	uint32_t *first_of; /* of each touched node: the class's first sample with it */
	struct prof_index by_class, by_tag;
	struct prof_buf text;
};

static bool is_base_label(const struct tagger *x, const struct prof_label *l)
{
	return prof_str_eq(prof_profile_str(x->p, l->key), PROF_STR("pprof::base"));
}

static int compare_text(const void *p, const void *q)
{
	return prof_str_cmp(*(const struct prof_str *)p, *(const struct prof_str *)q);
}

/* "key:value" of each string label, sorted, as one string. */
static int join_labels(struct tagger *x, uint32_t set, uint32_t *id)
{
	const struct prof_profile *p = x->p;
	uint32_t begin = p->label_start.v[set], end = p->label_start.v[set + 1];
	struct prof_str *part = calloc(end - begin + 1, sizeof(*part));
	size_t n = 0, at = 0;
	int rc = part ? 0 : prof_nomem(x->e);

	x->text.n = 0;
	for (uint32_t i = begin; !rc && i < end; i++) {
		const struct prof_label *l = &p->labels.v[i];
		struct prof_str key = prof_profile_str(p, l->key), s = prof_profile_str(p, l->str);

		if (!l->is_str || is_base_label(x, l))
			continue;
		prof_buf_put(&x->text, key.p, key.len);
		prof_buf_char(&x->text, ':');
		prof_buf_put(&x->text, s.p, s.len);
		part[n++].len = key.len + 1 + s.len;
	}
	if (!rc && x->text.code)
		rc = prof_nomem(x->e);
	for (size_t i = 0; !rc && i < n; at += part[i++].len)
		part[i].p = x->text.p + at;
	if (!rc && n > 1) {
		struct prof_buf joined;

		qsort(part, n, sizeof(*part), compare_text);
		prof_buf_init(&joined, NULL, NULL);
		for (size_t i = 0; i < n; i++) {
			prof_buf_put(&joined, "\\n", i ? 2 : 0);
			prof_buf_put(&joined, part[i].p, part[i].len);
		}
		prof_buf_fini(&x->text);
		x->text = joined;
	}
	free(part);
	if (!rc && x->text.code)
		rc = prof_nomem(x->e);
	return rc ? rc : prof_strtab_add(&x->t->strings, x->text.p, x->text.n, id, x->e);
}

/* The numbers of a label set's "bytes" go behind x->nums. */
static int add_nums(struct tagger *x, uint32_t set)
{
	const struct prof_profile *p = x->p;
	int rc = 0;

	for (uint32_t i = p->label_start.v[set]; !rc && i < p->label_start.v[set + 1]; i++) {
		const struct prof_label *l = &p->labels.v[i];
		struct num num = {.value = l->num};

		if (l->is_str || !prof_label_counts(l) ||
			!prof_str_eq(prof_profile_str(p, l->key), PROF_STR("bytes")))
			continue;
		x->t->unit = prof_profile_str(p, x->opts->label_units[l->key]);
		x->text.n = 0;
		prof_fmt_scaled(&x->text, l->num, x->t->unit, prof_str_of(x->opts->unit));
		if (x->text.code)
			return prof_nomem(x->e);
		rc = prof_strtab_add(&x->t->strings, x->text.p, x->text.n, &num.size, x->e);
		if (!rc)
			rc = prof_vec_reserve(x->g->mem, &x->nums, 1, x->e);
		if (!rc)
			x->nums.v[x->nums.n++] = num;
	}
	return rc;
}

static bool same_class(const struct tagger *x, const struct class *a, const struct class *b)
{
	if (a->labels != b->labels || a->n_nums != b->n_nums)
		return false;
	for (uint32_t i = 0; i < a->n_nums; i++)
		if (x->nums.v[a->first_num + i].value != x->nums.v[b->first_num + i].value)
			return false;
	return true;
}

/* The class of a label set, made where it is new. */
static int classify(struct tagger *x, uint32_t set)
{
	struct class c = {.label_set = set, .first_num = (uint32_t)x->nums.n};
	struct prof_index_it it;
	uint64_t hash;
	uint32_t id;
	int rc;

	if ((rc = join_labels(x, set, &c.labels)) || (rc = add_nums(x, set)))
		return rc;
	c.n_nums = (uint32_t)(x->nums.n - c.first_num);
	if (!c.labels && !c.n_nums)
		return 0;
	hash = prof_hash_mix(c.labels, c.n_nums);
	for (uint32_t i = 0; i < c.n_nums; i++)
		hash = prof_hash_mix(hash, (uint64_t)x->nums.v[c.first_num + i].value);
	it = prof_index_first(&x->by_class, hash);
	while ((id = prof_index_next(&x->by_class, &it)) != PROF_NONE)
		if (same_class(x, &x->classes.v[id], &c))
			break;
	if (id == PROF_NONE) {
		id = (uint32_t)x->classes.n;
		if ((rc = prof_vec_reserve(x->g->mem, &x->classes, 1, x->e)) ||
			(rc = prof_index_add(&x->by_class, hash, id, x->e)))
			return rc;
		x->classes.v[x->classes.n++] = c;
	} else {
		x->nums.n = c.first_num;
	}
	x->class_of[set] = id;
	return 0;
}

static bool counts(const struct tagger *x, size_t sample)
{
	const struct prof_profile *p = x->p;

	return p->values.v[x->opts->index].v[sample] || (x->opts->mean && p->values.v[0].v[sample]);
}

/* Sorts the samples by class. */
static int sort_samples(struct tagger *x)
{
	const struct prof_profile *p = x->p;
	uint32_t n = 0;
	int rc;

	for (size_t i = 0; i < p->sample_labels.n; i++) {
		uint32_t c = x->class_of[p->sample_labels.v[i]];

		if (c != PROF_NONE && counts(x, i))
			x->classes.v[c].n_samples++;
	}
	for (size_t c = 0; c < x->classes.n; c++) {
		x->classes.v[c].first_sample = n;
		n += x->classes.v[c].n_samples;
		x->classes.v[c].n_samples = 0;
	}
	rc = prof_vec_reserve(x->g->mem, &x->samples, n, x->e);
	for (size_t i = 0; !rc && i < p->sample_labels.n; i++) {
		uint32_t c = x->class_of[p->sample_labels.v[i]];

		if (c != PROF_NONE && counts(x, i)) {
			struct class *class = &x->classes.v[c];

			x->samples.v[class->first_sample + class->n_samples++] = (uint32_t)i;
		}
	}
	return rc;
}

static void count_cum(struct tagger *x, uint32_t node, uint32_t sample, int64_t w, int64_t dw)
{
	struct prof_node_value *sum = &x->sums[node];

	if (!x->opts->want[node] || x->seen[node] == sample + 1)
		return;
	x->seen[node] = sample + 1;
	if (x->first_of[node] == PROF_NONE) {
		x->first_of[node] = sample;
		x->touched.v[x->touched.n++] = node;
	}
	sum->cum = prof_add(sum->cum, w);
	sum->cum_div = prof_add(sum->cum_div, dw);
}

/* A sample's nodes: of a tree those above its leaf, else those of its locations. */
static void count_sample(struct tagger *x, uint32_t sample)
{
	const struct prof_graph *g = x->g;
	const struct prof_profile *p = x->p;
	int64_t w = p->values.v[x->opts->index].v[sample];
	int64_t dw = x->opts->mean ? p->values.v[0].v[sample] : 0;
	uint32_t stack = p->sample_stack.v[sample], leaf = PROF_NONE;

	if (g->leaves.n) {
		uint32_t n = g->leaves.v[sample];

		leaf = n != PROF_NONE && n & PROF_LEAF_ABOVE ? PROF_NONE : n;
		for (n = n == PROF_NONE ? n : n & ~PROF_LEAF_ABOVE; n != PROF_NONE;
			n = g->parents.v[n])
			count_cum(x, n, sample, w, dw);
	} else {
		for (uint32_t k = p->stack_start.v[stack + 1]; k-- > p->stack_start.v[stack];) {
			uint32_t l = p->stack_loc.v[k];

			for (uint32_t j = g->loc_start.v[l]; j < g->loc_start.v[l + 1]; j++)
				count_cum(x, g->node_of.v[j], sample, w, dw);
			if (g->loc_start.v[l] < g->loc_start.v[l + 1])
				leaf = g->node_of.v[g->loc_start.v[l]];
		}
	}
	if (leaf == PROF_NONE || !x->opts->keep[leaf] || !x->opts->want[leaf])
		return;
	x->sums[leaf].flat = prof_add(x->sums[leaf].flat, w);
	x->sums[leaf].flat_div = prof_add(x->sums[leaf].flat_div, dw);
}

/* Adds a class's sum at a node to a tag there, which is made where it is new. */
static int add_to_tag(
	struct tagger *x, const struct class *c, uint32_t node, uint32_t size, int64_t num)
{
	uint64_t hash = prof_hash_mix(prof_hash_mix(node, c->labels), size);
	struct prof_index_it it = prof_index_first(&x->by_tag, hash);
	const struct prof_node_value *sum = &x->sums[node];
	struct prof_node_tag *tag;
	uint32_t id;
	int rc;

	while ((id = prof_index_next(&x->by_tag, &it)) != PROF_NONE) {
		tag = &x->t->tags.v[id];
		if (tag->node == node && tag->labels == c->labels && tag->size == size)
			break;
	}
	if (id == PROF_NONE) {
		id = (uint32_t)x->t->tags.n;
		if ((rc = prof_vec_reserve(x->t->mem, &x->t->tags, 1, x->e)) ||
			(rc = prof_vec_reserve(x->g->mem, &x->firsts, 1, x->e)) ||
			(rc = prof_index_add(&x->by_tag, hash, id, x->e)))
			return rc;
		x->firsts.v[x->firsts.n++] = PROF_NONE;
		x->t->tags.v[x->t->tags.n++] = (struct prof_node_tag){
			.node = node, .labels = c->labels, .size = size, .label_set = c->label_set};
	}
	tag = &x->t->tags.v[id];
	if (x->first_of[node] < x->firsts.v[id]) {
		x->firsts.v[id] = x->first_of[node];
		tag->num = num;
	}
	tag->value.flat = prof_add(tag->value.flat, sum->flat);
	tag->value.flat_div = prof_add(tag->value.flat_div, sum->flat_div);
	tag->value.cum = prof_add(tag->value.cum, sum->cum);
	tag->value.cum_div = prof_add(tag->value.cum_div, sum->cum_div);
	return 0;
}

static int count_class(struct tagger *x, const struct class *c)
{
	int rc = 0;

	for (uint32_t i = 0; i < c->n_samples; i++)
		count_sample(x, x->samples.v[c->first_sample + i]);
	for (size_t i = 0; !rc && i < x->touched.n; i++) {
		uint32_t node = x->touched.v[i];

		if (c->labels)
			rc = add_to_tag(x, c, node, PROF_NONE, 0);
		for (uint32_t k = 0; !rc && k < c->n_nums; k++) {
			const struct num *num = &x->nums.v[c->first_num + k];

			rc = add_to_tag(x, c, node, num->size, num->value);
		}
		x->sums[node] = (struct prof_node_value){0};
		x->first_of[node] = PROF_NONE;
	}
	x->touched.n = 0;
	return rc;
}

static int compare_tags(const void *p, const void *q)
{
	const struct prof_node_tag *a = p, *b = q;

	if (a->node != b->node)
		return a->node < b->node ? -1 : 1;
	if (a->labels != b->labels)
		return a->labels < b->labels ? -1 : 1;
	return (a->size > b->size) - (a->size < b->size);
}

static int count_all(struct tagger *x)
{
	const struct prof_profile *p = x->p;
	struct prof_node_tags *t = x->t;
	size_t n = 0;
	int rc = 0;

	x->class_of = prof_mem_zalloc(x->g->mem, p->label_start.n, sizeof(*x->class_of), x->e);
	if (!x->class_of)
		return x->e->code;
	memset(x->class_of, 0xff, p->label_start.n * sizeof(*x->class_of));
	for (uint32_t set = 1; !rc && set + 1 < p->label_start.n; set++)
		rc = classify(x, set);
	if (rc || !x->classes.n)
		return rc;
	x->sums = prof_mem_zalloc(x->g->mem, x->g->nodes.n, sizeof(*x->sums), x->e);
	x->seen = prof_mem_zalloc(x->g->mem, x->g->nodes.n, sizeof(*x->seen), x->e);
	x->first_of = prof_mem_zalloc(x->g->mem, x->g->nodes.n, sizeof(*x->first_of), x->e);
	if (!x->sums || !x->seen || !x->first_of)
		return x->e->code;
	memset(x->first_of, 0xff, x->g->nodes.n * sizeof(*x->first_of));
	if ((rc = prof_vec_reserve(x->g->mem, &x->touched, x->g->nodes.n, x->e)) ||
		(rc = sort_samples(x)))
		return rc;
	for (size_t c = 0; !rc && c < x->classes.n; c++)
		rc = count_class(x, &x->classes.v[c]);
	for (size_t i = 0; i < t->tags.n; i++) {
		const struct prof_node_value *v = &t->tags.v[i].value;

		if (prof_abs(v->flat) >= x->opts->cutoff || prof_abs(v->cum) >= x->opts->cutoff)
			t->tags.v[n++] = t->tags.v[i];
	}
	t->tags.n = n;
	if (n)
		qsort(t->tags.v, n, sizeof(*t->tags.v), compare_tags);
	return rc;
}

int prof_node_tags(struct prof_node_tags *t, const struct prof_graph *g,
	const struct prof_node_tags_opts *opts, struct prof_err *e)
{
	struct tagger x = {.t = t, .g = g, .p = g->profile, .opts = opts, .e = e};
	int rc;

	*t = (struct prof_node_tags){.mem = g->mem};
	prof_index_init(&x.by_class, g->mem);
	prof_index_init(&x.by_tag, g->mem);
	prof_buf_init(&x.text, NULL, NULL);
	rc = prof_strtab_init(&t->strings, g->mem, e);
	if (!rc)
		rc = count_all(&x);
	prof_buf_fini(&x.text);
	prof_index_fini(&x.by_class);
	prof_index_fini(&x.by_tag);
	prof_vec_fini(g->mem, &x.classes);
	prof_vec_fini(g->mem, &x.nums);
	prof_vec_fini(g->mem, &x.samples);
	prof_vec_fini(g->mem, &x.firsts);
	prof_vec_fini(g->mem, &x.touched);
	prof_mem_zfree(g->mem, x.class_of, x.p->label_start.n, sizeof(*x.class_of));
	prof_mem_zfree(g->mem, x.sums, g->nodes.n, sizeof(*x.sums));
	prof_mem_zfree(g->mem, x.seen, g->nodes.n, sizeof(*x.seen));
	prof_mem_zfree(g->mem, x.first_of, g->nodes.n, sizeof(*x.first_of));
	return rc;
}

void prof_node_tags_fini(struct prof_node_tags *t)
{
	if (!t->mem)
		return;
	prof_strtab_fini(&t->strings);
	prof_vec_fini(t->mem, &t->tags);
	t->mem = NULL;
}

size_t prof_node_tags_of(const struct prof_node_tags *t, uint32_t node, size_t *first)
{
	size_t low = prof_vec_search(t->tags, node, node), end;

	for (end = low; end < t->tags.n && t->tags.v[end].node == node; end++)
		;
	*first = low;
	return end - low;
}
