/* Values of the collector in reports: what is absent (PROF_ABSENT, NAN) becomes null. */
#ifndef PROF_ANALYSE_GC_OBJECT_H
#define PROF_ANALYSE_GC_OBJECT_H

#include "libprof/model/object.h"
#include "libprof/model/timeline.h"

static inline struct prof_cell prof_gc_int(int64_t v)
{
	return v == PROF_ABSENT ? PROF_NULL_CELL : prof_cell_int(v);
}

static inline struct prof_cell prof_gc_real(double v)
{
	return isfinite(v) ? prof_cell_real(v) : PROF_NULL_CELL;
}

static inline void prof_gc_put_int(struct prof_object *o, const char *key, int64_t v)
{
	prof_object_put(o, key, prof_gc_int(v));
}

#endif
