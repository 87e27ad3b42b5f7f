#include "libprof/read/pprof_impl.h"

enum { MAX_LABELS = 1 << 16 }; /* of one sample */

static int bad(struct prof_pprof *d, const uint8_t *p, const char *message, const char *why)
{
	return prof_fail(d->e, PROF_EFORMAT, d->at + (p - d->base), "%s: %s", message, why);
}

/* The end of a message's loop: 0, or what the cursor says. */
static int end(struct prof_pprof *d, const struct prof_rd *r, const char *message)
{
	return r->why ? bad(d, r->p, message, r->why) : 0;
}

static struct prof_rd sub_message(struct prof_rd *r)
{
	uint64_t len = prof_rd_uvarint(r);

	return prof_rd_sub(r, len);
}

void prof_pprof_unknown(struct prof_pprof *d, struct prof_rd *r, uint64_t tag, unsigned known)
{
	if (r->why)
		return;
	if (tag >> 3 == 0 || tag >> 3 > 0x1fffffff)
		prof_rd_fail(r, "illegal field number");
	else if (tag >> 3 <= known)
		prof_rd_fail(r, "a field has the wrong wire type");
	else if ((tag & 7) == 0)
		prof_rd_uvarint(r);
	else if ((tag & 7) == 1)
		prof_rd_bytes(r, 8);
	else if ((tag & 7) == 2)
		prof_rd_bytes(r, prof_rd_uvarint(r));
	else if ((tag & 7) == 5)
		prof_rd_bytes(r, 4);
	else
		prof_rd_fail(r, "unknown wire type");
	d->p->unknown_fields++;
}

uint32_t prof_pprof_string_ref(struct prof_rd *r)
{
	uint64_t v = prof_rd_uvarint(r);

	if (v >= PROF_NONE) {
		prof_rd_fail(r, "string index out of range");
		return 0;
	}
	return (uint32_t)v;
}

int prof_pprof_value_type(struct prof_pprof *d, struct prof_rd r, struct prof_value_type *t)
{
	while (r.p < r.end) {
		uint64_t tag = prof_rd_uvarint(&r);

		switch (tag) {
		case VARINT(1):
			t->type = prof_pprof_string_ref(&r);
			break;
		case VARINT(2):
			t->unit = prof_pprof_string_ref(&r);
			break;
		default:
			prof_pprof_unknown(d, &r, tag, 2);
		}
	}
	return end(d, &r, "value type");
}

int prof_pprof_sample_type(struct prof_pprof *d, struct prof_rd r)
{
	struct prof_value_type t = {0};
	int rc;

	if ((rc = prof_pprof_value_type(d, r, &t)) ||
		(rc = prof_vec_reserve(d->mem, &d->p->types, 1, d->e)))
		return rc;
	d->p->types.v[d->p->types.n++] = t;
	return 0;
}

static int label(struct prof_pprof *d, struct prof_rd r)
{
	struct prof_label *l;
	int rc;

	if (d->labels.n >= MAX_LABELS)
		return prof_fail(
			d->e, PROF_ELIMIT, d->at, "a sample has more than %d labels", MAX_LABELS);
	rc = prof_vec_reserve(d->mem, &d->labels, 1, d->e);
	if (rc)
		return rc;
	l = &d->labels.v[d->labels.n++];
	*l = (struct prof_label){0};
	while (r.p < r.end) {
		uint64_t tag = prof_rd_uvarint(&r);

		switch (tag) {
		case VARINT(1):
			l->key = prof_pprof_string_ref(&r);
			break;
		case VARINT(2):
			l->str = prof_pprof_string_ref(&r);
			break;
		case VARINT(3):
			l->num = (int64_t)prof_rd_uvarint(&r);
			break;
		case VARINT(4):
			l->unit = prof_pprof_string_ref(&r);
			break;
		default:
			prof_pprof_unknown(d, &r, tag, 4);
		}
	}
	l->is_str = l->str != 0;
	return end(d, &r, "label");
}

/* Spreads the 7-bit groups of a varint of up to four bytes, which stand in the low bytes of w. */
static inline uint32_t gather(uint64_t w)
{
	uint32_t v = (uint32_t)w;

	return (v & 0x7f) | (v >> 1 & 0x3f80) | (v >> 2 & 0x1fc000) | (v >> 3 & 0xfe00000);
}

