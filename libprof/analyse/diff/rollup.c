#include <math.h>
#include <stdlib.h>

#include "libprof/analyse/diff/diff.h"
#include "libprof/base/num.h"

/* Flat sums by package and by module, each tested like a row. A module is the standard library
 * ("std"), a dependency whose files say their version ("PATH@VERSION": both versions are one sum),
 * or
 * "", the program's own. Cost that moves within one of them is no change of it.
 */
#define LEAST_SHARE 0.01 /* of the total, to be told if it did not change */

/* "github.com/x/y" of "github.com/x/y@v1.2.3". */
static struct prof_str without_version(struct prof_str s)
{
	const char *at = memchr(s.p, '@', s.len);

	return at ? (struct prof_str){s.p, (uint32_t)(at - s.p)} : s;
}

struct sums {
	struct diff_sum sum;
	struct prof_rates rates;
	double v;
};

/* Which sum a row goes to: a string. */
static int key_of(struct prof_diff *d, const struct diff_row *row, bool module, uint32_t *key,
	struct prof_err *e)
{
	struct prof_str s;

	*key = row->package;
	if (!module)
		return 0;
	s = without_version(prof_strtab_get(&d->strings, row->module));
	return prof_strtab_add(&d->strings, s.p, s.len, key, e);
}

static void add_row(const struct prof_diff *d, struct sums *to, uint32_t i)
{
	const struct diff_row *row = &d->rows.v[i];
	struct prof_rates r;

	for (int s = 0; s < 2; s++) {
		to->sum.value[s] = prof_add(to->sum.value[s], diff_value(d, row, M_FLAT, s));
		to->rates.x[s] += diff_side_x(d, M_FLAT, i, s);
		if (row->present[s] && row->module)
			to->sum.module[s] = row->module;
	}
	diff_rates(d, M_FLAT, i, &r);
	/* The sum varies as its parts do. */
	if (isfinite(r.weight)) {
		to->v += r.weight * (r.x[0] + r.x[1]);
		to->rates.phi += r.phi * r.weight * (r.x[0] + r.x[1]);
		to->rates.df = r.df;
	}
}

static void test_sum(struct prof_diff *d, struct sums *s)
{
	double n = s->rates.x[0] + s->rates.x[1];

	s->sum.ratio = (struct prof_ratio){NAN, NAN, NAN};
	s->sum.p = NAN;
	if (n <= 0 || s->v <= 0 || d->count == COUNT_DELAY || d->count == COUNT_NONE ||
		d->count == COUNT_EXACT || d->scale.method == SCALE_NONE)
		return;
	for (int i = 0; i < 2; i++)
		s->rates.exposure[i] = d->sides[i].exposure;
	s->rates.phi = fmax(1, s->rates.phi / s->v);
	s->rates.weight = s->v / n;
	s->rates.drift = diff_drift(d);
	s->sum.ratio = prof_rates_ratio(&s->rates, diff_quantile(d, s->rates.df));
	s->sum.p = prof_rates_test(&s->rates);
}

static int64_t size_of(const struct diff_sum *s)
{
	return prof_abs(prof_sub(s->value[PROF_NEW], s->value[PROF_OLD]));
}

static int by_change(const void *p, const void *q)
{
	const struct diff_sum *a = p, *b = q;

	if (size_of(a) != size_of(b))
		return size_of(a) > size_of(b) ? -1 : 1;
	return (a->name > b->name) - (a->name < b->name);
}

static bool told(const struct prof_diff *d, const struct diff_sum *s)
{
	for (int i = 0; i < 2; i++)
		if ((double)prof_abs(s->value[i]) >= LEAST_SHARE * (double)d->sides[i].total &&
			s->value[i])
			return true;
	return s->p <= DIFF_Q;
}

static int roll_up(struct prof_diff *d, bool module, struct diff_sums *out, struct prof_err *e)
{
	size_t n = d->strings.strs.n + d->rows.n; /* as many keys as there can be */
	struct sums *sums = prof_mem_zalloc(&d->mem, n, sizeof(*sums), e);
	int rc = sums ? 0 : e->code;

	for (uint32_t i = 0; !rc && i < d->rows.n; i++) {
		uint32_t key;

		if (d->rows.v[i].merged)
			continue;
		rc = key_of(d, &d->rows.v[i], module, &key, e);
		if (!rc)
			add_row(d, &sums[key], i);
	}
	for (uint32_t key = 0; !rc && key < n; key++) {
		struct sums *s = &sums[key];

		if (!s->sum.value[0] && !s->sum.value[1])
			continue;
		s->sum.name = key;
		test_sum(d, s);
		if (!told(d, &s->sum))
			continue;
		rc = prof_vec_reserve(&d->mem, out, 1, e);
		if (!rc)
			out->v[out->n++] = s->sum;
	}
	if (!rc && out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_change);
	prof_mem_zfree(&d->mem, sums, n, sizeof(*sums));
	return rc;
}

int diff_roll_up(struct prof_diff *d, struct prof_err *e)
{
	int rc;

	if (d->opts.by != PROF_BY_FUNCTION)
		return 0;
	rc = roll_up(d, false, &d->packages, e);
	return rc ? rc : roll_up(d, true, &d->modules, e);
}
