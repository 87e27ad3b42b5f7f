/* What the name of a Go function says of it, and of what captures of one program call differently.
 */
#ifndef PROF_MODEL_GO_NAMES_H
#define PROF_MODEL_GO_NAMES_H

#include "libprof/base/buf.h"
#include "libprof/base/strtab.h"

/* The name without type arguments ("F[...]"), which dumps do not tell; `room` may hold it. */
struct prof_str prof_go_plain_name(struct prof_str name, struct prof_buf *room);

/* Whether captures differ in showing it: of the runtime, or a wrapper that the compiler makes. */
bool prof_go_is_hidden(struct prof_str name);

/* Of the standard library or the runtime, by its import path. */
bool prof_go_is_library(struct prof_str name);

#endif
