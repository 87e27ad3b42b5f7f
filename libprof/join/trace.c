/* One pass over a trace, pushed into what looks at it. */
#include "libprof/analyse/trace_summary.h"

int prof_trace_summary(struct prof_trace *t, const struct prof_trace_opts *opts,
	struct prof_report **out, struct prof_err *e)
{
	struct prof_mem mem = {.limit = (size_t)t->limits.memory_bytes};
	struct prof_trace_sum x;
	int rc;

	prof_trace_sum_init(&x, &mem, opts);
	while ((rc = prof_trace_fill(t, e)) > 0) {
		rc = prof_trace_sum_batch(&x, t, e);
		if (rc)
			break;
	}
	if (!rc)
		rc = prof_trace_sum_end(&x, t, e);
	if (!rc)
		rc = prof_trace_sum_report(&x, t, out, e);
	prof_trace_sum_fini(&x);
	return rc;
}
