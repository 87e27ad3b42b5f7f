#include "libprof/store/capture.h"

static int digest(struct prof_store *s, const struct prof_entry *x, struct prof_packed *k,
	uint8_t sha256[32], struct prof_err *e)
{
	struct prof_store_service *service;
	int rc = prof_store_service(s, x->service_id, &service, e);

	if (!rc)
		rc = prof_store_samples(s, x, service, k, e);
	if (!rc)
		rc = prof_samples_sizes(&service->dict, k, e);
	if (!rc)
		rc = prof_samples_digest(k, sha256, e);
	return rc ? rc : prof_capture_digest(s, x->id, sha256, e);
}

/* One that is damaged has no digest from now on: verify tells, and it can be pruned. */
static int renew(struct prof_store *s, const struct prof_entry *x, struct prof_err *e)
{
	struct prof_err err = {0};
	struct prof_packed k;
	uint8_t sha256[32];
	int rc;

	prof_packed_init(&k, s->limits.memory_bytes);
	rc = digest(s, x, &k, sha256, &err);
	prof_packed_fini(&k);
	if (rc == PROF_EFORMAT)
		return 0;
	return rc ? prof_fail(e, rc, PROF_NO_OFFSET, "%s", err.msg)
		  : prof_store_insert_digest(s, sha256, x->time_ns, x->id, true, e);
}

/* Of the content of all profiles. */
int prof_store_renew_digests(struct prof_store *s, struct prof_err *e)
{
	struct prof_catalog c;
	int rc = prof_catalog_read(&c, s->h, 0, s->limits.memory_bytes, e);

	if (!rc)
		rc = prof_db_exec(s->h, "DELETE FROM digest WHERE content = 1", e);
	for (size_t i = 0; !rc && i < c.entries.n; i++)
		rc = renew(s, &c.entries.v[i], e);
	prof_catalog_fini(&c);
	return rc;
}

/* One profile's, if its row can be read. */
static int renew_one(struct prof_store *s, int64_t id, struct prof_err *e)
{
	struct prof_catalog c;
	struct prof_err err = {0};
	int rc = prof_catalog_read(&c, s->h, id, s->limits.memory_bytes, &err);

	if (rc)
		rc = rc == PROF_EFORMAT ? 0 : prof_fail(e, rc, PROF_NO_OFFSET, "%s", err.msg);
	else if (c.entries.n)
		rc = renew(s, &c.entries.v[0], e);
	prof_catalog_fini(&c);
	return rc;
}

int prof_store_renew_captures(struct prof_store *s, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	int rc = prof_db_exec(s->h,
		"DELETE FROM digest WHERE content = 1 AND profile IN (SELECT profile FROM capture)",
		e);

	if (!rc)
		rc = prof_db_prepare(s->h, "SELECT profile FROM capture ORDER BY profile", &q, e);
	while (!rc && (rc = prof_db_step(q, e)) > 0)
		rc = renew_one(s, sqlite3_column_int64(q, 0), e);
	sqlite3_finalize(q);
	return rc;
}
