/* Writes execution traces of go 1.5 to go 1.21, each event of each version: those that programs
 * made, and ones that are broken at an exact place.
 *
 *	struct t1w w = {.version = 21};
 *	t1w_begin(&w);
 *	t1w_batch(&w, 0, 1000);
 *	t1w_event(&w, PROF_EV1_GO_CREATE, 3, g, stack, 0);	a tick behind the last one
 *	t1w_end(&w);						the frequency: 1 ns a tick
 *
 * Before go 1.7 events are numbered in the order of the calls.
 */
#ifndef PROF_TESTS_TRACE1_WRITER_H
#define PROF_TESTS_TRACE1_WRITER_H

#include "tests/unit/unit.h"
#include "tests/unit/wire.h"

#include "libprof/model/trace_wire.h"

struct t1w {
	struct wire w;
	unsigned version;
	uint64_t seq, last_seq; /* of all events; of the last one of the batch */
	uint64_t dt; /* of the next event, 0: a tick */
};

static inline void t1w_begin(struct t1w *w)
{
	char header[32] = {0};

	w->w.n = 0;
	w->seq = w->last_seq = 0;
	snprintf(header, sizeof(header), "go 1.%u trace", w->version);
	wire_raw(&w->w, header, 16);
}

/* A record of n numbers. */
static inline void t1w_record(struct t1w *w, unsigned type, size_t n, const uint64_t *v)
{
	size_t most = w->version < 7 ? 4 : 3;
	struct wire args = {0};

	for (size_t i = 0; i < n; i++)
		wire_varint(&args, v[i]);
	if (n <= most) {
		wire_byte(&w->w, type | (unsigned)(n - (most - 2)) << 6);
	} else {
		wire_byte(&w->w, type | 3 << 6);
		wire_varint(&w->w, args.n);
	}
	wire_raw(&w->w, args.p, args.n);
	wire_free(&args);
}

/* Its first number of three is a sequence number where there are such. */
static inline void t1w_batch(struct t1w *w, uint64_t proc, uint64_t ticks)
{
	w->last_seq = w->seq;
	if (w->version < 7)
		t1w_record(w, PROF_EV1_BATCH, 3, (uint64_t[]){proc, w->seq, ticks});
	else
		t1w_record(w, PROF_EV1_BATCH, 2, (uint64_t[]){proc, ticks});
}

/* Arguments that this version has not yet are left out. */
static inline void t1w_event(struct t1w *w, unsigned type, ...)
{
	unsigned n = prof_wire1[type].n_args - 1u, put = 0;
	uint64_t v[8];
	va_list ap;

	if (w->version < 7) {
		v[put++] = ++w->seq - w->last_seq;
		w->last_seq = w->seq;
	}
	v[put++] = w->dt ? w->dt : 1;
	w->dt = 0;
	va_start(ap, type);
	for (unsigned i = 0; i < n; i++) {
		uint64_t arg = va_arg(ap, unsigned);
		bool seq = w->version < 7 &&
			   ((type == PROF_EV1_GC_START && i == 0) ||
				   ((type == PROF_EV1_GO_START || type == PROF_EV1_GO_UNBLOCK) &&
					   i == 1));

		if (!seq && !(w->version < 9 && type == PROF_EV1_SWEEP_DONE) &&
			!(w->version < 10 && type == PROF_EV1_STW_START))
			v[put++] = arg;
	}
	va_end(ap);
	t1w_record(w, type, put, v);
}

static inline void t1w_string(struct t1w *w, uint64_t id, const char *s)
{
	wire_byte(&w->w, PROF_EV1_STRING);
	wire_varint(&w->w, id);
	wire_varint(&w->w, strlen(s));
	wire_raw(&w->w, s, strlen(s));
}

/* The message of the log event before. */
static inline void t1w_message(struct t1w *w, const char *s)
{
	wire_varint(&w->w, strlen(s));
	wire_raw(&w->w, s, strlen(s));
}

/* A stack of one frame: pc 16 * id, function and file strings 100 and 101, line id. */
static inline void t1w_stack(struct t1w *w, uint64_t id)
{
	if (w->version < 7) {
		struct wire args = {0};

		wire_varint(&args, id);
		wire_varint(&args, 1);
		wire_varint(&args, 16 * id);
		wire_byte(&w->w, PROF_EV1_STACK | 3 << 6);
		wire_varint(&w->w, args.n);
		wire_raw(&w->w, args.p, args.n);
		wire_free(&args);
		return;
	}
	t1w_record(w, PROF_EV1_STACK, 6, (uint64_t[]){id, 1, 16 * id, 100, 101, id});
}

static inline void t1w_frequency(struct t1w *w)
{
	t1w_record(w, PROF_EV1_FREQUENCY, w->version < 7 ? 2 : 1, (uint64_t[]){1000000000, 0});
}

/* The frequency, and stacks 1 to 9. */
static inline void t1w_end(struct t1w *w)
{
	t1w_batch(w, 0, 1000000);
	t1w_frequency(w);
	if (w->version >= 7) {
		t1w_string(w, 100, "main.f");
		t1w_string(w, 101, "main.go");
	}
	for (uint64_t id = 1; id < 10; id++)
		t1w_stack(w, id);
}

