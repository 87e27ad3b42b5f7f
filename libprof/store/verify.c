#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "libprof/base/num.h"
#include "libprof/store/capture.h"

struct verifier {
	struct prof_store *s;
	struct prof_catalog c;
	prof_store_problem_fn *problem;
	void *ctx;
	struct prof_err *e;
	int64_t version;
	int stopped;
};

static void __attribute__((format(printf, 2, 3))) tell(struct verifier *v, const char *fmt, ...)
{
	char line[320];
	va_list ap;

	if (v->stopped)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	v->stopped = v->problem(v->ctx, line);
}

void prof_store_problem_line(
	char *line, size_t size, const char *what, int64_t id, const char *failure)
{
	static const char damaged[] = "is damaged: ";
	size_t n = strlen(damaged), of = strlen(what);

	if (!strncmp(failure, damaged, n) && !strncmp(failure + n, what, of) &&
		failure[n + of] == ' ')
		snprintf(line, size, "%s", failure + n);
	else
		snprintf(line, size, "%s %lld %s", what, (long long)id, failure);
}

/* Whether a failure is what the archive says wrong, or that there is no memory to look. Where pages
 * lead in circles there is no end of what is wrong.
 */
static int judge(
	struct verifier *v, int rc, const struct prof_err *err, const char *what, int64_t id)
{
	char line[320];

	if (rc == PROF_EFORMAT || rc == PROF_ESQL || rc == PROF_EUNSUPPORTED || rc == PROF_EIO) {
		if (id)
			prof_store_problem_line(line, sizeof(line), what, id, err->msg);
		else
			snprintf(line, sizeof(line), "%s%s", what, err->msg);
		tell(v, "%s", line);
	} else if (rc) {
		return prof_fail(v->e, rc, PROF_NO_OFFSET, "%s", err->msg);
	}
	if (v->s->guard.tripped) {
		tell(v, "not looked at any further");
		v->stopped = 1;
	}
	return 0;
}

/* SQLite's own look at its pages and indices. */
static int integrity(struct verifier *v)
{
	struct prof_err err = {0};
	sqlite3_stmt *q = NULL;
	int rc = prof_db_prepare(v->s->h, "PRAGMA integrity_check(20)", &q, &err);

	while (!rc && (rc = prof_db_step(q, &err)) > 0) {
		struct prof_str line = prof_db_finding(q);

		if (line.len)
			tell(v, "SQLite: %.*s", (int)line.len, line.p);
		rc = 0;
	}
	sqlite3_finalize(q);
	return judge(v, rc, &err, "SQLite: ", 0);
}

/* Counts that are to be 0, and what they are counts of. */
static int strays(struct verifier *v)
{
	static const char *const all[][2] = {
		{"SELECT count(*) FROM total WHERE profile NOT IN (SELECT id FROM profile)",
			"totals without a profile"},
		{"SELECT count(*) FROM profile_label WHERE profile NOT IN (SELECT id FROM profile) "
		 "OR label NOT IN (SELECT id FROM label)",
			"labels without a profile"},
		{"SELECT count(*) FROM digest WHERE profile NOT IN (SELECT id FROM profile)",
			"digests without a profile"},
		{"SELECT count(*) FROM sample WHERE profile NOT IN (SELECT id FROM profile)",
			"samples without a profile"},
		{"SELECT count(*) FROM raw WHERE profile NOT IN (SELECT id FROM profile)",
			"files without a profile"},
		{"SELECT count(*) FROM page WHERE service NOT IN (SELECT id FROM service)",
			"pages without a service"},
		{"SELECT count(*) FROM profile WHERE service NOT IN (SELECT id FROM service) "
		 "OR build NOT IN (SELECT id FROM build)",
			"profiles without a service or build"},
		{"SELECT count(*) FROM service LEFT JOIN (SELECT service, count(*) AS has "
		 "FROM profile GROUP BY service) ON service = id "
		 "WHERE profiles IS NOT coalesce(has, 0)",
			"services with another number of profiles than they say"}};

	for (size_t i = 0; !v->stopped && i < sizeof(all) / sizeof(all[0]); i++) {
		struct prof_err err = {0};
		int64_t n = 0;
		int rc = prof_db_int(v->s->h, all[i][0], 0, &n, &err);

		if (!rc && n)
			tell(v, "%lld %s", (long long)n, all[i][1]);
		if (judge(v, rc, &err, "", 0))
			return v->e->code;
	}
	return 0;
}

