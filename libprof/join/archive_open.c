#include "libprof/join/archive_open.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "libprof/store/lined.h"
#include "libprof/store/sum.h"

static bool is_database(const char *name, size_t len)
{
	static const char magic[16] = "SQLite format 3";
	char *path = malloc(len + 1), head[sizeof(magic)];
	struct stat st;
	bool is = false;
	FILE *f;

	if (!path)
		return false;
	memcpy(path, name, len);
	path[len] = '\0';
	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && (f = fopen(path, "rbe"))) {
		is = fread(head, 1, sizeof(head), f) == sizeof(head) &&
		     memcmp(head, magic, sizeof(head)) == 0;
		fclose(f);
	}
	free(path);
	return is;
}

size_t prof_query_at(const char *name)
{
	const char *colon = strchr(name, ':');
	struct stat st;

	if (!colon || stat(name, &st) == 0)
		return 0;
	for (; colon; colon = strchr(colon + 1, ':'))
		if (colon > name && is_database(name, (size_t)(colon - name)))
			return (size_t)(colon - name) + 1;
	return 0;
}

int prof_selection_of(struct prof_selection *s, struct prof_store *store, const char *query,
	bool some, struct prof_err *e)
{
	struct prof_query q = {0};
	int rc = prof_query_parse(&q, query ? query : "all", e);

	s->n = 0;
	s->v = NULL;
	s->store = store;
	if (!rc)
		rc = prof_catalog_read(&s->catalog, store->h, 0, store->limits.memory_bytes, e);
	if (!rc && !(s->v = calloc(s->catalog.entries.n + 1, sizeof(*s->v))))
		rc = prof_nomem(e);
	if (!rc)
		rc = prof_query_match(&q, &s->catalog, s->v, &s->n, e);
	prof_query_fini(&q);
	if (!rc && some && !s->n)
		rc = prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"no profile matches \"%.120s\"", query ? query : "all");
	return rc;
}

int prof_selection_open(struct prof_selection *s, const char *db, const char *query, bool some,
	const struct prof_limits *limits, struct prof_err *e)
{
	int rc;

	*s = (struct prof_selection){0};
	rc = prof_store_open(&s->store, db, PROF_DB_READ, false, limits, e);
	s->owns = true;
	return rc ? rc : prof_selection_of(s, s->store, query, some, e);
}

void prof_selection_fini(struct prof_selection *s)
{
	prof_catalog_fini(&s->catalog);
	free(s->v);
	if (s->owns)
		prof_store_close(s->store);
}

int prof_selection_load(
	const struct prof_selection *s, size_t i, struct prof_profile **out, struct prof_err *e)
{
	const struct prof_entry *x = &s->catalog.entries.v[s->v[i]];
	struct prof_profile *p;
	int rc = prof_store_load(s->store, x, &p, e);

	if (rc)
		return rc;
	if (!p->time_ns)
		p->time_ns = x->time_ns;
	rc = prof_selection_damage(s, i, 1, p, e);
	if (rc)
		prof_profile_free(p);
	else
		*out = p;
	return rc;
}

char *prof_split_query(const char *name, size_t query_at, struct prof_err *e)
{
	char *db = strdup(name);

	if (db)
		db[query_at - 1] = '\0';
	else
		prof_nomem(e);
	return db;
}

int prof_selection_named(struct prof_selection *s, const char *name, size_t query_at,
	const struct prof_limits *limits, struct prof_err *e)
{
	char *db = prof_split_query(name, query_at, e);
	int rc;

	*s = (struct prof_selection){0};
	if (!db)
		return PROF_ENOMEM;
	rc = prof_selection_open(s, db, db + query_at, true, limits, e);
	free(db);
	return rc;
}

int prof_archive_ids(const char *name, const struct prof_limits *limits, int64_t **ids, size_t *n,
	struct prof_err *e)
{
	size_t query_at = prof_query_at(name);
	struct prof_selection s;
	int rc;

	if (!query_at)
		return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET, "is not DB:QUERY");
	rc = prof_selection_named(&s, name, query_at, limits, e);
	if (!rc && !(*ids = calloc(s.n, sizeof(**ids))))
		rc = prof_nomem(e);
	for (size_t i = 0; !rc && i < s.n; i++)
		(*ids)[i] = s.catalog.entries.v[s.v[i]].id;
	*n = s.n;
	prof_selection_fini(&s);
	return rc;
}

