#include "libprof/store/capture.h"

#include <stdlib.h>

static const char *const sql[PROF_STATEMENTS] = {
	[PROF_INSERT_PROFILE] =
		"INSERT INTO profile VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
		"?13)",
	[PROF_INSERT_TOTAL] = "INSERT INTO total VALUES(?1, ?2, ?3, ?4, ?5)",
	[PROF_INSERT_LABEL] = "INSERT INTO label(key, value) VALUES(?1, ?2)",
	[PROF_FIND_LABEL] = "SELECT id FROM label WHERE key = ?1 AND value = ?2",
	[PROF_INSERT_PROFILE_LABEL] = "INSERT OR IGNORE INTO profile_label VALUES(?1, ?2)",
	[PROF_INSERT_DIGEST] = "INSERT OR IGNORE INTO digest VALUES(?1, ?2, ?3)",
	[PROF_FIND_DIGEST] = "SELECT id, time_ns FROM digest JOIN profile ON id = digest.profile "
			     "WHERE sha256 = ?1",
	[PROF_INSERT_SAMPLE] = "INSERT INTO sample VALUES(?1, ?2)",
	[PROF_INSERT_RAW] = "INSERT INTO raw VALUES(?1, ?2)",
	[PROF_INSERT_PAGE] = "INSERT INTO page(entries, data, service, series, build, first) "
			     "VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
	[PROF_UPDATE_PAGE] = "UPDATE page SET entries = ?1, data = ?2 WHERE id = ?3",
	[PROF_FIND_SAMPLE] = "SELECT data FROM sample WHERE profile = ?1",
	[PROF_FIND_SERVICE] = "SELECT id FROM service WHERE name = ?1",
	[PROF_INSERT_SERVICE] = "INSERT INTO service(name, profiles) VALUES(?1, 0)",
	[PROF_COUNT_SERVICE] = "UPDATE service SET profiles = profiles + ?1 WHERE id = ?2",
	[PROF_INSERT_BUILD] = "INSERT INTO build(service, place, file, build_id, label) "
			      "VALUES(?1, ?2, ?3, ?4, ?5)",
};

int prof_store_statement(struct prof_store *s, enum prof_store_statement which, sqlite3_stmt **out,
	struct prof_err *e)
{
	int rc = 0;

	if (!s->statements[which])
		rc = prof_db_prepare(s->h, sql[which], &s->statements[which], e);
	*out = s->statements[which];
	return rc;
}

static struct prof_store *new_store(const struct prof_limits *limits, struct prof_err *e)
{
	struct prof_store *s = calloc(1, sizeof(*s));

	if (!s) {
		prof_nomem(e);
		return NULL;
	}
	if (limits)
		s->limits = *limits;
	else
		prof_limits_init(&s->limits);
	s->mem.limit = SIZE_MAX / 2;
	s->hard.effort = PROF_SEAL_HARD;
	s->tight.effort = PROF_SEAL_TIGHT;
	prof_buf_init(&s->index_sealed, NULL, NULL);
	prof_buf_init(&s->index, NULL, NULL);
	return s;
}

int prof_store_open(struct prof_store **out, const char *path, enum prof_db_mode mode,
	bool rollback, const struct prof_limits *limits, struct prof_err *e)
{
	struct prof_store *s = new_store(limits, e);
	int rc;

	if (!s)
		return PROF_ENOMEM;
	s->mode = mode;
	s->rollback = rollback;
	rc = prof_db_open(path, mode, rollback, &s->guard, &s->h, e);
	if (rc)
		prof_store_close(s);
	else
		*out = s;
	return rc;
}

int prof_store_borrow(
	struct prof_store **out, sqlite3 *h, const struct prof_limits *limits, struct prof_err *e)
{
	struct prof_store *s = new_store(limits, e);

	if (!s)
		return PROF_ENOMEM;
	s->h = h;
	s->borrowed = true;
	*out = s;
	return 0;
}

void prof_store_idle(struct prof_store *s)
{
	for (unsigned i = 0; i < PROF_STATEMENTS; i++) {
		sqlite3_finalize(s->statements[i]);
		s->statements[i] = NULL;
	}
}

void prof_store_close(struct prof_store *s)
{
	if (!s)
		return;
	prof_store_forget_services(s);
	prof_vec_fini(&s->mem, &s->services);
	prof_store_idle(s);
	prof_sealer_fini(&s->sealer);
	prof_sealer_fini(&s->hard);
	prof_sealer_fini(&s->tight);
	prof_buf_fini(&s->index_sealed);
	prof_buf_fini(&s->index);
	if (!s->borrowed)
		prof_db_close(s->h, s->mode);
	free(s);
}

