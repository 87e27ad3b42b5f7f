/* The collector's pacing out of files of any kind that tell of it. */
#include <stdlib.h>
#include <string.h>

#include "libprof/analyse/gc/chart.h"
#include "libprof/analyse/gc/compare.h"
#include "libprof/analyse/gc/report.h"
#include "libprof/analyse/gc/snapshots.h"
#include "libprof/analyse/gc/trace.h"
#include "libprof/base/escape.h"
#include "libprof/join/archive_open.h"
#include "libprof/join/open.h"
#include "libprof/read/godebug.h"
#include "libprof/read/memstats.h"
#include "libprof/read/trace.h"

struct prof_gc_runs {
	struct prof_gc_report_opts opts;
	struct prof_gc_setting settings[PROF_GC_MAX_SETTINGS];
	int64_t gogc, window_ns;
	PROF_VEC(struct prof_gate) gates;
	struct prof_mem mem; /* of the gates */
	struct prof_timeline *timelines[2]; /* by enum prof_side */
	struct prof_gc *gc[2];
};

void prof_gc_opts_init(struct prof_gc_opts *opts)
{
	*opts = (struct prof_gc_opts){.row_count = -1};
}

static int take_opts(struct prof_gc_runs *runs, const struct prof_gc_opts *opts, struct prof_err *e)
{
	struct prof_gc_setting some[PROF_GC_MAX_SETTINGS];
	size_t n;
	int rc = 0;

	prof_gc_thresholds_init(&runs->opts.thresholds);
	for (size_t i = 0; !rc && i < opts->n_thresholds; i++)
		rc = prof_gc_threshold_set(&runs->opts.thresholds, opts->thresholds[i], e);
	for (size_t i = 0; !rc && i < opts->n_what_if; i++) {
		rc = prof_gc_settings(opts->what_if[i], some, &n, e);
		if (!rc && runs->opts.n_settings + n > PROF_GC_MAX_SETTINGS)
			rc = prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
				"more than %d settings to try", PROF_GC_MAX_SETTINGS);
		for (size_t k = 0; !rc && k < n; k++)
			runs->settings[runs->opts.n_settings++] = some[k];
	}
	if (!rc && (opts->gogc < 0 || opts->window_ns < 0))
		rc = prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
			"GOGC and the window cannot be less than 0");
	runs->opts.settings = runs->settings;
	runs->opts.row_count = opts->row_count;
	runs->opts.gogc_given = opts->gogc > 0;
	runs->gogc = opts->gogc > 0 ? opts->gogc : PROF_ABSENT;
	runs->window_ns = opts->window_ns;
	return rc;
}

int prof_gc_new(const struct prof_gc_opts *opts, struct prof_gc_runs **out, struct prof_err *e)
{
	struct prof_gc_runs *runs = calloc(1, sizeof(*runs));
	int rc = runs ? take_opts(runs, opts, e) : prof_nomem(e);

	if (runs)
		runs->mem.limit = SIZE_MAX / 2; /* what stood on the command line */
	if (rc)
		free(runs);
	else
		*out = runs;
	return rc;
}

/* One pass over a trace. What was damaged is told; what could be saved stands. */
static int pass(struct prof_trace *trace, struct prof_timeline *t, struct prof_err *e)
{
	struct prof_timeline_source *s = &t->sources.v[t->sources.n - 1];
	const struct prof_trace_damage *damage;
	struct prof_gc_trace x;
	uint32_t id;
	int rc;

	prof_gc_trace_init(&x, &t->mem, t);
	while ((rc = prof_trace_fill(trace, e)) > 0) {
		rc = prof_gc_trace_batch(&x, trace, e);
		if (rc)
			break;
	}
	if (!rc)
		rc = prof_gc_trace_end(&x, trace, e);
	prof_gc_trace_fini(&x);
	s->unreadable = (int64_t)prof_trace_damage(trace, &damage);
	if (rc || !s->unreadable)
		return rc;
	rc = prof_strtab_add(&t->strings, damage->what, strlen(damage->what), &id, e);
	if (!rc)
		s->first_unreadable = prof_strtab_get(&t->strings, id);
	return rc;
}

