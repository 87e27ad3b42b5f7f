/* Where goroutines wait: what stacks wait for and where, on which list, who holds; and nothing is
 * lost when memory runs out.
 */
#include "tests/unit/faults.h"
#include "tests/unit/unit.h"

#include "libprof/analyse/contention/sites.h"

enum { FRAMES = 8 };

static const struct {
	const char *frames[FRAMES]; /* leaf first */
	const char *state, *class, *list, *site, *owner;
	bool unlocks;
} stacks[] = {
	{{"sync.(*Mutex).Lock", "main.(*cache).get", "main.main.func2"}, "", "mutex", "contention",
		"main.(*cache).get", "main.(*cache)", false},
	{{"sync.(*Mutex).Unlock", "main.(*cache).get.deferwrap1", "main.(*cache).get"}, "", "mutex",
		"contention", "main.(*cache).get", "main.(*cache)", true},
	/* RWMutex takes a Mutex: the one nearest the root tells */
	{{"internal/sync.(*Mutex).lockSlow", "sync.(*Mutex).Lock", "sync.(*RWMutex).Lock",
		 "shop/db.(*T[...]).Put"},
		"", "rwmutex write", "contention", "shop/db.(*T[...]).Put", "shop/db.(*T[...])",
		false},
	{{"sync.(*RWMutex).RLock", "main.read"}, "sync.RWMutex.RLock", "rwmutex read", "contention",
		"main.read", "main.read", false},
	/* an embedded one's wrapper tells whose lock it is */
	{{"sync.(*Mutex).Lock", "main.(*Inventory).Lock", "main.take"}, "", "mutex", "contention",
		"main.take", "main.(*Inventory)", false},
	{{"main.take"}, "sync.Mutex.Lock", "mutex", "contention", "main.take", "main.take", false},
	/* closures are of the function that they stand in */
	{{"sync.(*Mutex).Lock", "main.run.func1.2", "main.run.func1"}, "", "mutex", "contention",
		"main.run.func1.2", "main.run", false},
	{{"runtime.unlock", "runtime.(*timers).unlock", "runtime.(*timers).run", "main.f"}, "",
		"runtime lock", "contention", "runtime.(*timers).run", "runtime.(*timers)", true},
	{{"runtime.chansend1", "main.limiter.acquire", "main.handle", "main.main.func1"}, "",
		"chan send", "backpressure", "main.limiter.acquire", "main.limiter", false},
	/* a worker, and one who waits for a result */
	{{"runtime.chanrecv2", "main.worker", "main.main.func1"}, "", "chan receive", "idle",
		"main.worker", "main.worker", false},
	{{"runtime.chanrecv1", "main.ask", "main.handle", "main.serve", "main.main.func1"}, "",
		"chan receive", "backpressure", "main.ask", "main.ask", false},
	/* a select at the top: by its name */
	{{"runtime.selectgo", "main.produce", "main.main.func6"}, "", "select", "backpressure",
		"main.produce", "main.produce", false},
	{{"runtime.selectgo", "main.(*pool).worker"}, "", "select", "idle", "main.(*pool).worker",
		"main.(*pool)", false},
	{{"sync.(*Cond).Wait", "main.(*queue).pop", "main.main.func1"}, "", "cond", "idle",
		"main.(*queue).pop", "main.(*queue)", false},
	{{"sync.(*WaitGroup).Wait", "main.main"}, "", "waitgroup", "idle", "main.main", "main.main",
		false},
	{{"runtime.selectgo", "golang.org/x/sync/semaphore.(*Weighted).Acquire", "main.f"}, "",
		"semaphore", "contention", "main.f", "main.f", false},
	{{"internal/poll.runtime_pollWait", "internal/poll.(*FD).Read", "net.(*netFD).Read",
		 "net.(*conn).Read", "bufio.(*Reader).Read", "db.(*Conn).query", "main.handle"},
		"IO wait", "network", "backpressure", "db.(*Conn).query", "db.(*Conn)", false},
	{{"internal/poll.runtime_pollWait", "internal/poll.(*FD).Accept", "net.(*netFD).accept",
		 "net/http.(*Server).Serve"},
		"", "network", "idle", "net/http.(*Server).Serve", "net/http.(*Server)", false},
	{{"runtime.selectgo", "database/sql.(*DB).conn", "main.handle"}, "", "select", "contention",
		"database/sql.(*DB).conn", "database/sql.(*DB)", false},
	{{"time.Sleep", "main.poll"}, "sleep", "sleep", "idle", "main.poll", "main.poll", false},
	{{"runtime.chanrecv1", "runtime.gcStart", "runtime.mallocgc", "main.f"}, "", "GC assist",
		"contention", "main.f", "main.f", false},
	{{"bufio.NewReaderSize", "main.f"}, "semacquire", "runtime lock", "contention",
		"bufio.NewReaderSize", "bufio.NewReaderSize", false},
	{{"sync.(*RWMutex).Unlock", "main.(*T).set", "main.f"}, "", "rwmutex read", "contention",
		"main.(*T).set", "main.(*T)", true},
	{{"sync.(*Mutex).Unlock", "sync.(*RWMutex).Unlock", "main.(*T).set", "main.f"}, "",
		"rwmutex write", "contention", "main.(*T).set", "main.(*T)", true},
	{{"sync.(*WaitGroup).Wait", "golang.org/x/sync/singleflight.(*Group).Do", "main.(*A).get",
		 "main.serve"},
		"", "waitgroup", "backpressure", "main.(*A).get", "main.(*A)", false},
	{{"sync.(*Mutex).Lock", "golang.org/x/sync/singleflight.(*Group).Do", "main.(*A).get"}, "",
		"mutex", "contention", "main.(*A).get", "main.(*A)", false},
	{{"runtime.chansend1", "golang.org/x/sync/errgroup.(*Group).Go", "main.batch"}, "",
		"semaphore", "backpressure", "main.batch", "main.batch", false},
	{{"runtime.selectgo", "golang.org/x/sync/semaphore.(*Weighted).Acquire", "main.take"}, "",
		"semaphore", "contention", "main.take", "main.take", false},
	{{"internal/sync.(*HashTrieMap[go.shape.int,go.shape.int]).Swap", "sync.(*Map).Store",
		 "main.f"},
		"", "mutex", "contention", "main.f", "main.f", false},
	{{"runtime.gcAssistAlloc", "internal/sync.(*HashTrieMap[go.shape.int,go.shape.int]).Swap",
		 "main.f"},
		"", "GC assist", "contention", "main.f", "main.f", false},
	{{"runtime.gopark", "runtime.bgsweep"}, "", "system", "idle", "runtime.bgsweep",
		"runtime.bgsweep", false},
	{{NULL}, "select", "select", "idle", NULL, NULL, false},
};

