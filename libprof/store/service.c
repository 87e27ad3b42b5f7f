/* A service's dictionaries out of the file, and what is new in them into it. */
#include <stdio.h>

#include "libprof/store/store.h"

static struct prof_seal_context page_context(
	int64_t service, enum prof_series series, uint32_t build, size_t first)
{
	return (struct prof_seal_context){
		{(uint64_t)service, (uint64_t)series << 32 | build, first, 'P'}};
}

void prof_store_free_service(struct prof_store *s, struct prof_store_service *v)
{
	prof_vec_fini(&v->dict.mem, &v->builds);
	prof_strtab_fini(&v->names);
	prof_dict_fini(&v->dict);
	prof_mem_zfree(&s->mem, v, 1, sizeof(*v));
}

void prof_store_forget_services(struct prof_store *s)
{
	for (size_t i = 0; i < s->services.n; i++)
		prof_store_free_service(s, s->services.v[i]);
	s->services.n = 0;
}

size_t prof_store_memory(const struct prof_store *s)
{
	size_t all = 0, largest = 0;

	for (size_t i = 0; i < s->services.n; i++) {
		size_t used = s->services.v[i]->dict.mem.used;

		all += used;
		largest = used > largest ? used : largest;
	}
	return all - largest;
}

/* The first entry of a series that is stored: most have an empty one before it. */
static size_t first_entry(enum prof_series series)
{
	return series <= PROF_NODE ? 1 : 0;
}

static int new_service(struct prof_store *s, int64_t id, struct prof_str name,
	struct prof_store_service **out, struct prof_err *e)
{
	struct prof_store_service *v;
	uint32_t kept;
	int rc = prof_vec_reserve(&s->mem, &s->services, 1, e);

	if (rc)
		return rc;
	v = prof_mem_zalloc(&s->mem, 1, sizeof(*v), e);
	if (!v)
		return PROF_ENOMEM;
	rc = prof_dict_init(&v->dict, s->limits.memory_bytes, e);
	if (!rc)
		rc = prof_strtab_init(&v->names, &v->dict.mem, e);
	if (!rc)
		rc = prof_strtab_add(&v->names, name.p, name.len, &kept, e);
	if (rc) {
		prof_store_free_service(s, v);
		return rc;
	}
	v->id = id;
	v->name = prof_strtab_get(&v->names, kept);
	for (unsigned i = 0; i < PROF_SERIES; i++)
		v->series[i].saved = first_entry((enum prof_series)i);
	s->services.v[s->services.n++] = v;
	*out = v;
	return 0;
}

/* From the list of those that were looked at. */
static void take_out(struct prof_store *s, const struct prof_store_service *v)
{
	size_t i = 0;

	while (s->services.v[i] != v)
		i++;
	s->services.v[i] = s->services.v[--s->services.n];
}

int prof_store_renew_service(struct prof_store *s, struct prof_store_service *old,
	struct prof_store_service **out, struct prof_err *e)
{
	int rc = new_service(s, old->id, old->name, out, e);

	if (!rc)
		take_out(s, old);
	return rc;
}

static int add_build(struct prof_store_service *v, int64_t row, const struct prof_str names[3],
	struct prof_err *e)
{
	struct prof_store_build b = {.row = row};
	struct prof_str *kept[] = {&b.file, &b.build_id, &b.label};
	int rc = prof_vec_reserve(&v->dict.mem, &v->builds, 1, e);

	for (unsigned i = 0; !rc && i < 3; i++) {
		uint32_t id;

		rc = prof_strtab_add(&v->names, names[i].p, names[i].len, &id, e);
		if (!rc)
			*kept[i] = prof_strtab_get(&v->names, id);
	}
	if (!rc)
		rc = prof_dict_add_build(&v->dict, e);
	if (!rc)
		v->builds.v[v->builds.n++] = b;
	return rc;
}

static int load_builds(struct prof_store *s, struct prof_store_service *v, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	int rc = prof_db_prepare(s->h,
		"SELECT id, place, file, build_id, label FROM build WHERE service = ?1 "
		"ORDER BY place",
		&q, e);

	if (rc)
		return rc;
	sqlite3_bind_int64(q, 1, v->id);
	while ((rc = prof_db_step(q, e)) > 0) {
		const struct prof_str names[] = {
			prof_db_str(q, 2), prof_db_str(q, 3), prof_db_str(q, 4)};

		if (sqlite3_column_int64(q, 1) != (int64_t)v->builds.n)
			rc = prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
				"is damaged: a build of service \"%.80s\" is missing", v->name.p);
		else
			rc = add_build(v, sqlite3_column_int64(q, 0), names, e);
		if (rc)
			break;
	}
	sqlite3_finalize(q);
	return rc;
}

static struct prof_store_series *series_of(
	struct prof_store_service *v, enum prof_series series, uint32_t build)
{
	return series > PROF_NODE ? &v->builds.v[build].series[series] : &v->series[series];
}

