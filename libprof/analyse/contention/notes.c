/* What stands between the numbers and the truth. */
#include <math.h>

#include "libprof/analyse/contention/report.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"

/* What x->b holds becomes a note. */
static int note(struct contending *x, const char *id)
{
	struct prof_str text = {x->b.p ? x->b.p : "", (uint32_t)x->b.n};
	int rc = prof_vec_reserve(&x->r->mem, &x->notes, 1, x->e);

	if (!rc)
		rc = prof_report_keep(x->r, &text, x->e);
	if (!rc)
		x->notes.v[x->notes.n++] = (struct prof_contention_note){id, text};
	x->b.n = 0;
	return rc;
}

static void put_ns(struct contending *x, int64_t ns)
{
	prof_fmt_scaled(&x->b, ns, PROF_STR("ns"), PROF_STR("auto"));
}

static int since_start(struct contending *x, const struct prof_contention_sites *s)
{
	bool block = s->parts[PROF_CONTENTION_BLOCK].since_start;
	bool mutex = s->parts[PROF_CONTENTION_MUTEX].since_start;

	if ((!block && !mutex) || x->k->opts.duration_ns)
		return 0;
	prof_buf_printf(&x->b,
		"the %s since the program started: two snapshots tell what happened between them, "
		"--duration=TIME how much that is a second",
		block && mutex ? "block and mutex profiles count"
		: block        ? "block profile counts"
			       : "mutex profile counts");
	return note(x, "since_start");
}

static int by_files(struct contending *x, const struct prof_contention_sites *s)
{
	if (!s->parts[PROF_CONTENTION_BLOCK].by_files && !s->parts[PROF_CONTENTION_MUTEX].by_files)
		return 0;
	prof_buf_str(&x->b,
		"the snapshots don't tell when they were taken: the interval is between "
		"the times of their files (--duration=TIME if that is wrong)");
	return note(x, "times_of_files");
}

static int fraction(struct contending *x, const struct prof_contention_sites *s)
{
	int64_t n = s->parts[PROF_CONTENTION_MUTEX].fraction;

	if (n <= 1)
		return 0;
	prof_buf_printf(&x->b,
		"the mutex profile has one of %lld events (SetMutexProfileFraction), multiplied: "
		"what is rare is only guessed",
		(long long)n);
	return note(x, "mutex_fraction");
}

static int block_rate(struct contending *x, const struct prof_contention_sites *s)
{
	int64_t ns = s->parts[PROF_CONTENTION_BLOCK].rate_ns;

	if (ns < 1000)
		return 0;
	prof_buf_str(&x->b, "the block profile has a part of the waits that are shorter than ");
	put_ns(x, ns);
	prof_buf_str(
		&x->b, " (SetBlockProfileRate), scaled up: what is short and rare is only guessed");
	return note(x, "block_rate");
}

/* One of both sides is since the start, the other is not. */
static int windows(struct contending *x, const struct prof_contention_sites *s)
{
	const struct prof_contention_part *block = &s->parts[PROF_CONTENTION_BLOCK];
	const struct prof_contention_part *mutex = &s->parts[PROF_CONTENTION_MUTEX];

	if (!block->known || !mutex->known || block->since_start == mutex->since_start)
		return 0;
	prof_buf_printf(&x->b,
		"the %s profile counts since the program started, the %s profile does not: what "
		"waiters and holders have does not compare",
		block->since_start ? "block" : "mutex", block->since_start ? "mutex" : "block");
	return note(x, "windows");
}

/* Up to Go 1.21 an unlock was charged with the wait of the one goroutine that it let go on; since
 * then with those of all who waited at the time. The holders' side then adds up to the waiters',
 * and before it falls short where more than one waits.
 */
static int scaling(struct contending *x, const struct prof_contention_sites *s)
{
	int64_t holders = 0, waiters = 0;

	if (!s->parts[PROF_CONTENTION_BLOCK].known || !s->parts[PROF_CONTENTION_MUTEX].known ||
		s->parts[PROF_CONTENTION_BLOCK].since_start !=
			s->parts[PROF_CONTENTION_MUTEX].since_start)
		return 0;
	for (size_t i = 0; i < s->v.n; i++) {
		const struct prof_contention_site *v = &s->v.v[i];

		if (!v->n_matches || v->class == PROF_WAIT_RUNTIME_LOCK)
			continue;
		if (v->holder)
			holders = prof_add_sat(holders, v->ns);
		else if (v->source == PROF_CONTENTION_BLOCK)
			waiters = prof_add_sat(waiters, v->ns);
	}
	if (holders <= 0 || waiters / 2 <= holders)
		return 0;
	prof_buf_str(&x->b, "holders are charged with ");
	put_ns(x, holders);
	prof_buf_str(&x->b, " of ");
	put_ns(x, waiters);
	prof_buf_str(&x->b,
		" that others waited for their locks: up to Go 1.21 a mutex profile counts only "
		"one of those who wait (compare it with others of such versions only)");
	return note(x, "mutex_scaling");
}

