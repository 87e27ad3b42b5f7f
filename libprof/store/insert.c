/* A profile's way in. */
#include "libprof/store/store.h"

#include "libprof/base/num.h"

enum { SPARE_BYTES = 512 }; /* what samples mostly take besides a byte each of their numbers */

void prof_store_item_fini(struct prof_store_item *item)
{
	prof_packed_fini(&item->packed);
	prof_buf_fini(&item->sealed);
}

static struct prof_str label(const struct prof_store_item *item, const char *key)
{
	for (size_t i = 0; i < item->n_labels; i++)
		if (prof_str_eq(item->labels[i].key, prof_str_of(key)))
			return item->labels[i].value;
	return PROF_STR("");
}

/* The kind is kept in the service's dictionary: the profile goes before the row is written. */
static int keep_kind(struct prof_store_item *item, const struct prof_profile *p, struct prof_err *e)
{
	struct prof_str kind = item->kind.len ? item->kind : prof_store_kind(p);
	uint32_t id;
	int rc = prof_strtab_add(&item->service->names, kind.p, kind.len, &id, e);

	if (!rc)
		item->kind = prof_strtab_get(&item->service->names, id);
	return rc;
}

int prof_store_pack(struct prof_store *s, struct prof_store_item *item, struct prof_profile *p,
	struct prof_err *e)
{
	struct prof_str name = label(item, "service"), build = label(item, "build");
	struct prof_str file = PROF_STR(""), build_id = PROF_STR("");
	uint32_t place;
	int rc;

	if (p->mappings.n) {
		file = prof_profile_str(p, p->mappings.v[0].file);
		build_id = prof_profile_str(p, p->mappings.v[0].build_id);
	}
	if (!name.len && file.len)
		name = prof_str_base(file);
	if (!build.len)
		build = label(item, "rev");
	prof_packed_init(&item->packed, s->limits.memory_bytes);
	prof_buf_init(&item->sealed, NULL, NULL);
	if ((rc = prof_store_new_service(s, name, &item->service, e)) ||
		(rc = prof_store_new_build(s, item->service, file, build_id,
			 build_id.len ? PROF_STR("") : build, &place, e)) ||
		(rc = keep_kind(item, p, e)) ||
		(rc = prof_pack(&item->service->dict, place, p, &item->packed, e)))
		return rc;
	if (!item->time_ns)
		item->time_ns = p->time_ns;
	item->by_time = item->by_time && !p->time_ns;
	return prof_samples_sizes(&item->service->dict, &item->packed, e);
}

int prof_store_seal(struct prof_store_item *item, struct prof_sealer *sealer, struct prof_err *e)
{
	const struct prof_seal_context context = prof_store_sample_context(item->packed.build);
	struct prof_buf raw;
	int rc;

	prof_buf_init(&raw, NULL, NULL);
	prof_buf_room(&raw, item->packed.nodes.n * (2 + item->packed.values.n) + SPARE_BYTES);
	rc = prof_samples_encode(
		&item->packed, item->keep_order, item->file_bytes, &raw, item->content, e);
	if (!rc)
		rc = prof_seal(sealer, &context, raw.p, raw.n, &item->sealed, e);
	prof_buf_fini(&raw);
	return rc;
}

/* The row, with its totals and labels, in a catalog of its own. */
static int describe(const struct prof_store *s, const struct prof_store_item *item,
	struct prof_catalog *c, struct prof_entry *x, struct prof_err *e)
{
	const struct prof_packed *k = &item->packed;
	const struct prof_store_build *b = &item->service->builds.v[k->build];
	struct prof_rd r = prof_dict_read(&item->service->dict, PROF_HEAD, k->head);
	int rc;

	*x = (struct prof_entry){.id = s->next_id,
		.service_id = item->service->id,
		.build_row = b->row,
		.build = k->build,
		.time_ns = item->time_ns,
		.duration_ns = k->duration_ns,
		.period = k->period,
		.samples = (int64_t)k->nodes.n,
		.file_bytes = (int64_t)item->file_bytes,
		.sorted = k->sorted,
		.sample_crc = prof_sealed_crc(item->sealed.p, item->sealed.n),
		.service = item->service->name,
		.kind = item->kind,
		.source = item->source,
		.binary = b->file,
		.build_id = b->build_id,
		.build_label = b->label,
		.n_labels = item->n_labels,
		.n_totals = k->values.n};
	*c = (struct prof_catalog){.mem = {.limit = SIZE_MAX / 2}};
	if ((rc = prof_vec_reserve(&c->mem, &c->labels, item->n_labels, e)) ||
		(rc = prof_vec_reserve(&c->mem, &c->totals, k->values.n, e)))
		return rc;
	for (size_t i = 0; i < item->n_labels; i++)
		c->labels.v[c->labels.n++] = item->labels[i];
	prof_rd_uvarint(&r);
	for (size_t t = 0; t < k->values.n; t++) {
		struct prof_entry_total *total = &c->totals.v[c->totals.n++];

		total->type = prof_dict_str(&item->service->dict, (uint32_t)prof_rd_uvarint(&r));
		total->unit = prof_dict_str(&item->service->dict, (uint32_t)prof_rd_uvarint(&r));
		total->value = 0;
		for (size_t i = 0; i < k->values.v[t].n; i++)
			total->value = prof_add(total->value, k->values.v[t].v[i]);
	}
	return 0;
}

