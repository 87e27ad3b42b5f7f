/* What an archive has of captures. */
#include <nettle/sha2.h>
#include <stdio.h>

#include "libprof/store/capture.h"
#include "libprof/store/hists.h"
#include "libprof/store/timeline.h"

enum { INDEX_KEPT = 128 << 10 }; /* bytes of one at most */

bool prof_capture_of_row(sqlite3_stmt *q, struct prof_capture *out)
{
	*out = (struct prof_capture){.profile = sqlite3_column_int64(q, 0),
		.kind = prof_db_str(q, 1),
		.format = prof_db_str(q, 2),
		.complete = sqlite3_column_int64(q, 3) != 0,
		.damages = sqlite3_column_int64(q, 4),
		.rows = sqlite3_column_int64(q, 5),
		.sum = (uint64_t)sqlite3_column_int64(q, 6)};
	return prof_capture_checksum(out) == (uint32_t)sqlite3_column_int64(q, 7);
}

/* What a capture is told by, where its row is missing. */
static int has_data(struct prof_store *s, int64_t profile, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	int rc = prof_db_prepare(
		s->h, "SELECT 1 FROM capture_data WHERE profile = ?1 LIMIT 1", &q, e);

	if (rc)
		return rc;
	sqlite3_bind_int64(q, 1, profile);
	rc = prof_db_step(q, e);
	sqlite3_finalize(q);
	return rc;
}

static int lacks_row(int64_t profile, struct prof_err *e)
{
	return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
		"is damaged: capture %lld: its row is missing", (long long)profile);
}

int prof_capture_find(struct prof_store *s, int64_t profile, struct prof_strtab *strings,
	struct prof_capture *out, struct prof_err *e)
{
	struct prof_str *texts[] = {&out->kind, &out->format};
	sqlite3_stmt *q = NULL;
	bool has;
	int rc = prof_capture_has(s, &has, e);

	if (rc || !has)
		return rc;
	rc = prof_db_prepare(s->h, "SELECT * FROM capture WHERE profile = ?1", &q, e);
	if (rc)
		return rc;
	sqlite3_bind_int64(q, 1, profile);
	rc = prof_db_step(q, e);
	if (!rc && (rc = has_data(s, profile, e)) > 0)
		rc = lacks_row(profile, e);
	else if (rc > 0 && !prof_capture_of_row(q, out))
		rc = prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
			"is damaged: capture %lld: the checksum of its row is wrong",
			(long long)profile);
	for (int i = 0; rc > 0 && i < 2; i++) {
		uint32_t id = 0;
		int failed = prof_strtab_add(strings, texts[i]->p, texts[i]->len, &id, e);

		*texts[i] = prof_strtab_get(strings, id);
		rc = failed ? failed : rc;
	}
	if (rc <= 0) /* what it points to is the statement's */
		*out = (struct prof_capture){0};
	sqlite3_finalize(q);
	return rc;
}

int prof_capture_next(struct prof_store *s, int64_t after, int64_t *profile, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	bool has;
	int rc = prof_capture_has(s, &has, e);

	if (rc || !has)
		return rc;
	rc = prof_db_prepare(s->h,
		"SELECT (SELECT min(profile) FROM capture WHERE profile > ?1), "
		"(SELECT min(profile) FROM capture_data WHERE profile > ?1)",
		&q, e);
	if (rc)
		return rc;
	sqlite3_bind_int64(q, 1, after);
	rc = prof_db_step(q, e);
	if (rc > 0) {
		bool any = sqlite3_column_type(q, 0) != SQLITE_NULL;
		int64_t data = sqlite3_column_int64(q, 1);

		*profile = sqlite3_column_int64(q, 0);
		rc = any;
		if (sqlite3_column_type(q, 1) != SQLITE_NULL && (!any || data < *profile))
			rc = lacks_row(data, e);
		else if (any && *profile <= after)
			rc = prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
				"is damaged: captures are not in order");
	}
	sqlite3_finalize(q);
	return rc;
}

