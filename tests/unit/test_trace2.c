/* Execution traces of go 1.22 and later. */
#include "tests/unit/trace2_events.h"
#include "tests/unit/trace2_writer.h"

#include "libprof/model/trace.h"

static const unsigned versions[] = {22, 23, 25, 26};

/* Reads to the end; what is returned is the caller's. */
static struct prof_trace *read_all(const void *p, size_t n, size_t *kinds)
{
	const struct prof_trace_event *ev;
	struct prof_err e = {0};
	struct prof_trace *t;
	int64_t last = -1;
	int rc;

	assert_ok(prof_trace_read(p, n, NULL, &t, &e), &e);
	while ((rc = prof_trace_next(t, &ev, &e)) > 0) {
		assert_true(ev->time > last);
		last = ev->time;
		kinds[ev->kind]++;
	}
	assert_ok(rc, &e);
	return t;
}

static void every_event_of_every_version_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(versions); i++) {
		size_t kinds[PROF_TRACE_EXPERIMENT + 1] = {0};
		const struct prof_trace_damage *damage;
		struct wire w = {0};
		struct prof_trace *t;

		/* Before go 1.23 there are neither goroutine 3, of a coroutine, nor 9. */
		trace2_write(&w, versions[i], trace2_all_events);
		t = read_all(w.p, w.n, kinds);
		if (prof_trace_damage(t, &damage))
			fail_msg("go 1.%u: %s", versions[i], damage->what);
		for (unsigned type = 1; type < prof_wire2_count(versions[i]); type++)
			if (!t->wire_count[type] && type != PROF_EV_EXPERIMENTAL_BATCH &&
				!(type == PROF_EV_SYNC && versions[i] < 25))
				fail_msg("go 1.%u: no %s", versions[i], prof_wire2[type].name);
		assert_int_equal(kinds[PROF_TRACE_SYNC], 2);
		assert_int_equal(kinds[PROF_TRACE_CPU_SAMPLE], 1);
		assert_int_equal(kinds[PROF_TRACE_TASK_BEGIN], 1);
		assert_int_equal(kinds[PROF_TRACE_TASK_END], 1);
		assert_int_equal(kinds[PROF_TRACE_LOG], 1);
		assert_int_equal(kinds[PROF_TRACE_RANGE_ACTIVE], 3);
		assert_int_equal(kinds[PROF_TRACE_EXPERIMENT], 2);
		assert_int_equal(t->goroutine_count, versions[i] < 23 ? 3 : 5);
		assert_int_equal(t->procs.n, 2);
		prof_trace_free(t);
		wire_free(&w);
	}
}

static void memory_has_addresses_and_types(void **state)
{
	static const struct prof_trace_memory want[] = {
		{PROF_MEMORY_SPAN, PROF_MEMORY_EXISTS, 1048576 + 8192, 16384, 0},
		{PROF_MEMORY_SPAN, PROF_MEMORY_ALLOC, 1048576 + 3 * 8192, 8192, 0},
		{PROF_MEMORY_SPAN, PROF_MEMORY_FREE, 1048576 + 3 * 8192, 0, 0},
		{PROF_MEMORY_OBJECT, PROF_MEMORY_EXISTS, 1048576 + 8200, 24, 1},
		{PROF_MEMORY_OBJECT, PROF_MEMORY_ALLOC, 1048576 + 8208, 0, 0},
		{PROF_MEMORY_OBJECT, PROF_MEMORY_FREE, 1048576 + 8208, 0, 0},
		{PROF_MEMORY_STACK, PROF_MEMORY_EXISTS, 1048576 + 16384, 2048, 0},
		{PROF_MEMORY_STACK, PROF_MEMORY_ALLOC, 1048576 + 18432, 8192, 0},
		{PROF_MEMORY_STACK, PROF_MEMORY_FREE, 1048576 + 18432, 0, 0},
	};
	const struct prof_trace_damage *damage;
	const struct prof_trace_event *ev;
	struct prof_trace_memory m;
	struct prof_err e = {0};
	struct prof_trace *t;
	struct wire w = {0};
	size_t n = 0;

	(void)state;
	trace2_write(&w, 23, trace2_memory_events);
	assert_ok(prof_trace_read(w.p, w.n, NULL, &t, &e), &e);
	while (prof_trace_next(t, &ev, &e) > 0) {
		if (!prof_trace_memory(t, ev, &m))
			continue;
		assert_true(n < COUNT(want));
		assert_int_equal(m.what, want[n].what);
		assert_int_equal(m.change, want[n].change);
		assert_int_equal(m.address, want[n].address);
		assert_int_equal(m.bytes, want[n].bytes);
		assert_string_equal(
			prof_trace_string(t, m.type, NULL), want[n].type ? "main.node" : "");
		n++;
	}
	assert_int_equal(e.code, 0);
	assert_int_equal(n, COUNT(want));
	assert_int_equal(t->wire_count[PROF_EV_EXPERIMENTAL_BATCH], 3);
	/* Type 7 is in no table. */
	assert_int_equal(prof_trace_damage(t, &damage), 1);
	assert_non_null(strstr(damage->what, "types that no table has, 1 times"));
	prof_trace_free(t);
	wire_free(&w);
}

