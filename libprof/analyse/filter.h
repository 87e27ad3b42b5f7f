/* prof_filter_frames and prof_filter_uninteresting of prof.h. Both edit the stacks in place: each
 * location is marked once, then every stack is narrowed by its locations' marks.
 */
#ifndef PROF_ANALYSE_FILTER_H
#define PROF_ANALYSE_FILTER_H

#include "libprof/model/profile.h"

#endif
