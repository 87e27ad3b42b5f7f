/* Opens what a user names as a model. */
#ifndef PROF_JOIN_OPEN_H
#define PROF_JOIN_OPEN_H

#include "libprof/model/profile.h"
#include "libprof/model/timeline.h"
#include "libprof/read/sniff.h"

/* Reads `in`, of the kind that prof_sniff found, as a profile. */
int prof_profile_from(struct prof_input *in, enum prof_kind kind, struct prof_profile **out,
	struct prof_err *e) PROF_CHECKED;

/* Appends what a file (a log, a trace, a heap profile's text) or DB:QUERY tells of the collector.
 */
int prof_timeline_add_path(struct prof_timeline *t, const char *path,
	const struct prof_limits *limits, struct prof_err *e) PROF_CHECKED;

#endif
