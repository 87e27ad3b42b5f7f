/* Any bytes as a log, a trace or heap profiles (form feeds between them), and all that is made of
 * it: a timeline that is consistent, cycles with parts and reasons, findings, other settings, and a
 * document.
 */
#include <string.h>

#include "libprof/analyse/gc/report.h"
#include "libprof/analyse/gc/snapshots.h"
#include "libprof/analyse/gc/trace.h"
#include "libprof/read/godebug.h"
#include "libprof/read/memstats.h"
#include "libprof/read/trace.h"
#include "tests/fuzz/fuzz.h"

static int put(void *ctx, const char *p, size_t n)
{
	(void)p;
	*(size_t *)ctx += n;
	return 0;
}

static void read_trace(struct prof_input *in, struct prof_timeline *t)
{
	struct prof_trace *trace;
	struct prof_gc_trace x;
	int rc;

	must(prof_timeline_add_source(t, PROF_STR("fuzz"), PROF_TIMELINE_TRACE, NULL) == 0);
	if (prof_trace_from(in, &trace, NULL))
		return;
	prof_gc_trace_init(&x, &t->mem, t);
	while ((rc = prof_trace_fill(trace, NULL)) > 0)
		must(prof_gc_trace_batch(&x, trace, NULL) == 0);
	must(rc || prof_gc_trace_end(&x, trace, NULL) == 0);
	prof_gc_trace_fini(&x);
	prof_trace_free(trace);
}

static void read_heaps(const uint8_t *data, size_t size, struct prof_timeline *t)
{
	for (size_t at = 0, n; at < size; at += n + 1) {
		const uint8_t *end = memchr(data + at, '\f', size - at);
		struct prof_input in;

		n = end ? (size_t)(end - data) - at : size - at;
		must(prof_input_memory(&in, data + at, n, NULL, NULL) == 0);
		if (prof_memstats_read(&in, PROF_STR("fuzz"), t, NULL) == 0)
			must(t->memstats.v[t->memstats.n - 1].source == t->sources.n - 1);
		prof_input_close(&in);
	}
	must(prof_gc_join_snapshots(t, NULL) == 0);
}

static void report(const struct prof_timeline *t, int64_t gogc, int64_t window_ns)
{
	static const struct prof_gc_setting tries[] = {
		{.gogc = 50, .has_gogc = true}, {.limit_bytes = 5 << 20, .has_limit = true}};
	struct prof_gc_report_opts opts = {.settings = tries, .n_settings = 2};
	struct prof_report *r;
	struct prof_err e = {0};
	struct prof_gc *gc;
	size_t n = 0;

	prof_gc_thresholds_init(&opts.thresholds);
	must(prof_gc_derive(t, gogc, window_ns, &gc, &e) == 0);
	for (size_t i = 0; i < gc->cycles.n; i++)
		must(gc->cycles.v[i].phase < gc->phases.n && gc->cycles.v[i].why < PROF_WHY_COUNT);
	opts.row_count = window_ns ? 0 : -1;
	if (prof_gc_make_report(gc, &opts, &r, &e) == 0) {
		must(prof_report_json(r, put, &n, NULL) == 0 && n > 0);
		must(prof_report_text(r, put, &n, NULL) == 0);
		must(prof_report_csv(r, put, &n, NULL) == 0);
		prof_report_free(r);
	} else {
		must(e.code == PROF_EUNSUPPORTED);
	}
	prof_gc_drop(gc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct prof_timeline *t = prof_timeline_new(NULL, NULL);
	struct prof_input in;

	must(t != NULL);
	if (prof_input_memory(&in, data, size, NULL, NULL)) {
		prof_timeline_free(t);
		return 0;
	}
	if (size > 5 && data[0] == 'g' && data[1] == 'o' && data[2] == ' ')
		read_trace(&in, t);
	else if (size > 5 && memcmp(data, "heap ", 5) == 0)
		read_heaps(data, size, t);
	else if (prof_godebug_read(&in, PROF_STR("fuzz"), t, NULL))
		t->cycles.n = 0; /* damaged gzip */
	must(prof_timeline_check(t) == NULL || !t->cycles.n);
	if (t->cycles.n) {
		report(t, PROF_ABSENT, 0);
		report(t, 100, 1000000);
	}
	prof_timeline_free(t);
	prof_input_close(&in);
	return 0;
}
