#include "libprof/analyse/spread.h"

#include <math.h>

/* The column that counts the events of `type`, or PROF_NONE. In a heap profile, whose types are
 * pairs of objects and space, each pair has its own.
 */
static uint32_t count_column(const struct prof_profile *p, uint32_t type, uint32_t n, bool heap)
{
	uint32_t c = heap ? type - type % 2 : 0;

	if (n < 2 || !prof_str_eq(prof_profile_str(p, p->types.v[c].unit), PROF_STR("count")))
		return PROF_NONE;
	return c;
}

void prof_spread(
	const struct prof_profile *p, uint32_t type, uint32_t n_types, uint32_t shift, double *out)
{
	bool heap = prof_str_eq(prof_profile_str(p, p->period_type.type), PROF_STR("space")) &&
		    n_types % 2 == 0 && p->period > 0;
	uint32_t count = count_column(p, type, n_types, heap);

	for (size_t i = 0; i < p->sample_stack.n; i++) {
		double v = (double)p->values.v[type + shift].v[i], n, seen = 1;

		out[i] = 0;
		if (count == PROF_NONE || v == 0)
			continue;
		n = fabs((double)p->values.v[count + shift].v[i]);
		if (n == 0)
			continue;
		if (heap) {
			double space = fabs((double)p->values.v[count + 1 + shift].v[i]);

			seen = -expm1(-space / n / (double)p->period);
		}
		if (seen > 0)
			out[i] = v * v / (n * seen) * (heap ? 1 - seen : 1);
	}
}
