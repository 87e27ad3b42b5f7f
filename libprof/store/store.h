/* The archive: profiles go in, and come out again as they were (schema: sql/tables.sql).
 *
 *	prof_store_open(&s, path, PROF_DB_CREATE, rollback, &limits, e)
 *	prof_store_begin(s, e)
 *		prof_store_pack(s, &item, profile, e)	in the order of the files
 *		prof_store_seal(&item, sealer, e)	any thread, any order
 *		prof_store_insert(s, &item, e)		in the order of the files
 *	prof_store_commit(s, e)
 *
 * Between begin and commit nobody else writes. A profile that was packed but is not inserted does
 * no harm. After an error the transaction is to be given up: prof_store_rollback.
 */
#ifndef PROF_STORE_STORE_H
#define PROF_STORE_STORE_H

#include "libprof/store/catalog.h"
#include "libprof/store/samples.h"

/* How much of a series is in the file, and the last page of it, which may still grow. */
struct prof_store_series {
	size_t saved, tail_first;
	int64_t tail; /* page.id; 0: none, or it is full */
};

struct prof_store_build {
	int64_t row; /* build.id */
	struct prof_str file, build_id, label; /* in the service's `names` */
	struct prof_store_series series[PROF_SERIES]; /* the last two count */
};

/* A service that was looked at: its dictionaries are in memory. */
struct prof_store_service {
	int64_t id;
	struct prof_str name;
	struct prof_dict dict;
	struct prof_strtab names; /* of builds */
	PROF_VEC(struct prof_store_build) builds; /* as dict.builds */
	struct prof_store_series series[PROF_SERIES]; /* all but the last two */
	int64_t added; /* profiles since the last commit */
	bool lacks_builds; /* what belongs to one build is not loaded */
};

enum prof_store_statement {
	PROF_INSERT_PROFILE,
	PROF_INSERT_TOTAL,
	PROF_INSERT_LABEL,
	PROF_FIND_LABEL,
	PROF_INSERT_PROFILE_LABEL,
	PROF_INSERT_DIGEST,
	PROF_FIND_DIGEST,
	PROF_INSERT_SAMPLE,
	PROF_INSERT_RAW,
	PROF_INSERT_PAGE,
	PROF_UPDATE_PAGE,
	PROF_FIND_SAMPLE,
	PROF_FIND_SERVICE,
	PROF_INSERT_SERVICE,
	PROF_COUNT_SERVICE,
	PROF_INSERT_BUILD,
	PROF_STATEMENTS,
};

struct prof_store {
	sqlite3 *h;
	struct prof_db_guard guard; /* where h is ours */
	enum prof_db_mode mode;
	bool borrowed; /* h is not ours to close */
	bool rollback; /* writes with a rollback journal */
	size_t batches; /* begun */
	bool shrinks; /* with the next commit: an old archive's tables are gone */
	struct prof_limits limits;
	struct prof_mem mem;
	struct prof_sealer sealer, hard, tight; /* each of its effort; hard: seals captures */
	struct prof_buf index_sealed, index; /* of a capture, the last that was read, and */
	int64_t index_profile; /* … whose it is */
	PROF_VEC(struct prof_store_service *) services; /* those looked at */
	sqlite3_stmt *statements[PROF_STATEMENTS]; /* made when first used */
	int64_t next_id, data_version;
};

int prof_store_open(struct prof_store **out, const char *path, enum prof_db_mode mode,
	bool rollback, const struct prof_limits *limits, struct prof_err *e) PROF_CHECKED;

/* Reads through a connection that somebody else owns, and closes. */
int prof_store_borrow(struct prof_store **out, sqlite3 *h, const struct prof_limits *limits,
	struct prof_err *e) PROF_CHECKED;
void prof_store_close(struct prof_store *s);

/* Lets go of prepared statements, which keep a connection from being closed. */
void prof_store_idle(struct prof_store *s);

/* A profile on its way in. Strings are borrowed. */
struct prof_store_item {
	/* Set by the caller, all zero but for these: */
	struct prof_str source;
	uint64_t file_bytes;
	const uint8_t *sha256; /* of the file's bytes */
	const struct prof_entry_label *labels; /* keys differ; sorted by key */
	size_t n_labels;
	int64_t time_ns; /* that counts */
	bool by_time; /* equal ones of another time are others; not of profiles that have a time */
	struct prof_str kind; /* empty: found out */
	enum prof_keep_order keep_order;
	struct prof_str raw; /* the file, where it is to be kept; else empty */

	/* Filled on the way: */
	struct prof_store_service *service;
	struct prof_packed packed;
	struct prof_buf sealed;
	uint8_t content[32]; /* its digest */
	int64_t id; /* after prof_store_insert: of the profile, or of the one that it equals */
	bool known; /* after prof_store_insert: it was there already */
};

void prof_store_item_fini(struct prof_store_item *item);

/* Makes a new archive, and brings an older one up to date. */
int prof_store_begin(struct prof_store *s, struct prof_err *e) PROF_CHECKED;
int prof_store_pack(struct prof_store *s, struct prof_store_item *item, struct prof_profile *p,
	struct prof_err *e) PROF_CHECKED;
int prof_store_seal(
	struct prof_store_item *item, struct prof_sealer *sealer, struct prof_err *e) PROF_CHECKED;
