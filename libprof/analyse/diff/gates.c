#include <math.h>

#include "libprof/analyse/diff/diff.h"

/* Gates of a comparison (model/gate.h has the grammar):
 *
 *	METRIC	[TYPE.]total		the whole
 *		[TYPE.]func[.flat|.cum|.own]	each function (row); cum where it does not say
 *		[TYPE.]hot		own cost of functions of at least HOT of the samples
 *	UNIT	%	of the old value
 *		pp	points of the total
 *		ms, MB, …	of the value per operation or run; none: counts
 *
 * A gate holds against the data when the value is beyond the number and significant; it passes when
 * the interval ends before the number, or when what lies beyond would have shown; else the data
 * cannot answer it. Rows of less than CONSIDERED of the samples are only looked at where they fail.
 */
#define HOT 0.05
#define CONSIDERED 0.01

struct gate {
	struct prof_diff *d;
	struct prof_gate *g;
	struct prof_str type, metric; /* of g->metric */
	double unit_size; /* of the gate's unit, in the values' */
};

static bool metric_is(const struct gate *p, const char *name)
{
	return prof_str_eq(p->metric, prof_str_of(name));
}

static int split_metric(struct gate *p, struct prof_err *e)
{
	static const char *const metrics[] = {
		"total", "func", "func.flat", "func.cum", "func.own", "hot"};
	struct prof_str all = p->g->metric;

	for (size_t i = 0; i < sizeof(metrics) / sizeof(*metrics); i++) {
		uint32_t n = (uint32_t)strlen(metrics[i]);

		if (all.len < n || memcmp(all.p + all.len - n, metrics[i], n) != 0 ||
			(all.len > n && all.p[all.len - n - 1] != '.'))
			continue;
		p->metric = (struct prof_str){all.p + all.len - n, n};
		p->type = (struct prof_str){all.p, all.len > n ? all.len - n - 1 : 0};
	}
	if (!p->metric.len)
		return prof_gate_wrong(p->g,
			"the metric is none of [TYPE.]total, func, func.flat, func.cum, "
			"func.own, hot",
			e);
	if (p->g->regex.p && metric_is(p, "total"))
		return prof_gate_wrong(p->g, "total takes no expression", e);
	return 0;
}

static bool concerns(const struct gate *p)
{
	return !p->type.len || prof_str_eq(p->type, p->d->runs.v[0].type);
}

/* What the gate means for this comparison. Before there are values nobody knows their unit, and of
 * a gate for another type it does not matter.
 */
static int resolve(struct gate *p, struct prof_err *e)
{
	int rc = split_metric(p, e);

	p->unit_size = 1;
	if (rc || prof_gate_is_percent(p->g) || prof_gate_is_points(p->g) || !p->d->unit.len ||
		!concerns(p))
		return rc;
	return prof_gate_unit(p->g, p->d->unit, &p->unit_size)
		       ? 0
		       : prof_gate_wrong(
				 p->g, "the unit is neither %, pp nor one of the values", e);
}

/* What is compared with the number, and its interval, in the gate's unit. */
struct value {
	double at, low, high, detectable;
	bool significant, exact;
};

static double scaled(const struct gate *p, double ratio, double old, double share)
{
	if (prof_gate_is_percent(p->g))
		return 100 * (ratio - 1);
	if (prof_gate_is_points(p->g))
		return 100 * share * (ratio - 1);
	return old * (ratio - 1) / p->unit_size;
}

/* `old`: the value per operation or run, `share`: of the total. Where there is no old value, all of
 * the new one is the change.
 */
static struct value value_of(const struct gate *p, const struct diff_test *t, const double v[2],
	const int64_t totals[2], double detectable)
{
	const struct prof_diff *d = p->d;
	double per = d->scale.method == SCALE_OPS ? d->sides[PROF_OLD].ops
						  : (double)d->sides[PROF_OLD].runs;
	double old = v[PROF_OLD] / per, share = totals[0] ? v[0] / (double)totals[0] : 0;
	struct value out = {.significant = t->significant, .exact = d->count == COUNT_EXACT};

	out.at = scaled(p, t->ratio.ratio, old, share);
	out.low = scaled(p, t->ratio.low, old, share);
	out.high = scaled(p, t->ratio.high, old, share);
	out.detectable = scaled(p, detectable, old, share);
	if (prof_gate_is_points(p->g))
		out.at = 100 * ((totals[1] ? v[1] / (double)totals[1] : 0) - share);
	else if (!prof_gate_is_percent(p->g) && v[PROF_OLD] <= 0)
		out.at = v[PROF_NEW] / per / (d->scale.factor > 0 ? d->scale.factor : 1) /
			 p->unit_size;
	return out;
}

static enum prof_gate_outcome judge(const struct gate *p, const struct value *v)
{
	if (isnan(v->at))
		return PROF_GATE_PASSES; /* nothing there */
	if (v->exact || v->significant)
		return prof_gate_beyond(p->g, v->at) ? PROF_GATE_FAILS : PROF_GATE_PASSES;
	if (p->g->above ? v->high <= p->g->number : v->low >= p->g->number)
		return PROF_GATE_PASSES;
	if (p->g->above && p->g->number > 0 && v->detectable <= p->g->number)
		return PROF_GATE_PASSES;
	return PROF_GATE_OPEN;
}

