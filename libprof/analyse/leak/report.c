#include "libprof/analyse/leak/leak.h"

#include <stdlib.h>
#include <string.h>

#include "libprof/analyse/leak/report.h"
#include "libprof/base/num.h"

int prof_leak_matches(
	const struct leaks *x, const struct prof_leak_group *g, struct prof_regex *re, bool *yes)
{
	int rc = prof_regex_match(re, leak_str(x, g->creator), yes, x->e);

	for (uint32_t f = 0; !rc && !*yes && f < g->n_example; f++)
		rc = prof_regex_match(re, leak_str(x, leak_example(x, g)[f].function), yes, x->e);
	return rc;
}

/* Whether the user's patterns, or the built-in ones, leave the group out. */
static int is_ignored(const struct leaks *x, const struct leak_row *row, bool *yes)
{
	const struct prof_leak *k = x->k;
	int rc = 0;

	*yes = k->opts.built_in && row->cause.own;
	for (size_t i = 0; !rc && i < k->ignore.n && !*yes; i++)
		rc = prof_leak_matches(x, row->g, k->ignore.v[i], yes);
	return rc;
}

/* When the snapshots were taken: x->times, or NULL where that is not known of all, or makes no
 * sense. Times of files count only to the second, which copies of them may not have kept apart.
 */
static void find_times(struct leaks *x)
{
	const struct prof_leak_snapshot *all = x->k->snapshots.v;
	bool told = true, file = true;

	for (size_t i = 0; i < x->n; i++) {
		const struct prof_leak_snapshot *s = &all[x->shown[i]];
		const struct prof_leak_snapshot *p = i ? &all[x->shown[i - 1]] : NULL;

		told &= s->time_ns && (!p || s->time_ns > p->time_ns);
		file &= s->file_ns && (!p || s->file_ns >= p->file_ns + INT64_C(1000000000));
	}
	for (size_t i = 0; i < x->n; i++) {
		const struct prof_leak_snapshot *s = &all[x->shown[i]];

		x->times[i] = x->k->opts.every_ns ? (int64_t)((uint64_t)x->k->opts.every_ns * i)
			      : told              ? s->time_ns
						  : s->file_ns;
	}
	x->timed = x->n > 1 && (x->k->opts.every_ns || told || file);
}

static int find_shown(struct leaks *x)
{
	const struct prof_leak *k = x->k;
	size_t n = k->snapshots.n;
	bool normal = false;

	for (size_t i = 0; i < n; i++)
		normal |= !k->snapshots.v[i].only_leaked;
	x->shown = calloc(n + 1, sizeof(*x->shown));
	x->times = calloc(n + 1, sizeof(*x->times));
	x->rows = calloc(k->groups.n + 1, sizeof(*x->rows));
	x->counts = calloc(k->groups.n * n + 1, sizeof(*x->counts));
	if (!x->shown || !x->times || !x->rows || !x->counts)
		return prof_nomem(x->e);
	for (size_t i = 0; i < n; i++)
		if (!normal || !k->snapshots.v[i].only_leaked)
			x->shown[x->n++] = (uint32_t)i;
	find_times(x);
	return 0;
}

/* The group's counts over the snapshots shown. */
static void fill_counts(const struct leaks *x, const struct prof_leak_group *g, int64_t *counts)
{
	size_t c = 0;

	for (size_t i = 0; i < x->n; i++) {
		while (c < g->counts.n && g->counts.v[c].snapshot < x->shown[i])
			c++;
		if (c < g->counts.n && g->counts.v[c].snapshot == x->shown[i])
			counts[i] = g->counts.v[c].n;
	}
}

/* The gravest verdict first; then what has most, and grew most. */
static int compare(const void *pa, const void *pb)
{
	const struct leak_row *a = pa, *b = pb;

	if (a->judged.verdict != b->judged.verdict)
		return a->judged.verdict < b->judged.verdict ? -1 : 1;
	if (a->judged.last != b->judged.last)
		return a->judged.last > b->judged.last ? -1 : 1;
	if (a->judged.growth != b->judged.growth)
		return a->judged.growth > b->judged.growth ? -1 : 1;
	return a->g < b->g ? -1 : a->g > b->g; /* in the order of the first snapshot */
}

