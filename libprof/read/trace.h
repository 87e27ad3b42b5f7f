/* Execution traces: begins to read one of any version. The header, 16 bytes ("go 1.22 trace" and
 * NULs), says which of two formats follows; each has a decoder of its own that fills the same
 * struct prof_trace (model/trace.h).
 */
#ifndef PROF_READ_TRACE_H
#define PROF_READ_TRACE_H

#include "libprof/model/trace.h"
#include "libprof/read/input.h"

/* Borrows `in`, which must stay open as long as the trace. 0, PROF_EFORMAT, PROF_EUNSUPPORTED (a
 * version that is not known), PROF_ENOMEM, PROF_ELIMIT, PROF_EIO.
 */
int prof_trace_from(
	struct prof_input *in, struct prof_trace **out, struct prof_err *e) PROF_CHECKED;

/* Only the header, of which `header` gets 16 bytes; `in` is behind it then. */
int prof_trace_read_header(
	struct prof_input *in, char header[17], unsigned *version, struct prof_err *e) PROF_CHECKED;

#endif