/* The profile's digest is in the table, and is its own. */
static int check_digest(struct verifier *v, const struct prof_entry *x, const struct prof_dict *d,
	struct prof_packed *k)
{
	struct prof_err err = {0};
	uint8_t sha256[32];
	int64_t id = 0;
	int rc;

	if (v->version < PROF_DB_PLAIN) /* of another kind, which who writes next makes anew */
		return 0;
	if ((rc = prof_samples_sizes(d, k, v->e)) || (rc = prof_samples_digest(k, sha256, v->e)))
		return rc;
	rc = prof_capture_digest(v->s, x->id, sha256, &err);
	if (!rc)
		rc = prof_store_find(v->s, sha256, x->time_ns, &id, &err);
	if (!rc && id != x->id)
		tell(v, "profile %lld: its content has another digest", (long long)x->id);
	return judge(v, rc, &err, "profile", x->id);
}

static void check_totals(
	struct verifier *v, const struct prof_entry *x, const struct prof_profile *p)
{
	bool good = p->types.n == x->n_totals;

	for (size_t t = 0; good && t < p->types.n; t++) {
		const struct prof_entry_total *total = &v->c.totals.v[x->first_total + t];
		int64_t sum = 0;

		for (size_t i = 0; i < p->values.v[t].n; i++)
			sum = prof_add(sum, p->values.v[t].v[i]);
		good = sum == total->value &&
		       prof_str_eq(total->type, prof_profile_str(p, p->types.v[t].type)) &&
		       prof_str_eq(total->unit, prof_profile_str(p, p->types.v[t].unit));
	}
	if (!good || (int64_t)p->sample_stack.n != x->samples || p->duration_ns != x->duration_ns ||
		p->period != x->period)
		tell(v, "profile %lld: its row says something else than its samples",
			(long long)x->id);
}

/* The file that was kept is the one that was added. */
static int check_raw(struct verifier *v, const struct prof_entry *x)
{
	struct prof_err err = {0};
	void *bytes;
	size_t n;
	int rc = prof_store_raw(v->s, x->id, &bytes, &n, &err);

	if (rc > 0)
		free(bytes);
	return rc < 0 ? judge(v, rc, &err, "profile", x->id) : 0;
}

static int profile(struct verifier *v, const struct prof_entry *x)
{
	struct prof_store_service *service;
	struct prof_err err = {0};
	struct prof_packed k;
	struct prof_profile *p;
	int rc = prof_store_service(v->s, x->service_id, &service, &err);

	prof_packed_init(&k, v->s->limits.memory_bytes);
	if (!rc)
		rc = prof_dict_index(&service->dict, &err);
	if (!rc)
		rc = prof_store_samples(v->s, x, service, &k, &err);
	if (!rc && check_digest(v, x, &service->dict, &k))
		rc = prof_fail(&err, v->e->code, PROF_NO_OFFSET, "%s", v->e->msg);
	if (!rc)
		rc = prof_unpack(&service->dict, &k, &v->s->limits, &p, &err);
	prof_packed_fini(&k);
	if (rc)
		return judge(v, rc, &err, "profile", x->id);
	if (prof_profile_check(p))
		tell(v, "profile %lld: %s", (long long)x->id, prof_profile_check(p));
	check_totals(v, x, p);
	prof_profile_free(p);
	return 0;
}

int prof_store_verify(
	struct prof_store *s, prof_store_problem_fn *problem, void *ctx, struct prof_err *e)
{
	struct verifier v = {.s = s, .problem = problem, .ctx = ctx, .e = e};
	struct prof_err err = {0};
	int rc = integrity(&v);

	if (!rc && !v.stopped)
		rc = strays(&v);
	if (rc || v.stopped)
		return rc;
	rc = prof_db_int(s->h, "PRAGMA user_version", 0, &v.version, &err);
	if (!rc)
		rc = prof_catalog_read(&v.c, s->h, 0, s->limits.memory_bytes, &err);
	if (rc)
		rc = judge(&v, rc, &err, "", 0);
	for (size_t i = 0; !rc && !v.stopped && i < v.c.entries.n; i++)
		if (!(rc = profile(&v, &v.c.entries.v[i])))
			rc = check_raw(&v, &v.c.entries.v[i]);
	prof_catalog_fini(&v.c);
	if (!rc && !v.stopped) {
		rc = prof_capture_verify(s, problem, ctx, &err);
		rc = rc ? judge(&v, rc, &err, "", 0) : 0;
	}
	return rc;
}
