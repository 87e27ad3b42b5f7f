/* Fails the n-th allocation, n = 1, 2, 3 … until everything works: each call must then say so, and
 * give back what it holds. Linked with --wrap for the functions below; without it there is nothing
 * to fail and the tests are skipped.
 */
#include "tests/unit/faults.h"
#include "tests/unit/trace1_writer.h"
#include "tests/unit/trace2_events.h"
#include "tests/unit/trace2_writer.h"
#include "tests/unit/unit.h"
#include "tests/unit/wire.h"

#include "libprof/model/profile.h"

static int count(void *ctx, const char *p, size_t n)
{
	size_t *sum = ctx;

	(void)p;
	*sum += n;
	return 0;
}

static int decode(const struct wire *w, struct prof_err *e)
{
	struct prof_profile *p = NULL;
	int rc = prof_profile_read(w->p, w->n, NULL, &p, e);

	prof_profile_free(p);
	return rc;
}

static int decode_trace(const struct wire *w, struct prof_err *e)
{
	const struct prof_trace_event *ev;
	struct prof_trace *t = NULL;
	int rc = prof_trace_read(w->p, w->n, NULL, &t, e);

	while (!rc && (rc = prof_trace_next(t, &ev, e)) > 0)
		rc = 0;
	prof_trace_free(t);
	return rc;
}

/* All reports of a trace, each of a reading of its own. */
static int trace_reports(const struct wire *w, struct prof_err *e)
{
	struct prof_trace_goroutines_opts lives;
	struct prof_trace_events_opts events;
	struct prof_trace_opts range;
	int rc = 0;

	prof_trace_opts_init(&range);
	prof_trace_goroutines_opts_init(&lives);
	prof_trace_events_opts_init(&events);
	events.kind = "Go|Heap";
	for (int i = 0; !rc && i < 5; i++) {
		struct prof_report *r = NULL;
		struct prof_trace *t = NULL;
		size_t n = 0;

		rc = prof_trace_read(w->p, w->n, NULL, &t, e);
		lives.each = i == 1;
		if (!rc && i < 2)
			rc = prof_trace_goroutines(t, &lives, &r, e);
		else if (!rc && i == 2)
			rc = prof_trace_summary(t, &range, &r, e);
		else if (!rc)
			rc = prof_trace_events(t, &events,
				i == 3 ? PROF_TRACE_JSON : PROF_TRACE_PARSED, count, &n, e);
		if (!rc && r)
			rc = prof_report_json(r, count, &n, e);
		prof_report_free(r);
		prof_trace_free(t);
	}
	return rc;
}

static int top(const struct wire *w, const struct prof_view_opts *opts, struct prof_err *e)
{
	struct prof_profile *p = NULL;
	struct prof_report *r = NULL;
	size_t n = 0;
	int rc = prof_profile_read(w->p, w->n, NULL, &p, e);

	if (!rc)
		rc = prof_top(p, opts, NULL, &r, e);
	if (!rc)
		rc = prof_report_json(r, count, &n, e);
	if (!rc)
		rc = prof_report_text(r, count, &n, e);
	if (!rc)
		rc = prof_report_markdown(r, count, &n, e);
	if (!rc)
		rc = prof_report_html(r, NULL, count, &n, e);
	if (!rc && !n)
		rc = PROF_EIO;
	prof_report_free(r);
	prof_profile_free(p);
	return rc;
}

/* The call graph, of nodes and of paths. */
static int graph(const struct wire *w, struct prof_err *e)
{
	struct prof_profile *p = NULL;
	struct prof_report *r = NULL;
	struct prof_view_opts opts;
	size_t n = 0;
	int rc = prof_profile_read(w->p, w->n, NULL, &p, e);

	prof_view_opts_init(&opts);
	opts.by = PROF_BY_LINE;
	opts.node_count = 2; /* of more: edges go over what is left out */
	for (opts.call_tree = 0; !rc && opts.call_tree < 2; opts.call_tree++) {
		r = NULL;
		rc = prof_graph(p, &opts, NULL, &r, e);
		if (!rc)
			rc = prof_report_dot(r, count, &n, e);
		if (!rc)
			rc = prof_report_json(r, count, &n, e);
		if (!rc)
			prof_report_free(r);
	}
	if (rc)
		prof_report_free(r);
	prof_profile_free(p);
	return rc;
}

static int top_by_address(const struct wire *w, struct prof_err *e)
{
	struct prof_view_opts opts;

	prof_view_opts_init(&opts);
	opts.by = PROF_BY_ADDRESS;
	return top(w, &opts, e);
}

