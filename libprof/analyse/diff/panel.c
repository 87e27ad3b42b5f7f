#include "libprof/analyse/diff/diff.h"

#include <math.h>

#include "libprof/base/num.h"

/* Counting. Each sample i of a run gives x[i] to its rows, with the variance v[i]:
 *
 *	COUNT_SAMPLES	x = the file's count (never ns); v = x
 *	COUNT_EVENTS	x = contentions, scaled up by a fraction g: v = g x
 *	COUNT_HEAP	x = the value; Go sees an allocation of S bytes with q = 1 - exp(-S / R) and
 *			writes it divided by q, so of n = objects * q that were seen each stands for
 *			w = x / n, and v = n w^2
 *	COUNT_DELAY, _EXACT, _NONE	x = the value; tests don't look at v
 */
struct counts {
	struct prof_diff *d;
	struct diff_run *run;
	size_t at; /* which run */
	double *x, *v; /* of each sample; v == x where they are the same; x is the run's weight */
	uint32_t *epoch; /* of each node: the last sample that counted it, plus one */
	/* Of each row, dense: what every sample looks at and adds to. */
	uint8_t *code;
	int64_t *own;
	double *alloc;
	/* What a count is in values, where that is the same for all samples: then the graph's sums
	 * of cum are known, and most of a stack need not be looked at. Else 0. */
	double unit;
};

static bool type_is(const struct prof_profile *p, uint32_t t, const char *type)
{
	return prof_str_eq(prof_profile_str(p, p->types.v[t].type), prof_str_of(type));
}

static bool unit_is(const struct prof_profile *p, uint32_t t, const char *unit)
{
	return prof_str_eq(prof_profile_str(p, p->types.v[t].unit), prof_str_of(unit));
}

static enum diff_count count_of(const struct prof_diff *d)
{
	const struct diff_run *run = &d->runs.v[0];
	const struct prof_profile *p = run->p;
	uint32_t t = run->index;

	if (type_is(p, t, "alloc_space") || type_is(p, t, "alloc_objects") ||
		type_is(p, t, "inuse_space") || type_is(p, t, "inuse_objects"))
		return run->period > 0 ? COUNT_HEAP : COUNT_NONE;
	if (type_is(p, t, "goroutine") || type_is(p, t, "goroutineleak") ||
		type_is(p, t, "threadcreate"))
		return COUNT_EXACT;
	if (type_is(p, 0, "contentions"))
		return t ? COUNT_DELAY : COUNT_EVENTS;
	return unit_is(p, t, "count") || (unit_is(p, 0, "count") && run->period > 0) ? COUNT_SAMPLES
										     : COUNT_NONE;
}

static double magnitude(int64_t v)
{
	return fabs((double)v);
}

double diff_step(const struct prof_profile *p, uint32_t type)
{
	uint64_t all = 0;

	for (size_t i = 0; i < p->sample_stack.n; i++)
		all = prof_gcd((uint64_t)magnitude(p->values.v[type].v[i]), all);
	return (double)(all ? all : 1);
}

/* The size of the objects of sample i, from its label, else what the sums say. */
static double object_size(const struct prof_profile *p, size_t i, uint32_t objects, uint32_t space)
{
	uint32_t set = p->sample_labels.v[i];
	double n = magnitude(p->values.v[objects].v[i]);

	for (uint32_t k = p->label_start.v[set]; k < p->label_start.v[set + 1]; k++) {
		const struct prof_label *l = &p->labels.v[k];

		if (!l->is_str && l->num > 0 &&
			prof_str_eq(prof_profile_str(p, l->key), PROF_STR("bytes")))
			return (double)l->num;
	}
	return n > 0 ? magnitude(p->values.v[space].v[i]) / n : 0;
}

static void count_heap(struct counts *c)
{
	const struct prof_profile *p = c->run->p;
	uint32_t t = c->run->index, objects = t & ~1u, space = objects + 1;
	double period = (double)c->run->period;

	for (size_t i = 0; i < p->sample_stack.n; i++) {
		double size, seen;

		c->x[i] = magnitude(p->values.v[t].v[i]);
		c->v[i] = 0;
		if (c->x[i] <= 0)
			continue;
		size = object_size(p, i, objects, space);
		seen = round(magnitude(p->values.v[objects].v[i]) * -expm1(-size / period));
		c->v[i] = c->x[i] * c->x[i] / (seen > 1 ? seen : 1);
	}
}

