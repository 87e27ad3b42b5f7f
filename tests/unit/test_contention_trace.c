/* What traces tell of waiting: single waits, who ended them, who held and what it did, and queues.
 */
#define _XOPEN_SOURCE 700 /* nftw */
#include "tests/unit/faults.h"
#include "tests/unit/trace1_writer.h"
#include "tests/unit/trace2_writer.h"

#include <ftw.h>

#include "libprof/analyse/contention/contention.h"
#include "libprof/analyse/trace/states.h"

/* Goroutine 1 sleeps with a lock; 2 and 3 come to wait for it; 1 lets 2 go on, and 2 lets 3. All of
 * it in main.get, 1 ns a tick, from 100 on.
 */
static const char convoy[] = "EventBatch gen=1 m=10 time=100\n"
			     "ProcStatus dt=1 p=0 pstatus=1\n"
			     "GoStatus dt=1 g=1 m=10 gstatus=2\n"
			     "GoBlock dt=898 reason_string=19 stack=3\n"
			     "GoStart dt=4100 g=1 g_seq=2\n"
			     "GoUnblock dt=900 g=2 g_seq=1 stack=2\n"
			     "EventBatch gen=1 m=11 time=100\n"
			     "ProcStatus dt=2 p=1 pstatus=1\n"
			     "GoStatus dt=1 g=2 m=11 gstatus=2\n"
			     "GoBlock dt=1897 reason_string=10 stack=1\n"
			     "GoStart dt=4050 g=2 g_seq=2\n"
			     "GoUnblock dt=1950 g=3 g_seq=1 stack=2\n"
			     "EventBatch gen=1 m=12 time=100\n"
			     "ProcStatus dt=3 p=2 pstatus=1\n"
			     "GoStatus dt=1 g=3 m=12 gstatus=2\n"
			     "GoBlock dt=2396 reason_string=10 stack=1\n"
			     "GoUnblock dt=2500 g=1 g_seq=1 stack=0\n"
			     "GoStart dt=3050 g=3 g_seq=2\n"
			     "GoBlock dt=50 reason_string=19 stack=3\n"
			     "EventBatch gen=1 m=18446744073709551615 time=100\n"
			     "Stacks\n"
			     "Stack id=1 nframes=3\n"
			     "\tpc=16 func=31 file=35 line=5\n"
			     "\tpc=32 func=33 file=36 line=9\n"
			     "\tpc=48 func=34 file=36 line=20\n"
			     "Stack id=2 nframes=3\n"
			     "\tpc=17 func=32 file=35 line=6\n"
			     "\tpc=33 func=33 file=36 line=11\n"
			     "\tpc=48 func=34 file=36 line=20\n"
			     "Stack id=3 nframes=3\n"
			     "\tpc=18 func=37 file=38 line=7\n"
			     "\tpc=34 func=33 file=36 line=10\n"
			     "\tpc=48 func=34 file=36 line=20\n"
			     "EventBatch gen=1 m=18446744073709551615 time=100\n"
			     "Strings\n"
			     "String id=10\n\tdata=\"sync\"\n"
			     "String id=19\n\tdata=\"sleep\"\n"
			     "String id=31\n\tdata=\"sync.(*Mutex).Lock\"\n"
			     "String id=32\n\tdata=\"sync.(*Mutex).Unlock\"\n"
			     "String id=33\n\tdata=\"main.get\"\n"
			     "String id=34\n\tdata=\"main.work\"\n"
			     "String id=35\n\tdata=\"sync/mutex.go\"\n"
			     "String id=36\n\tdata=\"main.go\"\n"
			     "String id=37\n\tdata=\"time.Sleep\"\n"
			     "String id=38\n\tdata=\"runtime/time.go\"\n"
			     "EventBatch gen=1 m=18446744073709551615 time=100\n"
			     "Sync\n"
			     "Frequency freq=1000000000\n"
			     "ClockSnapshot dt=1 mono=1234 sec=1700000000 nsec=5\n"
			     "EndOfGeneration\n";

