/* What programs tell (tasks, regions, logs, labels), and sampled series, as rows. */
#include <string.h>

#include "libprof/analyse/trace/keep.h"
#include "libprof/model/timeline.h"

enum { MOST_STEPS = 1024 };

static int row(struct prof_trace_keep *x, const struct prof_trace *t, enum prof_rows table,
	const int64_t *v, struct prof_err *e)
{
	return x->sink.row(x->sink.ctx, table, &t->strings, v, e);
}

static int64_t goroutine(const struct prof_trace *t, uint32_t slot)
{
	return slot == PROF_TRACE_NONE ? PROF_ABSENT : t->goroutines.v[slot];
}

static int64_t task_id(uint64_t id)
{
	return id == PROF_TRACE_NO_TASK ? PROF_ABSENT : (int64_t)id;
}

static int64_t known(uint32_t id)
{
	return id ? (int64_t)id : PROF_ABSENT;
}

static int put_task(struct prof_trace_keep *x, const struct prof_trace *t,
	const struct prof_keep_task *k, int64_t end, struct prof_err *e)
{
	const int64_t v[] = {task_id(k->id), task_id(k->parent), known(k->name), k->begin, end,
		k->goroutine, known(k->stack)};

	return row(x, t, PROF_ROWS_TASK, v, e);
}

static int begin_task(struct prof_trace_keep *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	uint32_t i = prof_idmap_get(&x->task_of, ev->args[0]);
	int rc = 0;

	if (i != PROF_NONE) /* begun once more: the first one's end is not known */
		rc = put_task(x, t, &x->tasks.v[i], PROF_ABSENT, e);
	if (i == PROF_NONE && x->free_task != PROF_NONE) {
		i = x->free_task;
		x->free_task = x->tasks.v[i].next;
		rc = prof_idmap_add(&x->task_of, ev->args[0], i, e);
	} else if (i == PROF_NONE) {
		rc = prof_vec_reserve(x->mem, &x->tasks, 1, e);
		i = (uint32_t)x->tasks.n;
		if (!rc)
			rc = prof_idmap_add(&x->task_of, ev->args[0], i, e);
		x->tasks.n += !rc;
	}
	if (rc)
		return rc;
	x->tasks.v[i] = (struct prof_keep_task){.begin = ev->time - x->start,
		.goroutine = goroutine(t, ev->g),
		.id = ev->args[0],
		.parent = ev->args[1],
		.name = ev->name,
		.stack = ev->stack,
		.open = true};
	return 0;
}

static int end_task(struct prof_trace_keep *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	uint32_t i = prof_idmap_get(&x->task_of, ev->args[0]);
	struct prof_keep_task before = {.begin = PROF_ABSENT,
		.goroutine = PROF_ABSENT,
		.id = ev->args[0],
		.parent = ev->args[1],
		.name = ev->name};

	if (i == PROF_NONE)
		return put_task(x, t, &before, ev->time - x->start, e);
	prof_idmap_remove(&x->task_of, ev->args[0]);
	x->tasks.v[i].open = false;
	x->tasks.v[i].next = x->free_task;
	x->free_task = i;
	return put_task(x, t, &x->tasks.v[i], ev->time - x->start, e);
}

int prof_keep_end_tasks(struct prof_trace_keep *x, const struct prof_trace *t, struct prof_err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < x->tasks.n; i++)
		if (x->tasks.v[i].open)
			rc = put_task(x, t, &x->tasks.v[i], PROF_ABSENT, e);
	return rc;
}

static int put_region(struct prof_trace_keep *x, const struct prof_trace *t, int64_t id,
	const struct prof_keep_region *r, int64_t end, struct prof_err *e)
{
	const int64_t v[] = {r->begin, end, id, task_id(r->task), known(r->name), known(r->stack)};

	return row(x, t, PROF_ROWS_REGION, v, e);
}

static int begin_region(
	struct prof_trace_keep *x, const struct prof_trace_event *ev, struct prof_err *e)
{
	struct prof_keep_life *life = &x->lives.v[ev->g];
	uint32_t i = x->free_region;
	int rc;

	if (i != PROF_NONE) {
		x->free_region = x->regions.v[i].next;
	} else {
		rc = prof_vec_reserve(x->mem, &x->regions, 1, e);
		if (rc)
			return rc;
		i = (uint32_t)x->regions.n++;
	}
	x->regions.v[i] = (struct prof_keep_region){.begin = ev->time - x->start,
		.task = ev->args[0],
		.name = ev->name,
		.stack = ev->stack,
		.next = life->regions};
	life->regions = i;
	return 0;
}

/* Takes the innermost region off a goroutine's list. */
static struct prof_keep_region pop_region(struct prof_trace_keep *x, struct prof_keep_life *life)
{
	uint32_t i = life->regions;
	struct prof_keep_region r = x->regions.v[i];

	life->regions = r.next;
	x->regions.v[i].next = x->free_region;
	x->free_region = i;
	return r;
}

/* Regions are nested; one whose begin is not there began before the trace. */
static int end_region(struct prof_trace_keep *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	struct prof_keep_life *life = &x->lives.v[ev->g];
	struct prof_keep_region r = {.begin = PROF_ABSENT, .task = ev->args[0], .name = ev->name};

	if (life->regions != PROF_NONE && x->regions.v[life->regions].task == ev->args[0] &&
		x->regions.v[life->regions].name == ev->name)
		r = pop_region(x, life);
	return put_region(x, t, goroutine(t, ev->g), &r, ev->time - x->start, e);
}

