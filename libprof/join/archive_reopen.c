/* Traces, timelines and dumps out of an archive. */
#include <stdlib.h>

#include "libprof/join/archive_open.h"
#include "libprof/join/trace_kept.h"
#include "libprof/store/capture.h"
#include "libprof/store/goroutines.h"
#include "libprof/store/timeline.h"

/* A trace over bytes that are the trace's from then on. */
struct owned_input {
	void *bytes;
	void *input;
	void (*close)(void *input);
};

static void close_owned(void *ctx)
{
	struct owned_input *o = ctx;

	o->close(o->input);
	free(o->bytes);
	free(o);
}

static int open_raw(void *bytes, size_t n, const struct prof_limits *limits,
	struct prof_trace **out, struct prof_err *e)
{
	struct owned_input *o = malloc(sizeof(*o));
	int rc = o ? prof_trace_read(bytes, n, limits, out, e) : prof_nomem(e);

	if (rc) {
		free(bytes);
		free(o);
		return rc;
	}
	*o = (struct owned_input){bytes, (*out)->input, (*out)->close_input};
	(*out)->input = o;
	(*out)->close_input = close_owned;
	return 0;
}

int prof_archive_trace(struct prof_store *s, int64_t profile, const struct prof_limits *limits,
	struct prof_trace **out, struct prof_err *e)
{
	struct prof_buf b;
	void *bytes = NULL;
	size_t n = 0;
	int rc;

	prof_buf_init(&b, NULL, NULL);
	rc = prof_capture_get(s, profile, PROF_CAPTURE_SUMMARY, &b, e);
	if (!rc && (rc = prof_store_raw(s, profile, &bytes, &n, e)) > 0)
		rc = open_raw(bytes, n, limits, out, e);
	else if (!rc)
		rc = prof_trace_kept_decode(b.p, b.n, limits, out, e);
	prof_buf_fini(&b);
	return rc;
}

int prof_selection_trace(const char *name, size_t query_at, const struct prof_limits *limits,
	struct prof_trace **out, struct prof_err *e)
{
	char *db = prof_split_query(name, query_at, e);
	struct prof_limits defaults;
	struct prof_selection s = {0};
	int rc;

	if (!db)
		return PROF_ENOMEM;
	prof_limits_init(&defaults);
	rc = prof_selection_open(&s, db, db + query_at, true, limits, e);
	if (!rc && s.n > 1)
		rc = prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
			"%zu captures match \"%.80s\", and one is looked at", s.n, db + query_at);
	if (!rc)
		rc = prof_archive_trace(s.store, s.catalog.entries.v[s.v[0]].id,
			limits ? limits : &defaults, out, e);
	prof_selection_fini(&s);
	free(db);
	return rc;
}

int prof_selection_raw(const char *name, size_t query_at, const struct prof_limits *limits,
	void **out, size_t *n, struct prof_err *e)
{
	struct prof_selection s;
	int rc = prof_selection_named(&s, name, query_at, limits, e);

	if (!rc && s.n == 1)
		rc = prof_store_raw(s.store, s.catalog.entries.v[s.v[0]].id, out, n, e);
	prof_selection_fini(&s);
	return rc;
}

static int add_timeline(struct prof_store *s, const struct prof_entry *x, struct prof_timeline *t,
	struct prof_err *e)
{
	struct prof_buf b;
	int rc;

	prof_buf_init(&b, NULL, NULL);
	rc = prof_capture_get(s, x->id, PROF_CAPTURE_TIMELINE, &b, e);
	if (!rc)
		rc = prof_timeline_decode(b.p, b.n, x->source, t, e);
	prof_buf_fini(&b);
	return rc;
}

int prof_selection_timelines(const char *name, size_t query_at, const struct prof_limits *limits,
	struct prof_timeline *t, struct prof_err *e)
{
	char *db = prof_split_query(name, query_at, e);
	struct prof_selection s = {0};
	size_t found = 0;
	int rc;

