/* What a file is, as a report (schema prof.info/1). */
#ifndef PROF_ANALYSE_INFO_H
#define PROF_ANALYSE_INFO_H

#include "libprof/model/profile.h"
#include "libprof/model/report.h"

int prof_info_profile(const struct prof_profile *p, const char *name, const char *kind,
	struct prof_report **out, struct prof_err *e) PROF_CHECKED;

/* A capture that is no profile: its kind, and its version line if it has one. */
int prof_info_other(const char *name, const char *kind, struct prof_str version,
	struct prof_report **out, struct prof_err *e) PROF_CHECKED;

#endif
