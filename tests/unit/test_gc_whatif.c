/* Cycles under other settings. */
#include "tests/unit/unit.h"

#include <math.h>

#include "libprof/analyse/gc/rerun.h"
#include "tests/unit/random.h"

#define MB 1048576.0
#define MS 1e6

/* What a program that marks nothing is: 0.7 GB live, 1.8 s for each 0.7 GB. */
static const struct prof_gc_steady plain = {.n = 9,
	.live = 700 * MB,
	.goal = 1400 * MB,
	.start = 1400 * MB,
	.peak = 1400 * MB,
	.period_ns = 1800 * MS};

static void near(double got, double wanted, double within)
{
	if (fabs(got - wanted) > within * fabs(wanted))
		print_error("%g instead of %g\n", got, wanted);
	assert_true(fabs(got - wanted) <= within * fabs(wanted));
}

static void the_goal_alone(void **state)
{
	struct prof_gc_rerun w;

	(void)state;
	w = prof_gc_rerun(&plain, 60, INFINITY);
	near(w.peak, 1120 * MB, 1e-6);
	near(w.period_ns, 1080 * MS, 1e-6);
	w = prof_gc_rerun(&plain, 40, INFINITY);
	near(w.peak, 980 * MB, 1e-6);
	near(w.period_ns, 720 * MS, 1e-6);
	w = prof_gc_rerun(&plain, INFINITY, 900 * MB);
	near(w.peak, 900 * MB, 1e-6);
	near(w.period_ns, 1800 * MS * 2 / 7, 1e-6);
	assert_false(w.over_limit);
	w = prof_gc_rerun(&plain, 100, 600 * MB);
	assert_true(w.over_limit);
}

static void two_minutes_at_most(void **state)
{
	struct prof_gc_rerun w = prof_gc_rerun(&plain, 20000, INFINITY);

	(void)state;
	near(w.period_ns, 120e9, 1e-6);
	near(w.peak, 700 * MB * (1 + 120 / 1.8), 1e-6);
}

/* The tree that two threads rebuild: 95 MB, on four Ps, which workers, idle ones and assists mark
 * in 235 ms while it allocates another 41 MB.
 */
static const struct prof_gc_steady tree = {.n = 12,
	.live = 136 * MB,
	.black = 41 * MB,
	.goal = 272 * MB,
	.start = 231 * MB,
	.peak = 272 * MB,
	.wanted = 200 * MB,
	.period_ns = 385 * MS,
	.marking_ns = 235 * MS,
	.all_ns = 940 * MS,
	.worker_ns = 453 * MS,
	.assist_ns = 235 * MS};

static void assists_make_it_fit(void **state)
{
	struct prof_gc_rerun was = prof_gc_rerun(&tree, 100, INFINITY);
	struct prof_gc_rerun half = prof_gc_rerun(&tree, 50, INFINITY);
	struct prof_gc_rerun much = prof_gc_rerun(&tree, 400, INFINITY);

	(void)state;
	/* The runtime rounds less than this calculation stops at. */
	near(was.live, tree.live, 0.02);
	near(was.peak, tree.peak, 0.02);
	near(was.period_ns, tree.period_ns, 0.02);
	near(was.cpu, 1, 0.02);
	/* 19/64 of the room are left to allocate in, and count as live. */
	near(half.peak - half.start, (half.goal - half.live) * 19 / 64, 0.02);
	near(half.live, tree.live - tree.black + (half.peak - half.start), 0.01);
	assert_true(half.period_ns < was.period_ns && half.period_ns > was.period_ns / 3);
	/* Without assists nothing is allocated but what the workers' time leaves. */
	assert_true(much.peak < much.goal);
	assert_true(much.peak - much.start < 4 * 41 * MB);
	assert_true(much.cpu < 1);
}

/* Marking that ended long before the goal does not take longer for a goal that is farther. */
static void an_early_end_stays(void **state)
{
	struct prof_gc_steady s = tree;
	struct prof_gc_rerun w;

	(void)state;
	s.peak = s.start + 8 * MB;
	s.black = 8 * MB;
	w = prof_gc_rerun(&s, 200, INFINITY);
	near(w.peak - w.start, 8 * MB, 0.01);
}

static void larger_settings_are_larger(void **state)
{
	struct random_wire r = {.seed = 1};

	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct prof_gc_steady s = tree;
		struct prof_gc_rerun before = {0};

		s.live = (1 + (double)(random_below(&r, 1000))) * MB;
		s.black = s.live * (double)(random_below(&r, 100)) / 100;
		s.roots = (double)(random_below(&r, 50)) * MB;
		s.goal = s.live + (s.live + s.roots);
		s.start = s.goal - (s.goal - s.live) * (double)(1 + random_below(&r, 29)) / 100;
		s.peak = s.start + (double)(random_below(&r, 100)) * (s.goal - s.start) / 80;
		s.wanted = (double)(random_below(&r, 300)) * MB;
		s.worker_ns = s.all_ns * (double)(random_below(&r, 100)) / 100;
		s.assist_ns = (s.all_ns - s.worker_ns) * (double)(random_below(&r, 100)) / 100;
		for (double gogc = 10; gogc < 1000; gogc *= 1.5) {
			struct prof_gc_rerun w = prof_gc_rerun(&s, gogc, INFINITY);

			assert_true(isfinite(w.period_ns) && isfinite(w.peak) && w.cpu >= 0);
			assert_true(w.peak >= w.start && w.start > w.live && w.live >= 0);
			assert_true(w.goal >= before.goal * 0.999);
			assert_true(w.peak >= before.peak * 0.98);
			assert_true(w.period_ns >= before.period_ns * 0.98);
			before = w;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_goal_alone),
		cmocka_unit_test(two_minutes_at_most),
		cmocka_unit_test(assists_make_it_fit),
		cmocka_unit_test(an_early_end_stays),
		cmocka_unit_test(larger_settings_are_larger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
