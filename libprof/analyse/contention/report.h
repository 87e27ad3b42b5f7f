/* Shared by the files that tell what was found: report.c the JSON, text.c tables for a person,
 * notes.c what stands between the numbers and the truth.
 */
#ifndef PROF_ANALYSE_CONTENTION_REPORT_H
#define PROF_ANALYSE_CONTENTION_REPORT_H

#include "libprof/analyse/contention/held.h"
#include "libprof/analyse/contention/sites.h"

/* What a reader should know before he believes a number. */
struct prof_contention_note {
	const char *id;
	struct prof_str text; /* in the report's arena */
};

struct contending {
	struct prof_contention *k;
	struct prof_report *r;
	struct prof_contention_sites
		sides[2]; /* enum prof_side; old is empty but in a comparison */
	struct prof_contention_facts facts; /* of the new side's traces */
	bool compared;
	struct prof_buf b;
	PROF_VEC(struct prof_contention_note) notes; /* of r's memory */
	struct prof_err *e;
};

extern const char *const prof_contention_kind_names[]; /* "block profile" … */
extern const char *const prof_contention_hows[]; /* "same type or function" … */

/* The frame that stands for a site; NULL: it has none. */
const struct prof_contention_frame *prof_contention_site_frame(
	const struct contending *x, const struct prof_contention_site *s);

/* now.c: the locks that goroutines of the last dump wait for at a site, as grips of the report's
 * arena: those that most wait for first.
 */
int prof_contention_locks_now(struct contending *x, const struct prof_contention_sites *sites,
	const struct prof_contention_site *s, struct prof_contention_grip **out,
	size_t *n) PROF_CHECKED;

/* What is waited for at a site: both sides of an RWMutex are one lock. */
static inline const char *prof_contention_class(const struct contending *x, unsigned class)
{
	return class == PROF_WAIT_READ_LOCK && x->k->opts.by == PROF_CONTENTION_BY_LOCK
		       ? "rwmutex"
		       : prof_wait_class_names[class];
}

/* A table under construction: a column is there when a row has something for it. */
enum { PROF_CONTENTION_COLUMNS = 16 };

struct prof_contention_table {
	struct contending *x;
	const struct prof_contention_sites *sites;
	struct prof_report *r;
	struct prof_cell cells[PROF_CONTENTION_COLUMNS];
	size_t n;
	int rc;
};

/* now.c, ended.c: notes of the last row, the site's. */
int prof_contention_put_now(
	struct prof_contention_table *t, const struct prof_contention_site *s) PROF_CHECKED;
int prof_contention_put_enders(
	struct prof_contention_table *t, const struct prof_contention_site *s) PROF_CHECKED;

/* text.c: what x->b holds is the report's headline and a line of its head; a further table. */
int prof_contention_headline(struct contending *x) PROF_CHECKED;
struct prof_report *prof_contention_part(struct contending *x);
int prof_contention_put_sources(struct contending *x, enum prof_side side) PROF_CHECKED;
/* A part of the report with a title and its columns, n of them. */
int prof_contention_begin_table(struct prof_contention_table *t, const char *title,
	const struct prof_table_column *columns, size_t n) PROF_CHECKED;
/* What x->b holds becomes the next cell; and numbers, "-" where they are not known. */
void prof_contention_end_cell(struct prof_contention_table *t);
void prof_contention_ns_cell(struct prof_contention_table *t, bool known, int64_t ns);
void prof_contention_count_cell(struct prof_contention_table *t, bool known, int64_t n);

/* main.cache for "main.(*cache)". */
void prof_contention_put_owner(struct prof_buf *b, struct prof_str owner);

/* Numbers and names as text has them. */
void prof_contention_put_ns(struct contending *x, int64_t ns);
void prof_contention_put_waiting(struct contending *x, double goroutines);
void prof_contention_put_frame(struct contending *x, const struct prof_contention_site *s);
void prof_contention_put_site(struct contending *x, const struct prof_contention_site *s);

int prof_contention_notes(struct contending *x) PROF_CHECKED;
int prof_contention_fields(struct contending *x) PROF_CHECKED;
int prof_contention_text(struct contending *x) PROF_CHECKED;

/* facts.c, facts_json.c: holds and queues. */
int prof_contention_facts_text(struct contending *x) PROF_CHECKED;
int prof_contention_facts_fields(struct contending *x) PROF_CHECKED;
int prof_contention_drawings(struct contending *x) PROF_CHECKED;

/* compare_report.c, gates.c */
struct prof_contention_changes;
int prof_contention_change_fields(
	struct contending *x, const struct prof_contention_changes *v) PROF_CHECKED;
int prof_contention_change_text(
	struct contending *x, const struct prof_contention_changes *v) PROF_CHECKED;
int prof_contention_decide(
	struct contending *x, const struct prof_contention_changes *v) PROF_CHECKED;

#endif
