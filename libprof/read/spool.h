/* All bytes of an input, at any offset: for formats that must be read twice. A regular file is read
 * where it is, memory too; what can be read but once (a pipe, gzip) goes to a temporary file first,
 * which has no name and ends with the process. The first MEMORY_BYTES of such are kept in memory,
 * so that small inputs need no file.
 */
#ifndef PROF_READ_SPOOL_H
#define PROF_READ_SPOOL_H

#include "libprof/read/input.h"

struct prof_spool {
	struct prof_mem *mem;
	uint64_t size; /* bytes that are there */
	/* Bytes up to n_head are at `head`, those behind it in the file. */
	const uint8_t *head;
	uint64_t n_head;
	uint8_t *buf; /* where `head` is owned: cap bytes */
	size_t cap;
	int fd; /* -1: none */
	bool owned; /* fd is the temporary file */
	int64_t fd_start; /* offset in fd of byte 0 */
};

/* Offsets are those of `in`, of which all is consumed. Where a gzip around it is damaged, what was
 * inflated is there, and *damaged says what is wrong (its code is 0 otherwise). 0, PROF_EIO,
 * PROF_ENOMEM, PROF_ELIMIT.
 */
int prof_spool_open(struct prof_spool *s, struct prof_input *in, struct prof_mem *mem,
	struct prof_err *damaged, struct prof_err *e) PROF_CHECKED;
void prof_spool_close(struct prof_spool *s);

/* The n bytes at `offset`: PROF_EIO when they are not there any longer. */
int prof_spool_read(struct prof_spool *s, uint64_t offset, void *buf, size_t n,
	struct prof_err *e) PROF_CHECKED;

#endif
