#include "libprof/join/trend.h"

#include <math.h>
#include <stdlib.h>

#include "libprof/analyse/nodes.h"
#include "libprof/analyse/stats/rates.h"
#include "libprof/base/regex.h"

#define LEAST_SHARE 0.001 /* of functions that --all looks at */
#define TELLING_SHARE 0.003 /* of those that tell how shares wander */
/* How many of them are enough: the more builds there are, the more each one tells. */
#define TELLING_SQUARES 750000 /* of builds, all together */
#define LEAST_TELLING 8
#define LEAST_CHANGE 0.002 /* likewise, in shares */
#define ALIKE 0.25 /* a renamed function's share changes by less */

struct reader {
	struct prof_trend *t;
	struct prof_store_service *service;
	const struct prof_dict *d;
	struct prof_err *e;
	uint32_t *leaf; /* of each node: the name (a string) of the function that its time is */
	uint8_t *named; /* of each string: 1: the name of a function asked for; NULL: none was */
	uint8_t *in; /* of each node: 1: the function asked for is the leaf, 2: is in the stack */
	uint32_t *place; /* of each string: its row in `sums`, PROF_NONE: none */
	PROF_VEC(uint32_t) names; /* of each row */
	double *sums; /* a row a name, a column a night */
	size_t n_all; /* nights read */
};

static bool is_preempt(struct prof_str name)
{
	return prof_str_has_prefix(name, "runtime.asyncPreempt");
}

/* A preempted function's time is its own, not that of what preempts it. */
static int find_leaves(struct reader *x)
{
	const struct prof_dict *d = x->d;

	x->leaf = prof_mem_zalloc(&x->t->mem, d->nodes.n, sizeof(*x->leaf), x->e);
	if (!x->leaf)
		return PROF_ENOMEM;
	for (size_t i = 1; i < d->nodes.n; i++) {
		const struct prof_dict_loc *l = &d->locs.v[d->nodes.v[i].loc];
		uint32_t name = l->n_lines ? d->funcs.v[d->lines.v[l->first_line].func].name : 0;

		x->leaf[i] = is_preempt(prof_dict_str(d, name)) ? x->leaf[d->nodes.v[i].parent]
								: name;
	}
	return 0;
}

/* Whether each function is the one asked for. */
static int match_functions(struct reader *x, uint8_t *match)
{
	const struct prof_archive_trend_opts *o = x->t->opts;
	struct prof_regex *re = NULL;
	int rc = o->func ? prof_regex_new(o->func, &re, x->e) : 0;

	for (size_t i = 1; !rc && i < x->d->funcs.n; i++) {
		struct prof_str name = prof_dict_str(x->d, x->d->funcs.v[i].name);
		bool yes = true;

		if (re)
			rc = prof_regex_match(re, name, &yes, x->e);
		if (o->package)
			yes = yes && prof_str_eq(prof_go_package(name), prof_str_of(o->package));
		match[i] = yes;
	}
	prof_regex_free(re);
	return rc;
}

static int match_nodes(struct reader *x)
{
	const struct prof_dict *d = x->d;
	uint8_t *match = prof_mem_zalloc(&x->t->mem, d->funcs.n, 1, x->e);
	bool any = false;
	int rc = match ? match_functions(x, match) : PROF_ENOMEM;

	x->in = prof_mem_zalloc(&x->t->mem, d->nodes.n, 1, x->e);
	x->named = prof_mem_zalloc(&x->t->mem, d->tables[PROF_STR].strs.n, 1, x->e);
	if (!rc && (!x->in || !x->named))
		rc = PROF_ENOMEM;
	for (size_t i = 1; !rc && i < d->funcs.n; i++)
		x->named[d->funcs.v[i].name] |= match[i];
	for (size_t i = 1; !rc && i < d->nodes.n; i++) {
		const struct prof_dict_loc *l = &d->locs.v[d->nodes.v[i].loc];

		x->in[i] = (x->in[d->nodes.v[i].parent] & 2) | x->named[x->leaf[i]];
		for (uint32_t k = 0; k < l->n_lines; k++)
			x->in[i] |= (uint8_t)(match[d->lines.v[l->first_line + k].func] << 1);
		any |= x->in[i] != 0;
	}
	prof_mem_zfree(&x->t->mem, match, d->funcs.n, 1);
	x->t->unmatched = !rc && !any;
	return rc;
}

