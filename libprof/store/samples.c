/* SHA-256 is nettle's: small, in Debian, and with the processor's instructions for it. */
#include "libprof/store/samples.h"

#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

#include "libprof/base/num.h"

_Static_assert(SHA256_DIGEST_SIZE == 32, "prof_samples_encode");

enum column { ZERO, GCD, TIMES, NEAR };
enum { AS_IS, BY_NODE, BY_COLUMN }; /* orders; BY_COLUMN + t: column t, falling */
enum { MANY_FALLS = 4 };

struct coder {
	struct prof_packed *k;
	struct prof_err *e;
	const uint32_t *order; /* of the samples as they are written; NULL: as they are */
	int64_t *values; /* in that order, a column behind the other */
};

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
	int64_t size = 0;
	int rc;

	k->sizes.n = 0;
	rc = prof_vec_reserve(&k->mem, &k->sizes, k->nodes.n, e);
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

static size_t sample_at(const struct coder *x, size_t i)
{
	return x->order ? x->order[i] : i;
}

static const int64_t *column_of(const struct coder *x, size_t t)
{
	return x->values + t * x->k->nodes.n;
}

/* Puts the values into the coder's order. */
static void gather(struct coder *x)
{
	size_t n = x->k->nodes.n;
	int64_t *to = x->values;

	for (size_t t = 0; t < x->k->values.n; t++)
		for (size_t i = 0; i < n; i++)
			*to++ = x->k->values.v[t].v[sample_at(x, i)];
}

static unsigned length(uint64_t v)
{
	unsigned n = 1;

	for (; v >= 0x80; v >>= 7)
		n++;
	return n;
}

/* The greatest common divisor of a column; 0: it is all zero. */
static uint64_t divisor(const int64_t *v, size_t n)
{
	uint64_t g = 0;

	for (size_t i = 0; g != 1 && i < n; i++)
		g = prof_gcd(v[i] < 0 ? 0 - (uint64_t)v[i] : (uint64_t)v[i], g);
	return g;
}

/* Whether column v is column `of` times *factor, which is not 0. */
static bool is_product(const int64_t *v, const int64_t *of, size_t n, int64_t *factor)
{
	bool known = false;

	for (size_t i = 0; i < n; i++) {
		if (!known && of[i]) {
			if (of[i] == -1 || v[i] % of[i])
				return false;
			*factor = v[i] / of[i];
			known = true;
		}
		if ((uint64_t)v[i] != (uint64_t)of[i] * (uint64_t)(known ? *factor : 0))
			return false;
	}
	return known && *factor;
}

/* What is left of a column of space behind one of objects. */
static int64_t rest(const struct coder *x, const int64_t *v, const int64_t *of, size_t i)
{
	return (int64_t)((uint64_t)v[i] -
			 (uint64_t)of[i] * (uint64_t)x->k->sizes.v[sample_at(x, i)]);
}

/* Whether what is left of column v behind the one before is shorter than quotients by g. */
static bool is_near(const struct coder *x, const int64_t *v, const int64_t *of, int64_t g)
{
	uint64_t quotients = 0, rests = 0;

	for (size_t i = 0; i < x->k->nodes.n; i++) {
		quotients += length(prof_zigzag(g == 1 ? v[i] : prof_div(v[i], g)));
		rests += length(prof_zigzag(rest(x, v, of, i)));
	}
	return rests < quotients;
}

