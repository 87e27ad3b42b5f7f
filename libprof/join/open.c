#include "libprof/join/open.h"

#include <stdlib.h>

#include "libprof/analyse/trace/keep.h"
#include "libprof/join/archive_open.h"
#include "libprof/join/trace.h"
#include "libprof/read/dump.h"
#include "libprof/read/folded.h"
#include "libprof/read/gperftools.h"
#include "libprof/read/pprof.h"
#include "libprof/read/text_profile.h"
#include "libprof/read/trace.h"

/* A dump may stand anywhere in a log, far behind what tells the kind. */
static int from_log(
	struct prof_input *in, enum prof_kind kind, struct prof_profile **out, struct prof_err *e)
{
	struct prof_err none = {0};
	int rc = prof_dump_decode(in, out, &none);

	if (rc == PROF_EFORMAT)
		return prof_fail(e, rc, 0, "not a profile (%s)", prof_kind_name(kind));
	if (rc && e)
		*e = none;
	return rc;
}

static int decode(
	struct prof_input *in, enum prof_kind kind, struct prof_profile **out, struct prof_err *e)
{
	if (kind == PROF_KIND_EMPTY)
		return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET, "is empty");
	if (kind == PROF_KIND_TEXT_PROFILE)
		return prof_text_decode(in, out, e);
	if (kind == PROF_KIND_GPERFTOOLS_CPU)
		return prof_gperftools_decode(in, out, e);
	if (kind == PROF_KIND_FOLDED)
		return prof_folded_decode(in, out, e);
	if (kind == PROF_KIND_TRACE)
		return prof_profile_of_trace(in, NULL, out, e);
	if (kind == PROF_KIND_GOROUTINES)
		return prof_dump_decode(in, out, e);
	if (kind == PROF_KIND_UNKNOWN || kind == PROF_KIND_GODEBUG_LOG)
		return from_log(in, kind, out, e);
	if (kind == PROF_KIND_SQLITE)
		return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
			"not a profile (SQLite database); of an archive DB:QUERY names profiles, "
			"DB:latest the newest");
	if (kind != PROF_KIND_PPROF)
		return prof_fail(e, PROF_EFORMAT, 0, "not a profile (%s)", prof_kind_name(kind));
	return prof_pprof_decode(in, out, e);
}

int prof_profile_from(
	struct prof_input *in, enum prof_kind kind, struct prof_profile **out, struct prof_err *e)
{
	return prof_input_blame(in, decode(in, kind, out, e), e);
}

static int read_all(struct prof_input *in, const struct prof_trace_profile_opts *trace,
	struct prof_profile **out, struct prof_err *e)
{
	enum prof_kind kind;
	int rc = prof_sniff(in, &kind, e);

	if (!rc && kind == PROF_KIND_TRACE)
		rc = prof_profile_of_trace(in, trace, out, e);
	else if (!rc)
		rc = prof_profile_from(in, kind, out, e);
	prof_input_close(in);
	return rc;
}

static bool needs_events(const struct prof_trace_profile_opts *trace)
{
	return trace && (trace->go_compatible || trace->range.from || trace->range.to >= 0);
}

/* Of a file that the archive has kept: 1; 0: it has not. */
static int read_kept(const char *path, size_t query_at, const struct prof_limits *limits,
	const struct prof_trace_profile_opts *trace, struct prof_profile **out, struct prof_err *e)
{
	struct prof_input in;
	void *bytes = NULL;
	size_t n = 0;
	int rc = prof_selection_raw(path, query_at, limits, &bytes, &n, e), kept = rc;

	if (rc <= 0)
		return rc;
	rc = prof_input_memory(&in, bytes, n, limits, e);
	if (!rc)
		rc = read_all(&in, trace, out, e);
	free(bytes);
	return rc ? rc : kept;
}

/* A trace in an archive has its profiles as sample types, of the whole trace (keep.h). */
static int choose_kept(
	struct prof_profile *p, const struct prof_trace_profile_opts *trace, struct prof_err *e)
{
	const char *asked = trace ? trace->profile : NULL;
	const char *type = asked ? prof_trace_keep_type(asked) : NULL;
	bool has = !type;
	int rc = 0;