static int read_trace(
	struct prof_input *in, const char *name, struct prof_timeline *t, struct prof_err *e)
{
	struct prof_trace *trace;
	int rc = prof_timeline_add_source(t, prof_str_of(name), PROF_TIMELINE_TRACE, e);

	if (!rc)
		rc = prof_trace_from(in, &trace, e);
	if (rc)
		return rc;
	rc = pass(trace, t, e);
	prof_trace_free(trace);
	return rc;
}

static int read_one(
	struct prof_input *in, const char *name, struct prof_timeline *t, struct prof_err *e)
{
	enum prof_kind kind;
	int rc = prof_sniff(in, &kind, e);

	if (rc)
		return rc;
	/* An application's log may have its first line of ours far behind its beginning. */
	if (kind == PROF_KIND_GODEBUG_LOG || kind == PROF_KIND_UNKNOWN ||
		kind == PROF_KIND_FOLDED || kind == PROF_KIND_GOROUTINES)
		return prof_input_blame(in, prof_godebug_read(in, prof_str_of(name), t, e), e);
	if (kind == PROF_KIND_TRACE)
		return prof_input_blame(in, read_trace(in, name, t, e), e);
	if (kind == PROF_KIND_TEXT_PROFILE)
		return prof_input_blame(in, prof_memstats_read(in, prof_str_of(name), t, e), e);
	if (kind == PROF_KIND_EMPTY)
		return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET, "is empty");
	return prof_fail(
		e, PROF_EFORMAT, 0, "tells nothing of the collector (%s)", prof_kind_name(kind));
}

int prof_timeline_add_path(struct prof_timeline *t, const char *path,
	const struct prof_limits *limits, struct prof_err *e)
{
	size_t query_at = prof_query_at(path);
	struct prof_input in;
	int rc;

	if (query_at)
		return prof_selection_timelines(path, query_at, limits, t, e);
	rc = prof_input_open(&in, path, limits, e);
	if (rc)
		return rc;
	rc = read_one(&in, path, t, e);
	prof_input_close(&in);
	return rc;
}

int prof_gc_add(struct prof_gc_runs *runs, enum prof_side side, const char *path,
	const struct prof_limits *limits, struct prof_err *e)
{
	struct prof_timeline **t = &runs->timelines[side];

	if (!*t)
		*t = prof_timeline_new(limits, e);
	return *t ? prof_timeline_add_path(*t, path, limits, e) : PROF_ENOMEM;
}

static int derive(struct prof_gc_runs *runs, enum prof_side side, struct prof_err *e)
{
	struct prof_timeline *t = runs->timelines[side];
	int64_t lines = 0, sched = 0;
	int rc;

	if (runs->gc[side])
		return 0;
	rc = prof_gc_join_snapshots(t, e);
	if (rc)
		return rc;
	for (size_t i = 0; i < t->sources.n; i++) {
		lines += t->sources.v[i].lines;
		sched += t->sources.v[i].sched_lines;
	}
	if (!t->cycles.n && t->memstats.n)
		return prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"no cycle of the collector had ended when the heap profile was written");
	if (!t->cycles.n && sched)
		return prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"no cycle of the collector in %lld lines, of which %lld are schedtrace's",
			(long long)lines, (long long)sched);
	if (!t->cycles.n && lines)
		return prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"no cycle of the collector in %lld lines", (long long)lines);
	if (!t->cycles.n)
		return prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"no cycle of the collector, whole, in the trace");
	return prof_gc_derive(t, runs->gogc, runs->window_ns, &runs->gc[side], e);
}

int prof_gc_gate(struct prof_gc_runs *runs, const char *text, int warn, struct prof_err *e)
{
	struct prof_gate g;
	int rc = prof_gc_gate_parse(&g, text, e);

	if (!rc)
		rc = prof_vec_reserve(&runs->mem, &runs->gates, 1, e);
	if (rc)
		return rc;
	g.warn = warn != 0;
	runs->gates.v[runs->gates.n++] = g;
	return 0;
}

