/* Decoder of folded stacks: what stackcollapse-perf.pl, bcc's tools, async-profiler and many others
 * write for flamegraph.pl.
 *
 *	swapper;start_kernel_[k];cpu_idle_[k] 12
 *	java;Main.run_[j];List.add_[i] 3.5
 *
 * A line is frames, root first, joined by ';', then blanks and a count. It becomes a sample of type
 * samples/count, each frame a location of its own without an address: lines are not merged. Of
 * flamegraph.pl's annotations "_[k]" "_[j]" "_[0]" "_[1]" stay part of the name; "_[i]" says that
 * the frame is inlined into the one before it, joins that one's location, and goes.
 *
 * Counts may have decimals, as flamegraph.pl takes them, and are rounded as it prints sums: to the
 * nearest integer, halves to the even one. Other than there, a count may be negative (the
 * difference of two profiles). Empty frames have no name; those at the end of a stack are left out.
 *
 * What is no stack is skipped, as flamegraph.pl does: blank lines and comments ("# …") silently,
 * all else counted in unknown_fields and told in a comment of the profile. A file in which every
 * line has two counts (difffolded.pl) is refused: its halves are profiles of their own.
 */
#ifndef PROF_READ_FOLDED_H
#define PROF_READ_FOLDED_H

#include "libprof/model/profile.h"
#include "libprof/read/input.h"

/* 0 with *out set; PROF_EFORMAT, PROF_EUNSUPPORTED (two counts), PROF_ELIMIT, PROF_EIO,
 * PROF_ENOMEM. */
int prof_folded_decode(
	struct prof_input *in, struct prof_profile **out, struct prof_err *e) PROF_CHECKED;

/* Whether most of the first lines are folded stacks, and most of these have a ';'. `n` bytes, which
 * end the input where `whole`.
 */
bool prof_folded_is(const void *p, size_t n, bool whole);

#endif
