#include "libprof/join/contention.h"

#include <stdlib.h>

#include "libprof/base/escape.h"
#include "libprof/join/archive_open.h"
#include "libprof/join/open.h"
#include "libprof/join/trace_kept.h"
#include "libprof/join/trace_waits.h"
#include "libprof/read/dump.h"
#include "libprof/read/trace.h"
#include "libprof/store/capture.h"

static int tell(struct prof_contention *k, const char *path, const char *what, struct prof_err *e)
{
	if (k->damage.n) {
		k->damage.n--;
		prof_buf_str(&k->damage, "; ");
	}
	prof_buf_plain(&k->damage, prof_str_of(path));
	prof_buf_str(&k->damage, ": ");
	prof_buf_str(&k->damage, what);
	prof_buf_char(&k->damage, '\0');
	return k->damage.code ? prof_nomem(e) : 0;
}

static int take(struct prof_contention *k, struct prof_profile *p, const struct prof_goroutines *s,
	const char *path, struct prof_contention_input what, struct prof_err *e)
{
	const char *damage = prof_profile_damage(p);
	int rc = damage ? tell(k, path, damage, e) : 0;

	return rc ? rc : prof_contention_take(k, p, s, what, e);
}

/* Every dump that a text holds is one. */
static int dumps(struct prof_contention *k, struct prof_input *in, enum prof_kind kind,
	const char *path, struct prof_contention_input what, struct prof_err *e)
{
	struct prof_dump_reader *d = NULL;
	struct prof_goroutines *s;
	size_t n = 0;
	int rc = prof_dump_reader_new(in, &d, e), more = 1;

	for (; !rc && (more = prof_dump_next(d, &s, e)) > 0; n++) {
		rc = take(k, s->p, s, path, what, e);
		prof_goroutines_free(s);
	}
	prof_dump_reader_free(d);
	if (!rc && !more && !n)
		rc = prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
			"neither a profile, nor a trace, nor a text with goroutines (%s)",
			prof_kind_name(kind));
	return prof_input_blame(in, rc ? rc : more, e);
}

static int tell_trace(
	struct prof_contention *k, const struct prof_trace *t, const char *path, struct prof_err *e)
{
	const struct prof_trace_damage *list;
	struct prof_buf line;
	int rc;

	if (!prof_trace_damage(t, &list))
		return 0;
	prof_buf_init(&line, NULL, NULL);
	prof_buf_printf(&line, "offset %lld: %s", (long long)list[0].offset, list[0].what);
	rc = line.code ? prof_nomem(e) : tell(k, path, line.p, e);
	prof_buf_fini(&line);
	return rc;
}

/* The trace, which is freed. Its damage is known when it has been read. */
static int take_trace(struct prof_contention *k, struct prof_trace *t, const char *path,
	struct prof_contention_input what, struct prof_err *e)
{
	int rc = prof_contention_add_trace(k, t, what, e);

	if (!rc)
		rc = tell_trace(k, t, path, e);
	prof_trace_free(t);
	return rc;
}

static int trace(struct prof_contention *k, struct prof_input *in, const char *path,
	struct prof_contention_input what, struct prof_err *e)
{
	struct prof_trace *t;
	int rc = prof_trace_from(in, &t, e);

	return rc ? rc : prof_input_blame(in, take_trace(k, t, path, what, e), e);
}

static int any(struct prof_contention *k, struct prof_input *in, const char *path,
	struct prof_contention_input what, struct prof_err *e)
{
	struct prof_profile *p = NULL;
	enum prof_kind kind;
	int rc = prof_sniff(in, &kind, e);

	if (rc)
		return rc;
	if (kind == PROF_KIND_GOROUTINES || kind == PROF_KIND_UNKNOWN ||
		kind == PROF_KIND_GODEBUG_LOG)
		return dumps(k, in, kind, path, what, e);
	if (kind == PROF_KIND_TRACE)
		return trace(k, in, path, what, e);
	rc = prof_profile_from(in, kind, &p, e);
	if (!rc)
		rc = take(k, p, NULL, path, what, e);
	prof_profile_free(p);
	return rc;
}

