#include "libprof/store/bytes.h"
#include "libprof/store/records.h"
#include "libprof/store/timeline.h"
#include "libprof/store/timeline_fields.h"

#define LATEST ((int64_t)1 << 61) /* as read/memstats.c */

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

/* Times and sizes that sums cannot overflow with. */
static int64_t bounded(struct prof_rd *r, int64_t v)
{
	if (v != PROF_ABSENT && (v > FARTHEST || v < -FARTHEST))
		prof_rd_fail(r, "a number is out of range");
	return r->why ? 0 : v;
}

static int64_t get_bounded(struct prof_rd *r)
{
	return bounded(r, prof_rd_varint(r));
}

static void get_ints(struct prof_rd *r, int64_t *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*list[i] = get_bounded(r);
}

/* A decoding: what the bytes count from is where the timeline ended before. */
struct decoder {
	struct prof_rd r;
	struct prof_timeline *t;
	size_t first_source, first_segment, first_pacing;
	uint64_t version;
	int64_t stopped; /* Ps in pauses, as pause_cpu has it */
	PROF_VEC(uint32_t) names; /* strings, by their numbers */
	struct prof_records pacing, cycles, ranges, shares;
	struct prof_err *e;
};

/* Where the next record of a kind is read from: before version 3 they stand one behind another. */
static struct prof_rd *record(struct decoder *d, struct prof_records *x)
{
	return d->version < IN_COLUMNS ? &d->r : prof_records_next(x);
}

/* What failed in a record fails it all. */
static void check_record(struct decoder *d, const struct prof_rd *r)
{
	if (r->why)
		prof_rd_fail(&d->r, r->why);
}

static int get_name(struct decoder *d, struct prof_rd *r, uint32_t *out)
{
	struct prof_str s;
	uint32_t id;

	if (d->version < IN_COLUMNS) {
		s = prof_rd_str(r);
		return prof_strtab_add(&d->t->strings, s.p, s.len, out, d->e);
	}
	id = prof_rd_id(r, d->names.n);
	*out = r->why ? 0 : d->names.v[id];
	return 0;
}

static int get_names(struct decoder *d)
{
	int rc = 0;

	for (uint64_t n = prof_rd_count(&d->r, 1); !rc && n && !d->r.why; n--) {
		struct prof_str s = prof_rd_str(&d->r);

		rc = prof_vec_reserve(&d->t->mem, &d->names, 1, d->e);
		if (!rc)
			rc = prof_strtab_add(
				&d->t->strings, s.p, s.len, &d->names.v[d->names.n++], d->e);
	}
	return rc;
}

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
	struct prof_rd *r = record(d, &d->pacing);
	struct prof_gc_pacing *p;
	int rc = prof_vec_reserve(&d->t->mem, &d->t->pacing, 1, d->e);

	if (rc)
		return rc;
	p = &d->t->pacing.v[d->t->pacing.n++];
	prof_gc_pacing_init(p);
	get_ints(r, (int64_t *const[])PACING_INTS(p), 16);
	p->assist_ratio = prof_rd_real(r);
	p->fractional_goal = prof_rd_real(r);
	p->cons_mark = prof_rd_real(r);
	p->controller_reset = prof_rd_uvarint(r) != 0;
	check_record(d, r);
	return 0;
}

static int64_t sum(int64_t difference, int64_t base)
{
	return difference == PROF_ABSENT ? difference
					 : (int64_t)((uint64_t)difference + (uint64_t)base);
}

