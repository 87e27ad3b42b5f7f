#include "libprof/analyse/trace/waits.h"

void prof_trace_waits_init(struct prof_trace_waits *w, struct prof_mem *mem)
{
	*w = (struct prof_trace_waits){.mem = mem, .free = PROF_NONE};
}

void prof_trace_waits_fini(struct prof_trace_waits *w)
{
	prof_vec_fini(w->mem, &w->v);
}

int prof_trace_waits_add(struct prof_trace_waits *w, uint32_t *list, uint32_t reason, int64_t count,
	int64_t ns, struct prof_err *e)
{
	uint32_t i = *list;
	int rc;

	while (i != PROF_NONE && w->v.v[i].reason != reason)
		i = w->v.v[i].next;
	if (i == PROF_NONE) {
		i = w->free;
		if (i != PROF_NONE) {
			w->free = w->v.v[i].next;
		} else {
			rc = prof_vec_reserve(w->mem, &w->v, 1, e);
			if (rc)
				return rc;
			i = (uint32_t)w->v.n++;
		}
		w->v.v[i] = (struct prof_trace_wait){.reason = reason, .next = *list};
		*list = i;
	}
	w->v.v[i].count += count;
	w->v.v[i].ns += ns;
	return 0;
}

void prof_trace_waits_free(struct prof_trace_waits *w, uint32_t *list)
{
	while (*list != PROF_NONE) {
		uint32_t i = *list;

		*list = w->v.v[i].next;
		w->v.v[i].next = w->free;
		w->free = i;
	}
}
