/* Timelines come back from their bytes as they were, whatever they are, and take little where one
 * number tells another.
 */
#include "tests/unit/random.h"
#include "tests/unit/unit.h"

#include <string.h>

#include "libprof/store/timeline.h"
#include "libprof/store/timeline_fields.h"

static struct prof_err err;

static struct prof_timeline *new_timeline(enum prof_timeline_kind kind)
{
	struct prof_limits limits;
	struct prof_timeline *t;

	prof_limits_init(&limits);
	t = prof_timeline_new(&limits, &err);
	assert_non_null(t);
	assert_ok(prof_timeline_add_source(t, PROF_STR(""), kind, &err), &err);
	return t;
}

static struct prof_timeline *decode(const struct prof_buf *b)
{
	struct prof_limits limits;
	struct prof_timeline *t;

	prof_limits_init(&limits);
	t = prof_timeline_new(&limits, &err);
	assert_non_null(t);
	err = (struct prof_err){0};
	if (!prof_timeline_decode(b->p, b->n, PROF_STR(""), t, &err))
		return t;
	prof_timeline_free(t);
	return NULL;
}

static void same_cycle(const struct prof_gc_cycle *a, const struct prof_gc_cycle *b)
{
	const int64_t *const was[] = CYCLE_INTS(a), *const is[] = CYCLE_INTS(b);

	for (size_t i = 0; i < COUNT(was); i++)
		assert_int_equal(*is[i], *was[i]);
	assert_int_equal(b->procs, a->procs);
	assert_int_equal(b->reason, a->reason);
	assert_memory_equal(&b->running_cpu, &a->running_cpu, sizeof(double));
}

/* How many bytes it took. */
static size_t round_trip(struct prof_timeline *t)
{
	struct prof_timeline *back;
	struct prof_buf b, again;
	size_t bytes;

	prof_buf_init(&b, NULL, NULL);
	prof_buf_init(&again, NULL, NULL);
	prof_timeline_encode(t, &b);
	assert_int_equal(b.code, 0);
	assert_true(prof_timeline_is_new(b.p, b.n));
	back = decode(&b);
	if (!back)
		fail_msg("%s", err.msg);
	assert_null(prof_timeline_check(back));
	assert_int_equal(back->segments.n, t->segments.n);
	assert_int_equal(back->cycles.n, t->cycles.n);
	assert_int_equal(back->ranges.n, t->ranges.n);
	for (size_t i = 0; i < t->cycles.n; i++)
		same_cycle(&t->cycles.v[i], &back->cycles.v[i]);
	for (size_t i = 0; i < t->ranges.n; i++) {
		const struct prof_range *was = &t->ranges.v[i], *is = &back->ranges.v[i];

		assert_int_equal(is->kind, was->kind);
		assert_int_equal(is->start_ns, was->start_ns);
		assert_int_equal(is->end_ns, was->end_ns);
		assert_int_equal(is->goroutine, was->goroutine);
		assert_true(prof_str_eq(prof_strtab_get(&back->strings, is->name),
			prof_strtab_get(&t->strings, was->name)));
	}
	prof_timeline_encode(back, &again);
	assert_int_equal(again.n, b.n);
	assert_memory_equal(again.p, b.p, b.n);
	bytes = b.n;
	prof_buf_fini(&b);
	prof_buf_fini(&again);
	prof_timeline_free(back);
	return bytes;
}

static uint32_t name(struct prof_timeline *t, const char *text)
{
	uint32_t id;

	assert_ok(prof_strtab_add(&t->strings, text, strlen(text), &id, &err), &err);
	return id;
}

static void add_pause(struct prof_timeline *t, const char *why, int64_t start, int64_t end)
{
	const struct prof_range r = {.kind = PROF_RANGE_STW,
		.name = name(t, why),
		.start_ns = start,
		.end_ns = end,
		.goroutine = 7};

	assert_ok(prof_timeline_add_range(t, &r, &err), &err);
}

/* A trace of n cycles, whose pauses are `wrong` ns longer than they say. */
static struct prof_timeline *new_trace(size_t n, int64_t wrong)
{
	struct prof_timeline *t = new_timeline(PROF_TIMELINE_TRACE);
	struct random_wire random = {.seed = 1};
	int64_t now = 0;

	assert_ok(prof_timeline_add_segment(t, 1, &err), &err);
	add_pause(t, "start trace", 0, 100);
	for (size_t i = 0; i < n; i++) {
		struct prof_gc_cycle c;

		prof_gc_cycle_init(&c);
		c.start_ns = now += 1000 + random_below(&random, 2000000);
		c.sweep_term_ns = random_below(&random, 100000);
		c.mark_ns = random_below(&random, 1000000);
		c.mark_term_ns = random_below(&random, 100000);
		c.procs = i < n / 2 ? 10 : 3;
		c.sweep_term_cpu_ns = c.sweep_term_ns * c.procs + wrong;
		c.mark_term_cpu_ns = c.mark_term_ns * c.procs - wrong;
		assert_ok(prof_timeline_add_cycle(t, &c, &err), &err);
		add_pause(t, "GC sweep termination", now, now + c.sweep_term_ns + wrong);
		now += c.sweep_term_ns + c.mark_ns;
		add_pause(t, "GC mark termination", now, now + c.mark_term_ns + wrong);
		now += c.mark_term_ns;
	}
	return t;
}