int prof_contention_add_input(struct prof_contention *k, enum prof_side side, const char *path,
	int64_t file_ns, struct prof_input *in, struct prof_err *e)
{
	struct prof_contention_input what = {.side = (uint8_t)side, .file_ns = file_ns};
	struct prof_str name = prof_str_of(path);
	int rc = prof_strtab_add(&k->names, name.p, name.len, &what.name, e);

	return rc ? rc : any(k, in, path, what, e);
}

/* A trace of an archive: its events where the file was kept, else what was kept of its waits. */
static int stored_trace(struct prof_contention *k, const struct prof_selection *s, size_t i,
	const char *name, struct prof_contention_input what, struct prof_err *e)
{
	int64_t id = s->catalog.entries.v[s->v[i]].id;
	struct prof_contention_trace x = {.ns = 0};
	struct prof_profile *p = NULL;
	struct prof_trace *t;
	struct prof_buf b;
	int rc = prof_archive_trace(s->store, id, &s->store->limits, &t, e);

	if (rc)
		return rc;
	if (!prof_trace_kept_sum(t))
		return take_trace(k, t, name, what, e);
	prof_buf_init(&b, NULL, NULL);
	if (k->opts.from || k->opts.to >= 0)
		rc = prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"the archive has the waits of the whole trace: a part of it needs its "
			"events (add it with --keep-raw)");
	if (!rc)
		rc = prof_capture_get(s->store, id, PROF_CAPTURE_WAITS, &b, e);
	if (!rc)
		rc = prof_selection_load(s, i, &p, e);
	if (!rc)
		rc = prof_trace_kept_stacks(t, p, e);
	if (!rc)
		rc = prof_waits_decode(b.p, b.n, k, t, &x, e);
	if (!rc)
		rc = prof_contention_push_trace(k, &x, what, e);
	else
		prof_contention_trace_fini(k, &x);
	if (!rc)
		rc = tell_trace(k, t, name, e);
	prof_buf_fini(&b);
	prof_profile_free(p);
	prof_trace_free(t);
	return rc;
}

/* An entry of an archive as if it were a file. */
static int stored_entry(struct prof_contention *k, const struct prof_selection *s, size_t i,
	const char *name, struct prof_contention_input what, struct prof_err *e)
{
	struct prof_goroutines *g;
	int rc;

	if (prof_str_eq(s->catalog.entries.v[s->v[i]].kind, PROF_STR("trace")))
		return stored_trace(k, s, i, name, what, e);
	rc = prof_selection_goroutines(s, i, &g, e);
	if (rc)
		return rc;
	rc = take(k, g->p, g->g.n ? g : NULL, name, what, e);
	prof_goroutines_free(g);
	return rc;
}

static int stored(struct prof_contention *k, enum prof_side side, const char *query,
	const struct prof_limits *limits, struct prof_err *e)
{
	size_t query_at = prof_query_at(query);
	struct prof_selection s;
	int rc = prof_selection_named(&s, query, query_at, limits, e);

	for (size_t i = 0; !rc && i < s.n; i++) {
		struct prof_contention_input what = {.side = (uint8_t)side};
		struct prof_buf name;

		prof_buf_init(&name, NULL, NULL);
		prof_buf_put(&name, query, query_at);
		prof_buf_i64(&name, s.catalog.entries.v[s.v[i]].id);
		prof_buf_char(&name, '\0');
		rc = name.code ? prof_nomem(e)
			       : prof_strtab_add(&k->names, name.p, name.n - 1, &what.name, e);
		if (!rc)
			rc = stored_entry(k, &s, i, name.p, what, e);
		prof_buf_fini(&name);
	}
	prof_selection_fini(&s);
	return rc;
}

int prof_contention_add(struct prof_contention *k, enum prof_side side, const char *path,
	int64_t file_ns, const struct prof_limits *limits, struct prof_err *e)
{
	struct prof_input in;
	int rc;

	if (prof_query_at(path))
		return stored(k, side, path, limits, e);
	rc = prof_input_open(&in, path, limits, e);
	if (rc)
		return rc;
	rc = prof_contention_add_input(k, side, path, file_ns, &in, e);
	prof_input_close(&in);
	return rc;
}
