/* One pass over a trace, pushed into what looks at it. */
#include "libprof/join/trace.h"

#include "libprof/analyse/trace/goroutines.h"
#include "libprof/analyse/trace/profile.h"
#include "libprof/analyse/trace/summary.h"
#include "libprof/join/trace_kept.h"
#include "libprof/read/trace.h"

int prof_trace_summary(struct prof_trace *t, const struct prof_trace_opts *opts,
	struct prof_report **out, struct prof_err *e)
{
	const struct prof_trace_sum *kept = prof_trace_kept_sum(t);
	struct prof_mem mem = {.limit = (size_t)t->limits.memory_bytes};
	struct prof_trace_sum x;
	int rc;

	if (kept && (opts->from || opts->to >= 0))
		return prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"the archive has the summary of the whole trace: a part of it needs its "
			"events (add it with --keep-raw)");
	if (kept)
		return prof_trace_sum_report(kept, t, out, e);
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

static int fold(struct prof_trace *t, struct prof_trace_folding *x, struct prof_profile **out,
	struct prof_err *e)
{
	int rc;

	while ((rc = prof_trace_fill(t, e)) > 0) {
		rc = prof_trace_folding_batch(x, t, e);
		if (rc)
			break;
	}
	return rc ? rc : prof_trace_folding_end(x, t, out, e);
}

int prof_profile_of_trace(struct prof_input *in, const struct prof_trace_profile_opts *opts,
	struct prof_profile **out, struct prof_err *e)
{
	struct prof_mem mem = {.limit = (size_t)in->limits.memory_bytes};
	struct prof_trace_profile_opts defaults;
	struct prof_trace_folding x;
	struct prof_trace *t;
	int rc;

	prof_trace_profile_opts_init(&defaults);
	rc = prof_trace_folding_init(&x, &mem, opts ? opts : &defaults, e);
	if (rc)
		return rc;
	rc = prof_trace_from(in, &t, e);
	if (rc)
		return rc;
	rc = fold(t, &x, out, e);
	if (!rc)
		(*out)->gzipped = in->gzipped;
	if (!rc)
		(*out)->input_bytes = in->total;
	prof_trace_folding_fini(&x);
	prof_trace_free(t);
	return rc;
}

int prof_trace_goroutines(struct prof_trace *t, const struct prof_trace_goroutines_opts *opts,
	struct prof_report **out, struct prof_err *e)
{
	struct prof_mem mem = {.limit = (size_t)t->limits.memory_bytes};
	struct prof_trace_lives x;
	int rc;

	prof_trace_lives_init(&x, &mem, opts);
	while ((rc = prof_trace_fill(t, e)) > 0) {
		rc = prof_trace_lives_batch(&x, t, e);
		if (rc)
			break;
	}
	if (!rc)
		rc = prof_trace_lives_end(&x, t, e);
	if (!rc)
		rc = prof_trace_lives_report(&x, t, out, e);
	prof_trace_lives_fini(&x);
	return rc;
}