static uint32_t place(struct prof_contention *k, const char *name)
{
	struct prof_contention_frame f = {.line = 0};
	uint32_t id;

	assert_int_equal(
		prof_contention_function(k, prof_str_of(name), PROF_STR("x.go"), &f.function, NULL),
		0);
	assert_int_equal(prof_contention_place(k, f, &id, NULL), 0);
	return id;
}

static void each_stack(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(stacks); i++) {
		uint32_t places[FRAMES];
		const struct prof_contention_stack *s;
		struct prof_contention_opts opts;
		struct prof_contention *k;
		uint32_t id, n = 0;

		prof_contention_opts_init(&opts);
		assert_int_equal(prof_contention_new(&opts, &k, NULL), 0);
		for (; n < FRAMES && stacks[i].frames[n]; n++)
			places[n] = place(k, stacks[i].frames[n]);
		assert_int_equal(
			prof_contention_stack(k, places, n,
				prof_contention_said(prof_str_of(stacks[i].state)), &id, NULL),
			0);
		s = &k->stacks.v[id];
		print_message("%zu: %s\n", i, n ? stacks[i].frames[n - 1] : "no frames");
		assert_string_equal(prof_wait_class_names[s->class], stacks[i].class);
		assert_string_equal(prof_wait_list_names[s->list], stacks[i].list);
		assert_int_equal(s->unlocks, stacks[i].unlocks);
		if (n) {
			assert_string_equal(
				prof_contention_name(k, prof_contention_site_function(k, s)->name)
					.p,
				stacks[i].site);
			assert_string_equal(prof_contention_name(k, prof_contention_owner(k, s)).p,
				stacks[i].owner);
		}
		prof_contention_free(k);
	}
}

