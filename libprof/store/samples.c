#include "libprof/store/samples.h"

#include <stdlib.h>
#include <string.h>

#include "libprof/base/num.h"

enum column { ZERO, GCD, TIMES, NEAR };
enum { AS_IS, BY_NODE, BY_COLUMN }; /* orders; BY_COLUMN + t: column t, falling */
enum { MANY_FALLS = 4 };

struct place {
	uint32_t node, set, sample;
	int64_t value; /* of the column that is sorted by */
};

struct coder {
	struct prof_packed *k;
	struct prof_err *e;
	struct place *places; /* the samples in the order of their nodes; then in the file's */
};

/* `node` is the place in the order of nodes here. */
static int by_value(const void *a, const void *b)
{
	const struct place *p = a, *q = b;

	if (p->value != q->value)
		return p->value > q->value ? -1 : 1;
	return p->node < q->node ? -1 : p->node > q->node;
}

static int coder_init(struct coder *x)
{
	size_t n = x->k->nodes.n;

	x->places = prof_mem_zalloc(&x->k->mem, n, sizeof(*x->places), x->e);
	return x->places ? 0 : PROF_ENOMEM;
}

static void coder_fini(struct coder *x)
{
	prof_mem_zfree(&x->k->mem, x->places, x->k->nodes.n, sizeof(*x->places));
}

/* The label "bytes" of a set; 0: none. */
static int64_t label_bytes(const struct prof_dict *d, uint32_t set, uint32_t key)
{
	struct prof_rd r = prof_dict_read(d, PROF_SET, set);

	while (r.p < r.end) {
		uint64_t k = prof_rd_uvarint(&r);
		uint64_t is_str = prof_rd_uvarint(&r);
		int64_t num;

		prof_rd_uvarint(&r);
		num = prof_rd_varint(&r);
		prof_rd_uvarint(&r);
		if (k == key && !is_str && !r.why)
			return num;
	}
	return 0;
}

int prof_samples_sizes(const struct prof_dict *d, struct prof_packed *k, struct prof_err *e)
{
	uint32_t key = prof_strtab_find(&d->tables[PROF_STR], PROF_STR("bytes")), last = PROF_NONE;
	int rc = prof_vec_reserve(&k->mem, &k->sizes, k->nodes.n, e);
	int64_t size = 0;

	for (size_t i = 0; !rc && i < k->nodes.n; i++) {
		uint32_t set = k->sets.v[i];

		if (key != PROF_NONE && set != last)
			size = set < d->tables[PROF_SET].strs.n ? label_bytes(d, set, key) : 0;
		last = set;
		k->sizes.v[i] = size;
	}
	if (!rc)
		k->sizes.n = k->nodes.n;
	return rc;
}

static int64_t value_at(const struct coder *x, size_t t, size_t i)
{
	return x->k->values.v[t].v[x->places[i].sample];
}

static unsigned length(uint64_t v)
{
	unsigned n = 1;

	for (; v >= 0x80; v >>= 7)
		n++;
	return n;
}

/* The greatest common divisor of a column; 0: it is all zero. */
static uint64_t divisor(const struct coder *x, size_t t)
{
	uint64_t g = 0;

	for (size_t i = 0; g != 1 && i < x->k->nodes.n; i++) {
		int64_t v = value_at(x, t, i);

		g = prof_gcd(v < 0 ? 0 - (uint64_t)v : (uint64_t)v, g);
	}
	return g;
}

/* Whether column t is column `of` times *factor, which is not 0. */
static bool is_product(const struct coder *x, size_t t, size_t of, int64_t *factor)
{
	bool known = false;

	for (size_t i = 0; i < x->k->nodes.n; i++) {
		int64_t a = value_at(x, of, i), b = value_at(x, t, i);

		if (!known && a) {
			if (a == -1 || b % a)
				return false;
			*factor = b / a;
			known = true;
		}
		if ((uint64_t)b != (uint64_t)a * (uint64_t)(known ? *factor : 0))
			return false;
	}
	return known && *factor;
}

static int64_t rest(const struct coder *x, size_t t, size_t of, size_t i)
{
	return (int64_t)((uint64_t)value_at(x, t, i) -
			 (uint64_t)value_at(x, of, i) *
				 (uint64_t)x->k->sizes.v[x->places[i].sample]);
}

/* Whether what is left of column t behind the one before is shorter than quotients by g. */
static bool is_near(const struct coder *x, size_t t, int64_t g)
{
	uint64_t quotients = 0, rests = 0;

	for (size_t i = 0; i < x->k->nodes.n; i++) {
		quotients += length(prof_zigzag(prof_div(value_at(x, t, i), g)));
		rests += length(prof_zigzag(rest(x, t, t - 1, i)));
	}
	return rests < quotients;
}

