#include "libprof/analyse/gc/snapshots.h"

#include <stdlib.h>

#include "libprof/analyse/gc/object.h"
#include "libprof/analyse/gc/units.h"

static int64_t end_of(const struct prof_memstats *s, int64_t n)
{
	return s->pause_end_unix_ns[(n - 1) % PROF_MEMSTATS_RING];
}

/* The first cycle whose pauses a snapshot still has. */
static int64_t oldest(const struct prof_memstats *s)
{
	return s->n_gc > PROF_MEMSTATS_RING ? s->n_gc - PROF_MEMSTATS_RING + 1 : 1;
}

/* Whether `b`, of at least as many cycles, may be of the process that `a` is of. */
static bool continues(const struct prof_memstats *a, const struct prof_memstats *b)
{
	if (b->total_alloc_bytes < a->total_alloc_bytes || b->mallocs < a->mallocs ||
		b->frees < a->frees || b->n_forced < a->n_forced)
		return false;
	for (int64_t n = oldest(b) > oldest(a) ? oldest(b) : oldest(a); n <= a->n_gc; n++)
		if (end_of(a, n) != end_of(b, n))
			return false;
	return oldest(b) <= a->n_gc || end_of(b, oldest(b)) > a->last_gc_unix_ns;
}

/* By cycles, then by age. */
static int compare(const void *x, const void *y)
{
	const struct prof_memstats *a = *(struct prof_memstats *const *)x,
				   *b = *(struct prof_memstats *const *)y;

	if (a->n_gc != b->n_gc)
		return a->n_gc < b->n_gc ? -1 : 1;
	if (a->mallocs != b->mallocs)
		return a->mallocs < b->mallocs ? -1 : 1;
	return a->source < b->source ? -1 : a->source > b->source;
}

/* The cycles (from, s->n_gc] of one process; `before` was its snapshot of cycle `from`, if any. */
static int add_cycles(struct prof_timeline *t, const struct prof_memstats *before, int64_t from,
	const struct prof_memstats *s, struct prof_err *e)
{
	struct prof_segment *segment = &t->segments.v[t->segments.n - 1];
	int64_t forced = s->n_forced - (before ? before->n_forced : 0), all = s->n_gc - from;
	int64_t n = oldest(s) > from ? oldest(s) : from + 1;
	int rc = 0;

	if (segment->n_cycles)
		segment->lost_cycles += n - from - 1;
	for (; !rc && n <= s->n_gc; n++) {
		struct prof_gc_cycle c;

		prof_gc_cycle_init(&c);
		c.n = n;
		if (segment->wall_ns == PROF_ABSENT)
			segment->wall_ns = end_of(s, n);
		c.start_ns = end_of(s, n) - segment->wall_ns;
		/* A clock that was set back. */
		if (c.start_ns < segment->end_ns)
			c.start_ns = segment->end_ns;
		c.both_pauses_ns = s->pause_ns[(n - 1) % PROF_MEMSTATS_RING];
		c.reason = forced <= 0     ? PROF_GC_HEAP
			   : forced == all ? PROF_GC_FORCED
					   : PROF_GC_NOT_TOLD;
		if (before && n == from + 1 && before->next_goal_bytes < INT64_MAX)
			c.goal_bytes = before->next_goal_bytes;
		rc = prof_timeline_add_cycle(t, &c, e);
	}
	return rc;
}

struct join {
	struct prof_timeline *t;
	struct prof_memstats **v; /* sorted; NULL: is done */
	size_t n;
};

/* A segment of the process that v[i] is the first snapshot of. */
static int add_process(struct join *x, size_t i, struct prof_err *e)
{
	const struct prof_memstats *before = NULL;
	uint32_t segment = (uint32_t)x->t->segments.n;
	int64_t from = 0;
	int rc = prof_timeline_add_segment(x->t, 1, e);

	if (rc)
		return rc;
	x->t->segments.v[segment].source = x->v[i]->source;
	x->t->segments.v[segment].ends_only = true;
	for (; !rc && i < x->n; i++) {
		struct prof_memstats *s = x->v[i];

		if (!s || (before && !continues(before, s)))
			continue;
		rc = add_cycles(x->t, before, from, s, e);
		s->segment = segment;
		x->t->segments.v[segment].forced = s->n_forced;
		before = s;
		from = s->n_gc;
		x->v[i] = NULL;
	}
	return rc;
}

/* Whether it has what cycles are made of. */
static bool is_whole(const struct prof_memstats *s)
{
	if (s->n_gc == PROF_ABSENT || s->n_forced == PROF_ABSENT || s->n_gc > UINT32_MAX ||
		s->n_gc <= 0)
		return false;
	for (int64_t n = oldest(s); n <= s->n_gc; n++)
		if (end_of(s, n) <= 0)
			return false;
	return true;
}

int prof_gc_join_snapshots(struct prof_timeline *t, struct prof_err *e)
{
	size_t most = t->memstats.n;
	struct join x = {.t = t, .v = prof_mem_zalloc(&t->mem, most, sizeof(*x.v), e)};
	int rc = x.v || !most ? 0 : PROF_ENOMEM;

	for (size_t i = 0; !rc && i < most; i++)
		if (t->memstats.v[i].segment == PROF_NONE && is_whole(&t->memstats.v[i]))
			x.v[x.n++] = &t->memstats.v[i];
	if (x.n)
		qsort(x.v, x.n, sizeof(*x.v), compare);
	for (size_t i = 0; !rc && i < x.n; i++)
		if (x.v[i])
			rc = add_process(&x, i, e);
	prof_mem_zfree(&t->mem, x.v, most, sizeof(*x.v));
	return rc;
}