static void encode_column(const struct coder *x, size_t t, struct prof_buf *out)
{
	const int64_t *v = column_of(x, t), *before = v - x->k->nodes.n;
	size_t n = x->k->nodes.n;
	uint64_t unsigned_g;
	int64_t g, factor;

	for (size_t of = 0; of < t && of < 4; of++) {
		if (is_product(v, column_of(x, of), n, &factor)) {
			prof_put_uvarint(out, TIMES);
			prof_put_uvarint(out, of);
			prof_put_varint(out, factor);
			return;
		}
	}
	unsigned_g = divisor(v, n);
	if (!unsigned_g) {
		prof_put_uvarint(out, ZERO);
		return;
	}
	g = unsigned_g > INT64_MAX ? 1 : (int64_t)unsigned_g;
	if (t && is_near(x, v, before, g)) {
		prof_put_uvarint(out, NEAR);
		prof_put_uvarint(out, t - 1);
		for (size_t i = 0; i < n; i++)
			prof_put_varint(out, rest(x, v, before, i));
		return;
	}
	prof_put_uvarint(out, GCD);
	prof_put_uvarint(out, (uint64_t)g);
	for (size_t i = 0; i < n; i++)
		prof_put_varint(out, g == 1 ? v[i] : v[i] / g);
}

static void encode_nodes(const struct coder *x, struct prof_buf *out)
{
	uint32_t last = 0;

	for (size_t i = 0; i < x->k->nodes.n; i++) {
		uint32_t node = x->k->nodes.v[sample_at(x, i)];

		prof_put_varint(out, (int64_t)node - last);
		last = node;
	}
}

/* About how many bytes the nodes in that order take when they are sealed. */
static int nodes_cost(struct coder *x, const uint32_t *order, size_t *bytes)
{
	struct prof_buf plain;

	prof_buf_init(&plain, NULL, NULL);
	x->order = order;
	encode_nodes(x, &plain);
	*bytes = prof_seal_estimate(plain.p, plain.n);
	prof_buf_fini(&plain);
	return plain.code ? prof_nomem(x->e) : 0;
}

/* Whether the profile's order is that of column t, falling, of samples that stand by node: `place`
 * is where each does.
 */
static bool is_by_column(const struct prof_packed *k, const uint32_t *place, size_t t)
{
	const int64_t *v = k->values.v[t].v;

	for (size_t i = 1; i < k->nodes.n; i++)
		if (v[i] > v[i - 1] || (v[i] == v[i - 1] && place[i] < place[i - 1]))
			return false;
	return true;
}

/* Finds the column whose order is the profile's. */
static int find_column(struct coder *x, size_t *order)
{
	struct prof_packed *k = x->k;
	uint32_t *place = prof_mem_zalloc(&k->mem, k->nodes.n, sizeof(*place), x->e);
	size_t t = 0;

	if (!place)
		return PROF_ENOMEM;
	for (size_t i = 0; i < k->nodes.n; i++)
		place[k->order.v[i]] = (uint32_t)i;
	while (t < k->values.n && !is_by_column(k, place, t))
		t++;
	*order = t < k->values.n ? BY_COLUMN + t : BY_NODE;
	prof_mem_zfree(&k->mem, place, k->nodes.n, sizeof(*place));
	return 0;
}

static uint64_t place_of(const struct prof_packed *k, size_t i)
{
	return (uint64_t)k->nodes.v[i] << 32 | k->sets.v[i];
}

/* Chooses the order in which samples are written. */
static int choose_order(
	struct coder *x, enum prof_keep_order keep, uint64_t file_bytes, size_t *order)
{
	size_t n = x->k->nodes.n, falls = 0, as_is, sorted;
	int rc;

	for (size_t i = 1; i < n; i++)
		falls += place_of(x->k, i - 1) > place_of(x->k, i);
	*order = AS_IS;
	if (!falls)
		return 0;
	if ((rc = find_column(x, order)) || *order != BY_NODE)
		return rc;
	if (keep == PROF_ORDER_CHEAP && falls > n / MANY_FALLS && n > 64)
		return 0;
	if ((rc = nodes_cost(x, x->k->order.v, &sorted)) || (rc = nodes_cost(x, NULL, &as_is)))
		return rc;
	if (keep == PROF_ORDER_ALWAYS || as_is <= sorted + file_bytes / 100)
		*order = AS_IS;
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
		prof_put_uvarint(out, x->k->sets.v[sample_at(x, i)]);
}