/* Goroutine 4 stops in each way and is unblocked by goroutine 1, both on proc 0. */
static inline void t1w_stop_and_go(struct t1w *w, unsigned type, unsigned *seq1, unsigned *seq4)
{
	t1w_event(w, PROF_EV1_GO_SCHED, 7);
	t1w_event(w, PROF_EV1_GO_START, 4, (*seq4)++);
	t1w_event(w, type, 5);
	t1w_event(w, PROF_EV1_GO_START, 1, (*seq1)++);
	if (type != PROF_EV1_GO_PREEMPT)
		t1w_event(w, PROF_EV1_GO_UNBLOCK, 4, (*seq4)++, 6);
}

/* A trace with each event that a version has. */
static inline void t1w_all(struct t1w *w, unsigned version)
{
	static const uint8_t stops[] = {PROF_EV1_GO_PREEMPT, PROF_EV1_GO_SLEEP, PROF_EV1_GO_BLOCK,
		PROF_EV1_GO_BLOCK_SEND, PROF_EV1_GO_BLOCK_RECV, PROF_EV1_GO_BLOCK_SELECT,
		PROF_EV1_GO_BLOCK_SYNC, PROF_EV1_GO_BLOCK_COND, PROF_EV1_GO_BLOCK_NET,
		PROF_EV1_GO_BLOCK_GC};
	unsigned seq1 = 1, seq4 = 1;

	w->version = version;
	t1w_begin(w);
	t1w_batch(w, 0, 1000);
	t1w_event(w, PROF_EV1_GO_CREATE, 1, 1, 0);
	t1w_event(w, PROF_EV1_GO_CREATE, 2, 2, 0);
	t1w_event(w, PROF_EV1_GO_WAITING, 2);
	t1w_event(w, PROF_EV1_GO_CREATE, 3, 3, 0);
	t1w_event(w, PROF_EV1_GO_IN_SYSCALL, 3);
	t1w_event(w, PROF_EV1_PROC_START, 77);
	t1w_event(w, PROF_EV1_GO_START, 1, seq1++);
	t1w_event(w, PROF_EV1_GOMAXPROCS, 4, 3);
	t1w_event(w, PROF_EV1_HEAP_ALLOC, 12345);
	t1w_event(w, PROF_EV1_HEAP_GOAL, 4000000);
	t1w_event(w, PROF_EV1_GO_CREATE, 4, 4, 5);
	t1w_event(w, PROF_EV1_GO_UNBLOCK, 2, 2, 6);
	for (size_t i = 0; i < COUNT(stops); i++)
		if (stops[i] < prof_wire1_count(version))
			t1w_stop_and_go(w, stops[i], &seq1, &seq4);
	t1w_event(w, PROF_EV1_GC_START, 0, 8);
	t1w_event(w, PROF_EV1_STW_START, version < 21 ? 1 : 2);
	t1w_event(w, PROF_EV1_STW_DONE);
	t1w_event(w, PROF_EV1_SWEEP_START, 8);
	t1w_event(w, PROF_EV1_SWEEP_DONE, 8192, 4096);
	if (version >= 9) {
		t1w_event(w, PROF_EV1_ASSIST_START, 8);
		t1w_event(w, PROF_EV1_ASSIST_DONE);
	}
	t1w_event(w, PROF_EV1_GC_DONE);
	if (version >= 11) {
		t1w_string(w, 1, "type");
		t1w_event(w, PROF_EV1_TASK_CREATE, 9, 0, 1, 2);
		t1w_event(w, PROF_EV1_REGION, 9, 0, 1, 2);
		t1w_event(w, PROF_EV1_LOG, 9, 1, 3);
		t1w_message(w, "hello");
		t1w_event(w, PROF_EV1_REGION, 9, 1, 1, 2);
		t1w_event(w, PROF_EV1_TASK_END, 9, 4);
	}
	t1w_event(w, PROF_EV1_GO_SYSCALL, 1);
	t1w_event(w, PROF_EV1_GO_SYSCALL, 2);
	t1w_event(w, PROF_EV1_GO_SYSBLOCK);
	t1w_event(w, PROF_EV1_GO_SYSEXIT, 1, seq1, 0);
	t1w_event(w, PROF_EV1_GO_START, 1, seq1 + 1);
	t1w_event(w, PROF_EV1_FUTILE_WAKEUP);
	t1w_event(w, PROF_EV1_GO_STOP, 9);
	t1w_event(w, PROF_EV1_GO_START, 4, seq4++);
	t1w_event(w, PROF_EV1_GO_END);
	if (version >= 7) {
		t1w_event(w, PROF_EV1_GO_SYSEXIT_LOCAL, 3, 0);
		t1w_event(w, PROF_EV1_GO_START_LOCAL, 3);
		t1w_event(w, PROF_EV1_GO_BLOCK_RECV, 1);
		t1w_event(w, PROF_EV1_GO_UNBLOCK_LOCAL, 3, 2);
	}
	if (version >= 8) {
		t1w_string(w, 2, "GC (dedicated)");
		t1w_event(w, PROF_EV1_GO_START_LABEL, 2, 3, 2);
		t1w_event(w, PROF_EV1_GO_END);
	}
	if (version >= 19)
		t1w_event(w, PROF_EV1_CPU_SAMPLE, 1200, 0, 3, 1);
	t1w_event(w, PROF_EV1_PROC_STOP);
	t1w_record(w, PROF_EV1_TIMER_GOROUTINE, version < 7 ? 2 : 1, (uint64_t[]){2, 0});
	t1w_end(w);
}

#endif
