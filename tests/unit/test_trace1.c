/* Execution traces of go 1.5 to go 1.21. */
#include "tests/unit/trace1_writer.h"

#include "libprof/model/trace.h"

static const unsigned versions[] = {5, 7, 8, 9, 10, 11, 19, 21};

static const char *const kinds[] = {[PROF_TRACE_SYNC] = "sync",
	[PROF_TRACE_GOROUTINE] = "g",
	[PROF_TRACE_PROC] = "p",
	[PROF_TRACE_RANGE_BEGIN] = "begin",
	[PROF_TRACE_RANGE_END] = "end",
	[PROF_TRACE_METRIC] = "metric",
	[PROF_TRACE_TASK_BEGIN] = "task",
	[PROF_TRACE_TASK_END] = "task end",
	[PROF_TRACE_REGION_BEGIN] = "region",
	[PROF_TRACE_REGION_END] = "region end",
	[PROF_TRACE_LOG] = "log",
	[PROF_TRACE_LABEL] = "label",
	[PROF_TRACE_CPU_SAMPLE] = "cpu"};

static const char *state(unsigned s)
{
	static const char *const names[] = {"?", "-", "runnable", "running", "waiting", "syscall"};

	return names[s];
}

/* An event as a line: its kind and type; what it is about; reason and text; where. */
static void put_event(struct prof_buf *b, const struct prof_trace *t,
	const struct prof_trace_event *ev, bool with_time)
{
	const struct prof_trace_frame *frames;

	if (with_time)
		prof_buf_printf(b, "%lld ", (long long)ev->time);
	prof_buf_printf(b, "%s %s", kinds[ev->kind], prof_trace_event_name(t, ev));
	if (ev->kind == PROF_TRACE_GOROUTINE)
		prof_buf_printf(b, " g%lld %s>%s", (long long)prof_trace_goroutine(t, ev->subject),
			state(ev->from), state(ev->to));
	if (ev->kind == PROF_TRACE_PROC)
		prof_buf_printf(b, " p%lld %s>%s", (long long)prof_trace_proc(t, ev->subject),
			ev->from == PROF_P_NOT_EXIST ? "-"
			: ev->from == PROF_P_IDLE    ? "idle"
						     : "running",
			ev->to == PROF_P_IDLE ? "idle" : "running");
	if (ev->kind == PROF_TRACE_METRIC || ev->kind == PROF_TRACE_TASK_BEGIN)
		prof_buf_printf(b, " %llu", (unsigned long long)ev->args[0]);
	if (with_time && ev->to == PROF_G_SYSCALL && ev->from == PROF_G_RUNNING)
		prof_buf_printf(b, " since %llu", (unsigned long long)ev->args[0]);
	if (ev->name && ev->what != PROF_RANGE_STW)
		prof_buf_printf(b, " (%s)", prof_trace_string(t, ev->name, NULL));
	if (ev->text)
		prof_buf_printf(b, " \"%s\"", prof_trace_string(t, ev->text, NULL));
	if (prof_trace_stack(t, ev->stack, &frames))
		prof_buf_printf(b, " @%llu", (unsigned long long)frames->pc);
	prof_buf_char(b, '\n');
}

/* All events of a trace as lines into `b`; the trace, read to its end. */
static struct prof_trace *read_bytes(const void *p, size_t n, bool with_times, struct prof_buf *b)
{
	const struct prof_trace_event *ev;
	struct prof_err e = {0};
	struct prof_trace *t;
	int rc;

	assert_ok(prof_trace_read(p, n, NULL, &t, &e), &e);
	while ((rc = prof_trace_next(t, &ev, &e)) > 0)
		if (b && ev->kind != PROF_TRACE_SYNC)
			put_event(b, t, ev, with_times);
	assert_ok(rc, &e);
	return t;
}

static void assert_whole(const struct prof_trace *t)
{
	const struct prof_trace_damage *damage;

	if (prof_trace_damage(t, &damage))
		fail_msg("go 1.%u: offset %lld: %s", t->version, (long long)damage->offset,
			damage->what);
}