static void encode_head(const struct prof_packed *k, struct prof_buf *out)
{
	prof_put_uvarint(out, k->head);
	prof_put_uvarint(out, k->maps);
	prof_put_varint(out, k->time_ns);
	prof_put_varint(out, k->duration_ns);
	prof_put_varint(out, k->period);
	prof_put_uvarint(out, k->unknown_fields);
	prof_put_uvarint(out, k->values.n);
	prof_put_uvarint(out, k->nodes.n);
}

/* What is behind the order: the samples in that of the coder, and the spares. */
static void encode_body(struct coder *x, struct prof_buf *out)
{
	const struct prof_packed *k = x->k;

	gather(x);
	encode_nodes(x, out);
	encode_sets(x, out);
	for (size_t t = 0; t < k->values.n; t++)
		encode_column(x, t, out);
	encode_ids(k->spare_locs.v, k->spare_locs.n, out);
	encode_ids(k->spare_funcs.v, k->spare_funcs.n, out);
}

static int coder_init(struct coder *x)
{
	struct prof_packed *k = x->k;
	int rc = prof_samples_sort(k, x->e);

	if (rc)
		return rc;
	x->values = prof_mem_zalloc(&k->mem, k->nodes.n * k->values.n, sizeof(*x->values), x->e);
	return x->values ? 0 : PROF_ENOMEM;
}

static void coder_fini(struct coder *x)
{
	prof_mem_zfree(&x->k->mem, x->values, x->k->nodes.n * x->k->values.n, sizeof(*x->values));
}

/* Of the build, the head, and the body in the order of k->order: bytes that can be decoded, so
 * different profiles have different ones.
 */
static void digest(const struct prof_packed *k, const char *head, size_t head_n, const char *body,
	size_t body_n, uint8_t sha256[32])
{
	const uint8_t build[] = {(uint8_t)k->build, (uint8_t)(k->build >> 8),
		(uint8_t)(k->build >> 16), (uint8_t)(k->build >> 24)};
	struct sha256_ctx sha;

	sha256_init(&sha);
	sha256_update(&sha, sizeof(build), build);
	sha256_update(&sha, head_n, (const uint8_t *)head);
	sha256_update(&sha, body_n, (const uint8_t *)body);
	sha256_digest(&sha, 32, sha256);
}

int prof_samples_digest(struct prof_packed *k, uint8_t sha256[32], struct prof_err *e)
{
	struct coder x = {.k = k, .e = e};
	struct prof_buf out;
	int rc = coder_init(&x);

	prof_buf_init(&out, NULL, NULL);
	if (!rc) {
		size_t head;

		encode_head(k, &out);
		head = out.n;
		x.order = k->order.v;
		encode_body(&x, &out);
		digest(k, out.p, head, out.p + head, out.n - head, sha256);
		if (out.code)
			rc = prof_nomem(e);
	}
	prof_buf_fini(&out);
	coder_fini(&x);
	return rc;
}

/* Whether samples that are written in that order stand in that of k->order. */
static bool stand_sorted(const struct prof_packed *k, size_t order)
{
	for (size_t i = 0; order == AS_IS && i < k->nodes.n; i++)
		if (k->order.v[i] != i)
			return false;
	return true;
}

int prof_samples_encode(struct prof_packed *k, enum prof_keep_order keep, uint64_t file_bytes,
	struct prof_buf *out, uint8_t sha256[32], struct prof_err *e)
{
	struct coder x = {.k = k, .e = e};
	size_t order = AS_IS, first = out->n, head, body;
	int rc = coder_init(&x);

	if (!rc)
		rc = choose_order(&x, keep, file_bytes, &order);
	if (!rc) {
		bool sorted = stand_sorted(k, order);

		k->sorted = order == BY_NODE;
		encode_head(k, out);
		head = out->n;
		prof_put_uvarint(out, order);
		body = out->n;
		x.order = sorted ? k->order.v : NULL;
		encode_body(&x, out);
		if (out->code)
			rc = prof_nomem(e);
		else if (sorted)
			digest(k, out->p + first, head - first, out->p + body, out->n - body,
				sha256);
		else
			rc = prof_samples_digest(k, sha256, e);
	}
	coder_fini(&x);
	return rc;
}