static void count_samples(struct counts *c)
{
	const struct prof_profile *p = c->run->p;
	uint32_t t = unit_is(p, 0, "count") ? 0 : c->run->index;
	double step = 1;

	if (c->d->count != COUNT_SAMPLES && c->d->count != COUNT_EVENTS)
		t = c->run->index;
	if (c->d->count == COUNT_EVENTS)
		step = diff_step(p, t);
	for (size_t i = 0; i < p->sample_stack.n; i++) {
		c->x[i] = magnitude(p->values.v[t].v[i]);
		if (c->d->count == COUNT_EVENTS)
			c->v[i] = c->x[i] * step;
	}
}

/* What a sample's stack says about its owner, from the leaf on. */
struct walk {
	uint32_t flat, owner, fallback, last; /* rows */
	bool collector, alloc, waits;
};

/* The number of frames at the leaf that are an asynchronous preemption's. */
static uint32_t preempted(const struct counts *c, const uint32_t *loc, uint32_t n)
{
	const struct prof_graph *g = &c->run->g;
	uint32_t skip = 0;

	for (uint32_t k = 0; k < n && k < 4; k++) {
		uint32_t row = c->run->row_of[g->node_of.v[g->loc_start.v[loc[k]]]];

		if (row != PROF_NONE && c->code[row] & CODE_PREEMPT)
			skip = k + 1;
	}
	return skip < n ? skip : 0;
}

static void step(struct walk *w, uint32_t row, unsigned code)
{
	w->last = row;
	if (w->flat == PROF_NONE)
		w->flat = row;
	if (w->owner != PROF_NONE || w->collector)
		return;
	w->alloc |= (code & CODE_ALLOC) != 0;
	w->waits |= (code & CODE_WAITS) != 0;
	if (code & CODE_COLLECTOR)
		w->collector = true;
	else if (!(code & (CODE_SAME | CODE_RUNTIME)))
		w->owner = row;
	else if (w->fallback == PROF_NONE && !(code & CODE_RUNTIME))
		w->fallback = row;
}

/* The runtime is never an owner while a caller is there: what it does is what it was asked for. */
static uint32_t owner_of(const struct walk *w, uint32_t collector)
{
	if (w->collector)
		return collector;
	if (w->owner != PROF_NONE)
		return w->owner;
	return w->fallback != PROF_NONE ? w->fallback : w->last;
}

static void add(struct counts *c, enum diff_metric m, uint32_t row, size_t i)
{
	struct prof_diff *d = c->d;
	size_t at = (size_t)row * d->runs.n + c->at;

	d->x[m][at] += c->x[i];
	if (d->v[m] != d->x[m])
		d->v[m][at] += c->v[i];
}

/* What is for nobody that could be named, and follows the machine's load. */
static bool is_load(const struct counts *c, const struct walk *w, uint32_t owner)
{
	return c->d->count == COUNT_SAMPLES &&
	       (diff_schedules(c->code[owner]) || (w->collector && w->waits));
}

/* A recursion counts twice, which changes no majority. */
static void count_load(struct counts *c, size_t i, uint32_t flat, uint32_t owner)
{
	struct diff_run *run = c->run;
	struct diff_row *rows = c->d->rows.v;
	struct diff_frames f = diff_frames(run, i);
	uint32_t row;

	run->load += c->x[i];
	rows[flat].load[M_FLAT] += c->x[i];
	rows[owner].load[M_OWN] += c->x[i];
	while (diff_next_frame(&f, &row))
		rows[row].load[M_CUM] += c->x[i];
}

static void count_sample(struct counts *c, size_t i, uint32_t collector)
{
	struct diff_run *run = c->run;
	const struct prof_profile *p = run->p;
	const struct prof_graph *g = &run->g;
	uint32_t s = p->sample_stack.v[i], n = p->stack_start.v[s + 1] - p->stack_start.v[s];
	const uint32_t *loc = p->stack_loc.v + p->stack_start.v[s];
	int64_t *own;
	struct walk w = {PROF_NONE, PROF_NONE, PROF_NONE, PROF_NONE, false, false, false};

	for (uint32_t k = preempted(c, loc, n); k < n; k++) {
		if (c->unit > 0 && (w.owner != PROF_NONE || w.collector))
			break;
		for (uint32_t at = g->loc_start.v[loc[k]]; at < g->loc_start.v[loc[k] + 1]; at++) {
			uint32_t node = g->node_of.v[at], row = run->row_of[node];

			if (row == PROF_NONE)
				continue;
			step(&w, row, c->code[row]);
			if (c->unit > 0 || c->epoch[node] == (uint32_t)i + 1)
				continue;
			c->epoch[node] = (uint32_t)i + 1;
			add(c, M_CUM, row, i);
		}
	}
	if (w.flat == PROF_NONE)
		return;
	add(c, M_FLAT, w.flat, i);
	run->leaf[i] = w.alloc ? PROF_NONE : w.flat;
	run->owner[i] = c->d->opts.by == PROF_BY_FUNCTION ? owner_of(&w, collector) : w.flat;
	add(c, M_OWN, run->owner[i], i);
	if (is_load(c, &w, run->owner[i]))
		count_load(c, i, w.flat, run->owner[i]);
	own = &c->own[run->owner[i]];
	*own = prof_add(*own, p->values.v[run->index].v[i]);
	if (w.alloc)
		c->alloc[run->owner[i]] += c->x[i];
}