/* A row for each name that is some stack's leaf. */
static int make_rows(struct reader *x)
{
	size_t strings = x->d->tables[PROF_STR].strs.n;
	int rc = 0;

	x->place = prof_mem_zalloc(&x->t->mem, strings, sizeof(*x->place), x->e);
	if (!x->place)
		return PROF_ENOMEM;
	for (size_t i = 0; i < strings; i++)
		x->place[i] = PROF_NONE;
	for (size_t i = 1; !rc && i < x->d->nodes.n; i++) {
		if (x->place[x->leaf[i]] != PROF_NONE)
			continue;
		rc = prof_vec_reserve(&x->t->mem, &x->names, 1, x->e);
		if (rc)
			break;
		x->place[x->leaf[i]] = (uint32_t)x->names.n;
		x->names.v[x->names.n++] = x->leaf[i];
	}
	if (!rc && !(x->sums = prof_mem_zalloc(
			     &x->t->mem, x->names.n * x->n_all, sizeof(*x->sums), x->e)))
		rc = PROF_ENOMEM;
	return rc;
}

/* The column of the sample type, by name. */
static int find_type(
	const struct prof_trend *t, const struct prof_entry *x, size_t *column, struct prof_err *e)
{
	const struct prof_entry_total *totals = t->s.catalog.totals.v + x->first_total;

	for (*column = 0; *column < x->n_totals; ++*column)
		if (prof_str_eq(totals[*column].type, t->type))
			return 0;
	return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
		"profile %lld has no sample type \"%.40s\"", (long long)x->id, t->type.p);
}

static int read_night(struct reader *x, size_t night, bool rows)
{
	struct prof_trend *t = x->t;
	struct prof_night *n = &t->nights.v[night];
	const struct prof_entry *p = prof_trend_entry(t, n);
	struct prof_packed k;
	size_t column;
	int rc = find_type(t, p, &column, x->e);

	if (rc)
		return rc;
	prof_packed_init(&k, t->s.store->limits.memory_bytes);
	rc = prof_store_samples(t->s.store, p, x->service, &k, x->e);
	for (size_t i = 0; !rc && i < k.nodes.n; i++) {
		uint32_t node = k.nodes.v[i];
		double v = column < k.values.n ? (double)k.values.v[column].v[i] : 0;

		if (node >= x->d->nodes.n) {
			rc = prof_fail(x->e, PROF_EFORMAT, PROF_NO_OFFSET,
				"is damaged: profile %lld: a sample is out of range",
				(long long)p->id);
			break;
		}
		n->total += v;
		if (x->in && x->in[node] & (t->opts->flat ? 1 : 2))
			n->value += v;
		if (rows && node)
			x->sums[x->place[x->leaf[node]] * x->n_all + night] += v;
	}
	prof_packed_fini(&k);
	return rc;
}

/* Values since the process began become those since the night before; a process's first night has
 * nothing to be subtracted from and goes, unless each night is a process of its own.
 */
static void subtract(struct reader *x)
{
	struct prof_trend *t = x->t;
	struct prof_night *v = t->nights.v;
	size_t kept = 0, n = t->nights.n;

	for (size_t i = 0; i < n; i++) {
		bool goes_on = i && v[i].run == v[i - 1].run && v[i].total >= v[i - 1].total;
		bool is_first = i + 1 < n && v[i + 1].run == v[i].run &&
				v[i + 1].total >= v[i].total;

		v[i].seconds = is_first && !goes_on ? -1 : 0;
		if (goes_on) /* over 0, whatever the clock did */
			v[i].seconds = fmax(
				1e-9, (double)(prof_trend_entry(t, &v[i])->time_ns -
					       prof_trend_entry(t, &v[i - 1])->time_ns) /
					      1e9);
	}
	for (size_t i = n; i-- > 1;) {
		if (v[i].seconds <= 0)
			continue;
		v[i].value -= v[i - 1].value;
		v[i].total -= v[i - 1].total;
		for (size_t r = 0; x->sums && r < x->names.n; r++)
			x->sums[r * x->n_all + i] -= x->sums[r * x->n_all + i - 1];
	}
	for (size_t i = 0; i < n; i++) {
		if (v[i].seconds < 0)
			continue;
		for (size_t r = 0; x->sums && r < x->names.n; r++)
			x->sums[r * x->n_all + kept] = x->sums[r * x->n_all + i];
		v[kept++] = v[i];
	}
	t->nights.n = kept;
}

