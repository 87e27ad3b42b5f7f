/* Shared by the files that tell what was found: report.c the JSON, text.c tables for a person,
 * notes.c what stands between the numbers and the truth.
 */
#ifndef PROF_ANALYSE_CONTENTION_REPORT_H
#define PROF_ANALYSE_CONTENTION_REPORT_H

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

/* main.cache for "main.(*cache)". */
void prof_contention_put_owner(struct prof_buf *b, struct prof_str owner);

/* Numbers and names as text has them. */
void prof_contention_put_ns(struct contending *x, int64_t ns);
void prof_contention_put_waiting(struct contending *x, double goroutines);
void prof_contention_put_site(struct contending *x, const struct prof_contention_site *s);

int prof_contention_notes(struct contending *x) PROF_CHECKED;
int prof_contention_fields(struct contending *x) PROF_CHECKED;
int prof_contention_text(struct contending *x) PROF_CHECKED;

/* compare_report.c, gates.c */
struct prof_contention_changes;
int prof_contention_change_fields(
	struct contending *x, const struct prof_contention_changes *v) PROF_CHECKED;
int prof_contention_change_text(
	struct contending *x, const struct prof_contention_changes *v) PROF_CHECKED;
int prof_contention_decide(
	struct contending *x, const struct prof_contention_changes *v) PROF_CHECKED;

#endif