int prof_keep_end_regions(
	struct prof_trace_keep *x, const struct prof_trace *t, uint32_t slot, struct prof_err *e)
{
	struct prof_keep_life *life = &x->lives.v[slot];
	int rc = 0;

	while (!rc && life->regions != PROF_NONE) {
		struct prof_keep_region r = pop_region(x, life);

		rc = put_region(x, t, goroutine(t, slot), &r, PROF_ABSENT, e);
	}
	return rc;
}

/* Where it changes: workers of the collector are told theirs whenever they run. */
static int label(struct prof_trace_keep *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	const int64_t v[] = {ev->time - x->start, goroutine(t, ev->subject), known(ev->name)};
	struct prof_keep_life *life;

	if (ev->subject != PROF_TRACE_NONE) { /* in a damaged trace it may be nobody's */
		life = &x->lives.v[ev->subject];
		if (life->label == ev->name)
			return 0;
		life->label = ev->name;
	}
	return row(x, t, PROF_ROWS_LABEL, v, e);
}

int prof_keep_user_event(struct prof_trace_keep *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	const int64_t log[] = {ev->time - x->start, goroutine(t, ev->g), task_id(ev->args[0]),
		known(ev->name), known(ev->text), known(ev->stack)};

	switch (ev->kind) {
	case PROF_TRACE_TASK_BEGIN:
		return begin_task(x, t, ev, e);
	case PROF_TRACE_TASK_END:
		return end_task(x, t, ev, e);
	case PROF_TRACE_REGION_BEGIN:
		return ev->g == PROF_TRACE_NONE ? 0 : begin_region(x, ev, e);
	case PROF_TRACE_REGION_END:
		return ev->g == PROF_TRACE_NONE ? 0 : end_region(x, t, ev, e);
	case PROF_TRACE_LOG:
		return row(x, t, PROF_ROWS_LOG, log, e);
	default:
		return label(x, t, ev, e);
	}
}

/* When the step begins that a time is in. */
static int64_t step_of(const struct prof_keep_series *s, int64_t time)
{
	return s->width ? time - time % s->width : time;
}

/* Joins steps until half of them are free. */
static void widen(struct prof_keep_series *s)
{
	while (s->steps.n > MOST_STEPS / 2) {
		int64_t span = s->steps.v[s->steps.n - 1].t - s->steps.v[0].t;
		size_t n = 0;

		s->width = s->width ? s->width * 2 : span / (MOST_STEPS / 2) + 1;
		for (size_t i = 0; i < s->steps.n; i++) {
			struct prof_keep_step k = s->steps.v[i], *last = &s->steps.v[n - (n > 0)];

			k.t = step_of(s, k.t);
			if (n && last->t == k.t) {
				last->least = k.least < last->least ? k.least : last->least;
				last->most = k.most > last->most ? k.most : last->most;
				last->last = k.last;
			} else {
				s->steps.v[n++] = k;
			}
		}
		s->steps.n = n;
	}
}

/* The last step, if a time is in it. */
static struct prof_keep_step *last_step(struct prof_keep_series *s, int64_t time)
{
	struct prof_keep_step *last = s->width ? &s->steps.v[s->steps.n - 1] : NULL;

	return last && last->t == step_of(s, time) ? last : NULL;
}

int prof_keep_metric(
	struct prof_trace_keep *x, int which, int64_t time, int64_t value, struct prof_err *e)
{
	struct prof_keep_series *s = &x->series[which];
	struct prof_keep_step *step;
	int rc;

	if (s->steps.n && s->steps.v[s->steps.n - 1].last == value)
		return 0;
	step = last_step(s, time);
	if (!step && s->steps.n == MOST_STEPS) {
		widen(s);
		step = last_step(s, time);
	}
	if (step) {
		step->least = value < step->least ? value : step->least;
		step->most = value > step->most ? value : step->most;
		step->last = value;
		return 0;
	}
	rc = prof_vec_reserve(x->mem, &s->steps, 1, e);
	if (!rc)
		s->steps.v[s->steps.n++] = (struct prof_keep_step){
			step_of(s, time), value, value, value};
	return rc;
}

int prof_keep_metrics(struct prof_trace_keep *x, struct prof_trace *t, struct prof_err *e)
{
	static const char *const names[] = {[PROF_METRIC_HEAP_BYTES] = "heap",
		[PROF_METRIC_HEAP_GOAL] = "heap goal",
		[PROF_METRIC_PROCS] = "GOMAXPROCS"};
	int rc = 0;

	for (int i = 0; !rc && i <= PROF_METRIC_PROCS; i++) {
		uint32_t name;

		rc = prof_strtab_add(&t->strings, names[i], strlen(names[i]), &name, e);
		for (size_t k = 0; !rc && k < x->series[i].steps.n; k++) {
			const struct prof_keep_step *s = &x->series[i].steps.v[k];
			const int64_t v[] = {0, name, s->t, s->least, s->most, s->last};

			rc = row(x, t, PROF_ROWS_METRIC, v, e);
		}
	}
	return rc;
}
