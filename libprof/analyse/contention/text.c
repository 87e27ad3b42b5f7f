#include <math.h>

#include "libprof/analyse/contention/report.h"
#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"

enum {
	CALLERS = 3, /* of the program, of a site in a library */
	IDLE_NAMES = 3,
	HOLDERS = 3, /* of a site, in the table of locks */
};

void prof_contention_put_ns(struct contending *x, int64_t ns)
{
	prof_fmt_scaled(&x->b, ns, PROF_STR("ns"), PROF_STR("auto"));
}

/* "28.9%", "<0.1%" */
static void put_share(struct contending *x, int64_t part, int64_t all)
{
	double percent = (double)part / (double)all * 100;

	if (percent > 0 && percent < 0.1)
		prof_buf_char(&x->b, '<');
	prof_buf_double(&x->b, percent > 0 && percent < 0.1 ? 0.1 : percent, 'f', 1);
	prof_buf_char(&x->b, '%');
}

/* "3.2", "0.04", "<0.001": goroutines. */
void prof_contention_put_waiting(struct contending *x, double v)
{
	double size = fabs(v);

	if (isnan(v))
		prof_buf_char(&x->b, '-');
	else if (size == 0)
		prof_buf_char(&x->b, '0');
	else if (size < 0.001)
		prof_buf_str(&x->b, v > 0 ? "<0.001" : ">-0.001");
	else
		prof_buf_double(&x->b, v, 'f',
			size >= 99.95   ? 0
			: size >= 9.995 ? 1
			: size >= 0.995 ? 2
					: 3);
}

static void put_str(struct contending *x, struct prof_str s)
{
	prof_buf_put(&x->b, s.p, s.len);
}

/* What x->b holds becomes the next cell. */
void prof_contention_end_cell(struct prof_contention_table *t)
{
	struct prof_str s = {t->x->b.p ? t->x->b.p : "", (uint32_t)t->x->b.n};

	if (!t->rc)
		t->rc = prof_report_keep(t->r, &s, t->x->e);
	t->cells[t->n++] = prof_cell_str(s);
	t->x->b.n = 0;
}

void prof_contention_ns_cell(struct prof_contention_table *t, bool known, int64_t ns)
{
	if (known)
		prof_contention_put_ns(t->x, ns);
	else
		prof_buf_char(&t->x->b, '-');
	prof_contention_end_cell(t);
}

void prof_contention_count_cell(struct prof_contention_table *t, bool known, int64_t n)
{
	if (known)
		prof_buf_i64(&t->x->b, n);
	else
		prof_buf_char(&t->x->b, '-');
	prof_contention_end_cell(t);
}

/* "main.(*cache).get main.go:33" */
void prof_contention_put_frame(struct contending *x, const struct prof_contention_site *s)
{
	const struct prof_contention_frame *f = prof_contention_site_frame(x, s);
	struct prof_str file = PROF_STR("");

	put_str(x, s->text);
	if (f)
		file = prof_contention_name(x->k, x->k->functions.v[f->function].file);
	if (!file.len)
		return;
	prof_buf_char(&x->b, ' ');
	put_str(x, prof_str_base(file));
	if (f->line)
		prof_buf_printf(&x->b, ":%u", f->line);
}

/* The same, or what a row is by. */
void prof_contention_put_site(struct contending *x, const struct prof_contention_site *s)
{
	enum prof_contention_by by = x->k->opts.by;

	if (by == PROF_CONTENTION_BY_LOCK && prof_wait_is_lock(s->class))
		prof_contention_put_owner(&x->b, s->text);
	else if (by == PROF_CONTENTION_BY_PACKAGE || by == PROF_CONTENTION_BY_LOCK)
		put_str(x, s->text);
	else
		prof_contention_put_frame(x, s);
}

/* The first table is the report's own, so that Markdown has it as one; others are parts of it. */
struct prof_report *prof_contention_part(struct contending *x)
{
	if (x->r->n_columns)
		return prof_report_part(x->r, x->e);
	x->b.n = 0;
	return prof_report_head(x->r, &x->b, x->e) ? NULL : x->r;
}