static int get_cycle(struct decoder *d, bool in_segment)
{
	struct prof_rd *r = record(d, &d->cycles);
	struct prof_gc_cycle c;
	int64_t *const ints[] = CYCLE_INTS(&c);
	uint32_t pacing;

	prof_gc_cycle_init(&c);
	for (size_t i = 0; i < COUNT(ints); i++)
		*ints[i] = prof_rd_varint(r);
	c.procs = (int32_t)prof_rd_varint(r);
	c.running_cpu = prof_rd_real(r);
	c.reason = (uint8_t)prof_rd_id(r, PROF_GC_NOT_TOLD + 1);
	pacing = prof_rd_id(r, d->t->pacing.n - d->first_pacing + 1);
	c.sweep_term_cpu_ns = sum(c.sweep_term_cpu_ns, pause_cpu(&c, c.sweep_term_ns, d->stopped));
	c.mark_term_cpu_ns = sum(c.mark_term_cpu_ns, pause_cpu(&c, c.mark_term_ns, d->stopped));
	for (size_t i = 0; i < COUNT(ints); i++)
		*ints[i] = bounded(r, *ints[i]);
	check_record(d, r);
	c.pacing = pacing ? (uint32_t)(d->first_pacing + pacing - 1) : PROF_NONE;
	if (in_segment && d->t->cycles.v[d->t->cycles.n - 1].start_ns > c.start_ns)
		prof_rd_fail(&d->r, "cycles are not in order");
	return d->r.why ? 0 : prof_timeline_add_cycle(d->t, &c, d->e);
}

/* The times of a range that a cycle tells. */
static void get_pause(
	struct prof_rd *r, uint64_t which, struct pauses *pauses, struct prof_range *out)
{
	while (has_pause(pauses) && --which)
		pauses->at++;
	if (!has_pause(pauses)) {
		prof_rd_fail(r, "a pause of no cycle");
		return;
	}
	out->start_ns = pauses->start_ns;
	out->end_ns = pauses->end_ns;
	pauses->at++;
}

static int get_range(struct decoder *d, struct pauses *pauses)
{
	struct prof_rd *r = record(d, &d->ranges);
	struct prof_range range = {
		.kind = (enum prof_trace_range)prof_rd_id(r, PROF_RANGE_STW + 1)};
	int rc = get_name(d, r, &range.name);
	uint64_t which = d->version < BY_CYCLES ? 0 : prof_rd_uvarint(r);

	range.start_ns = get_bounded(r);
	range.end_ns = get_bounded(r);
	if (which)
		get_pause(r, which, pauses, &range);
	else
		pass_pauses(pauses, range.start_ns);
	range.goroutine = prof_rd_varint(r);
	check_record(d, r);
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
	bool apart = d->version >= IN_COLUMNS; /* its cycles and ranges */
	uint64_t n_cycles, n_ranges;
	struct pauses pauses;
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
	n_cycles = apart ? prof_rd_uvarint(&d->r) : prof_rd_count(&d->r, CYCLE_WIDTH);
	for (uint64_t n = n_cycles; !rc && n && !d->r.why; n--)
		rc = get_cycle(d, d->t->segments.v[place].n_cycles > 0);
	n_ranges = apart ? prof_rd_uvarint(&d->r) : prof_rd_count(&d->r, PLAIN_RANGE_WIDTH);
	pauses = pauses_of(d->t, &d->t->segments.v[place]);
	for (uint64_t n = n_ranges; !rc && n && !d->r.why; n--)
		rc = get_range(d, &pauses);
	if (unit < 1 || end < d->t->segments.v[place].end_ns)
		prof_rd_fail(&d->r, "a segment that cannot be");
	d->t->segments.v[place].end_ns = end;
	return rc;
}

static int add_point(struct decoder *d, struct prof_timeline_series *s, struct prof_point p)
{
	int rc = prof_vec_reserve(&d->t->mem, &s->points, 1, d->e);

	if (!rc)
		s->points.v[s->points.n++] = p;
	return rc;
}

/* Before version 3. */
static int get_points_1(struct decoder *d, struct prof_timeline_series *s)
{
	struct prof_point last = {0, 0};
	int rc = 0;

	for (uint64_t n = prof_rd_count(&d->r, POINT_WIDTH); !rc && n && !d->r.why; n--) {
		last.t_ns = (int64_t)((uint64_t)last.t_ns + (uint64_t)get_bounded(&d->r));
		last.value = (int64_t)((uint64_t)last.value + (uint64_t)prof_rd_varint(&d->r));
		rc = add_point(d, s, last);
	}
	return rc;
}