static void encode_column(const struct coder *x, size_t t, struct prof_buf *out)
{
	size_t n = x->k->nodes.n;
	uint64_t unsigned_g;
	int64_t g, factor;

	for (size_t of = 0; of < t && of < 4; of++) {
		if (is_product(x, t, of, &factor)) {
			prof_put_uvarint(out, TIMES);
			prof_put_uvarint(out, of);
			prof_put_varint(out, factor);
			return;
		}
	}
	unsigned_g = divisor(x, t);
	if (!unsigned_g) {
		prof_put_uvarint(out, ZERO);
		return;
	}
	g = unsigned_g > INT64_MAX ? 1 : (int64_t)unsigned_g;
	if (t && is_near(x, t, g)) {
		prof_put_uvarint(out, NEAR);
		prof_put_uvarint(out, t - 1);
		for (size_t i = 0; i < n; i++)
			prof_put_varint(out, rest(x, t, t - 1, i));
		return;
	}
	prof_put_uvarint(out, GCD);
	prof_put_uvarint(out, (uint64_t)g);
	for (size_t i = 0; i < n; i++)
		prof_put_varint(out, value_at(x, t, i) / g);
}

static void encode_nodes(const struct coder *x, struct prof_buf *out)
{
	uint32_t last = 0;

	for (size_t i = 0; i < x->k->nodes.n; i++) {
		uint32_t node = x->k->nodes.v[x->places[i].sample];

		prof_put_varint(out, (int64_t)node - last);
		last = node;
	}
}

/* About how many bytes the nodes in the order of places take when they are sealed: the entropy of
 * their bytes.
 */
static int nodes_cost(struct coder *x, size_t *bytes)
{
	size_t counts[256] = {0};
	struct prof_buf plain;
	double bits = 0;

	prof_buf_init(&plain, NULL, NULL);
	encode_nodes(x, &plain);
	for (size_t i = 0; i < plain.n; i++)
		counts[(uint8_t)plain.p[i]]++;
	for (unsigned c = 0; c < 256; c++)
		if (counts[c])
			bits -= (double)counts[c] * log2((double)counts[c] / (double)plain.n);
	*bytes = (size_t)(bits / 8);
	prof_buf_fini(&plain);
	return plain.code ? prof_nomem(x->e) : 0;
}

static void place(struct coder *x, size_t i, uint32_t sample)
{
	x->places[i] = (struct place){x->k->nodes.v[sample], x->k->sets.v[sample], sample, 0};
}

static void place_as_is(struct coder *x)
{
	for (size_t i = 0; i < x->k->nodes.n; i++)
		place(x, i, (uint32_t)i);
}

static void place_by_node(struct coder *x)
{
	for (size_t i = 0; i < x->k->nodes.n; i++)
		place(x, i, x->k->order.v[i]);
}

/* Whether the profile's order is that of column t, falling, of samples that stand by node. */
static bool is_by_column(struct coder *x, struct place *scratch, size_t t)
{
	size_t n = x->k->nodes.n;

	for (size_t i = 1; i < n; i++)
		if (x->k->values.v[t].v[i] > x->k->values.v[t].v[i - 1])
			return false;
	for (size_t i = 0; i < n; i++)
		scratch[i] = (struct place){(uint32_t)i, 0, x->places[i].sample, value_at(x, t, i)};
	qsort(scratch, n, sizeof(*scratch), by_value);
	for (size_t i = 0; i < n; i++)
		if (scratch[i].sample != i)
			return false;
	return true;
}

/* Finds the column whose order is the profile's: samples stand by node. */
static int find_column(struct coder *x, size_t *order)
{
	struct place *scratch = prof_mem_zalloc(&x->k->mem, x->k->nodes.n, sizeof(*scratch), x->e);
	size_t t = 0;

	if (!scratch)
		return PROF_ENOMEM;
	while (t < x->k->values.n && !is_by_column(x, scratch, t))
		t++;
	*order = t < x->k->values.n ? BY_COLUMN + t : BY_NODE;
	prof_mem_zfree(&x->k->mem, scratch, x->k->nodes.n, sizeof(*scratch));
	return 0;
}

static uint64_t place_of(const struct prof_packed *k, size_t i)
{
	return (uint64_t)k->nodes.v[i] << 32 | k->sets.v[i];
}

/* Chooses the order in which samples are written, and puts them into their places. */
static int choose_order(
	struct coder *x, enum prof_keep_order keep, uint64_t file_bytes, size_t *order)
{
	size_t n = x->k->nodes.n, falls = 0, as_is, sorted;
	int rc;

