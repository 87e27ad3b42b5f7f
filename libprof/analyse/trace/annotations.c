#include "libprof/analyse/trace/annotations.h"

#define FREE INT64_MIN

void prof_trace_annotations_init(
	struct prof_trace_annotations *x, struct prof_mem *mem, int64_t from, int64_t to)
{
	*x = (struct prof_trace_annotations){.mem = mem, .from = from, .to = to};
	prof_idmap_init(&x->task_of, mem);
	for (int i = 0; i < PROF_ANNOTATIONS; i++) {
		prof_map64_init(&x->type_of[i], mem);
		x->free[i] = PROF_NONE;
	}
}

void prof_trace_annotations_fini(struct prof_trace_annotations *x)
{
	prof_idmap_fini(&x->task_of);
	prof_vec_fini(x->mem, &x->innermost);
	for (int i = 0; i < PROF_ANNOTATIONS; i++) {
		for (size_t j = 0; j < x->types[i].n; j++)
			prof_hist_fini(&x->types[i].v[j].hist, x->mem);
		prof_vec_fini(x->mem, &x->types[i]);
		prof_vec_fini(x->mem, &x->open[i]);
		prof_map64_fini(&x->type_of[i]);
	}
}

int prof_trace_annotations_reserve(
	struct prof_trace_annotations *x, const struct prof_trace *t, struct prof_err *e)
{
	size_t n = t->goroutines.n;
	int rc;

	if (x->innermost.n >= n)
		return 0;
	rc = prof_vec_reserve(x->mem, &x->innermost, n - x->innermost.n, e);
	while (!rc && x->innermost.n < n)
		x->innermost.v[x->innermost.n++] = PROF_NONE;
	return rc;
}

static int type_of(struct prof_trace_annotations *x, enum prof_annotation what, uint32_t name,
	uint32_t *type, struct prof_err *e)
{
	int rc;

	*type = prof_map64_get(&x->type_of[what], name);
	if (*type != PROF_NONE)
		return 0;
	rc = prof_vec_reserve(x->mem, &x->types[what], 1, e);
	if (!rc)
		rc = prof_map64_add(&x->type_of[what], name, (uint32_t)x->types[what].n, e);
	if (rc)
		return rc;
	*type = (uint32_t)x->types[what].n;
	x->types[what].v[x->types[what].n++] = (struct prof_annotation_type){.name = name};
	return 0;
}

/* One of a type was there from `begin` to `end`. */
static int add(struct prof_trace_annotations *x, enum prof_annotation what, uint32_t type,
	int64_t begin, int64_t end, struct prof_err *e)
{
	begin = begin > x->from ? begin : x->from;
	end = end < x->to ? end : x->to;
	if (end < begin)
		return 0;
	return prof_hist_add(&x->types[what].v[type].hist, x->mem, (uint64_t)(end - begin), e);
}

static int open(struct prof_trace_annotations *x, enum prof_annotation what,
	const struct prof_trace_event *ev, uint32_t *at, struct prof_err *e)
{
	uint32_t i = x->free[what], type;
	int rc = type_of(x, what, ev->name, &type, e);

	if (!rc && i == PROF_NONE)
		rc = prof_vec_reserve(x->mem, &x->open[what], 1, e);
	if (rc)
		return rc;
	if (i == PROF_NONE)
		i = (uint32_t)x->open[what].n++;
	else
		x->free[what] = x->open[what].v[i].next;
	x->open[what].v[i] = (struct prof_annotation_open){ev->time, ev->args[0], type, PROF_NONE};
	*at = i;
	return 0;
}

static int close(struct prof_trace_annotations *x, enum prof_annotation what, uint32_t at,
	int64_t time, struct prof_err *e)
{
	struct prof_annotation_open *o = &x->open[what].v[at];
	int rc = add(x, what, o->type, o->begin, time, e);

	o->begin = FREE;
	o->next = x->free[what];
	x->free[what] = at;
	return rc;
}

/* The end of one that began before the trace. */
static int close_unknown(struct prof_trace_annotations *x, enum prof_annotation what,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	uint32_t type;
	int rc = type_of(x, what, ev->name, &type, e);

	return rc ? rc : add(x, what, type, x->start, ev->time, e);
}

