#include "libprof/store/timeline.h"

#include <string.h>

#include "libprof/store/bytes.h"
#include "libprof/store/records.h"
#include "libprof/store/timeline_fields.h"

static void put_ints(struct prof_buf *b, const int64_t *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		prof_put_varint(b, *list[i]);
}

/* Of how many Ps the CPU is that a pause takes, at most: a log's runtime counts no more than the
 * machine has. Told by the longest pause among those of the most Ps.
 */
static int64_t stopped_procs(const struct prof_timeline *t)
{
	const struct prof_gc_cycle *best = NULL;

	for (size_t i = 0; i < t->cycles.n; i++) {
		const struct prof_gc_cycle *c = &t->cycles.v[i];

		if (c->sweep_term_ns > 0 && c->sweep_term_cpu_ns > 0 &&
			(!best || c->procs > best->procs ||
				(c->procs == best->procs &&
					c->sweep_term_ns > best->sweep_term_ns)))
			best = c;
	}
	return best ? (best->sweep_term_cpu_ns + best->sweep_term_ns / 2) / best->sweep_term_ns : 0;
}

static int64_t difference(int64_t value, int64_t base)
{
	return value == PROF_ABSENT ? value : value - base;
}

static void put_cycle(struct prof_buf *b, const struct prof_gc_cycle *c, int64_t stopped)
{
	struct prof_gc_cycle told = *c;
	const int64_t *const ints[] = CYCLE_INTS(&told);

	told.sweep_term_cpu_ns = difference(
		c->sweep_term_cpu_ns, pause_cpu(c, c->sweep_term_ns, stopped));
	told.mark_term_cpu_ns = difference(
		c->mark_term_cpu_ns, pause_cpu(c, c->mark_term_ns, stopped));

	put_ints(b, ints, COUNT(ints));
	prof_put_varint(b, c->procs);
	prof_put_real(b, c->running_cpu);
	prof_put_uvarint(b, c->reason);
	prof_put_uvarint(b, c->pacing == PROF_NONE ? 0 : (uint64_t)c->pacing + 1);
}

static void put_pacing(struct prof_buf *b, const struct prof_gc_pacing *p)
{
	const int64_t *const ints[] = PACING_INTS(p);

	put_ints(b, ints, COUNT(ints));
	prof_put_real(b, p->assist_ratio);
	prof_put_real(b, p->fractional_goal);
	prof_put_real(b, p->cons_mark);
	prof_put_uvarint(b, p->controller_reset);
}

static void put_source(struct prof_buf *b, const struct prof_timeline_source *s)
{
	const int64_t *const ints[] = SOURCE_INTS(s);

	prof_put_uvarint(b, s->kind);
	put_ints(b, ints, COUNT(ints));
	prof_put_str(b, s->first_unreadable);
}

static void put_segment(struct prof_buf *b, const struct prof_segment *s)
{
	prof_put_uvarint(b, s->source);
	prof_put_varint(b, s->size_unit);
	prof_put_varint(b, s->lost_cycles);
	prof_put_varint(b, s->end_ns);
	prof_put_varint(b, s->wall_ns);
	prof_put_varint(b, s->forced);
	prof_put_uvarint(b, s->ends_only);
	for (int i = 0; i < PROF_TIMELINE_WINDOWS; i++)
		prof_put_real(b, s->utilisation[i]);
	prof_put_uvarint(b, s->n_cycles);
	prof_put_uvarint(b, s->n_ranges);
}

/* Strings of a timeline that are named by their numbers. */
struct names {
	struct prof_buf numbers; /* uint32_t by string: its number, from 1; 0: it has none yet */
	struct prof_buf texts;
	uint32_t n;
};

static void names_init(struct names *x, const struct prof_timeline *t)
{
	*x = (struct names){0};
	prof_buf_init(&x->numbers, NULL, NULL);
	prof_buf_init(&x->texts, NULL, NULL);
	prof_buf_fill(&x->numbers, 0, t->strings.strs.n * sizeof(uint32_t));
}

static uint32_t number_of(struct names *x, const struct prof_timeline *t, uint32_t string)
{
	char *place = x->numbers.p + string * sizeof(uint32_t);
	uint32_t number = 0;

	if (x->numbers.code)
		return 0;
	memcpy(&number, place, sizeof(number));
	if (!number) {
		number = ++x->n;
		memcpy(place, &number, sizeof(number));
		prof_put_str(&x->texts, prof_strtab_get(&t->strings, string));
	}
	return number - 1;
}

/* How many pauses of cycles are passed by until the one that it is, and that one; 0: it is none of
 * them, and its times follow.
 */
static void put_range(struct prof_buf *b, struct names *x, const struct prof_timeline *t,
	const struct prof_range *r, struct pauses *pauses)
{
	uint64_t passed = pass_pauses(pauses, r->start_ns);
	bool is_pause = has_pause(pauses) && pauses->start_ns == r->start_ns &&
			pauses->end_ns == r->end_ns;

	prof_put_uvarint(b, r->kind);
	prof_put_uvarint(b, number_of(x, t, r->name));
	prof_put_uvarint(b, is_pause ? passed + 1 : 0);
	prof_put_varint(b, is_pause ? PROF_ABSENT : r->start_ns);
	prof_put_varint(b, is_pause ? PROF_ABSENT : r->end_ns);
	prof_put_varint(b, r->goroutine);
	pauses->at += is_pause;
}

