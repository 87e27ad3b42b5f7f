/* Captures that are more than a profile, on their way into an archive: traces in one pass over the
 * file, logs and dumps out of what was read.
 */
#ifndef PROF_JOIN_ARCHIVE_CAPTURE_H
#define PROF_JOIN_ARCHIVE_CAPTURE_H

#include "libprof/model/timeline.h"
#include "libprof/read/input.h"
#include "libprof/store/capture.h"

struct prof_capture_options {
	bool complete; /* transitions, too */
	unsigned columns; /* of its profile (prof_trace_keep_choose) */
};

/* Reads the trace to its end and inserts it; the item is as prof_store_pack wants it, and is
 * filled as by prof_store_insert. *damage: what is damaged, as a line in `e`'s form (its code is 0
 * where nothing is). What fails leaves nothing behind.
 */
int prof_capture_trace(struct prof_store *s, struct prof_store_item *item, struct prof_input *in,
	const struct prof_capture_options *opts, struct prof_err *damage,
	struct prof_err *e) PROF_CHECKED;

/* What a text tells beside a profile. */
struct prof_capture_text {
	struct prof_timeline *log; /* NULL: it is none */
	const struct prof_buf *goroutines; /* of a dump (prof_goroutines_encode); may be empty */
	int64_t damages; /* of the dump */
	uint64_t dump, dumps; /* which it is of those in the file, from 1; 0: the only one */
};

/* Inserts an item that was sealed, with what else the text that it came from tells. */
int prof_capture_text(struct prof_store *s, struct prof_store_item *item,
	const struct prof_capture_text *text, struct prof_err *e) PROF_CHECKED;

/* Inserts the dumps of a text but for the last one, `n` of them, each as an entry like `item`,
 * which is as prof_store_pack wants it, but without the file's digest and bytes, which are the last
 * one's. *added: how many were not known. *damage as above: what is damaged, or could not be kept.
 */
int prof_capture_dumps(struct prof_store *s, const struct prof_store_item *item,
	struct prof_input *in, uint64_t n, uint64_t *added, struct prof_err *damage,
	struct prof_err *e) PROF_CHECKED;

#endif
