/* Any bytes as a profile: decoding fails with an error or gives a consistent profile, which every
 * granularity turns into a report that renders.
 */
#include <stdlib.h>

#include "libprof/model/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int count(void *ctx, const char *bytes, size_t len)
{
	size_t *n = ctx;

	(void)bytes;
	*n += len;
	return 0;
}

static void must(int yes)
{
	if (!yes)
		abort();
}

/* A failure has the code that it returned and says something. */
static void failed(int rc, const struct prof_err *e)
{
	must(rc < 0 && e->code == rc && e->msg[0] && e->offset >= -1);
}

static void report(struct prof_profile *p, const struct prof_view_opts *opts)
{
	struct prof_err e = {0};
	struct prof_report *r = NULL;
	size_t text = 0, json = 0;
	int rc = prof_top(p, opts, NULL, &r, &e);

	if (rc) {
		failed(rc, &e);
		return;
	}
	must(prof_report_text(r, count, &text, &e) == 0 && text > 0);
	must(prof_report_json(r, count, &json, &e) == 0 && json > 0);
	prof_report_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned bits = size ? data[size - 1] : 0; /* chooses options, too */
	struct prof_limits limits;
	struct prof_view_opts opts;
	struct prof_err e = {0};
	struct prof_profile *p;
	int rc;

	prof_limits_init(&limits);
	limits.memory_bytes = limits.inflated_bytes = 64 << 20;
	rc = prof_profile_read(data, size, &limits, &p, &e);
	if (rc) {
		failed(rc, &e);
		return 0;
	}
	must(prof_profile_check(p) == NULL);
	for (int by = PROF_BY_FUNCTION; by <= PROF_BY_PACKAGE; by++) {
		prof_view_opts_init(&opts);
		opts.by = (enum prof_granularity)by;
		opts.cum = bits & 1;
		opts.mean = bits >> 1 & 1;
		opts.no_inlines = bits >> 2 & 1;
		opts.show_columns = bits >> 3 & 1;
		opts.drop_negative = bits >> 4 & 1;
		opts.node_count = bits >> 5;
		report(p, &opts);
	}
	must(prof_profile_check(p) == NULL);
	prof_profile_free(p);
	return 0;
}