static double mean_share(const struct reader *x, const double *share)
{
	double sum = 0;

	for (size_t i = 0; i < x->t->nights.n; i++)
		sum += share[i];
	return sum / (double)x->t->nights.n;
}

/* What counting alone varies a share of unchanged code by, night by night; 0 where samples cannot
 * be counted.
 */
static double *counting_sd(struct reader *x, const double *share)
{
	struct prof_trend *t = x->t;
	size_t n = t->nights.n;
	double *sd = prof_mem_zalloc(&t->mem, n, sizeof(*sd), x->e), usual = mean_share(x, share);

	for (size_t i = 0; sd && i < n; i++) {
		const struct prof_entry *p = prof_trend_entry(t, &t->nights.v[i]);
		double samples = t->nights.v[i].total / (double)p->period * t->unchanged[i];

		if (p->period > 0 && prof_str_eq(p->kind, PROF_STR("cpu"))) /* none: not known */
			sd[i] = samples > 0 ? sqrt(usual * fmax(0, 1 - usual) / samples) : 1;
	}
	return sd;
}

static int steps_of(
	struct reader *x, const double *share, double least_change, struct prof_steps *out)
{
	struct prof_trend *t = x->t;
	double *sd = counting_sd(x, share);
	int rc = sd ? prof_trend_steps(t, share, sd, least_change, out, x->e) : PROF_ENOMEM;

	prof_mem_zfree(&t->mem, sd, t->nights.n, sizeof(*sd));
	return rc;
}

static int by_sureness(const void *a, const void *b)
{
	const struct prof_trend_row *p = a, *q = b;
	double dp = fabs(p->step.after - p->step.before), dq = fabs(q->step.after - q->step.before);

	if (p->q != q->q)
		return p->q < q->q ? -1 : 1;
	if (dp != dq)
		return dp > dq ? -1 : 1;
	if (p->step.at != q->step.at)
		return p->step.at < q->step.at ? -1 : 1;
	return prof_str_cmp(p->name, q->name);
}

static bool is_renamed(const struct prof_step *gone, const struct prof_step *new)
{
	return gone->kind == PROF_STEP && new->kind == PROF_STEP && gone->at == new->at &&
	       gone->after < gone->before / 20 && new->before < new->after / 20 &&
	       fabs(new->after - gone->before) < ALIKE * gone->before;
}

static void find_renames(struct prof_trend *t)
{
	for (size_t i = 0; i < t->functions.n; i++)
		for (size_t k = 0; k < t->functions.n; k++)
			if (is_renamed(&t->functions.v[i].step, &t->functions.v[k].step)) {
				t->functions.v[i].renamed = &t->functions.v[k].name;
				t->functions.v[k].renamed = &t->functions.v[i].name;
			}
}

static int keep_rows(struct reader *x, const struct prof_steps *steps, const uint32_t *row,
	const double *q, size_t n)
{
	struct prof_trend *t = x->t;

	for (size_t i = 0; i < n; i++) {
		int rc = prof_vec_reserve(&t->mem, &t->functions, steps[i].v.n, x->e);

		if (rc)
			return rc;
		for (size_t k = 0; q[i] <= t->opts->alpha && k < steps[i].v.n; k++)
			t->functions.v[t->functions.n++] = (struct prof_trend_row){
				.name = prof_dict_str(x->d, x->names.v[row[i]]),
				.step = steps[i].v.v[k],
				.q = q[i],
				.asked = x->named && x->named[x->names.v[row[i]]]};
	}
	if (t->functions.n)
		qsort(t->functions.v, t->functions.n, sizeof(*t->functions.v), by_sureness);
	find_renames(t);
	return 0;
}

/* Turns what functions cost into shares of what did not change. */
static int scale(struct reader *x)
{
	struct prof_trend *t = x->t;
	size_t n = t->nights.n;
	double *factor = t->unchanged = prof_arena_alloc(&t->arena, n * sizeof(*factor), x->e);
	int rc = factor ? 0 : PROF_ENOMEM;

	for (size_t r = 0; r < x->names.n; r++)
		for (size_t i = 0; i < n; i++) {
			double *v = &x->sums[r * x->n_all + i], total = t->nights.v[i].total;

			*v = total > 0 ? *v / total : 0;
		}
	if (!rc)
		rc = prof_steps_scale(x->sums, x->names.n, x->n_all, n, factor, &t->mem, x->e);
	for (size_t r = 0; !rc && r < x->names.n; r++)
		for (size_t i = 0; i < n; i++)
			x->sums[r * x->n_all + i] /= factor[i];
	return rc;
}

