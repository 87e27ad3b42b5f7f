/* The first pass over a trace (trace1_impl.h): what its two files share. */
#ifndef PROF_READ_TRACE1_SCAN_H
#define PROF_READ_TRACE1_SCAN_H

#include "libprof/base/cursor.h"
#include "libprof/read/trace1_impl.h"

struct t1_scan {
	struct t1 *d;
	const uint8_t *p, *end; /* the window */
	uint64_t read; /* offset of `end` */
	uint8_t *buf;
	size_t cap;
	uint32_t cursor; /* whose records these are; PROF_NONE: nobody's */
	uint64_t orphans; /* records of nobody */
	PROF_VEC(uint64_t) late; /* offsets of stacks that name strings behind them */
	struct prof_trace_frame frames[T1_MAX_FRAMES];
};

struct t1_record {
	uint8_t type;
	bool cut; /* it goes on behind the bytes that there are */
	size_t size;
	struct prof_rd args; /* of a string and a log: what is behind the arguments, too */
};

static inline uint64_t t1_scan_offset(const struct t1_scan *s)
{
	return s->read - (uint64_t)(s->end - s->p);
}

/* The record at s->p, all of it in the window where the file has it; *why: NULL, or why there is
 * none.
 */
int t1_scan_look(struct t1_scan *s, struct t1_record *r, const char **why) PROF_CHECKED;

/* What records at s->p say. */
int t1_scan_string(struct t1_scan *s, struct t1_record *r) PROF_CHECKED;
int t1_scan_stack(struct t1_scan *s, struct t1_record *r) PROF_CHECKED;
int t1_scan_exit(struct t1 *d, struct prof_rd *r) PROF_CHECKED;
int t1_scan_sample(struct t1 *d, struct prof_rd *r) PROF_CHECKED;
int t1_scan_timer(struct t1 *d, struct prof_rd *r) PROF_CHECKED;

/* Stacks whose strings were read after them, or are lost. Moves the window. */
int t1_scan_late_stacks(struct t1_scan *s) PROF_CHECKED;

/* Sorts the ends of system calls and the samples. */
void t1_scan_sort(struct t1 *d);

#endif
