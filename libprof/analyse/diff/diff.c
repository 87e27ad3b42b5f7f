#include "libprof/analyse/diff/diff.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "libprof/analyse/graph.h"
#include "libprof/analyse/nodes.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"

#define MOST_LOST 0.01 /* of what a pair counts */

void prof_diff_opts_init(struct prof_diff_opts *opts)
{
	*opts = (struct prof_diff_opts){.row_count = PROF_DIFF_EXPLAINED, .effect = 0.1};
}

int prof_diff_new(const struct prof_diff_opts *opts, struct prof_diff **out, struct prof_err *e)
{
	struct prof_diff *d = calloc(1, sizeof(*d));
	int rc;

	if (!d)
		return prof_nomem(e);
	d->mem.limit = SIZE_MAX / 2; /* smaller than the profiles, which have budgets */
	d->opts = *opts;
	d->rank_p = NAN;
	prof_index_init(&d->index, &d->mem);
	prof_buf_init(&d->warnings, NULL, NULL);
	rc = prof_strtab_init(&d->strings, &d->mem, e);
	if (rc)
		prof_diff_free(d);
	else
		*out = d;
	return rc;
}

static void run_fini(struct prof_diff *d, struct diff_run *run)
{
	size_t n = run->p->sample_stack.n;

	prof_mem_zfree(&d->mem, run->row_of, run->g.nodes.n, sizeof(*run->row_of));
	prof_mem_zfree(&d->mem, run->owner, n, sizeof(*run->owner));
	prof_mem_zfree(&d->mem, run->leaf, n, sizeof(*run->leaf));
	if (run->var != run->weight)
		prof_mem_zfree(&d->mem, run->var, n, sizeof(*run->var));
	prof_mem_zfree(&d->mem, run->weight, n, sizeof(*run->weight));
	if (run->g.mem)
		prof_graph_fini(&run->g);
	prof_profile_free(run->p);
}

const char *prof_diff_sample_type(const struct prof_diff *d)
{
	return d->runs.n ? d->runs.v[0].type.p : NULL;
}

void prof_diff_free(struct prof_diff *d)
{
	if (!d)
		return;
	for (int m = 0; m < N_METRICS; m++) {
		size_t n = d->rows.n * d->runs.n;

		if (d->v[m] != d->x[m])
			prof_mem_zfree(&d->mem, d->v[m], n, sizeof(double));
		prof_mem_zfree(&d->mem, d->x[m], n, sizeof(double));
	}
	for (size_t i = 0; i < d->runs.n; i++)
		run_fini(d, &d->runs.v[i]);
	prof_vec_fini(&d->mem, &d->runs);
	prof_vec_fini(&d->mem, &d->rows);
	prof_vec_fini(&d->mem, &d->whole);
	prof_vec_fini(&d->mem, &d->parts);
	prof_vec_fini(&d->mem, &d->paths);
	prof_vec_fini(&d->mem, &d->gates);
	prof_vec_fini(&d->mem, &d->packages);
	prof_vec_fini(&d->mem, &d->modules);
	prof_index_fini(&d->index);
	prof_strtab_fini(&d->strings);
	prof_buf_fini(&d->warnings);
	free(d);
}

