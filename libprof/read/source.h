/* Where bytes come from: a file, standard input or memory. */
#ifndef PROF_READ_SOURCE_H
#define PROF_READ_SOURCE_H

#include "libprof/base/err.h"

struct prof_source {
	int fd; /* -1: memory */
	int owned;
	const uint8_t *mem;
	size_t left; /* of mem */
	uint64_t offset; /* bytes handed out so far */
	uint64_t size; /* of a regular file; else 0 */
};

/* "-" is standard input. PROF_EIO when it cannot be opened, or is a directory. */
int prof_source_open(struct prof_source *s, const char *path, struct prof_err *e) PROF_CHECKED;
void prof_source_memory(struct prof_source *s, const void *p, size_t len);
void prof_source_close(struct prof_source *s);

/* Up to cap bytes into buf; *got is 0 only at the end. */
int prof_source_read(
	struct prof_source *s, void *buf, size_t cap, size_t *got, struct prof_err *e) PROF_CHECKED;

#endif
