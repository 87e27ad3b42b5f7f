#include <math.h>

#include "libprof/analyse/gc/findings_impl.h"
#include "libprof/analyse/gc/units.h"

static int64_t median_period(const struct prof_gc *gc, enum prof_gc_why why, struct prof_gc_look *x)
{
	size_t n = 0, most = gc->cycles.n;
	struct prof_mem mem = {.limit = gc->mem.limit};
	int64_t *v = prof_mem_zalloc(&mem, 2 * most, sizeof(*v), x->e), m = PROF_ABSENT;

	if (!v) {
		x->rc = x->rc ? x->rc : PROF_ENOMEM;
		return m;
	}
	for (size_t i = 0; i < most; i++)
		if (gc->cycles.v[i].why == why && gc->cycles.v[i].period_ns != PROF_ABSENT)
			v[n++] = gc->cycles.v[i].period_ns;
	prof_gc_sort(v, v + most, n);
	if (n)
		m = prof_gc_rank(v, n, 0.5);
	prof_mem_zfree(&mem, v, 2 * most, sizeof(*v));
	return m;
}

static void look_at_floor(struct prof_gc_look *x)
{
	const struct prof_gc *gc = x->gc;
	struct prof_gc_some s = {0};
	int64_t every;

	for (size_t i = 0; i < gc->cycles.n; i++)
		if (gc->cycles.v[i].why == PROF_WHY_FLOOR)
			prof_gc_count(&s, (uint32_t)i, 0);
	if (s.n < 3)
		return;
	every = median_period(gc, PROF_WHY_FLOOR, x);
	prof_buf_printf(&x->b, "%lld of %zu cycles ran on a live heap under the floor (",
		(long long)s.n, gc->cycles.n);
	prof_gc_put_bytes(&x->b, PROF_GC_FLOOR_BYTES / 100 * gc->most_gogc);
	prof_buf_str(&x->b, " at GOGC ");
	prof_gc_put_gogc(&x->b, gc);
	prof_buf_char(&x->b, ')');
	if (every != PROF_ABSENT) {
		prof_buf_str(&x->b, ", one each ");
		prof_gc_put_ns(&x->b, every);
	}
	if (every != PROF_ABSENT && (double)every < x->limit[PROF_GC_OFTEN]) {
		prof_buf_str(
			&x->b, ": GOGC=off with a GOMEMLIMIT, or a larger GOGC, makes them fewer");
		prof_gc_emit(x, "often", PROF_GC_NOTE, "every_ns", (double)every,
			x->limit[PROF_GC_OFTEN], &s);
	} else {
		prof_gc_emit(x, "floor", PROF_GC_NOTE, NULL, (double)s.n, NAN, &s);
	}
}

/* Cycles that began well below the lowest place of the trigger, for no reason that is known. */
static void look_at_early(struct prof_gc_look *x)
{
	const struct prof_gc *gc = x->gc;
	struct prof_gc_some s = {0};

	for (size_t i = 0; i < gc->t->segments.n; i++) {
		const struct prof_segment *g = &gc->t->segments.v[i];

		for (uint32_t k = 1; k < g->n_cycles; k++) {
			uint32_t at = g->first_cycle + k;
			const struct prof_gc_cycle *c = &gc->t->cycles.v[at];
			double live, room;

			if (gc->cycles.v[at].why == PROF_WHY_FORCED ||
				gc->cycles.v[at].why == PROF_WHY_LEAK_CHECK ||
				gc->cycles.v[at].why == PROF_WHY_PERIODIC ||
				c->start_bytes == PROF_ABSENT || c->goal_bytes == PROF_ABSENT ||
				c[-1].live_bytes == PROF_ABSENT)
				continue;
			live = (double)c[-1].live_bytes;
			room = (double)c->goal_bytes - live;
			if (room > 0 &&
				(double)(c->start_bytes + g->size_unit) < live + 0.69 * room)
				prof_gc_count(&s, at, 0);
		}
	}
	if (!s.n)
		return;
	prof_gc_put_count(&x->b, s.n, "cycle");
	prof_buf_str(&x->b, " began on a smaller heap than their live heap and goal explain: ");
	prof_gc_name_cycles(x, &s);
	prof_gc_emit(x, "early", PROF_GC_NOTE, NULL, (double)s.n, NAN, &s);
}

