/* Decoder of goroutine dumps: what runtime.Stack, debug=2 of the goroutine profile, a panic, a
 * fatal error and SIGQUIT write, with or without GOTRACEBACK, inside any log (dump_lines.h).
 *
 *	goroutine 20 [chan receive, 3 minutes]:		dump_header.h
 *	main.(*pool).worker(0x0?)
 *		shop/leaky/main.go:88 +0x77[ fp=0x.. sp=0x.. pc=0x..]
 *	main.inlined(...)				joins the location of the frame below
 *		shop/leaky/main.go:80
 *	...12 frames elided...				or ...additional frames elided...
 *	created by main.main in goroutine 1		the goroutine since 1.21
 *		shop/leaky/main.go:99 +0xda
 *	[originating from goroutine 1]:			GODEBUG=tracebackancestors: skipped
 *
 * A blank line ends a goroutine. "goroutine 0" is no goroutine but a thread's scheduler: left out.
 * Lines between goroutines are the log's and are passed over.
 *
 * A file may hold several dumps, each a moment of its own: a new one begins with the id of a
 * goroutine that the one before has. But where GOTRACEBACK=crash lets every thread dump itself
 * (behind lines "-----") the goroutine that ran there is told for a second time, now with its
 * stack, which counts.
 *
 * A text that ends inside a goroutine loses that one and has a damage (struct prof_profile); so has
 * one with frames that lack their second line. The state "semacquire" of old versions is told apart
 * by who waits: sync.WaitGroup, sync.Mutex …
 */
#ifndef PROF_READ_DUMP_H
#define PROF_READ_DUMP_H

#include "libprof/model/goroutine.h"
#include "libprof/read/input.h"

struct prof_dump_reader;

/* Borrows `in`. 0, PROF_ENOMEM, PROF_ELIMIT. */
int prof_dump_reader_new(
	struct prof_input *in, struct prof_dump_reader **out, struct prof_err *e) PROF_CHECKED;
void prof_dump_reader_free(struct prof_dump_reader *d);

/* The next dump: 1 with *out the caller's, 0 when there is none left, PROF_EIO, PROF_ENOMEM,
 * PROF_ELIMIT. */
int prof_dump_next(
	struct prof_dump_reader *d, struct prof_goroutines **out, struct prof_err *e) PROF_CHECKED;

/* The last dump of the input; as a profile alone, with a comment that tells of others.
 * PROF_EFORMAT: there is none.
 */
int prof_dump_last(
	struct prof_input *in, struct prof_goroutines **out, struct prof_err *e) PROF_CHECKED;
int prof_dump_decode(
	struct prof_input *in, struct prof_profile **out, struct prof_err *e) PROF_CHECKED;

/* Whether a goroutine's first line is among these. */
bool prof_dump_is(const void *p, size_t n);

#endif
