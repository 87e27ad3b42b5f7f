#include "libprof/analyse/leak/report.h"

#include <math.h>
#include <string.h>

#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"
#include "libprof/model/curves.h"

enum { C_VERDICT, C_COUNTS, C_CHART, C_RATE, C_STATE, C_WAIT, C_WHERE, C_CREATOR, N_COLUMNS };

enum {
	SHOWN_COUNTS = 6, /* more snapshots have their first and last count only */
	CHART_POINTS = 24,
	CHART_LINES = 12,
	STACK_FRAMES = 8,
	STABLE_NAMES = 3,
	LABELS = 3,
};

static const struct prof_table_column columns[N_COLUMNS] = {
	[C_VERDICT] = {.title = "verdict", .left = true},
	[C_COUNTS] = {.title = "goroutines", .left = true, .gap = 2},
	[C_CHART] = {.title = "", .left = true, .gap = 2, .detail = true},
	[C_RATE] = {.title = "a minute", .gap = 2},
	[C_STATE] = {.title = "state", .left = true, .gap = 2},
	[C_WAIT] = {.title = "oldest", .gap = 2},
	[C_WHERE] = {.title = "where", .left = true, .gap = 2, .is_name = true},
	[C_CREATOR] = {.title = "created by", .left = true, .gap = 2, .is_name = true},
};

/* "12m", "3h20m": waits are told in minutes; spans of snapshots also in seconds. */
static void put_duration(struct prof_buf *b, int64_t ns)
{
	int64_t s = ns / 1000000000, m = s / 60, h = m / 60;

	if (ns < 10 * INT64_C(1000000000) && ns % INT64_C(1000000000))
		prof_fmt_scaled(b, ns, PROF_STR("ns"), PROF_STR("auto"));
	else if (s < 60)
		prof_buf_printf(b, "%llds", (long long)s);
	else if (h && m % 60)
		prof_buf_printf(b, "%lldh%lldm", (long long)h, (long long)(m % 60));
	else if (h)
		prof_buf_printf(b, "%lldh", (long long)h);
	else if (s % 60 && m < 10)
		prof_buf_printf(b, "%lldm%llds", (long long)m, (long long)(s % 60));
	else
		prof_buf_printf(b, "%lldm", (long long)m);
}

static void put_counts(struct leaks *x, const int64_t *c)
{
	bool all = x->n <= SHOWN_COUNTS;

	for (size_t i = 0; i < x->n; i++) {
		if (!all && i && i + 1 < x->n)
			continue;
		prof_buf_str(&x->b, i ? all ? " → " : " … " : "");
		prof_buf_i64(&x->b, c[i]);
	}
}

/* A bar a snapshot; of many, of evenly spaced ones. */
static void put_chart(struct leaks *x, const int64_t *c)
{
	static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	size_t points = x->n < CHART_POINTS ? x->n : CHART_POINTS;
	int64_t most = 1;

	for (size_t i = 0; i < x->n; i++)
		most = c[i] > most ? c[i] : most;
	for (size_t i = 0; points > 1 && i < points; i++) {
		double v = (double)c[i * (x->n - 1) / (points - 1)];

		prof_buf_str(&x->b, bars[(size_t)(v / (double)most * 7 + 0.5)]);
	}
}

/* "main.f main.go:51": the file without its folders. */
static void put_frame(struct leaks *x, const struct prof_leak_frame *f)
{
	struct prof_str file = leak_str(x, f->file), name = leak_str(x, f->function);

	prof_buf_put(&x->b, name.p, name.len);
	if (!file.len)
		return;
	file = prof_str_base(file);
	prof_buf_char(&x->b, ' ');
	prof_buf_put(&x->b, file.p, file.len);
	if (f->line)
		prof_buf_printf(&x->b, ":%lld", (long long)f->line);
}

