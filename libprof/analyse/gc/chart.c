#include "libprof/analyse/gc/chart.h"

#include <math.h>

#include "libprof/analyse/gc/units.h"

struct drawing {
	const struct prof_gc *gc;
	struct prof_chart *c;
	struct prof_chart_panel *heap, *pauses, *cpu;
	struct prof_chart_layer *marking, *size, *goal, *trigger, *limit, *first, *second, *gc_cpu,
		*assists, *both;
	bool labels;
	size_t shown; /* cycles */
	double left; /* of the segment */
	struct prof_err *e;
	int rc;
};

static void point(struct drawing *w, struct prof_chart_panel *p, struct prof_chart_layer *l,
	double x, double y)
{
	if (!w->rc && p)
		w->rc = prof_chart_point(w->c, p, l, w->left + x, y, w->e);
}

static double known(int64_t v)
{
	return v == PROF_ABSENT ? NAN : (double)v;
}

static void begin_heap(struct drawing *w)
{
	struct prof_chart_panel *p = prof_chart_panel(w->c, "heap", PROF_CHART_BYTES, 300);

	w->heap = p;
	w->marking = prof_chart_layer(p, PROF_CHART_BANDS, "marking", "marking");
	w->size = prof_chart_layer(p, PROF_CHART_LINE, "heap", "size");
	w->goal = prof_chart_layer(p, PROF_CHART_STEPS, "goal", "goal");
	w->trigger = prof_chart_layer(p, PROF_CHART_STEPS, "trigger", "trigger");
	if (w->gc->all.limit_goal_bytes != PROF_ABSENT)
		w->limit = prof_chart_layer(p, PROF_CHART_STEPS, "what the limit leaves", "limit");
}

/* The panels for which there is something. */
static void begin(struct drawing *w)
{
	const struct prof_gc_totals *sum = &w->gc->total;
	struct prof_chart_panel *p;

	if (sum->max_live_bytes != PROF_ABSENT || sum->max_peak_bytes != PROF_ABSENT)
		begin_heap(w);
	p = w->pauses = prof_chart_panel(w->c, "pauses", PROF_CHART_NS, 110);
	w->first = prof_chart_layer(p, PROF_CHART_STICKS, "sweep termination", "first");
	w->second = prof_chart_layer(p, PROF_CHART_STICKS, "mark termination", "second");
	if (w->gc->t->memstats.n)
		w->both = prof_chart_layer(p, PROF_CHART_STICKS, "both pauses", "first");
	if (!sum->cpu_cycles)
		return;
	p = w->cpu = prof_chart_panel(w->c, "GC CPU", PROF_CHART_PART, 110);
	w->gc_cpu = prof_chart_layer(p, PROF_CHART_AREA, "collector", "cpu");
	w->assists = prof_chart_layer(p, PROF_CHART_AREA, "assists", "assists");
}

static double assist_part(const struct prof_gc_cycle *c, const struct prof_gc_derived *d)
{
	int64_t cpu = prof_gc_cycle_cpu(c);

	return cpu > 0 ? d->gc_cpu * (double)c->assist_cpu_ns / (double)cpu : NAN;
}

static void put_label(struct drawing *w, size_t at, double x)
{
	const struct prof_gc_cycle *c = &w->gc->t->cycles.v[at];
	const struct prof_gc_derived *d = &w->gc->cycles.v[at];
	struct prof_buf b;

	prof_buf_init(&b, NULL, NULL);
	if (c->n == PROF_ABSENT)
		prof_buf_printf(&b, "the %zu. cycle", at + 1);
	else
		prof_buf_printf(&b, "cycle %lld", (long long)c->n);
	prof_buf_str(&b, " at ");
	prof_gc_put_ns(&b, c->start_ns);
	if (d->period_ns != PROF_ABSENT) {
		prof_buf_str(&b, ", after ");
		prof_gc_put_ns(&b, d->period_ns);
	}
	prof_buf_str(&b, "\nheap ");
	prof_gc_put_bytes(&b, c->start_bytes);
	prof_buf_str(&b, " \xe2\x86\x92 ");
	prof_gc_put_bytes(&b, c->end_bytes);
	prof_buf_str(&b, " \xe2\x86\x92 ");
	prof_gc_put_bytes(&b, c->live_bytes);
	prof_buf_str(&b, ", goal ");
	prof_gc_put_bytes(&b, c->goal_bytes);
	if (*prof_gc_why_name(d->why))
		prof_buf_printf(&b, " (%s)", prof_gc_why_name(d->why));
	prof_buf_str(&b, "\npauses ");
	prof_gc_put_pauses(&b, c);
	prof_buf_str(&b, ", marking ");
	prof_gc_put_ns(&b, c->mark_ns);
	prof_buf_str(&b, "\nGC CPU ");
	prof_gc_put_part(&b, d->gc_cpu);
	prof_buf_str(&b, ", assists ");
	prof_gc_put_part(&b, assist_part(c, d));
	if (!w->rc && b.code)
		w->rc = prof_nomem(w->e);
	if (!w->rc)
		w->rc = prof_chart_label(w->c, x, (struct prof_str){b.p, (uint32_t)b.n}, w->e);
	prof_buf_fini(&b);
}