	if ((rc = prof_samples_sort(x->k, x->e)))
		return rc;
	for (size_t i = 1; i < n; i++)
		falls += place_of(x->k, i - 1) > place_of(x->k, i);
	place_as_is(x);
	*order = AS_IS;
	if (!falls)
		return 0;
	place_by_node(x);
	if ((rc = find_column(x, order)) || *order != BY_NODE)
		return rc;
	if (keep == PROF_ORDER_CHEAP && falls > n / MANY_FALLS && n > 64)
		return 0;
	if ((rc = nodes_cost(x, &sorted)))
		return rc;
	place_as_is(x);
	if ((rc = nodes_cost(x, &as_is)))
		return rc;
	if (keep == PROF_ORDER_ALWAYS || as_is <= sorted + file_bytes / 100)
		*order = AS_IS;
	else
		place_by_node(x);
	return 0;
}

static void encode_ids(const uint32_t *v, size_t n, struct prof_buf *out)
{
	prof_put_uvarint(out, n);
	for (size_t i = 0; i < n; i++)
		prof_put_uvarint(out, v[i]);
}

static void encode_sets(const struct coder *x, struct prof_buf *out)
{
	bool any = false;

	for (size_t i = 0; i < x->k->sets.n; i++)
		any |= x->k->sets.v[i] != 0;
	prof_put_uvarint(out, any);
	for (size_t i = 0; any && i < x->k->sets.n; i++)
		prof_put_uvarint(out, x->k->sets.v[x->places[i].sample]);
}

int prof_samples_encode(struct prof_packed *k, enum prof_keep_order keep, uint64_t file_bytes,
	struct prof_buf *out, struct prof_err *e)
{
	struct coder x = {.k = k, .e = e};
	size_t order = AS_IS;
	int rc = coder_init(&x);

	if (!rc)
		rc = choose_order(&x, keep, file_bytes, &order);
	if (!rc) {
		k->sorted = order == BY_NODE;
		prof_put_uvarint(out, k->head);
		prof_put_uvarint(out, k->maps);
		prof_put_varint(out, k->time_ns);
		prof_put_varint(out, k->duration_ns);
		prof_put_varint(out, k->period);
		prof_put_uvarint(out, k->unknown_fields);
		prof_put_uvarint(out, k->values.n);
		prof_put_uvarint(out, k->nodes.n);
		prof_put_uvarint(out, order);
		encode_nodes(&x, out);
		encode_sets(&x, out);
		for (size_t t = 0; t < k->values.n; t++)
			encode_column(&x, t, out);
		encode_ids(k->spare_locs.v, k->spare_locs.n, out);
		encode_ids(k->spare_funcs.v, k->spare_funcs.n, out);
		if (out->code)
			rc = prof_nomem(e);
	}
	coder_fini(&x);
	return rc;
}

static void decode_column(struct coder *x, struct prof_rd *r, size_t t)
{
	struct prof_column *c = &x->k->values.v[t];
	size_t n = x->k->nodes.n;
	uint64_t kind = prof_rd_uvarint(r), of, factor;

	switch (kind) {
	case ZERO:
		for (size_t i = 0; i < n; i++)
			c->v[i] = 0;
		break;
	case GCD:
		factor = prof_rd_uvarint(r);
		for (size_t i = 0; i < n; i++)
			c->v[i] = (int64_t)((uint64_t)prof_rd_varint(r) * factor);
		break;
	case TIMES:
		of = prof_rd_id(r, t);
		factor = (uint64_t)prof_rd_varint(r);
		for (size_t i = 0; !r->why && i < n; i++)
			c->v[i] = (int64_t)((uint64_t)x->k->values.v[of].v[i] * factor);
		break;
	case NEAR:
		of = prof_rd_id(r, t);
		for (size_t i = 0; !r->why && i < n; i++)
			c->v[i] = (int64_t)((uint64_t)prof_rd_varint(r) +
					    (uint64_t)x->k->values.v[of].v[i] *
						    (uint64_t)x->k->sizes.v[i]);
		break;
	default:
		prof_rd_fail(r, "a column of an unknown kind");
	}
	c->n = r->why ? 0 : n;
}

static int decode_columns(struct coder *x, struct prof_rd *r, size_t types)
{
	struct prof_packed *k = x->k;
	size_t n = k->nodes.n;
	int rc = prof_vec_reserve(&k->mem, &k->values, types, x->e);

	for (size_t i = 0; i < n; i++)
		x->places[i].sample = (uint32_t)i;
	for (size_t t = 0; !rc && !r->why && t < types; t++) {
		k->values.v[k->values.n++] = (struct prof_column){0};
		rc = prof_vec_reserve(&k->mem, &k->values.v[t], n, x->e);
		if (!rc)
			decode_column(x, r, t);
	}
	return rc;
}

