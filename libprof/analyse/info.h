/* What a file is, as a report (schema prof.info/1). */
#ifndef PROF_ANALYSE_INFO_H
#define PROF_ANALYSE_INFO_H

#include "libprof/model/profile.h"
#include "libprof/model/report.h"

/* One that is being made: lines, and fields of its JSON. rc: what failed; behind that nothing is
 * added.
 */
struct prof_info {
	struct prof_report *r;
	struct prof_buf b; /* the line at hand */
	struct prof_err *e;
	int rc;
};

/* Begins with the file's name: 0, or an error. */
int prof_info_begin(struct prof_info *x, const char *file, struct prof_err *e) PROF_CHECKED;
/* The line that x->b has. */
void prof_info_head(struct prof_info *x);
void prof_info_field(struct prof_info *x, const char *key, struct prof_cell c);
/* Both, of a text; of an empty one only the field, null. */
void prof_info_text(struct prof_info *x, const char *label, const char *key, struct prof_str s);
/* x->rc; *out is the report, where it is 0. */
int prof_info_end(struct prof_info *x, struct prof_report **out) PROF_CHECKED;

int prof_info_profile(const struct prof_profile *p, const char *name, const char *kind,
	struct prof_report **out, struct prof_err *e) PROF_CHECKED;

/* A capture that is no profile: its kind, and its version line if it has one. */
int prof_info_other(const char *name, const char *kind, struct prof_str version,
	struct prof_report **out, struct prof_err *e) PROF_CHECKED;

#endif