int prof_contention_headline(struct contending *x)
{
	struct prof_str s = {x->b.p ? x->b.p : "", (uint32_t)x->b.n};
	int rc = prof_report_keep(x->r, &s, x->e);

	x->r->headline = s;
	return rc ? rc : prof_report_head(x->r, &x->b, x->e);
}

int prof_contention_begin_table(struct prof_contention_table *t, const char *title,
	const struct prof_table_column *columns, size_t n)
{
	struct contending *x = t->x;
	struct prof_table_column *own;

	t->r = prof_contention_part(x);
	if (!t->r)
		return x->e->code;
	own = prof_arena_alloc(&t->r->arena, n * sizeof(*own), x->e);
	if (!own)
		return x->e->code;
	memcpy(own, columns, n * sizeof(*own));
	t->r->columns = own;
	t->r->n_columns = n;
	prof_buf_str(&x->b, title);
	return prof_report_head(t->r, &x->b, x->e);
}

/* Which columns a list has. */
struct shape {
	bool timed, waiting, cum, single, now;
};

/* Holders stand in a table of their own where it is known who waits for them; locks of the runtime
 * that cost next to nothing nowhere, but with -n 0.
 */
static bool is_shown(
	const struct prof_contention_sites *sites, const struct prof_contention_site *s)
{
	if (!s->holder)
		return true;
	if (s->n_matches)
		return false;
	return !sites->k->opts.row_count || s->class != PROF_WAIT_RUNTIME_LOCK ||
	       s->ns >= sites->parts[PROF_CONTENTION_MUTEX].ns / 200;
}

static struct shape shape_of(const struct prof_contention_table *t, unsigned list)
{
	struct shape s = {.now = t->sites->parts[PROF_CONTENTION_DUMP].known};

	for (size_t i = 0; i < t->sites->v.n; i++) {
		const struct prof_contention_site *v = &t->sites->v.v[i];

		if (v->list != list || !is_shown(t->sites, v))
			continue;
		s.timed |= v->source != PROF_CONTENTION_DUMP;
		s.waiting |= !isnan(v->waiting);
		s.cum |= v->cum_ns > v->ns;
		s.single |= prof_contention_has_hist(v);
	}
	return s;
}

static size_t columns_of(const struct shape *s, struct prof_table_column *c)
{
	static const struct prof_table_column
		delay = {.title = "delay"},
		share = {.title = "share", .gap = 2}, cum = {.title = "cum", .gap = 2},
		waiting = {.title = "waiting", .gap = 2}, n = {.title = "waits", .gap = 2},
		mean = {.title = "mean", .gap = 2}, p50 = {.title = "p50", .gap = 2},
		p95 = {.title = "p95", .gap = 2}, max = {.title = "max", .gap = 2},
		now = {.title = "now", .gap = 2}, since = {.title = "since", .gap = 2},
		class = {.title = "for", .gap = 2, .left = true},
		site = {.title = "where", .gap = 2, .left = true, .is_name = true};
	size_t i = 0;

	if (s->timed) {
		c[i++] = delay;
		c[i++] = share;
	}
	if (s->cum)
		c[i++] = cum;
	if (s->waiting)
		c[i++] = waiting;
	if (s->timed) {
		c[i++] = n;
		c[i++] = mean;
	}
	if (s->single) {
		c[i++] = p50;
		c[i++] = p95;
		c[i++] = max;
	}
	if (s->now) {
		c[i++] = now;
		c[i++] = since;
	}
	c[i++] = class;
	c[i++] = site;
	return i;
}

/* The first function of the program's own above a site that is in a library; 0: none. */
static uint32_t user(const struct contending *x, uint32_t stack)
{
	struct prof_contention_walk w = prof_contention_walk_site(x->k, &x->k->stacks.v[stack]);
	const struct prof_contention_frame *f;

	for (bool site = true; (f = prof_contention_next(x->k, &w)); site = false) {
		const struct prof_contention_function *fn = prof_contention_function_of(x->k, f);

		if (!fn->library && !fn->hidden)
			return site ? 0 : fn->name;
	}
	return 0;
}

