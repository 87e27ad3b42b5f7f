/* Execution traces of go 1.22 and later: a header, then generations (about a second each) of
 * batches.
 *
 *	batch = 01 gen m time size data[size]		numbers are varints, size <= 64 KiB
 *	      | 49 exp gen m time size data[size]	of an experiment (go 1.23)
 *	      | 52					the generation ends (go 1.26)
 *	data  = 04 { 05 id len bytes }			strings
 *	      | 02 { 03 id n { pc func file line } }	stacks, leaf first
 *	      | 06 { 07 time m p g stack }		CPU samples
 *	      | 50 { 08 freq | 51 dt mono sec nsec }	clocks (before go 1.25: 08 freq)
 *	      | { type dt args }			events of thread m
 *
 * Strings and stacks are of one generation. Events of a thread are in order; those of several are
 * put in order by time and, as clocks of cores differ, by the sequence numbers that goroutines and
 * procs carry (trace2_order.c).
 *
 * The batches of one generation are in memory at a time. What is damaged is listed with the trace
 * and costs no more than itself: batches that cannot be read are passed over, tables that are
 * missing leave ids without a text, events that contradict what is known make what they imply true.
 */
#ifndef PROF_READ_TRACE2_H
#define PROF_READ_TRACE2_H

#include "libprof/read/trace.h"

/* `t->header` and `t->version` are set and `in` stands behind the header. Sets the rest of what a
 * decoder of `t` has: wire, can, fill, close, decoder.
 */
int prof_trace2_begin(struct prof_trace *t, struct prof_input *in, struct prof_err *e) PROF_CHECKED;

#endif
