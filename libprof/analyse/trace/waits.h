/* How often and how long each of many waited, by reason. The few reasons of one are a list; all
 * lists share one table, in which what is freed is used again.
 */
#ifndef PROF_ANALYSE_TRACE_WAITS_H
#define PROF_ANALYSE_TRACE_WAITS_H

#include "libprof/base/hash.h"

struct prof_trace_wait {
	int64_t count, ns;
	uint32_t reason; /* a string */
	uint32_t next; /* of its list; PROF_NONE */
};

struct prof_trace_waits {
	struct prof_mem *mem;
	PROF_VEC(struct prof_trace_wait) v;
	uint32_t free; /* a list, too */
};

void prof_trace_waits_init(struct prof_trace_waits *w, struct prof_mem *mem);
void prof_trace_waits_fini(struct prof_trace_waits *w);

/* Adds to the list that begins at *list, PROF_NONE when empty. */
int prof_trace_waits_add(struct prof_trace_waits *w, uint32_t *list, uint32_t reason, int64_t count,
	int64_t ns, struct prof_err *e) PROF_CHECKED;

/* Empties it. */
void prof_trace_waits_free(struct prof_trace_waits *w, uint32_t *list);

#endif