static void put_plain_frame(struct leaks *x, const struct prof_leak_frame *f)
{
	struct prof_leak_frame copy = *f;
	size_t from = x->b.n;
	struct prof_buf own;

	put_frame(x, &copy);
	prof_buf_init(&own, NULL, NULL);
	prof_buf_plain(&own, (struct prof_str){x->b.p + from, (uint32_t)(x->b.n - from)});
	x->b.n = from;
	prof_buf_put(&x->b, own.p ? own.p : "", own.n);
	if (own.code)
		x->b.code = own.code;
	prof_buf_fini(&own);
}

/* The cell of what x->b holds from `from` on, which stays there until the row is done. */
struct span {
	size_t from, to;
};

static struct prof_cell cell(const struct leaks *x, struct span s)
{
	return prof_cell_str((struct prof_str){x->b.p + s.from, (uint32_t)(s.to - s.from)});
}

static struct span ends(struct leaks *x, size_t from)
{
	return (struct span){from, x->b.n};
}

static void put_where(struct leaks *x, const struct leak_row *row)
{
	const struct prof_leak_group *g = row->g;
	const struct prof_leak_frame *site = prof_leak_site(x->k, leak_example(x, g), g->n_example);
	struct prof_str label = leak_str(x, g->label);

	if (x->k->opts.by == PROF_LEAK_BY_LABEL) {
		prof_buf_str(&x->b, label.len ? "" : "no ");
		prof_buf_str(&x->b, x->k->opts.label);
		prof_buf_str(&x->b, label.len ? "=" : "");
		prof_buf_put(&x->b, label.p, label.len);
	} else if (site) {
		put_frame(x, site);
	}
}

static void put_creator(struct leaks *x, const struct prof_leak_group *g)
{
	struct prof_str name = leak_str(x, g->creator);

	if (g->created_at.function && x->k->opts.by != PROF_LEAK_BY_LABEL &&
		x->k->opts.by != PROF_LEAK_BY_FUNCTION)
		put_frame(x, &g->created_at);
	else
		prof_buf_put(&x->b, name.p, name.len);
}

static void put_rate(struct leaks *x, const struct leak_row *row)
{
	double v = row->judged.per_minute;

	if (isnan(v) || row->judged.verdict == PROF_LEAK_GONE)
		return;
	prof_buf_str(&x->b, v > 0 ? "+" : "");
	prof_buf_double(&x->b, v, 'f', fabs(v) < 10 && v != 0 ? 1 : 0);
}

static int put_row(struct leaks *x, const struct leak_row *row)
{
	const char *verdict = x->n == 1 && row->judged.verdict == PROF_LEAK_STABLE
				      ? row->large ? "large" : "-"
				      : prof_leak_verdicts[row->judged.verdict];
	struct prof_cell c[N_COLUMNS] = {0};
	struct span s[N_COLUMNS];
	size_t from = x->b.n;
	int rc;

	put_counts(x, row->counts);
	s[C_COUNTS] = ends(x, from);
	put_chart(x, row->counts);
	s[C_CHART] = ends(x, s[C_COUNTS].to);
	put_rate(x, row);
	s[C_RATE] = ends(x, s[C_CHART].to);
	if (row->g->wait_ns && row->judged.last)
		put_duration(&x->b, row->g->wait_ns);
	s[C_WAIT] = ends(x, s[C_RATE].to);
	put_where(x, row);
	s[C_WHERE] = ends(x, s[C_WAIT].to);
	put_creator(x, row->g);
	s[C_CREATOR] = ends(x, s[C_WHERE].to);
	c[C_VERDICT] = prof_cell_str(prof_str_of(verdict));
	c[C_STATE] = row->g->state ? prof_cell_str(leak_str(x, row->g->shown_state))
				   : PROF_NULL_CELL;
	for (size_t i = C_COUNTS; i < N_COLUMNS; i++)
		if (i != C_STATE)
			c[i] = cell(x, s[i]);
	rc = prof_report_row(x->r, c, x->e);
	x->b.n = from;
	return rc;
}

static int note(struct leaks *x)
{
	return prof_report_note(x->r, &x->b, x->e);
}

