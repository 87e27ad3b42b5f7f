/* Pictures beside the tables: holders against waiters as bars, and how many stood in line over the
 * time of a trace.
 */
#include "libprof/analyse/contention/report.h"
#include "libprof/base/num.h"
#include "libprof/model/bars.h"
#include "libprof/model/curves.h"

enum { MOST_WAITERS = 8, MOST_HOLDERS = 3, MOST_LINES = 6, SCALE = 1000 };

/* Series of the bars: what is known of holders tells a trace, else a mutex profile. */
enum { WAITED, RAN, READY, SYSCALL, WAITED_ITSELF, CHARGED };

static int name(struct contending *x, const char *what, const struct prof_contention_site *s,
	struct prof_str *out)
{
	prof_buf_str(&x->b, what);
	prof_contention_put_site(x, s);
	*out = (struct prof_str){x->b.p, (uint32_t)x->b.n};
	x->b.n = 0;
	return prof_report_keep(x->r, out, x->e);
}

static const struct prof_contention_held *held_of(
	const struct contending *x, const struct prof_contention_match *m)
{
	for (size_t i = 0; i < x->facts.held.n; i++)
		if (x->facts.held.v[i].holder == m->holder &&
			x->facts.held.v[i].waiter == m->waiter)
			return &x->facts.held.v[i];
	return NULL;
}

/* What the match's holder did, or is charged with; false: neither is known. */
static bool hold(struct contending *x, const struct prof_contention_match *m, struct prof_bar *bar)
{
	const struct prof_contention_sites *sites = &x->sides[PROF_NEW];
	const struct prof_contention_held *h = held_of(x, m);

	if (h && sites->v.v[m->waiter].source == PROF_CONTENTION_TRACE) {
		for (int i = 0; i < PROF_HOLD_PARTS; i++)
			bar->v[RAN + i] = h->parts_ns[i];
		return true;
	}
	bar->v[CHARGED] = sites->v.v[m->holder].ns;
	return sites->parts[PROF_CONTENTION_MUTEX].known;
}

static int bars(struct contending *x)
{
	const struct prof_contention_sites *sites = &x->sides[PROF_NEW];
	struct prof_report *r = x->r;
	struct prof_bars *s = prof_arena_alloc(&r->arena, sizeof(*s), x->e);
	struct prof_bar *v = prof_arena_alloc(
		&r->arena, MOST_WAITERS * (1 + MOST_HOLDERS) * sizeof(*v), x->e);
	uint32_t waiter = PROF_NONE, n = 0, holders = 0;
	int rc = 0;

	if (!s || !v)
		return x->e->code;
	*s = (struct prof_bars){
		.title = PROF_STR("Who waits for locks, and who holds them meanwhile"),
		.unit = PROF_STR("ns"),
		.series = {"waited for it, all together", "held it and ran",
			"held it, ready without a processor", "held it in a system call",
			"held it and waited itself", "charged by the mutex profile"},
		.n_series = CHARGED + 1,
		.bars = v};
	for (size_t i = 0; !rc && i < sites->matches.n; i++) {
		const struct prof_contention_match *m = &sites->matches.v[i];
		const struct prof_contention_site *w = &sites->v.v[m->waiter];
		struct prof_bar bar = {.first = false};

		if (w->source == PROF_CONTENTION_DUMP || !hold(x, m, &bar))
			continue;
		if (m->waiter != waiter) {
			if (n++ == MOST_WAITERS)
				break;
			waiter = m->waiter;
			holders = 0;
			v[s->n] = (struct prof_bar){.first = true, .v = {[WAITED] = w->ns}};
			rc = name(x, "wait: ", w, &v[s->n++].name);
		}
		if (rc || holders++ == MOST_HOLDERS)
			continue;
		v[s->n] = bar;
		rc = name(x, "hold: ", &sites->v.v[m->holder], &v[s->n++].name);
	}
	if (s->n)
		r->bars = s;
	return rc;
}

static int line(struct contending *x, const struct prof_contention_line *l, struct prof_curve *out)
{
	const struct prof_contention_site *site = &x->sides[PROF_NEW].v.v[l->site];
	int64_t *v = prof_arena_alloc(&x->r->arena, l->trace->steps * sizeof(*v), x->e);
	int rc;

	if (!v)
		return x->e->code;
	for (uint32_t i = 0; i < l->trace->steps; i++)
		v[i] = prof_to_i64(prof_contention_line_mean(l, i) * SCALE);
	out->v = v;
	out->tone = site->list == PROF_WAITS_CONTENTION     ? PROF_TONE_BAD
		    : site->list == PROF_WAITS_BACKPRESSURE ? PROF_TONE_WARN
							    : PROF_TONE_PLAIN;
	rc = name(x, "", site, &out->name);
	prof_buf_printf(
		&x->b, "%s, at most %u", prof_contention_class(x, site->class), l->queue->most);
	out->about = (struct prof_str){x->b.p, (uint32_t)x->b.n};
	if (!rc)
		rc = prof_report_keep(x->r, &out->about, x->e);
	x->b.n = 0;
	return rc;
}

/* Of several traces the first one that has lines. */
static int curves(struct contending *x)
{
	struct prof_report *r = x->r;
	struct prof_curves *s = prof_arena_alloc(&r->arena, sizeof(*s), x->e);
	struct prof_curve *lines = prof_arena_alloc(&r->arena, MOST_LINES * sizeof(*lines), x->e);
	const struct prof_contention_trace *t = NULL;
	int rc = 0;

	if (!s || !lines)
		return x->e->code;
	*s = (struct prof_curves){.title = PROF_STR("How many stood in line, on average"),
		.scale = SCALE,
		.lines = lines,
		.no_last = true};
	for (size_t i = 0; !rc && i < x->facts.lines.n && s->n_lines < MOST_LINES; i++) {
		const struct prof_contention_line *l = &x->facts.lines.v[i];

		if ((t && l->trace != t) || !l->queue->steps ||
			(!x->k->opts.idle &&
				x->sides[PROF_NEW].v.v[l->site].list == PROF_WAITS_IDLE))
			continue;
		t = l->trace;
		lines[s->n_lines] = (struct prof_curve){.v = NULL};
		rc = line(x, l, &lines[s->n_lines++]);
	}
	if (rc || !t)
		return rc;
	prof_contention_put_ns(x, t->ns);
	s->span = (struct prof_str){x->b.p, (uint32_t)x->b.n};
	x->b.n = 0;
	s->n = t->steps;
	r->curves = s;
	return prof_report_keep(r, &s->span, x->e);
}

int prof_contention_drawings(struct contending *x)
{
	int rc = bars(x);

	return rc ? rc : curves(x);
}
