/* Inflates in a thread of its own, a few buffers ahead of who reads: for inputs whose decoding
 * takes about as long as inflating.
 */
#ifndef PROF_READ_AHEAD_H
#define PROF_READ_AHEAD_H

#include "libprof/read/gunzip.h"

struct prof_ahead;

/* Until prof_ahead_free `gz` is the thread's alone. NULL where there can be no thread: then `gz` is
 * as before.
 */
struct prof_ahead *prof_ahead_new(struct prof_gunzip *gz);

/* Stops the thread; what it had inflated ahead is lost. */
void prof_ahead_free(struct prof_ahead *a);

/* As prof_gunzip_read. */
int prof_ahead_read(
	struct prof_ahead *a, void *buf, size_t cap, size_t *got, struct prof_err *e) PROF_CHECKED;

#endif
