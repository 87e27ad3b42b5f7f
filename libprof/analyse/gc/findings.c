#include "libprof/analyse/gc/findings_impl.h"

#include <math.h>

#include "libprof/analyse/gc/units.h"
#include "libprof/base/escape.h"

static const struct {
	const char *name;
	enum prof_gc_unit unit;
	double v;
} thresholds[] = {
	[PROF_GC_PAUSE] = {"pause", PROF_GC_UNIT_TIME, 1e6},
	[PROF_GC_CPU] = {"gc-cpu", PROF_GC_UNIT_PART, 0.05},
	[PROF_GC_CPU_HIGH] = {"gc-cpu-high", PROF_GC_UNIT_PART, 0.25},
	[PROF_GC_ASSIST] = {"assist", PROF_GC_UNIT_PART, 0.25},
	[PROF_GC_OFTEN] = {"often", PROF_GC_UNIT_TIME, 10e6},
	[PROF_GC_OVERSHOOT] = {"overshoot", PROF_GC_UNIT_PART, 0.05},
	[PROF_GC_FORCED_CYCLES] = {"forced", PROF_GC_UNIT_PART, 0},
	[PROF_GC_LEAK] = {"leak", PROF_GC_UNIT_PART, 0.5},
	[PROF_GC_MODEL] = {"model", PROF_GC_UNIT_PART, 0.05},
	[PROF_GC_LIMITER] = {"limiter", PROF_GC_UNIT_PART, 0.5},
	[PROF_GC_HEADROOM] = {"headroom", PROF_GC_UNIT_PART, 0.05},
	[PROF_GC_STW_OTHER] = {"stw-other", PROF_GC_UNIT_TIME, 0},
};

const char *prof_gc_severity_name(enum prof_gc_severity s)
{
	return s == PROF_GC_WARN ? "warn" : "note";
}

void prof_gc_thresholds_init(struct prof_gc_thresholds *t)
{
	for (int i = 0; i < PROF_GC_THRESHOLDS; i++)
		t->v[i] = thresholds[i].v;
}

int prof_gc_threshold_set(struct prof_gc_thresholds *t, const char *text, struct prof_err *e)
{
	static const char *const wanted[] = {"", "a time, as 1ms", "a size", "a part, as 5%"};
	size_t n = strcspn(text, "=");
	const char *p = text + n + (text[n] == '=');
	enum prof_gc_unit unit;
	double v;

	for (int i = 0; i < PROF_GC_THRESHOLDS; i++) {
		if (strlen(thresholds[i].name) != n || memcmp(text, thresholds[i].name, n) != 0)
			continue;
		if (!prof_gc_number(&p, &v, &unit) || *p || unit != thresholds[i].unit)
			return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET, "threshold %s takes %s",
				thresholds[i].name, wanted[thresholds[i].unit]);
		t->v[i] = v;
		return 0;
	}
	return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET, "no threshold is called '%.*s'",
		(int)(n < 80 ? n : 80), text);
}

void prof_gc_count(struct prof_gc_some *s, uint32_t cycle, double how_much)
{
	if (!s->n++)
		s->first = cycle;
	s->last = cycle;
	if (s->n == 1 || how_much > s->most) {
		s->most = how_much;
		s->worst = cycle;
	}
}

void prof_gc_emit(struct prof_gc_look *x, const char *id, enum prof_gc_severity severity,
	const char *metric, double seen, double limit, const struct prof_gc_some *about)
{
	struct prof_gc_finding f = {.id = id,
		.severity = severity,
		.text = {x->b.p, (uint32_t)x->b.n},
		.metric = metric,
		.seen = seen,
		.limit = limit,
		.cycles = about ? about->n : PROF_ABSENT,
		.first = PROF_ABSENT,
		.last = PROF_ABSENT};

	if (about && about->n) {
		f.first = x->gc->t->cycles.v[about->first].n;
		f.last = x->gc->t->cycles.v[about->last].n;
	}
	if (!x->rc && x->b.code)
		x->rc = prof_nomem(x->e);
	if (!x->rc)
		x->rc = x->found(x->ctx, &f, x->e);
	x->b.n = 0;
}

void prof_gc_name_cycle(struct prof_gc_look *x, uint32_t cycle)
{
	int64_t n = x->gc->t->cycles.v[cycle].n;

	if (n == PROF_ABSENT)
		prof_buf_printf(&x->b, "the %u. cycle", cycle + 1);
	else
		prof_buf_printf(&x->b, "cycle %lld", (long long)n);
}

