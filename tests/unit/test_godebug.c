/* GODEBUG logs become timelines. */
#include "tests/unit/unit.h"

#include <math.h>

#include "libprof/read/godebug.h"
#include "libprof/read/sniff.h"

#define MIB ((int64_t)1 << 20)
#define TAIL ": 0.10+0.32+0.002 ms clock, 0.20+0/0.014/0.10+0.004 ms cpu, 3->4->1 MB, 4 MB goal"

#define LARGE ": 0.10+0.32+0.002 ms clock, 0.20+0/0.1/0+0.004 ms cpu, 30->40->20 MB, 40 MB goal"

static struct prof_timeline *t;

static void opened(const char *text)
{
	struct prof_err e = {0};
	struct prof_input in;

	prof_timeline_free(t);
	t = prof_timeline_new(NULL, &e);
	assert_non_null(t);
	assert_ok(prof_input_memory(&in, text, strlen(text), NULL, &e), &e);
	assert_ok(prof_godebug_read(&in, PROF_STR("a.log"), t, &e), &e);
	prof_input_close(&in);
	assert_null(prof_timeline_check(t));
}

static int close_timeline(void **state)
{
	(void)state;
	prof_timeline_free(t);
	t = NULL;
	return 0;
}

static void a_line_of_today(void **state)
{
	const struct prof_gc_cycle *c;

	(void)state;
	opened("gc 103 @1.325s 7%: 0.044+2.7+15 ms clock, 0.089+0.5/0.019/0.16+0.005 ms cpu, "
	       "130->131->2 MB, 257 MB goal, 3 MB stacks, 5 MB globals, 4 P (forced)\n");
	assert_int_equal(t->cycles.n, 1);
	c = &t->cycles.v[0];
	assert_int_equal(c->n, 103);
	assert_int_equal(c->start_ns, 1325000000);
	assert_true(c->running_cpu == 0.07);
	assert_int_equal(c->sweep_term_ns, 44000);
	assert_int_equal(c->mark_ns, 2700000);
	assert_int_equal(c->mark_term_ns, 15000000);
	assert_int_equal(c->sweep_term_cpu_ns, 89000);
	assert_int_equal(c->assist_cpu_ns, 500000);
	assert_int_equal(c->dedicated_cpu_ns, 19000);
	assert_int_equal(c->fractional_cpu_ns, PROF_ABSENT);
	assert_int_equal(c->idle_cpu_ns, 160000);
	assert_int_equal(c->mark_term_cpu_ns, 5000);
	assert_int_equal(c->start_bytes, 130 * MIB);
	assert_int_equal(c->end_bytes, 131 * MIB);
	assert_int_equal(c->live_bytes, 2 * MIB);
	assert_int_equal(c->goal_bytes, 257 * MIB);
	assert_int_equal(c->stacks_bytes, 3 * MIB);
	assert_int_equal(c->globals_bytes, 5 * MIB);
	assert_int_equal(c->procs, 4);
	assert_int_equal(c->reason, PROF_GC_FORCED);
	assert_int_equal(c->pacing, PROF_NONE);
	assert_int_equal(prof_gc_cycle_end(c), 1325000000 + 44000 + 2700000 + 15000000);
	assert_int_equal(prof_gc_cycle_cpu(c), 89000 + 500000 + 19000 + 5000);
	assert_int_equal(t->segments.v[0].size_unit, MIB);
}

static void a_line_of_go_1_5(void **state)
{
	const struct prof_gc_cycle *c;

	(void)state;
	opened("gc 1 @0.012s 3%: 1+2+4+8+16 ms clock, 10+20+40+1/2/3+80 ms cpu, 4->5->2 MB, "
	       "6 MB goal, 8 P\n");
	c = &t->cycles.v[0];
	assert_int_equal(c->sweep_term_ns, 1000000);
	assert_int_equal(c->mark_ns, 14000000);
	assert_int_equal(c->mark_term_ns, 16000000);
	assert_int_equal(c->sweep_term_cpu_ns, 10000000);
	assert_int_equal(c->assist_cpu_ns, 1000000);
	assert_int_equal(c->dedicated_cpu_ns, 62000000);
	assert_int_equal(c->idle_cpu_ns, 3000000);
	assert_int_equal(c->mark_term_cpu_ns, 80000000);
	assert_int_equal(c->stacks_bytes, PROF_ABSENT);
	assert_int_equal(c->reason, PROF_GC_HEAP);
}