struct sized {
	double share;
	const double *shares; /* night by night */
};

static int by_size(const void *a, const void *b)
{
	const struct sized *p = a, *q = b;

	if (p->share != q->share)
		return p->share > q->share ? -1 : 1;
	return p->shares < q->shares ? -1 : p->shares > q->shares;
}

/* How shares wander without a cause, from the largest, which show it best. */
static int learn_from(struct reader *x, const struct sized *v, size_t n)
{
	struct prof_trend *t = x->t;
	double *tell = prof_mem_zalloc(&t->mem, n * PROF_WANDERS, sizeof(*tell), x->e);
	int rc = tell ? 0 : PROF_ENOMEM;

	for (size_t i = 0; !rc && i < n; i++) {
		double *sd = counting_sd(x, v[i].shares);
		const struct prof_nightly series = prof_trend_nightly(t, v[i].shares, sd);

		rc = sd ? prof_steps_wander(tell + i * PROF_WANDERS, &series, &t->mem, x->e)
			: PROF_ENOMEM;
		prof_mem_zfree(&t->mem, sd, t->nights.n, sizeof(*sd));
	}
	if (!rc)
		prof_wander_learn(&t->wander, tell, n);
	prof_mem_zfree(&t->mem, tell, n * PROF_WANDERS, sizeof(*tell));
	return rc;
}

static int learn(struct reader *x)
{
	struct prof_trend *t = x->t;
	size_t rows = x->names.n, n = 0, enough;
	double runs = 1;
	struct sized *v = prof_mem_zalloc(&t->mem, rows, sizeof(*v), x->e);
	int rc;

	if (!v)
		return PROF_ENOMEM;
	for (size_t r = 0; t->nights.n && r < rows; r++) {
		const double *shares = x->sums + r * x->n_all;
		double share = mean_share(x, shares);

		if (share >= TELLING_SHARE)
			v[n++] = (struct sized){share, shares};
	}
	if (t->nights.n)
		runs = t->runs[t->nights.n - 1] - t->runs[0] + 1.0;
	enough = (size_t)fmax(LEAST_TELLING, TELLING_SQUARES / (runs * runs));
	if (n)
		qsort(v, n, sizeof(*v), by_size);
	rc = learn_from(x, v, n < enough ? n : enough);
	prof_mem_zfree(&t->mem, v, rows, sizeof(*v));
	return rc;
}

static int scan(struct reader *x)
{
	struct prof_trend *t = x->t;
	size_t rows = x->names.n, n = 0;
	struct prof_steps *steps = prof_mem_zalloc(&t->mem, rows, sizeof(*steps), x->e);
	double *p = prof_mem_zalloc(&t->mem, 2 * rows, sizeof(*p), x->e);
	size_t *order = prof_mem_zalloc(&t->mem, rows, sizeof(*order), x->e);
	uint32_t *row = prof_mem_zalloc(&t->mem, rows, sizeof(*row), x->e);
	int rc = steps && p && order && row ? 0 : PROF_ENOMEM;

	for (size_t r = 0; !rc && r < rows; r++) {
		const double *share = x->sums + r * x->n_all;

		if (!(mean_share(x, share) >= LEAST_SHARE))
			continue;
		rc = steps_of(x, share, LEAST_CHANGE, &steps[n]);
		p[n] = steps[n].p;
		row[n++] = (uint32_t)r;
	}
	if (!rc && n)
		prof_fdr(p, p + rows, order, n);
	if (!rc)
		rc = keep_rows(x, steps, row, p + rows, n);
	t->tested = n;
	for (size_t i = 0; steps && i < n; i++)
		prof_steps_fini(&steps[i], &t->mem);
	prof_mem_zfree(&t->mem, steps, rows, sizeof(*steps));
	prof_mem_zfree(&t->mem, p, 2 * rows, sizeof(*p));
	prof_mem_zfree(&t->mem, order, rows, sizeof(*order));
	prof_mem_zfree(&t->mem, row, rows, sizeof(*row));
	return rc;
}

