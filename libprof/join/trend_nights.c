/* The nights of a trend: what is selected, builds in a row, days; and steps in a series of them. */
#include <math.h>

#include "libprof/base/num.h"
#include "libprof/join/trend.h"

enum { LEAST_NIGHTS = 3 };

#define PI 3.14159265358979323846
#define DAY_NS INT64_C(86400000000000)

/* One service, one kind, in the order of time, with their runs of one build. */
static int list_nights(struct prof_trend *t, struct prof_err *e)
{
	const struct prof_catalog *c = &t->s.catalog;
	const struct prof_entry *first = &c->entries.v[t->s.v[0]];
	int rc = prof_vec_reserve(&t->mem, &t->nights, t->s.n, e);
	uint32_t run = 0;

	for (size_t i = 0; !rc && i < t->s.n; i++) {
		const struct prof_entry *x = &c->entries.v[t->s.v[i]];
		const struct prof_entry *before = i ? &c->entries.v[t->s.v[i - 1]] : NULL;

		if (x->service_id != first->service_id)
			return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
				"several services match: service=%.40s or service=%.40s says which",
				first->service.p, x->service.p);
		if (!prof_str_eq(x->kind, first->kind))
			return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
				"several kinds match: type=%.40s or type=%.40s says which",
				first->kind.p, x->kind.p);
		if (before && (before->build_row != x->build_row ||
				      (!x->build_id.len && !x->build_label.len)))
			run++;
		t->nights.v[t->nights.n++] = (struct prof_night){
			.entry = t->s.v[i], .run = run, .seconds = (double)x->duration_ns / 1e9};
	}
	return rc;
}

int prof_trend_open(struct prof_trend *t, const char *db,
	const struct prof_archive_trend_opts *opts, const struct prof_limits *limits,
	struct prof_err *e)
{
	int rc;

	t->opts = opts;
	t->mem.limit = limits ? (size_t)limits->memory_bytes : SIZE_MAX / 2;
	prof_arena_init(&t->arena, &t->mem);
	prof_wander_init(&t->wander);
	rc = prof_selection_open(&t->s, db, opts->query, true, limits, e);
	return rc ? rc : list_nights(t, e);
}

void prof_trend_close(struct prof_trend *t)
{
	prof_vec_fini(&t->mem, &t->nights);
	prof_vec_fini(&t->mem, &t->steps);
	prof_vec_fini(&t->mem, &t->functions);
	prof_arena_fini(&t->arena);
	prof_selection_fini(&t->s);
}

/* The time of day that is furthest from when profiles are taken: where one day ends, so that a few
 * seconds more or less do not make it another one.
 */
static int64_t end_of_day(const struct prof_trend *t)
{
	double x = 0, y = 0;

	for (size_t i = 0; i < t->nights.n; i++) {
		int64_t time = prof_trend_entry(t, &t->nights.v[i])->time_ns % DAY_NS;

		x += cos((double)time * 2 * PI / (double)DAY_NS);
		y += sin((double)time * 2 * PI / (double)DAY_NS);
	}
	return prof_to_i64(atan2(-y, -x) / (2 * PI) * (double)DAY_NS);
}

int prof_trend_calendar(struct prof_trend *t, struct prof_err *e)
{
	int64_t end = end_of_day(t);

	t->runs = prof_arena_alloc(&t->arena, t->nights.n * sizeof(*t->runs), e);
	t->days = prof_arena_alloc(&t->arena, t->nights.n * sizeof(*t->days), e);
	if (!t->runs || !t->days)
		return PROF_ENOMEM;
	for (size_t i = 0; i < t->nights.n; i++) {
		int64_t time = prof_trend_entry(t, &t->nights.v[i])->time_ns;

		t->runs[i] = t->nights.v[i].run;
		t->days[i] = prof_sub(time, end) / DAY_NS - (prof_sub(time, end) < 0);
	}
	return 0;
}

struct prof_nightly prof_trend_nightly(
	const struct prof_trend *t, const double *y, const double *sd)
{
	return (struct prof_nightly){
		.y = y, .sd = sd, .run = t->runs, .day = t->days, .n = t->nights.n};
}

int prof_trend_steps(struct prof_trend *t, const double *y, const double *sd, double least_change,
	struct prof_steps *out, struct prof_err *e)
{
	const struct prof_nightly series = prof_trend_nightly(t, y, sd);
	const struct prof_steps_opts opts = {.alpha = t->opts->alpha,
		.effect = t->opts->effect,
		.least_change = least_change,
		.least = LEAST_NIGHTS,
		.wander = &t->wander};

	return prof_steps_find(out, &series, &opts, &t->mem, e);
}

int prof_trend_find(struct prof_trend *t, const double *y, const double *sd, struct prof_err *e)
{
	struct prof_steps steps = {0};
	int rc = prof_trend_steps(t, y, sd, 0, &steps, e);

	if (!rc)
		rc = prof_vec_reserve(&t->mem, &t->steps, steps.v.n, e);
	for (size_t i = 0; !rc && i < steps.v.n; i++)
		t->steps.v[t->steps.n++] = (struct prof_trend_row){
			.step = steps.v.v[i], .q = steps.v.v[i].p};
	prof_steps_fini(&steps, &t->mem);
	return rc;
}

struct prof_str prof_trend_build(const struct prof_trend *t, const struct prof_night *x)
{
	const struct prof_entry *p = prof_trend_entry(t, x);
	const struct prof_str *rev = prof_catalog_label(&t->s.catalog, p, PROF_STR("rev"));
	const struct prof_str *build = prof_catalog_label(&t->s.catalog, p, PROF_STR("build"));

	return rev ? *rev : build ? *build : p->build_id;
}