static int put_users(struct prof_contention_table *t, const struct prof_contention_site *s)
{
	struct contending *x = t->x;
	uint32_t names[CALLERS], n = 0, most;
	const uint32_t *stacks = prof_contention_heaviest(t->sites, s, &most);

	for (uint32_t i = 0; i < most && n < CALLERS; i++) {
		uint32_t name = user(x, stacks[i]);
		bool known = !name;

		for (uint32_t j = 0; j < n; j++)
			known |= names[j] == name;
		if (!known)
			names[n++] = name;
	}
	if (!n)
		return 0;
	prof_buf_str(&x->b, "    for ");
	for (uint32_t i = 0; i < n; i++) {
		prof_buf_str(&x->b, i ? ", " : "");
		prof_buf_plain(&x->b, prof_contention_name(x->k, names[i]));
	}
	return prof_report_note(t->r, &x->b, x->e);
}

static int put_row(struct prof_contention_table *t, const struct prof_contention_site *s,
	const struct shape *has)
{
	struct contending *x = t->x;
	bool timed = s->source != PROF_CONTENTION_DUMP, single = prof_contention_has_hist(s);
	int64_t all = t->sites->ns[0] + t->sites->ns[1] + t->sites->ns[2];

	t->n = 0;
	if (has->timed) {
		prof_contention_ns_cell(t, timed, s->ns);
		if (timed && all && (!s->holder || t->sites->source == PROF_CONTENTION_DUMP))
			put_share(x, s->ns, all);
		else
			prof_buf_char(&x->b, '-');
		prof_contention_end_cell(t);
	}
	if (has->cum)
		prof_contention_ns_cell(t, s->cum_ns >= 0, s->cum_ns);
	if (has->waiting) {
		prof_contention_put_waiting(x, s->waiting);
		prof_contention_end_cell(t);
	}
	if (has->timed) {
		prof_contention_count_cell(t, timed, s->count);
		prof_contention_ns_cell(t, timed && s->count, s->count ? s->ns / s->count : 0);
	}
	if (has->single) {
		prof_contention_ns_cell(t, single, prof_contention_percentile(s, 50));
		prof_contention_ns_cell(t, single, prof_contention_percentile(s, 95));
		prof_contention_ns_cell(t, single, prof_contention_percentile(s, 100));
	}
	if (has->now) {
		prof_contention_count_cell(t, !s->holder, s->now);
		prof_contention_ns_cell(t, s->now_ns > 0, s->now_ns);
	}
	prof_buf_str(&x->b, prof_contention_class(x, s->class));
	if (s->holder)
		prof_buf_str(&x->b, " (unlock)");
	prof_contention_end_cell(t);
	prof_contention_put_site(x, s);
	prof_contention_end_cell(t);
	if (!t->rc)
		t->rc = prof_report_row(t->r, t->cells, x->e);
	if (!t->rc)
		t->rc = put_users(t, s);
	if (!t->rc)
		t->rc = prof_contention_put_enders(t, s);
	return t->rc ? t->rc : prof_contention_put_now(t, s);
}

static int put_rest(struct prof_contention_table *t, size_t left, int64_t ns)
{
	struct contending *x = t->x;

	if (!left)
		return 0;
	prof_buf_printf(&x->b, "%zu more", left);
	if (ns > 0) {
		prof_buf_str(&x->b, ", together ");
		prof_contention_put_ns(x, ns);
	}
	prof_buf_str(&x->b, " (-n 0 shows them)");
	return prof_report_foot(t->r, &x->b, x->e);
}

static int put_list(struct contending *x, unsigned list, const char *title)
{
	const struct prof_contention_sites *sites = &x->sides[PROF_NEW];
	struct prof_contention_table t = {.x = x, .sites = sites};
	struct prof_table_column columns[PROF_CONTENTION_COLUMNS];
	struct shape has = shape_of(&t, list);
	int64_t most = x->k->opts.row_count, ns = 0;
	size_t n = 0, left = 0;
	int rc = 0;

	for (size_t i = 0; !rc && i < sites->v.n; i++) {
		const struct prof_contention_site *s = &sites->v.v[i];

		if (s->list != list || !is_shown(sites, s))
			continue;
		if (!n)
			rc = prof_contention_begin_table(
				&t, title, columns, columns_of(&has, columns));
		if (rc)
			return rc;
		if (!most || (int64_t)n < most) {
			rc = put_row(&t, s, &has);
		} else {
			left++;
			ns = prof_add_sat(ns, s->source == PROF_CONTENTION_DUMP ? 0 : s->ns);
		}
		n++;
	}
	return rc || !n ? rc : put_rest(&t, left, ns);
}

