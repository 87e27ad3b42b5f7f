/* What every decoder reads: a window on the bytes of a source, inflated when they are gzip'd (any
 * number of members, by content, never by name).
 *
 *	while ((rc = prof_input_fill(in, 20, e)) == 0 && in->p < in->end) {
 *		… look at in->p .. in->end, move in->p …
 *	}
 *
 * Memory is the window, which grows only to what one prof_input_fill asked for and the source
 * really had. Offsets count inflated bytes; those of gzip's own errors count the compressed ones.
 */
#ifndef PROF_READ_INPUT_H
#define PROF_READ_INPUT_H

#include <stdbool.h>

#include "libprof/base/mem.h"
#include "libprof/read/source.h"

struct prof_ahead;
struct prof_gunzip;

struct prof_input {
	const uint8_t *p, *end; /* read, not yet consumed */
	bool eof; /* nothing follows `end` */
	bool gzipped;

	struct prof_source src;
	struct prof_gunzip *gz, *spare; /* spare: kept by prof_input_again */
	struct prof_ahead *ahead; /* inflates in a thread; NULL: none */
	bool wants_ahead; /* a large input is to be inflated in a thread: set by a decoder */
	struct prof_mem mem;
	struct prof_limits limits;
	uint8_t *window;
	size_t cap;
	uint64_t total; /* bytes up to `end` */
};

/* limits NULL: the defaults. 0, PROF_EIO, PROF_ENOMEM, PROF_EFORMAT. */
int prof_input_open(struct prof_input *in, const char *path, const struct prof_limits *limits,
	struct prof_err *e) PROF_CHECKED;
int prof_input_memory(struct prof_input *in, const void *p, size_t len,
	const struct prof_limits *limits, struct prof_err *e) PROF_CHECKED;
void prof_input_close(struct prof_input *in);

/* As prof_input_memory, of one that is all zero or was begun before, whose memory is used again:
 * for many small files, of which each would take and clear as much.
 */
int prof_input_again(struct prof_input *in, const void *p, size_t len,
	const struct prof_limits *limits, struct prof_err *e) PROF_CHECKED;

/* Makes end - p at least `want`, or all that is left. Moves the window: pointers into it end. */
int prof_input_fill(struct prof_input *in, size_t want, struct prof_err *e) PROF_CHECKED;

/* Skips n bytes; PROF_EFORMAT when there are fewer. */
int prof_input_skip(struct prof_input *in, uint64_t n, struct prof_err *e) PROF_CHECKED;

/* Behind a decoder that failed with rc: where the gzip around it is damaged that is the reason, and
 * the error; the rest is read to know. Returns the error's code.
 */
int prof_input_blame(struct prof_input *in, int rc, struct prof_err *e);

/* The offset of in->p. */
static inline uint64_t prof_input_offset(const struct prof_input *in)
{
	return in->total - (uint64_t)(in->end - in->p);
}

#endif
