#include <math.h>

#include "libprof/analyse/diff/diff.h"
#include "libprof/base/fmt.h"
#include "libprof/base/regex.h"

/* Gates: 'METRIC[:REGEX] OP NUMBER UNIT', OP being the last < or > of the text (with = or without).
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
 *cannot answer it. Rows of less than CONSIDERED of the samples are only looked at where they fail.
 */
#define HOT 0.05
#define CONSIDERED 0.01

struct gate {
	struct prof_diff *d;
	struct diff_gate *g;
	struct prof_str type, metric; /* of the text */
	const char *regex; /* a copy; NULL: none */
	bool above, equal; /* > or >=, against < or <= */
	double number;
	struct prof_str unit;
};

static int wrong(const struct gate *p, const char *why, struct prof_err *e)
{
	return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET, "gate '%.80s': %s", p->g->text, why);
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct prof_str trimmed(struct prof_str s)
{
	while (s.len && blank(s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len && blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

/* A decimal, whatever the locale; what is left is the unit. */
static bool number(struct prof_str s, double *v, struct prof_str *rest)
{
	double sign = 1, place = 0;
	uint32_t i = 0, digits = 0;

	*v = 0;
	if (i < s.len && (s.p[i] == '-' || s.p[i] == '+'))
		sign = s.p[i++] == '-' ? -1 : 1;
	for (; i < s.len && ((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] == '.' && place == 0));
		i++) {
		if (s.p[i] == '.') {
			place = 1;
			continue;
		}
		digits++;
		place /= 10;
		*v = place > 0 ? *v + place * (s.p[i] - '0') : *v * 10 + (s.p[i] - '0');
	}
	*v *= sign;
	*rest = trimmed((struct prof_str){s.p + i, s.len - i});
	return digits > 0;
}

static bool metric_is(const struct gate *p, const char *name)
{
	return prof_str_eq(p->metric, prof_str_of(name));
}

static int split_metric(struct gate *p, struct prof_str left, struct prof_err *e)
{
	static const char *const metrics[] = {
		"total", "func", "func.flat", "func.cum", "func.own", "hot"};
	const char *colon = memchr(left.p, ':', left.len);

	if (colon) {
		struct prof_str s = trimmed(
			(struct prof_str){colon + 1, (uint32_t)(left.p + left.len - colon - 1)});

		p->regex = prof_arena_dup(&p->d->strings.arena, s.p, s.len, e);
		if (!p->regex)
			return PROF_ENOMEM;
		left.len = (uint32_t)(colon - left.p);
	}
	left = trimmed(left);
	for (size_t i = 0; i < sizeof(metrics) / sizeof(*metrics); i++) {
		uint32_t n = (uint32_t)strlen(metrics[i]);

		if (left.len < n || memcmp(left.p + left.len - n, metrics[i], n) != 0 ||
			(left.len > n && left.p[left.len - n - 1] != '.'))
			continue;
		p->metric = (struct prof_str){left.p + left.len - n, n};
		p->type = (struct prof_str){left.p, left.len > n ? left.len - n - 1 : 0};
	}
	if (!p->metric.len)
		return wrong(p,
			"the metric is none of [TYPE.]total, func, func.flat, func.cum, "
			"func.own, hot",
			e);
	if (p->regex && metric_is(p, "total"))
		return wrong(p, "total takes no expression", e);
	return 0;
}

static bool is_percent(const struct gate *p)
{
	return prof_str_eq(p->unit, PROF_STR("%"));
}

static bool is_points(const struct gate *p)
{
	return prof_str_eq(p->unit, PROF_STR("pp"));
}

static bool concerns(const struct gate *p)
{
	return !p->type.len || prof_str_eq(p->type, p->d->runs.v[0].type);
}

static int parse(struct gate *p, struct prof_err *e)
{
	struct prof_str text = trimmed(prof_str_of(p->g->text)), right;
	uint32_t at = text.len, end;
	int rc;

	while (at && text.p[at - 1] != '<' && text.p[at - 1] != '>')
		at--;
	if (!at)
		return wrong(p, "needs METRIC[:REGEX] > NUMBER UNIT", e);
	end = at;
	p->above = text.p[at - 1] == '>';
	p->equal = end < text.len && text.p[end] == '=';
	right = trimmed((struct prof_str){text.p + end + p->equal, text.len - end - p->equal});
	if (!number(right, &p->number, &p->unit))
		return wrong(p, "no number stands behind the comparison", e);
	rc = split_metric(p, (struct prof_str){text.p, at - 1}, e);
	if (rc)
		return rc;
	/* Of a gate for another type it does not matter, and before there are values nobody knows.
	 */
	if (p->unit.len && !is_percent(p) && !is_points(p) && p->d->unit.len && concerns(p) &&
		!prof_unit_compatible(p->unit, p->d->unit))
		return wrong(p, "the unit is neither %, pp nor one of the values", e);
	return 0;
}

/* What is compared with the number, and its interval, in the gate's unit. */
struct value {
	double at, low, high, detectable;
	bool significant, exact;
};

static double scaled(const struct gate *p, double ratio, double old, double share)
{
	struct prof_str unit;
	double change;

	if (is_percent(p))
		return 100 * (ratio - 1);
	if (is_points(p))
		return 100 * share * (ratio - 1);
	change = old * (ratio - 1);
	return p->unit.len ? change * prof_unit_scale(1, p->d->unit, p->unit, &unit) : change;
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
	if (is_points(p)) {
		out.at = 100 * ((totals[1] ? v[1] / (double)totals[1] : 0) - share);
	} else if (!is_percent(p) && v[PROF_OLD] <= 0) {
		struct prof_str unit;

		out.at = v[PROF_NEW] / per / (d->scale.factor > 0 ? d->scale.factor : 1);
		if (p->unit.len)
			out.at *= prof_unit_scale(1, d->unit, p->unit, &unit);
	}
	return out;
}

static bool beyond(const struct gate *p, double v)
{
	if (p->equal && v == p->number)
		return true;
	return p->above ? v > p->number : v < p->number;
}

static enum diff_outcome judge(const struct gate *p, const struct value *v)
{
	if (isnan(v->at))
		return GATE_PASSES; /* nothing there */
	if (v->exact || v->significant)
		return beyond(p, v->at) ? GATE_FAILS : GATE_PASSES;
	if (p->above ? v->high <= p->number : v->low >= p->number)
		return GATE_PASSES;
	if (p->above && p->number > 0 && v->detectable <= p->number)
		return GATE_PASSES;
	return GATE_OPEN;
}

/* The worst outcome stands, of equal ones the largest change. */
static void take(const struct gate *p, enum diff_outcome outcome, double at, uint32_t row)
{
	struct diff_gate *g = p->g;
	bool further = isnan(g->value) || (p->above ? at > g->value : at < g->value);

	if (outcome < g->outcome || (outcome == g->outcome && !further))
		return;
	g->outcome = outcome;
	g->value = at;
	g->row = row;
}

static double detectable(const struct prof_diff *d, const struct diff_test *t, enum diff_metric m)
{
	if (!t->tested || d->count == COUNT_DELAY)
		return INFINITY;
	return prof_rates_detectable(&t->rates, diff_level(d, m), DIFF_POWER);
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
	int rc = p->regex ? prof_regex_new(p->regex, &re, e) : 0;

	for (uint32_t i = 0; !rc && i < d->rows.n; i++) {
		const struct diff_row *row = &d->rows.v[i];
		double v[2] = {(double)row->value[m][0], (double)row->value[m][1]}, share = 0;
		struct value value;
		enum diff_outcome outcome;
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
		if (outcome == GATE_OPEN) {
			if (share < CONSIDERED)
				continue;
			value = value_of(
				p, &row->test[m], v, totals, detectable(d, &row->test[m], m));
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
		take(p, GATE_OPEN, NAN, PROF_NONE);
		return;
	}
	value = value_of(p, &t, v, totals, t.detectable);
	take(p, judge(p, &value), value.at, PROF_NONE);
}

static int judge_gate(struct gate *p, struct prof_err *e)
{
	struct prof_diff *d = p->d;

	if (!concerns(p)) {
		p->g->outcome = p->g->optional ? GATE_SKIPPED : GATE_OPEN;
		return 0;
	}
	if (d->verdict == VERDICT_NOT_COMPARABLE || d->count == COUNT_NONE) {
		p->g->outcome = GATE_OPEN;
		return 0;
	}
	p->g->outcome = GATE_PASSES;
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
	struct diff_gate g = {.warn = warn, .optional = optional, .row = PROF_NONE, .value = NAN};
	struct gate p = {.d = d, .g = &g};
	struct prof_str line;
	int rc = prof_vec_reserve(&d->mem, &d->gates, 1, e);

	if (rc)
		return rc;
	line = trimmed(prof_str_of(text));
	g.text = prof_arena_dup(&d->strings.arena, line.p, line.len, e);
	if (!g.text)
		return PROF_ENOMEM;
	rc = parse(&p, e);
	if (rc)
		return rc;
	d->gates.v[d->gates.n++] = g;
	return 0;
}

int diff_gates(struct prof_diff *d, struct prof_err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < d->gates.n; i++) {
		struct gate p = {.d = d, .g = &d->gates.v[i]};

		rc = parse(&p, e);
		if (!rc)
			rc = judge_gate(&p, e);
	}
	return rc;
}

int prof_diff_outcome(const struct prof_diff *d)
{
	enum diff_outcome worst = GATE_PASSES;

	for (size_t i = 0; i < d->gates.n; i++)
		if (!d->gates.v[i].warn && d->gates.v[i].outcome > worst)
			worst = d->gates.v[i].outcome;
	return worst == GATE_FAILS  ? PROF_DIFF_FAILS
	       : worst == GATE_OPEN ? PROF_DIFF_NO_ANSWER
				    : PROF_DIFF_PASSES;
}
