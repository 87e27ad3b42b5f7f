#include "libprof/analyse/gc/cycles.h"

#include "libprof/analyse/gc/object.h"

/* In the order in which put_cells fills them. */
static const struct prof_table_column columns[] = {
	{.key = "segment"},
	{.key = "n"},
	{.key = "start_ns"},
	{.key = "end_ns"},
	{.key = "period_ns"},
	{.key = "live_before_bytes"},
	{.key = "start_bytes"},
	{.key = "trigger_bytes"},
	{.key = "peak_bytes"},
	{.key = "live_bytes"},
	{.key = "goal_bytes"},
	{.key = "predicted_goal_bytes"},
	{.key = "overshoot_bytes"},
	{.key = "stacks_bytes"},
	{.key = "globals_bytes"},
	{.key = "pauses_ns", .nested = true},
	{.key = "both_pauses_ns"},
	{.key = "sweep_termination_ns"},
	{.key = "mark_ns"},
	{.key = "mark_termination_ns"},
	{.key = "sweep_termination_cpu_ns"},
	{.key = "assist_cpu_ns"},
	{.key = "dedicated_cpu_ns"},
	{.key = "fractional_cpu_ns"},
	{.key = "idle_cpu_ns"},
	{.key = "mark_termination_cpu_ns"},
	{.key = "gc_cpu_fraction"},
	{.key = "running_gc_cpu_fraction"},
	{.key = "procs"},
	{.key = "forced"},
	{.key = "why"},
	{.key = "phase"},
	{.key = "assist_ratio"},
	{.key = "dedicated_workers"},
	{.key = "fractional_goal"},
	{.key = "heap_work_bytes"},
	{.key = "stack_work_bytes"},
	{.key = "globals_work_bytes"},
	{.key = "expected_work_bytes"},
	{.key = "cons_mark"},
	{.key = "swept_pages"},
	{.key = "sweep_allocated_bytes"},
	{.key = "scavenged_bytes"},
	{.key = "released_bytes"},
	{.key = "scan_objects"},
};

enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]) };

struct rows {
	const struct prof_gc *gc;
	uint32_t segment; /* of the row before: rows are mostly asked for in order */
	struct prof_cell pauses[2];
};

static const struct prof_segment *segment_of(struct rows *x, size_t row)
{
	const struct prof_timeline *t = x->gc->t;
	uint32_t i = x->segment;

	if (i >= t->segments.n || row < t->segments.v[i].first_cycle)
		i = 0;
	while (row >= (size_t)t->segments.v[i].first_cycle + t->segments.v[i].n_cycles)
		i++;
	x->segment = i;
	return &t->segments.v[i];
}

static struct prof_cell *put_sizes(
	struct prof_cell *out, const struct prof_gc *gc, const struct prof_segment *s, size_t row)
{
	const struct prof_gc_cycle *c = &gc->t->cycles.v[row];
	struct prof_gc_size goal = prof_gc_goal(gc->t, s, c), peak = prof_gc_peak(gc->t, s, c);
	struct prof_gc_size trigger = prof_gc_trigger(gc->t, s, c);
	bool over = goal.lo != PROF_ABSENT && peak.lo != PROF_ABSENT;

	*out++ = prof_gc_int(row > s->first_cycle ? c[-1].live_bytes : PROF_ABSENT);
	*out++ = prof_gc_int(c->start_bytes);
	*out++ = prof_gc_int(trigger.unit == 1 ? trigger.lo : PROF_ABSENT);
	*out++ = prof_gc_int(peak.lo);
	*out++ = prof_gc_int(c->live_bytes);
	*out++ = prof_gc_int(goal.lo);
	*out++ = prof_gc_int(gc->cycles.v[row].predicted_goal_bytes);
	*out++ = prof_gc_int(over ? peak.lo - goal.lo : PROF_ABSENT);
	*out++ = prof_gc_int(c->stacks_bytes);
	*out++ = prof_gc_int(c->globals_bytes);
	return out;
}