void diff_warn(struct prof_diff *d, const char *fmt, ...)
{
	char line[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	prof_buf_put(&d->warnings, line, strlen(line) + 1);
}

static int own(struct prof_diff *d, struct prof_str s, struct prof_str *out, struct prof_err *e)
{
	uint32_t id;
	int rc = prof_strtab_add(&d->strings, s.p, s.len, &id, e);

	if (!rc)
		*out = prof_strtab_get(&d->strings, id);
	return rc;
}

/* A row's key is what it is called: it means the same in all profiles. */
int diff_row_of(struct prof_diff *d, struct prof_str text, uint32_t *row, struct prof_err *e)
{
	uint32_t before = (uint32_t)d->strings.strs.n, id;
	int rc = prof_strtab_add(&d->strings, text.p, text.len, &id, e);
	struct prof_index_it it;
	uint64_t hash;

	if (rc)
		return rc;
	hash = prof_hash_mix(0, id);
	it = prof_index_first(&d->index, hash);
	while (id < before && (*row = prof_index_next(&d->index, &it)) != PROF_NONE)
		if (d->rows.v[*row].text == id)
			return 0;
	*row = (uint32_t)d->rows.n;
	if ((rc = prof_vec_reserve(&d->mem, &d->rows, 1, e)) ||
		(rc = prof_index_add(&d->index, hash, *row, e)))
		return rc;
	d->rows.v[d->rows.n++] = (struct diff_row){
		.text = id, .peer = PROF_NONE, .under = PROF_NONE, .now = PROF_NONE};
	return 0;
}

static int take_node(struct prof_diff *d, struct diff_run *run, uint32_t n, struct prof_buf *b,
	struct prof_err *e)
{
	const struct prof_graph *g = &run->g;
	const struct prof_node_info *info = &g->nodes.v[n];
	const struct prof_node_value *v = &g->values[n];
	struct prof_str name = prof_profile_str(g->profile, info->name);
	struct prof_str file = prof_profile_str(g->profile, info->file);
	enum prof_side side = run->side;
	struct diff_row *row;
	uint32_t i;
	int rc;

	run->row_of[n] = PROF_NONE;
	if (!v->flat && !v->cum)
		return 0;
	b->n = 0;
	prof_node_name(g, n, b);
	if (b->code)
		return prof_nomem(e);
	rc = diff_row_of(d, (struct prof_str){b->p, (uint32_t)b->n}, &i, e);
	if (rc)
		return rc;
	row = &d->rows.v[i];
	run->row_of[n] = i;
	if (!row->name && (rc = prof_strtab_add(&d->strings, name.p, name.len, &row->name, e)))
		return rc;
	if (!row->file && (rc = prof_strtab_add(&d->strings, file.p, file.len, &row->file, e)))
		return rc;
	row->line = info->line;
	row->value[M_FLAT][side] = prof_add(row->value[M_FLAT][side], v->flat);
	row->value[M_CUM][side] = prof_add(row->value[M_CUM][side], v->cum);
	row->present[side] = true;
	return 0;
}

static int take_values(struct prof_diff *d, struct diff_run *run, struct prof_err *e)
{
	struct prof_nodes_opts by = {.by = d->opts.by};
	struct prof_graph *g = &run->g;
	struct prof_buf b;
	int rc = prof_nodes_build(g, run->p, &by, e);

	if (rc) {
		g->mem = NULL; /* freed already */
		return rc;
	}
	run->row_of = prof_mem_zalloc(&d->mem, g->nodes.n, sizeof(*run->row_of), e);
	if (!run->row_of)
		return e->code;
	prof_buf_init(&b, NULL, NULL);
	rc = prof_graph_values(g, run->index, false, e);
	for (uint32_t n = 0; !rc && n < g->nodes.n; n++)
		rc = take_node(d, run, n, &b, e);
	prof_buf_fini(&b);
	return rc;
}

/* What is there now, not what was counted since the start. */
static bool is_state(const struct prof_profile *p, uint32_t type)
{
	struct prof_str name = prof_profile_str(p, p->types.v[type].type);

	return prof_str_has_prefix(name, "inuse_") || prof_str_eq(name, PROF_STR("goroutine")) ||
	       prof_str_eq(name, PROF_STR("threadcreate"));
}

/* Delays have tails that only several runs can tell from a change: with fewer, contentions count.
 * Of a heap profile's types the first two count, the others, of which one is the default, are
 * state.
 */
static int first_type(
	struct prof_diff *d, const struct prof_profile *p, uint32_t *index, struct prof_err *e)
{
	int rc = prof_profile_sample_index(p, d->opts.sample_index, index, e);

	if (!rc && d->opts.pairs && is_state(p, *index)) {
		if (d->opts.sample_index || *index < 2 || is_state(p, *index - 2))
			return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
				"%.40s is a state: between two snapshots only what counts from "
				"the start can be compared",
				prof_profile_str(p, p->types.v[*index].type).p);
		*index -= 2;
	}
	if (!rc && !d->opts.sample_index && d->opts.runs && d->opts.runs < DIFF_DELAY_RUNS &&
		p->types.n == 2 &&
		prof_str_eq(prof_profile_str(p, p->types.v[0].type), PROF_STR("contentions")) &&
		prof_str_eq(prof_profile_str(p, p->types.v[1].type), PROF_STR("delay")))
		*index = 0;
	return rc;
}

