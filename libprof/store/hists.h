/* Histograms in a blob, kept apart from the rest of it: they are most of it, and mostly empty.
 *
 *	0	with which no such blob begins otherwise
 *	places	of each histogram: how many bytes of the rest come between the one before and it
 *	gaps	of each: from one bucket that is not empty to the next, the first from the one
 *		in front of all; then 0
 *	counts	of each of these buckets
 *	tops	of each that has a bucket: how far the largest value is above the least of the
 *		last bucket; signed, the total without what it would be were each value in the
 *		middle of its bucket, or without the largest where it is the only one
 *	rest
 *
 * The first four are lengths and bytes of varints. Who reads a blob need not know: prof_hists_join
 * puts the histograms back to where they belong, as prof_rd_hist (bytes.h) reads them.
 *
 *	prof_hists_init(&x)
 *	prof_put_uvarint(&x.rest, …), prof_hists_put(&x, &hist), …
 *	prof_hists_end(&x, out)
 */
#ifndef PROF_STORE_HISTS_H
#define PROF_STORE_HISTS_H

#include "libprof/base/buf.h"
#include "libprof/base/cursor.h"
#include "libprof/base/hist.h"

struct prof_hists {
	struct prof_buf rest, places, gaps, counts, tops;
	size_t last; /* place in `rest` */
};

void prof_hists_init(struct prof_hists *x);

/* Behind what `rest` has so far; it and the others fail by themselves. */
void prof_hists_put(struct prof_hists *x, const struct prof_hist *h);

/* Appends the blob, and frees what it was made of. `out` fails by itself. */
void prof_hists_end(struct prof_hists *x, struct prof_buf *out);

/* Whether the histograms of a blob are apart. */
bool prof_hists_are_apart(const void *p, size_t n);

/* Appends a blob whose histograms are apart as it is with them. PROF_EFORMAT names no place;
 * PROF_ENOMEM, PROF_ELIMIT.
 */
int prof_hists_join(const void *p, size_t n, const struct prof_mem *mem, struct prof_buf *out,
	struct prof_err *e) PROF_CHECKED;

#endif