static void free_list(struct prof_profile **list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		prof_profile_free(list[i]);
	free(list);
}

/* Several profiles of one service on their way to being one. */
struct merger {
	const struct prof_selection *s;
	struct prof_store_service *service;
	struct prof_err *e;
	struct prof_profile **list; /* what is to be combined */
	size_t n;
	struct prof_sum sum; /* of those before, where there are some */
	struct prof_str maps; /* of the sum */
};

static const struct prof_entry *entry(const struct prof_selection *s, size_t i)
{
	return &s->catalog.entries.v[s->v[i]];
}

/* Samples of profile i into *k, which is begun here; for the caller to end, also after an error. */
static int take(struct merger *m, size_t i, struct prof_packed *k)
{
	const struct prof_entry *x = entry(m->s, i);
	int rc;

	prof_packed_init(k, m->s->store->limits.memory_bytes);
	rc = prof_store_samples(m->s->store, x, m->service, k, m->e);
	if (!k->time_ns)
		k->time_ns = x->time_ns;
	if (!rc && (k->head >= m->service->dict.tables[PROF_HEAD].strs.n ||
			   k->maps >= m->service->dict.tables[PROF_MAPS].strs.n))
		rc = prof_fail(m->e, PROF_EFORMAT, PROF_NO_OFFSET,
			"is damaged: profile %lld: an id is out of range", (long long)x->id);
	return rc;
}

/* The sum becomes one of those to be combined. */
static int end_sum(struct merger *m)
{
	int rc = 0;

	if (m->sum.profiles)
		rc = prof_unpack(&m->service->dict, &m->sum.packed, &m->s->store->limits,
			&m->list[m->n], m->e);
	m->n += !rc && m->sum.profiles;
	prof_sum_fini(&m->sum);
	m->sum = (struct prof_sum){0};
	return rc;
}

/* Whether a profile can be added to the sum, so that a merge cannot tell. */
static bool goes_on(const struct merger *m, const struct prof_packed *k)
{
	const struct prof_packed *sum = &m->sum.packed;

	return m->sum.profiles && sum->build == k->build && sum->head == k->head &&
	       sum->maps == k->maps && sum->time_ns && k->time_ns;
}

/* Profiles of one build that follow one another are summed up first. The first profile of all stays
 * alone: so there are two to be combined, by the rules for that.
 */
static int merge_runs(struct merger *m)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < m->s->n; i++) {
		struct prof_packed k;

		rc = take(m, i, &k);
		if (!rc && (i < 2 || !goes_on(m, &k))) {
			rc = end_sum(m);
			prof_sum_init(&m->sum, &m->service->dict, m->s->store->limits.memory_bytes);
		}
		if (!rc)
			rc = prof_sum_add(&m->sum, &k, m->e);
		prof_packed_fini(&k);
	}
	return rc ? rc : end_sum(m);
}

/* All of them at once, where only functions count, or lines. *out NULL: they differ by more. */
static int merge_alike(struct merger *m, struct prof_lined *lines, struct prof_profile **out)
{
	const struct prof_dict *d = lines ? &lines->to : &m->service->dict;
	uint32_t *builds = calloc(m->s->n, sizeof(*builds));
	int rc = builds ? 0 : prof_nomem(m->e);
	bool alike = true;
	size_t n = 0;

	prof_sum_init(&m->sum, d, m->s->store->limits.memory_bytes);
	for (size_t i = 0; !rc && alike && i < m->s->n; i++) {
		struct prof_packed k;

		rc = take(m, i, &k);
		alike = !i || (k.head == m->sum.packed.head && k.time_ns && m->sum.packed.time_ns);
		if (!rc && alike && lines)
			rc = prof_lined_samples(lines, &k, m->e);
		if (!n || builds[n - 1] != k.build)
			builds[n++] = k.build;
		if (!rc && alike)
			rc = prof_sum_add(&m->sum, &k, m->e);
		prof_packed_fini(&k);
	}
	prof_sum_end(&m->sum);
	if (!rc && alike && !(lines && lines->unlike))
		rc = prof_unpack_functions(
			d, &m->sum.packed, builds, n, &m->s->store->limits, out, m->e);
	prof_sum_fini(&m->sum);
	m->sum = (struct prof_sum){0};
	free(builds);
	return rc;
}

