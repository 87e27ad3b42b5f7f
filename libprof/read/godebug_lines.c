#include "libprof/read/godebug_lines.h"

#include <math.h>
#include <string.h>

/* No time or size is larger, so that sums of several fit. */
#define MOST ((int64_t)1 << 59)

enum { MS = 6, SECONDS = 9, MB = 20, KB = 10, MAX_TERMS = 8 };

/* A decimal number without a sign, times 10^digits, the rest cut off. */
static bool take_decimal(struct prof_text_line *l, unsigned digits, int64_t *out)
{
	const char *p = l->p;
	int64_t v = 0;
	bool fraction = false;

	if (p == l->end || !prof_text_is_digit(*p))
		return false;
	for (; p < l->end; p++) {
		if (*p == '.' && !fraction && p + 1 < l->end && prof_text_is_digit(p[1])) {
			fraction = true;
			continue;
		}
		if (!prof_text_is_digit(*p))
			break;
		if (fraction && !digits)
			continue;
		if (v > MOST / 10 - 1)
			return false;
		v = v * 10 + (*p - '0');
		digits -= fraction;
	}
	for (; digits; digits--) {
		if (v > MOST / 10)
			return false;
		v *= 10;
	}
	l->p = p;
	*out = v;
	return true;
}

/* An integer, `shift` bits up: KiB, MiB. */
static bool take_size(struct prof_text_line *l, unsigned shift, int64_t *out)
{
	struct prof_text_line s = *l;
	int64_t v;

	if (!prof_text_int(&s, &v) || v > MOST >> shift || v < -(MOST >> shift))
		return false;
	l->p = s.p;
	*out = (int64_t)((uint64_t)v << shift);
	return true;
}

/* "->", also as JSON writes it for HTML's sake. */
static bool take_arrow(struct prof_text_line *l)
{
	return prof_text_take(l, "->") || prof_text_take(l, "-\\u003e");
}

struct terms {
	int64_t v[MAX_TERMS];
	unsigned n, slash; /* slash: of the term in front of the first '/' */
};

/* Times of a line, joined by + and /: "0.18+0.12/0/0+0.006". */
static bool take_terms(struct prof_text_line *l, struct terms *t)
{
	t->slash = MAX_TERMS;
	for (t->n = 0; t->n < MAX_TERMS;) {
		if (!take_decimal(l, MS, &t->v[t->n++]))
			return false;
		if (t->slash == MAX_TERMS && prof_text_starts(l, "/"))
			t->slash = t->n - 1;
		if (!prof_text_take(l, "+") && !prof_text_take(l, "/"))
			return true;
	}
	return false;
}

static bool take_clock(struct prof_text_line *l, struct prof_gc_cycle *c)
{
	struct terms t;

	if (!take_terms(l, &t) || !prof_text_take(l, " ms clock") || t.n < 3)
		return false;
	c->sweep_term_ns = t.v[0];
	c->mark_term_ns = t.v[t.n - 1];
	c->mark_ns = 0;
	for (unsigned i = 1; i + 1 < t.n; i++)
		c->mark_ns += t.v[i];
	return true;
}

/* 1.5: sweep termination + scan + write barriers on + assist / … : what is scanned and waited for
 * outside of assists is background work.
 */
static bool take_cpu(struct prof_text_line *l, struct prof_gc_cycle *c)
{
	struct terms t;

	if (!take_terms(l, &t) || !prof_text_take(l, " ms cpu") || t.slash < 1 ||
		t.slash + 4 != t.n)
		return false;
	c->sweep_term_cpu_ns = t.v[0];
	c->assist_cpu_ns = t.v[t.slash];
	c->dedicated_cpu_ns = t.v[t.slash + 1];
	c->idle_cpu_ns = t.v[t.slash + 2];
	c->mark_term_cpu_ns = t.v[t.slash + 3];
	for (unsigned i = 1; i < t.slash; i++)
		c->dedicated_cpu_ns += t.v[i];
	return true;
}