static int task_begin(
	struct prof_trace_annotations *x, const struct prof_trace_event *ev, struct prof_err *e)
{
	uint32_t at;
	int rc;

	if (prof_idmap_get(&x->task_of, ev->args[0]) != PROF_NONE)
		return 0; /* begun already */
	rc = open(x, PROF_ANNOTATION_TASK, ev, &at, e);
	return rc ? rc : prof_idmap_add(&x->task_of, ev->args[0], at, e);
}

static int task_end(
	struct prof_trace_annotations *x, const struct prof_trace_event *ev, struct prof_err *e)
{
	uint32_t at = prof_idmap_get(&x->task_of, ev->args[0]);

	if (at == PROF_NONE)
		return close_unknown(x, PROF_ANNOTATION_TASK, ev, e);
	prof_idmap_remove(&x->task_of, ev->args[0]);
	return close(x, PROF_ANNOTATION_TASK, at, ev->time, e);
}

static int region_begin(
	struct prof_trace_annotations *x, const struct prof_trace_event *ev, struct prof_err *e)
{
	uint32_t at, *innermost = &x->innermost.v[ev->g];
	int rc = open(x, PROF_ANNOTATION_REGION, ev, &at, e);

	if (rc)
		return rc;
	x->open[PROF_ANNOTATION_REGION].v[at].next = *innermost;
	*innermost = at;
	return 0;
}

/* Regions are nested: the innermost one ends, where it is the same. */
static int region_end(
	struct prof_trace_annotations *x, const struct prof_trace_event *ev, struct prof_err *e)
{
	uint32_t at = x->innermost.v[ev->g];
	const struct prof_annotation_open *o = at == PROF_NONE
						       ? NULL
						       : &x->open[PROF_ANNOTATION_REGION].v[at];

	if (!o || o->task != ev->args[0] ||
		x->types[PROF_ANNOTATION_REGION].v[o->type].name != ev->name)
		return close_unknown(x, PROF_ANNOTATION_REGION, ev, e);
	x->innermost.v[ev->g] = o->next;
	return close(x, PROF_ANNOTATION_REGION, at, ev->time, e);
}

/* All regions of a goroutine that is gone. */
static int end_regions(
	struct prof_trace_annotations *x, uint32_t g, int64_t time, struct prof_err *e)
{
	int rc = 0;

	while (!rc && x->innermost.v[g] != PROF_NONE) {
		uint32_t at = x->innermost.v[g];

		x->innermost.v[g] = x->open[PROF_ANNOTATION_REGION].v[at].next;
		rc = close(x, PROF_ANNOTATION_REGION, at, time, e);
	}
	return rc;
}

int prof_trace_annotations_event(
	struct prof_trace_annotations *x, const struct prof_trace_event *ev, struct prof_err *e)
{
	switch (ev->kind) {
	case PROF_TRACE_SYNC:
		if (!x->begun)
			x->start = ev->time;
		x->begun = true;
		return 0;
	case PROF_TRACE_GAP:
		x->begun = false;
		return prof_trace_annotations_end(x, ev->time, e);
	case PROF_TRACE_TASK_BEGIN:
		return task_begin(x, ev, e);
	case PROF_TRACE_TASK_END:
		return task_end(x, ev, e);
	case PROF_TRACE_REGION_BEGIN:
		return ev->g == PROF_TRACE_NONE ? 0 : region_begin(x, ev, e);
	case PROF_TRACE_REGION_END:
		return ev->g == PROF_TRACE_NONE ? 0 : region_end(x, ev, e);
	default:
		return end_regions(x, ev->subject, ev->time, e);
	}
}

int prof_trace_annotations_end(struct prof_trace_annotations *x, int64_t time, struct prof_err *e)
{
	int rc = 0;

	for (size_t g = 0; !rc && g < x->innermost.n; g++)
		rc = end_regions(x, (uint32_t)g, time, e);
	for (uint32_t i = 0; !rc && i < x->open[PROF_ANNOTATION_TASK].n; i++)
		if (x->open[PROF_ANNOTATION_TASK].v[i].begin != FREE)
			rc = close(x, PROF_ANNOTATION_TASK, i, time, e);
	prof_idmap_clear(&x->task_of);
	return rc;
}