static const char *part_name(int64_t part)
{
	static const char *const names[] = {[PROF_CAPTURE_SUMMARY] = "summary",
		[PROF_CAPTURE_TIMELINE] = "timeline",
		[PROF_CAPTURE_GOROUTINES] = "goroutines",
		[PROF_CAPTURE_MOMENTS] = "moments",
		[PROF_CAPTURE_WAITS] = "waits",
		[PROF_CAPTURE_INDEX] = "index of its rows",
		[PROF_CAPTURE_TIMES] = "times of transitions",
		[PROF_CAPTURE_WHO] = "who is in transitions",
		[PROF_CAPTURE_STRINGS] = "strings"};

	if (part >= PROF_CAPTURE_ROWS && part - PROF_CAPTURE_ROWS < PROF_ROWS_TABLES)
		return prof_rows_tables[part - PROF_CAPTURE_ROWS].name;
	return part >= 0 && part <= PROF_CAPTURE_STRINGS ? names[part] : "an unknown part";
}

/* Puts its histograms back into a part, where they are apart. */
static int join_hists(const struct prof_mem *mem, struct prof_buf *part, struct prof_err *e)
{
	struct prof_buf apart;
	int rc;

	if (!prof_hists_are_apart(part->p, part->n))
		return 0;
	prof_buf_init(&apart, NULL, NULL);
	prof_buf_put(&apart, part->p, part->n);
	part->n = 0;
	rc = apart.code ? prof_nomem(e) : prof_hists_join(apart.p, apart.n, mem, part, e);
	prof_buf_fini(&apart);
	return rc;
}

int prof_capture_unseal(struct prof_store *s, int64_t profile, int64_t part, int64_t place,
	struct prof_str sealed, struct prof_buf *out, struct prof_err *e)
{
	const struct prof_seal_context context = prof_capture_context(profile, part, place);
	const struct prof_mem mem = {.limit = (size_t)s->limits.memory_bytes};
	struct prof_err err = {0};
	char from[48] = "";
	int rc = prof_unseal(&s->sealer, &context, sealed.p, sealed.len, &mem, out, &err);

	if (!rc && (part == PROF_CAPTURE_SUMMARY || part == PROF_CAPTURE_WAITS))
		rc = join_hists(&mem, out, &err);
	if (!rc)
		return 0;
	if (part > PROF_CAPTURE_INDEX)
		snprintf(from, sizeof(from), " from %lld on", (long long)place);
	return prof_unseal_fail(e, &err, "capture %lld: %s%s%s", (long long)profile,
		part >= PROF_CAPTURE_ROWS ? "rows of " : "", part_name(part), from);
}

/* The index of a capture is asked for with each of its tables: the last one stays at hand. */
static int unseal_index(struct prof_store *s, int64_t profile, struct prof_str sealed,
	struct prof_buf *out, struct prof_err *e)
{
	struct prof_buf *kept = &s->index_sealed;
	int rc;

	if (kept->n && s->index_profile == profile && kept->n == sealed.len &&
		!memcmp(kept->p, sealed.p, kept->n)) {
		out->n = 0;
		prof_buf_put(out, s->index.p, s->index.n);
		return out->code ? prof_nomem(e) : 0;
	}
	rc = prof_capture_unseal(s, profile, PROF_CAPTURE_INDEX, 0, sealed, out, e);
	kept->n = s->index.n = 0;
	if (rc || out->n > INDEX_KEPT)
		return rc;
	prof_buf_put(&s->index, out->p, out->n);
	if (!s->index.code)
		prof_buf_put(kept, sealed.p, sealed.len);
	s->index_profile = profile;
	return 0;
}

/* Whether a capture of that kind has a part in any case. */
static bool must_have(struct prof_str kind, enum prof_capture_part part)
{
	if (prof_str_eq(kind, PROF_STR("goroutines")))
		return part == PROF_CAPTURE_GOROUTINES;
	return part == PROF_CAPTURE_TIMELINE ||
	       (part == PROF_CAPTURE_SUMMARY && prof_str_eq(kind, PROF_STR("trace")));
}

/* There is no such part. */
static int no_part(
	struct prof_store *s, int64_t profile, enum prof_capture_part part, struct prof_err *e)
{
	struct prof_mem mem = {.limit = SIZE_MAX / 2};
	struct prof_capture c = {0};
	struct prof_strtab strings;
	bool missing = false;
	int rc = prof_strtab_init(&strings, &mem, e);