/* One of the items by commas behind the times; what is not known is passed over. */
static bool take_item(struct prof_text_line *l, struct prof_gc_cycle *c)
{
	struct prof_text_line s = *l;
	int64_t v, end, live;

	if (!prof_text_int(&s, &v) || v < 0)
		return false;
	if (take_arrow(&s)) {
		if (v > MOST >> MB || !take_size(&s, MB, &end) || !take_arrow(&s) ||
			!take_size(&s, MB, &live) || !prof_text_take(&s, " MB"))
			return false;
		c->start_bytes = v << MB;
		c->end_bytes = end;
		c->live_bytes = live;
	} else if (prof_text_take(&s, " P")) {
		if (v > 1 << 20)
			return false;
		c->procs = (int32_t)v;
	} else {
		if (!prof_text_take(&s, " MB ") || v > MOST >> MB)
			return false;
		if (prof_text_take(&s, "goal"))
			c->goal_bytes = v << MB;
		else if (prof_text_take(&s, "stacks"))
			c->stacks_bytes = v << MB;
		else if (prof_text_take(&s, "globals"))
			c->globals_bytes = v << MB;
		else
			return false;
	}
	l->p = s.p;
	return true;
}

static bool take_items(struct prof_text_line *l, struct prof_gc_cycle *c)
{
	while (prof_text_take(l, ", ")) {
		if (take_item(l, c))
			continue;
		while (l->p < l->end && *l->p != ',')
			l->p++;
	}
	return c->end_bytes != PROF_ABSENT && c->goal_bytes != PROF_ABSENT && c->procs;
}

/* Behind "gc ". */
static bool take_gc(struct prof_text_line *l, struct prof_gc_cycle *c)
{
	int64_t percent;

	if (!prof_text_int(l, &c->n) || c->n < 1 || c->n > MOST || !prof_text_take(l, " @") ||
		!take_decimal(l, SECONDS, &c->start_ns) || !prof_text_take(l, "s ") ||
		!prof_text_int(l, &percent) || percent < 0 || percent > 100 ||
		!prof_text_take(l, "%"))
		return false;
	c->running_cpu = (double)percent / 100;
	if (prof_text_take(l, " (checking for goroutine leaks)"))
		c->reason = PROF_GC_LEAK_CHECK;
	if (!prof_text_take(l, ": ") || !take_clock(l, c) || !prof_text_take(l, ", ") ||
		!take_cpu(l, c) || !take_items(l, c))
		return false;
	if (prof_text_take(l, " (forced)") && c->reason == PROF_GC_HEAP)
		c->reason = PROF_GC_FORCED;
	return true;
}

/* Behind "pacer: assist ratio=". */
static bool take_assist(struct prof_text_line *l, struct prof_gc_pacing *p)
{
	int64_t scan, from, to;

	return prof_text_real(l, &p->assist_ratio) && prof_text_take(l, " (scan ") &&
	       take_size(l, MB, &scan) && prof_text_take(l, " MB in ") && take_size(l, MB, &from) &&
	       take_arrow(l) && take_size(l, MB, &to) && prof_text_take(l, " MB) workers=") &&
	       prof_text_int(l, &p->dedicated_workers) && prof_text_take(l, "+") &&
	       prof_text_real(l, &p->fractional_goal);
}

/* "∆goal" with the sign that the runtime writes, or as JSON may. */
static bool take_delta_goal(struct prof_text_line *l)
{
	return prof_text_take(l, " B (\xe2\x88\x86goal ") || prof_text_take(l, " B (\\u2206goal ");
}

/* Behind "pacer: ": "25% CPU (25 exp.) for …", Go >= 1.18. */
static bool take_work(struct prof_text_line *l, struct prof_gc_pacing *p)
{
	int64_t expected, delta;

	if (!prof_text_int(l, &p->cpu_percent) || !prof_text_take(l, "% CPU (") ||
		!prof_text_int(l, &expected) || !prof_text_take(l, " exp.) for ") ||
		!take_size(l, 0, &p->heap_work_bytes) || !prof_text_take(l, "+") ||
		!take_size(l, 0, &p->stack_work_bytes) || !prof_text_take(l, "+") ||
		!take_size(l, 0, &p->globals_work_bytes) || !prof_text_take(l, " B work (") ||
		!take_size(l, 0, &p->expected_work_bytes) || !prof_text_take(l, " B exp.) in ") ||
		!take_size(l, 0, &p->trigger_bytes) || !prof_text_take(l, " B ") ||
		!take_arrow(l) || !prof_text_take(l, " ") || !take_size(l, 0, &p->end_bytes) ||
		!take_delta_goal(l) || !take_size(l, 0, &delta) ||
		!prof_text_take(l, ", cons/mark ") || !prof_text_real(l, &p->cons_mark) ||
		!prof_text_take(l, ")"))
		return false;
	p->goal_bytes = p->end_bytes - delta;
	p->controller_reset = prof_text_take(l, "[controller reset]") ||
			      prof_text_take(l, " [controller reset]");
	return p->goal_bytes >= 0;
}

