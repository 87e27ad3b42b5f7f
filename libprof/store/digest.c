/* By what captures are known again: each has a row for its content, and one for each file it came
 * in. Of those that have no time of their own equal ones are different where they were told
 * different times; the first has the plain digest, and the others that of the digest and the time.
 */
#include <nettle/sha2.h>
#include <stdlib.h>

#include "libprof/store/capture.h"

static void with_time(const uint8_t sha256[32], int64_t time_ns, uint8_t out[32])
{
	struct sha256_ctx sha;
	uint8_t bytes[8];

	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)((uint64_t)time_ns >> 8 * i);
	sha256_init(&sha);
	sha256_update(&sha, 32, sha256);
	sha256_update(&sha, sizeof(bytes), bytes);
	sha256_digest(&sha, 32, out);
}

/* The profile of a row, and when it was taken; 0: there is none. */
static int find(struct prof_store *s, const uint8_t sha256[32], int64_t *id, int64_t *time_ns,
	struct prof_err *e)
{
	sqlite3_stmt *q;
	int rc = prof_store_statement(s, PROF_FIND_DIGEST, &q, e);

	if (rc)
		return rc;
	sqlite3_bind_blob(q, 1, sha256, 32, SQLITE_STATIC);
	rc = prof_db_step(q, e);
	if (rc >= 0) {
		*id = rc ? sqlite3_column_int64(q, 0) : 0;
		*time_ns = rc ? sqlite3_column_int64(q, 1) : 0;
	}
	sqlite3_reset(q);
	return rc < 0 ? rc : 0;
}

int64_t prof_store_told(const struct prof_store_item *item)
{
	return item->by_time ? item->time_ns : 0;
}

int prof_store_find(struct prof_store *s, const uint8_t sha256[32], int64_t told_ns, int64_t *id,
	struct prof_err *e)
{
	uint8_t both[32];
	int64_t time_ns;
	int rc;

	if (told_ns) {
		with_time(sha256, told_ns, both);
		rc = find(s, both, id, &time_ns, e);
		if (rc || *id)
			return rc;
	}
	rc = find(s, sha256, id, &time_ns, e);
	if (!rc && told_ns && time_ns != told_ns)
		*id = 0;
	return rc;
}

static int insert(struct prof_store *s, const uint8_t sha256[32], int64_t id, bool content,
	struct prof_err *e)
{
	sqlite3_stmt *q;
	int rc = prof_store_statement(s, PROF_INSERT_DIGEST, &q, e);

	if (rc)
		return rc;
	sqlite3_bind_blob(q, 1, sha256, 32, SQLITE_STATIC);
	sqlite3_bind_int64(q, 2, id);
	sqlite3_bind_int64(q, 3, content);
	return prof_db_run(q, e);
}

int prof_store_insert_digest(struct prof_store *s, const uint8_t sha256[32], int64_t time_ns,
	int64_t id, bool content, struct prof_err *e)
{
	uint8_t both[32];
	int64_t other, other_ns;
	int rc = insert(s, sha256, id, content, e);

	if (rc || sqlite3_changes(s->h))
		return rc;
	rc = find(s, sha256, &other, &other_ns, e);
	if (rc || other == id)
		return rc;
	with_time(sha256, time_ns, both);
	return insert(s, both, id, content, e);
}

/* Whether bytes have the digest that they were added with. */
static int check_raw(struct prof_store *s, int64_t profile, int64_t time_ns, struct prof_str bytes,
	struct prof_err *e)
{
	struct sha256_ctx sha;
	uint8_t digest[32];
	int64_t id;
	int rc;

	sha256_init(&sha);
	sha256_update(&sha, bytes.len, (const uint8_t *)bytes.p);
	sha256_digest(&sha, sizeof(digest), digest);
	rc = prof_store_find(s, digest, time_ns, &id, e);
	return !rc && id != profile ? prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
					      "is damaged: profile %lld: its file is not the one "
					      "that was added",
					      (long long)profile)
				    : rc;
}

int prof_store_raw(struct prof_store *s, int64_t profile, void **out, size_t *n, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	int rc = prof_db_prepare(s->h,
		"SELECT data, time_ns FROM raw JOIN profile ON id = profile WHERE profile = ?1", &q,
		e);

	if (rc)
		return rc;
	sqlite3_bind_int64(q, 1, profile);
	rc = prof_db_step(q, e);
	if (rc > 0) {
		struct prof_str bytes = prof_db_str(q, 0);
		int failed = check_raw(s, profile, sqlite3_column_int64(q, 1), bytes, e);

		*n = bytes.len;
		*out = failed ? NULL : malloc(bytes.len + 1);
		if (*out)
			memcpy(*out, bytes.p, bytes.len);
		else
			rc = failed ? failed : prof_nomem(e);
	}
	sqlite3_finalize(q);
	return rc;
}