static int get_points(struct decoder *d, struct prof_timeline_series *s)
{
	struct prof_records points;
	int rc = 0;

	prof_records_init(&points, &d->r, POINT_WIDTH);
	for (uint64_t n = points.left; !rc && n && !d->r.why; n--) {
		struct prof_rd *r = prof_records_next(&points);
		struct prof_point p = {.t_ns = get_bounded(r), .value = prof_rd_varint(r)};

		check_record(d, r);
		rc = add_point(d, s, p);
	}
	prof_records_fini(&points);
	return rc;
}

static int get_series(struct decoder *d)
{
	struct prof_timeline_series *s;
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
	return d->version < IN_COLUMNS ? get_points_1(d, s) : get_points(d, s);
}

static int get_share(struct decoder *d)
{
	struct prof_rd *r = record(d, &d->shares);
	struct prof_gc_share s = {.segment = prof_rd_id(r, d->t->segments.n - d->first_segment)};
	int rc = get_name(d, r, &s.name);

	s.segment += (uint32_t)d->first_segment;
	s.goroutines = prof_rd_uvarint(r);
	s.assists = prof_rd_uvarint(r);
	s.sweeps = prof_rd_uvarint(r);
	get_ints(r, (int64_t *const[])SHARE_INTS(&s), 7);
	check_record(d, r);
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

/* How many records follow, which before version 3 are `least` bytes each. */
static uint64_t begin_records(struct decoder *d, struct prof_records *x, size_t width, size_t least)
{
	if (d->version < IN_COLUMNS)
		return prof_rd_count(&d->r, least);
	prof_records_init(x, &d->r, width);
	return x->left;
}

static bool has_more(const struct prof_records *x)
{
	return x->left || x->row.p < x->row.end;
}

static int decode(struct decoder *d, struct prof_str as)
{
	int rc = 0;

	if (d->version < FIRST_VERSION || d->version > VERSION)
		prof_rd_fail(&d->r, "a timeline of another version");
	for (uint64_t k = prof_rd_count(&d->r, 12); !rc && k && !d->r.why; k--)
		rc = get_source(d, as);
	if (!rc && d->version >= IN_COLUMNS)
		rc = get_names(d);
	for (uint64_t k = begin_records(d, &d->pacing, PACING_WIDTH, 20); !rc && k && !d->r.why;
		k--)
		rc = get_pacing(d);
	if (d->version >= BY_CYCLES)
		d->stopped = get_bounded(&d->r);
	if (d->version >= IN_COLUMNS) {
		prof_records_init(&d->cycles, &d->r, CYCLE_WIDTH);
		prof_records_init(&d->ranges, &d->r,
			d->version < BY_CYCLES ? PLAIN_RANGE_WIDTH : RANGE_WIDTH);
	}
	for (uint64_t k = prof_rd_count(&d->r, 16); !rc && k && !d->r.why; k--)
		rc = get_segment(d);
	if (has_more(&d->cycles) || has_more(&d->ranges))
		prof_rd_fail(&d->r, "more records than segments have");
	for (uint64_t k = prof_rd_count(&d->r, 4); !rc && k && !d->r.why; k--)
		rc = get_series(d);
	for (uint64_t k = begin_records(d, &d->shares, SHARE_WIDTH, 12); !rc && k && !d->r.why; k--)
		rc = get_share(d);
	if (d->version >= WITH_MEMSTATS)
		for (uint64_t k = prof_rd_count(&d->r, 520); !rc && k && !d->r.why; k--)
			rc = get_memstats(d);
	if (!rc)
		prof_rd_end(&d->r, "bytes behind its end");
	return rc;
}

bool prof_timeline_is_new(const void *p, size_t n)
{
	struct prof_rd r = prof_rd_of(p, n);

	return prof_rd_uvarint(&r) == VERSION;
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
	int rc;

	d.version = prof_rd_uvarint(&d.r);
	rc = decode(&d, as);
	if (!rc && d.r.why)
		rc = prof_fail(
			e, PROF_EFORMAT, PROF_NO_OFFSET, "is damaged: a timeline: %s", d.r.why);
	prof_vec_fini(&t->mem, &d.names);
	prof_records_fini(&d.pacing);
	prof_records_fini(&d.cycles);
	prof_records_fini(&d.ranges);
	prof_records_fini(&d.shares);
	return rc;
}