/* A thread's three batches, with a wrong time in the second one, and another thread's. */
static const char times[] = "EventBatch gen=1 m=10 time=%llu\n"
			    "ProcStatus dt=1 p=0 pstatus=1\n"
			    "GoStatus dt=1 g=1 m=10 gstatus=2\n"
			    "EventBatch gen=1 m=10 time=%llu\n"
			    "HeapAlloc dt=%llu heapalloc_value=1\n"
			    "HeapAlloc dt=1 heapalloc_value=2\n"
			    "EventBatch gen=1 m=10 time=2000000300\n"
			    "HeapAlloc dt=%llu heapalloc_value=3\n"
			    "EventBatch gen=1 m=11 time=2000000250\n"
			    "ProcStatus dt=1 p=1 pstatus=2\n"
			    "ProcStart dt=1 p=1 p_seq=1\n"
			    "EventBatch gen=1 m=18446744073709551615 time=2000000400\n"
			    "Stacks\n"
			    "EventBatch gen=1 m=18446744073709551615 time=%llu\n"
			    "Frequency freq=1000000000\n";

#define BASE 2000000000ULL

static void a_wrong_time_moves_no_other(void **state)
{
	static const unsigned long long high = 1 << 30;
	static const struct {
		unsigned long long v[5];
		int64_t value, end; /* times of HeapAlloc 2, of the end; from the start */
		const char *damage;
	} cases[] = {
		{{BASE + 100, BASE + 200, 5, 7, BASE + 401}, 106, 208, NULL},
		/* An event's: in a batch amid others, and in the last one. */
		{{BASE + 100, BASE + 200, high, 7, BASE + 401}, 101, 208, "1 events are of"},
		{{BASE + 100, BASE + 200, 5, high, BASE + 401}, 106, 201, "1 events are of"},
		/* A batch's: too late, by hours and by a second, and too early. */
		{{BASE + 100, BASE + high * 4096, 5, 7, BASE + 401}, 8, 208, "1 batches are of"},
		{{BASE + 100, BASE + high, 5, 7, BASE + 401}, 8, 208, "1 batches are of"},
		{{100, BASE + 200, 5, 7, BASE + 401}, 6, 108, "1 batches are of"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const unsigned long long *v = cases[i].v;
		int64_t start = 0, value = 0, end = 0;
		const struct prof_trace_damage *damage;
		const struct prof_trace_event *ev;
		struct prof_err e = {0};
		struct prof_trace *t;
		struct wire w = {0};
		char text[1000];

		snprintf(text, sizeof(text), times, v[0], v[1], v[2], v[3], v[4]);
		trace2_write(&w, 23, text);
		assert_ok(prof_trace_read(w.p, w.n, NULL, &t, &e), &e);
		while (prof_trace_next(t, &ev, &e) > 0) {
			start = ev->kind == PROF_TRACE_SYNC && !ev->args[1] ? ev->time : start;
			end = ev->time;
			if (ev->kind == PROF_TRACE_METRIC && ev->args[0] == 2)
				value = ev->time;
		}
		assert_int_equal(e.code, 0);
		assert_int_equal(prof_trace_damage(t, &damage), cases[i].damage ? 1 : 0);
		if (cases[i].damage)
			assert_non_null(strstr(damage->what, cases[i].damage));
		assert_int_equal(value - start, cases[i].value);
		assert_int_equal(end - start, cases[i].end);
		prof_trace_free(t);
		wire_free(&w);
	}
}

/* Thread 10 creates a goroutine that thread 11 starts. */
static const char early[] = "EventBatch gen=1 m=10 time=2000000000\n"
			    "ProcStatus dt=1 p=0 pstatus=1\n"
			    "GoStatus dt=1 g=1 m=10 gstatus=2\n"
			    "GoCreate dt=100 new_g=2 new_stack=0 stack=0\n"
			    "EventBatch gen=1 m=10 time=%llu\n"
			    "HeapAlloc dt=1 heapalloc_value=1\n"
			    "EventBatch gen=1 m=11 time=%llu\n"
			    "ProcStatus dt=1 p=1 pstatus=2\n"
			    "ProcStart dt=1 p=1 p_seq=1\n"
			    "GoStart dt=1 g=2 g_seq=1\n"
			    "EventBatch gen=1 m=18446744073709551615 time=%llu\n"
			    "Strings\n"
			    "EventBatch gen=1 m=18446744073709551615 time=2050000401\n"
			    "Frequency freq=%llu\n";

/* Ticks of 64 ns: the clock that all threads share. */
#define HZ 15625000ULL
#define MS 15625ULL

static void what_contradicts_the_order_is_told(void **state)
{
	static const struct {
		unsigned long long v[4];
		const char *damage;
	} cases[] = {
		{{BASE + 200, BASE + 110, BASE, HZ}, NULL},
		/* The table of strings is begun, then all stands still for seconds. */
		{{BASE + 200, BASE + 110, BASE - 100000000, HZ}, NULL},
		/* The goroutine starts before it was created, or too little before to be told. */
		{{BASE + 200, BASE - MS, BASE, HZ}, NULL},
		{{BASE + 200, BASE - 2 * MS, BASE, HZ},
			"1 events are earlier than those that let them come, by up to 2006336"},
		{{BASE + 200, BASE - 300 * MS, BASE, HZ},
			"1 events are earlier than those that let them come, by up to 300006336"},
		/* Clocks of cores may differ. */
		{{BASE + 200, BASE - 2 * MS, BASE, HZ + 1}, NULL},
		/* The thread's batches go back. */
		{{BASE - 2 * MS, BASE + 110, BASE - 3 * MS, HZ}, "1 batches are of"},
		{{BASE - 2 * MS, BASE + 110, BASE - 3 * MS, HZ + 1}, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const unsigned long long *v = cases[i].v;
		const struct prof_trace_damage *damage;
		const struct prof_trace_event *ev;
		struct prof_err e = {0};
		struct prof_trace *t;
		struct wire w = {0};
		char text[1000];
		size_t events = 0;

		snprintf(text, sizeof(text), early, v[0], v[1], v[2], v[3]);
		trace2_write(&w, 23, text);
		assert_ok(prof_trace_read(w.p, w.n, NULL, &t, &e), &e);
		while (prof_trace_next(t, &ev, &e) > 0)
			events += ev->type != 0;
		assert_int_equal(e.code, 0);
		assert_int_equal(events, 7);
		assert_int_equal(prof_trace_damage(t, &damage), cases[i].damage ? 1 : 0);
		if (cases[i].damage && !strstr(damage->what, cases[i].damage))
			fail_msg("%s", damage->what);
		prof_trace_free(t);
		wire_free(&w);
	}
}

/* What was written is what the dump of the records says. */
static int append(void *ctx, const char *p, size_t n)
{
	prof_buf_put(ctx, p, n);
	return 0;
}

static void the_dump_of_the_records_writes_the_same_again(void **state)
{
	struct wire w = {0}, again = {0};
	const char *path = "trace2.tmp";
	struct prof_err e = {0};
	struct prof_buf b;
	char *size;
	FILE *f;

	(void)state;
	trace2_write(&w, 26, trace2_all_events);
	f = fopen(path, "wb");
	assert_true(f && fwrite(w.p, 1, w.n, f) == w.n && fclose(f) == 0);
	prof_buf_init(&b, NULL, NULL);
	assert_ok(prof_trace_wire(path, NULL, append, &b, &e), &e);
	prof_buf_char(&b, '\0');
	while ((size = strstr(b.p, " size="))) { /* the writer counts it */
		size_t n = 1 + strcspn(size + 1, " \n");

		memmove(size, size + n, strlen(size + n) + 1);
	}
	trace2_write(&again, 26, b.p);
	assert_int_equal(again.n, w.n);
	assert_memory_equal(again.p, w.p, w.n);
	prof_buf_fini(&b);
	wire_free(&w);
	wire_free(&again);
	remove(path);
}

/* Every cut of a trace, and every byte of it changed, is read to an end, and told. */
static void broken_traces_are_read_to_an_end(void **state)
{
	size_t kinds[PROF_TRACE_EXPERIMENT + 1], told = 0;
	struct wire w = {0};

	(void)state;
	trace2_write(&w, 26, trace2_all_events);
	for (size_t n = 16; n < w.n; n++) {
		const struct prof_trace_event *ev;
		const struct prof_trace_damage *damage;
		struct prof_err e = {0};
		struct prof_trace *t;
		int rc;

		assert_ok(prof_trace_read(w.p, n, NULL, &t, &e), &e);
		while ((rc = prof_trace_next(t, &ev, &e)) > 0)
			;
		assert_true(rc ? rc == PROF_EFORMAT : prof_trace_damage(t, &damage) > 0);
		prof_trace_free(t);
	}
	for (size_t i = 16; i < w.n; i++) {
		const struct prof_trace_damage *damage;
		struct prof_trace *t;

		w.p[i] ^= 0x41;
		t = read_all(w.p, w.n, kinds);
		told += prof_trace_damage(t, &damage) > 0;
		prof_trace_free(t);
		w.p[i] ^= 0x41;
	}
	assert_true(told > w.n / 3); /* the others are times, ids and values */
	wire_free(&w);
}

/* The next generation is as if it were the first one where one is missing. */
static void a_gap_costs_what_is_missing(void **state)
{
	static const char text[] = "EventBatch gen=1 m=10 time=100\n"
				   "ProcStatus dt=1 p=0 pstatus=1\n"
				   "GoStatus dt=1 g=1 m=10 gstatus=2\n"
				   "GoCreate dt=1 new_g=2 new_stack=0 stack=0\n"
				   "EventBatch gen=1 m=18446744073709551615 time=99\n"
				   "Frequency freq=1000000000\n"
				   "EventBatch gen=3 m=10 time=300\n"
				   "ProcStatus dt=1 p=0 pstatus=1\n"
				   "GoStatus dt=1 g=1 m=10 gstatus=2\n"
				   "EventBatch gen=3 m=18446744073709551615 time=299\n"
				   "Frequency freq=1000000000\n";
	size_t kinds[PROF_TRACE_EXPERIMENT + 1] = {0};
	const struct prof_trace_damage *damage;
	struct wire w = {0};
	struct prof_trace *t;

	(void)state;
	trace2_write(&w, 22, text);
	t = read_all(w.p, w.n, kinds);
	assert_int_equal(prof_trace_damage(t, &damage), 1);
	assert_true(damage->generation == 3 && damage->offset > 16);
	assert_int_equal(kinds[PROF_TRACE_GAP], 1);
	assert_int_equal(kinds[PROF_TRACE_SYNC], 3);
	/* 1 twice by its status; 2 created, and ended unseen. */
	assert_int_equal(kinds[PROF_TRACE_GOROUTINE], 4);
	assert_int_equal(t->goroutine_count, 2);
	prof_trace_free(t);
	wire_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_event_of_every_version_is_read),
		cmocka_unit_test(memory_has_addresses_and_types),
		cmocka_unit_test(a_wrong_time_moves_no_other),
		cmocka_unit_test(what_contradicts_the_order_is_told),
		cmocka_unit_test(the_dump_of_the_records_writes_the_same_again),
		cmocka_unit_test(broken_traces_are_read_to_an_end),
		cmocka_unit_test(a_gap_costs_what_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