static int fail_page(const struct prof_store_service *v, enum prof_series series, int64_t build,
	int64_t first, const struct prof_err *why, struct prof_err *e)
{
	char of[48] = "";

	if (series > PROF_NODE)
		snprintf(of, sizeof(of), " of build %lld", (long long)build);
	return prof_unseal_fail(e, why, "service \"%.80s\": %s%s from %lld on", v->name.p,
		prof_dict_name(series), of, (long long)first);
}

static int load_page(struct prof_store *s, struct prof_store_service *v, sqlite3_stmt *q,
	struct prof_buf *raw, struct prof_err *e)
{
	int64_t number = sqlite3_column_int64(q, 1), build = sqlite3_column_int64(q, 2),
		first = sqlite3_column_int64(q, 3);
	enum prof_series series = (enum prof_series)number;
	struct prof_str blob = prof_db_str(q, 4);
	struct prof_store_series *to;
	struct prof_seal_context context;
	struct prof_err err = {0};
	int rc;

	if (number < 0 || number >= PROF_SERIES || build < 0 ||
		(series > PROF_NODE ? build >= (int64_t)v->builds.n : build != 0) ||
		first != (int64_t)prof_dict_count(&v->dict, series, (uint32_t)build))
		return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
			"is damaged: a page of service \"%.80s\" is missing", v->name.p);
	to = series_of(v, series, (uint32_t)build);
	context = page_context(v->id, series, (uint32_t)build, (size_t)first);
	rc = prof_unseal(&s->sealer, &context, blob.p, blob.len, &v->dict.mem, raw, &err);
	if (rc)
		return fail_page(v, series, build, first, &err, e);
	rc = prof_dict_decode(&v->dict, series, (uint32_t)build, raw->p, raw->n, e);
	if (rc)
		return rc;
	to->tail = sqlite3_column_int64(q, 0);
	to->tail_first = (size_t)first;
	to->saved = prof_dict_count(&v->dict, series, (uint32_t)build);
	return 0;
}

/* Of the series from `first` to `last`; those that do not exist are for load_page to tell. */
static int load_pages(struct prof_store *s, struct prof_store_service *v, int64_t first,
	int64_t last, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	struct prof_buf raw;
	int rc = prof_db_prepare(s->h,
		"SELECT id, series, build, first, data FROM page "
		"WHERE service = ?1 AND series BETWEEN ?2 AND ?3 ORDER BY series, build, first",
		&q, e);

	if (rc)
		return rc;
	prof_buf_init(&raw, NULL, NULL);
	sqlite3_bind_int64(q, 1, v->id);
	sqlite3_bind_int64(q, 2, first);
	sqlite3_bind_int64(q, 3, last);
	while ((rc = prof_db_step(q, e)) > 0)
		if ((rc = load_page(s, v, q, &raw, e)))
			break;
	sqlite3_finalize(q);
	prof_buf_fini(&raw);
	return rc;
}

static void drop_service(struct prof_store *s, struct prof_store_service *v)
{
	take_out(s, v);
	prof_store_free_service(s, v);
}

int prof_store_service_code(
	struct prof_store *s, int64_t id, struct prof_store_service **out, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	int rc;

	for (size_t i = 0; i < s->services.n; i++) {
		if (s->services.v[i]->id == id) {
			*out = s->services.v[i];
			return 0;
		}
	}
	rc = prof_db_prepare(s->h, "SELECT name FROM service WHERE id = ?1", &q, e);
	if (rc)
		return rc;
	sqlite3_bind_int64(q, 1, id);
	rc = prof_db_step(q, e);
	if (!rc)
		rc = prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET, "is damaged: a service is missing");
	else if (rc > 0)
		rc = new_service(s, id, prof_db_str(q, 0), out, e);
	sqlite3_finalize(q);
	if (rc)
		return rc;
	(*out)->lacks_builds = true;
	if ((rc = load_builds(s, *out, e)) || (rc = load_pages(s, *out, INT64_MIN, PROF_NODE, e)) ||
		(rc = prof_dict_ready(&(*out)->dict, e)))
		drop_service(s, *out);
	return rc;
}

int prof_store_service(
	struct prof_store *s, int64_t id, struct prof_store_service **out, struct prof_err *e)
{
	int rc = prof_store_service_code(s, id, out, e);

	if (rc || !(*out)->lacks_builds)
		return rc;
	rc = load_pages(s, *out, PROF_NODE + 1, INT64_MAX, e);
	if (!rc)
		rc = prof_dict_builds_ready(&(*out)->dict, e);
	if (rc)
		drop_service(s, *out);
	else
		(*out)->lacks_builds = false;
	return rc;
}

int prof_store_new_service(struct prof_store *s, struct prof_str name,
	struct prof_store_service **out, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	int64_t id = 0;
	int rc;

	for (size_t i = 0; i < s->services.n; i++)
		if (prof_str_eq(s->services.v[i]->name, name))
			return prof_store_service(s, s->services.v[i]->id, out, e);
	if ((rc = prof_store_statement(s, PROF_FIND_SERVICE, &q, e)))
		return rc;
	prof_db_bind_str(q, 1, name);
	rc = prof_db_step(q, e);
	if (rc > 0)
		id = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	if (rc < 0)
		return rc;
	if (id)
		return prof_store_service(s, id, out, e);
	if ((rc = prof_store_statement(s, PROF_INSERT_SERVICE, &q, e)))
		return rc;
	prof_db_bind_str(q, 1, name);
	rc = prof_db_run(q, e);
	return rc ? rc : new_service(s, sqlite3_last_insert_rowid(s->h), name, out, e);
}

