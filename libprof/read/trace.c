#include "libprof/read/trace.h"

#include <string.h>

#include "libprof/read/trace1.h"
#include "libprof/read/trace2.h"

enum { HEADER_BYTES = 16, NEWEST_VERSION = 26 };

/* "go 1.N trace" and NULs up to 16 bytes: N, or 0. */
static unsigned parse_header(const uint8_t *p)
{
	unsigned version = 0;
	size_t i = 5;

	if (memcmp(p, "go 1.", 5) != 0)
		return 0;
	for (; i < 8 && p[i] >= '0' && p[i] <= '9'; i++)
		version = version * 10 + (p[i] - '0');
	if (i == 5 || memcmp(p + i, " trace", 6) != 0)
		return 0;
	for (i += 6; i < HEADER_BYTES; i++)
		if (p[i])
			return 0;
	return version;
}

/* Headers that a release of Go wrote. */
static bool is_known(unsigned version)
{
	static const uint8_t versions[] = {5, 7, 8, 9, 10, 11, 19, 21, 22, 23, 25, NEWEST_VERSION};

	for (size_t i = 0; i < sizeof(versions); i++)
		if (versions[i] == version)
			return true;
	return false;
}

int prof_trace_read_header(
	struct prof_input *in, char header[17], unsigned *version, struct prof_err *e)
{
	int rc = prof_input_fill(in, HEADER_BYTES, e);

	if (rc)
		return rc;
	if (in->end - in->p < HEADER_BYTES)
		return prof_fail(e, PROF_EFORMAT, in->end - in->p,
			in->end == in->p ? "is empty" : "ends inside the header of a trace");
	*version = parse_header(in->p);
	if (!*version)
		return prof_fail(e, PROF_EFORMAT, 0, "not an execution trace");
	memcpy(header, in->p, HEADER_BYTES);
	if (!is_known(*version))
		return prof_fail(e, PROF_EUNSUPPORTED, 0,
			"traces of version \"%.16s\" are not known (up to go 1.%d)", header,
			NEWEST_VERSION);
	in->p += HEADER_BYTES;
	return 0;
}

static int begin(struct prof_trace *t, struct prof_input *in, struct prof_err *e)
{
	int rc = prof_trace_read_header(in, t->header, &t->version, e);

	if (rc)
		return rc;
	return t->version < 22 ? prof_trace1_begin(t, in, e) : prof_trace2_begin(t, in, e);
}

int prof_trace_from(struct prof_input *in, struct prof_trace **out, struct prof_err *e)
{
	struct prof_trace *t = prof_trace_new(&in->limits, e);
	int rc;

	if (!t)
		return e ? e->code : PROF_ENOMEM;
	rc = begin(t, in, e);
	if (rc)
		prof_trace_free(t);
	else
		*out = t;
	return rc;
}
