/* Reports that are as long as the profile: written while they are made, a sample or a node at a
 * time, from the view of analyse/view.h. Declared in prof.h: prof_raw, prof_traces, prof_comments,
 * prof_callgrind.
 */
#ifndef PROF_JOIN_STREAM_H
#define PROF_JOIN_STREAM_H

#include "libprof/prof.h"

#endif