static void pauses_of_cycles_take_nearly_nothing(void **state)
{
	enum { CYCLES = 1000 };
	struct prof_timeline *t = new_trace(CYCLES, 0), *other = new_trace(CYCLES, 1);
	size_t bytes = round_trip(t), more = round_trip(other);

	(void)state;
	/* Of cycles and pauses what is different from one to the next: four numbers of about three
	 * bytes, and a byte of each column that is not constant.
	 */
	assert_in_range(bytes, 4 * 2 * CYCLES, 25 * CYCLES);
	assert_in_range(more, bytes + 2 * 4 * CYCLES, 3 * bytes);
	prof_timeline_free(t);
	prof_timeline_free(other);
}

/* A cycle's end is what some of them make up together. */
static int64_t odd(struct random_wire *random)
{
	int64_t v = (int64_t)(random_number(random) & (((uint64_t)1 << 57) - 1));

	if (!random_below(random, 4))
		return PROF_ABSENT;
	return random_below(random, 4) ? v >> random_below(random, 50) : -v;
}

static void add_odd_cycle(struct prof_timeline *t, struct random_wire *random, int64_t *now)
{
	struct prof_gc_cycle c;
	int64_t *const ints[] = CYCLE_INTS(&c);

	prof_gc_cycle_init(&c);
	for (size_t i = 0; i < COUNT(ints); i++)
		*ints[i] = odd(random);
	c.start_ns = *now += random_below(random, 3);
	c.procs = (int32_t)random_next(random) >> random_below(random, 32);
	c.running_cpu = (double)random_below(random, 100) / 100;
	c.reason = (uint8_t)random_below(random, PROF_GC_NOT_TOLD + 1);
	assert_ok(prof_timeline_add_cycle(t, &c, &err), &err);
}

/* Some are pauses of the segment's cycles, in their order or not, others are none. */
static void add_odd_range(struct prof_timeline *t, struct random_wire *random)
{
	const struct prof_segment *s = &t->segments.v[t->segments.n - 1];
	int64_t start = odd(random), end = odd(random);

	if (s->n_cycles && random_below(random, 3))
		prof_gc_cycle_pause(
			&t->cycles.v[s->first_cycle + random_below(random, s->n_cycles)],
			random_below(random, 2), &start, &end);
	if (start <= FARTHEST && start >= -FARTHEST && end <= FARTHEST && end >= -FARTHEST)
		add_pause(t, random_below(random, 2) ? "" : "odd", start, end);
}

static void all_timelines_come_back(void **state)
{
	struct random_wire random = {.seed = 2};
	size_t ranges = 0;

	(void)state;
	for (unsigned k = 0; k < 2000; k++) {
		struct prof_timeline *t = new_timeline(PROF_TIMELINE_TRACE);

		for (unsigned s = random_below(&random, 4); s; s--) {
			int64_t now = 0;

			assert_ok(prof_timeline_add_segment(t, 1, &err), &err);
			for (unsigned i = random_below(&random, 6); i; i--)
				add_odd_cycle(t, &random, &now);
			for (unsigned i = random_below(&random, 9); i; i--)
				add_odd_range(t, &random);
		}
		ranges += t->ranges.n;
		round_trip(t);
		prof_timeline_free(t);
	}
	assert_true(ranges > 1000);
}

/* Each byte of one as each other: it is refused, or is a timeline. */
static void damaged_timelines_are_refused(void **state)
{
	struct prof_timeline *t = new_trace(5, 0), *other;
	unsigned no_cycle = 0, read = 0;
	struct prof_buf b;

	(void)state;
	prof_buf_init(&b, NULL, NULL);
	prof_timeline_encode(t, &b);
	for (size_t i = 0; i < b.n; i++) {
		char was = b.p[i];

		for (unsigned c = 1; c < 256; c++) {
			b.p[i] = (char)(was ^ c);
			other = decode(&b);
			no_cycle += !other && strstr(err.msg, "a pause of no cycle");
			read += other != NULL;
			assert_true(!other || prof_timeline_check(other) == NULL);
			prof_timeline_free(other);
		}
		b.p[i] = was;
	}
	assert_true(no_cycle > 10 && read > 100);
	prof_buf_fini(&b);
	prof_timeline_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pauses_of_cycles_take_nearly_nothing),
		cmocka_unit_test(all_timelines_come_back),
		cmocka_unit_test(damaged_timelines_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