static int merge_lines(struct merger *m, struct prof_profile **out)
{
	struct prof_lined x;
	int rc = prof_lined_init(&x, &m->service->dict, m->s->store->limits.memory_bytes, m->e);

	if (!rc)
		rc = merge_alike(m, &x, out);
	prof_lined_fini(&x);
	return rc;
}

static bool is_one_service(const struct prof_selection *s)
{
	for (size_t i = 1; i < s->n; i++)
		if (entry(s, i)->service_id != entry(s, 0)->service_id)
			return false;
	return s->n > 1;
}

int prof_selection_merge(const struct prof_selection *s, enum prof_granularity by,
	struct prof_profile **out, struct prof_err *e)
{
	struct merger m = {.s = s, .list = calloc(s->n + 1, sizeof(*m.list)), .e = e};
	bool one = is_one_service(s);
	int rc = m.list ? 0 : prof_nomem(e);

	*out = NULL;
	if (!rc && one)
		rc = prof_store_service(s->store, entry(s, 0)->service_id, &m.service, e);
	if (!rc && one && by == PROF_BY_LINE)
		rc = merge_lines(&m, out);
	else if (!rc && one && by != PROF_BY_ADDRESS)
		rc = merge_alike(&m, NULL, out);
	if (!rc && one && !*out)
		rc = merge_runs(&m);
	for (; !rc && !one && m.n < s->n; m.n += !rc)
		rc = prof_selection_load(s, m.n, &m.list[m.n], e);
	if (!rc && !*out)
		rc = prof_combine(m.list, m.n, NULL, 0, 0, 0, out, e);
	prof_sum_fini(&m.sum);
	if (m.list)
		free_list(m.list, m.n);
	return rc;
}

bool prof_selection_is_logs(const struct prof_selection *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (entry(s, i)->n_totals || !prof_str_eq(entry(s, i)->kind, PROF_STR("gctrace")))
			return false;
	return true;
}

static int refuse_logs(const struct prof_selection *s, struct prof_err *e)
{
	return prof_selection_is_logs(s)
		       ? prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET, "not a profile (GODEBUG log)")
		       : 0;
}

int prof_selection_profile(const char *name, size_t query_at, enum prof_granularity by,
	const struct prof_limits *limits, struct prof_profile **out, struct prof_err *e)
{
	struct prof_selection s;
	int rc = prof_selection_named(&s, name, query_at, limits, e);

	if (!rc)
		rc = refuse_logs(&s, e);
	if (!rc)
		rc = prof_selection_merge(&s, by, out, e);
	if (!rc && (rc = prof_selection_damage(&s, 0, s.n, *out, e)))
		prof_profile_free(*out);
	prof_selection_fini(&s);
	return rc;
}

int prof_archive_export(const char *db, const char *query, const struct prof_limits *limits,
	struct prof_profile **out, struct prof_err *e)
{
	struct prof_selection s;
	int rc = prof_selection_open(&s, db, query, true, limits, e);

	if (!rc && s.n > 1)
		rc = prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
			"%zu profiles match \"%.80s\", and one goes into a file", s.n, query);
	if (!rc)
		rc = refuse_logs(&s, e);
	if (!rc)
		rc = prof_store_load(s.store, &s.catalog.entries.v[s.v[0]], out, e);
	prof_selection_fini(&s);
	return rc;
}

static int write_raw(
	struct prof_store *s, int64_t id, prof_write_fn *write, void *ctx, struct prof_err *e)
{
	void *bytes;
	size_t n;
	int rc = prof_store_raw(s, id, &bytes, &n, e);

	if (!rc)
		return prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"the file of profile %lld was not kept (--keep-raw keeps it)",
			(long long)id);
	if (rc < 0)
		return rc;
	rc = write(ctx, bytes, n)
		     ? prof_fail(e, PROF_EIO, PROF_NO_OFFSET, "cannot write the output")
		     : 0;
	free(bytes);
	return rc;
}

int prof_archive_raw(
	const char *db, const char *query, prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct prof_selection s;
	int rc = prof_selection_open(&s, db, query, true, NULL, e);

	if (!rc && s.n > 1)
		rc = prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
			"%zu profiles match \"%.80s\", and one goes into a file", s.n, query);
	if (!rc)
		rc = write_raw(s.store, s.catalog.entries.v[s.v[0]].id, write, ctx, e);
	prof_selection_fini(&s);
	return rc;
}
