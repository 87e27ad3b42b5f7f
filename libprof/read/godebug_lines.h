/* The lines of GODEBUG logs, one by one (see godebug.h). */
#ifndef PROF_READ_GODEBUG_LINES_H
#define PROF_READ_GODEBUG_LINES_H

#include "libprof/model/timeline.h"
#include "libprof/read/text_lines.h"

enum prof_godebug_sort {
	PROF_GODEBUG_NONE, /* nothing more of the runtime's on this line */
	PROF_GODEBUG_GC, /* `cycle` */
	PROF_GODEBUG_ASSIST, /* pacer: of the cycle that comes next */
	PROF_GODEBUG_WORK, /* likewise */
	PROF_GODEBUG_SWEEP, /* pacer: of the cycle before */
	PROF_GODEBUG_SCAV, /* likewise; scavenged_bytes is to be added up */
	PROF_GODEBUG_SCAN,
	PROF_GODEBUG_SCHED, /* `sched` */
	PROF_GODEBUG_DETAIL, /* a line of details that is not kept */
	PROF_GODEBUG_UNREADABLE,
};

struct prof_godebug_sched {
	int64_t t_ns, gomaxprocs, idleprocs, threads, runqueue; /* runqueue: of all Ps, too */
};

/* What a line holds: of `pacing` only the fields that it sets. */
struct prof_godebug_line {
	struct prof_gc_cycle cycle;
	struct prof_gc_pacing pacing;
	struct prof_godebug_sched sched;
};

/* Reads the first of the runtime's records on what is left of the line and moves behind it. `out`
 * must be all absent (prof_gc_cycle_init, prof_gc_pacing_init) but for what earlier calls set.
 */
enum prof_godebug_sort prof_godebug_next(struct prof_text_line *l, struct prof_godebug_line *out);

#endif
