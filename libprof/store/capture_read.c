/* What an archive has of captures. */
#include <nettle/sha2.h>

#include "libprof/store/capture.h"
#include "libprof/store/goroutines.h"

int prof_capture_find(struct prof_store *s, int64_t profile, struct prof_strtab *strings,
	struct prof_capture *out, struct prof_err *e)
{
	struct prof_str *texts[] = {&out->kind, &out->format};
	sqlite3_stmt *q = NULL;
	bool has;
	int rc = prof_capture_has(s, PROF_CAPTURE_TIMELINES, &has, e);

	if (rc || !has)
		return rc;
	rc = prof_db_prepare(s->h,
		"SELECT kind, format, complete, damages FROM capture WHERE profile = ?1", &q, e);
	if (rc)
		return rc;
	sqlite3_bind_int64(q, 1, profile);
	rc = prof_db_step(q, e);
	for (int i = 0; rc > 0 && i < 2; i++) {
		struct prof_str text = prof_db_str(q, i);
		uint32_t id;
		int failed = prof_strtab_add(strings, text.p, text.len, &id, e);

		*texts[i] = prof_strtab_get(strings, id);
		rc = failed ? failed : rc;
	}
	if (rc > 0) {
		out->profile = profile;
		out->complete = sqlite3_column_int64(q, 2) != 0;
		out->damages = sqlite3_column_int64(q, 3);
	}
	sqlite3_finalize(q);
	return rc;
}

static int unseal(struct prof_store *s, int64_t profile, int64_t part, struct prof_str sealed,
	struct prof_buf *out, struct prof_err *e)
{
	const struct prof_seal_context context = prof_capture_context(profile, part);
	const struct prof_mem mem = {.limit = (size_t)s->limits.memory_bytes};

	return prof_unseal(&s->sealer, &context, sealed.p, sealed.len, &mem, out, e);
}

int prof_capture_get(struct prof_store *s, int64_t profile, enum prof_capture_part part,
	struct prof_buf *out, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	bool has;
	int rc = prof_capture_has(s, PROF_CAPTURE_TIMELINES, &has, e);

	if (!rc && has)
		rc = prof_db_prepare(s->h,
			"SELECT data FROM capture_data WHERE profile = ?1 AND part = ?2", &q, e);
	if (rc)
		return rc;
	sqlite3_bind_int64(q, 1, profile);
	sqlite3_bind_int64(q, 2, part);
	rc = q ? prof_db_step(q, e) : 0;
	if (!rc)
		rc = prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"profile %lld is no capture of that kind", (long long)profile);
	else if (rc > 0)
		rc = unseal(s, profile, part, prof_db_str(q, 0), out, e);
	sqlite3_finalize(q);
	return rc;
}

int prof_capture_digest(
	struct prof_store *s, int64_t profile, uint8_t sha256[32], struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	struct sha256_ctx sha;
	struct prof_buf raw;
	bool has, any = false;
	int rc = prof_capture_has(s, PROF_CAPTURE_TIMELINES, &has, e);

	if (!rc && has)
		rc = prof_db_prepare(s->h,
			"SELECT part, data FROM capture_data WHERE profile = ?1 ORDER BY part", &q,
			e);
	if (rc || !has)
		return rc;
	sqlite3_bind_int64(q, 1, profile);
	prof_buf_init(&raw, NULL, NULL);
	sha256_init(&sha);
	sha256_update(&sha, 32, sha256);
	while ((rc = prof_db_step(q, e)) > 0) {
		rc = unseal(s, profile, sqlite3_column_int64(q, 0), prof_db_str(q, 1), &raw, e);
		if (rc)
			break;
		sha256_update(&sha, raw.n, (const uint8_t *)raw.p);
		any = true;
	}
	if (!rc && any)
		sha256_digest(&sha, 32, sha256);
	sqlite3_finalize(q);
	prof_buf_fini(&raw);
	return rc;
}

/* The first of a trace's damages, and how many more there are. */
static int damage_of_trace(
	struct prof_store *s, int64_t profile, struct prof_buf *out, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	int rc = prof_db_prepare(s->h,
		"SELECT damage.offset, coalesce(name.text, ''), (SELECT count(*) FROM damage WHERE "
		"profile = ?1) FROM damage LEFT JOIN name ON name.id = damage.what "
		"WHERE damage.profile = ?1 ORDER BY place LIMIT 1",
		&q, e);

	if (rc)
		return rc;
	sqlite3_bind_int64(q, 1, profile);
	rc = prof_db_step(q, e);
	if (rc > 0) {
		struct prof_str what = prof_db_str(q, 1);

		prof_buf_printf(out, "offset %lld: ", (long long)sqlite3_column_int64(q, 0));
		prof_buf_put(out, what.p, what.len);
		if (sqlite3_column_int64(q, 2) > 1)
			prof_buf_printf(
				out, " (and %lld more)", (long long)sqlite3_column_int64(q, 2) - 1);
	}
	sqlite3_finalize(q);
	return rc;
}

static int damage_of_dump(
	struct prof_store *s, int64_t profile, struct prof_buf *out, struct prof_err *e)
{
	struct prof_err none = {0};
	struct prof_str text;
	struct prof_buf b;
	int rc;

	prof_buf_init(&b, NULL, NULL);
	rc = prof_capture_get(s, profile, PROF_CAPTURE_GOROUTINES, &b, &none);
	if (rc == PROF_EUNSUPPORTED) {
		prof_buf_fini(&b);
		return 0;
	}
	rc = rc ? prof_fail(e, rc, none.offset, "%s", none.msg)
		: prof_goroutines_damage(b.p, b.n, &text, e);
	if (!rc)
		prof_buf_put(out, text.p, text.len);
	prof_buf_fini(&b);
	return rc ? rc : text.len > 0;
}

int prof_capture_damage(
	struct prof_store *s, int64_t profile, struct prof_buf *out, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	bool has, trace = false;
	int rc = prof_capture_has(s, PROF_CAPTURE_TIMELINES, &has, e);

	out->n = 0;
	if (rc || !has)
		return rc;
	rc = prof_db_prepare(
		s->h, "SELECT kind FROM capture WHERE profile = ?1 AND damages > 0", &q, e);
	if (rc)
		return rc;
	sqlite3_bind_int64(q, 1, profile);
	rc = prof_db_step(q, e);
	if (rc > 0)
		trace = prof_str_eq(prof_db_str(q, 0), PROF_STR("trace"));
	sqlite3_finalize(q);
	if (rc > 0)
		rc = trace ? damage_of_trace(s, profile, out, e)
			   : damage_of_dump(s, profile, out, e);
	return rc > 0 && out->code ? prof_nomem(e) : rc;
}