static void assert_damage(const struct prof_trace *t, size_t i, int64_t offset, const char *what)
{
	const struct prof_trace_damage *damage;

	assert_true(prof_trace_damage(t, &damage) > i);
	assert_string_equal(damage[i].what, what);
	assert_int_equal(damage[i].offset, offset);
}

#define SCHED \
	"g GoSched g1 running>runnable (runtime.Gosched) @112\n" \
	"g GoStart g4 runnable>running\n"
#define STOP(type, reason) \
	SCHED "g " type " g4 running>waiting" reason " @80\n" \
	      "g GoStart g1 runnable>running\n" \
	      "g GoUnblock g4 waiting>runnable @96\n"

/* What comes of it, and since when. */
static const struct {
	unsigned since;
	const char *lines;
} all_events[] = {
	{5, "g GoCreate g1 ->runnable\n"
	    "g GoWaiting g2 ?>waiting\n"
	    "g GoInSyscall g3 ?>syscall\n"
	    "p ProcStart p0 ->running\n"
	    "g GoStart g1 runnable>running\n"
	    "metric Gomaxprocs 4 @48\n"
	    "metric HeapAlloc 12345\n"
	    "metric HeapGoal 4000000\n"
	    "g GoCreate g4 ->runnable @80\n"
	    "g GoUnblock g2 waiting>runnable @96\n"},
	{5, SCHED "g GoPreempt g4 running>runnable (preempted) @80\n"
		  "g GoStart g1 runnable>running\n"},
	{5, STOP("GoSleep", " (sleep)") STOP("GoBlock", "") STOP("GoBlockSend", " (chan send)")},
	{5, STOP("GoBlockRecv", " (chan receive)") STOP("GoBlockSelect", " (select)")},
	{5, STOP("GoBlockSync", " (sync)") STOP("GoBlockCond", " (sync.(*Cond).Wait)")},
	{5, STOP("GoBlockNet", " (network)")},
	{8, STOP("GoBlockGC", " (GC mark assist wait for work)")},
	{5, "begin GCStart @128\n"
	    "begin STWStart\n"
	    "end STWDone\n"
	    "begin GCSweepStart @128\n"
	    "end GCSweepDone\n"},
	{9, "begin GCMarkAssistStart @128\n"
	    "end GCMarkAssistDone\n"},
	{5, "end GCDone\n"},
	{11, "task UserTaskCreate 9 (type) @32\n"
	     "region UserRegion (type) @32\n"
	     "log UserLog (type) \"hello\" @48\n"
	     "region end UserRegion (type) @32\n"
	     "task end UserTaskEnd (type) @64\n"},
	{5, "g GoSysCall g1 running>running @16\n"
	    "g GoSysCall g1 running>running @32\n"
	    "g GoSysBlock g1 running>syscall @32\n"
	    "g GoSysExit g1 syscall>runnable\n"
	    "g GoStart g1 runnable>running\n"
	    "g FutileWakeup g1 running>running\n"
	    "g GoStop g1 running>waiting (forever) @144\n"
	    "g GoStart g4 runnable>running\n"
	    "g GoEnd g4 running>-\n"},
	{7, "g GoSysExitLocal g3 syscall>runnable\n"
	    "g GoStartLocal g3 runnable>running\n"
	    "g GoBlockRecv g3 running>waiting (chan receive) @16\n"
	    "g GoUnblockLocal g3 waiting>runnable @32\n"},
	{8, "g GoStartLabel g2 runnable>running\n"
	    "label GoStartLabel (GC (dedicated))\n"
	    "g GoEnd g2 running>-\n"},
	{5, "p ProcStop p0 running>idle\n"},
	{19, "cpu CPUSample @16\n"},
};

