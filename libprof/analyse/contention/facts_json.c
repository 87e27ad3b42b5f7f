/* What traces tell beside waits, as JSON: holds and queues. */
#include "libprof/analyse/contention/report.h"

#define OBJECT(x, fields, out) \
	prof_report_object((x)->r, (fields), sizeof(fields) / sizeof((fields)[0]), (out), (x)->e)

typedef int make_fn(struct contending *x, size_t i, struct prof_cell *out);

/* n cells that `make` makes, from `first` on. */
static int list(struct contending *x, size_t first, size_t n, make_fn *make, struct prof_cell *out)
{
	PROF_VEC(struct prof_cell) cells = {0};
	int rc = prof_vec_reserve(&x->r->mem, &cells, n + 1, x->e);

	for (size_t i = 0; !rc && i < n; i++)
		rc = make(x, first + i, &cells.v[i]);
	if (!rc)
		rc = prof_report_list(x->r, cells.v, n, out, x->e);
	prof_vec_fini(&x->r->mem, &cells);
	return rc;
}

static struct prof_cell string(const struct contending *x, uint32_t id)
{
	return id ? prof_cell_str(prof_contention_name(x->k, id)) : PROF_NULL_CELL;
}

static struct prof_cell text(const char *s)
{
	return prof_cell_str(prof_str_of(s));
}

static struct prof_cell site(const struct contending *x, uint32_t id)
{
	return prof_cell_str(x->sides[PROF_NEW].v.v[id].text);
}

/* Where a stack waits, and what of. */
static int place(struct contending *x, uint32_t stack, int64_t ns, struct prof_cell count,
	struct prof_cell *out)
{
	const struct prof_contention_frame *f = prof_contention_stack_frame(x->k, stack);
	const struct prof_contention_function *fn = f ? &x->k->functions.v[f->function] : NULL;
	const struct prof_field fields[] = {{"site", fn ? string(x, fn->name) : PROF_NULL_CELL},
		{"file", fn ? string(x, fn->file) : PROF_NULL_CELL},
		{"line", f && f->line ? prof_cell_int(f->line) : PROF_NULL_CELL},
		{"class", text(prof_wait_class_names[x->k->stacks.v[stack].class])},
		{"holds", count}, {"ns", prof_cell_int(ns)}};

	return OBJECT(x, fields, out);
}

static int elsewhere(struct contending *x, size_t i, struct prof_cell *out)
{
	const struct prof_contention_elsewhere *v = &x->facts.elsewhere.v[i];

	return place(x, v->stack, v->ns, prof_cell_int((int64_t)v->count), out);
}

static int parts(struct contending *x, const int64_t *ns, struct prof_cell *out)
{
	const struct prof_field fields[] = {{"ran_ns", prof_cell_int(ns[PROF_HOLD_RAN])},
		{"runnable_ns", prof_cell_int(ns[PROF_HOLD_RUNNABLE])},
		{"syscall_ns", prof_cell_int(ns[PROF_HOLD_SYSCALL])},
		{"waited_ns", prof_cell_int(ns[PROF_HOLD_WAITED])}};

	return OBJECT(x, fields, out);
}

static int longest(
	struct contending *x, const struct prof_contention_hold *h, struct prof_cell *out)
{
	struct prof_cell meanwhile, waited = PROF_NULL_CELL;
	int rc = parts(x, h->longest_parts_ns, &meanwhile);

	if (!rc && h->longest_waited != PROF_NONE)
		rc = place(x, h->longest_waited, h->longest_waited_ns, prof_cell_int(1), &waited);
	if (!rc) {
		const struct prof_field fields[] = {{"at_ns", prof_cell_int(h->longest_at)},
			{"ns", prof_cell_int(h->longest_ns)},
			{"exact", prof_cell_bool(h->longest_exact)},
			{"goroutine", prof_cell_int(h->longest_goroutine)},
			{"holder_did", meanwhile}, {"waited_at", waited}};

		rc = OBJECT(x, fields, out);
	}
	return rc;
}

