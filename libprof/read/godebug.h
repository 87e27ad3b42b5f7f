/* Decoder of what the Go runtime prints under GODEBUG=gctrace=1 or 2, gcpacertrace=1, scavtrace=1
 * and schedtrace=N, Go 1.5 to 1.27, on a line of its own or with a logger's prefix and suffix,
 * among the lines of any application. The lines (see runtime/mgc.go, mgcpacer.go, mgcscavenge.go,
 * proc.go):
 *
 *	gc N @T.TTTs P%: A+B+C ms clock, A+A/D/I+C ms cpu, H->H->H MB, G MB goal, … N P (forced)
 *	pacer: assist ratio=R (scan H MB in H->G MB) workers=D+F
 *	pacer: U% CPU (25 exp.) for H+S+G B work (E B exp.) in T B -> L B (∆goal D, cons/mark C)
 *	pacer: sweep done at heap size HMB; allocated AMB during sweep; swept N pages at R …
 *	scav N KiB work (bg), N KiB work (eager), N KiB now, U% util
 *	scan: total N+N+N=N objs, N+N=N spans
 *	SCHED Nms: gomaxprocs=N idleprocs=N threads=N … runqueue=N [ N N N N ]
 *
 * They are read by keyword, not by position: 1.5 has five parts of the clock (a third pause, which
 * counts as marking here), stacks and globals came with 1.18, the leak check with 1.26.
 * A line that cannot be read (cut, or written into by another thread) is counted. Several processes
 * may write to one log: see godebug_runs.h.
 */
#ifndef PROF_READ_GODEBUG_H
#define PROF_READ_GODEBUG_H

#include "libprof/model/timeline.h"
#include "libprof/read/input.h"

/* Reads all of `in` into `t` as one more source with its segments. A log without any of the lines
 * is no error: the source's counts tell.
 */
int prof_godebug_read(struct prof_input *in, struct prof_str name, struct prof_timeline *t,
	struct prof_err *e) PROF_CHECKED;

/* Whether the text has one of the lines above, be it cut. */
bool prof_godebug_is(const uint8_t *p, size_t n);

#endif
