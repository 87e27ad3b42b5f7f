#include "libprof/store/timeline.h"

#include <string.h>

#include "libprof/store/bytes.h"

/* The later one has MemStats, too. */
enum { FIRST_VERSION = 1, VERSION = 2 };

#define FARTHEST ((int64_t)1 << 59)
#define LATEST ((int64_t)1 << 61) /* as read/memstats.c */

/* Who adds a field adds it here. */
_Static_assert(
	sizeof(void *) != 8 ||
		(sizeof(struct prof_timeline_source) == 120 && sizeof(struct prof_segment) == 128 &&
			sizeof(struct prof_gc_cycle) == 168 &&
			sizeof(struct prof_gc_pacing) == 160 &&
			sizeof(struct prof_gc_share) == 88 && sizeof(struct prof_memstats) == 4232),
	"prof_timeline_encode");

/* A string, kept in the timeline; its NUL stands behind it. */
static int get_str(
	struct prof_rd *r, struct prof_timeline *t, struct prof_str *out, struct prof_err *e)
{
	struct prof_str s = prof_rd_str(r);
	uint32_t id;
	int rc = prof_strtab_add(&t->strings, s.p, s.len, &id, e);

	if (!rc)
		*out = prof_strtab_get(&t->strings, id);
	return rc;
}

/* The integers of each kind of record, in their order. */
#define SOURCE_INTS(s) \
	{ \
		&(s)->lines, &(s)->gc_lines, &(s)->pacer_lines, &(s)->scav_lines, \
			&(s)->sched_lines, &(s)->scan_lines, &(s)->detail_lines, \
			&(s)->other_lines, &(s)->unreadable, &(s)->first_unreadable_line \
	}
#define CYCLE_INTS(c) \
	{ \
		&(c)->n, &(c)->start_ns, &(c)->sweep_term_ns, &(c)->mark_ns, &(c)->mark_term_ns, \
			&(c)->both_pauses_ns, &(c)->sweep_term_cpu_ns, &(c)->mark_term_cpu_ns, \
			&(c)->assist_cpu_ns, &(c)->dedicated_cpu_ns, &(c)->fractional_cpu_ns, \
			&(c)->idle_cpu_ns, &(c)->start_bytes, &(c)->end_bytes, &(c)->live_bytes, \
			&(c)->goal_bytes, &(c)->stacks_bytes, &(c)->globals_bytes \
	}
#define PACING_INTS(p) \
	{ \
		&(p)->dedicated_workers, &(p)->cpu_percent, &(p)->heap_work_bytes, \
			&(p)->stack_work_bytes, &(p)->globals_work_bytes, \
			&(p)->expected_work_bytes, &(p)->trigger_bytes, &(p)->end_bytes, \
			&(p)->goal_bytes, &(p)->swept_pages, &(p)->sweep_allocated_bytes, \
			&(p)->scan_objects, &(p)->scan_spans, &(p)->scavenged_bytes, \
			&(p)->released_bytes, &(p)->util_percent \
	}
#define SHARE_INTS(s) \
	{ \
		&(s)->goroutine, &(s)->assist_ns, &(s)->sweep_ns, &(s)->mark_ns, &(s)->delayed_ns, \
			&(s)->swept_bytes, &(s)->reclaimed_bytes \
	}
#define MEMSTATS_INTS(s) \
	{ \
		&(s)->n_gc, &(s)->n_forced, &(s)->last_gc_unix_ns, &(s)->heap_bytes, \
			&(s)->next_goal_bytes, &(s)->heap_objects, &(s)->total_alloc_bytes, \
			&(s)->mallocs, &(s)->frees, &(s)->heap_in_use_bytes, \
			&(s)->heap_idle_bytes, &(s)->heap_released_bytes, &(s)->stacks_bytes, \
			&(s)->sys_bytes, &(s)->max_rss_bytes \
	}
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void put_ints(struct prof_buf *b, const int64_t *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		prof_put_varint(b, *list[i]);
}

/* Times and sizes that sums cannot overflow with. */
static int64_t get_bounded(struct prof_rd *r)
{
	int64_t v = prof_rd_varint(r);

	if (v != PROF_ABSENT && (v > FARTHEST || v < -FARTHEST))
		prof_rd_fail(r, "a number is out of range");
	return r->why ? 0 : v;
}

static void get_ints(struct prof_rd *r, int64_t *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*list[i] = get_bounded(r);
}