/* Every group that is not left out, judged and sorted. */
static int judge(struct leaks *x)
{
	struct prof_leak *k = x->k;

	for (size_t i = 0; i < k->groups.n; i++) {
		const struct prof_leak_group *g = &k->groups.v[i];
		struct leak_row *row = &x->rows[x->n_rows];
		bool ignored, any = false;
		int rc;

		if (g->merged != PROF_NONE)
			continue;
		*row = (struct leak_row){.g = g, .counts = x->counts + x->n_rows * x->n};
		memset(row->counts, 0, x->n * sizeof(*row->counts));
		fill_counts(x, g, row->counts);
		row->cause = prof_leak_cause(k, g);
		rc = is_ignored(x, row, &ignored);
		if (rc)
			return rc;
		if (ignored) {
			x->ignored = prof_add(x->ignored, row->counts[x->n - 1]);
			continue;
		}
		for (size_t s = 0; s < x->n; s++)
			any |= row->counts[s] != 0;
		if (!any) /* known only to a leak profile */
			continue;
		row->judged = prof_leak_judge(
			&k->opts, g, row->counts, x->timed ? x->times : NULL, x->n);
		if (row->judged.verdict == PROF_STUCK && row->cause.idle)
			row->judged.verdict = PROF_LEAK_STABLE;
		k->verdicts[row->judged.verdict]++;
		x->n_rows++;
	}
	qsort(x->rows, x->n_rows, sizeof(*x->rows), compare);
	return 0;
}

enum { STUCK_ROWS = 10 }; /* in text: idle workers are many */

static bool is_held(const struct prof_leak *k, const struct prof_leak_group *g)
{
	for (size_t i = 0; i < k->waits.n; i++)
		if (&k->groups.v[k->waits.v[i].group] == g)
			return true;
	return false;
}

/* Which groups the text has. */
static void choose(struct leaks *x)
{
	const struct prof_leak_opts *o = &x->k->opts;
	size_t any = 0, stuck = 0;

	for (size_t i = 0; i < x->n_rows; i++) {
		struct leak_row *r = &x->rows[i];
		enum prof_leak_verdict v = r->judged.verdict;
		int64_t most = r->judged.last > r->judged.first ? r->judged.last : r->judged.first;

		r->large = x->n == 1 && o->large > 0 && r->judged.last >= o->large;
		stuck += v == PROF_STUCK;
		r->in_text = o->all || v < PROF_STUCK || r->large ||
			     (v == PROF_STUCK && stuck <= STUCK_ROWS) ||
			     (x->n == 1 && (r->cause.suspicious || is_held(x->k, r->g))) ||
			     (v > PROF_STUCK && v < PROF_LEAK_STABLE && most >= o->threshold);
		any += r->in_text;
	}
	for (size_t i = 0; !any && x->n == 1 && i < x->n_rows && i < 5; i++)
		any += x->rows[i].in_text = true;
	x->any_in_text = any;
}

int prof_leak_report(struct prof_leak *k, struct prof_report **out, struct prof_err *e)
{
	struct prof_err none = {0};
	struct leaks x = {.k = k, .e = e ? e : &none};
	int rc;

	if (!k->snapshots.n)
		return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET, "no snapshot");
	x.r = prof_report_new("prof.leak/1", x.e);
	if (!x.r)
		return x.e->code;
	prof_buf_init(&x.b, NULL, NULL);
	rc = prof_leak_end(k, x.e);
	if (!rc)
		rc = find_shown(&x);
	if (!rc)
		rc = judge(&x);
	if (!rc) {
		choose(&x);
		rc = prof_leak_decide(&x);
	}
	if (!rc) {
		rc = prof_leak_fields(&x);
	}
	if (!rc)
		rc = prof_leak_text(&x);
	if (!rc && x.b.code)
		rc = prof_nomem(x.e);
	prof_buf_fini(&x.b);
	free(x.shown);
	free(x.times);
	free(x.rows);
	free(x.counts);
	if (rc)
		prof_report_free(x.r);
	else
		*out = x.r;
	return rc;
}
