#include "libprof/analyse/gc/who_report.h"

#include <stdlib.h>
#include <string.h>

#include "libprof/analyse/gc/object.h"
#include "libprof/analyse/gc/units.h"
#include "libprof/base/num.h"

enum { SHOWN = 10 };

/* A text becomes a cell. */
static struct prof_cell end_cell(
	struct prof_report *r, struct prof_buf *b, int *rc, struct prof_err *e)
{
	struct prof_str s = {b->p, (uint32_t)b->n};

	if (!*rc)
		*rc = b->code ? prof_nomem(e) : prof_report_keep(r, &s, e);
	b->n = 0;
	return prof_cell_str(s);
}

static struct prof_cell ns_cell(
	struct prof_report *r, struct prof_buf *b, int64_t ns, int *rc, struct prof_err *e)
{
	prof_gc_put_ns(b, ns);
	return end_cell(r, b, rc, e);
}

/* A stop of the world: why (a string of the timeline), and how long. */
struct stop {
	uint32_t name;
	int64_t ns;
};

static int compare(const void *a, const void *b)
{
	const struct stop *x = a, *y = b;

	if (x->name != y->name)
		return x->name < y->name ? -1 : 1;
	return x->ns < y->ns ? -1 : x->ns > y->ns;
}

static const struct prof_table_column stop_columns[] = {
	{.key = "reason"},
	{.key = "count"},
	{.key = "total_ns"},
	{.key = "p50_ns"},
	{.key = "p95_ns"},
	{.key = "p99_ns"},
	{.key = "max_ns"},
	{.title = "the world stopped for", .left = true},
	{.title = "times", .gap = 2},
	{.title = "together", .gap = 2},
	{.title = "p50", .gap = 2},
	{.title = "p95", .gap = 2},
	{.title = "p99", .gap = 2},
	{.title = "longest", .gap = 2},
};

/* Of n lengths, sorted. */
static int put_stops(
	struct prof_report *r, struct prof_str name, const int64_t *v, size_t n, struct prof_err *e)
{
	int64_t ns[] = {0, prof_gc_rank(v, n, 0.5), prof_gc_rank(v, n, 0.95),
		prof_gc_rank(v, n, 0.99), v[n - 1]};
	struct prof_cell c[14];
	struct prof_buf b;
	size_t k = 0;
	int rc = 0;

	for (size_t i = 0; i < n; i++)
		ns[0] = prof_add_sat(ns[0], v[i]);
	c[k++] = prof_cell_str(name);
	c[k++] = prof_cell_int((int64_t)n);
	for (int i = 0; i < 5; i++)
		c[k++] = prof_cell_int(ns[i]);
	c[k++] = prof_cell_str(name);
	c[k++] = prof_cell_int((int64_t)n);
	prof_buf_init(&b, NULL, NULL);
	for (int i = 0; i < 5; i++)
		c[k++] = ns_cell(r, &b, ns[i], &rc, e);
	prof_buf_fini(&b);
	return rc ? rc : prof_report_row(r, c, e);
}

/* A trace's: all there were. */
static int put_ranges(const struct prof_timeline *t, struct prof_report *r, struct prof_err *e)
{
	size_t most = t->ranges.n, n = 0;
	struct stop *v = prof_mem_zalloc(&r->mem, most, sizeof(*v), e);
	int64_t *ns = v ? prof_mem_zalloc(&r->mem, most, sizeof(*ns), e) : NULL;
	int rc = ns ? 0 : PROF_ENOMEM;

	for (size_t i = 0; !rc && i < most; i++)
		if (t->ranges.v[i].kind == PROF_RANGE_STW)
			v[n++] = (struct stop){t->ranges.v[i].name,
				t->ranges.v[i].end_ns - t->ranges.v[i].start_ns};
	if (n)
		qsort(v, n, sizeof(*v), compare);
	for (size_t i = 0; i < n; i++)
		ns[i] = v[i].ns;
	for (size_t i = 0, k; !rc && i < n; i = k) {
		for (k = i + 1; k < n && v[k].name == v[i].name; k++)
			;
		rc = put_stops(r, prof_strtab_get(&t->strings, v[i].name), ns + i, k - i, e);
	}
	prof_mem_zfree(&r->mem, ns, most, sizeof(*ns));
	prof_mem_zfree(&r->mem, v, most, sizeof(*v));
	return rc;
}

/* Other sources': the collector's. */
static int put_cycles(const struct prof_timeline *t, struct prof_report *r, struct prof_err *e)
{
	static const struct {
		const char *name;
		size_t at; /* of struct prof_gc_cycle */
	} pauses[] = {
		{"GC sweep termination", offsetof(struct prof_gc_cycle, sweep_term_ns)},
		{"GC mark termination", offsetof(struct prof_gc_cycle, mark_term_ns)},
		{"GC, both pauses of a cycle", offsetof(struct prof_gc_cycle, both_pauses_ns)},
	};
	size_t most = t->cycles.n;
	int64_t *v = prof_mem_zalloc(&r->mem, 2 * most, sizeof(*v), e);
	int rc = v || !most ? 0 : PROF_ENOMEM;

	for (size_t k = 0; !rc && k < sizeof(pauses) / sizeof(pauses[0]); k++) {
		size_t n = 0;

		for (size_t i = 0; i < most; i++) {
			memcpy(&v[n], (const char *)&t->cycles.v[i] + pauses[k].at, sizeof(*v));
			n += v[n] != PROF_ABSENT;
		}
		prof_gc_sort(v, v + most, n);
		if (n)
			rc = put_stops(r, prof_str_of(pauses[k].name), v, n, e);
	}
	prof_mem_zfree(&r->mem, v, 2 * most, sizeof(*v));
	return rc;
}

