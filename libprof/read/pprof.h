/* Decoder of profile.proto (proto/profile.proto has the format), plain or gzip'd.
 *
 * One streaming pass over the top-level fields in any order. Samples come before the tables that
 * they point into in every file that Go writes, so ids and string indices are kept as they are read
 * and resolved at the end: dense ids (1 … n in order, as Go writes) by arithmetic, others by a
 * table.
 *
 * Refused, as Go's decoder does: wrong wire types and groups, varints over 64 bits, lengths that
 * lead out of their message, string_table[0] != "", indices and ids that lead nowhere, ids that are
 * 0 or stand twice, samples whose values do not match the types, a second non-zero time
 * (concatenated profiles). Beyond it: unknown mapping ids. Unknown fields are skipped and counted.
 */
#ifndef PROF_READ_PPROF_H
#define PROF_READ_PPROF_H

#include "libprof/model/profile.h"
#include "libprof/read/input.h"

/* 0 with *out set, or PROF_E… with `e` telling the offset; nothing is kept of a damaged file, for
 * its strings, which give all else its meaning, come last.
 */
int prof_pprof_decode(
	struct prof_input *in, struct prof_profile **out, struct prof_err *e) PROF_CHECKED;

#endif