static int runtime_locks(struct contending *x, const struct prof_contention_sites *s)
{
	int64_t ns = 0, lost = 0, all = s->parts[PROF_CONTENTION_MUTEX].ns;

	for (size_t i = 0; i < s->v.n; i++) {
		if (!s->v.v[i].holder || s->v.v[i].class != PROF_WAIT_RUNTIME_LOCK)
			continue;
		ns = prof_add_sat(ns, s->v.v[i].ns);
		if (prof_str_eq(s->v.v[i].text, PROF_STR("runtime._LostContendedRuntimeLock")))
			lost = prof_add_sat(lost, s->v.v[i].ns);
	}
	if (ns <= 0 || ns < all / 100)
		return 0;
	put_ns(x, ns);
	prof_buf_str(&x->b, " of the mutex profile (");
	prof_fmt_share(&x->b, ns, all);
	prof_buf_str(&x->b, ") is for locks of the runtime itself, which Go counts since 1.22");
	if (lost > ns / 2)
		prof_buf_str(&x->b, "; GODEBUG=runtimecontentionstacks=1 tells where, before 1.25");
	return note(x, "runtime_locks");
}

/* A profile without samples: its rate was never set. */
static int empty(struct contending *x)
{
	for (size_t i = 0; i < x->k->inputs.n; i++) {
		const struct prof_contention_input *in = &x->k->inputs.v[i];

		if (in->kind > PROF_CONTENTION_MUTEX || in->counts.n)
			continue;
		prof_buf_str(&x->b, "a profile has no samples: runtime.SetBlockProfileRate and "
				    "SetMutexProfileFraction turn them on");
		return note(x, "no_samples");
	}
	return 0;
}

static int far_apart(struct contending *x, const struct prof_contention_sites *s)
{
	const int64_t hour = INT64_C(3600000000000);
	int64_t first = 0, last = 0;

	for (size_t i = 0; i < x->k->inputs.n; i++) {
		const struct prof_contention_input *in = &x->k->inputs.v[i];

		if (in->side != s->side || !in->time_ns)
			continue;
		first = !first || in->time_ns < first ? in->time_ns : first;
		last = !last || in->time_ns > last ? in->time_ns : last;
	}
	if (prof_sub(last, first) < hour || s->parts[PROF_CONTENTION_BLOCK].n > 1 ||
		s->parts[PROF_CONTENTION_MUTEX].n > 1)
		return 0;
	prof_buf_str(&x->b, "the inputs were taken more than an hour apart (");
	put_ns(x, prof_sub(last, first));
	prof_buf_str(&x->b, "): of the same process?");
	return note(x, "far_apart");
}

/* Selects at the top of goroutines can be of senders or of workers: a guess is told. */
static int directions(struct contending *x, const struct prof_contention_sites *s)
{
	(void)s;
	for (size_t i = 0; i < x->k->inputs.n; i++)
		if (x->k->inputs.v[i].kind != PROF_CONTENTION_DUMP)
			return 0;
	prof_buf_str(&x->b, "dumps tell who waits, not for how long: numbers are of goroutines");
	return note(x, "only_dumps");
}

/* Whether a side's mutex profiles show what only Go 1.22 and later do: locks of the runtime, and
 * the names of wrappers.
 */
static bool is_since_122(const struct contending *x, const struct prof_contention_sites *s)
{
	const struct prof_contention_part *p = &s->parts[PROF_CONTENTION_MUTEX];

	for (size_t i = 0; p->counts && i < x->k->stacks.n; i++) {
		struct prof_contention_walk w = prof_contention_walk(&x->k->stacks.v[i]);
		const struct prof_contention_frame *f;

		while (p->counts[i] && (f = prof_contention_next(x->k, &w))) {
			const struct prof_contention_function *fn = prof_contention_function_of(
				x->k, f);
			struct prof_str name = prof_contention_name(x->k, fn->name);

			if (fn->class == PROF_WAIT_RUNTIME_LOCK ||
				prof_str_contains(name, ".gowrap") ||
				prof_str_contains(name, ".deferwrap"))
				return true;
		}
	}
	return false;
}

/* What mutex profiles count is not the same in both versions. */
static int versions(struct contending *x)
{
	const struct prof_contention_sites *s = x->sides;
	bool since[2] = {is_since_122(x, &s[PROF_OLD]), is_since_122(x, &s[PROF_NEW])};

	if (!s[PROF_OLD].parts[PROF_CONTENTION_MUTEX].known ||
		!s[PROF_NEW].parts[PROF_CONTENTION_MUTEX].known || since[0] == since[1])
		return 0;
	prof_buf_printf(&x->b,
		"the %s mutex profile is of Go 1.22 or later, the %s one seems to be older and "
		"counts only one of those who wait: what unlocks are charged with does not "
		"compare",
		since[PROF_NEW] ? "new" : "old", since[PROF_NEW] ? "old" : "new");
	return note(x, "versions");
}

int prof_contention_notes(struct contending *x)
{
	static int (*const all[])(struct contending *, const struct prof_contention_sites *) = {
		since_start, by_files, windows, fraction, block_rate, scaling, runtime_locks,
		far_apart, directions};
	int rc = empty(x);

	for (size_t i = 0; !rc && i < sizeof(all) / sizeof(all[0]); i++)
		for (int side = x->compared ? PROF_OLD : PROF_NEW; !rc && side <= PROF_NEW;
			side++) {
			if (x->compared)
				prof_buf_str(&x->b, side == PROF_OLD ? "old: " : "new: ");
			rc = all[i](x, &x->sides[side]);
			x->b.n = 0;
		}
	if (!rc && x->compared)
		rc = versions(x);
	return rc;
}
