#include <stdlib.h>

#include "libprof/analyse/filter.h"
#include "libprof/analyse/view.h"
#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"

/* pprof's tags: for each key the total of the samples that have it and of each of its values. */
enum { C_KEY, C_VALUE, C_SUM, N_COLUMNS };

static const struct prof_table_column columns[N_COLUMNS] = {
	[C_KEY] = {.key = "key"}, [C_VALUE] = {.key = "value"}, [C_SUM] = {.key = "sum"}};

struct tag {
	uint32_t key, value; /* strings of `x.strings`; value: as it is shown */
	int64_t sum;
};

struct tags {
	struct prof_view v;
	struct prof_report *r;
	struct prof_strtab strings;
	struct prof_index index;
	PROF_VEC(struct tag) tags;
	int64_t *set_sum; /* of each label set */
	struct prof_buf b;
};

static int add_value(struct tags *x, struct prof_str key, struct prof_str value, int64_t sum)
{
	struct prof_err *e = x->v.e;
	struct prof_index_it it;
	uint32_t k, val, at;
	uint64_t hash;
	int rc;

	if ((rc = prof_strtab_add(&x->strings, key.p, key.len, &k, e)) ||
		(rc = prof_strtab_add(&x->strings, value.p ? value.p : "", value.len, &val, e)))
		return rc;
	hash = prof_hash_mix(k, val);
	it = prof_index_first(&x->index, hash);
	while ((at = prof_index_next(&x->index, &it)) != PROF_NONE) {
		if (x->tags.v[at].key == k && x->tags.v[at].value == val) {
			x->tags.v[at].sum = prof_add(x->tags.v[at].sum, sum);
			return 0;
		}
	}
	at = (uint32_t)x->tags.n;
	if ((rc = prof_vec_reserve(&x->v.p->mem, &x->tags, 1, e)) ||
		(rc = prof_index_add(&x->index, hash, at, e)))
		return rc;
	x->tags.v[x->tags.n++] = (struct tag){k, val, sum};
	return 0;
}

static int add_label(struct tags *x, const struct prof_label *l, int64_t sum)
{
	const struct prof_profile *p = x->v.p;
	struct prof_str key = prof_profile_str(p, l->key);

	if (!prof_label_counts(l))
		return 0;
	if (l->is_str)
		return add_value(x, key, prof_profile_str(p, l->str), sum);
	x->b.n = 0;
	prof_fmt_scaled(&x->b, l->num,
		l->key ? prof_profile_str(p, x->v.label_units[l->key]) : PROF_STR(""),
		x->v.out_unit);
	if (x->b.code)
		return prof_nomem(x->v.e);
	return add_value(x, key, (struct prof_str){x->b.p, (uint32_t)x->b.n}, sum);
}

/* Sums by label set first: a set is looked at once, however many samples have it. */
static int sum_up(struct tags *x)
{
	struct prof_profile *p = x->v.p;
	size_t sets = p->label_start.n - 1;
	bool *used = prof_mem_zalloc(&p->mem, sets, sizeof(*used), x->v.e);
	int rc = 0;

	x->set_sum = prof_mem_zalloc(&p->mem, sets, sizeof(*x->set_sum), x->v.e);
	if (!x->set_sum || !used)
		rc = x->v.e->code;
	for (size_t i = 0; !rc && i < p->sample_labels.n; i++) {
		uint32_t s = p->sample_labels.v[i];

		used[s] = true;
		x->set_sum[s] = prof_add(x->set_sum[s], p->values.v[x->v.index].v[i]);
	}
	for (size_t s = 0; !rc && s < sets; s++)
		for (uint32_t k = p->label_start.v[s];
			!rc && used[s] && k < p->label_start.v[s + 1]; k++)
			rc = add_label(x, &p->labels.v[k], x->set_sum[s]);
	prof_mem_zfree(&p->mem, x->set_sum, sets, sizeof(*x->set_sum));
	prof_mem_zfree(&p->mem, used, sets, sizeof(*used));
	return rc;
}

struct item {
	struct prof_str key, value;
	int64_t sum;
};

static int compare(const void *p, const void *q)
{
	const struct item *a = p, *b = q;
	uint64_t x = (uint64_t)prof_abs(a->sum), y = (uint64_t)prof_abs(b->sum);
	int c = prof_str_cmp(a->key, b->key);

	if (c)
		return c;
	if (x != y)
		return x > y ? -1 : 1;
	return prof_str_cmp(a->value, b->value);
}

