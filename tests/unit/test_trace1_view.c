/* Execution traces of before go 1.22 in the events that Go's reader makes of them. What is wanted
 * is what `go tool trace -d=parsed` of go 1.27 prints, without its stacks; for go 1.5 to 1.10,
 * which it does not read, what it would.
 */
#include "tests/unit/trace1_writer.h"

#include "libprof/model/trace.h"

static int append(void *ctx, const char *p, size_t n)
{
	prof_buf_put(ctx, p, n);
	return 0;
}

/* The first lines of the events. */
static void put_lines(struct prof_buf *b, const char *text, size_t n)
{
	const char *end = text + n;

	while (text < end) {
		const char *next = memchr(text, '\n', (size_t)(end - text));

		next = next ? next + 1 : end;
		if (*text == 'M')
			prof_buf_put(b, text, (size_t)(next - text));
		text = next;
	}
}

static void assert_as_go(struct t1w *w, const char *want)
{
	struct prof_trace_events_opts opts;
	const struct prof_trace_damage *damage;
	struct prof_buf text, have;
	struct prof_err e = {0};
	struct prof_trace *t;

	prof_buf_init(&text, NULL, NULL);
	prof_buf_init(&have, NULL, NULL);
	prof_trace_events_opts_init(&opts);
	assert_ok(prof_trace_read(w->w.p, w->w.n, NULL, &t, &e), &e);
	assert_ok(prof_trace_events(t, &opts, PROF_TRACE_PARSED, append, &text, &e), &e);
	assert_int_equal(prof_trace_damage(t, &damage), 0);
	put_lines(&have, text.p, text.n);
	assert_buf(&have, want);
	prof_trace_free(t);
	prof_buf_fini(&text);
	prof_buf_fini(&have);
	wire_free(&w->w);
}