/* The same before go 1.22, from tick 1000 on. */
static void convoy1(struct t1w *w, unsigned version)
{
	static const char *const strings[] = {"sync.(*Mutex).Lock", "sync.(*Mutex).Unlock",
		"main.get", "main.work", "sync/mutex.go", "main.go", "time.Sleep",
		"runtime/time.go"};
	static const uint64_t stacks[][14] = {{1, 3, 16, 31, 35, 5, 32, 33, 36, 9, 48, 34, 36, 20},
		{2, 3, 17, 32, 35, 6, 33, 33, 36, 11, 48, 34, 36, 20},
		{3, 3, 18, 37, 38, 7, 34, 33, 36, 10, 48, 34, 36, 20}};

	w->version = version;
	t1w_begin(w);
	t1w_batch(w, 0, 1000);
	for (unsigned g = 1; g <= 3; g++)
		t1w_event(w, PROF_EV1_GO_CREATE, g, 0, 0);
	t1w_event(w, PROF_EV1_PROC_START, 70);
	t1w_event(w, PROF_EV1_GO_START, 1, 1);
	t1w_event(w, PROF_EV1_GOMAXPROCS, 4, 0);
	w->dt = 894; /* 1900 */
	t1w_event(w, PROF_EV1_GO_SLEEP, 3);
	w->dt = 4000;
	t1w_event(w, PROF_EV1_GO_UNBLOCK, 1, 2, 0);
	w->dt = 100;
	t1w_event(w, PROF_EV1_GO_START, 1, 3);
	w->dt = 900;
	t1w_event(w, PROF_EV1_GO_UNBLOCK, 2, 2, 2);
	t1w_batch(w, 1, 1010);
	t1w_event(w, PROF_EV1_PROC_START, 71);
	t1w_event(w, PROF_EV1_GO_START, 2, 1);
	w->dt = 1888; /* 2900 */
	t1w_event(w, PROF_EV1_GO_BLOCK_SYNC, 1);
	w->dt = 4050;
	t1w_event(w, PROF_EV1_GO_START, 2, 3);
	w->dt = 1950;
	t1w_event(w, PROF_EV1_GO_UNBLOCK, 3, 2, 2);
	t1w_batch(w, 2, 1020);
	t1w_event(w, PROF_EV1_PROC_START, 72);
	t1w_event(w, PROF_EV1_GO_START, 3, 1);
	w->dt = 2378; /* 3400 */
	t1w_event(w, PROF_EV1_GO_BLOCK_SYNC, 1);
	w->dt = 5550;
	t1w_event(w, PROF_EV1_GO_START, 3, 3);
	w->dt = 50;
	t1w_event(w, PROF_EV1_GO_SLEEP, 3);
	t1w_batch(w, 0, 1000000);
	t1w_frequency(w);
	for (unsigned i = 0; i < COUNT(strings); i++)
		t1w_string(w, 31 + i, strings[i]);
	for (size_t i = 0; i < COUNT(stacks); i++)
		t1w_record(w, PROF_EV1_STACK, 14, stacks[i]);
}

static struct prof_contention *new_contention(void)
{
	struct prof_contention_opts opts;
	struct prof_contention *k;
	struct prof_err e = {0};

	prof_contention_opts_init(&opts);
	assert_ok(prof_contention_new(&opts, &k, &e), &e);
	return k;
}

static void take(struct prof_contention *k, const struct wire *w,
	const struct prof_trace_opts *range, struct prof_contention_trace *out)
{
	const struct prof_trace_damage *damage;
	struct prof_err e = {0};
	struct prof_trace *t;

	*out = (struct prof_contention_trace){.ns = 0};
	assert_ok(prof_trace_read(w->p, w->n, NULL, &t, &e), &e);
	assert_ok(prof_contention_take_trace(k, t, range, out, &e), &e);
	if (prof_trace_damage(t, &damage))
		fail_msg("%s", damage->what);
	prof_trace_free(t);
}

/* The function on top of a stack. */
static const char *leaf(const struct prof_contention *k, uint32_t stack)
{
	struct prof_contention_walk w = prof_contention_walk(&k->stacks.v[stack]);
	const struct prof_contention_frame *f = prof_contention_next(k, &w);

	assert_non_null(f);
	return prof_contention_name(k, prof_contention_function_of(k, f)->name).p;
}