static void put_ranges(struct prof_buf *out, struct names *x, const struct prof_timeline *t)
{
	struct prof_buf plain;

	prof_buf_init(&plain, NULL, NULL);
	for (size_t i = 0; i < t->segments.n; i++) {
		const struct prof_segment *s = &t->segments.v[i];
		struct pauses pauses = pauses_of(t, s);

		for (size_t k = 0; k < s->n_ranges; k++)
			put_range(&plain, x, t, &t->ranges.v[s->first_range + k], &pauses);
	}
	prof_records_put(out, &plain, t->ranges.n, RANGE_WIDTH);
	prof_buf_fini(&plain);
}

static void put_series(struct prof_buf *b, const struct prof_timeline_series *s)
{
	struct prof_buf plain;

	prof_put_str(b, prof_str_of(s->name));
	prof_put_str(b, prof_str_of(s->unit));
	prof_put_uvarint(b, s->segment);
	prof_buf_init(&plain, NULL, NULL);
	for (size_t i = 0; i < s->points.n; i++) {
		prof_put_varint(&plain, s->points.v[i].t_ns);
		prof_put_varint(&plain, s->points.v[i].value);
	}
	prof_records_put(b, &plain, s->points.n, POINT_WIDTH);
	prof_buf_fini(&plain);
}

static void put_share(struct prof_buf *b, struct names *x, const struct prof_timeline *t,
	const struct prof_gc_share *s)
{
	const int64_t *const ints[] = SHARE_INTS(s);

	prof_put_uvarint(b, s->segment);
	prof_put_uvarint(b, number_of(x, t, s->name));
	prof_put_uvarint(b, s->goroutines);
	prof_put_uvarint(b, s->assists);
	prof_put_uvarint(b, s->sweeps);
	put_ints(b, ints, COUNT(ints));
}

/* A ring as differences: times rise, and pauses are alike. */
static void put_ring(struct prof_buf *b, const int64_t ring[PROF_MEMSTATS_RING])
{
	int64_t last = 0;

	for (int i = 0; i < PROF_MEMSTATS_RING; i++) {
		prof_put_varint(b, (int64_t)((uint64_t)ring[i] - (uint64_t)last));
		last = ring[i];
	}
}

static void put_memstats(struct prof_buf *b, const struct prof_memstats *s)
{
	const int64_t *const ints[] = MEMSTATS_INTS(s);

	prof_put_uvarint(b, s->source);
	put_ints(b, ints, COUNT(ints));
	prof_put_real(b, s->gc_cpu);
	put_ring(b, s->pause_ns);
	put_ring(b, s->pause_end_unix_ns);
}

/* Records of a kind, each as `put` has it. */
#define PUT_RECORDS(out, vec, width, put) \
	do { \
		struct prof_buf plain_; \
		prof_buf_init(&plain_, NULL, NULL); \
		for (size_t i = 0; i < (vec)->n; i++) \
			put; \
		prof_records_put(out, &plain_, (vec)->n, width); \
		prof_buf_fini(&plain_); \
	} while (0)

void prof_timeline_encode(const struct prof_timeline *t, struct prof_buf *out)
{
	int64_t stopped = stopped_procs(t);
	struct prof_buf ranges, shares;
	struct names names;

	names_init(&names, t);
	prof_buf_init(&ranges, NULL, NULL);
	prof_buf_init(&shares, NULL, NULL);
	put_ranges(&ranges, &names, t);
	PUT_RECORDS(
		&shares, &t->shares, SHARE_WIDTH, put_share(&plain_, &names, t, &t->shares.v[i]));
	prof_put_uvarint(out, VERSION);
	prof_put_uvarint(out, t->sources.n);
	for (size_t i = 0; i < t->sources.n; i++)
		put_source(out, &t->sources.v[i]);
	prof_put_uvarint(out, names.n);
	prof_buf_put(out, names.texts.p, names.texts.n);
	PUT_RECORDS(out, &t->pacing, PACING_WIDTH, put_pacing(&plain_, &t->pacing.v[i]));
	prof_put_varint(out, stopped);
	PUT_RECORDS(out, &t->cycles, CYCLE_WIDTH, put_cycle(&plain_, &t->cycles.v[i], stopped));
	prof_buf_put(out, ranges.p, ranges.n);
	prof_put_uvarint(out, t->segments.n);
	for (size_t i = 0; i < t->segments.n; i++)
		put_segment(out, &t->segments.v[i]);
	prof_put_uvarint(out, t->series.n);
	for (size_t i = 0; i < t->series.n; i++)
		put_series(out, &t->series.v[i]);
	prof_buf_put(out, shares.p, shares.n);
	prof_put_uvarint(out, t->memstats.n);
	for (size_t i = 0; i < t->memstats.n; i++)
		put_memstats(out, &t->memstats.v[i]);
	if (ranges.code || shares.code || names.numbers.code || names.texts.code)
		out->code = PROF_ENOMEM;
	prof_buf_fini(&ranges);
	prof_buf_fini(&shares);
	prof_buf_fini(&names.numbers);
	prof_buf_fini(&names.texts);
}
