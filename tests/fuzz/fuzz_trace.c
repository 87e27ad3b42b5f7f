/* Any bytes as an execution trace, and one of the profiles that it is: of ranges, mostly. */
#include "tests/fuzz/trace_check.h"

#include "libprof/analyse/trace/profile.h"

static void check_profile(const void *data, size_t size, const char *profile)
{
	struct prof_mem mem = {.limit = 256 << 20};
	struct prof_trace_profile_opts opts;
	struct prof_trace_folding x;
	struct prof_limits limits;
	struct prof_err e = {0};
	struct prof_profile *p;
	struct prof_trace *t;
	int rc = 0;

	prof_limits_init(&limits);
	limits.memory_bytes = limits.inflated_bytes = 64 << 20;
	if (prof_trace_read(data, size, &limits, &t, &e))
		return;
	prof_trace_profile_opts_init(&opts);
	opts.profile = profile;
	must(prof_trace_folding_init(&x, &mem, &opts, &e) == 0);
	while (rc == 0 && (rc = prof_trace_fill(t, &e)) > 0)
		rc = prof_trace_folding_batch(&x, t, &e);
	if (!rc && prof_trace_folding_end(&x, t, &p, &e) == 0) {
		for (size_t c = 0; c < p->values.n; c++)
			for (size_t i = 0; i < p->sample_stack.n; i++)
				must(p->values.v[c].v[i] >= 0);
		prof_profile_free(p);
	}
	prof_trace_folding_fini(&x);
	must(mem.used == 0);
	prof_trace_free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const profiles[] = {"assist", "sweep", "stw", "running"};

	check_trace(data, size);
	check_profile(data, size, profiles[size % 4]);
	return 0;
}