/* Of heap profiles: how many, not which. */
static void look_at_forced_ones(struct prof_gc_look *x)
{
	const struct prof_gc *gc = x->gc;
	int64_t all = 0, forced = 0;

	for (size_t i = 0; i < gc->t->memstats.n; i++) {
		const struct prof_memstats *s = &gc->t->memstats.v[i];

		if (s->segment == PROF_NONE || s->n_gc <= all)
			continue;
		all = s->n_gc;
		forced = s->n_forced;
	}
	if (gc->t->segments.n != 1 || !forced ||
		(double)forced <= x->limit[PROF_GC_FORCED_CYCLES] * (double)all)
		return;
	prof_buf_printf(&x->b, "%lld of %lld cycles were forced (runtime.GC and the like)",
		(long long)forced, (long long)all);
	prof_gc_emit(x, "forced", PROF_GC_NOTE, "forced_cycles", (double)forced,
		x->limit[PROF_GC_FORCED_CYCLES], NULL);
}

static void look_at_reasons(struct prof_gc_look *x)
{
	const struct prof_gc *gc = x->gc;
	struct prof_gc_some forced = {0}, periodic = {0}, leak = {0};
	double cpu = 0;

	for (size_t i = 0; i < gc->cycles.n; i++) {
		int64_t took = prof_gc_cycle_cpu(&gc->t->cycles.v[i]);

		if (gc->cycles.v[i].why == PROF_WHY_FORCED) {
			prof_gc_count(&forced, (uint32_t)i, 0);
			cpu += took == PROF_ABSENT ? 0 : (double)took;
		} else if (gc->cycles.v[i].why == PROF_WHY_PERIODIC) {
			prof_gc_count(&periodic, (uint32_t)i, 0);
		} else if (gc->cycles.v[i].why == PROF_WHY_LEAK_CHECK) {
			prof_gc_count(&leak, (uint32_t)i, 0);
		}
	}
	if (gc->t->memstats.n)
		look_at_forced_ones(x);
	else if ((double)forced.n > x->limit[PROF_GC_FORCED_CYCLES] * (double)gc->cycles.n) {
		prof_buf_printf(&x->b, "%lld of %zu cycles were forced (runtime.GC and the like): ",
			(long long)forced.n, gc->cycles.n);
		prof_gc_name_cycles(x, &forced);
		if (gc->total.cpu_ns > 0) {
			prof_buf_str(&x->b, "; ");
			prof_gc_put_part(&x->b, cpu / (double)gc->total.cpu_ns);
			prof_buf_str(&x->b, " of the collector's CPU");
		}
		prof_gc_emit(x, "forced", PROF_GC_NOTE, NULL, (double)forced.n,
			x->limit[PROF_GC_FORCED_CYCLES], &forced);
	}
	if (periodic.n) {
		prof_gc_put_count(&x->b, periodic.n, "cycle");
		prof_buf_str(
			&x->b, " began because two minutes had gone by, not because of the heap: ");
		prof_gc_name_cycles(x, &periodic);
		prof_gc_emit(x, "periodic", PROF_GC_NOTE, NULL, (double)periodic.n, NAN, &periodic);
	}
	if (leak.n) {
		prof_gc_put_count(&x->b, leak.n, "cycle");
		prof_buf_str(&x->b, " looked for leaked goroutines: ");
		prof_gc_name_cycles(x, &leak);
		prof_gc_emit(x, "leak-check", PROF_GC_NOTE, NULL, (double)leak.n, NAN, &leak);
	}
}

static void look_at_limit(struct prof_gc_look *x)
{
	const struct prof_gc *gc = x->gc;
	struct prof_gc_some s = {0}, tight = {0};
	double cpu = 0, n = 0;

	for (size_t i = 0; i < gc->cycles.n; i++) {
		const struct prof_gc_cycle *c = &gc->t->cycles.v[i];

		if (gc->cycles.v[i].why != PROF_WHY_LIMIT)
			continue;
		prof_gc_count(&s, (uint32_t)i, 0);
		if (c->live_bytes == PROF_ABSENT ||
			(double)c->goal_bytes >
				(double)c->live_bytes * (1 + x->limit[PROF_GC_HEADROOM]))
			continue;
		prof_gc_count(&tight, (uint32_t)i, 0);
		if (isfinite(gc->cycles.v[i].gc_cpu)) {
			cpu += gc->cycles.v[i].gc_cpu;
			n++;
		}
	}
	if (!s.n)
		return;
	prof_buf_str(&x->b, "the goal of ");
	prof_gc_put_count(&x->b, s.n, "cycle");
	prof_buf_str(&x->b, " is below GOGC ");
	prof_gc_put_gogc(&x->b, gc);
	prof_buf_str(&x->b, "'s: a memory limit leaves the heap ");
	prof_gc_put_bytes(&x->b, gc->all.limit_goal_bytes);
	prof_buf_str(&x->b, " (GOMEMLIMIT of about ");
	prof_gc_put_bytes(&x->b, gc->all.limit_bytes);
	prof_buf_str(&x->b, "): ");
	prof_gc_name_cycles(x, &s);
	prof_gc_emit(
		x, "limit", PROF_GC_NOTE, "goal_bytes", (double)gc->all.limit_goal_bytes, NAN, &s);
	if (tight.n < 3)
		return;
	cpu = n > 0 ? cpu / n : NAN;
	prof_gc_put_count(&x->b, tight.n, "cycle");
	prof_buf_str(&x->b, " had less than ");
	prof_gc_put_part(&x->b, x->limit[PROF_GC_HEADROOM]);
	prof_buf_str(&x->b, " between live heap and limit");
	if (isfinite(cpu)) {
		prof_buf_str(&x->b, ", and the collector took ");
		prof_gc_put_part(&x->b, cpu);
		prof_buf_str(&x->b, " of CPU there");
	}
	if (cpu > x->limit[PROF_GC_CPU_HIGH])
		prof_buf_str(&x->b, ": a death spiral");
	prof_gc_emit(x, cpu > x->limit[PROF_GC_CPU_HIGH] ? "death-spiral" : "headroom",
		PROF_GC_WARN, "gc_cpu_fraction", cpu, x->limit[PROF_GC_HEADROOM], &tight);
}