/* The column that the first profile has, looked up by name: the same kind of profile may have its
 * columns in another order.
 */
static int choose_type(struct prof_diff *d, struct diff_run *run, struct prof_err *e)
{
	const struct prof_profile *p = run->p;
	const struct diff_run *first = d->runs.v;
	int rc;

	if (!d->runs.n)
		return first_type(d, p, &run->index, e);
	rc = prof_profile_sample_index(p, "0", &run->index, e);
	if (rc)
		return rc;
	for (uint32_t t = 0; t < p->types.n; t++) {
		if (!prof_str_eq(prof_profile_str(p, p->types.v[t].type), first->type))
			continue;
		run->index = t;
		if (run->side == first->side
				? prof_str_eq(prof_profile_str(p, p->types.v[t].unit), first->unit)
				: prof_unit_compatible(
					  prof_profile_str(p, p->types.v[t].unit), first->unit))
			return 0;
		return prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"not comparable: %.40s is in %.30s here and in %.30s there", first->type.p,
			prof_profile_str(p, p->types.v[t].unit).p, first->unit.p);
	}
	return prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
		"not comparable: it has no sample type %.60s, which %s", first->type.p,
		run->side == first->side ? "another profile of its side has"
					 : "the new profile has");
}

/* How much was counted: the sum of the first type where that is a count, else the file's samples.
 */
static int64_t counted(const struct prof_profile *p)
{
	int64_t n = 0;

	if (!prof_str_eq(prof_profile_str(p, p->types.v[0].unit), PROF_STR("count")))
		return (int64_t)p->sample_stack.n;
	for (size_t i = 0; i < p->sample_stack.n; i++)
		n = prof_add(n, p->values.v[0].v[i]);
	return n;
}

static int take_header(
	struct prof_diff *d, struct diff_run *run, const char *name, struct prof_err *e)
{
	const struct prof_profile *p = run->p;
	struct prof_value_type type = p->types.v[run->index];
	struct prof_str binary = PROF_STR(""), build = PROF_STR("");
	int rc;

	if (p->mappings.n) {
		binary = prof_str_base(prof_profile_str(p, p->mappings.v[0].file));
		build = prof_profile_str(p, p->mappings.v[0].build_id);
		if (!p->mappings.v[0].file)
			binary = PROF_STR("");
	}
	run->time_ns = p->time_ns;
	run->duration_ns = p->duration_ns;
	run->period = p->period;
	run->total = prof_graph_total(p, run->index, false);
	run->samples = (int64_t)p->sample_stack.n;
	run->counts = counted(p);
	if ((rc = own(d, prof_str_of(name), &run->name, e)) ||
		(rc = own(d, binary, &run->binary, e)) || (rc = own(d, build, &run->build_id, e)) ||
		(rc = own(d, prof_profile_str(p, type.type), &run->type, e)) ||
		(rc = own(d, prof_profile_str(p, type.unit), &run->unit, e)) ||
		(rc = own(d, prof_profile_str(p, p->period_type.type), &run->period_type, e)) ||
		(rc = own(d, prof_profile_str(p, p->period_type.unit), &run->period_unit, e)))
		return rc;
	return 0;
}

