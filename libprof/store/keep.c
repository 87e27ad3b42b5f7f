/* What is done to an archive besides adding: labels change, profiles go. */
#include <stdlib.h>

#include "libprof/store/capture.h"

int prof_store_run(struct prof_store *s, const char *statement, int64_t a, int64_t b, int64_t c,
	struct prof_err *e)
{
	const int64_t values[] = {a, b, c};
	sqlite3_stmt *q = NULL;
	int rc = prof_db_prepare(s->h, statement, &q, e);

	for (int i = 0; !rc && i < sqlite3_bind_parameter_count(q) && i < 3; i++)
		sqlite3_bind_int64(q, i + 1, values[i]);
	if (!rc)
		rc = prof_db_run(q, e);
	sqlite3_finalize(q);
	return rc;
}

static int save_checksum(struct prof_store *s, const struct prof_catalog *c,
	const struct prof_entry *x, struct prof_err *e)
{
	return prof_store_run(s, "UPDATE profile SET checksum = ?1 WHERE id = ?2",
		prof_catalog_checksum(c, x), x->id, 0, e);
}

/* The entry's labels with `set` applied, behind all of c->labels. */
static int merge_labels(struct prof_catalog *c, struct prof_entry *x,
	const struct prof_entry_label *set, size_t n, struct prof_err *e)
{
	size_t first = c->labels.n, i = 0, k = 0;
	int rc = prof_vec_reserve(&c->mem, &c->labels, x->n_labels + n, e);

	if (rc)
		return rc;
	while (i < x->n_labels || k < n) {
		const struct prof_entry_label *old = &c->labels.v[x->first_label + i];
		int order = i == x->n_labels ? 1 : k == n ? -1 : prof_str_cmp(old->key, set[k].key);

		if (order < 0)
			c->labels.v[c->labels.n++] = *old;
		else if (set[k].value.len)
			c->labels.v[c->labels.n++] = set[k];
		i += order <= 0;
		k += order >= 0;
	}
	x->first_label = first;
	x->n_labels = c->labels.n - first;
	return 0;
}

int prof_store_tag(struct prof_store *s, int64_t id, const struct prof_entry_label *set, size_t n,
	struct prof_err *e)
{
	struct prof_catalog c;
	struct prof_entry *x;
	int rc = prof_catalog_read(&c, s->h, id, s->limits.memory_bytes, e);

	if (!rc && !c.entries.n)
		rc = prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET, "no profile has the id %lld",
			(long long)id);
	x = c.entries.v;
	if (rc || (rc = merge_labels(&c, x, set, n, e)) ||
		(rc = prof_store_run(
			 s, "DELETE FROM profile_label WHERE profile = ?1", id, 0, 0, e)) ||
		(rc = prof_store_insert_labels(s, id, c.labels.v + x->first_label, x->n_labels, e)))
		goto out;
	rc = save_checksum(s, &c, x, e);
out:
	prof_catalog_fini(&c);
	return rc;
}

int prof_store_tidy_labels(struct prof_store *s, struct prof_err *e)
{
	return prof_store_run(s,
		"DELETE FROM label WHERE id NOT IN (SELECT label FROM profile_label)", 0, 0, 0, e);
}

/* A profile that stays, on its way from the old dictionaries to the new ones. */
struct move {
	struct prof_store *s;
	struct prof_catalog *c;
	struct prof_store_service *old, *new;
	struct prof_err *e;
};

static int update(struct move *m, struct prof_entry *x, const struct prof_buf *sealed,
	const uint8_t content[32])
{
	sqlite3_stmt *q = NULL;
	int rc = prof_db_prepare(
		m->s->h, "UPDATE sample SET data = ?1 WHERE profile = ?2", &q, m->e);

	if (rc)
		return rc;
	sqlite3_bind_blob64(q, 1, sealed->p, sealed->n, SQLITE_STATIC);
	sqlite3_bind_int64(q, 2, x->id);
	rc = prof_db_run(q, m->e);
	sqlite3_finalize(q);
	if (rc ||
		(rc = prof_store_run(m->s,
			 "UPDATE profile SET build = ?1, sample_crc = ?2 WHERE id = ?3",
			 x->build_row, x->sample_crc, x->id, m->e)) ||
		(rc = prof_store_insert_digest(m->s, content, x->time_ns, x->id, true, m->e)))
		return rc;
	return save_checksum(m->s, m->c, x, m->e);
}

static int pack_again(struct move *m, struct prof_entry *x, struct prof_profile *p)
{
	struct prof_store_item item = {.file_bytes = (uint64_t)x->file_bytes,
		.keep_order = x->sorted ? PROF_ORDER_CHEAP : PROF_ORDER_ALWAYS,
		.service = m->new};
	int rc;

	prof_packed_init(&item.packed, m->s->limits.memory_bytes);
	prof_buf_init(&item.sealed, NULL, NULL);
	rc = prof_store_new_build(
		m->s, m->new, x->binary, x->build_id, x->build_label, &x->build, m->e);
	if (!rc)
		rc = prof_pack(&m->new->dict, x->build, p, &item.packed, m->e);
	if (!rc)
		rc = prof_samples_sizes(&m->new->dict, &item.packed, m->e);
	if (!rc)
		rc = prof_store_seal(&item, &m->s->sealer, m->e);
	if (!rc)
		rc = prof_capture_digest(m->s, x->id, item.content, m->e);
	if (!rc) {
		x->build_row = m->new->builds.v[x->build].row;
		x->sample_crc = prof_sealed_crc(item.sealed.p, item.sealed.n);
		rc = update(m, x, &item.sealed, item.content);
	}
	prof_store_item_fini(&item);
	return rc;
}

