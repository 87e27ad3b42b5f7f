#include "libprof/analyse/leak/leak.h"

#include <stdlib.h>

#include "libprof/base/escape.h"
#include "libprof/join/archive_open.h"
#include "libprof/join/open.h"
#include "libprof/join/trace_kept.h"
#include "libprof/join/trace_moments.h"
#include "libprof/read/dump.h"
#include "libprof/read/trace.h"
#include "libprof/store/capture.h"

static void tell(struct prof_leak *k, const char *path, const char *what)
{
	if (k->damage.n) {
		k->damage.n--;
		prof_buf_str(&k->damage, "; ");
	}
	prof_buf_plain(&k->damage, prof_str_of(path));
	prof_buf_str(&k->damage, ": ");
	prof_buf_str(&k->damage, what);
	prof_buf_char(&k->damage, '\0');
}

static int take(struct prof_leak *k, const struct prof_goroutines *s, const char *path,
	int64_t file_ns, struct prof_err *e)
{
	if (s->p->damage)
		tell(k, path, prof_profile_damage(s->p));
	if (k->damage.code)
		return prof_nomem(e);
	return prof_leak_take(k, s, path, file_ns, e);
}

/* Every dump that a text holds is a snapshot. *n: how many there were. */
static int dumps(struct prof_leak *k, struct prof_input *in, const char *path, int64_t file_ns,
	size_t *n, struct prof_err *e)
{
	struct prof_dump_reader *d = NULL;
	struct prof_goroutines *s;
	int rc = prof_dump_reader_new(in, &d, e), more = 1;

	for (*n = 0; !rc && (more = prof_dump_next(d, &s, e)) > 0; ++*n) {
		rc = take(k, s, path, file_ns, e);
		prof_goroutines_free(s);
	}
	prof_dump_reader_free(d);
	return rc ? rc : more;
}

/* The trace, which is freed. What is damaged in it is told once it was read. */
static int take_trace(struct prof_leak *k, struct prof_trace *t, const char *path, int64_t file_ns,
	struct prof_err *e)
{
	int rc = prof_leak_take_trace(k, t, path, file_ns, e);

	if (!rc && t->damage.n)
		tell(k, path, t->damage.v[0].what);
	prof_trace_free(t);
	return !rc && k->damage.code ? prof_nomem(e) : rc;
}

static int trace(struct prof_leak *k, struct prof_input *in, const char *path, int64_t file_ns,
	struct prof_err *e)
{
	struct prof_trace *t;
	int rc = prof_trace_from(in, &t, e);

	return rc ? rc : take_trace(k, t, path, file_ns, e);
}

static int any(struct prof_leak *k, struct prof_input *in, const char *path, int64_t file_ns,
	struct prof_err *e)
{
	struct prof_goroutines s = {0};
	enum prof_kind kind;
	size_t n;
	int rc = prof_sniff(in, &kind, e);

	if (rc)
		return rc;
	if (kind == PROF_KIND_GOROUTINES || kind == PROF_KIND_UNKNOWN ||
		kind == PROF_KIND_GODEBUG_LOG) {
		rc = dumps(k, in, path, file_ns, &n, e);
		if (!rc && !n)
			rc = prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
				"neither a goroutine profile nor a text with goroutines (%s)",
				prof_kind_name(kind));
		return prof_input_blame(in, rc, e);
	}
	if (kind == PROF_KIND_TRACE)
		return trace(k, in, path, file_ns, e);
	rc = prof_profile_from(in, kind, &s.p, e);
	if (!rc)
		rc = take(k, &s, path, file_ns, e);
	prof_profile_free(s.p);
	return rc;
}

struct moments {
	struct prof_leak *k;
	const char *name;
};

static int take_moment(void *ctx, const struct prof_trace *t, const struct prof_trace_moment *m,
	struct prof_err *e)
{
	struct moments *x = ctx;

	return prof_leak_take_moment(x->k, t, m, x->name, e);
}

/* A trace of an archive: from its events where the file was kept, else from what was kept of its
 * moments.
 */
static int take_stored_trace(
	struct prof_leak *k, const struct prof_selection *s, size_t i, struct prof_err *e)
{
	const struct prof_entry *x = &s->catalog.entries.v[s->v[i]];
	struct moments m = {.k = k, .name = x->source.p};
	struct prof_profile *p = NULL;
	size_t first = k->snapshots.n;
	struct prof_trace *t;
	struct prof_buf b;
	int rc = prof_archive_trace(s->store, x->id, &s->store->limits, &t, e);

	if (rc)
		return rc;
	if (!prof_trace_kept_sum(t))
		return take_trace(k, t, x->source.p, x->time_ns, e);
	prof_buf_init(&b, NULL, NULL);
	rc = prof_capture_get(s->store, x->id, PROF_CAPTURE_MOMENTS, &b, e);
	if (!rc)
		rc = prof_selection_load(s, i, &p, e);
	if (!rc)
		rc = prof_trace_kept_stacks(t, p, e);
	if (!rc)
		rc = prof_moments_read(b.p, b.n, t, take_moment, &m, e);
	prof_leak_end_moments(k, first, x->time_ns);
	prof_buf_fini(&b);
	prof_profile_free(p);
	if (!rc && t->damage.n)
		tell(k, x->source.p, t->damage.v[0].what);
	prof_trace_free(t);
	return !rc && k->damage.code ? prof_nomem(e) : rc;
}

static int take_entry(
	struct prof_leak *k, const struct prof_selection *s, size_t i, struct prof_err *e)
{
	const struct prof_entry *x = &s->catalog.entries.v[s->v[i]];
	struct prof_goroutines *g;
	int rc;

	if (prof_str_eq(x->kind, PROF_STR("trace")))
		return take_stored_trace(k, s, i, e);
	rc = prof_selection_goroutines(s, i, &g, e);
	if (rc)
		return rc;
	rc = take(k, g, x->source.p, x->time_ns, e);
	prof_goroutines_free(g);
	return rc;
}

/* Each of what DB:QUERY names is a snapshot, in the order of time. */
static int take_query(struct prof_leak *k, const char *name, size_t query_at,
	const struct prof_limits *limits, struct prof_err *e)
{
	char *db = prof_split_query(name, query_at, e);
	struct prof_selection s = {0};
	int rc;

	if (!db)
		return PROF_ENOMEM;
	rc = prof_selection_open(&s, db, db + query_at, true, limits, e);
	for (size_t i = 0; !rc && i < s.n; i++)
		rc = take_entry(k, &s, i, e);
	prof_selection_fini(&s);
	free(db);
	return rc;
}

int prof_leak_add(struct prof_leak *k, const char *path, int64_t file_ns,
	const struct prof_limits *limits, struct prof_err *e)
{
	size_t query_at = prof_query_at(path);
	struct prof_input in;
	int rc;

	if (query_at)
		return take_query(k, path, query_at, limits, e);
	rc = prof_input_open(&in, path, limits, e);
	if (rc)
		return rc;
	rc = any(k, &in, path, file_ns, e);
	prof_input_close(&in);
	return rc;
}