/* `before`: the cycle that is shown to the left; SIZE_MAX: none. */
static void put_cycle(struct drawing *w, size_t at, size_t before)
{
	const struct prof_gc_cycle *c = &w->gc->t->cycles.v[at];
	const struct prof_gc_derived *d = &w->gc->cycles.v[at];
	double start = (double)c->start_ns, end = (double)prof_gc_cycle_end(c);
	double from = before == SIZE_MAX ? 0
					 : (double)prof_gc_cycle_end(&w->gc->t->cycles.v[before]);
	double trigger = known(c->start_bytes);
	int64_t second = c->mark_term_ns == PROF_ABSENT ? 0 : c->mark_term_ns;

	w->shown++;
	point(w, w->heap, w->marking, start, w->left + end);
	point(w, w->heap, w->size, start, known(c->start_bytes));
	point(w, w->heap, w->size, end - (double)second, known(c->end_bytes));
	point(w, w->heap, w->size, end, known(c->live_bytes));
	point(w, w->heap, w->goal, from, known(c->goal_bytes));
	point(w, w->heap, w->trigger, from, trigger);
	if (c->sweep_term_ns != PROF_ABSENT)
		point(w, w->pauses, w->first, start, (double)c->sweep_term_ns);
	if (c->mark_term_ns != PROF_ABSENT)
		point(w, w->pauses, w->second, end, (double)c->mark_term_ns);
	if (c->both_pauses_ns != PROF_ABSENT)
		point(w, w->pauses, w->both, end, (double)c->both_pauses_ns);
	point(w, w->cpu, w->gc_cpu, from, d->gc_cpu);
	point(w, w->cpu, w->assists, from, assist_part(c, d));
	if (w->labels)
		put_label(w, at, w->left + from);
}

/* Lines end with the last cycle that is shown. */
static void end_segment(struct drawing *w, size_t last)
{
	const struct prof_gc_cycle *c = &w->gc->t->cycles.v[last];
	double end = (double)prof_gc_cycle_end(c);

	point(w, w->heap, w->size, end, NAN);
	point(w, w->heap, w->goal, end, NAN);
	point(w, w->heap, w->trigger, end, NAN);
	point(w, w->cpu, w->gc_cpu, end, NAN);
	point(w, w->cpu, w->assists, end, NAN);
}

/* What a cycle of a group may be the extreme of. */
enum { EXTREMES = 5 };

static double extreme(const struct prof_gc *gc, size_t at, int which)
{
	const struct prof_gc_cycle *c = &gc->t->cycles.v[at];
	int64_t pause[2];
	int n;

	switch (which) {
	case 0:
		return known(c->end_bytes);
	case 1:
		return known(c->goal_bytes);
	case 2:
		return -known(c->live_bytes);
	case 3:
		n = prof_gc_cycle_pauses(c, pause);
		return n == 2 && pause[1] > pause[0] ? (double)pause[1]
		       : n                           ? (double)pause[0]
						     : NAN;
	default:
		return gc->cycles.v[at].gc_cpu;
	}
}

/* Shows of the cycles [from, to) those that hold an extreme, in their order. */
static size_t put_group(struct drawing *w, size_t from, size_t to, size_t before)
{
	size_t best[EXTREMES];

	for (int k = 0; k < EXTREMES; k++) {
		best[k] = from;
		for (size_t i = from + 1; i < to; i++)
			if (extreme(w->gc, i, k) > extreme(w->gc, best[k], k))
				best[k] = i;
	}
	for (size_t i = from; i < to; i++)
		for (int k = 0; k < EXTREMES; k++)
			if (best[k] == i) {
				put_cycle(w, i, before);
				before = i;
				break;
			}
	return before;
}

static void put_segment(struct drawing *w, const struct prof_segment *s, size_t most)
{
	size_t all = w->gc->cycles.n, groups, before = SIZE_MAX;

	groups = all <= most ? s->n_cycles : s->n_cycles * most / EXTREMES / all + 1;
	groups = groups < s->n_cycles ? groups : s->n_cycles;
	for (size_t i = 0; i < groups; i++)
		before = put_group(w, s->first_cycle + s->n_cycles * i / groups,
			s->first_cycle + s->n_cycles * (i + 1) / groups, before);
	if (before != SIZE_MAX)
		end_segment(w, before);
}

static void put_limit(struct drawing *w, size_t segment)
{
	if (!w->limit)
		return;
	point(w, w->heap, w->limit, 0, known(w->gc->setups.v[segment].limit_goal_bytes));
	point(w, w->heap, w->limit, (double)w->gc->t->segments.v[segment].end_ns, NAN);
}

int prof_gc_chart(const struct prof_gc *gc, size_t most, bool labels, struct prof_chart **out,
	struct prof_err *e)
{
	struct drawing w = {.gc = gc, .labels = labels, .e = e};
	size_t shown;

	w.c = prof_chart_new(e);
	if (!w.c)
		return PROF_ENOMEM;
	begin(&w);
	for (size_t i = 0; i < gc->t->segments.n; i++) {
		put_segment(&w, &gc->t->segments.v[i], most);
		put_limit(&w, i);
		w.left += (double)gc->t->segments.v[i].end_ns;
	}
	w.c->end_ns = w.left > 0 ? w.left : 1;
	shown = w.shown;
	if (!w.rc && shown < gc->cycles.n) {
		struct prof_buf b;

		prof_buf_init(&b, NULL, NULL);
		prof_buf_printf(&b,
			"%zu of %zu cycles are drawn: those with the extremes of their neighbours",
			shown, gc->cycles.n);
		w.rc = b.code ? prof_nomem(e)
			      : prof_chart_about(w.c, (struct prof_str){b.p, (uint32_t)b.n}, e);
		prof_buf_fini(&b);
	}
	if (w.rc)
		prof_chart_free(w.c);
	else
		*out = w.c;
	return w.rc;
}
