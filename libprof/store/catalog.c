#include "libprof/store/catalog.h"

#include <zlib.h>

static uLong add_bytes(uLong crc, struct prof_str s)
{
	uint8_t len[4];

	for (unsigned i = 0; i < 4; i++)
		len[i] = (uint8_t)(s.len >> 8 * i);
	crc = crc32(crc, len, sizeof(len));
	return s.len ? crc32(crc, (const Bytef *)s.p, s.len) : crc;
}

static uLong add_int(uLong crc, int64_t v)
{
	uint8_t bytes[8];

	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (uint8_t)((uint64_t)v >> 8 * i);
	return crc32(crc, bytes, sizeof(bytes));
}

uint32_t prof_catalog_checksum(const struct prof_catalog *c, const struct prof_entry *x)
{
	const int64_t numbers[] = {x->id, x->service_id, x->build_row, x->build, x->time_ns,
		x->duration_ns, x->period, x->samples, x->file_bytes, x->sorted, x->sample_crc,
		(int64_t)x->n_totals, (int64_t)x->n_labels};
	const struct prof_str strings[] = {
		x->service, x->kind, x->source, x->binary, x->build_id, x->build_label};
	uLong crc = crc32(0, NULL, 0);

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		crc = add_int(crc, numbers[i]);
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		crc = add_bytes(crc, strings[i]);
	for (size_t i = 0; i < x->n_totals; i++) {
		const struct prof_entry_total *t = &c->totals.v[x->first_total + i];

		crc = add_int(add_bytes(add_bytes(crc, t->type), t->unit), t->value);
	}
	for (size_t i = 0; i < x->n_labels; i++) {
		const struct prof_entry_label *l = &c->labels.v[x->first_label + i];

		crc = add_bytes(add_bytes(crc, l->key), l->value);
	}
	return (uint32_t)crc;
}

static int keep(struct prof_catalog *c, sqlite3_stmt *s, int column, struct prof_str *out,
	struct prof_err *e)
{
	struct prof_str str = prof_db_str(s, column);
	uint32_t id;
	int rc = prof_strtab_add(&c->strings, str.p, str.len, &id, e);

	if (!rc)
		*out = prof_strtab_get(&c->strings, id);
	return rc;
}

/* The rows of one profile in total and in labels: statements whose ?1 is its id. */
static int read_totals(
	struct prof_catalog *c, sqlite3_stmt *s, struct prof_entry *x, struct prof_err *e)
{
	int rc;

	x->first_total = c->totals.n;
	sqlite3_bind_int64(s, 1, x->id);
	while ((rc = prof_db_step(s, e)) > 0) {
		struct prof_entry_total t = {.value = sqlite3_column_int64(s, 2)};

		if ((rc = prof_vec_reserve(&c->mem, &c->totals, 1, e)) ||
			(rc = keep(c, s, 0, &t.type, e)) || (rc = keep(c, s, 1, &t.unit, e)))
			break;
		c->totals.v[c->totals.n++] = t;
	}
	x->n_totals = c->totals.n - x->first_total;
	sqlite3_reset(s);
	return rc;
}

static int read_labels(
	struct prof_catalog *c, sqlite3_stmt *s, struct prof_entry *x, struct prof_err *e)
{
	int rc;

	x->first_label = c->labels.n;
	sqlite3_bind_int64(s, 1, x->id);
	while ((rc = prof_db_step(s, e)) > 0) {
		struct prof_entry_label l;

		if ((rc = prof_vec_reserve(&c->mem, &c->labels, 1, e)) ||
			(rc = keep(c, s, 0, &l.key, e)) || (rc = keep(c, s, 1, &l.value, e)))
			break;
		c->labels.v[c->labels.n++] = l;
	}
	x->n_labels = c->labels.n - x->first_label;
	sqlite3_reset(s);
	return rc;
}

static int read_entry(
	struct prof_catalog *c, sqlite3_stmt *s, struct prof_entry *x, struct prof_err *e)
{
	struct prof_str *strings[] = {
		&x->service, &x->kind, &x->source, &x->binary, &x->build_id, &x->build_label};
	int rc = 0;

