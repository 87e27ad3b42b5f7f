#include "libprof/analyse/diff/diff.h"

#include <math.h>

#include "libprof/base/fmt.h"
#include "libprof/base/num.h"

/* Whether two groups of profiles can be compared, and what to be warned of. */
#define CUT_SHARE 0.01 /* of the samples, for stacks that were cut off to matter */
#define LEAST_COMMON 0.02 /* of the samples in functions of both sides, for one program */
#define FEW_COMMON 0.2
enum { RUNS_IN_USE = 3 };

static double period_of(const struct diff_run *run)
{
	struct prof_str unit;

	return prof_unit_scale(run->period, run->period_unit, PROF_STR("auto"), &unit);
}

/* Why two runs cannot be compared, or NULL. */
static const char *incomparable(const struct diff_run *a, const struct diff_run *b)
{
	if (!prof_str_eq(a->period_type, b->period_type))
		return "they were sampled by different events";
	if (period_of(a) != period_of(b))
		return "they were sampled at different rates";
	return NULL;
}

static bool ends_with(struct prof_str s, const char *end)
{
	size_t n = strlen(end);

	return s.len >= n && !memcmp(s.p + s.len - n, end, n);
}

/* Mutex profiles blame who unlocks, block profiles who waits; their headers are the same. */
static bool unlocks(struct prof_str name)
{
	return ends_with(name, "Unlock") || ends_with(name, "runtime.unlock") ||
	       ends_with(name, "runtime.unlock2") || ends_with(name, "LostContendedRuntimeLock");
}

static const char *mutex_and_block(const struct prof_diff *d)
{
	double unlock[2] = {0, 0}, all[2] = {0, 0};
	bool mutex[2];

	for (size_t i = 0; i < d->rows.n; i++)
		for (int s = 0; s < 2; s++) {
			double x = diff_side_x(d, M_FLAT, i, (enum prof_side)s);

			all[s] += x;
			if (unlocks(prof_strtab_get(&d->strings, d->rows.v[i].name)))
				unlock[s] += x;
		}
	if (all[0] <= 0 || all[1] <= 0)
		return NULL;
	for (int s = 0; s < 2; s++)
		mutex[s] = unlock[s] > all[s] / 2;
	if (mutex[PROF_OLD] == mutex[PROF_NEW])
		return NULL;
	return mutex[PROF_OLD] ? "the old side is a mutex profile, the new one a block profile"
			       : "the old side is a block profile, the new one a mutex profile";
}

/* Of both sides' samples the smaller share that lies in functions which the other side has, too. */
static double in_common(const struct prof_diff *d, enum diff_metric m)
{
	double least = 1;

	for (int s = 0; s < 2; s++) {
		double common = 0, all = 0;

		for (size_t i = 0; i < d->rows.n; i++) {
			const struct diff_row *row = &d->rows.v[i];
			double x = diff_side_x(d, m, i, (enum prof_side)s);

			if (row->merged)
				continue;
			all += x;
			if (row->present[PROF_OLD] && row->present[PROF_NEW])
				common += x;
		}
		if (all > 0)
			least = fmin(least, common / all);
	}
	return least;
}

static bool other_binary(const struct prof_diff *d)
{
	struct prof_str name[2] = {{0}, {0}};

	for (size_t i = 0; i < d->runs.n; i++)
		name[d->runs.v[i].side] = d->runs.v[i].binary;
	return name[0].len && name[1].len && !prof_str_eq(name[0], name[1]);
}

static void programs(struct prof_diff *d)
{
	if (d->why || d->opts.by != PROF_BY_FUNCTION)
		return;
	if (in_common(d, M_FLAT) < LEAST_COMMON && in_common(d, M_CUM) < LEAST_COMMON)
		d->why = "hardly any function is in both: they are not of one program";
	else if (in_common(d, M_OWN) < FEW_COMMON && other_binary(d))
		d->why = "few functions are in both, and the binaries have other names";
	else if (in_common(d, M_OWN) < FEW_COMMON)
		diff_warn(d, "few functions are in both: are these builds of one program?");
}

/* What means something else from a version of Go on. */
static void versions(struct prof_diff *d)
{
	static const struct {
		unsigned since;
		bool cpu, heap, events;
		const char *what;
	} changes[] = {{22, false, false, true, "a mutex's delay counts once for each who waits"},
		{23, false, true, true, "stacks are cut at 128 frames, no more at 32"},
		{24, true, true, false, "maps are Swiss tables, with functions of other names"},
		{25, false, false, true, "the runtime's own locks are blamed on who held them"},
		{26, true, false, false, "the collector is another (Green Tea)"}};
	const struct diff_side *s = d->sides;
	bool events = diff_is_events(d);

	if (d->same_go || !(s[0].go_least || s[0].go_most) || !(s[1].go_least || s[1].go_most))
		return;
	diff_warn(
		d, "built by different versions of Go: library and runtime may have changed, too");
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		unsigned since = changes[i].since;
		bool matters = events                   ? changes[i].events
			       : d->count == COUNT_HEAP ? changes[i].heap
							: changes[i].cpu;

		for (int side = 0; side < 2; side++)
			if (matters && s[side].go_most && s[side].go_most < since &&
				s[!side].go_least >= since)
				diff_warn(d, "from go1.%u on %s", since, changes[i].what);
	}
}

