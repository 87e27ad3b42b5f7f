/* Gates on groups: 'VERDICT[:REGEX] > NUMBER', the NUMBER being of goroutines, as prof-leak(1) has
 * them. A verdict without a number is one with more than none.
 */
#include <math.h>
#include <string.h>

#include "libprof/analyse/leak/report.h"

static const struct metric {
	const char *name;
	enum prof_leak_verdict from, to;
} metrics[] = {{"leaking", PROF_LEAKED, PROF_LEAKING}, {"leaked", PROF_LEAKED, PROF_LEAKED},
	{"stuck", PROF_STUCK, PROF_STUCK}, {"any", PROF_LEAKED, PROF_LEAK_STABLE}};

static const struct metric *metric_of(const struct prof_gate *g)
{
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
		if (prof_gate_metric_is(g, metrics[i].name))
			return &metrics[i];
	return NULL;
}

/* Reads a gate out of a copy, which outlives it; one without a comparison gets it there. */
static int parse(struct prof_leak *k, const char *text, struct prof_gate *g, struct prof_err *e)
{
	static const char some[] = ">0";
	size_t n = strlen(text), more = strpbrk(text, "<>") ? 0 : sizeof(some) - 1;
	char *copy = prof_arena_alloc(&k->names.arena, n + sizeof(some), e);
	int rc;

	if (!copy)
		return PROF_ENOMEM;
	memcpy(copy, text, n);
	memcpy(copy + n, some, sizeof(some));
	copy[n + more] = '\0';
	rc = prof_gate_parse(g, copy, e);
	g->text.len -= (uint32_t)(rc ? 0 : more);
	return rc;
}

int prof_leak_gate(struct prof_leak *k, const char *text, int warn, struct prof_err *e)
{
	struct prof_gate g;
	int rc = prof_vec_reserve(&k->mem, &k->gates, 1, e);

	if (!rc)
		rc = parse(k, text, &g, e);
	if (rc)
		return rc;
	if (!metric_of(&g))
		return prof_gate_wrong(
			&g, "takes leaking, leaked, stuck or any before a comparison", e);
	if (g.unit.len)
		return prof_gate_wrong(&g, "goroutines have no unit", e);
	g.warn = warn;
	k->gates.v[k->gates.n++] = g;
	return 0;
}

/* Of the groups with the verdict the one that is furthest beyond the number. What grows takes two
 * snapshots to see.
 */
static int decide(struct leaks *x, struct prof_gate *g)
{
	const struct metric *m = metric_of(g);
	struct prof_regex *re;
	int rc = prof_gate_regex(g, &re, x->e);

	g->outcome = m->to == PROF_LEAKING && x->n < 2 ? PROF_GATE_OPEN : PROF_GATE_PASSES;
	g->value = NAN;
	for (size_t i = 0; !rc && i < x->n_rows; i++) {
		const struct leak_row *row = &x->rows[i];
		double v = (double)row->judged.last;
		bool yes = true;

		if (row->judged.verdict < m->from || row->judged.verdict > m->to)
			continue;
		if (re)
			rc = prof_leak_matches(x, row->g, re, &yes);
		if (rc || !yes)
			continue;
		if (prof_gate_beyond(g, v))
			g->outcome = PROF_GATE_FAILS;
		if (isnan(g->value) || (g->above ? v > g->value : v < g->value)) {
			const struct prof_leak_frame *site = prof_leak_site(
				x->k, leak_example(x, row->g), row->g->n_example);

			g->value = v;
			g->name = site ? leak_str(x, site->function) : PROF_STR("");
		}
	}
	prof_regex_free(re);
	return rc;
}

int prof_leak_decide(struct leaks *x)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < x->k->gates.n; i++)
		rc = decide(x, &x->k->gates.v[i]);
	return rc;
}

enum prof_gate_outcome prof_leak_outcome(const struct prof_leak *k)
{
	return prof_gates_outcome(k->gates.v, k->gates.n);
}