static void check_convoy(struct prof_contention *k, const struct prof_contention_trace *x,
	int64_t start, size_t steps)
{
	const struct prof_contention_wait *w = x->waits.v;
	const struct prof_contention_hold *h = x->holds.v;
	const struct prof_contention_queue *q = x->queues.v;
	int64_t sum = 0;

	assert_int_equal(x->waits.n, 2);
	assert_string_equal(leaf(k, w[0].stack), "time.Sleep");
	assert_int_equal(w[0].count, 1);
	assert_int_equal(w[0].open, 1);
	assert_int_equal(w[0].by_nobody, 1);
	assert_int_equal(w[0].queue, PROF_NONE);
	assert_string_equal(leaf(k, w[1].stack), "sync.(*Mutex).Lock");
	assert_int_equal(k->stacks.v[w[1].stack].class, PROF_WAIT_MUTEX);
	assert_int_equal(w[1].count, 2);
	assert_int_equal(w[1].open, 0);
	assert_int_equal(w[1].ns, 4000 + 5500);
	assert_int_equal(w[1].hist.max, 5500);

	assert_int_equal(x->pairs.n, 2);
	assert_int_equal(x->pairs.v[0].unblocker, PROF_NONE);
	assert_string_equal(leaf(k, x->pairs.v[1].unblocker), "sync.(*Mutex).Unlock");
	assert_int_equal(x->pairs.v[1].count, 2);
	assert_int_equal(x->pairs.v[1].ns, 4000 + 5500);

	/* When 2 began to wait, 1 slept: it has had the lock since before. */
	assert_int_equal(x->holds.n, 1);
	assert_int_equal(h->count, 2);
	assert_int_equal(h->exact, 1);
	assert_int_equal(h->hist.total, 5000 + 1950);
	assert_int_equal(h->parts_ns[PROF_HOLD_RAN], 900 + 1950);
	assert_int_equal(h->parts_ns[PROF_HOLD_RUNNABLE], 100);
	assert_int_equal(h->parts_ns[PROF_HOLD_WAITED], 4000);
	assert_false(h->longest_exact);
	assert_int_equal(h->longest_ns, 5000);
	assert_int_equal(h->longest_at, start - 1000);
	assert_int_equal(h->longest_goroutine, 1);
	assert_string_equal(leaf(k, h->longest_waited), "time.Sleep");
	assert_int_equal(h->longest_waited_ns, 4000);
	assert_int_equal(x->meanwhile.n, 1);
	assert_int_equal(x->meanwhile.v[0].ns, 4000);

	assert_int_equal(x->queues.n, 1);
	assert_int_equal(q->most, 2);
	assert_int_equal(q->most_at, start + 500);
	assert_int_equal(q->at_least_ns[0], 6000);
	assert_int_equal(q->at_least_ns[1], 3500);
	assert_int_equal(q->at_least_ns[2], 0);
	assert_int_equal(q->longest_at, start + 500);
	assert_int_equal(q->longest_ns, 3500);
	assert_int_equal(x->steps, steps);
	for (uint32_t i = 0; i < x->steps; i++)
		sum += q->steps[i].ns;
	assert_int_equal(sum, 9500 - 500); /* steps begin with the second one */
}

static void a_convoy(void **state)
{
	static const unsigned versions[] = {22, 23, 25, 26};

	(void)state;
	for (size_t i = 0; i < COUNT(versions); i++) {
		struct prof_contention *k = new_contention();
		struct prof_contention_trace x;
		struct wire w = {0};

		trace2_write(&w, versions[i], convoy);
		take(k, &w, NULL, &x);
		assert_true(x.can & PROF_CAN_THREADS);
		check_convoy(k, &x, 2000 - 100, 9);
		prof_contention_trace_fini(k, &x);
		prof_contention_free(k);
		wire_free(&w);
	}
}

static void before_go_1_22(void **state)
{
	(void)state;
	for (unsigned version = 7; version <= 21; version += version == 11 ? 8 : 2) {
		struct prof_contention *k = new_contention();
		struct prof_contention_trace x;
		struct t1w w = {0};

		convoy1(&w, version);
		take(k, &w.w, NULL, &x);
		assert_false(x.can & PROF_CAN_THREADS);
		check_convoy(k, &x, 1899, 8);
		prof_contention_trace_fini(k, &x);
		prof_contention_free(k);
		wire_free(&w.w);
	}
}

/* What is outside of a window does not count, but for who waits when it begins. */
static void a_window(void **state)
{
	const struct prof_trace_opts range = {.from = 3000, .to = 7000};
	struct prof_contention *k = new_contention();
	struct prof_contention_trace x;
	struct wire w = {0};

	(void)state;
	trace2_write(&w, 26, convoy);
	take(k, &w, &range, &x);
	assert_int_equal(x.ns, 4000);
	assert_int_equal(x.waits.v[1].count, 0);
	assert_int_equal(x.waits.v[1].open, 2);
	assert_int_equal(x.waits.v[1].ns, 2900 + 4000);
	assert_int_equal(x.holds.v[0].count, 1);
	assert_int_equal(x.holds.v[0].longest_at, 900 - 3000);
	assert_int_equal(x.queues.v[0].at_least_ns[0], 4000);
	assert_int_equal(x.queues.v[0].at_least_ns[1], 2900);
	assert_int_equal(x.queues.v[0].most_at, 0);
	prof_contention_trace_fini(k, &x);
	prof_contention_free(k);
	wire_free(&w);
}