	*x = (struct prof_entry){.id = sqlite3_column_int64(s, 0),
		.service_id = sqlite3_column_int64(s, 1),
		.build_row = sqlite3_column_int64(s, 2),
		.build = (uint32_t)sqlite3_column_int64(s, 3),
		.time_ns = sqlite3_column_int64(s, 4),
		.duration_ns = sqlite3_column_int64(s, 5),
		.period = sqlite3_column_int64(s, 6),
		.samples = sqlite3_column_int64(s, 7),
		.file_bytes = sqlite3_column_int64(s, 8),
		.sorted = sqlite3_column_int64(s, 9) != 0,
		.sample_crc = (uint32_t)sqlite3_column_int64(s, 11)};
	for (int i = 0; !rc && i < 6; i++)
		rc = keep(c, s, 12 + i, strings[i], e);
	for (int i = 12; !rc && i < 16; i += 3)
		if (sqlite3_column_type(s, i) == SQLITE_NULL)
			rc = prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
				"is damaged: the %s of profile %lld is missing",
				i == 12 ? "service" : "build", (long long)x->id);
	return rc;
}

static const char select_entries[] =
#include "sql/entries.inc"
	;
static const char select_totals[] =
	"SELECT type, unit, value FROM total WHERE profile = ?1 ORDER BY place";
static const char select_labels[] =
	"SELECT key, value FROM profile_label JOIN label ON label.id = label "
	"WHERE profile = ?1 ORDER BY key, value";

static int read_all(struct prof_catalog *c, sqlite3_stmt *const s[3], struct prof_err *e)
{
	int rc;

	while ((rc = prof_db_step(s[0], e)) > 0) {
		struct prof_entry x;

		if ((rc = prof_vec_reserve(&c->mem, &c->entries, 1, e)) ||
			(rc = read_entry(c, s[0], &x, e)) || (rc = read_totals(c, s[1], &x, e)) ||
			(rc = read_labels(c, s[2], &x, e)))
			return rc;
		if (prof_catalog_checksum(c, &x) != (uint32_t)sqlite3_column_int64(s[0], 10))
			return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
				"is damaged: profile %lld: the checksum of its row is wrong",
				(long long)x.id);
		c->entries.v[c->entries.n++] = x;
	}
	return rc;
}

/* A row that went missing takes its checksum along. */
int prof_catalog_check(sqlite3 *h, int64_t profiles, struct prof_err *e)
{
	int64_t n;
	int rc = prof_db_int(h, "SELECT sum(profiles) FROM service", 0, &n, e);

	if (!rc && n != profiles)
		return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
			"is damaged: it has %lld profiles, and should have %lld",
			(long long)profiles, (long long)n);
	return rc;
}

int prof_catalog_read(
	struct prof_catalog *c, sqlite3 *h, int64_t id, uint64_t memory_bytes, struct prof_err *e)
{
	sqlite3_stmt *s[3] = {NULL, NULL, NULL};
	int rc;

	*c = (struct prof_catalog){
		.mem = {.limit = memory_bytes > SIZE_MAX / 2 ? SIZE_MAX / 2
							     : (size_t)memory_bytes}};
	rc = prof_strtab_init(&c->strings, &c->mem, e);
	if (!rc && !(rc = prof_db_prepare(h, select_entries, &s[0], e)) &&
		!(rc = prof_db_prepare(h, select_totals, &s[1], e)) &&
		!(rc = prof_db_prepare(h, select_labels, &s[2], e))) {
		sqlite3_bind_int64(s[0], 1, id ? id : INT64_MIN);
		sqlite3_bind_int64(s[0], 2, id ? id : INT64_MAX);
		rc = read_all(c, s, e);
	}
	for (unsigned i = 0; i < 3; i++)
		sqlite3_finalize(s[i]);
	if (!rc && !id)
		rc = prof_catalog_check(h, (int64_t)c->entries.n, e);
	return rc;
}

void prof_catalog_fini(struct prof_catalog *c)
{
	prof_vec_fini(&c->mem, &c->entries);
	prof_vec_fini(&c->mem, &c->labels);
	prof_vec_fini(&c->mem, &c->totals);
	prof_strtab_fini(&c->strings);
}

const struct prof_str *prof_catalog_label(
	const struct prof_catalog *c, const struct prof_entry *x, struct prof_str key)
{
	for (size_t i = 0; i < x->n_labels; i++)
		if (prof_str_eq(c->labels.v[x->first_label + i].key, key))
			return &c->labels.v[x->first_label + i].value;
	return NULL;
}

struct prof_str prof_catalog_service(const struct prof_catalog *c, const struct prof_entry *x)
{
	const struct prof_str *label = prof_catalog_label(c, x, PROF_STR("service"));

	return label ? *label : x->service;
}