/* Samples that stand by node go where column t puts them. */
static int reorder(struct coder *x, size_t t)
{
	struct prof_packed *k = x->k;
	size_t n = k->nodes.n;
	int64_t *values = k->sizes.v; /* no longer needed */

	if (!n)
		return 0;
	for (size_t i = 0; i < n; i++)
		x->places[i] = (struct place){(uint32_t)i, 0, 0, k->values.v[t].v[i]};
	qsort(x->places, n, sizeof(*x->places), by_value);
	for (size_t c = 0; c < k->values.n; c++) {
		memcpy(values, k->values.v[c].v, n * sizeof(*values));
		for (size_t i = 0; i < n; i++)
			k->values.v[c].v[i] = values[x->places[i].node];
	}
	for (size_t i = 0; i < n; i++)
		values[i] = (int64_t)((uint64_t)k->nodes.v[i] << 32 | k->sets.v[i]);
	for (size_t i = 0; i < n; i++) {
		uint64_t v = (uint64_t)values[x->places[i].node];

		k->nodes.v[i] = (uint32_t)(v >> 32);
		k->sets.v[i] = (uint32_t)v;
	}
	return 0;
}

static int decode_nodes(struct prof_packed *k, struct prof_rd *r, size_t n, struct prof_err *e)
{
	uint32_t node = 0;
	bool any;
	int rc;

	if ((rc = prof_vec_reserve(&k->mem, &k->nodes, n + 1, e)) ||
		(rc = prof_vec_reserve(&k->mem, &k->sets, n + 1, e)))
		return rc;
	for (size_t i = 0; i < n; i++)
		k->nodes.v[i] = node += (uint32_t)prof_rd_varint(r);
	any = prof_rd_id(r, 2);
	if (any && n > prof_rd_left(r))
		prof_rd_fail(r, "a count is more than what follows");
	for (size_t i = 0; i < n; i++)
		k->sets.v[i] = any ? prof_rd_id(r, PROF_NONE) : 0;
	k->nodes.n = k->sets.n = n;
	return 0;
}

#define DECODE_IDS(k, r, vec, e) \
	do { \
		size_t n_ = (size_t)prof_rd_count(r, 1); \
		int rc_ = prof_vec_reserve(&(k)->mem, vec, n_, e); \
		if (rc_) \
			return rc_; \
		for (size_t i_ = 0; i_ < n_; i_++) \
			(vec)->v[(vec)->n++] = prof_rd_id(r, PROF_NONE); \
	} while (0)

static int decode_all(struct coder *x, const struct prof_dict *d, struct prof_rd *r)
{
	struct prof_packed *k = x->k;
	size_t types, n;
	uint64_t order;
	int rc;

	k->head = prof_rd_id(r, PROF_NONE);
	k->maps = prof_rd_id(r, PROF_NONE);
	k->time_ns = prof_rd_varint(r);
	k->duration_ns = prof_rd_varint(r);
	k->period = prof_rd_varint(r);
	k->unknown_fields = prof_rd_uvarint(r);
	types = (size_t)prof_rd_count(r, 1);
	n = (size_t)prof_rd_count(r, 1);
	order = prof_rd_uvarint(r);
	if (r->why || (n && !types) || order >= BY_COLUMN + types) {
		prof_rd_fail(r, "its head is wrong");
		return 0;
	}
	if ((rc = decode_nodes(k, r, n, x->e)) || (rc = coder_init(x)) ||
		(rc = prof_samples_sizes(d, k, x->e)) || (rc = decode_columns(x, r, types)))
		return rc;
	DECODE_IDS(k, r, &k->spare_locs, x->e);
	DECODE_IDS(k, r, &k->spare_funcs, x->e);
	k->sorted = order == BY_NODE;
	if (!r->why && order >= BY_COLUMN)
		return reorder(x, (size_t)order - BY_COLUMN);
	return 0;
}

int prof_samples_decode(const void *p, size_t len, const struct prof_dict *d, struct prof_packed *k,
	struct prof_err *e)
{
	struct coder x = {.k = k, .e = e};
	struct prof_rd r = prof_rd_of(p, len);
	int rc = decode_all(&x, d, &r);

	if (!rc)
		prof_rd_end(&r, "more than it says");
	if (!rc && r.why)
		rc = prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET, "is damaged: samples: %s", r.why);
	coder_fini(&x);
	return rc;
}