/* One run: the gates are about what it did. */
static int report_one(struct prof_gc_runs *runs, struct prof_report **out, struct prof_err *e)
{
	struct prof_gc_figure now[PROF_GC_METRICS];
	int rc = prof_gc_make_report(runs->gc[PROF_NEW], &runs->opts, out, e);

	if (rc || !runs->gates.n)
		return rc;
	rc = prof_gc_figures(runs->gc[PROF_NEW], now, e);
	for (size_t i = 0; !rc && i < runs->gates.n; i++)
		prof_gc_gate_decide(&runs->gates.v[i], NULL, now);
	if (!rc)
		rc = prof_gates_field(*out, runs->gates.v, runs->gates.n, e);
	if (!rc)
		rc = prof_gates_head(*out, runs->gates.v, runs->gates.n, e);
	if (rc)
		prof_report_free(*out);
	return rc;
}

int prof_gc_report(
	struct prof_gc_runs *runs, int *damaged, struct prof_report **out, struct prof_err *e)
{
	int rc = derive(runs, PROF_NEW, e);

	if (!rc && runs->timelines[PROF_OLD])
		rc = derive(runs, PROF_OLD, e);
	if (!rc && runs->gc[PROF_OLD])
		rc = prof_gc_compare(runs->gc[PROF_OLD], runs->gc[PROF_NEW], runs->gates.v,
			runs->gates.n, out, e);
	else if (!rc)
		rc = report_one(runs, out, e);
	if (damaged)
		*damaged = 0;
	for (int side = 0; !rc && damaged && side < 2; side++)
		for (size_t i = 0; runs->timelines[side] && i < runs->timelines[side]->sources.n;
			i++)
			*damaged |= runs->timelines[side]->sources.v[i].unreadable > 0;
	return rc;
}

enum prof_gate_outcome prof_gc_outcome(const struct prof_gc_runs *runs)
{
	return prof_gates_outcome(runs->gates.v, runs->gates.n);
}

/* How many cycles can be told apart, and what a page may weigh. */
enum { PICTURE_CYCLES = 3000, PAGE_CYCLES = 10000, MOST_NAMES = 2 };

/* The names of the files, and the report's lines: what was seen; on a page also the findings, which
 * an empty line separates.
 */
static int describe(
	struct prof_gc_runs *runs, bool for_page, struct prof_chart *c, struct prof_err *e)
{
	const struct prof_timeline *t = runs->timelines[PROF_NEW];
	struct prof_report *r;
	struct prof_buf b;
	int rc = prof_gc_report(runs, NULL, &r, e);

	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < r->head.n && (for_page || r->head.v[i].len); i++)
		if (r->head.v[i].len)
			rc = prof_chart_about(c, r->head.v[i], e);
	prof_report_free(r);
	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; i < t->sources.n && i < MOST_NAMES; i++) {
		prof_buf_str(&b, i ? ", " : "");
		prof_buf_plain(&b, t->sources.v[i].name);
	}
	if (t->sources.n > MOST_NAMES)
		prof_buf_printf(&b, " and %zu more", t->sources.n - MOST_NAMES);
	c->title = (struct prof_str){b.p, (uint32_t)b.n};
	if (!rc && b.code)
		rc = prof_nomem(e);
	if (!rc) {
		c->title.p = prof_arena_dup(&c->arena, b.p, b.n, e);
		rc = c->title.p ? 0 : PROF_ENOMEM;
	}
	prof_buf_fini(&b);
	return rc;
}

int prof_gc_draw(
	struct prof_gc_runs *runs, int for_page, struct prof_chart **out, struct prof_err *e)
{
	struct prof_chart *c;
	int rc = derive(runs, PROF_NEW, e);

	if (!rc)
		rc = prof_gc_chart(runs->gc[PROF_NEW], for_page ? PAGE_CYCLES : PICTURE_CYCLES,
			for_page != 0, &c, e);
	if (rc)
		return rc;
	rc = describe(runs, for_page != 0, c, e);
	if (rc)
		prof_chart_free(c);
	else
		*out = c;
	return rc;
}

void prof_gc_free(struct prof_gc_runs *runs)
{
	if (!runs)
		return;
	prof_vec_fini(&runs->mem, &runs->gates);
	for (int i = 0; i < 2; i++) {
		prof_gc_drop(runs->gc[i]);
		prof_timeline_free(runs->timelines[i]);
	}
	free(runs);
}