/* Who unlocks what others wait for, and how sure that is. */
static int put_matches(struct contending *x)
{
	static const struct prof_table_column columns[] = {
		{.title = "unlocked by", .left = true, .is_name = true},
		{.title = "charged", .gap = 2}, {.title = "unlocks", .gap = 2},
		{.title = "waited at", .gap = 2, .left = true, .is_name = true},
		{.title = "delay", .gap = 2}, {.title = "waits", .gap = 2},
		{.title = "for", .gap = 2, .left = true},
		{.title = "of one lock by", .gap = 2, .left = true}};
	const struct prof_contention_sites *sites = &x->sides[PROF_NEW];
	bool profile = sites->parts[PROF_CONTENTION_MUTEX].known;
	struct prof_contention_table t = {.x = x, .sites = sites};
	int64_t most = x->k->opts.row_count;
	size_t same = 0, rows = 0;
	int rc;

	if (!sites->matches.n)
		return 0;
	rc = prof_contention_begin_table(&t, "Who holds what others wait for", columns,
		sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; !rc && i < sites->matches.n; i++) {
		const struct prof_contention_match *m = &sites->matches.v[i];
		const struct prof_contention_site *h = &sites->v.v[m->holder];
		const struct prof_contention_site *w = &sites->v.v[m->waiter];
		bool timed = w->source != PROF_CONTENTION_DUMP;

		same = i && m->waiter == m[-1].waiter ? same + 1 : 0;
		if (most && (same >= HOLDERS || rows == (size_t)most))
			continue;
		rows++;
		t.n = 0;
		prof_contention_put_site(x, h);
		prof_contention_end_cell(&t);
		prof_contention_ns_cell(
			&t, profile || m->how == PROF_MATCH_SEEN, profile ? h->ns : m->ns);
		prof_contention_count_cell(
			&t, profile || m->how == PROF_MATCH_SEEN, profile ? h->count : m->count);
		prof_contention_put_site(x, w);
		prof_contention_end_cell(&t);
		prof_contention_ns_cell(&t, timed, w->ns);
		prof_contention_count_cell(&t, timed, w->count);
		prof_buf_str(&x->b, prof_contention_class(x, w->class));
		prof_contention_end_cell(&t);
		prof_buf_str(&x->b, prof_contention_hows[m->how]);
		prof_contention_end_cell(&t);
		rc = t.rc ? t.rc : prof_report_row(t.r, t.cells, x->e);
	}
	return rc ? rc : put_rest(&t, sites->matches.n - rows, 0);
}

/* "12.3 goroutines wait at a time: 5.1 for locks, …" */
static int put_summary(struct contending *x)
{
	static const char *const what[] = {"for locks", "for the other side", "idle"};
	const struct prof_contention_sites *s = &x->sides[PROF_NEW];
	bool rates = s->by_rate && s->v.n;
	int64_t ns = s->ns[0] + s->ns[1] + s->ns[2];
	const char *sep = ": ";

	if (rates) {
		prof_contention_put_waiting(x, s->waiting[0] + s->waiting[1] + s->waiting[2]);
		prof_buf_str(&x->b, " goroutines wait at a time");
	} else {
		prof_buf_str(&x->b, "waited ");
		prof_contention_put_ns(x, ns);
	}
	for (int i = 0; i < PROF_WAIT_LISTS; i++) {
		prof_buf_str(&x->b, sep);
		if (rates)
			prof_contention_put_waiting(x, s->waiting[i]);
		else
			prof_contention_put_ns(x, s->ns[i]);
		prof_buf_printf(&x->b, " %s", what[i]);
		sep = ", ";
	}
	return prof_contention_headline(x);
}

