/* What is true of parts of captures that could be read, whatever their bytes. */
#ifndef PROF_TESTS_CAPTURE_CHECK_H
#define PROF_TESTS_CAPTURE_CHECK_H

#include <string.h>

#include "libprof/store/timeline.h"
#include "libprof/store/transitions.h"
#include "tests/fuzz/fuzz.h"

/* A timeline, of whatever version, is the same again when it is kept as it is now. */
static inline void same_timeline(const struct prof_timeline *t, const struct prof_limits *limits)
{
	struct prof_buf first, second;
	struct prof_err e = {0};
	struct prof_timeline *back = prof_timeline_new(limits, &e);

	must(back != NULL);
	prof_buf_init(&first, NULL, NULL);
	prof_buf_init(&second, NULL, NULL);
	prof_timeline_encode(t, &first);
	must(!prof_timeline_decode(first.p, first.n, PROF_STR("x"), back, &e));
	must(back->cycles.n == t->cycles.n && back->ranges.n == t->ranges.n);
	for (size_t i = 0; i < t->cycles.n; i++)
		must(back->cycles.v[i].start_ns == t->cycles.v[i].start_ns &&
			back->cycles.v[i].sweep_term_cpu_ns == t->cycles.v[i].sweep_term_cpu_ns &&
			back->cycles.v[i].mark_term_cpu_ns == t->cycles.v[i].mark_term_cpu_ns);
	for (size_t i = 0; i < t->ranges.n; i++)
		must(back->ranges.v[i].start_ns == t->ranges.v[i].start_ns &&
			back->ranges.v[i].end_ns == t->ranges.v[i].end_ns);
	prof_timeline_encode(back, &second);
	must(first.n == second.n && !memcmp(first.p, second.p, first.n));
	prof_buf_fini(&first);
	prof_buf_fini(&second);
	prof_timeline_free(back);
}

static inline void times_come_back(struct prof_rd r, size_t memory)
{
	struct prof_mem mem = {.limit = memory};
	struct prof_times t = {0}, again = {0};
	struct prof_err e = {0};
	struct prof_buf b;

	prof_buf_init(&b, NULL, NULL);
	must(prof_times_get(&r, &mem, &t, &e) == 0);
	if (!r.why) {
		prof_times_put(&t, &b);
		r = prof_rd_of(b.p, b.n);
		must(prof_times_get(&r, &mem, &again, &e) == 0 && !r.why);
		must(again.n == t.n && (!t.n || !memcmp(again.v, t.v, t.n * sizeof(*t.v))));
	}
	prof_vec_fini(&mem, &t);
	prof_vec_fini(&mem, &again);
	prof_buf_fini(&b);
	must(mem.used == 0);
}

static inline void goroutines_are_in_pages(struct prof_rd r, size_t memory, uint32_t pages)
{
	struct prof_mem mem = {.limit = memory};
	struct prof_who x = {0};
	struct prof_err e = {0};

	must(prof_who_get(&r, &mem, pages, &x, &e) == 0);
	for (size_t i = 0; !r.why && i < x.ids.n; i++) {
		uint32_t page = prof_who_page(&x, x.ids.v[i], 0);

		must(page < pages && prof_who_page(&x, x.ids.v[i], page) == page);
		must(prof_who_page(&x, x.ids.v[i], pages) == PROF_NONE);
	}
	prof_who_fini(&x, &mem);
	must(mem.used == 0);
}

#endif