/* Two varints at a time out of eight bytes, where both end within four: the lengths come from the
 * bits that end a varint and not from branches, which the mixed lengths of ids would make a guess
 * of each. Returns the number of bytes used, or 0 where that does not apply.
 */
static inline unsigned two_ids(const uint8_t *p, uint32_t *out)
{
#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint64_t w, ends;
	unsigned n, m;

	memcpy(&w, p, sizeof(w));
	ends = ~w & 0x8080808080808080u;
	if (!(ends & 0x80808080u) || !(ends & (ends - 1)))
		return 0;
	n = ((unsigned)__builtin_ctzll(ends) >> 3) + 1;
	m = ((unsigned)__builtin_ctzll(ends & (ends - 1)) >> 3) + 1 - n;
	if (m > 4)
		return 0;
	out[0] = gather(w & (UINT64_MAX >> (64 - 8 * n)));
	out[1] = gather(w >> 8 * n & (UINT64_MAX >> (64 - 8 * m)));
	return n + m;
#else
	(void)p;
	(void)out;
	return 0;
#endif
}

/* Packed location ids: nearly all bytes of a profile. */
static int packed_locations(struct prof_pprof *d, struct prof_rd *r)
{
	size_t len = prof_rd_left(r);
	uint32_t *out;
	int rc = prof_vec_reserve(d->mem, &d->p->stack_loc, len + 1, d->e);

	if (rc)
		return rc;
	out = d->p->stack_loc.v + d->p->stack_loc.n;
	while (r->p < r->end) {
		unsigned used = r->end - r->p >= 8 ? two_ids(r->p, out) : 0;

		if (used) {
			r->p += used;
			out += 2;
			continue;
		}
		rc = prof_ids_ref(&d->locations, prof_rd_uvarint(r), out++, d->e);
		if (rc)
			return rc;
	}
	d->p->stack_loc.n = (size_t)(out - d->p->stack_loc.v);
	return 0;
}

static int one_location(struct prof_pprof *d, uint64_t id)
{
	int rc = prof_vec_reserve(d->mem, &d->p->stack_loc, 1, d->e);

	if (!rc)
		rc = prof_ids_ref(&d->locations, id, &d->p->stack_loc.v[d->p->stack_loc.n], d->e);
	if (!rc)
		d->p->stack_loc.n++;
	return rc;
}

static int one_value(struct prof_pprof *d, uint64_t v)
{
	int rc = prof_vec_reserve(d->mem, &d->values, 1, d->e);

	if (!rc)
		d->values.v[d->values.n++] = (int64_t)v;
	return rc;
}

static int packed_values(struct prof_pprof *d, struct prof_rd *r)
{
	int rc = 0;

	while (!rc && r->p < r->end)
		rc = one_value(d, prof_rd_uvarint(r));
	return rc;
}

/* Ends a sample: its stack, its label set, a row in each column. */
static int add_sample(struct prof_pprof *d)
{
	struct prof_profile *p = d->p;
	uint32_t set = 0;
	int rc;

	if (!p->sample_stack.n) {
		rc = prof_profile_columns(p, d->values.n, d->e);
		if (rc)
			return rc;
	}
	if (d->values.n != p->values.n)
		return prof_fail(d->e, PROF_EFORMAT, d->at,
			"sample has %zu values, those before it %zu", d->values.n, p->values.n);
	if (p->stack_loc.n >= PROF_NONE || p->sample_stack.n >= PROF_NONE - 1)
		return prof_fail(d->e, PROF_ELIMIT, d->at, "more than 2^32 frames");
	if ((rc = prof_profile_label_set(p, d->labels.v, d->labels.n, &set, d->e)) ||
		(rc = prof_vec_reserve(d->mem, &p->sample_stack, 1, d->e)) ||
		(rc = prof_vec_reserve(d->mem, &p->sample_labels, 1, d->e)) ||
		(rc = prof_vec_reserve(d->mem, &p->stack_start, 1, d->e)) ||
		(rc = prof_vec_reserve(d->mem, &d->sample_at, 1, d->e)))
		return rc;
	for (size_t t = 0; t < p->values.n; t++) {
		rc = prof_vec_reserve(d->mem, &p->values.v[t], 1, d->e);
		if (rc)
			return rc;
		p->values.v[t].v[p->values.v[t].n++] = d->values.v[t];
	}
	d->sample_at.v[d->sample_at.n++] = d->at;
	p->sample_stack.v[p->sample_stack.n++] = (uint32_t)p->stack_start.n - 1;
	p->sample_labels.v[p->sample_labels.n++] = set;
	p->stack_start.v[p->stack_start.n++] = (uint32_t)p->stack_loc.n;
	return 0;
}