static int insert_row(struct prof_store *s, const struct prof_catalog *c,
	const struct prof_entry *x, struct prof_err *e)
{
	sqlite3_stmt *q;
	int rc = prof_store_statement(s, PROF_INSERT_PROFILE, &q, e);

	if (rc)
		return rc;
	sqlite3_bind_int64(q, 1, x->id);
	sqlite3_bind_int64(q, 2, x->service_id);
	sqlite3_bind_int64(q, 3, x->build_row);
	prof_db_bind_str(q, 4, x->kind);
	sqlite3_bind_int64(q, 5, x->time_ns);
	sqlite3_bind_int64(q, 6, x->duration_ns);
	sqlite3_bind_int64(q, 7, x->period);
	sqlite3_bind_int64(q, 8, x->samples);
	sqlite3_bind_int64(q, 9, x->file_bytes);
	prof_db_bind_str(q, 10, x->source);
	sqlite3_bind_int64(q, 11, x->sorted);
	sqlite3_bind_int64(q, 12, x->sample_crc);
	sqlite3_bind_int64(q, 13, prof_catalog_checksum(c, x));
	return prof_db_run(q, e);
}

static int insert_totals(struct prof_store *s, const struct prof_catalog *c,
	const struct prof_entry *x, struct prof_err *e)
{
	sqlite3_stmt *q;
	int rc = prof_store_statement(s, PROF_INSERT_TOTAL, &q, e);

	for (size_t t = 0; !rc && t < c->totals.n; t++) {
		sqlite3_bind_int64(q, 1, x->id);
		sqlite3_bind_int64(q, 2, (int64_t)t);
		prof_db_bind_str(q, 3, c->totals.v[t].type);
		prof_db_bind_str(q, 4, c->totals.v[t].unit);
		sqlite3_bind_int64(q, 5, c->totals.v[t].value);
		rc = prof_db_run(q, e);
	}
	return rc;
}

/* label.id, of one that is made where there is none. */
static int label_id(
	struct prof_store *s, const struct prof_entry_label *l, int64_t *id, struct prof_err *e)
{
	sqlite3_stmt *find, *insert;
	int rc = prof_store_statement(s, PROF_FIND_LABEL, &find, e);

	if (rc)
		return rc;
	prof_db_bind_str(find, 1, l->key);
	prof_db_bind_str(find, 2, l->value);
	rc = prof_db_step(find, e);
	if (rc > 0)
		*id = sqlite3_column_int64(find, 0);
	sqlite3_reset(find);
	if (rc)
		return rc < 0 ? rc : 0;
	if ((rc = prof_store_statement(s, PROF_INSERT_LABEL, &insert, e)))
		return rc;
	prof_db_bind_str(insert, 1, l->key);
	prof_db_bind_str(insert, 2, l->value);
	rc = prof_db_run(insert, e);
	*id = sqlite3_last_insert_rowid(s->h);
	return rc;
}

int prof_store_insert_labels(struct prof_store *s, int64_t profile,
	const struct prof_entry_label *labels, size_t n, struct prof_err *e)
{
	sqlite3_stmt *q;
	int rc = prof_store_statement(s, PROF_INSERT_PROFILE_LABEL, &q, e);

	for (size_t i = 0; !rc && i < n; i++) {
		int64_t id = 0;

		rc = label_id(s, &labels[i], &id, e);
		if (rc)
			break;
		sqlite3_bind_int64(q, 1, profile);
		sqlite3_bind_int64(q, 2, id);
		rc = prof_db_run(q, e);
	}
	return rc;
}

static int insert_blob(struct prof_store *s, enum prof_store_statement which, int64_t id,
	const char *p, size_t n, struct prof_err *e)
{
	sqlite3_stmt *q;
	int rc = prof_store_statement(s, which, &q, e);

	if (rc)
		return rc;
	sqlite3_bind_int64(q, 1, id);
	sqlite3_bind_blob64(q, 2, p, n, SQLITE_STATIC);
	return prof_db_run(q, e);
}

static int insert_all(struct prof_store *s, const struct prof_store_item *item,
	const struct prof_catalog *c, const struct prof_entry *x, struct prof_err *e)
{
	int rc;

	if ((rc = insert_row(s, c, x, e)) || (rc = insert_totals(s, c, x, e)) ||
		(rc = prof_store_insert_labels(s, x->id, item->labels, item->n_labels, e)) ||
		(item->sha256 && (rc = prof_store_insert_digest(
					  s, item->sha256, x->time_ns, x->id, false, e))) ||
		(rc = insert_blob(s, PROF_INSERT_SAMPLE, x->id, item->sealed.p, item->sealed.n, e)))
		return rc;
	return item->raw.len ? insert_blob(s, PROF_INSERT_RAW, x->id, item->raw.p, item->raw.len, e)
			     : 0;
}

int prof_store_insert(struct prof_store *s, struct prof_store_item *item, struct prof_err *e)
{
	struct prof_catalog c;
	struct prof_entry x;
	int rc = prof_store_find(s, item->content, prof_store_told(item), &item->id, e);

	if (rc)
		return rc;
	item->known = item->id != 0;
	if (item->known) /* other bytes that say the same: told by the file next time */
		return item->sha256 ? prof_store_insert_digest(
					      s, item->sha256, item->time_ns, item->id, false, e)
				    : 0;
	rc = prof_store_insert_digest(s, item->content, item->time_ns, s->next_id, true, e);
	if (rc)
		return rc;
	rc = describe(s, item, &c, &x, e);
	if (!rc)
		rc = insert_all(s, item, &c, &x, e);
	prof_vec_fini(&c.mem, &c.labels);
	prof_vec_fini(&c.mem, &c.totals);
	if (rc)
		return rc;
	item->id = s->next_id++;
	item->service->added++;
	return 0;
}
