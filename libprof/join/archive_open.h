/* DB:QUERY, the profiles of an archive by name. */
#ifndef PROF_JOIN_ARCHIVE_OPEN_H
#define PROF_JOIN_ARCHIVE_OPEN_H

#include "libprof/model/goroutine.h"
#include "libprof/model/timeline.h"
#include "libprof/model/trace.h"
#include "libprof/store/query.h"
#include "libprof/store/store.h"

/* An archive opened to be read, and what a query of it names. */
struct prof_selection {
	struct prof_store *store;
	struct prof_catalog catalog;
	bool owns; /* the store */
	uint32_t *v; /* places of catalog.entries, by time */
	size_t n;
};

/* `query` NULL: everything. That nothing matches is an error (PROF_EUNSUPPORTED) where `some`. */
int prof_selection_open(struct prof_selection *s, const char *db, const char *query, bool some,
	const struct prof_limits *limits, struct prof_err *e) PROF_CHECKED;

/* What a name DB:QUERY says, whose query begins at `query_at`. */
int prof_selection_named(struct prof_selection *s, const char *name, size_t query_at,
	const struct prof_limits *limits, struct prof_err *e) PROF_CHECKED;

/* The same in an archive that is open, which stays the caller's. */
int prof_selection_of(struct prof_selection *s, struct prof_store *store, const char *query,
	bool some, struct prof_err *e) PROF_CHECKED;
void prof_selection_fini(struct prof_selection *s);

/* Profile i of the selection, with the time that the archive has for it where it has none itself.
 */
int prof_selection_load(const struct prof_selection *s, size_t i, struct prof_profile **out,
	struct prof_err *e) PROF_CHECKED;

/* Whether all of it are logs of the collector, which have no sample types. */
bool prof_selection_is_logs(const struct prof_selection *s);

/* Sets what was damaged in the files of n entries, the first of them that was, as the profile's. */
int prof_selection_damage(const struct prof_selection *s, size_t first, size_t n,
	struct prof_profile *p, struct prof_err *e) PROF_CHECKED;

/* The same, and what the archive has of a dump besides: of another profile no goroutines. */
int prof_selection_goroutines(const struct prof_selection *s, size_t i,
	struct prof_goroutines **out, struct prof_err *e) PROF_CHECKED;

/* All of the selection, merged by pprof's rules, for a report by `by`: what it does not show,
 * addresses and lines, may be those of any of the builds.
 */
int prof_selection_merge(const struct prof_selection *s, enum prof_granularity by,
	struct prof_profile **out, struct prof_err *e) PROF_CHECKED;

/* What prof_profile_open does with DB:QUERY: several profiles are merged. */
int prof_selection_profile(const char *name, size_t query_at, enum prof_granularity by,
	const struct prof_limits *limits, struct prof_profile **out,
	struct prof_err *e) PROF_CHECKED;

/* The file that DB:QUERY came from, for the caller to free. 1; 0: it was not kept, or they are
 * several.
 */
int prof_selection_raw(const char *name, size_t query_at, const struct prof_limits *limits,
	void **out, size_t *n, struct prof_err *e) PROF_CHECKED;

/* What prof_trace_open does with DB:QUERY, which is to name one trace: its events where the file
 * was kept, else its summary alone (join/trace_kept.h). PROF_EUSAGE: several; PROF_EUNSUPPORTED:
 * none, or no trace.
 */
int prof_selection_trace(const char *name, size_t query_at, const struct prof_limits *limits,
	struct prof_trace **out, struct prof_err *e) PROF_CHECKED;

/* The same of the profile with that id. */
int prof_archive_trace(struct prof_store *s, int64_t profile, const struct prof_limits *limits,
	struct prof_trace **out, struct prof_err *e) PROF_CHECKED;

/* Appends the timelines of the traces and logs that DB:QUERY names. PROF_EUNSUPPORTED: there are
 * none.
 */
int prof_selection_timelines(const char *name, size_t query_at, const struct prof_limits *limits,
	struct prof_timeline *t, struct prof_err *e) PROF_CHECKED;

/* "DB:QUERY" as two strings, which are one block. */
char *prof_split_query(const char *name, size_t query_at, struct prof_err *e);

#endif
