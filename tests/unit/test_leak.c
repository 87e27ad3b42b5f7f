/* Which goroutines pile up: names, verdicts by counts, and nothing lost when memory runs out. */
#include "tests/unit/faults.h"
#include "tests/unit/unit.h"

#include <math.h>

#include "libprof/analyse/leak/leak.h"
#include "libprof/model/go_names.h"

static const char *named(const char *function, struct prof_buf *room)
{
	static char out[200];
	struct prof_str s = prof_go_plain_name(prof_str_of(function), room);

	snprintf(out, sizeof(out), "%.*s", (int)s.len, s.p);
	return out;
}

static void functions(void **state)
{
	static const char *const hidden[] = {"runtime.gopark", "runtime.goexit", "runtime.main",
		"main.main.gowrap1", "main.f.func2.gowrap12", "main.f.deferwrap1", "main.(*T).m-fm",
		"main.f\302\267dwrap\302\2673"};
	static const char *const shown[] = {"runtime/pprof.Do", "main.gowrap", "main.fm", "main.f",
		"internal/runtime/maps.F", ""};
	static const char *const library[] = {"net/http.(*conn).serve", "time.Sleep",
		"sync.(*Mutex).Lock", "log.Printf", "os.(*File).Read", "internal/poll.(*FD).Read",
		"vendor/golang.org/x/net/http2.F", "runtime.gopark"};
	static const char *const own[] = {"main.main", "shop/net.F", "example.com/x.(*T).f",
		"log.example.com/x.F", "net.example.com/x/y.(*T).f", "main.f[...]", "netx.F", ""};
	struct prof_buf room;

	(void)state;
	prof_buf_init(&room, NULL, NULL);
	assert_string_equal(
		named("main.F[go.shape.int,go.shape.[]uint8].m", &room), "main.F[...].m");
	assert_string_equal(named("main.F[...]", &room), "main.F[...]");
	assert_string_equal(
		named("main.(*T[go.shape.struct { X int }]).f[a", &room), "main.(*T[...]).f[...");
	assert_string_equal(named("main.f", &room), "main.f");
	prof_buf_fini(&room);
	for (size_t i = 0; i < COUNT(hidden); i++)
		if (!prof_go_is_hidden(prof_str_of(hidden[i])))
			fail_msg("%s is not hidden", hidden[i]);
	for (size_t i = 0; i < COUNT(shown); i++)
		if (prof_go_is_hidden(prof_str_of(shown[i])))
			fail_msg("%s is hidden", shown[i]);
	for (size_t i = 0; i < COUNT(library); i++)
		if (!prof_go_is_library(prof_str_of(library[i])))
			fail_msg("%s is not taken for the library's", library[i]);
	for (size_t i = 0; i < COUNT(own); i++)
		if (prof_go_is_library(prof_str_of(own[i])))
			fail_msg("%s is taken for the library's", own[i]);
}

static const struct {
	int64_t counts[8];
	size_t n;
	int64_t before, survived, wait_minutes;
	enum prof_leak_verdict verdict;
	const char *why;
} judged[] = {
	{{5, 105, 304, 701}, 4, 0, 0, 0, PROF_LEAKING, NULL},
	{{0, 10, 30, 70}, 4, 0, 0, 0, PROF_LEAKING, NULL},
	{{1000, 1050, 1100, 1150}, 4, 0, 0, 0, PROF_LEAKING, NULL},
	{{100, 99, 150, 200}, 4, 0, 0, 0, PROF_LEAKING, NULL}, /* one went on its own */
	{{0, 50}, 2, 0, 0, 0, PROF_LEAKING, NULL},
	{{20, 40}, 2, 0, 0, 0, PROF_LEAKING, NULL},
	{{20, 39}, 2, 0, 0, 0, PROF_LEAK_STABLE, "grows by little"},
	{{1000, 1010, 1020, 1030}, 4, 0, 0, 0, PROF_LEAK_STABLE, "grows by little"},
	{{8, 8, 8, 8}, 4, 0, 0, 0, PROF_LEAK_STABLE, NULL},
	{{8, 10, 12, 17}, 4, 0, 0, 0, PROF_LEAK_STABLE, NULL}, /* under the threshold */
	{{10, 64, 100, 100}, 4, 0, 0, 0, PROF_LEAK_STABLE, "levels off"},
	{{10, 64, 96, 100}, 4, 0, 0, 0, PROF_LEAK_STABLE, "levels off"},
	{{10, 100, 100, 100, 100, 100}, 6, 0, 0, 0, PROF_LEAK_STABLE, "levels off"},
	{{10, 60, 20, 90}, 4, 0, 0, 0, PROF_LEAK_STABLE, "goes up and down"},
	{{10, 50, 100, 200}, 4, 160, 20, 0, PROF_LEAK_STABLE,
		"is of other goroutines each time: load"},
	{{10, 50, 100, 200}, 4, 160, 160, 0, PROF_LEAKING, NULL},
	{{0, 0, 0, 40}, 4, 0, 0, 0, PROF_LEAK_NEW, NULL},
	{{0, 0, 0, 3}, 4, 0, 0, 0, PROF_LEAK_NEW, NULL},
	{{0, 3}, 2, 0, 0, 0, PROF_LEAK_NEW, NULL},
	{{4, 4, 4, 0}, 4, 0, 0, 0, PROF_LEAK_GONE, NULL},
	{{4, 4, 4, 4}, 4, 0, 0, 9, PROF_LEAK_STABLE, NULL},
	{{4, 4, 4, 4}, 4, 0, 0, 10, PROF_STUCK, NULL},
	{{4, 4, 4, 4}, 4, 12, 12, 10, PROF_STUCK, NULL},
	{{4, 4, 4, 4}, 4, 12, 1, 10, PROF_LEAK_STABLE, NULL}, /* others each time */
	{{4, 4, 5, 4}, 4, 0, 0, 10, PROF_LEAK_STABLE, NULL},
	{{4}, 1, 0, 0, 10, PROF_STUCK, NULL},
	{{4}, 1, 0, 0, 0, PROF_LEAK_STABLE, NULL},
};

