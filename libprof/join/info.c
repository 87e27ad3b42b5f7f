#include "libprof/analyse/info.h"
#include "libprof/analyse/trace/info.h"
#include "libprof/join/archive_open.h"
#include "libprof/join/open.h"
#include "libprof/read/trace.h"

static int describe_trace(
	struct prof_input *in, const char *name, struct prof_report **out, struct prof_err *e)
{
	struct prof_trace *t;
	int rc = prof_trace_from(in, &t, e);

	if (rc)
		return rc;
	rc = prof_info_trace(t, name, in->gzipped, out, e);
	prof_trace_free(t);
	return rc;
}

static int describe(
	struct prof_input *in, const char *name, struct prof_report **out, struct prof_err *e)
{
	struct prof_profile *p;
	enum prof_kind kind;
	int rc = prof_sniff(in, &kind, e);

	if (rc)
		return rc;
	if (kind == PROF_KIND_UNKNOWN && prof_profile_from(in, kind, &p, NULL) == 0) {
		rc = prof_info_profile(p, name, prof_kind_name(PROF_KIND_GOROUTINES), out, e);
		prof_profile_free(p);
		return rc;
	}
	if (prof_kind_is_profile(kind) || kind == PROF_KIND_EMPTY) {
		rc = prof_profile_from(in, kind, &p, e);
		if (rc)
			return rc;
		rc = prof_info_profile(p, name, prof_kind_name(kind), out, e);
		prof_profile_free(p);
		return rc;
	}
	if (kind == PROF_KIND_UNKNOWN)
		return prof_fail(e, PROF_EFORMAT, 0, "no kind of capture that is known");
	if (kind == PROF_KIND_TRACE)
		return describe_trace(in, name, out, e);
	return prof_info_other(name, prof_kind_name(kind), PROF_STR(""), out, e);
}

static int archived(const char *path, size_t query_at, const struct prof_limits *limits,
	struct prof_report **out, struct prof_err *e)
{
	struct prof_selection s;
	struct prof_profile *p = NULL;
	int rc = prof_selection_named(&s, path, query_at, limits, e);

	if (!rc && s.n > 1)
		rc = prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
			"%zu profiles match, and one is looked at ('prof archive ls' lists them)",
			s.n);
	if (!rc && prof_selection_is_logs(&s))
		rc = prof_info_other(path, "GODEBUG log of an archive", PROF_STR(""), out, e);
	else if (!rc)
		rc = prof_selection_load(&s, 0, &p, e);
	if (p)
		p->input_bytes = (uint64_t)s.catalog.entries.v[s.v[0]].file_bytes;
	prof_selection_fini(&s);
	if (rc || !p)
		return rc;
	rc = prof_info_profile(p, path, "profile of an archive", out, e);
	prof_profile_free(p);
	return rc;
}

int prof_info(const char *path, const struct prof_limits *limits, struct prof_report **out,
	struct prof_err *e)
{
	size_t query_at = prof_query_at(path);
	struct prof_input in;
	int rc;

	if (query_at)
		return archived(path, query_at, limits, out, e);
	rc = prof_input_open(&in, path, limits, e);
	if (rc)
		return rc;
	rc = describe(&in, path, out, e);
	prof_input_close(&in);
	return rc;
}