static const struct prof_table_column columns[] = {
	{.key = "source"},
	{.key = "segment"},
	{.key = "cycles"},
	{.key = "forced"},
	{.key = "last_gc_unix_ns"},
	{.key = "gc_cpu_fraction"},
	{.key = "heap_bytes"},
	{.key = "next_goal_bytes"},
	{.key = "heap_objects"},
	{.key = "allocated_bytes"},
	{.key = "allocated_objects"},
	{.key = "freed_objects"},
	{.key = "heap_in_use_bytes"},
	{.key = "heap_idle_bytes"},
	{.key = "heap_released_bytes"},
	{.key = "stacks_in_use_bytes"},
	{.key = "from_system_bytes"},
	{.key = "max_rss_bytes"},
	{.title = "snapshot", .left = true, .is_name = true},
	{.title = "cycle", .gap = 2},
	{.title = "forced", .gap = 2},
	{.title = "GC CPU", .gap = 2},
	{.title = "heap", .gap = 2},
	{.title = "next goal", .gap = 2},
	{.title = "objects", .gap = 2},
	{.title = "allocated", .gap = 2},
	{.title = "stacks", .gap = 2},
	{.title = "idle", .gap = 2},
	{.title = "released", .gap = 2},
	{.title = "most RSS", .gap = 2},
};

enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static struct prof_cell end_cell(
	struct prof_report *r, struct prof_buf *b, struct prof_err *e, int *rc)
{
	struct prof_str s = {b->p, (uint32_t)b->n};

	if (!*rc)
		*rc = b->code ? prof_nomem(e) : prof_report_keep(r, &s, e);
	b->n = 0;
	return prof_cell_str(s);
}

static int put_snapshot(const struct prof_timeline *t, const struct prof_memstats *s,
	struct prof_report *r, struct prof_buf *b, struct prof_err *e)
{
	bool off = s->next_goal_bytes == INT64_MAX;
	const int64_t sizes[] = {s->total_alloc_bytes, s->stacks_bytes, s->heap_idle_bytes,
		s->heap_released_bytes, s->max_rss_bytes};
	struct prof_cell c[N_COLUMNS];
	size_t n = 0;
	int rc = 0;

	c[n++] = prof_cell_int(s->source);
	c[n++] = s->segment == PROF_NONE ? PROF_NULL_CELL : prof_cell_int(s->segment);
	c[n++] = prof_gc_int(s->n_gc);
	c[n++] = prof_gc_int(s->n_forced);
	c[n++] = prof_gc_int(s->last_gc_unix_ns);
	c[n++] = prof_gc_real(s->gc_cpu);
	c[n++] = prof_gc_int(s->heap_bytes);
	c[n++] = prof_gc_int(off ? PROF_ABSENT : s->next_goal_bytes);
	c[n++] = prof_gc_int(s->heap_objects);
	c[n++] = prof_gc_int(s->total_alloc_bytes);
	c[n++] = prof_gc_int(s->mallocs);
	c[n++] = prof_gc_int(s->frees);
	c[n++] = prof_gc_int(s->heap_in_use_bytes);
	c[n++] = prof_gc_int(s->heap_idle_bytes);
	c[n++] = prof_gc_int(s->heap_released_bytes);
	c[n++] = prof_gc_int(s->stacks_bytes);
	c[n++] = prof_gc_int(s->sys_bytes);
	c[n++] = prof_gc_int(s->max_rss_bytes);
	c[n++] = prof_cell_str(t->sources.v[s->source].name);
	c[n++] = prof_gc_int(s->n_gc);
	c[n++] = prof_gc_int(s->n_forced);
	prof_gc_put_part(b, s->gc_cpu);
	c[n++] = end_cell(r, b, e, &rc);
	prof_gc_put_bytes(b, s->heap_bytes);
	c[n++] = end_cell(r, b, e, &rc);
	if (off)
		prof_buf_str(b, "off");
	else
		prof_gc_put_bytes(b, s->next_goal_bytes);
	c[n++] = end_cell(r, b, e, &rc);
	c[n++] = prof_gc_int(s->heap_objects);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		prof_gc_put_bytes(b, sizes[i]);
		c[n++] = end_cell(r, b, e, &rc);
	}
	return rc ? rc : prof_report_row(r, c, e);
}

int prof_gc_add_snapshots(const struct prof_timeline *t, struct prof_report *r, struct prof_err *e)
{
	struct prof_report *part;
	struct prof_buf b;
	int rc = 0;

	if (!t->memstats.n)
		return 0;
	part = prof_report_part(r, e);
	if (!part)
		return PROF_ENOMEM;
	part->columns = columns;
	part->n_columns = N_COLUMNS;
	part->rows_key = "snapshots";
	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; !rc && i < t->memstats.n; i++)
		rc = put_snapshot(t, &t->memstats.v[i], part, &b, e);
	prof_buf_fini(&b);
	return rc;
}
