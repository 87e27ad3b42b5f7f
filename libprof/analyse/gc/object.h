/* An object of a report under construction. What is absent (PROF_ABSENT, NAN) becomes null.
 *
 *	struct prof_gc_object o = {0};
 *	prof_gc_put_int(&o, "lines", s->lines);
 *	rc = prof_gc_object_cell(r, &o, &cell, e);
 */
#ifndef PROF_ANALYSE_GC_OBJECT_H
#define PROF_ANALYSE_GC_OBJECT_H

#include <math.h>

#include "libprof/model/report.h"
#include "libprof/model/timeline.h"

struct prof_gc_object {
	struct prof_field v[32];
	size_t n;
};

static inline struct prof_cell prof_gc_int(int64_t v)
{
	return v == PROF_ABSENT ? PROF_NULL_CELL : prof_cell_int(v);
}

static inline struct prof_cell prof_gc_real(double v)
{
	return isfinite(v) ? prof_cell_real(v) : PROF_NULL_CELL;
}

static inline void prof_gc_put(struct prof_gc_object *o, const char *key, struct prof_cell v)
{
	o->v[o->n++] = (struct prof_field){key, v};
}

static inline void prof_gc_put_int(struct prof_gc_object *o, const char *key, int64_t v)
{
	prof_gc_put(o, key, prof_gc_int(v));
}

static inline void prof_gc_put_real(struct prof_gc_object *o, const char *key, double v)
{
	prof_gc_put(o, key, prof_gc_real(v));
}

static inline void prof_gc_put_str(struct prof_gc_object *o, const char *key, struct prof_str v)
{
	prof_gc_put(o, key, prof_cell_str(v));
}

#endif
