#include <stdlib.h>

#include "libprof/base/cursor.h"
#include "libprof/read/trace2_impl.h"

/* Go's runtime reads 64 ns of the clock as a tick on Linux and most systems. */
#define USUAL_NS_PER_TICK 64.0

/* The strings that the runtime puts into each generation before all others: what these ids mean
 * where a table is lost. First in go 1.22; go 1.23 and later add to the end.
 */
static const char *const fixed_strings[T2_FIXED_STRINGS] = {"", "Not worker", "GC (dedicated)",
	"GC (fractional)", "GC (idle)", "unspecified", "forever", "network", "select",
	"sync.(*Cond).Wait", "sync", "chan send", "chan receive", "GC mark assist wait for work",
	"GC background sweeper wait", "system goroutine wait", "preempted", "wait for debug call",
	"wait until GC ends", "sleep", "GC weak to strong wait", "synctest", "runtime.Gosched"};

/* What an event calls by an id that no table of its generation has. */
static uint32_t unknown(struct t2 *d, int rc)
{
	d->rc = d->rc ? d->rc : rc;
	d->unknown_ids++;
	return 0;
}

uint32_t t2_string(struct t2 *d, uint64_t id)
{
	uint32_t s = id ? prof_idtable_get(&d->strings, id) : 0;

	if (s != PROF_NONE)
		return s;
	(void)unknown(d, 0);
	return id < T2_FIXED_STRINGS ? d->fixed[id] : 0;
}

uint32_t t2_stack_slow(struct t2 *d, uint64_t id)
{
	uint32_t s = id ? prof_idtable_get(&d->stacks, id) : 0;
	int rc;

	if (s != PROF_NONE)
		return s;
	rc = prof_trace_add_lost_stack(d->t, &d->stacks, id, &s, d->e);
	(void)unknown(d, rc);
	return rc ? 0 : s;
}

static int begin_fixed(struct t2 *d)
{
	static const uint8_t counts[][2] = {
		{22, 20}, {23, 21}, {25, T2_FIXED_STRINGS}, {26, T2_FIXED_STRINGS}};
	size_t known = 0;
	int rc = 0;

	if (d->fixed[1])
		return 0;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		if (d->t->version >= counts[i][0])
			known = counts[i][1];
	for (size_t i = 1; !rc && i < known; i++)
		rc = prof_trace_add_string(
			d->t, fixed_strings[i], strlen(fixed_strings[i]), &d->fixed[i], d->e);
	return rc;
}

/* One table's batch: `r` stands behind its first byte. */
static int read_strings(struct t2 *d, struct prof_rd *r)
{
	while (prof_rd_left(r)) {
		uint64_t id, len;
		const uint8_t *p;
		uint32_t s;
		int rc;

		if (*r->p++ != PROF_EV_STRING) {
			prof_rd_fail(r, "no string where one should be");
			break;
		}
		id = prof_rd_uvarint(r);
		len = prof_rd_uvarint(r);
		if (len > T2_MAX_STRING)
			prof_rd_fail(r, "a string of more than 1024 bytes");
		p = prof_rd_bytes(r, len);
		if (r->why || !id || prof_idtable_get(&d->strings, id) != PROF_NONE) {
			prof_rd_fail(r, "an id that was given to another string");
			break;
		}
		d->t->wire_count[PROF_EV_STRING]++;
		rc = prof_trace_add_string(d->t, p, (size_t)len, &s, d->e);
		if (!rc)
			rc = prof_idtable_set(&d->strings, id, s, d->e);
		if (rc)
			return rc;
		if (id < T2_FIXED_STRINGS)
			d->fixed[id] = s;
	}
	return 0;
}

/* A string of a frame. */
static uint32_t frame_string(struct t2 *d, uint64_t id, bool *missing)
{
	uint32_t s = id ? prof_idtable_get(&d->strings, id) : 0;

	*missing |= s == PROF_NONE;
	return s == PROF_NONE ? 0 : s;
}

static int read_stacks(struct t2 *d, struct prof_rd *r)
{
	struct prof_trace_frame frames[T2_MAX_FRAMES];
	bool missing = false;

	while (prof_rd_left(r)) {
		uint64_t id, n;
		uint32_t s;
		int rc;

		if (*r->p++ != PROF_EV_STACK) {
			prof_rd_fail(r, "no stack where one should be");
			break;
		}
		id = prof_rd_uvarint(r);
		n = prof_rd_uvarint(r);
		if (n > T2_MAX_FRAMES)
			prof_rd_fail(r, "a stack of more than 128 frames");
		for (uint64_t i = 0; i < n && !r->why; i++) {
			frames[i].pc = prof_rd_uvarint(r);
			frames[i].function = frame_string(d, prof_rd_uvarint(r), &missing);
			frames[i].file = frame_string(d, prof_rd_uvarint(r), &missing);
			frames[i].line = prof_rd_uvarint(r);
		}
		if (r->why || !id || prof_idtable_get(&d->stacks, id) != PROF_NONE) {
			prof_rd_fail(r, "an id that was given to another stack");
			break;
		}
		d->t->wire_count[PROF_EV_STACK]++;
		rc = prof_trace_add_stack(d->t, frames, (size_t)n, &s, d->e);
		if (!rc)
			rc = prof_idtable_set(&d->stacks, id, s, d->e);
		if (rc)
			return rc;
	}
	if (missing && !r->why)
		prof_rd_fail(r, "frames name strings that are not there");
	return 0;
}

