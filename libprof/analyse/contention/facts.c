/* What traces tell beside waits, for a person: how long locks were held, what their holders did
 * meanwhile, and how many stood in line.
 */
#include "libprof/analyse/contention/report.h"
#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"

enum { MOST_PLACES = 3 };

static void put_percent(struct prof_contention_table *t, int64_t part, int64_t all)
{
	if (all > 0)
		prof_fmt_share(&t->x->b, part, all);
	else
		prof_buf_char(&t->x->b, '-');
	prof_contention_end_cell(t);
}

/* "sleep in main.(*config).reload main.go:61" */
static void put_place(struct contending *x, uint32_t stack)
{
	const struct prof_contention_frame *f = prof_contention_stack_frame(x->k, stack);
	const struct prof_contention_function *fn;

	prof_buf_str(&x->b, prof_wait_class_names[x->k->stacks.v[stack].class]);
	if (!f)
		return;
	fn = &x->k->functions.v[f->function];
	prof_buf_str(&x->b, " in ");
	prof_buf_plain(&x->b, prof_contention_name(x->k, fn->name));
	if (!fn->file)
		return;
	prof_buf_char(&x->b, ' ');
	prof_buf_plain(&x->b, prof_str_base(prof_contention_name(x->k, fn->file)));
	if (f->line)
		prof_buf_printf(&x->b, ":%u", f->line);
}

/* The longest one, and what most of it went by with. */
static int note_longest(struct prof_contention_table *t, const struct prof_contention_hold *h)
{
	static const char *const parts[] = {
		"ran", "waited for a processor", "was in system calls", "waited"};
	struct contending *x = t->x;
	int most = 0;

	for (int i = 1; i < PROF_HOLD_PARTS; i++)
		if (h->longest_parts_ns[i] > h->longest_parts_ns[most])
			most = i;
	prof_buf_str(&x->b, "    longest: ");
	prof_buf_str(&x->b, h->longest_exact ? "" : "at least ");
	prof_contention_put_ns(x, h->longest_ns);
	prof_buf_str(&x->b, ", from ");
	prof_contention_put_ns(x, h->longest_at);
	prof_buf_printf(
		&x->b, " on, goroutine %lld; it %s ", (long long)h->longest_goroutine, parts[most]);
	prof_contention_put_ns(x, h->longest_parts_ns[most]);
	if (h->longest_waited != PROF_NONE && most >= PROF_HOLD_SYSCALL) {
		prof_buf_str(&x->b, ": ");
		put_place(x, h->longest_waited);
	}
	return prof_report_note(t->r, &x->b, x->e);
}

/* Where holders waited themselves: what makes others wait. */
static int note_places(struct prof_contention_table *t, const struct prof_contention_held *h)
{
	struct contending *x = t->x;
	const struct prof_contention_elsewhere *v = h->n_elsewhere
							    ? &x->facts.elsewhere.v[h->elsewhere]
							    : NULL;
	uint32_t n = 0;

	/* Not worth a word: under 1 % of the time. */
	while (n < h->n_elsewhere && n < MOST_PLACES && v[n].ns >= (int64_t)(h->hist.total / 100))
		n++;
	for (uint32_t i = 0; i < n; i++) {
		prof_buf_str(&x->b, i ? ", " : "    meanwhile: ");
		prof_contention_put_ns(x, v[i].ns);
		prof_buf_char(&x->b, ' ');
		put_place(x, v[i].stack);
	}
	return n ? prof_report_note(t->r, &x->b, x->e) : 0;
}

static int put_held(struct prof_contention_table *t, const struct prof_contention_held *h)
{
	const struct prof_contention_sites *sites = t->sites;
	struct contending *x = t->x;
	int rc;

	t->n = 0;
	prof_contention_put_site(x, &sites->v.v[h->holder]);
	prof_contention_end_cell(t);
	prof_contention_count_cell(t, true, (int64_t)h->count);
	prof_contention_ns_cell(t, true, (int64_t)prof_hist_percentile(&h->hist, 50));
	prof_contention_ns_cell(t, true, (int64_t)prof_hist_percentile(&h->hist, 95));
	prof_contention_ns_cell(t, true, (int64_t)h->hist.max);
	for (int i = 0; i < PROF_HOLD_PARTS; i++)
		put_percent(t, h->parts_ns[i], (int64_t)h->hist.total);
	prof_contention_put_site(x, &sites->v.v[h->waiter]);
	prof_contention_end_cell(t);
	rc = t->rc ? t->rc : prof_report_row(t->r, t->cells, x->e);
	if (!rc)
		rc = note_places(t, h);
	return rc ? rc : note_longest(t, h->longest);
}

