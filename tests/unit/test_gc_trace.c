/* The collector in execution traces whose events are on nobody. */
#include "tests/unit/trace2_writer.h"

#include "libprof/analyse/gc/trace.h"

#define TABLES \
	"EventBatch gen=1 m=18446744073709551615 time=99\n" \
	"Frequency freq=1000000000\n" \
	"EventBatch gen=1 m=18446744073709551615 time=99\n" \
	"Strings\n" \
	"String id=1\n\tdata=\"GC (dedicated)\"\n" \
	"String id=2\n\tdata=\"GC sweep termination\"\n" \
	"String id=3\n\tdata=\"main.work\"\n" \
	"String id=4\n\tdata=\"GC mark termination\"\n" \
	"String id=5\n\tdata=\"chan receive\"\n" \
	"EventBatch gen=1 m=18446744073709551615 time=99\n" \
	"Stacks\n" \
	"Stack id=1 nframes=1\n" \
	"\tpc=16 func=3 file=3 line=5\n"

static struct prof_timeline *read_trace(const char *text, unsigned *lone_labels)
{
	struct prof_timeline *t = prof_timeline_new(NULL, NULL);
	struct prof_err e = {0};
	struct prof_gc_trace x;
	struct prof_trace *trace;
	struct wire w = {0};
	int rc;

	trace2_write(&w, 23, text);
	assert_int_equal(prof_trace_read(w.p, w.n, NULL, &trace, &e), 0);
	assert_int_equal(prof_timeline_add_source(t, PROF_STR("test"), PROF_TIMELINE_TRACE, &e), 0);
	prof_gc_trace_init(&x, &t->mem, t);
	while ((rc = prof_trace_fill(trace, &e)) > 0) {
		for (size_t i = 0; i < trace->n; i++)
			*lone_labels += trace->events[i].kind == PROF_TRACE_LABEL &&
					trace->events[i].subject == PROF_TRACE_NONE;
		assert_int_equal(prof_gc_trace_batch(&x, trace, &e), 0);
	}
	assert_int_equal(rc, 0);
	assert_int_equal(prof_gc_trace_end(&x, trace, &e), 0);
	prof_gc_trace_fini(&x);
	prof_trace_free(trace);
	wire_free(&w);
	assert_null(prof_timeline_check(t));
	return t;
}

/* What comes before it is lost, so that no goroutine is known to have the label. */
static void a_label_of_no_goroutine(void **state)
{
	struct prof_timeline *t;
	unsigned lone = 0;

	(void)state;
	t = read_trace("EventBatch gen=1 m=10 time=100\n"
		       "ProcStatus dt=1 p=0 pstatus=1\n"
		       "GoLabel dt=1 label_string=1\n"
		       "GCSweepBegin dt=1 stack=1\n"
		       "GCSweepEnd dt=1 swept_value=10 reclaimed_value=20\n" TABLES,
		&lone);
	assert_int_equal(lone, 1);
	assert_int_equal(t->cycles.n, 0);
	assert_int_equal(t->shares.n, 0);
	prof_timeline_free(t);
}

/* A goroutine that could run while another stopped the world is delayed, that one is not. */
static void delays(void **state)
{
	struct prof_timeline *t;
	unsigned lone = 0;

	(void)state;
	t = read_trace("EventBatch gen=1 m=10 time=100\n"
		       "ProcStatus dt=1 p=0 pstatus=1\n"
		       "GoStatus dt=1 g=1 m=10 gstatus=2\n"
		       "GoCreate dt=8 new_g=2 new_stack=1 stack=1\n"
		       "STWBegin dt=10 kind_string=2 stack=1\n"
		       "STWEnd dt=50\n"
		       "GCMarkAssistBegin dt=10 stack=1\n"
		       "GCMarkAssistEnd dt=7\n"
		       "GoBlock dt=10 reason_string=5 stack=1\n"
		       "GoStart dt=1 g=2 g_seq=1\n"
		       "STWBegin dt=10 kind_string=4 stack=1\n"
		       "GoUnblock dt=10 g=1 g_seq=1 stack=1\n"
		       "STWEnd dt=5\n"
		       "GoDestroy dt=1\n" TABLES,
		&lone);
	assert_int_equal(lone, 0);
	/* The function, then its goroutines. */
	assert_int_equal(t->shares.n, 3);
	assert_int_equal(t->shares.v[1].goroutine, 2);
	assert_int_equal(t->shares.v[1].delayed_ns, 50);
	assert_str(prof_strtab_get(&t->strings, t->shares.v[1].name), "main.work");
	assert_int_equal(t->shares.v[2].goroutine, 1);
	assert_int_equal(t->shares.v[2].delayed_ns, 5);
	assert_int_equal(t->shares.v[2].assists, 1);
	assert_int_equal(t->shares.v[2].assist_ns, 7);
	prof_timeline_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_label_of_no_goroutine),
		cmocka_unit_test(delays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