/* Totals are those of the analysis that summaries show, whatever the trace. */

static unsigned files;

struct totals {
	uint64_t count;
	int64_t ns;
};

static struct totals of_states(const char *path, const struct prof_trace_opts *range, int64_t *ns)
{
	struct prof_mem mem = {.limit = SIZE_MAX};
	struct prof_trace_states x;
	struct totals sum = {0};
	struct prof_err e = {0};
	struct prof_trace *t;
	int64_t end = 0;
	bool begun = false;
	int rc;

	assert_ok(prof_trace_open(path, NULL, &t, &e), &e);
	prof_trace_states_init(&x, &mem, INT64_MIN, INT64_MAX);
	while ((rc = prof_trace_fill(t, &e)) > 0) {
		assert_ok(prof_trace_states_reserve(&x, t, &e), &e);
		for (size_t i = 0; i < t->n; i++) {
			if (t->events[i].kind == PROF_TRACE_SYNC) {
				end = t->events[i].time;
				if (!begun) {
					*ns = -end;
					x.from = end + range->from;
					x.to = range->to < 0 ? INT64_MAX : end + range->to;
				}
				begun = true;
			}
			assert_ok(prof_trace_states_event(&x, t, &t->events[i], &e), &e);
		}
	}
	assert_ok(rc, &e);
	assert_ok(prof_trace_states_end(&x, t, end, &e), &e);
	*ns += end;
	for (size_t i = 0; i < x.reasons.n; i++)
		sum.count += x.reasons.v[i].waits.count;
	sum.count += x.states[PROF_G_SYSCALL].count;
	sum.ns = x.waiting_ns + (int64_t)x.states[PROF_G_SYSCALL].total;
	prof_trace_states_fini(&x);
	prof_trace_free(t);
	assert_int_equal(mem.used, 0);
	return sum;
}

static void check_queues(const struct prof_contention_trace *x)
{
	for (size_t i = 0; i < x->queues.n; i++) {
		const struct prof_contention_queue *q = &x->queues.v[i];
		int64_t waited = 0, stood = 0;

		for (size_t j = 0; j < x->waits.n; j++)
			if (x->waits.v[j].queue == i)
				waited += x->waits.v[j].ns;
		for (uint32_t j = 0; q->steps && j < x->steps; j++) {
			stood += q->steps[j].ns;
			assert_true(q->steps[j].most <= q->most);
		}
		assert_true(stood <= waited && q->at_least_ns[0] <= waited);
		for (int j = 1; j < PROF_QUEUE_POWERS; j++)
			assert_true(q->at_least_ns[j] <= q->at_least_ns[j - 1]);
		assert_true(q->longest_ns <= q->at_least_ns[1]);
		assert_true(!q->most || q->most_at < x->ns);
	}
}

