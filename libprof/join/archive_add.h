/* Parts of prof_archive_add: which files, and with which labels. */
#ifndef PROF_JOIN_ARCHIVE_ADD_H
#define PROF_JOIN_ARCHIVE_ADD_H

#include <sys/types.h>

#include "libprof/base/regex.h"
#include "libprof/store/store.h"

/* Paths, in order; owned. */
struct prof_paths {
	char **v;
	size_t n, cap;
	struct {
		dev_t dev;
		ino_t ino;
	} out[4];
	size_t n_out;
};

/* Leaves out of directories the archive at `db`, as far as there is one yet, and SQLite's files
 * beside it.
 */
void prof_paths_leave_out(struct prof_paths *list, const char *db);
/* Appends `path`, or all files below it, sorted; names that begin with a dot are passed over, and
 * so are links to directories, pipes, sockets and devices. PROF_EIO.
 */
int prof_paths_add(struct prof_paths *list, const char *path, struct prof_err *e) PROF_CHECKED;
void prof_paths_fini(struct prof_paths *list);

/* Labels of one file: those of all, and those that its path tells. */
struct prof_path_labels {
	struct prof_mem mem;
	struct prof_strtab strings;
	PROF_VEC(struct prof_entry_label) v; /* sorted by key, keys differ */
	int64_t time_ns; /* 0: not told */
	bool matched; /* the path, the expression */
};

/* `fixed` are "key=value"; `from` may be NULL. PROF_EUSAGE. */
int prof_path_labels_init(struct prof_path_labels *l, const char *const *fixed, size_t n,
	struct prof_regex *from, const char *path, struct prof_err *e) PROF_CHECKED;
void prof_path_labels_fini(struct prof_path_labels *l);

#endif
