/* Any bytes as a GODEBUG log: a consistent timeline whose counts add up; and the same bytes with a
 * logger's prefix on each line, and \r\n at its end, are the same timeline.
 */
#include <stdlib.h>
#include <string.h>

#include "libprof/read/godebug.h"
#include "tests/fuzz/fuzz.h"

static uint64_t digest(const struct prof_timeline *t)
{
	const struct prof_timeline_source *s = &t->sources.v[0];
	uint64_t h = prof_hash_mix(t->segments.n, t->pacing.n);

	for (size_t i = 0; i < t->cycles.n; i++) {
		const struct prof_gc_cycle *c = &t->cycles.v[i];

		h = prof_hash_mix(h, (uint64_t)c->n ^ (uint64_t)c->start_ns << 7);
		h = prof_hash_mix(h, (uint64_t)c->end_bytes ^ (uint64_t)c->goal_bytes << 7);
		h = prof_hash_mix(h, (uint64_t)prof_gc_cycle_cpu(c));
	}
	for (size_t i = 0; i < t->series.n; i++)
		h = prof_hash_mix(h, t->series.v[i].points.n);
	return prof_hash_mix(h, (uint64_t)(s->unreadable << 32 ^ s->other_lines));
}

static uint64_t read_bytes(const uint8_t *data, size_t size)
{
	struct prof_timeline *t = prof_timeline_new(NULL, NULL);
	struct prof_err e = {0};
	struct prof_input in;
	uint64_t h;

	must(t && prof_input_memory(&in, data, size, NULL, NULL) == 0);
	must(prof_godebug_read(&in, PROF_STR("fuzz"), t, &e) == 0);
	prof_input_close(&in);
	must(prof_timeline_check(t) == NULL && t->sources.n == 1);
	must((int64_t)t->cycles.n == t->sources.v[0].gc_lines);
	for (size_t i = 0; i < t->cycles.n; i++)
		must(t->cycles.v[i].n > 0 && t->cycles.v[i].start_ns >= 0 &&
			prof_gc_cycle_end(&t->cycles.v[i]) >= t->cycles.v[i].start_ns);
	must((t->sources.v[0].unreadable > 0) == (t->sources.v[0].first_unreadable_line > 0));
	h = digest(t);
	prof_timeline_free(t);
	return h;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char prefix[] = "2026-01-02T03:04:05Z app[7]: ";
	size_t n = 0, lines = 1;
	uint8_t *marked;
	bool begins = true;
	uint64_t h;

	if (size > 1 << 20 || (size >= 2 && data[0] == 0x1f && data[1] == 0x8b) ||
		(size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0))
		return 0;
	h = read_bytes(data, size);
	for (size_t i = 0; i < size; i++) {
		if (data[i] == '\r')
			return 0;
		lines += data[i] == '\n';
	}
	marked = malloc(size + lines * sizeof(prefix) + lines);
	must(marked != NULL);
	for (size_t i = 0; i < size; i++) {
		if (begins) {
			memcpy(marked + n, prefix, sizeof(prefix) - 1);
			n += sizeof(prefix) - 1;
		}
		begins = data[i] == '\n';
		if (begins)
			marked[n++] = '\r';
		marked[n++] = data[i];
	}
	must(read_bytes(marked, n) == h);
	free(marked);
	return 0;
}
