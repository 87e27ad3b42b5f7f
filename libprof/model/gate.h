/* Gates: rules about figures, which a comparison or an analysis decides.
 *
 *	METRIC[:REGEX] OP NUMBER [UNIT]		"func:net/http.*>10%"  "pause.p99 > 2ms"
 *
 *	OP	< <= > >=: the last < or > of the text
 *	NUMBER	a decimal, which may have a sign
 *	UNIT	%	of the old value, where there is one
 *		pp	points of a total
 *		ms, MB, MB/s, …	a value's
 *
 * What metrics there are, and what a unit means with them, says who decides:
 *
 *	rc = prof_gate_parse(&g, text, e);
 *	if (!rc && !prof_gate_metric_is(&g, "delay"))
 *		rc = prof_gate_wrong(&g, "the metric is not delay", e);
 *	if (!rc && !prof_gate_unit(&g, PROF_STR("ns"), &size))
 *		rc = prof_gate_wrong(&g, "the unit is none of times", e);
 *	…
 *	g.value = (double)delay_ns / size;
 *	g.outcome = prof_gate_beyond(&g, g.value) ? PROF_GATE_FAILS : PROF_GATE_PASSES;
 *	…
 *	rc = prof_gates_head(r, gates, n, e);	(the report's text)
 *	rc = prof_gates_field(r, gates, n, e);	(JSON)
 */
#ifndef PROF_MODEL_GATE_H
#define PROF_MODEL_GATE_H

#include "libprof/base/regex.h"
#include "libprof/model/report.h"

struct prof_gate {
	struct prof_str text, metric, unit; /* of what was parsed, which outlives the gate */
	struct prof_str regex; /* p NULL: none */
	bool above, equal; /* > or >=, against < or <= */
	double number;
	bool warn; /* told, but fails nothing */
	bool optional; /* skipped where it is about something that is not compared */

	/* The answer, in the unit of the gate. */
	enum prof_gate_outcome outcome;
	double value; /* what was compared; NAN: nothing */
	bool change; /* it is one: text has its sign */
	struct prof_str name; /* of the row that decided; "": the whole, or none */
};

/* Reads the grammar: PROF_EUSAGE. The outcome is PROF_GATE_SKIPPED, the value NAN. */
int prof_gate_parse(struct prof_gate *g, const char *text, struct prof_err *e) PROF_CHECKED;

/* PROF_EUSAGE: "gate 'TEXT': WHY". */
int prof_gate_wrong(const struct prof_gate *g, const char *why, struct prof_err *e);

bool prof_gate_metric_is(const struct prof_gate *g, const char *name);
bool prof_gate_is_percent(const struct prof_gate *g);
bool prof_gate_is_points(const struct prof_gate *g);

/* How many `unit` one of the gate's units is: 1e6 for ms in ns, 1 where the gate has none. Beside
 * the units of base/fmt.h KiB, MiB, GiB, TiB, m, min and h are known; "B/s" takes what B takes,
 * with or without "/s". False: they do not convert.
 */
bool prof_gate_unit(const struct prof_gate *g, struct prof_str unit, double *size) PROF_CHECKED;

/* The expression; *out is NULL where there is none. As prof_regex_new. */
int prof_gate_regex(
	const struct prof_gate *g, struct prof_regex **out, struct prof_err *e) PROF_CHECKED;

/* Whether a value in the gate's unit is beyond its number. */
bool prof_gate_beyond(const struct prof_gate *g, double v);

/* The worst of the outcomes that are no warnings; at least PROF_GATE_PASSES. */
enum prof_gate_outcome prof_gates_outcome(const struct prof_gate *v, size_t n);

/* A line of text for each, and the field "gates". */
int prof_gates_head(struct prof_report *r, const struct prof_gate *v, size_t n,
	struct prof_err *e) PROF_CHECKED;
int prof_gates_field(struct prof_report *r, const struct prof_gate *v, size_t n,
	struct prof_err *e) PROF_CHECKED;

#endif