int prof_store_new_build(struct prof_store *s, struct prof_store_service *v, struct prof_str file,
	struct prof_str build_id, struct prof_str label, uint32_t *build, struct prof_err *e)
{
	const struct prof_str names[] = {file, build_id, label};
	sqlite3_stmt *q = NULL;
	int rc;

	for (*build = 0; *build < v->builds.n; ++*build) {
		const struct prof_store_build *b = &v->builds.v[*build];

		/* One binary may be run from several places. */
		if (build_id.len ? prof_str_eq(b->build_id, build_id)
				 : !b->build_id.len && prof_str_eq(b->file, file) &&
					   prof_str_eq(b->label, label))
			return 0;
	}
	if ((rc = prof_store_statement(s, PROF_INSERT_BUILD, &q, e)))
		return rc;
	sqlite3_bind_int64(q, 1, v->id);
	sqlite3_bind_int64(q, 2, (int64_t)v->builds.n);
	for (int i = 0; i < 3; i++)
		prof_db_bind_str(q, 3 + i, names[i]);
	rc = prof_db_run(q, e);
	return rc ? rc : add_build(v, sqlite3_last_insert_rowid(s->h), names, e);
}

static int save_page(struct prof_store *s, struct prof_store_service *v, enum prof_series series,
	uint32_t build, size_t first, int64_t row, size_t entries, const struct prof_buf *sealed,
	struct prof_err *e)
{
	sqlite3_stmt *q;
	int rc = prof_store_statement(s, row ? PROF_UPDATE_PAGE : PROF_INSERT_PAGE, &q, e);

	if (rc)
		return rc;
	sqlite3_bind_int64(q, 1, (int64_t)entries);
	sqlite3_bind_blob64(q, 2, sealed->p, sealed->n, SQLITE_STATIC);
	sqlite3_bind_int64(q, 3, row ? row : v->id);
	if (!row) {
		sqlite3_bind_int64(q, 4, series);
		sqlite3_bind_int64(q, 5, build);
		sqlite3_bind_int64(q, 6, (int64_t)first);
	}
	return prof_db_run(q, e);
}

/* Writes the last page again, where it had room, and those behind it. */
static int save_series(struct prof_store *s, struct prof_store_service *v, enum prof_series series,
	uint32_t build, struct prof_err *e)
{
	struct prof_store_series *to = series_of(v, series, build);
	size_t count = prof_dict_count(&v->dict, series, build);
	size_t first = to->tail ? to->tail_first : to->saved;
	struct prof_buf raw, sealed;
	int rc = 0;

	if (to->saved == count)
		return 0;
	prof_buf_init(&raw, NULL, NULL);
	prof_buf_init(&sealed, NULL, NULL);
	while (!rc && first < count) {
		struct prof_seal_context context = page_context(v->id, series, build, first);
		size_t n;
		bool full;

		raw.n = sealed.n = 0;
		if ((rc = prof_dict_encode(&v->dict, series, build, first, &raw, &n, &full, e)) ||
			(rc = prof_seal(&s->sealer, &context, raw.p, raw.n, &sealed, e)) ||
			(rc = save_page(s, v, series, build, first, to->tail, n, &sealed, e)))
			break;
		if (!to->tail)
			to->tail = sqlite3_last_insert_rowid(s->h);
		to->tail_first = first;
		first += n;
		if (full)
			to->tail = 0;
	}
	to->saved = first;
	prof_buf_fini(&raw);
	prof_buf_fini(&sealed);
	return rc;
}

static int save_count(struct prof_store *s, struct prof_store_service *v, struct prof_err *e)
{
	sqlite3_stmt *q;
	int rc = prof_store_statement(s, PROF_COUNT_SERVICE, &q, e);

	if (rc)
		return rc;
	sqlite3_bind_int64(q, 1, v->added);
	sqlite3_bind_int64(q, 2, v->id);
	rc = prof_db_run(q, e);
	if (!rc)
		v->added = 0;
	return rc;
}

int prof_store_save_service(struct prof_store *s, struct prof_store_service *v, struct prof_err *e)
{
	int rc = 0;

	if (!v->added)
		return 0;
	for (unsigned t = 0; !rc && t <= PROF_NODE; t++)
		rc = save_series(s, v, (enum prof_series)t, 0, e);
	for (uint32_t b = 0; !rc && b < v->builds.n; b++) {
		rc = save_series(s, v, PROF_BUILD_FUNC, b, e);
		if (!rc)
			rc = save_series(s, v, PROF_BUILD_LOC, b, e);
	}
	return rc ? rc : save_count(s, v, e);
}