static void lines_among_others(void **state)
{
	(void)state;
	opened("starting\n"
	       "Nov 20 12:00:00 host app[1]: gc 1 @0.1s 1%" TAIL ", 4 P\r\n"
	       "{\"log\":\"gc 2 @0.2s 1%: 0.10+0.32+0.002 ms clock, "
	       "0.20+0/0.014/0.10+0.004 ms cpu, "
	       "3-\\u003e4-\\u003e1 MB, 4 MB goal, 4 P\\n\",\"stream\":\"stderr\"}\n"
	       "gc 3 @0.3s 1% (checking for goroutine leaks)" TAIL ", 4 Phello\n"
	       "gc 4 @0.4s 1%" TAIL ", 9 MB of something new, 4 P (forced)gc 5 @0.5s 1%" TAIL
	       ", 4 P\n"
	       "the gc 6 is late, avgc 7 @0.7s\n"
	       "loadinggc 6 @0.6s 1%" TAIL ", 4 P\n");
	assert_int_equal(t->cycles.n, 6);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(t->cycles.v[i].n, i + 1);
		assert_int_equal(t->cycles.v[i].start_ns, (i + 1) * 100000000);
		assert_int_equal(t->cycles.v[i].goal_bytes, 4 * MIB);
		assert_int_equal(t->cycles.v[i].procs, 4);
	}
	assert_int_equal(t->cycles.v[2].reason, PROF_GC_LEAK_CHECK);
	assert_int_equal(t->cycles.v[3].reason, PROF_GC_FORCED);
	assert_int_equal(t->sources.v[0].lines, 7);
	assert_int_equal(t->sources.v[0].gc_lines, 6);
	assert_int_equal(t->sources.v[0].other_lines, 2);
	assert_int_equal(t->sources.v[0].unreadable, 0);
	assert_int_equal(t->segments.n, 1);
}

static void lines_that_cannot_be_read(void **state)
{
	static const char *const lines[] = {
		"gc 2 @0.2s 1%: 0.10+0.3listening on :80\n",
		"gc 2 @0.2s 1%" TAIL "\n",
		"gc 2 @0.2s 1%" TAIL ", 99999999999 P\n",
		"gc 2 @99999999999999999999s 1%" TAIL ", 4 P\n",
		"gc 2 @0.2s 101%" TAIL ", 4 P\n",
		"gc 0 @0.2s 1%" TAIL ", 4 P\n",
		"gc 2 @0.2s 1%: 0.1+0.3 ms clock, 0.2+0/0.0/0.1+0.0 ms cpu, 3->4->1 MB, 4 MB goal, "
		"4 P\n",
		"gc 2 @0.2s 1%: 0.1+0.3+1 ms clock, 0.2+0/0.0+0.0 ms cpu, 3->4->1 MB, 4 MB goal, 4 "
		"P\n",
		"gc 2 @0.2s 1%: 1+1+1 ms clock, 1+1/1/1+1 ms cpu, 3->4->99999999999999 MB, 4 MB "
		"goal, 4 P\n",
		"pacer: assist ratio=+1.3e+000 (scan 0 MB\n",
		"pacer: 25% CPU (25 exp.) for 1+2+3 B work\n",
		"pacer: sweep done at heap size 3\n",
		"scav 12 KiB wo\n",
		"SCHED 12ms: gomaxprocs=4\n",
		"scan: total 1+2\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		char text[600];

		snprintf(text, sizeof(text), "hello\n%sgc 3 @0.3s 1%%%s, 4 P\n", lines[i], TAIL);
		opened(text);
		if (t->sources.v[0].unreadable != 1)
			fail_msg("read: %s", lines[i]);
		assert_int_equal(t->sources.v[0].first_unreadable_line, 2);
		snprintf(text, sizeof(text), "%.*s", (int)strlen(lines[i]) - 1, lines[i]);
		assert_str(t->sources.v[0].first_unreadable, text);
		assert_int_equal(t->cycles.n, 1);
		assert_int_equal(t->cycles.v[0].n, 3);
		assert_int_equal(t->cycles.v[0].pacing, PROF_NONE);
	}
}

