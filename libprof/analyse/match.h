/* An expression matched against the names of a profile, each name once. */
#ifndef PROF_ANALYSE_MATCH_H
#define PROF_ANALYSE_MATCH_H

#include "libprof/base/regex.h"
#include "libprof/model/profile.h"

struct prof_match {
	struct prof_profile *p;
	struct prof_regex *re; /* NULL: no expression was given */
	bool *function; /* of each function: its name or its file matches */
	bool *mapping; /* of each mapping: its file matches */
};

/* `pattern` NULL or "" gives a match without expression. */
int prof_match_init(struct prof_match *m, struct prof_profile *p, const char *pattern,
	struct prof_err *e) PROF_CHECKED;

/* The same over function names only, cut at the first "(" that is not C++'s "(anonymous namespace)"
 * or "operator()": what drop_frames, keep_frames and prune_from look at.
 */
int prof_match_init_simple(struct prof_match *m, struct prof_profile *p, const char *pattern,
	struct prof_err *e) PROF_CHECKED;
void prof_match_fini(struct prof_match *m);

/* Whether the location's mapping, or any of its lines' functions, matches. */
bool prof_match_mapping(const struct prof_match *m, const struct prof_location *l);
bool prof_match_location(const struct prof_match *m, const struct prof_location *l);

static inline bool prof_match_line(const struct prof_match *m, const struct prof_line *line)
{
	return m->function[line->function];
}

#endif