/* The value of one count, or 0 where that differs. */
static double unit_of(const struct counts *c)
{
	const int64_t *value = c->run->p->values.v[c->run->index].v;
	double unit = 0;

	if (c->v != c->x)
		return 0;
	for (size_t i = 0; i < c->run->p->sample_stack.n; i++) {
		if (!value[i] && c->x[i] <= 0)
			continue;
		if (unit == 0)
			unit = (double)value[i] / c->x[i];
		if ((double)value[i] != c->x[i] * unit)
			return 0;
	}
	return unit;
}

/* A row may be several nodes. */
static void take_cum(struct counts *c)
{
	const struct prof_graph *g = &c->run->g;

	for (size_t i = 0; i < g->nodes.n; i++)
		if (c->run->row_of[i] != PROF_NONE)
			c->d->x[M_CUM][(size_t)c->run->row_of[i] * c->d->runs.n + c->at] +=
				(double)g->values[i].cum / c->unit;
}

static int count_run(struct prof_diff *d, size_t at, uint32_t collector, struct prof_err *e)
{
	struct diff_run *run = &d->runs.v[at];
	size_t n = run->p->sample_stack.n, nodes = run->g.nodes.n, rows = d->rows.n;
	bool apart = d->count == COUNT_HEAP || d->count == COUNT_EVENTS;
	struct counts c = {.d = d, .run = run, .at = at};
	int64_t counted = 0;
	int rc = PROF_ENOMEM;

	c.x = run->weight = prof_mem_zalloc(&d->mem, n, sizeof(*c.x), e);
	c.v = run->var = apart ? prof_mem_zalloc(&d->mem, n, sizeof(*c.v), e) : c.x;
	c.epoch = prof_mem_zalloc(&d->mem, nodes, sizeof(*c.epoch), e);
	c.code = prof_mem_zalloc(&d->mem, rows, sizeof(*c.code), e);
	c.own = prof_mem_zalloc(&d->mem, rows, sizeof(*c.own), e);
	c.alloc = prof_mem_zalloc(&d->mem, rows, sizeof(*c.alloc), e);
	run->owner = prof_mem_zalloc(&d->mem, n, sizeof(*run->owner), e);
	run->leaf = prof_mem_zalloc(&d->mem, n, sizeof(*run->leaf), e);
	if (!c.x || !c.v || !c.epoch || !c.code || !c.own || !c.alloc || !run->owner || !run->leaf)
		goto out;
	for (size_t i = 0; i < rows; i++)
		c.code[i] = (uint8_t)d->rows.v[i].code;
	if (d->count == COUNT_HEAP)
		count_heap(&c);
	else
		count_samples(&c);
	c.unit = unit_of(&c);
	if (c.unit > 0)
		take_cum(&c);
	for (size_t i = 0; i < n; i++) {
		run->owner[i] = run->leaf[i] = PROF_NONE;
		if (c.x[i] > 0)
			count_sample(&c, i, collector);
		run->x += c.x[i];
		run->v += c.v[i];
		counted = prof_add(counted, run->p->values.v[run->index].v[i]);
	}
	for (size_t i = 0; i < rows; i++) {
		struct diff_row *row = &d->rows.v[i];

		row->value[M_OWN][run->side] = prof_add(row->value[M_OWN][run->side], c.own[i]);
		row->alloc[run->side] += c.alloc[i];
	}
	d->sides[run->side].counted = prof_add(d->sides[run->side].counted, counted);
	d->sides[run->side].x += run->x;
	d->sides[run->side].v += run->v;
	d->sides[run->side].load += run->load;
	rc = 0;
out:
	prof_mem_zfree(&d->mem, c.epoch, nodes, sizeof(*c.epoch));
	prof_mem_zfree(&d->mem, c.code, rows, sizeof(*c.code));
	prof_mem_zfree(&d->mem, c.own, rows, sizeof(*c.own));
	prof_mem_zfree(&d->mem, c.alloc, rows, sizeof(*c.alloc));
	return rc;
}

