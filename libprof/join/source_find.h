/* Finds and reads the source files that a profile names.
 *
 * A name is first looked for as pprof does: `trim_path`'s prefixes are cut off (without any: what
 * stands before a folder called as one of the search path's), an absolute name must then be
 * there, a relative one is tried in each directory of `source_path` and in all of its parents.
 * After that, in the same directories D:
 *
 *	a/b.go of -trimpath builds        D/a/b.go D/src/a/b.go D/vendor/a/b.go
 *	…/pkg/mod/M@v/a.go, M@v/a.go      D/M@v/a.go D/pkg/mod/M@v/a.go, with "!x" for "X" as in the
 *	                                  module cache, D/vendor/M/a.go D/src/M/a.go
 *	…/vendor/M/a.go                   D/vendor/M/a.go
 *	/…/src/a/b.go                     D/a/b.go D/src/a/b.go
 *	M/a.go, D/go.mod says module M    D/a.go
 *
 * Names are somebody else's: only regular files of up to 64 MiB are opened, never to be written,
 * and what they say about their size is all that is read of them (so nothing of /proc).
 */
#ifndef PROF_JOIN_SOURCE_FIND_H
#define PROF_JOIN_SOURCE_FIND_H

#include "libprof/base/buf.h"

struct prof_source_text {
	bool found;
	char *p;
	size_t size; /* of p */
	PROF_VEC(size_t) starts; /* of each line */
};

/* A directory to look in, and what it holds once that was asked. */
struct prof_source_dir {
	struct prof_str path;
	bool known;
	unsigned has; /* bits of the places under it that are there */
	struct prof_str module; /* by its go.mod; empty: none */
};

struct prof_source_find {
	struct prof_mem *mem;
	const char *trim_path; /* "": none */
	const char *source_path; /* as it was given; "": the current directory */
	char *search; /* the same, or the current directory's name */
	PROF_VEC(struct prof_source_dir) dirs; /* in the order to look */
	struct prof_arena arena;
	struct prof_map64 known; /* -> texts */
	PROF_VEC(struct prof_source_text) texts;
	struct prof_buf path, version, escape; /* scratch */
};

/* Borrows the lists; either may be NULL. PROF_EIO: the current directory has no name.
 * prof_source_find_fini is due whatever it returns.
 */
int prof_source_find_init(struct prof_source_find *f, struct prof_mem *mem, const char *source_path,
	const char *trim_path, struct prof_err *e) PROF_CHECKED;
void prof_source_find_fini(struct prof_source_find *f);

/* The file that `path` names, each `id` looked for once; *out lives until the next call and may not
 * be found. PROF_ENOMEM, PROF_ELIMIT.
 */
int prof_source_find(struct prof_source_find *f, uint32_t id, struct prof_str path,
	const struct prof_source_text **out, struct prof_err *e) PROF_CHECKED;

/* Line `line`, from 1 on, without its end; false: there is none. */
bool prof_source_text_line(const struct prof_source_text *t, int64_t line, struct prof_str *out);

/* "/a/b.go, DIR, DIR": where `path` was looked for. Parents are not listed. */
void prof_source_find_places(
	const struct prof_source_find *f, struct prof_str path, struct prof_buf *b);

#endif