	if (!trace || !prof_trace_keep_made(p))
		return 0;
	for (size_t i = 0; type && i < p->types.n; i++)
		has |= prof_str_eq(prof_profile_str(p, p->types.v[i].type), prof_str_of(type));
	if (needs_events(trace))
		rc = prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"the archive has the stacks of the whole trace: another way to count "
			"needs its events");
	else if (asked && !type)
		rc = prof_fail(
			e, PROF_EUSAGE, PROF_NO_OFFSET, "a trace has no profile '%.40s'", asked);
	else if (!has)
		rc = prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"of this trace the archive has no profile '%s': others were chosen when "
			"it was added",
			asked);
	else if (type)
		rc = prof_strtab_add(&p->strings, type, strlen(type), &p->default_type, e);
	if (rc)
		prof_profile_free(p);
	return rc;
}

int prof_profile_open(const char *path, const struct prof_limits *limits, struct prof_profile **out,
	struct prof_err *e)
{
	return prof_profile_open_trace(path, limits, NULL, out, e);
}

int prof_profile_open_trace(const char *path, const struct prof_limits *limits,
	const struct prof_trace_profile_opts *trace, struct prof_profile **out, struct prof_err *e)
{
	return prof_profile_open_by(path, limits, trace, PROF_BY_ADDRESS, out, e);
}

int prof_profile_open_by(const char *path, const struct prof_limits *limits,
	const struct prof_trace_profile_opts *trace, enum prof_granularity by,
	struct prof_profile **out, struct prof_err *e)
{
	size_t query_at = prof_query_at(path);
	struct prof_profile *p;
	struct prof_input in;
	int rc;

	if (query_at) {
		if (needs_events(trace) &&
			(rc = read_kept(path, query_at, limits, trace, out, e)) != 0)
			return rc < 0 ? rc : 0;
		rc = prof_selection_profile(path, query_at, by, limits, &p, e);
		if (!rc)
			rc = choose_kept(p, trace, e);
		if (!rc)
			*out = p;
		return rc;
	}
	rc = prof_input_open(&in, path, limits, e);
	return rc ? rc : read_all(&in, trace, out, e);
}

int prof_profile_read(const void *bytes, size_t len, const struct prof_limits *limits,
	struct prof_profile **out, struct prof_err *e)
{
	struct prof_input in;
	int rc = prof_input_memory(&in, bytes, len, limits, e);

	return rc ? rc : read_all(&in, NULL, out, e);
}

static void close_input(void *in)
{
	prof_input_close(in);
	free(in);
}

/* `in` was opened with rc, and is the trace's from here on. */
static int begin_trace(int rc, struct prof_input *in, struct prof_trace **out, struct prof_err *e)
{
	if (rc) {
		free(in);
		return rc;
	}
	rc = prof_trace_from(in, out, e);
	if (rc) {
		close_input(in);
		return rc;
	}
	(*out)->input = in;
	(*out)->close_input = close_input;
	return 0;
}

int prof_trace_open(const char *path, const struct prof_limits *limits, struct prof_trace **out,
	struct prof_err *e)
{
	size_t query_at = prof_query_at(path);
	struct prof_input *in;

	if (query_at)
		return prof_selection_trace(path, query_at, limits, out, e);
	in = malloc(sizeof(*in));
	return in ? begin_trace(prof_input_open(in, path, limits, e), in, out, e) : prof_nomem(e);
}

int prof_trace_read(const void *bytes, size_t len, const struct prof_limits *limits,
	struct prof_trace **out, struct prof_err *e)
{
	struct prof_input *in = malloc(sizeof(*in));

	return in ? begin_trace(prof_input_memory(in, bytes, len, limits, e), in, out, e)
		  : prof_nomem(e);
}

int prof_is_binary(const char *path)
{
	struct prof_input in;
	enum prof_kind kind = PROF_KIND_UNKNOWN;

	if (prof_input_open(&in, path, NULL, NULL))
		return 0;
	if (prof_sniff(&in, &kind, NULL))
		kind = PROF_KIND_UNKNOWN;
	prof_input_close(&in);
	return kind == PROF_KIND_BINARY;
}