/* A line an input: what, and over which time. */
int prof_contention_put_sources(struct contending *x, enum prof_side side)
{
	const struct prof_contention_sites *s = &x->sides[side];
	int rc = 0;

	for (int i = 0; !rc && i < PROF_CONTENTION_KINDS; i++) {
		const struct prof_contention_part *p = &s->parts[i];

		if (!p->known)
			continue;
		prof_buf_str(&x->b, !x->compared ? "" : side == PROF_OLD ? "old " : "new ");
		prof_buf_printf(&x->b, "%s: ", prof_contention_kind_names[i]);
		if (i == PROF_CONTENTION_DUMP) {
			prof_buf_printf(&x->b, "%lld dump%s, %lld waiting", (long long)p->n,
				p->n == 1 ? "" : "s", (long long)p->count);
		} else {
			prof_contention_put_ns(x, p->ns);
			prof_buf_printf(&x->b, " in %lld waits", (long long)p->count);
		}
		if (p->since_start && !p->interval_ns)
			prof_buf_str(&x->b, " since the start");
		else if (p->interval_ns) {
			prof_buf_str(&x->b, " over ");
			prof_contention_put_ns(x, p->interval_ns);
		}
		if (p->first != PROF_NONE) {
			prof_buf_str(&x->b, ", from ");
			prof_buf_plain(
				&x->b, prof_contention_name(x->k, x->k->inputs.v[p->first].name));
			prof_buf_str(&x->b, " to ");
			prof_buf_plain(
				&x->b, prof_contention_name(x->k, x->k->inputs.v[p->last].name));
		}
		rc = prof_report_head(x->r, &x->b, x->e);
	}
	return rc;
}

/* What --idle would show, in a line. */
static int put_idle(struct contending *x, struct prof_report *r)
{
	const struct prof_contention_sites *s = &x->sides[PROF_NEW];
	uint32_t shown[IDLE_NAMES];
	size_t n = 0;

	for (size_t i = 0; i < s->v.n; i++)
		n += s->v.v[i].list == PROF_WAITS_IDLE;
	if (!n)
		return 0;
	prof_buf_printf(&x->b, "%zu idle site%s", n, n == 1 ? "" : "s");
	for (size_t i = 0, names = 0; i < s->v.n && names < IDLE_NAMES; i++) {
		uint32_t name = s->v.v[i].name;
		bool known = s->v.v[i].list != PROF_WAITS_IDLE;

		for (size_t j = 0; !known && j < names; j++)
			known = shown[j] == name;
		if (known)
			continue;
		prof_buf_str(&x->b, names ? ", " : ": ");
		prof_buf_plain(&x->b, s->v.v[i].text);
		shown[names++] = name;
	}
	prof_buf_str(&x->b, n > IDLE_NAMES ? " … (--idle shows them)" : " (--idle shows them)");
	return prof_report_foot(r, &x->b, x->e);
}

/* Idle sites and notes, behind all tables. */
static int put_end(struct contending *x)
{
	struct prof_report *end = prof_report_part(x->r, x->e);
	int rc = end ? 0 : x->e->code;

	if (!rc && !x->k->opts.idle && !x->compared)
		rc = put_idle(x, end);
	for (size_t i = 0; !rc && i < x->notes.n; i++) {
		prof_buf_str(&x->b, "note: ");
		put_str(x, x->notes.v[i].text);
		rc = prof_report_foot(end, &x->b, x->e);
	}
	return rc;
}

int prof_contention_text(struct contending *x)
{
	int rc = x->compared ? 0 : put_summary(x);

	if (!rc && !x->compared)
		rc = prof_contention_put_sources(x, PROF_NEW);
	if (!rc && !x->compared)
		rc = put_list(x, PROF_WAITS_CONTENTION, "Locks");
	if (!rc)
		rc = put_matches(x);
	if (!rc)
		rc = prof_contention_facts_text(x);
	if (!rc && !x->compared)
		rc = put_list(x, PROF_WAITS_BACKPRESSURE, "Back-pressure: for the other side");
	if (!rc && !x->compared && x->k->opts.idle)
		rc = put_list(x, PROF_WAITS_IDLE, "Idle");
	return rc ? rc : put_end(x);
}