static void put_cycle(struct prof_buf *b, const struct prof_gc_cycle *c)
{
	const int64_t *const ints[] = CYCLE_INTS(c);

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

static void put_segment(
	struct prof_buf *b, const struct prof_timeline *t, const struct prof_segment *s)
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
	for (uint32_t i = 0; i < s->n_cycles; i++)
		put_cycle(b, &t->cycles.v[s->first_cycle + i]);
	prof_put_uvarint(b, s->n_ranges);
	for (uint32_t i = 0; i < s->n_ranges; i++) {
		const struct prof_range *r = &t->ranges.v[s->first_range + i];

		prof_put_uvarint(b, r->kind);
		prof_put_str(b, prof_strtab_get(&t->strings, r->name));
		prof_put_varint(b, r->start_ns);
		prof_put_varint(b, r->end_ns);
		prof_put_varint(b, r->goroutine);
	}
}

static void put_series(struct prof_buf *b, const struct prof_timeline_series *s)
{
	struct prof_point last = {0, 0};

	prof_put_str(b, prof_str_of(s->name));
	prof_put_str(b, prof_str_of(s->unit));
	prof_put_uvarint(b, s->segment);
	prof_put_uvarint(b, s->points.n);
	for (size_t i = 0; i < s->points.n; i++) {
		prof_put_varint(b, (int64_t)((uint64_t)s->points.v[i].t_ns - (uint64_t)last.t_ns));
		prof_put_varint(
			b, (int64_t)((uint64_t)s->points.v[i].value - (uint64_t)last.value));
		last = s->points.v[i];
	}
}

static void put_share(
	struct prof_buf *b, const struct prof_timeline *t, const struct prof_gc_share *s)
{
	const int64_t *const ints[] = SHARE_INTS(s);

