#include "libprof/join/archive_open.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

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
	int rc = prof_store_load(s->store, x, out, e);

	if (!rc && !(*out)->time_ns)
		(*out)->time_ns = x->time_ns;
	return rc;
}

/* "DB:QUERY" as two strings, which are one block. */
static char *split(const char *name, size_t query_at, struct prof_err *e)
{
	char *db = strdup(name);

	if (db)
		db[query_at - 1] = '\0';
	else
		prof_nomem(e);
	return db;
}

int prof_archive_ids(const char *name, const struct prof_limits *limits, int64_t **ids, size_t *n,
	struct prof_err *e)
{
	size_t query_at = prof_query_at(name);
	struct prof_selection s = {0};
	char *db;
	int rc;

	if (!query_at)
		return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET, "is not DB:QUERY");
	db = split(name, query_at, e);
	if (!db)
		return PROF_ENOMEM;
	rc = prof_selection_open(&s, db, db + query_at, true, limits, e);
	if (!rc && !(*ids = calloc(s.n, sizeof(**ids))))
		rc = prof_nomem(e);
	for (size_t i = 0; !rc && i < s.n; i++)
		(*ids)[i] = s.catalog.entries.v[s.v[i]].id;
	*n = s.n;
	prof_selection_fini(&s);
	free(db);
	return rc;
}

static void free_list(struct prof_profile **list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		prof_profile_free(list[i]);
	free(list);
}

int prof_selection_merge(
	const struct prof_selection *s, struct prof_profile **out, struct prof_err *e)
{
	struct prof_profile **list = calloc(s->n + 1, sizeof(*list));
	int rc = list ? 0 : prof_nomem(e);

	for (size_t i = 0; !rc && i < s->n; i++)
		rc = prof_selection_load(s, i, &list[i], e);
	if (!rc)
		rc = prof_combine(list, s->n, NULL, 0, 0, 0, out, e);
	if (list)
		free_list(list, s->n);
	return rc;
}

int prof_selection_profile(const char *name, size_t query_at, const struct prof_limits *limits,
	struct prof_profile **out, struct prof_err *e)
{
	char *db = split(name, query_at, e);
	struct prof_selection s;
	int rc;

	if (!db)
		return PROF_ENOMEM;
	rc = prof_selection_open(&s, db, db + query_at, true, limits, e);
	if (!rc)
		rc = prof_selection_merge(&s, out, e);
	prof_selection_fini(&s);
	free(db);
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
		rc = prof_store_load(s.store, &s.catalog.entries.v[s.v[0]], out, e);
	prof_selection_fini(&s);
	return rc;
}

static int write_raw(
	struct prof_store *s, int64_t id, prof_write_fn *write, void *ctx, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	struct prof_str bytes;
	int rc = prof_db_prepare(s->h, "SELECT data FROM raw WHERE profile = ?1", &q, e);

	if (!rc)
		sqlite3_bind_int64(q, 1, id);
	if (!rc)
		rc = prof_db_step(q, e);
	if (!rc)
		rc = prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"the file of profile %lld was not kept (--keep-raw keeps it)",
			(long long)id);
	if (rc > 0) {
		bytes = prof_db_str(q, 0);
		rc = write(ctx, bytes.p, bytes.len)
			     ? prof_fail(e, PROF_EIO, PROF_NO_OFFSET, "cannot write the output")
			     : 0;
	}
	sqlite3_finalize(q);
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
