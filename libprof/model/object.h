/* An object of a report under construction. What is not known becomes null.
 *
 *	struct prof_object o = {.n = 0};
 *	prof_object_int(&o, "lines", known, lines);
 *	rc = prof_report_object(r, o.v, o.n, &cell, e);
 */
#ifndef PROF_MODEL_OBJECT_H
#define PROF_MODEL_OBJECT_H

#include <math.h>

#include "libprof/model/report.h"

enum { PROF_OBJECT_FIELDS = 32 };

struct prof_object {
	struct prof_field v[PROF_OBJECT_FIELDS];
	size_t n;
};

static inline void prof_object_put(struct prof_object *o, const char *key, struct prof_cell v)
{
	o->v[o->n++] = (struct prof_field){key, v};
}

static inline void prof_object_int(struct prof_object *o, const char *key, bool known, int64_t v)
{
	prof_object_put(o, key, known ? prof_cell_int(v) : PROF_NULL_CELL);
}

/* Infinite ones are not known, too. */
static inline void prof_object_real(struct prof_object *o, const char *key, double v)
{
	prof_object_put(o, key, isfinite(v) ? prof_cell_real(v) : PROF_NULL_CELL);
}

static inline void prof_object_text(struct prof_object *o, const char *key, const char *v)
{
	prof_object_put(o, key, prof_cell_text(v));
}

#endif
