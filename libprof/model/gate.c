#include "libprof/model/gate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"

int prof_gate_wrong(const struct prof_gate *g, const char *why, struct prof_err *e)
{
	int n = g->text.len < 80 ? (int)g->text.len : 80;

	return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET, "gate '%.*s': %s", n, g->text.p, why);
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct prof_str trimmed(const char *p, size_t n)
{
	while (n && blank(p[0])) {
		p++;
		n--;
	}
	while (n && blank(p[n - 1]))
		n--;
	return (struct prof_str){p, (uint32_t)n};
}

/* A decimal, whatever the locale; what is left is the unit. */
static bool take_number(struct prof_str s, double *v, struct prof_str *rest)
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
	*rest = trimmed(s.p + i, s.len - i);
	return digits > 0 && isfinite(*v);
}

int prof_gate_parse(struct prof_gate *g, const char *text, struct prof_err *e)
{
	struct prof_str left, right, all = trimmed(text, strlen(text));
	const char *colon;
	uint32_t at = all.len;

	*g = (struct prof_gate){.text = all, .value = NAN, .name = PROF_STR("")};
	while (at && all.p[at - 1] != '<' && all.p[at - 1] != '>')
		at--;
	if (!at)
		return prof_gate_wrong(g, "needs METRIC[:REGEX] > NUMBER UNIT", e);
	left = trimmed(all.p, at - 1);
	g->above = all.p[at - 1] == '>';
	g->equal = at < all.len && all.p[at] == '=';
	at += g->equal;
	right = trimmed(all.p + at, all.len - at);
	if (!take_number(right, &g->number, &g->unit))
		return prof_gate_wrong(g, "no number stands behind the comparison", e);
	colon = memchr(left.p, ':', left.len);
	if (colon) {
		g->regex = trimmed(colon + 1, (size_t)(left.p + left.len - colon - 1));
		left = trimmed(left.p, (size_t)(colon - left.p));
	}
	g->metric = left;
	return 0;
}

bool prof_gate_metric_is(const struct prof_gate *g, const char *name)
{
	return prof_str_eq(g->metric, prof_str_of(name));
}

bool prof_gate_is_percent(const struct prof_gate *g)
{
	return prof_str_eq(g->unit, PROF_STR("%"));
}

bool prof_gate_is_points(const struct prof_gate *g)
{
	return prof_str_eq(g->unit, PROF_STR("pp"));
}

static bool take_per_second(struct prof_str *unit)
{
	if (unit->len < 2 || memcmp(unit->p + unit->len - 2, "/s", 2) != 0)
		return false;
	unit->len -= 2;
	return true;
}

bool prof_gate_unit(const struct prof_gate *g, struct prof_str unit, double *size)
{
	static const struct {
		const char *name, *known;
		double times;
	} more[] = {{"KiB", "kB", 1}, {"MiB", "MB", 1}, {"GiB", "GB", 1}, {"TiB", "TB", 1},
		{"m", "s", 60}, {"min", "s", 60}, {"h", "s", 3600}};
	struct prof_str own = g->unit, ignored;
	double times = 1;

	if (take_per_second(&unit))
		take_per_second(&own);
	*size = 1;
	if (!own.len)
		return true;
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		if (prof_str_eq(own, prof_str_of(more[i].name))) {
			own = prof_str_of(more[i].known);
			times = more[i].times;
			break;
		}
	if (!prof_unit_compatible(own, unit))
		return false;
	*size = times * prof_unit_scale(1, own, unit, &ignored);
	return true;
}

int prof_gate_regex(const struct prof_gate *g, struct prof_regex **out, struct prof_err *e)
{
	char *copy;
	int rc;

	*out = NULL;
	if (!g->regex.p)
		return 0;
	copy = malloc((size_t)g->regex.len + 1);
	if (!copy)
		return prof_nomem(e);
	memcpy(copy, g->regex.p, g->regex.len);
	copy[g->regex.len] = '\0';
	rc = prof_regex_new(copy, out, e);
	free(copy);
	return rc;
}

bool prof_gate_beyond(const struct prof_gate *g, double v)
{
	if (g->equal && v == g->number)
		return true;
	return g->above ? v > g->number : v < g->number;
}

enum prof_gate_outcome prof_gates_outcome(const struct prof_gate *v, size_t n)
{
	enum prof_gate_outcome worst = PROF_GATE_PASSES;

	for (size_t i = 0; i < n; i++)
		if (!v[i].warn && v[i].outcome > worst)
			worst = v[i].outcome;
	return worst;
}

/* "gate total>3% FAILS: +14.4% of main.a": changes have a sign. */
static void put_line(struct prof_buf *b, const struct prof_gate *g)
{
	static const char *const fail[] = {"is skipped", "passes", "CANNOT BE ANSWERED", "FAILS"},
				 *const warn[] = {
					 "is skipped", "passes", "cannot be answered", "WARNS"};

	prof_buf_str(b, "gate ");
	prof_buf_plain(b, g->text);
	prof_buf_printf(b, " %s", (g->warn ? warn : fail)[g->outcome]);
	if (isfinite(g->value)) {
		prof_buf_str(b, g->change && g->value > 0 ? ": +" : ": ");
		if (fabs(g->value) >= 1000)
			prof_buf_double(b, g->value, 'f', 0);
		else
			prof_buf_double(b, g->value, 'g', 3);
		prof_buf_plain(b, g->unit);
	}
	if (g->name.len) {
		prof_buf_str(b, " of ");
		prof_buf_plain(b, g->name);
	}
}

int prof_gates_head(struct prof_report *r, const struct prof_gate *v, size_t n, struct prof_err *e)
{
	struct prof_buf b;
	int rc = 0;

	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; !rc && i < n; i++) {
		put_line(&b, &v[i]);
		rc = prof_report_head(r, &b, e);
	}
	prof_buf_fini(&b);
	return rc;
}

int prof_gates_field(struct prof_report *r, const struct prof_gate *v, size_t n, struct prof_err *e)
{
	static const char *const results[] = {"skipped", "pass", "inconclusive", "fail"};
	struct prof_cell list, *cells = prof_arena_alloc(&r->arena, (n + 1) * sizeof(*cells), e);
	int rc = cells ? 0 : PROF_ENOMEM;

	for (size_t i = 0; !rc && i < n; i++) {
		const struct prof_gate *g = &v[i];
		struct prof_field f[] = {{"rule", prof_cell_str(g->text)},
			{"action", prof_cell_str(g->warn ? PROF_STR("warn") : PROF_STR("fail"))},
			{"result", prof_cell_str(prof_str_of(results[g->outcome]))},
			{"value", isfinite(g->value) ? prof_cell_real(g->value) : PROF_NULL_CELL},
			{"name", g->name.len ? prof_cell_str(g->name) : PROF_NULL_CELL}};

		rc = prof_report_object(r, f, sizeof(f) / sizeof(f[0]), &cells[i], e);
	}
	if (!rc)
		rc = prof_report_list(r, cells, n, &list, e);
	return rc ? rc : prof_report_field(r, "gates", list, e);
}