void prof_gc_name_cycles(struct prof_gc_look *x, const struct prof_gc_some *s)
{
	if (s->first != s->last) {
		prof_gc_name_cycle(x, s->first);
		prof_buf_str(&x->b, " to ");
	}
	prof_gc_name_cycle(x, s->last);
}

static void look_at_pauses(struct prof_gc_look *x)
{
	const struct prof_gc_quantiles *q = &x->gc->total.pauses;
	struct prof_gc_some s = {0};
	int64_t long_ones = 0;

	for (size_t i = 0; i < x->gc->t->cycles.n; i++) {
		const struct prof_gc_cycle *c = &x->gc->t->cycles.v[i];
		int64_t pause[2];
		int over = 0, n = prof_gc_cycle_pauses(c, pause);

		for (int k = 0; k < n; k++)
			over += (double)pause[k] > x->limit[PROF_GC_PAUSE];
		long_ones += over;
		if (over)
			prof_gc_count(&s, (uint32_t)i, 0);
	}
	if (!s.n)
		return;
	prof_buf_printf(&x->b, "%lld of %zu pauses are longer than ", (long long)long_ones, q->n);
	prof_gc_put_ns(&x->b, (int64_t)x->limit[PROF_GC_PAUSE]);
	prof_buf_str(&x->b, ": p99 ");
	prof_gc_put_ns(&x->b, q->p99);
	prof_buf_str(&x->b, ", longest ");
	prof_gc_put_ns(&x->b, q->max);
	prof_buf_str(&x->b, " (");
	prof_gc_name_cycle(x, x->gc->total.longest_pause);
	prof_buf_char(&x->b, ')');
	prof_gc_emit(x, "pause", PROF_GC_WARN, "longest_ns", (double)q->max,
		x->limit[PROF_GC_PAUSE], &s);
}

/* The second in which the collector took the most, of those that are whole. */
struct second {
	double part;
	int64_t at_ns;
	size_t over; /* seconds over the limiter's threshold */
};

static void busiest(const struct prof_gc *gc, double limiter, struct second *out)
{
	const int64_t window = 1000000000;

	*out = (struct second){.part = NAN};
	for (size_t i = 0; i < gc->t->segments.n; i++) {
		const struct prof_segment *s = &gc->t->segments.v[i];
		int64_t from = 0;
		double cpu = 0, ps = 0;

		for (uint32_t k = 0; k < s->n_cycles; k++) {
			const struct prof_gc_cycle *c = &gc->t->cycles.v[s->first_cycle + k];
			int64_t end = prof_gc_cycle_end(c), took = prof_gc_cycle_cpu(c);
			int64_t before = k ? prof_gc_cycle_end(c - 1) : 0;

			cpu += took == PROF_ABSENT ? 0 : (double)took;
			ps += (double)(end > before ? end - before : 0) * c->procs;
			if (end - from < window)
				continue;
			if (ps > 0 && !(cpu / ps <= out->part)) {
				out->part = cpu / ps;
				out->at_ns = from;
			}
			out->over += ps > 0 && cpu / ps >= limiter;
			from = end;
			cpu = ps = 0;
		}
	}
}

static void look_at_cpu(struct prof_gc_look *x)
{
	const struct prof_gc *gc = x->gc;
	double part = gc->total.gc_cpu;
	struct second s;
	bool high = part > x->limit[PROF_GC_CPU_HIGH];

	busiest(gc, x->limit[PROF_GC_LIMITER], &s);
	if (s.over) {
		prof_buf_printf(&x->b,
			"in %zu s the collector takes half of the CPU or more: there the "
			"runtime's limiter lets the heap grow past its goal and any memory limit",
			s.over);
		prof_gc_emit(x, "limiter", PROF_GC_WARN, "seconds", (double)s.over,
			x->limit[PROF_GC_LIMITER], NULL);
	}
	if (!(part > x->limit[PROF_GC_CPU]))
		return;
	prof_gc_put_part(&x->b, part);
	prof_buf_str(&x->b, " of CPU goes to the collector (threshold ");
	prof_gc_put_part(&x->b, x->limit[high ? PROF_GC_CPU_HIGH : PROF_GC_CPU]);
	prof_buf_char(&x->b, ')');
	if (isfinite(s.part)) {
		prof_buf_str(&x->b, ", at worst ");
		prof_gc_put_part(&x->b, s.part);
		prof_buf_str(&x->b, " in the second from ");
		prof_gc_put_ns(&x->b, s.at_ns);
	}
	prof_gc_emit(x, high ? "gc-cpu-high" : "gc-cpu", PROF_GC_WARN, "gc_cpu_fraction", part,
		x->limit[high ? PROF_GC_CPU_HIGH : PROF_GC_CPU], NULL);
}