static void runs_that_begin_anew(void **state)
{
	(void)state;
	opened("gc 1 @0.1s 1%" TAIL ", 4 P\ngc 2 @0.2s 1%" TAIL ", 4 P\ngc 5 @0.5s 1%" TAIL
	       ", 4 P\n"
	       "gc 1 @0.1s 1%" TAIL ", 4 P\ngc 2 @0.1s 1%" TAIL ", 4 P\n"
	       "gc 3 @0.05s 1%" TAIL ", 4 P\n");
	assert_int_equal(t->segments.n, 3);
	assert_int_equal(t->segments.v[0].n_cycles, 3);
	assert_int_equal(t->segments.v[0].lost_cycles, 2);
	assert_int_equal(t->segments.v[1].n_cycles, 2);
	assert_int_equal(t->segments.v[1].lost_cycles, 0);
	assert_int_equal(t->segments.v[2].first_cycle, 5);
}

/* Two processes write to one log, one of which is begun anew. */
static void several_processes(void **state)
{
	static const struct {
		int64_t n, start_ms;
	} cycles[] = {{1, 10}, {2, 110}, {3, 210}, {4, 310}, {5, 410}, {1, 5}, {2, 55}, {3, 105},
		{4, 155}, {1, 20}, {2, 70}};

	(void)state;
	opened("SCHED 0ms: gomaxprocs=4 idleprocs=3 threads=5 runqueue=0 [0 0 0 0]\n"
	       "gc 1 @0.010s 2%" TAIL ", 4 P\ngc 1 @0.005s 2%" LARGE ", 4 P\n"
	       "gc 2 @0.055s 2%" LARGE ", 4 P\ngc 2 @0.110s 2%" TAIL ", 4 P\n"
	       "gc 3 @0.105s 2%" LARGE ", 4 P\ngc 4 @0.155s 2%" LARGE ", 4 P\n"
	       "gc 3 @0.210s 2%" TAIL ", 4 P\ngc 1 @0.020s 2%" LARGE ", 4 P\n"
	       "gc 4 @0.310s 2%" TAIL ", 4 P\ngc 2 @0.070s 2%" LARGE ", 4 P\n"
	       "SCHED 390ms: gomaxprocs=4 idleprocs=3 threads=5 runqueue=0 [0 0 0 0]\n"
	       "gc 5 @0.410s 2%" TAIL ", 4 P\n");
	assert_int_equal(t->segments.n, 3);
	assert_int_equal(t->segments.v[0].n_cycles, 5);
	assert_int_equal(t->segments.v[1].n_cycles, 4);
	assert_int_equal(t->segments.v[2].n_cycles, 2);
	for (size_t i = 0; i < t->cycles.n; i++) {
		assert_int_equal(t->cycles.v[i].n, cycles[i].n);
		assert_int_equal(t->cycles.v[i].start_ns, cycles[i].start_ms * 1000000);
	}
	assert_int_equal(t->segments.v[0].end_ns, prof_gc_cycle_end(&t->cycles.v[4]));
	assert_int_equal(t->segments.v[1].lost_cycles, 0);
	assert_int_equal(t->series.n, 4);
	assert_int_equal(t->series.v[0].points.n, 2);
}