static int top_by_package_with_means(const struct wire *w, struct prof_err *e)
{
	struct prof_view_opts opts;

	prof_view_opts_init(&opts);
	opts.by = PROF_BY_PACKAGE;
	opts.mean = 1;
	opts.cum = 1;
	opts.node_count = 2;
	opts.node_fraction = 0.2;
	return top(w, &opts, e);
}

static int diff(const struct wire *w, struct prof_err *e)
{
	struct prof_profile *old = NULL, *new = NULL;
	struct prof_diff *d = NULL;
	struct prof_report *r = NULL;
	struct prof_diff_opts opts;
	size_t n = 0;
	int rc = prof_profile_read(w->p, w->n, NULL, &old, e);

	prof_diff_opts_init(&opts);
	opts.filter.focus = "work|main";
	if (!rc)
		rc = prof_profile_read(w->p, w->n, NULL, &new, e);
	if (!rc)
		rc = prof_diff_new(&opts, &d, e);
	if (!rc) {
		rc = prof_diff_add(d, PROF_NEW, new, "new", e);
		new = NULL;
	}
	if (!rc) {
		rc = prof_diff_add(d, PROF_OLD, old, "old", e);
		old = NULL;
	}
	if (!rc)
		rc = prof_diff_report(d, &r, e);
	if (!rc)
		rc = prof_report_json(r, count, &n, e);
	prof_report_free(r);
	prof_diff_free(d);
	prof_profile_free(old);
	prof_profile_free(new);
	return rc;
}

/* NEW less OLD, as a flame graph takes it. */
static int two_sides(const struct wire *w, struct prof_profile **out, struct prof_err *e)
{
	struct prof_profile *old = NULL, *new = NULL;
	int rc = prof_profile_read(w->p, w->n, NULL, &old, e);

	if (!rc)
		rc = prof_profile_read(w->p, w->n, NULL, &new, e);
	if (!rc)
		return prof_combine(&new, 1, &old, 1, 1, 0, out, e);
	prof_profile_free(old);
	prof_profile_free(new);
	return rc;
}

static int flame(const struct wire *w, struct prof_err *e)
{
	struct prof_profile *p = NULL;
	struct prof_flame_opts opts;
	struct prof_view_opts view;
	struct prof_flame *f = NULL;
	size_t n = 0;
	int rc = two_sides(w, &p, e);

	prof_view_opts_init(&view);
	view.by = PROF_BY_LINE;
	prof_flame_opts_init(&opts);
	opts.all_types = 1;
	opts.max_boxes = 3;
	if (!rc)
		rc = prof_flame(p, &view, &opts, NULL, &f, e);
	prof_profile_free(p);
	if (!rc)
		rc = prof_flame_svg(f, count, &n, e);
	if (!rc)
		rc = prof_flame_html(f, count, &n, e);
	prof_flame_free(f);
	return rc;
}

static int uncut(const struct wire *w, struct prof_err *e)
{
	static int (*const write[])(struct prof_profile *, const struct prof_view_opts *,
		const struct prof_flame_opts *, unsigned *, prof_write_fn *, void *,
		struct prof_err *) = {prof_flame_json, prof_flame_folded, prof_flame_speedscope};
	struct prof_flame_opts opts;
	struct prof_view_opts view;
	size_t n = 0;
	int rc = 0;

	prof_view_opts_init(&view);
	view.by = PROF_BY_PACKAGE;
	prof_flame_opts_init(&opts);
	for (size_t i = 0; !rc && i < COUNT(write); i++) {
		struct prof_profile *p = NULL;

		rc = two_sides(w, &p, e);
		if (!rc)
			rc = write[i](p, &view, &opts, NULL, count, &n, e);
		prof_profile_free(p);
	}
	return rc;
}

/* What is renamed, moved, renumbered and found, with gates and a filter. */
static int diff_explained(const struct wire *w, struct prof_err *e)
{
	static const char *const sides[2] = {
		[PROF_OLD] = "main.main;main.a 400\nmain.main;main.look;sort.Slice 300\n"
			     "main.main;main.f.func1 200\nmain.main;main.c 900\n"
			     "main.main;main.g;runtime.mallocgc 100\n",
		[PROF_NEW] = "main.main;main.a;main.part 395\nmain.main;main.find;sort.Slice 310\n"
			     "main.main;main.f.func1 60\nmain.main;main.f.func2 205\n"
			     "main.main;main.c 900\nmain.main;main.g;runtime.mallocgc 400\n"};
	struct prof_diff_opts opts;
	struct prof_diff *d = NULL;
	struct prof_report *r = NULL;
	size_t n = 0;
	int rc;

	(void)w;
	prof_diff_opts_init(&opts);
	opts.filter.ignore = "nothing";
	opts.ops[PROF_OLD] = opts.ops[PROF_NEW] = 1;
	rc = prof_diff_new(&opts, &d, e);
	for (int i = 0; !rc && i < 6; i++) {
		struct prof_profile *p;

		rc = prof_profile_read(sides[i % 2], strlen(sides[i % 2]), NULL, &p, e);
		if (!rc)
			rc = prof_diff_add(d, i % 2 ? PROF_NEW : PROF_OLD, p, "name", e);
	}
	if (!rc)
		rc = prof_diff_gate(d, "func:main>3%", 0, 0, e);
	if (!rc)
		rc = prof_diff_report(d, &r, e);
	if (!rc)
		rc = prof_report_json(r, count, &n, e);
	if (!rc)
		rc = prof_report_text(r, count, &n, e);
	prof_report_free(r);
	prof_diff_free(d);
	return rc;
}

