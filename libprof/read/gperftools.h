/* Decoder of the CPU profiles of gperftools (and of what imitates it: cgo programs, old Google
 * tools). Words of 32 or 64 bits of either byte order:
 *
 *	0 3 0 PERIOD 0			header; the period is in microseconds
 *	COUNT N ADDRESS…		a stack of N addresses, leaf first, any number of times
 *	0 1 0				the end
 *
 * then the text of /proc/self/maps (text_maps.h). Each stack is a row, also one that stands twice.
 *
 * As pprof reads them: types samples/count and cpu/nanoseconds; call addresses, all but the leaf,
 * are one less than written; an address behind the leaf that (nearly) all stacks share is the
 * signal's handler and is left out, twice at most; so is a leaf that stands twice. (Heap profiles
 * are text: text_profile.h.)
 *
 * A file that ends between two stacks, without the end mark, is read and gets a comment that tells
 * so; one that ends inside of a stack is refused.
 */
#ifndef PROF_READ_GPERFTOOLS_H
#define PROF_READ_GPERFTOOLS_H

#include <stdbool.h>

#include "libprof/model/profile.h"
#include "libprof/read/input.h"

/* 0 with *out set; PROF_EFORMAT, PROF_EUNSUPPORTED (of a Java program), PROF_ELIMIT, PROF_EIO,
 * PROF_ENOMEM.
 */
int prof_gperftools_decode(
	struct prof_input *in, struct prof_profile **out, struct prof_err *e) PROF_CHECKED;

/* Whether the bytes begin with such a header. */
bool prof_gperftools_is_cpu(const void *p, size_t n);

#endif