int prof_pprof_sample(struct prof_pprof *d, struct prof_rd r)
{
	int rc = 0;

	d->labels.n = d->values.n = 0;
	while (!rc && r.p < r.end) {
		uint64_t tag = prof_rd_uvarint(&r);
		struct prof_rd sub = {0};

		switch (tag) {
		case BYTES(1):
			sub = sub_message(&r);
			rc = packed_locations(d, &sub);
			break;
		case VARINT(1):
			rc = one_location(d, prof_rd_uvarint(&r));
			break;
		case BYTES(2):
			sub = sub_message(&r);
			rc = packed_values(d, &sub);
			break;
		case VARINT(2):
			rc = one_value(d, prof_rd_uvarint(&r));
			break;
		case BYTES(3):
			sub = sub_message(&r);
			rc = r.why ? 0 : label(d, sub);
			break;
		default:
			prof_pprof_unknown(d, &r, tag, 3);
		}
		if (!rc && sub.why)
			rc = bad(d, sub.p, "sample", sub.why);
	}
	if (!rc)
		rc = end(d, &r, "sample");
	return rc ? rc : add_sample(d);
}

int prof_pprof_mapping(struct prof_pprof *d, struct prof_rd r)
{
	struct prof_mapping m = {0};
	int rc;

	while (r.p < r.end) {
		uint64_t tag = prof_rd_uvarint(&r);

		switch (tag) {
		case VARINT(1):
			m.id = prof_rd_uvarint(&r);
			break;
		case VARINT(2):
			m.start = prof_rd_uvarint(&r);
			break;
		case VARINT(3):
			m.limit = prof_rd_uvarint(&r);
			break;
		case VARINT(4):
			m.offset = prof_rd_uvarint(&r);
			break;
		case VARINT(5):
			m.file = prof_pprof_string_ref(&r);
			break;
		case VARINT(6):
			m.build_id = prof_pprof_string_ref(&r);
			break;
		case VARINT(7):
		case VARINT(8):
		case VARINT(9):
		case VARINT(10): {
			unsigned bit = 1u << ((tag >> 3) - 7);

			m.has = prof_rd_uvarint(&r) ? m.has | bit : m.has & ~bit;
			break;
		}
		default:
			prof_pprof_unknown(d, &r, tag, 10);
		}
	}
	if ((rc = end(d, &r, "mapping")) || (rc = prof_ids_add(&d->mappings, m.id, d->e)) ||
		(rc = prof_vec_reserve(d->mem, &d->p->mappings, 1, d->e)) ||
		(rc = prof_vec_reserve(d->mem, &d->mapping_at, 1, d->e)))
		return rc;
	d->p->mappings.v[d->p->mappings.n++] = m;
	d->mapping_at.v[d->mapping_at.n++] = d->at;
	return 0;
}

static int line(struct prof_pprof *d, struct prof_rd r)
{
	struct prof_line l = {0};
	uint64_t function = 0;
	int rc;

	while (r.p < r.end) {
		uint64_t tag = prof_rd_uvarint(&r);

		switch (tag) {
		case VARINT(1):
			function = prof_rd_uvarint(&r);
			break;
		case VARINT(2):
			l.line = (int64_t)prof_rd_uvarint(&r);
			break;
		case VARINT(3):
			l.column = (int64_t)prof_rd_uvarint(&r);
			break;
		default:
			prof_pprof_unknown(d, &r, tag, 3);
		}
	}
	if ((rc = end(d, &r, "line")) ||
		(rc = prof_ids_ref(&d->functions, function, &l.function, d->e)) ||
		(rc = prof_vec_reserve(d->mem, &d->p->lines, 1, d->e)))
		return rc;
	d->p->lines.v[d->p->lines.n++] = l;
	return 0;
}

