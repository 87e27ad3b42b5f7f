/* Inflates in a thread of its own, ahead of who reads: for inputs whose decoding takes about as
 * long as inflating. Up to 16 MiB ahead: a generation of a trace is read as a whole, and the next
 * one is inflated while it is put in order.
 */
#ifndef PROF_READ_AHEAD_H
#define PROF_READ_AHEAD_H

#include "libprof/base/mem.h"
#include "libprof/read/gunzip.h"

struct prof_ahead;

/* Until prof_ahead_free `gz` is the thread's alone. NULL where there can be no thread, or no memory
 * for it: then `gz` is as before.
 */
struct prof_ahead *prof_ahead_new(struct prof_gunzip *gz, struct prof_mem *mem);

/* Stops the thread; what it had inflated ahead is lost. */
void prof_ahead_free(struct prof_ahead *a);

/* As prof_gunzip_read. */
int prof_ahead_read(
	struct prof_ahead *a, void *buf, size_t cap, size_t *got, struct prof_err *e) PROF_CHECKED;

#endif