static void pacing(void **state)
{
	const struct prof_gc_pacing *p;

	(void)state;
	opened("scav 320 KiB work (bg), 64 KiB work (eager), 616 KiB now, 30% util\n"
	       "pacer: assist ratio=+1.332166e+000 (scan 0 MB in 1->2 MB) "
	       "workers=1++2.500000e-001\n"
	       "pacer: 26% CPU (25 exp.) for 64096+2536+225776 B work (292224 B exp.) in 1866363 B "
	       "-> "
	       "1885984 B (\xe2\x88\x86goal -211168, cons/mark -3.558117e-002)[controller reset]\n"
	       "gc 5 @0.014s 2%" TAIL ", 4 P\n"
	       "pacer: sweep done at heap size 5MB; allocated 2MB during sweep; swept 294 pages at "
	       "0.0016665344020315848 pages/byte\n"
	       "scav 192 KiB work, 1160 KiB total, 14% util\n"
	       "scav 8 KiB work, 1168 KiB total, 15% util (forced)\n"
	       "scan: total 1+2+3=6 objs, 4+5=9 spans\nscan: class 8B 1+2+3=6 objs, 4+5=9 spans\n"
	       "pacer: assist ratio=0.5 (scan 0 MB in 1->2 MB) workers=2+0\n"
	       "gc 6 @0.016s 2%" TAIL ", 4 P\nscan: total 7 objs\n");
	assert_int_equal(t->sources.v[0].unreadable, 0);
	assert_int_equal(t->sources.v[0].other_lines, 0);
	assert_int_equal(t->cycles.v[0].pacing, 0);
	p = &t->pacing.v[0];
	assert_true(fabs(p->assist_ratio - 1.332166) < 1e-9);
	assert_int_equal(p->dedicated_workers, 1);
	assert_true(fabs(p->fractional_goal - 0.25) < 1e-9);
	assert_int_equal(p->cpu_percent, 26);
	assert_int_equal(p->heap_work_bytes, 64096);
	assert_int_equal(p->stack_work_bytes, 2536);
	assert_int_equal(p->globals_work_bytes, 225776);
	assert_int_equal(p->expected_work_bytes, 292224);
	assert_int_equal(p->trigger_bytes, 1866363);
	assert_int_equal(p->end_bytes, 1885984);
	assert_int_equal(p->goal_bytes, 1885984 + 211168);
	assert_true(fabs(p->cons_mark + 0.03558117) < 1e-9);
	assert_true(p->controller_reset);
	assert_int_equal(p->sweep_allocated_bytes, 2 * MIB);
	assert_int_equal(p->swept_pages, 294);
	assert_int_equal(p->scavenged_bytes, (320 + 64 + 192 + 8) << 10);
	assert_int_equal(p->released_bytes, 1168 << 10);
	assert_int_equal(p->util_percent, 15);
	assert_int_equal(p->scan_objects, 6);
	assert_int_equal(p->scan_spans, 9);
	p = &t->pacing.v[1];
	assert_true(p->assist_ratio == 0.5);
	assert_int_equal(p->trigger_bytes, PROF_ABSENT);
	assert_int_equal(p->scan_objects, 7);
	assert_int_equal(p->scan_spans, PROF_ABSENT);
}

static void pacing_before_go_1_18(void **state)
{
	(void)state;
	opened("pacer: H_m_prev=447656 h_t=+9.5e-001 H_T=872929 h_a=+9.6e-001 H_a=880603 "
	       "h_g=+1.0e+000 H_g=895312 u_a=+3.1e-001 u_g=+3.0e-001 W_a=112000 "
	       "goal\xce\x94=+5.0e-002\n"
	       "gc 1 @0.1s 1%" TAIL ", 4 P\n"
	       "pacer: sweep done at heap size 4MB; allocated 1MB of spans; swept 250 pages at "
	       "+1.1e-003 pages/byte\nscvg0: inuse: 4, idle: 60, sys: 64, released: 57, consumed: "
	       "6 (MB)\n");
	assert_int_equal(t->pacing.v[0].trigger_bytes, 872929);
	assert_int_equal(t->pacing.v[0].end_bytes, 880603);
	assert_int_equal(t->pacing.v[0].goal_bytes, 895312);
	assert_int_equal(t->pacing.v[0].swept_pages, 250);
	assert_int_equal(t->sources.v[0].other_lines, 0);
}