/* The rate of a block profile, and the fraction of a mutex profile, by their numbers. */
static void sampling(void **state)
{
	static const struct {
		int64_t counts[6], delays[6], rate, most, fraction;
		uint8_t kind;
	} profiles[] = {
		/* A round number, as Go rounds it. */
		{{3, 1, 7}, {9999, 56434, 1501237001}, 10000, 10000, 0, PROF_CONTENTION_BLOCK},
		/* None, but the smallest stack's stands twice, and five times. */
		{{8, 3, 6, 9, 2}, {12344, 12344, 61723, 90000000, 1500000}, 12344, 12344, 0,
			PROF_CONTENTION_BLOCK},
		/* Only once: who knows. */
		{{8, 2, 6}, {12344, 150000, 90000000}, 0, 12344, 0, PROF_CONTENTION_BLOCK},
		/* Multiples, but of long waits. */
		{{1, 1, 2}, {12344, 24688, 61720}, 0, 12344, 0, PROF_CONTENTION_BLOCK},
		{{1000, 20, 30}, {1, 2, 3}, 0, 1, 0, PROF_CONTENTION_BLOCK},
		{{0}, {0}, 0, 0, 0, PROF_CONTENTION_BLOCK},
		{{100, 300, 700, 1000, 200}, {1, 1, 1, 1, 1}, 0, 0, 100, PROF_CONTENTION_MUTEX},
		{{100, 300, 701}, {1, 1, 1}, 0, 0, 1, PROF_CONTENTION_MUTEX},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(profiles); i++) {
		int64_t counts[6], delays[6];
		struct prof_contention_input in = {.kind = profiles[i].kind,
			.counts = {counts, 6, 6},
			.delays = {delays, 6, 6}};

		memcpy(counts, profiles[i].counts, sizeof(counts));
		memcpy(delays, profiles[i].delays, sizeof(delays));
		prof_contention_sampling(&in, 0);
		print_message("%zu\n", i);
		assert_int_equal(in.rate_ns, profiles[i].rate);
		assert_int_equal(in.rate_most_ns, profiles[i].most);
		assert_int_equal(in.fraction, profiles[i].fraction);
	}
}

static void packages(void **state)
{
	static const char *const names[][2] = {{"net/http.(*conn).serve", "net/http"},
		{"main.main", "main"}, {"example.com/a.b/c.F[a.b/c.T]", "example.com/a.b/c"},
		{"runtime._LostContendedRuntimeLock", "runtime"}, {"f", "f"}, {"", ""}};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct prof_str p = prof_contention_package(prof_str_of(names[i][0]));

		assert_true(prof_str_eq(p, prof_str_of(names[i][1])));
	}
}

static int count(void *ctx, const char *p, size_t n)
{
	(void)p;
	*(size_t *)ctx += n;
	return 0;
}

/* Everything that prof contention does. */
static int report_of(int only_text, struct prof_err *e)
{
	static const char *const files[] = {"contend.block.t0.pb.gz", "contend.block.t1.pb.gz",
		"contend.mutex.t0.pb.gz", "contend.mutex.t1.pb.gz",
		"contend.goroutine.t1.debug2.txt", "contend.block.pb.gz", "contend.mutex.pb.gz"};
	struct prof_contention_opts opts;
	struct prof_report *r = NULL;
	struct prof_contention *k = NULL;
	size_t n = 0;
	int rc;

	prof_contention_opts_init(&opts);
	opts.idle = 1;
	opts.only_text = only_text;
	rc = prof_contention_new(&opts, &k, e);
	if (!rc)
		rc = prof_contention_pattern(k, "idle any stack ^main\\.main$  # ours", e);
	if (!rc)
		rc = prof_contention_gate(k, "site:cache>10ms/s", 1, e);
	for (size_t i = 0; !rc && i < COUNT(files); i++) {
		char path[500];

		snprintf(path, sizeof(path), "%s/%s", TESTDATA, files[i]);
		rc = prof_contention_add(k, i < 5 ? PROF_NEW : PROF_OLD, path, 0, NULL, e);
	}
	if (!rc)
		rc = prof_contention_report(k, &r, e);
	if (!rc)
		rc = prof_report_text(r, count, &n, e);
	if (!rc)
		rc = prof_report_json(r, count, &n, e);
	prof_report_free(r);
	prof_contention_free(k);
	return rc;
}

static int all_of_it(const struct wire *w, struct prof_err *e)
{
	(void)w;
	return report_of(0, e);
}

static int only_text(const struct wire *w, struct prof_err *e)
{
	(void)w;
	return report_of(1, e);
}

static void each_allocation(void **state)
{
	(void)state;
	each_allocation_fails(all_of_it, NULL, 100);
	each_allocation_fails(only_text, NULL, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_stack),
		cmocka_unit_test(sampling),
		cmocka_unit_test(packages),
		cmocka_unit_test(each_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