static void verdicts(void **state)
{
	static const int64_t even[8] = {
		0, 60000000000, 120000000000, 180000000000, 240000000000, 300000000000};
	struct prof_leak_opts opts;

	(void)state;
	prof_leak_opts_init(&opts);
	for (size_t i = 0; i < COUNT(judged); i++) {
		struct prof_leak_group g = {.before = judged[i].before,
			.survived = judged[i].survived,
			.wait_ns = judged[i].wait_minutes * 60000000000};

		/* when the snapshots were taken changes nothing where that is evenly */
		for (int timed = 0; timed < 2; timed++) {
			struct prof_leak_judged j = prof_leak_judge(
				&opts, &g, judged[i].counts, timed ? even : NULL, judged[i].n);

			if (j.verdict != judged[i].verdict ||
				strcmp(j.why ? j.why : "", judged[i].why ? judged[i].why : "") != 0)
				fail_msg("row %zu: %d %s", i, j.verdict, j.why ? j.why : "");
		}
	}
}

static void growth_a_minute(void **state)
{
	static const int64_t times[] = {0, 60000000000, 120000000000, 600000000000};
	const int64_t steady[] = {5, 25, 45, 205}, odd[] = {5, 25, 900, 205};
	struct prof_leak_group g = {0};
	struct prof_leak_opts opts;

	(void)state;
	prof_leak_opts_init(&opts);
	assert_true(prof_leak_judge(&opts, &g, steady, times, 4).per_minute == 20);
	/* one odd snapshot does not move it far */
	assert_true(prof_leak_judge(&opts, &g, odd, times, 4).per_minute < 240);
	assert_true(isnan(prof_leak_judge(&opts, &g, steady, NULL, 4).per_minute));
	/* a pool that filled up long before the last snapshot has levelled off, by time */
	assert_int_equal(
		prof_leak_judge(&opts, &g, (const int64_t[]){5, 90, 180, 205}, times, 4).verdict,
		PROF_LEAK_STABLE);
}

static int count(void *ctx, const char *p, size_t n)
{
	(void)p;
	*(size_t *)ctx += n;
	return 0;
}

static int all_of_it(const struct wire *w, struct prof_err *e)
{
	static const char *const files[] = {"/shapes.go1.22.debug2.txt",
		"/leaky.goroutine.t0.pb.gz", "/leaky.goroutine.t1.debug2.txt.gz",
		"/shapes.go1.27.debug2.txt"};
	static const char *const ignore[] = {"main\\.main", "^x"};
	struct prof_leak_opts opts;
	struct prof_report *r = NULL;
	struct prof_leak *k = NULL;
	size_t n = 0;
	int rc;

	(void)w;
	prof_leak_opts_init(&opts);
	opts.every_ns = 60000000000;
	opts.all = 1;
	opts.ignore = ignore;
	opts.n_ignore = COUNT(ignore);
	rc = prof_leak_new(&opts, &k, e);
	for (size_t i = 0; !rc && i < COUNT(files); i++) {
		char path[500];

		snprintf(path, sizeof(path), "%s%s", TESTDATA, files[i]);
		rc = prof_leak_add(k, path, 0, NULL, e);
	}
	if (!rc)
		rc = prof_leak_report(k, &r, e);
	if (!rc)
		rc = prof_report_text(r, count, &n, e);
	if (!rc)
		rc = prof_report_json(r, count, &n, e);
	if (!rc)
		rc = prof_report_svg(r, count, &n, e);
	prof_report_free(r);
	prof_leak_free(k);
	return rc;
}

static void each_allocation(void **state)
{
	(void)state;
	each_allocation_fails(all_of_it, NULL, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(growth_a_minute),
		cmocka_unit_test(each_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