static void each_allocation(runner *run, bool gz)
{
	struct wire plain = {0}, zipped = {0};

	wire_profile(&plain, &wire_example);
	if (gz)
		wire_gz(&zipped, plain.p, plain.n);
	each_allocation_fails(run, gz ? &zipped : &plain, 10);
	wire_free(&plain);
	wire_free(&zipped);
}

static void decoding_traces(void **state)
{
	struct t1w w = {0};
	struct wire zipped = {0};

	(void)state;
	t1w_all(&w, 21);
	each_allocation_fails(decode_trace, &w.w, 10);
	each_allocation_fails(decode, &w.w, 10);
	each_allocation_fails(trace_reports, &w.w, 10);
	wire_gz(&zipped, w.w.p, w.w.n);
	each_allocation_fails(decode_trace, &zipped, 10);
	wire_free(&zipped);
	wire_free(&w.w);
}

static void decoding_traces_of_go_1_22(void **state)
{
	struct wire w = {0}, memory = {0}, cut = {0};

	(void)state;
	trace2_write(&w, 26, trace2_all_events);
	each_allocation_fails(decode_trace, &w, 10);
	each_allocation_fails(decode, &w, 10);
	each_allocation_fails(trace_reports, &w, 10);
	trace2_write(&memory, 23, trace2_memory_events);
	each_allocation_fails(decode_trace, &memory, 10);
	wire_raw(&cut, w.p, w.n / 2); /* damage is listed */
	each_allocation_fails(decode_trace, &cut, 10);
	wire_free(&cut);
	wire_free(&memory);
	wire_free(&w);
}

static void decoding(void **state)
{
	(void)state;
	each_allocation(decode, false);
}

static void decoding_gzip(void **state)
{
	(void)state;
	each_allocation(decode, true);
}

static void top_of_addresses(void **state)
{
	(void)state;
	each_allocation(top_by_address, false);
}

static void top_of_packages(void **state)
{
	(void)state;
	each_allocation(top_by_package_with_means, false);
}

static void comparing(void **state)
{
	(void)state;
	each_allocation(diff, false);
}

static void explaining(void **state)
{
	(void)state;
	each_allocation(diff_explained, false);
}

static void call_graphs(void **state)
{
	(void)state;
	each_allocation(graph, false);
}

static void flame_graphs(void **state)
{
	(void)state;
	each_allocation(flame, false);
}

static void flame_graphs_uncut(void **state)
{
	(void)state;
	each_allocation(uncut, false);
}

/* Any budget: too little fails, with nothing lost; enough is enough. */
static void any_budget(void **state)
{
	struct prof_limits limits;
	struct wire w = {0};
	bool worked = false;

	(void)state;
	prof_limits_init(&limits);
	wire_profile(&w, &wire_example);
	for (uint64_t n = 0; n < 2 << 20; n += n < 200000 ? 997 : 20011) {
		struct prof_profile *p = NULL;
		struct prof_err e = {0};
		int rc;

		limits.memory_bytes = n;
		rc = prof_profile_read(w.p, w.n, &limits, &p, &e);
		if (rc) {
			assert_false(worked);
			assert_int_equal(rc, PROF_ELIMIT);
			assert_int_equal(e.code, PROF_ELIMIT);
			assert_null(p);
		} else {
			assert_true(p->mem.used <= n);
		}
		worked = !rc;
		prof_profile_free(p);
	}
	assert_true(worked);
	wire_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decoding),
		cmocka_unit_test(decoding_gzip),
		cmocka_unit_test(decoding_traces),
		cmocka_unit_test(decoding_traces_of_go_1_22),
		cmocka_unit_test(top_of_addresses),
		cmocka_unit_test(top_of_packages),
		cmocka_unit_test(comparing),
		cmocka_unit_test(explaining),
		cmocka_unit_test(call_graphs),
		cmocka_unit_test(flame_graphs),
		cmocka_unit_test(flame_graphs_uncut),
		cmocka_unit_test(any_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