/* Behind "pacer: H_m_prev=", before Go 1.18: sizes by name, blanks between. */
static bool take_old_work(struct prof_text_line *l, struct prof_gc_pacing *p)
{
	int64_t ignored;

	if (!take_size(l, 0, &ignored))
		return false;
	while (prof_text_take(l, " ")) {
		if (prof_text_take(l, "H_T=")) {
			if (!take_size(l, 0, &p->trigger_bytes))
				return false;
		} else if (prof_text_take(l, "H_a=")) {
			if (!take_size(l, 0, &p->end_bytes))
				return false;
		} else if (prof_text_take(l, "H_g=")) {
			if (!take_size(l, 0, &p->goal_bytes))
				return false;
		}
		while (l->p < l->end && *l->p != ' ')
			l->p++;
	}
	return p->trigger_bytes != PROF_ABSENT && p->goal_bytes != PROF_ABSENT &&
	       p->end_bytes != PROF_ABSENT;
}

/* Behind "pacer: sweep done at heap size ". */
static bool take_sweep(struct prof_text_line *l, struct prof_gc_pacing *p)
{
	int64_t heap;
	double pace;

	return take_size(l, MB, &heap) && prof_text_take(l, "MB; allocated ") &&
	       take_size(l, MB, &p->sweep_allocated_bytes) &&
	       (prof_text_take(l, "MB during sweep; swept ") ||
		       prof_text_take(l, "MB of spans; swept ")) &&
	       take_size(l, 0, &p->swept_pages) && prof_text_take(l, " pages at ") &&
	       prof_text_real(l, &pace) && prof_text_take(l, " pages/byte");
}

/* Behind "scav ". */
static bool take_scav(struct prof_text_line *l, struct prof_gc_pacing *p)
{
	int64_t eager = 0;

	if (!take_size(l, KB, &p->scavenged_bytes) || !prof_text_take(l, " KiB work"))
		return false;
	prof_text_take(l, " (bg)");
	if (!prof_text_take(l, ", ") || !take_size(l, KB, &p->released_bytes))
		return false;
	if (prof_text_take(l, " KiB work (eager), ")) {
		eager = p->released_bytes;
		if (!take_size(l, KB, &p->released_bytes))
			return false;
	}
	p->scavenged_bytes += eager;
	return (prof_text_take(l, " KiB now, ") || prof_text_take(l, " KiB total, ")) &&
	       take_size(l, 0, &p->util_percent) && prof_text_take(l, "% util");
}

/* Behind "scan: total ": "N objs" or "a+b+c=N objs, x+y=N spans". */
static bool take_scan_total(struct prof_text_line *l, int64_t *n)
{
	int64_t part;

	do {
		if (!take_size(l, 0, &part))
			return false;
	} while (prof_text_take(l, "+") || prof_text_take(l, "="));
	*n = part;
	return true;
}

static bool take_scan(struct prof_text_line *l, struct prof_gc_pacing *p)
{
	if (!take_scan_total(l, &p->scan_objects) || !prof_text_take(l, " objs"))
		return false;
	return !prof_text_take(l, ", ") ||
	       (take_scan_total(l, &p->scan_spans) && prof_text_take(l, " spans"));
}

/* " name=value" up to the name that is wanted. */
static bool take_named(struct prof_text_line *l, const char *name, int64_t *v)
{
	while (prof_text_take(l, " ")) {
		if (prof_text_take(l, name))
			return prof_text_take(l, "=") && take_size(l, 0, v);
		while (l->p < l->end && *l->p != ' ')
			l->p++;
	}
	return false;
}

/* Behind "SCHED ". */
static bool take_sched(struct prof_text_line *l, struct prof_godebug_sched *s)
{
	int64_t queued;

	if (!take_decimal(l, MS, &s->t_ns) || !prof_text_take(l, "ms:") ||
		!take_named(l, "gomaxprocs", &s->gomaxprocs) ||
		!take_named(l, "idleprocs", &s->idleprocs) ||
		!take_named(l, "threads", &s->threads) || !take_named(l, "runqueue", &s->runqueue))
		return false;
	if (prof_text_take(l, " ["))
		for (prof_text_take(l, " "); take_size(l, 0, &queued) && queued >= 0 &&
					     queued < 1 << 30 && s->runqueue < MOST;
			prof_text_take(l, " "))
			s->runqueue += queued;
	return true;
}

/* "P0: status=", "M4: p=", "G17: status=": schedtrace's details. */
static bool take_sched_detail(struct prof_text_line *l)
{
	int64_t id;

	return prof_text_int(l, &id) && id >= 0 &&
	       (prof_text_take(l, ": status=") || prof_text_take(l, ": p="));
}