static int put_labels(struct leaks *x, const struct leak_row *row)
{
	struct prof_leak_tally t[LABELS + 1];
	size_t n = prof_leak_labels(x, row->g, t, LABELS);

	if (!n || !row->judged.last)
		return 0;
	prof_buf_str(&x->b, "    labels: ");
	for (size_t i = 0; i < n; i++) {
		prof_buf_str(&x->b, i ? ", " : "");
		prof_buf_plain(&x->b, leak_str(x, t[i].key));
		prof_buf_char(&x->b, '=');
		prof_buf_plain(&x->b, leak_str(x, t[i].value));
		prof_buf_printf(&x->b, " (%lld)", (long long)t[i].n);
	}
	return note(x);
}

static int put_holder(struct leaks *x, const struct leak_row *row)
{
	for (size_t i = 0; i < x->k->waits.n; i++) {
		const struct prof_leak_wait *w = &x->k->waits.v[i];
		const struct prof_leak_frame *site;

		if (&x->k->groups.v[w->group] != row->g)
			continue;
		prof_buf_printf(&x->b, "    held, it seems, by goroutine %llu",
			(unsigned long long)w->holder);
		site = prof_leak_site(
			x->k, w->n_frames ? x->k->frames.v + w->frame : NULL, w->n_frames);
		if (site) {
			prof_buf_str(&x->b, " in ");
			put_plain_frame(x, site);
		}
		return note(x);
	}
	return 0;
}

static int put_stack(struct leaks *x, const struct leak_row *row)
{
	const struct prof_leak_group *g = row->g;
	const struct prof_leak_frame *f = leak_example(x, g);

	if (g->n_example < 2 || x->k->opts.by == PROF_LEAK_BY_LABEL ||
		x->k->opts.by == PROF_LEAK_BY_CREATOR)
		return 0;
	prof_buf_str(&x->b, "    stack: ");
	for (uint32_t i = 0; i < g->n_example && i < STACK_FRAMES; i++) {
		prof_buf_str(&x->b, i ? " < " : "");
		put_plain_frame(x, &f[i]);
	}
	if (g->n_example > STACK_FRAMES)
		prof_buf_printf(&x->b, " < %u more", g->n_example - STACK_FRAMES);
	return note(x);
}

static bool may_be_idle(enum prof_go_class class)
{
	return class == PROF_GO_RECEIVE || class == PROF_GO_SELECT || class == PROF_GO_NETWORK ||
	       class == PROF_GO_COND || class == PROF_GO_UNKNOWN;
}

/* What stands below a row. */
static int put_notes(struct leaks *x, const struct leak_row *row)
{
	bool grave = row->judged.verdict <= PROF_STUCK;
	int rc = 0;

	if (row->cause.cause && (grave || row->large || row->cause.suspicious)) {
		prof_buf_printf(&x->b, "    %s.", row->cause.cause);
		if (row->cause.advice)
			prof_buf_printf(&x->b, " %s", row->cause.advice);
		if (row->g->stack_bytes && grave) {
			prof_buf_str(&x->b, " (stacks: some ");
			prof_fmt_scaled(
				&x->b, row->g->stack_bytes, PROF_STR("B"), PROF_STR("auto"));
			prof_buf_char(&x->b, ')');
		}
		rc = note(x);
	}
	if (!rc && row->judged.verdict == PROF_STUCK && may_be_idle(row->g->class)) {
		prof_buf_str(&x->b, "    a worker that has no work looks the same");
		rc = note(x);
	}
	if (!rc && row->judged.why) {
		prof_buf_printf(&x->b, "    %s", row->judged.why);
		rc = note(x);
	}
	if (!rc)
		rc = put_holder(x, row);
	if (!rc && (grave || x->k->opts.all))
		rc = put_labels(x, row);
	if (!rc && (grave || x->k->opts.all))
		rc = put_stack(x, row);
	return rc;
}