static void put_part(struct tags *x, struct prof_buf *b, int64_t v)
{
	prof_view_put(&x->v, b, v);
	if (x->v.total > 0) {
		prof_buf_str(b, " (");
		prof_fmt_percent(b, v, x->v.total);
		prof_buf_char(b, ')');
	}
}

static size_t width(const struct prof_buf *b)
{
	return prof_plain_width((struct prof_str){b->p ? b->p : "", (uint32_t)b->n});
}

/* A key's lines, aligned as Go's tabwriter aligns two columns to the right, one blank before each.
 */
static int put_key(struct tags *x, const struct item *items, size_t n)
{
	size_t column = prof_plain_width(items[0].key) + 1, values = 0;
	int64_t total = 0;
	int rc;

	if (column < 1)
		column = 1;
	for (size_t i = 0; i < n; i++) {
		x->b.n = 0;
		put_part(x, &x->b, items[i].sum);
		values = width(&x->b) + 1 > values ? width(&x->b) + 1 : values;
		total = prof_add(total, items[i].sum);
	}
	x->b.n = 0;
	prof_buf_char(&x->b, ' ');
	prof_buf_plain(&x->b, items[0].key);
	prof_buf_str(&x->b, ": Total ");
	prof_view_put(&x->v, &x->b, total);
	prof_buf_str(&x->b, " of ");
	prof_view_put(&x->v, &x->b, x->v.total);
	if (x->v.total > 0) {
		prof_buf_str(&x->b, " (");
		prof_fmt_percent(&x->b, total, x->v.total);
		prof_buf_char(&x->b, ')');
	}
	rc = prof_report_head(x->r, &x->b, x->v.e);
	for (size_t i = 0; !rc && i < n; i++) {
		struct prof_buf part;

		prof_buf_init(&part, NULL, NULL);
		put_part(x, &part, items[i].sum);
		prof_buf_fill(&x->b, ' ', column + 1 + (values + 1 - width(&part) - 1));
		prof_buf_put(&x->b, part.p, part.n);
		prof_buf_str(&x->b, ": ");
		prof_buf_plain(&x->b, items[i].value);
		prof_buf_fini(&part);
		rc = prof_report_head(x->r, &x->b, x->v.e);
	}
	return rc ? rc : prof_report_head(x->r, &x->b, x->v.e);
}

static int add_row(struct tags *x, const struct item *i)
{
	struct prof_cell c[N_COLUMNS];

	c[C_KEY] = prof_cell_str(i->key);
	c[C_VALUE] = prof_cell_str(i->value);
	c[C_SUM] = prof_cell_int(i->sum);
	return prof_report_row(x->r, c, x->v.e);
}

static int fill(struct tags *x)
{
	struct item *items = calloc(x->tags.n + 1, sizeof(*items));
	size_t n = x->tags.n;
	int rc = items ? prof_view_fields(&x->v, x->r) : prof_nomem(x->v.e);

	x->r->columns = columns;
	x->r->n_columns = N_COLUMNS;
	for (size_t i = 0; !rc && i < n; i++)
		items[i] = (struct item){prof_strtab_get(&x->strings, x->tags.v[i].key),
			prof_strtab_get(&x->strings, x->tags.v[i].value), x->tags.v[i].sum};
	if (!rc)
		qsort(items, n, sizeof(*items), compare);
	for (size_t i = 0, end; !rc && i < n; i = end) {
		for (end = i; end < n && prof_str_eq(items[end].key, items[i].key); end++)
			;
		rc = put_key(x, items + i, end - i);
	}
	for (size_t i = 0; !rc && i < n; i++)
		rc = add_row(x, &items[i]);
	free(items);
	return rc;
}

int prof_tags(struct prof_profile *p, const struct prof_view_opts *opts, unsigned *missed,
	struct prof_report **out, struct prof_err *e)
{
	struct tags x = {.r = NULL};
	int rc = prof_view_init(&x.v, p, opts, missed, e);

	prof_buf_init(&x.b, NULL, NULL);
	prof_index_init(&x.index, &p->mem);
	if (!rc)
		rc = prof_strtab_init(&x.strings, &p->mem, e);
	if (!rc)
		rc = sum_up(&x);
	if (!rc && !(x.r = prof_report_new("prof.tags/1", e)))
		rc = e->code;
	if (!rc)
		rc = fill(&x);
	prof_buf_fini(&x.b);
	prof_vec_fini(&p->mem, &x.tags);
	prof_index_fini(&x.index);
	prof_strtab_fini(&x.strings);
	prof_view_fini(&x.v);
	if (rc)
		prof_report_free(x.r);
	else
		*out = x.r;
	return rc;
}