static void decode_column(struct prof_packed *k, struct prof_rd *r, size_t t)
{
	struct prof_column *c = &k->values.v[t];
	size_t n = k->nodes.n;
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
			c->v[i] = (int64_t)((uint64_t)k->values.v[of].v[i] * factor);
		break;
	case NEAR:
		of = prof_rd_id(r, t);
		for (size_t i = 0; !r->why && i < n; i++)
			c->v[i] = (int64_t)((uint64_t)prof_rd_varint(r) +
					    (uint64_t)k->values.v[of].v[i] *
						    (uint64_t)k->sizes.v[i]);
		break;
	default:
		prof_rd_fail(r, "a column of an unknown kind");
	}
	c->n = r->why ? 0 : n;
}

static int decode_columns(
	struct prof_packed *k, struct prof_rd *r, size_t types, struct prof_err *e)
{
	int rc = prof_vec_reserve(&k->mem, &k->values, types, e);

	for (size_t t = 0; !rc && !r->why && t < types; t++) {
		k->values.v[k->values.n++] = (struct prof_column){0};
		rc = prof_vec_reserve(&k->mem, &k->values.v[t], k->nodes.n, e);
		if (!rc)
			decode_column(k, r, t);
	}
	return rc;
}

/* A sample among those that stand by node, and its value in the column that is sorted by. */
struct place {
	uint32_t node;
	int64_t value;
};

static int by_value(const void *a, const void *b)
{
	const struct place *p = a, *q = b;

	if (p->value != q->value)
		return p->value > q->value ? -1 : 1;
	return p->node < q->node ? -1 : p->node > q->node;
}

/* Samples that stand by node go where column t puts them. */
static int reorder(struct prof_packed *k, size_t t, struct prof_err *e)
{
	size_t n = k->nodes.n;
	int64_t *values = k->sizes.v; /* no longer needed */
	struct place *places = prof_mem_zalloc(&k->mem, n, sizeof(*places), e);

	if (!places)
		return PROF_ENOMEM;
	for (size_t i = 0; i < n; i++)
		places[i] = (struct place){(uint32_t)i, k->values.v[t].v[i]};
	qsort(places, n, sizeof(*places), by_value);
	for (size_t c = 0; n && c < k->values.n; c++) {
		memcpy(values, k->values.v[c].v, n * sizeof(*values));
		for (size_t i = 0; i < n; i++)
			k->values.v[c].v[i] = values[places[i].node];
	}
	for (size_t i = 0; i < n; i++)
		values[i] = (int64_t)place_of(k, i);
	for (size_t i = 0; i < n; i++) {
		uint64_t v = (uint64_t)values[places[i].node];

		k->nodes.v[i] = (uint32_t)(v >> 32);
		k->sets.v[i] = (uint32_t)v;
	}
	prof_mem_zfree(&k->mem, places, n, sizeof(*places));
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

static int decode_all(
	struct prof_packed *k, const struct prof_dict *d, struct prof_rd *r, struct prof_err *e)
{
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
	if ((rc = decode_nodes(k, r, n, e)) || (rc = prof_samples_sizes(d, k, e)) ||
		(rc = decode_columns(k, r, types, e)))
		return rc;
	DECODE_IDS(k, r, &k->spare_locs, e);
	DECODE_IDS(k, r, &k->spare_funcs, e);
	k->sorted = order == BY_NODE;
	if (!r->why && order >= BY_COLUMN)
		return reorder(k, (size_t)order - BY_COLUMN, e);
	return 0;
}

int prof_samples_decode(const void *p, size_t len, const struct prof_dict *d, struct prof_packed *k,
	struct prof_err *e)
{
	struct prof_rd r = prof_rd_of(p, len);
	int rc = decode_all(k, d, &r, e);

	if (!rc)
		prof_rd_end(&r, "more than it says");
	if (!rc && r.why)
		rc = prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET, "is damaged: samples: %s", r.why);
	return rc;
}
