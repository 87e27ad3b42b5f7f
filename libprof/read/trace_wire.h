/* The records of a trace of go 1.22 or later, one after the other, whatever they mean. */
#ifndef PROF_READ_TRACE_WIRE_H
#define PROF_READ_TRACE_WIRE_H

#include "libprof/model/trace_wire.h"
#include "libprof/read/input.h"

struct prof_wire_reader {
	struct prof_input *in;
	PROF_VEC(uint64_t) frames;
};

/* Reads the header; borrows `in`. PROF_EUNSUPPORTED: a version before go 1.22. */
int prof_wire_open(
	struct prof_wire_reader *r, struct prof_input *in, struct prof_err *e) PROF_CHECKED;
void prof_wire_close(struct prof_wire_reader *r);

/* 1: the next record, until the next call; 0: the end; or an error. */
int prof_wire_next(
	struct prof_wire_reader *r, struct prof_wire_record *out, struct prof_err *e) PROF_CHECKED;

#endif