/* Go keeps the innermost 64 frames of a CPU sample, 32 or 128 of others. */
static void cut_stacks(struct prof_diff *d)
{
	static const char *const names[] = {"old", "new"};

	for (int s = 0; s < 2; s++) {
		double cut = 0, all = 0;
		uint32_t depth = 0;

		for (size_t i = 0; i < d->runs.n; i++) {
			const struct diff_run *run = &d->runs.v[i];

			if ((int)run->side != s)
				continue;
			all += (double)run->samples;
			if (run->depth != 32 && run->depth != 64 && run->depth != 128)
				continue;
			cut += run->cut;
			depth = run->depth;
		}
		if (cut > CUT_SHARE * all)
			diff_warn(d,
				"%.0f of %.0f stacks of the %s side are %u frames deep, "
				"where Go cuts them: outermost callers are missing",
				cut, all, names[s], depth);
	}
}

static void builds(struct prof_diff *d)
{
	static const char *const names[] = {"old", "new"};

	for (int s = 0; s < 2; s++) {
		const struct diff_run *first = NULL;
		bool mixed = false;

		for (size_t i = 0; i < d->runs.n; i++) {
			const struct diff_run *run = &d->runs.v[i];

			if ((int)run->side != s)
				continue;
			first = first ? first : run;
			mixed |= !prof_str_eq(first->build_id, run->build_id);
		}
		if (mixed)
			diff_warn(d, "the %s side's profiles are of several builds", names[s]);
	}
}

static void filters(struct prof_diff *d)
{
	unsigned missed = d->missed[0] & d->missed[1];

	if (missed & PROF_MISS_FOCUS)
		diff_warn(d, "no sample matches --focus");
	if (missed & PROF_MISS_IGNORE)
		diff_warn(d, "no sample matches --ignore");
}

static void damage(struct prof_diff *d)
{
	for (size_t i = 0; i < d->runs.n; i++) {
		const char *what = prof_profile_damage(d->runs.v[i].p);

		if (what)
			diff_warn(d, "%.120s: %.200s", d->runs.v[i].name.p, what);
	}
}

static bool differ(int64_t a, int64_t b)
{
	return a && b && (double)prof_abs(a - b) > 0.05 * (double)(a > b ? a : b);
}

static int64_t mean_duration(const struct diff_side *s)
{
	return s->runs ? s->duration_ns / (int64_t)s->runs : 0;
}

static void times(struct prof_diff *d)
{
	const struct diff_side *old = &d->sides[PROF_OLD], *new = &d->sides[PROF_NEW];

	if (d->count == COUNT_NONE && differ(mean_duration(old), mean_duration(new)))
		diff_warn(d, "durations differ: values compare if both did the same work, shares "
			     "(--normalize) if they ran under the same load");
	if (old->time_ns && new->time_ns &&new->time_ns < old->time_ns)
		diff_warn(d, "the new side was taken before the old one: swapped?");
	if (d->scale.method == SCALE_DURATION && !(old->duration_ns > 0 && new->duration_ns > 0))
		d->why = "a profile has no duration to count by";
	if (d->count == COUNT_HEAP && prof_str_has_prefix(d->runs.v[0].type, "inuse") &&
		(old->runs < RUNS_IN_USE || new->runs < RUNS_IN_USE))
		diff_warn(d,
			"what is in use depends on when the collector ran: from three profiles a "
			"side on that is known");
}

void diff_guard(struct prof_diff *d)
{
	int64_t samples[2] = {0, 0};

	for (size_t i = 0; i < d->runs.n; i++)
		samples[d->runs.v[i].side] += d->runs.v[i].samples;
	if (!samples[0] && !samples[1])
		d->why = "neither profile has a sample";
	else if (!samples[0] || !samples[1])
		d->why = samples[0] ? "the new profile has no samples"
				    : "the old profile has no samples";
	for (size_t i = 1; !d->why && i < d->runs.n; i++)
		d->why = incomparable(&d->runs.v[0], &d->runs.v[i]);
	if (!d->why && diff_is_events(d))
		d->why = mutex_and_block(d);
	filters(d);
	damage(d);
	if (!(d->missed[0] & d->missed[1] & PROF_MISS_FOCUS) && d->sides[0].x > 0 &&
		d->sides[1].x > 0)
		programs(d);
	versions(d);
	cut_stacks(d);
	builds(d);
	times(d);
	if (d->why)
		d->verdict = VERDICT_NOT_COMPARABLE;
}