static void put_total(struct leaks *x)
{
	const struct prof_leak_snapshot *s = x->k->snapshots.v;
	int64_t last = s[x->shown[x->n - 1]].n;

	prof_buf_printf(&x->b, "%lld goroutine%s", (long long)last, last == 1 ? "" : "s");
	if (x->n < 2)
		return;
	prof_buf_printf(&x->b, ", %lld at first", (long long)s[x->shown[0]].n);
	if (x->timed) {
		prof_buf_str(&x->b, " ");
		put_duration(&x->b, prof_sub(x->times[x->n - 1], x->times[0]));
		prof_buf_str(&x->b, " before");
	}
}

static int headline(struct leaks *x)
{
	static const char *const words[] = {"LEAKED", "LEAKING", "STUCK"};
	const size_t *v = x->k->verdicts;
	const char *sep = "; ";
	int rc;

	for (int i = PROF_LEAKED; i <= PROF_STUCK; i++)
		if (v[i]) {
			prof_buf_printf(&x->b, "%s  ", words[i]);
			break;
		}
	put_total(x);
	for (int i = PROF_LEAKED; i <= PROF_STUCK; i++)
		if (v[i]) {
			prof_buf_printf(&x->b, "%s%zu %s", sep, v[i], prof_leak_verdicts[i]);
			sep = ", ";
		}
	if (*sep == ',')
		prof_buf_printf(&x->b, " of %zu groups", x->n_rows);
	else
		prof_buf_printf(&x->b,
			x->n > 1 ? "; none of %zu groups leaks"
				 : "; %zu groups, none known to leak",
			x->n_rows);
	x->r->headline = (struct prof_str){x->b.p, (uint32_t)x->b.n};
	rc = prof_report_keep(x->r, &x->r->headline, x->e);
	return rc ? rc : prof_report_head(x->r, &x->b, x->e);
}

static int deadlocks(struct leaks *x)
{
	const struct prof_leak *k = x->k;
	int rc = 0;

	if (k->snapshots.v[x->shown[x->n - 1]].asleep) {
		prof_buf_str(&x->b, "deadlock: all goroutines are asleep, says the runtime");
		rc = prof_report_head(x->r, &x->b, x->e);
	}
	if (rc || !k->cycle.n)
		return rc;
	prof_buf_str(&x->b, "deadlock: each waits for a lock that the next one seems to hold: "
			    "goroutine");
	for (size_t i = 0; i < k->cycle.n && i < 12; i++)
		prof_buf_printf(&x->b, "%s %llu", i ? " →" : "", (unsigned long long)k->cycle.v[i]);
	prof_buf_printf(
		&x->b, "%s → %llu", k->cycle.n > 12 ? " …" : "", (unsigned long long)k->cycle.v[0]);
	return prof_report_head(x->r, &x->b, x->e);
}

/* The groups that the text leaves out, in a line. */
static int rest(struct leaks *x)
{
	size_t groups = 0, named = 0;
	int64_t n = 0;

	for (size_t i = 0; i < x->n_rows; i++)
		if (!x->rows[i].in_text) {
			groups++;
			n = prof_add(n, x->rows[i].judged.last);
		}
	if (!groups)
		return 0;
	prof_buf_printf(&x->b, "%zu %sgroup%s (%lld goroutine%s)", groups,
		x->n > 1 ? "other " : "more ", groups == 1 ? "" : "s", (long long)n,
		n == 1 ? "" : "s");
	for (size_t i = 0; i < x->n_rows && named < STABLE_NAMES; i++) {
		const struct prof_leak_group *g = x->rows[i].g;
		const struct prof_leak_frame *site;

		if (x->rows[i].in_text || !g->n_example)
			continue;
		site = prof_leak_site(x->k, leak_example(x, g), g->n_example);
		if (!leak_str(x, site->function).len)
			continue;
		prof_buf_str(&x->b, named++ ? ", " : ": ");
		prof_buf_plain(&x->b, leak_str(x, site->function));
	}
	prof_buf_str(&x->b, named < groups ? " … (-v shows them)" : " (-v shows them)");
	return prof_report_foot(x->r, &x->b, x->e);
}

