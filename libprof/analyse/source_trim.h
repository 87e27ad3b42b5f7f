/* File names as pprof shows them: without what --trim_path and --source_path cut off. */
#ifndef PROF_ANALYSE_SOURCE_TRIM_H
#define PROF_ANALYSE_SOURCE_TRIM_H

#include <stdbool.h>

#include "libprof/model/profile.h"

/* The part of `path` that pprof's trimPath leaves. Lists are separated by ':'; NULL is empty. */
struct prof_str prof_source_trim(
	struct prof_str path, const char *trim_path, const char *source_path);

/* The same for all functions of a profile. */
int prof_source_trim_files(struct prof_profile *p, const char *trim_path, const char *source_path,
	struct prof_err *e) PROF_CHECKED;

/* Walks a list: NULL when it is empty, then each element, which is cut off it; false at the end. */
const char *prof_path_list(const char *list);
bool prof_path_list_next(const char **list, struct prof_str *out);

/* Cuts a prefix off, which gets a '/' at its end where it has none; so the empty one is "/". */
bool prof_path_cut_prefix(struct prof_str *path, struct prof_str prefix);

#endif