static int hold(struct contending *x, size_t i, struct prof_cell *out)
{
	const struct prof_contention_held *h = &x->facts.held.v[i];
	struct prof_cell did, most, where;
	int rc = parts(x, h->parts_ns, &did);

	if (!rc)
		rc = longest(x, h->longest, &most);
	if (!rc)
		rc = list(x, h->elsewhere, h->n_elsewhere, elsewhere, &where);
	if (!rc) {
		const struct prof_contention_site *w = &x->sides[PROF_NEW].v.v[h->waiter];
		const struct prof_field fields[] = {{"holder", site(x, h->holder)},
			{"waiter", site(x, h->waiter)},
			{"class", text(prof_contention_class(x, w->class))},
			{"holds", prof_cell_int((int64_t)h->count)},
			{"exact", prof_cell_int((int64_t)h->exact)},
			{"held_ns", prof_cell_int((int64_t)h->hist.total)},
			{"p50_ns", prof_cell_int((int64_t)prof_hist_percentile(&h->hist, 50))},
			{"p95_ns", prof_cell_int((int64_t)prof_hist_percentile(&h->hist, 95))},
			{"max_ns", prof_cell_int((int64_t)h->hist.max)}, {"holder_did", did},
			{"waited_at", where}, {"longest", most}};

		rc = OBJECT(x, fields, out);
	}
	return rc;
}

static int queue(struct contending *x, size_t i, struct prof_cell *out)
{
	const struct prof_contention_line *l = &x->facts.lines.v[i];
	const struct prof_contention_queue *q = l->queue;
	const struct prof_contention_site *s = &x->sides[PROF_NEW].v.v[l->site];
	PROF_VEC(struct prof_cell) cells = {0};
	struct prof_cell lists[3];
	uint32_t n[] = {PROF_QUEUE_POWERS, l->trace->steps, l->trace->steps};
	int rc = prof_vec_reserve(&x->r->mem, &cells, PROF_QUEUE_POWERS + PROF_QUEUE_STEPS, x->e);

	while (n[0] && !q->at_least_ns[n[0] - 1])
		n[0]--;
	for (int j = 0; !rc && j < 3; j++) {
		for (uint32_t v = 0; v < n[j]; v++)
			cells.v[v] = j == 0   ? prof_cell_int(q->at_least_ns[v])
				     : j == 1 ? prof_cell_real(prof_contention_line_mean(l, v))
					      : prof_cell_int(q->steps[v].most);
		rc = prof_report_list(x->r, cells.v, n[j], &lists[j], x->e);
	}
	if (!rc) {
		const struct prof_field fields[] = {{"site", site(x, l->site)},
			{"class", text(prof_contention_class(x, s->class))},
			{"list", text(prof_wait_list_names[s->list])},
			{"most", prof_cell_int(q->most)}, {"most_at_ns", prof_cell_int(q->most_at)},
			{"at_least_ns", lists[0]}, {"longest_at_ns", prof_cell_int(q->longest_at)},
			{"longest_ns", prof_cell_int(q->longest_ns)},
			{"step_ns", prof_cell_int(l->trace->step_ns)}, {"mean", lists[1]},
			{"peak", lists[2]}};

		rc = OBJECT(x, fields, out);
	}
	prof_vec_fini(&x->r->mem, &cells);
	return rc;
}

int prof_contention_facts_fields(struct contending *x)
{
	bool traced = x->sides[PROF_NEW].parts[PROF_CONTENTION_TRACE].known;
	struct prof_cell holds = PROF_NULL_CELL, queues = PROF_NULL_CELL;
	int rc = traced ? list(x, 0, x->facts.held.n, hold, &holds) : 0;

	if (!rc && traced)
		rc = list(x, 0, x->facts.lines.n, queue, &queues);
	if (!rc)
		rc = prof_report_field(x->r, "holds", holds, x->e);
	return rc ? rc : prof_report_field(x->r, "queues", queues, x->e);
}