/* "; 98% of it by goroutines that main.serve started with", where the source tells. */
static void name_assistants(struct prof_gc_look *x)
{
	const struct prof_timeline *t = x->gc->t;
	const struct prof_gc_share *most = NULL;
	double all = 0;

	for (size_t i = 0; i < t->shares.n; i++) {
		const struct prof_gc_share *s = &t->shares.v[i];

		if (s->goroutine != PROF_ABSENT)
			continue;
		all += (double)s->assist_ns;
		if (!most || s->assist_ns > most->assist_ns)
			most = s;
	}
	if (!(all > 0))
		return;
	prof_buf_str(&x->b, "; ");
	prof_gc_put_part(&x->b, (double)most->assist_ns / all);
	prof_buf_str(&x->b, " of the time by goroutines of ");
	prof_buf_plain(&x->b, prof_strtab_get(&t->strings, most->name));
}

static void look_at_assists(struct prof_gc_look *x)
{
	struct prof_gc_some s = {0};

	if (!(x->gc->total.assist_share > x->limit[PROF_GC_ASSIST]))
		return;
	for (size_t i = 0; i < x->gc->t->cycles.n; i++)
		if (x->gc->t->cycles.v[i].assist_cpu_ns > 0)
			prof_gc_count(&s, (uint32_t)i, (double)x->gc->t->cycles.v[i].assist_cpu_ns);
	prof_gc_put_part(&x->b, x->gc->total.assist_share);
	prof_buf_str(&x->b, " of marking is done by goroutines that allocate, in ");
	prof_gc_put_count(&x->b, s.n, "cycle");
	prof_buf_str(&x->b, ": they wait for it; at most ");
	prof_gc_put_ns(&x->b, (int64_t)s.most);
	prof_buf_str(&x->b, " in ");
	prof_gc_name_cycle(x, s.worst);
	name_assistants(x);
	prof_gc_emit(x, "assist", PROF_GC_NOTE, "assist_share", x->gc->total.assist_share,
		x->limit[PROF_GC_ASSIST], &s);
}

static void look_at_log(struct prof_gc_look *x)
{
	for (size_t i = 0; i < x->gc->t->sources.n; i++) {
		const struct prof_timeline_source *s = &x->gc->t->sources.v[i];

		if (!s->unreadable)
			continue;
		if (s->kind == PROF_TIMELINE_TRACE) {
			prof_buf_put(&x->b, s->name.p, s->name.len);
			prof_buf_str(&x->b, " is damaged: ");
		} else {
			prof_gc_put_count(&x->b, s->unreadable, "line");
			prof_buf_str(&x->b, " of ");
			prof_buf_put(&x->b, s->name.p, s->name.len);
			prof_buf_printf(&x->b, " cannot be read, line %lld first: ",
				(long long)s->first_unreadable_line);
		}
		prof_buf_put(&x->b, s->first_unreadable.p, s->first_unreadable.len);
		prof_gc_emit(
			x, "unreadable", PROF_GC_WARN, "lines", (double)s->unreadable, NAN, NULL);
	}
	for (size_t i = 0; i < x->gc->t->segments.n; i++) {
		const struct prof_segment *s = &x->gc->t->segments.v[i];

		if (!s->lost_cycles)
			continue;
		prof_gc_put_count(&x->b, s->lost_cycles, "cycle");
		prof_buf_str(&x->b, s->ends_only ? " between two snapshots that neither knows: "
						   "the last 256 before each are kept"
						 : " missing from the log");
		prof_gc_emit(
			x, "lost", PROF_GC_NOTE, "lost_cycles", (double)s->lost_cycles, NAN, NULL);
	}
}

int prof_gc_findings(const struct prof_gc *gc, const struct prof_gc_thresholds *limits,
	prof_gc_found_fn *found, void *ctx, struct prof_err *e)
{
	struct prof_gc_look x = {.gc = gc, .limit = limits->v, .found = found, .ctx = ctx, .e = e};

	prof_buf_init(&x.b, NULL, NULL);
	look_at_log(&x);
	look_at_cpu(&x);
	look_at_pauses(&x);
	prof_gc_look_at_heap(&x);
	look_at_assists(&x);
	prof_gc_look_at_cycles(&x);
	prof_buf_fini(&x.b);
	return x.rc;
}