static void each_event_of_each_version(void **state_)
{
	(void)state_;
	for (size_t i = 0; i < COUNT(versions); i++) {
		struct t1w w = {0};
		struct prof_buf have, want;
		struct prof_trace *t;

		prof_buf_init(&have, NULL, NULL);
		prof_buf_init(&want, NULL, NULL);
		for (size_t j = 0; j < COUNT(all_events); j++)
			if (all_events[j].since <= versions[i])
				prof_buf_str(&want, all_events[j].lines);
		prof_buf_char(&want, '\0');
		t1w_all(&w, versions[i]);
		t = read_bytes(w.w.p, w.w.n, false, &have);
		assert_whole(t);
		assert_int_equal(t->goroutine_count, 4);
		assert_buf(&have, want.p);
		for (unsigned type = 1; type < prof_wire1_count(versions[i]); type++)
			if (!t->wire_count[type])
				fail_msg("go 1.%u: no %s", versions[i], prof_wire1[type].name);
		prof_trace_free(t);
		prof_buf_fini(&have);
		prof_buf_fini(&want);
		wire_free(&w.w);
	}
}

static void frames_have_names_since_go_1_7(void **state_)
{
	(void)state_;
	for (size_t i = 0; i < COUNT(versions); i++) {
		bool old = versions[i] < 7;
		struct t1w w = {0};
		struct prof_trace *t;
		const struct prof_trace_frame *f = NULL;
		const struct prof_trace_event *ev;
		struct prof_err e = {0};

		t1w_all(&w, versions[i]);
		assert_ok(prof_trace_read(w.w.p, w.w.n, NULL, &t, &e), &e);
		while (prof_trace_next(t, &ev, &e) > 0) {
			if (ev->kind != PROF_TRACE_GOROUTINE || ev->from != PROF_G_NOT_EXIST ||
				prof_trace_goroutine(t, ev->subject) != 4)
				continue;
			/* Where it starts: stack 4, before go 1.7 the pc 4, like one of a call. */
			assert_int_equal(prof_trace_stack(t, ev->subject_stack, &f), 1);
			assert_int_equal(f->pc, old ? 5 : 64);
			assert_string_equal(
				prof_trace_string(t, f->function, NULL), old ? "0x5" : "main.f");
			assert_string_equal(
				prof_trace_string(t, f->file, NULL), old ? "" : "main.go");
			assert_int_equal(f->line, old ? 0 : 4);
		}
		assert_non_null(f);
		prof_trace_free(t);
		wire_free(&w.w);
	}
}

/* A trace of goroutines 1, which runs on proc 0, and 2, which is new; further events follow. */
static void begin_two(struct t1w *w, unsigned version)
{
	w->version = version;
	t1w_begin(w);
	t1w_batch(w, 0, 1000);
	t1w_event(w, PROF_EV1_GO_CREATE, 1, 1, 0);
	t1w_event(w, PROF_EV1_PROC_START, 7);
	t1w_event(w, PROF_EV1_GO_START, 1, 1);
	t1w_event(w, PROF_EV1_GO_CREATE, 2, 2, 3);
}

#define TWO \
	"1 g GoCreate g1 ->runnable\n" \
	"2 p ProcStart p0 ->running\n" \
	"3 g GoStart g1 runnable>running\n" \
	"4 g GoCreate g2 ->runnable @48\n"

/* Whole traces. */
static void assert_events(struct t1w *w, const char *want)
{
	struct prof_buf have;
	struct prof_trace *t;

	prof_buf_init(&have, NULL, NULL);
	t = read_bytes(w->w.p, w->w.n, true, &have);
	assert_whole(t);
	assert_buf(&have, want);
	prof_trace_free(t);
	prof_buf_fini(&have);
	wire_free(&w->w);
}