int prof_pprof_location(struct prof_pprof *d, struct prof_rd r)
{
	struct prof_location l = {.first_line = (uint32_t)d->p->lines.n};
	uint64_t map = 0;
	int rc = 0;

	while (!rc && r.p < r.end) {
		uint64_t tag = prof_rd_uvarint(&r);

		switch (tag) {
		case VARINT(1):
			l.id = prof_rd_uvarint(&r);
			break;
		case VARINT(2):
			map = prof_rd_uvarint(&r);
			break;
		case VARINT(3):
			l.address = prof_rd_uvarint(&r);
			break;
		case BYTES(4): {
			struct prof_rd sub = sub_message(&r);

			rc = r.why ? 0 : line(d, sub);
			break;
		}
		case VARINT(5):
			l.folded = prof_rd_uvarint(&r) != 0;
			break;
		default:
			prof_pprof_unknown(d, &r, tag, 5);
		}
	}
	if (rc || (rc = end(d, &r, "location")))
		return rc;
	if (d->p->lines.n >= PROF_NONE)
		return prof_fail(d->e, PROF_ELIMIT, d->at, "too many lines");
	l.n_lines = (uint32_t)d->p->lines.n - l.first_line;
	if ((rc = prof_ids_ref(&d->mappings, map, &l.mapping, d->e)) ||
		(rc = prof_ids_add(&d->locations, l.id, d->e)) ||
		(rc = prof_vec_reserve(d->mem, &d->p->locations, 1, d->e)) ||
		(rc = prof_vec_reserve(d->mem, &d->location_at, 1, d->e)))
		return rc;
	d->p->locations.v[d->p->locations.n++] = l;
	d->location_at.v[d->location_at.n++] = d->at;
	return 0;
}

int prof_pprof_function(struct prof_pprof *d, struct prof_rd r)
{
	struct prof_function f = {0};
	uint64_t id = 0;
	int rc;

	while (r.p < r.end) {
		uint64_t tag = prof_rd_uvarint(&r);

		switch (tag) {
		case VARINT(1):
			id = prof_rd_uvarint(&r);
			break;
		case VARINT(2):
			f.name = prof_pprof_string_ref(&r);
			break;
		case VARINT(3):
			f.system_name = prof_pprof_string_ref(&r);
			break;
		case VARINT(4):
			f.file = prof_pprof_string_ref(&r);
			break;
		case VARINT(5):
			f.start_line = (int64_t)prof_rd_uvarint(&r);
			break;
		default:
			prof_pprof_unknown(d, &r, tag, 5);
		}
	}
	if ((rc = end(d, &r, "function")) || (rc = prof_ids_add(&d->functions, id, d->e)) ||
		(rc = prof_vec_reserve(d->mem, &d->p->functions, 1, d->e)) ||
		(rc = prof_vec_reserve(d->mem, &d->function_at, 1, d->e)))
		return rc;
	d->p->functions.v[d->p->functions.n++] = f;
	d->function_at.v[d->function_at.n++] = d->at;
	return 0;
}

int prof_pprof_string(struct prof_pprof *d, struct prof_rd r)
{
	size_t len = prof_rd_left(&r);
	int rc;

	if (!d->strings.n && len)
		return prof_fail(d->e, PROF_EFORMAT, d->at, "string_table[0] is not empty");
	if (len > d->in->limits.string_bytes)
		return prof_fail(d->e, PROF_ELIMIT, d->at,
			"a string is longer than allowed (--limit string=…)");
	if (d->strings.n >= d->in->limits.strings)
		return prof_fail(
			d->e, PROF_ELIMIT, d->at, "more strings than allowed (--limit strings=…)");
	rc = prof_vec_reserve(d->mem, &d->strings, 1, d->e);
	if (!rc)
		rc = prof_strtab_add(
			&d->p->strings, (const char *)r.p, len, &d->strings.v[d->strings.n], d->e);
	if (!rc)
		d->strings.n++;
	return rc;
}