static const char all_events[] =
	"M=-1 P=-1 G=-1 Sync Time=-1 N=1\n"
	"M=-1 P=0 G=2 StateTransition Time=2 GoID=2 Undetermined->Waiting "
	"Reason=\"\"\n"
	"M=-1 P=0 G=3 StateTransition Time=4 GoID=3 Undetermined->Syscall "
	"Reason=\"\"\n"
	"M=77 P=0 G=-1 StateTransition Time=5 ProcID=0 Undetermined->Running "
	"Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=6 GoID=1 Undetermined->Running "
	"Reason=\"\"\n"
	"M=77 P=0 G=1 Metric Time=8 Name=\"/memory/classes/heap/objects:bytes\" "
	"Value=Value{Uint64(12345)}\n"
	"M=77 P=0 G=1 Metric Time=9 Name=\"/gc/heap/goal:bytes\" "
	"Value=Value{Uint64(4000000)}\n"
	"M=77 P=0 G=1 StateTransition Time=10 GoID=4 NotExist->Runnable Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=11 GoID=2 Waiting->Runnable Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=12 GoID=1 Running->Runnable "
	"Reason=\"runtime.Gosched\"\n"
	"M=77 P=0 G=4 StateTransition Time=13 GoID=4 Runnable->Running Reason=\"\"\n"
	"M=77 P=0 G=4 StateTransition Time=14 GoID=4 Running->Runnable "
	"Reason=\"preempted\"\n"
	"M=77 P=0 G=1 StateTransition Time=15 GoID=1 Runnable->Running Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=16 GoID=1 Running->Runnable "
	"Reason=\"runtime.Gosched\"\n"
	"M=77 P=0 G=4 StateTransition Time=17 GoID=4 Runnable->Running Reason=\"\"\n"
	"M=77 P=0 G=4 StateTransition Time=18 GoID=4 Running->Waiting "
	"Reason=\"sleep\"\n"
	"M=77 P=0 G=1 StateTransition Time=19 GoID=1 Runnable->Running Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=20 GoID=4 Waiting->Runnable Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=21 GoID=1 Running->Runnable "
	"Reason=\"runtime.Gosched\"\n"
	"M=77 P=0 G=4 StateTransition Time=22 GoID=4 Runnable->Running Reason=\"\"\n"
	"M=77 P=0 G=4 StateTransition Time=23 GoID=4 Running->Waiting Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=24 GoID=1 Runnable->Running Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=25 GoID=4 Waiting->Runnable Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=26 GoID=1 Running->Runnable "
	"Reason=\"runtime.Gosched\"\n"
	"M=77 P=0 G=4 StateTransition Time=27 GoID=4 Runnable->Running Reason=\"\"\n"
	"M=77 P=0 G=4 StateTransition Time=28 GoID=4 Running->Waiting Reason=\"chan "
	"send\"\n"
	"M=77 P=0 G=1 StateTransition Time=29 GoID=1 Runnable->Running Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=30 GoID=4 Waiting->Runnable Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=31 GoID=1 Running->Runnable "
	"Reason=\"runtime.Gosched\"\n"
	"M=77 P=0 G=4 StateTransition Time=32 GoID=4 Runnable->Running Reason=\"\"\n"
	"M=77 P=0 G=4 StateTransition Time=33 GoID=4 Running->Waiting Reason=\"chan "
	"receive\"\n"
	"M=77 P=0 G=1 StateTransition Time=34 GoID=1 Runnable->Running Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=35 GoID=4 Waiting->Runnable Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=36 GoID=1 Running->Runnable "
	"Reason=\"runtime.Gosched\"\n"
	"M=77 P=0 G=4 StateTransition Time=37 GoID=4 Runnable->Running Reason=\"\"\n"
	"M=77 P=0 G=4 StateTransition Time=38 GoID=4 Running->Waiting "
	"Reason=\"select\"\n"
	"M=77 P=0 G=1 StateTransition Time=39 GoID=1 Runnable->Running Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=40 GoID=4 Waiting->Runnable Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=41 GoID=1 Running->Runnable "
	"Reason=\"runtime.Gosched\"\n"
	"M=77 P=0 G=4 StateTransition Time=42 GoID=4 Runnable->Running Reason=\"\"\n"
	"M=77 P=0 G=4 StateTransition Time=43 GoID=4 Running->Waiting "
	"Reason=\"sync\"\n"
	"M=77 P=0 G=1 StateTransition Time=44 GoID=1 Runnable->Running Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=45 GoID=4 Waiting->Runnable Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=46 GoID=1 Running->Runnable "
	"Reason=\"runtime.Gosched\"\n"
	"M=77 P=0 G=4 StateTransition Time=47 GoID=4 Runnable->Running Reason=\"\"\n"
	"M=77 P=0 G=4 StateTransition Time=48 GoID=4 Running->Waiting "
	"Reason=\"sync.(*Cond).Wait\"\n"
	"M=77 P=0 G=1 StateTransition Time=49 GoID=1 Runnable->Running Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=50 GoID=4 Waiting->Runnable Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=51 GoID=1 Running->Runnable "
	"Reason=\"runtime.Gosched\"\n"
	"M=77 P=0 G=4 StateTransition Time=52 GoID=4 Runnable->Running Reason=\"\"\n"
	"M=77 P=0 G=4 StateTransition Time=53 GoID=4 Running->Waiting "
	"Reason=\"network\"\n"
	"M=77 P=0 G=1 StateTransition Time=54 GoID=1 Runnable->Running Reason=\"\"\n"
	"M=-1 P=1000002 G=1 StateTransition Time=55 GoID=4 Waiting->Runnable "
	"Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=56 GoID=1 Running->Runnable "
	"Reason=\"runtime.Gosched\"\n"
	"M=77 P=0 G=4 StateTransition Time=57 GoID=4 Runnable->Running Reason=\"\"\n"
	"M=77 P=0 G=4 StateTransition Time=58 GoID=4 Running->Waiting Reason=\"GC "
	"mark assist wait for work\"\n"
	"M=77 P=0 G=1 StateTransition Time=59 GoID=1 Runnable->Running Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=60 GoID=4 Waiting->Runnable Reason=\"\"\n"
	"M=-1 P=1000004 G=1 RangeBegin Time=61 Name=\"GC concurrent mark phase\" "
	"Scope=None\n"
	"M=77 P=0 G=1 RangeBegin Time=62 Name=\"stop-the-world (GC sweep "
	"termination)\" Scope=Goroutine(1)\n"
	"M=77 P=0 G=1 RangeEnd Time=63 Name=\"stop-the-world (GC sweep "
	"termination)\" Scope=Goroutine(1) Attributes=[]\n"
	"M=77 P=0 G=1 RangeBegin Time=64 Name=\"GC incremental sweep\" "
	"Scope=Proc(0)\n"
	"M=77 P=0 G=1 RangeEnd Time=65 Name=\"GC incremental sweep\" Scope=Proc(0) "
	"Attributes=[\"bytes swept\"=Value{Uint64(8192)} \"bytes "
	"reclaimed\"=Value{Uint64(4096)}]\n"
	"M=77 P=0 G=1 RangeBegin Time=66 Name=\"GC mark assist\" Scope=Goroutine(1)\n"
	"M=77 P=0 G=1 RangeEnd Time=67 Name=\"GC mark assist\" Scope=Goroutine(1) "
	"Attributes=[]\n"
	"M=77 P=0 G=1 RangeEnd Time=68 Name=\"GC concurrent mark phase\" Scope=None "
	"Attributes=[]\n"
	"M=77 P=0 G=1 TaskBegin Time=69 ID=9 Parent=18446744073709551615 "
	"Type=\"type\"\n"
	"M=77 P=0 G=1 RegionBegin Time=70 Task=9 Type=\"type\"\n"
	"M=77 P=0 G=1 Log Time=71 Task=9 Category=\"type\" Message=\"hello\"\n"
	"M=77 P=0 G=1 RegionEnd Time=72 Task=9 Type=\"type\"\n"
	"M=77 P=0 G=1 TaskEnd Time=73 ID=9 Parent=0 Type=\"type\"\n"
	"M=77 P=0 G=1 StateTransition Time=74 GoID=1 Running->Syscall Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=75 GoID=1 Syscall->Running Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=76 GoID=1 Running->Syscall Reason=\"\"\n"
	"M=-1 P=1000003 G=1 StateTransition Time=77 GoID=1 Syscall->Runnable "
	"Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=78 GoID=1 Runnable->Running Reason=\"\"\n"
	"M=77 P=0 G=1 StateTransition Time=80 GoID=1 Running->Waiting "
	"Reason=\"forever\"\n"
	"M=77 P=0 G=4 StateTransition Time=81 GoID=4 Runnable->Running Reason=\"\"\n"
	"M=77 P=0 G=4 StateTransition Time=82 GoID=4 Running->NotExist Reason=\"\"\n"
	"M=-1 P=1000003 G=3 StateTransition Time=83 GoID=3 Syscall->Runnable "
	"Reason=\"\"\n"
	"M=77 P=0 G=3 StateTransition Time=84 GoID=3 Runnable->Running Reason=\"\"\n"
	"M=77 P=0 G=3 StateTransition Time=85 GoID=3 Running->Waiting Reason=\"chan "
	"receive\"\n"
	"M=77 P=0 G=-1 StateTransition Time=86 GoID=3 Waiting->Runnable Reason=\"\"\n"
	"M=77 P=0 G=2 StateTransition Time=87 GoID=2 Runnable->Running Reason=\"\"\n"
	"M=77 P=0 G=2 Label Time=88 Label=\"GC (dedicated)\" Resource=Goroutine(2)\n"
	"M=77 P=0 G=2 StateTransition Time=89 GoID=2 Running->NotExist Reason=\"\"\n"
	"M=77 P=0 G=-1 StateTransition Time=90 ProcID=0 Running->Idle Reason=\"\"\n"
	"M=-1 P=0 G=3 StackSample Time=199\n"
	"M=-1 P=-1 G=-1 Sync Time=200 N=2\n";

