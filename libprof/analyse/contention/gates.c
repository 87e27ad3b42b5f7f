/* Gates on sites: 'METRIC[:REGEX] OP NUMBER UNIT' as prof-contention(1) has them. */
#include <math.h>

#include "libprof/analyse/contention/compare.h"

enum meaning {
	IS_RATE, /* of a site, or of a list: ns a second, or goroutines */
	IS_MEAN,
	IS_P95,
	IS_MAX,
};

static const struct metric {
	const char *name;
	enum meaning meaning;
	int list; /* of its total; -1: of each site */
} metrics[] = {{"site", IS_RATE, -1}, {"mean", IS_MEAN, -1}, {"p95", IS_P95, -1},
	{"max", IS_MAX, -1}, {"contention", IS_RATE, PROF_WAITS_CONTENTION},
	{"backpressure", IS_RATE, PROF_WAITS_BACKPRESSURE}};

static const struct metric *metric_of(const struct prof_gate *g)
{
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
		if (prof_gate_metric_is(g, metrics[i].name))
			return &metrics[i];
	return NULL;
}

/* How many of the metric's own unit one of the gate's is; PROF_EUSAGE: none. */
static int unit_of(
	const struct prof_gate *g, const struct metric *m, double *size, struct prof_err *e)
{
	*size = 1;
	if (prof_gate_is_percent(g))
		return 0;
	if (prof_gate_is_points(g) ||
		!prof_gate_unit(g, m->meaning == IS_RATE ? PROF_STR("ns/s") : PROF_STR("ns"), size))
		return prof_gate_wrong(g,
			m->meaning == IS_RATE ? "the unit is none of ns/s, us/s, ms/s, s/s, %, or "
						"none for goroutines"
					      : "the unit is none of ns, us, ms, s, m, h, %",
			e);
	if (m->meaning == IS_RATE)
		*size = g->unit.len ? *size / 1e9 : 1; /* in goroutines */
	return 0;
}

int prof_contention_gate(struct prof_contention *k, const char *text, int warn, struct prof_err *e)
{
	struct prof_gate g;
	const struct metric *m;
	double size;
	char *copy;
	int rc = prof_vec_reserve(&k->mem, &k->gates, 1, e);

	if (rc)
		return rc;
	copy = prof_arena_dup(&k->names.arena, text, strlen(text), e);
	if (!copy)
		return PROF_ENOMEM;
	rc = prof_gate_parse(&g, copy, e);
	if (rc)
		return rc;
	m = metric_of(&g);
	if (!m)
		return prof_gate_wrong(&g,
			"the metric is none of site, mean, p95, max, contention, backpressure", e);
	if (m->list >= 0 && g.regex.p)
		return prof_gate_wrong(&g, "a list's total has no REGEX", e);
	rc = unit_of(&g, m, &size, e);
	if (rc)
		return rc;
	g.warn = warn;
	k->gates.v[k->gates.n++] = g;
	return 0;
}

/* The metric of a site of one side, in its own unit; 0 where there is none, NAN where it is not
 * known.
 */
static double value_of(const struct metric *m, const struct prof_contention_amount *a)
{
	const struct prof_contention_site *s = a->site;

	if (!s)
		return 0;
	switch (m->meaning) {
	case IS_RATE:
		return a->waiting;
	case IS_MEAN:
		return a->count > 0 ? (double)a->ns / (double)a->count : NAN;
	case IS_P95:
		return prof_contention_has_hist(s) ? (double)prof_contention_percentile(s, 95)
						   : NAN;
	default:
		return prof_contention_has_hist(s) ? (double)prof_contention_percentile(s, 100)
						   : NAN;
	}
}

/* What the gate compares: in its unit, of a comparison the change. */
static double compared(
	const struct contending *x, const struct prof_gate *g, double size, double old, double new)
{
	if (prof_gate_is_percent(g))
		return old > 0 ? (new / old - 1) * 100 : new > 0 ? INFINITY : new - old;
	return (x->compared ? new - old : new) / size;
}

/* A percentage of next to nothing says nothing. */
static bool tells(const struct prof_gate *g, const struct metric *m,
	const struct prof_contention_amount *old, const struct prof_contention_amount *new)
{
	const double least = 0.001; /* goroutines: 1 ms/s */
	enum { FEW = 10 };

	if (!prof_gate_is_percent(g))
		return true;
	return m->meaning == IS_RATE ? !(old->waiting < least && new->waiting < least)
				     : old->count >= FEW && new->count >= FEW;
}

/* Takes the value up where it is further beyond the number than the one before. */
static void consider(struct prof_gate *g, double v, struct prof_str name)
{
	bool beyond = prof_gate_beyond(g, v);

	if (isnan(v)) {
		if (g->outcome != PROF_GATE_FAILS)
			g->outcome = PROF_GATE_OPEN;
		return;
	}
	if (beyond)
		g->outcome = PROF_GATE_FAILS;
	if (isnan(g->value) || (g->above ? v > g->value : v < g->value)) {
		g->value = v;
		g->name = name;
	}
}

static int decide_sites(struct contending *x, struct prof_gate *g, const struct metric *m,
	double size, const struct prof_contention_changes *changes)
{
	struct prof_regex *re;
	int rc = prof_gate_regex(g, &re, x->e);

	for (size_t i = 0; !rc && i < changes->n; i++) {
		const struct prof_contention_change *c = &changes->v[i];
		bool yes = true;

		if (re)
			rc = prof_regex_match(re, c->text, &yes, x->e);
		if (rc || !yes || (!re && c->list == PROF_WAITS_IDLE) ||
			!tells(g, m, &c->sides[PROF_OLD], &c->sides[PROF_NEW]))
			continue;
		consider(g,
			compared(x, g, size, value_of(m, &c->sides[PROF_OLD]),
				value_of(m, &c->sides[PROF_NEW])),
			c->text);
	}
	prof_regex_free(re);
	return rc;
}

int prof_contention_decide(struct contending *x, const struct prof_contention_changes *changes)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < x->k->gates.n; i++) {
		struct prof_gate *g = &x->k->gates.v[i];
		const struct metric *m = metric_of(g);
		double size;

		rc = unit_of(g, m, &size, x->e);
		if (!rc && prof_gate_is_percent(g) && !x->compared)
			return prof_gate_wrong(
				g, "a percentage is of OLD, and there is none", x->e);
		g->outcome = PROF_GATE_PASSES;
		g->value = NAN;
		g->change = x->compared;
		if (!rc && m->list >= 0)
			consider(g,
				compared(x, g, size, x->sides[PROF_OLD].waiting[m->list],
					x->sides[PROF_NEW].waiting[m->list]),
				PROF_STR(""));
		else if (!rc)
			rc = decide_sites(x, g, m, size, changes);
	}
	return rc;
}

enum prof_gate_outcome prof_contention_outcome(const struct prof_contention *k)
{
	return prof_gates_outcome(k->gates.v, k->gates.n);
}