static void the_end_of_a_system_call_is_told_at_its_time(void **state_)
{
	static const unsigned two[] = {5, 21};

	(void)state_;
	for (size_t i = 0; i < COUNT(two); i++) {
		struct t1w w = {0};

		begin_two(&w, two[i]);
		t1w_event(&w, PROF_EV1_GO_SYSCALL, 1);
		t1w_event(&w, PROF_EV1_GO_SYSBLOCK); /* 1006 */
		w.dt = 10;
		w.seq += two[i] < 7; /* the end's own number */
		t1w_event(&w, PROF_EV1_GO_START, 2, 1);
		w.dt = 10;
		t1w_event(&w, PROF_EV1_GO_SCHED, 1); /* 1026 */
		t1w_event(&w, PROF_EV1_GO_SYSEXIT, 1, two[i] < 7 ? 7 : 2, 1012);
		t1w_event(&w, PROF_EV1_GO_START, 1, 3);
		t1w_end(&w);
		assert_events(&w, TWO "5 g GoSysCall g1 running>running @16\n"
				      "6 g GoSysBlock g1 running>syscall since 4 @16\n"
				      "11 g GoSysExit g1 syscall>runnable\n"
				      "15 g GoStart g2 runnable>running\n"
				      "25 g GoSched g2 running>runnable (runtime.Gosched) @16\n"
				      "27 g GoStart g1 runnable>running\n");
	}
}

/* Goroutine 2 starts on proc 1 before, by its clock, proc 0 has created it. */
static void sequence_numbers_come_before_times(void **state_)
{
	struct t1w w = {0};
	struct prof_buf have;
	struct prof_trace *t;

	(void)state_;
	begin_two(&w, 21);
	t1w_event(&w, PROF_EV1_GO_BLOCK_RECV, 1); /* 1005 */
	t1w_batch(&w, 1, 1000);
	t1w_event(&w, PROF_EV1_PROC_START, 8); /* 1001 */
	t1w_event(&w, PROF_EV1_GO_START, 2, 1); /* 1002 */
	w.dt = 50;
	t1w_event(&w, PROF_EV1_GO_UNBLOCK, 1, 2, 1);
	t1w_end(&w);
	prof_buf_init(&have, NULL, NULL);
	t = read_bytes(w.w.p, w.w.n, true, &have);
	assert_damage(t, 0, 49,
		"time stamps are out of order 1 times, by up to 2 ns: clocks of "
		"cores differ");
	assert_buf(&have, "1 g GoCreate g1 ->runnable\n"
			  "2 p ProcStart p1 ->running\n"
			  "3 p ProcStart p0 ->running\n"
			  "4 g GoStart g1 runnable>running\n"
			  "5 g GoCreate g2 ->runnable @48\n"
			  "6 g GoStart g2 runnable>running\n"
			  "7 g GoBlockRecv g1 running>waiting (chan receive) @16\n"
			  "51 g GoUnblock g1 waiting>runnable @16\n");
	prof_trace_free(t);
	prof_buf_fini(&have);
	wire_free(&w.w);
}

/* Of equal times the proc that appears first in the file comes first, batch by batch. */
/* The same order each time, and the one that Go's reader finds: proc 0 was taken off a heap that
 * proc 5 then is on top of.
 */
static void equal_times_have_an_order(void **state_)
{
	static const char want[] = TWO "5 metric HeapAlloc 2\n"
				       "6 metric HeapAlloc 1\n"
				       "7 metric HeapAlloc 3\n"
				       "8 metric HeapAlloc 4\n"
				       "9 metric HeapAlloc 5\n";

	(void)state_;
	for (int i = 0; i < 3; i++) {
		struct t1w w = {0};

		begin_two(&w, 11);
		t1w_batch(&w, 5, 1004);
		t1w_event(&w, PROF_EV1_HEAP_ALLOC, 2);
		t1w_event(&w, PROF_EV1_HEAP_ALLOC, 4);
		t1w_batch(&w, 0, 1004);
		t1w_event(&w, PROF_EV1_HEAP_ALLOC, 1);
		t1w_batch(&w, 2, 1004);
		t1w_event(&w, PROF_EV1_HEAP_ALLOC, 3);
		t1w_batch(&w, 5, 1008);
		t1w_event(&w, PROF_EV1_HEAP_ALLOC, 5);
		t1w_end(&w);
		assert_events(&w, want);
	}
}

