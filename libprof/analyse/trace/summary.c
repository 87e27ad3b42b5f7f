#include "libprof/analyse/trace/summary.h"

void prof_trace_opts_init(struct prof_trace_opts *opts)
{
	*opts = (struct prof_trace_opts){.to = -1};
}

void prof_trace_sum_init(
	struct prof_trace_sum *x, struct prof_mem *mem, const struct prof_trace_opts *opts)
{
	*x = (struct prof_trace_sum){.mem = mem, .opts = *opts};
	prof_trace_states_init(&x->states, mem, INT64_MIN, INT64_MAX);
	prof_trace_ranges_init(&x->ranges, mem, INT64_MIN, INT64_MAX);
	prof_trace_mmu_init(&x->mmu, mem, INT64_MIN, INT64_MAX);
	prof_trace_annotations_init(&x->annotations, mem, INT64_MIN, INT64_MAX);
}

void prof_trace_sum_fini(struct prof_trace_sum *x)
{
	prof_trace_states_fini(&x->states);
	prof_trace_ranges_fini(&x->ranges);
	prof_trace_mmu_fini(&x->mmu);
	prof_trace_annotations_fini(&x->annotations);
}

static int64_t later(int64_t start, int64_t ns)
{
	return ns > INT64_MAX - start ? INT64_MAX : start + ns;
}

/* Where the trace begins, so does what is asked for. */
static void begin(struct prof_trace_sum *x, int64_t start)
{
	x->begun = true;
	x->start = start;
	x->from = later(start, x->opts.from);
	x->to = x->opts.to < 0 ? INT64_MAX : later(start, x->opts.to);
	x->states.from = x->ranges.from = x->mmu.from = x->annotations.from = x->from;
	x->states.to = x->ranges.to = x->mmu.to = x->annotations.to = x->to;
}

static void gauge(struct prof_trace_gauge *g, uint64_t v)
{
	g->min = g->samples && g->min < v ? g->min : v;
	g->max = g->samples && g->max > v ? g->max : v;
	g->last = v;
	g->samples++;
}

static void count(struct prof_trace_sum *x, const struct prof_trace_event *ev)
{
	if (ev->time < x->from || ev->time >= x->to)
		return;
	x->tasks += ev->kind == PROF_TRACE_TASK_BEGIN;
	x->regions += ev->kind == PROF_TRACE_REGION_BEGIN;
	x->logs += ev->kind == PROF_TRACE_LOG;
	x->cpu_samples += ev->kind == PROF_TRACE_CPU_SAMPLE;
	if (ev->kind == PROF_TRACE_METRIC)
		gauge(&x->metrics[ev->what], ev->args[0]);
}

static int event(struct prof_trace_sum *x, const struct prof_trace *t,
	const struct prof_trace_event *ev, struct prof_err *e)
{
	int rc = 0;

	if (ev->kind == PROF_TRACE_GOROUTINE) { /* nearly all are */
		rc = prof_trace_mmu_goroutine(&x->mmu, t, ev, e);
		if (!rc && ev->to == PROF_G_NOT_EXIST)
			rc = prof_trace_annotations_event(&x->annotations, ev, e);
		return rc ? rc : prof_trace_states_event(&x->states, t, ev, e);
	}
	switch (ev->kind) {
	case PROF_TRACE_PROC:
		return prof_trace_states_event(&x->states, t, ev, e);
	case PROF_TRACE_SYNC:
		if (!x->begun)
			begin(x, ev->time);
		x->end = ev->time;
		/* fall through */
	case PROF_TRACE_GAP:
		rc = prof_trace_states_event(&x->states, t, ev, e);
		if (!rc)
			rc = prof_trace_annotations_event(&x->annotations, ev, e);
		/* fall through */
	case PROF_TRACE_RANGE_BEGIN:
	case PROF_TRACE_RANGE_ACTIVE:
	case PROF_TRACE_RANGE_END:
		if (!rc)
			rc = prof_trace_ranges_event(&x->ranges, ev, e);
		/* fall through */
	case PROF_TRACE_LABEL:
		return rc ? rc : prof_trace_mmu_event(&x->mmu, t, ev, e);
	case PROF_TRACE_METRIC:
		count(x, ev);
		return ev->what == PROF_METRIC_PROCS ? prof_trace_mmu_event(&x->mmu, t, ev, e) : 0;
	case PROF_TRACE_TASK_BEGIN:
	case PROF_TRACE_TASK_END:
	case PROF_TRACE_REGION_BEGIN:
	case PROF_TRACE_REGION_END:
		rc = prof_trace_annotations_event(&x->annotations, ev, e);
		/* fall through */
	default:
		count(x, ev);
		return rc;
	}
}

int prof_trace_sum_batch(struct prof_trace_sum *x, const struct prof_trace *t, struct prof_err *e)
{
	int rc = prof_trace_states_reserve(&x->states, t, e);

	if (!rc)
		rc = prof_trace_ranges_reserve(&x->ranges, t, e);
	if (!rc)
		rc = prof_trace_mmu_reserve(&x->mmu, t, e);
	if (!rc)
		rc = prof_trace_annotations_reserve(&x->annotations, t, e);
	for (size_t i = 0; !rc && i < t->n; i++)
		rc = event(x, t, &t->events[i], e);
	x->events += t->n;
	return rc;
}

int prof_trace_sum_end(struct prof_trace_sum *x, const struct prof_trace *t, struct prof_err *e)
{
	int rc = prof_trace_states_end(&x->states, t, x->end, e);

	if (!rc)
		rc = prof_trace_annotations_end(&x->annotations, x->end, e);
	return rc ? rc : prof_trace_mmu_end(&x->mmu, x->end, e);
}