/* Counts of a process only grow; of sums that are scaled by a clock's rate, almost. */
static int check_pair(const struct diff_run *run, struct prof_err *e)
{
	const struct prof_profile *p = run->p;
	double more = 0, less = 0;

	for (size_t i = 0; i < p->sample_stack.n; i++) {
		double v = (double)p->values.v[run->index].v[i];

		more += fmax(v, 0);
		less += fmax(-v, 0);
	}
	if (less <= MOST_LOST * more)
		return 0;
	return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
		"it counts less than the snapshot before it: not the later one, or of another "
		"process");
}

static void deepest(struct diff_run *run)
{
	const struct prof_profile *p = run->p;

	for (size_t i = 0; i < p->sample_stack.n; i++) {
		uint32_t s = p->sample_stack.v[i];
		uint32_t depth = p->stack_start.v[s + 1] - p->stack_start.v[s];

		if (depth > run->depth) {
			run->depth = depth;
			run->cut = 0;
		}
		run->cut += depth == run->depth;
	}
}

int prof_diff_add(struct prof_diff *d, enum prof_side side, struct prof_profile *p,
	const char *name, struct prof_err *e)
{
	struct diff_run *run;
	unsigned missed;
	int rc = prof_vec_reserve(&d->mem, &d->runs, 1, e);

	if (rc) {
		prof_profile_free(p);
		return rc;
	}
	run = &d->runs.v[d->runs.n];
	*run = (struct diff_run){.side = side, .p = p};
	rc = choose_type(d, run, e);
	d->runs.n++; /* it is freed with the others from here on */
	if (!rc)
		rc = take_header(d, run, name, e);
	if (!rc && d->opts.pairs)
		rc = check_pair(run, e);
	if (!rc)
		deepest(run);
	/* What unchanged code is, all of the profile tells, not what is left of it. */
	if (!rc && (d->opts.filter.focus || d->opts.filter.ignore))
		rc = diff_take_whole(d, run, e);
	if (!rc)
		rc = prof_filter_uninteresting(p, e);
	if (!rc)
		rc = prof_filter(p, &d->opts.filter, &missed, e);
	if (rc)
		return rc;
	d->missed[side] = d->sides[side].runs ? d->missed[side] & missed : missed;
	d->sides[side].runs++;
	return take_values(d, run, e);
}

/* pprof scales samples and adds; here the sums are scaled: less rounding, not more.
 *
 * Brings all to the finest of the units.
 */
void diff_units(struct prof_diff *d)
{
	double ratio[2] = {1, 1};
	struct prof_str unit, finest = d->runs.v[0].unit;

	for (size_t i = 1; i < d->runs.n; i++)
		if (prof_unit_scale(1, finest, d->runs.v[i].unit, &unit) > 1)
			finest = d->runs.v[i].unit;
	d->unit = finest;
	for (size_t i = 0; i < d->runs.n; i++) {
		struct diff_run *run = &d->runs.v[i];
		struct diff_side *s = &d->sides[run->side];

		if (!prof_str_eq(run->unit, finest))
			ratio[run->side] = prof_unit_scale(1, run->unit, finest, &unit);
		run->total = prof_scale(run->total, ratio[run->side]);
		s->total = prof_add(s->total, run->total);
		s->counts = prof_add(s->counts, run->counts);
		s->duration_ns = prof_add(s->duration_ns, run->duration_ns);
		if (run->time_ns && (!s->time_ns || run->time_ns < s->time_ns))
			s->time_ns = run->time_ns;
	}
	for (int s = 0; s < 2; s++)
		d->sides[s].counted = prof_scale(d->sides[s].counted, ratio[s]);
	for (size_t i = 0; i < d->rows.n; i++)
		for (int m = 0; m < N_METRICS; m++)
			for (int s = 0; s < 2; s++) {
				int64_t *v = &d->rows.v[i].value[m][s];

				*v = prof_scale(*v, ratio[s]);
			}
}