static int foot(struct leaks *x, const char *text)
{
	prof_buf_str(&x->b, text);
	return prof_report_foot(x->r, &x->b, x->e);
}

static const char *tone_name(const struct leaks *x, const struct leak_row *row)
{
	return x->n == 1 ? "" : prof_leak_verdicts[row->judged.verdict];
}

/* The counts of the groups in the text, as lines over time. */
static int chart(struct leaks *x)
{
	static const enum prof_curves_tone tones[] = {[PROF_LEAKED] = PROF_TONE_BAD,
		[PROF_LEAKING] = PROF_TONE_BAD,
		[PROF_STUCK] = PROF_TONE_WARN,
		[PROF_LEAK_NEW] = PROF_TONE_NOTE,
		[PROF_LEAK_GONE] = PROF_TONE_NOTE,
		[PROF_LEAK_STABLE] = PROF_TONE_PLAIN};
	struct prof_report *r = x->r;
	struct prof_curves *s = prof_arena_alloc(&r->arena, sizeof(*s), x->e);
	struct prof_curve *lines = prof_arena_alloc(&r->arena, CHART_LINES * sizeof(*lines), x->e);
	int64_t *times = prof_arena_alloc(&r->arena, x->n * sizeof(*times), x->e);
	int rc = 0;

	if (!s || !lines || !times)
		return PROF_ENOMEM;
	memcpy(times, x->times, x->n * sizeof(*times));
	*s = (struct prof_curves){
		.title = r->headline, .lines = lines, .times = x->timed ? times : NULL, .n = x->n};
	for (size_t i = 0; !rc && i < x->n_rows && s->n_lines < CHART_LINES; i++) {
		const struct leak_row *row = &x->rows[i];
		struct prof_curve *l = &lines[s->n_lines];
		int64_t *v;

		if (!row->in_text)
			continue;
		v = prof_arena_alloc(&r->arena, x->n * sizeof(*v), x->e);
		if (!v)
			return PROF_ENOMEM;
		memcpy(v, row->counts, x->n * sizeof(*v));
		put_where(x, row);
		*l = (struct prof_curve){.name = {x->b.p, (uint32_t)x->b.n},
			.about = prof_str_of(tone_name(x, row)),
			.tone = tones[row->judged.verdict],
			.v = v};
		rc = x->b.n ? prof_report_keep(r, &l->name, x->e) : 0;
		x->b.n = 0;
		s->n_lines++;
	}
	if (x->timed) {
		put_duration(&x->b, prof_sub(x->times[x->n - 1], x->times[0]));
		s->span = (struct prof_str){x->b.p, (uint32_t)x->b.n};
		rc = rc ? rc : prof_report_keep(r, &s->span, x->e);
		x->b.n = 0;
	}
	r->curves = s;
	return rc;
}

int prof_leak_text(struct leaks *x)
{
	size_t v = x->k->verdicts[PROF_LEAKING];
	int rc = headline(x);

	x->r->columns = columns;
	x->r->n_columns = x->any_in_text ? N_COLUMNS : 0;
	if (!rc)
		rc = deadlocks(x);
	if (!rc)
		rc = prof_gates_head(x->r, x->k->gates.v, x->k->gates.n, x->e);
	for (size_t i = 0; !rc && i < x->n_rows; i++) {
		if (!x->rows[i].in_text)
			continue;
		rc = put_row(x, &x->rows[i]);
		if (!rc)
			rc = put_notes(x, &x->rows[i]);
	}
	if (!rc)
		rc = chart(x);
	if (!rc)
		rc = rest(x);
	if (!rc && x->n == 1)
		rc = foot(x, "one snapshot: what grows takes two or more to see");
	if (!rc && x->n == 2 && v)
		rc = foot(x, "two snapshots tell no leak from a pool that fills up: a third would");
	if (!rc && x->n > 1 && !x->timed)
		rc = foot(x, "when they were taken is not known: --every=30s would tell");
	return rc;
}
