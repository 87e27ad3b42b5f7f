/* Opens what a user names, and hands it to the analysis of waiting. */
#ifndef PROF_JOIN_CONTENTION_H
#define PROF_JOIN_CONTENTION_H

#include "libprof/analyse/contention/contention.h"
#include "libprof/read/input.h"

/* prof_contention_add of an open input, which stays the caller's. */
int prof_contention_add_input(struct prof_contention *k, enum prof_side side, const char *path,
	int64_t file_ns, struct prof_input *in, struct prof_err *e) PROF_CHECKED;

#endif