	prof_put_uvarint(b, s->segment);
	prof_put_str(b, prof_strtab_get(&t->strings, s->name));
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

void prof_timeline_encode(const struct prof_timeline *t, struct prof_buf *out)
{
	prof_put_uvarint(out, t->memstats.n ? VERSION : FIRST_VERSION);
	prof_put_uvarint(out, t->sources.n);
	for (size_t i = 0; i < t->sources.n; i++)
		put_source(out, &t->sources.v[i]);
	prof_put_uvarint(out, t->pacing.n);
	for (size_t i = 0; i < t->pacing.n; i++)
		put_pacing(out, &t->pacing.v[i]);
	prof_put_uvarint(out, t->segments.n);
	for (size_t i = 0; i < t->segments.n; i++)
		put_segment(out, t, &t->segments.v[i]);
	prof_put_uvarint(out, t->series.n);
	for (size_t i = 0; i < t->series.n; i++)
		put_series(out, &t->series.v[i]);
	prof_put_uvarint(out, t->shares.n);
	for (size_t i = 0; i < t->shares.n; i++)
		put_share(out, t, &t->shares.v[i]);
	if (!t->memstats.n)
		return;
	prof_put_uvarint(out, t->memstats.n);
	for (size_t i = 0; i < t->memstats.n; i++)
		put_memstats(out, &t->memstats.v[i]);
}

/* A decoding: what the bytes count from is where the timeline ended before. */
struct decoder {
	struct prof_rd r;
	struct prof_timeline *t;
	size_t first_source, first_segment, first_pacing;
	struct prof_err *e;
};

static int get_source(struct decoder *d, struct prof_str as)
{
	struct prof_timeline_source *s;
	int rc = prof_timeline_add_source(
		d->t, as, (enum prof_timeline_kind)prof_rd_id(&d->r, PROF_TIMELINE_HEAP + 1), d->e);

	if (rc)
		return rc;
	s = &d->t->sources.v[d->t->sources.n - 1];
	get_ints(&d->r, (int64_t *const[])SOURCE_INTS(s), 10);
	return get_str(&d->r, d->t, &s->first_unreadable, d->e);
}

static int get_pacing(struct decoder *d)
{
	struct prof_gc_pacing *p;
	int rc = prof_vec_reserve(&d->t->mem, &d->t->pacing, 1, d->e);

	if (rc)
		return rc;
	p = &d->t->pacing.v[d->t->pacing.n++];
	prof_gc_pacing_init(p);
	get_ints(&d->r, (int64_t *const[])PACING_INTS(p), 16);
	p->assist_ratio = prof_rd_real(&d->r);
	p->fractional_goal = prof_rd_real(&d->r);
	p->cons_mark = prof_rd_real(&d->r);
	p->controller_reset = prof_rd_uvarint(&d->r) != 0;
	return 0;
}

static int get_cycle(struct decoder *d, bool in_segment)
{
	struct prof_gc_cycle c;
	uint32_t pacing;

	prof_gc_cycle_init(&c);
	get_ints(&d->r, (int64_t *const[])CYCLE_INTS(&c), 18);
	c.procs = (int32_t)prof_rd_varint(&d->r);
	c.running_cpu = prof_rd_real(&d->r);
	c.reason = (uint8_t)prof_rd_id(&d->r, PROF_GC_NOT_TOLD + 1);
	pacing = prof_rd_id(&d->r, d->t->pacing.n - d->first_pacing + 1);
	c.pacing = pacing ? (uint32_t)(d->first_pacing + pacing - 1) : PROF_NONE;
	if (in_segment && d->t->cycles.v[d->t->cycles.n - 1].start_ns > c.start_ns)
		prof_rd_fail(&d->r, "cycles are not in order");
	return d->r.why ? 0 : prof_timeline_add_cycle(d->t, &c, d->e);
}

static int get_range(struct decoder *d)
{
	struct prof_range range = {
		.kind = (enum prof_trace_range)prof_rd_id(&d->r, PROF_RANGE_STW + 1)};
	struct prof_str name;
	int rc = get_str(&d->r, d->t, &name, d->e);

	if (!rc)
		rc = prof_strtab_add(&d->t->strings, name.p, name.len, &range.name, d->e);
	range.start_ns = get_bounded(&d->r);
	range.end_ns = get_bounded(&d->r);
	range.goroutine = prof_rd_varint(&d->r);
	return rc || d->r.why ? rc : prof_timeline_add_range(d->t, &range, d->e);
}

static int get_segment(struct decoder *d)
{
	struct prof_segment *s;
	uint32_t source = prof_rd_id(&d->r, d->t->sources.n - d->first_source);
	int64_t unit = get_bounded(&d->r), lost = get_bounded(&d->r);
	int64_t end = get_bounded(&d->r), wall = prof_rd_varint(&d->r);
	int64_t forced = get_bounded(&d->r);
	bool ends_only = prof_rd_uvarint(&d->r) != 0;
	size_t place = d->t->segments.n;
	int rc = prof_timeline_add_segment(d->t, unit, d->e);

	if (rc)
		return rc;
	s = &d->t->segments.v[place];
	s->source = (uint32_t)(d->first_source + source);
	s->lost_cycles = lost;
	s->wall_ns = wall;
	s->forced = forced;
	s->ends_only = ends_only;
	for (int i = 0; i < PROF_TIMELINE_WINDOWS; i++)
		s->utilisation[i] = prof_rd_real(&d->r);
	for (uint64_t n = prof_rd_count(&d->r, 22); !rc && n && !d->r.why; n--)
		rc = get_cycle(d, d->t->segments.v[place].n_cycles > 0);
	for (uint64_t n = prof_rd_count(&d->r, 5); !rc && n && !d->r.why; n--)
		rc = get_range(d);
	if (unit < 1 || end < d->t->segments.v[place].end_ns)
		prof_rd_fail(&d->r, "a segment that cannot be");
	d->t->segments.v[place].end_ns = end;
	return rc;
}

static int get_series(struct decoder *d)
{
	struct prof_timeline_series *s;
	struct prof_point last = {0, 0};
	struct prof_str name, unit;
	uint32_t segment;
	int rc = get_str(&d->r, d->t, &name, d->e);

	if (!rc)
		rc = get_str(&d->r, d->t, &unit, d->e);
	segment = prof_rd_id(&d->r, d->t->segments.n - d->first_segment);
	if (!rc)
		rc = prof_vec_reserve(&d->t->mem, &d->t->series, 1, d->e);
	if (rc)
		return rc;
	s = &d->t->series.v[d->t->series.n++];
	*s = (struct prof_timeline_series){
		.name = name.p, .unit = unit.p, .segment = (uint32_t)(d->first_segment + segment)};
	for (uint64_t n = prof_rd_count(&d->r, 2); !rc && n && !d->r.why; n--) {
		last.t_ns = (int64_t)((uint64_t)last.t_ns + (uint64_t)get_bounded(&d->r));
		last.value = (int64_t)((uint64_t)last.value + (uint64_t)prof_rd_varint(&d->r));
		rc = prof_vec_reserve(&d->t->mem, &s->points, 1, d->e);
		if (!rc)
			s->points.v[s->points.n++] = last;
	}
	return rc;
}

static int get_share(struct decoder *d)
{
	struct prof_gc_share s = {
		.segment = prof_rd_id(&d->r, d->t->segments.n - d->first_segment)};
	struct prof_str name;
	int rc = get_str(&d->r, d->t, &name, d->e);

	s.segment += (uint32_t)d->first_segment;
	s.goroutines = prof_rd_uvarint(&d->r);
	s.assists = prof_rd_uvarint(&d->r);
	s.sweeps = prof_rd_uvarint(&d->r);
	get_ints(&d->r, (int64_t *const[])SHARE_INTS(&s), 7);
	if (!rc)
		rc = prof_strtab_add(&d->t->strings, name.p, name.len, &s.name, d->e);
	if (!rc && !d->r.why)
		rc = prof_vec_reserve(&d->t->mem, &d->t->shares, 1, d->e);
	if (!rc && !d->r.why)
		d->t->shares.v[d->t->shares.n++] = s;
	return rc;
}

static void get_ring(struct prof_rd *r, int64_t ring[PROF_MEMSTATS_RING], int64_t most)
{
	int64_t last = 0;

	for (int i = 0; i < PROF_MEMSTATS_RING; i++) {
		last = (int64_t)((uint64_t)last + (uint64_t)prof_rd_varint(r));
		if (last < 0 || last > most) {
			prof_rd_fail(r, "a number is out of range");
			last = 0;
		}
		ring[i] = last;
	}
}

static int get_memstats(struct decoder *d)
{
	struct prof_memstats *s;
	int rc = prof_vec_reserve(&d->t->mem, &d->t->memstats, 1, d->e);

	if (rc)
		return rc;
	s = &d->t->memstats.v[d->t->memstats.n++];
	prof_memstats_init(s);
	s->source = prof_rd_id(&d->r, d->t->sources.n - d->first_source);
	s->source += (uint32_t)d->first_source;
	int64_t *const ints[] = MEMSTATS_INTS(s);

	for (size_t i = 0; i < COUNT(ints); i++) {
		int64_t v = prof_rd_varint(&d->r);

		if (v != PROF_ABSENT && v != INT64_MAX && (v < 0 || v > LATEST))
			prof_rd_fail(&d->r, "a number is out of range");
		*ints[i] = d->r.why ? 0 : v;
	}
	s->gc_cpu = prof_rd_real(&d->r);
	get_ring(&d->r, s->pause_ns, FARTHEST);
	get_ring(&d->r, s->pause_end_unix_ns, LATEST);
	return 0;
}

int prof_timeline_decode(
	const void *p, size_t n, struct prof_str as, struct prof_timeline *t, struct prof_err *e)
{
	struct decoder d = {.r = prof_rd_of(p, n),
		.t = t,
		.first_source = t->sources.n,
		.first_segment = t->segments.n,
		.first_pacing = t->pacing.n,
		.e = e};
	uint64_t version = prof_rd_uvarint(&d.r);
	int rc = 0;

	if (version < FIRST_VERSION || version > VERSION)
		prof_rd_fail(&d.r, "a timeline of another version");
	for (uint64_t k = prof_rd_count(&d.r, 12); !rc && k && !d.r.why; k--)
		rc = get_source(&d, as);
	for (uint64_t k = prof_rd_count(&d.r, 20); !rc && k && !d.r.why; k--)
		rc = get_pacing(&d);
	for (uint64_t k = prof_rd_count(&d.r, 16); !rc && k && !d.r.why; k--)
		rc = get_segment(&d);
	for (uint64_t k = prof_rd_count(&d.r, 4); !rc && k && !d.r.why; k--)
		rc = get_series(&d);
	for (uint64_t k = prof_rd_count(&d.r, 12); !rc && k && !d.r.why; k--)
		rc = get_share(&d);
	if (version == VERSION)
		for (uint64_t k = prof_rd_count(&d.r, 520); !rc && k && !d.r.why; k--)
			rc = get_memstats(&d);
	if (!rc)
		prof_rd_end(&d.r, "bytes behind its end");
	if (!rc && d.r.why)
		rc = prof_fail(
			e, PROF_EFORMAT, PROF_NO_OFFSET, "is damaged: a timeline: %s", d.r.why);
	return rc;
}