int prof_store_insert(
	struct prof_store *s, struct prof_store_item *item, struct prof_err *e) PROF_CHECKED;
int prof_store_commit(struct prof_store *s, struct prof_err *e) PROF_CHECKED;
void prof_store_rollback(struct prof_store *s);

/* How many bytes the services that were looked at take in memory, but for the largest. Between
 * commit and begin they can be let go of: prof_store_forget_services.
 */
size_t prof_store_memory(const struct prof_store *s);

/* The profile with that digest, of a file's bytes or of its content; 0: none. With a time that was
 * told, 0 where it was not: only the one with that time.
 */
int prof_store_find(struct prof_store *s, const uint8_t sha256[32], int64_t told_ns, int64_t *id,
	struct prof_err *e) PROF_CHECKED;
int64_t prof_store_told(const struct prof_store_item *item); /* for prof_store_find */

/* The file that a profile came from, in memory to free: 1, or 0 where it was not kept. PROF_EFORMAT
 * where it is not what was added.
 */
int prof_store_raw(struct prof_store *s, int64_t profile, void **out, size_t *n,
	struct prof_err *e) PROF_CHECKED;

/* A service's dictionaries, by service.id. Stay until the store is closed or written to. */
int prof_store_service(struct prof_store *s, int64_t id, struct prof_store_service **out,
	struct prof_err *e) PROF_CHECKED;

/* The same for who asks for functions and stacks alone: lines and addresses, which builds have of
 * their own, are not loaded before somebody needs them.
 */
int prof_store_service_code(struct prof_store *s, int64_t id, struct prof_store_service **out,
	struct prof_err *e) PROF_CHECKED;

/* A profile's samples, into *k as prof_packed_init left it. */
int prof_store_samples(struct prof_store *s, const struct prof_entry *x,
	struct prof_store_service *service, struct prof_packed *k, struct prof_err *e) PROF_CHECKED;

/* The profile of a row of the catalog. */
int prof_store_load(struct prof_store *s, const struct prof_entry *x, struct prof_profile **out,
	struct prof_err *e) PROF_CHECKED;

/* "cpu", "heap" … as profile.kind has it. */
struct prof_str prof_store_kind(const struct prof_profile *p);

/* Changes the labels of a profile: `set` replaces or adds, an empty value takes away. Labels that
 * no profile has any more are there until prof_store_tidy_labels.
 */
int prof_store_tag(struct prof_store *s, int64_t id, const struct prof_entry_label *set, size_t n,
	struct prof_err *e) PROF_CHECKED;
int prof_store_tidy_labels(struct prof_store *s, struct prof_err *e) PROF_CHECKED;

/* Removes profiles, in a transaction: n places of c->entries, sorted. What nothing uses any more
 * goes, too; the rest is packed anew.
 */
int prof_store_remove(struct prof_store *s, const struct prof_catalog *c, const uint32_t *places,
	size_t n, struct prof_err *e) PROF_CHECKED;

/* Looks at everything: each blob, each row, and that they fit one another. `problem` takes a line
 * for each thing that is wrong; non-zero stops. < 0 only where it could not look at all.
 */
typedef int prof_store_problem_fn(void *ctx, const char *problem);
int prof_store_verify(struct prof_store *s, prof_store_problem_fn *problem, void *ctx,
	struct prof_err *e) PROF_CHECKED;

/* Behind the functions above. A failure as a line about the profile or capture of that id, which
 * the failure may name itself.
 */
void prof_store_problem_line(
	char *line, size_t size, const char *what, int64_t id, const char *failure);
int prof_store_renew_digests(struct prof_store *s, struct prof_err *e) PROF_CHECKED;
int prof_store_renew_captures(struct prof_store *s, struct prof_err *e) PROF_CHECKED; /* theirs */
int prof_store_statement(struct prof_store *s, enum prof_store_statement which, sqlite3_stmt **out,
	struct prof_err *e) PROF_CHECKED;
int prof_store_save_service(
	struct prof_store *s, struct prof_store_service *v, struct prof_err *e) PROF_CHECKED;
void prof_store_forget_services(struct prof_store *s);
int prof_store_new_service(struct prof_store *s, struct prof_str name,
	struct prof_store_service **out, struct prof_err *e) PROF_CHECKED;
int prof_store_new_build(struct prof_store *s, struct prof_store_service *v, struct prof_str file,
	struct prof_str build_id, struct prof_str label, uint32_t *build,
	struct prof_err *e) PROF_CHECKED;
/* Where another profile has the digest, that of it and the time. */
int prof_store_insert_digest(struct prof_store *s, const uint8_t sha256[32], int64_t time_ns,
	int64_t id, bool content, struct prof_err *e) PROF_CHECKED;
int prof_store_run(struct prof_store *s, const char *statement, int64_t a, int64_t b, int64_t c,
	struct prof_err *e) PROF_CHECKED;
void prof_store_free_service(struct prof_store *s, struct prof_store_service *v);
/* An empty one in the place of `old`, which is no longer the store's. */
int prof_store_renew_service(struct prof_store *s, struct prof_store_service *old,
	struct prof_store_service **out, struct prof_err *e) PROF_CHECKED;
int prof_store_insert_labels(struct prof_store *s, int64_t profile,
	const struct prof_entry_label *labels, size_t n, struct prof_err *e) PROF_CHECKED;
struct prof_seal_context prof_store_sample_context(uint32_t build);

#endif
