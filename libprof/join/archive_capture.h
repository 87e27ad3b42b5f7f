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
};

/* Reads the trace to its end and inserts it; the item is as prof_store_pack wants it, and is
 * filled as by prof_store_insert. *damage: what is damaged, as a line in `e`'s form (its code is 0
 * where nothing is). What fails leaves nothing behind.
 */
int prof_capture_trace(struct prof_store *s, struct prof_store_item *item, struct prof_input *in,
	const struct prof_capture_options *opts, struct prof_err *damage,
	struct prof_err *e) PROF_CHECKED;

/* Inserts an item that was sealed, and beside it what else the text that it came from tells: the
 * timeline of a log (NULL: it is none), the goroutines of a dump (prof_goroutines_encode; may be
 * empty). `damages`: of the dump.
 */
int prof_capture_text(struct prof_store *s, struct prof_store_item *item, struct prof_timeline *log,
	const struct prof_buf *goroutines, int64_t damages, struct prof_err *e) PROF_CHECKED;

#endif