/* The worst outcome stands, of equal ones the largest change. */
static void take(const struct gate *p, enum prof_gate_outcome outcome, double at, uint32_t row)
{
	struct prof_gate *g = p->g;
	bool further = isnan(g->value) || (g->above ? at > g->value : at < g->value);

	if (outcome < g->outcome || (outcome == g->outcome && !further))
		return;
	g->outcome = outcome;
	g->value = at;
	if (row != PROF_NONE)
		g->name = prof_strtab_get(&p->d->strings, p->d->rows.v[row].text);
}

/* What only moved changed nothing: neither own costs, nor what is on one side because of that. */
static bool moved(const struct diff_row *row, enum diff_metric m)
{
	return row->kind == KIND_MOVED &&
	       (m != M_CUM || !row->present[PROF_OLD] || !row->present[PROF_NEW]);
}

static int judge_rows(const struct gate *p, enum diff_metric m, double least, struct prof_err *e)
{
	struct prof_diff *d = p->d;
	const int64_t totals[2] = {d->sides[0].total, d->sides[1].total};
	struct prof_regex *re = NULL;
	int rc = prof_gate_regex(p->g, &re, e);

	for (uint32_t i = 0; !rc && i < d->rows.n; i++) {
		const struct diff_row *row = &d->rows.v[i];
		double v[2] = {(double)row->value[m][0], (double)row->value[m][1]}, share = 0;
		struct value value;
		enum prof_gate_outcome outcome;
		bool matches = true;

		if (row->merged || moved(row, m))
			continue;
		if (re)
			rc = prof_regex_match(
				re, prof_strtab_get(&d->strings, row->text), &matches, e);
		for (int s = 0; s < 2; s++)
			share = fmax(share, totals[s] ? v[s] / (double)totals[s] : 0);
		if (rc || !matches || share < least)
			continue;
		value = value_of(p, &row->test[m], v, totals, INFINITY);
		outcome = judge(p, &value);
		if (outcome == PROF_GATE_OPEN) {
			if (share < CONSIDERED)
				continue;
			value = value_of(
				p, &row->test[m], v, totals, diff_detectable(d, m, &row->test[m]));
			outcome = judge(p, &value);
		}
		take(p, outcome, value.at, i);
	}
	prof_regex_free(re);
	return rc;
}

static void judge_total(const struct gate *p)
{
	const struct prof_diff *d = p->d;
	const int64_t totals[2] = {d->sides[0].total, d->sides[1].total};
	double v[2] = {(double)totals[0], (double)totals[1]};
	struct diff_test t = d->total;
	struct value value;

	if (d->count == COUNT_EXACT) {
		t.significant = true;
		t.ratio.ratio = v[0] > 0 ? v[1] / v[0] / d->scale.factor : INFINITY;
	} else if (!t.tested) {
		take(p, PROF_GATE_OPEN, NAN, PROF_NONE);
		return;
	}
	value = value_of(p, &t, v, totals, t.detectable);
	take(p, judge(p, &value), value.at, PROF_NONE);
}

static int judge_gate(struct gate *p, struct prof_err *e)
{
	struct prof_diff *d = p->d;

	if (!concerns(p)) {
		p->g->outcome = p->g->optional ? PROF_GATE_SKIPPED : PROF_GATE_OPEN;
		return 0;
	}
	if (d->verdict == VERDICT_NOT_COMPARABLE || d->count == COUNT_NONE) {
		p->g->outcome = PROF_GATE_OPEN;
		return 0;
	}
	p->g->outcome = PROF_GATE_PASSES;
	if (metric_is(p, "total")) {
		judge_total(p);
		return 0;
	}
	if (metric_is(p, "hot"))
		return judge_rows(p, M_OWN, HOT, e);
	return judge_rows(p,
		metric_is(p, "func.flat")  ? M_FLAT
		: metric_is(p, "func.own") ? M_OWN
					   : M_CUM,
		0, e);
}

int prof_diff_gate(
	struct prof_diff *d, const char *text, int warn, int optional, struct prof_err *e)
{
	struct prof_gate g;
	struct gate p = {.d = d, .g = &g};
	char *copy = prof_arena_dup(&d->strings.arena, text, strlen(text), e);
	int rc = copy ? prof_gate_parse(&g, copy, e) : PROF_ENOMEM;

	if (!rc)
		rc = resolve(&p, e);
	if (!rc)
		rc = prof_vec_reserve(&d->mem, &d->gates, 1, e);
	if (rc)
		return rc;
	g.warn = warn;
	g.optional = optional;
	g.change = true;
	d->gates.v[d->gates.n++] = g;
	return 0;
}

int diff_gates(struct prof_diff *d, struct prof_err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < d->gates.n; i++) {
		struct gate p = {.d = d, .g = &d->gates.v[i]};

		rc = resolve(&p, e);
		if (!rc)
			rc = judge_gate(&p, e);
	}
	return rc;
}

enum prof_gate_outcome prof_diff_outcome(const struct prof_diff *d)
{
	return prof_gates_outcome(d->gates.v, d->gates.n);
}