	if (!db)
		return PROF_ENOMEM;
	rc = prof_selection_open(&s, db, db + query_at, true, limits, e);
	for (size_t i = 0; !rc && i < s.n; i++) {
		struct prof_err err = {0};

		rc = add_timeline(s.store, &s.catalog.entries.v[s.v[i]], t, &err);
		found += !rc;
		if (rc == PROF_EUNSUPPORTED) /* a profile: it tells nothing of the collector */
			rc = 0;
		else if (rc)
			rc = prof_fail(e, rc, err.offset, "%s", err.msg);
	}
	if (!rc && !found)
		rc = prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"no trace or log of the collector matches \"%.120s\"", db + query_at);
	prof_selection_fini(&s);
	free(db);
	return rc;
}

/* The first of a trace's damages, and how many more there are. */
static int damage_of_trace(struct prof_store *s, const struct prof_buf *summary,
	struct prof_buf *line, struct prof_err *e)
{
	struct prof_trace *t;
	int rc = prof_trace_kept_decode(summary->p, summary->n, &s->limits, &t, e);

	if (rc)
		return rc;
	if (t->damage.n)
		prof_buf_printf(line, "offset %lld: %s", (long long)t->damage.v[0].offset,
			t->damage.v[0].what);
	if (t->damage.n > 1)
		prof_buf_printf(line, " (and %zu more)", t->damage.n - 1);
	prof_trace_free(t);
	return 0;
}

/* What is damaged in an entry, as a line; empty: nothing is. */
static int damage_of(
	struct prof_store *s, int64_t profile, struct prof_buf *line, struct prof_err *e)
{
	struct prof_mem mem = {.limit = SIZE_MAX / 2};
	struct prof_err none = {0};
	struct prof_capture c = {0};
	struct prof_strtab strings;
	struct prof_str text = PROF_STR("");
	struct prof_buf b;
	bool trace;
	int rc = prof_strtab_init(&strings, &mem, e);

	prof_buf_init(&b, NULL, NULL);
	if (!rc)
		rc = prof_capture_find(s, profile, &strings, &c, e);
	trace = prof_str_eq(c.kind, PROF_STR("trace"));
	if (rc > 0 && c.damages) {
		rc = prof_capture_get(s, profile,
			trace ? PROF_CAPTURE_SUMMARY : PROF_CAPTURE_GOROUTINES, &b, &none);
		if (rc == PROF_EUNSUPPORTED) /* a log: it tells itself of its lines */
			rc = 0;
		else if (rc)
			rc = prof_fail(e, rc, none.offset, "%s", none.msg);
		else if (trace)
			rc = damage_of_trace(s, &b, line, e);
		else if (!(rc = prof_goroutines_damage(b.p, b.n, &text, e)))
			prof_buf_put(line, text.p, text.len);
	}
	prof_buf_fini(&b);
	prof_strtab_fini(&strings);
	return rc < 0 ? rc : line->code ? prof_nomem(e) : 0;
}

int prof_selection_damage(const struct prof_selection *s, size_t first, size_t n,
	struct prof_profile *p, struct prof_err *e)
{
	struct prof_buf line;
	bool has;
	int rc = prof_capture_has(s->store, &has, e);

	prof_buf_init(&line, NULL, NULL);
	for (size_t i = first; !rc && has && !line.n && i < first + n; i++)
		rc = damage_of(s->store, s->catalog.entries.v[s->v[i]].id, &line, e);
	if (!rc && line.n)
		rc = prof_strtab_add(&p->strings, line.p, line.n, &p->damage, e);
	prof_buf_fini(&line);
	return rc;
}

int prof_selection_goroutines(
	const struct prof_selection *s, size_t i, struct prof_goroutines **out, struct prof_err *e)
{
	const struct prof_entry *x = &s->catalog.entries.v[s->v[i]];
	struct prof_goroutines *g = calloc(1, sizeof(*g));
	struct prof_err none = {0};
	struct prof_buf b;
	int rc;

	if (!g)
		return prof_nomem(e);
	rc = prof_selection_load(s, i, &g->p, e);
	if (rc) {
		free(g);
		return rc;
	}
	prof_buf_init(&b, NULL, NULL);
	rc = prof_capture_get(s->store, x->id, PROF_CAPTURE_GOROUTINES, &b, &none);
	if (!rc)
		rc = prof_goroutines_decode(b.p, b.n, g, e);
	else if (rc == PROF_EUNSUPPORTED)
		rc = 0;
	else
		rc = prof_fail(e, rc, none.offset, "%s", none.msg);
	prof_buf_fini(&b);
	if (rc)
		prof_goroutines_free(g);
	else
		*out = g;
	return rc;
}