static void the_scheduler(void **state)
{
	(void)state;
	opened("SCHED 0ms: gomaxprocs=4 idleprocs=2 threads=6 spinningthreads=0 needspinning=0 "
	       "idlethreads=3 runqueue=1 [ 0 5 0 1 ] schedticks=[ 0 1 1 1 ]\n"
	       "SCHED 105ms: gomaxprocs=4 idleprocs=0 threads=7 spinningthreads=1 idlethreads=0 "
	       "runqueue=2 [0 0 5 0]\n"
	       "SCHED 203ms: gomaxprocs=2 idleprocs=0 threads=7 spinningthreads=1 idlethreads=2 "
	       "runqueue=3 gcwaiting=false nmidlelocked=0\n"
	       "  P0: status=1 schedtick=0\n  M2: p=3 curg=nil\n  G17: status=4(finalizer wait)\n"
	       "SCHED 1ms: gomaxprocs=4 idleprocs=2 threads=6 idlethreads=3 runqueue=0 [ 0 ]\n");
	assert_int_equal(t->sources.v[0].other_lines, 0);
	assert_int_equal(t->sources.v[0].sched_lines, 4);
	assert_int_equal(t->sources.v[0].detail_lines, 3);
	assert_int_equal(t->segments.n, 2);
	assert_int_equal(t->series.n, 8);
	assert_string_equal(t->series.v[3].name, "runnable goroutines");
	assert_int_equal(t->series.v[3].points.n, 3);
	assert_int_equal(t->series.v[3].points.v[0].value, 7);
	assert_int_equal(t->series.v[3].points.v[1].value, 7);
	assert_int_equal(t->series.v[3].points.v[2].value, 3);
	assert_int_equal(t->series.v[3].points.v[1].t_ns, 105000000);
	assert_int_equal(t->segments.v[0].end_ns, 203000000);
}

static void its_kind(void **state)
{
	static const char *const logs[] = {
		"gc 9 @0.1s 1%" TAIL ", 4 P\n",
		"hello\n[x] scav 192 KiB work, 1160 KiB total, 14% util\n",
		"SCHED 1ms: gomaxprocs=4 idleprocs=2 threads=6 idlethreads=3 runqueue=0 [ 0 ]\n",
	};
	char late[4000];
	enum prof_kind kind;
	struct prof_input in;
	struct prof_err e = {0};

	(void)state;
	memset(late, 'x', sizeof(late));
	for (size_t i = 50; i < 3000; i += 50)
		late[i] = '\n';
	snprintf(late + 3000, 1000, "\n%s", logs[0]);
	for (size_t i = 0; i <= COUNT(logs); i++) {
		const char *text = i < COUNT(logs) ? logs[i] : late;

		assert_ok(prof_input_memory(&in, text, strlen(text), NULL, &e), &e);
		assert_ok(prof_sniff(&in, &kind, &e), &e);
		assert_int_equal(kind, PROF_KIND_GODEBUG_LOG);
		prof_input_close(&in);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_of_today),
		cmocka_unit_test(a_line_of_go_1_5),
		cmocka_unit_test(lines_among_others),
		cmocka_unit_test(lines_that_cannot_be_read),
		cmocka_unit_test(runs_that_begin_anew),
		cmocka_unit_test(several_processes),
		cmocka_unit_test(pacing),
		cmocka_unit_test(pacing_before_go_1_18),
		cmocka_unit_test(the_scheduler),
		cmocka_unit_test(its_kind),
	};

	return cmocka_run_group_tests(tests, NULL, close_timeline);
}
