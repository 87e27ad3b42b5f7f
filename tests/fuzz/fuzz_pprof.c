/* Any bytes as a profile: decoding fails with an error or gives a consistent profile, which every
 * granularity turns into a report that renders.
 */

#include "libprof/model/profile.h"
#include "tests/fuzz/fuzz.h"

static int count(void *ctx, const char *bytes, size_t len)
{
	size_t *n = ctx;

	(void)bytes;
	*n += len;
	return 0;
}

/* A failure has the code that it returned and says something. */
static void failed(int rc, const struct prof_err *e)
{
	must(rc < 0 && e->code == rc && e->msg[0] && e->offset >= -1);
}

typedef int analysis(struct prof_profile *p, const struct prof_view_opts *opts, unsigned *missed,
	struct prof_report **out, struct prof_err *e);
typedef int renderer(
	const struct prof_report *r, prof_write_fn *write, void *ctx, struct prof_err *e);

static int page(const struct prof_report *r, prof_write_fn *write, void *ctx, struct prof_err *e)
{
	return prof_report_html(r, NULL, write, ctx, e);
}

/* What an analysis makes can be rendered. */
static void report(analysis *analyse, struct prof_profile *p, const struct prof_view_opts *opts,
	renderer *const renderers[])
{
	struct prof_err e = {0};
	struct prof_report *r = NULL;
	int rc = analyse(p, opts, NULL, &r, &e);

	if (rc) {
		failed(rc, &e);
		return;
	}
	for (size_t i = 0; renderers[i]; i++) {
		size_t n = 0;

		must(renderers[i](r, count, &n, &e) == 0 && n > 0);
	}
	prof_report_free(r);
}

static void reports(struct prof_profile *p, struct prof_view_opts *opts)
{
	static renderer *const table[] = {
		prof_report_text, prof_report_json, prof_report_markdown, page, NULL};
	static renderer *const graph[] = {prof_report_dot, prof_report_json, NULL};

	report(prof_top, p, opts, table);
	opts->call_tree = 0;
	report(prof_graph, p, opts, graph);
	opts->call_tree = 1;
	report(prof_graph, p, opts, graph);
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
		reports(p, &opts);
	}
	must(prof_profile_check(p) == NULL);
	prof_profile_free(p);
	return 0;
}