static struct prof_cell *put_pacing(struct prof_cell *out, const struct prof_gc_pacing *p)
{
	*out++ = prof_gc_real(p->assist_ratio);
	*out++ = prof_gc_int(p->dedicated_workers);
	*out++ = prof_gc_real(p->fractional_goal);
	*out++ = prof_gc_int(p->heap_work_bytes);
	*out++ = prof_gc_int(p->stack_work_bytes);
	*out++ = prof_gc_int(p->globals_work_bytes);
	*out++ = prof_gc_int(p->expected_work_bytes);
	*out++ = prof_gc_real(p->cons_mark);
	*out++ = prof_gc_int(p->swept_pages);
	*out++ = prof_gc_int(p->sweep_allocated_bytes);
	*out++ = prof_gc_int(p->scavenged_bytes);
	*out++ = prof_gc_int(p->released_bytes);
	*out++ = prof_gc_int(p->scan_objects);
	return out;
}

static void put_cells(void *rows, size_t row, struct prof_cell *out)
{
	struct rows *x = rows;
	const struct prof_segment *s = segment_of(x, row);
	const struct prof_gc_cycle *c = &x->gc->t->cycles.v[row];
	const struct prof_gc_derived *d = &x->gc->cycles.v[row];
	struct prof_gc_pacing none;
	const char *why = prof_gc_why_name(d->why);

	*out++ = prof_cell_int(x->segment);
	*out++ = prof_gc_int(c->n);
	*out++ = s->ends_only ? PROF_NULL_CELL : prof_cell_int(c->start_ns);
	*out++ = prof_cell_int(prof_gc_cycle_end(c));
	*out++ = prof_gc_int(d->period_ns);
	out = put_sizes(out, x->gc, s, row);
	x->pauses[0] = prof_gc_int(c->sweep_term_ns);
	x->pauses[1] = prof_gc_int(c->mark_term_ns);
	*out++ = (struct prof_cell){.kind = PROF_CELL_LIST, .list = {x->pauses, 2}};
	*out++ = prof_gc_int(c->both_pauses_ns == PROF_ABSENT
				     ? prof_known_sum(c->sweep_term_ns, c->mark_term_ns)
				     : c->both_pauses_ns);
	*out++ = x->pauses[0];
	*out++ = prof_gc_int(c->mark_ns);
	*out++ = x->pauses[1];
	*out++ = prof_gc_int(c->sweep_term_cpu_ns);
	*out++ = prof_gc_int(c->assist_cpu_ns);
	*out++ = prof_gc_int(c->dedicated_cpu_ns);
	*out++ = prof_gc_int(c->fractional_cpu_ns);
	*out++ = prof_gc_int(c->idle_cpu_ns);
	*out++ = prof_gc_int(c->mark_term_cpu_ns);
	*out++ = prof_gc_real(d->gc_cpu);
	*out++ = prof_gc_real(c->running_cpu);
	*out++ = c->procs ? prof_cell_int(c->procs) : PROF_NULL_CELL;
	*out++ = c->reason == PROF_GC_NOT_TOLD ? PROF_NULL_CELL
					       : prof_cell_bool(c->reason == PROF_GC_FORCED);
	*out++ = *why ? prof_cell_str(prof_str_of(why)) : PROF_NULL_CELL;
	*out++ = prof_cell_int(d->phase);
	prof_gc_pacing_init(&none);
	put_pacing(out, c->pacing == PROF_NONE ? &none : &x->gc->t->pacing.v[c->pacing]);
}

int prof_gc_add_cycles(const struct prof_gc *gc, struct prof_report *r, struct prof_err *e)
{
	struct prof_report *part = prof_report_part(r, e);
	struct rows *x = part ? prof_arena_alloc(&part->arena, sizeof(*x), e) : NULL;

	if (!x)
		return PROF_ENOMEM;
	*x = (struct rows){.gc = gc};
	part->rows_key = "cycles";
	part->csv = true;
	part->columns = columns;
	part->n_columns = N_COLUMNS;
	part->n_rows = gc->cycles.n;
	part->pull = put_cells;
	part->rows = x;
	return 0;
}