int prof_gc_add_stops(const struct prof_gc *gc, struct prof_report *r, struct prof_err *e)
{
	struct prof_report *part = prof_report_part(r, e);

	if (!part)
		return PROF_ENOMEM;
	part->columns = stop_columns;
	part->n_columns = sizeof(stop_columns) / sizeof(stop_columns[0]);
	part->rows_key = "stops";
	return gc->t->ranges.n ? put_ranges(gc->t, part, e) : put_cycles(gc->t, part, e);
}

static const struct prof_table_column share_keys[] = {
	{.key = "segment"},
	{.key = "function"},
	{.key = "goroutine", .optional = true},
	{.key = "goroutines"},
	{.key = "assists"},
	{.key = "assist_ns"},
	{.key = "sweeps"},
	{.key = "sweep_ns"},
	{.key = "swept_bytes"},
	{.key = "reclaimed_bytes"},
	{.key = "mark_ns"},
	{.key = "delayed_ns"},
};

static const struct prof_table_column titles[] = {
	{.title = "started with", .left = true, .is_name = true},
	{.title = "goroutines", .gap = 2},
	{.title = "assists", .gap = 2},
	{.title = "took"},
	{.title = "sweeps", .gap = 2},
	{.title = "took"},
	{.title = "reclaimed"},
	{.title = "marked as worker", .gap = 2},
	{.title = "delayed by pauses", .gap = 2},
};

enum { N_TITLES = sizeof(titles) / sizeof(titles[0]) };

static int put_keys(const struct prof_timeline *t, const struct prof_gc_share *s,
	struct prof_report *r, struct prof_err *e)
{
	struct prof_cell c[] = {prof_cell_int(s->segment),
		prof_cell_str(prof_strtab_get(&t->strings, s->name)), prof_gc_int(s->goroutine),
		prof_cell_int((int64_t)s->goroutines), prof_cell_int((int64_t)s->assists),
		prof_cell_int(s->assist_ns), prof_cell_int((int64_t)s->sweeps),
		prof_cell_int(s->sweep_ns), prof_cell_int(s->swept_bytes),
		prof_cell_int(s->reclaimed_bytes), prof_cell_int(s->mark_ns),
		prof_cell_int(s->delayed_ns)};

	return prof_report_row(r, c, e);
}

static int put_texts(const struct prof_timeline *t, const struct prof_gc_share *s,
	struct prof_report *r, struct prof_buf *b, struct prof_err *e)
{
	struct prof_str name = prof_strtab_get(&t->strings, s->name);
	struct prof_cell c[N_TITLES];
	size_t n = 0;
	int rc = 0;

	c[n++] = prof_cell_str(name.len ? name : PROF_STR("[not told]"));
	c[n++] = prof_cell_int(s->goroutine == PROF_ABSENT ? (int64_t)s->goroutines : s->goroutine);
	c[n++] = prof_cell_int((int64_t)s->assists);
	c[n++] = ns_cell(r, b, s->assist_ns, &rc, e);
	c[n++] = prof_cell_int((int64_t)s->sweeps);
	c[n++] = ns_cell(r, b, s->sweep_ns, &rc, e);
	prof_gc_put_bytes(b, s->reclaimed_bytes);
	c[n++] = end_cell(r, b, &rc, e);
	c[n++] = ns_cell(r, b, s->mark_ns, &rc, e);
	c[n++] = ns_cell(r, b, s->delayed_ns, &rc, e);
	return rc ? rc : prof_report_row(r, c, e);
}

/* Functions or goroutines: for programs all that are known, for people the first. */
static int add_shares(
	const struct prof_timeline *t, bool functions, struct prof_report *r, struct prof_err *e)
{
	struct prof_report *all = prof_report_part(r, e);
	struct prof_report *shown = all ? prof_report_part(r, e) : NULL;
	struct prof_table_column *own = shown ? prof_arena_alloc(&shown->arena, sizeof(titles), e)
					      : NULL;
	struct prof_buf b;
	size_t n = 0;
	int rc = 0;

	if (!own)
		return PROF_ENOMEM;
	memcpy(own, titles, sizeof(titles));
	if (!functions)
		own[1].title = "goroutine"; /* which one */
	all->columns = share_keys;
	all->n_columns = sizeof(share_keys) / sizeof(share_keys[0]);
	all->rows_key = functions ? "functions" : "goroutines";
	shown->columns = own;
	shown->n_columns = N_TITLES;
	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; !rc && i < t->shares.n; i++) {
		const struct prof_gc_share *s = &t->shares.v[i];

		if ((s->goroutine == PROF_ABSENT) != functions)
			continue;
		rc = put_keys(t, s, all, e);
		if (!rc && n++ < SHOWN)
			rc = put_texts(t, s, shown, &b, e);
	}
	if (!rc && !functions && n) {
		prof_buf_str(&b,
			"--profile=assist, sweep and stw of prof-top(1) and others show the "
			"code that it was for");
		rc = prof_report_foot(shown, &b, e);
	}
	prof_buf_fini(&b);
	return rc;
}

int prof_gc_add_shares(const struct prof_gc *gc, struct prof_report *r, struct prof_err *e)
{
	int rc;

	if (!gc->t->shares.n)
		return 0;
	rc = add_shares(gc->t, true, r, e);
	return rc ? rc : add_shares(gc->t, false, r, e);
}
