/* Decoder of text profiles: what Go writes for debug=1, and gperftools' heap profiles.
 *
 *	goroutine profile: total 154		NAME of any profile that counts
 *	21 @ 0x4885ca 0x41701c 0x698656 0x48f4c1
 *	# labels: {"endpoint":"/order"}
 *	#	0x698655	main.leakSend.func1+0x35	shop/leaky/main.go:51
 *
 *	heap profile: 3: 4096 [8: 9999] @ heap/1048576
 *	1: 1024 [2: 2048] @ 0x…			in use, and [allocated]: objects: bytes
 *
 *	--- mutex:				or contention (block), contentionz (C++)
 *	cycles/second=2596121492
 *	sampling period=5
 *	26838868350 1840 @ 0x…			cycles, contentions
 *
 * then, perhaps, runtime.MemStats as comments (skipped: they are no profile), or a line
 * "MAPPED_LIBRARIES:" and mappings (text_maps.h).
 *
 * Types, units, period, values, addresses, mappings, drop_frames and keep_frames are those of
 * pprof's parser for these formats; call addresses are one less than written. pprof skips the
 * comment lines. Here they name the frames, and a record that has them becomes what Go writes for
 * it in profile.proto:
 *
 * - Go leaves runtime.goexit, the last frame of a goroutine, out of the lines and of profile.proto:
 *   an address without a line behind one with is left out, where it is the last.
 * - Go's lines begin with the first frame outside of the runtime. The frames above it are left out
 *   of a heap profile, as in profile.proto; elsewhere they stay, named where the file names their
 *   address in another record, else unknown. (Of a stack within the runtime, Go names all.)
 * - An inlined frame has an address of its own in the text. It is known by its function's entry
 *   (pc - offset), which is that of the frame below, and joins that frame's location.
 *
 * Heap values are unsampled as pprof does: "heap/2R" and "heap_v2/R" by the probability of sampling
 * one object of the record's mean size every R bytes, "heapprofile" not. A label "bytes" has that
 * mean size.
 *
 * Delays are cycles / (cycles/second). pprof multiplies both columns of a mutex profile by the
 * sampling period; right for Go up to 1.19 and wrong since 1.20, which writes them multiplied
 * already: five times too much for a fraction of 5. So here they are not multiplied when all the
 * file's counts and cycles are multiples of the period (what 1.20 writes; else one record passes
 * once in period squared times), or when it names functions that only later versions have
 * (then the fraction was changed under way); else they are, as by pprof. A period of 0 (sampling
 * was off at the end) multiplies nothing. Block profiles have no period.
 *
 * Lines may have any length, \r\n ends, a byte order mark. Lines of no known kind are skipped and
 * counted in unknown_fields; so is a broken record at the end of a file without a last line end.
 * Any other broken record is an error at its offset. A file whose records do not add up to what its
 * first line says gets a comment that tells so.
 */
#ifndef PROF_READ_TEXT_PROFILE_H
#define PROF_READ_TEXT_PROFILE_H

#include "libprof/model/profile.h"
#include "libprof/read/input.h"

/* 0 with *out set; PROF_EFORMAT, PROF_EUNSUPPORTED (contentions of Java, unknown forms of a heap
 * profile), PROF_ELIMIT, PROF_EIO, PROF_ENOMEM.
 */
int prof_text_decode(
	struct prof_input *in, struct prof_profile **out, struct prof_err *e) PROF_CHECKED;

/* Whether the bytes begin with the first line of a text profile. */
bool prof_text_is_profile(const void *p, size_t n);

#endif
