/* tag, prune, verify, stats. */
#include <stdlib.h>
#include <sys/stat.h>

#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"
#include "libprof/base/when.h"
#include "libprof/join/archive_add.h"
#include "libprof/join/archive_open.h"
#include "libprof/model/report.h"

#define DAY_NS (INT64_C(86400) * 1000000000)

enum { LITTLE = 8 }; /* an eighth of the file may stay free */

/* A selection in an archive that is being written. */
static int begin(struct prof_selection *s, const char *db, const char *query, bool some,
	bool rollback, const struct prof_limits *limits, struct prof_err *e)
{
	int rc;

	*s = (struct prof_selection){.owns = true};
	rc = prof_store_open(&s->store, db, PROF_DB_WRITE, rollback, limits, e);
	if (!rc)
		rc = prof_store_begin(s->store, e);
	return rc ? rc : prof_selection_of(s, s->store, query, some, e);
}

static int end(struct prof_selection *s, int rc, struct prof_err *e)
{
	if (!rc)
		rc = prof_store_commit(s->store, e);
	if (rc && s->store)
		prof_store_rollback(s->store);
	prof_selection_fini(s);
	return rc;
}

int prof_archive_tag(const char *db, const char *query, const char *const *labels, size_t n,
	int rollback_journal, const struct prof_limits *limits, uint64_t *changed,
	struct prof_err *e)
{
	struct prof_path_labels set;
	struct prof_selection s = {0};
	int rc = prof_path_labels_init(&set, labels, n, NULL, "", e);

	if (!rc)
		rc = begin(&s, db, query, true, rollback_journal, limits, e);
	for (size_t i = 0; !rc && i < s.n; i++)
		rc = prof_store_tag(s.store, s.catalog.entries.v[s.v[i]].id, set.v.v, set.v.n, e);
	*changed = s.n;
	if (!rc)
		rc = prof_store_tidy_labels(s.store, e);
	rc = end(&s, rc, e);
	prof_path_labels_fini(&set);
	return rc;
}

/* What is kept of what is older than `keep`: the newest of each service, kind and span. */
struct rule {
	int64_t keep_ns, every_ns;
};

/* Entries in the order of time, and of each the next of its service and kind (prof_query_next). */
struct entries {
	const struct prof_selection *s;
	uint32_t *next;
};

static const struct prof_entry *entry_at(const struct entries *x, size_t i)
{
	return &x->s->catalog.entries.v[x->s->v[i]];
}

static bool is_newest(const struct entries *x, size_t i, int64_t every_ns)
{
	size_t k = x->next[i];

	return k == x->s->n ||
	       entry_at(x, i)->time_ns / every_ns != entry_at(x, k)->time_ns / every_ns;
}

static bool goes(const struct entries *x, size_t i, const struct rule *rules)
{
	int64_t newest = entry_at(x, x->s->n - 1)->time_ns, time_ns = entry_at(x, i)->time_ns;

	if (!time_ns)
		return false;
	for (size_t r = 0; r < 3; r++) {
		if (rules[r].keep_ns < 0 || time_ns < prof_sub(newest, rules[r].keep_ns))
			continue;
		if (!rules[r].every_ns || is_newest(x, i, rules[r].every_ns))
			return false;
	}
	return true;
}

static int parse_rule(const char *text, const char *name, struct rule *r, struct prof_err *e)
{
	if (!text) {
		r->keep_ns = -1;
		return 0;
	}
	if (prof_when_parse_span(prof_str_of(text), &r->keep_ns))
		return 0;
	return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
		"--%s takes a span of time, as 180d, not \"%.40s\"", name, text);
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *p = a, *q = b;

	return *p < *q ? -1 : *p > *q;
}

/* The places of what goes (rules NULL: all), sorted; the caller frees them. */
static int choose(struct prof_selection *s, const struct rule *rules, uint32_t **out, size_t *n,
	struct prof_err *e)
{
	struct entries x = {s, calloc(s->n + 1, sizeof(*x.next))};
	int rc;

	*n = 0;
	*out = calloc(s->n + 1, sizeof(**out));
	rc = x.next && *out ? prof_query_next(&s->catalog, s->v, s->n, x.next, e) : prof_nomem(e);
	for (size_t i = 0; !rc && i < s->n; i++)
		if (!rules || goes(&x, i, rules))
			(*out)[(*n)++] = s->v[i];
	if (!rc)
		qsort(*out, *n, sizeof(**out), by_number);
	free(x.next);
	return rc;
}