static void each_event(void **state_)
{
	struct t1w w = {0};

	(void)state_;
	t1w_all(&w, 21);
	assert_as_go(&w, all_events);
}

/* Goroutines 1, which runs on proc 0, 2 and 3 of before the trace. */
static void begin_three(struct t1w *w, unsigned version)
{
	w->version = version;
	t1w_begin(w);
	t1w_batch(w, 0, 1000);
	t1w_event(w, PROF_EV1_GO_CREATE, 1, 1, 0);
	t1w_event(w, PROF_EV1_GO_CREATE, 2, 2, 0);
	t1w_event(w, PROF_EV1_GO_CREATE, 3, 3, 0);
	t1w_event(w, PROF_EV1_PROC_START, 77);
	t1w_event(w, PROF_EV1_GO_START, 1, 1);
	t1w_event(w, PROF_EV1_GOMAXPROCS, 4, 3);
}

#define THREE \
	"M=-1 P=-1 G=-1 Sync Time=-1 N=1\n" \
	"M=77 P=0 G=-1 StateTransition Time=3 ProcID=0 Undetermined->Running Reason=\"\"\n" \
	"M=77 P=0 G=1 StateTransition Time=4 GoID=1 Undetermined->Running Reason=\"\"\n" \
	"M=-1 P=-1 G=-1 StateTransition Time=5 GoID=2 Undetermined->Runnable Reason=\"\"\n" \
	"M=-1 P=-1 G=-1 StateTransition Time=6 GoID=3 Undetermined->Runnable Reason=\"\"\n"