static void the_world_stops_once_a_proc_before_go_1_10(void **state_)
{
	struct t1w w = {0};

	(void)state_;
	begin_two(&w, 9);
	t1w_event(&w, PROF_EV1_STW_START, 0);
	t1w_batch(&w, 1, 1004);
	t1w_event(&w, PROF_EV1_STW_START, 0);
	w.dt = 5;
	t1w_event(&w, PROF_EV1_STW_DONE);
	t1w_batch(&w, 0, 1005);
	w.dt = 7;
	t1w_event(&w, PROF_EV1_STW_DONE);
	t1w_end(&w);
	assert_events(&w, TWO "5 begin STWStart\n"
			      "6 begin STWStart\n"
			      "9 end STWDone\n"
			      "11 end STWDone\n");
}

/* Damage. */

static void callbacks_from_C_begin_untold(void **state_)
{
	struct t1w w = {0};
	struct prof_buf have;
	struct prof_trace *t;

	(void)state_;
	begin_two(&w, 21);
	t1w_event(&w, PROF_EV1_GO_SCHED, 1);
	t1w_event(&w, PROF_EV1_GO_SYSEXIT, 9, 5, 0);
	t1w_event(&w, PROF_EV1_GO_START, 9, 6);
	t1w_event(&w, PROF_EV1_GO_CREATE, 8, 1, 1);
	t1w_event(&w, PROF_EV1_GO_IN_SYSCALL, 8);
	t1w_event(&w, PROF_EV1_GO_BLOCK, 1);
	t1w_event(&w, PROF_EV1_GO_START_LOCAL, 8);
	t1w_end(&w);
	prof_buf_init(&have, NULL, NULL);
	t = read_bytes(w.w.p, w.w.n, false, &have);
	assert_damage(t, 0, 42,
		"2 events contradict those before them, 0 of them are left out; the first is "
		"GoSysExit: of a goroutine never heard of, such as a callback from C");
	assert_buf(&have, "g GoCreate g1 ->runnable\n"
			  "p ProcStart p0 ->running\n"
			  "g GoStart g1 runnable>running\n"
			  "g GoCreate g2 ->runnable @48\n"
			  "g GoSched g1 running>runnable (runtime.Gosched) @16\n"
			  "g  g9 ?>syscall\n"
			  "g GoSysExit g9 syscall>runnable\n"
			  "g GoStart g9 runnable>running\n"
			  "g GoCreate g8 ->runnable @16\n"
			  "g  g8 runnable>syscall\n"
			  "g GoBlock g9 running>waiting @16\n"
			  "g  g8 syscall>runnable\n"
			  "g GoStartLocal g8 runnable>running\n");
	prof_trace_free(t);
	prof_buf_fini(&have);
	wire_free(&w.w);
}

static void a_wrong_time_moves_no_other(void **state_)
{
	struct t1w w = {0};
	struct prof_buf have;
	struct prof_trace *t;

	(void)state_;
	begin_two(&w, 21);
	w.dt = 1 << 30;
	t1w_event(&w, PROF_EV1_HEAP_ALLOC, 1);
	t1w_event(&w, PROF_EV1_HEAP_ALLOC, 2);
	t1w_batch(&w, 0, 1010);
	t1w_event(&w, PROF_EV1_HEAP_ALLOC, 3);
	t1w_end(&w);
	prof_buf_init(&have, NULL, NULL);
	t = read_bytes(w.w.p, w.w.n, true, &have);
	assert_damage(t, 0, 39,
		"1 events contradict those before them, 0 of them are left out; the first is "
		"HeapAlloc: its time cannot be");
	assert_buf(&have, TWO "5 metric HeapAlloc 1\n"
			      "6 metric HeapAlloc 2\n"
			      "10 metric HeapAlloc 3\n");
	prof_trace_free(t);
	prof_buf_fini(&have);
	wire_free(&w.w);
}