enum { SLICES = 10, RISING = 7 };

/* The least live heap of each tenth of a run's cycles rises, nearly always, to well over the first.
 */
static void look_at_growth(struct prof_gc_look *x, const struct prof_segment *s)
{
	const struct prof_gc_cycle *c = &x->gc->t->cycles.v[s->first_cycle];
	int64_t least[SLICES], rising = 0, grown, ns;
	struct prof_gc_some about = {.n = s->n_cycles,
		.first = s->first_cycle,
		.last = s->first_cycle + s->n_cycles - 1};

	if (s->n_cycles < 3 * SLICES)
		return;
	for (uint32_t i = 0; i < SLICES; i++) {
		uint32_t from = (uint32_t)((uint64_t)s->n_cycles * i / SLICES);
		uint32_t to = (uint32_t)((uint64_t)s->n_cycles * (i + 1) / SLICES);

		least[i] = INT64_MAX;
		for (uint32_t k = from; k < to; k++)
			if (c[k].live_bytes != PROF_ABSENT && c[k].live_bytes < least[i])
				least[i] = c[k].live_bytes;
		rising += i && least[i] > least[i - 1];
	}
	grown = least[SLICES - 1] - least[0];
	ns = c[s->n_cycles - 1].start_ns - c[0].start_ns;
	if (least[0] == INT64_MAX || least[SLICES - 1] == INT64_MAX || rising < RISING || ns <= 0 ||
		(double)grown <= (double)least[0] * x->limit[PROF_GC_LEAK] ||
		grown < 4 * s->size_unit)
		return;
	prof_buf_str(&x->b, "the live heap climbs from cycle to cycle, ");
	prof_gc_put_bytes(&x->b, least[0]);
	prof_buf_str(&x->b, " to ");
	prof_gc_put_bytes(&x->b, least[SLICES - 1]);
	prof_buf_str(&x->b, " in ");
	prof_gc_put_ns(&x->b, ns);
	prof_buf_str(&x->b, " (");
	prof_gc_put_rate(&x->b, (double)grown / (double)ns * 1e9);
	prof_buf_str(&x->b, "): a leak, or a cache that still fills");
	prof_gc_emit(x, "leak", PROF_GC_WARN, "grown_bytes", (double)grown, x->limit[PROF_GC_LEAK],
		&about);
}

static void look_at_goals(struct prof_gc_look *x)
{
	const struct prof_gc *gc = x->gc;
	struct prof_gc_some over = {0};

	for (size_t i = 0; i < gc->t->segments.n; i++) {
		const struct prof_segment *s = &gc->t->segments.v[i];

		for (uint32_t k = 0; k < s->n_cycles; k++) {
			const struct prof_gc_cycle *c = &gc->t->cycles.v[s->first_cycle + k];
			struct prof_gc_size goal = prof_gc_goal(gc->t, s, c);
			struct prof_gc_size peak = prof_gc_peak(gc->t, s, c);
			double by;

			if (goal.lo == PROF_ABSENT || peak.lo == PROF_ABSENT)
				continue;
			/* As little as rounding leaves open. */
			by = (double)peak.lo / ((double)goal.lo + (double)goal.unit - 1) - 1;
			if (by > x->limit[PROF_GC_OVERSHOOT])
				prof_gc_count(&over, s->first_cycle + k, by);
		}
	}
	if (over.n) {
		prof_gc_put_count(&x->b, over.n, "cycle");
		prof_buf_str(&x->b, " ended over their goal, by ");
		prof_gc_put_part(&x->b, over.most);
		prof_buf_str(&x->b, " at most (");
		prof_gc_name_cycle(x, over.worst);
		prof_buf_str(&x->b, "): large objects, or allocation faster than marking");
		prof_gc_emit(x, "overshoot", PROF_GC_NOTE, "most", over.most,
			x->limit[PROF_GC_OVERSHOOT], &over);
	}
}