/* What the numbers leave out. */
static int put_doubts(struct prof_contention_table *t)
{
	struct contending *x = t->x;
	uint64_t inexact = 0, count = 0;
	bool no_ends = false;
	int rc = 0;

	for (size_t i = 0; i < x->facts.held.n; i++) {
		count += x->facts.held.v[i].count;
		inexact += x->facts.held.v[i].count - x->facts.held.v[i].exact;
	}
	for (size_t i = 0; i < x->k->traces.n; i++)
		no_ends |= !(x->k->traces.v[i].can & PROF_CAN_SYSCALL_ENDS);
	if (inexact) {
		prof_buf_printf(&x->b,
			"of %llu of %llu holds the trace does not show the begin: they were longer",
			(unsigned long long)inexact, (unsigned long long)count);
		rc = prof_report_foot(t->r, &x->b, x->e);
	}
	if (rc || !no_ends)
		return rc;
	prof_buf_str(&x->b, "before go 1.22 a trace shows only those system calls that lost their "
			    "processor: the others count as running");
	return prof_report_foot(t->r, &x->b, x->e);
}

static int put_helds(struct contending *x)
{
	static const struct prof_table_column columns[] = {
		{.title = "held by", .left = true, .is_name = true}, {.title = "holds", .gap = 2},
		{.title = "p50", .gap = 2}, {.title = "p95", .gap = 2}, {.title = "max", .gap = 2},
		{.title = "ran", .gap = 2}, {.title = "ready", .gap = 2},
		{.title = "syscalls", .gap = 2}, {.title = "waited", .gap = 2},
		{.title = "while others waited at", .gap = 2, .left = true, .is_name = true}};
	struct prof_contention_table t = {.x = x, .sites = &x->sides[PROF_NEW]};
	int64_t most = x->k->opts.row_count;
	int rc;

	if (!x->facts.held.n)
		return 0;
	rc = prof_contention_begin_table(&t,
		"How long locks were held while others waited, and "
		"what their holders did meanwhile",
		columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; !rc && i < x->facts.held.n && (!most || i < (size_t)most); i++)
		rc = put_held(&t, &x->facts.held.v[i]);
	return rc ? rc : put_doubts(&t);
}

static int put_line(struct prof_contention_table *t, const struct prof_contention_line *l)
{
	const struct prof_contention_queue *q = l->queue;
	struct contending *x = t->x;

	t->n = 0;
	prof_buf_printf(&x->b, "%u", q->most);
	prof_contention_end_cell(t);
	prof_contention_ns_cell(t, true, q->most_at);
	for (int i = 0; i < 4; i++)
		put_percent(t, q->at_least_ns[i], l->trace->ns);
	prof_contention_ns_cell(t, true, q->longest_ns);
	prof_contention_ns_cell(t, true, q->longest_at);
	prof_contention_put_site(x, &t->sites->v.v[l->site]);
	prof_contention_end_cell(t);
	return t->rc ? t->rc : prof_report_row(t->r, t->cells, x->e);
}

static int put_lines(struct contending *x)
{
	static const struct prof_table_column columns[] = {{.title = "most"},
		{.title = "at", .gap = 2}, {.title = "1+", .group = "of the time", .gap = 2},
		{.title = "2+", .group = "of the time", .gap = 2},
		{.title = "4+", .group = "of the time", .gap = 2},
		{.title = "8+", .group = "of the time", .gap = 2},
		{.title = "longest", .group = "2+ without a break", .gap = 2},
		{.title = "from", .group = "2+ without a break", .gap = 2},
		{.title = "where", .gap = 2, .left = true, .is_name = true}};
	struct prof_contention_table t = {.x = x, .sites = &x->sides[PROF_NEW]};
	int64_t most = x->k->opts.row_count, n = 0;
	int rc = 0;

	for (size_t i = 0; !rc && i < x->facts.lines.n && (!most || n < most); i++) {
		const struct prof_contention_line *l = &x->facts.lines.v[i];

		if (t.sites->v.v[l->site].list == PROF_WAITS_IDLE && !x->k->opts.idle)
			continue;
		if (!n++)
			rc = prof_contention_begin_table(&t, "How many stood in line", columns,
				sizeof(columns) / sizeof(columns[0]));
		if (!rc)
			rc = put_line(&t, l);
	}
	return rc;
}

int prof_contention_facts_text(struct contending *x)
{
	int rc = put_helds(x);

	return rc ? rc : put_lines(x);
}