static void without_its_tables(void **state_)
{
	struct t1w w = {0};
	struct prof_trace *t;

	(void)state_;
	begin_two(&w, 21);
	t = read_bytes(w.w.p, w.w.n, false, NULL);
	assert_damage(t, 0, (int64_t)w.w.n,
		"the trace has no clock frequency, as it was not stopped or is cut: 25.6 ns a tick "
		"are taken");
	assert_damage(t, 1, 20, "events name strings or stacks that no table has, 3 times");
	prof_trace_free(t);
	wire_free(&w.w);
}

static void stacks_may_stand_before_their_strings(void **state_)
{
	struct t1w w = {0};
	struct prof_trace *t;
	const struct prof_trace_frame *f;

	(void)state_;
	begin_two(&w, 21);
	for (uint64_t id = 1; id < 4; id++)
		t1w_stack(&w, id);
	t1w_string(&w, 101, "main.go");
	t1w_string(&w, 100, "main.f");
	t1w_frequency(&w);
	t = read_bytes(w.w.p, w.w.n, false, NULL);
	assert_whole(t);
	assert_int_equal(prof_trace_stack(t, 1, &f), 1);
	assert_string_equal(prof_trace_string(t, f->function, NULL), "main.f");
	prof_trace_free(t);
	wire_free(&w.w);
}

/* Each cut says so, and costs no events before it. */
static void cut_anywhere(void **state_)
{
	struct t1w w = {0};
	uint64_t last = 0;

	(void)state_;
	t1w_all(&w, 21);
	for (size_t n = 16; n < w.w.n; n++) {
		const struct prof_trace_event *ev;
		struct prof_err e = {0};
		struct prof_trace *t;
		uint64_t events = 0;
		int rc;

		assert_ok(prof_trace_read(w.w.p, n, NULL, &t, &e), &e);
		while ((rc = prof_trace_next(t, &ev, &e)) > 0)
			events += ev->kind != PROF_TRACE_SYNC && ev->type;
		if (rc)
			assert_int_equal(rc, PROF_EFORMAT);
		else
			assert_true(t->damage.n > 0);
		/* The one to GoStart may be told before others, and samples with the end. */
		assert_true(events + 1 >= last);
		last = events > last ? events : last;
		prof_trace_free(t);
	}
	assert_true(last > 80);
	wire_free(&w.w);
}

/* Bytes that make no sense cost the few events behind them that may begin amid one. */
static void passes_over_what_makes_no_sense(void **state_)
{
	struct t1w w = {0};
	struct prof_trace *t;
	size_t at;

	(void)state_;
	begin_two(&w, 21);
	at = w.w.n;
	wire_raw(&w.w, "\0\0\0\xff", 4);
	for (unsigned i = 1; i <= 20; i++)
		t1w_event(&w, PROF_EV1_HEAP_ALLOC, i);
	t1w_end(&w);
	t = read_bytes(w.w.p, w.w.n, false, NULL);
	assert_damage(t, 0, (int64_t)at, "no such event: 13 bytes are skipped");
	assert_int_equal(t->wire_count[PROF_EV1_HEAP_ALLOC], 17);
	prof_trace_free(t);
	/* Only arguments are wrong: their length leads on. */
	w.w.p[at] = PROF_EV1_GO_CREATE | 3 << 6;
	w.w.p[at + 1] = 2;
	w.w.p[at + 2] = w.w.p[at + 3] = 5;
	t = read_bytes(w.w.p, w.w.n, false, NULL);
	assert_damage(t, 0, (int64_t)at,
		"an event with a wrong number of arguments: 4 bytes are skipped");
	assert_int_equal(t->wire_count[PROF_EV1_HEAP_ALLOC], 20);
	prof_trace_free(t);
	wire_free(&w.w);
}