static int move(struct move *m, struct prof_entry *x)
{
	struct prof_packed k;
	struct prof_profile *p;
	int rc;

	prof_packed_init(&k, m->s->limits.memory_bytes);
	rc = prof_store_samples(m->s, x, m->old, &k, m->e);
	if (!rc)
		rc = prof_unpack(&m->old->dict, &k, &m->s->limits, &p, m->e);
	if (!rc) {
		rc = pack_again(m, x, p);
		prof_profile_free(p);
	}
	prof_packed_fini(&k);
	return rc;
}

/* Packs what is left of a service anew; its profiles have no digests of their content. */
static int rebuild(
	struct prof_store *s, struct prof_catalog *c, int64_t service, struct prof_err *e)
{
	struct move m = {.s = s, .c = c, .e = e};
	int64_t left = 0;
	int rc;

	if ((rc = prof_store_service(s, service, &m.old, e)) ||
		(rc = prof_store_renew_service(s, m.old, &m.new, e)))
		return rc;
	if ((rc = prof_store_run(s, "DELETE FROM page WHERE service = ?1", service, 0, 0, e)) ||
		(rc = prof_store_run(s, "DELETE FROM build WHERE service = ?1", service, 0, 0, e)))
		goto out;
	for (size_t i = 0; !rc && i < c->entries.n; i++) {
		if (c->entries.v[i].service_id != service)
			continue;
		rc = move(&m, &c->entries.v[i]);
		left++;
	}
	m.new->added = left; /* which the commit counts, from 0 */
	if (!rc && !left)
		rc = prof_store_run(s, "DELETE FROM service WHERE id = ?1", service, 0, 0, e);
out:
	prof_store_free_service(s, m.old);
	return rc;
}

static int remove_rows(struct prof_store *s, const struct prof_entry *x, struct prof_err *e)
{
	static const char *const statements[] = {"DELETE FROM profile WHERE id = ?1",
		"DELETE FROM total WHERE profile = ?1",
		"DELETE FROM profile_label WHERE profile = ?1",
		"DELETE FROM sample WHERE profile = ?1", "DELETE FROM raw WHERE profile = ?1",
		"UPDATE service SET profiles = profiles - 1 WHERE id = ?2"};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(statements) / sizeof(statements[0]); i++)
		rc = prof_store_run(s, statements[i], x->id, x->service_id, 0, e);
	return rc ? rc : prof_capture_remove(s, x->id, e);
}

static int by_number(const void *a, const void *b)
{
	const int64_t *p = a, *q = b;

	return (*p > *q) - (*p < *q);
}

/* The services of entries, each once; the caller frees them. */
static int services_of(const struct prof_catalog *c, const uint32_t *places, size_t n,
	int64_t **out, size_t *n_out, struct prof_err *e)
{
	int64_t *v = calloc(n + 1, sizeof(*v));

	*out = v;
	*n_out = 0;
	if (!v)
		return prof_nomem(e);
	for (size_t i = 0; i < n; i++)
		v[i] = c->entries.v[places[i]].service_id;
	qsort(v, n, sizeof(*v), by_number);
	for (size_t i = 0; i < n; i++)
		if (!i || v[i] != v[i - 1])
			v[(*n_out)++] = v[i];
	return 0;
}

/* Digests of what is gone, and of the content of what will be packed anew: the whole table is gone
 * through once, as it has no other order than theirs.
 */
static int remove_digests(
	struct prof_store *s, const int64_t *services, size_t n, struct prof_err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++)
		rc = prof_store_run(
			s, "UPDATE service SET profiles = 0 WHERE id = ?1", services[i], 0, 0, e);
	return rc ? rc
		  : prof_store_run(s,
			    "DELETE FROM digest WHERE profile NOT IN (SELECT id FROM profile) OR "
			    "(content = 1 AND profile IN (SELECT profile.id FROM profile JOIN "
			    "service ON service.id = service WHERE profiles = 0))",
			    0, 0, 0, e);
}

int prof_store_remove(struct prof_store *s, const struct prof_catalog *c, const uint32_t *places,
	size_t n, struct prof_err *e)
{
	struct prof_catalog left = {0};
	int64_t *services;
	size_t n_services;
	int rc = services_of(c, places, n, &services, &n_services, e);

	for (size_t i = 0; !rc && i < n; i++)
		rc = remove_rows(s, &c->entries.v[places[i]], e);
	if (!rc)
		rc = prof_catalog_read(&left, s->h, 0, s->limits.memory_bytes, e);
	if (!rc)
		rc = remove_digests(s, services, n_services, e);
	for (size_t i = 0; !rc && i < n_services; i++)
		rc = rebuild(s, &left, services[i], e);
	if (!rc)
		rc = prof_store_tidy_labels(s, e);
	prof_catalog_fini(&left);
	free(services);
	return rc;
}
