/* Execution traces of go 1.5 to go 1.21: a header, then records up to the end of the file.
 *
 *	record = type | (n-1) << 6 { varint }*n		n <= 3 numbers
 *	       | type | 3 << 6 length { varint }	more, in `length` bytes
 *	       | 37 id length bytes			a string (go 1.7)
 *
 * (go 1.5 counts one more on both sides.) A Batch says which proc the records behind it are of, and
 * the time that the differences of their times start from. Batches of all procs stand mixed;
 * strings, stacks and the clock's frequency, without which times mean nothing, are at the end. So
 * the file is read twice: first all records are walked over, for an index of the batches, the
 * tables, and what is known late (below); then the events of each proc are read beside those of the
 * others and put in order: by time and, as clocks of cores differ, by the sequence numbers that
 * goroutines carry; before go 1.7 by a sequence number of all events.
 *
 * The end of a system call is recorded when its goroutine runs again, along with the time when it
 * was: those, and CPU samples, are collected in the first pass. Memory is in proportion to them,
 * the tables, batches (64 KiB each) and live goroutines.
 *
 * What is damaged is listed with the trace and costs no more than itself: bytes that make no sense
 * are passed over up to the next records that do, ids that no table has stay without a text, and
 * events that contradict what is known make what they imply true.
 */
#ifndef PROF_READ_TRACE1_H
#define PROF_READ_TRACE1_H

#include "libprof/read/trace.h"

/* As prof_trace2_begin. */
int prof_trace1_begin(struct prof_trace *t, struct prof_input *in, struct prof_err *e) PROF_CHECKED;

#endif
