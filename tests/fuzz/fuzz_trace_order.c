/* Events in any order: bytes choose well-formed events of four threads over two generations, with
 * small ids and numbers, so that what is sought is how they can follow on one another.
 */
#include "tests/fuzz/trace_check.h"

enum { THREADS = 4, MAX_EVENTS = 20000, HEADER = 16 };

struct out {
	uint8_t p[MAX_EVENTS];
	size_t n;
};

static void put(struct out *o, unsigned v)
{
	for (; v >= 0x80; v >>= 7)
		o->p[o->n++] = (uint8_t)(v | 0x80);
	o->p[o->n++] = (uint8_t)v;
}

/* One event of the four bytes at p. */
static void put_event(struct out *o, const uint8_t *p)
{
	unsigned type = PROF_EV_PROCS_CHANGE +
			p[1] % (PROF_EV_EXPERIMENTAL_BATCH - PROF_EV_PROCS_CHANGE);

	put(o, type);
	put(o, p[0] >> 2);
	for (unsigned i = 1; i < prof_wire2[type].n_args; i++)
		put(o, i % 2 ? p[2] & 7 : i == 2 && p[3] > 0xf0 ? p[3] : p[3] & 7);
}

static void put_batch(struct out *o, unsigned generation, unsigned m, const struct out *events)
{
	put(o, PROF_EV_EVENT_BATCH);
	put(o, generation);
	put(o, m);
	put(o, 100 * generation);
	put(o, (unsigned)events->n);
	memcpy(o->p + o->n, events->p, events->n);
	o->n += events->n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct out all, threads[THREADS];
	const struct out clock = {{PROF_EV_FREQUENCY, 1}, 2};

	memcpy(all.p, "go 1.23 trace\0\0\0", HEADER);
	all.n = HEADER;
	size = size < MAX_EVENTS / 16 ? size : MAX_EVENTS / 16;
	for (unsigned generation = 1; generation <= 2; generation++) {
		size_t half = size / 2 / 4 * 4;

		for (int i = 0; i < THREADS; i++)
			threads[i].n = 0;
		for (size_t i = (generation - 1) * half; i + 4 <= generation * half; i += 4)
			put_event(&threads[data[i] % THREADS], data + i);
		for (unsigned i = 0; i < THREADS; i++)
			put_batch(&all, generation, i, &threads[i]);
		put_batch(&all, generation, THREADS, &clock);
	}
	check_trace(all.p, all.n);
	return 0;
}