static int parse_rules(
	const struct prof_archive_prune_opts *opts, struct rule rules[3], struct prof_err *e)
{
	int rc = parse_rule(opts->keep, "keep", &rules[0], e);

	rules[1].every_ns = 7 * DAY_NS;
	rules[2].every_ns = 30 * DAY_NS;
	if (!rc)
		rc = parse_rule(opts->keep_weekly, "keep-weekly", &rules[1], e);
	return rc ? rc : parse_rule(opts->keep_monthly, "keep-monthly", &rules[2], e);
}

/* Gives back what is free of the file: also what was left so when this went wrong before. */
static int shrink(sqlite3 *h, uint64_t removed, struct prof_err *e)
{
	struct prof_err err = {0};
	int64_t free, pages;
	int rc = prof_db_int(h, "PRAGMA freelist_count", 0, &free, e);

	if (!rc)
		rc = prof_db_int(h, "PRAGMA page_count", 0, &pages, e);
	if (rc || (!removed && free <= pages / LITTLE))
		return rc;
	rc = prof_db_vacuum(h, &err);
	return rc ? prof_fail(e, rc, PROF_NO_OFFSET,
			    "%llu removed, but the room they took is not given back yet: %s",
			    (unsigned long long)removed, err.msg)
		  : 0;
}

int prof_archive_prune(const char *db, const struct prof_archive_prune_opts *opts,
	const struct prof_limits *limits, uint64_t *removed, struct prof_err *e)
{
	bool none = opts->keep && strcmp(opts->keep, "none") == 0;
	struct rule rules[3] = {0};
	struct prof_selection s = {0};
	uint32_t *gone = NULL;
	size_t n = 0;
	int rc;

	*removed = 0;
	if (none && (!opts->query || opts->keep_weekly || opts->keep_monthly))
		return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
			"--keep=none needs a query, and no other rule");
	if (!none && (rc = parse_rules(opts, rules, e)))
		return rc;
	rc = begin(&s, db, opts->query, false, opts->rollback_journal, limits, e);
	if (!rc)
		rc = choose(&s, none ? NULL : rules, &gone, &n, e);
	if (!rc && n && !opts->dry_run)
		rc = prof_db_whole(s.store->h, e);
	if (!rc && n && !opts->dry_run)
		rc = prof_store_remove(s.store, &s.catalog, gone, n, e);
	if (!rc)
		rc = prof_store_commit(s.store, e);
	if (rc && s.store)
		prof_store_rollback(s.store);
	if (!rc) {
		*removed = n;
		rc = opts->dry_run ? 0 : shrink(s.store->h, n, e);
	}
	free(gone);
	prof_selection_fini(&s);
	return rc;
}

/* Problems that verify found, as rows. */
struct problems {
	struct prof_report *r;
	struct prof_err *e;
	int rc;
};

enum { MOST_PROBLEMS = 1000 };

static int problem(void *ctx, const char *text)
{
	struct problems *p = ctx;
	struct prof_cell c = prof_cell_str(prof_str_of(text));

	p->rc = prof_report_row(p->r, &c, p->e);
	return p->rc || p->r->n_rows >= MOST_PROBLEMS;
}

static int verify(const char *db, const struct prof_limits *limits, struct problems *p)
{
	struct prof_err err = {0};
	struct prof_store *s;
	int rc = prof_store_open(&s, db, PROF_DB_READ, false, limits, &err);

	/* That it cannot be opened is a problem of the archive, unless it is no archive at all. */
	if (rc)
		return prof_fail(p->e, rc, err.offset, "%s", err.msg);
	rc = prof_store_verify(s, problem, p, p->e);
	prof_store_close(s);
	return rc ? rc : p->rc;
}

int prof_archive_verify(const char *db, const struct prof_limits *limits, uint64_t *problems,
	struct prof_report **out, struct prof_err *e)
{
	static const struct prof_table_column column = {
		.key = "problem", .title = "problem", .left = true, .is_name = true};
	static const struct prof_table_column no_title = {.key = "problem"};
	struct problems p = {.r = prof_report_new("prof.archive.verify/1", e), .e = e};
	struct prof_buf b;
	int rc;

	if (!p.r)
		return PROF_ENOMEM;
	p.r->columns = &column;
	p.r->n_columns = 1;
	prof_buf_init(&b, NULL, NULL);
	rc = verify(db, limits, &p);
	if (!rc)
		rc = prof_report_field(p.r, "good", prof_cell_bool(!p.r->n_rows), e);
	if (!rc && !p.r->n_rows) {
		p.r->columns = &no_title;
		prof_buf_str(&b, "everything is as it should be");
		rc = prof_report_foot(p.r, &b, e);
	}
	prof_buf_fini(&b);
	*problems = p.r->n_rows;
	if (rc)
		prof_report_free(p.r);
	else
		*out = p.r;
	return rc;
}