	if (!rc && (rc = prof_capture_find(s, profile, &strings, &c, e)) > 0)
		missing = must_have(c.kind, part);
	prof_strtab_fini(&strings);
	if (rc < 0)
		return rc;
	return missing ? prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
				 "is damaged: capture %lld lacks a part", (long long)profile)
		       : prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
				 "profile %lld is no capture of that kind", (long long)profile);
}

int prof_capture_get(struct prof_store *s, int64_t profile, enum prof_capture_part part,
	struct prof_buf *out, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	bool has;
	int rc = prof_capture_has(s, &has, e);

	if (!rc && has)
		rc = prof_db_prepare(s->h,
			"SELECT data FROM capture_data WHERE profile = ?1 AND part = ?2", &q, e);
	if (rc)
		return rc;
	sqlite3_bind_int64(q, 1, profile);
	sqlite3_bind_int64(q, 2, part);
	rc = q ? prof_db_step(q, e) : 0;
	if (!rc)
		rc = no_part(s, profile, part, e);
	else if (rc > 0)
		rc = prof_capture_unseal(s, profile, part, 0, prof_db_str(q, 0), out, e);
	sqlite3_finalize(q);
	return rc;
}

int prof_capture_blob(struct prof_store *s, int64_t profile, int64_t part, int64_t place,
	struct prof_buf *out, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	int rc = prof_db_prepare(s->h,
		"SELECT data FROM capture_data WHERE profile = ?1 AND part = ?2 AND place = ?3", &q,
		e);

	if (rc)
		return rc;
	sqlite3_bind_int64(q, 1, profile);
	sqlite3_bind_int64(q, 2, part);
	sqlite3_bind_int64(q, 3, place);
	rc = prof_db_step(q, e);
	if (rc > 0) {
		struct prof_str sealed = prof_db_str(q, 0);
		int failed = part == PROF_CAPTURE_INDEX
				     ? unseal_index(s, profile, sealed, out, e)
				     : prof_capture_unseal(s, profile, part, place, sealed, out, e);

		rc = failed ? failed : rc;
	}
	sqlite3_finalize(q);
	return rc;
}

int prof_capture_is_old(struct prof_store *s, bool *old, struct prof_err *e)
{
	int64_t version = 0;
	int rc = prof_db_int(s->h, "PRAGMA user_version", 0, &version, e);

	*old = version < PROF_DB_PAGES;
	return rc;
}

/* A timeline's bytes as they are kept now. */
static int encode_anew(struct prof_store *s, struct prof_buf *raw, struct prof_err *e)
{
	struct prof_timeline *t = prof_timeline_new(&s->limits, e);
	int rc;

	if (!t)
		return PROF_ENOMEM;
	rc = prof_timeline_decode(raw->p, raw->n, PROF_STR(""), t, e);
	raw->n = 0;
	if (!rc)
		prof_timeline_encode(t, raw);
	prof_timeline_free(t);
	return rc || !raw->code ? rc : prof_nomem(e);
}

int prof_capture_digest(
	struct prof_store *s, int64_t profile, uint8_t sha256[32], struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	struct sha256_ctx sha;
	struct prof_buf raw;
	bool has, any = false;
	int64_t version = 0;
	int rc = prof_capture_has(s, &has, e);

	if (!rc)
		rc = prof_db_int(s->h, "PRAGMA user_version", 0, &version, e);
	if (!rc && has)
		rc = prof_db_prepare(s->h,
			"SELECT part, data FROM capture_data WHERE profile = ?1 AND part < ?2 "
			"ORDER BY part",
			&q, e);
	if (rc || !has)
		return rc;
	sqlite3_bind_int64(q, 1, profile);
	sqlite3_bind_int64(q, 2, PROF_CAPTURE_PARTS);
	prof_buf_init(&raw, NULL, NULL);
	sha256_init(&sha);
	sha256_update(&sha, 32, sha256);
	while ((rc = prof_db_step(q, e)) > 0) {
		int64_t part = sqlite3_column_int64(q, 0);

		rc = prof_capture_unseal(s, profile, part, 0, prof_db_str(q, 1), &raw, e);
		if (!rc && part == PROF_CAPTURE_TIMELINE && version == PROF_DB_VERSION &&
			!prof_timeline_is_new(raw.p, raw.n))
			rc = encode_anew(s, &raw, e);
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