/* The row that stands for the collector, where there is one of its functions. */
static int collector_row(struct prof_diff *d, uint32_t *row, struct prof_err *e)
{
	const struct prof_str name = PROF_STR("runtime.gcBgMarkWorker");
	bool any = false;
	int rc;

	*row = PROF_NONE;
	for (size_t i = 0; !any && i < d->rows.n; i++)
		any = d->rows.v[i].code & CODE_COLLECTOR;
	if (!any)
		return 0;
	rc = diff_row_of(d, name, row, e);
	if (!rc)
		rc = prof_strtab_add(&d->strings, name.p, name.len, &d->rows.v[*row].name, e);
	if (!rc)
		d->rows.v[*row].code = CODE_STD | CODE_RUNTIME | CODE_COLLECTOR;
	return rc;
}

/* The function that stands at a sample's leaf, or 0. */
static uint32_t leaf_name(const struct prof_profile *p, size_t sample)
{
	uint32_t s = p->sample_stack.v[sample];
	const struct prof_location *l;

	if (p->stack_start.v[s] == p->stack_start.v[s + 1])
		return 0;
	l = &p->locations.v[p->stack_loc.v[p->stack_start.v[s]]];
	return l->n_lines ? p->functions.v[p->lines.v[l->first_line].function].name : 0;
}

static int add_whole(struct counts *c, size_t i, struct prof_err *e)
{
	struct prof_diff *d = c->d;
	struct prof_str name = prof_profile_str(c->run->p, leaf_name(c->run->p, i));
	uint32_t id;
	int rc = prof_strtab_add(&d->strings, name.p, name.len, &id, e);

	if (!rc && id >= d->whole.n) {
		rc = prof_vec_reserve(&d->mem, &d->whole, id + 1 - d->whole.n, e);
		if (rc)
			return rc;
		memset(d->whole.v + d->whole.n, 0, (id + 1 - d->whole.n) * sizeof(*d->whole.v));
		d->whole.n = id + 1;
	}
	if (rc)
		return rc;
	d->whole.v[id].x[c->run->side] += c->x[i];
	d->whole.v[id].v += c->v[i];
	return 0;
}

int diff_take_whole(struct prof_diff *d, struct diff_run *run, struct prof_err *e)
{
	size_t n = run->p->sample_stack.n;
	struct counts c = {.d = d, .run = run};
	int rc;

	d->count = count_of(d);
	c.x = prof_mem_zalloc(&d->mem, n, sizeof(*c.x), e);
	c.v = prof_mem_zalloc(&d->mem, n, sizeof(*c.v), e);
	rc = c.x && c.v ? 0 : e->code;
	if (!rc && d->count == COUNT_HEAP)
		count_heap(&c);
	else if (!rc)
		count_samples(&c);
	for (size_t i = 0; !rc && i < n; i++) {
		if (d->count != COUNT_HEAP && d->count != COUNT_EVENTS)
			c.v[i] = c.x[i];
		if (c.x[i] > 0)
			rc = add_whole(&c, i, e);
	}
	prof_mem_zfree(&d->mem, c.x, n, sizeof(*c.x));
	prof_mem_zfree(&d->mem, c.v, n, sizeof(*c.v));
	return rc;
}

int diff_panel(struct prof_diff *d, struct prof_err *e)
{
	bool apart;
	uint32_t collector;
	size_t n;
	int rc = collector_row(d, &collector, e);

	if (rc)
		return rc;
	d->count = count_of(d);
	apart = d->count == COUNT_HEAP || d->count == COUNT_EVENTS;
	n = d->rows.n * d->runs.n;
	for (int m = 0; m < N_METRICS; m++) {
		d->x[m] = prof_mem_zalloc(&d->mem, n, sizeof(double), e);
		d->v[m] = apart ? prof_mem_zalloc(&d->mem, n, sizeof(double), e) : d->x[m];
		if (!d->x[m] || !d->v[m])
			return e->code;
	}
	for (size_t i = 0; !rc && i < d->runs.n; i++)
		rc = count_run(d, i, collector, e);
	return rc;
}