static void nothing_to_save(void **state_)
{
	struct t1w w = {.version = 21};
	const struct prof_trace_event *ev;
	struct prof_trace *t;
	struct prof_err e = {0};

	(void)state_;
	t1w_begin(&w);
	assert_ok(prof_trace_read(w.w.p, w.w.n, NULL, &t, &e), &e);
	assert_int_equal(prof_trace_next(t, &ev, &e), PROF_EFORMAT);
	assert_error(&e, PROF_EFORMAT, 16, "a trace without events");
	prof_trace_free(t);
	wire_free(&w.w);
}

/* What can be read but once is read from a temporary file the second time. */
static void gzip_goes_through_a_temporary_file(void **state_)
{
	struct t1w w = {0};
	struct wire gz = {0};
	struct prof_trace *t;
	const struct prof_trace_event *ev;
	struct prof_limits limits;
	struct prof_err e = {0};

	(void)state_;
	begin_two(&w, 21);
	for (unsigned i = 1; i <= 500000; i++)
		t1w_event(&w, PROF_EV1_HEAP_ALLOC, i);
	t1w_end(&w);
	assert_true(w.w.n > 2 << 20);
	wire_gz(&gz, w.w.p, w.w.n);
	t = read_bytes(gz.p, gz.n, false, NULL);
	assert_whole(t);
	assert_int_equal(t->wire_count[PROF_EV1_HEAP_ALLOC], 500000);
	prof_trace_free(t);

	prof_limits_init(&limits);
	limits.temp_dir = "/nowhere/at/all";
	assert_ok(prof_trace_read(gz.p, gz.n, &limits, &t, &e), &e);
	assert_int_equal(prof_trace_next(t, &ev, &e), PROF_EIO);
	assert_string_equal(
		e.msg, "a temporary file in /nowhere/at/all: No such file or directory");
	prof_trace_free(t);

	/* Damaged gzip: what was inflated is there. */
	t = read_bytes(gz.p, gz.n / 2, false, NULL);
	assert_damage(t, 0, (int64_t)gz.n / 2, "gzip: the file ends too early");
	assert_in_range(t->wire_count[PROF_EV1_HEAP_ALLOC], 100000, 400000);
	prof_trace_free(t);
	wire_free(&gz);
	wire_free(&w.w);
}

/* Without memory for it, it says so. */
static void keeps_to_its_limits(void **state_)
{
	struct t1w w = {0};
	struct prof_limits limits;
	int rc = PROF_ELIMIT;

	(void)state_;
	t1w_all(&w, 21);
	for (uint64_t bytes = 1 << 16; rc == PROF_ELIMIT; bytes += 1 << 13) {
		const struct prof_trace_event *ev;
		struct prof_trace *t;
		struct prof_err e = {0};

		prof_limits_init(&limits);
		limits.memory_bytes = bytes;
		rc = prof_trace_read(w.w.p, w.w.n, &limits, &t, &e);
		if (!rc) {
			while ((rc = prof_trace_next(t, &ev, &e)) > 0)
				;
			prof_trace_free(t);
		}
		assert_true(!rc || rc == PROF_ELIMIT);
		assert_true(bytes < 64 << 20);
	}
	wire_free(&w.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_event_of_each_version),
		cmocka_unit_test(frames_have_names_since_go_1_7),
		cmocka_unit_test(the_end_of_a_system_call_is_told_at_its_time),
		cmocka_unit_test(sequence_numbers_come_before_times),
		cmocka_unit_test(equal_times_have_an_order),
		cmocka_unit_test(the_world_stops_once_a_proc_before_go_1_10),
		cmocka_unit_test(callbacks_from_C_begin_untold),
		cmocka_unit_test(a_wrong_time_moves_no_other),
		cmocka_unit_test(without_its_tables),
		cmocka_unit_test(stacks_may_stand_before_their_strings),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(passes_over_what_makes_no_sense),
		cmocka_unit_test(nothing_to_save),
		cmocka_unit_test(gzip_goes_through_a_temporary_file),
		cmocka_unit_test(keeps_to_its_limits),
	};

	return cmocka_run_group_tests_name("trace1", tests, NULL, NULL);
}