/* Whoever comes at the same time waits, and finds an archive that is made or up to date. What is in
 * memory is what the file held when we last wrote: somebody else may have since. */
int prof_store_begin(struct prof_store *s, struct prof_err *e)
{
	int64_t version, from = 0;
	int rc;

	prof_db_guard_start(&s->guard);
	rc = s->batches++ ? prof_db_journal(s->h, s->rollback, e) : 0;

	if (!rc)
		rc = prof_db_exec(s->h, "BEGIN IMMEDIATE", e);
	if (!rc)
		rc = prof_db_update(s->h, &from, e);
	if (!rc)
		rc = prof_db_int(s->h, "PRAGMA data_version", 0, &version, e);
	if (!rc)
		rc = prof_db_int(s->h, "SELECT seq FROM sqlite_sequence WHERE name = 'profile'", 0,
			&s->next_id, e);
	if (rc)
		return rc;
	if (version != s->data_version)
		prof_store_forget_services(s);
	s->data_version = version;
	s->next_id++;
	if (from == PROF_DB_VERSION)
		return 0;
	rc = prof_capture_migrate(s, from, e);
	if (!rc && from == PROF_DB_PAGES)
		return prof_store_renew_captures(s, e);
	return rc || !from || from >= PROF_DB_PLAIN ? rc : prof_store_renew_digests(s, e);
}

int prof_store_commit(struct prof_store *s, struct prof_err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < s->services.n; i++)
		rc = prof_store_save_service(s, s->services.v[i], e);
	if (!rc)
		rc = prof_db_exec(s->h, "COMMIT", e);
	/* Where there is no room for a copy, what comes next takes the room that tables left. */
	if (!rc && s->shrinks && !prof_db_vacuum(s->h, NULL))
		s->shrinks = false;
	return rc;
}

void prof_store_rollback(struct prof_store *s)
{
	for (unsigned i = 0; i < PROF_STATEMENTS; i++)
		sqlite3_reset(s->statements[i]);
	sqlite3_exec(s->h, "ROLLBACK", NULL, NULL, NULL);
	prof_store_forget_services(s);
}

struct prof_seal_context prof_store_sample_context(uint32_t build)
{
	return (struct prof_seal_context){{build, 0, 0, 'S'}};
}

/* The row says which blob is its. */
static int unseal_samples(struct prof_store *s, const struct prof_entry *x, struct prof_str blob,
	const struct prof_mem *mem, struct prof_buf *raw, struct prof_err *e)
{
	const struct prof_seal_context context = prof_store_sample_context(x->build);
	struct prof_err err = {0};
	int rc;

	if (prof_sealed_crc(blob.p, blob.len) != x->sample_crc)
		return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
			"is damaged: profile %lld has other samples than it should",
			(long long)x->id);
	rc = prof_unseal(&s->sealer, &context, blob.p, blob.len, mem, raw, &err);
	return rc ? prof_unseal_fail(e, &err, "profile %lld: samples", (long long)x->id) : 0;
}

int prof_store_samples(struct prof_store *s, const struct prof_entry *x,
	struct prof_store_service *service, struct prof_packed *k, struct prof_err *e)
{
	sqlite3_stmt *q;
	struct prof_buf raw;
	int rc = prof_store_statement(s, PROF_FIND_SAMPLE, &q, e);

	if (rc)
		return rc;
	prof_buf_init(&raw, NULL, NULL);
	sqlite3_bind_int64(q, 1, x->id);
	rc = prof_db_step(q, e);
	if (!rc)
		rc = prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
			"is damaged: profile %lld has no samples", (long long)x->id);
	else if (rc > 0)
		rc = unseal_samples(s, x, prof_db_str(q, 0), &k->mem, &raw, e);
	sqlite3_reset(q);
	if (!rc)
		rc = prof_samples_decode(raw.p, raw.n, &service->dict, k, e);
	k->build = x->build;
	prof_buf_fini(&raw);
	return rc;
}

int prof_store_load(struct prof_store *s, const struct prof_entry *x, struct prof_profile **out,
	struct prof_err *e)
{
	struct prof_store_service *service;
	struct prof_packed k;
	int rc = prof_store_service(s, x->service_id, &service, e);

	if (rc)
		return rc;
	prof_packed_init(&k, s->limits.memory_bytes);
	rc = prof_store_samples(s, x, service, &k, e);
	if (!rc)
		rc = prof_unpack(&service->dict, &k, &s->limits, out, e);
	prof_packed_fini(&k);
	return rc;
}
