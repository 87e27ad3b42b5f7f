#include "libprof/read/pprof_impl.h"

enum {
	TAG_AND_LENGTH = 20, /* bytes of two varints */
	LARGE_STACKS = 8 << 20,
};

static int comment(struct prof_pprof *d, struct prof_rd *r)
{
	int rc = prof_vec_reserve(d->mem, &d->p->comments, 1, d->e);

	if (!rc)
		d->p->comments.v[d->p->comments.n++] = prof_pprof_string_ref(r);
	return rc;
}

static int packed_comments(struct prof_pprof *d, struct prof_rd *r)
{
	int rc = 0;

	while (!rc && r->p < r->end)
		rc = comment(d, r);
	return rc;
}

/* A field of the Profile that is a number or an index, or one that is not known. */
static int scalar(struct prof_pprof *d, struct prof_rd *r, uint64_t tag)
{
	struct prof_profile *p = d->p;
	int64_t time;

	switch (tag) {
	case VARINT(7):
		p->drop_frames = prof_pprof_string_ref(r);
		break;
	case VARINT(8):
		p->keep_frames = prof_pprof_string_ref(r);
		break;
	case VARINT(9):
		time = (int64_t)prof_rd_uvarint(r);
		if (p->time_ns && time)
			return prof_fail(
				d->e, PROF_EFORMAT, d->at, "two profiles, one behind the other");
		p->time_ns = time;
		break;
	case VARINT(10):
		p->duration_ns = (int64_t)prof_rd_uvarint(r);
		break;
	case VARINT(12):
		p->period = (int64_t)prof_rd_uvarint(r);
		break;
	case VARINT(13):
		return comment(d, r);
	case VARINT(14):
		p->default_type = prof_pprof_string_ref(r);
		break;
	case VARINT(15):
		p->doc_url = prof_pprof_string_ref(r);
		break;
	default:
		prof_pprof_unknown(d, r, tag, 15);
	}
	return 0;
}

static int message(struct prof_pprof *d, struct prof_rd *r, uint64_t tag)
{
	switch (tag) {
	case BYTES(1):
		return prof_pprof_sample_type(d, *r);
	case BYTES(2):
		return prof_pprof_sample(d, *r);
	case BYTES(3):
		return prof_pprof_mapping(d, *r);
	case BYTES(4):
		return prof_pprof_location(d, *r);
	case BYTES(5):
		return prof_pprof_function(d, *r);
	case BYTES(6):
		return prof_pprof_string(d, *r);
	case BYTES(11):
		return prof_pprof_value_type(d, *r, &d->p->period_type);
	default:
		return packed_comments(d, r);
	}
}

static bool is_message(uint64_t tag)
{
	return (tag & 7) == 2 && (tag < BYTES(7) || tag == BYTES(11) || tag == BYTES(13)) &&
	       tag > 7;
}

/* One top-level field: 1, 0 at the end, or an error. What is in the window is decoded in place. */
static int field(struct prof_pprof *d)
{
	struct prof_input *in = d->in;
	struct prof_rd r;
	uint64_t tag, len;
	int rc = prof_input_fill(in, TAG_AND_LENGTH, d->e);

	if (rc || in->p == in->end)
		return rc;
	r = prof_rd_of(in->p, (size_t)(in->end - in->p));
	d->at = (int64_t)prof_input_offset(in);
	d->base = r.p;
	tag = prof_rd_uvarint(&r);
	if (is_message(tag)) {
		len = prof_rd_uvarint(&r);
		if (!r.why && len > prof_rd_left(&r)) {
			size_t head = (size_t)(r.p - r.base);

			/* Of a string no more is held than one may have; what is longer is told by
			 * that. */
			if (tag == BYTES(6) && len > in->limits.string_bytes)
				len = in->limits.string_bytes + 1;
			if (len > SIZE_MAX / 2)
				len = SIZE_MAX / 2;
			rc = prof_input_fill(in, head + (size_t)len, d->e);
			if (rc)
				return rc;
			r = prof_rd_of(in->p, (size_t)(in->end - in->p));
			d->base = r.p;
			r.p += head;
		}
		if (!r.why) {
			struct prof_rd m = prof_rd_sub(&r, len);

			rc = r.why ? 0 : message(d, &m, tag);
			if (!rc && m.why) {
				r.why = m.why;
				r.p = m.p;
			}
		}
	} else if ((tag & 7) == 2 && tag >> 3 > 15 && !r.why) {
		len = prof_rd_uvarint(&r);
		in->p += r.p - r.base;
		d->p->unknown_fields++;
		rc = r.why ? 0 : prof_input_skip(in, len, d->e);
		if (!rc && !r.why)
			return 1;
	} else {
		rc = scalar(d, &r, tag);
	}
	if (!rc && r.why)
		return prof_fail(d->e, PROF_EFORMAT, d->at + (r.p - r.base), "%s", r.why);
	in->p = r.p;
	return rc ? rc : 1;
}

/* Room for the stacks of a large file, by a guess from its size: nothing is touched before it is
 * needed, and a wrong guess only costs what growing costs. Not more than a quarter of what may be
 * used.
 */
static void guess_stacks(struct prof_pprof *d)
{
	uint64_t bytes = d->in->src.size * (d->in->gzipped ? 6 : 2);

	if (bytes < LARGE_STACKS || bytes > d->mem->limit / 4)
		return;
	if (prof_vec_reserve(d->mem, &d->p->stack_loc, bytes / sizeof(*d->p->stack_loc.v), NULL) ==
		0)
		prof_mem_large_pages(d->p->stack_loc.v, bytes);
}

static int decode(struct prof_pprof *d)
{
	int rc;

	guess_stacks(d);
	while ((rc = field(d)) > 0)
		;
	if (rc)
		return rc;
	d->at = (int64_t)d->in->total;
	if (!d->in->total)
		return prof_fail(d->e, PROF_EFORMAT, PROF_NO_OFFSET, "is empty");
	d->p->input_bytes = d->in->total;
	d->p->gzipped = d->in->gzipped;
	return prof_pprof_resolve(d);
}

int prof_pprof_decode(struct prof_input *in, struct prof_profile **out, struct prof_err *e)
{
	struct prof_pprof d = {.in = in, .e = e};
	struct prof_err none = {0};
	int rc;

	if (!e)
		d.e = &none;
	d.p = prof_profile_new(&in->limits, d.e);
	if (!d.p)
		return d.e->code;
	d.mem = &d.p->mem;
	prof_ids_init(&d.mappings, d.mem, "mapping");
	prof_ids_init(&d.functions, d.mem, "function");
	prof_ids_init(&d.locations, d.mem, "location");
	rc = decode(&d);
	prof_ids_fini(&d.mappings);
	prof_ids_fini(&d.functions);
	prof_ids_fini(&d.locations);
	prof_vec_fini(d.mem, &d.strings);
	prof_vec_fini(d.mem, &d.sample_at);
	prof_vec_fini(d.mem, &d.location_at);
	prof_vec_fini(d.mem, &d.function_at);
	prof_vec_fini(d.mem, &d.mapping_at);
	prof_vec_fini(d.mem, &d.labels);
	prof_vec_fini(d.mem, &d.values);
	if (rc)
		prof_profile_free(d.p);
	else
		*out = d.p;
	return rc;
}
