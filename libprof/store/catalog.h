/* The profiles of an archive without what they hold: their rows, labels and totals, read in one
 * pass and checked against each row's checksum.
 */
#ifndef PROF_STORE_CATALOG_H
#define PROF_STORE_CATALOG_H

#include "libprof/store/db.h"

struct prof_entry_label {
	struct prof_str key, value;
};

struct prof_entry_total {
	struct prof_str type, unit;
	int64_t value;
};

struct prof_entry {
	int64_t id, service_id, build_row; /* profile.id, service.id, build.id */
	int64_t time_ns, duration_ns, period, samples, file_bytes;
	struct prof_str service, kind, source, binary, build_id, build_label;
	uint32_t build; /* build.place */
	uint32_t sample_crc;
	bool sorted;
	size_t first_label, n_labels, first_total, n_totals;
};

struct prof_catalog {
	struct prof_mem mem;
	struct prof_strtab strings;
	PROF_VEC(struct prof_entry) entries; /* by id */
	PROF_VEC(struct prof_entry_label) labels; /* by key within an entry */
	PROF_VEC(struct prof_entry_total) totals; /* by place within an entry */
};

/* All profiles, or the one of that id (0: all). PROF_EFORMAT when a row is damaged or one is
 * missing.
 */
int prof_catalog_read(struct prof_catalog *c, sqlite3 *h, int64_t id, uint64_t memory_bytes,
	struct prof_err *e) PROF_CHECKED;
void prof_catalog_fini(struct prof_catalog *c);

/* Whether an archive has as many profiles as its services say: PROF_EFORMAT. */
int prof_catalog_check(sqlite3 *h, int64_t profiles, struct prof_err *e) PROF_CHECKED;

/* What profile.checksum is to be. */
uint32_t prof_catalog_checksum(const struct prof_catalog *c, const struct prof_entry *x);

/* The value of a label, or NULL. */
const struct prof_str *prof_catalog_label(
	const struct prof_catalog *c, const struct prof_entry *x, struct prof_str key);

/* What people call its service: the label "service", which may have been changed since the profile
 * went in, else the name of those that it shares its code with.
 */
struct prof_str prof_catalog_service(const struct prof_catalog *c, const struct prof_entry *x);

#endif