/* Of each version, as far as it knows of them. */
static void goroutines_of_before_the_trace(void **state_)
{
	static const unsigned versions[] = {5, 7, 9, 11, 19, 21};

	(void)state_;
	for (size_t i = 0; i < COUNT(versions); i++) {
		struct t1w w = {0};

		begin_three(&w, versions[i]);
		t1w_event(&w, PROF_EV1_GOMAXPROCS, 5, 3);
		t1w_end(&w);
		assert_as_go(&w,
			THREE "M=77 P=0 G=1 Metric Time=7 Name=\"/sched/gomaxprocs:threads\" "
			      "Value=Value{Uint64(5)}\n"
			      "M=-1 P=-1 G=-1 Sync Time=8 N=2\n");
	}
}

/* Of two system calls the second one blocks, and so does the third, but a sample of the goroutine
 * is in between.
 */
static void system_calls(void **state_)
{
	struct t1w w = {0};

	(void)state_;
	begin_three(&w, 21);
	t1w_event(&w, PROF_EV1_GO_SYSCALL, 1);
	w.dt = 10;
	t1w_event(&w, PROF_EV1_GO_SYSCALL, 2);
	w.dt = 10;
	t1w_event(&w, PROF_EV1_GO_SYSBLOCK);
	w.dt = 10;
	t1w_event(&w, PROF_EV1_GO_SYSEXIT, 1, 2, 1030);
	t1w_event(&w, PROF_EV1_GO_START, 1, 3);
	t1w_event(&w, PROF_EV1_GO_SYSCALL, 2);
	w.dt = 10;
	t1w_event(&w, PROF_EV1_GO_SYSBLOCK);
	t1w_event(&w, PROF_EV1_GO_SYSEXIT, 1, 4, 0);
	t1w_batch(&w, 1, 1040);
	t1w_event(&w, PROF_EV1_CPU_SAMPLE, 1042, 1, 1, 1);
	t1w_end(&w);
	assert_as_go(&w,
		THREE "M=77 P=0 G=1 StateTransition Time=7 GoID=1 Running->Syscall Reason=\"\"\n"
		      "M=77 P=0 G=1 StateTransition Time=8 GoID=1 Syscall->Running Reason=\"\"\n"
		      "M=77 P=0 G=1 StateTransition Time=16 GoID=1 Running->Syscall Reason=\"\"\n"
		      "M=-1 P=1000003 G=1 StateTransition Time=29 GoID=1 Syscall->Runnable "
		      "Reason=\"\"\n"
		      "M=77 P=0 G=1 StateTransition Time=37 GoID=1 Runnable->Running Reason=\"\"\n"
		      "M=77 P=0 G=1 StateTransition Time=38 GoID=1 Running->Syscall Reason=\"\"\n"
		      "M=77 P=0 G=1 StateTransition Time=39 GoID=1 Syscall->Running Reason=\"\"\n"
		      "M=-1 P=1 G=1 StackSample Time=41\n"
		      "M=-1 P=1000003 G=1 StateTransition Time=49 GoID=1 Syscall->Runnable "
		      "Reason=\"\"\n"
		      "M=-1 P=-1 G=-1 Sync Time=50 N=2\n");
}