static enum prof_godebug_sort sort_if(bool yes, enum prof_godebug_sort sort)
{
	return yes ? sort : PROF_GODEBUG_UNREADABLE;
}

static enum prof_godebug_sort next_pacer(struct prof_text_line *l, struct prof_gc_pacing *p)
{
	struct prof_text_line s = *l;
	int64_t percent;

	if (prof_text_take(l, "assist ratio="))
		return sort_if(take_assist(l, p), PROF_GODEBUG_ASSIST);
	if (prof_text_take(l, "sweep done at heap size "))
		return sort_if(take_sweep(l, p), PROF_GODEBUG_SWEEP);
	if (prof_text_take(l, "H_m_prev="))
		return sort_if(take_old_work(l, p), PROF_GODEBUG_WORK);
	if (prof_text_int(&s, &percent) && prof_text_take(&s, "% CPU ("))
		return sort_if(take_work(l, p), PROF_GODEBUG_WORK);
	return PROF_GODEBUG_NONE;
}

static bool digit_next(const struct prof_text_line *l)
{
	return l->p < l->end && prof_text_is_digit(*l->p);
}

/* "gc 12 @": nothing else does for a line of gctrace. */
static bool is_gc(struct prof_text_line s)
{
	int64_t n;

	return prof_text_int(&s, &n) && prof_text_take(&s, " @");
}

/* The record at l->p, if there is one. */
static enum prof_godebug_sort next_here(struct prof_text_line *l, struct prof_godebug_line *out)
{
	switch (*l->p) {
	case 'g':
		if (prof_text_take(l, "gc ") && is_gc(*l))
			return sort_if(take_gc(l, &out->cycle), PROF_GODEBUG_GC);
		break;
	case 'p':
		if (prof_text_take(l, "pacer: "))
			return next_pacer(l, &out->pacing);
		break;
	case 's':
		if (prof_text_take(l, "scav ") && digit_next(l))
			return sort_if(take_scav(l, &out->pacing), PROF_GODEBUG_SCAV);
		if (prof_text_take(l, "scan: total "))
			return sort_if(take_scan(l, &out->pacing), PROF_GODEBUG_SCAN);
		if (prof_text_take(l, "scan: class ") || prof_text_take(l, "scvg: ") ||
			(prof_text_take(l, "scvg") && digit_next(l)))
			return PROF_GODEBUG_DETAIL;
		break;
	case 'S':
		if (prof_text_take(l, "SCHED ") && digit_next(l))
			return sort_if(take_sched(l, &out->sched), PROF_GODEBUG_SCHED);
		break;
	case 'P':
	case 'M':
	case 'G':
		l->p++;
		if (digit_next(l) && take_sched_detail(l))
			return PROF_GODEBUG_DETAIL;
		break;
	default:
		break;
	}
	return PROF_GODEBUG_NONE;
}

/* Whether a terminal's colour ends right before p: "ESC [ 31 m". */
static bool behind_colour(const char *start, const char *p)
{
	if (p == start || *--p != 'm')
		return false;
	while (p > start && (prof_text_is_digit(p[-1]) || p[-1] == ';'))
		p--;
	return p - start >= 2 && p[-1] == '[' && p[-2] == 0x1b;
}

static bool is_word(char c)
{
	return prof_text_is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
}

enum prof_godebug_sort prof_godebug_next(struct prof_text_line *l, struct prof_godebug_line *out)
{
	/* The letters that records begin with. */
	static const bool begins[256] = {['g'] = true,
		['p'] = true,
		['s'] = true,
		['S'] = true,
		['P'] = true,
		['M'] = true,
		['G'] = true};
	const char *p = l->p;

	for (; p < l->end; p++) {
		struct prof_text_line s = *l;
		enum prof_godebug_sort sort;
		bool glued;

		/* A whole "gc 12 @…" may stand right behind what an application left unfinished. */
		if (!begins[(unsigned char)*p])
			continue;
		glued = p > l->start && is_word(p[-1]) && !behind_colour(l->start, p);
		if (glued && *p != 'g')
			continue;
		s.p = p;
		sort = next_here(&s, out);
		if (sort == PROF_GODEBUG_NONE)
			continue;
		if (glued && sort == PROF_GODEBUG_UNREADABLE) {
			prof_gc_cycle_init(&out->cycle);
			continue;
		}
		l->p = sort == PROF_GODEBUG_DETAIL ? l->end : s.p;
		return sort;
	}
	l->p = l->end;
	return PROF_GODEBUG_NONE;
}