static void look_at_model(struct prof_gc_look *x)
{
	const struct prof_gc *gc = x->gc;
	struct prof_gc_some s = {0};

	for (size_t i = 0; i < gc->cycles.n; i++)
		if (gc->cycles.v[i].why == PROF_WHY_OTHER)
			prof_gc_count(&s, (uint32_t)i, 0);
	if (!s.n || (double)s.n <= x->limit[PROF_GC_MODEL] * (double)gc->cycles.n)
		return;
	prof_buf_printf(
		&x->b, "%lld of %zu goals are not what GOGC ", (long long)s.n, gc->cycles.n);
	prof_gc_put_gogc(&x->b, gc);
	prof_buf_str(&x->b, " gives: was GOGC set while it ran? ");
	prof_gc_name_cycles(x, &s);
	prof_gc_emit(x, "model", PROF_GC_NOTE, NULL, (double)s.n, x->limit[PROF_GC_MODEL], &s);
}

static void look_at_procs(struct prof_gc_look *x)
{
	const struct prof_gc *gc = x->gc;
	struct prof_gc_some s = {0};

	for (size_t i = 0; i < gc->t->segments.n; i++) {
		const struct prof_segment *g = &gc->t->segments.v[i];

		for (uint32_t k = 1; k < g->n_cycles; k++) {
			const struct prof_gc_cycle *c = &gc->t->cycles.v[g->first_cycle + k];

			if (c->procs && c[-1].procs && c->procs != c[-1].procs)
				prof_gc_count(&s, g->first_cycle + k, 0);
		}
	}
	if (!s.n)
		return;
	prof_buf_str(&x->b, "GOMAXPROCS changed ");
	prof_gc_put_count(&x->b, s.n, "time");
	prof_buf_printf(&x->b, ", first from %d to %d before ", gc->t->cycles.v[s.first - 1].procs,
		gc->t->cycles.v[s.first].procs);
	prof_gc_name_cycle(x, s.first);
	prof_gc_emit(x, "gomaxprocs", PROF_GC_NOTE, "changes", (double)s.n, NAN, &s);
}

static bool is_gc_stop(struct prof_str name)
{
	return prof_str_eq(name, PROF_STR("GC sweep termination")) ||
	       prof_str_eq(name, PROF_STR("GC mark termination"));
}

static void look_at_stops(struct prof_gc_look *x)
{
	const struct prof_timeline *t = x->gc->t;
	int64_t n = 0, most = 0;
	uint32_t name = 0;

	for (size_t i = 0; i < t->ranges.n; i++) {
		const struct prof_range *r = &t->ranges.v[i];
		int64_t ns = r->end_ns - r->start_ns;

		if (r->kind != PROF_RANGE_STW ||
			is_gc_stop(prof_strtab_get(&t->strings, r->name)) ||
			(double)ns <= x->limit[PROF_GC_STW_OTHER])
			continue;
		n++;
		if (ns > most) {
			most = ns;
			name = r->name;
		}
	}
	if (!n)
		return;
	prof_buf_str(&x->b, "the world stopped ");
	prof_gc_put_count(&x->b, n, "time");
	prof_buf_str(&x->b, " for other reasons, at most ");
	prof_gc_put_ns(&x->b, most);
	prof_buf_str(&x->b, " (");
	prof_buf_put(&x->b, prof_strtab_get(&t->strings, name).p,
		prof_strtab_get(&t->strings, name).len);
	prof_buf_char(&x->b, ')');
	prof_gc_emit(x, "stw-other", PROF_GC_NOTE, "longest_ns", (double)most,
		x->limit[PROF_GC_STW_OTHER], NULL);
}

void prof_gc_look_at_heap(struct prof_gc_look *x)
{
	look_at_limit(x);
	for (size_t i = 0; i < x->gc->t->segments.n; i++)
		look_at_growth(x, &x->gc->t->segments.v[i]);
	look_at_floor(x);
}

void prof_gc_look_at_cycles(struct prof_gc_look *x)
{
	look_at_goals(x);
	look_at_early(x);
	look_at_reasons(x);
	look_at_model(x);
	look_at_procs(x);
	look_at_stops(x);
}