static void check_trace(const char *path, const struct prof_trace_opts *range, int64_t *ns)
{
	struct prof_contention *k = new_contention();
	struct prof_contention_trace x = {.ns = 0};
	struct totals want = of_states(path, range, ns), got = {0}, pairs = {0};
	uint64_t nobody = 0, hists = 0, whole = 0;
	struct prof_err e = {0};
	struct prof_trace *t;

	assert_ok(prof_trace_open(path, NULL, &t, &e), &e);
	assert_ok(prof_contention_take_trace(k, t, range, &x, &e), &e);
	prof_trace_free(t);
	for (size_t i = 0; i < x.waits.n; i++) {
		got.count += x.waits.v[i].count + x.waits.v[i].open;
		got.ns += x.waits.v[i].ns;
		whole += x.waits.v[i].count;
		hists += x.waits.v[i].hist.count;
		nobody += x.waits.v[i].by_nobody;
	}
	if (got.count != want.count || got.ns != want.ns)
		fail_msg("%s: %llu waits of %lld ns, not %llu of %lld ns", path,
			(unsigned long long)got.count, (long long)got.ns,
			(unsigned long long)want.count, (long long)want.ns);
	assert_int_equal(hists, whole);
	for (size_t i = 0; i < x.pairs.n; i++) {
		pairs.count += x.pairs.v[i].count;
		pairs.ns += x.pairs.v[i].ns;
		nobody -= x.pairs.v[i].unblocker == PROF_NONE ? x.pairs.v[i].count : 0;
	}
	assert_true(pairs.count <= got.count && pairs.ns <= got.ns);
	assert_int_equal(nobody, 0);
	for (size_t i = 0; i < x.holds.n; i++) {
		const struct prof_contention_hold *h = &x.holds.v[i];
		int64_t parts = 0;

		for (int j = 0; j < PROF_HOLD_PARTS; j++)
			parts += h->parts_ns[j];
		assert_true(h->exact <= h->count && h->hist.count == h->count);
		assert_true(parts <= (int64_t)h->hist.total);
		assert_int_equal(h->longest_ns, h->hist.max);
	}
	check_queues(&x);
	prof_contention_trace_fini(k, &x);
	prof_contention_free(k);
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	size_t n = strlen(path);
	struct prof_trace_opts all = {.to = -1}, part;
	const struct prof_trace_event *ev;
	struct prof_err e = {0};
	struct prof_trace *t;
	int64_t ns;
	int rc;

	(void)ftw;
	if (type != FTW_F || st->st_size > 8 << 20 ||
		(strcmp(path + n - 6, ".trace") != 0 && !strstr(path, ".trace.")) ||
		strstr(path, "/expect/"))
		return 0;
	if (prof_trace_open(path, NULL, &t, &e))
		return 0; /* one of those of which nothing can be saved */
	while ((rc = prof_trace_next(t, &ev, &e)) > 0)
		;
	prof_trace_free(t);
	if (rc)
		return 0;
	check_trace(path, &all, &ns);
	part = (struct prof_trace_opts){.from = ns / 4, .to = ns / 2};
	check_trace(path, &part, &ns);
	files++;
	return 0;
}

static void totals_of_the_packs(void **state)
{
	static const char *const below[] = {"captures", "conformance/trace"};
	const char *packs = getenv("PACKS");
	char path[4096];

	(void)state;
	if (!packs || !*packs)
		skip();
	for (size_t i = 0; i < COUNT(below); i++) {
		snprintf(path, sizeof(path), "%s/%s", packs, below[i]);
		(void)nftw(path, visit, 16, FTW_PHYS);
	}
	print_message("%u files\n", files);
	assert_true(files > 100);
}

static int ignore(void *ctx, const char *bytes, size_t n)
{
	(void)ctx;
	(void)bytes;
	(void)n;
	return 0;
}

/* All that there is to tell and to draw of it. */
static int tell(struct prof_contention *k, struct prof_err *e)
{
	struct prof_profile *p = NULL;
	struct prof_report *r = NULL;
	int rc = prof_contention_report(k, &r, e);

	if (!rc)
		rc = prof_report_text(r, ignore, NULL, e);
	if (!rc)
		rc = prof_report_json(r, ignore, NULL, e);
	if (!rc)
		rc = prof_report_svg(r, ignore, NULL, e);
	if (!rc)
		rc = prof_contention_profile(k, PROF_NEW, &p, e);
	prof_profile_free(p);
	prof_report_free(r);
	return rc;
}

static int all_of_it(const struct wire *w, struct prof_err *e)
{
	struct prof_contention_opts opts;
	struct prof_contention *k;
	struct prof_trace *t;
	int rc;

	prof_contention_opts_init(&opts);
	opts.idle = 1;
	rc = prof_contention_new(&opts, &k, e);
	if (rc)
		return rc;
	rc = prof_trace_read(w->p, w->n, NULL, &t, e);
	if (!rc) {
		rc = prof_contention_add_trace(
			k, t, (struct prof_contention_input){.side = PROF_NEW}, e);
		prof_trace_free(t);
	}
	if (!rc)
		rc = tell(k, e);
	prof_contention_free(k);
	return rc;
}

static void each_allocation(void **state)
{
	struct wire w = {0};

	(void)state;
	trace2_write(&w, 26, convoy);
	each_allocation_fails(all_of_it, &w, 100);
	wire_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_convoy),
		cmocka_unit_test(before_go_1_22),
		cmocka_unit_test(a_window),
		cmocka_unit_test(totals_of_the_packs),
		cmocka_unit_test(each_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