static int read_samples(struct t2 *d, struct prof_rd *r)
{
	while (prof_rd_left(r)) {
		struct t2_sample s = {.order = (uint32_t)d->samples.n};
		int rc;

		if (*r->p++ != PROF_EV_CPU_SAMPLE) {
			prof_rd_fail(r, "no CPU sample where one should be");
			break;
		}
		s.time = (int64_t)prof_rd_uvarint(r);
		for (int i = 0; i < T2_MAX_ARGS; i++)
			s.args[i] = prof_rd_uvarint(r);
		if (r->why)
			break;
		d->t->wire_count[PROF_EV_CPU_SAMPLE]++;
		rc = prof_vec_reserve(&d->t->mem, &d->samples, 1, d->e);
		if (rc)
			return rc;
		d->samples.v[d->samples.n++] = s;
	}
	return 0;
}

/* The clocks, of the batch of base time `time`. */
static void read_clocks(struct t2 *d, struct prof_rd *r, uint64_t time, uint64_t *snapshot)
{
	while (prof_rd_left(r)) {
		uint8_t type = *r->p++;

		if (type == PROF_EV_FREQUENCY && d->ns_per_tick == 0) {
			uint64_t hz = prof_rd_uvarint(r);

			if (hz && !r->why)
				d->ns_per_tick = 1.0 / ((double)hz / 1e9);
			else
				prof_rd_fail(r, "a clock of 0 Hz");
		} else if (type == PROF_EV_CLOCK_SNAPSHOT && d->t->version >= 25 &&
			   !d->t->has_clock) {
			*snapshot = time + prof_rd_uvarint(r);
			d->t->clock.mono_ns = (int64_t)prof_rd_uvarint(r);
			d->t->clock.wall_s = (int64_t)prof_rd_uvarint(r);
			d->t->clock.wall_ns = (int64_t)prof_rd_uvarint(r);
			d->t->has_clock = !r->why;
		} else {
			prof_rd_fail(r, "neither a frequency nor a snapshot of the clocks");
			return;
		}
		d->t->wire_count[type] += !r->why;
	}
}

static int read_batch(struct t2 *d, const struct t2_batch *b, uint64_t *snapshot)
{
	struct prof_rd r = prof_rd_of(b->p, b->len);
	uint8_t type = *r.p;
	int rc = 0;

	if (type != PROF_EV_FREQUENCY) {
		r.p++;
		d->t->wire_count[type]++;
	}
	if (type == PROF_EV_STRINGS)
		rc = read_strings(d, &r);
	else if (type == PROF_EV_STACKS)
		rc = read_stacks(d, &r);
	else if (type == PROF_EV_CPU_SAMPLES)
		rc = read_samples(d, &r);
	else
		read_clocks(d, &r, b->time, snapshot);
	if (rc || !r.why)
		return rc;
	return prof_trace_damaged(d->t, b->offset + (r.p - r.base), d->generation, d->e, "%s: %s",
		prof_wire2[type].name, r.why);
}

static int by_time(const void *a, const void *b)
{
	const struct t2_sample *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Times of samples in ns, by time. */
static void finish_samples(struct t2 *d)
{
	for (size_t i = 0; i < d->samples.n; i++)
		d->samples.v[i].time = t2_ns(d, (uint64_t)d->samples.v[i].time);
	if (d->samples.n)
		qsort(d->samples.v, d->samples.n, sizeof(*d->samples.v), by_time);
}

int t2_read_tables(struct t2 *d)
{
	/* Stacks name strings, which may stand behind them. */
	static const uint8_t passes[][2] = {{PROF_EV_STRINGS, 0},
		{PROF_EV_STACKS, PROF_EV_CPU_SAMPLES}, {PROF_EV_SYNC, PROF_EV_FREQUENCY}};
	double last_ns = d->ns_per_tick;
	uint64_t snapshot = 0;
	int rc = begin_fixed(d);

	prof_idtable_clear(&d->strings);
	prof_idtable_clear(&d->stacks);
	d->ns_per_tick = 0;
	d->t->has_clock = false;
	for (size_t pass = 0; !rc && pass < sizeof(passes) / sizeof(passes[0]); pass++)
		for (size_t i = 0; !rc && i < d->structural.n; i++) {
			uint8_t type = *d->structural.v[i].p;

			if (type == passes[pass][0] || type == passes[pass][1])
				rc = read_batch(d, &d->structural.v[i], &snapshot);
		}
	if (!rc && d->ns_per_tick == 0) {
		d->ns_per_tick = last_ns > 0 ? last_ns : USUAL_NS_PER_TICK;
		rc = prof_trace_damaged(d->t, d->offset, d->generation, d->e,
			"the generation has no clock frequency: %s",
			last_ns > 0 ? "that of the last one is taken"
				    : "64 ns a tick are taken, as on Linux");
	} else if (!rc && d->t->version >= 25 && !d->t->has_clock)
		rc = prof_trace_damaged(d->t, d->offset, d->generation, d->e,
			"the generation has no snapshot of the clocks");
	d->whole_ns = d->ns_per_tick >= 1 && d->ns_per_tick <= 1000 ? (uint32_t)d->ns_per_tick : 0;
	if ((double)d->whole_ns != d->ns_per_tick)
		d->whole_ns = 0;
	d->t->clock.time = t2_ns(d, snapshot);
	finish_samples(d);
	return rc;
}
