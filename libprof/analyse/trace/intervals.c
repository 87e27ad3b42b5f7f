#include "libprof/analyse/trace/intervals.h"

void prof_intervals_init(struct prof_intervals *x, struct prof_mem *mem)
{
	*x = (struct prof_intervals){.mem = mem};
}

void prof_intervals_fini(struct prof_intervals *x)
{
	prof_vec_fini(x->mem, &x->now);
}

int prof_intervals_reserve(struct prof_intervals *x, const struct prof_trace *t, struct prof_err *e)
{
	size_t n = t->goroutines.n;
	int rc;

	if (x->now.n >= n)
		return 0;
	rc = prof_vec_reserve(x->mem, &x->now, n - x->now.n, e);
	if (rc)
		return rc;
	for (; x->now.n < n; x->now.n++)
		x->now.v[x->now.n] = (struct prof_interval){.state = PROF_G_NOT_EXIST};
	return 0;
}

bool prof_intervals_close(struct prof_intervals *x, int64_t end)
{
	for (; x->closing < x->now.n; x->closing++) {
		struct prof_interval *now = &x->now.v[x->closing];

		if (now->state <= PROF_G_NOT_EXIST)
			continue;
		x->last = *now;
		x->last.end = end;
		x->last.open = true;
		now->state = PROF_G_UNDETERMINED;
		return true;
	}
	x->closing = 0;
	x->begun = false;
	return false;
}
