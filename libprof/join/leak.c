#include "libprof/analyse/leak/leak.h"

#include <stdlib.h>

#include "libprof/join/archive_open.h"
#include "libprof/join/take.h"
#include "libprof/join/trace_kept.h"
#include "libprof/join/trace_moments.h"
#include "libprof/store/capture.h"

/* A snapshot on its way in, or several. */
struct taking {
	struct prof_leak *k;
	const char *path;
	int64_t time_ns; /* of the file */
};

static int goroutines(void *ctx, const struct prof_goroutines *s, struct prof_err *e)
{
	struct taking *t = ctx;

	return prof_leak_take(t->k, s, t->path, t->time_ns, e);
}

static int trace(void *ctx, struct prof_trace *t, struct prof_err *e)
{
	struct taking *x = ctx;

	return prof_leak_take_trace(x->k, t, x->path, x->time_ns, e);
}

static struct prof_taker taker(struct taking *t)
{
	return (struct prof_taker){.ctx = t,
		.path = t->path,
		.wanted = "neither a goroutine profile",
		.damage = &t->k->damage,
		.goroutines = goroutines,
		.trace = trace};
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
static int take_stored_trace(const struct prof_taker *taker, struct prof_leak *k,
	const struct prof_selection *s, size_t i, struct prof_err *e)
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
		return prof_take_trace(taker, t, e);
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
	if (!rc)
		rc = prof_take_damage(taker, t, e);
	prof_trace_free(t);
	return rc;
}

static int take_entry(
	struct prof_leak *k, const struct prof_selection *s, size_t i, struct prof_err *e)
{
	const struct prof_entry *x = &s->catalog.entries.v[s->v[i]];
	struct taking t = {k, x->source.p, x->time_ns};
	struct prof_taker to = taker(&t);
	struct prof_goroutines *g;
	int rc;

	if (prof_str_eq(x->kind, PROF_STR("trace")))
		return take_stored_trace(&to, k, s, i, e);
	rc = prof_selection_goroutines(s, i, &g, e);
	if (rc)
		return rc;
	rc = prof_take_goroutines(&to, g, e);
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
	struct taking t = {k, path, file_ns};
	struct prof_taker to = taker(&t);
	struct prof_input in;
	int rc;

	if (query_at)
		return take_query(k, path, query_at, limits, e);
	rc = prof_input_open(&in, path, limits, e);
	if (rc)
		return rc;
	rc = prof_take_input(&to, &in, e);
	prof_input_close(&in);
	return rc;
}