static int find_steps(struct reader *x)
{
	struct prof_trend *t = x->t;
	double *share = prof_mem_zalloc(&t->mem, t->nights.n, sizeof(*share), x->e), *sd = NULL;
	int rc = share ? 0 : PROF_ENOMEM;

	for (size_t i = 0; !rc && i < t->nights.n; i++)
		share[i] = prof_night_share(&t->nights.v[i]);
	if (!rc && !(sd = counting_sd(x, share)))
		rc = PROF_ENOMEM;
	if (!rc)
		rc = prof_trend_find(t, share, sd, x->e);
	prof_mem_zfree(&t->mem, share, t->nights.n, sizeof(*share));
	prof_mem_zfree(&t->mem, sd, t->nights.n, sizeof(*sd));
	return rc;
}

/* The type asked for, or what reports show. */
static void choose_type(struct prof_trend *t)
{
	static const char *const since_start[] = {
		"alloc_objects", "alloc_space", "contentions", "delay"};
	const struct prof_entry *x = prof_trend_entry(t, &t->nights.v[0]);
	const struct prof_entry_total *totals = t->s.catalog.totals.v + x->first_total;

	t->type = x->n_totals ? totals[x->n_totals - 1].type : PROF_STR("");
	if (prof_str_eq(x->kind, PROF_STR("allocs")))
		t->type = PROF_STR("alloc_space");
	if (t->opts->sample_index)
		t->type = prof_str_of(t->opts->sample_index);
	for (size_t i = 0; i < x->n_totals; i++)
		if (prof_str_eq(totals[i].type, t->type))
			t->unit = totals[i].unit;
	for (size_t i = 0; i < sizeof(since_start) / sizeof(since_start[0]); i++)
		t->cumulative |= prof_str_eq(t->type, prof_str_of(since_start[i]));
}

static int read_all(struct reader *x)
{
	struct prof_trend *t = x->t;
	const struct prof_entry *first = prof_trend_entry(t, &t->nights.v[0]);
	bool asked = t->opts->func || t->opts->package;
	int rc = prof_store_service_code(t->s.store, first->service_id, &x->service, x->e);

	if (rc)
		return rc;
	x->d = &x->service->dict;
	x->n_all = t->nights.n;
	if ((rc = find_leaves(x)) || (asked && (rc = match_nodes(x))) || (rc = make_rows(x)))
		return rc;
	for (size_t i = 0; !rc && i < t->nights.n; i++)
		rc = read_night(x, i, true);
	if (!rc && t->cumulative)
		subtract(x);
	if (!rc && !(rc = prof_trend_calendar(t, x->e)) && !(rc = scale(x)))
		rc = learn(x);
	if (!rc && asked)
		rc = find_steps(x);
	if (!rc && (!asked || t->steps.n))
		rc = scan(x);
	return rc;
}

int prof_archive_trend(const char *db, const struct prof_archive_trend_opts *opts,
	const struct prof_limits *limits, struct prof_trend **out, struct prof_err *e)
{
	struct prof_trend *t = calloc(1, sizeof(*t));
	struct reader x = {.t = t, .e = e};
	int rc;

	if (!t)
		return prof_nomem(e);
	rc = prof_trend_open(t, db, opts, limits, e);
	if (!rc) {
		choose_type(t);
		rc = read_all(&x);
	}
	if (x.d) {
		prof_mem_zfree(&t->mem, x.leaf, x.d->nodes.n, sizeof(*x.leaf));
		prof_mem_zfree(&t->mem, x.in, x.d->nodes.n, 1);
		prof_mem_zfree(&t->mem, x.named, x.d->tables[PROF_STR].strs.n, 1);
		prof_mem_zfree(&t->mem, x.place, x.d->tables[PROF_STR].strs.n, sizeof(*x.place));
		prof_mem_zfree(&t->mem, x.sums, x.names.n * x.n_all, sizeof(*x.sums));
	}
	prof_vec_fini(&t->mem, &x.names);
	if (rc)
		prof_trend_free(t);
	else
		*out = t;
	return rc;
}

void prof_trend_free(struct prof_trend *t)
{
	if (t)
		prof_trend_close(t);
	free(t);
}

int prof_trend_matched(const struct prof_trend *t)
{
	return !t->unmatched;
}

void prof_archive_trend_opts_init(struct prof_archive_trend_opts *opts)
{
	*opts = (struct prof_archive_trend_opts){.alpha = 0.05, .effect = 0.1};
}
