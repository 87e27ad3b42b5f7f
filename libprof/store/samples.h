/* A packed profile as bytes, before they are sealed.
 *
 *	head, maps, time, duration, period, unknown fields
 *	samples, order, then their nodes, sets of labels, and a column a type
 *	spare locations and functions: their number, then the ids
 *
 * Nodes are differences to the one before. The order of samples is kept where that costs little:
 * as it is, or as the order of a column, which Go's block and mutex profiles have. Else samples
 * stand in the order of their nodes. A column is one of
 *
 *	ZERO
 *	GCD	the greatest common divisor, then the quotients
 *	TIMES	another column times a number: a Go CPU profile's time is its count times its period
 *	NEAR	another column times the label "bytes" and what is left: a Go heap profile's
 *		space is its objects times their size, but for rounding
 */
#ifndef PROF_STORE_SAMPLES_H
#define PROF_STORE_SAMPLES_H

#include "libprof/store/pack.h"

enum prof_keep_order {
	PROF_ORDER_CHEAP, /* where it costs at most file_bytes / 100 */
	PROF_ORDER_ALWAYS,
};

/* Fills k->sizes, the label "bytes" of each sample, which the other two need. */
int prof_samples_sizes(
	const struct prof_dict *d, struct prof_packed *k, struct prof_err *e) PROF_CHECKED;

/* Fills k->order, which the other two do where it is not done yet: by node, set of labels and
 * values.
 */
int prof_samples_sort(struct prof_packed *k, struct prof_err *e) PROF_CHECKED;

/* Appends to `out`; sets k->sorted. `file_bytes`: of the file that the profile came from. `sha256`:
 * of what the profile says, the order of its samples apart: equal for two that were packed with the
 * same dictionaries just when the profiles are equal.
 */
int prof_samples_encode(struct prof_packed *k, enum prof_keep_order keep, uint64_t file_bytes,
	struct prof_buf *out, uint8_t sha256[32], struct prof_err *e) PROF_CHECKED;

/* The digest alone. */
int prof_samples_digest(struct prof_packed *k, uint8_t sha256[32], struct prof_err *e) PROF_CHECKED;

/* Into an empty *k, as prof_packed_init left it. Ids are for prof_unpack to check. PROF_EFORMAT,
 * PROF_ENOMEM, PROF_ELIMIT.
 */
int prof_samples_decode(const void *p, size_t len, const struct prof_dict *d, struct prof_packed *k,
	struct prof_err *e) PROF_CHECKED;

#endif
