#include "libprof/read/trace_wire.h"

#include <string.h>

#include "libprof/base/cursor.h"
#include "libprof/read/trace.h"

enum {
	AHEAD = 64 << 10, /* looked for before a record, which is seldom longer */
	MAX_VARINTS = 5 + 2,
};

int prof_wire_open(struct prof_wire_reader *r, struct prof_input *in, struct prof_err *e)
{
	char header[17] = "";
	unsigned version = 0;
	int rc = prof_trace_read_header(in, header, &version, e);

	*r = (struct prof_wire_reader){.in = in};
	if (!rc && version < 22)
		return prof_fail(e, PROF_EUNSUPPORTED, 0,
			"traces before go 1.22 have no such records (go 1.%u)", version);
	return rc;
}

void prof_wire_close(struct prof_wire_reader *r)
{
	prof_vec_fini(&r->in->mem, &r->frames);
}

static int read_frames(
	struct prof_wire_reader *r, struct prof_rd *rd, uint64_t n, struct prof_err *e)
{
	int rc = 0;

	r->frames.n = 0;
	for (uint64_t i = 0; !rc && i < n * 4 && !rd->why; i++) {
		rc = prof_vec_reserve(&r->in->mem, &r->frames, 1, e);
		if (!rc)
			r->frames.v[r->frames.n++] = prof_rd_uvarint(rd);
	}
	return rc;
}

/* Reads a record from what is in the window; rd->why tells that it does not fit. */
static int read_record(struct prof_wire_reader *r, struct prof_rd *rd, struct prof_wire_record *out,
	struct prof_err *e)
{
	uint8_t type = *rd->p++;
	int rc = 0;

	*out = (struct prof_wire_record){.row = &prof_wire2[type]};
	if (type >= PROF_EV_END || !out->row->name)
		return prof_fail(e, PROF_EFORMAT, (int64_t)prof_input_offset(r->in),
			"invalid event type: %u", type);
	for (unsigned i = 0; i < out->row->n_args; i++)
		out->args[i] = type == PROF_EV_EXPERIMENTAL_BATCH && !i && prof_rd_left(rd)
				       ? *rd->p++
				       : prof_rd_uvarint(rd);
	if (type == PROF_EV_STACK) {
		rc = out->args[1] < UINT64_MAX / 8 ? read_frames(r, rd, out->args[1], e)
						   : PROF_EFORMAT;
		out->frames = r->frames.v;
		out->n_frames = r->frames.n;
	} else if (type == PROF_EV_STRING || type == PROF_EV_EXPERIMENTAL_BATCH) {
		out->len = prof_rd_uvarint(rd);
		out->data = prof_rd_bytes(rd, out->len);
	}
	if (rc == PROF_EFORMAT)
		rc = prof_fail(e, rc, (int64_t)prof_input_offset(r->in), "a stack has no end");
	return rc;
}

int prof_wire_next(struct prof_wire_reader *r, struct prof_wire_record *out, struct prof_err *e)
{
	struct prof_input *in = r->in;
	size_t want = AHEAD;

	for (;; want *= 2) {
		int rc = prof_input_fill(in, want, e);
		struct prof_rd rd = prof_rd_of(in->p, (size_t)(in->end - in->p));

		if (rc)
			return rc;
		if (in->p == in->end)
			return 0;
		rc = read_record(r, &rd, out, e);
		if (rc)
			return rc;
		if (!rd.why) {
			in->p = rd.p;
			return 1;
		}
		if (in->eof || want > in->limits.string_bytes)
			return prof_fail(e, PROF_EFORMAT, (int64_t)prof_input_offset(in), "%s: %s",
				out->row->name, rd.why);
	}
}