/* Who waits for the network is unblocked by the netpoller; goroutine 1 runs timers. */
static void procs_that_are_made_up(void **state_)
{
	struct t1w w = {0};

	(void)state_;
	begin_three(&w, 11);
	t1w_event(&w, PROF_EV1_GO_SCHED, 7);
	t1w_event(&w, PROF_EV1_GO_START, 2, 1);
	t1w_event(&w, PROF_EV1_GO_BLOCK_NET, 5);
	t1w_event(&w, PROF_EV1_GO_START, 3, 1);
	t1w_event(&w, PROF_EV1_GO_SLEEP, 5);
	t1w_event(&w, PROF_EV1_GO_START, 1, 2);
	t1w_event(&w, PROF_EV1_GO_UNBLOCK, 2, 2, 6);
	t1w_event(&w, PROF_EV1_GO_UNBLOCK, 3, 2, 6);
	t1w_event(&w, PROF_EV1_GO_BLOCK_RECV, 5);
	t1w_event(&w, PROF_EV1_GO_START, 3, 3);
	t1w_event(&w, PROF_EV1_GO_UNBLOCK, 1, 3, 6);
	t1w_event(&w, PROF_EV1_GC_START, 0, 8);
	t1w_record(&w, PROF_EV1_TIMER_GOROUTINE, 1, (uint64_t[]){1});
	t1w_end(&w);
	assert_as_go(&w,
		THREE "M=77 P=0 G=1 StateTransition Time=7 GoID=1 Running->Runnable "
		      "Reason=\"runtime.Gosched\"\n"
		      "M=77 P=0 G=2 StateTransition Time=8 GoID=2 Runnable->Running Reason=\"\"\n"
		      "M=77 P=0 G=2 StateTransition Time=9 GoID=2 Running->Waiting "
		      "Reason=\"network\"\n"
		      "M=77 P=0 G=3 StateTransition Time=10 GoID=3 Runnable->Running Reason=\"\"\n"
		      "M=77 P=0 G=3 StateTransition Time=11 GoID=3 Running->Waiting "
		      "Reason=\"sleep\"\n"
		      "M=77 P=0 G=1 StateTransition Time=12 GoID=1 Runnable->Running Reason=\"\"\n"
		      "M=-1 P=1000002 G=1 StateTransition Time=13 GoID=2 Waiting->Runnable "
		      "Reason=\"\"\n"
		      "M=-1 P=1000001 G=1 StateTransition Time=14 GoID=3 Waiting->Runnable "
		      "Reason=\"\"\n"
		      "M=77 P=0 G=1 StateTransition Time=15 GoID=1 Running->Waiting Reason=\"chan "
		      "receive\"\n"
		      "M=77 P=0 G=3 StateTransition Time=16 GoID=3 Runnable->Running Reason=\"\"\n"
		      "M=77 P=0 G=3 StateTransition Time=17 GoID=1 Waiting->Runnable Reason=\"\"\n"
		      "M=-1 P=1000004 G=3 RangeBegin Time=18 Name=\"GC concurrent mark phase\" "
		      "Scope=None\n"
		      "M=-1 P=-1 G=-1 Sync Time=19 N=2\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_event),
		cmocka_unit_test(goroutines_of_before_the_trace),
		cmocka_unit_test(system_calls),
		cmocka_unit_test(procs_that_are_made_up),
	};

	return cmocka_run_group_tests_name("trace1_view", tests, NULL, NULL);
}
