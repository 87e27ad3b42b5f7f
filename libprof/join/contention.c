#include "libprof/join/contention.h"

#include <stdlib.h>

#include "libprof/join/archive_open.h"
#include "libprof/join/take.h"
#include "libprof/join/trace_kept.h"
#include "libprof/join/trace_waits.h"
#include "libprof/store/capture.h"

/* An input on its way in. */
struct taking {
	struct prof_contention *k;
	struct prof_contention_input what;
};

static int goroutines(void *ctx, const struct prof_goroutines *s, struct prof_err *e)
{
	struct taking *t = ctx;

	return prof_contention_take(t->k, s->p, s->g.n ? s : NULL, t->what, e);
}

static int trace(void *ctx, struct prof_trace *t, struct prof_err *e)
{
	struct taking *x = ctx;

	return prof_contention_add_trace(x->k, t, x->what, e);
}

static struct prof_taker taker(struct taking *t, const char *path)
{
	return (struct prof_taker){.ctx = t,
		.path = path,
		.wanted = "neither a profile, nor a trace,",
		.damage = &t->k->damage,
		.goroutines = goroutines,
		.trace = trace};
}

int prof_contention_add_input(struct prof_contention *k, enum prof_side side, const char *path,
	int64_t file_ns, struct prof_input *in, struct prof_err *e)
{
	struct taking t = {k, {.side = (uint8_t)side, .file_ns = file_ns}};
	struct prof_taker x = taker(&t, path);
	struct prof_str name = prof_str_of(path);
	int rc = prof_strtab_add(&k->names, name.p, name.len, &t.what.name, e);

	return rc ? rc : prof_take_input(&x, in, e);
}

/* A trace of an archive: its events where the file was kept, else what was kept of its waits. */
static int stored_trace(const struct prof_taker *taker, const struct prof_selection *s, size_t i,
	struct prof_err *e)
{
	const struct taking *taking = taker->ctx;
	struct prof_contention *k = taking->k;
	int64_t id = s->catalog.entries.v[s->v[i]].id;
	struct prof_contention_trace x = {.ns = 0};
	struct prof_profile *p = NULL;
	struct prof_trace *t;
	struct prof_buf b;
	int rc = prof_archive_trace(s->store, id, &s->store->limits, &t, e);

	if (rc)
		return rc;
	if (!prof_trace_kept_sum(t))
		return prof_take_trace(taker, t, e);
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
		rc = prof_contention_push_trace(k, &x, taking->what, e);
	else
		prof_contention_trace_fini(k, &x);
	if (!rc)
		rc = prof_take_damage(taker, t, e);
	prof_buf_fini(&b);
	prof_profile_free(p);
	prof_trace_free(t);
	return rc;
}

/* An entry of an archive as if it were a file. */
static int stored_entry(
	const struct prof_taker *x, const struct prof_selection *s, size_t i, struct prof_err *e)
{
	struct prof_goroutines *g;
	int rc;

	if (prof_str_eq(s->catalog.entries.v[s->v[i]].kind, PROF_STR("trace")))
		return stored_trace(x, s, i, e);
	rc = prof_selection_goroutines(s, i, &g, e);
	if (rc)
		return rc;
	rc = prof_take_goroutines(x, g, e);
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
		struct taking t = {k, {.side = (uint8_t)side}};
		struct prof_taker x;
		struct prof_buf name;

		prof_buf_init(&name, NULL, NULL);
		prof_buf_put(&name, query, query_at);
		prof_buf_i64(&name, s.catalog.entries.v[s.v[i]].id);
		prof_buf_char(&name, '\0');
		rc = name.code ? prof_nomem(e)
			       : prof_strtab_add(&k->names, name.p, name.n - 1, &t.what.name, e);
		x = taker(&t, name.p);
		if (!rc)
			rc = stored_entry(&x, &s, i, e);
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
